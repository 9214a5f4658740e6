"""The first weights of a training, grown from a model that is there.

From a CTranslate2 Marian folder of the same pair: its weights and target vocabulary as they are, its source vocabulary
rebuilt. From a Firefox tiny11 model of a related pair (English to Portuguese for English to Spanish): its encoder, its
decoder but for the SSRU cells, which are exchanged for self-attention taught to do what they did; a new target
vocabulary, whose embeddings are means of the related language's by word alignment.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from localize.models import catalogue

from . import align, corpus, vocab, weights
from .grow import grown
from .recipe import Recipe
from .shape import BIAS, SOURCE, TARGET, Floats


def seed(recipe: Recipe, work: Path, *folders: Path, steps: int = 260) -> None:
    """Write `source.spm`, `target.spm` and `seed.safetensors`.

    Args:
        recipe: the language pair.
        work: where they go, and where the prepared pairs are.
        folders: where data is looked for.
        steps: of teaching self-attention, for a tiny11 seed.
    """
    folder = corpus.seed_folder(recipe, *folders)
    if recipe.seed in catalogue() and catalogue()[recipe.seed].engine == "bergamot":
        tensors = _from_tiny11(recipe, folder, work, *folders)
        from .teach import taught

        tensors = taught(recipe, tensors, weights.tiny11(folder), work, steps)
    else:
        ids = vocab.rebuild(folder / "source.spm", recipe.drop, work / "source.spm")
        shutil.copy(folder / "target.spm", work / "target.spm")
        tensors = weights.thawed(folder)
        tensors[SOURCE] = vocab.gathered(tensors[SOURCE], ids)
    if recipe.grow:
        tensors = grown(recipe, recipe.grow, tensors, work, *folders)
    weights.save(work / "seed.safetensors", _with_tokens(recipe, tensors, work), {"seed": recipe.seed})


def _with_tokens(recipe: Recipe, tensors: dict[str, Floats], work: Path) -> dict[str, Floats]:
    """Control tokens added: random vectors, and as unlikely as they will be, since nothing asks for them.

    They are as long as the pieces' own: shorter ones drown in the positions that are added to them. A seed that has
    as many tokens keeps them.
    """
    known = len(vocab.names(work / "target.spm"))
    draw = np.random.default_rng(1)
    table = tensors[TARGET][:known]
    tokens = table.std() * draw.standard_normal((len(recipe.tags), table.shape[1]))
    if len(tensors[TARGET]) == known + len(recipe.tags):
        tokens = tensors[TARGET][known:]
    unlikely = np.full((1, len(recipe.tags)), -8.0, np.float32)
    return tensors | {
        TARGET: np.concatenate([table, tokens.astype(np.float32)]),
        BIAS: np.concatenate([tensors[BIAS][:, :known], unlikely], 1),
    }


def _from_tiny11(recipe: Recipe, folder: Path, work: Path, *folders: Path) -> dict[str, Floats]:
    pieces = vocab.tiny11(folder)
    ids = vocab.rebuild(pieces, recipe.drop, work / "source.spm")
    sentences = [pair.target for part in corpus.prepared(recipe, work) for pair in part]
    vocab.train(sentences, recipe.pieces, recipe.letters, work / "target.spm")
    old = weights.tiny11(folder)
    rows = [line.split("\t") for line in corpus.lines(corpus.find(recipe.related, work, *folders))]
    table, bias = align.embeddings(
        [(row[0], row[1]) for row in rows if len(row) == 2],
        pieces,
        work / "target.spm",
        old["Wemb"],
        old["decoder_ff_logit_out_b"].reshape(-1),
    )
    return dict(ported(old)) | {
        SOURCE: vocab.gathered(old["Wemb"], ids),
        TARGET: table,
        BIAS: bias[None],
    }


def ported(old: dict[str, Floats]) -> Iterator[tuple[str, Floats]]:
    """A tiny11 model's layers under the network's names; the decoder's self-attention begins at the cell's input."""

    def linear(ours: str, weight: str, bias: str) -> Iterator[tuple[str, Floats]]:
        yield f"{ours}.weight", np.ascontiguousarray(old[weight].T)
        yield f"{ours}.bias", old[bias].reshape(-1)

    def norm(ours: str, theirs: str) -> Iterator[tuple[str, Floats]]:
        yield f"{ours}.weight", old[f"{theirs}_scale"].reshape(-1)
        yield f"{ours}.bias", old[f"{theirs}_bias"].reshape(-1)

    def attention(ours: str, theirs: str) -> Iterator[tuple[str, Floats]]:
        for part, letter in (("q", "q"), ("k", "k"), ("v", "v"), ("out", "o")):
            yield from linear(f"{ours}.{part}_proj", f"{theirs}_W{letter}", f"{theirs}_b{letter}")

    for side in ("encoder", "decoder"):
        for at in range(sum(name.startswith(f"{side}_l") and name.endswith("_ffn_W1") for name in old)):
            ours, theirs = f"model.{side}.layers.{at}", f"{side}_l{at + 1}"
            if side == "encoder":
                yield from attention(f"{ours}.self_attn", f"{theirs}_self")
                yield from norm(f"{ours}.self_attn_layer_norm", f"{theirs}_self_Wo_ln")
            else:
                yield from _cell(f"{ours}.self_attn", old[f"{theirs}_rnn_W"], at)
                yield from norm(f"{ours}.self_attn_layer_norm", f"{theirs}_rnn_ffn_ln")
                yield from attention(f"{ours}.encoder_attn", f"{theirs}_context")
                yield from norm(f"{ours}.encoder_attn_layer_norm", f"{theirs}_context_Wo_ln")
            yield from linear(f"{ours}.fc1", f"{theirs}_ffn_W1", f"{theirs}_ffn_b1")
            yield from linear(f"{ours}.fc2", f"{theirs}_ffn_W2", f"{theirs}_ffn_b2")
            yield from norm(f"{ours}.final_layer_norm", f"{theirs}_ffn_ffn_ln")


def _cell(ours: str, values: Floats, layer: int) -> Iterator[tuple[str, Floats]]:
    # The cell adds up W·x: so do values W and an output that changes nothing. Where to look is to be taught.
    width = len(values)
    draw = np.random.default_rng(layer)
    matrices: dict[str, Any] = {
        "q": 0.02 * draw.standard_normal((width, width)),
        "k": 0.02 * draw.standard_normal((width, width)),
        "v": values.T,
        "out": np.eye(width),
    }
    for part, matrix in matrices.items():
        yield f"{ours}.{part}_proj.weight", np.ascontiguousarray(matrix, np.float32)
        yield f"{ours}.{part}_proj.bias", np.zeros(width, np.float32)
