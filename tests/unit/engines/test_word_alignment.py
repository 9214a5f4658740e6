"""Words of a translation and of its source, by pieces and attention."""

from __future__ import annotations

import pytest

from localize.engines.word_alignment import align_words, words_of_pieces


@pytest.mark.parametrize(
    ("pieces", "text", "words"),
    [
        (["▁Guer", "ra", "▁y", "▁paz", "."], "Guerra y paz.", [0, 0, 1, 2, 2]),
        (["Viva", "▁la", "▁paz"], "Viva la paz", [0, 1, 2]),
        (["▁one", "▁", "two"], "one two", [0, 1, 1]),
        (["▁one", "▁two"], "one", []),
        ([], "", []),
    ],
)
def test_pieces_belong_to_words(pieces: list[str], text: str, words: list[int]) -> None:
    assert words_of_pieces(pieces, text) == words


def test_a_word_says_what_its_pieces_looked_at_most_the_end_of_the_sentence_aside() -> None:
    theirs, ours = [0, 1, 1], [0, 1, 1]
    looked = [[0.1, 0.1, 0.1, 0.7], [0.2, 0.1, 0.2, 0.5], [0.5, 0.2, 0.1, 0.2]]
    assert align_words(theirs, ours, looked) == ((1, 0), (0, 1))
    assert align_words(theirs, ours, []) == ()
    assert align_words([], ours, looked) == ()
