"""The commands of voices, keys and verify, as a person types them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import cli, consent
from localize.consent import Home
from localize.data import Blob, Take
from localize.engines import find, names
from localize.errors import EngineMissing, OutOfScope

Answer = tuple[int, str, str]


@pytest.fixture
def localize(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Answer]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_silence_libraries", lambda: None)

    def run(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["localize", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    bursts = np.arange(7 * 24_000) // 8000 % 2
    soundfile.write(tmp_path / "ana.wav", np.random.default_rng(1).normal(0, 0.1, 7 * 24_000) * bursts, 24_000)
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7 signed")
    return tmp_path


def take(segment: str, grant: str, ms: int) -> Take:
    audio = Blob(segment.rjust(64, "0"), 1, ".wav")
    return Take(segment, "x", audio, ms, (), (), "ana", grant, ms, "exact")


def test_the_sentence_of_the_day(localize: Callable[..., Answer]) -> None:
    code, out, err = localize("voices", "challenge", "Ana P.", "--purposes", "dub,ad")
    assert code == 0
    assert "My name is Ana P.." in out
    assert "dubbing and advertising" in out
    assert "taken until" in err
    said = json.loads(localize("voices", "challenge", "Ana P.", "--json")[1])
    assert set(said) == {"schema", "text", "words", "until", "language"}
    spanish = localize("voices", "challenge", "Ana P.", "--language", "es")
    assert "Acepto que mi voz sea clonada y utilizada para doblaje" in spanish[1]
    assert localize("voices", "challenge", "Ana P.", "--language", "de")[0] == 2
    assert localize("voices", "challenge", "Ana", "--purposes", "war")[0] == 2


def _installed(role: Any) -> Iterator[Any]:
    for name in names(role):
        with suppress(EngineMissing):
            yield find(role, name)


@pytest.mark.slow
def test_from_enrolment_to_what_is_owed(localize: Callable[..., Answer], recordings: Path, home: Home) -> None:
    home = Home.open()
    code, out, _ = localize("voices", "enroll", "ana", "--reference", "ana.wav", "--evidence", "paper.pdf")
    assert (code, "enrolled" in out) == (0, True)
    scope = "--languages es --titles Film* --purposes dub,trailer --territory DE,AT --training"
    money = "--rate 90 --currency EUR --from 2026-01-01 --until 2099-12-31 --evidence paper.pdf --json"
    code, out, err = localize("voices", "grant", "ana", *scope.split(), *money.split())
    assert code == 0
    terms = json.loads(out)
    assert (terms["training"], terms["cloning"], terms["territory"]) == (True, True, "DE,AT")
    assert (terms["rate"], terms["currency"], terms["not_after"]) == ("90", "EUR", "2099-12-31")
    assert len(terms["evidence"]) == len(terms["issuer"]) == 64
    cloning = any(kind.clones for kind in _installed("synthesizer"))  # with coqui installed, one can
    assert ("no synthesizer installed here can speak as ana" in err) is not cloning
    consent.note_synthesis(home, "Film, 1", "es", [take("s1", terms["id"], 60_000), take("s2", terms["id"], 30_000)])
    consent.note_synthesis(home, "=SUM(A1)", "es", [take("s1", terms["id"], 20_000)])
    said = json.loads(localize("voices", "usage", "--json")[1])
    assert said["owed"] == {"EUR": "165.00"}
    rows = list(csv.DictReader(io.StringIO(localize("voices", "usage", "--csv")[1])))
    assert [(r["title"], r["spoken_ms"], r["amount"]) for r in rows] == [
        ("Film, 1", "90000", "135.00"),
        ("'=SUM(A1)", "20000", "30.00"),
    ]
    assert "owed in all: 165.00 EUR" in localize("voices", "usage", "--from", "2026-01-01")[1]
    assert json.loads(localize("voices", "usage", "--to", "2026-01-01", "--json")[1])["usage"] == []
    assert localize("voices", "usage", "--csv", "--json")[0] == 2
    assert localize("voices", "usage", "--from", "yesterday")[0] == 2


@pytest.mark.costly
def test_a_grant_without_cloning_is_of_no_use_to_a_recording(localize: Callable[..., Answer], recordings: Path) -> None:
    localize("voices", "enroll", "ana", "--reference", "ana.wav", "--evidence", "paper.pdf")
    assert localize("voices", "grant", "ana", "--languages", "es", "--no-cloning")[0] == 0
    with pytest.raises(OutOfScope, match="cloning"):
        consent.check(Home.open(), [consent.Request("ana", "S1", "es", "film")])


def test_the_takedown_list_is_written_to_a_file(localize: Callable[..., Answer], recordings: Path) -> None:
    localize("voices", "enroll", "ana", "--reference", "ana.wav", "--evidence", "paper.pdf")
    home = Home.open()
    film = recordings / "film.es.mp4"
    film.write_bytes(b"film")
    lines = {"ana": ["s0001", "s0002"]}
    digest = consent.note_deliverable(home, film, title="film", language="es", lines=lines)
    code, out, _ = localize("voices", "revoke", "ana", "--reason", "contract ended")
    assert (code, "1 delivered files" in out) == (0, True)
    code, out, _ = localize("voices", "impact", "ana", "-o", "takedown.csv")
    assert code == 0
    assert str(film) in out
    (row,) = csv.DictReader(io.StringIO((recordings / "takedown.csv").read_text()))
    assert (row["file"], row["folder"], row["sha256"]) == ("film.es.mp4", str(recordings), digest)
    assert (row["segments"], row["replaced_by"]) == ("s0001 s0002", "")
    (recordings / "film.es.clips").mkdir()
    assert f"clips     {recordings / 'film.es.clips'}" in localize("voices", "impact", "ana")[1], "heard there too"
    localize("voices", "impact", "ana", "-o", "takedown.json")
    assert json.loads((recordings / "takedown.json").read_text())["deliverables"][0]["sha256"] == digest


def test_a_voice_that_is_nowhere_is_told_from_one_that_nobody_knows(localize: Callable[..., Answer]) -> None:
    code, out, err = localize("voices", "impact", "ef_dora")
    assert (code, out, err) == (0, "", "ef_dora is heard in nothing that this home delivered\n")
    assert localize("voices", "impact", "ef_dorra")[0] == 4


def test_the_log_of_a_copy_is_that_of_the_copy(localize: Callable[..., Answer], tmp_path: Path) -> None:
    home = Home.open()
    consent.ledger.append(home, "check", voice="before")
    copy = tmp_path / "backup"
    copy.mkdir()
    for path in (home.ledger, home.head):
        shutil.copy(path, copy / path.name)
    consent.ledger.append(home, "check", voice="after")
    assert "after" in localize("voices", "log")[1]
    out = localize("voices", "log", "--ledger", "backup/ledger.jsonl")[1]
    assert "before" in out
    assert "after" not in out


@pytest.mark.parametrize("command", ["impact ana", "export ana", "revocations"])
def test_nothing_is_written_over_the_home(localize: Callable[..., Answer], recordings: Path, command: str) -> None:
    localize("voices", "enroll", "ana", "--reference", "ana.wav", "--evidence", "paper.pdf")
    localize("voices", "grant", "ana", "--languages", "es")
    home = Home.open()
    (recordings / "link.json").symlink_to(home.ledger)
    before = home.ledger.read_bytes()
    for output in (home.ledger, home.keys / "issuer.key", home.folder / "new.json", recordings / "link.json"):
        code, _, said = localize("voices", *command.split(), "-o", str(output))
        assert (code, "in the home of localize" in said) == (2, True)
    assert home.ledger.read_bytes() == before
    assert not (home.folder / "new.json").exists()


@pytest.mark.costly
def test_a_voice_goes_to_another_home(
    localize: Callable[..., Answer], recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    localize("voices", "enroll", "ana", "--reference", "ana.wav", "--evidence", "paper.pdf")
    assert localize("voices", "export", "ana")[0] == 2
    localize("voices", "grant", "ana", "--languages", "es")
    issuer = json.loads(localize("voices", "export", "ana", "--json")[1])["issuer"]
    monkeypatch.setenv("LOCALIZE_HOME", str(recordings / "other"))
    assert localize("voices", "import", "ana.voice.zip", "--issuer", "0" * 64)[0] == 4
    code, out, _ = localize("voices", "import", "ana.voice.zip", "--issuer", issuer)
    assert (code, out) == (0, "ana imported with 1 grants\n")
    assert consent.check(Home.open(), [consent.Request("ana", "S1", "es", "film")])


@pytest.mark.costly
def test_a_head_kept_elsewhere_is_an_anchor(localize: Callable[..., Answer], recordings: Path) -> None:
    localize("voices", "enroll", "ana", "--reference", "ana.wav", "--evidence", "paper.pdf")
    (recordings / "anchor.json").write_text(localize("voices", "log", "--head")[1])
    localize("voices", "grant", "ana", "--languages", "es")
    assert localize("voices", "log", "--verify", "--anchor", "anchor.json")[0] == 0
    # A ledger written anew from the start, key and head and all, agrees with itself and not with the anchor.
    for path in (Home.open().ledger, Home.open().head, Home.open().keys / "ledger.key"):
        path.unlink()
    localize("voices", "revoke", "ana")
    listed = {v["id"]: v["revoked"] for v in json.loads(localize("voices", "list", "--json")[1])["voices"]}
    assert (listed["ana"] or "").startswith("revoked on 20")
    assert listed["ef_dora"] is None
    assert "revoked on 20" in localize("voices", "show", "ana")[1]
    assert localize("voices", "log", "--verify")[0] == 0
    code, _, err = localize("voices", "log", "--verify", "--anchor", "anchor.json")
    assert (code, "broken at record 1" in err) == (7, True)


def test_keys_are_made_once_and_private(localize: Callable[..., Answer]) -> None:
    first = json.loads(localize("keys", "init", "--json")[1])
    second = json.loads(localize("keys", "init", "--json")[1])
    assert (first["made"], second["made"]) == (True, False)
    assert first["root_sha256"] == second["root_sha256"]
    assert stat.S_IMODE(Path(first["key"]).stat().st_mode) == 0o600
    code, out, err = localize("keys", "root")
    assert (code, out.count("BEGIN CERTIFICATE"), "PRIVATE" in out + err) == (0, 1, False)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--sign-key", "key.pem"], "belong together"),
        (["--sign-cert", "chain.pem"], "belong together"),
        (["--sign-key", "absent.pem", "--sign-cert", "absent.pem"], "cannot be read"),
        (["--purpose", "war"], "dub"),
        (["--notice", "song"], "screen or spoken"),
        (["--recast", "ana"], "VOICE=VOICE"),
    ],
)
def test_flags_that_make_no_sense(
    localize: Callable[..., Answer], recordings: Path, flags: list[str], said: str
) -> None:
    code, out, err = localize("dub", "ana.wav", "--to", "es", *flags)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.costly
def test_a_watermark_without_its_package_is_missing_by_name(
    localize: Callable[..., Answer], recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "perth", None)
    from localize.engines.perth import Perth

    monkeypatch.setattr(Perth, "requires", ("no_such_package",))
    for arguments in (
        ("dub", "ana.wav", "--to", "es", "--from", "en", "--engine", "watermarker=perth"),
        ("verify", "ana.wav", "--watermark"),
    ):
        code, _, err = localize(*arguments)
        assert code == 5
        assert "pip install 'localize-toolkit[watermark]'" in err


def test_verify_says_what_another_tools_file_lacks(localize: Callable[..., Answer], recordings: Path) -> None:
    code, out, _ = localize("verify", "ana.wav", "--source", "paper.pdf", "--json")
    assert code == 6
    (found,) = json.loads(out)["files"]
    assert [(c["name"], c["ok"]) for c in found["checks"]] == [
        ("manifest", False),
        ("source", False),
        ("ledger", False),
    ]


@pytest.mark.costly
def test_no_name_of_a_person_is_in_a_message(localize: Callable[..., Answer], recordings: Path) -> None:
    """Errors and what is said at INFO may be kept in logs: they name ids and files, never people."""
    name = "Wilhelmina Featherstone"
    said: list[Any] = [
        localize("voices", "enroll", "v1", "--reference", "ana.wav", "--name", name),
        localize("voices", "enroll", "v1", "--reference", "ana.wav", "--name", name),
        localize("voices", "enroll", "v2", "--reference", "ana.wav", "--name", name, "--evidence", "paper.pdf"),
        localize("voices", "grant", "v1", "--languages", "es"),
        localize("voices", "grant", "v2", "--languages", "es"),
        localize("voices", "revoke", "v2"),
        localize("voices", "impact", "v2"),
        localize("voices", "log"),
        localize("dub", "ana.wav", "--to", "es", "--voice", "S1=v2"),
        localize("dub", "ana.wav", "--to", "es", "--voice", "S1=v1"),
    ]
    assert [code for code, _, _ in said[-2:]] == [4, 4]
    assert not any("Wilhelmina" in text or "Featherstone" in text for _, *texts in said for text in texts)
    assert name not in Home.open().ledger.read_text()


def used(folder: Path) -> tuple[Home, Path]:
    """A home whose ledger has a check, one line spoken by a stock voice, and a delivered film."""
    home = Home.open()
    grant = consent.check(home, [consent.Request("ef_dora", "S1", "es", "film")])["S1"]
    spoken = Take("s0001", "Hola.", Blob("0" * 64, 1, ".wav"), 1500, (), (), "ef_dora", grant.id, 1500, "exact")
    consent.note_synthesis(home, "film", "es", [spoken])
    film = folder / "film.es.mp4"
    film.write_bytes(b"film")
    consent.note_deliverable(home, film, title="film", language="es", lines={"ef_dora": ["s0001"]})
    return home, film


def test_voices_are_listed_and_shown(localize: Callable[..., Answer]) -> None:
    code, out, _ = localize("voices", "list")
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert (code, rows["ef_dora"].split()[1:3]) == (0, ["female", "es"])
    assert rows["ef_dora"].endswith("Apache-2.0")
    listed = json.loads(localize("voices", "list", "--json")[1])["voices"]
    assert {voice["id"] for voice in listed} == rows.keys() - {"voice"}
    code, out, _ = localize("voices", "show", "ef_dora")
    shown = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert (code, shown["id"], shown["engine"], shown["languages"]) == (0, "ef_dora", "kokoro", "es")
    assert json.loads(localize("voices", "show", "ef_dora", "--json")[1])["grants"] == []
    assert localize("voices", "show", "nobody")[0] != 0


def test_the_ledger_is_printed_checked_and_named_where_it_is_broken(
    localize: Callable[..., Answer], tmp_path: Path
) -> None:
    home, _ = used(tmp_path)
    code, out, _ = localize("voices", "log")
    assert (code, [line.split()[2] for line in out.splitlines()]) == (0, ["check", "synthesis", "deliverable"])
    assert "voice=ef_dora" in out
    records = json.loads(localize("voices", "log", "--json")[1])["records"]
    assert [record["seq"] for record in records] == [1, 2, 3]
    assert localize("voices", "log", "--verify")[1] == "intact: 3 records\n"
    assert json.loads(localize("voices", "log", "--head")[1])["count"] == 3
    home.ledger.write_bytes(home.ledger.read_bytes().replace(b'"voice":"ef_dora"', b'"voice":"em_alex"', 1))
    code, out, _ = localize("voices", "log", "--verify", "--json")
    verdict = json.loads(out)
    assert (code, verdict["ok"], verdict["first_bad"]) == (7, False, 1)
    code, out, err = localize("voices", "log", "--verify")
    assert (code, out, "the ledger is broken at record 1" in err) == (7, "", True)


def test_what_was_spoken_and_delivered_is_printed_by_voice(localize: Callable[..., Answer], tmp_path: Path) -> None:
    _, film = used(tmp_path)
    code, out, _ = localize("voices", "usage")
    assert (code, out.split()) == (0, ["ef_dora", "1.5", "s", "1", "lines", "-", "film", "es"])
    code, out, _ = localize("voices", "impact", "ef_dora")
    assert (code, out.split()[:3]) == (0, ["current", str(film), "es"])
    assert json.loads(localize("voices", "impact", "ef_dora", "--json")[1])["deliverables"][0]["file"] == film.name
    said = json.loads(localize("voices", "revoke", "ef_dora", "--json")[1])
    assert (said["revoked"], said["deliverables"]) == (True, 1)
    assert "revoked on" in localize("voices", "show", "ef_dora")[1]
    code, _, err = localize("voices", "revoke", "em_alex", "--grant", "0a1b")
    assert (code, "em_alex has no grant 0a1b" in err) == (2, True)


@pytest.mark.costly
def test_what_was_revoked_goes_to_another_home_as_a_signed_list(
    localize: Callable[..., Answer], tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    localize("voices", "enroll", "ana", "--reference", "ana.wav", "--evidence", "paper.pdf")
    localize("voices", "grant", "ana", "--languages", "es")
    issuer = json.loads(localize("voices", "export", "ana", "-o", "ana.zip", "--json")[1])["issuer"]
    localize("voices", "revoke", "ana")
    said = json.loads(localize("voices", "revocations", "-o", "gone.json", "--json")[1])
    assert said == {"schema": 1, "list": "gone.json", "issuer": issuer}
    assert f"--issuer {issuer}" in localize("voices", "revocations", "-o", "gone.json")[1]
    monkeypatch.setenv("LOCALIZE_HOME", str(tmp_path / "other"))
    assert "ana imported with 1 grants" in localize("voices", "import", "ana.zip", "--issuer", issuer)[1]
    taken = localize("voices", "revocations", "--from", "gone.json", "--issuer", issuer)
    assert taken[:2] == (0, "1 voices and 0 grants revoked: ana\n")
    for wrong in ((), ("-o", "a.json", "--from", "gone.json"), ("--from", "gone.json")):
        assert localize("voices", "revocations", *wrong)[0] == 2
