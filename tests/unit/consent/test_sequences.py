"""Random sequences of enrolments, grants, revocations, imports and attacks against a small model of what is allowed."""

from __future__ import annotations

import copy
import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from localize import consent
from localize.consent import Home, Request, ledger
from localize.errors import ConsentError, GrantRevoked, NoGrant, StoreError, UsageError

TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)
LANGUAGES = ("es", "fr", "pt")
TAGS = st.sets(st.sampled_from(LANGUAGES), min_size=1)
TERMS = st.sampled_from([(None, None), (None, TODAY), (None, TODAY - DAY), (TODAY + DAY, None)])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two homes with a voice each: `own` has ana; `studio`, which grants to others, has bea."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7 signed")
    for seed, (home, voice) in enumerate((("own", "ana"), ("studio", "bea"))):
        sound = np.random.default_rng(seed).normal(0, 0.1, 7 * 24_000) * (np.arange(7 * 24_000) // 8000 % 2)
        soundfile.write(folder / f"{voice}.wav", sound, 24_000)
        consent.enroll(
            Home.open(folder / home), voice, reference=folder / f"{voice}.wav", evidence=folder / "paper.pdf"
        )
    return folder


class Given:
    """What a model knows of one grant."""

    def __init__(self, languages: set[str], first: date | None, last: date | None) -> None:
        self.languages = languages
        self.holds = (first is None or first <= TODAY) and (last is None or last >= TODAY)
        self.ended = False


class Voices(RuleBasedStateMachine):
    """`here[voice]` is what the home of the user must allow; `there` is what the studio granted and took back."""

    template: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.template))
        for name in ("own", "studio"):
            shutil.copytree(self.template / name, self.folder / name)
        self.home, self.studio = (Home.open(self.folder / name) for name in ("own", "studio"))
        self.here: dict[str, dict[str, Given]] = {"ana": {}, "bea": {}}
        self.there: dict[str, Given] = {}
        self.revoked: set[str] = set()
        self.revoked_there = False
        self.imported = False
        self.enrolled = True
        self.key = ""

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    @rule(languages=TAGS, days=TERMS)
    def grant(self, languages: set[str], days: tuple[date | None, date | None]) -> None:
        first, last = days
        asked = {"languages": sorted(languages), "not_before": first, "until": last}
        if "ana" in self.revoked:
            with pytest.raises(GrantRevoked):
                consent.grant(self.home, "ana", **asked)
        elif not self.enrolled:
            with pytest.raises(NoGrant):
                consent.grant(self.home, "ana", **asked)
        else:
            self.here["ana"][consent.grant(self.home, "ana", **asked).id] = Given(languages, first, last)

    @rule(languages=TAGS)
    def grant_in_the_studio(self, languages: set[str]) -> None:
        if not self.revoked_there:
            made = consent.grant(self.studio, "bea", languages=sorted(languages))
            self.there[made.id] = Given(languages, None, None)

    @precondition(lambda self: any(not g.ended for g in self.here["ana"].values()))
    @rule(data=st.data())
    def narrow(self, data: st.DataObject) -> None:
        living = sorted(i for i, g in self.here["ana"].items() if not g.ended)
        chosen = data.draw(st.sampled_from(living))
        consent.end_grant(self.home, chosen)
        self.here["ana"][chosen].ended = True

    @rule()
    def revoke(self) -> None:
        consent.revoke(self.home, "ana")
        self.revoked.add("ana")

    @precondition(lambda self: any(not g.ended for g in self.there.values()) and not self.revoked_there)
    @rule()
    def import_or_renew(self) -> None:
        pack = self.folder / "bea.zip"
        self.key = consent.export_voice(self.studio, "bea", pack)
        offered = {i: g for i, g in self.there.items() if not g.ended}
        if "bea" in self.revoked:
            with pytest.raises((GrantRevoked, UsageError)):
                consent.import_voice(self.home, pack, self.key)
        elif self.imported and not offered.keys() - self.here["bea"].keys():
            with pytest.raises(UsageError, match="enrolled already"):
                consent.import_voice(self.home, pack, self.key)
        else:
            consent.import_voice(self.home, pack, self.key)
            self.imported = True
            for name, given in offered.items():
                if name not in self.here["bea"]:
                    self.here["bea"][name] = Given(given.languages, None, None)

    @precondition(lambda self: self.imported)
    @rule(languages=TAGS)
    def widen_a_licence(self, languages: set[str]) -> None:
        with pytest.raises(ConsentError):
            consent.grant(self.home, "bea", languages=sorted(languages))
        self.home.trusted.mkdir(exist_ok=True)
        (self.home.trusted / f"bea.{'ab' * 32}.issuer").write_bytes(b"")

    @precondition(lambda self: self.there)
    @rule(whole=st.booleans(), data=st.data())
    def the_studio_takes_back(self, whole: bool, data: st.DataObject) -> None:
        living = sorted(i for i, g in self.there.items() if not g.ended)
        if whole:
            consent.revoke(self.studio, "bea")
            self.revoked_there = True
        elif living:
            chosen = data.draw(st.sampled_from(living))
            consent.end_grant(self.studio, chosen)
            self.there[chosen].ended = True

    @precondition(lambda self: self.there and self.key)
    @rule()
    def take_the_list(self) -> None:
        path = self.folder / "list.json"
        consent.export_revocations(self.studio, path)
        consent.import_revocations(self.home, path, self.key)
        if not self.imported:
            return
        if self.revoked_there:
            self.revoked.add("bea")
        for name, given in self.there.items():
            if given.ended and name in self.here["bea"]:
                self.here["bea"][name].ended = True

    @rule()
    def lose_the_ledger(self) -> None:
        """Whoever deletes what forbids deletes what allows; revocations stand in files as well."""
        for path in (self.home.ledger, self.home.head, self.home.keys / "ledger.key"):
            path.unlink(missing_ok=True)
        self.here = {"ana": {}, "bea": {}}
        # Nor does anything say what ana's card said at her enrolment: no new grant rests on it.
        self.enrolled = False
        # Nothing says any more that bea was imported: she cannot be granted by her former issuer either.
        self.imported = False
        self.home_lost_bea()

    def home_lost_bea(self) -> None:
        shutil.rmtree(self.home.voices / "bea", ignore_errors=True)

    @rule()
    def keep_a_copy_of_the_home(self) -> None:
        shutil.rmtree(self.folder / "older", ignore_errors=True)
        shutil.copytree(self.home.folder, self.folder / "older")
        self.older = copy.deepcopy((self.here, self.revoked, self.imported, self.enrolled))

    @precondition(lambda self: (self.folder / "older").exists())
    @rule()
    def restore_the_older_home(self) -> None:
        """As a whole it is what it was: only files that were delivered since, or a kept head, tell."""
        shutil.rmtree(self.home.folder)
        shutil.copytree(self.folder / "older", self.home.folder)
        self.here, self.revoked, self.imported, self.enrolled = copy.deepcopy(self.older)

    @precondition(lambda self: self.home.ledger.exists())
    @rule(minutes=st.integers(11, 10_000))
    def set_the_clock_back(self, minutes: int) -> None:
        """Below the time of the last record nothing is answered, not even about a stock voice; nor written."""

        class Earlier(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return datetime.now(tz) - timedelta(minutes=minutes)

        before = self.home.ledger.read_bytes()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(ledger, "datetime", Earlier)
            with pytest.raises(StoreError, match="set the clock right"):
                consent.check(self.home, [Request("ef_dora", "S1", "es", "film")])
        assert self.home.ledger.read_bytes() == before

    @rule(bait=st.sampled_from(["renamed", "changed"]))
    def forge(self, bait: str) -> None:
        """Grant files of one voice given out for the other, or with another language in them."""
        for path in list(self.home.grants.glob("ana.*.json"))[:2]:
            text = path.read_text()
            if bait == "renamed":
                path.with_name(path.name.replace("ana.", "bea.", 1)).write_text(text.replace('"ana"', '"bea"'))
            else:
                made = path.with_name(path.name.replace(".json", "0.json"))
                made.write_text(text.replace('"es"', '"fr"'))

    @invariant()
    def exactly_what_was_given_is_allowed(self) -> None:
        if not hasattr(self, "home"):
            return
        for voice, given in self.here.items():
            for language in LANGUAGES:
                allowed = voice not in self.revoked and any(
                    g.holds and not g.ended and language in g.languages for g in given.values()
                )
                try:
                    consent.check(self.home, [Request(voice, "S1", language, "film")])
                    answered = True
                except ConsentError:
                    answered = False
                assert answered == allowed, (voice, language)


@pytest.mark.slow
def test_exactly_what_was_given_is_allowed(template: Path) -> None:
    Voices.template = template
    relaxed = settings(
        max_examples=20, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Voices, settings=relaxed)
