"""Prints the conformance table of the subtitle specification, and how fast cutting and checking are.

    python bench/subtitles.py                      # the texts of ../shared, all profiles
    python bench/subtitles.py FILE --language es   # a file of yours: its words are spread over its cues and cut anew
    python bench/subtitles.py --films              # films through the whole pipeline, against truth (bench/films.py)
    python bench/subtitles.py --mutate 10000       # broken files: nothing but MediaError may come out

Word times come from a forced alignment where ../shared has one (Sintel), else they are spread over the time a line is
spoken. `sync` is therefore only measured against times that did not build the cues where a line says so.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
import time
import wave
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize.data import Span
from localize.errors import LocalizeError, MediaError, UsageError
from localize.subtitles import profiles
from localize.subtitles.score import TARGETS, lint
from localize.subtitles.segment import segment_cues
from localize.subtitles.words import TimedWord, as_timed_words, pair_languages
from localize.timedtext import formats
from localize.timedtext.cues import Document
from localize.timedtext.spread import spread_times

SHARED = Path(__file__).resolve().parents[2] / "shared" / "media"
RATE = Fraction(24000, 1001)
Material = tuple[str, str, tuple[TimedWord, ...]]


def of_file(path: Path, language: str) -> Material:
    """The words of a subtitle file, each spread over the time its cue is shown."""
    document = formats.read(path)
    words: list[TimedWord] = []
    for number, cue in enumerate(document.cues, 1):
        span = Span(cue.span.start_ms, max(cue.span.start_ms + 1, cue.span.end_ms))
        words += as_timed_words(spread_times(" ".join(cue.plain), [span]), f"s{number:04d}", cue.speaker)
    return path.stem, language or document.language or "en", tuple(words)


def sintel(language: str) -> Material:
    """The trailer's lines: aligned words in English, spread words in the other languages."""
    data = json.loads((SHARED / "4_video" / "sintel_trailer.words.json").read_text(encoding="utf-8"))
    words: list[TimedWord] = []
    for number, line in enumerate(data["lines"], 1):
        span = Span(round(line["start"] * 1000), round(line["end"] * 1000))
        texts = line[language].split()
        aligned = line.get("words", [])
        if language == "en" and len(aligned) == len(texts):
            spans = [Span(round(w["start"] * 1000), round(w["end"] * 1000)) for w in aligned]
            words += [TimedWord(t, s, f"s{number:04d}") for t, s in zip(texts, spans)]
        else:
            words += as_timed_words(spread_times(line[language], [span]), f"s{number:04d}")
    return "sintel trailer", language, tuple(words)


def ljspeech() -> Material:
    """Sixteen clips of an audio book, joined with half a second between them."""
    folder = SHARED / "1_english" / "ljspeech"
    words: list[TimedWord] = []
    at = 0
    with (folder / "transcripts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="|", quoting=csv.QUOTE_NONE))
    for name, *texts in rows:
        path = folder / f"{name}.wav"
        if not path.is_file():
            continue
        with wave.open(str(path)) as sound:
            length = sound.getnframes() * 1000 // sound.getframerate()
        words += as_timed_words(spread_times(texts[-1], [Span(at + 60, at + length - 150)]), name)
        at += length + 500
    return "ljspeech joined", "en", tuple(words)


def materials() -> Iterator[Material]:
    """Everything ../shared has words for."""
    if not SHARED.is_dir():
        print("../shared is absent: name a file instead")
        return
    yield ljspeech()
    yield of_file(SHARED / "3_alignment" / "sonnet001.srt", "en")
    for language in ("en", "es", "de"):
        yield sintel(language)
    yield of_file(SHARED / "6_subtitles" / "elephantsdream" / "captions.en.vtt", "en")
    for language in ("en", "es", "fr", "de", "ja"):
        yield of_file(SHARED / "6_subtitles" / "ableplayer" / f"wwa_captions_{language}.vtt", language)


def table(names: Sequence[str], chosen: Iterator[Material] | Sequence[Material]) -> None:
    """One row for every material and profile."""
    print(
        f"{'material':<22}{'lang':<5}{'profile':<14}{'cues':>5}"
        + "".join(f"{rule:>10}" for rule in TARGETS)
        + "   42/21/2"
    )
    for title, language, words in chosen:
        for name in names:
            profile = profiles.load(name, language)
            ready = pair_languages(words, words) if profile.bilingual else words
            cues = segment_cues(ready, language, profile, RATE)
            report = lint(
                Document(cues),
                profile,
                language,
                RATE,
                speech=None if profile.bilingual else [w.span for w in words],
                reference=None if profile.bilingual else [w.text for w in words],
            )
            values = [report.score[rule] for rule in TARGETS]
            cells = "".join(f"{'-' if value is None else f'{value:.1f}':>10}" for value in values)
            print(f"{title[:21]:<22}{language:<5}{name:<14}{len(cues):>5}{cells}   {papers(Document(cues))}")


def papers(document: Document) -> str:
    """CPL, CPS and LPB at 42 characters, 21 a second, 2 lines, as papers print them."""
    cues = document.cues
    lines = [line for cue in cues for line in cue.plain]
    cpl = 100 * sum(len(line) <= 42 for line in lines) / max(1, len(lines))
    cps = 100 * sum(cue.characters * 1000 <= 21 * cue.span.length_ms for cue in cues) / max(1, len(cues))
    lpb = 100 * sum(len(cue.plain) <= 2 for cue in cues) / max(1, len(cues))
    return f"{cpl:.0f}/{cps:.0f}/{lpb:.0f}"


def speed(words: Sequence[TimedWord], language: str) -> None:
    """Two hours of cues: words repeated until there are two thousand."""
    profile = profiles.load("netflix", language)
    once = len(segment_cues(words, language, profile, RATE))
    length = max(word.span.end_ms for word in words) + 1000
    times = -(-2000 // once)
    many = [
        TimedWord(word.text, word.span.shifted(turn * length), f"{turn}-{word.segment_id}", word.speaker)
        for turn in range(times)
        for word in words
    ]
    shots = range(0, times * length, 4000)
    # The processor's own time: what else the machine does is no part of it.
    started = time.process_time()
    cues = segment_cues(many, language, profile, RATE, shots)
    cut = time.process_time()
    lint(
        Document(cues),
        profile,
        language,
        RATE,
        shots,
        speech=[w.span for w in many],
        reference=[w.text for w in many],
    )
    checked = time.process_time()
    print(
        f"\n{len(cues)} cues of {len(many)} words, processor time: cut in {cut - started:.2f} s (limit 2), "
        f"checked in {checked - cut:.2f} s (limit 1)"
    )


def mutate(count: int) -> int:
    """Broken files; returns how many ended in anything but cues or a MediaError."""
    chance = random.Random(1)
    seeds = [(p.name, p.read_bytes()) for p in sorted((SHARED / "6_subtitles").rglob("*")) if p.is_file()]
    outcomes: Counter[str] = Counter()
    started = time.perf_counter()
    for turn in range(count):
        name, data = chance.choice(seeds)
        broken = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(broken) + 1)
            end = min(len(broken), at + chance.randrange(1, 40))
            other = chance.choice(seeds)[1]
            begin = chance.randrange(len(other) + 1)
            broken[at:end] = chance.choice(
                [b"", bytes(broken[at:end]) * 3, other[begin : begin + 60], chance.randbytes(3)]
            )
        try:
            document = formats.parse(bytes(broken), name)
            outcomes["read"] += 1
            if turn % 10 == 0:
                for fmt in formats.WRITABLE:
                    try:
                        formats.render(document, fmt, frame_rate=RATE)
                    except UsageError:
                        outcomes["not written"] += 1
        except MediaError:
            outcomes["refused"] += 1
        except Exception as error:
            outcomes[f"CRASH {type(error).__name__}"] += 1
    crashes = sum(n for kind, n in outcomes.items() if kind.startswith("CRASH"))
    print(f"{count} broken files in {time.perf_counter() - started:.1f} s: {dict(outcomes)}")
    return crashes


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--language", default="")
    parser.add_argument("--profile", action="append", help="may be given more than once; all without one")
    parser.add_argument("--films", action="store_true", help="films, through the whole pipeline")
    parser.add_argument("--mutate", type=int, default=0, metavar="N")
    options = parser.parse_args()
    if options.mutate:
        return min(1, mutate(options.mutate))
    try:
        if options.films:
            from films import measure

            measure(options.profile or ["netflix", "netflix-kids", "mobile", "easy"])
            return 0
        names = options.profile or [name for name in profiles.names() if name != "forced"]
        chosen = [of_file(path, options.language) for path in options.files] if options.files else list(materials())
        table(names, chosen)
        if chosen:
            speed(chosen[0][2], chosen[0][1])
    except LocalizeError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
