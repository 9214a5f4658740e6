"""The trip of a request: what is wrong is refused before any work, in Python as on the command line, and what it names
is opened once.

`BAD` is a table: what is asked, both ways, and what is answered. A new refusal is a new row.

Over 400 lines: one desk with the files of all rows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest

import localize
from localize import Job, media, pipeline
from localize.cli import cli
from localize.errors import (
    EngineMissing,
    LocalizeError,
    MediaError,
    ModelMissing,
    NoGrant,
    UsageError,
)
from localize.events import Event, Started
from localize.media import ffmpeg
from localize.source.film_check import FilmCheck

TWO = "1\n00:00:00,200 --> 00:00:01,000\nGood evening.\n\n2\n00:00:01,100 --> 00:00:01,900\nYes.\n"
NAMED = "WEBVTT\n\n00:00.200 --> 00:01.000\n<v Ann>Good evening.\n\n00:01.100 --> 00:01.900\n<v Ben>Yes.\n"
UNIT = '<unit id="{}"><segment state="final"><source>{}</source><target>{}</target></segment></unit>'
UNITS = UNIT.format("s0001", "Good evening.", "Buenas.") + UNIT.format("s0002", "Yes.", "Sí.")
RETURNED = f'<xliff version="2.0" srcLang="en" trgLang="es"><file id="f">{UNITS}</file></xliff>'
FILES = {
    "film.en.srt": TWO,
    "named.en.vtt": NAMED,
    "und.srt": TWO,
    "no.srt": "",
    "one.es.srt": "1\n00:09:00,200 --> 00:09:01,000\nBuenas noches.\n",
    "later.srt": TWO,
    "no.json": "{",
    "list.json": "[]",
    "later.json": '{"schema": 9, "version": "7.0.0", "edits": []}',
    "unknown.json": '{"schema": 1, "edits": [{"segment": "s0001", "colour": "red"}]}',
    "twice.json": '{"schema": 1, "edits": [{"segment": "s0001"}, {"segment": "s0001"}]}',
    "backwards.json": '{"schema": 1, "edits": [{"segment": "s0001", "start_ms": 9, "end_ms": 3}]}',
    "nobody.json": '{"schema": 1, "edits": [{"segment": "s0999", "source": "Hello."}]}',
    "later.master.json": '{"schema": 9, "version": "7.0.0", "segments": []}',
    "words.master.json": '{"schema": 1, "segments": 3}',
    "terms.tsv": "one\n",
    "no.xlsx": "no workbook",
    "laughs.tbx": '<!DOCTYPE martif [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><martif>&b;</martif>',
    "laughs.tmx": '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]><tmx>&a;</tmx>',
    "old.xlf": '<xliff version="1.2"/>',
    "style.toml": "bleep = true\n",
    "registers.tsv": "@S1>S2\tcordially\n",
    "cast.toml": "schema = 1\nrun = 'rm'\n",
    "later.toml": "schema = 9\n",
    "directions.txt": "(thunder)\n",
    "two.csv": "Who,French,German\nANNA,Bonjour.,Guten Tag.\n",
    "old.docx": "no document",
    "laughs.fdx": '<!DOCTYPE x [<!ENTITY a "ha">]><FinalDraft/>',
    "lines.es.txt": "Buenas noches.\nSí.\n\nAl fin.\n\nOtra.\n\nY otra.\n",
    "notes.mp4": "these are notes\n",
    "taken": "",
}


@dataclass(frozen=True)
class Bad:
    """One bad request.

    Args:
        name: of the row.
        input: what is asked about.
        job: the other fields of the request.
        flags: the same for the command line.
        kind: class of the error.
        says: part of its line.
        verb: "dub", "subs" or "dry".
    """

    name: str
    input: str
    job: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    kind: type[LocalizeError] = UsageError
    says: str = ""
    verb: str = "dub"


ES = {"to": ("es",), "source_language": "en"}
FROM = ("--to", "es", "--from", "en")


def film(name: str, kind: type[LocalizeError], says: str, flags: str = "", verb: str = "dub", **job: Any) -> Bad:
    """A dub of the film from English to Spanish with something wrong."""
    return Bad(name, "film.mp4", {**ES, **job}, (*FROM, *flags.split()), kind, says, verb)


BAD = [
    # the input
    Bad("no file", "absent.mp4", ES, FROM, MediaError, "does not exist"),
    Bad("a folder", ".", ES, FROM, MediaError, "is a folder"),
    Bad("no media", "notes.mp4", ES, FROM, MediaError, "not a media file"),
    Bad("no sound", "mute.mp4", ES, FROM, MediaError, "no audio stream"),
    Bad("words to dub", "film.en.srt", ES, FROM, UsageError, "holds words and no sound"),
    Bad("an empty subtitle file", "no.srt", {}, (), MediaError, "empty", "subs"),
    Bad("a master that is none", "words.master.json", {}, (), MediaError, "list of segments", "subs"),
    Bad("a later master", "later.master.json", {}, (), UsageError, "written by localize 7.0.0", "subs"),
    Bad("words of no known language", "und.srt", {"to": ("es",)}, ("--to", "es"), UsageError, "give --from", "subs"),
    # languages
    Bad("no target", "film.mp4", {}, (), UsageError, "such as --to es"),
    Bad("no language", "film.mp4", {"to": ("xx-no-tag",)}, ("--to", "xx-no-tag"), UsageError, "xx-no-tag"),
    Bad("a language twice", "film.mp4", {"to": ("es", "spa")}, ("--to", "es,spa"), UsageError, "names es twice"),
    Bad("the source again", "film.mp4", {"to": ("en",), "source_language": "en"}, ("--to", "en", "--from", "en"),
        UsageError, "name another --to"),
    Bad("a pair nobody offers", "film.mp4", {"to": ("ja",), "source_language": "en"}, ("--to", "ja", "--from", "en"),
        UsageError, "en->es"),
    Bad("given words of the target", "film.mp4", {"to": ("es",), "transcript": "film.es.srt"},
        ("--to", "es", "--transcript", "film.es.srt"), UsageError, "from es to es"),
    # values
    film("timing", UsageError, "--timing takes", "--timing strickt", timing="strickt"),
    film("expression", UsageError, "from 0 to 1, not 1.5", "--expression 1.5", expression=1.5),
    film("bed", UsageError, "--bed takes", "--bed feather", bed="feather"),
    film("stems", UsageError, "--stems takes", "--stems drums", stems=("drums",)),
    film("purpose", UsageError, "--purpose takes", "--purpose radio", purpose="radio"),
    film("device", UsageError, "--device takes", "--device tpu", device="tpu"),
    film("notice", UsageError, "--notice sky", "--notice sky", notice=("sky",)),
    film("loudness", UsageError, "loud", "--loudness loud", loudness="loud"),
    film("profile", UsageError, "nobody", "--profile nobody", profile="nobody"),
    film("profile twice", UsageError, "twice", "--profile netflix --profile netflix", renderings=("netflix",)),
    film("format", UsageError, "docx", "--format docx", formats=("docx",)),
    film("speakers", UsageError, "from 1 to", "--speakers 0", speakers=0),
    film("too many speakers", UsageError, "from 1 to", "--speakers 51", speakers=51),
    film("a role", UsageError, "the roles are", "--engine cook=kokoro", engines={"cook": "kokoro"}),
    film("an engine", UsageError, "nobody", "--engine recogniser=nobody", engines={"recogniser": "nobody"}),
    film("a model", ModelMissing, "large-v9", "--engine recogniser=faster_whisper:large-v9",
         engines={"recogniser": "faster_whisper:large-v9"}),
    # the sound and the picture of the film
    film("a stream that is not there", MediaError, "7", "--stream 7", stream=7),
    film("an ordinal that is not there", MediaError, "a:5", "--stream a:5", stream="a:5"),
    film("a stream of no kind", UsageError, "--stream", "--stream first!", stream="first!"),
    Bad("burn without a picture", "talk.wav", {**ES, "burn": True}, (*FROM, "--burn"), UsageError, "--burn draws"),
    Bad("burn into words", "film.en.srt", {"burn": True}, ("--burn",), UsageError, "--burn draws", "subs"),
    Bad("subtitles burnt without a picture", "talk.wav", {"burn": True, "source_language": "en"},
        ("--burn", "--from", "en"), UsageError, "--burn draws", "subs"),
    film("M&E that is not there", MediaError, "does not exist", "--me absent.wav", me="absent.wav"),
    film("M&E of another length", MediaError, "give the M&E of this cut", "--me long.wav", me="long.wav"),
    film("M&E of other channels", MediaError, "2 channels", "--me stereo.wav", me="stereo.wav"),
    film("M&E without sound", MediaError, "no audio stream", "--me mute.mp4", me="mute.mp4"),
    # files that a request names
    film("edits that are not there", UsageError, "absent.json", "--edits absent.json", edits="absent.json"),
    film("edits that are no JSON", UsageError, "no.json", "--edits no.json", edits="no.json"),
    film("edits of another shape", UsageError, "is no edits file", "--edits list.json", edits="list.json"),
    film("edits of a later version", UsageError, "upgrade localize", "--edits later.json", edits="later.json"),
    film("edits with an unknown key", UsageError, "colour", "--edits unknown.json", edits="unknown.json"),
    film("one segment edited twice", UsageError, "edited twice", "--edits twice.json", edits="twice.json"),
    film("edits that leave no time", UsageError, "no time", "--edits backwards.json", edits="backwards.json"),
    film("edits of a line not given", UsageError, "s0999", "--edits nobody.json --transcript film.en.srt",
         edits="nobody.json", transcript="film.en.srt"),
    film("a transcript that is not there", MediaError, "does not exist", "--transcript no.vtt", transcript="no.vtt"),
    film("a transcript without words", MediaError, "empty", "--transcript no.srt", transcript="no.srt"),
    film("a translation without words", MediaError, "empty", "--translation no.srt", translation="no.srt"),
    Bad("one translation for two", "film.mp4", {"to": ("es", "pt"), "translation": "film.en.srt"},
        ("--to", "es,pt", "--translation", "film.en.srt"), UsageError, "holds one language"),
    film("a glossary of one column", UsageError, "terms.tsv", "--glossary terms.tsv", glossary="terms.tsv"),
    film("a workbook that is none", UsageError, "no zip file", "--glossary no.xlsx", glossary="no.xlsx"),
    film("a glossary with entities", UsageError, "refused", "--glossary laughs.tbx", glossary="laughs.tbx"),
    film("a memory with entities", UsageError, "refused", "--memory laughs.tmx", memory=("laughs.tmx",)),
    film("a memory of another kind", UsageError, "takes TMX", "--memory film.en.srt", memory=("film.en.srt",)),
    film("a memory that is not there", UsageError, "does not exist", "--memory no.tmx", memory=("no.tmx",)),
    film("a translator's file not begun", UsageError, "no finished translation", "--translation old.xlf",
         translation="old.xlf"),
    film("a style nobody can apply", UsageError, "bleep cannot be applied", "--style style.toml",
         style="style.toml"),
    film("a lexicon of one column", UsageError, "terms.tsv", "--pronunciation terms.tsv", pronunciation="terms.tsv"),
    film("a register nobody knows", UsageError, "cordially", "--glossary registers.tsv", glossary="registers.tsv"),
    film("a cast file that is none", UsageError, "nothing else", "--cast cast.toml", cast="cast.toml"),
    film("a cast of a later version", UsageError, "upgrade localize", "--cast later.toml", cast="later.toml"),
    film("a cast in a file", UsageError, "is a file", "--cast taken/cast.toml", cast="taken/cast.toml"),
    film("a file for a folder of clips", UsageError, "where a folder should go", "-o filed", output="filed"),
    film("results in a file", UsageError, "is a file", "-o taken", output="taken"),
    Bad("a later master in the folder of the results", "later.mp4", {**ES, "output": "."}, (*FROM, "-o", "."),
        UsageError, "upgrade localize, or name another folder"),
    Bad("a later master beside words", "later.srt", {"output": "."}, ("-o", "."), UsageError,
        "upgrade localize, or name another folder", "subs"),
    Bad("a dry run beside a later master", "later.mp4", {**ES, "output": "."}, (*FROM, "-o", ".", "--dry-run"),
        UsageError, "upgrade localize, or name another folder", "dry"),
    Bad("a folder where the master goes", "film.mp4", {**ES, "output": "full"}, (*FROM, "-o", "full"), UsageError,
        "a folder where a file should go"),
    Bad("a folder where the mix goes", "film.mp4", {**ES, "output": "heard"}, (*FROM, "-o", "heard"), UsageError,
        "a folder where a file should go"),
    film("a translation of other lines", UsageError, "0 of its 1 lines belong to 0 of the 2 of film.en.srt",
         "--transcript film.en.srt --translation one.es.srt", transcript="film.en.srt", translation="one.es.srt"),
    Bad("a translation of other lines than words", "film.en.srt", {**ES, "translation": "one.es.srt"},
        (*FROM, "--translation", "one.es.srt"), UsageError, "0 of its 1 lines belong to 0 of the 2", "subs"),
    # scripts
    Bad("a script for a film", "lines.es.txt", ES, FROM, UsageError, "give the film, and it as --transcript", "subs"),
    film("a script without dialogue", MediaError, "holds no dialogue", "--transcript directions.txt",
         transcript="directions.txt"),
    film("a list of other languages", UsageError, "two.csv: no column holds the words that are spoken in en",
         "--transcript two.csv", transcript="two.csv"),
    film("no Word document", MediaError, "no docx file", "--translation old.docx", translation="old.docx"),
    film("entities in a screenplay", MediaError, "laughs.fdx:1: a document type", "--transcript laughs.fdx",
         transcript="laughs.fdx"),
    # people
    film("a voice nobody knows", NoGrant, "nobody", "--voice S1=nobody", voices={"S1": "nobody"}),
    film("another voice nobody knows", NoGrant, "nobody", "--recast em_alex=nobody", recast={"em_alex": "nobody"}),
    film("a voice for nobody", UsageError, "no speaker is called 'Cid': there are S1 (Ann), S2 (Ben)",
         "--voice Cid=em_alex --transcript named.en.vtt", voices={"Cid": "em_alex"}, transcript="named.en.vtt"),
    film("a device that is not there", EngineMissing, "no GPU", "--device cuda", device="cuda"),
    # a dry run sees as much
    film("a dry run of a missing stream", MediaError, "7", "--stream 7 --dry-run", "dry", stream=7),
    film("a dry run of a wrong M&E", MediaError, "of this cut", "--me long.wav --dry-run", "dry", me="long.wav"),
]  # fmt: skip


@pytest.fixture(scope="session")
def media_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of picture and tone, and what does not fit it."""
    folder = tmp_path_factory.mktemp("requests")
    tone, picture = ["-f", "lavfi", "-i", "sine=d=2"], ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=10:duration=2"]
    h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"]
    for name, arguments in {
        "film.mp4": [*picture, *tone, *h264, "-c:a", "aac"],
        "mute.mp4": [*picture, *h264],
        "talk.wav": tone,
        "long.wav": ["-f", "lavfi", "-i", "sine=d=9"],
        "stereo.wav": [*tone, "-ac", "2"],
    }.items():
        subprocess.run([ffmpeg(), "-v", "error", *arguments, str(folder / name)], check=True, stdin=subprocess.DEVNULL)
    return folder


@pytest.fixture
def desk(tmp_path: Path, media_files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all the files of the table, somebody's home and store nowhere yet."""
    folder = tmp_path / "desk"
    folder.mkdir()
    for path in media_files.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "later.mp4").symlink_to(media_files / "film.mp4")
    for name, text in {**FILES, "film.es.srt": TWO}.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("full/film.master.json", "heard/film.es.wav"):
        (folder / name).mkdir(parents=True)
    (folder / "filed").mkdir()
    (folder / "filed" / "film.es.clips").write_text("a note")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LOCALIZE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOCALIZE_STORE", str(tmp_path / "store"))
    return folder


def by_python(bad: Bad) -> tuple[LocalizeError, list[str]]:
    """The error that Python raises, and the stages that were begun."""
    begun: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Started):
            begun.append(event.stage)

    verbs = {"dub": localize.dub, "subs": localize.subtitle, "dry": localize.dry_run}
    run = localize.open_run(listen)
    with pytest.raises(LocalizeError) as caught:
        verbs[bad.verb](Job(bad.input, **bad.job), run)  # type: ignore[arg-type]
    return caught.value, begun


def by_command(bad: Bad) -> LocalizeError:
    """The error that the command makes its one line and its exit code of."""
    verb = "subs" if bad.verb == "subs" else "dub"
    with pytest.raises(LocalizeError) as caught:
        cli.main(args=[verb, bad.input, "-q", *bad.flags], prog_name="localize", standalone_mode=False)
    return caught.value


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localize.runtime.device.gpus", lambda: 0)


@pytest.mark.costly
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_request_is_refused_before_any_work_both_ways(bad: Bad, desk: Path) -> None:
    before = left(desk)
    error, begun = by_python(bad)
    assert isinstance(error, bad.kind), repr(error)
    assert bad.says in error.message
    assert "\n" not in error.message
    assert begun == [], "a stage was begun"
    typed = by_command(bad)
    assert (type(typed), typed.exit_code, typed.message) == (type(error), error.exit_code, error.message)
    assert left(desk) == before, "something was written"
    assert not (desk.parent / "store").exists(), "something was made"
    home = {path.name for path in (desk.parent / "home").rglob("*") if path.is_file()}
    asked = isinstance(error, NoGrant) or any("=em_alex" in flag for flag in bad.flags)
    assert asked or not home, "a home was made although nobody's voice was asked for"


PAIRED = {
    "fewer cues": ("film.en.srt", "fewer.es.srt", ["fewer.es.srt: 1 of 2 lines of film.en.srt have no translation"]),
    "a cue too many": ("film.en.srt", "more.es.srt", ["more.es.srt: 1 of 3 lines have no place in film.en.srt"]),
    "one cue for two": ("film.en.srt", "both.es.srt", ["both.es.srt has other lines than film.en.srt, 1 for 2"]),
    "plain text": ("film.en.srt", "two.es.txt", []),
    "a screenplay": ("film.fountain", "two.es.txt", ["film.fountain: no dialogue, so never spoken: 1 scene headings"]),
}


@pytest.mark.costly
@pytest.mark.parametrize("name", PAIRED)
def test_the_dry_run_tells_which_lines_have_no_partner(desk: Path, name: str) -> None:
    cue = "1\n00:00:00,200 --> 00:00:0{},000\nBuenas noches.{}\n"
    texts = {
        "fewer.es.srt": cue.format(1, ""),
        "both.es.srt": cue.format(2, " Sí."),
        "more.es.srt": f"{TWO}\n3\n00:00:09,000 --> 00:00:10,000\nFin.\n",
        "two.es.txt": "Buenas noches.\nSí.\n",
        "film.fountain": "INT. HOUSE - DAY\n\nANNA\nGood evening.\n\nBEN\nYes.\n",
    }
    for file, text in texts.items():
        (desk / file).write_text(text, encoding="utf-8")
    transcript, translation, says = PAIRED[name]
    plan = localize.dry_run(Job("film.mp4", **ES, transcript=transcript, translation=translation), localize.open_run())
    told = [w.message for w in plan.warnings if w.code != "film_not_muxed"]
    assert len(told) == len(says), told
    assert all(message.startswith(said) for message, said in zip(told, says))


@pytest.mark.costly
def test_what_was_found_of_a_film_before_counts_until_its_file_is_another(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trial mux is made once for several passes over a film, and each pass tells what it found."""
    muxed: list[Path] = []
    plan = media.plan_film

    def count(path: Path, *found: Any) -> media.FilmPlan | None:
        muxed.append(path)
        return plan(path, *found)

    def stop(*_: object) -> None:
        raise MediaError("far enough")

    monkeypatch.setattr(media, "plan_film", count)
    monkeypatch.setattr(pipeline, "ingest", stop)
    job, run = Job("film.mp4", **ES), localize.open_run()
    found = pipeline.check_request(job, run)
    assert isinstance(found, FilmCheck)
    told = [w.message for w in run.warnings]
    assert len(muxed) == 1
    for made in (1, 1, 2):
        again = localize.open_run()
        if made == 2:
            os.utime(desk / "film.mp4", ns=(1, 1))
        with pytest.raises(MediaError, match="far enough"):
            pipeline.learn_people(job, again, found)
        assert [w.message for w in again.warnings] == told
        assert len(muxed) == made


def test_the_table_is_long_and_its_rows_differ() -> None:
    assert len(BAD) >= 40
    assert len({bad.name for bad in BAD}) == len(BAD)


@pytest.mark.parametrize("flags", [("--speakers", "many"), ("--voice", "S1"), ("--nonsense",), ("--dry-run", "--me")])
def test_what_is_no_value_at_all_is_refused_by_the_command(desk: Path, flags: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError) as caught:
        cli.main(args=["dub", "film.mp4", *FROM, *flags], prog_name="localize", standalone_mode=False)
    assert caught.value.exit_code == 2


# --- each file is opened once ----------------------------------------------------------------------------------------

COUNT = """
import json, os, sys
opened = []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if os.path.dirname(path) == os.getcwd():
            opened.append(os.path.basename(path))
sys.addaudithook(hook)
from localize.cli import cli
code = cli.main(args=sys.argv[1:], prog_name="localize", standalone_mode=False)
print(json.dumps(opened))
sys.exit(code)
"""


def opens(*arguments: str) -> Counter[str]:
    """How often a command opens each file of the current folder, counted where the interpreter opens it."""
    done = subprocess.run(
        [sys.executable, "-c", COUNT, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    return Counter(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture
def asked_files(desk: Path) -> Path:
    """Files that are in order, and a configuration."""
    for name, text in {
        "edits.json": '{"schema": 1, "edits": [{"segment": "s0001", "source": "Good morning."}]}',
        "glossary.tsv": "Ann\tAna\n",
        "said.tsv": "Ann\t/an/\n",
        "series.toml": "schema = 1\n# nobody yet\n",
        "m.tmx": '<tmx version="1.4"><body/></tmx>',
        "sheet.toml": 'do_not_translate = ["Ann"]\n',
        "film.es.xlf": RETURNED,
        "localize.toml": 'format = ["srt"]\nglossary = "glossary.tsv"\npronunciation = "said.tsv"\n',
    }.items():
        (desk / name).write_text(text, encoding="utf-8")
    return desk


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "once"),
    [
        (("subs", "film.en.srt", "-q", "-o", "out", "--edits", "edits.json", "--cast", "series.toml"),
         {"film.en.srt", "edits.json", "series.toml"}),
        (("subs", "film.en.srt", "-q", "-o", "out", "--to", "es", "--translation", "film.es.srt"),
         {"film.en.srt", "film.es.srt"}),
        (("dub", "film.mp4", "--to", "es", "--transcript", "film.en.srt", "--edits", "edits.json", "--cast",
          "series.toml", "--dry-run"), {"film.en.srt", "edits.json", "series.toml"}),
        (("dub", "film.mp4", "--to", "es", "--from", "en", "--translation", "film.es.srt", "--dry-run"),
         {"film.es.srt"}),
        (("subs", "film.en.srt", "-q", "-o", "out", "--to", "es", "--translation", "film.es.xlf", "--memory", "m.tmx",
          "--style", "sheet.toml"), {"film.en.srt", "film.es.xlf", "m.tmx", "sheet.toml"}),
    ],
    ids=["edits and cast", "a translation", "a transcript of a film", "a translation of a film", "a translator's file"],
)  # fmt: skip
def test_each_given_file_is_opened_once(asked_files: Path, arguments: tuple[str, ...], once: set[str]) -> None:
    counted = opens(*arguments)
    written_back = {"series.toml": 1} if "--cast" in arguments and "--dry-run" not in arguments else {}
    wanted = {name: 1 + written_back.get(name, 0) for name in {*once, "localize.toml", "glossary.tsv", "said.tsv"}}
    given = {name: count for name, count in counted.items() if name in wanted or name not in ("film.mp4", "out")}
    assert given == wanted
