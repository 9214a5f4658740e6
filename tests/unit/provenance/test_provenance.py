"""Provenance: a file just made verifies; one changed in any way, or signed by somebody else, does not.

Over 400 lines: every change is tried on the same signed files.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import random
import re
import shutil
import stat
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import c2pa
import numpy as np
import pytest

from localize import consent, provenance
from localize.consent import Home, ledger
from localize.errors import MediaError, StoreError
from localize.media import ffmpeg
from localize.provenance import EngineFact, Facts, Signer, VoiceFact, data_hash
from localize.provenance.manifest import _add_source, _manifest
from localize.runtime import reading
from localize.runtime.files import sha256_of
from localize.runtime.records import to_json

KINDS = (
    "film.mp4",
    "film.mov",
    "sound.m4a",
    "sound.mp3",
    "sound.wav",
    "sound.flac",
    "film.mkv",
    "film.webm",
    "sound.ogg",
)
BESIDE = ("film.mkv", "film.webm", "sound.ogg")


def make(path: Path, seed: int = 0) -> Path:
    """Half a second of noise, with a picture where the name says film."""
    chance = np.random.default_rng(seed)
    suffix = path.suffix[1:]
    codec = {
        "mp3": "libmp3lame",
        "wav": "pcm_s24le",
        "flac": "flac",
        "webm": "libopus",
        "ogg": "libopus",
    }.get(suffix, "aac")
    kind = {"m4a": "mp4", "mkv": "matroska"}.get(suffix, suffix)
    with av.open(str(path), "w", format=kind) as container:
        film = None
        if path.stem == "film":
            film = container.add_stream("libvpx" if suffix == "webm" else "mpeg4", rate=25)
            film.width = film.height = 64
            film.pix_fmt = "yuv420p"
        sound = container.add_stream(codec, rate=48_000)
        sound.layout = "stereo"
        if film is not None:
            for _ in range(12):
                picture = chance.integers(0, 255, (64, 64, 3), dtype=np.uint8)
                container.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(film.encode(None))
        for number in range(24):
            samples = chance.normal(0, 0.1, (2, 960)).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 48_000, number * 960
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    for name in KINDS:
        make(folder / name)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home.open(tmp_path_factory.mktemp("homes") / "home")


def facts_of(source: Path, **more: object) -> Facts:
    facts = Facts(
        title="film.es.mp4",
        language="es",
        source_language="en",
        source_name=source.name,
        source_sha256=sha256_of(source),
        engines=(EngineFact("synthesizer", "kokoro", "kokoro-onnx 0.6.1, /home/somebody/models/kokoro.onnx 6e74"),),
        voices=(
            VoiceFact("ef_dora", "licence-0123456789abcdef", "licence Apache-2.0"),
            VoiceFact("anaperez", "0a1b2c3d4e5f", "consent spoken by the person"),
        ),
        version="0.1.0",
    )
    return dataclasses.replace(facts, **more)  # type: ignore[arg-type]


def deliver(home: Home, plain: Path, into: Path, source: Path, **more: object) -> Path:
    provenance.sign(
        plain, facts_of(source, **{"title": into.name, **more}), Signer.open(home), into=into, source=source
    )
    consent.note_deliverable(home, into, title="film", language="es", lines={"ef_dora": ["s0001"]})
    return into


def flags(home: Home, path: Path, source: Path | None = None) -> dict[str, bool]:
    (checked,) = provenance.verify([path], home, source)
    assert checked.ok == all(c.ok for c in checked.checks)
    return {check.name: check.ok for check in checked.checks}


def manifest_of(path: Path) -> dict[str, object]:
    with c2pa.Reader(str(path)) as reader:
        said = json.loads(reader.json())
    return said  # type: ignore[no-any-return]


# -- what was just made


@pytest.mark.costly
@pytest.mark.parametrize("name", KINDS)
def test_what_was_just_made_verifies(home: Home, media: Path, tmp_path: Path, name: str) -> None:
    made = deliver(home, media / name, tmp_path / name, media / "film.mp4")
    assert flags(home, made, media / "film.mp4") == dict.fromkeys(
        ("manifest", "hash", "trust", "name", "source", "ledger", "voices", "watermark"), True
    )
    assert (tmp_path / f"{name}.c2pa").exists() == (name in BESIDE)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, *([f"{name}.c2pa"] if name in BESIDE else [])])
    with av.open(str(made)) as one, av.open(str(media / name)) as two:
        packets = [[bytes(p) for p in container.demux()] for container in (one, two)]
    assert packets[0] == packets[1]


def test_the_sound_of_a_wav_stays_to_the_bit(home: Home, media: Path, tmp_path: Path) -> None:
    for channels, frames in ((1, 4801), (2, 48_000), (6, 1001)):
        plain = tmp_path / "plain.wav"
        with wave.open(str(plain), "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(3)
            file.setframerate(48_000)
            file.writeframes(random.Random(1).randbytes(3 * channels * frames))
        made = deliver(home, plain, tmp_path / "made.wav", media / "film.mp4")
        with wave.open(str(plain)) as one, wave.open(str(made)) as two:
            assert one.getparams() == two.getparams()
            assert one.readframes(10**9) == two.readframes(10**9)


def test_a_file_is_signed_in_its_place(home: Home, media: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(media / "film.mp4", tmp_path))
    deliver(home, path, path, media / "film.mp4")
    assert all(flags(home, path).values())


def test_a_manifest_beside_its_file_leaves_the_file_as_it_is(home: Home, media: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(media / "film.mp4", tmp_path))
    before = path.stat()
    facts = facts_of(media / "film.mp4", title=path.name)
    assert provenance.sign(path, facts, Signer.open(home), into=path, beside=True) == tmp_path / "film.mp4.c2pa"
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns), "not even written again"
    found = flags(home, path)
    assert (found["manifest"], found["hash"]) == (True, True)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert not flags(home, path)["hash"]


@pytest.mark.parametrize("source", KINDS)
def test_every_kind_of_source_is_linked(home: Home, media: Path, tmp_path: Path, source: str) -> None:
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", media / source)
    assert all(flags(home, made, media / source).values())
    said = manifest_of(made)
    (ingredient,) = said["manifests"][said["active_manifest"]]["ingredients"]  # type: ignore[index]
    assert (ingredient["title"], ingredient["relationship"]) == (source, "parentOf")


def test_a_sources_own_manifest_is_kept(home: Home, media: Path, tmp_path: Path) -> None:
    stranger = Home.open(tmp_path / "stranger")
    source = deliver(stranger, media / "film.mov", tmp_path / "camera.mov", media / "film.mov")
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", source)
    said = manifest_of(made)
    assert len(said["manifests"]) == 2  # type: ignore[arg-type]
    (ingredient,) = said["manifests"][said["active_manifest"]]["ingredients"]  # type: ignore[index]
    assert ingredient["active_manifest"] in said["manifests"]  # type: ignore[operator]
    assert all(flags(home, made, source).values())


def test_a_source_that_is_damaged_or_gone_is_named_all_the_same(home: Home, media: Path, tmp_path: Path) -> None:
    signed = deliver(home, media / "film.mp4", tmp_path / "signed.mp4", media / "film.mp4")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(signed.read_bytes()[:-40])
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", broken)
    assert all(flags(home, made, broken).values())
    facts = facts_of(media / "film.mp4", title="film.mp4")
    provenance.sign(media / "film.mp4", facts, Signer.open(home), into=made)
    consent.note_deliverable(home, made, title="film", language="es", lines={})
    assert all(flags(home, made, media / "film.mp4").values())


def test_what_the_manifest_says(home: Home, media: Path, tmp_path: Path) -> None:
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", media / "film.mov")
    said = manifest_of(made)
    active = said["manifests"][said["active_manifest"]]  # type: ignore[index]
    told = {a["label"]: a["data"] for a in active["assertions"]}
    actions = told["c2pa.actions.v2"]["actions"]
    assert [a["action"] for a in actions] == ["c2pa.opened", "c2pa.edited", "c2pa.translated"]
    assert actions[1]["digitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert actions[2]["parameters"] == {"sourceLanguage": "en", "targetLanguage": "es"}
    assert {e["use"] for e in told["c2pa.training-mining"]["entries"].values()} == {"notAllowed"}
    ours = told["org.localize.dub"]
    assert ours["source"] == {"name": "film.mov", "sha256": sha256_of(media / "film.mov")}
    assert ours["voices"][0]["id"] == "ef_dora"
    assert ours["voices"][1] == {
        "grant_sha256": hashlib.sha256(b"0a1b2c3d4e5f").hexdigest(),
        "consent": "consent spoken by the person",
    }
    assert ours["watermark"] == "none"
    assert active["claim_generator_info"][0]["version"] == "0.1.0"


def test_a_stem_is_synthetic_through_and_through(home: Home, media: Path, tmp_path: Path) -> None:
    made = deliver(
        home, media / "sound.wav", tmp_path / "stem.wav", media / "film.mp4", synthetic=True, translated=False
    )
    said = manifest_of(made)
    active = said["manifests"][said["active_manifest"]]  # type: ignore[index]
    told = {a["label"]: a["data"] for a in active["assertions"]}
    (action,) = told["c2pa.actions.v2"]["actions"]
    assert action["action"] == "c2pa.created"
    assert action["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert all(flags(home, made, media / "film.mp4").values())


def test_no_person_and_no_place_is_in_a_manifest(home: Home, media: Path, tmp_path: Path) -> None:
    private = tmp_path / "Jane Doe"
    private.mkdir()
    source = Path(shutil.copy(media / "film.mp4", private))
    made = deliver(home, media / "film.mp4", private / "out.mp4", source, source_name=str(source))
    data = made.read_bytes()
    for secret in (b"Jane", b"anaperez", b"/home/", b"somebody", b"0a1b2c3d4e5f", str(tmp_path).encode()):
        assert secret not in data
    assert b"kokoro.onnx" in data


# -- what was changed


@pytest.mark.costly
@pytest.mark.parametrize("name", ["film.mp4", "sound.wav", "sound.mp3", "film.mkv"])
def test_fifty_changed_files_are_found(home: Home, media: Path, tmp_path: Path, name: str) -> None:
    made = deliver(home, media / name, tmp_path / name, media / "film.mp4")
    sound = made.read_bytes()
    chance = random.Random(name)
    hows = ("flip", "cut", "cut end", "add", "zero", "double")
    for number in range(50):
        at, how = chance.randrange(len(sound)), hows[number % len(hows)]
        changed = {
            "flip": sound[:at] + bytes([sound[at] ^ 1 << chance.randrange(8)]) + sound[at + 1 :],
            "cut": sound[:at] + sound[at + 8 :],
            "cut end": sound[: at or 1],
            "add": sound + b"\0" * 8,
            "zero": sound[:at] + (b"\xaa" * 16) + sound[at + 16 :],
            "double": sound[: at + 100] + sound[at:],
        }[how]
        made.write_bytes(changed)
        try:
            (checked,) = provenance.verify([made], home)
        except MediaError:
            continue
        assert not checked.ok, (number, how, at)
    made.write_bytes(sound)
    assert all(flags(home, made).values())


def remux(source: Path, target: Path, *, swap: bool = False) -> None:
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        order = reversed(old.streams) if swap else old.streams
        streams = {stream.index: new.add_stream_from_template(stream) for stream in order}
        for packet in old.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                new.mux(packet)


def ffmpeg_made(source: Path, target: Path, *arguments: str) -> Path:
    subprocess.run([ffmpeg(), "-v", "error", "-y", "-i", str(source), *arguments, str(target)], check=True)
    return target


def flipped(made: Path, to: Path, chance: random.Random) -> Path:
    data = bytearray(made.read_bytes())
    for _ in range(chance.randrange(1, 4)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    to.write_bytes(data)
    return to


WAYS: dict[str, Callable[[Path, Path, random.Random], Path]] = {
    "bytes": flipped,
    "metadata": lambda made, to, chance: ffmpeg_made(
        made, to, "-map", "0", "-c", "copy", "-metadata", f"title={chance.random()}"
    ),
    "re-encoded": lambda made, to, chance: ffmpeg_made(
        made, to, "-map", "0:a", "-c:a", "aac", "-b:a", f"{chance.randrange(48, 160)}k", "-map", "0:v?", "-c:v", "copy"
    ),
    "cut": lambda made, to, chance: ffmpeg_made(
        made, to, "-map", "0", "-c", "copy", "-t", f"{chance.uniform(0.1, 0.4):.3f}"
    ),
    "tracks swapped": lambda made, to, chance: ffmpeg_made(
        made, to, "-map", "0:a", "-map", "0:v", "-c", "copy", "-metadata", f"comment={chance.random()}"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_forty_deliverables_tampered_with_are_found_and_no_sound_one_is_blamed(
    home: Home, media: Path, tmp_path: Path, way: str
) -> None:
    """Five ways, forty files each, made from eight deliverables; each of those still verifies after."""
    chance = random.Random(way)
    made = []
    for n in range(8):
        (tmp_path / str(n)).mkdir()
        path = make(tmp_path / str(n) / "film.mp4", seed=n)
        made.append(deliver(home, path, path, media / "film.mp4"))
    for number in range(40):
        path = made[number % 8]
        changed = WAYS[way](path, tmp_path / "changed.mp4", chance)
        if changed.read_bytes() == path.read_bytes():
            continue  # two flips of one bit
        try:
            (checked,) = provenance.verify([changed], home)
        except MediaError:
            continue
        assert not checked.ok, (way, number)
    assert all(checked.ok for checked in provenance.verify(made, home))


def test_a_stripped_file_has_no_manifest(home: Home, media: Path, tmp_path: Path) -> None:
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", media / "film.mp4")
    for swap in (False, True):
        remux(made, tmp_path / "stripped.mp4", swap=swap)
        assert flags(home, tmp_path / "stripped.mp4") == {"manifest": False, "ledger": False}


def test_a_sidecar_holds_for_one_file_only(home: Home, media: Path, tmp_path: Path) -> None:
    made = deliver(home, media / "film.mkv", tmp_path / "film.mkv", media / "film.mp4")
    sidecar = tmp_path / "film.mkv.c2pa"
    other = make(tmp_path / "film2.mkv", seed=1)
    shutil.copy(sidecar, tmp_path / "film2.mkv.c2pa")
    found = {"manifest": True, "hash": False, "trust": True, "name": False, "ledger": False, "voices": True}
    assert flags(home, other) == {**found, "watermark": True}
    data = sidecar.read_bytes()
    sidecar.write_bytes(data[: len(data) // 2])
    assert not flags(home, made)["manifest"]
    sidecar.unlink()
    assert flags(home, made) == {"manifest": False, "ledger": True}


def test_a_new_embedded_manifest_removes_an_old_sidecar(home: Home, media: Path, tmp_path: Path) -> None:
    (tmp_path / "film.mp4.c2pa").write_bytes(b"old")
    deliver(home, media / "film.mp4", tmp_path / "film.mp4", media / "film.mp4")
    assert not (tmp_path / "film.mp4.c2pa").exists()


def test_what_somebody_else_signed_is_not_ours(home: Home, media: Path, tmp_path: Path) -> None:
    stranger = Home.open(tmp_path / "stranger")
    theirs = deliver(stranger, media / "film.mp4", tmp_path / "film.mp4", media / "film.mp4")
    found = {"manifest": True, "hash": True, "trust": False, "name": True, "ledger": False, "voices": True}
    found["watermark"] = True
    assert flags(home, theirs) == found
    nobody = Home.open(tmp_path / "nobody")
    assert flags(nobody, theirs) == found
    assert not nobody.folder.exists()


def test_another_source_is_told(home: Home, media: Path, tmp_path: Path) -> None:
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", media / "film.mp4")
    assert flags(home, made, media / "film.mov")["source"] is False
    assert "source" not in flags(home, made)


def test_a_ledger_out_of_order_vouches_for_nothing(media: Path, tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", media / "film.mp4")
    data = home.ledger.read_bytes()
    home.ledger.write_bytes(data.replace(b'"film"', b'"form"'))
    assert flags(home, made)["ledger"] is False
    assert not ledger.verify(home.ledger).ok


def test_files_of_other_tools_are_told_what_they_lack(home: Home, media: Path, tmp_path: Path) -> None:
    text = tmp_path / "x.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:01,000\nHi\n")
    for path in (
        media / "film.mp4",
        make(tmp_path / "film.mkv", seed=5),
        make(tmp_path / "sound.wav", seed=5),
        text,
    ):
        assert flags(home, path) == {"manifest": False, "ledger": False}


def test_what_cannot_be_read_is_refused(home: Home, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x18ftypisom" + b"\xff" * 500)
    for path in (tmp_path / "absent.mp4", tmp_path, broken):
        with pytest.raises(MediaError) as raised:
            provenance.verify([path], home)
        assert raised.value.exit_code == 3


def test_a_claimed_watermark_is_measured(home: Home, media: Path, tmp_path: Path) -> None:
    made = deliver(home, media / "sound.wav", tmp_path / "a.wav", media / "film.mp4", watermark="perth")
    (unknown,) = provenance.verify([made], home)
    assert "localize-toolkit[watermark]" in unknown.checks[-1].detail
    plain = media / "sound.wav"
    (asked,) = provenance.verify([plain], home, watermark=lambda _path: 0.1, marked=True)
    assert [c.name for c in asked.checks] == ["manifest", "ledger", "watermark"]
    assert not asked.checks[-1].ok
    assert flags(home, made)["watermark"] is False
    for confidence, ok in ((0.9, True), (0.2, False)):
        (checked,) = provenance.verify([made], home, watermark=lambda _path, c=confidence: c)
        assert checked.ok is ok


# -- keys and failures


def test_the_key_is_private_and_never_shown(home: Home) -> None:
    signer = Signer.open(home)
    path = home.keys / "c2pa.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "PRIVATE" not in repr(signer)
    assert Signer.open(home) == signer
    assert path.read_text().count("PRIVATE KEY") == 2


def test_a_damaged_key_file_is_told(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    Signer.open(home)
    (home.keys / "c2pa.pem").write_text("-----BEGIN X-----\n")
    with pytest.raises(StoreError, match="restore it"):
        Signer.open(home)


def test_a_file_that_is_not_there_is_told(home: Home, media: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        provenance.sign(tmp_path / "absent", facts_of(media / "film.mp4"), Signer.open(home), into=tmp_path / "a.mp4")
    assert not list(tmp_path.glob("a*"))


def chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)


def riff(*chunks: bytes, over: int = 0) -> bytes:
    """A WAV of these chunks, whose head says `over` bytes more than there are."""
    content = b"WAVE" + b"".join(chunks)
    return b"RIFF" + (len(content) + over).to_bytes(4, "little") + content


FORMAT = chunk(b"fmt ", b"\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0")
SOUND = chunk(b"data", bytes(200))


@pytest.mark.parametrize(
    ("data", "takes"),
    [
        (riff(FORMAT, SOUND), True),
        (riff(FORMAT, chunk(b"LIST", b"odd"), SOUND, chunk(b"note", b"")), True),
        (riff(FORMAT, SOUND, over=2), False),
        (riff(FORMAT, SOUND) + b"more", False),
        (riff(FORMAT, SOUND)[:-20], False),
        (riff(FORMAT, SOUND, chunk(b"C2PA", b"signed before")), False),
        (b"RF64" + riff(FORMAT, SOUND)[4:], False),
        (riff(FORMAT, chunk(b"data", bytes(199)))[:-1], False),
        (b"RIFF", False),
        (b"", False),
    ],
)
def test_a_manifest_is_added_to_a_whole_wav_that_has_none(tmp_path: Path, data: bytes, takes: bool) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    assert data_hash.takes_chunk(path) is takes


@pytest.mark.parametrize("title", ["a.wav", "ab.wav"])
def test_a_manifest_added_here_is_the_librarys(home: Home, tmp_path: Path, title: str) -> None:
    """Of odd and of even length; what the manifest says, and what it binds, does not tell who hashed the file."""
    plain = tmp_path / "plain.wav"
    plain.write_bytes(riff(FORMAT, SOUND))
    facts = dataclasses.replace(facts_of(plain), title=title)
    signer, made = Signer.open(home), tmp_path / title
    provenance.sign(plain, facts, signer, into=made)
    assert made.read_bytes()[12:].startswith(FORMAT + SOUND + b"C2PA")
    assert len(made.read_bytes()) % 2 == 0
    said = []
    signed = io.BytesIO()
    with signer.opened() as key, c2pa.Builder(_manifest(facts)) as builder, plain.open("rb") as source:
        _add_source(builder, facts, None)
        builder.sign(key, "audio/wav", source, signed)
    for file in (io.BytesIO(made.read_bytes()), io.BytesIO(signed.getvalue())):
        with c2pa.Reader("audio/wav", file) as reader:
            (manifest,) = json.loads(reader.detailed_json())["manifests"].values()
        bound = manifest["assertion_store"].pop("c2pa.hash.data")
        said.append((sorted(manifest["assertion_store"]), manifest["claim"]["dc:title"], bound["alg"], bound["name"]))
        assert [e["start"] for e in bound["exclusions"]] == [len(plain.read_bytes())]
    assert said[0] == said[1]


def test_a_film_the_library_cannot_parse_is_signed_beside_itself(home: Home, tmp_path: Path, media: Path) -> None:
    odd = tmp_path / "odd.mp4"
    odd.write_bytes(b"\0\0\0\x18ftypisom" + b"\xff" * 500)
    made = tmp_path / "made.mp4"
    side = provenance.sign(odd, facts_of(media / "film.mp4"), Signer.open(home), into=made)
    assert side == tmp_path / "made.mp4.c2pa"
    assert made.read_bytes() == odd.read_bytes()


def test_subtitles_are_signed_beside_themselves(home: Home, media: Path, tmp_path: Path) -> None:
    text = tmp_path / "film.es.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:01,000\nHola\n", encoding="utf-8")
    side = provenance.sign(
        text, facts_of(media / "film.mp4", title=text.name, text=True, voices=()), Signer.open(home), into=text
    )
    assert side == tmp_path / "film.es.srt.c2pa"
    consent.note_deliverable(home, text, title="film", language="es", lines={})
    assert all(flags(home, text, media / "film.mp4").values())
    with (
        text.open("rb") as file,
        c2pa.Reader("application/octet-stream", file, manifest_data=side.read_bytes()) as reader,
    ):
        said = json.loads(reader.json())
    told = {a["label"]: a["data"] for a in said["manifests"][said["active_manifest"]]["assertions"]}
    assert [a["action"] for a in told["c2pa.actions.v2"]["actions"]] == ["c2pa.created", "c2pa.translated"]
    text.write_text("1\n00:00:00,000 --> 00:00:01,000\nAdios\n", encoding="utf-8")
    assert flags(home, text)["hash"] is False


def test_a_file_under_another_name_is_found(home: Home, media: Path, tmp_path: Path) -> None:
    made = deliver(home, media / "film.mp4", tmp_path / "film.es.mp4", media / "film.mp4")
    renamed = Path(shutil.copy(made, tmp_path / "film.pt.mp4"))
    (checked,) = provenance.verify([renamed], home)
    assert [(c.name, c.detail) for c in checked.checks if not c.ok] == [
        ("name", "it was signed as 'film.es.mp4', and has another name here: is it what is wanted?")
    ]
    assert {k: checked.claims[k] for k in ("title", "language", "source_language", "source")} == {
        "title": "film.es.mp4",
        "language": "es",
        "source_language": "en",
        "source": "film.mp4",
    }
    assert checked.claims["kind"] == "the dialogue is spoken by synthesized voices"
    assert checked.claims["source_sha256"] == sha256_of(media / "film.mp4")


def test_a_ledger_older_than_its_files_is_found(media: Path, tmp_path: Path) -> None:
    """The home is put back to what it was before the delivery, or gets a ledger of its own anew."""
    home = Home.open(tmp_path / "home")
    consent.check(home, [consent.Request("ef_dora", "S1", "es", "film")])
    shutil.copytree(home.folder, tmp_path / "before")
    for n in range(2):
        consent.check(home, [consent.Request("ef_dora", "S1", "es", f"film {n}")])
    anchored = {"ledger": ledger.anchor(home)}
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", media / "film.mp4", **anchored)
    assert flags(home, made)["ledger"]

    def said() -> str:
        (checked,) = provenance.verify([made], home)
        return next(c.detail for c in checked.checks if c.name == "ledger" and not c.ok)

    shutil.rmtree(home.folder)
    shutil.copytree(tmp_path / "before", home.folder)
    assert "had 3 when the file was delivered: it was rolled back" in said()
    for n in range(2):
        consent.check(home, [consent.Request("ef_dora", "S1", "es", f"another film {n}")])
    assert "record 3 of the ledger is another than when the file was delivered" in said()
    home.ledger.unlink()
    home.head.unlink()
    (home.keys / "ledger.key").unlink()
    consent.check(home, [consent.Request("ef_dora", "S1", "es", "film")])
    assert "delivered by another ledger" in said()


def test_a_voice_revoked_since_is_said(media: Path, tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    given = consent.ledger.append(home, "grant", voice="ana", grant="0a1b2c3d4e5f")
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", media / "film.mp4")
    assert flags(home, made)["voices"]
    consent.ledger.append(home, "revocation", voice="ana", files=[], reason="")
    (checked,) = provenance.verify([made], home)
    (failed,) = [c for c in checked.checks if not c.ok]
    assert failed.name == "voices"
    assert f"ana revoked on {given['at'][:10]}" in failed.detail


def test_a_blend_names_its_parents_and_one_that_is_revoked_is_said(media: Path, tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    consent.blend(home, "vega", {"ef_dora": 1.0, "em_alex": 1.0})
    grant = consent.check(home, [consent.Request("vega", "S1", "es", "film")])["S1"]
    film = media / "film.mp4"
    made = deliver(home, film, tmp_path / "film.mp4", film, voices=(VoiceFact.of(grant),))
    (checked,) = provenance.verify([made], home)
    (voices,) = [c for c in checked.checks if c.name == "voices"]
    assert voices.ok
    assert "50% ef_dora (Apache-2.0), 50% em_alex (Apache-2.0)" in voices.detail
    consent.revoke(home, "em_alex")
    (failed,) = [c for c in provenance.verify([made], home)[0].checks if not c.ok]
    assert failed.name == "voices"
    assert "em_alex revoked on" in failed.detail


def test_the_ledger_is_read_once_for_all_files(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a process that has not read it before: what this one remembers is forgotten."""
    home = Home.open(tmp_path / "home")
    made = deliver(home, media / "film.mp4", tmp_path / "film.mp4", media / "film.mp4")
    monkeypatch.setattr(consent.book, "_READ", {})
    opened = []
    open_plain = reading.open_plain

    def counting(path: Path) -> Any:
        opened.append(path)
        return open_plain(path)

    monkeypatch.setattr(reading, "open_plain", counting)
    assert [checked.ok for checked in provenance.verify([made, made], home)] == [True, True]
    assert opened.count(home.ledger) == 1


def test_json_is_what_the_contract_says(home: Home, media: Path) -> None:
    (said,) = to_json(provenance.verify([media / "film.mp4"], home))
    assert set(said) == {"path", "ok", "checks", "claims"}
    assert all(set(check) == {"name", "ok", "detail"} for check in said["checks"])
    assert re.fullmatch(r".+film\.mp4", said["path"])


def test_a_name_as_long_as_names_can_be_is_verified(home: Home, tmp_path: Path) -> None:
    """None with ".c2pa" behind it can lie beside it."""
    path = tmp_path / ("n" * 251 + ".wav")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    (checked,) = provenance.verify([path], home)
    assert checked.checks[0].detail == "it carries no manifest, and none lies beside it"
