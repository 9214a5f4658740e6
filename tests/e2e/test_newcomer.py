"""Somebody new types what README says, in a terminal, in a clean folder with an empty home and no network: from nothing
to a dubbed clip, a corrected line, and the report in a browser. No dead end on the way.

Two things are not as they are for a person: the packages that pip would fetch are those of the environment that runs
the tests, and the sample is its first seconds. `NEWCOMER_SHOTS=FOLDER` keeps pictures of the report.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from localize.media import ffmpeg

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SECONDS = "8"
LEAVES_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
PATIENCE_MS = 120_000
"""For a busy machine; nothing that is measured hangs on it."""
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("e2e")]


class Terminal:
    """A shell in a terminal, cut off from the network where the system lets a user do that."""

    def __init__(self, folder: Path) -> None:
        alone = ["unshare", "--map-root-user", "--net", "--mount"]
        shell = ["bash", "--norc", "--noprofile", "-i"]
        apart = shutil.which("unshare") and subprocess.run([*alone, "true"], capture_output=True).returncode == 0
        (folder / "home").mkdir()
        environment = {
            "HOME": str(folder / "home"), "PATH": f"{Path(sys._base_executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "TERM": "xterm", "LANG": "C.UTF-8", "PS1": "$ ", "LOCALIZE_MODELS": os.environ["LOCALIZE_MODELS"],
            "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }  # fmt: skip
        self._master, terminal = pty.openpty()
        self._process = subprocess.Popen(
            [*(alone if apart else []), *shell], cwd=folder / "localize", env=environment,
            stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
        )  # fmt: skip
        os.close(terminal)

    def type(self, line: str) -> tuple[int, str]:
        """Type a line, and wait for its end: the exit code, and what the screen shows."""
        os.write(self._master, f'{line}\necho "[ended $?]"\n'.encode())
        shown = ""
        while not (ended := re.search(r"\[ended (\d+)\]", shown)):
            shown += os.read(self._master, 65536).decode("utf-8", "replace")
        return int(ended[1]), re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown[: ended.start()]).replace("\r", "")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)


def told(beginning: str) -> str:
    """The line of README that begins so, as it is typed: without its comment."""
    line = next(line for line in README.splitlines() if line.startswith(beginning))
    return re.sub(r"\s{2,}#.*", "", line)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """In a clone of the repository whose sample is short."""
    clone = tmp_path / "localize"
    for name in ("localize", "voices", "samples"):
        shutil.copytree(ROOT / name, clone / name, ignore=LEAVES_OUT, symlinks=True)
    for name in ("README.md", "pyproject.toml", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, clone / name)
    sample = clone / "samples" / "episode.mp4"
    cut = ["-t", SECONDS, "-map", "0", "-c:v", "copy", "-c:a", "aac", "-b:a", "128k"]
    subprocess.run(
        [ffmpeg(), "-v", "error", "-y", "-i", str(ROOT / "samples/episode.mp4"), *cut, str(sample)], check=True
    )
    opened = Terminal(tmp_path)
    yield opened
    opened.close()


def test_readme_leads_from_nothing_to_a_corrected_dub_and_its_report(terminal: Terminal, tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    clone = tmp_path / "localize"

    def type_line(line: str) -> str:
        code, shown = terminal.type(line)
        assert code == 0, shown
        assert "Traceback" not in shown
        return shown

    type_line(told("python3 -m venv"))
    library = next((clone / ".venv" / "lib").glob("python*/site-packages"))
    (library / "fetched.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")  # what pip would have fetched
    type_line(told("pip install '.[offline]'"))
    assert shown_path(type_line("command -v localize")).is_relative_to(clone / ".venv")
    assert "everything that a dub needs is here" in type_line(told("localize doctor").split("  ")[0])

    shown = type_line(told("localize dub samples/episode.mp4 --to es"))
    assert re.search(r"es report +\S+episode\.es\.report\.html: overlap [01]\.\d\d, \d+ % of lines on time", shown), (
        shown
    )
    out = clone / "localized" / "episode"
    subtitles = out / "episode.es.srt"
    before = subtitles.read_text("utf-8")
    word = re.findall(r"[a-z]{4,}", before)[-1]
    subtitles.write_text(before.replace(word, "Barcelona"), "utf-8")

    code, shown = terminal.type("localize dub samples/episode.mp4 --to es")
    assert code == 2
    assert "give it as --translation" in " ".join(shown.split()), "what was corrected is not written over"
    corrected = told("localize dub episode.mp4 --to es --translation localized/episode/episode.es.srt")
    shown = type_line(corrected.replace(" episode.mp4", " samples/episode.mp4"))
    assert "corrects s0" in shown
    assert "Barcelona" in subtitles.read_text("utf-8")
    assert "Barcelona" in type_line("localize explain localized/episode")
    assert "ok   " in type_line("localize verify localized/episode")
    home = tmp_path / "home"
    written = {str(path.relative_to(home)) for path in (*home.glob(".cache/*"), *home.glob(".local/share/*"))}
    assert written - {".cache/pip"} == {".cache/localize", ".local/share/localize"}, "docs/install.md names them"
    if CHROMIUM is not None:
        look_at(out / "episode.es.report.html")


def shown_path(shown: str) -> Path:
    return Path(next(line for line in shown.splitlines() if line.startswith("/")))


def look_at(page: Path) -> None:
    """Open the report as a browser shows it, on a screen and on a phone, and play a line."""
    playwright = pytest.importorskip("playwright.sync_api")
    arguments = ["--autoplay-policy=no-user-gesture-required", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for width in (1280, 390):
            shown = browser.new_page(viewport={"width": width, "height": 900})
            shown.set_default_timeout(PATIENCE_MS)
            failed: list[str] = []
            shown.on("requestfailed", lambda request, failed=failed: failed.append(request.url))
            shown.goto(page.as_uri())
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            assert "Barcelona" in shown.inner_text("body")
            shown.locator("svg a").first.click()
            assert shown.url.endswith("#s0001")
            for player in shown.locator("#s0001 audio").all():
                player.evaluate("a => new Promise((y, n) => { a.onended = y; a.onerror = n; a.play() })")
            assert failed == []
            if folder := os.environ.get("NEWCOMER_SHOTS"):
                shown.screenshot(path=str(Path(folder) / f"report-{width}.png"))
        browser.close()
