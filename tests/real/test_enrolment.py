"""Enrolling with real ears: a voice that says today's words is taken, another voice or other words are not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import consent
from localize.consent import Grant, Home
from localize.data import Phrase, Span
from localize.errors import MediaError, NoGrant
from localize.media import ffmpeg

pytestmark = pytest.mark.xdist_group("enrolment")

REFERENCE = (
    "The old lighthouse keeper climbs the stairs every evening,",
    "and he looks at the sea until the last ship is home.",
    "Then he writes the weather in his book and goes to sleep.",
)


@pytest.fixture(scope="module")
def say(engine: Callable[[Any, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A stock voice says something, at its own pace, into a file."""
    kokoro = engine("synthesizer", "kokoro")
    folder = tmp_path_factory.mktemp("said")
    home = Home.open(folder / "home")

    @cache
    def get(voice: str, *texts: str) -> Path:
        grant: Grant = consent.check(home, [consent.Request(voice, "S1", "en", "a test")])["S1"]
        lengths = kokoro.pace(texts, grant, "en")
        starts = [sum(lengths[:n]) + 300 * n for n in range(len(texts))]
        phrases = [Phrase(t, Span(a, a + n)) for t, a, n in zip(texts, starts, lengths)]
        result = kokoro.speak(phrases, grant, "en")
        path = folder / f"{voice}-{abs(hash(texts))}.wav"
        soundfile.write(path, result.samples, result.rate)
        return path

    return get


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One home for all, so that the words of the day are the same."""
    return Home.open(tmp_path_factory.mktemp("studio") / "home")


@pytest.fixture(scope="module")
def statement(studio: Home, say: Callable[..., Path]) -> Callable[[str], Path]:
    sentence = consent.challenge(studio, "Anna Price").text
    return lambda voice: say(voice, *(part.strip() + "." for part in sentence.split(".") if part.strip()))


def test_a_voice_that_says_todays_words_is_verified_and_others_are_not(
    studio: Home, say: Callable[..., Path], statement: Callable[[str], Path], engine: Callable[[Any, str], Any]
) -> None:
    ears = engine("recogniser", "faster_whisper")
    reference = say("af_heart", *REFERENCE)
    wrong = (
        (statement("bm_george"), "Anna Price", "another voice"),
        (reference, "Anna Price", "does not say"),
        (statement("af_heart"), "Quentin Morgenstern", "does not say"),
    )
    for said, name, why in wrong:
        with pytest.raises(NoGrant, match=why):
            consent.enroll(studio, "anna", reference=reference, name=name, statement=said, recognise=ears.recognise)
    assert not (studio.voices / "anna").exists()
    said = statement("af_heart")
    made = consent.enroll(
        studio, "anna", reference=reference, name="Anna Price", statement=said, recognise=ears.recognise
    )
    assert made.verified
    assert made.likeness is not None
    assert made.warnings == ()


def test_two_people_in_a_reference(
    studio: Home, say: Callable[..., Path], statement: Callable[[str], Path], tmp_path: Path
) -> None:
    parts = [soundfile.read(path)[0] for path in (say("af_heart", *REFERENCE), statement("bm_george"))]
    soundfile.write(tmp_path / "both.wav", np.concatenate(parts), 24_000)
    with pytest.raises(MediaError, match="several people"):
        consent.enroll(studio, "both", reference=tmp_path / "both.wav")


@pytest.mark.shared
def test_people_in_real_recordings(home: Home, shared: Path, tmp_path: Path) -> None:
    english = shared / "media" / "1_english"
    for name, path in (("sonnet", "sonnet/p001_sonnet1.mp3"), ("jfk", "jfk.flac")):
        assert consent.enroll(home, name, reference=english / path).duration_ms > 10_000
    joined = ["-i", str(english / "jfk.flac"), "-t", "11", "-i", str(english / "sonnet/p001_sonnet1.mp3")]
    command = [ffmpeg(), "-v", "error", *joined, "-filter_complex", "concat=v=0:a=1", str(tmp_path / "both.wav")]
    subprocess.run(command, check=True)
    with pytest.raises(MediaError, match="several people"):
        consent.enroll(home, "both", reference=tmp_path / "both.wav")
