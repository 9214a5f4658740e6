"""The published JSON Schemas, and a stricter reading of them: in a test every key must be one that is documented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schemas"


def closed(schema: Any) -> Any:
    """The same schema, where an object with named keys may have no others."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        found["additionalProperties"] = False
    return found


def check_published(name: str, value: Any) -> None:
    """Hold a real output against its schema: nothing missing, nothing of another kind, nothing undocumented."""
    import jsonschema

    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(closed(schema)).validate(value)
