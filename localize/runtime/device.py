"""The compute device: the only choice between CPU and GPU and of the number of threads."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

from ..errors import EngineMissing

KINDS = ("auto", "cpu", "cuda")


def cpu_count() -> int:
    """Number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Device:
    """The compute device of engines; no part of any fingerprint.

    Args:
        wish: one of `KINDS`; "auto" takes a GPU where there is one.
        threads: of a process.
    """

    wish: str = "auto"
    threads: int = field(default_factory=cpu_count)

    @property
    def gpu(self) -> bool:
        """Whether to compute on a GPU, in half precision.

        Raises:
            EngineMissing: one was asked for and there is none.
        """
        if self.wish == "cuda" and not gpus():
            raise EngineMissing("no GPU that CUDA can use was found: leave out --device, or mend the driver")
        return self.wish != "cpu" and gpus() > 0

    def check(self) -> None:
        """Refuse a device that is not available, before any work. Raises as `gpu` does."""
        self.gpu  # noqa: B018 - asked for its refusal

    def torch(self) -> str:
        """The same in the words of torch: "cuda" or "cpu".

        Raises:
            EngineMissing: a GPU was asked for, and this torch is made for CPUs.
        """
        import torch

        torch.set_num_threads(self.threads)
        if not self.gpu:
            return "cpu"
        if torch.cuda.is_available():
            return "cuda"
        if self.wish == "cuda":
            raise EngineMissing("this torch computes on CPUs only: install one made for CUDA, or leave out --device")
        return "cpu"


def free_memory() -> int:
    """Free memory in bytes, without swapping; a very large number where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return 1 << 62


def return_memory() -> None:
    """Give memory that is no longer used back to the system, where its C library keeps it (glibc, malloc_trim(3))."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def cpu_seconds() -> float:
    """Processor time of this process, all its threads, and the programs that it started and that ended."""
    return sum(os.times()[:4])


def peak_memory_mb() -> int:
    """Most memory that this process had at once so far, in MiB; 0 where the system does not say."""
    # getrusage(2) counts on Linux what whoever started the process had, too; proc(5) does not.
    with suppress(OSError, StopIteration), open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) >> 10
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit >> 20


@cache
def gpus() -> int:
    """How many GPUs the CUDA driver offers; nothing heavy is loaded to find out."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
        count = ctypes.c_int(0)
        if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
            return 0
    except (OSError, AttributeError):
        return 0
    return count.value
