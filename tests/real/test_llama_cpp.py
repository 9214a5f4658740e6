"""`llm` and `gguf` over a real llama.cpp: the schema as its grammar, and a context that is too short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import made_models
import pytest

xllamacpp = pytest.importorskip("xllamacpp", reason="llama.cpp's own server comes with the extra dev")
pytest.importorskip("gguf", reason="to make a tiny model takes the extra dev")

from localize.data import SceneLine  # noqa: E402
from localize.engines import gguf  # noqa: E402
from localize.engines.llm import LLM  # noqa: E402
from localize.engines.scene_prompts import Prompts  # noqa: E402
from localize.errors import EngineFailed  # noqa: E402
from localize.models import Models  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("llama_cpp")]
Serve = Callable[[int], LLM]


@pytest.fixture(scope="module")
def speller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_models.speller(tmp_path_factory.mktemp("gguf") / "hola.gguf", "Hola.")


@pytest.fixture
def serve(speller: Path, tmp_path: Path) -> Iterator[Serve]:
    """A server with a context of so many tokens, and the translator that asks it."""
    running: list[Any] = []

    def started(tokens: int) -> LLM:
        asked = xllamacpp.CommonParams()
        asked.model.path, asked.n_ctx, asked.n_parallel, asked.warmup = str(speller), tokens, 1, False
        asked.verbosity = -1
        running.append(xllamacpp.Server(asked))
        return LLM(f"{running[-1].listening_address}/v1#hola", Models(home=tmp_path / "home"))

    yield started
    running.clear()


def test_every_line_is_answered_in_the_shape_that_the_schema_says(serve: Serve) -> None:
    """The model spells the same whatever it is asked: that it answers every id in JSON comes of the schema alone."""
    engine = serve(8192)
    found = engine.translate(["Hello.", "Hi."], "en", "es")
    assert [[c.text for c in own] for own in found] == [["Hola."]] * 2
    assert engine._ways == ("json_schema",)
    assert engine.translate(["Hello.", "Hi."], "en", "es") == found


def test_a_context_that_holds_two_lines_gets_two_at_a_time(serve: Serve, tmp_path: Path) -> None:
    lines = [SceneLine("Hello.", "S1"), *(SceneLine(f"Hi{'!' * n}", "S2") for n in range(1, 4))]
    prompts = Prompts.read(tmp_path)
    long, short = (
        len(r.system) + len(r.user) for r in (prompts.scene_request(lines[:n], "en", "es", "") for n in (4, 2))
    )
    engine = serve((long + short) // 2)  # a token is a letter
    assert [own[0].text for own in engine.translate_scene(lines, "en", "es")] == ["Hola."] * 4


def test_a_line_that_it_cannot_translate_is_named(serve: Serve) -> None:
    lines = [
        SceneLine("Hello.", segment="s0000"),
        SceneLine("We will wait for you at the old station.", segment="s0001"),
    ]
    with pytest.raises(EngineFailed, match=r's0001 "We will wait.*leaves most of the line out') as caught:
        serve(8192).translate_scene(lines, "en", "es")
    assert caught.value.details["texts"] == (lines[1].text,)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf, "PACKAGE", "xllamacpp")


@pytest.mark.usefixtures("in_this_process")
def test_a_gguf_file_answers_in_this_process_in_the_shape_that_the_schema_says(speller: Path, tmp_path: Path) -> None:
    engine = gguf.GGUF(str(speller), Models(home=tmp_path))
    found = engine.translate(["Hello.", "Hi."], "en", "es")
    assert [[c.text for c in own] for own in found] == [["Hola."]] * 2
    assert engine.translate(["Hello.", "Hi."], "en", "es") == found
    assert "xllamacpp" in engine.fingerprint
    engine.release()
    assert "_model" not in vars(engine)


@pytest.mark.usefixtures("in_this_process")
def test_a_gguf_file_with_a_context_of_half_the_scene_is_asked_in_parts(
    speller: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [SceneLine("Hello.", "S1"), *(SceneLine(f"Hi{'!' * n}", "S2") for n in range(1, 4))]
    prompts = Prompts.read(tmp_path)
    long, short = (
        len(r.system) + len(r.user) for r in (prompts.scene_request(lines[:n], "en", "es", "") for n in (4, 2))
    )
    monkeypatch.setattr(gguf, "CONTEXT", (long + short) // 2)
    engine = gguf.GGUF(str(speller), Models(home=tmp_path))
    assert [own[0].text for own in engine.translate_scene(lines, "en", "es")] == ["Hola."] * 4


@pytest.mark.usefixtures("in_this_process")
def test_a_gguf_file_that_is_no_model_is_named_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + bytes(60))
    with pytest.raises(EngineFailed, match=r"gguf cannot load broken\.gguf"):
        gguf.GGUF(str(tmp_path / "broken.gguf"), Models(home=tmp_path)).translate(["Hello."], "en", "es")
