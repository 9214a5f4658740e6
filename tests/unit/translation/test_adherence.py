"""Terms of a client: kept, inflected, moved to a neighbouring line, missing, excluded; each by its line."""

from __future__ import annotations

from localize.data import Conversion, MemoryMatch, Segment, Span, Translation
from localize.events import LineFault, Warned
from localize.translation.adherence import ResourcesReport, TermUse, adherence_warnings, describe_resources
from localize.translation.glossary import Glossary
from localize.translation.terms import Term

FILM = (
    "The keeper of the tower is awake.",
    "Two keepers stood there.",
    "If you see the",
    "warp core, run.",
    "Ask Bill about the bill.",
    "The keeper, the keeper!",
)


def report(shown: dict[str, str], *terms: Term, language: str = "es", films: tuple[str, ...] = FILM) -> ResourcesReport:
    segments = tuple(
        Segment(f"s{n:04}", Span(n * 2000, n * 2000 + 1900), "S1", text) for n, text in enumerate(films, 1)
    )
    glossary = Glossary((), (), terms).between("en", language)
    return describe_resources(segments, Translation(language, ()), shown, glossary, "en")


def statuses(use: TermUse) -> dict[str, tuple[str, str]]:
    return {line.segment: (line.status, line.found) for line in use.lines}


KEEPER = Term("keeper", "guardián", variants=("celador",), forbidden=("portero",), note="a job")


def test_every_way_in_which_a_term_is_kept_or_not() -> None:
    shown = {
        "s0001": "El guardián de la torre está despierto.",
        "s0002": "Había dos guardianes allí.",
        "s0006": "¡El celador, el portero!",
    }
    (use,) = report(shown, KEEPER).terms
    assert statuses(use) == {
        "s0001": ("used", "guardián"),
        "s0002": ("inflected", "guardianes"),
        "s0006": ("forbidden", "portero"),
    }
    assert (use.said, use.used, use.missing, use.inflected, use.forbidden, use.note) == (
        4, 3, 1, {"guardianes": 1}, {"portero": 1}, "a job"
    )  # fmt: skip


def test_a_term_said_twice_must_be_said_twice() -> None:
    (use,) = report({"s0006": "¡El guardián, el hombre!"}, KEEPER).terms
    assert (use.said, use.used, use.missing) == (2, 1, 1)
    assert statuses(use)["s0006"][0] == "missing"


def test_a_term_in_another_line_of_its_sentence_has_moved() -> None:
    shown = {"s0003": "Corre si ves el núcleo de curvatura,", "s0004": "te lo ruego."}
    (use,) = report(shown, Term("warp core", "núcleo de curvatura")).terms
    assert statuses(use) == {"s0004": ("moved", "núcleo de curvatura (s0003)")}
    assert use.missing == 0


def test_a_name_is_no_common_word_and_what_is_kept_is_kept_as_it_is() -> None:
    bill = Term("Bill", "Bill", keep=True)
    (use,) = report({"s0005": "Pregunta a Bill por la cuenta."}, bill).terms
    assert (use.said, use.used, statuses(use)["s0005"]) == (1, 1, ("used", "Bill"))
    (use,) = report({"s0005": "Pregunta a Guillermo por los bills."}, bill).terms
    assert (use.missing, statuses(use)["s0005"]) == (1, ("missing", ""))


def test_a_longer_term_is_not_the_shorter_one_in_it() -> None:
    short, long = Term("core", "núcleo"), Term("warp core", "motor")
    found = report({"s0004": "el motor, corre."}, short, long)
    assert [use.source for use in found.terms] == ["warp core"]
    assert found.unsaid == 1


def test_lines_that_were_not_delivered_and_other_languages_are_not_looked_at() -> None:
    assert report({}, KEEPER).terms == ()
    foreign = (Segment("s0001", Span(0, 1), "S1", "keeper", language="fr"),)
    found = describe_resources(foreign, Translation("es", ()), {"s0001": "x"}, Glossary((), (), (KEEPER,)), "en")
    assert found.terms == ()


def test_a_missing_term_is_a_warning_that_names_its_lines() -> None:
    found = report({"s0001": "El hombre.", "s0002": "Los portero.", "s0006": "¡El hombre!"}, KEEPER)
    messages = dict(adherence_warnings(found))
    assert messages["term_missing"].startswith("s0001, s0006: 'keeper' is not translated as 'guardián'")
    assert messages["term_forbidden"].startswith("s0002: 'portero' stands for 'keeper'")
    lost = LineFault("s0001", "the translation lost the term keeper", ("keeper",))
    assert dict(adherence_warnings(found, [Warned("term_lost", "", lost)]))["term_missing"].startswith("s0006: ")
    other = LineFault("s0001", "the translation lost the number 9", ("9",))
    assert dict(adherence_warnings(found, [Warned("number_lost", "", other)]))["term_missing"].startswith("s0001, ")


def test_what_memories_and_conversions_did_is_in_the_report() -> None:
    match = MemoryMatch("s0001", "m.tmx", 100, "a", "b", "es", used=True)
    changed = Conversion("s0001", "1 mile", "1.6 kilometers")
    made = Translation("es", (), memory=(match,), converted=(changed,))
    found = describe_resources((), made, {}, Glossary(), "en")
    assert (found.memory, found.converted) == ((match,), (changed,))
