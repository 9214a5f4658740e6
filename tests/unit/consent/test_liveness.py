"""A statement without the noise of any room is told and recorded, and refused by nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import consent
from localize.consent import Home, ledger
from localize.data import Span, Utterance
from localize.errors import NoGrant
from localize.runtime.files import sha256_of


@pytest.fixture
def spoken(tmp_path: Path, tone: Callable[..., Any]) -> Callable[[float], Path]:
    """Seven seconds with pauses, and with noise at a level in dBFS under all of it."""

    def make(noise_db: float) -> Path:
        sound = np.concatenate([part for _ in range(10) for part in (tone(0.4), np.zeros(14_400, np.float32))])
        noise = np.random.default_rng(1).normal(0, 10 ** (noise_db / 20), len(sound)) if noise_db > -200 else 0
        path = tmp_path / f"{-noise_db:.0f}.wav"
        soundfile.write(path, sound + noise, 48_000, subtype="PCM_16")
        return path

    return make


@pytest.mark.parametrize(
    ("noise_db", "hinted"), [(-200.0, True), (-90.0, True), (-70.0, False), (-50.0, False), (-30.0, False)]
)
def test_pauses_without_a_room_are_told_and_recorded(
    home: Home, spoken: Callable[[float], Path], noise_db: float, hinted: bool
) -> None:
    said = consent.challenge(home, "Ana").text

    def recognise(audio: Path, span: Span, language: str) -> tuple[Utterance, ...]:
        return (Utterance(said, ()),)

    path = spoken(noise_db)
    made = consent.enroll(home, "ana", reference=path, name="Ana", statement=path, recognise=recognise)
    assert made.verified  # whatever the hint
    assert bool(made.hints) == hinted
    consent.grant(home, "ana", languages=["es"])
    assert consent.check(home, [consent.Request("ana", "S1", "es", "film", cloning=True)])
    recorded = {r["kind"]: r.get("statement_hints", "") for r in ledger.read(home)}
    assert bool(recorded["enrolment"]) == bool(recorded["grant"]) == hinted
    assert recorded["enrolment"] == recorded["grant"] == "; ".join(made.hints)


def test_a_hint_cannot_be_taken_off_the_card(home: Home, spoken: Callable[[float], Path]) -> None:
    path = spoken(-200.0)
    consent.enroll(home, "ana", reference=path, evidence=paper(home.folder.parent), statement=path)
    consent.grant(home, "ana", languages=["es"])
    card = home.voices / "ana" / "voice.toml"
    before = sha256_of(card)
    lines = [line for line in card.read_text().splitlines() if "statement_hints" not in line]
    card.write_text("\n".join(lines) + "\n")
    assert sha256_of(card) != before
    with pytest.raises(NoGrant, match="other data"):
        consent.check(home, [consent.Request("ana", "S1", "es", "film", cloning=True)])


def paper(folder: Path) -> Path:
    path = folder / "paper.pdf"
    path.write_bytes(b"%PDF-1.7 signed")
    return path
