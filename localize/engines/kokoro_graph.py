"""Edit the stock Kokoro ONNX export into three graphs: how long, how high, and the voice that takes both as input.

The export takes `tokens, style, speed` and gives only `audio`. Inside, a duration predictor says how many 25 ms frames
each token lasts (`raw_duration`, real-valued at speed 1); the numbers are divided by the speed, rounded to whole frames
(`duration`) and used to lay out two curves, fundamental frequency and energy, from which a decoder makes the sound.
Cutting the graph there gives

    pace.onnx     tokens, style -> raw_duration              14 MB: how long a text will take, before it is spoken
    contour.onnx  tokens, style, duration -> pitch, energy   21 MB: how high and loud the voice will be, before it is
    exact.onnx    tokens, style, duration, pitch_scale, energy_shift -> audio
                                                             the audio lasts exactly sum(duration) frames

`pitch_scale` multiplies the fundamental frequency and `energy_shift` is added to the energy, two values a frame each;
with ones and zeros the samples are those of the export. A factor leaves frames without voice, where the curve is near
0 Hz, as they are; a shift in Hz would give them a voice.

Node names are those of the v1.0 export whose SHA-256 the catalogue pins; nothing else is ever edited.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import EngineFailed

ROUNDED = "/encoder/Gather_output_0"
"""int64 frames a token, shape (tokens,)."""
RAW = "/encoder/predictor/ReduceSum_output_0"
"""float frames a token at speed 1, shape (1, tokens)."""
PITCH = "/encoder/Reshape_output_0"
"""Fundamental frequency in Hz, shape (1, 2 x frames)."""
ENERGY = "/encoder/Reshape_1_output_0"
"""About -10 to 10, shape (1, 2 x frames); 1 more is heard as 0.4 dB more."""


def prepare(folder: Path) -> tuple[Path, ...]:
    """Write the graphs beside `kokoro.onnx`.

    Returns:
        their paths.

    Raises:
        EngineFailed: the file is not the export these edits were made for.
    """
    import onnx

    model = onnx.load(folder / "kokoro.onnx")
    outputs = {output for node in model.graph.node for output in node.output}
    if not {ROUNDED, RAW, PITCH, ENERGY} <= outputs:
        raise EngineFailed("kokoro.onnx is not the v1.0 export that exact durations need", engine="kokoro")
    pace = _cut(model, ["tokens", "style"], [RAW], {RAW: "raw_duration"})
    given = ["tokens", "style", ROUNDED]
    contour = _cut(model, given, [PITCH, ENERGY], {ROUNDED: "duration", PITCH: "pitch", ENERGY: "energy"})
    exact = _cut(model, given, ["audio"], {ROUNDED: "duration"})
    _insert(exact.graph, PITCH, "Mul", "pitch_scale")
    _insert(exact.graph, ENERGY, "Add", "energy_shift")
    written = []
    for name, graph in (("pace.onnx", pace), ("contour.onnx", contour), ("exact.onnx", exact)):
        onnx.save(graph, folder / name)
        written.append(folder / name)
    return tuple(written)


def _cut(model: Any, inputs: list[str], outputs: list[str], names: dict[str, str]) -> Any:
    """The part of a model between some of its values, these renamed."""
    import onnx
    from onnx import TensorProto, helper
    from onnx.utils import Extractor

    part = onnx.ModelProto()
    part.CopyFrom(model)
    for value in names:
        kind = TensorProto.INT64 if value == ROUNDED else TensorProto.FLOAT
        shape = ["sequence_length"] if value == ROUNDED else None
        part.graph.value_info.append(helper.make_tensor_value_info(value, kind, shape))
    part = Extractor(part).extract_model(inputs, outputs)
    for old, new in names.items():
        _rename(part.graph, old, new)
    return part


def _insert(graph: Any, value: str, operation: str, name: str) -> None:
    """Put an operation with a new input of the graph between a value and all that read it."""
    from onnx import TensorProto, helper

    changed = f"{name}_done"
    for node in graph.node:
        for i, read in enumerate(node.input):
            if read == value:
                node.input[i] = changed
    at = next(i for i, node in enumerate(graph.node) if value in node.output)
    graph.node.insert(at + 1, helper.make_node(operation, [value, name], [changed], name=f"/{name}"))
    graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "half_frames"]))


def _rename(graph: Any, old: str, new: str) -> None:
    for node in graph.node:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == old:
                    names[i] = new
    for value in (*graph.input, *graph.output, *graph.value_info):
        if value.name == old:
            value.name = new
