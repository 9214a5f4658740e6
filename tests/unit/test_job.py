"""The request and localize.toml: every key is known or refused, what a person typed wins."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.config import apply_configuration
from localize.data import Edit, Edits
from localize.errors import UsageError
from localize.job import Job
from localize.runtime.files import read_json
from localize.transcription.edits import read_edits

NONE: frozenset[str] = frozenset()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "localize.toml"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("episode.mp4", "episode"),
        ("a/b/Mi película.mkv", "Mi película"),
        ("episode.en.srt", "episode"),
        ("episode.en.mp4", "episode.en"),
        ("episode.master.json", "episode"),
        ("archive.tar.gz", "archive.tar"),
        ("-dashed.mp4", "dashed"),
        (".hidden.mp4", "hidden"),
        ("--.mp4", "untitled"),
        (".mp4", "mp4"),
        ("no_suffix", "no_suffix"),
        ("a\nb.mp4", "a\nb"),
    ],
)
def test_results_are_called_after_the_input(path: str, name: str) -> None:
    job = Job(Path(path))
    assert job.name == name
    assert job.folder == Path("localized") / name


@given(st.text(min_size=1, max_size=30).filter(lambda t: "/" not in t and "\0" not in t and t not in (".", "..")))
def test_no_name_leads_out_of_the_output_folder(name: str) -> None:
    folder = Job(Path("in") / name).folder
    assert folder.parent == Path("localized")
    assert folder.name not in ("", ".", "..")
    assert not folder.name.startswith(("-", "."))


def test_a_folder_that_was_asked_for_is_taken(tmp_path: Path) -> None:
    assert Job(Path("episode.mp4"), output=tmp_path / "out").folder == tmp_path / "out"


def test_the_file_fills_what_was_left_open(config: Path) -> None:
    config.write_text(
        """
        to = ["es", "pt"]
        from = "en"
        output = "dubs"
        profile = "bbc"
        format = ["srt", "vtt"]
        glossary = "terms.tsv"
        pronunciation = "said.tsv"
        strict = true
        [engine]
        recogniser = "faster_whisper:small"
        [voice]
        S1 = "em_alex"
        [timing]
        mode = "natural"
        relax = ["S2", "s0007"]
        """
    )
    assert apply_configuration(Job(Path("x.mp4")), NONE, config) == Job(
        Path("x.mp4"),
        to=("es", "pt"),
        source_language="en",
        output=Path("dubs"),
        profile="bbc",
        formats=("srt", "vtt"),
        glossary=Path("terms.tsv"),
        pronunciation=Path("said.tsv"),
        strict=True,
        timing="natural",
        relaxed=("S2", "s0007"),
        engines={"recogniser": "faster_whisper:small"},
        voices={"S1": "em_alex"},
    )


def test_what_was_typed_wins_over_the_file(config: Path) -> None:
    config.write_text(
        'to = ["pt"]\nprofile = "bbc"\n[voice]\nS1 = "em_alex"\nS2 = "ef_dora"\n[engine]\ntranslator = "b"\n'
    )
    job = Job(Path("x.mp4"), to=("es",), profile="netflix", voices={"S1": "em_santa"}, engines={"translator": "a"})
    found = apply_configuration(job, frozenset({"to", "voices", "engines", "profile"}), config)
    assert found.to == ("es",)
    assert found.profile == "netflix"
    assert dict(found.voices) == {"S1": "em_santa", "S2": "ef_dora"}
    assert dict(found.engines) == {"translator": "a"}


def test_genders_are_a_table_of_speakers(config: Path) -> None:
    config.write_text('[gender]\nS1 = "female"\nana = "unknown"\n')
    found = apply_configuration(Job(Path("x.mp4"), genders={"S1": "male"}), frozenset({"genders"}), config)
    assert dict(found.genders) == {"S1": "male", "ana": "unknown"}
    config.write_text('[gender]\nS1 = "robot"\n')
    with pytest.raises(UsageError, match="--gender takes female, male, unknown, not 'robot'"):
        apply_configuration(Job(Path("x.mp4")), NONE, config)


def test_registers_are_a_table_of_speakers(config: Path) -> None:
    config.write_text('[register]\nS1 = "usted"\n"*" = "tu"\n')
    assert dict(apply_configuration(Job(Path("x.mp4")), NONE, config).registers) == {"S1": "usted", "*": "tu"}
    config.write_text("[register]\nS1 = 1\n")
    with pytest.raises(UsageError, match="register"):
        apply_configuration(Job(Path("x.mp4")), NONE, config)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('colour = "red"', "colour"),
        ('To = ["es"]', "To"),
        ('voices = {S1 = "x"}', "voices"),
        ('consent = "off"', "consent"),
        ('[engine]\nspeaker = "kokoro"', r"engine\.speaker"),
        ('[timing]\nlax = ["S1"]', r"timing\.lax"),
    ],
)
def test_a_key_nobody_knows_is_an_error_that_names_it_and_the_file(config: Path, text: str, named: str) -> None:
    config.write_text(text)
    with pytest.raises(UsageError, match=named) as caught:
        apply_configuration(Job(Path("x.mp4")), NONE, config)
    assert str(config) in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        'to = "es"',
        "to = [1]",
        "format = true",
        "strict = 1",
        'strict = "yes"',
        "profile = 3",
        "from = [1]",
        "output = 1979-05-27",
        "engine = []",
        "[voice]\nS1 = 3",
        "glossary = {a = 1}",
        'timing = "free"',
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error_that_names_the_key(config: Path, text: str) -> None:
    config.write_text(text)
    key = text.strip("[").split()[0].rstrip("]")
    with pytest.raises(UsageError, match=rf"{key}\b.* wrong kind"):
        apply_configuration(Job(Path("x.mp4")), NONE, config)


@pytest.mark.parametrize("text", ['mode = "loose"', "mode = 1", 'relax = "S1"', "relax = [1]"])
def test_timing_of_another_kind_is_an_error_that_names_its_key(config: Path, text: str) -> None:
    config.write_text(f"[timing]\n{text}\n")
    with pytest.raises(UsageError, match=rf"timing\.{text.split(maxsplit=1)[0]}\b"):
        apply_configuration(Job(Path("x.mp4")), NONE, config)


def test_what_is_typed_of_the_timing_leaves_the_rest_of_it(config: Path) -> None:
    config.write_text('[timing]\nmode = "natural"\nrelax = ["S2"]\n')
    found = apply_configuration(Job(Path("x.mp4"), timing="free"), frozenset({"timing"}), config)
    assert (found.timing, found.relaxed) == ("free", ("S2",))


@pytest.mark.parametrize("data", [b"= 3", b"\xff\xfe", b"a = ", b"a = 1\na = 2", b"[" * 40, b"x = " + b"[" * 20_000])
def test_what_is_no_toml_is_an_error_that_names_the_file(config: Path, data: bytes) -> None:
    config.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        apply_configuration(Job(Path("x.mp4")), NONE, config)
    assert str(config) in caught.value.message


def test_a_huge_configuration_is_not_read(config: Path) -> None:
    config.write_bytes(b"#" * 1_050_000)
    with pytest.raises(UsageError, match="too large"):
        apply_configuration(Job(Path("x.mp4")), NONE, config)


def test_without_a_file_the_job_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    job = Job(Path("x.mp4"), to=("es",))
    assert apply_configuration(job, NONE) == job
    (tmp_path / "localize.toml").write_text('profile = "bbc"')
    assert apply_configuration(job, NONE).profile == "bbc"


# --- edits -----------------------------------------------------------------------------------------------------------


def edits_file(folder: Path, value: Any) -> Path:
    path = folder / "edits.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_edits_of_every_kind_are_read(tmp_path: Path) -> None:
    path = edits_file(
        tmp_path,
        {
            "schema": 1,
            "edits": [
                {"segment": "s0003", "source": "Hi.", "translation": {"es": "Hola."}, "voice": "em_alex"},
                {"segment": "s0004", "start_ms": 100, "end_ms": 900},
            ],
        },
    )
    assert read_edits(path) == Edits(
        (
            Edit("s0003", "Hi.", {"es": "Hola."}, "em_alex"),
            Edit("s0004", start_ms=100, end_ms=900),
        )
    )


def test_a_byte_order_mark_is_no_part_of_the_edits(tmp_path: Path) -> None:
    path = tmp_path / "edits.json"
    path.write_bytes(b'\xef\xbb\xbf{"schema": 1, "edits": []}')
    assert read_edits(path) == Edits()


def test_no_file_is_no_edits() -> None:
    assert read_edits(None) == Edits()


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        None,
        {"edits": []},
        {"schema": 2, "edits": []},
        {"schema": 1, "edits": {}},
        {"schema": 1, "edits": [{}]},
        {"schema": 1, "edits": [{"segment": 3}]},
        {"schema": 1, "edits": [{"segment": "s0001", "colour": "red"}]},
        {"schema": 1, "edits": [{"segment": "s0001", "translation": "Hola"}]},
        {"schema": 1, "edits": [{"segment": "s0001", "start_ms": 1.5}]},
        {"schema": 1, "edits": [{"segment": "s0001"}, {"segment": "s0001"}]},
        {"schema": 1, "edits": [], "extra": 1},
        "{",
        "",
        "[" * 100_000,
        '{"schema": 1, "edits": [{"segment": "s0001", "start_ms": ' + "9" * 5000 + "}]}",
    ],
)
def test_edits_of_another_shape_are_refused_with_the_files_name(tmp_path: Path, value: Any) -> None:
    path = edits_file(tmp_path, value)
    with pytest.raises(UsageError) as caught:
        read_edits(path)
    assert str(path) in caught.value.message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("start", "end"), [(900, 100), (-5, 100), (10**15, 10**15 + 1)])
def test_edits_that_leave_no_time_are_refused(tmp_path: Path, start: int, end: int) -> None:
    path = edits_file(tmp_path, {"schema": 1, "edits": [{"segment": "s0001", "start_ms": start, "end_ms": end}]})
    with pytest.raises(UsageError, match="s0001"):
        read_edits(path)


def test_a_file_that_is_not_there_or_is_a_folder_is_a_usage_error(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_json(path, 1 << 20)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    path.touch()
    os.truncate(path, 1 << 40)  # sparse: reading it would take a terabyte
    with pytest.raises(UsageError, match="too large"):
        read_json(path, 1000)


# --- a localize.toml that came with a stranger's folder --------------------------------------------------------------

OUTSIDE = {
    "output elsewhere": 'output = "/tmp/elsewhere"',
    "output above": 'output = "../out"',
    "output through a link": 'output = "link/out"',
    "output by a link": 'output = "link"',
    "output in what is hidden": 'output = ".git/hooks"',
    "output with a NUL": 'output = "out\\u0000"',
    "a cast elsewhere": 'cast = "/etc/cast.toml"',
    "a cast above": 'cast = "a/../../cast.toml"',
    "a cast that a shell runs": 'cast = ".bash_aliases"',
    "a cast of another kind": 'cast = "cast.sh"',
    "a cast that is a link to another kind": 'cast = "cast.toml"',
    "a cast that is a link out": 'cast = "out.toml"',
    "a glossary elsewhere": 'glossary = "/etc/passwd"',
    "a glossary of another kind": 'glossary = "terms.txt"',
    "a memory elsewhere": 'memory = ["m.tmx", "../m.tmx"]',
    "a memory of another kind": 'memory = ["m.srt"]',
    "a style sheet elsewhere": 'style = "/etc/style.toml"',
    "a lexicon elsewhere": 'pronunciation = "../said.tsv"',
    "a profile elsewhere": 'profile = "../house.toml#wide"',
    "a profile of another kind": 'profile = "/etc/passwd"',
    "an engine's folder": '[engine]\ntranslator = "marian_ct2:./model"',
    "an engine's folder by its name": '[engine]\ntranslator = "marian_ct2:model"',
    "a pipeline's folder": '[engine]\ndiarizer = "pyannote:/opt/pipeline"',
    "a plug-in": '[engine]\ntranslator = "strange_plugin"',
}


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with links out of it, a folder of weights and a file that a shell would run."""
    folder = tmp_path / "folder"
    (folder / "model").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "run.sh").touch()
    (folder / "cast.toml").symlink_to("run.sh")
    (folder / "out.toml").symlink_to(tmp_path / "elsewhere" / "cast.toml")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("text", OUTSIDE.values(), ids=OUTSIDE)
def test_a_found_file_sets_nothing_outside_its_folder(stranger: Path, text: str) -> None:
    (stranger / "localize.toml").write_text(text)
    with pytest.raises(UsageError, match=r"^localize\.toml: .*--|^localize\.toml: engine"):
        apply_configuration(Job(Path("film.mp4")), NONE)


def test_a_found_file_that_is_a_link_is_bound_to_the_folder_it_was_found_in(stranger: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "localize.toml").write_text('output = "out"')
    (stranger / "localize.toml").symlink_to(tmp_path / "elsewhere" / "localize.toml")
    assert apply_configuration(Job(Path("film.mp4")), NONE).output == Path("out")


def test_what_a_found_file_sets_is_said_once(stranger: Path) -> None:
    (stranger / "localize.toml").write_text(
        'to = ["es"]\noutput = "out"\ncast = "people/cast.toml"\nprofile = "bbc"\n[timing]\nrelax = ["S1"]\n'
        '[engine]\nrecogniser = "faster_whisper:base"\n'
    )
    said: list[str] = []
    job = apply_configuration(Job(Path("film.mp4"), profile="netflix"), frozenset({"profile"}), say=said.append)
    assert job.cast == Path("people/cast.toml")
    assert job.relaxed == ("S1",)
    where = stranger / "localize.toml"
    assert said == [f"using to, output = out, cast = people/cast.toml, timing, engine from {where}"]


def test_a_file_that_the_user_named_may_name_others(stranger: Path, tmp_path: Path) -> None:
    path = stranger / "localize.toml"
    path.write_text(f'output = "{tmp_path}/elsewhere"\n[engine]\ntranslator = "marian_ct2:./model"')
    assert apply_configuration(Job(Path("film.mp4")), NONE, path).output == tmp_path / "elsewhere"
