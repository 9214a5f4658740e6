"""NLLB and MADLAD by CTranslate2 on tiny models whose repositories are laid out file for file like the real ones."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import made_models
import pytest

from localize.engine_selection import engine_pairs, select_engines
from localize.engines import load
from localize.engines.multilingual_ct2 import MultilingualCT2
from localize.errors import EngineFailed, ModelMissing, UsageError
from localize.events import Run
from localize.inputs import Inputs
from localize.job import Job
from localize.models import Models, catalogue
from localize.models.download import pull

pytestmark = [
    pytest.mark.skipif(not (find_spec("transformers") and find_spec("torch")), reason="needs the extra marian"),
    pytest.mark.xdist_group("multilingual_ct2"),
]
NLLB, MADLAD = "nllb-200-distilled-600m-int8", "madlad400-3b-mt-int8"
LINES = ["we wait for you at home good morning", "nine", "the train leaves at nine", "", "...", "good morning"]


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a hub would have, as it is pulled."""
    folder = tmp_path_factory.mktemp("hub")
    return {NLLB: made_models.nllb(folder / "nllb"), MADLAD: made_models.madlad(folder / "madlad")}


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory, repositories: dict[str, Path]) -> Models:
    """A model store into which both were pulled, with a yes to what was asked."""
    folder = tmp_path_factory.mktemp("pulled")
    models = Models(folder / "models", home=folder / "home")
    for name, place in repositories.items():
        pull(catalogue()[name], models, lambda _: True, lambda *_: None, place)
    return models


@pytest.mark.parametrize("name", [NLLB, MADLAD])
def test_a_pull_needs_exactly_the_files_that_the_repository_has(name: str, repositories: dict[str, Path]) -> None:
    there = {path.name for path in repositories[name].iterdir()}
    assert there == {file.name for file in catalogue()[name].files}


@pytest.mark.parametrize("name", [NLLB, MADLAD])
def test_what_was_pulled_is_int8_alone_and_translates(name: str, pulled: Models) -> None:
    kept = {path.name for path in pulled.path(name).iterdir()}
    assert not {"pytorch_model.bin", "model.safetensors"} & kept
    engine = load("translator", f"multilingual_ct2:{name}", pulled)
    together = engine.translate(LINES, "en", "es", n_best=2)
    assert together == tuple(engine.translate([line], "en", "es", n_best=2)[0] for line in LINES)
    assert together[3] == ()
    assert [c.text for c in together[4]] == ["..."]
    assert name in engine.fingerprint


class _Watched:
    """The real decoder, and what it was given."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.asked: list[tuple[list[str], Any]] = []

    def translate_batch(self, rows: Any, **options: Any) -> Any:
        self.asked.append((rows[0], options["target_prefix"]))
        return self._real.translate_batch(rows, **options)


def asked(engine: MultilingualCT2, line: str, source: str, target: str) -> tuple[list[str], Any]:
    engine._runner = watched = _Watched(engine._runner)
    engine.translate([line], source, target)
    return watched.asked[0]


def test_nllb_is_told_both_languages_by_their_codes(repositories: dict[str, Path], pulled: Models) -> None:
    """As its own tokenizer writes them: the source before the sentence, the target as the answer's begin."""
    from transformers import NllbTokenizer

    row, begin = asked(MultilingualCT2(NLLB, pulled), "good morning", "en", "es")
    own = NllbTokenizer.from_pretrained(repositories[NLLB], src_lang="eng_Latn")
    assert own.convert_ids_to_tokens(own("").input_ids) == [row[0], row[-1]] == ["eng_Latn", "</s>"]
    assert begin == [["spa_Latn"]]


def test_madlad_is_told_the_target_and_a_line_tells_it_none(pulled: Models) -> None:
    engine = MultilingualCT2(MADLAD, pulled)
    row, begin = asked(engine, "good <2pt> morning", "en", "es")
    assert begin is None
    assert "<2pt>" not in row
    assert row[-1] == "</s>"
    assert engine._pieces.decode_pieces(row[:-1]).split() == ["<2es>", "good", "morning"]


def test_a_language_the_weights_do_not_know_is_an_error_and_no_guess(pulled: Models) -> None:
    with pytest.raises(EngineFailed, match="have no <2fr>"):
        MultilingualCT2(MADLAD, pulled).translate(["good morning"], "en", "fr")
    with pytest.raises(UsageError, match="does not translate"):
        MultilingualCT2(NLLB, pulled).translate(["good morning"], "en", "xx")


def test_the_licence_of_nllb_is_asked_for_when_pulled_and_said_when_used(
    pulled: Models, repositories: dict[str, Path], run: Run, tmp_path: Path
) -> None:
    model = catalogue()[NLLB]
    assert model.licence.startswith("CC-BY-NC-4.0")
    asked: list[str] = []
    with pytest.raises(ModelMissing, match="did not agree"):
        pull(
            model, Models(tmp_path / "m", home=tmp_path / "h"),
            lambda question: bool(asked.append(question)), lambda *_: None, repositories[NLLB],
        )  # fmt: skip
    assert "non-commercial" in asked[0]
    run.models = pulled
    job = Job(Path("film.mp4"), to=("de",), source_language="fr", engines={"translator": f"multilingual_ct2:{NLLB}"})
    select_engines(job, Inputs(), run, recognises=False, synthesizes=False)
    assert [w.code for w in run.warnings] == ["licence"]
    assert "non-commercial" in run.warnings[0].message


def test_a_pairs_own_model_goes_first_and_many_languages_serve_the_rest(pulled: Models, run: Run) -> None:
    run.models = pulled
    job = Job(Path("film.mp4"), to=("es",), source_language="en")
    engines = select_engines(job, Inputs(), run, recognises=False, synthesizes=False)
    assert engines.translator("en", "es").name == "marian_ct2"
    assert engines.translator("fr", "es").name == "multilingual_ct2"
    assert [w.code for w in run.warnings] == []
    shown = {line.pair: line.translator.engine for line in engine_pairs(pulled)}
    assert shown["any->any"] == f"multilingual_ct2:{MADLAD}"
    assert shown["en->es"] == "marian_ct2:dialogue-en-es"


def test_a_folder_that_is_neither_is_refused(pulled: Models, tmp_path: Path) -> None:
    folder = shutil.copytree(pulled.path(NLLB), tmp_path / "own")
    assert MultilingualCT2(str(folder), pulled).pairs == MultilingualCT2(NLLB, pulled).pairs
    (folder / "sentencepiece.bpe.model").unlink()
    with pytest.raises(UsageError, match=r"neither sentencepiece\.bpe\.model nor spiece\.model"):
        MultilingualCT2(str(folder), pulled)
