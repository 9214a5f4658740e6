"""MkDocs hooks: files of the repository that lie outside docs/ and are linked from it become part of the site.

Links stay as they are in the repository, where they work as well; here they are led to the same file in the site.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
OUTSIDE = {
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "SECURITY.md": "SECURITY.md",
    "LICENSE": "LICENSE.txt",
    "NOTICE": "NOTICE.txt",
    "samples/NOTICE": "samples-NOTICE.txt",
    "localize/models/weights/dialogue-en-es/MODEL_CARD.md": "dialogue-en-es.md",
}
"""Path in the repository -> path in the site."""
_IN_REPOSITORY = {there: here for here, there in OUTSIDE.items()}
_LINK = re.compile(r"(\]\()([^)\s#:]+)(#[^)\s]*)?(?=\))")
_ITEM = re.compile(r"\d+\. ")
_FENCE = re.compile(r"(^ *```.*?^ *```[^\n]*$)", re.M | re.S)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files of `OUTSIDE` to those of docs/."""
    for here, there in OUTSIDE.items():
        files.append(File.generated(config, there, content=(ROOT / here).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with the links that leave docs/, or come from outside it, led to the site's own paths."""
    uri = page.file.src_uri
    markdown = _in_lists(markdown)
    parts = _FENCE.split(markdown)
    return "".join(part if n % 2 else _LINK.sub(lambda found: _led(uri, found), part) for n, part in enumerate(parts))


def _in_lists(markdown: str) -> str:
    """The page with what lies in lists as Python-Markdown wants it: paragraphs indented by four, code by eight."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        text = line.lstrip(" ")
        indent = line[: len(line) - len(text)]
        mark = text.startswith("```")
        if fence:
            inside = not (mark and indent == fence)
            lines.append(f"{'':8}{line.removeprefix(fence)}".rstrip() if inside else "")
            fence = fence if inside else ""
        elif mark and indent:
            fence = indent
        elif text and indent in ("  ", "   ") and lines and not lines[-1].strip():
            lines.append(f"{'':4}{text}")
        else:
            if _ITEM.match(line) and lines and lines[-1].strip():
                lines.append("")  # after a paragraph of the item before, a new item needs it
            lines.append(line)
    return "\n".join(lines)


def _led(uri: str, link: re.Match[str]) -> str:
    """One link of a page; a path that the site does not have stays, and fails the build."""
    place = _IN_REPOSITORY.get(uri, f"docs/{uri}")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(place), link[2]))
    if target == "docs" or target.startswith("docs/"):
        inside = target.removeprefix("docs").lstrip("/")
    else:
        inside = OUTSIDE.get(target, "")
    if not inside:
        return link[0]
    return link[1] + posixpath.relpath(inside, posixpath.dirname(uri) or ".") + (link[3] or "")
