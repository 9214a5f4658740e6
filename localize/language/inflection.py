"""Inflected forms of a term by simple stem rules: plural, gender, verb endings of Spanish, Portuguese, French, Italian.

The rules find forms, they do not make them: "reloj" finds "relojes", "luz" "luces", "rápido" "rápidas", "cazar"
"cazaron". They know no irregular verb and no vowel that changes in the stem. Sources: the plural and gender chapters of
RAE, Nueva gramática básica (2011), 2.1 and 3.1; Cunha and Cintra, Nova gramática do português contemporâneo, 8 and 10;
Grevisse, Le bon usage, 512-551; Serianni, Grammatica italiana, III.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .tags import main_language

SHORTEST = 3
"""Letters; shorter words (articles, prepositions) are looked for as they are."""
GENDERED = 5
"""Letters; shorter words change no gender, so that "caso" does not find "casa"."""
_PLURALS: dict[str, tuple[tuple[str, str], ...]] = {
    # ending of the term, without accents -> what may stand in its place
    "en": (("(?:s|x|z|ch|sh)", r"\g<0>(?:es)?"), ("([^aeiou])y", r"\1(?:y|ies)"), ("", "s?")),
    "es": (("z", "(?:z|ces)"), ("[aeiou]s", r"\g<0>"), ("([aeiou])", r"\1s?"), ("", "(?:es)?")),
    "pt": (("ao", "(?:ao|oes|aos|aes)"), ("al", "(?:al|ais)"), ("el", "(?:el|eis)"), ("ol", "(?:ol|ois)"),
           ("ul", "(?:ul|uis)"), ("il", "(?:il|is|eis)"), ("m", "(?:m|ns)"), ("[rz]", r"\g<0>(?:es)?"), ("", "s?")),
    "fr": (("al", "(?:al|aux|ale|ales)"), ("(?:au|eau|eu)", r"\g<0>x?"), ("[sxz]", r"\g<0>"), ("", "e?s?")),
    "it": (("([cg])a", r"\1(?:a|he)"), ("([cg])o", r"\1(?:o|hi|i)"), ("io", "(?:io|i)"), ("([^aeiou])[ae]", r"\1[aei]"),
           ("([^aeiou])o", r"\1[oi]"), ("", "")),
}  # fmt: skip
_GENDERS: dict[str, tuple[tuple[str, str], ...]] = {
    "es": (("[oa]s?", "[oa]s?"), ("or", "or(?:es|as?)?"), ("[ao]n", r"\g<0>(?:es|as?)?"), ("es", "es(?:es|as?)?")),
    "pt": (("[oa]s?", "[oa]s?"), ("or", "or(?:es|as?)?"), ("es", "es(?:es|as?)?")),
    "fr": (("eux", "(?:eux|euses?)"), ("teur", "t(?:eurs?|euses?|rices?)"), ("eur", "eu(?:rs?|ses?)"),
           ("er", "(?:ers?|eres?)"),
           ("if", "(?:ifs?|ives?)"), ("en", "(?:ens?|ennes?)"), ("e", "es?")),
    "it": (("([cg])[oa]", r"\1(?:o|a|i|hi|he)"), ("[oa]", "[oaie]")),
}  # fmt: skip
_VERBS: dict[str, tuple[tuple[str, str], ...]] = {
    "es": (("ar", "(?:o|as?|amos|ais|an|e|aste|asteis|aron|aba[sn]?|abamos|ar(?:e|as?|emos|an|ia[sn]?)?|ad[oa]s?|ando|"
                  "es?|emos|en|ase[sn]?|ara[sn]?)"),
           ("(?:er|ir)", "(?:o|es?|emos|imos|eis|en|i|iste|io|ieron|ia[sn]?|[ei]r(?:e|as?|emos|an|ia[sn]?)?|id[oa]s?|"
                         "iendo|as?|amos|an|iera[sn]?)")),
    "pt": (("ar", "(?:o|as?|amos|am|ei|aste|ou|aram|ava[sm]?|avamos|ar(?:ei|as?|emos|ao|ia[sm]?)?|ad[oa]s?|ando|es?|"
                  "emos|em|asse[sm]?)"),
           ("(?:er|ir)", "(?:o|es?|emos|imos|em|i|este|eu|iu|eram|iram|ia[sm]?|"
                         "[ei]r(?:ei|as?|emos|ao|ia[sm]?)?|id[oa]s?|endo|indo|as?|am)")),
    "fr": (("er", "(?:er?|es?|ons|ez|ent|ais|ait|ions|iez|aient|ai|as|a|ames|erent|er(?:ai|as?|ons|ez|ont|ait|ais)|"
                  "e?e?s?|ant)"),
           ("ir", "(?:ir|is|it|issons|issez|issent|issais|issait|ie?s?|issant|ir(?:ai|as?|ons|ez|ont|ait))")),
    "it": (("are", "(?:are|o|i|a|iamo|ate|ano|ai|asti|o|arono|av[oaie](?:no|mo|te)?|er(?:o|ai|a|emo|ete|anno|ebbe)|"
                   "at[oaie]|ando)"),
           ("[ei]re", "(?:[ei]re|o|i|e|iamo|ete|ite|ono|ei|ii|esti|isti|e|i|erono|irono|[ei]v[oaie](?:no|mo|te)?|"
                      "[ei]r(?:o|ai|a|emo|ete|anno)|ut[oaie]|it[oaie]|endo|isco|isce|iscono)")),
}  # fmt: skip


def without_accents(text: str) -> str:
    """Text of the same length whose letters have no accents; what is made of several letters (Hangul) stays."""
    return "".join(map(_without_accent, text))


@lru_cache(maxsize=4096)
def _without_accent(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    return parts[0] if all(map(unicodedata.combining, parts[1:])) else letter


@lru_cache(maxsize=4096)
def inflected_pattern(term: str, language: str) -> str:
    """A regular expression for a term and its inflected forms, over text without accents.

    Args:
        term: one word or several; each word inflects.
        language: BCP 47 tag; of others than en, es, pt, fr and it the term alone is found.
    """
    main = main_language(language)
    return r"\s+".join(_word_pattern(word, main) for word in without_accents(term).split())


def _word_pattern(word: str, language: str) -> str:
    if len(word) < SHORTEST or language not in _PLURALS or not word.isalpha():
        return re.escape(word)
    ways = [_first_that_ends(word, _PLURALS[language], 2)]
    if len(word) >= GENDERED:
        ways.append(_first_that_ends(word, _GENDERS.get(language, ()), 2))
    if word.islower():
        ways.append(_first_that_ends(word, _VERBS.get(language, ()), 3))
    return f"(?:{'|'.join(dict.fromkeys((re.escape(word), *filter(None, ways))))})"


def _first_that_ends(word: str, rules: tuple[tuple[str, str], ...], shortest: int) -> str:
    """The pattern of the first rule whose ending the word has after a stem that is long enough; "" for none."""
    for ending, forms in rules:
        match = re.search(rf"(?:{ending})$", word, re.IGNORECASE)
        if match is not None and match.start() >= shortest:
            return re.escape(word[: match.start()]) + match.expand(forms)
    return ""
