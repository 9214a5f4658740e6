"""Pages of the review room in a browser, as a test opens and reads them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
browser_marks = [
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt install chromium, or set CHROMIUM"),
]
PATIENCE_MS = int(os.environ.get("PATIENCE_MS", "120000"))
"""For a busy machine; nothing that is measured hangs on it."""
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
OWN_HZ = 333
"""Of the recording beside the dub that `dubbed` makes."""
LINES = [("Where is it?", "¿Dónde está?"), (HOSTILE, HOSTILE), ("It is here.", "Está aquí."), ("Good.", "Bien.")]


def opened(browser: Any, url: str, *, who: str = "Ana", width: int = 1280, **options: Any) -> Any:
    """A window of its own on the page, that fails on any error, refusal of the policy or request elsewhere."""
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="en-US", **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if "Content Security" in said.text else None)
    host = url.split("/")[2]
    page.on("request", lambda request: page.faults.append(request.url) if request.url.split("/")[2] != host else None)
    page.goto(url)
    page.wait_for_selector("body[data-ready], .toast.error")
    assert page.faults == []
    page.fill("#who", who)
    page.focus("#lines")
    return page


def events(folder: Path) -> list[dict[str, Any]]:
    path = folder / "review.json"
    return json.loads(path.read_text("utf-8"))["events"] if path.exists() else []


def correct(page: Any, text: str) -> None:
    page.keyboard.press("e")
    page.fill("#translation", text)
    page.keyboard.press("Control+Enter")


def until(page: Any, condition: str) -> None:
    """Wait for a condition of the page, in JavaScript; the page's own policy lets no text be run by anybody else."""
    page.evaluate(
        f"""async (patience) => {{
          for (const end = Date.now() + patience; !({condition}); ) {{
            if (Date.now() > end) throw new Error({json.dumps(condition)} + " never was so");
            await new Promise((next) => setTimeout(next, 25));
          }}
        }}""",
        PATIENCE_MS,
    )
