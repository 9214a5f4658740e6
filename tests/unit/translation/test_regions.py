"""The region asked for by a style sheet or a tag: who knows neither it nor the one it lies in is named."""

from __future__ import annotations

import pytest

from localize.events import Run
from localize.testing.fakes import FakeTranslator
from localize.translation.resources import warn_of_regions
from localize.translation.style_sheet import StyleSheet


@pytest.mark.parametrize(
    ("region", "known", "warned"),
    [("MX", "419", False), ("419", "419", False), ("ES", "ES", False), ("ES", "419", True), ("MX", "ES", True)],
)
def test_a_region_no_translator_knows_is_told(run: Run, region: str, known: str, warned: bool) -> None:
    class Regional(FakeTranslator):
        wishes = frozenset({f"region:{known}"})

    warn_of_regions(run, StyleSheet(regions={"es": region}, name="title.toml"), ("es",), [Regional()], {})
    assert [w.code for w in run.warnings] == ["region"] * warned


def test_a_region_that_only_the_tag_names_is_told_too(run: Run) -> None:
    warn_of_regions(run, StyleSheet(), ("pt",), [FakeTranslator()], {"pt": "PT"})
    assert [w.message.split(":")[0] for w in run.warnings] == ["--to pt-PT"]
