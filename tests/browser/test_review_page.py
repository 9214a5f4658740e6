"""The page of the review room in a real browser, over a real server: `make test-browser`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser_pages import HOSTILE, LINES, browser_marks, correct, events, opened
from made_dubs import make_dub

pytestmark = browser_marks
FRAMES = 300


def test_a_reviewer_corrects_takes_back_and_approves_by_keys_alone(tmp_path: Path, browser: Any, serve: Any) -> None:
    folder = make_dub(tmp_path, LINES, film=False)
    url, process = serve(folder)
    page = opened(browser, url)
    correct(page, "¿Y dónde está?")
    page.wait_for_selector(".dubbed.pending")
    assert [(e["kind"], e["text"]) for e in events(folder)] == [("edit_translation", "¿Y dónde está?")]
    page.wait_for_selector(".toast.error")  # the film is not here, so that the dub stays as it was: that is said
    assert "--source" in page.inner_text(".toast.error")
    page.focus("#lines")
    page.keyboard.press("u")
    page.wait_for_selector(".dubbed.pending", state="detached")
    page.keyboard.press("j")
    assert page.inner_text("#line h2").startswith("s0002")
    assert HOSTILE in page.inner_text("#line .said")
    page.keyboard.press("a")
    page.wait_for_selector("[data-line=s0002] .chip.approved")
    assert [e["kind"] for e in events(folder)] == ["edit_translation", "undo", "approve"]
    page.click("#openFigures")
    figures = page.inner_text("#figuresList")
    assert ("1 of 4 (25 %)" in figures, "0 of 4 (0 %)" in figures, "figure." in figures) == (True, True, False)
    page.keyboard.press("Escape")
    page.focus("#lines")
    page.keyboard.press("?")
    assert page.is_visible("#keysDialog")
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector("[data-line=s0002] .chip.approved")
    assert page.title() == "film (es)"
    process.kill()
    page.wait_for_selector(".toast.error")
    correct(page, "Nobody hears it.")
    page.wait_for_selector(".chip.typed")  # told and kept, not lost
    assert page.faults == []
    page.context.close()
    page = opened(browser, serve(folder)[0])
    page.wait_for_selector("[data-line=s0002] .chip.approved")
    assert [e["kind"] for e in events(folder)] == ["edit_translation", "undo", "approve"]
    page.context.close()


def test_source_and_dub_are_heard_in_step(tmp_path: Path, browser: Any, serve: Any) -> None:
    """Measured by WebAudio while it plays: the clicks of both at once, and each in the ear it belongs to."""
    url, _ = serve(make_dub(tmp_path, LINES * 5))
    page = opened(browser, url)
    page.keyboard.press("3")
    assert page.get_attribute("[data-ear=both]", "aria-checked") == "true"
    apart_ms = page.evaluate(
        """async () => {
          const { player } = window.review;
          await player.play(0);
          const taps = [0, 2].map((channel) => {
            const tap = player.context.createAnalyser();
            tap.fftSize = 32768;
            player.channels.connect(tap, channel);
            return tap;
          });
          const last = (tap, least) => {
            const heard = new Float32Array(tap.fftSize);
            tap.getFloatTimeDomainData(heard);
            return heard.findLastIndex((sample) => Math.abs(sample) > least);
          };
          for (;;) {
            await new Promise((next) => setTimeout(next, 50));
            const [source, dub] = [last(taps[0], 0.6), last(taps[1], 0.3)];
            if (source > 2000 && dub > 2000) return (Math.abs(source - dub) / player.context.sampleRate) * 1000;
          }
        }"""
    )
    print(f"source and dub are {apart_ms:.2f} ms apart")
    assert apart_ms <= 20
    ears = page.evaluate(
        "window.review.player.gains.map((side) => side.map((gain) => Math.round(gain.gain.value * 10)))"
    )
    assert ears == [[5, 5, 0, 0, 0, 0, 0, 0], [0, 0, 5, 5, 0, 0, 0, 0]]
    page.keyboard.press("Space")
    assert page.faults == []
    page.context.close()


def test_two_windows_do_not_overwrite_each_other(tmp_path: Path, browser: Any, serve: Any) -> None:
    folder = make_dub(tmp_path, LINES, film=False)
    url, _ = serve(folder)
    ana, ben = opened(browser, url), opened(browser, url, who="Ben")
    ben.keyboard.press("e")
    ben.fill("#translation", "¿Dónde está eso?")
    correct(ana, "¿Y dónde?")
    ana.wait_for_selector(".dubbed.pending")
    ben.wait_for_selector(".dubbed.pending")
    ben.keyboard.press("Control+Enter")
    ben.wait_for_selector("#conflict[open]")
    assert "Ana" in ben.inner_text("#conflict")
    assert "¿Y dónde?" in ben.inner_text("#conflictList")
    assert [e["text"] for e in events(folder)] == ["¿Y dónde?"]
    ben.click("#conflictWrite")
    ben.wait_for_selector("#conflict:not([open])", state="attached")
    ana.wait_for_selector("[data-line=s0001] >> text=¿Dónde está eso?")
    assert ana.input_value("#translation") == "¿Dónde está eso?"
    assert [e["who"] for e in events(folder)] == ["Ana", "Ben"]
    assert ana.faults + ben.faults == []
    ana.context.close()
    ben.context.close()


def test_what_is_typed_stays_until_it_is_saved_and_source_voice_and_times_are_corrected(
    tmp_path: Path, browser: Any, serve: Any
) -> None:
    folder = make_dub(tmp_path, LINES, film=False, each_ms=2001)
    url, _ = serve(folder)
    page = opened(browser, url)
    page.fill("#translation", "¿Dónde?")
    page.fill("#note", "Ask Bo.")
    page.click("[data-line=s0003]")
    page.wait_for_selector("[data-line=s0001] .chip.typed")
    page.click("#corrections summary")
    page.fill("#sourceText", "It is there.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-line=s0003] .chip.pending")
    page.fill("#voiceName", "em_alex")
    page.keyboard.press("Enter")
    page.wait_for_selector("#line .history li:nth-child(2)")
    page.click("#times summary")
    page.fill("#ends", "5.9")
    page.keyboard.press("Enter")
    page.wait_for_selector("#line .history li:nth-child(3)")
    page.click("[data-line=s0001]")
    assert (page.input_value("#translation"), page.input_value("#note")) == ("¿Dónde?", "Ask Bo.")
    page.press("#note", "Enter")
    page.wait_for_selector("[data-line=s0001] .chip.comment")
    assert page.input_value("#translation") == "¿Dónde?"
    page.press("#translation", "Control+Enter")
    page.wait_for_selector("[data-line=s0001] .chip.typed", state="detached")
    found = [{k: v for k, v in e.items() if k not in ("number", "at", "who")} for e in events(folder)]
    begins = found[2].pop("start_ms")
    assert begins == 2 * 2001 + 500
    assert found == [
        {"kind": "edit_source", "line": "s0003", "text": "It is there."},
        {"kind": "change_voice", "line": "s0003", "language": "es", "voice": "em_alex"},
        {"kind": "retime", "line": "s0003", "end_ms": 5900},
        {"kind": "comment", "line": "s0001", "language": "es", "text": "Ask Bo.", "at_ms": 500},
        {"kind": "edit_translation", "line": "s0001", "language": "es", "text": "¿Dónde?"},
    ]
    assert page.faults == []
    page.context.close()


def test_a_thousand_lines_scroll_within_a_frame(tmp_path: Path, browser: Any, serve: Any) -> None:
    """Processor time of the page's thread for each frame of a scroll through all lines: under a 60th of a second. How
    many tasks took over 50 ms of a clock is printed: beside other work that says nothing of the page.
    """
    url, _ = serve(make_dub(tmp_path, LINES * 250, each_ms=100))
    page = opened(browser, url)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked_s() -> float:
        return next(
            m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration"
        )

    before = worked_s()
    rows, long_tasks = page.evaluate(
        """async (frames) => {
          const box = document.getElementById("lines");
          let most = 0;
          let long = 0;
          const observer = new PerformanceObserver((list) => { long += list.getEntries().length; });
          observer.observe({ entryTypes: ["longtask"] });
          for (let at = 1; at <= frames; at++) {
            box.scrollTop = (box.scrollHeight * at) / frames;
            await new Promise((next) => requestAnimationFrame(next));
            most = Math.max(most, box.querySelectorAll("[data-line]").length);
          }
          long += observer.takeRecords().length;
          return [most, long];
        }""",
        FRAMES,
    )
    each_ms = (worked_s() - before) * 1000 / FRAMES
    print(f"{each_ms:.1f} ms of processor time a frame, {long_tasks} tasks over 50 ms, at most {rows} rows in the page")
    assert rows < 60
    assert each_ms < 1000 / 60
    assert page.is_visible("[data-line=s1000]")
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_nothing_serious_stands_in_anybodys_way(
    tmp_path: Path, browser: Any, serve: Any, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_core_python.sync_playwright")
    url, _ = serve(make_dub(tmp_path, LINES, fits=("exact", "overflow"), film=False))
    page = opened(browser, url, width=width, color_scheme=scheme, reduced_motion="reduce")
    page.keyboard.press("a")
    page.wait_for_selector(".chip.approved")
    found = axe.Axe().run(page)["violations"]
    serious = [
        (v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()
