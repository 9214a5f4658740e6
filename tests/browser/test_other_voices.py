"""Other voices for a person: heard, given by one click, taken back; the fakes of `localize.testing` speak."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser_pages import browser_marks, events, opened, until

pytestmark = browser_marks
PLAYED = """async () => {
  const part = document.querySelectorAll("#audition audio")[1];
  part.muted = true;
  await part.play();
  const first = part.duration;
  const kind = document.getElementById("words");
  for (const language of ["es", "en"]) { // the line is drawn anew meanwhile
    kind.value = language;
    await kind.onchange();
  }
  if (!part.ended) await new Promise((next) => (part.onended = next));
  return [first, part.currentTime];
}"""
"""Play the second of the offered voices to its end, while the line is drawn anew: how long it is, and where the player
is then.
"""


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_person_gets_one_of_three_voices_by_a_click_and_loses_it_by_undo(
    dubbed: Path, browser: Any, serve: Any, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_core_python.sync_playwright")
    url, _ = serve(dubbed)
    page = opened(browser, url, width=width, color_scheme=scheme, reduced_motion="reduce")
    page.focus("#audition summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "auditionBegin"
    page.keyboard.press("Enter")
    assert "Three voices are made" in page.inner_text("#auditionTold")
    page.wait_for_selector("#audition li:nth-child(3)")
    assert page.evaluate("document.activeElement.id") == "auditionBegin", "whoever uses keys is where they were"
    voices = page.locator("#audition li b").all_inner_texts()
    assert voices[0] == "em_alex"
    assert len(set(voices)) == 3
    length, at = page.evaluate(PLAYED)
    assert length > 0.3
    assert at == pytest.approx(length, abs=0.05)
    assert page.get_attribute("#give-em_alex", "aria-pressed") == "true"
    page.hover("#give-em_alex")
    found = axe.Axe().run(page)["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.focus(f"#give-{voices[1]}")
    page.keyboard.press("Enter")
    until(page, "window.review.page.state.review.events.length === 2")
    assert [(e["kind"], e["line"], e["language"], e["voice"]) for e in events(dubbed)] == [
        ("change_voice", "s0001", "es", voices[1]), ("change_voice", "s0002", "es", voices[1]),
    ]  # fmt: skip
    assert page.get_attribute(f"#give-{voices[1]}", "aria-pressed") == "true"
    until(page, f"window.review.page.state.lines.every((line) => line.voice === {voices[1]!r})")
    page.click("#auditionBegin")
    until(page, f"document.querySelector('#audition li b').textContent === {voices[1]!r}")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("u")
    until(page, "window.review.page.state.review.events.length === 4")
    assert sorted(e["undoes"] for e in events(dubbed)[2:]) == [1, 2]
    until(page, "window.review.page.lines.every((line) => line.voice === 'em_alex')")
    assert page.get_attribute(f"#give-{voices[1]}", "aria-pressed") == "false"
    assert page.faults == []
    page.context.close()


def test_the_page_says_it_in_spanish_and_gives_a_recorded_line_no_other_voice(
    dubbed: Path, browser: Any, serve: Any
) -> None:
    url, _ = serve(dubbed)
    page = opened(browser, url)
    page.select_option("#words", "es")
    page.click("#audition summary")
    assert page.inner_text("#auditionBegin") == "Oír esta línea con tres voces"
    page.click("[data-line=s0002]")
    page.click("#own summary")
    page.set_input_files("#ownFile", str(dubbed.parent / "own.wav"))
    until(page, "!document.getElementById('ownUse').disabled")
    page.click("#ownUse")
    page.wait_for_selector("#audition", state="detached")
    page.click("[data-line=s0001]")
    page.click("#audition summary")
    page.click("#auditionBegin")
    page.wait_for_selector("#audition li:nth-child(3)")
    assert "(líneas: 1)" in page.inner_text("#audition li:nth-child(2) button")
    assert page.faults == []
    page.context.close()
