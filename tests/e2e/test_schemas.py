"""What a real dub leaves and prints is what its published schemas say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from published import check_published

from localize.data import Edit
from localize.runtime.records import to_json

from .conftest import User

pytestmark = pytest.mark.xdist_group("e2e")


@pytest.mark.parametrize("kind", ["report", "timeline"])
def test_files_of_a_target(veteran: tuple[User, dict[str, Any]], kind: str) -> None:
    _, printed = veteran
    check_published(kind, json.loads(Path(printed["targets"][0][kind]).read_text(encoding="utf-8")))


@pytest.mark.parametrize("kind", ["master", "job"])
def test_files_of_a_dub(veteran: tuple[User, dict[str, Any]], kind: str) -> None:
    user, _ = veteran
    check_published(kind, json.loads((user.folder / "out" / f"clip.{kind}.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("explain", ("explain", "out")),
        ("package", ("package", "out", "--hls")),
        ("verify", ("verify", "out/clip.es.mp4", "out/clip.es.srt")),
        ("subs", ("subs", "out/clip.master.json", "--profile", "easy", "-o", "more", "--format", "srt,vtt")),
        ("lint", ("lint", "out/clip.es.srt")),
    ],
)
def test_what_is_printed_of_a_dub(veteran: tuple[User, dict[str, Any]], name: str, arguments: tuple[str, ...]) -> None:
    user, _ = veteran
    answer = user.run(*arguments, "--json")
    assert answer.out, answer.err
    check_published(name, answer.json)
    if name == "subs":
        check_published(
            "subtitles", json.loads((user.folder / answer.json["targets"][0]["report"]).read_text(encoding="utf-8"))
        )


def test_what_a_dub_prints_and_would_print(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, printed = veteran
    check_published("dub", printed)
    plan = user.run("dub", clip, "--to", "es", "--dry-run", "--json")
    assert plan.code == 0, plan.err
    check_published("dry-run", plan.json)


def test_corrections_that_keep_to_their_schema_are_taken(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, _ = veteran
    edits = {"schema": 1, "edits": [to_json(Edit("s0001", translation={"es": "Buenas noches."}))]}
    check_published("edits", edits)
    check_published("edits", {"schema": 1, "edits": [{"segment": "s0001"}]})
    (user.folder / "edits.json").write_text(json.dumps(edits), encoding="utf-8")
    answer = user.run("dub", clip, "--to", "es", "--dry-run", "--edits", "edits.json")
    assert answer.code == 0, answer.err


def test_a_batch(veteran: tuple[User, dict[str, Any]], clip: Path) -> None:
    user, _ = veteran
    (user.folder / "published").mkdir()
    shutil.copy(clip, user.folder / "published" / "one.mp4")
    (user.folder / "published" / "two.mp4").write_text("no film")
    answer = user.run("batch", "published", "--to", "es", "-o", "all", "--json")
    assert answer.code == 3, answer.err
    check_published("batch", answer.json)
    assert [bool(entry["targets"]) for entry in answer.json["files"]] == [True, False]
