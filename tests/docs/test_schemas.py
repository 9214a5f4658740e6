"""The schemas in docs/ are those of the code, and hold for what cheap commands print."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from published import FOLDER, check_published

from localize.cli import cli

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_is_what_the_code_gives_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    tool = importlib.import_module("schemas")
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    wanted = {f"{name}.schema.json": tool.text(schema) for name, schema in tool.schemas().items()}
    assert written == wanted, "run: make schemas"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_every_schema_is_one(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    known = set(schema.get("$defs", {}))
    assert set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema))) == known, "every part is there, and is used"


def test_the_page_of_schemas_names_every_file() -> None:
    page = (ROOT / "docs" / "schemas.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(schemas/([\w-]+\.schema\.json)\)", page)) == {path.name for path in FOLDER.glob("*.json")}


SRT = "1\n00:00:01,000 --> 00:00:03,000\nGood evening.\n\n2\n00:00:02,900 --> 00:00:03,100\nYes.\n"
VTT = "WEBVTT\n\nREGION\nid:fred\n\n00:01.000 --> 00:03.000 line:0 region:fred\nGood evening.\n"


def printed(capfd: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command prints, whatever it says of the file."""
    cli.main(args=list(arguments), prog_name="localize", standalone_mode=False)
    return json.loads(capfd.readouterr().out)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("doctor", ("doctor", "--json")),
        ("models", ("models", "list", "--json")),
        ("models-verify", ("models", "verify", "dialogue-en-es", "--json")),
        ("voices", ("voices", "list", "--json")),
        ("lint", ("lint", "film.en.srt", "--json")),
        ("lint", ("lint", "film.en.vtt", "--json")),
        ("lint", ("lint", "film.en.srt", "--fix", "-o", "mended.srt", "--json")),
        ("subs", ("subs", "film.en.srt", "-o", "out", "--json", "-q")),
        ("verify", ("verify", "film.en.srt", "--json")),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_cheap_commands_print(
    name: str,
    arguments: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("LOCALIZE_HOME", "LOCALIZE_STORE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    (tmp_path / "film.en.srt").write_text(SRT, encoding="utf-8")
    (tmp_path / "film.en.vtt").write_text(VTT, encoding="utf-8")
    found = printed(capfd, *arguments)
    check_published(name, found)
    if name == "subs":
        for kind, place in (("master", "master"), ("subtitles", "report")):
            check_published(kind, json.loads(Path(found["targets"][0][place]).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "change",
    [{"schema": 2}, {"more": 1}, {"folder": None}, {"files": [{"input": "a"}]}, {"to": "es"}, {"exit_code": "3"}],
    ids=str,
)
def test_what_is_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    right = {
        "schema": 1, "folder": "in", "to": ["es"], "files": [], "finished": True, "exit_code": 0, "report": "r.json",
        "junit": "r.xml",
    }  # fmt: skip
    check_published("batch", right)
    with pytest.raises(jsonschema.ValidationError):
        check_published("batch", {**right, **change})
