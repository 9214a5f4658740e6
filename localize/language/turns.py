"""What of a line reaches a translator, and how its answer goes back: turns of speakers, and their words alone.

Dashes, labels (`ANNA:`), sounds in brackets and music marks are found before translation and put back after it
(`language/structure.py`); a translator sees nothing but words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..data import Candidate, Line
from .boundaries import ends_sentence
from .labels import without_how
from .markup import ANGLES, CURLY, TAG
from .screen_text import is_screen_text
from .speaker_names import is_surely_name
from .structure import ParsedLine, Part, parse_line, rejoin_parts

WAYS = 6
"""Candidates of a line that is made of parts."""

_ABOVE = re.compile(r"[^\W\d_a-zß-öø-ÿ][^\W_a-zß-öø-ÿ'’.-]*(?: [^\W_a-zß-öø-ÿ'’.-]+| #?\d+){0,2}")
_INLINE_DASH = re.compile(r"(?<=[.!?…\])”»\"♪])\s+(?=[-\u2010-\u2015]\s?[^\s\d\-])")
_STARTS_DASHED = re.compile(r"\s*[-\u2010-\u2015](?![-\u2010-\u2015\d])")
_STARTS_CLOSE = re.compile(rf"(?:{TAG}|\s)*[-\u2010-\u2015](?=[^\s\d\-\u2010-\u2015])")
_NUMBERED = re.compile(r"(\s*[-\u2010-\u2015])(?=\d)")
_DEGREES = re.compile(r"\s*-\d+(?:[.,]\d+)?\s?(?:°|º|%|degrees?\b|grad(?:os?|i)?\b|graus?\b|degrés?\b)")
_ASIDE = re.compile(r"\s*[-\u2010-\u2015]\s*[^\W\d_A-ZÀ-ÖØ-Þ]")
_CAPITAL = re.compile(r"[^\w]*[A-ZÀ-ÖØ-Þ]")
_BRACKETED = re.compile(rf"(?:[-\u2010-\u2015]\s?)?(?:{ANGLES}|{CURLY}):?\s")
_INLINE_LABEL = re.compile(
    r"(?<!\s[-\u2010-\u2015])(?<!^[-\u2010-\u2015])(?<=[.!?…\])”»\"♪-])\s+(?="
    r"(?:[-\u2010-\u2015]\s?)?(?:[^\W\d_]{1,5}\.\s)?[^\W\d_][^:：\[\](){}<>\n♪.!?…]{0,40}(?:[(\[][^()\[\]]*[)\]])?[:：]\s"
    rf"|{_BRACKETED.pattern})"
)
_NAME_LINE = re.compile(
    rf"\s*(?:[-\u2010-\u2015]\s*)?(?:{ANGLES}|{CURLY}|[\[(（【［](?P<name>[^\[\]()（）【】［］]{{1,40}})[\])）】］]):?\s*"
)
_MANNER = re.compile(r",\s(?=[^\W\d_A-ZÀ-ÖØ-Þ])[^,]+\Z")
"""How somebody speaks, in the brackets of the name: "ANNA, quietly"."""
_BROKEN_OFF = re.compile(r"[-\u2010-\u2015]\s*$")
_OPEN = re.compile(r"(?:[\[(（【［][^\[\]()（）【】［］]*|\{[^{}\\]*)\Z")
_CLOSES = re.compile(r"[^\[\]()（）【】［］{}]*[\])）】］}]")
_ENDED = re.compile(r"[.!?…:\])♪”»\"]\s*$")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says in a cue, or one sound of it.

    Args:
        parts: its text taken apart, on one line.
        lines: how many lines of the cue it takes.
        parted: it begins a line of its own.
        voices: who speaks in it, where the file says so.
    """

    parts: ParsedLine
    lines: int = 1
    parted: bool = False
    voices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """What one person says in a cue, and after what another does.

    Args:
        turns: the turns it is made of, in order; a sound before or behind the words among them.
        name: of the label that stands before it; "" where there is none.
    """

    turns: tuple[Turn, ...]
    name: str = ""

    @property
    def text(self) -> str:
        """The words alone, as a voice says them."""
        return spoken_text(self.turns)

    @property
    def voices(self) -> tuple[str, ...]:
        """Who speaks, where marks of the file say so."""
        return next((turn.voices for turn in self.turns if turn.voices), ())


def turns_of(
    text: str, language: str, names: Sequence[str] = (), voices: Sequence[Sequence[str]] = ()
) -> tuple[Turn, ...]:
    """Who speaks after whom in a text.

    Args:
        text: of a cue or segment; a newline where a line ends, none where its lines are not known.
        language: of the text, BCP 47.
        names: of speakers, where they are known.
        voices: for each line who speaks in it, where the file says so.
    """
    groups: list[list[str]] = []
    who: list[tuple[str, ...]] = []
    rows = text.split("\n")
    dashed = False
    for at, line in enumerate(_with_dashed_numbers(rows)):
        dashed = dashed or bool(_STARTS_DASHED.match(line))
        said = tuple(voices[at]) if at < len(voices) else ()
        for number, stretch in enumerate(_stretches(line, language, names, dashed=dashed)):
            other = bool(at and at < len(voices) and voices[at] != voices[at - 1])
            named = bool(groups) and not (number or other) and _is_name_above(groups[-1][-1], stretch, language, names)
            if not groups or number or other or not (named or not _begins_turn(stretch, groups[-1], language, names)):
                groups.append([stretch])
                who.append(said)
            else:
                groups[-1].append(stretch)
    lines = "\n" in text
    turns = [
        Turn(parse_line(" ".join(group), language, names), len(group), lines and n > 0, said)
        for n, (group, said) in enumerate(zip(groups, who))
    ]
    return tuple(_with_both_dashes(turns))


def _is_name_above(line: str, below: str, language: str, names: Sequence[str]) -> bool:
    """Whether a line is a name in brackets, and the next one what that person says: square and round ones hold sounds
    more often, so that only what surely is a name counts in them.
    """
    found = _NAME_LINE.fullmatch(line)
    if not found or _STARTS_DASHED.match(below) or not _has_label(f"{line} {below}", language, names):
        return False
    name = found["name"]
    return not name or name.casefold() in map(str.casefold, names) or is_surely_name(name, language)


def _with_dashed_numbers(rows: Sequence[str]) -> Iterator[str]:
    """The lines of a cue, with a space behind the dash of a dialogue before a number: where its other lines have dashes
    right before their words ("-How much?", "-20 dollars."), no minus stands there.
    """
    close = any(map(_STARTS_CLOSE.match, rows))
    opened = False
    for at, row in enumerate(rows):
        ended = not at or bool(_ENDED.search(rows[at - 1]) or _BROKEN_OFF.search(rows[at - 1]))
        begins = close and ended and (opened or not at) and bool(_NUMBERED.match(row))
        begins = begins and not (at == 0 and _DEGREES.match(row))
        opened = opened or begins or bool(_STARTS_CLOSE.match(row))
        yield _NUMBERED.sub(r"\1 ", row, count=1) if begins else row


def _stretches(line: str, language: str, names: Sequence[str], *, dashed: bool) -> list[str]:
    """A line parted where another person begins inside: at the dashes of a dialogue, before a second label."""
    found: list[str] = []
    aside = False
    for piece in _INLINE_DASH.split(line) if dashed else [line]:
        # A narrator of Spanish dialogue: "—¡Hola! —gritó Juan. —Ven."
        narrated = bool(found and _ASIDE.match(piece) and _CAPITAL.match(found[-1]))
        if narrated or aside:
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
        aside = narrated
    return [part for piece in found for part in _parted_by_labels(piece, language, names)]


def _parted_by_labels(line: str, language: str, names: Sequence[str]) -> list[str]:
    found = _INLINE_LABEL.search(line)
    if not found or not (_BRACKETED.match(line, found.end()) or _has_label(line, language, names)):
        return [line]
    pieces: list[str] = []
    for piece in _INLINE_LABEL.split(line):
        begun = bool(pieces) and bool(_BROKEN_OFF.search(pieces[-1]) or _STARTS_DASHED.match(piece))
        if pieces and not (begun or ends_sentence(pieces[-1].split()[-1], piece.split()[0], language)):
            pieces[-1] = f"{pieces[-1]} {piece}"  # "DR. HALL:"
        else:
            pieces.append(piece)
    parts = pieces[:1]
    for piece in pieces[1:]:
        if _has_label(piece, language, names):
            parts.append(piece)
        else:
            parts[-1] = f"{parts[-1]} {piece}"
    return parts


def _has_label(line: str, language: str, names: Sequence[str]) -> bool:
    """Whether a line begins with who speaks."""
    items = parse_line(line, language, names).items
    return next((part.kind for part in items if part.kind not in ("mark", "dash", "chevron")), "") == "label"


def spoken_turns(turns: Sequence[Turn]) -> tuple[SpokenTurn, ...]:
    """What each person says in a cue, one after the other; nothing where nobody says a word.

    A dash, a label or another voice of the file begins another speaker; the items of a list that is announced
    ("I need:" and a dash before each line) and labels with the same name do not.
    """
    said = [turn for turn in turns if turn.parts.words]
    if not said:
        return ()
    groups: list[list[Turn]] = [[said[0]]]
    listed = not _is_written(said[0]) and said[0].parts.words[-1].rstrip().endswith((":", "："))
    for turn in said[1:]:
        before = groups[-1][-1]
        other = bool(turn.voices) and turn.voices != before.voices
        begun = other or (_is_begun(turn) and not listed)
        name = speaker_of([turn])
        if begun and not (name and name.casefold() == speaker_of(groups[-1]).casefold()):
            groups.append([turn])
        else:
            groups[-1].append(turn)
    return tuple(SpokenTurn(tuple(group), speaker_of(group)) for group in groups)


def _is_begun(turn: Turn) -> bool:
    """Whether a turn has a dash or a label before its words."""
    return any(part.kind in ("dash", "chevron", "label") for part in turn.parts.items)


def _is_written(turn: Turn) -> bool:
    """Whether the dash of a turn, or its label, is written in the cue."""
    return any(part.kind in ("dash", "chevron", "label") and part.text for part in turn.parts.items)


def names_above(texts: Iterable[str], names: Iterable[str] = ()) -> frozenset[str]:
    """Names in capitals that stand alone above what they say ("ANNA", and a line below it "Go."): that come again, or
    are names of labels too.

    Args:
        texts: of cues, a newline where a line ends.
        names: of labels.
    """
    found: Counter[str] = Counter()
    for text in texts:
        first, _, rest = text.partition("\n")
        if _ABOVE.fullmatch(first) and rest.strip() and rest.upper() != rest:
            found[first] += 1
    known = {name.casefold() for name in names}
    return frozenset(name for name, count in found.items() if count > 1 or name.casefold() in known)


def _begins_turn(line: str, before: Sequence[str], language: str, names: Sequence[str]) -> bool:
    """Whether another speaker, or a sound, begins with a line."""
    if _OPEN.search(" ".join(before)) and _CLOSES.match(line):
        return False
    first = _first(parse_line(line, language, names))
    last = parse_line(before[-1], language, names).items
    if first is not None and first.kind == "dash" and _is_aside(line, before):
        return False
    if first is None or first.kind in ("dash", "chevron", "label", "music"):
        return True
    if not any(part.kind == "words" for part in last) or (last and last[-1].kind == "music"):
        return True
    return first.kind == "sound" and bool(first.opening) and bool(_ENDED.search(before[-1]))


def _is_aside(line: str, before: Sequence[str]) -> bool:
    """Whether a dash goes on with a sentence ("My brother", "- the doctor - is here."): in small letters, after a line
    that began with a capital, without a dash, and has not ended.
    """
    return bool(
        len(before) == 1
        and _ASIDE.match(line)
        and _CAPITAL.match(before[0])
        and not _STARTS_DASHED.match(before[0])
        and not _ENDED.search(before[0])
        and not _BROKEN_OFF.search(before[0])
    )


def _first(parts: ParsedLine) -> Part | None:
    return next((part for part in parts.items if part.kind != "mark"), None)


def _with_both_dashes(turns: Sequence[Turn]) -> Iterator[Turn]:
    """Where a dash stands before the second of two speakers only, the first gets one too."""
    first = [_first(turn.parts) for turn in turns]
    lacks = (
        len(turns) == 2
        and first[0] is not None
        and first[0].kind in ("words", "mark")
        and first[1] is not None
        and first[1].kind == "dash"
    )
    for at, turn in enumerate(turns):
        items = turn.parts.items
        yield replace(turn, parts=replace(turn.parts, items=(Part("dash", ""), *items))) if lacks and not at else turn


def words_of_turns(turns: Sequence[Turn]) -> tuple[tuple[int, str], ...]:
    """What is translated, in order: index of the turn, and the words."""
    return tuple((number, words) for number, turn in enumerate(turns) for words in turn.parts.words)


def spoken_text(turns: Sequence[Turn]) -> str:
    """The words alone, as a voice says them."""
    return " ".join(words for _, words in words_of_turns(turns))


def speaker_of(turns: Sequence[Turn]) -> str:
    """The name of the label before the words; "" where there is none."""
    first = (part for turn in turns for part in turn.parts.items if part.kind in ("label", "words"))
    label = next((part.text if part.kind == "label" else "" for part in first), "")
    name = without_how(label).strip() or label.strip()
    return _MANNER.sub("", name).rstrip(" :：") or name


def said_turns(turns: Sequence[Turn], called: Iterable[str] = ()) -> list[Turn]:
    """The turns without those of which a label says that the picture shows them.

    Args:
        turns: of a cue.
        called: names of people whom a request tells, who are no such labels.
    """
    people = {name.casefold() for name in called}
    return [turn for turn in turns if not _is_shown(turn, people)]


def _is_shown(turn: Turn, people: Collection[str]) -> bool:
    name = speaker_of([turn])
    bracketed = any(part.kind == "label" and part.opening for part in turn.parts.items)
    return (
        bool(name) and name.casefold() not in people and is_screen_text(name, turn.parts.language, bracketed=bracketed)
    )


def is_plain(turns: Sequence[Turn]) -> bool:
    """Whether a text is nothing but words of one speaker."""
    return len(turns) == 1 and len(turns[0].parts.items) == 1 and turns[0].parts.items[0].kind == "words"


def put_back(turns: Sequence[Turn], options: Sequence[Sequence[Candidate]], language: str) -> tuple[Candidate, ...]:
    """Candidates for a whole text: all words best, then those of one part exchanged at a time.

    Args:
        turns: the text taken apart.
        options: for each of `words_of_turns(turns)` its candidates, best first.
        language: of the candidates.

    Returns:
        texts with a newline where a turn begins a line of its own; the first has links.
    """
    best = [ways[0] for ways in options]
    ways = [best, *([*best[:at], other, *best[at + 1 :]] for at, found in enumerate(options) for other in found[1:])]
    first, *others = ways
    rest = sorted(others, key=_score, reverse=True)[: WAYS - 1]
    made: dict[str, Candidate] = {}
    for way in (first, *rest):
        candidate = _join_turns(turns, way, language, linked=way is first)
        made.setdefault(candidate.text, candidate)
    return tuple(made.values())


def on_one_line(line: Line) -> Line:
    """A line whose candidates have no newlines."""
    return replace(line, candidates=tuple(replace(c, text=" ".join(c.text.split("\n"))) for c in line.candidates))


def _score(way: Sequence[Candidate]) -> float:
    weights = [len(candidate.text.split()) + 1 for candidate in way]
    total = sum(candidate.score * weight for candidate, weight in zip(way, weights))
    return round(total / sum(weights), 4) if weights else 0.0


def _join_turns(turns: Sequence[Turn], way: Sequence[Candidate], language: str, *, linked: bool) -> Candidate:
    waiting = iter(way)
    text, links, source = "", [], ""
    for number, turn in enumerate(turns):
        mine = [next(waiting) for _ in turn.parts.words]
        words = iter(mine)
        text += "" if not number else "\n" if turn.parted else " "
        source += " " if number else ""
        pieces = rejoin_parts(turn.parts, [candidate.text for candidate in mine], language)
        for part, (before, shown) in zip(turn.parts.items, pieces):
            theirs = _extent(source + part.before, part.opening + part.text + part.closing)
            ours = _extent(text + before, shown)
            source += part.before + part.opening + part.text + part.closing
            text += before + shown
            if linked:
                own = next(words).links if part.kind == "words" else ()
                links += _shift_links(own, theirs, ours)
    return Candidate(text, _score(way), way[0].rule if len(way) == 1 else "", tuple(links))


def _extent(before: str, text: str) -> range:
    """Which words of a growing text a piece of it consists of; one that touches the piece before shares its word."""
    if not text.split():
        return range(0)
    start = len(before.split()) - bool(before and not before[-1].isspace())
    return range(start, start + len(text.split()))


def _shift_links(own: Sequence[tuple[int, int]], theirs: range, ours: range) -> list[tuple[int, int]]:
    """Links of a piece, counted in the whole text; without links of its own all its words say what all of them said."""
    if own:
        return [(theirs.start + a, ours.start + b) for a, b in own if a < len(theirs) and b < len(ours)]
    return [(a, b) for a in theirs for b in ours]
