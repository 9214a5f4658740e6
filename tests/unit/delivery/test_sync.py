"""Two sounds side by side: speech of the sample, moved, cut and with holes, in containers that say when it is heard."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from localize.data import Span
from localize.delivery.sync import compare_speech, measure_sync, presented_sound
from localize.errors import MediaError, UsageError
from localize.media import ffmpeg
from localize.pipeline import open_run
from localize.transcription.transcribe import detect_speech_spans

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "episode.mp4"


def film(path: Path, *second: str) -> Path:
    """Twelve seconds of the sample's sound as first track, and the same with a filter as second."""
    sound = ["-t", "12", "-i", str(SAMPLE)]
    picture = ["-f", "lavfi", "-i", "color=s=64x64:r=10:d=12"]
    graph = f"[0:a:0]asplit[a][b];[b]{second[0] if second else 'anull'}[c]"
    maps = ["-map", "1:v", "-map", "[a]", "-map", "[c]", "-metadata:s:a:0", "language=spa"]
    command = [ffmpeg(), "-v", "error", "-y", *sound, *picture, "-filter_complex", graph, *maps, *second[1:], str(path)]
    subprocess.run(command, check=True)
    return path


def spans(*times: tuple[int, int]) -> tuple[Span, ...]:
    return tuple(Span(*t) for t in times)


def test_the_figures_are_those_counted_by_hand() -> None:
    found = compare_speech("dub", spans((1100, 2000), (5000, 6000)), "original", spans((1000, 2000), (8000, 9000)))
    assert found.overlap == pytest.approx(900 / 3000)
    assert (found.on_time, found.stretches) == (50.0, 2)
    assert found.missing == ((8000, 9000),)
    assert found.added == ((5000, 6000),)
    moved = compare_speech("dub", spans((1500, 2500), (4500, 5500)), "original", spans((1000, 2000), (4000, 5000)))
    assert (moved.lag_ms, moved.on_time) == (500, 0.0)
    silent = compare_speech("dub", (), "original", spans((1000, 2000)))
    assert (silent.lag_ms, silent.overlap, silent.on_time) == (None, 0.0, 0.0)
    assert compare_speech("dub", (), "original", ()).overlap is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "options", "lag_ms"),
    [
        (".mp4", ("anull",), 0),
        (".mkv", ("adelay=300:all=1",), -300),
        (".mp4", ("adelay=300:all=1",), -300),
        (".mkv", ("asetpts=PTS+0.4/TB",), -400),
        (".mp4", ("asetpts=PTS+0.4/TB",), -400),
        (".mov", ("aselect=not(between(t\\,3\\,3.5))",), 0),
    ],
)
def test_a_file_is_measured_as_it_is_played(tmp_path: Path, suffix: str, options: tuple[str, ...], lag_ms: int) -> None:
    """A track that starts later, by silence or by its timestamps, is late; one with a hole is not moved by it."""
    found = measure_sync(film(tmp_path / f"film{suffix}", *options))
    assert found.measured == f"film{suffix}, audio 0 (es)"
    assert found.lag_ms is not None
    assert abs(found.lag_ms - lag_ms) <= 20
    if lag_ms:
        assert found.on_time is not None
        assert found.on_time < 50
    else:
        assert found.on_time is not None
        assert found.on_time >= 75


@pytest.mark.slow
def test_a_dub_that_is_silent_half_the_time_is_not_on_time(tmp_path: Path) -> None:
    found = measure_sync(film(tmp_path / "film.mkv", "volume=0:enable=gte(t\\,5)"), tracks=(1, 0))
    assert found.missing
    assert found.on_time is not None
    assert found.on_time < 70


@pytest.mark.costly
def test_what_cannot_be_measured_says_so(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mkv", "anull")
    with pytest.raises(UsageError, match="has 2 audio tracks, numbered from 0, and no 2: name two"):
        measure_sync(path, tracks=(0, 2))
    (tmp_path / "none.mp4").write_bytes(b"no film")
    with pytest.raises(MediaError):
        measure_sync(path, tmp_path / "none.mp4")


@pytest.mark.slow
def test_what_it_measured_a_dub_takes_from_the_store(tmp_path: Path) -> None:
    """Results without the seal of the home would be made again, and told as somebody else's."""
    path = film(tmp_path / "film.mkv", "anull")
    measure_sync(path)
    run = open_run()
    sound = presented_sound(run.store, path, 1)
    detect_speech_spans(run.store, sound)
    assert (run.store.made, run.warnings) == (0, [])
