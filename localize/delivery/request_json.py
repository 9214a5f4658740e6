"""job.json: what was asked for, beside the results and without any path."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class TimingJson(TypedDict):
    """How closely the dub follows its source; `relax` names speakers and segments that need not, `hold`
    those that do.
    """

    mode: str
    relax: list[str]
    hold: NotRequired[list[str]]


class SoundRequestJson(TypedDict):
    """What sound was asked for."""

    bed: str
    dry: bool
    loudness: str
    stems: list[str]


# "from" is a word of the language, so that the keys are written as texts.
RequestJson = TypedDict(
    "RequestJson",
    {
        "schema": Literal[1], "input": str, "sha256": str, "to": list[str], "regions": dict[str, str],
        "from": str | None, "stream": int | str | None, "voices": dict[str, str], "speakers": int | None,
        "engines": dict[str, str], "profile": str, "renderings": list[str], "formats": list[str],
        "timing": TimingJson, "burn": bool,
        "sound": SoundRequestJson, "version": str, "edits": NotRequired[str], "review": NotRequired[str],
        "transcript": NotRequired[str],
        "purpose": NotRequired[str], "translation": NotRequired[str], "glossary": NotRequired[str],
        "pronunciation": NotRequired[str], "me": NotRequired[str], "cast": NotRequired[str],
        "style": NotRequired[str], "memory": NotRequired[list[str]], "encoding": NotRequired[str | None],
        "recast": NotRequired[dict[str, str]], "notice": NotRequired[list[str]], "recut": NotRequired[bool],
        "variant": NotRequired[str], "draft": NotRequired[bool], "deliver": NotRequired[list[str]],
        "genders": NotRequired[dict[str, str]], "registers": NotRequired[dict[str, str]],
        "expression": NotRequired[float],
    },
)  # fmt: skip
RequestJson.__doc__ = """job.json: what was asked for, without any path.

The output folder, the device and `strict` change nothing in the files, and are not in it.

Args:
    sha256: of the input.
    from: source language; null where it was detected.
    purpose: what the voices were asked for.
    recast: voice -> the voice in its place.
    notice: how the audience is told of synthesized voices.
    genders: speaker -> how this speaker speaks of himself or herself.
    registers: speaker, or "S1>S2" -> how they address people.
    encoding: of given subtitle files; null where it was found out.
    recut: given cues were cut anew.
    expression: how far voices take over how the actors say their lines, 0 to 1.
    variant: name of this dub beside the main one; absent for that one.
    draft: nothing was measured.
    deliver: the files that were wanted.
    version: of localize, that wrote it.
"""
