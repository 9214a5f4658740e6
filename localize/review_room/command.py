"""The command line that does what the page does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..job import Job


def dub_command(job: Job, review: Path) -> list[str]:
    """The command line of a request with decisions; what a table of localize.toml alone can say is not in it."""
    words = ["localize", "dub", str(job.input), "--to", ",".join(job.spoken_tag(language) for language in job.to)]
    words += ["-o", str(job.output or job.folder), "--review", str(review)]
    usual = Job(job.input, to=job.to)
    for option, name in _OPTIONS.items():
        value = getattr(job, name)
        if value != getattr(usual, name):
            words += _words(option, value)
    for profile in (job.profile, *job.renderings) if job.renderings or job.profile != usual.profile else ():
        words += ["--profile", profile]
    return words


_OPTIONS = {
    "--variant": "variant",
    "--from": "source_language", "--stream": "stream", "--voice": "voices", "--recast": "recast",
    "--speakers": "speakers", "--gender": "genders", "--purpose": "purpose", "--notice": "notice", "--cast": "cast",
    "--transcript": "transcript", "--translation": "translation", "--glossary": "glossary", "--memory": "memory",
    "--style": "style", "--pronunciation": "pronunciation", "--engine": "engines", "--format": "formats",
    "--timing": "timing", "--burn": "burn", "--me": "me", "--bed": "bed", "--no-room": "dry",
    "--loudness": "loudness", "--stems": "stems", "--deliver": "deliver", "--draft": "draft",
}  # fmt: skip


def _words(option: str, value: Any) -> list[str]:
    if value is True:
        return [option]
    if isinstance(value, Mapping):
        return [word for key, item in value.items() for word in (option, f"{key}={item}")]
    if isinstance(value, tuple):
        return [word for item in value for word in (option, str(item))]
    return [option, str(value)]
