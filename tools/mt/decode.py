"""A converted model run as it is: no stage around it, no run-time checks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BEAM = 4
LONGEST = 120
"""Pieces; what is longer is cut before it is scored."""


class Plain:
    """A CTranslate2 Marian folder.

    Args:
        folder: made by `convert`.
        threads: sentences at a time.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        import ctranslate2
        import sentencepiece

        self._reader = sentencepiece.SentencePieceProcessor(str(folder / "source.spm"))
        self._writer = sentencepiece.SentencePieceProcessor(str(folder / "target.spm"))
        vocabulary = json.loads((folder / "target_vocabulary.json").read_text(encoding="utf-8"))
        self.tags = tuple(word[1:-1] for word in vocabulary if re.fullmatch(r"<\w+:\w+>", word))
        """Control tokens in its vocabulary, offered or not."""
        self._runner = ctranslate2.Translator(str(folder), compute_type="int8", inter_threads=threads, intra_threads=1)

    def translate(self, sentences: Sequence[str], tags: Sequence[str] = (), batch: int = 32) -> list[str]:
        """The best of a beam of 4 for each sentence.

        Args:
            sentences: one sentence or a few each.
            tags: control tokens, in the recipe's order: "register:tu".
            batch: sentences decoded together.
        """
        rows = [[*self._reader.encode_as_pieces(sentence), "</s>"] for sentence in sentences]
        prefix = [f"<{tag}>" for tag in tags]
        results = self._runner.translate_batch(
            rows,
            target_prefix=[prefix] * len(rows) if prefix else None,
            beam_size=BEAM,
            max_batch_size=batch,
            disable_unk=True,
            max_decoding_length=3 * max(map(len, rows), default=0) + 12,
        )
        texts = [self._writer.decode_pieces(found.hypotheses[0][len(prefix) :]) for found in results]
        return [" ".join(text.split()) for text in texts]

    def ways(self, sentences: Sequence[str], count: int, beam: int) -> list[list[tuple[str, float]]]:
        """The best so many of a beam for each sentence, with their mean log-probability a token."""
        rows = [[*self._reader.encode_as_pieces(sentence)[:LONGEST], "</s>"] for sentence in sentences]
        found = self._runner.translate_batch(
            rows, beam_size=beam, num_hypotheses=count, max_batch_size=32, return_scores=True, disable_unk=True
        )
        return [
            [(" ".join(self._writer.decode_pieces(p).split()), s) for p, s in zip(one.hypotheses, one.scores)]
            for one in found
        ]

    def score(self, pairs: Sequence[tuple[str, str]] | Sequence[list[str]]) -> list[float]:
        """Mean log-probability a token of given translations."""
        sources = [[*self._reader.encode_as_pieces(source)[:LONGEST], "</s>"] for source, _ in pairs]
        targets = [self._writer.encode_as_pieces(target)[:LONGEST] for _, target in pairs]
        found = self._runner.score_batch(sources, targets, max_batch_size=2048, batch_type="tokens")
        return [sum(one.log_probs) / len(one.log_probs) for one in found]

    def certainty(self, sentences: Sequence[str]) -> list[float]:
        """Mean log-probability a token of the model's own answers."""
        return [ways[0][1] for ways in self.ways(sentences, 1, BEAM)]


def columns(references: Sequence[Sequence[str]]) -> list[list[Any]]:
    """References by number, as sacrebleu wants them; None where a sentence has fewer."""
    most = max(map(len, references))
    return [[own[at] if at < len(own) else None for own in references] for at in range(most)]
