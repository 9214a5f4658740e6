"""Voice packs: what one home exports another can use; what nobody exported is refused and leaves nothing.

Over 400 lines: one home, one pack and their issuer, against every way to make more of them.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import stat
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import soundfile

from localize import consent
from localize.consent import Grant, Home, Request, keyring, ledger, packs
from localize.consent.terms import canonical_bytes, issuers
from localize.errors import ConsentError, GrantRevoked, LocalizeError, MediaError, NoGrant, UsageError

Files = list[tuple[zipfile.ZipInfo, bytes]]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a voice and its grant."""
    folder = tmp_path_factory.mktemp("studio")
    bursts = np.arange(7 * 24_000) // 8000 % 2
    soundfile.write(folder / "ana.wav", np.random.default_rng(1).normal(0, 0.1, 7 * 24_000) * bursts, 24_000)
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7 signed")
    home = Home.open(folder / "home")
    consent.enroll(home, "ana", reference=folder / "ana.wav", name="Ana P.", evidence=folder / "paper.pdf")
    consent.grant(home, "ana", languages=["es"], titles=["Film*"], rate=Decimal(90), currency="EUR")
    return home


@pytest.fixture(scope="module")
def pack(studio: Home) -> tuple[Path, str]:
    path = studio.folder.parent / "ana.voice.zip"
    return path, consent.export_voice(studio, "ana", path)


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return [(info, archive.read(info)) for info in archive.infolist()]


def _otherwise(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    info.compress_type = zipfile.ZIP_BZIP2
    return info


def packed(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in files:
            archive.writestr(info, data, info.compress_type or zipfile.ZIP_DEFLATED)
    return path


def untouched(home: Home) -> bool:
    return not any(
        (home.folder / name).exists() and list((home.folder / name).iterdir()) for name in ("voices", "grants")
    )


@pytest.mark.costly
def test_a_voice_goes_from_home_to_home_with_its_grants(studio: Home, pack: tuple[Path, str], home: Home) -> None:
    path, issuer = pack
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (record,) = [r for r in ledger.read(studio) if r["kind"] == "export"]
    assert (record["voice"], record["sha256"]) == ("ana", hashlib.sha256(path.read_bytes()).hexdigest())
    made = consent.import_voice(home, path, issuer.upper())
    assert (made.voice.id, len(made.grants)) == ("ana", 1)
    granted = consent.check(home, [Request("ana", "S1", "es", "Film 2")])["S1"]
    assert Grant.read(granted, "reference.wav")[:4] == b"RIFF"
    with pytest.raises(ConsentError):
        consent.check(home, [Request("ana", "S1", "fr", "Film 2")])
    assert ledger.verify(home.ledger).ok
    assert [r["kind"] for r in ledger.read(home)][:2] == ["enrolment", "grant"]
    with pytest.raises(UsageError, match="enrolled already"):
        consent.import_voice(home, path, issuer)


@pytest.mark.costly
def test_an_issuer_can_grant_the_imported_voice_and_no_other(
    studio: Home, pack: tuple[Path, str], home: Home, tmp_path: Path
) -> None:
    consent.import_voice(home, *pack)
    shutil.copytree(home.voices / "ana", tmp_path / "ana")
    sound, rate = soundfile.read(studio.folder.parent / "ana.wav")
    soundfile.write(tmp_path / "ben.wav", sound / 2, rate)
    consent.enroll(home, "ben", reference=tmp_path / "ben.wav", evidence=studio.folder.parent / "paper.pdf")
    consent.enroll(studio, "ben", reference=tmp_path / "ben.wav", evidence=studio.folder.parent / "paper.pdf")
    theirs = consent.grant(studio, "ben", languages=["es"])
    shutil.copy(studio.grants / f"ben.{theirs.id}.json", home.grants)
    with pytest.raises(NoGrant, match="issuer"):
        consent.check(home, [Request("ben", "S1", "es", "Film")])


def test_without_the_issuers_word_nothing_is_taken(pack: tuple[Path, str], home: Home) -> None:
    for issuer in ("", "0" * 64, pack[1][:-1] + "x"):
        with pytest.raises(NoGrant, match="issuer") as raised:
            consent.import_voice(home, pack[0], issuer)
        assert pack[1] not in raised.value.message
    assert untouched(home)


def test_a_revoked_voice_neither_goes_nor_comes(pack: tuple[Path, str], home: Home, tmp_path: Path) -> None:
    consent.import_voice(home, *pack)
    consent.revoke(home, "ana")
    with pytest.raises(GrantRevoked):
        consent.export_voice(home, "ana", tmp_path / "out.zip")
    shutil.rmtree(home.voices / "ana")
    with pytest.raises(LocalizeError, match="revoked"):
        consent.import_voice(home, *pack)
    with pytest.raises(UsageError, match="stock"):
        consent.export_voice(home, "ef_dora", tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def _named(name: str) -> Callable[[Files], Files]:
    return lambda files: [*files, (zipfile.ZipInfo(name), b"x")]


def _link(files: Files) -> Files:
    info = zipfile.ZipInfo("style.bin")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return [*files, (info, b"/etc/passwd")]


def _changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    return lambda files: [(i, change(d) if i.filename.startswith(name) else d) for i, d in files]


def _without(name: str) -> Callable[[Files], Files]:
    return lambda files: [(i, d) for i, d in files if not i.filename.startswith(name)]


HOSTILE: dict[str, Callable[[Files], Files]] = {
    "out of the folder": _named("../evil.wav"),
    "out by a backslash": _named("..\\evil.wav"),
    "absolute": _named("/tmp/evil.wav"),
    "a folder within": _named("voices/evil/voice.toml"),
    "grants that climb": _named("grants/../../evil.json"),
    "a link": _link,
    "a file nobody named": _named("evil.so"),
    "a hidden file": _named(".bashrc"),
    "thousands of files": lambda files: [*files, *((zipfile.ZipInfo(f"f{n}"), b"") for n in range(5000))],
    "a bomb": lambda files: [*files, (zipfile.ZipInfo("reference2.wav"), bytes(200 << 20))],
    "a bomb of JSON": _changed("pack.json", lambda _data: b'{"a":' * 200_000),
    "a deep JSON": _changed("pack.json", lambda _data: b"[" * 60_000),
    "a large JSON": _changed("pack.json", lambda _data: b" " * (10 << 20)),
    "a deep card": _changed("voice.toml", lambda data: b"x = " + b"[" * 50_000 + b"\n" + data),
    "a large card": _changed("voice.toml", lambda data: b"#" * (1 << 20) + b"\n" + data),
    "a card for another place": _changed("voice.toml", lambda data: data.replace(b'"reference.wav"', b'"../r.wav"')),
    "an id that climbs": _changed("pack.json", lambda data: data.replace(b'"ana"', b'"../ana"')),
    "another recording": _changed("reference.wav", lambda data: data[:-2] + b"\1\1"),
    "another card": _changed("voice.toml", lambda data: data.replace(b"coqui", b"other")),
    "no card": _without("voice.toml"),
    "no recording": _without("reference.wav"),
    "a wider grant": _changed("grants/", lambda data: data.replace(b"Film*", b"*****")),
    "packed otherwise": lambda files: [(_otherwise(i), d) for i, d in files],
    "no zip": lambda _files: [],
}


@pytest.mark.costly
@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_pack_is_refused_and_leaves_nothing(
    pack: tuple[Path, str], home: Home, tmp_path: Path, how: str
) -> None:
    path = packed(tmp_path / "bad.zip", HOSTILE[how](files_of(pack[0])))
    if how == "no zip":
        path.write_text("hello")
    with pytest.raises((MediaError, NoGrant)) as raised:
        consent.import_voice(home, path, pack[1])
    assert "\n" not in raised.value.message
    assert len(raised.value.message) < 600
    assert untouched(home)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name not in ("home", "store")) == ["bad.zip"]


@pytest.mark.costly
def test_a_zip_that_lies_about_its_sizes(pack: tuple[Path, str], home: Home, tmp_path: Path) -> None:
    path = packed(tmp_path / "bad.zip", [(zipfile.ZipInfo("pack.json"), b" " * (50 << 20))])
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(MediaError):
        consent.import_voice(home, path, pack[1])
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("pack.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("pack.json", json.dumps({"schema": 1, "voice": "ana", "issuer": pack[1]}))
    path.write_bytes(twice.getvalue())
    with pytest.raises(MediaError, match="twice"):
        consent.import_voice(home, path, pack[1])
    assert untouched(home)


@pytest.mark.slow
def test_five_hundred_changed_packs_are_refused_or_the_same(pack: tuple[Path, str], home: Home, tmp_path: Path) -> None:
    sound = pack[0].read_bytes()
    chance = random.Random(5)
    path = tmp_path / "bad.zip"
    for _ in range(500):
        data = bytearray(sound)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        try:
            consent.import_voice(home, path, pack[1])
        except LocalizeError:
            assert untouched(home)
            continue
        # A bit that says nothing (a date in the zip): what came in is what was exported.
        assert (home.voices / "ana" / "reference.wav").read_bytes() == dict(packs._read_entries(sound))["reference.wav"]
        assert consent.check(home, [Request("ana", "S1", "es", "Film")])
        shutil.rmtree(home.folder)


def test_what_is_no_file_is_refused(home: Home, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(MediaError):
            consent.import_voice(home, path, "0" * 64)


# -- who may grant an imported voice, and what travels


@pytest.mark.costly
def test_an_imported_voice_obeys_its_issuer_alone(pack: tuple[Path, str], home: Home, tmp_path: Path) -> None:
    consent.import_voice(home, *pack)
    (tmp_path / "ben.pdf").write_bytes(b"%PDF-1.7 signed")
    with pytest.raises(NoGrant, match="came in a pack: only its issuer can grant it"):
        consent.grant(home, "ana", languages=["fr"], purposes=["ad"], training=True, evidence=tmp_path / "ben.pdf")
    # A grant signed with the importing home's own key, laid into its folder by hand, is void.
    consent.enroll(home, "ben", reference=bens_recording(tmp_path), evidence=tmp_path / "ben.pdf")
    own = consent.grant(home, "ben", languages=["fr"])
    said = json.loads((home.grants / f"ben.{own.id}.json").read_text())
    (home.grants / f"ana.{own.id}.json").write_text(
        json.dumps({**said, "voice": "ana"}, sort_keys=True, indent=1) + "\n"
    )
    with pytest.raises(ConsentError):
        consent.check(home, [Request("ana", "S1", "fr", "Film 2")])


def test_an_empty_file_makes_nobody_an_issuer(pack: tuple[Path, str], home: Home) -> None:
    consent.import_voice(home, *pack)
    home.trusted.mkdir(exist_ok=True)
    (home.trusted / f"ana.{'ab' * 32}.issuer").write_bytes(b"")
    assert issuers(home, "ana") == {pack[1]}


def test_a_renewed_pack_brings_its_new_grants(studio: Home, pack: tuple[Path, str], home: Home, tmp_path: Path) -> None:
    consent.import_voice(home, *pack)
    with pytest.raises(ConsentError):
        consent.check(home, [Request("ana", "S1", "it", "Film 2")])
    given = consent.grant(studio, "ana", languages=["it"])
    try:
        issuer = consent.export_voice(studio, "ana", tmp_path / "renewed.zip")
        found = consent.import_voice(home, tmp_path / "renewed.zip", issuer).grants
        assert given.id in {t.id for t in found}
        assert consent.check(home, [Request("ana", "S1", "it", "Film 2")])["S1"].id == given.id
    finally:
        consent.end_grant(studio, given.id)
    assert [r["kind"] for r in ledger.read(home)].count("renewal") == 1


def bens_recording(folder: Path) -> Path:
    sound = np.random.default_rng(2).normal(0, 0.2, 7 * 24_000) * (np.arange(7 * 24_000) // 8000 % 2)
    soundfile.write(folder / "ben.wav", np.clip(sound, -1, 1), 24_000)
    return folder / "ben.wav"


@pytest.mark.costly
def test_what_an_issuer_revokes_travels(pack: tuple[Path, str], studio: Home, home: Home, tmp_path: Path) -> None:
    """On a copy of the issuer's home, which stays as it is for the other tests."""
    theirs = Home.open(Path(shutil.copytree(studio.folder, tmp_path / "theirs")))
    consent.import_voice(home, *pack)
    consent.enroll(home, "ben", reference=bens_recording(tmp_path), evidence=studio.folder.parent / "paper.pdf")
    consent.export_revocations(theirs, tmp_path / "early.json")
    assert consent.import_revocations(home, tmp_path / "early.json", pack[1]).voices == ()
    assert consent.check(home, [Request("ana", "S1", "es", "Film 2")])
    consent.revoke(theirs, "ana")
    assert consent.export_revocations(theirs, tmp_path / "late.json") == pack[1]
    taken = consent.import_revocations(home, tmp_path / "late.json", pack[1])
    assert (taken.voices, taken.grants) == (("ana",), ())
    with pytest.raises(GrantRevoked):
        consent.check(home, [Request("ana", "S1", "es", "Film 2")])
    assert "ben" not in consent.revocations(home)
    with pytest.raises(NoGrant, match="older than the list"):
        consent.import_revocations(home, tmp_path / "early.json", pack[1])
    with pytest.raises(GrantRevoked, match="cannot be imported again"):
        consent.import_voice(home, *pack)


def test_one_grant_taken_back_by_its_issuer_travels(
    pack: tuple[Path, str], studio: Home, home: Home, tmp_path: Path
) -> None:
    theirs = Home.open(Path(shutil.copytree(studio.folder, tmp_path / "theirs")))
    (given,) = consent.import_voice(home, *pack).grants
    consent.end_grant(theirs, given.id)
    consent.export_revocations(theirs, tmp_path / "list.json")
    assert consent.import_revocations(home, tmp_path / "list.json", pack[1]).grants == (given.id,)
    with pytest.raises(GrantRevoked, match="was taken back"):
        consent.check(home, [Request("ana", "S1", "es", "Film 2")])


@pytest.mark.parametrize("what", ["another issuer", "another voice", "no signature", "text", "nothing"])
def test_a_list_nobody_signed_revokes_nothing(
    pack: tuple[Path, str], studio: Home, home: Home, tmp_path: Path, what: str
) -> None:
    consent.import_voice(home, *pack)
    path = tmp_path / "list.json"
    consent.export_revocations(studio, path)
    said = json.loads(path.read_text())
    if what == "another voice":
        said["voices"] = [{"voice": "ana", "files": [], "at": "2026-01-01"}]
    elif what == "no signature":
        del said["signature"]
    path.write_text({"text": "trust me", "nothing": ""}.get(what, json.dumps(said)))
    with pytest.raises((NoGrant, MediaError)):
        consent.import_revocations(home, path, "0" * 64 if what == "another issuer" else pack[1])
    assert consent.check(home, [Request("ana", "S1", "es", "Film 2")])


# -- issuers who sign with a program of their own


def signed_anew(studio: Home, path: Path, change: dict[str, object]) -> Path:
    """The pack with its grant changed and signed by its own issuer."""
    key = keyring.load_key(studio.keys / "issuer.key")
    files = []
    for info, data in files_of(path):
        if not info.filename.startswith("grants/"):
            files.append((info, data))
            continue
        said = {**json.loads(data), **change}
        del said["signature"]
        signed = canonical_bytes({**said, "signature": key.sign(keyring.canonical(said)).hex()})
        files.append((zipfile.ZipInfo(f"grants/{said['voice']}.{said['id']}.json"), signed))
    return packed(path.with_name("anew.zip"), files)


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("rate", "abc"),
        ("rate", "-500"),
        ("rate", "1e999999999"),
        ("rate", "NaN"),
        ("currency", "\x1b[2J"),
        ("id", "x\x1b[2Jy"),
        ("not_after", "tomorrow"),
        ("not_before", "20261129"),
        ("titles", ["Film\n"]),
        ("titles", ["*"] * 501),
        ("languages", []),
        ("languages", ["e s"]),
        ("purposes", []),
        ("purposes", ["DUB"]),
        ("territory", "\x9b2J"),
        ("issued", "now\x07"),
        ("evidence", "paper"),
    ],
)
def test_terms_that_no_grant_has_are_refused_whoever_signed_them(
    studio: Home, pack: tuple[Path, str], home: Home, term: str, value: object
) -> None:
    with pytest.raises(NoGrant, match="is void"):
        consent.import_voice(home, signed_anew(studio, pack[0], {term: value}), pack[1])
    assert untouched(home)
    assert not home.ledger.exists()


@pytest.mark.costly
def test_a_pack_changes_nothing_of_anothers_grant(pack: tuple[Path, str], home: Home, tmp_path: Path) -> None:
    """Another issuer's grant under the number of ana's would take her fee, and her right to speak, away."""
    (given,) = consent.import_voice(home, *pack).grants
    other = Home.open(tmp_path / "other")
    (tmp_path / "ben.pdf").write_bytes(b"%PDF-1.7 signed")
    consent.enroll(other, "ben", reference=bens_recording(tmp_path), evidence=tmp_path / "ben.pdf")
    consent.grant(other, "ben", languages=["es"])
    key = consent.export_voice(other, "ben", tmp_path / "ben.zip")
    with pytest.raises(NoGrant, match="says otherwise than this home's ledger"):
        consent.import_voice(home, signed_anew(other, tmp_path / "ben.zip", {"id": given.id}), key)
    assert consent.check(home, [Request("ana", "S1", "es", "Film 2")])["S1"].terms.rate == "90"


@pytest.mark.costly
def test_a_recording_that_came_in_a_pack_stays_its_issuers(pack: tuple[Path, str], home: Home, tmp_path: Path) -> None:
    consent.import_voice(home, *pack)
    (tmp_path / "ben.pdf").write_bytes(b"%PDF-1.7 signed")
    taken = home.voices / "ana" / "reference.wav"
    with pytest.raises(NoGrant, match="came in a voice pack"):
        consent.enroll(home, "mine", reference=taken, evidence=tmp_path / "ben.pdf")
    # Nor by way of another home, whose key then signs for it.
    other = Home.open(tmp_path / "other")
    consent.enroll(other, "mine", reference=taken, evidence=tmp_path / "ben.pdf")
    consent.grant(other, "mine", languages=["fr"])
    key = consent.export_voice(other, "mine", tmp_path / "mine.zip")
    with pytest.raises(NoGrant, match="from another issuer before"):
        consent.import_voice(home, tmp_path / "mine.zip", key)


def test_no_other_issuer_takes_over_a_voices_name(pack: tuple[Path, str], home: Home, tmp_path: Path) -> None:
    consent.import_voice(home, *pack)
    shutil.rmtree(home.voices / "ana")
    other = Home.open(tmp_path / "other")
    (tmp_path / "ben.pdf").write_bytes(b"%PDF-1.7 signed")
    consent.enroll(other, "ana", reference=bens_recording(tmp_path), evidence=tmp_path / "ben.pdf")
    consent.grant(other, "ana", languages=["fr"])
    key = consent.export_voice(other, "ana", tmp_path / "other.zip")
    with pytest.raises(NoGrant, match="from another issuer before"):
        consent.import_voice(home, tmp_path / "other.zip", key)
    consent.import_voice(home, *pack)


def test_a_revocation_reaches_the_recording_in_another_issuers_pack(
    studio: Home, pack: tuple[Path, str], home: Home, tmp_path: Path
) -> None:
    theirs = Home.open(Path(shutil.copytree(studio.folder, tmp_path / "theirs")))
    other = Home.open(tmp_path / "other")
    (tmp_path / "ben.pdf").write_bytes(b"%PDF-1.7 signed")
    recording = studio.voices / "ana" / "reference.wav"
    consent.enroll(other, "mine", reference=recording, evidence=tmp_path / "ben.pdf")
    consent.grant(other, "mine", languages=["fr"])
    consent.import_voice(home, tmp_path / "mine.zip", consent.export_voice(other, "mine", tmp_path / "mine.zip"))
    assert consent.check(home, [Request("mine", "S1", "fr", "Film 2")])
    consent.revoke(theirs, "ana")
    consent.export_revocations(theirs, tmp_path / "list.json")
    assert consent.import_revocations(home, tmp_path / "list.json", pack[1]).voices == ("mine",)
    with pytest.raises(GrantRevoked):
        consent.check(home, [Request("mine", "S1", "fr", "Film 2")])
