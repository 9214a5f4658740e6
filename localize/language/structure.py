"""Parse a line of dialogue into dash, speaker label, bracketed sounds, music marks and words; translate the sounds.

Only words are translated. Everything else is found before and put back after: sounds through a table of usual ones
(`sounds.toml`), labels as they are or by a list of names, dashes in the style of the target language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .labels import LABEL, NO_NAMES, without_how
from .markup import ANGLES, CURLY, ORDINAL, TAG, VOICE, is_placeholder
from .screen_text import is_screen_text, translate_screen_label
from .script import main_language
from .sounds import translate_sound
from .speaker_names import is_manner, is_notice, is_surely_name

Kind = Literal["words", "dash", "chevron", "label", "sound", "music", "mark"]

_CLOSE_DASH = frozenset({"en", "de", "ja", "zh", "ko"})
_MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line.

    Args:
        kind: "words" are translated; "dash", "label", "sound" and "music" are put back by rules; "chevron" (">>" of
            captions, before another speaker) and "mark" (tags, punctuation alone) as they are.
        text: without brackets.
        before: white space that stands before it.
        opening: bracket before the text, "" where there is none.
        closing: bracket or colon after the text.
    """

    kind: Kind
    text: str
    before: str = ""
    opening: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A parsed line; its parts joined give the line again.

    Args:
        items: the pieces in order.
        language: main subtag of the line's language, in which sounds are looked up.
        after: white space at the line's end.
    """

    items: tuple[Part, ...]
    language: str
    after: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What is translated, in order."""
        return tuple(part.text for part in self.items if part.kind == "words")

    @property
    def line(self) -> str:
        """The line as it was."""
        return "".join(p.before + p.opening + p.text + p.closing for p in self.items) + self.after


def dialogue_dash(language: str) -> str:
    """What starts a line of a cue that two speakers share: a hyphen, and a space in all but some languages.

    Source: Netflix timed text style guides, "Dual Speakers" (English, German, Japanese, Korean, Chinese: no space).
    """
    return "-" if main_language(language) in _CLOSE_DASH else "- "


def parse_line(line: str, language: str, names: Sequence[str] = ()) -> ParsedLine:
    """Parse a line into its parts.

    Args:
        line: with tags such as `<i>`, or without; a line break inside counts as white space.
        language: of the line, BCP 47.
        names: of speakers, where they are known: "Anna: Go." has a label only if Anna is one of them.
    """
    known = _casefolded(names)
    body, after = line.rstrip(), line[len(line.rstrip()) :]
    return ParsedLine(tuple(_Scanner(body, main_language(language), known).parts()), main_language(language), after)


_LATEST: list[tuple[tuple[str, ...], frozenset[str]]] = []
"""The names of the latest line: every line of a script comes with the same thousands."""


def _casefolded(names: Sequence[str]) -> frozenset[str]:
    latest = _LATEST[-1:]
    if not names or (latest and latest[0][0] is names):
        return latest[0][1] if names else frozenset()
    known = frozenset(name.casefold() for name in names)
    if isinstance(names, tuple):
        _LATEST[:] = [(names, known)]
    return known


def rejoin_parts(
    parts: ParsedLine, translated: Sequence[str], language: str, names: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """The parts of a line in another language, with its dash, sounds and labels in the style of that language.

    Args:
        parts: the line taken apart.
        translated: for each of `parts.words` its translation.
        language: of the translation, BCP 47.
        names: for labels that are written otherwise in the target.

    Returns:
        for each of `parts.items` the white space before it and what is written for it.

    Raises:
        ValueError: not as many texts as there are words.
    """
    texts = iter(translated)
    if len(translated) != len(parts.words):
        raise ValueError(f"{len(translated)} translations for {len(parts.words)} texts of {parts.line!r}")
    said = {name.casefold(): written for name, written in (names or {}).items()}
    out = []
    for at, part in enumerate(parts.items):
        before = part.before
        if at and parts.items[at - 1].kind == "dash":
            before = ""  # the dash brings its own
        text = part.text
        if part.kind == "words":
            text = next(texts)
        elif part.kind == "dash":
            text = dialogue_dash(language)
        elif part.kind == "label":
            text = said.get(text.casefold()) or _translate_label(text, parts.language, language) or text
        elif part.kind == "sound" and bool(part.opening) == bool(part.closing):  # the table knows no half sounds
            text = translate_sound(text, parts.language, language, tuple(said)) or text
        out.append((before, part.opening + text + part.closing))
    return out


def _translate_label(text: str, source: str, target: str) -> str:
    """A label that a table of sounds or of text on the screen knows, with its number where it has one: "MAN 2"."""
    who, number = re.fullmatch(r"(.*?)(\s#?\d+)?", text, re.DOTALL).groups(default="")  # type: ignore[union-attr]
    known = translate_sound(who, source, target) or translate_screen_label(who, source, target)
    return known + number if known else ""


# --- taking apart ----------------------------------------------------------------------------------------------------

_TAGS = re.compile(rf"(?:{TAG}|\{{\\[^{{}}]*\}}|[\u200e\u200f\u202a-\u202e\u2066-\u2069])+")
# A minus has its number right behind it; two hyphens are a pause.
_DASH = re.compile(r"[-\u2010-\u2015](?![-\u2010-\u2015])(?!\d)(?=\s*\S)")
_CHEVRON = re.compile(r">{2,3}(?!>)")
_BRACKETS = re.compile(
    r"(?P<opening>[\[(（【［])(?P<text>[^\[\]()（）【】［］]*)(?P<closing>[\])）】］]:?)|(?P<music>[♪♫♬♩¶]+)"
    rf"|(?:(?P<angle>{ANGLES})|(?P<curly>{CURLY}))(?P<colon>:?)"
    r"|(?<!\*)(?P<star>\*)(?P<act>[^\s*][^*\n]{0,40})\*(?!\*)",
    re.DOTALL,
)
_SUNG = re.compile(r"#+(?=\s|[^\W\d_].*#\s*\Z)", re.DOTALL)
"""A hash for a note: with a space, or one at both ends of the line."""
_OPEN_AT_END = re.compile(r"\[[^\[\]]*\Z")
_CLOSED_AT_START = re.compile(r"\A[^\[\]]*\]")
_ENDS = re.compile(r"(?:^|[.!?…:;♪\])”\"-])\s*\Z")
_ORDINAL = re.compile(ORDINAL)
_DOTTED = frozenset({"de", "da", "nb", "no", "nn", "fi", "cs", "sk", "pl", "hu", "tr", "hr", "sl", "sr"})
"""Languages that write "1." for "first"."""
_CURLY = re.compile(CURLY)
_MANNER = re.compile(r",\s(?=[^\W\d_A-ZÀ-ÖØ-Þ])[^,]+\Z")


def _inside(found: re.Match[str]) -> str:
    """What stands between the brackets that were found."""
    return str(found["text"] or (found["angle"] or found["curly"] or "")[1:-1])


@dataclass(slots=True)
class _Scanner:
    line: str
    language: str
    names: frozenset[str]
    at: int = 0
    last: Kind = "mark"

    def parts(self) -> Iterator[Part]:
        yield from self._marks()
        if found := _DASH.match(self.line, self._next_visible()):
            yield self._part("dash", found.group(), found.end())
            yield from self._marks()
        if found := _CHEVRON.match(self.line, self._next_visible()):
            yield self._part("chevron", found.group(), found.end())
        yield from self._label()
        if found := _CLOSED_AT_START.match(self.line, self.at):  # a sound that an earlier line opened
            text = found.group().strip()[:-1]
            yield self._part("sound", text, found.end(), closing="]")
        begin = self.at
        for found in _BRACKETS.finditer(self.line, self.at):
            if found.start() >= self.at and (found["music"] or self._is_structure(found, begin)):
                yield from self._words(found.start())
                yield from self._bracket(found)
        if found := _OPEN_AT_END.search(self.line, self.at):
            yield from self._words(found.start())
            yield self._part("sound", found.group()[1:], len(self.line), opening="[")
        yield from self._words(len(self.line))

    def _label(self) -> Iterator[Part]:
        """Who speaks, where a label stands here."""
        if voice := VOICE.match(self.line, self._next_visible()):
            yield self._part("label", voice["name"].strip(), voice.end(), opening=voice["opening"], closing=">")
            return
        found = LABEL.match(self.line, self._next_visible())
        if not found or not self._is_label(found["text"]):
            return
        said = _TAGS.sub("", self.line[found.end() :])
        sure = self._is_known(found["text"]) or is_screen_text(found["text"], self.language)
        if not sure and is_notice(found.group(), said, self.language):
            return
        if not found["joined"] or found["colon"].endswith("：") or self._is_known(found["text"]):
            yield self._part("label", found["text"] + found["how"], found.end(), closing=found["colon"])

    def _bracket(self, found: re.Match[str]) -> Iterator[Part]:
        """A sound, name or note, and the label that stands behind it before anything is said."""
        first = self.last not in ("words", "label")
        if found["music"]:
            yield self._part("music", found["music"], found.end())
        elif found["star"]:
            yield self._part("sound", found["act"], found.end(), opening="*", closing="*")
        elif held := found["angle"] or found["curly"]:
            kind: Kind = "label" if self._is_named(found) else "sound"
            yield self._part(kind, held[1:-1], found.end(), opening=held[0], closing=f"{held[-1]}{found['colon']}")
        else:
            kind = "label" if self._is_named(found) else "sound"
            yield self._part(kind, found["text"], found.end(), opening=found["opening"], closing=found["closing"])
        if first and self.last != "label":
            yield from self._label()

    def _next_visible(self) -> int:
        """Where the next character that is no white space stands."""
        return self.at + len(self.line[self.at :]) - len(self.line[self.at :].lstrip())

    def _part(self, kind: Kind, text: str, end: int, *, opening: str = "", closing: str = "") -> Part:
        start = self._next_visible()
        before, self.at, self.last = self.line[self.at : start], end, kind if kind != "mark" else self.last
        return Part(kind, text, before, opening, closing)

    def _marks(self) -> Iterator[Part]:
        """Tags where they stand, without the words they hold."""
        while found := _TAGS.match(self.line, self._next_visible()):
            yield self._part("mark", found.group(), found.end())

    def _words(self, end: int) -> Iterator[Part]:
        """What is left up to `end`, tags and music signs at its edges apart."""
        yield from self._marks_until(end)
        text = self.line[self.at : end].rstrip()
        if not text.strip():
            return
        stop = self.at + len(text)
        last = None
        for found in _TAGS.finditer(self.line, self.at, stop):
            last = found if found.end() == stop else None
        tail = last.start() if last else stop
        ends = r"(?:\s|(?<=[\w.,!?…]))#+\Z" if self.line.lstrip().startswith("#") else r"\s#+\Z"
        hashes = re.search(ends, self.line[self.at : tail])
        inner = self.at + hashes.start() if hashes else tail
        if (core := self.line[self.at : inner]).strip():
            kind: Kind = "words" if re.search(r"\w", _TAGS.sub("", core)) else "mark"
            if self.last == "music" and "music" in translate_sound(core.strip(), self.language, "en").lower():
                kind = "sound"  # "♪ upbeat music ♪"
            yield self._part(kind, core.strip(), self.at + len(core.rstrip()))
        if hashes:
            yield self._part("music", hashes.group().strip(), tail)
        if last:
            yield self._part("mark", last.group(), stop)

    def _marks_until(self, end: int) -> Iterator[Part]:
        while (found := _TAGS.match(self.line, self._next_visible())) and found.end() <= end:
            yield self._part("mark", found.group(), found.end())
        if found := _SUNG.match(self.line, self._next_visible(), end):
            yield self._part("music", found.group(), found.end())
            yield from self._marks_until(end)

    def _is_known(self, text: str) -> bool:
        return text.casefold() in self.names

    def _is_label(self, text: str) -> bool:
        if self._is_known(text) or is_screen_text(text, self.language):
            return True
        ordinal = _ORDINAL.match(text)
        if ordinal and ordinal[0].endswith(".") and self.language not in _DOTTED:
            return False  # "1. ANNA:" counts lines
        bare = text[ordinal.end() :].lstrip() if ordinal else text
        return bare.upper() == bare != bare.lower() and bare.casefold() not in NO_NAMES

    def _is_structure(self, found: re.Match[str], begin: int) -> bool:
        """Square brackets always hold what is not said; round ones also asides, which are said; angle brackets also
        keys and what else is named so; curly ones also what a program puts words for; asterisks also words that are
        said with weight.
        """
        if found["star"]:
            return self._is_acted(found)
        text = _inside(found)
        if found["curly"]:
            before, after = self.line[begin : found.start()], self.line[found.end() :]
            known = bool(translate_sound(text, self.language, self.language)) or self._is_known(text)
            return known or not is_placeholder(text, _TAGS.sub("", before), _TAGS.sub("", after))
        if not found["angle"] and found["opening"] not in "(（":
            return True
        sound = translate_sound(text, self.language, self.language)
        if not text.strip() or sound or (self._is_label(text) and not found["angle"]):
            return True
        before = _TAGS.sub("", self.line[begin : found.start()])
        alone = not before.strip() and not _TAGS.sub("", self.line[found.end() :]).strip()
        return alone or (bool(_ENDS.search(before)) and len(text.split()) <= _MOST_WORDS)

    def _is_acted(self, found: re.Match[str]) -> bool:
        """Whether asterisks hold a sound ("*sighs* Well."): in small letters, no part of a sentence."""
        text, after = found["act"], self.line[found.end() :].lstrip()
        if text != text.lower() or len(text.split()) > _MOST_WORDS or text[-1] in ".,!?…":
            return False
        beside = not after or after[0].isupper() or after[0] in "[(*♪<-"
        return beside and bool(_ENDS.search(_TAGS.sub("", self.line[: found.start()])))

    def _is_named(self, found: re.Match[str]) -> bool:
        """Whether brackets hold who speaks: a name, with words after it."""
        text = without_how(_inside(found))
        if text.casefold() in self.names:
            return True
        if is_screen_text(text, self.language, bracketed=True):
            return bool(self.line[found.end() :].strip())
        if found["curly"] and not (self._is_label(text) or is_surely_name(text, self.language)):
            return False
        if (
            is_manner(text, self.language)
            or translate_sound(text, self.language, self.language)
            or not self.line[found.end() :].strip()
        ):
            return False
        text, manner = text.rstrip(" :："), _MANNER.search(text)
        if manner and is_surely_name(text[: manner.start()], self.language):
            return True  # "[ANNA, quietly] Go."
        words = text.split()
        if len(words) > 1 and words[-1].lstrip("#").isdecimal() and words[0].casefold() not in NO_NAMES:
            words.pop()  # "[Speaker 2] Go."
        if len(words) > 1 and _ORDINAL.match(text):
            words.pop(0)  # "[1st MAN] Go."
        return 0 < len(words) <= 3 and all(word[:1].isupper() for word in words)


# --- sounds ----------------------------------------------------------------------------------------------------------


def unknown_sounds(parts: ParsedLine, language: str, names: Sequence[str] = ()) -> tuple[str, ...]:
    """The notes in brackets of a line that no table translates: they stand in another language as they are written.

    Args:
        parts: the line taken apart.
        language: of the translation, BCP 47.
        names: of speakers.
    """
    if main_language(language) == main_language(parts.language):
        return ()
    known = tuple(name.casefold() for name in names)
    return tuple(
        part.opening + part.text + part.closing
        for part in parts.items
        if part.kind == "sound"
        and re.search(r"[^\W\d_]{2}", part.text)
        and part.text.casefold() not in known
        and not translate_sound(part.text, parts.language, language, known)
    )


def unusual_notes(text: str, language: str, names: Sequence[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a text has in angle or curly brackets that is no tag and names nobody: what is taken for a sound or
    direction, which is not said; and what is said, since it may stand for a word ("{name}").

    Args:
        text: of a cue or line.
        language: of the text, BCP 47.
        names: of speakers.
    """
    items = parse_line(text, language, names).items
    notes = (f"{part.opening}{part.text}{part.closing}" for part in items if part.kind == "sound")
    said = (match.group() for part in items if part.kind == "words" for match in _CURLY.finditer(part.text))
    return tuple(note for note in notes if note[0] in "<{"), tuple(said)
