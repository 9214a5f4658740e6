"""What a shorter text may never lose: a number, a name, a negation."""

from __future__ import annotations

import re
from collections import Counter

from .boundaries import ends_sentence


def keeps_facts(before: str, after: str, language: str) -> bool:
    """Whether a rewritten text has the numbers, the negations and the names of the text before."""
    names = set(re.findall(r"(?<=[\w,;:] )[^\W\d_a-zà-ÿ][\w'’-]*", before)) - {
        "I",
        "I'm",
        "I'll",
        "I've",
        "I'd",
    }
    words = set(re.findall(r"\w[\w'’-]*", after))
    return names <= words and all(
        _counted(before, pattern, language) == _counted(after, pattern, language)
        for pattern in (r"\d+(?:[.,:]\d+)*", _NUMBERS, _NEGATIONS.get(language, _NEGATIONS["es"]))
    )


def _counted(text: str, pattern: str, language: str) -> Counter[str]:
    plain = re.sub(_IDIOMS.get(language, r"(?!)"), " ", text.lower())
    found = re.findall(pattern, plain)
    # English "don't" is "do not".
    return Counter("not" if word in ("n't", "cannot") else word for word in found)


_NEGATIONS = {
    "es": r"\b(?:no|nunca|jamás|ni|nada|nadie|ningún|ningun[oa]s?|tampoco|sin)\b",
    "pt": r"\b(?:não|nunca|jamais|nem|nada|ninguém|nenhum|nenhuma|tampouco|sem)\b",
    "en": r"\b(?:not|never|no|nobody|nothing|none|neither|nor|without|cannot)\b|n't\b",
}
# Fixed phrases whose negation negates nothing.
_IDIOMS = {"es": r"\bsin embargo\b|\bno obstante\b|\bsin duda\b", "pt": r"\bsem dúvida\b|\bnão obstante\b"}
_NUMBERS = (
    r"\b(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|veinte|treinta|"
    r"cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|ciento|mil|millón|millones|primer[oa]?|segund[oa]|"
    r"tercer[oa]?|dois|duas|três|quatro|sete|oito|nove|dez|doze|treze|vinte|trinta|quarenta|cinquenta|cem|cento|"
    r"milhão|milhões)\b"
)


_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATIONS = {
    "en": "no not never none nothing nobody nowhere neither nor without cannot",
    "es": "no nunca jamás nada nadie ningún ninguno ninguna tampoco ni sin",
    "pt": "não nunca jamais nada ninguém nenhum nenhuma nem sem",
    "fr": "ne n' pas jamais rien personne aucun aucune ni sans non",
    "it": "non mai niente nulla nessuno nessun nessuna né senza no",
    "de": "nicht nie niemals nichts niemand kein keine keinen keinem keiner weder ohne nein",
}
# "One" and its kin are articles as often as numbers.
_NUMBER_WORDS = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half twice "
    "second third fourth fifth",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento mil millón "
    "millones medio media segundo segunda tercer tercero tercera cuarto quinto",
    "pt": "dois duas três quatro cinco seis sete oito nove dez onze doze treze catorze quatorze quinze dezesseis "
    "dezessete dezoito dezenove vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem cento mil milhão "
    "milhões meio meia segundo segunda terceiro terceira quarto quinto",
}


def keeps_meaning(before: str, after: str, language: str) -> bool:
    """Whether a shorter text still has every number, every name and every negation of the longer one."""
    numbers = _numbers(before, language) == _numbers(after, language)
    # A name that now starts a sentence looks like any first word.
    names = _names(before, language) <= _names(after, language) | _first_words(after, language)
    return numbers and names and _denials(before, language) == _denials(after, language)


def _numbers(text: str, language: str) -> Counter[str]:
    known = set(_NUMBER_WORDS.get(language.split("-", maxsplit=1)[0].lower(), "").split())
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


def _denials(text: str, language: str) -> int:
    known = set(_NEGATIONS.get(language.split("-", maxsplit=1)[0].lower(), "").split())
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]*)?", text.lower().replace("’", "'"))
    return sum(word in known or word.endswith("n't") or word.startswith("n'") for word in words)
