"""`python -m tools.mt COMMAND RECIPE --work FOLDER --data FOLDER`: see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from . import recipe as recipes


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m tools.mt", description="Make translation models.")
    parser.add_argument("command", choices=["prepare", "seed", "train", "convert", "evaluate"])
    parser.add_argument("recipe", type=Path, help="a TOML file, see tools/mt/recipes")
    parser.add_argument("--work", type=Path, required=True, help="everything made lies here")
    parser.add_argument("--data", type=Path, action="append", default=[], help="where data files are looked for")
    parser.add_argument("--tokens", type=int, help="train: target tokens in all, instead of the recipe's")
    parser.add_argument("--model", action="append", default=[], metavar="NAME=MODEL", help="evaluate: id or folder")
    parser.add_argument("--no-checks", action="store_true", help="evaluate: the bare models alone")
    parser.add_argument("--out", type=Path, help="convert: the folder to write; default is in the work folder")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args(arguments)
    recipe = recipes.read(given.recipe)
    given.work.mkdir(parents=True, exist_ok=True)
    if given.command == "prepare":
        from .corpus import prepare

        print(json.dumps(prepare(recipe, given.work, *given.data), indent=1))
    elif given.command == "seed":
        from .port import seed

        seed(recipe, given.work)
    elif given.command == "train":
        from .train import Run

        if given.tokens:
            recipe = replace(recipe, training=replace(recipe.training, tokens=given.tokens))
        Run(recipe, given.work, *given.data, threads=given.threads).go()
    elif given.command == "convert":
        from . import convert

        tensors, out = convert.averaged(given.work), given.out or given.work / recipe.name
        convert.to_ctranslate2(recipe, given.work, out, tensors)
        convert.to_transformers(recipe, given.work, given.work / f"{recipe.name}-transformers", tensors)
        print(out)
    elif given.command == "evaluate":
        from .evaluate import table

        models = [tuple(model.split("=", 1)) for model in given.model] or [(recipe.name, str(given.work / recipe.name))]
        print(table(recipe, given.work, models, *given.data, checks=not given.no_checks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
