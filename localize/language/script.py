"""Display length of a text (UAX #11, UAX #29), and word boundaries in scripts without spaces.

Characters are grapheme clusters (Unicode UAX #29): a letter with its marks, an emoji of several code points. Widths are
those of UAX #11. Zero-width and bidi marks count nothing. Words of Chinese, Japanese and Thai are found by BudouX.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import accumulate

_UNSPACED = frozenset({"ja", "zh", "th", "yue"})
# Soft hyphen, Arabic letter mark, zero-width space and non-joiner, bidi marks, word joiner, byte order mark.
_UNSEEN = re.compile(r"[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
# Up to here (Latin without combining marks) every code point is a character of one column.
_PLAIN = re.compile(r"[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e]*")


def has_word_spaces(language: str) -> bool:
    """Whether the language parts its words by spaces."""
    return main_language(language) not in _UNSPACED


@lru_cache(maxsize=256)
def main_language(language: str) -> str:
    """The first subtag of a language tag, in lower case."""
    return re.split(r"[-_]", language)[0].lower()


def characters(text: str) -> int:
    """Grapheme clusters of a text that are seen, spaces included."""
    return len(text) if text.isascii() and text.isprintable() else _count_clusters(text)


@lru_cache(maxsize=1 << 16)
def _count_clusters(text: str) -> int:
    return len(text) if _PLAIN.fullmatch(text) else sum(1 for _ in graphemes(_UNSEEN.sub("", text)))


def graphemes(text: str) -> Iterator[str]:
    """The grapheme clusters of a text, in order."""
    import wcwidth

    return iter(wcwidth.iter_graphemes(text))


def display_width(text: str) -> int:
    """Columns a text takes: two for what is East Asian wide, full-width or an emoji, else one a grapheme cluster."""
    return len(text) if text.isascii() and text.isprintable() else _measure_width(text)


@lru_cache(maxsize=1 << 16)
def _measure_width(text: str) -> int:
    if _PLAIN.fullmatch(text):
        return len(text)
    import wcwidth

    return sum(max(1, min(2, wcwidth.wcswidth(one))) for one in graphemes(_UNSEEN.sub("", text)))


def split_words(text: str, language: str) -> list[str]:
    """A text without spaces in the pieces a line may break between; joined they are the text again.

    Args:
        text: of one sentence or more.
        language: BCP 47; other languages than Chinese, Japanese and Thai give the text whole.
    """
    parser = _parser(_model(language))
    if parser is None or not text:
        return [text] if text else []
    words: list[str] = []
    for piece in parser(text):
        # No break in a number, a Latin word or a grapheme cluster, whatever the model says.
        if words and _runs_on(words[-1], piece):
            words[-1] += piece
        else:
            words.append(piece)
    return words


def inside_word(before: str, after: str, language: str) -> bool:
    """Whether a break between two texts of a language without spaces would part a word."""
    if not before or not after or before[-1].isspace() or after[0].isspace() or has_word_spaces(language):
        return False
    return len(before) not in set(accumulate(map(len, split_words(before + after, language))))


def _runs_on(before: str, after: str) -> bool:
    left, right = before[-1], after[0]
    return (left.isascii() and right.isascii() and left.isalnum() and right.isalnum()) or _joins(right)


def _joins(char: str) -> bool:
    """Whether a character is no beginning of a grapheme cluster."""
    import wcwidth

    return wcwidth.wcwidth(char) == 0


def _model(language: str) -> str:
    main = main_language(language)
    if main in ("zh", "yue"):
        rest = language.lower().replace("_", "-").split("-")[1:]
        return "zh-hant" if main == "yue" or {"hant", "tw", "hk", "mo"} & set(rest) else "zh-hans"
    return main


@cache
def _parser(model: str) -> Callable[[str], list[str]] | None:
    import budoux

    makers = {
        "ja": budoux.load_default_japanese_parser,
        "zh-hans": budoux.load_default_simplified_chinese_parser,
        "zh-hant": budoux.load_default_traditional_chinese_parser,
        "th": budoux.load_default_thai_parser,
    }
    if model not in makers:
        return None
    parse: Callable[[str], list[str]] = makers[model]().parse
    return parse
