"""A signed list of a folder's files: what cannot carry a manifest of its own (HLS segments).

`provenance.json` names every file of the folder with its SHA-256 and is signed beside itself. It is written last, so
that what it lists is what was delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..runtime import reading
from ..runtime.files import sha256_of, write_json

LISTING = "provenance.json"
LIMIT = 64 << 20
"""Bytes a list may have: some 600,000 segments."""
_DEEPEST = 3
"""Folders between a listed file and its list."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file's entry in a list: where the list is, the file's name in it, and its hash, "" where it is not named."""

    listing: Path
    name: str
    sha256: str


def write_listing(folder: Path, facts: Mapping[str, Any]) -> Path:
    """Write the list of everything that lies in `folder`, to be signed.

    Args:
        folder: complete but for the list.
        facts: what is said of the whole, beside the files.
    """
    path = folder / LISTING
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p != path)
    listed = {p.relative_to(folder).as_posix(): sha256_of(p) for p in files}
    write_json(path, {"schema": 1, **facts, "files": listed})
    return path


def find_listed(path: Path) -> Listed | None:
    """A file's entry in the nearest list above it; None where there is no list, or the file is the list."""
    for folder in list(path.absolute().parents)[:_DEEPEST]:
        listing = folder / LISTING
        if path.name != LISTING and listing.is_file():
            name = path.absolute().relative_to(folder).as_posix()
            return Listed(listing, name, read_listing(listing).get(name, ""))
    return None


def missing_or_changed(listing: Path) -> list[str]:
    """The files of a list that are not as they were listed, and those in its folder that it does not name."""
    listed = read_listing(listing)
    there = {p.relative_to(listing.parent).as_posix(): p for p in listing.parent.rglob("*") if p.is_file()}
    own = {LISTING, f"{LISTING}.c2pa"}
    changed = [name for name, digest in listed.items() if name not in there or sha256_of(there[name]) != digest]
    return sorted({*changed, *(there.keys() - listed.keys() - own)})


def read_listing(path: Path) -> dict[str, str]:
    """File name -> SHA-256; empty for what is no list."""
    try:
        said = reading.parse_json(path.read_bytes() if path.stat().st_size <= LIMIT else b"")
    except (OSError, ValueError):
        return {}
    files = said.get("files") if isinstance(said, dict) else None
    return {str(k): str(v) for k, v in files.items()} if isinstance(files, dict) else {}
