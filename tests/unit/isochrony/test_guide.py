"""Guide takes: what a reading says of a line, and where it is laid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from localize.data import Candidate, Line, Phrase, PhraseProsody, Plan, Segment, Span, Transcript, Translation
from localize.isochrony.expression import GUIDED_STRENGTH, director
from localize.isochrony.guide import Guide, guided_slot, over, read_guide
from localize.isochrony.planner import Slot
from localize.isochrony.recorded import take_recording
from localize.media import identify
from localize.runtime.store import Store

GUIDE = Guide(
    "0" * 64, tuple(PhraseProsody("s1", Span(a, b), 120.0, 5.0, -20.0, None) for a, b in ((0, 500), (900, 2000)))
)


@pytest.mark.parametrize(
    ("until", "phrases"), [(9000, ((1000, 1500), (1900, 3000))), (2020, ((1000, 1250), (1450, 2000)))]
)  # fmt: skip
def test_a_line_follows_its_guide_and_faster_where_the_next_line_comes(
    until: int, phrases: tuple[tuple[int, int], ...]
) -> None:
    slot = guided_slot(Slot("s1", (Span(1000, 2000),), "S1", until), GUIDE)
    assert tuple((p.start_ms, p.end_ms) for p in slot.phrases) == phrases


def test_a_rise_and_a_higher_phrase_of_a_reading_are_asked_of_the_voice_alone_in_its_line(
    store: Store, tmp_path: Path
) -> None:
    at = np.arange(48_000) / 48_000
    flat = np.full(24_000, 150.0)
    rising = np.concatenate([np.full(17_000, 190.0), np.geomspace(190, 260, 7_000)])
    voice = [0.3 * sum(np.sin(2 * np.pi * n * np.cumsum(f) / 48_000) / n for n in range(1, 6)) for f in (flat, rising)]
    quiet = np.zeros(len(at) // 2)
    soundfile.write(tmp_path / "own.wav", np.concatenate([quiet, voice[0], quiet, voice[1], quiet]), 48_000, "PCM_24")
    guide = read_guide(store, "s1", take_recording(store, identify(tmp_path / "own.wav")), ())
    low, high = guide.phrases
    assert low.span.start_ms == 0
    assert high.height_st - low.height_st == pytest.approx(12 * np.log2(190 / 150), abs=1)
    segments = tuple(Segment(f"s{n}", Span(3000 * n, 3000 * n + 1500), "S1", "One, two.", ()) for n in (1, 2))
    lines = tuple(Line(s.id, (Candidate("Uno, dos.", 0.0),)) for s in segments)
    direct = director(Transcript("en", segments), Translation("es", lines), (), 0.0, {"s1": guide})
    assert direct is not None
    said = tuple(Phrase(t, s) for t, s in zip(("Uno,", "dos."), (Span(3000, 3500), Span(4000, 4500))))
    first, second = direct(Plan("s1", 0, said, 1000, "exact"), said)
    assert (first.strength, second.strength) == (GUIDED_STRENGTH, GUIDED_STRENGTH)
    assert second.height_st > 1 > first.height_st
    assert (first.final_st, (second.final_st or 0) > 2) == (None, True)
    assert direct(Plan("s2", 0, said, 1000, "exact"), said) == (), "the other line is said as the voice has it"


def test_a_guide_is_laid_over_the_time_in_which_its_line_is_heard() -> None:
    assert [p.span for p in over(GUIDE, 4000, 5000)] == [Span(4000, 4250), Span(4450, 5000)]
