"""What a change of one second costs in a long sound: `python bench/pieces.py [--minutes 20]`.

A stereo sound (noise that swells and falls) is limited as a mix is, encoded as AAC, measured for loudness as WAV and as
encoded, decoded as players present it, and made 16 kHz for a recogniser: once as a whole, and again after one second of
it was changed. Printed are processor seconds, those of ffmpeg's own measurement beside them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from localize import media
from localize.data import Blob
from localize.delivery.listening import resample_for_recogniser
from localize.delivery.sync import presented_sound
from localize.runtime.store import Store
from localize.sound.loudness import apply_limiter

RATE = media.RATE


def cpu_seconds(work: Callable[[], Blob | media.Loudness]) -> tuple[Blob | media.Loudness, float]:
    """A result, and the processor seconds of this process and of the programs it started."""
    before = sum(os.times()[:4])
    return work(), sum(os.times()[:4]) - before


def make_sound(store: Store, minutes: int, changed: bool) -> Blob:
    """Noise at three levels, ten seconds each; one second in the middle is half as loud where it is changed."""
    rng = np.random.default_rng(0)
    with store.writing(".wav") as draft, media.write_wav(draft.path, 2, minutes * 60 * RATE) as out:
        for number in range(minutes * 6):
            block = rng.normal(0, (0.02, 0.05, 0.1)[number % 3], (10 * RATE, 2))
            if changed and number == minutes * 3:
                block[:RATE] *= 0.5
            out.write(np.clip(block, -0.99, 0.99))
    return draft.blob


def main() -> None:
    """Measure each step on a whole sound and on a changed one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=20)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        print(f"{f'CPU s, {minutes} min':<22}{'whole':>8}{'changed':>9}")
        rows: dict[str, list[float]] = {}
        for changed in (False, True):
            sound = make_sound(store, minutes, changed)
            place = media.Place("bench")

            def note(name: str, work: Callable[[], Blob | media.Loudness]) -> Blob | media.Loudness:
                found, seconds = cpu_seconds(work)
                rows.setdefault(name, []).append(seconds)
                return found

            mix = note("mix", lambda s=sound, p=place: apply_limiter(store, (s,), (s,), 0.0, -1.2, None, p))
            assert isinstance(mix, Blob)
            note("loudness", lambda m=mix: media.loudness(store, m))
            film = note("encode", lambda m=mix: media.encode(store, m, "mp4", 2))
            assert isinstance(film, Blob)
            note("loudness, encoded", lambda f=film: media.loudness(store, f))
            note("as presented", lambda f=film: presented_sound(store, store.path(f), 0))
            note("for a recogniser", lambda m=mix, p=place: resample_for_recogniser(store, m, p))
            note("ffmpeg's loudness", lambda m=mix: media.loudness_by_ffmpeg(store, m))
        for name, (whole, again) in rows.items():
            print(f"{name:<22}{whole:8.2f}{again:9.2f}", flush=True)


if __name__ == "__main__":
    main()
