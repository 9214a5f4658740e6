"""When the samples of an audio stream are heard: its start, its holes and its overlaps, by the decoder's timestamps.

A container's own lengths do not say it: in MP4 the packet before a hole lasts until the packet after it. So the samples
that were really decoded are counted and held against their timestamps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from ..data import Jump, SoundClock, Stream
from ..errors import MediaError
from .ffmpeg import run_ffmpeg
from .opening import url
from .probe import describe_truncation
from .stated_size import states_nothing

STEP_MS = 10
"""A clock that runs off by less is left alone: containers round times to ms, and frames are 20 ms and more."""
MOST_NAMED = 5
BROKEN_MS = 3_600_000
"""More silence than this in one file is a broken clock, not a hole."""
_STEADY = 3
"""Frames that must agree, so that one badly stamped frame moves nothing."""
_AGREED_MS = 2
"""How far apart they may lie: times that are rounded to ms do less. Where a broadcast changes its sample rate, frames
of one packet are still stamped by the old rate, 2 ms more wrong each, until the next packet puts it right."""
_LONGEST_MS = 500
"""Times that are off for longer are believed, whether they agree or not."""


def measure_clock(path: Path, index: int, listing: Path, outputs: Sequence[str] = ()) -> SoundClock:
    """Decode stream `index` of a file once, for the clock of its sound and for whatever else is made of it.

    ffmpeg counts the time of broadcast streams from the earliest stream that is used: the others are used for nothing,
    unless that fails, as where a film begins between two complete pictures; then no film can be made of it either.

    Args:
        path: the file.
        index: of the audio stream.
        listing: a file to write to, which the caller removes.
        outputs: arguments of further ffmpeg outputs.

    Raises:
        MediaError: it cannot be decoded, or holds no sound.
    """
    # One thread: with more, ffmpeg 9.0 trims the wrong frames of ALAC after an edit list, others with each number.
    source = ["-v", "error", "-fflags", "+genpts", "-threads", "1", "-i", url(path), *outputs]
    frames = ["-map", f"0:{index}", "-c:a", "pcm_s16le", "-bitexact", "-f", "framecrc", url(listing)]
    others = ["-map", "0:v?", "-map", "0:a?", "-map", "0:s?", "-c", "copy", "-f", "null", "-"]
    try:
        said = run_ffmpeg([*source, *frames, *others], str(path))
    except MediaError:
        try:
            said = run_ffmpeg([*source, *frames], str(path))
        except MediaError as error:
            raise _explain_failure(error, path, index) from error
    return _read_clock(path, index, listing, said)


def _explain_failure(error: MediaError, path: Path, index: int) -> MediaError:
    """Say in plain words that next to nothing of a sound could be decoded."""
    if "Decode error rate" not in error.message:
        return error
    return MediaError(
        f"{path}: next to nothing of its audio stream {index} can be decoded: it is damaged, or encrypted; get a copy "
        "that plays without a key",
        file=str(path),
        stream=index,
    )


def check_sound(path: Path, stream: Stream) -> tuple[SoundClock, list[tuple[str, str]]]:
    """Decode a sound for nothing but its clock and its faults, each as (code of a warning, words).

    Raises:
        MediaError: it cannot be decoded, or holds no sound.
    """
    with TemporaryDirectory() as folder:
        clock = measure_clock(path, stream.index, Path(folder) / "frames")
    return clock, describe_faults(path, stream, clock)


def _read_clock(path: Path, index: int, listing: Path, said: str) -> SoundClock:
    """The clock of the frames that ffmpeg listed; `said` is what it printed meanwhile."""
    with listing.open(encoding="ascii", errors="replace") as lines:
        rate = next((int(line.rsplit(":", 1)[1]) for line in lines if line.startswith("#sample_rate 0:")), 0)
        frames = iter(_frames(lines, rate)) if rate else iter(())
        first = next(frames, None)
        if first is None:
            why = ": its header states a length of 0, as RF64 from a pipe does; write it to a file instead"
            nothing = f"{path}: its audio stream {index} holds no sound at all{why if states_nothing(path) else ''}"
            raise MediaError(nothing, file=str(path), stream=index)
        jumps, samples = follow_clock(first, frames, rate)
    broken = sum(max(0, jump.by) for jump in jumps) * 1000 > BROKEN_MS * rate
    errors = said.count("Error submitting packet to decoder")
    start_ms = round(first[0] * 1000 / rate)
    return SoundClock(start_ms, rate, samples, () if broken else tuple(jumps), broken, errors)


def _frames(lines: Iterable[str], rate: int) -> Iterator[tuple[int, int]]:
    """(timestamp, length) of each frame, in samples."""
    base = Fraction(1, rate)
    for line in lines:
        if line.startswith("#tb 0:"):
            base = Fraction(line.split(":", 1)[1].strip())
        elif not line.startswith("#"):
            _, _, pts, length, *_ = (part.strip() for part in line.split(","))
            yield round(int(pts) * base * rate), round(int(length) * base * rate)


def describe_faults(path: Path, stream: Stream, clock: SoundClock) -> list[tuple[str, str]]:
    """What is wrong with a sound: (code of a warning, words) each.

    Args:
        path: its file.
        stream: where it is in there.
        clock: its clock, from decoding it.
    """
    short = describe_truncation(path, stream)
    found = [("truncated", short)] if short else []
    # Where a file is cut off, its last packet is no whole one.
    return found + describe_clock(replace(clock, errors=0) if short and clock.errors == 1 else clock)


def describe_clock(clock: SoundClock) -> list[tuple[str, str]]:
    """What is wrong with the clock of a sound: (code of a warning, words) each."""
    found = []
    if clock.errors:
        found.append(("decode_errors", f"{clock.errors} packets of its sound cannot be decoded: they are silent"))
    if holes := clock.holes:
        named = ", ".join(f"{h.start_ms / 1000:.2f}–{h.end_ms / 1000:.2f} s" for h in holes[:MOST_NAMED])
        more = f" and {len(holes) - MOST_NAMED} more" if len(holes) > MOST_NAMED else ""
        total = sum(h.length_ms for h in holes) / 1000
        found.append(("holes", f"{total:.2f} s of its sound are missing and stay silent, at {named}{more}"))
    if clock.overlap_ms:
        found.append(("overlaps", f"{clock.overlap_ms} ms of its sound lie over other sound and are left out"))
    if clock.broken:
        found.append(("clock", "the times of its sound make no sense: they are left out, and it may be out of step"))
    return found


def follow_clock(first: tuple[int, int], frames: Iterable[tuple[int, int]], rate: int) -> tuple[list[Jump], int]:
    """Where the timestamps of frames part from the count of their samples, and that count.

    Args:
        first: (timestamp, length) of the first frame, in samples.
        frames: the others, in order.
        rate: samples a second.
    """
    jumps: list[Jump] = []
    origin, count = first
    moved, off, length = 0, list[tuple[int, int]](), 0
    for at, length in frames:
        drift = at - origin - count - moved
        off = [*off, (count, drift)] if abs(drift) * 1000 > STEP_MS * rate else []
        count += length
        if _agree(off, rate) or (off and (count - off[0][0]) * 1000 >= _LONGEST_MS * rate):
            moved += _jump(jumps, off)
            off = []
    few = bool(off) and len(off) < _STEADY and abs(off[-1][1]) >= length  # after a hole, which is of whole frames
    if few or _agree(off, rate):
        _jump(jumps, off)
    return jumps, count


def _agree(off: Sequence[tuple[int, int]], rate: int) -> bool:
    """Whether the last frames are off by the same."""
    latest = [drift for _, drift in off[-_STEADY:]]
    return len(latest) == _STEADY and (max(latest) - min(latest)) * 1000 <= _AGREED_MS * rate


def _jump(jumps: list[Jump], off: list[tuple[int, int]]) -> int:
    """Note a jump where the first frame of `off` lies, by what most of its frames say."""
    by = sorted(drift for _, drift in off)[len(off) // 2]
    jumps.append(Jump(off[0][0], by))
    return by
