"""First-person agreement: predicates of the speaker in the gender of the speaker ("estoy cansada", "obrigado").

English does not say who speaks, Spanish and Portuguese do: adjectives, participles and nouns of people after a verb
whose subject is the speaker end as the speaker's gender wants. A rule over the translated line finds such predicates
by the verb before them, by the English where the verb's form is that of the third person too ("estaba",
"era"). What is not certainly the speaker's stays as it is. Verbs and words are data: language/gender.toml.

Sources: RAE, Nueva gramática de la lengua española (2009), chapters 37 and 38 (predicates and their agreement); Cunha
and Cintra, Nova gramática do português contemporâneo (1984), on the agreement of the predicate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ..data import Candidate
from ..language.gender import GENDERS, LANGUAGES, GenderGrammar, gender_grammar
from .addressees import many_first

_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+|[^\w\s]")
_ADVERB = re.compile(r"\w+mente")
_QUOTED = re.compile(r"[\"“«‘][^\"”»’]*[\"”»’]")
_BE = (
    "(?:was|were|wasn't|weren't|had been|hadn't been|would be|wouldn't be|would have been|could be|could have been|"
    "should be|might be|must be|must have been|may be|felt|seemed|looked|became|got|used to be|am|be|been|will be|"
    "have been|has been|is|"
    "are|isn't|aren't|feel|feels|stayed|kept|remained|lived|should have been)"
)
_ADVERBS = (
    "(?:not |never |always |really |just |also |still |so |too |already |only |once |all |probably |certainly |almost )"
)
_SUBJECT = re.compile(rf"([\w']+) {_ADVERBS}*({_BE})\b", re.IGNORECASE)
_PRESENT = frozenset("am is are isn't aren't be feel feels".split()) | {"will be"}
_SHORT_FORMS = (("m", "am"), ("re", "are"), ("s", "is"), ("ve", "have"), ("ll", "will"), ("d", "would"))
_ASKED = re.compile(r"\b(?:was|were|am|would|could|had) (i|you|he|she|it|we|they|the|this|that)\b", re.IGNORECASE)
_OTHERS = re.compile(r"\b(?:you|he|she|it|we|they|who|that|this|there|everyone|everybody|nobody)\b", re.IGNORECASE)
_ALONE = re.compile(
    r"\b(?:I|me)(?:'\w+)?\b(?:(?!\b(?:you|him|her|us|them|he|she|we|they|only|just)\b)[^.!?;])*?"
    r"\b(?:alone|lonely|by myself|on my own|all by myself|myself)\b",
    re.IGNORECASE,
)
_LONELY = re.compile(r"\b(?:alone|lonely|lonesome|by myself|on my own|single|myself)\b", re.IGNORECASE)
_SELF = re.compile(r"\b(?:myself|by myself|alone|on my own|me too|I, too|mine|me)\b", re.IGNORECASE)
_CHILD = re.compile(r"\b(?:when I was|as a (?:child|kid|baby)|since I was|ever since I)\b", re.IGNORECASE)
_GENDERED = re.compile(
    r"\b(?:(?:boy|girl)(?:friend)?|lad|lass|gentleman|lady|man|woman|waiter|waitress|actor|actress|widow|widower|uncle|aunt|"
    r"nephew|niece|son|daughter|brother|sister|father|mother|king|queen|prince|princess|hero|heroine|witch|wizard|"
    r"hostess|fireman|policeman|policewoman|businessman|businesswoman|salesman|cowboy|nun|monk|bride|groom|maid|"
    r"husband|wife|male|female|guy|chick|dude|bachelor|bastard|bitch)\b",
    re.IGNORECASE,
)
"""English that says a gender itself."""
_THANKS = re.compile(r"\b(?:thank|thanks|grateful|obliged|appreciate|nice|pleased|glad|delighted|happy|much)\b", re.I)
_DISJUNCT = re.compile(r"\b(?:honest|honestly|frank|frankly|fair|precise|exact|clear|truth|sincere|truthful)\b", re.I)
_BEFORE_DISJUNCT = {"es": re.compile(r"(?:.* )?para ser|.*siendo"), "pt": re.compile(r"(?:.* )?para ser|.*sendo")}
_HOW = {"es": "(?:lo|qué|cuán|tan) ", "pt": "(?:o|quão|tão) "}


def agreed(
    hypotheses: Sequence[Candidate], source: str, language: str, gender: str, plural: bool = False
) -> tuple[Candidate, ...]:
    """Hypotheses in which the speaker's predicates have the speaker's gender.

    Where the corrected words are another hypothesis of the translator's, that one stands in their place.

    Args:
        hypotheses: ways to say one sentence, the best first.
        source: the English sentence.
        language: of the hypotheses.
        gender: "female" or "male"; "" where nobody knows, and then nothing is changed.
        plural: several people are spoken to, see `speaks_to_many`: hypotheses that address one person go, where
            others say so.
    """
    ranked = many_first(hypotheses, language) if plural else tuple(hypotheses)
    if gender not in GENDERS or language not in LANGUAGES:
        return ranked
    own = {candidate.text: candidate for candidate in ranked}
    found: dict[str, Candidate] = {}
    for candidate in ranked:
        text = agree(candidate.text, source, language, gender)
        changed = candidate if text == candidate.text else own.get(text, candidate.reworded(text))
        found.setdefault(text, changed)
    return tuple(found.values())


@lru_cache(maxsize=1 << 14)
def agree(text: str, source: str, language: str, gender: str) -> str:
    """A line in which the speaker's predicates have a gender; what is not certainly the speaker's is left.

    Args:
        text: Spanish or Portuguese.
        source: the English it translates.
        language: "es" or "pt"; other languages are left as they are.
        gender: "female" or "male"; others leave the line as it is.
    """
    if gender not in GENDERS or language not in LANGUAGES:
        return text
    line = _Line.of(text, source, gender_grammar(language), gender == "female")
    line.mend()
    return line.written()


# --- one line --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Line:
    """A line under work: its tokens, and what is put in the place of some."""

    text: str
    source: str
    grammar: GenderGrammar
    female: bool
    tokens: list[re.Match[str]]
    lower: list[str]
    changes: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, source: str, grammar: GenderGrammar, female: bool) -> _Line:
        """Take a line apart."""
        tokens = list(_TOKEN.finditer(text))
        return cls(text, source.replace("’", "'"), grammar, female, tokens, [token[0].lower() for token in tokens])

    def mend(self) -> None:
        """Find every predicate of the speaker and note its form."""
        quoted = self._quoted()
        for start, end, open_class in self._anchors():
            if start not in quoted:
                self._predicate(end, open_class)
                self._before(start)
        for at in range(len(self.lower)):
            if at not in quoted:
                self._fixed(at)

    def written(self) -> str:
        """The text with the changes, capitals kept."""
        pieces, end = [], 0
        for at, put in sorted(self.changes.items()):
            old = self.tokens[at]
            new = put.upper() if old[0].isupper() and len(old[0]) > 1 else put
            new = new[:1].upper() + new[1:] if old[0][:1].isupper() else new
            pieces += [self.text[end : old.start()], new]
            end = old.end()
        return "".join([*pieces, self.text[end:]])

    def _quoted(self) -> set[int]:
        """Tokens in quotation marks, where there are words around them: somebody else's words."""
        inside = {
            at
            for match in _QUOTED.finditer(self.text)
            for at, token in enumerate(self.tokens)
            if match.start() <= token.start() < match.end()
        }
        around = any(word.isalpha() for at, word in enumerate(self.lower) if at not in inside)
        return inside if around else set()

    def _anchors(self) -> Iterator[tuple[int, int, bool]]:
        """(first token, token after, whether any participle may follow) of each verb whose subject is the speaker."""
        row, starts = "", []
        for word in self.lower:
            starts.append(len(row))
            row += word + " "
        places = {start: at for at, start in enumerate(starts)}
        ends = {start - 1: at for at, start in enumerate(starts)} | {len(row) - 1: len(self.lower)}
        for match in self.grammar.sure.finditer(row):
            if not self._echoes(places[match.start()]):
                yield places[match.start()], ends[match.end()], True
        shared = list(self.grammar.shared.finditer(row))
        mine = _of_the_speaker(self.source, len(shared))
        for match, own in zip(shared, mine):
            at = places[match.start()]
            if (own or self._named(at)) and not self._echoes(at):
                yield at, ends[match.end()], True
        for match in self.grammar.objects.finditer(row):
            yield places[match.start()], ends[match.end()], False

    def _echoes(self, at: int) -> bool:
        """Whether a verb stands for what was said before ("lo estoy"), or is somebody else's ("el que soy")."""
        return at > 0 and self.lower[at - 1] == "lo"

    def _named(self, at: int) -> bool:
        """Whether "I" is said before a verb, with nothing but words that lean on the verb between."""
        before = [w for w in self.lower[max(0, at - 3) : at] if w not in ("no", "não", "ya", "já", "me", "nunca")]
        return bool(before) and before[-1] in ("yo", "eu")

    def _skip(self, at: int) -> int:
        """The first token from `at` on that is no filler."""
        while at < len(self.lower):
            word = self.lower[at]
            size = next((n for n in (3, 2, 1) if tuple(self.lower[at : at + n]) in self.grammar.fillers), 0)
            if not size and not _ADVERB.fullmatch(word):
                return at
            at += size or 1
        return at

    def _predicate(self, at: int, open_class: bool) -> None:
        """Give predicates from token `at` on the speaker's gender."""
        first, nouns = True, self.lower[at - 1].split("-")[0] in self.grammar.copulas
        while at < len(self.lower):
            at = self._skip(at)
            after = self._noun(at) if open_class and nouns else at
            if after == at:
                after = self._adjective(at, open_class=open_class and first, nouns=nouns)
            if after == at:
                return
            first = False
            if again := self._again(after):
                at, first, nouns = again, True, self.lower[again - 1] in self.grammar.copulas
                continue
            while after < len(self.lower) and self.lower[after] in {*self.grammar.joins, ","}:
                after += 1
            if after < len(self.lower) and self.lower[after - 1] not in {*self.grammar.joins, ","}:
                return
            # What follows a joint is a predicate too where it can be nothing else.
            if not self._joined(after):
                return
            at, open_class = after, open_class and self.lower[after - 1] != ","

    def _again(self, at: int) -> int:
        """The token after "de estar", "de ser" and the like at `at`, after which the speaker has another predicate; 0
        where there is none.
        """
        words = [word for word in self.lower[at : at + 4] if word not in ("no", "não")]
        if len(words) > 1 and words[0] in ("de", "por", "para", "a", "em") and words[1] in ("estar", "ser", "ficar"):
            return at + self.lower[at : at + 4].index(words[1]) + 1
        return 0

    def _joined(self, at: int) -> bool:
        at = self._skip(at)
        return at < len(self.lower) and (
            self.lower[at] in self.grammar.adjectives
            or self.lower[at] in self.grammar.determiners
            or self.lower[at] in self.grammar.possessives
        )

    def _adjective(self, at: int, *, open_class: bool, nouns: bool = False) -> int:
        """The token after an adjective or participle at `at`, which gets its form; `at` where there is none."""
        if at >= len(self.lower):
            return at
        word, grammar = self.lower[at], self.grammar
        if word in grammar.never or (word in _LAST and not self._ends_noun(at)):
            return at
        if word in grammar.depictives and not _LONELY.search(self.source):
            return at
        pair = grammar.adjectives.get(word)
        if pair is None and open_class:
            pair = grammar.people.get(word) if nouns and not _GENDERED.search(self.source) else None
            pair = pair or grammar.participle(word)
        if pair is None:
            return at + 1 if word in grammar.either and open_class else at
        self._put(at, pair)
        return at + 1

    def _noun(self, at: int) -> int:
        """The token after a noun phrase for the speaker ("un viejo amigo", "la única"); `at` where there is none."""
        grammar, noted = self.grammar, dict[int, tuple[str, str]]()
        word = self.lower[at] if at < len(self.lower) else ""
        if _GENDERED.search(self.source) or word not in {*grammar.determiners, *grammar.possessives}:
            return at
        if word in grammar.determiners:
            noted[at] = grammar.determiners[word]
        for place in range(at + 1, min(at + 5, len(self.lower))):
            pair, last = self._in_noun(place)
            if pair is None:
                return at
            noted[place] = pair
            if last:
                for changed, forms in noted.items():
                    self._put(changed, forms)
                return self._adjective(place + 1, open_class=False)
        return at

    def _in_noun(self, at: int) -> tuple[tuple[str, str] | None, bool]:
        """Both forms of a word of a noun phrase, and whether it ends the phrase; None where it is of no such phrase."""
        word, grammar = self.lower[at], self.grammar
        after = self.lower[at + 1] if at + 1 < len(self.lower) else ""
        if word in grammar.nominal and self._ends_noun(at):
            return grammar.nominal[word], True
        if word in grammar.short and not self._ends_noun(at):
            return grammar.short[word], False
        if word in grammar.people:
            return grammar.people[word], after not in grammar.people and after not in grammar.either
        if word in grammar.either:
            return (word, word), True
        if (word,) in grammar.fillers:
            return (word, word), False
        superlative = self.lower[at - 1] in ("más", "menos", "mais") and self._ends_noun(at)
        return (grammar.adjectives | grammar.nominal).get(word), superlative

    def _ends_noun(self, at: int) -> bool:
        """Whether no noun or adjective follows."""
        after = self.lower[at + 1] if at + 1 < len(self.lower) else ""
        if self.lower[at] == "que":
            return True
        known = after in self.grammar.people or after in self.grammar.either or after in self.grammar.adjectives
        return not known and (not after.isalpha() or after in _SMALL)

    def _before(self, at: int) -> None:
        """A predicate before its verb: "lo cansada que estoy"."""
        back = at - 2 if at > 1 and self.lower[at - 1] in ("que", "eu", "yo") else at - 1
        if back > 0 and re.fullmatch(_HOW[self.grammar.language].strip(), self.lower[back - 1]):
            self._adjective(back, open_class=False)

    def _fixed(self, at: int) -> None:
        """Words that show the speaker's gender without a verb: thanks, "yo misma", "de niña", "sola"."""
        word, grammar = self.lower[at], self.grammar
        before = self.lower[at - 1] if at else ""
        opens = not before.isalpha() or before in ("muy", "muito", "bem", "y", "e", "mas", "pero", "oh", "ah")
        if word in grammar.thanks and _THANKS.search(self.source) and opens:
            self._put(at, grammar.thanks[word])
        elif word in grammar.selves and grammar.myself.fullmatch(before) and _SELF.search(self.source):
            self._put(at, grammar.selves[word])
        elif word in grammar.child and before in ("de", "desde", "quando", "cuando") and _CHILD.search(self.source):
            self._put(at, grammar.child[word])
        elif (
            word in grammar.disjuncts
            and _BEFORE_DISJUNCT[grammar.language].fullmatch(" ".join(self.lower[max(0, at - 2) : at]))
            and _DISJUNCT.search(self.source)
        ):
            if not _OTHERS.search(self.source.split(",")[0].replace("that", "")):
                self._put(at, grammar.disjuncts[word])
        elif word in grammar.depictives and _ALONE.search(self.source) and self.lower.count(word) == 1:
            self._put(at, grammar.depictives[word])

    def _put(self, at: int, pair: tuple[str, str]) -> None:
        new = pair[self.female]
        if new != self.lower[at]:
            self.changes[at] = new


_LAST = frozenset("bajo salvo junto meu minha teu tua seu sua".split())
"""Predicates only where no noun follows."""
_SMALL = frozenset(
    "que de del en a al con para por y e o ou em do da no na dos das nos nas com pelo pela como cuando quando aquí "
    "aqui entre".split()
)


def _of_the_speaker(source: str, count: int) -> list[bool]:
    """Whether each of `count` verbs that may be anybody's is the speaker's, by the subjects in the English."""
    for short, full in _SHORT_FORMS:
        source = re.sub(rf"\b(\w+)'{short}\b", rf"\1 {full}", source)
    subjects = [(match[1].lower(), match[2].lower()) for match in _SUBJECT.finditer(source)]
    subjects += [(match[1].lower(), "was") for match in _ASKED.finditer(source)]
    past = [who == "i" for who, verb in subjects if verb not in _PRESENT]
    found = [who == "i" for who, _ in subjects]
    if count in (len(past), len(found)):
        return past if len(past) == count else found
    return [bool(found) and all(found)] * count
