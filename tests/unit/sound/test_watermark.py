"""The mark: in the dialogue and in the mix alike, nowhere else, and found again after encoding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.data import Blob, Media, Mix, Source
from localize.engines import BUILT_IN
from localize.errors import EngineMissing
from localize.events import Run
from localize.runtime.store import Store
from localize.sound import watermark
from localize.testing import FakeWatermarker

RATE = 48_000


def kept(store: Store, samples: Any) -> Blob:
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, samples, RATE, "PCM_24", format="WAV")
    return draft.blob


@pytest.fixture
def mixed(store: Store, tone: Any) -> Mix:
    """Seventy seconds: music throughout, a voice from 5 s to 65 s on both channels, with a break at 30 s."""
    length = 70 * RATE
    voice = np.zeros((length, 2), np.float32)
    for begin, seconds in ((5, 25), (31, 34)):
        voice[begin * RATE : (begin + seconds) * RATE] = tone(seconds, 150)[:, None]
    music = np.random.default_rng(3).normal(0, 0.01, (length, 2)).astype(np.float32)
    steps = 2**23
    voice, music = np.round(voice * steps) / steps, np.round(music * steps) / steps
    dialogue, bed, full = (kept(store, sound) for sound in (voice, music, voice + music))
    return Mix(full, dialogue, bed, -20.0, -3.0, -20.0)


def media_of(suffix: str, picture: bool) -> Media:
    from localize.data import Stream

    streams = (Stream(0, "video", "h264"),) if picture else ()
    blob = Blob("0" * 64, 1, ".wav")
    source = Source("0" * 64, 1, f"film{suffix}")
    return Media(source, "mov", streams, 0, 70_000, 70 * RATE, 2, "stereo", "25/1", blob, blob)


def read(store: Store, blob: Blob) -> Any:
    return soundfile.read(store.path(blob), dtype="int32", always_2d=True)[0].astype(np.int64)


@pytest.mark.costly
def test_without_an_engine_nothing_is_touched(run: Run, mixed: Mix) -> None:
    assert watermark.watermark_dialogue(run, media_of(".mp4", True), mixed, None) == (mixed, None)


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "picture"), [(".mp4", True), (".mkv", True), (".wav", False)])
def test_the_mark_is_in_stem_and_mix_alike_and_only_where_somebody_speaks(
    run: Run, mixed: Mix, suffix: str, picture: bool
) -> None:
    made, confidence = watermark.watermark_dialogue(run, media_of(suffix, picture), mixed, FakeWatermarker())
    assert confidence is not None
    assert confidence >= 0.5
    old, new = ({k: read(run.store, getattr(m, k)) for k in ("dialogue", "full", "bed")} for m in (mixed, made))
    assert np.array_equal(new["full"], new["dialogue"] + new["bed"])
    silent = np.abs(old["dialogue"]).max(axis=1) == 0
    inside = np.zeros(len(silent), bool)
    for begin, end in ((5, 30), (31, 65)):
        inside[begin * RATE - 480 : end * RATE + 480] = True
    assert np.array_equal(new["full"][~inside], old["full"][~inside])
    assert not np.array_equal(new["dialogue"][inside], old["dialogue"][inside])
    assert [e.message for e in run.warnings] == []


@pytest.mark.slow
def test_where_music_drowns_the_stems_mark_the_mix_is_marked(run: Run, mixed: Mix) -> None:
    class Shy(FakeWatermarker):
        """Hides its mark deep in what is quiet: only a loud sound gets one that is found."""

        fingerprint = "shy 1"

        def mark(self, samples: Any, rate: int) -> Any:
            marked = super().mark(samples, rate)
            return marked if self.asked else samples

        asked = False

        def confidence(self, samples: Any, rate: int) -> float:
            found = super().confidence(samples, rate)
            self.asked = True
            return found

    made, confidence = watermark.watermark_dialogue(run, media_of(".wav", False), mixed, Shy())
    assert confidence is not None
    assert confidence >= 0.5
    new = {k: read(run.store, getattr(made, k)) for k in ("dialogue", "full", "bed")}
    assert np.array_equal(new["full"], new["dialogue"] + new["bed"])


def test_a_weak_mark_is_told(run: Run, store: Store) -> None:
    nobody = kept(store, np.zeros((RATE, 2), np.float32))
    mixed = Mix(nobody, nobody, nobody, -70.0, -70.0, -70.0)
    _, confidence = watermark.watermark_dialogue(run, media_of(".wav", False), mixed, FakeWatermarker())
    assert confidence == 0
    assert [e.code for e in run.warnings] == ["watermark"]


@pytest.mark.costly
def test_any_file_can_be_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tone: Any) -> None:
    monkeypatch.setitem(BUILT_IN, "watermarker", {"fake": "localize.testing:FakeWatermarker"})
    ask = watermark.watermark_detector(required=True)
    assert ask is not None
    sound = tone(12, 150)
    for name, samples, found in (("a.wav", sound, False), ("b.flac", FakeWatermarker().mark(sound, RATE), True)):
        soundfile.write(tmp_path / name, samples, RATE)
        assert (ask(tmp_path / name) >= 0.5) is found
    (tmp_path / "x.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHi\n")
    monkeypatch.setitem(BUILT_IN, "watermarker", {"absent": f"{__name__}:Absent"})
    assert watermark.watermark_detector(required=False) is None
    with pytest.raises(EngineMissing, match=r"pip install 'localize-toolkit\[watermark\]'"):
        watermark.watermark_detector(required=True)


class Absent(FakeWatermarker):
    name = "absent"
    requires = ("no_such_package",)
