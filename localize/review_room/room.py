"""The state behind the page: what was delivered, what was decided, and the run that puts the second into the first."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from .. import consent, media
from ..delivery.packaged_voices import ask_again
from ..delivery.report import LineReport
from ..delivery.variants import MAIN, list_variants
from ..errors import LocalizeError
from ..events import Patch, Run
from ..review import (
    Review,
    append,
    derive_cue_edits,
    measure,
    note_approvals,
    open_review,
    read_draft,
    review_path,
    write_report,
)
from ..review.events import REMADE, Event
from ..runtime.files import read_json
from ..runtime.records import to_json
from .command import dub_command
from .compare import Pair, open_pair, pair_json
from .cues import check_cues, offered_profiles, require_offered, subtitles_json
from .decisions import decisions_json
from .dub_folder import ReviewedDub, read_dub
from .film import LIMIT, Origin, delivered_original, dubbed_audio, find_origin
from .offered_voices import OfferedVoices, require_granted
from .own_takes import recorded_people, require_takes, upload_take
from .redo import Redo
from .sound import Tracks, patched_peaks, peaks, source_sound, tracks_of
from .terms import check_term

Listener = Callable[[dict[str, Any]], None]


class Room:
    """The review of one dub.

    Args:
        folder: of the dub.
        origin: its film and request.
        run: whose store and home are used.
    """

    def __init__(self, folder: Path, origin: Origin, dub: ReviewedDub, run: Run) -> None:
        self.folder = folder
        self.origin = origin
        self._run = run
        self._dub = dub
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._source: tuple[Path | None, int] | None = None
        self._unheard = ""
        self._taken: dict[str, tuple[Path, Path]] = {}
        self._patches: dict[str, tuple[Patch, ...]] = {}
        self.made = 1
        """Counts the mixes: a part of the addresses of sounds, so that a browser asks again."""
        self._redo = Redo(origin.job, self._tell)
        self.offered = OfferedVoices(self._redo, run.home)
        """Other voices for a person, to be listened to."""

    @classmethod
    def open(cls, folder: Path, source: Path | None, run: Run) -> Room:
        """The review of a delivered folder.

        Args:
            folder: of the dub.
            source: its film; None to look for it.
            run: whose store and home are used.

        Raises:
            UsageError: no dub lies there; the film is another.
            MediaError: a file of it cannot be read.
            ConsentError: a voice that is heard in it may not be used any more.
        """
        dub = read_dub(folder)
        _require_voices(run.home, dub)
        open_review(folder)
        return cls(folder, find_origin(folder, dub.title, source), dub, run)

    def close(self) -> None:
        """End the run that is under way."""
        self._redo.close()
        self.offered.close()

    # -- what the page shows

    @property
    def dub(self) -> ReviewedDub:
        """What was delivered last."""
        return self._dub

    def state(self, language: str) -> dict[str, Any]:
        """Everything that the page shows of one language.

        Raises:
            KeyError: there is no dub in it.
        """
        lines = self._dub.lines(language)
        return {
            **self._dub.json(),
            "language": language,
            "lines": lines,
            "made": self.made,
            "sounds": self.sounds(language),
            "picture": self.picture(language) is not None,
            "redo": {
                "possible": self.origin.job is not None,
                "missing": self.origin.missing,
                "running": self._redo.running,
                "command": self.command(),
            },
            "review": self.decisions(language),
            "figures": self.figures(language),
            "people": recorded_people(self._run.home),
            "profiles": offered_profiles(self._dub, language, self._profiles()),
        }

    def _profiles(self) -> tuple[str, ...]:
        """The profiles of the request, that of the film's own subtitles first; none where it is not known."""
        job = self.origin.job
        return () if job is None else (job.profile, *job.renderings)

    def subtitles(self, language: str, name: str) -> dict[str, Any]:
        """The cues of a language by a profile, as the next run makes them of the words of the last; raises as
        `subtitles_json`.
        """
        edits = derive_cue_edits(open_review(self.folder))
        return subtitles_json(self._dub, language, name, edits, self._profiles())

    def check_cues(self, cues: Sequence[Any], language: str, name: str) -> list[dict[str, Any]]:
        """Cues that somebody is writing, held against a profile; raises as `check_cues`."""
        require_offered(self._dub, name, self._profiles())
        sheet = self._dub.master.sheet
        return check_cues(cues, language, name, sheet.frame_rate, sheet.shots or ())

    def check_term(self, term: str, target: str, language: str) -> list[dict[str, str]]:
        """The lines whose source says a term, and how each translates it."""
        return check_term(open_review(self.folder), self._dub.said(language), term, target, language)

    def sounds(self, language: str) -> dict[str, Any]:
        """Which sounds there are, when the source begins on the picture's clock, and why there is none of it."""
        found = self.tracks(language)
        return {
            "source": found.source is not None,
            "dub": found.dub is not None,
            "bed": found.bed is not None,
            "dialogue": found.dialogue is not None,
            "offset_ms": self.source[1],
            "missing": self._unheard or self.origin.missing,
        }

    def decisions(self, language: str) -> dict[str, Any]:
        """What was decided so far: version, events, and each line as it should be."""
        return decisions_json(open_review(self.folder), self._dub, language)

    def figures(self, language: str) -> dict[str, Any]:
        """What the review says about the work in one language: the figures of its report, and of all languages the time
        that people spent on lines.
        """
        found = measure(open_review(self.folder))
        own: dict[str, Any] = next((to_json(f) for f in found.languages if f.language == language), {})
        marks = [to_json(mark) for mark in found.marks if mark.language in ("", language)]
        return own | {"marks": marks, "line_seconds": found.line_seconds, "worked_lines": found.worked_lines}

    def command(self) -> str:
        """The command that does what the page does after a change."""
        job = self.origin.job
        if job is None:
            return ""
        return shlex.join(dub_command(job, review_path(self.folder)))

    def picture(self, language: str) -> Path | None:
        """The file with the picture: the film itself, or what was delivered."""
        found = self.origin.film if self.origin.film is not None else self._dub.film(language)
        if found is None or not any(s.kind == "video" and not s.cover for s in media.probe(found).streams):
            return None
        return found

    @property
    def source(self) -> tuple[Path | None, int]:
        """The original sound, and when it begins on the picture's clock (ms); decoded once."""
        with self._lock:
            if self._source is None:
                self._source = self._decode()
        return self._source

    def _decode(self) -> tuple[Path | None, int]:
        film, job = self.origin.film, self.origin.job
        first = self._dub.languages[0]
        path = film or self._dub.film(first)
        if path is None:
            return None, 0
        store = self._run.store
        try:
            language = self._dub.master.sheet.transcript.language
            index = dubbed_audio(path, job, language) if film else delivered_original(path)
            if index is None:
                return None, 0
            blob, offset_ms = source_sound(store, media.identify(path), index)
        except LocalizeError as error:
            self._unheard = error.message
            return None, 0
        return store.path(blob), offset_ms

    def tracks(self, language: str) -> Tracks:
        """Source, dub, bed and dialogue of one language."""
        delivered = self._dub.sound(language), self._dub.sound(f"{language}.dialogue")
        dub, dialogue = self._taken.get(language, delivered)
        patches = self._patches.get(language, ())
        return tracks_of(self.source[0], dub, self._dub.sound("bed"), dialogue, patches)

    def peaks(self, which: str, language: str) -> Sequence[int]:
        """The waveform of "source" or "dub", as they are heard now; empty where there is none."""
        heard = self.tracks(language)
        path, patches = (self.source[0], ()) if which == "source" else (heard.dialogue, heard.patches)
        return () if path is None else patched_peaks(peaks(self._run.store, media.identify(path)), patches)

    # -- variants

    def variants(self) -> list[str]:
        """What can be compared: the main dub first, then its variants; of a variant's own review nothing."""
        others = list_variants(self.folder)
        return [MAIN, *others] if others else []

    def pair(self, names: Sequence[str], language: str, *, blind: bool, who: str) -> Pair:
        """Two variants to be compared; raises as `open_pair`, and where a voice may not be used any more."""
        found = open_pair(self.folder, names, language, blind=blind, who=who)
        for dub in found.dubs:
            _require_voices(self._run.home, dub)
        return found

    def comparison(self, pair: Pair) -> dict[str, Any]:
        """What the page shows of two variants, and how they fared so far."""
        review = open_review(self.folder)
        wins = [
            to_json(one) for one in measure(review, self.folder).comparisons if set(one.variants) == set(pair.names)
        ]
        return {"version": review.version, **pair_json(pair, review), "figures": wins}

    # -- what the page does

    def decide(self, entries: Sequence[Any], expected: int, who: str, *, redo: bool = False) -> tuple[bool, bool]:
        """Append decisions, begin to make the dub again, note approvals in the ledger, and write the figures beside
        them; where one of the last two fails the decisions hold all the same, and every page is told.

        Args:
            entries: the decisions.
            expected: the version that was seen.
            who: decides.
            redo: make the dub again where one of them changes it.

        Returns:
            whether one changes the dub, and whether that is being made again.

        Raises:
            ReviewChanged: somebody else decided something since; nothing is written.
            UsageError: a decision is none, or cannot be applied; nothing is written.
            ConsentError: a recording or a voice may not be heard; nothing is written.
        """
        drafts = [read_draft(entry) for entry in entries]
        if self.origin.job is not None:
            require_granted(self._run.home, self.origin.job, self._dub.languages, drafts)
        require_takes(self._run, self.folder, self._dub.title, self.origin.job, drafts)
        review = append(self.folder, drafts, expected=expected, who=who)
        changed = self.changes(review, len(entries))
        redone = changed and redo and self.redo()
        self._tell({"kind": "review", "version": review.version})
        for record in (partial(note_approvals, self._run.home, review), partial(write_report, self.folder, review)):
            try:
                record()
            except LocalizeError as error:
                self._tell({"kind": "unwritten", "message": error.message})
        return changed, redone

    def upload(self, data: bytes) -> dict[str, Any]:
        """Keep a recording of a line; it is heard once it is decided. Raises as `keep_take`."""
        return upload_take(self._run, self.folder, self._dub.title, data)

    def changes(self, review: Review, last: int) -> bool:
        """Whether one of the last decisions changes what is heard."""
        events = {event.number: event for event in review.events}
        return any(_root(event, events).kind in REMADE for event in review.events[-last:])

    def warm(self) -> None:
        """Prepare for a correction that somebody begins to write."""
        self._redo.warm()

    def redo(self) -> bool:
        """Make the dub again with every decision so far; False where it cannot be made."""
        return self._redo.ask()

    # -- who listens

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have every message passed to `listener`; returns what ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        """Have a mix heard whose files are not made yet, or before that what changes in it; the message for the pages
        says which lines lie elsewhere, and whether they hear it for the first time.
        """
        language = message["language"]
        before = {line.segment: [list(p) for p in line.dub] for line in self._dub.reports[language].lines}
        first = not self._patches.get(language)
        if patches := message.get("patches"):
            self._patches[language] = tuple(Patch(at, Path(full), Path(alone)) for at, full, alone in patches)
        else:
            self._patches.pop(language, None)
            self._taken[language] = Path(message["full"]), Path(message["dialogue"])
        self.made += 1
        moved = {line: spans for line, spans in message["dub"].items() if spans != before.get(line)}
        return {"kind": "take", "language": language, "made": self.made, "dub": moved, "first": first}

    def _tell(self, message: dict[str, Any]) -> None:
        if message["kind"] == "take":
            message = self._take(message)
        if message["kind"] == "redo" and message["state"] in ("done", "failed") and (self._taken or self._patches):
            self._patches.clear()
            self._taken.clear()  # the files hold it now, or it is not delivered
            self.made += 1
        if message.get("kind") == "redo" and message.get("state") == "done":
            try:
                self._dub = read_dub(self.folder)
                self.made += 1
            except LocalizeError as error:
                message = {"kind": "redo", "state": "failed", "message": error.message}
        for listener in list(self._listeners):
            listener(message)


def _root(event: Event, events: Mapping[int, Event]) -> Event:
    """What an undo is about in the end."""
    while event.kind == "undo" and event.undoes is not None:
        event = events[event.undoes]
    return event


def _require_voices(home: consent.Home, dub: ReviewedDub) -> None:
    """Refuse a dub in which a voice is heard that may not be used any more."""
    path = dub.folder / f"{dub.title}.job.json"
    request = read_json(path, LIMIT) if path.is_file() else {}
    heard = {
        language: consent.Delivered(_voices(report.lines), recorded=_recorded(report.lines))
        for language, report in dub.reports.items()
    }
    ask_again(home, dub.title, request if isinstance(request, dict) else {}, heard)


def _recorded(lines: Sequence[LineReport]) -> tuple[str, ...]:
    """The voices that are heard in recordings of their people alone."""
    return tuple({line.voice for line in lines if line.recorded} - {line.voice for line in lines if not line.recorded})


def _voices(lines: Sequence[LineReport]) -> dict[str, tuple[str, ...]]:
    return {voice: tuple(x.segment for x in lines if x.voice == voice) for voice in {x.voice for x in lines}}
