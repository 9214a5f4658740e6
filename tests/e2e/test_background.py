"""A dub as it runs in the background of a terminal, and on a machine where numba may not be used."""

from __future__ import annotations

import ast
import json
import os
import pty
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import localize
from localize.media import ffmpeg

from .conftest import User

BLOCKED = """
import sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("numba", "llvmlite", "librosa"):
            raise ImportError(f"{name} was imported")

sys.meta_path.insert(0, Refused())
from localize.cli import main
main()
"""


pytestmark = pytest.mark.xdist_group("background")


@dataclass(frozen=True)
class Dubbed:
    """How a command in the background ended: wait status, what it wrote, stdin of every ffmpeg."""

    status: int
    out: str
    err: str
    stdins: tuple[str, ...]
    terminal: str


@pytest.fixture(scope="module")
def dubbed(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Dubbed:
    """A whole dub, fresh store, in a background process group of a terminal, numba and librosa refused."""
    folder = tmp_path_factory.mktemp("background")
    log = folder / "stdins"
    wrapper = folder / "bin" / "ffmpeg"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nreadlink /proc/$$/fd/0 >> {log}\nexec {ffmpeg()} "$@"\n')
    wrapper.chmod(0o755)
    path = f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-c", BLOCKED, "dub", str(clip), "--to", "es", "-o", str(folder / "out"), "--json"]
    shell, terminal = pty.fork()
    if not shell:  # leads the terminal's foreground group, as a shell does, and waits for a job in the background
        job = os.fork()
        if not job:
            os.setpgid(0, 0)
            os.dup2(os.open(folder / "stdout", os.O_WRONLY | os.O_CREAT), 1)
            os.dup2(os.open(folder / "stderr", os.O_WRONLY | os.O_CREAT), 2)
            os.execve(sys.executable, command, {**User(folder).environment, "PATH": path})
        _, status = os.waitpid(job, os.WUNTRACED)
        (folder / "status").write_text(json.dumps([status, os.ttyname(0)]))
        if os.WIFSTOPPED(status):
            os.killpg(job, 9)
        os._exit(0)
    os.waitpid(shell, 0)
    os.close(terminal)
    status, name = json.loads((folder / "status").read_text())
    out, err = ((folder / kind).read_text() for kind in ("stdout", "stderr"))
    return Dubbed(status, out, err, tuple(log.read_text().splitlines()), name)


def test_a_dub_in_the_background_of_a_terminal_is_not_stopped(dubbed: Dubbed) -> None:
    assert not os.WIFSTOPPED(dubbed.status), "stopped by the terminal"
    assert os.waitstatus_to_exitcode(dubbed.status) == 0, dubbed.err
    assert Path(json.loads(dubbed.out)["targets"][0]["video"]).is_file()


def test_no_ffmpeg_inherits_stdin(dubbed: Dubbed) -> None:
    assert len(dubbed.stdins) > 5
    assert set(dubbed.stdins) == {"/dev/null"}
    assert dubbed.terminal.startswith("/dev/pts/")


def test_a_whole_dub_imports_neither_numba_nor_librosa(dubbed: Dubbed) -> None:
    """Two first runs at once would break numba's cache: what is never imported compiles nothing."""
    assert os.waitstatus_to_exitcode(dubbed.status) == 0, dubbed.err
    (target,) = json.loads(dubbed.out)["targets"]
    assert 1.0 < target["summary"]["dnsmos"] < 5.0
    report = json.loads(Path(target["report"]).read_text(encoding="utf-8"))
    assert all("median pitch" in role["reason"] for role in report["cast"])


def test_every_child_that_localize_starts_is_given_a_stdin() -> None:
    found = 0
    for path in Path(localize.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id == "subprocess":
                    found += 1
                    assert any(k.arg == "stdin" for k in node.keywords), f"{path.name}:{node.lineno}"
    assert found >= 3
