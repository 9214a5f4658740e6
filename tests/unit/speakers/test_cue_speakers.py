"""Who says the turns of one given cue: two people, unless the sound says that one voice has both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from localize.data import Media, Segment, Source, Span, Transcript, Turn, Voices
from localize.events import Run
from localize.runtime.store import Store
from localize.speakers.cue_speakers import _best_way, _is_one_voice, _likest, alternate_speakers, part_speakers
from localize.speakers.diarize import diarize, part_neighbours
from localize.testing import FakeDiarizer

EPISODE = Path(__file__).resolve().parents[3] / "samples" / "episode.mp4"
"""His line is at 2,005 to 6,145 ms, hers at 6,700 to 8,225 ms (samples/episode.truth.json)."""


class Scripted(FakeDiarizer):
    """Says what it is told to."""

    def __init__(self, *turns: tuple[int, int, str]) -> None:
        self.said = Voices(tuple(Turn(Span(a, b), who) for a, b, who in turns))
        self.fingerprint = f"scripted {self.said}"

    def voices(self, audio: Path, speakers: int | None = None) -> Voices:
        return self.said


@pytest.fixture
def media(store: Store) -> Callable[[Sequence[tuple[int, int]]], Media]:
    """A film made of stretches of the sample, one behind the other with half a second between them."""

    def get(stretches: Sequence[tuple[int, int]]) -> Media:
        from localize.media import run_ffmpeg, url

        with store.writing(".wav") as draft:
            args = ["-v", "error", "-y", "-i", url(EPISODE), "-t", "9", "-ac", "1", "-ar", "16000", url(draft.path)]
            run_ffmpeg(args, str(draft.path))
            sound, _ = soundfile.read(draft.path, dtype="float32")
            gap = np.zeros(8_000, np.float32)
            parts = [part for a, b in stretches for part in (sound[a * 16 : b * 16], gap)]
            samples = np.concatenate(parts)
            soundfile.write(draft.path, samples, 16_000, "PCM_16")
        length = len(samples) // 16
        return Media(
            Source("0" * 64, 1, "film.wav"),
            "wav",
            (),
            0,
            length,
            length * 48,
            1,
            "mono",
            "24/1",
            draft.blob,
            draft.blob,
        )

    return get


def line(name: str, start: int, end: int, text: str = "Yes.") -> Segment:
    return Segment(name, Span(start, end), "S1", text, (), (Span(start, end),))


HIS, HERS = (2005, 3665), (6700, 8225)
CUE = (line("s0001", 0, 1660), line("s0001-2", 2160, 3685))


@pytest.mark.costly
def test_turns_that_the_diarizer_gives_to_one_go_to_whom_they_are_like(run: Run, media: Callable[..., Media]) -> None:
    """He, she, and he again where the diarizer heard him in all of their cue."""
    film = media([HIS, HERS, HIS, HERS])
    heard = Scripted((0, 1660, "he"), (2160, 3685, "she"), (4185, 8000, "he"))
    lines = (
        line("s0001", 0, 1660), line("s0002", 2160, 3685), line("s0003", 4185, 5845), line("s0003-2", 6345, 7870)
    )  # fmt: skip
    found = diarize(run, film, Transcript("en", lines, given=True), heard)
    assert [s.speaker for s in found.segments] == ["S1", "S2", "S1", "S2"]
    assert not run.warnings


@pytest.mark.costly
def test_where_one_voice_was_heard_there_is_another(run: Run, media: Callable[..., Media]) -> None:
    found = diarize(run, media([HIS, HERS]), Transcript("en", CUE, given=True), Scripted((0, 4000, "he")))
    assert [s.speaker for s in found.segments] == ["S1", "S2"]
    assert not run.warnings


@pytest.mark.costly
def test_turns_that_sound_alike_and_are_short_are_two_peoples_and_that_is_told(
    run: Run, media: Callable[..., Media]
) -> None:
    short = (2005, 2705)
    lines = (line("s0001", 0, 700), line("s0001-2", 1200, 1900))
    found = diarize(run, media([short, short]), Transcript("en", lines, given=True), Scripted((0, 4000, "he")))
    assert [s.speaker for s in found.segments] == ["S1", "S2"]
    (warning,) = run.warnings
    assert warning.code == "turn_speakers"
    assert "s0001" in warning.message


@pytest.mark.costly
def test_a_list_that_one_voice_reads_stays_with_it(run: Run, media: Callable[..., Media]) -> None:
    """The same sound twice is surely the same voice."""
    found = diarize(run, media([HIS, HIS]), Transcript("en", CUE, given=True), Scripted((0, 4000, "he")))
    assert [s.speaker for s in found.segments] == ["S1", "S1"]
    assert not run.warnings


def test_lines_that_are_no_turns_are_left(run: Run, tmp_path: Path) -> None:
    film = Media(Source("0" * 64, 1, "f"), "wav", (), 0, 9, 9, 1, "mono", "24/1", *[_blob(run.store)] * 2)
    lines = (line("s0001", 0, 1700), line("s0002", 2100, 3700))
    assert part_speakers(run, film, lines, ["a", "b"]) == ["a", "b"]


def _blob(store: Store) -> object:
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, np.zeros(160, np.float32), 16_000, "PCM_16")
    return draft.blob


def test_without_a_diarizer_every_second_turn_is_another_persons() -> None:
    lines = (line("s0001", 0, 100), *CUE[1:], line("s0002", 4000, 5000), line("s0001-3", 5000, 5100))
    assert [bool(label) for label in alternate_speakers(lines)] == [False, True, False, False]


def test_one_person_who_is_said_to_speak_has_every_turn(run: Run, tmp_path: Path) -> None:
    film = Media(Source("0" * 64, 1, "f"), "wav", (), 0, 9, 9, 1, "mono", "24/1", *[_blob(run.store)] * 2)
    transcript = Transcript("en", CUE, given=True)
    assert diarize(run, film, transcript, Scripted((0, 9, "a")), speakers=1) is transcript


@pytest.mark.costly
def test_recognised_lines_of_one_cue_go_to_two_people_by_their_names(run: Run, media: Callable[..., Media]) -> None:
    """Lines that are no turns keep their speakers."""
    film = media([HIS, HERS, HIS, HERS])
    heard = Scripted((0, 1660, "0"), (2160, 3685, "1"), (4185, 8000, "0"))
    lines = (
        line("s0001", 0, 1660), replace_speaker(line("s0002", 2160, 3685), "S2"), line("s0003", 4185, 5845),
        line("s0003-2", 6345, 7870),
    )  # fmt: skip
    found = part_neighbours(run, film, Transcript("en", lines), heard)
    assert [s.speaker for s in found.segments] == ["S1", "S2", "S1", "S2"]


def replace_speaker(segment: Segment, speaker: str) -> Segment:
    return Segment(segment.id, segment.span, speaker, segment.text, (), segment.phrases)


NEAR, FAR = (1.0, 0.0), (0.0, 1.0)
BETWEEN = (0.8, 0.6)


# The right values were written before the code was run: (cues, labels, prints of the lines, labels after).
LIKEST = [
    ([[1, 2]], ["a", "a", "a"], [NEAR, NEAR, FAR], ["a", "a", "another"]),
    ([[1, 2]], ["a", "a", "a"], [NEAR, FAR, NEAR], ["a", "another", "a"]),
    ([[2, 3]], ["a", "b", "a", "a"], [NEAR, FAR, NEAR, FAR], ["a", "b", "a", "b"]),
    ([[2, 3]], ["a", "b", "b", "a"], [NEAR, FAR, NEAR, FAR], ["a", "b", "a", "b"]),  # told the wrong way round
    ([[2, 3, 4]], ["a", "b", "a", "a", "a"], [NEAR, FAR, NEAR, FAR, NEAR], ["a", "b", "a", "b", "a"]),
    # one person whom the diarizer heard as two in the turns of one film
    ([[0, 1], [2, 3], [4, 5]], ["c", "b", "b", "b", "a", "b"], [NEAR, FAR] * 3, ["a", "b", "a", "b", "a", "b"]),
    # every turn is heard as one person's: two groups are found
    ([[0, 1], [2, 3], [4, 5]], ["a"] * 6, [NEAR, FAR] * 3, None),
]


@pytest.mark.parametrize(("cues", "labels", "prints", "after"), LIKEST)
def test_turns_go_to_those_whose_other_lines_they_are_likest(
    cues: list[list[int]], labels: list[str], prints: list[tuple[float, float]], after: list[str] | None
) -> None:
    found = _likest(cues, labels, dict(enumerate(prints)), dict.fromkeys(range(len(prints)), 1000))
    assert found == after or after is None
    assert all(found[a] != found[b] for cue in cues for a, b in pairwise(cue))
    if after is None:
        assert len({*found[0::2]}) == len({*found[1::2]}) == 1


@given(
    st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), min_size=1, max_size=5)
)  # fmt: skip
def test_the_best_way_gives_neighbours_to_two_and_none_is_better(scores: list[list[float]]) -> None:
    way = _best_way(scores)
    assert all(a != b for a, b in pairwise(way))
    others = [w for w in product(range(3), repeat=len(scores)) if all(a != b for a, b in pairwise(w))]
    assert sum(s[n] for s, n in zip(scores, way)) == pytest.approx(
        max(sum(s[n] for s, n in zip(scores, other)) for other in others)
    )


@pytest.mark.parametrize(
    ("lengths", "prints", "labels", "one"),
    [
        ((1000, 1000), (NEAR, NEAR), "aa", True),
        ((1000, 1000), (NEAR, NEAR), "ab", False),
        ((1000, 800), (NEAR, NEAR), "aa", False),  # too short to say
        ((1000, 1000), (NEAR, FAR), "aa", False),
        ((1000, 1000, 1000), (NEAR, NEAR, BETWEEN), "aaa", True),
        ((1000, 1000), (NEAR, (0.6, 0.8)), "aa", False),
    ],
)
def test_one_voice_is_known_by_parts_that_are_long_and_alike(
    lengths: tuple[int, ...], prints: tuple[tuple[float, float], ...], labels: str, one: bool
) -> None:
    places = range(len(lengths))
    found = _is_one_voice(places, list(labels), dict(enumerate(prints)), dict(enumerate(lengths)))
    assert found is one
