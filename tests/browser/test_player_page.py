"""The player of `localize package --player`, opened from disk in a real browser: `make test-browser`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from made_films import make_films

from localize import package_player

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt install chromium, or set CHROMIUM"),
]
PATIENCE_MS = 120_000
"""For a busy machine; nothing that is measured hangs on it."""
IN_STEP_MS = 40
HOSTILE = "<img src=x onerror='document.title=1'>"
LONG = "We have been waiting for you in this house since the beginning of the summer."
LARGO = "Te hemos estado esperando en esta casa desde que empezó el verano."
LINES = ("Good evening to you.", HOSTILE, LONG, "Who is there?", "It is me.", "Come in.", "Thank you.", "Sit down.")
ES = ("Buenas noches.", HOSTILE, LARGO, "¿Quién anda ahí?", "Soy yo.", "Pasa.", "Gracias.", "Siéntate.")
PT = ("Boa noite.", HOSTILE, "Estamos à tua espera.", "Quem está aí?", "Sou eu.", "Entra.", "Obrigado.", "Senta-te.")
APART = """async (frames) => {
  const { picture } = window.player;
  const apart = [];
  while (apart.length < frames) {
    const [now, shown] = await new Promise((next) => picture.requestVideoFrameCallback((...given) => next(given)));
    const heard = window.player.sound().currentTime + (shown.expectedDisplayTime - performance.now()) / 1000;
    apart.push((shown.mediaTime - heard) * 1000);
  }
  return apart.map(Math.abs).sort((a, b) => a - b);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    arguments = ["--autoplay-policy=no-user-gesture-required", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """The page of a packaged film, moved to another place with a name that needs care."""
    out = make_films(tmp_path / "out", LINES, {"es": ES, "pt": PT}, seconds=20, forced=("s0004",))
    moved = tmp_path / "a film, 100 % #1"
    shutil.move(package_player(out).master.parent, moved)
    return moved / "index.html"


def opened(browser: Any, path: Path, *, width: int = 1280, **options: Any) -> Any:
    """A window on the page, that fails on any error, refusal of the policy, or request of anything but its folder."""
    context = browser.new_context(**{"viewport": {"width": width, "height": 800}, "locale": "en-US", **options})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    folder = path.parent.as_uri()
    page.on("request", lambda sent: None if sent.url.startswith(folder) else page.faults.append(sent.url))
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    return page


def until(page: Any, condition: str) -> None:
    """Wait for a condition; the policy of the page forbids Playwright's own way, which compiles texts in it."""
    page.evaluate(f"async () => {{ while (!({condition})) await new Promise(requestAnimationFrame); }}")


def cues_at(page: Any, seconds: float) -> tuple[str, str]:
    """(profile, text) of what is shown at a time."""
    page.evaluate("(at) => window.player.seek(at)", seconds)
    until(page, f"Math.abs(window.player.now() - {seconds}) < 0.2")
    return page.get_attribute("#cues", "data-profile"), page.inner_text("#cues")


def measure_apart(page: Any, when: str) -> None:
    """How far each presented frame is from what is heard."""
    until(page, "window.player.picture.currentTime > 0 && !window.player.picture.seeking")
    page.evaluate(APART, 25)  # until the picture has caught up
    found = page.evaluate(APART, 50)
    median, most = found[len(found) // 2], found[int(len(found) * 0.9)]
    print(f"{when}: picture and sound are {median:.1f} ms apart, {most:.1f} ms in nine frames of ten")
    assert median <= IN_STEP_MS


def test_picture_and_every_sound_are_in_step(browser: Any, film: Path) -> None:
    page = opened(browser, film)
    page.keyboard.press("Space")
    measure_apart(page, "playing")
    page.select_option("#sound", "2")
    assert page.evaluate("window.player.sound().src").endswith("audio-original.m4a")
    measure_apart(page, "another sound")
    page.evaluate("window.player.seek(13)")
    measure_apart(page, "after a leap")
    page.keyboard.press("Space")
    assert page.evaluate("[window.player.picture.paused, window.player.sound().paused]") == [True, True]
    page.evaluate("window.player.seek(19.6)")
    page.keyboard.press("Space")
    until(page, "window.player.picture.ended || window.player.picture.paused")
    until(page, "document.querySelector('#play').textContent === 'Play'")
    assert page.faults == []
    page.context.close()


def test_subtitles_follow_the_screen_and_the_viewer(browser: Any, film: Path) -> None:
    page = opened(browser, film)
    assert cues_at(page, 7) == ("forced", "¿Quién anda ahí?")  # none chosen: what must be read all the same
    assert cues_at(page, 1) == ("forced", "")
    page.select_option("#subtitles", label="Español")
    assert cues_at(page, 1) == ("netflix", "Buenas noches.")
    assert cues_at(page, 3)[1].replace("\n", " ") == HOSTILE
    page.set_viewport_size({"width": 390, "height": 800})
    until(page, "document.querySelector('#cues').dataset.profile === 'mobile'")
    size = "parseFloat(getComputedStyle(document.querySelector('#cues')).fontSize)"
    small = page.evaluate(size)
    page.check("#large")
    assert page.evaluate(size) > small
    assert page.evaluate("document.querySelector('#cues').scrollWidth <= innerWidth")
    page.select_option("#style", "easy")
    assert cues_at(page, 1) == ("easy", "Buenas noches.")
    page.select_option("#style", "sdh")
    assert cues_at(page, 19) == ("netflix-sdh", "[música]")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert (page.input_value("#style"), page.is_checked("#large"), page.input_value("#subtitles")) == ("sdh", True, "0")
    assert page.title() == "film"
    assert page.faults == []
    page.context.close()


def test_who_hears_a_dub_is_told_and_keys_alone_suffice(browser: Any, film: Path) -> None:
    page = opened(browser, film, locale="es-ES")
    assert page.inner_text("#label") == "Voces generadas con IA"
    assert page.is_visible("#notice")
    assert page.evaluate("document.documentElement.lang") == "es"
    page.keyboard.press("a")
    page.keyboard.press("a")
    assert "original" in page.inner_text("#sound option:checked")
    assert not page.is_visible("#label")
    assert not page.is_visible("#notice")
    page.keyboard.press("c")
    assert page.inner_text("#subtitles option:checked") == "English"
    page.keyboard.press("End")
    assert page.inner_text("#clock") == "0:20 / 0:20"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#clock") == "0:05 / 0:20"
    page.keyboard.press("m")
    assert page.evaluate("window.player.sound().muted")
    page.keyboard.press("?")
    page.uncheck("#letters")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    assert page.evaluate("window.player.sound().muted")
    page.select_option("#words", "en")
    assert page.inner_text("#play") == "Play"
    assert page.faults == []
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (3840, "dark")])
def test_the_player_stands_in_nobodys_way(browser: Any, film: Path, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_core_python.sync_playwright")
    page = opened(browser, film, width=width, color_scheme=scheme, reduced_motion="reduce")
    page.select_option("#subtitles", "0")
    assert cues_at(page, 1)[1] == "Buenas noches."
    found = axe.Axe().run(page)["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()
