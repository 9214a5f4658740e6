"""Translation memories: exact lines are taken, like ones offered, and nobody takes another region's words for ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from localize.data import MemoryMatch, Segment, Span
from localize.errors import UsageError
from localize.translation.memory import Memory, read_memory, recall

Write = Callable[..., Memory]


def lines(*texts: str, gap_ms: int = 100) -> tuple[Segment, ...]:
    return tuple(
        Segment(f"s{n:04}", Span(n * 2000, n * 2000 + 2000 - gap_ms), "S1", text) for n, text in enumerate(texts, 1)
    )


def tmx(*units: str, head: str = "") -> str:
    return f'{head}<tmx version="1.4"><header srclang="en"/><body>{"".join(units)}</body></tmx>'


def tu(source: str, target: str, to: str = "es", *, of: str = "en-US", more: str = "", inside: str = "") -> str:
    return (
        f'<tu {more}>{inside}<tuv xml:lang="{of}"><seg>{source}</seg></tuv>'
        f'<tuv xml:lang="{to}"><seg>{target}</seg></tuv></tu>'
    )


@pytest.fixture
def memory(tmp_path: Path) -> Write:
    def write(*units: str, name: str = "house.tmx", to: str = "es") -> Memory:
        (tmp_path / name).write_text(tmx(*units), encoding="utf-8")
        return read_memory(tmp_path / name, [to])

    return write


def used(found: tuple[MemoryMatch, ...]) -> list[tuple[str, str, str]]:
    return [(m.segment, m.file, m.text) for m in found if m.used]


def offered(found: tuple[MemoryMatch, ...]) -> list[tuple[str, str, int]]:
    return [(m.segment, m.text, m.likeness) for m in found if not m.used]


def test_the_same_text_is_taken_white_space_and_composition_aside(memory: Write) -> None:
    known = memory(tu(" Where  did you\n put the cafe\u0301? ", "¿Dónde?"))
    found = recall([known], lines("Where did you put the café?", "where did you put the café?"), "en", "es", "", ())
    assert found.texts == {"s0001": "¿Dónde?"}
    assert used(found.matches) == [("s0001", "house.tmx", "¿Dónde?")]
    assert offered(found.matches) == [("s0002", "¿Dónde?", 99)]  # another letter: like it, not the same


def test_lines_that_are_like_one_are_offered_best_first_from_75_percent_on(memory: Write) -> None:
    known = memory(
        tu("I will never leave you.", "Nunca te dejaré."),
        tu("I would never leave you.", "Jamás te dejaría."),
        tu("We met in Vienna.", "Nos conocimos en Viena."),
    )
    found = recall([known], lines("I will never leave you alone."), "en", "es", "", ())
    assert not found.texts
    assert [text for _, text, _ in offered(found.matches)] == ["Nunca te dejaré.", "Jamás te dejaría."]
    assert all(75 <= likeness < 100 for _, _, likeness in offered(found.matches))


@pytest.mark.parametrize(
    ("region", "there", "taken"),
    [
        ("MX", ("es-MX", "es-ES", "es", "es-419"), "es-MX"),
        ("MX", ("es-ES", "es", "es-419"), "es-419"),
        ("MX", ("es-ES", "es"), "es"),
        ("MX", ("es-ES",), None),
        ("419", ("es-MX", "es-ES"), None),
        ("", ("es-MX", "es-ES", "es"), "es"),
        ("", ("es-MX", "es-ES"), "es-ES"),
        ("", ("es-MX",), "es-MX"),
        ("ES", ("es_ES",), "es_ES"),
        ("ES", ("ES-es",), "ES-es"),
        ("", ("pt-BR",), None),
    ],
)
def test_the_region_asked_for_is_respected(
    memory: Write, region: str, there: tuple[str, ...], taken: str | None
) -> None:
    known = memory(*(tu("Hello.", f"in {tag}", tag) for tag in there))
    found = recall([known], lines("Hello."), "en", "es", region, ())
    assert found.texts.get("s0001") == (None if taken is None else f"in {taken}")
    if taken is None and there[0].startswith("es"):
        assert all(m.note == "for another region" and not m.used for m in found.matches)
        assert found.matches


def test_the_language_translated_from_is_respected(memory: Write) -> None:
    known = memory(tu("Pain.", "Dolor.", of="en"), tu("Pain.", "Pan.", of="fr"))
    assert recall([known], lines("Pain."), "fr", "es", "", ()).texts == {"s0001": "Pan."}
    assert recall([known], lines("Pain."), "de", "es", "", ()).texts == {}


def test_a_memory_serves_both_ways(memory: Write) -> None:
    known = memory(tu("Hello.", "Hola."), to="en")
    assert recall([known], lines("Hola."), "es", "en", "", ()).texts == {"s0001": "Hello."}


def test_of_several_the_first_memory_then_the_newest_is_taken_and_the_others_offered(memory: Write) -> None:
    old = tu("Right.", "Cierto.", more='changedate="20200101T000000Z"')
    new = tu("Right.", "Correcto.", more='changedate="20250101T000000Z"')
    other = memory(tu("Right.", "Derecha.", more='changedate="20260101T000000Z"'), name="other.tmx")
    found = recall([memory(old, new), other], lines("Right."), "en", "es", "", ())
    assert used(found.matches) == [("s0001", "house.tmx", "Correcto.")]
    assert [text for _, text, _ in offered(found.matches)] == ["Cierto.", "Derecha."]


def test_a_line_whose_sentences_are_all_known_is_put_together(memory: Write) -> None:
    known = memory(tu("Come in, Dr. Ray.", "Pase, Dr. Ray."), tu("Sit down!", "¡Siéntese!"))
    found = recall([known], lines("Come in, Dr. Ray. Sit down!", "Come in, Dr. Ray. Go!"), "en", "es", "", ())
    assert found.texts == {"s0001": "Pase, Dr. Ray. ¡Siéntese!"}
    assert found.matches[0].note == "sentence by sentence"


def test_a_sentence_over_several_lines_is_offered_with_its_lines(memory: Write) -> None:
    known = memory(tu("If you ever come back, I will be here.", "Si vuelves, aquí estaré."))
    found = recall([known], lines("If you ever come back,", "I will be here."), "en", "es", "", ())
    assert not found.texts
    assert [(m.segment, m.note) for m in found.matches if m.likeness == 100] == [
        ("s0001", "one sentence from s0001 to s0002")
    ]


def test_dialogue_keeps_a_line_for_each_speaker(memory: Write) -> None:
    known = memory(tu("- Who is it? - Me.", "- ¿Quién es? - Yo."))
    found = recall([known], lines("- Who is it?\n- Me."), "en", "es", "", ())
    assert found.texts == {"s0001": "- ¿Quién es?\n- Yo."}


def test_a_turn_of_a_cue_is_found_where_the_memory_has_the_whole_cue(memory: Write) -> None:
    known = memory(
        tu("- Are you coming?\n- In a minute.", "- ¿Vienes?\n- En un minuto."),
        tu("- Now.\n- No.", "- Ahora no."),  # nobody says which words are whose
    )
    first, second, other = lines("Are you coming?", "In a minute.", "Now.")
    turns = (first, replace(second, id="s0001-2"), other)
    assert recall([known], turns, "en", "es", "", ()).texts == {"s0001": "¿Vienes?", "s0001-2": "En un minuto."}
    apart = recall([known], (first, other), "en", "es", "", ())
    assert apart.texts == {}, "a line that is no turn of a cue is no turn in a memory either"


def test_what_a_machine_made_is_only_offered(memory: Write) -> None:
    known = memory(tu("Hello.", "Hola.", inside='<prop type="x-localize-machine">yes</prop>'))
    found = recall([known], lines("Hello."), "en", "es", "", ())
    assert not found.texts
    assert [(m.text, m.used, m.note) for m in found.matches] == [("Hola.", False, "not finished by a person")]


def test_lines_that_are_given_or_in_another_language_are_left_alone(memory: Write) -> None:
    known = memory(tu("Hello.", "Hola."))
    one, two, three = lines("Hello.", "Hello.", "")
    foreign = Segment(two.id, two.span, "S1", two.text, language="fr")
    assert recall([known], (one, foreign, three), "en", "es", "", {"s0001"}).texts == {}


def test_units_with_codes_nobody_knows_are_told_and_left_out(memory: Write) -> None:
    known = memory(tu("Press <ph>{0}</ph>", "Pulsa <ph>{0}</ph>"), tu("Hello.", "Hola."))
    assert len(known.entries) == 1
    assert "1 texts hold codes" in known.remarks[0]


def test_a_memory_without_the_language_says_so(memory: Write) -> None:
    assert "holds no translation into pt" in memory(tu("Hello.", "Hola."), to="pt").remarks[0]


def test_finished_units_of_xliff_are_a_memory_and_open_ones_are_offered(tmp_path: Path) -> None:
    segment = '<segment state="{}"><source>{}</source><target>{}</target></segment>'
    body = segment.format("final", "Hello.", "Hola.") + segment.format("initial", "Go!", "¡Ve!")
    (tmp_path / "m.xlf").write_text(
        f'<xliff version="2.1" srcLang="en" trgLang="es-MX"><file id="f"><unit id="1">{body}</unit></file></xliff>'
    )
    found = recall([read_memory(tmp_path / "m.xlf", ["es"])], lines("Hello.", "Go!"), "en", "es", "MX", ())
    assert found.texts == {"s0001": "Hola."}
    assert [(m.segment, m.note) for m in found.matches if not m.used] == [("s0002", "not finished by a person")]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("m.txt", "x", "takes TMX"),
        ("m.tmx", None, "does not exist"),
        ("m.tmx", "<x/>", "no TMX"),
        ("m.tmx", tmx(head='<!DOCTYPE tmx [<!ENTITY a "b">]>'), "refused"),
        ("m.tmx", tmx(head='<!DOCTYPE tmx [<!ENTITY a SYSTEM "/etc/passwd">]>'), "m.tmx:1"),
        ("m.xlf", '<xliff version="1.1"/>', "2.0, 2.1 and 1.2"),
    ],
)
def test_what_is_no_memory_is_refused(tmp_path: Path, name: str, text: str | None, why: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=why):
        read_memory(tmp_path / name, ["es"])


def test_a_memory_as_tools_write_it_with_its_document_type_and_in_utf_16(tmp_path: Path) -> None:
    head = '<?xml version="1.0" encoding="UTF-16"?>\r\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\r\n'
    (tmp_path / "m.tmx").write_bytes(tmx(tu("Hello.", "¿Qué?"), head=head).encode("utf-16"))
    assert [entry.target for entry in read_memory(tmp_path / "m.tmx", ["es"]).entries] == ["¿Qué?"]


def test_long_texts_are_told_and_left_out(memory: Write) -> None:
    known = memory(tu("a " * 3000, "b"))
    assert not known.entries
    assert "longer than 5000" in " ".join(known.remarks)
