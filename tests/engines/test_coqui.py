"""Coqui's parts that need no network: texts parted, tails cut, artefacts trimmed, and hostile folders refused."""

from __future__ import annotations

import json
import pickle
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import made_models
import pytest

np = pytest.importorskip("numpy")

from localize.data import Phrase, Span  # noqa: E402
from localize.engines.coqui import find_tail_ms, split_clauses, trim_silence  # noqa: E402
from localize.engines.coqui_models import model_type  # noqa: E402
from localize.errors import EngineFailed, UsageError  # noqa: E402

coqui = pytest.mark.skipif(not find_spec("TTS"), reason="Coqui TTS comes with the extra coqui")
group = pytest.mark.xdist_group("coqui")
SPANISH = (
    "Cuando llegó a la estación, el tren ya había salido; nadie sabía por qué. Esperó una hora en el andén, y luego "
    "otra, hasta que un hombre con sombrero le dijo que no vendría ningún tren más: era domingo. Se fue a pie."
)


@pytest.mark.parametrize("limit", [40, 80, 120, 239])
def test_no_part_is_over_the_limit_and_no_word_is_lost(limit: int) -> None:
    parts = split_clauses(SPANISH, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert " ".join(parts) == SPANISH


def test_texts_are_cut_at_sentences_then_clauses_then_words() -> None:
    assert split_clauses("Uno dos. Tres cuatro.", 12) == ["Uno dos.", "Tres cuatro."]
    assert split_clauses("Uno dos, tres cuatro", 12) == ["Uno dos,", "tres cuatro"]
    assert split_clauses("uno dos tres cuatro", 12) == ["uno dos tres", "cuatro"]
    assert split_clauses("a" * 30, 12) == ["a" * 12, "a" * 12, "a" * 6]
    assert split_clauses(" ... ", 12) == []
    assert split_clauses("Corto.", 12) == ["Corto."]


def heard(*words: str) -> list[tuple[str, Span]]:
    return [(word, Span(300 * n, 300 * n + 250)) for n, word in enumerate(words)]


@pytest.mark.parametrize(
    ("words", "end_ms"),
    [
        (("Sale", "a", "las", "nueve."), None),
        (("Sale", "a", "las", "nueve.", "Nueve."), 1150),
        (("Sale", "a", "las", "nueve", "las", "nueve", "uh"), 1150),
        (("Sale", "la", "nueve"), None),
        (("Quién", "sabe", "qué", "dijo", "nueve", "hoy"), None),
        ((), None),
    ],
)
def test_a_repeated_tail_is_found_and_only_where_the_text_was_understood(words: Any, end_ms: int | None) -> None:
    assert find_tail_ms("Sale a las nueve.", heard(*words)) == end_ms


def test_clicks_and_breaths_that_stand_alone_are_trimmed_and_speech_is_not(tone: Any) -> None:
    rate = 24_000
    quiet = np.zeros(rate * 4 // 10, np.float32)
    click, speech = tone(0.04, rate=rate), tone(0.8, rate=rate)
    made = trim_silence(np.concatenate([quiet, click, quiet, speech, quiet, click, quiet]), rate)
    assert abs(len(made) - 0.84 * rate) < 0.06 * rate
    both = trim_silence(np.concatenate([speech, quiet, speech]), rate)
    assert len(both) > 1.9 * rate
    assert len(trim_silence(np.zeros(rate, np.float32), rate)) == 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"model": "bark"}', '{"model": "xtts"}', "[" * 100_000, '{"model": ["xtts"]}']
)
def test_a_folder_of_another_kind_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        model_type(tmp_path)


def network(folder: Path, kind: str) -> Any:
    from localize.engines.coqui_models import Network
    from localize.runtime.device import Device

    return Network(kind, folder, Device())


@coqui
@group
def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "exploded",)

    folder = made_models.vits(tmp_path / "vits")
    (folder / "model.pth").write_bytes(pickle.dumps({"model": Bomb()}))
    with pytest.raises(EngineFailed):
        network(folder, "vits").say("Hola.", "es", b"")
    assert not (tmp_path / "exploded").exists()


@coqui
@group
def test_a_model_of_many_voices_is_refused(tmp_path: Path) -> None:
    folder = made_models.vits(tmp_path / "vits")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert model_type(folder)[0] == "vits"
    config["model_args"]["num_speakers"] = 4
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(UsageError, match="several voices"):
        model_type(folder)


@coqui
@group
def test_a_voice_is_looked_at_once_and_long_texts_are_parted(
    tmp_path: Path, spoken: Any, models: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from localize.consent import Home, Request, check, enroll, grant
    from localize.engines import load
    from localize.engines.coqui_models import Network

    home = Home.open(tmp_path / "home")
    enroll(home, "ana", reference=spoken.path, evidence=spoken.path)
    grant(home, "ana", languages=("es",))
    given = check(home, [Request("ana", "S1", "es", "a test")])["S1"]
    engine = load("synthesizer", f"coqui:{made_models.xtts(tmp_path / 'xtts')}", models)
    looked: list[int] = []
    real = Network._latents_of
    monkeypatch.setattr(Network, "_latents_of", lambda self, data: looked.append(len(data)) or real(self, data))
    monkeypatch.setattr(Network, "limit", lambda self, language: 12)
    said: list[str] = []
    speaks = Network.say
    monkeypatch.setattr(Network, "say", lambda self, text, *rest: said.append(text) or speaks(self, text, *rest))
    engine.speak((Phrase("Uno dos, tres cuatro.", Span(0, 900)),), given, "es")
    engine.speak((Phrase("Cinco.", Span(0, 400)),), given, "es")
    assert said == ["Uno dos,", "tres cuatro.", "Cinco."]
    assert len(looked) == 1
