"""Films in several languages: which segments stay untranslated in a dub, and the translator of each other segment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..data import Candidate, Edits, Line, Segment, Transcript, Translation
from ..engines import Translator
from ..errors import UsageError
from ..events import Run
from ..language.speaker_names import label_names
from ..language.tags import language_name, main_language
from ..language.wordless import is_backchannel
from ..transcription.transcribe import format_spans
from .glossary import Glossary
from .registers import genders_by_segment, registers_by_segment
from .translate import LengthsWished, both_lengths, translate

Offer = Callable[[str, str], Translator]
"""(source, target) -> who translates; raises UsageError where nobody does."""


def untranslated_lines(transcript: Transcript, to: str, offer: Offer) -> dict[str, str]:
    """The segments that stay in the original, and why: "target" language, "untranslated" language, or "backchannel".

    Args:
        transcript: what was said.
        to: the target language.
        offer: who translates a pair.
    """
    kept: dict[str, str] = {}
    translates = {s.language: _is_offered(offer, s.language, to) for s in transcript.segments if s.language}
    for segment in transcript.segments:
        if segment.language and main_language(segment.language) == main_language(to):
            kept[segment.id] = "target"
        elif segment.language and not translates[segment.language]:
            kept[segment.id] = "untranslated"
        elif is_backchannel(segment.text):
            kept[segment.id] = "backchannel"
    return kept


def warn_of_kept(run: Run, transcript: Transcript, to: str, kept: dict[str, str]) -> None:
    """Warn of every kind of segment that stays in the original, with the times."""

    def of(why: str) -> list[Segment]:
        return [s for s in transcript.segments if kept.get(s.id) == why]

    if same := of("target"):
        times = format_spans([s.span for s in same])
        run.warn("kept_target_language", f"lines in {language_name(to)} already stay ({len(same)}): {times}")
    for tongue in sorted({s.language for s in of("untranslated")}):
        lines = [s for s in of("untranslated") if s.language == tongue]
        run.warn(
            "kept_original",
            f"lines in {language_name(tongue)}, which no translator here translates into {to}, stay in the original "
            f"({len(lines)}): {format_spans([s.span for s in lines])}",
        )
    if backchannels := of("backchannel"):
        times = format_spans([s.span for s in backchannels])
        run.warn("kept_backchannel", f"backchannels such as mm-hm stay in the original ({len(backchannels)}): {times}")


@dataclass(frozen=True, slots=True)
class Brief:
    """What a translation needs beside the words: who speaks to whom, and for whom it is made.

    Args:
        region: where the audience is at home ("MX"); "" for anywhere.
        names: speaker -> what files call them.
        registers: speaker or pair of speakers -> register, see `registers_by_segment`.
        genders: speaker -> how a person said that they say "I", see `genders_by_segment`.
        heard: segment -> gender of the voice that is heard.
        voices: segment -> for each line of its text who speaks in it, where a file says so.
        given: a person's translation, one text a segment; final. None where nobody gave one.
        lengths: which other lengths a segment wishes beside its best wording.
    """

    region: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    registers: Mapping[str, str] = field(default_factory=dict)
    genders: Mapping[str, str] = field(default_factory=dict)
    heard: Mapping[str, str] = field(default_factory=dict)
    voices: Mapping[str, Sequence[Sequence[str]]] | None = None
    given: Sequence[str] | None = None
    lengths: LengthsWished = both_lengths


def translate_lines(
    run: Run,
    transcript: Transcript,
    offer: Offer | None,
    *,
    to: str,
    edits: Edits,
    glossary: Glossary,
    brief: Brief,
) -> Translation:
    """Candidates for every segment, from a translator or from what a person wrote.

    Args:
        run: store and listener; warns of registers asked for somebody who does not speak.
        transcript: what was said.
        offer: who translates a pair; None where every line is given or edited.
        to: language wanted.
        edits: corrections, final.
        glossary: terms to be kept.
        brief: who speaks to whom, and for whom it is made.

    Raises:
        UsageError: given texts and segments differ in number, or nobody translates.
        EngineError: a translator failed.
    """
    labels = (
        *brief.names.values(),
        *label_names((segment.text for segment in transcript.segments), language=transcript.language),
    )
    registers, unknown = registers_by_segment(transcript.segments, brief.registers, brief.names)
    for who in unknown:
        run.warn("register", f"no speaker is called {who}: the register asked for {who} changes nothing")
    said, unknown = genders_by_segment(transcript.segments, brief.genders, brief.names, brief.heard)
    for who in unknown:
        run.warn("gender", f"no speaker is called {who}: the gender given for {who} changes nothing")
    if offer is None:
        return translate(
            run, transcript, None, to=to, edits=edits, glossary=glossary, given=brief.given, registers=registers,
            region=brief.region, names=labels, voices=brief.voices, genders=said,
        )  # fmt: skip
    return translate_each(
        run, transcript, offer, to=to, edits=edits, glossary=glossary, registers=registers, region=brief.region,
        names=labels, voices=brief.voices, genders=said, lengths=brief.lengths,
    )  # fmt: skip


def translate_each(
    run: Run,
    transcript: Transcript,
    offer: Offer,
    *,
    to: str,
    edits: Edits,
    glossary: Glossary,
    registers: Sequence[str] = (),
    region: str = "",
    names: Sequence[str] = (),
    voices: Mapping[str, Sequence[Sequence[str]]] | None = None,
    genders: Sequence[str] = (),
    lengths: LengthsWished = both_lengths,
) -> Translation:
    """Candidates for every segment, each from the language it is in; lines that stay keep their own words.

    Raises:
        UsageError: nobody translates the transcript's language, or edits name a segment that is not there.
        EngineError: a translator failed.
    """
    own = {e.segment: e.translation[to] for e in edits.edits if to in e.translation}
    unspoken = untranslated_lines(transcript, to, offer)
    kept = {segment: why for segment, why in unspoken.items() if segment not in own}
    warn_of_kept(run, transcript, to, kept)
    lines = {s.id: Line(s.id, (Candidate(s.text, 0.0),)) for s in transcript.segments if s.id in kept}
    lines |= {s: Line(s, (Candidate(text, 0.0),), edited=True) for s, text in own.items() if s in unspoken}
    engines: list[str] = []
    for tongue in dict.fromkeys(s.language for s in transcript.segments if s.id not in lines):
        here = [s.id not in unspoken and s.language == tongue for s in transcript.segments]
        blank = tuple(s if mine else replace(s, text="", words=()) for s, mine in zip(transcript.segments, here))
        part = replace(transcript, language=tongue or transcript.language, segments=blank)
        mine = {s.id for s, is_mine in zip(transcript.segments, here) if is_mine}
        wanted = Edits(tuple(e for e in edits.edits if e.segment in mine or e.segment not in {s.id for s in blank}))
        found = translate(
            run, part, offer(part.language, to), to=to, edits=wanted, glossary=glossary, registers=registers or None,
            region=region, names=names, voices=voices, genders=genders or None, lengths=lengths,
        )  # fmt: skip
        lines |= {line.segment: line for line in found.lines if line.segment in mine}
        engines.append(found.engine)
    return Translation(to, tuple(lines[s.id] for s in transcript.segments), ", ".join(dict.fromkeys(engines)))


def _is_offered(offer: Offer, source: str, to: str) -> bool:
    if main_language(source) == main_language(to):
        return False
    try:
        offer(source, to)
    except UsageError:
        return False
    return True
