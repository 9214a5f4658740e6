"""The request for a run, with all defaults; validated and normalised on construction.

Over 400 lines: every option of a request and every check of one is looked up in one place.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from .delivery.notices import check_notice
from .delivery.request_json import RequestJson
from .delivery.variants import check_variant, variant_folder
from .deprecated import deprecated_names
from .engines import ROLES
from .errors import MediaError, UsageError
from .isochrony.expression import DEFAULT_STRENGTH
from .isochrony.placement import TIMINGS
from .language.gender import GENDERS
from .language.tags import canonical_language, find_tag, is_region, read_target, with_region
from .runtime.device import KINDS
from .runtime.version import __version__
from .sound.bed import BED_METHODS
from .sound.loudness import loudness_target
from .subtitles import profiles
from .timedtext.formats import check_formats
from .transcription.supplied import is_supplied_text

SUBTITLES = frozenset(".srt .vtt .ass .ssa .ttml .dfxp .imsc .scc .stl .sbv".split())
STEMS = ("speakers",)
DELIVERED = ("video", "mix", "stems", "srt", "report", "clips")
"""Files of a dub that can be left out; those of JSON, which other commands read, cannot."""
DELIVERABLE = (*DELIVERED, "flac")
"""What `--deliver` takes: these files, and mix and stems as FLAC."""
PURPOSES = ("dub", "trailer", "ad")
MOST_SPEAKERS = 50


@dataclass(frozen=True, slots=True)
class Job:
    """One request. Construction normalises it (texts become paths, tags canonical) and checks it; no file is opened,
    except a profile's table where `profile` names one.

    Args:
        input: media, a subtitle file or a master.json.
        to: target languages, BCP 47 tags or names.
        output: folder for the results; None for `localized/<name>`.
        variant: a name for this dub beside the main one, in `variants/<variant>` of the folder; None for the main one.
        source_language: a tag or name; None to detect it.
        stream: index of the audio stream, its language, or "a:1" for the second; None to choose the dialogue that can
            be translated.
        voices: speaker -> voice id, or "original" to leave a speaker undubbed.
        speakers: how many people speak; None to find out.
        recast: voice id -> the voice id that speaks in its place, wherever it would be heard.
        purpose: what is made: "dub", "trailer" or "ad"; grants name theirs.
        notice: how the audience is told that voices are synthesized: "screen", "spoken".
        cast: the file with the people of a series: read if it is there, new people are added.
        edits: a person's corrections.
        review: a review.json, whose decisions hold; None for the one in the output folder, where there is one.
        review_required: with `strict`, every line must be approved in the review.
        transcript: a subtitle file, a script (TXT, DOCX, XLSX, CSV, Fountain, FDX) or a master.json in place of
            recognition.
        translation: the same for translation, or a translator's XLIFF file.
        encoding: of given subtitle files and texts, such as "cp1250"; None to find it out.
        glossary: terms, and registers: TSV (source<TAB>target, or @S1>S2<TAB>register; or with a row of headings), XLSX
            or TBX.
        memory: translation memories, TMX or XLIFF.
        style: the title's style sheet (TOML).
        pronunciation: TSV file: word<TAB>another spelling or /IPA/, and a language it holds for alone.
        engines: role -> "name" or "name:model".
        device: what engines compute on: "auto", "cpu" or "cuda".
        registers: speaker, or "S1>S2" where one speaks to another -> how they address people ("tu", "usted"…), "*" for
            anybody.
        genders: speaker, by id or name -> "female" or "male", how they speak of themselves; "unknown" to leave their
            lines as translated. Without it the voice says.
        regions: target language -> where its speakers are at home ("MX", "419"), where its tag said so.
        profile: of the subtitles.
        recut: cut given cues anew by the profile, instead of keeping their times, places and marks.
        renderings: more profiles, each written beside them in files named `NAME.LANG.PROFILE.FMT`.
        formats: of the subtitles.
        timing: how closely a dub follows its source: "strict", "natural", "free", or "lips": strict where the picture
            shows the speaker's lips, free where it does not.
        relaxed: speakers and segments that need not follow it, because nobody sees them speak.
        held: speakers and segments that follow it strictly, whatever `timing` says.
        expression: how far voices take over how the actors say their lines, 0 (each its own way) to 1.
        strict: end with an error where the result falls short.
        draft: leave out every measurement of the finished dub.
        burn: also make a film with the subtitles drawn into the picture.
        me: a studio's music and effects, to lie under the dub as they are.
        bed: "separate" the original voice from what is under it, or "duck" it for voice-over.
        dry: leave the room of the source's voices out of the dub.
        loudness: "source", a platform's name ("netflix", "ebu", "web"), or LUFS.
        stems: what is delivered beside dialogue and bed: "speakers".
        deliver: the files wanted of a dub: "video", "mix" (WAV), "stems" (dialogue and bed), "srt", "report" (HTML),
            "clips" (of every line, for the page to play); "flac" for mix and stems as FLAC in place of WAV.

    Raises:
        UsageError: a value of the wrong kind, one that nobody offers, or two that exclude each other; the message names
            the option as the command line calls it.
    """

    input: Path
    to: tuple[str, ...] = ()
    output: Path | None = None
    source_language: str | None = None
    stream: int | str | None = None
    voices: Mapping[str, str] = field(default_factory=dict)
    speakers: int | None = None
    recast: Mapping[str, str] = field(default_factory=dict)
    purpose: str = "dub"
    notice: tuple[str, ...] = ()
    cast: Path | None = None
    edits: Path | None = None
    review: Path | None = None
    review_required: bool = False
    transcript: Path | None = None
    translation: Path | None = None
    encoding: str | None = None
    glossary: Path | None = None
    memory: tuple[Path, ...] = ()
    style: Path | None = None
    pronunciation: Path | None = None
    engines: Mapping[str, str] = field(default_factory=dict)
    device: str = "auto"
    registers: Mapping[str, str] = field(default_factory=dict)
    genders: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    profile: str = "netflix"
    recut: bool = False
    renderings: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("srt",)
    timing: str = "strict"
    relaxed: tuple[str, ...] = ()
    strict: bool = False
    draft: bool = False
    burn: bool = False
    me: Path | None = None
    bed: str = "separate"
    dry: bool = False
    loudness: str = "source"
    stems: tuple[str, ...] = ()
    deliver: tuple[str, ...] = DELIVERED
    variant: str | None = None
    expression: float = DEFAULT_STRENGTH
    held: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for names, normalize in _KINDS.items():
            for name in names.split():
                object.__setattr__(self, name, normalize(_OPTIONS.get(name, f"--{name}"), getattr(self, name)))
        targets = [read_target(find_tag(named)) for named in self.to]
        _refuse_repeated(targets)
        found = {language: region for language, region in targets if region}
        object.__setattr__(self, "regions", MappingProxyType({**self.regions, **found}))
        object.__setattr__(self, "to", tuple(language for language, _ in targets))
        if self.source_language:
            object.__setattr__(self, "source_language", canonical_language(find_tag(self.source_language)))
        _check_languages(self)
        _check_regions(self)
        _check_choices(self)
        _check_subtitles(self)

    def __hash__(self) -> int:
        values = (getattr(self, f.name) for f in fields(self))
        return hash(tuple(frozenset(v.items()) if isinstance(v, Mapping) else v for v in values))

    def __reduce__(self) -> tuple[Callable[..., Job], tuple[dict[str, Any]]]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return _job_from, ({name: dict(v) if isinstance(v, Mapping) else v for name, v in values.items()},)

    @property
    def name(self) -> str:
        """Base name of the result files: the input's name without its suffix."""
        name = self.input.name.removesuffix(".master.json")
        stem = Path(name).stem if name == self.input.name else name
        if self.input.suffix.lower() in SUBTITLES:
            stem = re.sub(r"\.[a-z]{2,3}$", "", stem)  # film.en.srt is called film
        return stem.lstrip("-.") or "untitled"

    @property
    def folder(self) -> Path:
        """The output folder."""
        main = self.output if self.output is not None else Path("localized") / self.name
        return variant_folder(main, self.variant)

    @property
    def read_files(self) -> tuple[Path, ...]:
        """Every file that the request names and a run reads but never writes, the input first."""
        given = (getattr(self, name) for name in GIVEN_FILES if name != "cast")
        tables = (Path(name.partition("#")[0]) for name in (self.profile, *self.renderings))
        return (
            self.input, *(path for path in given if path is not None), *self.memory,
            *(path for path in tables if path.suffix.lower() == ".toml"),
        )  # fmt: skip

    def spoken_tag(self, language: str) -> str:
        """A target language with the region it was asked for with: "es" -> "es-MX"; grants can be for one region."""
        return with_region(language, self.regions.get(language, ""))


def _job_from(values: dict[str, Any]) -> Job:
    """Rebuild a job that was pickled."""
    return Job(**values)


def named_folders(job: Job) -> frozenset[str]:
    """The folders of all files that a request names, and that of its results, each as it is named."""
    paths = (job.folder / job.name, *job.memory, *(getattr(job, f.name) for f in fields(job)))
    return frozenset(str(path.parent) for path in paths if isinstance(path, Path)) - {"."}


GIVEN_FILES = ("edits", "review", "transcript", "translation", "glossary", "style", "pronunciation", "me", "cast")


def request_json(job: Job, sha256: str) -> RequestJson:
    """The content of job.json.

    Args:
        job: the request.
        sha256: of its input.
    """
    given: dict[str, Any] = {name: path.name for name in GIVEN_FILES if (path := getattr(job, name))}
    if job.memory:
        given["memory"] = [path.name for path in job.memory]
    asked: RequestJson = {
        "schema": 1,
        "input": job.input.name,
        "sha256": sha256,
        "to": list(job.to),
        "regions": dict(job.regions),
        "from": job.source_language,
        "purpose": job.purpose,
        "stream": job.stream,
        "voices": dict(job.voices),
        "recast": dict(job.recast),
        "notice": list(job.notice),
        "speakers": job.speakers,
        "genders": dict(job.genders),
        "registers": dict(job.registers),
        "engines": dict(job.engines),
        "encoding": job.encoding,
        "profile": job.profile,
        "recut": job.recut,
        "renderings": list(job.renderings),
        "formats": list(job.formats),
        "timing": {"mode": job.timing, "relax": list(job.relaxed), "hold": list(job.held)},
        "expression": job.expression,
        "draft": job.draft,
        "deliver": list(job.deliver),
        "burn": job.burn,
        "sound": {"bed": job.bed, "dry": job.dry, "loudness": job.loudness, "stems": list(job.stems)},
        "version": __version__,
    }
    if job.variant is not None:
        given["variant"] = job.variant
    return cast("RequestJson", {**asked, **given})


def option_words(option: str, value: Any) -> list[str]:
    """An option and its value as the words of a command line; a switch that is on has none beside its name."""
    if value is True:
        return [option]
    if isinstance(value, Mapping):
        return [word for key, item in value.items() for word in (option, f"{key}={item}")]
    if isinstance(value, tuple):
        return [word for item in value for word in (option, str(item))]
    return [option, str(value)]


# --- values to their kinds -------------------------------------------------------------------------------------------

_OPTIONS = {
    "input": "INPUT", "output": "-o", "source_language": "--from", "voices": "--voice", "engines": "--engine",
    "formats": "--format", "registers": "[register]", "genders": "--gender", "regions": "regions",
    "relaxed": "[timing] relax", "held": "[timing] hold", "review_required": "[review] required",
}  # fmt: skip
"""What the command line or `localize.toml` calls a field; the others are called like the field."""


def _path(option: str, value: Any) -> Path | None:
    if value is None and option != "INPUT":
        return None
    if not isinstance(value, (str, os.PathLike)) or not str(value):
        raise UsageError(f"{option} takes a path, not {value!r}")
    return Path(value)


def _text(option: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{option} takes a text, not {value!r}")
    return value


def _text_or_none(option: str, value: Any) -> str | None:
    return None if value is None else _text(option, value)


def _texts(option: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_text(option, value),)
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise UsageError(f"{option} takes several texts, not {value!r}")
    return tuple(_text(option, item) for item in value)


def _table(option: str, value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{option} takes pairs of texts, not {value!r}")
    return MappingProxyType({_text(option, key): _text(option, item) for key, item in value.items()})


def _flag(option: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{option} is true or false, not {value!r}")
    return value


def _paths(option: str, value: Any) -> tuple[Path, ...]:
    if isinstance(value, (str, os.PathLike)):
        value = (value,)
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise UsageError(f"{option} takes paths, not {value!r}")
    found = tuple(_path(option, item) for item in value)
    return tuple(path for path in found if path is not None)


def _count(option: str, value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise UsageError(f"{option} takes a number from 0 up, not {value!r}")
    return value


def _share(option: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise UsageError(f"{option} takes a number from 0 to 1, not {value!r}")
    return float(value)


def _stream(option: str, value: Any) -> int | str | None:
    """An index, "a:1" or a language."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    if isinstance(value, str) and value.isdecimal() and len(value) < 5:
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"a:\d{1,3}|[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", value):
        return value
    raise UsageError(f"{option} takes an index, a language or a:1, not {value!r}")


_KINDS: dict[str, Callable[[str, Any], Any]] = {
    "input output cast edits review transcript translation glossary style pronunciation me": _path,
    "memory": _paths,
    "purpose profile timing bed device loudness": _text,
    "source_language encoding variant": _text_or_none,
    "to notice formats renderings relaxed held stems deliver": _texts,
    "voices recast engines registers genders regions": _table,
    "strict draft burn dry recut review_required": _flag,
    "speakers": _count,
    "expression": _share,
    "stream": _stream,
}


# --- what can be seen to be wrong without any work --------------------------------------------------------------------


def _refuse_repeated(targets: Sequence[tuple[str, str]]) -> None:
    """Refuse a language that is named twice: its results would have the same names."""
    languages = [language for language, _ in targets]
    for language in languages:
        if languages.count(language) > 1:
            named = sorted({with_region(language, region) for own, region in targets if own == language})
            if len(named) == 1:
                raise UsageError(f"--to names {language} twice: name it once")
            raise UsageError(
                f"--to names {language} twice, as {' and '.join(named)}: dub one with --variant, by itself"
            )


def _check_languages(job: Job) -> None:
    if job.source_language in job.to and len(job.to) == 1 and job.translation is None:
        raise UsageError(
            f"{job.input.name} would go from {job.source_language} to {job.source_language}: name another --to"
        )
    if job.translation is not None and len(job.to) > 1:
        raise UsageError("--translation holds one language: give one --to with it")


def _check_regions(job: Job) -> None:
    for language, region in job.regions.items():
        if not re.fullmatch(r"[A-Z]{2}|\d{3}", region) or not is_region(region):
            raise UsageError(f"regions: {region!r} of {language} is no region: give a code such as MX or 419")


def _check_choices(job: Job) -> None:
    if job.variant is not None:
        check_variant(job.variant)
    for option, wished, offered in (
        ("--timing", (job.timing,), TIMINGS),
        ("--bed", (job.bed,), BED_METHODS),
        ("--stems", job.stems, STEMS),
        ("--deliver", job.deliver, DELIVERABLE),
        ("--purpose", (job.purpose,), PURPOSES),
        ("--device", (job.device,), KINDS),
        ("--gender", tuple(job.genders.values()), (*GENDERS, "unknown")),
    ):
        _check_offered(option, wished, offered)
    if unknown := sorted(set(job.engines) - set(ROLES)):
        raise UsageError(f"--engine {unknown[0]}=…: the roles are {', '.join(ROLES)}")
    if job.draft and job.strict:
        raise UsageError("--strict judges what --draft does not measure: leave one of them out")
    if job.speakers is not None and not 1 <= job.speakers <= MOST_SPEAKERS:
        raise UsageError(f"--speakers is a number from 1 to {MOST_SPEAKERS}, not {job.speakers}")
    if job.speakers is not None and job.transcript is None and job.cast is None:
        for who in (*job.voices, *job.genders):
            if re.fullmatch(r"S\d{1,3}", who) and int(who[1:]) > job.speakers:
                raise UsageError(
                    f"nobody is called {who} where --speakers {job.speakers}: they are S1 to S{job.speakers}"
                )
    for option, given in (("--voice", job.voices), ("--gender", job.genders)):
        _refuse_two_of_one(option, given)
    check_notice(job.notice, job.to)
    loudness_target(job.loudness)


def _refuse_two_of_one(option: str, given: Mapping[str, str]) -> None:
    """Refuse a speaker who is named twice in other letters, as S1 and s1: which of them counts could not be told."""
    seen: dict[str, str] = {}
    for who, value in given.items():
        before = seen.setdefault(unicodedata.normalize("NFC", who).casefold(), who)
        if given[before] != value:
            raise UsageError(
                f"{option} gives {before} and {who}, who are one, {given[before]} and {value}: give one of them",
                speaker=who,
            )


def _check_offered(option: str, wished: Sequence[str], offered: Sequence[str]) -> None:
    if unknown := [name for name in wished if name not in offered]:
        raise UsageError(f"{option} takes {', '.join(offered)}, not {unknown[0]!r}")


def _check_subtitles(job: Job) -> None:
    wanted = (job.profile, *job.renderings)
    for language in job.to or ("en",):
        for profile in wanted:
            profiles.load(profile, language)
    labels = [profiles.label(profile) for profile in wanted]
    if repeated := sorted({label for label in labels if labels.count(label) > 1}):
        raise UsageError(f"--profile names {repeated[0]} twice")
    check_formats(job.formats)
    if "clips" in job.deliver and "report" not in job.deliver:
        raise UsageError("--deliver clips is for the page of the report: add report to it, or leave clips out")
    if "flac" in job.deliver and not {"mix", "stems"} & {*job.deliver} and not job.stems:
        raise UsageError("--deliver flac says how mix and stems are written: add mix or stems to it")
    if "screen" in job.notice and not {"video", "srt"} & {*job.deliver}:
        raise UsageError("--notice screen stands in film and subtitles: add video or srt to --deliver")
    if job.burn and "video" not in job.deliver:
        raise UsageError("--burn draws into the film: add video to --deliver")
    if job.burn and is_supplied_text(job.input):
        raise UsageError(f"--burn draws into a picture, and {job.input} has none: give the film")


def check_given_files(job: Job) -> None:
    """Refuse files that are not there.

    Raises:
        MediaError: naming the file.
    """
    for path in (job.input, job.transcript, job.translation, job.me):
        if path is not None and not path.exists():
            raise MediaError(_absent(path), file=str(path))
        if path is not None and path.is_dir():
            raise MediaError(f"{path} is a folder: give one file, or use 'localize batch'", file=str(path))


def _absent(path: Path) -> str:
    if ":/" in str(path):
        return f"{path} is an address, and nothing is downloaded: get the file, and give its path"
    if path.is_symlink():
        return f"{path} is a link to {path.readlink()}, which is not there: mount its disk, or link it anew"
    return f"{path} does not exist: check its name, and the folder you are in"


if not TYPE_CHECKING:  # no type checker shall take every name for granted
    __getattr__ = deprecated_names(
        __name__,
        {
            "CONFIG": "localize.config:CONFIG",
            "configured": "localize.config:apply_configuration",
            "read_edits": "localize.transcription.edits:read_edits",
            "read_json": "localize.runtime.reading:read_json",
        },
    )
