"""`localize convert`: flags reach the conversion, losses are counted, the input is never written over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from localize.cli.root import cli
from localize.errors import MediaError, UsageError
from localize.timedtext import formats

CUES = "1\n10:00:01,000 --> 10:00:02,000\n<i>one</i>\n\n2\n10:00:03,000 --> 10:00:04,000\n{\\an8}two\n"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["convert", *arguments], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.output


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "film.en.srt"
    path.write_text(CUES, encoding="utf-8")
    return path


TIMES = [
    ((), (36_001_000, 36_002_000)),
    (("--start-at", "10:00:00:00"), (1000, 2000)),
    (("--start-at", "10:00:00:00", "--offset", "-500"), (500, 1500)),
    (("--start-at", "10:00:00:00", "--fps", "25:50"), (500, 1000)),
    (("--start-at", "10:00:00:12", "--frame-rate", "24"), (500, 1500)),
    (("--start-at", "09:59:59:00", "--drop-frame", "--frame-rate", "29.97"), (2037, 3037)),
]


@pytest.mark.parametrize(("flags", "first"), TIMES)
def test_times_move_as_asked(source: Path, flags: tuple[str, ...], first: tuple[int, int]) -> None:
    run(str(source), str(source.with_suffix(".vtt")), *flags)
    cue = formats.read(source.with_suffix(".vtt")).cues[0]
    assert (cue.span.start_ms, cue.span.end_ms) == first


def test_losses_are_counted(source: Path) -> None:
    out = source.with_suffix(".sbv")
    found: dict[str, Any] = json.loads(run(str(source), str(out), "--json"))
    assert {key: found[key] for key in ("schema", "input", "output", "format", "cues")} == {
        "schema": 1, "input": str(source), "output": str(out), "format": "sbv", "cues": 2,
    }  # fmt: skip
    assert [(row["code"], row["cue"], row["count"]) for row in found["losses"]] == [("style", 1, 1), ("position", 2, 1)]
    assert "warning: " in run(str(source), str(out))


def test_a_file_is_never_its_own_target(source: Path) -> None:
    link = source.with_name("link.srt")
    link.symlink_to(source)
    for target in (source, link):
        with pytest.raises(UsageError, match="name another"):
            run(str(source), str(target))
    assert source.read_text() == CUES


def test_what_cannot_be_is_refused_before_anything_is_written(source: Path) -> None:
    for name, flags in (("x.sup", ()), ("x.vtt", ("--fps", "25")), ("x.vtt", ("--encoding", "no-such"))):
        with pytest.raises(UsageError):
            run(str(source), str(source.with_name(name)), *flags)
    source.write_bytes(b"nothing")
    with pytest.raises(MediaError):
        run(str(source), str(source.with_name("x.vtt")))
    assert list(source.parent.iterdir()) == [source]
