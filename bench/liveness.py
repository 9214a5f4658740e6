"""What tells a synthetic statement from a spoken one: `python bench/liveness.py [--media FOLDER] [--keep FOLDER]`.

Takes of every stock voice, and recordings of people, are measured as `voices enroll` measures a statement: how far the
pauses lie below the speech, and which are hinted at as synthetic. Then the same takes in three disguises: with noise at
-65 dBFS, as MP3, and played by a small loudspeaker into a room. The highest frequency and the share of low ones are
printed as well: they part nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt
from speakers import MEDIA, SENTENCES
from stock_voices import StockVoices

from localize.consent import voices
from localize.consent.enrolment import STATEMENT_HZ
from localize.consent.liveness import NO_ROOM_DB
from localize.consent.recording import normalize_recording
from localize.errors import LocalizeError

Samples = NDArray[np.float32]
OF_PEOPLE = (
    "1_english/*.flac", "1_english/ljspeech/*.wav", "1_english/librivox/*.wav", "1_english/sonnet/*.mp3",
    "1_english/one_two_three/*", "2_diarization/*.wav", "2_diarization/ami/*.wav", "3_alignment/*.wav",
    "4_video/grid/*.mpg", "5_noise_multilang_odd/lang/*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Marks:
    """Of a recording: pauses below speech, dB; highest frequency with sound, Hz; 70-250 against 300-3400 Hz, dB."""

    pauses_db: float
    band_hz: float
    low_db: float


def measure(path: Path, folder: Path) -> Marks:
    pauses = normalize_recording(path, folder / "statement.wav", STATEMENT_HZ).pauses_db
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
        blocks = [b.to_ndarray().reshape(-1) for f in container.decode(audio=0) for b in resampler.resample(f)]
    samples = np.concatenate(blocks)[: 30 * rate]
    size = 2048 if rate <= 24_000 else 4096
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames)) ** 2
    spectrum = power[power.sum(1) >= np.median(power.sum(1))].mean(0)
    hertz = np.fft.rfftfreq(size, 1 / rate)
    heard = np.convolve(10 * np.log10(spectrum + 1e-20), np.ones(9) / 9, "same")
    band = hertz[np.nonzero(heard > heard.max() - 70)[0].max()]
    low, speech = ((hertz > a) & (hertz < b) for a, b in ((70, 250), (300, 3400)))
    return Marks(pauses, float(band), float(10 * np.log10(spectrum[low].sum() / spectrum[speech].sum())))


def with_noise(samples: Samples, _: int, chance: np.random.Generator) -> Samples:
    noisy: Samples = (samples + chance.normal(0, 10 ** (-65 / 20), len(samples))).astype(np.float32)
    return noisy


def through_loudspeaker(samples: Samples, rate: int, chance: np.random.Generator) -> Samples:
    """A small loudspeaker gives little below 400 Hz; the room rings for 0.3 s and has noise at -55 dBFS."""
    small = sosfilt(butter(2, 400, "hp", fs=rate, output="sos"), samples)
    length = int(0.3 * rate)
    room = chance.normal(0, 1, length) * np.exp(-6.9 * np.arange(length) / length)
    room[0] = 6
    heard = fftconvolve(small, room)[: len(samples)]
    return (0.5 * heard / np.abs(heard).max() + chance.normal(0, 10 ** (-55 / 20), len(heard))).astype(np.float32)


def disguised(takes: list[Path], folder: Path) -> Iterator[tuple[str, list[Path]]]:
    chance = np.random.default_rng(0)
    ways: dict[str, Callable[[Samples, int, np.random.Generator], Samples]] = {
        "as MP3": lambda samples, _rate, _chance: samples,
        "with noise": with_noise,
        "through a loudspeaker": through_loudspeaker,
    }
    for name, change in ways.items():
        made = []
        for number, take in enumerate(takes):
            samples, rate = soundfile.read(take, dtype="float32")
            made.append(folder / f"{number} {name}.{'mp3' if name == 'as MP3' else 'wav'}")
            soundfile.write(made[-1], change(samples, rate, chance), rate)
        yield name, made


def report(name: str, paths: list[Path], folder: Path) -> None:
    found = []
    for path in paths:
        try:
            found.append(measure(path, folder))
        except LocalizeError:
            continue  # silent, too short, or no sound at all
    hinted = sum(marks.pauses_db >= NO_ROOM_DB for marks in found)
    spans = ", ".join(
        f"{what} {min(values):.0f} to {max(values):.0f} {unit}"
        for what, unit, values in (
            ("pauses", "dB", [m.pauses_db for m in found]),
            ("up to", "Hz", [m.band_hz for m in found]),
            ("low", "dB", [m.low_db for m in found]),
        )
    )
    print(f"{name:<24} hinted {hinted} of {len(found)}; {spans}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--keep", type=Path, help="folder for what the stock voices say, so that it is made once")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        stock = StockVoices(asked.keep or folder)
        takes = [
            stock.sentence(voice, f"{text.split('. ')[0].rstrip('.')}.")
            for voice in voices(stock.home)
            for text in (SENTENCES[voice.languages[0]],)
        ]
        report("stock voices", takes, folder)
        for name, made in disguised(takes, folder):
            report(name, made, folder)
        report("people", sorted(p for pattern in OF_PEOPLE for p in asked.media.glob(pattern)), folder)


if __name__ == "__main__":
    main()
