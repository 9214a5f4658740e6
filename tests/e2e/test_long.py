"""A long source with few lines: the dub is as much in time at the end as at the beginning, and memory stays flat."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from localize.media import ffmpeg

from .conftest import SAMPLE, User

MINUTES = 20
LIMIT_MB = 2000
WEIGHED = (
    "import os, subprocess, sys\n"
    "process = subprocess.Popen(sys.argv[1:])\n"
    "_, status, usage = os.wait4(process.pid, 0)\n"
    "print(usage.ru_maxrss, file=sys.stderr)\n"
    "sys.exit(os.waitstatus_to_exitcode(status))\n"
)
"""A small process between: the most memory of a command counts that of whoever started it, which a test run has too."""


@pytest.mark.slow
@pytest.mark.xdist_group("long")
def test_twenty_minutes_with_a_line_at_each_end(user: User) -> None:
    speech = user.folder / "speech.wav"
    cut = ["-ss", "1.5", "-t", "5", "-ac", "1", "-ar", "48000", str(speech)]
    subprocess.run([ffmpeg(), "-v", "error", "-i", str(SAMPLE), "-vn", *cut], check=True)
    line, rate = soundfile.read(speech, dtype="float32")
    starts = (5, 60 * MINUTES - 12)
    sound = np.zeros(60 * MINUTES * rate, np.float32)
    for start in starts:
        sound[start * rate : start * rate + len(line)] = line
    soundfile.write(speech, sound, rate)
    film = user.folder / "long.mp4"
    picture = ["-f", "lavfi", "-i", f"color=size=64x64:rate=5:duration={60 * MINUTES}"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest", str(film)]
    subprocess.run([ffmpeg(), "-v", "error", *picture, "-i", str(speech), *codecs], check=True)

    asked = ["dub", str(film), "--from", "en", "--to", "es", "-o", "out", "-q", "--json"]
    weighed = [sys.executable, "-c", WEIGHED, sys.executable, "-m", "localize", *asked]
    made = subprocess.run(weighed, cwd=user.folder, env=user.environment, capture_output=True, check=True)
    assert int(made.stderr.split()[-1]) / 1024 < LIMIT_MB

    target = json.loads(made.stdout)["targets"][0]
    clips = json.loads((user.folder / target["timeline"]).read_text())["clips"]
    early = [c for c in clips if c["source"]["start_ms"] < 60_000]
    late = [c for c in clips if c["source"]["start_ms"] > 60_000]
    assert len(early) == len(late) >= 1
    assert late[0]["source"]["start_ms"] - early[0]["source"]["start_ms"] == pytest.approx(
        1000 * (starts[1] - starts[0]), abs=40
    )
    for clip in clips:
        start = clip["dub"]["start_ms"]
        played = _samples(user.folder / target["video"], start)
        wanted = _samples(user.folder / target["dialogue"], start)
        lags = range(-4800, 4801, 48)
        fits = [float(np.dot(played[4800 + lag : lag - 4800], wanted[4800:-4800])) for lag in lags if lag < 4800]
        assert abs(list(lags)[int(np.argmax(fits))]) <= 48 * 20, clip["segment"]


def _samples(path: Path, start_ms: int) -> np.ndarray:
    """Two seconds of a file's first audio track from 0.3 s before `start_ms`, mono, 48 kHz."""
    command = [ffmpeg(), "-v", "error", "-i", str(path), "-ss", f"{start_ms / 1000 - 0.3:.3f}", "-t", "2"]
    command += ["-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "f32le", "pipe:1"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<f4")[:96_000]
