"""Spoken consent: the statement to be read out, with words of the day, and its verification in a recording."""

from __future__ import annotations

import hmac
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import SequenceMatcher
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Protocol

from ..data import Span, Utterance
from ..errors import NoGrant, UsageError
from .home import Home
from .recording import Recording

PURPOSES = ("dub", "trailer", "ad")
"""What a voice can be given for in a statement."""
_DRAWN, _NEEDED = 4, 3
"""Words a day, and how many of them must be heard in their places: a recogniser may mishear one, but none is missing.
Two statements of other days share three words in the same places less than once in 10,000 times."""
_LIKE = 0.6
"""Likeness of letters (difflib's ratio) from which a word, or a name, is taken for one that a recogniser misspelled."""
_SAME = 0.75
"""The same for the words that carry the consent, and for the words of the day."""
_SLIPS, _SLIPS_IN_CONSENT = 2, 1
"""Other words of the sentence that may be heard as something else, or not at all; and inside the part that consents."""
_ADDED, _ADDED_TO_CONSENT = 3, 1
"""Harmless words more than the sentence has (an article, one said twice, a part of one), and inside what consents. Any
other word refuses: what denies cannot be listed ("barely", "you would", "just kidding")."""
_NAME_WORDS = 8
_FILLERS = frozenset({"uh", "um", "er", "eh", "euh", "hm", "hmm", "mm", "ehm"})


@dataclass(frozen=True, slots=True)
class _Wording:
    """The statement in one language, as `statements.toml` has it; `sentence` with its key words between asterisks."""

    sentence: str
    conjunction: str
    purposes: Mapping[str, tuple[str, ...]]
    refusals: frozenset[str]
    articles: frozenset[str]
    words: tuple[str, ...]


@cache
def _wordings() -> Mapping[str, _Wording]:
    text = resources.files(__package__).joinpath("statements.toml").read_text(encoding="utf-8")
    return {
        language: _Wording(
            sentence=table["sentence"],
            conjunction=table["and"],
            purposes={name: tuple(forms) for name, forms in table["purposes"].items()},
            refusals=frozenset(table["refusals"]),
            articles=frozenset(table["articles"]),
            words=tuple(table["words"].split()),
        )
        for language, table in tomllib.loads(text).items()
    }


class Recognise(Protocol):
    """How a statement is heard: a recogniser's `recognise`, handed in by whoever has the engine."""

    def __call__(self, audio: Path, span: Span, language: str) -> Sequence[Utterance]:
        """What is said in `span` of a 16 kHz mono WAV."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """The consent statement to be spoken.

    Args:
        text: the whole sentence: name, scope, and the day's words.
        words: the four words nobody could foresee.
        until: UTC; a statement with these words is taken until then.
        language: of the sentence.
    """

    text: str
    words: tuple[str, ...]
    until: str
    language: str = "en"


def challenge(
    home: Home, name: str, purposes: Sequence[str] = ("dub",), today: date | None = None, language: str = "en"
) -> Challenge:
    """The consent statement to be spoken today; accepted until the end of tomorrow, UTC.

    Args:
        home: its own secret makes the words.
        name: as the person is called.
        purposes: what the voice is given for: "dub", "trailer", "ad".
        today: the day, UTC.
        language: it is to be spoken in: en, es, pt, fr or it.

    Raises:
        UsageError: a purpose no statement can name, a language it is not written in, or a name that cannot be told
            from a denial.
    """
    day = today or datetime.now(UTC).date()
    wording = _wording(language)
    _check_name(name, wording, language)
    words = _words_of(home, day, wording)
    named = f" {wording.conjunction} ".join(_forms(wording, purpose)[0] for purpose in purposes)
    text = wording.sentence.replace("*", "").format(name=name, purposes=named, words=", ".join(words))
    return Challenge(text, words, f"{day + timedelta(days=1)}T23:59:59Z", language)


def verify_statement(
    home: Home, name: str, purposes: Sequence[str], recording: Recording, recognise: Recognise, language: str = "en"
) -> None:
    """Verify that a recording is the statement that `challenge` gave today or yesterday, word by word in its order.

    Raises:
        NoGrant: it says something else. The message tells no name: it may be logged.
        UsageError: a purpose no statement can name, a language it is not written in, or a name that cannot be told
            from a denial.
    """
    wording = _wording(language)
    _check_name(name, wording, language)
    for purpose in purposes:
        _forms(wording, purpose)
    said = recognise(recording.path, Span(0, recording.duration_ms), language)
    text = " ".join(part.text for part in said)
    today = datetime.now(UTC).date()
    faults = [
        statement_fault(text, language, name, purposes, _words_of(home, day, wording))
        for day in (today, today - timedelta(days=1))
    ]
    if all(faults):
        raise NoGrant(
            f"the statement does not say what it must: {faults[0]}; `localize voices challenge` shows the sentence of "
            "the day, to be said as it stands"
        )


def _wording(language: str) -> _Wording:
    if language not in _wordings():
        raise UsageError(f"a statement is not written in {language!r}: it can be spoken in {', '.join(_wordings())}")
    return _wordings()[language]


def _check_name(name: str, wording: _Wording, language: str) -> None:
    """Refuse a name that could carry a denial: "Me llamo Ana. No acepto" is no consent of somebody called "Ana No"."""
    words = _plain(name)
    if not words or len(words) > _NAME_WORDS:
        raise UsageError(f"--name must be one to {_NAME_WORDS} words, as the person says it in the statement")
    if denying := next((word for word in words if word in wording.refusals), ""):
        others = ", ".join(other for other in _wordings() if other != language)
        raise UsageError(
            f"the name holds {denying!r}, which denies or limits in this language ({language}): give the statement in "
            f"another ({others}), or enrol with --evidence"
        )


def _forms(wording: _Wording, purpose: str) -> tuple[str, ...]:
    if purpose not in wording.purposes:
        raise UsageError(f"a statement cannot name the purpose {purpose!r}: it can name {', '.join(PURPOSES)}")
    return wording.purposes[purpose]


def _words_of(home: Home, day: date, wording: _Wording) -> tuple[str, ...]:
    digest = hmac.digest(home.secret("challenge"), day.isoformat().encode(), "sha256")
    return tuple(dict.fromkeys(wording.words[byte % len(wording.words)] for byte in digest))[:_DRAWN]


# --- what was heard, against what was asked ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """One word of the sentence. `part` is "text", "key", "name", "day", or the purpose it names; `consents` where it
    stands between the first key word and the last purpose.
    """

    word: str
    part: str
    consents: bool


def statement_fault(heard: str, language: str, name: str, purposes: Sequence[str], words: Sequence[str]) -> str:
    """What keeps a recognised text from being the consent statement; "" where it is.

    The words heard are aligned with the sentence asked for (least edits), so that order counts. A word that denies,
    limits or sets a condition refuses wherever it stands, and so does any that is not of the sentence. The words that
    carry the consent, and each purpose, must be there; of the day's words three of four, in their places; of the rest
    two may be misheard.

    Args:
        heard: as recognised.
        language: of the sentence.
        name: of the person; recognisers misspell names, so that letters alike are enough.
        purposes: that the statement must name.
        words: of the day.
    """
    wording = _wording(language)
    asked = _asked(wording, name, purposes, words)
    tokens = [token for token in _plain(heard) if token not in _FILLERS]
    if refused := next((token for token in tokens if token in wording.refusals), ""):
        return f"{refused!r} was heard, which denies or limits the consent"
    spoken, added = _align([one.word for one in asked], tokens)
    return (
        _consent_fault(wording, asked, spoken)
        or _day_fault(asked, spoken)
        or _name_fault(asked, spoken, added)
        or _length_fault(wording, asked, spoken, added)
    )


def _asked(wording: _Wording, name: str, purposes: Sequence[str], words: Sequence[str]) -> list[_Asked]:
    named = []
    for n, purpose in enumerate(purposes):
        *articles, noun = _forms(wording, purpose)[0].split()
        named += [*((word, "text") for word in [wording.conjunction] * (n > 0) + articles), (noun, purpose)]
    fields = {"{name}": [(name, "name")], "{purposes}": named, "{words}": [(word, "day") for word in words]}
    pieces = re.split(r"(\{\w+\}|\*\w+\*)", wording.sentence)
    texts = [pair for piece in pieces for pair in fields.get(piece, [(piece, "key" if piece[:1] == "*" else "text")])]
    parts = [(word, part) for text, part in texts for word in _plain(text)]
    first = next(i for i, (_, part) in enumerate(parts) if part == "key")
    last = max(i for i, (_, part) in enumerate(parts) if part in PURPOSES)
    return [_Asked(word, part, first <= i <= last) for i, (word, part) in enumerate(parts)]


def _align(asked: Sequence[str], heard: Sequence[str]) -> tuple[list[str], list[tuple[int, str]]]:
    """For each asked word the heard one ("" for none), and each added word with the asked word it stands before."""
    costs = [[float(i + j) for j in range(len(heard) + 1)] for i in range(len(asked) + 1)]
    for i, word in enumerate(asked):
        for j, token in enumerate(heard):
            costs[i + 1][j + 1] = min(costs[i][j] + _change(word, token), costs[i][j + 1] + 1.0, costs[i + 1][j] + 1.0)
    spoken, added = [""] * len(asked), []
    i, j = len(asked), len(heard)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + _change(asked[i - 1], heard[j - 1]):
            i, j = i - 1, j - 1
            spoken[i] = heard[j]
        elif i and costs[i][j] == costs[i - 1][j] + 1.0:
            i -= 1
        else:
            j -= 1
            added.append((i, heard[j]))
    return spoken, added[::-1]


def _change(word: str, token: str) -> float:
    """Cost of hearing `token` for `word`, against 1 for leaving one out or adding one."""
    alike = _likeness(word, token)
    return 1.0 - alike if alike >= _LIKE else 1.2


@cache
def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _consent_fault(wording: _Wording, asked: Sequence[_Asked], spoken: Sequence[str]) -> str:
    for one, said in zip(asked, spoken):
        if one.part == "key" and not _carries(one.word, said):
            return f"{one.word!r} was not heard in its place"
        if one.part in PURPOSES:
            forms = [_plain(form)[-1] for form in _forms(wording, one.part)]
            if not any(_carries(form, said) for form in forms):
                return f"the purpose {one.part!r} was not heard in its place"
    return ""


def _carries(word: str, said: str) -> bool:
    """Whether `said` is a key word or misspelled like it; "unused" is not "used", nor "acceptais" "accepte"."""
    return _likeness(word, said) >= _SAME and said[:2] == word[:2] and abs(len(word) - len(said)) <= 1


def _day_fault(asked: Sequence[_Asked], spoken: Sequence[str]) -> str:
    said = [(one.word, token) for one, token in zip(asked, spoken) if one.part == "day"]
    right = sum(_likeness(word, token) >= _SAME for word, token in said)
    if right < _NEEDED or not all(token for _, token in said):
        return "the words of the day were not heard, all of them and in their order"
    return ""


def _name_fault(asked: Sequence[_Asked], spoken: Sequence[str], added: Sequence[tuple[int, str]]) -> str:
    places = [i for i, one in enumerate(asked) if one.part == "name"]
    if not places:
        return ""
    extra = {i: [token for at, token in added if at == i] for i in range(places[0], places[-1] + 2)}
    name = "".join(asked[i].word for i in places)
    bare = "".join(spoken[i] for i in places)
    said = "".join("".join(extra[i]) + spoken[i] for i in places) + "".join(extra[places[-1] + 1])
    if max(_likeness(name, bare), _likeness(name, said)) < _LIKE:
        return "another name was heard"
    return ""


def _length_fault(
    wording: _Wording, asked: Sequence[_Asked], spoken: Sequence[str], added: Sequence[tuple[int, str]]
) -> str:
    slips = [
        one.consents for one, said in zip(asked, spoken) if one.part == "text" and _likeness(one.word, said) < _LIKE
    ]
    if len(slips) > _SLIPS or sum(slips) > _SLIPS_IN_CONSENT:
        return "too many words of the sentence were not heard"
    outside = [(at, token) for at, token in added if not _of_name(asked, spoken, at, token)]
    inside = [at for at, _ in outside if at < len(asked) and asked[at].consents and asked[at - 1].consents]
    strange = next((token for at, token in outside if not _harmless(wording, asked, spoken, at, token)), "")
    if strange or len(inside) > _ADDED_TO_CONSENT or len(outside) > _ADDED:
        return f"words were heard that are not of the sentence{f': {strange!r}' if strange else ''}"
    return ""


def _of_name(asked: Sequence[_Asked], spoken: Sequence[str], at: int, token: str) -> bool:
    """Whether a word added beside or within the name makes it more like the name: recognisers write it in pieces."""
    places = [i for i in (at - 1, at) if 0 <= i < len(asked) and asked[i].part == "name"]
    return any(
        _likeness(asked[i].word, joined) > _likeness(asked[i].word, spoken[i])
        for i in places
        for joined in (spoken[i] + token, token + spoken[i])
    )


def _harmless(wording: _Wording, asked: Sequence[_Asked], spoken: Sequence[str], at: int, token: str) -> bool:
    """Whether an added word says nothing: an article, a word of the sentence said twice, or a part of its neighbour."""
    if token == wording.conjunction or token in wording.articles or token in {one.word for one in asked}:
        return True
    before, after = ((asked[i].word, spoken[i]) if 0 <= i < len(asked) else ("", "") for i in (at - 1, at))
    pieces = ((before[0], before[1], before[1] + token), (after[0], after[1], token + after[1]))
    return any(
        _likeness(word, joined) >= max(_SAME, _likeness(word, said)) > 0 for word, said, joined in pieces if word
    )


def _plain(text: str) -> list[str]:
    """The words of a text without case, accents and apostrophes; "don't" is "do not"."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("’", "'")).replace("ı", "i")
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return re.findall(r"\w+", re.sub(r"n't\b", " not", bare))
