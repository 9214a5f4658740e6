"""What every package of a dub shares: the films that lie in its folder, consent asked again, the list of files, its
signature and the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import consent
from ..errors import MediaError, UsageError
from ..media import KEEPS_CONTAINER, Probe, identify, probe, require_unchanged
from ..provenance import Facts, Signer, VoiceFact, sign
from ..provenance.listing import LISTING, write_listing
from ..runtime.files import atomic_folder, disk_errors, read_json
from ..runtime.records import to_json
from ..runtime.upgrades import upgraded
from ..runtime.version import __version__
from ..subtitles import profiles
from ..transcription.master import Master, open_master
from . import disclosure
from .packaged_voices import ask_again, find_film
from .report import RunWarning

NAMES = {
    "ar": "العربية", "ca": "Català", "de": "Deutsch", "en": "English", "es": "Español", "fr": "Français",
    "gl": "Galego", "hi": "हिन्दी", "it": "Italiano", "ja": "日本語", "ko": "한국어", "nl": "Nederlands", "pl": "Polski",
    "pt": "Português", "ru": "Русский", "zh": "中文",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Film:
    """One dubbed film of the folder: its first audio stream is the dub, its second the original."""

    path: Path
    language: str
    found: Probe


@dataclass(frozen=True, slots=True)
class Track:
    """One audio rendition: the film it lies in and its index among that film's audio streams."""

    film: int
    index: int
    language: str
    name: str
    folder: str
    codec: str
    channels: int
    default: bool = False
    generated: bool = False


@dataclass(frozen=True, slots=True)
class PackagedSound:
    """A sound that a player offers; `default` is the one it starts with."""

    language: str
    name: str
    default: bool


@dataclass(frozen=True, slots=True)
class PackagedSubtitles:
    """Subtitles that a player offers.

    Args:
        language: BCP 47 tag.
        name: what a player shows.
        forced: only what must be read.
        sdh: for the deaf and hard of hearing.
        profile: the rules it was cut by, where several of one language are offered.
    """

    language: str
    name: str
    forced: bool
    sdh: bool
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Presentation:
    """A package; `master` is the file to open: the playlist of HLS, or the page with the player."""

    master: Path
    audio: tuple[PackagedSound, ...]
    subtitles: tuple[PackagedSubtitles, ...]
    warnings: tuple[RunWarning, ...]

    def json(self) -> dict[str, Any]:
        """What `localize package --json` prints."""
        lists = {name: to_json(getattr(self, name)) for name in ("audio", "subtitles", "warnings")}
        return {"schema": 1, "master": str(self.master), **lists}


@dataclass(frozen=True, slots=True)
class Packaged:
    """The folder of a dub while it is packaged.

    Args:
        stem: what its files are called.
        master: the words in all languages.
        request: its job.json; empty where that is gone.
        films: the dubbed films, first the one that a player starts with.
        draft: where the package is made.
    """

    stem: str
    master: Master
    request: Mapping[str, Any]
    films: tuple[Film, ...]
    draft: Path

    @property
    def profile(self) -> str:
        """The rules the dub's subtitles were made by, as far as they show everything that is said."""
        name = self.request.get("profile", "netflix")
        whole = isinstance(name, str) and name in profiles.names() and not profiles.load(name, "en").forced
        return str(name) if whole else "netflix"


@contextmanager
def packaging(folder: Path, name: str, home: consent.Home | None, signer: Signer | None) -> Iterator[Packaged]:
    """Make `folder/name` whole or not at all; one that is there already is replaced.

    Consent is asked again for every voice that is heard, and after the body the files are listed and signed, and the
    ledger notes them: a voice that was revoked since the dub is not packaged, and a later revocation names what was.

    Args:
        folder: where `localize dub` delivered.
        name: of the package.
        home: whose grants and ledger; None for the user's own.
        signer: signs the list of files; None for the home's own key.

    Raises:
        UsageError: no dubbed film lies there, or it cannot be known whose voices are heard.
        ConsentError: a voice may not be used any more, or is not known here.
        MediaError: a film cannot be read, or changed meanwhile.
        StoreError: the disk is full or cannot be written.
    """
    stem, master = _master(folder)
    request = _read_request(folder, stem)
    films = _films(folder, stem, master, request)
    sources = [identify(film.path) for film in films]
    home = home or consent.Home.open()
    dubs = {film.language: find_film(home, folder, stem, film.path, film.language) for film in films}
    grants = ask_again(home, stem, request, dubs)
    with disk_errors(str(folder / name)), atomic_folder(folder / name, replace=lambda: True) as draft:
        yield Packaged(stem, master, request, tuple(films), draft)
        facts = _facts(home, stem, request, master.sheet.transcript.language, grants, dubs)
        _sign(home, signer or Signer.open(home), facts, folder / name, draft, stem, dubs)
        for source in sources:
            require_unchanged(source)
        for asked in grants.values():  # the last look before the folder is in place
            consent.confirm(home, asked.values())


# --- what there is ---------------------------------------------------------------------------------------------------


def _master(folder: Path) -> tuple[str, Master]:
    found = sorted(folder.glob("*.master.json")) if folder.is_dir() else []
    if len(found) != 1:
        many = f"{len(found)} dubs lie in it" if found else "there is no master.json"
        raise UsageError(f"{folder} cannot be packaged, {many}: give the folder of one 'localize dub'")
    name = found[0].name.removesuffix(".master.json")
    return name, open_master(found[0])


def _films(folder: Path, stem: str, master: Master, request: Mapping[str, Any]) -> list[Film]:
    films = []
    for target in master.targets:
        language = target.translation.language
        paths = [folder / f"{stem}.{language}{suffix}" for suffix in KEEPS_CONTAINER]
        for path in (path for path in paths if path.is_file()):
            found = probe(path)
            sounds = [s for s in found.streams if s.kind == "audio"]
            if len(sounds) < 2 or not any(s.kind == "video" and not s.cover for s in found.streams):
                raise MediaError(
                    f"{path} is no film that 'localize dub' made: it lacks a picture, a dub or the original"
                )
            films.append(Film(path, language, found))
            break
    if not films:
        wanted = ", ".join(f"{stem}.{t.translation.language}.mp4" for t in master.targets) or f"{stem}.es.mp4"
        raise UsageError(
            f"{folder} holds no dubbed film ({wanted}): make one with 'localize dub FILM --to … -o {folder}'"
        )
    # The dub named first on the command line is what a player starts with.
    first = request.get("to") or []
    order = {language: index for index, language in enumerate(first) if isinstance(language, str)}
    return sorted(films, key=lambda film: order.get(film.language, len(order)))


def list_tracks(films: Sequence[Film], source: str) -> list[Track]:
    """Every sound that a player offers: the dubs, and the original at the end."""
    tracks = []
    for number, film in enumerate(films):
        dub, original = [s for s in film.found.streams if s.kind == "audio"][:2]
        name = NAMES.get(film.language, film.language)
        tracks.append(
            Track(
                number,
                0,
                film.language,
                f"{name} (AI)",
                f"audio-{film.language}",
                dub.codec,
                dub.channels,
                number == 0,
                generated=True,
            )
        )
        if number == len(films) - 1:
            name = f"{NAMES.get(source, source)} (original)"
            first = [s for s in films[0].found.streams if s.kind == "audio"][1]
            tracks.append(Track(0, 1, source, name, "audio-original", first.codec, original.channels))
    return tracks


def _read_request(folder: Path, stem: str) -> dict[str, Any]:
    """The job.json of the last run, where it is still there."""
    try:
        name = f"{stem}.job.json"
        return upgraded("job.json", read_json(folder / name, 1_000_000), name)
    except (UsageError, ValueError):
        return {}


# --- consent and proof -----------------------------------------------------------------------------------------------


def _facts(
    home: consent.Home,
    stem: str,
    request: Mapping[str, Any],
    source_language: str,
    grants: Mapping[str, Mapping[str, consent.Grant]],
    dubs: Mapping[str, consent.Delivered],
) -> Facts:
    """What the manifest of the list says; of the source, what the ledger says where it does."""
    known = next((dub for dub in dubs.values() if dub.source_sha256), None)
    voices = {grant.voice.id: grant for asked in grants.values() for grant in asked.values()}
    return Facts(
        title=LISTING,
        language=", ".join(grants),
        source_language=source_language,
        source_name=known.source if known else str(request.get("input") or stem),
        source_sha256=known.source_sha256 if known else str(request.get("sha256") or ""),
        engines=(),
        voices=tuple(VoiceFact.of(grant, grant.request.recorded) for grant in voices.values()),
        version=__version__,
        translated=not request.get("translation"),
        ledger=consent.ledger.anchor(home),
    )


def _sign(
    home: consent.Home,
    signer: Signer,
    facts: Facts,
    folder: Path,
    draft: Path,
    stem: str,
    dubs: Mapping[str, consent.Delivered],
) -> None:
    """List the files, sign the list, and note it in the ledger for each dub with its voices."""
    path = write_listing(draft, {"title": stem, "languages": list(dubs), "disclosure": disclosure.TAG})
    sign(path, facts, signer, into=path, beside=True)
    for language, dub in dubs.items():
        consent.note_deliverable(
            home, path, title=stem, language=language, lines=dub.voices, parents=dub.parents, folder=folder,
            purpose=dub.purpose, tag=dub.tag, source=dub.source, source_sha256=dub.source_sha256,
        )  # fmt: skip
