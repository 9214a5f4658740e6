"""Add shorter and longer paraphrases to the candidates of each line."""

from __future__ import annotations

from dataclasses import replace

from ..data import Candidate, Line, Translation
from ..language.paraphrase import longer_paraphrases, shorter_paraphrases

# --- for the fit -----------------------------------------------------------------------------------------


def add_paraphrases(translation: Translation) -> Translation:
    """The same lines, each with shorter and longer ways to say its best candidate; a line a person wrote stays alone.

    A rewritten text counts a little less than the translator's own: 0.05 for every rule that made it.
    """
    return replace(translation, lines=tuple(_add_to_line(line, translation.language) for line in translation.lines))


def _add_to_line(line: Line, language: str) -> Line:
    if line.edited or not line.candidates:
        return line
    best = line.candidates[0]
    known = {c.text for c in line.candidates}
    ways = (*shorter_paraphrases(best.text, language), *longer_paraphrases(best.text, language))
    made = {
        way.text: Candidate(way.text, best.score - 0.05 * (way.rule.count("+") + 1), way.rule)
        for way in ways
        if way.text not in known
    }
    return replace(line, candidates=(*line.candidates, *made.values()))
