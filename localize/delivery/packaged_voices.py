"""Whose voices are packaged, and whether they may be: by the ledger and by consent, not by what lies in the folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import consent
from ..errors import MediaError, NoGrant, UsageError
from ..language.tags import with_region
from ..runtime.files import read_json, sha256_of
from ..runtime.upgrades import upgraded
from ..transcription.master import MASTER_LIMIT


def find_film(home: consent.Home, folder: Path, stem: str, film: Path, language: str) -> consent.Delivered:
    """A dub as the ledger says of these bytes; the timeline beside them must name the same voices.

    Whoever can write to the folder can write another voice into the timeline, or put another film there.

    Args:
        home: whose ledger.
        folder: of the dub.
        stem: what its files are called.
        film: the dubbed film in it.
        language: of the dub.

    Raises:
        NoGrant: the film is not as this home delivered it, or the timeline names other voices.
        UsageError: there is no timeline.
        StoreError: the ledger is not in order.
    """
    known = consent.find_delivered(home, sha256_of(film), stem, language)
    if known is None:
        raise NoGrant(
            f"{film} is not as this home delivered it, so that nobody knows whose voices are heard in it: dub the "
            "film again, or package it in the home that made it, before anything else changes it"
        )
    if set(known.voices) != set(_voices_of_timeline(folder, stem, language)):
        raise NoGrant(
            f"{folder / f'{stem}.{language}.timeline.json'} names other voices than those this home delivered "
            f"{film.name} with: dub the film again"
        )
    return known


def _voices_of_timeline(folder: Path, stem: str, language: str) -> dict[str, list[str]]:
    """Voice id -> the segments it speaks in a dub, as its timeline says."""
    name = f"{stem}.{language}.timeline.json"
    try:
        timeline = upgraded("timeline.json", read_json(folder / name, MASTER_LIMIT), name)
        heard: dict[str, list[str]] = {}
        for clip in timeline["clips"]:
            heard.setdefault(str(clip["voice"]), []).append(str(clip["segment"]))
    except (MediaError, UsageError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{folder / name} does not say whose voices are heard in {stem}.{language}: dub the film again"
        ) from error
    return heard


def ask_again(
    home: consent.Home, stem: str, request: Mapping[str, Any], dubs: Mapping[str, consent.Delivered]
) -> dict[str, dict[str, consent.Grant]]:
    """Language -> voice -> the grant under which it is packaged.

    What a dub was made for stands in the ledger; only records of 0.1 say nothing of it, and the request beside the
    films, which anybody may have written, is asked.

    Raises:
        ConsentError: a voice may not be used any more, or is not known here.
    """
    regions = request.get("regions")
    regions = regions if isinstance(regions, dict) else {}
    found = {}
    for language, dub in dubs.items():
        tag = dub.tag or with_region(language, str(regions.get(language, "")))
        purpose = dub.purpose or str(request.get("purpose") or "dub")
        asked = [consent.Request(v, v, tag, stem, purpose, recorded=v in dub.recorded) for v in dub.voices]
        found[language] = consent.check(home, asked)
    return found
