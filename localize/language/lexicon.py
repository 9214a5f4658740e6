"""Word lists: detect words that do not exist, which small translation models assemble from subword pieces."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from ..errors import EngineFailed

WORD = re.compile(r"[^\W\d_]+")
LARGEST = 20_000_000
"""Bytes of a list of words, unpacked; what is larger is none of ours."""


class Lexicon:
    """Word forms in lower case.

    Args:
        forms: every form that counts as real.
    """

    def __init__(self, forms: frozenset[str]) -> None:
        self._forms = forms

    @classmethod
    def read(cls, path: Path) -> Lexicon:
        """Read `words.z`, which `tools/mt` writes: a form a line, UTF-8, zlib.

        Raises:
            EngineFailed: the file is no such list.
        """
        try:
            unpacked = zlib.decompressobj().decompress(path.read_bytes(), LARGEST)
            return cls(frozenset(unpacked.decode("utf-8").split("\n")))
        except (OSError, zlib.error, UnicodeDecodeError) as error:
            raise EngineFailed(f"{path} is no list of words: {error}; install the model again") from error

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is real."""
        return word in self._forms

    def strange(self, text: str, source: str) -> tuple[str, ...]:
        """Words of a text that are neither known nor its source's; names, which keep their capital, are passed over."""
        unknown = [
            word
            for at, word in enumerate(WORD.findall(text))
            if (word.islower() or (at == 0 and word.istitle())) and word.lower() not in self._forms
        ]
        if not unknown:
            return ()
        said = {word.casefold() for word in WORD.findall(source)}
        return tuple(word for word in unknown if word.casefold() not in said)


def is_spelled(word: str, pieces: Sequence[str]) -> list[tuple[str, ...]]:
    """The runs of SentencePiece pieces that spell a word where it stands, without the marks around it."""
    starts = [at for at, piece in enumerate(pieces) if piece.startswith("▁")] + [len(pieces)]
    found = []
    for start, end in zip(starts, starts[1:]):
        group = list(pieces[start:end])
        while group and not WORD.search(group[-1]):
            group.pop()
        while group and not WORD.search(group[0]):
            del group[0]
        if word in WORD.findall("".join(group).replace("▁", " ")):
            found.append(tuple(group))
    return found


@cache
def english_words() -> Lexicon:
    """English words in small letters (docs/licences.md says of what texts)."""
    return _words("english.z")


@cache
def english_and_spanish_words() -> Lexicon:
    """Of these, those that are Spanish words too."""
    return _words("english_spanish.z")


def _words(name: str) -> Lexicon:
    with resources.as_file(resources.files(__package__).joinpath(name)) as path:
        return Lexicon.read(Path(path))
