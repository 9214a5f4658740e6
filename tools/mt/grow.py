"""A target vocabulary that takes over whole words and names from the tiny11 model of a related pair.

What a small vocabulary spells letter by letter, a decoder this small has to learn letter by letter: names above all.
The related model's vocabulary holds them whole, and in it a name is the same piece on both sides. Its words become ours
by asking a translator for each, its names stay as they are. Their embeddings are carried over by the linear map that
carries the pieces which both vocabularies already hold (as Mikolov et al. 2013 carry words between languages,
arXiv:1309.4168).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from localize.models import Models

from . import corpus, vocab, weights
from .recipe import Grow, Recipe
from .shape import BIAS, SOURCE, TARGET, Floats
from .sources import second

RIDGE = 10.0
NAME = re.compile(r"(?<=[a-z,] )[^\W\d_a-z][\w'’-]+")
"""A capital inside a sentence."""
OFTEN = 20
"""Further uses of one name count no more: a name is a name."""
WORD = re.compile(r"▁[^\W\d_]{2,}")
SPELLED = re.compile(r"[^\W\d_▁]{3,}|▁(?=[^\W\d_])(?![a-zà-ÿ])[^\W\d_]{1,}")
"""What names are made of: capitals, and parts of words."""


def grown(recipe: Recipe, grow: Grow, tensors: Mapping[str, Floats], work: Path, *folders: Path) -> dict[str, Floats]:
    """Rewrite `source.spm` and `target.spm` in the work folder, and fit the embeddings to them.

    Args:
        recipe: the language pair.
        grow: from what.
        tensors: the network's, for the two vocabularies as they are, and control tokens after the target's.
        work: where the vocabularies are.
        folders: where texts are looked for.
    """
    folder = Models().path(grow.through)
    theirs, old = vocab.read(vocab.tiny11(folder)), weights.tiny11(folder)
    table, bias = old["Wemb"], old["decoder_ff_logit_out_b"].reshape(-1)
    texts = [line for file in grow.texts for line in corpus.lines(corpus.find(file, work, *folders))]
    texts += [source for source, _ in corpus.human(recipe, work, *folders)]
    known = {piece: at for at, piece in enumerate(vocab.names(work / "target.spm"))}
    spelled = {piece.piece: at for at, piece in enumerate(theirs.pieces)}
    answers = _answers(grow, list(spelled))
    names = _names(texts, work / "source.spm", grow.least)
    rows = {piece: [spelled[piece]] for piece in names if piece in spelled} | answers
    rows = {piece: ids for piece, ids in rows.items() if piece not in known}

    kept = vocab.without(work / "source.spm", _unused(texts, work / "source.spm"))
    vocab.extend(work / "target.spm", {p: max(theirs.pieces[at].score for at in ids) for p, ids in rows.items()})
    same = {piece: [at] for piece, at in spelled.items() if SPELLED.fullmatch(piece)}
    lent = same | answers
    both = [piece for piece in lent if piece in known]
    (ours, tokens), (ours_bias, unlikely) = (np.split(t, [len(known)]) for t in (tensors[TARGET], tensors[BIAS][0]))
    carried = _map(_means(table, [lent[piece] for piece in both]), ours[[known[piece] for piece in both]])
    slope, floor = np.polyfit(
        [bias[lent[piece]].max() for piece in both], ours_bias[[known[piece] for piece in both]], 1
    )
    new = _means(table, list(rows.values())) @ carried
    biases = np.array([slope * bias[ids].max() + floor for ids in rows.values()])
    return dict(tensors) | {
        SOURCE: tensors[SOURCE][kept],
        TARGET: np.concatenate([ours, new, tokens]).astype(np.float32),
        BIAS: np.concatenate([ours_bias, biases, unlikely])[None].astype(np.float32),
    }


def _answers(grow: Grow, pieces: Sequence[str]) -> dict[str, list[int]]:
    """Pieces of our language that are one word, with the ids of the old pieces that the translator gave them for."""
    asked = [at for at, piece in enumerate(pieces) if WORD.fullmatch(piece)]
    # A full stop of its own, so that no word is read together with the next line's.
    given = second(grow.command, [f"{pieces[at][1:]} ." for at in asked])
    found: dict[str, list[int]] = {}
    for at, answer in zip(asked, given):
        piece = f"▁{answer.removesuffix('.').strip()}"
        if WORD.fullmatch(piece) and piece[1].isupper() == pieces[at][1].isupper():
            found.setdefault(piece, []).append(at)
    return found


def _names(texts: Iterable[str], source: Path, least: int) -> list[str]:
    """Pieces that the names in the texts are read in, the commonest first."""
    import sentencepiece

    reader = sentencepiece.SentencePieceProcessor(str(source))
    words = Counter(word for text in texts for word in NAME.findall(text))
    found: Counter[str] = Counter()
    for word, count in words.items():
        for piece in reader.encode_as_pieces(word):
            found[piece] += min(count, OFTEN)
    return [piece for piece, count in found.most_common() if count >= least and re.search(r"[^\W\d_]", piece)]


def _unused(texts: Sequence[str], source: Path) -> frozenset[int]:
    """Pieces of lower-case letters that none of the texts is read in: the other language's words."""
    import sentencepiece

    reader = sentencepiece.SentencePieceProcessor(str(source))
    seen = {at for row in reader.encode(list(texts)) for at in row}
    lower = re.compile(r"▁?[^\W\d_]{3,}|▁[^\W\d_]+")
    return frozenset(
        at
        for at, piece in enumerate(vocab.names(source))
        if at not in seen and lower.fullmatch(piece) and piece == piece.lower()
    )


def _means(table: Floats, ids: Sequence[Sequence[int]]) -> Floats:
    found: Floats = np.stack([table[list(row)].mean(0) for row in ids])
    return found


def _map(theirs: Floats, ours: Floats) -> Floats:
    """The matrix that carries their rows nearest to ours, drawn a little to the one that changes nothing."""
    width = theirs.shape[1]
    drawn: Any = np.linalg.solve(theirs.T @ theirs + RIDGE * np.eye(width), theirs.T @ (ours - theirs))
    return np.asarray(np.eye(width) + drawn, np.float32)
