"""Coqui TTS: XTTS-v2 and single-voice VITS."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NoReturn

from ..errors import ModelMissing

if TYPE_CHECKING:
    from ..models import Models


class Coqui:
    """Coqui TTS: XTTS-v2 and single-voice VITS."""

    name: ClassVar[str] = "coqui"
    requires: ClassVar[tuple[str, ...]] = ("TTS", "torch", "torchaudio")
    extra: ClassVar[str] = "coqui"
    exact_duration: ClassVar[bool] = False
    clones: ClassVar[bool] = True

    def __init__(self, model: str | None, models: Models) -> NoReturn:  # noqa: ARG002
        raise ModelMissing("no model of coqui is installed", engine="coqui")
