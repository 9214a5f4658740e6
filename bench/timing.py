"""How well a dub sits on its source: `python bench/timing.py [--peers PYTHON] [--only PART]…`.

Over 400 lines: its parts share the made-up scene and the way it is measured.

Parts, all measured on the dialogue stem by the yardstick (score_timing.py), never on the plan; where the source is
heard in the made-up scene is measured on its sound by the same ears:

fixed    24 lines with a fixed translation whose natural length is 1.11 and 1.20 times the source's, beside the best
         that any placement could reach (`oracle`), and beside other tools' timing steps on the same takes (`--peers`:
         a Python in which they are installed, see bench/peers.py)
free     the same lines at 1.37 (for the translator's best), where the words may change: also chrF against the best
real     the sample to es and pt and, where the shared media lies, the Sintel trailer to es: also what is read back, and
         its quality, beside the same words at natural pace
plan     what planning 250, 500 and 1,000 lines takes

`isometric` is the share of lines whose spoken length is within 10 % of the source's (IWSLT 2022, isometric track).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import soundfile
from scene import GAPS_MS, LINES, PAUSES_MS

from localize import consent
from localize.data import Phrase, Span
from localize.delivery import quality_control
from localize.engines import load
from localize.isochrony import planner
from localize.isochrony.fit import trim_to_spans
from localize.isochrony.phrasing import split_phrases
from localize.isochrony.placement import SLOWEST
from localize.job import Job
from localize.models import Models
from localize.pipeline import dub, open_run
from localize.signal.speech_quality import speech_quality

SHARED = Path(__file__).parents[2] / "shared"
SAMPLE = Path(__file__).parents[1] / "samples"
SOURCE_VOICES = {"Ana": "af_heart", "Ben": "am_michael"}
VOICES = {"Ana": "ef_dora", "Ben": "em_alex"}
RATE = 24_000
GRID_MS = 10
COLUMNS = ("speech_overlap", "on_time", "start_ms", "talk_over_s", "fast_lines", "max_rate", "overflow")


@dataclass(frozen=True, slots=True)
class Scene:
    """A spoken source made to measure.

    Args:
        audio: the file.
        phrases: where each line is heard in it.
        duration_ms: of the file.
    """

    audio: Path
    phrases: tuple[tuple[Span, ...], ...]
    duration_ms: int


class Studio:
    """The embedded synthesizer with the grants the bench needs, in a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.engine = load("synthesizer", "kokoro", Models())
        home = consent.Home.open(folder)
        wanted = [
            consent.Request(v, f"{who}-{i}", language, "bench")
            for i, (language, voices) in enumerate((("en", SOURCE_VOICES), ("es", VOICES)))
            for who, v in voices.items()
        ]
        self.grants = consent.check(home, wanted)

    def pace(self, who: str, texts: Sequence[str], language: str) -> list[int]:
        """Natural lengths of phrases, in ms."""
        return list(self.engine.pace(texts, self.grant(who, language), language))

    def grant(self, who: str, language: str) -> consent.Grant:
        """Leave to speak as one of the scene's two."""
        return self.grants[f"{who}-{0 if language == 'en' else 1}"]

    def speak(self, who: str, phrases: Sequence[Phrase], language: str) -> tuple[Any, tuple[Span, ...]]:
        """A line from its first sound on, and where its phrases are heard in it."""
        spoken = self.engine.speak(phrases, self.grant(who, language), language)
        return trim_to_spans(spoken.samples, spoken.rate, spoken.lead_ms, [p.span for p in phrases])


# --- the scene -------------------------------------------------------------------------------------------------------


def spoken_scene(studio: Studio, texts: Sequence[str], ratio: float, folder: Path) -> Scene:
    """The scene spoken so fast that `texts` take `ratio` times its time at their natural pace."""
    english = [[p.strip() for p in line.split("|")] for _, line, _ in LINES]
    source = [studio.pace(who, phrases, "en") for (who, _, _), phrases in zip(LINES, english)]
    target = sum(studio.pace(who, [text], "es")[0] for (who, _, _), text in zip(LINES, texts))
    scale = target / ratio / sum(map(sum, source))
    gaps, breaks = cycle(GAPS_MS), cycle(PAUSES_MS)
    track: list[tuple[int, Any]] = []
    heard: list[tuple[Span, ...]] = []
    clock = 600
    for (who, _, _), phrases, lengths in zip(LINES, english, source):
        spans, at = [], 0
        for length in lengths:
            spans.append(Span(at, at + round(length * scale)))
            at = spans[-1].end_ms + next(breaks)
        samples, found = studio.speak(who, [Phrase(t, s) for t, s in zip(phrases, spans)], "en")
        track.append((clock, samples))
        heard.append(tuple(s.shifted(clock) for s in found))
        clock = heard[-1][-1].end_ms + next(gaps)
    duration = clock + 600
    audio = np.zeros(duration * RATE // 1000, np.float32)
    for at, samples in track:
        audio[at * RATE // 1000 :][: len(samples)] += samples
    path = folder / "scene.wav"
    soundfile.write(path, np.clip(audio, -1, 1), RATE, "PCM_24")
    return Scene(path, tuple(heard), duration)


def cues(scene: Scene, texts: Sequence[str], path: Path) -> Path:
    """A WebVTT file with a cue and a speaker for each line."""
    rows = ["WEBVTT", ""]
    for (who, _, _), phrases, text in zip(LINES, scene.phrases, texts):
        rows += [f"{stamp(phrases[0].start_ms)} --> {stamp(phrases[-1].end_ms)}", f"<v {who}>{text}</v>", ""]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def stamp(ms: int) -> str:
    """Milliseconds as WebVTT has them."""
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


# --- the best there is -----------------------------------------------------------------------------------------------


Parts = Sequence[tuple[int, Span]]
"""Phrases: natural length, and the stretch of source each belongs to."""


def oracle(scene: Scene, parts: Parts, fastest: float) -> float:
    """The best overlap any placement of these phrases reaches, none faster than that, none cut, none over another.

    Dinkelbach's method on the ratio; for each weight a programme over 10 ms steps gives the best ends of every phrase.
    """
    sounding = np.zeros(scene.duration_ms // GRID_MS + 1, np.int32)
    for span in (s for phrases in scene.phrases for s in phrases):
        sounding[span.start_ms // GRID_MS : span.end_ms // GRID_MS] = 1
    before = np.concatenate([[0], np.cumsum(sounding)])[: len(sounding)]
    weight = 0.9
    for _ in range(6):
        shared, spoken = _best(parts, before, weight, fastest)
        better = shared / (int(sounding.sum()) + spoken - shared)
        if abs(better - weight) < 1e-4:
            break
        weight = better
    return weight


def _best(parts: Parts, before: Any, weight: float, fastest: float) -> tuple[int, int]:
    """(steps shared, steps spoken) of the placement that is best at a weight."""
    # After each phrase: the best value, and its (shared, spoken), with everything so far ended by step e.
    total = len(before) - 1
    value = np.zeros(total + 1)
    tally = np.zeros((total + 1, 2), np.int64)
    for natural, slot in parts:
        fresh = np.full(total + 1, -np.inf)
        counts = np.zeros((total + 1, 2), np.int64)
        shortest = int(np.ceil(natural / fastest / GRID_MS))
        longest = max(shortest, int(natural / SLOWEST / GRID_MS))
        low = max(0, slot.start_ms // GRID_MS - 150)
        high = min(total, slot.end_ms // GRID_MS + 250)
        starts = np.arange(low, high)
        for length in range(shortest, longest + 1):
            ends = starts + length
            ok = ends < total - 2
            s, e = starts[ok], ends[ok]
            shared = before[e] - before[s]
            found = value[s] + (1 + weight) * shared - weight * length
            better = found > fresh[e]
            s, e, shared = s[better], e[better], shared[better]
            fresh[e] = found[better]
            counts[e] = tally[s] + np.stack([shared, np.full(len(shared), length)], axis=1)
        best = np.maximum.accumulate(fresh)
        source = np.maximum.accumulate(np.where(fresh >= best, np.arange(total + 1), 0))
        step = 2  # 20 ms between any two phrases
        value = np.concatenate([np.full(step, -np.inf), best[:-step]])
        tally = np.concatenate([np.zeros((step, 2), np.int64), counts[source][:-step]])
    end = int(np.argmax(value))
    return int(tally[end, 0]), int(tally[end, 1])


# --- what came out ---------------------------------------------------------------------------------------------------


def dubbed(source: Path, to: str, folder: Path, **options: Any) -> dict[str, Any]:
    """What `localize dub` made of a file: its result with timeline and report read in."""
    job = Job(input=source, to=(to,), output=folder, **options)
    made = dub(job, open_run())
    (target,) = made.json()["targets"]
    read = {key: json.loads(Path(target[key]).read_text()) for key in ("timeline", "report", "master")}
    cost = sum(stage.cpu_seconds for stage in made.stages if stage.name in ("plan", "mix"))
    return {**target, **read, "cpu_s": round(cost, 2)}


def yardstick(path: Path) -> ModuleType:
    """The scorer as a module."""
    spec = importlib.util.spec_from_file_location("score_timing", path)
    if spec is None or spec.loader is None or not path.exists():
        sys.exit(f"no yardstick at {path}: give --yardstick score_timing.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(name: str, scores: dict[str, Any], extra: str = "") -> None:
    """One line of the table."""
    cells = [f"{scores[c]!s:>12}" for c in COLUMNS]
    print(f"{name:26}" + "".join(cells) + f"   {extra}", flush=True)


def header(title: str) -> None:
    """The table's head."""
    print(f"\n{title}\n{'':26}" + "".join(f"{c:>12}" for c in ("overlap", *COLUMNS[1:])), flush=True)


def isometric(timeline: dict[str, Any]) -> float:
    """% of lines whose spoken time is within 10 % of the source's."""
    near = [
        abs(sum(b - a for a, b in clip["dub"]["phrases"]) / sum(b - a for a, b in clip["source"]["phrases"]) - 1) <= 0.1
        for clip in timeline["clips"]
    ]
    return round(100 * sum(near) / len(near), 1)


def heard(ruler: ModuleType, path: Path | str) -> list[list[float]]:
    """Where a sound is heard, by the yardstick, which reads plain 16-bit WAV alone."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.wav"
        samples, rate = soundfile.read(path)
        soundfile.write(plain, samples, rate, "PCM_16")
        return ruler.heard(plain)


def score(ruler: ModuleType, made: dict[str, Any], truth: list[list[float]] | None) -> dict[str, Any]:
    """The yardstick's figures for a dub, on its stem; truth in seconds, else the timeline's own source phrases."""
    return ruler.score(made["timeline"], heard(ruler, made["dialogue"]), truth)


# --- parts -----------------------------------------------------------------------------------------------------------


def fixed(studio: Studio, ruler: ModuleType, folder: Path, peers: str | None) -> None:
    """Fixed words."""
    texts = [spanish for _, _, spanish in LINES]
    for ratio in (1.11, 1.20):
        here = folder / f"fixed-{ratio}"
        here.mkdir()
        scene = spoken_scene(studio, texts, ratio, here)
        parts = [split_phrases(text, phrases, "es") for text, phrases in zip(texts, scene.phrases)]
        single = max(
            studio.pace(who, [text], "es")[0] / sum(s.length_ms for s in phrases)
            for (who, _, _), text, phrases in zip(LINES, texts, scene.phrases)
        )
        header(f"fixed words, {ratio:.2f} times the source (single lines up to {single:.2f})")
        made = dubbed(
            scene.audio, "es", here / "out", source_language="en",
            transcript=cues(scene, [english.replace("|", "") for _, english, _ in LINES], here / "scene.en.vtt"),
            translation=cues(scene, texts, here / "scene.es.vtt"),
        )  # fmt: skip
        flat = [
            (natural, slot)
            for (who, _, _), (words, slots) in zip(LINES, parts)
            for natural, slot in zip(studio.pace(who, words, "es"), slots)
        ]
        said = f"isometric {isometric(made['timeline'])} %, plan and mix {made['cpu_s']} CPU s"
        row("localize", score(ruler, made, heard(ruler, scene.audio)), said)
        for fastest in (1.3, 1.2):
            print(f"{f'oracle, to {fastest}x':26}{oracle(scene, flat, fastest):12.4f}")
        if peers:
            others(studio, ruler, scene, texts, here, peers)


def others(studio: Studio, ruler: ModuleType, scene: Scene, texts: Sequence[str], folder: Path, python: str) -> None:
    """Other tools' timing steps on the same takes."""
    lines = []
    for n, ((who, _, _), text, phrases) in enumerate(zip(LINES, texts, scene.phrases), 1):
        (natural,) = studio.pace(who, [text], "es")
        samples, found = studio.speak(who, [Phrase(text, Span(0, natural))], "es")
        path = folder / f"take{n:04}.wav"
        soundfile.write(path, np.clip(samples[: found[0].end_ms * RATE // 1000], -1, 1), RATE, "PCM_16")
        lines.append({
            "id": f"s{n:04}", "speaker": who, "text": text, "take": str(path), "natural_ms": found[0].end_ms,
            "start_ms": phrases[0].start_ms, "end_ms": phrases[-1].end_ms,
            "phrases": [[p.start_ms, p.end_ms] for p in phrases],
        })  # fmt: skip
    request = folder / "scene.json"
    request.write_text(json.dumps({"duration_ms": scene.duration_ms, "lines": lines}))
    subprocess.run([python, str(Path(__file__).with_name("peers.py")), str(request), str(folder / "peers")], check=True)
    truth = heard(ruler, scene.audio)
    for path in sorted((folder / "peers").glob("*/timeline.json")):
        timeline = json.loads(path.read_text())
        scores = ruler.score(timeline, heard(ruler, path.with_name("dialogue.wav")), truth)
        row(path.parent.name, scores, f"lost {timeline.get('lost_ms', 0) / 1000:.2f} s, {timeline['cpu_s']} CPU s")


def free(studio: Studio, ruler: ModuleType, folder: Path) -> None:
    """Words that may change."""
    import sacrebleu

    here = folder / "free"
    here.mkdir()
    english = [line.replace("|", "") for _, line, _ in LINES]
    draft = spoken_scene(studio, [spanish for _, _, spanish in LINES], 1.37, here)
    first = dubbed(
        draft.audio, "es", here / "draft", source_language="en", transcript=cues(draft, english, here / "draft.en.vtt")
    )
    best = [s["translations"]["es"]["candidates"][0]["text"] for s in first["master"]["segments"]]
    scene = spoken_scene(studio, best, 1.37, here)
    made = dubbed(
        scene.audio, "es", here / "out", source_language="en", transcript=cues(scene, english, here / "scene.en.vtt")
    )
    header("free words, 1.37 times the source for the translator's best")
    row("localize", score(ruler, made, heard(ruler, scene.audio)),
        f"isometric {isometric(made['timeline'])} %")  # fmt: skip
    said = [clip["text"] for clip in made["timeline"]["clips"]]
    similar = [sacrebleu.sentence_chrf(a, [b]).score for a, b in zip(said, best)]
    print(f"chrF of what is said against the translator's best: {statistics.mean(similar):.1f} on average")
    for clip, before in zip(made["timeline"]["clips"], best):
        if clip["text"] != before:
            print(f"  {clip['segment']}  {before!r} -> {clip['text']!r}")


def real(ruler: ModuleType, folder: Path) -> None:
    """Films."""
    films = [(SAMPLE / "episode.mp4", "es"), (SAMPLE / "episode.mp4", "pt")]
    trailer = SHARED / "media" / "4_video" / "sintel_trailer_480x204.mp4"
    if trailer.exists():
        films.append((trailer, "es"))
    header("real media, against the signal")
    for film, to in films:
        made = dubbed(film, to, folder / f"{film.stem}-{to}")
        row(f"{film.stem[:20]} {to}", score(ruler, made, None), f"isometric {isometric(made['timeline'])} %")
        wer, natural, ours = natural_pace(made, to, folder)
        summary = made["report"]["summary"]
        print(f"{'':26}read back {100 * summary['wer']:.1f} % wrong, {100 * wer:.1f} % at natural pace; "
              f"DNSMOS {ours:.2f}, {natural:.2f} at natural pace")  # fmt: skip


def natural_pace(made: dict[str, Any], language: str, folder: Path) -> tuple[float, float, float]:
    """The same lines by the same voices at their natural pace.

    Returns:
        word error rate at natural pace, DNSMOS at natural pace, DNSMOS of the dub judged alike.
    """
    import jiwer

    synthesizer = load("synthesizer", "kokoro", Models())
    recogniser = load("recogniser", "faster_whisper", Models())
    home = consent.Home.open(folder / "home")
    clips = made["timeline"]["clips"]
    wanted = {clip["voice"] for clip in clips}
    grants = consent.check(home, [consent.Request(v, v, language, "bench") for v in wanted])
    natural, dubbed_lines, said = [], [], []
    stem, stem_rate = soundfile.read(made["dialogue"], always_2d=True)
    for clip in clips:
        grant = grants[clip["voice"]]
        (length,) = synthesizer.pace([clip["text"]], grant, language)
        spoken = synthesizer.speak([Phrase(clip["text"], Span(0, length))], grant, language)
        samples, found = trim_to_spans(spoken.samples, spoken.rate, spoken.lead_ms, [Span(0, length)])
        natural.append(_alike(samples, RATE))
        start, end = (clip["dub"][edge] * stem_rate // 1000 for edge in ("start_ms", "end_ms"))
        dubbed_lines.append(_alike(stem[start:end].mean(axis=1), stem_rate))
        path = folder / "natural.wav"
        soundfile.write(path, np.concatenate([SILENCE, natural[-1], SILENCE]), 16_000, "PCM_16")
        heard = recogniser.recognise(path, Span(0, found[0].end_ms + 2 * len(SILENCE) // 16), language)
        said.append(" ".join(u.text for u in heard))
    reference = " ".join(quality_control.comparable_words(clip["text"], language) for clip in clips)
    wrong = jiwer.wer(reference, " ".join(quality_control.comparable_words(text, language) for text in said))
    return float(wrong), _opinion(natural), _opinion(dubbed_lines)


SILENCE = np.zeros(4_800, np.float32)


def _alike(samples: Any, rate: int) -> Any:
    """A line as 16 kHz at -26 dBFS: the judge hears levels too."""
    import soxr

    sound = soxr.resample(np.asarray(samples, np.float32), rate, 16_000)
    return np.clip(sound * 0.05 / max(1e-6, float(np.sqrt((sound**2).mean()))), -1, 1)


def _opinion(lines: Sequence[Any]) -> float:
    """DNSMOS of lines said one after the other."""
    track = np.concatenate([part for line in lines for part in (line, SILENCE)])
    return speech_quality(track.astype(np.float32))


def planning() -> None:
    """What planning takes."""
    print("\nplanning, without synthesis")
    for count in (250, 500, 1000):
        rng = random.Random(1)
        slots, choices, clock = [], [], 0
        for n in range(count):
            length = rng.randint(700, 4000)
            phrases = (Span(clock, clock + length),)
            if length > 2000:
                phrases = (Span(clock, clock + length // 2 - 150), Span(clock + length // 2 + 150, clock + length))
            after = clock + length + rng.choice([100, 300, 900])
            slots.append(planner.Slot(f"s{n:04}", phrases, f"S{n % 3}", after))
            clock = after
            made = []
            for k in range(12):
                natural = tuple(round(s.length_ms * rng.uniform(0.8, 1.5)) for s in phrases)
                pauses = (0.0,) * (len(phrases) - 1)
                made.append(planner.Variant(k, ("x",) * len(phrases), natural, phrases, pauses, 0.05 * k))
            choices.append(made)
        began = time.perf_counter()
        planner.plan_timing(slots, choices)
        taken = time.perf_counter() - began
        print(f"{count:6} lines of 12 candidates: {taken:.2f} s, {1000 * taken / count:.2f} ms a line", flush=True)


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", metavar="PYTHON", help="a Python in which other tools are installed")
    parser.add_argument("--yardstick", type=Path, default=SHARED / "tools" / "score_timing.py")
    parser.add_argument("--only", action="append", choices=("fixed", "free", "real", "plan"))
    args = parser.parse_args()
    parts = args.only or ["fixed", "free", "real", "plan"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if "plan" in parts:
            planning()
        ruler = yardstick(args.yardstick) if set(parts) - {"plan"} else None
        if ruler and {"fixed", "free"} & set(parts):
            studio = Studio(folder / "home")
            if "fixed" in parts:
                fixed(studio, ruler, folder, args.peers)
            if "free" in parts:
                free(studio, ruler, folder)
        if ruler and "real" in parts:
            real(ruler, folder)


if __name__ == "__main__":
    main()
