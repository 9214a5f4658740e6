"""A run that would deliver what lies there already ends at once: the request, every file that it reads, what may be
used, the software and the delivered files are as the last run left them.

Consent is asked anew before, and recorded. What cannot be compared counts as changed: then the whole run is made, of
what the store remembers.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ..consent import Grant, Home, Request, check, ledger, stock_folder
from ..errors import ConsentError, LocalizeError
from ..events import Run
from ..provenance import key_file
from ..runtime.records import build
from .results import Outcome

_OF_PACKAGES = (".dist-info", ".egg-info", ".egg-link", ".pth")
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, seen before any work.

    Args:
        place: the title and the folder that its files go to: a later run takes the place of an earlier one.
        title: of which the files in that folder are named.
        folder: of the results.
        digest: of the request, and of which files it names, which voices and grants there are, and which software.
    """

    place: str
    title: str
    folder: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Stood:
    """A delivered result, as it is kept in the store.

    Args:
        digest: of what was asked.
        engines: role -> fingerprint.
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


def look_at(run: Run, request: Any, title: str, folder: Path, files: Iterable[Path]) -> Asked | None:
    """What is asked, before any work.

    Args:
        run: home and signer.
        request: a record.
        title: of the results.
        folder: they go to.
        files: that the request names and the run reads, the source among them.

    Returns:
        None where one cannot be looked at: the run will say what is wrong with it.
    """
    where = folder.absolute()
    try:
        read = [_identity(path) for path in files]
        consents = [_files_in(place) for place in _consents(run.home)]
    except OSError:
        return None
    signer = run.signer
    signs = None if signer is None else [signer.chain, signer.algorithm, signer.timestamp_url]
    asked = [str(Path.cwd()), _plain(request), read, consents, signs, _software()]
    return Asked(f"delivery of {title} in {where}", title, where, _digest(asked))


def keep_result(
    run: Run, asked: Asked | None, result: Outcome, engines: Mapping[str, str], grants: Sequence[Grant],
    written: Iterable[Path] = (),
) -> None:  # fmt: skip
    """Remember a result that was delivered.

    Args:
        run: store, home and signer.
        asked: by `look_at`, before the work.
        result: with its files in place.
        engines: role -> fingerprint.
        grants: of all that is heard.
        written: files outside the folder that the run wrote.
    """
    if asked is None:
        return
    each = list({grant.request: grant for grant in grants}.values())
    try:
        stood = Stood(
            asked.digest, dict(engines), _count_records(run.home), _after(run.home, asked, written),
            tuple(grant.request for grant in each), tuple(grant.id for grant in each),
            _plain(replace(result, stages=(), unchanged=True)),
        )  # fmt: skip
        run.store.remember_last(asked.place, stood)
        run.store.commit()
    except (OSError, LocalizeError):
        return  # everything is delivered: the next run makes it again


def recall_result(
    run: Run, asked: Asked | None, kind: type[Outcome], engines: Mapping[str, str], written: Iterable[Path] = ()
) -> Outcome | None:
    """The result of an earlier run that still stands; None where anything is other. Its warnings are given again.

    Args:
        run: store, home, signer and listener.
        asked: by `look_at`.
        kind: of the result.
        engines: role -> fingerprint, as they are selected for this run.
        written: files outside the folder that the run would write.

    """
    stood = None if asked is None else run.store.recall_last(asked.place, Stood)
    if asked is None or stood is None or stood.digest != asked.digest or stood.engines != dict(engines):
        return None
    try:
        if _count_records(run.home) < stood.records or _after(run.home, asked, written) != stood.after:
            return None
        result: Outcome = build(kind, stood.result, "result")
    except (OSError, LocalizeError, ValueError):
        return None
    if not _still_granted(run.home, stood):
        return None
    for warning in result.warnings:
        run.warn(warning.code, warning.message)
    return result


def _count_records(home: Home) -> int:
    """Of the ledger; 0 where nobody was asked for a voice yet."""
    return int(ledger.anchor(home)["count"]) if home.head.exists() else 0


def _still_granted(home: Home, stood: Stood) -> bool:
    """Whether every voice that is heard is granted today as it was; what is not is for the whole run to decide."""
    try:
        for language in dict.fromkeys(request.language for request in stood.requests):
            asked = {r: grant for r, grant in zip(stood.requests, stood.grants) if r.language == language}
            granted = check(home, list(asked))
            if any(granted[request.speaker].id != grant for request, grant in asked.items()):
                return False
    except ConsentError:
        return False
    return True


def _after(home: Home, asked: Asked, written: Iterable[Path]) -> str:
    """A digest of what a run leaves behind."""
    own = [_identity(path) for path in sorted(asked.folder.glob("*")) if _is_of(path, asked.title)]
    inner = [_files_in(path) for path in sorted(asked.folder.glob("*.clips")) if _is_of(path, asked.title)]
    keys = [_identity(home.keys / "ledger.key"), _identity(key_file(home)), _files_in(home.trusted)]
    return _digest([own, inner, keys, [_identity(path) for path in written]])


def _is_of(path: Path, title: str) -> bool:
    """Whether a file of an output folder is the title's, or says how it is reviewed."""
    return path.name.startswith(f"{title}.") or path.name.startswith("review.")


def _consents(home: Home) -> tuple[Path, ...]:
    return stock_folder(), home.voices, home.grants, home.revocations


def _files_in(folder: Path) -> list[Any]:
    """Every file under a folder, by name."""
    return [_identity(path) for path in sorted(folder.rglob("*")) if not path.is_dir()] if folder.is_dir() else []


def _identity(path: Path) -> list[Any]:
    """Which file is at a path, how long, and when it last changed: only the system sets the last. A folder is its name
    alone.
    """
    if path.is_dir() or not path.exists():
        return [str(path)]
    found = path.stat()  # a file that is not read costs nothing, however long the film
    return [str(path), found.st_dev, found.st_ino, found.st_size, found.st_ctime_ns]


@cache
def _software() -> str:
    """Which version of this package, and which packages beside it."""
    places = [Path(place) for place in sys.path if Path(place).is_dir()]
    packages = sorted({e.name for place in places for e in os.scandir(place) if e.name.endswith(_OF_PACKAGES)})
    own = [_identity(path) for path in sorted(_PACKAGE.rglob("*")) if path.parent.name != "__pycache__"]
    return _digest([platform.python_version(), packages, own])


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
