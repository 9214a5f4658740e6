"""What cannot be done is refused: one line, the right code, nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.media import ffmpeg

from .conftest import User

pytestmark = pytest.mark.xdist_group("e2e")

SHARED = Path(__file__).parents[3] / "shared" / "media" / "5_noise_multilang_odd"
NO_SPEECH = {"mutagen_52-too-short-block-size.flac", "mutagen_silence-44-s.mp3"}
SPOKEN = {"mutagen_example.opus"}


def refuse(user: User, *arguments: str | Path, code: int) -> str:
    """Run a dub that must be refused; gives its one line."""
    before = sorted(p.name for p in user.folder.iterdir())
    result = user.run("dub", "-q", *arguments)
    assert result.code == code, (result.code, result.err)
    assert result.out == ""
    assert result.err.count("\n") == 1, result.err
    after = sorted(p.name for p in user.folder.iterdir() if p.name not in ("home", "store"))
    assert after == [n for n in before if n not in ("home", "store")]
    return result.err


def shared_files(*folders: str) -> list[Path]:
    return sorted(p for f in folders for p in (SHARED / f).glob("*")) if SHARED.exists() else []


@pytest.mark.parametrize("path", shared_files("corrupt", "odd"), ids=lambda p: p.name)
def test_broken_and_odd_files(user: User, path: Path) -> None:
    if path.name in SPOKEN:
        pytest.skip("this one is speech")
    line = refuse(user, path, "--to", "es", code=3)
    assert path.name in line
    if path.name in NO_SPEECH:
        assert "no speech" in line


@pytest.mark.parametrize("path", shared_files("music", "silence"), ids=lambda p: p.name)
def test_music_and_silence_hold_no_speech(user: User, path: Path) -> None:
    assert "no speech found" in refuse(user, path, "--to", "es", code=3)


def test_a_folder_and_a_text_file(user: User) -> None:
    (user.folder / "notes.mp4").write_text("these are notes\n")
    assert "not a media file" in refuse(user, "notes.mp4", "--to", "es", code=3)
    assert "is a folder" in refuse(user, ".", "--to", "es", code=3)
    assert "does not exist" in refuse(user, "absent.mp4", "--to", "es", code=3)


def test_a_film_without_sound_and_sound_without_length(user: User) -> None:
    silent = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=10:duration=1", "-c:v", "libx264", "mute.mp4"]
    subprocess.run([ffmpeg(), "-v", "error", *silent], check=True, cwd=user.folder)
    assert "no audio stream" in refuse(user, "mute.mp4", "--to", "es", code=3)
    soundfile.write(user.folder / "empty.wav", np.zeros((0, 1)), 48_000)
    refuse(user, "empty.wav", "--to", "es", code=3)


def test_a_pair_nobody_offers_fails_before_any_work(user: User, clip: Path) -> None:
    line = refuse(user, clip, "--from", "en", "--to", "ja", code=2)
    assert "en->es" in line
    assert not (user.folder / "store").exists()


@pytest.mark.parametrize(
    "flags",
    [
        ["--to", "xx-not-a-language"],
        ["--to", "es", "--engine", "recogniser=nobody"],
        ["--to", "es", "--engine", "cook=kokoro"],
        ["--to", "es", "--profile", "nobody"],
        ["--to", "es", "--format", "docx"],
        ["--to", "es", "--nonsense"],
        ["--to", "es", "--voice", "S1"],
        [],
    ],
)
def test_bad_flags(user: User, clip: Path, flags: list[str]) -> None:
    refuse(user, clip, *flags, code=2)


def test_an_unknown_key_in_the_configuration(user: User, clip: Path) -> None:
    (user.folder / "localize.toml").write_text("profil = 'netflix'\n")
    assert "profil" in refuse(user, clip, "--to", "es", code=2)


def test_an_unknown_voice_is_a_matter_of_consent(user: User, clip: Path) -> None:
    line = refuse(user, clip, "--to", "es", "--voice", "S1=nobody", "--engine", "synthesizer=nobody", code=4)
    assert "nobody" in line


def test_a_missing_model(user: User, clip: Path) -> None:
    refuse(user, clip, "--to", "es", "--engine", "recogniser=faster_whisper:large-v9", code=5)


def test_an_output_folder_that_is_a_file(user: User, clip: Path) -> None:
    (user.folder / "taken").write_text("")
    refuse(user, clip, "--to", "es", "-o", "taken", code=2)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small disk")
def test_a_full_disk(user: User, clip: Path, veteran: tuple[User, dict[str, Any]]) -> None:
    for name in ("home", "store"):  # so that it is the delivery that fills it
        shutil.copytree(veteran[0].folder / name, user.folder / name)
    disk = user.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("cannot mount here")
    try:
        line = refuse(user, clip, "--to", "es", "-o", disk / "out", code=7)
        assert "disk is full" in line
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize(
    "name", ["a b'c\"d.wav", "ñandú 日本.wav", "-dash.wav", "line\nbreak.wav", "100%.wav", "file:x.wav"]
)
def test_names_of_every_kind_are_named_in_one_line(user: User, name: str) -> None:
    soundfile.write(user.folder / name, np.zeros(48_000), 48_000)
    line = refuse(user, "--to", "es", "--", name, code=3)
    assert "no speech found" in line


def test_a_dub_of_a_file_with_a_hard_name(user: User, clip: Path) -> None:
    name = '-it\'s "qué" 1%.mp4'
    shutil.copy(clip, user.folder / name)
    result = user.run("dub", "--to", "es", "--json", "-q", "-o", "out", "--", name)
    assert result.code == 0, result.err
    assert Path(user.folder / result.json["targets"][0]["video"]).is_file()
    assert sorted(p.name for p in user.folder.iterdir() if p.suffix == ".mp4") == [name]
