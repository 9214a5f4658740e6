"""Consent: no voice is heard without a grant that holds, by whatever route it is asked for.

Over 400 lines: every refusal is tried on the same home, voices and recordings.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import os
import pickle
import random
import shutil
import stat
import subprocess
import sys
import types
import wave
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localize import consent
from localize.consent import Grant, Home, Request, ledger, spoken_consent
from localize.consent.terms import read_grant
from localize.data import Blob, Span, Take, Utterance
from localize.errors import (
    ConsentError,
    GrantExpired,
    GrantRevoked,
    MediaError,
    NoGrant,
    OutOfScope,
    StoreError,
    UsageError,
)
from localize.media import ffmpeg
from localize.runtime.records import from_json, to_json

STOCK = {
    "es": "ef_dora em_alex em_santa",
    "pt": "pf_dora pm_alex pm_santa",
    "fr": "ff_siwis",
    "it": "if_sara im_nicola",
    "en": "af_heart af_bella am_michael am_fenrir bf_emma bm_george",
}
TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    record(folder / "ana.wav", 7)
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7 signed")
    return folder


def record(path: Path, seconds: float, level: float = 0.2, rate: int = 44_100) -> Path:
    """Bursts of noise with pauses: what a level meter takes for speech."""
    chance = np.random.default_rng(1)
    sound = chance.normal(0, level, (int(seconds * rate), 2)) * (np.arange(int(seconds * rate)) // 8000 % 2)[:, None]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def enrolled_once(recordings: Path) -> Path:
    """A home with one voice, to be copied."""
    made = Home.open(recordings / "home")
    consent.enroll(made, "ana", reference=recordings / "ana.wav", name="Ana P.", evidence=recordings / "paper.pdf")
    return made.folder


@pytest.fixture
def ana(home: Home, enrolled_once: Path) -> str:
    shutil.copytree(enrolled_once, home.folder, dirs_exist_ok=True)
    return "ana"


def ask(home: Home, voice: str, language: str = "es", title: str = "episode", **more: Any) -> Grant:
    today = more.pop("today", None)
    return consent.check(home, [Request(voice, "S1", language, title, **more)], today=today)["S1"]


def log(home: Home) -> list[dict[str, Any]]:
    return [r for r in ledger.read(home) if r["kind"] == "check"]


# -- stock voices


def test_the_stock_voices_are_all_there_and_sound(home: Home) -> None:
    voices = {v.id: v for v in consent.voices(home) if not v.parents}
    assert set(voices) == {v for ids in STOCK.values() for v in ids.split()}
    for language, ids in STOCK.items():
        for voice_id in ids.split():
            voice = voices[voice_id]
            assert (voice.languages, voice.engine) == ((language,), "kokoro")
            data = Grant.read(ask(home, voice_id, language), "style.bin")
            assert np.frombuffer(data, "<f4").reshape(510, 1, 256).std() > 0.05
    folder = consent.stock_folder()
    assert (folder / "LICENSE-APACHE").is_file()
    assert "hexgrad" in (folder / "NOTICE").read_text()
    assert ledger.verify(home.ledger).ok


def test_the_stock_blends_rest_on_the_licences_of_stock_voices(home: Home) -> None:
    blends = [v for v in consent.voices(home) if v.parents]
    assert len(blends) == 4
    for voice in blends:
        granted = ask(home, voice.id, "es")
        assert granted.basis.startswith("blend of 100% e")
        assert np.frombuffer(Grant.read(granted, "style.bin"), "<f4").reshape(510, 1, 256).std() > 0.05
        assert not (consent.stock_folder() / voice.id / "style.bin").exists()
        with pytest.raises(OutOfScope, match="not for en"):
            ask(home, voice.id, "en")


def test_a_stock_voice_speaks_its_other_languages_and_no_more(home: Home) -> None:
    assert ask(home, "am_michael", "es").kind == "licence"
    assert ask(home, "ef_dora", "es-MX").id == ask(home, "ef_dora", "es").id
    with pytest.raises(OutOfScope, match="not for de"):
        ask(home, "ef_dora", "de")
    with pytest.raises(OutOfScope, match="cloning"):
        ask(home, "ef_dora", "es", cloning=True)


def test_unknown_voices_are_refused_and_written_down(home: Home) -> None:
    for name in ("nobody", "../../etc", "", "EF_DORA", "ef_dora/", "a" * 65, "x\0y", "ef_dora\n"):
        with pytest.raises(NoGrant, match="localize voices list") as raised:
            ask(home, name)
        assert raised.value.exit_code == 4
        assert "\n" not in raised.value.message
    assert [r["outcome"] for r in log(home)] == ["refused"] * 8


def test_every_answer_is_in_the_ledger_before_anyone_hears_it(home: Home) -> None:
    requests = [
        Request("ef_dora", "S1", "es", "e"),
        Request("nobody", "S2", "es", "e"),
        Request("em_alex", "S3", "es", "e"),
    ]
    with pytest.raises(NoGrant, match="nobody") as raised:
        consent.check(home, requests)
    assert raised.value.details["speaker"] == "S2"
    assert [(r["speaker"], r["outcome"]) for r in log(home)] == [
        ("S1", "granted"),
        ("S2", "refused"),
        ("S3", "granted"),
    ]
    assert log(home)[1]["error"] == "NoGrant"


def test_nothing_is_granted_when_the_ledger_cannot_be_written(home: Home) -> None:
    ask(home, "ef_dora")
    home.head.unlink()
    with pytest.raises(StoreError):
        ask(home, "ef_dora")


def test_two_voices_for_one_speaker_make_no_sense(home: Home) -> None:
    with pytest.raises(UsageError, match="one voice"):
        consent.check(home, [Request("ef_dora", "S1", "es", "e"), Request("em_alex", "S1", "es", "e")])
    assert consent.check(home, []) == {}


def test_the_home_is_found_where_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCALIZE_HOME", str(tmp_path / "chosen"))
    assert Home.open().folder == tmp_path / "chosen"
    monkeypatch.setenv("LOCALIZE_HOME", "")
    assert Home.open().folder.name == "localize"


@pytest.mark.costly
def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, localize.consent, localize.provenance; "
        "print({'c2pa', 'cryptography', 'av', 'numpy'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


# -- forged grants


def test_a_grant_cannot_be_made_but_by_check(home: Home) -> None:
    grant = ask(home, "ef_dora")
    made = (
        lambda: Grant(grant.voice, grant.terms, grant.request, grant.basis),
        lambda: Grant(grant.voice, grant.terms, grant.request, grant.basis, home, object()),
        lambda: dataclasses.replace(grant),
        lambda: dataclasses.replace(grant, voice=grant.voice),
        lambda: copy.copy(grant),
        lambda: copy.deepcopy(grant),
        lambda: pickle.dumps(grant),
        lambda: from_json(Grant, to_json(grant)),
        lambda: type("Other", (Grant,), {}),
    )
    for make in made:
        with pytest.raises((NoGrant, ValueError)):
            make()


def test_a_grant_speaks_the_language_it_was_asked_for(home: Home) -> None:
    grant = ask(home, "ef_dora")
    assert grant.request.language == "es"
    assert Grant.read(grant, "style.bin", "es-MX")
    with pytest.raises(OutOfScope, match="was granted for es here, not for fr"):
        Grant.read(grant, "style.bin", "fr")


@pytest.mark.costly
def test_a_grant_ends_where_its_voice_is_revoked_and_where_its_terms_end(
    home: Home, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent.grant(home, ana, languages=["es"], until=TODAY)
    grant = ask(home, ana)
    assert Grant.read(grant, "reference.wav", "es")

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + DAY

    with monkeypatch.context() as later:
        later.setattr(sys.modules["localize.consent.grants"], "datetime", Tomorrow)
        with pytest.raises(GrantExpired, match="ended on"):
            Grant.read(grant, "reference.wav", "es")
    consent.confirm(home, [grant])
    consent.revoke(home, ana)
    for again in (lambda: Grant.read(grant, "reference.wav", "es"), lambda: consent.confirm(home, [grant])):
        with pytest.raises(GrantRevoked, match="was revoked on"):
            again()


def test_a_revocation_made_by_another_process_is_seen_at_once(home: Home, ana: str) -> None:
    """Only its record stands in the ledger, added to the end of one that was read already."""
    consent.grant(home, ana, languages=["es"])
    grant = ask(home, ana)
    Grant.prove(grant)
    consent.revoke(home, ana)
    for path in home.revocations.iterdir():
        path.unlink()
    with pytest.raises(GrantRevoked):
        Grant.prove(grant)


def test_whoever_reads_a_persons_voice_is_in_the_ledger(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["es", "fr"])
    grant = ask(home, ana)
    for _ in range(3):
        Grant.read(grant, "reference.wav", "es")
    (read,) = ledger.records_of_kind(home, "read")
    assert (read["voice"], read["grant"], read["language"], read["title"]) == (
        "ana",
        grant.id,
        "es",
        grant.request.title,
    )
    assert ledger.inspect(home).ok


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.pdf", b"", "is empty"),
        ("note.pdf", b"trust me", "nothing a signed paper"),
        ("/dev/null", None, "is no file"),
    ],
)
def test_evidence_is_a_file_that_can_be_a_paper(
    home: Home, ana: str, recordings: Path, tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=why):
        consent.enroll(home, "eva", reference=recordings / "ana.wav", evidence=path)
    with pytest.raises(UsageError, match=why):
        consent.grant(home, ana, languages=["es"], evidence=path)
    assert not (home.voices / "eva").exists()


def test_what_a_consent_rests_on_is_said(home: Home, ana: str, recordings: Path) -> None:
    consent.grant(home, ana, languages=["es"])
    paper = hashlib.sha256((recordings / "paper.pdf").read_bytes()).hexdigest()
    assert ask(home, ana).basis == f"unverified, on paper evidence of SHA-256 {paper}"
    assert ask(home, "ef_dora").basis == "licence Apache-2.0"


def test_one_grant_is_taken_back_and_the_others_stay(home: Home, ana: str) -> None:
    wide = consent.grant(home, ana, languages=["es", "fr"])
    narrow = consent.grant(home, ana, languages=["es"])
    held = ask(home, ana, "fr")
    assert consent.end_grant(home, wide.id, reason="no French any more") == "ana"
    assert ask(home, ana).id == narrow.id
    with pytest.raises(ConsentError):
        ask(home, ana, "fr")
    with pytest.raises(GrantRevoked, match="was taken back on"):
        Grant.prove(held)
    with pytest.raises(NoGrant, match="no grant"):
        consent.end_grant(home, "0" * 24)


@pytest.mark.parametrize("what", ["ledger, head and key", "the ledger alone", "a copy of another home"])
def test_without_its_ledger_a_home_grants_nobodys_voice(home: Home, ana: str, tmp_path: Path, what: str) -> None:
    """Deleting what says that a voice was revoked takes its grants away as well."""
    consent.grant(home, ana, languages=["es"])
    consent.revoke(home, ana)
    for path in home.revocations.iterdir():
        path.unlink()
    home.ledger.unlink()
    if what != "the ledger alone":
        home.head.unlink()
        (home.keys / "ledger.key").unlink()
    if what == "a copy of another home":
        other = Home.open(tmp_path / "other")
        ask(other, "ef_dora")
        for path in (other.ledger, other.head, other.keys / "ledger.key"):
            shutil.copy(path, home.folder / path.relative_to(other.folder))
    with pytest.raises((NoGrant, StoreError)):
        ask(home, ana)


def test_a_clock_set_back_revives_no_grant(home: Home, ana: str, monkeypatch: pytest.MonkeyPatch) -> None:
    consent.grant(home, ana, languages=["es"], until=TODAY)

    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) - DAY

    monkeypatch.setattr(ledger, "datetime", Yesterday)
    before = home.ledger.read_bytes()
    with pytest.raises(StoreError, match="set the clock right"):
        ask(home, ana)
    assert home.ledger.read_bytes() == before
    ledger.accept_clock(home)
    assert ask(home, ana)
    assert [r["kind"] for r in ledger.read(home)][-2:] == ["clock", "check"]


def test_a_clock_set_back_by_minutes_again_and_again_gets_nowhere(
    home: Home, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clocks of one home may be ten minutes apart: of the latest record, not each of the one before."""

    class Earlier(datetime):
        by = timedelta(0)

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) - cls.by

    monkeypatch.setattr(ledger, "datetime", Earlier)
    ask(home, "ef_dora")
    Earlier.by = timedelta(minutes=9)
    ask(home, "ef_dora")
    Earlier.by = timedelta(minutes=18)
    with pytest.raises(StoreError, match="set the clock right"):
        ask(home, "ef_dora")
    times = [record["at"] for record in ledger.read(home)]
    assert times == sorted(times)


def test_a_grant_for_a_region_is_for_that_region(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["es-MX"])
    assert ask(home, ana, language="es-MX")
    for other in ("es", "es-ES"):
        with pytest.raises(OutOfScope, match=f"is for es-MX, not for {other}"):
            ask(home, ana, language=other)


def test_a_lookalike_reads_nothing(home: Home) -> None:
    grant = ask(home, "ef_dora")
    hollow = object.__new__(Grant)
    filled = object.__new__(Grant)
    object.__setattr__(filled, "voice", grant.voice)
    object.__setattr__(filled, "terms", grant.terms)
    object.__setattr__(filled, "request", grant.request)
    object.__setattr__(filled, "basis", grant.basis)
    duck = types.SimpleNamespace(voice=grant.voice, terms=grant.terms, read=lambda _name: b"")
    for forged in (hollow, filled, duck, None, 7, grant.voice):
        with pytest.raises(NoGrant):
            Grant.read(forged, "style.bin")  # type: ignore[arg-type]
        with pytest.raises(NoGrant):
            Grant.prove(forged)  # type: ignore[arg-type]
    Grant.prove(grant)


def test_a_changed_grant_reads_nothing(home: Home) -> None:
    other = consent.voice(home, "em_alex")
    grant = ask(home, "ef_dora")
    object.__setattr__(grant, "voice", other)
    with pytest.raises(NoGrant):
        Grant.read(grant, "style.bin")
    grant = ask(home, "ef_dora")
    object.__setattr__(grant.voice, "folder", other.folder)
    object.__setattr__(grant.voice, "files", other.files)
    with pytest.raises(NoGrant):
        Grant.read(grant, "style.bin")
    grant = ask(home, "ef_dora")
    object.__setattr__(grant.terms, "languages", ("xx",))
    with pytest.raises(NoGrant):
        Grant.read(grant, "style.bin")


def test_only_the_voices_own_files_are_read(home: Home) -> None:
    grant = ask(home, "ef_dora")
    for name in ("voice.toml", "../em_alex/style.bin", "/etc/passwd", "", ".", "..", "style.bin\0"):
        with pytest.raises(NoGrant):
            Grant.read(grant, name)


def test_in_a_key_a_grant_counts_as_its_voice(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["es"])
    one = to_json(ask(home, ana), content_only=True)
    consent.grant(home, ana, languages=["es", "fr"], until=TODAY + DAY)
    two = to_json(ask(home, ana, "fr"), content_only=True)
    assert one == two
    assert str(home.folder) not in json.dumps(one)
    assert set(one) == {"voice"}


# -- people


def test_an_enrolled_voice_needs_a_grant(home: Home, ana: str) -> None:
    with pytest.raises(NoGrant, match="localize voices grant ana"):
        ask(home, ana)
    terms = consent.grant(home, ana, languages=["es", "fr"], titles=["My Series*"])
    grant = ask(home, ana, "es", "My Series 2")
    assert (grant.id, grant.kind, grant.terms) == (terms.id, "person", terms)
    with wave.open(str(Path(grant.voice.folder) / "reference.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
    assert Grant.read(grant, "reference.wav")[:4] == b"RIFF"
    assert consent.grants(home, ana) == (terms,)


def test_without_statement_and_evidence_a_voice_stays_silent(home: Home, recordings: Path) -> None:
    made = consent.enroll(home, "bo", reference=recordings / "ana.wav")
    assert (made.verified, made.usable) == (False, False)
    consent.grant(home, "bo", languages=["es"])
    with pytest.raises(NoGrant, match="unverified"):
        ask(home, "bo")


dates = st.none() | st.integers(-3, 3).map(lambda n: TODAY + n * DAY)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    languages=st.lists(st.sampled_from(["es", "fr", "pt-BR", "en"]), min_size=1, max_size=3),
    titles=st.lists(st.sampled_from(["Series *", "Film", "S?", "*"]), max_size=2),
    purposes=st.lists(st.sampled_from(["dub", "trailer", "ad"]), min_size=1, max_size=2),
    first=dates,
    last=dates,
    cloning=st.booleans(),
    asked=st.tuples(
        st.sampled_from(["es", "es-MX", "pt", "pt-BR", "en", "it"]),
        st.sampled_from(["Series 1", "Film", "S1", "film", "Series"]),
        st.sampled_from(["dub", "trailer", "ad"]),
        dates,
    ),
)
def test_a_grant_reaches_as_far_as_it_says(
    home: Home,
    recordings: Path,
    languages: list[str],
    titles: list[str],
    purposes: list[str],
    first: date | None,
    last: date | None,
    cloning: bool,
    asked: tuple[str, str, str, date | None],
) -> None:
    if not (home.voices / "ana").exists():
        consent.enroll(home, "ana", reference=recordings / "ana.wav", evidence=recordings / "paper.pdf")
    for path in home.grants.glob("*.json"):
        path.unlink()
    if first and last and last < first:
        with pytest.raises(UsageError):
            consent.grant(home, "ana", languages=languages, not_before=first, until=last)
        return
    consent.grant(
        home,
        "ana",
        languages=languages,
        titles=titles,
        purposes=purposes,
        not_before=first,
        until=last,
        cloning=cloning,
    )
    language, title, purpose, today = asked
    speaks = any(language == tag or language.startswith(tag + "-") for tag in languages)
    matches = {
        "Series *": title.startswith("Series "),
        "Film": title == "Film",
        "S?": title == "S1",
        "*": True,
    }
    titled = not titles or any(matches[t] for t in titles)
    days = {TODAY, today or TODAY}
    timely = all((first is None or first <= day) and (last is None or day <= last) for day in days)
    allowed = speaks and titled and purpose in purposes and cloning and timely
    before = len(log(home))
    if allowed:
        ask(home, "ana", language, title, purpose=purpose, today=today)
    else:
        untimely = speaks and titled and purpose in purposes and cloning
        with pytest.raises(GrantExpired if untimely else OutOfScope):
            ask(home, "ana", language, title, purpose=purpose, today=today)
    assert log(home)[-1]["outcome"] == ("granted" if allowed else "refused")
    assert len(log(home)) == before + 1


def test_a_day_given_to_check_cannot_bring_a_grant_back(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["es"], until=TODAY - DAY)
    with pytest.raises(GrantExpired, match="ended on"):
        ask(home, ana, today=TODAY - 5 * DAY)


@pytest.mark.slow
def test_every_changed_byte_voids_a_grant(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["es"], titles=["é"])
    (path,) = home.grants.iterdir()
    sound = path.read_bytes()
    chance = random.Random(3)
    for number in range(1000):
        at = chance.randrange(len(sound))
        new = chance.choice(
            [
                sound[:at] + bytes([sound[at] ^ 1 << chance.randrange(8)]) + sound[at + 1 :],
                sound[:at] + sound[at + 1 :],
                sound[:at] + b" " + sound[at:],
                sound[:at],
                b"".join(chance.sample(sound.splitlines(keepends=True), sound.count(b"\n"))),
            ]
        )
        if new == sound:
            continue
        path.write_bytes(new)
        with pytest.raises(NoGrant, match="void"):
            # Every tenth by the door everybody uses, which writes to the ledger; all by what it asks.
            ask(home, ana, title="é") if number % 10 == 0 else read_grant(home, path.name)
    for new in (
        sound + b"\n",
        sound.replace(b'"es"', b'"fr"'),
        b"",
        b"{}",
        b"[]",
        b"[" * 50_000,
        b" " * 70_000,
    ):
        path.write_bytes(new)
        with pytest.raises(NoGrant, match="void"):
            ask(home, ana, title="é")
    path.write_bytes(sound)
    assert ask(home, ana, title="é")


@pytest.mark.costly
def test_a_grant_of_another_voice_home_or_name_is_void(home: Home, ana: str, recordings: Path, tmp_path: Path) -> None:
    other = Home.open(tmp_path / "other")
    consent.enroll(other, ana, reference=recordings / "ana.wav", evidence=recordings / "paper.pdf")
    terms = consent.grant(other, ana, languages=["es"])
    shutil.copy(other.grants / f"ana.{terms.id}.json", home.grants)
    with pytest.raises(NoGrant, match="issuer"):
        ask(home, ana)
    record(tmp_path / "bo.wav", 7, level=0.1)
    consent.enroll(home, "bo", reference=tmp_path / "bo.wav", evidence=recordings / "paper.pdf")
    theirs = consent.grant(home, "bo", languages=["es"])
    (home.grants / f"bo.{theirs.id}.json").rename(home.grants / f"ana.{theirs.id}.json")
    with pytest.raises(NoGrant, match="void"):
        ask(home, ana)


def test_a_swapped_reference_is_refused(home: Home, ana: str, tmp_path: Path) -> None:
    consent.grant(home, ana, languages=["es"])
    grant = ask(home, ana)
    reference = home.voices / ana / "reference.wav"
    data = bytearray(reference.read_bytes())
    data[-1] ^= 1
    reference.write_bytes(data)
    with pytest.raises(NoGrant, match="SHA-256"):
        ask(home, ana)
    with pytest.raises(NoGrant, match="SHA-256"):
        Grant.read(grant, "reference.wav")
    # Swapped together with its hash on the card: then the card is not the one that was granted.
    card = home.voices / ana / "voice.toml"
    old = dict(grant.voice.files)["reference.wav"]
    card.write_text(card.read_text().replace(old, hashlib.sha256(data).hexdigest()))
    with pytest.raises(NoGrant, match="other data"):
        ask(home, ana)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('engine = "coqui"', 'engine = "kokoro"'),
        ('statement_check = ""', 'statement_check = "words"'),
        ('gender = ""', 'gender = "female"'),
        ("schema = 1", "schema = 1\nextra = 2"),
        ("schema = 1", "schema = 2"),
        ('id = "ana"', 'id = "bo"'),
        ("[files]", "[files]\n'../x' = 'y'"),
        ("schema = 1", "schema = 1\nlanguages = " + "[" * 5000),
        ("schema = 1", "schema = 1\n#" + "x" * 70_000),
        ("schema = 1", "schema = 1\nschema = 1"),
    ],
)
def test_an_edited_card_is_refused(home: Home, ana: str, old: str, new: str) -> None:
    consent.grant(home, ana, languages=["es"])
    card = home.voices / ana / "voice.toml"
    assert old in card.read_text()
    card.write_text(card.read_text().replace(old, new))
    with pytest.raises(NoGrant) as raised:
        ask(home, ana)
    assert "\n" not in raised.value.message
    assert len(raised.value.message) < 500


def test_links_pipes_and_renamed_folders_are_refused(home: Home, ana: str, tmp_path: Path) -> None:
    consent.grant(home, ana, languages=["es"])
    (home.voices / "link").symlink_to(home.voices / ana)
    (home.voices / "stock").symlink_to(consent.stock_folder() / "ef_dora")
    (home.voices / "gone").symlink_to(tmp_path / "nowhere")
    shutil.copytree(home.voices / ana, home.voices / "renamed")
    for name in ("link", "stock", "gone", "renamed"):
        with pytest.raises(NoGrant, match=name):
            ask(home, name)
    assert {v.id for v in consent.voices(home)} & {"link", "stock", "gone", "renamed"} == set()
    reference = home.voices / ana / "reference.wav"
    reference.rename(tmp_path / "away.wav")
    reference.symlink_to(tmp_path / "away.wav")
    with pytest.raises(NoGrant, match="links"):
        ask(home, ana)
    reference.unlink()
    os.mkfifo(reference)
    with pytest.raises(NoGrant, match="plain file"):
        ask(home, ana)


def test_an_enrolled_voice_never_shadows_a_stock_one(home: Home, ana: str, recordings: Path) -> None:
    with pytest.raises(UsageError, match="stock voice"):
        consent.enroll(home, "ef_dora", reference=recordings / "ana.wav")
    shutil.copytree(home.voices / ana, home.voices / "ef_dora")
    assert ask(home, "ef_dora").voice.folder == str(consent.stock_folder() / "ef_dora")
    assert [v.id for v in consent.voices(home)].count("ef_dora") == 1


def test_terms_that_make_no_sense_are_refused(home: Home, ana: str) -> None:
    wrong: list[dict[str, Any]] = [
        {"languages": []},
        {"languages": ["../x"]},
        {"languages": ["es"], "purposes": []},
        {"languages": ["es"], "purposes": ["Dub!"]},
        {"languages": ["es"], "titles": [""]},
        {"languages": ["es"], "titles": ["a\nb"]},
        {"languages": ["es"], "rate": Decimal("NaN"), "currency": "EUR"},
        {"languages": ["es"], "rate": Decimal("-0"), "currency": "EUR"},
        {"languages": ["es"], "rate": Decimal(2)},
    ]
    for terms in wrong:
        with pytest.raises(UsageError):
            consent.grant(home, ana, **terms)
    with pytest.raises(UsageError, match="licence"):
        consent.grant(home, "ef_dora", languages=["es"])
    with pytest.raises(NoGrant):
        consent.grant(home, "nobody", languages=["es"])


# -- revocation


def test_revoking_wins_whatever_is_deleted_after(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["es"])
    assert ask(home, ana)
    consent.revoke(home, ana, reason="asked to")
    with pytest.raises(GrantRevoked) as raised:
        ask(home, ana)
    assert raised.value.exit_code == 4
    (home.revocations / "ana.json").unlink()
    with pytest.raises(GrantRevoked, match=str(TODAY)):
        ask(home, ana)
    with pytest.raises(GrantRevoked, match="final"):
        consent.grant(home, ana, languages=["es"])


def test_a_stock_voice_can_be_revoked_in_one_home(home: Home, tmp_path: Path) -> None:
    consent.revoke(home, "ef_dora")
    with pytest.raises(GrantRevoked):
        ask(home, "ef_dora")
    assert ask(home, "em_alex")
    assert ask(Home.open(tmp_path / "other"), "ef_dora")


@pytest.mark.costly
def test_a_revoked_recording_does_not_come_back_under_another_name(home: Home, ana: str, recordings: Path) -> None:
    consent.enroll(home, "eva", reference=recordings / "ana.wav", evidence=recordings / "paper.pdf")
    consent.grant(home, "eva", languages=["es"])
    assert ask(home, "eva")
    consent.revoke(home, ana)
    with pytest.raises(GrantRevoked):
        ask(home, "eva")
    with pytest.raises(NoGrant, match="revoked"):
        consent.enroll(home, "third", reference=recordings / "ana.wav")
    with pytest.raises(UsageError, match=r"revoked|enrolled"):
        consent.enroll(home, ana, reference=recordings / "ana.wav")


def test_a_damaged_voice_can_still_be_revoked_and_an_unknown_one_cannot(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["es"])
    shutil.rmtree(home.voices / ana)
    consent.revoke(home, ana)
    with pytest.raises(GrantRevoked):
        ask(home, ana)
    for name in ("nobody", "../x"):
        with pytest.raises(NoGrant):
            consent.revoke(home, name)
    with pytest.raises(UsageError):
        consent.revoke(home, "ef_dora", reason="two\nlines")


# -- enrolment


class Ear:
    """A recogniser that hears what it is told."""

    name = "ear"
    requires = ()
    extra = ""
    fingerprint = "ear 1"
    languages = frozenset({"en"})

    def __init__(self, text: str) -> None:
        self.text = text

    def identify(self, audio: Path, spans: Sequence[Span], among: frozenset[str]) -> tuple[str, float]:
        return "en", 1.0

    def recognise(self, audio: Path, span: Span, language: str) -> tuple[Utterance, ...]:
        with wave.open(str(audio)) as file:
            assert (file.getframerate(), file.getnchannels()) == (16_000, 1)
        return (Utterance(self.text, ()),)


@pytest.mark.costly
def test_a_statement_with_todays_words_verifies_a_voice(home: Home, recordings: Path) -> None:
    ear = Ear(consent.challenge(home, "Ana Pérez").text.upper())
    made = consent.enroll(
        home,
        "ana",
        reference=recordings / "ana.wav",
        name="Ana Pérez",
        statement=recordings / "ana.wav",
        recognise=ear.recognise,
    )
    assert made.verified
    assert made.usable
    consent.grant(home, "ana", languages=["es"])
    assert ask(home, "ana")


def enrolled(home: Home, voice_id: str, reference: Path, statement: Path, said: str, **more: Any) -> consent.Enrolment:
    return consent.enroll(
        home, voice_id, reference=reference, name="Ana", statement=statement, recognise=Ear(said).recognise, **more
    )


def test_the_challenge_names_person_scope_words_and_its_end(home: Home) -> None:
    found = consent.challenge(home, "Ana", ("dub", "ad"))
    assert "My name is Ana." in found.text
    assert "cloned and used for dubbing and advertising" in found.text
    assert len(set(found.words)) == 4
    assert all(word in found.text for word in found.words)
    assert found.until == f"{TODAY + DAY}T23:59:59Z"
    assert consent.challenge(home, "Ana", today=TODAY + DAY).words != found.words
    with pytest.raises(UsageError, match="dub, trailer, ad"):
        consent.challenge(home, "Ana", ("politics",))


@pytest.mark.costly
def test_whoever_reads_the_whole_list_says_nothing(home: Home, recordings: Path) -> None:
    said = consent.challenge(home, "Ana").text
    stuffed = f"{said} {' '.join(spoken_consent._wordings()['en'].words)}"
    with pytest.raises(NoGrant, match="voices challenge"):
        enrolled(home, "ana", recordings / "ana.wav", recordings / "ana.wav", stuffed)


@pytest.mark.slow
def test_a_statement_reaches_no_further_than_it_says(home: Home, recordings: Path) -> None:
    paper = recordings / "paper.pdf"
    said = consent.challenge(home, "Ana", ("dub", "trailer")).text
    both = ("dub", "trailer")
    with pytest.raises(NoGrant):
        enrolled(home, "ana", recordings / "ana.wav", recordings / "ana.wav", said, purposes=(*both, "ad"))
    enrolled(home, "ana", recordings / "ana.wav", recordings / "ana.wav", said, purposes=both)
    consent.grant(home, "ana", languages=["es"], purposes=both)
    with pytest.raises(NoGrant, match="is for dub, trailer, not for ad"):
        consent.grant(home, "ana", languages=["es"], purposes=["ad"])
    consent.grant(home, "ana", languages=["es"], purposes=["ad"], evidence=paper)
    assert ask(home, "ana", purpose="ad")


@pytest.mark.slow
def test_another_persons_statement_is_refused(home: Home, recordings: Path, tmp_path: Path, tone: Any) -> None:
    soundfile.write(tmp_path / "other.wav", tone(8, 140, rate=24_000), 24_000)
    said = consent.challenge(home, "Ana").text
    with pytest.raises(NoGrant, match=r"another voice than the reference \(likeness 0\.\d\d") as raised:
        enrolled(home, "ana", recordings / "ana.wav", tmp_path / "other.wav", said)
    assert "Ana" not in raised.value.message
    assert not (home.voices / "ana").exists()
    made = enrolled(home, "ana", recordings / "ana.wav", recordings / "ana.wav", said)
    assert made.likeness == 1.0


@pytest.mark.costly
def test_two_people_in_one_reference_are_refused(home: Home, recordings: Path, tmp_path: Path, tone: Any) -> None:
    noise, rate = soundfile.read(recordings / "ana.wav", dtype="float32")
    both = np.concatenate([noise[:, 0], tone(7, 140, rate=rate)])
    soundfile.write(tmp_path / "both.wav", both, rate)
    with pytest.raises(MediaError, match="several people"):
        consent.enroll(home, "ana", reference=tmp_path / "both.wav")
    assert list(home.voices.iterdir()) == []


@pytest.mark.costly
@pytest.mark.parametrize("suffix", ["flac", "mp3", "m4a", "ogg", "webm", "mkv", "aiff"])
def test_a_reference_may_be_of_any_format(home: Home, recordings: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"ana.{suffix}"
    subprocess.run([ffmpeg(), "-v", "error", "-i", str(recordings / "ana.wav"), str(path)], check=True)
    made = consent.enroll(home, "ana", reference=path)
    assert abs(made.duration_ms - 7000) < 100
    card = (home.voices / "ana" / "voice.toml").read_text()
    assert f'original_sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"' in card


@pytest.mark.slow
def test_yesterdays_words_hold_and_older_or_others_do_not(home: Home, recordings: Path) -> None:
    def enroll(voice_id: str, said: str) -> consent.Enrolment:
        return consent.enroll(
            home,
            voice_id,
            reference=recordings / "ana.wav",
            name="Ana",
            statement=recordings / "ana.wav",
            recognise=Ear(said).recognise,
        )

    assert enroll("ana", consent.challenge(home, "Ana", today=TODAY - DAY).text).verified
    wrong = (
        consent.challenge(home, "Ana", today=TODAY - 40 * DAY).text,
        consent.challenge(home, "Somebody").text,
        consent.challenge(home, "Ana").text.replace("dubbing", "fun"),
        consent.challenge(home, "Ana").text.replace("agree", "object"),
        "",
    )
    for said in wrong:
        with pytest.raises(NoGrant, match="voices challenge"):
            enroll("eva", said)
    assert not (home.voices / "eva").exists()
    assert [p.name for p in home.voices.iterdir()] == ["ana"]


def test_a_statement_nobody_hears_proves_nothing(home: Home, recordings: Path) -> None:
    made = consent.enroll(home, "ana", reference=recordings / "ana.wav", statement=recordings / "ana.wav")
    assert not made.usable
    assert "proves nothing" in made.warnings[-1]


@pytest.mark.costly
def test_the_quality_of_a_reference_is_told(home: Home, tmp_path: Path) -> None:
    short = consent.enroll(home, "short", reference=record(tmp_path / "a.wav", 3))
    loud = consent.enroll(home, "loud", reference=record(tmp_path / "b.wav", 8, level=3))
    assert "lasts 3.0 s" in short.warnings[0]
    assert "clipped" in loud.warnings[0]
    assert loud.duration_ms == 8000


@pytest.mark.parametrize("what", ["silent", "tiny", "text", "missing", "folder", "playlist"])
def test_what_is_no_recording_is_refused_and_leaves_nothing(home: Home, tmp_path: Path, what: str) -> None:
    path = tmp_path / "in"
    if what == "silent":
        record(path, 3, level=0)
    elif what == "tiny":
        record(path, 0.3)
    elif what == "text":
        path.write_text("hello")
    elif what == "folder":
        path.mkdir()
    elif what == "playlist":
        path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaError) as raised:
        consent.enroll(home, "ana", reference=path)
    assert raised.value.exit_code == 3
    assert list(home.voices.iterdir()) == []


def test_names_in_a_card_cannot_break_out_of_it(home: Home, recordings: Path) -> None:
    name = 'A"na\\ \U0001f600 [files] = é'
    consent.enroll(home, "ana", reference=recordings / "ana.wav", name=name)
    assert consent.voice(home, "ana").name == name
    for bad in ("a\nb", "a\x7fb", "x" * 201, "a\udc80"):
        with pytest.raises(UsageError):
            consent.enroll(home, "eva", reference=recordings / "ana.wav", name=bad)
    for bad in ("../x", "A", "", "x" * 65, "é"):
        with pytest.raises(UsageError):
            consent.enroll(home, bad, reference=recordings / "ana.wav")


def test_personal_files_are_private_and_messages_tell_no_name(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["fr"])
    for path in home.folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    with pytest.raises(OutOfScope) as raised:
        ask(home, ana)
    assert "Ana P." not in raised.value.message
    assert "Ana P." not in home.ledger.read_text()


# -- accounts


def take(segment: str, voice: str, grant: str, ms: int) -> Take:
    return Take(segment, "x", Blob("0" * 64, 1, ".wav"), ms, (), (), voice, grant, ms, "exact")


def test_usage_is_what_was_spoken_and_what_is_owed(home: Home, ana: str) -> None:
    terms = consent.grant(home, ana, languages=["es"], rate=Decimal("2.50"), currency="EUR")
    consent.note_synthesis(
        home, "film", "es", [take("s1", ana, terms.id, 30_000), take("s2", "ef_dora", "licence-x", 1000)]
    )
    consent.note_synthesis(home, "film", "fr", [take("s1", ana, terms.id, 40_000)])
    consent.note_synthesis(home, "film", "es", [])
    person, stock = consent.usage(home)
    assert (person.spoken_ms, person.lines, person.languages) == (70_000, 2, ("es", "fr"))
    assert (person.amount, person.currency) == ("2.92", "EUR")
    assert (stock.amount, stock.spoken_ms) == ("", 1000)
    assert consent.usage(home, TODAY + 2 * DAY) == ()
    assert len(consent.usage(home, TODAY - DAY, TODAY + DAY)) == 2


def test_impact_lists_what_a_voice_is_in(home: Home, ana: str, tmp_path: Path) -> None:
    path = tmp_path / "film.es.mp4"
    path.write_bytes(b"one")
    first = consent.note_deliverable(
        home, path, title="film", language="es", lines={ana: ["s1", "s2"], "ef_dora": ["s3"]}
    )
    path.write_bytes(b"two")
    second = consent.note_deliverable(home, path, title="film", language="es", lines={"ef_dora": ["s1", "s2", "s3"]})
    ledger.append(home, "deliverable", file="b", sha256="0", title="b", language="es", voices=["ana"], segments=["s9"])
    made, other = consent.impact(home, ana)
    assert (made.file, made.sha256, made.segments, made.replaced_by) == (
        "film.es.mp4",
        first,
        ("s1", "s2"),
        second,
    )
    assert (made.folder, made.replaced_at > made.at) == (str(tmp_path), True)
    assert (other.segments, other.replaced_by) == (("s9",), "")
    assert [m.replaced_by for m in consent.impact(home, "ef_dora")] == ["", ""]


def test_nobody_is_paid_by_an_edited_ledger(home: Home) -> None:
    consent.note_synthesis(home, "film", "es", [take("s1", "ef_dora", "licence-x", 1000)])
    home.ledger.write_bytes(home.ledger.read_bytes().replace(b"1000", b"9000"))
    with pytest.raises(StoreError, match="record 1"):
        consent.usage(home)
