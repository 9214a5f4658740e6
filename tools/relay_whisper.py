"""The embedded Whisper weights as an openai-whisper checkpoint: `python tools/relay_whisper.py FILE.pt`.

CTranslate2 keeps the same float16 arrays under other names, with query, key and value in one. Tests and
`bench/engines.py` hear both recognisers on the same weights this way.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from localize.models import Models

HEADS = 8
KINDS = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}


def read_model(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Every array of a CTranslate2 `model.bin` (version 6) by its name."""
    arrays = {}
    with path.open("rb") as file:
        version, _, _, count = _number(file, "I"), _text(file), _number(file, "I"), _number(file, "I")
        if version != 6:
            raise SystemExit(f"{path} has version {version}, not 6")
        for _ in range(count):
            name = _text(file)
            shape = [_number(file, "I") for _ in range(_number(file, "B"))]
            kind = KINDS[_number(file, "B")]
            arrays[name] = np.frombuffer(file.read(_number(file, "I")), kind).reshape(shape)
    return arrays


def _number(file: BinaryIO, kind: str) -> int:
    return int(struct.unpack(f"<{kind}", file.read(struct.calcsize(kind)))[0])


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "H"))[:-1].decode()


def relaid(arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """The same arrays under openai-whisper's names."""
    out = {"decoder.token_embedding.weight": arrays["decoder/embeddings/weight"]}
    for side, last in (("encoder", "ln_post"), ("decoder", "ln")):
        out[f"{side}.positional_embedding"] = arrays[f"{side}/position_encodings/encodings"]
        _norm(out, f"{side}.{last}", arrays, f"{side}/layer_norm")
        depth = len(
            {name.split("/")[1] for name in arrays if name.startswith(f"{side}/layer_") and "norm/" not in name}
        )
        for n in range(depth):
            theirs, ours = f"{side}/layer_{n}", f"{side}.blocks.{n}"
            _attention(out, f"{ours}.attn", arrays, f"{theirs}/self_attention", fused=("query", "key", "value"))
            if side == "decoder":
                _attention(out, f"{ours}.cross_attn", arrays, f"{theirs}/attention", fused=("key", "value"))
            _norm(out, f"{ours}.mlp_ln", arrays, f"{theirs}/ffn/layer_norm")
            for linear, place in ((0, 0), (1, 2)):
                for part in ("weight", "bias"):
                    out[f"{ours}.mlp.{place}.{part}"] = arrays[f"{theirs}/ffn/linear_{linear}/{part}"]
    for conv in ("conv1", "conv2"):
        for part in ("weight", "bias"):
            out[f"encoder.{conv}.{part}"] = arrays[f"encoder/{conv}/{part}"]
    return out


def _norm(out: dict[str, Any], ours: str, arrays: dict[str, Any], theirs: str) -> None:
    out[f"{ours}.weight"], out[f"{ours}.bias"] = arrays[f"{theirs}/gamma"], arrays[f"{theirs}/beta"]


def _attention(out: dict[str, Any], ours: str, arrays: dict[str, Any], theirs: str, fused: tuple[str, ...]) -> None:
    """One attention block: the fused projections apart again; keys have no bias in Whisper."""
    _norm(out, f"{ours}_ln", arrays, f"{theirs}/layer_norm")
    layers = [(fused, 0)] if "query" in fused else [(("query",), 0), (fused, 1)]
    for names, layer in layers:
        for part in ("weight", "bias"):
            pieces = np.split(arrays[f"{theirs}/linear_{layer}/{part}"], len(names))
            out |= {f"{ours}.{name}.{part}": piece for name, piece in zip(names, pieces)}
    del out[f"{ours}.key.bias"]
    for part in ("weight", "bias"):
        out[f"{ours}.out.{part}"] = arrays[f"{theirs}/linear_{layers[-1][1] + 1}/{part}"]


def write(target: Path, models: Models) -> None:
    """Write the checkpoint of the embedded Whisper base."""
    import torch

    arrays = relaid(read_model(models.path("whisper-base") / "model.bin"))
    width = arrays["encoder.conv1.weight"].shape[0]
    sizes = {
        "n_mels": arrays["encoder.conv1.weight"].shape[1],
        "n_audio_ctx": arrays["encoder.positional_embedding"].shape[0],
        "n_audio_state": width,
        "n_audio_head": HEADS,
        "n_audio_layer": sum(name.endswith("mlp.0.bias") and name.startswith("encoder") for name in arrays),
        "n_vocab": arrays["decoder.token_embedding.weight"].shape[0],
        "n_text_ctx": arrays["decoder.positional_embedding"].shape[0],
        "n_text_state": width,
        "n_text_head": HEADS,
        "n_text_layer": sum(name.endswith("mlp.0.bias") and name.startswith("decoder") for name in arrays),
    }
    state = {name: torch.from_numpy(array.astype(np.float32)).half() for name, array in arrays.items()}
    torch.save({"dims": sizes, "model_state_dict": state}, target)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Models())
