"""Make `episode.mp4` and `episode.truth.json`: a short scene that we wrote, spoke, scored and drew.

Run `python samples/make_episode.py`. The same machine makes the same sound, truth and picture each time. It needs
the `offline` extra of this package, and Pillow for the drawing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import episode_picture
import episode_sound
import soundfile
from episode_picture import Moment, Shot
from episode_sound import RATE, Samples, Voiced

from localize import consent
from localize.data import Span
from localize.engines import load
from localize.media import ffmpeg, url
from localize.models import Models

HERE = Path(__file__).resolve().parent
TITLE = "The rain outside"
FRAME_RATE = 25
INTRO_MS = 2_000
OUTRO_MS = 3_000
CUT_AHEAD_MS = 160
"""A shot begins a little before the words it shows."""
COLOURS = "scale=out_color_matrix=bt709:out_range=tv,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"
VOICES = {"S1": "am_michael", "S2": "af_heart"}
"""S1 is Tom, on the left; S2 is Maya, on the right."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the script.

    Args:
        speaker: a key of `VOICES`.
        phrases: what is said; between two of them the speaker pauses.
        gap_ms: silence after the line.
        pause_ms: silence planned between two phrases; a voice's breath adds to it.
        pace: how much longer than the voice's natural length the phrases last: Spanish needs the room.
        shot: what is shown from this line on; None to stay.
    """

    speaker: str
    phrases: tuple[str, ...]
    gap_ms: int
    pause_ms: int = 0
    pace: float = 1.2
    shot: Shot | None = None

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(self.phrases)


SCENE = (
    Line("S1", ("There is a lot of rain tonight.", "The street is full of water."), 550, 350),
    Line("S2", ("When does Roberto arrive?",), 550, pace=1.1),
    Line("S1", ("His train arrives in twenty minutes.",), 400, shot=Shot.LEFT),
    Line("S2", ("In twenty minutes?",), 350, pace=1.3, shot=Shot.RIGHT),
    Line("S1", ("Yes, in twenty minutes.",), 500, pace=1.1, shot=Shot.WIDE),
    Line("S2", ("We don't have much time.", "Where is the bread?"), 500, 350, 1.3),
    Line("S1", ("The bread is in the kitchen.", "I bought cheese and fruit."), 700, 300, shot=Shot.LEFT),
    Line("S2", ("How many plates do we need?",), 450, pace=1.3, shot=Shot.WIDE),
    Line("S1", ("Four plates, I think.", "Roberto is coming with his sister."), 550, 350),
    Line("S2", ("I didn't know that he has a sister.",), 700, pace=1.25, shot=Shot.RIGHT),
    Line("S1", ("She plays the piano in a small theater.",), 5_000, pace=1.15, shot=Shot.LEFT),
    Line("S2", ("Did you hear that noise?", "Somebody is at the door."), 550, 300, 1.25),
    Line("S1", ("It is too early for Roberto.",), 600, pace=1.2),
    Line("S2", ("Wait,", "I hear his voice."), 550, 300, 1.3, Shot.RIGHT),
    Line("S1", ("It is Roberto!", "I will open the door."), 1_200, 300, 1.2, Shot.WIDE),
    Line("S2", ("Good evening, Roberto.", "The food is on the table."), OUTRO_MS, 350, 1.25),
)
INTERLUDE = 10
"""After this line nobody speaks: the window, the rain, then knocks."""
WINDOW_AFTER_MS = 700
KNOCKS_MS = (3_600, 3_850, 4_250)
"""After the line's end; the picture goes back to the table with the first."""
WELCOME = 14
"""After this line the door opens."""
LATCH_MS = (450, 540)


@dataclass(frozen=True, slots=True)
class Said:
    """A line at its time."""

    line: Line
    sound: Voiced
    start_ms: int

    @property
    def end_ms(self) -> int:
        """When its last sound ends."""
        return self.start_ms + self.sound.length_ms

    @property
    def phrases(self) -> tuple[Span, ...]:
        """Where it is heard, on the film's clock."""
        return tuple(p.shifted(self.start_ms) for p in self.sound.phrases)


def perform() -> list[Said]:
    """Speak every line, one after another, each voice through its own grant."""
    models = Models(say=print)
    synthesizer = load("synthesizer", "kokoro", models)
    requests = [consent.Request(name, speaker, "en", TITLE) for speaker, name in VOICES.items()]
    grants = consent.check(consent.Home.open(), requests)
    said: list[Said] = []
    at = INTRO_MS
    for line in SCENE:
        sound = episode_sound.voice(synthesizer, grants[line.speaker], line.phrases, line.pause_ms, line.pace)
        said.append(Said(line, sound, at))
        at = said[-1].end_ms + line.gap_ms
    return said


def duration(said: Sequence[Said]) -> int:
    """Length of the film in ms: whole frames."""
    frame_ms = 1000 // FRAME_RATE
    return -(-(said[-1].end_ms + OUTRO_MS) // frame_ms) * frame_ms


def truth(said: Sequence[Said]) -> dict[str, object]:
    """What is really said, by whom and when."""
    lines = [
        {
            "speaker": s.line.speaker,
            "voice": VOICES[s.line.speaker],
            "text": s.line.text,
            "start_ms": s.phrases[0].start_ms,
            "end_ms": s.phrases[-1].end_ms,
            "phrases": [[p.start_ms, p.end_ms] for p in s.phrases],
        }
        for s in said
    ]
    return {"schema": 1, "language": "en", "lines": lines}


def speakers(said: Sequence[Said], duration_ms: int) -> list[Samples]:
    """A mono track for each speaker."""
    return [
        episode_sound.track([(s.start_ms, s.sound) for s in said if s.line.speaker == speaker], duration_ms)
        for speaker in VOICES
    ]


def soundtrack(said: Sequence[Said], voices: Sequence[Samples], duration_ms: int) -> Samples:
    """The whole mix, in stereo."""
    knocked = [said[INTERLUDE].end_ms + ms for ms in KNOCKS_MS]
    opened = [said[WELCOME].end_ms + ms for ms in LATCH_MS]
    noises = 0.12 * episode_sound.knocks(duration_ms, knocked) + 0.05 * episode_sound.latch(duration_ms, opened)
    bed = episode_sound.music(duration_ms) + episode_sound.rain(duration_ms)
    return episode_sound.mix(voices, bed, noises, [Span(s.start_ms, s.end_ms) for s in said])


def screenplay(said: Sequence[Said], voices: Sequence[Samples], duration_ms: int) -> list[Moment]:
    """What each frame of the picture shows."""
    frames = duration_ms * FRAME_RATE // 1000
    mouths = [episode_sound.levels(v, frames, FRAME_RATE) for v in voices]
    knock = said[INTERLUDE].end_ms + KNOCKS_MS[0]
    cuts = [(0, Shot.WIDE)]
    cuts += [(s.start_ms - CUT_AHEAD_MS, s.line.shot) for s in said if s.line.shot]
    cuts += [(said[INTERLUDE].end_ms + WINDOW_AFTER_MS, Shot.WINDOW), (knock, Shot.WIDE)]
    cuts.sort(key=lambda cut: cut[0])
    moments = []
    for frame in range(frames):
        ms = frame * 1000 // FRAME_RATE
        began, shot = [cut for cut in cuts if cut[0] <= ms][-1]
        moments.append(
            Moment(
                ms=ms,
                shot=shot,
                shot_ms=ms - began,
                speaking=(_speaking(said, "S1", ms), _speaking(said, "S2", ms)),
                mouths=(float(mouths[0][frame]), float(mouths[1][frame])),
                since_knock_ms=ms - knock,
                since_door_ms=ms - said[WELCOME].end_ms - LATCH_MS[0],
            )
        )
    return moments


def _speaking(said: Sequence[Said], speaker: str, ms: int) -> bool:
    return any(s.start_ms - CUT_AHEAD_MS <= ms < s.end_ms for s in said if s.line.speaker == speaker)


def film(moments: Sequence[Moment], mixed: Samples, target: Path) -> None:
    """Draw every frame and put picture and sound together."""
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound.wav"
        soundfile.write(sound, mixed, RATE, "PCM_24")
        width, height = episode_picture.SIZE
        command = [
            ffmpeg(), "-hide_banner", "-y", "-v", "error",
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(FRAME_RATE), "-i", "pipe:0",
            "-i", url(sound), "-map", "0:v", "-map", "1:a",
            # One thread: x264 makes other bytes with another number of them.
            "-c:v", "libx264", "-preset", "slow", "-crf", "24", "-tune", "animation", "-threads", "1",
            "-pix_fmt", "yuv420p", "-g", "125",
            "-vf", COLOURS,
            "-c:a", "aac", "-b:a", "128k", "-metadata:s:a:0", "language=eng", "-metadata", f"title={TITLE}",
            "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart",
            url(target),
        ]  # fmt: skip
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            for picture in episode_picture.frames(moments):
                process.stdin.write(picture)
            process.stdin.close()
        if process.returncode:
            raise SystemExit(f"ffmpeg failed with {process.returncode}")


def main() -> None:
    """Make both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=HERE, help="folder for the two files [samples]")
    parser.add_argument("--sound-only", action="store_true", help="write episode.wav, draw nothing")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    said = perform()
    duration_ms = duration(said)
    assert all(a.end_ms < b.start_ms for a, b in pairwise(said))
    voices = speakers(said, duration_ms)
    mixed = soundtrack(said, voices, duration_ms)
    text = json.dumps(truth(said), indent=1, ensure_ascii=False)
    (options.output / "episode.truth.json").write_text(text + "\n", encoding="utf-8")
    if options.sound_only:
        soundfile.write(options.output / "episode.wav", mixed, RATE, "PCM_24")
    else:
        film(screenplay(said, voices, duration_ms), mixed, options.output / "episode.mp4")
    print(f"{duration_ms / 1000:.1f} s, {len(said)} lines in {options.output}")


if __name__ == "__main__":
    main()
