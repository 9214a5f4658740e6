"""How many first-person lines agree with their speaker: `python bench/agreement.py [FILE …]`.

A file (by default those of the tests, some 240 lines a language) is called NAME.LANGUAGE.tsv: English, what a man says,
what a woman says; two columns where both say the same. Each line is made of the other's, and no other may change.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from localize.translation.agreement import agree

LISTS = sorted((Path(__file__).resolve().parents[1] / "tests/unit/translation").glob("agreement.*.tsv"))
LEAST = 0.95


def main(paths: Sequence[Path]) -> int:
    """Print what is wrong, and the figures."""
    good = True
    for path in paths:
        language = path.suffixes[-2][1:]
        rows = [row.split("\t") for row in path.read_text("utf-8").splitlines() if row and not row.startswith("#")]
        changing, staying, right, stayed = 0, 0, 0, 0
        for source, man, *rest in rows:
            woman = rest[0] if rest else man
            for gender, text, wanted in (("female", man, woman), ("male", woman, man)):
                found = agree(text, source, language, gender)
                changing += text != wanted
                staying += text == wanted
                right += text != wanted == found
                stayed += text == wanted == found
                if found != wanted:
                    print(f"{language}  {gender}: {text!r} -> {found!r}, not {wanted!r}")
        print(f"{path.name}  {len(rows)} lines: {right} of {changing} changes right ({right / changing:.1%}), ", end="")
        print(f"{stayed} of {staying} others as they were")
        good = good and right >= LEAST * changing and stayed == staying
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or LISTS))
