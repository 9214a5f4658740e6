"""Cues as `localize lint --json` prints them."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class RegionJson(TypedDict):
    """A WebVTT region; percentages of the video's size."""

    id: str
    width: float
    lines: float
    region_anchor_x: float
    region_anchor_y: float
    viewport_anchor_x: float
    viewport_anchor_y: float
    scroll: str


class SettingsJson(TypedDict):
    """Where and how a cue is drawn, in the words of W3C WebVTT's VTTCue."""

    vertical: str
    line: float | Literal["auto"]
    snap_to_lines: bool
    line_align: str
    position: float | Literal["auto"]
    position_align: str
    size: float
    align: str
    region: RegionJson | None


class CueJson(TypedDict):
    """A cue as its file has it; `settings` for WebVTT only."""

    id: str
    start_ms: int
    end_ms: int
    text: str
    settings: NotRequired[SettingsJson]
