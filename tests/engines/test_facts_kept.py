"""The lists of facts, with the embedded translator: every value stays, and nothing is warned about in vain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localize.data import Edits, Segment, Span, Transcript
from localize.engines import load
from localize.events import Event, Warned
from localize.runtime.store import Store
from localize.translation.glossary import Glossary
from localize.translation.translate import translate

LISTS = Path(__file__).resolve().parents[1] / "data" / "facts"


class Run:
    """The two things the stage needs of a run."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.warned: list[Warned] = []

    def emit(self, event: Event) -> None:
        if isinstance(event, Warned):
            self.warned.append(event)


@pytest.mark.parametrize("name", ["given.tsv", "own.tsv"])
def test_every_fact_of_a_list_is_kept_in_spanish(tmp_path: Path, models: Any, name: str) -> None:
    rows = [line.split("\t") for line in (LISTS / name).read_text(encoding="utf-8").splitlines()[1:]]
    texts = [text.replace("\\n", "\n") for _, text, _ in rows]
    spans = [Span(at * 4000, at * 4000 + 2000) for at in range(len(rows))]
    scene = Transcript("en", tuple(Segment(f"s{at:04}", s, "S1", t) for at, (s, t) in enumerate(zip(spans, texts))))
    run = Run(Store(tmp_path / "store"))
    engine = load("translator", "marian_ct2:dialogue-en-es", models)
    found = translate(run, scene, engine, to="es", edits=Edits(), glossary=Glossary())  # type: ignore[arg-type]
    said = [line.candidates[0].text.lower() for line in found.lines]
    lost = [
        (row[1], text)
        for row, text in zip(rows, said)
        if not all(any(way.lower() in text for way in part.split("|")) for part in row[2].split(";"))
    ]
    assert lost == []
    assert run.warned == []
