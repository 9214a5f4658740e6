"""Corrections that stay: kept beside the results, found again by what their line says, listed and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.data import Edit, Edits, LineChange, Segment, Span, Transcript
from localize.errors import UsageError
from localize.events import Run
from localize.runtime.files import staged_folder, write_json
from localize.transcription.edits import (
    edits_json,
    keep_edits,
    kept_edits,
    kept_edits_path,
    read_edits,
    undo_edits,
)
from localize.transcription.recalled_edits import recall_edits

PATH = Path("out/film.edits.json")


def transcript(*texts: str) -> Transcript:
    segments = (Segment(f"s{n:04}", Span(n * 1000, n * 1000 + 900), "S1", t) for n, t in enumerate(texts, 1))
    return Transcript("en", tuple(segments))


def edit(segment: str, heard: str | None = None, **more: object) -> Edit:
    return Edit(segment, heard=heard, **more)  # type: ignore[arg-type]


FILM = transcript("Good evening.", "Yes.", "Where is it?", "Yes.")


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        (edit("s0001", "Good evening."), "s0001"),
        (edit("s0001", "good  EVENING."), "s0001"),
        (edit("s0002", "Where is it?"), "s0003"),  # a line before it is gone: its id is another's
        (edit("s0009", "Where is it?"), "s0003"),
        (edit("s0004", "Yes."), "s0004"),  # said twice: the id tells which
        (edit("s0009", "Yes."), None),  # said twice, and the id tells nothing
        (edit("s0001", "Good morning."), None),
        (edit("s0002"), "s0002"),  # a file from elsewhere
        (edit("s0009"), None),
    ],
)
def test_a_kept_correction_belongs_to_the_line_that_says_the_same(run: Run, kept: Edit, found: str | None) -> None:
    now = recall_edits(run, FILM, Edits(), Edits((kept,)), PATH).edits
    assert [e.segment for e in now.edits] == ([found] if found else [])
    assert [w.code for w in run.warnings] == ["edits_kept" if found else "edits_lost"]
    assert str(PATH) in run.warnings[0].message


def test_what_is_given_now_goes_before_and_leaves_the_rest(run: Run) -> None:
    before = edit("s0001", "Good evening.", source="Good evening!", translation={"es": "Hola.", "pt": "Oi"}, start_ms=5)
    given = edit("s0001", translation={"es": "Buenas."}, voice="em_alex")
    (now,) = recall_edits(run, FILM, Edits((given,)), Edits((before,)), PATH).edits.edits
    assert now == Edit(
        "s0001", "Good evening!", {"es": "Buenas.", "pt": "Oi"}, "em_alex", 5, None, heard="Good evening."
    )


def test_a_line_that_is_not_there_is_left_for_the_refusal(run: Run) -> None:
    assert [e.segment for e in recall_edits(run, FILM, Edits((edit("s0099"),)), Edits(), PATH).edits.edits] == ["s0099"]


def test_two_kept_corrections_never_fall_on_one_line(run: Run) -> None:
    kept = Edits((edit("s0003", "Where is it?"), edit("s0008", "Where is it?")))
    assert [e.segment for e in recall_edits(run, FILM, Edits(), kept, PATH).edits.edits] == ["s0003"]
    assert [w.code for w in run.warnings] == ["edits_kept", "edits_lost"]


def keep(run: Run, folder: Path, title: str, edits: Edits, read: Edits | None = None) -> bool:
    """Keep corrections as a run does that read them from the folder, or something else."""
    path = kept_edits_path(folder, title)
    if read is None:
        read = read_edits(path) if path.exists() else Edits()
    with staged_folder(folder) as stage:
        return keep_edits(run, stage, title, edits, read)


def test_what_is_kept_can_be_given_as_edits_too(run: Run, tmp_path: Path) -> None:
    made = Edits((edit("s0001", "Good evening.", translation={"es": "Hola."}), edit("s0003", "Where is it?", end_ms=9)))
    assert keep(run, tmp_path, "film", made)
    assert read_edits(kept_edits_path(tmp_path, "film")) == made
    assert kept_edits(tmp_path) == {tmp_path / "film.edits.json": made}
    assert keep(run, tmp_path, "other", Edits())
    assert [p.name for p in tmp_path.iterdir()] == ["film.edits.json"]


def test_corrections_are_taken_back_one_by_one_or_all(run: Run, tmp_path: Path) -> None:
    assert keep(run, tmp_path, "film", Edits((edit("s0001", "a"), edit("s0002", "b"), edit("s0003", "c"))))
    assert undo_edits(tmp_path, ["s0002"]) == ("s0002",)
    assert [e.segment for e in read_edits(tmp_path / "film.edits.json").edits] == ["s0001", "s0003"]
    with pytest.raises(UsageError, match=r"no correction of s0002 .* there are s0001, s0003"):
        undo_edits(tmp_path, ["s0001", "s0002"])
    assert [e.segment for e in read_edits(tmp_path / "film.edits.json").edits] == ["s0001", "s0003"]
    assert undo_edits(tmp_path, []) == ("s0001", "s0003")
    assert not (tmp_path / "film.edits.json").exists()
    with pytest.raises(UsageError, match="none at all"):
        undo_edits(tmp_path, ["s0001"])
    with pytest.raises(UsageError, match="is no folder"):
        kept_edits(tmp_path / "absent")


A, B, C = (edit(f"s000{n}", f"line {n}", source=letter) for n, letter in enumerate("ABC", 1))
OTHER_B = edit("s0002", "line 2", source="mine")
SPLIT, MERGED = LineChange("split", "s0003", "s0003b", at_ms=500, word=1), LineChange("merge", "s0004", "s0005")


@pytest.mark.parametrize(
    ("read", "there", "kept", "after", "named"),
    [
        (Edits((A, B)), Edits((A, OTHER_B)), Edits((A, B)), Edits((OTHER_B, A)), "s0002"),
        (Edits((A,)), Edits((A, B)), Edits((A, C)), Edits((B, A, C)), "s0002"),
        (Edits((A, B)), Edits((A,)), Edits((A, B, C)), Edits((A, C)), "s0002"),  # taken back
        (Edits((A,)), None, Edits((A, C)), Edits((C,)), "s0001"),  # the file was deleted
        (Edits(), Edits((OTHER_B,)), Edits((B,)), Edits((OTHER_B,)), "s0002"),  # both say something else of one line
        (Edits((A,)), Edits((A,), (SPLIT,)), Edits((A,), (MERGED,)), Edits((A,), (SPLIT, MERGED)), "s0003"),
        (Edits((), (SPLIT,)), Edits((A,)), Edits((), (SPLIT, MERGED)), Edits((A,), (MERGED,)), "s0001, s0003"),
        (Edits((A,)), Edits((A, B)), Edits(), Edits((A, B)), "s0002"),  # nothing is kept
    ],
)
def test_what_a_person_writes_while_a_run_works_goes_before_what_the_run_keeps(
    run: Run, tmp_path: Path, read: Edits, there: Edits | None, kept: Edits, after: Edits, named: str
) -> None:
    path = kept_edits_path(tmp_path, "film")
    if there is not None:
        write_json(path, edits_json(there))
    assert not keep(run, tmp_path, "film", kept, read)
    found = read_edits(path)
    assert sorted(found.edits, key=lambda e: e.segment) == sorted(after.edits, key=lambda e: e.segment)
    assert found.lines == after.lines
    (warning,) = run.warnings
    assert warning.code == "edits_changed"
    assert f"what it says of {named} stays" in warning.message


def test_corrections_that_all_were_taken_back_while_a_run_worked_stay_so(run: Run, tmp_path: Path) -> None:
    assert not keep(run, tmp_path, "film", Edits((A,)), Edits((A,)))
    assert list(tmp_path.iterdir()) == []
    assert [w.code for w in run.warnings] == ["edits_changed"]


def test_a_file_that_is_being_written_is_left_as_it_is(run: Run, tmp_path: Path) -> None:
    path = kept_edits_path(tmp_path, "film")
    path.write_text('{"schema": 1, "edits": [{"segm', encoding="utf-8")
    assert not keep(run, tmp_path, "film", Edits((A, C), (SPLIT,)), Edits((A,)))
    assert path.read_text("utf-8") == '{"schema": 1, "edits": [{"segm'
    (warning,) = run.warnings
    assert "stays so; not written into it: the corrections of s0003" in warning.message


@pytest.mark.costly
def test_many_corrections_take_time_in_proportion(run: Run, tmp_path: Path) -> None:
    """A folder brings what it likes: 40,000 corrections, each looked for among all lines, took minutes."""
    path = tmp_path / "film.edits.json"
    many = Edits(tuple(edit(f"x{n:05}", f"line {n}", source="x") for n in range(40_000)))
    assert keep(run, tmp_path, "film", many)
    assert read_edits(path) == many
    now = recall_edits(run, transcript(*(f"line {n}" for n in range(0, 2000, 2))), Edits(), many, path)
    assert len(now.edits.edits) == 1000
