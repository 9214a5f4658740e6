"""Films in more than one language, and murmurs: what is dubbed, what stays, what is refused. The engines are real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localize import media
from localize.data import Edit, Edits, Segment, Span, Transcript, Word
from localize.errors import UsageError
from localize.events import Run
from localize.language.wordless import is_backchannel
from localize.testing import FakeRecogniser, FakeTranslator
from localize.transcription.lines import unspelled
from localize.transcription.transcribe import merge_speech_spans, recognition_windows, transcribe
from localize.translation.glossary import Glossary
from localize.translation.multilingual import Brief, translate_each, translate_lines, untranslated_lines


def line(n: int, text: str, language: str = "") -> Segment:
    return Segment(f"s{n:04}", Span(n * 1000, n * 1000 + 900), "S1", text, language=language)


FILM = Transcript(
    "en",
    (
        line(1, "Good morning."),
        line(2, "Hija mía.", "es"),
        line(3, "Bom dia.", "pt"),
        line(4, "Guten Tag.", "de"),
        line(5, "Mm-hm."),
    ),
)


@pytest.fixture
def offer(engine: Callable[[Any, str], Any]) -> Callable[[str, str], Any]:
    translators = [engine("translator", "marian_ct2"), engine("translator", "bergamot:bergamot-pt-en")]

    def get(source: str, to: str) -> Any:
        found = next((t for t in translators if (source, to) in t.pairs), None)
        if found is None:
            raise UsageError(f"nobody translates {source}->{to}")
        return found

    return get


def test_the_target_language_the_untranslatable_and_murmurs_stay(offer: Any) -> None:
    assert untranslated_lines(FILM, "es", offer) == {
        "s0002": "target", "s0003": "untranslated", "s0004": "untranslated", "s0005": "backchannel",
    }  # fmt: skip


def test_each_line_is_translated_from_its_language_and_what_stays_is_told(run: Run, offer: Any) -> None:
    edits = Edits((Edit("s0004", translation={"es": "Buenas tardes."}),))
    made = translate_each(run, FILM, offer, to="es", edits=edits, glossary=Glossary())
    texts = {made_line.segment: made_line.candidates[0].text for made_line in made.lines}
    assert list(texts) == [s.id for s in FILM.segments]
    assert "Buenos días" in texts["s0001"]
    assert texts["s0002"] == "Hija mía."
    assert texts["s0003"] == "Bom dia."
    assert texts["s0004"] == "Buenas tardes."
    assert texts["s0005"] == "Mm-hm."
    told = {w.code: w.message for w in run.warnings}
    assert set(told) == {"kept_target_language", "kept_original", "kept_backchannel"}
    assert "0:03.0-0:03.9" in told["kept_original"]
    assert "Portuguese [pt]" in told["kept_original"]


def only_from_english(source: str, to: str) -> FakeTranslator:
    if source != "en":
        raise UsageError(f"nobody translates {source}->{to}")
    return FakeTranslator()


def test_which_lines_stay_is_known_by_the_pairs_alone(run: Run) -> None:
    kept = {"s0002": "target", "s0003": "untranslated", "s0004": "untranslated", "s0005": "backchannel"}
    assert untranslated_lines(FILM, "es", only_from_english) == kept
    edits = Edits((Edit("s0004", translation={"es": "Buenas tardes."}),))
    made = translate_each(run, FILM, only_from_english, to="es", edits=edits, glossary=Glossary())
    assert [line.candidates[0].text for line in made.lines] == [
        "Goodo morningo.", "Hija mía.", "Bom dia.", "Buenas tardes.", "Mm-hm.",
    ]  # fmt: skip
    assert [line.segment for line in made.lines if line.edited] == ["s0004"]
    assert made.engine == "fake"
    assert {w.code: w.message for w in run.warnings} == {
        "kept_target_language": "lines in Spanish [es] already stay (1): 0:02.0-0:02.9",
        "kept_original": "lines in Portuguese [pt], which no translator here translates into es, stay in the original "
        "(1): 0:03.0-0:03.9",
        "kept_backchannel": "backchannels such as mm-hm stay in the original (1): 0:05.0-0:05.9",
    }


def test_a_register_or_gender_for_somebody_who_does_not_speak_is_said(run: Run) -> None:
    brief = Brief(registers={"Ann": "usted"}, genders={"Bob": "male"})
    translate_lines(run, FILM, only_from_english, to="es", edits=Edits(()), glossary=Glossary(), brief=brief)
    messages = [w.message for w in run.warnings if w.code in ("register", "gender")]
    assert messages == [
        "no speaker is called Ann: the register asked for Ann changes nothing",
        "no speaker is called Bob: the gender given for Bob changes nothing",
    ]


@pytest.mark.parametrize(
    ("text", "murmur"),
    [
        ("Mm-hm.", True),
        ("Mhm.", True),
        ("Mmm...", True),
        ("Uh-huh.", True),
        ("Hmm?", True),
        ("M-hm.", True),
        ("Unh-unh.", True),
        ("Nuh-uh.", True),
        ("Hmph.", True),
        ("Erm...", True),
        ("Huh?", False),
        ("M.", False),
        ("No.", False),
        ("Yes, mm-hm.", False),
        ("Me", False),
        ("Him.", False),
        ("", False),
    ],
)
def test_murmurs_are_told_from_words(text: str, murmur: bool) -> None:
    assert is_backchannel(text) is murmur


@pytest.mark.parametrize(
    ("text", "confidence", "becomes"),
    [
        ("M.M.H.I.M.", 0.5, "Mm-hm."),
        ("M-M-E-Cham.", 0.58, "Mm-hm."),
        ("M.M.H.I.M.", 0.9, "M.M.H.I.M."),
        ("F.B.I.", 0.5, "F.B.I."),
        ("Him.", 0.4, "Him."),
    ],
)
def test_murmurs_taken_for_letters_are_not_spelled_out(text: str, confidence: float, becomes: str) -> None:
    span = Span(0, 800)
    assert unspelled(Segment("s0001", span, "S1", text, (Word(text, span, confidence),))).text == becomes


def test_a_window_begins_where_another_language_does() -> None:
    spans = [Span(0, 1000), Span(1400, 2000), Span(2600, 4000)]
    assert merge_speech_spans(spans) == [Span(0, 2000), Span(2600, 4000)]
    assert len(recognition_windows(spans, 5000)) == 1
    assert recognition_windows(spans, 5000, frozenset({2600})) == (Span(0, 2300), Span(2300, 4300))


def test_a_language_that_was_named_is_believed_and_doubted_aloud(run: Run, spoken: Any) -> None:
    source = media.ingest(run.store, spoken.path, stream=None, language=None)
    found = transcribe(run, source, FakeRecogniser(), "es", ("es",))  # it takes everything for English
    assert found.language == "es"
    assert {s.language for s in found.segments} == {""}
    assert [w.code for w in run.warnings] == ["language_doubted"]


@pytest.mark.parametrize(("share", "refused"), [(0.2, True), (0.3, False)])
def test_a_guess_under_the_floor_is_refused(run: Run, spoken: Any, share: float, refused: bool) -> None:
    class Guessing(FakeRecogniser):
        fingerprint = f"guesses at {share}"

        def identify(self, audio: Path, spans: Any, among: frozenset[str]) -> tuple[str, float]:
            return "pt", share

    source = media.ingest(run.store, spoken.path, stream=None, language=None)
    if refused:
        with pytest.raises(UsageError, match=r"Portuguese \[pt\] is likeliest, of 20%; give --from"):
            transcribe(run, source, Guessing(), None, ("en", "pt"))
    else:
        assert transcribe(run, source, Guessing(), None, ("en", "pt")).language == "pt"


@pytest.mark.shared
def test_a_language_nobody_translates_is_refused_by_name(
    run: Run, shared: Path, engine: Callable[[Any, str], Any]
) -> None:
    source = media.ingest(run.store, shared / "cases" / "media" / "r7.flac", stream=None, language=None)
    with pytest.raises(UsageError, match=r"is in French \[fr\].*no translator here translates.*--from"):
        transcribe(run, source, engine("recogniser", "faster_whisper"), None, ("en",))


@pytest.mark.shared
def test_a_sentence_in_another_language_is_heard_in_it(
    run: Run, shared: Path, engine: Callable[[Any, str], Any]
) -> None:
    source = media.ingest(run.store, shared / "cases" / "media" / "r5.flac", stream=None, language=None)
    found = transcribe(run, source, engine("recogniser", "faster_whisper"), None, ("en",))
    assert [s.language for s in found.segments] == ["", "es", ""]
    assert "bosque de noche" in found.segments[1].text
    assert "grandmother" in found.segments[0].text
    assert "understand" in found.segments[2].text


@pytest.mark.shared
def test_a_murmur_is_not_spelled_out(run: Run, shared: Path, engine: Callable[[Any, str], Any]) -> None:
    source = media.ingest(run.store, shared / "cases" / "media" / "r2.flac", stream=None, language=None)
    found = transcribe(run, source, engine("recogniser", "faster_whisper"), "en", ("en",))
    assert [s.text for s in found.segments if s.span.overlap_ms(Span(4500, 5300)) > 300] == ["Mm-hm."]
