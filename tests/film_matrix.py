"""Films of four seconds in every container, codec, layout, clock fault and flag that ffmpeg makes, and their dubs.

Over 400 lines: what is made, and what must come out of it, are read side by side.

For `tests/e2e/test_film_matrix.py` and `bench/containers.py`. The words and the take are given, so that a dub is what
it costs to ingest, mix, mux, sign and measure. Noise lies under the line: it is the same in both tracks of the film, so
that each half second of it shows how late the dub is there.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import av
import numpy as np
import soundfile

from localize import media
from localize.consent import Request, check
from localize.data import Clip, Media, Mix, Span, Take, Timeline
from localize.delivery import deliverables
from localize.delivery.delivered import line_lags, measure_shifts
from localize.delivery.sync import presented_sound, shared_lag
from localize.events import Run
from localize.media import BLOCK, RATE, FilmPlan, SubtitleTrack, ffmpeg, read_block, to_int24, write_wav
from localize.runtime.files import staged_folder
from localize.sound.mix import mix_dub

SAMPLE = Path(__file__).parents[1] / "samples" / "episode.mp4"
SECONDS, LEAD = 4, 1
LINE = Span(1500, 2500)
"""When the line is spoken, on the sound's clock."""
SEPARATING = ("localize.media.decode", "localize.sound.bed")
"""Who asks whether voices can be separated (`package_version`): that is measured elsewhere, and costs most of a dub."""
LAYOUTS = {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}


@dataclass(frozen=True, slots=True)
class Case:
    """A film to make.

    Args:
        suffix: of the file.
        picture: ffmpeg's name of the encoder.
        sound: the same.
        layout: of the channels.
        rate: samples a second.
        fault: of `FAULTS`.
        flags: of `FLAGS`.
    """

    suffix: str
    picture: str
    sound: str
    layout: str = "stereo"
    rate: int = 48_000
    fault: str = "none"
    flags: str = "none"

    @property
    def name(self) -> str:
        parts = [self.suffix[1:], self.picture, self.sound, self.layout, str(self.rate // 1000), self.fault, self.flags]
        return "-".join(parts)


ALL = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mpg", ".vob", ".wmv", ".asf", ".flv", ".3gp", ".ogv",
       ".nut", ".mxf", ".wtv")  # fmt: skip
SUFFIXES = {
    "none": ALL,
    "late": ALL,
    "early": (".mkv", ".mp4"),
    "hole": tuple(s for s in ALL if s not in (".avi", ".mxf", ".ogv")),  # those count samples, and hold no times
    "two holes": (".mp4", ".mkv", ".mov", ".ts", ".m4v"),
    "clock": (".mkv", ".ts", ".flv", ".mp4"),
    "wrap": (".ts", ".vob"),
    "fragments": (".mp4", ".mov"),
    "vfr": (".mp4", ".mkv", ".mov", ".webm"),
    "cut": (".mp4", ".mkv", ".mov", ".ts", ".m4v"),
    "truncated": (".mkv", ".ts", ".flv", ".mp4"),
    "middle": (".ts",),
    "negative": (),
    "rates": (),
}
"""Which containers can have a fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case.

    Args:
        film: suffix of the film, "" for none.
        lag_ms: of music and effects against the original, farthest from 0; None where not measured.
        line_ms: the same of the line.
        picture_ms: how much later the original is heard after the first picture than in the source.
        picture: "equal" packets, "repacked" (other packets that decode to the same pictures) or "other".
        told: codes of warnings.
        faults: what is not as it should be.
    """

    film: str = ""
    lag_ms: float | None = None
    line_ms: int | None = None
    picture_ms: float | None = None
    picture: str = ""
    told: tuple[str, ...] = ()
    faults: tuple[str, ...] = field(default=())


PICTURES = {
    "libx264": ["-preset", "ultrafast", "-bf", "2", "-g", "25"],
    "libx265": ["-preset", "ultrafast", "-x265-params", "log-level=none", "-tag:v", "hvc1"],
    "mpeg4": ["-bf", "2"],
    "libvpx": ["-deadline", "realtime", "-cpu-used", "8"],
    "libvpx-vp9": ["-deadline", "realtime", "-cpu-used", "8"],
    "libsvtav1": ["-preset", "12"],
}
FAULTS = {
    "none": ([], []),
    "late": (["-itsoffset", "0.3"], []),
    "early": (["-itsoffset", "-0.2"], []),
    "hole": ([], ["-bsf:a", r"noise=drop=gte(pts*tb\,0.6)*lt(pts*tb\,1.1)"]),
    "two holes": (
        [],
        ["-bsf:a", r"noise=drop=gte(pts*tb\,0.3)*lt(pts*tb\,0.5)+gte(pts*tb\,2.7)*lt(pts*tb\,2.83)"],
    ),
    "clock": ([], ["-output_ts_offset", "1000"]),
    "wrap": ([], ["-output_ts_offset", "95441"]),
    "fragments": ([], ["-movflags", "+frag_keyframe+delay_moov+default_base_moof"]),
    "vfr": ([], ["-vf", r"select=not(mod(n\,3))+lt(n\,30)", "-fps_mode", "vfr"]),
    "cut": ([], []),
    "truncated": ([], ["-movflags", "+faststart"]),
    "middle": ([], []),
    "negative": ([], ["-output_ts_offset", "-2", "-avoid_negative_ts", "disabled"]),
    "rates": ([], []),
}
"""Arguments before the sound and arguments of the output."""
FLAGS = {
    "none": [],
    "languages": ["-metadata:s:a:0", "language=eng", "-metadata:s:a:0", "title=Main mix", "-metadata", "title=My film"],
    "second": ["-disposition:a:1", "comment", "-metadata:s:a:1", "title=Director commentary", "-metadata:s:a:1",
               "language=fra"],
    "described": ["-disposition:a:0", "visual_impaired", "-disposition:a:1", "default", "-metadata:s:a:1",
                  "language=eng"],
    "subtitles": ["-disposition:s:0", "default", "-metadata:s:s:0", "language=eng"],
    "forced": ["-disposition:s:0", "forced", "-metadata:s:s:0", "language=eng"],
    "ttml": ["-metadata:s:s:0", "language=eng"],
    "cover": [],
    "angles": ["-metadata:s:v:1", "title=Angle 2"],
}  # fmt: skip


def cases() -> tuple[Case, ...]:
    """More than two hundred films."""
    return tuple(dict.fromkeys((*_codecs_and_faults(), *_layouts_and_flags(), *NEIGHBOURS)))


def _codecs_and_faults() -> Iterator[Case]:
    kinds = [
        (".mp4", "libx264", "aac"), (".mp4", "mpeg4", "libmp3lame"), (".mp4", "libx264", "ac3"),
        (".mp4", "libx264", "libopus"), (".mp4", "libx265", "eac3"), (".mp4", "libx264", "alac"),
        (".mp4", "libsvtav1", "aac"), (".m4v", "libx264", "aac"), (".mov", "libx264", "aac"),
        (".mov", "mjpeg", "pcm_s16le"), (".mov", "prores", "pcm_s24le"), (".mkv", "libx264", "aac"),
        (".mkv", "libx264", "ac3"), (".mkv", "libx264", "libmp3lame"), (".mkv", "libx264", "libopus"),
        (".mkv", "libx264", "libvorbis"), (".mkv", "ffv1", "flac"), (".mkv", "libx264", "pcm_s16le"),
        (".mkv", "libx265", "eac3"), (".mkv", "mpeg2video", "mp2"), (".webm", "libvpx", "libvorbis"),
        (".webm", "libvpx-vp9", "libopus"), (".avi", "mpeg4", "libmp3lame"), (".avi", "mjpeg", "pcm_s16le"),
        (".avi", "mpeg4", "ac3"), (".ts", "libx264", "aac"), (".ts", "mpeg2video", "mp2"), (".ts", "libx264", "ac3"),
        (".ts", "libx265", "libmp3lame"), (".ts", "libx264", "libopus"), (".mpg", "mpeg2video", "mp2"),
        (".vob", "mpeg2video", "ac3"), (".wmv", "wmv2", "wmav2"), (".asf", "msmpeg4", "libmp3lame"),
        (".flv", "flv", "libmp3lame"), (".flv", "libx264", "aac"), (".3gp", "libx264", "aac"),
        (".ogv", "libtheora", "libvorbis"), (".nut", "mpeg4", "libmp3lame"), (".mxf", "mpeg2video", "pcm_s16le"),
        (".wtv", "mpeg2video", "mp2"),
    ]  # fmt: skip
    for suffix, picture, sound in kinds:
        for fault in FAULTS:
            regular = suffix == ".mov" and sound.startswith(
                "pcm_"
            )  # QuickTime gives PCM no times: no hole can be written
            if suffix in SUFFIXES[fault] and not (regular and "hole" in fault):
                yield Case(suffix, picture, sound, fault=fault)


NEIGHBOURS = (
    Case(".mkv", "libx264", "aac", flags="cover"),
    Case(".mp4", "libx264", "aac", flags="cover"),
    Case(".avi", "huffyuv", "pcm_s16le"),
    Case(".mp4", "libx264", "aac", flags="ttml"),
    Case(".mkv", "libx264", "aac", flags="angles"),
    Case(".mov", "qtrle", "pcm_f64le"),
    Case(".mov", "cfhd", "pcm_s24be"),
    Case(".flv", "libx265", "aac"),
    Case(".mpg", "mpeg1video", "mp2", rate=44_100),
    Case(".ts", "libx264", "dca"),
    Case(".ogv", "libtheora", "flac"),
    Case(".ts", "libx264", "aac", fault="negative"),
    Case(".ts", "libx264", "aac", fault="rates"),
    Case(".m2ts", "libx264", "pcm_bluray"),
    Case(".m2ts", "libx264", "pcm_bluray", "5.1", fault="hole"),
    Case(".vob", "mpeg2video", "pcm_dvd"),
    Case(".ts", "libx264", "s302m"),
    Case(".flv", "flv", "nellymoser", "mono", 22_050),
    Case(".flv", "flv", "adpcm_swf", "mono", 22_050),
)
"""Kinds that were found after the others, one film each."""


def _layouts_and_flags() -> Iterator[Case]:
    yield Case(".mkv", "gif", "aac")  # none of its pictures says that it is complete
    for suffix, sound in (
        (".mp4", "aac"),
        (".mkv", "flac"),
        (".mov", "pcm_s24le"),
        (".webm", "libopus"),
        (".ts", "ac3"),
    ):
        picture = "libvpx" if suffix == ".webm" else "libx264"
        for layout in LAYOUTS:
            if (sound, layout) != ("ac3", "7.1"):
                yield Case(suffix, picture, sound, layout)
        for rate in () if sound in ("libopus", "ac3") else (8000, 16_000, 22_050, 44_100, 96_000):
            yield Case(suffix, picture, sound, "mono", rate)
            yield Case(suffix, picture, sound, "stereo", rate, "none" if suffix == ".mov" else "hole")
    for suffix in (".mp4", ".mkv", ".mov", ".3gp"):
        for flags in FLAGS:
            if flags != "none":
                yield Case(suffix, "libx264", "aac", flags=flags)


@cache
def speech() -> np.ndarray:
    """The sample's first line, mono, 48 kHz."""
    command = [ffmpeg(), "-v", "error", "-ss", "1.5", "-t", "1.4", "-i", str(SAMPLE), "-ac", "1", "-ar", "48000"]
    raw = subprocess.run([*command, "-f", "f32le", "pipe:1"], capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<f4")


def _sound(path: Path, layout: str, rate: int) -> Path:
    """Noise of which no half second is like another, with a line of speech."""
    count = LAYOUTS[layout]
    noise = np.random.default_rng(17).normal(size=((SECONDS + LEAD) * 48_000, 1)).cumsum(axis=0)
    noise = np.diff(noise, n=1, axis=0, prepend=0)  # white; then down to 3 kHz, which every codec keeps
    smooth = np.apply_along_axis(lambda x: np.convolve(x, np.hanning(17) / 8, "same"), 0, noise)
    sound = np.repeat(0.02 * smooth, count, axis=1).astype(np.float32)
    first = (LINE.start_ms + LEAD * 1000) * 48
    line = 0.5 * speech()[: LINE.length_ms * 48]
    sound[first : first + len(line), 2 if count > 2 else slice(None)] += line if count > 2 else line[:, None]
    whole = path.with_suffix(".48.wav")
    soundfile.write(whole, sound, 48_000, "PCM_24")
    shape = ["-channel_layout", layout, "-i", str(whole), "-ar", str(rate), "-c:a", "pcm_s24le", str(path)]
    subprocess.run([ffmpeg(), "-v", "error", "-y", *shape], check=True)
    return path


def make(case: Case, folder: Path, sounds: Path | None = None) -> Path:
    """The film of a case.

    Args:
        case: which.
        folder: where it is made.
        sounds: where sounds are kept for other films; None for the same folder.

    Raises:
        CalledProcessError: this ffmpeg cannot make it.
    """
    sound = (sounds or folder) / f"{case.layout}-{case.rate}.wav"
    if not sound.is_file():
        _sound(sound, case.layout, case.rate)
    before, after = FAULTS[case.fault]
    size = "352x288" if case.suffix in (".3gp", ".mxf", ".vob", ".mpg") else "64x64"
    base = folder / f"{case.name.replace(' ', '_')}{case.suffix}"
    whole = folder / f"whole{case.suffix}" if case.fault == "cut" else base
    lead = 0 if case.fault == "cut" else LEAD
    inputs = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate=25:duration={SECONDS + LEAD - lead}"]
    inputs += [*before, "-ss", str(lead), "-i", str(sound)]
    maps = ["-map", "0:v", "-map", "1:a", *(["-map", "1:a"] if case.flags in ("second", "described") else [])]
    if case.flags in ("subtitles", "forced", "ttml"):
        texts = folder / "texts.srt"
        texts.write_text("1\n00:00:01,500 --> 00:00:02,500\nWhere did you put the keys?\n", encoding="utf-8")
        inputs += ["-i", str(texts)]
        text = "ttml" if case.flags == "ttml" else "srt" if case.suffix == ".mkv" else "mov_text"
        maps += ["-map", "2:s", "-c:s", text]
    if case.flags == "angles":
        inputs += ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={SECONDS + LEAD - lead}"]
        maps += ["-map", "2:v"]
    codecs = ["-c:v", case.picture, *PICTURES.get(case.picture, []), "-pix_fmt", _pixels(case.picture)]
    codecs += ["-c:a", case.sound, "-strict", "-2"]
    if case.flags == "cover":
        cover = folder / "cover.jpg"
        picture = ["-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1", str(cover)]
        subprocess.run([ffmpeg(), "-v", "error", "-y", *picture], check=True, capture_output=True)
        if case.suffix == ".mkv":
            codecs += ["-attach", str(cover), "-metadata:s:t:0", "mimetype=image/jpeg"]
        else:
            inputs += ["-i", str(cover)]
            maps += ["-map", "2:v"]
            codecs += ["-c:v:1", "copy", "-disposition:v:1", "attached_pic"]
    command = [ffmpeg(), "-v", "error", "-y", *inputs, *maps, *codecs, *FLAGS[case.flags], *after, str(whole)]
    subprocess.run(command, check=True, capture_output=True)
    if case.fault == "cut":  # within a group of pictures: an edit list, or packets before zero
        copy = ["-ss", "1.1", "-i", str(whole), "-map", "0", "-c", "copy", str(base)]
        subprocess.run([ffmpeg(), "-v", "error", "-y", *copy], check=True, capture_output=True)
    if case.fault == "rates":  # a broadcast whose sound goes on at another sample rate
        parts = [base.with_suffix(f".{n}{case.suffix}") for n in range(2)]
        for at, rate, part in zip((0, 3), (44_100, 48_000), parts):
            cut = ["-ss", str(at), "-i", str(base), "-t", "3", *codecs, "-ar", str(rate), "-output_ts_offset", str(at)]
            subprocess.run([ffmpeg(), "-v", "error", "-y", *cut, str(part)], check=True, capture_output=True)
        base.write_bytes(b"".join(part.read_bytes() for part in parts))
    if case.fault in ("truncated", "middle"):
        data = base.read_bytes()
        # A recording that begins within a group of pictures: some packets of 188 bytes from its start are gone.
        first = 188 * (len(data) // 188 // 12) if case.fault == "middle" else 0
        base.write_bytes(data[first : len(data) if first else len(data) * 3 // 4])
    return base


def _pixels(picture: str) -> str:
    known = {"prores": "yuv422p10le", "cfhd": "yuv422p10le", "mjpeg": "yuvj420p", "gif": "rgb8"}
    return known.get(picture) or {"qtrle": "argb", "huffyuv": "bgr0"}.get(picture, "yuv420p")


@dataclass(frozen=True, slots=True)
class Delivered:
    """A film that was dubbed with one given line: its file (None where there is none), and what it was made from."""

    film: Path | None
    refused: str
    plan: FilmPlan | None
    source: Media
    timeline: Timeline
    mixed: Mix
    told: tuple[str, ...]

    def lag_ms(self, run: Run) -> int | None:
        """How late the line is heard in the film against its original."""
        assert self.film is not None
        return measure_shifts(run.store, self.timeline, self.source, self.mixed, self.film)["s0001"]


def deliver(film: Path, run: Run, folder: Path, line: Span = LINE, *, whole: bool = True) -> Delivered:
    """Dub a film with a given take, as `localize dub` does from decoding to the signed film.

    Args:
        film: the source.
        run: store and home.
        folder: where it is delivered.
        line: when somebody speaks in the source, on the sound's clock.
        whole: mix as a dub does; else the take is added to the source as it is, which costs half as much.
    """
    found = media.probe(film)
    chosen, _ = media.choose_audio(film, found, None, "en", ("en",))
    plan = media.plan_film(film, found, chosen)
    source = media.ingest(run.store, film, stream=None, language="en", among=("en",))
    said = tuple(code for code, _ in media.describe_faults(film, chosen, source.sound))
    said += ("streams_left_out",) if plan is not None and plan.left_out else ()
    timeline = one_line(run, source, line)
    mixed = mix_dub(run, source, timeline, dry=True, style="duck") if whole else _sum(run, source, timeline)
    grant = check(run.home, [Request("em_alex", "S1", "es", "a test")])["S1"]
    package = deliverables.Delivery(
        name="film", source_language="en", media=source, timeline=timeline, mixed=mixed, grants={"s0001": grant},
        engines={}, translated=False, version="0",
    )  # fmt: skip
    texts = folder / "es.srt"
    texts.write_text("1\n00:00:01,500 --> 00:00:02,500\n¿Dónde pusiste las llaves?\n", encoding="utf-8")
    with staged_folder(folder / "out") as stage:
        made, refused = deliverables.build_film(run, package, [SubtitleTrack(str(texts), "es")], stage, plan)
        placed = stage.final_or_none(made)
    return Delivered(placed, refused, plan, source, timeline, mixed, said)


def _sum(run: Run, source: Media, timeline: Timeline) -> Mix:
    """The source with the takes in all its channels, unlevelled."""
    (clip,) = timeline.clips
    with read_block(run.store, source.original) as file:
        sound = file.read(dtype="float32", always_2d=True)
    with read_block(run.store, clip.take.audio) as file:
        take = file.read(dtype="float32", always_2d=True)
    first = clip.at_ms * RATE // 1000
    sound[first : first + len(take)] += take[: len(sound) - first]
    with run.store.writing(".wav") as draft, write_wav(draft.path, source.channels, len(sound)) as out:
        for start in range(0, len(sound), BLOCK):
            out.write(to_int24(sound[start : start + BLOCK]))
    return Mix(draft.blob, draft.blob, source.original, 0.0, 0.0, 0.0)


def dub(case: Case, film: Path, run: Run, folder: Path, *, whole: bool = True) -> Outcome:
    """Dub a film that was made here, and measure it; `whole` as in `deliver`."""
    done = deliver(film, run, folder, whole=whole)
    if done.film is None:
        foretold = done.plan is not None and not done.plan.suffix
        return Outcome(told=done.told, faults=() if foretold else (f"no film, which was not foretold: {done.refused}",))
    return _measure(case, film, done, run)


def one_line(run: Run, source: Media, line: Span = LINE) -> Timeline:
    """One line, spoken by a take: the sample's voice backwards, so that it is nowhere in the source."""
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, 0.4 * speech()[::-1][: LINE.length_ms * 48], 48_000, "PCM_24", format="WAV")
    phrase = Span(0, LINE.length_ms)
    text = "¿Dónde pusiste las llaves?"
    take = Take("s0001", text, draft.blob, phrase.length_ms, (phrase,), (), "em_alex", "g", 1000, "exact")
    clip = Clip(take, line.start_ms, (phrase.shifted(line.start_ms),), 1.0, "exact", line, (line,), "S1")
    return Timeline("es", source.duration_ms, (clip,))


def _measure(case: Case, film: Path, done: Delivered, run: Run) -> Outcome:
    made, source, said = done.film, done.source, done.told
    assert made is not None
    tracks = [s for s in media.probe(made).streams if s.kind == "audio"]
    dub_sound, original = (presented_sound(run.store, made, s.index) for s in tracks[:2])
    speaks = LINE.shifted(source.offset_ms)
    _, lag, places = shared_lag(run.store, dub_sound, original, [speaks])
    ((_, (late, own)),) = line_lags(run.store, done.timeline, source, done.mixed, (dub_sound, original))
    shift = None if late is None or own is None else round(late - own)
    moved = (own if own is not None else 1000.0) - (_first_picture_ms(made) - _first_picture_ms(film))
    pictures = compare_pictures(film, made)
    faults = [*_flag_faults(case, film, made)]
    faults += [f"lag {lag} ms"] if lag is None or abs(lag) > (20 if case.sound.startswith("wma") else 10) else []
    faults += [f"line {shift} ms"] if shift is None or abs(shift) > 10 else []
    faults += [f"sound moved {moved:.1f} ms against the picture"] if abs(moved) > 10 else []
    faults += [f"only {places} places"] if places < 2 else []
    faults += ["other pictures"] if pictures == "other" else []
    faults += ["the plan said another container"] if done.plan is None or done.plan.suffix != made.suffix else []
    faults += ["holes were not told"] if "hole" in case.fault and "holes" not in said else []
    faults += [f"truncation told: {'truncated' in said}"] if ("truncated" in said) != _breaks_off(case) else []
    faults += ["holes were told"] if "hole" not in case.fault and "holes" in said else []
    faults += ["subtitles left out were not told"] if case.flags == "ttml" and "streams_left_out" not in said else []
    return Outcome(made.suffix, lag, shift, round(moved, 1), pictures, said, tuple(faults))


def _breaks_off(case: Case) -> bool:
    """Whether the end is missing of a film that says how long it should be."""
    return case.fault == "truncated" and case.suffix != ".ts"


def _first_picture_ms(path: Path) -> float:
    """When the first picture is shown, counted from the container's start."""
    with av.open(str(path)) as container:
        first = min(float(f.time) for f, _ in zip(container.decode(video=0), range(4)) if f.time is not None)
        return 1000 * (first - (container.start_time or 0) / 1e6)


def compare_pictures(source: Path, made: Path) -> str:
    """Whether two films hold the same picture: "equal" packets, "repacked" ones, or "other" pictures."""

    def packets(path: Path) -> list[str]:
        with av.open(str(path)) as container:
            return [
                hashlib.sha256(bytes(p)).hexdigest() for p in container.demux(video=0) if p.size and not p.is_discard
            ]

    def pictures(path: Path) -> list[str]:
        with av.open(str(path)) as container:
            return [hashlib.sha256(f.to_ndarray().tobytes()).hexdigest() for f in container.decode(video=0)]

    if packets(source) == packets(made):
        return "equal"
    return "repacked" if pictures(source) == pictures(made) else "other"


def _flag_faults(case: Case, source: Path, made: Path) -> Iterator[str]:
    """What players are told wrong."""
    was, now = media.probe(source).streams, media.probe(made).streams
    sounds = [s for s in now if s.kind == "audio"]
    if [s.default for s in sounds] != [True] + [False] * (len(sounds) - 1):
        yield "the dub is not the only default sound"
    if (sounds[0].language, sounds[1].language) != ("es", "en"):
        yield f"languages {sounds[0].language}, {sounds[1].language}"
    if "AI dub" not in sounds[0].title:
        yield f"the dub is called {sounds[0].title!r}"
    if len(sounds) != 1 + sum(s.kind == "audio" for s in was):
        yield "a sound was lost"
    if made.suffix == ".mkv":
        if "dub" not in sounds[0].flags or "original" not in sounds[1].flags:
            yield "no flags for dub and original"
        kept = {flag for s in was if s.kind == "audio" for flag in s.flags} - {"default"}
        if not kept <= {flag for s in sounds for flag in s.flags}:
            yield "flags of the source were lost"
    pictures, kept_pictures = ([s for s in streams if s.kind == "video"] for streams in (was, now))
    if [(s.codec, s.cover, s.title) for s in pictures] != [(s.codec, s.cover, s.title) for s in kept_pictures]:
        yield "pictures, or which of them is a cover, are others"
    texts = [s for s in now if s.kind == "subtitle"]
    before = [s for s in was if s.kind == "subtitle"]
    shown = [s.language for s in texts if s.default and "forced" not in s.flags]
    wanted = ["es"] if any(s.default and "forced" not in s.flags for s in before) else []
    if shown != wanted:
        yield f"subtitles shown unasked: {shown}, not {wanted}"
    if len(texts) != len(before) + 1 - (case.flags == "ttml"):  # which no film of ours holds, and is told
        yield "subtitles were lost"
    if case.flags == "forced" and made.suffix == ".mkv" and case.suffix == ".mkv" and "forced" not in texts[1].flags:
        yield "a forced subtitle is forced no more"
