"""Advanced SubStation Alpha and SubStation Alpha, through pysubs2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from warnings import catch_warnings, simplefilter

from ..data import Span
from ..errors import MediaError
from ..runtime.extras import optional
from .cues import TOP, Comment, Cue, Document, Remark, plain_lines

_TOKEN = re.compile(r"\\[Nn]|\\h|\\[{}]|\{[^{}]*\}")
_SWITCH = re.compile(r"\\([ibus])([01])(?=[\\}]|\Z)")
_HEADER_SECTION = re.compile(r"^\[Script Info\][^\[]*", re.MULTILINE | re.IGNORECASE)
_STYLE_SECTION = re.compile(r"^\[V4\+? Styles\+?\][^\[]*", re.MULTILINE | re.IGNORECASE)
# Keeps a backslash of the text from being read as a command.
_JOINER = "\u2060"
_TIME = re.compile(r"[0-9]{1,4}:[0-9]{1,2}:[0-9]{1,2}[.:][0-9]{1,3}")
_FIELDS = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
_KEPT = ("start", "end", "style", "name", "effect", "text")
_LAST_MS = 35_999_990
"""9:59:59.99, the last time ASS can write."""
_EVENTS = "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"


def parse(text: str, name: str) -> Document:
    """Read ASS or SSA.

    Raises:
        MediaError: it cannot be read.
        EngineMissing: pysubs2 is not installed.
    """
    pysubs2 = optional("pysubs2")
    text = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    kind = "ssa" if re.search(r"^\[V4 Styles\]", text, re.MULTILINE | re.IGNORECASE) else "ass"
    warnings: list[Remark] = []
    rows = list(_events(text.split("\n"), warnings))
    if not rows:
        raise MediaError(f"{name}: no subtitle found: no Dialogue line that can be read", file=name)
    try:
        with catch_warnings(record=True) as spoken:
            simplefilter("always")
            events = list(
                pysubs2.SSAFile.from_string(
                    "[Script Info]\n" + _EVENTS + "\n".join(row for _, row in rows), format_="ass"
                )
            )
        warnings += [Remark("library", _short(str(warning.message))) for warning in spoken]
    except Exception as error:  # a library that meets a hostile file raises whatever it meets
        raise MediaError(f"{name}: not readable as {kind}: {_short(error)}", file=name) from error
    if len(events) != len(rows):
        raise MediaError(f"{name}: not readable as {kind}: {len(rows)} lines became {len(events)} events", file=name)
    cues: list[Cue] = []
    comments: list[Comment] = []
    for (line, _), event in zip(rows, events):
        if event.is_comment:
            comments.append(Comment(event.text.replace("\\N", "\n"), len(cues)))
        else:
            cues.append(_cue(event, line, warnings))
    header, styles = _HEADER_SECTION.search(text), _STYLE_SECTION.search(text)
    return Document(
        tuple(cues),
        format=kind,
        comments=tuple(comments),
        styles=(styles.group(0).strip(),) if styles else (),
        header=header.group(0).strip() if header else "",
        warnings=tuple(warnings),
    )


def _events(lines: list[str], warnings: list[Remark]) -> Iterator[tuple[int, str]]:
    """Every event with its line, fields in the order pysubs2 takes for granted; what is unreadable is warned of."""
    fields = _FIELDS
    section = ""
    for number, line in enumerate(lines, 1):
        if heading := re.match(r"\s*\[([^\]]{1,40})\]", line):
            section = heading.group(1).lower()
        elif section == "events" and (found := re.match(r"\s*Format\s*:(.*)", line, re.IGNORECASE)):
            fields = [field.strip().lower() for field in found.group(1).split(",")]
        elif found := re.match(r"\s*(Dialogue|Comment)\s*:\s*(.*)", line):
            values = dict(zip(fields, found.group(2).split(",", len(fields) - 1)))
            times = [_TIME.fullmatch(values.get(name, "").strip()) for name in ("start", "end")]
            if None in times or "text" not in values:
                warnings.append(Remark("timing", f"no cue: the line cannot be read: {line.strip()[:60]!r}", number))
                continue
            row = [values.get(name, "") if name in _KEPT else "0" for name in _FIELDS]
            yield number, f"{found.group(1)}: " + ",".join(row)


def _cue(event: Any, line: int, warnings: list[Remark]) -> Cue:
    start, end = max(0, int(event.start)), max(0, int(event.end))
    if end < start:
        warnings.append(Remark("order", "the cue ends before it starts", line))
    lines, dropped, top = _from_ass(event.text)
    if dropped:
        warnings.append(Remark("style", f"effects that other formats do not know: {dropped[:60]}", line))
    speaker = " ".join(str(event.name).split())
    return Cue("", Span(start, end), lines, speaker, TOP if top else None, str(event.style), at_line=line)


def _from_ass(text: str) -> tuple[tuple[str, ...], str, bool]:
    """Lines with `<i>`, what was dropped, and whether the cue stands at the top."""
    out, at, dropped, top, open_tags = "", 0, "", False, []
    for token in _TOKEN.finditer(text):
        out += text[at : token.start()]
        at = token.end()
        piece = token.group(0)
        if piece in ("\\N", "\\n"):
            out += "\n"
        elif piece == "\\h":
            out += "\u00a0"
        elif piece in ("\\{", "\\}"):
            out += piece[1]
        else:
            top = top or bool(re.search(r"\\an[789]", piece))
            for letter, on in _SWITCH.findall(piece):
                if on == "1" and letter not in open_tags:
                    open_tags.append(letter)
                    out += f"<{letter}>"
                elif on == "0" and letter in open_tags:
                    open_tags.remove(letter)
                    out += f"</{letter}>"
            rest = re.sub(r"\\an?[0-9]+|[{}]", "", _SWITCH.sub("", piece))
            dropped += rest
    out += text[at:] + "".join(f"</{letter}>" for letter in reversed(open_tags))
    lines = tuple(line for line in out.replace("\\" + _JOINER, "\\").split("\n") if line.strip())
    return lines, dropped, top


def render(document: Document) -> tuple[str, tuple[Remark, ...]]:
    """The document as ASS, and what could not be kept.

    Raises:
        EngineMissing: pysubs2 is not installed.
    """
    pysubs2 = optional("pysubs2")
    same = document.format == "ass"
    file = pysubs2.SSAFile()
    remarks = []
    if same and document.styles:
        head = "\n\n".join([document.header or "[Script Info]\nScriptType: v4.00+", *document.styles, _EVENTS])
        try:
            with catch_warnings(record=True):
                file = pysubs2.SSAFile.from_string(head, format_="ass")
        except Exception:  # style lines of any kind, and a library that raises anything
            remarks.append(Remark("style", "style lines that cannot be read were left out"))
    comments: dict[int, list[str]] = {}
    for comment in document.comments if same else ():
        comments.setdefault(comment.before, []).append(comment.text)
    for index, cue in enumerate(document.cues):
        for comment_text in comments.pop(index, []):
            file.append(pysubs2.SSAEvent(text=comment_text.replace("\n", "\\N"), type="Comment"))
        file.append(_event(pysubs2, cue, named=same))
    if any(cue.span.start_ms % 10 or cue.span.end_ms % 10 for cue in document.cues):
        remarks.append(Remark("time", "ASS counts hundredths of a second: times were rounded"))
    if any(
        cue.settings and (cue.settings.region or cue.settings.vertical or cue.settings.position is not None)
        for cue in document.cues
    ):
        remarks.append(Remark("position", "positions other than the top were left out"))
    if any(cue.span.end_ms > _LAST_MS for cue in document.cues):
        remarks.append(Remark("time", "ASS ends after ten hours: later times were set to its end"))
    if document.styles and not same:
        remarks.append(Remark("style", f"styles of {document.format} were left out"))
    return str(file.to_string("ass")), tuple(remarks)


def _event(pysubs2: Any, cue: Cue, *, named: bool) -> Any:
    text = "\\N".join(_to_ass(line) for line in plain_lines(cue))
    if cue.settings is not None and cue.settings.line == 0:
        text = "{\\an8}" + text
    start, end = (min(_LAST_MS, (max(0, ms) + 5) // 10 * 10) for ms in (cue.span.start_ms, cue.span.end_ms))
    speaker = " ".join(cue.speaker.replace(",", ";").split())
    style = cue.style if named and cue.style else "Default"
    return pysubs2.SSAEvent(start=start, end=end, text=text, name=speaker, style=style)


def _to_ass(line: str) -> str:
    line = re.sub(r"\{\\an?[0-9]+\}", "", line.replace("\r", " ").replace("\n", " "))
    line = re.sub(r"\\(?=[Nnh{}])", lambda _: "\\" + _JOINER, line)
    line = line.replace("{", "\\{").replace("}", "\\}")
    line = re.sub(
        r"<(/?)([ibus])(?:\s[^<>]*)?>",
        lambda tag: f"{{\\{tag[2].lower()}{0 if tag[1] else 1}}}",
        line,
        flags=re.IGNORECASE,
    )
    return re.sub(r"</?font(?:\s[^<>]*)?>", "", line, flags=re.IGNORECASE)


def _short(error: Exception | str) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:120]
