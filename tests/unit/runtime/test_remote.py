"""A store that several machines share: a real S3 server on this machine, and a folder, each met by two caches.

Over 400 lines: every fault is tried on the same two machines.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import pickle
import re
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from localize.data import Blob
from localize.errors import EngineMissing, StoreError, UsageError
from localize.events import Run, Warned
from localize.runtime import network, remote
from localize.runtime.pruning import measure_store, prune_store
from localize.runtime.remote import AGAIN_S, Remote
from localize.runtime.store import Store, step

pytest.importorskip("s3fs")
pytestmark = pytest.mark.costly
moto = pytest.importorskip("moto.server")
boto3 = pytest.importorskip("boto3")
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
MADE: Counter[str] = Counter()
BUCKETS = count()


@step(version=1)
def written(store: Store, text: str) -> Blob:
    MADE["written"] += 1
    with store.writing(".txt") as draft:
        draft.path.write_text(text, encoding="utf-8")
    return draft.blob


@step(version=1, each="texts")
def spoken(store: Store, texts: tuple[str, ...]) -> tuple[Blob, ...]:
    MADE["spoken"] += len(texts)
    found = []
    for text in texts:
        with store.writing(".wav") as draft:
            draft.path.write_text(text * 100, encoding="utf-8")
        found.append(draft.blob)
    return tuple(found)


@dataclass
class Place:
    """A remote, seen from its own side."""

    url: str
    client: Any
    bucket: str
    prefix: str
    folder: Path
    told: list[str] = field(default_factory=list)

    def names(self) -> list[str]:
        if self.client is None:
            files = [path for path in self.folder.rglob("*") if path.is_file()]
            return sorted(path.relative_to(self.folder).as_posix() for path in files)
        found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix).get("Contents", [])
        return sorted(each["Key"].removeprefix(self.prefix) for each in found)

    def named(self, start: str) -> str:
        (name,) = [name for name in self.names() if name.startswith(start)]
        return name

    def read(self, name: str) -> bytes:
        if self.client is None:
            return (self.folder / name).read_bytes()
        body: bytes = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"].read()
        return body

    def write(self, name: str, data: bytes) -> None:
        if self.client is None:
            (self.folder / name).write_bytes(data)
        else:
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=data)

    def remove(self, name: str) -> None:
        if self.client is None:
            (self.folder / name).unlink()
        else:
            self.client.delete_object(Bucket=self.bucket, Key=self.prefix + name)

    def machine(self, cache: Path, secret: bytes = b"one") -> Store:
        """The store of a machine that has a folder of its own."""
        found = Remote(self.url)
        found.on_loss = self.told.append
        store = Store(cache, self.told.append, found)
        store.set_hmac_key(lambda: secret)
        return store


def client(port: int) -> Any:
    return boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )  # fmt: skip


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture(autouse=True)
def _client_settings(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MADE.clear()
    for name in [name for name in os.environ if name.startswith(("AWS_", "FSSPEC_"))]:
        monkeypatch.delenv(name)
    given = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(port: int, tmp_path: Path) -> Place:
    name = f"season-{next(BUCKETS)}"
    s3 = client(port)
    s3.create_bucket(Bucket=name)
    return Place(f"s3://{name}/show one/ü+%20 'b'", s3, name, "show one/ü+%20 'b'/", tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    path = tmp_path / "mounted" / "a b%20ü"
    path.mkdir(parents=True)
    return Place(f"file://{path}", None, "", "", path)


@pytest.fixture(params=["bucket", "folder"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


TEXTS = ("one", "two", "three")


def filled(place: Place, cache: Path) -> None:
    """One machine makes everything and puts it there."""
    store = place.machine(cache)
    written(store, "whole")
    spoken(store, TEXTS)
    store.commit()
    assert place.told == []


# --- two machines ----------------------------------------------------------------------------------------------------


def test_a_second_machine_makes_nothing_twice(place: Place, tmp_path: Path) -> None:
    filled(place, tmp_path / "a")
    assert len([name for name in place.names() if name.startswith("objects/")]) == 4
    assert len([name for name in place.names() if name.startswith("steps/")]) == 4
    assert list((tmp_path / "a" / "unsent").iterdir()) == []
    second = place.machine(tmp_path / "b")
    assert second.path(written(second, "whole")).read_text() == "whole"
    assert [second.path(blob).read_text() for blob in spoken(second, (*TEXTS, "one"))][1] == "two" * 100
    assert (MADE["written"], MADE["spoken"], second.made, second.hits) == (1, 3, 0, 5)
    assert place.told == []
    assert list((tmp_path / "b" / "drafts").iterdir()) == []


def test_only_what_is_missing_is_made(place: Place, tmp_path: Path) -> None:
    filled(place, tmp_path / "a")
    second = place.machine(tmp_path / "b")
    spoken(second, ("four", *TEXTS))
    assert (MADE["spoken"], second.made, second.hits) == (4, 1, 3)
    second.commit()
    third = place.machine(tmp_path / "c")
    spoken(third, ("four", *TEXTS))
    assert (third.made, third.hits) == (0, 4)


def test_nothing_is_put_there_before_a_stage_ends(place: Place, tmp_path: Path) -> None:
    store = place.machine(tmp_path / "a")
    written(store, "whole")
    store.flush()
    assert place.names() == []
    store.commit()
    assert len(place.names()) == 2


def test_two_machines_that_make_the_same_at_once_agree(place: Place, tmp_path: Path) -> None:
    both = [place.machine(tmp_path / name) for name in "ab"]
    for store in both:
        spoken(store, TEXTS)
    threads = [threading.Thread(target=store.commit) for store in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(place.names()) == 6
    third = place.machine(tmp_path / "c")
    assert [third.path(blob).read_text() for blob in spoken(third, TEXTS)] == [text * 100 for text in TEXTS]
    assert (third.made, place.told) == (0, [])


def test_homes_with_other_seals_leave_each_other_alone(place: Place, tmp_path: Path) -> None:
    filled(place, tmp_path / "a")
    for cache in "bc":
        store = place.machine(tmp_path / cache, b"two")
        written(store, "whole")
        store.commit()
    assert MADE["written"] == 2
    again = place.machine(tmp_path / "d")
    written(again, "whole")
    assert (MADE["written"], place.told) == (2, [])


def test_a_hint_of_one_machine_stays_there(place: Place, tmp_path: Path) -> None:
    store = place.machine(tmp_path / "a")
    store.remember_last("mix.wav", "text")
    store.commit()
    assert place.names() == []
    assert store.recall_last("mix.wav", str) == "text"
    assert place.machine(tmp_path / "b").recall_last("mix.wav", str) is None


# --- what is not as it was put there ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:-1], "damaged"),
        (lambda data: b"", "damaged"),
        (lambda data: data[:-1] + b"?", "damaged"),
        (lambda data: data + b"more", "damaged"),
        (lambda data: data * 1000, "damaged"),
        (None, ""),
    ],
    ids=["truncated", "empty", "changed", "longer", "much longer", "gone"],
)
@pytest.mark.parametrize("kind", ["objects/", "steps/"])
def test_what_is_damaged_there_is_told_and_made_anew(
    place: Place, tmp_path: Path, kind: str, damage: Callable[[bytes], bytes] | None, said: str
) -> None:
    store = place.machine(tmp_path / "a")
    blob = written(store, "whole")
    store.commit()
    name = place.named(kind)
    right = place.read(name)
    place.remove(name) if damage is None else place.write(name, damage(right))
    second = place.machine(tmp_path / "b")
    assert written(second, "whole") == blob
    assert second.path(blob).read_text() == "whole"
    assert MADE["written"] == 2
    assert [said in message for message in place.told] == [True] * bool(said)
    second.commit()
    assert place.read(name) == right, "and is right there again"
    third = place.machine(tmp_path / "c")
    written(third, "whole")
    assert MADE["written"] == 2


def test_a_result_of_another_key_is_not_believed(place: Place, tmp_path: Path) -> None:
    store = place.machine(tmp_path / "a")
    spoken(store, ("one", "two"))
    store.commit()
    one, two = [name for name in place.names() if name.startswith("steps/")]
    place.write(one, place.read(two))
    second = place.machine(tmp_path / "b")
    assert [second.path(blob).read_text() for blob in spoken(second, ("one", "two"))] == ["one" * 100, "two" * 100]
    assert second.made == 1
    assert place.told == ["results in the store that another home made, or somebody changed, are made again"]


def test_a_result_that_appears_before_its_file_is_made_again(place: Place, tmp_path: Path) -> None:
    """As a listing, or a replica, that comes late would have it."""
    filled(place, tmp_path / "a")
    late = {name: place.read(name) for name in place.names() if name.startswith("objects/")}
    for name in late:
        place.remove(name)
    second = place.machine(tmp_path / "b")
    spoken(second, TEXTS)
    assert (second.made, place.told) == (3, [])
    for name, data in late.items():
        place.write(name, data)
    second.commit()
    assert {name: place.read(name) for name in late} == late


def test_what_was_damaged_here_is_got_from_there(place: Place, tmp_path: Path) -> None:
    filled(place, tmp_path / "a")
    store = place.machine(tmp_path / "a")
    found = store.path(written(store, "whole"))
    found.write_text("other")
    again = place.machine(tmp_path / "a")
    assert again.path(written(again, "whole")).read_text() == "whole"
    assert MADE["written"] == 1
    assert [re.sub("[0-9a-f]{64}", "…", said) for said in place.told] == [
        "….txt in the store was damaged and is got or made again"
    ]


# --- a remote that fails ---------------------------------------------------------------------------------------------


def unused_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def test_a_remote_that_goes_away_is_told_once_and_the_run_goes_on(
    bucket: Place, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(bucket, tmp_path / "a")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_port()}")
    store = bucket.machine(tmp_path / "b")
    spoken(store, (*TEXTS, "four"))
    store.commit()
    assert store.made == 4
    (said,) = bucket.told
    assert said == (
        f"{bucket.url} cannot be read (EndpointConnectionError): the run goes on with the folder of this machine "
        "alone, and what it makes is put there by the next run that can"
    )
    bucket.told.clear()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    again = bucket.machine(tmp_path / "b")
    written(again, "whole")
    again.commit()
    third = bucket.machine(tmp_path / "c")
    spoken(third, ("four",))
    assert (third.made, bucket.told) == (0, [])


def test_a_remote_that_failed_is_asked_again_later(
    bucket: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = bucket.machine(tmp_path / "a")
    bucket.client.delete_bucket(Bucket=bucket.bucket)
    written(store, "whole")
    store.commit()
    assert [said.partition("(")[2][:12] for said in bucket.told] == ["NoSuchBucket"]
    bucket.client.create_bucket(Bucket=bucket.bucket)
    spoken(store, TEXTS)
    store.commit()
    assert bucket.names() == []
    now = remote.time.monotonic()
    monkeypatch.setattr(remote.time, "monotonic", lambda: now + AGAIN_S)
    store.commit()
    assert len(bucket.names()) == 8
    assert len(bucket.told) == 1


def test_a_remote_that_fails_again_and_again_is_asked_ever_more_rarely(
    bucket: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.client.delete_bucket(Bucket=bucket.bucket)
    store = bucket.machine(tmp_path / "a")
    written(store, "whole")
    times = iter([0.0, AGAIN_S, 2 * AGAIN_S, 3 * AGAIN_S, 4 * AGAIN_S, 7 * AGAIN_S])
    begun = remote.time.monotonic()
    for told in (1, 2, 2, 3, 3, 4):
        now = begun + next(times)
        monkeypatch.setattr(remote.time, "monotonic", lambda now=now: now)
        store.commit()
        assert len(bucket.told) == told


def test_who_may_not_write_and_then_not_read_is_told_both(bucket: Place) -> None:
    found = Remote(bucket.url)
    found.on_loss = bucket.told.append
    for verb in ("written", "written", "read", "read"):
        found._lose(PermissionError("of the server"), verb, "more")
    assert [said.partition(" (")[0].rpartition(" ")[2] for said in bucket.told] == ["written", "read"]
    assert found.is_lost


def test_a_folder_that_is_not_mounted_any_more_is_not_made(folder: Place, tmp_path: Path) -> None:
    store = folder.machine(tmp_path / "a")
    folder.folder.rmdir()
    written(store, "whole")
    store.commit()
    assert not folder.folder.exists()
    (said,) = folder.told
    assert said.startswith(f"{folder.url} cannot be written (ENOENT): the run goes on")


def test_a_run_that_was_killed_leaves_nothing_out(bucket: Place, tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from localize.runtime.remote import Remote
from localize.runtime.store import Store
store = Store(Path(sys.argv[2]), remote=Remote(sys.argv[3]))
store.set_hmac_key(lambda: b"one")
store.remember("a" * 64, "step", "of the one that was killed")
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = str(Path(remote.__file__).parents[2])
    ended = subprocess.run([sys.executable, "-c", code, root, str(tmp_path / "a"), bucket.url], check=False)
    assert ended.returncode == -9
    assert bucket.names() == []
    store = bucket.machine(tmp_path / "a")
    store.commit()
    assert bucket.machine(tmp_path / "b").recall("a" * 64, str) == "of the one that was killed"
    assert list((tmp_path / "a" / "unsent").iterdir()) == []


class Silent(BaseHTTPRequestHandler):
    """Takes a request and never answers."""

    over = threading.Event()

    def do_GET(self) -> None:
        self.over.wait()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[int]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), request.param)
    found.daemon_threads = True
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found.server_address[1]
    Silent.over.set()
    found.shutdown()
    found.server_close()


@pytest.mark.parametrize("server", [Silent], indirect=True)
def test_a_server_that_never_answers_is_left(server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server}")
    told: list[str] = []
    found = Remote("s3://season")
    found.on_loss = told.append
    assert not found.fetch("objects/aa/x", tmp_path / "x", 10, limit_s=0.05)
    assert [said.partition(":")[2][:47] for said in told] == ["//season cannot be read (no answer in time): th"]


class Cut(BaseHTTPRequestHandler):
    """Promises ten bytes, sends three and hangs up."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"abc")

    def log_message(self, *_: Any) -> None:
        pass


class Elsewhere(BaseHTTPRequestHandler):
    """Answers that the bucket lies in another region, on another host."""

    def do_GET(self) -> None:
        self.send_response(301)
        self.send_header("x-amz-bucket-region", "eu-west-1")
        self.send_header("Location", "http://198.51.100.7/season")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 - the server calls it so

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize("server", [Elsewhere, Cut], indirect=True)
def test_an_answer_that_leads_elsewhere_or_breaks_off_is_no_result(
    server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else is connected to."""
    asked: list[Any] = []
    sys.addaudithook(lambda event, args: asked.append(args[1]) if event == "socket.connect" else None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server}")
    monkeypatch.setattr("s3fs.core.S3FileSystem.retries", 1)
    told: list[str] = []
    found = Remote("s3://season")
    found.on_loss = told.append
    assert not found.fetch("objects/aa/x", tmp_path / "x", 10)
    assert len(told) == 1
    assert {to[0] for to in asked if isinstance(to, tuple)} <= {"127.0.0.1"}


def test_no_permission_is_told_with_what_is_needed(port: int, bucket: Place, tmp_path: Path, monkeypatch: Any) -> None:
    """Who may read and not write, and who may do neither; the server checks policies from here on."""
    filled(bucket, tmp_path / "a")
    iam = boto3.client(
        "iam", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )  # fmt: skip
    keys = {}
    for name, actions in {"reader": ["s3:GetObject", "s3:ListBucket"], "nobody": ["s3:ListAllMyBuckets"]}.items():
        iam.create_user(UserName=name)
        rule = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(rule))
        keys[name] = iam.create_access_key(UserName=name)["AccessKey"]
    _let_through(port, 0)
    try:
        for name, expected in {
            "reader": "cannot be written (AccessDenied; it needs s3:PutObject)",
            "nobody": "cannot be read (AccessDenied; it needs s3:GetObject and s3:ListBucket)",
        }.items():
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys[name]["AccessKeyId"])
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys[name]["SecretAccessKey"])
            store = bucket.machine(tmp_path / name)
            spoken(store, (*TEXTS, name))
            store.commit()
            assert store.made == (1 if name == "reader" else 4)
            assert [expected in said for said in bucket.told] == [True], bucket.told
            assert not any(keys[name][part] in bucket.told[0] for part in ("AccessKeyId", "SecretAccessKey"))
            bucket.told.clear()
    finally:
        _let_through(port, 1_000_000)


def _let_through(port: int, requests: int) -> None:
    import urllib.request

    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/moto-api/reset-auth", str(requests).encode(), {"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(asked).close()


def test_a_disk_that_is_full_is_a_store_error(place: Place, tmp_path: Path) -> None:
    store = place.machine(tmp_path / "a")
    store.remember("a" * 64, "step", "text " * 10_000)
    store.commit()
    code = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from localize.errors import StoreError
from localize.runtime.remote import Remote
from localize.runtime.store import Store
store = Store(Path(sys.argv[2]), remote=Remote(sys.argv[3]))
store.remote.on_loss = print
store.set_hmac_key(lambda: b"one")
resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))
try:
    store.recall("a" * 64, str)
except StoreError as error:
    print(error)
"""
    root = str(Path(remote.__file__).parents[2])
    said = subprocess.run(
        [sys.executable, "-c", code, root, str(tmp_path / "b"), place.url], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"cannot write the store {tmp_path / 'b'}: File too large\n"
    assert [path for path in (tmp_path / "b").rglob("*") if path.is_file()] == []


def test_a_store_that_cannot_note_what_is_unsent_says_so(bucket: Place, tmp_path: Path) -> None:
    store = bucket.machine(tmp_path / "a")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "unsent").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write the store"):
        written(store, "whole")


def test_what_notes_name_besides_results_is_not_sent(bucket: Place, tmp_path: Path) -> None:
    """Notes lie in a folder that others may write to."""
    filled(bucket, tmp_path / "a")
    before = bucket.names()
    (tmp_path / "secret").write_text("x")
    store = bucket.machine(tmp_path / "a")
    written(store, "more")
    (notes,) = (tmp_path / "a" / "unsent").iterdir()
    notes.with_name(notes.name + "1").write_text(f"../../secret\nobjects/aa/../../../secret\n{'/etc/passwd'}\n")
    store.commit()
    assert len(bucket.names()) == len(before) + 2
    assert not any("secret" in name or "passwd" in name for name in bucket.names())


def test_no_link_is_followed_to_a_file_that_is_sent(bucket: Place, tmp_path: Path) -> None:
    filled(bucket, tmp_path / "a")
    before = bucket.names()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ("a" * 64)).write_text("secret")
    (tmp_path / "a" / "objects" / "aa").symlink_to(tmp_path / "home")
    (tmp_path / "a" / "objects" / "bb").mkdir(exist_ok=True)
    (tmp_path / "a" / "objects" / "bb" / ("b" * 64)).symlink_to(tmp_path / "home" / ("a" * 64))
    store = bucket.machine(tmp_path / "a")
    for name in (f"objects/aa/{'a' * 64}", f"objects/bb/{'b' * 64}"):
        store._unsent.note(name)  # type: ignore[union-attr]
    store.commit()
    assert bucket.names() == before


# --- which URLs, which hosts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "gs://bucket/a", "ftp://host/a", "s3://", "s3:///a", "s3://KEY:SECRET@bucket/a", "s3://bucket/../a", "s3://b?x=1",
        "s3://bucket/a*", "s3://bucket/a[b]", "s3://bucket//a", "s3://bucket/a\nb", "s3://bucket/a#b", "file://relative",
        "simplecache::s3://bucket/a", "file:///none/there", "s3://bucket/a\\b", "S3://bucket/a",
    ],
)  # fmt: skip
def test_other_urls_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        Remote(url)
    assert "SECRET@" not in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    ("endpoint", "hosts", "refused"),
    [
        ("https://s3.example.org", {"s3.example.org"}, ""),
        ("https://S3.example.org:9000", {"s3.example.org"}, ""),
        ("https://s3.example.org", {"example.org"}, 'allow = ["s3.example.org"]'),
        ("https://s3.example.org", {"other.org"}, 'allow = ["s3.example.org"]'),
        ("http://s3.example.org", {"s3.example.org"}, "https:// only"),
        ("http://10.0.0.7:9000", {"10.0.0.7"}, "https:// only"),
        ("https://me:SECRET@s3.example.org", {"s3.example.org"}, "without user and key"),
        ("", {"s3.eu-west-1.amazonaws.com"}, ""),
        ("", set(), 'allow = ["s3.eu-west-1.amazonaws.com"]'),
        ("no address", set(), "its client does not take the settings"),
    ],
)
def test_only_hosts_that_the_home_allows_are_asked(
    endpoint: str, hosts: set[str], refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint) if endpoint else monkeypatch.delenv("AWS_ENDPOINT_URL")
    if not refused:
        found = Remote("s3://season/a", frozenset(hosts))
        found._check_host(endpoint or "https://season.s3.eu-west-1.amazonaws.com/a")
        with pytest.raises(UsageError):
            found._check_host("https://sts.amazonaws.com")
        return
    with pytest.raises(UsageError) as caught:
        Remote("s3://season/a", frozenset(hosts))
    assert refused in caught.value.message
    assert "SECRET" not in caught.value.message


@pytest.mark.parametrize(("hosts", "asked"), [(set(), False), ({"169.254.169.254", "169.254.170.2"}, True)])
def test_a_clouds_own_credentials_are_asked_for_where_that_is_allowed(hosts: set[str], asked: bool) -> None:
    found = Remote("s3://season", frozenset(hosts))
    ways = {way.METHOD for way in found._system.session.get_component("credential_provider").providers}
    assert ({"iam-role", "container-role"} <= ways) is asked
    assert "env" in ways


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(EngineMissing, match=r"needs the package s3fs: pip install 'localize-toolkit\[remote\]'"):
        Remote("s3://season")


def test_a_remote_goes_to_another_process(bucket: Place) -> None:
    found = pickle.loads(pickle.dumps(Remote(bucket.url, frozenset({"a.org"}))))
    assert (found.url, found.hosts) == (bucket.url, {"a.org"})
    assert found.measure() == (0, 0)


# --- how it is named -------------------------------------------------------------------------------------------------


def test_the_store_is_opened_by_its_url(bucket: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALIZE_STORE", bucket.url + "/")
    monkeypatch.setenv("LOCALIZE_STORE_CACHE", str(tmp_path / "cache"))
    store = Store.open(tmp_path / "home")
    assert store.remote is not None
    assert (store.remote.url, store.folder.parent) == (bucket.url, tmp_path / "cache")
    monkeypatch.setenv("LOCALIZE_STORE", bucket.url + "/other")
    assert Store.open(tmp_path / "home").folder != store.folder


def test_the_home_alone_says_which_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s3.example.org")
    monkeypatch.setenv("LOCALIZE_STORE", "s3://season")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    (tmp_path / network.FILE).write_text('[network]\nallow = ["s3.example.org"]\n')
    with pytest.raises(UsageError, match="your home does not allow"):
        Store.open(tmp_path / "home")
    (tmp_path / network.FILE).rename(tmp_path / "home" / network.FILE)
    assert Store.open(tmp_path / "home").remote is not None


def test_a_run_warns_of_it(bucket: Place, tmp_path: Path) -> None:
    heard: list[Any] = []
    run = Run(bucket.machine(tmp_path / "a"), _Home(), None, heard.append)  # type: ignore[arg-type]
    run.hear_store()
    bucket.client.delete_bucket(Bucket=bucket.bucket)
    with run.stage("mix"):
        written(run.store, "whole")
    assert [event.code for event in heard if isinstance(event, Warned)] == ["store_unreachable"]


class _Home:
    @staticmethod
    def store_secret() -> bytes:
        return b"one"


def test_show_tells_both_and_prune_leaves_the_remote(place: Place, tmp_path: Path) -> None:
    gc.collect()
    gc.disable()  # who let the store go holds it no longer, with or without a collection
    try:
        filled(place, tmp_path / "a")
        store = place.machine(tmp_path / "a")
        found = measure_store(store)
        pruned = prune_store(store, 0)
    finally:
        gc.enable()
    assert found.remote is not None
    assert (found.remote.url, found.remote.files, found.results) == (place.url, 8, 4)
    assert found.remote.bytes == found.bytes
    assert (pruned.results, pruned.left_bytes, pruned.remote) == (4, 0, place.url)
    assert len(place.names()) == 8
    again = place.machine(tmp_path / "a")
    spoken(again, TEXTS)
    assert (again.made, again.hits) == (0, 3)
