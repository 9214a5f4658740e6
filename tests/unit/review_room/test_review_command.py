"""`localize review` as a command: over a real socket, until a signal."""

from __future__ import annotations

import json
import queue
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from made_dubs import make_dub

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from localize.job import Job
from localize.review_room.redo import Redo

LINES = [("Where is it?", "¿Dónde está?"), ("It is here.", "Está aquí.")]


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "localize", "review", str(folder), "--no-browser", "--json", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_it_prints_its_address_serves_this_machine_alone_and_ends_well(tmp_path: Path) -> None:
    process = start(make_dub(tmp_path, LINES), "--port", "0", "-q")
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    assert url.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(url) as answer:
        assert answer.status == 200
        assert b"<main>" in answer.read()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.partition("?")[0])
    port = int(url.split(":")[2].partition("/")[0])
    with socket.socket() as other, pytest.raises(OSError, match=r"refused|unreachable"):
        other.connect((_own_address(), port))
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=600)
    assert (process.returncode, out, err) == (0, "", "")


def _own_address() -> str:
    """An address of this machine beside loopback; without a network one of loopback that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # sends nothing: chooses a route
            return str(asked.getsockname()[0])
        except OSError:
            return "127.0.0.2"


@pytest.mark.slow
def test_a_folder_without_a_dub_is_refused_in_one_line(tmp_path: Path) -> None:
    process = start(tmp_path)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 2
    assert json.loads(out)["error"]["kind"] == "UsageError"
    assert err.count("\n") == 1
    assert "holds no dub" in err


@pytest.mark.slow
def test_a_worker_that_was_killed_between_two_runs_is_replaced(tmp_path: Path) -> None:
    folder = make_dub(tmp_path, LINES)
    said: queue.Queue[dict[str, Any]] = queue.Queue()
    redo = Redo(Job(tmp_path / "film.wav", to=("es",), output=folder, edits=tmp_path / "none.json"), said.put)
    for _ in range(2):
        assert redo.ask()
        assert said.get(timeout=600)["state"] == "started"
        assert "none.json" in said.get(timeout=600)["message"]
        assert redo._pool is not None
        (worker,) = redo._pool._processes.values()
        worker.kill()
        redo._pool._executor_manager_thread.join()  # it has seen the death when it ends
    redo.close()
    assert not redo.running


@pytest.mark.slow
def test_a_run_that_fails_says_why_and_leaves_the_dub_as_it_was(tmp_path: Path) -> None:
    folder = make_dub(tmp_path, LINES)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    said: queue.Queue[dict[str, Any]] = queue.Queue()
    redo = Redo(
        Job(
            tmp_path / "film.wav",
            to=("es",),
            source_language="en",
            output=folder,
            speakers=1,
            edits=tmp_path / "none.json",
        ),
        said.put,
    )
    assert redo.ask()
    assert redo.ask()  # one more after it
    states = []
    while states.count("failed") < 2:
        message = said.get(timeout=600)
        states.append(message["state"])
    assert "none.json" in message["message"]
    assert states == ["started", "failed", "started", "failed"]
    redo.close()
    assert redo.ask() is False
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
