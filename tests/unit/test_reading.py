"""What a stranger's TOML, JSON or zip file may cost: refused by what it holds, whatever a parser would make of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.batches.lists import read_list
from localize.config import apply_configuration
from localize.errors import LocalizeError, UsageError
from localize.job import Job
from localize.review import read_review
from localize.runtime import reading
from localize.runtime.files import read_json
from localize.speakers import cast_file
from localize.subtitles import profiles
from localize.transcription.edits import read_edits

DOTS = ".".join("a" * 32_000)
TOML = {
    "a dotted key": f"{DOTS} = 1",
    "a dotted table": f"[{DOTS}]",
    "a dotted list of tables": f"[[{DOTS}]]",
    "a dotted key of quoted parts": ".".join(['"a"'] * 16_000) + " = 1",
    "a dotted key of literal parts": ".".join(["'a'"] * 16_000) + " = 1",
    "a dotted key with blanks": " . ".join("a" * 16_000) + " = 1",
    "a dotted key in a table of one line": f"x = {{ {DOTS} = 1 }}",
    "a dotted key after a text that looks like one begun": f'x = """ \\""" " """\n{DOTS} = 1',
    "a dotted key after a comment with a quote": f"# it's\n{DOTS} = 1",
    "lists in lists": "x = " + "[" * 100_000,
    "tables in tables": "x = " + "{a=" * 10_000,
    "many keys": "\n".join(f"k{i} = 1" for i in range(reading.MOST_KEYS + 1)),
    "many tables": "\n".join(f"[t{i}]" for i in range(reading.MOST_KEYS + 1)),
    "a number of too many digits": "x = " + "1" * 100_000,
    "no TOML": "x",
}


@pytest.mark.parametrize("text", TOML.values(), ids=TOML)
def test_toml_that_costs_too_much_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        reading.parse_toml(text)


@pytest.mark.parametrize(
    "text",
    [
        "x.y.z = '''a.b.c.d.e.f.g.h.i.j.k'''\ns = \"\"\"q\"\"\"\"\"\nw = 'a.b.c.d.e.f.g.h.i.j.k' # a.b.c.d.e.f.g.h.i.j",
        's = "[[[[\\"[[[[" # [[[[[\nt = """\\\n  one\\\n"""',
        "x = [" + ", ".join(["1.5"] * 5_000) + "]",
        "x = [\n" + "\n".join(["[1.5, 2.5],"] * 500) + "\n]",
        "x = 1979-05-27T07:32:00.999\r\ny = '''\r\na.b'''\r\n",
        'a.b.c.d.e.f.g."h.i.j.k" = 1',
    ],
)
def test_toml_as_people_write_it_is_read(text: str) -> None:
    assert reading.parse_toml(text) == tomllib.loads(text)


@given(st.text(alphabet="ab.\"'\\\n#=[]{}, 1", max_size=40))
def test_every_toml_in_bounds_is_what_tomllib_makes_of_it(text: str) -> None:
    try:
        wanted = tomllib.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"\S"):
            reading.parse_toml(text)
        return
    bounded = max((line.count(".") for line in text.split("\n")), default=0) < reading.MOST_PARTS
    if bounded:
        assert reading.parse_toml(text) == wanted


JSON = {
    "lists in lists": "[" * 1_000_000,
    "objects in objects": '{"a":' * 100_000,
    "many empty lists": "[" + "[]," * reading.MOST_VALUES + "[]]",
    "a text that does not end": '"\\' * 1_000_000,
    "no JSON": "{",
}


@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
@pytest.mark.parametrize("form", [str, str.encode])
def test_json_that_costs_too_much_is_refused(text: str, form: type[str]) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        reading.parse_json(form(text))


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_in_bounds_is_read(value: object) -> None:
    assert reading.parse_json(json.dumps(value)) == value
    assert reading.parse_json(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")) == value


def test_brackets_in_texts_are_no_nesting() -> None:
    text = json.dumps(["[" * 1000, '"[\\' * 1000])
    assert reading.parse_json(text) == json.loads(text)


def _zip(count: int, *, compression: int = zipfile.ZIP_STORED) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for number in range(count):
            archive.writestr(f"{number}", b"")
    return made.getvalue()


@pytest.mark.parametrize("on_disk", [False, True])
def test_an_archive_of_too_many_entries_is_refused_before_its_directory_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, on_disk: bool
) -> None:
    data = _zip(301)
    (tmp_path / "many.zip").write_bytes(data)
    source = tmp_path / "many.zip" if on_disk else data
    with reading.open_zip(source, 301) as archive:
        assert len(archive.namelist()) == 301

    def read(*_: object) -> None:
        raise AssertionError("the directory was read")

    monkeypatch.setattr(zipfile.ZipFile, "__init__", read)
    with pytest.raises(ValueError, match="more than 300 files"), reading.open_zip(source, 300):
        pass


def test_an_archive_that_understates_its_entries_is_refused() -> None:
    data = bytearray(_zip(301))
    end = data.rindex(b"PK\x05\x06")
    data[end + 8 : end + 12] = (1).to_bytes(2, "little") * 2
    with pytest.raises(ValueError, match="more than 300 files"), reading.open_zip(bytes(data), 300):
        pass


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x05\x06"])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    for source in (data, path):
        with pytest.raises(ValueError, match="no zip file"), reading.open_zip(source, 10):
            pass


def test_a_file_that_never_ends_is_not_read() -> None:
    with pytest.raises(OSError, match="no plain file"):
        reading.read_text(Path("/dev/zero"), 1000)


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a" * 1001)
    assert len(reading.read_bytes(tmp_path / "x", 1001)) == 1001
    with pytest.raises(ValueError, match="too large"):
        reading.read_text(tmp_path / "x", 1000)


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbfx = 1\n")
    assert reading.read_toml(path) == {"x": 1}


@pytest.mark.parametrize("name", ["localize.toml", "cast.toml", "house.toml", "edits.json"])
def test_every_reader_of_a_strangers_file_has_the_limits(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("[" * 60_000 if name.endswith("json") else f"{DOTS} = 1")
    readers = {
        "localize.toml": lambda: apply_configuration(Job(Path("film.mp4")), frozenset(), path),
        "cast.toml": lambda: cast_file.read_cast(path),
        "house.toml": lambda: profiles.load(f"{path}#x", "en"),
        "edits.json": lambda: read_json(path, 1 << 20),
    }
    with pytest.raises(UsageError, match=r"parts|deep"):
        readers[name]()


def test_no_module_parses_json_from_outside_without_the_limits() -> None:
    """A copy of what is in memory already is nothing from outside."""
    package = Path(reading.__file__).parents[1]
    found = set()
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8").replace("json.loads(json.dumps(", "")
        if "json.load" in text or "JSONDecoder(" in text:
            found.add(path.relative_to(package).as_posix())
    assert found == {"runtime/reading.py", "consent/keyring.py"}  # that is for lines of a ledger, and as strict


TWICE = '{"schema": 1, "edits": [{"segment": "s0003", "source": "One.", "source": "Two."}]}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "a": 1}', "'a' stands 2 times"),
        ('{"a": {"b": 1, "c": 2, "b": 3, "b": 4}}', r"'b' stands 3 times .*b: 1, c: 2"),
        ('[{"a": 1}, {"a": 2, "\\u0061": 3}]', "'a' stands 2 times"),
        (TWICE, r"'source' stands 2 times in one object \(segment: s0003, source: One"),
        ("{" + ", ".join('"' + "k" * 10_000 + '": "' + "v" * 10_000 + '"' for _ in range(3)) + "}", "'k{60}' stands 3"),
    ],
)
def test_a_key_that_stands_twice_is_refused_with_its_object(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        reading.parse_json(text)
    assert len(str(caught.value)) < 400


def test_one_key_in_two_objects_is_read() -> None:
    assert reading.parse_json('[{"a": {"a": 1}}, {"a": 2, "A": 3, "": 4}]') == [
        {"a": {"a": 1}},
        {"a": 2, "A": 3, "": 4},
    ]


def read_films(path: Path) -> object:
    return read_list(Job(path, ("es",)))


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("film.edits.json", TWICE, read_edits),
        ("review.json", '{"schema": 1, "title": "a", "title": "b"}', read_review),
        ("films.json", '[{"file": "a.mp4", "from": "en", "from": "es"}]', read_films),
    ],
)
def test_every_reader_names_the_file_and_the_key(
    tmp_path: Path, name: str, text: str, read: Callable[[Path], object]
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(UsageError, match=rf"{name}.*stands 2 times"):
        read(path)


def test_the_bomb_of_64_kb_costs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "localize.toml"
    path.write_text(f"{DOTS} = 1")
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "from pathlib import Path\nfrom localize.runtime import reading\n"
        "try: reading.read_toml(Path(sys.argv[1]))\nexcept ValueError: sys.exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9


def test_a_refusal_is_an_error_of_the_tree(tmp_path: Path) -> None:
    path = tmp_path / "localize.toml"
    path.write_text("x = " + "1" * 5000)
    with pytest.raises(LocalizeError, match="not valid TOML"):
        apply_configuration(Job(Path("film.mp4")), frozenset(), path)
