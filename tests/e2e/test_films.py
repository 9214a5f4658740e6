"""Films whose packets lack times, and films that no container can hold: what is delivered, and what is said."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import av
import pytest

from localize.media import ffmpeg

from .conftest import User


def _given(user: User, media: Path, film: Path, *more: str | Path) -> list[str | Path]:
    texts = ["--transcript", media / "base.en.srt", "--translation", media / "base.es.srt"]
    return ["dub", film, "--to", "es", "--from", "en", *texts, "-o", user.folder / "out", "--json", *more]


def _picture(path: Path) -> list[bytes]:
    """The bytes of every picture packet, in the order of the file."""
    with av.open(str(path)) as container:
        return [bytes(p) for p in container.demux(video=0) if p.size]


def _shown(path: Path) -> list[int]:
    """When every picture is shown, in order, ms after the first."""
    with av.open(str(path)) as container:
        times = sorted(float(frame.time) for frame in container.decode(video=0))
    return [round((t - times[0]) * 1000) for t in times]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ps.mpg", "xvid.avi"])
def test_packets_without_a_time_get_one_and_keep_their_bytes(user: User, shared: Path, name: str) -> None:
    media = shared / "cases" / "media"
    plan = user.run(*_given(user, media, media / name, "--dry-run"))
    assert plan.code == 0, plan.err
    assert plan.json["film"]["suffix"] == ".mkv"
    result = user.run(*_given(user, media, media / name))
    assert result.code == 0, result.err
    (target,) = result.json["targets"]
    assert target["film_refused"] is None
    film = Path(target["video"])
    assert _picture(film) == _picture(media / name)
    assert max(abs(a - b) for a, b in zip(_shown(film), _shown(media / name), strict=True)) <= 1  # Matroska counts ms


@pytest.mark.shared
@pytest.mark.parametrize(("name", "code", "when"), [("gap.mp4", "holes", "3.2"), ("trunc.mkv", "truncated", "6.")])
def test_what_a_sound_lacks_is_told_by_the_dry_run(user: User, shared: Path, name: str, code: str, when: str) -> None:
    plan = user.run(*_given(user, shared / "cases" / "media", shared / "cases" / "media" / name, "--dry-run"))
    assert plan.code == 0, plan.err
    (told,) = [w for w in plan.json["warnings"] if w["code"] == code]
    assert when in told["message"]


@pytest.fixture
def unfit(tmp_path: Path, shared: Path) -> Path:
    """A film in NUT with unsigned PCM, which neither Matroska nor MP4 holds."""
    path = tmp_path / "unfit.nut"
    codecs = ["-c:v", "copy", "-c:a", "pcm_u16le", "-ar", "48000", "-ac", "2"]
    source = shared / "cases" / "media" / "base.mp4"
    subprocess.run([ffmpeg(), "-v", "error", "-nostdin", "-i", str(source), *codecs, str(path)], check=True)
    return path


@pytest.mark.shared
def test_a_film_that_no_container_holds_costs_the_film_alone(user: User, shared: Path, unfit: Path) -> None:
    media = shared / "cases" / "media"
    plan = user.run(*_given(user, media, unfit, "--dry-run"))
    assert plan.code == 0, plan.err
    assert plan.json["film"]["suffix"] is None
    assert "pcm_u16le" in plan.json["film"]["reason"]
    assert [w["code"] for w in plan.json["warnings"]] == ["film_not_muxed"]

    result = user.run(*_given(user, media, unfit))
    assert result.code == 0, result.err
    (target,) = result.json["targets"]
    assert target["video"] is None
    assert "pcm_u16le" in target["film_refused"]
    assert [w["code"] for w in result.json["warnings"]].count("film_not_muxed") == 1
    for kind in ("audio", "dialogue", "bed", "timeline", "master", "report"):
        assert Path(target[kind]).stat().st_size > 0, kind
    assert Path(target["subtitles"]["es"]["srt"]).is_file()
    report = json.loads(Path(target["report"]).read_text(encoding="utf-8"))
    assert report["film_refused"] == target["film_refused"]
    assert not list((user.folder / "out").glob("*unsigned*"))

    strict = user.run(*_given(user, media, unfit, "--strict"))
    assert strict.code == 6
    assert "no film" in strict.err
