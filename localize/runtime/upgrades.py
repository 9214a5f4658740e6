"""Files of an earlier schema, brought step by step to the present one when they are read.

Every kind of file that localize reads back has a number, its `schema`. A step is a function from the content of one
schema to that of the next, registered where the file is read:

    @upgrades("master.json", since=1)
    def _with_offset(data: dict[str, Any]) -> dict[str, Any]: ...

The present schema of a kind is one more than its last step. (OpenTimelineIO keeps such a registry for its schemas:
`register_upgrade_function`.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import UsageError

Step = Callable[[dict[str, Any]], dict[str, Any]]
FIRST = 1
_STEPS: dict[tuple[str, int], Step] = {}


def upgrades(kind: str, *, since: int) -> Callable[[Step], Step]:
    """Register a step.

    Args:
        kind: of file, such as "master.json".
        since: the schema that the step reads; it gives that of `since + 1`.

    Raises:
        ValueError: there is such a step, or none up to it.
    """
    if since != present_schema(kind):
        raise ValueError(f"{kind} is at schema {present_schema(kind)}: a step from {since} does not follow")

    def register(step: Step) -> Step:
        _STEPS[kind, since] = step
        return step

    return register


def present_schema(kind: str) -> int:
    """The schema in which files of a kind are written now."""
    number = FIRST
    while (kind, number) in _STEPS:
        number += 1
    return number


def upgraded(kind: str, data: Any, name: str) -> dict[str, Any]:
    """The content of a file in the present schema; `data` itself is left as it is.

    Args:
        kind: of file, as its steps were registered.
        data: the file's content, parsed.
        name: of the file, for messages.

    Raises:
        ValueError: `data` is no object with a schema.
        UsageError: it was written by a later version of localize.
    """
    number = data.get("schema") if isinstance(data, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number < FIRST:
        raise ValueError(f"it must be an object that holds its schema, such as {FIRST}")
    present = present_schema(kind)
    if number > present:
        writer = f"localize {data['version']}" if isinstance(data.get("version"), str) else "a later localize"
        raise UsageError(
            f"{name} has schema {number}, written by {_one_line(writer)}; this one reads {kind} up to schema "
            f"{present}: upgrade localize",
            file=name,
            schema=number,
        )
    for step in range(number, present):
        data = {**_STEPS[kind, step](dict(data)), "schema": step + 1}
    return dict(data)


def _one_line(text: str) -> str:
    """A text from a file, fit for a message."""
    return "".join(c if c.isprintable() else " " for c in text)[:60]
