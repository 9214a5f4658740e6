"""What the documents and samples of 0.1 import still works, and warns where it has moved."""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib import import_module

import pytest

SAME = {
    "localize": "Job dub subtitle open_run Run LocalizeError MediaError",
    "localize.consent": "Grant Home Request check",
    "localize.data": "Phrase Span Segment Word Transcript",
    "localize.engines": "Synthesizer Translator Recogniser Engine load names find",
    "localize.events": "Event Finished Started Warned Run",
    "localize.media": "ffmpeg url probe decode mux loudness ingest",
    "localize.models": "Models Model catalogue",
    "localize.provenance": "Signer Facts sign verify",
    "localize.subtitles.profiles": "load",
    "localize.testing": "contract named Subject FakeTranslator FakeSynthesizer",
}
"""Public names that stand where they stood."""
MOVED = {
    "localize.events": "Advanced Engaged",
    "localize.hearing": "PRINTER PRINT_HZ PRINT_MS LOUD_SPEECH sounds voice_print d_vectors speech_gain",
    "localize.job": "CONFIG configured read_edits read_json",
    "localize.media": "canonical_language region_of iso639_2 whole sound wav with_picture",
    "localize.stages.pronounce": "spoken",
    "localize.stages.synthesize": "Sound pace placed sounds speak stretched synthesize",
    "localize.store": "Store step Draft sha256_of disk_errors replacing write_text write_json sweep_drafts fsync alive",
    "localize.subtitles.cues": "Cue Document Region Settings TOP Comment Remark",
    "localize.subtitles.formats": "read write parse render READABLE WRITABLE language_of",
}
"""Names that are elsewhere now."""


def pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(module, name) for module, names in table.items() for name in names.split()]


def warned(code: str) -> list[str]:
    """The deprecations of a fresh interpreter that runs `code`, and nothing else on its standard error."""
    result = subprocess.run(
        [sys.executable, "-W", "always::DeprecationWarning:__main__", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return [line for line in result.stderr.splitlines() if "DeprecationWarning" in line]


@pytest.mark.parametrize(("module", "name"), pairs(SAME), ids=".".join)
def test_what_stayed_is_there_without_a_warning(module: str, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        assert getattr(import_module(module), name) is not None


@pytest.mark.costly
def test_what_moved_is_there_and_warns_once() -> None:
    imports = [f"from {module} import {', '.join(names.split())}" for module, names in MOVED.items()]
    lines = warned("\n".join(each for each in imports for _ in range(2)))
    assert [line.partition("Warning: ")[2].partition(" is now ")[0] for line in lines] == [
        f"{module}.{name}" for module, name in pairs(MOVED)
    ]


@pytest.mark.costly
def test_a_former_name_is_the_thing_itself() -> None:
    code = f"""
import importlib, re, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for module, name in {pairs(MOVED)!r}:
        value = getattr(importlib.import_module(module), name)
        home, today = re.search(r" is now (.*)\\.(\\w+); ", str(caught[-1].message)).groups()
        assert value is getattr(importlib.import_module(home), today), (module, name)
"""
    assert warned(code) == []


def test_a_name_that_never_was_is_missing_as_ever() -> None:
    for module in MOVED:
        with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
            _ = import_module(module).nonsense
    with pytest.raises(ModuleNotFoundError):
        import_module("localize.nonsense")


@pytest.mark.costly
def test_the_example_of_the_subtitles_page_of_0_1() -> None:
    lines = warned("""
import tempfile
from fractions import Fraction
from pathlib import Path
from localize.subtitles import formats, profiles
from localize.subtitles.score import lint

folder = Path(tempfile.mkdtemp())
(folder / "episode.es.srt").write_text("1\\n00:00:01,000 --> 00:00:03,000\\nBuenas noches.\\n", encoding="utf-8")
document = formats.read(folder / "episode.es.srt")
profile = profiles.load("netflix", "es")
report = lint(document, profile, "es", Fraction(24000, 1001))
for finding in report.findings:
    print(finding.cue, finding.rule, finding.detail)
formats.write(document, folder / "episode.es.vtt", "vtt", frame_rate=Fraction(24000, 1001))
""")
    assert len(lines) == 2
