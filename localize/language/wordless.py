"""Detect lines without words: laughter, cries, humming, backchannels, named sounds."""

from __future__ import annotations

import re

# Laughter, screams and hums as recognisers write them; a single "ha" or "oh" is a word like others.
_LAUGH = {"": re.compile(r"(?:h(?:a+|e+|o+)h*)+"), "es": re.compile(r"(?:[hj](?:a+|e+|o+)h*)+")}
_SYLLABLES = 3
_CRY = re.compile(r"a{3,}h*|a+h{2,}|o{3,}h*|e{3,}k*|h?m{3,}")
_SUNG = frozenset({"la", "tra"})
_TOLD = re.compile(r"\s*(?:(?:\[[^\]]*\]|\([^)]*\)|\*[^*]*\*)\s*)+|\s*♪.*", re.DOTALL)


def is_wordless(text: str, language: str) -> bool:
    """Whether a line is no speech: laughter, a scream, a hum, song without words, or a sound that is only named.

    Args:
        text: the line as written.
        language: of the line; Spanish laughs with a j.
    """
    if _TOLD.fullmatch(text):
        return True
    parts = re.findall(r"\w+", text.casefold())
    if not parts:
        return False
    laugh = _LAUGH.get(language, _LAUGH[""])
    laughs = len(re.findall(r"[hj](?=[aeo])", "".join(parts))) if all(map(laugh.fullmatch, parts)) else 0
    return laughs >= _SYLLABLES or all(map(_CRY.fullmatch, parts)) or (len(parts) > 2 and _SUNG.issuperset(parts))


_MURMUR = re.compile(r"h*m{2,}|m+h+[mu]*m*|h+m+(?:ph|pf)?|u+n?h+|u+m+|nh|ahem|erm")
_BESIDE_OTHERS = frozenset({"huh", "m", "nuh"})
"""Parts of murmurs ("huh-uh", "m-hm") that mean something else alone."""


def is_backchannel(text: str) -> bool:
    """Whether a line is a listener's murmur, "mm-hm" or "uh-huh": heard the same in any language, and no word to say.

    A lone "uh" or "um" is one too. Yngve (1970) calls such turns back channel.
    """
    parts = re.findall(r"\w+", text.casefold())
    return (
        bool(parts)
        and all(_MURMUR.fullmatch(p) or (p in _BESIDE_OTHERS and len(parts) > 1) for p in parts)
        and (not _BESIDE_OTHERS.issuperset(parts))
    )
