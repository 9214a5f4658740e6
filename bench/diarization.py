"""How well speakers are told apart: `python bench/diarization.py [--media FOLDER] [--likeness] [--wheel FOLDER]`.

Diarization error rate (pyannote.metrics: collar of 0.25 s, overlap not counted, missed and false speech counted) on AMI
excerpts and on a recording of one man well and with a cold; how many people are found; how much overlapped speech is
marked; how many recordings of one person are taken for more; and which turns of the sample film are wrong.
`--likeness` compares the mean prints of all speakers, which is where `SAME_VOICE` comes from (every stock voice speaks:
adds minutes). `--wheel` adds the same with CAM++ and with pyannote segmentation 3.0, see `bench/other_embeddings.py`.

Needs `pip install pyannote.metrics`. The segmentation weights were trained on AMI's training part, to which the files
that begin with "trn" belong; "dev" files belong to its development part.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from speakers import MEDIA, decoded, recorded, synthetic

from localize import Job, open_run
from localize.data import Span, Voices
from localize.engine_selection import select_engines
from localize.engines import load
from localize.engines.dvectors import SAME_VOICE
from localize.inputs import read_inputs
from localize.models import Models
from localize.signal.embeddings import EMBEDDING_HZ, mean_embedding, reference_gain, tenth_levels
from localize.source.words import ingest, words_of_film

Turns = list[tuple[float, float, str]]
ASKED = ("dev00", "dev01", "trn01", "trn07", "michael")
MORE = ("trn00", "trn08")
EPISODE = Path(__file__).resolve().parents[1] / "samples" / "episode.mp4"


def truth(media: Path) -> dict[str, tuple[Path, Turns]]:
    """Every recording with what people say is heard in it: seconds, seconds, speaker."""
    folder = media / "2_diarization"
    turns: dict[str, Turns] = {}
    for table in sorted((folder / "ami").glob("*.rttm")):
        for line in table.read_text(encoding="utf-8").splitlines():
            cells = line.split()
            turns.setdefault(cells[1], []).append((float(cells[3]), float(cells[3]) + float(cells[4]), cells[7]))
    paths = {p.stem.replace("trnñ00_unicode_name", "trn00"): p for p in sorted((folder / "ami").glob("*.wav"))}
    found = {name: (path, turns[name]) for name, path in paths.items() if name in turns}
    grid = (folder / "michaelandsickmichael.TextGrid").read_text(encoding="utf-8")
    found["michael"] = (folder / "michaelandsickmichael.wav", sorted(_intervals(grid)))
    return found


def _intervals(grid: str) -> Iterator[tuple[float, float, str]]:
    """Intervals with words of a Praat TextGrid, each tier a speaker."""
    tier, start, end = "", 0.0, 0.0
    for line in grid.splitlines():
        key, _, value = (part.strip() for part in line.partition("="))
        if key == "name":
            tier = value.strip('"')
        elif key == "xmin":
            start = float(value)
        elif key == "xmax":
            end = float(value)
        elif key == "text" and value.strip('"'):
            yield start, end, tier


def error_rate(said: Turns, heard: Voices, seconds: float) -> dict[str, float]:
    """Parts of the diarization error rate, in seconds, and the rate."""
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    reference, hypothesis = Annotation(), Annotation()
    for n, (start, end, who) in enumerate(said):
        reference[Segment(start, end), n] = who
    for n, turn in enumerate(heard.turns):
        hypothesis[Segment(turn.span.start_ms / 1000, turn.span.end_ms / 1000), n] = turn.speaker
    metric = DiarizationErrorRate(collar=0.25, skip_overlap=True)
    parts: dict[str, float] = metric(reference, hypothesis, uem=Timeline([Segment(0, seconds)]), detailed=True)
    return parts


def overlapped(said: Turns, heard: Voices, seconds: float) -> NDArray[np.float64]:
    """Seconds of overlapped speech: there, marked, marked and there."""
    count = np.zeros(int(seconds * 100) + 1, int)
    for start, end, _ in said:
        count[int(start * 100) : int(end * 100)] += 1
    marked = np.zeros(len(count), bool)
    for span in heard.overlaps:
        marked[span.start_ms // 10 : span.end_ms // 10] = True
    there = count > 1
    return np.array([there.sum(), marked.sum(), (there & marked).sum()]) / 100


def ears(path: Path, folder: Path) -> tuple[Path, float]:
    """A recording as the pipeline hears it, 16 kHz mono, and its length in seconds."""
    samples = decoded(path)
    target = folder / "ears.wav"
    soundfile.write(target, samples, EMBEDDING_HZ, "PCM_16")
    return target, len(samples) / EMBEDDING_HZ


def meetings(media: Path, folder: Path) -> None:
    diarizer = load("diarizer", "dvectors", Models())
    rates, right, wrong, scored = {}, 0, 0.0, 0.0
    both = np.zeros(3)
    print(f"{'file':<9}{'DER':>8}{'scored':>9}{'missed':>9}{'false':>8}{'confused':>10}  people, found   real time")
    for name, (path, said) in truth(media).items():
        if name not in ASKED + MORE:
            continue
        sound, seconds = ears(path, folder)
        began = time.monotonic()
        heard = diarizer.voices(sound)
        spent = time.monotonic() - began
        parts = error_rate(said, heard, seconds)
        there, found = len({t[2] for t in said}), len({t.speaker for t in heard.turns})
        rate = parts["diarization error rate"]
        cells = [f"{parts[k]:.1f} s" for k in ("total", "missed detection", "false alarm", "confusion")]
        line = f"{name:<9}{100 * rate:6.1f} %{cells[0]:>9}{cells[1]:>9}{cells[2]:>8}{cells[3]:>10}"
        print(f"{line}  {there:>6}, {found:<8} {spent / seconds:8.2f}{'' if name in ASKED else '   (not asked for)'}")
        both += overlapped(said, heard, seconds)
        if name in ASKED:
            rates[name] = rate
            wrong, scored = wrong + rate * parts["total"], scored + parts["total"]
            right += there == found
    print(
        f"mean of {len(rates)}: {100 * float(np.mean(list(rates.values()))):.1f} %, number of people right in {right}; "
        f"of all their {scored:.0f} s together {100 * wrong / scored:.1f} %"
    )
    print(f"overlap: {both[0]:.1f} s there, {both[1]:.1f} s marked, {both[2]:.1f} s of these rightly")


def alone(media: Path, folder: Path) -> None:
    """Recordings of one person."""
    diarizer = load("diarizer", "dvectors", Models())
    paths = [p for p in sorted((media / "1_english").rglob("*")) if p.suffix in (".wav", ".flac", ".mp3")]
    paths += sorted((media / "5_noise_multilang_odd" / "lang").glob("*.*"))
    found = {}
    for path in paths:
        if "one_two_three" not in path.parts:
            found[path.name] = len({t.speaker for t in diarizer.voices(ears(path, folder)[0]).turns})
    wrong = {name: n for name, n in found.items() if n != 1}
    print(f"one person taken for another number: {len(wrong)} of {len(found)} {wrong or ''}")


def joined(media: Path, folder: Path) -> None:
    """Eight people of five recordings, one after the other at one level; once, and three times over."""
    diarizer = load("diarizer", "dvectors", Models())
    meeting, english = media / "2_diarization", media / "1_english"
    paths = [EPISODE, meeting / "michaelandsickmichael.wav", meeting / "ami" / "dev01.wav"]
    parts = []
    for path in (*paths, english / "sonnet" / "p001_sonnet1.mp3", english / "jfk.flac"):
        samples = decoded(path)
        parts.append(samples * np.float32(reference_gain(tenth_levels(samples))))
    for times in (1, 3):
        soundfile.write(folder / "ears.wav", np.concatenate(parts * times), EMBEDDING_HZ, "PCM_16")
        found = len({t.speaker for t in diarizer.voices(folder / "ears.wav").turns})
        print(f"eight people in {times * sum(map(len, parts)) // EMBEDDING_HZ} s: {found} found")


def sample(folder: Path) -> None:
    """Which turns of the sample film are given to the wrong person."""
    run = open_run()
    job = Job(EPISODE, source_language="en", output=folder)
    inputs = read_inputs(job, run)
    engines = select_engines(job, inputs, run, speaks=False)
    source = ingest(job, run)
    segments = words_of_film(job, inputs, run, engines, source).transcript.segments
    lines = json.loads((EPISODE.parent / "episode.truth.json").read_text(encoding="utf-8"))["lines"]
    wrong = []
    for segment in segments:
        shared = dict.fromkeys(sorted({line["speaker"] for line in lines}), 0)
        for line in lines:
            shared[line["speaker"]] += sum(segment.span.overlap_ms(Span(*phrase)) for phrase in line["phrases"])
        if max(shared, key=lambda who: shared[who]) != segment.speaker:
            wrong.append(segment.id)
    people = len({s.speaker for s in segments})
    print(f"episode.mp4: {len(wrong)} of {len(segments)} turns wrong {wrong or ''}, people 2, found {people}")


def likeness(media: Path) -> None:
    """How alike the mean prints of one person and of two are."""
    means = []
    for who, take, samples in [*recorded(media), *synthetic()]:
        if len(samples) >= 3 * EMBEDDING_HZ:
            means.append((who, take, mean_embedding(samples)))
    same, other = [], []
    for n, (who, take, one) in enumerate(means):
        for speaker, other_take, two in means[:n]:
            if (who, take) != (speaker, other_take):
                (same if who == speaker else other).append(float(one @ two))
    print(f"one person, {len(same)} pairs: {min(same):.2f} and more; two people, {len(other)} pairs:")
    for threshold in sorted({0.6, 0.65, 0.7, 0.74, 0.76, SAME_VOICE, 0.8, 0.82}):
        lost, mixed = np.mean(np.array(same) < threshold), np.mean(np.array(other) >= threshold)
        mark = "  <- used" if threshold == SAME_VOICE else ""
        print(f"  {threshold:.2f}: {100 * lost:5.1f} % parted, {100 * mixed:5.1f} % taken for one{mark}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--likeness", action="store_true")
    parser.add_argument("--wheel", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.media.is_dir():
            meetings(asked.media, Path(folder))
            alone(asked.media, Path(folder))
            joined(asked.media, Path(folder))
        else:
            print(f"{asked.media} is not here: only the sample is measured")
        sample(Path(folder) / "out")
    if asked.likeness:
        likeness(asked.media)
    if asked.wheel is not None:
        from other_embeddings import compare

        compare(asked.media, asked.wheel)


if __name__ == "__main__":
    main()
