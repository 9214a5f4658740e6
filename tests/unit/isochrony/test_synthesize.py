"""Lines to takes: planned, spoken once, kept where they are heard.

Over 400 lines: what an engine is asked for and what is kept of its takes are tested on the same few lines.
"""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.consent import Grant
from localize.data import Candidate, Line, Manner, Phrase, Plan, Segment, Span, Speech, Transcript, Translation
from localize.engines import Spoken
from localize.errors import EngineFailed, NoGrant, UsageError
from localize.events import Run, Warned
from localize.isochrony.fit import STRETCH, stretch_to, trim_to_spans
from localize.isochrony.phrasing import split_phrases
from localize.isochrony.placement import TIMING_MODES
from localize.isochrony.synthesize import slots_of, synthesize
from localize.isochrony.timeline import place_takes
from localize.language.spoken import Pronunciation, Pronunciations, normalize_text
from localize.signal.activity import voice_activity
from localize.signal.clicks import find_clicks
from localize.testing import FakeSynthesizer, LooseSynthesizer

RATE = 24_000
LINES = (
    ("s0001", (1000, 3000), "Mañana viajamos al norte"),
    ("s0002", (3500, 5200), "¿Vienes con nosotros?"),
    ("s0003", (6000, 7500), "Claro que sí, amigo"),
)


def transcript(
    *lines: tuple[str, tuple[int, int], str], phrases: Mapping[str, tuple[Span, ...]] | None = None
) -> Transcript:
    return Transcript(
        "en", tuple(Segment(n, Span(*s), "S1", "text", (), (phrases or {}).get(n, ())) for n, s, _ in lines)
    )


def translation(*lines: tuple[str, tuple[int, int], str]) -> Translation:
    return Translation("es", tuple(Line(name, (Candidate(text, 0.0),)) for name, _, text in lines))


@pytest.fixture
def grant(granted: Callable[..., Grant]) -> Grant:
    return granted("ef_dora", "es")


def speak(run: Run, engine: Any, grant: Grant, *lines: Any, end: int = 10_000, **more: Any) -> Speech:
    phrases = more.pop("phrases", None)
    grants = {name: grant for name, _, _ in lines}
    return synthesize(run, transcript(*lines, phrases=phrases), translation(*lines), grants, engine, end, **more)


# --- wiring ----------------------------------------------------------------------------------------------------------


def test_every_line_becomes_a_take_heard_where_it_was_planned(run: Run, grant: Grant) -> None:
    speech = speak(run, FakeSynthesizer(), grant, *LINES)
    assert [t.segment for t in speech.takes] == [p.segment for p in speech.plans] == ["s0001", "s0002", "s0003"]
    for take, planned, (_, _, text) in zip(speech.takes, speech.plans, LINES):
        assert (take.text, take.voice, take.grant, take.fit) == (text, "ef_dora", grant.id, "exact")
        zero = planned.phrases[0].span.start_ms
        for heard, wanted in zip(take.phrases, planned.phrases, strict=True):
            assert abs(heard.start_ms - (wanted.span.start_ms - zero)) <= 10
            assert abs(heard.end_ms - (wanted.span.end_ms - zero)) <= 10
        samples, rate = soundfile.read(run.store.path(take.audio))
        assert -1 <= len(samples) * 1000 / rate - take.duration_ms <= 60  # a last sound may die away after it was heard
        found = voice_activity(samples.astype(np.float32), rate)
        assert abs(found[0].start_ms - take.phrases[0].start_ms) <= 10
        assert abs(found[-1].end_ms - take.phrases[-1].end_ms) <= 15


def test_a_pause_of_the_source_is_a_pause_of_the_dub(run: Run, grant: Grant) -> None:
    line = ("s0001", (0, 4000), "Mañana por la noche, vendremos a verte")
    speech = speak(run, FakeSynthesizer(), grant, line, phrases={"s0001": (Span(0, 1600), Span(2400, 4000))})
    (take,) = speech.takes
    assert len(take.phrases) == 2
    assert abs(take.phrases[1].start_ms - 2400) <= 10
    samples, rate = soundfile.read(run.store.path(take.audio))
    silent = samples[(take.phrases[0].end_ms + 60) * rate // 1000 : (take.phrases[1].start_ms - 20) * rate // 1000]
    assert len(silent) > rate // 10
    assert np.abs(silent).max() < 1e-3


def test_a_second_run_speaks_nothing(run: Run, grant: Grant) -> None:
    engine, new = FakeSynthesizer(), []
    first = speak(run, engine, grant, *LINES, on_made=lambda take: new.append(take.segment))
    assert len(engine.spoken) == 3
    assert new == ["s0001", "s0002", "s0003"]
    assert speak(run, engine, grant, *LINES, on_made=lambda take: new.append(take.segment)) == first
    assert len(engine.spoken) == len(new) == 3


class ClickingSynthesizer(FakeSynthesizer):
    """Clicks in the middle of the first takes of each line."""

    fingerprint = "clicking synthesizer 1"

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def speak(self, phrases: Sequence[Phrase], grant: Grant, language: str) -> Spoken:
        result = super().speak(phrases, grant, language)
        if len(self.spoken) <= self.times:
            samples = result.samples.copy()
            samples[len(samples) // 4] += 2 * float(np.abs(samples).max())
            return dataclasses.replace(result, samples=samples)
        return result


@pytest.mark.parametrize(("clicks", "spoken"), [(0, 1), (1, 2), (2, 3), (3, 3)])
def test_a_line_that_clicks_is_spoken_again(run: Any, grant: Grant, clicks: int, spoken: int) -> None:
    engine = ClickingSynthesizer(clicks)
    line = ("s0001", (1000, 3000), "Extraordinariamente")
    speech = speak(run, engine, grant, line)
    (take,), (planned,) = speech.takes, speech.plans
    assert len(engine.spoken) == spoken
    samples, rate = soundfile.read(run.store.path(take.audio), dtype="float32")
    assert bool(find_clicks(samples, rate)) == (clicks == 3)
    assert [e.code for e in run.events if isinstance(e, Warned)] == ["click"] * (clicks == 3)
    assert abs(take.duration_ms - planned.phrases[0].span.length_ms) <= 15


class LateSynthesizer(ClickingSynthesizer):
    """Clicks in its first take, and hums on for 300 ms after the second."""

    fingerprint = "late synthesizer 1"

    def speak(self, phrases: Sequence[Phrase], grant: Grant, language: str) -> Spoken:
        result = super().speak(phrases, grant, language)
        if len(self.spoken) != 2:
            return result
        end = (result.lead_ms + phrases[-1].span.end_ms) * RATE // 1000
        hum = result.samples[end - RATE * 3 // 10 : end]
        return dataclasses.replace(result, samples=np.concatenate([result.samples[:end], hum, result.samples[end:]]))


def test_of_takes_that_do_not_click_the_one_that_lands_is_kept(run: Any, grant: Grant) -> None:
    engine = LateSynthesizer(1)
    speech = speak(run, engine, grant, ("s0001", (1000, 3000), "Extraordinariamente"))
    (take,), (planned,) = speech.takes, speech.plans
    assert len(engine.spoken) == 3
    assert abs(take.duration_ms - planned.phrases[0].span.length_ms) <= 15


def test_one_edited_line_is_spoken_alone(run: Run, grant: Grant) -> None:
    engine, new = FakeSynthesizer(), []
    speak(run, engine, grant, *LINES)
    engine.spoken.clear()
    edited = (LINES[0], ("s0002", LINES[1][1], "¿Os venís todos?"), LINES[2])
    speak(run, engine, grant, *edited, on_made=lambda take: new.append(take.segment))
    assert new == ["s0002"]
    assert [" ".join(texts) for texts in engine.spoken] == ["¿Os venís todos?"]


def test_another_voice_is_spoken_anew(run: Run, grant: Grant, granted: Callable[..., Grant]) -> None:
    engine = FakeSynthesizer()
    first = speak(run, engine, grant, LINES[0])
    second = speak(run, engine, granted("em_alex", "es"), LINES[0])
    assert len(engine.spoken) == 2
    assert first.takes[0].audio != second.takes[0].audio
    assert second.takes[0].voice == "em_alex"


def test_a_full_store_gives_nothing_without_a_grant_of_this_run(run: Run, grant: Grant) -> None:
    engine = FakeSynthesizer()
    speak(run, engine, grant, *LINES)
    object.__setattr__(grant, "voice", dataclasses.replace(grant.voice, name="Somebody else"))
    with pytest.raises(NoGrant):
        speak(run, engine, grant, *LINES)
    assert len(engine.spoken) == 3


def test_what_was_spoken_before_an_engine_failed_is_kept(run: Run, grant: Grant) -> None:
    class Failing(FakeSynthesizer):
        def speak(self, phrases: Any, grant: Grant, language: str) -> Spoken:
            if "Vienes" in phrases[0].text:
                raise EngineFailed("no breath left", engine="fake")
            return super().speak(phrases, grant, language)

    failing, kept = Failing(), []
    with pytest.raises(EngineFailed, match="line s0002: no breath left") as caught:
        speak(run, failing, grant, *LINES, on_made=lambda take: kept.append(take.segment))
    assert caught.value.details["segment"] == "s0002"
    assert kept == ["s0001"]
    engine = FakeSynthesizer()
    speak(run, engine, grant, *LINES, on_made=lambda take: kept.append(take.segment))
    assert kept == ["s0001", "s0002", "s0003"]


def test_lines_without_words_or_without_a_grant_are_not_spoken(run: Run, grant: Grant) -> None:
    engine = FakeSynthesizer()
    lines = (LINES[0], ("s0002", LINES[1][1], "…"), ("s0003", LINES[2][1], "¡!"))
    speech = speak(run, engine, grant, *lines)
    assert [t.segment for t in speech.takes] == ["s0001"]
    left = synthesize(run, transcript(*LINES), translation(*LINES), {"s0003": grant}, engine, 10_000)
    assert [t.segment for t in left.takes] == ["s0003"]


def test_a_line_that_does_not_fit_is_spoken_and_named_in_a_warning(run: Run, grant: Grant) -> None:
    long = ("s0001", (0, 900), "Esta frase es demasiado larga para el hueco que tiene")
    speech = speak(run, FakeSynthesizer(), grant, long, ("s0002", (1000, 1900), "Otra"), end=5000)
    assert speech.takes[0].fit == "overflow"
    (warning,) = [w for w in run.warnings if w.code == "overflow" and "s0001" in w.message]
    assert "too long" in warning.message
    timeline = place_takes(transcript(long, ("s0002", (1000, 1900), "Otra")), speech, 5000)
    assert timeline.clips[1].at_ms >= timeline.clips[0].span.end_ms
    short = place_takes(transcript(long, ("s0002", (1000, 1900), "Otra")), speech, 2000)
    assert short.clips[1].span.end_ms <= 2000, "the file's end cuts no word"


def test_numbers_are_spoken_as_words_and_shown_as_written(run: Run, grant: Grant) -> None:
    engine = FakeSynthesizer()
    speech = speak(run, engine, grant, ("s0001", (0, 3000), "Son 21 euros"))
    assert engine.spoken == [("Son veintiún euros",)]
    assert speech.takes[0].text == "Son 21 euros"
    assert speech.takes[0].spoken == "Son veintiún euros"


def test_a_lexicon_is_spoken_and_one_that_changes_makes_its_lines_anew(run: Run, grant: Grant) -> None:
    engine, line = FakeSynthesizer(), ("s0001", (0, 3000), "Zolvia y Siobhan")

    def said(*entries: Pronunciation) -> str:
        speech = synthesize(
            run, transcript(line), translation(line), {"s0001": grant}, engine, 10_000,
            pronunciations=Pronunciations(entries),
        )  # fmt: skip
        assert speech.takes[0].text == "Zolvia y Siobhan"
        return speech.takes[0].spoken

    lexical = Pronunciation("Zolvia", "solbia")
    assert said() == "Zolvia y Siobhan"
    assert said(lexical) == said(lexical) == "solbia y Siobhan"
    assert said(lexical, Pronunciation("Siobhan", "/ʃɪvˈɔːn/")) == "solbia y Siobhan", "this engine takes no phonemes"
    assert engine.spoken == [("Zolvia y Siobhan",), ("solbia y Siobhan",)]


def test_what_is_said_as_one_is_never_parted_by_a_pause(run: Run, grant: Grant) -> None:
    spans = (Span(0, 500), Span(900, 3000))
    phrases, _ = split_phrases("Vale US$ 3 millones de más", spans, "es")
    assert all(not phrase.endswith(("US$", "3")) for phrase in phrases)
    assert " ".join(normalize_text(p, "es") for p in phrases) == "Vale tres millones de dólares de más"


def test_the_rate_says_how_much_faster_than_its_own_pace_a_take_is(run: Run, grant: Grant) -> None:
    engine = FakeSynthesizer()
    text = "Mañana viajamos todos al norte"
    (natural,) = engine.pace((text,), grant, "es")
    line = ("s0001", (0, round(natural / 1.15)), text)
    speech = speak(run, engine, grant, line, end=round(natural / 1.15))
    (clip,) = place_takes(transcript(line), speech, round(natural / 1.15)).clips
    assert clip.rate * clip.take.duration_ms == pytest.approx(natural, rel=0.01)
    assert clip.rate == pytest.approx(1.15, abs=0.02)


# --- engines that keep no lengths ------------------------------------------------------------------------------------


def test_a_loose_engine_is_stretched_to_the_source(run: Run, grant: Grant) -> None:
    text = "Mañana viajamos todos al norte"
    (natural,) = FakeSynthesizer().pace((text,), grant, "es")
    for rate in (0.9, 1.2):
        wanted = round(natural / rate)
        (take,) = speak(run, LooseSynthesizer(), grant, ("s0001", (0, wanted), text), end=wanted).takes
        assert take.fit in ("stretched", "overflow")
        assert take.duration_ms == pytest.approx(wanted, rel=0.05)


def test_a_loose_engine_is_never_stretched_beyond_what_sounds_well(run: Run, grant: Grant) -> None:
    text = "Mañana viajamos todos al norte"
    (natural,) = FakeSynthesizer().pace((text,), grant, "es")
    (fast,) = speak(run, LooseSynthesizer(), grant, ("s0001", (0, 300), text), end=300).takes
    assert fast.duration_ms >= natural / STRETCH[1] * 0.97
    (slow,) = speak(run, LooseSynthesizer(), grant, ("s0002", (0, 9000), text), end=9000).takes
    assert slow.duration_ms <= natural / STRETCH[0] * 1.03


def test_a_stretched_takes_rate_is_measured_and_not_guessed(run: Run, grant: Grant) -> None:
    """DESIGN 6.2: rate x clip length is the take's natural length from first to last sound."""
    text = "Tres trenes blancos tras tres"  # long syllables: a guess by syllables is far off
    (natural,) = FakeSynthesizer().pace((text,), grant, "es")
    line = ("s0001", (0, round(natural / 1.2)), text)
    speech = speak(run, LooseSynthesizer(), grant, line, end=round(natural / 1.2))
    (clip,) = place_takes(transcript(line), speech, 10_000).clips
    assert clip.rate * clip.take.duration_ms == pytest.approx(natural, rel=0.05)


# --- what is heard ---------------------------------------------------------------------------------------------------


def test_sounds_are_found_and_short_gaps_are_none(tone: Callable[..., Any]) -> None:
    samples = np.zeros(3 * RATE, np.float32)
    for a, b in ((500, 900), (960, 1400), (2000, 2500)):
        sound = tone((b - a) / 1000, rate=RATE)
        samples[a * 24 : a * 24 + len(sound)] = sound
    first, second = voice_activity(samples, RATE)
    assert first.start_ms == pytest.approx(500, abs=10)
    assert first.end_ms == pytest.approx(1400, abs=10)
    assert (second.start_ms, second.end_ms) == (pytest.approx(2000, abs=10), pytest.approx(2500, abs=10))


@pytest.mark.parametrize("count", [0, 1, 100, RATE])
def test_silence_is_one_sound_of_its_length(count: int) -> None:
    (span,) = voice_activity(np.zeros(count, np.float32), RATE)
    assert span.start_ms == 0
    assert span.length_ms >= 1


def test_what_was_heard_elsewhere_is_put_where_it_was_planned(tone: Callable[..., Any]) -> None:
    """The engine was 40 ms late and hummed in the pause: the pause comes out silent, the phrases in their place."""
    samples = np.zeros(4 * RATE, np.float32)
    spans = [Span(0, 800), Span(1500, 2200)]
    for span in spans:
        sound = tone(span.length_ms / 1000, rate=RATE)
        at = (span.start_ms + 140) * 24
        samples[at : at + len(sound)] += sound
    audio, heard = trim_to_spans(samples, RATE, 100, spans)
    assert [h.start_ms for h in heard] == [0, 1500]
    assert [h.end_ms for h in heard] == [pytest.approx(800, abs=10), pytest.approx(2200, abs=10)]
    assert np.abs(audio[900 * 24 : 1490 * 24]).max() < 1e-4
    assert 2190 * 24 <= len(audio) <= 2260 * 24


@pytest.mark.parametrize("factor", [0.8, 0.87, 1.0, 1.18])
def test_stretching_keeps_the_pitch_and_gives_the_length(tone: Callable[..., Any], factor: float) -> None:
    samples = tone(2.0, 330.0, rate=RATE)
    out = stretch_to(samples, RATE, factor)
    assert len(out) == round(len(samples) * factor)
    middle = out[len(out) // 4 : -len(out) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert spectrum.argmax() * RATE / len(middle) == pytest.approx(330.0, abs=3.0)


def test_a_line_may_run_on_until_the_next_begins() -> None:
    segments = [
        Segment("a", Span(0, 1000), "S1", ""),
        Segment("b", Span(900, 2000), "S2", ""),
        Segment("c", Span(2500, 3000), "S1", ""),
    ]
    until = [s.until_ms for s in slots_of(segments, 9000)]
    assert until[0] == 2500  # b overlaps a already: it is not in a's way
    assert until[1] == 2500
    assert until[2] >= 9000


@pytest.mark.parametrize("what", ["a laugh", "a line in the original", "a laugh while it is said"])
def test_a_line_leaves_what_stays_in_the_original_alone(run: Run, grant: Grant, what: str) -> None:
    said = ("s0001", (0, 1000), "Mañana viajamos al norte con nosotros")

    def end_ms(other: tuple[int, int], sounds: Sequence[Span] = ()) -> int:
        words = transcript(said, ("s0002", other, ""))
        speech = synthesize(
            run, words, translation(said), {"s0001": grant}, FakeSynthesizer(), 30_000, timing="free", sounds=sounds
        )
        return speech.plans[0].phrases[-1].span.end_ms

    own = end_ms((20_000, 21_000))
    kept = Span(own - 100, own + 900)
    if what == "a line in the original":
        assert end_ms((kept.start_ms, kept.end_ms)) == kept.start_ms
    elif what == "a laugh":
        assert end_ms((20_000, 21_000), [kept]) == kept.start_ms
    else:
        assert end_ms((20_000, 21_000), [Span(500, own + 900)]) == own


def test_speakers_and_lines_nobody_sees_are_set_free(run: Run, grant: Grant) -> None:
    segments = [Segment("s0001", Span(0, 1000), "S1", ""), Segment("s0002", Span(1500, 2500), "S2", "")]
    manners = [s.manner for s in slots_of(segments, 9000, "natural", ["S2"])]
    assert manners == [TIMING_MODES["natural"], TIMING_MODES["free"]]
    assert [s.manner for s in slots_of(segments, 9000, "strict", ["s0001"])] == [
        TIMING_MODES["free"],
        TIMING_MODES["strict"],
    ]
    with pytest.raises(UsageError, match="'S9'"):
        speak(run, FakeSynthesizer(), grant, ("s0001", (0, 1000), "Hola."), relaxed=["S9"])


# --- the real voice --------------------------------------------------------------------------------------------------


def test_the_embedded_voice_keeps_the_plan(run: Run, grant: Grant, engine: Callable[[Any, str], Any]) -> None:
    kokoro = engine("synthesizer", "kokoro")
    (length,) = kokoro.pace(("Mañana viajamos al norte.",), grant, "es")
    line = ("s0001", (500, 500 + round(length / 1.1)), "Mañana viajamos al norte.")
    speech = speak(run, kokoro, grant, line, end=500 + round(length / 1.1))
    ((take,), (planned,)) = (speech.takes, speech.plans)
    wanted = planned.phrases[-1].span.end_ms - planned.phrases[0].span.start_ms
    assert abs(take.duration_ms - wanted) <= 40  # a last sound that fades
    assert [w.text for w in take.words] == ["Mañana", "viajamos", "al", "norte."]
    assert take.words[-1].span.end_ms <= take.duration_ms


@pytest.mark.parametrize("count", [40, 130])
def test_a_line_as_long_as_a_cue_can_be_is_no_error(
    grant: Grant, engine: Callable[[Any, str], Any], count: int
) -> None:
    """A given cue can hold a paragraph without a pause: "lines longer than the model can hold are spoken in parts"."""
    text = " ".join(["la casa del norte"] * (count // 4))
    (length,) = engine("synthesizer", "kokoro").pace((text,), grant, "es")
    assert length > 150 * count


def test_a_line_of_many_phrases_is_no_error(run: Run, grant: Grant) -> None:
    """Each phrase fits the engine; the line as a whole need not."""

    class Short(FakeSynthesizer):
        def pace(self, phrases: Any, grant: Grant, language: str) -> tuple[int, ...]:
            if max(map(len, phrases)) > 60:
                raise EngineFailed("a phrase is too long", engine="fake")
            return super().pace(phrases, grant, language)

    text = "Mañana por la noche vendremos todos, y pasado mañana nos iremos al norte"
    line = ("s0001", (0, 6000), text)
    speech = speak(run, Short(), grant, line, phrases={"s0001": (Span(0, 2800), Span(3300, 6000))})
    assert len(speech.takes[0].phrases) == 2


def test_phrases_of_a_plan_are_the_text(run: Run, grant: Grant) -> None:
    line = ("s0001", (0, 4000), "Mañana por la noche, vendremos a verte")
    speech = speak(run, FakeSynthesizer(), grant, line, phrases={"s0001": (Span(0, 1600), Span(2400, 4000))})
    assert " ".join(p.text for p in speech.plans[0].phrases) == line[2]
    assert all(isinstance(p, Phrase) for p in speech.plans[0].phrases)
    assert Path(run.store.path(speech.takes[0].audio)).is_file()


FULL = """
from pathlib import Path
from localize.consent import Home, Request, check
from localize.data import Phrase, Span
from localize.errors import StoreError
from localize.isochrony.synthesize import speak
from localize.runtime.store import Store
from localize.testing import FakeSynthesizer
grant = check(Home.open(Path({home!r})), [Request("ef_dora", "S1", "es", "a test")])["S1"]
try:
    speak(Store(Path("/mnt/store")), FakeSynthesizer(), grant, "es", (Phrase("una frase larga", Span(0, 9000)),))
except StoreError as error:
    print(error.message)
"""


@pytest.mark.costly
def test_a_disk_that_fills_while_a_line_is_written_is_a_store_error(
    tmp_path: Path, small_disk: Callable[[int], list[str]]
) -> None:
    command = [*small_disk(200), sys.executable, "-c", FULL.format(home=str(tmp_path / "home"))]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "the disk is full" in result.stdout, result.stderr[-800:]


# --- in the manner of the actor --------------------------------------------------------------------------------------


class LedSynthesizer(FakeSynthesizer):
    """Notes in which manner it is asked to speak."""

    name = "led"
    expressive = True
    fingerprint = "led synthesizer 1"

    def __init__(self) -> None:
        super().__init__()
        self.manners: list[tuple[Manner, ...]] = []

    def speak(self, phrases: Sequence[Phrase], grant: Grant, language: str, manners: Sequence[Manner] = ()) -> Spoken:
        self.manners.append(tuple(manners))
        return super().speak(phrases, grant, language)


def high(plan: Plan, spoken: Sequence[Phrase]) -> tuple[Manner, ...]:
    return tuple(Manner(0.5, height_st=2.0) for _ in spoken) if plan.segment == "s0002" else ()


def test_a_line_is_spoken_in_the_manner_that_is_asked_and_others_as_ever(run: Run, grant: Grant) -> None:
    engine = LedSynthesizer()
    led = speak(run, engine, grant, *LINES, direct=high)
    assert engine.manners == [(), (Manner(0.5, height_st=2.0),), ()]
    plain = speak(run, engine, grant, *LINES)
    assert len(engine.manners) == 4  # the two undirected lines are those of the store
    assert [t.phrases for t in plain.takes] == [t.phrases for t in led.takes]
    other = speak(run, engine, grant, *LINES, direct=lambda plan, spoken: (Manner(0.6, height_st=2.0),))
    assert len(engine.manners) == 7
    assert [t.duration_ms for t in other.takes] == [t.duration_ms for t in led.takes]


def test_an_engine_that_cannot_be_led_is_told(run: Run, grant: Grant) -> None:
    speech = speak(run, LooseSynthesizer(), grant, *LINES, direct=high)
    assert len(speech.takes) == 3
    assert [(w.code, "loose" in w.message) for w in run.noted] == [("expression", True)]
