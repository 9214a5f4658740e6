"""Quality estimation: how likely a translated line needs a person's eye, from what is there without another network.

A logistic model over what the translator itself shows: how sure it is of its words, how far its other wordings differ
(a translator that knows says the same again: Fomicheva et al. 2020, "Unsupervised Quality Estimation for Neural Machine
Translation", TACL 8), and lengths. It is trained to find the worst tenth by chrF (Popović 2015) on human references:
`python tools/estimate.py` writes estimate.toml, `python bench/estimate.py` measures it on lines it was not trained on.

What no reference shows is added as evidence of its own (`Evidence`): facts that were lost, words the recogniser was
unsure of, speech that is heard otherwise than written, lines that hardly fit. Those odds are set, not trained.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..data import Candidate

SHARE = 0.2
"""Of the lines, at most so many are marked for their translation alone."""
BASE_RISK = 0.1
"""Risk of the average line: the model is trained to find the worst tenth. Lines below are not marked."""
LIKELY_WRONG = 0.5
OWN = 6
"""Wordings of the translator's own that are compared."""
GRAM = 3
ALONE = 0.7
"""Distance in log-probability a word to a second wording, where there is none: `entities.MARGIN` cut off the others."""
FARTHEST = 2.5
"""In spreads from the mean: a line unlike all that the model was trained on counts as one at that border."""
FAST_RATE = 1.25
UNSURE_WORD = 0.4
READ_BACK_FREE = 0.15
"""Of a line's words: so many misheard are the recogniser's own mistakes."""
READ_BACK_MOST = 0.3
_ODDS = {"fact": 0.9, "overflow": 0.5, "fast": 0.1, "unsure": 0.3}
"""How likely each piece of evidence alone means that a person must look."""
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What else is known of a line.

    Args:
        lost: what a check found wrong, such as "the translation lost the number 15".
        unsure: words of the source that the recogniser was unsure of.
        read_back: share of the spoken words that are heard otherwise, 0 to 1; None where nobody listened.
        rate: natural length over the length used; 1 where nothing is spoken.
        overflow: it does not fit.
    """

    lost: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    read_back: float | None = None
    rate: float = 1.0
    overflow: bool = False


@dataclass(frozen=True, slots=True)
class LineEstimate:
    """How likely one line needs a person's eye.

    Args:
        segment: id.
        risk: that anything is wrong with it, 0 to 1.
        translation_risk: that it is one of the worst tenth by chrF, from the trained model alone.
        reasons: for people, the weightiest first.
    """

    segment: str
    risk: float
    translation_risk: float
    reasons: tuple[str, ...]


def estimate_line(
    segment: str, source: str, candidates: Sequence[Candidate], chosen: int, language: str, known: Evidence
) -> LineEstimate:
    """Estimate one line that a translator wrote.

    Args:
        segment: its id.
        source: what is said.
        candidates: the ways to say it, the translator's best first.
        chosen: the one that was taken.
        language: of the translation.
        known: what else is known of it.
    """
    measured = features(source, candidates, chosen)
    risk = translation_risk(measured, language)
    reasons = _evidence_reasons(known)
    if risk >= BASE_RISK:
        reasons += _model_reasons(_model(language).parts(measured), measured)
    sound = 1 - risk
    for odds in _evidence_odds(known):
        sound *= 1 - odds
    return LineEstimate(segment, round(1 - sound, 3), round(risk, 3), tuple(reasons))


def lines_to_review(estimates: Sequence[LineEstimate]) -> tuple[LineEstimate, ...]:
    """The lines to be read first, the riskiest before the others: those over the average risk, at most a fifth of all,
    and every line of which evidence says that it is likelier wrong than right.
    """
    ranked = sorted(estimates, key=lambda line: (-line.risk, line.segment))
    most = math.ceil(SHARE * len(ranked))
    return tuple(
        line
        for rank, line in enumerate(ranked)
        if line.risk >= LIKELY_WRONG or (rank < most and line.risk >= BASE_RISK)
    )


# --- what the translator shows ---------------------------------------------------------------------------------------


def features(source: str, candidates: Sequence[Candidate], chosen: int = 0) -> dict[str, float]:
    """What the model looks at.

    Similarity of two wordings is the F-measure of their character trigrams, 0 to 1.
    """
    taken = candidates[chosen]
    own = [candidate for candidate in candidates if not candidate.rule][:OWN] or [taken]
    words = len(_WORD.findall(taken.text)) + 1
    best = max(candidate.score for candidate in own)
    others = [candidate for candidate in own if candidate.text != taken.text]
    gaps = [taken.score - candidate.score for candidate in others] or [ALONE]
    whole = _shares(math.exp(words * (candidate.score - best)) for candidate in own)
    flat = _shares(math.exp(GRAM * (candidate.score - best)) for candidate in own)
    grams = _grams(taken.text)
    alike = [_similarity(grams, _grams(candidate.text)) for candidate in own]
    rest = [a for a, candidate in zip(alike, own) if candidate.text != taken.text] or [1.0]
    ratio = math.log((len(taken.text) + 3) / (len(source) + 3))
    return {
        "score": taken.score,
        "agreement": sum(share * a for share, a in zip(whole, alike)),
        "flat_agreement": sum(share * a for share, a in zip(flat, alike)),
        "mean_agreement": sum(rest) / len(rest),
        "least_agreement": min(rest),
        "first_gap": gaps[0],
        "entropy": -sum(share * math.log(share + 1e-9) for share in whole),
        "best_share": whole[0],
        "length": math.log(words),
        "length_ratio": ratio,
        "length_off": abs(ratio - 0.08),
    }


def _shares(values: Iterable[float]) -> list[float]:
    found = list(values)
    total = sum(found)
    return [value / total for value in found]


def _grams(text: str) -> Counter[str]:
    plain = " " + re.sub(r"\W+", " ", text.lower()).strip() + " "
    return Counter(plain[at : at + GRAM] for at in range(len(plain) - GRAM + 1))


def _similarity(one: Counter[str], other: Counter[str]) -> float:
    return 2 * sum((one & other).values()) / max(1, one.total() + other.total())


# --- the trained model -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Model:
    """A logistic model: risk = 1 / (1 + exp(-(intercept + Σ (weight + slope · l) · z))), where z is
    (feature - mean) / spread, at most `FARTHEST` from 0, and l is that of the length: what a score or a disagreement
    tells depends on it.
    """

    intercept: float
    weights: Mapping[str, float]
    slopes: Mapping[str, float]
    means: Mapping[str, float]
    spreads: Mapping[str, float]

    def parts(self, measured: Mapping[str, float]) -> dict[str, float]:
        """What each feature adds to the log-odds."""
        z = {name: (measured[name] - self.means[name]) / self.spreads[name] for name in self.weights}
        z = {name: max(-FARTHEST, min(FARTHEST, value)) for name, value in z.items()}
        return {name: (weight + self.slopes[name] * z["length"]) * z[name] for name, weight in self.weights.items()}


@cache
def _model(language: str) -> _Model:
    tables: dict[str, Any] = tomllib.loads(Path(__file__).with_name("estimate.toml").read_text(encoding="utf-8"))
    table = tables.get(language, tables["any"])
    rows = table["features"]
    return _Model(
        float(table["intercept"]),
        {name: float(row[0]) for name, row in rows.items()},
        *({name: float(row[column]) for name, row in rows.items()} for column in (1, 2, 3)),
    )


def translation_risk(measured: Mapping[str, float], language: str) -> float:
    """The probability that a line with these `features` is one of the worst tenth by chrF.

    Args:
        measured: see `features`.
        language: of the translation; one that nothing was trained for takes the weights of all together.
    """
    model = _model(language)
    return 1 / (1 + math.exp(-(model.intercept + sum(model.parts(measured).values()))))


# --- reasons ---------------------------------------------------------------------------------------------------------

_SAID = {
    "score": "the translator is unsure of its words",
    "agreement": "its other wordings differ much",
    "length": "",
    "length_ratio": "",
}
_GROUP = {
    "score": "score",
    "agreement": "agreement",
    "flat_agreement": "agreement",
    "mean_agreement": "agreement",
    "least_agreement": "agreement",
    "first_gap": "agreement",
    "entropy": "agreement",
    "best_share": "agreement",
    "length": "length",
    "length_ratio": "length_ratio",
    "length_off": "length_ratio",
}
LEAST_PART = 0.2
"""In log-odds: less is no reason."""


def _model_reasons(parts: Mapping[str, float], measured: Mapping[str, float]) -> list[str]:
    """What raised the risk, the weightiest first."""
    groups: dict[str, float] = {}
    for name, part in parts.items():
        groups[_GROUP[name]] = groups.get(_GROUP[name], 0.0) + part
    said = {
        **_SAID,
        "length": "a short line, which shows little of what is meant" if measured["length"] < math.log(6) else "",
        "length_ratio": "longer than its source says"
        if measured["length_ratio"] > 0
        else "shorter than its source says",
    }
    weightiest = sorted(groups.items(), key=lambda group: -group[1])
    return [said[name] for name, part in weightiest if part >= LEAST_PART and said[name]]


def _evidence_reasons(known: Evidence) -> list[str]:
    found = list(known.lost)
    if known.overflow:
        found.append("does not fit its place")
    elif known.rate >= FAST_RATE:
        found.append(f"spoken {known.rate:.2f} times as fast")
    if known.unsure:
        found.append(f"the recogniser was unsure of: {', '.join(known.unsure)}")
    if known.read_back is not None and known.read_back > READ_BACK_FREE:
        found.append(f"{known.read_back:.0%} of its words are heard otherwise")
    return found


def _evidence_odds(known: Evidence) -> list[float]:
    found = [_ODDS["fact"]] if known.lost else []
    found += [_ODDS["overflow"]] if known.overflow else [_ODDS["fast"]] if known.rate >= FAST_RATE else []
    found += [_ODDS["unsure"]] if known.unsure else []
    if known.read_back is not None and known.read_back > READ_BACK_FREE:
        found.append(min(READ_BACK_MOST, known.read_back - READ_BACK_FREE))
    return found
