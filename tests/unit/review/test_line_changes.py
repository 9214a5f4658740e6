"""Lines that are split and merged: in a transcript, in kept corrections, under a review; approvals of a folder."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from localize.cli import cli
from localize.config import apply_configuration
from localize.data import Edit, Edits, LineChange, Segment, Span, Transcript, Word
from localize.errors import QualityError, ReviewChanged, UsageError
from localize.events import Run
from localize.job import Job
from localize.review import Event, append, open_review, require_approved_folder
from localize.runtime.files import write_json
from localize.subtitling import subtitle
from localize.transcription.edits import edits_json, read_edits, refuse_contradictions
from localize.transcription.line_changes import change_lines, changed_texts
from localize.transcription.recalled_edits import recall_edits, with_review

PATH = Path("out/review.json")
SPLIT = LineChange("split", "s0001", "s0001-2", 600, 2, heard="Put the keys down.")
MERGE = LineChange("merge", "s0001-2", "s0003", heard="keys down.")


def film() -> Transcript:
    words = tuple(Word(t, Span(n * 250, n * 250 + 200)) for n, t in enumerate("Put the keys down.".split()))
    first = Segment("s0001", Span(0, 950), "S1", "Put the keys down.", words, (Span(0, 450), Span(500, 950)))
    other = Segment("s0002", Span(700, 1500), "S2", "Why?")
    return Transcript("en", (first, other, Segment("s0003", Span(1600, 2000), "S1", "Now.")))


def test_words_and_phrases_go_with_their_part() -> None:
    found = {s.id: s for s in change_lines(film(), [SPLIT]).segments}
    assert list(found) == ["s0001", "s0001-2", "s0002", "s0003"]
    assert [(s.text, [w.text for w in s.words], s.phrases) for s in (found["s0001"], found["s0001-2"])] == [
        ("Put the", ["Put", "the"], (Span(0, 450), Span(500, 600))),
        ("keys down.", ["keys", "down."], (Span(600, 950),)),
    ]
    joined = {s.id: s for s in change_lines(film(), [SPLIT, MERGE]).segments}
    assert list(joined) == ["s0001", "s0001-2", "s0002"]
    assert (joined["s0001-2"].text, joined["s0001-2"].span) == ("keys down. Now.", Span(600, 2000))
    assert joined["s0001-2"].words == ()  # of the second line none are known
    texts = changed_texts({"s0001": "a", "s0002": "b", "s0003": "c"}, [SPLIT, MERGE])
    assert texts == {"s0001": "a", "s0002": "b", "s0001-2": "c"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (LineChange("split", "s0009", "x", 1, 1), "not there: s0009"),
        (LineChange("split", "s0001", "s0002", 1, 1), "there already"),
        (LineChange("merge", "s0001", "s0002"), "not of one speaker"),
        (LineChange("merge", "s0001", "s0009"), "not there: s0009"),
    ],
)
def test_what_cannot_be_changed_is_refused(change: LineChange, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        change_lines(film(), [change])


def test_changes_are_kept_and_found_again(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "film.edits.json"
    kept = Edits((Edit("s0001-2", source="keys away.", heard="keys down."),), (SPLIT,))
    write_json(path, edits_json(kept))
    assert read_edits(path) == kept
    assert recall_edits(run, film(), Edits(), read_edits(path), PATH).edits == kept
    elsewhere = Edits(kept.edits, (LineChange("split", "s0001", "s0001-2", 600, 2, heard="Other words."),))
    assert recall_edits(run, film(), Edits(), elsewhere, PATH).edits == Edits()
    assert run.warnings[-1].code == "edits_lost"
    write_json(path, {"schema": 1, "lines": [{"kind": "split", "segment": "s0001", "other": "x"}]})
    with pytest.raises(UsageError, match="needs at_ms and word"):
        read_edits(path)


def test_a_review_goes_before_kept_corrections(run: Run) -> None:
    held = Edits(
        (Edit("s0001", source="Old.", translation={"es": "Viejo."}, voice="em_alex"), Edit("s0002", voice="x"))
    )
    of_review = Edits(
        (
            Edit("s0001", source="Put it", start_ms=0, end_ms=600, heard="Put the"),
            Edit("s0001-2", source="down.", heard="keys down."),
            Edit("s0003", source="Never.", heard="Said by nobody."),
        ),
        (SPLIT,),
    )
    found = with_review(run, film(), held, of_review, PATH).edits
    by_id = {edit.segment: edit for edit in found.edits}
    assert (by_id["s0001"].source, by_id["s0001"].translation, by_id["s0001"].voice) == ("Put it", {}, "em_alex")
    assert by_id["s0002"].voice == "x"
    assert "s0003" not in by_id
    assert [w.code for w in run.warnings] == ["review_lost"]
    with pytest.raises(UsageError, match="say different things of s0001"):
        refuse_contradictions(Edits((Edit("s0001", source="Other."),)), of_review, PATH)
    refuse_contradictions(Edits((Edit("s0003", voice="em_alex"),)), of_review, PATH)


@pytest.mark.costly
def test_writers_wait_for_each_other(folder: Path) -> None:
    """Four writers add ten decisions each, loading the review again where another was faster: none is lost."""

    def write(who: str) -> None:
        for number in range(10):
            while True:
                try:
                    entry = Event("comment", text=f"{who} {number}")
                    append(folder, [entry], expected=open_review(folder).version, who=who)
                    break
                except ReviewChanged:
                    continue

    writers = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    events = open_review(folder).events
    assert [e.number for e in events] == list(range(1, 41))
    assert {e.text for e in events} == {f"w{n} {k}" for n in range(4) for k in range(10)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data["lines"][0].update(line='x" onload="y'), "is no id of a line"),
        (lambda data: data["lines"][0]["translation"].update({"../../es": "a"}), "is no language"),
        (lambda data: data.update(offset_ms=-1), "offset_ms"),
    ],
)
def test_names_that_could_leave_their_place_are_refused(folder: Path, change: Any, message: str) -> None:
    review = append(folder, [Event("comment", text="a")], expected=0, who="Ana")
    data = json.loads(json.dumps(review.json()))
    change(data)
    write_json(folder / "review.json", data)
    with pytest.raises(UsageError, match=message):
        open_review(folder)


def test_a_folder_is_packaged_when_its_lines_are_approved(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "localize.toml").write_text("[review]\nrequired = true\n")
    assert apply_configuration(Job(folder), frozenset()).review_required
    with pytest.raises(QualityError, match="no line is approved"):
        cli.main(["package", str(folder), "--hls", "--strict"], standalone_mode=False)
    approvals = [Event("approve", line=f"s000{n}", language="es") for n in range(1, 5)]
    append(folder, approvals[:3], expected=0, who="Ana")
    with pytest.raises(QualityError, match="es: 1 of 4 lines are not approved, or changed since: s0004"):
        require_approved_folder(folder)
    append(folder, approvals[3:], expected=3, who="Ana")
    require_approved_folder(folder)
    for text, message in (("[review]\nneeded = 1\n", "review.needed"), ("[review]\nrequired = 1\n", "true or false")):
        (tmp_path / "localize.toml").write_text(text)
        with pytest.raises(UsageError, match=message):
            apply_configuration(Job(folder), frozenset())


TWO = "1\n00:00:01,000 --> 00:00:03,000\n{}\n\n2\n00:00:04,000 --> 00:00:05,000\n{}\n"


def test_given_lines_are_split_with_words_for_either_part(run: Run, tmp_path: Path) -> None:
    source, given, edits = (tmp_path / name for name in ("film.en.srt", "film.es.srt", "edits.json"))
    source.write_text(TWO.format("Where did you put the keys?", "On the table."))
    given.write_text(TWO.format("¿Dónde pusiste las llaves?", "En la mesa."))
    split = LineChange("split", "s0001", "s0001-2", 2000, 3)
    job = Job(source, ("es",), tmp_path / "out", translation=given, edits=edits)
    write_json(edits, edits_json(Edits((), (split,))))
    with pytest.raises(UsageError, match="s0001 is part of a line that was split"):
        subtitle(job, run)
    parts = (Edit("s0001", translation={"es": "¿Dónde"}), Edit("s0001-2", translation={"es": "las pusiste?"}))
    write_json(edits, edits_json(Edits(parts, (split,))))
    subtitle(job, run)
    assert "recut" in [w.code for w in run.warnings]
    segments = json.loads((tmp_path / "out" / "film.master.json").read_text())["segments"]
    assert [(s["id"], s["text"], s["translations"]["es"]["text"]) for s in segments] == [
        ("s0001", "Where did you", "¿Dónde"), ("s0001-2", "put the keys?", "las pusiste?"),
        ("s0002", "On the table.", "En la mesa."),
    ]  # fmt: skip
