"""The first weights of a training, grown from a model that is there.

From a CTranslate2 Marian folder of the same pair: its weights and target vocabulary as they are, its source vocabulary
rebuilt. From a Firefox tiny11 model of a related pair (English to Portuguese for English to Spanish): its encoder, its
decoder but for the SSRU cells, which are exchanged for self-attention taught to do what they did; a new target
vocabulary, whose embeddings are means of the related language's by word alignment.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from localize.models import catalogue

from . import align, corpus, layers, vocab, weights
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
    return dict(layers.ported(old)) | {
        SOURCE: vocab.gathered(old["Wemb"], ids),
        TARGET: table,
        BIAS: bias[None],
    }
