"""How near the lines of a script without times are laid: `python bench/scripts.py [--media FOLDER]`.

The words of the sample film and of recordings whose lines have known times (`rN.json`, `base.en.srt`) are given as
plain text, as a Fountain screenplay and as a Word document, and laid on the sound with the embedded recogniser.
Printed: how many lines were found, and the median and the 95th percentile of how far their starts lie from the truth.
Exit code 1 where the median is over 50 ms, the percentile over 200 ms, or a line was lost.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize import Job, media, open_run
from localize.engine_selection import require_recogniser, select_engines
from localize.events import Run
from localize.inputs import read_inputs
from localize.timedtext import formats
from localize.transcription.script_times import time_script
from tests.made_documents import document

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "cases" / "media"
SAMPLES = Path(__file__).resolve().parents[1] / "samples"
LANGUAGES = {"r7": "fr"}
LEFT_OUT = {"r5": "speaks two languages, of which a script holds one"}
MEDIAN_MS, WORST_MS = 50, 200

Lines = list[tuple[int, str]]


def truth(folder: Path) -> dict[str, tuple[Path, Lines]]:
    """Recording -> its file, and when its lines begin, ms."""
    found: dict[str, tuple[Path, Lines]] = {}
    for path in sorted(folder.glob("r*.json")):
        if path.stem not in LEFT_OUT:
            rows = json.loads(path.read_text(encoding="utf-8"))
            found[path.stem] = (path.with_suffix(".flac"), [(round(1000 * start), text) for start, _, text in rows])
    if (words := folder / "base.en.srt").is_file():
        cues = formats.read(words).cues
        found["base"] = (folder / "base.mp4", [(cue.span.start_ms, " ".join(cue.lines)) for cue in cues])
    lines = json.loads((SAMPLES / "episode.truth.json").read_text(encoding="utf-8"))["lines"]
    found["episode"] = (SAMPLES / "episode.mp4", [(line["start_ms"], line["text"]) for line in lines])
    return found


def plain(path: Path, texts: list[str]) -> Path:
    """The lines as plain text."""
    path = path.with_suffix(".txt")
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def fountain(path: Path, texts: list[str]) -> Path:
    """The lines as a screenplay of two people."""
    path = path.with_suffix(".fountain")
    speeches = "\n\n".join(f"{'ANNA' if n % 2 else 'BEN (V.O.)'}\n(quietly)\n{text}" for n, text in enumerate(texts))
    path.write_text(f"Title: Test\n\nINT. STUDIO - DAY\n\nThey speak.\n\n{speeches}\n", encoding="utf-8")
    return path


def word(path: Path, texts: list[str]) -> Path:
    """The lines as a Word document of `NAME: line`."""
    return document(path.with_suffix(".docx"), *(f"{'ANNA' if n % 2 else 'BEN'}: {t}" for n, t in enumerate(texts)))


SHAPES: dict[str, Callable[[Path, list[str]], Path]] = {"txt": plain, "fountain": fountain, "docx": word}


def starts(recording: Path, script: Path, language: str, run: Run) -> list[int]:
    """When the lines of a script were found to begin, ms."""
    job = Job(recording, source_language=language, transcript=script, output=script.parent / "out")
    inputs = read_inputs(job, run)
    assert inputs.transcript is not None
    engines = select_engines(job, inputs, run, synthesizes=False)
    film = media.ingest(run.store, recording, stream=None, language=None)
    found = time_script(run, film, require_recogniser(engines), inputs.transcript, script)
    return [segment.span.start_ms for segment in found.segments]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--media", type=Path, default=MEDIA)
    folder = parser.parse_args().media
    if not folder.is_dir():
        print(f"absent: {folder} (the recordings beside the checkout); the sample film alone is measured")
    run = open_run()
    short = False
    with tempfile.TemporaryDirectory() as temporary:
        for shape, write in SHAPES.items():
            errors: list[int] = []
            lines = 0
            for name, (recording, wanted) in truth(folder).items():
                language = LANGUAGES.get(re.sub(r"\W.*", "", name), "en")
                script = write(Path(temporary) / name, [text for _, text in wanted])
                found = starts(recording, script, language, run)
                lines += len(wanted)
                if len(found) == len(wanted):
                    errors += [abs(at - start) for at, (start, _) in zip(found, wanted)]
                print(f"  {shape:<9} {name:<5} {[at - start for at, (start, _) in zip(found, wanted)]}", flush=True)
            ranked = sorted(errors)
            median, worst = statistics.median(ranked), ranked[max(0, -(-95 * len(ranked) // 100) - 1)]
            print(f"{shape:<9} {len(errors)} of {lines} lines found, start: median {median:g} ms, 95 % {worst} ms")
            short |= len(errors) < lines or median > MEDIAN_MS or worst > WORST_MS
    raise SystemExit(int(short))


if __name__ == "__main__":
    main()
