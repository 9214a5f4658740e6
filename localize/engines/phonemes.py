"""Phonemes of a text by espeak-ng, as the embedded synthesizer gets them; phonemes that a lexicon gave stay."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from ..errors import EngineMissing, UsageError
from ..language.spoken import MARKED, Pronunciations, normalize_text, read_pronunciations
from ..language.tags import main_language
from . import Synthesizer

ESPEAK = {"en": "en-us", "es": "es", "fr": "fr-fr", "it": "it", "pt": "pt-br"}
"""Language -> voice of espeak-ng."""
ACCENTS = {"en": "US", "es": "ES", "fr": "FR", "it": "IT", "pt": "BR"}
"""Language -> region whose pronunciation that voice has: its z in "es" is that of Spain."""

_ESPEAK = Lock()
"""espeak-ng has one state for the process."""


@dataclass(frozen=True, slots=True)
class Pronounced:
    """How a text is said.

    Args:
        text: as written.
        spoken: in words, as a reader says it; a word with given phonemes stands as `[word](/IPA/)`.
        phonemes: IPA, as the embedded synthesizer gets them.
    """

    text: str
    spoken: str
    phonemes: str

    def json(self) -> dict[str, Any]:
        """What `localize pronounce --json` prints."""
        return {"schema": 1, "text": self.text, "spoken": self.spoken, "phonemes": self.phonemes}


def pronounce(text: str, language: str, pronunciation: str | os.PathLike[str] | None = None) -> Pronounced:
    """Say how a text will be spoken: the same words and phonemes that a dub is synthesized from.

    Args:
        text: as it stands in a subtitle.
        language: BCP 47 tag of one of the spoken languages: en, es, fr, it, pt.
        pronunciation: a user's lexicon, as for `Job.pronunciation`.

    Raises:
        UsageError: nobody here speaks that language; the lexicon cannot be read.
        EngineMissing: espeak-ng is not installed.
    """
    main = main_language(language)
    if main not in ESPEAK:
        raise UsageError(f"nobody here speaks {language!r}: give one of {', '.join(sorted(ESPEAK))}")
    spoken = normalize_text(text, language, read_pronunciations(None if pronunciation is None else Path(pronunciation)))
    sounds = "".join(s for s in phonemize(spoken, main) if s in kokoro_vocabulary())
    return Pronounced(text, spoken, " ".join(sounds.split()))


def check_phonemes(synthesizer: Synthesizer, pronunciations: Pronunciations, languages: Sequence[str]) -> None:
    """Refuse phonemes of a lexicon for an engine that takes none, rather than say those words as they are written.

    Raises:
        UsageError: the message names the word.
    """
    if getattr(synthesizer, "phonemes", False):
        return
    for language in languages:
        if given := [entry for entry in pronunciations.of(language) if entry.phonemes]:
            raise UsageError(
                f"--pronunciation: {synthesizer.name} takes no phonemes: respell {given[0].word!r} instead",
                engine=synthesizer.name,
            )


def phonemize(spoken: str, language: str) -> str:
    """IPA of a spoken text: given phonemes as they stand, the rest by espeak-ng, punctuation kept."""
    parts, at = [], 0
    for match in MARKED.finditer(spoken):
        parts += [_by_espeak(spoken[at : match.start()], language), match.group(2)]
        at = match.end()
    return "".join([*parts, _by_espeak(spoken[at:], language)])


def _by_espeak(text: str, language: str) -> str:
    """IPA of a text, with the spaces at its edges."""
    if not re.search(r"\w", text):
        return text
    with _ESPEAK:
        (sounds,) = _backend(language).phonemize([text], strip=True)
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before[:1]}{sounds}{after[:1]}"


@cache
def _backend(language: str) -> Any:
    import logging

    try:
        import espeakng_loader
        from phonemizer.backend import EspeakBackend
        from phonemizer.backend.espeak.wrapper import EspeakWrapper
    except ImportError as error:
        raise EngineMissing(f"phonemes need {error.name}: pip install 'localize-toolkit[offline]'") from error
    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    quiet = logging.getLogger("localize.phonemizer")
    quiet.setLevel(logging.ERROR)  # it warns whenever two words are spoken as one
    return EspeakBackend(
        ESPEAK[language],
        preserve_punctuation=True,
        with_stress=True,
        language_switch="remove-flags",  # else a foreign word's "(en)" is read aloud
        logger=quiet,
    )


@cache
def kokoro_vocabulary() -> dict[str, int]:
    """The phonemes and marks that the embedded synthesizer knows, with their tokens."""
    try:
        from kokoro_onnx.config import DEFAULT_VOCAB
    except ImportError as error:
        raise EngineMissing(f"phonemes need {error.name}: pip install 'localize-toolkit[offline]'") from error
    return dict(DEFAULT_VOCAB)
