"""A pipe or a device under the name of a file: nothing waits for it, nothing reads it to its end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from localize import consent
from localize.consent import Home, ledger
from localize.delivery.sync import measure_sync
from localize.delivery.verification import verify
from localize.errors import LocalizeError
from localize.language.spoken.pronunciations import read_pronunciations
from localize.media import open_media
from localize.provenance import Signer
from localize.runtime import reading
from localize.subtitles.check import check_file
from localize.translation.glossary import read_glossary


def _import(path: Path) -> None:
    consent.import_voice(Home.open(), path, "0" * 64)


def _enroll(path: Path) -> None:
    consent.enroll(Home.open(), "ana", reference=path)


def _anchor(path: Path) -> None:
    ledger.append(Home.open(), "check")
    if not ledger.inspect(Home.open(), anchor=path).ok:
        raise ValueError("no head")


def _zip(path: Path) -> None:
    with reading.open_zip(path, 10):
        pass


READERS: dict[str, Callable[[Path], object]] = {
    "a profile": lambda path: check_file(path.with_name("film.srt"), str(path), None, None),
    "subtitles": lambda path: check_file(path, "netflix", None, None),
    "a glossary": lambda path: read_glossary(path, ["es"]),
    "a glossary in XML": lambda path: read_glossary(path.rename(path.with_suffix(".tbx")), ["es"]),
    "a glossary of a spreadsheet": lambda path: read_glossary(path.rename(path.with_suffix(".xlsx")), ["es"]),
    "pronunciations": read_pronunciations,
    "certificates": lambda path: verify(path.with_name("film.srt"), trust=path),
    "a time's certificates": lambda path: verify(path.with_name("film.srt"), trust_time=path),
    "a key": lambda path: Signer.files(path, path),
    "a file to verify": verify,
    "media": open_media,
    "a film": measure_sync,
    "a voice pack": _import,
    "a reference": _enroll,
    "evidence": lambda path: consent.enroll(Home.open(), "ana", reference=path, evidence=path),
    "an archive": _zip,
    "a ledger's head": _anchor,
    "text": reading.read_text,
    "JSON": reading.read_json,
}


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize("what", READERS)
def test_no_pipe_and_no_device_is_read(tmp_path: Path, what: str, kind: str) -> None:
    (tmp_path / "film.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello there.\n")
    path = tmp_path / ("x.toml" if what == "a profile" else "x.srt")
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises((LocalizeError, OSError, ValueError)):
        READERS[what](path)
