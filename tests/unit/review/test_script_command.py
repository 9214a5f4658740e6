"""`localize script` as a command: a list goes out, comes back edited, and what does not go together is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from made_dubs import make_dub

from localize.cli.root import cli
from localize.errors import UsageError
from localize.review import open_review


def script(*arguments: object) -> str:
    words = ["script", *map(str, arguments)]
    return CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False).output


def test_a_list_goes_out_and_comes_back(tmp_path: Path) -> None:
    folder = make_dub(tmp_path, [("Where is it?", "¿Dónde está?")])
    sheet = tmp_path / "film.csv"
    assert json.loads(script(folder, "--format", "csv", "-o", sheet, "--json"))["lines"] == 1
    sheet.write_text(sheet.read_text("utf-8").replace("¿Dónde está?", "¿Y dónde?"), "utf-8")
    assert "+ ¿Y dónde?" in script(folder, "--import", sheet, "--who", "Bo", "--dry-run")
    assert open_review(folder).version == 0
    assert json.loads(script(folder, "--import", sheet, "--who", "Bo", "--json"))["applied"] is True
    assert [event.who for event in open_review(folder).events] == ["Bo"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "give --format"),
        (("--format", "csv"), "-o names the file"),
        (("--format", "csv", "-o", "x.csv", "--import", "y.csv"), "give --format"),
        (("--format", "csv", "-o", "x.csv", "--dry-run"), "belong to --import"),
        (("--format", "csv", "-o", "x.csv", "--who", "Bo"), "belong to --import"),
        (("--import", "y.csv", "-o", "x.csv"), "-o belongs to --format"),
    ],
)
def test_options_that_would_do_nothing_are_refused(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        script(tmp_path, *options)


def test_without_a_name_the_edits_are_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise OSError("no such user")

    monkeypatch.setattr("getpass.getuser", unknown)
    with pytest.raises(UsageError, match="--who"):
        script(tmp_path, "--import", "y.csv")
