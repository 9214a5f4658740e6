"""Spoken consent: the statement to be read out, with words of the day, and its verification in a recording."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from ..data import Span, Utterance
from ..errors import NoGrant, UsageError
from .home import Home
from .recording import Recording

PURPOSES = {
    "dub": ("dubbing", frozenset({"dubbing", "dub", "dubbed"})),
    "trailer": ("trailers", frozenset({"trailers", "trailer"})),
    "ad": ("advertising", frozenset({"advertising", "advertisement", "advertisements", "adverts", "ads", "ad"})),
}
"""What a voice can be given for: how the statement names it, and the words that are taken for it."""
_WORD_LIST = """
apple river window garden seven yellow mountain paper silver table orange winter bottle market summer
bridge letter island purple kitchen doctor forest morning hammer circle ticket castle engine button
pocket planet camera dragon basket candle family pepper rocket school station teacher thunder village
weather hundred butter number travel system animal member season flower finger corner farmer dinner
coffee picture library holiday machine company engineer
"""
_WORDS = tuple(_WORD_LIST.split())
_DRAWN, _NEEDED = 4, 3
"""Words a day, and how many of them must be heard: a recogniser may miss one. Two statements of other days share three
words once in 2,600 times."""
_STRAY = 2
"""More of the list's other words than this, and somebody read the list."""


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
    """

    text: str
    words: tuple[str, ...]
    until: str


def challenge(home: Home, name: str, purposes: Sequence[str] = ("dub",), today: date | None = None) -> Challenge:
    """The consent statement to be spoken today; accepted until the end of tomorrow, UTC.

    Args:
        home: its own secret makes the words.
        name: as the person is called.
        purposes: what the voice is given for: "dub", "trailer", "ad".
        today: the day, UTC.

    Raises:
        UsageError: a purpose no statement can name.
    """
    day = today or datetime.now(UTC).date()
    words = _words_of(home, day)
    named = [_purpose_words(purpose)[0] for purpose in purposes]
    text = (
        f"My name is {name}. I agree that my voice is cloned and used for {' and '.join(named)}. "
        f"Today's words are {', '.join(words)}."
    )
    return Challenge(text, words, f"{day + timedelta(days=1)}T23:59:59Z")


def verify_statement(
    home: Home, name: str, purposes: Sequence[str], recording: Recording, recognise: Recognise
) -> None:
    """Verify that a recording contains the statement that `challenge` gave today or yesterday.

    Raises:
        NoGrant: it says something else. The message tells no name: it may be logged.
        UsageError: a purpose no statement can name.
    """
    said = recognise(recording.path, Span(0, recording.duration_ms), "en")
    text = " ".join(part.text for part in said)
    today = datetime.now(UTC).date()
    if not any(
        _contains_statement(text, name, purposes, _words_of(home, day)) for day in (today, today - timedelta(days=1))
    ):
        raise NoGrant(
            "the statement does not say what it must: `localize voices challenge` shows the sentence of the day"
        )


def _purpose_words(purpose: str) -> tuple[str, frozenset[str]]:
    if purpose not in PURPOSES:
        raise UsageError(f"a statement cannot name the purpose {purpose!r}: it can name {', '.join(PURPOSES)}")
    return PURPOSES[purpose]


def _words_of(home: Home, day: date) -> tuple[str, ...]:
    digest = hmac.digest(home.secret("challenge"), day.isoformat().encode(), "sha256")
    return tuple(dict.fromkeys(_WORDS[byte % len(_WORDS)] for byte in digest))[:_DRAWN]


def _contains_statement(text: str, name: str, purposes: Sequence[str], words: Sequence[str]) -> bool:
    """Three of the four words, consent to every purpose, and half of the name (recognisers misspell names)."""
    heard = set(_plain(text))
    parts = _plain(name)
    stray = heard.intersection(_WORDS).difference(words, parts)
    return (
        sum(word in heard for word in words) >= _NEEDED
        and len(stray) <= _STRAY
        and {"voice", "agree"} <= heard
        and all(heard & _purpose_words(purpose)[1] for purpose in purposes)
        and sum(part in heard for part in parts) * 2 >= len(parts)
    )


def _plain(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())
