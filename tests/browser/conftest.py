"""A real browser, and real servers of the review room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser_pages import CHROMIUM, OWN_HZ

from localize import consent
from tests.fake_package import ENGINES, lay_tones

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("starlette")

ROOT = Path(__file__).resolve().parents[2]
CUES = (
    "1\n00:00:01,000 --> 00:00:02,200\nWhere did you put the keys?\n\n2\n00:00:03,000 --> 00:00:03,900\nOn the table.\n"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sounds = ["--autoplay-policy=no-user-gesture-required", "--use-fake-device-for-media-stream"]
    arguments = [*sounds, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Path], tuple[str, subprocess.Popen[str]]]]:
    """Start `localize review` on a folder; returns the address that it printed, and the process."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path) -> tuple[str, subprocess.Popen[str]]:
        command = [sys.executable, "-m", "localize", "review", str(folder), "--port", "0", "--no-browser", "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        return json.loads(line)["url"], process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def dubbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tone: Any) -> Path:
    """A dub of five seconds by the fakes, as the command makes it; beside it a recording of one line by "ana"."""
    lay_tones(tmp_path / "site")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path / "site"), str(ROOT))))
    track = np.zeros(240_000, np.float32)
    for start, length in ((1.0, 1.2), (3.0, 0.9)):
        voice = tone(length, 180.0, 0.2)
        track[int(start * 48_000) : int(start * 48_000) + len(voice)] += voice
    soundfile.write(tmp_path / "film.wav", track, 48_000, "PCM_24")
    (tmp_path / "film.en.srt").write_text(CUES, "utf-8")
    given = ["--transcript", "film.en.srt", "--speakers", "1", "--voice", "S1=em_alex", "--bed", "duck", "--from", "en"]
    engines = [w for role, name in ENGINES.items() for w in ("--engine", f"{role}={name}")]
    command = [sys.executable, "-m", "localize", "dub", "film.wav", "--to", "es", *given, *engines, "-o", "out", "-q"]
    subprocess.run(command, cwd=tmp_path, check=True)
    quiet = np.zeros(9_600, np.float32)
    soundfile.write(tmp_path / "own.wav", np.concatenate([quiet, tone(0.9, OWN_HZ, 0.3), quiet]), 48_000, "PCM_24")
    bursts = np.arange(7 * 44_100) // 8000 % 2
    soundfile.write(tmp_path / "ana.wav", np.random.default_rng(1).normal(0, 0.2, len(bursts)) * bursts, 44_100)
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\nsigned")
    home = consent.Home.open()
    consent.enroll(home, "ana", reference=tmp_path / "ana.wav", evidence=tmp_path / "paper.pdf")
    consent.grant(home, "ana", languages=["es"], cloning=False)
    return tmp_path / "out"
