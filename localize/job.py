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

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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
        stream: index of the audio stream, its language, or "a:1" for the second; None to choose the dialogue that can
            be translated.
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
    stream: int | str | None = None
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
