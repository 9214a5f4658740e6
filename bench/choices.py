"""What another choice among a translator's hypotheses is worth: `python bench/choices.py [--lines 500] [--mt FOLDER]`.

English to Spanish with the embedded translator, on lines that it was not trained on: everyday dialogue (tatoeba-dev)
and news (NTREX). Of its 16 hypotheses are taken the first; the one most like the others by chrF (minimum Bayes risk;
Eikema and Aziz, EMNLP 2020); that one with hypotheses weighed by their probability; and the one with the lowest
estimated risk.
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

MT = Path(__file__).resolve().parents[2] / "shared" / "mt"
_CHRF = CHRF()


def sets(folder: Path, count: int) -> dict[str, tuple[list[str], list[list[str]]]]:
    """Name -> sources, and the translations that people made of each."""
    pairs = [json.loads(line) for line in (folder / "tatoeba-dev.en-es.jsonl").read_text("utf-8").splitlines()[:count]]
    source = (folder / "ntrex/newstest2019-src.eng.txt").read_text("utf-8").splitlines()[:count]
    answer = (folder / "ntrex/newstest2019-ref.spa.txt").read_text("utf-8").splitlines()[:count]
    return {
        "dialogue": ([pair["en"] for pair in pairs], [pair["es"] for pair in pairs]),
        "news": (source, [[text] for text in answer]),
    }


def least_risk(candidates: Sequence[Candidate], *, weighed: bool) -> int:
    """The hypothesis most like the others; with `weighed` those count by their probability."""
    texts = [candidate.text for candidate in candidates]
    scores = np.array([candidate.score * (len(candidate.text.split()) + 1) for candidate in candidates])
    weights = np.exp(scores - scores.max()) if weighed else np.ones(len(texts))
    gain = [sum(w * _CHRF.sentence_score(text, [other]).score for other, w in zip(texts, weights)) for text in texts]
    return int(np.argmax(gain))


def least_estimated(source: str, candidates: Sequence[Candidate]) -> int:
    """The hypothesis that the estimate of lines thinks likeliest to be right."""
    return int(np.argmin([translation_risk(features(source, candidates, at), "es") for at in range(len(candidates))]))


def main() -> None:
    """Print BLEU and chrF of every choice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mt", type=Path, default=MT, help="folder of tatoeba-dev.en-es.jsonl and ntrex/")
    parser.add_argument("--lines", type=int, default=500)
    given = parser.parse_args()
    engine = MarianCT2("dialogue-en-es", Models())
    for name, (sources, answers) in sets(given.mt, given.lines).items():
        found = engine.translate(sources, "en", "es", n_best=HYPOTHESES)
        wide = max(map(len, answers))
        references = [[own[at] if at < len(own) else own[0] for own in answers] for at in range(wide)]
        ways = {
            "first": [0] * len(found),
            "least risk": [least_risk(own, weighed=False) for own in found],
            "least risk, weighed": [least_risk(own, weighed=True) for own in found],
            "by the estimate": [least_estimated(source, own) for source, own in zip(sources, found)],
        }
        for way, chosen in ways.items():
            texts = [own[at].text for own, at in zip(found, chosen)]
            bleu = sacrebleu.corpus_bleu(texts, references).score
            chrf = sacrebleu.corpus_chrf(texts, references).score
            changed = sum(map(bool, chosen))
            print(
                f"{name:<9} {way:<20} BLEU {bleu:5.2f}  chrF {chrf:5.2f}  {changed} of {len(texts)} changed", flush=True
            )


if __name__ == "__main__":
    main()
