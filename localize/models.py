"""Which models there are, which are installed, and that each is exactly the one it says it is.

The catalogue (`catalogue.toml`) pins every file by SHA-256. A run uses what is installed and never downloads: models
that come inside installed packages are assembled once into the model store, or used where they lie. Nothing is ever
replaced by something similar.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs

from .errors import EngineMissing, ModelMissing, StoreError
from .store import alive, disk_errors, sha256_of, write_json


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model and the package data it is assembled from, in order."""

    name: str
    sha256: str
    size: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue.

    Args:
        id: its name.
        role: "recogniser", "diarizer", "translator" or "synthesizer".
        engine: the engine that runs it.
        languages: codes, "en>es" pairs, or "*" for any.
        licence: of the weights.
        rank: the higher is used first.
        note: quality, in one line.
        extra: the extra of this package that brings it.
        files: what it is made of.
        in_place: used where its package holds it.
        prepare: "module:function" that derives further files from the verified ones, or "".
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

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(f.size for f in self.files)

    @property
    def fingerprint(self) -> str:
        """Changes when any byte of any file does."""
        return f"{self.id}@{','.join(f.sha256[:16] for f in self.files)}"

    @property
    def command(self) -> str:
        """What a user types to get it."""
        return f"pip install 'localize-toolkit[{self.extra}]'"


@cache
def catalogue() -> dict[str, Model]:
    """Every model known, by id."""
    data = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))
    models = {}
    for entry in data["model"]:
        files = tuple(ModelFile(f["name"], f["sha256"], f["size"], tuple(f["parts"])) for f in entry.pop("file"))
        languages = tuple(entry.pop("languages"))
        models[entry["id"]] = Model(files=files, languages=languages, **entry)
    return models


class Models:
    """The model store: a folder of assembled models, beside those used in place.

    Args:
        folder: default is `LOCALIZE_MODELS`, else the user's data folder.
        say: told when a model is assembled, once each.
    """

    def __init__(self, folder: Path | None = None, say: Callable[[str], None] = lambda _message: None) -> None:
        wanted = os.environ.get("LOCALIZE_MODELS")
        self.folder = folder or (Path(wanted) if wanted else Path(platformdirs.user_data_dir("localize")) / "models")
        self._say = say
        self._checked: dict[str, Path] = {}

    def fingerprint(self, model_id: str) -> str:
        """What identifies a catalogued model's weights, without reading them."""
        return catalogue()[model_id].fingerprint

    def path(self, model_id: str) -> Path:
        """The folder of a model, its files checked against the catalogue once in this process.

        Raises:
            ModelMissing: it is not installed; the message names the command that gets it.
            StoreError: a file is not the one the catalogue pins.
        """
        if model_id not in self._checked:
            model = catalogue()[model_id]
            folder = self._place(model)
            if not model.in_place and not self.installed(model):
                self._install(model, folder)
            self._verify(model, folder)
            self._checked[model_id] = folder
        return self._checked[model_id]

    def available(self, model: Model) -> bool:
        """Whether a run could use it now, without downloading."""
        return self.installed(model) or all(_part(p) for f in model.files for p in f.parts)

    def require(self, model: Model) -> None:
        """Refuse at once when a run could not use it.

        Raises:
            ModelMissing: naming the command that gets it.
        """
        if not self.available(model):
            raise ModelMissing(f"the model {model.id} is not installed: {model.command}", model=model.id)

    def installed(self, model: Model) -> bool:
        """Whether its files are there, by name and size."""
        if model.in_place:
            return all(_part(p) for f in model.files for p in f.parts)
        folder = self._place(model)
        sizes = all((folder / f.name).is_file() and (folder / f.name).stat().st_size == f.size for f in model.files)
        return sizes and (folder / "installed.json").is_file()

    def verify(self, model: Model) -> str:
        """Hash an installed model's files again; "" when all are right, else what is wrong."""
        try:
            self._verify(model, self._place(model))
        except (StoreError, ModelMissing) as error:
            return error.message
        return ""

    def _place(self, model: Model) -> Path:
        if not model.in_place:
            return self.folder / model.id
        first = _part(model.files[0].parts[0])
        if first is None:
            raise ModelMissing(f"the model {model.id} is not installed: {model.command}", model=model.id)
        return first.parent

    def _verify(self, model: Model, folder: Path) -> None:
        mend = f"delete {folder} and run again" if not model.in_place else f"reinstall it: {model.command}"
        for file in model.files:
            if not (folder / file.name).is_file():
                raise StoreError(f"the model {model.id} lacks {file.name}: {mend}", model=model.id)
            if sha256_of(folder / file.name) != file.sha256:
                raise StoreError(f"{file.name} of the model {model.id} is not the one expected: {mend}", model=model.id)
        if model.prepare:
            try:
                derived = json.loads((folder / "installed.json").read_text(encoding="utf-8"))["derived"].items()
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise StoreError(
                    f"installed.json of the model {model.id} is damaged: {mend}", model=model.id
                ) from error
            for name, sha256 in derived:
                if not (folder / name).is_file() or sha256_of(folder / name) != sha256:
                    raise StoreError(f"{name} of the model {model.id} has changed: {mend}", model=model.id)

    def _install(self, model: Model, folder: Path) -> None:
        """Assemble a model beside its place and move it there whole."""
        self.require(model)
        self._say(f"assembling the model {model.id} ({model.size // 1_000_000} MB) in {folder}")
        with disk_errors(f"the model store {self.folder}"):
            self.folder.mkdir(parents=True, exist_ok=True)
            _sweep(self.folder)
            draft = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}-{model.id}-", dir=self.folder))
            try:
                for file in model.files:
                    _assemble(file, draft / file.name)
                derived = _prepare(model, draft)
                write_json(draft / "installed.json", {"model": model.fingerprint, "derived": derived})
                draft.chmod(0o755)
                if not self.installed(model):  # else another process was quicker, and its copy is as good
                    shutil.rmtree(folder, ignore_errors=True)
                    try:
                        draft.rename(folder)
                    except OSError:
                        if not self.installed(model):
                            raise
            finally:
                shutil.rmtree(draft, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what killed installations left."""
    for draft in folder.glob(".*-*"):
        pid = draft.name[1:].split("-", 1)[0]
        if pid.isdigit() and not alive(int(pid)):
            shutil.rmtree(draft, ignore_errors=True)


def _assemble(file: ModelFile, target: Path) -> None:
    with target.open("wb") as out:
        for part in file.parts:
            source = _part(part)
            assert source is not None, part
            with source.open("rb") as data:
                shutil.copyfileobj(data, out, 1 << 20)
        out.flush()
        os.fsync(out.fileno())
    if sha256_of(target) != file.sha256:
        raise StoreError(
            f"{file.name}, assembled from {', '.join(file.parts)}, is not the file expected: reinstall its packages"
        )


def _prepare(model: Model, folder: Path) -> dict[str, str]:
    if not model.prepare:
        return {}
    module, _, name = model.prepare.partition(":")
    try:
        function: Callable[[Path], tuple[Path, ...]] = getattr(importlib.import_module(module), name)
        return {path.name: sha256_of(path) for path in function(folder)}
    except ImportError as error:
        raise EngineMissing(
            f"the model {model.id} cannot be prepared: {error}: {model.command}", model=model.id
        ) from error


def _part(part: str) -> Path | None:
    """Where a file inside an installed package lies; the package is found, not imported."""
    package, _, inside = part.partition("/")
    spec = importlib.util.find_spec(package)
    for root in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(root) / inside
        if path.is_file():
            return path
    return None


def listing(models: Models) -> list[dict[str, Any]]:
    """What `localize models list --json` shows."""
    return [
        {
            "id": m.id,
            "role": m.role,
            "engine": m.engine,
            "languages": list(m.languages),
            "installed": models.available(m),
            "licence": m.licence,
            "size": m.size,
            "note": m.note,
            "command": m.command,
        }
        for m in catalogue().values()
    ]
