"""The first weights of a training: grown from a model that is there, its source vocabulary rebuilt."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from localize.models import Models

from . import vocab, weights
from .recipe import Recipe


def seed(recipe: Recipe, work: Path) -> None:
    """Write `source.spm`, `target.spm` and `seed.safetensors` from a CTranslate2 Marian folder.

    Control tokens begin as small random vectors; a piece of the rebuilt source vocabulary as the mean of old ones.
    """
    folder = Models().path(recipe.seed)
    ids = vocab.rebuild(folder / "source.spm", recipe.drop, work / "source.spm")
    shutil.copy(folder / "target.spm", work / "target.spm")
    tensors = weights.thawed(folder)
    source, target, bias = "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "final_logits_bias"
    tensors[source] = vocab.gathered(tensors[source], ids)
    known = len(vocab.names(work / "target.spm"))
    draw = np.random.default_rng(1)
    tokens = 0.1 * tensors[target].std() * draw.standard_normal((len(recipe.tags), tensors[target].shape[1]))
    tensors[target] = np.concatenate([tensors[target][:known], tokens.astype(np.float32)])
    # Nothing in training asks for a control token: they begin as unlikely as they will be.
    unlikely = np.full((1, len(recipe.tags)), -8.0, np.float32)
    tensors[bias] = np.concatenate([tensors[bias][:, :known], unlikely], 1)
    weights.save(work / "seed.safetensors", tensors, {"seed": recipe.seed})
