"""Pairs: read, cleaned, parted from what is held out, and tagged with what their translation shows."""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from localize.models import Models, catalogue

from . import control
from .control import Control
from .recipe import HERE, Held, Part, Recipe


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences that say the same, and the tags the target shows."""

    source: str
    target: str
    tags: tuple[str, ...] = ()


def find(name: str, *folders: Path) -> Path:
    """A file in the first folder that has it; the recipes' own data folder is looked in last.

    Raises:
        FileNotFoundError: none has.
    """
    for folder in (*folders, HERE / "data"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{name} is in none of {', '.join(map(str, folders))}")


def seed_folder(recipe: Recipe, *folders: Path) -> Path:
    """The folder of the model that a recipe grows on: the catalogue's, or one in a data folder.

    Raises:
        FileNotFoundError: there is no such model.
    """
    if recipe.seed in catalogue():
        return Models().path(recipe.seed)
    return find(f"{recipe.seed}/model.bin", *folders).parent


def lines(path: Path) -> Iterator[str]:
    """Lines of a UTF-8 file, gzipped or not, without remarks."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for line in data.decode("utf-8").removesuffix("\n").split("\n"):
        if not line.startswith("#"):
            yield line


def clean(text: str) -> str:
    """One space between words, one form of each letter, plain quotes."""
    text = unicodedata.normalize("NFC", text).replace("\u2060", "").replace("\ufeff", "")
    text = re.sub(r"[‘’`´]", "'", re.sub(r"[“”„]", '"', text))
    return " ".join(text.split())


def key(text: str) -> str:
    """What two spellings of one sentence share: its letters and digits."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def held(entry: Held, recipe: Recipe, *folders: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Held-out sources and their references."""
    path = find(entry.source, *folders)
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in lines(path)]
        return [(row[recipe.source], tuple(row[recipe.target])) for row in rows]
    if entry.target:
        references = lines(find(entry.target, *folders))
        return [(source, (reference,)) for source, reference in zip(lines(path), references, strict=True)]
    cells = (line.split("\t") for line in lines(path) if line)
    return [(source, tuple(references)) for source, *references in cells]


def read(part: Part, *folders: Path) -> Iterator[tuple[str, str]]:
    """A part's pairs, cleaned; those that cannot be translations of each other are left out."""
    for line in lines(find(part.file, *folders)):
        cells = line.split("\t")
        if part.scored:
            score, *cells = cells
            if float(score) < part.floor:
                continue
        if len(cells) != 2:
            continue
        source, target = map(clean, cells)
        if _alike(source, target):
            yield source, target


def human(recipe: Recipe, *folders: Path) -> list[tuple[str, str]]:
    """The pairs whose both sides people wrote."""
    return [pair for part in recipe.parts if part.human for pair in read(part, *folders)]


def _alike(source: str, target: str) -> bool:
    if not (key(source) and key(target)):
        return False
    long, short = max(len(source), len(target)) + 8, min(len(source), len(target)) + 8
    return long < 2.5 * short and len(source.split()) <= 60 and (source != target or len(source.split()) < 3)


def prepare(recipe: Recipe, work: Path, *folders: Path) -> dict[str, object]:
    """Write `work/pairs/N.jsonl` for each part and `work/control.json`; says how many pairs there are and were.

    Args:
        recipe: the language pair.
        work: everything made lies here.
        folders: where the data is.
    """
    measured = {key(source) for entry in recipe.held for source, _ in held(entry, recipe, work, *folders)}
    parts = [[p for p in read(part, work, *folders) if key(p[0]) not in measured] for part in recipe.parts]
    human = [pair for part, pairs in zip(recipe.parts, parts) if part.human for pair in pairs]
    learned = control.learn(human, recipe.source, recipe.target, recipe.classes)
    (work / "pairs").mkdir(parents=True, exist_ok=True)
    keep_control(work, learned)
    counts: dict[str, object] = {}
    for number, (part, pairs) in enumerate(zip(recipe.parts, parts)):
        unique = list(dict.fromkeys(pairs))
        with (work / "pairs" / f"{number}.jsonl").open("w", encoding="utf-8") as out:
            for source, target in unique:
                tags = [part.tag] if part.tag else tagged(learned, source, target)
                out.write(json.dumps([source, target, tags], ensure_ascii=False) + "\n")
        counts[part.file] = len(unique)
    return {"pairs": counts, "line": learned.line, "bounds": learned.bounds}


def tagged(learned: Control, source: str, target: str) -> list[str]:
    """Every tag a pair shows."""
    length = learned.length(source, target)
    return [*([length] if length else []), *sorted(learned.shown(target, source))]


def prepared(recipe: Recipe, work: Path) -> list[list[Pair]]:
    """What `prepare` wrote, by part."""
    return [
        [
            Pair(source, target, tuple(tags))
            for source, target, tags in map(json.loads, lines(work / "pairs" / f"{n}.jsonl"))
        ]
        for n in range(len(recipe.parts))
    ]


def keep_control(work: Path, learned: Control) -> None:
    """Write what was learned about lengths and words."""
    facts = asdict(learned) | {"learned": [[tag, sorted(words)] for tag, words in learned.learned]}
    (work / "control.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def read_control(recipe: Recipe, work: Path) -> Control:
    """What `keep_control` wrote; patterns are the recipe's."""
    facts = json.loads((work / "control.json").read_text(encoding="utf-8"))
    learned: Sequence[tuple[str, list[str]]] = facts["learned"]
    return Control(
        recipe.source,
        recipe.target,
        recipe.classes,
        tuple(facts["line"]),
        tuple(facts["bounds"]),
        tuple((tag, frozenset(words)) for tag, words in learned),
    )
