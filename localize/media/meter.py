"""Loudness (ITU-R BS.1770-4) and true peak of a file, measured by ffmpeg."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..data import Blob
from ..runtime.store import Store, step
from .ffmpeg import run_ffmpeg
from .opening import url

# --- measuring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R 128 measures of a whole file; -70 LUFS stands for silence."""

    integrated_lufs: float
    true_peak_dbtp: float


@step(version=1)
def loudness(store: Store, audio: Blob, layout: str = "") -> Loudness:
    """Integrated loudness (ITU-R BS.1770-4, gated) and true peak of a file's sound, by ffmpeg's ebur128."""
    text = run_ffmpeg(
        [
            "-v",
            "info",
            "-nostats",
            *layout_arguments(layout),
            "-i",
            url(store.path(audio)),
            "-af",
            "ebur128=peak=true:framelog=quiet",
            "-f",
            "null",
            "-",
        ],
        "the mix",
    )
    summary = text[text.rfind("Summary:") :]
    integrated = re.search(r"I:\s*(-?[\d.]+|-inf|nan) LUFS", summary)
    peak = re.search(r"Peak:\s*(-?[\d.]+|-inf|nan) dBFS", summary)
    return Loudness(_level(integrated), _level(peak))


def layout_arguments(layout: str) -> list[str]:
    """Channel-layout arguments of ffmpeg for a WAV whose layout it would guess wrong by the channel count."""
    guessed = ("", "mono", "stereo", "5.1", "5.1(side)", "7.1")
    return [] if layout in guessed else ["-channel_layout", layout]


def _level(match: re.Match[str] | None) -> float:
    text = match.group(1) if match else "-inf"
    return -70.0 if text in ("-inf", "nan") else max(-70.0, float(text))
