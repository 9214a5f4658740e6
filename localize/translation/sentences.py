"""Join segments into sentences, normalise them for a translator, and split its output at the segments again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ..data import Candidate, Segment
from ..language.boundaries import CAN_END, CLAUSE_STARTS, LEANS, ends_sentence
from ..language.colloquial import (
    EMOJI,
    censor,
    is_emoji,
    leading_cry,
    stutter,
    translate_cry,
    uncensored,
    without_stutter,
    write_out_for_translation,
)
from ..language.facts import find_facts
from ..language.numbers import localize_numbers

CANDIDATES = 6
"""How many a segment keeps."""
LONGEST = 60
"""Words; a longer sentence is parted at a clause's end."""
PAUSE_MS = 1500
"""A sentence does not run on over a longer silence."""
PARTS = 12
"""Words; a shorter sentence has no two halves that mean something."""
ASTRAY = 2.0
"""What a word on the wrong side of a boundary costs, in words of displacement."""
_LOOP = 3
"""Runs of three words said again; a good translation of up to 60 words has fewer by chance."""
_BY_HEART = 60
"""Words of a sentence times those of its translation that are linked as a whole; of more each would say too little."""
_LEAST = 0.7
"""Of the source's words; a translation of fewer has left something out."""


# --- sentences -------------------------------------------------------------------------------------------

_END = re.compile(r"[.!?…]['\"”’»)\]♪]*$")


Links = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: words, each with the index of its segment."""

    words: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """The words, joined."""
        return " ".join(word for _, word in self.words)

    @property
    def parts(self) -> tuple[tuple[int, str], ...]:
        """Segment index and its share of the sentence."""
        groups = groupby(self.words, key=lambda word: word[0])
        return tuple((index, " ".join(word for _, word in group)) for index, group in groups)


def join_sentences(segments: Sequence[Segment], language: str) -> list[Sentence]:
    """All sentences in order; one may span several segments, and a segment may hold several."""
    worded = [segment for segment in segments if segment.text.strip()]
    ended = sum(bool(_END.search(segment.text.strip())) for segment in worded)
    punctuated = ended * 5 >= len(worded)
    found: list[tuple[tuple[int, str], ...]] = []
    current: list[tuple[int, str]] = []
    for index, segment in enumerate(segments):
        words = segment.text.split()
        following = segments[index + 1] if index + 1 < len(segments) else None
        for word, after in zip(words, [*words[1:], ""]):
            current.append((index, word))
            if after and (ends_sentence(word, after, language) or (is_emoji(word) and not is_emoji(after))):
                found.append(tuple(current))
                current = []
        if current and not (following and _runs_on(segment, following, punctuated, language)):
            found.append(tuple(current))
            current = []
    return [Sentence(piece) for words in found for piece in _short_enough(words)]


def _runs_on(segment: Segment, following: Segment, punctuated: bool, language: str) -> bool:
    near = following.span.start_ms - segment.span.end_ms <= PAUSE_MS and following.speaker == segment.speaker
    if not (near and _has_words(segment.text) and _has_words(following.text)):
        return False
    last, first = segment.text.split()[-1], following.text.split()[0]
    lower = first[0].islower()
    if _END.search(last):
        return last.endswith(("...", "…")) and lower
    leaning = last.lower() in LEANS.get(language, frozenset()) - CAN_END or last.endswith(",")
    within = lower or (first.split("'")[0] == "I" and not following.text.isupper())
    return leaning or (punctuated and within)


def _short_enough(words: tuple[tuple[int, str], ...]) -> Iterator[tuple[tuple[int, str], ...]]:
    if len(words) <= LONGEST:
        yield words
        return
    cut = _middle_word([word for _, word in words])
    yield from _short_enough(words[:cut])
    yield from _short_enough(words[cut:])


def _middle_word(words: Sequence[str]) -> int:
    """The mark, else the conjunction, nearest the middle of a sentence."""
    inner = range(len(words) // 5, len(words) - len(words) // 5)
    marks = [i for i in inner if words[i - 1][-1] in ",;:—–"]
    joints = [i for i in inner if any(words[i].lower() in clause for clause in CLAUSE_STARTS.values())]
    return min(marks or joints or inner, key=lambda i: abs(2 * i - len(words)))


def split_long_sentence(sentence: str) -> tuple[str, str]:
    """Split a sentence of `PARTS` words or more at its likeliest clause boundary."""
    words = sentence.split()
    cut = _middle_word(words)
    return " ".join(words[:cut]), " ".join(words[cut:])


def is_degenerate(translation: str, source: str) -> bool:
    """Whether a translation says the same over and over where its source does not, or ends long before it: small models
    lose the thread of a long sentence.
    """
    said, meant = len(translation.split()), len(source.split())
    if meant < PARTS:
        return False
    return said < _LEAST * meant or _count_repeats(translation) - _count_repeats(source) >= _LOOP


def _count_repeats(text: str) -> int:
    """How many runs of three words were there before."""
    words = re.findall(r"\w+", text.lower())
    runs = list(zip(words, words[1:], words[2:]))
    return len(runs) - len(set(runs))


def _has_words(text: str) -> bool:
    return any(c.isalpha() for c in text)


# --- what surrounds the words ----------------------------------------------------------------------------

# A minus, a point of a number or file, the sign of a hashtag and an option are no decoration.
_LEAD = re.compile(
    rf"^(?:(?:{EMOJI}|[♪♫*…]|[–—]|-(?![\w-])|-(?=[^\W\d_][\w'’]*[ ,.!?])|#(?!\w)|\.(?!\w)|\.(?=\.))+\s*)+(?=\S)"
)
_TRAIL = re.compile(rf"\s*(?:[♪♫#*]|{EMOJI})(?:[♪♫#*]|{EMOJI}|\s)*[.!?…]*$")
_DIES_AWAY = re.compile(r"(?:\.{2,}|…)$")
"""After one or two words, where models go on with something of their own."""
_VERBS = "do|does|did|are|is|was|were|can|could|will|would|should|have|has"
_SMALL_SIGNS = re.compile(r"(?<=\d) ?(?:[ap]\.?m\.?|km/h|mph|kg|km|cm|lbs?|ft|st|nd|rd|th)(?!\w)")
"""Signs behind a figure that stay small in a line of capitals: "CLOSED UNTIL 10:45 p.m."."""
_ASKS = re.compile(
    rf"(?:what|where|who|when|why|how)(?:'s| (?:{_VERBS})) "
    rf"|(?:{_VERBS}) (?:i|you|he|she|it|we|they|this|that) ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ModelText:
    """The normalised text of a sentence for a model ("" where it has no words), and how to restore its output."""

    text: str
    lead: str = ""
    trail: str = ""
    capitals: bool = False
    lower: bool = False
    stopped: bool = False
    cry: str = ""
    stuttered: bool = False
    censored: str = ""

    @classmethod
    def of(cls, sentence: str, language: str) -> ModelText:
        """A sentence as models know it: capitals lowered, first letter raised, a full stop where no mark ends it.

        Cries before it, stutters, stars and emoji are taken off, abbreviations written out.
        """
        if not _has_words(sentence):
            return cls("", lead=sentence)
        lead = (_LEAD.match(sentence) or [""])[0]
        text = sentence[len(lead) :]
        cry = leading_cry(text, language)
        text = text[len(cry) :]
        if not _has_words(text):
            return cls("", lead=lead, cry=cry, trail=text)
        text, censored = uncensored(write_out_for_translation(text, language), language)
        text, stuttered = without_stutter(text)
        trail = (_TRAIL.search(text) or (len(text.split()) < 3 and _DIES_AWAY.search(text)) or [""])[0]
        text = text.removesuffix(trail).strip() if trail else text.strip()
        letters = re.sub(r"[\W\d_]", "", _SMALL_SIGNS.sub("", text))
        facts = find_facts(text, language)
        capitals = letters.isupper() and (len(letters) > 5 or (len(letters) > 1 and text[-1] in "!?"))
        lower = not capitals and text[0].islower()
        text = text.lower() if capitals else text
        if language == "en":
            text = re.sub(r"\bi(?=['’ ]|$)", "I", text)
        stopped = text[-1].isalnum()
        if stopped:
            text += "?" if language == "en" and _ASKS.match(text) else "."
        first = text[0] if facts and facts[0].start == 0 else text[0].upper()
        return cls(first + text[1:], lead, trail, capitals, lower, stopped, cry, stuttered, censored)

    def back(self, text: str, language: str) -> str:
        """Dress a translation as the source was."""
        cry = translate_cry(self.cry, language) if self.cry else ""
        if not self.text:
            return localize_numbers(self.lead, language) + cry + self.trail
        text = re.sub(r"\s+([,;:!?…]|\.(?!\w))", r"\1", re.sub(r"([¡¿])\s+", r"\1", text.strip()))
        text = _end_alike(text, self.text)
        if self.stopped and self.text.endswith("."):
            text = text.removesuffix(".")
        if language == "es":
            text = _open_punctuation(_open_punctuation(text, "¿", "?"), "¡", "!")
        text = _first_letter(text, lower=self.lower, language=language)
        text = stutter(text) if self.stuttered else text
        text = censor(text, language, self.censored) if self.censored else text
        return self.lead + cry + (text.upper() if self.capitals else text) + self.trail


def _end_alike(text: str, source: str) -> str:
    """A text with the mark that its source ends with, where it has another or none."""
    mark = source[-1:]
    if mark in "!?" and text.endswith("."):
        return text.rstrip(".") + mark
    return text + "." if mark == "." and text[-1:].isalnum() else text


def _first_letter(text: str, *, lower: bool, language: str) -> str:
    """A text begun with a small or a capital letter, unless it begins with an address or the like."""
    at = next((i for i, c in enumerate(text) if c.isalnum()), 0)
    if any(fact.start <= at < fact.start + len(fact.text) for fact in find_facts(text, language)):
        return text
    first = text[at : at + 1]
    return text[:at] + (first.lower() if lower else first.upper()) + text[at + 1 :]


def _open_punctuation(text: str, opening: str, closing: str) -> str:
    # The question mark of an address asks nothing.
    if not re.search(rf"{re.escape(closing)}(?=[^\w\s]*(?:\s|$))", text):
        return text.replace(opening, "")
    return text if opening in text else opening + text


# --- back to segments ------------------------------------------------------------------------------------


def split_translation(sentence: Sentence, hypotheses: Sequence[Candidate], language: str) -> dict[int, list[Candidate]]:
    """Split the translation of a sentence into candidates for each of its segments.

    The best hypothesis is parted among them. Of another one a segment takes its own part only where the rest
    is word for word the best one's: so segments can choose apart, and nothing is said twice or never.
    """
    sources = sentence.parts
    if len(sources) == 1:
        return {sources[0][0]: list(hypotheses)}
    best = hypotheses[0].text.split()
    edges = [0, *_boundaries(best, [text for _, text in sources], language, hypotheses[0].links), len(best)]
    shares: dict[int, list[Candidate]] = {}
    said = 0
    for (index, text), start, end in zip(sources, edges, edges[1:]):
        since, said = said, said + len(text.split())
        links = tuple((a - since, b - start) for a, b in hypotheses[0].links if since <= a < said and start <= b < end)
        own = [replace(hypotheses[0], text=" ".join(best[start:end]) or "…", links=links)]
        after = len(best) - end
        for other in hypotheses[1:]:
            words = other.text.split()
            middle = words[start : len(words) - after]
            if middle and words[:start] == best[:start] and words[len(words) - after :] == best[end:]:
                own.append(replace(other, text=" ".join(middle), links=()))
        shares[index] = own
    return shares


def _boundaries(words: Sequence[str], sources: Sequence[str], language: str, links: Links) -> list[int]:
    """Where to part `words` so that each source has its share: its own words where links tell, else by length; and at
    marks where there are.
    """
    if len(words) < len(sources):
        return [min(i, len(words)) for i in range(1, len(sources))]
    reached = {0: (0.0, [0])}
    total = sum(map(len, sources))
    for rank in range(1, len(sources)):
        share = sum(map(len, sources[:rank])) / total
        last = len(words) - (len(sources) - rank)
        before = sum(len(text.split()) for text in sources[:rank])
        costs = {
            i: _cost(i, words, sources[:rank], share, language) + ASTRAY * _crossing_links(i, before, links)
            for i in range(rank, last + 1)
        }
        reached = {
            i: min((way[0] + cost, [*way[1], i]) for j, way in reached.items() if j < i) for i, cost in costs.items()
        }
    return min(reached.values())[1][1:]


def _crossing_links(at: int, before: int, links: Links) -> int:
    """How many links cross a boundary: words said on one side of it whose source stands on the other."""
    return sum((source < before) != (own < at) for source, own in links)


def _cost(at: int, words: Sequence[str], sources: Sequence[str], share: float, language: str) -> float:
    """How bad it is to part `words` before number `at`, in words of displacement."""
    length = sum(map(len, words))
    cost = abs(sum(map(len, words[:at])) / length - share) * len(words)
    before, after = words[at - 1], words[at]
    if before[-1] in ",;:.!?…—":
        cost -= 3 if sources[-1].rstrip()[-1:] in ",;:.!?…—-" else 1.5
    if before.lower().strip("¿¡\"'«(") in LEANS.get(language, ()):
        cost += 5
    if after.lower() in CLAUSE_STARTS.get(language, ()):
        cost -= 0.8
    # A name or number of the sources before that is heard only after the boundary.
    said, heard, later = (set(re.findall(r"\w+", " ".join(texts))) for texts in (sources, words[:at], words[at:]))
    late: int = sum(word[0].isupper() or word[0].isdigit() for word in said & later - heard)
    return cost + 3 * late


def combine_candidates(pieces: Sequence[Sequence[Candidate]], sources: Sequence[int] = ()) -> tuple[Candidate, ...]:
    """Ways to say a segment of several sentences: all best, all shortest, then one exchanged at a time.

    Args:
        pieces: for each sentence its candidates, best first.
        sources: how many words of the source each sentence has; the best way has links then.
    """
    if not pieces:
        return (Candidate("", 0.0),)
    best = [piece[0] for piece in pieces]
    ways = [best, [min(piece, key=lambda c: len(c.text)) for piece in pieces]]
    exchanged = [[*best[:i], other, *best[i + 1 :]] for i, piece in enumerate(pieces) for other in piece[1:]]
    ways += sorted(exchanged, key=_score, reverse=True)
    found: dict[str, Candidate] = {}
    for way in ways:
        text = " ".join(candidate.text for candidate in way if candidate.text)
        links = links_in_row(way, sources) if way is best else ()
        found.setdefault(text, Candidate(text, _score(way), links=links))
    first, *others = list(found.values())[:CANDIDATES]
    return (first, *sorted(others, key=lambda candidate: -candidate.score))


def links_in_row(way: Sequence[Candidate], sources: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The links of candidates that follow each other, words counted through; one of several without links of its own,
    such as a phrase known by heart, says as a whole what its sentence said.
    """
    found: list[tuple[int, int]] = []
    theirs = ours = 0
    for candidate, count in zip(way, sources):
        own = len(candidate.text.split())
        known = candidate.links or (
            [(a, b) for a in range(count) for b in range(own)] if len(way) > 1 and count * own <= _BY_HEART else []
        )
        found += [(theirs + a, ours + b) for a, b in known]
        theirs, ours = theirs + count, ours + own
    return tuple(found)


def _score(way: Sequence[Candidate]) -> float:
    weights = [len(candidate.text.split()) + 1 for candidate in way]
    total: float = sum(candidate.score * weight for candidate, weight in zip(way, weights))
    return round(total / sum(weights), 4)
