"""A dub from its request to its files, by engines of another package: what is delivered, and whether it agrees.

The engines are the fakes of `localize.testing`, found as any package's are: the words are nonsense, the order of work,
the sound, the signatures and the files are real.

Over 400 lines: every test goes on from the same dub, which takes longer than all of them.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from localize import Job, cli, consent, provenance, subtitles
from localize.consent import Home, ledger, revoke
from localize.delivery.disclosure import TEXTS
from localize.delivery.explain import explain
from localize.delivery.hls import package
from localize.delivery.results import DubResult
from localize.errors import GrantRevoked, NoGrant, OutOfScope, QualityError, UsageError
from localize.events import Event, Run, Started
from localize.inputs import read_inputs
from localize.media import probe, run_ffmpeg, url
from localize.models import Models
from localize.pipeline import dry_run, dub
from localize.review import append, derive_cue_edits, derive_edits, keep_take, open_review, review_path
from localize.review.events import Event as Decision
from localize.review_room.cues import rendered, subtitles_json
from localize.review_room.dub_folder import read_dub
from localize.runtime.files import read_json
from localize.runtime.store import Store
from localize.subtitles.cue_edits import shown
from localize.transcription.edits import edits_json, kept_edits_path
from tests.fake_package import ENGINES

SENTENCES = ((1000, 2200, "Where did you put the keys?"), (3000, 3900, "On the table."))


@dataclass(frozen=True)
class Done:
    """A dub, where it was made of what, and what it said."""

    result: DubResult
    job: Job
    run: Run

    def file(self, name: str) -> Path:
        return self.job.folder / name

    def json(self, name: str) -> Any:
        return read_json(self.file(name), 1 << 20)


def film(folder: Path, tone: Any) -> Path:
    """Five seconds of picture; two tones where the sentences are, over a hum."""
    track = 0.003 * np.sin(2 * np.pi * 50 * np.arange(240_000) / 48_000)
    for start, end, _ in SENTENCES:
        burst = tone((end - start) / 1000, 180.0, 0.2)
        track[start * 48 : start * 48 + len(burst)] += burst
    soundfile.write(folder / "sound.wav", np.stack([track, track], 1), 48_000, "PCM_24")
    path = folder / "film.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=5", "-i", url(folder / "sound.wav")]
    run_ffmpeg(["-v", "error", *picture, "-c:v", "libx264", "-c:a", "aac", "-shortest", url(path)], "film")
    return path


def srt(path: Path) -> Path:
    rows = [
        f"{n}\n00:00:0{a // 1000},{a % 1000:03} --> 00:00:0{b // 1000},{b % 1000:03}\n{text}\n"
        for n, (a, b, text) in enumerate(SENTENCES, 1)
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def done(fakes: None, tmp_path_factory: pytest.TempPathFactory, tone: Any, models: Models) -> Done:
    folder = tmp_path_factory.mktemp("dub")
    job = Job(
        film(folder, tone), ("es",), folder / "out", "en", transcript=srt(folder / "film.en.srt"), engines=ENGINES,
        voices={"S1": "em_alex"}, speakers=1, bed="duck", loudness="netflix", stems=("speakers",),
        notice=("screen", "spoken"), renderings=("easy",), formats=("srt", "vtt"), burn=True,
        cast=folder / "series.toml",
    )  # fmt: skip
    run = Run(Store(folder / "store"), Home.open(folder / "home"), models)
    return Done(dub(job, run), job, run)


@pytest.mark.slow
def test_a_notice_in_a_voice_revoked_during_the_run_is_not_delivered(done: Done, tmp_path: Path) -> None:
    """Nobody in the film has the voice that speaks the notice: it is asked for again all the same."""
    noted = [r for r in ledger.read(done.run.home) if r.get("file") == "film.es.notice.wav"]
    ((voice,),) = [list(record["voices"]) for record in noted]
    assert voice != "em_alex"
    home = Home.open(tmp_path / "home")

    def listen(event: Event) -> None:
        if isinstance(event, Started) and event.stage == "deliver":
            revoke(home, voice)

    job = replace(done.job, output=tmp_path / "out", cast=None, burn=False, renderings=())
    with pytest.raises(GrantRevoked, match=voice):
        dub(job, Run(Store(tmp_path / "store"), home, done.run.models, listen))
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


@pytest.mark.costly
def test_every_file_is_there_signed_and_in_the_ledger(done: Done) -> None:
    signed = {
        "film.es.mp4", "film.es.burnt.mp4", "film.es.wav", "film.es.dialogue.wav", "film.es.dialogue.S1.wav",
        "film.es.notice.wav", "film.es.srt", "film.es.vtt", "film.en.srt", "film.en.vtt", "film.es.easy.srt",
        "film.es.easy.vtt", "film.en.easy.srt", "film.en.easy.vtt",
    }  # fmt: skip
    plain = {
        "film.bed.wav", "film.job.json", "film.master.json", "film.es.timeline.json", "film.es.report.json",
        "film.es.report.html", "film.es.clips",
    }  # fmt: skip
    found = {path.name for path in done.job.folder.iterdir() if path.suffix != ".c2pa"}
    assert found == signed | plain
    checked = provenance.verify([done.file(name) for name in sorted(signed)], done.run.home)
    assert [(one.path, one.checks) for one in checked if not one.ok] == []
    says = {Path(one.path).name: one.claims["language"] for one in checked}
    assert all(language == name.split(".")[1] for name, language in says.items()), "the original's words are no dub's"
    noted = {r["file"] for r in ledger.read(done.run.home) if r["kind"] == "deliverable"}
    assert noted == signed


def test_dialogue_and_bed_add_up_to_the_mix(done: Done) -> None:
    mix, dialogue, bed = (
        soundfile.read(done.file(f"film.{name}wav"), dtype="float64")[0] for name in ("es.", "es.dialogue.", "bed.")
    )
    assert mix.shape == dialogue.shape == bed.shape
    assert np.abs(mix - dialogue - bed).max() < 2e-6
    assert np.abs(dialogue).max() > 0.01


def test_the_picture_is_the_sources_and_the_dub_is_the_default_sound(done: Done) -> None:
    with av.open(str(done.file("film.es.mp4"))) as made, av.open(str(done.job.input)) as source:
        pictures = [[bytes(p) for p in container.demux(video=0) if p.size] for container in (made, source)]
        sounds = [
            (s.metadata["language"], bool(s.disposition & av.stream.Disposition.default)) for s in made.streams.audio
        ]
    assert pictures[0] == pictures[1]
    assert sounds == [("spa", True), ("eng", False)]


def test_every_line_is_placed_where_its_source_is(done: Done) -> None:
    clips = done.json("film.es.timeline.json")["clips"]
    assert [clip["segment"] for clip in clips] == ["s0001", "s0002"]
    for clip, (start, _end, _text) in zip(clips, SENTENCES):
        assert clip["source"]["start_ms"] == clip["dub"]["start_ms"] == start
    texts = [done.json("film.master.json")["segments"][n]["text"] for n in range(2)]
    assert texts == [text for *_, text in SENTENCES]


def test_the_report_has_what_was_asked_and_what_was_measured(done: Done) -> None:
    report = done.json("film.es.report.json")
    (target,) = done.result.json()["targets"]
    assert report["summary"] == target["summary"]
    assert report["summary"]["lines"] == 2
    assert report["watermark"]["engine"] == "none"
    assert report["consent"] == {"em_alex": "licence Apache-2.0"}
    assert set(report["renderings"]) == {"easy"}
    assert -29 < report["summary"]["loudness_lufs"] < -25  # netflix: dialogue at -27 LUFS, +-2 LU
    assert "film" in done.file("film.es.report.html").read_text("utf-8")


def test_the_audience_is_told_on_screen_and_by_voice(done: Done) -> None:
    assert TEXTS["es"].replace("\n", " ") in done.file("film.es.srt").read_text("utf-8").replace("\n", " ")
    assert soundfile.info(done.file("film.es.notice.wav")).duration > 1


def test_the_cast_file_says_who_speaks_with_which_voice(done: Done) -> None:
    assert done.job.cast is not None
    assert "em_alex" in done.job.cast.read_text("utf-8")


def test_each_line_can_be_explained_and_the_folder_packaged(done: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALIZE_HOME", str(done.run.home.folder))
    (target,) = explain(done.job.folder, None).json()["targets"]
    assert [line["segment"] for line in target["lines"]] == ["s0001", "s0002"]
    made = package(done.job.folder)
    assert [entry.language for entry in made.audio] == ["es", "en"]
    assert {entry.language for entry in made.subtitles} == {"es", "en"}
    assert made.master.read_text("utf-8").startswith("#EXTM3U")


@pytest.mark.costly
def test_the_same_request_again_makes_nothing_anew(done: Done) -> None:
    again = Run(Store(done.run.store.folder), done.run.home, done.run.models)
    before = done.file("film.es.dialogue.wav").read_bytes()
    result = dub(done.job, again)
    assert again.store.made == 0
    assert result.json()["targets"][0]["summary"] == done.result.json()["targets"][0]["summary"]
    assert done.file("film.es.dialogue.wav").read_bytes() == before


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(done: Done, tmp_path: Path) -> None:
    job = replace(done.job, output=tmp_path / "dry")
    plan = dry_run(job, done.run).json()
    assert (plan["to"], plan["duration_ms"], plan["film"]) == (["es"], 5000, {"suffix": ".mp4", "reason": None})
    assert plan["engines"]["synthesizer"].startswith("fake synthesizer")
    assert not (tmp_path / "dry").exists()


@pytest.mark.costly
def test_a_dry_run_foretells_the_lines_that_a_dub_leaves_out_cuts_and_speaks_late(done: Done, tmp_path: Path) -> None:
    times = [(500, 1500), (1000, 2000), (4000, 5900), (7000, 8000)]
    cues = [f"{n}\n00:00:0{a / 1000:.3f} --> 00:00:0{b / 1000:.3f}\nLine {n}.\n" for n, (a, b) in enumerate(times, 1)]
    given = tmp_path / "given.en.srt"
    given.write_text("\n".join(cues), encoding="utf-8")
    job = replace(done.job, transcript=given, output=tmp_path / "out", cast=None, burn=False, deliver=("srt",))
    run = Run(Store(tmp_path / "store"), done.run.home, done.run.models)
    told = [[w for w in made.warnings if w.code.startswith("line")] for made in (dry_run(job, run), dub(job, run))]
    assert [w.code for w in told[0]] == ["line_beyond_end", "line_beyond_end", "lines_overlap"]
    assert told[0] == told[1]


@pytest.mark.costly
def test_films_one_after_the_other_in_a_file_are_as_long_as_all_of_them(done: Done, tmp_path: Path) -> None:
    """The clock begins again with the second: the container states the length of one."""
    half = tmp_path / "half.ts"
    shown = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=3", "-f", "lavfi", "-i", "sine=r=48000:d=3"]
    run_ffmpeg(["-v", "error", *shown, "-c:v", "mpeg2video", "-c:a", "mp2", url(half)], str(half))
    both = tmp_path / "both.ts"
    both.write_bytes(2 * half.read_bytes())
    plan = dry_run(replace(done.job, input=both, output=tmp_path / "dry"), done.run)
    assert plan.duration_ms == pytest.approx(6000, abs=100)


@pytest.mark.costly
def test_under_strict_what_falls_short_is_delivered_and_an_error(done: Done, tmp_path: Path) -> None:
    """Nobody hears "la" in what was said: the word error rate is beyond any limit."""
    job = replace(done.job, output=tmp_path / "strict", strict=True)
    with pytest.raises(QualityError) as caught:
        dub(job, Run(Store(done.run.store.folder), done.run.home, done.run.models))
    assert json.loads(json.dumps(caught.value.details["result"].json()))["targets"]
    assert (tmp_path / "strict" / "film.es.mp4").is_file()


@pytest.mark.costly
def test_subtitles_that_are_not_wanted_as_files_are_in_the_film_alone(done: Done, tmp_path: Path) -> None:
    job = replace(done.job, output=tmp_path / "out", cast=None, burn=False, notice=(), stems=(), deliver=("video",))
    (target,) = dub(job, Run(Store(done.run.store.folder), done.run.home, done.run.models)).targets
    assert target.video is not None
    kinds = [(s.kind, s.language) for s in probe(target.video).streams if s.kind == "subtitle"]
    assert kinds == [("subtitle", "es"), ("subtitle", "en")]
    assert (target.subtitles, target.renderings, target.audio) == ({}, {}, None)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "film.es.mp4", "film.es.timeline.json", "film.es.report.json", "film.master.json", "film.job.json",
    }  # fmt: skip


# --- a review of it --------------------------------------------------------------------------------------------------

DECIDED = (
    Decision("split", line="s0001", at_ms=1700, word=3),
    Decision("edit_translation", line="s0001-2", language="es", text="eeee eeee"),
    Decision("edit_source", line="s0002", text="Under the table."),
    Decision("retime", line="s0002", start_ms=3100, end_ms=4000),
    Decision("change_voice", line="s0002", language="es", voice="ef_dora"),
)


@pytest.fixture(scope="module")
def plain(done: Done) -> Job:
    """The same dub with nothing but the film."""
    return replace(done.job, notice=(), renderings=(), formats=("srt",), burn=False, cast=None, stems=())


def again(done: Done, job: Job) -> Run:
    """Dub in the store of before."""
    run = Run(Store(done.run.store.folder), done.run.home, done.run.models)
    dub(job, run)
    return run


def reviewed(done: Done, folder: Path, *entries: Decision) -> Path:
    """A folder with the words that were delivered, and a review of them."""
    folder.mkdir(exist_ok=True)
    (folder / "film.master.json").write_bytes(done.file("film.master.json").read_bytes())
    append(folder, entries, expected=open_review(folder).version, who="Ana")
    return folder


@pytest.mark.costly
def test_a_review_is_heard_as_its_corrections_are(done: Done, plain: Job, tmp_path: Path) -> None:
    folder = reviewed(done, tmp_path / "review", *DECIDED)
    edits = tmp_path / "edits.json"
    edits.write_text(json.dumps(edits_json(derive_edits(open_review(folder)))))
    run = again(done, replace(plain, output=folder))  # it lies in the output folder
    again(done, replace(plain, output=tmp_path / "named", review=review_path(folder)))
    again(done, replace(plain, output=tmp_path / "edits", edits=edits))
    assert [w.code for w in run.warnings if w.code in ("review_used", "review_lost", "edits_lost")] == ["review_used"]
    for name in ("film.es.timeline.json", "film.es.dialogue.wav", "film.es.srt"):
        found = {(tmp_path / other / name).read_bytes() for other in ("review", "named", "edits")}
        assert len(found) == 1 or name.endswith(".srt"), name
    clips = read_json(folder / "film.es.timeline.json", 1 << 20)["clips"]
    assert [(c["segment"], c["source"]["start_ms"], c["voice"]) for c in clips] == [
        ("s0001", 1000, "em_alex"), ("s0001-2", 1700, "em_alex"), ("s0002", 3100, "ef_dora"),
    ]  # fmt: skip
    assert clips[1]["text"] == "eeee eeee"
    assert not kept_edits_path(folder, "film").exists()


@pytest.fixture(scope="module")
def ana(done: Done, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A person's voice, which no engine may imitate."""
    folder = tmp_path_factory.mktemp("ana")
    bursts = np.arange(7 * 44_100) // 8000 % 2
    soundfile.write(folder / "ana.wav", np.random.default_rng(1).normal(0, 0.2, len(bursts)) * bursts, 44_100)
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7\nsigned")
    consent.enroll(done.run.home, "ana", reference=folder / "ana.wav", evidence=folder / "paper.pdf")
    consent.grant(done.run.home, "ana", languages=["es"], titles=["film"], cloning=False)
    return "ana"


def recording(folder: Path, tone: Any, seconds: float = 1.0) -> bytes:
    """A person says something for so long, between two silences."""
    quiet = np.zeros(12_000, np.float32)
    soundfile.write(folder / "own.wav", np.concatenate([quiet, tone(seconds, 300.0, 0.3), quiet]), 48_000, "PCM_24")
    return (folder / "own.wav").read_bytes()


def own_take(done: Done, folder: Path, data: bytes, line: str = "s0002", **more: str) -> Decision:
    found = keep_take(done.run.store, review_path(folder), "film", data)
    return Decision("own_take", line=line, language="es", voice=more.pop("voice", "ana"), take=found.file, **more)


@pytest.mark.costly
def test_a_line_that_a_person_recorded_is_heard_on_the_page_and_by_the_command_alike(
    done: Done, plain: Job, ana: str, tone: Any, tmp_path: Path
) -> None:
    folder = reviewed(done, tmp_path / "review")
    append(folder, [own_take(done, folder, recording(tmp_path, tone), text="Mia voz.")], expected=0, who="Ana")
    run = again(done, replace(plain, output=folder))
    other = replace(done, run=Run(Store(tmp_path / "store"), done.run.home, done.run.models))  # nothing is remembered
    again(other, replace(plain, output=tmp_path / "named", review=review_path(folder)))
    for name in ("film.es.timeline.json", "film.es.dialogue.wav"):
        assert (folder / name).read_bytes() == (tmp_path / "named" / name).read_bytes(), name
    mixes = [soundfile.read(place / "film.es.wav")[0] for place in (folder, tmp_path / "named")]
    assert np.array_equal(*mixes)
    first, clip = read_json(folder / "film.es.timeline.json", 1 << 20)["clips"]
    assert ("recorded" in first, clip["voice"], clip["text"]) == (False, "ana", "Mia voz.")
    stem, rate = soundfile.read(folder / "film.es.dialogue.wav", always_2d=True)
    here = stem[clip["dub"]["start_ms"] * rate // 1000 : clip["dub"]["end_ms"] * rate // 1000, 0]
    peak = np.abs(np.fft.rfft(here)).argmax() * rate / len(here)
    assert peak == pytest.approx(300, abs=5), "the tone that was recorded, and no other"
    records = ledger.read(done.run.home)
    spoken = next(r for r in records if r["kind"] == "synthesis" and r["voice"] == "ana")
    assert spoken["recorded"] == {"s0002": clip["recorded"]}
    film = [r for r in records if r["kind"] == "deliverable" and r["file"] == "film.es.mp4"][-1]
    assert (film["voices"]["ana"], film["recorded"]) == (["s0002"], ["ana"])
    assert any(r["kind"] == "check" and r.get("recorded") and r["outcome"] == "granted" for r in records)
    assert [w.code for w in run.warnings if w.code.startswith("take_")] == []
    (line,) = [x for x in read_dub(folder).reports["es"].lines if x.recorded]
    assert (line.segment, line.recorded) == ("s0002", clip["recorded"])
    append(folder, [Decision("undo", undoes=1)], expected=1, who="Ana")
    again(done, replace(plain, output=folder))
    assert "ana" not in {c["voice"] for c in read_json(folder / "film.es.timeline.json", 1 << 20)["clips"]}


@pytest.mark.costly
def test_a_line_that_a_person_read_as_a_guide_has_its_pauses_and_nothing_of_its_sound(
    done: Done, plain: Job, tone: Any, tmp_path: Path
) -> None:
    folder = reviewed(done, tmp_path / "review")
    quiet, sound = np.zeros(24_000, np.float32), io.BytesIO()
    read = np.concatenate([quiet, tone(0.5, 300.0, 0.3), quiet, tone(0.6, 300.0, 0.1), quiet])
    soundfile.write(sound, read, 48_000, "PCM_24", format="WAV")
    found = keep_take(done.run.store, review_path(folder), "film", sound.getvalue())
    guide = Decision("guide_take", line="s0001", language="es", take=found.file, text="Mia voz, aquí está.")
    append(folder, [guide], expected=0, who="Ana")
    noted = len(ledger.read(done.run.home))
    again(done, replace(plain, output=folder))
    clip = read_json(folder / "film.es.timeline.json", 1 << 20)["clips"][0]
    assert (clip["guide"], clip["text"], "recorded" in clip) == (found.file, "Mia voz, aquí está.", False)
    (start, end), (then, last) = clip["dub"]["phrases"]
    assert [end - start, then - end, last - then] == pytest.approx([500, 500, 600], abs=30)
    assert not any(r.get("recorded") for r in ledger.read(done.run.home)[noted:]), "nobody is heard, nobody is asked"
    assert read_dub(folder).guided("es") == {"s0001": found.file}
    other = Decision("edit_translation", line="s0001", language="es", text="Otra cosa, aquí está.")
    append(folder, [other], expected=1, who="Ana")
    again(done, replace(plain, output=folder))
    assert "guide" not in read_json(folder / "film.es.timeline.json", 1 << 20)["clips"][0]


@pytest.mark.costly
def test_a_recording_longer_than_its_slot_is_told_and_heard_whole(
    done: Done, plain: Job, ana: str, tone: Any, tmp_path: Path
) -> None:
    folder = reviewed(done, tmp_path / "review")
    take = own_take(done, folder, recording(tmp_path, tone, 3.5), "s0001", text="Mia voz.")
    append(folder, [take], expected=0, who="Ana")
    run = again(done, replace(plain, output=folder))
    told = [w.message for w in run.warnings if w.code == "overflow"]
    assert any("s0001" in said and "the recording is" in said for said in told)
    clip = read_json(folder / "film.es.timeline.json", 1 << 20)["clips"][0]
    assert clip["fit"] == "overflow"
    assert clip["dub"]["end_ms"] - clip["dub"]["start_ms"] >= 3500 / 1.25 - 20


NOT_HEARD: dict[str, tuple[Callable[[Done, Path, Decision], object], type[Exception], str]] = {
    "gone": (lambda _d, folder, take: (folder / "film.takes" / f"{take.take}.wav").unlink(), UsageError, "s0002"),
    "another": (
        lambda _d, folder, take: (folder / "film.takes" / f"{take.take}.wav").write_bytes(b"RIFF"), UsageError, "s0002",
    ),
    "a link": (
        lambda _d, folder, take: (folder / "film.takes" / f"{take.take}.wav").unlink()
        or (folder / "film.takes" / f"{take.take}.wav").symlink_to(folder / "film.master.json"), UsageError, "s0002",
    ),
}  # fmt: skip


@pytest.mark.costly
@pytest.mark.parametrize("name", NOT_HEARD)
def test_a_recording_that_is_not_as_it_was_given_stops_the_run_before_any_work(
    done: Done, plain: Job, ana: str, tone: Any, tmp_path: Path, name: str
) -> None:
    change, error, said = NOT_HEARD[name]
    folder = reviewed(done, tmp_path / "review")
    take = own_take(done, folder, recording(tmp_path, tone), text="Mia voz.")
    append(folder, [take], expected=0, who="Ana")
    change(done, folder, take)
    with pytest.raises(error, match=said):
        read_inputs(replace(plain, output=folder), done.run)


@pytest.mark.costly
@pytest.mark.parametrize(("voice", "error"), [("em_alex", OutOfScope), ("bo", NoGrant)])
def test_a_recording_is_nobodys_without_a_grant(
    done: Done, plain: Job, tone: Any, tmp_path: Path, voice: str, error: type[Exception]
) -> None:
    """A stock voice records nothing, and a voice that is not enrolled has nobody's consent."""
    folder = reviewed(done, tmp_path / "review")
    take = own_take(done, folder, recording(tmp_path, tone), text="Mia voz.", voice=voice)
    append(folder, [take], expected=0, who="Ana")
    with pytest.raises(error):
        again(done, replace(plain, output=folder))
    assert not (folder / "film.es.mp4").exists()


@pytest.mark.costly
def test_a_file_that_an_editor_reworked_corrects_the_dub_and_what_it_cannot_take_over_is_told(
    done: Done, plain: Job, tmp_path: Path
) -> None:
    job = replace(plain, output=tmp_path / "out")
    again(done, job)
    delivered = tmp_path / "out" / "film.es.srt"
    one, two = delivered.read_text("utf-8").strip().split("\n\n")
    number, times, text = one.split("\n", 2)
    broken = "\n".join(f"<i>{line}</i>" for line in text.replace("\n", " ").split(" ", 1))
    word = two.split()[-1]
    copy = tmp_path / "mine.srt"
    copy.write_bytes(f"{two.replace(word, 'Nada.')}\n\n{number}\n{times}\n{broken}\n".encode("utf-16"))
    run = again(done, replace(job, translation=copy))
    told = {w.code: w.message for w in run.warnings}
    assert "italics, colours or places of cues: 2" in told["corrections_left"]
    assert "its cues 2 are" in told["cut_anew"]
    assert "Nada.')" in told["corrections_taken"]
    assert "Nada." in delivered.read_text("utf-8")


@pytest.mark.costly
def test_what_is_taken_back_in_a_review_is_gone(done: Done, plain: Job, tmp_path: Path) -> None:
    folder = reviewed(done, tmp_path, DECIDED[2])
    again(done, replace(plain, output=folder))
    append(folder, [Decision("undo", undoes=1)], expected=1, who="Bo")
    again(done, replace(plain, output=folder))
    assert read_json(folder / "film.master.json", 1 << 20)["segments"][1]["text"] == SENTENCES[1][2]


@pytest.mark.costly
def test_a_cue_that_was_changed_is_delivered_as_the_page_shows_it(done: Done, plain: Job, tmp_path: Path) -> None:
    """The page and the command line give the same subtitles; what has no place any more is told, and nothing else."""
    seen = shown(rendered(read_dub(done.job.folder).master, "es", "netflix").document.cues[0])
    changed, gone = replace(seen, lines=("Uno", "dos")), replace(seen, lines=("Nobody says this.",))
    folder = reviewed(
        done, tmp_path,
        *(Decision("edit_cue", language="es", profile="netflix", before=(b,), after=(changed,)) for b in (seen, gone)),
    )  # fmt: skip
    run = again(done, replace(plain, output=folder, renderings=("mobile",), recut=True))
    lost = [w.message for w in run.warnings if w.code == "cues_lost"]
    assert len(lost) == 1
    assert "Nobody says this." in lost[0]
    delivered, mobile = (subtitles.read(folder / f"film.es.{name}srt").cues for name in ("", "mobile."))
    assert delivered[0].lines == ("Uno", "dos")
    assert all(cue.lines != ("Uno", "dos") for cue in mobile)
    edits = derive_cue_edits(open_review(folder))
    page = subtitles_json(read_dub(folder), "es", "netflix", edits, ("netflix", "mobile"))
    assert [(c["start_ms"], c["end_ms"], tuple(c["lines"])) for c in page["cues"]] == [
        (c.span.start_ms, c.span.end_ms, c.lines) for c in delivered
    ]
    assert [entry["number"] for entry in page["lost"]] == [2]


@pytest.mark.costly
def test_a_term_of_the_review_is_a_term_of_the_glossary(done: Done, plain: Job, tmp_path: Path) -> None:
    folder = reviewed(done, tmp_path, Decision("add_term", language="es", term="door", text="portón"))
    job = replace(plain, output=folder)
    assert ("door", "portón") in read_inputs(job, done.run).glossary.between("en", "es").terms


def test_corrections_that_contradict_the_review_are_refused(done: Done, plain: Job, tmp_path: Path) -> None:
    folder = reviewed(done, tmp_path, DECIDED[2])
    edits = tmp_path / "edits.json"
    edits.write_text('{"schema": 1, "edits": [{"segment": "s0002", "source": "By the table."}]}')
    with pytest.raises(UsageError, match="say different things of s0002"):
        again(done, replace(plain, output=folder, edits=edits))


@pytest.mark.costly
def test_under_strict_all_lines_can_have_to_be_approved(done: Done, plain: Job, tmp_path: Path) -> None:
    job = replace(plain, output=tmp_path, strict=True, review_required=True)
    with pytest.raises(QualityError, match=r"es: no line is approved, for there is no review.json"):
        again(done, job)
    approvals = [Decision("approve", line=f"s000{n}", language="es") for n in (1, 2)]
    reviewed(done, tmp_path, approvals[0])
    with pytest.raises(QualityError, match="1 of 2 lines are not approved, or changed since: s0002"):
        again(done, job)
    assert not (tmp_path / "film.es.mp4").exists()
    reviewed(done, tmp_path, approvals[1])
    with pytest.raises(QualityError, match="falls short"):  # of what is measured: nobody hears "la" in it
        again(done, job)
    reviewed(done, tmp_path, replace(approvals[1], text="other words"))
    with pytest.raises(QualityError, match="1 of 2 lines are not approved, or changed since: s0002") as caught:
        again(done, job)
    assert caught.value.details["result"].targets
    noted = {(r["title"], r["line"], r["who"]) for r in ledger.read(done.run.home) if r["kind"] == "approval"}
    assert noted == {("film", "s0001", "Ana"), ("film", "s0002", "Ana")}


# --- the same folder, by the command ---------------------------------------------------------------------------------


@pytest.fixture
def localize(
    done: Done, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """The command in this process, in the home that made the dub: its exit code and what it prints."""
    monkeypatch.setenv("LOCALIZE_HOME", str(done.run.home.folder))
    monkeypatch.setenv("LOCALIZE_STORE", str(done.run.store.folder))
    monkeypatch.setattr(cli, "_silence_libraries", lambda: None)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["localize", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), capfd.readouterr().out

    return run


def test_verify_prints_every_check_and_claim(done: Done, localize: Callable[..., tuple[int, str]]) -> None:
    film = done.file("film.es.mp4")
    code, out = localize("verify", str(film), "--source", str(done.job.input))
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert (code, lines[0]) == (0, f"ok {film}")
    assert "says language es" in lines
    assert {"ok manifest found", "ok name named as it was signed", "ok source made from this source"} <= set(lines)
    other = film.with_name("other.wav")
    other.write_bytes(done.file("film.bed.wav").read_bytes())
    try:
        code, out = localize("verify", str(other), "--json")
    finally:
        other.unlink()
    (checked,) = json.loads(out)["files"]
    assert (code, checked["ok"], checked["claims"]) == (6, False, {})


@pytest.mark.costly
def test_explain_and_package_print_what_their_functions_return(
    done: Done, localize: Callable[..., tuple[int, str]]
) -> None:
    folder = str(done.job.folder)
    code, out = localize("explain", folder, "--line", "s0002")
    assert (code, "s0002" in out, "s0001" in out) == (0, True, False)
    assert json.loads(localize("explain", folder, "--json")[1]) == explain(done.job.folder, None).json()
    assert localize("package", folder)[0] == 2
    code, out = localize("package", folder, "--hls")
    assert (code, out.splitlines()[0]) == (0, str(done.job.folder / "hls" / "film.m3u8"))
    kinds = [line.split()[0] for line in out.splitlines()[1:]]
    assert kinds == ["audio"] * 2 + ["subtitles"] * 4  # two languages, each by two profiles
    assert json.loads(localize("package", folder, "--hls", "--json")[1])["schema"] == 1
    segment = next((done.job.folder / "hls").rglob("*.m4s"))
    assert localize("verify", str(segment), str(done.job.folder / "hls" / "provenance.json"))[0] == 0


@pytest.mark.costly
def test_the_command_dubs_as_the_function_does(
    done: Done, localize: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    job = done.job
    flags = [part for role, name in ENGINES.items() for part in ("--engine", f"{role}={name}")]
    shared = [
        "dub", str(job.input), "--to", "es", "--from", "en", "--transcript", str(job.transcript), "--voice",
        "S1=em_alex", "--speakers", "1", "--bed", "duck", "--loudness", "netflix", "--stems", "speakers", *flags,
    ]  # fmt: skip
    code, out = localize(*shared, "-o", str(tmp_path / "plan"), "--dry-run")
    assert (code, "film: .mp4" in out.splitlines(), (tmp_path / "plan").exists()) == (0, True, False)
    code, out = localize(*shared, "-o", str(tmp_path / "out"), "-q")
    assert code == 0
    assert f"es video     {tmp_path / 'out' / 'film.es.mp4'}" in out.splitlines()
    assert f"es dialogue  {tmp_path / 'out' / 'film.es.dialogue.S1.wav'} (S1)" in out.splitlines()
    assert (tmp_path / "out" / "film.es.dialogue.wav").read_bytes() == done.file("film.es.dialogue.wav").read_bytes()
