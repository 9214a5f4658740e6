"""pyannote as diarizer, as far as it goes without its weights."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from localize.data import Span, Turn
from localize.engines import find
from localize.engines.pyannote import Pyannote, voices_of
from localize.errors import EngineMissing, ModelMissing, UsageError
from localize.models import Models


def test_without_its_package_it_names_the_extra() -> None:
    if importlib.util.find_spec("pyannote") and importlib.util.find_spec("pyannote.audio"):
        pytest.skip("pyannote.audio is installed here")
    with pytest.raises(EngineMissing, match=r"pip install 'localize-toolkit\[pyannote\]'") as caught:
        find("diarizer", "pyannote")
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("model", [None, "nowhere", "."])
def test_without_a_pipeline_it_says_what_it_needs(model: str | None, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"diarizer=pyannote:FOLDER"):
        Pyannote(model and str(tmp_path / model), Models(tmp_path))


def test_its_annotation_becomes_turns_and_overlaps() -> None:
    core = pytest.importorskip("pyannote.core")
    annotation = core.Annotation()
    for start, end, who in ((2.0, 4.0, "B"), (0.5, 2.5, "A"), (6.0, 6.0001, "A")):
        annotation[core.Segment(start, end), who] = who
    found = voices_of(annotation)
    assert found.turns == (Turn(Span(500, 2500), "A"), Turn(Span(2000, 4000), "B"))
    assert found.overlaps == (Span(2000, 2500),)


SHIPPED = "pipeline:\n  name: pyannote.audio.pipelines.SpeakerDiarization\n"
PIPELINES = {
    "a class of the system": "pipeline:\n  name: os.system\n  params: {command: id}\n",
    "a class beside it": "pipeline:\n  name: evil.Pipeline\n",
    "a preprocessor": f"{SHIPPED}preprocessors:\n  audio:\n    name: os.x\n",
    "a tag": "pipeline: !!python/object/apply:os.system ['id']\n",
    "anchors": "a: &a [x, x]\nb: &b [*a, *a]\n" + SHIPPED,
    "nothing": "",
    "no pipeline": "pipeline: [1]\n",
    "lists in lists": "[" * 5000,
}


@pytest.mark.parametrize("text", PIPELINES.values(), ids=PIPELINES)
def test_a_pipeline_that_names_other_classes_is_refused(tmp_path: Path, text: str) -> None:
    pytest.importorskip("yaml")
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(UsageError):
        Pyannote(str(tmp_path), Models(tmp_path))


def test_the_pipeline_that_pyannote_ships_is_taken(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    (tmp_path / "config.yaml").write_text(
        f"version: 3.1.0\n{SHIPPED}  params:\n    clustering: AgglomerativeClustering\n    embedding: embedding.bin\n"
        "params:\n  clustering: {threshold: 0.7}\n"
    )
    Pyannote(str(tmp_path), Models(tmp_path))
