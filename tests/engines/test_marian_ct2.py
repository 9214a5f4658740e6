"""The embedded MarianMT model by CTranslate2: together, sentences get what each gets alone, to the last bit."""

from __future__ import annotations

from typing import Any

import pytest

from localize.engines import load, marian_ct2
from localize.engines.marian_ct2 import MarianCT2
from localize.models import Models

LINES = (
    "Where did you put the keys?", "Did you look on the table?", "I can't find them anywhere.",
    "We will be late again.",
    "Take the car, I will wait for you here.", "The train to London leaves at nine.", "Who is going to tell her?",
    "He said that nobody had seen the letter.", "Twenty people were there.", "You should have asked me first.",
    "Give it back to Mr. Blorfington now.", "That is the best thing I have heard all day.", "Nobody knows.",
)  # fmt: skip


class Counted:
    """CTranslate2's own translator, its calls counted: sentences and beam of each."""

    def __init__(self, runner: Any) -> None:
        self.runner, self.calls = runner, list[tuple[int, int]]()

    def translate_batch(self, batch: list[list[str]], **options: Any) -> Any:
        self.calls.append((len(batch), options["beam_size"]))
        return self.runner.translate_batch(batch, **options)


@pytest.fixture(scope="module")
def engine() -> MarianCT2:
    made: MarianCT2 = load("translator", "marian_ct2", Models())
    return made


@pytest.mark.parametrize("wish", [{}, {"length": "short"}, {"register": "tu"}])
def test_together_is_alone_in_words_scores_and_links(engine: MarianCT2, wish: dict[str, str]) -> None:
    together = engine.translate(LINES, "en", "es", n_best=6, **wish)
    alone = tuple(engine.translate([line], "en", "es", n_best=6, **wish)[0] for line in LINES)
    assert together == alone
    assert all(found[0].links for found in together if found[0].score < 0)


def test_sentences_of_one_length_are_searched_in_one_call(engine: MarianCT2, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.translate(LINES[:1], "en", "es")
    counted = Counted(engine._runner)
    monkeypatch.setitem(vars(engine), "_runner", counted)
    engine.translate(LINES, "en", "es", n_best=6)
    lengths = {len(engine._pieces[0].encode_as_pieces(line)) for line in LINES}
    first = [call for call in counted.calls if call[1] == 6][: len(lengths)]
    assert sum(n for n, _ in first) == len(LINES)
    assert len(first) == len(lengths) < len(LINES)
    monkeypatch.setattr(marian_ct2, "TOGETHER", 2)
    counted.calls.clear()
    engine.translate(LINES, "en", "es", n_best=6)
    assert max(n for n, _ in counted.calls) == 2
