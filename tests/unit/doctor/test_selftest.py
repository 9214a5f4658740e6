"""`doctor --deep`: engines at work, and one that does not work."""

from __future__ import annotations

from typing import Any

import pytest

from localize import consent, testing
from localize.doctor import selftest
from localize.engines import load
from localize.models import Models

pytest.importorskip("kokoro_onnx")
pytestmark = pytest.mark.slow


class _Deaf(testing.FakeRecogniser):
    def recognise(self, audio: Any, span: Any, language: str) -> Any:
        return ()


class _Raising(testing.FakeTranslator):
    def translate(self, sentences: Any, source: str, target: str, *, n_best: int = 4) -> Any:
        raise ZeroDivisionError("out of order")


def test_every_engine_that_is_installed_does_its_work(models: Models) -> None:
    found = {f.name: f for f in selftest.run_self_tests(models)}
    assert {name.split()[-1].split(":")[0] for name in found} >= {"faster_whisper", "marian_ct2", "bergamot", "kokoro"}
    assert all(f.ok for f in found.values()), found
    assert "train" in found["trial recogniser faster_whisper:whisper-base"].detail


def test_an_engine_that_does_not_do_its_work_is_found_out(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    real = selftest.load
    broken = {"recogniser": _Deaf(), "translator": _Raising()}
    monkeypatch.setattr(selftest, "load", lambda role, spec, store: broken.get(role) or real(role, spec, store))
    monkeypatch.setattr(selftest, "ROLES", tuple(broken))
    found = [f for f in selftest.run_self_tests(models) if f.name.split()[1] in broken]
    assert not any(f.ok for f in found)
    assert any("out of order" in f.detail for f in found)
    assert any("it recognised" in f.detail for f in found)


def test_a_voice_that_is_revoked_here_is_not_heard_in_a_trial_either(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent.revoke(consent.Home.open(), selftest.VOICE)
    said: list[Any] = []
    monkeypatch.setattr(type(load("synthesizer", "kokoro", models)), "speak", lambda *_: said.append(_))
    monkeypatch.setattr(selftest, "ROLES", ("recogniser", "synthesizer"))
    found = [f for f in selftest.run_self_tests(models) if "kokoro" in f.name or "faster_whisper" in f.name]
    assert found
    assert all("not tried: the voice af_heart was revoked" in f.detail for f in found), found
    assert said == []
