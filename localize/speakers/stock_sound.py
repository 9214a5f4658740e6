"""How stock voices sound: pitch, range and print, measured by `python bench/casting.py --voices`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .prints import likeness, unpack_print


@dataclass(frozen=True, slots=True)
class Sound:
    """How a voice or a speaker sounds.

    Args:
        hertz: median pitch; 0 where none is known.
        range_st: from the 10th to the 90th percentile of the pitch, in semitones; 0 where none is known.
        print: mean d-vector of unit length; empty where none is known.
    """

    hertz: float = 0.0
    range_st: float = 0.0
    print: tuple[float, ...] = ()


@cache
def stock_sounds() -> Mapping[str, Sound]:
    """Voice -> how it sounds, of the stock voices."""
    text = Path(__file__).with_name("stock_voices.toml").read_text(encoding="utf-8")
    return {
        voice: Sound(float(said["pitch_hz"]), float(said["range_st"]), unpack_print(said["print"]))
        for voice, said in tomllib.loads(text).items()
    }


@cache
def stock_likeness(one: str, other: str) -> float | None:
    """How alike two voices are (cosine of their prints); None where one of them was not measured."""
    if one == other:
        return 1.0
    first, second = (stock_sounds().get(name, Sound()).print for name in (one, other))
    return likeness(first, second) if first and second else None
