"""The profanity policy of a style sheet over a whole translation."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from localize.data import Candidate, Conversion, Line, Translation
from localize.events import Run
from localize.translation.profanity import softened
from localize.translation.style_sheet import read_style


@dataclass
class Said:
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def warn(self, code: str, message: str) -> None:
        self.warnings.append((code, message))


def test_machine_lines_are_softened_and_given_lines_are_named() -> None:
    run = Said()
    lines = (
        Line("s0001", (Candidate("¡Mierda!", -0.1), Candidate("¡Joder!", -0.3), Candidate("¡Rayos!", -0.5))),
        Line("s0002", (Candidate("Qué mierda.", 0.0),), edited=True),
        Line("s0003", (Candidate("Buenos días.", -0.1),)),
    )
    made = softened(cast(Run, run), Translation("es-MX", lines), "style.toml")
    assert [c.text for c in made.lines[0].candidates] == ["¡Rayos!", "¡Caramba!"]
    assert made.lines[0].candidates[0].score == -0.1
    assert made.lines[1:] == lines[1:]
    assert made.converted == (Conversion("s0001", "Mierda", "Rayos"),)
    assert [code for code, _ in run.warnings] == ["profanity"]
    assert "s0002 (Qué mierda)" in run.warnings[0][1]
    assert "s0001" not in run.warnings[0][1]


def test_a_language_without_a_list_is_said() -> None:
    run = Said()
    given = Translation("de", (Line("s0001", (Candidate("Scheiße!", -0.1),)),))
    assert softened(cast(Run, run), given, "style.toml") == given
    assert "no list of strong words of de" in run.warnings[0][1]


def test_the_style_sheet_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "style.toml").write_text('profanity = "softened"\n', encoding="utf-8")
    assert read_style(tmp_path / "style.toml").softens
    (tmp_path / "style.toml").write_text('profanity = "kept"\n', encoding="utf-8")
    assert not read_style(tmp_path / "style.toml").softens
