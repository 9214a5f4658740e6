"""Readers of outside data, fed with damaged files: the same ones at every run. `make fuzz` looks for new ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz_targets import Target, fuzz, targets

CRASHES = Path(__file__).parent / "crashes"
"""Files that once got something else than a refusal out of a reader: TARGET/NAME."""
RUNS = 40
UNSIGNED = frozenset({"packs", "revocations", "pins", "signatures", "transcripts"})
"""Targets some of whose files in order are refused all the same: signed by nobody, or with too little in them."""


@pytest.mark.slow
@pytest.mark.parametrize("name", targets())
def test_a_damaged_file_is_refused_or_read(name: str) -> None:
    target = targets()[name]()
    kept = {path.name: path.read_bytes() for path in sorted((CRASHES / name).glob("*"))}
    found = fuzz(Target(target.read, {**kept, **target.seeds}), seed=1, runs=RUNS + len(kept))
    assert found.crashes == []
    assert found.runs == RUNS + len(kept)
    assert found.refused or name == "signatures", "no damage was noticed"  # there it is told, not raised
    if name not in UNSIGNED:
        assert fuzz(Target(target.read, target.seeds), seed=1, runs=len(target.seeds)).refused == 0, "not in order"


@pytest.mark.parametrize(
    "does", ["os.kill(os.getpid(), 9)", "raise KeyError(1)", "open('/tmp/x', 'w')", "while True: pass"]
)
def test_what_a_reader_should_not_do_is_found(does: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import fuzz_targets

    monkeypatch.setattr(fuzz_targets, "SECONDS", 0.05)

    def read(path: Path) -> None:
        if path.read_bytes() != b"whole":
            exec(f"import os\n{does}")

    found = fuzz(Target(read, {"a.txt": b"whole", "b.txt": b"not"}), seed=1, runs=2, keep=tmp_path)
    assert [name for name, _, _ in found.crashes] == ["b.txt"]
    assert found.runs == 2
    assert [(path.name.split("-")[1], path.read_bytes()) for path in tmp_path.iterdir()] == [("b.txt", b"not")]
