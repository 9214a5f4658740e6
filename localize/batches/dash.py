"""Which files of a folder are pieces of a stream, by a DASH manifest (ISO/IEC 23009-1, 5.3): representations in
segments (templates, lists), or each in a file of its own, picture and sound apart.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from ..runtime.reading import open_plain
from ..runtime.xml_reading import Element, XmlError, read_records

LARGEST_MANIFEST = 16_000_000
"""Bytes of a manifest; one that lists each segment of a day takes about 5 million."""
_HOLDS = ("Period", "AdaptationSet", "Representation")
_FIELD = re.compile(r"\$(RepresentationID|Bandwidth|Number|SubNumber|Time)?(?:%0\d{1,2}([dioxX]))?\$")


def dash_pieces(manifest: Path, among: Collection[Path]) -> frozenset[Path]:
    """Those of some files that a manifest names as pieces: none of them is a film by itself. A film that is all of its
    stream, in one file, is none.

    Args:
        manifest: the file, by its suffix an MPD; what cannot be read names nothing.
        among: the files, with normal paths.
    """
    try:
        with open_plain(manifest) as file:
            roots = list(read_records(file, {"MPD"}, limit=LARGEST_MANIFEST))
    except (OSError, ValueError, XmlError):
        return frozenset()
    names = {name for root in roots for name in _names(root, (), (), manifest.parent)}
    patterns = [re.compile(name, re.IGNORECASE if os.name == "nt" else 0) for name in names]
    found = frozenset(path for path in among if any(pattern.fullmatch(str(path)) for pattern in patterns))
    return found if len(names) > 1 or len(found) > 1 else frozenset()


def _names(element: Element, bases: Sequence[str], above: Sequence[Element], folder: Path) -> Iterator[str]:
    """A pattern for the path of each file, or each kind of them, of the representations below an element."""
    base = element.first("BaseURL")
    bases = (*bases, base.text().strip()) if base is not None else bases
    above = (*above, element)
    inner = list(element.elements(*_HOLDS))
    for child in inner:
        yield from _names(child, bases, above, folder)
    if element.tag != "Representation":
        return
    told = [one for holder in above for one in holder.elements("SegmentTemplate", "SegmentList")]
    urls = [one.attributes[key] for one in told for key in ("media", "initialization") if one.attributes.get(key)]
    listed = [part for one in told for part in one.elements("SegmentURL", "Initialization")]
    urls += [part.attributes[key] for part in listed for key in ("media", "sourceURL") if part.attributes.get(key)]
    for url in urls or ([""] if base is not None else []):
        yield from _pattern(url, bases, element, folder)


def _pattern(url: str, bases: Sequence[str], representation: Element, folder: Path) -> Iterator[str]:
    """The pattern of one URL, which its bases lead to; none of one on a server."""
    *folders, last = (*bases, url) if url else bases
    if any("://" in part for part in (*folders, last)):
        return
    values: list[str] = []

    def mark(field: re.Match[str]) -> str:
        values.append(_value(field, representation))
        return f"\ue000{len(values) - 1}\ue001"

    name = unquote(_FIELD.sub(mark, last))
    path = os.path.normpath(folder.joinpath(*(unquote(part.rpartition("/")[0]) for part in folders), name))
    yield re.sub("\ue000(\\d+)\ue001", lambda found: values[int(found[1])], re.escape(path))


def _value(field: re.Match[str], representation: Element) -> str:
    """A pattern for what stands in a file's name for a field of a template."""
    if not field[1]:
        return re.escape("$")
    known = {"RepresentationID": "id", "Bandwidth": "bandwidth"}.get(field[1], "")
    if not known:
        return r"[0-9A-Fa-f]+" if field[2] in ("x", "X") else r"\d+"
    value = representation.attributes.get(known, "")
    return re.escape(value) if value else r"[^/\\]*"
