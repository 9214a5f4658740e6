"""Subtitles drawn into a picture by libass: which fonts it takes, which letters no font has, and the film itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ..data import Blob, Source
from ..errors import EngineMissing, MediaError
from ..runtime.store import Store, step
from .ffmpeg import run_ffmpeg
from .opening import open_media, url

# What libass says of its fonts (ass_fontselect.c, ass_font.c); the same for fontconfig, DirectWrite and CoreText.
_TAKEN = re.compile(r"fontselect: \((.*), (\d+), (\d+)\) -> .*, -?\d+, (\S+)$", re.MULTILINE)
_NO_GLYPH = re.compile(r"(?:any fallback with glyph 0x([0-9A-F]+)|Glyph 0x([0-9A-F]+) not found in font)")


@dataclass(frozen=True, slots=True)
class FontProbe:
    """The fonts that libass takes for a script.

    Args:
        fonts: family asked for, weight, slant and the PostScript name of the font that was taken, in order.
        missing: the letters no font of this machine has.
    """

    fonts: tuple[tuple[str, int, int, str], ...]
    missing: frozenset[str]


@lru_cache(maxsize=32)
def probe_fonts(script: str, seconds: int) -> FontProbe:
    """Find the fonts that libass takes for a script: one picture a second, drawn for the log alone.

    Args:
        script: ASS.
        seconds: how long it lasts.

    Raises:
        EngineMissing: this ffmpeg was built without libass.
    """
    with _filter(script) as drawing:
        command = ["-v", "info", "-f", "lavfi", "-i", f"color=black:size=64x36:rate=1:duration={seconds}"]
        try:
            said = run_ffmpeg([*command, "-vf", drawing, "-f", "null", "-"], "subtitles")
        except MediaError as error:
            if "No such filter" not in error.message and "Filter not found" not in error.message:
                raise
            raise EngineMissing("this ffmpeg cannot draw subtitles (it lacks libass): take one that can") from error
    fonts = ((family, int(weight), int(slant), name) for family, weight, slant, name in _TAKEN.findall(said))
    missing = (chr(int(one or other, 16)) for one, other in _NO_GLYPH.findall(said))
    return FontProbe(tuple(dict.fromkeys(fonts)), frozenset(missing))


@step(version=2)
def burn_subtitles(store: Store, source: Source, script: str, fonts: Sequence[str]) -> Blob:
    """A film's picture with subtitles burned in, encoded as H.264 at visually lossless quality.

    Args:
        store: keeps it.
        source: the film.
        script: ASS on the picture's clock.
        fonts: what `probe_fonts` found for it: with other fonts the picture is another.
    """
    del fonts
    with _filter(script) as drawing, store.writing(".mp4") as draft:
        command = ["-v", "error", "-i", url(source.path), "-map", "0:V:0", "-vf", drawing]
        command += ["-fps_mode", "passthrough", "-c:v", "libx264", "-crf", "16", "-preset", "medium"]
        command += ["-pix_fmt", "yuv420p", "-map_metadata", "-1", "-bitexact", "-f", "mp4", url(draft.path)]
        run_ffmpeg(command, source.path)
    return draft.blob


def picture_shape(path: str | os.PathLike[str]) -> float:
    """Width by height of a film as it is shown, turned and with its pixels' shape; 16:9 without a picture."""
    with open_media(path) as container:
        stream = next((s for s in container.streams.video if s.codec_context.width), None)
        frame = next(container.decode(stream), None) if stream else None
        if stream is None or frame is None:
            return 16 / 9
        shape = float(frame.width / frame.height) * float(stream.sample_aspect_ratio or 1)
        return 1 / shape if frame.rotation % 180 else shape


@contextmanager
def _filter(script: str) -> Iterator[str]:
    """The filter that draws a script, in a folder of its own as long as it is needed."""
    with TemporaryDirectory() as folder:
        text = Path(folder) / "burn.ass"
        text.write_text(script, encoding="utf-8")
        # A filter's option is escaped twice, once for itself and once for the graph (ffmpeg-utils, "Quoting").
        name = re.sub(r"([\\':])", r"\\\1", os.fspath(text))
        name = re.sub(r"([\\'\[\],;])", r"\\\1", name)
        yield f"ass=filename={name}"
