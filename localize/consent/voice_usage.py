"""Usage of voices and fees owed: written to the ledger at synthesis and delivery, summed from the ledger."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from ..data import Take
from ..errors import StoreError
from ..language.tags import main_language
from ..runtime.files import sha256_of
from ..runtime.spreadsheet import escape_formula
from . import ledger
from .home import Home


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage of one grant in one title.

    Args:
        voice: the voice's id.
        grant: the grant's id.
        title: as given to `note_synthesis`.
        languages: that were spoken.
        lines: how many takes.
        spoken_ms: their length in all.
        amount: owed for them, to the cent, as a decimal; "" where the grant has no rate.
        currency: of the amount.
    """

    voice: str
    grant: str
    title: str
    languages: tuple[str, ...]
    lines: int
    spoken_ms: int
    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the ledger says of a delivered film.

    Args:
        voices: voice -> ids of the segments it speaks.
        purpose: that the voices were granted for; "" in records of 0.1.
        tag: BCP 47 tag that they were granted for, with its region; "" in records of 0.1.
        source: name of the file it was made from.
        source_sha256: of its bytes; "" in records of 0.1.
        parents: of each blend among the voices, those it is made of.
        recorded: the voices that are heard in recordings of their people alone.
    """

    voices: Mapping[str, tuple[str, ...]]
    purpose: str = ""
    tag: str = ""
    source: str = ""
    source_sha256: str = ""
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    recorded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A delivered file in which a voice is heard.

    Args:
        file: its name.
        sha256: of its bytes as delivered.
        at: when, UTC.
        title: of the film.
        language: of the dub.
        segments: ids of the lines the voice speaks in it.
        replaced_by: SHA-256 of the latest file of that name, title and language, made without the voice; "" for none.
        replaced_at: when that was delivered.
        folder: where it was delivered.
    """

    file: str
    sha256: str
    at: str
    title: str
    language: str
    segments: tuple[str, ...]
    replaced_by: str
    replaced_at: str
    folder: str


def note_synthesis(home: Home, title: str, language: str, takes: Iterable[Take]) -> None:
    """Record spoken lines in the ledger, which of them a person recorded among it: one record for each grant.

    Args:
        home: whose ledger.
        title: of the film, as it was given to `check`.
        language: that was spoken.
        takes: what was newly spoken; for takes from the store see `note_reused`.

    Raises:
        StoreError: the ledger cannot be written.
    """
    entries = _synthesis_records(title, language, takes)
    if entries:
        ledger.append_all(home, entries)


def note_reused(home: Home, title: str, language: str, takes: Iterable[Take]) -> None:
    """Record takes that a title reuses from the store and that were not yet counted for it: they are owed there too.

    Args:
        home: whose ledger.
        title: of the film.
        language: of the dub.
        takes: all that is heard in it.

    Raises:
        StoreError: the ledger cannot be written.
    """
    counted: Counter[str] = Counter()
    for record in ledger.records_of_kind(home, "synthesis", title):
        if record.get("title") == title and record.get("language") == language:
            counted.update(str(name) for name in record.get("audio", ()))
    fresh = []
    for take in takes:
        if counted[take.audio.sha256] > 0:
            counted[take.audio.sha256] -= 1
        else:
            fresh.append(take)
    entries = _synthesis_records(title, language, fresh)
    if entries:
        ledger.append_all(home, entries)


def _synthesis_records(title: str, language: str, takes: Iterable[Take]) -> list[tuple[str, dict[str, Any]]]:
    """One record for each voice and grant."""
    groups: dict[tuple[str, str], list[Take]] = {}
    for take in takes:
        groups.setdefault((take.voice, take.grant), []).append(take)
    return [
        (
            "synthesis",
            {
                "voice": voice,
                "grant": grant,
                "title": title,
                "language": language,
                "spoken_ms": sum(take.duration_ms for take in group),
                "segments": [take.segment for take in group],
                "audio": [take.audio.sha256 for take in group],
                **_recorded(group),
            },
        )
        for (voice, grant), group in groups.items()
    ]


def _recorded(takes: Sequence[Take]) -> dict[str, Any]:
    """Segment -> SHA-256 of the recording as it was given, of those takes that are recorded."""
    found = {take.segment: take.recorded for take in takes if take.recorded}
    return {"recorded": found} if found else {}


def note_deliverable(
    home: Home,
    path: Path,
    *,
    title: str,
    language: str,
    lines: Mapping[str, Sequence[str]],
    parents: Mapping[str, Sequence[str]] | None = None,
    folder: Path | None = None,
    purpose: str = "",
    tag: str = "",
    source: str = "",
    source_sha256: str = "",
    recorded: Sequence[str] = (),
) -> str:
    """Record a delivered file in the ledger; call it when the file is complete and signed.

    Args:
        home: whose ledger.
        path: the file. Its name and hash are kept.
        title: of the film.
        language: of the dub.
        lines: for each voice in it, the ids of the segments it speaks.
        parents: of each blend among them, the voices it is made of: they are heard in it.
        folder: where it is delivered to, for the takedown list; None for the folder it lies in.
        purpose: that its voices were granted for.
        tag: BCP 47 tag that they were granted for, with its region.
        source: name of the file it was made from.
        source_sha256: of that file's bytes.
        recorded: the voices that are heard in recordings of their people alone.

    Returns:
        The file's SHA-256.

    Raises:
        StoreError: the file cannot be read or the ledger cannot be written.
    """
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be read to note it in the ledger: {error.strerror}") from error
    said = {"purpose": purpose, "tag": tag, "source": source, "source_sha256": source_sha256}
    ledger.append(
        home,
        "deliverable",
        file=path.name,
        folder=str((folder or path.parent).absolute()),
        sha256=digest,
        title=title,
        language=language,
        voices={voice: list(segments) for voice, segments in lines.items()},
        **({"parents": {blend: list(names) for blend, names in parents.items()}} if parents else {}),
        **{name: text for name, text in said.items() if text},
        **({"recorded": sorted(recorded)} if recorded else {}),
    )
    return digest


def find_delivered(home: Home, sha256: str, title: str, language: str) -> Delivered | None:
    """What the ledger says of a file that this home delivered, by its bytes; None for any other file.

    Args:
        home: whose ledger.
        sha256: of the file.
        title: of the film, as it was dubbed under.
        language: of the dub, with its region or without.

    Raises:
        StoreError: the ledger is not in order.
    """
    for record in reversed(ledger.read(home)):
        same = (record["kind"], record.get("sha256"), record.get("title")) == ("deliverable", sha256, title)
        if same and main_language(str(record.get("language"))) == main_language(language):
            said = {name: str(record.get(name, "")) for name in ("purpose", "tag", "source", "source_sha256")}
            heard = {voice: tuple(ids) for voice, ids in _lines_by_voice(record).items()}
            parents = {blend: tuple(names) for blend, names in record.get("parents", {}).items()}
            recorded = tuple(map(str, record.get("recorded", ())))
            return Delivered(heard, **said, parents=parents, recorded=recorded)
    return None


def usage(home: Home, since: date | None = None, until: date | None = None) -> tuple[Usage, ...]:
    """Spoken time and the amount owed, for each voice, grant and title.

    Args:
        home: whose ledger.
        since: first day, UTC; None for the beginning.
        until: last day, UTC; None for no end.

    Raises:
        StoreError: the ledger is not in order; nobody is paid by a ledger that was edited.
    """
    rates: dict[str, tuple[str, str]] = {}
    spoken: dict[tuple[str, str, str], tuple[dict[str, None], int, int]] = {}
    for record in ledger.each(home):
        if record["kind"] == "grant":
            rates[record["grant"]] = (record.get("rate", ""), record.get("currency", ""))
        if record["kind"] != "synthesis" or not _within(record["at"], since, until):
            continue
        key = (record["voice"], record["grant"], record["title"])
        languages, lines, length = spoken.get(key, ({}, 0, 0))
        languages[record["language"]] = None
        spoken[key] = (languages, lines + len(record["segments"]), length + record["spoken_ms"])
    return tuple(
        Usage(voice, grant, title, tuple(languages), lines, length, *_fee(length, *rates.get(grant, ("", ""))))
        for (voice, grant, title), (languages, lines, length) in spoken.items()
    )


def impact(home: Home, voice_id: str) -> tuple[Made, ...]:
    """Every delivered file that a voice is heard in, in order of time: the takedown list of a revoked voice.

    A voice is heard in the blends made of it, too.

    Raises:
        StoreError: the ledger is not in order.
    """
    made = [record for record in ledger.each(home) if record["kind"] == "deliverable"]
    latest = {_place(record): record for record in made}
    found = []
    for record in made:
        segments = _lines_heard(record, voice_id)
        if segments is None:
            continue
        last = latest[_place(record)]
        gone = _lines_heard(last, voice_id) is None
        found.append(
            Made(
                file=record["file"],
                sha256=record["sha256"],
                at=record["at"],
                title=record["title"],
                language=record["language"],
                segments=segments,
                replaced_by=last["sha256"] if gone else "",
                replaced_at=last["at"] if gone else "",
                folder=record.get("folder", ""),
            )
        )
    return tuple(found)


def clips_beside(found: Iterable[Made]) -> tuple[Path, ...]:
    """Folders with clips of single lines beside the reports of these files: in no ledger, and heard all the same."""
    named = (Path(entry.folder, f"{entry.title}.{entry.language}.clips") for entry in found if entry.folder)
    return tuple(folder for folder in dict.fromkeys(named) if folder.is_dir())


def _lines_heard(record: Mapping[str, Any], voice_id: str) -> tuple[str, ...] | None:
    """The lines in which a voice is heard, itself or in a blend; None where it is not."""
    lines, parents = _lines_by_voice(record), record.get("parents", {})
    heard = [ids for voice, ids in lines.items() if voice == voice_id or voice_id in parents.get(voice, ())]
    return tuple(dict.fromkeys(i for ids in heard for i in ids)) if heard else None


def _lines_by_voice(record: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Each voice's lines; a record that lists voices only has all its lines for each."""
    voices = record.get("voices", [])
    if isinstance(voices, dict):
        return {voice: tuple(segments) for voice, segments in voices.items()}
    return dict.fromkeys(voices, tuple(record.get("segments", ())))


def _place(record: Mapping[str, str]) -> tuple[str, str, str]:
    return record["title"], record["language"], record["file"]


def totals(found: Iterable[Usage]) -> dict[str, str]:
    """What is owed in each currency: the sum of the rows, to the cent."""
    sums: dict[str, Decimal] = {}
    for entry in found:
        if entry.amount:
            sums[entry.currency] = sums.get(entry.currency, Decimal(0)) + Decimal(entry.amount)
    return {currency: f"{amount:f}" for currency, amount in sorted(sums.items())}


def table(rows: Sequence[Usage] | Sequence[Made], kind: type[Usage] | type[Made]) -> str:
    """Rows as CSV (RFC 4180) with a heading; lists are joined by blanks.

    A cell that a spreadsheet would take for a formula is given an apostrophe: titles come from outside.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    names = [f.name for f in fields(kind)]
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in names])
    return text.getvalue()


def _cell(value: object) -> str:
    text = " ".join(value) if isinstance(value, tuple) else str(value)
    return escape_formula(text)


def _within(at: str, since: date | None, until: date | None) -> bool:
    day = date.fromisoformat(at[:10])
    return (since is None or day >= since) and (until is None or day <= until)


def _fee(length_ms: int, rate: str, currency: str) -> tuple[str, str]:
    if not rate:
        return "", ""
    amount = Decimal(length_ms) / 60_000 * Decimal(rate)
    return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):f}", currency
