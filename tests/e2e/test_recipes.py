"""The recipes of docs/ci, run as a CI would, but for the steps of others and for the installation."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import User

pytestmark = [pytest.mark.xdist_group("e2e"), pytest.mark.slow]

RECIPES = Path(__file__).parents[2] / "docs" / "ci"
INSTALL = 'python -m pip install "localize-toolkit[offline]"'


@pytest.fixture
def checkout(tmp_path: Path, veteran: tuple[User, dict[str, Any]], clip: Path) -> Path:
    """A clone with one film, and the caches of an earlier run of it."""
    (tmp_path / "season1").mkdir()
    shutil.copy(clip, tmp_path / "season1" / "clip.mp4")
    for name in ("home", "store"):
        shutil.copytree(veteran[0].folder / name, tmp_path / ".localize" / name)
    command = tmp_path / "bin" / "localize"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m localize "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def run_step(lines: str, folder: Path, **variables: str) -> int:
    """One step, in a shell that ends with the first command that fails."""
    assert "${{" not in lines
    variables["LOCALIZE_MODELS"] = os.environ.get("LOCALIZE_MODELS", variables["LOCALIZE_MODELS"])
    environment = {**os.environ, **variables, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    return subprocess.run(["bash", "-e", "-c", lines], cwd=folder, check=False, env=environment).returncode


def check_dubbed(folder: Path) -> None:
    """The film lies there with its report, and the CI's reader finds one test that ended well."""
    report = json.loads((folder / "out" / "batch.report.json").read_text("utf-8"))
    assert [Path(f["input"]).name for f in report["files"]] == ["clip.mp4"]
    assert report["finished"]
    assert (folder / "out" / "clip" / "clip.es.mp4").is_file()
    assert 'tests="1"' in (folder / "out" / "batch.report.xml").read_text("utf-8")


def test_github(checkout: Path) -> None:
    recipe = yaml.safe_load((RECIPES / "github.yml").read_text("utf-8"))
    job = recipe["jobs"]["dub"]
    places = {k: v.replace("${{ github.workspace }}", str(checkout)) for k, v in job["env"].items()}
    steps = [step for step in job["steps"] if "run" in step]
    assert steps[0]["run"] == INSTALL
    codes = {
        step["name"]: run_step(step["run"], checkout, **places, GITHUB_OUTPUT=str(checkout / "said"))
        for step in steps[1:]
    }
    strict = codes.pop("dub")
    assert set(codes.values()) == {0}, codes
    assert strict in (0, 6)
    check_dubbed(checkout)
    assert re.fullmatch(r"models=[0-9a-f]{16}\n", (checkout / "said").read_text())


def test_gitlab(checkout: Path) -> None:
    job = yaml.safe_load((RECIPES / "gitlab.yml").read_text("utf-8"))["dub"]
    places = {k: v.replace("$CI_PROJECT_DIR", str(checkout)) for k, v in job["variables"].items()}
    assert job["before_script"] == [INSTALL]
    codes = [run_step(line, checkout, **places) for line in job["script"]]
    assert codes[:-1] == [0, 0]
    assert codes[-1] in (0, 6)
    assert [run_step(line, checkout, **places) for line in job["after_script"]] == [0, 0]
    check_dubbed(checkout)
    reports = job["artifacts"]["reports"]
    assert isinstance(json.loads((checkout / reports["codequality"]).read_text("utf-8")), list)
    assert reports["junit"] == "out/batch.report.xml"
