"""Who speaks, and where a line is cut because somebody else goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from scipy import signal

from localize.data import Media, Segment, Source, Span, Transcript, Turn, Voices, Word
from localize.events import Run, Warned
from localize.runtime.store import Store
from localize.speakers.diarize import _best_cut, _group_by_turn, begin_to_diarize, diarize
from localize.testing import FakeDiarizer

RATE = 16_000


class Scripted(FakeDiarizer):
    """Says what it is told to."""

    def __init__(self, *turns: tuple[int, int, str], overlaps: Sequence[Span] = ()) -> None:
        self.said = Voices(tuple(Turn(Span(a, b), who) for a, b, who in turns), tuple(overlaps))
        self.fingerprint = f"scripted {self.said}"
        self.asked: list[int | None] = []

    def voices(self, audio: Path, speakers: int | None = None) -> Voices:
        self.asked.append(speakers)
        return self.said


@pytest.fixture
def media(store: Store, tone: Callable[..., Any]) -> Callable[..., Media]:
    """Ten seconds of sound; each channel is given the level it has in the first and in the second half."""

    def get(*halves: tuple[float, float]) -> Media:
        hum = tone(10.0, 150.0, 1.0, RATE)
        channels = []
        for first, second in halves or ((0.3, 0.3),):
            levels = np.repeat(np.float32([first, second]), len(hum) // 2)
            channels.append(hum[: len(levels)] * levels)
        blobs = []
        for samples in (np.stack(channels, axis=1), np.mean(channels, axis=0)):
            with store.writing(".wav") as draft:
                soundfile.write(draft.path, samples, RATE, "PCM_16")
            blobs.append(draft.blob)
        source = Source("0" * 64, 1, "film.wav")
        layout = "mono" if len(channels) == 1 else "stereo"
        return Media(
            source, "wav", (), 0, 10_000, 480_000, len(channels), layout, "24/1", original=blobs[0], speech=blobs[1]
        )

    return get


def line(name: str, *words: tuple[str, int, int]) -> Segment:
    timed = tuple(Word(text, Span(a, b)) for text, a, b in words)
    span = Span(words[0][1], words[-1][2])
    return Segment(name, span, "S1", " ".join(w.text for w in timed), timed, (span,))


QUESTION = line("s0001", ("Where", 1000, 1300), ("is", 1300, 1500), ("it?", 1500, 1900))
ANSWER = line("s0002", ("Over", 6000, 6300), ("there.", 6300, 6900))
BOTH = line(
    "s0001",
    ("Where", 1000, 1300), ("is", 1300, 1500), ("it?", 1500, 1900),
    ("Over", 2000, 2300), ("there.", 2300, 2900),
)  # fmt: skip


def speakers(transcript: Transcript) -> list[str]:
    return [s.speaker for s in transcript.segments]


def test_lines_are_named_after_the_voice_they_lie_in(run: Run, media: Callable[..., Media]) -> None:
    diarizer = Scripted((900, 2000, "b"), (5900, 7000, "a"))
    done = diarize(run, media(), Transcript("en", (QUESTION, ANSWER)), diarizer)
    assert speakers(done) == ["S1", "S2"]
    assert [s.words for s in done.segments] == [QUESTION.words, ANSWER.words]


def test_a_line_outside_every_turn_goes_to_the_nearest_voice(run: Run, media: Callable[..., Media]) -> None:
    diarizer = Scripted((0, 500, "a"), (7100, 7200, "b"))
    assert speakers(diarize(run, media(), Transcript("en", (QUESTION, ANSWER)), diarizer)) == ["S1", "S2"]


def test_a_line_in_which_the_voice_changes_is_cut_between_words(run: Run, media: Callable[..., Media]) -> None:
    diarizer = Scripted((900, 1800, "a"), (1800, 3000, "b"))
    done = diarize(run, media(), Transcript("en", (BOTH, ANSWER)), diarizer)
    assert [(s.id, s.speaker, s.text) for s in done.segments] == [
        ("s0001", "S1", "Where is it?"),
        ("s0002", "S2", "Over there."),
        ("s0003", "S2", "Over there."),
    ]
    assert [w for s in done.segments[:2] for w in s.words]
    assert done.segments[0].span.end_ms <= done.segments[1].span.start_ms


def test_a_given_line_is_never_cut(run: Run, media: Callable[..., Media]) -> None:
    diarizer = Scripted((900, 1800, "a"), (1800, 3000, "b"))
    done = diarize(run, media(), Transcript("en", (BOTH, ANSWER), given=True), diarizer)
    assert [s.text for s in done.segments] == [BOTH.text, ANSWER.text]


@pytest.mark.parametrize(
    ("turns", "texts"),
    [
        # found a word too late or too early: the sentence's end is where the voice changes
        ([(0, 2250, "a"), (2250, 4000, "b")], ["Where is it?", "Over there."]),
        ([(0, 1550, "a"), (1550, 4000, "b")], ["Where is it?", "Over there."]),
        # one short word of another voice in the middle is a slip
        ([(0, 1310, "a"), (1310, 1490, "b"), (1490, 4000, "a")], ["Where is it? Over there."]),
        ([(0, 4000, "a")], ["Where is it? Over there."]),
        ([], ["Where is it? Over there."]),
    ],
)
def test_cuts_are_where_a_person_would_make_them(turns: list[tuple[int, int, str]], texts: list[str]) -> None:
    made = [Turn(Span(a, b), who) for a, b, who in turns]
    assert [" ".join(w.text for w in part) for part in _group_by_turn(BOTH.words, made)] == texts


# Words of 300 ms without a pause or the end of a sentence, so that a cut is where the voice changes.
@pytest.mark.parametrize(
    ("turns", "groups"),
    [
        # A slip of 300 ms goes to the longer of its two neighbours.
        ([(0, 600, "a"), (600, 900, "b"), (900, 1800, "c")], ["1 2", "3 4 5 6"]),
        ([(0, 900, "a"), (900, 1200, "b"), (1200, 1800, "c")], ["1 2 3 4", "5 6"]),
        # At an end it has one neighbour.
        ([(0, 300, "a"), (300, 1800, "b")], ["1 2 3 4 5 6"]),
        ([(0, 1500, "a"), (1500, 1800, "b")], ["1 2 3 4 5 6"]),
        # Two slips side by side are a voice of their own.
        ([(0, 300, "a"), (300, 600, "b"), (600, 1800, "c")], ["1 2", "3 4 5 6"]),
        # What lasts 600 ms is no slip.
        ([(0, 600, "a"), (600, 1200, "b"), (1200, 1800, "a")], ["1 2", "3 4", "5 6"]),
    ],
)
def test_a_slip_of_the_ears_goes_to_its_longer_neighbour(turns: list[tuple[int, int, str]], groups: list[str]) -> None:
    words = [Word(str(n + 1), Span(300 * n, 300 * n + 300)) for n in range(6)]
    found = _group_by_turn(words, [Turn(Span(a, b), who) for a, b, who in turns])
    assert [" ".join(w.text for w in part) for part in found] == groups


def test_where_two_speak_at_once_is_marked(run: Run, media: Callable[..., Media]) -> None:
    diarizer = Scripted((900, 2000, "a"), overlaps=[Span(1700, 2500), Span(1000, 1050)])
    done = diarize(run, media(), Transcript("en", (QUESTION, ANSWER)), diarizer)
    assert done.segments[0].overlaps == (Span(1700, 1900),)
    assert done.segments[1].overlaps == ()


def test_where_a_recogniser_leaves_one_voice_for_the_other_the_line_is_cut_at_the_word_it_doubts(
    run: Run, media: Callable[..., Media]
) -> None:
    """ "I never said that you should [leave the house]" and "[But] you told me": the sentence has one speaker."""
    texts = "I never said that you should you told me".split()
    sure = (0.7, 0.97, 0.99, 0.9, 0.91, 0.93, 0.06, 0.13, 0.99)
    words = tuple(Word(t, Span(200 * n, 200 * n + 200), c) for n, (t, c) in enumerate(zip(texts, sure)))
    segment = Segment("s0001", Span(0, 1800), "S1", " ".join(texts), words)
    diarizer = Scripted((0, 800, "a"), (800, 1800, "b"), overlaps=[Span(1150, 1600)])
    done = diarize(run, media(), Transcript("en", (segment,)), diarizer)
    assert [(s.speaker, s.text) for s in done.segments] == [
        ("S1", "I never said that you should"),
        ("S2", "you told me"),
    ]
    (warning,) = run.warnings
    assert warning.code == "overlapping_speech"
    assert "0:01.2-0:01.6" in warning.message


def test_given_words_lose_nothing_where_two_speak_at_once(run: Run, media: Callable[..., Media]) -> None:
    diarizer = Scripted((900, 2000, "a"), overlaps=[Span(1000, 1800)])
    diarize(run, media(), Transcript("en", (QUESTION, ANSWER), given=True), diarizer)
    assert "overlapping_speech" not in {w.code for w in run.warnings}


@pytest.mark.parametrize(
    ("narrow", "turns", "told"),
    [(True, ["a", "a"], 1), (False, ["a", "a"], 0), (True, ["a", "b"], 0)],
)
def test_one_voice_in_a_telephones_band_is_doubted(
    run: Run, media: Callable[..., Media], narrow: bool, turns: list[str], told: int
) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.1, 10 * RATE)
    sound = signal.sosfilt(signal.butter(8, 3000, fs=RATE, output="sos"), noise) if narrow else noise
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, sound, RATE, "PCM_16")
    diarizer = Scripted((900, 2000, turns[0]), (5900, 7000, turns[1]))
    diarize(run, replace(media(), speech=draft.blob), Transcript("en", (QUESTION, ANSWER)), diarizer)
    assert [w.code for w in run.warnings].count("speakers_unsure") == told


def test_two_people_on_channels_of_their_own_need_no_ears(run: Run, media: Callable[..., Media]) -> None:
    diarizer = Scripted((0, 10_000, "one"))
    done = diarize(run, media((0.3, 0.01), (0.01, 0.3)), Transcript("en", (QUESTION, ANSWER)), diarizer)
    assert speakers(done) == ["S1", "S2"]
    assert diarizer.asked == []


def test_of_six_channels_two_can_be_two_people(run: Run, media: Callable[..., Media]) -> None:
    faint = (0.001, 0.001)
    film = media(faint, faint, (0.3, 0.01), faint, (0.01, 0.3), faint)
    assert speakers(diarize(run, film, Transcript("en", (QUESTION, ANSWER)), None)) == ["S1", "S2"]


def test_channels_that_do_not_tell_leave_it_to_the_ears(run: Run, media: Callable[..., Media]) -> None:
    diarizer = Scripted((0, 10_000, "one"))
    film = media((0.3, 0.2), (0.2, 0.3))
    assert speakers(diarize(run, film, Transcript("en", (QUESTION, ANSWER)), diarizer)) == ["S1", "S1"]
    assert diarizer.asked == [None]


@pytest.mark.parametrize(("start_ms", "by_channel"), [(2000, True), (2500, False)])
def test_every_line_must_be_on_one_channel(
    run: Run, media: Callable[..., Media], start_ms: int, by_channel: bool
) -> None:
    """From 2 to 6 s the first channel has 3 s of a voice and the second one: 4.8 dB apart. From 2.5 s on 2.5 to 1, that
    is 4.0 dB, less than half of the 9 dB by which one line must stand out.
    """
    between = line("s0002", ("And", start_ms, 4000), ("then", 4000, 6000))
    diarizer = Scripted((0, 10_000, "one"))
    said = Transcript("en", (QUESTION, between, replace(ANSWER, id="s0003")))
    done = diarize(run, media((0.3, 0.01), (0.01, 0.3)), said, diarizer)
    assert speakers(done) == (["S1", "S1", "S2"] if by_channel else ["S1", "S1", "S1"])
    assert diarizer.asked == ([] if by_channel else [None])


def test_a_known_number_of_people_is_handed_on(run: Run, media: Callable[..., Media]) -> None:
    diarizer = Scripted((0, 10_000, "one"))
    diarize(run, media(), Transcript("en", (QUESTION, ANSWER)), diarizer, 3)
    assert diarizer.asked == [3]
    alone = diarize(run, media(), Transcript("en", (QUESTION, ANSWER)), diarizer, 1)
    assert diarizer.asked == [3]
    assert speakers(alone) == ["S1", "S1"]


def test_voices_are_told_apart_once_where_that_was_begun_ahead(run: Run, media: Callable[..., Media]) -> None:
    ears, film = Scripted((1000, 3000, "b"), (6000, 7000, "a")), media()
    begin_to_diarize(run, film, ears)
    begin_to_diarize(run, film, None)
    assert speakers(diarize(run, film, Transcript("en", (QUESTION, ANSWER)), ears)) == ["S1", "S2"]
    for thread in threading.enumerate():
        if thread.name.startswith("ahead"):
            thread.join()
    assert ears.asked == [None]


def test_without_a_diarizer_there_is_one_speaker_and_a_warning(run: Any, media: Callable[..., Media]) -> None:
    done = diarize(run, media(), Transcript("en", (QUESTION, replace(ANSWER, speaker="S1"))), None)
    assert speakers(done) == ["S1", "S1"]
    assert [e.code for e in run.events if isinstance(e, Warned)] == ["one_speaker"]


# Words of 300 ms; what stands between two of them is said in each case.
@pytest.mark.parametrize(
    ("texts", "pauses", "at", "cut"),
    [
        # After a sentence, before or behind the change, however short its pause and long another.
        ("Where is it? Over there.", (50, 50, 50, 50), 4, 3),
        ("Where is it? Over there.", (50, 50, 50, 300), 4, 3),
        ("Where is it? Over there.", (50, 50, 50, 50), 2, 3),
        # Without an end of a sentence at the longest pause.
        ("where is it over there", (50, 300, 50, 50), 3, 2),
        ("where is it over there", (50, 100, 50, 250), 3, 4),
        # Pauses are alike to 100 ms; among like ones it is cut where the voice was found to change.
        ("where is it over there", (99, 99, 10, 99), 3, 3),
        ("where is it over there", (99, 200, 199, 10), 3, 2),
        # Of two sentences' ends the one with the longer pause, then the nearer one.
        ("No. Yes. No. over", (50, 250, 50), 3, 2),
        ("No. Yes. No. over", (50, 50, 50), 3, 3),
        # Nothing further off than 700 ms is looked at, and what is 700 ms off is.
        ("is. it over there", (50, 50, 50), 3, 1),
        ("is. it over there", (50, 50, 51), 3, 3),
    ],
)  # fmt: skip
def test_a_line_is_cut_after_a_sentence_else_at_the_longest_pause_else_where_the_voice_changes(
    texts: str, pauses: tuple[int, ...], at: int, cut: int
) -> None:
    words, start = [], 0
    for text, pause in zip(texts.split(), (*pauses, 0)):
        words.append(Word(text, Span(start, start + 300)))
        start += 300 + pause
    assert _best_cut(words, at) == cut
