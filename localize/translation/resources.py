"""A client's resources in one translation: glossary, memories, a translator's file, style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..data import Conversion, Edits, Transcript, Translation
from ..engines import Translator
from ..events import Run, name_some
from ..language.tags import wider_region, with_region
from .adherence import ResourcesReport, adherence_warnings, describe_resources
from .glossary import Glossary
from .known_lines import KnownLines, Returned, find_known_lines
from .measurements import in_metric_units
from .memory import Memory
from .multilingual import Brief, Offer, translate_lines
from .profanity import softened
from .small_numbers import numbers_in_words
from .style_sheet import StyleSheet


@dataclass(frozen=True, slots=True)
class Resources:
    """What a client gives for the words of a film.

    Args:
        glossary: terms and registers, those of the style sheet among them.
        memories: translation memories, in the order they were named.
        returned: the units of a translator's file.
        style: the title's style sheet.
    """

    glossary: Glossary = field(default_factory=Glossary)
    memories: tuple[Memory, ...] = ()
    returned: Returned | None = None
    style: StyleSheet = field(default_factory=StyleSheet)

    def region(self, language: str, asked: str) -> str:
        """Where the audience of a language is at home: as `asked` by its tag, else by the style sheet; "" for
        anywhere.
        """
        return asked or self.style.regions.get(language, "")


def known_lines(
    run: Run,
    resources: Resources,
    transcript: Transcript,
    *,
    to: str,
    region: str,
    edits: Edits,
    given: bool = False,
    keeps_marks: bool = False,
) -> KnownLines:
    """The lines whose translation a translator's file or a memory holds, see `find_known_lines`; warns of what is lost.

    Args:
        run: warns of it.
        resources: of the client.
        transcript: what was said.
        to: language wanted.
        region: as `Resources.region` says.
        edits: lines that a person gave.
        given: every line is given: nothing is looked for.
        keeps_marks: the subtitles keep the cues that the words come from, and so what is in italics.
    """
    if given:
        if resources.memories:
            names = ", ".join(memory.name for memory in resources.memories)
            run.warn("memory_unused", f"the translation into {to} is given line by line: nothing is taken from {names}")
        return KnownLines()
    found = find_known_lines(
        run, transcript.segments, source=transcript.language, to=to, region=region, edits=edits,
        memories=resources.memories, returned=resources.returned,
    )  # fmt: skip
    if not keeps_marks:
        _warn_of_marks(run, found)
    return found


def offer_needed(
    offer: Offer | None, resources: Resources, known: KnownLines, transcript: Transcript, edits: Edits, to: str
) -> Offer | None:
    """The translators; None where a translator's file and edits leave nothing to translate."""
    if resources.returned is not None and known.covers(transcript.segments, edits, to):
        return None
    return offer


def translate_with_resources(
    run: Run,
    transcript: Transcript,
    offer: Offer | None,
    resources: Resources,
    known: KnownLines,
    brief: Brief,
    *,
    to: str,
    edits: Edits,
    flat: bool,
) -> Translation:
    """`translate_lines` for the lines that are not known, by the client's terms and style.

    Args:
        run: store and listener.
        transcript: what was said.
        offer: who translates a pair; None where every line is given or known.
        resources: of the client.
        known: lines that are final.
        brief: who speaks to whom, and for whom it is made; its region as `Resources.region` says.
        to: language wanted.
        edits: a person's corrections; they go before what is known.
        flat: known lines are on one line, for a voice.
    """
    final = known.over(edits, to, flat=flat)
    converted: tuple[Conversion, ...] = ()
    if resources.style.converts_units and offer is not None:
        transcript, final, converted = in_metric_units(run, transcript, final, to, resources.style.name)
    terms = resources.glossary.between(transcript.language, to, brief.region)
    made = translate_lines(run, transcript, offer, to=to, edits=final, glossary=terms, brief=brief)
    made = replace(made, memory=known.matches, converted=converted)
    made = numbers_in_words(made) if resources.style.spells_numbers else made
    return softened(run, made, resources.style.name) if resources.style.softens else made


def report_resources(
    run: Run,
    resources: Resources,
    transcript: Transcript,
    translation: Translation,
    shown: Mapping[str, str],
    region: str,
) -> ResourcesReport:
    """What became of a client's resources; warns of terms that are missing.

    Args:
        run: warns of them.
        resources: of the client.
        transcript: what was said.
        translation: of it.
        shown: segment -> the words that were delivered.
        region: as `Resources.region` says.
    """
    glossary = resources.glossary.between(transcript.language, translation.language, region)
    found = describe_resources(transcript.segments, translation, shown, glossary, transcript.language)
    for code, message in adherence_warnings(found, run.warnings):
        run.warn(code, message)
    return found


def _warn_of_marks(run: Run, known: KnownLines) -> None:
    """Say which lines lose what their translator set in italics: subtitles that are cut here take none."""
    if marked := [segment for segment, passage in known.passages.items() if passage.marks]:
        run.warn(
            "translation_marks",
            f"italics, bold and underline of {name_some(marked)} are left out: these subtitles are cut anew",
        )


def warn_of_regions(
    run: Run, style: StyleSheet, to: Sequence[str], translators: Sequence[Translator], asked: Mapping[str, str]
) -> None:
    """Say where no translator knows the region that was asked for: it chooses stored words alone.

    Args:
        run: warns of it.
        style: the title's style sheet, whose regions count where no target's tag named one.
        to: target languages.
        translators: that could be used.
        asked: target language -> region of its tag.
    """
    for language, region in {**style.regions, **asked}.items():
        wishes = {
            wish for t in translators if any(b == language for _, b in t.pairs) for wish in getattr(t, "wishes", ())
        }
        if language in to and wishes.isdisjoint({f"region:{region}", f"region:{wider_region(region)}"}):
            named = f"--to {with_region(language, region)}" if language in asked else style.name
            run.warn(
                "region",
                f"{named}: no translator here knows the words of {region}: the region counts for memories and "
                f"lists of terms in {language} alone",
            )
