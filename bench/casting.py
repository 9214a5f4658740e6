"""How high every stock voice speaks: `python bench/casting.py` prints `localize/speakers/stock_pitch.toml`.

Each voice says three sentences of its own language; the median pitch is measured as that of a film's speakers is.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import soundfile
from speakers import synthetic

from localize.data import Span
from localize.runtime.store import Store
from localize.signal.embeddings import EMBEDDING_HZ
from localize.speakers.casting import median_pitch


def main() -> None:
    print("# Median pitch of the stock voices in Hz, as `python bench/casting.py` measures it.")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        done = set()
        for _, take, samples in synthetic():
            voice = take.split()[0]
            if voice in done:
                continue
            done.add(voice)
            with store.writing(".wav") as draft:
                soundfile.write(draft.path, samples, EMBEDDING_HZ, "PCM_16")
            heard = median_pitch(store, draft.blob, (Span(0, len(samples) * 1000 // EMBEDDING_HZ),))
            print(f"{voice} = {heard:.0f}", flush=True)


if __name__ == "__main__":
    main()
