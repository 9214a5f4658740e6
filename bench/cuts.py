"""Every cut of a doubtful clip is heard whole: `python bench/cuts.py [--every N] [--media FOLDER]`.

`lost_speech.mp4` of ../shared/cases/media begins so that Whisper takes it for silence in some cuts. Its start and its
end are shifted in steps of 100 ms, by up to 0.8 s and 0.7 s; each cut must keep all four lines. `--every 5` tries every
fifth.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import soundfile

from localize import media
from localize.engines import load
from localize.pipeline import open_run
from localize.transcription.transcribe import transcribe

CASES = Path(__file__).parents[2] / "shared" / "cases" / "media"
LINES = ("bread", "kitchen", "cheese", "How many")
STARTS, ENDS = range(0, 900, 100), range(8000, 7200, -100)


def main() -> None:
    """Print every cut that loses a line, and how many there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--media", type=Path, default=CASES)
    asked = parser.parse_args()
    clip = asked.media / "lost_speech.mp4"
    run = open_run()
    recogniser = load("recogniser", "faster_whisper", run.models)
    cuts = [(start, end) for start in STARTS for end in ENDS][:: asked.every]
    whole = 0
    with tempfile.TemporaryDirectory() as folder:
        wav, cut = Path(folder) / "whole.wav", Path(folder) / "cut.wav"
        media.run_ffmpeg(["-v", "error", "-i", media.url(clip), media.url(wav)], str(clip))
        samples, rate = soundfile.read(wav, always_2d=True)
        for start, end in cuts:
            soundfile.write(cut, samples[start * rate // 1000 : end * rate // 1000], rate)
            source = media.ingest(run.store, cut, stream=None, language=None)
            text = " ".join(s.text for s in transcribe(run, source, recogniser, "en", ("en",)).segments)
            lost = [line for line in LINES if line not in text]
            whole += not lost
            if lost:
                print(f"{start / 1000:.1f} to {end / 1000:.1f} s: without {', '.join(lost)}: {text}", flush=True)
    print(f"{whole} of {len(cuts)} cuts keep all {len(LINES)} lines")


if __name__ == "__main__":
    main()
