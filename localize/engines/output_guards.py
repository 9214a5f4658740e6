"""Guards of Marian models: inputs they must not be given, and implausible outputs that are rejected.

Marian models were trained on whole sentences of mixed case. Given "..." they invent one; given capitals they spell
names; given a paragraph they forget half of it; given one word they may go on talking. So dots are passed through,
capitals are put down and taken up again, paragraphs are asked for sentence by sentence, and answers that run away from
their question are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..data import Candidate

LONG = 40
"""Words from which several sentences are asked for one by one."""
MOST_WORDS, MOST_BYTES = 60, 400
"""Of what is asked at once. Marian knows 512 positions, and what its vocabulary does not hold is spelled in bytes."""
TALKATIVE = 2.5
"""An answer of more words than this many times its question, and SPARE more, was invented."""
SPARE = 3
LOOP = 4
"""Three words that come so often are a loop."""
UNSURE = -9.0
"""Score of a line that is passed through since every answer was rejected."""
_SENTENCE = re.compile(r"(?<=[.!?…])([\"'”’»)]*)\s+(?=[^\W\d_]|[¿¡\"'“‘«(\d])")
# Scripts that are written without spaces: Thai, Lao, Burmese, Khmer, kana, Han.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")

Ask = Callable[[list[str]], Sequence[Sequence[Candidate]]]


@dataclass(frozen=True, slots=True)
class _Input:
    """A line in the form in which the model is given it.

    Args:
        line: as it was given.
        pieces: its sentences, each asked alone; none where nothing is to be translated or no model could read it.
        loud: whether it is all in capitals.
    """

    line: str
    pieces: tuple[str, ...]
    loud: bool


def guarded_translate(lines: Sequence[str], n_best: int, ask: Ask) -> tuple[tuple[Candidate, ...], ...]:
    """Candidates for each line, at most `n_best`, the best first; none for an empty line.

    Args:
        lines: what is to be translated.
        n_best: most candidates a line.
        ask: gives the model's answers to whole sentences of mixed case, in their order.
    """
    questions = [_question(line) for line in lines]
    pieces = [piece for q in questions for piece in q.pieces]
    answers = iter(ask(pieces) if pieces else ())
    return tuple(_answer(q, [next(answers) for _ in q.pieces])[:n_best] for q in questions)


def _question(line: str) -> _Input:
    text = " ".join(line.split())
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return _Input(text, (), loud=False)
    loud = len(letters) > 1 and all(c == c.upper() for c in letters) and any(c != c.lower() for c in letters)
    asked = _lower_capitals(text) if loud else text
    if any(len(word.encode()) > MOST_BYTES for word in asked.split()):
        return _Input(text, (), loud=False)
    whole = len(asked.split()) <= LONG
    sentences = [asked] if whole else _SENTENCE.sub(r"\1\n", asked).split("\n")
    return _Input(text, tuple(run for sentence in sentences for run in _runs(sentence)), loud)


def _runs(sentence: str) -> Iterator[str]:
    """A sentence in as many pieces as it takes for each to be short enough."""
    run: list[str] = []
    for word in sentence.split():
        if run and (len(run) == MOST_WORDS or len(" ".join([*run, word]).encode()) > MOST_BYTES):
            yield " ".join(run)
            run = []
        run.append(word)
    yield " ".join(run)


def _lower_capitals(text: str) -> str:
    """Capitals as a sentence is written: one at each beginning, and the English "I"."""
    low = re.sub(r"\bi\b(?!\.)", "I", text.lower())
    return re.sub(r"(^\W*|[.!?…]\s+)([^\W\d_])", lambda found: found[1] + found[2].upper(), low)


def _answer(question: _Input, answers: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    if not question.pieces:
        return (Candidate(question.line, 0.0),) if question.line else ()
    sober = [_plausible(piece, found) for piece, found in zip(question.pieces, answers)]
    best: dict[str, Candidate] = {}
    weights = [len(piece.split()) for piece in question.pieces]
    for rank in range(max(map(len, sober))):
        chosen = [found[min(rank, len(found) - 1)] for found in sober]
        text = " ".join(c.text for c in chosen)
        score = sum(c.score * w for c, w in zip(chosen, weights)) / sum(weights)
        whole = text.upper() if question.loud else text
        best.setdefault(whole, Candidate(whole, round(score, 4), links=_join_runs(chosen, weights)))
    return tuple(best.values())  # in the model's own order


def _join_runs(chosen: Sequence[Candidate], sources: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Links of candidates in a row, whose sources have so many words."""
    theirs, ours = accumulate(sources, initial=0), accumulate((len(c.text.split()) for c in chosen), initial=0)
    return tuple((a + x, b + y) for c, a, b in zip(chosen, theirs, ours) for x, y in c.links)


def _plausible(piece: str, found: Sequence[Candidate]) -> Sequence[Candidate]:
    """The plausible answers; the question itself where there are none."""
    return [c for c in found if is_plausible(piece, c.text)] or (Candidate(piece, UNSURE),)


def is_plausible(question: str, answer: str) -> bool:
    """Whether an answer says something, says it once, and does not run away from its question."""
    most = TALKATIVE * size(question) + SPARE
    return not _is_only_dots(answer) and size(answer) <= most and not _has_loops(answer)


def size(text: str) -> float:
    """Words of a text; where they are not parted by spaces, two characters count as one."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + unspaced / 2


def _is_only_dots(text: str) -> bool:
    return all(unicodedata.category(c)[0] in "PZC" for c in text)


def _has_loops(text: str) -> bool:
    words = text.lower().split()
    return bool(words) and max(Counter(zip(words, words[1:], words[2:])).values(), default=0) >= LOOP
