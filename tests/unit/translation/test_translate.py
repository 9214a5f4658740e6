"""The translate stage on a translator that answers from a table.

Over 400 lines: every case is tried on one translator that answers from a table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localize.data import Candidate, Edit, Edits, Segment, Span, Transcript, Translation, Word
from localize.engine_selection import check_pair
from localize.errors import UsageError
from localize.events import Event, LineFault, Progress, Warned
from localize.runtime.store import Store
from localize.transcription.edits import apply_edits
from localize.translation.glossary import Glossary, read_glossary
from localize.translation.sentences import Sentence, split_translation
from localize.translation.translate import HYPOTHESES, translate


class Table:
    """A translator that knows a table, echoes what is not in it, and remembers what it was asked."""

    name = "table"
    requires: tuple[str, ...] = ()
    extra = ""
    fingerprint = "table 1"
    pairs = frozenset({("en", "es"), ("en", "pt")})

    def __init__(self, table: Mapping[str, Sequence[str]] | None = None) -> None:
        self.table = table or {}
        self.asked: list[str] = []

    def translate(
        self, sentences: Sequence[str], source: str, target: str, *, n_best: int = 4
    ) -> tuple[tuple[Candidate, ...], ...]:
        self.asked += sentences
        answers = (self.table.get(sentence, (sentence,)) for sentence in sentences)
        return tuple(tuple(Candidate(t, -0.1 * (i + 1)) for i, t in enumerate(a[:n_best])) for a in answers)


class Run:
    """The two things the stage needs of a run."""

    def __init__(self, store: Store, emit: Callable[[Event], None] = lambda _event: None) -> None:
        self.store = store
        self.emit = emit


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def run(tmp_path: Path, heard: list[Event]) -> Run:
    return Run(Store(tmp_path / "store"), heard.append)


def scene(*texts: str, gap_ms: int = 200, speakers: str = "") -> Transcript:
    spans = [Span(i * (2000 + gap_ms), i * (2000 + gap_ms) + 2000) for i in range(len(texts))]
    who = speakers or "1" * len(texts)
    return Transcript("en", tuple(Segment(f"s{i:04}", spans[i], f"S{who[i]}", text) for i, text in enumerate(texts)))


def said(
    run: Run,
    transcript: Transcript,
    table: Table,
    *,
    edits: Edits = Edits(),  # noqa: B008 - frozen
    glossary: Glossary = Glossary(),  # noqa: B008
    given: Sequence[str] | None = None,
) -> Translation:
    return translate(run, transcript, table, to="es", edits=edits, glossary=glossary, given=given)


def best(translation: Translation) -> list[str]:
    return [line.candidates[0].text for line in translation.lines]


def warned(heard: list[Event]) -> list[str]:
    return [event.code for event in heard if isinstance(event, Warned)]


# --- sentences and segments


def test_a_sentence_over_two_segments_is_translated_once_and_parted_at_its_comma(run: Run) -> None:
    table = Table({"I met the old man, who lives in the house.": ["Conocí al anciano, que vive en la casa."]})
    translation = said(run, scene("I met the old man,", "who lives in the house."), table)
    assert best(translation) == ["Conocí al anciano,", "que vive en la casa."]
    assert table.asked == ["I met the old man, who lives in the house."]


def test_never_parts_an_article_from_its_noun(run: Run) -> None:
    table = Table({"We look at dragons in the sky.": ["Miramos a los dragones en el cielo."]})
    assert best(said(run, scene("We look at", "dragons in the sky."), table)) == [
        "Miramos",
        "a los dragones en el cielo.",
    ]


def test_links_part_a_sentence_where_its_words_are_and_go_with_them() -> None:
    words = tuple((int(at > 1), word) for at, word in enumerate("I think he left us alone yesterday".split()))
    links = ((0, 0), (1, 0), (6, 1), (2, 2), (3, 3), (4, 4), (5, 5))
    spoken = Candidate("Creo ayer él dejó nos solos", -0.1, links=links)
    by_words = split_translation(Sentence(words), [spoken], "es")
    assert [by_words[0][0].text, by_words[1][0].text] == ["Creo", "ayer él dejó nos solos"]
    assert by_words[0][0].links == ((0, 0), (1, 0))
    assert by_words[1][0].links == ((4, 0), (0, 1), (1, 2), (2, 3), (3, 4))
    assert spoken.reworded("creo ayer él dejó nos solos").links == links
    moved = tuple((source, own + (own > 0)) for source, own in links)
    assert spoken.reworded("creo que ayer él dejó nos solos").links == moved


def test_links_follow_words_that_are_written_otherwise() -> None:
    asked = Candidate("Vi Anna ayer.", -0.1, links=((1, 0), (2, 1), (3, 2)))
    named = asked.reworded("Vi El Perla Negra ayer.").of_source(
        "I saw Anna yesterday.", "I saw the Black Pearl yesterday."
    )
    assert named.text == "Vi El Perla Negra ayer."
    assert {own for source, own in named.links if source in (2, 3, 4)} == {1, 2, 3}
    assert (5, 4) in named.links


def test_names_stay_on_their_side(run: Run) -> None:
    table = Table({"yesterday I saw Anna and then Boris left.": ["ayer vi a la buena Anna y luego se fue Boris."]})
    first, second = best(said(run, scene("well, yesterday I saw Anna", "and then Boris left."), table))
    assert "Anna" in first
    assert "Boris" in second


def test_another_speaker_or_a_long_pause_ends_a_sentence(run: Run) -> None:
    table = Table(
        {
            "I think that.": ["Creo que."],
            "You are late.": ["Llegas tarde."],
            "And I think.": ["Y creo."],
            "It is cold.": ["Hace frío."],
        }
    )
    said(run, scene("I think that", "you are late", speakers="12"), table)
    said(run, scene("And I think", "it is cold", gap_ms=3000), table)
    assert table.asked == ["I think that.", "You are late.", "And I think.", "It is cold."]


def test_two_sentences_of_a_segment_give_combinations(run: Run) -> None:
    table = Table(
        {
            "I am here now.": ["Yo estoy aquí ahora.", "Estoy aquí ahora.", "Aquí estoy."],
            "Where are you?": ["¿Dónde estás tú?", "¿Dónde estás?"],
        }
    )
    (line,) = said(run, scene("I am here now. Where are you?"), table).lines
    texts = [candidate.text for candidate in line.candidates]
    assert texts[0] == "Yo estoy aquí ahora. ¿Dónde estás tú?"
    assert "Aquí estoy. ¿Dónde estás?" in texts
    assert len(texts) == len(set(texts)) <= 6
    scores = [candidate.score for candidate in line.candidates[1:]]
    assert scores == sorted(scores, reverse=True)


def test_segments_that_share_a_sentence_only_offer_what_fits_together(run: Run) -> None:
    table = Table(
        {
            "When the sun rises, we leave the town.": [
                "Cuando sale el sol, dejamos la ciudad.",
                "Cuando sale el sol, nos vamos de la ciudad.",
                "Al salir el sol, abandonamos la ciudad.",
            ]
        }
    )
    first, second = said(run, scene("When the sun rises,", "we leave the town."), table).lines
    assert [c.text for c in first.candidates] == ["Cuando sale el sol,"]
    assert [c.text for c in second.candidates] == ["dejamos la ciudad.", "nos vamos de la ciudad."]


def test_fewer_words_than_segments_leaves_no_segment_empty(run: Run) -> None:
    table = Table({"Thank you.": ["Gracias."]})
    assert best(said(run, scene("Thank", "you."), table)) == ["Gracias.", "…"]


def test_abbreviations_end_nothing(run: Run) -> None:
    table = Table()
    said(run, scene("Mr. Smith and Dr. J. Brown came. They left."), table)
    assert table.asked[:2] == ["Mr. Smith and Dr. J. Brown came.", "They left."]


def test_a_very_long_sentence_is_parted_at_clause_ends(run: Run) -> None:
    clause = "we walked along the river for many hours"
    table = Table()
    text = ", ".join([clause] * 12).capitalize() + "."
    (line,) = said(run, scene(text), table).lines
    assert len(table.asked) > 1
    assert max(len(asked.split()) for asked in table.asked) <= 60
    assert line.candidates[0].text.lower() == text.lower()


# --- what surrounds the words


@pytest.mark.parametrize("text", ["...", "", "   ", "♪", "♪ ♪", "…", "-", "?!"])
def test_lines_without_words_pass_through(run: Run, text: str) -> None:
    table = Table()
    assert best(said(run, scene(text), table))[0].strip() == text.strip()
    assert table.asked == []


def test_a_bare_number_is_written_the_other_way(run: Run) -> None:
    assert best(said(run, scene("1,000.5", "7:30", "1998"), Table())) == ["1.000,5", "7:30", "1998"]


def test_capitals_are_lowered_for_the_model_and_restored(run: Run) -> None:
    table = Table({"What are you doing?": ["¿Qué estás haciendo?"]})
    assert best(said(run, scene("WHAT ARE YOU DOING?"), table)) == ["¿QUÉ ESTÁS HACIENDO?"]


def test_small_signs_behind_a_figure_do_not_hide_capitals(run: Run) -> None:
    table = Table({"Closed until noon on the 5th.": ["Cerrado hasta el mediodía del 5."]})
    assert best(said(run, scene("CLOSED UNTIL NOON ON THE 5th."), table)) == ["CERRADO HASTA EL MEDIODÍA DEL 5."]


def test_lower_case_without_marks_is_dressed_and_undressed(run: Run) -> None:
    table = Table({"I don't know where he is.": ["No sé dónde está."], "What are you doing?": ["¿Qué haces?"]})
    transcript = scene("i don't know where he is", "what are you doing", gap_ms=2000)
    assert best(said(run, transcript, table)) == ["no sé dónde está", "¿qué haces?"]


def test_notes_and_dashes_stay_around_the_words(run: Run) -> None:
    table = Table({"I love you.": ["Te amo."], "Hello.": ["Hola."], "Who is it?": ["¿Quién es?"]})
    transcript = scene("♪ I love you ♪", "- Hello. - Who is it?")
    assert best(said(run, transcript, table)) == ["♪ Te amo ♪", "- Hola. - ¿Quién es?"]


def test_spanish_marks_are_opened(run: Run) -> None:
    table = Table({"You came?": ["Viniste?"], "No way!": ["¡ de ninguna manera!"], "Fine then.": ["¡Bien."]})
    assert best(said(run, scene("You came?", "No way!", "Fine then."), table)) == [
        "¿Viniste?",
        "¡De ninguna manera!",
        "Bien.",
    ]


# --- what must not be lost


def test_a_number_is_looked_for_in_the_next_hypotheses(run: Run, heard: list[Event]) -> None:
    table = Table({"There were 47 people.": ["Había gente.", "Había personas.", "Había 47 personas."]})
    assert best(said(run, scene("There were 47 people."), table)) == ["Había 47 personas."]
    assert warned(heard) == []


def test_one_number_written_wrong_is_mended(run: Run) -> None:
    table = Table({"I was born in 1998.": ["Nací en 1993."]})
    assert best(said(run, scene("I was born in 1998."), table)) == ["Nací en 1998."]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("It costs 1,000.5 today.", "Hoy cuesta 1.000,5."),
        ("It costs 1,000 today.", "Hoy cuesta 1000."),
        ("We have 2 days.", "Tenemos dos días."),
        ("We have twenty-one minutes.", "Tenemos veintiún minutos."),
        ("We have twenty-one minutes.", "Tenemos 21 minutos."),
        ("I was young in the 1990s.", "Era joven en los años 90."),
        ("It was May the 1st.", "Fue el primero de mayo."),
        ("Come at 7:30 then.", "Ven a las 7.30."),
        ("Two hundred men came.", "Vinieron doscientos hombres."),
    ],
)
def test_numbers_in_other_dress_count_as_kept(run: Run, heard: list[Event], source: str, target: str) -> None:
    table = Table({source: [target, "Nada."]})
    translation = said(run, scene(source), table)
    assert warned(heard) == []
    assert len(table.asked) == 1, "asked again though nothing was lost"
    assert best(translation)[0].split()[0] == target.split(maxsplit=1)[0]


def test_numbers_are_written_as_the_target_writes_them(run: Run) -> None:
    table = Table({"It costs $1,000.50 now.": ["Ahora cuesta $1,000.50."]})
    assert best(said(run, scene("It costs $1,000.50 now."), table)) == ["Ahora cuesta 1.000,50 dólares."]


def test_a_lost_name_is_decoded_again_behind_a_stand_in(run: Run, heard: list[Event]) -> None:
    table = Table({"I saw Zoltan here.": ["Vi a Z faroltan aquí."], "I saw Tom here.": ["Vi a Tom aquí."]})
    assert best(said(run, scene("I saw Zoltan here."), table)) == ["Vi a Zoltan aquí."]
    assert warned(heard) == []


def test_a_name_seen_once_inside_a_sentence_is_a_name_at_its_start(run: Run) -> None:
    table = Table(
        {
            "I know Zoltan.": ["Conozco a Zoltan."],
            "Zoltan is late.": ["Saltan llega tarde."],
            "Tom is late.": ["Tom llega tarde."],
        }
    )
    assert best(said(run, scene("I know Zoltan.", "Zoltan is late."), table))[1] == "Zoltan llega tarde."


def test_places_with_names_of_their_own_are_kept_by_them(run: Run, heard: list[Event]) -> None:
    table = Table({"We live in London.": ["Vivimos en Londres."], "We come from Germany.": ["Venimos de Alemania."]})
    said(run, scene("We live in London.", "We come from Germany."), table)
    assert warned(heard) == []
    assert len(table.asked) == 2


def test_what_stays_lost_is_said_once_with_its_segment(run: Run, heard: list[Event]) -> None:
    table = Table({"Give Zoltan 47 apples and 12 pears.": ["Dale manzanas."], "Hello there.": ["Hola."]})
    for masked in ("Give Tom 20 apples and 30 pears.",):
        table.table = {**table.table, masked: ["Dale manzanas."]}
    said(run, scene("Hello there.", "Give Zoltan 47 apples and 12 pears."), table)
    events = [event for event in heard if isinstance(event, Warned)]
    assert sorted(event.code for event in events) == ["name_lost", "number_lost"]
    assert all(event.message.startswith("s0001: ") for event in events)
    assert any("47, 12" in event.message for event in events)
    number = next(event.fault for event in events if event.code == "number_lost")
    assert number == LineFault("s0001", "the translation lost the number 47, 12", ("47", "12"))


def test_loops_are_rejected(run: Run) -> None:
    table = Table(
        {
            "I want to go home.": ["Quiero ir a ir a ir a ir a ir a casa.", "Quiero ir a casa."],
            "No no no no!": ["¡No no no no!"],
        }
    )
    assert best(said(run, scene("I want to go home.", "No no no no!"), table)) == [
        "Quiero ir a casa.",
        "¡No no no no!",
    ]


def test_a_loop_alone_is_cut(run: Run) -> None:
    table = Table({"I want to go.": ["Quiero quiero quiero quiero quiero ir."]})
    assert best(said(run, scene("I want to go."), table)) == ["Quiero ir."]


LONG = "He walked along the river in the morning, and she read a book about the sea."


@pytest.mark.parametrize(
    "astray",
    [
        "Caminó por el río por el río de la mañana, por el río de la mañana, y por el río de la mañana leyó.",
        "Caminó por el río.",
    ],
    ids=["goes round in circles", "leaves out the end"],
)
def test_a_long_sentence_the_model_loses_the_thread_of_is_asked_for_in_halves(run: Run, astray: str) -> None:
    table = Table(
        {
            LONG: [astray],
            "He walked along the river in the morning,": ["Caminó por el río por la mañana,"],
            "And she read a book about the sea.": ["Y ella leyó un libro sobre el mar."],
        }
    )
    assert best(said(run, scene(LONG), table)) == [
        "Caminó por el río por la mañana, y ella leyó un libro sobre el mar."
    ]


# --- glossary


def test_a_miswritten_name_is_mended_where_it_stands(run: Run, heard: list[Event]) -> None:
    class Linked(Table):
        def translate(self, *args: Any, **wishes: Any) -> tuple[tuple[Candidate, ...], ...]:
            rows = super().translate(*args, **wishes)
            return tuple(
                tuple(replace(c, links=tuple((at, at) for at in range(len(c.text.split())))) for c in row)
                for row in rows
            )

    table = Linked(
        {
            "Now Gwyneth Paltrow, she leaves for London.": ["Ahora Gelleth Paltrow, ella va para Lorenzo."],
            "Now Boris hears Anna.": ["Ahora Anna oye bien."],
        }
    )
    first, second = best(said(run, scene(*table.table), table))
    assert first == "Ahora Gwyneth Paltrow, ella va para Londres."
    # Where another person of the line stands, nobody is put in his place: the line is asked for again.
    assert second == "Now Boris hears Anna."
    assert [line for line in table.asked if "Boris" not in line][1:] == ["Now Tom hears Anna.", "Now Tom hears Mary."]


def test_an_article_of_a_title_is_no_name_elsewhere(run: Run, heard: list[Event]) -> None:
    table = Table(
        {
            "We flew to The Hague in the morning.": ["Volamos a The Hague por la mañana."],
            "The house is big.": ["La casa es grande."],
            "Will you come with Will?": ["¿Vendrás con Will?"],
            "I will.": ["Sí."],
            "We like the Government of Will.": ["Nos gusta el Gobierno de Will."],
            "It is a bad government.": ["Es un mal gobierno."],
            '"The Hague is big."': ['"The Hague es grande".'],
        }
    )
    assert best(said(run, scene(*table.table), table)) == [answers[0] for answers in table.table.values()]
    assert table.asked == list(table.table)
    assert warned(heard) == []


def test_glossary_terms_are_enforced(run: Run, heard: list[Event]) -> None:
    glossary = Glossary((("warp core", "núcleo de curvatura"), ("Enterprise", "Enterprise")))
    table = Table({"The warp core is hot.": ["El centro está caliente."], "The Tom is hot.": ["El Tom está caliente."]})
    assert best(said(run, scene("The warp core is hot."), table, glossary=glossary)) == [
        "El núcleo de curvatura está caliente."
    ]
    assert warned(heard) == []


def test_an_inflected_term_is_the_term(run: Run, heard: list[Event]) -> None:
    table = Table({"I fear the ship and its keeper.": ["Temo a las naves y a la guardiana."]})
    terms = Glossary((("ship", "nave"), ("keeper", "guardián")))
    assert best(said(run, scene("I fear the ship and its keeper."), table, glossary=terms)) == [
        "Temo a las naves y a la guardiana."
    ]
    assert table.asked == ["I fear the ship and its keeper."]
    assert warned(heard) == []


def test_a_glossary_term_that_cannot_be_put_is_warned_about(run: Run, heard: list[Event]) -> None:
    table = Table({"The ship is hot.": ["Está caliente."], "The Tom is hot.": ["Está caliente."]})
    said(run, scene("The ship is hot."), table, glossary=Glossary((("ship", "nave"),)))
    assert warned(heard) == ["term_lost"]


def test_terms_match_whole_words_only(run: Run) -> None:
    table = Table({"The shipping is slow.": ["El envío es lento."]})
    said(run, scene("The shipping is slow."), table, glossary=Glossary((("ship", "nave"),)))
    assert table.asked == ["The shipping is slow."]


def test_read_glossary(tmp_path: Path) -> None:
    file = tmp_path / "terms.tsv"
    file.write_bytes("\ufeff# ours\r\nwarp core\tnúcleo\r\n\nBill\tBill\n".encode())
    assert read_glossary(file).terms == (("warp core", "núcleo"), ("Bill", "Bill"))


def test_a_glossary_says_how_people_address_each_other(tmp_path: Path) -> None:
    file = tmp_path / "terms.tsv"
    file.write_text("@S1>the judge\tusted\n@localize\t@localize\nship\tnave\n")
    assert read_glossary(file) == Glossary((("@localize", "@localize"), ("ship", "nave")), (("S1>the judge", "usted"),))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"one\tuno\nno tab here\n", 2),
        (b"one\tuno\n\xff\xfe\tx\n", 2),
        (b"one\tuno\nthree\ttres\tmas\n", 2),
        (b"one\tuno\none\tuna\n", 2),
        (b"\tuno\n", 1),
        (b"one\t\n", 1),
        (b"one\tu\x00no\n", 1),
        (b"one\tu\x1b[31mno\n", 1),
        (b"one\t" + b"x" * 500, 1),
    ],
)
def test_a_bad_glossary_line_is_named(tmp_path: Path, content: bytes, line: int) -> None:
    file = tmp_path / "terms.tsv"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=rf"terms\.tsv:{line}:"):
        read_glossary(file)


def test_a_glossary_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.tsv"):
        with pytest.raises(UsageError, match="cannot read the glossary"):
            read_glossary(path)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_glossary_or_a_usage_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("glossary") / "g.tsv"
    file.write_bytes(content)
    try:
        terms = read_glossary(file).terms
    except UsageError:
        return
    assert all(source and target for source, target in terms)


# --- what people give


def test_an_edited_translation_is_final(run: Run) -> None:
    edits = Edits((Edit("s0001", translation={"es": "Mía.", "pt": "Minha."}),))
    table = Table({"One thing.": ["Una cosa."]})
    translation = said(run, scene("One thing.", "Another thing."), table, edits=edits)
    assert translation.lines[1].candidates == (Candidate("Mía.", 0.0),)
    assert [line.edited for line in translation.lines] == [False, True]
    assert table.asked == ["One thing."]


def test_an_edited_half_of_a_sentence_leaves_the_other_half_as_it_was(run: Run) -> None:
    table = Table({"I met the old man, who lives here.": ["Conocí al anciano, que vive aquí."]})
    transcript = scene("I met the old man,", "who lives here.")
    before = said(run, transcript, table)
    after = said(run, transcript, table, edits=Edits((Edit("s0001", translation={"es": "que vive acá."}),)))
    assert after.lines[0] == before.lines[0]
    assert best(after)[1] == "que vive acá."
    assert len(table.asked) == 1


def test_an_edited_source_is_translated_anew_and_costs_one_sentence(run: Run) -> None:
    table = Table(
        {"Bad words.": ["Palabras malas."], "Good words.": ["Palabras buenas."], "Other words.": ["Otras palabras."]}
    )
    said(run, scene("Bad words.", "Other words."), table)
    edits = Edits((Edit("s0000", source="Good words."),))
    assert best(said(run, scene("Bad words.", "Other words."), table, edits=edits))[0] == "Palabras buenas."
    assert table.asked == ["Bad words.", "Other words.", "Good words."]


def test_given_lines_are_final_and_need_no_translator(run: Run) -> None:
    transcript = scene("One.", "Two.")
    translation = translate(run, transcript, None, to="fr", edits=Edits(), glossary=Glossary(), given=["Un.", "Deux."])
    assert best(translation) == ["Un.", "Deux."]
    assert all(line.edited for line in translation.lines)
    assert translation.engine == "given"


def test_given_lines_must_be_as_many(run: Run) -> None:
    with pytest.raises(UsageError, match="1 lines for 2 segments"):
        said(run, scene("One.", "Two."), Table(), given=["Uno."])


def test_apply_edits_twice_is_once() -> None:
    words = (Word("Bad", Span(0, 500)), Word("words.", Span(500, 900)))
    transcript = Transcript("en", (Segment("s1", Span(0, 1000), "S1", "Bad words.", words),))
    edits = Edits((Edit("s1", source="Good words.", start_ms=100),))
    once = apply_edits(transcript, edits)
    assert once.segments[0].text == "Good words."
    assert [word.text for word in once.segments[0].words] == ["Good", "words."]
    assert once.segments[0].span == Span(100, 1000)
    assert apply_edits(once, edits) == once
    assert apply_edits(transcript, Edits((Edit("s1", source="Three good words."),))).segments[0].words == ()


def test_edits_of_nothing_are_refused() -> None:
    transcript = Transcript("en", (Segment("s1", Span(0, 1000), "S1", "x"),))
    with pytest.raises(UsageError, match="s9"):
        apply_edits(transcript, Edits((Edit("s9"),)))
    with pytest.raises(UsageError, match="ends before"):
        apply_edits(transcript, Edits((Edit("s1", start_ms=2000),)))


def test_check_pair_names_what_is_offered() -> None:
    table = Table()
    assert check_pair("en-GB", "pt-BR", [table]) is table
    with pytest.raises(UsageError, match=r"English \[en\] into French \[fr\]: .*; offered: en->es, en->pt"):
        check_pair("en", "fr", [table])
    with pytest.raises(UsageError, match="none"):
        check_pair("en", "fr", [])


# --- the run


def test_a_second_run_asks_nothing_and_says_the_same(run: Run, heard: list[Event]) -> None:
    table = Table({"Give 47 apples.": ["Dale manzanas."]})
    transcript = scene("Give 47 apples.", "Hello there.")
    first = said(run, transcript, table)
    asked, events = len(table.asked), warned(heard)
    again = Run(run.store, heard.append)
    assert said(again, transcript, table) == first
    assert len(table.asked) == asked
    assert warned(heard) == events * 2


@pytest.mark.costly
def test_progress_is_told(run: Run, heard: list[Event]) -> None:
    said(run, scene(*(f"Sentence {'abc'[i % 3]}{i} here." for i in range(140))), Table())
    steps = [(event.done, event.total) for event in heard if isinstance(event, Progress)]
    assert steps == [(128, 140), (140, 140)]


class Met(Table):
    """Answers no call for first hypotheses before another is under way."""

    calls_at_once = 2

    def __init__(self) -> None:
        super().__init__()
        self.barrier = Barrier(2, timeout=60)

    def translate(self, *asked: Any, n_best: int = 4) -> tuple[tuple[Candidate, ...], ...]:
        if n_best == HYPOTHESES:
            self.barrier.wait()
        return super().translate(*asked, n_best=n_best)


def test_what_is_translated_at_once_is_what_is_translated_alone(run: Run) -> None:
    lines = scene(*(f"Sentence {'abc'[i % 3]}{i} here." for i in range(4 * 128)))
    together = said(run, lines, Met())
    assert together == said(Run(Store(run.store.folder / "other")), lines, Table())


WORDS = st.sampled_from(
    [
        "the",
        "old",
        "man",
        "Anna",
        "47",
        "walks,",
        "home.",
        "What?",
        "...",
        "♪",
        "no",
        "I",
        "1,000",
        "-",
        "MR.",
        "Mr.",
        "and",
        "that",
    ]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=8).map(" ".join), min_size=1, max_size=5))
def test_an_echo_loses_no_word(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    run = Run(Store(tmp_path_factory.mktemp("echo")))
    translation = said(run, scene(*texts), Table())
    assert len(translation.lines) == len(texts)
    assert all(line.candidates for line in translation.lines)
    letters = [c for text in texts for c in text.lower() if c.isalpha()]
    assert [c for text in best(translation) for c in text.lower() if c.isalpha()] == letters


# --- who speaks, to whom


def test_what_a_speaker_says_of_himself_agrees_with_his_gender(run: Run) -> None:
    table = Table(
        {"I'm tired.": ["Estoy cansado."], "He is tired.": ["Está cansado."], "I was alone.": ["Estaba solo."]}
    )
    transcript = scene("I'm tired.", "He is tired.", "I was alone.", "- I'm tired.\n- I'm tired.", speakers="1121")
    found = translate(
        run,
        transcript,
        table,
        to="es",
        edits=Edits(),
        glossary=Glossary(),
        genders=("female", "female", "male", "female"),
    )
    assert best(found) == ["Estoy cansada.", "Está cansado.", "Estaba solo.", "- Estoy cansado.\n- Estoy cansado."]


def test_you_two_are_two(run: Run) -> None:
    table = Table({"You two, come here.": ["Tú, ven aquí.", "Ustedes dos, vengan aquí."]})
    assert best(said(run, scene("You two, come here."), table)) == ["Ustedes dos, vengan aquí."]
    table = Table({"Listen, everybody.": ["Escuchen todos."], "You are late.": ["Estás atrasado.", "Llegáis tarde."]})
    assert best(said(run, scene("Listen, everybody. You are late."), table)) == ["Escuchen todos. Llegáis tarde."]
    assert best(said(run, scene("You are late."), table)) == ["Estás atrasado."]
