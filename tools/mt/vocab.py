"""SentencePiece models in which every digit and every byte can be copied.

A target model is trained so. A source model that comes with a network is rebuilt: pieces of several digits are taken
out, bytes are put in as a last resort, and each new piece gets its embedding from old ones.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from localize.engines.bergamot import _only

from .shape import Floats

END, UNKNOWN = 0, 1
NORMAL, BYTE = 1, 6
MARKS = "¿¡«»“”’—–…€$%&@#0123456789"


def train(sentences: Iterable[str], pieces: int, letters: str, target: Path) -> None:
    """A new target model: unigram, digits apart, bytes as a last resort, `</s>` first as Marian has it.

    Args:
        sentences: of the target language.
        pieces: how many.
        letters: of the alphabet, that no sentence need hold.
        target: the .spm file.
    """
    import sentencepiece

    with target.open("wb") as out:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=out,
            vocab_size=pieces,
            model_type="unigram",
            character_coverage=0.9999,
            eos_id=END,
            unk_id=UNKNOWN,
            bos_id=-1,
            pad_id=-1,
            byte_fallback=True,
            split_digits=True,
            required_chars=MARKS + letters,
            normalization_rule_name="nmt_nfkc",
            minloglevel=2,
        )


def rebuild(seed: Path, drop: str, target: Path) -> list[list[int]]:
    """A source model without the pieces that match `drop`, with bytes.

    Args:
        seed: the .spm file that came with the network.
        drop: a pattern of whole pieces.
        target: the .spm file written.

    Returns:
        For each piece of the new model the old ones whose embeddings' mean is its own.
    """
    model = read(seed)
    unwanted = re.compile(drop) if drop else re.compile(r"(?!)")
    old = list(model.pieces)
    kept = [at for at, piece in enumerate(old) if piece.type != NORMAL or not unwanted.fullmatch(piece.piece)]
    letters = {piece.piece: at for at, piece in enumerate(old) if len(piece.piece) == 1}
    ids = [[at] for at in kept]
    pieces = [old[at] for at in kept]
    lowest = min(piece.score for piece in old if piece.type == NORMAL)
    if not any(piece.type == BYTE for piece in old):
        for byte in range(256):
            own = [at for letter, at in letters.items() if byte in letter.encode()]
            pieces.append(type(old[0])(piece=f"<0x{byte:02X}>", score=lowest, type=BYTE))
            ids.append([letters[chr(byte)]] if byte < 128 and chr(byte) in letters else own or [UNKNOWN])
    del model.pieces[:]
    model.pieces.extend(pieces)
    model.trainer_spec.byte_fallback = True
    model.trainer_spec.split_digits = True
    model.trainer_spec.vocab_size = len(pieces)
    target.write_bytes(model.SerializeToString())
    return ids


def tiny11(folder: Path) -> Path:
    """The SentencePiece model of a Firefox tiny11 model, one for both its languages."""
    return _only(folder, "vocab.*.spm")


def read(path: Path) -> Any:
    """A SentencePiece model as its fields."""
    from sentencepiece import sentencepiece_model_pb2

    return sentencepiece_model_pb2.ModelProto.FromString(path.read_bytes())


def without(path: Path, unwanted: Container[int]) -> list[int]:
    """Rewrite a SentencePiece model without some of its pieces; gives the ids of those kept."""
    model = read(path)
    kept = [at for at in range(len(model.pieces)) if at not in unwanted]
    pieces = [model.pieces[at] for at in kept]
    del model.pieces[:]
    model.pieces.extend(pieces)
    model.trainer_spec.vocab_size = len(pieces)
    path.write_bytes(model.SerializeToString())
    return kept


def extend(path: Path, scores: Mapping[str, float]) -> None:
    """Rewrite a SentencePiece model with more pieces, after those it has."""
    model = read(path)
    for piece, score in scores.items():
        model.pieces.add(piece=piece, score=score, type=NORMAL)
    model.trainer_spec.vocab_size = len(model.pieces)
    path.write_bytes(model.SerializeToString())


def gathered(table: Floats, ids: list[list[int]]) -> Floats:
    """Embeddings of a rebuilt model: the means of old rows."""
    return np.stack([table[row].mean(0) for row in ids])


def names(model: Path) -> list[str]:
    """Every piece, in order."""
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(str(model))
    return [pieces.id_to_piece(at) for at in range(pieces.get_piece_size())]
