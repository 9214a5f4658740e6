"""A package with fake engines that speak with the stock voices, as pip leaves it."""

from __future__ import annotations

from pathlib import Path

PACKAGE = """
from localize.testing import FakeRecogniser, FakeTranslator, FakeSynthesizer

class Tones(FakeSynthesizer):
    name = "kokoro"  # it speaks with the stock voices, which are made for that engine
"""
POINTS = """[localize.engines]
recogniser.la = tones:FakeRecogniser
translator.vowels = tones:FakeTranslator
synthesizer.tones = tones:Tones
"""
ENGINES = {"recogniser": "la", "translator": "vowels", "synthesizer": "tones"}


def lay_tones(site: Path) -> None:
    """Lay the package into a folder, which then has to be on the path of imports."""
    info = site / "tones-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "tones.py").write_text(PACKAGE, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tones\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(POINTS, encoding="utf-8")
