"""Makes `localize/models/weights/segmentation/segmentation.onnx`: `python tools/segmentation.py CHECKPOINT [OUTPUT]`.

CHECKPOINT is `pyannote/segmentation` (Bredin & Laurent 2021, MIT), as it lies in the wheel of whisperx 3.8.6 under
`whisperx/assets/pytorch_model.bin`: who of up to three local speakers is heard, every 16.875 ms of 5 s. The weights
become a plain ONNX graph in half precision, which needs neither torch nor pickle to run. The checkpoint is read without
torch, and nothing in it is ever called.
"""

from __future__ import annotations

import argparse
import collections
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights = dict[str, NDArray[np.float32]]
TYPES = {"FloatStorage": np.float32, "LongStorage": np.int64, "DoubleStorage": np.float64}
LAYERS, HIDDEN = 4, 128


class _Inert:
    """Stands for every class a checkpoint names besides tensors."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __setstate__(self, _state: Any) -> None: ...


def weights(path: Path) -> Weights:
    """The tensors of a torch checkpoint, by name."""
    archive = zipfile.ZipFile(path)
    root = archive.namelist()[0].split("/")[0]

    def tensor(storage: tuple[str, Any], offset: int, size: Any, stride: Any, *_: Any) -> NDArray[Any]:
        flat = np.frombuffer(archive.read(f"{root}/data/{storage[0]}"), storage[1])[offset:]
        return np.lib.stride_tricks.as_strided(flat, size, [s * flat.itemsize for s in stride]).copy()

    class Reader(pickle.Unpickler):
        def find(self, module: str, name: str) -> Any:
            if name == "_rebuild_tensor_v2":
                return tensor
            if module == "torch" and name in TYPES:
                return name
            return collections.OrderedDict if name == "OrderedDict" else type(name, (_Inert,), {})

        def persistent_load(self, saved: Any) -> Any:
            return saved[2], TYPES[saved[1]]

    found: Weights = Reader(archive.open(f"{root}/data.pkl")).load()["state_dict"]
    return found


def filters(w: Weights) -> NDArray[np.float64]:
    """The 80 band-pass filters of the first layer (Ravanelli & Bengio 2018), from their cut-off frequencies."""
    bank = "sincnet.conv1d.0.filterbank."
    low = 50 + np.abs(w[bank + "low_hz_"]).astype(np.float64)
    high = np.clip(low + 50 + np.abs(w[bank + "band_hz_"]), 50, 8000)
    time, window = w[bank + "n_"].astype(np.float64), w[bank + "window_"].astype(np.float64)
    even = (np.sin(high @ time) - np.sin(low @ time)) / (time / 2) * window
    odd = (np.cos(low @ time) - np.cos(high @ time)) / (time / 2) * window
    band = high - low
    both = (np.hstack([even, 2 * band, even[:, ::-1]]), np.hstack([odd, 0 * band, -odd[:, ::-1]]))
    return np.vstack([half / (2 * band) for half in both])[:, None, :]


class Graph:
    """An ONNX graph, written node by node."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.data: list[Any] = []

    def put(self, op: str, inputs: list[str], **settings: Any) -> str:
        """One node; gives the name of its output."""
        name = f"{op.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **settings))
        return name

    def constant(self, values: NDArray[Any], kind: type = np.float16) -> str:
        """Numbers, kept in half precision and widened where they are used."""
        name = f"data{len(self.data)}"
        self.data.append(numpy_helper.from_array(np.ascontiguousarray(values).astype(kind), name))
        return self.put("Cast", [name], to=TensorProto.FLOAT) if kind is np.float16 else name


def gates(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Torch orders the gates of an LSTM input, forget, cell, output; ONNX input, output, forget, cell."""
    first, forget, cell, out = np.split(values, 4)
    return np.concatenate([first, out, forget, cell])


def network(w: Weights) -> onnx.ModelProto:
    """The graph: samples (n, 1, length) at 16 kHz -> voices (n, frames, 3), each 0…1."""
    g = Graph()

    def normed(x: str, name: str) -> str:
        scale, bias = g.constant(w[f"{name}.weight"]), g.constant(w[f"{name}.bias"])
        return g.put("InstanceNormalization", [x, scale, bias], epsilon=1e-5)

    x = normed("samples", "sincnet.wav_norm1d")
    for n in range(3):
        if n == 0:
            x = g.put("Abs", [g.put("Conv", [x, g.constant(filters(w), np.float32)], strides=[10])])
        else:
            name = f"sincnet.conv1d.{n}"
            x = g.put("Conv", [x, g.constant(w[f"{name}.weight"]), g.constant(w[f"{name}.bias"])])
        x = normed(g.put("MaxPool", [x], kernel_shape=[3], strides=[3]), f"sincnet.norm1d.{n}")
        x = g.put("LeakyRelu", [x], alpha=0.01)
    x = g.put("Transpose", [x], perm=[2, 0, 1])
    flat = g.constant(np.array([0, 0, -1]), np.int64)
    for n in range(LAYERS):
        ways = [f"l{n}", f"l{n}_reverse"]
        inner, outer = (np.stack([gates(w[f"lstm.weight_{k}_{way}"]) for way in ways]) for k in ("ih", "hh"))
        bias = np.stack([np.concatenate([gates(w[f"lstm.bias_{k}_{way}"]) for k in ("ih", "hh")]) for way in ways])
        inputs = [x, g.constant(inner), g.constant(outer), g.constant(bias)]
        x = g.put("LSTM", inputs, hidden_size=HIDDEN, direction="bidirectional")
        x = g.put("Reshape", [g.put("Transpose", [x], perm=[0, 2, 1, 3]), flat])
    for name in ("linear.0", "linear.1", "classifier"):
        x = g.put("MatMul", [x, g.constant(w[f"{name}.weight"].T)])
        x = g.put("Add", [x, g.constant(w[f"{name}.bias"])])
        x = g.put("LeakyRelu", [x], alpha=0.01) if name != "classifier" else g.put("Sigmoid", [x])
    g.nodes.append(helper.make_node("Transpose", [x], ["voices"], perm=[1, 0, 2]))
    shapes = [("samples", ["n", 1, "length"]), ("voices", ["n", "frames", 3])]
    given, made = ([helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)] for name, shape in shapes)
    graph = helper.make_graph(g.nodes, "segmentation", given, made, g.data)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    here = Path(__file__).resolve().parents[1] / "localize/models/weights/segmentation"
    parser.add_argument("output", type=Path, nargs="?", default=here / "segmentation.onnx")
    asked = parser.parse_args()
    onnx.save(network(weights(asked.checkpoint)), asked.output)
    print(f"{asked.output}: {asked.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
