"""What is known of a film before any work: whether its dub can be encoded, what is dialogue, what is encrypted."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from localize import Job, media
from localize.errors import MediaError
from localize.events import Run
from localize.media import run_ffmpeg, url
from localize.runtime.store import Store
from localize.source.film_check import warn_of_film

PICTURE = ["-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=1"]
TONE = ["-f", "lavfi", "-i", "sine=r=48000:d=1"]


@pytest.mark.costly
@pytest.mark.parametrize(
    ("suffix", "layout", "channels", "made", "codec"),
    [
        (".mkv", "5.1", 6, ".mkv", "flac"),
        (".mkv", "5.1.4", 10, ".mkv", "pcm_s24le"),
        (".mp4", "7.1.4", 12, ".mkv", "pcm_s24le"),
        (".mp4", "hexagonal", 6, ".mp4", "aac"),
        (".mov", "22.2", 24, ".mov", "pcm_s24le"),
    ],
)
def test_the_film_that_is_planned_takes_a_dub_of_as_many_channels(
    tmp_path: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
    layout: str,
    channels: int,
    made: str,
    codec: str,
) -> None:
    path = tmp_path / f"film{suffix}"
    shape = ["-af", f"pan={layout}|" + "|".join(f"c{n}=c0" for n in range(channels)), "-c:a", "pcm_s16le"]
    run_ffmpeg([*PICTURE, *TONE, "-c:v", "mpeg4", *shape, url(path)], str(path))
    found = media.probe(path)
    chosen, _ = media.choose_audio(path, found, None, None)
    plan = media.plan_film(path, found, chosen)
    assert plan is not None
    assert plan.suffix == made
    assert bool(plan.reason) == (made != suffix)
    assert media.dub_codec(plan.suffix, chosen) == codec
    decoded = media.decode(store, media.identify(path), chosen.index, clean=False)
    container = media.KEEPS_CONTAINER[made]
    dub = media.encode(store, decoded.original, container, channels, decoded.layout, made == ".mov")
    monkeypatch.setattr(sys.modules["localize.media.decode"], "package_version", lambda _name: "")
    source = media.ingest(store, path, stream=None, language=None)
    assert media.film_sound(store, source, decoded.original) == dub  # what loudness is measured on is delivered


@pytest.mark.costly
@pytest.mark.parametrize(
    ("suffix", "codec", "recoded"),
    [(".m2ts", "pcm_bluray", True), (".vob", "pcm_dvd", True), (".ts", "s302m", True), (".m2ts", "ac3", False)],
)
def test_a_sound_that_no_film_of_ours_can_hold_as_it_is_becomes_flac_with_the_same_samples(
    tmp_path: Path, store: Store, run: Run, monkeypatch: pytest.MonkeyPatch, suffix: str, codec: str, recoded: bool
) -> None:
    path, made = tmp_path / f"film{suffix}", tmp_path / "made.mkv"
    coded = ["-c:v", "mpeg2video", "-ac", "2", "-c:a", codec, "-strict", "-2"]
    run_ffmpeg([*PICTURE, *TONE, *coded, url(path)], str(path))
    found = media.probe(path)
    chosen, _ = media.choose_audio(path, found, None, None)
    plan = media.plan_film(path, found, chosen)
    assert plan is not None
    assert plan.suffix == ".mkv"
    assert plan.recoded == (f"{chosen.index} ({codec})" if recoded else "")
    warn_of_film(Job(path, ("es",)), run, plan)
    assert [w.code for w in run.warnings] == ["sound_recoded"] * recoded
    monkeypatch.setattr(sys.modules["localize.media.decode"], "package_version", lambda _name: "")
    source = media.ingest(store, path, stream=None, language=None)
    dub = media.encode(store, source.original, "matroska", source.channels)
    media.mux(source, store.path(dub), [], ("es", "en"), made)
    original = [s for s in media.probe(made).streams if s.kind == "audio"][1]
    assert original.codec == ("flac" if recoded else codec)
    again = media.decode(store, media.identify(made), original.index, clean=False)
    sounds = [soundfile.read(store.path(blob), dtype="int32")[0] for blob in (source.original, again.original)]
    assert abs(len(sounds[0]) - len(sounds[1])) <= 1  # a hole is as long as its container's ticks have it
    assert np.array_equal(*(sound[sound.any(axis=1)] for sound in sounds))


def test_sound_without_words_is_no_dialogue(tmp_path: Path) -> None:
    path = tmp_path / "film.mka"
    tags = ["-metadata:s:a:0", "language=zxx", "-metadata:s:a:1", "title=M&E", "-disposition:a:0", "default"]
    run_ffmpeg(["-v", "error", *TONE, "-map", "0", "-map", "0", "-map", "0", *tags, url(path)], str(path))
    chosen, note = media.choose_audio(path, media.probe(path), None, "en", ("en",))
    assert chosen.index == 2
    assert "0 (zxx, music and effects, default, mono)" in note
    assert '1 (untagged, "M&E", music and effects, mono)' in note


@pytest.mark.costly
def test_what_is_encrypted_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "film.m4a"
    keys = ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76" * 16, "-encryption_kid", "a7" * 16]
    run_ffmpeg(["-v", "error", *TONE, "-c:a", "aac", *keys, "-f", "mp4", url(path)], str(path))
    (sound,) = media.probe(path).streams
    with pytest.raises(MediaError, match="damaged, or encrypted"):
        media.check_sound(path, sound)


@pytest.mark.costly
@pytest.mark.parametrize(("suffix", "why"), [(".mkv", "no time"), (".flv", "times that lie days apart")])
def test_a_film_that_begins_before_zero_where_its_container_has_no_such_time_is_refused_with_the_reason(
    tmp_path: Path, suffix: str, why: str
) -> None:
    path = tmp_path / f"film{suffix}"
    before = ["-output_ts_offset", "-0.5", "-avoid_negative_ts", "disabled"]
    run_ffmpeg([*PICTURE, *TONE, "-c:v", "libx264", "-bf", "2", "-c:a", "aac", *before, url(path)], str(path))
    found = media.probe(path)
    chosen, _ = media.choose_audio(path, found, None, None)
    plan = media.plan_film(path, found, chosen)
    assert plan is not None
    assert not plan.suffix
    assert plan.reason.startswith(f"packets of its picture have {why}, as where a file was made to begin before 0")
