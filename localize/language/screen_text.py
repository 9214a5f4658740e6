"""Text that the picture shows, by the label before it ("TITLE CARD: London, 1945"): translated for readers, and said by
no voice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import chain

from .labels import without_how
from .tags import main_language

LANGUAGES = ("en", "es", "pt", "fr", "it", "de")
"""Of the table of labels, in its order."""
_STYLES = frozenset(
    "sign signs signage title titles typeset typesetting ts onscreen screentext chyron letter letters textmsg note "
    "notes tlnote eyecatch credits cartel carteles rótulo rótulos rotulo rotulos letreiro letreiros placas panneau "
    "panneaux cartelli scritte schilder einblendung einblendungen".split()
)
"""Words of the names of styles."""


def is_screen_text(label: str, language: str, *, bracketed: bool = False) -> bool:
    """Whether a label says that what follows is shown and not said: one of English, in which scripts are written
    everywhere, or of the language of the text.

    Args:
        label: as it stands before its colon, or in brackets; how it is shown may stand behind it: "SUPER (fades in)".
        language: of the text, BCP 47; of one without a list, or of none that is known, the labels of all count.
        bracketed: it stands in brackets, not before a colon.
    """
    key = _key(label)
    own = main_language(language)
    among = {"en", own} if own in LANGUAGES else set(LANGUAGES)
    written = without_how(label.rstrip())
    kinds = ["named", "capitals", "heard"] if written.upper() == written else ["named"]
    kinds = [kind for kind in kinds if not (bracketed and kind == "heard")]
    return any(key in _wordings(kind, one) for kind in kinds for one in among)


def is_screen_voice(name: str, language: str, people: Collection[str]) -> bool:
    """Whether who speaks, as a field of a file names it in any case, is such a label and none of the people.

    Args:
        name: in the field.
        language: of the text, BCP 47.
        people: whom a request names, without regard to case (`str.casefold`).
    """
    return bool(name) and name.casefold() not in people and is_screen_text(name.upper(), language)


def is_screen_style(style: str) -> bool:
    """Whether the style of a line is one for what the picture shows, by its name ("Signs", "Title-Top", "TL note"), as
    people who set subtitles of foreign signs call them.
    """
    return not _STYLES.isdisjoint(re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", style).casefold()))


def may_be_screen_text(text: str) -> bool:
    """Whether a text holds the words of such a label anywhere: a quick look before it is taken apart."""
    return _anywhere().search(text) is not None


def translate_screen_label(label: str, source: str, target: str) -> str:
    """The label in another language, in the case it is written in; "" where no list has it."""
    target, source = main_language(target), main_language(source)
    if target not in LANGUAGES:
        return ""
    key, among = _key(label), [one for one in (source, "en") if one in LANGUAGES]
    rows = [row for one in among if (row := _rows_by_key(one).get(key)) is not None]
    if not rows:
        return ""
    found = _every_row()[min(rows)][LANGUAGES.index(target)].split("|")[0]
    return found.upper() if label.upper() == label else found[:1].upper() + found[1:]


def _key(label: str) -> str:
    """The normal form of a label: without case, hyphens, number and how it is shown."""
    bare = without_how(label.rstrip()).casefold().replace("’", "'")
    bare = re.sub(r"\s*(?:#|n[.º°]+\s?)?\d{1,3}$", "", " ".join(re.split(r"[\s\-_‐‑/]+", bare)).strip(" .:"))
    return bare


@cache
def _rows() -> Mapping[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = tomllib.loads(
        resources.files(__package__).joinpath("screen_text.toml").read_text(encoding="utf-8")
    )
    return found


@cache
def _every_row() -> Sequence[list[str]]:
    return list(chain(*_rows().values()))


@cache
def _rows_by_key(language: str) -> Mapping[str, int]:
    """Normal form of a label of a language -> the number of the first row that has it."""
    at, found = LANGUAGES.index(language), dict[str, int]()
    for number, row in enumerate(_every_row()):
        for wording in row[at].split("|"):
            found.setdefault(_key(wording), number)
    return found


@cache
def _anywhere() -> re.Pattern[str]:
    words = {wording for kind in _rows() for one in LANGUAGES for wording in _wordings(kind, one)}
    return re.compile(
        "|".join(re.escape(word).replace(r"\ ", r"[\s\-_/]+").replace("'", "['’]") for word in sorted(words)), re.I
    )


@cache
def _wordings(kind: str, language: str) -> frozenset[str]:
    at = LANGUAGES.index(language)
    return frozenset(_key(wording) for row in _rows()[kind] for wording in row[at].split("|"))
