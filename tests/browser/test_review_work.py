"""A reviewer's work on the page in a real browser: lines and cues changed in every way, and everything taken back."""

from __future__ import annotations

import json
import os
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser_pages import HOSTILE, LINES, browser_marks, correct, events, opened, until
from made_dubs import make_dub

pytestmark = browser_marks
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SPOKEN = [
    ("Where is the train?", "¿Dónde está el tren?"), (HOSTILE, HOSTILE), ("It is here.", "El tren está aquí."),
    ("A trainer.", "Un trenista."), ("Good.", "Bien."),
]  # fmt: skip


def kinds(folder: Path) -> list[str]:
    return [e["kind"] for e in events(folder)]


def shown(page: Any) -> list[str]:
    """The lines that the script lists."""
    return page.eval_on_selector_all("#lines [data-line]", "rows => rows.map((row) => row.dataset.line).sort()")


def cue_rows(page: Any) -> list[str]:
    return page.evaluate("window.review.cues.cues.map((cue) => cue.lines.join(' / '))")


def in_cues(page: Any) -> None:
    """Go to the subtitles."""
    page.focus("#lines")
    page.keyboard.press("s")
    page.wait_for_selector("#cueText")


def take_back(page: Any, kept: int) -> None:
    """Take the last decision back, and wait until so many decisions are there."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("u")
    until(page, f"window.review.page.state.review.events.length === {kept}")


def test_lines_are_split_merged_and_moved_and_each_is_taken_back(tmp_path: Path, browser: Any, serve: Any) -> None:
    folder = make_dub(tmp_path, [("One two.", "Uno dos."), ("Three.", "Tres."), ("Four.", "Cuatro.")], film=False)
    url, _ = serve(folder)
    page = opened(browser, url)
    page.click("#times summary")
    page.evaluate("window.review.player.seek(1000)")
    until(page, "Math.abs(window.review.player.ms - 1000) < 50")
    page.click("#split")
    page.wait_for_selector("[data-line=s0001-2]")
    take_back(page, 2)
    page.wait_for_selector("[data-line=s0001-2]", state="detached")
    page.click("#merge")
    page.wait_for_selector("[data-line=s0003]", state="detached")
    take_back(page, 4)
    page.wait_for_selector("[data-line=s0003]")
    page.fill("#ends", "1.6")
    page.press("#ends", "Enter")
    until(page, "window.review.page.lines[0].end_ms === 1600")
    take_back(page, 6)
    until(page, "window.review.page.lines[0].end_ms === 1700")
    canvas = page.locator("#waves").bounding_box()
    page.mouse.move(canvas["x"] + page.evaluate("window.review.timeline.x(1700)"), canvas["y"] + 40)
    page.mouse.down()
    page.mouse.move(canvas["x"] + canvas["width"] - 1, canvas["y"] + 40)
    page.mouse.up()
    until(page, "window.review.page.lines[0].end_ms === window.review.page.lines[2].start_ms")  # what S1 says next
    assert kinds(folder) == ["split", "undo", "merge", "undo", "retime", "undo", "retime"]
    assert [e["undoes"] for e in events(folder)[1:6:2]] == [1, 3, 5]
    assert page.faults == []
    page.context.close()


def test_words_are_replaced_over_all_lines_after_a_look_and_taken_back_at_once(
    tmp_path: Path, browser: Any, serve: Any
) -> None:
    folder = make_dub(tmp_path, SPOKEN, film=False)
    url, _ = serve(folder)
    page = opened(browser, url)
    page.keyboard.press("f")
    page.fill("#findText", "TREN")
    page.fill("#replaceText", "$& bus")
    assert page.locator("#replaceList li").all_inner_texts() == [
        "s0001\n¿Dónde está el tren$& bus?", "s0003\nEl tren$& bus está aquí.",
    ]  # fmt: skip
    page.uncheck("#wholeWord")
    assert page.locator("#replaceList li").count() == 3
    page.check("#matchCase")
    assert page.locator("#replaceList li").count() == 0
    assert page.is_disabled("#replaceApply")
    page.fill("#findText", "<img")
    assert page.locator("#replaceList li").count() == 1
    assert page.locator("#replaceList img").count() == 0
    page.fill("#findText", "tren")
    page.check("#wholeWord")
    page.uncheck("#change1")
    page.click("#replaceApply")
    page.wait_for_selector("#replaceDialog:not([open])", state="attached")
    assert [(e["line"], e["text"]) for e in events(folder)] == [("s0001", "¿Dónde está el $& bus?")]
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("f")
    page.fill("#findText", "está")
    page.fill("#replaceText", "queda")
    page.click("#replaceApply")
    until(page, "window.review.page.state.review.events.length === 3")
    take_back(page, 5)
    assert kinds(folder) == ["edit_translation"] * 3 + ["undo"] * 2
    assert sorted(e["undoes"] for e in events(folder)[3:]) == [2, 3]
    page.wait_for_selector("[data-line=s0003] >> text=El tren está aquí.")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("f")
    page.fill("#term", "train")
    page.fill("#termTarget", "tren")
    page.wait_for_selector("[data-term-line=s0001] .chip.overflow")  # its words are "bus" now
    page.click("#termAdd")
    page.wait_for_selector("[data-line=s0001] .chip.term")
    page.select_option("#filter", "term")
    assert shown(page) == ["s0001"]
    assert kinds(folder)[-1] == "add_term"
    assert page.faults == []
    page.context.close()


def test_every_filter_and_the_search_show_their_lines_alone(tmp_path: Path, browser: Any, serve: Any) -> None:
    folder = make_dub(tmp_path, SPOKEN, film=False, fits=("overflow",))
    path = folder / "film.es.report.json"
    report = json.loads(path.read_text("utf-8"))
    report["lines"][1]["rate"] = 1.4
    report["lines"][2]["read_back"] = "el tren es gris"
    report["lines"][3]["risk"] = 0.9
    path.write_text(json.dumps(report), "utf-8")
    path = folder / "film.master.json"
    master = json.loads(path.read_text("utf-8"))
    for word in master["segments"][4]["words"]:
        word["confidence"] = 0.2
    path.write_text(json.dumps(master), "utf-8")
    url, _ = serve(folder)
    page = opened(browser, url)
    page.keyboard.press("a")
    page.wait_for_selector("[data-line=s0001] .chip.approved")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_selector("[data-line=s0002] .chip.rejected")
    page.keyboard.press("j")
    correct(page, "El tren.")
    page.wait_for_selector("[data-line=s0003] .chip.pending")
    page.fill("#note", "Ask.")
    page.press("#note", "Enter")
    page.wait_for_selector("[data-line=s0003] .chip.comment")
    found = {}
    for name in page.eval_on_selector_all("#filter option", "options => options.map((option) => option.value)"):
        page.select_option("#filter", name)
        found[name] = "".join(line[-1] for line in shown(page))
    assert found == {
        "all": "12345", "flagged": "12345", "overflow": "1", "fast": "2", "unsure": "5", "misheard": "3", "risk": "4",
        "term": "", "unapproved": "2345", "rejected": "2", "remarked": "3", "pending": "3",
        "speaker:S1": "135", "speaker:S2": "24",
    }  # fmt: skip
    page.select_option("#filter", "all")
    page.fill("#search", "TRENISTA")
    assert shown(page) == ["s0004"]
    assert page.faults == []
    page.context.close()


def test_subtitles_are_changed_under_the_rules_and_taken_back(tmp_path: Path, browser: Any, serve: Any) -> None:
    folder = make_dub(tmp_path, SPOKEN, film=False)
    url, _ = serve(folder)
    page = opened(browser, url)
    in_cues(page)
    before = cue_rows(page)
    assert "¿Dónde está el tren?" in before[0]
    assert HOSTILE.split()[0] in " ".join(before)
    page.click("[data-line=c0]")
    page.keyboard.press("e")
    page.fill("#cueText", "¿Dónde está ese tren tan largo del que tanto me hablan todos?")
    page.wait_for_selector("#cueRules .bar-of.bad >> text=61 / 42")
    page.wait_for_selector("#caption >> text=tan largo")
    page.fill("#cueText", "¿Y dónde\nestá el tren?")
    page.keyboard.press("Control+Enter")
    until(page, "window.review.cues.cues[0].edited === 1")
    page.evaluate("document.getElementById('cueText').setSelectionRange(8, 8)")
    page.click("#cueSplit")
    until(page, "window.review.cues.cues[1].lines[0] === 'está el tren?'")
    assert cue_rows(page)[:2] == ["¿Y dónde", "está el tren?"]
    page.reload()  # in the middle of it
    page.wait_for_selector("body[data-ready]")
    in_cues(page)
    assert cue_rows(page)[:2] == ["¿Y dónde", "está el tren?"]
    page.click("[data-line=c0]")
    page.click("#cueMerge")
    until(page, "window.review.cues.cues[0].lines.length === 2")
    page.fill("#cueBegins", "0.13")
    page.press("#cueBegins", "Control+Enter")
    until(page, "window.review.cues.cues[0].start_ms === 120")  # on a frame
    assert kinds(folder) == ["edit_cue"] * 4
    for kept in (5, 6, 7, 8):
        take_back(page, kept)
    until(
        page, f"window.review.cues.cues.map((cue) => cue.lines.join(' / ')).join() === {json.dumps(','.join(before))}"
    )
    page.select_option("#profile", "netflix-sdh")
    until(page, "window.review.cues.limits.label === 'netflix-sdh'")
    assert cue_rows(page)[0].startswith("[")
    page.click("#sizePhone")
    assert page.evaluate("document.querySelector('.screen').clientWidth") == 375
    assert page.faults == []
    page.context.close()


def test_two_windows_do_not_change_the_same_subtitles(tmp_path: Path, browser: Any, serve: Any) -> None:
    folder = make_dub(tmp_path, LINES, film=False)
    url, _ = serve(folder)
    ana, ben = opened(browser, url), opened(browser, url, who="Ben")
    for page in (ana, ben):
        in_cues(page)
    ben.fill("#cueText", "Ben lo dice")
    ana.fill("#cueText", "Ana lo dice")
    ana.press("#cueText", "Control+Enter")
    until(ben, "window.review.page.state.review.version === 1")
    until(ben, "window.review.cues.cues[0].lines[0] === 'Ana lo dice'")
    ben.wait_for_selector(".toast.error >> text=Ben lo dice")  # not saved, not lost
    assert ben.input_value("#cueText") == "Ben lo dice"
    assert [e["who"] for e in events(folder)] == ["Ana"]
    ben.press("#cueText", "Control+Enter")
    until(ana, "window.review.cues.cues[0].lines[0] === 'Ben lo dice'")
    assert [e["who"] for e in events(folder)] == ["Ana", "Ben"]
    assert ana.faults + ben.faults == []
    ana.context.close()
    ben.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (3840, "light")])
def test_nothing_serious_stands_in_the_way_of_subtitles_and_dialogs(
    tmp_path: Path, browser: Any, serve: Any, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_core_python.sync_playwright")
    url, _ = serve(make_dub(tmp_path, SPOKEN, film=False))
    page = opened(browser, url, width=width, color_scheme=scheme, reduced_motion="reduce")
    serious = {}

    def look(name: str) -> None:
        found = axe.Axe().run(page)["violations"]
        serious[name] = [
            (v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")
        ]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name

    in_cues(page)
    page.fill("#cueText", "Un renglón que es mucho más largo de lo que cabe en una pantalla")
    page.wait_for_selector("#cueRules .bar-of.bad")
    look("subtitles")
    page.focus("#cues")
    page.keyboard.press("p")
    page.wait_for_selector("#sides .side:nth-child(4)")
    look("side by side")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.fill("#findText", "tren")
    page.fill("#term", "train")
    page.fill("#termTarget", "bus")
    page.wait_for_selector("#termList li")
    look("find and replace")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    look("keys")
    assert serious == {name: [] for name in serious}
    assert page.faults == []
    page.context.close()


def png_size(path: Path) -> tuple[int, int]:
    """Width and height (PNG specification, IHDR)."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def test_the_pictures_of_the_manual_are_of_states_that_there_are(tmp_path: Path, browser: Any, serve: Any) -> None:
    """Five states and the page on a phone; of the dub in REVIEW_PICTURES_OF, into REVIEW_PICTURES_TO, where those are
    set (`make pictures`).
    """
    given, out = os.environ.get("REVIEW_PICTURES_OF"), Path(os.environ.get("REVIEW_PICTURES_TO") or tmp_path)
    folder = Path(given) if given else make_dub(tmp_path, SPOKEN)
    url, _ = serve(folder)
    page = opened(browser, url, who="Ana Ruiz")
    words = page.evaluate("window.review.page.lines[3].text.split(' ')")
    until(page, "window.review.player.picture.readyState > 1 || window.review.player.picture.hidden")
    for _ in range(3):
        page.keyboard.press("j")
    until(page, "!window.review.player.picture.seeking")

    def picture(name: str) -> None:
        page.wait_for_load_state("networkidle") if not given else page.wait_for_timeout(1500)
        page.screenshot(path=out / f"review-{name}.png")

    picture("line")
    page.keyboard.press("f")
    page.fill("#findText", words[1])
    page.fill("#replaceText", "autobús")
    page.fill("#term", page.evaluate("window.review.page.lines[3].source.split(' ')[1]").lower())
    page.fill("#termTarget", "autobús")
    page.wait_for_selector("#termCount:not(:empty)")
    picture("replace")
    page.keyboard.press("Escape")
    in_cues(page)
    page.click("[data-line=c2]")
    page.fill("#cueText", "Un subtítulo que nadie puede leer en tan poco tiempo,\npor mucho que quiera.")
    page.wait_for_selector("#cueRules .bar-of.bad")
    picture("subtitles")
    page.focus("#cues")
    page.keyboard.press("p")
    page.wait_for_selector("#sides .side:nth-child(4)")
    picture("sides")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.focus("#lines")
    page.keyboard.press("?")
    picture("keys")
    for name in ("line", "replace", "subtitles", "sides", "keys"):
        made, kept = out / f"review-{name}.png", IMAGES / f"review-{name}.png"
        assert png_size(made) == png_size(kept) == (1280, 800), name
        assert min(made.stat().st_size, kept.stat().st_size) > 20_000, name
    assert page.faults == []
    page.context.close()
    phone = opened(browser, url, who="Ana Ruiz", width=390, color_scheme="dark")
    phone.select_option("#words", "es")
    for _ in range(2):
        phone.keyboard.press("j")
    until(phone, "window.review.player.picture.readyState > 1 || window.review.player.picture.hidden")
    until(phone, "!window.review.player.picture.seeking")
    phone.wait_for_timeout(1500) if given else phone.wait_for_load_state("networkidle")
    phone.screenshot(path=out / "review-phone.png", full_page=True)
    assert png_size(out / "review-phone.png")[0] == png_size(IMAGES / "review-phone.png")[0] == 390
    assert phone.faults == []
    phone.context.close()


def test_cues_lie_on_the_timeline_and_one_is_chosen_there(tmp_path: Path, browser: Any, serve: Any) -> None:
    url, _ = serve(
        make_dub(tmp_path, [("One two.", "Uno dos."), ("Three.", "Tres."), ("Four.", "Cuatro.")], film=False)
    )
    page = opened(browser, url)
    in_cues(page)
    until(page, "window.review.timeline.cues.length === window.review.cues.cues.length")
    last = page.evaluate("window.review.cues.cues.length - 1")
    x, ms = page.evaluate(
        """(at) => {
          const { start_ms, end_ms } = window.review.cues.cues[at];
          return [window.review.timeline.x((start_ms + end_ms) / 2), start_ms];
        }""",
        last,
    )
    canvas = page.locator("#waves").bounding_box()
    page.mouse.click(canvas["x"] + x, canvas["y"] + canvas["height"] - 5)
    until(page, f"window.review.cues.chosen === {last} && window.review.timeline.cue === {last}")
    until(page, f"Math.abs(window.review.player.ms - {ms}) < 50")
    page.click("#viewLines")
    until(page, "window.review.timeline.cues.length === 0")
    page.context.close()
