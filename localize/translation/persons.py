# ruff: noqa: E501 - a pattern is read on one line
"""Gender of the persons that a sentence speaks of: "the firefighter … her team" is no "bombero", a grandmother no "turco".

English shows a person's gender beside the noun ("Ms. Ortega", "her team"); Spanish and Portuguese show it in the noun, its
article and its adjectives. Where the English leaves no doubt, the translation is put right by rule. Words that have two
genders are those of first-person agreement (`language/gender.toml`) and of peoples (`language/peoples.py`).

Sources: RAE, Nueva gramática de la lengua española (2009), 2.1 to 2.6; Cunha and Cintra, Nova gramática do português
contemporâneo (1984), 8.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from ..language.boundaries import word_set
from ..language.gender import gender_grammar
from ..language.peoples import forms_by_gender, without_peoples

_ROLES = (
    "accountant|agent|architect|artist|assistant|athlete|attorney|author|baker|banker|barber|biologist|boss|builder|butcher|candidate|captain|"
    "cashier|carpenter|chef|cyclist|chief|cleaner|client|clerk|coach|colleague|composer|conductor|cook|customer|dancer|dentist|deputy|"
    "designer|detective|director|doctor|driver|editor|employee|engineer|farmer|firefighter|friend|gardener|guest|guide|hairdresser|"
    "inspector|interpreter|journalist|judge|landlord|lawyer|manager|mayor|mechanic|minister|neighbou?r|nurse|officer|owner|painter|partner|"
    "photographer|pilot|player|plumber|politician|prisoner|professor|programmer|researcher|sailor|scientist|secretary|"
    "senator|sculptor|shepherd|singer|spokesperson|student|supplier|surgeon|swimmer|tailor|teacher|teenager|thief|"
    "trainer|translator|tutor|vet|volunteer|winner|witness|worker|writer"
)
_WOMEN = "mother|mom|mum|sister|daughter|wife|aunt|grandmother|grandma|niece|girlfriend|granddaughter"
_MEN = "father|dad|brother|son|husband|uncle|grandfather|grandpa|nephew|boyfriend|grandson"
_ONE_ROLE = re.compile(rf"\b(?:{_ROLES})s?\b", re.IGNORECASE)
_OTHER_PERSON = re.compile(
    rf"\b(?:{_WOMEN}|{_MEN}|man|woman|boy|girl|lady|child|baby|cat|dog|ship|car)s?\b", re.IGNORECASE
)
_NAMED = re.compile(
    rf"\b(?:{_ROLES}), (?P<title>Mrs?\.?|Ms\.?|Miss)(?= [A-Z])|(?P<before>Mrs?\.?|Ms\.?|Miss) [A-Z][\w'’-]+, (?:the|my|our|an?|your|his|her|their) (?:\w+ )?(?:{_ROLES})\b"
)
"""A person by what they do and by name: "the lawyer, Ms. Ortega"."""
_SUBJECT = re.compile(
    rf"^(?:The|My|Our|Your|This|That|An?|His|Her|Their|One|Another) (?:[a-z]+ ){{0,2}}(?:{_ROLES}) (?P<rest>.*)",
    re.IGNORECASE,
)
_TO = (
    "told|asked|gave|took|called|saw|sent|helped|showed|paid|hit|met|loves?|loved|likes?|liked|knows?|knew|tells?|asks?|calls?|sees?|"
    "sends?|for|with|to|from|about|of|at|by|examined|treated|operated on|checked|visited|wants?|wanted"
)
_SHE = re.compile(
    rf"\b(?:(?<!said )she|herself|{''.join(f'(?<!{way} )' for way in re.sub('[?]', '', _TO).split('|'))}"
    r"her (?!(?:the|an?|that|to|about|for|in|on|at|and|or|with|when|if|because|so|out|up|down|back|home|how|what|why)\b)(?=[a-z]+))",
    re.IGNORECASE,
)
_HE = re.compile(
    rf"\b(?:(?<!said )he|himself|{''.join(f'(?<!{way} )' for way in re.sub('[?]', '', _TO).split('|'))}his)\b",
    re.IGNORECASE,
)
_HIMSELF = re.compile(r"\b(?:he|him|his|himself)\b", re.IGNORECASE)
_HERSELF = re.compile(r"\b(?:she|herself|her|hers)\b", re.IGNORECASE)
_PAIR = re.compile(rf"\b(?:{_ROLES}) and (?:her|his) ", re.IGNORECASE)
"""Somebody else is named beside: "the mayor and her deputy"."""
_IS = re.compile(
    rf"(?:^|, |\b(?:and|but|because|that|now) )(?:(?P<she>[Ss]he|(?:[Mm]y|[Yy]our|[Oo]ur|[Tt]heir|[Hh]is|[Hh]er) (?:{_WOMEN}))|(?P<he>[Hh]e|(?:[Mm]y|[Yy]our|[Oo]ur|[Tt]heir|[Hh]is|[Hh]er) (?:{_MEN})))"
    rf"(?:['’]s| is| was| became| will be| used to be| has been)(?: not| also| still| half| part)?(?: (?:an?|the|our|my|your|his|her|their))? (?:[a-z]+ ){{0,2}}?(?P<what>(?:{_ROLES}))\b"
)


@lru_cache(maxsize=1 << 10)
def gender_of_person(said: str) -> str:
    """The gender of whoever an English sentence names by what they do, "f" or "m"; "" where it does not show.

    Args:
        said: one English sentence.
    """
    roles = len(_ONE_ROLE.findall(said))
    if named := _NAMED.search(said):
        title = named["title"] or named["before"]
        return ("m" if title.startswith("Mr") and not title.startswith("Mrs") else "f") if roles == 1 else ""
    predicates = ["f" if found["she"] else "m" for found in _IS.finditer(said)]
    if predicates and len(predicates) == roles and len(set(predicates)) == 1:
        return predicates[0]
    subject = _SUBJECT.match(said)
    if subject and (pair := re.match("and (her|his) ", subject["rest"])):
        return "f" if pair[1] == "her" else "m"
    if not subject or roles != 1 or _OTHER_PERSON.search(said):
        return ""
    rest = without_peoples(subject["rest"])
    she, he = _SHE.search(rest), _HE.search(rest)
    pronoun = she or he
    if not pronoun or re.search(r"\b[A-Z][a-z]+", rest[: pronoun.start()]):
        return ""
    if she and not _HIMSELF.search(rest):
        return "f"
    return "m" if he and not _HERSELF.search(rest) else ""


_DETERMINERS = {
    "es": {"el": "la", "un": "una", "este": "esta", "ese": "esa", "nuestro": "nuestra", "vuestro": "vuestra", "otro": "otra",
           "aquel": "aquella", "al": "a la", "del": "de la", "mi": "mi", "su": "su", "tu": "tu"},
    "pt": {"o": "a", "um": "uma", "este": "esta", "esse": "essa", "nosso": "nossa", "meu": "minha", "seu": "sua", "teu": "tua",
           "outro": "outra", "aquele": "aquela", "ao": "à", "do": "da", "no": "na", "pelo": "pela", "num": "numa"},
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_COPULAS = {
    "es": word_set("es era fue está estaba estuvo será parece parecía ser"),
    "pt": word_set("é era foi está estava esteve será parece parecia ser"),
}
_LIGHT = word_set("no muy más tan también bastante não muito mais tão também bem ya já medio meio")
_RELATIVES = {
    "es": (word_set("abuela madre hermana tía hija esposa mujer prima sobrina nieta suegra nuera cuñada bisabuela madrastra madrina viuda actriz princesa duquesa condesa monja azafata novia niña chica señora reina mamá"),
           word_set("abuelo padre hermano tío hijo esposo marido hombre primo sobrino nieto suegro yerno cuñado bisabuelo padrastro padrino viudo actor príncipe duque conde monje azafato novio niño chico señor rey papá")),
    "pt": (word_set("avó mãe irmã tia filha esposa mulher prima sobrinha neta sogra nora cunhada bisavó madrasta madrinha viúva atriz princesa duquesa condessa freira namorada menina moça senhora rainha mamãe"),
           word_set("avô pai irmão tio filho esposo marido homem primo sobrinho neto sogro genro cunhado bisavô padrasto padrinho viúvo ator príncipe duque conde frade namorado menino moço senhor rei papai")),
}  # fmt: skip


@cache
def _people(language: str) -> dict[str, tuple[str, str]]:
    """Nouns of persons by work, each form -> (masculine, feminine); one form for both where the article alone tells."""
    grammar = gender_grammar(language)
    return {word: (word, word) for word in grammar.either} | dict(grammar.people)


@cache
def _adjectives(language: str) -> dict[str, tuple[str, str]]:
    return gender_grammar(language).adjectives | forms_by_gender(language)


def with_genders(text: str, said: str, language: str) -> str:
    """A translation in which persons have the gender that the English shows.

    Args:
        text: Spanish or Portuguese.
        said: the English sentence.
        language: "es" or "pt"; other languages are left as they are.
    """
    if language not in _DETERMINERS:
        return text
    if gender := gender_of_person(said):
        text = _with_person(text, gender, language, several=len(_ONE_ROLE.findall(said)) > 1 and not _PAIR.search(said))
    return _with_adjectives(text, said, language)


def _with_person(text: str, gender: str, language: str, *, several: bool) -> str:
    """A translation with its nouns of persons by their work in a gender, and the determiners before them.

    Where one of them has it already, others are somebody else, unless the English names `several` works of the person.
    """
    tokens, column = list(_WORD.finditer(text)), int(gender == "f")
    lower = [token[0].lower() for token in tokens]
    own = _DETERMINERS[language]
    forms = own if column else {feminine: masculine for masculine, feminine in own.items()}
    puts: dict[int, str] = {}
    for at, word in enumerate(lower):
        pair = _people(language).get(word)
        if pair is None or word in _adjectives(language) or not tokens[at][0].islower():
            continue
        if pair[0] != pair[1] and word == pair[column]:
            if several:
                continue
            return text
        if puts and not several:
            break
        puts[at] = pair[column]
        if at + 1 < len(lower) and lower[at + 1] in _adjectives(language) and _joined(text, tokens, at + 1):
            puts[at + 1] = _adjectives(language)[lower[at + 1]][column]
        for back in range(at - 1, max(-1, at - 4), -1):
            if lower[back] in forms:
                puts[back] = _like(forms[lower[back]], tokens[back][0])
            elif lower[back] in _adjectives(language) and lower[back] not in _COPULAS[language]:
                puts[back] = _adjectives(language)[lower[back]][column]
            else:
                break
    return _put(text, tokens, puts)


def _with_adjectives(text: str, said: str, language: str) -> str:
    """A translation whose adjectives of peoples follow the person they stand beside, and predicates the subject."""
    tokens, puts = list(_WORD.finditer(text)), dict[int, str]()
    lower = [token[0].lower() for token in tokens]
    peoples = forms_by_gender(language)
    for at, word in enumerate(lower):
        if (
            word in peoples
            and at
            and (gender := _gender_of_noun(lower[at - 1], language))
            and _joined(text, tokens, at)
        ):
            puts[at] = peoples[word][gender == "f"]
    for at, word in enumerate(lower[:-1]):
        # "Su primo es piloto y su tía un juez": the verb is not said again.
        kin = next((gender for gender, nouns in zip("fm", _RELATIVES[language]) if word in nouns), "")
        if kin and lower[at + 1] in ("un", "una", "um", "uma") and _joined(text, tokens, at + 1):
            puts |= _predicate(lower, at + 1, kin, language)
        # "y mi suegra es sueco": the person right before the verb.
        if (
            word in _COPULAS[language]
            and at
            and (gender := _gender_of_noun(lower[at - 1], language))
            and _joined(text, tokens, at)
        ):
            place = at + 2 if lower[at + 1] in _LIGHT and at + 2 < len(lower) else at + 1
            if not {"de", "del", "do", "da", "que"} & set(lower[max(0, at - 4) : at]):
                puts |= _predicate(lower, place, gender, language)
    subject = _subject(text, said, lower, language)
    for at, word in enumerate(lower[:8] if subject else ()):
        if word not in _COPULAS[language] or any(
            _gender_of_noun(w, language) for w in lower[1 + (lower[0] in _OWN) : at][1:]
        ):
            continue
        next_at = at + 1
        while next_at < len(lower) and lower[next_at] in _LIGHT:
            next_at += 1
        puts |= _predicate(lower, next_at, subject, language)
        break
    return _put(text, tokens, {at: put for at, put in puts.items() if tokens[at][0].islower() and put != lower[at]})


def _predicate(lower: list[str], at: int, gender: str, language: str) -> dict[int, str]:
    """An adjective, or "un bombero", in the gender of the subject, by its place."""
    column = int(gender == "f")
    if at < len(lower) and lower[at] in _adjectives(language):
        return {at: _adjectives(language)[lower[at]][column]}
    if at + 1 < len(lower) and lower[at] in ("un", "una", "um", "uma"):
        pair = _people(language).get(lower[at + 1])
        if pair:
            article = {"es": ("un", "una"), "pt": ("um", "uma")}[language][column]
            return {at: article, at + 1: pair[column]}
    return {}


_OWN = word_set(
    "mi tu su nuestra nuestro la el una un esta este minha meu sua seu nossa nosso a o uma um esta este tua teu ella él ela ele"
)


def _joined(text: str, tokens: list[re.Match[str]], at: int) -> bool:
    return text[tokens[at - 1].end() : tokens[at].start()] == " "


def _gender_of_noun(word: str, language: str) -> str:
    """The gender of a noun of a person; "" for another word."""
    female, male = _RELATIVES[language]
    if word in female or word in male:
        return "f" if word in female else "m"
    pair = _people(language).get(word)
    if (
        not pair
        or pair[0] == pair[1]
        or word in forms_by_gender(language)
        or word in gender_grammar(language).adjectives
    ):
        return ""
    return "f" if word == pair[1] else "m"


def _subject(text: str, said: str, lower: list[str], language: str) -> str:
    """The gender of the person that a translation begins with; "" where it begins otherwise."""
    start = re.match(
        rf"(?:[Ss]he|(?P<rel>My|Your|Our|His|Her|Their|The)(?: \w+)? (?:{_WOMEN}))(?:['’]s| is| was| looks| seems)\b",
        said,
    )
    if start and lower and (lower[0] in _COPULAS[language] or lower[0] in ("ella", "ela")):
        return "f"
    if (
        re.match(r"[Hh]e(?:['’]s| is| was| looks| seems)\b", said)
        and lower
        and (lower[0] in _COPULAS[language] or lower[0] in ("él", "ele"))
    ):
        return "m"
    if lower and lower[0] in _OWN and len(lower) > 2 and text[:1].isupper():
        own = _DETERMINERS[language]
        if {*lower[1:3]} & gender_grammar(language).either and own.get(lower[0]) != lower[0]:
            return "f" if lower[0] in own.values() else "m" if lower[0] in own else ""
        place = 1 if _gender_of_noun(lower[1], language) else 2
        return _gender_of_noun(lower[place], language) if lower[0] not in ("ella", "él", "ela", "ele") else ""
    return ""


def _like(put: str, old: str) -> str:
    return put[:1].upper() + put[1:] if old[:1].isupper() else put


def _put(text: str, tokens: list[re.Match[str]], puts: dict[int, str]) -> str:
    for at in sorted(puts, reverse=True):
        text = text[: tokens[at].start()] + puts[at] + text[tokens[at].end() :]
    return text
