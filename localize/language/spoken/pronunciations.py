"""Pronunciation lexicons: words a person wants said in a certain way, by another spelling or by phonemes.

In spoken text phonemes stand beside the word they are of, `[Siobhan](/ʃɪvˈɔːn/)`, so that an engine that takes none
can still say the word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ...errors import UsageError
from ...runtime import reading
from ..tags import canonical_language, main_language

LIMIT = 4_000_000
"""Bytes of a file."""
MARKED = re.compile(r"\[([^\[\]]*)\]\(/([^/]*)/\)")
"""A word with its phonemes in spoken text."""


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """How a word is said.

    Args:
        word: as it is written; in lower case it stands for the word in any case.
        said: another spelling, or phonemes between slashes.
        language: main language it holds for, "" for every one.
    """

    word: str
    said: str
    language: str = ""

    @property
    def phonemes(self) -> str:
        """Its phonemes in IPA; "" where it is respelled."""
        return self.said[1:-1] if len(self.said) > 2 and self.said[0] == self.said[-1] == "/" else ""


@dataclass(frozen=True, slots=True)
class Pronunciations:
    """A user's entries, in the order of their file."""

    entries: tuple[Pronunciation, ...] = ()

    def of(self, language: str) -> tuple[Pronunciation, ...]:
        """Those that hold for a language, its own before those for all."""
        main = main_language(language)
        return tuple(e for wanted in (main, "") for e in self.entries if e.language == wanted)


NONE = Pronunciations()


def read_pronunciations(path: Path | None) -> Pronunciations:
    """Read a lexicon; no path, none. UTF-8, an entry a line: the word, a tab, another spelling or /IPA/, and, if it
    holds for one language alone, a tab and its tag. "#" begins a remark.

    Raises:
        UsageError: the file cannot be read, or a line is no entry; the message names file and line.
    """
    if path is None:
        return NONE
    try:
        if path.stat().st_size > LIMIT:
            raise UsageError(f"{path} is larger than 4 MB: no pronunciation lexicon", path=str(path))
        rows = reading.read_bytes(path, LIMIT).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read the pronunciations {path}: {cause}", path=str(path)) from error
    found: dict[tuple[str, str], Pronunciation] = {}
    for number, row in enumerate(rows, start=1):
        entry = _entry(row, f"{path}:{number}")
        if entry is None:
            continue
        if found.setdefault((entry.word, entry.language), entry) != entry:
            raise UsageError(f"{path}:{number}: {entry.word!r} is said otherwise above", path=str(path), line=number)
    return Pronunciations(tuple(found.values()))


def _entry(row: bytes, where: str) -> Pronunciation | None:
    """One line; None for an empty one or a remark."""
    try:
        text = unicodedata.normalize("NFC", row.decode("utf-8").strip(" \r"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: not UTF-8: save it as text in UTF-8") from error
    if not text.strip() or text.startswith("#"):
        return None
    word, *rest = (" ".join(cell.split()) for cell in text.split("\t"))
    if not word or len(rest) not in (1, 2) or not rest[0]:
        raise UsageError(f"{where}: write the word, a tab, and another spelling or /IPA/")
    if len(text) > 400 or not "".join((word, *rest)).isprintable():
        raise UsageError(f"{where}: too long, or not plain text")
    if re.search(r"[\[\](){}<>]", word + rest[0]) or (("/" in rest[0]) and not re.fullmatch(r"/[^/\s][^/]*/", rest[0])):
        raise UsageError(f"{where}: {rest[0]!r} is neither a spelling nor phonemes as /IPA/")
    if not re.search(r"\w", word):
        raise UsageError(f"{where}: {word!r} is no word")
    return Pronunciation(word, rest[0], main_language(canonical_language(rest[1])) if len(rest) == 2 else "")


# --- in a text -------------------------------------------------------------------------------------------------------

_FIRST, _MARKS = 0xE000, 6400
"""Private-use characters stand for what is settled while other rules work."""


@dataclass
class Settled:
    """Words that are settled, each behind a mark in the text."""

    said: list[str] = field(default_factory=list)

    def mark(self, said: str) -> str:
        """A private-use character in place of what is said; what is beyond their number stays as it is."""
        if len(self.said) >= _MARKS:
            return said
        self.said.append(said)
        return chr(_FIRST + len(self.said) - 1)

    def restore(self, text: str) -> str:
        """The text with what its marks stand for."""
        return re.sub(r"[\ue000-\uf8ff]", lambda m: "".join(self.said[ord(m.group()) - _FIRST :][:1]), text)


def settle_words(text: str, entries: Sequence[Pronunciation], settled: Settled) -> str:
    """Put marks in place of the words of a lexicon, so that no rule changes what it says."""
    exact = {entry.word: entry for entry in reversed(entries)}
    folded = {entry.word: entry for entry in reversed(entries) if entry.word.islower()}
    if not exact:
        return text
    words = "|".join(re.escape(w) for w in sorted(exact, key=len, reverse=True))

    def put(match: re.Match[str]) -> str:
        written = match.group()
        entry = exact.get(written) or folded.get(written.lower())
        if entry is None:
            return written
        return settled.mark(f"[{written}](/{entry.phonemes}/)" if entry.phonemes else entry.said)

    return re.sub(rf"(?<![\w@#.])(?:{words})(?!\w|\.\w|@)", put, text, flags=re.IGNORECASE)


def settle_patterns(text: str, patterns: Mapping[str, str], settled: Settled) -> str:
    """The same for whole words that match a pattern, such as interjections; after a number "mm" is a unit."""
    for pattern, said in patterns.items():
        whole = rf"(?<![\w'’.-])(?<!\d[ \u00a0])(?:{pattern})(?![\w'’-]|\.\w)"
        text = re.sub(whole, partial(_marked, settled, said), text, flags=re.IGNORECASE)
    return text


def _marked(settled: Settled, said: str, match: re.Match[str]) -> str:
    # Two capitals in a line that is not shouted are an acronym: "a PF" is no "pf".
    acronym = re.fullmatch(r"[^\W\d_]{2}", match.group()) and match.group().isupper() and not match.string.isupper()
    return match.group() if acronym else settled.mark(said)


def without_phonemes(text: str) -> str:
    """Spoken text with the written word in place of phonemes, for an engine that takes none."""
    return MARKED.sub(r"\1", text)
