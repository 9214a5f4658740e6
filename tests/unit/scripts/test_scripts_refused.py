"""Scripts from strangers: what cannot be read is one error that names the file and the place, and costs little."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from made_documents import BODY, document

from localize.errors import LocalizeError
from localize.runtime import word_document
from localize.scripts import Wanted, read_script


def raw(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


def archive(**parts: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, text in parts.items():
                file.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
        return path

    return write


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100
REFUSED: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "empty": ("a.txt", raw(b""), "the file is empty"),
    "blank": ("a.txt", raw(b"\n \n"), "the file is empty"),
    "no dialogue": ("a.txt", raw(b"(thunder)\n[rain]\n"), "holds no dialogue.*2 sounds and directions"),
    "bytes": ("a.txt", raw(bytes(range(256)) * 40), "encoding"),
    "old Word": ("a.doc", raw(OLE), "old Word or Excel file"),
    "a password": ("a.docx", raw(OLE), "under a password"),
    "PDF": ("a.txt", raw(b"%PDF-1.7\n"), "a PDF"),
    "RTF": ("a.rtf", raw(b"{\\rtf1 Hello}"), "rich text"),
    "OpenDocument": ("a.docx", archive(content_xml="<x/>"), "OpenDocument"),
    "an archive": ("a.xlsx", archive(readme="x"), "an archive"),
    "no zip": ("a.docx", raw(b"hello"), "no docx file"),
    "half a zip": ("a.docx", raw(b"PK\x03\x04hello"), "no zip file"),
    "deep": (
        "a.docx",
        lambda p: document(p, "<w:p>" + "<w:r>" * 100 + "</w:r>" * 100 + "</w:p>"),
        "document.xml:1: elements nested deeper",
    ),
    "an entity": (
        "a.docx",
        archive(word__document_xml=f'<!DOCTYPE x [<!ENTITY a "b">]>{BODY % ""}'),
        "declarations of its own",
    ),
    "an entity of Final Draft": (
        "a.fdx",
        raw(b'<!DOCTYPE x [<!ENTITY a "b">]><FinalDraft/>'),
        "a.fdx:1: a document type",
    ),
    "another XML": ("a.fdx", raw(b"<x/>"), "no Final Draft screenplay"),
    "MicroDVD": ("a.txt", raw(b"{24}{72}Hello|there\n{96}{144}Bye.\n"), "holds MicroDVD subtitles.*convert it to .srt"),
    "MPL2": ("a.txt", raw(b"[10][30]Hello|/there\n[40][60]- Yes?|- No.\n"), "holds MPL2 subtitles"),
    "TMPlayer": ("a.txt", raw(b"00:00:01:Hello|there\n00:00:04:Bye\n"), "holds TMPlayer subtitles"),
    "a line nobody says": ("a.txt", raw(b"word " * 2000), "line 1 has more than 4000 characters"),
    "a text between columns": ("a.csv", raw(b"Who,Line,Note\nANNA,Well, no,x\n"), "line 2 has 4 cells for 3 columns"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_script_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    file, write, says = REFUSED[name]
    path = write(tmp_path / file)
    with pytest.raises(LocalizeError, match=says) as caught:
        read_script(path, Wanted())
    assert file in caught.value.message
    assert "\n" not in caught.value.message


def test_a_document_is_unpacked_no_further_than_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_document, "LARGEST_PART", 10_000)
    path = document(tmp_path / "a.docx", "ANNA: " + "A" * 100_000)
    assert path.stat().st_size < 5_000
    with pytest.raises(LocalizeError, match=r"a\.docx: word/document\.xml:1: it is too large: at most 10000 bytes"):
        read_script(path, Wanted())


@pytest.mark.parametrize("text", ["[[ " * 100_000, f"A{' ' * 300_000}B", "*a " * 50_000, "ANNA " * 60_000])
@pytest.mark.parametrize("suffix", [".txt", ".fountain"])
def test_a_text_costs_time_in_proportion_to_its_length(tmp_path: Path, text: str, suffix: str) -> None:
    """Patterns that look at every character again from every place would take minutes here."""
    path = raw(f"{text}\n\nANNA\nGo.\n".encode())(tmp_path / f"a{suffix}")
    with suppress(LocalizeError):
        assert read_script(path, Wanted()).lines
