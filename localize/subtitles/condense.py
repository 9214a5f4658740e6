"""Rules that say the same in fewer characters, for subtitles: small cuts inside a line, each with a name and a price.

A cut names the words it replaces, so that everything else keeps its time and a film is shortened only where a cue
cannot be read. Mild rules change no meaning (contractions, synonyms, fillers); strong ones leave out what a hurried
subtitler leaves out first: asides between commas, relative clauses at the end (Díaz Cintas & Remael, "Subtitling:
Concepts and Practices", chapter 5: condensation and omission).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from .grammar import Break, boundary
from .words import GLUE, SOUND, TimedWord

MILD = 2.0
"""Cuts up to this price lose nothing but style."""
_END = "drop-end"
_SHORTEST_SENTENCE = 25

_Put = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Cut:
    """Words `[start, end)` of a line written as `texts`; `price` is how much is lost."""

    start: int
    end: int
    texts: tuple[str, ...]
    rule: str
    price: float


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    price: float
    pattern: re.Pattern[str]
    put: _Put = ""


def cuts(words: Sequence[TimedWord], language: str) -> tuple[Cut, ...]:
    """Every way a rule can make these words shorter; none for a language without rules.

    Args:
        words: one line, in order.
        language: BCP 47 tag.
    """
    main = language.split("-", maxsplit=1)[0].lower()
    text = " ".join(word.text for word in words)
    starts: list[int] = []
    at = 0
    for word in words:
        starts.append(at)
        at += len(word.text) + 1
    found = []
    for rule in _rules(main):
        for match in rule.pattern.finditer(text):
            cut = _cut(rule, match, text, starts)
            if rule.price > MILD and not _stands(rule, match, main):
                continue
            if cut is not None and not any(_fixed(word) for word in words[cut.start : cut.end]):
                found.append(cut)
    return tuple(found)


def _fixed(word: TimedWord) -> bool:
    """Labels and sounds are nobody's words."""
    return GLUE in word.text or word.speaker == SOUND


def _cut(rule: _Rule, match: re.Match[str], text: str, starts: Sequence[int]) -> Cut | None:
    """A match as whole words: what surrounds it inside its first and last word stays."""
    first = next((i for i in range(len(starts) - 1, -1, -1) if starts[i] <= match.start()), 0)
    last = next((i for i in range(len(starts) - 1, -1, -1) if starts[i] < match.end()), 0)
    if match.start() > starts[first] and match.end() in starts:
        last += 1  # what stands before the match, such as "¿", now stands before the next word
    ends = starts[last + 1] - 1 if last + 1 < len(starts) else len(text)
    put = match.expand(rule.put) if isinstance(rule.put, str) else rule.put(match)
    before = text[starts[first] : ends]
    after = " ".join((text[starts[first] : match.start()] + put + text[match.end() : ends]).split())
    after = re.sub(r" ([,.;:!?…])", r"\1", after)
    capital = next((i for i, char in enumerate(after) if char.isalpha()), 0)
    if next((char for char in before if char.isalpha()), "").isupper():
        after = after[:capital] + after[capital : capital + 1].upper() + after[capital + 1 :]
    if len(after) >= len(before) or (not after and last - first + 1 == len(starts)):
        return None
    return Cut(first, last + 1, tuple(after.split()), rule.name, rule.price + 0.02 * (len(before) - len(after)))


# --- rules -----------------------------------------------------------------------------------------------------------


@cache
def _rules(language: str) -> tuple[_Rule, ...]:
    if language not in _DROPPED:
        return ()
    return (*_spoken(language), *_own(language))


def _spoken(language: str) -> Iterator[_Rule]:
    """The rules a dub is shortened by, but those of spoken style only."""
    from ..stages.rewrite import SHORTER

    for rule in SHORTER.get(language, ()):
        if rule.name == "spoken-para":
            continue
        for pattern, put in rule.edits:
            if put == ", ":  # an aside without its words leaves a comma too many: "drop-word" knows better
                continue
            yield _Rule(rule.name, 1.0, pattern, _guarded(put, rule.unless))


def _guarded(put: _Put, unless: re.Pattern[str] | None) -> _Put:
    """What to write instead; the text itself where the rule must leave it alone."""

    def write(match: re.Match[str]) -> str:
        if unless is not None and unless.search(match.string):
            return match[0]
        return match.expand(put) if isinstance(put, str) else put(match)

    return write


def _own(language: str) -> Iterator[_Rule]:
    for row in _SYNONYMS[language].strip().splitlines():
        long, short = row.split(" = ")
        yield _Rule("short-word", 1.0, _pattern(rf"(?<![\w'’-])(?:{long.strip()})(?![\w'’-])"), short.strip())
    # "Not very good" is not "not good", and "a very old" would be "a old".
    kept = "".join(
        f"(?<!{word} )" for word in ("not", "n't", "no", "never", "nunca", "não", "ni", "nem", "tan", "tão", "a", "an")
    )
    yield _Rule("drop-word", 1.5, _pattern(rf"(?<![\w'’-]){kept}(?:{_DROPPED[language]}) (?!(?:que|that)\b)(?=[\w¿¡])"))
    yield _Rule("drop-word", 1.5, _pattern(rf",? (?:{_DROPPED[language]})(?=[.!?…;])"))
    yield _Rule("drop-word", 1.5, _pattern(rf", (?:{_DROPPED[language]}),"), "")
    if language in _PRONOUNS:
        # The picture shows who is meant, and the verb says the person.
        pronoun = rf"(?:{_PRONOUNS[language]}) (?!(?:{_NO_SUBJECT[language]})\b)(?=\w)"
        yield _Rule("drop-pronoun", 3.0, _pattern(rf"(?:^|(?<=[.!?…] )|(?<=[¿¡])){pronoun}"))
        yield _Rule("drop-pronoun", 3.0, _pattern(rf"(?<= que ){pronoun}"))
    opens, relatives, lists = _OPENS[language], _RELATIVES[language], _LISTS[language]
    # An aside holds no comma, quotation mark, dash or conjunction of its own; what follows it is no name, no next item
    # of a list and no other aside of the same make.
    aside = rf"(?:(?! [-–—] | (?:{lists}) )[^,.;:!?…()\"“”«»])"
    listed = rf"(?! (?:\S+ ){{0,3}}(?:{lists})\b)(?! (?P=first)\b)(?= (?-i:[a-zà-ÿ]))"
    yield _Rule("drop-aside", 4.0, _pattern(rf", (?P<first>{opens}) {aside}{{6,90}},{listed}"), "")
    yield _Rule("drop-aside", 4.0, _pattern(r" \([^()]{2,90}\)"), "")
    yield _Rule("drop-aside", 4.0, _pattern(r" [–—] [^–—.!?…\"“”«»]{2,90} [–—](?= )"), "")
    yield _Rule(_END, 7.0, _pattern(rf"[,;] (?:{opens}|{relatives}) {aside}{{8,110}}(?=[.;!?…])"), "")
    start = r"(?:(?<=[.!?…] )|^)"
    goes_on = rf"(?=\w)(?!(?:{relatives}|{lists}|\w+(?:ing|ando|endo|indo))\b)"
    yield _Rule("drop-opening", 7.0, _pattern(rf"{start}(?:{opens}) {aside}{{6,40}}, {goes_on}"), "")


def _stands(rule: _Rule, match: re.Match[str], language: str) -> bool:
    """Whether what is left of the sentence can stand alone: no word waits for what was left out."""
    before = match.string[: match.start()]
    word = re.search(r"[\w'’-]+$", before)
    if word is not None and boundary(word[0], "so", language) == Break.FORBIDDEN:
        return False
    if rule.name != _END:
        return True
    # Where a sentence opens with an adverbial, its verb may well be in the end.
    kept = re.split(r"[.!?…:;] ", before)[-1].strip(' "“”«»¿¡')
    item = ", " + match[0][2:].split()[0].lower()
    if item in kept.lower():  # one more of a list
        return False
    return len(kept) >= _SHORTEST_SENTENCE and not re.match(rf"(?:{_OPENS[language]})\b", kept, re.IGNORECASE)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# Whole words only; nothing that bears meaning of its own: no modality ("perhaps"), no degree that matters ("nearly").
_DROPPED = {
    "en": (
        "very|really|just|simply|actually|basically|certainly|clearly|completely|absolutely|definitely|entirely|"
        "essentially|extremely|frankly|fully|greatly|highly|honestly|indeed|literally|naturally|obviously|perfectly|"
        "personally|seriously|surely|therefore|thoroughly|totally|truly|utterly|of course|as you know|in fact|"
        "after all|so to speak|as it were|by the way|in passing"
    ),
    "es": (
        "muy|realmente|simplemente|verdaderamente|absolutamente|totalmente|completamente|básicamente|claramente|"
        "ciertamente|esencialmente|extremadamente|francamente|literalmente|naturalmente|obviamente|"
        "perfectamente|personalmente|sinceramente|sumamente|evidentemente|"
        "por supuesto|desde luego|de hecho|al fin y al cabo|por cierto|en realidad|como sabes|por así decirlo|"
        "en verdad|pues"
    ),
    "pt": (
        "realmente|simplesmente|verdadeiramente|absolutamente|totalmente|completamente|basicamente|claramente|"
        "certamente|essencialmente|extremamente|francamente|literalmente|naturalmente|obviamente|"
        "perfeitamente|pessoalmente|sinceramente|sumamente|evidentemente|é claro|"
        "de fato|afinal|aliás|na verdade|na realidade|por assim dizer"
    ),
}
_OPENS = {
    "en": (
        "as|at|by|for|from|in|of|on|since|through|to|under|upon|when|while|with|within|after|before|"
        "during|because|especially|particularly|which|who|whom|whose|where"
    ),
    "es": (
        "al?|ante|bajo|con|cuando|del?|desde|durante|en|entre|hacia|mediante|mientras|para|por|según|"
        "sobre|tras|ya que|porque|después|antes|especialmente|el cual|la cual|los cuales|las cuales|quien|quienes|"
        "cuyo|cuya|donde|que"
    ),
    "pt": (
        "ao|ante|após|como|com|conforme|quando|d[eoa]|desde|durante|em|n[oa]|entre|enquanto|mediante|para|por|"
        "pel[oa]|segundo|sob|sobre|já que|porque|depois|antes|especialmente|o qual|a qual|os quais|as quais|"
        "quem|cujo|cuja|onde|que"
    ),
}
_RELATIVES = {
    "en": "which|who|whom|whose|where|though|although|even",
    "es": "que|quien|quienes|el cual|la cual|los cuales|las cuales|cuyo|cuya|donde|aunque",
    "pt": "que|quem|o qual|a qual|os quais|as quais|cujo|cuja|onde|embora",
}
_PRONOUNS = {
    "es": "yo|tú|él|ella|usted|nosotr[oa]s|ellos|ellas|ustedes",
    "pt": "eu|tu|ele|ela|você|nós|eles|elas|vocês",
}
_NO_SUBJECT = {
    "es": "y|e|o|u|ni|que|con|del?|en|al?|por|para|sin|mism[oa]s?|tambi[ée]n|tampoco|sol[oa]s?|tod[oa]s|como|pero|"
    "el|la|los|las|un|una|[a-zñáéíóú]*(?:aba|ía|ara|era)",
    "pt": "e|ou|nem|que|com|d[eoa]s?|n[oa]s?|em|ao?|por|para|sem|mesm[oa]s?|também|tampouco|só|sozinh[oa]s?|tod[oa]s|"
    "como|mas|o|os|as|um|uma|[a-zçáâãéêíóôõú]*(?:ava|ia|ara|era|isse|asse|esse)",
}
"""What follows a pronoun that must stay: no verb, or a form that is the same for "I" and "she"."""
_LISTS = {"en": "and|or|nor", "es": "y|e|o|u|ni", "pt": "e|ou|nem"}
_SYNONYMS = {
    "en": r"""
        a great (?:number|many) of = many
        a great deal of = much
        a kind of = a
        all of the = all the
        at present = now
        at this point = now
        because of the fact that = because
        by means of = by
        due to = by
        each and every = every
        for the (?:purpose|sake) of = for
        have to = must
        has to = must
        in accordance with = by
        in order that = so
        in order to = to
        in regard to = about
        in spite of = despite
        in the course of = during
        in the event that = if
        in the (?:midst|middle) of = amid
        of the first importance = vital
        on account of = for
        prior to = before
        with (?:regard|respect) to = about
        with the exception of = except
        (?:is|are) able to = can
        (?:was|were) able to = could
        (?:is|are) going to = will
        anybody = anyone
        everybody = everyone
        approximately = about
        consequently = so
        considerable = great
        difficult = hard
        enormous = huge
        immediate predecessors = predecessors
        nevertheless = still
        nowadays = now
        numerous = many
        obtain = get
        purchase = buy
        require = need
        sufficient = enough
        (?:may|might|can) (?:justly )?be considered as = is
        (?:may|might|can) (?:justly )?be considered = is
        it was a matter of course that = naturally
        (says?|said|thinks?|thought|know|knew|believed?|hoped?) that(?= (?:I|you|he|she|we|they|the)\b) = \1
        """,
    "es": r"""
        a pesar de = pese a
        acerca de = sobre
        al mismo tiempo = a la vez
        aproximadamente = unos
        con el propósito de = para
        con respecto a = sobre
        (?:puede|podría) ser considerad[oa] como = es
        (?:puede|podría) considerarse como = es
        pueden ser considerad[oa]s como = son
        de manera que = así que
        de modo que = así que
        el hecho de que = que
        en cuanto a = sobre
        en el caso de que = si
        en el momento en que = cuando
        en la actualidad = hoy
        en medio de = entre
        es necesario = hay que
        junto con = con
        por medio de = con
        puesto que = pues
        tan pronto como = cuando
        tiene que = debe
        tienen que = deben
        tengo que = debo
        tenemos que = debemos
        todo el mundo = todos
        un gran número de = muchos
        ya que = pues
        comenzó = empezó
        realizar = hacer
        regresar = volver
        """,
    "pt": r"""
        a respeito de = sobre
        acerca de = sobre
        com o propósito de = para
        com relação a = sobre
        em relação a = sobre
        é necessário = é preciso
        (?:pode|poderia) ser considerad[oa] como = é
        (?:pode|poderia) ser considerad[oa] = é
        (?:podem|poderiam) ser considerad[oa]s(?: como)? = são
        junto com = com
        no caso de = se
        no momento em que = quando
        no que diz respeito a = sobre
        por meio de = por
        tem que = deve
        têm que = devem
        tenho que = devo
        temos que = devemos
        todo o mundo = todos
        todas as pessoas = todos
        um grande número de = muitos
        uma vez que = pois
        visto que = pois
        realizar = fazer
        retornar = voltar
        """,
}
