"""Recordings as people bring them, each dubbed to Spanish as `localize dub` does, and what must come of it.

For `tests/real/test_recordings.py` and `bench/recordings.py`: those of ../shared/cases/media of which somebody knows
who says what, when and in which language. What is looked at is what was delivered: report, transcript, mix and stem.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import soundfile
from numpy.typing import NDArray

from localize import Job, dub
from localize.data import Span
from localize.delivery.quality_control import STRICT_WER, comparable_words
from localize.errors import LocalizeError
from localize.events import Run
from localize.language.inflection import without_accents
from localize.runtime.files import read_json
from localize.timedtext import formats

SILENT_DB = -60.0
"""Level of a stem, against its loudest, under which nobody is heard."""
KEPT_DB = -30.0
"""What a kept stretch may differ from the source, against its level: the mix has another scale."""
EDGE_MS = 300
"""How far from a clip its room still sounds."""
DOUBTS = frozenset({"language_unsure", "language_doubted", "speakers_unsure", "speech_unheard", "overlapping_speech"})
NEVER = ("música", "suspense", "susurra", "juan", "john", "m m h")
"""Labels, sounds and spelled-out murmurs of these files."""


@dataclass(frozen=True, slots=True)
class Row:
    """A recording, and what is right.

    Args:
        name: of the file.
        people: a letter for who says each line, "" where that is not asked.
        languages: of each line that is not in English: number -> language.
        stays: lines that are heard as recorded.
        cut: lines over which somebody else speaks: words of them may be lost, which is told.
        told: codes of warnings that there must be, and of `DOUBTS` no others.
        job: further fields of the request.
        lines: what is spoken, word for word, where it was given.
        refused: words of the message that ends the run.
    """

    name: str
    people: str = ""
    languages: Mapping[int, str] = field(default_factory=dict)
    stays: tuple[int, ...] = ()
    cut: tuple[int, ...] = ()
    told: frozenset[str] = frozenset()
    job: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    refused: str = ""

    @property
    def title(self) -> str:
        """The file's name, and the translation's, where one is given."""
        return " ".join([self.name, *([str(self.job["translation"])] if self.job else [])])


def _given(name: str) -> dict[str, str]:
    return {"transcript": f"{name.removesuffix('b')}.en.srt", "translation": f"{name}.es.srt", "source_language": "en"}


SHORT = ("Buenos días. Tenemos un problema.", "¿Qué le pasó al puente?", "Anoche se cayó al río.")
LONG = (
    "Muy buenos días a todos ustedes, señoras y señores; resulta que esta mañana tenemos un problema bastante grave "
    "que resolver.",
    "¿Qué fue exactamente lo que le ocurrió al viejo puente de piedra del pueblo?",
    "Anoche se cayó al río.",
)
ROWS = (
    Row("r1.flac", "m"),
    Row("r2.flac", "mfmfmfmf", stays=(3,), told=frozenset({"kept_backchannel"})),
    Row("r3.flac"),
    Row("r4.flac", "mfm", cut=(0, 1), told=frozenset({"overlapping_speech"})),
    Row("r5.flac", "mfm", {1: "es"}, stays=(1,), told=frozenset({"kept_target_language"})),
    Row("r6.flac", "m"),
    Row("r7.flac", refused="is in French"),
    Row("phase.flac", "mfm"),
    Row("q0.05.flac", "mfm"),
    Row("q0.02.flac", "mfm"),
    Row("phone.3gp", "mfm", job=_given("base")),
    Row("base.mp4", "mfm", job=_given("t1b"), lines=SHORT),
    Row("base.mp4", "mfm", job=_given("t3"), lines=LONG),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row.

    Args:
        faults: what is not as it should be.
        people: the letters of the speakers found, line by line.
        misheard: share of the dub's words that a recogniser heard otherwise; None where nothing was dubbed.
        missed: words said that are not in the transcript.
        invented: words of the transcript that nobody said.
        told: codes of warnings.
    """

    faults: tuple[str, ...]
    people: str = ""
    misheard: float | None = None
    missed: int = 0
    invented: int = 0
    told: frozenset[str] = frozenset()


def dub_row(row: Row, run: Run, media: Path, folder: Path) -> Outcome:
    """Dub a recording and look at what was delivered.

    Args:
        row: which.
        run: store and home.
        media: the folder of the recordings.
        folder: where the dub goes.
    """
    wishes = {k: media / v if k in ("transcript", "translation") else v for k, v in row.job.items()}
    before = len(run.warnings)
    try:
        result = dub(Job(media / row.name, ("es",), folder, deliver=("mix", "stems"), **wishes), run)
    except LocalizeError as error:
        right = bool(row.refused) and row.refused in error.message and error.exit_code == 2
        return Outcome(() if right else (f"refused: {error.message}",))
    (target,) = result.targets
    made = Made(row, _said(row, media), read_json(target.report, 1 << 26), read_json(target.master, 1 << 26))
    told = frozenset(w.code for w in run.warnings[before:])
    sounds = [_sound(path) for path in (media / row.name, target.audio, target.dialogue)]
    found = replace(_look_at_words(made), told=told)
    faults = [*found.faults, *_people_faults(made), *_spoken_faults(made), *_sound_faults(made, *sounds)]
    faults += [f"told {sorted(told)}"] if not row.told <= told or told & DOUBTS != row.told & DOUBTS else []
    faults += ["not refused"] if row.refused else []
    return replace(found, faults=tuple(faults))


@dataclass(frozen=True, slots=True)
class Made:
    """A dub: its row, what the source says (span, words), the report, the transcript's segments."""

    row: Row
    said: tuple[tuple[Span, str], ...]
    report: dict[str, Any]
    master: dict[str, Any]

    def segments_in(self, span: Span) -> list[dict[str, Any]]:
        """Those that lie for the most part in a line, and in no other line more."""
        spans = [(s, Span(s["start_ms"], s["end_ms"])) for s in self.master["segments"]]
        return [
            s
            for s, own in spans
            if own.length_ms < 2 * own.overlap_ms(span) == 2 * max(own.overlap_ms(other) for other, _ in self.said)
        ]


def _said(row: Row, media: Path) -> tuple[tuple[Span, str], ...]:
    known = (media / row.name).with_suffix(".json")
    if known.is_file():
        lines = json.loads(known.read_text(encoding="utf-8"))
        return tuple((Span(round(1000 * start), round(1000 * end)), text) for start, end, text in lines)
    cues = formats.read(media / "base.en.srt").cues
    return tuple((cue.span, " ".join(cue.lines)) for cue in cues)


def _look_at_words(made: Made) -> Outcome:
    """How many words are missed and how many invented, beside those in other languages; the first faults."""
    row, faults, missed, invented = made.row, [], 0, 0
    lines = [n for n in range(len(made.said)) if n not in row.languages]
    for n in lines:
        span, text = made.said[n]
        heard = " ".join(s["text"] for s in made.segments_in(span))
        words = jiwer.process_words(comparable_words(text, "en"), comparable_words(heard, "en"))
        missed, invented = missed + words.deletions, invented + words.insertions
        if words.deletions and n not in row.cut:
            faults.append(f"of {text!r} {heard!r} is heard")
        if words.insertions:
            faults.append(f"{heard!r} is more than {text!r}")
    spoken = [s for s in made.master["segments"] if s["text"]]  # a cue of a sound alone keeps its place
    strays = [s for s in spoken if not any(s in made.segments_in(span) for span, _ in made.said)]
    faults += [f"nobody says {s['text']!r}" for s in strays]
    for n, language in row.languages.items():
        found = {s.get("language") or made.master["source_language"] for s in made.segments_in(made.said[n][0])}
        if found != {language}:
            faults.append(f"{made.said[n][1]!r} is taken for {sorted(found)}")
    return Outcome(tuple(faults), _letters(made), _misheard(made), missed, invented)


def _misheard(made: Made) -> float:
    """Share of the dub's words that are heard otherwise; "sí" and "si" sound alike."""
    written, heard = (
        " ".join(without_accents(comparable_words(line[kind] or "", "es")) for line in made.report["lines"])
        for kind in ("text", "read_back")
    )
    return float(jiwer.wer(" ".join(written.split()), " ".join(heard.split())))


def _letters(made: Made) -> str:
    """Who says each line, as far as lines were heard: speakers in the order in which the row names people."""
    names: dict[str, str] = {}
    found = ""
    for (span, _), letter in zip(made.said, made.row.people):
        speakers = {s["speaker"] for s in made.segments_in(span)}
        own = speakers.pop() if len(speakers) == 1 else ""
        found += names.setdefault(own, letter if letter not in names.values() else "?") if own else "-"
    return found


def _people_faults(made: Made) -> Iterator[str]:
    if made.row.people and _letters(made) != made.row.people:
        yield f"speakers {_letters(made)}, not {made.row.people}"
    people = {s["speaker"] for s in made.master["segments"]}
    if made.row.people and len(people) != len(set(made.row.people)):
        yield f"{len(people)} people"


def _spoken_faults(made: Made) -> Iterator[str]:
    """What is spoken that should not be, or otherwise than it was given."""
    row, lines = made.row, made.report["lines"]
    for line in lines:
        words = f" {comparable_words(line['spoken'] + ' ' + (line['read_back'] or ''), 'es')} "
        yield from (f"{never!r} is spoken in {line['segment']}" for never in NEVER if f" {never} " in words)
    if row.lines and [line["text"] for line in lines] != list(row.lines):
        yield f"spoken is {[line['text'] for line in lines]}"
    if (share := _misheard(made)) > STRICT_WER:
        yield f"{share:.0%} of the dub's words are heard otherwise"
    for n in row.stays:
        if any(Span(*phrase).overlap_ms(made.said[n][0]) for line in lines for phrase in line["dub"]):
            yield f"{made.said[n][1]!r} is dubbed"


Samples = NDArray[np.float32]


def _sound(path: Path | None) -> Samples:
    """The loudest channel at 48 kHz; nothing of what is no sound file."""
    if path is None or path.suffix not in (".wav", ".flac"):
        return np.zeros(0, np.float32)
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == 48_000
    return sound[:, int(np.abs(sound).sum(axis=0).argmax())]


def _sound_faults(made: Made, source: Samples, mix: Samples, stem: Samples) -> Iterator[str]:
    """Voices where no line is, and stretches that should have stayed as they were."""
    beside = np.ones(len(stem), bool)
    for line in made.report["lines"]:
        for start, end in line["dub"]:
            beside[max(0, start - EDGE_MS) * 48 : (end + EDGE_MS) * 48] = False
    loudest = float(np.abs(stem).max(initial=1e-9))
    level = 20 * np.log10(float(np.abs(stem[beside]).max(initial=1e-9)) / loudest)
    if level > SILENT_DB:
        yield f"a voice of {level:.0f} dB where no line is"
    for n in made.row.stays:
        span = made.said[n][0]
        was, now = (s[span.start_ms * 48 : span.end_ms * 48] for s in (source, mix))
        scale = float(was @ now) / float(was @ was)
        change = 10 * np.log10(float(np.square(now - scale * was).mean()) / float(np.square(now).mean()) + 1e-12)
        if change > KEPT_DB:
            yield f"{made.said[n][1]!r} is changed by {change:.0f} dB"
