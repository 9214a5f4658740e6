"""The model card, the notice and the catalogue entry of a converted folder."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

from . import weights
from .convert import sums
from .recipe import Recipe

SHOWN = 4
"""Points of the training curve in the card, besides the last."""


def write(recipe: Recipe, work: Path, folder: Path) -> list[Path]:
    """Write MODEL_CARD.md and NOTICE into the folder and catalogue.toml beside it.

    The card takes the table from `work/table.md` (what `evaluate` printed) and faults from `work/faults.md`, written by
    a person who read outputs; it says so where one is missing. Where weights came to be by more than one run, a person
    tells it in `work/history.md`, instead of the run's curve.

    Args:
        recipe: the language pair.
        work: where training left its checkpoint.
        folder: a converted model.
    """
    facts = weights.load(work / "checkpoint.safetensors")[1] if (work / "checkpoint.safetensors").is_file() else {}
    files = sums(folder)
    for name in ("MODEL_CARD.md", "NOTICE"):
        files.pop(name, None)
    card = "\n".join(_card(recipe, work, facts.get("state", {}), files)) + "\n"
    notice = "\n".join(_notice(recipe)) + "\n"
    entry = "\n".join(_entry(recipe, files)) + "\n"
    written = []
    for path, text in (
        (folder / "MODEL_CARD.md", card),
        (folder / "NOTICE", notice),
        (folder.parent / f"{folder.name}.catalogue.toml", entry),
    ):
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _card(recipe: Recipe, work: Path, state: dict[str, object], files: dict[str, tuple[str, int]]) -> Iterator[str]:
    megabytes = sum(size for _, size in files.values()) / 1e6
    yield f"# {recipe.name}: {recipe.source} to {recipe.target}, for dialogue\n"
    yield (
        f"A MarianMT-shaped transformer in CTranslate2 int8, {megabytes:.1f} MB, grown from {recipe.seed}. Made by "
        f"`tools/mt` from `tools/mt/recipes`, card written {time.strftime('%Y-%m-%d')}.\n"
    )
    if (work / "history.md").is_file():
        yield (work / "history.md").read_text(encoding="utf-8").strip()
    elif state:
        curve = [point for point in json.loads(json.dumps(state["curve"])) if isinstance(point, dict)]
        hours = float(str(state["seconds"])) / 3600
        yield f"Trained on {int(str(state['tokens'])) / 1e6:.1f} million target tokens in {hours:.1f} hours.\n"
        names = [name for name in curve[-1] if name not in ("tokens", "seconds")]
        yield "| target tokens | " + " | ".join(f"{name}, first 300, BLEU" for name in names) + " |"
        yield "|---" * (len(names) + 1) + "|"
        step = max(1, (len(curve) - 1) // SHOWN)
        for point in [*curve[:-1:step], curve[-1]]:
            yield f"| {point['tokens'] / 1e6:.1f} M | " + " | ".join(str(point.get(name, "–")) for name in names) + " |"
    yield "\n## Data\n\n| file | whose | licence |\n|---|---|---|"
    for part in recipe.parts:
        yield f"| {part.file} | {part.credit} | {part.licence} |"
    held = ", ".join(entry.name for entry in recipe.held)
    yield f"\nNever trained on: {held}. Made sentences and names in `tools/mt/data` are ours (Apache-2.0)."
    yield "\n## Figures\n"
    table = work / "table.md"
    yield table.read_text(encoding="utf-8").strip() if table.is_file() else "Not measured yet: run `evaluate`."
    yield "\n## Known faults\n"
    faults = work / "faults.md"
    yield faults.read_text(encoding="utf-8").strip() if faults.is_file() else "Nobody has read its outputs yet."
    yield "\n## Use\n"
    wishes = ", ".join(f"`{tag}`" for tag in recipe.tags)
    yield (
        "One sentence (or two, three in a row) a call: pieces of `source.spm`, then `</s>`. To wish for a length, a "
        "register or a region, let the decoder begin with `<length:short>` and the like, in the order "
        f"{wishes}; they are not part of the answer or its score."
    )
    yield "\n## Files\n\n| file | bytes | SHA-256 |\n|---|---|---|"
    for name, (sha256, size) in files.items():
        yield f"| {name} | {size} | `{sha256}` |"


def _notice(recipe: Recipe) -> Iterator[str]:
    yield f"{recipe.name}: translation weights, {recipe.source} to {recipe.target}\n"
    yield _GROWN
    for part in recipe.parts:
        yield f"- {part.credit}: {part.licence}{_LINKS.get(part.licence, '')}"
    yield _CHANGES


_LINKS = {
    "CC BY 2.0 FR": " (https://creativecommons.org/licenses/by/2.0/fr/)",
    "CC BY 4.0": " (https://creativecommons.org/licenses/by/4.0/)",
    "CC0": " (https://creativecommons.org/publicdomain/zero/1.0/)",
    "WordNet 3.0": " (https://wordnet.princeton.edu/license-and-commercial-use)",
}
_GROWN = """\
These weights grew from the English-Portuguese "tiny11" model of Firefox Translations (the Bergamot project and
Mozilla), which its distributors make available under the Mozilla Public License, v. 2.0. What derives from them is
made available under the same terms:

    This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. If a copy of the MPL was
    not distributed with this file, You can obtain one at https://mozilla.org/MPL/2.0/.

The files model.bin, source.spm, target.spm and the two vocabularies are covered by that notice. They are the form in
which the model is changed: weights can be read (tools/mt/weights.py), converted and trained further from them.

Trained on:"""
_CHANGES = """\
Changes: the texts were paired, filtered, joined, varied and cut into pieces for training; no text is contained in
the weights' files as such."""


def _entry(recipe: Recipe, files: dict[str, tuple[str, int]]) -> Iterator[str]:
    licences = ", ".join(dict.fromkeys(part.licence for part in recipe.parts))
    yield f'[[model]]\nid = "{recipe.name}"\nrole = "translator"\nengine = "marian_ct2"'
    yield f'languages = ["{recipe.source}>{recipe.target}"]'
    yield f'licence = "MPL-2.0 (weights it grew from); {licences} (data)"'
    yield 'rank = 45\nnote = ""\nextra = "offline"\nin_place = true'
    for name, (sha256, size) in files.items():
        yield f'\n  [[model.file]]\n  name = "{name}"\n  sha256 = "{sha256}"\n  size = {size}'
        yield f'  parts = ["localize/models/weights/{recipe.name}/{name}"]'
