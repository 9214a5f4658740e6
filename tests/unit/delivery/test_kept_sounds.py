"""What became of laughs and the like: counted, with times, in the report, on its page and in what explains a dub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import soundfile

from localize import media
from localize.data import Blob, Clip, Segment, Span, Take, Timeline, Transcript, VocalSound
from localize.delivery.explain import ExplainedTarget, Explanation, format_explanation
from localize.delivery.quality_control import add_vocal_sounds
from localize.delivery.report import DeliveredSound, Report, SoundReport, Summary, VocalSoundReport, read_report
from localize.delivery.report_html import render_report
from localize.events import Run
from localize.inputs import Inputs
from localize.sound.bed import make_bed
from localize.source.words import hear_sounds
from localize.testing import FakeRecogniser
from localize.transcription.supplied import SuppliedWords

REPORT = Report(
    "es", 9000, Summary(1, None, None, None, 0, None, None, 0, None, None, -23.0, -23.0, -1.0),
    SoundReport("separated", "source", None, DeliveredSound(-23.0, -1.0), {}), {}, (), (),
)  # fmt: skip


def line(name: str, start: int, end: int, text: str) -> Segment:
    return Segment(name, Span(start, end), "S1", text, phrases=(Span(start, end),))


def clip(segment: str, source: Span, dub: Span) -> Clip:
    audio, own = Blob("0" * 64, 0, ".wav"), (dub.shifted(-dub.start_ms),)
    take = Take(segment, "hola", audio, dub.length_ms, own, (), "v", "g", dub.length_ms, "exact")
    return Clip(take, dub.start_ms, (dub,), 1.0, "exact", source, (source,), "S1")


TIMELINE = Timeline("es", 9000, (clip("s0001", Span(1000, 2000), Span(1000, 2300)),))
TRANSCRIPT = Transcript("en", (line("s0001", 1000, 2000, "Hello."), line("s0002", 7000, 8000, "Ha ha ha!")))
SOUNDS = (
    VocalSound(Span(2100, 2900), "laugh", "[laughs]"),
    VocalSound(Span(1900, 1990), "cough", "*cough*"),
    VocalSound(Span(4000, 4500), "breath", "(sighs)"),
)


def test_each_sound_is_kept_once_or_told_as_lost_and_a_voice_over_it_is_told() -> None:
    found = add_vocal_sounds(REPORT, SOUNDS, TRANSCRIPT, TIMELINE)
    assert found.vocal_sounds == (
        VocalSoundReport("cough", (1900, 1990), "*cough*", kept=False, covered_ms=90),
        VocalSoundReport("laugh", (2100, 2900), "[laughs]", kept=True, covered_ms=200),
        VocalSoundReport("breath", (4000, 4500), "(sighs)", kept=True),
        VocalSoundReport("unsure", (7000, 8000), "Ha ha ha!", kept=True),  # a line that is a laugh stays as well
    )
    assert (found.summary.sounds_kept, found.summary.sounds_lost, found.summary.sounds_covered) == (3, 1, 1)
    assert read_report(found.json(), "r.json") == found


def test_none_found_is_not_the_same_as_none_looked_for() -> None:
    words = Transcript("en", TRANSCRIPT.segments[:1])
    assert add_vocal_sounds(REPORT, (), words, TIMELINE).summary.sounds_kept == 0
    assert add_vocal_sounds(REPORT, None, words, TIMELINE).summary.sounds_kept is None


def test_page_and_explanation_say_when_what_and_whose() -> None:
    found = add_vocal_sounds(REPORT, SOUNDS, TRANSCRIPT, TIMELINE)
    page = render_report(found, "film")
    assert "Sounds without words" in page
    assert page.count("kept in the source&#x27;s own voice") + page.count("kept in the source's own voice") == 3
    assert "a dubbed voice speaks over 200 ms of it" in page
    assert "Sounds without words" not in render_report(REPORT, "film")
    told = format_explanation(Explanation((ExplainedTarget("es", (), {}, (), found.vocal_sounds),)))
    assert "breath  4.00–4.50 s  (sighs): kept as it is in the source" in told
    assert "cough  1.90–1.99 s  *cough*: a line is dubbed over it" in told


def test_over_a_studios_music_and_effects_a_kept_sound_is_heard_once_at_its_level(tmp_path: Path, run: Run) -> None:
    rng = np.random.default_rng(3)
    samples = rng.normal(0, 0.05, 48_000 * 4)
    soundfile.write(tmp_path / "film.wav", samples, 48_000, "PCM_24")
    source = media.ingest(run.store, tmp_path / "film.wav", stream=None, language=None)
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, np.zeros(len(samples)), 48_000, "PCM_24")
    bed = make_bed(run, replace(source, effects=draft.blob), [], kept=[Span(1000, 2000)])
    under, _ = soundfile.read(run.store.path(bed.under))
    original, _ = soundfile.read(run.store.path(source.original))
    assert (under[48_000:96_000] == original[48_000:96_000]).all()
    assert not under[:24_000].any()
    assert not under[130_000:].any()


class Laughs(FakeRecogniser):
    """Takes every sound for a laugh."""

    def tag_sounds(self, stretches: Sequence[Any]) -> tuple[str, ...]:
        return ("[laughs]",) * len(stretches)


def heard(run: Run, tmp_path: Path, recogniser: FakeRecogniser, *cues: Segment) -> Any:
    at = np.arange(48_000 * 4) / 48_000
    tone = 0.2 * np.sin(2 * np.pi * 300 * at) * ((at > 1) & (at < 2))
    soundfile.write(tmp_path / "film.wav", tone + np.random.default_rng(0).normal(0, 1e-4, len(at)), 48_000)
    source = media.ingest(run.store, tmp_path / "film.wav", stream=None, language=None)
    with run.store.writing(".wav") as draft:  # a separator takes a tone for noise
        soundfile.write(draft.path, tone[::3], 16_000, "PCM_16")
    source = replace(source, speech=draft.blob)
    given = SuppliedWords(Transcript("en", cues, given=True), None, {}) if cues else None
    inputs = cast("Inputs", SimpleNamespace(transcript=given, translated=None, translation=()))
    return hear_sounds(inputs, run, cast("Any", SimpleNamespace(recogniser=recogniser)), source)


def test_given_words_are_said_where_a_sound_is_thought_to_be(tmp_path: Path, run: Run) -> None:
    source, sounds = heard(run, tmp_path, Laughs())
    assert [s.kind for s in sounds] == ["laugh"]
    assert heard(run, tmp_path, Laughs(), line("s0001", 900, 2100, "Get out!"))[1] == ()
    assert heard(run, tmp_path, Laughs(), line("s0001", 900, 2100, ""))[1] == sounds  # a cue that was only "[laughs]"
    assert heard(run, tmp_path, Laughs(), line("s0001", 900, 3900, "Well, get out!"))[1] == sounds
    same, none = heard(run, tmp_path, FakeRecogniser())
    assert none is None
    assert same.speech != source.speech
