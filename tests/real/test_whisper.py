"""openai-whisper on the embedded weights, re-laid: the same words as faster_whisper on real speech."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import made_models
import pytest

pytestmark = [
    pytest.mark.skipif(not find_spec("whisper"), reason="openai-whisper comes with the extra whisper"),
    pytest.mark.xdist_group("whisper(relaid)"),
    pytest.mark.slow,
]


@pytest.mark.shared
def test_both_whispers_hear_the_same_words_within_two_percent(shared: Path, models: object, tmp_path: Path) -> None:
    import jiwer
    import soundfile
    import soxr

    from localize.data import Span
    from localize.delivery.quality_control import comparable_words
    from localize.engines import load

    checkpoint = made_models.relaid(tmp_path / "base.pt")
    specs = ("faster_whisper:whisper-base", f"whisper:{checkpoint}")
    engines = [load("recogniser", spec, models) for spec in specs]  # type: ignore[arg-type]
    folder = shared / "media" / "1_english"
    heard: list[list[str]] = [[], []]
    for source in (folder / "jfk.flac", *sorted((folder / "ljspeech").glob("*.wav"))[::3]):
        samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
        path = tmp_path / "ears.wav"
        speech = soxr.resample(samples.mean(axis=1), rate, 16_000)
        soundfile.write(path, speech, 16_000, "PCM_16")
        for engine, texts in zip(engines, heard):
            found = engine.recognise(path, Span(0, len(speech) // 16), "en")
            texts.append(comparable_words(" ".join(u.text for u in found), "en"))
            assert all(0 <= w.span.start_ms <= w.span.end_ms <= len(speech) // 16 for u in found for w in u.words)
    assert "ask not what your country can do for you" in heard[1][0]
    assert sum(len(text.split()) for text in heard[0]) > 100
    assert jiwer.wer(heard[0], heard[1]) <= 0.02


def test_a_checkpoint_that_would_run_code_is_refused(models: object, tmp_path: Path, spoken: object) -> None:
    import pickle

    from localize.data import Span
    from localize.engines import load
    from localize.errors import EngineFailed

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "exploded"),)  # type: ignore[return-value]

    (tmp_path / "bomb.pt").write_bytes(pickle.dumps(Bomb()))
    engine = load("recogniser", f"whisper:{tmp_path / 'bomb.pt'}", models)  # type: ignore[arg-type]
    with pytest.raises(EngineFailed, match=r"bomb\.pt is no Whisper checkpoint"):
        engine.recognise(spoken.ears, Span(0, 6000), "en")  # type: ignore[attr-defined]
    assert not (tmp_path / "exploded").exists()
