"""What a person gives in place of recognition or translation: subtitles, a master.json, or a script of any kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from ..data import Segment, Span, Transcript
from ..events import Run, name_some
from ..language.boundaries import ends_sentence
from ..language.identify import identify
from ..language.labels import is_credit
from ..language.screen_text import is_screen_voice
from ..language.structure import unusual_notes
from ..language.tags import main_language, tag_of_name
from ..scripts import (
    Script,
    ScriptLine,
    Wanted,
    has_words,
    is_script,
    looks_like_script,
    moved,
    read_script,
    without_programme_start,
)
from ..timedtext import formats
from ..timedtext.cues import Document
from .cue_turns import turns_of_cues
from .lines import cue_number, line_id
from .supplied import UNKNOWN_LANGUAGE, SuppliedWords, read_supplied, repeated_lines, screen_lines

LONG_WORDS = 16
"""A line of a script with more words is parted at the ends of its sentences."""
_LEAST_MS = 200
_NO_FILM = Fraction(25)


@dataclass(frozen=True, slots=True)
class FilmClock:
    """What times of a list are counted by: frames a second of the film, and how long it lasts."""

    rate: Fraction
    duration_ms: int


def read_given(
    run: Run,
    path: Path,
    want: Wanted,
    language: str | None,
    encoding: str | None = None,
    clock: Callable[[], FilmClock | None] = lambda: None,
) -> SuppliedWords:
    """Read what is given as a transcript: one segment a cue of a subtitle file, one a line of a script.

    Args:
        run: told what is not used.
        path: the file.
        want: which of a list's languages.
        language: of the words, or None to take it from the file or its name.
        encoding: of a text, or None to find it out.
        clock: of the film, asked for where times are to be counted; None where there is no film.

    Raises:
        MediaError: it cannot be read, or holds no words.
        UsageError: several columns of a list could be meant.
    """
    given = replace(_read_given(run, path, want, language, encoding, clock), called=want.called)
    _tell_unusual_brackets(run, path, given)
    if again := repeated_lines(given):
        places = name_some(place_of(given, name) for name in sorted(again))
        run.warn(
            "repeated_cues",
            f"{path}: the same words at the same times as another cue, said once: {len(again)} places: {places}",
        )
    if shown := screen_lines(given):
        _tell_screen_text(run, path, [f"{place_of(given, name)} {text!r}" for name, text in shown.items()])
    return given


def _tell_screen_text(run: Run, path: Path, places: Sequence[str]) -> None:
    run.warn(
        "screen_text",
        f"{path}: text that the picture shows, by its label: no voice says it, in {len(places)} places: "
        f"{name_some(places)}; name a person so in the cast or with --voice to have it said",
    )


def _tell_unusual_brackets(run: Run, path: Path, given: SuppliedWords) -> None:
    """Say what stands in angle or curly brackets, is no tag and names nobody: what of it is said, and what is not."""
    language, names = given.transcript.language, (*given.called, *given.names.values())
    texts = [segment.text for segment in given.transcript.segments if "<" in segment.text or "{" in segment.text]
    found = [unusual_notes(text, language, names) for text in texts]
    notes = [note for one, _ in found for note in one]
    for code, kind, mark in (("angle_brackets", "angle", "<"), ("curly_brackets", "curly", "{")):
        if own := [note for note in notes if note[0] == mark]:
            run.warn(
                code,
                f"{path}: in {kind} brackets, and neither a tag nor a name: taken for sounds and directions, which no "
                f"voice says, in {len(own)} places: {name_some(map(repr, own))}; words that are said stand without "
                "them",
            )
    if said := [word for _, one in found for word in one]:
        run.warn(
            "placeholders",
            f"{path}: in curly brackets inside of a sentence, so taken for words and said, in {len(said)} places: "
            f"{name_some(map(repr, said))}; put what is to be said in their place",
        )


def _read_given(
    run: Run,
    path: Path,
    want: Wanted,
    language: str | None,
    encoding: str | None,
    clock: Callable[[], FilmClock | None],
) -> SuppliedWords:
    if path.suffix.lower() == ".json":
        return read_supplied(run, path, language, encoding)
    data = formats.bytes_of(path)
    if not _is_script(data, path, encoding):
        return read_supplied(run, path, language, encoding, data)
    script = read_script(path, want, encoding, data)
    for remark in script.remarks:
        run.warn(remark.code, f"{path}: {remark.message}")
    own = language or main_language(script.language) or _language_in_name(path)
    if not own and want.use == "source":
        own = identify(" ".join(line.text for line in script.lines))
    film = clock() if any(line.start for line in script.lines) else None
    return _words_of(run, path, _timed(run, path, script, film), own or UNKNOWN_LANGUAGE, want.called)


def _is_script(data: bytes, path: Path, encoding: str | None) -> bool:
    """Whether a file is a script by its content, or by its name where that says nothing else."""
    if looks_like_script(data):
        return True
    return is_script(path) and not formats.is_subtitles(data, path.name, encoding=encoding)


def _language_in_name(path: Path) -> str:
    found = formats.language_of(Document(()), path)
    return main_language(found) if found and tag_of_name(found.lower()) else ""


def _timed(run: Run, path: Path, script: Script, film: FilmClock | None) -> Script:
    """The script with all its times in milliseconds of the film."""
    rate = film.rate if film else _NO_FILM
    times = [time for line in script.lines for time in (line.start, line.end)]
    off, divisor = without_programme_start(times, film.duration_ms, rate) if film else (0, 1)
    if off:
        run.warn(
            "programme_start", f"{path}: its times begin at hour {off // 3_600_000}: that is taken off all of them"
        )
    if divisor > 1:
        counted, taken = (
            ("whole numbers", "milliseconds") if divisor == 1000 else ("hours and minutes", "minutes and seconds")
        )
        run.warn("timecode", f"{path}: its times are {counted}: they are taken for {taken}")
    return replace(
        script,
        lines=tuple(
            replace(
                line,
                start=line.start and moved(line.start, rate, off, divisor),
                end=line.end and moved(line.end, rate, off, divisor),
            )
            for line in script.lines
        ),
    )


def _words_of(run: Run, path: Path, script: Script, language: str, called: Sequence[str]) -> SuppliedWords:
    """A script as a transcript: with its times where every line has them to the frame, else without."""
    exact = all(line.start and line.end for line in script.lines) and 2 * sum(
        bool(line.start and line.end and (line.start.exact or line.end.exact)) for line in script.lines
    ) >= len(script.lines)
    spoken = [line for line in script.lines if has_words(line.text)]
    if sounds := 0 if exact else len(script.lines) - len(spoken):
        run.warn("not_dialogue", f"{path}: {sounds} sounds whose times are not exact are left out")
    lines = script.lines if exact else tuple(part for line in spoken for part in _parted(line, language))
    lines = _with_screen_text(run, path, lines, language, called, kept=exact)
    speakers, names = dict[str, str](), dict[str, str]()
    segments: list[Segment] = []
    places, near = {}, {}
    for number, line in enumerate(lines, 1):
        name = line_id(number)
        speaker = speakers.setdefault(line.speaker.casefold(), f"S{len(speakers) + 1}")
        names.setdefault(speaker, line.speaker)
        places[name] = (line.place, line.block)
        if exact and line.start and line.end:
            span = Span(line.start.ms, max(line.end.ms, line.start.ms + _LEAST_MS))
        else:
            span = Span(number, number + 1)
            if line.start is not None:
                near[name] = line.start.ms
        segments.append(Segment(name, span, speaker, line.text))
    transcript = Transcript(language, tuple(sorted(segments, key=lambda s: (s.span, s.id))), given=True)
    names = {speaker: name for speaker, name in names.items() if name}
    return SuppliedWords(
        transcript, None, names, labelled=bool(names), timed=exact, near=near,
        places={name: place for name, (place, _) in places.items()},
        blocks={name: block for name, (_, block) in places.items()},
    )  # fmt: skip


def _with_screen_text(
    run: Run, path: Path, lines: Sequence[ScriptLine], language: str, called: Sequence[str], *, kept: bool
) -> tuple[ScriptLine, ...]:
    """The lines of a script with those that the picture shows: with their label, where they are kept for its readers;
    else left out, and told.
    """
    people = {name.casefold() for name in called}
    shown = [is_screen_voice(line.speaker, language, people) for line in lines]
    if kept:
        return tuple(
            replace(line, speaker="", text=f"{line.speaker.upper()}: {line.text}") if aside else line
            for line, aside in zip(lines, shown)
        )
    if any(shown):
        _tell_screen_text(run, path, [f"{line.place} {line.text!r}" for line, aside in zip(lines, shown) if aside])
    return tuple(line for line, aside in zip(lines, shown) if not aside)


def _parted(line: ScriptLine, language: str) -> Iterator[ScriptLine]:
    """A long line as several, each of whole sentences; times stay with the first and the last."""
    words = line.text.split()
    if len(words) <= LONG_WORDS:
        yield line
        return
    ends = [at for at in range(1, len(words)) if ends_sentence(words[at - 1], words[at], language)]
    ends = [at for at in ends if not _inside_brackets(words[:at])]
    cuts = [0]
    for end, following in zip(ends, [*ends[1:], len(words)]):
        if following - cuts[-1] > LONG_WORDS:
            cuts.append(end)
    texts = [" ".join(words[a:b]) for a, b in zip(cuts, [*cuts[1:], len(words)])]
    for at, text in enumerate(texts):
        yield replace(line, text=text, start=line.start if not at else None, end=None)


def _inside_brackets(words: Sequence[str]) -> bool:
    text = " ".join(words)
    return len(re.findall(r"[\[(]", text)) > len(re.findall(r"[\])]", text))


def place_of(given: SuppliedWords, segment: str) -> str:
    """Where a line stands in its file, for messages."""
    if segment in given.places:
        return given.places[segment]
    number = cue_number(segment)
    if given.document is not None and 0 < number <= len(given.document.cues):
        at_line = given.document.cues[number - 1].at_line
        return f"cue {number} (line {at_line})" if at_line else f"cue {number}"
    return segment


def shared_cues(given: SuppliedWords, parted: Collection[str] = ()) -> tuple[str, ...]:
    """Where the cues stand that hold the words of several people: by labels, or by a dash before each.

    Args:
        given: the file.
        parted: cues to be left out, by the ids of their lines.
    """
    return tuple(place_of(given, name) for name in turns_of_cues(given) if name not in parted)


def credit_cues(given: SuppliedWords) -> tuple[str, ...]:
    """Where the cues stand that say who made the subtitles: nobody says them in the film."""
    cues = given.document.cues if given.document is not None else ()
    return tuple(place_of(given, line_id(n)) for n, cue in enumerate(cues, 1) if is_credit(" ".join(cue.plain)))
