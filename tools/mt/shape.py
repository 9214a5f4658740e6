"""How large a network is, and what in it is not learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
POSITIONS = 512
SOURCE, TARGET = "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"
BIAS = "final_logits_bias"
"""Names of the tensors that go with the vocabularies."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is. Defaults are those of Firefox's tiny11 with a transformer decoder.

    Args:
        source: rows of the source embeddings.
        target: rows of the target embeddings: pieces, then control tokens.
        width: of every state.
        heads: of every attention; they divide the width.
        inner: width inside the feed-forward parts.
        encoder: layers.
        decoder: layers.
    """

    source: int
    target: int
    width: int = 256
    heads: int = 8
    inner: int = 1536
    encoder: int = 6
    decoder: int = 2


def sinusoids(width: int, length: int = POSITIONS) -> Floats:
    """Fixed positions as transformers' MarianMT makes them: sines in the first half, cosines in the second."""
    pace = 10000.0 ** (-2 * np.arange(width // 2) / width)
    angles = np.arange(length)[:, None] * pace[None]
    return np.concatenate([np.sin(angles), np.cos(angles)], 1).astype(np.float32)


def of(tensors: dict[str, Floats], heads: int = 8) -> Shape:
    """The shape of a network's weights; the number of heads cannot be seen in them."""
    source, target = (tensors[f"model.{side}.embed_tokens.weight"] for side in ("encoder", "decoder"))
    depth = [
        sum(name.startswith(f"model.{side}.layers.") and name.endswith("fc1.bias") for name in tensors)
        for side in ("encoder", "decoder")
    ]
    inner = len(tensors["model.encoder.layers.0.fc1.bias"])
    return Shape(len(source), len(target), source.shape[1], heads, inner, *depth)
