"""Recordings of lines: what is taken, what is refused, and that nothing of them is cut."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import media
from localize.data import Phrase, Plan, Span
from localize.errors import MediaError
from localize.isochrony.planner import Slot
from localize.isochrony.recorded import LONGEST_S, fit_recording, fitted_plan, take_recording
from localize.runtime.store import Store

RATE = 48_000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def speech(seconds: float, rate: int = RATE, *, lead: float = 0.4) -> Any:
    """A tone between two silences."""
    quiet = np.zeros(int(lead * rate), np.float32)
    voice = 0.3 * np.sin(2 * np.pi * 200 * np.arange(int(seconds * rate)) / rate)
    return np.concatenate([quiet, voice.astype(np.float32), quiet])


def write(path: Path, samples: Any, rate: int = RATE, form: str = "PCM_24", kind: str = "WAV") -> Path:
    soundfile.write(path, samples, rate, form, format=kind)
    return path


def two_sided(samples: Any) -> Any:
    return np.stack([samples, np.zeros_like(samples)], 1)


@pytest.mark.parametrize("form", ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
def test_a_recording_is_heard_where_its_person_is(store: Store, tmp_path: Path, form: str, rate: int) -> None:
    path = write(tmp_path / "a.wav", two_sided(speech(1.5, rate)), rate, form)
    found = take_recording(store, media.identify(path))
    assert [found.heard[0].start_ms, found.heard[-1].end_ms] == pytest.approx([400, 1900], abs=15)
    assert not found.clipped
    kept, at = soundfile.read(store.path(found.voice))
    assert (at, kept.ndim) == (RATE, 1)
    assert np.abs(kept).max() == pytest.approx(0.3, abs=0.02), "a microphone on one side is as loud as on both"


def _nan(path: Path) -> None:
    samples = speech(1)
    samples[9000] = np.nan
    write(path, samples, form="FLOAT")


def _cut(path: Path) -> None:
    write(path, speech(1))
    path.write_bytes(path.read_bytes()[:44])


def _long(path: Path) -> None:
    write(path, np.zeros((LONGEST_S + 1) * 16_000, np.float32), 16_000, "PCM_16")


def _claims(path: Path) -> None:
    """A header that says two hours."""
    write(path, speech(1), form="PCM_16")
    data = bytearray(path.read_bytes())
    data[40:44] = struct.pack("<I", 0x7FFFFFFE)
    data[4:8] = struct.pack("<I", 0x7FFFFFFF)
    path.write_bytes(data[:200])


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: path.write_bytes(b""), "cannot be read as a WAV"),
    "text": (lambda path: path.write_bytes(b"<script>alert(1)</script>" * 100), "cannot be read as a WAV"),
    "zip": (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(4000)), "cannot be read as a WAV"),
    "flac": (lambda path: write(path, speech(1), kind="FLAC"), "FLAC"),
    "adpcm": (lambda path: write(path, speech(1), form="IMA_ADPCM"), "IMA_ADPCM"),
    "eight bits": (lambda path: write(path, speech(1), form="PCM_U8"), "PCM_U8"),
    "three channels": (lambda path: write(path, np.stack([speech(1)] * 3, 1)), "3 channels"),
    "telephone": (lambda path: write(path, speech(1, 8000), 8000), "8000 Hz"),
    "radio waves": (lambda path: write(path, speech(1), 4_000_000), "4000000 Hz"),
    "no numbers": (_nan, "no numbers"),
    "silence": (lambda path: write(path, np.zeros(RATE, np.float32)), "silent"),
    "no samples": (_cut, "ends before|cannot be read"),
    "too long": (_long, "61 s"),
    "lies about its length": (_claims, "recording"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_recording_is_refused_in_one_line(store: Store, tmp_path: Path, name: str) -> None:
    make, said = HOSTILE[name]
    path = tmp_path / "a.wav"
    make(path)
    with pytest.raises(MediaError, match=said) as refused:
        take_recording(store, media.identify(path))
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    ("wanted_ms", "length_ms"), [(2000, 2000), (1700, 1700), (2300, 2300), (1000, 1600), (4000, 2353)]
)
def test_a_recording_is_stretched_within_bounds_and_never_cut(
    store: Store, tmp_path: Path, wanted_ms: int, length_ms: int
) -> None:
    found = take_recording(store, media.identify(write(tmp_path / "a.wav", speech(2.0))))
    fitted = fit_recording(store, found, wanted_ms)
    assert fitted.heard[0].start_ms <= 10
    assert fitted.heard[-1].end_ms == pytest.approx(length_ms, abs=45)
    kept, _ = soundfile.read(store.path(fitted.audio))
    assert len(kept) >= fitted.heard[-1].end_ms * RATE // 1000


@pytest.mark.parametrize(("until_ms", "fit"), [(9000, "exact"), (2700, "exact"), (2600, "overflow")])
def test_a_recording_too_long_for_its_slot_overflows_and_says_by_how_much(
    store: Store, tmp_path: Path, until_ms: int, fit: str
) -> None:
    found = take_recording(store, media.identify(write(tmp_path / "a.wav", speech(2.0))))
    slot = Slot("s1", (Span(1000, 2000),), "S1", until_ms)
    plan = Plan("s1", 0, (Phrase("Hola.", Span(1000, 2000)),), 2000, "exact")
    made = fitted_plan(plan, slot, found)
    assert made.fit == fit
    assert ("ms too long at 1.25 x" in made.reason) is (fit == "overflow")
