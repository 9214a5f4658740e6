"""A dub in an enrolled voice by Coqui's real code on tiny random weights: consent, terms, stretching, report."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import made_models
import pytest

from .conftest import User

pytestmark = [
    pytest.mark.xdist_group("coqui"),
    pytest.mark.skipif(not find_spec("TTS"), reason="Coqui TTS comes with the extra coqui"),
]


def test_a_consented_voice_is_dubbed_by_coqui(user: User, clip: Path, spoken: Any, tmp_path: Path) -> None:
    """By each of its kinds of model; what was heard and translated for the first serves the second."""
    models = {kind: getattr(made_models, kind)(tmp_path / kind) for kind in ("vits", "xtts")}
    voices = ["--voice", "S1=ana", "--voice", "S2=original"]
    commands = {
        kind: ["dub", clip, "--to", "es", "--engine", f"synthesizer=coqui:{model}", *voices]
        for kind, model in models.items()
    }
    for kind, command in commands.items():
        command += ["-o", tmp_path / f"out-{kind}", "--json"]
        refused = user.run(*command, "-q")
        assert refused.code == 4, kind
        assert len(refused.err.splitlines()) == 1
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7 signed")
    enrolled = user.run("voices", "enroll", "ana", "--reference", spoken.path, "--evidence", paper)
    assert enrolled.code == 0, enrolled.err
    assert user.run("voices", "grant", "ana", "--languages", "es").code == 0
    for kind, command in commands.items():
        result = user.run(*command)
        assert result.code == 0, result.err
        (target,) = result.json["targets"]
        assert f"coqui:{models[kind]}" in result.err
        for kind_of_file in ("video", "audio", "dialogue", "timeline", "report"):
            assert Path(target[kind_of_file]).is_file()
        assert user.run(*command).json["unchanged"], f"{kind}: a second run makes nothing"


def test_xtts_v2_without_its_terms_is_refused_before_any_work(user: User, clip: Path, tmp_path: Path) -> None:
    found = user.run("dub", clip, "--to", "es", "--engine", "synthesizer=coqui", "-o", tmp_path / "out", "-q")
    assert found.code == 5
    assert found.err.splitlines() == ["localize: the model xtts-v2 is not installed: localize models pull xtts-v2"]
    assert not (tmp_path / "out").exists()
