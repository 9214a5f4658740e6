"""The result cache: content-addressed blobs, and `@step`, which stores what a leaf call returned.

Over 400 lines: keys, seals, files and locks keep one promise together.

A step's key is the SHA-256 of its qualified name, its version, the shape of its result, the content of *every*
argument and the versions of the packages it says it uses, so a result is found again exactly when nothing that could
change it has changed. Nothing about a voice's consent is ever looked up here. The folder holds nothing but results:
delete it and they are made again.

Files are renamed into place at once and waited for together: after a second of writing, and at the end of each stage
(`Store.commit`). What a loss of power cut short fails its seal or its hash, and is made again.

A record is sealed: an HMAC (RFC 2104) over its key and its result, with a secret of the home. Nobody who can only write
to the store can make one record point to another's sound; what another home sealed counts as not there.

    objects/ab/abcdef….wav     blobs, named by the SHA-256 of their bytes, checked when read; a large one again when
                               its file changed
    steps/ab/abcdef….json      what a call returned
    drafts/<owner>-…           being written; swept when the process that wrote them is gone
    unsent/<owner>-…           names of files that the store of several machines (`remote.py`) lacks

The folder itself is locked (flock): shared by every process that uses the store, alone by the one that prunes it.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import hmac
import inspect
import json
import os
import re
import shutil
import tempfile
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Any, Concatenate, ParamSpec, TypeVar, cast, get_args, get_type_hints

from ..data import Blob
from ..errors import StoreError
from . import reading
from .files import disk_errors, draft_owner, file_identity, fsync_all, identity_of, is_abandoned, sha256_of
from .network import allowed_hosts
from .records import build, shape, to_json
from .remote import AT_ONCE, LIMIT_S, Remote, Unsent, seconds_for
from .threads import begin, in_order

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
_MISSING = object()
_CHECKED = "large blobs checked by "
RECORD_LIMIT = 256 << 20
"""Bytes of a remembered result."""
MOST_RECALLED = 12 << 20
"""Bytes of results that stay in memory once they were read and checked: a run that makes a dub again after a correction
asks for all of them."""
LARGE = 1 << 20
"""Bytes of a blob whose check is remembered: those of a film of twenty minutes are 1.5 GB, hashed for seconds."""
MOST_CHECKED = 1_000
DAY_S = 86_400
BLOB_NAME = re.compile(r"[0-9a-f]{64}(\.\w{1,16})?", re.ASCII)
RECORD_NAME = re.compile(r"[0-9a-f]{64}\.json", re.ASCII)
COMMIT_S = 1.0
"""Results are on the disk after so many seconds of writing, at the latest."""
_WORKS_AHEAD: ContextVar[bool] = ContextVar("works_ahead", default=False)
"""Whether what is done here is work of `Store.make_ahead`, or of a thread that it has help it."""
_HITS: ContextVar[list[str] | None] = ContextVar("hits", default=None)
"""The keys of what was found so far by the work of `Store.remembered`, which makes nothing."""


class _NotRememberedError(Exception):
    """A step that is not in the store was called by the work of `Store.remembered`."""


class Draft:
    """A blob being written: fill `path`; `blob` is set when the `writing` block ends without an error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._blob: Blob | None = None

    @property
    def blob(self) -> Blob:
        """What was stored.

        Raises:
            RuntimeError: read before the block ended.
        """
        if self._blob is None:
            raise RuntimeError("a draft's blob exists when its block has ended")
        return self._blob


@dataclass(frozen=True, slots=True)
class StepCall:
    """A step that was made: by which thread, from when to when on `time.perf_counter`."""

    step: str
    thread: int
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Checked:
    """A blob whose bytes were hashed and are its own, and the file that it was then (see `file_identity`)."""

    sha256: str
    inode: int
    size: int
    changed_ns: int


class Store:
    """Cached results in a folder. Safe for concurrent processes and threads: every file appears whole, by a rename.

    Args:
        folder: made when something is first kept.
        on_damage: called once for every stored file that failed its check and was dropped.
        remote: where several machines keep their results: what is not in the folder is looked for there, checked as
            any file is, and what is made is put there when a stage ends.
    """

    def __init__(
        self, folder: Path, on_damage: Callable[[str], None] | None = None, remote: Remote | None = None
    ) -> None:
        self.folder = folder
        self.remote = remote
        self._unsent = Unsent(folder, remote) if remote is not None else None
        self.hits = 0
        self.made = 0
        self.calls: list[StepCall] = []
        """Every step that was made, as it ended."""
        self.on_damage = on_damage or (lambda _message: None)
        self._trusted: dict[str, tuple[int, int, int]] = {}
        self._checked: dict[str, Checked] | None = None
        self._recalled_bytes = 0
        self._recalled: dict[tuple[str, Any], tuple[tuple[int, int, int], Any, tuple[Blob, ...]]] = {}
        self._secret: Callable[[], bytes] = bytes
        self._release: Callable[[], object] | None = None
        self._lock = threading.Lock()
        self._syncing = threading.Lock()
        self._thread = threading.local()
        self._key_locks: weakref.WeakValueDictionary[str, threading.Lock] = weakref.WeakValueDictionary()
        self._ahead: set[str] = set()
        self._beside: dict[str, Callable[[], object]] = {}
        self._unsynced: list[Path] = []
        self._committed = time.monotonic()
        self._sweep()

    def set_hmac_key(self, secret: Callable[[], bytes]) -> None:
        """Set the HMAC key: results are sealed with it from now on, and only results with that seal are used.

        Args:
            secret: gives the key when it is first needed; an empty one seals nothing.
        """
        self._secret = secret

    @property
    def made_here(self) -> int:
        """How many results the calling thread made."""
        return getattr(self._thread, "made", 0)

    def _count(self, *, hits: Collection[str] = (), made: Collection[str] = ()) -> None:
        """Count results by their keys; what was made ahead of its first use counts as made there."""
        if (found := _HITS.get()) is not None:
            found += hits
            return
        with self._lock:
            if _WORKS_AHEAD.get():
                self._ahead.update(made)
                return
            first = self._ahead.intersection(hits)
            self._ahead -= first
            self.hits += len(hits) - len(first)
            self.made += len(made) + len(first)
        self._thread.made = self.made_here + len(made) + len(first)

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """One thread at a time looks for a result and makes it: another that wants it waits, and finds it."""
        with self._lock:
            alone = self._key_locks.setdefault(key, threading.Lock())
        with alone:
            yield

    def remembered(self, work: Callable[[], T]) -> T | None:
        """What some work gives whose steps are all in the folder; None, and nothing is made, where one is not. What
        lies on another machine is not looked for: several threads get it sooner than one.

        Args:
            work: gives something.
        """
        if self.remote is not None:
            return None
        hits: list[str] = []
        token = _HITS.set(hits)
        try:
            found = work()
        except _NotRememberedError:
            return None
        finally:
            _HITS.reset(token)
        self._count(hits=hits)
        return found

    def make_ahead(self, function: Callable[Concatenate[Store, P], object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Begin a step beside other work: who calls it later waits until it is made, and gets what it would have got.

        What goes wrong is not said here: it is met again there. Nobody waits for what nobody calls for.

        Args:
            function: a step; what it does on one core costs no time where there is another.
            args: of the step, after the store.
            kwargs: the same.
        """

        def work() -> None:
            _WORKS_AHEAD.set(True)
            with suppress(Exception):
                function(self, *args, **kwargs)

        begin(work, f"ahead: {function.__name__}")

    def begin_beside(self, made: Callable[..., object], function: Callable[[], object]) -> None:
        """Begin something in a thread of its own when a step is made next, and not where its result is in the store:
        what will be needed after it can be loaded meanwhile. What goes wrong is not said here.

        Args:
            made: the step.
            function: what is begun.
        """
        self._beside[_name_of(made)] = function

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        """Note in `calls` what the block makes."""
        if beside := self._beside.pop(name, None):
            begin(functools.partial(_silently, beside), f"beside: {name}")
        began = perf_counter()
        yield
        self.calls.append(StepCall(name, threading.get_ident(), began, perf_counter()))

    # -- blobs

    def path(self, blob: Blob) -> Path:
        """Where a blob's bytes lie, after checking them: once in this process, those of a large one once, and again
        where the file is another or was written since, which its change time shows.

        Raises:
            StoreError: the bytes are gone or are not those of the name.
        """
        path = self._object(blob)
        if not self._sound(blob):
            raise StoreError(
                f"{path.name} in the store {self.folder} is damaged: run the same command again to remake it"
            )
        return path

    @contextmanager
    def writing(self, suffix: str) -> Iterator[Draft]:
        """Write one blob: fill the draft's file; when the block ends well it is stored under its hash."""
        with disk_errors(f"the store {self.folder}"), self._draft(suffix) as path:
            draft = Draft(path)
            yield draft
            draft._blob = self._adopt(path, suffix)

    @contextmanager
    def _draft(self, suffix: str) -> Iterator[Path]:
        self._hold()
        drafts = self.folder / "drafts"
        try:
            descriptor, name = tempfile.mkstemp(suffix, f"{draft_owner()}-", drafts)
        except FileNotFoundError:
            drafts.mkdir(parents=True, exist_ok=True)
            self._hold()
            descriptor, name = tempfile.mkstemp(suffix, f"{draft_owner()}-", drafts)
        os.close(descriptor)
        try:
            yield Path(name)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _adopt(self, path: Path, suffix: str) -> Blob:
        blob = Blob(sha256_of(path), path.stat().st_size, suffix)
        target = self._object(blob)
        self._note(target)
        _move(path, target)
        self._written(target)
        self._trusted[blob.sha256] = file_identity(target)
        return blob

    def _object(self, blob: Blob) -> Path:
        return self.folder / "objects" / blob.sha256[:2] / (blob.sha256 + blob.suffix)

    def _sound(self, blob: Blob) -> bool:
        path = self._object(blob)
        with suppress(OSError):  # one look at the disk for what was checked, which is nearly everything
            if self._trusted.get(blob.sha256) == file_identity(path):
                return True
        if path.is_file() and self._is_whole(blob, path):
            return True
        return self._bring(path, blob.size, seconds_for(blob.size)) and self._is_whole(blob, path)

    def _is_whole(self, blob: Blob, path: Path) -> bool:
        known = file_identity(path)
        if blob.size >= LARGE and self._checked_before().get(blob.sha256) == Checked(blob.sha256, *known):
            self._trusted[blob.sha256] = known
            return True
        if path.stat().st_size != blob.size or sha256_of(path) != blob.sha256:
            path.unlink(missing_ok=True)
            again = "is made again" if self.remote is None else "is got or made again"
            self.on_damage(f"{path.name} in the store was damaged and {again}")
            return False
        self._trusted[blob.sha256] = known
        return True

    def _checked_before(self) -> dict[str, Checked]:
        """The large blobs that this process or one before it checked; the record is sealed as every other."""
        if self._checked is None:
            found = self.recall_last(_CHECKED + self._home_mark(), tuple[Checked, ...])
            self._checked = {blob.sha256: blob for blob in found or ()}
        return self._checked

    def _keep_checked(self) -> None:
        """Remember which large blobs were checked. They are on the disk."""
        found = {sha: Checked(sha, *known) for sha, known in self._trusted.copy().items() if known[1] >= LARGE}
        if not found or found.items() <= self._checked_before().items():
            return
        self._checked = dict(list({**self._checked_before(), **found}.items())[-MOST_CHECKED:])
        self.remember_last(_CHECKED + self._home_mark(), tuple(self._checked.values()))

    def _note(self, path: Path) -> None:
        if self._unsent is not None:
            self._unsent.note(self._remote_name(path))

    def _remote_name(self, path: Path) -> str:
        """A file's name on the remote. Results of homes with different seals lie beside each other there:
        else each would put its own in the place of the other's, for ever.
        """
        kind, *rest = path.relative_to(self.folder).parts
        if kind != "steps":
            return "/".join((kind, *rest))
        return "/".join((kind, self._home_mark(), *rest))

    def _home_mark(self) -> str:
        """Tells a home from others that share the store; says nothing of its secret."""
        return hmac.digest(self._secret() or b"none", b"remote", "sha256").hex()[:16]

    def _bring(self, path: Path, limit: int, limit_s: float = LIMIT_S) -> bool:
        """Get a file from the remote, if there is one and it has it. Nothing is known of what came until it is checked.

        Raises:
            StoreError: the disk is full or fails.
        """
        if self.remote is None or self.remote.is_lost:
            return False
        name = self._remote_name(path)
        with disk_errors(f"the store {self.folder}"), self._draft(path.suffix) as draft:
            try:
                if self.remote.fetch(name, draft, limit, limit_s):
                    _move(draft, path)
                    return True
            except ValueError:
                self.on_damage(f"{path.name} in {self.remote.url} was damaged and is made again")
            draft.unlink(missing_ok=True)
            return False

    # -- results

    def recall(self, key: str, kind: Any, *, here: bool = False) -> Any:
        """The stored result of type `kind`, or `MISSING` when there is none that can be trusted.

        Args:
            key: of the result.
            kind: of the result.
            here: whether it is looked for in the folder alone.

        Raises:
            StoreError: the disk is full, so that nothing can be got from another machine.
        """
        path = self._record(key)
        self._hold()
        if not here and self.remote is not None and not path.is_file():
            self._bring(path, RECORD_LIMIT)
        known = self._recalled.get((key, kind))
        if known is not None:
            with suppress(OSError):
                found = path.stat()
                if known[0] == identity_of(found) and all(map(self._sound, known[2])):
                    self._touch(path, found.st_mtime)
                    return known[1]
        try:
            data = reading.read_json(path, RECORD_LIMIT)
            if not hmac.compare_digest(str(data.get("seal", "")), self._seal(key, _canonical(data["result"]))):
                self.on_damage("results in the store that another home made, or somebody changed, are made again")
                return _MISSING
            value = build(kind, data["result"], "result")
            blobs = tuple(_blobs(value))
            sound = all(map(self._sound, blobs))
        except FileNotFoundError:
            return _MISSING
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.on_damage(f"{path.name} in the store was damaged and is made again")
            return _MISSING
        if sound:
            with suppress(OSError):
                found = path.stat()
                self._touch(path, found.st_mtime)
                if self._recalled_bytes + found.st_size <= MOST_RECALLED:
                    self._recalled_bytes += found.st_size
                    self._recalled[key, kind] = (identity_of(path.stat()), value, blobs)
        return value if sound else _MISSING

    def _recall_each(self, keys: Sequence[str], kind: Any) -> dict[str, Any]:
        """What is stored of each key; what lies on another machine comes at once."""
        each = list(dict.fromkeys(keys))
        elsewhere = self.remote is not None and not all(self._record(key).is_file() for key in each)
        return dict(zip(each, in_order(lambda key: self.recall(key, kind), each, AT_ONCE if elsewhere else 1)))

    @staticmethod
    def _touch(path: Path, used_s: float) -> None:
        """Note, to the day, that a result was used: `prune` goes by it."""
        with suppress(OSError):
            if time.time() - used_s > DAY_S:
                os.utime(path)

    def _hold(self) -> None:
        """Share the store's lock as long as this object lives, so that nobody prunes what is in use."""
        if self._release is None and self.folder.is_dir():
            with self._lock, suppress(OSError):  # some network file systems have no locks
                descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
                self._release = weakref.finalize(self, os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_SH)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store alone.

        Raises:
            StoreError: a run uses it.
        """
        if self._release is not None:
            self._release()
            self._release = None
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(f"a run uses the store {self.folder}: try again when it has ended") from None
            except OSError as error:
                raise StoreError(
                    f"the store {self.folder} cannot be held alone: {error.strerror}; delete it when nothing runs"
                ) from error
            yield
        finally:
            os.close(descriptor)

    def remember(self, key: str, step: str, value: Any, *, here: bool = False) -> None:
        """Store a result under its key.

        Args:
            key: of the result.
            step: that made it.
            value: the result.
            here: whether it is of use to this machine alone.
        """
        path = self._record(key)
        result = _canonical(to_json(value))
        text = f'{{"step": {json.dumps(step)}, "result": {result}, "seal": "{self._seal(key, result)}"}}'
        with disk_errors(f"the store {self.folder}"):
            with self._draft(".json") as draft:
                draft.write_bytes(text.encode("ascii"))
                if not here:
                    self._note(path)
                _move(draft, path)
            self._written(path)

    def recall_last(self, place: str, kind: type[T]) -> T | None:
        """What `remember_last` kept of a place; None where nothing, or nothing sound, is kept."""
        value = self.recall(_place_key(place), kind, here=True)
        return None if value is _MISSING else cast(T, value)

    def remember_last(self, place: str, value: Any) -> None:
        """Keep a result as the last of its place, instead of the one before: what is made next may begin with it, after
        it was checked what in it still holds.
        """
        self.remember(_place_key(place), "last", value, here=True)

    def _written(self, path: Path) -> None:
        with self._lock:
            self._unsynced.append(path)
        # A thread that works ahead says nothing, so it must not be the one that meets a full disk for others.
        if not _WORKS_AHEAD.get() and time.monotonic() - self._committed >= COMMIT_S:
            self.flush()

    def commit(self) -> None:
        """Wait until everything that was stored is on the disk, also what another thread is writing to it now, and on
        the remote, if there is one.

        Raises:
            StoreError: the disk is full or fails; what it may not hold is gone from the store.
        """
        self.flush()
        self._keep_checked()
        if self._unsent is not None:
            self._unsent.send()

    def flush(self) -> None:
        """Wait until everything that was stored is on the disk, also what another thread is writing to it now.

        Raises:
            StoreError: the disk is full or fails; what it may not hold is gone from the store.
        """
        with self._syncing:
            with self._lock:
                paths, self._unsynced = self._unsynced, []
            try:
                with disk_errors(f"the store {self.folder}"):
                    fsync_all(paths)
            except StoreError:
                for path in paths:
                    path.unlink(missing_ok=True)
                raise
            self._committed = time.monotonic()

    def _seal(self, key: str, result: str) -> str:
        """The seal of a record: it holds for this key and this `_canonical` result only; "" without a secret."""
        if not (secret := self._secret()):
            return ""
        return hmac.digest(secret, f'["{key}", {result}]'.encode("ascii"), "sha256").hex()

    def _record(self, key: str) -> Path:
        return self.folder / "steps" / key[:2] / f"{key}.json"

    @classmethod
    def open(cls, home: Path, on_damage: Callable[[str], None] | None = None) -> Store:
        """The store at `LOCALIZE_STORE`, else in the user's cache folder. Where that names a remote, what came from
        there lies in `LOCALIZE_STORE_CACHE`, else in the user's cache folder.

        Args:
            home: of the user, whose `localize.toml` says which hosts may be talked to.
            on_damage: as above.

        Raises:
            UsageError: it leads to a host that is not allowed, or is a URL of an unknown kind.
            EngineMissing: the package for such URLs is not installed.
        """
        import platformdirs

        wanted = os.environ.get("LOCALIZE_STORE")
        if not wanted or "://" not in wanted:
            return cls(Path(wanted) if wanted else platformdirs.user_cache_path("localize"), on_damage)
        remote = Remote(wanted, allowed_hosts(home))
        cache = os.environ.get("LOCALIZE_STORE_CACHE")
        folder = Path(cache) if cache else platformdirs.user_cache_path("localize") / "remote"
        return cls(folder / remote.cache_name, on_damage, remote)

    def files(self, kind: str, name: re.Pattern[str]) -> Iterator[Path]:
        """The store's own files of a kind, by their names, in order; no link is followed to them, so that nothing
        outside the store, and nothing that is not the store's, is ever taken away.

        Args:
            kind: "objects" or "steps".
            name: that such a file has; its first two letters are its folder's name.
        """
        folder = self.folder / kind
        if folder.is_symlink():
            return
        for path in sorted(folder.glob("[0-9a-f][0-9a-f]/*")):
            inside = name.fullmatch(path.name) and path.name[:2] == path.parent.name
            if inside and not path.parent.is_symlink() and path.is_file() and not path.is_symlink():
                yield path

    def _sweep(self) -> None:
        drafts = self.folder / "drafts"
        if drafts.is_symlink():
            return
        for draft in drafts.glob("*"):
            if is_abandoned(draft.name.split("-", 1)[0], draft):
                with suppress(OSError):
                    shutil.rmtree(draft) if draft.is_dir() and not draft.is_symlink() else draft.unlink()


def _move(draft: Path, target: Path) -> None:
    """Move a draft to its place, whose folder is rarely missing: asking for it each time would take as long."""
    try:
        draft.replace(target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(target)


def _silently(function: Callable[[], object]) -> None:
    with suppress(Exception):
        function()


def _name_of(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _place_key(place: str) -> str:
    return hashlib.sha256(f"last of {place}".encode("utf-8", "backslashreplace")).hexdigest()


def _canonical(result: Any) -> str:
    """A result as it is kept and sealed."""
    return json.dumps(result, sort_keys=True)


def _blobs(value: Any) -> Iterator[Blob]:
    if isinstance(value, Blob):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _blobs(item)
    elif isinstance(value, dict):
        yield from _blobs(tuple(value.values()))
    elif hasattr(value, "__dataclass_fields__"):
        yield from _blobs(tuple(getattr(value, name) for name in value.__dataclass_fields__))


def _content(name: str, value: Any) -> Any:
    if fingerprint := getattr(value, "fingerprint", None):
        return {"fingerprint": fingerprint}
    try:
        return to_json(value, content_only=True)
    except TypeError as error:
        raise StoreError(f"argument {name!r} of a cached step has no content: {error}") from error


def _key(name: str, version: int, result: Any, arguments: dict[str, Any], packages: dict[str, str]) -> str:
    parts = [name, version, shape(result), {k: _content(k, v) for k, v in arguments.items()}]
    text = json.dumps(
        [*parts, packages] if packages else parts,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _require_making() -> None:
    """Raise where nothing is to be made."""
    if _HITS.get() is not None:
        raise _NotRememberedError


@functools.cache
def package_version(package: str) -> str:
    """The version of an installed package; "" where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


@functools.cache
def _result_of(function: Callable[..., Any]) -> Any:
    return get_type_hints(function)["return"]


def step(
    version: int, *, each: str | None = None, uses: Sequence[str] = ()
) -> Callable[[Callable[Concatenate[Store, P], R]], Callable[Concatenate[Store, P], R]]:
    """Cache the result of a pure function in the store.

    The function's first parameter is the store; every other argument is part of the key: records by their JSON,
    engines by their `fingerprint`. Raise `version` when the code changes what it returns.

    Args:
        version: of the code.
        each: the name of a parameter that holds a sequence. Then the function returns a tuple with one result an item,
            each item is remembered alone, and the function is called with only the items not known yet. One edited
            line costs one line.
        uses: the packages whose code or weights decide the result: their versions are part of the key, and so is that
            one is missing.

    Raises:
        StoreError: at the call, for an argument without content.
    """

    def wrap(function: Callable[Concatenate[Store, P], R]) -> Callable[Concatenate[Store, P], R]:
        name = _name_of(function)
        signature = inspect.signature(function)

        @functools.wraps(function)
        def call(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> R:
            result = _result_of(function)
            bound = signature.bind(store, *args, **kwargs)
            bound.apply_defaults()
            arguments = dict(list(bound.arguments.items())[1:])
            packages = {package: package_version(package) for package in uses}
            if each is not None:
                kind = get_args(result)[0]
                return cast(R, _call_each(store, name, version, function, arguments, each, kind, packages))
            key = _key(name, version, result, arguments, packages)
            with store._alone(key):
                value = store.recall(key, result)
                if value is _MISSING:
                    _require_making()
                    with store._timed(name):
                        value = function(store, *args, **kwargs)
                    store.remember(key, name, value)
                    store._count(made=(key,))
                else:
                    store._count(hits=(key,))
            return cast(R, value)

        return call

    return wrap


def _call_each(
    store: Store,
    name: str,
    version: int,
    function: Callable[..., Any],
    arguments: dict[str, Any],
    each: str,
    kind: Any,
    packages: dict[str, str],
) -> tuple[Any, ...]:
    items: Sequence[Any] = arguments[each]
    keys = [_key(name, version, kind, {**arguments, each: item}, packages) for item in items]
    known = store._recall_each(keys, kind)
    missing = {key: item for key, item in zip(keys, items) if known[key] is _MISSING}
    store._count(hits=list((Counter(keys) - Counter(missing.keys())).elements()))
    if missing:
        _require_making()
        with store._timed(name):
            made = function(store, **{**arguments, each: tuple(missing.values())})
        for key, value in zip(missing, made, strict=True):
            store.remember(key, name, value)
            known[key] = value
        store._count(made=missing)
    return tuple(known[key] for key in keys)
