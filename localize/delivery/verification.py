"""Whether deliverables are still what was delivered: the public form of `localize verify`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..consent import Home
from ..errors import LocalizeError, MediaError
from ..provenance import checks
from ..provenance.listing import LISTING
from ..runtime.files import read_json
from ..sound.watermark import watermark_detector
from .line_clips import FOLDER as CLIPS

AnyPath = str | os.PathLike[str]
SIGNED = frozenset(".mp4 .m4v .mov .mkv .webm .wav .flac .srt .vtt .ass .ttml .scc .stl .sbv".split())
"""Suffixes of what a dub signs."""
_REQUEST_LIMIT = 1_000_000
_NO_VOICE = "nothing in it is synthesized"
_NOT_SEEN = "a file of work, which nobody watches or hears"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A file or folder that needs no signature, and why."""

    path: str
    why: str


def find_signed(paths: Sequence[Path]) -> tuple[list[Path], list[Unsigned]]:
    """The files to verify: those that are given, and of folders those that a dub signs; and what of folders needs no
    signature. A folder with a signed list of its files, as of HLS, is verified by that list.

    Raises:
        MediaError: nothing in a folder is signed by a dub.
    """
    files: list[Path] = []
    others: list[Unsigned] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        before = len(files)
        for kind, found in _walk(path):
            files += [found] if kind == "" else []
            others += [Unsigned(str(found), kind)] if kind else []
        if len(files) == before:
            raise MediaError(f"{path} holds nothing that a dub signs: give the folder that a dub was written to")
    return files, others


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """What lies in a folder and those inside it: why it needs no signature, "" where it needs one."""
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if folder / LISTING in entries:
        yield "", folder / LISTING
        return
    sources = {name for path in entries if path.name.endswith(".job.json") for name in _dubbed(path)}
    for path in entries:
        if path.is_symlink():
            yield "a link, which is not followed", path
        elif path.is_dir() and path.name.endswith(f".{CLIPS}"):
            yield "clips for the page of the report", path
        elif path.is_dir():
            yield from _walk(path)
        elif path.suffix != ".c2pa":
            yield _needs_none(path, sources), path


def _needs_none(path: Path, sources: set[str]) -> str:
    if path.suffix.lower() not in SIGNED:
        return _NOT_SEEN
    if path.name in sources:
        return "the source itself"
    return _NO_VOICE if path.name.endswith((".bed.wav", ".bed.flac")) else ""


def _dubbed(request: Path) -> Iterator[str]:
    """The name of the film that a request is for."""
    try:
        asked = read_json(request, _REQUEST_LIMIT)
    except LocalizeError:
        return
    if isinstance(asked, dict) and isinstance(asked.get("input"), str):
        yield asked["input"]


def verify(
    paths: AnyPath | Iterable[AnyPath],
    *,
    home: Home | None = None,
    source: AnyPath | None = None,
    trust: AnyPath | Iterable[AnyPath] = (),
    trust_time: AnyPath | None = None,
    watermark: bool = False,
) -> tuple[checks.Checked, ...]:
    """Check where files come from: manifest, trust, tampering, ledger.

    Args:
        paths: one file or several, also of other tools; what they lack is said. Of a folder, what a dub signs.
        home: whose roots are trusted and whose ledger is asked; None for the user's own.
        source: the film they should have been made from.
        trust: whom to trust instead of this home, one or several: files of certificates, SHA-256 of a signer's
            certificate, or "CN=NAME" beside one of them. No ledger is asked.
        trust_time: certificates of timestamp authorities that are trusted.
        watermark: ask every file for a watermark, also one that claims none.

    Raises:
        MediaError: a file cannot be read at all, or a folder holds nothing that a dub signs.
        UsageError: `trust` names nobody.
    """
    film, clock = (None if path is None else Path(path) for path in (source, trust_time))
    return checks.verify(
        find_signed([Path(path) for path in _listed(paths)])[0], home or Home.open(), film,
        trust=[str(one) for one in _listed(trust)],
        trust_time=clock,
        watermark=watermark_detector(required=watermark), marked=watermark,
    )  # fmt: skip


def _listed(given: AnyPath | Iterable[AnyPath]) -> list[AnyPath]:
    return [given] if isinstance(given, (str, os.PathLike)) else list(given)
