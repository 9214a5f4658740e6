"""Names of version 0.1 that users may hold: they lead to what they are called now, with a warning, until 0.3.

A module that is gone lies here under its former name: `localize/__init__.py` and `localize/subtitles/__init__.py` look
for modules here last. A name that is gone from a module that stays is told by that module's own `__getattr__`.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def deprecated_names(module: str, moved: Mapping[str, str], rest: str = "") -> Callable[[str], Any]:
    """The `__getattr__` of a module whose names are elsewhere now; each name warns once in a process.

    Args:
        module: its `__name__`.
        moved: former name -> "module:name" of today.
        rest: module of today that has every other name.
    """

    def find(name: str) -> Any:
        place = moved.get(name) or (rest and f"{rest}:{name}")
        if not place or name.startswith("_"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        home, _, today = place.partition(":")
        try:
            value = getattr(import_module(home), today)
        except AttributeError:
            raise AttributeError(f"module {module!r} has no attribute {name!r}") from None
        message = f"{module}.{name} is now {home}.{today}; the former name goes with version 0.3"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        vars(sys.modules[module])[name] = value
        return value

    return find
