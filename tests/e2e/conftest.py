"""The command as a user runs it: a subprocess, real engines, folders of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localize.media import ffmpeg

SAMPLE = Path(__file__).parents[2] / "samples" / "episode.mp4"


@dataclass(frozen=True)
class Result:
    """What a finished command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


@dataclass(frozen=True)
class User:
    """Somebody with a home and a store, in a folder."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        places = {"LOCALIZE_HOME": str(self.folder / "home"), "LOCALIZE_STORE": str(self.folder / "store")}
        return {**os.environ, **places, "PYTHONDONTWRITEBYTECODE": "1"}

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "localize", *map(str, arguments)]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *arguments: str | Path) -> Result:
        process = self.start(*arguments)
        out, err = process.communicate()
        return Result(process.returncode, out.decode(), err.decode())


@pytest.fixture
def user(tmp_path: Path) -> User:
    """Somebody who has never run the command."""
    return User(tmp_path)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first lines of the sample episode: 12 seconds, three or four lines, two speakers."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    cut = ["-t", "12.5", "-map", "0", "-c:v", "copy", "-c:a", "aac", "-b:a", "128k"]
    subprocess.run([ffmpeg(), "-v", "error", "-i", str(SAMPLE), *cut, str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def veteran(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> tuple[User, dict[str, Any]]:
    """Somebody who has dubbed the clip to Spanish once, and what the command printed."""
    user = User(tmp_path_factory.mktemp("veteran"))
    result = user.run("dub", clip, "--to", "es", "-o", user.folder / "out", "--json")
    assert result.code == 0, result.err
    return user, result.json
