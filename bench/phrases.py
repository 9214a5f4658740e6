"""Where the source speaks, against people's labels: `python bench/phrases.py [MEDIA]`.

MEDIA holds recordings with labels by hand: TextGrids (words or phones) and VAD labels (.lab). Each is recognised and
refined as a dub does it; printed are the errors of phrase starts and ends, and how many of the labelled pauses of
250 ms or more were found. The GRID videos have no labels: for them the yardstick's own energy measure stands in, and
they are printed apart.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from localize import consent, media
from localize.engines import load
from localize.events import Run, silent
from localize.models import Models
from localize.runtime.store import Store
from localize.transcription.transcribe import transcribe

UNLABELLED = {"acoustic_corpus": ((14_530, 14_870),)}
"""Speech that the labels leave out: an "uh" that the recording's own transcript has. Counted as labelled, and the
figures without it are printed too."""
PAUSE_MS = 250
NEAR_MS = 180
"""A pause without labels this long may be found or not: it is no error (labels are good to some 30 ms)."""
Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """A recording, and where people say that it speaks."""

    name: str
    path: Path
    truth: tuple[tuple[int, int], ...]
    labels_pauses: bool = True


def textgrid(path: Path, tier: str) -> Spans:
    """The labelled intervals of a tier, long or short form of Praat's text format."""
    tokens = re.findall(r'"(?:[^"]|"")*"|(?<![\w.])-?\d+(?:\.\d+)?(?![\w.\]])', path.read_text("utf-8", "replace"))
    spans: Spans = []
    at = 0
    while at < len(tokens):
        if tokens[at] == '"IntervalTier"':
            wanted, count = tokens[at + 1].strip('"') == tier, int(tokens[at + 4])
            rows = tokens[at + 5 : at + 5 + 3 * count]
            for start, end, text in zip(rows[::3], rows[1::3], rows[2::3]):
                if wanted and text.strip('" ') not in ("", "sil", "sp", "<SIL>"):
                    spans.append((round(float(start) * 1000), round(float(end) * 1000)))
            at += 5 + 3 * count
        else:
            at += 1
    return spans


def closed(spans: Spans, gap_ms: int) -> Spans:
    """Neighbours nearer than a gap as one."""
    merged: Spans = []
    for start, end in spans:
        if merged and start - merged[-1][1] < gap_ms:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


GRIDS = {"acoustic_corpus": ("acoustic_corpus", "words"), "bobby": ("bobby_words", "word"), "mary": ("mary", "word")}
"""Recording -> TextGrid and tier."""


def labelled(folder: Path, name: str) -> Spans:
    """The words of a recording, and what its labels leave out."""
    labels, tier = GRIDS[name]
    words = textgrid(folder / "3_alignment" / f"{labels}.TextGrid", tier)
    return sorted([*words, *UNLABELLED.get(name, ())])


def cases(folder: Path) -> list[Case]:
    """Everything there with labels by hand."""
    grids = folder / "3_alignment"
    found = [Case(n, grids / f"{n}.wav", tuple(closed(labelled(folder, n), PAUSE_MS))) for n in GRIDS]
    for lab in sorted((grids / "librivox").glob("*.lab")):
        start, end = (round(float(row.split()[0]) * 1000) for row in lab.read_text().splitlines()[:2])
        audio = folder / "1_english" / "librivox" / f"{lab.stem}.wav"
        found.append(Case(lab.stem[-4:], audio, ((start, end),), labels_pauses=False))
    return found


def phrases(run: Run, recogniser, path: Path) -> Spans:
    """Where a dub would say that the file speaks."""
    source = media.ingest(run.store, path, stream=None, language=None)
    transcript = transcribe(run, source, recogniser, "en", ("en",))
    found = sorted((p.start_ms, p.end_ms) for s in transcript.segments for p in s.phrases)
    return closed(found, 1)


def edges(truth: Spans, found: Spans) -> tuple[list[int], list[int]]:
    """Errors of the nearest start and end for every labelled one, in ms (signed: found minus labelled)."""
    starts = [min((f[0] - t[0] for f in found), key=abs) for t in truth]
    ends = [min((f[1] - t[1] for f in found), key=abs) for t in truth]
    return starts, ends


def pauses(spans: Spans, least_ms: int) -> Spans:
    """The silences between spans."""
    return [(a[1], b[0]) for a, b in zip(spans, spans[1:]) if b[0] - a[1] >= least_ms]


def meet(one: tuple[int, int], others: Spans) -> bool:
    """Whether half of a pause lies in one of the others, or the other way round."""
    shared = [(min(one[1], o[1]) - max(one[0], o[0]), min(one[1] - one[0], o[1] - o[0])) for o in others]
    return any(both > 0.5 * shorter for both, shorter in shared)


def loud(path: Path) -> tuple[int, int]:
    """The longest stretch of frames within 25 dB of the loudest: where a clean 16 kHz recording of one line sounds."""
    samples, _ = soundfile.read(path)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    level = 20 * np.log10(np.sqrt((frames**2).mean(axis=1)) + 1e-9)
    active = np.flatnonzero(level > np.percentile(level, 99) - 25)
    stretches = closed([(int(i) * 10, int(i) * 10 + 10) for i in active], 200)
    return max(stretches, key=lambda s: s[1] - s[0])


def line(name: str, starts: list[int], ends: list[int]) -> str:
    """One row: median and 95th percentile of the absolute errors, and the signed medians."""
    columns = []
    for errors in (starts, ends):
        sizes = [abs(e) for e in errors]
        columns.append(
            f"{statistics.median(sizes):5.0f} {np.percentile(sizes, 95):5.0f} {statistics.median(errors):+5.0f}"
        )
    return f"{name:18} {len(starts):4}   {columns[0]}   {columns[1]}"


def main() -> None:
    """Recognise, compare, print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "media"
    all_starts: list[int] = []
    all_ends: list[int] = []
    hits = wanted = claimed = right = 0
    with tempfile.TemporaryDirectory() as scratch:
        run = Run(Store(Path(scratch)), consent.Home.open(Path(scratch) / "home"), Models(), silent)
        recogniser = load("recogniser", "faster_whisper", run.models)
        print("recording          phrases  start: med   p95  bias   end: med   p95  bias   (ms)")
        for case in cases(folder):
            truth, found = list(case.truth), phrases(run, recogniser, case.path)
            starts, ends = edges(truth, found)
            all_starts += starts
            all_ends += ends
            print(line(case.name, starts, ends))
            if case.labels_pauses:
                ours = pauses(found, PAUSE_MS)
                hits += sum(meet(p, pauses(found, 1)) for p in pauses(truth, PAUSE_MS))
                wanted += len(pauses(truth, PAUSE_MS))
                any_label = pauses(closed(labelled(folder, case.name), 1), NEAR_MS)
                right += sum(meet(p, any_label) for p in ours)
                claimed += len(ours)
        print(line("all labels", all_starts, all_ends))
        for name, missing in UNLABELLED.items():
            print(f"  ({name}: speech without a label counted at {missing})")
        recall, precision = hits / max(1, wanted), right / max(1, claimed)
        f1 = 2 * recall * precision / max(1e-9, recall + precision)
        print(f"pauses >= {PAUSE_MS} ms: {hits} of {wanted} found, {claimed - right} of {claimed} false, F1 {f1:.3f}")
        print("GRID, no labels, against the energy of the clean recording:")
        for path in sorted((folder / "4_video" / "grid").glob("*.mpg")):
            track = run.store.path(media.ingest(run.store, path, stream=None, language=None).speech)
            sound, found = loud(track), phrases(run, recogniser, path)
            starts, ends = edges([sound], [(found[0][0], found[-1][1])])
            print(line(path.stem, starts, ends))


if __name__ == "__main__":
    main()
