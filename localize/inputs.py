"""Read and check every file a job names besides its media, once, before any work.

Over 400 lines: each file is opened, refused and warned of in one place, in the order a person is told.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from . import media
from .data import Edits, Segment
from .delivery import burn_in
from .delivery.line_clips import FOLDER as CLIPS
from .errors import LocalizeError, UsageError
from .events import Run, name_some
from .isochrony.recorded import Recorded
from .isochrony.synthesize import check_timed
from .job import Job, check_given_files
from .language.identify import identify
from .language.spoken import NONE, Pronunciations, read_pronunciations
from .language.tags import language_name, main_language
from .review import Review, derive_edits, derive_terms, read_review, read_takes, review_path
from .runtime.files import check_writable
from .scripts import Wanted, is_script
from .speakers.assignment import match_voices
from .speakers.cast_file import read_cast
from .speakers.people import Person
from .timedtext import frames
from .timedtext.cues import Document
from .timedtext.formats import format_of
from .transcription.cue_turns import part_cues
from .transcription.edits import check_segments, kept_edits_path, read_edits, refuse_contradictions
from .transcription.given import FilmClock, credit_cues, read_given, shared_cues
from .transcription.lines import cue_of
from .transcription.master import Master, open_master
from .transcription.supplied import UNKNOWN_LANGUAGE, SuppliedWords, is_supplied_text, labels_of
from .translation.given_lines import agree, pair_given
from .translation.glossary import Glossary, read_glossary
from .translation.known_lines import Returned, read_returned
from .translation.memory import Memory, read_memory
from .translation.resources import Resources
from .translation.style_sheet import StyleSheet, read_style
from .translation.xliff import SUFFIXES as XLIFF

LONGEST_NAME = 255
"""Bytes of a file's name (NAME_MAX of Linux and macOS)."""
MOST_SPEAKER = 33
"""Of it, what the stem of one speaker adds."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The content of every file that a job names, except its media.

    Args:
        edits: a person's corrections.
        revised: those of them that are of delivered subtitles given back; None where none were given back.
        kept_edits: those of earlier runs, from the output folder.
        review: the decisions about the title; None where there are none.
        recordings: SHA-256 -> each recording of a line that the review has heard.
        glossary: terms and registers, those of the style sheet and of the review among them.
        pronunciations: how words are said.
        words: `job.input`, where it is a subtitle file or a master.json.
        transcript: the words given in place of recognition.
        translation: the lines given in place of translation; empty for none.
        translation_cues: the same as cues, where they were a subtitle file's.
        translated: the given translation as its file has it; None where there is none.
        paired: line of the source -> cue of the translation, where the two have other lines and were paired; then
            `translation` has a line for each of the source's. None where they agree, or there is nothing to pair yet.
        cast: the people of a series, as its file knew them before this run.
        returned: the units of a translator's file, given in place of translation.
        memories: in the order they were named.
        style: the title's style sheet.
        delivered: the master.json that an earlier run left in the output folder; None where there is none.
    """

    edits: Edits = field(default_factory=Edits)
    revised: Edits | None = None
    kept_edits: Edits = field(default_factory=Edits)
    review: Review | None = None
    recordings: Mapping[str, Recorded] = field(default_factory=dict)
    glossary: Glossary = field(default_factory=Glossary)
    pronunciations: Pronunciations = NONE
    words: SuppliedWords | None = None
    transcript: SuppliedWords | None = None
    translation: tuple[Segment, ...] = ()
    translation_cues: Document | None = None
    translated: SuppliedWords | None = None
    paired: Mapping[str, str] | None = None
    cast: tuple[Person, ...] = ()
    delivered: Master | None = None
    returned: Returned | None = None
    memories: tuple[Memory, ...] = ()
    style: StyleSheet = field(default_factory=StyleSheet)

    @property
    def is_translated(self) -> bool:
        """Whether every line is given in the target language."""
        return bool(self.translation) or (self.returned is not None and self.returned.complete)

    @property
    def resources(self) -> Resources:
        """What the client gives for the words."""
        return Resources(self.glossary, self.memories, self.returned, self.style)


def read_inputs(job: Job, run: Run) -> Inputs:
    """Open each file once and refuse what cannot be used.

    Args:
        job: the request.
        run: receives warnings about repairs in broken files.

    Raises:
        UsageError: edits, glossary, pronunciations, style sheet, memory or cast file are of another shape; the output
            folder cannot be written, holds a folder where a file should go, or a master.json of a later version; words
            to be translated do not say their language; a given translation has other lines than the given words.
        MediaError: a file is not there or cannot be read as what it is given for.
        EngineMissing: a package that writes a format of the subtitles is not installed, or this ffmpeg cannot burn in.
    """
    check_paths(job)
    cast = () if job.cast is None else read_cast(job.cast)
    called = (*job.voices, *job.genders, *job.registers, *(person.name for person in cast if person.name))
    given, edits = _read_given(job, run, called), read_edits(job.edits)
    if (spoken := given.words or given.transcript) is not None:
        check_segments(part_cues(spoken).transcript, edits)
    if job.burn:
        _check_fonts(job, run, given.transcript, given.translation)
    resources, review = _read_resources(job, run, given), _read_review(job, run, edits)
    return replace(
        resources,
        glossary=resources.glossary.under(Glossary(entries=derive_terms(review))),
        edits=edits,
        kept_edits=_read_kept_edits(job),
        review=review,
        recordings={} if review is None else read_takes(run.store, _review_path(job), review, job.to),
        cast=cast,
        delivered=_read_delivered(job, run, given.words),
    )


def check_edits(inputs: Inputs) -> None:
    """Refuse edits of lines that nobody says, in given words as they are taken: turns of cues are lines of a dub.

    Raises:
        UsageError: one names a segment that is not there.
    """
    if (spoken := inputs.words or inputs.transcript) is not None:
        check_segments(spoken.transcript, inputs.edits)


def check_paths(job: Job) -> None:
    """Refuse files that are not there, and places that cannot be written.

    Raises:
        MediaError, UsageError: naming the file or the place.
    """
    check_given_files(job)
    _refuse_script(job)
    _refuse_one_text(job)
    _refuse_bytes(job)
    _check_name(job)
    check_writable(job.folder)
    _check_places(job)
    if job.cast is not None:
        check_writable(job.cast.absolute().parent)


def _refuse_one_text(job: Job) -> None:
    """Refuse subtitles that are given for both languages; a dialogue list can have a column for each."""
    named = (
        ("INPUT", job.input),
        ("--transcript", job.transcript),
        ("--translation", job.translation),
    )
    given = [(use, path) for use, path in named if path is not None and format_of(path.suffix) is not None]
    for (one, path), (other, same) in combinations(given, 2):
        if path.samefile(same):
            raise UsageError(f"{same} is given as {one} and as {other}: give each language's own file", file=str(same))


def _refuse_bytes(job: Job) -> None:
    """Refuse names that are no UTF-8, as disks of older systems have them: no report could hold them.

    Raises:
        UsageError: naming the file or folder.
    """
    for path in (*job.read_files, job.folder, *([job.cast] if job.cast else [])):
        try:
            str(path.absolute()).encode()
        except UnicodeEncodeError as error:
            shown = str(path.absolute()).encode("utf-8", "backslashreplace").decode()
            raise UsageError(f"{shown} has a name that is not UTF-8: rename it, or its folder", file=shown) from error


def _check_name(job: Job) -> None:
    """Refuse a title whose files no file system could name.

    Raises:
        UsageError: saying how long it may be.
    """
    rest = len(f".{max(job.to or ('xxx',), key=len)}.dialogue.wav.c2pa") + MOST_SPEAKER * ("speakers" in job.stems)
    length = len(os.fsencode(job.name))
    if length + rest > LONGEST_NAME:
        raise UsageError(
            f"{job.input.name[:40]}… has a name of {length} bytes, and its results add to it: give it one of "
            f"{LONGEST_NAME - rest} bytes or fewer",
            file=str(job.input),
        )


def _read_given(job: Job, run: Run, called: tuple[str, ...]) -> Inputs:
    """The words and lines that are given in place of recognition and translation; `called` are known people."""
    words = _read_words(job, run, job.input, called) if is_supplied_text(job.input) else None
    returned = _read_returned(job)
    if words and job.to and (job.translation is None or returned is not None):
        _require_language(job.input, words)
    transcript = _read_words(job, run, job.transcript, called)
    given = words or transcript
    translated = None if job.translation is None or returned is not None else _read_translation(job, run, given, called)
    translation = translated.transcript.segments if translated else ()
    paired = None
    if given is not None and translated is not None and not agree(given, translated):
        pairing = pair_given(run, given, translated, job.transcript or job.input, Path(job.translation or ""))
        if pairing is not None:
            translation, paired = pairing.lines, pairing.cues
    return Inputs(
        words=words,
        transcript=transcript,
        translation=translation,
        translation_cues=translated.document if translated else None,
        translated=translated,
        paired=paired,
        returned=returned,
    )


def _read_resources(job: Job, run: Run, given: Inputs) -> Inputs:
    """What is given, with what the client settled for the words: terms, memories, style, pronunciations."""
    style = read_style(job.style, job.to)
    glossary = style.glossary.under(read_glossary(job.glossary, job.to))
    memories = tuple(read_memory(path, job.to) for path in job.memory)
    for remark in (*glossary.remarks, *(remark for memory in memories for remark in memory.remarks)):
        run.warn("not_read", remark)
    return replace(
        given, glossary=glossary, memories=memories, style=style, pronunciations=read_pronunciations(job.pronunciation)
    )


def _check_places(job: Job) -> None:
    """Refuse a folder in the place of a file that will be delivered, and anything else in that of a folder."""
    known = [f"{job.name}.{part}" for part in ("master.json", "job.json", "subtitles.json", "edits.json")]
    taken = [job.folder / name for name in known] + [
        path for language in job.to for path in job.folder.glob(f"{glob.escape(job.name)}.{language}.*")
    ]
    clips = [job.folder / f"{job.name}.{language}.{CLIPS}" for language in job.to]
    for path in (*taken, *clips):
        if path in clips and "clips" not in job.deliver:
            continue  # nothing will be written there
        is_folder = path.is_dir() and not (path in clips and path.is_symlink())
        if os.path.lexists(path) and is_folder != (path in clips):
            what = "is where a folder should go" if path in clips else "is a folder where a file should go"
            raise UsageError(f"{path} {what}: move it away", folder=str(path))


def _read_kept_edits(job: Job) -> Edits:
    """The corrections that earlier runs left in the output folder."""
    path = kept_edits_path(job.folder, job.name)
    if not path.exists() or (job.edits is not None and job.edits.exists() and path.samefile(job.edits)):
        return Edits()
    return read_edits(path)


def edits_as_read(job: Job, inputs: Inputs) -> Edits:
    """What the corrections beside the results were when they were read; they can be those given, too."""
    path = kept_edits_path(job.folder, job.name)
    named = job.edits is not None and path.absolute() == job.edits.absolute()
    return inputs.edits if named else inputs.kept_edits


def _review_path(job: Job) -> Path:
    return job.review or review_path(job.folder)


def _read_review(job: Job, run: Run, edits: Edits) -> Review | None:
    """The review that is named, else the one that lies in the output folder, as its corrections do; says so.

    Raises:
        UsageError: it cannot be read, or `--edits` contradict it.
    """
    path = _review_path(job)
    if job.review is None and not path.exists():
        return None
    review = read_review(path)
    if review.title != job.name and job.review is None:
        run.warn("review_unused", f"{path} is the review of {review.title}, and this is {job.name}: it is not used")
        return None
    derived = derive_edits(review)
    refuse_contradictions(edits, derived, path)
    if job.review is None and is_supplied_text(job.input):  # of a film it is said when its words are known
        tell_used(run, review, path)
    return review


def tell_used(run: Run, review: Review, path: Path) -> None:
    """Say for which lines the decisions of the review in an output folder hold."""
    derived = derive_edits(review)
    named = list(dict.fromkeys([*(c.segment for c in derived.lines), *(e.segment for e in derived.edits)]))
    if named:
        run.warn("review_used", f"the decisions of {path} hold for {name_some(named)}")


def _read_returned(job: Job) -> Returned | None:
    """A translator's file, where the given translation is one."""
    if job.translation is None or job.translation.suffix.lower() not in XLIFF:
        return None
    return read_returned(job.translation, job.to)


def _read_delivered(job: Job, run: Run, words: SuppliedWords | None) -> Master | None:
    """The master.json in the output folder, whose place the new one takes; warns where it cannot be read.

    Raises:
        UsageError: a later version wrote it, so that its languages could not be carried over.
    """
    path = job.folder / f"{job.name}.master.json"
    if not path.exists():
        return None
    if words is not None and words.master is not None and path.samefile(job.input):
        return words.master
    try:
        return open_master(path)
    except LocalizeError as error:
        if "schema" in error.details:
            raise UsageError(f"{error.message}, or name another folder with -o", **error.details) from error
        run.warn("master_replaced", f"{error.message}: what it holds is not carried over into the new one")
        return None


def require_targets(job: Job) -> None:
    """Refuse a dub without a target language or without media.

    Raises:
        UsageError: the job names none, or its input is no media.
    """
    if not job.to:
        raise UsageError("name the language to dub into, such as --to es")
    if is_supplied_text(job.input) or is_script(job.input):
        raise UsageError(f"{job.input} holds words and no sound: give the film to dub, and it as --transcript")


def require_speakers(job: Job, inputs: Inputs) -> None:
    """A voice or a free timing is asked for somebody who speaks, as far as a given transcript says who does.

    Raises:
        UsageError: nobody in it is called so.
    """
    given = inputs.transcript
    if given is None or job.cast is not None:
        return
    if given.master is None and len({s.speaker for s in given.transcript.segments}) == 1:
        return  # it does not say who speaks
    match_voices(job.voices, dict.fromkeys(s.speaker for s in given.transcript.segments), given.names, ())
    check_timed(job.relaxed, job.held, given.transcript)


def warn_of_given_cues(job: Job, inputs: Inputs, run: Run) -> None:
    """Say which given cues are not spoken, what before a colon is taken for a name, and which cues hold the words of
    several people and are spoken in one voice: those whose turns cannot be told in both languages.
    """
    spoken = inputs.transcript.transcript.segments if inputs.transcript is not None else inputs.translation
    lines = [line.id for line in spoken]
    for path, given in ((job.transcript, inputs.transcript), (job.translation, inputs.translated)):
        if given is None:
            continue
        if places := credit_cues(given):
            run.warn("not_dialogue", f"{path}: says who made the subtitles, which is not spoken: {name_some(places)}")
        _warn_of_labels(run, path, given)
        cues = (inputs.paired or {}) if given is inputs.translated else {}
        times = Counter(cues.get(line, cue_of(line)) for line in lines)
        if given.document is not None and (places := shared_cues(given, [c for c, n in times.items() if n > 1])):
            run.warn(
                "shared_cues",
                f"{path}: {len(places)} cues hold the words of several people and are spoken in one voice, since the "
                f"turns of each cannot be told: {name_some(places)}; give each person a cue",
            )


def _warn_of_labels(run: Run, path: Path | None, given: SuppliedWords) -> None:
    """Say what before a colon is taken for a name, and what for words, where it could be either."""
    labels = labels_of(given)
    if judged := [f"'{name}:'" for name in labels.judged]:
        run.warn("labels", f"{path}: taken for who speaks, and not spoken: {name_some(judged)}")
    if doubtful := [f"'{name}:'" for name in labels.doubtful]:
        run.warn(
            "labels",
            f"{path}: taken for words, and spoken: {name_some(doubtful)}; write who speaks in capitals, as 'ANNA:'",
        )


def warn_of_strange_edits(job: Job, inputs: Inputs, run: Run) -> None:
    """Say which corrections are of no line of the last run into the output folder, where only recognition tells."""
    if inputs.delivered is None or inputs.transcript is not None:
        return
    known = {segment.id for segment in inputs.delivered.sheet.transcript.segments}
    if strange := [edit.segment for edit in inputs.edits.edits if edit.segment not in known]:
        run.warn(
            "edits_unknown",
            f"{job.edits}: the last run into {job.folder} has no {name_some(strange)}; 'localize explain' lists lines",
        )


def _refuse_script(job: Job) -> None:
    """Refuse a script in place of a film: it has no times of its own.

    Raises:
        UsageError: the input is one by its name.
    """
    if is_script(job.input):
        raise UsageError(
            f"{job.input} is a script, which has no sound: give the film, and it as --transcript", file=str(job.input)
        )


def _read_words(job: Job, run: Run, path: Path | None, called: tuple[str, ...]) -> SuppliedWords | None:
    if path is None:
        return None
    want = Wanted("source", job.source_language or "", job.to[0] if job.to else "", called)
    return read_given(run, path, want, job.source_language, job.encoding, lambda: _clock_of_film(job))


def _read_translation(job: Job, run: Run, given: SuppliedWords | None, called: tuple[str, ...]) -> SuppliedWords:
    """The given translation; warns where it says that it is in another language than the target."""
    assert job.translation is not None
    spoken = job.source_language or (given.transcript.language if given else "")
    wanted = job.spoken_tag(job.to[0]) if job.to else ""
    names = (*called, *given.names.values(), *labels_of(given).names) if given else called
    want = Wanted("target", wanted, "" if spoken == UNKNOWN_LANGUAGE else spoken, names)
    found = read_given(run, job.translation, want, None, job.encoding, lambda: _clock_of_film(job))
    if job.to:
        _warn_of_language(job, run, found)
    return found


def _clock_of_film(job: Job) -> FilmClock | None:
    """What times of a list are counted by; None where the source is no film.

    Raises:
        MediaError: the film cannot be read.
    """
    if is_supplied_text(job.input):
        return None
    found = media.probe(job.input)
    return FilmClock(frames.frame_rate(found.frame_rate), found.duration_ms)


def _warn_of_language(job: Job, run: Run, lines: SuppliedWords) -> None:
    """Warn where a given translation says, by its name or header, that it is in another language than the target."""
    stated, wanted = lines.transcript.language, job.to[0]
    if lines.master is None and stated != UNKNOWN_LANGUAGE and main_language(stated) != main_language(wanted):
        run.warn(
            "translation_language",
            f"{job.translation} says that it is in {language_name(stated)}: it is taken for {language_name(wanted)}",
        )


def _check_fonts(job: Job, run: Run, transcript: SuppliedWords | None, translation: tuple[Segment, ...]) -> None:
    """Say what no font of this machine can draw: of given lines by their number, else of the languages asked for."""
    if translation:
        lines = [segment.text for segment in translation]
        burn_in.check_given(run, lines, job.to[0] if job.to else "", str(job.translation))
    elif transcript is not None and not job.to:
        lines = [segment.text for segment in transcript.transcript.segments]
        burn_in.check_given(run, lines, transcript.transcript.language, str(job.transcript))
    else:
        for language in job.to or ("und",):
            burn_in.check_language(run, language)


def _require_language(path: Path, words: SuppliedWords) -> None:
    """Refuse to translate given words whose language is not stated."""
    if words.transcript.language != UNKNOWN_LANGUAGE:
        return
    found = identify(" ".join(s.text for s in words.transcript.segments))
    looks = f"{found} (its text looks like it)" if found else "LANG"
    raise UsageError(f"{path} does not say its language: give --from {looks}", file=str(path), looks_like=found)
