"""Two variants compared in the review room, blind, in a real browser: `make test-browser`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import test_review_page
from made_dubs import make_dub

browser, serve, pytestmark = test_review_page.browser, test_review_page.serve, test_review_page.pytestmark
HOSTILE = test_review_page.HOSTILE
LINES = [("Where is it?", "¿Dónde está?"), ("It is here.", "Está aquí."), ("Good.", HOSTILE), ("Yes.", "Sí.")]
WARM = [("Where is it?", "¿Y dónde está?"), ("It is here.", "Aquí está."), ("Good.", "Muy bien."), ("Yes.", "Sí.")]


def side_of(page: Any, text: str) -> str:
    """Which side says a text."""
    said = page.locator("#compareDialog .side .words").all_inner_texts()
    return "ab"[said.index(text)]


def test_two_variants_are_compared_blind_by_keys_alone(tmp_path: Path, browser: Any, serve: Any) -> None:
    folder = make_dub(tmp_path, LINES, film=False)
    make_dub(tmp_path, WARM, film=False, variant="warm", level=0.7)
    url, _ = serve(folder)
    page = test_review_page.opened(browser, url)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.click("#openCompare")
    page.wait_for_selector("#compareDialog .sides")
    assert page.is_checked("#compareBlind")
    assert "warm" not in page.inner_text("#compareDialog .pair")
    assert HOSTILE not in page.inner_text("#compareDialog .pair")
    page.focus("#compareDialog [data-hear=A]")
    with page.expect_response(lambda answer: "compare.wav" in answer.url) as answered:
        page.keyboard.press("1")
    assert answered.value.status in (200, 206)
    page.keyboard.press(side_of(page, "¿Y dónde está?"))
    page.wait_for_selector("#compareDialog >> text=Line 2 of 3, 1 chosen.")
    page.keyboard.press("e")
    page.wait_for_selector("#compareDialog >> text=Line 3 of 3, 2 chosen.")
    assert not page.locator("#compareWins").count()
    page.keyboard.press(side_of(page, HOSTILE))
    page.wait_for_selector("#compareWins")
    assert page.locator("#compareWins dd").all_inner_texts() == [
        "main dub 1, warm 1, neither is better 1", "main dub 1, warm 1, neither is better 0",
        "main dub 0, warm 0, neither is better 1",
    ]  # fmt: skip
    found = test_review_page.events(folder)
    assert [(e["line"], e["prefers"], e["blind"]) for e in found] == [
        ("s0001", "warm", True), ("s0002", "equal", True), ("s0003", "main", True),
    ]  # fmt: skip
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.click("#openCompare")
    page.wait_for_selector("#compareDialog [aria-pressed=true]")
    assert page.title() == "film (es)"
    assert page.faults == []
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_comparison_stands_in_nobodys_way(
    tmp_path: Path, browser: Any, serve: Any, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_core_python.sync_playwright")
    folder = make_dub(tmp_path, LINES, film=False)
    make_dub(tmp_path, WARM, film=False, variant="warm")
    url, _ = serve(folder)
    page = test_review_page.opened(browser, url, width=width, color_scheme=scheme, reduced_motion="reduce")
    page.click("#openCompare")
    page.wait_for_selector("#compareDialog .sides")
    page.uncheck("#compareBlind")
    page.wait_for_selector("#compareDialog h3 >> text=A: main dub")
    found = axe.Axe().run(page)["violations"]
    serious = [
        (v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert page.evaluate("document.getElementById('compareDialog').scrollWidth <= innerWidth")
    page.context.close()
