"""What language a text looks like; a file that does not say it is asked about, never taken for English."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from localize import pipeline
from localize.errors import UsageError
from localize.events import Run
from localize.inputs import read_inputs
from localize.job import Job
from localize.language.identify import identify

TEXTS = tomllib.loads((Path(__file__).parents[1] / "timedtext" / "codepages.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", TEXTS)
def test_ten_lines_tell_their_language(language: str) -> None:
    assert identify(" ".join(TEXTS[language]["lines"])) == language.split("-", maxsplit=1)[0]


@pytest.mark.parametrize("text", ["", "OK!", "♪ ♪", "1984"])
def test_little_text_tells_none(text: str) -> None:
    assert identify(text) == ""


@pytest.fixture
def run() -> Run:
    return pipeline.open_run(lambda _event: None)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            ["Wo warst du den ganzen Tag?", "Ich habe dich überall gesucht."],
            r"give --from de \(its text looks like it\)",
        ),
        (["Where have you been all day?", "I looked for you everywhere."], "give --from en"),
        (["Ja.", "No."], "give --from LANG"),
    ],
)
def test_a_file_that_does_not_say_its_language_is_asked_about(
    lines: list[str], says: str, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "film.srt"
    cues = (f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n" for n, line in enumerate(lines, 1))
    path.write_text("\n".join(cues), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"film\.srt does not say its language: {says}"):
        read_inputs(Job(path, ("es",), tmp_path), run)
    words = read_inputs(Job(path, ("es",), tmp_path, source_language="de"), run).words
    assert words is not None
    assert words.transcript.language == "de"
