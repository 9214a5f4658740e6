"""Shot detection: the times at which the picture cuts (PySceneDetect), for subtitle timing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..data import Media, Source
from ..errors import EngineMissing, MediaError
from ..events import Run
from ..runtime.store import Store, package_version, step


def find_shot_changes(run: Run, media: Media) -> tuple[int, ...] | None:
    """Shot changes of a film, in ms on its own clock; None, and a warning, where they cannot be detected."""
    try:
        return shot_changes_in(run, media)
    except (EngineMissing, MediaError) as error:
        run.warn("cuts_unknown", f"subtitles may cross cuts: {error.message}")
        return None


def shot_changes_in(run: Run, media: Media) -> tuple[int, ...]:
    """Shot changes of a file, in ms on its own clock; empty without a picture.

    Raises:
        EngineMissing: what finds cuts is not installed.
        MediaError: the picture cannot be decoded.
    """
    if not media.has_picture:
        return ()
    return detect_shot_changes(run.store, media.source)


@step(version=1, uses=("scenedetect",))
def detect_shot_changes(store: Store, source: Source) -> tuple[int, ...]:
    """Detect the shot changes of a film."""
    if not package_version("scenedetect"):
        raise _missing()
    return detect_cuts(Path(source.path))


def detect_cuts(path: Path) -> tuple[int, ...]:
    """Detect the shot changes of a video file.

    Args:
        path: a file with a picture.

    Returns:
        milliseconds, in order; empty where nothing cuts. Times are the picture's own, also at
        a variable frame rate.

    Raises:
        MediaError: no picture, or it cannot be decoded.
        EngineMissing: scenedetect is not installed.
    """
    try:
        with _empty_stdin():
            import scenedetect
    except ImportError as error:
        raise _missing() from error
    if not path.is_file():
        raise MediaError(f"{path.name}: no such file", file=path.name)
    try:
        # Otherwise it lets libav write to stderr for as long as this process lives.
        reader: dict[str, Any] = {"backend": "pyav", "suppress_output": True} if _has_pyav() else {"backend": "opencv"}
        video = scenedetect.open_video(str(path), **reader)
        manager = scenedetect.SceneManager()
        manager.add_detector(scenedetect.AdaptiveDetector(min_scene_len=6))
        manager.auto_downscale = True
        manager.detect_scenes(video, show_progress=False)
        scenes = manager.get_scene_list()
    except Exception as error:  # a decoder that meets a broken file raises whatever it meets
        cause = " ".join(str(error).split())[:120] or type(error).__name__
        raise MediaError(f"{path.name}: its cuts cannot be found: {cause}", file=path.name) from error
    return tuple(_ms(start) for start, _ in scenes[1:])


def _missing() -> EngineMissing:
    how = "finding a film's cuts needs scenedetect: pip install 'localize-toolkit[subtitles]'"
    return EngineMissing(how, package="scenedetect")


@contextmanager
def _empty_stdin() -> Iterator[None]:
    """Nothing to read on file descriptor 0 while scenedetect is imported for the first time.

    Its import calls ffmpeg with our stdin, and where that is the terminal of another job, the terminal stops ffmpeg and
    with it whoever waits for it (`Stopped (tty output)`).
    """
    kept = None
    if "scenedetect" not in sys.modules:
        with suppress(OSError):  # no stdin at all
            kept = os.dup(0)
    if kept is None:
        yield
        return
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        os.dup2(nothing, 0)
        yield
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(nothing)


def _ms(time: Any) -> int:
    return round(Fraction(time.seconds if hasattr(time, "seconds") else time.get_seconds()) * 1000)


def _has_pyav() -> bool:
    try:
        import av  # noqa: F401
    except ImportError:
        return False
    return True
