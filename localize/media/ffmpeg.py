"""Locate and run the ffmpeg program; turn its failures into errors."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from ..errors import EngineMissing, MediaError, StoreError
from .opening import safe_arguments, url

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


def run_ffmpeg(arguments: Sequence[str], about: str) -> str:
    """Run ffmpeg and wait for its end.

    Args:
        arguments: after the program's name; input paths must come as `file:…` (see `url`).
        about: the file concerned, for the message.

    Returns:
        what it printed on stderr.

    Raises:
        MediaError: it failed; the message carries its last line.
        StoreError: the disk is full.
    """
    command = [ffmpeg(), "-hide_banner", "-nostdin", "-y", *safe_arguments(arguments)]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    text = result.stderr.decode("utf-8", "replace")
    if result.returncode:
        raise _failure(text, about)
    return text


def _failure(text: str, about: str) -> MediaError | StoreError:
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
    command = [ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", *safe_arguments(["-i", url(path)])]
    command += ["-map", "0:a:0", "-ar", str(rate)]
    command += ["-ac", str(channels), "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        yield process.stdout
        while process.stdout.read(1 << 20):  # what the caller did not want, so that ffmpeg can end
            pass
        text = process.stderr.read().decode("utf-8", "replace")
    if process.returncode:
        raise _failure(text, str(path))
