"""Faces of real people: seen speaking, listening, and not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.data import Span
from localize.media.frames import read_frames
from localize.models import Models
from localize.transcription.faces import FaceNetworks
from localize.transcription.on_screen import EVERY_MS, Sight, judge_phrase

SPOKEN, SILENT = Span(400, 1900), Span(2400, 2960)


@pytest.mark.parametrize(("span", "seen"), [(SPOKEN, "on"), (SILENT, "off")])
@pytest.mark.parametrize("name", ["bbaf2n", "lrwp9a"])
def test_a_mouth_is_seen_to_speak_while_it_does(shared: Path, name: str, span: Span, seen: str) -> None:
    film = shared / "media" / "4_video" / "grid" / f"{name}.mpg"
    networks = FaceNetworks(Models())
    sights = [Sight(at, networks.faces_in(image)) for at, image in read_frames(film, [span], EVERY_MS)]
    assert all(len(sight.faces) == 1 for sight in sights)
    assert judge_phrase("s0001", span, sights).seen == seen
