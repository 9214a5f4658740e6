"""Variants of a dub: another cast, translator or timing, beside the main one.

A variant is a folder of its own, `OUTDIR/variants/NAME`, with everything that a dub delivers, called as in the main
one: neither overwrites the other, and every command that takes the folder of a dub takes that of a variant.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import UsageError

FOLDER = "variants"
MAIN = "main"
"""What the dub in the folder itself is called beside its variants."""
EQUAL = "equal"
"""What a choice between two variants says where neither is better."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


def check_variant(name: str) -> str:
    """The name of a variant; it becomes a folder.

    Raises:
        UsageError: it is none, or one with another meaning.
    """
    if not _NAME.fullmatch(name) or name in (MAIN, EQUAL):
        raise UsageError(
            f"--variant {name[:40]!r}: a name of up to 32 letters, digits, - and _, and neither {MAIN!r} nor {EQUAL!r}"
        )
    return name


def is_variant(name: str) -> bool:
    """Whether a variant, or the main dub, may be called so."""
    return name == MAIN or (_NAME.fullmatch(name) is not None and name != EQUAL)


def variant_folder(folder: Path, name: str | None) -> Path:
    """Where a variant of the dub in `folder` lies; `folder` itself for the main one.

    Raises:
        UsageError: the name is none.
    """
    return folder if name in (None, MAIN) else folder / FOLDER / check_variant(str(name))


def find_variant(folder: Path, name: str | None) -> Path:
    """The folder of a variant that is there.

    Raises:
        UsageError: there is none of that name; the message names those that there are.
    """
    found = variant_folder(folder, name)
    if found != folder and not (found.is_dir() and any(found.glob("*.master.json"))):
        there = ", ".join(list_variants(folder)) or "none"
        raise UsageError(f"{folder} has no variant {name} ({there}): make it with 'localize dub … --variant {name}'")
    return found


def list_variants(folder: Path) -> tuple[str, ...]:
    """The names of the variants of a dub, without the main one."""
    places = sorted(folder.glob(f"{FOLDER}/*/*.master.json"))
    names = dict.fromkeys(place.parent.name for place in places if not place.parent.is_symlink())
    return tuple(name for name in names if is_variant(name) and name != MAIN)


def main_folder(folder: Path) -> tuple[Path, str | None]:
    """The folder of the main dub and the name of the variant, of the folder of either."""
    if folder.parent.name == FOLDER and is_variant(folder.name):
        return folder.parent.parent, folder.name
    return folder, None
