"""TTML (IMSC, DFXP), Scenarist closed captions and EBU STL, read through ttconv.

ttconv's document model is walked directly: its SRT and VTT writers rebuild the picture at every change, which is slow
and joins what a file kept apart.
"""

from __future__ import annotations

import io
import logging
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any
from xml.parsers import expat

from ..data import Span
from ..errors import LocalizeError, MediaError
from ..runtime.extras import optional
from .cues import TOP, Cue, Document, Remark

_DEEPEST = 60

_PREFIXES = {
    "ttm": "http://www.w3.org/ns/ttml#metadata",
    "tts": "http://www.w3.org/ns/ttml#styling",
    "ttp": "http://www.w3.org/ns/ttml#parameter",
    "itts": "http://www.w3.org/ns/ttml/profile/imsc1#styling",
    "ittp": "http://www.w3.org/ns/ttml/profile/imsc1#parameter",
    "ebutts": "urn:ebu:tt:style",
}


# --- reading ---------------------------------------------------------------------------------------------------------


def parse_ttml(text: str, name: str) -> Document:
    """Read TTML: IMSC, DFXP, EBU-TT-D.

    Raises:
        MediaError: no XML, no TTML, or it declares entities, which no subtitle needs and which can explode.
        EngineMissing: ttconv is not installed.
    """
    lines = _checked_xml(text, name)
    text, mended = _mended(text)
    reader = optional("ttconv.imsc.reader")
    with listening() as remarks:
        # Entities and deep nests were refused above: nothing is left that defusedxml would stop.
        tree = _guarded(lambda: ET.ElementTree(ET.fromstring(text.lstrip("\ufeff \t\r\n"))), name, "TTML")  # noqa: S314
        model = _guarded(lambda: reader.to_model(tree), name, "TTML")
    if model is None:
        raise MediaError(
            f"{name}: not readable as TTML: {remarks[0].message if remarks else 'no tt element'}", file=name
        )
    cues = _guarded(lambda: _cues_of(model), name, "TTML")
    if not cues:
        remarks.append(Remark("empty", "no paragraph has text and times"))
    numbered = tuple(_at_line(cue, lines) for cue in cues)
    return Document(numbered, model.get_lang() or "", "ttml", warnings=(*mended, *remarks))


def parse_scc(text: str, name: str) -> Document:
    """Read Scenarist closed captions (CEA-608).

    Raises:
        MediaError: it cannot be read.
        EngineMissing: ttconv is not installed.
    """
    reader = optional("ttconv.scc.reader")
    with listening() as remarks:
        cues = _guarded(lambda: _cues_of(reader.to_model(text.replace("\0", "\ufffd"))), name, "SCC")
    if not cues:
        raise MediaError(f"{name}: no subtitle found", file=name)
    return Document(cues, format="scc", warnings=tuple(remarks))


def parse_stl(data: bytes, name: str) -> Document:
    """Read EBU STL (EBU Tech 3264).

    Raises:
        MediaError: it cannot be read.
        EngineMissing: ttconv is not installed.
    """
    reader = optional("ttconv.stl.reader")
    blocks, rest = divmod(len(data) - 1024, 128)
    if blocks < 1:
        raise MediaError(f"{name}: no subtitle found: the file ends after its header", file=name)
    with listening() as remarks:
        cues = _guarded(lambda: _cues_of(reader.to_model(io.BytesIO(data[: 1024 + blocks * 128]))), name, "EBU STL")
    if rest:
        remarks.append(Remark("cut", f"the file ends inside a block: {rest} bytes were left out"))
    if not cues:
        raise MediaError(f"{name}: no subtitle found", file=name)
    return Document(cues, format="stl", warnings=tuple(remarks))


def _guarded(call: Any, name: str, kind: str) -> Any:
    try:
        return call()
    except LocalizeError:
        raise
    except Exception as error:  # a library that meets a hostile file raises whatever it meets
        cause = " ".join(str(error).split())[:120] or type(error).__name__
        raise MediaError(f"{name}: not readable as {kind}: {cause}", file=name) from error


def _checked_xml(text: str, name: str) -> list[int]:
    """Refuse entities and deep nests before anything builds a tree; the lines of the paragraphs."""
    parser = expat.ParserCreate()
    lines: list[int] = []
    depth = 0

    def refuse(*_: object) -> None:
        raise MediaError(
            f"{name}:{parser.CurrentLineNumber}: a document type or an entity is declared: refused", file=name
        )

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise MediaError(
                f"{name}:{parser.CurrentLineNumber}: elements nested deeper than {_DEEPEST}: refused",
                file=name,
            )
        if tag.rpartition(":")[2] == "p":
            lines.append(parser.CurrentLineNumber)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff")).encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise MediaError(
            f"{name}:{error.lineno}: not well-formed XML: {expat.ErrorString(error.code)}", file=name
        ) from error
    return lines


def _mended(text: str) -> tuple[str, tuple[Remark, ...]]:
    """What players forgive: prefixes of TTML nobody declared, and times with a comma."""
    remarks = []
    root = re.search(r"<(?:\w+:)?tt(?=[\s>])", text)
    undeclared = [
        p for p, uri in _PREFIXES.items() if re.search(rf"[\s<]{p}:", text) and f"xmlns:{p}" not in text and uri
    ]
    if root and undeclared:
        added = "".join(f' xmlns:{prefix}="{_PREFIXES[prefix]}"' for prefix in undeclared)
        text = text[: root.end()] + added + text[root.end() :]
        remarks.append(Remark("namespace", f"prefixes were used and not declared: {', '.join(undeclared)}", 1))
    text, count = re.subn(r"(\b(?:begin|end|dur)\s*=\s*[\"']\d+:\d+:\d+),(?=\d)", r"\1.", text)
    if count:
        remarks.append(Remark("timing", f"{count} times have a comma where TTML wants a point"))
    return text, tuple(remarks)


def _at_line(cue: Cue, lines: list[int]) -> Cue:
    return replace(cue, at_line=lines[cue.at_line - 1] if 0 < cue.at_line <= len(lines) else 0)


@contextmanager
def listening() -> Iterator[list[Remark]]:
    """What ttconv has to say, as remarks instead of lines on the screen."""
    remarks: list[Remark] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = " ".join(record.getMessage().split())[:160]
            if len(remarks) < 200:
                remarks.append(Remark("library", message))

    logger = logging.getLogger("ttconv")
    ear, loud = Ear(logging.WARNING), logger.propagate
    logger.addHandler(ear)
    logger.propagate = False
    try:
        yield remarks
    finally:
        logger.removeHandler(ear)
        logger.propagate = loud


@dataclass(slots=True)
class _Run:
    """Text shown for a time: `end` is None where nothing ends it."""

    begin: Fraction
    end: Fraction | None
    text: str


@dataclass(slots=True)
class _Walk:
    cues: list[Cue] = field(default_factory=list)
    paragraphs: int = 0

    def element(self, element: Any, begin: Fraction, end: Fraction | None) -> None:
        """Bodies and divisions: down to their paragraphs, times made absolute."""
        begin, end = _absolute(element, begin, end)
        if type(element).__name__ == "P":
            self.paragraphs += 1
            self._paragraph(element, begin, end)
            return
        for child in element:
            self.element(child, begin, end)

    def _paragraph(self, element: Any, begin: Fraction, end: Fraction | None) -> None:
        runs = list(_runs(element, begin, end, preserve=False))
        times = sorted({run.begin for run in runs} | {run.end for run in runs if run.end is not None})
        for index, start in enumerate(times):
            stop = times[index + 1] if index + 1 < len(times) else end
            shown = [run.text for run in runs if run.begin <= start and (run.end is None or run.end > start)]
            lines = _tidy("".join(shown))
            if not lines or stop is None or stop <= start:
                continue
            span = Span(_ms(start), _ms(stop))
            # A new span that only lights up the next words is the same cue to a reader; a changed text is a new one.
            self.cues.append(
                Cue(
                    _own_id(element),
                    span,
                    lines,
                    settings=TOP if _at_top(element) else None,
                    at_line=self.paragraphs,
                )
            )


def _cues_of(model: Any) -> tuple[Cue, ...]:
    body = model.get_body()
    walk = _Walk()
    if body is not None:
        walk.element(body, Fraction(0), None)
    return tuple(walk.cues)


def _absolute(element: Any, begin: Fraction, end: Fraction | None) -> tuple[Fraction, Fraction | None]:
    own_begin, own_end = element.get_begin(), element.get_end()
    start = begin + (own_begin or 0)
    stop = end if own_end is None else begin + own_end
    return start, stop if end is None or stop is None else min(stop, end)


def _runs(element: Any, begin: Fraction, end: Fraction | None, *, preserve: bool) -> Iterator[_Run]:
    kind = type(element).__name__
    if kind == "Text":
        text = element.get_text()
        yield _Run(begin, end, text if preserve else re.sub(r"[ \t\r\n]+", " ", text))
        return
    if kind == "Br":
        yield _Run(begin, end, "\n")
        return
    if kind in {"Rt", "Rp"}:
        return
    preserve = element.get_space().name == "PRESERVE" if element.get_space() is not None else preserve
    if kind != "P":
        begin, end = _absolute(element, begin, end)
    before, after = _tags(element)
    if before:
        yield _Run(begin, end, before)
    for child in element:
        yield from _runs(child, begin, end, preserve=preserve)
    if after:
        yield _Run(begin, end, after)


def _tags(element: Any) -> tuple[str, str]:
    """`<i>` and its kin for an element whose own style says so."""
    styles = optional("ttconv.style_properties")
    found = []
    if element.get_style(styles.StyleProperties.FontStyle) in (
        styles.FontStyleType.italic,
        styles.FontStyleType.oblique,
    ):
        found.append("i")
    if element.get_style(styles.StyleProperties.FontWeight) == styles.FontWeightType.bold:
        found.append("b")
    decoration = element.get_style(styles.StyleProperties.TextDecoration)
    if decoration is not None and decoration.underline is True:
        found.append("u")
    return "".join(f"<{t}>" for t in found), "".join(f"</{t}>" for t in reversed(found))


def _tidy(text: str) -> tuple[str, ...]:
    text = re.sub(r"<([ibu])>(\s*)</\1>", r"\2", text)
    lines = [re.sub(r"  +", " ", line).strip(" ") for line in text.replace("\r", "\n").split("\n")]
    return tuple(line for line in lines if line.strip())


def _at_top(element: Any) -> bool:
    styles = optional("ttconv.style_properties")
    while element is not None:
        region = element.get_region()
        if region is not None:
            origin = region.get_style(styles.StyleProperties.Origin) or region.get_style(
                styles.StyleProperties.Position
            )
            down = getattr(origin, "y", None) or getattr(origin, "v_offset", None)
            high = down is not None and down.units.value in ("%", "rh") and down.value < 34
            return bool(
                region.get_style(styles.StyleProperties.DisplayAlign) == styles.DisplayAlignType.before and high
            )
        element = element.parent()
    return False


def _own_id(element: Any) -> str:
    # ttconv names the captions it reads from line 21 "caption1" …; only names of the file are kept.
    name = element.get_id() or ""
    return "" if re.fullmatch(r"caption\d+", name) else name


def _ms(seconds: Fraction) -> int:
    return round(max(Fraction(0), seconds) * 1000)
