"""Where a film cuts: PySceneDetect's content detector, as the shot rules of the subtitle profiles need it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from ..errors import MediaError
from .ass import optional


def shots(path: Path) -> tuple[int, ...]:
    """The times of a video's cuts.

    Args:
        path: a file with a picture.

    Returns:
        milliseconds, in order; empty where nothing cuts. Times are the picture's own, also at
        a variable frame rate.

    Raises:
        MediaError: no picture, or it cannot be decoded.
        EngineMissing: scenedetect is not installed.
    """
    scenedetect = optional("scenedetect")
    if not path.is_file():
        raise MediaError(f"{path.name}: no such file", file=path.name)
    try:
        video = scenedetect.open_video(str(path), backend="pyav" if _has_pyav() else "opencv")
        manager = scenedetect.SceneManager()
        manager.add_detector(scenedetect.AdaptiveDetector(min_scene_len=6))
        manager.auto_downscale = True
        manager.detect_scenes(video, show_progress=False)
        scenes = manager.get_scene_list()
    except Exception as error:  # a decoder that meets a broken file raises whatever it meets
        cause = " ".join(str(error).split())[:120] or type(error).__name__
        raise MediaError(f"{path.name}: its cuts cannot be found: {cause}", file=path.name) from error
    return tuple(_ms(start) for start, _ in scenes[1:])


def _ms(time: Any) -> int:
    return round(Fraction(time.seconds if hasattr(time, "seconds") else time.get_seconds()) * 1000)


def _has_pyav() -> bool:
    try:
        import av  # noqa: F401
    except ImportError:
        return False
    return True
