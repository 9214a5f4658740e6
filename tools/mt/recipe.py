"""A recipe: everything that belongs to one language pair, read from a TOML file beside this one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Part:
    """One file of pairs.

    Args:
        file: in the work folder or a data folder: source, tab, target a line; may be gzipped.
        licence: of the text.
        credit: whose it is.
        share: how much of it an epoch takes; above 1 it is seen more than once.
        human: whether people wrote both sides: lengths are learned from these.
        scored: lines begin with a score (log-probability a token, a tab); those under `floor` are left out.
        floor: see `scored`.
        tag: the control token that all its pairs come with, always: their targets were made to show it.
    """

    file: str
    licence: str
    credit: str
    share: float = 1.0
    human: bool = False
    scored: bool = False
    floor: float = -9.0
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Sentences kept for measuring; nothing whose source is among them is trained on.

    Args:
        name: in the table.
        source: file of source lines; a .jsonl holds {"<source>": …, "<target>": […]} a line, a .tsv also references.
        target: file of references where `source` holds none.
    """

    name: str
    source: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Class:
    """How the target shows a register or region.

    Args:
        tag: the control token, as the translator's hint names it: "register:tu".
        shows: a pattern of texts that show it, case aside.
        implied: a pattern of texts that show it if `cue` is in the source, `unless` is not, and no other class shows.
        cue: see `implied`.
        unless: see `implied`; here capitals count.
        ending: words with it are learned: those that stand almost only where `cue` is in the source.
    """

    tag: str
    shows: str
    implied: str = ""
    cue: str = ""
    unless: str = ""
    ending: str = ""


@dataclass(frozen=True, slots=True)
class Variants:
    """Shares of an epoch's sentences that are changed, and how.

    Args:
        joined: two or three in a row.
        bare: lower case, no marks, as some recognisers write.
        fragments: the first or second half of two sentences joined, cut at a comma.
        repeated: a word said twice, or a filler first.
        renamed: names exchanged for others, numbers for others.
        made: sentences with holes filled, an epoch.
        steered: pairs of each tag that come once more with it, an epoch.
        fillers: source fillers and what is said for them, "" where nothing is.
        names: names that are exchanged where they stand on both sides.
    """

    joined: float = 0.0
    bare: float = 0.0
    fragments: float = 0.0
    repeated: float = 0.0
    renamed: float = 0.0
    made: int = 0
    steered: int = 0
    fillers: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Training:
    """How long and how fast.

    Args:
        tokens: target tokens in all.
        batch: source plus target tokens of a batch, padding counted.
        rate: highest learning rate.
        warm: steps to reach it.
        decay: last share of the tokens over which the rate falls to nothing.
        encoder: the encoder's rate, as a share of the decoder's; 0 leaves it as it was.
        dropout: in the decoder.
        smoothing: of labels.
        frequent: commonest pieces always in the sampled softmax.
        sampled: others drawn for it.
        average: decay of the running average of the weights, a step.
        kept: share of the seed's weights in what is converted, see `convert.averaged`.
        longest: pieces; longer pairs are left out.
        seed: of everything drawn.
    """

    tokens: int
    batch: int = 4000
    rate: float = 5e-4
    warm: int = 100
    decay: float = 0.5
    encoder: float = 0.0
    dropout: float = 0.1
    smoothing: float = 0.1
    frequent: int = 1200
    sampled: int = 1200
    average: float = 0.998
    kept: float = 0.0
    longest: int = 80
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Published:
    """Figures measured elsewhere, shown beside ours.

    Args:
        name: of the column.
        figures: (row of the table, cell).
    """

    name: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Distil:
    """A part made by way of a third language.

    Args:
        file: source sentences, one a line.
        out: the part written.
        through: catalogue id of the tiny11 model that translates into the third language.
        command: reads lines in it and writes lines in ours, "*" before words it does not know.
        rules: file of patterns and replacements that mend its answers.
        foreign: a pattern of answers that are still in the third language.
        sure: mean log-probability a token above which the seed's own answer counts as sure.
        natural: what an answer must score where the seed is sure.
        floor: what it must score where it is not.
    """

    file: str
    out: str
    through: str
    command: tuple[str, ...]
    rules: str = ""
    foreign: str = ""
    sure: float = -0.4
    natural: float = -0.75
    floor: float = -2.6


@dataclass(frozen=True, slots=True)
class Contrast:
    """Pairs that show a length or courtesy, made from people's.

    Args:
        sentences: sources asked for.
        worse: what a way may cost against the best, in log-probability a token.
        change: share of the spoken length by which it must differ from the best.
    """

    sentences: int
    worse: float = 0.35
    change: float = 0.08


@dataclass(frozen=True, slots=True)
class Grow:
    """Whole words and names for the target vocabulary from a related pair's model.

    Args:
        through: catalogue id of a tiny11 model from the same source language into a language like ours.
        command: translates from that language into ours as in `Distil`; here word by word.
        texts: files of source sentences: their names are wanted, and source pieces that none of them needs go.
        least: how often a name's piece must be read in them.
    """

    through: str
    command: tuple[str, ...]
    texts: tuple[str, ...]
    least: int = 2


@dataclass(frozen=True, slots=True)
class Recipe:
    """A language pair.

    Args:
        name: of the model made.
        source: language code.
        target: language code.
        seed: the model grown on: a Marian folder of CTranslate2 (a catalogue id, or a folder among the data), or the
            catalogue id of a tiny11 model of a related pair.
        drop: pieces of the source vocabulary that are taken out (digits in one piece, the other language's words).
        related: the same sentences in the tiny11 model's target language and in ours, for embeddings.
        letters: of the target's alphabet.
        pieces: size of a new target vocabulary, for a tiny11 seed.
        phrases: lines known by heart that are shipped with the model: a file, "" for none.
        withheld: control tokens that are trained but obeyed too seldom to be offered.
        scored: files that `score` weeds.
        distil: parts that `distil` makes.
        contrast: what `contrast` makes.
        grow: whole words and names for the seed's target vocabulary.
        published: figures of others, for the table.
        parts: training data.
        held: held-out data.
        classes: registers and regions.
        variants: of the data.
        training: numbers.
    """

    name: str
    source: str
    target: str
    seed: str
    drop: str
    parts: tuple[Part, ...]
    held: tuple[Held, ...]
    classes: tuple[Class, ...]
    variants: Variants
    training: Training
    related: str = ""
    letters: str = ""
    pieces: int = 16000
    phrases: str = ""
    withheld: tuple[str, ...] = ()
    scored: tuple[str, ...] = ()
    distil: tuple[Distil, ...] = ()
    contrast: Contrast | None = None
    grow: Grow | None = None
    published: tuple[Published, ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        """Every control token, in the order of the vocabulary."""
        return (*LENGTHS, *(c.tag for c in self.classes))


LENGTHS = ("length:short", "length:normal", "length:long")


def read(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        ValueError: a key that no recipe has.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    lists: Mapping[str, type[Any]] = {
        "parts": Part,
        "held": Held,
        "classes": Class,
        "distil": Distil,
        "published": Published,
    }
    for key, kind in lists.items():
        data[key] = tuple(_made(kind, entry) for entry in data.get(key, []))
    data["variants"] = _made(Variants, data.get("variants", {}))
    for key, kind in (("contrast", Contrast), ("grow", Grow)):
        data[key] = _made(kind, data[key]) if key in data else None
    data["training"] = _made(Training, data["training"])
    recipe: Recipe = _made(Recipe, data)
    return recipe


def _made(kind: type[Any], entry: dict[str, Any]) -> Any:
    if unknown := entry.keys() - {field.name for field in fields(kind)}:
        raise ValueError(f"a {kind.__name__.lower()} has no {', '.join(sorted(unknown))}")
    return kind(**{key: _frozen(value) for key, value in entry.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
