"""Inflected forms of terms: found by their ending, in the language of the term."""

from __future__ import annotations

import re

import pytest

from localize.language.inflection import inflected_pattern, without_accents

FOUND = """
es reloj: relojes
es luz: luces
es guardián: guardianes guardiana
es canción: canciones
es torre: torres
es rápido: rápida rápidos rápidas
es profesor: profesora profesores profesoras
es inglés: ingleses inglesa
es cazar: caza cazan cazó cazaron cazaba cazando cazado cazará
es volver: vuelvo? volvió volvían volverá
es núcleo de curvatura: núcleos de curvatura
pt coração: corações
pt capitão: capitães
pt animal: animais
pt papel: papéis
pt homem: homens
pt mulher: mulheres
pt bonito: bonita bonitos bonitas
pt cantar: canto cantou cantaram cantava cantando
fr cheval: chevaux
fr bateau: bateaux
fr acteur: acteurs actrice
fr heureux: heureuse heureuses
fr gardien: gardiens gardienne
fr parler: parle parlons parlait parlé parlera
it amico: amici amica amiche
it ragazzo: ragazzi ragazza
it stazione: stazioni
it parlare: parlo parliamo parlava parlato parlerà
en keeper: keepers
en church: churches
en lady: ladies
en warp core: warp cores
"""
OTHERS = """
es casa: caso cosa casino
es mesa: meses
es caso: casa
pt casa: caso
fr cheval: chevalier chevron
it gatto: gattino
en keep: keeper
es guardia: guardería
de Haus: Häuser
"""


def pairs(table: str) -> list[tuple[str, str, str]]:
    found = []
    for row in table.strip().splitlines():
        language, _, rest = row.partition(" ")
        term, _, forms = rest.partition(": ")
        words = len(term.split())
        split = [" ".join(forms.split()[i : i + words]) for i in range(0, len(forms.split()), words)]
        found += [(language, term, form) for form in split if not form.endswith("?")]
    return found


def says(language: str, term: str, text: str) -> bool:
    return re.fullmatch(inflected_pattern(term, language), without_accents(text), re.IGNORECASE) is not None


@pytest.mark.parametrize(("language", "term", "form"), pairs(FOUND))
def test_an_inflected_form_is_found(language: str, term: str, form: str) -> None:
    assert says(language, term, term)
    assert says(language, term, form)


@pytest.mark.parametrize(("language", "term", "word"), pairs(OTHERS))
def test_another_word_is_not(language: str, term: str, word: str) -> None:
    assert not says(language, term, word)


def test_letters_that_are_made_of_others_are_no_accents() -> None:
    assert without_accents("한국 ñandú") == "한국 nandu"


def test_text_without_accents_has_the_same_length() -> None:
    text = "¿Qué? ÅÉñ ｱ ß ﬁ 한"
    assert len(without_accents(text)) == len(text)
