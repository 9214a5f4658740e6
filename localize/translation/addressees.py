"""Whether a line is said to one or to several people, where its English shows it ("you two", "Listen, everybody.").

English "you" does not say how many it means. Of a translator's hypotheses one that addresses several people (vosotros,
ustedes, vocês) is preferred then; without one the line stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..data import Candidate
from ..language.gender import LANGUAGES

_CALLED = (
    "guys|everybody|everyone|kids|children|boys|girls|gentlemen|ladies|folks|people|friends|boys and girls|brothers|"
    "fellas|lads|soldiers|students"
)
_BEFORE = "hey,? |ok,? |okay,? |hello,? |hi,? |listen,? |come on,? |good morning,? |all right,? "
_MANY = re.compile(
    r"\b(?:you (?:all(?! right)|two|three|four|both|guys|people|boys|girls|kids|lot|folks|gentlemen|ladies)|"
    r"y'all|yourselves|"
    r"(?:all|both|each|some|none|most|two|three|any) of you|ladies and gentlemen)\b|"
    rf"(?:^|[,.!?] ?)(?:{_BEFORE})?(?:{_CALLED})[,.!?]",
    re.IGNORECASE,
)
_PLURAL = {
    "es": re.compile(
        r"\b(?:vosotr[oa]s|ustedes|vuestr[oa]s?|os|sois|vais|\w+[áé]is|(?!país|parís|anís)\w{3,}ís|\w+steis|"
        r"\w{2,}[aei]d(?:me|nos|l[aeo]s?))\b|^\W*(?!usted|verdad)\w+[aei]d\b",
        re.IGNORECASE,
    ),
    "pt": re.compile(r"\b(?:vocês|vós|vosso|vossa|\w+[ei]ram)\b", re.IGNORECASE),
}
_ONE = {
    "es": re.compile(
        r"\b(?:tú|te|ti|contigo|usted|eres|estás|has|vas|tienes|puedes|quieres|tu|tus|\w+aste|\w+iste)\b", re.I
    ),
    "pt": re.compile(r"\b(?:você|tu|te|ti|contigo|teu|tua)\b", re.IGNORECASE),
}


def speaks_to_many(source: str) -> bool:
    """Whether an English sentence shows that it is said to several people ("you two", "Listen, everybody.")."""
    return bool(_MANY.search(source))


def many_first(hypotheses: Sequence[Candidate], language: str) -> tuple[Candidate, ...]:
    """The hypotheses without those that address one person, where the best does and another addresses several."""
    if language not in LANGUAGES or not hypotheses or not _ONE[language].search(hypotheses[0].text):
        return tuple(hypotheses)
    found = [c for c in hypotheses if not _ONE[language].search(c.text)]
    many = [c for c in found if _PLURAL[language].search(c.text)]
    return (*many, *(c for c in found if c not in many)) if many else tuple(hypotheses)
