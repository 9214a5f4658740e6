"""torchaudio where its compiled parts cannot be loaded, and librosa with one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import sys
import types
from pathlib import Path
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


def load_librosa() -> None:
    """Import librosa before a package that needs it, with one process at a time; without librosa it does nothing.

    numba compiles parts of librosa while they are imported, into a cache beside its files, and two processes that fill
    this cache at once can leave it broken: later ones die of a segmentation fault (numba issue 10128, librosa issue
    1998). Nothing of localize itself needs librosa; resemble-perth and coqui-tts do.
    """
    spec = importlib.util.find_spec("librosa")
    if spec is None or spec.origin is None or "librosa.util.utils" in sys.modules:
        return
    descriptor = os.open(Path(spec.origin).parent, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems lock no folder
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        import librosa.core.audio
        import librosa.core.pitch
        import librosa.feature
        import librosa.filters
        import librosa.util.utils  # noqa: F401
    finally:
        os.close(descriptor)


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
