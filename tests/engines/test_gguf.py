"""The translator `gguf` with llama-cpp-python, which is not installed: what it would be asked.

`Llama` here takes the arguments that llama-cpp-python documents, and no others. It is no model: how a real one answers
is tested with xllamacpp, in `tests/real/test_llama_cpp.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from chat_server import obedient, scene_in

from localize.engines import gguf, load
from localize.engines.gguf import CONTEXT, GGUF
from localize.errors import EngineFailed, EngineMissing
from localize.models import Models


class Llama:
    """A stand-in with the signature of llama-cpp-python 0.3."""

    def __init__(
        self, model_path: str, *, n_gpu_layers: int = 0, seed: int = 0, n_ctx: int = 512, n_threads: int | None = None,
        verbose: bool = True,
    ) -> None:  # fmt: skip
        if Path(model_path).stat().st_size < 8:
            raise ValueError(f"Failed to load model from file: {model_path}")
        self.told = (n_gpu_layers, seed, n_ctx, verbose)
        self.asked: list[dict[str, Any]] = []
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def create_chat_completion(
        self, messages: list[dict[str, str]], *, temperature: float = 0.2, seed: int | None = None,
        response_format: dict[str, Any] | None = None, max_tokens: int | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        body = {"messages": messages, "response_format": response_format, "temperature": temperature, "seed": seed}
        self.asked.append(body)
        many = len([line for line in scene_in(body) or () if "id" in line]) > 1
        if many and "context" in messages[1]["content"]:
            raise ValueError("Requested tokens (9000) exceed context window of 8192")
        message = {"role": "assistant", "content": obedient(None, body)}  # type: ignore[arg-type]
        return {"choices": [{"index": 0, "message": message, "finish_reason": "length" if many else "stop"}]}


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GGUF:
    module = ModuleType("llama_cpp")
    module.Llama = Llama  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "llama_cpp", module)
    monkeypatch.setattr(gguf, "PACKAGE", "llama_cpp")
    monkeypatch.setattr(gguf, "package_versions", lambda name: f"{name} 0.3.0")
    (tmp_path / "model.gguf").write_bytes(b"GGUF" + bytes(60))
    return GGUF(str(tmp_path / "model.gguf"), Models(home=tmp_path))


def test_it_is_asked_as_a_server_is_and_an_answer_cut_off_is_asked_again_apart(engine: GGUF) -> None:
    found = engine.translate(["Good morning.", "The train leaves at nine."], "en", "es")
    assert [own[0].text for own in found] == ["Buenos días.", "El tren sale a nueve."]
    llama = engine._model._llama  # type: ignore[attr-defined]
    assert llama.told[1:] == (7, CONTEXT, False)
    assert [len(scene_in(body) or ()) for body in llama.asked] == [2, 1, 1]
    assert llama.resets == 3
    first = llama.asked[0]
    assert first["response_format"]["type"] == "json_object"
    assert first["response_format"]["schema"]["required"] == ["1", "2"]
    assert (first["temperature"], first["seed"]) == (0, 7)


def test_a_question_that_is_too_long_is_asked_in_parts(engine: GGUF) -> None:
    found = engine.translate(["The context is late.", "Good morning."], "en", "es")
    assert len(found) == 2


def test_its_fingerprint_is_of_the_weights_and_names_no_path(engine: GGUF, tmp_path: Path) -> None:
    assert str(tmp_path) not in engine.fingerprint
    (tmp_path / "other.gguf").write_bytes(b"GGUF" + bytes(61))
    assert GGUF(str(tmp_path / "other.gguf"), Models(home=tmp_path)).fingerprint != engine.fingerprint
    engine.release()
    assert "_model" not in vars(engine)


def test_a_file_that_cannot_be_loaded_is_named_without_its_path(engine: GGUF, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    with pytest.raises(EngineFailed, match=r"gguf cannot load model\.gguf"):
        engine.translate(["Good morning."], "en", "es")


def test_without_its_package_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EngineMissing, match=r"xllamacpp: pip install 'localize-toolkit\[gguf\]'"):
        load("translator", "gguf:model.gguf", Models())
