"""Who works on a job, and what is refused before anybody does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ctranslate2")
pytest.importorskip("sentencepiece")

from localize import testing
from localize.data import Edits, Segment, Span, Transcript
from localize.engine_selection import (
    LOW_MEMORY_BYTES,
    SelectedEngines,
    engine_choices,
    engine_pairs,
    release_engines,
    select_engines,
)
from localize.engines import BUILT_IN
from localize.engines.marian_ct2 import MarianCT2
from localize.engines.pivot import Pivot
from localize.errors import EngineMissing, UsageError
from localize.events import EngineSelected, Run
from localize.inputs import Inputs, read_inputs
from localize.job import Job
from localize.language.spoken import Pronunciation, Pronunciations
from localize.models import Models
from localize.runtime.device import Device, free_memory, gpus
from localize.translation.glossary import Glossary, read_glossary
from localize.translation.translate import translate


def test_a_register_that_no_model_knows_is_refused_before_any_work(run: Run) -> None:
    job = Job(Path("film.mp4"), to=("es",), source_language="en", registers={"S1": "majestic"})
    with pytest.raises(UsageError, match="majestic"):
        select_engines(job, Inputs(), run, recognises=False, synthesizes=False)


def test_a_register_in_a_glossary_is_checked_as_early(run: Run, tmp_path: Path) -> None:
    glossary = tmp_path / "terms.tsv"
    glossary.write_text("@S1>S2\tmajestic\n")
    job = Job(Path("film.mp4"), to=("es",), source_language="en", glossary=glossary)
    with pytest.raises(UsageError, match=r"majestic.*S1>S2"):
        select_engines(job, Inputs(glossary=read_glossary(glossary)), run, recognises=False, synthesizes=False)


def test_phonemes_for_an_engine_that_takes_none_are_refused_before_any_work(run: Run, monkeypatch: Any) -> None:
    given = Pronunciations((Pronunciation("Siobhan", "/ʃɪvˈɔːn/", "es"), Pronunciation("Nike", "naiki")))
    monkeypatch.setitem(BUILT_IN["synthesizer"], "fake", "localize.testing.fakes:FakeSynthesizer")
    job = Job(Path("film.mp4"), to=("es",), source_language="en", engines={"synthesizer": "fake"})
    with pytest.raises(UsageError, match="fake takes no phonemes: respell 'Siobhan'"):
        select_engines(job, Inputs(pronunciations=given), run, recognises=False)
    select_engines(replace(job, to=("pt",)), Inputs(pronunciations=given), run, recognises=False)


def test_bad_edits_are_refused_before_any_work(run: Run, tmp_path: Path) -> None:
    edits = tmp_path / "edits.json"
    edits.write_text("{", encoding="utf-8")
    film = tmp_path / "film.mp4"
    film.touch()
    with pytest.raises(UsageError, match=r"edits\.json"):
        read_inputs(Job(film, to=("es",), output=tmp_path / "out", source_language="en", edits=edits), run)


def test_a_job_without_registers_needs_none(run: Run) -> None:
    job = Job(Path("film.mp4"), to=("es",), source_language="en")
    assert ("en", "es") in select_engines(job, Inputs(), run, recognises=False, synthesizes=False).translator(
        "en", "es"
    ).pairs


# --- who is chosen, and why ------------------------------------------------------------------------------------------


def test_who_works_is_said_before_any_work(run: Run) -> None:
    select_engines(Job(Path("film.mp4"), to=("es",), source_language="en"), Inputs(), run)
    said = {e.role: e for e in run.events if isinstance(e, EngineSelected)}  # type: ignore[attr-defined]
    assert said["recogniser"].engine == "faster_whisper:whisper-base"
    assert said["translator"].engine == "marian_ct2:dialogue-en-es"
    assert said["synthesizer"].engine == "kokoro:kokoro-82m-int8"
    assert all("rank" in e.why for e in said.values())


def test_an_engine_asked_for_is_taken_with_the_best_of_its_models(run: Run) -> None:
    engines = {"translator": "marian_ct2", "recogniser": "faster_whisper:base"}
    engines = select_engines(Job(Path("film.mp4"), to=("es",), source_language="en", engines=engines), Inputs(), run)
    assert [t.name for t in engines.translators] == ["marian_ct2"]
    said = {e.role: e for e in run.events if isinstance(e, EngineSelected)}  # type: ignore[attr-defined]
    assert said["translator"].why.startswith("asked for, rank 45")
    assert said["recogniser"] == EngineSelected("recogniser", "faster_whisper:base", "asked for")


def test_the_best_rank_comes_first_and_every_pair_has_its_lineup(models: Models) -> None:
    found = engine_choices("translator", models)
    assert [c.spec for c in found] == [
        "bergamot:bergamot-en-pt",
        "bergamot:bergamot-pt-en",
        "marian_ct2:dialogue-en-es",
    ]
    shown = {line.pair: line for line in engine_pairs(models)}
    assert set(shown) == {"en->es", "en->pt", "pt->en"}
    assert shown["en->es"].synthesizer.engine == "kokoro:kokoro-82m-int8"


# --- by way of English -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_pair_that_nobody_offers_goes_by_way_of_english_and_says_so(run: Run) -> None:
    engines = select_engines(
        Job(Path("film.mp4"), to=("es",), source_language="pt"), Inputs(), run, recognises=False, synthesizes=False
    )
    translator = engines.translator("pt", "es")
    assert isinstance(translator, Pivot)
    assert translator.pairs == {("pt", "es")}
    assert "by way of en: bergamot" in translator.fingerprint
    assert "dialogue-en-es" in translator.fingerprint
    spans = [Span(0, 2000), Span(2500, 3500), Span(4000, 5000)]
    texts = ["O trem sai às nove.", "...", "Obrigado."]
    transcript = Transcript(
        "pt", tuple(Segment(f"s{n}", span, "S1", t) for n, (span, t) in enumerate(zip(spans, texts)))
    )
    found = translate(run, transcript, translator, to="es", edits=Edits(), glossary=Glossary())
    assert [line.candidates[0].text for line in found.lines[1:]] == ["...", "Gracias."]
    assert "tren" in found.lines[0].candidates[0].text
    assert any(w.code == "pivot" and "by way of en" in w.message for w in run.warnings)


def test_a_direct_pair_is_never_pivoted_and_detects_its_direct_sources(run: Run) -> None:
    engines = select_engines(Job(Path("film.mp4"), to=("es",)), Inputs(), run, recognises=False, synthesizes=False)
    assert engines.sources(("es",)) == ("en",)
    assert len(engines.translators) > 1, "others are installed, for other pairs"
    assert [t.name for t in engines.likely(None, ("es",))] == ["marian_ct2"]
    assert [t.name for t in engines.likely("en", ("es", "pt"))] == ["marian_ct2", "bergamot"]
    assert not isinstance(engines.translator("en", "es"), Pivot)
    assert not [w for w in run.warnings if w.code == "pivot"]


def test_a_pair_that_nobody_offers_names_the_ways_on() -> None:
    engines = SelectedEngines(None, (testing.FakeTranslator(),), None)
    with pytest.raises(UsageError, match=r"--translation, .*models pull opus-mt-en-fr-int8.*translator=llm:.*offered"):
        engines.translator("en", "fr")
    with pytest.raises(UsageError, match=r"models pull [a-z0-9.-]+"):
        engines.translator("en", "zh")


@pytest.mark.parametrize(("tag", "accent"), [("pt-PT", "Brazil"), ("es-MX", "Spain"), ("pt-BR", ""), ("es", "")])
def test_voices_of_another_region_than_asked_for_are_told(run: Run, tag: str, accent: str) -> None:
    select_engines(Job(Path("film.mp4"), to=(tag,)), Inputs(), run, recognises=False)
    told = [w.message for w in run.warnings if w.code == "accent"]
    assert len(told) == bool(accent)
    assert all(accent in message for message in told)


def test_a_pivot_needs_both_of_its_legs() -> None:
    engines = SelectedEngines(None, (testing.FakeTranslator(),), None)
    with pytest.raises(UsageError, match=r"no translator here translates French \[fr\] into Spanish \[es\]"):
        engines.translator("fr", "es")
    with pytest.raises(UsageError, match="this pivot does not translate"):
        Pivot(testing.FakeTranslator(), testing.FakeTranslator(), "pt", "es").translate(["a"], "en", "es")


# --- device ----------------------------------------------------------------------------------------------------------


def test_a_gpu_that_is_not_there_is_refused_before_any_work(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localize.runtime.device.gpus", lambda: 0)
    run.models = Models(device=Device("cuda"))
    with pytest.raises(EngineMissing, match="no GPU") as caught:
        select_engines(
            Job(Path("film.mp4"), to=("es",), source_language="en"), Inputs(), run, recognises=False, synthesizes=False
        )
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(("wish", "there", "used"), [("auto", 0, False), ("auto", 1, True), ("cpu", 1, False)])
def test_a_gpu_is_used_where_there_is_one_and_nobody_minds(
    wish: str, there: int, used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localize.runtime.device.gpus", lambda: there)
    assert Device(wish).gpu is used


def test_looking_for_a_gpu_loads_nothing_and_says_a_number() -> None:
    assert gpus() >= 0
    assert Device().threads >= 1


@pytest.mark.costly
def test_engines_rest_when_their_stage_has_ended_and_read_their_weights_again(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = MarianCT2("dialogue-en-es", models)
    first = engine.translate(["Where do you live?"], "en", "es")
    monkeypatch.setattr("localize.engine_selection.free_memory", lambda: LOW_MEMORY_BYTES)
    release_engines(engine, None, testing.FakeTranslator(), soon=True)
    assert "_runner" in vars(engine)
    monkeypatch.setattr("localize.engine_selection.free_memory", lambda: LOW_MEMORY_BYTES - 1)
    release_engines(engine, None, testing.FakeTranslator(), soon=True)
    assert "_runner" not in vars(engine), "memory is short"
    assert engine.translate(["Where do you live?"], "en", "es") == first
    monkeypatch.setattr("localize.engine_selection.free_memory", lambda: LOW_MEMORY_BYTES)
    release_engines(engine)
    assert "_runner" not in vars(engine)


def test_free_memory_is_a_plausible_number() -> None:
    assert free_memory() > 1_000_000


def test_the_device_of_a_job_is_that_of_its_engines_and_of_no_other_job(run: Run) -> None:
    before = run.models.device
    for device, wish in (("cpu", "cpu"), ("auto", before.wish)):
        engines = select_engines(
            Job(Path("film.mp4"), to=("es",), device=device), Inputs(), run, recognises=False, synthesizes=False
        )
        assert {t._models.device.wish for t in engines.translators if hasattr(t, "_models")} == {wish}
    assert run.models.device is before
