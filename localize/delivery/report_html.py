"""report.json as an HTML page: figures, a timeline chart of every minute, a table of lines. No script, no requests.

Over 400 lines: one page from top to bottom, a function for each of its parts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from ..isochrony.expression import RISE_ST
from ..isochrony.placement import ON_TIME_MS
from ..isochrony.planner import FAST_RATE
from ..speakers.casting import Role
from ..subtitles.caption import SubtitleReport
from ..translation.adherence import ResourcesReport
from ..translation.estimate import LineEstimate
from .line_clips import LineClips
from .quality_control import comparable_words
from .report import LineReport, Report, RunWarning, SoundReport, VocalSoundReport

MINUTE_MS = 60_000
WIDTH, LANE, LEFT = 1080, 22, 58
COLOURS = ((0.0, "#3b82c4"), (0.8, "#2b8f68"), (1.2, "#b07a1e"), (1.3, "#c9403a"))
"""From a rate on: slow blue, comfortable green, fast amber, over the limit red; 3:1 on both grounds (WCAG 1.4.11)."""
SOURCE_COLOUR = "#7d8b9a"
MOST_LINKS = 5
"""Lines that a figure leads to."""
NO_CLIPS: Mapping[str, LineClips] = {}
UNSAID = frozenset(
    "model_assembled store_damaged store_unreachable network older_files edits_kept review_used corrections_taken "
    "given_words".split()
)
"""Warnings about the machine, and about how whoever dubs goes on: in report.json, and not on a page that is mailed."""
STYLE = """
:root{color-scheme:light dark;--ink:#1c2530;--soft:#56616e;--ground:#fff;--rule:#dfe5ec;--warn:#fdf3e4;--edge:#edcf9c}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#a9b4c0;--ground:#12171d;--rule:#2c3640;--warn:#33280f;
--edge:#6b5320}}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1140px;padding:0 1rem;color:var(--ink);
background:var(--ground);overflow-wrap:break-word}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p.sub{color:var(--soft);margin:.2rem 0 1.5rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.8rem;margin:0}
dl div{border:1px solid var(--rule);border-radius:8px;padding:.6rem .8rem}dt{color:var(--soft);font-size:.82rem}
dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-size:.88rem}th{text-align:left;color:var(--soft);font-weight:600}.k{white-space:nowrap}
td,th{padding:.35rem .5rem;border-bottom:1px solid var(--rule);vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr:target td{background:var(--warn)}small{color:var(--soft)}a{color:inherit}summary{cursor:pointer}
svg{width:100%;min-width:640px;height:auto;display:block;margin:.4rem 0 1rem}.chart{overflow-x:auto}
svg text{fill:var(--soft)}
.warn{background:var(--warn);border:1px solid var(--edge);border-radius:8px;padding:.5rem .8rem;margin:.4rem 0}
.swatch{display:inline-block;width:.8rem;height:.8rem;border-radius:3px;vertical-align:-1px;margin-right:.3rem}
.key .k{margin-right:1rem}dd small{display:block;font-size:.82rem}
.play{display:flex;gap:.3rem;align-items:center;justify-content:space-between;max-width:13rem;
font-size:.82rem;color:var(--soft)}.play audio{width:9rem;height:2rem}
@media(max-width:760px){table,tbody,tr,td{display:block}tr.head{position:absolute;left:-999em}
tr{border:1px solid var(--rule);border-radius:8px;margin:.5rem 0;padding:.3rem .5rem}td,td.n{border:0;padding:.1rem 0;
text-align:left}td:not(:empty)::before{content:attr(data-h) " ";color:var(--soft);font-size:.82rem}}
@media print{.play{display:none}body{margin:0;max-width:none}tr,svg,.warn{break-inside:avoid}a{text-decoration:none}}
"""


def render_report(
    report: Report, title: str, clips: Mapping[str, LineClips] = NO_CLIPS, folders: Collection[str] = ()
) -> str:
    """The whole page as HTML.

    Args:
        report: report.json.
        title: what was dubbed.
        clips: segment -> where its clips lie, seen from the page; a page without them has no players.
        folders: of files that the request names: warnings name the files alone.
    """
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)} dubbed</title>",
        "<meta name=viewport content='width=device-width'>",
        f"<style>{STYLE}</style><h1>{escape(title)} &rarr; {escape(report.language)}</h1>",
        f"<p class=sub>{len(report.lines)} lines in {_clock(report.duration_ms)}, measured on the delivered files</p>",
        *_warnings(report.warnings, folders),
        *_review(report),
        "<h2>Measured</h2>",
        _figures(report),
        "<h2>Timeline</h2>",
        _key(),
        *(_minute(report, start) for start in range(0, max(1, report.duration_ms), MINUTE_MS)),
        "<h2>Lines</h2>",
        *_listening(clips),
        _lines(report, clips),
        *_resources(report.resources),
        *_vocal_sounds(report.vocal_sounds),
        *_subtitles(report.subtitles),
        "<h2>Voices</h2>",
        _table(
            ("Speaker", "Name", "Voice", "Why", "Consent"),
            [(c.speaker, c.name, c.voice, _why(c), report.consent.get(c.voice, "")) for c in report.cast],
        ),
        *_sound(report.sound),
        f"<p class=sub>Intonation taken over from the actors: {report.expression:.0%}</p>",
        "<h2>How it was made</h2><details><summary>Engines and their weights</summary>",
        _table(("Role", "Engine and weights"), list(report.engines.items())),
        "</details><details><summary>Stages</summary>",
        _table(
            ("Stage", "Seconds", "Processor seconds", "Peak memory, MiB", "From the store", "Made"),
            [
                (s.name, f"{s.seconds:.1f}", f"{s.cpu_seconds:.1f}", s.peak_mb or "–", s.hits, s.made)
                for s in report.stages
            ],
        ),
        "</details>",
    ]
    return "\n".join(parts) + "\n"


def _vocal_sounds(sounds: Sequence[VocalSoundReport]) -> list[str]:
    """Laughs, sobs and the like: each in the source's own voice, or taken by a line."""
    if not sounds:
        return []
    rows = [
        (
            f"{_clock(sound.span[0])} to {_clock(sound.span[1])}",
            sound.kind,
            sound.written,
            ("kept in the source's own voice" if sound.kept else "a line is dubbed over it")
            + (f"; a dubbed voice speaks over {sound.covered_ms} ms of it" if sound.covered_ms else ""),
        )
        for sound in sounds
    ]
    return ["<h2>Sounds without words</h2>", _table(("When", "What", "Written as", "In the dub"), rows)]


def _why(role: Role) -> str:
    """Why a speaker has the voice, and from whom of the scene it is not told apart."""
    return role.reason + (f"; not told apart from {', '.join(role.alike)}" if role.alike else "")


def _warnings(warnings: Sequence[RunWarning], folders: Collection[str]) -> list[str]:
    shown = (w.message for w in warnings if w.code not in UNSAID)
    return [f"<div class=warn>{escape(without_folders(message, folders))}</div>" for message in shown]


def without_folders(message: str, folders: Collection[str] = ()) -> str:
    """A message with names of files instead of where they lie on this machine: "/a/b/film.mp4" -> "film.mp4". Folders
    with spaces, and relative ones, are found where they are given.
    """
    for folder in sorted(folders, key=len, reverse=True):
        message = re.sub(rf"(?<![\w.~/-]){re.escape(folder.rstrip('/'))}/", "", message)
    return re.sub(r"(?<![\w.~/-])~?/(?:[^\s/:;,'\"]+/)+", "", message)


def _figures(report: Report) -> str:
    """The figures, and under those that lines fall short in, these lines, the worst first."""
    summary, lines = report.summary, report.lines
    start = summary.start_ms or ["–", "–"]
    by_rate = sorted(lines, key=lambda line: -line.rate)
    by_start = sorted(lines, key=lambda line: -abs(line.start_error_ms))
    late = [line for line in by_start[:1] if line.start_error_ms]
    apart = sorted(lines, key=lambda line: line.overlap)
    fast = [line for line in by_rate if line.rate > FAST_RATE]
    shown: tuple[tuple[str, str, Sequence[LineReport]], ...] = (
        ("Speech overlap", _number(summary.overlap, "{:.3f}"), apart[:3] if len(apart) > 3 else ()),
        ("Lines on time", _number(summary.on_time, "{:.0f} %"), [line for line in by_start if _is_off_time(line)]),
        ("Start error, median / 95 %", f"{start[0]} / {start[1]} ms", late),
        ("In step in the film", "–" if summary.lag_ms is None else f"{summary.lag_ms:+d} ms at most", ()),
        ("Lines over 1.2×", _number(summary.fast_lines, "{:.0f} %"), fast),
        ("Fastest line", _number(summary.max_rate, "{:.2f}×"), by_rate[:1]),
        ("Lines that do not fit", str(summary.overflow), [line for line in by_rate if line.fit == "overflow"]),
        (
            "Words misheard",
            _number(summary.wer, "{:.1%}"),
            [line for line in lines if _is_misheard(line, report.language)],
        ),
        ("DNSMOS", _number(summary.dnsmos, "{:.2f}"), ()),
        ("Loudness", f"{summary.loudness_lufs:.1f} LUFS (source {summary.source_loudness_lufs:.1f})", ()),
        ("True peak", f"{summary.true_peak_dbtp:.1f} dBTP", ()),
    )
    cells = (f"<div><dt>{escape(k)}</dt><dd>{escape(v)}{_links(found)}</dd></div>" for k, v, found in shown)
    return "<dl>" + "".join(cells) + "</dl>"


def _is_off_time(line: LineReport) -> bool:
    """Whether a line starts or ends where `Summary.on_time` does not count it."""
    return abs(line.start_error_ms) > ON_TIME_MS or line.end_error_ms > ON_TIME_MS


def _links(lines: Sequence[LineReport]) -> str:
    """Links to the first lines of a figure, and how many more there are."""
    if not lines:
        return ""
    more = f" and {len(lines) - MOST_LINKS} more" if len(lines) > MOST_LINKS else ""
    return f"<small>{', '.join(_link(line.segment) for line in lines[:MOST_LINKS])}{more}</small>"


def _listening(clips: Mapping[str, LineClips]) -> list[str]:
    """Where the clips are: whoever gets the page alone is told what is missing."""
    if not clips:
        return []
    folder = escape(next(iter(clips.values())).dub.partition("/")[0])
    return [f"<p class=sub>The players need the folder {folder} beside this page.</p>"]


def _players(segment: str, clips: LineClips | None) -> str:
    """A player each for the source and the dub of a line; nothing is loaded before it is asked for."""
    if clips is None:
        return ""
    return "".join(
        f"<label class=play>{name} <audio controls preload=none aria-label='{escape(f'{name} of {segment}')}' "
        f"src='{quote(path)}'></audio></label>"
        for name, path in (("source", clips.source), ("dub", clips.dub))
    )


def _review(report: Report) -> list[str]:
    """The lines that a person should read first, with the reasons."""
    if report.review is None:
        return []
    known = {line.segment: line for line in report.lines}
    rows = [_review_row(known.get(line.segment), line, report) for line in report.review.first]
    if not rows:
        return [f"<h2>Review</h2><p>None of {report.review.lines} translated lines stands out.</p>"]
    order = "" if report.review.calibrated else " It only orders the lines: it was not measured for this translator."
    return [
        f"<h2>Review these {len(rows)} of {len(report.lines)} lines first</h2>",
        f"<p class=sub>How likely each needs a person's eye.{order}</p>",
        _rows(("Line", "At", "Source", "Dub", "Risk", "Why"), rows),
    ]


def _review_row(line: LineReport | None, marked: LineEstimate, report: Report) -> list[str]:
    at = _clock(line.source[0][0]) if line is not None and line.source else "–"
    return [
        _cell("Line", _link(marked.segment) if line is not None else escape(marked.segment), "class=k"),
        _cell("At", at, "class=n"),
        _cell("Source", escape(line.source_text) if line is not None else "–", _lang(report.source_language)),
        _cell("Dub", escape(line.text) if line is not None else "–", _lang(report.language)),
        _cell("Risk", f"{marked.risk:.0%}", "class=n"),
        _cell("Why", escape("; ".join(marked.reasons))),
    ]


def _link(segment: str) -> str:
    return f"<a href='#{quote(segment)}'>{escape(segment)}</a>"


def _lang(language: str) -> str:
    return f"lang='{escape(language)}'" if language else ""


def _cell(heading: str, content: str, attributes: str = "") -> str:
    """A cell of HTML; on a narrow screen its heading stands before it."""
    return f"<td data-h='{escape(heading)}' {attributes}>{content}"


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
    named = [(SOURCE_COLOUR, "source"), *((colour, label) for (_, colour), label in zip(COLOURS, labels))]
    swatches = (f"<span class=k><span class=swatch style='background:{c}'></span>{label}</span> " for c, label in named)
    return f"<p class=key>{''.join(swatches)}</p>"


def _colour(rate: float) -> str:
    return [colour for least, colour in COLOURS if rate > least or least == 0.0][-1]


def _minute(report: Report, start: int) -> str:
    end = min(start + MINUTE_MS, max(report.duration_ms, start + 1))
    scale = (WIDTH - LEFT) / MINUTE_MS
    bars = []
    for line in report.lines:
        label = f"{line.segment} · {line.text} · {line.rate:.2f}×"
        for spans, y, colour in ((line.source, 0, SOURCE_COLOUR), (line.dub, LANE, _colour(line.rate))):
            for a, b in spans:
                if b > start and a < end:
                    x, width = LEFT + (max(a, start) - start) * scale, (min(b, end) - max(a, start)) * scale
                    bars.append(
                        f"<a href='#{quote(line.segment)}'><rect x='{x:.1f}' y='{y + 2}' width='{width:.1f}' "
                        f"height='{LANE - 4}' rx='3' fill='{colour}'><title>{escape(label)}</title></rect></a>"
                    )
    ticks = "".join(
        f"<text x='{LEFT + second * 1000 * scale:.1f}' y='{2 * LANE + 14}' font-size='11'>"
        f"{_clock(start + second * 1000)}</text>"
        for second in range(0, (end - start) // 1000 + 1, 10)
    )
    names = "".join(
        f"<text x='0' y='{y + 15}' font-size='12'>{name}</text>" for name, y in (("source", 0), ("dub", LANE))
    )
    frame = f"viewBox='0 0 {WIDTH} {2 * LANE + 20}' role='group' aria-label='minute from {_clock(start)}'"
    chart = f"<div class=chart tabindex=0 role=region aria-label='chart from {_clock(start)}'>"
    return f"{chart}<svg {frame}>{names}{''.join(bars)}{ticks}</svg></div>"


def _lines(report: Report, clips: Mapping[str, LineClips]) -> str:
    rows = [_line_cells(line, report) for line in report.lines]
    head: tuple[str, ...] = ("Line", "At", "Who", "Source", "Dub", "Rate", "Start / end ms", "Fit", "Why")
    if clips:
        head = (*head, "Listen")
        rows = [
            [*row, _cell("Listen", _players(line.segment, clips.get(line.segment)))]
            for row, line in zip(rows, report.lines, strict=True)
        ]
    return _rows(head, rows, [quote(line.segment) for line in report.lines])


def _line_cells(line: LineReport, report: Report) -> list[str]:
    heard = (
        f"<br><small>heard as: {escape(line.read_back or '')}</small>" if _is_misheard(line, report.language) else ""
    )
    return [
        _cell("Line", escape(line.segment), "class=k"),
        _cell("At", _clock(line.source[0][0]) if line.source else "–", "class=n"),
        _cell("Who", escape(line.speaker)),
        _cell("Source", escape(line.source_text) + _acted(line) + _shown(line), _lang(report.source_language)),
        _cell("Dub", escape(line.text) + _best_candidate(line) + heard, _lang(report.language)),
        _cell("Rate", f"<span class=swatch style='background:{_colour(line.rate)}'></span>{line.rate:.2f}×", "class=n"),
        _cell("Start / end ms", f"{line.start_error_ms:+d} / {line.end_error_ms:+d}", "class=n"),
        _cell("Fit", escape(line.fit), "class=k"),
        _cell("Why", escape(line.reason)),
    ]


def _acted(line: LineReport) -> str:
    """How the actor says it, where that is not how this speaker mostly speaks."""
    said = []
    for phrase in line.prosody:
        words = line.source_text.split()
        said += [
            *([f"{'higher' if phrase.pitch_z > 0 else 'lower'} ({phrase.height_st:+.1f} st)"] * _far(phrase.pitch_z)),
            *([f"{'louder' if phrase.level_z > 0 else 'quieter'} ({phrase.louder_db:+.1f} dB)"] * _far(phrase.level_z)),
            *(["livelier" if phrase.range_z > 0 else "flatter"] * _far(phrase.range_z)),
            *(["rises"] * ((phrase.final_st or 0.0) >= RISE_ST)),
            *([f"stresses “{words[phrase.emphasis]}”"] * (0 <= phrase.emphasis < len(words))),
        ]
    return f"<br><small lang=en>said {escape(', '.join(dict.fromkeys(said)))}</small>" if said else ""


def _shown(line: LineReport) -> str:
    """Whether the line is seen spoken, where the picture was asked."""
    if not line.on_screen:
        return ""
    seen = {phrase.seen for phrase in line.on_screen}
    words = "lips seen" if "on" in seen else "lips not seen" if seen == {"off"} else "unsure whether lips are seen"
    return f"<br><small lang=en>{words}</small>"


def _far(deviations: float) -> bool:
    return abs(deviations) >= 1.0


def _is_misheard(line: LineReport, language: str) -> bool:
    """Whether a recogniser made other words of the line, as the word error rate counts them."""
    if line.read_back is None:
        return False
    return comparable_words(line.text, language) != comparable_words(line.read_back, language)


def _best_candidate(line: LineReport) -> str:
    """What the translator would have said, where the fit chose other words."""
    return f"<br><small>instead of: {escape(line.instead_of)}</small>" if line.instead_of else ""


def _resources(found: ResourcesReport) -> list[str]:
    """Terms kept and missing, lines of translation memories, what the style sheet had changed."""
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
        parts += ["<h2>Changed by the style sheet</h2>", _table(("Line", "Before", "After"), changes)]
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
    """A table of texts."""
    return _rows(head, [[_cell(name, escape(str(cell))) for name, cell in zip(head, row)] for row in rows])


def _rows(head: tuple[str, ...], rows: list[list[str]], ids: Sequence[str] = ()) -> str:
    """A table of cells; `ids` are the rows' names for links."""
    named = [f" id='{name}'" for name in ids] or [""] * len(rows)
    body = "".join(f"<tr{name}>{''.join(cells)}</tr>" for name, cells in zip(named, rows))
    titles = "".join(f"<th scope=col>{h}" for h in head)
    return f"<table><tr class=head>{titles}</tr>{body}</table>"


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms // 1000 % 60:02}"
