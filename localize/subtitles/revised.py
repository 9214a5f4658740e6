"""Subtitles that an earlier run delivered and a person corrected: their words are corrections of this run.

Given back as `--transcript` or `--translation` they are compared with what was delivered; the lines that say something
else now are corrected, everything else stays as it was recognised and translated. Files that a person changed and does
not name are not written over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from textwrap import shorten
from typing import Any, Protocol

from ..consent import ledger
from ..data import Edit, Edits
from ..errors import LocalizeError, UsageError
from ..events import Run, name_some
from ..language.tags import language_name
from ..runtime.files import read_json, sha256_of
from ..timedtext import formats
from ..timedtext.cues import Document
from ..transcription.edits import add_edits
from ..transcription.master import Master, open_master
from .corrections import SubtitleCorrections, find_corrections, has_delivered_words

_OPTIONS = ("transcript", "translation")
_STRANGE = "cues where labels, sounds or words that no line says were changed, or that stand twice"
_ELSEWHERE = "--edits gives lines other times, and leaves one undubbed whose voice is 'original'"
QUOTED = 3
"""Lines whose new words a message quotes."""
MOST_QUOTED = 60
"""Characters of each."""
REQUEST_LIMIT = 1_000_000
"""Bytes of a job.json."""


class Request(Protocol):
    """What of a request tells which files were delivered, and which are given back; a `Job` has it."""

    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def to(self) -> tuple[str, ...]: ...
    @property
    def source_language(self) -> str | None: ...
    @property
    def profile(self) -> str: ...
    @property
    def encoding(self) -> str | None: ...
    @property
    def transcript(self) -> Path | None: ...
    @property
    def translation(self) -> Path | None: ...
    @property
    def edits(self) -> Path | None: ...
    @property
    def deliver(self) -> tuple[str, ...]: ...


def take_revised(job: Request, run: Run) -> tuple[frozenset[str], Edits]:
    """Which of "transcript" and "translation" are delivered subtitles given back, and what was corrected in them.

    Args:
        job: the request.
        run: told which lines are corrected, and what of a file is not taken over.

    Raises:
        UsageError: a delivered file would be written over, with what a person changed in it and is not taken over.
    """
    if "srt" in job.deliver:
        own = {path.resolve() for path in (job.transcript, job.translation, job.edits) if path is not None}
        _refuse_to_lose(job, run, own)
    delivered = _read_delivered(job)
    if delivered is None:
        return frozenset(), Edits()
    master, asked = delivered
    taken: set[str] = set()
    edits = Edits()
    for option in _OPTIONS:
        path: Path | None = getattr(job, option)
        language = master.sheet.transcript.language if option == "transcript" else next(iter(job.to), "")
        if path is None or asked.get(option):  # those were given by a person from the first
            continue
        found = _corrections(job, path, master, language, asked)
        if found is None:
            _tell_given(job, run, path, master, language, option)
        else:
            _tell(job, run, path, language, found)
            taken.add(option)
            edits = add_edits(edits, _as_edits(found, None if option == "transcript" else language))
    return frozenset(taken), edits


def _corrections(
    job: Request, path: Path, master: Master, language: str, asked: Mapping[str, Any]
) -> SubtitleCorrections | None:
    """What was corrected in a delivered file; None for any other."""
    document = _read(path, job)
    if document is None:
        return None
    wanted = [name for name in (asked.get("profile"), *(asked.get("renderings") or ())) if isinstance(name, str)]
    own = path.resolve().parent == job.folder.resolve() and path.name.startswith(f"{job.name}.{language}.")
    try:
        return find_corrections(document, master, language, wanted or [job.profile], own=own)
    except UsageError:  # a profile of the last run is not there any more
        return find_corrections(document, master, language, [job.profile], own=own)


def _as_edits(found: SubtitleCorrections, target: str | None) -> Edits:
    return Edits(
        tuple(
            Edit(segment, source=text) if target is None else Edit(segment, translation={target: text})
            for segment, text in found.texts.items()
        )
    )


def _read_delivered(job: Request) -> tuple[Master, dict[str, Any]] | None:
    """The master.json and the request of the run that delivered into this folder; None where nothing can be told."""
    if job.transcript is None and job.translation is None:
        return None
    try:
        asked = read_json(job.folder / f"{job.name}.job.json", REQUEST_LIMIT)
        path = job.folder / f"{job.name}.master.json"
        return open_master(path), asked if isinstance(asked, dict) else {}
    except LocalizeError:
        return None  # the words are given ones then


def _read(path: Path, job: Request) -> Document | None:
    """The cues of a subtitle file; None for anything else, which is read and refused as what it is."""
    if formats.format_of(path.suffix.lower()) is None:
        return None
    try:
        return formats.parse(formats.bytes_of(path), path.name, encoding=job.encoding)
    except LocalizeError:
        return None


def _tell(job: Request, run: Run, path: Path, language: str, found: SubtitleCorrections) -> None:
    own = path.resolve().parent == job.folder.resolve()
    lost = [
        *([f"{_STRANGE}: {name_some(map(str, found.strange))}"] if found.strange else []),
        *([f"lines without any words: {name_some(found.emptied)}"] if found.emptied else []),
        *([f"cues at other times: {name_some(map(str, found.moved))}"] if found.moved else []),
        *([f"italics, colours or places of cues: {name_some(map(str, found.marked))}"] if found.marked else []),
    ]
    advice = f"; {_ELSEWHERE}" if found.moved or found.emptied else ""
    if lost and own:
        raise UsageError(
            f"{path} is written anew by a dub, which cannot take over {'; '.join(lost)}: copy it to another folder and "
            f"give the copy{advice}",
            file=str(path),
        )
    if lost:
        run.warn("corrections_left", f"{path}: not taken over from it: {'; '.join(lost)}{advice}")
    if found.recut:
        numbers = name_some(map(str, found.recut))
        run.warn("cut_anew", f"{path}: its cues {numbers} are joined, parted or broken otherwise: they are cut anew")
    told = f"corrects {_quote(found.texts)}" if found.texts else "corrects nothing"
    run.warn(
        "corrections_taken", f"{path} is the {language_name(language)} of the last run ({found.profile}): it {told}"
    )


def _quote(texts: Mapping[str, str]) -> str:
    """Lines with what they say now, as far as a message has room."""
    shown = [f"{segment} ({shorten(text, MOST_QUOTED)!r})" for segment, text in texts.items()]
    return name_some([*shown[:QUOTED], *list(texts)[QUOTED:]])


def _tell_given(job: Request, run: Run, path: Path, master: Master, language: str, option: str) -> None:
    """Say of a file with delivered words that it is nevertheless taken as somebody's own."""
    document = _read(path, job)
    if document is not None and has_delivered_words(document, master, language, job.profile):
        run.warn(
            "given_words",
            f"{path} has words of the last run's {language_name(language)} subtitles, but too few of its cues stand "
            f"where those stood: it is taken as a given {option}, with the times and lines that it has; to correct "
            "lines, take the delivered file and leave its times",
        )


# --- files that a person changed -------------------------------------------------------------------------------------


def _refuse_to_lose(job: Request, run: Run, named: Collection[Path]) -> None:
    """Refuse to write over subtitles that a person changed since they were delivered.

    Raises:
        UsageError: naming the file and how its changes are kept.
    """
    folder = str(job.folder.absolute())
    hashes: dict[str, set[str]] = {}
    for record in ledger.records_of_kind(run.home, "deliverable", job.name):
        if record.get("folder") == folder:
            hashes.setdefault(str(record.get("file")), set()).add(str(record.get("sha256")))
    for name, known in hashes.items():
        path = job.folder / Path(name).name
        if formats.format_of(path.suffix.lower()) is None or not path.is_file() or path.resolve() in named:
            continue
        language = path.name.removeprefix(f"{job.name}.").partition(".")[0]
        if sha256_of(path) not in known and _is_written(job, language):
            option = "--translation" if language in job.to else "--transcript"
            raise UsageError(
                f"{path} was changed since it was delivered, and would be written over: give it as {option} to have "
                "its lines corrected, or move it away",
                file=str(path),
            )


def _is_written(job: Request, language: str) -> bool:
    """Whether a run writes subtitles of a language: of a target, or of whatever is spoken."""
    return language in job.to or not job.to or language == job.source_language or job.source_language is None
