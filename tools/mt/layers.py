"""The layers of a Firefox tiny11 model under the names of our network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .shape import Floats


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
