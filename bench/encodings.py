"""Legacy encodings: ten-cue files in every code page of 21 languages, with and without the language in the name.

    python bench/encodings.py

Each row: language, code page, and whether the file was read right, refused or read wrong, with the language in its
name and without. Lines a code page cannot hold are left out. Exit code 1 where anything was read wrong, or refused with
the language in its name.
"""

from __future__ import annotations

import sys
import tomllib
import unicodedata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize.errors import MediaError
from localize.timedtext.encoding import decode

TEXTS = Path(__file__).parents[1] / "tests" / "unit" / "timedtext" / "codepages.toml"
# One letter in two code pages.
SAME = str.maketrans("şţŞŢ", "șțȘȚ")


def subrip(lines: list[str], page: str) -> bytes:
    """The lines that the code page holds, as SubRip."""
    cues = []
    for number, line in enumerate(lines, 1):
        try:
            raw = line.encode(page)
        except UnicodeEncodeError:
            continue
        cues.append(f"{number}\n00:00:{number * 3:02},000 --> 00:00:{number * 3 + 2:02},500\n".encode() + raw + b"\n\n")
    return b"".join(cues)


def outcome(data: bytes, name: str, page: str) -> str:
    """Whether the bytes are read right, read wrong or refused."""
    try:
        found = decode(data, name=name).text
    except MediaError:
        return "refused"
    right, read = (unicodedata.normalize("NFC", text).translate(SAME) for text in (data.decode(page), found))
    return "right" if right == read else "wrong"


def main() -> int:
    """Print the table."""
    counts: dict[tuple[str, str], int] = {}
    print(f"{'language':<10} {'code page':<14} {'cues':>4}  {'film.xx.srt':<12} film.srt")
    for language, row in tomllib.loads(TEXTS.read_text(encoding="utf-8")).items():
        for page in row["pages"]:
            data = subrip(row["lines"], page)
            if not data:
                continue
            named, bare = outcome(data, f"film.{language}.srt", page), outcome(data, "film.srt", page)
            counts["named", named] = counts.get(("named", named), 0) + 1
            counts["bare", bare] = counts.get(("bare", bare), 0) + 1
            print(f"{language:<10} {page:<14} {data.count(b'-->'):>4}  {named:<12} {bare}")
    for kind in ("named", "bare"):
        said = ", ".join(f"{counts.get((kind, how), 0)} {how}" for how in ("right", "refused", "wrong"))
        print(f"{'with' if kind == 'named' else 'without'} the language in the name: {said}")
    return int(any(counts.get(key) for key in (("named", "wrong"), ("named", "refused"), ("bare", "wrong"))))


if __name__ == "__main__":
    sys.exit(main())
