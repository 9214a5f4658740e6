"""`localize edits list`: corrections as a person reads them."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from localize.cli import cli


def test_corrections_are_listed_in_words(tmp_path: Path) -> None:
    edits = [
        {"segment": "s0002", "translation": {"es": "Hola, {tú}.", "pt": "Olá."}, "voices": {"es": "em_santa"}},
        {"segment": "s0003", "voice": "em_alex", "source": "Good evening."},
    ]
    (tmp_path / "film.edits.json").write_text(json.dumps({"schema": 1, "edits": edits}), "utf-8")
    done = CliRunner().invoke(cli, ["edits", "list", str(tmp_path)])
    first, second = done.stdout.splitlines()
    assert first.startswith("film.edits.json  s0002  ")
    assert {"translation es: Hola, {tú}.", "translation pt: Olá.", "voices es: em_santa"} <= set(first.split("  "))
    assert {"s0003", "voice: em_alex", "source: Good evening."} <= set(second.split("  "))
