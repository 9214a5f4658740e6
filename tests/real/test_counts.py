"""What work costs, counted: renderings, separated seconds, hypotheses. Seconds of a clock are measured in `bench/`.

Threads change what happens at once and nothing else: the same input gives the same takes with any number of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localize.consent import Grant, Home
from localize.data import Candidate, Line, Segment, Span, Speech, Transcript, Translation, Utterance
from localize.engines.faster_whisper import FasterWhisper
from localize.engines.kokoro import Kokoro
from localize.events import Run
from localize.isochrony.synthesize import synthesize
from localize.job import Job
from localize.models import Models
from localize.pipeline import subtitle
from localize.runtime.device import Device
from localize.runtime.store import Store
from localize.runtime.threads import in_order
from localize.sound.bed import LEAD, TAIL, stretches

LINES = (("s0001", Span(500, 1700), "Mañana viajamos al norte."), ("s0002", Span(2100, 3200), "¿Vienes con nosotros?"))


class Counted:
    """A session of onnxruntime, its runs counted."""

    def __init__(self, session: Any) -> None:
        self.session, self.runs = session, 0

    def run(self, *arguments: Any) -> Any:
        self.runs += 1
        return self.session.run(*arguments)


def speak(folder: Path, grant: Grant, threads: int) -> tuple[Speech, int]:
    """The lines with so many threads, from an empty store, and how often the model rendered."""
    engine = Kokoro(None, Models(device=Device(threads=threads)))
    counted = vars(engine)["_exact"] = Counted(engine._exact)
    run = Run(Store(folder / "store"), Home(folder / "home"), Models())
    transcript = Transcript("en", tuple(Segment(name, span, "S1", "text") for name, span, _ in LINES))
    said = Translation("es", tuple(Line(name, (Candidate(text, 0.0),)) for name, _, text in LINES))
    assert engine.calls_at_once == threads
    return synthesize(run, transcript, said, {name: grant for name, *_ in LINES}, engine, 5000), counted.runs


@pytest.mark.slow
def test_any_number_of_threads_speaks_the_same_takes_and_renders_as_often(
    tmp_path: Path, granted: Callable[..., Grant]
) -> None:
    grant = granted("ef_dora", "es")
    alone, runs = speak(tmp_path / "1", grant, 1)
    together, again = speak(tmp_path / "3", grant, 3)
    assert together == alone
    assert runs == again <= 3, "a take is rendered once, and once more only where it misses its plan"


@pytest.mark.slow
def test_any_number_of_threads_hears_the_same_words(spoken: Any, tmp_path: Path) -> None:
    windows = [*spoken.phrases, Span(0, 6500)]
    heard = []
    for threads in (1, 2):
        engine = FasterWhisper(None, Models(device=Device(threads=threads)))
        assert engine.calls_at_once == threads

        def hear(window: Span, engine: FasterWhisper = engine) -> tuple[Utterance, ...]:
            return engine.recognise(spoken.ears, window, "en")

        heard.append(list(in_order(hear, windows, engine.calls_at_once)))
    assert heard[0] == heard[1]
    assert "train leaves at nine" in heard[0][2][0].text


def test_neighbours_are_separated_in_one_go() -> None:
    lead_ms = (LEAD + TAIL) * 1000 // 48_000
    near, far = Span(2000 + lead_ms - 1, 9000), Span(9000 + lead_ms, 12_000)
    assert stretches((Span(0, 2000), near, far)) == (Span(0, 9000), far)
    assert stretches(()) == ()


def test_subtitles_that_fit_are_asked_for_once(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str]] = []
    from localize.engines.marian_ct2 import MarianCT2

    own = MarianCT2.translate

    def counted(self: Any, sentences: Any, *pair: str, n_best: int = 4, length: str = "", **more: str) -> Any:
        asked.append((len(sentences), length or str(n_best)))
        return own(self, sentences, *pair, n_best=n_best, length=length, **more)

    monkeypatch.setattr(MarianCT2, "translate", counted)
    given = tmp_path / "talk.en.srt"
    texts = ["Where did you put the keys?", "We will be late again.", "Take the car, I will wait for you here."] * 3
    given.write_text(
        "".join(f"{n}\n00:00:{5 * n:02},000 --> 00:00:{5 * n + 4:02},500\n{t}\n\n" for n, t in enumerate(texts)),
        encoding="utf-8",
    )
    subtitle(Job(given, ("es",), tmp_path / "out"), run)
    assert asked == [(3, "6")], "each sentence once, six hypotheses, no other length"
    asked.clear()
    tight = given.read_text(encoding="utf-8").replace("04,500", "00,300")
    given.write_text(tight, encoding="utf-8")
    subtitle(Job(given, ("es",), tmp_path / "kept"), run)
    assert asked == [], "given cues are kept, and show the best wording"
    subtitle(Job(given, ("es",), tmp_path / "cut", recut=True), run)
    assert asked == [(1, "short")], "the only line without the time to be read"
