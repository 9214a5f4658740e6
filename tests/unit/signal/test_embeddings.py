"""Pitch, speaker embeddings and quality are what librosa and speechmos measure, without either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from localize.signal import embeddings
from localize.signal.pitch import pitch_track
from localize.signal.speech_quality import speech_quality

LIBROSA = {
    "r1.flac": (110.068, 1.91023),
    "r2.flac": (144.094, 3.39850),
    "r3.flac": (120.554, 3.43735),
    "r4.flac": (130.752, 3.11285),
    "r5.flac": (134.300, 3.45365),
    "r6.flac": (117.995, 3.38418),
    "r7.flac": (217.572, 3.45788),
}
"""Median of librosa 0.11's `yin(fmin=65, fmax=400, frame_length=1024, hop_length=320)` over the frames whose
`feature.rms` is above 0.4 of its 95th percentile, and `ovrl_mos` of speechmos 0.0.1.1, for the first 30 s. As data: a
test that imports librosa would fill numba's cache, which is what this code avoids."""


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", LIBROSA)
def test_real_speech_is_heard_as_librosa_and_speechmos_hear_it(name: str, shared: Path) -> None:
    samples, rate = soundfile.read(shared / "cases" / "media" / name, dtype="float32", always_2d=True)
    heard = samples.mean(axis=1)[: rate * 30]
    if rate != embeddings.EMBEDDING_HZ:
        heard = soxr.resample(heard, rate, embeddings.EMBEDDING_HZ)
    pitch, level = pitch_track(heard)
    hertz, quality = LIBROSA[name]
    # librosa computes in single precision: one frame in 200 takes another period, which moves a median this far.
    assert np.median(pitch[level > 0.4 * np.percentile(level, 95)]) == pytest.approx(hertz, rel=0.005)
    assert speech_quality(np.clip(heard, -1, 1)) == pytest.approx(quality, abs=1e-4)


def test_the_mel_bank_is_slaneys() -> None:
    """As faster-whisper computes it for Whisper, which was taught with librosa's."""
    feature_extractor = pytest.importorskip("faster_whisper.feature_extractor")
    bank = feature_extractor.FeatureExtractor.get_mel_filters(16_000, 512, n_mels=40)
    assert np.abs(embeddings._mel_bank(16_000, 512, 40) - bank).max() < 1e-7


@pytest.mark.parametrize("hertz", [70, 82.4, 120, 210, 390])
def test_the_pitch_of_a_tone_is_its_frequency(hertz: float) -> None:
    at = np.arange(32_000) / 16_000
    tone = sum(np.sin(2 * np.pi * hertz * k * at) / k for k in (1, 2, 3)).astype(np.float32) * 0.1
    pitch, level = pitch_track(tone)
    assert np.median(pitch) == pytest.approx(hertz, rel=0.005)
    assert len(pitch) == len(level) == 101


def test_a_short_sound_is_repeated_and_an_empty_one_has_no_quality(spoken: Any) -> None:
    heard, _ = soundfile.read(spoken.ears, dtype="float32")
    assert 2.0 < speech_quality(heard[:64_000]) < 5.0
    assert speech_quality(heard[:0]) == 0.0


def test_a_voice_print_has_unit_length_and_knows_its_voice(spoken: Any) -> None:
    heard, _ = soundfile.read(spoken.ears, dtype="float32")
    first, second = embeddings.speaker_embedding(heard[16_000:56_000]), embeddings.speaker_embedding(heard[56_000:])
    assert np.linalg.norm(first) == pytest.approx(1.0, abs=1e-5)
    assert float(first @ second) > 0.6
    assert np.linalg.norm(embeddings.speaker_embedding(heard[16_000:17_000])) == pytest.approx(1.0, abs=1e-5)


def test_a_recording_read_in_blocks_has_the_windows_of_the_whole(spoken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    heard, _ = soundfile.read(spoken.ears, dtype="float32")
    gain = embeddings.reference_gain(embeddings.tenth_levels(heard))
    whole = embeddings.window_embeddings(heard * np.float32(gain), 200)
    monkeypatch.setattr(embeddings, "_BLOCK_S", 2)
    parts = embeddings.recording_embeddings(Path(spoken.ears), 200)
    assert len(parts) == len(whole) > 10
    # The network is quantised by the batch: in another batch, a window has nearly the same vector.
    alike = parts @ whole.T
    assert np.diag(alike).min() > 0.99
    assert np.diag(alike).mean() > max(np.diag(alike, 1).mean(), np.diag(alike, -1).mean())


def test_too_little_speech_has_no_embedding() -> None:
    assert embeddings.mean_embedding(np.zeros(4_000, np.float32)) is None
