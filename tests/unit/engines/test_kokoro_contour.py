"""How the curves of a line are led: what is asked for comes out, within bounds, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from localize.data import Manner
from localize.engines.kokoro_contour import MOST_ST, STEP_MS, TURN_MS, TURNED_ST, LedPhrase, lead
from localize.signal.pitch import final_movement

USUAL = 120.0
WORDS = ((10, 30), (30, 60), (60, 80), (80, 110))


def own_reading() -> tuple[Any, Any]:
    """1.5 s: ten values of silence, a slow fall from 130 to 110 Hz, ten of silence."""
    pitch = np.full(120, 10.0, np.float32)
    pitch[10:110] = np.linspace(130, 110, 100)
    energy = np.full(120, -9.0, np.float32)
    energy[10:110] = 7.0
    return pitch, energy


def led(manner: Manner) -> tuple[Any, Any, Any]:
    pitch, energy = own_reading()
    scale, shift = lead(pitch, energy, [LedPhrase(10, 110, WORDS, manner)], USUAL)
    return pitch * scale, scale, shift


def median_st(pitch: Any) -> float:
    return float(12 * np.log2(np.median(pitch[10:110]) / USUAL))


def test_no_strength_changes_nothing() -> None:
    _, scale, shift = led(Manner(0.0, 4.0, 1.5, 2.0, 3.0, 4.0, 1))
    assert (scale == 1).all()
    assert not shift.any()


@pytest.mark.parametrize(("emphasis", "final"), [(-1, None), (1, None), (-1, 4.0)])
@pytest.mark.parametrize("height", [-3.0, 0.0, 2.0])
def test_a_phrase_is_as_high_as_asked(height: float, emphasis: int, final: float | None) -> None:
    pitch, scale, _ = led(Manner(1.0, height, final_st=final, emphasis=emphasis))
    assert median_st(pitch) == pytest.approx(height, abs=0.1)
    assert (scale[:10] == 1).all()
    assert (scale[110:] == 1).all()


def test_half_the_strength_goes_half_the_way() -> None:
    assert median_st(led(Manner(0.5, 3.0))[0]) == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize("factor", [0.7, 1.5])
def test_the_range_is_a_factor_of_its_own(factor: float) -> None:
    before, after = (12 * np.log2(p[10:110]) for p in (own_reading()[0], led(Manner(1.0, 0.0, factor))[0]))
    assert np.ptp(after) / np.ptp(before) == pytest.approx(factor, abs=0.05)


@pytest.mark.parametrize("final", [-3.0, 2.0, 4.0])
def test_the_end_moves_as_asked_however_it_would_have(final: float) -> None:
    pitch, _, _ = led(Manner(1.0, final_st=final))
    assert final_movement(np.where(pitch > 60, pitch, 0), 12.5) == pytest.approx(final, abs=0.5)


def test_an_emphasised_word_is_the_highest_and_has_more_energy() -> None:
    pitch, _, shift = led(Manner(1.0, emphasis=2))
    peaks = [pitch[a:b].max() for a, b in WORDS]
    assert int(np.argmax(peaks)) == 2
    assert shift[70] > 0 > shift[20]


def test_what_follows_an_emphasised_word_is_lower_and_moves_less() -> None:
    plain, stressed = (12 * np.log2(led(Manner(1.0, emphasis=word))[0]) for word in (-1, 1))
    after = slice(WORDS[1][1] + 5, 105)
    assert np.median(stressed[after]) < np.median(plain[after]) - 0.5
    assert np.ptp(stressed[after]) < 0.7 * np.ptp(plain[after])


def test_no_wish_moves_a_frame_beyond_the_bound() -> None:
    for manner in (Manner(1.0, 4.0, 1.5, final_st=5.0, emphasis=3), Manner(1.0, -4.0, 1.5, final_st=-4.0)):
        _, scale, _ = led(manner)
        moved, end = np.abs(12 * np.log2(scale)), 110 - int(TURN_MS / STEP_MS)
        assert float(moved[:end].max()) <= MOST_ST + 1e-3
        assert float(moved.max()) <= TURNED_ST + 1e-3


def test_an_end_that_rises_stays_up_where_the_voice_dies_away() -> None:
    pitch, energy = own_reading()
    pitch[95:110] = np.linspace(110, 70, 15)
    energy[100:110] = 2.0
    scale, _ = lead(pitch, energy, [LedPhrase(10, 110, WORDS, Manner(1.0, final_st=4.0))], USUAL)
    assert (pitch * scale)[85:110].min() > 110


def test_a_phrase_without_voice_is_left_alone() -> None:
    pitch, energy = np.full(120, 10.0, np.float32), np.full(120, -9.0, np.float32)
    scale, shift = lead(pitch, energy, [LedPhrase(10, 110, WORDS, Manner(1.0, 4.0))], USUAL)
    assert (scale == 1).all()
    assert not shift.any()
