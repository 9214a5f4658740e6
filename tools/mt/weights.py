"""Weights on disk: training checkpoints (safetensors, whole or absent) and what can be read back from CTranslate2."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from localize.engines.bergamot import _only, _read_weights
from localize.runtime.files import atomic_write

from .shape import Floats

KINDS: dict[int, type[np.generic]] = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def save(path: Path, tensors: Mapping[str, Floats], facts: Mapping[str, Any]) -> None:
    """Write a checkpoint beside its place and rename it there, so that a kill at any moment leaves the last one whole.

    Args:
        path: a .safetensors file.
        tensors: by name.
        facts: anything JSON can hold; kept in the file's metadata.
    """
    from safetensors.numpy import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    with atomic_write(path) as draft:
        save_file(plain, draft, metadata={"facts": json.dumps(dict(facts))})


def load(path: Path) -> tuple[dict[str, Floats], dict[str, Any]]:
    """A checkpoint's tensors and facts."""
    from safetensors import safe_open

    with safe_open(path, "np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return tensors, json.loads((file.metadata() or {}).get("facts", "{}"))


def tiny11(folder: Path) -> dict[str, Floats]:
    """The weights of a Firefox tiny11 model under the names that Marian gave them."""
    return _read_weights(_only(folder, "model.*.bin").read_bytes())


def thawed(folder: Path) -> dict[str, Floats]:
    """The weights of a CTranslate2 Marian folder under the network's names, int8 widened by its scales.

    The file: version, name and revision of the format; per variable its name, shape, kind and bytes; then aliases.

    Raises:
        ValueError: the file is not such a model.
    """
    variables = _variables((folder / "model.bin").read_bytes())
    found: dict[str, Floats] = {}
    for name, value in variables.items():
        scale = variables.get(f"{name}_scale")
        if value.dtype == np.int8 and scale is not None and value.ndim == 2:
            value = value.astype(np.float32) / scale[:, None]  # noqa: PLW2901
        found |= dict(_named(name, value))
    return found


def _variables(data: bytes) -> dict[str, Any]:
    at = 0

    def number(kind: str) -> int:
        nonlocal at
        value: int = struct.unpack_from("<" + kind, data, at)[0]
        at += struct.calcsize("<" + kind)
        return value

    def text() -> str:
        nonlocal at
        size = number("H")
        value = data[at : at + size - 1].decode()
        at += size
        return value

    version, kind, _ = number("I"), text(), number("I")
    if version < 5 or kind != "TransformerSpec":
        raise ValueError(f"not a CTranslate2 transformer: {kind} {version}")
    found = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        dtype, size = KINDS[number("B")], number("I")
        found[name] = np.frombuffer(data[at : at + size], dtype).reshape(shape)
        at += size
    return found


def _named(name: str, value: Floats) -> list[tuple[str, Floats]]:
    """A CTranslate2 variable as the network's parameters; queries, keys and values lie in one matrix there."""
    if name == "encoder/embeddings_0/weight":
        return [("model.encoder.embed_tokens.weight", value)]
    if name == "decoder/embeddings/weight":
        return [("model.decoder.embed_tokens.weight", value)]
    if name == "decoder/projection/bias":
        return [("final_logits_bias", value[None])]
    place = re.fullmatch(
        r"(encoder|decoder)/layer_(\d+)/(self_attention|attention|ffn)/(\w+)/(weight|bias|gamma|beta)", name
    )
    if place is None:
        return []
    side, layer, block, part, kind = place.groups()
    base = f"model.{side}.layers.{layer}."
    attention = {"self_attention": "self_attn", "attention": "encoder_attn"}.get(block)
    if part == "layer_norm":
        norm = f"{attention}_layer_norm" if attention else "final_layer_norm"
        return [(f"{base}{norm}.{'weight' if kind == 'gamma' else 'bias'}", value)]
    if attention is None:
        return [(f"{base}fc{int(part[-1]) + 1}.{kind}", value)]
    # linear_0 holds q, k and v of self-attention, q alone of attention to the source (whose linear_1 holds k and v).
    last = "linear_1" if block == "self_attention" else "linear_2"
    names = {"self_attention": ["q", "k", "v"], "attention": ["q"] if part == "linear_0" else ["k", "v"]}[block]
    names = ["out"] if part == last else names
    return [(f"{base}{attention}.{n}_proj.{kind}", piece) for n, piece in zip(names, np.split(value, len(names)))]
