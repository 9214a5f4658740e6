"""Packages that come with an extra, imported when they are first needed."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from ..errors import EngineMissing


def optional(module: str) -> ModuleType:
    """A package of the extra `subtitles`.

    Raises:
        EngineMissing: it is not installed; the message names the command.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.split(".", maxsplit=1)[0]
        raise EngineMissing(
            f"{package} is not installed: pip install 'localize-toolkit[subtitles]'", package=package
        ) from error
