"""A run that would deliver what lies there already ends at once: the request, every file that it reads, what may be
used, the software and the delivered files are as the last run left them.

Consent is asked anew before, and recorded. What cannot be compared counts as changed: then the whole run is made, of
what the store remembers. So does what a person or another run changed while the last run worked, which had read it
before; what failed and may not fail again; and a film that subtitles are drawn into, in the fonts of the machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import stat
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from ..consent import Grant, Home, Request, check, ledger, stock_folder
from ..errors import ConsentError, EngineMissing, LocalizeError, UsageError
from ..events import Run
from ..media import ffmpeg
from ..provenance import key_file
from ..runtime.files import StagedFolder, file_identity, identity_of
from ..runtime.records import build, to_json
from .results import Outcome

_OF_PACKAGES = (".dist-info", ".egg-info", ".egg-link", ".pth")
_PACKAGE = Path(__file__).resolve().parents[1]
_OF_TITLE = re.compile(r"(master|job|subtitles|edits|bed|[a-z]{2,3}(-[A-Za-z0-9]+)*)[.].+")
"""What follows the title in the name of a result: a language, or what all have. `film.2.es.srt` is not of `film`."""
_TRIED_AGAIN = frozenset({"film_not_muxed", "cuts_unknown", "lips", "store_unreachable"})
"""Warnings of what failed in the last run, and may not in the next."""
_OF_ONE_RUN = frozenset({"model_assembled", "store_damaged", "other_film", "film_changed"})
"""Warnings of what that run met with, which are not given again."""
TICK_NS = 10_000_000
"""Time of change is kept to the tick of the system's timer, 100 a second at the fewest (Linux's CONFIG_HZ)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, seen before any work.

    Args:
        place: the title and the folder that its files go to: a later run takes the place of an earlier one.
        title: of which the files in that folder are named.
        folder: of the results.
        digest: of the request, and of which files it names, which voices and grants there are, and which software.
        files: that the request names and the run reads.
        read: which they are.
        written: files outside the folder that the run reads and writes.
        known: which those are.
        there: which files of the title lie in the folder.
    """

    place: str
    title: str
    folder: Path
    digest: str
    files: tuple[Path, ...]
    read: list[Any]
    written: tuple[Path, ...]
    known: list[Any]
    there: list[Any]


@dataclass(frozen=True, slots=True)
class Stood:
    """A delivered result, as it is kept in the store.

    Args:
        digest: of what was asked.
        engines: role -> fingerprint, and digests of what the files of the request name themselves.
        records: of the ledger, when the files were in place.
        after: digest of what the run itself wrote or made: the files of the title, the people of a series, keys.
        requests: the voices that are heard, and for what.
        grants: the ids of what allowed them, in the same order.
        result: as plain values.
    """

    digest: str
    engines: dict[str, str]
    records: int
    after: str
    requests: tuple[Request, ...]
    grants: tuple[str, ...]
    result: dict[str, Any]


class Wanted(Protocol):
    """What of a request says which files are read and written; a `Job` has it."""

    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def read_files(self) -> tuple[Path, ...]: ...
    @property
    def burn(self) -> bool: ...


def look_at(run: Run, job: Wanted, written: Iterable[Path] = ()) -> Asked | None:
    """What is asked, before any work.

    Args:
        run: home and signer.
        job: the request.
        written: files outside the folder that the run reads and writes.

    Returns:
        None where it cannot be looked at: the run will say what is wrong with it, or is always made.
    """
    if job.burn:
        return None
    where, files, outside = job.folder.absolute(), job.read_files, tuple(written)
    try:
        read, known = [_identity(path) for path in files], [_identity(path) for path in outside]
        consents, there = [_files_in(place) for place in _consents(run.home)], _results(where, job.name)
    except OSError:
        return None
    signer = run.signer
    signs = None if signer is None else [signer.chain, signer.algorithm, signer.timestamp_url]
    asked = _digest([_plain(job), read, consents, signs, _software()])
    return Asked(f"delivery of {job.name} in {where}", job.name, where, asked, files, read, outside, known, there)


def as_delivered(asked: Asked | None, stage: StagedFolder) -> Asked | None:
    """What was asked, with its files in place and before any other is written.

    Args:
        asked: by `look_at`.
        stage: its files were moved out.

    Returns:
        None where anybody but this run changed a file of the title meanwhile, or one that it reads and writes: a
        decision of a review, a name in a cast, another run into the same folder.
    """
    if asked is None:
        return None
    try:
        known, there = [_identity(path) for path in asked.written], _results(asked.folder, asked.title)
    except OSError:
        return None
    renamed = {str(path.absolute()) for path in stage.aside.values()}
    changed = {file[1] for file in there if file not in asked.there and len(file) > 1 and file[0] not in renamed}
    gone = (
        {file[0] for file in asked.there}
        - {file[0] for file in there}
        - {str(path.absolute()) for path in (*stage.outdated, *stage.aside)}
    )
    if changed != stage.inodes or gone or known != asked.known:
        return None
    return replace(asked, there=there)


def keep_result(
    run: Run, asked: Asked | None, result: Outcome, engines: Mapping[str, str], grants: Sequence[Grant]
) -> None:
    """Remember a result that was delivered.

    Args:
        run: store, home and signer.
        asked: by `as_delivered`.
        result: with its files in place.
        engines: role -> fingerprint, and digests of what the files of the request name themselves.
        grants: of all that is heard.
    """
    if asked is None or any(warning.code in _TRIED_AGAIN for warning in result.warnings):
        return
    each = list({grant.request: grant for grant in grants}.values())
    kept = tuple(warning for warning in result.warnings if warning.code not in _OF_ONE_RUN)
    try:
        stood = Stood(
            asked.digest, dict(engines), _count_records(run.home), _after(run.home, asked, asked.there),
            tuple(grant.request for grant in each), tuple(grant.id for grant in each),
            _plain(replace(result, stages=(), unchanged=True, warnings=kept)),
        )  # fmt: skip
        run.store.remember_last(asked.place, stood)
        run.store.commit()
    except (OSError, LocalizeError):
        return  # everything is delivered: the next run makes it again


def recall_result(
    run: Run,
    asked: Asked | None,
    kind: type[Outcome],
    engines: Callable[[Mapping[str, str]], Mapping[str, str]],
    wished: Sequence[Request] = (),
) -> Outcome | None:
    """The result of an earlier run that still stands; None where anything is other. Its warnings are given again,
    but for those of that run alone.

    Args:
        run: store, home, signer and listener.
        asked: by `look_at`.
        kind: of the result.
        engines: gives role -> fingerprint, as they are selected for this run, and digests as in `keep_result`; called
            with those of the earlier run where it was asked for the same, what of it could be another time. What it
            raises is left to the whole run to say.
        wished: voices asked for by name, whether or not anybody speaks with them.
    """
    stood = None if asked is None else run.store.recall_last(asked.place, Stood)
    if asked is None or stood is None or stood.digest != asked.digest:
        return None
    try:
        if dict(engines(stood.engines)) != stood.engines:
            return None
        if asked.read != [_identity(path) for path in asked.files]:
            return None
        there = _results(asked.folder, asked.title)
        if _count_records(run.home) < stood.records or _after(run.home, asked, there) != stood.after:
            return None
        result: Outcome = build(kind, stood.result, "result")
    except (OSError, LocalizeError, ValueError):
        return None
    if not _still_granted(run.home, stood, wished):
        return None
    for warning in result.warnings:
        run.warn(warning.code, warning.message)
    return result


def _count_records(home: Home) -> int:
    """Of the ledger; 0 where nobody was asked for a voice yet."""
    return int(ledger.anchor(home)["count"]) if home.head.exists() else 0


def _still_granted(home: Home, stood: Stood, wished: Sequence[Request]) -> bool:
    """Whether every voice that is heard is granted today as it was, and every one that is wished is granted; what is
    not is for the whole run to decide.
    """
    heard = dict(zip(stood.requests, stood.grants))
    every = dict.fromkeys((*heard, *wished))
    try:
        for language in dict.fromkeys(request.language for request in every):
            asked = [request for request in every if request.language == language]
            granted = check(home, asked)
            if any(heard.get(request, granted[request.speaker].id) != granted[request.speaker].id for request in asked):
                return False
    except (ConsentError, UsageError):  # the latter: a speaker of two voices
        return False
    return True


def _after(home: Home, asked: Asked, there: Sequence[Any]) -> str:
    """A digest of what a run leaves behind: the files of the title as they lie there, and what the home keeps."""
    keys = [_identity(home.keys / "ledger.key"), _identity(key_file(home)), _files_in(home.trusted)]
    return _digest([list(there), keys, [_identity(path) for path in asked.written]])


def _results(folder: Path, title: str) -> list[Any]:
    """Every file of a title in an output folder, those of its clips, and how it is reviewed."""
    own = [path for path in sorted(folder.glob("*")) if _is_of(path, title)]
    inner = [_files_in(path) for path in own if path.suffix == ".clips"]
    return [*(_identity(path) for path in own), *(file for files in inner for file in files)]


def _is_of(path: Path, title: str) -> bool:
    """Whether a file of an output folder is the title's, or says how it is reviewed."""
    rest = path.name.removeprefix(f"{title}.")
    return path.name == "review.json" or (rest != path.name and _OF_TITLE.fullmatch(rest) is not None)


def _consents(home: Home) -> tuple[Path, ...]:
    return stock_folder(), home.voices, home.grants, home.revocations


def _files_in(folder: Path) -> list[Any]:
    """Every file under a folder, by name.

    Raises:
        OSError: what is in it cannot be seen.
    """

    def fail(error: OSError) -> None:
        raise error

    if not folder.is_dir():
        return []
    return [
        _identity(Path(at, name)) for at, _, names in sorted(os.walk(folder, onerror=fail)) for name in sorted(names)
    ]


def _identity(path: Path) -> list[Any]:
    """Which file is at a path, how long, and when it last changed: only the system sets the last. A folder is its name
    alone. The number of a device says nothing: a disk has another each time it is mounted.
    """
    place = str(path.absolute())
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return [place]
    if stat.S_ISDIR(found.st_mode):
        return [place]
    known = identity_of(found)  # a file that is not read costs nothing, however long the film
    if 0 <= (young := time.time_ns() - found.st_ctime_ns) < TICK_NS:
        time.sleep((TICK_NS - young) / 1e9)  # or what changes it next would have the same time
        known = file_identity(path)
    return [place, *known]


@cache
def _software() -> str:
    """Which version of this package, which packages beside it, and which ffmpeg."""
    places = [Path(place) for place in sys.path if Path(place).is_dir()]
    packages = sorted({e.name for place in places for e in os.scandir(place) if e.name.endswith(_OF_PACKAGES)})
    files = (path for path in sorted(_PACKAGE.rglob("*")) if not path.is_dir() and path.parent.name != "__pycache__")
    try:
        program = [Path(ffmpeg())]
    except EngineMissing:
        program = []
    known = [_identity(path) for path in (*files, *program)]
    return _digest([platform.python_version(), packages, known])


def digest_of(record: Any) -> str:
    """A digest of what a record holds; none of its fields is a path."""
    return _digest(to_json(record))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Plain values for a record that names files."""
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
