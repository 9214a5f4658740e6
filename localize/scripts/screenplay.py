"""Screenplays as text: Fountain, and plain text that is laid out like one. Characters and dialogue only.

Source: the Fountain syntax, https://fountain.io/syntax (version 1.1). Action, scene headings, transitions, sections,
synopses, notes, boneyard, parentheticals and the title page are no dialogue; their lines are counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .script import MOST_NAME, Aside, Script, ScriptLine, clean_name, clean_text, has_words

_CUT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NOTE = re.compile(r"\[\[(?:(?!\[\[|\]\]).)*+\]\]", re.DOTALL)
_OPEN_NOTE = re.compile(r"\[\[[^\n]*")
_HEADING = re.compile(r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E)[. ]|\.(?!\.)[^\W_]", re.IGNORECASE)
_TRANSITION = re.compile(
    r"[^a-z]*\bTO:|FADE (?:IN|OUT)[.:]?|(?:CUT|SMASH CUT|FADE|DISSOLVE) TO [A-Z ]+[.:]|THE END[.:]?"
)
_TITLE_KEY = re.compile(r"[A-Za-z][A-Za-z ]{1,30}:(?:\s|$)")
_TITLES = frozenset(
    "title credit author authors source notes draft date contact copyright revision format font watermark".split()
)
_CONTINUED = re.compile(r"\(\s*(?i:more|cont(?:inued|'d|’d)?:?)\s*\)[:.]?|(?:MORE|CONT(?:INUED|'D|’D)?)[:.]?")
_PAGE = re.compile(
    r"={3,}|[-–—]\s*\d{1,4}\s*[-–—]"
    r"|(?:page|página|seite|pagina)\s+\d{1,4}(?:\s*(?:of|de|/|von|di)\s*\d{1,4})?",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)(?=\S)(.+?)(?<=\S)(?<!\\)\1")


@dataclass(slots=True)
class _Reader:
    lines: list[str]
    found: list[ScriptLine] = field(default_factory=list)
    aside: Aside = field(default_factory=Aside)
    speeches: int = 0

    def read(self) -> None:
        at = self._after_title_page()
        while at < len(self.lines):
            at = self._element(at)

    def _after_title_page(self) -> int:
        first = next((at for at, line in enumerate(self.lines) if line.strip()), 0)
        key = self.lines[first].partition(":")[0].split() if self.lines else []
        if not self.lines or not _TITLE_KEY.match(self.lines[first]) or not key or key[0].casefold() not in _TITLES:
            return 0
        end = next((at for at in range(first, len(self.lines)) if not self.lines[at].strip()), len(self.lines))
        self.aside.add("title page", f"line {first + 1}")
        return end

    def _element(self, at: int) -> int:
        """Read what begins at a line; returns the line after it."""
        line = self.lines[at].strip()
        if not line:
            return at + 1
        if kind := _kind_aside(line):
            self.aside.add(kind, f"line {at + 1}")
            return at + 1
        if self._is_character(at):
            return self._speech(at)
        if line.startswith("~"):
            self._add(f"♪ {line[1:].strip()} ♪", "", at)
            return at + 1
        self.aside.add("lines of action", f"line {at + 1}")
        return at + 1

    def _is_character(self, at: int) -> bool:
        line = self.lines[at].strip()
        if line.startswith("@"):
            return self._next(at) is not None
        bare = clean_name(line.rstrip("^"))
        alone = at == 0 or not self.lines[at - 1].strip() or _PAGE.fullmatch(self.lines[at - 1].strip()) is not None
        return (
            alone
            and not line.startswith("!")
            and 0 < len(bare) <= MOST_NAME
            and bare.upper() == bare
            and bare.lower() != bare
            and bare[-1] not in "!?…:"
            and self._next(at) is not None
        )

    def _next(self, at: int) -> str | None:
        """The line right after one; None where it is blank, or none is left."""
        following = self.lines[at + 1] if at + 1 < len(self.lines) else ""
        return following if following.strip() or following == "  " else None

    def _speech(self, at: int) -> int:
        speaker = clean_name(self.lines[at].strip().lstrip("@").rstrip("^"))
        self.speeches += 1
        words: list[tuple[int, str]] = []
        at += 1
        while at < len(self.lines) and (self.lines[at].strip() or self.lines[at] == "  "):
            line = self.lines[at].strip()
            if re.fullmatch(r"\([^()]*\)?|[^()]*\)", line) and not (words and words[-1][1].endswith("-")):
                self.aside.add("parentheticals", f"line {at + 1}")
            elif _CONTINUED.fullmatch(line) or _PAGE.fullmatch(line):
                self.aside.add("page marks", f"line {at + 1}")
            elif line.startswith("~"):
                words = self._flush(words, speaker)
                self._add(f"♪ {line[1:].strip()} ♪", speaker, at)
            elif line:
                words.append((at, line))
            at += 1
        self._flush(words, speaker)
        return at

    def _flush(self, words: list[tuple[int, str]], speaker: str) -> list[tuple[int, str]]:
        if words:
            self._add(" ".join(text for _, text in words), speaker, words[0][0])
        return []

    def _add(self, text: str, speaker: str, at: int) -> None:
        text = clean_text(plain_emphasis(text))
        if not has_words(text):
            self.aside.add("sounds and directions", f"line {at + 1}")
            return
        last = self.found[-1] if self.found else None
        if last is not None and last.speaker == speaker and last.block == self.speeches - 1 and _broken(last.text):
            self.found[-1] = ScriptLine(f"{last.text} {text}", last.place, speaker, block=self.speeches)
            return
        self.found.append(ScriptLine(text, f"line {at + 1}", speaker, block=self.speeches))


def _broken(text: str) -> bool:
    """Whether a speech goes on over a page: it ends without any mark."""
    return text[-1:].isalnum() or text.endswith(",")


def _kind_aside(line: str) -> str:
    """What a line is that is never dialogue, whatever stands around it; "" for any other."""
    if line.startswith("!"):
        return "lines of action"
    if line.startswith("@"):
        return ""
    if _PAGE.fullmatch(line) or _CONTINUED.fullmatch(line):
        return "page marks"
    if line.startswith(("#", "=")):
        return "sections and synopses"
    if _HEADING.match(line):
        return "scene headings"
    return "transitions" if line.startswith(">") or _TRANSITION.fullmatch(line) else ""


def plain_emphasis(text: str) -> str:
    """Text without the marks of bold, italics and underline; escaped ones stay as characters."""
    for _ in range(3):
        text = _EMPHASIS.sub(r"\2", text)
    return re.sub(r"\\([*_])", r"\1", text)


def looks_like_screenplay(text: str) -> bool:
    """Whether plain text is laid out as a screenplay: scene headings, and names alone on a line in capitals."""
    lines = text.splitlines()
    headings = sum(bool(re.match(r"\s*(?:\d+[A-Z]?\.?\s+)?(?:INT|EXT|I/E|EST)[. /]", line)) for line in lines)
    reader = _Reader([line.strip() for line in lines])
    return headings > 0 and any(reader._is_character(at) for at, line in enumerate(lines) if line.strip())


def read_screenplay(text: str) -> Script:
    """The dialogue of a Fountain text; line breaks as in the file."""
    aside = Aside()
    text = _without_cuts(text, aside)
    for pattern in (_NOTE, _OPEN_NOTE):
        text = _without(pattern, text, "notes", aside)
    reader = _Reader(text.split("\n"), aside=aside)
    reader.read()
    return Script("screenplay", tuple(reader.found), reader.aside.remarks())


def _without_cuts(text: str, aside: Aside) -> str:
    """A text without what was cut out of it (the boneyard); a cut that nobody ended takes nothing away."""
    end = text.rfind("*/") + 2 if "*/" in text else 0
    kept, open_at = _without(_CUT, text[:end], "cut passages", aside), text.find("/*", end)
    if open_at >= 0:
        aside.add("cuts that never end, so that what follows counts", f"line {text.count(chr(10), 0, open_at) + 1}")
        return kept + text[end:open_at] + text[open_at + 2 :]
    return kept + text[end:]


def _without(pattern: re.Pattern[str], text: str, kind: str, aside: Aside) -> str:
    """A text without what matches, which is counted; as many line breaks stay, so that lines keep their numbers."""
    out, at, line = [], 0, 1
    for found in pattern.finditer(text):
        line += text.count("\n", at, found.start())
        aside.add(kind, f"line {line}")
        breaks = found[0].count("\n")
        out += [text[at : found.start()], "\n" * breaks]
        at, line = found.end(), line + breaks
    return "".join([*out, text[at:]])
