"""Whose lips are seen: verdicts from faces as they move, and what they do to a line's timing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from localize.data import PhraseOnScreen, Segment, Span
from localize.errors import MediaError
from localize.isochrony.placement import TIMING_MODES
from localize.isochrony.synthesize import slots_of
from localize.media.ffmpeg import run_ffmpeg
from localize.media.frames import read_frames
from localize.models import Models
from localize.transcription.faces import Face, FaceNetworks
from localize.transcription.on_screen import Sight, follow_mouths, judge_phrase, lines_off_screen

TALKS, CLOSED = [0.01, 0.04, 0.02, 0.05, 0.01, 0.03], [0.004, 0.005, 0.004, 0.005, 0.004, 0.005]
YAWNS = [0.01, 0.014, 0.018, 0.018, 0.014, 0.01]


def face(opening: float, x: float = 0.5, width: float = 0.2) -> Face:
    return Face(x, 0.5, width, opening)


def sights(*faces: list[Face]) -> list[Sight]:
    """A frame of each."""
    return [Sight(160 * n, tuple(shown)) for n, shown in enumerate(faces)]


CASES = {
    "nobody": ("off", [[]] * 6),
    "one who talks": ("on", [[face(o)] for o in TALKS]),
    "one who listens": ("off", [[face(o)] for o in CLOSED]),
    "one who talks beside one who listens": (
        "on",
        [[face(a), face(b, 0.2)] for a, b in zip(TALKS, CLOSED, strict=True)],
    ),
    "two who listen": ("off", [[face(o), face(o, 0.2)] for o in CLOSED]),
    "a mouth that hardly moves": ("unsure", [[face(0.004 * n % 0.012)] for n in range(6)]),
    "too far away to be read": ("off", [[face(o, width=0.02)] for o in TALKS]),
    "a passer-by": ("off", [[], [], [face(0.01)], [], [], []]),
    "seen in the second half only": ("on", [[], [], [], *([face(o)] for o in TALKS[:3])]),
    "another face in each frame": (
        "unsure",
        [[face(o, x)] for o, x in zip(TALKS, (0.1, 0.5, 0.9, 0.1, 0.5, 0.9), strict=True)],
    ),
    "no frame at all": ("unsure", []),
}


@pytest.mark.parametrize("case", CASES)
def test_a_phrase_is_judged_by_the_mouths_that_are_seen_while_it_is_heard(case: str) -> None:
    wanted, faces = CASES[case]
    assert judge_phrase("s0001", Span(0, 1000), sights(*faces)).seen == wanted


def test_a_mouth_is_followed_through_the_frames_and_not_over_a_cut() -> None:
    shown = sights(*([[face(o, 0.2 + n / 50)] for n, o in enumerate(TALKS)]), [face(0.0, 0.8)], [face(0.0, 0.8, 0.6)])
    assert [len(mouth) for mouth in follow_mouths(shown)] == [len(TALKS), 1, 1]


def test_a_line_is_off_screen_where_none_of_its_phrases_is_seen_or_may_be() -> None:
    said = [("a", "off"), ("a", "off"), ("b", "off"), ("b", "on"), ("c", "unsure")]
    phrases = [PhraseOnScreen(line, Span(0, 1), seen, 0, 0.0) for line, seen in said]  # type: ignore[arg-type]
    assert lines_off_screen(phrases) == {"a"}


@pytest.mark.parametrize(
    ("timing", "relaxed", "held", "modes"),
    [
        ("strict", (), (), ("strict", "strict")),
        ("lips", (), (), ("strict", "strict")),
        ("lips", ("s0001",), (), ("free", "strict")),
        ("free", (), ("S2",), ("free", "strict")),
        ("natural", ("S1",), ("s0001",), ("strict", "natural")),
        ("strict", ("s0002",), ("S2",), ("strict", "free")),
    ],
)
def test_what_is_said_of_a_line_counts_before_its_speaker_and_both_before_the_mode(
    timing: str, relaxed: tuple[str, ...], held: tuple[str, ...], modes: tuple[str, ...]
) -> None:
    segments = [Segment("s0001", Span(0, 900), "S1", "a", ()), Segment("s0002", Span(1000, 1900), "S2", "b", ())]
    slots = slots_of(segments, 2000, timing, relaxed, held)
    assert [slot.manner for slot in slots] == [TIMING_MODES[mode] for mode in modes]


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds whose brightness tells the time; its clock begins at 10 s."""
    film = tmp_path_factory.mktemp("film") / "film.ts"
    grey = "nullsrc=size=64x48:rate=25,geq=lum='20+16*floor(T)':cb=128:cr=128"
    picture = ["-c:v", "libx264", "-g", "50", "-color_range", "pc", "-output_ts_offset", "10"]
    run_ffmpeg(["-f", "lavfi", "-i", grey, "-t", "12", *picture, str(film)], "film")
    return film


def test_frames_are_those_of_the_times_asked_for_counted_from_the_first(counting: Path) -> None:
    found = list(read_frames(counting, [Span(500, 900), Span(6000, 6500), Span(11_500, 20_000)], 160))
    assert [at for at, _ in found] == [520, 680, 840, 6000, 6160, 6320, 6480, 11_520, 11_680, 11_840]
    levels = [float(image.mean()) for _, image in found]
    assert np.allclose(levels, [5] * 3 + [116] * 4 + [210] * 3, atol=3)


def test_a_film_whose_picture_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "film.mp4"
    broken.write_bytes(b"no film at all")
    with pytest.raises(MediaError, match=r"film\.mp4: its picture cannot be read"):
        list(read_frames(broken, [Span(0, 100)], 160))


def test_no_face_is_found_where_there_is_none() -> None:
    networks = FaceNetworks(Models())
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    assert networks.faces_in(noise) == ()
    assert networks.faces_in(np.zeros((1, 700, 3), np.uint8)) == ()
