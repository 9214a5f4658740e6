"""The site of docs/ is built whole, from these files alone; what is broken or forgotten fails it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TAKEN = (
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "NOTICE", "SECURITY.md", "mkdocs.yml", "tools/docs_site.py",
    "samples/NOTICE", "localize/models/weights/dialogue-en-es/MODEL_CARD.md",
)  # fmt: skip
pytest.importorskip("mkdocs")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the site is made of, to be changed."""
    for name in TAKEN:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


def build(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    return subprocess.run(command, cwd=checkout, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_every_page_is_built_and_fetches_nothing_from_another_host(checkout: Path) -> None:
    done = build(checkout)
    assert done.returncode == 0, done.stderr
    pages = {p.relative_to(checkout / "site").as_posix(): p.read_text() for p in (checkout / "site").rglob("*.html")}
    sources = {p.relative_to(checkout / "docs") for p in (checkout / "docs").rglob("*.md")}
    named = {str(p.with_name("index.html" if p.name == "README.md" else f"{p.stem}.html")) for p in sources}
    assert named <= set(pages)
    for name, page in pages.items():
        assert "```" not in page, f"{name} shows a fence: it is not read as code"
        assert not re.search(r"""<(?:script|img|link)[^>]+(?:src|href)=["']?(?:https?:)?//""", page), name
    assert 'href="CONTRIBUTING.html#add-an-engine"' in pages["api.html"]
    assert 'href="architecture.html"' in pages["CONTRIBUTING.html"]
    assert re.search(r"<ol>(?:\s*<li>.*?</li>){7}\s*</ol>", pages["CONTRIBUTING.html"], re.S), "code parts no list"
    assert 'href="../licences.html"' in pages["adr/0002-dependencies.html"]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("docs/dub.md", "[gone](nowhere.md)", "nowhere.md"),
        ("docs/dub.md", "[gone](sound.md#nowhere)", "nowhere"),
        ("docs/adr/README.md", "[gone](../../README.rst)", "README.rst"),
        ("CONTRIBUTING.md", "[gone](docs/nowhere.md)", "nowhere.md"),
        ("docs/forgotten.md", "# In no list", "forgotten.md"),
    ],
)
def test_a_broken_link_or_a_forgotten_page_fails_the_build(checkout: Path, file: str, text: str, said: str) -> None:
    with (checkout / file).open("a", encoding="utf-8") as page:
        page.write(f"\n\n{text}\n")
    done = build(checkout)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
