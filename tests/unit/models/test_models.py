"""Models: assembled from packages, exactly the bytes of the catalogue, and Kokoro's two derived graphs.

Over 400 lines: all models are tried on one store of theirs.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from localize.errors import EngineMissing, LocalizeError, ModelMissing, StoreError
from localize.models import Model, ModelFile, Models, catalogue, list_models
from localize.models import installed as module

PARTS = (b"the first part, ", b"the second part, ", b"the third")
WHOLE = b"".join(PARTS)
PREPARE = """
from pathlib import Path

hook = None


def prepare(folder: Path) -> tuple[Path, ...]:
    if hook is not None:
        hook()
    (folder / "derived.bin").write_bytes((folder / "model.bin").read_bytes()[::-1])
    return (folder / "derived.bin",)
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """A model in three parts inside two installed packages, as in the catalogue."""
    site = tmp_path / "site"
    for package, files in {
        "pa_rts_one": {"part.1": PARTS[0]},
        "pa_rts_two": {"part.2": PARTS[1], "part.3": PARTS[2]},
    }.items():
        (site / package / "data").mkdir(parents=True)
        (site / package / "__init__.py").write_text("raise RuntimeError('data packages are found, not imported')")
        for name, data in files.items():
            (site / package / "data" / name).write_bytes(data)
    (site / "pre_parer.py").write_text(PREPARE)
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    parts = ("pa_rts_one/data/part.1", "pa_rts_two/data/part.2", "pa_rts_two/data/part.3")
    file = ModelFile("model.bin", hashlib.sha256(WHOLE).hexdigest(), len(WHOLE), parts)
    made = Model("test-model", "translator", "none", ("en>xx",), "CC0", 1, "a note", "offline", (file,))
    known = {made.id: made}
    monkeypatch.setattr(module, "catalogue", lambda: known)
    yield made
    sys.modules.pop("pre_parer", None)


def known_as(model: Model) -> Model:
    """The catalogue's entry replaced by another of its name."""
    module.catalogue()[model.id] = model
    return model


@pytest.fixture
def prepared(model: Model) -> Model:
    return known_as(replace(model, prepare="pre_parer:prepare"))


def test_a_model_is_assembled_from_its_parts_once(model: Model, tmp_path: Path) -> None:
    said: list[str] = []
    models = Models(tmp_path / "models", said.append)
    assert models.available(model)
    assert not models.installed(model)
    folder = models.path("test-model")
    assert (folder / "model.bin").read_bytes() == WHOLE
    assert models.installed(model)
    assert models.path("test-model") == Models(tmp_path / "models", said.append).path("test-model") == folder
    assert len(said) == 1
    assert "test-model" in said[0]
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["test-model"]


def test_every_model_whose_parts_are_there_is_made_ready(model: Model, tmp_path: Path) -> None:
    assert Models(tmp_path / "models").prepare_all() == ["test-model"]
    assert (tmp_path / "models" / "test-model" / "model.bin").read_bytes() == WHOLE


def test_parts_that_make_another_file_are_refused_and_nothing_is_kept(model: Model, tmp_path: Path) -> None:
    (tmp_path / "site" / "pa_rts_two" / "data" / "part.2").write_bytes(PARTS[1][::-1])
    models = Models(tmp_path / "models")
    with pytest.raises(StoreError, match=r"model\.bin.* is not the file expected"):
        models.path("test-model")
    assert list((tmp_path / "models").iterdir()) == []
    assert not models.installed(model)


def test_a_missing_part_is_a_missing_model_with_its_command(model: Model, tmp_path: Path) -> None:
    (tmp_path / "site" / "pa_rts_one" / "data" / "part.1").unlink()
    models = Models(tmp_path / "models")
    assert not models.available(model)
    with pytest.raises(ModelMissing, match=r"pip install 'localize-toolkit\[offline\]'") as caught:
        models.path("test-model")
    assert caught.value.details["model"] == "test-model"
    with pytest.raises(ModelMissing):
        models.require(model)


def test_an_installed_model_needs_its_packages_no_more(model: Model, tmp_path: Path) -> None:
    Models(tmp_path / "models").path("test-model")
    (tmp_path / "site" / "pa_rts_one" / "data" / "part.1").unlink()
    models = Models(tmp_path / "models")
    assert models.available(model)
    assert (models.path("test-model") / "model.bin").read_bytes() == WHOLE


def changed_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)


def test_verify_finds_one_changed_byte(model: Model, tmp_path: Path) -> None:
    models = Models(tmp_path / "models")
    folder = models.path("test-model")
    assert models.verify(model) == ""
    changed_byte(folder / "model.bin")
    assert "model.bin of the model test-model is not the one expected" in models.verify(model)
    with pytest.raises(StoreError, match=r"delete .* and run again"):
        Models(tmp_path / "models").path("test-model")


def test_verify_finds_a_changed_derived_file(prepared: Model, tmp_path: Path) -> None:
    models = Models(tmp_path / "models")
    folder = models.path("test-model")
    assert (folder / "derived.bin").read_bytes() == WHOLE[::-1]
    assert models.verify(prepared) == ""
    changed_byte(folder / "derived.bin")
    assert "derived.bin of the model test-model has changed" in models.verify(prepared)
    (folder / "derived.bin").unlink()
    assert "derived.bin" in models.verify(prepared)


@pytest.mark.parametrize("known", [False, True])
def test_a_swapped_derived_file_is_found_though_its_list_was_written_anew(
    prepared: Model, tmp_path: Path, known: bool
) -> None:
    if known:  # the catalogue names what is derived with the versions we test
        prepared = known_as(replace(prepared, derived={"derived.bin": hashlib.sha256(WHOLE[::-1]).hexdigest()}))
    folder = Models(tmp_path / "models").path("test-model")
    assert Models(tmp_path / "models").verify(prepared) == ""
    (folder / "derived.bin").write_bytes(b"another network")
    listed = json.loads((folder / "installed.json").read_text())
    listed["derived"]["derived.bin"] = hashlib.sha256(b"another network").hexdigest()
    (folder / "installed.json").write_text(json.dumps(listed))
    assert "derived.bin of the model test-model is not what is derived" in Models(tmp_path / "models").verify(prepared)
    with pytest.raises(StoreError, match=r"is not what is derived from its files: delete .* and run again"):
        Models(tmp_path / "models").path("test-model")


def test_what_an_earlier_version_derived_is_derived_anew_from_the_models_own_files(
    prepared: Model, tmp_path: Path
) -> None:
    folder = Models(tmp_path / "models").path("test-model")
    (folder / "derived.bin").write_bytes(b"as it was")
    listed = json.loads((folder / "installed.json").read_text())
    listed["derived"]["derived.bin"] = hashlib.sha256(b"as it was").hexdigest()
    del listed["prepared"]
    (folder / "installed.json").write_text(json.dumps(listed))
    (tmp_path / "site" / "pa_rts_one" / "data" / "part.1").unlink()  # nothing is fetched, nothing assembled
    newer = known_as(replace(prepared, prepared=2, derived={"derived.bin": hashlib.sha256(WHOLE[::-1]).hexdigest()}))
    assert Models(tmp_path / "models").verify(newer) == ""
    said: list[str] = []
    assert Models(tmp_path / "models", said.append).path("test-model") == folder
    assert (folder / "derived.bin").read_bytes() == WHOLE[::-1]
    assert json.loads((folder / "installed.json").read_text())["prepared"] == 2
    assert ["test-model" in line and "anew" in line for line in said] == [True]
    Models(tmp_path / "models", said.append).path("test-model")
    assert len(said) == 1
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["test-model"]


def test_nothing_is_derived_anew_from_a_file_that_was_changed(prepared: Model, tmp_path: Path) -> None:
    folder = Models(tmp_path / "models").path("test-model")
    changed_byte(folder / "model.bin")
    known_as(replace(prepared, prepared=2))
    with pytest.raises(StoreError, match=r"model\.bin of the model test-model is not the one expected"):
        Models(tmp_path / "models").path("test-model")
    assert (folder / "derived.bin").read_bytes() == WHOLE[::-1]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"derived": []}', b"\xff"])
def test_a_damaged_record_of_the_installation_is_a_store_error(prepared: Model, tmp_path: Path, data: bytes) -> None:
    """installed.json of a derived model is read on every run: damage must say what to do, not crash."""
    folder = Models(tmp_path / "models").path("test-model")
    (folder / "installed.json").write_bytes(data)
    with pytest.raises(StoreError, match="test-model"):
        Models(tmp_path / "models").path("test-model")


def test_a_file_of_another_size_is_assembled_again(model: Model, tmp_path: Path) -> None:
    folder = Models(tmp_path / "models").path("test-model")
    (folder / "model.bin").write_bytes(b"cut")
    models = Models(tmp_path / "models")
    assert not models.installed(model)
    assert (models.path("test-model") / "model.bin").read_bytes() == WHOLE


def test_a_model_in_place_is_used_where_it_lies(model: Model, tmp_path: Path) -> None:
    part = ModelFile("part.1", hashlib.sha256(PARTS[0]).hexdigest(), len(PARTS[0]), ("pa_rts_one/data/part.1",))
    lying = known_as(replace(model, files=(part,), in_place=True))
    models = Models(tmp_path / "models")
    assert models.path("test-model") == tmp_path / "site" / "pa_rts_one" / "data"
    assert not (tmp_path / "models").exists()
    changed_byte(tmp_path / "site" / "pa_rts_one" / "data" / "part.1")
    assert "reinstall it" in models.verify(lying)
    with pytest.raises(StoreError):
        Models(tmp_path / "models").path("test-model")


def test_what_cannot_be_prepared_leaves_nothing(model: Model, tmp_path: Path) -> None:
    known_as(replace(model, prepare="no_such_module_here:prepare"))
    with pytest.raises(EngineMissing, match="no_such_module_here"):
        Models(tmp_path / "models").path("test-model")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_model_another_process_just_installed_stays(prepared: Model, tmp_path: Path) -> None:
    """Two runs install at once. The slower one must not take away the folder that the quicker one is reading."""
    preparer: Any = importlib.import_module("pre_parer")
    quicker: list[tuple[Path, int]] = []

    def other_run() -> None:
        preparer.hook = None
        folder = Models(tmp_path / "models").path("test-model")
        quicker.append((folder, (folder / "model.bin").stat().st_ino))

    preparer.hook = other_run
    folder = Models(tmp_path / "models").path("test-model")
    assert quicker == [(folder, (folder / "model.bin").stat().st_ino)]
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["test-model"]


INSTALL = """
import importlib, os, sys
from pathlib import Path
sys.path[:0] = {paths!r}
from localize.models import installed as module
from localize.models import Model, ModelFile, Models
file = ModelFile("model.bin", {sha!r}, {size}, {parts!r})
about = ("test-model", "translator", "none", ("en>xx",), "CC0", 1, "", "offline", (file,))
made = Model(*about, prepare="pre_parer:prepare")
module.catalogue = lambda: {{"test-model": made}}
"""


def installer(model: Model, tmp_path: Path, code: str) -> subprocess.Popen[str]:
    (file,) = model.files
    text = INSTALL.format(paths=[str(tmp_path / "site"), *sys.path], sha=file.sha256, size=file.size, parts=file.parts)
    return subprocess.Popen([sys.executable, "-c", text + code], stderr=subprocess.PIPE, text=True)


@pytest.mark.costly
def test_many_processes_install_one_model_at_once(prepared: Model, tmp_path: Path) -> None:
    code = f"""
for _ in range(20):
    folder = Models(Path({str(tmp_path / "models")!r})).path("test-model")
    assert (folder / "derived.bin").read_bytes()[::-1] == (folder / "model.bin").read_bytes()
"""
    workers = [installer(prepared, tmp_path, code) for _ in range(4)]
    for worker in workers:
        _, errors = worker.communicate()
        assert worker.returncode == 0, errors
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["test-model"]


def test_what_a_killed_installation_left_is_swept(prepared: Model, tmp_path: Path) -> None:
    """Half a copy of a model is 90 to 145 MB: it must not stay for good."""
    code = f"""
import signal
importlib.import_module("pre_parer").hook = lambda: os.kill(os.getpid(), signal.SIGKILL)
Models(Path({str(tmp_path / "models")!r})).path("test-model")
"""
    assert installer(prepared, tmp_path, code).wait() == -9
    assert list((tmp_path / "models").iterdir()), "it was killed before it wrote anything"
    Models(tmp_path / "models").path("test-model")
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["test-model"]


# --- the real catalogue ----------------------------------------------------------------------------------------------


def test_the_catalogue_is_complete_and_consistent() -> None:
    for model in catalogue().values():
        assert model.role in ("recogniser", "diarizer", "translator", "synthesizer", "faces")
        assert model.licence
        assert model.files
        if model.pulled:
            assert model.command == f"localize models pull {model.id}"
            assert model.megabytes > 0
            assert model.repository or all(f.url.startswith("https://") for f in model.files)
            assert all(len(f.sha256) in (0, 64) for f in model.files)
            continue
        assert model.command.startswith("pip install ")
        assert all(len(f.sha256) == 64 and f.size > 0 and f.parts for f in model.files)
        if model.in_place:
            assert all(len(f.parts) == 1 for f in model.files), "what is used in place is one file"
    engines = {(m.role, m.engine) for m in catalogue().values()}
    assert engines >= {("recogniser", "faster_whisper"), ("synthesizer", "kokoro"), ("translator", "marian_ct2")}


def test_fingerprints_tell_models_and_bytes_apart() -> None:
    known = [m for m in catalogue().values() if m.pinned]
    assert len({m.fingerprint for m in known}) == len(known)
    first = known[0]
    other = replace(first, files=(replace(first.files[0], sha256="0" * 64), *first.files[1:]))
    assert other.fingerprint != first.fingerprint
    assert replace(first, rank=99, note="better").fingerprint == first.fingerprint


def test_the_listing_shows_what_the_design_promises(tmp_path: Path) -> None:
    shown = [state.json() for state in list_models(Models(tmp_path))]
    assert {m["id"] for m in shown} == set(catalogue())
    for model in shown:
        assert {"id", "role", "languages", "installed", "licence", "size", "command"} <= set(model)
    json.dumps(shown)


def test_the_model_store_is_where_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALIZE_MODELS", str(tmp_path / "mine"))
    assert Models().folder == tmp_path / "mine"
    assert Models(tmp_path / "other").folder == tmp_path / "other"
    monkeypatch.delenv("LOCALIZE_MODELS")
    assert Models().folder.is_absolute()
    assert not (tmp_path / "mine").exists()


# --- Kokoro's derived graphs -----------------------------------------------------------------------------------------

FRAME = 600
"""Samples: one step of the duration predictor, 25 ms at 24 kHz."""
PHONEMES = "bwˈenos ðˈias, ˈola"


@pytest.fixture(scope="module")
def kokoro(models: Models) -> Path:
    try:
        return models.path("kokoro-82m-int8")
    except LocalizeError as error:
        pytest.skip(error.message)


@pytest.fixture(scope="module")
def inputs() -> dict[str, Any]:
    import numpy as np
    from kokoro_onnx.config import DEFAULT_VOCAB

    from localize.consent import stock_folder

    tokens = [0, *(DEFAULT_VOCAB[p] for p in PHONEMES if p in DEFAULT_VOCAB), 0]
    styles = np.fromfile(stock_folder() / "ef_dora" / "style.bin", "<f4").reshape(-1, 1, 256)
    return {"tokens": np.array([tokens], np.int64), "style": styles[len(tokens) - 3]}


@pytest.fixture(scope="module")
def session(kokoro: Path) -> Callable[[str], Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    made: dict[str, Any] = {}

    def get(name: str) -> Any:
        if name not in made:
            made[name] = onnxruntime.InferenceSession(str(kokoro / name), options, providers=["CPUExecutionProvider"])
        return made[name]

    return get


def led(inputs: dict[str, Any], frames: Any, scale: float = 1.0) -> dict[str, Any]:
    """The inputs of the exact graph, its pitch changed by a factor."""
    import numpy as np

    curve = np.ones((1, 2 * int(frames.sum())), np.float32)
    return {**inputs, "duration": frames, "pitch_scale": curve * np.float32(scale), "energy_shift": curve * 0}


@pytest.fixture(scope="module")
def theirs(session: Callable[[str], Any], inputs: dict[str, Any]) -> Any:
    """What the export itself says at its own pace."""
    import numpy as np

    return session("kokoro.onnx").run(None, {**inputs, "speed": np.ones(1, np.float32)})[0].ravel()


@pytest.mark.slow
def test_the_predicted_length_is_the_real_one(
    session: Callable[[str], Any], inputs: dict[str, Any], theirs: Any
) -> None:
    import numpy as np

    raw = session("pace.onnx").run(None, inputs)[0].ravel()
    assert len(raw) == inputs["tokens"].shape[1]
    # The export rounds each token's frames, one at least.
    assert len(theirs) == FRAME * int(np.maximum(1, np.rint(raw)).sum())


@pytest.mark.slow
def test_the_exact_graph_lasts_as_long_as_it_is_told_to_the_frame(
    session: Callable[[str], Any], inputs: dict[str, Any]
) -> None:
    import numpy as np

    raw = session("pace.onnx").run(None, inputs)[0].ravel()
    for rate in (0.75, 1.3):
        frames = np.maximum(1, np.rint(raw / rate)).astype(np.int64)
        audio = session("exact.onnx").run(None, led(inputs, frames))[0].ravel()
        assert len(audio) == FRAME * int(frames.sum())
        assert 0.05 < float(np.abs(audio).max()) < 1.5


@pytest.mark.slow
def test_with_the_models_own_durations_the_exact_graph_says_the_same(
    session: Callable[[str], Any], inputs: dict[str, Any], theirs: Any
) -> None:
    """The edits move a number from inside to outside; they must not touch the voice."""
    import numpy as np

    raw = session("pace.onnx").run(None, inputs)[0].ravel()
    frames = np.maximum(1, np.rint(raw)).astype(np.int64)
    ours = session("exact.onnx").run(None, led(inputs, frames))[0].ravel()
    # Breath is noise drawn anew in each session, so spectra are compared: levels of 100 ms bands, within 1.5 dB.
    count = len(ours) // 2400 * 2400

    def levels(audio: Any) -> Any:
        spectrum = np.abs(np.fft.rfft(audio[:count].reshape(-1, 2400), axis=1)) ** 2
        return 10 * np.log10(spectrum[:, :800].reshape(len(spectrum), 8, 100).sum(axis=2) + 1e-3)

    loud = levels(theirs) > 0
    assert loud.sum() > 20
    assert float(np.median(np.abs(levels(ours) - levels(theirs))[loud])) < 1.5


@pytest.mark.slow
def test_led_by_ones_and_zeros_the_exact_graph_gives_the_very_samples_of_the_graph_without(
    session: Callable[[str], Any], kokoro: Path, inputs: dict[str, Any]
) -> None:
    """Intonation is asked for on top of what was there before: without any, not one bit of a dub may change."""
    import numpy as np
    import onnx
    import onnxruntime

    plain = onnx.load(kokoro / "exact.onnx")
    for node in [n for n in plain.graph.node if n.name in ("/pitch_scale", "/energy_shift")]:
        for other in plain.graph.node:
            other.input[:] = [node.input[0] if name == node.output[0] else name for name in other.input]
        plain.graph.node.remove(node)
    for value in [i for i in plain.graph.input if i.name in ("pitch_scale", "energy_shift")]:
        plain.graph.input.remove(value)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    before = onnxruntime.InferenceSession(plain.SerializeToString(), options, providers=["CPUExecutionProvider"])
    frames = np.maximum(1, np.rint(session("pace.onnx").run(None, inputs)[0].ravel())).astype(np.int64)
    theirs = before.run(None, {**inputs, "duration": frames})[0]
    ours = session("exact.onnx").run(None, led(inputs, frames))[0]
    assert np.array_equal(ours, theirs)
    higher = session("exact.onnx").run(None, led(inputs, frames, 1.2))[0]
    assert higher.shape == ours.shape
    assert not np.array_equal(higher, ours)


@pytest.mark.slow
def test_the_contour_graph_says_how_high_the_voice_will_be(
    session: Callable[[str], Any], inputs: dict[str, Any]
) -> None:
    import numpy as np

    frames = np.maximum(1, np.rint(session("pace.onnx").run(None, inputs)[0].ravel())).astype(np.int64)
    pitch, energy = session("contour.onnx").run(["pitch", "energy"], {**inputs, "duration": frames})
    assert pitch.shape == energy.shape == (1, 2 * int(frames.sum()))
    assert 140 < float(np.median(pitch[pitch > 50])) < 260  # a woman's voice


@pytest.mark.costly
def test_the_pace_graph_is_the_predictor_alone(kokoro: Path) -> None:
    import onnx

    pace, exact = (onnx.load(kokoro / name) for name in ("pace.onnx", "exact.onnx"))
    assert {i.name for i in pace.graph.input} == {"tokens", "style"}
    assert {i.name for i in exact.graph.input} == {"tokens", "style", "duration", "pitch_scale", "energy_shift"}
    assert [o.name for o in exact.graph.output] == ["audio"]
    assert (kokoro / "pace.onnx").stat().st_size < (kokoro / "kokoro.onnx").stat().st_size / 4


def test_another_export_is_refused(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    from localize.engines.kokoro_graph import prepare
    from localize.errors import EngineFailed

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "g",
        [value],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
    )
    onnx.save(helper.make_model(graph), tmp_path / "kokoro.onnx")
    with pytest.raises(EngineFailed, match=r"not the v1\.0 export"):
        prepare(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["kokoro.onnx"]
