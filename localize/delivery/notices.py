"""The notice that voices are synthetic: its words, and where it can stand. A request is checked against both."""

from __future__ import annotations

from ..errors import UsageError

TEXTS = {
    "en": "Voices made with AI",
    "es": "Voces generadas con IA",
    "fr": "Voix créées par IA",
    "it": "Voci generate con l'IA",
    "pt": "Vozes geradas por IA",
}
KINDS = ("screen", "spoken")


def check_notice(kinds: tuple[str, ...], languages: tuple[str, ...]) -> None:
    """Refuse a kind of notice, or a language, for which there is no text.

    Raises:
        UsageError: an unknown kind, or a language without a text.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise UsageError(f"--notice {unknown[0]}: it can be {' or '.join(KINDS)}")
    if kinds and (without := [tag for tag in languages if tag not in TEXTS]):
        raise UsageError(f"there is no notice in {without[0]}: there is one in {', '.join(TEXTS)}")
