"""Scripts without times on a real recording: each line where it is said, in every shape, and what is missing told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from made_documents import document, table

from localize.timedtext import formats

from .conftest import User

WHO = ("ANNA", "JUAN", "ANNA")


def _fountain(folder: Path, lines: list[str]) -> Path:
    path = folder / "film.fountain"
    speeches = "\n\n".join(f"{who} (V.O.)\n(quietly)\n{line}" for who, line in zip(WHO, lines))
    path.write_text(f"INT. STUDIO - DAY\n\nTwo people.\n\n{speeches}\n", encoding="utf-8")
    return path


def _word(folder: Path, lines: list[str]) -> Path:
    rows = [(who, line, line.upper()) for who, line in zip(WHO, lines)]
    return document(folder / "film.docx", "Episode 1", table(("Character", "English", "Notes"), *rows))


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("write", [_fountain, _word])
def test_a_script_is_laid_on_the_sound(
    user: User, shared: Path, tmp_path: Path, write: Callable[[Path, list[str]], Path]
) -> None:
    media = shared / "cases" / "media"
    cues, translated = (formats.read(media / f"base.{language}.srt").cues for language in ("en", "es"))
    script = write(tmp_path, [" ".join(cue.lines) for cue in cues])
    spanish = tmp_path / "film.es.txt"
    spanish.write_text("\n\n".join(" ".join(c.lines) for c in translated), encoding="utf-8")
    asked = ["subs", media / "base.mp4", "--from", "en", "--to", "es", "--transcript", script, "--translation", spanish]
    result = user.run(*asked, "-o", user.folder / "out", "--json")
    assert result.code == 0, result.err
    master = json.loads((user.folder / "out" / "base.master.json").read_text(encoding="utf-8"))
    assert [s["text"] for s in master["segments"]] == [" ".join(cue.lines) for cue in cues]
    assert max(abs(s["start_ms"] - cue.span.start_ms) for s, cue in zip(master["segments"], cues)) <= 80
    shown = formats.read(user.folder / "out" / "base.es.srt").cues
    assert [" ".join(c.lines) for c in shown] == [" ".join(c.lines) for c in translated]
    assert set(master["names"].values()) == {"ANNA", "JUAN"}


@pytest.mark.shared
@pytest.mark.slow
def test_what_a_script_lacks_and_what_the_film_lacks_is_told(user: User, shared: Path, tmp_path: Path) -> None:
    media = shared / "cases" / "media"
    script = tmp_path / "film.en.txt"
    lines = ["Good morning. We have a problem.", "Where is my hat?", "It fell into the river last night."]
    script.write_text("\n".join(lines), encoding="utf-8")
    result = user.run("subs", media / "base.mp4", "--from", "en", "--transcript", script, "-o", "out", "--json")
    assert result.code == 0, result.err
    warnings = {w["code"]: w["message"] for w in result.json["warnings"]}
    assert "line 2 'Where is my hat?'" in warnings["line_not_found"]
    other = tmp_path / "other.en.txt"
    other.write_text("Ladies and gentlemen, welcome aboard.\nPlease fasten your seat belts.\n", encoding="utf-8")
    refused = user.run("subs", media / "base.mp4", "--from", "en", "--transcript", other, "-o", "no")
    assert refused.code == 3
    assert "only 0 of its 2 lines are heard" in refused.err
    assert not (user.folder / "no").exists() or not list((user.folder / "no").iterdir())
