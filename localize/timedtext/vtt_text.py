"""WebVTT cue text: tags, entities and times inside a cue, to marks and back.

Source: https://www.w3.org/TR/webvtt1/#cue-text-parsing-rules (section 6.4) and, for the classes that name colours,
section 5 ("default CSS classes"). A colour outside those eight is written as a class of its own with a STYLE block
that defines it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .content import Builder, marks_by_line, nest_tags
from .cues import Cue, Document, Mark, MarkKind
from .losses import Losses

HOLDS = frozenset(
    {"italic", "bold", "underline", "colour", "background", "voice", "class", "lang", "ruby", "time"}
)  # fmt: skip
_NAMES = {
    "white": "#ffffff", "lime": "#00ff00", "cyan": "#00ffff", "red": "#ff0000", "yellow": "#ffff00",
    "magenta": "#ff00ff", "blue": "#0000ff", "black": "#000000",
}  # fmt: skip
_CLASSES = {value: name for name, value in _NAMES.items()}
_OWN = re.compile(r"(bg_)?c([0-9a-f]{6}(?:[0-9a-f]{2})?)")
_OWN_RULE = re.compile(r"::cue\(\.((?:bg_)?c[0-9a-f]{6,8})\) \{ (?:background-)?color: #[0-9a-f]{6,8} \}")
_TOKEN = re.compile(r"<[^>]*(?:>|$)")
_CUE_TIME = re.compile(r"(?:(\d{2,9}):)?(\d{2}):(\d{2})\.(\d{3})")
_KNOWN = frozenset({"c", "i", "b", "u", "ruby", "rt", "v", "lang"})
_TAGS: dict[str, MarkKind] = {"i": "italic", "b": "bold", "u": "underline"}
_LETTERS = {kind: tag for tag, kind in _TAGS.items()}


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    tag: str
    kinds: list[tuple[MarkKind, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Text:
    builder: Builder = field(default_factory=Builder)
    stack: list[_Open] = field(default_factory=list)
    base: tuple[int, int] | None = None
    annotation: list[str] | None = None

    def text(self, raw: str) -> None:
        text = html.unescape(raw) if "&" in raw else raw
        if self.annotation is not None:
            self.annotation.append(text)
        else:
            self.builder.text(text)

    def tag(self, inner: str) -> None:
        if inner.startswith("/"):
            self._end(inner[1:].strip())
        elif found := _CUE_TIME.fullmatch(inner):
            self.builder.point("time", str(_milliseconds(found)))
        else:
            head = re.match(r"[^ \t\n\f]*", inner)
            name, *classes = (head.group(0) if head else "").split(".")
            annotation = html.unescape(inner[len(".".join([name, *classes])) :])
            self._start(name, [c for c in classes if c], " ".join(annotation.split()))

    def _start(self, name: str, classes: list[str], annotation: str) -> None:
        if name not in _KNOWN:
            return
        opened = _Open(name)
        if name in _TAGS:
            opened.kinds.append((_TAGS[name], ""))
        elif name in {"v", "lang"} and annotation:
            opened.kinds.append(("voice" if name == "v" else "lang", annotation))
        opened.kinds += [_class(c) for c in dict.fromkeys(classes)]
        if name == "ruby":
            self.base = self._here()
        elif name == "rt":
            self.annotation = []
        for kind, value in opened.kinds:
            self.builder.open(kind, value)
        self.stack.append(opened)

    def _end(self, name: str) -> None:
        name = name.split(".", maxsplit=1)[0]
        # `</ruby>` also ends the `<rt>` inside it; what was never opened ends nothing.
        top = self.stack[-1].tag if self.stack else None
        if name == "ruby" and top == "rt":
            self._pop()
            top = self.stack[-1].tag if self.stack else None
        if name == top:
            self._pop()

    def _pop(self) -> None:
        opened = self.stack.pop()
        if opened.tag == "rt":
            self._annotate()
        elif opened.tag == "ruby":
            self.base = None
        for kind, value in opened.kinds:
            self.builder.close(kind, value)

    def _annotate(self) -> None:
        line, start = self.base or self._here()
        at, end = self._here()
        annotation = " ".join("".join(self.annotation or ()).split())
        if annotation and at == line and end > start:
            self.builder.done.append(Mark(line, start, end, "ruby", annotation))
        self.annotation, self.base = None, (at, end)

    def _here(self) -> tuple[int, int]:
        return len(self.builder.pieces) - 1, self.builder.length


def content(text: str) -> tuple[tuple[str, ...], tuple[Mark, ...]]:
    """Cue text as lines and marks."""
    if "<" not in text and "&" not in text:
        return tuple(line for line in text.split("\n") if line.strip()), ()
    found = _Text()
    at = 0
    for token in _TOKEN.finditer(text):
        found.text(text[at : token.start()])
        at = token.end()
        found.tag(token.group(0)[1:].removesuffix(">"))
    found.text(text[at:])
    if found.annotation is not None:
        found._annotate()
    return found.builder.build()


def left_out(text: str) -> Iterator[str]:
    """What of cue text is neither shown nor a tag: anything else between "<" and the next ">", or the end."""
    for token in _TOKEN.finditer(text):
        inner = token[0][1:].removesuffix(">")
        name = re.match(r"[^ \t\n\f.]*", inner)
        known = inner.startswith("/") or _CUE_TIME.fullmatch(inner) or (name and name[0] in _KNOWN)
        if token[0] != "<>" and not (known and token[0].endswith(">") and "<" not in inner):
            yield token[0]


def _class(name: str) -> tuple[MarkKind, str]:
    """A class as the colour it stands for, where it stands for one."""
    if name in _NAMES:
        return "colour", _NAMES[name]
    if name.startswith("bg_") and name[3:] in _NAMES:
        return "background", _NAMES[name[3:]]
    if own := _OWN.fullmatch(name):
        return "background" if own[1] else "colour", f"#{own[2]}"
    return "class", name


def _milliseconds(found: re.Match[str]) -> int:
    hours, minutes, seconds, part = (int(group or 0) for group in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + part


# --- writing ---------------------------------------------------------------------------------------------------------


def payload(cue: Cue, losses: Losses, number: int) -> list[str]:
    """A cue's lines as cue text; what cannot be written as it is is counted."""
    found = marks_by_line(cue)
    voice = _only_voice(cue)
    held = HOLDS - {"voice"} if voice else HOLDS
    lines = [_line(line, found.get(row, ()), held, losses, number) for row, line in enumerate(cue.lines)]
    if lines and voice:
        lines[0] = f"<v {_annotation(voice)}>{lines[0]}"
    elif cue.speaker and not cue.voices():
        losses.add("voice", "speakers left out: nothing says who of several says which line", number, cue.at_line)
    return lines


def _only_voice(cue: Cue) -> str:
    """Who says the whole cue, where it is one person."""
    voices = cue.voices()
    if not voices:
        name = " ".join(cue.speaker.split())
        return "" if " / " in name else name
    return cue.whole_voice


def _line(line: str, marks: Sequence[Mark], held: frozenset[str], losses: Losses, number: int) -> str:
    line = line.replace("\r", " ").replace("\n", " ").replace("\0", "\ufffd")
    out = []
    for piece in nest_tags(line, marks, held):
        if piece.mark is None:
            out.append(html.escape(piece.text, quote=False))
        elif piece.step == "point":
            out.append(f"<{_clock(int(piece.mark.value))}>")
        else:
            out.append(_tag(piece.mark, piece.step))
    return "".join(out)


def _tag(mark: Mark, step: Literal["open", "close", "point", "text"]) -> str:
    closing = step == "close"
    if letter := _LETTERS.get(mark.kind):
        return f"</{letter}>" if closing else f"<{letter}>"
    if mark.kind == "voice":
        return "</v>" if closing else f"<v {_annotation(mark.value)}>"
    if mark.kind == "lang":
        return "</lang>" if closing else f"<lang {_annotation(mark.value)}>"
    if mark.kind == "ruby":
        return f"<rt>{html.escape(mark.value, quote=False)}</rt></ruby>" if closing else "<ruby>"
    return "</c>" if closing else f"<c.{_class_name(mark)}>"


def _annotation(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=False)


def _class_name(mark: Mark) -> str:
    if mark.kind == "class":
        return re.sub(r"[.<>&\s]", "_", mark.value)
    name = _CLASSES.get(mark.value, f"c{mark.value[1:]}")
    return f"bg_{name}" if mark.kind == "background" else name


def _clock(ms: int) -> str:
    seconds, ms = divmod(max(0, ms), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def colour_styles(document: Document) -> list[str]:
    """The STYLE block for the colours that WebVTT has no class for; none where it has."""
    wanted = {
        (_class_name(mark), mark.kind, mark.value)
        for cue in document.cues
        if not (cue.as_read and document.format == "vtt" and not _has_colours(cue))
        for mark in cue.marks
        if mark.kind in {"colour", "background"} and mark.value not in _CLASSES
    }
    rules = [
        f"::cue(.{name}) {{ {'background-color' if kind == 'background' else 'color'}: {value} }}"
        for name, kind, value in sorted(wanted)
    ]
    return ["\n".join(rules)] if rules else []


def _has_colours(cue: Cue) -> bool:
    return any(mark.kind in {"colour", "background"} for mark in cue.marks)


def is_colour_style(style: str) -> bool:
    """Whether a STYLE block is one that `colour_styles` wrote."""
    return bool(style) and all(_OWN_RULE.fullmatch(line) for line in style.split("\n"))
