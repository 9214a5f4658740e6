"""Voices of WebVTT that nobody closed, and lines of an ASS script that are no event."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.events import Run
from localize.scripts import Wanted
from localize.timedtext import formats
from localize.transcription.cue_turns import part_cues
from localize.transcription.given import read_given
from localize.transcription.supplied import spoken_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<v Anna>Yes.\n<v Bob>No.", [("Anna", "Yes."), ("Bob", "No.")]),
        ("- <v Anna>Yes.\n- <v Bob>No.", [("Anna", "Yes."), ("Bob", "No.")]),
        ("<v Anna>Yes.</v>\n<v Bob>No.</v>", [("Anna", "Yes."), ("Bob", "No.")]),
        ("<v Anna>- Yes.\n<v Bob>- No.\n<v Carl>- Well.", [("Anna", "Yes."), ("Bob", "No."), ("Carl", "Well.")]),
        ("<v Anna>Yes, it\nis <i>here</i>.", [("Anna", "Yes, it is here.")]),
        ("<v Anna>Yes, <v Anna>it is.", [("Anna", "Yes, it is.")]),
    ],
)
def test_a_voice_lasts_until_another_begins(
    run: Run, tmp_path: Path, text: str, expected: list[tuple[str, str]]
) -> None:
    path = tmp_path / "a.en.vtt"
    path.write_text(f"WEBVTT\n\n00:01.000 --> 00:04.000\n{text}\n")
    given = spoken_words(part_cues(read_given(run, path, Wanted("source", "en", "es"), "en")))
    assert [(given.names[s.speaker], s.text) for s in given.transcript.segments] == expected


HEAD = "[Script Info]\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
SHOWN = "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Yes.\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Dialog: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,No.", True),
        ("0,0:00:03.00,0:00:04.00,Default,,0,0,0,,No.", True),
        ("the second half of a line that was broken", True),
        ("; a remark", False),
        ("Picture: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,a.bmp", False),
        ("Comment: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,No.", False),
        ("", False),
    ],
)
def test_a_line_among_events_that_is_none_is_told(line: str, told: bool) -> None:
    document = formats.parse(f"{HEAD}{SHOWN}{line}\n{SHOWN}".encode(), "a.ass")
    assert len(document.cues) == 2
    assert [(d.code, d.line, d.loss) for d in document.warnings] == ([("ignored", 6, True)] if told else [])
