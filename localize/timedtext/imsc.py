"""TTML, written: the IMSC 1.1 text profile, through ttconv."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from fractions import Fraction
from typing import Any

from ..runtime.extras import optional
from .broadcast import listening
from .cues import Cue, Document, Remark, plain_lines
from .frames import frame_at, time_of


def render(document: Document, frame_rate: Fraction) -> tuple[str, tuple[Remark, ...]]:
    """The document as IMSC 1.1 text: times in frames where all lie on frames, else in milliseconds.

    Raises:
        EngineMissing: ttconv is not installed.
    """
    writer, config = optional("ttconv.imsc.writer"), optional("ttconv.imsc.config")
    times = [ms for cue in document.cues for ms in (cue.span.start_ms, cue.span.end_ms)]
    exact = all(time_of(frame_at(ms, frame_rate), frame_rate) == ms for ms in times)
    rate = frame_rate if exact and frame_rate.denominator in (1, 1001) else None
    model = _model(document, rate)
    model.set_content_profiles({optional("ttconv.imsc.designators").IMSC_11_TEXT_PROFILE_DESIGNATOR})
    settings = config.IMSCWriterConfiguration(
        fps=rate, profile_signaling=config.ContentProfilesSignaling.CONTENT_PROFILES
    )
    with listening() as remarks:
        tree = writer.from_model(model, settings)
    if hidden := sum(not _visible(cue) for cue in document.cues):
        remarks.append(Remark("text", f"{hidden} cues without text or time were left out"))
    if document.styles:
        remarks.append(Remark("style", f"styles of {document.format} were left out"))
    if any(cue.settings and (cue.settings.region or cue.settings.position is not None) for cue in document.cues):
        remarks.append(Remark("position", "positions other than the top were left out"))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(tree.getroot(), encoding="unicode") + "\n", tuple(
        remarks
    )


def _visible(cue: Cue) -> bool:
    return cue.span.end_ms > max(0, cue.span.start_ms) and bool("".join(cue.plain).strip())


def _model(document: Document, rate: Fraction | None) -> Any:
    """The document as ttconv's model, two regions: bottom and top."""
    model = optional("ttconv.model")
    doc = model.ContentDocument()
    doc.set_lang(document.language or "und")
    regions = {top: _region(doc, top=top) for top in (False, True)}
    body, div = model.Body(doc), model.Div(doc)
    doc.set_body(body)
    body.push_child(div)
    for cue in document.cues:
        if not _visible(cue):
            continue
        paragraph = model.P(doc)
        start, end = (
            Fraction(frame_at(ms, rate)) / rate if rate else Fraction(ms, 1000)
            for ms in (max(0, cue.span.start_ms), max(0, cue.span.end_ms))
        )
        paragraph.set_begin(start)
        paragraph.set_end(end)
        paragraph.set_region(regions[cue.settings is not None and cue.settings.line == 0])
        for index, line in enumerate(plain_lines(cue)):
            if index:
                paragraph.push_child(model.Br(doc))
            _push_line(doc, paragraph, line)
        div.push_child(paragraph)
    return doc


def _region(doc: Any, *, top: bool) -> Any:
    model, styles = optional("ttconv.model"), optional("ttconv.style_properties")
    region = model.Region("top" if top else "bottom", doc)
    percent = styles.LengthType.Units.pct
    properties = styles.StyleProperties
    region.set_style(
        properties.Origin,
        styles.CoordinateType(x=styles.LengthType(10, percent), y=styles.LengthType(10 if top else 50, percent)),
    )
    region.set_style(
        properties.Extent,
        styles.ExtentType(width=styles.LengthType(80, percent), height=styles.LengthType(40, percent)),
    )
    region.set_style(properties.DisplayAlign, styles.DisplayAlignType.before if top else styles.DisplayAlignType.after)
    region.set_style(properties.TextAlign, styles.TextAlignType.center)
    doc.put_region(region)
    return region


def _push_line(doc: Any, paragraph: Any, line: str) -> None:
    """One line as spans, each with the styles that are open where it stands."""
    model, styles = optional("ttconv.model"), optional("ttconv.style_properties")
    marks: set[str] = set()
    # A line never leaves a tag open for the next one: each is a sequence of whole spans.
    for piece in re.split(r"(</?[ibu]>|</?(?:font|s)(?:\s[^<>]*)?>|\{\\[^{}]*\})", line, flags=re.IGNORECASE):
        tag = re.fullmatch(r"<(/?)([ibu])>", piece, re.IGNORECASE)
        if tag:
            (marks.discard if tag[1] else marks.add)(tag[2].lower())
        elif piece and not re.fullmatch(r"</?(?:font|s)(?:\s[^<>]*)?>|\{\\[^{}]*\}", piece, re.IGNORECASE):
            span = model.Span(doc)
            if "i" in marks:
                span.set_style(styles.StyleProperties.FontStyle, styles.FontStyleType.italic)
            if "b" in marks:
                span.set_style(styles.StyleProperties.FontWeight, styles.FontWeightType.bold)
            if "u" in marks:
                span.set_style(styles.StyleProperties.TextDecoration, styles.TextDecorationType(underline=True))
            span.push_child(model.Text(doc, _xml_text(piece)))
            paragraph.push_child(span)


def _xml_text(text: str) -> str:
    """Only what XML 1.0 may hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
