"""Parts that are made by machine: scores that weed back-translations, and translations by way of a third language."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from localize.translation.sentences import ModelText

from .corpus import clean, find, lines, seed_folder
from .decode import Plain
from .recipe import Distil, Recipe

CHUNK = 500
"""Sentences between two writes."""


def score(recipe: Recipe, work: Path, file: str, *folders: Path) -> Path:
    """Write a part's pairs with the seed's log-probability a token before each: what is far below is no translation.

    Args:
        recipe: the language pair.
        work: where the file is written, its name ending in ".scored".
        file: the part as it is: source, tab, target a line.
        folders: where it is looked for.
    """
    model = Plain(seed_folder(recipe, *folders))
    pairs = [cells for cells in (line.split("\t") for line in lines(find(file, *folders))) if len(cells) == 2]
    out = work / f"{file.removesuffix('.gz').removesuffix('.tsv')}.scored"
    with out.open("w", encoding="utf-8") as written:
        for start in range(0, len(pairs), CHUNK):
            some = pairs[start : start + CHUNK]
            for (source, target), value in zip(some, model.score(some)):
                written.write(f"{value:.3f}\t{source}\t{target}\n")
    return out


def distil(recipe: Recipe, wish: Distil, work: Path, *folders: Path) -> Path:
    """Translate source sentences by way of a third language, and keep what the seed can learn from.

    Where the seed is sure of its own answer, only what it finds natural is kept; where it is not, all that is not
    absurd to it. A sentence with a word that the second translator did not know is left out, unless it is a name.

    Args:
        recipe: the language pair.
        wish: by which way.
        work: where the pairs are written.
        folders: where the sentences are looked for.
    """
    from .tiny11 import Tiny11

    seed = Plain(seed_folder(recipe, *folders))
    first = Tiny11(wish.through)
    rules = [row.split("\t") for row in lines(find(wish.rules, *folders)) if row] if wish.rules else []
    mends = [(re.compile(pattern), put) for pattern, put in rules]
    sources = [clean(line) for line in lines(find(wish.file, *folders))]
    out = work / wish.out
    with out.open("w", encoding="utf-8") as written:
        for start in range(0, len(sources), CHUNK):
            some = sources[start : start + CHUNK]
            raw = second(wish.command, first.translate(some))
            answers = [_mended(text, source, mends, recipe) for text, source in zip(raw, some)]
            own = seed.certainty(some)
            given = seed.score(list(zip(some, answers)))
            for source, text, answer, sure, value in zip(some, raw, answers, own, given):
                odd = re.search(wish.foreign, answer) if wish.foreign else None
                least = wish.natural if sure > wish.sure else wish.floor
                if not odd and value > least and _known(text, source):
                    written.write(f"{source}\t{answer}\n")
    return out


def second(command: Sequence[str], texts: Sequence[str]) -> list[str]:
    """What a command that reads and writes lines makes of each text.

    Raises:
        ValueError: it wrote fewer lines than it was given.
    """
    # A space before each line's end keeps the translator from moving words over it.
    asked = "".join(f"{' '.join(text.split())} \n" for text in texts)
    done = subprocess.run(list(command), input=asked, capture_output=True, text=True, check=True)
    answers = done.stdout.split("\n")
    if len(answers) < len(texts):
        raise ValueError(f"{command[0]} answered {len(answers)} lines to {len(texts)}")
    return [answer.strip() for answer in answers[: len(texts)]]


def _known(text: str, source: str) -> bool:
    # Apertium writes *word where it knows none.
    unknown = [word.strip(".,;:!?\"'") for word in re.findall(r"\*(\S+)", text)]
    return all(word[:1].isupper() and word.lower() in source.lower() for word in unknown)


def _mended(text: str, source: str, mends: Sequence[tuple[re.Pattern[str], str]], recipe: Recipe) -> str:
    text = text.replace("*", "")
    for pattern, put in mends:
        text = pattern.sub(put, text)
    dress = ModelText.of(source, recipe.source)
    return dress.back(text.strip(), recipe.target) if dress.text and text.strip() else text.strip()
