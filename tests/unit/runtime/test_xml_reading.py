"""XML from strangers: read record by record, and refused by what it could do, with its line."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.runtime import xml_reading
from localize.runtime.xml_reading import Element, XmlError, read_records

LAUGHS = (
    '<!DOCTYPE t [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]><t><r>&j;</r></t>"
)
FEW = 1000
HOSTILE = {
    "entities that explode": (LAUGHS, "declarations of its own"),
    "an entity of another file": (
        '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><t><r>&x;</r></t>',
        "declarat",
    ),
    "a parameter entity": ('<!DOCTYPE t [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><t/>', "declarations"),
    "an entity that only the DTD knows": ('<!DOCTYPE t SYSTEM "t.dtd"><t><r>a&nbsp;b</r></t>', "&nbsp;"),
    "an entity nobody declared": ("<t><r>a&nbsp;b</r></t>", "undefined entity"),
    "depth": ("<t>" * 100_000, "nested deeper than 60"),
    "a record of very many parts": (f"<t><r>{'<a/>' * (FEW + 1)}</r></t>", "one record of more"),
    "no XML": ("Chapter 1", "not well-formed"),
    "half a file": ("<t><r>a", "not well-formed"),
    "an encoding of several bytes": ('<?xml version="1.0" encoding="shift_jis"?><t/>', "save it as UTF-8"),
    "an encoding that is a codec": ('<?xml version="1.0" encoding="zlib_codec"?><t/>', "save it as UTF-8"),
    "nothing": ("", "not well-formed"),
}


def records(text: str | bytes, *names: str, heads: tuple[str, ...] = (), limit: int = 10_000_000) -> list[Element]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_records(BytesIO(data), names or ("r",), heads=heads, limit=limit))


@pytest.mark.parametrize(("text", "why"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_refused(text: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_reading, "MOST_PARTS", FEW)
    with pytest.raises(XmlError, match=why):
        records(text)


def test_a_file_over_the_limit_is_refused_before_all_of_it_is_read() -> None:
    class Endless(BytesIO):
        given = 0

        def read(self, size: int | None = -1) -> bytes:
            first, self.given = not self.given, self.given + (size or 0)
            return b"<t>" + b" " * ((size or 0) - 3) if first else b" " * (size or 0)

    file = Endless()
    with pytest.raises(XmlError, match="at most 1000000 bytes"):
        list(read_records(file, ("r",), limit=1_000_000))
    assert file.given < 1_200_000


def test_a_refusal_names_its_line() -> None:
    with pytest.raises(XmlError) as refused:
        records("<t>\n\n<r>&nbsp;</r></t>")
    assert refused.value.line == 3


def test_a_document_type_that_only_names_its_dtd_is_passed_over() -> None:
    assert records('<!DOCTYPE tmx SYSTEM "/nowhere/tmx14.dtd"><t><r>a &amp; b</r></t>')[0].text() == "a & b"


def test_records_heads_and_what_is_neither() -> None:
    text = '<x:t xmlns:x="u" x:version="2"><x:o>no</x:o><x:r a="1">one<b>two</b>three<r>in</r></x:r>\n<r/></x:t>'
    head, first, second = records(text, "r", heads=("t",))
    assert (head.tag, head.attributes, head.children) == ("t", {"version": "2"}, [])
    assert (first.attributes, first.text(), first.line) == ({"a": "1"}, "onetwothreein", 1)
    assert [e.tag for e in first.elements()] == ["b", "r"]
    assert [e.text() for e in first.every("b", "r")] == ["two", "in"]
    assert second.line == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_that_translation_tools_write(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><t><r>¿Qué?</r></t>'
    assert records(text.encode(encoding))[0].text() == "¿Qué?"


@given(st.binary(max_size=300) | st.text(alphabet="<>/&;tr ab!\"'=[]?-", max_size=200).map(str.encode))
def test_any_bytes_are_records_or_refused(data: bytes) -> None:
    try:
        found = records(data)
    except XmlError:
        return
    assert all(element.tag == "r" for element in found)
