"""Style-guide rules for subtitle text: punctuation, dashes, spaces, tags, brackets, numbers.

Over 400 lines: every rule is a function of a few lines and they are read together. Works on the lines of cues as
strings with simple tags (`<i>`, `<b>`, `<u>`, `<font>`, ASS overrides in braces). The rules are data in `style.toml`,
each with its source; a language without a table is held to those that hold for all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from operator import eq
from typing import Any, NamedTuple

from ..language.boundaries import is_bound
from ..language.script import characters, has_word_spaces, main_language
from ..language.structure import dialogue_dash

_AT_ONCE_MS = 500
_SHORT = 0.6
"""Two lines that together take no more of one than this are one line broken for nothing."""
_NEAR = 5
"""A quotation may run over so many cues."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach of a style guide.

    Args:
        rule: a key of `sources()`.
        detail: what is wrong, for a person.
        habit: a habit of the whole file, said once; its cues are right otherwise.
    """

    rule: str
    detail: str
    habit: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong wherever a pattern is found; it is tried only where one of the signs stands."""

    pattern: re.Pattern[str]
    say: str
    signs: tuple[str, ...] = ()

    def stands_in(self, text: str) -> bool:
        """Whether there is anything to look at in a text with a line end before and after it."""
        return any(sign in text for sign in self.signs)


@dataclass(frozen=True, slots=True)
class Style:
    """What a language's guide asks for; see `style.toml`."""

    source: str = ""
    interrupted: str = ""
    spaced_marks: str = ""
    percent: bool | None = None
    thousands: str = ""
    written: int = 0
    counts_not: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    twice: frozenset[str] = frozenset()
    clock: Wrong | None = None
    decimal: Wrong | None = None
    spelling: tuple[Wrong, ...] = ()


class _Cue(NamedTuple):
    """A cue as the rules see it: lines with tags, without them, the whole, and the language's style.

    `signs` are those of its characters that a rule is about.
    """

    lines: tuple[str, ...]
    plain: tuple[str, ...]
    text: str
    language: str
    style: Style
    chars: int
    signs: frozenset[str]

    @classmethod
    def of(cls, lines: Sequence[str], language: str, style: Style, chars: int) -> _Cue:
        whole = "\n".join(lines)
        bare = whole.isascii() and "<" not in whole and "{" not in whole
        plain = tuple(lines) if bare else tuple(_strip_tags(line) for line in lines)
        text = whole if bare else "\n".join(plain)
        signs = _SIGNS.intersection(whole) if whole.isascii() else _SIGNS.intersection(whole) | {_BEYOND_ASCII}
        return cls(tuple(lines), plain, text, language, style, chars, signs)


def rule_sources() -> dict[str, str]:
    """Each rule and the document it comes from."""
    return dict(_table()["rules"])


def find_faults(
    cues: Sequence[Sequence[str]], language: str, chars: int = 42, gaps_ms: Sequence[int] = ()
) -> list[tuple[int, Fault]]:
    """The faults of a file's text.

    Args:
        cues: the lines of each cue, with simple tags.
        language: BCP 47 tag of the text.
        chars: characters a line may have.
        gaps_ms: from the end of each cue to the start of the next; without them neighbours count as at once.

    Returns:
        index of the cue and fault, in order of the cues.
    """
    style = _style(main_language(language))
    seen = [_Cue.of(lines, language, style, chars) for lines in cues]
    found = [(at, fault) for at, cue in enumerate(seen) for fault in _check_cue(cue)]
    found += [(at, fault) for rule in _OF_FILE for at, fault in rule(seen, tuple(gaps_ms))]
    return sorted(found, key=lambda pair: pair[0])


def _check_cue(cue: _Cue) -> Iterator[Fault]:
    if not cue.text.strip():
        yield Fault("empty", "no text")
        return
    for name, rule in _rules_about(cue.signs):
        if detail := rule(cue):
            yield Fault(name, detail)


@cache
def _table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = tomllib.loads(
        resources.files(__package__).joinpath("style.toml").read_text(encoding="utf-8")
    )
    return table


@cache
def _style(language: str) -> Style:
    languages: dict[str, dict[str, Any]] = _table()["languages"]  # type: ignore[assignment]
    row = dict(languages.get(language, {}))
    for key in ("counts_not", "units", "twice"):
        row[key] = frozenset(str(row.get(key, "")).split())
    for key in ("clock", "decimal"):
        row[key] = _wrong(row[key]) if key in row else None
    row["spelling"] = tuple(map(_wrong, row.get("spelling", ())))
    return Style(**row)


def _wrong(row: Mapping[str, Any]) -> Wrong:
    words = row.get("words", "").split()
    signs = (*words, *(word.capitalize() for word in words), *row.get("signs", ()))
    return Wrong(re.compile(row["pattern"]), row["say"], signs)


# "a<b && c>d" holds no tag.
_ATTRIBUTES = r"(?:(?<=font)\s[^<>]*|\s+(?:[a-z-]+\s?=[^<>]*)?)?"
_TAG = re.compile(rf"</?(?:i|b|u|s|font){_ATTRIBUTES}>|\{{\\[^{{}}]*\}}", re.IGNORECASE)
_MARKS = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def _strip_tags(line: str) -> str:
    bare = _TAG.sub("", line) if "<" in line or "{" in line else line
    return bare if bare.isascii() else _MARKS.sub("", bare)


# --- speakers --------------------------------------------------------------------------------------------------------

_STARTS = re.compile(r"\s*([-\u2010-\u2015])(?![-\u2010-\u2015\d])(\s*)(?=\S)")
_SECOND = re.compile(r"[.!?…\"”»)\]]\s+[-\u2010-\u2015]\s?(?=[\w¿¡\[\"“«])")


def _speakers(cue: _Cue) -> str:
    for line in cue.plain:
        if found := _SECOND.search(line):
            after = line[found.end() :]
            if _STARTS.match(line) or after[:1].isupper() or after[:1] in "¿¡[":
                return "two speakers on a line"
    return ""


def _dashes(cue: _Cue) -> str:
    lines = [line for line in cue.plain if line.strip()]
    starts = [_STARTS.match(line) for line in lines]
    with_dash = [found for found in starts if found]
    if not with_dash or _speakers(cue):
        return ""
    if not (cue.style.source or starts[0]):  # Swedish, Dutch, Russian …: the second speaker alone has one
        return ""
    if len(lines) > 1 and len(with_dash) == 1:
        return "a dash before one of two speakers"
    if len(lines) == 1:
        return "a dash before the only speaker" if cue.style.source and not _open_end(cue) else ""
    if not cue.style.source:
        return ""
    wanted = dialogue_dash(cue.language)
    wrong = next((found for found in with_dash if found.group(1) + found.group(2) != wanted), None)
    return f"{wrong.group(1) + wrong.group(2)!r} before a speaker, not {wanted!r}" if wrong else ""


def _open_end(cue: _Cue) -> bool:
    return cue.text.rstrip().endswith(("-", "–", "—"))


# --- markup ----------------------------------------------------------------------------------------------------------

_PAIRS = re.compile(rf"<(/?)(i|b|u|s|font){_ATTRIBUTES}>", re.IGNORECASE)
_BROKEN = re.compile(
    r"<(?:/?[ibu]|/?font[^<>\n]*)(?:\s*$|(?=<))|<\s+/?[ibu]\s*>|</?[ibu]\s*/>", re.IGNORECASE | re.MULTILINE
)


_AROUND_NOTHING = re.compile(r"<([ibu])>\s*</\1>", re.IGNORECASE)


def _tags(cue: _Cue) -> str:
    text = "\n".join(cue.lines)
    if _BROKEN.search(text):
        return "a tag that is none"
    if _AROUND_NOTHING.search(text):
        return "a tag around nothing"
    opened: list[str] = []
    for closing, name in _PAIRS.findall(text):
        if not closing:
            opened.append(name.lower())
        elif not opened or opened.pop() != name.lower():
            return f"</{name}> closes nothing"
    return f"<{opened[-1]}> is never closed" if opened else ""


def _brackets(cue: _Cue) -> str:
    text = re.sub(r"[:;=]-?[()\[\]]", "", cue.text)
    text = re.sub(r"^\s*(?:\d+|[a-z])\)", "", text, flags=re.MULTILINE)
    for opening, closing in ("[]", "()", "{}"):
        depth = 0
        for char in text:
            depth += (char == opening) - (char == closing)
            if depth < 0:
                return f"{closing!r} closes nothing"
        if depth:
            return f"{opening!r} is never closed"
    return ""


def _sounds(cue: _Cue) -> str:
    for text in re.findall(r"\[([^\[\]]*)\]", cue.text):
        words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 3]
        if len(words) > 1 and text.upper() == text:
            return f"[{text}] in capitals"
    return ""


_ROUND = re.compile(r"^(?:-\s?)?\([^\W\d][^()\d.!?,;:]{1,40}\)", re.MULTILINE)


def _round_brackets(cue: _Cue) -> str:
    found = _ROUND.search(cue.text) if cue.style.source else None
    return f"a sound or a label in (), not in []: {found.group()}" if found else ""


def _italics(cue: _Cue) -> str:
    text = "\n".join(cue.lines)
    found = re.search(r"<i>\s*\[[^\[\]]*\]\s*</i>", text, re.IGNORECASE)
    return "a sound or a label in italics" if found else ""


def _music(cue: _Cue) -> str:
    text = re.sub(r"\[[^\]]*\]", "", cue.text).strip()
    notes = re.findall(r"[♪♫]+", text)
    if not notes:
        return ""
    for line in text.split("\n"):
        if re.search(r"\w[^♪♫]*[♪♫]+[^♪♫]*\w", line):
            return "a music note inside a line"
    starts, ends = text[0] in "♪♫", text[-1] in "♪♫"
    if not (starts and ends) or len("".join(notes)) == 1:
        return "a music note at one end only" if starts or ends else "a music note inside the text"
    return ""


# --- typography ------------------------------------------------------------------------------------------------------

_BEFORE = re.compile(r"\w\s+[,.!?;:](?!\.\.|\d)(?=\s|$|[\"”])|\w\s+[,;](?=[^\W\d_])|\w\s+…(?=\s*$)", re.MULTILINE)
_MISSING_AFTER = re.compile(r"[^\W\d_]{2,}[,;!?](?=[^\W\d_])|[a-zà-ÿ]{2,}\.(?=[A-ZÀ-Þ][a-zà-ÿ])")
_EDGE_SPACE = re.compile("\u00a0\n|\n\u00a0")
_SPACED = re.compile(r"\s[,.!?;:…]")
_TIGHT = re.compile(r"[,;!?.][^\W\d_]")
_ADDRESS = re.compile(r"\S*(?:https?:|www\.|@|\.(?:com|org|net|de|fr|es|it|br|tv))\S*", re.IGNORECASE)


def _spaces(cue: _Cue) -> str:
    edges = f"\n{cue.text}\n"
    if " \n" in edges or "\n " in edges or (not edges.isascii() and _EDGE_SPACE.search(edges)):
        return "a space at the beginning or the end of a line"
    if "  " in cue.text or "\t" in cue.text:
        return "two spaces in a row"
    if not has_word_spaces(cue.language) or not cue.style.source:
        return ""
    marks = cue.style.spaced_marks
    # Nearly every cue ends here: two searches for two letters are far quicker than for words.
    spaced = marks or (_SPACED.search(cue.text) and _BEFORE.search(cue.text))
    if not (spaced or (_TIGHT.search(cue.text) and _MISSING_AFTER.search(cue.text))):
        return ""
    text = _ADDRESS.sub("", cue.text)
    if found := next((m for m in _BEFORE.finditer(text) if m.group()[-1] not in marks), None):
        return f"a space before {found.group()[-1]!r}"
    if found := _MISSING_AFTER.search(text):
        return f"no space after {found.group()[-1]!r}"
    if marks and (found := re.search(rf"[\w)](?=[{re.escape(marks)}](?:\s|$))(?<!\d)", text)):
        return f"no space before {text[found.end()]!r}"
    return ""


_INSIDE = re.compile(r"\(\s|\s\)|[¿¡]\s")
_GUILLEMETS = re.compile(r"«(?=\S)|(?<=\S)»")


def _inner_spaces(cue: _Cue) -> str:
    if not cue.style.source:
        return ""
    if found := _INSIDE.search(cue.text):
        return f"a space inside {found.group().strip()!r}"
    if "»" in cue.style.spaced_marks and (found := _GUILLEMETS.search(cue.text)):
        return f"no space inside {found.group()!r}"
    return ""


def _ellipsis(cue: _Cue) -> str:
    if not cue.style.source or not ("…" in cue.text or ".." in cue.text):
        return ""
    if re.search(r"\.{4,}|…\.|\.…|……|(?<!\.)\.\.(?!\.)", cue.text):
        return "dots that are neither a full stop nor an ellipsis"
    if re.search(r"^\s*(?:-\s?)?(?:…|\.\.\.)\s+\w", cue.text) and not cue.language.lower().startswith("pt"):
        return "a space after an ellipsis that starts a subtitle"
    return "three dots and … beside each other" if "..." in cue.text and "…" in cue.text else ""


_SPACED_HYPHEN = re.compile(r"(?:[^\W\d_]|,) - [^\W\d_]")


def _interruption(cue: _Cue) -> str:
    if not cue.style.source:
        return ""
    text = cue.text
    if re.search(r"-{3,}", text):
        return "more than two hyphens"
    if " - " in text and _SPACED_HYPHEN.search(text):
        return "a hyphen with spaces inside a sentence"
    if cue.style.interrupted != "--":
        return f"'--' where a sentence is cut off, not {cue.style.interrupted!r}" if "--" in text else ""
    if re.search(r"--(?=\s+[a-zà-ÿ])|\w\s+--", text):
        return "'--' inside a sentence"
    if re.search(r"\w[—–](?:\s*$|\s*\n)", text):
        return "a dash where a sentence is cut off, not '--'"
    return ""


def _hyphenation(cue: _Cue) -> str:
    for line, following in pairwise(cue.plain):
        found = re.search(r"([^\W\d_]{2,})[-\u2010\u00ad]\s*$", line)
        if found and re.match(r"\s*[^\W\d_]", following) and following.lstrip()[0].islower():
            # "they know you-" is a dash, not a part of a word.
            return "" if is_bound(found.group(1), cue.language) else f"{found.group(1)!r} is parted from its word"
    return ""


_UNWANTED = re.compile(
    r"[\u2022\u2023\u25a0-\u25ff\u2605\u2606\u2713-\u2717\u27a1\u2190-\u21ff\u2600-\u2604\u2639-\u263b\u2764\U0001f300-\U0001faff~|^\\_{}\ufffd]"
)


def _characters(cue: _Cue) -> str:
    found = _UNWANTED.search(cue.text) and _UNWANTED.search(_ADDRESS.sub("", cue.text))
    return f"{found.group()!r} is no character of dialogue" if found else ""


def _quotes(cue: _Cue) -> str:
    kinds = [
        name for name, signs in (("straight", '"'), ("curly", "“”„"), ("angled", "«»")) if set(signs) & set(cue.text)
    ]
    if len(kinds) > 1:
        return f"{' and '.join(kinds)} quotation marks beside each other"
    english = "”" in cue.text and "„" not in cue.text and main_language(cue.language) == "de"
    return "“…” of English in German, which writes „…“" if english else ""


_FIGURE = re.compile(r"(?<![\w.,:/$€£%#+-])(\d{1,2})(?= ([^\W\d_][\w'.]*))")

_PARTED = re.compile(r"[.,]\d{3}")
_BY_STOPS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{3})+(?![\d.])")
_BY_COMMAS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])")


def _numbers(cue: _Cue) -> str:
    style = cue.style
    if not style.source:
        return ""
    text = cue.text.replace("\n", " ")
    parted = _PARTED.search(text)
    if parted and style.thousands == "," and _BY_STOPS.search(text):
        return "a full stop parts thousands, not a comma"
    if parted and style.thousands != "," and _BY_COMMAS.search(text):
        return f"a comma parts thousands, not {style.thousands!r}"
    if style.percent is not None and "%" in text and re.search(r"\d%" if style.percent else r"\d\s+%", text):
        return "no space before %" if style.percent else "a space before %"
    for wrong in (style.clock, style.decimal):
        if wrong and wrong.pattern.search(text):
            return wrong.say
    for found in _FIGURE.finditer(text):
        if _is_count(found, style, cue.language):
            return f"{found.group(1)} is written in words"
    return ""


def _is_count(found: re.Match[str], style: Style, language: str) -> bool:
    """Whether a figure counts something: no room, no date, no unit, no part of a name."""
    ahead = found.string[: found.start()].strip()
    before = re.findall(r"[\w']+(?=\W*$)", ahead)
    if before:
        last = before[-1]
        named = last[0].isupper() and len(last) > 1 and ahead != last
        if last.lower() in style.counts_not or last.isdigit() or named:
            return False
    counted = found.group(2).rstrip(".")
    small = counted[0].islower() or main_language(language) == "de"
    return int(found.group(1)) <= style.written and small and len(counted) > 2 and counted.lower() not in style.units


_TWO_MARKS = re.compile(r"[!?,;]{2}")
_REPEATED = re.compile(r"!{2,}|\?{2,}|,,|;;|(?:\?!){2}|[!?]{3,}")


def _punctuation(cue: _Cue) -> str:
    if _TWO_MARKS.search(cue.text) and _REPEATED.search(cue.text):
        return "more than one mark where one is enough"
    return ""


def _one_line(cue: _Cue) -> str:
    if len(cue.lines) == 1 or (cue.text.isascii() and len(cue.text.strip()) > cue.chars * _SHORT):
        return ""
    lines = [line.strip() for line in cue.plain if line.strip()]
    if len(lines) != 2 or any(_STARTS.match(line) or line[0] in "[(♪♫#" for line in lines):
        return ""
    whole = characters(" ".join(lines))
    runs_on = lines[0][-1] not in '.!?…:;,-–—"”»)]'
    if whole <= cue.chars * _SHORT and runs_on and cue.style.source:
        return f"two lines of {whole} characters together fit one"
    return ""


_BEYOND_ASCII = "\uffff"
"""Stands among the signs of a cue for any character beyond ASCII."""
_QUOTE_SIGNS = '"“”„«»'
_DASH_SIGNS = "-\u2010\u2011\u2012\u2013\u2014\u2015"
_OF_CUE: tuple[tuple[str, str, Callable[[_Cue], str]], ...] = (
    ("speakers", _DASH_SIGNS, _speakers),
    ("dashes", _DASH_SIGNS, _dashes),
    ("tags", "<", _tags),
    ("brackets", "[](){}", _brackets),
    ("sounds", "[", _sounds),
    ("sounds", "(", _round_brackets),
    ("italics", "[", _italics),
    ("music", "♪♫", _music),
    ("spaces", "", _spaces),
    ("spaces", "()¿¡«»", _inner_spaces),
    ("ellipsis", ".…", _ellipsis),
    ("interruption", _DASH_SIGNS, _interruption),
    ("hyphenation", "-\u2010\u00ad", _hyphenation),
    ("characters", f"~|^\\_{{}}{_BEYOND_ASCII}", _characters),
    ("quotes", _QUOTE_SIGNS, _quotes),
    ("numbers", "0123456789", _numbers),
    ("punctuation", "!?,;", _punctuation),
    ("one_line", "", _one_line),
)
"""Each rule, and the characters without one of which it has nothing to say; "" where it may always."""
_SIGNS = frozenset("".join(about for _, about, _ in _OF_CUE))


@lru_cache(maxsize=4096)
def _rules_about(signs: frozenset[str]) -> tuple[tuple[str, Callable[[_Cue], str]], ...]:
    """The rules that may have something to say of a text with these signs."""
    return tuple((name, rule) for name, about, rule in _OF_CUE if not about or not signs.isdisjoint(about))


# --- over cues -------------------------------------------------------------------------------------------------------

_Found = Iterator[tuple[int, Fault]]


def _duplicates(cues: Sequence[_Cue], gaps_ms: Sequence[int]) -> _Found:
    texts = (" ".join(cue.text.split()) for cue in cues)
    for at, (before, said) in enumerate(pairwise(texts)):
        same = said == before and re.search(r"\w", re.sub(r"\[[^\]]*\]", "", said))
        if same and (gaps_ms[at] if at < len(gaps_ms) else 0) <= _AT_ONCE_MS:
            yield at, Fault("duplicate", "the same text as the next cue")
            yield at + 1, Fault("duplicate", "the same text as the cue before")


_THREE_DOTS = re.compile(r"(?<!\.)\.\.\.(?!\.)")


def _dots(cues: Sequence[_Cue], _gaps: Sequence[int]) -> _Found:
    """Three dots for an ellipsis are one habit of a file: said once, with how often."""
    dotted = ((at, cue) for at, cue in enumerate(cues) if "..." in cue.text)
    having = [at for at, cue in dotted if cue.style.source and _THREE_DOTS.search(cue.text)]
    if having:
        others = f" (and in {len(having) - 1} other cues)" if len(having) > 1 else ""
        yield having[0], Fault("ellipsis", f"three dots, not the character …{others}", habit=True)


def _open_quotes(cues: Sequence[_Cue], _gaps: Sequence[int]) -> _Found:
    quoting = ((at, cue.text) for at, cue in enumerate(cues) if not cue.signs.isdisjoint(_QUOTE_SIGNS))
    odd = [at for at, text in quoting if text.count('"') % 2 or _unequal(text)]
    for at in odd:
        if not any(other != at and abs(other - at) <= _NEAR for other in odd):
            yield at, Fault("quotes", "a quotation mark without its other")


def _unequal(text: str) -> bool:
    lower = text.count("„")
    opened, closed = text.count("“"), text.count("”")
    curly = lower != opened + closed if lower else opened != closed
    return curly or text.count("«") != text.count("»")


def _spelling(cues: Sequence[_Cue], _gaps: Sequence[int]) -> _Found:
    """Words misspelt, or twice in a row; a whole file is asked first whether it holds any."""
    if not cues or not cues[0].style.source:
        return
    style = cues[0].style
    whole = "\n".join(["", *(cue.text for cue in cues), ""])
    wanted = [wrong for wrong in style.spelling if wrong.stands_in(whole)]
    for at, cue in enumerate(cues):
        words = cue.text.lower().split()
        if any(map(eq, words, words[1:])):
            twice = (one for one, two in pairwise(words) if one == two and one in style.twice)
            yield from ((at, Fault("spelling", f"{word!r} twice in a row")) for word in twice)
        for wrong in wanted:
            if wrong.stands_in(f"\n{cue.text}\n") and wrong.pattern.search(cue.text):
                yield at, Fault("spelling", wrong.say)


_STARTS_FIGURE = re.compile(r"(?:\A|[.!?][\"”»]?\s)(?:-\s?)?(\d{1,2}) (?=([^\W\d_][\w'.]*))")


_ENDED = re.compile(r"[.!?…\])♪\"”»-]\s*\Z")


def _numbers_first(cues: Sequence[_Cue], _gaps: Sequence[int]) -> _Found:
    """A number at the beginning of a sentence, in this cue or with it."""
    for at, cue in enumerate(cues):
        if not cue.style.source or cue.signs.isdisjoint("0123456789"):
            continue
        for found in _STARTS_FIGURE.finditer(cue.text.replace("\n", " ")):
            counted = found[2].rstrip(".")
            small = counted[0].islower() or main_language(cue.language) == "de"
            goes_on = found[0][0] not in ".!?" and at > 0 and not _ENDED.search(cues[at - 1].text)
            if small and counted.lower() not in cue.style.units and not goes_on:
                yield at, Fault("numbers", f"{found[1]} at the beginning of a sentence is written in words")
                break


def _check_opening_marks(cues: Sequence[_Cue], _gaps: Sequence[int]) -> _Found:
    """Spanish questions and exclamations have their opening marks, in this cue or one just before."""
    if not cues or main_language(cues[0].language) != "es":
        return
    before = {"?": 0, "!": 0}
    for at, cue in enumerate(cues):
        for opening, closing in (("¿", "?"), ("¡", "!")):
            more = cue.text.count(opening) + before[closing] - len(re.findall(rf"\{closing}+", cue.text))
            mixed = cue.text.count("¿") + cue.text.count("¡") >= len(re.findall(r"[!?]+", cue.text))
            if more < 0 and not mixed:
                yield at, Fault("punctuation", f"no {opening!r} to a {closing!r}")
            closed = cue.text.count("¿") + cue.text.count("¡") <= len(re.findall(r"[!?]+", cue.text))
            if more > 0 and not closed and cue.text.rstrip().endswith("."):
                yield at, Fault("punctuation", f"no {closing!r} to a {opening!r}")
            before[closing] = max(0, more) if not re.search(r"[.!?…]\s*$", cue.text) else 0


_OF_FILE: tuple[Callable[[Sequence[_Cue], Sequence[int]], _Found], ...] = (
    _duplicates,
    _dots,
    _open_quotes,
    _check_opening_marks,
    _numbers_first,
    _spelling,
)
