"""A delivered folder, as far as a review reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.data import (
    Candidate,
    Line,
    Segment,
    Span,
    SubtitleSource,
    TargetText,
    TargetWords,
    Transcript,
    Translation,
)
from localize.runtime.files import write_json
from localize.transcription.master import master_json

SAID = {
    "s0001": ("S1", 0, 1000, "Good morning, everybody.", "Buenos días a todos."),
    "s0002": ("S2", 1200, 2600, "Where did you put the keys?", "¿Dónde pusiste las llaves?"),
    "s0003": ("S2", 2700, 3600, "I need them now.", "Las necesito ahora."),
    "s0004": ("S1", 4000, 5000, "On the table.", "En la mesa."),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A delivered folder, as far as a review reads it."""
    segments = tuple(Segment(name, Span(a, b), who, text) for name, (who, a, b, text, _) in SAID.items())
    lines = tuple(
        Line(name, (Candidate(said, 0.0), Candidate(said.upper(), -1.0, "shout")))
        for name, (_, _, _, _, said) in SAID.items()
    )
    words = tuple(TargetWords(name, said, ()) for name, (_, _, _, _, said) in SAID.items())
    target = TargetText(Translation("es", lines), words, dict.fromkeys(SAID, 0))
    sheet = SubtitleSource(Transcript("en", segments), 6000, "25/1", names={"S1": "Anna"})
    write_json(tmp_path / "film.master.json", master_json(sheet, [target]))
    return tmp_path
