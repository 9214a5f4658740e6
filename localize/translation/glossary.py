"""Glossaries: required terms, and the register (T-V form) between speakers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from .registers import PAIR

# --- what people give ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Glossary:
    """A user's terms, (source, target), and registers, ("S1>S2", "usted")."""

    terms: tuple[tuple[str, str], ...] = ()
    registers: tuple[tuple[str, str], ...] = ()


def read_glossary(path: Path | None) -> Glossary:
    """Read a glossary; no path, none. UTF-8, a term a line, source and target parted by one tab; "#" begins a remark.

    A line "@S1>S2", a tab and "usted" says how two people address each other.

    Raises:
        UsageError: the file cannot be read, or a line is no term; the message names file and line.
    """
    if path is None:
        return Glossary()
    try:
        if path.stat().st_size > 4_000_000:
            raise UsageError(f"{path} is larger than 4 MB: no glossary", path=str(path))
        rows = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read the glossary {path}: {cause}", path=str(path)) from error
    terms: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        try:
            text = row.decode("utf-8").strip(" \r")
        except UnicodeDecodeError as error:
            raise UsageError(f"{path}:{number}: not UTF-8", path=str(path), line=number) from error
        if not text.strip() or text.startswith("#"):
            continue
        source, *rest = (" ".join(cell.split()) for cell in text.split("\t"))
        if not (source and len(rest) == 1 and rest[0]):
            raise UsageError(f"{path}:{number}: write source, one tab, target", path=str(path), line=number)
        if len(text) > 400 or not (source + rest[0]).isprintable():
            raise UsageError(f"{path}:{number}: too long, or not plain text", path=str(path), line=number)
        if terms.setdefault(source, rest[0]) != rest[0]:
            message = f"{path}:{number}: {source!r} has another target above"
            raise UsageError(message, path=str(path), line=number)
    pairs = {s[1:]: target for s, target in terms.items() if s.startswith("@") and PAIR.fullmatch(s[1:])}
    return Glossary(tuple((s, t) for s, t in terms.items() if s[1:] not in pairs), tuple(pairs.items()))
