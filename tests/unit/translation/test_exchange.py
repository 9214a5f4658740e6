"""TMX and XLIFF 2: what is written is read again, and what other tools write is read as they meant it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.errors import UsageError
from localize.timedtext.cues import Mark
from localize.translation.passages import Passage
from localize.translation.tmx import TmxUnit, Variant, read_tmx, write_tmx
from localize.translation.xliff import Offer, Part, Unit, read_xliff, write_xliff

ITALIC = Passage("He is\nalways awake.", (Mark(1, 0, 6, "italic"),))


def xliff(body: str, version: str = "2.0", languages: str = 'srcLang="en" trgLang="es"') -> str:
    head = f'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="{version}" {languages}>'
    return f'{head}<file id="f">{body}</file></xliff>'


def unit(source: str, target: str, state: str = "", name: str = "s0001") -> str:
    shown = f' state="{state}"' if state else ""
    return f'<unit id="{name}"><segment{shown}><source>{source}</source>{target}</segment></unit>'


def read(tmp_path: Path, text: str) -> tuple[Unit, ...]:
    file = tmp_path / "film.xlf"
    file.write_text(text, encoding="utf-8")
    return read_xliff(file).units


def texts() -> st.SearchStrategy[Passage]:
    """Texts with italics and bold over some stretch of a line."""
    line = st.text(
        st.characters(
            codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"
        ),
        min_size=1,
        max_size=12,
    )

    def marked(rows: list[str], row: int, start: int, kind: str) -> Passage:
        row %= len(rows)
        start %= len(rows[row])
        return Passage("\n".join(rows), (Mark(row, start, len(rows[row]), "bold" if kind == "b" else "italic"),))

    return st.builds(
        marked, st.lists(line, min_size=1, max_size=3), st.integers(0, 9), st.integers(0, 20), st.sampled_from("ib")
    )


@given(texts(), texts())
def test_xliff_that_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, source: Passage, target: Passage
) -> None:
    made = Unit("s0001", (Part(source, target, "reviewed"),), notes=(("speaker", 'Ann <"&">'),))
    file = tmp_path_factory.mktemp("xliff") / "film.xlf"
    file.write_text(write_xliff([made], "en", "es-MX", "film.srt", {}), encoding="utf-8")
    found = read_xliff(file)
    assert (found.source, found.target) == ("en", "es-MX")
    assert (found.units[0].source, found.units[0].target) == (source, target)
    assert found.units[0].notes == made.notes
    assert found.units[0].finished


@given(texts(), texts())
def test_tmx_that_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, source: Passage, target: Passage
) -> None:
    made = TmxUnit((Variant("en", source), Variant("es", target)), machine=True, id="s0001")
    file = tmp_path_factory.mktemp("tmx") / "film.tmx"
    file.write_text(write_tmx([made], "en", "1.0"), encoding="utf-8")
    (found,) = read_tmx(file)
    assert (found.variants, found.machine, found.id) == (made.variants, True, "s0001")


def test_control_characters_that_xml_has_no_form_for_are_not_written(tmp_path: Path) -> None:
    text = write_xliff([Unit("s0001", (Part(Passage("a\x1b[2Jb\ud800"), None),))], "en", "es", "x", {})
    assert read(tmp_path, text)[0].source.text == "a[2Jb"


CODES = {
    "pc by subtype": ('<pc id="1" type="fmt" subType="xlf:i">Sí</pc> no', "Sí no", ["italic"], False),
    "pc by what it shows": ('<pc id="1" dispStart="&lt;b&gt;" dispEnd="&lt;/b&gt;">Sí</pc>', "Sí", ["bold"], False),
    "pc of something else": ('<pc id="1" type="link">Sí</pc>', "Sí", [], False),
    "pc around pc": ('<pc id="1" subType="xlf:i">a<pc id="2" subType="xlf:b">b</pc></pc>', "ab", ["bold", "italic"],
                     False),
    "sc and ec": ('a <sc id="1" type="fmt" subType="xlf:i"/>b<ec startRef="1"/> c', "a b c", ["italic"], False),
    "an ec without its sc": ('a<ec id="9" isolated="yes"/> b', "a b", [], False),
    "a line break": ('a<ph id="1" type="fmt" subType="xlf:lb"/>b', "a\nb", [], False),
    "a placeholder that says what it is": ('hola <ph id="1" equiv="Ana"/>', "hola Ana", [], False),
    "a placeholder for nothing": ('hola<ph id="1" equiv=""/>', "hola", [], False),
    "a placeholder nobody knows": ('hola <ph id="1" disp="{0}"/>', "hola", [], True),
    "a control character": ('a<cp hex="001B"/>', "a", [], True),
    "a remark about words": ('<mrk id="m1" type="term" ref="#x">a</mrk> <sm id="m2" type="comment"/>b'
                             '<em startRef="m2"/>', "a b", [], False),
    "pretty-printed": ("\n      uno\n      dos\n    ", "uno dos", [], False),
    "a comment and CDATA": ("a<!-- no --><![CDATA[ <b> ]]>c", "a <b> c", [], False),
}  # fmt: skip


@pytest.mark.parametrize(("content", "text", "kinds", "coded"), CODES.values(), ids=CODES)
def test_inline_codes_of_xliff(tmp_path: Path, content: str, text: str, kinds: list[str], coded: bool) -> None:
    (found,) = read(tmp_path, xliff(unit("x", f"<target>{content}</target>")))
    assert found.target.text == text
    assert sorted(mark.kind for mark in found.target.marks) == kinds
    assert found.target.coded is coded


TMX_CODES = {
    "bpt and ept": ('<bpt i="1" type="italic">&lt;i&gt;</bpt>Sí<ept i="1">&lt;/i&gt;</ept>', "Sí", ["italic"], False),
    "bpt by its code": ('<bpt i="1">&lt;b&gt;</bpt>Sí<ept i="1">&lt;/b&gt;</ept>', "Sí", ["bold"], False),
    "bpt of RTF": (r'<bpt i="1">{\cs6\f1 </bpt>Sí<ept i="1">}</ept>', "Sí", [], False),
    "ph that breaks the line": ('a<ph x="1" type="lb"/>b', "a\nb", [], False),
    "ph that is a br": ("a<ph>&lt;br/&gt;</ph>b", "a\nb", [], False),
    "ph nobody knows": ("a <ph>{0}</ph>", "a", [], True),
    "hi": ('<hi type="term">a</hi> b', "a b", [], False),
    "it": ('<it pos="begin" type="italic">&lt;i&gt;</it>a', "a", ["italic"], False),
    "ut": ("<ut>{\\f1}</ut>a", "a", [], True),
}


@pytest.mark.parametrize(("content", "text", "kinds", "coded"), TMX_CODES.values(), ids=TMX_CODES)
def test_inline_codes_of_tmx(tmp_path: Path, content: str, text: str, kinds: list[str], coded: bool) -> None:
    file = tmp_path / "m.tmx"
    file.write_text(f'<tmx version="1.4"><body><tu><tuv xml:lang="es"><seg>{content}</seg></tuv></tu></body></tmx>')
    passage = next(read_tmx(file)).variants[0].passage
    assert (passage.text, [m.kind for m in passage.marks], passage.coded) == (text, kinds, coded)


STATES = {
    "reviewed": ("<target>Hola.</target>", "reviewed", True),
    "translated": ("<target>Hola.</target>", "translated", True),
    "initial": ("<target>Hola.</target>", "initial", False),
    "no state, as tools that keep none": ("<target>Hola.</target>", "", True),
    "final and empty": ("<target/>", "final", False),
    "white space": ("<target>  </target>", "translated", False),
    "no target": ("", "", False),
}


@pytest.mark.parametrize(("target", "state", "finished"), STATES.values(), ids=STATES)
def test_which_translations_are_finished(tmp_path: Path, target: str, state: str, finished: bool) -> None:
    assert read(tmp_path, xliff(unit("Hello.", target, state)))[0].finished is finished


def test_a_machine_line_that_the_translator_changed_is_finished_whatever_its_state(tmp_path: Path) -> None:
    def made(target: str) -> Unit:
        line = Unit("s0001", (Part(Passage("Hello."), Passage("Hola."), "initial"),))
        text = write_xliff([line], "en", "es", "x", {"s0001": [Offer("mt", "Hello.", "Hola.", "localize")]})
        return read(tmp_path, text.replace("\n    <target>Hola.", f"\n    <target>{target}"))[0]

    assert not made("Hola.").finished
    assert made("¡Buenas!").finished


def test_a_unit_of_several_segments_is_put_together_in_the_order_of_its_target(tmp_path: Path) -> None:
    (found,) = read(
        tmp_path,
        xliff(
            '<unit id="u"><segment state="final"><source>One.</source><target order="3">Uno.</target></segment>'
            "<ignorable><source> </source></ignorable>"
            '<segment state="final"><source>Two.</source><target order="1">Dos.</target></segment></unit>'
        ),
    )
    assert found.source.text == "One. Two."
    assert found.target.text == "Dos. Uno."
    assert found.finished


def test_a_unit_with_one_segment_open_is_not_finished(tmp_path: Path) -> None:
    done, open_one = "<source>A.</source><target>B.</target>", "<source>C.</source>"
    body = f'<segment state="final">{done}</segment><segment>{open_one}</segment>'
    assert not read(tmp_path, xliff(f'<unit id="u">{body}</unit>'))[0].finished


def test_candidates_glossary_and_skeleton_of_a_unit_are_not_its_text(tmp_path: Path) -> None:
    body = (
        '<skeleton><unit id="no"><segment><source>no</source></segment></unit></skeleton>'
        '<group id="g"><unit id="s0001">'
        '<mtc:matches xmlns:mtc="m"><mtc:match ref="#1" type="tm"><source>x</source><target>y</target></mtc:match>'
        "</mtc:matches>"
        '<notes><note category="qa">look</note></notes><originalData><data id="d1">&lt;i&gt;</data></originalData>'
        '<segment state="final"><source>Hi</source><target>Hola</target></segment></unit></group>'
    )
    found = read(tmp_path, xliff(body))
    assert [(u.source.text, u.target.text, u.machine, u.notes) for u in found] == [
        ("Hi", "Hola", "", (("qa", "look"),))
    ]


XLIFF_1 = """<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:mq="MQXliff">
 <file original="a.srt" source-language="en-US" target-language="es-ES" datatype="x-srt">
  <header><skl><internal-file>1\n00:00:01,000</internal-file></skl></header>
  <body><group id="g1">
   <trans-unit id="s0001" approved="yes"><source>Hi <g id="1" ctype="italic">you</g>.</source>
    <target>Hola, <g id="1" ctype="italic">tú</g>.</target><note from="Ann">short</note></trans-unit>
   <trans-unit id="s0002"><source>One<x id="1" ctype="lb"/>two</source>
    <target state="translated">Uno<x id="1" ctype="lb"/>dos</target></trans-unit>
   <trans-unit id="s0003"><source>Go.</source><seg-source><mrk mtype="seg" mid="0">Go.</mrk></seg-source>
    <target state="needs-review-translation"><mrk mtype="seg" mid="0">Vete.</mrk></target></trans-unit>
   <trans-unit id="s0004"><source>No.</source><target state-qualifier="leveraged-mt">No.</target></trans-unit>
   <trans-unit id="s0005"><source>Yes.</source><target state="new"/>
    <alt-trans origin="MT"><target>Sí.</target></alt-trans></trans-unit>
   <trans-unit id="s0006"><source><bpt id="1" ctype="bold">&lt;b></bpt>Stop<ept id="1">&lt;/b></ept></source>
    <target><bpt id="1" ctype="bold">&lt;b></bpt>Alto<ept id="1">&lt;/b></ept></target></trans-unit>
   <trans-unit id="s0007" translate="no"><source>OK</source></trans-unit>
   <trans-unit id="s0008"><source>A <ph id="1">{name}</ph></source>
    <target>Un <ph id="1">{name}</ph></target></trans-unit>
  </group></body></file></xliff>"""


def test_xliff_1_2_is_read_with_its_states_codes_and_suggestions(tmp_path: Path) -> None:
    (tmp_path / "f.xlf").write_text(XLIFF_1, encoding="utf-8")
    found = read_xliff(tmp_path / "f.xlf")
    assert (found.source, found.target) == ("en-US", "es-ES")
    units = {unit.id: unit for unit in found.units}
    assert {name: unit.target.text for name, unit in units.items()} == {
        "s0001": "Hola, tú.", "s0002": "Uno\ndos", "s0003": "Vete.", "s0004": "No.", "s0005": "", "s0006": "Alto",
        "s0007": "", "s0008": "Un",
    }  # fmt: skip
    assert [name for name, unit in units.items() if unit.finished] == ["s0001", "s0002", "s0003", "s0006", "s0008"]
    assert [name for name, unit in units.items() if unit.stateless] == ["s0006", "s0008"]
    assert {name: unit.machine for name, unit in units.items() if unit.machine} == {"s0004": "No.", "s0005": "Sí."}
    assert [(mark.kind, mark.start, mark.end) for mark in units["s0001"].target.marks] == [("italic", 6, 8)]
    assert units["s0006"].target.kinds == {"bold"}
    assert units["s0008"].source.coded
    assert units["s0007"].kept
    assert units["s0001"].notes == (("Ann", "short"),)


REFUSED = {
    "XLIFF 1.1": (
        '<xliff version="1.1"><file><body><trans-unit id="1"/></body></file></xliff>',
        "2.0, 2.1 and 1.2 are read",
    ),
    "units of another version": (
        '<xliff version="1.2"><file><body><unit id="1"/></body></file></xliff>',
        "no XLIFF 2.0, 2.1 or 1.2",
    ),
    "two pairs of languages": (
        '<xliff version="1.2"><file source-language="en" target-language="de"><body/></file>'
        '<file source-language="en" target-language="fr"><body/></file></xliff>',
        "files of several languages",
    ),
    "another XML": ("<tmx/>", "no XLIFF"),
    "no XML": ("Chapter one", "not well-formed"),
    "entities": ('<!DOCTYPE x [<!ENTITY a "b">]><xliff version="2.0"/>', "refused"),
    "very many segments": (
        xliff(f'<unit id="u">{"<segment><source>a</source></segment>" * 1001}</unit>'),
        "more than 1000",
    ),
    "a text of absurd length": (xliff(unit("a" * 6000, "")), "more than 5000 characters"),
}


def test_a_memory_in_very_many_languages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.tmx").write_text(
        "<tmx><body><tu>" + '<tuv xml:lang="x"><seg>a</seg></tuv>' * 201 + "</tu></body></tmx>"
    )
    with pytest.raises(UsageError, match="more than 200 languages"):
        list(read_tmx(tmp_path / "m.tmx"))


@pytest.mark.parametrize(("text", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_xliff_2_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read(tmp_path, text)


@given(st.text(alphabet='<>/ab "=&;', max_size=120))
def test_any_unit_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, body: str) -> None:
    try:
        read(tmp_path_factory.mktemp("any"), xliff(f"<unit>{body}</unit>"))
    except UsageError:
        return
