"""What is computed is told to nobody: onnxruntime's own telemetry is off wherever localize was imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMPUTE = """
import numpy, onnx, onnxruntime
from onnx import TensorProto, helper
x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
session.run(None, {"x": numpy.zeros(1, numpy.float32)})
"""


@pytest.mark.slow
def test_a_network_that_is_computed_leaves_nothing_in_the_home(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    unset = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS")  # each of which switches it off too
    environment = {name: value for name, value in os.environ.items() if name not in unset} | {"HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", f"import localize\n{COMPUTE}"], env=environment, check=True)
    assert not list(tmp_path.rglob("*"))
