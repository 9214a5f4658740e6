"""The command line that does what the page does."""

from __future__ import annotations

from pathlib import Path

from ..job import Job, option_words


def dub_command(job: Job, review: Path) -> list[str]:
    """The command line of a request with decisions; what a table of localize.toml alone can say is not in it."""
    words = ["localize", "dub", str(job.input), "--to", ",".join(job.spoken_tag(language) for language in job.to)]
    words += ["-o", str(job.output or job.folder), "--review", str(review)]
    usual = Job(job.input, to=job.to)
    for option, name in _OPTIONS.items():
        value = getattr(job, name)
        if value != getattr(usual, name):
            words += option_words(option, value)
    for profile in (job.profile, *job.renderings) if job.renderings or job.profile != usual.profile else ():
        words += ["--profile", profile]
    return words


_OPTIONS = {
    "--variant": "variant",
    "--from": "source_language", "--stream": "stream", "--voice": "voices", "--recast": "recast",
    "--speakers": "speakers", "--gender": "genders", "--purpose": "purpose", "--notice": "notice", "--cast": "cast",
    "--transcript": "transcript", "--translation": "translation", "--glossary": "glossary", "--memory": "memory",
    "--style": "style", "--pronunciation": "pronunciation", "--engine": "engines", "--format": "formats",
    "--timing": "timing", "--expression": "expression", "--burn": "burn", "--me": "me", "--bed": "bed",
    "--no-room": "dry",
    "--loudness": "loudness", "--stems": "stems", "--deliver": "deliver", "--draft": "draft",
}  # fmt: skip
