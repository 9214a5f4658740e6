"""A pivot translator: two translators in sequence, by way of English, for a pair that no single one offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ..data import Candidate
from ..errors import UsageError
from . import Translator

BETWEEN = "en"


class Pivot:
    """Translates into English, then on. What English does not say ("tu" or "vous") is lost on the way.

    Args:
        first: from the source language into English.
        second: from English into the target language.
        source: the language of the sentences.
        target: the language wanted.
    """

    name: ClassVar[str] = "pivot"
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "offline"
    by_way_of: ClassVar[str] = BETWEEN

    def __init__(self, first: Translator, second: Translator, source: str, target: str) -> None:
        self._first, self._second = first, second
        self.pairs = frozenset({(source, target)})

    @property
    def fingerprint(self) -> str:
        """Those of both."""
        return f"by way of {BETWEEN}: {self._first.fingerprint}; then {self._second.fingerprint}"

    def translate(
        self, sentences: Sequence[str], source: str, target: str, *, n_best: int = 4
    ) -> tuple[tuple[Candidate, ...], ...]:
        """Candidates for the best English of each sentence; scores are the sum of both.

        Raises:
            UsageError: another pair.
            EngineError: as either raises.
        """
        if (source, target) not in self.pairs:
            raise UsageError(f"this pivot does not translate {source}->{target}")
        english = self._first.translate(sentences, source, BETWEEN, n_best=1)
        asked = [found[0].text for found in english if found]
        answers = iter(self._second.translate(asked, BETWEEN, target, n_best=n_best))
        return tuple(
            tuple(Candidate(c.text, round(c.score + found[0].score, 4)) for c in next(answers)) if found else ()
            for found in english
        )
