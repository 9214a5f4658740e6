"""report.json as records: figures, lines, sound, subtitles and costs of one dub."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..data import PhraseOnScreen, PhraseProsody
from ..errors import UsageError
from ..runtime.records import from_json, to_json
from ..runtime.upgrades import present_schema, upgraded
from ..speakers.casting import Role
from ..subtitles.caption import SubtitleReport
from ..translation.adherence import ResourcesReport
from ..translation.review import Review

KIND = "report.json"


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one dub.

    Args:
        lines: dubbed.
        overlap: time heard in both source and dub over time heard in either, 0 to 1; None without lines.
        on_time: % of the lines that start and end within `ON_TIME_MS` of the source.
        start_ms: how far starts are off, median and 95th percentile.
        talk_over_ms: how long two lines of the dub are heard at once where the source's are not.
        fast_lines: % of the lines spoken over `planner.FAST` times their natural pace.
        max_rate: of the fastest line.
        overflow: lines that do not fit.
        wer: word error rate of a recogniser on the stem, 0 to 1; None where it does not support the language.
        dnsmos: of the dialogue stem (Reddy et al. 2022, overall).
        loudness_lufs: of the mix (ITU-R BS.1770-4).
        source_loudness_lufs: of the original.
        true_peak_dbtp: of the mix.
        subtitles_all_pass: language -> % of the cues that pass every rule.
        subtitles_conform: all of them do, in all languages.
        shortened: language -> lines written shorter than said.
        review: the lines that a person should read first, the riskiest before the others.
        likely_wrong: lines whose translation is likelier wrong than right; None where that was not measured.
        lag_ms: of the line that the delivered film moves farthest against its original, measured on that file as
            players present it; None without a film, or where no line is found in it. Times above have it in them.
        lines_in_film: lines for which that was measured.
        sounds_kept: sounds of voices without words that are heard as in the source; None where none were looked for.
        sounds_lost: those that a dubbed line takes the place of.
        sounds_covered: of those that are kept, how many a dubbed voice speaks over, if only for a part.
    """

    lines: int
    overlap: float | None
    on_time: float | None
    start_ms: tuple[int, int] | None
    talk_over_ms: int
    fast_lines: float | None
    max_rate: float | None
    overflow: int
    wer: float | None
    dnsmos: float | None
    loudness_lufs: float
    source_loudness_lufs: float
    true_peak_dbtp: float
    subtitles_all_pass: dict[str, float | None] = field(default_factory=dict)
    subtitles_conform: bool = True
    shortened: dict[str, int] = field(default_factory=dict)
    review: tuple[str, ...] = ()
    likely_wrong: int | None = None
    lag_ms: int | None = None
    lines_in_film: int = 0
    sounds_kept: int | None = None
    sounds_lost: int = 0
    sounds_covered: int = 0


@dataclass(frozen=True, slots=True)
class SubtitleSummary:
    """The figures of one language of `subs`; as in `Summary`."""

    segments: int
    subtitles_all_pass: dict[str, float | None]
    subtitles_conform: bool
    shortened: dict[str, int]
    review: tuple[str, ...] = ()
    likely_wrong: int | None = None


@dataclass(frozen=True, slots=True)
class LineReport:
    """One dubbed line: what is heard, when, and why so.

    Args:
        segment: id.
        speaker: id.
        voice: id.
        text: spoken.
        read_back: what a recogniser made of the line; None where it was not run.
        rate: natural length over length used.
        fit: "exact", "stretched" or "overflow".
        start_error_ms: dub minus source.
        end_error_ms: dub minus source.
        source: [start, end] in ms of each phrase of the source.
        dub: the same of the dub.
        overlap: of this line, as in `Summary`.
        candidate: number of the wording chosen.
        rule: that made it, "" for the translator's own.
        instead_of: the best wording, where another was chosen.
        reason: for people.
        spoken: the words as they were given to the synthesizer, numbers and symbols as they are said; "" in reports of
            0.1.
        risk: how likely its translation needs a person's eye, 0 to 1; None for a line that a person wrote.
        doubts: why.
        source_text: what the source says; "" in reports of 0.1.
        prosody: how the actor says each phrase; none where nobody measured.
        recorded: SHA-256 of the recording that is heard, as a person gave it; "" where the line is synthesized.
        guide: SHA-256 of the reading by a person that its pauses and tune follow; "" for none.
        on_screen: whether each phrase is seen spoken; none where nobody looked.
    """

    segment: str
    speaker: str
    voice: str
    text: str
    read_back: str | None
    rate: float
    fit: str
    start_error_ms: int
    end_error_ms: int
    source: tuple[tuple[int, int], ...]
    dub: tuple[tuple[int, int], ...]
    overlap: float
    candidate: int
    rule: str
    instead_of: str | None
    reason: str
    spoken: str = ""
    risk: float | None = None
    doubts: tuple[str, ...] = ()
    source_text: str = ""
    prosody: tuple[PhraseProsody, ...] = ()
    recorded: str = ""
    guide: str = ""
    on_screen: tuple[PhraseOnScreen, ...] = ()


@dataclass(frozen=True, slots=True)
class VocalSoundReport:
    """A sound of a voice without words, and what became of it.

    Args:
        kind: "laugh", "cry", "scream", "cough", "sneeze", "breath", "groan", "crowd"; "unsure" for a line that is
            written as a sound ("Ha ha ha!") and was not heard as one alone.
        span: [start, end] in ms.
        written: how the recogniser wrote it down, or the line.
        kept: it is heard as in the source, in the source's own voice; else a line is dubbed over it.
        covered_ms: how long a dubbed voice speaks while it is heard.
    """

    kind: str
    span: tuple[int, int]
    written: str
    kept: bool
    covered_ms: int = 0


@dataclass(frozen=True, slots=True)
class DeliveredSound:
    """The mix as the film's encoder made it."""

    loudness_lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True)
class RoomReport:
    """The acoustics that a speaker's dub was put into: reverberation, and gain in dB by band (Hz)."""

    rt60_ms: int
    eq_db: dict[str, float]


@dataclass(frozen=True, slots=True)
class SoundReport:
    """How the sound was made and what was measured of it.

    Args:
        bed: how it came about.
        loudness: what was asked for.
        dialogue_lufs: where dialogue is heard, after the film's encoder; None where nothing is.
        delivered: the mix as encoded.
        rooms: by speaker ("S1"), and by speaker and scene ("S1 from 83.2 s") where that scene has a room of its own.
    """

    bed: str
    loudness: str
    dialogue_lufs: float | None
    delivered: DeliveredSound
    rooms: dict[str, RoomReport]


@dataclass(frozen=True, slots=True)
class StageCost:
    """What one stage took: seconds, results found in the store, results made, processor seconds of all threads, and the
    most memory the process had until then, in MiB.
    """

    name: str
    language: str
    seconds: float
    hits: int
    made: int
    cpu_seconds: float = 0.0
    peak_mb: int = 0


@dataclass(frozen=True, slots=True)
class RunWarning:
    """One warning of a run."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class WatermarkReport:
    """Which engine marked the dialogue ("none" for none), and how surely the mark is found again in the mix."""

    engine: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What platforms and archives ask about a dub.

    Args:
        synthetic_voices: somebody is heard who never said it.
        machine_translation: no person translated it.
        tag: what the container's comment says.
        platforms: platform -> field of its upload call -> value.
    """

    synthetic_voices: bool
    machine_translation: bool
    tag: str
    platforms: dict[str, dict[str, bool]]


@dataclass(frozen=True, slots=True)
class Report:
    """report.json: what was really made, measured on the files.

    Args:
        language: dubbed into.
        source_language: dubbed from; "" in reports of 0.1.
        duration_ms: of the source.
        summary: the figures of the whole.
        sound: how the mix came about.
        engines: role -> what did the work.
        cast: who speaks with which voice, and why.
        lines: each dubbed line.
        consent: voice id -> what its use rests on: a licence, a spoken statement, or a paper nobody verified.
        disclosure: what platforms and archives ask about a dub.
        watermark: of the dialogue.
        subtitles: language -> how they came about.
        film_refused: why there is no film although the source has a picture.
        stages: what each stage took.
        warnings: everything the run warned of.
        version: of localize, that wrote it.
        resources: what became of glossary, translation memories and style sheet.
        review: the lines to be read first; None where every line was given.
        expression: how far voices took over how the actors say their lines, 0 to 1.
        vocal_sounds: laughs, sobs and other sounds of voices without words.
    """

    language: str
    duration_ms: int
    summary: Summary
    sound: SoundReport
    engines: dict[str, str]
    cast: tuple[Role, ...]
    lines: tuple[LineReport, ...]
    consent: dict[str, str] = field(default_factory=dict)
    disclosure: Disclosure | None = None
    watermark: WatermarkReport = WatermarkReport("none", None)
    subtitles: dict[str, SubtitleReport] = field(default_factory=dict)
    film_refused: str | None = None
    renderings: dict[str, dict[str, SubtitleReport]] = field(default_factory=dict)
    stages: tuple[StageCost, ...] = ()
    warnings: tuple[RunWarning, ...] = ()
    version: str = ""
    resources: ResourcesReport = field(default_factory=ResourcesReport)
    review: Review | None = None
    source_language: str = ""
    expression: float = 0.0
    vocal_sounds: tuple[VocalSoundReport, ...] = ()

    def json(self) -> dict[str, Any]:
        """The content of report.json."""
        return {"schema": present_schema(KIND), **to_json(self)}


def read_report(data: Any, name: str) -> Report:
    """A report.json of this or an earlier schema.

    Args:
        data: the file's content, parsed.
        name: of the file, for messages.

    Raises:
        UsageError: it is no report, or one of a later schema.
    """
    try:
        return from_json(Report, upgraded(KIND, data, name), lenient=True)
    except ValueError as error:
        raise UsageError(f"{name} is no report that can be read: {error}", file=name) from error
