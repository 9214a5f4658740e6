"""What a run says while it works. The pipeline emits; a terminal, a log or a test listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """A stage begins; `total` is the number of things it will do, 0 where it cannot tell."""

    stage: str
    total: int = 0


@dataclass(frozen=True, slots=True)
class Advanced:
    """`done` of `total` things of a stage are done."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A stage ended after `seconds`; `hits` results came from the store, `made` were made."""

    stage: str
    seconds: float
    hits: int
    made: int


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should know. `code` is stable, `message` is one line."""

    code: str
    message: str


Event = Started | Advanced | Finished | Warned
Listener = Callable[[Event], None]


def silent(_event: Event) -> None:
    """The listener that hears nothing."""
