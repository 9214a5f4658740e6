"""The public surface: what `import localize` gives, and what it costs."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Collection
from functools import cache
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


IMPORT_IN_FORKS = """
import importlib, os, sys

def visit(name, followers=FOLLOWERS):
    importlib.import_module(name or "sys")
    for follower in followers.get(name, ()):
        if not (child := os.fork()):
            try:
                visit(follower)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            os._exit(1)

visit("")
"""


def _imports_first(path: Path, package: Path, modules: Collection[str]) -> set[str]:
    """The modules of ours that a module imports whatever happens: the packages it lies in, and its topmost imports."""
    parts = ("localize", *path.relative_to(package).with_suffix("").parts)
    inside = parts[:-1]
    found = {".".join(parts[:n]) for n in range(1, len(parts))}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join((*inside[: len(inside) + 1 - node.level], node.module or "")).rstrip(".")
            base = base if node.level else node.module or ""
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found.intersection(modules) - {".".join(parts).removesuffix(".__init__")}


@pytest.mark.slow
def test_every_module_can_be_imported_alone() -> None:
    """No module leans on another having been imported before it.

    Each is imported in a fork of the process that imported the largest of the modules it begins with, and nothing else:
    all that is there it would have imported by itself, and those were judged in the same way. A module that its package
    imports is imported with that.
    """
    package = Path(localize.__file__).parent
    paths = {
        ".".join(("localize", *path.relative_to(package).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in sorted(package.rglob("*.py"))
        if path.name != "__main__.py"
    }
    begins_with = {name: _imports_first(path, package, paths) for name, path in paths.items()}

    @cache
    def reach(name: str) -> set[str]:
        found, left = {name}, [name]
        while left:
            left += begins_with[left.pop()] - found
            found.update(left)
        return found

    followers: dict[str, list[str]] = {}
    for name, first in begins_with.items():
        holder = next((one for one in sorted(first) if name.startswith(f"{one}.") and name in reach(one)), "")
        before = [holder] if holder else [one for one in sorted(first) if name not in reach(one)]
        followers.setdefault(max(before, key=lambda one: len(reach(one)), default=""), []).append(name)
    reached = [""]
    for name in reached:
        reached += followers.get(name, ())
    assert set(reached) - {""} == set(paths), "modules import each other in a circle"
    code = IMPORT_IN_FORKS.replace("FOLLOWERS", repr(followers))
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert len(paths) > 300


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(localize.__file__).parent / "py.typed").is_file()
