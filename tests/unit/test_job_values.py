"""A job made in Python: a value of another kind is refused by the name users know it by, others take their form."""

from __future__ import annotations

import json
import pickle
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from localize.errors import UsageError
from localize.job import Job, request_json


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("input", None, "INPUT takes a path, not None"),
        ("output", 7, "-o takes a path, not 7"),
        ("cast", "", "cast takes a path, not ''"),
        ("profile", 3, "profile takes a text, not 3"),
        ("profile", "", "profile takes a text, not ''"),
        ("source_language", 3, "--from takes a text, not 3"),
        ("to", 3, "to takes several texts, not 3"),
        ("to", {"es": "pt"}, "to takes several texts, not {'es': 'pt'}"),
        ("formats", ["srt", 3], "--format takes a text, not 3"),
        ("voices", ["S1=em_alex"], "--voice takes pairs of texts, not ['S1=em_alex']"),
        ("voices", {"S1": 3}, "--voice takes a text, not 3"),
        ("strict", "yes", "strict is true or false, not 'yes'"),
        ("burn", 1, "burn is true or false, not 1"),
        ("speakers", True, "speakers takes a number from 0 up, not True"),
        ("speakers", -1, "speakers takes a number from 0 up, not -1"),
        ("speakers", "2", "speakers takes a number from 0 up, not '2'"),
        ("expression", "loud", "--expression takes a number from 0 to 1, not 'loud'"),
        ("expression", True, "--expression takes a number from 0 to 1, not True"),
        ("expression", float("nan"), "--expression takes a number from 0 to 1, not nan"),
        ("stream", -1, "stream takes an index, a language or a:1, not -1"),
        ("stream", "b:1", "stream takes an index, a language or a:1, not 'b:1'"),
        ("stream", False, "stream takes an index, a language or a:1, not False"),
    ],
)
def test_a_value_of_another_kind_is_refused(field: str, value: Any, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        Job(**{"input": Path("film.mp4"), field: value})
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("field", "value", "taken"),
    [
        ("input", "film.mp4", Path("film.mp4")),
        ("output", "out", Path("out")),
        ("to", "es", ("es",)),
        ("to", ["es", "pt"], ("es", "pt")),
        ("formats", ["srt", "vtt"], ("srt", "vtt")),
        ("stream", "2", 2),
        ("stream", "a:1", "a:1"),
        ("stream", "en-GB", "en-GB"),
        ("source_language", "eng", "en"),
        ("expression", 1, 1.0),
    ],
)
def test_a_value_takes_its_form(field: str, value: Any, taken: Any) -> None:
    assert getattr(Job(**{"input": "film.mp4", field: value}), field) == taken


def test_a_job_can_be_a_key_and_be_sent_to_another_process() -> None:
    job = Job("film.mp4", to=("es",), voices={"S1": "em_alex"})
    assert hash(job) == hash(Job("film.mp4", to=["es"], voices={"S1": "em_alex"}))
    assert {job: 1}[pickle.loads(pickle.dumps(job))] == 1
    assert job.folder == Path("localized/film")
    assert Job("film.mp4", output="out").folder == Path("out")
    with pytest.raises(TypeError):
        job.voices["S1"] = "em_santa"  # type: ignore[index]


REQUESTED: dict[str, Any] = {
    "to": ("es-MX",), "source_language": "en", "stream": "a:1", "voices": {"S1": "em_alex"}, "speakers": 2,
    "recast": {"em_alex": "ef_dora"}, "purpose": "trailer", "notice": ("screen",), "cast": "in/people.toml",
    "edits": "in/edits.json", "review": "in/review.json",
    "transcript": "in/film.en.srt", "translation": "in/film.es.srt", "encoding": "cp1250",
    "glossary": "in/terms.tsv", "memory": ("in/old.tmx",), "style": "in/style.toml", "pronunciation": "in/said.tsv",
    "engines": {"translator": "bergamot"}, "registers": {"S1>S2": "usted"}, "genders": {"S1": "female"},
    "regions": {"pt": "BR"}, "profile": "bbc", "recut": True, "renderings": ("easy",), "formats": ("vtt",),
    "timing": "free", "relaxed": ("S2",), "held": ("S1",), "expression": 0.5, "burn": True, "me": "in/me.wav",
    "bed": "duck", "dry": True, "loudness": "netflix", "stems": ("speakers",), "draft": True,
    "deliver": ("video", "srt"), "variant": "warm",
}  # fmt: skip
NO_CONTENT = {"input", "output", "device", "strict", "review_required"}
"""Fields that change no word and no sample of a result."""


@pytest.mark.parametrize("name", sorted({f.name for f in fields(Job)} - NO_CONTENT))
def test_every_option_that_changes_a_result_is_in_job_json(name: str) -> None:
    plain = request_json(Job(Path("film.mp4")), "0" * 64)
    asked = request_json(Job(Path("film.mp4"), **{name: REQUESTED[name]}), "0" * 64)
    assert asked != plain
    assert "in/" not in json.dumps(asked)


def test_a_request_with_everything_in_it_is_as_its_schema_says() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((Path(__file__).parents[2] / "docs/schemas/job.schema.json").read_text("utf-8"))
    asked = request_json(Job(Path("film.mp4"), **REQUESTED), "0" * 64)
    jsonschema.validate(asked, schema)
    assert set(asked) == set(schema["properties"])
    assert (asked["recast"], asked["notice"], asked["recut"]) == ({"em_alex": "ef_dora"}, ["screen"], True)
    assert (asked["genders"], asked["memory"], asked["me"]) == ({"S1": "female"}, ["old.tmx"], "me.wav")
