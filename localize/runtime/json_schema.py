"""JSON Schema (draft 2020-12) of what is written as JSON, taken from the types of the records themselves.

A record gives an object with all its fields, a `TypedDict` one with its required keys; `Annotated[..., Record]` is a
value that holds what `to_json` gives of that record. What a docstring says of a field is its description.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS = {bool: "boolean", int: "integer", float: "number", str: "string", Path: "string"}


def json_schema(kind: Any, *, title: str, wrapped: bool = False, given: bool = False) -> dict[str, Any]:
    """The schema of one kind of document.

    Args:
        kind: a record or a `TypedDict`.
        title: what the document is called.
        wrapped: the document is the record's fields beside `"schema": 1`.
        given: the document is written by a person, who leaves out what has a default, and may hold nothing else.

    Raises:
        TypeError: a field is of a type that JSON has no form for.
    """
    known: dict[str, Any] = {}
    name = _schema(kind, known)["$ref"].removeprefix("#/$defs/")
    body = known.pop(name)
    if wrapped:
        body = {
            **body,
            "properties": {"schema": {"const": 1}, **body["properties"]},
            "required": ["schema", *body["required"]],
        }
    found = {"$schema": DIALECT, "title": title, **body, **({"$defs": dict(sorted(known.items()))} if known else {})}
    if given:
        _ease(found, kind, {"schema"} if wrapped else set())
    return found


def _ease(schema: dict[str, Any], kind: Any, more: set[str]) -> None:
    """Require what a person has to write, and allow nothing that no field has."""
    parts = [(schema, kind)]
    for name, part in schema.get("$defs", {}).items():
        parts += [(part, found) for found in _records_in(kind) if found.__name__ == name]
    for part, record in parts:
        needed = {f.name for f in fields(record) if f.default is MISSING and f.default_factory is MISSING}
        part["required"] = [key for key in part["required"] if key in needed | (more if part is schema else set())]
        part["additionalProperties"] = False


def _records_in(kind: Any) -> list[Any]:
    """The records that a record holds, at any depth."""
    found: list[Any] = []
    waiting = list(get_type_hints(kind).values())
    while waiting:
        hint = waiting.pop()
        waiting += get_args(hint)
        if is_dataclass(hint) and hint not in found:
            found.append(hint)
            waiting += get_type_hints(hint).values()
    return found


def _schema(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _schema(args[1], known)
    if is_dataclass(kind) or is_typeddict(kind):
        return _reference(kind, known)
    if kind is Any or kind is object:
        return {}
    if kind in (None, type(None)):
        return {"type": "null"}
    if kind in _SCALARS:
        return {"type": _SCALARS[kind]}
    if origin is Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
    if origin in (Union, types.UnionType):
        return _any_of([_schema(part, known) for part in args])
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _schema(args[1], known)}
    if origin in (list, frozenset, set) or (origin is tuple and len(args) == 2 and args[1] is Ellipsis):
        return {"type": "array", "items": _schema(args[0], known)}
    if origin is tuple:
        parts = [_schema(part, known) for part in args]
        return {"type": "array", "prefixItems": parts, "minItems": len(parts), "maxItems": len(parts)}
    raise TypeError(f"{kind} has no form in JSON")


def _any_of(parts: list[dict[str, Any]]) -> dict[str, Any]:
    if all(set(part) == {"type"} for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


def _reference(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__.removesuffix("Json")
    if name not in known:
        known[name] = {}  # a record may hold itself
        known[name] = _object(kind, known)
    return {"$ref": f"#/$defs/{name}"}


def _object(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=is_typeddict(kind))
    if is_dataclass(kind):
        hints = {f.name: hints[f.name] for f in fields(kind)}
        required = list(hints)
    else:
        # `__required_keys__` is wrong where annotations are texts (CPython 97727).
        required = [key for key, hint in hints.items() if get_origin(hint) is not NotRequired]
        hints = {key: get_args(hint)[0] if get_origin(hint) is NotRequired else hint for key, hint in hints.items()}
    summary, described = _description(kind)
    properties = {
        key: {**_schema(hint, known), **({"description": described[key]} if key in described else {})}
        for key, hint in hints.items()
    }
    return {
        **({"description": summary} if summary else {}),
        "type": "object",
        "properties": properties,
        "required": required,
    }


def _description(kind: Any) -> tuple[str, dict[str, str]]:
    """First sentence of a docstring, and what its `Args:` say of each field."""
    text = inspect.cleandoc(kind.__doc__ or "")
    if text.startswith((f"{kind.__name__}(", "dict(")):  # what dataclasses and TypedDict make of no docstring
        text = ""
    head, _, rest = text.partition("\nArgs:\n")
    block = rest.split("\n\n", 1)[0]
    found = re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", block, re.MULTILINE)
    return " ".join(head.split("\n\n")[0].split()), {name: " ".join(said.split()) for name, said in found}
