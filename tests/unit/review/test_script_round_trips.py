"""Dialogue lists: what goes out comes back as exactly what somebody changed in it, in every format."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import docx
import openpyxl
import pytest
from ttconv.imsc import reader as imsc_reader

from localize.errors import UsageError
from localize.review import Event, append, open_review
from localize.review.dapt import read_media_time
from localize.review.dialogue import timecode
from localize.review.offline import export_dialogue, import_dialogue
from localize.runtime.spreadsheet import escape_formula
from localize.scripts.timecodes import read_timecode

HOSTILE = '=HYPERLINK("http://evil","x")'
SUFFIX = {"xlsx": ".xlsx", "csv": ".csv", "docx": ".docx", "dapt": ".ttml"}
Change = tuple[str, str, str]
"""Line, column, new text."""


def change_xlsx(path: Path, changes: list[Change]) -> None:
    book = openpyxl.load_workbook(path)
    rows = list(book.active.iter_rows())
    heads = [cell.value for cell in rows[0]]
    for line, column, text in changes:
        next(row for row in rows if row[0].value == line)[heads.index(column)].value = text
    book.save(path)


def change_docx(path: Path, changes: list[Change]) -> None:
    document = docx.Document(str(path))
    rows = document.tables[0].rows
    heads = [cell.text for cell in rows[0].cells]
    for line, column, text in changes:
        next(row for row in rows if row.cells[0].text == line).cells[heads.index(column)].text = text
    document.save(str(path))


def change_csv(path: Path, changes: list[Change]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for line, column, text in changes:
        next(row for row in rows if row[0] == line)[rows[0].index(column)] = text
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def change_dapt(path: Path, changes: list[Change]) -> None:
    """As another program would: by a parser, into other prefixes."""
    tree = ElementTree.parse(path)
    for line, column, text in changes:
        (div,) = (d for d in tree.iter(f"{TT}div") if d.get(f"{XML}id") == f"line_{line}")
        texts = div.findall(f"{TT}p")
        if column in ("In", "Out"):
            div.set({"In": "begin", "Out": "end"}[column], text)
        elif column == "Notes":
            ElementTree.SubElement(div, f"{TTM}desc").text = text
        else:
            texts[column == "Adaptation"].text = text
    tree.write(path, encoding="utf-8")


TT, TTM, TTP = ("{http://www.w3.org/ns/ttml%s}" % part for part in ("", "#metadata", "#parameter"))  # noqa: UP031
DAPTM = "{http://www.w3.org/ns/ttml/profile/dapt#metadata}"
XML = "{http://www.w3.org/XML/1998/namespace}"
EDITORS: dict[str, Callable[[Path, list[Change]], None]] = {
    "xlsx": change_xlsx, "csv": change_csv, "docx": change_docx, "dapt": change_dapt,
}  # fmt: skip


@pytest.fixture
def reviewed(folder: Path) -> Path:
    """A folder with a few decisions, one of them what a spreadsheet takes for a formula."""
    events = [
        Event("edit_translation", line="s0001", language="es", text=HOSTILE),
        Event("edit_translation", line="s0004", language="es", text="-Sobre & <la> mesa."),
        Event("comment", line="s0002", text="@Bo: louder", at_ms=1300),
        Event("qc", line="s0002", severity="issue", category="sync", text="late"),
    ]
    append(folder, events, expected=0, who="Ana")
    return folder


@pytest.mark.parametrize("form", SUFFIX)
def test_an_untouched_list_changes_nothing(reviewed: Path, form: str) -> None:
    path = reviewed / f"list{SUFFIX[form]}"
    assert len(export_dialogue(reviewed, form, path).rows) == 4
    diff = import_dialogue(reviewed, path, "Bo")
    assert (diff.changes, diff.passed_over, diff.applied, diff.version) == ((), (), False, 4)


@pytest.mark.parametrize("form", SUFFIX)
def test_exactly_what_was_changed_comes_back(reviewed: Path, form: str) -> None:
    path = reviewed / f"list{SUFFIX[form]}"
    export_dialogue(reviewed, form, path)
    new_in, new_out = ("00:00:00:10", "00:00:03:00") if form != "dapt" else ("0.4s", "00:00:03")
    notes = "new note" if form == "dapt" else "[00:00:01:08] @Bo: louder\n[issue sync] late\nnew note"
    EDITORS[form](
        path,
        [
            ("s0001", "Adaptation", "+Buenos días"),
            ("s0001", "In", new_in),
            ("s0002", "Notes", notes),
            ("s0003", "Source", "I need them  now!"),
            ("s0003", "Out", new_out),
        ],
    )
    looked = import_dialogue(reviewed, path, "Bo", dry_run=True)
    assert not looked.applied
    diff = import_dialogue(reviewed, path, "Bo")
    assert diff.changes == looked.changes
    assert diff.passed_over == ()
    made = [e.json() for e in open_review(reviewed).events[4:]]
    kept = ("kind", "line", "language", "text", "start_ms", "end_ms")
    assert [{k: e[k] for k in kept if k in e} for e in made] == [
        {"kind": "trim", "line": "s0001", "start_ms": 400},
        {"kind": "edit_translation", "line": "s0001", "language": "es", "text": "+Buenos días"},
        {"kind": "comment", "line": "s0002", "language": "es", "text": "new note"},
        {"kind": "trim", "line": "s0003", "end_ms": 3000},
        {"kind": "edit_source", "line": "s0003", "text": "I need them now!"},
    ]
    assert {e["who"] for e in made} == {"Bo"}
    assert json.loads((reviewed / "review.report.json").read_text("utf-8"))["version"] == diff.version
    assert import_dialogue(reviewed, path, "Bo").changes == ()


def test_a_spreadsheet_computes_nothing(reviewed: Path) -> None:
    for form in ("xlsx", "csv"):
        export_dialogue(reviewed, form, reviewed / f"list.{form}")
    cells = [cell for row in openpyxl.load_workbook(reviewed / "list.xlsx").active.iter_rows() for cell in row]
    assert HOSTILE in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}  # "n": an empty one; a formula is "f"
    with (reviewed / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        texts = [text for row in csv.reader(file) for text in row]
    assert f"'{HOSTILE}" in texts
    assert not [text for text in texts if re.match(r"[=+\-@\t\r]", text)]


@pytest.mark.parametrize("text", ["'=1", "''-x", "'tis", "plain", "＝1", ""])
def test_an_apostrophe_of_one_s_own_stays(folder: Path, text: str) -> None:
    if text:
        event = Event("edit_translation", line="s0001", language="es", text=text)
        append(folder, [event], expected=0, who="Ana")
    assert not escape_formula(text).startswith(("=", "+", "-", "@", "＝"))
    export_dialogue(folder, "csv", folder / "list.csv")
    assert import_dialogue(folder, folder / "list.csv", "Bo").changes == ()


def test_what_the_review_changed_meanwhile_is_not_overwritten(reviewed: Path) -> None:
    path = reviewed / "list.csv"
    export_dialogue(reviewed, "csv", path)
    meanwhile = [Event("edit_translation", line=f"s000{n}", language="es", text="Meanwhile.") for n in (2, 3)]
    append(reviewed, meanwhile, expected=4, who="Ana")
    change_csv(path, [("s0002", "Adaptation", "From the sheet."), ("s0004", "Adaptation", "Aquí.")])
    diff = import_dialogue(reviewed, path, "Bo")
    assert [(c.line, c.after) for c in diff.changes] == [("s0004", "Aquí.")]
    assert diff.passed_over == ("s0002: changed in the review since the list was written: not taken",)


def test_what_a_sheet_cannot_change_is_told(reviewed: Path) -> None:
    path = reviewed / "list.csv"
    export_dialogue(reviewed, "csv", path)
    change_csv(path, [("s0001", "Character", "Eve"), ("s0002", "Notes", ""), ("s0002", "Adaptation", "")])
    change_csv(path, [("s0003", "ID", "s0099")])
    told = import_dialogue(reviewed, path, "Bo").passed_over
    assert [re.sub(r":.*", "", t) for t in told[:1]] == ["s0001"]
    wanted = ("who speaks", "Adaptation is empty", "is gone from it", "no line 's0099'", "1 lines are not in it (s0003")
    for said in wanted:
        assert any(said in t for t in told), said


BAD: list[tuple[str, str, str]] = [
    ("x.csv", "ID,In\ns0001,0\n", "no row with the headings"),
    ("x.csv", "ID,Adaptation\ns0001,a\n", "column In is missing"),
    ("x.xlsx", "not a zip", "no zip file"),
    ("x.ttml", "<tt/>", "is no DAPT document"),
    ("x.ttml", "<!DOCTYPE tt [<!ENTITY a 'b'>]><tt/>", "refused"),
    ("x.txt", "", "name a file"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_what_is_no_list_is_refused(folder: Path, name: str, content: str, message: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(UsageError, match=message):
        import_dialogue(folder, folder / name, "Bo")


def test_a_time_that_is_none_changes_nothing(folder: Path) -> None:
    export_dialogue(folder, "csv", folder / "list.csv")
    change_csv(folder / "list.csv", [("s0001", "Adaptation", "Hola"), ("s0002", "In", "soon")])
    with pytest.raises(UsageError, match=r"line 3: 'soon' is no time of the film"):
        import_dialogue(folder, folder / "list.csv", "Bo")
    assert open_review(folder).version == 0


RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001)]


@pytest.mark.parametrize("rate", RATES)
def test_a_timecode_is_the_frame_it_was(rate: Fraction) -> None:
    for frame in range(0, 400_000, 997):
        ms = round(frame * 1000 / rate)
        time = read_timecode(timecode(ms, rate))
        assert time is not None
        assert time.at_ms(rate) == ms


def test_an_hour_at_29_97_is_an_hour() -> None:
    """SMPTE ST 12-1: with dropped numbers the clock is right to a frame after an hour; each minute but the tenths
    begins at frame 2.
    """
    rate = RATES[2]
    assert timecode(3_600_000, rate) == "01:00:00;00"
    assert [timecode(round(n * 1000 / rate), rate) for n in (1799, 1800, 17982)] == [
        "00:00:59;29", "00:01:00;02", "00:10:00;00",
    ]  # fmt: skip


# --- DAPT ------------------------------------------------------------------------------------------------------------


def test_dapt_keeps_the_rules_of_its_profile(reviewed: Path) -> None:
    """What https://www.w3.org/TR/dapt/ says a document MUST have; looked at with another parser than ours."""
    path = reviewed / "list.ttml"
    export_dialogue(reviewed, "dapt", path)
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{TT}tt"
    assert "http://www.w3.org/ns/ttml/profile/dapt1.0/content" in root.attrib[f"{TTP}contentProfiles"].split()
    assert f"{TTP}profile" not in root.attrib
    assert root.attrib[f"{XML}lang"] == "es"
    assert root.attrib[f"{DAPTM}scriptRepresents"] == "audio.dialogue"
    assert root.attrib[f"{DAPTM}scriptType"] == "asRecorded"
    assert [child.tag for child in root] == [f"{TT}head", f"{TT}body"]
    agents = {a.attrib[f"{XML}id"]: a for a in root.iterfind(f"{TT}head/{TT}metadata/{TTM}agent")}
    assert {a.attrib["type"] for a in agents.values()} == {"character"}
    assert [[(n.attrib["type"], n.text) for n in a.iter(f"{TTM}name")] for a in agents.values()] == [
        [("alias", "Anna")], [("alias", "S2")],
    ]  # fmt: skip
    ids = [e.attrib[f"{XML}id"] for e in root.iter() if f"{XML}id" in e.attrib]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", name) for name in ids)
    events = root.findall(f"{TT}body/{TT}div")
    assert len(events) == 4
    body = root.find(f"{TT}body")
    assert body is not None
    assert body.attrib[f"{DAPTM}represents"].startswith("audio.dialogue")
    for event in events:
        assert event.attrib[f"{TTM}agent"] in agents
        assert not event.findall(f"{TT}div")
        begin, end = (read_media_time(event.attrib[name]) for name in ("begin", "end"))
        assert begin is not None
        assert end is not None
        assert begin < end
        assert [(p.attrib[f"{XML}lang"], p.attrib[f"{DAPTM}langSrc"]) for p in event.iter(f"{TT}p")] == [
            ("en", "en"), ("es", "en"),
        ]  # fmt: skip


def test_another_reader_finds_the_words_and_times(reviewed: Path) -> None:
    """ttconv reads TTML2, of which DAPT is a profile."""
    path = reviewed / "list.ttml"
    export_dialogue(reviewed, "dapt", path)
    model = imsc_reader.to_model(ElementTree.parse(path))
    body = model.get_body()
    assert body is not None
    found = []
    for div in body:
        texts = ["".join(t.get_text() for t in p.dfs_iterator() if hasattr(t, "get_text")) for p in div]
        found.append((float(div.get_begin() or 0), float(div.get_end() or 0), *texts))
    assert found[0] == (0.0, 1.0, "Good morning, everybody.", HOSTILE)
    assert found[3] == (4.0, 5.0, "On the table.", "-Sobre & <la> mesa.")
