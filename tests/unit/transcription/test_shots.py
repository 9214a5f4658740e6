"""Cuts, music, silence and voices: read off real pictures and sounds."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import media
from localize.data import Blob, Segment, SoundEvent, Span, Transcript, Word
from localize.events import Run
from localize.media import ffmpeg
from localize.runtime.store import Store
from localize.transcription import lines, shots, sound_events, transcribe
from localize.transcription.sound_events import find_pauses

RATE = 48_000
SPEECH = (Span(0, 1000), Span(6000, 7000))


def track(store: Store, middle: Any) -> Blob:
    """Seven seconds, with a sound in the pause between the two stretches of SPEECH."""
    samples = np.zeros(7 * RATE, np.float32)
    samples[1 * RATE : 1 * RATE + len(middle)] = middle
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, samples, RATE, "PCM_24", format="WAV")
    return draft.blob


def chords() -> Any:
    at = np.arange(5 * RATE) / RATE
    notes = ((262, 330, 392), (220, 262, 330), (294, 349, 440), (196, 247, 294), (262, 330, 392))
    parts = [sum(0.05 * np.sin(2 * np.pi * hertz * k * at[:RATE]) / k for hertz in c for k in (1, 2, 3)) for c in notes]
    return np.concatenate(parts).astype(np.float32)


def noise() -> Any:
    return np.random.default_rng(1).normal(0, 0.05, 5 * RATE).astype(np.float32)


def hum() -> Any:
    at = np.arange(5 * RATE) / RATE
    return (0.05 * np.sin(2 * np.pi * 100 * at) + 0.02 * np.sin(2 * np.pi * 200 * at)).astype(np.float32)


@pytest.mark.parametrize(
    ("make", "kinds"),
    [(chords, ["music"]), (noise, []), (hum, []), (lambda: np.zeros(5 * RATE, np.float32), ["silence"])],
    ids=["chords", "noise", "hum", "silence"],
)
def test_music_is_told_from_noise_hum_and_silence(store: Store, make: Any, kinds: list[str]) -> None:
    found = sound_events.find_sound_events(store, track(store, make()), SPEECH, 7000)
    assert [sound.kind for sound in found] == kinds
    assert all(sound.span == Span(1150, 5850) for sound in found)


def test_silence_before_and_after_a_film_means_nothing(store: Store) -> None:
    quiet = track(store, np.zeros(RATE, np.float32))
    assert sound_events.find_sound_events(store, quiet, (Span(3000, 4000),), 7000) == ()


@pytest.mark.slow
@pytest.mark.shared
def test_real_music_is_music(store: Store, shared: Path) -> None:
    path = shared / "media" / "5_noise_multilang_odd" / "music" / "Kevin_MacLeod_Vibe_Ace.ogg"
    original = media.ingest(store, path, stream=None, language=None).original
    assert sound_events.find_sound_events(store, original, (Span(20_000, 21_000),), 61_000) == (
        SoundEvent(Span(0, 19_850), "music"),
        SoundEvent(Span(21_150, 51_150), "music"),
    )


def test_a_line_ends_where_its_voice_ends() -> None:
    def said(name: str, start: int, end: int) -> Segment:
        words = (Word("twenty", Span(start, start + 300)), Word("minutes.", Span(start + 300, end)))
        return Segment(name, Span(start, end), "S1", "twenty minutes.", words, (Span(start, end),))

    given = Transcript("en", (said("s0001", 1000, 2000), said("s0002", 3000, 4000), said("s0003", 4200, 5000)))
    heard = (Span(1000, 2250), Span(3000, 4250), Span(4210, 6000))
    first, second, third = lines.end_words_with_voice(given, heard).segments
    assert (first.span, first.words[-1].span, first.phrases) == (
        Span(1000, 2000),
        Span(1300, 2250),
        (Span(1000, 2250),),
    ), "the line's own span stays what a dub is laid on"
    assert second == given.segments[1], "another line begins before that voice ends"
    assert third == given.segments[2], "a second later it is another sound"


def test_pauses_are_where_nobody_speaks_for_two_seconds() -> None:
    spans = (Span(2500, 4000), Span(3000, 5000), Span(6000, 7000))
    assert find_pauses(spans, 60_000) == (Span(0, 2350), Span(7150, 37_150))
    assert find_pauses((), 1500) == ()


@pytest.fixture
def film(tmp_path: Path, spoken: Any) -> Path:
    """Red for two seconds, then blue, with speech."""
    path = tmp_path / "film.mp4"
    colours = "color=red:s=320x180:r=25:d=2[a];color=blue:s=320x180:r=25:d=4.5[b];[a][b]concat=n=2:v=1[v]"
    command = [
        ffmpeg(),
        "-v",
        "error",
        "-i",
        str(spoken.path),
        "-filter_complex",
        colours,
        "-map",
        "[v]",
        "-map",
        "0:a",
    ]
    subprocess.run([*command, "-c:v", "libx264", "-c:a", "aac", str(path)], check=True)
    return path


def test_a_films_cuts_are_found_once_and_kept(run: Run, film: Path) -> None:
    pytest.importorskip("scenedetect")
    found = media.ingest(run.store, film, stream=None, language=None)
    assert shots.find_shot_changes(run, found) == (2000,)
    made = run.store.made
    assert shots.find_shot_changes(run, found) == (2000,)
    assert run.store.made == made


def test_a_sound_alone_has_no_cuts(run: Run, spoken: Any) -> None:
    assert shots.find_shot_changes(run, media.ingest(run.store, spoken.path, stream=None, language=None)) == ()


def test_voices_are_where_they_are(run: Run, film: Path, spoken: Any) -> None:
    pytest.importorskip("faster_whisper")
    heard = transcribe.voice_spans(run, media.ingest(run.store, film, stream=None, language=None))
    assert len(heard) == len(spoken.phrases)
    for found, truth in zip(heard, spoken.phrases):
        assert abs(found.start_ms - truth.start_ms) <= 60
        assert abs(found.end_ms - truth.end_ms) <= 120
