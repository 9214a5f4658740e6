"""What another choice among a translator's hypotheses is worth: `python bench/choices.py [--lines 500] [--mt FOLDER]`.

English to Spanish with the embedded translator, on lines that it was not trained on: everyday dialogue (tatoeba-dev),
news (NTREX), and dialogue of our own (`tools/mt/data`). Of its 16 hypotheses are taken the first; the one most like the
others by chrF (minimum Bayes risk; Eikema and Aziz, EMNLP 2020); that one with hypotheses weighed by their probability;
and the one with the lowest estimated risk.

With `--staged FOLDER` the same choices among the wordings that the translate stage leaves, its checks done, to Spanish
and Portuguese, on the half of the lines that the estimate was not trained on (see `tools/estimate.py`, which keeps its
translations in such a folder).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sacrebleu
from sacrebleu.metrics.chrf import CHRF

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize.data import Candidate
from localize.engines.marian_ct2 import MarianCT2
from localize.models import Models
from localize.translation.estimate import features, translation_risk
from localize.translation.translate import HYPOTHESES
from tools.estimate import Rated, rated_sets

MT = Path(__file__).resolve().parents[2] / "shared" / "mt"
OWN = Path(__file__).resolve().parents[1] / "tools" / "mt" / "data" / "dialogue.en-es.tsv"
_CHRF = CHRF()


def sets(folder: Path, count: int) -> dict[str, tuple[list[str], list[list[str]]]]:
    """Name -> sources, and the translations that people made of each."""
    pairs = [json.loads(line) for line in (folder / "tatoeba-dev.en-es.jsonl").read_text("utf-8").splitlines()[:count]]
    source = (folder / "ntrex/newstest2019-src.eng.txt").read_text("utf-8").splitlines()[:count]
    answer = (folder / "ntrex/newstest2019-ref.spa.txt").read_text("utf-8").splitlines()[:count]
    rows = [line.split("\t") for line in OWN.read_text("utf-8").splitlines() if not line.startswith("#")][:count]
    return {
        "dialogue": ([pair["en"] for pair in pairs], [pair["es"] for pair in pairs]),
        "news": (source, [[text] for text in answer]),
        "own dialogue": ([line for line, *_ in rows], [answers for _, *answers in rows]),
    }


def least_risk(candidates: Sequence[Candidate], *, weighed: bool) -> int:
    """The hypothesis most like the others; with `weighed` those count by their probability."""
    texts = [candidate.text for candidate in candidates]
    scores = np.array([candidate.score * (len(candidate.text.split()) + 1) for candidate in candidates])
    weights = np.exp(scores - scores.max()) if weighed else np.ones(len(texts))
    gain = [sum(w * _CHRF.sentence_score(text, [other]).score for other, w in zip(texts, weights)) for text in texts]
    return int(np.argmax(gain))


def least_estimated(source: str, candidates: Sequence[Candidate], language: str) -> int:
    """The hypothesis that the estimate of lines thinks likeliest to be right."""
    risks = [translation_risk(features(source, candidates, at), language) for at in range(len(candidates))]
    return int(np.argmin(risks))


def own_wordings(line: Rated) -> tuple[Candidate, ...]:
    """The wording that is said, and the translator's others; those that rules made of them are left out."""
    return line.candidates[:1] + tuple(candidate for candidate in line.candidates[1:] if not candidate.rule)


def compare(
    name: str,
    sources: Sequence[str],
    found: Sequence[Sequence[Candidate]],
    answers: Sequence[Sequence[str]],
    language: str,
) -> None:
    """Print BLEU and chrF of every choice.

    Args:
        name: of the set.
        sources: its lines.
        found: the hypotheses for each, the best first.
        answers: what people made of each.
        language: of the answers.
    """
    wide = max(map(len, answers))
    references = [[own[at] if at < len(own) else own[0] for own in answers] for at in range(wide)]
    ways = {
        "first": [0] * len(found),
        "least risk": [least_risk(own, weighed=False) for own in found],
        "least risk, weighed": [least_risk(own, weighed=True) for own in found],
        "by the estimate": [least_estimated(source, own, language) for source, own in zip(sources, found)],
    }
    for way, chosen in ways.items():
        texts = [own[at].text for own, at in zip(found, chosen)]
        bleu = sacrebleu.corpus_bleu(texts, references).score
        chrf = sacrebleu.corpus_chrf(texts, references).score
        changed = sum(map(bool, chosen))
        print(f"{name:<14} {way:<20} BLEU {bleu:5.2f}  chrF {chrf:5.2f}  {changed} of {len(texts)} changed", flush=True)


def main() -> None:
    """Print BLEU and chrF of every choice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mt", type=Path, default=MT, help="folder of tatoeba-dev.en-es.jsonl and ntrex/")
    parser.add_argument("--lines", type=int, default=500)
    parser.add_argument("--staged", type=Path, metavar="FOLDER", help="the stage's wordings, kept here, and no others")
    given = parser.parse_args()
    if given.staged:
        for name, lines in rated_sets(given.mt, given.staged).items():
            held = [line for line in lines if line.held_out]
            found = [own_wordings(line) for line in held]
            compare(name, [line.source for line in held], found, [line.references for line in held], name[-2:])
        return
    engine = MarianCT2("dialogue-en-es", Models())
    for name, (sources, answers) in sets(given.mt, given.lines).items():
        compare(name, sources, engine.translate(sources, "en", "es", n_best=HYPOTHESES), answers, "es")


if __name__ == "__main__":
    main()
