"""Real films and recordings subtitled by the command's own pipeline and held against what is really said, and when.

Run by `python bench/subtitles.py --films`: the sample episode, the Sintel trailer, sixteen LJSpeech clips joined, a
sonnet, each in English, Spanish and Portuguese; then the recordings of ../shared/media/3_alignment, whose words others
aligned. `truth` is `sync` against times that took no part in making the cues; `literal` the same with the starts that
the rules move to a cut counted as wrong. `edited` are the lines that lost more than style.
"""

from __future__ import annotations

import csv
import json
import re
import tempfile
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from localize import Job, open_run, subtitle
from localize.data import Span
from localize.runtime.files import read_json
from localize.subtitles import measures, profiles
from localize.subtitles.caption import RenderedSubtitles
from localize.subtitles.render import render_source, render_target
from localize.subtitles.score import TARGETS
from localize.subtitles.timing import TimingRules
from localize.timedtext import formats
from localize.timedtext.cues import Cue, Document
from localize.timedtext.frames import frame_rate
from localize.transcription.master import Master, read_master

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "media"
PAUSE_MS = 200


@dataclass(frozen=True, slots=True)
class Film:
    """A film, when its words are really heard where somebody knows, and a person's subtitles by language."""

    name: str
    path: Path
    heard: tuple[Span, ...] = ()
    human: tuple[tuple[str, tuple[Cue, ...]], ...] = ()


def films(folder: Path) -> Iterator[Film]:
    """What the specification names; ../shared's only where it is."""
    truth = json.loads((ROOT / "samples" / "episode.truth.json").read_text(encoding="utf-8"))
    phrases = [Span(*phrase) for line in truth["lines"] for phrase in line["phrases"]]
    yield Film("episode", ROOT / "samples" / "episode.mp4", tuple(phrases))
    if not SHARED.is_dir():
        print("../shared is absent: the sample alone")
        return
    lines = json.loads((SHARED / "4_video" / "sintel_trailer.words.json").read_text(encoding="utf-8"))["lines"]
    words = [Span(round(w["start"] * 1000), round(w["end"] * 1000)) for line in lines for w in line.get("words", [])]
    human = tuple(
        (
            language,
            tuple(
                Cue(str(n), Span(round(line["start"] * 1000), round(line["end"] * 1000)), (line[language],))
                for n, line in enumerate(lines, 1)
            ),
        )
        for language in ("en", "es")
    )
    yield Film("sintel", SHARED / "4_video" / "sintel_trailer_480x204.mp4", _joined(words), human)
    yield Film("ljspeech", _ljspeech(folder))
    yield Film("sonnet", SHARED / "1_english" / "sonnet" / "p001_sonnet1.mp3")


def _ljspeech(folder: Path) -> Path:
    source = SHARED / "1_english" / "ljspeech"
    with (source / "transcripts.csv").open(encoding="utf-8", newline="") as file:
        names = [row[0] for row in csv.reader(file, delimiter="|", quoting=csv.QUOTE_NONE)]
    path = folder / "ljspeech.wav"
    with wave.open(str(path), "wb") as out:
        for name in names:
            clip = source / f"{name}.wav"
            if not clip.is_file():
                continue
            with wave.open(str(clip)) as sound:
                if not out.getnframes():
                    out.setparams(sound.getparams())
                out.writeframes(sound.readframes(sound.getnframes()))
                out.writeframes(bytes(sound.getframerate() // 2 * 2))
    return path


def recordings() -> Iterator[Film]:
    """Recordings whose words others aligned."""
    folder = SHARED / "3_alignment"
    for name, grid in (("bobby", "bobby_words"), ("mary", "mary")):
        if (folder / f"{grid}.TextGrid").is_file():
            yield Film(name, folder / f"{name}.wav", _joined(_textgrid(folder / f"{grid}.TextGrid")))
    for path in sorted((folder / "librivox").glob("*.json")):
        sound = SHARED / "1_english" / "librivox" / f"{path.stem}.wav"
        if sound.is_file():
            words = json.loads(path.read_text(encoding="utf-8"))["w"]
            spans = [
                Span(round(w["b"] * 1000), round((w["b"] + w["d"]) * 1000)) for w in words if not w["t"].startswith("<")
            ]
            yield Film(path.stem[-4:], sound, _joined(spans))


def _textgrid(path: Path) -> list[Span]:
    """The intervals with a word in the tier of words of a Praat TextGrid, long or short."""
    text = re.sub(r"\[\d*\]", "", path.read_text(encoding="utf-8", errors="replace"))
    tiers = text.split('"IntervalTier"')[1:]
    found: list[Span] = []
    for tier in tiers:
        tokens = re.findall(r'"(?:[^"]|"")*"|-?\d+(?:\.\d+)?(?:e-?\d+)?', tier)
        if tokens[0].strip('"') != "word":
            continue
        rows = tokens[4 : 4 + 3 * int(tokens[3])]
        for start, end, label in zip(rows[::3], rows[1::3], rows[2::3]):
            if label.strip('" '):
                found.append(Span(round(float(start) * 1000), round(float(end) * 1000)))
    return found


def _joined(words: Sequence[Span]) -> tuple[Span, ...]:
    """Words to phrases: pauses of 200 ms or more part them."""
    phrases: list[Span] = []
    for word in words:
        if phrases and word.start_ms - phrases[-1].end_ms < PAUSE_MS:
            phrases[-1] = Span(phrases[-1].start_ms, word.end_ms)
        else:
            phrases.append(word)
    return tuple(phrases)


def measure(wanted: Sequence[str]) -> None:
    """Print one row for every film, language and profile."""
    head = "".join(f"{rule:>10}" for rule in TARGETS)
    print(
        f"{'film':<10}{'lang':<5}{'profile':<14}{'cues':>5}{head}{'truth':>10}{'literal':>10}{'shorter':>9}{'edited':>8}"
        f"{'unmet':>7}{'SubER':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for film in films(Path(folder)):
            made = _master(film, ("es", "pt"), Path(folder))
            for name in wanted:
                for captions in _rendered(name, made):
                    _row(film, name, captions, made)
        for film in recordings():
            made = _master(film, (), Path(folder))
            _row(film, "netflix", render_source("netflix", made.sheet), made)


def _master(film: Film, to: tuple[str, ...], folder: Path) -> Master:
    job = Job(film.path, to=to, source_language="en", output=folder / film.name)
    result = subtitle(job, open_run())
    path = Path(result["targets"][0]["master"])
    return read_master(read_json(path, 1 << 28), str(path))


def _rendered(name: str, made: Master) -> list[RenderedSubtitles]:
    return [render_source(name, made.sheet), *(render_target(name, made.sheet, target) for target in made.targets)]


def _row(film: Film, name: str, captions: RenderedSubtitles, made: Master) -> None:
    score = captions.report.score
    values = [score[rule] for rule in TARGETS]
    cells = "".join(f"{'-' if value is None else f'{value:.1f}':>10}" for value in values)
    truth, literal = _truth(film, name, captions, made, excused=True), _truth(film, name, captions, made, excused=False)
    suber = _suber(dict(film.human).get(captions.language, ()), captions.document.cues)
    print(
        f"{film.name:<10}{captions.language:<5}{name:<14}{len(captions.document.cues):>5}{cells}{truth:>10}"
        f"{literal:>10}{len(captions.fitted.shortenings):>9}{sum(s.edited for s in captions.fitted.shortenings):>8}"
        f"{len(captions.fitted.unmet):>7}{suber:>8}",
        flush=True,
    )


def _truth(film: Film, name: str, captions: RenderedSubtitles, made: Master, *, excused: bool) -> str:
    if not film.heard:
        return "-"
    cuts = made.sheet.shots or () if excused else ()
    rules = TimingRules.of(profiles.load(name, captions.language), frame_rate(made.sheet.frame_rate), cuts)
    score = measures.measure_sync_by_voice(captions.document.cues, rules, film.heard).score
    return "-" if score is None else f"{score:.1f}"


def _suber(reference: Sequence[Cue], cues: Sequence[Cue]) -> str:
    """Subtitle edit rate (Wilken, Georgakopoulou & Matusov, IWSLT 2022), as its authors' package counts it."""
    if not reference:
        return "-"
    try:
        from suber.file_readers import SRTFileReader
        from suber.metrics.suber import calculate_SubER
    except ImportError:
        return "-"
    with tempfile.TemporaryDirectory() as folder:
        read: list[object] = []
        for name, shown in (("made", cues), ("human", reference)):
            path = Path(folder) / f"{name}.srt"
            numbered = tuple(replace(cue, id=str(number)) for number, cue in enumerate(shown, 1))
            path.write_text(formats.render(Document(numbered), "srt", frame_rate=frame_rate("25"))[0], encoding="utf-8")
            read.append(SRTFileReader(str(path)).read())
        return f"{calculate_SubER(*read):.1f}"
