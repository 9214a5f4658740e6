"""The model catalogue: every known model with its files, hashes, licence and rank.

The catalogue (`catalogue.toml`) says where a model comes from: data inside installed packages, assembled once into the
model store or used where they lie, or files that `localize models pull` gets (`download.py`). Every file is held to a
SHA-256: the catalogue's, or where nobody could name one beforehand, that of the first pull, which the home keeps
(`Pin`). A run uses what is installed and never downloads. Nothing is ever replaced by something similar.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

PIN_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model.

    Args:
        name: in the model's folder.
        sha256: of its bytes; "" where only the first pull can tell.
        size: in bytes; 0 where nobody said.
        parts: package data it is assembled from, in order; none for a file that is pulled.
        url: where it is pulled from; "" for the model's repository.
    """

    name: str
    sha256: str
    size: int
    parts: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue.

    Args:
        id: its name.
        role: "recogniser", "diarizer", "translator", "synthesizer" or "faces".
        engine: the engine that runs it.
        languages: codes, "en>es" pairs, or "*" for any.
        licence: of the weights.
        rank: the higher is used first.
        note: quality, in one line.
        extra: the extra of this package that brings it, or runs it where it is pulled.
        files: what it is made of.
        in_place: used where its package holds it.
        prepare: "module:function" that derives further files from the verified ones, or "".
        derived_only: only what `prepare` made is kept.
        prepared: edition of what `prepare` makes: what an earlier version of localize derived is derived anew.
        repository: of a hub, where it is pulled from.
        megabytes: to be pulled, about.
        terms: what a user must agree to before it is used, or "".
        derived: name -> SHA-256 of what `prepare` makes with the versions we test; others are derived again to compare.
    """

    id: str
    role: str
    engine: str
    languages: tuple[str, ...]
    licence: str
    rank: int
    note: str
    extra: str
    files: tuple[ModelFile, ...]
    in_place: bool = False
    prepare: str = ""
    derived_only: bool = False
    prepared: int = 1
    repository: str = ""
    megabytes: int = 0
    terms: str = ""
    derived: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def size(self) -> int:
        """Bytes of all files together; about, for a model that is pulled."""
        return sum(f.size for f in self.files) or self.megabytes * 1_000_000

    @property
    def pulled(self) -> bool:
        """Whether `localize models pull` gets it, rather than pip."""
        return not any(f.parts for f in self.files)

    @property
    def pinned(self) -> bool:
        """Whether the catalogue itself names the hash of every file."""
        return all(f.sha256 for f in self.files)

    @property
    def fingerprint(self) -> str:
        """Changes when any byte of any file does."""
        return fingerprint_of(self.id, self.files)

    @property
    def command(self) -> str:
        """What a user types to get it."""
        return f"localize models pull {self.id}" if self.pulled else f"pip install 'localize-toolkit[{self.extra}]'"


@dataclass(frozen=True, slots=True)
class Pin:
    """The hashes that one home pinned for a pulled model, in `models/<id>.json`.

    Args:
        model: its id.
        revision: of the repository, as the hub named it at the first pull; "" where there is none.
        files: their hashes and sizes.
        terms: what the user agreed to, word for word; "" for nothing.
        day: of the agreement, as 2026-11-22.
        derived: name -> SHA-256 of what was derived from the files when they were pulled.
    """

    model: str
    revision: str
    files: tuple[ModelFile, ...]
    terms: str
    day: str
    derived: Mapping[str, str] = field(default_factory=dict)


def fingerprint_of(model_id: str, files: tuple[ModelFile, ...]) -> str:
    """A model's id with the beginnings of its files' hashes."""
    return f"{model_id}@{','.join(f.sha256[:16] for f in files)}"


@cache
def catalogue() -> dict[str, Model]:
    """Every model known, by id."""
    data = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))
    models = {}
    for table in data["model"]:
        for entry in _each(table):
            files = tuple(
                ModelFile(f["name"], f.get("sha256", ""), f.get("size", 0), tuple(f.get("parts", ())), f.get("url", ""))
                for f in (*entry.pop("file", ()), *({"name": name} for name in entry.pop("wanted", ())))
            )
            languages = tuple(entry.pop("languages"))
            models[entry["id"]] = Model(files=files, languages=languages, **entry)
    return models


def _each(table: dict[str, Any]) -> list[dict[str, Any]]:
    """An entry, or one for each of its `pairs` ("en-es" for {pair}, {source} and {target})."""
    if (pairs := table.pop("pairs", None)) is None:
        return [table]

    def filled(value: Any, pair: str) -> Any:
        if isinstance(value, list):
            return [filled(v, pair) for v in value]
        source, target = pair.split("-")
        return value.format(pair=pair, source=source, target=target) if isinstance(value, str) else value

    return [{key: filled(value, pair) for key, value in table.items()} for pair in pairs]
