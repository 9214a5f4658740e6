"""Edit rules of subtitles: delete optional parts of sentences (adjectives, adverbs, adjuncts) for slow readers.

Only profiles with `edited` use these rules: at 12 or 13 characters a second speech cannot be shown word for word. They
leave out what a sentence stands without (attributive adjectives, adverbs of manner, adjuncts, an item beside another),
after Díaz Cintas & Remael, "Subtitling: Concepts and Practices", chapter 5. Without a tagger they go by closed lists of
words (`wording.toml`), and leave alone what these do not know. Where a sentence denies or restricts something nothing
is left out after that: "not a good worker" is no "not a worker".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources

Put = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One edit rule.

    Args:
        name: for the log.
        price: how much is lost.
        pattern: what is written shorter.
        put: what is written instead.
        stands: the sentence must stand without what follows the cut.
        affirms: only where the clause denies and restricts nothing before it.
    """

    name: str
    price: float
    pattern: re.Pattern[str]
    put: Put = ""
    stands: bool = False
    affirms: bool = False


_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_START = r"(?:^|(?<=[.!?…] ))"
_of = partial(re.compile, flags=re.IGNORECASE)


@cache
def word_lists(language: str) -> Mapping[str, str]:
    """The word lists of a language, as alternatives of regular expressions; empty for one without.

    Args:
        language: its main tag, such as "en".
    """
    text = resources.files(__package__).joinpath("wording.toml").read_text(encoding="utf-8")
    table: dict[str, str] = tomllib.loads(text).get(language, {})
    rows = ("synonyms", "progressives")
    return {key: words if key in rows else words.replace("\n", "") for key, words in table.items()}


def edit_rules(language: str) -> Iterator[Rule]:
    """The rules of a language; none for one without lists.

    Args:
        language: its main tag, such as "en".
    """
    lists = word_lists(language)
    if not lists:
        return
    content = rf"(?!(?:{lists['function_words']})\b)(?-i:[a-zà-ÿ]){_WORD}"
    yield Rule("edit-opener", 2.5, _of(rf"{_START}(?:(?:{lists['openers']}),|(?:{lists['joint']})) (?=\w)"))
    if language == "en":
        yield Rule("edit-question", 6.0, _of(rf"{_START}(?:do|did|are|have) you (?=\w[^.!…]*\?)"))
        many = rf"{_WORD}s\b|people\b|men\b|women\b|children\b"
        yield Rule("edit-many", 3.0, _of(rf"\b(?:a lot|lots) of (?={many})"), "many ")
        yield from _before_nouns(lists, content)
    else:
        yield from _around_nouns(lists, content)
    yield from _adverbs(lists)
    phrases = _Phrases.of(lists, content)
    yield from _adjuncts(lists, phrases, content)
    yield from _participles(lists, phrases, content)
    # Clauses that end a sentence without a comma; no condition, no indirect question.
    asked = "".join(rf"(?<!\b{word})" for word in lists["asked"].split("|"))
    clause = rf"(?<=\w){asked} (?:{lists['clauses']}) [^,;:!?…\"“”«»()]{{6,70}}(?=[.!?…](?: |$))"
    yield Rule("edit-clause", 10.0, _of(clause), stands=True, affirms=True)
    # The second of a pair.
    pair = rf"(?<![,;:]) (?:{lists['joint']}) (?:(?:{lists['articles']}) )?{content}(?=[.!?…;])"
    yield Rule("edit-pair", 14.0, _of(pair), stands=True, affirms=True)


def is_restricted(clause: str, language: str) -> bool:
    """Whether a clause, as far as it goes, denies, restricts or pairs something."""
    lists = word_lists(language)
    return bool(lists and re.search(rf"\b(?:{lists['restricts']})\b", clause, re.IGNORECASE))


def redundant_in_answer(before: str, language: str) -> Rule | None:
    """What an answer need not repeat: "Where is the bread?", "The bread is in the kitchen."; None without a question.

    Args:
        before: the line before.
        language: its main tag.
    """
    lists = word_lists(language)
    if not lists or not before.rstrip().endswith("?"):
        return None
    nouns = re.findall(rf"\b(?:{lists['the']}) ({_WORD})(?=\?)", before, re.IGNORECASE)
    if not nouns:
        return None
    again = rf"^(?:{lists['the']}) {re.escape(nouns[-1])} (?:{lists['is']}) (?=\w)"
    return Rule("edit-answer", 5.0, _of(again))


# --- adjectives and adverbs ------------------------------------------------------------------------------------------

_adjective = partial(Rule, "edit-adjective", 4.0, affirms=True)


def _before_nouns(lists: Mapping[str, str], content: str) -> Iterator[Rule]:
    """English: an article or a preposition, the adjective, its noun."""
    keeps, empty = rf"(?!(?:{lists['kept']})\b)", rf"(?!(?:{lists['empty']})\b)"
    opens = rf"{lists['articles']}|{lists['prepositions']}|of|to"
    sure = rf"\b(?P<det>{opens}) {keeps}(?:{lists['adjectives']}) (?P<noun>{empty}{content})\b"
    yield _adjective(_of(sure), _agreeing)
    # What may be the noun itself goes only where what follows it is no verb.
    noun = rf"(?P<noun>{empty}{_no_verb(lists)}{content})"
    yield _adjective(_of(rf"\b(?P<det>{lists['articles']}) {keeps}(?:{lists['maybe_adjectives']}) {noun}\b"), _agreeing)


def _no_verb(lists: Mapping[str, str]) -> str:
    """English: the next word has no ending of a verb, and is no common past."""
    return rf"(?!\w+(?:ed|s|ing)\b)(?!(?:{lists['past']})\b)"


def _agreeing(match: re.Match[str]) -> str:
    """English "an old man" without "old" is "a man"."""
    article, noun = match["det"], match["noun"]
    if article.lower() in ("a", "an"):
        vowel = re.match(r"(?!one|uni|use|usu|eu)[aeiou]|hour|honest|heir", noun, re.IGNORECASE)
        article = article[0] + ("n" if vowel else "")
    return f"{article} {noun}"


def _around_nouns(lists: Mapping[str, str], content: str) -> Iterator[Rule]:
    """Spanish, Portuguese: few adjectives stand before their noun, all others after it."""
    opens = rf"\b(?P<det>{lists['articles']}) "
    keeps = rf"(?!(?:{lists['kept']})\b)"
    noun = rf"(?P<noun>(?!(?:{lists['empty']})\b){content})"
    yield _adjective(_of(rf"{opens}{keeps}(?:{lists['adjectives']}) {noun}\b"), r"\g<det> \g<noun>")
    # "Full of water" and "taller than" go on.
    after = rf"(?! (?:{lists['completes']})\b)"
    modifier = rf"{keeps}(?:{lists['adjectives']}|{lists['adjectives_after']})"
    yield _adjective(_of(rf"{opens}{noun} {modifier}\b{after}"), r"\g<det> \g<noun>")
    alone = rf"(?:{lists['plain_after']})\b(?! (?:que|como|{lists['joints']})\b)"
    yield _adjective(_of(rf"{opens}{noun} {alone}"), r"\g<det> \g<noun>")


def _adverbs(lists: Mapping[str, str]) -> Iterator[Rule]:
    adverb = rf"(?!(?:{lists['kept']})\b)(?:{lists['adverbs']})"
    # Not after a degree: "so quickly".
    free = "".join(rf"(?<!\b{word} )" for word in lists["degrees"].split("|"))
    rule = partial(Rule, "edit-adverb", 3.5, affirms=True)
    yield rule(_of(rf"(?<=\w ){free}{adverb} (?=(?-i:[a-zà-ÿ]))"))
    yield rule(_of(rf"(?<=\w){free} {adverb}(?=[.!?…;,])"), stands=True)
    yield rule(_of(rf", {adverb},(?= \w)"))
    yield rule(_of(rf"{_START}{adverb}, (?=\w)"))


# --- phrases ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The patterns of noun phrases in one language.

    Args:
        whole: article and noun, with what says whose or which.
        one: the same without that.
        head: a noun after an article or a preposition: what follows belongs to it, not to a verb.
        second: what may stand beside it and is no verb: in English another noun, else an adjective.
        follows: where a phrase ends.
    """

    whole: str
    one: str
    head: str
    second: str
    follows: str

    @classmethod
    def of(cls, lists: Mapping[str, str], content: str) -> _Phrases:
        articles, adjuncts, of = lists["articles"], lists["prepositions"], lists["of"]
        english = "past" in lists
        second = (
            rf"(?:{_no_verb(lists)}{content}|themselves|itself)"
            if english
            else rf"(?:{lists['adjectives']}|{lists['adjectives_after']})\b"
        )
        one = rf"(?:(?:{articles}) )?{content}(?: {second})?"
        opens = rf"\b(?:(?:{articles})|(?:{adjuncts}|{of})(?: (?:{articles}))?)"
        infinitive = "" if english else r"(?!\w+[aeiíô]r\b)"
        ends = "|".join((adjuncts, lists["joints"], lists["conjunctions"], lists["finite"]))
        return cls(
            rf"{one}(?: (?:{of}) {one})*",
            one,
            rf"{opens} (?!(?:{lists['heads']})\b){infinitive}{content}",
            second,
            rf"(?=[.,;:!?…]| (?:{ends})\b)",
        )


def _adjuncts(lists: Mapping[str, str], phrases: _Phrases, content: str) -> Iterator[Rule]:
    """Prepositional phrases after a noun, and what says whose or which it is."""
    adjuncts, of = lists["prepositions"], lists["of"]
    held = rf"(?P<held>{phrases.head}(?: {phrases.second})?(?: (?:{of}) {phrases.one})?)"
    if "past" in lists:  # English: what no article opens holds no verb, such as "from wood blocks"
        compound = rf"\b(?:{adjuncts}|{of}) {content} [a-z]{{2,}}s"
        held = rf"(?P<held>{phrases.head}(?: {phrases.second})?|{compound})"
    rule = partial(Rule, "edit-adjunct", put=r"\g<held>", stands=True, affirms=True)
    yield rule(price=8.0, pattern=_of(rf"{held} (?:{adjuncts}) {phrases.whole}{phrases.follows}"))
    yield rule(price=9.0, pattern=_of(rf"(?P<held>{phrases.head}) (?:{of}) {phrases.one}{phrases.follows}"))


def _participles(lists: Mapping[str, str], phrases: _Phrases, content: str) -> Iterator[Rule]:
    """Participles that describe the noun before them, with what belongs to them."""
    no_noun = rf"(?!(?:{lists['no_participles']})s?\b)" if "no_participles" in lists else ""
    modifier = rf"{no_noun}(?:{lists['participles']}) (?:{lists['prepositions']}|{lists['of']}|{lists['to']})"
    head, put = phrases.head, r"\g<held>"
    rule = partial(Rule, "edit-participle", affirms=True)
    if "past" in lists:
        head = rf"{phrases.head}(?: {content})?"
        found = _of(rf"(?P<held>{head}) {modifier} {phrases.whole}{phrases.follows}")
        yield rule(8.0, found, partial(_where_a_verb_stays, lists), stands=True)
    else:
        yield rule(8.0, _of(rf"(?P<held>{head}) {modifier} {phrases.whole}{phrases.follows}"), put, stands=True)
    aside = rf", {modifier} [^,.;:!?…()\"“”«»]{{4,60}},(?= (?!(?:{lists['joints']})\b))"
    yield rule(6.0, _of(aside))


def _where_a_verb_stays(lists: Mapping[str, str], match: re.Match[str]) -> str:
    """English "walked" is participle and past: it goes only where the clause has a verb besides."""
    clause = re.split(rf"[,;:.!?…]|\b(?:{lists['clause_starts']})\b", match.string[: match.start()])[-1]
    before = re.search(rf"\b(?:{lists['finite']}|{lists['past']})\b", clause, re.IGNORECASE)
    after = re.match(rf" (?:{lists['finite']})\b", match.string[match.end() :], re.IGNORECASE)
    return match["held"] if before or after else match[0]
