"""The dub held against the delivered film: one that is muxed late, or whose track has a hole, is not on time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from localize import media
from localize.data import Media, Mix, Timeline
from localize.delivery.delivered import measure_delivered, measure_shifts
from localize.delivery.quality_control import measure_timing
from localize.delivery.report import DeliveredSound, LineReport, Report, SoundReport, Summary
from localize.delivery.sync import presented_sound, shared_lag
from localize.events import Run
from localize.media import ffmpeg
from tests.film_matrix import LINE, SEPARATING, Case, make, one_line


def report_of(timeline: Timeline) -> Report:
    (clip,) = timeline.clips
    timing = measure_timing(timeline, [clip.span])
    summary = Summary(
        lines=1, wer=None, dnsmos=None, loudness_lufs=-23.0, source_loudness_lufs=-23.0, true_peak_dbtp=-3.0, **timing
    )
    span = (clip.span.start_ms, clip.span.end_ms)
    line = LineReport("s0001", "S1", "em_alex", "x", None, 1.0, "exact", 0, 0, (span,), (span,), 1.0, 0, "", None, "")
    sound = SoundReport("ducked", "source", None, DeliveredSound(-23.0, -3.0), {})
    return Report("es", timeline.duration_ms, summary, sound, {}, (), (line,))


@pytest.fixture
def dubbed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Media, Timeline, Mix]:
    for module in SEPARATING:
        monkeypatch.setattr(sys.modules[module], "package_version", lambda _name: "")
    film = make(Case(".mkv", "mpeg4", "flac", "mono"), tmp_path)
    source = media.ingest(run.store, film, stream=None, language="en")
    timeline = one_line(run, source)
    start, take = LINE.start_ms * 48, timeline.clips[0].take.audio
    with run.store.writing(".wav") as mixed:
        sound, _ = soundfile.read(run.store.path(source.original))
        voice, _ = soundfile.read(run.store.path(take))
        sound[start : start + len(voice)] = voice
        soundfile.write(mixed.path, sound, 48_000, "PCM_24", format="WAV")
    with run.store.writing(".wav") as stem:
        soundfile.write(stem.path, np.pad(voice, (start, 0)), 48_000, "PCM_24", format="WAV")
    return source, timeline, Mix(mixed.blob, stem.blob, mixed.blob, -23.0, -3.0, -23.0)


def film_of(run: Run, source: Media, mixed: Mix, path: Path) -> Path:
    dub = media.encode_for(run.store, source, mixed.full, "matroska")
    media.mux(source, run.store.path(dub), (), ("es", "en"), path)
    return path


@pytest.mark.costly
@pytest.mark.parametrize("late_ms", [0, 30, 300, -250])
def test_a_dub_that_is_muxed_late_is_late(
    dubbed: tuple[Media, Timeline, Mix], run: Run, tmp_path: Path, late_ms: int
) -> None:
    source, timeline, mixed = dubbed
    film = film_of(run, replace(source, offset_ms=500 + late_ms), mixed, tmp_path / "film.mkv")
    source = replace(source, offset_ms=500)
    whole = tmp_path / "moved.mkv"
    shift = ["-map", "0:v", "-map", "0:a:0", "-map", "1:a:1", "-c", "copy", str(whole)]
    command = [ffmpeg(), "-v", "error", "-i", str(film), "-itsoffset", "0.5", "-i", str(film), *shift]
    subprocess.run(command, check=True)
    shifts = measure_shifts(run.store, timeline, source, mixed, whole)
    found = measure_delivered(run, report_of(timeline), timeline, mixed, whole, shifts)
    assert found.summary.lines_in_film == 1
    assert found.summary.lag_ms == pytest.approx(late_ms, abs=1)
    assert found.summary.on_time == (100.0 if abs(late_ms) <= 200 else 0.0)
    assert found.lines[0].start_error_ms == found.summary.lag_ms
    assert [w.code for w in run.warnings] == (["out_of_step"] if abs(late_ms) > 40 else [])


@pytest.mark.costly
def test_without_a_film_there_is_nothing_to_hold_against(dubbed: tuple[Media, Timeline, Mix], run: Run) -> None:
    _, timeline, mixed = dubbed
    report = report_of(timeline)
    assert measure_delivered(run, report, timeline, mixed, None, {}) is report
    assert report.summary.lag_ms is None


@pytest.mark.parametrize("late", [0, 1, 137, -90])
def test_music_and_effects_tell_the_lag_to_the_millisecond(run: Run, tmp_path: Path, late: int) -> None:
    noise = np.random.default_rng(3).normal(size=16_000 * 4).astype(np.float32) * 0.05
    blobs = []
    for moved in (np.roll(noise, 16 * late), noise):
        with run.store.writing(".wav") as draft:
            soundfile.write(draft.path, moved, 16_000, "PCM_16", format="WAV")
        blobs.append(draft.blob)
    lag, farthest, places = shared_lag(run.store, blobs[0], blobs[1], [])
    assert lag == pytest.approx(late, abs=0.1)
    assert farthest == pytest.approx(late, abs=0.1)
    assert places >= 6
    assert shared_lag(run.store, blobs[0], blobs[1], [LINE.shifted(-1500), LINE, LINE.shifted(1500)]) == (None, None, 0)


def test_a_hole_that_nobody_filled_is_the_farthest_lag(run: Run, tmp_path: Path) -> None:
    """The first two seconds are in step, the last one is not."""
    noise = np.random.default_rng(4).normal(size=48_000 * 4) * 0.05
    blobs = []
    for name, sound in (("dub", np.concatenate([noise[:96_000], noise[144_000:]])), ("original", noise)):
        soundfile.write(tmp_path / f"{name}.wav", sound, 48_000)
        blobs.append(presented_sound(run.store, tmp_path / f"{name}.wav", 0))
    lag, farthest, _ = shared_lag(run.store, blobs[0], blobs[1], [])
    assert lag == pytest.approx(0, abs=1)
    assert farthest == pytest.approx(-1000, abs=1)
