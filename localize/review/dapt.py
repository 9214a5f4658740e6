"""Dialogue lists in DAPT, the Dubbing and Audio description Profiles of TTML2 (W3C, https://www.w3.org/TR/dapt/).

Written as an as-recorded script: for each line a `div` (Script Event) with its times on the media timeline, a `p`
(Text) in the source's language and one in the target's; a character agent for each speaker, notes as `ttm:desc`. The
voices are synthesized, so that there are no Audio Recording objects; who is on screen is not known and not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from ..errors import MediaError, UsageError
from ..runtime import reading
from ..runtime.files import write_text
from ..timedtext.ttml_tree import Node, parse_tree
from .dialogue import DialogueList, Row

LARGEST = 64_000_000
PROFILE = "http://www.w3.org/ns/ttml/profile/dapt1.0/content"
_ROOT = (
    ("xmlns", "http://www.w3.org/ns/ttml"),
    ("xmlns:ttm", "http://www.w3.org/ns/ttml#metadata"),
    ("xmlns:ttp", "http://www.w3.org/ns/ttml#parameter"),
    ("xmlns:daptm", "http://www.w3.org/ns/ttml/profile/dapt#metadata"),
    ("xmlns:localize", "urn:localize:dialogue-list"),
    ("ttp:contentProfiles", PROFILE),
    ("daptm:scriptRepresents", "audio.dialogue"),
    ("daptm:scriptType", "asRecorded"),
)
_SECONDS = re.compile(r"(\d{1,6})(?:\.(\d{1,9}))?(s|ms)")
_CLOCK = re.compile(r"(\d{2,3}):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?")


def media_time(ms: int, _rate: Fraction) -> str:
    """A time as seconds (TTML2, offset-time)."""
    return f"{ms // 1000}.{ms % 1000:03}s"


def read_media_time(text: str) -> int | None:
    """Milliseconds of an offset-time in seconds or a clock-time without frames, as DAPT has them; None for others."""
    if found := _SECONDS.fullmatch(text):
        value = Fraction(f"{found[1]}.{found[2] or 0}")
        return round(value * (1000 if found[3] == "s" else 1))
    if found := _CLOCK.fullmatch(text):
        seconds = (int(found[1]) * 60 + int(found[2])) * 60 + int(found[3])
        return round(Fraction(f"{seconds}.{found[4] or 0}") * 1000)
    return None


def write_dapt(found: DialogueList, path: Path) -> None:
    """Write a DAPT document.

    Raises:
        StoreError: the disk is full.
    """
    write_text(path, "\n".join(_document(found)) + "\n")


def _document(found: DialogueList) -> Iterator[str]:
    root = (*_ROOT, ("xml:lang", found.language), ("daptm:langSrc", found.source_language))
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<tt {' '.join(f'{name}={quoteattr(value)}' for name, value in root)}>"
    yield "  <head>\n    <metadata>"
    agents = {speaker: f"character_{number}" for number, speaker in enumerate(found.names, 1)}
    for speaker, agent in agents.items():
        yield f'      <ttm:agent type="character" xml:id="{agent}">'
        yield f'        <ttm:name type="alias">{escape(found.names[speaker])}</ttm:name>\n      </ttm:agent>'
    yield "    </metadata>\n  </head>"
    yield '  <body daptm:represents="audio.dialogue">'
    for row in found.rows:
        agent = agents[found.speakers[row.line]]
        yield from _event(row, agent, found.source_language, found.language)
    yield "  </body>\n</tt>"


def _event(row: Row, agent: str, source: str, target: str) -> Iterator[str]:
    place = f"begin={quoteattr(row.start)} end={quoteattr(row.end)}"
    yield f'    <div xml:id="line_{row.line}" {place} ttm:agent="{agent}" localize:check="{row.check}">'
    yield from (f"      <ttm:desc>{escape(note)}</ttm:desc>" for note in filter(None, row.notes.split("\n")))
    for language, text in ((source, row.source), (target, row.adaptation)):
        of = f"xml:lang={quoteattr(language)} daptm:langSrc={quoteattr(source)}"
        yield f"      <p {of}>{escape(text)}</p>" if text else f"      <p {of}/>"
    yield "    </div>"


def read_dapt(path: Path, source: str, target: str) -> list[Row]:
    """The rows of a DAPT document that was written here, and edited since.

    Args:
        path: the file.
        source: language of the film.
        target: language of the dub.

    Raises:
        UsageError: it cannot be read, or is no DAPT document of these languages.
    """
    try:
        root = parse_tree(reading.read_text(path, LARGEST), str(path))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", file=str(path)) from error
    except MediaError as error:
        raise UsageError(error.message, file=str(path)) from error
    if root.tag != "tt" or PROFILE not in root.attributes.get("contentProfiles", "").split():
        raise UsageError(f"{path} is no DAPT document: its ttp:contentProfiles does not say so", file=str(path))
    names = {a.attributes.get("id", ""): "".join(n.text() for n in a.every("name")) for a in root.every("agent")}
    return [_row(div, names, root.attributes, (source, target)) for div in root.every("div") if "id" in div.attributes]


def _row(div: Node, names: dict[str, str], root: dict[str, str], languages: tuple[str, str]) -> Row:
    texts = dict.fromkeys(languages, "")
    for p in div.elements("p"):
        language = p.attributes.get("lang", div.attributes.get("lang", root.get("lang", "")))
        if language in texts:
            texts[language] = _text(p)
    said = div.attributes
    return Row(
        said["id"].removeprefix("line_"),
        said.get("begin", ""),
        said.get("end", ""),
        names.get(said.get("agent", ""), ""),
        texts[languages[0]],
        texts[languages[1]],
        "",
        "\n".join(desc.text() for desc in div.elements("desc")),
        said.get("check", ""),
        f"line {div.line}",
    )


def _text(node: Node) -> str:
    """The words of a Text: of its spans, with line breaks, without metadata."""
    parts = []
    for child in node.children:
        if isinstance(child, str):
            parts.append(child)
        elif child.tag == "br":
            parts.append("\n")
        elif child.tag in ("span", "p"):
            parts.append(_text(child))
    return "".join(parts)
