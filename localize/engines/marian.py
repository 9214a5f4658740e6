"""MarianMT by transformers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NoReturn

from ..errors import ModelMissing

if TYPE_CHECKING:
    from ..models import Models


class Marian:
    """MarianMT by transformers."""

    name: ClassVar[str] = "marian"
    requires: ClassVar[tuple[str, ...]] = ("transformers", "sentencepiece", "torch")
    extra: ClassVar[str] = "marian"
    exact_duration: ClassVar[bool] = False
    clones: ClassVar[bool] = False

    def __init__(self, model: str | None, models: Models) -> NoReturn:  # noqa: ARG002
        raise ModelMissing("no model of marian is installed", engine="marian")
