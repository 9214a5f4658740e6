"""Say every segment in another language: sentences in, candidates for each segment out.

Segments are joined into sentences, each sentence is translated once, and the result is parted again at the
best word boundary. What a translator must not lose (numbers, names, the user's glossary) is looked for in its
best hypothesis, then in the next ones, then in a second try with stand-ins that models copy well; what is
still lost is warned about. Only `_hypotheses` is cached: everything else is cheap and always runs again.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Literal

from ..data import Candidate, Edits, Line, Segment, Span, Transcript, Translation
from ..engines import Translator
from ..errors import UsageError
from ..events import Advanced, Run, Warned
from ..store import Store, step

HYPOTHESES = 8
"""How many the translator is asked for."""
CANDIDATES = 6
"""How many a segment keeps."""
MARGIN = 0.7
"""A candidate further below the best than this (log-probability a word) is not one."""
LONGEST = 60
"""Words; a longer sentence is parted at a clause's end."""
PAUSE_MS = 1500
"""A sentence does not run on over a longer silence."""
CHUNK = 32
"""Sentences between two signs of progress."""


# --- what people give ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Glossary:
    """A user's terms: (source, target), as written."""

    terms: tuple[tuple[str, str], ...] = ()


def read_glossary(path: Path) -> Glossary:
    """Read a glossary: UTF-8, a term a line, source and target parted by one tab; "#" begins a remark.

    Raises:
        UsageError: the file cannot be read, or a line is no term; the message names file and line.
    """
    try:
        if path.stat().st_size > 4_000_000:
            raise UsageError(f"{path} is larger than 4 MB: no glossary", path=str(path))
        rows = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read the glossary {path}: {cause}", path=str(path)) from error
    terms: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        try:
            text = row.decode("utf-8").strip(" \r")
        except UnicodeDecodeError as error:
            raise UsageError(f"{path}:{number}: not UTF-8", path=str(path), line=number) from error
        if not text.strip() or text.startswith("#"):
            continue
        source, *rest = (" ".join(cell.split()) for cell in text.split("\t"))
        if not (source and len(rest) == 1 and rest[0]):
            raise UsageError(f"{path}:{number}: write source, one tab, target", path=str(path), line=number)
        if len(text) > 400 or not (source + rest[0]).isprintable():
            raise UsageError(f"{path}:{number}: too long, or not plain text", path=str(path), line=number)
        if terms.setdefault(source, rest[0]) != rest[0]:
            message = f"{path}:{number}: {source!r} has another target above"
            raise UsageError(message, path=str(path), line=number)
    return Glossary(tuple(terms.items()))


def apply_edits(transcript: Transcript, edits: Edits) -> Transcript:
    """The transcript with a person's corrections of its words and times; doing it twice changes nothing.

    Words keep their times where their number stays the same, and lose them otherwise.

    Raises:
        UsageError: an edit names a segment that is not there, or a span that ends before it starts.
    """
    by_id = {edit.segment: edit for edit in edits.edits}
    if unknown := by_id.keys() - {segment.id for segment in transcript.segments}:
        raise UsageError(f"the edits name a segment that is not there: {min(unknown)}", segment=min(unknown))
    segments = []
    for segment in transcript.segments:
        edit = by_id.get(segment.id)
        if edit is not None and edit.source is not None and edit.source != segment.text:
            texts = edit.source.split()
            known = segment.words if len(texts) == len(segment.words) else ()
            words = tuple(replace(word, text=text) for word, text in zip(known, texts))
            segment = replace(segment, text=edit.source, words=words)  # noqa: PLW2901
        if edit is not None:
            start = segment.span.start_ms if edit.start_ms is None else edit.start_ms
            end = segment.span.end_ms if edit.end_ms is None else edit.end_ms
            if not 0 <= start < end:
                raise UsageError(f"the edit of {segment.id} ends before it starts", segment=segment.id)
            segment = replace(segment, span=Span(start, end))  # noqa: PLW2901
        segments.append(segment)
    return replace(transcript, segments=tuple(segments))


ANY = "*"
"""For a source language that is not known yet."""


def check_pair(source: str, to: str, translators: Iterable[Translator]) -> Translator:
    """The first translator that offers the pair; regions ("pt-BR") are served by their language.

    Raises:
        UsageError: nobody offers it; the message names the pairs that are offered.
    """
    offered: set[tuple[str, str]] = set()
    for translator in translators:
        if (_base(source), _base(to)) in translator.pairs:
            return translator
        offered |= translator.pairs
    pairs = ", ".join(f"{a}->{b}" for a, b in sorted(offered)) or "none: no translator is installed"
    wish = f"into {to}" if source == ANY else f"{source}->{to}"
    raise UsageError(f"nobody here translates {wish}; offered: {pairs}", source=source, target=to)


def _base(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


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
) -> Translation:
    """Candidates for every segment, the best first.

    Args:
        run: store and listener.
        transcript: what was said.
        translator: offers the pair; not needed where every line is given.
        to: language wanted.
        edits: corrections. A corrected source is translated anew, a corrected translation is final.
        glossary: terms to be kept.
        given: a person's translation, one text a segment; final.

    Raises:
        UsageError: given texts and segments differ in number, or nobody translates.
        EngineError: the translator failed.
    """
    segments = apply_edits(transcript, edits).segments
    if given is not None and len(given) != len(segments):
        raise UsageError(f"the given translation has {len(given)} lines for {len(segments)} segments")
    final = {segment.id: text for segment, text in zip(segments, given or ())}
    final |= {edit.segment: edit.translation[to] for edit in edits.edits if to in edit.translation}
    work = _Work(segments, frozenset(final), glossary, _base(transcript.language), _base(to))
    pieces: dict[int, list[list[Candidate]]] = {index: [] for index in range(len(segments))}
    for sentence, hypotheses in _translated(run, work, translator):
        for index, candidates in _parted(sentence, hypotheses, work.target).items():
            pieces[index].append(candidates)
    lines = tuple(
        Line(segment.id, (Candidate(final[segment.id], 0.0),), edited=True)
        if segment.id in final
        else Line(segment.id, _combined(pieces[index]))
        for index, segment in enumerate(segments)
    )
    return Translation(to, lines, translator.name if translator and len(final) < len(segments) else "given")


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


@dataclass(frozen=True, slots=True)
class _Work:
    """What holds for all sentences of one translation."""

    segments: tuple[Segment, ...]
    final: frozenset[str]
    glossary: Glossary
    source: str
    target: str


def _translated(
    run: Run, work: _Work, translator: Translator | None
) -> Iterator[tuple[_Sentence, tuple[Candidate, ...]]]:
    """Every sentence that somebody must still translate, with its hypotheses."""
    sentences = [
        sentence
        for sentence in _sentences(work.segments, work.source)
        if any(work.segments[index].id not in work.final for index, _ in sentence.parts)
    ]
    names = _names(sentences)
    dresses = [_Spoken.of(sentence.text, work.source) for sentence in sentences]
    asked = {at: _Asked(d.text, _required(d.text, names, work)) for at, d in enumerate(dresses) if d.text}
    if asked and translator is None:
        raise UsageError(f"nobody translates {work.source}->{work.target}: give a translation or an engine")
    answers: dict[int, tuple[Candidate, ...]] = {}
    places = list(asked)
    for start in range(0, len(places), CHUNK):
        chunk = places[start : start + CHUNK]
        for at, found in zip(chunk, _ask(run, work, translator, [asked[at].text for at in chunk])):
            answers[at] = asked[at].sound(found)
        run.emit(Advanced("translate", start + len(chunk), len(places)))
    # Second try: the lost things masked, then all of them, as one spoilt word can spoil another.
    spoilt = [at for at in places if asked[at].lost(answers[at])]
    masks = [(at, mask) for at in spoilt for mask in asked[at].masks(answers[at])]
    for (at, mask), found in zip(masks, _ask(run, work, translator, [mask.text for _, mask in masks])):
        restored = mask.lifted(found, work.target)
        if restored:
            answers[at] = min(answers[at], asked[at].sound(restored), key=lambda a: len(asked[at].lost(a)))
    _warn(run, work, [(sentences[at], asked[at].lost(answers[at])) for at in spoilt])
    for at, (sentence, dress) in enumerate(zip(sentences, dresses)):
        hypotheses = answers.get(at, (Candidate("", 0.0),))
        yield sentence, tuple(replace(c, text=dress.back(c.text, work.target)) for c in hypotheses)


def _ask(
    run: Run, work: _Work, translator: Translator | None, texts: Sequence[str]
) -> tuple[tuple[Candidate, ...], ...]:
    if translator is None or not texts:
        return ()
    return _hypotheses(
        run.store,
        translator,
        sentences=tuple(texts),
        source=work.source,
        target=work.target,
        n_best=HYPOTHESES,
    )


def _warn(run: Run, work: _Work, lost: Iterable[tuple[_Sentence, tuple[_Kept, ...]]]) -> None:
    """Say once for each segment and kind what the translation lost."""
    told: dict[tuple[str, str], list[str]] = {}
    for sentence, items in lost:
        for item in items:
            index = next((i for i, text in sentence.parts if item.source in text), sentence.parts[0][0])
            if work.segments[index].id not in work.final:
                told.setdefault((work.segments[index].id, item.kind), []).append(item.source)
    for (segment, kind), sources in told.items():
        what = ", ".join(dict.fromkeys(sources))
        message = f"{segment}: the translation lost the {kind} {what}: check the line, correct it with --edits"
        run.emit(Warned(f"{kind}_lost", message))


# --- sentences -------------------------------------------------------------------------------------------

_END = re.compile(r"[.!?…]['\"”’»)\]♪]*$")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ABBREVIATIONS = _set("mr. mrs. ms. dr. st. prof. jr. sr. sra. srta. dra. vs. gen. capt. lt. sgt.")
# Words that lean on what follows: a text is never parted after one.
_LEANS = {
    "en": _set(
        "a an the my your his her its our their this these those of to in on at by for with from into "
        "about and or but nor so if that which who when while because as than very too not no i you he she "
        "we they it is are was were am be been have has had do does did will would can could should must "
        "may might mr. mrs."
    ),
    "es": _set(
        "el la los las un una unos unas lo al del de a en con por para sin sobre entre hasta desde hacia "
        "mi mis tu tus su sus nuestro nuestra este esta estos estas ese esa esos esas aquel aquella y e o "
        "u ni que si pero como cuando donde porque aunque no me te se nos os le les muy más tan he has ha "
        "hemos han es son era está están sr. sra. señor señora cada todo toda qué cuál"
    ),
    "pt": _set(
        "o a os as um uma uns umas ao aos à às do da dos das no na nos nas de em com por para pelo pela sem "
        "sobre entre até desde meu minha seu sua nosso nossa este esta esse essa aquele aquela e ou nem "
        "que se mas como quando onde porque não me te lhe nos muito mais tão é são era está estão foi sr. "
        "sra. senhor senhora cada todo toda"
    ),
}
# Of these, words that can end a sentence all the same.
_ALONE = _set("no not i you he she we they it her his this these those that is are was were am be do does did")
_CLAUSES = {
    "en": _set("and or but because that which who when while if so where"),
    "es": _set("y e o pero porque que cuando mientras si aunque donde para como"),
    "pt": _set("e ou mas porque que quando enquanto se embora onde para como"),
}


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Words with the index of the segment each comes from."""

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


def _sentences(segments: Sequence[Segment], language: str) -> list[_Sentence]:
    """All sentences in order; one may run over several segments, and a segment may hold several."""
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
            if after and _ends(word, after):
                found.append(tuple(current))
                current = []
        if current and not (following and _runs_on(segment, following, punctuated, language)):
            found.append(tuple(current))
            current = []
    return [_Sentence(piece) for words in found for piece in _short_enough(words)]


def _ends(word: str, after: str) -> bool:
    if not _END.search(word) or word.lower() in _ABBREVIATIONS or re.fullmatch(r"[A-Z]\.", word):
        return False
    return not after[0].islower()


def _runs_on(segment: Segment, following: Segment, punctuated: bool, language: str) -> bool:
    near = following.span.start_ms - segment.span.end_ms <= PAUSE_MS and following.speaker == segment.speaker
    if not (near and _worded(segment.text) and _worded(following.text)):
        return False
    last, first = segment.text.split()[-1], following.text.split()[0]
    lower = first[0].islower()
    if _END.search(last):
        return last.endswith(("...", "…")) and lower
    leaning = last.lower() in _LEANS.get(language, frozenset()) - _ALONE or last.endswith(",")
    return leaning or (punctuated and (lower or first.split("'")[0] == "I"))


def _short_enough(words: tuple[tuple[int, str], ...]) -> Iterator[tuple[tuple[int, str], ...]]:
    # Part a very long sentence at the mark, else the conjunction, nearest its middle.
    if len(words) <= LONGEST:
        yield words
        return
    inner = range(len(words) // 5, len(words) - len(words) // 5)
    marks = [i for i in inner if words[i - 1][1][-1] in ",;:—–"]
    joints = [i for i in inner if any(words[i][1].lower() in clause for clause in _CLAUSES.values())]
    cut = min(marks or joints or inner, key=lambda i: abs(2 * i - len(words)))
    yield from _short_enough(words[:cut])
    yield from _short_enough(words[cut:])


def _worded(text: str) -> bool:
    return any(c.isalpha() for c in text)


# --- dress: what surrounds the words ---------------------------------------------------------------------

_LEAD = re.compile(r"^(?:[-–—♪♫#*.…]+\s*)+(?=\S)")
_TRAIL = re.compile(r"\s*[♪♫#*]+$")
_VERBS = "do|does|did|are|is|was|were|can|could|will|would|should|have|has"
_ASKS = re.compile(
    rf"(?:what|where|who|when|why|how)(?:'s| (?:{_VERBS})) "
    rf"|(?:{_VERBS}) (?:i|you|he|she|it|we|they|this|that) ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What a model is given for a sentence (no text where it has no words), and how to dress its answer."""

    text: str
    lead: str = ""
    trail: str = ""
    capitals: bool = False
    lower: bool = False
    stopped: bool = False

    @classmethod
    def of(cls, sentence: str, language: str) -> _Spoken:
        """Undress a sentence: capitals lowered, first letter raised, a full stop where no mark ends it."""
        if not _worded(sentence):
            return cls("", lead=sentence)
        lead = (_LEAD.match(sentence) or [""])[0]
        text = sentence[len(lead) :]
        trail = (_TRAIL.search(text) or [""])[0]
        text = text.removesuffix(trail).strip() if trail else text.strip()
        letters = re.sub(r"[\W\d_]", "", text)
        capitals = letters.isupper() and (len(letters) > 5 or (len(letters) > 1 and text[-1] in "!?"))
        lower = not capitals and text[0].islower()
        text = text.lower() if capitals else text
        if language == "en":
            text = re.sub(r"\bi(?=['’ ]|$)", "I", text)
        stopped = text[-1].isalnum()
        if stopped:
            text += "?" if language == "en" and _ASKS.match(text) else "."
        return cls(text[0].upper() + text[1:], lead, trail, capitals, lower, stopped)

    def back(self, text: str, language: str) -> str:
        """Dress a translation as the source was."""
        if not self.text:
            return _localised(self.lead, language)
        text = re.sub(r"\s+([,.;:!?…])", r"\1", re.sub(r"([¡¿])\s+", r"\1", text.strip()))
        if self.stopped and self.text.endswith("."):
            text = text.removesuffix(".")
        if language == "es":
            text = _opened(_opened(text, "¿", "?"), "¡", "!")
        at = next((i for i, c in enumerate(text) if c.isalnum()), 0)
        first = text[at : at + 1]
        text = text[:at] + (first.lower() if self.lower else first.upper()) + text[at + 1 :]
        return self.lead + (text.upper() if self.capitals else text) + self.trail


def _opened(text: str, opening: str, closing: str) -> str:
    if closing not in text:
        return text.replace(opening, "")
    return text if opening in text else opening + text


# --- what must not be lost -------------------------------------------------------------------------------

_NUMBER = re.compile(r"\d+(?:[.,:\u00a0\u202f]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_SPELLED = {
    word: value
    for values, words in (
        (range(2, 21), "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
         "sixteen seventeen eighteen nineteen twenty"),
        (range(30, 100, 10), "thirty forty fifty sixty seventy eighty ninety"),
    )
    for value, word in zip(values, words.split())
}  # fmt: skip
_SCALES = _set("hundred thousand million billion dozen")
# Capitalised words that are translated like any other.
_COMMON = _set(
    "mr mrs ms miss dr sir madam lady lord king queen prince princess captain doctor professor president "
    "general saint god jesus christ christmas easter bible heaven hell mom mum dad mother father grandma "
    "grandpa uncle aunt earth moon sun internet tv ok okay i oh i'm i'll i've i'd english spanish french "
    "german italian portuguese american british european african asian chinese japanese russian greek "
    "dutch swedish turkish indian mexican monday tuesday wednesday thursday friday saturday sunday january "
    "february march april may june july august september october november december united states kingdom "
    "new south north east west us uk usa un eu nato dna aids street avenue river lake ocean sea university "
    "school church hospital war world cold pacific atlantic olympic bank park deus natal estados unidos "
    "reino unido senhor senhora dom dona mamãe papai rei rainha"
)
# Places by their English, Spanish and Portuguese names.
_PLACES = tuple(
    tuple(row.split())
    for row in re.split(
        r"\|",
        "london londres londres|spain españa espanha|france francia frança|germany alemania alemanha|italy "
        "italia itália|england inglaterra inglaterra|scotland escocia escócia|wales gales gales|ireland "
        "irlanda irlanda|sweden suecia suécia|norway noruega noruega|denmark dinamarca dinamarca|finland "
        "finlandia finlândia|switzerland suiza suíça|netherlands holanda holanda|belgium bélgica "
        "bélgica|austria austria áustria|hungary hungría hungria|poland polonia polônia|greece grecia "
        "grécia|turkey turquía turquia|russia rusia rússia|ukraine ucrania ucrânia|egypt egipto "
        "egito|morocco marruecos marrocos|japan japón japão|china china china|korea corea coreia|india "
        "india índia|australia australia austrália|canada canadá canadá|mexico méxico méxico|brazil brasil "
        "brasil|america américa américa|europe europa europa|africa áfrica áfrica|asia asia ásia|york york "
        "york|paris parís paris|rome roma roma|berlin berlín berlim|vienna viena viena|moscow moscú "
        "moscou|tokyo tokio tóquio|athens atenas atenas|lisbon lisboa lisboa|venice venecia "
        "veneza|florence florencia florença|beijing pekín pequim|kyoto kioto quioto|chicago chicago "
        "chicago",
    )
)
_PLACE_IN = {
    language: {place: row[column] for row in _PLACES for place in row}
    for column, language in enumerate(("en", "es", "pt"))
}
_STAND_INS: dict[str, tuple[str, ...]] = {
    "name": ("Tom", "Mary", "John", "Bill", "Jane"),
    "term": ("Tom", "Mary", "John", "Bill", "Jane"),
    "number": ("20", "30", "50", "40", "60"),
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """Something of the source that a translation must hold: as written there, and as it is written here."""

    kind: Literal["number", "name", "term"]
    source: str
    target: str
    spelled: tuple[str, ...] = ()
    times: int = 1

    def within(self, text: str) -> bool:
        """Whether a translation holds it."""
        if self.kind == "term":
            return re.search(rf"(?<!\w){re.escape(self.target)}(?!\w)", text, re.IGNORECASE) is not None
        words = [_plain(word) for word in _WORD.findall(text)]
        if self.kind == "name":
            # Word by word, as often as it was said; a place may also go by its name here.
            return all(
                sum(word in (_plain(name), _plain(self.target)) for word in words) >= self.times
                for name in self.source.split()
            )
        numbers = {_digits(number) for number in _NUMBER.findall(text)}
        decade = {self.target[-2:]} if re.search(r"\d0s$", self.source) else set()
        joined = " ".join(words)
        return bool(({_digits(self.target)} | decade) & numbers) or any(
            re.search(rf"\b{pattern}\b", joined) for pattern in self.spelled
        )


def _required(text: str, names: frozenset[str], work: _Work) -> tuple[_Kept, ...]:
    """What a translation of `text` must hold, glossary terms before the names and numbers inside them."""
    items: list[_Kept] = []
    rest = text
    for source, target in sorted(work.glossary.terms, key=lambda term: -len(term[0])):
        # Terms in lower case match any case; others as written, so that "Bill" is not a bill.
        flags = re.IGNORECASE if source.islower() else 0
        for match in re.finditer(rf"(?<!\w){re.escape(source)}(?!\w)", rest, flags):
            items.append(_Kept("term", match[0], target))
            rest = rest[: match.start()] + "\x00" * len(match[0]) + rest[match.end() :]
    for capitals in re.finditer(r"[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*)*", rest):
        for known, group in groupby(capitals[0].split(), key=lambda word: _name(word) in names):
            if known:
                written = " ".join(_name(word) for word in group)
                place = _PLACE_IN.get(work.target, {}).get(written.lower(), written)
                items.append(_Kept("name", written, written[0] + place[1:] if place == written else place.capitalize()))
    for match in re.finditer(r"(\d+(?:[.,:\u00a0\u202f]\d+)*)(st|nd|rd|th|0?s)?", rest):
        number = _localised(match[1], work.target)
        items.append(_Kept("number", match[0], number, _spelled(match[1], work.target)))
    if work.source == "en":
        items += [_Kept("number", word, value, _spelled(value, work.target)) for word, value in _in_words(rest)]
    return tuple(replace(item, times=times) for item, times in Counter(items).items())


def _in_words(text: str) -> Iterator[tuple[str, str]]:
    # "twenty-one people": (as written, "21"). Hundreds and more are left alone.
    words = re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)?", text)
    for word, after in zip(words, [*words[1:], ""]):
        tens, _, ones = word.lower().partition("-")
        if after.lower() not in _SCALES and tens in _SPELLED and (not ones or ones in _SPELLED or ones == "one"):
            yield word, str(_SPELLED[tens] + (_SPELLED.get(ones, 1) if ones else 0))


def _spelled(number: str, language: str) -> tuple[str, ...]:
    """Patterns of a whole number's words, in both genders; none where num2words is not installed."""
    if not number.isdecimal() or len(number) > 6 or language not in _LEANS:
        return ()
    try:
        from num2words import num2words
    except ImportError:
        return ()
    forms = [num2words(int(number), lang=language), num2words(int(number), lang=language, to="ordinal")]
    plain = (_plain(form.replace("-", " ").replace(",", "")) for form in forms)
    return tuple(form if language == "en" else _both_genders(form) for form in plain)


def _both_genders(words: str) -> str:
    words = re.sub(r"\bdois\b", "(?:dois|duas)", re.sub(r"\bum$", "uma?", words))
    return re.sub(r"os$", "[oa]s", re.sub(r"o$", "[oa]?", words))


def _names(sentences: Sequence[_Sentence]) -> frozenset[str]:
    """Words written with a capital inside a sentence anywhere: these are names at a sentence's start too."""
    found: set[str] = set()
    for sentence in sentences:
        words = sentence.text.split()
        capitals = [w for w in words[1:] if w[0].isupper() and not _common(_name(w))]
        if len(capitals) * 2 > len(words) > 2 or sentence.text.isupper():
            continue  # a title
        for before, word in pairwise(words):
            inside = before[-1] not in '.!?…:"“-' or before.lower() in _ABBREVIATIONS
            if inside and word[0].isupper():
                found.add(_name(word))
    return frozenset(name for name in found if name and not _common(name))


def _common(name: str) -> bool:
    return not {name.casefold(), name.casefold().removesuffix("s")}.isdisjoint(_COMMON)


def _name(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.strip(".,;:!?…\"'“”()[]«»"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a translator is asked for one sentence."""

    text: str
    kept: tuple[_Kept, ...]

    def sound(self, hypotheses: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """The hypotheses that make sense, best first: those that lose least, none that runs away."""
        sane = [_mended(c, self) for c in hypotheses if c.text and not _runs_away(self.text, c.text)]
        if not sane:
            return tuple(replace(c, text=_unlooped(c.text)) for c in hypotheses[:1]) or (Candidate(self.text, -9.0),)
        least = min(len(self.lost((c,))) for c in sane)
        good = [c for c in sane if len(self.lost((c,))) == least]
        distinct: dict[str, Candidate] = {}
        for candidate in good:
            if candidate.score >= good[0].score - MARGIN:
                distinct.setdefault(candidate.text, candidate)
        return tuple(distinct.values())

    def lost(self, hypotheses: Sequence[Candidate]) -> tuple[_Kept, ...]:
        """What the best hypothesis does not hold."""
        return tuple(item for item in self.kept if not item.within(hypotheses[0].text))

    def masks(self, hypotheses: Sequence[Candidate]) -> tuple[_Mask, ...]:
        """Ways to ask again: with stand-ins for what was lost, and for everything."""
        ways = (_Mask.over(self.text, self.lost(hypotheses)), _Mask.over(self.text, self.kept))
        return tuple(dict.fromkeys(ways))


def _mended(candidate: Candidate, asked: _Asked) -> Candidate:
    numbers = [item for item in asked.kept if item.kind == "number"]
    written = {_digits(item.target): item.target for item in numbers}
    text = _NUMBER.sub(lambda match: written.get(_digits(match[0]), match[0]), candidate.text)
    candidate = replace(candidate, text=text)
    # One number lost and one that nobody said: the model miswrote it.
    lost = [item for item in numbers if not item.within(candidate.text)]
    said = {_digits(number) for number in _NUMBER.findall(asked.text)}
    strange = [number for number in _NUMBER.findall(candidate.text) if _digits(number) not in said]
    if len(lost) != 1 or len(strange) != 1 or not lost[0].source[0].isdigit():
        return candidate
    return replace(candidate, text=candidate.text.replace(strange[0], lost[0].target))


def _runs_away(source: str, text: str) -> bool:
    looped = text != _unlooped(text) and source == _unlooped(source)
    return looped or len(text.split()) > 3 * len(source.split()) + 6


def _unlooped(text: str) -> str:
    # "no no no no": one to four words said three times and more are said once.
    return re.sub(r"(?<!\w)((?:[\w'’]+\W+){1,4}?)(?:\1){2,}", r"\1", text + " ", flags=re.IGNORECASE).rstrip()


@dataclass(frozen=True, slots=True)
class _Mask:
    """A sentence with stand-ins that models copy well in the place of what they spoilt."""

    text: str
    items: tuple[tuple[str, _Kept], ...] = field(default=())

    @classmethod
    def over(cls, text: str, lost: Sequence[_Kept]) -> _Mask:
        """Put stand-ins over the lost things."""
        items = []
        for item in lost:
            free = (s for s in _STAND_INS[item.kind] if s not in text)
            stand_in = next(free, None)
            if stand_in is not None:
                text = re.sub(rf"(?<!\w){re.escape(item.source)}(?!\w)", stand_in, text)
                items.append((stand_in, item))
        return cls(text, tuple(items))

    def lifted(self, hypotheses: Sequence[Candidate], language: str) -> tuple[Candidate, ...]:
        """Put the right words back; hypotheses that lost or repeated a stand-in are left out."""
        found = []
        for candidate in hypotheses:
            text = candidate.text
            for stand_in, item in self.items:
                forms = [re.escape(stand_in), *_spelled(stand_in, language)[:1]]
                pattern = rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)"
                text, count = re.subn(pattern, item.target.replace("\\", r"\\"), text, flags=re.IGNORECASE)
                if count != item.times:
                    break
            else:
                found.append(replace(candidate, text=text))
        return tuple(found)


# Thousands with or without decimals, or decimals alone; a time or a date is neither.
_ENGLISH_NUMBER = r"(?<![\d.,:/])(?:\d{1,3}(?:[,]\d{3})+(?:[.]\d+)?|\d+[.]\d{1,2})(?![.,:/]?\d)"
_OTHER_MARKS = str.maketrans(",.", ".,")


def _localised(text: str, language: str) -> str:
    """English 1,000.5 is written 1.000,5 in Spanish and Portuguese, and the other way round."""
    pattern = _ENGLISH_NUMBER.translate(_OTHER_MARKS) if language == "en" else _ENGLISH_NUMBER
    return re.sub(pattern, lambda match: match[0].translate(_OTHER_MARKS), text)


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))


# --- back to segments ------------------------------------------------------------------------------------


def _parted(sentence: _Sentence, hypotheses: Sequence[Candidate], language: str) -> dict[int, list[Candidate]]:
    """Candidates for each segment of a sentence.

    The best hypothesis is parted among them. Of another one a segment takes its own part only where the rest
    is word for word the best one's: so segments can choose apart, and nothing is said twice or never.
    """
    sources = sentence.parts
    if len(sources) == 1:
        return {sources[0][0]: list(hypotheses)}
    best = hypotheses[0].text.split()
    edges = [0, *_boundaries(best, [text for _, text in sources], language), len(best)]
    parted: dict[int, list[Candidate]] = {}
    for (index, _), start, end in zip(sources, edges, edges[1:]):
        own = [replace(hypotheses[0], text=" ".join(best[start:end]) or "…")]
        after = len(best) - end
        for other in hypotheses[1:]:
            words = other.text.split()
            middle = words[start : len(words) - after]
            if middle and words[:start] == best[:start] and words[len(words) - after :] == best[end:]:
                own.append(replace(other, text=" ".join(middle)))
        parted[index] = own
    return parted


def _boundaries(words: Sequence[str], sources: Sequence[str], language: str) -> list[int]:
    """Where to part `words` so that each source has its share: by length, and at marks where there are."""
    if len(words) < len(sources):
        return [min(i, len(words)) for i in range(1, len(sources))]
    reached = {0: (0.0, [0])}
    total = sum(map(len, sources))
    for rank in range(1, len(sources)):
        share = sum(map(len, sources[:rank])) / total
        last = len(words) - (len(sources) - rank)
        costs = {i: _cost(i, words, sources[:rank], share, language) for i in range(rank, last + 1)}
        reached = {
            i: min((before[0] + cost, [*before[1], i]) for j, before in reached.items() if j < i)
            for i, cost in costs.items()
        }
    return min(reached.values())[1][1:]


def _cost(at: int, words: Sequence[str], sources: Sequence[str], share: float, language: str) -> float:
    """How bad it is to part `words` before number `at`, in words of displacement."""
    length = sum(map(len, words))
    cost = abs(sum(map(len, words[:at])) / length - share) * len(words)
    before, after = words[at - 1], words[at]
    if before[-1] in ",;:.!?…—":
        cost -= 3 if sources[-1].rstrip()[-1:] in ",;:.!?…—-" else 1.5
    if before.lower().strip("¿¡\"'«(") in _LEANS.get(language, ()):
        cost += 5
    if after.lower() in _CLAUSES.get(language, ()):
        cost -= 0.8
    # A name or number of the sources before that is heard only after the boundary.
    said, heard, later = (set(re.findall(r"\w+", " ".join(texts))) for texts in (sources, words[:at], words[at:]))
    late: int = sum(word[0].isupper() or word[0].isdigit() for word in said & later - heard)
    return cost + 3 * late


def _combined(pieces: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """Ways to say a segment of several sentences: all best, all shortest, then one exchanged at a time."""
    if not pieces:
        return (Candidate("", 0.0),)
    best = [piece[0] for piece in pieces]
    ways = [best, [min(piece, key=lambda c: len(c.text)) for piece in pieces]]
    exchanged = [[*best[:i], other, *best[i + 1 :]] for i, piece in enumerate(pieces) for other in piece[1:]]
    ways += sorted(exchanged, key=_score, reverse=True)
    found: dict[str, Candidate] = {}
    for way in ways:
        text = " ".join(candidate.text for candidate in way if candidate.text)
        found.setdefault(text, Candidate(text, _score(way)))
    first, *others = list(found.values())[:CANDIDATES]
    return (first, *sorted(others, key=lambda candidate: -candidate.score))


def _score(way: Sequence[Candidate]) -> float:
    weights = [len(candidate.text.split()) + 1 for candidate in way]
    total: float = sum(candidate.score * weight for candidate, weight in zip(way, weights))
    return round(total / sum(weights), 4)
