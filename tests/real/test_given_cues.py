"""Files that people gave, translated by the embedded translators: every cue in its place, nothing said to a translator
that nobody says.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from localize import pipeline
from localize.data import Candidate, Edits, Segment, Span, SubtitleSource, Transcript
from localize.events import Run
from localize.job import Job
from localize.language.sounds import translate_sound
from localize.subtitles import profiles
from localize.subtitles.template import Template, render_template
from localize.timedtext import formats
from localize.timedtext.cues import Cue, Document, Mark
from localize.translation.glossary import Glossary
from localize.translation.translate import translate

pytestmark = [pytest.mark.shared, pytest.mark.slow]
FILES = (
    "cases/subtitles/tr/dialog.en.srt", "cases/subtitles/tr/sdh.en.srt", "cases/subtitles/tr/split.en.srt",
    "cases/subtitles/tr/tags.en.srt", "cases/subtitles/voices.en.vtt",
    "media/6_subtitles/elephantsdream/captions.en.vtt",
    "media/6_subtitles/elephantsdream/descriptions.en.vtt", "media/4_video/sintel_short_en.vtt",
    "media/6_subtitles/ableplayer/wwa_captions_en.vtt",
)  # fmt: skip
DASH = re.compile(r"\s*[-–—](?![-–—])")


def translated(run: Run, path: Path, to: str, out: Path, **more: Any) -> tuple[Document, Document, dict[str, Any]]:
    result = pipeline.subtitle(Job(path, to=(to,), source_language="en", output=out, formats=("vtt",), **more), run)
    (target,) = result.targets
    report = json.loads(target.report.read_text(encoding="utf-8"))["languages"][to]
    return formats.read(path), formats.read(target.subtitles[to]["vtt"]), report


def dashes(cue: Cue) -> int:
    return sum(bool(DASH.match(line)) for line in cue.lines)


@pytest.mark.parametrize("to", ["es", "pt"])
@pytest.mark.parametrize("name", FILES)
def test_cues_keep_their_times_dashes_places_and_marks(
    run: Run, shared: Path, tmp_path: Path, name: str, to: str
) -> None:
    given, made, report = translated(run, shared / name, to, tmp_path / "out")
    assert [cue.span for cue in made.cues] == [cue.span for cue in given.cues]
    assert report["mode"] == "template"
    assert report["score"]["sync"] is None
    assert report["shortened"] == []
    told = [event for event in run.warnings if event.code == "template"]
    for before, after in zip(given.cues, made.cues):
        assert dashes(after) >= dashes(before)
        assert after.place == before.place
        assert after.voices() == before.voices()
        kinds = {mark.kind for mark in before.marks} - {mark.kind for mark in after.marks}
        assert all(any(kind in warned.message for warned in told) for kind in kinds)
        assert not kinds


@pytest.mark.parametrize("to", ["es", "pt"])
def test_cut_anew_nothing_is_read_before_its_cue(run: Run, shared: Path, tmp_path: Path, to: str) -> None:
    path = shared / "media/6_subtitles/elephantsdream/captions.en.vtt"
    given, made, report = translated(run, path, to, tmp_path / "out", recut=True)
    assert report["mode"] == "profile"
    assert report["score"]["sync"] is None
    master = json.loads((tmp_path / "out" / "captions.master.json").read_text(encoding="utf-8"))
    said = [("".join(s["translations"][to]["text"].lower().split()), s["start_ms"]) for s in master["segments"]]
    once = [(line, at) for line, at in said if len(line) > 12 and sum(line in other for other, _ in said) == 1]
    assert len(once) > len(said) / 2
    for cue in made.cues:
        assert any(a.span.start_ms <= cue.span.start_ms <= a.span.end_ms for a in given.cues)
        text = "".join("".join(cue.lines).lower().split())
        assert all(cue.span.start_ms >= start_ms for line, start_ms in once if line in text)


@dataclass
class Asked:
    """A real translator that remembers what it was asked."""

    inner: Any
    lines: list[str]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def translate(self, sentences: Sequence[str], *args: Any, **wishes: Any) -> tuple[tuple[Candidate, ...], ...]:
        self.lines += sentences
        return self.inner.translate(sentences, *args, **wishes)


def sdh_cases() -> tuple[list[str], list[str]]:
    """A hundred sounds, those of the table first, and fifty labels: lists of our own after public style guides."""
    rows = tomllib.loads((resources.files("localize.language") / "sounds.toml").read_text(encoding="utf-8"))["sounds"]
    own = tomllib.loads((Path(__file__).parents[1] / "unit/language/structure.toml").read_text(encoding="utf-8"))
    written = [*own["unknown"], *own["known"], *(f"[{row[0].split('|')[0]}]" for row in rows)]
    return written[:100], own["labels"]


def test_no_sound_and_no_label_reaches_a_translator(run: Run, engine: Any) -> None:
    asked = Asked(engine("translator", "marian_ct2"), [])
    sounds, labels = sdh_cases()
    assert len(sounds) == 100
    assert len(labels) == 50
    texts = [f"{sound}\nWhere is the bread?" for sound in sounds] + [f"{name} Give me the bread." for name in labels]
    segments = tuple(
        Segment(f"s{n:04}", Span(n * 4000, n * 4000 + 2000), "S1", text) for n, text in enumerate(texts, 1)
    )
    found = translate(
        run, Transcript("en", segments, given=True), asked, to="es", edits=Edits(), glossary=Glossary(),
        names=("Anna", "Ben", "Old Ben"),
    )  # fmt: skip
    assert set(asked.lines) == {"Where is the bread?", "Give me the bread."}
    shown = [line.candidates[0].text for line in found.lines]
    for sound, text in zip(sounds, shown):
        bracketed, said = text.split("\n")
        assert re.fullmatch(r"\[[^\[\]]+\]|\([^()]+\)", bracketed), sound
        assert not set(said) & set("[]()")
        known = translate_sound(sound[1:-1], "en", "es")
        assert bracketed == sound[0] + (known or sound[1:-1]) + sound[-1]
    said = "Dame el pan."
    for name, text in zip(labels, shown[len(sounds) :]):
        assert text.endswith(f" {said}"), name
        written = text.removesuffix(f" {said}")
        assert (written[-1], written[0] in "[(") == (name[-1], name[0] in "[("), name
        assert written == name or re.search(
            "man|narrator|all:|both|phone|tv|radio|queen|voice|guard", name, re.IGNORECASE
        )


@pytest.mark.parametrize(
    ("engine_name", "to", "marked"), [("marian_ct2", "es", "coche rojo"), ("bergamot", "pt", "carro vermelho")]
)
def test_a_phrase_inside_a_line_keeps_its_italics(
    run: Run, engine: Any, engine_name: str, to: str, marked: str
) -> None:
    text = "The man bought a red car yesterday."
    cue = Cue("1", Span(0, 3000), (text,), marks=(Mark(0, 17, 24, "italic"),))
    spoken = Transcript("en", (Segment("s0001", cue.span, "S1", text),), given=True)
    translation = translate(
        run, spoken, engine("translator", engine_name), to=to, edits=Edits(), glossary=Glossary()
    )  # fmt: skip
    template = Template(Document((cue,), "en"), to, "en", {"s0001": translation.lines[0].candidates[0]})
    made, lost = render_template(template, profiles.load("netflix", to), SubtitleSource(spoken, 3000, "24/1"))
    (shown,) = made.document.cues
    assert not sum(lost.values())
    assert [shown.lines[mark.line][mark.start : mark.end] for mark in shown.marks] == [marked]
