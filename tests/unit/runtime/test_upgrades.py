"""Files of an earlier schema are brought to the present one, those of a later one are refused by a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from localize.data import Segment, Span, SubtitleSource, Transcript
from localize.errors import MediaError, UsageError
from localize.runtime import upgrades
from localize.runtime.upgrades import present_schema, upgraded
from localize.transcription.master import master_json, read_master

KIND = "shopping list"


@pytest.fixture(autouse=True)
def _steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of file that has been changed twice; gone again after the test."""
    monkeypatch.setattr(upgrades, "_STEPS", dict(upgrades._STEPS))

    @upgrades.upgrades(KIND, since=1)
    def _plural(data: dict[str, Any]) -> dict[str, Any]:
        return {"things": [data.pop("thing")], **data}

    @upgrades.upgrades(KIND, since=2)
    def _counted(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "things": dict.fromkeys(data["things"], 1)}


@pytest.mark.parametrize(
    "data",
    [
        {"schema": 1, "thing": "milk", "shop": "any"},
        {"schema": 2, "things": ["milk"], "shop": "any"},
        {"schema": 3, "things": {"milk": 1}, "shop": "any"},
    ],
)
def test_every_schema_is_read_as_the_present_one(data: dict[str, Any]) -> None:
    before = dict(data)
    assert present_schema(KIND) == 3
    assert upgraded(KIND, data, "list.json") == {"schema": 3, "things": {"milk": 1}, "shop": "any"}
    assert data == before, "what was read is left as it was"


@pytest.mark.parametrize("version", ["7.1.0", None, 7, "7\n1"])
def test_a_later_schema_is_refused_with_what_wrote_it_and_what_to_do(version: object) -> None:
    with pytest.raises(UsageError) as caught:
        upgraded(KIND, {"schema": 4, "version": version}, "list.json")
    writer = f"localize {' '.join(version.split())}" if isinstance(version, str) else "a later localize"
    assert caught.value.message == (
        f"list.json has schema 4, written by {writer}; this one reads {KIND} up to schema 3: upgrade localize"
    )


@pytest.mark.parametrize("data", [None, [], "1", {}, {"schema": "1"}, {"schema": True}, {"schema": 0}, {"schema": 1.0}])
def test_what_has_no_schema_is_no_file_of_ours(data: object) -> None:
    with pytest.raises(ValueError, match="schema"):
        upgraded(KIND, data, "list.json")


def test_a_step_follows_the_one_before() -> None:
    with pytest.raises(ValueError, match="does not follow"):
        upgrades.upgrades(KIND, since=2)
    with pytest.raises(ValueError, match="does not follow"):
        upgrades.upgrades("another kind", since=2)


def _master() -> dict[str, Any]:
    words = Transcript("en", (Segment("s0001", Span(0, 900), "S1", "Good evening."),))
    return dict(master_json(SubtitleSource(words, 1000, "24/1"), (), "0.1.0"))


def test_a_master_of_the_first_schema_stays_readable_when_there_is_a_second() -> None:
    """A made-up second schema counts in seconds under another name; a step from 1 makes it of what 1 says."""
    written = _master()
    assert read_master(written, "film.master.json").sheet.duration_ms == 1000

    @upgrades.upgrades("master.json", since=1)
    def _longer(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "duration_ms": data["duration_ms"] * 2}

    assert read_master(written, "film.master.json").sheet.duration_ms == 2000
    assert read_master({**written, "schema": 2}, "film.master.json").sheet.duration_ms == 1000


def test_a_master_of_a_later_schema_names_its_writer() -> None:
    with pytest.raises(UsageError, match=r"film.master.json has schema 2, written by localize 0\.1\.0; .*upgrade"):
        read_master({**_master(), "schema": 2}, "film.master.json")
    with pytest.raises(MediaError, match=r"is no master\.json"):
        read_master([], "film.master.json")
