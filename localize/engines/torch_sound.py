"""torchaudio where its compiled parts cannot be loaded."""

from __future__ import annotations

import importlib.util
import sys
import types
from typing import Any


def load_torchaudio() -> None:
    """Import torchaudio; where its compiled parts do not fit this torch, without them.

    The wheel that goes with newer torch links its kernels against CUDA, so on a torch made for CPUs the import fails.
    What is used here (resampling, mel spectrograms) is written in Python and needs no kernel. transformers imports
    torchaudio too where it finds it, so whoever uses either calls this first. Without torchaudio it does nothing.
    """
    if importlib.util.find_spec("torchaudio") is None:
        return
    try:
        import torchaudio
    except (OSError, ImportError):
        for name in [n for n in sys.modules if n == "torchaudio" or n.startswith("torchaudio.")]:
            del sys.modules[name]
        sys.modules["torchaudio._extension"] = _without_kernels()
        import torchaudio  # noqa: F401


def _without_kernels() -> types.ModuleType:
    module: Any = types.ModuleType("torchaudio._extension")

    def needs_kernels(function: Any) -> Any:
        def fail(*_given: Any, **_named: Any) -> Any:
            raise RuntimeError(f"{function.__name__} needs torchaudio's compiled parts, which do not fit this torch")

        return fail

    module._IS_TORCHAUDIO_EXT_AVAILABLE = module._IS_ALIGN_AVAILABLE = False
    module._check_cuda_version = lambda: None
    module.fail_if_no_align = needs_kernels
    made: types.ModuleType = module
    return made
