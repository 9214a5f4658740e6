"""Language identification of a text, offline, by py3langid (n-grams of 97 languages, weights in the package)."""

from __future__ import annotations

from functools import cache
from typing import Any

ENOUGH = 20
"""Letters that tell a language; fewer are anybody's."""
_MOST = 20_000


def identify(text: str, least: float = 0.9) -> str:
    """The main language subtag of a text, "" where it is too short or too mixed to tell.

    Args:
        text: any length; what lies beyond 20,000 characters is not looked at.
        least: probability the likeliest language must have among all.
    """
    text = text[:_MOST]
    if sum(map(str.isalpha, text)) < ENOUGH:
        return ""
    language, probability = _identifier().classify(text)
    return str(language) if float(probability) >= least else ""


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
