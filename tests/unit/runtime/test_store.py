"""The cache: found again exactly when nothing changed, remade when damaged, whole whatever is killed or full.

Over 400 lines: every damage is tried on the same few steps.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, make_dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localize.data import NOT_CONTENT, Blob, Source, Span, Voice
from localize.errors import StoreError
from localize.events import Run
from localize.runtime import files
from localize.runtime import store as store_module
from localize.runtime.files import atomic_write, sha256_of, sweep_drafts, write_json, write_text
from localize.runtime.store import Store, package_version, step
from localize.runtime.threads import in_order

CALLS: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


@dataclass(frozen=True)
class Engine:
    fingerprint: str
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Clip:
    span: Span
    where: str = field(metadata=NOT_CONTENT, default="")


@step(version=1)
def described(store: Store, engine: Engine, clip: Clip, number: float, words: tuple[str, ...] = ("a",)) -> str:
    CALLS["described"] += 1
    return f"{engine.fingerprint} {clip.span.start_ms} {number} {words}"


@step(version=1)
def written(store: Store, text: str) -> Blob:
    CALLS["written"] += 1
    with store.writing(".txt") as draft:
        draft.path.write_text(text, encoding="utf-8")
    return draft.blob


@step(version=1)
def pair(store: Store, text: str) -> dict[str, tuple[Blob, ...]]:
    CALLS["pair"] += 1
    return {"both": (written(store, text), written(store, text + "!"))}


@step(version=1, each="items")
def doubled(store: Store, items: tuple[int, ...], by: int = 2) -> tuple[int, ...]:
    CALLS["doubled"] += 1
    CALLS["items"] += len(items)
    return tuple(by * item for item in items)


# --- keys ------------------------------------------------------------------------------------------------------------

BASE: dict[str, Any] = {
    "engine": Engine("e 1"),
    "clip": Clip(Span(0, 1)),
    "number": 1.0,
    "words": ("a",),
}


@pytest.mark.parametrize(
    "changed",
    [
        {"engine": Engine("e 2")},
        {"clip": Clip(Span(0, 2))},
        {"number": 2.0},
        {"number": 1},
        {"number": True},
        {"words": ("a", "")},
        {"words": ()},
        {"words": ("A",)},
    ],
)
def test_every_argument_is_part_of_the_key(store: Store, changed: dict[str, Any]) -> None:
    described(store, **BASE)
    described(store, **{**BASE, **changed})
    assert CALLS["described"] == 2
    described(store, **BASE)
    assert CALLS["described"] == 2
    assert (store.hits, store.made) == (1, 2)


def test_how_an_argument_is_given_does_not_matter(store: Store) -> None:
    first = described(store, BASE["engine"], BASE["clip"], 1.0)
    again = described(store, words=("a",), number=1.0, clip=BASE["clip"], engine=BASE["engine"])
    assert first == again
    assert CALLS["described"] == 1


def test_what_is_no_content_does_not_count(store: Store) -> None:
    described(store, Engine("e 1", threads=1), Clip(Span(0, 1), "/home/a"), 1.0)
    described(store, Engine("e 1", threads=8), Clip(Span(0, 1), "/mnt/b"), 1.0)
    assert CALLS["described"] == 1


def test_the_users_paths_are_no_content(store: Store) -> None:
    @step(version=1)
    def heard(store: Store, source: Source, voice: Voice) -> int:
        CALLS["heard"] += 1
        return source.size

    source = Source("ab" * 32, 7, "/one/film.mp4")
    voice = Voice("v", "V", ("es",), "female", "kokoro", (("style.bin", "00"),), "/one")
    heard(store, source, voice)
    heard(store, replace(source, path="/two/other.mkv"), replace(voice, folder="/two"))
    assert CALLS["heard"] == 1
    heard(store, replace(source, sha256="cd" * 32), voice)
    heard(store, source, replace(voice, files=(("style.bin", "01"),)))
    assert CALLS["heard"] == 3


@pytest.mark.parametrize("value", [object(), open, b"bytes", {"a": object()}])
def test_an_argument_without_content_is_refused(store: Store, value: Any) -> None:
    @step(version=1)
    def anything(store: Store, thing: Any) -> int:
        return 1

    with pytest.raises(StoreError, match="'thing'"):
        anything(store, value)


@pytest.mark.parametrize("text", ["\ud83d", "a\udce9b"])
def test_text_that_no_encoding_holds_can_be_an_argument_and_a_result(store: Store, text: str) -> None:
    """A JSON file can hold half a surrogate pair, a file name a byte that is no UTF-8: both get into text."""

    @step(version=1)
    def same(store: Store, text: str) -> str:
        CALLS["same"] += 1
        return text

    assert same(store, text) == same(store, text) == text
    assert CALLS["same"] == 1


def test_a_new_version_is_made_again(store: Store) -> None:
    def same(version: int) -> Callable[[Store], int]:
        @step(version=version)
        def answer(store: Store) -> int:
            CALLS["answer"] += 1
            return version

        return answer

    assert [same(v)(store) for v in (1, 2, 1, 2)] == [1, 2, 1, 2]
    assert CALLS["answer"] == 2


def test_another_shape_of_the_result_is_made_again(store: Store) -> None:
    def returning(kind: Any, value: Any) -> Any:
        def answer(store: Store) -> Any:
            CALLS["answer"] += 1
            return value

        answer.__annotations__["return"] = kind
        return step(version=1)(answer)(store)

    old = make_dataclass("Result", [("a", int)], frozen=True)
    new = make_dataclass("Result", [("a", int), ("b", str)], frozen=True)
    assert returning(old, old(1)) == old(1)
    assert returning(new, new(1, "x")) == new(1, "x")
    assert returning(old, old(1)) == old(1)
    assert CALLS["answer"] == 2


def test_two_functions_of_one_name_do_not_share_results(store: Store) -> None:
    def make(result: int) -> Any:
        def answer(store: Store) -> int:
            return result

        answer.__qualname__ = f"answer_{result}"
        return step(version=1)(answer)

    assert (make(1)(store), make(2)(store)) == (1, 2)


@pytest.mark.costly
@settings(max_examples=30)
@given(st.lists(st.integers(-5, 5), max_size=6), st.lists(st.integers(-5, 5), max_size=6))
def test_each_item_is_remembered_alone(first: list[int], second: list[int]) -> None:
    import tempfile

    CALLS.clear()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        assert doubled(store, tuple(first)) == tuple(2 * n for n in first)
        assert doubled(store, items=tuple(second)) == tuple(2 * n for n in second)
        new = set(second) - set(first)
        assert CALLS["items"] == len(set(first)) + len(new)
        assert store.made == len(set(first)) + len(new)
        assert store.hits == len(first) - len(set(first)) + len(second) - len(new)


def test_each_item_depends_on_the_other_arguments(store: Store) -> None:
    assert doubled(store, (1, 2), 2) == (2, 4)
    assert doubled(store, (1, 2), 3) == (3, 6)
    assert CALLS["doubled"] == 2


def test_a_result_is_the_same_from_the_store(tmp_path: Path) -> None:
    first = pair(Store(tmp_path), "text")
    store = Store(tmp_path)
    again = pair(store, "text")
    assert again == first
    assert (store.hits, store.made) == (1, 0)
    assert [store.path(b).read_text() for b in again["both"]] == ["text", "text!"]


# --- damage ----------------------------------------------------------------------------------------------------------


def harm_nothing(path: Path) -> None:
    path.write_bytes(b"")


def harm_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def harm_by_cutting(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [harm_nothing, harm_a_byte, harm_by_cutting, Path.unlink])
def test_a_damaged_blob_is_dropped_said_once_and_made_again(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    blob = written(Store(tmp_path), "a text of some length")
    place = Store(tmp_path).path(blob)
    harm(place)
    said: list[str] = []
    store = Store(tmp_path, said.append)
    assert written(store, "a text of some length") == blob
    assert CALLS["written"] == 2
    assert store.path(blob).read_text() == "a text of some length"
    assert written(store, "a text of some length") == blob
    assert CALLS["written"] == 2
    assert len(said) == (0 if harm is Path.unlink else 1)


def test_a_damaged_blob_deep_in_a_result_is_found(tmp_path: Path) -> None:
    result = pair(Store(tmp_path), "deep")
    harm_a_byte(Store(tmp_path).path(result["both"][1]))
    store = Store(tmp_path)
    assert pair(store, "deep") == result
    assert CALLS["pair"] == 2
    assert store.path(result["both"][1]).read_text() == "deep!"


def test_damaged_bytes_are_never_handed_out(tmp_path: Path) -> None:
    blob = written(Store(tmp_path), "right")
    harm_a_byte(Store(tmp_path).path(blob))
    with pytest.raises(StoreError, match="run the same command again"):
        Store(tmp_path).path(blob)


LONG = "a" * store_module.LARGE


def kept_long(folder: Path, secret: bytes = b"one") -> Blob:
    """A large blob, made by a run that has ended."""
    store = sealed(folder, secret)
    blob = written(store, LONG)
    store.commit()
    return blob


def test_a_large_blob_is_hashed_again_only_where_its_file_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob, hashed = kept_long(tmp_path), list[Path]()
    monkeypatch.setattr(store_module, "sha256_of", lambda path: (hashed.append(path), sha256_of(path))[1])
    path = sealed(tmp_path, b"one").path(blob)
    assert hashed == []
    assert sealed(tmp_path, b"two").path(blob) == path, "what another home checked counts for nothing"
    os.utime(path)
    assert sealed(tmp_path, b"one").path(blob) == path
    assert hashed == [path, path]


@pytest.mark.parametrize("harm", [harm_nothing, harm_a_byte, harm_by_cutting, Path.unlink])
def test_a_large_blob_that_was_damaged_after_its_check_is_made_again(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    blob = kept_long(tmp_path)
    place = Store(tmp_path).path(blob)
    times = place.stat()
    harm(place)
    if place.exists():
        os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))  # nobody can set the time of the change itself
    again = sealed(tmp_path, b"one")
    assert written(again, LONG) == blob
    assert CALLS["written"] == 2
    assert again.path(blob).read_text() == LONG


def test_two_homes_that_share_a_store_say_nothing_of_each_others_checks(tmp_path: Path) -> None:
    for secret in (b"one", b"two", b"one"):
        told: list[str] = []
        store = sealed(tmp_path, secret, told)
        blob = written(store, f"{secret!r}{LONG}")
        store.commit()
        assert sealed(tmp_path, secret, told).path(blob).stat().st_size == blob.size
        assert told == []


@pytest.mark.parametrize(
    "record",
    [b"", b"{", b"[]", b"{}", b"null", b"\xff\xfe", b'{"result": 3}', b'{"result": {"sha256": "x"}}', b"[" * 5000],
)
def test_a_damaged_record_is_made_again(tmp_path: Path, record: bytes) -> None:
    written(Store(tmp_path), "x")
    (path,) = (tmp_path / "steps").glob("*/*.json")
    path.write_bytes(record)
    said: list[str] = []
    written(Store(tmp_path, said.append), "x")
    assert CALLS["written"] == 2
    assert len(said) == 1
    written(Store(tmp_path), "x")
    assert CALLS["written"] == 2


def sealed(folder: Path, secret: bytes, told: list[str] | None = None) -> Store:
    store = Store(folder, (told if told is not None else []).append)
    store.set_hmac_key(lambda: secret)
    return store


def test_only_what_bears_the_homes_seal_is_believed(tmp_path: Path) -> None:
    first = sealed(tmp_path, b"one")
    doubled(first, (1, 2))
    again = sealed(tmp_path, b"one")
    assert doubled(again, (1, 2)) == (2, 4)
    assert (again.hits, again.made) == (2, 0)
    for secret in (b"two", b""):
        told: list[str] = []
        other = sealed(tmp_path, secret, told)
        assert doubled(other, (1, 2)) == (2, 4)
        assert other.hits == 0
        assert set(told) == {"results in the store that another home made, or somebody changed, are made again"}


def test_a_record_moved_changed_or_unsealed_is_made_again(tmp_path: Path) -> None:
    store = sealed(tmp_path, b"one")
    doubled(store, (1, 2))
    one, two = sorted((tmp_path / "steps").rglob("*.json"))
    said, other = json.loads(one.read_text()), json.loads(two.read_text())
    forged = (
        other,
        {**said, "result": 99},
        {**said, "result": 99, "seal": ""},
        {k: v for k, v in said.items() if k != "seal"},
        {**said, "seal": "é"},
        {**said, "seal": None},
    )
    for record in forged:
        one.write_text(json.dumps(record))
        store = sealed(tmp_path, b"one")
        assert doubled(store, (1, 2)) == (2, 4)
        assert (store.hits, store.made) == (1, 1), record


def test_a_function_that_fails_leaves_nothing(store: Store) -> None:
    @step(version=1)
    def failing(store: Store) -> Blob:
        with store.writing(".bin") as draft:
            draft.path.write_bytes(b"half")
            raise KeyError("no")

    with pytest.raises(KeyError):
        failing(store)
    assert [p for p in store.folder.rglob("*") if p.is_file()] == []


def test_a_draft_has_no_blob_before_its_block_ends(store: Store) -> None:
    with store.writing(".txt") as draft:
        draft.path.write_text("x")
        with pytest.raises(RuntimeError):
            _ = draft.blob
    assert draft.blob.sha256 == sha256_of(store.path(draft.blob))


# --- many at once, killed, full --------------------------------------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
from test_store import *
store = Store(Path({folder!r}))
"""


def child(folder: Path, code: str, *before: str, **more: Any) -> subprocess.Popen[str]:
    text = CHILD.format(paths=[str(Path(__file__).parent), *sys.path], folder=str(folder)) + code
    return subprocess.Popen(
        [*before, sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )


@pytest.mark.slow
def test_many_processes_write_one_store_at_once(tmp_path: Path) -> None:
    code = """
for n in [*range(30), *range(30)]:
    blob = written(store, f"text {n}" * 2000)
    assert store.path(blob).read_text() == f"text {n}" * 2000
    assert doubled(store, tuple(range(n))) == tuple(2 * i for i in range(n))
"""
    workers = [child(tmp_path, code) for _ in range(4)]
    for worker in workers:
        _, errors = worker.communicate()
        assert worker.returncode == 0, errors
    store = Store(tmp_path)
    for path in (tmp_path / "objects").rglob("*.txt"):
        assert path.stem == sha256_of(path)
    assert len(list((tmp_path / "objects").rglob("*.txt"))) == 30
    assert [written(store, f"text {n}" * 2000) for n in range(30)]
    assert (store.hits, store.made) == (30, 0)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file() and p.suffix not in (".txt", ".json")] == []
    assert list((tmp_path / "drafts").iterdir()) == []


KILLED = {
    "while a blob is filled": """
with store.writing(".txt") as draft:
    draft.path.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
""",
    "before a blob is moved": """
Path.replace = lambda path, target: os.kill(os.getpid(), signal.SIGKILL)
written(store, "whole")
""",
    "before a record is moved": """
real = Path.replace
killed = lambda: os.kill(os.getpid(), signal.SIGKILL)
Path.replace = lambda path, target: real(path, target) if path.suffix == ".txt" else killed()
written(store, "whole")
""",
    "before they are on the disk": """
import localize.runtime.store
localize.runtime.store.fsync_all = lambda paths: os.kill(os.getpid(), signal.SIGKILL)
written(store, "whole")
store.commit()
""",
}


@pytest.mark.costly
@pytest.mark.parametrize("moment", KILLED)
def test_what_a_killed_run_left_is_swept_and_its_result_is_made(tmp_path: Path, moment: str) -> None:
    killed = child(tmp_path, KILLED[moment])
    assert killed.wait() == -signal.SIGKILL, killed.communicate()
    left = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert left, "the run was killed before it wrote anything"
    store = Store(tmp_path)
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert all(p.stem == sha256_of(p) or json.loads(p.read_text())["result"] for p in files), f"left behind: {files}"
    assert store.path(written(store, "whole")).read_text() == "whole"


def test_what_a_living_run_is_writing_is_not_swept(store: Store) -> None:
    with store.writing(".txt") as draft:
        draft.path.write_text("mine")
        Store(store.folder)
        assert draft.path.is_file()
    assert store.path(draft.blob).read_text() == "mine"


FULL = """
from localize.errors import StoreError
from localize.events import Run
from localize.runtime import files
from localize.runtime import store as store_module
said = ""
try:
    {action}
except StoreError as error:
    said = error.message
files = [p for p in Path("/mnt").rglob("*") if p.is_file()]
assert all(p.stem == sha256_of(p) or json.loads(p.read_text())["result"] for p in files), files
print(said)
"""


@pytest.mark.costly
@pytest.mark.parametrize(
    "action",
    [
        'written(store, "x" * 300_000)',
        "[written(store, str(n) * 3000) for n in range(90)]",
        "[described(store, Engine(str(n)), Clip(Span(0, 1)), 1.0, ('x' * 3000,)) for n in range(90)]",
        'write_json(Path("/mnt/report.json"), ["x" * 300_000])',
    ],
)
def test_a_full_disk_is_one_clear_error_and_leaves_nothing_half(
    action: str, small_disk: Callable[[int], list[str]]
) -> None:
    result = child(Path("/mnt"), FULL.format(action=action), *small_disk(200))
    out, errors = result.communicate()
    assert result.returncode == 0, errors
    assert "the disk is full while writing" in out, out + errors
    assert "free some space" in out


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EDQUOT, "the disk is full"), (errno.EIO, "cannot write")],
)
def test_a_failing_disk_is_a_store_error(store: Store, monkeypatch: pytest.MonkeyPatch, number: int, said: str) -> None:
    def failing(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    def failing_for_all(_: int) -> int:
        ctypes.set_errno(number)
        return -1

    monkeypatch.setattr(os, "fsync", failing)
    monkeypatch.setattr(files, "_syncfs", lambda: failing_for_all)
    for count in (1, files.FEW + 1):
        for n in range(count):
            written(store, f"x{n}")
        with pytest.raises(StoreError, match=said) as caught:
            store.commit()
        assert isinstance(caught.value.__cause__, OSError)
        assert [p for p in store.folder.rglob("*") if p.is_file()] == []


def test_results_are_waited_for_together_each_second_and_where_a_stage_ends(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[int] = []
    monkeypatch.setattr(store_module, "fsync_all", lambda paths: waits.append(len(paths)))
    began, clock = time.monotonic(), iter(range(10_000))
    monkeypatch.setattr(store_module, "time", SimpleNamespace(monotonic=lambda: began + next(clock) / 100))
    run.store._committed = began
    with run.stage("translate"):
        for n in range(250):
            doubled(run.store, (n,))
    assert sum(waits) == 250
    assert len(waits) == 3, "after a second twice, and at the end"
    with suppress(ValueError), run.stage("translate"):
        doubled(run.store, (1000,))
        raise ValueError
    assert waits[3:] == [1], "also where the stage fails"


def test_a_store_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match="cannot write"):
        written(Store(tmp_path / "file" / "store"), "x")


# --- single files ----------------------------------------------------------------------------------------------------


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json(path, {"a": "é", "b": [1, 2]})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": "é", "b": [1, 2]}

    def failing() -> None:
        with atomic_write(path) as draft:
            draft.write_text("half")
            assert json.loads(path.read_text()) == {"a": "é", "b": [1, 2]}
            raise KeyError("no")

    with pytest.raises(KeyError):
        failing()
    assert json.loads(path.read_text()) == {"a": "é", "b": [1, 2]}
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize("name", ["x" * 240 + ".json", "é" * 110 + ".json", "a\nb.json", "-x", ".hidden"])
def test_any_name_a_disk_takes_can_be_written(tmp_path: Path, name: str) -> None:
    write_text(tmp_path / name, "text")
    assert (tmp_path / name).read_text() == "text"
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_text_that_utf8_cannot_hold_is_written_escaped(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"name": "\udce9.mp4"})
    assert json.loads((tmp_path / "x.json").read_bytes().decode("utf-8")) == {"name": "\udce9.mp4"}


@pytest.mark.costly
def test_drafts_of_the_dead_are_swept_from_a_folder(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    living = child(tmp_path, "sys.stdin.read()", stdin=subprocess.PIPE)
    try:
        left = tmp_path / f".localize-{dead.pid}-1-a.json"
        kept = tmp_path / f".localize-{living.pid}-1-b.json"
        for path in (left, kept, tmp_path / "theirs.json"):
            path.write_text("x")
        sweep_drafts(tmp_path)
        assert sorted(p.name for p in tmp_path.iterdir()) == sorted([kept.name, "theirs.json"])
    finally:
        living.communicate("")


def test_a_step_is_made_again_when_a_package_it_uses_changes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    versions = {"voices": "1.0"}
    monkeypatch.setattr("localize.runtime.store.package_version", lambda package: versions.get(package, ""))

    @step(version=1, uses=("voices", "not-installed"))
    def length(store: Store, text: str) -> int:
        made.append(text)
        return len(text)

    @step(version=1, each="texts", uses=("voices",))
    def lengths(store: Store, texts: tuple[str, ...]) -> tuple[int, ...]:
        made.extend(texts)
        return tuple(map(len, texts))

    for _ in range(2):
        assert length(store, "one") == 3
        assert lengths(store, ("three", "four")) == (5, 4)
    assert made == ["one", "three", "four"]
    versions["voices"] = "1.1"
    length(store, "one")
    lengths(store, ("three", "four"))
    versions["not-installed"] = "0.1"
    length(store, "one")
    assert made == ["one", "three", "four", "one", "three", "four", "one"]


def test_a_package_has_a_version_or_none() -> None:
    assert re.match(r"\d", package_version("numpy"))
    assert package_version("no-such-package-of-anybody") == ""


@step(version=1)
def text_of(store: Store, number: int) -> Blob:
    with store.writing(".txt") as draft:
        draft.path.write_text(str(number))
    return draft.blob


def test_a_full_disk_is_met_by_the_run_and_not_by_what_is_made_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    kept = text_of(store, 1)
    met = []

    def full(_paths: list[Path]) -> None:
        met.append(threading.current_thread())
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module, "COMMIT_S", 0.0)
    monkeypatch.setattr(store_module, "fsync_all", full)
    store.make_ahead(text_of, 2)
    for thread in threading.enumerate():
        if thread.name == "ahead: text_of":
            thread.join()
    assert store.path(kept).read_text() == "1"
    with pytest.raises(StoreError, match="disk is full"):
        store.commit()
    assert met == [threading.current_thread()]


AHEAD = SimpleNamespace(begun=threading.Event(), may_end=threading.Event())


@step(version=1)
def taking_long(store: Store, number: int) -> int:
    CALLS["taking_long"] += 1
    AHEAD.begun.set()
    AHEAD.may_end.wait()
    if number < 0 and CALLS["taking_long"] == 1:
        raise StoreError("failed ahead")
    return number + 1


@pytest.mark.parametrize(("number", "calls"), [(1, 1), (-5, 2)])
def test_what_was_begun_ahead_is_waited_for_and_an_error_is_met_again(tmp_path: Path, number: int, calls: int) -> None:
    store = Store(tmp_path)
    AHEAD.begun.clear()
    AHEAD.may_end.clear()
    store.make_ahead(taking_long, number)
    AHEAD.begun.wait()
    assert (store.hits, store.made) == (0, 0), "what nobody called for yet is not counted"
    threading.Timer(0, AHEAD.may_end.set).start()
    assert taking_long(store, number) == number + 1
    assert (CALLS["taking_long"], store.hits, store.made, store.made_here) == (calls, 0, 1, 1)
    assert taking_long(store, number) == number + 1
    assert (CALLS["taking_long"], store.hits, store.made) == (calls, 1, 1)


def test_what_is_begun_beside_a_step_is_begun_only_where_the_step_is_made(tmp_path: Path) -> None:
    store, begun = Store(tmp_path), threading.Event()
    store.begin_beside(text_of, begun.set)
    text_of(store, 1)
    assert begun.wait(60)
    begun.clear()
    store.begin_beside(text_of, begun.set)
    text_of(store, 1)
    assert not [t for t in threading.enumerate() if t.name.startswith("beside")]
    assert not begun.is_set(), "its result was in the store"


def test_threads_that_help_what_is_made_ahead_count_with_it(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def several(store: Store) -> list[Blob]:
        return list(in_order(lambda number: text_of(store, number), range(4), 2))

    store.make_ahead(several)
    for thread in threading.enumerate():
        if thread.name.startswith("ahead"):
            thread.join()
    assert (store.hits, store.made) == (0, 0), "nobody called for it yet"
    several(store)
    assert (store.hits, store.made) == (0, 4)


def test_what_is_remembered_is_given_and_counted_and_nothing_is_made(tmp_path: Path) -> None:
    store = Store(tmp_path)
    doubled(store, (1, 2))
    written(store, "known")
    made, hits = store.made, store.hits
    CALLS.clear()

    assert store.remembered(lambda: (doubled(store, (2, 1)), written(store, "known").size)) == ((4, 2), 5)
    assert (store.made, store.hits) == (made, hits + 3)
    assert store.remembered(lambda: (doubled(store, (1,)), doubled(store, (1, 3)))) is None
    assert store.remembered(lambda: (doubled(store, (1,)), written(store, "new"))) is None
    assert (store.made, store.hits) == (made, hits + 3), "what was looked for in vain counts for nothing"
    assert not CALLS
    assert doubled(store, (1, 3)) == (2, 6), "steps are made again afterwards"
