"""Memory and time of a long film: `python bench/long.py [--minutes 120] [--lines 1500]`.

The film is silence with the sample's first line spoken `--lines` times. It is decoded, planned, spoken (by tones: what
engines need does not grow with a film), mixed, muxed, signed, held against the delivered file as in a dub; after each
step the peak memory of the process so far is printed, and the seconds of one core it took. Voices are not separated and
no recogniser runs: `bench/dub.py` measures those, on pieces of ten seconds that are the same in any film.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import soundfile

from localize import media
from localize.consent import Home, Request, check
from localize.data import Candidate, Line, Segment, Span, Transcript, Translation
from localize.delivery import deliverables
from localize.delivery.delivered import measure_shifts
from localize.events import Run
from localize.isochrony.synthesize import synthesize
from localize.isochrony.timeline import place_takes
from localize.media import ffmpeg
from localize.models import Models
from localize.runtime.files import staged_folder
from localize.runtime.store import Store
from localize.sound.mix import mix_dub
from localize.testing import FakeSynthesizer
from tests.film_matrix import LINE, SEPARATING, speech

SPEAKERS = ("S1", "S2", "S3", "S4")
TEXTS = ("¿Dónde pusiste las llaves?", "Las dejé en la mesa.", "No están allí ahora.", "Entonces no sé dónde están.")


def make_film(folder: Path, minutes: int, starts: list[int]) -> Path:
    """A film of one dark picture a second, and its sound."""
    sound, rate = folder / "sound.flac", 48_000
    line = (0.5 * speech()[: LINE.length_ms * 48]).astype(np.float32)
    with soundfile.SoundFile(sound, "w", rate, 1, "PCM_16", format="FLAC") as out:
        at = 0
        for start in starts:
            out.write(np.zeros(start * 48 - at, np.float32))
            out.write(line)
            at = start * 48 + len(line)
        out.write(np.zeros(minutes * 60 * rate - at, np.float32))
    path = folder / "long.mkv"
    picture = ["-f", "lavfi", "-i", f"color=s=64x64:r=1:d={minutes * 60}", "-i", str(sound)]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "copy", str(path)]
    subprocess.run([ffmpeg(), "-v", "error", *picture, *codecs], check=True)
    return path


def words(starts: list[int]) -> tuple[Transcript, Translation]:
    """The lines of the film and what they become."""
    segments, lines = [], []
    for n, start in enumerate(starts):
        span = Span(start, start + LINE.length_ms)
        segments.append(
            Segment(f"s{n + 1:04}", span, SPEAKERS[n // 3 % 4], "Where did you put the keys?", phrases=(span,))
        )
        lines.append(
            Line(f"s{n + 1:04}", (Candidate(TEXTS[n % 4], 0.0), Candidate(f"{TEXTS[n % 4][:-1]}, {n}.", -0.5)))
        )
    return Transcript("en", tuple(segments), given=True), Translation("es", tuple(lines))


class Costs:
    """What each step took."""

    def __init__(self) -> None:
        self._cpu, self._wall = _seconds(), monotonic()
        print(f"{'step':<12}{'peak MB':>9}{'CPU s':>9}{'wall s':>9}")

    def step(self, name: str) -> None:
        """Print a step that has just ended."""
        cpu, wall = _seconds(), monotonic()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{name:<12}{peak:>9}{cpu - self._cpu:>9.0f}{wall - self._wall:>9.0f}", flush=True)
        self._cpu, self._wall = cpu, wall


def _seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    """Make the film and dub it step by step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=120)
    parser.add_argument("--lines", type=int, default=1500)
    asked = parser.parse_args()
    for name in SEPARATING:
        sys.modules[name].package_version = lambda _name: ""  # type: ignore[attr-defined]
    gap_ms = asked.minutes * 60_000 // asked.lines
    starts = [500 + n * gap_ms for n in range(asked.lines)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run = Run(Store(folder / "store"), Home.open(folder / "home"), Models(), lambda _event: None)
        costs = Costs()
        film = make_film(folder, asked.minutes, starts)
        costs.step("make")
        found = media.probe(film)
        plan = media.plan_film(film, found, media.choose_audio(film, found, None, "en")[0])
        costs.step("dry run")
        source = media.ingest(run.store, film, stream=None, language="en")
        costs.step("decode")
        transcript, translation = words(starts)
        wanted = [Request("em_alex", speaker, "es", "a bench") for speaker in SPEAKERS]
        grants = check(run.home, wanted)
        of_line = {s.id: grants[s.speaker] for s in transcript.segments}
        spoken = synthesize(run, transcript, translation, of_line, FakeSynthesizer(), source.duration_ms)
        costs.step("plan, speak")
        timeline = place_takes(transcript, spoken, source.duration_ms)
        mixed = mix_dub(run, source, timeline)
        costs.step("mix")
        package = deliverables.Delivery(
            name="long", source_language="en", media=source, timeline=timeline, mixed=mixed, grants=of_line,
            engines={}, translated=False, version="0",
        )  # fmt: skip
        with staged_folder(folder / "out") as stage:
            made, refused = deliverables.build_film(run, package, [], stage, plan)
            costs.step("mux, sign")
            if made is None:
                raise SystemExit(f"no film: {refused}")
            shifts = measure_shifts(run.store, timeline, source, mixed, made)
            costs.step("measure")
        late = [shift for shift in shifts.values() if shift is not None]
        print(f"{len(timeline.clips)} lines in {asked.minutes} minutes; {len(late)} found in the film, the farthest "
              f"{max(late, key=abs, default=0)} ms off")  # fmt: skip


if __name__ == "__main__":
    main()
