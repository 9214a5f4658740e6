"""The home folder: a person's voices, grants, ledger and keys."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import StoreError, UsageError
from ..runtime.files import disk_errors
from . import keyring

_FOLDERS = frozenset(("voices", "grants", "revocations", "keys", "trusted"))
"""In the home; `Home` says what each is for."""


@dataclass(frozen=True, slots=True)
class Home:
    """The home folder and its subfolders; created, readable by its owner only, at the first write.

    Args:
        folder: absolute path.
    """

    folder: Path

    @classmethod
    def open(cls, folder: Path | None = None) -> Home:
        """The home at `folder`, else LOCALIZE_HOME, else the user's data folder. Nothing is written yet."""
        if folder is None:
            if chosen := os.environ.get("LOCALIZE_HOME"):
                folder = Path(chosen)
            else:
                import platformdirs

                folder = platformdirs.user_data_path("localize")
        return cls(folder.expanduser().absolute())

    @property
    def voices(self) -> Path:
        """Folder of enrolled voices, one subfolder each."""
        return self.folder / "voices"

    @property
    def grants(self) -> Path:
        """Folder of signed grants, one file each."""
        return self.folder / "grants"

    @property
    def revocations(self) -> Path:
        """Folder of revocations, one file for each voice; the ledger records the same."""
        return self.folder / "revocations"

    @property
    def keys(self) -> Path:
        """Private keys."""
        return self.folder / "keys"

    @property
    def trusted(self) -> Path:
        """Root certificates of signers other than the home's own."""
        return self.folder / "trusted"

    @property
    def ledger(self) -> Path:
        """The ledger file: every request, grant, refusal and use."""
        return self.folder / "ledger.jsonl"

    @property
    def head(self) -> Path:
        """The signed count and last hash of the ledger."""
        return self.folder / "ledger.head.json"

    def require_outside(self, path: Path) -> None:
        """Refuse to write a file of a user into the home, where it could replace the ledger, a grant or a key.

        Raises:
            UsageError: the path, links followed, is in this folder.
        """
        if path.expanduser().resolve().is_relative_to(self.folder.resolve()):
            raise UsageError(f"{path} is in the home of localize, which holds its ledger and keys: write it elsewhere")

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            StoreError: they cannot be made.
        """
        with disk_errors(f"the folder {self.folder}"):
            try:
                with os.scandir(self.folder) as inside:  # at every record of the ledger: a fifth of asking six paths
                    there = {entry.name for entry in inside if entry.is_dir()}
            except FileNotFoundError:
                self.folder.parent.mkdir(parents=True, exist_ok=True)
                self.folder.mkdir(mode=0o700, exist_ok=True)
                there = set()
            for name in _FOLDERS - there:
                (self.folder / name).mkdir(mode=0o700, exist_ok=True)

    def secret(self, name: str) -> bytes:
        """A secret of this home, `keys/<name>.key`; drawn on first use.

        Raises:
            StoreError: it cannot be written, or is damaged.
        """
        path = self.keys / f"{name}.key"
        if not path.exists():
            with keyring.lock_home(self):
                if not path.exists():
                    keyring.write_private(path, secrets.token_hex(32).encode() + b"\n")
        with disk_errors(str(path)):
            found = path.read_bytes()
        if len(found) != 65:
            raise StoreError(f"{path} is no key file: restore it from a backup, or move it away to begin anew")
        return found

    def store_secret(self) -> bytes:
        """What the results in the store are sealed with; empty where this home cannot be written, which cannot dub."""
        return _store_secret(self)


@cache
def _store_secret(home: Home) -> bytes:
    try:
        return home.secret("store")
    except StoreError:
        if (home.keys / "store.key").exists():
            raise
        return b""


def read_regular_file(folder: Path, name: str, limit: int) -> bytes:
    """The bytes of a plain file in a plain folder: no link is followed to either.

    Args:
        folder: where it lies; its parents are trusted.
        name: one path component.
        limit: most bytes to accept.

    Raises:
        OSError: it is not there, is a link, or cannot be read.
        ValueError: it is no plain file or too big.
    """
    if name != Path(name).name or name in ("", ".", ".."):
        raise ValueError(f"{name!r} is no file name")
    inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        # O_NONBLOCK: opening a pipe somebody put there must not wait for its other end.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=inside)
    finally:
        os.close(inside)
    with os.fdopen(file, "rb") as opened:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise ValueError(f"{name} is no plain file")
        data = opened.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"{name} has more than {limit} bytes")
    return data
