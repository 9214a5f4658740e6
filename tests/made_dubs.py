"""A delivered folder as `localize dub` writes it, with the lines and sounds that a test wants, made without engines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from localize.data import (
    Candidate,
    Line,
    Segment,
    Span,
    SubtitleSource,
    TargetText,
    TargetWords,
    Transcript,
    Translation,
    Word,
)
from localize.delivery.report import DeliveredSound, LineReport, Report, SoundReport, Summary
from localize.delivery.variants import variant_folder
from localize.job import Job, request_json
from localize.runtime.files import sha256_of, write_json
from localize.transcription.master import master_json

RATE = 48_000
EACH_MS = 2_000
"""From the start of one line to the start of the next."""
VOICE = "ef_dora"


def make_dub(
    folder: Path,
    lines: Sequence[tuple[str, str]],
    *,
    fits: Sequence[str] = (),
    name: str = "film",
    film: bool = True,
    each_ms: int = EACH_MS,
    variant: str | None = None,
    level: float = 0.4,
) -> Path:
    """Write a dub from English into Spanish; returns its folder.

    Source, dub and bed are clicks at the start of each line, so that what is in step can be measured: the dub
    half as loud as the source, the bed a quarter.

    Args:
        folder: where; the film lies beside it.
        lines: (source, translation) of each line; two speakers take turns.
        fits: of each line, "exact" where it names none.
        name: of the title.
        film: whether its film is there.
        each_ms: from the start of one line to the start of the next.
        variant: name of the dub beside the main one; None for that one.
        level: of the dub's clicks.
    """
    out = variant_folder(folder / "localized" / name, variant)
    out.mkdir(parents=True)
    segments = tuple(_segment(at, text, each_ms) for at, (text, _) in enumerate(lines))
    duration_ms = each_ms * len(lines) + 1000
    film_path = folder / f"{name}.wav"
    _write_clicks(film_path, duration_ms, segments, 0.8)
    _write_clicks(out / f"{name}.es.wav", duration_ms, segments, level)
    _write_clicks(out / f"{name}.es.dialogue.wav", duration_ms, segments, level)
    _write_clicks(out / f"{name}.bed.wav", duration_ms, segments, 0.2)
    sheet = SubtitleSource(Transcript("en", segments), duration_ms, "25/1", 0, (3000,), (), {"S1": "Ana", "S2": "Tom"})
    texts = TargetText(
        Translation("es", tuple(_line(s.id, text) for s, (_, text) in zip(segments, lines))),
        tuple(TargetWords(s.id, text, ()) for s, (_, text) in zip(segments, lines)),
        {s.id: 0 for s in segments},
        frozenset(),
    )
    write_json(out / f"{name}.master.json", master_json(sheet, [texts], "0"))
    reports = tuple(
        _report(s, text, fits[at] if at < len(fits) else "exact")
        for at, (s, (_, text)) in enumerate(zip(segments, lines))
    )
    write_json(out / f"{name}.es.report.json", _whole(reports, duration_ms).json())
    write_json(
        out / f"{name}.es.timeline.json", {"schema": 1, "language": "es", "duration_ms": duration_ms, "clips": []}
    )
    job = Job(film_path, to=("es",), source_language="en", variant=variant)
    write_json(out / f"{name}.job.json", request_json(job, sha256_of(film_path)))
    if not film:
        film_path.unlink()
    return out


def _segment(at: int, text: str, each_ms: int) -> Segment:
    start, length, words = each_ms * at + each_ms // 4, each_ms * 3 // 5, text.split() or [""]
    span = Span(start, start + length)
    each = length // len(words)
    timed = tuple(Word(w, Span(start + n * each, start + (n + 1) * each), 0.9) for n, w in enumerate(words))
    return Segment(f"s{at + 1:04}", span, f"S{at % 2 + 1}", text, timed, (span,))


def _line(segment: str, text: str) -> Line:
    return Line(segment, (Candidate(text, -0.1), Candidate(f"{text} de veras", -0.4), Candidate("Ya", -0.9, "shorter")))


def _report(segment: Segment, text: str, fit: str) -> LineReport:
    span = ((segment.span.start_ms, segment.span.end_ms),)
    return LineReport(
        segment=segment.id, speaker=segment.speaker, voice=VOICE, text=text, read_back=text, rate=1.0, fit=fit,
        start_error_ms=0, end_error_ms=0, source=span, dub=span, overlap=1.0, candidate=0, rule="", instead_of=None,
        reason="rate 1.00", spoken=text, risk=0.1, source_text=segment.text,
    )  # fmt: skip


def _whole(lines: tuple[LineReport, ...], duration_ms: int) -> Report:
    summary = Summary(
        lines=len(lines), overlap=1.0, on_time=100.0, start_ms=(0, 0), talk_over_ms=0, fast_lines=0.0, max_rate=1.0,
        overflow=0, wer=0.0, dnsmos=None, loudness_lufs=-23.0, source_loudness_lufs=-23.0, true_peak_dbtp=-2.0,
    )  # fmt: skip
    sound = SoundReport("separate", "source", -23.0, DeliveredSound(-23.0, -2.0), {})
    return Report("es", duration_ms, summary, sound, {}, (), lines, source_language="en")


def _write_clicks(path: Path, duration_ms: int, segments: Sequence[Segment], level: float) -> None:
    samples = np.zeros(duration_ms * RATE // 1000, np.float32)
    for segment in segments:
        samples[segment.span.start_ms * RATE // 1000] = level
    soundfile.write(path, samples, RATE, subtype="PCM_16")
