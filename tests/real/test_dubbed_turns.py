"""A conversation dubbed with given cues that hold two people each: two voices, each turn in its time, understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localize import Job, dub, open_run
from localize.timedtext import formats

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.xdist_group("recordings")]
NEAR_MS = 300
CUES = (
    ("00:00:00,700 --> 00:00:03,000", "- Did you see him?\n- No.", "—¿Lo viste?\n—No, no."),
    ("00:00:03,100 --> 00:00:05,400", "- Are you sure? - Mm-hm.", "- ¿Estás segura? - Muy segura."),
    ("00:00:05,450 --> 00:00:07,200", "-Really?\n-Yeah.", "¿De verdad? Que sí."),
    ("00:00:07,400 --> 00:00:09,300", "Okay.\n– Bye!", "Está bien.\n– ¡Adiós!"),
)
"""The words of r2.flac, in which two people take turns eight times; r2.json says when each begins."""
SAID = ("¿Lo viste?", "No, no.", "¿Estás segura?", "Muy segura.", "¿De verdad?", "Que sí.", "Está bien.", "¡Adiós!")


def test_each_turn_of_a_cue_is_heard_in_its_own_voice_at_its_own_time(shared: Path, tmp_path: Path) -> None:
    media = shared / "cases" / "media"
    for language, column in (("en", 1), ("es", 2)):
        rows = (f"{n}\n{cue[0]}\n{cue[column]}\n" for n, cue in enumerate(CUES, 1))
        (tmp_path / f"film.{language}.srt").write_text("\n".join(rows), "utf-8")
    job = Job(
        media / "r2.flac", to=("es",), source_language="en", transcript=tmp_path / "film.en.srt",
        translation=tmp_path / "film.es.srt", output=tmp_path / "out",
    )  # fmt: skip
    run = open_run()
    (target,) = dub(job, run).targets
    clips = json.loads(Path(target.timeline).read_text("utf-8"))["clips"]
    assert [clip["segment"] for clip in clips] == [f"s000{n}{turn}" for n in (1, 2, 3, 4) for turn in ("", "-2")]
    assert tuple(clip["text"] for clip in clips) == SAID
    one, other = {clip["voice"] for clip in clips[0::2]}, {clip["voice"] for clip in clips[1::2]}
    assert len(one) == len(other) == 1
    assert one != other
    starts = [1000 * start for start, _, _ in json.loads((media / "r2.json").read_text("utf-8"))]
    for clip, start in zip(clips, starts, strict=True):
        assert abs(clip["source"]["start_ms"] - start) <= NEAR_MS
        assert abs(clip["dub"]["start_ms"] - start) <= NEAR_MS
    report = json.loads(Path(target.report).read_text("utf-8"))
    assert all(line["read_back"] for line in report["lines"])
    assert {w.code for w in run.warnings}.isdisjoint({"turns_unsure", "turn_speakers", "shared_cues"})
    for language, column in (("en", 1), ("es", 2)):
        shown = formats.parse(Path(target.subtitles[language]["srt"]).read_bytes(), "film.srt")
        assert ["\n".join(cue.lines) for cue in shown.cues] == [cue[column] for cue in CUES]
