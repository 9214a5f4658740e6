"""Translate a transcript: sentences in, candidates for every segment out.

Over 400 lines: the tries for one sentence follow each other, and are read together.

Segments are joined into sentences, each sentence is translated once, and the result is parted again at the best word
boundary. What a translator must not lose (numbers, names, the user's glossary) is looked for in its best hypothesis,
then in the next ones, then in a second try with stand-ins that models copy well; what is still lost is warned about,
and so is what a translation adds, negates or leaves as it was (`faults.py`). What no translator reads right, such as an
address, is hidden from it behind a stand-in. Dashes, labels, sounds in brackets and music marks are no words: nobody is
asked for them, and they are put back after (`turns.py`). A translator that takes wishes is asked for short and long
ways to say a sentence where its first wording does not fit, and addresses people in the register asked for; one that
reads scenes is given what is said around each sentence, and words it in several lengths by itself. Only the answers are
cached: everything else is cheap and always runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from ..data import Candidate, Edits, Line, SceneLine, Segment, Transcript, Translation
from ..engines import Reversible, SceneTranslator, Steerable, Translator, WordScorer, calls_at_once
from ..errors import UsageError
from ..events import LineFault, Progress, Run, Warned
from ..language.structure import unknown_sounds
from ..language.tags import main_language, wider_region
from ..language.turns import Turn, is_plain, put_back, turns_of
from ..runtime.store import Store, step
from ..runtime.threads import in_order
from ..transcription.edits import apply_edits
from .addressees import speaks_to_many
from .agreement import agreed
from .entities import GuardedSentence, RequiredTerm, find_names, required_terms
from .faults import Fault
from .glossary import Glossary
from .reverse import unlinked_words, unsaid_words
from .scene import no_answer, request_with_scene, scene_lines, with_register
from .sentences import (
    ModelText,
    Sentence,
    combine_candidates,
    is_degenerate,
    join_sentences,
    links_in_row,
    split_long_sentence,
    split_translation,
)

HYPOTHESES = 6
"""How many the translator is asked for at first: as many as a segment keeps."""
MORE = 16
"""How many where the best loses something, or a short sentence wishes another length: among fewer there is often none
that serves."""
CHUNK = 128
"""Sentences between two signs of progress: enough for an engine to find many of one length."""
LENGTHS = ("short", "long")
"""Other spoken lengths asked for, where a translator offers them."""
OTHERS = 3
"""Candidates of each such length."""
CHOICE = 4
"""A sentence of fewer words has no other length."""
SHORT = 4
"""Up to so many words a sentence costs little to search, and has few wordings of another length among six."""


LengthsWished = Callable[[str, str], Collection[str]]
"""(segment, best wording) -> which of `LENGTHS` are wished."""


def both_lengths(_segment: str, _text: str) -> Collection[str]:
    """The wish for every length, where nobody knows what fits."""
    return LENGTHS


_CODES = {"name": "name", "term": "term", "number": "number"}
"""Warnings of their own; what else is lost is a fact."""


# --- the stage -------------------------------------------------------------------------------------------


def translate(
    run: Run,
    transcript: Transcript,
    translator: Translator | None,
    *,
    to: str,
    edits: Edits,
    glossary: Glossary,
    given: Sequence[str] | None = None,
    registers: Sequence[str] | None = None,
    region: str = "",
    names: Sequence[str] = (),
    voices: Mapping[str, Sequence[Sequence[str]]] | None = None,
    genders: Sequence[str] | None = None,
    lengths: LengthsWished = both_lengths,
) -> Translation:
    """Candidates for every segment, the best first.

    A segment's text may hold newlines, where the lines of a cue are known: then the candidates have one wherever a
    speaker or a sound begins a line of its own.

    Args:
        run: store and listener.
        transcript: what was said.
        translator: offers the pair; not needed where every line is given.
        to: language wanted.
        edits: corrections. A corrected source is translated anew, a corrected translation is final.
        glossary: terms to be kept.
        given: a person's translation, one text a segment; final.
        registers: how people are addressed in each segment, see `registers_by_segment`; None for any.
        region: where the audience is at home ("MX"), for translators that know its words; "" for anywhere.
        names: of speakers, by which labels are known that are not in capitals.
        voices: segment -> for each line of its text who speaks in it, where a file says so.
        genders: of whoever speaks each segment, "female" or "male", see `genders_by_segment`; "" for unknown.
        lengths: tells for a segment and its best wording which others are wished; nobody is asked for the rest.

    Raises:
        UsageError: given texts and segments differ in number, nobody translates, or a register is not known.
        EngineError: the translator failed.
    """
    segments = apply_edits(transcript, edits).segments
    if given is not None and len(given) != len(segments):
        raise UsageError(f"the given translation has {len(given)} lines for {len(segments)} segments")
    final = {segment.id: text for segment, text in zip(segments, given or ())}
    final |= {edit.segment: edit.translation[to] for edit in edits.edits if to in edit.translation}
    machine = translator if len(final) < len(segments) else None
    _warn_of_pivot(run, machine, transcript.language, to)
    turns = [turns_of(s.text, transcript.language, names, (voices or {}).get(s.id, ())) for s in segments]
    _warn_of_sounds(run, [(s.id, mine) for s, mine in zip(segments, turns) if s.id not in final], to, names)
    pieces, owners = _spoken_pieces(segments, turns)
    work = _TranslationTask(
        pieces,
        frozenset(final),
        glossary,
        main_language(transcript.language),
        main_language(to),
        tuple(registers[owner] for owner in owners) if registers else (),
        region,
        tuple(genders[owner] if len(turns[owner]) == 1 else "" for owner in owners) if genders else (),
        lengths,
    )
    wordings = _wordings_of_pieces(run, work, translator)
    mine: dict[int, list[tuple[Candidate, ...]]] = {}
    for owner, options in zip(owners, wordings):
        mine.setdefault(owner, []).append(options)
    lines = tuple(
        Line(segment.id, (Candidate(final[segment.id], 0.0),), edited=True)
        if segment.id in final
        else Line(segment.id, _whole(turns[at], mine.get(at, []), to))
        for at, segment in enumerate(segments)
    )
    return Translation(to, lines, machine.name if machine else "given")


def _warn_of_pivot(run: Run, translator: Translator | None, source: str, to: str) -> None:
    """Say where no translator goes from one language to the other directly."""
    if via := getattr(translator, "by_way_of", ""):
        message = f"no translator translates {source}->{to} directly: it goes by way of {via}, check the lines"
        run.emit(Warned("pivot", message))


def _warn_of_sounds(run: Run, lines: Iterable[tuple[str, Sequence[Turn]]], to: str, names: Sequence[str]) -> None:
    """Say which sounds in brackets no table translates, by (segment, its turns)."""
    for segment, turns in lines:
        if left := [note for turn in turns for note in unknown_sounds(turn.parts, to, names)]:
            message = f"{segment}: no table of sounds has {', '.join(left)}: it stays as it is, correct it with --edits"
            run.emit(Warned("sound_untranslated", message))


def _wordings_of_pieces(run: Run, work: _TranslationTask, translator: Translator | None) -> list[tuple[Candidate, ...]]:
    """The ways to say each piece, from its shares of the sentences that it has part in."""
    found: list[list[list[Candidate]]] = [[] for _ in work.segments]
    counts: list[list[int]] = [[] for _ in work.segments]
    for sentence, hypotheses in _translate_sentences(run, work, translator):
        shares = split_translation(sentence, hypotheses, work.target)
        for index, text in sentence.parts:
            found[index].append(shares[index])
            counts[index].append(len(text.split()))
    return [combine_candidates(options, words) for options, words in zip(found, counts)]


def _spoken_pieces(
    segments: Sequence[Segment], turns: Sequence[Sequence[Turn]]
) -> tuple[tuple[Segment, ...], tuple[int, ...]]:
    """The words of all segments, each stretch as a segment of its own, and the index of the one it comes from.

    Stretches of one segment keep its id. A dash, a label or another turn makes another speaker of them, over whom no
    sentence runs on.
    """
    pieces, owners, voice = [], [], 0
    for at, (segment, mine) in enumerate(zip(segments, turns)):
        for number, turn in enumerate(mine):
            voice += bool(number) or any(part.kind in ("dash", "chevron", "label") for part in turn.parts.items)
            who = f"{segment.speaker}/{voice}" if voice else segment.speaker
            pieces += [replace(segment, text=words, speaker=who, words=()) for words in turn.parts.words]
            owners += [at] * len(turn.parts.words)
    return tuple(pieces), tuple(owners)


def _whole(turns: Sequence[Turn], options: Sequence[tuple[Candidate, ...]], language: str) -> tuple[Candidate, ...]:
    """Candidates for a segment from those of its stretches of words."""
    if is_plain(turns):
        return options[0]
    return put_back(turns, options, language)


@step(version=1, each="sentences")
def _hypotheses(
    store: Store,
    translator: Translator,
    *,
    sentences: tuple[str, ...],
    source: str,
    target: str,
    n_best: int,
) -> tuple[tuple[Candidate, ...], ...]:
    return translator.translate(sentences, source, target, n_best=n_best)


@step(version=1, each="sentences")
def _ask_for_lengths(
    store: Store,
    translator: Steerable,
    *,
    sentences: tuple[str, ...],
    source: str,
    target: str,
    n_best: int,
    length: str,
    register: str,
    region: str,
) -> tuple[tuple[Candidate, ...], ...]:
    return translator.translate(
        sentences, source, target, n_best=n_best, length=length, register=register, region=region
    )


_Ask = tuple[str, str, int]
"""A text for the translator, its register, and the sentence it belongs to."""


@dataclass(frozen=True, slots=True)
class _TranslationTask:
    """What holds for all sentences of one translation.

    `scenes`, by sentence, and `unanswered`, which lines and why, are of translators that read scenes.
    """

    segments: tuple[Segment, ...]
    final: frozenset[str]
    glossary: Glossary
    source: str
    target: str
    registers: tuple[str, ...]
    region: str
    genders: tuple[str, ...] = ()
    lengths: LengthsWished = both_lengths
    scenes: dict[int, SceneLine] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)

    def gender(self, sentence: Sentence) -> str:
        """Of whoever says a sentence; "" where nobody knows."""
        return self.genders[sentence.parts[0][0]] if self.genders else ""

    def register(self, sentence: Sentence) -> str:
        """How people are addressed in a sentence; "" where nobody said."""
        return self.registers[sentence.parts[0][0]] if self.registers else ""


def _translate_sentences(
    run: Run, work: _TranslationTask, translator: Translator | None
) -> Iterator[tuple[Sentence, tuple[Candidate, ...]]]:
    """Every sentence that still needs translation, with its hypotheses."""
    every = join_sentences(work.segments, work.source)
    numbers = [
        number
        for number, sentence in enumerate(every)
        if any(work.segments[index].id not in work.final for index, _ in sentence.parts)
    ]
    wanted = [every[number] for number in numbers]
    known = find_names(wanted, work.source)
    cleaned = [ModelText.of(sentence.text, work.source) for sentence in wanted]
    asked = {
        at: GuardedSentence(
            clean.text,
            required_terms(clean.text, known, work.glossary.terms, work.source, work.target),
            work.source,
            work.target,
        )
        for at, clean in enumerate(cleaned)
        if clean.text
    }
    if asked and translator is None:
        raise UsageError(f"no translator for {work.source}->{work.target}: give a translation or an engine")
    reads = isinstance(translator, SceneTranslator)
    if reads:
        scenes = scene_lines(every, {numbers[at]: own for at, own in asked.items()}, work.segments, work.source)
        work.scenes.update({at: scenes[numbers[at]] for at in asked})
    # Whoever reads a scene copies an address as it stands; for others what they cannot copy is hidden.
    asks = {at: (own.text if reads else own.shielded.text, work.register(wanted[at]), at) for at, own in asked.items()}
    answers = _first_answers(run, work, translator, asked, asks)
    if work.unanswered and translator is not None:
        raise no_answer(translator, work.unanswered)
    faulty = dict.fromkeys(at for at in asked if any(asked[at].badness(answers[at])))
    _ask_again(run, work, translator, asked, [asks[at] for at in faulty], answers)
    unsaid = {} if reads else _mend_unsaid(run, work, translator, asked, asks, answers)
    _warn(
        run,
        work,
        [
            (wanted[at], asked[at].lost(answers[at]), (*asked[at].faults(answers[at]), *unsaid.get(at, ())))
            for at in asked
            if at in unsaid or at in faulty
        ],
    )
    free = [at for at in asked if len(asked[at].text.split()) >= CHOICE and answers[at][0].score < 0]
    finish = _Finish(work, wanted, cleaned)
    wished = finish.lengths_wished(answers)
    for length, width in product(LENGTHS, (MORE, HYPOTHESES)):
        here = [asks[at] for at in free if length in wished[at] and _width(asked[at].text) == width]
        for (_, _, at), found in zip(here, _request_hypotheses(run, work, translator, here, length, width)):
            restored = found if reads else asked[at].shielded.unmask(found, work.target)
            answers[at] += _other_lengths(asked[at], answers[at], restored)
    for at, sentence in enumerate(wanted):
        yield sentence, finish.wordings(at, answers.get(at, (Candidate("", 0.0),)))


def _width(text: str) -> int:
    """How many hypotheses of another length are searched for a sentence."""
    return MORE if len(text.split()) <= SHORT else HYPOTHESES


def _first_answers(
    run: Run,
    work: _TranslationTask,
    translator: Translator | None,
    asked: Mapping[int, GuardedSentence],
    asks: Mapping[int, _Ask],
) -> dict[int, tuple[Candidate, ...]]:
    """What a translator says to each sentence at first."""
    reads = isinstance(translator, SceneTranslator)
    answers: dict[int, tuple[Candidate, ...]] = {}
    places = list(asks)
    chunks = [places[start : start + CHUNK] for start in range(0, len(places), CHUNK)]

    def request(chunk: list[int]) -> list[tuple[Candidate, ...]]:
        return _request_hypotheses(run, work, translator, [asks[at] for at in chunk])

    # What is found in one chunk is looked through while the next is searched.
    for chunk, hypotheses in zip(chunks, in_order(request, chunks, calls_at_once(translator))):
        for at, found in zip(chunk, hypotheses):
            answers[at] = asked[at].sound(found if reads else asked[at].shielded.unmask(found, work.target) or found)
        for at in (at for at in chunk if not reads and is_degenerate(answers[at][0].text, asked[at].text)):
            whole = (asked[at].text, *asks[at][1:])
            answers[at] = asked[at].sound(_translate_halves(run, work, translator, whole))
        run.emit(Progress("translate", len(answers), len(places)))
    return answers


def _ask_again(
    run: Run,
    work: _TranslationTask,
    translator: Translator | None,
    asked: Mapping[int, GuardedSentence],
    faulty: Sequence[_Ask],
    answers: dict[int, tuple[Candidate, ...]],
) -> None:
    """Ask anew for faulty sentences and take what is better: more hypotheses, then the lost things masked, then all of
    them, as one faulty word can spoil another; other wordings of what has another fault.
    """
    if not isinstance(translator, SceneTranslator):
        for (_, _, at), found in zip(faulty, _request_hypotheses(run, work, translator, faulty, n_best=MORE)):
            wider = asked[at].sound(asked[at].shielded.unmask(found, work.target) or found)
            if not is_degenerate(wider[0].text, asked[at].text):
                answers[at] = min(wider, answers[at], key=asked[at].badness)
    again = [(ask, mask) for ask in faulty for mask in asked[ask[2]].again(answers[ask[2]])]
    masked = [(mask.text, register, at) for (_, register, at), mask in again]
    found_again = _request_hypotheses(run, work, translator, masked, n_best=MORE)
    for ((_, _, at), mask), found in zip(again, found_again):
        if restored := mask.unmask(found, work.target):
            answers[at] = min(answers[at], asked[at].sound(restored), key=asked[at].badness)


@step(version=1, each="pairs")
def _backwards(
    store: Store, translator: WordScorer, *, pairs: tuple[tuple[str, str], ...], source: str, target: str
) -> tuple[tuple[float, ...], ...]:
    """For each (sentence, its translation) how likely each word of the sentence is, translated back."""
    return translator.word_scores([own for _, own in pairs], [said for said, _ in pairs], target, source)


def _mend_unsaid(
    run: Run,
    work: _TranslationTask,
    translator: Translator | None,
    asked: Mapping[int, GuardedSentence],
    asks: Mapping[int, _Ask],
    answers: dict[int, tuple[Candidate, ...]],
) -> dict[int, tuple[Fault, ...]]:
    """The words that translations leave out, by a translator that goes both ways; where another hypothesis that loses
    nothing else says them, it is put first.
    """
    opposite = translator.opposite if isinstance(translator, Reversible) else None
    if opposite is None or work.source != "en":
        return {}
    pair = {"source": work.source, "target": work.target}

    def unsaid(rows: Sequence[tuple[int, Candidate]]) -> list[tuple[str, ...]]:
        unlinked = [unlinked_words(asked[at].text, candidate, asked[at].checked_words) for at, candidate in rows]
        pairs = {(asked[at].text, c.text) for (at, c), odd in zip(rows, unlinked) if odd}
        pairs |= {(said, "") for said, _ in pairs}
        ordered = tuple(sorted(pairs))
        scores = dict(zip(ordered, _backwards(run.store, opposite, pairs=ordered, **pair)))
        none: tuple[float, ...] = ()
        return [
            unsaid_words(said := asked[at].text, scores.get((said, c.text), none), scores.get((said, ""), none), odd)
            for (at, c), odd in zip(rows, unlinked)
        ]

    places = [at for at in asked if answers[at][0].score < 0]
    left = {at: words for at, words in zip(places, unsaid([(at, answers[at][0]) for at in places])) if words}
    wider = [asks[at] for at in left]
    for (_, _, at), found in zip(wider, _request_hypotheses(run, work, translator, wider, n_best=MORE)):
        others = (*answers[at][1:], *asked[at].sound(asked[at].shielded.unmask(found, work.target)))
        fit = [c for c in dict.fromkeys(others) if asked[at].badness((c,)) <= asked[at].badness(answers[at])]
        for candidate, words in zip(fit, unsaid([(at, c) for c in fit])):
            if len(words) < len(left[at]):
                left[at] = words
                answers[at] = (candidate, *(c for c in answers[at] if c.text != candidate.text))
    return {at: tuple(Fault("unsaid", word) for word in words) for at, words in left.items() if words}


@dataclass(frozen=True, slots=True)
class _Finish:
    """Makes wordings of segments of what is answered to sentences."""

    work: _TranslationTask
    sentences: Sequence[Sentence]
    cleaned: Sequence[ModelText]

    def wordings(self, at: int, hypotheses: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Hypotheses of a sentence with what was taken off it, as its speaker says them."""
        sentence, clean = self.sentences[at], self.cleaned[at]
        whole = tuple(
            c.reworded(clean.back(c.text, self.work.target)).of_source(clean.text, sentence.text) for c in hypotheses
        )
        return _as_said(self.work, sentence, whole)

    def lengths_wished(self, answers: Mapping[int, Sequence[Candidate]]) -> dict[int, frozenset[str]]:
        """For each sentence the lengths that a segment it has part in wishes, by the best wording of the segment; none
        where what was found already holds a wording that wishes nothing.
        """
        segments = self.work.segments
        texts: dict[str, dict[tuple[int, int], str]] = {}
        for at, sentence in enumerate(self.sentences):
            best = self.wordings(at, answers[at][:1]) if at in answers else (Candidate("", 0.0),)
            for index, (share, *_) in split_translation(sentence, best, self.work.target).items():
                texts.setdefault(segments[index].id, {})[at, index] = share.text
        wished = {
            segment: frozenset(self.work.lengths(segment, _joined(parts)))
            for segment, parts in texts.items()
            if segment not in self.work.final
        }
        none: frozenset[str] = frozenset()
        found: dict[int, frozenset[str]] = {}
        for at, sentence in enumerate(self.sentences):
            own = {index: mine for index, _ in sentence.parts if (mine := wished.get(segments[index].id, none))}
            if own and at in answers and len(answers[at]) > 1:
                shares = split_translation(sentence, self.wordings(at, answers[at]), self.work.target)
                own = {
                    index: mine
                    for index, mine in own.items()
                    if not self._is_served(segments[index].id, texts, (at, index), shares[index], mine)
                }
            found[at] = none.union(*own.values())
        return found

    def _is_served(
        self,
        segment: str,
        texts: Mapping[str, Mapping[tuple[int, int], str]],
        place: tuple[int, int],
        shares: Sequence[Candidate],
        wished: Collection[str],
    ) -> bool:
        """Whether another known share of a sentence makes a wording of its segment that wishes no other length."""
        size = len(shares[0].text)
        others = [c.text for c in shares[1:] if ("long" if len(c.text) > size else "short") in wished]
        return any(not self.work.lengths(segment, _joined({**texts[segment], place: other})) for other in others)


def _joined(shares: Mapping[tuple[int, int], str]) -> str:
    """The words of a segment, from its shares of sentences."""
    return " ".join(filter(None, shares.values()))


def _as_said(work: _TranslationTask, sentence: Sentence, hypotheses: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Hypotheses in the gender of whoever speaks and the number of those spoken to, neither of which English shows."""
    if work.source != "en":
        return hypotheses
    many = any(speaks_to_many(work.segments[index].text) for index, _ in sentence.parts)
    return agreed(hypotheses, sentence.text, work.target, work.gender(sentence), many)


def _request_hypotheses(
    run: Run,
    work: _TranslationTask,
    translator: Translator | None,
    asks: Sequence[_Ask],
    length: str = "",
    n_best: int = HYPOTHESES,
) -> list[tuple[Candidate, ...]]:
    """Hypotheses for each ask; none of a length that the translator does not offer."""
    if translator is None or not asks:
        return []
    if isinstance(translator, SceneTranslator):
        lines = [with_register(work.scenes[at], text, register) for text, register, at in asks]
        pair = work.source, work.target
        return [] if length else request_with_scene(run.store, translator, lines, pair, work.region, work.unanswered)
    if length and not (isinstance(translator, Steerable) and f"length:{length}" in translator.wishes):
        return []
    found: dict[tuple[str, str], tuple[Candidate, ...]] = {}
    region = _region_for(work.region, translator.wishes) if isinstance(translator, Steerable) else ""
    for register in dict.fromkeys(register for _, register, _ in asks):
        texts = tuple(text for text, own, _ in asks if own == register)
        if (length or register or region) and isinstance(translator, Steerable):
            answers = _ask_for_lengths(
                run.store,
                translator,
                sentences=texts,
                source=work.source,
                target=work.target,
                n_best=n_best,
                length=length,
                register=register,
                region=region,
            )
        else:
            answers = _hypotheses(
                run.store,
                translator,
                sentences=texts,
                source=work.source,
                target=work.target,
                n_best=n_best,
            )
        found |= {(text, register): answer for text, answer in zip(texts, answers)}
    return [found[text, register] for text, register, _ in asks]


def _region_for(region: str, wishes: frozenset[str]) -> str:
    """The region a translator takes for one: itself, or the one it lies in; "" where it knows neither."""
    return next((name for name in (region, wider_region(region)) if f"region:{name}" in wishes), "")


def _translate_halves(
    run: Run, work: _TranslationTask, translator: Translator | None, ask: _Ask
) -> tuple[Candidate, ...]:
    """What a translator garbles (`is_degenerate`), translated as two: all best, then each with the other's next."""
    cleaned = [ModelText.of(half, work.source) for half in split_long_sentence(ask[0])]
    first, second = (
        [c.reworded(clean.back(c.text, work.target)) for c in found[:OTHERS]]
        for clean, found in zip(
            cleaned, _request_hypotheses(run, work, translator, [(clean.text, *ask[1:]) for clean in cleaned])
        )
    )
    ways = [(first[0], second[0]), *((way, second[0]) for way in first[1:]), *((first[0], way) for way in second[1:])]
    counts = [len(clean.text.split()) for clean in cleaned]
    return tuple(
        Candidate(f"{a.text} {b.text}", (a.score + b.score) / 2, links=links_in_row((a, b), counts)) for a, b in ways
    )


def _other_lengths(
    asked: GuardedSentence, known: Sequence[Candidate], found: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """Ways to say it in another length that lose no more than the best does; never better than that one."""
    bad = asked.badness(known)
    texts = {candidate.text for candidate in known}
    fit = [c for c in asked.sound(found) if c.text not in texts and asked.badness((c,)) <= bad]
    return tuple(replace(c, score=min(c.score, known[0].score)) for c in fit[:OTHERS])


_FAULTS = {
    "number_added": "the translation has a number that nobody said, {}",
    "name_added": "the translation has a name that nobody said, {}",
    "unit_added": "the translation has a unit that nobody said, {}",
    "negation_lost": "the translation lost the negation {}",
    "negation_added": "the translation negates what the source does not, {}",
    "tense_changed": "the translation changes the time of {}",
    "person_changed": "the translation has another do what is said of {}",
    "subject_changed": "the translation makes an object of the subject {}",
    "verb_lost": "the translation takes the verb {} for a noun",
    "untranslated": "the translation left as it was {}",
    "unsaid": "the translation may leave out {}",
    "invented": "the translation says more than the source, {}",
}


def _warn(
    run: Run, work: _TranslationTask, faulty: Iterable[tuple[Sentence, tuple[RequiredTerm, ...], tuple[Fault, ...]]]
) -> None:
    """Say once for each segment and kind what the translation lost, changed or added."""
    by_line: dict[tuple[str, str, str], list[str]] = {}
    for sentence, items, faults in faulty:
        for item in items:
            index = next((i for i, text in sentence.parts if item.source in text), sentence.parts[0][0])
            form = f"the translation lost the {item.kind} {{}}"
            by_line.setdefault((work.segments[index].id, f"{_CODES.get(item.kind, 'fact')}_lost", form), []).append(
                item.source
            )
        for fault in faults:
            index = next((i for i, text in sentence.parts if fault.value in text), sentence.parts[0][0])
            by_line.setdefault((work.segments[index].id, fault.kind, _FAULTS[fault.kind]), []).append(fault.value)
    for (segment, code, form), values in by_line.items():
        if segment not in work.final:
            each = tuple(dict.fromkeys(values))
            found = LineFault(segment, form.format(", ".join(each)), each)
            run.emit(Warned(code, f"{segment}: {found.text}: check the line, correct it with --edits", found))
