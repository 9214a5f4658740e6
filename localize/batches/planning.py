"""What a batch is made of: the films of a folder or of a list, each with the files that lie beside it for it.

Beside `e01.mp4` these are found by their names, where the request names no others:

- `e01.en.srt`, or other subtitles or a script named so: the words of the source, or, where the language is the one
  target, their translation;
- `e01.me.wav`: music and effects.

And for all films of a folder: `cast.toml`, `glossary.tsv` (.xlsx, .tbx), `style.toml`, `pronunciation.tsv`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..events import name_some
from ..job import Job
from ..scripts import is_script
from ..timedtext.encoding import language_in
from ..transcription.supplied import is_supplied_text
from .dash import dash_pieces
from .lists import LISTS, read_list
from .neighbours import EFFECTS, Neighbours, effects_of, is_media, normal, segments_of

SHARED = {
    "cast": ("cast.toml",),
    "glossary": ("glossary.tsv", "glossary.xlsx", "glossary.tbx"),
    "style": ("style.toml",),
    "pronunciation": ("pronunciation.tsv",),
}
"""Option -> the names of a file for all films of a folder."""
UNREAD = frozenset({".json", ".csv"})
"""Suffixes of files beside a film that may be anything: they are named on the command line, or in a list."""


@dataclass(frozen=True, slots=True)
class Title:
    """One film of a batch.

    Args:
        name: its folder below the output folder, which no other title has.
        job: what is asked for it.
        beside: option -> the file found for it by its name.
        unused: files beside it that were taken for nothing, each with the reason.
    """

    name: str
    job: Job
    beside: Mapping[str, Path] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def plan_titles(
    job: Job, root: Path, *, include: str = "*", exclude: Sequence[str] = (), recursive: bool = False
) -> list[Title]:
    """The films of a batch in the order of their names, or of the list, with what lies beside them.

    Args:
        job: what each film is asked for; its `input` is a folder, or a list of films (.csv, .json).
        root: of the results; films below it are no films of the batch.
        include: which names; a name is that of the file, or its path below the folder.
        exclude: which names are passed over, of films and of what lies beside them.
        recursive: also films in the folders of the folder, but for hidden ones and links.

    Raises:
        UsageError: no such folder or list, no film in it, a list that names what is not there or what no film can be
            asked for.
    """
    if not job.to and job.input.suffix.lower() not in LISTS:
        raise UsageError("name the languages to dub into, such as --to es,pt")
    known: dict[Path, Neighbours] = {}
    said = ""
    if job.input.is_file() and job.input.suffix.lower() in LISTS:
        jobs = [one for one in read_list(job) if fnmatch(one.input.name, include) and not _among(one.input, exclude)]
        where = job.input.parent
    elif job.input.is_dir():
        films, known, said = _films(job.input, root, include, exclude, recursive=recursive)
        where = job.input
        jobs = [replace(job, input=path) for path in films]
    else:
        raise UsageError(
            f"{job.input} is not a folder, nor a list of films ({', '.join(LISTS)}): use 'localize dub' for one file"
        )
    if not jobs:
        held = "lists no film" if job.input.is_file() else "holds no media file"
        rest = f"; {said}" if said else ""
        raise UsageError(f"{job.input} {held} that matches {include!r}: look at what is in it, and at --include{rest}")
    names = folder_names(where, [one.input for one in jobs])
    titles = [_with_sidecars(Title(name, one), exclude, known) for name, one in zip(names, jobs)]
    if said:
        titles[0] = replace(titles[0], unused=(*titles[0].unused, said))
    shared = _shared_files(where, job, exclude)
    return [_placed(title, shared, root) for title in titles]


def title_called(titles: Sequence[Title], name: str) -> Title:
    """The title of a name, or of a number from 1: "2" or "#2".

    Raises:
        UsageError: no title is called so, or one is and another has this number.
    """
    named = next((n for n, title in enumerate(titles, 1) if title.name == name), 0)
    number = next((n for n in range(1, len(titles) + 1) if name in (str(n), f"#{n}")), 0)
    if named and number not in (0, named):
        raise UsageError(
            f"{name} is the name of one title and the number of another, {titles[number - 1].name}: "
            f"say #{named} or #{number}, as 'localize batch --list' does"
        )
    if not (found := named or number):
        raise UsageError(f"no title is called {name!r}: 'localize batch --list' names them, from 1 to {len(titles)}")
    return titles[found - 1]


def title_words(titles: Sequence[Title]) -> list[str]:
    """What `title_called` finds each title by: its name, but for one that is the number of another."""
    numbers = {word: n for n in range(1, len(titles) + 1) for word in (str(n), f"#{n}")}
    return [f"#{n}" if numbers.get(title.name, n) != n else title.name for n, title in enumerate(titles, 1)]


def _placed(title: Title, shared: Mapping[str, Path], root: Path) -> Title:
    """A title with the files for all films, where it names no others, and a folder for its results."""
    taken: dict[str, Any] = {option: path for option, path in shared.items() if not _asked(title.job, option)}
    return replace(title, job=replace(title.job, output=root / title.name, **taken), beside={**taken, **title.beside})


def _asked(job: Job, option: str) -> bool:
    return bool(getattr(job, option))


# --- a folder --------------------------------------------------------------------------------------------------------


def _films(
    folder: Path, root: Path, include: str, exclude: Sequence[str], *, recursive: bool
) -> tuple[list[Path], dict[Path, Neighbours], str]:
    """Its media files, but for music and effects of another one, pieces of streams and what earlier dubs left there, in
    the order of their names; what lies in each folder; and what is said of pieces.
    """
    known = {one.folder: one for one in _folders(folder, root.resolve(), recursive=recursive)}
    found: list[Path] = []
    for inside in known.values():
        stems = {normal(path.stem) for path in inside.media}
        found += [path for path in inside.media if effects_of(Path(path.name)) not in stems]
    chosen = sorted(
        path
        for path in found
        if (fnmatch(path.name, include) or fnmatch(path.relative_to(folder).as_posix(), include))
        and not _among(path, exclude, folder)
    )
    places = {Path(os.path.normpath(path)): path for path in chosen}
    streams = {one: _pieces_of(one, places.keys()) for inside in known.values() for one in inside.playlists}
    pieces = {places[piece] for own in streams.values() for piece in own}
    films = [path for path in chosen if path not in pieces]
    named = [playlist.relative_to(folder).as_posix() for playlist, own in streams.items() if own]
    count = len(chosen) - len(films)
    said = [f"{count} files are pieces of streams, and no films, by {name_some(sorted(named))}"] if count else []
    if forks := sorted(name for inside in known.values() for name in inside.forks if is_media(name)):
        said.append(f"{len(forks)} files are notes of macOS, and no films: {name_some(forks)}")
    return films, known, "; ".join(said)


def _pieces_of(playlist: Path, films: Collection[Path]) -> frozenset[Path]:
    """Which of some films are only pieces of a stream, by a playlist of HLS or a manifest of DASH."""
    if playlist.suffix.lower() == ".mpd":
        return dash_pieces(playlist, films)
    return segments_of(playlist).intersection(films)


def _folders(folder: Path, results: Path, *, recursive: bool) -> Iterator[Neighbours]:
    inside = Neighbours(folder)
    yield inside
    for path in inside.folders if recursive else ():
        if not path.name.startswith(".") and path.resolve() != results:
            yield from _folders(path, results, recursive=True)


def _among(path: Path, patterns: Sequence[str], folder: Path | None = None) -> bool:
    names = [path.name] if folder is None else [path.name, path.relative_to(folder).as_posix()]
    return any(fnmatch(name, pattern) for name in names for pattern in patterns)


def folder_names(where: Path | None, paths: Sequence[Path]) -> list[str]:
    """A folder for the results of every film, named after it: with its suffix where two share a name, below folders
    named as those it lies in (`where` None: below none).
    """
    inside = [Path() if where is None else _place_below(where, path) for path in paths]
    plain = [parent / Job(path).name for parent, path in zip(inside, paths)]
    shared = Counter(normal(str(name)) for name in plain)  # on some disks, those that differ in case are one
    taken: set[str] = set()
    found = []
    for path, parent, name in zip(paths, inside, plain):
        wished = name if shared[normal(str(name))] == 1 else parent / path.name.lstrip("-.")
        folder, number = wished, 1
        while normal(str(folder)) in taken:
            number += 1
            folder = wished.with_name(f"{wished.name}-{number}")
        taken.add(normal(str(folder)))
        found.append(folder.as_posix())
    return found


def _place_below(where: Path, path: Path) -> Path:
    """The folders between a folder and a film in it, as the film is named, whether it is a link or not; none for a film
    that lies elsewhere.
    """
    for parent, folder in ((path.parent, where), (path.parent.resolve(), where.resolve())):
        with suppress(ValueError):
            if ".." not in (found := parent.relative_to(folder)).parts:
                return found
    return Path()


# --- what lies beside a film -----------------------------------------------------------------------------------------


def _with_sidecars(title: Title, exclude: Sequence[str], known: dict[Path, Neighbours]) -> Title:
    """A title with the files beside its film that its request names no others for.

    Args:
        title: of which nothing but its request is known.
        exclude: which names are passed over.
        known: folder -> what lies in it, of those that were looked at.
    """
    job = title.job
    parent = job.input.parent
    if not parent.is_dir():
        return title
    neighbours = known.get(parent) or known.setdefault(parent, Neighbours(parent))
    beside = [(path, kind) for path, kind in neighbours.named_after(job.input) if not _among(path, exclude)]
    made = [path.name for path, _ in beside if path.name in neighbours.results and _is_usable(path)]
    beside = [(path, kind) for path, kind in beside if path.name not in neighbours.results]
    effects, words, unused = _by_use(beside, job.input)
    if made:
        unused.append(f"{name_some(made)}: of an earlier dub, and neither a film nor given for this one")
    found: dict[str, Any] = {}
    wanted = (
        ("me", effects),
        ("translation", [path for path, tag in words if job.to == (tag,)]),
        ("transcript", [path for path, tag in words if tag not in job.to and job.source_language in (None, tag)]),
    )
    for option, paths in wanted:
        if _asked(job, option):
            unused += [f"{path.name}: --{option} is given" for path in paths]
        elif len(paths) == 1:
            found[option] = paths[0]
        elif paths:
            unused.append(f"{', '.join(path.name for path in paths)} could each be its --{option}: give one of them")
    placed = {path for _, paths in wanted for path in paths}
    unused += [_why_not(path, tag, job) for path, tag in words if path not in placed]
    unused += [
        f"{path.name}: not taken, since a dot does not part its name from {job.input.stem!r}: call it "
        f"{job.input.stem}.LANGUAGE{path.suffix}"
        for path in neighbours.nearly_named_after(job.input)
        if _holds_words(path) and not _among(path, exclude)
    ]
    return replace(title, job=replace(job, **found), beside=found, unused=tuple(unused))


def _by_use(beside: Sequence[tuple[Path, str]], film: Path) -> tuple[list[Path], list[tuple[Path, str]], list[str]]:
    """Of the files named after a film, each with what stands before its suffix: music and effects; words, each with its
    language; what is said of the others.
    """
    effects: list[Path] = []
    words: list[tuple[Path, str]] = []
    unused: list[str] = []
    for path, kind in beside:
        if _leads_out(path):
            unused.append(f"{path.name} is a link out of its folder: name it in a list of films")
        elif kind == EFFECTS and is_media(path.name):
            effects.append(path)
        elif not _holds_words(path):
            continue
        elif "forced" in kind.split("."):
            unused.append(f"{path.name}: forced subtitles hold a few of the words alone")
        elif tag := language_in(f"film.{kind}{path.suffix}"):
            words.append((path, tag))
        else:
            unused.append(f"{path.name} says no language in its name, as {film.stem}.en{path.suffix} would")
    return effects, words, unused


def _is_usable(path: Path) -> bool:
    return is_media(path.name) or _holds_words(path)


def _holds_words(path: Path) -> bool:
    """Whether a file is subtitles or a script by its name."""
    return path.suffix.lower() not in UNREAD and (is_supplied_text(path) or is_script(path))


def _why_not(path: Path, tag: str, job: Job) -> str:
    if tag in job.to:
        return f"{path.name}: a translation is taken where there is one target language"
    return f"{path.name} is in {tag}, the film in {job.source_language}"


def _shared_files(where: Path, job: Job, exclude: Sequence[str]) -> dict[str, Path]:
    """Option -> the file for all films of a folder; refused where there are two."""
    found = {}
    for option, names in SHARED.items():
        there = [path for name in names if (path := where / name).is_file() and not _among(path, exclude)]
        if len(there) > 1 and not _asked(job, option):
            raise UsageError(f"{there[0]} and {there[1].name} could each be the --{option}: give one of them")
        if there and not _asked(job, option):
            if _leads_out(there[0]):
                raise UsageError(f"{there[0]} is a link out of its folder: give what is meant with --{option}")
            found[option] = there[0]
    return found


def _leads_out(path: Path) -> bool:
    """A link to what lies elsewhere: the folder may be anybody's, and the file not theirs to name."""
    return path.is_symlink() and path.resolve().parent != path.parent.resolve()
