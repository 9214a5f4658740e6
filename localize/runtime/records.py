"""Convert frozen records to plain JSON values and back."""

from __future__ import annotations

import gc
import types
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles while very many records are made, which hold none: it takes a fifth of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def to_json(value: Any, *, content_only: bool = False) -> Any:
    """Plain JSON values for a record, or for any tuple, list or dict of them.

    Args:
        value: records, scalars, sequences and string-keyed dicts of them.
        content_only: leave out the fields marked as no content.

    Raises:
        TypeError: for anything that has no content (an open file, a function).
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        names = _names(type(value), content_only)
        return {name: to_json(getattr(value, name), content_only=content_only) for name in names}
    if isinstance(value, Mapping):
        return {str(k): to_json(v, content_only=content_only) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(v, content_only=content_only) for v in value]
    if isinstance(value, frozenset | set):
        return sorted(to_json(v, content_only=content_only) for v in value)
    raise TypeError(f"{type(value).__name__} has no content")


@cache
def _names(kind: type[Any], content_only: bool) -> tuple[str, ...]:
    """The fields of a record; without those that are no content, where only content is asked for."""
    return tuple(f.name for f in fields(kind) if not (content_only and f.metadata.get("content") is False))


def from_json(kind: type[T], data: Any, *, lenient: bool = False) -> T:
    """Rebuild a record of type `kind` from what `to_json` gave.

    Args:
        kind: of record.
        data: JSON values.
        lenient: pass over keys that no field has: a later version of the same schema may have added them.

    Raises:
        ValueError: where `data` is not of that shape; the message names the field.
    """
    return build(kind, _known_keys(kind, data) if lenient else data, kind.__name__)  # type: ignore[no-any-return]


def _known_keys(kind: Any, data: Any) -> Any:
    """The data without the keys that no field has, at any depth."""
    if is_dataclass(kind) and isinstance(data, dict):
        hints = _hints(kind)  # type: ignore[arg-type]
        return {f.name: _known_keys(hints[f.name], data[f.name]) for f in fields(kind) if f.name in data}
    args, origin = get_args(kind), get_origin(kind)
    if origin in (Union, types.UnionType):
        (kind,) = (a for a in args if a is not type(None))
        return _known_keys(kind, data)
    if origin is tuple and isinstance(data, list) and args[1:] == (Ellipsis,):
        return [_known_keys(args[0], item) for item in data]
    if origin is dict and isinstance(data, dict):
        return {key: _known_keys(args[1], value) for key, value in data.items()}
    return data


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def shape(kind: Any) -> Any:
    """The structure of a type as JSON: changes when a record gains, loses or retypes a field."""
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        return {f.name: shape(hints[f.name]) for f in fields(kind)}
    if args := get_args(kind):
        return [str(get_origin(kind)), *(shape(a) for a in args)]
    return getattr(kind, "__name__", str(kind))


def build(kind: Any, data: Any, where: str) -> Any:
    """Rebuild a value of any type a record's field may have.

    Raises:
        ValueError: where `data` is not of that shape; the message begins with `where`.
    """
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _build_record(kind, data, where)
    if origin in (Union, types.UnionType):
        if data is None:
            return None
        (inner,) = (a for a in get_args(kind) if a is not type(None))
        return build(inner, data, where)
    if origin is Literal:
        if data not in get_args(kind):
            raise ValueError(f"{where}: {data!r} is none of {', '.join(map(str, get_args(kind)))}")
        return data
    if origin in (tuple, frozenset):
        args = get_args(kind) if origin is tuple else (*get_args(kind), ...)
        return origin(_build_tuple(args, data, where))
    if origin in (dict, Mapping):
        value_kind = get_args(kind)[1]
        if not isinstance(data, dict):
            raise ValueError(f"{where}: expected an object")
        return {str(k): build(value_kind, v, f"{where}.{k}") for k, v in data.items()}
    return _build_plain(kind, data, where)


def _build_plain(kind: Any, data: Any, where: str) -> Any:
    """A value that is no record and holds none."""
    if kind is Path and isinstance(data, str):
        return Path(data)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        try:
            return float(data)
        except OverflowError as error:
            raise ValueError(f"{where}: {error}") from error
    if kind is not Any and (not isinstance(data, kind) or (kind is int and isinstance(data, bool))):
        raise ValueError(f"{where}: expected {kind.__name__}, found {type(data).__name__}")
    return data


def _build_record(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"{where}: expected an object, found {type(data).__name__}")
    hints = _hints(kind)
    if unknown := sorted(set(data) - {f.name for f in fields(kind)}):
        raise ValueError(f"{where}: unknown key {unknown[0]!r}")
    try:
        return kind(**{name: build(hints[name], value, f"{where}.{name}") for name, value in data.items()})
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from error


def _build_tuple(args: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list | tuple):
        raise ValueError(f"{where}: expected a list, found {type(data).__name__}")
    kinds: Iterable[Any] = [args[0]] * len(data) if len(args) == 2 and args[1] is Ellipsis else args
    if len(args) != len(data) and not (len(args) == 2 and args[1] is Ellipsis):
        raise ValueError(f"{where}: expected {len(args)} items, found {len(data)}")
    return tuple(build(k, v, f"{where}[{i}]") for i, (k, v) in enumerate(zip(kinds, data)))
