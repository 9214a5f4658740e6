"""What an epoch is made of: the parts' pairs, and pairs made from them as speech and recognisers make them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .control import Control
from .corpus import Pair, tagged
from .made import Maker, other_name
from .recipe import LENGTHS, Recipe, Variants

TAGGED = 0.6
"""How often a tag that a pair shows is given with it: the model must also do without."""
IDLE = 0.03
"""How often a register is given that a pair does not show, so that a wish changes nothing where it cannot."""


def epoch(recipe: Recipe, parts: Sequence[Sequence[Pair]], learned: Control, number: int) -> list[Pair]:
    """All pairs of one epoch in the order they are drawn; the same for the same arguments."""
    draw = random.Random(recipe.training.seed * 1000 + number)
    drawn = [(part.tag, pair) for part, own in zip(recipe.parts, parts) for pair in _some(own, part.share, draw)]
    pairs = [pair for tag, pair in drawn if not tag]
    human = [pair for part, own in zip(recipe.parts, parts) if part.human for pair in own] or pairs
    wish = recipe.variants
    count = len(human)
    made = [_joined(draw.sample(human, draw.choice((2, 2, 3)))) for _ in range(int(wish.joined * count))]
    made += [_bare(pair) for pair in draw.sample(human, int(wish.bare * count))]
    made += [_repeated(pair, wish, draw) for pair in draw.sample(human, int(wish.repeated * count))]
    made += _fragments(human, int(wish.fragments * count), draw)
    made += _renamed(human, wish, int(wish.renamed * count), draw)
    maker = Maker(recipe.source, recipe.target)
    made += [Pair(filled.source, filled.target) for filled in (maker.make(draw) for _ in range(wish.made))]
    pairs += [replace(pair, tags=tuple(tagged(learned, pair.source, pair.target))) for pair in made]
    order = recipe.tags
    registers = [c.tag for c in recipe.classes if c.tag.startswith("register:")]
    told = [replace(pair, tags=_given(pair, order, registers, draw)) for pair in pairs]
    told += _steered(recipe, pairs, draw)
    told += [pair for tag, pair in drawn if tag]
    draw.shuffle(told)
    return told


def _some(pairs: Sequence[Pair], share: float, draw: random.Random) -> list[Pair]:
    whole, rest = divmod(share, 1)
    return [*pairs] * int(whole) + draw.sample(list(pairs), int(rest * len(pairs)))


def _given(pair: Pair, order: Sequence[str], registers: Sequence[str], draw: random.Random) -> tuple[str, ...]:
    given = {tag for tag in pair.tags if draw.random() < TAGGED * (0.4 if tag == "length:normal" else 1)}
    if registers and not any(tag.startswith("register:") for tag in pair.tags) and draw.random() < IDLE:
        given.add(draw.choice(list(registers)))
    return tuple(tag for tag in order if tag in given)


def _steered(recipe: Recipe, pairs: Sequence[Pair], draw: random.Random) -> list[Pair]:
    """Pairs whose tag decides, once more with it: every register and region, since some are rare, and the short and
    long ways to say what people have said in both.
    """
    lengths: dict[str, set[str]] = {}
    for pair in pairs:
        lengths.setdefault(pair.source, set()).update(tag for tag in pair.tags if tag in LENGTHS)
    chosen = [pair for pair in pairs if len(lengths[pair.source]) > 1]
    kinds = [(entry.tag, [pair for pair in pairs if entry.tag in pair.tags]) for entry in recipe.classes]
    kinds += [(tag, [pair for pair in chosen if tag in pair.tags]) for tag in LENGTHS]
    found = []
    for tag, own in kinds:
        # The rarest come more than once.
        some = draw.choices(own, k=recipe.variants.steered) if own else []
        found += [replace(pair, tags=(tag,)) for pair in some]
    return found


def _joined(pairs: Sequence[Pair]) -> Pair:
    return Pair(" ".join(pair.source for pair in pairs), " ".join(pair.target for pair in pairs))


def _bare(pair: Pair) -> Pair:
    # Marks of the answer are kept inside and dropped at the end: a line without them is dressed by the translate stage.
    source = re.sub(r"[^\w\s']", "", pair.source.lower())
    return Pair(" ".join(source.split()), pair.target)


def _repeated(pair: Pair, wish: Variants, draw: random.Random) -> Pair:
    if wish.fillers and draw.random() < 0.6:
        filler, said = draw.choice(list(wish.fillers))
        source = f"{filler.capitalize()}, {_lowered(pair.source)}"
        return Pair(source, f"{said.capitalize()}, {_lowered(pair.target)}" if said else pair.target)
    words = pair.source.split()
    at = draw.randrange(len(words))
    # A stammer is heard by recognisers and said by nobody twice.
    return Pair(" ".join([*words[:at], words[at].rstrip(".,?!"), *words[at:]]), pair.target)


def _lowered(text: str) -> str:
    at = next((i for i, c in enumerate(text) if c.isalpha()), 0)
    word = re.match(r"[\w']+", text[at:])
    if (
        word is None
        or word[0] == "I"
        or word[0].startswith("I'")
        or not word[0][1:].islower()
        or word[0] in ("Tom", "Mary")
    ):
        return text
    return text[:at] + text[at].lower() + text[at + 1 :]


def _fragments(pairs: Sequence[Pair], count: int, draw: random.Random) -> list[Pair]:
    cut = [
        p
        for p in draw.sample(list(pairs), min(len(pairs), 12 * count))
        if p.source.count(",") == p.target.count(",") == 1
    ]
    found = []
    for pair in cut[:count]:
        half = draw.randrange(2)
        sides = [text.split(",")[half].strip() + ("," if half == 0 else "") for text in (pair.source, pair.target)]
        if all(len(side.split()) > 1 for side in sides):
            found.append(Pair(sides[0], sides[1]))
    return found


def _renamed(pairs: Sequence[Pair], wish: Variants, count: int, draw: random.Random) -> list[Pair]:
    names = re.compile(rf"\b(?:{'|'.join(map(re.escape, wish.names)) or '(?!)'})\b")
    number = re.compile(r"(?<![\d.,:])\d+(?![.,:]?\d)")
    found: list[Pair] = []
    for pair in draw.sample(list(pairs), len(pairs)):
        if len(found) >= count:
            break
        said, numbers = set(names.findall(pair.source)), set(number.findall(pair.source))
        same = said == set(names.findall(pair.target)) and numbers == set(number.findall(pair.target))
        if not (same and (said or numbers)):
            continue
        new = {name: other_name(draw) for name in sorted(said)} | {n: _like(n, draw) for n in sorted(numbers)}
        both = re.compile(rf"{names.pattern}|{number.pattern}")
        found.append(Pair(_exchanged(both, new, pair.source), _exchanged(both, new, pair.target)))
    return found


def _exchanged(words: re.Pattern[str], new: Mapping[str, str], text: str) -> str:
    return words.sub(lambda match: new.get(match[0], match[0]), text)


def _like(number: str, draw: random.Random) -> str:
    if len(number) == 4:
        return str(draw.randrange(1400, 2060))
    return str(draw.randrange(2 if len(number) == 1 else 10 ** (len(number) - 1), 10 ** len(number)))
