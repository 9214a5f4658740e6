"""HLS of a small film with two dubs: made by ffmpeg, read back by ffmpeg, playlist by RFC 8216."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from localize import consent, provenance
from localize.consent import Home
from localize.data import (
    Candidate,
    Line,
    Segment,
    SoundEvent,
    Span,
    SubtitleSource,
    TargetText,
    Transcript,
    Translation,
)
from localize.delivery.hls import package
from localize.errors import GrantRevoked, LocalizeError, MediaError, NoGrant, OutOfScope, StoreError, UsageError
from localize.media import ffmpeg
from localize.subtitles.caption import target_words
from localize.timedtext import formats
from localize.transcription.master import master_json

SEGMENTS = (
    Segment("s0001", Span(500, 2500), "S1", "Good evening to you."),
    Segment("s0002", Span(3000, 4900), "S2", "Who is there?"),
)


def target(language: str, *texts: str, forced: tuple[str, ...] = ()) -> TargetText:
    lines = tuple(Line(s.id, (Candidate(text, 0.0),)) for s, text in zip(SEGMENTS, texts))
    translation = Translation(language, lines)
    words = target_words(Transcript("en", SEGMENTS), translation)
    return TargetText(translation, words, {}, frozenset(forced))


def film(path: Path, codec: str = "libx264", sounds: int = 2) -> None:
    """Eight seconds, a key frame every two, a tone for each sound."""
    command = [ffmpeg(), "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=320x180:r=25:d=8"]
    for n in range(sounds):
        command += ["-f", "lavfi", "-i", f"sine=frequency={300 + 100 * n}:duration=8"]
    command += [part for n in range(sounds + 1) for part in ("-map", str(n))]
    subprocess.run([*command, "-c:v", codec, "-g", "50", "-c:a", "aac", str(path)], check=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What two dubs leave behind: two films and a master."""
    made = tmp_path / "out"
    made.mkdir()
    for language in ("pt", "es"):
        film(made / f"film.{language}.mp4")
    sheet = SubtitleSource(Transcript("en", SEGMENTS), 8000, "25/1", sounds=(SoundEvent(Span(5200, 8000), "music"),))
    targets = (
        target("es", "Buenas noches a todos.", "¿Quién anda ahí?"),
        target("pt", "Boa noite a todos.", "Quem está aí?", forced=("s0002",)),
    )
    (made / "film.master.json").write_text(json.dumps(master_json(sheet, targets)))
    for language, voices in (("es", ("ef_dora", "em_alex")), ("pt", ("pf_dora", "pm_alex"))):
        clips = [{"segment": s.id, "voice": voice} for s, voice in zip(SEGMENTS, voices)]
        timeline = {"schema": 1, "language": language, "clips": clips}
        (made / f"film.{language}.timeline.json").write_text(json.dumps(timeline))
        deliver(made, language, *voices)
    request = {"schema": 1, "to": ["pt", "es"], "profile": "netflix", "purpose": "dub"}
    (made / "film.job.json").write_text(json.dumps(request))
    return made


def deliver(folder: Path, language: str, *voices: str, **more: str) -> None:
    """Note a film as a dub does, and whose voices are heard in it."""
    path = folder / f"film.{language}.mp4"
    lines = {voice: [segment.id] for voice, segment in zip(voices, SEGMENTS)}
    consent.note_deliverable(Home.open(), path, title="film", language=language, lines=lines, **more)


def renditions(path: Path) -> list[dict[str, str]]:
    rows = re.findall(r"^#EXT-X-MEDIA:(.*)$", path.read_text(encoding="utf-8"), re.M)
    return [dict(re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', row)) for row in rows]


@pytest.mark.slow
def test_every_sound_and_subtitle_is_a_rendition(folder: Path) -> None:
    made = package(folder).json()
    path = Path(made["master"])
    assert path == folder / "hls" / "film.m3u8"
    found = renditions(path)
    sounds = [r for r in found if r["TYPE"] == "AUDIO"]
    assert [(r["LANGUAGE"], r["DEFAULT"]) for r in sounds] == [('"pt"', "YES"), ('"es"', "NO"), ('"en"', "NO")]
    generated = '"public.machine-generated"'
    assert [r.get("CHARACTERISTICS") for r in sounds] == [generated, generated, None]
    assert [r["NAME"] for r in sounds] == ['"Português (AI)"', '"Español (AI)"', '"English (original)"']
    texts = [r for r in found if r["TYPE"] == "SUBTITLES"]
    kinds = [(r["LANGUAGE"].strip('"'), r["FORCED"], "CHARACTERISTICS" in r) for r in texts]
    plain = [(language, "NO", sdh) for language in ("es", "pt", "en") for sdh in (False, True)]
    assert kinds == [*plain[:4], ("pt", "YES", False), *plain[4:]]
    for group in (sounds, texts):
        assert len({r["NAME"] for r in group}) == len(group)
        assert len({r["GROUP-ID"] for r in group}) == 1
    text = path.read_text(encoding="utf-8")
    assert re.search(
        r'#EXT-X-STREAM-INF:BANDWIDTH=\d+.*CODECS="avc1\.[^"]+,mp4a\.40\.2".*AUDIO="audio",SUBTITLES="subs"', text
    )
    for uri in [r["URI"].strip('"') for r in found] + ["video/index.m3u8"]:
        playlist = path.parent / uri
        assert "://" not in uri
        assert "#EXT-X-PLAYLIST-TYPE:VOD" in playlist.read_text()
        assert playlist.read_text().rstrip().endswith("#EXT-X-ENDLIST")


@pytest.mark.slow
def test_cues_are_on_the_clock_of_the_picture(folder: Path) -> None:
    package(folder)
    hls = folder / "hls"
    with av.open(str(hls / "video" / "index.m3u8")) as container:
        stream = container.streams.video[0]
        first = float((stream.start_time or 0) * stream.time_base)
        assert sum(1 for _ in container.decode(stream)) == 200
    segments = sorted((hls / "subs-es").glob("*.vtt"))
    assert len(segments) == len(list((hls / "video").glob("*.m4s")))
    for path in segments:
        head = path.read_text(encoding="utf-8").split("\n\n")[0].rstrip()
        assert head == f"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{round(first * 90_000)}"
    shown = {cue.span.start_ms: cue.plain for path in segments for cue in formats.read(path).cues}
    assert shown[480 if 480 in shown else 520] == ("Buenas noches a todos.",)


@pytest.mark.slow
def test_ffmpeg_reads_the_whole_presentation(folder: Path) -> None:
    path = package(folder).master
    command = [ffmpeg(), "-v", "error", "-i", path, "-map", "0:v", "-map", "0:a", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for n in range(7):
        command = [ffmpeg(), "-v", "error", "-i", path, "-map", f"0:s:{n}", "-f", "webvtt", "-"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "-->" in done.stdout


@pytest.mark.slow
def test_packaging_again_replaces_it_whole(folder: Path) -> None:
    package(folder)
    (folder / "hls" / "leftover.txt").write_text("old")
    package(folder)
    assert not (folder / "hls" / "leftover.txt").exists()
    assert sorted(p.name for p in folder.iterdir() if p.name.startswith(".")) == []


@pytest.mark.slow
def test_a_picture_no_player_knows_is_encoded_anew_and_said(folder: Path) -> None:
    for path in folder.glob("*.mp4"):
        path.unlink()
    film(folder / "film.es.mp4", "mpeg4")
    deliver(folder, "es", "ef_dora", "em_alex")
    (warning,) = package(folder).warnings
    assert warning.code == "picture_encoded"
    assert "avc1." in (folder / "hls" / "film.m3u8").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("what", ["nothing", "no film", "two masters", "no original"])
def test_what_cannot_be_packaged_is_refused_and_nothing_is_left(folder: Path, what: str) -> None:
    kind: Any = UsageError
    if what == "nothing":
        (folder / "film.master.json").unlink()
    elif what == "no film":
        for path in folder.glob("*.mp4"):
            path.unlink()
    elif what == "two masters":
        (folder / "other.master.json").write_bytes((folder / "film.master.json").read_bytes())
    else:
        film(folder / "film.es.mp4", sounds=1)
        kind = MediaError
    before = sorted(p.name for p in folder.iterdir())
    with pytest.raises(kind, match=re.escape(str(folder))):
        package(folder)
    assert sorted(p.name for p in folder.iterdir()) == before


@pytest.mark.slow
def test_the_sheet_of_a_package_is_the_masters_own(folder: Path) -> None:
    """A profile that shows only a part is no whole subtitle: everything said is packaged all the same."""
    (folder / "film.job.json").write_text(json.dumps({"to": "nonsense", "profile": "forced"}))
    names = {entry.name for entry in package(folder).subtitles}
    assert {"Español", "Português", "English"} <= names


@pytest.mark.slow
def test_a_package_is_listed_signed_and_in_the_ledger(folder: Path) -> None:
    home = Home.open()
    hls = package(folder).master.parent
    (listed,) = provenance.verify([hls / "provenance.json"], home)
    assert listed.ok, listed.checks
    segment = hls / "audio-es" / "00000.m4s"
    for path in (hls / "film.m3u8", segment):
        (checked,) = provenance.verify([path], home)
        assert checked.ok, checked.checks
    assert {made.title for voice in ("ef_dora", "pm_alex") for made in consent.impact(home, voice)} == {"film"}
    segment.write_bytes(segment.read_bytes() + b"x")
    (hls / "more.m3u8").write_text("#EXTM3U")
    for path in (segment, hls / "more.m3u8", hls / "provenance.json"):
        (checked,) = provenance.verify([path], home)
        assert not checked.ok
    assert "audio-es/00000.m4s, more.m3u8" in next(c.detail for c in checked.checks if not c.ok)


@pytest.mark.slow
@pytest.mark.parametrize("state", ["unknown", "revoked", "other purpose", "an ad", "no timeline"])
def test_a_voice_that_may_not_be_used_is_not_packaged(folder: Path, tmp_path: Path, state: str) -> None:
    home = Home.open()
    timeline = folder / "film.es.timeline.json"
    timeline.write_text(timeline.read_text().replace("ef_dora", "ana"))
    # The request beside the films says "dub", as anybody could write it: the ledger knows what was made.
    deliver(folder, "es", "ana", "em_alex", purpose="ad" if state == "an ad" else "")
    kind: type[LocalizeError] = NoGrant
    if state == "no timeline":
        timeline.unlink()
        kind = UsageError
    elif state != "unknown":
        sound = np.random.default_rng(1).normal(0, 0.2, 7 * 24_000) * (np.arange(7 * 24_000) // 8000 % 2)
        soundfile.write(tmp_path / "ana.wav", np.clip(sound, -1, 1), 24_000)
        (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7 signed")
        consent.enroll(home, "ana", reference=tmp_path / "ana.wav", evidence=tmp_path / "paper.pdf")
        purposes = ["ad"] if state == "other purpose" else ["dub"]
        consent.grant(home, "ana", languages=["es"], purposes=purposes)
        if state == "revoked":
            assert package(folder).master.exists()
            shutil.rmtree(folder / "hls")
            consent.revoke(home, "ana")
        kind = GrantRevoked if state == "revoked" else OutOfScope
    with pytest.raises(kind):
        package(folder)
    assert not (folder / "hls").exists()
    assert sorted(p.name for p in folder.iterdir() if p.name.startswith(".")) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "attack", ["another voice in the timeline", "another film in its place", "another title", "a film of no ledger"]
)
def test_whose_voices_are_heard_is_what_the_ledger_says(folder: Path, attack: str) -> None:
    """A revoked voice is not packaged under the name of another."""
    if attack == "another voice in the timeline":
        timeline = folder / "film.es.timeline.json"
        timeline.write_text(timeline.read_text().replace("em_alex", "em_santa"))
    elif attack == "another film in its place":
        shutil.copy(folder / "film.pt.mp4", folder / "film.es.mp4")
        with (folder / "film.es.mp4").open("ab") as file:
            file.write(bytes(8))
    elif attack == "another title":
        for path in folder.glob("film.*"):
            path.rename(path.with_name(path.name.replace("film.", "other.")))
    else:
        Home.open().ledger.unlink()
    with pytest.raises((NoGrant, StoreError), match=r"other voices|not as this home delivered|ledger"):
        package(folder)
    assert not (folder / "hls").exists()


@pytest.mark.slow
def test_a_film_swapped_while_it_is_packaged_is_not(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from localize.delivery import hls

    def swap(*arguments: Any, **more: Any) -> Any:
        shutil.copy(folder / "film.pt.mp4", folder / "film.es.mp4")
        (folder / "film.es.mp4").write_bytes((folder / "film.es.mp4").read_bytes() + bytes(8))
        return subtitles(*arguments, **more)

    subtitles = hls._subtitles
    monkeypatch.setattr(hls, "_subtitles", swap)
    with pytest.raises(MediaError, match="changed"):
        package(folder)
    assert not (folder / "hls").exists()
