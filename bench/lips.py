"""Whether lips are seen, and what that does to a dub: `python bench/lips.py MEDIA [--dub]`, and what wordings are
chosen for lips that close: `python bench/lips.py --lines MASTER … [--to es]`.

MEDIA holds `4_video/grid/*.mpg` (single people who speak to the camera), `4_video/sintel_trailer_480x204.mp4` and
`1_english/jfk.flac`. From these films are made whose truth is known, and each phrase of them is judged by
`transcription.on_screen`:

- people: GRID as it is: on screen.
- two: one speaks beside one who listens: on screen.
- listener: a face with its mouth closed under somebody else's voice: off screen. Made of GRID's own pauses.
- landscape: a moving picture without anybody, under speech: off screen.
- animation: four lines of the Sintel trailer, marked by hand: figures, reported apart.

Each is judged as it is spoken, and once more cut into phrases of 600 ms. With `--dub` a film of people and landscape is
dubbed into Spanish with `--timing strict` and with `--timing lips`, and the overlap of the lines that are seen and the
rates of those that are not are printed for both, and how far lips close where those that are seen do. `--lines` plans
the lines of earlier dubs as though all of them were seen, with and without their lips.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import soundfile

from localize.data import Candidate, PhraseOnScreen, Segment, Span, Word
from localize.isochrony.closures import closure_agreement, seen_closures
from localize.isochrony.planner import Slot, phrase_variants, plan_timing
from localize.isochrony.synthesize import SYLLABLE_MS
from localize.language.syllables import syllables
from localize.media.ffmpeg import ffmpeg
from localize.media.frames import read_frames
from localize.models import Models
from localize.signal.activity import close_gaps, voice_activity
from localize.transcription.faces import FaceNetworks
from localize.transcription.on_screen import AROUND_MS, EVERY_MS, Sight, judge_phrase, sights_during

PICTURE = ("-c:v", "libx264", "-crf", "16", "-pix_fmt", "yuv420p", "-r", "25")
SOUND = ("-c:a", "aac", "-ar", "44100", "-ac", "1")
STILL_S = (2.4, 0.56)
"""Where GRID's people have stopped speaking: start and length, in seconds."""
SHORT_MS = 600
SINTEL = {12.24: ("on", 14.42), 18.7: ("off", 19.86), 36.78: ("off", 38.94), 41.67: ("off", 43.9)}
"""Line -> (whether its speaker's face is seen, end). The first speaker's mouth is half covered by a beard."""


def run(*words: str | Path) -> None:
    """Run ffmpeg."""
    subprocess.run([ffmpeg(), "-v", "error", "-y", *map(str, words)], check=True)


def make_films(media: Path, folder: Path) -> dict[str, tuple[str, list[Path]]]:
    """Kind -> (truth, films)."""
    people = sorted((media / "4_video" / "grid").glob("*.mpg"))
    stills, kinds = [], {"people": ("on", people), "two": ("on", []), "listener": ("off", []), "landscape": ("off", [])}
    for person in people:
        still = folder / f"still_{person.stem}.mp4"
        back_and_forth = "split[a][b];[b]reverse[r];[a][r]concat=n=2,loop=loop=20:size=28,scale=360:288"
        run(
            "-ss",
            STILL_S[0],
            "-t",
            STILL_S[1],
            "-i",
            person,
            "-filter_complex",
            back_and_forth,
            "-an",
            "-t",
            3,
            *PICTURE,
            still,
        )
        stills.append(still)
    for n, person in enumerate(people):
        other = (n + 1) % len(people)
        two, listener, land = (folder / f"{kind}_{person.stem}.mp4" for kind in ("two", "listener", "landscape"))
        side = "[0:v]scale=360:288,fps=25[x];[1:v]fps=25[y];[x][y]hstack"
        run("-i", person, "-i", stills[other], "-filter_complex", side, "-map", "0:a", *PICTURE, *SOUND, "-t", 3, two)
        run("-i", stills[n], "-i", people[other], "-map", "0:v", "-map", "1:a", *PICTURE, *SOUND, "-t", 3, listener)
        scene = f"mandelbrot=size=640x360:rate=25:start_scale={0.3 / (n + 1)}"
        run("-f", "lavfi", "-i", scene, "-i", person, "-map", "0:v", "-map", "1:a", *PICTURE, *SOUND, "-t", 3, land)
        for kind, film in (("two", two), ("listener", listener), ("landscape", land)):
            kinds[kind][1].append(film)
    return kinds


def phrases_in(film: Path, folder: Path) -> list[Span]:
    """Where somebody is heard."""
    sound = folder / "sound.wav"
    run("-i", film, "-ac", "1", "-ar", "16000", sound)
    samples, rate = soundfile.read(sound, dtype="float32")
    return [span for span in close_gaps(voice_activity(samples, rate), 200) if span.length_ms >= 200]


def look(film: Path, phrases: list[Span], networks: FaceNetworks) -> list[Sight]:
    """The faces of a film while somebody is heard."""
    shown = [Span(max(0, p.start_ms - AROUND_MS), p.end_ms + AROUND_MS) for p in phrases]
    return [Sight(at, networks.faces_in(image)) for at, image in read_frames(film, shown, EVERY_MS)]


def judge(phrases: list[Span], sights: list[Sight]) -> list[str]:
    """What is said of each phrase."""
    shown = [Span(p.start_ms - AROUND_MS, p.end_ms + AROUND_MS) for p in phrases]
    return [
        judge_phrase("", phrase, sights_during(sights, during)).seen
        for phrase, during in zip(phrases, shown, strict=True)
    ]


def cut(phrases: list[Span]) -> list[Span]:
    """Short phrases of long ones."""
    return [
        Span(start, start + SHORT_MS)
        for phrase in phrases
        for start in range(phrase.start_ms, phrase.end_ms - SHORT_MS + 1, SHORT_MS)
    ]


def print_verdicts(media: Path, folder: Path) -> dict[str, tuple[str, list[Path]]]:
    """Judge all films, and print how often that is right, and its cost."""
    networks, kinds = FaceNetworks(Models()), make_films(media, folder)
    spoken = {film: phrases_in(film, folder) for _, films in kinds.values() for film in films}
    before = sum(os.times()[:2])
    sights = {film: look(film, phrases, networks) for film, phrases in spoken.items()}
    cpu = sum(os.times()[:2]) - before
    for what, some in (("phrases", spoken), ("short phrases", {film: cut(p) for film, p in spoken.items()})):
        right, total = 0, 0
        for kind, (truth, films) in kinds.items():
            said = Counter(verdict for film in films for verdict in judge(some[film], sights[film]))
            right, total = right + said[truth], total + said.total()
            print(f"{kind:10} {truth:4} {dict(said)}")
        print(f"right on people: {right} of {total} {what} ({right / total:.0%})")
    seconds = sum(p.length_ms for phrases in spoken.values() for p in phrases) / 1000
    print(f"{cpu / seconds:.2f} CPU s for each second of speech")
    lines = [Span(round(start * 1000), round(end * 1000)) for start, (_, end) in SINTEL.items()]
    verdicts = judge(lines, look(media / "4_video" / "sintel_trailer_480x204.mp4", lines, networks))
    for (start, (truth, _)), verdict in zip(SINTEL.items(), verdicts, strict=True):
        print(f"animation  {start:5.2f} s: {verdict}, marked {truth}")
    return kinds


def print_dubs(media: Path, kinds: dict[str, tuple[str, list[Path]]], folder: Path) -> None:
    """Dub people and a narrator twice, and print overlap and rate of what is seen and what is not."""
    land, film, listing = folder / "narrator.mp4", folder / "film.mp4", folder / "list.txt"
    scene = "mandelbrot=size=360x288:rate=25"
    speech = media / "1_english" / "jfk.flac"
    run("-f", "lavfi", "-i", scene, "-i", speech, "-map", "0:v", "-map", "1:a", *PICTURE, *SOUND, "-shortest", land)
    parts = []
    for n, person in enumerate(kinds["people"][1]):
        parts.append(folder / f"part{n}.mp4")
        run("-i", person, "-vf", "scale=360:288,setsar=1", *PICTURE, *SOUND, parts[-1])
    listing.write_text("".join(f"file '{part}'\n" for part in (*parts, land)))
    run("-f", "concat", "-safe", "0", "-i", listing, *PICTURE, *SOUND, film)
    seen: dict[str, str] = {}
    figures, spoken = {}, {}
    for timing in ("lips", "strict"):
        out = folder / timing
        command = [
            sys.executable,
            "-m",
            "localize",
            "dub",
            film,
            "--from",
            "en",
            "--to",
            "es",
            "--timing",
            timing,
            "-o",
            out,
            "-q",
        ]
        subprocess.run(list(map(str, command)), check=True)
        report = json.loads((out / "film.es.report.json").read_text("utf-8"))
        figures[timing] = {line["segment"]: (line["overlap"], line["rate"]) for line in report["lines"]}
        timeline = json.loads((out / "film.es.timeline.json").read_text("utf-8"))
        spoken[timing] = {clip["segment"]: clip for clip in timeline["clips"]}
        if timing == "lips":
            master = json.loads((out / "film.master.json").read_text("utf-8"))
            closed = closed_lips(master)
            for line in report["lines"]:
                said = {phrase["seen"] for phrase in line["on_screen"]}
                seen[line["segment"]] = "off" if said == {"off"} else "seen"
    for timing in ("strict", "lips"):
        for what in ("seen", "off"):
            of = [values for line, values in figures[timing].items() if seen[line] == what]
            if of:
                overlap, away = mean(o for o, _ in of), mean(abs(np.log2(r)) for _, r in of)
                print(
                    f"{timing:7} {what:5} {len(of)} lines: overlap {overlap:.3f}, rate away from 1 by {2**away - 1:.1%}"
                )
    for timing in ("strict", "lips"):
        agreed = [
            closure_agreement(times, [clip["text"]], [Span(clip["dub"]["start_ms"], clip["dub"]["end_ms"])], "es")
            for segment, times in closed.items()
            if (clip := spoken[timing].get(segment))
        ]
        print(f"{timing:7} lips that close: agreement {mean(agreed):.3f} over {len(agreed)} lines")
    for segment in closed:
        if spoken["lips"][segment]["text"] != spoken["strict"][segment]["text"]:
            print(f"{segment} {spoken['strict'][segment]['text']!r} -> {spoken['lips'][segment]['text']!r}")


def closed_lips(master: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Segment -> when its lips are seen to close, of those any phrase of which is seen."""
    found = {}
    for line in map(read_line, master["segments"]):
        if any(p["seen"] == "on" for p in line.on_screen) and (times := line.closures(master["source_language"])):
            found[line.segment.id] = times
    return found


@dataclass(frozen=True)
class DubbedLine:
    """A line of a master.json: its source, whether its phrases are seen, and what can be said for it."""

    segment: Segment
    on_screen: Sequence[dict[str, Any]]
    candidates: Sequence[Candidate]

    def closures(self, language: str) -> tuple[int, ...]:
        """When its lips close, as though all of it were seen."""
        return seen_closures(self.segment, [PhraseOnScreen(self.segment.id, self.segment.span, "on", 1, 1.0)], language)


def read_line(line: dict[str, Any], to: str = "es") -> DubbedLine:
    """A line as it stands in a master.json."""
    words = tuple(Word(w["text"], Span(w["start_ms"], w["end_ms"])) for w in line["words"])
    span = Span(line["start_ms"], line["end_ms"])
    segment = Segment(line["id"], span, line["speaker"], line["text"], words or (Word(line["text"], span),))
    made = line["translations"].get(to, {}).get("candidates", ())
    return DubbedLine(segment, line.get("on_screen", ()), [Candidate(c["text"], c["score"], c["rule"]) for c in made])


def print_lines(masters: list[Path], to: str) -> None:
    """Plan the lines of dubs as though all of them were seen, without and with the lips, at a reader's usual pace."""
    agreed: dict[bool, list[float]] = {False: [], True: []}
    given_up, changed = [], 0
    for path in masters:
        master = json.loads(path.read_text("utf-8"))
        lines = [read_line(line, to) for line in master["segments"]]
        for line, after in zip(lines, [*(line.segment.span.start_ms for line in lines[1:]), master["duration_ms"]]):
            times = line.closures(master["source_language"])
            if len(line.candidates) < 2 or not times:
                continue
            chosen = {}
            for looks in (False, True):
                slot = Slot("", (line.segment.span,), "", max(after, line.segment.span.end_ms))
                slot = replace(slot, closures=times if looks else ())
                pace = lambda texts: [round(SYLLABLE_MS * syllables(text, to)) for text in texts]  # noqa: E731
                (plan,) = plan_timing([slot], [phrase_variants(slot, line.candidates, to, pace)])
                spans = [phrase.span for phrase in plan.phrases]
                agreed[looks].append(closure_agreement(times, [p.text for p in plan.phrases], spans, to))
                chosen[looks] = line.candidates[plan.chosen]
            if chosen[True] != chosen[False]:
                changed += 1
                given_up.append(chosen[False].score - chosen[True].score)
                print(f"  {line.segment.text!r}: {chosen[False].text!r} -> {chosen[True].text!r}")
    for looks, figures in agreed.items():
        print(f"{'with' if looks else 'without'} the lips: agreement {mean(figures):.3f} over {len(figures)} lines")
    print(f"{changed} lines have other words, which the translator scores {mean(given_up or [0.0]):+.3f} lower a word")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("media", type=Path, nargs="?")
    parser.add_argument("--dub", action="store_true")
    parser.add_argument("--lines", type=Path, nargs="+", help="master.json of dubs, whose lines are planned alone")
    parser.add_argument("--to", default="es", help="language of --lines")
    given = parser.parse_args()
    if given.lines:
        print_lines(given.lines, given.to)
        return
    with tempfile.TemporaryDirectory() as name:
        kinds = print_verdicts(given.media, Path(name))
        if given.dub:
            print_dubs(given.media, kinds, Path(name))


if __name__ == "__main__":
    main()
