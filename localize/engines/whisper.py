"""openai-whisper, by name or by path."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NoReturn

from ..errors import ModelMissing

if TYPE_CHECKING:
    from ..models import Models


class OpenAIWhisper:
    """openai-whisper, by name or by path."""

    name: ClassVar[str] = "whisper"
    requires: ClassVar[tuple[str, ...]] = ("whisper", "torch", "faster_whisper")
    extra: ClassVar[str] = "whisper"
    exact_duration: ClassVar[bool] = False
    clones: ClassVar[bool] = False

    def __init__(self, model: str | None, models: Models) -> NoReturn:  # noqa: ARG002
        raise ModelMissing("no model of whisper is installed", engine="whisper")
