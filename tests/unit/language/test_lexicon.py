"""Words that exist, and the pieces that spell those that do not."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from localize.errors import EngineFailed
from localize.language.lexicon import Lexicon, is_spelled


def test_strange_words_are_neither_known_nor_names_nor_the_sources() -> None:
    lexicon = Lexicon(frozenset({"el", "perro", "come"}))
    assert lexicon.strange("El perro come botóns.", "The dog eats buttons.") == ("botóns",)
    assert lexicon.strange("El perro come sushi con Zoltan.", "The dog eats sushi, Zoltan.") == ("con",)
    assert lexicon.strange("Botóns el perro.", "Buttons.") == ("Botóns",)
    assert lexicon.strange("", "") == ()


def test_a_list_of_words_is_read_and_other_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.z"
    file.write_bytes(zlib.compress("años\nperro".encode()))
    assert Lexicon.read(file).knows("años")
    assert not Lexicon.read(file).knows("gato")
    file.write_bytes("años\nperro".encode())
    with pytest.raises(EngineFailed, match=r"words\.z"):
        Lexicon.read(file)


def test_a_word_is_spelled_by_its_pieces_without_marks() -> None:
    pieces = ["▁¿", "Bot", "óns", "?", "▁de", "▁bot", "óns", "."]
    assert is_spelled("Botóns", pieces) == [("Bot", "óns")]
    assert is_spelled("botóns", pieces) == [("▁bot", "óns")]
    assert is_spelled("de", pieces) == [("▁de",)]
    assert is_spelled("gato", pieces) == []
