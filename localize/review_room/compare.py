"""Two variants of a dub, line by line: which lines differ, what each says, and what is heard of either.

Whoever compares blind gets the two as A and B, in an order that is drawn for each line and each person, and stays: it
is taken from a hash of the title, the pair, the line and the name. Neither words nor addresses of the page then say
which is which.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..delivery.report import LineReport
from ..delivery.variants import EQUAL, find_variant, is_variant
from ..errors import UsageError
from ..review import Event, Review, replay
from .dub_folder import ReviewedDub, read_dub

SIDES = ("A", "B")
AROUND_MS = 300
"""Heard before and after a line."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two variants that somebody compares.

    Args:
        names: of the two, as they were asked for.
        dubs: the two.
        language: of both.
        blind: whether their names are hidden.
        who: compares them.
    """

    names: tuple[str, str]
    dubs: tuple[ReviewedDub, ReviewedDub]
    language: str
    blind: bool
    who: str

    def offered(self, line: str) -> tuple[str, str]:
        """The two names in the order in which they are offered for a line."""
        drawn = "\n".join((self.dubs[0].title, *sorted(self.names), self.language, line, self.who))
        turned = self.blind and hashlib.sha256(drawn.encode()).digest()[0] % 2
        first, second = self.names
        return (second, first) if turned else (first, second)

    def side(self, line: str, side: str) -> ReviewedDub:
        """The dub that is offered as A or B for a line."""
        return self.dubs[self.names.index(self.offered(line)[SIDES.index(side)])]


def open_pair(folder: Path, names: Sequence[str], language: str, *, blind: bool, who: str) -> Pair:
    """Two variants of the dub in a folder.

    Args:
        folder: of the main dub.
        names: of the two; "main" for the main one.
        language: target language.
        blind: whether their names are hidden.
        who: compares them.

    Raises:
        UsageError: there is no such variant, or none of it in that language; the two are the same, or of another film.
        MediaError: a file of one cannot be read.
    """
    first, second = names
    if first == second or not (is_variant(first) and is_variant(second)):
        raise UsageError("two variants are compared: name two that differ")
    dubs = (read_dub(find_variant(folder, first)), read_dub(find_variant(folder, second)))
    for name, dub in zip((first, second), dubs):
        if language not in dub.languages:
            raise UsageError(f"the variant {name} has no dub in {language}: it has {', '.join(dub.languages)}")
    if dubs[0].title != dubs[1].title:
        raise UsageError(f"{dubs[0].title} and {dubs[1].title} are no variants of one film")
    return Pair((first, second), dubs, language, blind, who)


def pair_json(pair: Pair, review: Review) -> dict[str, Any]:
    """What the page needs to compare two variants.

    Lines that only one of them has, or whose source differs, cannot be compared, and those that sound alike need not:
    both are counted.
    """
    reports = [{line.segment: line for line in dub.reports[pair.language].lines} for dub in pair.dubs]
    chosen = _chosen(pair, review)
    lines, alike, apart = [], 0, 0
    segments = [{s.id: s for s in dub.master.sheet.transcript.segments} for dub in pair.dubs]
    for name, segment in segments[0].items():
        both = [found.get(name) for found in reports]
        other = segments[1].get(name)
        if both[0] is None or both[1] is None or other is None or other.text != segment.text:
            apart += 1
        elif _as_heard(both[0]) == _as_heard(both[1]):
            alike += 1
        else:
            said = dict(zip(pair.names, (both[0], both[1])))
            lines.append(
                {
                    "id": name,
                    "speaker": pair.dubs[0].master.sheet.names.get(segment.speaker, segment.speaker),
                    "start_ms": segment.span.start_ms,
                    "source": segment.text,
                    "sides": [_side_json(said[variant], variant, pair) for variant in pair.offered(name)],
                    "chosen": chosen.get(name),
                }
            )
    apart += len(segments[1].keys() - segments[0].keys())
    return {"lines": lines, "alike": alike, "apart": apart, "names": [] if pair.blind else list(pair.names)}


def _as_heard(line: LineReport) -> tuple[object, ...]:
    return line.text, line.voice, line.dub, line.rate, line.spoken


def _side_json(line: LineReport, variant: str, pair: Pair) -> dict[str, Any]:
    """One side; of a blind one only what is heard: rates and voices would tell which it is."""
    found: dict[str, Any] = {"text": line.text}
    if not pair.blind:
        found |= {"variant": variant, "voice": line.voice, "rate": line.rate, "fit": line.fit}
    return found


def _chosen(pair: Pair, review: Review) -> dict[str, dict[str, Any]]:
    """Line -> the last choice of this person between the two, and whether either says something else by now."""
    said = dict(zip(pair.names, (_texts(dub, pair.language) for dub in pair.dubs)))
    found = {}
    for event in replay(review.lines, review.events).choices:
        if event.who != pair.who or event.language != pair.language or set(event.between) != set(pair.names):
            continue
        offered = pair.offered(event.line)
        side = EQUAL if event.prefers == EQUAL else SIDES[offered.index(event.prefers)]
        old = any(said[variant].get(event.line) != text for variant, text in event.said.items())
        found[event.line] = {"number": event.number, "side": side, "old": old}
    return found


def _texts(dub: ReviewedDub, language: str) -> Mapping[str, str]:
    return {line.segment: line.text for line in dub.reports[language].lines}


def choice(pair: Pair, line: str, side: str) -> Event:
    """The decision that one side of a line is better, or neither.

    Args:
        pair: that was compared.
        line: id.
        side: "A", "B" or "equal".

    Raises:
        UsageError: there is no such line in both, or no such side.
    """
    said = {name: _texts(dub, pair.language) for name, dub in zip(pair.names, pair.dubs)}
    if side not in (*SIDES, EQUAL) or any(line not in texts for texts in said.values()):
        raise UsageError(f"a choice is of a line that both variants say, and A, B or {EQUAL}")
    offered = pair.offered(line)
    return Event(
        "prefer",
        line=line,
        language=pair.language,
        between=offered,
        prefers=EQUAL if side == EQUAL else offered[SIDES.index(side)],
        said={name: texts[line] for name, texts in said.items()},
        blind=pair.blind,
    )


def excerpt(pair: Pair, line: str, side: str) -> bytes:
    """What is heard of a line on one side, as a WAV file; both sides begin and end at the same time of the film.

    Raises:
        UsageError: there is no such line or side, or the dub was delivered without its sound.
    """
    import soundfile

    if side not in SIDES:
        raise UsageError("a side is A or B")
    spans = [
        (start, end)
        for dub in pair.dubs
        for one in dub.reports[pair.language].lines
        if one.segment == line
        for start, end in (*one.source, *one.dub)
    ]
    dub = pair.side(line, side)
    path = dub.delivered(f"{pair.language}.wav") or dub.delivered(f"{pair.language}.dialogue.wav")
    if path is None or not spans:
        raise UsageError(f"{line} cannot be heard: its sound was not delivered; dub again with 'mix' in --deliver")
    start, end = min(a for a, _ in spans) - AROUND_MS, max(b for _, b in spans) + AROUND_MS
    with soundfile.SoundFile(path) as file:
        rate = file.samplerate
        first = min(max(0, start) * rate // 1000, file.frames)
        file.seek(first)
        samples = file.read(max(0, end * rate // 1000 - first), dtype="int16")
    made = io.BytesIO()
    soundfile.write(made, samples, rate, format="WAV", subtype="PCM_16")
    return made.getvalue()
