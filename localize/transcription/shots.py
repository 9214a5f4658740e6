"""What subtitles must know of a film besides its words: where the picture cuts, what is heard where nobody speaks."""

from __future__ import annotations

from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Media, Source
from ..errors import EngineMissing, MediaError
from ..events import Run
from ..runtime.store import Store, step
from ..timedtext.scc_reader import optional

if TYPE_CHECKING:
    pass


def find_shot_changes(run: Run, media: Media) -> tuple[int, ...] | None:
    """When the picture cuts, in ms on its own clock; None, and a warning, where they cannot be found."""
    try:
        return shot_changes_in(run, media)
    except (EngineMissing, MediaError) as error:
        run.warn("cuts_unknown", f"subtitles may cross cuts: {error.message}")
        return None


def shot_changes_in(run: Run, media: Media) -> tuple[int, ...]:
    """When the picture cuts, in ms on its own clock; nothing where there is none.

    Raises:
        EngineMissing: what finds cuts is not installed.
        MediaError: the picture cannot be decoded.
    """
    if not media.has_picture:
        return ()
    try:
        detector = f"scenedetect {version('scenedetect')}"
    except PackageNotFoundError as error:
        hint = "pip install 'localize-toolkit[subtitles]'"
        raise EngineMissing(f"finding a film's cuts needs scenedetect: {hint}") from error
    return detect_shot_changes(run.store, media.source, detector)


@step(version=1)
def detect_shot_changes(store: Store, source: Source, detector: str) -> tuple[int, ...]:
    """When a film's picture cuts. `detector` names the package and version that says so."""
    return detect_cuts(Path(source.path))


def detect_cuts(path: Path) -> tuple[int, ...]:
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
