"""Two films of one name into one folder, and one film exported anew: what was corrected holds for the film it is of."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import Job
from localize.data import Edit, Edits, LineChange, Segment, Span, Transcript
from localize.errors import UsageError
from localize.events import Event, Run, Warned
from localize.pipeline import dub, open_run
from localize.review import Event as Decision
from localize.review import append, open_review
from localize.source.earlier_film import by_place, compare_films
from localize.subtitling import subtitle
from localize.transcription.edits import read_edits
from localize.transcription.recalled_edits import recall_edits, with_review
from tests.fake_package import ENGINES

PATH = Path("out/film.edits.json")


def transcript(*texts: str, late_ms: int = 0, language: str = "en") -> Transcript:
    spans = (Span(n * 1000 + late_ms, n * 1000 + 900 + late_ms) for n in range(1, len(texts) + 1))
    return Transcript(
        language, tuple(Segment(f"s{n:04}", span, "S1", text) for n, (span, text) in enumerate(zip(spans, texts), 1))
    )


FILM = ("Good evening, Mr Holm.", "Yes.", "Where did you put the keys?", "On the table, I think.", "Thank you.")
HEARD_ANEW = ("Good evening, Mister Holm. Yes.", "Where did you put the keys?", "On the table I think", "Thank you.")
EPISODE = ("Nobody saw him leave.", "Yes.", "The harbour was closed all night.", "Thank you.", "Good night, then.")


@pytest.mark.parametrize(
    ("known", "earlier", "now", "expected"),
    [
        ("one", FILM, FILM, "same"),
        ("one", FILM, EPISODE, "same"),  # the bytes say so: another recogniser hears other words
        ("two", FILM, FILM, "changed"),
        ("two", FILM, HEARD_ANEW, "changed"),
        ("two", FILM, (*EPISODE, *FILM, *EPISODE), "changed"),  # a longer version
        ("two", FILM, FILM[2:4], "changed"),  # an excerpt
        ("two", FILM, tuple(line.upper().rstrip(".?") for line in FILM), "changed"),
        ("two", FILM, EPISODE, "other"),
        ("two", FILM, (), "other"),
        ("two", (), FILM, "other"),
        ("two", (), (), "changed"),
        ("two", ("Yes.",), ("Yes.",), "changed"),
        ("two", ("Yes.",), ("No.",), "other"),
        ("two", None, FILM, "other"),
        ("", FILM, HEARD_ANEW, "same"),
        ("", FILM, EPISODE, "other"),
        ("", None, FILM, "same"),  # a folder that a person filled
    ],
)
def test_films_are_compared_by_their_bytes_then_by_their_words(
    known: str, earlier: Sequence[str] | None, now: Sequence[str], expected: str
) -> None:
    assert compare_films(known, "one", earlier, transcript(*now)) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [(("昨日 駅で 彼に会った", "鍵はどこ"), "changed"), (("明日は雨が降る", "傘を忘れた"), "other")],
)
def test_words_without_spaces_are_compared_by_characters(now: tuple[str, ...], expected: str) -> None:
    earlier = ("昨日駅で彼に会った。", "鍵はどこ?")
    assert compare_films("two", "one", earlier, transcript(*now, language="ja")) == expected


@pytest.mark.parametrize(
    ("kept", "late_ms", "found", "lost"),
    [
        (Edit("s0003", source="Where?", heard=FILM[2]), 9000, Edit("s0003", source="Where?", heard=FILM[2]), ()),
        (Edit("s0003", start_ms=2900, heard=FILM[2]), 40, Edit("s0003", start_ms=2900, heard=FILM[2]), ()),
        (Edit("s0003", start_ms=2900, end_ms=3500, heard=FILM[2]), 9000, None, ("s0003 (its times)",)),
        (
            Edit("s0003", source="Where?", end_ms=3500, heard=FILM[2]), 9000,
            Edit("s0003", source="Where?", heard=FILM[2]), ("s0003 (its times)",),
        ),
        (Edit("s0003", end_ms=9000, heard="Another line."), 0, None, ("s0003",)),
    ],
)  # fmt: skip
def test_in_a_film_that_was_cut_anew_times_hold_where_the_line_lies(
    run: Run, kept: Edit, late_ms: int, found: Edit | None, lost: tuple[str, ...]
) -> None:
    now = recall_edits(run, transcript(*FILM, late_ms=late_ms), Edits(), Edits((kept,)), PATH, changed=True)
    assert (now.edits.edits, now.lost) == ((found,) if found else (), lost)
    assert [name in run.warnings[-1].message for name in lost] == [True] * len(lost)
    reviewed = with_review(run, transcript(*FILM, late_ms=late_ms), Edits(), Edits((kept,)), PATH, changed=True)
    assert reviewed == now


@pytest.mark.parametrize(("late_ms", "lost"), [(0, ()), (5000, ("s0003",))])
def test_so_does_a_split(run: Run, late_ms: int, lost: tuple[str, ...]) -> None:
    split = LineChange("split", "s0003", "s0003-2", at_ms=3400, word=2, heard=FILM[2])
    now = recall_edits(run, transcript(*FILM, late_ms=late_ms), Edits(), Edits((), (split,)), PATH, changed=True)
    assert (now.edits.lines, now.lost) == (() if lost else (split,), lost)


def test_corrections_given_now_that_say_what_was_heard_are_put_to_that_line(run: Run) -> None:
    given = Edits(
        (
            Edit("s0003", source="A.", heard=FILM[2]),
            Edit("s0001", source="B.", heard="Thank you."),
            Edit("s0004", source="C.", heard="Nobody saw him."),
            Edit("s0002", source="D."),
        )
    )
    now = recall_edits(run, transcript(*FILM), given, Edits(), PATH)
    assert {e.segment: e.source for e in now.edits.edits} == {"s0003": "A.", "s0005": "B.", "s0002": "D."}
    assert now.lost == ("s0004",)
    assert [w.code for w in run.warnings] == ["edits_lost"]
    assert "s0004" in run.warnings[0].message


TWICE = {"s0001": "Yes.", "s0002": "Good evening.", "s0003": "Yes.", "s0004": "No."}


@pytest.mark.parametrize(
    ("now", "found", "unsure"),
    [
        (("Hello.", "Yes.", "Good evening.", "yes.", "No."), {"of yes": "s0004", "of no": "s0004"}, []),
        (("Yes.", "Yes.", "Good evening.", "Yes.", "No."), {"of no": "s0004"}, ["s0003"]),  # which of the three?
        (("Good evening.", "Yes.", "No."), {"of no": "s0004"}, ["s0003"]),
        (("Yes.", "No.", "No.", "Yes."), {"of yes": "s0004"}, ["s0004"]),
        (("Hello.", "Good evening."), {"of no": "s0004"}, ["s0003"]),  # "No." is found, or lost, by what it says
    ],
)
def test_of_lines_that_say_the_same_the_place_among_them_tells(
    now: Sequence[str], found: dict[str, str], unsure: list[str]
) -> None:
    edits = Edits((Edit("s0003", source="of yes", heard="Yes."), Edit("s0004", source="of no", heard="No.")))
    placed, left = by_place(edits, TWICE, transcript(*now))
    assert ({e.source: e.segment for e in placed.edits}, left) == (found, unsure)


# --- whole runs ------------------------------------------------------------------------------------------------------

TWO = {"a": ("Where did you put the keys?", "On the table."), "b": ("Nobody saw him leave.", "The harbour was closed.")}
Make = Callable[..., list[Warned]]


def film(path: Path, hertz: float, tone: Any) -> Path:
    """Four seconds with two tones; other bytes for another pitch."""
    path.parent.mkdir(exist_ok=True)
    track = np.zeros(4 * 16_000, np.float32)
    for start in (16_000, 40_000):
        burst = tone(1.0, hertz, 0.2, 16_000)
        track[start : start + len(burst)] = burst
    soundfile.write(path, track, 16_000)
    return path


def words(path: Path, texts: Sequence[str]) -> Path:
    times = ("00:00:01,000 --> 00:00:02,000", "00:00:02,500 --> 00:00:03,500")
    path.write_text("\n".join(f"{n}\n{at}\n{text}\n" for n, (at, text) in enumerate(zip(times, texts), 1)))
    return path


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fakes: None, tone: Any) -> Make:
    """Dub or subtitle the film of folder a or b into `out`; what was warned of."""
    monkeypatch.setenv("LOCALIZE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("LOCALIZE_HOME", str(tmp_path / "home"))
    jobs = {}
    for number, (name, texts) in enumerate(TWO.items()):
        path = film(tmp_path / name / "film.wav", 180 + 40 * number, tone)
        given = words(path.with_name("film.en.srt"), texts)
        jobs[name] = Job(
            path, ("es",), tmp_path / "out", "en", transcript=given, engines=ENGINES, speakers=1,
            deliver=("srt", "report"), draft=True, bed="duck",
        )  # fmt: skip

    def made(name: str, way: Callable[[Job, Run], object] = dub, **changed: Any) -> list[Warned]:
        heard: list[Warned] = []

        def hear(event: Event) -> None:
            if isinstance(event, Warned):
                heard.append(event)

        way(replace(jobs[name], **changed), open_run(hear))
        return heard

    return made


def spoken(out: Path) -> list[str]:
    lines = json.loads((out / "film.es.timeline.json").read_text())["clips"]
    return [line["text"] for line in lines]


@pytest.fixture
def corrected(make: Make, tmp_path: Path) -> Path:
    """The folder of a dub whose two lines were corrected, one by `--edits` and one in a review with a term."""
    edits = tmp_path / "mine.json"
    edits.write_text('{"schema": 1, "edits": [{"segment": "s0001", "translation": {"es": "uno"}}]}')
    make("a", edits=edits)
    out = tmp_path / "out"
    decided = (
        Decision("edit_translation", line="s0002", language="es", text="dos"),
        Decision("add_term", language="es", term="harbour", text="muelle"),
    )
    append(out, decided, expected=open_review(out).version, who="Ana")
    make("a")
    assert spoken(out) == ["uno", "dos"]
    return out


@pytest.mark.slow
def test_corrections_of_another_film_are_set_aside_and_told(make: Make, corrected: Path) -> None:
    before = {name: (corrected / name).read_bytes() for name in ("film.edits.json", "review.json")}
    warned = make("b")
    assert [text.split()[:2] for text in spoken(corrected)] == [["Nobodyo", "sawo"], ["Theo", "harbouro"]]
    (told,) = [w.message for w in warned if w.code == "other_film"]
    assert all(part in told for part in ("film.edits.json", "review.json", ".bak", "-o"))
    assert not {w.code for w in warned} & {"edits_kept", "edits_lost", "review_used", "review_lost", "film_changed"}
    for name, content in before.items():
        assert not (corrected / name).exists()
        assert (corrected / f"{name}.bak").read_bytes() == content
    again = {w.code for w in make("b")}
    assert not again & {"other_film", "edits_kept", "review_used"}


@pytest.mark.slow
def test_corrections_hold_in_the_same_film_of_other_bytes(
    make: Make, corrected: Path, tmp_path: Path, tone: Any
) -> None:
    exported = film(tmp_path / "new" / "film.wav", 185, tone)
    warned = make("a", input=exported)
    assert spoken(corrected) == ["uno", "dos"]
    (told,) = [w.message for w in warned if w.code == "film_changed"]
    assert "2 lines" in told
    assert "localize edits undo" in told
    assert "other_film" not in {w.code for w in warned}
    assert "film_changed" not in {w.code for w in make("a", input=exported)}
    assert not list(corrected.glob("*.bak"))


@pytest.mark.slow
def test_corrections_of_lines_that_are_gone_are_in_the_file_that_was_renamed(
    make: Make, corrected: Path, tmp_path: Path
) -> None:
    kept = (corrected / "film.edits.json").read_bytes()
    other = words(tmp_path / "a" / "other.en.srt", ("Where?", "On the table."))
    warned = make("a", transcript=other)
    assert [w.code for w in warned if w.code in ("edits_lost", "other_film")] == ["edits_lost"]
    assert (corrected / "film.edits.json.bak").read_bytes() == kept
    assert not (corrected / "film.edits.json").exists()


@pytest.mark.slow
def test_subtitles_tell_films_by_their_words_too(make: Make, tmp_path: Path) -> None:
    out, edits = tmp_path / "out", tmp_path / "mine.json"
    edits.write_text('{"schema": 1, "edits": [{"segment": "s0001", "translation": {"es": "uno"}}]}')
    make("a", subtitle, edits=edits)
    assert read_edits(out / "film.edits.json").edits[0].translation == {"es": "uno"}
    warned = make("b", subtitle)
    assert "other_film" in {w.code for w in warned}
    assert (out / "film.edits.json.bak").exists()
    assert not (out / "film.edits.json").exists()
    assert "uno" not in (out / "film.es.srt").read_text()


@pytest.mark.slow
def test_delivered_subtitles_of_another_film_are_refused_as_corrections(make: Make, tmp_path: Path) -> None:
    make("a")
    given = shutil.copy(tmp_path / "out" / "film.es.srt", tmp_path / "corrected.es.srt")
    with pytest.raises(UsageError, match="another film called film"):
        make("b", translation=given)
