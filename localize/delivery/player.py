"""A folder that `localize dub` wrote, packaged with a player for viewers: a page that plays from disk, without a
server.

A browser lets a page from disk fetch no file and load no module, and Chromium shows no `<track>` of one. So the film's
facts and cues are a classic script, the cues are drawn by the page, and each sound is a file of its own, which the
muted picture follows: browsers play one sound of a film, and do not change it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from .. import consent
from ..media import pixel_format, run_ffmpeg, url
from ..provenance import Signer
from ..runtime.files import write_text
from ..subtitles import render
from ..subtitles.caption import RenderedSubtitles
from ..transcription.master import Master
from . import disclosure, notices
from .packaging import (
    NAMES,
    Film,
    PackagedSound,
    PackagedSubtitles,
    Presentation,
    Track,
    list_tracks,
    packaging,
)
from .report import RunWarning

PIXELS = ("yuv420p", "yuvj420p")
"""Of H.264 that every browser shows; other pictures are encoded anew."""
PICTURE = "picture.mp4"
STYLES = {"phone": "mobile", "easy": "easy", "sdh": "netflix-sdh", "forced": "forced"}
"""What the page calls a kind of subtitles -> its profile; "usual" is the profile of the dub."""


def package_player(
    folder: str | os.PathLike[str], *, home: consent.Home | None = None, signer: Signer | None = None
) -> Presentation:
    """Write `folder/player`, whole or not at all; one that is there already is replaced.

    Consent is asked again for every voice that is heard, the files are listed and signed, and the ledger notes them.

    Args:
        folder: where `localize dub` delivered.
        home: whose grants and ledger; None for the user's own.
        signer: signs the list of files; None for the home's own key.

    Raises:
        UsageError: no dubbed film lies there, or it cannot be known whose voices are heard.
        ConsentError: a voice may not be used any more, or is not known here.
        MediaError: a film cannot be read or packaged.
        StoreError: the disk is full or cannot be written.
    """
    folder, warnings = Path(folder), list[RunWarning]()
    with packaging(folder, "player", home, signer) as made:
        source = made.master.sheet.transcript.language
        tracks = list_tracks(made.films, source)
        _media(made.films, tracks, made.draft, warnings)
        subtitles = _subtitles(made.profile, made.master)
        film = {
            "title": made.stem,
            "source": source,
            "duration_ms": made.master.sheet.duration_ms,
            "translated": not made.request.get("translation"),
            "sounds": [_sound_json(track) for track in tracks],
            "subtitles": [_subtitles_json(language, styles) for language, styles in subtitles.items()],
            "disclosure": notices.TEXTS,
        }
        _write_page(made.draft, made.stem, film)
    return Presentation(
        folder / "player" / "index.html",
        tuple(PackagedSound(t.language, t.name, t.default) for t in tracks),
        tuple(
            PackagedSubtitles(language, _name(language), style == "forced", style == "sdh", found.profile.name)
            for language, styles in subtitles.items()
            for style, found in styles.items()
        ),
        tuple(warnings),
    )


def _name(language: str) -> str:
    return NAMES.get(language, language)


# --- picture and sound -----------------------------------------------------------------------------------------------


def _media(films: Sequence[Film], tracks: Sequence[Track], folder: Path, warnings: list[RunWarning]) -> None:
    """Part the films into a picture without sound and a file for each sound, all on one clock."""
    picture = next(s for s in films[0].found.streams if s.kind == "video" and not s.cover)
    plain = ["-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart"]
    command = ["-v", "error"]
    for film in films:
        command += ["-i", url(film.path)]
    command += ["-map", f"0:{picture.index}"]
    if picture.codec == "h264" and pixel_format(films[0].path, picture.index) in PIXELS:
        command += ["-c:v", "copy"]
    else:
        command += ["-c:v", "libx264", "-crf", "18", "-preset", "medium", "-pix_fmt", "yuv420p"]
        message = f"{films[0].path.name}: the picture ({picture.codec}) is encoded anew as H.264, which browsers show"
        warnings.append(RunWarning("picture_encoded", message))
    command += [*plain, os.fspath(folder / PICTURE)]
    for track in tracks:
        command += ["-map", f"{track.film}:a:{track.index}", *plain]
        rate = ["-b:a", f"{96 * max(2, track.channels)}k"]
        command += ["-c:a", "copy"] if track.codec == "aac" else ["-c:a", "aac", *rate]
        command += ["-metadata", f"comment={disclosure.TAG}"] if track.generated else []
        command += [os.fspath(folder / _file(track))]
    run_ffmpeg(command, films[0].path.name)


def _file(track: Track) -> str:
    return f"{track.folder}.m4a"


def _sound_json(track: Track) -> dict[str, Any]:
    return {
        "language": track.language,
        "name": _name(track.language),
        "file": _file(track),
        "generated": track.generated,
        "default": track.default,
    }


# --- subtitles -------------------------------------------------------------------------------------------------------


def _subtitles(profile: str, master: Master) -> dict[str, dict[str, RenderedSubtitles]]:
    """Language -> style -> cues, of every dub and of the source; styles without a cue are left out."""
    sheet = master.sheet
    wanted = {"usual": profile, **STYLES}
    found = {
        target.translation.language: {
            style: render.render_target(name, sheet, target) for style, name in wanted.items()
        }
        for target in master.targets
    }
    if sheet.transcript.language not in found:
        found[sheet.transcript.language] = {
            style: render.render_source(name, sheet) for style, name in wanted.items() if style != "forced"
        }
    shown = {
        language: {style: one for style, one in styles.items() if one.document.cues}
        for language, styles in found.items()
    }
    return {language: styles for language, styles in shown.items() if "usual" in styles}


def _subtitles_json(language: str, styles: dict[str, RenderedSubtitles]) -> dict[str, Any]:
    return {
        "language": language,
        "name": _name(language),
        "styles": {
            style: {
                "language": language,
                "profile": found.profile.name,
                "chars": found.profile.chars,
                "cues": [[cue.span.start_ms, cue.span.end_ms, list(cue.plain)] for cue in found.document.cues],
            }
            for style, found in styles.items()
        },
    }


# --- the page --------------------------------------------------------------------------------------------------------


def _write_page(draft: Path, title: str, film: dict[str, Any]) -> None:
    """The page with the film's facts. Its texts are a stranger's: they are escaped in markup, and are a text for
    JSON.parse in the script, so that none of them is code.
    """
    for entry in (resources.files(__package__) / "player_page").iterdir():
        text = entry.read_text("utf-8")
        write_text(draft / entry.name, text.replace("{title}", escape(title)) if entry.name == "index.html" else text)
    said = json.dumps(json.dumps(film, ensure_ascii=False))
    write_text(draft / "film.js", f'"use strict";\nwindow.localizeFilm = JSON.parse({said});\n')
