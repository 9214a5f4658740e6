"""Count syllables by language: the estimate of spoken length before synthesis."""

from __future__ import annotations

import re


def syllables(text: str, language: str) -> int:
    """About how many syllables a text has when it is spoken: English, Spanish, Portuguese, others as Spanish.

    Numbers count as their words where num2words is installed, else two syllables a digit.
    """
    return sum(_syllables_of(token, language) for token in re.findall(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’]\w+)?", text))


# fmt: on


# --- spoken length ---------------------------------------------------------------------------------------

_VOWELS = {"pt": "aeiouáéíóúâêôãõàü", "en": "aeiouy"}


def _syllables_of(token: str, language: str) -> int:
    if token[0].isdigit():
        return _syllables_of_number(token, language)
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


def _syllables_of_number(token: str, language: str) -> int:
    thousands, point = (",", ".") if language == "en" else (".", ",")
    plain = re.sub(rf"{re.escape(thousands)}(?=\d{{3}}(?:\D|$))", "", token).replace(point, ".")
    try:
        from num2words import num2words

        words = num2words(float(plain) if "." in plain else int(plain), lang=language)
    except (ImportError, NotImplementedError, ValueError, OverflowError):
        return 2 * sum(c.isdigit() for c in token)
    return syllables(re.sub(r"\d", "", words), language)
