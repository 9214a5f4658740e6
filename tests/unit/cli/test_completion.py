"""What a shell offers for what is typed so far: the last of a list, or what follows the "=" of a pair."""

from __future__ import annotations

from typing import Any

import click
import pytest

from localize.cli import completion


@pytest.mark.parametrize(
    ("complete", "typed", "offered"),
    [
        (completion.complete_language, "e", {"en", "es"}),
        (completion.complete_language, "es,p", {"es,pt"}),
        (completion.complete_profile, "netf", {"netflix"}),
        (completion.complete_voice, "S1=em_", {"S1=em_alex", "S1=em_santa"}),
        (completion.complete_voice, "S1=orig", {"S1=original"}),
        (completion.complete_model, "whisper-b", {"whisper-base"}),
        (completion.complete_format, "srt,vt", {"srt,vtt"}),
        (completion.complete_engine, "translator=marian_c", {"translator=marian_ct2"}),
        (completion.complete_engine, "synthesizer=nobody", set()),
    ],
)
def test_what_begins_as_typed_is_offered(complete: Any, typed: str, offered: set[str]) -> None:
    command = click.Command("dub")
    items = [item.value for item in complete(click.Context(command), click.Option(["--x"]), typed)]
    assert offered <= set(items)
    assert items == sorted(items)
    assert all(item.startswith(typed) for item in items)
    assert bool(items) is bool(offered)
