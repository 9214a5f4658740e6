"""`localize.toml`: defaults for every command run in a folder, read and checked.

    profile = "netflix"
    format = ["srt", "vtt"]

    [engine]
    recogniser = "faster_whisper:small"

    [voice]
    S1 = "em_alex"

    [timing]
    relax = ["S3"]

An unknown key is an error, never ignored. The file may have come with a stranger's folder: its paths stay inside
that folder, and it chooses no engine by path and no plug-in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .consent import Home
from .engines import BUILT_IN, ROLES
from .errors import UsageError
from .isochrony.placement import TIMINGS
from .job import Job
from .runtime import network, reading
from .runtime.device import KINDS

CONFIG = "localize.toml"


def apply_configuration(
    job: Job,
    given: frozenset[str],
    path: Path | None = None,
    say: Callable[[str], None] | None = None,
    folder: Path = Path(),
) -> Job:
    """Fill the fields of a job that the user left open from `localize.toml`.

    Args:
        job: as given on the command line.
        given: names of the fields the user set; they win.
        path: a file the user named, which may name any other; None for the one in `folder`, if there is one.
        say: called with one line about what the file sets.
        folder: where a file is looked for that the user did not name.

    Raises:
        UsageError: unreadable, an unknown key, a value of the wrong kind, or one that only the user may give; the
            message names the file and the key.
    """
    found, path = path is None, path or folder / CONFIG
    if not path.is_file():
        return job
    try:
        table = reading.read_toml(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    if "network" in table and path.absolute() != (own := Home.open().folder / network.FILE):
        raise UsageError(
            f"{path} may be anybody's: which hosts are allowed stands in your own {own}, and nowhere else",
            file=str(path),
        )
    table.pop("network", None)
    values = {_field(path, key): _value(path, key, value) for key, value in table.items()}
    if found:
        _refuse_escape(path, values)
        values = {name: _below(folder, name, value) for name, value in values.items()}
    merged: dict[str, Any] = {}
    if isinstance(table.get("timing"), dict):
        values |= {_TIMING[key]: value for key, value in values.pop("timing").items()}
    for name, value in values.items():
        if name in ("engines", "voices", "registers", "genders"):
            merged[name] = {**value, **getattr(job, name)}
        elif name not in given:
            merged[name] = value
    if say and merged:
        timed = bool(set(_TIMING.values()) & merged.keys())
        shown = [key for key in table if (timed if key == "timing" else _KEYS[key] in merged)]
        paths = [f"{key} = {table[key]}" if isinstance(values.get(key), Path) else key for key in shown]
        say(f"using {', '.join(paths)} from {path.absolute()}")
    try:
        return replace(job, **merged)
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", file=str(path)) from error


# --- its keys --------------------------------------------------------------------------------------------------------

_KEYS = {
    "to": "to", "from": "source_language", "output": "output", "profile": "profile", "format": "formats",
    "glossary": "glossary", "memory": "memory", "style": "style", "pronunciation": "pronunciation",
    "strict": "strict", "notice": "notice", "engine": "engines", "voice": "voices",
    "register": "registers", "gender": "genders",
    "timing": "timing", "expression": "expression", "bed": "bed", "dry": "dry", "loudness": "loudness",
    "stems": "stems", "deliver": "deliver",
    "speakers": "speakers", "cast": "cast", "device": "device", "review": "review_required",
}  # fmt: skip


_TIMING = {"mode": "timing", "relax": "relaxed", "hold": "held"}


def _field(path: Path, key: str) -> str:
    if key not in _KEYS:
        raise UsageError(f"{path}: unknown key {key!r}; known are {', '.join(_KEYS)}", file=str(path), key=key)
    return _KEYS[key]


def _value(path: Path, key: str, value: Any) -> Any:
    if (
        key in ("to", "format", "notice", "stems", "deliver", "memory")
        and isinstance(value, list)
        and all(isinstance(v, str) for v in value)
    ):
        return tuple(map(Path, value)) if key == "memory" else tuple(value)
    if (
        key in ("engine", "voice", "register", "gender")
        and isinstance(value, dict)
        and all(isinstance(v, str) for v in value.values())
    ):
        if key == "engine" and (unknown := sorted(set(value) - set(ROLES))):
            raise UsageError(f"{path}: unknown key engine.{unknown[0]}; known are {', '.join(ROLES)}", file=str(path))
        return value
    if key == "timing" and isinstance(value, dict):
        return _timing(path, value)
    if key == "review" and isinstance(value, dict):
        return _review_required(path, value)
    if key in ("strict", "dry") and isinstance(value, bool):
        return value
    if key in ("loudness", "expression") and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value) if key == "loudness" else value
    if key == "speakers" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if key in ("output", "glossary", "style", "pronunciation", "cast") and isinstance(value, str):
        return Path(value)
    if key in ("from", "profile", "bed", "loudness") and isinstance(value, str):
        return value
    if key == "device" and value in KINDS:
        return value
    raise UsageError(f"{path}: {key} has a value of the wrong kind: {value!r}", file=str(path), key=key)


def _review_required(path: Path, table: dict[str, Any]) -> bool:
    """The one value of the table [review]."""
    if unknown := sorted(set(table) - {"required"}):
        raise UsageError(f"{path}: unknown key review.{unknown[0]}; known is required", file=str(path))
    required = table.get("required", False)
    if not isinstance(required, bool):
        raise UsageError(f"{path}: review.required is true or false, not {required!r}", file=str(path))
    return required


def _timing(path: Path, table: dict[str, Any]) -> dict[str, Any]:
    """Check the values of the table [timing]."""
    if unknown := sorted(set(table) - set(_TIMING)):
        raise UsageError(f"{path}: unknown key timing.{unknown[0]}; known are {', '.join(_TIMING)}", file=str(path))
    if table.get("mode", "strict") not in TIMINGS:
        raise UsageError(f"{path}: timing.mode is one of {', '.join(TIMINGS)}, not {table['mode']!r}", file=str(path))
    named = {key: table.get(key, []) for key in ("relax", "hold")}
    for key, names in named.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise UsageError(f"{path}: timing.{key} is a list of speakers and segments, not {names!r}", file=str(path))
    return {**table, **{key: tuple(names) for key, names in named.items()}}


def _below(folder: Path, name: str, value: Any) -> Any:
    """A value of a file in a folder, its paths as they are from here."""
    if isinstance(value, Path):
        return folder / value
    if name == "profile" and str(value).partition("#")[0].lower().endswith(".toml"):
        return str(folder / value)
    return tuple(folder / v if isinstance(v, Path) else v for v in value) if isinstance(value, tuple) else value


# --- a file that was found -------------------------------------------------------------------------------------------

_SUFFIXES: dict[str, tuple[str, ...]] = {
    "output": (), "cast": (".toml",), "glossary": (".tsv", ".xlsx", ".tbx"), "style": (".toml",),
    "pronunciation": (".tsv",), "memory": (".tmx", ".xlf", ".xliff"), "profile": (".toml",),
}  # fmt: skip
"""Fields that name files, and the suffixes these may have: nothing else is read or written for a file that was found.
"""


def _refuse_escape(path: Path, values: Mapping[str, Any]) -> None:
    """Refuse what a found file must not choose: a path out of its folder, an engine by path, a plug-in."""
    for name, suffixes in _SUFFIXES.items():
        value = str(values.get(name) or "").partition("#")[0] if name == "profile" else values.get(name)
        if value and (name != "profile" or str(value).lower().endswith(".toml") or "/" in str(value)):
            for file in value if isinstance(value, tuple) else (value,):
                _inside(path, name, Path(file), suffixes)
    for role, spec in (values.get("engines") or {}).items():
        engine, _, model = spec.partition(":")
        if engine not in {known for by_role in BUILT_IN.values() for known in by_role} or _is_path(model):
            raise UsageError(
                f"{path}: engine.{role} = {spec!r} is no engine of localize with a model of its catalogue; "
                f"a plug-in or a model's folder is given with --engine {role}=…",
                file=str(path), key="engine",
            )  # fmt: skip


def _inside(path: Path, name: str, value: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse a path that leads out of the file's folder, links followed, or into what is hidden there."""
    folder = path.resolve().parent if not path.is_symlink() else Path.cwd().resolve()
    try:
        real = (folder / value).resolve()
        within = real.relative_to(folder)
    except (ValueError, OSError, RuntimeError):
        within = None
    if within is None or any(part.startswith(".") for part in within.parts):
        why = "it may only name what lies in its own folder, and is not hidden there"
    elif suffixes and not {value.suffix.lower(), real.suffix.lower()} <= set(suffixes):
        why = f"it must be a file called *{', *'.join(suffixes)}"
    else:
        return
    key = next(key for key, field_name in _KEYS.items() if field_name == name)
    raise UsageError(f"{path}: {key} = {str(value)!r}: {why}; give it with --{key} instead", file=str(path), key=key)


def _is_path(model: str) -> bool:
    return "/" in model or "\\" in model or model.startswith((".", "~")) or (bool(model) and Path(model).exists())
