"""Scenarist closed captions (CEA-608), read through ttconv.

ttconv's document model is walked directly: its SRT and VTT writers rebuild the picture at every change, which is slow
and joins what a file kept apart.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from ..data import Span
from ..errors import LocalizeError, MediaError
from ..runtime.extras import optional
from .content import Builder, simple
from .cues import Cue, Document, Mark, MarkKind, Origin, Remark, Settings, settings_at

_ROWS = 15


def read_scc(text: str, name: str) -> Document:
    """Read Scenarist closed captions.

    Raises:
        MediaError: it cannot be read.
        EngineMissing: ttconv is not installed.
    """
    reader = optional("ttconv.scc.reader")
    try:
        with _listening() as remarks:
            model = reader.to_model(text.replace("\0", "\ufffd"))
            cues = tuple(_cues(model))
    except LocalizeError:
        raise
    except Exception as error:  # a library that meets a hostile file raises whatever it meets
        cause = " ".join(str(error).split())[:120] or type(error).__name__
        raise MediaError(f"{name}: not readable as SCC: {cause}", file=name) from error
    if not cues:
        raise MediaError(f"{name}: no subtitle found", file=name)
    return Document(cues, format="scc", warnings=tuple(remarks))


@contextmanager
def _listening() -> Iterator[list[Remark]]:
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


def _cues(model: Any) -> Iterator[Cue]:
    body = model.get_body()
    for div in body or ():
        for paragraph in div:
            start, end = paragraph.get_begin() or Fraction(0), paragraph.get_end()
            builder = Builder()
            _collect(paragraph, builder)
            lines, marks = _squeezed(*builder.build())
            if lines and end is not None and end > start:
                span = Span(round(start * 1000), round(end * 1000))
                origin = Origin("scc", 0, 0, 0, 0, simple(lines, marks), lines, marks)
                yield Cue("", span, lines, settings=_settings(paragraph, len(lines)), marks=marks, origin=origin)


def _collect(element: Any, builder: Builder) -> None:
    kind = type(element).__name__
    if kind == "Text":
        builder.text(element.get_text())
    elif kind == "Br":
        builder.newline()
    else:
        opened = list(_styles(element))
        for name, value in opened:
            builder.open(name, value)
        for child in element:
            _collect(child, builder)
        for name, value in opened:
            builder.close(name, value)


def _styles(element: Any) -> Iterator[tuple[MarkKind, str]]:
    styles = optional("ttconv.style_properties")
    properties = styles.StyleProperties
    if element.get_style(properties.FontStyle) in (styles.FontStyleType.italic, styles.FontStyleType.oblique):
        yield "italic", ""
    decoration = element.get_style(properties.TextDecoration)
    if decoration is not None and decoration.underline is True:
        yield "underline", ""
    colour = element.get_style(properties.Color)
    if colour is not None:
        yield "colour", "#" + "".join(f"{part:02x}" for part in colour.components[:3])


def _squeezed(lines: tuple[str, ...], marks: tuple[Mark, ...]) -> tuple[tuple[str, ...], tuple[Mark, ...]]:
    """Without the spaces that codes inside a line take the place of: single ones only, none at the edges."""
    builder = Builder()
    for number, line in enumerate(lines):
        if number:
            builder.newline()
        mine = [mark for mark in marks if mark.line == number]
        kept = [i for i, char in enumerate(line) if char != " " or (line[:i].strip() and line[i - 1] != " ")]
        while kept and line[kept[-1]] == " ":
            kept.pop()
        for at in kept:
            builder.styles.clear()
            for mark in mine:
                if mark.start <= at < mark.end:
                    builder.open(mark.kind, mark.value)
            builder.text(line[at])
    return builder.build()


def _settings(element: Any, lines: int) -> Settings | None:
    """At the top where line 21's upper rows are used; None for the lower ones."""
    styles = optional("ttconv.style_properties")
    while element is not None:
        region = element.get_region()
        if region is not None:
            origin = region.get_style(styles.StyleProperties.Origin) or region.get_style(
                styles.StyleProperties.Position
            )
            down = getattr(origin, "y", None) or getattr(origin, "v_offset", None)
            before = region.get_style(styles.StyleProperties.DisplayAlign) == styles.DisplayAlignType.before
            high = down is not None and down.units.value in ("%", "rh") and down.value < 34
            return settings_at(8) if before and high else None
        element = element.parent()
    return None


def is_name(text: str) -> bool:
    """Whether an identifier is of the file: ttconv names captions "caption1" …"""
    return not re.fullmatch(r"caption\d+", text)
