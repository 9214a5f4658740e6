"""Prints what becomes of subtitle files that people bring: one line a measure, each from a run.

    python bench/given.py                    # 2,000 mutated files
    python bench/given.py --mutate 10000     # as many as the specification asks for

Cases and media are those of the tests and of ../shared; what is not there is said to be absent, never counted as right.
Exit code 1 where a figure falls short of its target.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize.data import Span
from localize.errors import MediaError, QualityError, UsageError
from localize.subtitles import profiles, score
from localize.subtitles.check import check_file
from localize.subtitles.style import find_faults
from localize.timedtext import formats
from localize.timedtext.convert import convert
from localize.timedtext.cues import Cue, Document
from localize.timedtext.encoding import decode
from localize.timedtext.rewrite import REWRITABLE
from tests.mutated_files import mutated

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "unit" / "timedtext" / "cases"
TEXTS = ROOT / "tests" / "unit" / "timedtext" / "codepages.toml"
FAULTS = ROOT / "tests" / "unit" / "subtitles" / "style_faults.toml"
SHARED = ROOT.parent / "shared"
RATE = Fraction(25)
UNSEEN = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
SAME = str.maketrans("şţŞŢ", "șțȘȚ")
"""One letter in two code pages."""
CUES = 50_000
WORDS = 20_000


def row(name: str, found: str, target: str, *, holds: bool | None) -> bool:
    """Print a line of the table; `holds` is None where nothing could be measured."""
    state = {True: "holds", False: "SHORT", None: "absent"}[holds]
    print(f"{name:<46} {found:>26}   {target:<22} {state}", flush=True)
    return holds is not False


def given() -> list[Path]:
    """The cases, and the subtitle files of other projects."""
    folders = (CASES, SHARED / "cases" / "subtitles", SHARED / "media" / "6_subtitles")
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in found if path.suffix not in {".json", ".md", ".tsv"}]


def cases() -> bool:
    """What each case means, against what it is read as."""
    expected = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))
    right = refused = 0
    for name, want in expected.items():
        try:
            cues = formats.read(CASES / name).cues
        except MediaError:
            refused += "refused" in want
            continue
        if "cues" in want:
            found = [([c.span.start_ms, c.span.end_ms], list(c.lines)) for c in cues]
            right += found == [(c["ms"], c["lines"]) for c in want["cues"]]
    total = len(expected)
    return row("cases read right / refused", f"{right} / {refused} of {total}", "all", holds=right + refused == total)


def round_trips() -> bool:
    """Every file in every format and back: words that are gone without a remark."""
    trips = silent = 0
    for path in given():
        try:
            document = formats.read(path)
        except MediaError:
            continue
        for fmt in formats.WRITABLE:
            try:
                data, remarks = formats.to_bytes(document, fmt, frame_rate=RATE)
                back = formats.parse(data, f"x.{fmt}")
            except (MediaError, UsageError):
                continue
            trips += 1
            counted = not {"letters", "split", "text", "lines"}.isdisjoint(remark.code for remark in remarks)
            silent += not counted and _words(back.cues) != _words(document.cues)
    return row("round trips with a silent loss", f"{silent} of {trips}", "0", holds=silent == 0)


def _words(cues: tuple[Cue, ...]) -> list[str]:
    # Writers set a text's direction by marks that are not seen (UAX #9).
    shown = [" ".join(" ".join(cue.lines).translate(UNSEEN).split()) for cue in cues]
    return [text for text in shown if text]


def mended() -> bool:
    """Mended in place: refused and untouched, or mended with a backup and every other cue as it was."""
    in_place = refused = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in given():
            copy = Path(shutil.copy(path, folder))
            data = copy.read_bytes()
            try:
                before = formats.read(path)
                found = check_file(copy, "netflix", None, None, into=copy)
            except MediaError:
                wrong += copy.read_bytes() != data
                continue
            except QualityError:
                refused += 1
                wrong += copy.read_bytes() != data
                continue
            in_place += 1
            after = found.document.cues
            named = {remark.line for remark in found.mended}
            same = all(was == now or was.at_line in named for was, now in zip(before.cues, after))
            wrong += not (same and len(after) == len(before.cues) and before.format in REWRITABLE)
            wrong += copy.read_bytes() != data and not (found.backup and found.backup.read_bytes() == data)
    return row("mended in place / refused / damaged", f"{in_place} / {refused} / {wrong}", "0 damaged", holds=not wrong)


def encodings() -> bool:
    """Ten cues in every code page, with the language in the name."""
    right = total = 0
    for language, entry in tomllib.loads(TEXTS.read_text(encoding="utf-8")).items():
        for page in entry["pages"]:
            total += 1
            lines = [line for line in entry["lines"] if line.encode(page, errors="ignore").decode(page) == line]
            data = "".join(f"{n}\n00:00:{n * 3:02},000 --> 00:00:{n * 3 + 2:02},000\n{line}\n\n"
                           for n, line in enumerate(lines, 1)).encode(page)  # fmt: skip
            with contextlib.suppress(MediaError):
                text = decode(data, name=f"x.{language}.srt").text.translate(SAME)
                right += all(line.translate(SAME) in text for line in lines)
    return row("code pages read right, language in the name", f"{right} of {total}", "all", holds=right == total)


def recall() -> bool:
    """Our own list of faulty cues."""
    table = tomllib.loads(FAULTS.read_text(encoding="utf-8"))
    each = [(tag, rule, text) for tag, rules in table.items() for rule, texts in rules.items() for text in texts]
    hits = sum(rule in {f.rule for _, f in find_faults([text.split("\n")], tag)} for tag, rule, text in each)
    return row("faulty cues found", f"{hits} of {len(each)}", ">= 95 %", holds=hits * 100 >= 95 * len(each))


def human() -> bool:
    """Cues of human files with a finding of style; each is either a fault of the file or a false finding."""
    cues = found = 0
    for path in sorted((SHARED / "media" / "6_subtitles").rglob("*.vtt")):
        with contextlib.suppress(MediaError):
            document = formats.read(path)
            language = formats.language_of(document, path) or "en"
            report = score.lint(document, profiles.load("netflix", language), language, Fraction(24))
            cues += len(document.cues)
            rest = {*score.TARGETS}
            found += len({f.cue for f in report.findings if f.rule not in rest and f.measured > f.limit})
    if not cues:
        return row("style findings in human files", "-", "<= 2 % false", holds=None)
    share = 100 * found / cues
    # An upper bound: nobody marked which of these are true.
    return row("style findings in human files (upper bound)", f"{found} of {cues} ({share:.1f} %)", "<= 2 % false",
               holds=share <= 2)  # fmt: skip


def mutations(count: int) -> bool:
    """Broken files read, mended and converted: nothing but errors of the media, the input as it was."""
    chance = random.Random(15)
    seeds = [path for path in given() if path.stat().st_size < 20_000]
    unexpected = overwritten = read = 0
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(count):
            seed = chance.choice(seeds)
            data = mutated(seed.read_bytes(), chance)
            path = Path(folder, f"x{seed.suffix}")
            path.write_bytes(data)
            digest = hashlib.sha256(data).digest()
            try:
                document = formats.read(path)
                read += 1
                if turn % 10 == 0:
                    _use(path, document)
            except MediaError:
                pass
            except Exception as error:
                unexpected += 1
                print(f"  {seed.name}, turn {turn}: {type(error).__name__}: {error}"[:160])
            overwritten += hashlib.sha256(path.read_bytes()).digest() != digest
    holds = not (unexpected or overwritten)
    found = f"{unexpected} / {overwritten} of {count} ({read} read)"
    return row("mutated: other errors / overwritten", found, "0 / 0", holds=holds)


def _use(path: Path, document: Document) -> None:
    for fmt in ("vtt", "ass", "ttml"):
        convert(path, path.with_name(f"out.{fmt}"))
    if document.losses:
        with contextlib.suppress(QualityError):
            check_file(path, "netflix", None, "en", into=path)


def sizes() -> Iterator[bool]:
    """Processor seconds for long files and long cues."""
    with tempfile.TemporaryDirectory() as folder:
        cues = tuple(
            Cue(str(n), Span(n * 3000, n * 3000 + 2500), ("I never said that to anybody,", f"not once in {n} days."))
            for n in range(CUES)
        )
        long, wide = Path(folder, "long.en.srt"), Path(folder, "wide.en.srt")
        formats.write(Document(cues), long, "srt", frame_rate=RATE)
        said = " ".join(f"word{n % 97}{',' if n % 9 == 0 else ''}" for n in range(WORDS))
        formats.write(Document((Cue("1", Span(0, 3_600_000), (said,)),)), wide, "srt", frame_rate=RATE)
        yield _timed(f"lint {CUES} cues", 3, lambda: check_file(long, "netflix", None, None))
        for fmt in ("vtt", "ttml"):
            yield _timed(f"convert {CUES} cues to {fmt}", 5, lambda fmt=fmt: convert(long, Path(folder, f"o.{fmt}")))
        formats.write(Document(cues), Path(folder, "o.scc"), "scc", frame_rate=RATE)
        yield _timed(f"read {CUES} captions of SCC", 5, lambda: formats.read(Path(folder, "o.scc")))
        yield _timed(f"lint a cue of {WORDS} words", 5, lambda: check_file(wide, "netflix", None, None))


def _timed(name: str, limit: int, work: Callable[[], object]) -> bool:
    started = time.process_time()
    work()
    taken = time.process_time() - started
    return row(name, f"{taken:.1f} s of processor", f"< {limit} s", holds=taken < limit)


def main() -> int:
    """The table; 1 where a line falls short."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutate", type=int, default=2000, metavar="N", help="mutated files [2000]")
    arguments = parser.parse_args()
    held = [cases(), round_trips(), mended(), encodings(), recall(), human(), mutations(arguments.mutate), *sizes()]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
