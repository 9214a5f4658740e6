"""`models pull` against a server of this test: whole or nothing, on from where it broke off, only what was meant.

Over 400 lines: every failure is tried on one server.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from localize.engine_selection import engine_choices
from localize.errors import EngineFailed, LocalizeError, ModelMissing, StoreError, UsageError
from localize.models import Model, ModelFile, Models, catalogue, download
from localize.models import installed as module
from localize.models.download import pull

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = bytes(range(256)) * 9000
CONFIG = b'{"model_type": "toy"}'


@dataclass
class Hub:
    """A hub with one repository, whose faults a test chooses."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(path, range) of every request."""
    breaks_after: int = 0
    """Bytes after which the next large file breaks off; 0: never."""
    lies: bool = False
    """Whether it states other hashes than those of what it sends."""
    revision: str = COMMIT
    token: str = ""
    """Without it the files are gated; "": they are for everybody."""
    elsewhere: str = ""
    """Where large files lie; "": here."""
    tokens: list[tuple[str, str]] = field(default_factory=list)
    """(path, Authorization) of every request."""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        if handler.command == "GET":
            self.asked.append((handler.path, handler.headers.get("Range", "")))
        said = handler.headers.get("Authorization", "")
        self.tokens.append((path, said))
        if path.startswith("/api/models/toys/toy/revision/"):
            listed = [{"rfilename": n, "size": len(b), "lfs": self._large(b)} for n, b in self.files.items()]
            said = {"id": "toys/toy", "sha": self.revision, "siblings": listed}
            return self._send(handler, json.dumps(said).encode(), "")
        if path.startswith("/api/"):
            return self._refuse(handler, 401, "RepoNotFound")
        data = self.files.get(path.rpartition("/")[2])
        if data is None:
            return self._refuse(handler, 404, "EntryNotFound")
        if self.token and "/resolve/" in path and said != f"Bearer {self.token}":
            return self._refuse(handler, 403 if said else 401, "GatedRepo")
        if self.elsewhere and "/resolve/" in path and len(data) > 1000:
            handler.send_response(302)
            handler.send_header("Location", f"{self.elsewhere}/blobs/{path.rpartition('/')[2]}?signed=1")
            handler.send_header("X-Repo-Commit", COMMIT)
            handler.send_header("X-Linked-Etag", f'"{self._hash(data)}"')
            handler.send_header("X-Linked-Size", str(len(data)))
            handler.send_header("Content-Length", "0")
            return handler.end_headers()
        begun = int(handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        return self._send(handler, data, f'"{hashlib.md5(data).hexdigest()}"', begun)

    def _large(self, data: bytes) -> dict[str, Any]:
        return {"sha256": self._hash(data), "size": len(data), "pointerSize": 134}

    @staticmethod
    def _refuse(handler: BaseHTTPRequestHandler, code: int, reason: str) -> None:
        handler.send_response(code)
        handler.send_header("X-Error-Code", reason)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def _hash(self, data: bytes) -> str:
        return "f" * 64 if self.lies else hashlib.sha256(data).hexdigest()

    def _send(self, handler: BaseHTTPRequestHandler, data: bytes, etag: str, begun: int = 0) -> None:
        if begun and handler.headers.get("If-Range") != etag:
            begun = 0
        handler.send_response(206 if begun else 200)
        handler.send_header("Content-Length", str(len(data) - begun))
        if begun:
            handler.send_header("Content-Range", f"bytes {begun}-{len(data) - 1}/{len(data)}")
        if etag:
            handler.send_header("ETag", etag)
            handler.send_header("X-Repo-Commit", COMMIT)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        if self.breaks_after and len(data) > self.breaks_after:
            handler.wfile.write(data[begun : self.breaks_after])
            self.breaks_after = 0
            handler.close_connection = True
            return
        handler.wfile.write(data[begun:])


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    made = Hub(files={"config.json": CONFIG, "model.bin": WEIGHTS})
    monkeypatch.delenv("HF_TOKEN", raising=False)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.answer(self)

        def do_HEAD(self) -> None:
            made.answer(self)

        def log_message(self, *_given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", made.url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


def toy(**changes: Any) -> Model:
    files = (ModelFile("config.json", "", 0), ModelFile("model.bin", "", 0))
    plain = Model(
        "toy",
        "translator",
        "marian",
        ("en>xx",),
        "CC0",
        1,
        "a note",
        "marian",
        files,
        repository="toys/toy",
        megabytes=2,
    )
    return replace(plain, **changes)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Model]:
    """Makes a model the only one of the catalogue."""

    def put(**changes: Any) -> Model:
        made = toy(**changes)
        alone = {made.id: made}
        monkeypatch.setattr(module, "catalogue", lambda: alone)
        return made

    return put


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path / "models", home=tmp_path / "home")


def quiet(_name: str, _done: int, _total: int) -> None:
    pass


def yes(_question: str) -> bool:
    return True


@pytest.mark.costly
def test_a_pulled_model_is_whole_and_held_to_what_was_first_seen(
    hub: Hub, known: Callable[..., Model], models: Models, tmp_path: Path
) -> None:
    toy, asked, told = known(), [], []
    assert not models.available(toy)
    folder = pull(toy, models, lambda question: bool(asked.append(question)) or True, lambda *step: told.append(step))
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    assert {p.name for p in folder.iterdir()} == {"config.json", "model.bin", "installed.json"}
    assert [p.name for p in models.folder.iterdir()] == ["toy"]
    assert len(asked) == 1
    assert COMMIT[:12] in asked[0]
    assert told[-1] == ("model.bin", len(WEIGHTS), len(WEIGHTS))
    pin = models.pin(toy)
    assert pin is not None
    assert pin.revision == COMMIT
    assert {f.name: f.sha256 for f in pin.files}["model.bin"] == hashlib.sha256(WEIGHTS).hexdigest()
    assert models.pin_path(toy).is_relative_to(tmp_path / "home")
    assert models.available(toy)
    assert models.fingerprint("toy").startswith("toy@")
    assert not models.verify(toy)
    files_asked = [path for path, _ in hub.asked if "/resolve/" in path]
    assert all(f"/resolve/{COMMIT}/" in path for path in files_asked), "every file is of one revision"
    before = len(hub.asked)
    assert pull(toy, models, yes, quiet) == folder
    assert len(hub.asked) == before, "what is there is not asked for again"


def test_a_no_installs_nothing(hub: Hub, known: Callable[..., Model], models: Models) -> None:
    with pytest.raises(ModelMissing, match="did not agree to trust"):
        pull(known(), models, lambda _question: False, quiet)
    assert not models.folder.exists() or not list(models.folder.iterdir())
    assert not [path for path, _ in hub.asked if "/resolve/" in path]


def test_what_broke_off_is_not_installed_and_goes_on_where_it_stopped(
    hub: Hub, known: Callable[..., Model], models: Models
) -> None:
    toy, hub.breaks_after = known(), 1_000_000
    with pytest.raises(ModelMissing, match=r"model\.bin .* the same command goes on"):
        pull(toy, models, yes, quiet)
    assert not models.available(toy)
    assert not (models.folder / "toy").exists()
    folder = pull(toy, models, yes, quiet)
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    ranges = [wanted for path, wanted in hub.asked if path.endswith("model.bin")]
    assert ranges == ["", "bytes=1000000-"]


def test_a_file_that_changed_in_between_is_fetched_from_its_beginning(
    hub: Hub, known: Callable[..., Model], models: Models
) -> None:
    toy, hub.breaks_after = known(), 1_000_000
    with pytest.raises(ModelMissing):
        pull(toy, models, yes, quiet)
    hub.files["model.bin"] = WEIGHTS[::-1]
    folder = pull(toy, models, yes, quiet)
    assert (folder / "model.bin").read_bytes() == WEIGHTS[::-1]


def test_other_bytes_than_the_pinned_ones_are_refused(hub: Hub, known: Callable[..., Model], tmp_path: Path) -> None:
    toy, first = known(), Models(tmp_path / "one", home=tmp_path / "home")
    pull(toy, first, yes, quiet)
    hub.files["model.bin"] = WEIGHTS[::-1]
    second = Models(tmp_path / "two", home=tmp_path / "home")
    with pytest.raises(StoreError, match=r"not the one that is pinned") as caught:
        pull(toy, second, lambda _question: pytest.fail("a pinned model asks nothing"), quiet)
    assert caught.value.exit_code == 7
    assert not second.available(toy)
    assert not (second.folder / "toy").exists()


def test_a_hash_in_the_catalogue_is_the_one_that_counts_and_asks_nothing(
    hub: Hub, known: Callable[..., Model], models: Models
) -> None:
    right = hashlib.sha256(WEIGHTS).hexdigest()
    file = ModelFile("model.bin", right, 0, (), f"{hub.url}/somewhere/model.bin")
    toy = known(files=(file,), repository="")
    assert (pull(toy, models, lambda _question: pytest.fail("nothing to ask"), quiet) / "model.bin").is_file()
    wrong = known(files=(replace(file, sha256="0" * 64),), repository="", id="wrong")
    with pytest.raises(StoreError, match="nothing was installed"):
        pull(wrong, models, yes, quiet)
    assert not (models.folder / "wrong").exists()


def test_a_hub_that_sends_other_bytes_than_it_states_is_refused(
    hub: Hub, known: Callable[..., Model], models: Models
) -> None:
    hub.lies = True
    with pytest.raises(StoreError, match="the one its source states"):
        pull(known(), models, yes, quiet)


@pytest.mark.parametrize("revision", ["main", "../../etc", ""])
def test_a_revision_that_is_none_is_refused(
    hub: Hub, known: Callable[..., Model], models: Models, revision: str
) -> None:
    hub.revision = revision
    with pytest.raises(ModelMissing, match="names no revision"):
        pull(known(), models, yes, quiet)


def test_a_file_the_repository_lacks_is_named(hub: Hub, known: Callable[..., Model], models: Models) -> None:
    del hub.files["model.bin"]
    with pytest.raises(ModelMissing, match=r"has no model\.bin"):
        pull(known(), models, yes, quiet)


def test_a_changed_file_is_noticed_and_a_damaged_pin_too(
    hub: Hub, known: Callable[..., Model], models: Models, tmp_path: Path
) -> None:
    toy = known()
    folder = pull(toy, models, yes, quiet)
    (folder / "model.bin").write_bytes(WEIGHTS[::-1])
    again = Models(models.folder, home=tmp_path / "home")
    assert "not the one expected" in again.verify(toy)
    with pytest.raises(StoreError):
        again.path("toy")
    models.pin_path(toy).write_text("{}", encoding="utf-8")
    with pytest.raises(StoreError, match="damaged"):
        again.available(toy)


def test_another_home_does_not_trust_what_this_one_pulled(
    hub: Hub, known: Callable[..., Model], models: Models, tmp_path: Path
) -> None:
    toy = known()
    pull(toy, models, yes, quiet)
    other = Models(models.folder, home=tmp_path / "other")
    assert not other.available(toy)
    asked: list[str] = []
    before = len(hub.asked)
    pull(toy, other, lambda question: bool(asked.append(question)) or True, quiet)
    assert asked
    assert len(hub.asked) == before, "its own copy is enough"
    assert other.available(toy)


def test_a_folder_takes_the_place_of_the_network(
    known: Callable[..., Model], models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    toy, given = known(), tmp_path / "given"
    given.mkdir()
    (given / "config.json").write_bytes(CONFIG)
    with pytest.raises(UsageError, match=r"lacks model\.bin"):
        pull(toy, models, yes, quiet, given)
    (given / "model.bin").write_bytes(WEIGHTS)
    assert (pull(toy, models, yes, quiet, given) / "model.bin").read_bytes() == WEIGHTS


def test_nobody_there_is_one_line_that_says_so(
    known: Callable[..., Model], models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelMissing, match="toys/toy@main cannot be looked up") as caught:
        pull(known(), models, yes, quiet)
    assert caught.value.exit_code == 5
    assert "\n" not in caught.value.message


def test_terms_are_asked_for_written_down_and_asked_anew_when_they_change(
    hub: Hub, known: Callable[..., Model], models: Models
) -> None:
    toy = known(terms="For free use only.")
    with pytest.raises(ModelMissing, match="did not agree to its terms"):
        pull(toy, models, lambda question: "terms" not in question and "Do you agree" not in question, quiet)
    asked: list[str] = []
    pull(toy, models, lambda question: bool(asked.append(question)) or True, quiet)
    assert "For free use only." in asked[0]
    models.require(toy)
    changed = known(terms="For nobody.")
    with pytest.raises(ModelMissing, match=r"waits for your answer to its terms \(CC0\): localize models pull toy"):
        models.require(changed)
    before = len(hub.asked)
    pull(changed, models, yes, quiet)
    models.require(changed)
    assert len(hub.asked) == before


def test_xtts_waits_for_the_answer_to_its_terms(tmp_path: Path) -> None:
    entry = catalogue()["xtts-v2"]
    assert "non-commercial" in entry.terms
    store = Models(tmp_path / "models", home=tmp_path / "home")
    folder = store.folder / "xtts-v2"
    folder.mkdir(parents=True)
    for name in ("config.json", "model.pth", "vocab.json", "installed.json"):
        (folder / name).write_text("{}")
    with pytest.raises(ModelMissing, match=r"waits for your answer to its terms.*localize models pull xtts-v2"):
        store.require(entry)


def test_what_a_pull_derives_is_all_that_is_kept(hub: Hub, known: Callable[..., Model], models: Models) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("tts_models--xx/config.json", CONFIG)
        made.writestr("../../tts_models--xx/model_file.pth", WEIGHTS)
    hub.files["model.zip"] = archive.getvalue()
    file = ModelFile("model.zip", "", 0, (), f"{hub.url}/releases/model.zip")
    toy = known(files=(file,), repository="", prepare="localize.engines.coqui_models:unpack", derived_only=True)
    folder = pull(toy, models, yes, quiet)
    assert {p.name for p in folder.iterdir()} == {"config.json", "model.pth", "installed.json"}
    assert (folder / "model.pth").read_bytes() == WEIGHTS
    assert models.available(toy)
    (folder / "model.pth").write_bytes(CONFIG)
    assert "model.pth" in models.verify(toy)


def test_an_archive_that_holds_no_model_is_refused(hub: Hub, known: Callable[..., Model], models: Models) -> None:
    hub.files["model.zip"] = b"PK no archive"
    file = ModelFile("model.zip", "", 0, (), f"{hub.url}/releases/model.zip")
    toy = known(files=(file,), repository="", prepare="localize.engines.coqui_models:unpack", derived_only=True)
    with pytest.raises(EngineFailed, match="no Coqui model"):
        pull(toy, models, yes, quiet)
    assert not models.available(toy)


def test_the_higher_rank_is_used_and_only_what_is_installed(
    hub: Hub, known: Callable[..., Model], models: Models
) -> None:
    toy = known()
    assert models.ranked("translator") == ()
    assert engine_choices("translator", models) == ()
    pull(toy, models, yes, quiet)
    other = replace(toy, id="better", rank=2)
    module.catalogue()[other.id] = other
    assert [m.id for m in models.ranked("translator")] == ["toy"]
    pull(other, models, yes, quiet)
    assert [m.id for m in models.ranked("translator")] == ["better", "toy"]


def test_a_run_never_downloads(hub: Hub, known: Callable[..., Model], models: Models) -> None:
    toy = known()
    with pytest.raises(LocalizeError):
        models.path("toy")
    with pytest.raises(ModelMissing, match="localize models pull toy"):
        models.require(toy)
    assert not hub.asked


def test_a_gated_model_says_what_to_do_and_comes_with_a_token(
    hub: Hub,
    known: Callable[..., Model],
    models: Models,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hub.token, toy = "hf_secret", known()
    for token in ("", "hf_of_somebody_else"):
        monkeypatch.setenv("HF_TOKEN", token)
        with pytest.raises(
            ModelMissing, match=r"gated: agree to its conditions at https://huggingface\.co/toys/toy"
        ) as caught:
            pull(toy, models, yes, quiet)
        assert caught.value.exit_code == 5
        assert caught.value.message.isprintable()
        assert "somebody" not in caught.value.message
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    folder = pull(toy, models, yes, quiet)
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    assert "secret" not in caplog.text
    kept = [p for p in (*models.folder.rglob("*"), *models.pin_path(toy).parent.rglob("*")) if p.is_file()]
    assert kept
    assert not [p for p in kept if b"hf_secret" in p.read_bytes()], "a token is written nowhere"


def test_only_the_hub_is_told_the_token(
    hub: Hub, known: Callable[..., Model], models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.token, hub.elsewhere, hub.breaks_after = "hf_secret", hub.url.replace("127.0.0.1", "localhost"), 1_000_000
    with pytest.raises(ModelMissing, match="the same command goes on"):
        pull(known(), models, yes, quiet)
    folder = pull(known(), models, yes, quiet)
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    assert [wanted for path, wanted in hub.asked if path.startswith("/blobs/")] == ["", "bytes=1000000-"]
    assert {said for path, said in hub.tokens if path.startswith("/blobs/")} == {""}
    assert {said for path, said in hub.tokens if not path.startswith("/blobs/")} == {"Bearer hf_secret"}


def test_a_token_with_foreign_characters_is_refused_and_not_shown(
    hub: Hub, known: Callable[..., Model], models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_sec\x01ret")
    with pytest.raises(UsageError, match="HF_TOKEN") as caught:
        pull(known(), models, yes, quiet)
    assert "sec" not in caught.value.message
    assert not hub.asked


def test_a_token_is_not_sent_over_a_network_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert download._token("http://mirror.example") == ""
    assert download._token("https://mirror.example") == "hf_secret"


def test_a_repository_that_is_not_there_may_be_a_private_one(
    hub: Hub, known: Callable[..., Model], models: Models
) -> None:
    with pytest.raises(ModelMissing, match=r"no such repository, or a private one.*HF_TOKEN"):
        pull(known(repository="toys/none"), models, yes, quiet)


@pytest.mark.costly
def test_looking_at_models_imports_no_hub() -> None:
    modules = "sys, localize.cli.checks, localize.models.download, localize.models as m"
    code = f"import {modules}; m.catalogue(); print(sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "localize.models.download" in answer.stdout
    assert "huggingface_hub" not in answer.stdout


def test_a_pull_makes_a_home_for_its_owner_only(hub: Hub, known: Callable[..., Model], tmp_path: Path) -> None:
    home = tmp_path / "data" / "localize"
    pull(known(), Models(home / "models", home=home), yes, quiet)
    assert home.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "hub_address", ["http://mirror.example", "ftp://mirror.example", "mirror.example", "http://[x"]
)
def test_a_hub_without_tls_on_another_machine_is_refused(
    hub_address: str, known: Callable[..., Model], models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub_address)
    with pytest.raises(UsageError, match=r"HF_ENDPOINT=.* https://"):
        pull(known(), models, yes, quiet)
