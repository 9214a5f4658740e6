"""Let numba compile what librosa asks of it, once and alone: `python tools/warm.py`.

librosa keeps compiled functions in a cache beside its files. Two processes that fill that cache at the same moment can
leave it broken (a crash in `localmin` was seen in a fresh environment), so tests, which run in parallel, find it full.
"""

from __future__ import annotations

import librosa
import numpy as np
from speechmos import dnsmos


def main() -> None:
    """Call every librosa function that the product reaches, directly or through the packages it uses."""
    tone = (0.1 * np.sin(2 * np.pi * 150 * np.arange(16_000) / 16_000)).astype(np.float32)
    librosa.yin(tone, fmin=65, fmax=400, sr=16_000, frame_length=1024, hop_length=320)
    librosa.feature.rms(y=tone, frame_length=1024, hop_length=320)
    librosa.feature.melspectrogram(y=tone, sr=16_000, n_fft=400, hop_length=160, center=False, power=2.0)
    dnsmos.run(tone, 16_000)


if __name__ == "__main__":
    main()
