# ruff: noqa: E501 - a pattern is read on one line
"""A time or person that a translation changes: "I paid" as "pagaré", "I counted" as "cuento", "I'll pay" as "pagará".

Held against each other are an English pronoun with a form that is past (or "will") and nothing else, and the forms by
which Spanish or Portuguese tell what was or will be. Forms are told by their endings (RAE, Nueva gramática básica, 4.4;
Cunha and Cintra, Nova gramática do português contemporâneo, 13), irregular ones by lists. How often the check is wrong
about what people translated: `python bench/facts.py --only pairs`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from ..language.boundaries import word_set
from ..language.lexicon import WORD, english_words

_IRREGULAR = word_set(
    "ate became began bent bit blew bought broke brought built burnt called came caught chose cried died did drank drew "
    "drove dug fed felt fell flew forgot fought found froze gave grew heard hid held kept knew laid learnt lent lied left "
    "lost made meant met paid ran rang rode rose said sang sank sat saw sent shook shone shot slept sold sought spent "
    "spoke sprang stole stood struck stuck stung swam swept swore taught thought threw told took tore tried understood "
    "was went were woke won wore wrote"
)
_NO_PAST = word_set(
    "need feed speed succeed proceed exceed bleed breed seed weed heed embed shed wed indeed hundred naked wicked sacred"
)
_PRONOUN = r"\b(?:I|he|she|it|we|they|you)"
_SUBJECT = rf"(?:{_PRONOUN}|(?-i:\b(?P<name>[A-Z][a-z]+)))"
_PAST = re.compile(
    rf"{_SUBJECT} (?:(?:never|also|only|really|finally|then|once|always|already) )?(?P<verb>(?-i:[a-z]+))(?![\w'’])",
    re.IGNORECASE,
)
_FUTURE = re.compile(rf"{_PRONOUN}(?:['’]ll| will)(?![\w'’])", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:shall|would|could|should|may|might|must|can|ca|won(?=['’]t)|if|unless|wish\w*|rather|suppose|supposing|time|whether|"
    r"going to|gonna|used to|as though|like|than|as|what|just|hope|imagine|wonder\w*|let|until|before|once|glad|sorry|"
    r"when(?:ever)?|thought|knew|said|told|were|have|has|had)\b|['’](?:d|ve)\b|\?",
    re.IGNORECASE,
)
"""Where a form need not say when, or another time stands beside it."""
_BE_AND_HAVE = {
    "es": "he|has|ha|hemos|han|era[sn]?|éramos|iba[sn]?|íbamos|fu(?:i|iste|e|imos|eron)|di|dio|vi|vio|rio|crio|hube|hubo",
    "pt": "era[sm]?|éramos|fui|foi|fomos|foram|dei|deu|vi|viu|houve|vim|veio|pus|pôs|fez|pôde|caí|saí",
}
_WAS = {
    "es": r"\w+(?:é|í|ó|aste|íste|iste|[aií]steis|amos|imos|ímos|aron|ieron|[jyñ]eron|uviste|uvimos)|\w*(?:hi[zc]|vin|quis|pus|sup|cup|dij|"
    r"traj|duj|uv|pud)[eo]",
    "pt": r"\w+(?:ei|ou|eu|iu|aste|este|iste|amos|emos|imos|ámos|aram|eram|iram|oram|í|isse|ouxe|oube|uis)|\w*(?:tive|teve|fiz|pude)",
}
_USED_TO = {
    "es": r"\w+(?:aba[sn]?|ábamos|ía[sn]?|íamos|[aei]ra[sn]?|[áéí]ramos|[aei]se[sn]?)|acab\w+|hecho|dicho|visto|puesto|escrito|roto|\w*[aiuí]d[oa]s?",
    "pt": r"\w+(?:ava[sm]?|ávamos|ia[sm]?|íamos|[aei]sse[sm]?|inha[sm]?|unha[sm]?)|acab\w+|feito|dito|visto|posto|escrito|aberto|morto|\w+[aiuí]d[oa]s?",
}
_LATER = {
    "es": re.compile(r"\w*(?:[aei]|[tlns]d|d[ií]|ha|pod|pond|quer|sab|cab|hab|vald|sald)r(?:é|ás|á|éis|emos|án)|v(?:oy|as|a|amos|an)"),
    "pt": re.compile(r"\w*(?:[aeio]|di|fa|tra)r(?:ei|ás|á|emos|ão)|v(?:ou|ais|ai|amos|ão)"),
}  # fmt: skip
_NO_LATER = re.compile(
    r"\w*(?:par|tir|mir|gir|esper|gener|super|oper|liber|alter|pir|prefer|mor|cor|err|jur|dur|tor|ador|llor|chor|mejor|"
    r"melhor|ignor|explor|vir|clar|cerr|ferr|agarr|borr|ahorr|encer|ler|retir|cer|fer|her|sper|nor|pror|mar|var|rar)(?:é|ei|emos)"
)
"""A past of verbs in -rar: "esperé", "miré", "tirei"."""


ONE_SENTENCE = 1 << 8
"""What is read off a source is kept for so many: all hypotheses of one follow each other."""
_NO_FORMS = word_set("qué sé porqué esté dé té café así aquí ahí allí mí sí ahí allá aí ali daí meu seu teu eu")
"""Words with the ending of a past that tell no time."""


@lru_cache(maxsize=1 << 13)
def changed_tense(said: str, text: str, target: str) -> str:
    """The English words whose time a translation changes; "" where it does not, or nothing certain is said.

    Args:
        said: one English sentence.
        text: its translation.
        target: "es" or "pt"; of others nothing is known.
    """
    if target not in _WAS:
        return ""
    past, future = _time_of(said)
    if not past and not future:
        return ""
    words = [word for word in WORD.findall(text.lower()) if word not in _NO_FORMS]
    forms = [w for w in words if not _LATER[target].fullmatch(w) or (past and _NO_LATER.fullmatch(w))]
    later = [word for word in words if word not in forms]
    if past:
        # "Voy" and its like tell no more than the present does.
        changed = any(len(w) > 4 for w in later) or not any(map(_past_forms(target, True).fullmatch, forms))
        return past if changed else ""
    was = [w for w in forms if _past_forms(target, False).fullmatch(w) and not w.endswith("mos")]
    return future if was and not later else ""


@lru_cache(ONE_SENTENCE)
def _time_of(said: str) -> tuple[str, str]:
    """The English words that tell of a past and of a future; both "" where nothing certain is said, or both are."""
    if _OPEN.search(said):
        return "", ""
    past = next((m[0] for m in _PAST.finditer(said) if _is_past(m["verb"]) and _is_subject(m["name"])), "")
    future = _FUTURE.search(said)
    if bool(past) == bool(future) or (past and re.search(r"\bwill\b|['’]ll\b", said)):
        return "", ""
    return past, future[0] if future else ""


@cache
def _past_forms(target: str, lasting: bool) -> re.Pattern[str]:
    """Forms of a past; those of what used to be, or had been, among them where wanted."""
    return re.compile("|".join((_BE_AND_HAVE[target], _WAS[target], *((_USED_TO[target],) if lasting else ()))))


_MINE = {
    "es": r"\w*(?:[éí]|aba|ía|[aei]ra|[aei]se)|era|iba|fui|di|vi|\w*(?:hic|vin|quis|pus|sup|cup|dij|traj|duj|uv|pud)e|he|había|voy|me|mi|mí|"
    r"conmigo|yo|nos|\w*mos",
    "pt": r"\w*(?:ei|i|í|ava|ia|sse)|era|tive|fiz|pus|quis|pude|disse|trouxe|soube|estava|tinha|vou|me|mim|comigo|eu|nos|\w*mos|minha|meu",
}
_ANOTHERS = {
    "es": r"\w{2,}(?:ó|aron|ieron|[aei]rá[sn]?|drá[sn]?)|hizo|vino|quiso|puso|supo|dijo|trajo|tuvo|pudo|estuvo|hará[sn]?",
    "pt": r"\w{2,}(?:ou|eu|iu|aram|eram|iram|[aei]rá|[aei]rão)|fez|veio|pôs|teve|esteve",
}


_OURS = r"\w*mos|nos|nosotr[oa]s|nuestr[oa]s?|nós|noss[oa]s?|conosco|gente"
_WE = re.compile(
    r"\b[Ww]e(?:['’](?:ll|re|ve))? (?!have\b|had\b|must\b|need to\b|should\b|can\b|could\b|shall\b|may\b|might\b|ought\b|needn|shouldn|can't|"
    r"cannot|mustn|will have\b|won't have\b|get some\b)[a-z']+"
)
_THEY = re.compile(
    r"\b[Tt]hey(?:['’](?:ll|re|ve))? (?!say\b|said\b|call\b|speak\b|sell\b|make\b|grow\b|had no\b|must be\b|love)[a-z']+"
)
_ONE_FOR_MANY = re.compile(
    r"\b(?:if|like|than|as|every(?:one|body)|some(?:one|body)|any(?:one|body)|no ?body|person|who|whoever|each|either|neither)\b|\?"
)
"""What "they" may be one of, and questions."""
_OF_MANY = {
    "es": r"(?!(?:también|bien|alguien|quien|tren|orden|joven|imagen|examen|origen|margen|virgen|volumen|crimen|gran|según|"
    r"capitán|refrán|almacén|recién|sartén|alemán|catalán|huracán|jardín|resumen|fin|sin)\b)(?:\w{2,}(?:an|en|on|án)"
    r"|\w+(?:[aeá]n|ron)(?:se|l[eoa]s?|me|nos|te))|ell[oa]s|les",
    "pt": r"\w{2,}(?:am|em)|\w+(?:am|em)-(?:se|me|nos|lhes?|n?[oa]s?)|são|vão|dão|estão|\w{2,}rão|[dn]?el[ea]s|lhes|põem|têm|vêm",
}


def _lost_many(said: str, text: str, target: str) -> str:
    """The English "we" or "they" and its verb, where a translation has no word of several persons; else ""."""
    we, they = _many_of(said)
    if we and not _SAYS_WE.search(text):
        return we
    return they if they and not _says_many(target).search(text) else ""


@lru_cache(ONE_SENTENCE)
def _many_of(said: str) -> tuple[str, str]:
    """The English "we" and "they" with their verbs; "" where nothing certain is said."""
    if len(said) > _SURE or "?" in said:
        return "", ""
    we = _WE.search(said)
    they = None if _ONE_FOR_MANY.search(said) else _THEY.search(said)
    return we[0] if we else "", they[0] if they else ""


_SAYS_WE = re.compile(rf"\b(?:{_OURS}|\w+[mn]onos)\b")


@cache
def _says_many(target: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_OF_MANY[target]})\b")


_SURE = 90
"""Letters of a sentence; people word a longer one more freely."""


_OTHERS = re.compile(
    r"\b(?:he|she|it|we|they|you|who|that|which|everyone|everybody|nobody|someone|and|but|so|because)(?![\w])(?:['’]\w+)? [a-z]",
    re.IGNORECASE,
)
"""Others who may do something in the same sentence."""


@lru_cache(maxsize=1 << 13)
def changed_person(said: str, text: str, target: str) -> str:
    """The English "I" or "we" and its verb that a translation tells of another: "I'll pay" as "pagará"; "" where it does
    not.

    Args:
        said: one English sentence.
        text: its translation.
        target: "es" or "pt"; of others nothing is known.
    """
    if target not in _WAS:
        return ""
    if many := _lost_many(said, text.lower(), target):
        return many
    if not (mine := _own_verb(said)):
        return ""
    ours, anothers = _persons(target, mine[0] in "Ww")
    words = [word for word in WORD.findall(text.lower()) if word not in _NO_FORMS]
    return mine if any(map(anothers.fullmatch, words)) and not any(map(ours.fullmatch, words)) else ""


@lru_cache(ONE_SENTENCE)
def _own_verb(said: str) -> str:
    """The English "I" or "we" with its verb, where nobody else does anything; else ""."""
    if _OPEN.search(said):
        return ""
    past = next((m[0] for m in _PAST.finditer(said) if _is_past(m["verb"])), "")
    future = _FUTURE.search(said)
    mine = past or (future[0] if future else "")
    alone = re.match("(?:I|[Ww]e)(?![a-z])", mine) and not _OTHERS.search(said.replace(mine, "", 1))
    return mine if alone else ""


@cache
def _persons(target: str, many: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Forms and words of the first person, of one or many, and forms of another person."""
    return re.compile(_OURS if many else _MINE[target]), re.compile(_ANOTHERS[target])


def _is_past(word: str) -> bool:
    return word in _IRREGULAR or (word.endswith("ed") and len(word) > 3 and word not in _NO_PAST)


def _is_subject(name: str | None) -> bool:
    """Whether a word with a capital, None for a pronoun, is a name: "Tom left", but not "Turn left"."""
    return name is None or not (english_words().knows(name.lower()) or name.endswith(("ed", "day")))
