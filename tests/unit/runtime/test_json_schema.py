"""Types become JSON Schemas: each kind of field in its form, with what its docstring says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import jsonschema
import pytest

from localize.runtime.json_schema import DIALECT, json_schema


@dataclass(frozen=True)
class Part:
    """One part.

    Args:
        name: of the part.
        weight: in grams,
            on earth.
    """

    name: str
    weight: float | None = None


@dataclass(frozen=True)
class Whole:
    count: int
    parts: tuple[Part, ...]
    kind: Literal["a", "b"]
    only: Literal["x"]
    where: Path
    pair: tuple[int, str]
    tags: frozenset[str]
    sizes: Mapping[str, int]
    anything: Any
    maybe: Part | None = None
    inner: dict[str, list[bool]] = field(default_factory=dict)


class SaidJson(TypedDict):
    """What is said.

    Args:
        text: the words.
    """

    text: str
    part: NotRequired[Annotated[dict[str, Any], Part]]


def test_every_kind_of_field_has_its_form() -> None:
    found = json_schema(Whole, title="whole")
    jsonschema.Draft202012Validator.check_schema(found)
    assert (found["$schema"], found["title"], found["type"]) == (DIALECT, "whole", "object")
    assert "description" not in found, "what dataclasses write themselves is no docstring"
    assert found["properties"] == {
        "count": {"type": "integer"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
        "kind": {"enum": ["a", "b"]},
        "only": {"const": "x"},
        "where": {"type": "string"},
        "pair": {
            "type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2,
        },
        "tags": {"type": "array", "items": {"type": "string"}},
        "sizes": {"type": "object", "additionalProperties": {"type": "integer"}},
        "anything": {},
        "maybe": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}]},
        "inner": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "boolean"}}},
    }  # fmt: skip
    assert found["required"] == list(found["properties"])
    assert found["$defs"] == {
        "Part": {
            "description": "One part.",
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "of the part."},
                "weight": {"type": ["number", "null"], "description": "in grams, on earth."},
            },
            "required": ["name", "weight"],
        }
    }


def test_a_typed_dict_requires_its_required_keys_and_names_the_records_its_values_hold() -> None:
    found = json_schema(SaidJson, title="said", wrapped=True)
    assert found["required"] == ["schema", "text"]
    assert found["properties"] == {
        "schema": {"const": 1},
        "text": {"type": "string", "description": "the words."},
        "part": {"$ref": "#/$defs/Part"},
    }
    assert found["description"] == "What is said."


def test_a_person_leaves_out_what_has_a_default_and_writes_nothing_else() -> None:
    found = json_schema(Whole, title="whole", wrapped=True, given=True)
    assert found["required"] == [
        "schema", "count", "parts", "kind", "only", "where", "pair", "tags", "sizes", "anything",
    ]  # fmt: skip
    assert found["additionalProperties"] is False
    assert found["$defs"]["Part"]["required"] == ["name"]
    assert found["$defs"]["Part"]["additionalProperties"] is False


def test_what_has_no_form_in_json_is_refused() -> None:
    @dataclass
    class Odd:
        value: complex

    Odd.__annotations__["value"] = complex
    with pytest.raises(TypeError, match=r"complex.* has no form in JSON"):
        json_schema(Odd, title="odd")
