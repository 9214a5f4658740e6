"""`localize.toml`: what a user sets once for every command in a folder.

    profile = "netflix"
    format = ["srt", "vtt"]

    [engine]
    recogniser = "faster_whisper:small"

    [voice]
    S1 = "em_alex"

    [timing]
    relax = ["S3"]

An unknown key is an error, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import reading
from .errors import UsageError
from .job import ROLES, TIMINGS, Job, _stays_inside
from .runtime.device import KINDS

CONFIG = "localize.toml"


def configured(
    job: Job, given: frozenset[str], path: Path | None = None, say: Callable[[str], None] | None = None
) -> Job:
    """Fill what the user left open from `localize.toml`.

    Args:
        job: as given on the command line.
        given: names of the fields the user set; they win.
        path: a file the user named, which may name any other; None for the one in the current folder, if there is one.
        say: told in one line what the file sets.

    Raises:
        UsageError: unreadable, an unknown key, a value of the wrong kind, or one that only the user may give; the
            message names the file and the key.
    """
    found, path = path is None, path or Path(CONFIG)
    if not path.is_file():
        return job
    try:
        table = reading.read_toml(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    values = {_field(path, key): _value(path, key, value) for key, value in table.items()}
    if found:
        _stays_inside(path, values)
    merged: dict[str, Any] = {}
    if isinstance(table.get("timing"), dict):
        values |= {"timing" if key == "mode" else "relaxed": value for key, value in values.pop("timing").items()}
    for name, value in values.items():
        if name in ("engines", "voices", "registers"):
            merged[name] = {**value, **getattr(job, name)}
        elif name not in given:
            merged[name] = value
    if say and merged:
        shown = [key for key in table if _KEYS[key] in merged or (key == "timing" and "relaxed" in merged)]
        paths = [f"{key} = {table[key]}" if isinstance(values.get(key), Path) else key for key in shown]
        say(f"using {', '.join(paths)} from {path.absolute()}")
    return replace(job, **merged)


# --- its keys --------------------------------------------------------------------------------------------------------

_KEYS = {
    "to": "to", "from": "source_language", "output": "output", "profile": "profile", "format": "formats",
    "glossary": "glossary", "strict": "strict", "notice": "notice", "engine": "engines", "voice": "voices",
    "register": "registers", "timing": "timing", "bed": "bed", "dry": "dry", "loudness": "loudness", "stems": "stems",
    "speakers": "speakers", "cast": "cast", "device": "device",
}  # fmt: skip


def _field(path: Path, key: str) -> str:
    if key not in _KEYS:
        raise UsageError(f"{path}: unknown key {key!r}; known are {', '.join(_KEYS)}", file=str(path), key=key)
    return _KEYS[key]


def _value(path: Path, key: str, value: Any) -> Any:
    if (
        key in ("to", "format", "notice", "stems")
        and isinstance(value, list)
        and all(isinstance(v, str) for v in value)
    ):
        return tuple(value)
    if (
        key in ("engine", "voice", "register")
        and isinstance(value, dict)
        and all(isinstance(v, str) for v in value.values())
    ):
        if key == "engine" and (unknown := sorted(set(value) - set(ROLES))):
            raise UsageError(f"{path}: unknown key engine.{unknown[0]}; known are {', '.join(ROLES)}", file=str(path))
        return value
    if key == "timing" and isinstance(value, dict):
        return _timing(path, value)
    if key in ("strict", "dry") and isinstance(value, bool):
        return value
    if key == "loudness" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if key == "speakers" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if key in ("output", "glossary", "cast") and isinstance(value, str):
        return Path(value)
    if key in ("from", "profile", "bed", "loudness") and isinstance(value, str):
        return value
    if key == "device" and value in KINDS:
        return value
    raise UsageError(f"{path}: {key} has a value of the wrong kind: {value!r}", file=str(path), key=key)


def _timing(path: Path, table: dict[str, Any]) -> dict[str, Any]:
    """The table [timing], its values looked over."""
    if unknown := sorted(set(table) - {"mode", "relax"}):
        raise UsageError(f"{path}: unknown key timing.{unknown[0]}; known are mode, relax", file=str(path))
    if table.get("mode", TIMINGS[0]) not in TIMINGS:
        raise UsageError(f"{path}: timing.mode is one of {', '.join(TIMINGS)}, not {table['mode']!r}", file=str(path))
    relax = table.get("relax", [])
    if not isinstance(relax, list) or not all(isinstance(name, str) for name in relax):
        raise UsageError(f"{path}: timing.relax is a list of speakers and segments, not {relax!r}", file=str(path))
    return {**table, "relax": tuple(relax)}
