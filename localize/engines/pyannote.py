"""pyannote.audio as diarizer, from a pipeline that lies on this machine: `--engine diarizer=pyannote:FOLDER`.

FOLDER holds the `config.yaml` of a pipeline and the weights it names. Nothing is ever downloaded: a pipeline that wants
something from a hub fails.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..data import Span, Turn, Voices
from ..errors import EngineFailed, ModelMissing, UsageError
from ..runtime import reading
from ..runtime.files import sha256_of
from . import package_versions

if TYPE_CHECKING:
    from ..models import Models


CONFIG = "config.yaml"
CONFIG_LIMIT = 1 << 16
MOST_LISTS = 64
CLASSES = frozenset({"pyannote.audio.pipelines.SpeakerDiarization", "SpeakerDiarization"})
"""Pipelines that are made: pyannote imports and calls whatever class its file names."""
MOST_FILES = 100


class Pyannote:
    """The diarizer of the extra `pyannote`."""

    name: ClassVar[str] = "pyannote"
    requires: ClassVar[tuple[str, ...]] = ("pyannote.audio", "torch", "soundfile")
    extra: ClassVar[str] = "pyannote"

    def __init__(self, model: str | None, models: Models) -> None:  # noqa: ARG002 - its weights are the user's
        self._folder = Path(model or "")
        if not model or not (self._folder / CONFIG).is_file():
            raise ModelMissing(
                f"pyannote needs the folder of a pipeline with its {CONFIG}, "
                f"and {model or 'none'} has none: give --engine diarizer=pyannote:FOLDER",
                engine=self.name,
                model=model,
            )
        refuse_classes(self._folder / CONFIG)

    @cached_property
    def fingerprint(self) -> str:
        """Its packages, and every file of the pipeline by its SHA-256."""
        files = sorted(p for p in self._folder.rglob("*") if p.is_file())[:MOST_FILES]
        hashes = ",".join(sha256_of(path)[:16] for path in files)
        return f"pyannote {package_versions('pyannote.audio', 'torch')} {hashes}"

    @cached_property
    def _pipeline(self) -> Any:
        # Read when the packages are imported: no hub, no telemetry.
        os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "PYANNOTE_METRICS_ENABLED": "0"}
        from pyannote.audio import Pipeline

        here = Path.cwd()
        os.chdir(self._folder)  # paths in the configuration are relative to it
        try:
            made = Pipeline.from_pretrained(str(self._folder.resolve() / CONFIG))
        finally:
            os.chdir(here)
        if made is None:
            raise EngineFailed(f"pyannote cannot read the pipeline in {self._folder}", engine=self.name)
        return made

    def voices(self, audio: Path, speakers: int | None = None) -> Voices:
        """Every turn in a 16 kHz mono WAV; `speakers` is how many people speak, where known."""
        import soundfile
        import torch

        samples, rate = soundfile.read(audio, dtype="float32")
        given = {"waveform": torch.from_numpy(samples)[None], "sample_rate": rate}
        found = self._pipeline(given, num_speakers=speakers)
        return voices_of(getattr(found, "speaker_diarization", found))


def refuse_classes(path: Path) -> None:
    """Refuse a pipeline's file that makes pyannote call anything but the diarization pipeline it ships.

    Raises:
        UsageError: naming the class, or what else in the file is not taken.
    """
    import yaml  # type: ignore[import-untyped]

    try:
        text = reading.read_text(path, CONFIG_LIMIT)
        if text.count("[") + text.count("{") > MOST_LISTS:  # the scanner takes the square of what is open
            raise ValueError("it is nested too deeply")
        if any(isinstance(token, yaml.AnchorToken | yaml.TagToken) for token in yaml.scan(text)):
            raise ValueError("it has anchors or tags")
        said = yaml.safe_load(text)
        name, before = said["pipeline"]["name"], said.get("preprocessors")
    except (yaml.YAMLError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} describes no pipeline: {' '.join(str(error).split())}", file=str(path)) from error
    if before:
        raise UsageError(f"{path} names preprocessors, which are not run: take them out", file=str(path))
    if name not in CLASSES:
        raise UsageError(
            f"{path} names the class {name!r}: only {', '.join(sorted(CLASSES))} is made from a file", file=str(path)
        )


def voices_of(annotation: Any) -> Voices:
    """A pyannote annotation as turns; where two of its turns overlap, two people speak at once."""
    turns = [
        Turn(Span(round(segment.start * 1000), round(segment.end * 1000)), str(label))
        for segment, _, label in annotation.itertracks(yield_label=True)
    ]
    overlaps = [Span(round(segment.start * 1000), round(segment.end * 1000)) for segment in annotation.get_overlap()]
    turns = [turn for turn in turns if turn.span.length_ms > 0]
    return Voices(
        tuple(sorted(turns, key=lambda t: (t.span, t.speaker))), tuple(s for s in overlaps if s.length_ms > 0)
    )
