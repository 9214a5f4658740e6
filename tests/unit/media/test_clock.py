"""When samples are heard: jumps of a clock counted by hand, and what players are told of a film's tracks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import pytest

from localize.data import Jump, SoundClock, Span, Stream
from localize.errors import MediaError
from localize.media import FilmTracks, describe_clock, describe_left_out, ffmpeg, measure_clock
from localize.media.clock import follow_clock
from localize.media.enabled_tracks import switch_text_tracks

RATE = 48_000


def frames(*starts: int) -> list[tuple[int, int]]:
    return [(start, 1000) for start in starts]


@pytest.mark.parametrize(
    ("starts", "jumps"),
    [
        ([0, 1000, 2000, 3000], []),
        ([500, 1500, 2500], []),
        ([0, 1000, 3000, 4000, 5000, 6000], [Jump(2000, 1000)]),  # a hole
        ([0, 1000, 1480, 2480, 3480, 4480], [Jump(2000, -520)]),  # an overlap
        ([0, 1000, 2480, 3480, 4480, 5480], []),  # 480 samples are 10 ms, which containers' rounding may be
        ([0, 1000, 2481, 3481, 4481, 5481], [Jump(2000, 481)]),
        ([0, 1000, 9000, 3000, 4000, 5000], []),  # one frame with a wrong stamp
        ([0, 1000, 9000], [Jump(2000, 7000)]),  # the last one
        ([0, 1000, 3000, 4000, 5000, 5000, 6000, 7000], [Jump(2000, 1000), Jump(5000, -1000)]),
        ([14_000 * packet + 1100 * n for packet in range(4) for n in range(14)], []),  # stamped by another rate
        ([0, *range(6000, 40_000, 1100)], [Jump(1000, 6200)]),  # never steady
    ],
)
def test_a_clock_is_followed_where_it_steadily_parts_from_the_count(starts: list[int], jumps: list[Jump]) -> None:
    first, *others = frames(*starts)
    assert follow_clock(first, others, RATE) == (jumps, 1000 * len(starts))


def test_holes_are_where_they_are_heard() -> None:
    clock = SoundClock(40, RATE, 9600, (Jump(4800, 9600), Jump(6000, -240), Jump(7200, 4800)))
    assert clock.holes == (Span(100, 300), Span(345, 445))
    assert clock.overlap_ms == 5
    told = dict(describe_clock(clock))
    assert told["holes"] == "0.30 s of its sound are missing and stay silent, at 0.10–0.30 s, 0.34–0.45 s"
    assert "5 ms" in told["overlaps"]
    assert [code for code, _ in describe_clock(SoundClock(broken=True, errors=2))] == ["decode_errors", "clock"]
    assert describe_clock(SoundClock()) == []


def test_a_file_without_sound_has_no_clock(tmp_path: Path) -> None:
    path = tmp_path / "none.wav"
    subprocess.run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "anullsrc=d=0.1", str(path)], check=True)
    with path.open("r+b") as file:
        file.truncate(78)
    with pytest.raises(MediaError):
        measure_clock(path, 0, tmp_path / "frames")


def stream(index: int, kind: str, codec: str = "aac", **more: object) -> Stream:
    return Stream(index, kind, codec, **more)  # type: ignore[arg-type]


def test_what_a_container_cannot_hold_is_named() -> None:
    streams = (
        stream(0, "video", "h264"),
        stream(1, "audio"),
        stream(2, "subtitle", "mov_text", language="en"),
        stream(3, "subtitle", "eia_608"),
        stream(4, "data", "unknown"),
        stream(5, "data", "unknown", remade=True),
        stream(6, "subtitle", "dvb_subtitle"),
    )
    tracks = FilmTracks("matroska", streams, 1, ("es",))
    assert [s.index for s in tracks.subtitles] == [2, 6]
    assert describe_left_out(tracks) == "3 (subtitle, eia_608); 4 (data, unknown)"
    maps = tracks.maps()
    assert maps[maps.index("-c:s:1") + 1] == "srt"
    assert maps[maps.index("-c:s:2") + 1] == "copy"


@pytest.mark.parametrize(
    ("subtitles", "added", "shown"),
    [
        ([("default",)], ("es", "en"), (True, False, False)),
        ([()], ("es", "en"), (False, False, False)),
        ([("default", "forced")], ("es",), (False, True)),
        ([("forced",), ("default",)], ("es",), (True, False, False)),
        ([("default",)], (), (True,)),
    ],
)
def test_subtitles_are_shown_in_the_dubs_language_where_any_were(
    subtitles: list[tuple[str, ...]], added: tuple[str, ...], shown: tuple[bool, ...]
) -> None:
    texts = [stream(2 + n, "subtitle", "srt", default="default" in f, flags=f) for n, f in enumerate(subtitles)]
    assert FilmTracks("matroska", (stream(1, "audio"), *texts), 1, added).shown == shown


def test_flags_of_the_source_stay_and_the_default_moves() -> None:
    described = stream(2, "audio", flags=("visual_impaired",), title="Descriptions", language="en")
    original = stream(1, "audio", flags=("default", "clean_effects"), language="en")
    tags = FilmTracks("matroska", (described, original), 1).tags(("es", "en"))
    flags = {tags[n].removeprefix("-disposition:"): tags[n + 1] for n in range(len(tags)) if "disposition" in tags[n]}
    assert flags == {"a:0": "default+dub", "a:1": "clean_effects+original", "a:2": "visual_impaired"}


def test_text_tracks_of_mp4_are_switched_alone(tmp_path: Path) -> None:
    texts = tmp_path / "t.srt"
    texts.write_text("1\n00:00:00,100 --> 00:00:00,500\nHello\n", encoding="utf-8")
    path = tmp_path / "film.mp4"
    inputs = ["-f", "lavfi", "-i", "color=s=32x32:d=1", "-f", "lavfi", "-i", "anullsrc=d=1", "-i", texts, "-i", texts]
    maps = ["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-c:s", "mov_text"]
    subprocess.run([ffmpeg(), "-v", "error", *map(str, inputs), *maps, str(path)], check=True)

    def enabled() -> list[bool]:
        with av.open(str(path)) as container:
            return ["default" in (s.disposition.name or "") for s in container.streams]

    assert enabled() == [True, True, True, False]
    size = path.stat().st_size
    switch_text_tracks(path, (False, True))
    assert enabled() == [True, True, False, True]
    assert path.stat().st_size == size
    (tmp_path / "none").write_bytes(b"\0\0\0\4moov")
    switch_text_tracks(tmp_path / "none", (True,))
    assert (tmp_path / "none").read_bytes() == b"\0\0\0\4moov"
