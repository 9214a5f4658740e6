"""Files that lack their end, in every container whose header says how long they are; and such as are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from localize import media
from localize.errors import MediaError
from localize.media import run_ffmpeg, url

TONE = ["-v", "error", "-f", "lavfi", "-i", "sine=r=48000:d=3"]
PICTURE = ["-f", "lavfi", "-i", "testsrc=s=352x288:r=25:d=3", "-map", "1", "-map", "0"]
STATED = {
    ".aiff": [], ".au": [], ".avi": [*PICTURE, "-c:v", "mpeg4"], ".flac": [], ".flv": ["-c:a", "libmp3lame"],
    ".m4a": ["-movflags", "+faststart"], ".mka": ["-c:a", "flac"],
    ".mxf": [*PICTURE, "-c:v", "mpeg2video", "-ar", "48000"], ".rf64.wav": ["-rf64", "always"],
    ".tta": [], ".w64": [], ".wav": [], ".wma": [], ".wv": [],
}  # fmt: skip


def _made(folder: Path, suffix: str, arguments: list[str]) -> Path:
    path = folder / f"whole{suffix}"
    run_ffmpeg([*TONE, *arguments, url(path)], str(path))
    return path


def _told(path: Path) -> str:
    sound = next(s for s in media.probe(path).streams if s.kind == "audio")
    return media.describe_truncation(path, sound)


@pytest.mark.costly
@pytest.mark.parametrize("suffix", STATED)
def test_a_file_that_is_shorter_than_it_states_is_told_with_the_second(tmp_path: Path, suffix: str) -> None:
    whole = _made(tmp_path, suffix, STATED[suffix])
    assert not _told(whole)
    cut = whole.with_stem("cut")
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 6 // 10])
    told = _told(cut)
    assert told.startswith("the file is cut off: ")
    ends = re.search(r"its sound ends at (\d\.\d) s", told)
    assert ends is not None
    assert 1.5 < float(ends[1]) < 2.3


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFF024, 0x7FFFFF24, 0x80000024])  # ffmpeg, sox, arecord
def test_a_recording_that_was_never_ended_states_no_size(tmp_path: Path, size: int) -> None:
    path = _made(tmp_path, ".wav", [])
    data = path.read_bytes()
    path.write_bytes(data[:4] + size.to_bytes(4, "little") + data[8:])
    assert not _told(path)


def test_rf64_from_a_pipe_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = _made(tmp_path, ".wav", ["-rf64", "always"])
    data = path.read_bytes()
    path.write_bytes(data[:20] + bytes(24) + data[44:])
    sound = media.probe(path).streams[0]
    with pytest.raises(MediaError, match="states a length of 0, as RF64 from a pipe does; write it to a file instead"):
        media.check_sound(path, sound)


@pytest.mark.costly
@pytest.mark.parametrize("suffix", [".flv", ".mxf", ".mkv", ".avi"])
def test_a_sound_that_is_shorter_than_its_picture_is_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    sound = ["-v", "error", "-f", "lavfi", "-i", "sine=r=48000:d=1.5"]
    run_ffmpeg([*sound, *PICTURE, "-c:v", "mpeg2video" if suffix == ".mxf" else "mpeg4" if suffix != ".flv" else "flv",
                *(["-c:a", "libmp3lame"] if suffix == ".flv" else []), url(path)], str(path))  # fmt: skip
    assert not _told(path)
