"""How many written forms are said as a reader says them: `python bench/spoken.py [FILE.tsv …]`.

Each line of a file holds a language, what is written, and what may be said, parted by "|". Compared are the phonemes of
both as espeak-ng gives them to the synthesizer, stress, case and punctuation aside. Without files: the project's own
lists. What is said otherwise is printed, then a figure for each language and list.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from localize.engines.phonemes import phonemize
from localize.language.spoken import normalize_text

LISTS = sorted((Path(__file__).resolve().parents[1] / "tests/unit/language/spoken").glob("*.tsv"))


@dataclass(frozen=True, slots=True)
class Row:
    """One written form, and the ways it may be said."""

    language: str
    written: str
    said: tuple[str, ...]


def read_rows(path: Path) -> tuple[Row, ...]:
    """The rows of a list; its first line names the columns, "#" begins a remark."""
    lines = [line for line in path.read_text("utf-8").splitlines()[1:] if line.strip() and not line.startswith("#")]
    cells = (line.split("\t") for line in lines)
    return tuple(Row(language, written, tuple(said.split("|"))) for language, written, said, *_ in cells)


def sounds(spoken: str, language: str) -> str:
    """Phonemes of a spoken text, without what does not count."""
    return re.sub(r"[^\w]|[ˈˌ]", "", phonemize(spoken, language))


def is_said_right(row: Row) -> bool:
    """Whether a row is said in one of its ways."""
    found = sounds(normalize_text(row.written, row.language), row.language)
    return found in {sounds(way, row.language) for way in row.said}


def main(paths: Sequence[Path]) -> int:
    """Print what is wrong, and the figures."""
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for path in paths:
        for row in read_rows(path):
            total[path.stem, row.language] += 1
            if is_said_right(row):
                right[path.stem, row.language] += 1
            else:
                print(
                    f"{row.language}  {row.written!r} -> {normalize_text(row.written, row.language)!r}, not {row.said}"
                )
    for (name, language), count in sorted(total.items()):
        print(f"{name:<10} {language}  {right[name, language]:>4} of {count:<4} {right[name, language] / count:7.1%}")
    print(f"{'all':<14} {right.total():>4} of {total.total():<4} {right.total() / total.total():7.1%}")
    return 0 if right == total else 1


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or LISTS))
