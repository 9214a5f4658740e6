"""A converted model run as it is: no stage around it, no run-time checks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

BEAM = 4


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
        return [self._writer.decode_pieces(found.hypotheses[0][len(prefix) :]) for found in results]


def columns(references: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """References by number, as sacrebleu wants them; None where a sentence has fewer."""
    most = max(map(len, references))
    return [[own[at] if at < len(own) else None for own in references] for at in range(most)]
