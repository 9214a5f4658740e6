"""The public surface: what `import localize` gives, and what it costs."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import localize

HEAVY = {"numpy", "av", "onnxruntime", "librosa", "soundfile", "ctranslate2", "scipy", "torch", "c2pa", "onnx", "soxr"}


def imported(*arguments: str) -> tuple[set[str], subprocess.CompletedProcess[str]]:
    """Top packages that a fresh interpreter imports."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=False
    )
    names = re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s*(\S+)$", result.stderr, re.MULTILINE)
    return {name.split(".")[0] for name in names}, result


@pytest.mark.costly
@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "localize", "--help"),
        ("-m", "localize", "--version"),
        ("-m", "localize", "dub", "--help"),
        ("-m", "localize", "models", "--help"),
        ("-m", "localize", "voices", "--help"),
        ("-c", "import localize"),
        ("-c", "from localize import Job, LocalizeError"),
    ],
    ids=" ".join,
)
def test_help_and_import_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    names, result = imported(*arguments)
    assert result.returncode == 0, result.stderr
    assert "localize" in names
    assert not names & HEAVY


@pytest.mark.costly
@pytest.mark.parametrize(
    "arguments",
    [
        ("dub", "nofile.mp4", "--to", "es"),
        ("subs", "nofile.srt", "--to", "es"),
        ("dub", "nofile.mp4", "--to", "es", "--notice", "song"),
        ("subs", "nofile.srt", "--to", "es", "--format", "doc"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_told_before_the_stages_are_imported(arguments: tuple[str, ...]) -> None:
    names, result = imported("-m", "localize", *arguments)
    assert result.returncode != 0
    assert "localize: " in result.stderr
    assert not names & HEAVY
    for later in ("pipeline", "subtitling", "translation", "subtitles.caption", "isochrony.synthesize"):
        assert not re.search(rf"\|\s+localize\.{re.escape(later)}$", result.stderr, re.MULTILINE), later


def test_the_check_above_would_find_a_heavy_import() -> None:
    names, _ = imported("-c", "import localize; import numpy")
    assert "numpy" in names & HEAVY


@pytest.mark.parametrize("name", localize.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(localize, name) is not None


def test_public_names_are_those_of_their_modules() -> None:
    for name in localize.__all__:
        value: Any = getattr(localize, name)
        if name not in ("__version__", "subtitles"):
            assert getattr(importlib.import_module(value.__module__), name) is value
            assert value.__doc__


def test_the_names_are_sorted_and_each_once() -> None:
    assert len(set(localize.__all__)) == len(localize.__all__)
    assert {"dub", "subtitle", "open_run", "Job", "Run", "LocalizeError"} <= set(localize.__all__)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = localize.nonsense
    with pytest.raises(ImportError):
        exec("from localize import nonsense")


def test_star_import_gives_what_is_public() -> None:
    names: dict[str, Any] = {}
    exec("from localize import *", names)
    assert set(localize.__all__) <= set(names)


@pytest.mark.costly
def test_the_command_and_the_package_have_one_version() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "localize", "--version"], capture_output=True, text=True, check=False
    )
    assert localize.__version__ in result.stdout
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", localize.__version__)


@pytest.mark.slow
def test_every_module_can_be_imported_alone() -> None:
    """No module leans on another having been imported before it."""
    package = Path(localize.__file__).parent
    modules = [
        ".".join(("localize", *path.relative_to(package).with_suffix("").parts)).removesuffix(".__init__")
        for path in sorted(package.rglob("*.py"))
        if path.name != "__main__.py"
    ]
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}:\n"
        "    for known in [m for m in sys.modules if m.split('.')[0] == 'localize']:\n"
        "        del sys.modules[known]\n"
        "    importlib.import_module(name)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert len(modules) > 30


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(localize.__file__).parent / "py.typed").is_file()
