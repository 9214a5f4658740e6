"""Direct the voice of a dub: from how the actor says a phrase to how its translation is to be said.

Height, range and level go over as they lie to the speaker's other phrases. How a sentence ends is a matter of the
target language (`language/questions.py`): a question rises where questions of its kind rise there. Emphasis goes to the
word that the translator linked to the emphasised one. Everything is bounded, so that the voice stays itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from ..data import Candidate, Manner, Phrase, PhraseProsody, Plan, Segment, Span, Transcript, Translation
from ..language.questions import plain_end, question_kind
from .guide import NO_GUIDES, Guide, over

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

Direct = Callable[[Plan, Sequence[Phrase]], tuple[Manner, ...]]
"""(plan, its phrases as they are given to the synthesizer) -> the manner of each; none for the voice's own."""

DEFAULT_STRENGTH = 0.0
GUIDED_STRENGTH = 1.0
"""Of a line that a person read as a guide: it was read for that."""
HEIGHT_ST = 4.0
"""Furthest that a phrase is wished above or below the voice's usual pitch."""
RANGE_STEP, RANGE = 1.25, (0.7, 1.5)
"""The factor of the range for each standard deviation, and its bounds."""
EFFORT = 2.0
"""Most standard deviations of level that are passed on as effort."""
LEVEL_DB = 6.0
"""Furthest that a phrase is made louder or quieter than its line."""
GOOD_PART = 0.3
"""Of the longest."""
RISE_ST = 2.0
"""An end this much higher than what is before it is a rise: less is no tune (t'Hart 1981: changes under 3 semitones are
rarely told apart in speech, and the measure loses a part of them)."""
HIGHEST_ST = 5.0
"""The furthest final rise that is taken over from an actor."""


def director(
    transcript: Transcript,
    translation: Translation,
    prosody: Sequence[PhraseProsody],
    strength: float,
    guides: Mapping[str, Guide] = NO_GUIDES,
) -> Direct | None:
    """Who tells the synthesizer how each line is to be said; None at strength 0 without guides, where every voice reads
    its own way.

    Args:
        transcript: who says what, when.
        translation: with the links between words.
        prosody: of the transcript's phrases.
        strength: 0 to 1.
        guides: segment -> the reading that leads it, in the place of its actor.
    """
    if not strength and not guides:
        return None
    segments = {s.id: s for s in transcript.segments}
    lines = {line.segment: line for line in translation.lines}
    measured: dict[str, list[PhraseProsody]] = {}
    for phrase in prosody:
        measured.setdefault(phrase.segment, []).append(phrase)

    def direct(plan: Plan, spoken: Sequence[Phrase]) -> tuple[Manner, ...]:
        guide = guides.get(plan.segment)
        followed = GUIDED_STRENGTH if guide else strength
        own = measured.get(plan.segment)
        if guide:
            own = list(over(guide, plan.phrases[0].span.start_ms, plan.phrases[-1].span.end_ms))
        if not own or not followed:
            return ()
        candidate = lines[plan.segment].candidates[plan.chosen]
        heard = [_blend(p.span, own) for p in plan.phrases]
        finals = _finals([p.text for p in plan.phrases], heard, translation.language)
        stressed = _emphasised(plan, spoken, segments[plan.segment], candidate, own)
        mean_db = sum(h.louder_db for h in heard) / len(heard)
        return tuple(
            Manner(
                strength=followed,
                height_st=round(_within(h.height_st, -HEIGHT_ST, HEIGHT_ST), 1),
                range=round(_within(RANGE_STEP**h.range_z, *RANGE), 2),
                effort=round(_within(h.level_z, -EFFORT, EFFORT), 1),
                level_db=round(_within(h.louder_db - mean_db, -LEVEL_DB, LEVEL_DB), 1),
                final_st=final,
                emphasis=word,
            )
            for h, final, word in zip(heard, finals, stressed)
        )

    return direct


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _blend(span: Span, own: Sequence[PhraseProsody]) -> PhraseProsody:
    """What of the source is said where a phrase of the dub lies: the mean of its phrases by their share of the time,
    and the end of the last that has a good part of it.
    """
    shares = [p.span.overlap_ms(span) for p in own]
    if not any(shares):
        return min(own, key=lambda p: abs(p.span.start_ms - span.start_ms))

    def mean(name: str, needs_pitch: bool) -> float:
        known = [(s, p) for s, p in zip(shares, own) if s and (p.pitch_hz or not needs_pitch)]
        total = sum(s for s, _ in known)
        return sum(s * float(getattr(p, name)) for s, p in known) / total if total else 0.0

    last = [p for s, p in zip(shares, own) if s > GOOD_PART * max(shares)][-1]
    return PhraseProsody(
        last.segment, span, last.pitch_hz, 0.0, 0.0, last.final_st,
        height_st=mean("height_st", True), louder_db=mean("louder_db", False),
        range_z=mean("range_z", True), level_z=mean("level_z", False),
    )  # fmt: skip


# --- how it ends -----------------------------------------------------------------------------------------------------


def _finals(texts: Sequence[str], heard: Sequence[PhraseProsody], language: str) -> list[float | None]:
    return [
        asked_end(" ".join(texts[: n + 1]), h if h.pitch_hz else None, language)
        for n, (_, h) in enumerate(zip(texts, heard))
    ]


def asked_end(said: str, heard: PhraseProsody | None, language: str) -> float | None:
    """How the text up to here is to end: a question by the rule of its language, where that falls by the actor if the
    actor's rises; a rise of the actor as a rise; all else as the voice has it.

    Args:
        said: the line up to the end of the phrase.
        heard: how the actor says it; None where nobody was heard.
        language: that is spoken.

    Returns:
        semitones of the end against what is before it; None for the voice's own way.
    """
    end = heard.final_st if heard is not None else None
    height = round(min(end, HIGHEST_ST), 1) if end is not None and end >= RISE_ST else None
    kind = question_kind(said, language)
    if kind is None:
        return height
    plain = plain_end(kind, language)
    if kind == "yes-no" or (plain or 0) > 0:
        return plain if height is None or plain is None else max(plain, height)
    return height or plain


# --- which word stands out -------------------------------------------------------------------------------------------


def _emphasised(
    plan: Plan, spoken: Sequence[Phrase], segment: Segment, candidate: Candidate, own: Sequence[PhraseProsody]
) -> list[int]:
    """For each phrase which of its spoken words stands out; -1 where none does, or where nobody knows which it is."""
    found = [-1] * len(plan.phrases)
    if len(segment.words) != len(segment.text.split()):
        return found
    wanted = {b for p in own for a, b in candidate.links if a == p.emphasis}
    at = 0
    for n, phrase in enumerate(plan.phrases):
        words = phrase.text.split()
        inside = [b - at for b in sorted(wanted) if at <= b < at + len(words)]
        if inside:
            found[n] = _spoken_index(words, max(inside, key=lambda i: len(words[i])), spoken[n].text)
        at += len(words)
    return found


def _spoken_index(words: Sequence[str], index: int, spoken: str) -> int:
    """Where a word of a text is in what is spoken for it; -1 where it is said by other words."""
    said = re.findall(r"\S*\w\S*", spoken)
    if len(said) == len(words):
        return index
    match = SequenceMatcher(None, [w.casefold() for w in words], [w.casefold() for w in said], autojunk=False)
    places = {a + i: b + i for a, b, size in match.get_matching_blocks() for i in range(size)}
    return places.get(index, -1)


# --- how loud --------------------------------------------------------------------------------------------------------


def level_phrases(samples: Samples, rate: int, heard: Sequence[Span], manners: Sequence[Manner]) -> Samples:
    """The take with its phrases as loud to each other as they were wished, changing over in the pauses.

    Args:
        samples: of the take, mono.
        rate: samples a second.
        heard: where each phrase is.
        manners: of each.
    """
    import numpy as np

    if len(heard) < 2 or len(heard) != len(manners):
        return samples
    parts = [samples[s.start_ms * rate // 1000 : s.end_ms * rate // 1000].astype(np.float64) for s in heard]
    own = np.array([10 * np.log10((part**2).mean() + 1e-9) if len(part) else -90.0 for part in parts])
    wished = np.array([m.level_db for m in manners])
    off = (wished - wished.mean()) - (own - own.mean())
    gains = np.array([m.strength for m in manners]) * np.clip(off, -LEVEL_DB, LEVEL_DB)
    edges, values = [], []
    for span, gain in zip(heard, gains):
        edges += [span.start_ms * rate / 1000, span.end_ms * rate / 1000]
        values += [gain, gain]
    curve = np.interp(np.arange(len(samples)), edges, values)
    levelled: Samples = (samples * 10 ** (curve / 20)).astype(np.float32)
    return levelled
