"""The scene of each sentence, for translators that read scenes: what is said around it, by whom, its terms and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..data import SceneLine, Segment, Span
from ..isochrony.synthesize import SYLLABLE_MS
from .entities import GuardedSentence
from .sentences import ModelText, Sentence

AROUND = 3
"""Sentences told before and after each. They are part of what an answer is cached under: the more, the more lines one
corrected line costs."""
PAUSE_MS = 30_000
"""Beyond a longer silence another scene begins."""


def scene_lines(
    sentences: Sequence[Sentence], asked: Mapping[int, GuardedSentence], segments: Sequence[Segment], language: str
) -> dict[int, SceneLine]:
    """For each sentence that is asked for what surrounds it; the register is added by who asks.

    Args:
        sentences: all, in order of time, with those that a person has translated.
        asked: by their index, those that are asked for.
        segments: the segments they are made of.
        language: of the sentences.
    """
    texts = (asked[at].text if at in asked else ModelText.of(s.text, language).text for at, s in enumerate(sentences))
    said = {at: (_speaker(sentences[at], segments), text) for at, text in enumerate(texts) if text}
    places = list(said)
    found = {}
    for here, at in enumerate(places):
        if at not in asked:
            continue
        before = _near(places[max(0, here - AROUND) : here][::-1], at, sentences, segments)[::-1]
        after = _near(places[here + 1 : here + 1 + AROUND], at, sentences, segments)
        terms = tuple((term.source, term.target) for term in asked[at].kept if term.kind == "term")
        found[at] = SceneLine(
            said[at][1], said[at][0], tuple(said[b] for b in before), tuple(said[a] for a in after),
            tuple(dict.fromkeys(terms)), syllables=_syllables(sentences[at], segments),
            segment=segments[sentences[at].parts[0][0]].id,
        )  # fmt: skip
    return found


def _near(places: Sequence[int], at: int, sentences: Sequence[Sentence], segments: Sequence[Segment]) -> list[int]:
    """Those of `places`, nearest first, that no long silence parts from a sentence."""
    near: list[int] = []
    for place in places:
        early, late = sorted((near[-1] if near else at, place))
        silence = _span(sentences[late], segments).start_ms - _span(sentences[early], segments).end_ms
        if silence > PAUSE_MS:
            break
        near.append(place)
    return near


def _span(sentence: Sentence, segments: Sequence[Segment]) -> Span:
    first, last = (segments[sentence.words[at][0]].span for at in (0, -1))
    return Span(first.start_ms, last.end_ms)


def _speaker(sentence: Sentence, segments: Sequence[Segment]) -> str:
    return segments[sentence.words[0][0]].speaker


def _syllables(sentence: Sentence, segments: Sequence[Segment]) -> int:
    """How many syllables there is time for at an unhurried pace: its share of the time in which its segments sound."""
    time_ms = 0.0
    for index, text in sentence.parts:
        segment = segments[index]
        sounding = sum(phrase.length_ms for phrase in segment.phrases) or segment.span.length_ms
        time_ms += sounding * len(text) / max(len(text), len(segment.text))
    return round(time_ms / SYLLABLE_MS)
