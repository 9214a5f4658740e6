"""Variants of a dub: where they lie, how two are compared blind, and what comes of the choices."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest
import soundfile
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from made_dubs import make_dub

from localize.cli.root import cli
from localize.delivery.variants import find_variant, list_variants
from localize.errors import UsageError
from localize.job import Job, request_json
from localize.review import append, measure, open_review, read_draft, write_report
from localize.review.figures import report_table
from localize.review_room.command import dub_command
from localize.review_room.compare import choice, excerpt, open_pair, pair_json
from localize.review_room.film import find_origin

LINES = [("Where is it?", "¿Dónde está?"), ("It is here.", "Está aquí."), ("Good.", "Bien."), ("Go on.", "Sigue.")]
WARM = [("Where is it?", "¿Y dónde está?"), ("It is here.", "Está aquí."), ("Good.", "Muy bien."), ("Go!", "¡Anda!")]
MANY = [(f"Line {n}.", f"Frase {n}.") for n in range(64)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    main_dub = make_dub(tmp_path, LINES)
    assert make_dub(tmp_path, WARM, variant="warm", level=0.7) == main_dub / "variants" / "warm"
    return main_dub


def decide(folder: Path, who: str, line: str, side: str, *, blind: bool = False) -> None:
    pair = open_pair(folder, ("main", "warm"), "es", blind=blind, who=who)
    event = {k: v for k, v in choice(pair, line, side).json().items() if k != "number"}
    append(folder, [read_draft(event)], expected=open_review(folder).version, who=who)


def test_a_variant_has_a_folder_and_its_request_names_it(folder: Path) -> None:
    job = Job("film.mp4", to="es", output=folder, variant="warm")
    assert job.folder == folder / "variants" / "warm"
    assert request_json(job, "0" * 64)["variant"] == "warm"
    assert "variant" not in request_json(Job("film.mp4", to="es"), "0" * 64)
    assert list_variants(folder) == ("warm",)
    again = find_origin(job.folder, "film", None).job
    assert again is not None
    assert (again.output, again.variant, again.folder) == (folder, "warm", job.folder)
    words = " ".join(dub_command(again, folder / "review.json"))
    assert f"--variant warm -o {folder} " in words or (f"-o {folder} " in words and "--variant warm" in words)


@pytest.mark.parametrize("name", ["main", "equal", "../up", "a/b", "", ".x", "ñ", "x" * 33, "a b"])
def test_a_variant_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--variant"):
        Job("film.mp4", to="es", variant=name)


def test_a_variant_that_is_not_there_is_told_with_those_that_are(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"no variant cold \(warm\)"):
        find_variant(folder, "cold")


def test_lines_that_differ_are_offered_and_the_others_counted(folder: Path) -> None:
    pair = open_pair(folder, ("main", "warm"), "es", blind=False, who="Ana")
    found = pair_json(pair, open_review(folder))
    assert [(line["id"], [side["text"] for side in line["sides"]]) for line in found["lines"]] == [
        ("s0001", ["¿Dónde está?", "¿Y dónde está?"]), ("s0003", ["Bien.", "Muy bien."]),
    ]  # fmt: skip
    assert (found["alike"], found["apart"], found["names"]) == (1, 1, ["main", "warm"])


def test_blind_the_order_is_drawn_for_each_line_and_person_and_stays(tmp_path: Path) -> None:
    folder = make_dub(tmp_path, MANY)
    make_dub(tmp_path, [(source, f"{text} Sí.") for source, text in MANY], variant="warm", level=0.7)
    pairs = [open_pair(folder, names, "es", blind=True, who="Ana") for names in (("main", "warm"), ("warm", "main"))]
    orders = [[pair.offered(f"s{n + 1:04}") for n in range(64)] for pair in pairs]
    assert 16 <= Counter(orders[0])["main", "warm"] <= 48
    assert [open_pair(folder, ("main", "warm"), "es", blind=True, who="Ana").offered("s0001")] == orders[0][:1]
    bo = open_pair(folder, ("main", "warm"), "es", blind=True, who="Bo")
    assert [bo.offered(f"s{n + 1:04}") for n in range(64)] != orders[0]
    shown = json.dumps(pair_json(pairs[0], open_review(folder)))
    assert "warm" not in shown
    assert "main" not in shown


def test_what_is_heard_is_the_side_that_is_offered_and_both_are_as_long(folder: Path) -> None:
    for blind in (False, True):
        pair = open_pair(folder, ("main", "warm"), "es", blind=blind, who="Ana")
        heard = {side: soundfile.read(io.BytesIO(excerpt(pair, "s0001", side))) for side in "AB"}
        levels = {name: round(float(abs(heard[side][0]).max()), 1) for name, side in zip(pair.offered("s0001"), "AB")}
        assert levels == {"main": 0.4, "warm": 0.7}
        assert len(heard["A"][0]) == len(heard["B"][0])


def test_choices_are_kept_as_events_and_summarised_by_variant_and_speaker(folder: Path) -> None:
    decide(folder, "Ana", "s0001", "A")
    decide(folder, "Ana", "s0001", "B")  # the last choice of a person for a line counts
    decide(folder, "Ana", "s0003", "equal")
    pair = open_pair(folder, ("main", "warm"), "es", blind=True, who="Bo")
    decide(folder, "Bo", "s0003", "AB"[pair.offered("s0003").index("warm")], blind=True)
    (found,) = measure(open_review(folder)).comparisons
    assert (found.variants, found.lines, found.choices, found.blind) == (("main", "warm"), 2, 3, 1)
    assert found.wins == {"main": 0, "warm": 2, "equal": 1}
    assert found.speakers == {"S1": {"main": 0, "warm": 2, "equal": 1}}
    event = open_review(folder).events[0]
    assert event.said == {"main": "¿Dónde está?", "warm": "¿Y dónde está?"}
    rows = list(csv.reader(io.StringIO(report_table(measure(open_review(folder))))))
    assert ["es", "wins of warm", "main and warm", "", "2"] in rows
    undo = read_draft({"kind": "undo", "undoes": 4})
    append(folder, [undo], expected=4, who="Bo")
    assert measure(open_review(folder)).comparisons[0].wins == {"main": 0, "warm": 1, "equal": 1}


def test_choices_of_a_variant_that_was_deleted_count_no_longer_and_are_told(folder: Path) -> None:
    decide(folder, "Ana", "s0001", "A")
    decide(folder, "Bo", "s0003", "equal")
    assert len(write_report(folder, open_review(folder)).comparisons) == 1
    shutil.rmtree(folder / "variants" / "warm")
    report = write_report(folder, open_review(folder))
    assert (report.comparisons, report.choices_gone) == ((), 2)
    assert json.loads((folder / "review.report.json").read_text("utf-8"))["choices_gone"] == 2
    assert len(open_review(folder).events) == 2, "no decision is erased"


@pytest.mark.parametrize(
    "change",
    [
        {"between": ["main", "main"]}, {"between": ["main"]}, {"between": ["main", "../x"]}, {"prefers": "cold"},
        {"said": {"cold": "x"}}, {"said": {"main": "\x07"}}, {"line": "s9999"},
    ],
)  # fmt: skip
def test_a_choice_that_is_none_is_refused(folder: Path, change: dict[str, object]) -> None:
    event = {"kind": "prefer", "line": "s0001", "language": "es", "between": ["main", "warm"], "prefers": "warm"}
    with pytest.raises(UsageError):
        append(folder, [read_draft({**event, **change})], expected=0, who="Ana")
    assert not (folder / "review.json").exists()


def test_a_choice_about_words_that_are_others_by_now_is_told(folder: Path, tmp_path: Path) -> None:
    decide(folder, "Ana", "s0001", "B")
    master = folder / "variants" / "warm" / "film.es.report.json"
    master.write_text(master.read_text("utf-8").replace("¿Y dónde está?", "¿Dónde?"), "utf-8")
    pair = open_pair(folder, ("main", "warm"), "es", blind=False, who="Ana")
    assert pair_json(pair, open_review(folder))["lines"][0]["chosen"] == {"number": 1, "side": "B", "old": True}


def run(*words: object) -> str:
    return CliRunner().invoke(cli, [*map(str, words)], standalone_mode=False, catch_exceptions=False).output


def test_the_commands_know_variants(folder: Path) -> None:
    decide(folder, "Ana", "s0001", "B")
    assert "variants  es: main 0, warm 1, equal 0 (1 choices of 1 lines, 0 blind)" in run("review", folder, "--summary")
    assert json.loads(run("review", folder, "--summary", "--variant", "warm", "--json"))["version"] == 0
    assert "Muy bien." in run("explain", folder, "--variant", "warm", "--line", "s0003")
    with pytest.raises(UsageError, match="warm"):
        run("explain", folder, "--variant", "cold")
