"""The first weights of a training: grown from a model that is there, its source vocabulary rebuilt."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from localize.models import Models

from . import vocab, weights
from .network import Network
from .recipe import Recipe
from .train import Encoded


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
    shape = Encoded(recipe, work).shape
    known = vocab.names(work / "target.spm")
    old = tensors[target]
    new = 0.1 * old.std() * torch.randn(shape.target, old.shape[1], generator=torch.Generator().manual_seed(1))
    new[: len(known)] = old[: len(known)]
    tensors[target] = new
    # Nothing in training asks for a control token: they begin as unlikely as they will be.
    padded = torch.full((1, shape.target), -8.0)
    padded[:, : len(known)] = tensors[bias][:, : len(known)]
    tensors[bias] = padded
    Network(shape).load_state_dict(tensors)
    weights.save(work / "seed.safetensors", tensors, {"seed": recipe.seed})
