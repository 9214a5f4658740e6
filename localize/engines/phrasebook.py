"""Fixed translations of whole lines that a small model gets wrong."""

from __future__ import annotations

import re

from ..data import Candidate


class Phrasebook:
    """Fixed translations of whole lines, for short ones that a model translates badly without context ("Bye.").

    Args:
        table: a line each: the source without its final mark, then ways to say it, parted by "|".
        target: the language of the answers; Spanish opens its questions.
    """

    def __init__(self, table: str, target: str) -> None:
        rows = [row.split("|") for row in table.splitlines() if "|" in row and not row.startswith("#")]
        self._answers = {row[0].strip().casefold(): [cell.strip() for cell in row[1:]] for row in rows}
        self._opens = {"?": "¿", "!": "¡"} if target == "es" else {}

    def answer(self, sentence: str) -> tuple[Candidate, ...]:
        """Ways to say a line, marked as the line is, the best scored 0; none for a line not known."""
        words = sentence.strip().replace("’", "'")
        bare = re.sub(r"[.!?…]+$", "", words)
        marks = words[len(bare) :]
        opening = next((self._opens[mark] for mark in "?!" if mark in marks and mark in self._opens), "")
        answers = self._answers.get(bare.casefold(), [])
        return tuple(Candidate(opening + answer + marks, 0.0 - 0.1 * rank) for rank, answer in enumerate(answers))
