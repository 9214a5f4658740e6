"""What people type by mistake: one line, the right exit code, what to do next, and an answer at once.

Each row of `mistakes.tsv` is typed in a folder that holds a film, subtitles, and files that are not what they are given
for.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from localize import cli
from localize.media import ffmpeg

ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("mistakes.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
MOST_CPU_S = 1.0
BESIDE = ("warning: ", "translator ", "synthesizer ", "recogniser ", "diarizer ")
"""What is said before a mistake is found is none of it."""
WORDS = "1\n00:00:00,200 --> 00:00:00,900\nWhere is it?\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which everything is typed."""
    folder = tmp_path_factory.mktemp("desk")
    picture = ["-f", "lavfi", "-i", "color=s=64x64:r=5:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    for name, streams in (("film.mp4", ["-shortest"]), ("silent.mp4", ["-an"])):
        coded = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(folder / name)]
        subprocess.run([ffmpeg(), "-v", "error", *picture, *streams, *coded], check=True)
    (folder / "folder").mkdir()
    edits = {
        "strange": [{"segment": "s0099", "source": "No."}],
        "twice": [{"segment": "s0001", "source": "No."}, {"segment": "s0001", "source": "Yes."}],
        "times": [{"segment": "s0001", "start_ms": 900, "end_ms": 100}],
    }
    files = {
        "notes.txt": "Call the client.\n",
        "empty.mp4": "",
        "broken.mp4": "This is no film. " * 40,
        "words.srt": WORDS,
        "named.srt": "1\n00:00:00,100 --> 00:00:00,400\nANN: Yes?\n\n2\n00:00:00,500 --> 00:00:00,900\nBOB: No.\n",
        "late.srt": WORDS.replace("00:00:00", "10:00:00"),
        "undated.srt": WORDS.replace("Where is it?", "Mm."),
        "empty.srt": "",
        "list.json": "[]",
        **{f"{name}.json": json.dumps({"schema": 1, "edits": listed}) for name, listed in edits.items()},
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(autouse=True)
def _as_it_was(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command silences libraries until its process ends; here it must not."""
    monkeypatch.chdir(desk)
    before, disabled = sorted(desk.rglob("*")), logging.root.manager.disable
    with warnings.catch_warnings():
        yield
    logging.disable(disabled)
    assert sorted(desk.rglob("*")) == before, "a mistake leaves nothing behind"


def cpu_s() -> float:
    return sum(os.times()[:4])


def typed(command: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["localize", *shlex.split(command)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.fixture(scope="module", autouse=True)
def _imported(desk: Path) -> None:
    """What a process imports once is not counted to the first row."""
    import localize.engine_selection
    import localize.pipeline
    import localize.source  # noqa: F401


@pytest.mark.costly
@pytest.mark.parametrize(("command", "code", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_a_mistake_is_answered_in_one_line_at_once(
    command: str, code: str, words: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    began = cpu_s()
    ended = typed(command, monkeypatch)
    took = cpu_s() - began
    out, err = capfd.readouterr()
    said = [line for line in err.splitlines() if not line.startswith(BESIDE)]
    assert len(said) == 1, err
    assert said[0].startswith("localize: ")
    assert not out
    assert ended == int(code), said[0]
    missing = [word for word in words.split() if word not in said[0]]
    assert not missing, f"{missing} not in: {said[0]}"
    assert took < MOST_CPU_S, f"{took:.2f} s of one core"


@pytest.mark.costly
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_name_that_is_no_text_is_refused_before_the_work(
    desk: Path, tmp_path: Path, more: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As a disk of an older system has it: no report could hold the name."""
    film = os.fsdecode(os.fsencode(tmp_path) + b"/fil\xe9.mp4")
    try:
        Path(film).write_bytes((desk / "film.mp4").read_bytes())
    except OSError:
        pytest.skip("this disk takes names of text alone")
    asked = ["dub", film, "--to", "es", "--from", "en", "--transcript", "words.srt", *more]
    assert typed(shlex.join(asked), monkeypatch) == 2
    (said,) = [line for line in capfd.readouterr().err.splitlines() if not line.startswith(BESIDE)]
    assert said.endswith("fil\\udce9.mp4 has a name that is not UTF-8: rename it, or its folder")
