"""The request: what a user asks for, and the only home of defaults.

A `localize.toml` in the current folder sets what the command line leaves open:

    profile = "netflix"
    format = ["srt", "vtt"]

    [engine]
    recogniser = "faster_whisper:small"

    [voice]
    S1 = "em_alex"

    [timing]
    relax = ["S3"]

A key nobody knows is an error, never ignored.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .codec import from_json
from .data import Edits
from .device import KINDS
from .errors import UsageError

CONFIG = "localize.toml"
CONFIG_LIMIT = 1_000_000
EDITS_LIMIT = 64_000_000
LATEST_MS = 10**9
SUBTITLES = frozenset(".srt .vtt .ass .ssa .ttml .dfxp .imsc .scc .stl .sbv".split())
TIMINGS = ("strict", "natural", "free")
STEMS = ("speakers",)
ROLES = ("recogniser", "diarizer", "translator", "synthesizer", "watermarker")


@dataclass(frozen=True, slots=True)
class Job:
    """One request.

    Args:
        input: media, a subtitle file or a master.json.
        to: target languages, BCP 47.
        output: folder for the results; None for `localized/<name>`.
        source_language: None to detect it.
        stream: index of the audio stream; None for the first in the source language.
        voices: speaker -> voice id, or "original" to leave a speaker undubbed.
        speakers: how many people speak; None to find out.
        recast: voice id -> the voice id that speaks in its place, wherever it would be heard.
        purpose: what is made: "dub", "trailer" or "ad"; grants name theirs.
        notice: how the audience is told that voices are synthesized: "screen", "spoken".
        cast: the file that knows the people of a series: read if it is there, new people are added.
        edits: a person's corrections.
        transcript: a subtitle file or master.json that replaces recognition.
        translation: the same for translation.
        glossary: TSV file: source<TAB>target, or @S1>S2<TAB>register.
        engines: role -> "name" or "name:model".
        device: what engines compute on: "auto", "cpu" or "cuda".
        registers: speaker, or "S1>S2" where one speaks to another -> how they address people ("tu", "usted"…), "*" for
            anybody.
        regions: target language -> where its speakers are at home ("MX", "419"), where its tag said so.
        profile: of the subtitles.
        formats: of the subtitles.
        timing: how closely a dub follows its source: "strict", "natural" or "free".
        relaxed: speakers and segments that need not follow it, because nobody sees them speak.
        strict: end with an error where the result falls short.
        burn: also make a film with the subtitles drawn into the picture.
        me: a studio's music and effects, to lie under the dub as they are.
        bed: "separate" the original voice from what is under it, or "duck" it for voice-over.
        dry: leave the room of the source's voices out of the dub.
        loudness: "source", a platform's name ("netflix", "ebu", "web"), or LUFS.
        stems: what is delivered beside dialogue and bed: "speakers".
    """

    input: Path
    to: tuple[str, ...] = ()
    output: Path | None = None
    source_language: str | None = None
    stream: int | None = None
    voices: Mapping[str, str] = field(default_factory=dict)
    speakers: int | None = None
    recast: Mapping[str, str] = field(default_factory=dict)
    purpose: str = "dub"
    notice: tuple[str, ...] = ()
    cast: Path | None = None
    edits: Path | None = None
    transcript: Path | None = None
    translation: Path | None = None
    glossary: Path | None = None
    engines: Mapping[str, str] = field(default_factory=dict)
    device: str = "auto"
    registers: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    profile: str = "netflix"
    formats: tuple[str, ...] = ("srt",)
    timing: str = "strict"
    relaxed: tuple[str, ...] = ()
    strict: bool = False
    burn: bool = False
    me: Path | None = None
    bed: str = "separate"
    dry: bool = False
    loudness: str = "source"
    stems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the results are called after: the input's name without its suffix."""
        name = self.input.name.removesuffix(".master.json")
        stem = Path(name).stem if name == self.input.name else name
        if self.input.suffix.lower() in SUBTITLES:
            stem = re.sub(r"\.[a-z]{2,3}$", "", stem)  # film.en.srt is called film
        return stem.lstrip("-.") or "untitled"

    @property
    def folder(self) -> Path:
        """Where the results go."""
        return self.output if self.output is not None else Path("localized") / self.name


def configured(job: Job, given: frozenset[str], path: Path | None = None) -> Job:
    """Fill what the user left open from `localize.toml`.

    Args:
        job: as given on the command line.
        given: names of the fields the user set; they win.
        path: the file; None for the one in the current folder, if there is one.

    Raises:
        UsageError: unreadable, an unknown key, or a value of the wrong kind; the message names the file and the key.
    """
    path = path or Path(CONFIG)
    if not path.is_file():
        return job
    if path.stat().st_size > CONFIG_LIMIT:
        raise UsageError(f"{path} is too large for a configuration")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    values = {_field(path, key): _value(path, key, value) for key, value in table.items()}
    merged: dict[str, Any] = {}
    if isinstance(table.get("timing"), dict):
        values |= {"timing" if key == "mode" else "relaxed": value for key, value in values.pop("timing").items()}
    for name, value in values.items():
        if name in ("engines", "voices", "registers"):
            merged[name] = {**value, **getattr(job, name)}
        elif name not in given:
            merged[name] = value
    return replace(job, **merged)


_KEYS = {
    "to": "to", "from": "source_language", "output": "output", "profile": "profile", "format": "formats",
    "glossary": "glossary", "strict": "strict", "notice": "notice", "engine": "engines", "voice": "voices",
    "register": "registers", "timing": "timing", "bed": "bed", "dry": "dry", "loudness": "loudness", "stems": "stems",
    "speakers": "speakers", "cast": "cast", "device": "device",
}  # fmt: skip


def _field(path: Path, key: str) -> str:
    if key not in _KEYS:
        raise UsageError(f"{path}: unknown key {key!r}; known are {', '.join(_KEYS)}", file=str(path), key=key)
    return _KEYS[key]


def _value(path: Path, key: str, value: Any) -> Any:
    if (
        key in ("to", "format", "notice", "stems")
        and isinstance(value, list)
        and all(isinstance(v, str) for v in value)
    ):
        return tuple(value)
    if (
        key in ("engine", "voice", "register")
        and isinstance(value, dict)
        and all(isinstance(v, str) for v in value.values())
    ):
        if key == "engine" and (unknown := sorted(set(value) - set(ROLES))):
            raise UsageError(f"{path}: unknown key engine.{unknown[0]}; known are {', '.join(ROLES)}", file=str(path))
        return value
    if key == "timing" and isinstance(value, dict):
        return _timing(path, value)
    if key in ("strict", "dry") and isinstance(value, bool):
        return value
    if key == "loudness" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if key == "speakers" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if key in ("output", "glossary", "cast") and isinstance(value, str):
        return Path(value)
    if key in ("from", "profile", "bed", "loudness") and isinstance(value, str):
        return value
    if key == "device" and value in KINDS:
        return value
    raise UsageError(f"{path}: {key} has a value of the wrong kind: {value!r}", file=str(path), key=key)


def _timing(path: Path, table: dict[str, Any]) -> dict[str, Any]:
    """The table [timing], its values looked over."""
    if unknown := sorted(set(table) - {"mode", "relax"}):
        raise UsageError(f"{path}: unknown key timing.{unknown[0]}; known are mode, relax", file=str(path))
    if table.get("mode", TIMINGS[0]) not in TIMINGS:
        raise UsageError(f"{path}: timing.mode is one of {', '.join(TIMINGS)}, not {table['mode']!r}", file=str(path))
    relax = table.get("relax", [])
    if not isinstance(relax, list) or not all(isinstance(name, str) for name in relax):
        raise UsageError(f"{path}: timing.relax is a list of speakers and segments, not {relax!r}", file=str(path))
    return {**table, "relax": tuple(relax)}


def read_edits(path: Path | None) -> Edits:
    """A person's corrections (DESIGN.md 6.1).

    Raises:
        UsageError: unreadable or of another shape; the message names the file and the field.
    """
    if path is None:
        return Edits()
    data = read_json(path, EDITS_LIMIT)
    if not isinstance(data, dict) or data.pop("schema", None) != 1:
        raise UsageError(f'{path} is no edits file: it must hold {{"schema": 1, "edits": [...]}}', file=str(path))
    try:
        edits = from_json(Edits, data)
    except ValueError as error:
        raise UsageError(f"{path}: {error}", file=str(path)) from error
    for edit in edits.edits:
        times = [t for t in (edit.start_ms, edit.end_ms) if t is not None]
        if any(not 0 <= t < LATEST_MS for t in times) or (len(times) == 2 and times[0] >= times[1]):
            raise UsageError(f"{path}: the times of segment {edit.segment} leave no time to speak in", file=str(path))
    names = [e.segment for e in edits.edits]
    if repeated := sorted({n for n in names if names.count(n) > 1}):
        raise UsageError(f"{path}: segment {repeated[0]} is edited twice", file=str(path))
    return edits


def read_json(path: Path, limit: int) -> Any:
    """A JSON file from outside.

    Raises:
        UsageError: absent, too large, or no JSON.
    """
    try:
        if path.stat().st_size > limit:
            raise UsageError(f"{path} is too large", file=str(path))
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", file=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not valid JSON: {error}", file=str(path)) from error
