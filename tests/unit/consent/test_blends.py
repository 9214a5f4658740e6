"""Blends: voices of stock voices, under the licence of every parent and no longer than it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from localize import consent
from localize.consent import Grant, Home, Request, ledger
from localize.errors import GrantRevoked, NoGrant, OutOfScope, UsageError
from localize.provenance import VoiceFact

WEIGHTS = {"em_alex": 1.0, "ef_dora": 3.0}


def ask(home: Home, voice: str, language: str = "es") -> Grant:
    return consent.check(home, [Request(voice, "S1", language, "film")])["S1"]


def style(grant: Grant) -> Any:
    return np.frombuffer(Grant.read(grant, "style.bin", "es"), "<f4")


def test_a_blend_is_the_weighted_mean_of_its_parents_whatever_their_order(home: Home, tmp_path: Path) -> None:
    made = consent.blend(home, "vega", WEIGHTS, pitch_st=-1.5, formants=0.9)
    assert made.parents == (("ef_dora", 0.75), ("em_alex", 0.25))
    assert (made.languages, made.gender, made.pitch_st, made.formants) == (("es",), "female", -1.5, 0.9)
    granted = ask(home, "vega")
    expected = 0.75 * style(ask(home, "ef_dora")) + 0.25 * style(ask(home, "em_alex"))
    assert np.abs(style(granted) - expected).max() < 1e-6
    assert sorted(p.name for p in (home.voices / "vega").iterdir()) == ["voice.toml"]  # no data that could be changed
    turned = dict(reversed(WEIGHTS.items()))
    other = consent.blend(Home.open(tmp_path / "other"), "vega", {name: 2 * w for name, w in turned.items()})
    assert other.files == made.files


def test_what_it_rests_on_names_every_parent_and_its_licence(home: Home) -> None:
    consent.blend(home, "vega", WEIGHTS)
    granted = ask(home, "vega")
    assert granted.basis == "blend of 75% ef_dora (Apache-2.0), 25% em_alex (Apache-2.0)"
    assert granted.kind == "licence"
    assert VoiceFact.of(granted).parents == ("ef_dora", "em_alex")
    (record,) = [r for r in ledger.read(home) if r["kind"] == "blend"]
    assert record["licences"] == {"ef_dora": "Apache-2.0", "em_alex": "Apache-2.0"}


def test_it_ends_with_the_first_parent_that_is_revoked(home: Home) -> None:
    consent.blend(home, "vega", WEIGHTS)
    granted = ask(home, "vega")
    consent.revoke(home, "em_alex", reason="test")
    for use in (lambda: Grant.prove(granted), lambda: Grant.read(granted, "style.bin"), lambda: ask(home, "vega")):
        with pytest.raises(GrantRevoked, match="was revoked"):
            use()
    with pytest.raises(GrantRevoked, match="em_alex was revoked"):
        consent.blend(home, "other", WEIGHTS)
    assert ask(home, "ef_dora")


def test_a_blend_that_is_revoked_leaves_its_parents(home: Home) -> None:
    consent.blend(home, "dora_high", {"ef_dora": 1.0}, pitch_st=2.0)
    consent.revoke(home, "dora_high")
    assert ask(home, "ef_dora")
    with pytest.raises(GrantRevoked):
        ask(home, "dora_high")


def test_files_with_a_blend_are_on_the_takedown_list_of_its_parents(home: Home, tmp_path: Path) -> None:
    film = tmp_path / "film.es.mp4"
    film.write_bytes(b"film")
    made = consent.blend(home, "vega", WEIGHTS)
    parents = {"vega": [name for name, _ in made.parents]}
    digest = consent.note_deliverable(
        home, film, title="film", language="es", lines={"vega": ["s0001"], "ef_dora": ["s0002"]}, parents=parents
    )
    assert [m.segments for m in consent.impact(home, "em_alex")] == [("s0001",)]
    assert [sorted(m.segments) for m in consent.impact(home, "ef_dora")] == [["s0001", "s0002"]]
    found = consent.find_delivered(home, digest, "film", "es")
    assert found is not None
    assert found.parents == {"vega": ("ef_dora", "em_alex")}


def test_a_language_that_a_parent_is_not_licensed_for_is_refused(home: Home) -> None:
    consent.blend(home, "vega", WEIGHTS)
    assert ask(home, "vega", "pt")
    with pytest.raises(OutOfScope, match=r"vega is a blend, and the grant \S+ of the voice ef_dora is for"):
        ask(home, "vega", "de")


@pytest.mark.parametrize(
    ("weights", "more", "said"),
    [
        ({}, {}, "one to 4 voices"),
        ({"ef_dora": 0.0}, {}, "a weight above 0"),
        ({"ef_dora": float("nan")}, {}, "a weight above 0"),
        ({"ef_dora": 1.0, "em_alex": 1e-4}, {}, "leave it out"),
        ({"ef_dora": 1.0}, {"pitch_st": 4.5}, "4 semitones"),
        ({"ef_dora": 1.0}, {"formants": 0.5}, "0.84 to 1.2"),
        ({"ef_dora": 1.0}, {"formants": float("nan")}, "0.84 to 1.2"),
        ({"ef_dora": 1.0}, {"languages": ("de",)}, "not for de"),
    ],
)
def test_what_no_blend_can_be_is_refused(home: Home, weights: Any, more: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        consent.blend(home, "vega", weights, **more)
    assert not (home.voices / "vega").exists()


@pytest.mark.parametrize("parent", ["nobody", "../ef_dora", "vega"])
def test_only_stock_voices_are_blended(home: Home, parent: str) -> None:
    consent.blend(home, "vega", WEIGHTS)
    with pytest.raises(NoGrant, match="no stock voice"):
        consent.blend(home, "other", {parent: 1.0})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ef_dora = 0.75", "ef_dora = 0.85"),
        ("ef_dora = 0.75\nem_alex = 0.25", "ef_dora = 0.25\nem_alex = 0.75"),
        ("ef_dora = 0.75", "nobody = 0.75"),
        ('"style.bin" = "', '"style.bin" = "0'),
        ("pitch_st = 0.0", "pitch_st = 9.0"),
        ("formants = 1.0", "formants = nan"),
        ('engine = "kokoro"', 'engine = "coqui"'),
        ("[files]", '[files]\n"other.bin" = "' + "0" * 64 + '"'),
    ],
)
def test_a_card_that_was_changed_speaks_no_more(home: Home, old: str, new: str) -> None:
    consent.blend(home, "vega", WEIGHTS)
    path = home.voices / "vega" / "voice.toml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    with pytest.raises(NoGrant):
        ask(home, "vega")


def test_a_style_put_beside_the_card_is_not_read(home: Home) -> None:
    consent.blend(home, "vega", WEIGHTS)
    before = style(ask(home, "vega"))
    shutil.copy(consent.stock_folder() / "em_santa" / "style.bin", home.voices / "vega" / "style.bin")
    assert (style(ask(home, "vega")) == before).all()


def test_a_blend_needs_neither_grant_nor_pack(home: Home, tmp_path: Path) -> None:
    consent.blend(home, "vega", WEIGHTS)
    with pytest.raises(UsageError, match="granted by its licence"):
        consent.grant(home, "vega", languages=("es",))
    with pytest.raises(UsageError, match="voices blend"):
        consent.export_voice(home, "vega", tmp_path / "vega.zip")
