"""The device: a GPU only where there is one, and where it was asked for not silently another."""

from __future__ import annotations

import builtins
import io
import subprocess
import sys
from typing import Any

import pytest

from localize.errors import EngineMissing
from localize.runtime import device
from localize.runtime.device import Device, peak_memory_mb


@pytest.fixture(params=[0, 2])
def found(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many GPUs this machine is said to have."""
    monkeypatch.setattr(device, "gpus", lambda: request.param)
    count: int = request.param
    return count


def test_a_gpu_is_taken_where_there_is_one_and_never_instead_of_a_cpu(found: int) -> None:
    assert Device("auto").gpu is (found > 0)
    assert Device("cpu").gpu is False
    Device("auto").check()
    Device("cpu").check()


def test_a_gpu_that_is_not_there_is_refused_before_any_work(found: int) -> None:
    if found:
        assert Device("cuda").gpu is True
        Device("cuda").check()
        return
    with pytest.raises(EngineMissing, match="no GPU that CUDA can use was found: leave out --device"):
        Device("cuda").check()


def test_threads_are_those_this_process_may_use() -> None:
    assert Device().threads == device.cpu_count() >= 1
    assert Device(threads=3).threads == 3


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("MemTotal:  9 kB\nMemFree:  1 kB\nMemAvailable:  2048 kB\n", 2048 * 1024),
        ("MemTotal:  9 kB\n", 1 << 62),
        ("MemAvailable:\n", 1 << 62),
        ("MemAvailable:  much kB\n", 1 << 62),
        (None, 1 << 62),
    ],
)
def test_free_memory_is_what_the_system_says_or_unlimited(
    monkeypatch: pytest.MonkeyPatch, text: str | None, free: int
) -> None:
    real = builtins.open

    def told(path: Any, *more: Any, **named: Any) -> Any:
        if path != "/proc/meminfo":
            return real(path, *more, **named)
        if text is None:
            raise FileNotFoundError(path)
        return io.StringIO(text)

    monkeypatch.setattr(builtins, "open", told)
    assert device.free_memory() == free


def test_the_peak_of_memory_is_that_of_the_process_alone() -> None:
    """Not that of who started it, which getrusage(2) counts too."""
    held = bytearray(400 << 20)
    held[:: 1 << 12] = b"1" * len(held[:: 1 << 12])
    said = "from localize.runtime.device import peak_memory_mb; print(peak_memory_mb())"
    made = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert 5 < int(made.stdout) < 200 < peak_memory_mb()
