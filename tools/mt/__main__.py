"""`python -m tools.mt COMMAND RECIPE --work FOLDER --data FOLDER`: see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from . import recipe as recipes
from .recipe import Recipe


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m tools.mt", description="Make translation models.")
    parser.add_argument("command", choices=list(COMMANDS))
    parser.add_argument("recipe", type=Path, help="a TOML file, see tools/mt/recipes")
    parser.add_argument("--work", type=Path, required=True, help="everything made lies here")
    parser.add_argument("--data", type=Path, action="append", default=[], help="where data files are looked for")
    parser.add_argument("--tokens", type=int, help="train: target tokens in all, instead of the recipe's")
    parser.add_argument("--model", action="append", default=[], metavar="NAME=MODEL", help="evaluate: id or folder")
    parser.add_argument("--no-checks", action="store_true", help="evaluate: the bare models alone")
    parser.add_argument("--out", type=Path, help="convert, card: the folder; default is in the work folder")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args(arguments)
    recipe = recipes.read(given.recipe)
    given.work.mkdir(parents=True, exist_ok=True)
    COMMANDS[given.command](recipe, given)
    return 0


def _score(recipe: Recipe, given: argparse.Namespace) -> None:
    from .sources import score

    for file in recipe.scored:
        print(score(recipe, given.work, file, *given.data))


def _distil(recipe: Recipe, given: argparse.Namespace) -> None:
    from .sources import distil

    for wish in recipe.distil:
        print(distil(recipe, wish, given.work, *given.data))


def _contrast(recipe: Recipe, given: argparse.Namespace) -> None:
    from .contrast import write

    if recipe.contrast:
        print(json.dumps(write(recipe, recipe.contrast, given.work, *given.data), indent=1))


def _prepare(recipe: Recipe, given: argparse.Namespace) -> None:
    from .corpus import prepare

    print(json.dumps(prepare(recipe, given.work, *given.data), indent=1))


def _seed(recipe: Recipe, given: argparse.Namespace) -> None:
    from .port import seed

    seed(recipe, given.work, *given.data)


def _train(recipe: Recipe, given: argparse.Namespace) -> None:
    from .train import Run

    if given.tokens:
        recipe = replace(recipe, training=replace(recipe.training, tokens=given.tokens))
    run = Run(recipe, given.work, *given.data, threads=given.threads)
    # A polite end saves what was learned since the last checkpoint; any other loses at most that.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: setattr(run, "leaving", True))
    run.go()


def _convert(recipe: Recipe, given: argparse.Namespace) -> None:
    from . import convert, words

    tensors, out = convert.averaged(given.work, recipe.training.kept), given.out or given.work / recipe.name
    convert.to_ctranslate2(recipe, given.work, out, tensors)
    words.write(recipe, given.work, out)
    convert.to_transformers(recipe, given.work, given.work / f"{recipe.name}-transformers", tensors)
    print(out)


def _evaluate(recipe: Recipe, given: argparse.Namespace) -> None:
    from .evaluate import table

    models = [tuple(model.split("=", 1)) for model in given.model] or [(recipe.name, str(given.work / recipe.name))]
    print(table(recipe, given.work, models, *given.data, checks=not given.no_checks))


def _mix(recipe: Recipe, given: argparse.Namespace) -> None:
    from .evaluate import mixes

    print(mixes(recipe, given.work, *given.data))


def _card(recipe: Recipe, given: argparse.Namespace) -> None:
    from .card import write

    for path in write(recipe, given.work, given.out or given.work / recipe.name):
        print(path)


COMMANDS: dict[str, Callable[[Recipe, argparse.Namespace], None]] = {
    "score": _score,
    "distil": _distil,
    "contrast": _contrast,
    "prepare": _prepare,
    "seed": _seed,
    "train": _train,
    "mix": _mix,
    "convert": _convert,
    "evaluate": _evaluate,
    "card": _card,
}


if __name__ == "__main__":
    sys.exit(main())
