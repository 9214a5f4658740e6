"""report.html in a real browser: nothing to scroll sideways for on a phone, and nothing that axe-core finds serious.

axe-core (Deque, https://github.com/dequelabs/axe-core) judges the page by WCAG 2.1 A and AA, contrast of text among it,
in light and dark.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from localize.delivery.report import Report
from localize.delivery.report_html import render_report
from localize.runtime.records import from_json

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DARK, LIGHT = 0, 1
LINES = [
    {
        "segment": f"s{n:04}", "speaker": "S1", "voice": "ef_dora", "text": "¿Dónde pusiste las llaves del coche rojo?",
        "read_back": "donde pusiste las llaves", "rate": rate, "fit": fit, "start_error_ms": 10, "end_error_ms": 40,
        "source": [[n * 3000, n * 3000 + 2000]], "dub": [[n * 3000 + 10, n * 3000 + 2040]], "overlap": 0.9,
        "candidate": 1, "rule": "shorter", "instead_of": "¿En qué lugar pusiste las llaves del coche?",
        "reason": "candidate 2 for its length (shorter), rate 1.21", "source_text": "Where did you put the keys?",
        "risk": 0.4, "doubts": ["its other wordings differ much"],
    }
    for n, (rate, fit) in enumerate([(0.7, "exact"), (1.0, "exact"), (1.25, "stretched"), (1.4, "overflow")], 1)
]  # fmt: skip
FIGURES = {
    "lines": 4, "overlap": 0.93, "on_time": 75.0, "start_ms": [12, 180], "talk_over_ms": 0, "fast_lines": 50.0,
    "max_rate": 1.4, "overflow": 1, "wer": 0.04, "dnsmos": 3.05, "loudness_lufs": -23.1, "source_loudness_lufs": -23.0,
    "true_peak_dbtp": -1.4, "review": ["s0004"], "likely_wrong": 0,
}  # fmt: skip
SOUND = {
    "bed": "separated", "loudness": "source", "dialogue_lufs": -22.0,
    "delivered": {"loudness_lufs": -23.1, "true_peak_dbtp": -1.3}, "rooms": {"S1": {"rt60_ms": 300, "eq_db": {}}},
}  # fmt: skip
WARNING = {"code": "overflow", "message": "line s0004 does not fit: 400 ms too long at 1.295 x: shorten the text"}
REPORT: dict[str, Any] = {
    "language": "es", "source_language": "en", "duration_ms": 70_000, "summary": FIGURES, "sound": SOUND,
    "engines": {"synthesizer": "kokoro:kokoro-82m-int8 0.5 8f3c" * 4}, "lines": LINES, "warnings": [WARNING],
    "cast": [{"speaker": "S1", "voice": "ef_dora", "reason": "the nearest voice", "name": "Ann"}],
}  # fmt: skip
PAGE = """<!doctype html><iframe id=page style="width:%dpx;height:3000px;border:0"></iframe><pre id=found></pre><script>
const frame = document.getElementById("page"), found = document.getElementById("found");
frame.onload = async () => {
  const page = frame.contentDocument, script = page.createElement("script");
  script.textContent = %s;
  page.head.append(script);
  const judged = await frame.contentWindow.axe.run(page, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]});
  const wrong = judged.violations.map(
    v => [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 120) + " " + n.failureSummary)]);
  found.textContent = JSON.stringify(
    {scroll: page.documentElement.scrollWidth, rules: judged.passes.map(p => p.id), wrong: wrong});
};
frame.srcdoc = %s;
</script>"""


def judged(folder: Path, width: int, scheme: int, html: str) -> dict[str, Any]:
    """What the browser and axe-core find in a page that is shown so wide."""
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    safe = (json.dumps(text).replace("</", "<\\/") for text in (axe, html))
    path = folder / "page.html"
    path.write_text(PAGE % (width, *safe), "utf-8")
    settings = [f"--user-data-dir={folder / 'browser'}", f"--blink-settings=preferredColorScheme={scheme}"]
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", *settings]
    out = subprocess.run([*command, "--dump-dom", path.as_uri()], capture_output=True, text=True, check=True).stdout
    said = re.search(r"<pre id=\"found\">(\{.*?\})</pre>", out, re.S)
    assert said is not None, "axe-core did not answer"
    return dict(json.loads(said[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")))


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.parametrize(("width", "scheme"), [(390, LIGHT), (1280, DARK)])
def test_the_page_is_for_everybody(tmp_path: Path, width: int, scheme: int) -> None:
    found = judged(tmp_path, width, scheme, render_report(from_json(Report, REPORT), "The rain outside"))
    assert found["scroll"] <= width
    assert "color-contrast" in found["rules"]
    assert found["wrong"] == []
