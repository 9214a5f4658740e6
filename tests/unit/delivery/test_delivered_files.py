"""What a dub delivers, made of a small real film and its sounds: names, bytes, times of day, signatures, ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import pytest

from localize import consent, media, provenance
from localize.consent import Grant
from localize.data import Blob, Clip, Mix, Span, Take, Timeline
from localize.delivery import deliverables
from localize.delivery.deliverables import Delivery
from localize.delivery.disclosure import TAG
from localize.delivery.line_clips import LineClips, deliver_line_clips
from localize.delivery.verification import find_signed, verify
from localize.errors import MediaError
from localize.events import Run, Warned
from localize.media import FilmPlan, SubtitleTrack
from localize.runtime.files import StagedFolder, sha256_of, staged_folder

NOON = 12 * 3600 * 48_000
"""Samples since midnight."""


@dataclass(frozen=True)
class Desk:
    """A dub whose sounds are made, and the folder it is delivered into."""

    run: Run
    package: Delivery
    out: Path

    def deliver(self, work: Callable[[Delivery, StagedFolder], Any], **changed: Any) -> Any:
        with staged_folder(self.out) as stage:
            return work(replace(self.package, **changed), stage)

    def blobs(self) -> int:
        return sum(path.is_file() for path in (self.run.store.folder / "objects").rglob("*"))


def clip(run: Run, tone: Any, grant: Grant, number: int, speaker: str) -> Clip:
    take = Take(
        f"s000{number}", "Hola.", wav(run, tone(0.2)), 200, (Span(0, 200),), (), grant.voice.id, grant.id, 200, "exact"
    )
    at = Span(200 * number, 200 * number + 200)
    return Clip(take, at.start_ms, (at,), 1.0, "exact", at, (at,), speaker)


def wav(run: Run, samples: Any) -> Blob:
    import soundfile

    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, samples, 48_000, "PCM_24")
    return draft.blob


@pytest.fixture
def desk(run: Run, tmp_path: Path, tone: Any, granted: Callable[..., Grant]) -> Desk:
    film = tmp_path / "film.mp4"
    picture = ["-f", "lavfi", "-i", "color=black:s=64x64:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1:sample_rate=48000"]
    media.run_ffmpeg([*picture, "-c:v", "libx264", "-c:a", "aac", media.url(film)], "film")
    found = media.ingest(run.store, film, stream=None, language=None)
    grants = {f"s000{n}": granted(voice, "es", run.home) for n, voice in ((1, "ef_dora"), (2, "em_alex"))}
    clips = tuple(
        clip(run, tone, grant, n, speaker) for n, (speaker, grant) in enumerate(zip(("A/B", "a_b"), grants.values()), 1)
    )
    sounds = {name: wav(run, tone(1.0, hertz)) for name, hertz in (("full", 220), ("dialogue", 330), ("bed", 440))}
    speakers = (("A/B", wav(run, tone(1.0, 550))), ("a_b", wav(run, tone(1.0, 660))))
    mixed = Mix(**sounds, loudness_lufs=-23.0, true_peak_dbtp=-1.0, source_loudness_lufs=-23.0, speakers=speakers)
    package = Delivery(
        "film", "en", found, Timeline("es", 1000, clips), mixed, grants, {"synthesizer": "kokoro 1"},
        translated=True, version="0.1",
    )  # fmt: skip
    return Desk(run, package, tmp_path / "out")


def comment(path: Path) -> str:
    with av.open(str(path)) as container:
        return container.metadata.get("comment", "")


def samples(path: Path) -> bytes:
    import soundfile

    return bytes(soundfile.read(path, dtype="int32")[0].tobytes())


@pytest.mark.costly
def test_stems_keep_their_samples_and_only_synthesized_ones_say_so(desk: Desk) -> None:
    before = desk.blobs()
    made = desk.deliver(lambda package, stage: deliverables.deliver_stems(desk.run, package, stage))
    assert {name: path.name for name, path in made.items()} == {
        "dialogue": "film.es.dialogue.wav", "bed": "film.bed.wav",
    }  # fmt: skip
    dialogue, bed = desk.out / "film.es.dialogue.wav", desk.out / "film.bed.wav"
    store, mixed = desk.run.store, desk.package.mixed
    assert samples(dialogue) == samples(store.path(mixed.dialogue))
    assert bed.read_bytes() == store.path(mixed.bed).read_bytes()
    assert (comment(dialogue), comment(bed)) == (TAG, "")
    assert desk.blobs() == before, "a delivered sound is kept a second time"
    assert {p.name for p in desk.out.iterdir()} == {dialogue.name, f"{dialogue.name}.c2pa", bed.name}


@pytest.mark.costly
def test_as_flac_sounds_keep_their_samples_their_clock_and_their_signatures(desk: Desk) -> None:
    timed = replace(desk.package.media, clock=NOON)

    def work(package: Delivery, stage: StagedFolder) -> None:
        deliverables.deliver_mix(desk.run, package, stage)
        deliverables.deliver_stems(desk.run, package, stage)

    desk.deliver(work, media=timed, flac=True)
    mix, dialogue, bed = (desk.out / f"film.{name}.flac" for name in ("es", "es.dialogue", "bed"))
    mixed = desk.package.mixed
    for path, sound in ((mix, mixed.full), (dialogue, mixed.dialogue), (bed, mixed.bed)):
        assert samples(path) == samples(desk.run.store.path(sound))
        with av.open(str(path)) as container:
            assert {k.lower(): v for k, v in container.metadata.items()}["time_reference"] == str(NOON)
    assert [comment(path) for path in (mix, dialogue, bed)] == [TAG, TAG, ""]
    assert [checked.ok for checked in provenance.verify([mix, dialogue], desk.run.home)] == [True, True]
    assert not list(desk.out.glob("*.wav"))


@pytest.mark.costly
def test_more_channels_than_flac_holds_stay_wav_and_it_is_said(desk: Desk) -> None:
    many = replace(desk.package.media, channels=media.FLAC_CHANNELS + 1)
    desk.deliver(lambda package, stage: deliverables.deliver_mix(desk.run, package, stage), media=many, flac=True)
    assert (desk.out / "film.es.wav").exists()
    assert [w.code for w in desk.run.warnings] == ["no_flac"]


@pytest.mark.costly
def test_clips_of_every_line_are_small_known_by_their_samples_and_go_with_their_line(desk: Desk) -> None:
    clips = desk.deliver(lambda package, stage: deliver_line_clips(desk.run, package, stage))
    assert list(clips) == ["s0001", "s0002"]
    assert clips["s0001"] == LineClips("film.es.clips/s0001.source.m4a", "film.es.clips/s0001.dub.m4a")
    for line in clips.values():
        for path, says in ((desk.out / line.source, ""), (desk.out / line.dub, TAG)):
            with av.open(str(path)) as container:
                stream = container.streams.audio[0]
                assert (stream.codec.name, stream.rate, stream.channels) == ("aac", 48_000, 1)
                assert float(stream.duration * stream.time_base) == pytest.approx(0.6, abs=0.03)
            assert comment(path) == says
            assert path.stat().st_size < 8_000
    calls = len(desk.run.store.calls)
    mine = desk.out / "film.es.clips" / "mine.m4a"
    mine.write_text("kept")
    one = replace(desk.package.timeline, clips=desk.package.timeline.clips[:1])
    desk.deliver(lambda package, stage: deliver_line_clips(desk.run, package, stage), timeline=one)
    made = {call.step.rpartition(".")[2] for call in desk.run.store.calls[calls:]}
    assert made == {"encode_stretches"}, "a clip is made a second time"
    assert {p.name for p in mine.parent.iterdir()} == {"s0001.source.m4a", "s0001.dub.m4a", "mine.m4a"}


@pytest.mark.costly
def test_of_a_folder_what_a_dub_signs_is_verified_and_what_needs_nothing_is_named(desk: Desk) -> None:
    def work(package: Delivery, stage: StagedFolder) -> None:
        deliverables.deliver_stems(desk.run, package, stage)
        deliver_line_clips(desk.run, package, stage)
        (stage.folder / "film.job.json").write_text('{"input": "film.mp4"}')

    desk.deliver(work)
    (desk.out / "film.mp4").write_bytes(Path(desk.package.media.source.path).read_bytes())
    (desk.out / "link.srt").symlink_to(desk.out / "film.mp4")
    signed, unsigned = find_signed([desk.out])
    assert [path.name for path in signed] == ["film.es.dialogue.wav"]
    assert {Path(one.path).name: one.why.split(",")[0] for one in unsigned} == {
        "film.bed.wav": "nothing in it is synthesized", "film.es.clips": "clips for the page of the report",
        "film.job.json": "a file of work", "film.mp4": "the source itself", "link.srt": "a link",
    }  # fmt: skip
    assert [checked.ok for checked in verify(desk.out, home=desk.run.home)] == [True]
    (desk.out / "mine.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHola.\n")
    assert [checked.ok for checked in verify(desk.out, home=desk.run.home)] == [True, False]
    with pytest.raises(MediaError, match="nothing that a dub signs"):
        find_signed([desk.out / "film.es.clips"])


@pytest.mark.costly
def test_with_a_timecode_every_stem_says_when_it_begins(desk: Desk) -> None:
    timed = replace(desk.package.media, clock=NOON)
    desk.deliver(lambda package, stage: deliverables.deliver_stems(desk.run, package, stage), media=timed)
    for name in ("film.es.dialogue.wav", "film.bed.wav"):
        found = media.ingest(desk.run.store, desk.out / name, stream=None, language=None)
        assert found.clock == NOON
    assert comment(desk.out / "film.bed.wav") == ""


@pytest.mark.costly
def test_speakers_whose_names_are_one_file_name_get_two_files(desk: Desk) -> None:
    made = desk.deliver(lambda package, stage: deliverables.deliver_speaker_stems(desk.run, package, stage))
    assert {speaker: path.name for speaker, path in made.items()} == {
        "A/B": "film.es.dialogue.A_B.wav", "a_b": "film.es.dialogue.a_b-2.wav",
    }  # fmt: skip
    for (_, sound), name in zip(desk.package.mixed.speakers, ("A_B", "a_b-2")):
        assert samples(desk.out / f"film.es.dialogue.{name}.wav") == samples(desk.run.store.path(sound))


@pytest.mark.costly
def test_a_mix_and_a_notice_are_signed_and_noted_with_the_voices_in_them(desk: Desk) -> None:
    desk.deliver(lambda package, stage: deliverables.deliver_mix(desk.run, package, stage))
    grant = desk.package.grants["s0002"]
    notice = replace(desk.package.timeline.clips[1].take, segment="notice")
    desk.deliver(lambda package, stage: deliverables.deliver_notice(desk.run, package, notice, grant, stage))
    paths = [desk.out / "film.es.wav", desk.out / "film.es.notice.wav"]
    assert [checked.ok for checked in provenance.verify(paths, desk.run.home)] == [True, True]
    noted = [r for r in consent.ledger.read(desk.run.home) if r["kind"] == "deliverable"]
    assert [r["sha256"] for r in noted] == [sha256_of(path) for path in paths]
    assert [r["voices"] for r in noted] == [
        {"ef_dora": ["s0001"], "em_alex": ["s0002"]}, {"em_alex": ["notice"]},
    ]  # fmt: skip


@pytest.mark.costly
def test_a_film_keeps_its_picture_and_carries_dub_original_and_subtitles(desk: Desk, tmp_path: Path) -> None:
    text = tmp_path / "film.es.srt"
    text.write_text("1\n00:00:00,200 --> 00:00:00,800\nHola.\n", "utf-8")
    plan = FilmPlan(".mp4", "")
    path, reason = desk.deliver(
        lambda package, stage: deliverables.build_film(desk.run, package, [SubtitleTrack(str(text), "es")], stage, plan)
    )
    assert (path.name, reason) == ("film.es.mp4", "")
    with av.open(str(desk.out / "film.es.mp4")) as film, av.open(desk.package.media.source.path) as source:
        assert [s.type for s in film.streams] == ["video", "audio", "audio", "subtitle"]
        assert [s.metadata["language"] for s in film.streams.audio] == ["spa", "eng"]
        pictures = [[bytes(p) for p in c.demux(video=0) if p.size] for c in (film, source)]
    assert pictures[0] == pictures[1]
    assert provenance.verify([desk.out / "film.es.mp4"], desk.run.home)[0].ok


@pytest.mark.costly
def test_a_container_that_no_dub_fits_becomes_matroska_and_it_is_said(desk: Desk) -> None:
    source = Path(desk.package.media.source.path)
    odd = source.rename(source.with_suffix(".y4m"))
    found = replace(desk.package.media, source=replace(desk.package.media.source, path=str(odd)), container="avi")
    path, _ = desk.deliver(
        lambda package, stage: deliverables.build_film(desk.run, package, [], stage, FilmPlan(".mkv", "")), media=found
    )
    assert path.name == "film.es.mkv"
    said = "film.es.mkv: the film is delivered as .mkv, since .y4m cannot hold a dub"
    assert desk.run.warnings == [Warned("container_changed", said)]


@pytest.mark.costly
def test_without_a_picture_or_where_no_mux_works_there_is_no_film_and_a_reason(desk: Desk) -> None:
    def film(plan: FilmPlan | None) -> tuple[Path | None, str]:
        return desk.deliver(lambda package, stage: deliverables.build_film(desk.run, package, [], stage, plan))

    assert film(None) == (None, "")
    assert film(FilmPlan("", "no container holds its picture")) == (None, "no container holds its picture")
    Path(desk.package.media.source.path).write_bytes(b"no film any more")
    nothing, reason = film(FilmPlan(".mp4", ""))
    assert nothing is None
    (warning,) = desk.run.warnings
    assert warning.code == "film_not_muxed"
    assert warning.message.startswith(f"no film can be made of film.mp4: {reason}; sound, subtitles, timeline")
    assert not desk.out.exists()
