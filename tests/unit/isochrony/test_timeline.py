"""Takes in their places."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localize.data import Blob, Phrase, Plan, Segment, Span, Speech, Take, Transcript
from localize.isochrony.timeline import place_takes, timeline_json

BLOB = Blob("0" * 64, 1000, ".wav")


def take(name: str, length: int, natural: int | None = None, fit: Any = "exact") -> Take:
    return Take(name, "texto", BLOB, length, (Span(0, length),), (), "ef_dora", "licence-1", natural or length, fit)


def planned(name: str, start: int, length: int) -> Plan:
    return Plan(name, 0, (Phrase("texto", Span(start, start + length)),), length, "exact")


def placed(lines: list[tuple[int, int, int, int]], duration: int = 10**6) -> Any:
    """Lines as (source start, source end, planned start, real length)."""
    segments = tuple(Segment(f"s{n:04}", Span(a, b), "S1", "text") for n, (a, b, _, _) in enumerate(lines))
    takes = tuple(take(f"s{n:04}", length) for n, (*_, length) in enumerate(lines))
    plans = tuple(planned(f"s{n:04}", at, b - a) for n, (a, b, at, _) in enumerate(lines))
    return place_takes(Transcript("en", segments), Speech("es", takes, plans), duration)


def test_a_take_is_heard_where_it_was_planned() -> None:
    (clip,) = placed([(1000, 2000, 1010, 950)]).clips
    assert clip.span == Span(1010, 1960)
    assert clip.phrases == (Span(1010, 1960),)
    assert clip.source == Span(1000, 2000)
    assert clip.source_phrases == (Span(1000, 2000),)


def test_a_take_that_came_out_longer_makes_the_next_line_wait() -> None:
    first, second = placed([(0, 1000, 0, 1300), (1100, 2000, 1100, 900)]).clips
    assert first.span.end_ms < second.at_ms <= first.span.end_ms + 100


def test_lines_that_overlap_in_the_source_may_overlap_in_the_dub() -> None:
    first, second = placed([(0, 2000, 0, 2000), (1500, 2500, 1500, 1000)]).clips
    assert second.at_ms == 1500 < first.span.end_ms


def test_a_clip_ends_with_the_file_where_it_can() -> None:
    (clip,) = placed([(9000, 9900, 9000, 1200)], 10_000).clips
    assert clip.span == Span(8800, 10_000)
    (long,) = placed([(0, 900, 0, 1500)], 1000).clips
    assert long.at_ms == 0


def test_the_rate_is_natural_length_over_length_used() -> None:
    segments = (Segment("s0001", Span(0, 1000), "S1", "text"),)
    speech = Speech("es", (take("s0001", 1000, natural=1200, fit="stretched"),), (planned("s0001", 0, 1000),))
    (clip,) = place_takes(Transcript("en", segments), speech, 5000).clips
    assert (clip.rate, clip.fit) == (1.2, "stretched")


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(200, 3000), st.integers(0, 900), st.integers(-100, 900)), min_size=1, max_size=8))
def test_no_line_is_spoken_over_another_of_the_scene(lines: list[tuple[int, int, int]]) -> None:
    clock, script = 0, []
    for length, gap, longer in lines:
        script.append((clock, clock + length, clock, max(50, length + longer)))
        clock += length + gap
    timeline = placed(script)
    for before, after in zip(timeline.clips, timeline.clips[1:]):
        assert after.at_ms >= before.span.end_ms
    assert [c.take.segment for c in timeline.clips] == [f"s{n:04}" for n in range(len(lines))]


def test_the_timeline_is_as_the_design_has_it() -> None:
    timeline = placed([(0, 3260, 10, 3240), (4000, 5000, 4000, 900)], 22_392)
    shown = timeline_json(timeline)
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["schema"], shown["language"], shown["duration_ms"]) == (1, "es", 22_392)
    clips: Any = shown["clips"]
    assert clips[0] == {
        "segment": "s0000",
        "speaker": "S1",
        "voice": "ef_dora",
        "grant": "licence-1",
        "text": "texto",
        "source": {"start_ms": 0, "end_ms": 3260, "phrases": [[0, 3260]]},
        "dub": {"start_ms": 10, "end_ms": 3250, "phrases": [[10, 3250]]},
        "rate": 1.0,
        "fit": "exact",
    }
