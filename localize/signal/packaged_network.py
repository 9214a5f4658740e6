"""ONNX networks that lie in installed packages."""

from __future__ import annotations

from typing import Any

from ..errors import EngineMissing


def load_network(package: str, path: str) -> Any:
    """Load a network from a file of a package, without importing the package.

    Args:
        package: that is installed.
        path: of the file, in the package's folder.

    Returns:
        an onnxruntime session on the CPU.

    Raises:
        EngineMissing: the package is not installed.
    """
    import importlib.util
    from pathlib import Path

    import onnxruntime

    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EngineMissing(f"{package} is not installed: pip install 'localize-toolkit[offline]'", extra="offline")
    return onnxruntime.InferenceSession(str(Path(spec.origin).parent / path), providers=["CPUExecutionProvider"])
