"""Edit the stock Kokoro ONNX export into two graphs: one predicts phoneme durations, one takes them as input.

The export takes `tokens, style, speed` and gives only `audio`. Inside, a duration predictor says how many 25 ms frames
each token lasts (`raw_duration`, real-valued at speed 1), the numbers are divided by the speed, rounded to whole frames
(`duration`) and used to lay out the audio. Cutting the graph there gives

    pace.onnx    tokens, style -> raw_duration              14 MB: how long a text will take, before it is spoken
    exact.onnx   tokens, style, duration -> audio           the audio lasts exactly sum(duration) frames

Node names are those of the v1.0 export whose SHA-256 the catalogue pins; nothing else is ever edited.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import EngineFailed

ROUNDED = "/encoder/Gather_output_0"
"""int64 frames a token, shape (tokens,)."""
RAW = "/encoder/predictor/ReduceSum_output_0"
"""float frames a token at speed 1, shape (1, tokens)."""


def prepare(folder: Path) -> tuple[Path, ...]:
    """Write both graphs beside `kokoro.onnx`.

    Returns:
        the two paths.

    Raises:
        EngineFailed: the file is not the export these edits were made for.
    """
    import onnx
    from onnx import TensorProto, helper
    from onnx.utils import Extractor

    model = onnx.load(folder / "kokoro.onnx")
    outputs = {output for node in model.graph.node for output in node.output}
    if not {ROUNDED, RAW} <= outputs:
        raise EngineFailed("kokoro.onnx is not the v1.0 export that exact durations need", engine="kokoro")

    pace = onnx.ModelProto()
    pace.CopyFrom(model)
    pace.graph.value_info.append(helper.make_tensor_value_info(RAW, TensorProto.FLOAT, None))
    pace = Extractor(pace).extract_model(["tokens", "style"], [RAW])
    _rename(pace.graph, RAW, "raw_duration")

    exact = onnx.ModelProto()
    exact.CopyFrom(model)
    exact.graph.value_info.append(helper.make_tensor_value_info(ROUNDED, TensorProto.INT64, ["sequence_length"]))
    exact = Extractor(exact).extract_model(["tokens", "style", ROUNDED], ["audio"])
    _rename(exact.graph, ROUNDED, "duration")

    written = []
    for name, graph in (("pace.onnx", pace), ("exact.onnx", exact)):
        onnx.save(graph, folder / name)
        written.append(folder / name)
    return tuple(written)


def _rename(graph: object, old: str, new: str) -> None:
    for node in graph.node:  # type: ignore[attr-defined]
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == old:
                    names[i] = new
    for value in (*graph.input, *graph.output, *graph.value_info):  # type: ignore[attr-defined]
        if value.name == old:
            value.name = new
