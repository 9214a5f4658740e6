"""What CI does for a Chromium: nothing where one is, apt-get where none is, and a reason where none can be had."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "chromium"


def asked(folder: Path, exit_codes: str | None, *there: str) -> tuple[int, str, list[str]]:
    """Run it as root of a machine with these commands, and an apt-get that ends with these codes: its own code, what it
    says, and what apt-get was asked."""
    commands, log = folder / "bin", folder / "log"
    commands.mkdir()
    for name in ("bash", "env", "timeout"):
        (commands / name).symlink_to(shutil.which(name) or "")
    stubs = {"id": "echo 0", **dict.fromkeys(there, "exit 9")}
    if exit_codes is not None:
        stubs["apt-get"] = f'echo "$DEBIAN_FRONTEND $*" >> {log}\ncase "$*" in {exit_codes} esac'
    for name, lines in stubs.items():
        (commands / name).write_text(f"#!/bin/bash\n{lines}\n")
        (commands / name).chmod(0o755)
    done = subprocess.run([SCRIPT], env={"PATH": str(commands)}, capture_output=True, text=True)
    return done.returncode, done.stderr, log.read_text().splitlines() if log.exists() else []


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_where_one_is_nothing_is_installed(tmp_path: Path, name: str) -> None:
    assert asked(tmp_path, "*) exit 0;;", name) == (0, "", [])


def test_debians_is_installed_and_nobody_is_asked(tmp_path: Path) -> None:
    code, said, calls = asked(tmp_path, "*) exit 0;;")
    assert (code, said) == (0, "")
    assert calls == [
        "noninteractive -qq update",
        "noninteractive -qq install --yes --no-install-recommends chromium",
    ]


def test_a_list_that_comes_in_parts_is_enough(tmp_path: Path) -> None:
    assert asked(tmp_path, "*update) exit 100;; *) exit 0;;")[0] == 0


@pytest.mark.parametrize(
    ("codes", "said", "calls"),
    [
        (None, "no Chromium is here, nor an apt-get that could install one", 0),
        ("*update) exit 124;;", "the list of packages did not come within a minute", 1),
        ("*update) exit 137;;", "the list of packages did not come within a minute", 1),
        ("*install*) exit 100;;", "Chromium could not be installed (100)", 2),
        ("*install*) exit 124;;", "Chromium could not be installed (124)", 2),
    ],
)
def test_where_none_can_be_had_the_reason_is_told(tmp_path: Path, codes: str | None, said: str, calls: int) -> None:
    code, err, asked_for = asked(tmp_path, codes)
    assert (code, err.splitlines(), len(asked_for)) == (1, [said], calls)
