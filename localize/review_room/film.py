"""The film that a dub was made of, and the request it was made by, so that it can be made again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import media
from ..delivery.variants import main_folder
from ..errors import LocalizeError, UsageError
from ..job import Job
from ..runtime.files import read_json, sha256_of

LIMIT = 4_000_000
_FILES = ("transcript", "translation", "glossary", "style", "pronunciation", "me", "cast")
_SAME = (
    "voices", "recast", "purpose", "speakers", "genders", "registers", "engines", "encoding", "profile", "recut",
    "burn", "stream", "regions", "draft", "expression",
)  # fmt: skip
"""Keys of job.json that are called like the fields of a request."""
_LISTS = ("to", "notice", "renderings", "formats", "deliver")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a dub comes from.

    Args:
        film: its source; None where it was not found.
        job: the request, to be made again; None where that cannot be.
        missing: why a line cannot be done again, "" where it can.
    """

    film: Path | None
    job: Job | None
    missing: str = ""


def find_origin(folder: Path, title: str, given: Path | None) -> Origin:
    """The film and the request of a dub.

    The request names files without their folders. Each is looked for in the folder of the results, in the three above
    it, where one is, and beside the film; the film is known by its hash.

    Args:
        folder: of the results.
        title: of the dub.
        given: the film, where a person names it.

    Raises:
        UsageError: the film that a person names is another.
    """
    try:
        request = read_json(folder / f"{title}.job.json", LIMIT)
        name, digest = str(request["input"]), str(request["sha256"])
    except (LocalizeError, KeyError, TypeError):
        return Origin(None, None, f"{title}.job.json, which says how the dub was made, is not in {folder}")
    if not digest:
        return Origin(None, None, f"{title}.job.json does not say the hash of {name}, so that no film is known by it")
    places = [folder, *main_folder(folder.absolute())[0].parents[:3], Path()]
    if given is not None:
        if not given.is_file() or sha256_of(given) != digest:
            raise UsageError(f"{given} is not the film that {folder} was dubbed from: that is {name}", file=str(given))
        film: Path | None = given
    else:
        film = _look_for(name, places, digest)
    if film is None:
        return Origin(None, None, f"the film {name} was not found near {folder}: name it with --source")
    try:
        return Origin(film, recorded_job(request, film, folder, [film.parent, *places]))
    except (LocalizeError, KeyError, TypeError, ValueError) as error:
        return Origin(film, None, str(error))


def _look_for(name: str, places: list[Path], digest: str = "") -> Path | None:
    """A file of that name; of that content, where a hash is given."""
    if Path(name).name != name:
        return None
    for place in places:
        path = place / name
        if path.is_file() and (not digest or sha256_of(path) == digest):
            return path
    return None


def recorded_job(request: dict[str, Any], film: Path, folder: Path, places: list[Path]) -> Job:
    """The request of a job.json.

    Args:
        request: content of job.json.
        film: the input.
        folder: of the results.
        places: where the files lie that it names.

    Raises:
        UsageError: a file that it names is in none of the places; a value is not one.
        KeyError: it is of another shape.
    """
    given: dict[str, Any] = {name: request[name] for name in _SAME if request.get(name) is not None}
    given |= {name: tuple(request[name]) for name in _LISTS if name in request}
    for name in _FILES:
        if request.get(name):
            given[name] = _require(str(request[name]), places)
    if request.get("memory"):
        given["memory"] = tuple(_require(str(name), places) for name in request["memory"])
    sound, timing = request["sound"], request["timing"]
    output, variant = main_folder(folder) if request.get("variant") else (folder, None)
    return Job(
        film,
        output=output,
        variant=variant,
        source_language=request.get("from"),
        timing=timing["mode"],
        relaxed=tuple(timing["relax"]),
        held=tuple(timing.get("hold", ())),
        bed=sound["bed"],
        dry=sound["dry"],
        loudness=sound["loudness"],
        stems=tuple(sound["stems"]),
        **given,
    )


def _require(name: str, places: list[Path]) -> Path:
    if (found := _look_for(name, places)) is None:
        raise UsageError(f"the dub was made with {name}, which is not beside the film: put it there", file=name)
    return found


def dubbed_audio(film: Path, job: Job | None, source_language: str) -> int:
    """Index of the stream of a film that was dubbed; without its request, of the one that would be.

    Raises:
        MediaError: the file cannot be read, or has no such stream.
    """
    stream = None if job is None else job.stream
    return media.choose_audio(film, media.probe(film), stream, source_language or None, ())[0].index


def delivered_original(film: Path) -> int | None:
    """Index of the original sound in a delivered film, which lies behind the dub; None where it has the dub alone.

    Raises:
        MediaError: the file cannot be read.
    """
    audio = [stream.index for stream in media.probe(film).streams if stream.kind == "audio"]
    return audio[1] if len(audio) > 1 else None
