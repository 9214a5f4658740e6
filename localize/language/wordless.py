"""Detect lines without words: laughter, cries, humming, backchannels, named sounds."""

from __future__ import annotations

import re

from ..data import SoundKind

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


_WITHIN = r"\s*([^\[\](){}*♪]+?)\s*"
_NAME = re.compile(rf"\[{_WITHIN}(?:\]|$)|\({_WITHIN}(?:\)|$)|\*{_WITHIN}(?:\*|$)|♪{_WITHIN}(?:♪|$)")
_LONGEST_NAME = 3
"""Words of a sound's name: "(I'm not going to laugh)" is none."""
_KINDS: tuple[tuple[SoundKind, re.Pattern[str]], ...] = (
    ("crowd", re.compile(r"applau|cheer|crowd|audience|clapp")),
    ("laugh", re.compile(r"laugh|chuckl|giggl|snicker|cackl")),
    ("cry", re.compile(r"\bcr(?:y|ies|ying)\b|sob|weep|wail|whimper")),
    ("scream", re.compile(r"scream|shriek|squeal")),
    ("cough", re.compile(r"cough|throat")),
    ("sneeze", re.compile(r"sneez")),
    ("breath", re.compile(r"breath|gasp|sigh|pant(?:s|ing)?\b|inhal|exhal|sniff")),
    ("groan", re.compile(r"groan|grunt|moan")),
)
_NOBODY = re.compile(
    r"\b(?:dogs?|cats?|birds?|crows?|gulls?|eagles?|wol(?:f|ves)|horses?|cows?|sheep|pigs?|lions?|mon"
    r"keys?|engines?|tires?|tyres?|brakes?|wind|sirens?|phones?|music|guitars?|doors?)\b"
)


def sound_kind(written: str) -> SoundKind | None:
    """What kind of vocal sound a recogniser named, where all that it wrote are names of one.

    Args:
        written: "[laughs]", "*cough* *cough*"; the last name may be broken off.

    Returns:
        None for words, for words beside a name, and for sounds that no voice of a person makes.
    """
    if re.search(r"\w", _NAME.sub("", written)):
        return None
    names = [next(filter(None, found.groups())).casefold() for found in _NAME.finditer(written)]
    if not names or any(len(name.split()) > _LONGEST_NAME or _NOBODY.search(name) for name in names):
        return None
    kinds = [next((kind for kind, words in _KINDS if words.search(name)), None) for name in names]
    if len(kinds) > 1 and len(names[-1]) < len(names[0]) and names[0].startswith(names[-1]):
        kinds.pop()  # broken off
    return kinds[0] if len(set(kinds)) == 1 else None
