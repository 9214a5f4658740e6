"""Every way to a voice that was not given: none of them makes a sound in it.

Over 400 lines: every route is tried on the same film, voice and engine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import wave
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import localize
from localize import cli, consent, pipeline
from localize.consent import Grant, Home
from localize.data import Phrase, Span
from localize.engines import BUILT_IN, Spoken
from localize.errors import ConsentError, EngineError, GrantRevoked, LocalizeError, MediaError, NoGrant, StoreError
from localize.events import Event, Run, Started
from localize.job import Job
from localize.models import Models
from localize.runtime.store import Store
from localize.testing import FakeRecogniser, FakeSynthesizer

TODAY = datetime.now(UTC).date()


class Parrot(FakeSynthesizer):
    """Speaks in any recording it is given leave to read, and tells in which voices it spoke."""

    name: ClassVar[str] = "parrot"
    clones: ClassVar[bool] = True
    fingerprint: str = "parrot 1"
    heard: ClassVar[list[str]] = []

    def speak(self, phrases: Any, grant: Grant, language: str) -> Spoken:
        said = super().speak(phrases, grant, language)
        Parrot.heard.append(grant.voice.id)
        return said


class Ear(FakeRecogniser):
    """The fake recogniser under a name that can be asked for."""


@pytest.fixture(autouse=True)
def _parrot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUILT_IN["synthesizer"], "parrot", f"{__name__}:Parrot")
    monkeypatch.setitem(BUILT_IN["recogniser"], "ear", f"{__name__}:Ear")
    Parrot.heard.clear()


@pytest.fixture
def home() -> Home:
    return Home.open()


@pytest.fixture
def ana(home: Home, tmp_path: Path) -> str:
    """An enrolled voice that nobody has granted."""
    record(tmp_path / "ana.wav")
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7 signed")
    consent.enroll(home, "ana", reference=tmp_path / "ana.wav", evidence=tmp_path / "paper.pdf", engine="parrot")
    return "ana"


@pytest.fixture
def job(spoken: Any, tmp_path: Path) -> Job:
    """A film of two lines with given words, to be spoken by the parrot in ana's voice."""
    for name, texts in (("film.en.srt", spoken.texts), ("film.es.srt", ("El tren sale mañana.", "No llegue tarde."))):
        cues = [
            f"{n}\n{_clock(span.start_ms)} --> {_clock(span.end_ms)}\n{text}\n"
            for n, (span, text) in enumerate(zip(spoken.phrases, texts), 1)
        ]
        (tmp_path / name).write_text("\n".join(cues))
    shutil.copy(spoken.path, tmp_path / "film.wav")
    return Job(
        tmp_path / "film.wav",
        to=("es",),
        output=tmp_path / "out",
        source_language="en",
        voices={"S1": "ana"},
        transcript=tmp_path / "film.en.srt",
        translation=tmp_path / "film.es.srt",
        engines={"synthesizer": "parrot", "recogniser": "ear"},
    )


def _clock(ms: int) -> str:
    return f"00:00:{ms // 1000:02},{ms % 1000:03}"


def record(path: Path, seed: int = 1) -> None:
    """Bursts of noise with pauses: what a level meter takes for speech."""
    bursts = np.arange(7 * 24_000) // 8000 % 2
    sound = np.random.default_rng(seed).normal(0, 0.2, 7 * 24_000) * bursts
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())


def dub(job: Job) -> dict[str, Any]:
    return pipeline.dub(job, pipeline.open_run())


def silent(job: Job, kind: type[LocalizeError] = ConsentError) -> str:
    """The dub is refused, nobody spoke, nothing was delivered; gives the message."""
    Parrot.heard.clear()
    with pytest.raises(kind) as raised:
        dub(job)
    assert Parrot.heard == []
    assert job.output is not None
    assert not job.output.exists() or list(job.output.iterdir()) == []
    return raised.value.message


def test_with_a_grant_it_speaks_and_without_one_it_does_not(home: Home, ana: str, job: Job) -> None:
    assert "no grant for the voice" in silent(job)
    consent.grant(home, ana, languages=["es"])
    result = dub(job)
    assert set(Parrot.heard) == {"ana"}
    timeline = json.loads(Path(result["targets"][0]["timeline"]).read_text())
    assert {clip["voice"] for clip in timeline["clips"]} == {"ana"}
    (made,) = {entry.title for entry in consent.impact(home, ana)}
    assert made == "film"


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["plan", "synthesize", "mix", "measure", "deliver"])
def test_a_voice_revoked_during_a_run_is_not_delivered(home: Home, ana: str, job: Job, stage: str) -> None:
    """The revocation comes from elsewhere, as a stage begins: of the run so far nothing is heard or delivered."""
    consent.grant(home, ana, languages=["es"])
    seen: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Started):
            seen.append(event.stage)
            if event.stage == stage:
                consent.revoke(home, ana)

    with pytest.raises(GrantRevoked, match="was revoked on"):
        pipeline.dub(job, pipeline.open_run(listen))
    assert stage in seen
    assert job.output is not None
    assert not job.output.exists() or list(job.output.iterdir()) == []
    if stage in ("plan", "synthesize"):
        assert Parrot.heard == []


@pytest.mark.slow
def test_a_grant_for_a_region_is_used_where_the_region_is_asked_for(home: Home, ana: str, job: Job) -> None:
    consent.grant(home, ana, languages=["es-MX"])
    assert "is for es-MX, not for es" in silent(job)
    result = dub(replace(job, to=("es-MX",)))
    assert {line["voice"] for line in json.loads(result.targets[0].report.read_text())["lines"]} == {"ana"}
    report = json.loads(result.targets[0].report.read_text())
    assert report["consent"]["ana"].startswith("unverified, on paper evidence of SHA-256 ")


@pytest.mark.slow
def test_a_source_swapped_during_a_run_is_not_delivered(home: Home, ana: str, job: Job, tmp_path: Path) -> None:
    consent.grant(home, ana, languages=["es"])

    def listen(event: Event) -> None:
        if isinstance(event, Started) and event.stage == "mix":
            with job.input.open("ab") as file:
                file.write(b"more")

    with pytest.raises(MediaError, match="changed while it was worked on"):
        pipeline.dub(job, pipeline.open_run(listen))
    assert job.output is not None
    assert not job.output.exists() or list(job.output.iterdir()) == []


@pytest.mark.slow
def test_a_take_swapped_in_the_store_during_a_run_is_not_mixed(home: Home, ana: str, job: Job) -> None:
    """As long, in its place, with its old time of modification: its change time gives it away."""
    consent.grant(home, ana, languages=["es"])
    swapped: list[Path] = []

    def listen(event: Event) -> None:
        if isinstance(event, Started) and event.stage == "mix" and not swapped:
            for path in (run.store.folder / "objects").rglob("*.wav"):
                before = path.stat()
                path.chmod(0o600)
                path.write_bytes(bytes(before.st_size))
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
                swapped.append(path)

    run = pipeline.open_run(listen)
    with pytest.raises(StoreError, match="is damaged"):
        pipeline.dub(job, run)
    assert swapped
    assert job.output is not None
    assert not job.output.exists() or list(job.output.iterdir()) == []


# -- public calls


def test_no_public_call_speaks_with_what_is_not_a_grant(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["es"])
    real = consent.check(home, [consent.Request(ana, "S1", "es", "film")])["S1"]
    hollow = object.__new__(Grant)
    filled = object.__new__(Grant)
    for name in ("voice", "terms"):
        object.__setattr__(filled, name, getattr(real, name))
    phrases = (Phrase("Hola", Span(0, 500)),)
    for forged in (hollow, filled, real.voice, real.terms, None):
        with pytest.raises(NoGrant):
            Parrot().speak(phrases, forged, "es")  # type: ignore[arg-type]
        with pytest.raises(NoGrant):
            Parrot().pace(("Hola",), forged, "es")  # type: ignore[arg-type]
    assert Parrot.heard == []


def test_a_run_of_ones_own_making_is_refused_too(ana: str, job: Job, tmp_path: Path) -> None:
    run = Run(Store(tmp_path / "mine"), Home.open(), Models())
    with pytest.raises(NoGrant):
        localize.dub(job, run)
    assert Parrot.heard == []


# -- flags, configuration, environment


@pytest.mark.parametrize(
    "flags",
    [
        ["--voice", "S1=ana"],
        ["--recast", "ef_dora=ana", "--voice", "S1=ef_dora"],
        ["--edits", "edits.json", "--voice", "S1=ef_dora"],
    ],
    ids=["voice", "recast", "edits"],
)
def test_no_flag_reaches_a_voice(
    ana: str, job: Job, tmp_path: Path, flags: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = {"schema": 1, "edits": [{"segment": "s0001", "voice": "ana"}]}
    (tmp_path / "edits.json").write_text(json.dumps(edit))
    monkeypatch.chdir(tmp_path)
    given = ["--from", "en", "--transcript", "film.en.srt", "--translation", "film.es.srt"]
    engines = ["--engine", "synthesizer=parrot", "--engine", "recogniser=ear"]
    arguments = ["localize", "dub", "film.wav", "--to", "es", "-o", "out", "-q", *given, *engines, *flags]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    # The parrot cannot speak as a stock voice, so that only a refusal of ana gives 4.
    assert ended.value.code == 4
    assert Parrot.heard == []
    assert not (tmp_path / "out").exists()


def test_no_configuration_reaches_a_voice(
    ana: str, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["--from", "en", "--transcript", "film.en.srt", "--translation", "film.es.srt", "-q"]
    monkeypatch.setattr(sys, "argv", ["localize", "dub", "film.wav", "--to", "es", "-o", "out", *given])
    engine = '[engine]\nsynthesizer = "parrot"\nrecogniser = "ear"\n'
    for text, code in (
        (f'{engine}[voice]\nS1 = "ana"\n', 4),
        (f"consent = false\n{engine}", 2),
        (f"{engine}[consent]\ncheck = false\n", 2),
        (f'home = "elsewhere"\n{engine}', 2),
        (f'recast = {{ef_dora = "ana"}}\n{engine}', 2),
    ):
        (tmp_path / "localize.toml").write_text(text)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == code, (text, capsys.readouterr().err)
    assert Parrot.heard == []


def test_no_variable_switches_consent_off(ana: str, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONSENT", "NO_CONSENT", "SKIP_CONSENT", "ALLOW_ALL", "DEBUG", "TESTING", "INSECURE", "GRANT"):
        monkeypatch.setenv(f"LOCALIZE_{name}", "1" if name != "CONSENT" else "off")
    silent(job)
    # And none could: four places, a mirror to pull models from, a cluster's address and the kind of terminal are all
    # that the package reads; onnxruntime is told by one that it reports nothing.
    read = set()
    for path in Path(localize.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", text))
        assert "getenv" not in text, path
    read.remove("ORT_DISABLE_TELEMETRY")
    assert read == {
        "LOCALIZE_HOME", "LOCALIZE_STORE", "LOCALIZE_STORE_CACHE", "LOCALIZE_MODELS", "HF_ENDPOINT", "RAY_ADDRESS",
        "TERM",
    }  # fmt: skip


# -- the store


def test_a_full_cache_speaks_for_nobody(home: Home, ana: str, job: Job) -> None:
    consent.grant(home, ana, languages=["es"])
    dub(job)
    elsewhere = replace(job, output=job.input.parent / "again")
    consent.revoke(home, ana)
    assert "revoked" in silent(elsewhere)


def test_a_cache_that_was_edited_speaks_for_nobody(home: Home, ana: str, job: Job, tmp_path: Path) -> None:
    """Ana's takes are in the store; the records of Ben's point to them now, with the key where another's was."""
    consent.grant(home, ana, languages=["es"])
    dub(job)
    record(tmp_path / "ben.wav", seed=2)
    consent.enroll(home, "ben", reference=tmp_path / "ben.wav", evidence=tmp_path / "paper.pdf", engine="parrot")
    consent.grant(home, "ben", languages=["es"])
    job = replace(job, voices={"S1": "ben"})
    hers = set(_takes(tmp_path))
    dub(job)
    first = (tmp_path / "out" / "film.es.dialogue.wav").read_bytes()
    his = set(_takes(tmp_path)) - hers
    assert len(hers) == len(his) == 2
    for path, other in zip(sorted(his), sorted(hers)):
        said, stolen = (json.loads(p.read_text()) for p in (path, other))
        for forged in ({**said, "result": stolen["result"]}, stolen, {**stolen, "seal": ""}):
            path.write_text(json.dumps(forged))
        Parrot.heard.clear()
        (tmp_path / "out" / "film.es.timeline.json").unlink()  # it is made again
        dub(job)
        assert Parrot.heard == ["ben"]
        assert _samples(tmp_path / "out" / "film.es.dialogue.wav") == _samples_of(first)


def _takes(folder: Path) -> list[Path]:
    found = (folder / "store" / "steps").rglob("*.json")
    return [p for p in found if json.loads(p.read_text())["step"].endswith("synthesize.speak")]


def _samples(path: Path) -> bytes:
    return _samples_of(path.read_bytes())


def _samples_of(data: bytes) -> bytes:
    at = data.index(b"data") + 4
    return data[at + 4 : at + 4 + int.from_bytes(data[at : at + 4], "little")]


# -- what lies in the home


def _swap(home: Home) -> None:
    record(home.voices / "ana" / "reference.wav", seed=9)


def _link_file(home: Home) -> None:
    path = home.voices / "ana" / "reference.wav"
    path.rename(home.folder / "away.wav")
    path.symlink_to(home.folder / "away.wav")


def _link_folder(home: Home) -> None:
    (home.voices / "ana").rename(home.folder / "away")
    (home.voices / "ana").symlink_to(home.folder / "away")


def _expire(home: Home) -> None:
    for path in home.grants.iterdir():
        path.unlink()
    consent.grant(home, "ana", languages=["es"], until=TODAY - timedelta(days=1))


def _prolong(home: Home) -> None:
    _expire(home)
    (path,) = home.grants.iterdir()
    path.write_text(path.read_text().replace(str(TODAY - timedelta(days=1)), str(TODAY + timedelta(days=1))))


def _resign(home: Home) -> None:
    """The same grant of the same recording, by another home's key."""
    other = Home.open(home.folder.parent / "other")
    reference, paper = home.folder.parent / "again.wav", home.folder.parent / "again.pdf"
    record(reference)
    paper.write_bytes(b"%PDF-1.7 signed")
    consent.enroll(other, "ana", reference=reference, evidence=paper, engine="parrot")
    consent.grant(other, "ana", languages=["es"])
    for path in home.grants.iterdir():
        path.unlink()
    for path in other.grants.iterdir():
        shutil.copy(path, home.grants)


def _link_grant(home: Home) -> None:
    (path,) = home.grants.iterdir()
    path.rename(home.folder / "grant.json")
    path.symlink_to(home.folder / "grant.json")


@pytest.mark.parametrize(
    "how", [_swap, _link_file, _link_folder, _expire, _prolong, _resign, _link_grant], ids=lambda f: f.__name__[1:]
)
def test_nothing_changed_in_the_home_speaks(home: Home, ana: str, job: Job, how: Callable[[Home], None]) -> None:
    consent.grant(home, ana, languages=["es"])
    how(home)
    silent(job)


def test_a_renamed_voice_is_another_voice(home: Home, ana: str, job: Job) -> None:
    consent.grant(home, ana, languages=["es"])
    (home.voices / "ana").rename(home.voices / "eva")
    assert "no voice is called 'ana'" in silent(job)
    silent(replace(job, voices={"S1": "eva"}))
    card = home.voices / "eva" / "voice.toml"
    card.write_text(card.read_text().replace('id = "ana"', 'id = "eva"'))
    silent(replace(job, voices={"S1": "eva"}))
    for path in list(home.grants.iterdir()):
        path.rename(home.grants / path.name.replace("ana.", "eva.", 1))
    assert "void" in silent(replace(job, voices={"S1": "eva"}))


def test_another_title_purpose_or_language_is_out_of_scope(home: Home, ana: str, job: Job) -> None:
    consent.grant(home, ana, languages=["es"], titles=["Other film"])
    assert "title" in silent(job)
    consent.grant(home, ana, languages=["pt"])
    silent(job)
    consent.grant(home, ana, languages=["es"], purposes=["trailer"])
    silent(job)
    assert dub(replace(job, purpose="trailer"))["targets"]


# -- replacing a voice


def test_after_a_revocation_recast_makes_the_replacement(home: Home, ana: str, job: Job, tmp_path: Path) -> None:
    consent.grant(home, ana, languages=["es"])
    dub(job)
    record(tmp_path / "ben.wav", seed=2)
    consent.enroll(home, "ben", reference=tmp_path / "ben.wav", evidence=tmp_path / "paper.pdf", engine="parrot")
    consent.grant(home, "ben", languages=["es"])
    consent.revoke(home, ana)
    before = {m.file: m for m in consent.impact(home, ana)}
    assert not any(m.replaced_by for m in before.values())
    shutil.rmtree(tmp_path / "out")
    silent(job)
    Parrot.heard.clear()
    dub(replace(job, recast={"ana": "ben"}))
    assert set(Parrot.heard) == {"ben"}
    assert all(m.replaced_by for m in consent.impact(home, ana))
    assert {m.file for m in consent.impact(home, "ben")} == set(before)


def test_recasting_what_is_not_heard_is_told(home: Home, ana: str, job: Job) -> None:
    consent.grant(home, ana, languages=["es"])
    said = dub(replace(job, recast={"nobody": "ana"}))["warnings"]
    assert any(w["code"] == "recast" and "nobody" in w["message"] for w in said)


def test_a_line_is_owed_in_every_title_it_is_heard_in(home: Home, ana: str, job: Job, tmp_path: Path) -> None:
    consent.grant(home, ana, languages=["es"])
    dub(job)
    dub(job)
    os.link(job.input, tmp_path / "sequel.wav")
    dub(replace(job, input=tmp_path / "sequel.wav"))
    film, sequel = consent.usage(home)
    assert (film.title, sequel.title, film.lines) == ("film", "sequel", 2)
    assert film.spoken_ms == sequel.spoken_ms > 0


def test_no_engine_error_is_raised_before_consent(ana: str, job: Job) -> None:
    with pytest.raises(ConsentError):
        dub(replace(job, engines={"synthesizer": "nobody"}))
    with pytest.raises((EngineError, LocalizeError)):
        dub(replace(job, voices={"S1": "ef_dora"}, engines={"synthesizer": "nobody"}))
