"""A home that version 0.1 wrote is the same home now: its voices, grants, revocations, ledger and keys."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from localize import consent
from localize.consent import Home, Request, check, ledger
from localize.errors import GrantRevoked, OutOfScope
from localize.provenance import Signer

FORMER = Path(__file__).resolve().parents[2] / "data" / "home-0.1"


@pytest.fixture
def former(tmp_path: Path) -> Home:
    shutil.copytree(FORMER, tmp_path / "former")
    return Home.open(tmp_path / "former")


def test_its_ledger_is_intact_and_goes_on(former: Home) -> None:
    assert ledger.verify(former.ledger).records == 4
    consent.grant(former, "ana", languages=["it"])
    found = ledger.verify(former.ledger)
    assert (found.ok, found.records) == (True, 5)


def test_its_grants_hold_in_their_scope_and_nowhere_else(former: Home) -> None:
    assert check(former, [Request("ana", "S1", "es", "Any film")])["S1"].voice.id == "ana"
    assert check(former, [Request("ana", "S1", "fr", "Old film")])["S1"].voice.id == "ana"
    with pytest.raises(OutOfScope):
        check(former, [Request("ana", "S1", "fr", "Another film")])


def test_what_was_revoked_stays_revoked(former: Home) -> None:
    with pytest.raises(GrantRevoked):
        check(former, [Request("em_santa", "S1", "es", "Any film")])


def test_its_key_still_signs(former: Home) -> None:
    assert Signer.open(former).root
