"""Other voices for a person of the dub, as the page offers them: a line in three, kept until the review ends."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any

from .. import consent
from ..data import ORIGINAL
from ..errors import NoGrant, UsageError
from ..job import Job
from ..review.events import Event
from .dub_folder import ReviewedDub
from .redo import Redo


class OfferedVoices:
    """The auditions of one review, in a folder that is deleted with it.

    Args:
        redo: in whose process they are rendered, after the run that is under way.
        home: whose voices are offered.
    """

    def __init__(self, redo: Redo, home: consent.Home) -> None:
        self._redo = redo
        self._home = home
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0
        self.sounds: dict[tuple[str, str], Path] = {}
        """(number of the audition, voice) -> its WAV."""

    def render(self, dub: ReviewedDub, language: str, line: str) -> dict[str, Any]:
        """A line in three voices, as `localize voices audition` renders it; each has the `number` of its audition, by
        which `sound` finds it.

        Raises:
            UsageError: the dub has no such line, or cannot be made again here.
            ConsentError: a voice may not be used.
        """
        speaker = next((r.speaker for r in dub.reports[language].lines if r.segment == line), None)
        if speaker is None:
            raise UsageError(f"{line} is not spoken in the dub that was delivered: wait until it is made again")
        with self._lock:
            self._folder = self._folder or tempfile.TemporaryDirectory(prefix="localize-voices-")
            self._count += 1
            number = str(self._count)
            into = Path(self._folder.name) / number
        made = self._redo.audition(dub, speaker, language, line, into)
        for one in made["candidates"]:
            self.sounds[number, one["voice"]] = into / one["file"]
        return made | {"number": number}

    def sound(self, number: str, voice: str) -> Path | None:
        """The line in one of the voices; None where it was not offered.

        Raises:
            NoGrant: the voice was revoked since.
        """
        found = self.sounds.get((number, voice))
        if found is not None and voice not in {card.voice.id for card in consent.unrevoked(self._home)}:
            raise NoGrant(f"the voice {voice} was revoked: it is not heard any more", voice=voice)
        return found

    def close(self) -> None:
        """Delete what was rendered."""
        self.sounds.clear()
        if self._folder is not None:
            self._folder.cleanup()


def require_granted(home: consent.Home, job: Job, languages: tuple[str, ...], decisions: list[Event]) -> None:
    """Refuse voices for lines that no grant covers, before the decision is written: each of the runs after it would
    fail by it.

    Raises:
        ConsentError: a voice may not be used for a language, this title and its purpose; the ledger has every answer.
    """
    asked = {
        (event.voice, language): consent.Request(
            event.voice, f"{event.line} {language}", job.spoken_tag(language), job.name, job.purpose
        )
        for event in decisions
        if event.kind == "change_voice" and event.voice and event.voice != ORIGINAL
        for language in ([event.language] if event.language else languages)
    }
    consent.check(home, list(asked.values()))
