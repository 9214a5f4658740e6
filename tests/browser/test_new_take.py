"""A line is corrected, and another recorded, and the new takes are heard in the page: by WebAudio, while it plays.

The dub is made anew by the real pipeline in the server's own process; its engines are the fakes of `localize.testing`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser_pages import OWN_HZ, browser_marks, correct, events, opened, until

pytestmark = browser_marks
HEARD = """async () => {
  const { player } = window.review;
  const line = window.review.page.lines.find((entry) => entry.id === window.review.page.selected);
  await player.play(Math.max(0, line.start_ms - 400), line.end_ms + 400);
  const tap = player.context.createAnalyser();
  Object.assign(tap, { fftSize: 8192, smoothingTimeConstant: 0 });
  player.channels.connect(tap, 6);
  const [samples, levels] = [new Float32Array(512), new Float32Array(tap.frequencyBinCount)];
  let [first, last, loudest, hertz] = [null, 0, -Infinity, 0];
  while (player.playing) {
    await new Promise((next) => setTimeout(next, 10));
    tap.getFloatTimeDomainData(samples);
    if (Math.max(...samples.map(Math.abs)) < 0.005) continue;
    first ??= player.ms;
    last = player.ms;
    tap.getFloatFrequencyData(levels);
    const peak = levels.reduce((best, level, at) => (level > levels[best] ? at : best), 0);
    if (levels[peak] > loudest) [loudest, hertz] = [levels[peak], (peak * player.context.sampleRate) / tap.fftSize];
  }
  player.channels.disconnect(tap, 6);
  return { length_ms: last - (first ?? last), hertz };
}"""
"""Play the chosen line; how long the dub's voice is heard in it, and at which frequency it is loudest."""


def test_a_corrected_line_and_a_recorded_one_are_heard_in_the_page(dubbed: Path, browser: Any, serve: Any) -> None:
    url, _ = serve(dubbed)
    page = opened(browser, url)
    before = page.evaluate(HEARD)
    assert before["length_ms"] > 700
    correct(page, "No.")
    until(page, "window.review.page.state.made > 1")
    after = page.evaluate(HEARD)
    print(f"heard for {before['length_ms']:.0f} ms before, {after['length_ms']:.0f} ms after")
    assert after["length_ms"] < 450
    until(page, "window.review.page.runs === 1")
    page.click("[data-line=s0002]")
    other = page.evaluate(HEARD)["hertz"]
    assert abs(other - OWN_HZ) > 30
    page.click("#own summary")
    page.set_input_files("#ownFile", str(dubbed.parent / "own.wav"))
    until(page, "!document.getElementById('ownUse').disabled")
    assert "0.9" in page.inner_text("#ownLength")
    made = page.evaluate("window.review.page.state.made")
    page.click("#ownUse")
    until(page, f"window.review.page.state.made > {made}")
    heard = page.evaluate(HEARD)
    print(f"heard at {other:.0f} Hz before, at {heard['hertz']:.0f} Hz as it was recorded")
    assert heard["hertz"] == pytest.approx(OWN_HZ, abs=8)
    assert page.is_visible("[data-line=s0002] .chip.recorded")
    page.set_input_files("#ownFile", str(dubbed.parent / "own.wav"))
    until(page, "!document.getElementById('ownGuide').disabled")
    page.click("#ownGuide")
    until(page, "window.review.page.lines[1].guide && !window.review.page.lines[1].pending")
    assert abs(page.evaluate(HEARD)["hertz"] - OWN_HZ) > 30, "a guide is not heard"
    assert page.is_visible("[data-line=s0002] .chip.guided")
    page.context.grant_permissions(["microphone"])
    page.click("#ownRecord")
    page.wait_for_selector("#ownRecord[aria-pressed=true]")
    page.evaluate("new Promise((next) => setTimeout(next, 1500))")  # the browser's own microphone beeps every second
    page.click("#ownRecord")
    until(page, "!document.getElementById('ownUse').disabled")
    assert len(list((dubbed / "film.takes").glob("*.wav"))) == 2
    assert [e["kind"] for e in events(dubbed)] == ["edit_translation", "own_take", "guide_take"]
    assert page.faults == []
    page.context.close()
