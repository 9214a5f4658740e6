r"""Advanced SubStation Alpha and SubStation Alpha, read and written line by line.

A library that models events (pysubs2) gives back other lines than it was given: fields in its own order, sections in
its own order. What is not touched must stay byte for byte, so lines are ours to keep. Drawings (`\p1`) and what a
karaoke template made (Effect "fx") are no dialogue: they are kept as opaque events.

One file of more than 400 lines, because a format's reader and writer are one class and change together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..data import Span
from ..errors import MediaError
from ..language.script import main_language
from .content import Builder, marks_by_line
from .cues import Comment, Cue, Diagnostic, Document, Mark, MarkKind, Opaque, Origin, Settings, odd_times, settings_at
from .direction import RIGHT_TO_LEFT
from .losses import Losses
from .override import SCRIPT_SIZE, Reader, Style, anchor_of, from_ass_colour, is_placed, settings_for, to_ass_colour
from .sample import Sample

_TOKEN = re.compile(r"\\[Nn]|\\h|\\[{}]|\{[^{}]*\}")
_UNSHOWN = re.compile(r"\s*(?:;|!|(?:Picture|Sound|Movie|Command|Format)\s*:)", re.IGNORECASE)
"""Events and comments of a script that are no text (SSA v4 script format, "Event types")."""
_EVENT = re.compile(r"\s*(Dialogue|Comment)\s*:(.*)", re.IGNORECASE)
_SECTION = re.compile(r"^[ \t]*\[([^\]\n]{1,60})\][^\n]*$", re.MULTILINE)
# Keeps a backslash of the text from being read as a command.
_JOINER = "\u2060"
_TIME = re.compile(r"([0-9]{1,4}):([0-9]{1,2}):([0-9]{1,2})[.:]([0-9]{1,3})")
_FIELDS = ("Layer", "Start", "End", "Style", "Name", "MarginL", "MarginR", "MarginV", "Effect", "Text")
_OWN = ("Layer", "Marked", "MarginL", "MarginR", "MarginV", "Effect")
_LAST_MS = 35_999_990
"""9:59:59.99, the last time ASS can write."""
_HEADER = "[Script Info]\nScriptType: v4.00+\nWrapStyle: 0\nScaledBorderAndShadow: yes\nPlayResX: 384\nPlayResY: 288"
_STYLES = (
    "[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
    "Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
    "MarginR, MarginV, Encoding\n"
    "Style: Default,Arial,20,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,1,2,10,10,10,1"
)
_SWITCHES: dict[MarkKind, str] = {"italic": "i", "bold": "b", "underline": "u", "strike": "s"}
_LOOKS: tuple[MarkKind, ...] = (*_SWITCHES, "colour", "face")


class AdvancedSubStation:
    """ASS (.ass) and, read only, SSA (.ssa)."""

    name = "ass"
    label = "ASS"
    suffixes: tuple[str, ...] = (".ass", ".ssa")
    binary = False
    writable = True
    holds = frozenset({"italic", "bold", "underline", "strike", "colour", "face", "tag"})
    lacks = "ruby, classes, languages and speakers of single lines, regions, times finer than 10 ms or after ten hours"

    def detect(self, sample: Sample) -> bool:
        """A section of a script."""
        return bool(
            re.search(r"^[ \t]*\[(?:Script Info|V4\+? Styles|Events)\]", sample.head, re.MULTILINE | re.IGNORECASE)
        )

    def read(self, text: str, name: str) -> Document:
        """Read ASS or SSA.

        Raises:
            MediaError: no line of dialogue can be read.
        """
        text = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
        return _Script(text, name).document()

    def write(self, document: Document, frame_rate: Fraction) -> tuple[str, tuple[Diagnostic, ...]]:  # noqa: ARG002
        """The document as ASS, and what could not be kept."""
        losses = Losses(self.label)
        same = document.format == "ass" and bool(document.styles)
        # Encoding -1: libass finds each line's direction, and orders lines of several looks as a whole (ass_render.c).
        own = f"{_STYLES[:-1]}-1" if main_language(document.language) in RIGHT_TO_LEFT else _STYLES
        losses.document(document, comments=True, styles=same)
        script = _Script(f"{document.header}\n{document.styles[0]}" if same else f"{_HEADER}\n{own}", "")
        head = [document.header or _HEADER, *document.styles] if same else [_HEADER, own]
        parts = [part for part in document.opaque if part.format == "ass" and same]
        head[1:1] = [part.raw for part in parts if part.kind == "section"]
        lines = ["[Events]", f"Format: {', '.join(_FIELDS)}"]
        waiting = _waiting(document, parts)
        for number, cue in enumerate(document.cues, 1):
            lines += waiting.pop(number - 1, [])
            lines.append(self.event(cue, number, script, losses, own=same))
        for rest in waiting.values():
            lines += rest
        return "\n\n".join([*(part.strip("\n") for part in head), "\n".join(lines)]) + "\n", losses.remarks()

    def event(self, cue: Cue, number: int, script: _Script, losses: Losses, *, own: bool) -> str:
        """One Dialogue line."""
        start, end = _write_times(cue, number, losses)
        values = {"Layer": "0", "MarginL": "0", "MarginR": "0", "MarginV": "0", "Effect": ""}
        values |= {name.partition(":")[2]: value for name, value in cue.extras if name.startswith("ass:")}
        speaker = " ".join(cue.speaker.replace(",", ";").split())
        if speaker != cue.speaker:
            losses.add("voice", "names of speakers respelt", number, cue.at_line)
        known = cue.style in script.styles
        if cue.style and not known:
            losses.add("style", "names of styles left out", number, cue.at_line)
        values |= {"Start": start, "End": end, "Style": cue.style if known else "Default", "Name": speaker}
        values["Text"] = self.text(cue, number, script, losses, own=own)
        return "Dialogue: " + ",".join(values[name] for name in _FIELDS)

    def text(self, cue: Cue, number: int, script: _Script, losses: Losses, *, own: bool) -> str:
        """The Text field; what it cannot hold is counted."""
        losses.cue(cue, number, "ass:")
        if own and cue.placed_as_read and cue.origin is not None and cue.origin.format in {"ass", "ssa"}:
            return cue.origin.payload.replace("\n", " ")
        held = self.holds | ({"voice"} if len(cue.voices()) == 1 else set())
        losses.marks(replace(cue, speaker=""), number, held)
        if lost := sum(m.kind == "colour" and len(m.value) > 7 for m in cue.marks):
            losses.add("colour", "transparencies left out", number, cue.at_line, lost)
        base = script.styles.get(cue.style, Style())
        return script.placement(cue, base, number, losses) + "\\N".join(_lines(cue, base))

    def block(self, old: Sequence[str], cue: Cue, before: Cue, document: Document) -> list[str]:  # noqa: ARG002
        """The line of a changed cue in its file: only its times or its text where only those changed."""
        assert cue.origin is not None
        script = _Script("\n".join([document.header, *document.styles]), "")
        names, fields = cue.origin.fields, old[0].partition(":")
        values = fields[2].split(",", len(names) - 1)
        start, end = _write_times(cue, 1, Losses(""))
        new = {"start": start, "end": end}
        if not cue.placed_as_read:
            new["text"] = self.text(replace(cue, origin=None), 1, script, Losses(""), own=True)
        for index, field_name in enumerate(names):
            written = new.get(field_name)
            if written is not None and not _same_time(values[index], written):
                space = values[index][: len(values[index]) - len(values[index].lstrip())]
                values[index] = space + written if field_name != "text" else written
        return [f"{fields[0]}:{','.join(values)}"]


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Script:
    text: str
    name: str
    warnings: list[Diagnostic] = field(default_factory=list)
    styles: dict[str, Style] = field(default_factory=dict)
    wraps: bool = False
    size: tuple[float, float] = SCRIPT_SIZE
    kind: str = "ass"
    sections: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Parts, styles and size of the script."""
        heads = list(_SECTION.finditer(self.text))
        for head, following in zip(heads, [*heads[1:], None]):
            stop = following.start() if following else len(self.text)
            self.sections.append((head[1].strip().lower(), self.text[head.start() : stop].strip()))
        info = self._part("script info")
        self.wraps = bool(re.search(r"^WrapStyle\s*:\s*2\s*$", info, re.MULTILINE | re.IGNORECASE))
        size = [
            re.search(rf"^PlayRes{axis}\s*:\s*(\d{{1,6}})\s*$", info, re.MULTILINE | re.IGNORECASE) for axis in "XY"
        ]
        if size[0] and size[1] and int(size[0][1]) and int(size[1][1]):
            self.size = (float(size[0][1]), float(size[1][1]))
        self.kind = "ssa" if any(name == "v4 styles" for name, _ in self.sections) else "ass"
        self.styles = dict(self._styles())

    def _part(self, *names: str) -> str:
        return next((text for name, text in self.sections if name in names), "")

    def _styles(self) -> Iterator[tuple[str, Style]]:
        fields: list[str] = []
        for line in self._part("v4+ styles", "v4 styles", "v4 styles+").split("\n"):
            key, _, value = line.partition(":")
            if key.strip().lower() == "format":
                fields = [name.strip().lower() for name in value.split(",")]
            elif key.strip().lower() == "style" and fields:
                row = dict(zip(fields, (part.strip() for part in value.split(",", len(fields) - 1))))
                yield row.get("name", "").lstrip("*"), _look(row, legacy=self.kind == "ssa")

    def document(self) -> Document:
        cues: list[Cue] = []
        comments: list[Comment] = []
        opaque: list[Opaque] = []
        for number, line, values in self._events():
            if line.lstrip().lower().startswith("comment"):
                comments.append(Comment(values["text"].replace("\\N", "\n"), len(cues), line))
            elif kind := _hidden_kind(values):
                opaque.append(Opaque(kind, line, len(cues), self.kind))
            else:
                cues.append(self._cue(values, number))
        if not cues and not opaque:
            raise MediaError(f"{self.name}: no subtitle found: no Dialogue line that can be read", file=self.name)
        own = {"script info", "events", "v4+ styles", "v4 styles", "v4 styles+"}
        opaque += [Opaque("section", text, 0, self.kind) for name, text in self.sections if name not in own]
        styles = self._part("v4+ styles", "v4 styles", "v4 styles+")
        return Document(
            tuple(cues), "", self.kind, tuple(comments), (styles,) if styles else (), (), self._part("script info"),
            tuple(self.warnings), tuple(opaque),
        )  # fmt: skip

    def _events(self) -> Iterator[tuple[int, str, dict[str, str]]]:
        """Every event with its line and its fields; what is unreadable is warned of."""
        names = [name.lower() for name in _FIELDS]
        section = ""
        for number, line in enumerate(self.text.split("\n"), 1):
            if heading := re.match(r"\s*\[([^\]]{1,40})\]", line):
                section = heading.group(1).lower()
            elif section == "events" and (found := re.match(r"\s*Format\s*:(.*)", line, re.IGNORECASE)):
                names = [name.strip().lower() for name in found.group(1).split(",")]
            elif section in ("", "events") and (found := _EVENT.match(line)):
                values = dict(zip(names, found.group(2).split(",", len(names) - 1)))
                times = [_TIME.fullmatch(values.get(name, "").strip()) for name in ("start", "end")]
                if None in times or "text" not in values:
                    text = f"no cue: the line cannot be read: {line.strip()[:60]!r}"
                    self.warnings.append(Diagnostic("timing", text, number, loss=True))
                    continue
                yield number, line, values
            elif section == "events" and line.strip() and not _UNSHOWN.match(line):
                text = f"no event, so not shown: {line.strip()[:60]!r}"
                self.warnings.append(Diagnostic("ignored", text, number, loss=True))

    def _cue(self, values: Mapping[str, str], line: int) -> Cue:
        start, end = (_ms(values[name].strip()) for name in ("start", "end"))
        if odd := odd_times(start, end):
            self.warnings.append(Diagnostic(*odd, line))
        style = values.get("style", "").strip().lstrip("*")
        text = values["text"]
        lines, marks, settings = self.content(text, style)
        if unknown := [m.value for m in marks if m.kind == "tag"]:
            message = f"effects that other formats do not know: {''.join(unknown)[:60]}"
            self.warnings.append(Diagnostic("style", message, line, count=len(unknown)))
        extras = tuple(
            (f"ass:{name}", values[name.lower()].strip())
            for name in _OWN
            if values.get(name.lower(), "0").strip() not in {"", "0", "0000", "Marked=0"}
        )
        speaker = " ".join(values.get("name", values.get("actor", "")).split())
        origin = Origin(self.kind, line, line, line, line, text, lines, marks, fields=tuple(values), settings=settings)
        return Cue("", Span(start, end), lines, speaker, settings, style, marks, extras=extras, at_line=line,
                   origin=origin)  # fmt: skip

    def content(self, text: str, style: str) -> tuple[tuple[str, ...], tuple[Mark, ...], Settings | None]:
        """The Text field as lines, marks and place."""
        builder = Builder()
        base = self.styles.get(style, Style())
        reader = Reader(builder, base, self.styles, self.wraps)
        reader.start()
        at = 0
        for token in _TOKEN.finditer(text):
            self._plain(reader, text[at : token.start()])
            at = token.end()
            piece = token.group(0)
            if piece[0] == "{":
                reader.read(piece)
            else:
                builder.text({"\\N": "\n", "\\n": "\n" if reader.wraps else " ", "\\h": "\u00a0"}.get(piece, piece[1:]))
        self._plain(reader, text[at:])
        lines, marks = builder.build()
        return lines, marks, settings_for(reader.place or base.place, reader.position, self.size)

    def _plain(self, reader: Reader, text: str) -> None:
        if reader.drawing and text:
            reader.builder.point("tag", text)
        else:
            reader.builder.text(text.replace("\\" + _JOINER, "\\"))

    def placement(self, cue: Cue, base: Style, number: int, losses: Losses) -> str:
        """The override that puts a cue where it belongs; "" where its style does."""
        settings = cue.settings
        place = anchor_of(cue)
        if is_placed(cue) or settings_at(place) == settings:
            return "" if place == base.place else f"{{\\an{place}}}"
        if settings is not None and not settings.snap_to_lines and settings.position is not None:
            row = {"end": 0, "center": 1, "start": 2}[settings.line_align]
            column = {"line-left": 0, "line-right": 2}.get(settings.position_align, 1)
            x, y = settings.position * self.size[0] / 100, (settings.line or 0) * self.size[1] / 100
            if settings_for(3 * row + column + 1, (x, y), self.size) == settings:
                return f"{{\\an{3 * row + column + 1}\\pos({_number(x)},{_number(y)})}}"
        losses.add("position", "positions moved to the nearest of the nine places", number, cue.at_line)
        return "" if place == base.place else f"{{\\an{place}}}"


def _hidden_kind(values: Mapping[str, str]) -> str:
    """What kind of event shows no dialogue; "" for one that does."""
    if values.get("effect", "").strip().lower() == "fx":
        return "effect"
    if not re.search(r"\\p[1-9]", values["text"]):
        return ""
    shown, drawing, at = "", False, 0
    for block in re.finditer(r"\{[^{}]*\}", values["text"]):
        shown += "" if drawing else values["text"][at : block.start()]
        at = block.end()
        for found in re.finditer(r"\\p(\d+)", block.group(0)):
            drawing = found[1] != "0"
    shown += "" if drawing else values["text"][at:]
    return "" if shown.replace("\\N", "").replace("\\h", "").strip() else "drawing"


def _look(row: Mapping[str, str], *, legacy: bool) -> Style:
    marks: dict[MarkKind, str] = {}
    for kind, name in (("italic", "italic"), ("bold", "bold"), ("underline", "underline"), ("strike", "strikeout")):
        if row.get(name, "0") not in {"", "0"}:
            marks[kind] = ""  # type: ignore[index]  # a literal of the tuple above
    found = re.fullmatch(r"&H([0-9A-Fa-f]{1,8})&?", row.get("primarycolour", ""))
    if found and (value := from_ass_colour(found[1])) and value != "#ffffff":
        marks["colour"] = value
    number = row.get("alignment", "2")
    place = int(number) if number.isdecimal() and len(number) < 3 else 2
    if legacy:
        place = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}.get(place, 2)
    return Style(marks, place if 1 <= place <= 9 else 2)


def _ms(text: str) -> int:
    found = _TIME.fullmatch(text)
    assert found is not None
    hours, minutes, seconds, part = found.groups()
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int((part + "00")[:3])


# --- writing ---------------------------------------------------------------------------------------------------------


def _waiting(document: Document, parts: Sequence[Opaque]) -> dict[int, list[str]]:
    """What stands between the cues, by the index of the cue it stands before."""
    waiting: dict[int, list[str]] = {}
    for comment in document.comments:
        text = comment.text.replace("\r", "").replace("\n", "\\N")
        line = (
            comment.raw
            if comment.raw and document.format == "ass"
            else f"Comment: 0,0:00:00.00,0:00:00.00,Default,,0,0,0,,{text}"
        )
        waiting.setdefault(comment.before, []).append(line)
    for part in parts:
        if part.kind != "section":
            waiting.setdefault(part.before, []).append(part.raw)
    return waiting


def _write_times(cue: Cue, number: int, losses: Losses) -> tuple[str, str]:
    times = []
    for ms in (cue.span.start_ms, cue.span.end_ms):
        rounded = min(_LAST_MS, (max(0, ms) + 5) // 10 * 10)
        if ms > _LAST_MS:
            losses.add("time", "times after ten hours set to the last that ASS can write", number, cue.at_line)
        elif ms != rounded:
            losses.add("time", "times rounded to hundredths of a second", number, cue.at_line)
        times.append(format_time(rounded))
    return times[0], times[1]


def format_time(ms: int) -> str:
    """`h:mm:ss.cc`."""
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms // 10:02d}"


def _same_time(old: str, new: str) -> bool:
    return bool(_TIME.fullmatch(old.strip()) and _TIME.fullmatch(new)) and _ms(old.strip()) == _ms(new)


def _lines(cue: Cue, base: Style) -> Iterator[str]:
    """Each line with the overrides that take the style's look to that of its marks."""
    state = dict(base.marks)
    found = marks_by_line(cue)
    for row, line in enumerate(cue.lines):
        out: list[str] = []
        for at, following, active, points in _stretches(line, found.get(row, ())):
            if following > at:
                wanted = {m.kind: m.value for m in active}
                change = "".join(_change(kind, state.get(kind), wanted.get(kind)) for kind in _LOOKS)
                out.append(f"{{{change}}}" if change else "")
                state = wanted
            out += [point.value for point in points]
            out.append(_escape(line[at:following]))
        yield "".join(out)


def _stretches(line: str, marks: Sequence[Mark]) -> Iterator[tuple[int, int, list[Mark], list[Mark]]]:
    """The stretches of a line that look the same: start, end, the marks that hold, the tags that stand before it."""
    points: dict[int, list[Mark]] = {}
    for mark in marks:
        if mark.kind == "tag":
            points.setdefault(mark.start, []).append(mark)
    looks = sorted((mark for mark in marks if mark.kind in _LOOKS), key=lambda mark: mark.start)
    edges = sorted({0, len(line), *points, *(at for mark in looks for at in (mark.start, mark.end))})
    active: list[Mark] = []
    waiting = 0
    for at, following in zip(edges, [*edges[1:], len(line)]):
        active = [mark for mark in active if mark.end > at]
        while waiting < len(looks) and looks[waiting].start <= at:
            active.append(looks[waiting])
            waiting += 1
        yield at, following, active, points.get(at, [])


def _change(kind: MarkKind, before: str | None, after: str | None) -> str:
    if before == after:
        return ""
    if kind in _SWITCHES:
        return f"\\{_SWITCHES[kind]}{0 if after is None else 1}"
    if kind == "colour":
        return f"\\c{to_ass_colour(after or '#ffffff')}"
    return "\\fn" + re.sub(r"[{}\\\\]", "", after or "")


def _escape(text: str) -> str:
    text = text.replace("\r", " ").replace("\n", " ").replace("\0", "\ufffd")
    text = re.sub(r"\\(?=[Nnh{}\u2060]|\Z)", lambda _: "\\" + _JOINER, text)
    return text.replace("{", "\\{").replace("}", "\\}").replace("\u00a0", "\\h")


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
