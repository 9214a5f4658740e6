"""What the files of a folder are to each other by their names: films, what is named after them, results of dubs."""

from __future__ import annotations

import os
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from ..runtime.reading import read_text

MEDIA = frozenset(
    ".mp4 .m4v .mov .qt .mkv .webm .avi .divx .mpg .mpeg .mpe .vob .ts .trp .m2t .m2ts .mts .tod .flv .f4v .wmv .asf "
    ".rm .rmvb .3gp .3g2 .ogv .ogm .mxf .gxf .dv .nut .wtv "
    ".wav .w64 .rf64 .bwf .au .mp3 .mp2 .mpa .m4a .m4b .mka .aac .ac3 .eac3 .dts .thd .amr .flac .ape .wv .tta .ogg "
    ".oga .opus .spx .weba .aiff .aif .aifc .wma .caf".split()
)
"""Suffixes of what ffmpeg reads as films and sounds."""
PACKAGES = frozenset({"hls", "player"})
"""Folders that `localize package` writes beside a dub."""
PARTS = (".clips", ".takes")
"""Ends of the names of folders with what a dub or its review keeps of each line."""
LARGEST_PLAYLIST = 16_000_000
"""Bytes of a playlist: a day in pieces of one second takes 5 million."""
FORK = "._"
"""How macOS begins the name of what it notes about a file (AppleDouble)."""
_GOES_ON = tuple(" _-([")
"""What stands before a language in the names of other tools' subtitles."""
_MAP = re.compile(r'#EXT-X-MAP:(?:.*,)?URI="([^"]+)"')
EFFECTS = "me"
"""What stands before the suffix of music and effects: `e01.me.wav`."""


class Neighbours:
    """What lies in a folder of films, looked at once for all of them."""

    def __init__(self, folder: Path) -> None:
        entries = list(os.scandir(folder))
        self.forks = [entry.name for entry in entries if entry.name.startswith(FORK)]
        """What macOS keeps about files on disks of others: no film, whatever its suffix."""
        entries = [entry for entry in entries if not entry.name.startswith(FORK)]
        files = [entry.name for entry in entries if entry.is_file()]
        away = [entry.name for entry in entries if entry.is_symlink() and not Path(entry).exists()]
        self.results = results_among(files)
        self.media = [folder / name for name in (*files, *away) if is_media(name) and name not in self.results]
        """Films and sounds that no dub left there; one whose disk is away is told where it is dubbed."""
        titles = _titles(files)
        self.folders = [
            folder / entry.name
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and not _is_of_dub(entry.name, titles)
        ]
        """Those in it that no dub left there."""
        self.playlists = [folder / name for name in files if Path(name).suffix.lower() in (".m3u8", ".mpd")]
        self.folder = folder
        self._names = sorted((normal(name), name) for name in files)
        self._stems = {normal(Path(name).stem) for name in files if is_media(name) and name not in self.results}

    def named_after(self, film: Path) -> Iterator[tuple[Path, str]]:
        """The files named after a film, each with what stands before its suffix: "en.sdh", "me", "". What is named
        after a film with a longer name is that one's: `e01.part2.en.srt` beside `e01.part2.mp4`.
        """
        own = f"{normal(film.stem)}."
        for number in range(bisect_left(self._names, (own,)), len(self._names)):
            key, name = self._names[number]
            if not key.startswith(own):
                return
            rest = key.removesuffix(Path(key).suffix)
            if name != film.name and not self._of_another(own, rest):
                yield self.folder / name, rest[len(own) :]

    def nearly_named_after(self, film: Path) -> Iterator[Path]:
        """The files whose names begin with that of a film and go on with anything but a dot: "e01_es.srt". Such that
        begin with the name of a longer one are left out.
        """
        own = normal(film.stem)
        longer = tuple(stem for stem in self._stems if len(stem) > len(own) and stem.startswith(own))
        for number in range(bisect_left(self._names, (own,)), len(self._names)):
            key, name = self._names[number]
            if not key.startswith(own):
                return
            if key[len(own) : len(own) + 1] in _GOES_ON and not (longer and key.startswith(longer)):
                yield self.folder / name

    def _of_another(self, own: str, name: str) -> bool:
        """Whether a name begins with that of another film of the folder, and tells what it is of that one."""
        ends = (at for at in range(len(own), len(name)) if name[at] == ".")
        return any(name[:at] in self._stems for at in ends)


def results_among(names: Iterable[str]) -> frozenset[str]:
    """Which of a folder's files an earlier dub left there: those named after a `master.json` in it and signed, or of a
    language into which it was dubbed, or its bed.
    """
    there = frozenset(names)
    titles = _titles(there)
    return frozenset(name for name in there if _is_result(name, there, titles)) if titles else frozenset()


def _titles(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.removesuffix(".master.json") for name in names if name.endswith(".master.json"))


def _is_of_dub(folder: str, titles: Collection[str]) -> bool:
    """Whether a folder beside a `master.json` holds a packaged film, clips of lines, or recordings of a review."""
    if titles and folder in PACKAGES:
        return True
    return any(folder.startswith(f"{title}.") and folder.endswith(PARTS) for title in titles)


def segments_of(playlist: Path) -> frozenset[Path]:
    """The files that are pieces of a stream, by an HLS playlist (RFC 8216): none of them is a film by itself. A stream
    in one file is a film, and a list of films to play one after the other is no stream.
    """
    try:
        lines = read_text(playlist, LARGEST_PLAYLIST).splitlines()
    except (OSError, ValueError):
        return frozenset()
    if not any(line.startswith("#EXT-X-TARGETDURATION:") for line in lines):  # every playlist of pieces has one
        return frozenset()
    named = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    named += [match[1] for line in lines if (match := _MAP.match(line))]
    found = frozenset(Path(os.path.normpath(playlist.parent / unquote(name))) for name in named if "://" not in name)
    return found if len(found) > 1 else frozenset()


def _is_result(name: str, there: Collection[str], titles: Collection[str]) -> bool:
    parts = name.split(".")
    for count in range(1, len(parts) - 1):
        if (title := ".".join(parts[:count])) in titles:
            stem = f"{title}.{parts[count]}"
            signs = (f"{stem}.timeline.json", f"{stem}.report.json", f"{name}.c2pa")
            if parts[count] == "bed" or any(sign in there for sign in signs):
                return True
    return False


def is_media(name: str) -> bool:
    """Whether a file is a film or a sound by its name."""
    return Path(name).suffix.lower() in MEDIA


def normal(name: str) -> str:
    """A name as disks that tell neither case nor the forms of Unicode apart have it."""
    return unicodedata.normalize("NFC", name).casefold()


def effects_of(path: Path) -> str | None:
    """The stem of the film whose music and effects a file is by its name."""
    stem, _, kind = path.stem.rpartition(".")
    return normal(stem) if stem and kind.casefold() == EFFECTS else None
