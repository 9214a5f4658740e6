"""What the documentation says is what the program does: commands parse, links lead somewhere, examples run."""

from __future__ import annotations

import importlib.util
import re
import shlex
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

import localize
from localize.cli import cli
from localize.config import apply_configuration
from localize.job import Job

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [
    page
    for page in (README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *DOCS)
    if page.is_file()
]
BLOCK = re.compile(
    r"^(?P<indent> *)(?:(?P<mark><!-- run -->)\n\s*|<!-- run on a dub -->\n\s*)?```(?P<kind>\w*)\n(?P<text>.*?)^ *```",
    re.M | re.S,
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<to>[^)\s]+)\)|!\[[^\]]*\]\((?P<picture>[^)\s]+)\)")
CLI_PAGE = ROOT / "docs" / "cli.md"


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _blocks(page: Path, *kinds: str) -> Iterator[tuple[int, str, bool]]:
    """Line number, text and whether it is to be run, of each fenced block of some kinds."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found["kind"] in kinds:
            line = text.count("\n", 0, found.start("text")) + 1
            yield line, found["text"], bool(found["mark"])


def commands(page: Path) -> list[tuple[str, list[str]]]:
    """Every `localize …` line of a page's shell blocks, without comments: where it stands, and its words."""
    found = []
    for line, text, _ in _blocks(page, "console", "sh", "bash", "shell"):
        joined = text.replace("\\\n", "  ")
        for offset, row in enumerate(joined.split("\n")):
            said = row.strip().removeprefix("$ ").strip()
            if said.startswith("localize ") or said == "localize":
                words = shlex.split(said, comments=True)
                cut = next((i for i, w in enumerate(words) if w in ("|", ">", ">>", "&&", "||", ";", "2>")), len(words))
                found.append((f"{_name(page)}:{line + offset}", words[1:cut]))
    return found


COMMANDS = [pytest.param(words, id=where) for page in PAGES for where, words in commands(page)]


def parse(words: list[str]) -> None:
    """Resolve command, options and arguments as click does, but run nothing.

    Raises:
        click.ClickException: there is no such command or option, or a value or argument is wrong or missing.
    """
    command: click.Command = cli
    context = click.Context(command, info_name="localize")
    while isinstance(command, click.Group):
        options, rest, _ = command.make_parser(context).parse_args(list(words))
        if options and not rest:
            return  # --help or --version of a group
        name, found, words = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    try:
        command.make_context(context.info_name, list(words), parent=context.parent)
    except click.exceptions.Exit:  # --help
        return


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_in_the_documentation_parses(words: list[str]) -> None:
    parse(words)


def test_every_task_and_every_command_has_its_example() -> None:
    tasks = {"dub.md", "voices.md", "report.md", "batch.md", "verify.md", "configuration.md", "troubleshooting.md"}
    assert {page.name for page in DOCS if commands(page)} >= tasks
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page != CLI_PAGE)
    for name, command in cli.commands.items():
        for inner in command.commands if isinstance(command, click.Group) else [""]:
            said = f"localize {name} {inner}".strip()
            assert said in text, f"no page shows {said!r}"


@pytest.mark.parametrize(
    "said",
    [
        "dubb film.mp4",
        "dub",
        "dub film.mp4 --two es",
        "dub film.mp4 --voice S1",
        "dub film.mp4 --speakers many",
        "batch one two",
        "voices lend ana",
        "voices grant ana",
        "--quick dub film.mp4",
    ],
)
def test_a_command_that_is_wrong_does_not_parse(said: str) -> None:
    with pytest.raises(click.ClickException):
        parse(said.split())


def test_the_page_of_flags_is_the_commands_own_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")  # a wide terminal would break the lines elsewhere
    spec = importlib.util.spec_from_file_location("cli_docs", ROOT / "tools" / "cli_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert CLI_PAGE.read_text(encoding="utf-8") == module.page(), "run: make docs"


def _anchors(page: Path) -> set[str]:
    """The ids that headings get: lower case, blanks to hyphens, other signs dropped."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).strip().replace(" ", "-") for title in titles}


PLACE = re.compile(r"`(?P<path>[\w.-]+(?:/[\w.-]+)*/?)(?:: (?P<name>\w+))?`")
OURS = ("localize/", "docs/", "tests/", "tools/", "bench/", "samples/")


def places(page: Path) -> Iterator[tuple[str, str]]:
    """The files and folders of the repository that a page names, from its root on, and what it names in each."""
    for found in PLACE.finditer(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        path = found["path"]
        if path.startswith(OURS):
            yield path, found["name"] or ""
        elif page.name == "architecture.md" and re.search(r"/$|\.py$|/.+\.toml$", path):
            yield f"localize/{path}", found["name"] or ""


# The log of changes names what was there then.
@pytest.mark.parametrize("page", [p for p in PAGES if p.name != "CHANGELOG.md"], ids=_name)
def test_every_file_and_function_named_is_there(page: Path) -> None:
    for path, name in places(page):
        assert (ROOT / path).exists(), f"{_name(page)} names {path}"
        if name:
            text = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"(?:def |class |^){name}\b", text, re.M), f"{_name(page)} names {name} in {path}"


def test_the_architecture_names_enough_to_be_checked() -> None:
    named = list(places(ROOT / "docs" / "architecture.md"))
    assert len(named) >= 60
    assert sum(bool(name) for _, name in named) >= 10


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for found in LINK.finditer(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        to = found["to"] or found["picture"]
        if re.match(r"[a-z]+:", to):
            continue
        name, _, anchor = to.partition("#")
        target = (page.parent / name).resolve() if name else page
        inside = target.exists() and ROOT in (target, *target.parents)
        if not inside or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            broken.append(to)
    assert not broken


def test_the_index_has_every_page() -> None:
    for folder in (ROOT / "docs", ROOT / "docs" / "adr"):
        index = (folder / "README.md").read_text(encoding="utf-8")
        listed = {found["to"].partition("#")[0] for found in LINK.finditer(index)}
        pages = {page.name for page in folder.glob("*.md")} - {"README.md"}
        assert pages <= listed, f"not in {_name(folder / 'README.md')}: {sorted(pages - listed)}"


TOML = [
    pytest.param(text, id=f"configuration.md:{line}")
    for line, text, _ in _blocks(ROOT / "docs" / "configuration.md", "toml")
]


@pytest.mark.parametrize("text", TOML)
def test_every_configuration_shown_is_accepted(text: str, tmp_path: Path) -> None:
    path = tmp_path / "localize.toml"
    path.write_text(text, encoding="utf-8")
    job = apply_configuration(Job(Path("film.mp4")), frozenset(), path)
    assert job != Job(Path("film.mp4"))
    assert apply_configuration(Job(Path("film.mp4"), to=("fr",)), frozenset({"to"}), path).to == ("fr",)


def test_every_key_of_the_configuration_is_shown() -> None:
    from localize.config import _KEYS

    shown = {key for parameter in TOML for key in tomllib.loads(str(parameter.values[0]))}
    assert shown == set(_KEYS)


PYTHON = [
    pytest.param(text, f"{_name(page)}:{line}", marked, id=f"{_name(page)}:{line}")
    for page in PAGES
    for line, text, marked in _blocks(page, "python")
]


@pytest.mark.parametrize(("text", "where", "marked"), PYTHON)
def test_python_compiles_and_runs_where_it_says_so(
    text: str, where: str, marked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = compile(textwrap.dedent(text), where, "exec")
    if marked:
        pytest.importorskip("av")
        monkeypatch.chdir(tmp_path)
        exec(code, {"__name__": "example"})


def test_the_page_of_the_api_names_every_field_and_every_public_name() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \| .* \| .* \|$", page, re.M) == [field.name for field in fields(Job)]
    functions = [name for name in localize.__all__ if name.islower() and not name.startswith("__")]
    assert not [name for name in functions if not re.search(rf"localize\.{name}\b", "".join(_python(page)))]


def _python(page: str) -> list[str]:
    """The examples of a page that are run."""
    return re.findall(r"<!-- run(?: on a dub)? -->\n```python\n(.*?)```", page, re.S)


def test_some_python_of_the_api_runs() -> None:
    assert sum(bool(p.values[2]) for p in PYTHON if str(p.values[1]).startswith("docs/api.md")) >= 3


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    reasons = (ROOT / "docs" / "adr" / "0002-dependencies.md").read_text(encoding="utf-8")
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    names = {re.match(r"[A-Za-z0-9_.-]+", requirement)[0] for requirement in wanted}  # type: ignore[index]
    missing = sorted(n for n in names if not re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", reasons))
    assert not missing
