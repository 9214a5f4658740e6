"""Speaker labels as they are written before what somebody says ("ANNA (V.O.): Go."), and what only looks like one."""

from __future__ import annotations

import re

from .markup import ORDINAL

HOW = r"(?:\s*(?:\([^():\[\]\n]{1,30}\)|\[[^():\[\]\n]{1,30}\]|<[^<>():\[\]\n/]{2,30}>|\{[^{}:\\\n]{2,30}\}))"
"""How a speaker is heard, in brackets behind the name: "(V.O.)", "[on phone]", "<whispering>", "{off}"."""
_HOW_AT_END = re.compile(rf"{HOW}+$")
LABEL = re.compile(
    rf"(?P<text>(?:{ORDINAL} )?[^\W\d_][^:：\[\]()\{{\}}<>\n♪]{{0,40}}?)"
    rf"(?P<how>{HOW}*)(?P<colon>\s?[:：])(?=\s|$|<|(?P<joined>[^\W\d_]))"
)
"""A name, how it is heard, a colon, a tag; words right behind it only where the name is known, or the colon is wide.
"""
NO_NAMES = frozenset(
    "question answer note notice warning attention caution danger remember listen look see first second third "
    "finally yes no well okay ok today tonight tomorrow yesterday now then so but and because example exercise "
    "chapter part step rule number time date place name age address phone email fact truth problem solution "
    "result score news title subtitle subtitles translation source subject tip hint quote ps re pregunta "
    "respuesta nota aviso advertencia atención peligro recuerda escucha mira primero segundo tercero sí bueno hoy "
    "ahora ejemplo capítulo parte paso regla número título pergunta resposta atenção perigo lembre escute olhe "
    "primeiro terceiro sim não hoje agora exemplo passo réponse remarque avertissement écoute écoutez premier "
    "deuxième oui non exemple chapitre domanda risposta ascolta guarda primo secondo esempio capitolo frage "
    "antwort hinweis warnung achtung erstens zweitens ja nein beispiel kapitel btw fyi ps nb tldr spoiler psa asap lol "
    "omg aka eg ie etc dear ojo cuidado oye mire verás imagina olha veja tiens voilà bref ecco insomma also".split()
)
"""What stands before a colon without being anybody, also in capitals: "WARNING: keep out." is said as a whole."""
_MADE = (
    r"(?:(?:re)?sync(?:ed|hron\w*)?|sub(?:title[ds]?|s|titulado|títulos)|captions?|captioned|legendas?|legendado|"
    r"sous-titr\w+|sottotitol\w+|untertitel\w*|ripped|timing|corrections?|corrected|correcciones|corregido)"
)
_CREDIT = re.compile(
    rf"\W*{_MADE}(?:\s*(?:[,&/+]|and|y|e|et|und)\s*{_MADE})*\s*(?:by|por|par|di|da|von|de|:)[:\s]+\S+(?:\s\S+){{0,5}}\W*",
    re.IGNORECASE,
)
_TRANSCRIBED = re.compile(
    r"\W*(?:(?:auto(?:matically)?|machine|automatisch)[ -])?(?:transcri(?:bed|pt|pted|to|t)|transkribiert|trascritto) "
    r"(?:by|with|using|por|con|com|par|avec|da|di|von|mit) \S+(?: \S+){0,4}\W*",
    re.IGNORECASE,
)
_CORRECTS = re.compile(r"\W*(?i:corrections?|timing)\s*:\s*[^\W\d_A-ZÀ-ÖØ-Þ]")
"""What somebody says before he puts right what he said: "Correction: it fell."."""
_ADVERTISES = re.compile(
    r"\b(?:open|yify|tv|sub|add|podna|argen|tu)(?:subtitles|ic7ed|scene|pisi|divx|team|subtitulo)\.|\bamara\.org\b",
    re.IGNORECASE,
)


def without_how(label: str) -> str:
    """A label without how its speaker is heard: "ANNA (V.O.)" -> "ANNA"."""
    return _HOW_AT_END.sub("", label)


def is_credit(text: str) -> bool:
    """Whether a cue says who made the subtitles, or where they come from, which nobody says in the film.

    Only words of subtitling and transcribing count: "Translated by Ann Lee" is read aloud, as in an audio book.
    """
    plain = " ".join(text.split())
    made = _CREDIT.fullmatch(plain) and not _CORRECTS.match(plain)
    return bool(made or _TRANSCRIBED.fullmatch(plain) or _ADVERTISES.search(text))
