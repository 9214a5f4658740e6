"""Parts that teach a wish by contrast: what the seed would also have said, and what people said otherwise addressed.

People's pairs show that a translation is short, seldom that it is the shorter of two. So the seed is asked for many,
and the shortest and the longest of the good ones are given to it with their tags. Courtesy that people's pairs hardly
show is written by rules, where the product has any.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from localize.language.formality import Known, to_formal
from localize.language.lexicon import Lexicon
from localize.language.syllables import syllables

from . import control, corpus
from .decode import Plain
from .recipe import Contrast, Recipe

PULLS = {"short": -1.2, "long": 1.2}
"""What a spoken length e times another is worth in log-probability a token."""
WIDE = 16
LEAST, MOST = 3, 25
"""Words of a source."""
COURTESY: Mapping[str, Callable[[str, str, Known], str]] = {"es": to_formal}
"""By language: rewrites an informal text of a source as a polite one."""
INFORMAL = "register:tu"


def write(recipe: Recipe, wish: Contrast, work: Path, *folders: Path) -> dict[str, int]:
    """Write `contrast.short.tsv`, `contrast.long.tsv` and `polite.tsv`; says how many pairs each has.

    Args:
        recipe: the language pair.
        wish: how many, and how different.
        work: where they are written.
        folders: where the seed and the texts are looked for.
    """
    seed = corpus.seed_folder(recipe, *folders)
    words = Lexicon.read(seed / "words.z") if (seed / "words.z").is_file() else None
    human = corpus.human(recipe, work, *folders)
    pairs = {f"contrast.{name}.tsv": rows for name, rows in _lengths(recipe, wish, seed, words, human).items()}
    if recipe.target in COURTESY and words is not None:
        pairs["polite.tsv"] = _polite(recipe, words, human)
    for name, rows in pairs.items():
        (work / name).write_text("".join(f"{source}\t{target}\n" for source, target in rows), encoding="utf-8")
    return {name: len(rows) for name, rows in pairs.items()}


def _lengths(
    recipe: Recipe, wish: Contrast, seed: Path, words: Lexicon | None, human: Sequence[tuple[str, str]]
) -> dict[str, list[tuple[str, str]]]:
    sources = sorted({source for source, _ in human if LEAST <= len(source.split()) <= MOST})
    some = random.Random(5).sample(sources, min(wish.sentences, len(sources)))
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in PULLS}
    for source, ways in zip(some, Plain(seed, threads=os.cpu_count() or 1).ways(some, WIDE, WIDE)):
        sane = [way for way in ways if not (words and words.strange(way[0], source))]
        for name, text in picked(sane, ways[0][1] - wish.worse, wish.change, recipe.target).items():
            found[name].append((source, text))
    return found


def picked(ways: Sequence[tuple[str, float]], least: float, change: float, language: str) -> dict[str, str]:
    """The short and the long way to say a sentence, where they differ from the best.

    Args:
        ways: texts with their mean log-probability a token, the best first.
        least: a way that scores no more than this is none.
        change: by which share of its syllables a way differs at least from the best.
        language: of the texts.
    """
    near = [(text, score, max(1, syllables(text, language))) for text, score in ways if text and score > least]
    found = {}
    for name, pull in PULLS.items() if near else ():
        text, _, heard = max(near, key=lambda way: way[1] + pull * math.log(way[2]))
        if abs(heard / near[0][2] - 1) >= change:
            found[name] = text
    return found


def _polite(recipe: Recipe, words: Lexicon, human: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    learned = control.learn(human, recipe.source, recipe.target, recipe.classes)
    informal = [pair for pair in human if INFORMAL in learned.shown(pair[1], pair[0])]
    rewritten = [(source, COURTESY[recipe.target](text, source, words.knows)) for source, text in informal]
    return [new for new, old in zip(rewritten, informal) if new != old and INFORMAL not in learned.shown(new[1])]
