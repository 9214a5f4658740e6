"""Delivered films as `localize dub` leaves them, small and made by ffmpeg: a picture, the dub, the original."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from localize import consent
from localize.consent import Home
from localize.data import (
    Candidate,
    Line,
    Segment,
    SoundEvent,
    Span,
    SubtitleSource,
    TargetText,
    Transcript,
    Translation,
)
from localize.media import ffmpeg
from localize.runtime.files import write_json
from localize.subtitles.caption import target_words
from localize.transcription.master import master_json

VOICES = {"es": ("ef_dora", "em_alex"), "pt": ("pf_dora", "pm_alex")}


def make_film(path: Path, *, seconds: int = 8, codec: str = "libx264", late_ms: Sequence[int] = (0, 0)) -> None:
    """A test picture with a key frame every two seconds and a tone for each sound.

    Args:
        path: of the film.
        seconds: it lasts.
        codec: of the picture.
        late_ms: for each sound, how much later than the picture it begins.
    """
    command = [ffmpeg(), "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc=s=320x180:r=25:d={seconds}"]
    for n, late in enumerate(late_ms):
        command += ["-itsoffset", f"{late / 1000}", "-f", "lavfi", "-i", f"sine=frequency={300 + 100 * n}:d={seconds}"]
    command += [part for n in range(len(late_ms) + 1) for part in ("-map", str(n))]
    command += ["-c:v", codec, "-g", "50", *(["-pix_fmt", "yuv420p"] if codec == "libx264" else []), "-c:a", "aac"]
    subprocess.run([*command, str(path)], check=True)


def make_films(
    out: Path,
    lines: Sequence[str],
    translated: Mapping[str, Sequence[str]],
    *,
    name: str = "film",
    forced: Sequence[str] = (),
    seconds: int = 8,
    codec: str = "libx264",
    late_ms: Sequence[int] = (0, 0),
) -> Path:
    """What dubs into several languages leave behind, as far as a package needs it; noted in the ledger.

    Args:
        out: the folder, made here.
        lines: said in the film, in English; two seconds each, from the first half second on.
        translated: language -> the same lines.
        name: of the title.
        forced: ids of the lines that must be read in any case.
        seconds: the films last.
        codec: of the picture.
        late_ms: how much later the dub and the original begin than the picture.
    """
    out.mkdir(parents=True)
    segments = tuple(
        Segment(f"s{n + 1:04}", Span(500 + 2000 * n, 2300 + 2000 * n), f"S{n % 2 + 1}", text)
        for n, text in enumerate(lines)
    )
    music = SoundEvent(Span(seconds * 1000 - 1500, seconds * 1000), "music")
    sheet = SubtitleSource(Transcript("en", segments), seconds * 1000, "25/1", sounds=(music,))
    targets = []
    for language, texts in translated.items():
        translation = Translation(
            language, tuple(Line(s.id, (Candidate(text, 0.0),)) for s, text in zip(segments, texts))
        )
        words = target_words(Transcript("en", segments), translation)
        targets.append(TargetText(translation, words, {}, frozenset(forced)))
        film = out / f"{name}.{language}.mp4"
        make_film(film, seconds=seconds, codec=codec, late_ms=late_ms)
        heard = {voice: [s.id for s in segments[n::2]] for n, voice in enumerate(VOICES[language])}
        clips = [{"segment": segment, "voice": voice} for voice, ids in heard.items() for segment in ids]
        write_json(
            out / f"{name}.{language}.timeline.json",
            {"schema": 1, "language": language, "duration_ms": seconds * 1000, "clips": clips},
        )
        consent.note_deliverable(Home.open(), film, title=name, language=language, lines=heard)
    write_json(out / f"{name}.master.json", master_json(sheet, targets))
    write_json(
        out / f"{name}.job.json",
        {"schema": 1, "to": list(translated), "profile": "netflix", "purpose": "dub"},
    )
    return out
