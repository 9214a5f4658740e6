"""MarianMT by transformers on a tiny model: order, hostile files, and what a folder must say."""

from __future__ import annotations

import json
import pickle
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import made_models
import pytest

from localize.engines import load
from localize.errors import EngineFailed, UsageError

pytestmark = [
    pytest.mark.skipif(not (find_spec("transformers") and find_spec("torch")), reason="needs the extra marian"),
    pytest.mark.xdist_group("marian"),
]
LINES = ("we wait for you at home good morning", "nine", "the train leaves at nine", "", "...", "good morning", "home")


def test_batches_of_like_length_come_back_in_the_order_they_were_asked(
    tmp_path: Path, models: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load("translator", f"marian:{made_models.marian(tmp_path / 'marian')}", models)
    monkeypatch.setattr("localize.engines.marian.BATCH", 2)
    together = engine.translate(LINES, "en", "es", n_best=2)
    assert together == tuple(engine.translate([line], "en", "es", n_best=2)[0] for line in LINES)
    assert [c.text for c in together[4]] == ["..."]
    assert together[3] == ()


def test_weights_that_would_run_code_are_refused(tmp_path: Path, models: Any) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "exploded",)

    folder = made_models.marian(tmp_path / "marian")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"bomb": Bomb()}))
    with pytest.raises(EngineFailed, match="cannot load marian"):
        load("translator", f"marian:{folder}", models).translate(["good morning"], "en", "es")
    assert not (tmp_path / "exploded").exists()


def test_a_folder_that_names_no_languages_is_refused(tmp_path: Path, models: Any) -> None:
    folder = made_models.marian(tmp_path / "marian")
    for said in ("{}", "[]", json.dumps({"source_lang": "en", "target_lang": 3})):
        (folder / "tokenizer_config.json").write_text(said, encoding="utf-8")
        with pytest.raises(UsageError, match="which languages"):
            load("translator", f"marian:{folder}", models)


def test_an_unknown_model_is_a_usage_error(models: Any) -> None:
    with pytest.raises(UsageError, match="no model 'nobody'"):
        load("translator", "marian:nobody", models)
