"""The command line: flags to a request, events to a terminal, errors to one line and a code.

Over 400 lines: the commands are tried alike, on the same films.
"""

from __future__ import annotations

import fcntl
import io
import json
import logging
import os
import re
import struct
import subprocess
import sys
import termios
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete

import localize as localize_package
from localize import cli, pipeline
from localize.cli.progress import Estimate
from localize.cli.root import GROUPS
from localize.cli.terminal import Terminal, print_json, printable
from localize.consent import Home
from localize.delivery.outlay import stage_seconds
from localize.delivery.results import DubResult
from localize.errors import (
    EngineMissing,
    GrantRevoked,
    LocalizeError,
    MediaError,
    NoGrant,
    QualityError,
    StoreError,
    UsageError,
)
from localize.events import Finished, Progress, Started, Warned
from localize.job import Job


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


GIVEN = ("film.mp4", "späße.mp4", "-odd name.mp4", "t.srt", "u.srt")


@pytest.fixture(autouse=True)
def _as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command silences libraries until its process ends; here it must not. The files it is given are there."""
    monkeypatch.chdir(tmp_path)
    for name in GIVEN:
        (tmp_path / name).touch()
    disabled = logging.root.manager.disable
    with warnings.catch_warnings():
        yield
    logging.disable(disabled)


@pytest.fixture
def localize(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def run(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["localize", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        return Answer(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The requests that reach the pipeline, which then gives an empty result."""
    jobs: list[Job] = []

    def take(job: Job, _run: Any) -> DubResult:
        jobs.append(job)
        return DubResult(job.input, (), ())

    monkeypatch.setattr(pipeline, "dub", take)
    monkeypatch.setattr(pipeline, "subtitle", take)
    return jobs


# --- flags -----------------------------------------------------------------------------------------------------------


def test_every_flag_reaches_the_request(localize: Callable[..., Answer], asked: list[Job]) -> None:
    flags = (
        "--to es -o out --from en --stream 2 --voice S1=ef_dora --voice S2=original --edits e.json"
        " --transcript t.srt --translation u.srt --glossary g.tsv --pronunciation p.tsv"
        " --engine recogniser=faster_whisper:small"
        " --profile bbc --format srt,vtt --strict --json"
    )
    assert localize("dub", "film.mp4", *flags.split()).code == 0
    assert asked == [
        Job(
            Path("film.mp4"),
            to=("es",),
            output=Path("out"),
            source_language="en",
            stream=2,
            voices={"S1": "ef_dora", "S2": "original"},
            edits=Path("e.json"),
            transcript=Path("t.srt"),
            translation=Path("u.srt"),
            glossary=Path("g.tsv"),
            pronunciation=Path("p.tsv"),
            engines={"recogniser": "faster_whisper:small"},
            profile="bbc",
            formats=("srt", "vtt"),
            strict=True,
        )
    ]


def test_options_stand_anywhere_and_dashes_end_them(localize: Callable[..., Answer], asked: list[Job]) -> None:
    localize("dub", "--to", "es", "--strict", "film.mp4")
    localize("dub", "film.mp4", "--strict", "--to", "es")
    localize("dub", "--to", "es", "--strict", "--", "film.mp4")
    assert asked == [Job(Path("film.mp4"), to=("es",), strict=True)] * 3
    localize("dub", "--to", "es", "--", "-odd name.mp4")
    assert asked[-1].input == Path("-odd name.mp4")


def test_any_tag_of_a_language_will_do(localize: Callable[..., Answer], asked: list[Job]) -> None:
    localize("dub", "film.mp4", "--to", "spa,pt-BR", "--from", "ENG")
    assert (asked[0].to, asked[0].source_language) == (("es", "pt"), "en")
    assert asked[0].regions == {"pt": "BR"}


def test_the_configuration_fills_what_was_left_open(localize: Callable[..., Answer], asked: list[Job]) -> None:
    Path("localize.toml").write_text('to = ["pt"]\nprofile = "bbc"\n[voice]\nS1 = "pm_alex"\n')
    localize("dub", "film.mp4")
    localize("dub", "film.mp4", "--to", "es", "--profile", "netflix")
    assert [(j.to, j.profile, dict(j.voices)) for j in asked] == [
        (("pt",), "bbc", {"S1": "pm_alex"}),
        (("es",), "netflix", {"S1": "pm_alex"}),
    ]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("dub",), "INPUT"),
        (("dub", "film.mp4"), "--to"),
        (("dub", "film.mp4", "--to", "spanish please"), "spanish please"),
        (("dub", "film.mp4", "--to", "es", "--colour", "red"), "--colour"),
        (("dub", "film.mp4", "--to", "es", "--voice", "S1"), "'S1'"),
        (("dub", "film.mp4", "--to", "es", "--voice", "=x"), "'=x'"),
        (("dub", "film.mp4", "--to", "es", "--engine", "speaker=kokoro"), "speaker"),
        (("dub", "film.mp4", "--to", "es", "--stream", "first"), "first"),
        (("dub", "film.mp4", "--to", "es", "-o", "out.mp4"), "give -o out"),
        (("dub", "film.mp4", "--to", "es", "--dry"), "--dry-run"),
        (("dance",), "dance"),
        (("models", "verify", "nobody"), "nobody"),
        (("explain", "nowhere"), "nowhere"),
        (("batch", "nowhere", "--to", "es"), "nowhere"),
    ],
)
def test_a_wrong_request_is_one_line_on_stderr_and_code_2(
    localize: Callable[..., Answer], arguments: tuple[str, ...], named: str, tmp_path: Path
) -> None:
    answer = localize(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1
    assert named in answer.err
    assert {p.name for p in tmp_path.rglob("*") if p.is_file()} == set(GIVEN)


@pytest.mark.parametrize("group", [(), ("keys",), ("models",), ("voices",)])
def test_a_group_alone_shows_its_help(localize: Callable[..., Answer], group: tuple[str, ...]) -> None:
    answer = localize(*group)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == localize(*group, "--help").out
    assert len(answer.out.splitlines()) > 5


def test_no_room_is_taken_where_its_former_name_is_refused(localize: Callable[..., Answer], asked: list[Job]) -> None:
    localize("dub", "film.mp4", "--to", "es", "--no-room")
    localize("dub", "film.mp4", "--to", "es")
    assert [job.dry for job in asked] == [True, False]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("dub", "film.mp4", "--to", "e"), ["en", "es"]),
        (("dub", "film.mp4", "--to", "es,p"), ["es,pl", "es,pt"]),
        (("dub", "film.mp4", "--voice", "S1=em_a"), ["S1=em_alex"]),
        (("dub", "film.mp4", "--engine", "recogniser=w"), ["recogniser=whisper"]),
        (("subs", "film.mp4", "--format", "srt,sb"), ["srt,sbv"]),
        (("lint", "film.srt", "--profile", "mo"), ["mobile"]),
    ],
)
def test_a_shell_completes_what_there_is(typed: tuple[str, ...], offered: list[str]) -> None:
    *words, last = typed
    shell = ShellComplete(cli.cli, {}, "localize", "_LOCALIZE_COMPLETE")
    assert [item.value for item in shell.get_completions(list(words), last)] == offered


def test_a_file_in_the_place_of_a_command_is_told_what_to_do(localize: Callable[..., Answer]) -> None:
    assert "localize dub film.mp4 --to es" in localize("film.mp4", "--to", "es").err


def test_targets_are_taken_by_name_and_from_every_to(localize: Callable[..., Answer], asked: list[Job]) -> None:
    localize("dub", "film.mp4", "--to", "Spanish", "--to", "fr, Brazilian Portuguese")
    assert asked[0].to == ("es", "fr", "pt")
    assert asked[0].regions == {"pt": "BR"}


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [(("--to", "es"), "MediaError", 3), (("--to", "xx"), "UsageError", 2), (("--colour", "red"), "UsageError", 2)],
)
def test_a_failure_under_json_is_one_object_on_stdout(
    localize: Callable[..., Answer], arguments: tuple[str, ...], kind: str, code: int
) -> None:
    answer = localize("dub", "nothing.mp4", *arguments, "--json")
    assert answer.code == code == answer.data["error"]["exit_code"]
    assert answer.data["error"]["kind"] == kind
    assert answer.err == f"localize: {answer.data['error']['message']}\n"


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LocalizeError("it failed"), 1),
        (UsageError("it failed"), 2),
        (MediaError("it failed"), 3),
        (NoGrant("it failed"), 4),
        (GrantRevoked("it failed"), 4),
        (EngineMissing("it failed"), 5),
        (StoreError("it failed"), 7),
        (KeyboardInterrupt(), 130),
        (RuntimeError("it failed"), 1),
        (RecursionError("it\nfailed"), 1),
    ],
)
@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_every_error_is_one_line_and_its_code(
    localize: Callable[..., Answer],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    quiet: tuple[str, ...],
) -> None:
    def failing(*_: Any) -> None:
        raise error

    monkeypatch.setattr(pipeline, "dub", failing)
    answer = localize("dub", "film.mp4", "--to", "es", *quiet)
    assert answer.code == code
    assert answer.out == ""
    said = answer.err.removeprefix("\n") if code == 130 else answer.err  # a terminal shows ^C on a line of its own
    assert len(said.splitlines()) == 1
    assert said.startswith("localize: ")
    assert "Traceback" not in answer.err


def test_a_traceback_comes_only_when_asked_for(
    localize: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> None:
        raise MediaError("no such film")

    monkeypatch.setattr(pipeline, "dub", failing)
    answer = localize("dub", "film.mp4", "--to", "es", "-v")
    assert answer.code == 3
    assert "Traceback" in answer.err
    assert answer.err.splitlines()[-1] == "localize: no such film"


@pytest.mark.parametrize("name", ["a\nb.mp4", "red\x1b[31m.mp4", "two  spaces.mp4", "right\u202eleft.mp4", "tab\t.mp4"])
def test_no_file_name_breaks_the_line(localize: Callable[..., Answer], name: str) -> None:
    answer = localize("dub", "-q", "--to", "es", "--", name)
    assert answer.code == 3
    assert len(answer.err.splitlines()) == 1
    assert answer.err.rstrip("\n").isprintable()


def test_a_dub_that_falls_short_is_shown_before_its_error(
    localize: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_: Any) -> None:
        raise QualityError("it falls short", result=DubResult(Path("film.mp4"), (), ()))

    monkeypatch.setattr(pipeline, "dub", short)
    answer = localize("dub", "film.mp4", "--to", "es", "--strict", "--json")
    assert answer.code == 6
    assert (answer.data["schema"], answer.data["targets"]) == (1, [])
    assert "it falls short" in answer.err


# --- output ----------------------------------------------------------------------------------------------------------


def test_json_is_exactly_one_object_on_stdout(localize: Callable[..., Answer], asked: list[Job]) -> None:
    answer = localize("dub", "späße.mp4", "--to", "es", "--json")
    assert answer.data["input"] == "späße.mp4"
    assert answer.out.endswith("}\n")


@pytest.mark.costly
@pytest.mark.parametrize("arguments", [("models", "list"), ("doctor",), ("models", "verify", "dialogue-en-es")])
def test_every_listing_has_a_form_for_people_and_one_for_programs(
    localize: Callable[..., Answer], arguments: tuple[str, ...]
) -> None:
    people, programs = localize(*arguments), localize(*arguments, "--json")
    assert people.code == programs.code
    assert programs.data["schema"] == 1
    assert len(people.out.splitlines()) > 0
    assert people.err == programs.err == ""


@pytest.mark.costly
def test_doctor_names_what_would_mend_each_fault(localize: Callable[..., Answer]) -> None:
    answer = localize("doctor", "--json")
    for check in answer.data["checks"]:
        assert set(check) == {"name", "ok", "detail", "fix"}
        assert (check["fix"] is None) == check["ok"]
    assert (answer.code == 0) == answer.data["ok"]


def test_several_files_are_linted_at_once(
    localize: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, end in (("good.en.srt", "03,000"), ("short.en.srt", "01,400")):
        Path(name).write_text(f"1\n00:00:01,000 --> 00:00:{end}\nOn the table.\n", "utf-8")
    assert localize("lint", "good.en.srt", "good.en.srt", "-q").code == 0
    answer = localize("lint", "good.en.srt", "short.en.srt")
    assert answer.code == 6
    assert "== short.en.srt ==\nshort.en.srt:2: cue 1: " in answer.out
    (run,) = json.loads(localize("lint", "short.en.srt", "good.en.srt", "--format", "sarif").out)["runs"]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]]
    assert set(places) == {"short.en.srt"}
    assert localize("lint", "good.en.srt", "short.en.srt", "--json").code == 2


def test_a_damaged_model_is_found(
    localize: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from localize.models import catalogue

    monkeypatch.setenv("LOCALIZE_MODELS", str(tmp_path / "models"))
    folder = tmp_path / "models" / "whisper-base"
    folder.mkdir(parents=True)
    for file in catalogue()["whisper-base"].files:
        (folder / file.name).write_bytes(b"x")
    answer = localize("models", "verify", "whisper-base", "--json")
    assert answer.code == 7
    assert answer.data["models"][0]["ok"] is False


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    localize: Callable[..., Answer], tmp_path: Path, spoken: Any
) -> None:
    answer = localize("dub", str(spoken.path), "--to", "es", "--dry-run", "--json")
    assert answer.code == 0, answer.err
    assert answer.data["to"] == ["es"]
    assert set(answer.data["engines"]) == {"recogniser", "diarizer", "translator", "synthesizer"}
    assert not (tmp_path / "localized").exists()
    assert not (tmp_path / "store").exists()


def test_a_pair_nobody_offers_is_refused_and_those_offered_are_named(
    localize: Callable[..., Answer], spoken: Any
) -> None:
    answer = localize("dub", str(spoken.path), "--from", "en", "--to", "fr")
    assert answer.code == 2
    assert "en->es" in answer.err.replace("en>es", "en->es").replace("en→es", "en->es")


# --- the terminal ----------------------------------------------------------------------------------------------------


class Screen:
    """Stands for stderr, with or without a person before it."""

    def __init__(self, live: bool) -> None:
        self.live, self.text = live, ""

    def isatty(self) -> bool:
        return self.live

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        return


def shown(monkeypatch: pytest.MonkeyPatch, live: bool, **how: bool) -> str:
    screen = Screen(live)
    monkeypatch.setattr(sys, "stderr", screen)
    terminal = Terminal(**how)
    for event in (
        Started("mix", 2),
        Progress("mix", 1, 2),
        Warned("overflow", "line s0001\ndoes not fit"),
        Finished("mix", 1.25, 3, 1),
    ):
        terminal(event)
    terminal.say("done\x1b[31m")
    monkeypatch.undo()
    return screen.text


def test_without_a_terminal_there_are_lines_and_no_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, live=False)
    assert "\r" not in text
    assert "\x1b" not in text
    warning, stage, done = text.splitlines()
    assert warning == "warning: line s0001\\ndoes not fit"
    assert stage.split() == ["mix", "1.2", "s", "1", "made,", "3", "from", "the", "store"]
    assert done == "done\\x1b[31m"


def on_a_terminal(code: str, **environment: str) -> str:
    """What a person sees of a program whose stdout and stderr are a real terminal."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    known = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    program = subprocess.Popen([sys.executable, "-c", code], stdout=slave, stderr=slave, stdin=slave, env=known)
    os.close(slave)
    seen = b""
    while True:
        try:
            block = os.read(master, 1 << 16)
        except OSError:  # the other side is gone
            break
        if not block:
            break
        seen += block
    os.close(master)
    assert program.wait() == 0, seen
    return seen.decode()


EVENTS = """
from localize.cli.terminal import Terminal
from localize.events import Progress, Finished, Started, Warned
terminal = Terminal()
terminal.expect([("ingest", 1), ("mix", 3)])
for event in (Started("ingest", 0), Finished("ingest", 1.0, 0, 1), Started("mix", 2), Progress("mix", 1, 2),
              Warned("overflow", "line [red]s0001[/red]\\ndoes not fit")):
    terminal(event)
    if terminal._bars:
        terminal._bars.refresh()
terminal(Finished("mix", 1.25, 3, 1))
terminal.say("done")
"""


@pytest.mark.costly
def test_on_a_terminal_bars_move_and_lines_stay() -> None:
    seen = on_a_terminal(EVENTS)
    assert "1/2" in seen
    assert re.search(r"all .*━.* \d+%  \d+:\d\d  about \d+:\d\d left", seen), "the whole, with an estimate"
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    assert "warning: line [red]s0001[/red]\\ndoes not fit" in plain
    assert [line.split()[0] for line in plain.splitlines() if " made" in line] == ["ingest", "mix"]
    assert plain.splitlines()[-1] == "done"
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l"), "the cursor is back"


def test_a_dumb_terminal_gets_plain_lines() -> None:
    assert "\x1b" not in on_a_terminal(EVENTS, TERM="dumb")


@pytest.mark.costly
def test_bars_go_whatever_ends_the_command() -> None:
    code = """
import click
from localize.cli.terminal import Terminal
from localize.events import Started
@click.command()
def work():
    Terminal()(Started("mix", 2))
    raise ValueError("broken")
try:
    work.main([], standalone_mode=False)
except ValueError as error:
    print(error)
"""
    seen = on_a_terminal(code)
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")
    assert seen.rstrip().endswith("broken")


@pytest.mark.parametrize(
    ("events", "share"),
    [
        pytest.param([], 0.0, id="nothing yet"),
        pytest.param(["ingest", 0.5], 0.5 / 10, id="half of the first"),
        pytest.param(["ingest", True], 1 / 10, id="the first"),
        pytest.param(["ingest", False], 0.0, id="from the store: says nothing"),
        pytest.param(["ingest", True, "mix", 0.5], (1 + 2) / 6, id="one skipped counts neither way"),
        pytest.param(["ingest", True, "strange", 0.5, "mix", True], 5 / 6, id="an unknown one changes nothing"),
        pytest.param(["ingest", True, "speak", True, "mix", True, "mix", True], 1.0, id="all, the last one twice"),
    ],
)
def test_how_far_the_whole_is(events: list[str | float | bool], share: float) -> None:
    estimate = Estimate([("ingest", 1), ("speak", 4), ("mix", 4), ("mix", 1)])
    for event in events:
        if isinstance(event, str):
            estimate.begin(event)
        elif isinstance(event, bool):
            estimate.end(worked=event)
        else:
            estimate.advance(round(100 * event), 100)
    assert estimate.share == pytest.approx(share)


def test_an_estimate_of_time_goes_by_what_was_worked() -> None:
    estimate = Estimate([("a", 1), ("b", 3)])
    assert estimate.left_s(10) is None
    estimate.begin("a")
    estimate.end(worked=True)
    assert estimate.left_s(10) == pytest.approx(30)


def test_the_stages_expected_are_those_that_come() -> None:
    said = {name for name, _ in stage_seconds({}, 60_000, 1)}
    root = Path(localize_package.__file__).parent
    real = {name for path in root.rglob("*.py") for name in re.findall(r'run\.stage\("(\w+)"', path.read_text("utf-8"))}
    assert said == real


@pytest.mark.costly
def test_a_list_is_a_table_on_a_terminal_and_lines_elsewhere() -> None:
    code = """
from localize.cli.terminal import print_rows
print_rows(("id", "basis"), [("v1", "[b]all[/b]\\x1b[31m"), ("v2", "none")], ("v1  all", "v2  none"))
"""
    seen = on_a_terminal(code)
    assert "basis" in seen
    assert "[b]all[/b]\\x1b[31m" in seen, "markup and control characters of data stay text"
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert piped.stdout == "v1  all\nv2  none\n"


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, localize.cli; print(*sys.modules, sep='\\n')"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"rich", "numpy", "av", "huggingface_hub", "tomlkit", "langcodes", "soundfile", "onnxruntime", "c2pa"}
    assert not heavy & set(answer.stdout.split())


@pytest.mark.parametrize("live", [True, False])
def test_quiet_is_quiet(monkeypatch: pytest.MonkeyPatch, live: bool) -> None:
    assert shown(monkeypatch, live=live, quiet=True) == ""


def test_printable_text_stays() -> None:
    assert printable("späße ♪ 日本") == "späße ♪ 日本"


def test_a_pull_without_a_terminal_asks_for_nothing_it_was_not_told(
    localize: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("LOCALIZE_MODELS", "LOCALIZE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    answer = localize("models", "pull", "xtts-v2")
    assert answer.code == 5
    assert "non-commercial" in answer.err
    assert "give --yes" in answer.err.splitlines()[-1]
    assert localize("models", "pull", "nobody").code == 2
    assert localize("models", "pull", "xtts-v2", "whisper-tiny", "--from", ".").code == 2
    assert not list(tmp_path.rglob("*xtts*"))


def test_a_device_that_is_none_is_refused(localize: Callable[..., Answer]) -> None:
    assert localize("dub", "film.mp4", "--to", "es", "--device", "toaster").code == 2


@pytest.mark.costly
def test_doctor_finds_a_home_that_others_may_read(
    localize: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "private home"
    monkeypatch.setenv("LOCALIZE_HOME", str(home))
    Home.open().secret("store")

    def found() -> dict[str, Any]:
        return next(c for c in localize("doctor", "--json").data["checks"] if c["name"] == "home private")

    assert found()["ok"]
    (home / "keys" / "store.key").chmod(0o644)
    assert not found()["ok"]
    assert "store.key (644)" in found()["detail"]
    assert found()["fix"] == f"chmod -R go= '{home}'"


def test_json_holds_nothing_that_a_terminal_obeys(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The names of files are a stranger's: C1 controls and marks that turn the direction of writing are escaped."""
    name = "film\u009b31m\u202egpj\x7f\x1b\udcff\u2028ñ.wav"
    print_json({"file": name})
    printed = capfdbinary.readouterr().out.decode()
    assert all(character.isprintable() or character == "\n" for character in printed)
    assert json.loads(printed) == {"file": name}


def test_help_shows_every_command_once_in_its_group() -> None:
    named = [name for names in GROUPS.values() for name in names]
    assert sorted(named) == sorted(cli.cli.commands)
    shown = cli.cli.get_help(click.Context(cli.cli, info_name="localize"))
    assert all(f"{title}:" in shown for title in GROUPS)
    assert not re.search(r"\.\.\.$", shown.partition("Options:")[2], re.MULTILINE), "a description is cut off"
    assert "localize dub film.mp4 --to es" in shown
