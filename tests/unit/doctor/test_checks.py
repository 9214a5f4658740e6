"""Whether this machine is ready, and what would mend each fault."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from localize import media
from localize.doctor import checks as doctor
from localize.doctor.checks import ENCODERS, Checkup, _check, _engine, _engine_of, _ffmpeg, _folder, _kind, run_checks
from localize.doctor.selftest import Check


def test_what_is_well_needs_no_mending() -> None:
    assert _check("python", True, "3.12", "install it") == Check("python", True, "3.12", None)
    assert _check("python", False, "3.9", "install it").fix == "install it"


@pytest.mark.parametrize(
    ("name", "kind", "engine"),
    [
        ("engine translator bergamot", "engine", "bergamot"),
        ("trial translator bergamot:bergamot-en-pt", "trial", "bergamot"),
        ("python", "", "python"),
        ("folder home", "", "home"),
        ("voice cleaning", "", "cleaning"),
        ("model engine translator one", "", "one"),
    ],
)
def test_which_checks_are_of_an_engine(name: str, kind: str, engine: str) -> None:
    check = _check(name, True, "", "")
    assert (_kind(check), _engine_of(check)) == (kind, engine)


# --- programs --------------------------------------------------------------------------------------------------------


def program(folder: Path, text: str) -> None:
    (folder / "ffmpeg").write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    (folder / "ffmpeg").chmod(0o755)


def test_the_ffmpeg_that_runs_here_has_every_encoder() -> None:
    found = _ffmpeg()
    assert found.ok, found
    assert all(name in found.detail for name in ENCODERS)


def test_an_ffmpeg_that_lacks_encoders_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "echo ' A..... aac AAC'; echo ' A..... flacky'; echo ' S..... srt SubRip'")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    media.ffmpeg.cache_clear()
    found = _ffmpeg()
    media.ffmpeg.cache_clear()
    assert not found.ok
    assert found.detail == "lacks flac, libopus, mov_text, webvtt"
    assert "ffmpeg" in (found.fix or "")


# --- engines and folders ---------------------------------------------------------------------------------------------


def test_an_engine_that_is_installed_and_one_that_is_not() -> None:
    found = _engine("translator", "bergamot")
    assert (found.name, found.ok, found.fix) == ("engine translator bergamot", True, None)
    missing = _engine("translator", "nobody")
    assert (missing.ok, missing.detail) == (False, "not installed")


def test_a_folder_that_is_yet_to_be_made_is_judged_by_what_is_there(tmp_path: Path) -> None:
    found = _folder("store", tmp_path / "not" / "yet")
    assert found.ok, found
    assert not (tmp_path / "not").exists()


def test_a_folder_that_cannot_be_written_says_how_to_name_another(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = _folder("store", tmp_path / "file" / "store")
    assert not found.ok
    assert "LOCALIZE_STORE" in (found.fix or "")


def test_a_full_disk_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ROOM_BYTES", 1 << 62)
    found = _folder("store", tmp_path)
    assert (found.ok, found.fix) == (False, "free some disk space")
    assert "MB free" in found.detail


# --- all together ----------------------------------------------------------------------------------------------------


def by_name(found: Checkup) -> dict[str, Check]:
    return {check.name: check for check in found.checks}


@pytest.mark.costly
def test_a_machine_with_the_embedded_default_is_ready(tmp_path: Path) -> None:
    found = run_checks()
    checks = by_name(found)
    assert found.ok, [c for c in found.checks if not c.ok]
    assert {"python", "ffmpeg", "voice cleaning", "folder home", "folder store", "folder models"} <= checks.keys()
    assert {"engine recogniser faster_whisper", "engine translator marian_ct2", "engine synthesizer kokoro"} <= {
        name for name, check in checks.items() if check.ok
    }
    assert not any(name.startswith("trial ") for name in checks), "engines work only where --deep asks for it"


@pytest.mark.costly
def test_a_machine_whose_store_cannot_be_written_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOCALIZE_STORE", str(tmp_path / "file" / "store"))
    found = run_checks()
    assert not found.ok
    assert "LOCALIZE_STORE" in (by_name(found)["folder store"].fix or "")
