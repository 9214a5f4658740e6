"""Who speaks after whom in one cue: the words of each person, by dashes, labels and marks of the file."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from localize.language.turns import spoken_text, spoken_turns, turns_of

# The right values were written before the code was run: (text of a cue, language, what each person says).
DASHES = [
    ("- Are you coming?\n- In a minute.", "en", ["Are you coming?", "In a minute."]),
    ("‐ Are you coming?\n‐ In a minute.", "en", ["Are you coming?", "In a minute."]),
    ("–Hi.\n–Hello.", "en", ["Hi.", "Hello."]),
    ("—Hi.\n—Hello.", "en", ["Hi.", "Hello."]),
    ("-Hi.\n-Hello.", "en", ["Hi.", "Hello."]),
    ("- Hi. - Hello.", "en", ["Hi.", "Hello."]),
    ("-Hi. -Hello.", "en", ["Hi.", "Hello."]),
    ("Are you coming?\n- In a minute.", "en", ["Are you coming?", "In a minute."]),
    ("Are you coming\n- Yes", "en", ["Are you coming", "Yes"]),
    ("are you coming\n- yes", "en", ["are you coming", "yes"]),
    ("- Are you\ncoming?\n- Yes.", "en", ["Are you coming?", "Yes."]),
    ("- Who?\n- Me.\n- You!", "en", ["Who?", "Me.", "You!"]),
    ("- I thought that we could\ngo home. - No.", "en", ["I thought that we could go home.", "No."]),
    ("- Hi. - Hello.\n- Bye.", "en", ["Hi.", "Hello.", "Bye."]),
    ("—¿Vienes?\n—En un minuto.", "es", ["¿Vienes?", "En un minuto."]),
    ("-¿Vienes?\n-¡Ya voy!", "es", ["¿Vienes?", "¡Ya voy!"]),
    ("- Vamos? - Já vou.", "pt", ["Vamos?", "Já vou."]),
    ("- Tu viens ?\n- J'arrive.", "fr", ["Tu viens ?", "J'arrive."]),
    ("<i>- Hi.</i>\n<i>- Hello.</i>", "en", ["Hi.", "Hello."]),
    (">> Hi.\n>> Hello.", "en", ["Hi.", "Hello."]),
    ("- [door creaks] Hi.\n- Hello. [sighs]", "en", ["Hi.", "Hello."]),
    ("- Well -\n- No.", "en", ["Well -", "No."]),
    ("I was go-\n- Stop!", "en", ["I was go-", "Stop!"]),
    ("- I was go-\n- Stop!", "en", ["I was go-", "Stop!"]),
    ('- "Who\'s there?"\n- "Me."', "en", ['"Who\'s there?"', '"Me."']),
    ("-How much?\n-20 dollars.", "en", ["How much?", "20 dollars."]),
    ("-20 dollars?\n-Yes.", "en", ["20 dollars?", "Yes."]),
    ("- How cold?\n- -5 °C.", "en", ["How cold?", "-5 °C."]),
    ("-5 °C tonight.\n-What?", "en", ["-5 °C tonight.", "What?"]),
    ("- 5 apples.\n- No, 6.", "en", ["5 apples.", "No, 6."]),
    ("- ♪ Happy birthday ♪\n- ♪ to you ♪", "en", ["Happy birthday", "to you"]),
    ("- Wait - I mean - no.\n- What?", "en", ["Wait - I mean - no.", "What?"]),
]
LABELS = [
    ("ANNA: Are you coming?\nBOB: In a minute.", "en", [("ANNA", "Are you coming?"), ("BOB", "In a minute.")]),
    ("ANNA: Are you coming? BOB: In a minute.", "en", [("ANNA", "Are you coming?"), ("BOB", "In a minute.")]),
    ("- ANNA: Coming?\n- BOB: Yes.", "en", [("ANNA", "Coming?"), ("BOB", "Yes.")]),
    ("DR. HALL: Give me the bread.", "en", [("DR. HALL", "Give me the bread.")]),
    ("ANNA: Hi. DR. HALL: Hello.", "en", [("ANNA", "Hi."), ("DR. HALL", "Hello.")]),
    ("MRS. GREEN: I saw Dr. Hall. BEN: Where?", "en", [("MRS. GREEN", "I saw Dr. Hall."), ("BEN", "Where?")]),
    ("ANNA: Yes. No. BOB: Hi.", "en", [("ANNA", "Yes. No."), ("BOB", "Hi.")]),
    ("ANNA (V.O.): Coming?\nMAN 2: Yes.", "en", [("ANNA", "Coming?"), ("MAN 2", "Yes.")]),
    ("ANNA: Coming?\n- Yes.", "en", [("ANNA", "Coming?"), ("", "Yes.")]),
    ("Coming?\nBOB: Yes.", "en", [("", "Coming?"), ("BOB", "Yes.")]),
    ("[Anna] Go.\n[Bob] No.", "en", [("Anna", "Go."), ("Bob", "No.")]),
]
ONE = [
    ("- Hello!", "en", "Hello!"),
    ("Hello\nthere.", "en", "Hello there."),
    ("- Hi.\nHello there.", "en", "Hi. Hello there."),
    ("-5 °C.", "en", "-5 °C."),
    ("It was\n-5 °C.", "en", "It was -5 °C."),
    ("It is -5 to\n-10 degrees.", "en", "It is -5 to -10 degrees."),
    ("-- Wait.\n-- No.", "en", "-- Wait. -- No."),
    ("He was - well - late.", "en", "He was - well - late."),
    ("Hi. - Hello.", "en", "Hi. - Hello."),
    ("My brother\n- the doctor - is here.", "en", "My brother - the doctor - is here."),
    ("Er kam nach Hause\n– und ging wieder.", "de", "Er kam nach Hause – und ging wieder."),
    ("—¡Hola! —gritó Juan.", "es", "¡Hola! —gritó Juan."),
    ("—¡Hola! —gritó Juan. —Ven.", "es", "¡Hola! —gritó Juan. —Ven."),
    ("I need two things:\n- milk\n- eggs", "en", "I need two things: milk eggs"),
    ("Remember:\n- Stop.\n- Look.\n- Listen.", "en", "Remember: Stop. Look. Listen."),
    ("- [sighs]\n- Hi.", "en", "Hi."),
    ("[door]\n- Hi.", "en", "Hi."),
    ("♪ la la ♪\n♪ lo lo ♪", "en", "la la lo lo"),
    ("ANNA: Go.\nANNA: Now.", "en", "Go. Now."),
    ("ANNA: I said. NOTE: wait.", "en", "I said. NOTE: wait."),
    ("ANNA: Meet me at 10:30. OK: go.", "en", "Meet me at 10:30. OK: go."),
    ("Yes.", "en", "Yes."),
]


@pytest.mark.parametrize(("text", "language", "said"), DASHES)
def test_each_dash_of_a_dialogue_begins_another_speaker(text: str, language: str, said: list[str]) -> None:
    assert [turn.text for turn in spoken_turns(turns_of(text, language))] == said


@pytest.mark.parametrize(("text", "language", "said"), LABELS)
def test_each_label_of_a_cue_begins_its_speaker(text: str, language: str, said: list[tuple[str, str]]) -> None:
    assert [(turn.name, turn.text) for turn in spoken_turns(turns_of(text, language))] == said


@pytest.mark.parametrize(("text", "language", "said"), ONE)
def test_a_dash_that_is_no_other_speaker_parts_nothing(text: str, language: str, said: str) -> None:
    """Lists, asides, minus signs, broken words, songs of one singer, narrators of Spanish dialogue."""
    assert [turn.text for turn in spoken_turns(turns_of(text, language))] == [said]


def test_lines_of_several_voices_are_several_turns() -> None:
    turns = turns_of("Coming?\nYes.", "en", (), (("Anna",), ("Bob",)))
    assert [(turn.voices, turn.text) for turn in spoken_turns(turns)] == [(("Anna",), "Coming?"), (("Bob",), "Yes.")]


def test_lines_of_one_voice_are_one_turn() -> None:
    turns = turns_of("Coming?\nToday?", "en", (), (("Anna",), ("Anna",)))
    assert [turn.text for turn in spoken_turns(turns)] == ["Coming? Today?"]


def test_nobody_speaks_in_a_cue_of_sounds() -> None:
    assert spoken_turns(turns_of("[door]\n♪", "en")) == ()


SENTENCES = st.lists(
    st.sampled_from(["Hi.", "Are you coming?", "In a minute!", "No, wait.", "20 dollars.", "¿Vienes?", "Well -"]),
    min_size=1,
    max_size=4,
)
MANNERS = st.sampled_from(["- ", "-", "–", "— ", "‐ ", ">> "])


@given(SENTENCES, MANNERS, st.sampled_from(["\n", " "]))
def test_no_word_of_a_cue_is_lost_or_said_twice(said: list[str], dash: str, between: str) -> None:
    text = between.join(dash + sentence for sentence in said)
    turns = turns_of(text, "en")
    parted = spoken_turns(turns)
    assert " ".join(turn.text for turn in parted) == spoken_text(turns)


@given(SENTENCES, MANNERS)
def test_as_many_turns_as_dashes_that_begin_lines(said: list[str], dash: str) -> None:
    assume(dash[-1] == " " or not all(sentence[0].isdigit() for sentence in said))  # "-20 dollars." alone is a minus
    parted = spoken_turns(turns_of("\n".join(dash + sentence for sentence in said), "en"))
    assert [turn.text for turn in parted] == said
