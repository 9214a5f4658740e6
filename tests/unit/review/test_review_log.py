"""review.json: events are checked, only ever added, and replayed to lines, corrections and figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localize.data import (
    Edit,
    Edits,
    LineChange,
)
from localize.errors import LocalizeError, ReviewChanged, UsageError
from localize.review import (
    append,
    derive_cue_edits,
    derive_edits,
    derive_terms,
    measure,
    open_review,
    read_draft,
    read_review,
    replay,
    review_path,
    write_report,
)
from localize.review.log import Review
from localize.review.state import ReviewLine
from localize.runtime.files import write_json


def add(folder: Path, *drafts: dict[str, Any], who: str = "Ana") -> Review:
    """Append to whatever is there."""
    return append(folder, [read_draft(d) for d in drafts], expected=open_review(folder).version, who=who)


def lines_of(review: Review) -> dict[str, ReviewLine]:
    """The lines as they stand."""
    return {line.line: line for line in replay(review.lines, review.events).in_order()}


def test_what_is_appended_is_read_again(folder: Path) -> None:
    made = add(folder, {"kind": "edit_translation", "line": "s0001", "language": "es", "text": "Hola a todos."})
    made = add(folder, {"kind": "comment", "text": "Check the greeting", "line": "s0001", "at_ms": 300}, who="Bo")
    assert read_review(review_path(folder)) == made == open_review(folder)
    assert [(e.number, e.who, e.kind) for e in made.events] == [(1, "Ana", "edit_translation"), (2, "Bo", "comment")]
    assert all(e.at.endswith("Z") for e in made.events)


def test_two_windows_do_not_overwrite_each_other(folder: Path) -> None:
    draft = read_draft({"kind": "comment", "text": "first"})
    append(folder, [draft], expected=0, who="Ana")
    before = review_path(folder).read_bytes()
    with pytest.raises(ReviewChanged, match="Ana added 1 decisions meanwhile"):
        append(folder, [draft], expected=0, who="Bo")
    assert review_path(folder).read_bytes() == before


def test_a_batch_is_added_whole_or_not_at_all(folder: Path) -> None:
    with pytest.raises(UsageError, match="there is no line s0009"):
        add(folder, {"kind": "keep_original", "line": "s0001"}, {"kind": "keep_original", "line": "s0009"})
    assert not review_path(folder).exists()


SEEN: dict[str, Any] = {"start_ms": 0, "end_ms": 1000, "lines": ["Buenos días", "a todos."]}


def cue_edit(*after: dict[str, Any], before: dict[str, Any] = SEEN) -> dict[str, Any]:
    return {"kind": "edit_cue", "language": "es", "profile": "netflix", "before": [before], "after": list(after)}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "edit_source", "line": "s0001"}, "text is missing"),
    ({"kind": "edit_source", "line": "../x", "text": "a"}, "is not one"),
    ({"kind": "edit_source", "line": "s0001", "text": "a\x00b"}, "no text"),
    ({"kind": "edit_source", "line": "s0001", "text": "a\ud800"}, "no text"),
    ({"kind": "edit_source", "line": "s0001", "text": "x" * 6000}, "at most"),
    ({"kind": "edit_source", "line": "s0001", "text": "a", "voice": "v"}, "does not belong"),
    ({"kind": "edit_translation", "line": "s0001", "language": "../es", "text": "a"}, "is not one"),
    ({"kind": "explode"}, "is none of"),
    ({"kind": "comment", "text": "a", "who": "Eve"}, "given by localize"),
    ({"kind": "move", "line": "s0001", "by_ms": 1.5}, "expected int"),
    ({"kind": "move", "line": "s0001", "by_ms": 10**12}, "no time of a film"),
    ({"kind": "move", "line": "s0001", "by_ms": -10}, "is no time"),
    ({"kind": "trim", "line": "s0001"}, "give start_ms or end_ms"),
    ({"kind": "trim", "line": "s0002", "end_ms": 1000}, "is no time"),
    ({"kind": "retime", "line": "s0001", "start_ms": 5, "end_ms": 5}, "ends before"),
    ({"kind": "split", "line": "s0002", "at_ms": 100, "word": 2}, "cannot be split at"),
    ({"kind": "split", "line": "s0002", "at_ms": 1500, "word": 6}, "cannot be split before"),
    ({"kind": "merge", "line": "s0001", "other": "s0002"}, "not merged"),
    ({"kind": "merge", "line": "s0003", "other": "s0002"}, "not merged"),
    ({"kind": "choose_candidate", "line": "s0001", "language": "es", "candidate": 7}, "has 2 wordings"),
    ({"kind": "qc", "severity": "huge", "category": "sync"}, "is none of"),
    ({"kind": "undo", "undoes": 3}, "no event 3"),
    ({"kind": "edit_cue", "language": "es", "profile": "netflix", "before": [SEEN]}, "after is missing"),
    ({"kind": "edit_cue", "language": "es", "profile": "../n", "before": [SEEN], "after": [SEEN]}, "is not one"),
    (cue_edit(SEEN | {"end_ms": 0}), "no time"),
    (cue_edit(SEEN | {"lines": ["a\nb"]}), "no line of a subtitle"),
    (cue_edit(SEEN | {"lines": [" "]}), "write 1 to 4"),
    (cue_edit(SEEN | {"lines": ["a"] * 5}), "write 1 to 4"),
    (cue_edit(SEEN, SEEN), "at the same time"),
    ({"kind": "add_term", "language": "es", "term": "a\tb", "text": "c"}, "is no term"),
    ({"kind": "add_term", "language": "es", "term": "a", "text": " "}, "text is empty"),
    ([], "expected an object"),  # type: ignore[list-item]
    ({"kind": "comment", "text": "a", "extra": 1}, "unknown key"),
]


@pytest.mark.parametrize(("draft", "message"), REFUSED)
def test_what_is_no_decision_is_refused(folder: Path, draft: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        add(folder, draft)
    assert not review_path(folder).exists()


def test_corrections_are_derived(folder: Path) -> None:
    review = add(
        folder,
        {"kind": "edit_source", "line": "s0001", "text": "Good evening, everybody."},
        {"kind": "choose_candidate", "line": "s0002", "language": "es", "candidate": 1},
        {"kind": "change_voice", "line": "s0002", "voice": "em_alex", "language": "es"},
        {"kind": "move", "line": "s0003", "by_ms": 50},
        {"kind": "trim", "line": "s0003", "end_ms": 3500},
        {"kind": "keep_original", "line": "s0004"},
    )
    assert derive_edits(review) == Edits(
        (
            Edit("s0001", source="Good evening, everybody.", heard="Good morning, everybody."),
            Edit(
                "s0002", translation={"es": "¿DÓNDE PUSISTE LAS LLAVES?"}, heard="Where did you put the keys?",
                voices={"es": "em_alex"},
            ),
            Edit("s0003", start_ms=2750, end_ms=3500, heard="I need them now."),
            Edit("s0004", voice="original", heard="On the table."),
        )
    )  # fmt: skip


def test_split_and_merge(folder: Path) -> None:
    review = add(folder, {"kind": "split", "line": "s0002", "at_ms": 1900, "word": 3, "parted": {"es": 2}})
    assert review.events[0].other == "s0002-2"
    found = lines_of(review)
    assert (found["s0002"].source, found["s0002"].text("es")) == ("Where did you", "¿Dónde pusiste")
    assert (found["s0002-2"].start_ms, found["s0002-2"].text("es")) == (1900, "las llaves?")
    review = add(folder, {"kind": "merge", "line": "s0002-2", "other": "s0003"})
    joined = lines_of(review)["s0002-2"]
    assert (joined.source, joined.end_ms) == ("put the keys? I need them now.", 3600)
    assert joined.text("es") == "las llaves? Las necesito ahora."
    assert derive_edits(review).lines == (
        LineChange("split", "s0002", "s0002-2", 1900, 3, heard="Where did you put the keys?"),
        LineChange("merge", "s0002-2", "s0003", heard="put the keys?"),
    )
    assert measure(review).languages[0].kept_words == measure(review).languages[0].machine_words


def test_a_person_s_words_are_not_lost_by_a_split(folder: Path) -> None:
    add(folder, {"kind": "edit_translation", "line": "s0002", "language": "es", "text": "¿Y las llaves?"})
    with pytest.raises(UsageError, match="say where that text is split"):
        add(folder, {"kind": "split", "line": "s0002", "at_ms": 1900, "word": 3})


def test_undo_and_redo(folder: Path) -> None:
    add(folder, {"kind": "edit_source", "line": "s0001", "text": "Evening."})
    assert not derive_edits(add(folder, {"kind": "undo", "undoes": 1})).edits
    with pytest.raises(UsageError, match="no event 1 to take back"):
        add(folder, {"kind": "undo", "undoes": 1})
    assert derive_edits(add(folder, {"kind": "undo", "undoes": 2})).edits[0].source == "Evening."


def test_what_others_build_on_is_not_taken_back_alone(folder: Path) -> None:
    add(folder, {"kind": "split", "line": "s0002", "at_ms": 1900, "word": 3})
    add(folder, {"kind": "edit_source", "line": "s0002-2", "text": "put them?"})
    with pytest.raises(UsageError, match=r"event 1 cannot be taken back while others build on it: event 2"):
        add(folder, {"kind": "undo", "undoes": 1})
    add(folder, {"kind": "undo", "undoes": 2})
    assert list(lines_of(add(folder, {"kind": "undo", "undoes": 1}))) == ["s0001", "s0002", "s0003", "s0004"]


APPROVE = {"kind": "approve", "line": "s0002", "language": "es"}
ENDED: list[tuple[dict[str, Any], bool]] = [
    ({"kind": "edit_translation", "line": "s0002", "language": "es", "text": "Hola"}, False),
    ({"kind": "edit_source", "line": "s0002", "text": "Hello"}, False),
    ({"kind": "move", "line": "s0002", "by_ms": 1}, False),
    ({"kind": "merge", "line": "s0002", "other": "s0003"}, False),
    ({"kind": "reject", "line": "s0002", "language": "es"}, False),
    ({"kind": "undo", "undoes": 1}, False),
    ({"kind": "edit_translation", "line": "s0002", "language": "pt", "text": "Olá"}, True),
    ({"kind": "edit_translation", "line": "s0001", "language": "es", "text": "Hola"}, True),
    ({"kind": "comment", "line": "s0002", "text": "fine"}, True),
]


@pytest.mark.parametrize(("then", "holds"), ENDED)
def test_an_approval_ends_when_the_line_changes(folder: Path, then: dict[str, Any], holds: bool) -> None:
    add(folder, {"kind": "edit_translation", "line": "s0002", "language": "es", "text": "¿Las llaves?"})
    approved = lines_of(add(folder, APPROVE, who="Ed"))["s0002"].approved["es"]
    assert (approved.who, approved.text) == ("Ed", "¿Las llaves?")
    assert ("es" in lines_of(add(folder, then))["s0002"].approved) is holds


def test_figures(folder: Path) -> None:
    add(
        folder,
        {"kind": "edit_translation", "line": "s0004", "language": "es", "text": "En mi mesa."},
        {"kind": "edit_translation", "line": "s0004", "language": "es", "text": "Sobre la mesa."},
        {"kind": "qc", "severity": "blocker", "category": "sync", "at_ms": 4100, "line": "s0004"},
        {"kind": "qc", "severity": "FYI", "category": "mix"},
        {"kind": "undo", "undoes": 4},
        APPROVE,
    )
    report = write_report(folder, open_review(folder))
    (es,) = report.languages
    assert (es.lines, es.touched, es.machine_words, es.kept_words, es.approved) == (4, 1, 14, 13, 1)
    assert es.edit_rate == round(1 / 14, 4)
    assert (es.remade, es.remade_again, report.undone) == (2, 1, 1)
    assert [(m.category, m.severity, m.marks) for m in report.marks] == [("sync", "blocker", 1)]
    assert json.loads((folder / "review.report.json").read_text())["languages"][0]["touched"] == 1
    assert ",marks,sync,blocker,1" in (folder / "review.report.csv").read_text()


DAMAGE: list[tuple[str, Any, str]] = [
    ("schema", 2, "upgrade localize"),
    ("schema", None, "schema"),
    ("events", {}, "events must be a list"),
    ("events", [{"kind": "comment", "text": "a"}], "event 1"),
    ("lines", [], "event 1"),
    ("title", 5, "title"),
    ("more", 1, "unknown key"),
]


@pytest.mark.parametrize(("key", "value", "message"), DAMAGE)
def test_a_damaged_review_is_refused(folder: Path, key: str, value: Any, message: str) -> None:
    add(folder, {"kind": "keep_original", "line": "s0001"})
    data = json.loads(review_path(folder).read_text())
    write_json(review_path(folder), {**data, key: value})
    with pytest.raises(LocalizeError, match=message):
        read_review(review_path(folder))


def test_a_language_that_was_dubbed_later_is_known(folder: Path) -> None:
    add(folder, {"kind": "comment", "text": "a"})
    data = json.loads((folder / "film.master.json").read_text())
    for entry in data["segments"]:
        entry["translations"]["pt"] = entry["translations"]["es"]
    write_json(folder / "film.master.json", data)
    assert open_review(folder).languages == ("es", "pt")


def test_changes_of_cues_and_terms_are_derived(folder: Path) -> None:
    second = SEEN | {"lines": ["Buenos días a todos."]}
    third = SEEN | {"lines": ["Buenas."]}
    add(folder, cue_edit(second), cue_edit(third, before=second))
    review = add(folder, {"kind": "add_term", "language": "es", "term": "keys", "text": "llaves"})
    assert [(e.number, e.who, e.after[0].lines) for e in derive_cue_edits(review)] == [
        (1, "Ana", ("Buenos días a todos.",)), (2, "Ana", ("Buenas.",)),
    ]  # fmt: skip
    assert [(t.source, t.target, t.language) for t in derive_terms(review)] == [("keys", "llaves", "es")]
    assert read_review(review_path(folder)) == review
    with pytest.raises(UsageError, match="event 1 cannot be taken back while others build on it: event 2"):
        add(folder, {"kind": "undo", "undoes": 1})
    review = add(folder, {"kind": "undo", "undoes": 2}, {"kind": "undo", "undoes": 1}, {"kind": "undo", "undoes": 3})
    assert (derive_cue_edits(review), derive_terms(review)) == ((), ())
