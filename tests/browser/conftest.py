"""A real browser, and real servers of the review room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser_pages import CHROMIUM

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("starlette")


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
