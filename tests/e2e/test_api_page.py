"""The examples of docs/api.md that need a dub run on one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import User

pytestmark = pytest.mark.xdist_group("e2e")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
EXAMPLES = re.findall(r"<!-- run on a dub -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


def test_examples_run_one_after_another(user: User, clip: Path, veteran: tuple[User, dict[str, Any]]) -> None:
    """Of a film that was dubbed before, so that what is made is theirs alone."""
    shutil.copy(clip, user.folder / "film.mp4")
    for name in ("home", "store"):
        shutil.copytree(veteran[0].folder / name, user.folder / name)
    assert len(EXAMPLES) >= 2
    said = []
    for text in EXAMPLES:
        done = subprocess.run(
            [sys.executable, "-c", text], cwd=user.folder, env=user.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert "es out/film.es.mp4" in said[0]
    assert "out/film.es.srt True []" in said[1]
    assert "out/hls/film.m3u8" in said[1]
