"""ONNX networks, and those that lie in installed packages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EngineMissing

if TYPE_CHECKING:
    import onnxruntime


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

    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EngineMissing(f"{package} is not installed: pip install 'localize-toolkit[offline]'", extra="offline")
    return onnx_session(Path(spec.origin).parent / path)


def onnx_session(
    path: Path, *, threads: int = 0, providers: Sequence[str] = ("CPUExecutionProvider",)
) -> onnxruntime.InferenceSession:
    """Load a network. Its threads sleep while they wait: onnxruntime's own would spin, and take the time of others.

    Args:
        path: of the ONNX file.
        threads: of one run; 0 for every core. They change no sample.
        providers: what it may compute on, the best first.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=list(providers))
