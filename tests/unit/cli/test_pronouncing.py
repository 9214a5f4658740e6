"""What a text will sound like, asked on the command line and in Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import localize
from localize.engines.phonemes import phonemize

pytest.importorskip("phonemizer")
pytest.importorskip("espeakng_loader")


def pronounce(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "localize", "pronounce", *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.costly
def test_it_prints_one_object() -> None:
    found = json.loads(pronounce("-5 °C, [risas] 21 libros", "--language", "es", "--json").stdout)
    assert set(found) == {"schema", "text", "spoken", "phonemes"}
    assert found["text"] == "-5 °C, [risas] 21 libros"
    assert found["spoken"] == "menos cinco grados, veintiún libros"
    assert found["phonemes"] == phonemize("menos cinco grados, veintiún libros", "es")


@pytest.mark.costly
def test_it_prints_two_lines_for_a_person() -> None:
    assert pronounce("1 h", "--language", "pt").stdout.splitlines() == ["uma hora", phonemize("uma hora", "pt")]


def test_a_lexicon_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "said.tsv"
    path.write_text("Siobhan\t/ʃɪvˈɔːn/\nZolvia\tsolbia\tes\n", encoding="utf-8")
    found = localize.pronounce("Siobhan, Zolvia?", "es-MX", path)
    assert found.spoken == "[Siobhan](/ʃɪvˈɔːn/), solbia?"
    assert found.phonemes == f"ʃɪvˈɔːn, {phonemize('solbia?', 'es')}"
    assert localize.pronounce("Zolvia", "pt", str(path)).spoken == "Zolvia"


@pytest.mark.costly
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("Hallo", "--language", "de"), "nobody here speaks 'de': give one of en, es, fr, it, pt"),
        (("Hola", "--language", "es", "--pronunciation", "none.tsv"), "cannot read the pronunciations none.tsv"),
    ],
)
def test_what_cannot_be_said_is_refused(arguments: tuple[str, ...], why: str) -> None:
    done = pronounce(*arguments)
    assert done.returncode == 2
    assert why in done.stderr
