"""How well the estimate finds bad translations: `python bench/estimate.py [--mt FOLDER] [--work FOLDER]`.

On the half of tatoeba-dev and NTREX that nothing was trained on (see `tools/estimate.py`): of the worst tenth of the
lines by chrF, how many are in the fifth with the highest estimated risk (chance: 20 %), with the same for the
translator's own score alone; and how often lines of each estimated risk are of the worst tenth (reliability).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize.data import Candidate
from localize.translation.estimate import SHARE, features, translation_risk
from tools.estimate import Rated, rated_sets, worst

MT = Path(__file__).resolve().parents[2] / "shared" / "mt"
BINS = (0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 1.0)

Floats = NDArray[np.float64]


def risks(lines: Sequence[Rated], language: str) -> Floats:
    """The estimated risk of each line, from its translation alone."""
    return np.array([translation_risk(features(line.source, line.candidates), language) for line in lines])


def found(risk: Floats, bad: NDArray[np.bool_]) -> float:
    """Of the bad lines, the share in the fifth with the highest risk."""
    marked = np.argsort(-risk, kind="stable")[: round(SHARE * len(risk))]
    return float(bad[marked].sum() / bad.sum())


def main() -> None:
    """Print the table and the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mt", type=Path, default=MT, help="folder of tatoeba-dev.en-es.jsonl and ntrex/")
    parser.add_argument("--work", type=Path, default=Path("build") / "estimate", help="where translations are kept")
    parser.add_argument("--rows", type=Path, help="also write features and chrF of every held-out line here (TSV)")
    given = parser.parse_args()
    rows = ["\t".join(("set", "chrF", *features("a", (Candidate("a", 0.0),))))]
    every: list[tuple[Floats, NDArray[np.bool_]]] = []
    print(f"{'held-out half of':<18}{'lines':>6}  worst tenth found in the marked fifth: by estimate, by score alone")
    for name, lines in rated_sets(given.mt, given.work).items():
        held = [line for line in lines if line.held_out]
        risk, bad = risks(held, name[-2:]), worst(held)
        score = np.array([-line.candidates[0].score for line in held])
        every.append((risk, bad))
        for line in held:
            measured = features(line.source, line.candidates).values()
            rows.append("\t".join((name, f"{line.chrf:.1f}", *(f"{value:.3f}" for value in measured))))
        print(f"{name:<18}{len(held):>6}  {found(risk, bad):6.1%}  {found(score, bad):6.1%}")
    both = sum(found(risk, bad) * bad.sum() for risk, bad in every) / sum(bad.sum() for _, bad in every)
    risk, bad = (np.concatenate(part) for part in zip(*every))
    print(f"{'all three':<18}{len(risk):>6}  {both:6.1%}")
    print(f"{'marked as one film':<18}{len(risk):>6}  {found(risk, bad):6.1%}")
    if given.rows:
        given.rows.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print("\nreliability: estimated risk, mean of it, share that is of the worst tenth, lines")
    for low, high in zip(BINS, BINS[1:]):
        inside = (risk >= low) & (risk < high)
        if inside.any():
            print(f"{low:.2f}–{high:.2f}  {risk[inside].mean():.3f}  {bad[inside].mean():.3f}  {int(inside.sum())}")


if __name__ == "__main__":
    main()
