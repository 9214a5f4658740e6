"""Count syllables by language: the estimate of spoken length before synthesis."""

from __future__ import annotations

import re

from .spoken import normalize_text, without_phonemes


def syllables(text: str, language: str) -> int:
    """About how many syllables a text has when it is spoken, numbers and symbols as they are said: English, Spanish,
    Portuguese, others as Spanish.
    """
    if _SPECIAL.search(text):
        text = without_phonemes(normalize_text(text, language))
    return sum(_syllables_of(token, language) for token in re.findall(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’]\w+)?", text))


_SPECIAL = re.compile(r"[^\w\s,;:!?¡¿….'’-]|[\d_]|[A-ZÀ-Þ]{2}|\.(?=.)|\b[A-ZÀ-Þ]\b")
"""A text without any of these, of words and ordinary marks alone, is said as it is written."""


# --- spoken length ---------------------------------------------------------------------------------------

_VOWELS = {"pt": "aeiouáéíóúâêôãõàü", "en": "aeiouy"}


def _syllables_of(token: str, language: str) -> int:
    if token[0].isdigit():  # of a language without a grammar of numbers
        return 2 * sum(c.isdigit() for c in token)
    word = token.lower()
    if language == "en":
        return _english_syllables(word)
    word = re.sub(r"qu(?=[eiéíê])", "k", re.sub(r"gu(?=[eiéíê])", "g", word)).replace("h", "")
    word = re.sub(r"y$", "i", word)
    if language == "pt":
        hiatus = bool(re.search(r"(?:i[ao]|ua)s?$", word)) and not re.search("[áéíóúâêôãõ]", word)
        word = re.sub("ão|ãe|õe", "ã", word)
    else:
        hiatus = False
    runs = re.findall(rf"[{_VOWELS.get(language, 'aeiouáéíóúü')}]+", word)
    # Strong and accented vowels are nuclei of their own; i and u lean on them.
    return max(1, sum(max(1, len(re.findall("[aeoáéóâêôãõàíú]", run))) for run in runs) + hiatus)


def _english_syllables(word: str) -> int:
    bare = re.sub(r"['’]\w+$", "", word)
    count = len(re.findall("[aeiouy]+", bare)) + len(re.findall("i[ao](?!n)|ea$|[oiuye]ing$", bare))
    if re.search(r"[^aeiouyl]e$|[^aeioutd]ed$|[^aeiousxzc]es$", bare) and count > 1:
        count -= 1
    return max(1, count)
