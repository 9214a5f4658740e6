"""Translators that read scenes: what is said around a sentence, by whom, its terms and time; and how they are asked."""

from __future__ import annotations

from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import replace

from ..data import Candidate, SceneLine, Segment, Span
from ..engines import SceneTranslator, Translator
from ..errors import EngineFailed
from ..isochrony.synthesize import SYLLABLE_MS
from ..runtime.store import Store, step
from .entities import GuardedSentence
from .sentences import CANDIDATES, ModelText, Sentence

AROUND = 3
"""Sentences given before and after each. They are part of what an answer is cached under: the more, the more lines one
corrected line costs."""
PAUSE_MS = 30_000
"""Beyond a longer silence another scene begins."""
NAMED = 10
"""Lines without an answer that one message names."""


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


# --- asking ----------------------------------------------------------------------------------------------------------


@step(version=1, each="lines")
def _ask_with_scene(
    store: Store,
    translator: SceneTranslator,
    *,
    lines: tuple[SceneLine, ...],
    source: str,
    target: str,
    n_best: int,
    region: str,
) -> tuple[tuple[Candidate, ...], ...]:
    return translator.translate_scene(lines, source, target, n_best=n_best, region=region)


def with_register(scene: SceneLine, text: str, register: str) -> SceneLine:
    """A sentence's scene with the text it is asked by, and the terms that are in it."""
    return replace(scene, text=text, register=register, terms=tuple(t for t in scene.terms if t[0] in text))


def request_with_scene(
    store: Store,
    translator: SceneTranslator,
    lines: Sequence[SceneLine],
    pair: tuple[str, str],
    region: str,
    unanswered: MutableSequence[str],
) -> list[tuple[Candidate, ...]]:
    """Wordings of each line, none where the translator has no usable answer.

    Asked by as many as the translator likes together, and remembered as they come: what fails costs nothing that did
    not.

    Args:
        store: remembers the answers.
        translator: reads scenes.
        lines: what is asked.
        pair: languages of the lines and of the answers.
        region: where the audience is at home, or "".
        unanswered: gets a line for each that has no answer: which, and why.

    Raises:
        EngineFailed: the translator does not work at all.
    """
    found: list[tuple[Candidate, ...]] = []
    for start in range(0, len(lines), translator.lines_at_once):
        batch = lines[start : start + translator.lines_at_once]
        silent: set[str] = set()
        while True:
            left = tuple(line for line in batch if line.text not in silent)
            try:
                made = _ask_with_scene(
                    store, translator, lines=left, source=pair[0], target=pair[1], n_best=CANDIDATES, region=region
                )
                break
            except EngineFailed as error:
                if not (texts := set(error.details.get("texts", ())) & {line.text for line in left}):
                    raise
                silent |= texts
                unanswered.extend(error.details.get("reasons", texts))
        answers = iter(made)
        found += [() if line.text in silent else next(answers) for line in batch]
    return found


def no_answer(translator: Translator, reasons: Sequence[str]) -> EngineFailed:
    """The error that names the lines without an answer, and what to do about them."""
    more = f"; and {len(reasons) - NAMED} more" if len(reasons) > NAMED else ""
    return EngineFailed(
        f"{translator.name} gave no usable translation of {'; '.join(reasons[:NAMED])}{more}: write them with --edits, "
        "or take another translator; all other lines are kept for the next run",
        engine=translator.name,
        reasons=tuple(reasons),
    )
