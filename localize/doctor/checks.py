"""Installation checks: programs, packages, models, folders, free space, permissions of the home."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import media
from ..consent import Home
from ..engine_selection import DEFAULT_DIARIZER, DEFAULT_RECOGNISER, DEFAULT_SYNTHESIZER
from ..engines import ROLES, find, names
from ..errors import LocalizeError
from ..models import Models, catalogue
from ..runtime.device import gpus
from ..runtime.records import to_json
from ..runtime.store import Store, package_version
from ..signal.denoise import CLEANER
from .selftest import Check, run_self_tests

ENCODERS = ("aac", "flac", "libopus", "mov_text", "srt", "webvtt")
ROOM_BYTES = 2_000_000_000
EMBEDDED = {DEFAULT_RECOGNISER, DEFAULT_DIARIZER, DEFAULT_SYNTHESIZER, "marian_ct2", "bergamot"}
PRIVATE = "home private"
"""What a dub is made without."""
INSTALL = "pip install 'localize-toolkit[offline]'"


@dataclass(frozen=True, slots=True)
class Checkup:
    """Every check.

    Args:
        ok: the embedded default works.
        checks: all of them, those that it does not need too.
        fix: what mends the first thing that it lacks; None where it works.
    """

    ok: bool
    checks: tuple[Check, ...]
    fix: str | None = None

    def json(self) -> dict[str, Any]:
        """What `localize doctor --json` prints."""
        return {"schema": 1, **to_json(self)}


def run_checks(*, deep: bool = False) -> Checkup:
    """Every check, and whether the embedded default works.

    Args:
        deep: also let every installed engine do a little of its work.
    """
    models, cleaner = Models(), package_version(CLEANER)
    checks = [
        _check("python", sys.version_info >= (3, 11), sys.version.split()[0], "install Python 3.11 or newer"),
        _ffmpeg(),
        *(_engine(role, name) for role in ROLES for name in names(role)),
        *(
            _check(f"model {m.id}", models.available(m), m.note, m.command)
            for m in catalogue().values()
            if not m.pulled or models.available(m)
        ),
        *(_check_self_test(found) for found in (run_self_tests(models) if deep else ())),
        _check(
            "voice cleaning",
            bool(cleaner),
            f"{CLEANER} {cleaner}" if cleaner else "missing: music stays in what is recognised",
            INSTALL,
        ),
        _folder("home", Home.open().folder),
        _private(Home.open()),
        _folder("store", Store.open(Home.open().folder).folder),
        _folder("models", models.folder),
        _check("cores", True, f"{models.device.threads} to be used, of {os.cpu_count()}", ""),
        _check("gpu", True, f"{gpus()} that CUDA offers" if gpus() else "none: everything runs on the CPU", ""),
    ]
    needed = [c for c in checks if c.name != PRIVATE and (not _kind(c) or _engine_of(c) in EMBEDDED)]
    lacking = [c for c in needed if not c.ok]
    return Checkup(not lacking, tuple(checks), lacking[0].fix if lacking else None)


def _check(name: str, ok: bool, detail: str, fix: str) -> Check:
    return Check(name, ok, detail, None if ok else fix)


def _kind(check: Check) -> str:
    kind = check.name.split()[0]
    return kind if len(check.name.split()) == 3 and kind in ("engine", "trial") else ""


def _engine_of(check: Check) -> str:
    name = check.name.split()[-1]
    return name.split(":", maxsplit=1)[0]


def _check_self_test(found: Check) -> Check:
    return _check(found.name, found.ok, found.detail, "run it with -v, or reinstall the extra that brings it")


def _ffmpeg() -> Check:
    try:
        program = media.ffmpeg()
    except LocalizeError as error:
        return _check("ffmpeg", False, error.message, "pip install imageio-ffmpeg")
    command = [program, "-hide_banner", "-encoders"]
    listed = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout
    missing = [name for name in ENCODERS if f" {name} " not in listed]
    detail = f"lacks {', '.join(missing)}" if missing else f"{Path(program).name} with {', '.join(ENCODERS)}"
    return _check("ffmpeg", not missing, detail, "install a full ffmpeg, or remove it and pip install imageio-ffmpeg")


def _engine(role: Any, name: str) -> Check:
    try:
        find(role, name)
    except LocalizeError as error:
        return _check(f"engine {role} {name}", False, "not installed", error.message.rpartition(": ")[2])
    return _check(f"engine {role} {name}", True, "installed", "")


def _private(home: Home) -> Check:
    """Whether nobody but its owner reads the home: its folders, keys, grants and ledger."""
    keys = sorted(home.keys.iterdir()) if home.keys.is_dir() and os.access(home.keys, os.R_OK | os.X_OK) else []
    open_ = [p for p in (home.folder, home.keys, *keys) if p.exists() and p.stat().st_mode & 0o077]
    named = ", ".join(f"{p} ({p.stat().st_mode & 0o777:o})" for p in open_[:3])
    fix = f"chmod -R go= {shlex.quote(str(home.folder))}"
    return _check(PRIVATE, not open_, f"others may use {named}" if open_ else "its owner's only", fix)


def _folder(name: str, folder: Path) -> Check:
    existing = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(existing).free
    writable = existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
    fix = f"make {folder} writable, or set LOCALIZE_{name.upper()} to another folder"
    if writable and free < ROOM_BYTES:
        return _check(f"folder {name}", False, f"{folder}: {free >> 20} MB free", "free some disk space")
    return _check(f"folder {name}", writable, f"{folder}: {free >> 30} GB free", fix)
