"""TTML: IMSC, EBU-TT-D, DFXP read by the rules of TTML2; the IMSC 1.1 text profile written.

Read by our own code: a reader that builds a general model (ttconv) forgets which line and which bytes a paragraph came
from, who speaks, and what must be shown (forcedDisplay), and gives no way to change one cue and keep the rest.

One file of more than 400 lines, because a format's reader and writer are one class and change together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from html import escape

from ..data import Span
from ..errors import MediaError
from .content import Builder, marks_by_line, nest_tags, to_simple_tags
from .cues import Cue, Diagnostic, Document, Mark, MarkKind, Origin
from .frames import frame_at, time_of
from .losses import Losses
from .sample import Sample
from .ttml_styles import Box, Styles, box_of, marks_of, settings_of
from .ttml_times import Clock, Interval, counts_thousandths, extent, find_invalid_time, interval
from .ttml_tree import Node, parse_tree

_SKIPPED = frozenset(
    {"metadata", "title", "desc", "copyright", "agent", "name", "actor", "information", "style", "region", "set",
     "data", "binary", "image", "audio", "animate", "animation", "resources"}
)  # fmt: skip
LONGEST_S = 7
"""What nothing ends and nothing follows is shown so long (the longest cue of Netflix' timed text style guide)."""
_SPACES = re.compile(r"[ \t\r\n]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_NAMESPACES = {
    "": "http://www.w3.org/ns/ttml",
    "ttm": "http://www.w3.org/ns/ttml#metadata",
    "ttp": "http://www.w3.org/ns/ttml#parameter",
    "tts": "http://www.w3.org/ns/ttml#styling",
    "itts": "http://www.w3.org/ns/ttml/profile/imsc1#styling",
}
_IMSC_TEXT = "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
_SIZE = re.compile(r"\d{1,4}(\.\d{1,4})?(%|px|c|em|rw|rh)( \d{1,4}(\.\d{1,4})?(%|px|c|em|rw|rh))?\Z")


class Ttml:
    """TTML in its profiles (.ttml .dfxp .imsc .itt .xml)."""

    name = "ttml"
    label = "TTML"
    suffixes: tuple[str, ...] = (".ttml", ".dfxp", ".imsc", ".imsc1", ".itt", ".xml", ".ebuttd")
    binary = False
    writable = True
    holds = frozenset(
        {"italic", "bold", "underline", "strike", "colour", "background", "face", "size", "ruby", "voice", "lang",
         "direction"}
    )  # fmt: skip
    lacks = "comments, classes, drawings and effects, times of single words, cues without text or length"

    def detect(self, sample: Sample) -> bool:
        """XML with a `tt` element."""
        return bool(
            re.match(r"(?:<\?xml|<!--|<!DOCTYPE|<(?:\w+:)?tt[\s>])", sample.head.lstrip("\ufeff"))
            and re.search(r"<(?:\w+:)?tt[\s>]", sample.text[: 1 << 18])
        )

    def read(self, text: str, name: str) -> Document:
        """Read TTML: IMSC, DFXP, EBU-TT-D.

        Raises:
            MediaError: no XML, no TTML, a document type or entities, or a profile of pictures.
        """
        root = parse_tree(text, name)
        if root.tag != "tt":
            raise MediaError(f"{name}: not readable as TTML: the root element is {root.tag}, not tt", file=name)
        return _Reader(root, name).document()

    def write(self, document: Document, frame_rate: Fraction) -> tuple[str, tuple[Diagnostic, ...]]:
        """The document as IMSC 1.1 text: times in frames where all lie on frames, else in milliseconds."""
        losses = Losses(self.label)
        return _Writer(document, frame_rate, losses).text(), losses.remarks()


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Context:
    """What an element hands down: when it is shown, and how."""

    shown: Interval
    look: Mapping[str, str]
    language: str = ""
    region: str = ""
    preserve: bool = False
    agent: str = ""
    timed: bool = False
    begin: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class _Run:
    """Text shown for a time; a newline is a break."""

    shown: Interval
    text: str
    marks: tuple[tuple[MarkKind, str], ...]
    preserve: bool
    ruby: int = 0


@dataclass(slots=True)
class _Reader:
    root: Node
    name: str
    clock: Clock = field(default_factory=Clock)
    agents: dict[str, str] = field(default_factory=dict)
    cues: list[Cue] = field(default_factory=list)
    endless: list[int] = field(default_factory=list)
    found: dict[str, list[int]] = field(default_factory=dict)
    styles: Styles = field(init=False)
    boxes: dict[tuple[str, str], Box] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.styles = Styles(self.root)
        self.clock = Clock.of(self.root)
        for node in (node for body in self.root.elements("body") for node in body.every("p")):
            if counts_thousandths(node, self.clock):
                self.clock = replace(self.clock, thousandths=True)
                self._note("thousandths", node.line)
                break
        for agent in self.root.every("agent"):
            name = next((node.text() for node in agent.elements("name")), "")
            self.agents[agent.attributes.get("id", "")] = " ".join(name.split())

    def document(self) -> Document:
        """The cues in the order of the file."""
        language = self.root.attributes.get("lang", "")
        top = _Context(
            Interval(Fraction(0), None), self.styles.initial, language, preserve=self._preserve(self.root, False)
        )
        for body in self.root.elements("body"):
            self._container(body, top, Fraction(0))
        self._refuse_pictures()
        self._note_left_out()
        self._end_the_endless()
        if not self.cues:
            self.found.setdefault("empty", []).append(0)
        return Document(
            tuple(self.cues), "" if language == "und" else language, "ttml", warnings=tuple(self._remarks())
        )

    def _refuse_pictures(self) -> None:
        profile = self.root.attributes.get("profile", "") + self.root.attributes.get("contentProfiles", "")
        nodes = [node for tag in ("div", "image", "profile") for node in self.root.every(tag)]
        pictures = any(
            node.tag == "image" or "backgroundImage" in node.attributes or "/image" in node.attributes.get("use", "")
            for node in nodes
        )
        if not self.cues and (pictures or re.search(r"imsc1(\.\d)?/image", profile)):
            raise MediaError(f"{self.name}: image profile: it holds pictures of words and no text", file=self.name)

    def _note_left_out(self) -> None:
        """What a body holds beside text."""
        for what, tags in (("animation", ("set", "animate")), ("picture", ("image",)), ("audio", ("audio",))):
            for node in (node for body in self.root.elements("body") for tag in tags for node in body.every(tag)):
                self._note(what, node.line)

    def _container(self, node: Node, outer: _Context, base: Fraction) -> None:
        inner = self._context(node, outer, base)
        if inner is None:
            return
        if node.tag == "p":
            self._paragraph(node, inner)
            return
        at = inner.begin
        for child in node.elements("div", "p"):
            self._container(child, inner, at)
            if node.attributes.get("timeContainer") == "seq":
                ends = extent(child, self.clock, at)
                if ends is None:
                    break
                at = ends

    def _context(self, node: Node, outer: _Context, base: Fraction) -> _Context | None:
        """What holds inside an element; None where it is not shown at all."""
        timed = not node.attributes.keys().isdisjoint({"begin", "end", "dur"})
        own = interval(node, self.clock, base) if timed else Interval(base, None)
        if own is None:
            self._note(f"timing:{find_invalid_time(node, self.clock)[:40]}", node.line)
            return None
        look = self.styles.computed_look(node, outer.look)
        if node.tag == "span":
            look |= _of_spans(self.styles.specified_look(node), outer.look)
        shown = own.within(outer.shown) if timed or base != outer.begin else outer.shown
        region = node.attributes.get("region", "") if not outer.region or node.tag != "span" else ""
        if region in self.styles.regions:
            box = self.styles.regions[region]
            shown = (interval(box, self.clock, Fraction(0)) or shown).within(shown)
            look = self.styles.computed_look(node, self.styles.computed_look(box, outer.look) | dict(outer.look))
        if look.get("display") == "none" or (shown.end is not None and shown.end <= shown.begin):
            self._note("hidden" if look.get("display") == "none" else "order", node.line)
            return None
        return _Context(
            shown, look, node.attributes.get("lang", outer.language), region or outer.region,
            self._preserve(node, outer.preserve), node.attributes.get("agent", outer.agent),
            outer.timed or timed, own.begin,
        )  # fmt: skip

    def _preserve(self, node: Node, outer: bool) -> bool:
        return {"preserve": True, "default": False}.get(node.attributes.get("space", ""), outer)

    def _paragraph(self, node: Node, context: _Context) -> None:
        runs = list(self._runs(node, context))
        if not any(run.text.strip() for run in runs):
            return
        if not context.timed and all(run.shown == context.shown for run in runs):
            self._note("untimed", node.line)
            return
        spans = [context.shown]
        if any(run.shown is not context.shown for run in runs):
            times = {run.shown.begin for run in runs} | {run.shown.end for run in runs if run.shown.end is not None}
            order = sorted(times)
            spans = [Interval(start, end) for start, end in zip(order, [*order[1:], context.shown.end])]
        made: list[Cue] = []
        for span in spans:
            shown = [run for run in runs if run.shown is span or run.shown.covers(span.begin)]
            if not shown:
                continue
            lines, marks = _text_of(shown)
            if not lines or (span.end is not None and span.end <= span.begin):
                continue
            last = made[-1] if made else None
            if last and (last.lines, last.marks) == (lines, marks) and last.span.end_ms == _ms(span.begin):
                made[-1] = replace(last, span=Span(last.span.start_ms, _ms(span.end)))
            else:
                made.append(self._cue(node, context, span, lines, marks))
            if span.end is None:
                self.endless.append(len(self.cues) + len(made) - 1)
        whole = len(made) == 1
        self.cues += made if whole else [replace(cue, origin=None) for cue in made]

    def _cue(
        self, node: Node, context: _Context, span: Interval, lines: tuple[str, ...], marks: tuple[Mark, ...]
    ) -> Cue:
        align = context.look.get("textAlign", "")
        settings = None
        if context.region in self.styles.regions:
            key = (context.region, align)
            if key not in self.boxes:
                region = self.styles.regions[context.region]
                self.boxes[key] = self.styles.box(
                    region, align or self.styles.specified_look(region).get("textAlign", "start")
                )
            settings = settings_of(self.boxes[key])
        speaker = " / ".join(dict.fromkeys(m.value for m in marks if m.kind == "voice"))
        text = to_simple_tags(lines, marks)
        origin = Origin("ttml", node.line, node.line, node.line, node.line, text, lines, marks, node.start, node.end)
        return Cue(
            node.attributes.get("id", ""), Span(_ms(span.begin), _ms(span.end)), lines, speaker, settings,
            marks=marks, forced=context.look.get("forcedDisplay") == "true", at_line=node.line, origin=origin,
        )  # fmt: skip

    def _runs(self, node: Node, context: _Context) -> Iterator[_Run]:
        marks = self._marks(context)
        at = context.begin
        for child in node.children:
            if isinstance(child, str):
                if context.look.get("visibility") == "hidden":
                    if child.strip():
                        self._note("hidden", node.line)
                else:
                    yield _Run(context.shown, child, marks, context.preserve)
            elif child.tag == "br":
                yield _Run(context.shown, "\n", (), preserve=True)
            elif child.tag not in _SKIPPED:
                yield from self._span(child, context, at)
                if node.attributes.get("timeContainer") == "seq":
                    at = extent(child, self.clock, at) or at

    def _span(self, node: Node, outer: _Context, base: Fraction) -> Iterator[_Run]:
        inner = self._context(node, outer, base)
        if inner is None:
            return
        if inner.look.get("ruby") == "container":
            yield from self._ruby(node, inner)
        elif self.styles.specified_look(node).get("ruby", "") not in {"text", "textContainer", "delimiter"}:
            yield from self._runs(node, inner)

    def _ruby(self, node: Node, context: _Context) -> Iterator[_Run]:
        """Base text, each with its annotation."""
        kinds: dict[str, list[Node]] = {"base": [], "text": []}
        for span in node.every("span"):
            kinds.get(self.styles.specified_look(span).get("ruby", ""), []).append(span)
        for number, part in enumerate(kinds["base"]):
            annotation = " ".join(kinds["text"][number].text().split()) if number < len(kinds["text"]) else ""
            inner = self._context(part, context, context.begin)
            for run in self._runs(part, inner) if inner else ():
                yield replace(run, marks=(*run.marks, ("ruby", annotation)), ruby=part.start) if annotation else run

    def _marks(self, context: _Context) -> tuple[tuple[MarkKind, str], ...]:
        found = list(marks_of(context.look))
        names = [self.agents.get(agent, agent) for agent in context.agent.split()]
        if names and names[0]:
            found.append(("voice", names[0]))
        if context.language != self.root.attributes.get("lang", "") and context.language:
            found.append(("lang", context.language))
        return tuple(found)

    def _end_the_endless(self) -> None:
        """What has no end lasts until the next paragraph begins."""
        starts = sorted({cue.span.start_ms for cue in self.cues})
        for index in self.endless:
            cue = self.cues[index]
            after = next((start for start in starts if start > cue.span.start_ms), 0) if starts else 0
            end = after or cue.span.start_ms + LONGEST_S * 1000
            self.cues[index] = replace(cue, span=Span(cue.span.start_ms, end))
            self._note("endless" if after else "last", cue.at_line)

    def _note(self, what: str, line: int) -> None:
        self.found.setdefault(what, []).append(line)

    def _remarks(self) -> Iterator[Diagnostic]:
        words = {
            "animation": ("effect", "{} animations are left out", True),
            "picture": ("drawing", "{} pictures are left out", True),
            "audio": ("effect", "{} sounds are left out", True),
            "hidden": ("hidden", "{} elements are not displayed, or hidden: they are left out", True),
            "order": ("order", "{} elements end before they begin, or outside their container: left out", True),
            "untimed": ("timing", "{} paragraphs have no time: left out", True),
            "endless": ("timing", "{} paragraphs have no end: they last until the next begins", False),
            "last": ("timing", f"{{}} paragraphs have no end and nothing follows: shown {LONGEST_S} s", False),
            "thousandths": ("timing", "the times count more frames than a second has: read as hh:mm:ss:mmm", False),
            "empty": ("empty", "no paragraph has text and times", False),
        }
        for what, lines in self.found.items():
            code, text, loss = words.get(
                what, ("timing", f"{{}} elements have times that are none ({what[7:]}): left out", True)
            )
            yield Diagnostic(code, text.replace("{}", str(len(lines)), 1), lines[0], len(lines), loss=loss)


def _of_spans(own: Mapping[str, str], outer: Mapping[str, str]) -> dict[str, str]:
    """Fonts, sizes and backgrounds are marks only where a span names them; spans inside it show them too."""
    names = ("backgroundColor", "fontFamily", "fontSize")
    return {f"span {name}": value for name in names if (value := own.get(name) or outer.get(f"span {name}", ""))}


def _text_of(runs: Sequence[_Run]) -> tuple[tuple[str, ...], tuple[Mark, ...]]:
    """Runs as lines: white space collapsed where it is not preserved, none at the edges of a line."""
    builder = Builder()
    waiting: _Run | None = None
    fresh = True
    for run in runs:
        if run.preserve:
            if waiting is not None and run.text != "\n" and not fresh:
                _add(builder, " ", waiting)
            waiting = None
            _add(builder, run.text.replace("\r\n", "\n").replace("\r", "\n"), run)
            fresh = run.text.endswith("\n")
            continue
        text = _SPACES.sub(" ", run.text)
        if text[:1] == " " and waiting is None:
            waiting = run
        if core := text.strip(" "):
            if waiting is not None and not fresh:
                _add(builder, " ", waiting)
            waiting, fresh = (run if text[-1] == " " else None), False
            _add(builder, core, run)
    return builder.build()


def _add(builder: Builder, text: str, run: _Run) -> None:
    for kind, value in run.marks:
        builder.open(kind, value, run.ruby if kind == "ruby" else 0)
    builder.text(text)
    builder.styles.clear()


def _ms(seconds: Fraction | None) -> int:
    return -1 if seconds is None else round(max(Fraction(0), seconds) * 1000)


# --- writing ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Writer:
    document: Document
    frame_rate: Fraction
    losses: Losses
    boxes: dict[Box, str] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    rate: Fraction | None = None

    def text(self) -> str:
        """The whole file."""
        self.losses.document(self.document, comments=False)
        times = [ms for cue in self.document.cues for ms in (cue.span.start_ms, cue.span.end_ms)]
        exact = all(time_of(frame_at(ms, self.frame_rate), self.frame_rate) == ms for ms in times)
        self.rate = self.frame_rate if exact and self.frame_rate.denominator in (1, 1001) else None
        paragraphs = [
            self._paragraph(cue, number)
            for number, cue in enumerate(self.document.cues, 1)
            if self._visible(cue, number)
        ]
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>', self._root(), "<head>", *self._agents(), "<layout>",
            *(_region(box, name) for box, name in self.boxes.items()), "</layout>", "</head>", "<body>", "<div>",
            *paragraphs, "</div>", "</body>", "</tt>",
        ]  # fmt: skip
        return "\n".join(lines) + "\n"

    def _visible(self, cue: Cue, number: int) -> bool:
        shown = cue.span.end_ms > max(0, cue.span.start_ms) and bool("".join(cue.lines).strip())
        if not shown:
            self.losses.add("text", "cues without text or time left out", number, cue.at_line)
        return shown

    def _root(self) -> str:
        spaces = " ".join(f'xmlns{":" if prefix else ""}{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
        parameters = f'xml:lang="{_attribute(self.document.language or "und")}" ttp:contentProfiles="{_IMSC_TEXT}"'
        if self.rate is not None:
            whole = round(self.rate) if self.rate.denominator == 1001 else int(self.rate)
            parameters += f' ttp:frameRate="{whole}"'
            if self.rate.denominator == 1001:
                parameters += ' ttp:frameRateMultiplier="1000 1001"'
        return f'<tt {spaces} {parameters} ttp:timeBase="media">'

    def _agents(self) -> list[str]:
        if not self.agents:
            return []
        rows = (
            f'<ttm:agent type="person" xml:id="{name}"><ttm:name type="full">{_escape(who)}</ttm:name></ttm:agent>'
            for who, name in self.agents.items()
        )
        return ["<metadata>", *rows, "</metadata>"]

    def _paragraph(self, cue: Cue, number: int) -> str:
        self.losses.marks(cue, number, Ttml.holds)
        self.losses.cue(cue, number, "", names=bool(_NAME.match(cue.id)), forced=True)
        attributes = f'begin="{self._time(cue.span.start_ms)}" end="{self._time(cue.span.end_ms)}"'
        if _NAME.match(cue.id):
            attributes = f'xml:id="{cue.id}" {attributes}'
        attributes += f' region="{self._region(cue, number)}"'
        voice = self._voice(cue, number)
        if voice:
            attributes += f' ttm:agent="{self._agent(voice)}"'
        if cue.forced:
            attributes += ' itts:forcedDisplay="true"'
        if any(re.search(r"^[ \t]|[ \t]$|[ \t]{2}|\t", line) for line in cue.lines):
            attributes += ' xml:space="preserve"'
        return f"<p {attributes}>{self.content(cue, number, whole_voice=bool(voice))}</p>"

    def content(self, cue: Cue, number: int, *, whole_voice: bool) -> str:
        """A paragraph's text, its lines parted by breaks."""
        held = Ttml.holds - ({"voice"} if whole_voice else set())
        found = marks_by_line(cue)
        lines = []
        for row, line in enumerate(cue.lines):
            if _escape(line, quote=False) != escape(line.replace("\n", " "), quote=False):
                self.losses.add("letters", "characters that XML cannot hold replaced", number, cue.at_line)
            lines.append("".join(self._pieces(line.replace("\n", " "), found.get(row, ()), held, cue, number)))
        return "<br/>".join(lines)

    def _pieces(self, line: str, marks: Sequence[Mark], held: frozenset[str], cue: Cue, number: int) -> Iterator[str]:
        ruby: list[str] = []
        for piece in nest_tags(line, marks, held):
            if piece.mark is None:
                yield _escape(piece.text)
            elif piece.mark.kind == "ruby":
                if piece.step == "open":
                    yield '<span tts:ruby="container"><span tts:ruby="base">'
                else:
                    yield f'</span><span tts:ruby="text">{_escape(piece.mark.value)}</span></span>'
            elif piece.step == "open":
                yield self._span(piece.mark, cue, number)
            else:
                yield "</span>"
        yield from ruby

    def _span(self, mark: Mark, cue: Cue, number: int) -> str:
        value = mark.value
        if mark.kind == "size" and not _SIZE.match(value):
            self.losses.add("style", "font sizes left out", number, cue.at_line)
            return "<span>"
        if mark.kind == "voice":
            value = self._agent(mark.value)
        name = {
            "italic": 'tts:fontStyle="italic"', "bold": 'tts:fontWeight="bold"',
            "underline": 'tts:textDecoration="underline"', "strike": 'tts:textDecoration="lineThrough"',
        }.get(mark.kind)  # fmt: skip
        keys = {
            "colour": "tts:color", "background": "tts:backgroundColor", "face": "tts:fontFamily",
            "size": "tts:fontSize", "voice": "ttm:agent", "lang": "xml:lang", "direction": "tts:direction",
        }  # fmt: skip
        more = ' tts:unicodeBidi="embed"' if mark.kind == "direction" else ""
        return f"<span {name or f'{keys[mark.kind]}={chr(34)}{_attribute(value)}{chr(34)}'}{more}>"

    def _voice(self, cue: Cue, number: int) -> str:
        voices = cue.voices()
        if not voices and " / " in cue.speaker:
            self.losses.add("voice", "speakers left out: nothing says who says which line", number, cue.at_line)
            return ""
        if not voices:
            return cue.speaker
        return cue.whole_voice

    def _agent(self, who: str) -> str:
        return self.agents.setdefault(who, f"speaker{len(self.agents) + 1}")

    def _region(self, cue: Cue, number: int) -> str:
        box = box_of(cue.settings)
        if settings_of(box) != cue.settings:
            self.losses.add("position", "positions moved to where a region can be", number, cue.at_line)
        names = {box_of(None): "bottom"} | {Box(10, 10, 80, 40, "before", "center"): "top"}
        return self.boxes.setdefault(box, names.get(box, f"r{len(self.boxes) + 1}"))

    def _time(self, ms: int) -> str:
        if self.rate is not None:
            return f"{frame_at(max(0, ms), self.rate)}f"
        return format_time(ms)


def format_time(ms: int) -> str:
    """`hh:mm:ss.ttt`."""
    seconds, ms = divmod(max(0, ms), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def _region(box: Box, name: str) -> str:
    return (
        f'<region xml:id="{name}" tts:origin="{box.x:.10g}% {box.y:.10g}%" '
        f'tts:extent="{box.width:.10g}% {box.height:.10g}%" tts:displayAlign="{box.display_align}" '
        f'tts:textAlign="{box.text_align}"/>'
    )


def _escape(text: str, *, quote: bool = False) -> str:
    """Text as XML 1.0 may hold it."""
    text = text.replace("\r", " ").replace("\n", " ")
    return escape(re.sub(r"[^\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text), quote=quote)


def _attribute(text: str) -> str:
    return _escape(text, quote=True)


def paragraph(cue: Cue) -> str:
    """A cue's text as the content of a paragraph."""
    writer = _Writer(Document((cue,)), Fraction(25), Losses(""))
    return writer.content(replace(cue, origin=None), 1, whole_voice=bool(cue.voices()))
