"""Locate and run the ffmpeg program; turn its failures into errors."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from ..errors import EngineMissing, FfmpegFailed, MediaError, StoreError
from .opening import safe_arguments, url

CHECK_S = 5.0
STALLED_S = 600.0
"""Without a word, and without using the processor: a disk that does not answer, or a program that waits for nothing."""
MOST_SAID = 256_000_000
"""Bytes on stderr: several lines for every frame of a film of two hours are less."""
_LAST_SAID = 100_000
_AFTERMATH = (
    "Task finished", "Terminating thread", "Error muxing", "Error submitting", "Error sending", "Last message",
    "Conversion failed", "Could not write header", "Could not open encoder",
    "Error while opening encoder", "Nothing was written",
)  # fmt: skip
"""What ffmpeg says of a failure after its cause."""


@cache
def ffmpeg() -> str:
    """Path of the ffmpeg program.

    Raises:
        EngineMissing: there is none, not even imageio-ffmpeg's.
    """
    if system := shutil.which("ffmpeg"):
        return system
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise EngineMissing("no ffmpeg was found: install ffmpeg, or pip install imageio-ffmpeg") from error


@cache
def _with_parent() -> tuple[str, ...]:
    """What begins a program so that the system ends it when this process is killed, which can tell it nothing then:
    setpriv(1) of util-linux, which sets PR_SET_PDEATHSIG of prctl(2). Empty where there is none.
    """
    if (program := shutil.which("setpriv")) is None:
        return ()
    command = (program, "--pdeathsig", "KILL", "--")
    tried = subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return () if tried.returncode else command


def run_ffmpeg(arguments: Sequence[str], about: str) -> str:
    """Run ffmpeg and wait for its end.

    Args:
        arguments: after the program's name; input paths must come as `file:…` (see `url`).
        about: the file concerned, for the message.

    Returns:
        what it printed on stderr.

    Raises:
        MediaError: it failed; the message carries its last line.
        FfmpegFailed: it died, did nothing for `STALLED_S`, or said more than `MOST_SAID`.
        StoreError: the disk is full.
    """
    command = [*_with_parent(), ffmpeg(), "-hide_banner", "-nostdin", "-y", *safe_arguments(arguments)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            text = _listen(process, about).decode("utf-8", "replace")
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise _failure(text, about, process.returncode)
    return text


def _listen(process: subprocess.Popen[bytes], about: str) -> bytes:
    """What ffmpeg says on stderr until it ends.

    Raises:
        FfmpegFailed: it says too much, or does nothing for long.
    """
    assert process.stderr is not None
    said, worked, quiet_s = bytearray(), -1.0, 0.0
    while True:
        if not select.select([process.stderr], [], [], CHECK_S)[0]:
            now = _worked(process.pid)
            quiet_s, worked = (quiet_s + CHECK_S if now == worked else 0.0), now
            if quiet_s >= STALLED_S:
                raise FfmpegFailed(
                    f"ffmpeg has done nothing for {STALLED_S / 60:.0f} minutes with {about}, and was ended: see "
                    "whether the disk that holds it answers, and run the same command again",
                    file=about,
                )
        elif chunk := os.read(process.stderr.fileno(), 1 << 16):
            said += chunk
            quiet_s = 0.0
            if len(said) > MOST_SAID:
                raise FfmpegFailed(f"ffmpeg says no end of errors about {about}, and was ended", file=about)
        else:
            return bytes(said)


def _worked(pid: int) -> float:
    """Seconds of the processor a program has used; the seconds of a clock where the system does not tell them."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return float(fields[11]) + float(fields[12])
    except (OSError, IndexError, ValueError):
        return time.monotonic()


def _failure(text: str, about: str, code: int) -> MediaError | StoreError:
    if code == -signal.SIGXFSZ:
        return StoreError(
            "a file came to the largest size that is allowed here (ulimit -f): allow more, then run the same command"
        )
    if code < 0:
        name = signal.Signals(-code).name
        why = "mostly since memory ran out: close other programs" if name == "SIGKILL" else "a fault of its own"
        return FfmpegFailed(
            f"ffmpeg was ended by {name} while it worked on {about}, {why}; run the same command again, or put another "
            "ffmpeg on PATH",
            file=about,
        )
    if "No space left on device" in text:
        return StoreError("the disk is full: free some space and run the same command again")
    said = [re.sub(r"^(\[[^\]]* @ 0x[0-9a-f]+\] )+", "", line.strip()) for line in text.splitlines()]
    lines = [line for line in said if line and not line.startswith(_AFTERMATH)] or [line for line in said if line]
    return MediaError(f"{about}: {lines[-1] if lines else 'ffmpeg failed without a word'}", file=about)


@contextmanager
def reading(path: Path, *, rate: int, channels: int) -> Iterator[IO[bytes]]:
    """A pipe of float32 samples, interleaved, from any audio file.

    Raises:
        MediaError: ffmpeg cannot decode it.
    """
    command = [*_with_parent(), ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", *safe_arguments(["-i", url(path)])]
    command += ["-map", "0:a:0", "-ar", str(rate)]
    command += ["-ac", str(channels), "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1"]
    with (
        TemporaryFile() as said,  # not a pipe: ffmpeg waits where nobody empties it
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as process,
    ):
        assert process.stdout is not None
        yield process.stdout
        while process.stdout.read(1 << 20):  # what the caller did not want, so that ffmpeg can end
            pass
        if process.wait():
            said.seek(max(0, said.seek(0, os.SEEK_END) - _LAST_SAID))
            raise _failure(said.read().decode("utf-8", "replace"), str(path), process.returncode)
