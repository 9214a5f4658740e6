"""Train the estimate of translated lines: `python tools/estimate.py MT --work FOLDER`.

Translates tatoeba-dev (English to Spanish) and the beginning of NTREX-128 (English to Spanish and Brazilian Portuguese)
through the translate stage, as a dub does, trains on one half of each set and writes
`localize/translation/estimate.toml`. The other half is for `bench/estimate.py`. What was translated stays in the work
folder; running again goes on there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from localize.consent import Home
from localize.data import Candidate, Edits, Segment, Span, Transcript
from localize.engines import load
from localize.events import Run
from localize.models import Models
from localize.runtime.store import Store
from localize.translation.estimate import FARTHEST, features
from localize.translation.glossary import Glossary
from localize.translation.translate import translate

WEIGHTS = Path(__file__).resolve().parents[1] / "localize" / "translation" / "estimate.toml"
TRANSLATORS = {"es": "marian_ct2", "pt": "bergamot"}
FILM = 100
"""Lines that are translated as one film."""
MOST = {"tatoeba": 1500, "ntrex": 800}
"""Lines of each set that are used."""
WORST = 0.1
REGULARISATION = 0.002
"""Inverse strength of the L2 penalty. In cross-validation on the training halves it finds 49.7 % of the worst tenth
(mean of the three sets), 0.02 finds 47.0 %; without slopes 47.6 and 45.6 %."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rated:
    """One translated line with human references, and its chrF against them (0 to 100)."""

    source: str
    candidates: tuple[Candidate, ...]
    references: tuple[str, ...]
    chrf: float

    @property
    def held_out(self) -> bool:
        """Whether it is in the half that nothing is trained on."""
        return hashlib.sha256(self.source.encode()).digest()[0] % 2 == 1


def sets(folder: Path) -> Iterator[tuple[str, str, list[tuple[str, list[str]]]]]:
    """(set, target language, rows of an English line and its references)."""
    lines = (folder / "tatoeba-dev.en-es.jsonl").read_text(encoding="utf-8").splitlines()
    yield "tatoeba", "es", [(row["en"], row["es"]) for row in map(json.loads, lines)]
    sources = (folder / "ntrex" / "newstest2019-src.eng.txt").read_text(encoding="utf-8").splitlines()
    for language, name in (("es", "spa"), ("pt", "por-BR")):
        path = folder / "ntrex" / f"newstest2019-ref.{name}.txt"
        references = path.read_text(encoding="utf-8").splitlines()
        yield "ntrex", language, [(source, [text]) for source, text in zip(sources, references)]


def rated_sets(folder: Path, work: Path) -> dict[str, list[Rated]]:
    """Every set by name ("tatoeba en>es"), its first lines translated and rated."""
    return {
        f"{name} en>{language}": _rated(rows[: MOST[name]], language, work, work / f"{name}-{language}.jsonl")
        for name, language, rows in sets(folder)
    }


def _rated(rows: Sequence[tuple[str, list[str]]], language: str, work: Path, kept: Path) -> list[Rated]:
    from sacrebleu.metrics import CHRF

    work.mkdir(parents=True, exist_ok=True)
    known = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()] if kept.is_file() else []
    with kept.open("a", encoding="utf-8") as out:
        for start in range(len(known), len(rows), FILM):
            for entry in _film(rows[start : start + FILM], language, work):
                known.append(entry)
                out.write(json.dumps(entry, ensure_ascii=False) + "\n")
            out.flush()
    chrf, found = CHRF(), []
    for entry in known[: len(rows)]:
        candidates = tuple(Candidate(text, score, rule) for text, score, rule, *_ in entry["candidates"])
        score = chrf.sentence_score(candidates[0].text, entry["refs"]).score
        found.append(Rated(entry["source"], candidates, tuple(entry["refs"]), score))
    return found


def _film(rows: Sequence[tuple[str, list[str]]], language: str, work: Path) -> Iterator[dict[str, object]]:
    """Lines as a film of one sentence a minute, translated."""
    segments = tuple(
        Segment(f"s{at:04}", Span(at * 60_000, at * 60_000 + 5_000), "S1", text) for at, (text, _) in enumerate(rows)
    )
    models = Models()
    run = Run(Store(work / "store"), Home.open(work / "home"), models)
    engine = load("translator", TRANSLATORS[language], models)
    transcript = Transcript("en", segments)
    found = translate(run, transcript, engine, to=language, edits=Edits(), glossary=Glossary())
    for (source, references), line in zip(rows, found.lines):
        yield {"source": source, "refs": references, "candidates": [[c.text, c.score, c.rule] for c in line.candidates]}


def matrix(lines: Sequence[Rated]) -> Floats:
    """One row of features a line."""
    return np.array([list(features(line.source, line.candidates).values()) for line in lines])


def worst(lines: Sequence[Rated]) -> NDArray[np.bool_]:
    """Which lines are in the worst tenth of their set."""
    scores = np.array([line.chrf for line in lines])
    found = np.zeros(len(lines), bool)
    found[np.argsort(scores, kind="stable")[: round(WORST * len(lines))]] = True
    return found


def trained(parts: Sequence[Sequence[Rated]]) -> str:
    """A table of estimate.toml from the training halves of some sets."""
    x, y = np.vstack([matrix(lines) for lines in parts]), np.concatenate([worst(lines) for lines in parts])
    means, spreads = x.mean(axis=0), x.std(axis=0) + 1e-9
    names = [*features("a", (Candidate("a", 0.0),))]
    z = np.clip((x - means) / spreads, -FARTHEST, FARTHEST)
    terms = np.hstack([z, z * z[:, [names.index("length")]]])
    centre, scale = terms.mean(axis=0), terms.std(axis=0) + 1e-9
    _, found = _logistic((terms - centre) / scale, y)
    intercept, strength = _calibrated((terms - centre) / scale @ found, y)
    found *= strength / scale
    intercept -= float(found @ centre)
    weights, slopes = found[: len(names)], found[len(names) :]
    rows = [
        f"{name} = [{weight:.4f}, {slope:.4f}, {mean:.4f}, {spread:.4f}]"
        for name, weight, slope, mean, spread in zip(names, weights, slopes, means, spreads)
    ]
    return "\n".join([f"lines = {len(y)}", f"intercept = {intercept:.4f}", "features = {}", *rows])


def _logistic(x: Floats, y: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Intercept and weights of a logistic regression with an L2 penalty on the weights."""
    from scipy.optimize import minimize

    signs = np.where(y, 1.0, -1.0)

    def loss(found: Floats) -> tuple[float, Floats]:
        margins = signs * (found[0] + x @ found[1:])
        slopes = -signs * REGULARISATION / (1 + np.exp(margins))
        value = 0.5 * float(found[1:] @ found[1:]) + REGULARISATION * float(np.logaddexp(0, -margins).sum())
        return value, np.concatenate([[slopes.sum()], found[1:] + x.T @ slopes])

    best = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"ftol": 1e-12, "gtol": 1e-9})
    return float(best.x[0]), best.x[1:]


def _calibrated(raw: Floats, y: NDArray[np.bool_]) -> tuple[float, float]:
    """Intercept and factor that make log-odds true where they were trained; the penalty shrank them (Platt 1999)."""
    from scipy.optimize import minimize

    signs = np.where(y, 1.0, -1.0)

    def loss(found: Floats) -> float:
        return float(np.logaddexp(0, -signs * (found[0] + found[1] * raw)).sum())

    best = minimize(loss, np.array([-2.0, 1.0]))
    return float(best.x[0]), float(best.x[1])


def main() -> None:
    """Translate, train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mt", type=Path, help="folder of tatoeba-dev.en-es.jsonl and ntrex/")
    parser.add_argument("--work", type=Path, required=True, help="where translations are kept")
    given = parser.parse_args()
    halves = {
        name: [line for line in lines if not line.held_out] for name, lines in rated_sets(given.mt, given.work).items()
    }
    text = (
        "# Weights of translation/estimate.py: feature = [weight, slope, mean, spread], by target language.\n"
        "# Written by: python tools/estimate.py MT --work FOLDER\n"
        f"# Trained on half of {', '.join(f'{name} ({len(lines)} lines)' for name, lines in halves.items())}.\n"
    )
    for language in ("es", "pt", "any"):
        parts = [lines for name, lines in halves.items() if language in ("any", name[-2:])]
        text += f"\n[{language}]\n" + trained(parts).replace("features = {}", f"[{language}.features]") + "\n"
    WEIGHTS.write_text(text, encoding="utf-8")
    print(f"wrote {WEIGHTS}")


if __name__ == "__main__":
    main()
