"""A folder's list: each file is found in it, and what is changed, missing or added is named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from localize.provenance.listing import find_listed, missing_or_changed, read_listing, write_listing

FILES = {"es/1.m4s": b"one", "master.m3u8": b"#EXTM3U"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hls" / "es").mkdir(parents=True)
    (tmp_path / "hls" / "master.m3u8").write_text("#EXTM3U", "utf-8")
    (tmp_path / "hls" / "es" / "1.m4s").write_bytes(b"one")
    write_listing(tmp_path / "hls", {"title": "film"})
    return tmp_path / "hls"


def test_a_list_has_every_file_by_its_hash_and_what_is_said_of_the_whole(folder: Path) -> None:
    said = json.loads((folder / "provenance.json").read_text("utf-8"))
    assert said == {
        "schema": 1, "title": "film",
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()},
    }  # fmt: skip
    assert missing_or_changed(folder / "provenance.json") == []


def test_a_file_is_found_in_the_list_above_it_and_a_list_in_none(folder: Path) -> None:
    found = find_listed(folder / "es" / "1.m4s")
    assert found is not None
    assert (found.listing, found.name) == (folder / "provenance.json", "es/1.m4s")
    assert found.sha256 == hashlib.sha256(b"one").hexdigest()
    added = folder / "es" / "2.m4s"
    assert find_listed(added) is not None
    assert find_listed(added).sha256 == ""  # type: ignore[union-attr]
    assert find_listed(folder / "provenance.json") is None
    assert find_listed(folder.parent / "film.mp4") is None


def test_what_is_changed_missing_or_added_is_named(folder: Path) -> None:
    (folder / "master.m3u8").write_text("#EXTM3U and more", "utf-8")
    (folder / "es" / "1.m4s").unlink()
    (folder / "es" / "2.m4s").write_bytes(b"two")
    (folder / "provenance.json.c2pa").write_bytes(b"the list's own signature")
    assert missing_or_changed(folder / "provenance.json") == ["es/1.m4s", "es/2.m4s", "master.m3u8"]


@pytest.mark.parametrize("text", ["", "[]", '{"files": 3}', "{", '{"schema": 1}'])
def test_what_is_no_list_lists_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "provenance.json"
    path.write_text(text, "utf-8")
    assert read_listing(path) == {}
    assert read_listing(tmp_path / "none.json") == {}
