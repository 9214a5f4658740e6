"""What a grant says and how far it reaches: refusals by kind and sentence, answers as they are logged."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import consent
from localize.consent import Grant, Home, Request, Terms, ledger
from localize.consent.grants import revocations
from localize.consent.terms import canonical_bytes, grant_files, issuers, read_grant, terms_in
from localize.errors import ConsentError, GrantExpired, GrantRevoked, NoGrant, OutOfScope

TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one voice, of seven seconds of bursts of noise, which a level meter takes for speech."""
    folder = tmp_path_factory.mktemp("enrolled")
    bursts = np.arange(7 * 44_100) // 8000 % 2
    sound = np.random.default_rng(1).normal(0, 0.2, len(bursts)) * bursts
    soundfile.write(folder / "ana.wav", sound, 44_100, "PCM_16")
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7\nsigned")
    home = Home.open(folder / "home")
    consent.enroll(home, "ana", reference=folder / "ana.wav", name="Ana P.", evidence=folder / "paper.pdf")
    return home.folder


@pytest.fixture
def ana(home: Home, enrolled: Path) -> str:
    shutil.copytree(enrolled, home.folder, dirs_exist_ok=True)
    return "ana"


def ask(home: Home, voice: str, language: str = "es", title: str = "episode", **more: Any) -> Grant:
    today: date | None = more.pop("today", None)
    return consent.check(home, [Request(voice, "S1", language, title, **more)], today=today)["S1"]


def log(home: Home) -> list[dict[str, Any]]:
    return [record for record in ledger.read(home) if record["kind"] == "check"]


# --- a licence -------------------------------------------------------------------------------------------------------


def test_the_licence_of_a_stock_voice_allows_its_languages_and_neither_cloning_nor_training(home: Home) -> None:
    card = consent.card(home, "ef_dora")
    assert card.also
    assert ask(home, "ef_dora").terms == Terms(
        id=f"licence-{card.binding[:16]}", kind="licence", voice="ef_dora", languages=("es", *card.also), titles=(),
        purposes=(), not_before="", not_after="", cloning=False, training=False, territory="", rate="", currency="",
        evidence="", reference_sha256=card.binding, issued="", issuer="",
    )  # fmt: skip


# --- how far a grant reaches -----------------------------------------------------------------------------------------

WIDE: dict[str, Any] = {"languages": ["es", "pt-BR"]}


@pytest.mark.costly
@pytest.mark.parametrize(
    ("terms", "asked", "refusal", "said"),
    [
        (WIDE, {"language": "es"}, None, ""),
        (WIDE, {"language": "es-MX"}, None, ""),
        (WIDE, {"language": "ES"}, None, ""),
        (WIDE, {"language": "pt-br"}, None, ""),
        (WIDE, {"language": "pt"}, OutOfScope, "is for es, pt-BR, not for pt: choose another voice"),
        (WIDE, {"language": "est"}, OutOfScope, "is for es, pt-BR, not for est: choose another voice"),
        ({**WIDE, "titles": ["My Film", "Season *"]}, {"title": "My Film"}, None, ""),
        ({**WIDE, "titles": ["My Film", "Season *"]}, {"title": "Season 2"}, None, ""),
        ({**WIDE, "titles": ["Film [1]"]}, {"title": "Film [1]"}, None, ""),  # a pattern, and a title as it stands
        ({**WIDE, "titles": ["Caf\u00e9"]}, {"title": "Cafe\u0301"}, None, ""),
        (
            {**WIDE, "titles": ["My Film", "Season *"]},
            {"title": "My Film 2"},
            OutOfScope,
            "is not for the title 'My Film 2': it is for My Film, Season *",
        ),
        ({**WIDE, "purposes": ["dub", "ad"]}, {"purpose": "ad"}, None, ""),
        (
            {**WIDE, "purposes": ["dub", "ad"]},
            {"purpose": "trailer"},
            OutOfScope,
            "is for dub, ad, not for 'trailer'",
        ),
        ({**WIDE, "cloning": False}, {}, OutOfScope, "does not allow cloning: choose a stock voice"),
        ({**WIDE, "not_before": TODAY}, {}, None, ""),
        (
            {**WIDE, "not_before": TODAY + DAY},
            {},
            GrantExpired,
            f"holds from {TODAY + DAY} only: choose another voice until then",
        ),
        ({**WIDE, "until": TODAY}, {}, None, ""),
        ({**WIDE, "until": TODAY + DAY}, {"today": TODAY + DAY}, None, ""),
        (
            {**WIDE, "until": TODAY + DAY},
            {"today": TODAY + 2 * DAY},
            GrantExpired,
            f"ended on {TODAY + DAY}: grant it anew with `localize voices grant ana`",
        ),
    ],
)
def test_a_grant_reaches_as_far_as_it_says_and_a_refusal_says_how_far(
    home: Home, ana: str, terms: dict[str, Any], asked: dict[str, Any], refusal: type[ConsentError] | None, said: str
) -> None:
    signed = consent.grant(home, ana, **terms)
    if refusal is None:
        assert ask(home, ana, **asked).terms == signed
        return
    with pytest.raises(refusal) as found:
        ask(home, ana, **asked)
    assert found.value.message.startswith(f"the grant {signed.id} of the voice ana {said}")


def test_of_several_grants_the_newest_that_covers_counts_and_else_the_nearest_refusal(home: Home, ana: str) -> None:
    """A grant that holds and does not reach says more than one that is void."""
    older = consent.grant(home, ana, languages=["es"], territory="ES")
    newer = consent.grant(home, ana, languages=["es"], territory="MX")
    consent.grant(home, ana, languages=["fr"])
    newest = max((older, newer), key=lambda terms: (terms.issued, terms.id))
    assert ask(home, ana).terms == newest
    void = home.grants / f"ana.{older.id}.json"
    void.write_bytes(void.read_bytes().replace(b'"ES"', b'"PT"'))
    with pytest.raises(OutOfScope, match="not for de"):
        ask(home, ana, "de")


# --- what is written down --------------------------------------------------------------------------------------------


def test_every_answer_is_written_down_with_what_was_asked_and_why(home: Home) -> None:
    granted = ask(home, "ef_dora", "es", "My Film", purpose="ad")
    with pytest.raises(OutOfScope) as refused:
        ask(home, "ef_dora", "de", cloning=True)
    assert refused.value.details == {"voice": "ef_dora", "speaker": "S1"}
    asked = {"voice": "ef_dora", "speaker": "S1"}
    first, second = log(home)
    assert first.items() >= {
        **asked, "language": "es", "title": "My Film", "purpose": "ad", "cloning": False, "outcome": "granted",
        "grant": granted.id, "basis": "licence",
    }.items()  # fmt: skip
    assert second.items() >= {
        **asked, "language": "de", "title": "episode", "purpose": "dub", "cloning": True, "outcome": "refused",
        "error": "OutOfScope", "reason": refused.value.message,
    }.items()  # fmt: skip
    assert "grant" not in second
    assert "reason" not in first


# --- taken back ------------------------------------------------------------------------------------------------------


def test_a_revoked_voice_is_refused_by_its_name_with_the_day(home: Home, ana: str) -> None:
    consent.grant(home, ana, languages=["es"])
    digest = dict(ask(home, ana).voice.files)["reference.wav"]
    consent.revoke(home, ana)
    assert revocations(home).items() >= {"ana": f" on {TODAY}", digest: f" on {TODAY}"}.items()
    with pytest.raises(GrantRevoked) as refused:
        ask(home, ana)
    assert refused.value.message == (
        f"the voice ana was revoked on {TODAY}: choose another with --voice (`localize voices list`)"
    )


# --- forged ----------------------------------------------------------------------------------------------------------


def test_what_is_revoked_takes_its_blends_with_it(home: Home) -> None:
    consent.revoke(home, "ef_dora")
    left = {known.voice.id for known in consent.unrevoked(home)}
    gone = {known.voice.id for known in consent.cards(home)} - left
    assert gone == {"ef_dora", "ef_dora_bright", "em_dora_low"}, "all that speak with her data, and no other"


def test_there_is_one_kind_of_grant_and_one_place_that_makes_it(home: Home) -> None:
    with pytest.raises(NoGrant, match=r"^there is one kind of grant: ask consent\.check for one$"):
        type("Other", (Grant,), {})
    grant = ask(home, "ef_dora")
    with pytest.raises(NoGrant, match=r"^a grant is made by consent\.check only: ask it for one$"):
        dataclasses.replace(grant)
    with pytest.raises(NoGrant, match=r"^this grant was not made by consent\.check in this process: ask it for one$"):
        Grant.prove(object.__new__(Grant))


def edited(data: bytes, **changes: Any) -> bytes:
    """A grant file written as grants are, with other values; None leaves a key out."""
    said = json.loads(data) | changes
    return canonical_bytes({key: value for key, value in said.items() if value is not None})


@pytest.mark.parametrize(
    ("forge", "why"),
    [
        (lambda data: data.replace(b" ", b"  ", 1), "it is not written as grants are"),
        (lambda data: edited(data, schema=2), "it has another schema than 1"),
        (lambda data: edited(data, schema=None), "it cannot be read as a grant"),
        (lambda data: edited(data, signature=None), "it cannot be read as a grant"),
        (lambda data: edited(data, voice="bo"), "its name is another's"),
        (lambda data: edited(data, kind="licence"), "its name is another's"),
        (lambda data: edited(data, issuer="00" * 32), "its issuer's key is not in this home"),
        (lambda data: edited(data, languages=["fr"]), "its signature is not its issuer's"),
        (lambda data: edited(data, signature="00" * 64), "its signature is not its issuer's"),
        (lambda data: edited(data, languages=7), "Terms.languages: expected a list, found int"),
    ],
)
def test_a_forged_grant_is_void_and_says_by_what_it_was_found_out(home: Home, ana: str, forge: Any, why: str) -> None:
    terms = consent.grant(home, ana, languages=["es"])
    name = f"ana.{terms.id}.json"
    assert grant_files(home, ana) == [name]
    assert read_grant(home, name) == terms
    data = (home.grants / name).read_bytes()
    assert terms_in(name, lambda: data, issuers(home, ana)) == terms
    with pytest.raises(NoGrant) as refused:
        terms_in(name, lambda: forge(data), issuers(home, ana))
    assert refused.value.message == (f"the grant file {name} is void, for it was changed: {why}; grant the voice anew")


# --- what the card and the titles say --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('statement_check = ""', 'statement_check = "words and voice"'),
        ('statement_scope = ""', 'statement_scope = "dub,ad"'),
        ('evidence_sha256 = "', 'evidence_sha256 = "0'),
        ('enrolled = "', 'statement_hints = "none"\nenrolled = "'),
    ],
)
def test_a_card_that_was_changed_after_its_enrolment_is_not_granted(home: Home, ana: str, was: str, now: str) -> None:
    card = home.voices / ana / "voice.toml"
    text = card.read_text().replace(was, now)
    card.write_text(text.replace(f"{now}{'0' * 63}", now) if "evidence" in now else text)
    before = len(ledger.read(home))
    with pytest.raises(NoGrant, match=r"changed after its enrolment|cannot be used"):
        consent.grant(home, ana, languages=["es"])
    assert len(ledger.read(home)) == before


def test_a_voice_that_was_put_there_by_hand_is_not_granted(home: Home, ana: str) -> None:
    shutil.copytree(home.voices / ana, home.voices / "eva")
    card = home.voices / "eva" / "voice.toml"
    card.write_text(card.read_text().replace('id = "ana"', 'id = "eva"'))
    with pytest.raises(NoGrant, match="not enrolled in this home"):
        consent.grant(home, "eva", languages=["es"])


@pytest.mark.parametrize(
    ("pattern", "title", "covered"),
    [
        ("Film [1]", "Film [1]", True),
        ("Film [1]", "Film 1", False),
        ("Film [1-9]", "Film 5", False),
        ("Film [[]*", "Film [5", False),
        ("Film [*", "Film [5]", True),
        ("Film ?", "Film 5", True),
        ("Film ]*", "Film ]x", True),
        ("[!a]", "b", False),
    ],
)
def test_a_bracket_in_a_title_is_a_bracket(home: Home, ana: str, pattern: str, title: str, covered: bool) -> None:
    consent.grant(home, ana, languages=["es"], titles=[pattern])
    if covered:
        assert ask(home, ana, title=title, cloning=True)
    else:
        with pytest.raises(OutOfScope):
            ask(home, ana, title=title, cloning=True)


@pytest.mark.parametrize(
    ("granted", "spoken", "ok"),
    [
        ("es-MX", "es-MX", True),
        ("es-MX", "es", True),  # as an engine is asked
        ("es-MX", "es-ES", False),
        ("es-MX", "fr", False),
        ("es", "es-MX", True),
        ("es", "est", False),
    ],
)
def test_a_region_is_not_spoken_under_the_grant_for_another(
    home: Home, ana: str, granted: str, spoken: str, ok: bool
) -> None:
    consent.grant(home, ana, languages=[granted])
    found = ask(home, ana, granted, cloning=True)
    if ok:
        assert Grant.read(found, "reference.wav", spoken)
    else:
        with pytest.raises(OutOfScope, match=f"not for {spoken}"):
            Grant.read(found, "reference.wav", spoken)
