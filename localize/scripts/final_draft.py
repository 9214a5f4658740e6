"""Final Draft screenplays (FDX, XML): characters and dialogue only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

from ..runtime.xml_reading import Element, XmlError, read_records
from .script import LARGEST, Aside, Script, ScriptLine, clean_name, clean_text, has_words

_SPOKEN = frozenset({"Dialogue", "Singing", "Lyrics"})
_ASIDES = {
    "Action": "lines of action",
    "General": "lines of action",
    "Scene Heading": "scene headings",
    "Parenthetical": "parentheticals",
    "Transition": "transitions",
    "Shot": "scene headings",
}
_CONTINUED = re.compile(r"\(?\s*(?:MORE|CONTINUED)\s*\)?[:.]?", re.IGNORECASE)


def read_final_draft(data: bytes) -> Script:
    """The dialogue of a Final Draft file.

    Raises:
        XmlError: no XML, XML that is refused, or no Final Draft file.
    """
    found: list[ScriptLine] = []
    aside = Aside()
    speaker, speeches, is_final_draft = "", 0, False
    for record in read_records(BytesIO(data), ("Paragraph",), heads=("FinalDraft",), limit=LARGEST):
        if record.tag == "FinalDraft":
            is_final_draft = True
            continue
        for paragraph in _paragraphs(record):
            kind, text = paragraph.attributes.get("Type", ""), _text(paragraph)
            place = f"line {paragraph.line}"
            if kind == "Character":
                speaker, speeches = clean_name(text), speeches + 1
            elif kind in _SPOKEN and text and not _CONTINUED.fullmatch(text):
                sung = text if kind == "Dialogue" else f"♪ {text} ♪"
                if has_words(sung):
                    found.append(ScriptLine(sung, place, speaker, block=speeches))
                else:
                    aside.add("sounds and directions", place)
            elif text and kind in _ASIDES:
                aside.add(_ASIDES[kind], place)
                speaker = speaker if kind == "Parenthetical" else ""
    if not is_final_draft:
        raise XmlError("no Final Draft screenplay: it has no element FinalDraft", 1)
    return Script("screenplay", tuple(found), aside.remarks())


def _paragraphs(record: Element) -> Iterator[Element]:
    """A paragraph, or those of two speakers who talk at once, in their order."""
    both = record.first("DualDialogue")
    yield from (record,) if both is None else both.elements("Paragraph")


def _text(paragraph: Element) -> str:
    """The words of a paragraph, without notes and alternatives that hang on it."""
    return clean_text("".join(part.text() for part in paragraph.elements("Text")))
