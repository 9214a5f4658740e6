"""What report.json measures, against figures worked out by hand; what --strict refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.data import Blob, Candidate, Clip, Fit, Line, Mix, Plan, Room, Span, Take, Timeline, Translation
from localize.delivery.quality_control import (
    _line,
    _overlap,
    _talk_over,
    _wer,
    comparable_words,
    describe_sound,
    measure_dub,
    measure_timing,
    shortfalls,
)
from localize.delivery.report import DeliveredSound, RoomReport, RunWarning, SoundReport, SubtitleSummary, Summary
from localize.delivery.results import run_warnings, stage_costs
from localize.events import Run
from localize.speakers.casting import Role
from localize.testing import FakeRecogniser

NO_SOUND = Blob("0" * 64, 0, ".wav")


def clip(
    at: tuple[int, int],
    source: tuple[int, int],
    rate: float = 1.0,
    fit: Fit = "exact",
    text: str = "Hola.",
    segment: str = "s0001",
    speaker: str = "S1",
) -> Clip:
    """A line heard from `at[0]` to `at[1]` in place of one heard from `source[0]` to `source[1]`, without a pause."""
    length = at[1] - at[0]
    take = Take(segment, text, NO_SOUND, length, (Span(0, length),), (), "ef_dora", "grant", length, fit)
    return Clip(take, at[0], (Span(*at),), rate, fit, Span(*source), (Span(*source),), speaker)


def timeline(*clips: Clip, duration_ms: int = 10_000) -> Timeline:
    return Timeline("es", duration_ms, clips)


# --- timing ----------------------------------------------------------------------------------------------------------

LINES = timeline(
    clip((1000, 2000), (900, 2000), 1.0),  # 100 ms late, ends as its source does: on time
    clip((3300, 4200), (3000, 4000), 1.25, "stretched"),  # 300 ms late
    clip((5950, 7210), (6000, 7000), 1.3, "overflow"),  # begins in time, ends 210 ms late
    clip((7800, 8900), (8000, 9000), 1.2),  # exactly 200 ms early, ends early: on time
)


def test_timing_is_counted_as_worked_out_by_hand() -> None:
    # Both heard: 1000 + 700 + 1000 + 900 = 3600 ms. Either: 1100 + 1200 + 1260 + 1200 = 4760 ms.
    # Starts are off by 50, 100, 200 and 300 ms: median 150, the 95th percentile 200 + 0.85 * 100.
    assert measure_timing(LINES, [c.span for c in LINES.clips]) == {
        "overlap": round(3600 / 4760, 4),
        "on_time": 50.0,
        "start_ms": (150, 285),
        "talk_over_ms": 0,
        "fast_lines": 50.0,
        "max_rate": 1.3,
        "overflow": 1,
    }


def test_the_overlap_is_that_of_what_is_heard_not_of_what_was_planned() -> None:
    heard = [Span(1000, 1500)]  # of 1100 + 3 * 1000 ms of source, inside it
    assert measure_timing(LINES, heard)["overlap"] == round(500 / 4100, 4)
    assert measure_timing(LINES, [])["overlap"] == 0.0
    assert measure_timing(LINES, [Span(10_500, 11_000)])["overlap"] == 0.0, (
        "sound after the end of the film counts as well"
    )


def test_where_nobody_speaks_there_is_nothing_to_measure() -> None:
    assert measure_timing(timeline(), ()) == {
        "overlap": None,
        "on_time": None,
        "start_ms": None,
        "talk_over_ms": 0,
        "fast_lines": None,
        "max_rate": None,
        "overflow": 0,
    }


@pytest.mark.parametrize(
    ("at", "on_time"),
    [
        ((1200, 2200), 100.0),
        ((800, 1500), 100.0),
        ((1210, 2000), 0.0),
        ((790, 2000), 0.0),
        ((1000, 2210), 0.0),
    ],
)
def test_a_line_is_on_time_up_to_200_ms(at: tuple[int, int], on_time: float) -> None:
    assert measure_timing(timeline(clip(at, (1000, 2000))), [Span(*at)])["on_time"] == on_time


@pytest.mark.parametrize(
    ("lines", "milliseconds"),
    [
        ([], 0),
        ([((1000, 2000), (1000, 2000))], 0),
        # One after the other in the source, 300 ms together in the dub.
        ([((1000, 2000), (1000, 1700)), ((1700, 2600), (1700, 2600))], 300),
        # They end and begin at once.
        ([((1000, 2000), (1000, 2000)), ((2000, 2600), (2000, 2600))], 0),
        # Together in the source too: 200 of the 300 ms are the dub's own.
        ([((1000, 2000), (1000, 1800)), ((1700, 2600), (1700, 2600))], 200),
        # As in the source.
        ([((1000, 2000), (1000, 2000)), ((1500, 2600), (1500, 2600))], 0),
        # Three voices at once count once.
        ([((1000, 2000), (0, 500)), ((1000, 2000), (500, 900)), ((1000, 2000), (3000, 4000))], 1000),
        # Two stretches add up.
        ([((1000, 2000), (0, 100)), ((900, 1100), (200, 300)), ((1950, 2500), (400, 500))], 150),
        # The source speaks together elsewhere: that excuses nothing.
        ([((1000, 2000), (4000, 5000)), ((1500, 2500), (4000, 5000))], 500),
    ],
)  # fmt: skip
def test_talk_over_is_where_only_the_dub_speaks_together(
    lines: list[tuple[tuple[int, int], tuple[int, int]]], milliseconds: int
) -> None:
    of = timeline(*(clip(at, source) for at, source in lines))
    assert _talk_over(of, 1002) == milliseconds
    assert measure_timing(of, [c.span for c in of.clips])["talk_over_ms"] == milliseconds


@pytest.mark.parametrize(
    ("dub", "source", "overlap"),
    [
        # Both: 400 + 200 = 600. Either: 600 + 400 + 1000 - 600 = 1400.
        ([(1000, 1600), (2000, 2400)], [(1200, 2200)], 0.429),
        ([(1000, 2000)], [(1000, 2000)], 1.0),
        ([(1000, 2000)], [(2000, 3000)], 0.0),
        ([(1000, 2000)], [(1000, 1500), (1500, 3000)], 0.5),
        ([], [], 0.0),
    ],
)
def test_the_overlap_of_one_line(dub: list[tuple[int, int]], source: list[tuple[int, int]], overlap: float) -> None:
    phrases, theirs = (tuple(Span(*s) for s in spans) for spans in (dub, source))
    assert _overlap(replace(clip((1000, 2000), (1000, 2000)), phrases=phrases, source_phrases=theirs)) == overlap


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("¡Tengo 3 perros!", "es", "tengo tres perros"),
        ("It's two.", "en", "it s two"),
        ("…", "es", ""),
    ],
)
def test_words_are_compared_as_they_are_spoken(text: str, language: str, words: str) -> None:
    assert comparable_words(text, language) == words


@pytest.mark.parametrize(
    ("said", "wer"),
    [
        ({"s0001": "tengo tres perros", "s0002": "buenas noches"}, 0.0),
        ({"s0001": "Tengo 3 perros.", "s0002": "¡Buenas noches!"}, 0.0),
        # Of five words one is another and one is missing.
        ({"s0001": "tengo tres gatos", "s0002": "buenas"}, 0.4),
        # One too many.
        ({"s0001": "tengo tres perros", "s0002": "muy buenas noches"}, 0.2),
        ({"s0001": "", "s0002": ""}, 1.0),
    ],
)
def test_the_word_error_rate_is_over_all_lines(said: dict[str, str], wer: float) -> None:
    lines = timeline(
        clip((1000, 2000), (1000, 2000), text="Tengo 3 perros.", segment="s0001"),
        clip((3000, 4000), (3000, 4000), text="¡Buenas noches!", segment="s0002"),
    )
    assert _wer(lines, said) == wer


def test_lines_without_words_have_no_errors() -> None:
    assert _wer(timeline(clip((0, 900), (0, 900), text="…")), {"s0001": ""}) == 0.0


# --- the report ------------------------------------------------------------------------------------------------------

EQ_DB = (1.0, -2.0, 0.5, 0.0, 0.0, 3.0, -1.5, 0.0, 0.0, 2.0)
MIX = Mix(
    NO_SOUND, NO_SOUND, NO_SOUND, -23.0, -2.1, -22.5, bed_made="separated", target="ebu", delivered_lufs=-23.1,
    delivered_dbtp=-1.9, dialogue_lufs=-24.0, rooms=(("S1", Room(EQ_DB, 340)),),
)  # fmt: skip
LINE = Line("s0001", (Candidate("Buenas noches.", -0.1), Candidate("Buenas.", -0.5, "short")))


def test_a_line_says_what_was_chosen_and_how_far_it_is_off() -> None:
    shown = clip((1100, 1900), (1000, 2000), 1.1, text="Buenas.")
    found = _line(shown, Plan("s0001", 1, (), 900, "exact", "fits"), LINE, "buenas")
    assert (found.start_error_ms, found.end_error_ms) == (100, -100)
    assert (found.source, found.dub, found.overlap) == (((1000, 2000),), ((1100, 1900),), 0.8)
    assert (found.candidate, found.rule, found.instead_of) == (1, "short", "Buenas noches.")
    assert (found.reason, found.read_back, found.rate) == ("fits", "buenas", 1.1)
    best = _line(shown, Plan("s0001", 0, (), 900, "exact"), LINE, None)
    assert (best.candidate, best.rule, best.instead_of, best.read_back) == (0, "", None, None)


def test_the_report_of_a_target(run: Run, spoken: Any) -> None:
    with run.store.writing(".wav") as draft:
        draft.path.write_bytes(spoken.path.read_bytes())
    at = (spoken.phrases[0].start_ms, spoken.phrases[-1].end_ms)
    lines = timeline(clip(at, at), duration_ms=spoken.length_ms)
    found = measure_dub(
        run, lines, replace(MIX, dialogue=draft.blob), FakeRecogniser(), (Role("S1", "ef_dora", "asked for"),),
        Translation("es", (LINE,)), (Plan("s0001", 0, (), 900, "exact"),), {"translator": "one"},
    )  # fmt: skip
    summary = found.summary
    assert (summary.lines, summary.overflow, summary.on_time) == (1, 0, 100.0)
    assert (summary.loudness_lufs, summary.source_loudness_lufs, summary.true_peak_dbtp) == (
        -23.0,
        -22.5,
        -2.1,
    )
    assert summary.wer is not None
    assert found.lines[0].read_back.startswith("la")
    assert found.cast == (Role("S1", "ef_dora", "asked for"),)
    assert (found.language, found.duration_ms, found.engines) == ("es", 6500, {"translator": "one"})


@pytest.mark.costly
def test_a_dub_is_read_back_and_its_words_are_counted(run: Run, tone: Callable[..., Any]) -> None:
    """Of three words that should be heard, two are: one word error in three. A hum is nobody's idea of good speech."""
    track = np.zeros(480_000, np.float32)
    for at in (1.0, 6.0):
        burst = tone(0.8, 150.0, 0.3)
        track[round(at * 48_000) : round(at * 48_000) + len(burst)] = burst
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, track, 48_000, "PCM_24")
    lines = timeline(
        clip((1000, 1800), (1000, 1800), text="La."), clip((6000, 6800), (6000, 6800), text="La, la.", segment="s0002")
    )
    plans = tuple(Plan(name, 0, (), 900, "exact") for name in ("s0001", "s0002"))
    spoken_lines = tuple(Line(name, (Candidate("La.", 0.0),)) for name in ("s0001", "s0002"))
    found = measure_dub(
        run, lines, replace(MIX, dialogue=draft.blob), FakeRecogniser(), (), Translation("es", spoken_lines), plans, {}
    )
    assert (found.summary.lines, found.summary.wer) == (2, round(1 / 3, 4))
    assert [line.read_back for line in found.lines] == ["la", "la"]
    assert (found.summary.overlap or 0.0) > 0.9
    assert 1.0 <= found.summary.dnsmos < 2.5


def test_a_language_the_recogniser_does_not_hear_is_not_measured(run: Run) -> None:
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, np.zeros(48_000), 48_000, "PCM_24")
    lines = replace(timeline(clip((0, 900), (0, 900))), language="fr")
    found = measure_dub(
        run, lines, replace(MIX, dialogue=draft.blob), FakeRecogniser(), (Role("S1", "ff_siwis", "", name="Ana"),),
        Translation("fr", (LINE,)), (Plan("s0001", 0, (), 900, "exact"),), {},
    )  # fmt: skip
    assert (found.summary.lines, found.summary.wer) == (1, None)
    assert found.lines[0].read_back is None
    assert found.cast[0].name == "Ana"


def test_how_the_sound_was_made_is_told() -> None:
    bands = ("125", "200", "315", "500", "800", "1250", "2000", "3150", "5000", "8000")
    assert describe_sound(MIX) == SoundReport(
        bed="separated",
        loudness="ebu",
        dialogue_lufs=-24.0,
        delivered=DeliveredSound(-23.1, -1.9),
        rooms={"S1": RoomReport(340, dict(zip(bands, EQ_DB)))},
    )


def test_what_a_run_took_and_warned_of_is_told(run: Run) -> None:
    with run.stage("mix"):
        pass
    run.warn("stream", "another was taken")
    assert [(s.name, s.language, s.hits, s.made) for s in stage_costs(run)] == [("mix", "", 0, 0)]
    assert run_warnings(run) == (RunWarning("stream", "another was taken"),)


# --- what --strict refuses -------------------------------------------------------------------------------------------

GOOD = Summary(
    lines=1, overlap=0.95, on_time=100.0, start_ms=(10, 40), talk_over_ms=0, fast_lines=0.0, max_rate=1.1, overflow=0,
    wer=0.05, dnsmos=3.3, loudness_lufs=-23.0, source_loudness_lufs=-23.2, true_peak_dbtp=-1.4,
)  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "phrases"),
    [
        ({}, []),
        ({"wer": 0.15}, []),
        ({"wer": None}, []),
        ({"wer": 0.16}, ["16% of the words are misheard"]),
        ({"wer": 1.0}, ["100% of the words are misheard"]),
        ({"overflow": 2}, ["2 lines do not fit"]),
        ({"talk_over_ms": 10}, ["lines talk over each other for 10 ms"]),
        ({"subtitles_conform": False}, ["subtitles break rules of their profile"]),
        (
            {"overflow": 1, "wer": 0.5, "talk_over_ms": 400, "subtitles_conform": False},
            [
                "1 lines do not fit",
                "50% of the words are misheard",
                "lines talk over each other for 400 ms",
                "subtitles break rules of their profile",
            ],
        ),
    ],
)
def test_strict_refuses_what_a_listener_would_notice(fault: dict[str, Any], phrases: list[str]) -> None:
    assert shortfalls(replace(GOOD, **fault)) == phrases


def test_subtitles_alone_are_held_to_their_profile() -> None:
    good = SubtitleSummary(1, {"es": 100.0}, True, {"es": 0})
    assert shortfalls(good) == []
    assert shortfalls(replace(good, subtitles_conform=False)) == ["subtitles break rules of their profile"]
