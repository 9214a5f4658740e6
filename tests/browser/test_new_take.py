"""A line is corrected, and another recorded, and the new takes are heard in the page: by WebAudio, while it plays.

The dub is made anew by the real pipeline in the server's own process; its engines are the fakes of `localize.testing`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser_pages import browser_marks, correct, events, opened, until

from localize import consent
from tests.fake_package import ENGINES, lay_tones

pytestmark = browser_marks
ROOT = Path(__file__).resolve().parents[2]
CUES = (
    "1\n00:00:01,000 --> 00:00:02,200\nWhere did you put the keys?\n\n2\n00:00:03,000 --> 00:00:03,900\nOn the table.\n"
)
OWN_HZ = 333
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


@pytest.fixture
def dubbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tone: Any) -> Path:
    """A dub of five seconds by the fakes, as the command makes it; beside it a recording of one line by "ana"."""
    lay_tones(tmp_path / "site")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path / "site"), str(ROOT))))
    track = np.zeros(240_000, np.float32)
    for start, length in ((1.0, 1.2), (3.0, 0.9)):
        voice = tone(length, 180.0, 0.2)
        track[int(start * 48_000) : int(start * 48_000) + len(voice)] += voice
    soundfile.write(tmp_path / "film.wav", track, 48_000, "PCM_24")
    (tmp_path / "film.en.srt").write_text(CUES, "utf-8")
    given = ["--transcript", "film.en.srt", "--speakers", "1", "--voice", "S1=em_alex", "--bed", "duck", "--from", "en"]
    engines = [w for role, name in ENGINES.items() for w in ("--engine", f"{role}={name}")]
    command = [sys.executable, "-m", "localize", "dub", "film.wav", "--to", "es", *given, *engines, "-o", "out", "-q"]
    subprocess.run(command, cwd=tmp_path, check=True)
    quiet = np.zeros(9_600, np.float32)
    soundfile.write(tmp_path / "own.wav", np.concatenate([quiet, tone(0.9, OWN_HZ, 0.3), quiet]), 48_000, "PCM_24")
    bursts = np.arange(7 * 44_100) // 8000 % 2
    soundfile.write(tmp_path / "ana.wav", np.random.default_rng(1).normal(0, 0.2, len(bursts)) * bursts, 44_100)
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\nsigned")
    home = consent.Home.open()
    consent.enroll(home, "ana", reference=tmp_path / "ana.wav", evidence=tmp_path / "paper.pdf")
    consent.grant(home, "ana", languages=["es"], cloning=False)
    return tmp_path / "out"


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
