"""Sounds without words: how their names are read, where they are looked for, and what is left for the recogniser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import media
from localize.data import Media, Span, VocalSound
from localize.events import Run
from localize.language.wordless import sound_kind
from localize.testing import FakeRecogniser
from localize.transcription.vocal_sounds import find_vocal_sounds, islands_of, silence_spans, without_sounds

RATE = 48_000

NAMED = {
    "[laughs]": "laugh",
    "*laughs*": "laugh",
    "(Welonz chuckles)": "laugh",
    "[LAUGHTER]": "laugh",
    "*cough* *cough* *cough*": "cough",
    "*cough* *cough* *co": "cough",
    "(clears throat)": "cough",
    "[Gasps]": "breath",
    "(sighs)": "breath",
    "[heavy breathing]": "breath",
    "(panting)": "breath",
    "*crying*": "cry",
    "(baby crying)": "cry",
    "[sobbing]": "cry",
    "[screaming]": "scream",
    "(groans)": "groan",
    "*sneeze*": "sneeze",
    "[APPLAUSE]": "crowd",
    "(crowd laughing)": "crowd",
    # words, words beside a name, sounds of nothing that speaks, and two kinds at once are no sound of a voice
    "": None,
    "Ha ha ha!": None,
    "I laughed.": None,
    "*laughs* Stupid!": None,
    "[laughing] I can't": None,
    "(I'm not going to laugh)": None,
    "[Music]": None,
    "♪♪": None,
    "(Dog barking)": None,
    "[Dog whimpering]": None,
    "(speaking in foreign language)": None,
    "[screaming] [laughing]": None,
    "(Buzzing)": None,
    "[pantry door]": None,
}


@pytest.mark.parametrize(("written", "kind"), NAMED.items())
def test_what_a_recogniser_names_is_a_sound_of_a_voice_or_not(written: str, kind: str | None) -> None:
    assert sound_kind(written) == kind


class Tagger(FakeRecogniser):
    """Hears a laugh in every stretch that is higher than 1 kHz."""

    def tag_sounds(self, stretches: Sequence[Any]) -> tuple[str, ...]:
        return tuple("[laughs]" if _pitch(s) > 1000 else "" for s in stretches)


def _pitch(samples: Any) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * 16_000 / len(samples))


def film(tmp_path: Path, run: Run, *tones: tuple[int, int, float], seconds: float = 8.0) -> Media:
    """A film with (from, to, hertz) in milliseconds over faint noise."""
    sound = np.random.default_rng(0).normal(0, 1e-4, round(seconds * RATE))
    for start, end, hertz in tones:
        at = np.arange(start * 48, end * 48)
        sound[at] += 0.2 * np.sin(2 * np.pi * hertz * at / RATE)
    soundfile.write(tmp_path / "film.wav", sound, RATE)
    decoded = media.ingest(run.store, tmp_path / "film.wav", stream=None, language=None)
    return media_with_plain_speech(run, decoded)


def media_with_plain_speech(run: Run, decoded: Media) -> Media:
    """The same with the sound itself as its speech track: a separator would take tones for noise."""
    from dataclasses import replace

    import soxr

    samples, rate = soundfile.read(run.store.path(decoded.original), dtype="float32")
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, soxr.resample(samples, rate, 16_000), 16_000, "PCM_16")
    return replace(decoded, speech=draft.blob)


def near(found: Sequence[VocalSound], *spans: tuple[int, int]) -> bool:
    return len(found) == len(spans) and all(
        abs(f.span.start_ms - a) <= 20 and abs(f.span.end_ms - b) <= 20 for f, (a, b) in zip(found, spans)
    )


@pytest.mark.parametrize(
    ("tones", "laughs"),
    [
        ([(500, 1500, 200), (2500, 3300, 2000), (4000, 5000, 200)], [(2500, 3300)]),  # between two lines
        ([(500, 1500, 200), (1650, 2400, 2000), (2550, 4000, 200)], [(1650, 2400)]),  # in a line, between its pauses
        ([(500, 1500, 200), (1550, 2400, 2000)], []),  # without a pause it cannot be told from the words
        ([(500, 700, 2000)], []),  # too short to be told
        ([(500, 900, 2000), (1000, 1400, 2000), (1500, 1900, 2000)], [(500, 1900)]),  # syllables of one laugh
        ([(500, 7500, 2000)], []),  # longer than any laugh without a pause
        ([(500, 1500, 200)], []),
        ([], []),
    ],
)
def test_a_sound_is_found_between_pauses(tmp_path: Path, run: Run, tones: Any, laughs: Any) -> None:
    found = find_vocal_sounds(run, film(tmp_path, run, *tones), Tagger())
    assert near(found, *laughs)
    assert all(sound.kind == "laugh" and sound.written == "[laughs]" for sound in found)


def test_the_recogniser_no_longer_hears_a_sound_and_hears_all_else(tmp_path: Path, run: Run) -> None:
    source = film(tmp_path, run, (500, 1500, 200), (2500, 3300, 2000))
    sounds = find_vocal_sounds(run, source, Tagger())
    assert without_sounds(run.store, source, ()) is source
    muted = without_sounds(run.store, source, sounds)
    before, _ = soundfile.read(run.store.path(source.speech))
    after, _ = soundfile.read(run.store.path(muted.speech))
    assert len(before) == len(after)
    inside = slice(2220 * 16, 3580 * 16)  # with its tail, 300 ms to either side
    assert not after[inside].any()
    outside = np.r_[before[: 2180 * 16], before[3620 * 16 :]]
    assert (np.r_[after[: 2180 * 16], after[3620 * 16 :]] == outside).all()
    assert muted.original == source.original


def test_the_last_gasp_of_a_laugh_is_no_word_and_the_words_beside_it_stay(tmp_path: Path, run: Run) -> None:
    source = film(tmp_path, run, (500, 1500, 200), (1620, 2400, 2000), (2480, 2530, 2000), (2800, 4000, 200))
    (laugh,) = find_vocal_sounds(run, source, Tagger())
    after, _ = soundfile.read(run.store.path(without_sounds(run.store, source, (laugh,)).speech))
    loud = np.abs(after[: len(after) // 160 * 160]).reshape(-1, 160).max(axis=1) > 0.05
    edges = np.flatnonzero(np.diff(loud.astype(int))) + 1
    assert np.abs(edges - [50, 150, 280, 400]).max() <= 1  # in 10 ms: the words, whole, and nothing else


def test_a_quiet_half_of_a_film_has_its_own_measure() -> None:
    levels = np.full((9000, 2), -75.0, np.float32)
    levels[1000:1100] = -20  # a shout
    levels[7000:7100] = -52  # a minute later, a whisper 32 dB below it
    assert islands_of(levels) == [Span(10_000, 11_000), Span(70_000, 71_000)]


def test_a_track_without_sounds_to_silence_keeps_every_sample(tmp_path: Path, run: Run) -> None:
    source = film(tmp_path, run, (500, 1500, 200))
    same = silence_spans(run.store, source.speech, ())
    assert (soundfile.read(run.store.path(same))[0] == soundfile.read(run.store.path(source.speech))[0]).all()
