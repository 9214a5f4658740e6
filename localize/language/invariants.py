"""Check that a shorter wording keeps every number, name and negation of the original."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from .boundaries import ends_sentence
from .tags import main_language

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATIONS = {
    "en": "no not never none nothing nobody nowhere neither nor without cannot",
    "es": "no nunca jamás nada nadie ningún ninguno ninguna ningunos ningunas tampoco ni sin",
    "pt": "não nunca jamais nada ninguém nenhum nenhuma nem tampouco sem",
    "fr": "ne n' pas jamais rien personne aucun aucune ni sans non",
    "it": "non mai niente nulla nessuno nessun nessuna né senza no",
    "de": "nicht nie niemals nichts niemand kein keine keinen keinem keiner weder ohne nein",
}
# Fixed phrases whose negation negates nothing.
_IDIOMS = {
    "es": r"\bsin embargo\b|\bno obstante\b|\bsin duda\b",
    "pt": r"\bsem dúvida\b|\bnão obstante\b",
}
# "One" and its kin are articles as often as numbers.
_NUMBER_WORDS = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen "
    "half twice first second third fourth fifth",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento mil millón "
    "millones medio media primer primero primera segundo segunda tercer tercero tercera cuarto quinto docena",
    "pt": "dois duas três quatro cinco seis sete oito nove dez onze doze treze catorze quatorze quinze dezesseis "
    "dezessete dezoito dezenove vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem cento mil milhão "
    "milhões meio meia primeiro primeira segundo segunda terceiro terceira quarto quinto dúzia",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante "
    "cinquante soixante cent cents mille million millions demi demie premier première deuxième troisième douzaine",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici venti "
    "trenta quaranta cinquanta sessanta settanta ottanta novanta cento mille mila milione milioni mezzo mezza primo "
    "prima secondo seconda terzo terza dozzina",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn zwanzig dreißig "
    "vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend million millionen halb halbe erste ersten zweite "
    "zweiten dritte dritten dutzend",
}


def keeps_meaning(before: str, after: str, language: str) -> bool:
    """Whether another wording of a text still has every number, every name and every negation.

    The one check of whatever is shortened, lengthened or chosen in a text's place.

    Args:
        before: the text as it was meant.
        after: what is to stand for it.
        language: of both, BCP 47; one without lists is held to its digits and names.
    """
    numbers = _numbers(before, language) == _numbers(after, language)
    # A name that now starts a sentence looks like any first word.
    names = _names(before, language) <= _names(after, language) | _first_words(after, language)
    return numbers and names and _count_negations(before, language) == _count_negations(after, language)


def has_negation(text: str, language: str) -> bool:
    """Whether a text contains a negation."""
    return bool(_count_negations(text, language))


@cache
def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _numbers(text: str, language: str) -> Counter[str]:
    known = _word_set(_NUMBER_WORDS.get(main_language(language), ""))
    return Counter(_NUMBER.findall(text)) + Counter(w for w in re.findall(r"\w+", text.lower()) if w in known)


def _names(text: str, language: str) -> set[str]:
    """Capitalised words inside sentences; in German, where nouns are, only words all in capitals count."""
    words = text.split()
    found = set()
    for previous, word in zip([".", *words], words):
        bare = word.strip(".,;:!?…\"'“”‘’«»()[]¿¡-–—")
        if not bare[:1].isupper() or (language.startswith("de") and not (bare.isupper() and len(bare) > 1)):
            continue
        if (
            previous != "."
            and not ends_sentence(previous, word, language)
            and bare not in ("I", "I'm", "I'll", "I've", "I'd")
        ):
            found.add(bare.lower())
    return found


def _first_words(text: str, language: str) -> set[str]:
    words = text.split()
    starts = [w for p, w in zip([".", *words], words) if p == "." or ends_sentence(p, w, language)]
    return {w.strip(".,;:!?…\"'“”‘’«»()[]¿¡-–—").lower() for w in starts}


def _count_negations(text: str, language: str) -> Counter[str]:
    """How often each word of negation is said; English "don't" and "cannot" are "not", French "n'" is "ne"."""
    main = main_language(language)
    known = _word_set(_NEGATIONS.get(main, ""))
    plain = re.sub(_IDIOMS.get(main, r"(?!)"), " ", text.lower().replace("’", "'"))
    found: Counter[str] = Counter()
    for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]*)?", plain):
        if main == "en" and (word.endswith("n't") or word == "cannot"):
            found["not"] += 1
        elif main == "fr" and word.startswith("n'"):
            found["ne"] += 1
        elif word in known:
            found[word] += 1
    return found
