"""Given cues of several people: a line for each turn, in the words and in their translation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.data import Segment, Span
from localize.events import Run
from localize.scripts import Wanted
from localize.timedtext import formats
from localize.transcription.cue_turns import part_cues, part_pairs, rewritten_cue, share_span
from localize.transcription.given import read_given
from localize.transcription.lines import cue_number, cue_of, turn_id
from localize.transcription.supplied import SuppliedWords, spoken_lines, spoken_words

ReadCues = Callable[..., SuppliedWords]


def srt(texts: Sequence[str]) -> str:
    return "\n".join(f"{n}\n00:00:{3 * n:02},000 --> 00:00:{3 * n + 2:02},000\n{t}\n" for n, t in enumerate(texts, 1))


@pytest.fixture
def read(run: Run, tmp_path: Path) -> ReadCues:
    def read(*texts: str, language: str = "en", name: str = "film.srt", content: str = "") -> SuppliedWords:
        path = tmp_path / name
        path.write_text(content or srt(texts), "utf-8")
        return read_given(run, path, Wanted("source", language, "es"), language)

    return read


def said(found: SuppliedWords) -> list[tuple[str, str, str]]:
    return [(s.id, found.names.get(s.speaker, ""), s.text) for s in spoken_words(found).transcript.segments]


def test_each_turn_of_a_cue_is_a_line_of_its_own(read: ReadCues) -> None:
    found = part_cues(read("- Are you coming?\n- In a minute.", "Good.", "- Who?\n- Me.\n- You!"))
    assert [(s, t) for s, _, t in said(found)] == [
        ("s0001", "Are you coming?"), ("s0001-2", "In a minute."), ("s0002", "Good."), ("s0003", "Who?"),
        ("s0003-2", "Me."), ("s0003-3", "You!"),
    ]  # fmt: skip
    first, second, *_ = found.transcript.segments
    assert first.span.start_ms == 3000
    assert first.span.end_ms == second.span.start_ms
    assert second.span.end_ms == 5000
    assert 3700 <= second.span.start_ms <= 4300  # four syllables and five


def test_labels_of_one_cue_name_its_turns(read: ReadCues) -> None:
    found = spoken_words(part_cues(read("ANNA: Coming? BOB: Yes.", "ANNA: Good.", "- BOB: Go.\n- No.")))
    assert [(found.names.get(s.speaker, ""), s.text) for s in found.transcript.segments] == [
        ("ANNA", "Coming?"), ("BOB", "Yes."), ("ANNA", "Good."), ("BOB", "Go."), ("", "No."),
    ]  # fmt: skip


VTT = (
    "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Anna>Coming?</v>\n<v Bob>Yes.</v>\n\n00:04.000 --> 00:05.000\n<v Anna>Go.\n"
)


def test_voices_of_a_file_are_the_speakers_of_their_lines(read: ReadCues) -> None:
    found = part_cues(read(name="film.vtt", content=VTT))
    assert [(found.names[s.speaker], s.text) for s in found.transcript.segments] == [
        ("Anna", "Coming?"), ("Bob", "Yes."), ("Anna", "Go."),
    ]  # fmt: skip
    assert set(found.names.values()) == {"Anna", "Bob"}


def test_a_cue_that_its_file_gives_to_one_voice_stays_whole(read: ReadCues) -> None:
    found = read(name="film.vtt", content="WEBVTT\n\n00:01.000 --> 00:03.000\n<v Anna>- Milk.\n- Eggs.</v>\n")
    assert part_cues(found) is found


def test_colours_part_the_lines_of_a_cue_and_name_nobody(read: ReadCues) -> None:
    text = '<font color="#ffff00">Coming?</font>\n<font color="#00ffff">Yes.</font>'
    assert [(name, t) for _, name, t in said(part_cues(read(text, "Good.")))] == [
        ("", "Coming?"), ("", "Yes."), ("", "Good."),
    ]  # fmt: skip


def test_cues_without_turns_are_left_as_they_are(read: ReadCues) -> None:
    found = read("- Hello.", "We need:\n- milk\n- eggs", "-5 °C.", "♪ la ♪\n♪ lo ♪")
    assert part_cues(found) is found


def test_a_cue_shorter_than_its_turns_gives_each_some_time(read: ReadCues) -> None:
    found = part_cues(read(content="1\n00:00:01,000 --> 00:00:01,000\n- A?\n- B.\n- C!\n"))
    assert [s.span for s in found.transcript.segments] == [Span(1000, 1001), Span(1001, 1002), Span(1002, 1003)]


# The right values were written before the code was run: (source, translation, what is paired).
PAIRS = [
    ("- Coming?\n- Soon.", "- ¿Vienes?\n- Pronto.", [("Coming?", "¿Vienes?"), ("Soon.", "Pronto.")]),
    ("- Coming?\n- Soon.", "—¿Vienes? —Pronto.", [("Coming?", "¿Vienes?"), ("Soon.", "Pronto.")]),
    ("- Coming?\n- Soon.", "¿Vienes? Pronto.", [("Coming?", "¿Vienes?"), ("Soon.", "Pronto.")]),
    ("Coming? Soon.", "- ¿Vienes?\n- Pronto.", [("Coming?", "¿Vienes?"), ("Soon.", "Pronto.")]),
    (
        "- Coming? It is late.\n- Soon.",
        "¿Vienes? Es tarde. Pronto.",
        [("Coming? It is late.", "¿Vienes? Es tarde."), ("Soon.", "Pronto.")],
    ),
    ("- Coming?\n- Soon.", "¿Vienes ya o tardas?", [("Coming? Soon.", "¿Vienes ya o tardas?")]),
    ("- A?\n- B.\n- C!", "- ¿A?\n- B y C.", [("A? B. C!", "¿A? B y C.")]),
    ("ANNA: Coming?\nBOB: Soon.", "ANA: ¿Vienes?\nBOB: Pronto.", [("Coming?", "¿Vienes?"), ("Soon.", "Pronto.")]),
    ("Good.", "Bien.", [("Good.", "Bien.")]),
    ("- Coming?\n- Soon.", "♪", [("Coming?", ""), ("Soon.", "")]),
]


@pytest.mark.parametrize(("source", "target", "pairs"), PAIRS)
def test_the_turns_of_a_cue_are_paired_with_those_of_its_translation(
    read: ReadCues, source: str, target: str, pairs: list[tuple[str, str]]
) -> None:
    ours, theirs = read(source), read(target, language="es", name="film.es.srt")
    partners = dict(zip(("s0001",), theirs.transcript.segments))
    found = part_pairs(ours, theirs, partners, {}, "es")
    words = spoken_words(ours if found is None else found.given).transcript.segments
    lines = spoken_lines(theirs.transcript.segments if found is None else found.lines, "es", theirs)
    assert [(a.text, b.text) for a, b in zip(words, lines, strict=True)] == pairs
    assert found is None or [s.id for s in words] == [s.id for s in lines] == list(found.cues)


REWRITTEN = [
    ("- Coming?\n- Soon.", {"s0001-2": "Later."}, "- Coming?\n- Later."),
    ("- Coming?\n- Soon.", {"s0001": "Now?", "s0001-2": "Later."}, "- Now?\n- Later."),
    ("ANNA: Coming?\nBOB: [sighs] Soon.", {"s0001-2": "Later."}, "ANNA: Coming?\nBOB: [sighs] Later."),
    ("-Coming? -Soon.", {"s0001": "Now?"}, "-Now? -Soon."),
]


@pytest.mark.parametrize(("text", "texts", "shown"), REWRITTEN)
def test_a_correction_of_one_turn_leaves_the_others_of_its_cue(
    read: ReadCues, text: str, texts: dict[str, str], shown: str
) -> None:
    found = spoken_words(part_cues(read(text)))
    assert found.document is not None
    assert rewritten_cue(found.document.cues[0], "en", (), found.transcript.segments, texts) == shown


def test_a_cue_that_has_its_turns_in_one_gets_the_words_of_all(read: ReadCues) -> None:
    lines = [Segment("s0001", Span(0, 1), "S1", "¿Vienes?"), Segment("s0001-2", Span(1, 2), "S1", "Pronto.")]
    (cue,) = formats.parse(srt(["¿Vienes? Pronto."]).encode(), "film.srt").cues
    assert rewritten_cue(cue, "es", (), lines, {"s0001-2": "Luego."}) == "¿Vienes? Luego."


@given(
    st.integers(0, 10**6), st.integers(-5, 5000),
    st.lists(st.sampled_from(["Hi.", "- Are you coming?", "20", "¿…?"]), min_size=1, max_size=5),
)  # fmt: skip
def test_a_shared_span_is_parted_without_gap_or_overlap(start: int, length: int, texts: list[str]) -> None:
    spans = share_span(Span(start, start + length), texts)
    assert len(spans) == len(texts)
    assert spans[0].start_ms == start
    assert spans[-1].end_ms == max(start + length, start + len(texts))
    assert all(a.end_ms == b.start_ms for a, b in zip(spans, spans[1:]))
    assert all(span.length_ms > 0 for span in spans)


@given(st.integers(1, 99_999), st.integers(1, 12))
def test_a_turn_knows_its_cue(number: int, turn: int) -> None:
    line = f"s{number:04}"
    assert cue_of(turn_id(line, turn)) == line
    assert cue_number(turn_id(line, turn)) == number


def test_voices_of_one_line_have_a_turn_each(read: ReadCues) -> None:
    both = "<v.loud Anna><i>Yes.</i></v> <v Ben>No.</v>"
    content = f"WEBVTT\n\n00:03.000 --> 00:04.000\n{both}\n\n00:05.000 --> 00:06.000\n<v Ben>So?</v>\n"
    found = part_cues(read(name="film.vtt", content=content))
    assert [(found.names[s.speaker], s.text) for s in found.transcript.segments] == [
        ("Anna", "Yes."), ("Ben", "No."), ("Ben", "So?"),
    ]  # fmt: skip
