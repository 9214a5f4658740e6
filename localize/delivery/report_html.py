"""report.json as an HTML page: figures, a timeline chart of every minute, a table of lines. No script, no requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ..subtitles.caption import SubtitleReport
from ..translation.adherence import ResourcesReport
from .report import LineReport, Report, SoundReport, Summary

MINUTE_MS = 60_000
WIDTH, LANE, LEFT = 1080, 22, 58
COLOURS = ((0.0, "#3b82c4"), (0.8, "#2f9e73"), (1.2, "#d9902f"), (1.3, "#c9403a"))
"""From a rate on: slow blue, comfortable green, fast amber, beyond the limit red."""
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1140px;padding:0 1rem;color:#1c2530;background:#fff}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p.sub{color:#5b6673;margin:.2rem 0 1.5rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:.8rem;margin:0}
dl div{border:1px solid #dfe5ec;border-radius:8px;padding:.6rem .8rem}dt{color:#5b6673;font-size:.82rem}
dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-size:.88rem}th{text-align:left;color:#5b6673;font-weight:600}
td,th{padding:.35rem .5rem;border-bottom:1px solid #e6ebf0;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
svg{width:100%;height:auto;display:block;margin:.4rem 0 1rem}
.warn{background:#fdf3e4;border:1px solid #edcf9c;border-radius:8px;padding:.5rem .8rem;margin:.4rem 0}
.key span{display:inline-block;width:.8rem;height:.8rem;border-radius:3px;margin:0 .3rem 0 1rem;vertical-align:-1px}
"""


def render_report(report: Report, title: str) -> str:
    """The whole page as HTML.

    Args:
        report: report.json.
        title: what was dubbed.
    """
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)} dubbed</title>",
        "<meta name=viewport content='width=device-width'>",
        f"<style>{STYLE}</style><h1>{escape(title)} &rarr; {escape(report.language)}</h1>",
        f"<p class=sub>{len(report.lines)} lines in {_clock(report.duration_ms)}, measured on the delivered files</p>",
        _figures(report.summary),
        *(f"<div class=warn>{escape(w.message)}</div>" for w in report.warnings),
        *_review(report),
        "<h2>Timeline</h2>",
        _key(),
        *(_minute(report, start) for start in range(0, max(1, report.duration_ms), MINUTE_MS)),
        "<h2>Lines</h2>",
        _lines(report.lines),
        *_resources(report.resources),
        *_subtitles(report.subtitles),
        "<h2>Voices</h2>",
        _table(
            ("Speaker", "Name", "Voice", "Why", "Consent"),
            [(c.speaker, c.name, c.voice, c.reason, report.consent.get(c.voice, "")) for c in report.cast],
        ),
        *_sound(report.sound),
        "<h2>Engines</h2>",
        _table(("Role", "Engine and weights"), list(report.engines.items())),
        "<h2>Stages</h2>",
        _table(
            ("Stage", "Seconds", "Processor seconds", "Peak memory, MiB", "From the store", "Made"),
            [
                (s.name, f"{s.seconds:.1f}", f"{s.cpu_seconds:.1f}", s.peak_mb or "–", s.hits, s.made)
                for s in report.stages
            ],
        ),
    ]
    return "\n".join(parts) + "\n"


def _figures(summary: Summary) -> str:
    start = summary.start_ms or ["–", "–"]
    shown = (
        ("Speech overlap", _number(summary.overlap, "{:.3f}")),
        ("Lines on time", _number(summary.on_time, "{:.0f} %")),
        ("Start error, median / 95 %", f"{start[0]} / {start[1]} ms"),
        ("Lines over 1.2×", _number(summary.fast_lines, "{:.0f} %")),
        ("Fastest line", _number(summary.max_rate, "{:.2f}×")),
        ("Lines that do not fit", str(summary.overflow)),
        ("Words misheard", _number(summary.wer, "{:.1%}")),
        ("DNSMOS", _number(summary.dnsmos, "{:.2f}")),
        ("Loudness", f"{summary.loudness_lufs:.1f} LUFS (source {summary.source_loudness_lufs:.1f})"),
        ("True peak", f"{summary.true_peak_dbtp:.1f} dBTP"),
    )
    return "<dl>" + "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in shown) + "</dl>"


def _review(report: Report) -> list[str]:
    """The lines that a person should read first, with the reasons."""
    if report.review is None:
        return []
    texts = {line.segment: (_clock(line.source[0][0]) if line.source else "–", line.text) for line in report.lines}
    rows = [
        (line.segment, *texts.get(line.segment, ("–", "–")), f"{line.risk:.0%}", "; ".join(line.reasons))
        for line in report.review.first
    ]
    if not rows:
        return [f"<h2>Review</h2><p>None of {report.review.lines} translated lines stands out.</p>"]
    order = "" if report.review.calibrated else " It only orders the lines: it was not measured for this translator."
    return [
        f"<h2>Review these {len(rows)} of {report.review.lines} lines first</h2>",
        f"<p class=sub>How likely each needs a person's eye.{order}</p>",
        _table(("Line", "At", "Text", "Risk", "Why"), rows),
    ]


def _sound(sound: SoundReport) -> list[str]:
    heard = sound.delivered
    rooms = "; ".join(
        f"{who}: " + (f"fades in {room.rt60_ms} ms" if room.rt60_ms else "dry") for who, room in sound.rooms.items()
    )
    rows = [
        ("Music and effects", sound.bed),
        ("Loudness asked for", sound.loudness),
        ("As encoded", f"{heard.loudness_lufs:.1f} LUFS, {heard.true_peak_dbtp:.1f} dBTP"),
        ("Where the dub is heard", _number(sound.dialogue_lufs, "{:.1f} LUFS")),
        ("Rooms", rooms or "–"),
    ]
    return ["<h2>Sound</h2>", _table(("", ""), rows)]


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _key() -> str:
    labels = ("slower than 0.8×", "0.8–1.2×", "1.2–1.3×", "over 1.3×")
    swatches = "".join(f"<span style='background:{c}'></span>{label}" for (_, c), label in zip(COLOURS, labels))
    return f"<p class=key><span style='background:#9aa7b5;margin-left:0'></span>source {swatches}</p>"


def _colour(rate: float) -> str:
    return [colour for least, colour in COLOURS if rate > least or least == 0.0][-1]


def _minute(report: Report, start: int) -> str:
    end = min(start + MINUTE_MS, max(report.duration_ms, start + 1))
    scale = (WIDTH - LEFT) / MINUTE_MS
    bars = []
    for line in report.lines:
        label = f"{line.segment} · {line.text} · {line.rate:.2f}×"
        for spans, y, colour in ((line.source, 0, "#9aa7b5"), (line.dub, LANE, _colour(line.rate))):
            for a, b in spans:
                if b > start and a < end:
                    x, width = LEFT + (max(a, start) - start) * scale, (min(b, end) - max(a, start)) * scale
                    bars.append(
                        f"<rect x='{x:.1f}' y='{y + 2}' width='{width:.1f}' height='{LANE - 4}' rx='3' fill='{colour}'>"
                        f"<title>{escape(label)}</title></rect>"
                    )
    ticks = "".join(
        f"<text x='{LEFT + second * 1000 * scale:.1f}' y='{2 * LANE + 14}' font-size='11' fill='#5b6673'>"
        f"{_clock(start + second * 1000)}</text>"
        for second in range(0, (end - start) // 1000 + 1, 10)
    )
    names = "".join(
        f"<text x='0' y='{y + 15}' font-size='12' fill='#5b6673'>{name}</text>"
        for name, y in (("source", 0), ("dub", LANE))
    )
    frame = f"viewBox='0 0 {WIDTH} {2 * LANE + 20}' role='img' aria-label='minute from {_clock(start)}'"
    return f"<svg {frame}>{names}{''.join(bars)}{ticks}</svg>"


def _lines(lines: Sequence[LineReport]) -> str:
    rows = []
    for line in lines:
        start = line.source[0][0]
        rows.append(
            f"<tr><td>{escape(line.segment)}<td class=n>{_clock(start)}<td>{escape(line.speaker)}"
            f"<td>{escape(line.text)}{_best_candidate(line)}"
            f"<td class=n style='color:{_colour(line.rate)}'>{line.rate:.2f}×"
            f"<td class=n>{line.start_error_ms:+d} / {line.end_error_ms:+d}"
            f"<td>{escape(line.fit)}<td>{escape(line.reason)}</tr>"
        )
    head = "".join(f"<th>{h}" for h in ("Line", "At", "Who", "Text", "Rate", "Start / end ms", "Fit", "Why"))
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _best_candidate(line: LineReport) -> str:
    """What the translator would have said, where the fit chose other words."""
    return f"<br><small>instead of: {escape(line.instead_of)}</small>" if line.instead_of else ""


def _resources(found: ResourcesReport) -> list[str]:
    """Terms kept and missing, lines of translation memories, converted measurements."""
    parts: list[str] = []
    if found.terms:
        rows = [
            (
                use.source + (" (not to be translated)" if use.keep else ""),
                use.target,
                use.said,
                use.used,
                use.missing,
                ", ".join(f"{form} ({times})" for form, times in use.inflected.items()) or "–",
                ", ".join(f"{form} ({times})" for form, times in use.forbidden.items()) or "–",
                ", ".join(line.segment for line in use.lines if line.status in ("missing", "forbidden")) or "none",
                use.note,
            )
            for use in found.terms
        ]
        head = ("Term", "Translation", "Said", "Kept", "Missing", "Inflected", "Excluded", "Lines to check", "Note")
        parts += ["<h2>Terms</h2>", _table(head, rows)]
    if found.memory:
        lines = [
            (m.segment, "from memory" if m.used else "offered", m.file, f"{m.likeness} %", m.source, m.text, m.note)
            for m in found.memory
        ]
        headings = ("Line", "", "Memory", "Likeness", "It has", "Translation", "")
        parts += ["<h2>Translation memories</h2>", _table(headings, lines)]
    if found.converted:
        changes = [(c.segment, c.before, c.after) for c in found.converted]
        parts += ["<h2>Units</h2>", _table(("Line", "Said", "Translated as"), changes)]
    return parts


def _subtitles(languages: Mapping[str, SubtitleReport]) -> list[str]:
    """How every language's subtitles came about, and every line that was written shorter."""
    if not languages:
        return []
    rows, changes = [], []
    for language, made in languages.items():
        fitted, score = made.fitted_by, made.score.get("all_pass")
        rows.append(
            (
                language,
                made.profile,
                made.cues,
                "–" if score is None else f"{score:.1f} %",
                f"{fitted.timing} / {fitted.segmentation} / {fitted.shortening}",
                "; ".join(f"{f.cue}: {f.detail or f.rule}" for f in made.findings) or "none",
            )
        )
        changes += [(language, s.segment, s.before, s.after, s.rule) for s in made.shortened]
    head = (
        "Language",
        "Profile",
        "Cues",
        "Pass every rule",
        "Fit by timing / breaks / shortening",
        "What breaks a rule",
    )
    parts = ["<h2>Subtitles</h2>", _table(head, rows)]
    if changes:
        parts.append(_table(("Language", "Line", "Said", "Written", "Rule"), changes))
    return parts


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{h}' for h in head)}</tr>{body}</table>"


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms // 1000 % 60:02}"
