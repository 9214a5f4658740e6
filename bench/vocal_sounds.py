"""Prints how many laughs, coughs and moans of people are found between and inside lines, and what is taken for one.

    python bench/vocal_sounds.py --sounds usr/share/games/hedgewars/Data/Sounds/voices

The truth is `vocal_sounds.tsv`: which recording is laid where, in milliseconds. Lines are those of LJ Speech in
../shared; the sounds are the voices of the game Hedgewars (Debian's package hedgewars-data, GPL-2, not part of this
repository: `apt-get download hedgewars-data`, `dpkg-deb -x`). A sound counts as found where half of it is, as of its
kind where it is called so; what lies for less than half in one is false. Once as it is, once over music 15 dB below.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize import media
from localize.consent import Home
from localize.data import Span, VocalSound
from localize.engines import load
from localize.events import Run
from localize.models import Models
from localize.runtime.store import Store
from localize.transcription.vocal_sounds import find_vocal_sounds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 48_000
TRUTH = Path(__file__).with_suffix(".tsv")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "media"
MUSIC = SHARED / "5_noise_multilang_odd" / "music" / "Kevin_MacLeod_Vibe_Ace.ogg"
LEVEL_DB, MUSIC_DB = -24.0, -39.0


def sound_of(path: Path, level_db: float) -> NDArray[np.float64]:
    """A recording without its silent ends, mono at 48 kHz, at a level."""
    import numpy as np
    import soundfile
    import soxr

    samples, rate = soundfile.read(path, always_2d=True)
    mono = soxr.resample(samples.mean(axis=1), rate, RATE)
    heard = np.flatnonzero(np.abs(mono) > 0.02 * np.abs(mono).max())
    mono = mono[heard[0] : heard[-1] + 1]
    levelled: NDArray[np.float64] = mono * 10 ** (level_db / 20) / np.sqrt((mono**2).mean())
    return levelled


def lay_film(path: Path, sounds: Path, music: bool) -> list[VocalSound]:
    """Write the film of the truth; returns its sounds."""
    import numpy as np
    import soundfile

    rows = [line.split("\t") for line in TRUTH.read_text().splitlines()[1:]]
    track = np.random.default_rng(0).normal(0, 10 ** (-70 / 20), (int(rows[-1][0]) + 6_000) * 48)
    truth: list[VocalSound] = []
    for at, kind, name in rows:
        laid = sound_of((SHARED / "1_english" / "ljspeech" if kind == "line" else sounds) / name, LEVEL_DB)
        first = int(at) * 48
        track[first : first + len(laid)] += laid
        if kind != "line":
            truth.append(VocalSound(Span(int(at), int(at) + len(laid) // 48), kind, name))  # type: ignore[arg-type]
    if music:
        under = sound_of(MUSIC, MUSIC_DB)
        track += np.tile(under, len(track) // len(under) + 1)[: len(track)]
    soundfile.write(path, np.clip(track, -1, 1), RATE, "PCM_16")
    return truth


def print_figures(run: Run, tagger: Any, folder: Path, sounds: Path, *, music: bool) -> None:
    """Lay the film, find its sounds, print what was found of it and what it took."""
    truth = lay_film(folder / "film.wav", sounds, music)
    source = media.ingest(run.store, folder / "film.wav", stream=None, language=None)
    began = time.process_time()
    found = find_vocal_sounds(run, source, tagger)
    took = (time.process_time() - began) * 60_000 / source.duration_ms
    print(
        f"{'over music' if music else 'as it is'}: {source.duration_ms / 1000:.0f} s, {took:.1f} CPU s a minute of film"
    )
    met: set[Span] = set()
    for kind in sorted({t.kind for t in truth}):
        own = [t for t in truth if t.kind == kind]
        inside = {t.span: [f for f in found if 2 * f.span.overlap_ms(t.span) > f.span.length_ms] for t in own}
        hits = {
            span: heard if 2 * sum(f.span.overlap_ms(span) for f in heard) > span.length_ms else []
            for span, heard in inside.items()
        }
        named = sum(any(f.kind == kind for f in heard) for heard in hits.values())
        met |= {f.span for heard in inside.values() for f in heard}
        missed = [t.written for t in own if not hits[t.span]]
        print(f"  {kind}: found {sum(map(bool, hits.values()))} of {len(own)}, {named} as such; missed: {missed}")
    false = [f for f in found if f.span not in met]
    print(f"  precision {len(met) / max(1, len(found)):.2f}; false: {[(f.span.start_ms, f.written) for f in false]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sounds", type=Path, required=True, help="folder of the game's voices")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run = Run(Store(folder / "store"), Home.open(folder / "home"), Models())
        tagger = load("recogniser", "faster_whisper", run.models)
        tagger.load()
        for music in (False, True):
            print_figures(run, tagger, folder, asked.sounds, music=music)
