"""Rewriting rules: what each does, what none ever does, and how long a text is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.language.invariants import keeps_meaning
from localize.language.paraphrase import LONGER, SHORTER, Rule, longer_paraphrases, shorter_paraphrases
from localize.language.syllables import syllables

CASES = [
    line.split("\t")
    for line in Path(__file__).parents[1].joinpath("subtitles", "sense_cases.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
SHORT = [
    ("es", "drop-pronoun", "Yo quiero verte.", "Quiero verte."),
    ("es", "drop-pronoun", "Creo que yo no lo sé, yo nunca digo eso.", "Creo que no lo sé, nunca digo eso."),
    ("es", "drop-pronoun", "¿Nosotros vamos?", "¿Vamos?"),
    ("es", "drop-pronoun", "Tú tienes razón.", "Tienes razón."),
    ("es", "drop-opener", "Bueno, vamos.", "Vamos."),
    ("es", "drop-opener", "La verdad es que no puedo.", "No puedo."),
    ("es", "drop-opener", "Ya está. Pues bien, ¿qué haces?", "Ya está. ¿Qué haces?"),
    ("es", "direct-question", "¿Qué es lo que quieres?", "¿Qué quieres?"),
    ("es", "year", "Nació en el año 1990.", "Nació en 1990."),
    ("es", "short-synonym", "Sin embargo, solamente vino él.", "Pero solo vino él."),
    ("es", "short-synonym", "Actualmente no soy capaz de hacerlo.", "Hoy no puedo hacerlo."),
    ("es", "future", "No voy a decírtelo.", "No te lo diré."),
    ("es", "future", "Ellos van a venir mañana.", "Ellos vendrán mañana."),
    ("es", "drop-intensifier", "Realmente quiero ir.", "Quiero ir."),
    ("es", "short-thanks", "Muchas gracias por todo.", "Gracias por todo."),
    ("pt", "drop-pronoun", "Sei que nós sabemos.", "Sei que sabemos."),
    ("pt", "drop-pronoun", "Eu quero ir.", "Quero ir."),
    ("pt", "drop-opener", "Bom, vamos embora.", "Vamos embora."),
    ("pt", "direct-question", "O que é que você quer?", "O que você quer?"),
    ("pt", "year", "Nasceu no ano de 1990.", "Nasceu em 1990."),
    ("pt", "short-synonym", "No entanto, somente ele veio.", "Mas só ele veio."),
    ("pt", "drop-intensifier", "Ele é realmente alto.", "Ele é alto."),
    ("pt", "short-thanks", "Muito obrigado por tudo.", "Obrigado por tudo."),
    ("pt", "spoken-para", "Vou para a casa para descansar.", "Vou pra casa pra descansar."),
    ("en", "contract", "I do not know what he is doing.", "I don't know what he's doing."),
    ("en", "drop-opener", "Well, we can go.", "We can go."),
    ("en", "short-synonym", "We came in order to help.", "We came to help."),
]
LONG = [
    ("es", "add-pronoun", "No lo sé.", "Yo no lo sé."),
    ("es", "add-pronoun", "Tenemos hambre.", "Nosotros tenemos hambre."),
    ("es", "long-synonym", "Ven ahora, aunque llueva.", "Ven en este momento, a pesar de que llueva."),
    ("es", "going-to", "Hablarán mañana.", "Van a hablar mañana."),
    ("pt", "add-pronoun", "Não sei.", "Eu não sei."),
    ("pt", "long-synonym", "Vem agora.", "Vem neste momento."),
    ("en", "expand", "I don't know.", "I do not know."),
]
LEFT_ALONE = [
    ("es", "Yo mismo lo vi."),
    ("es", "Yo quiero y tú no."),
    ("es", "Yo, Pedro, estoy aquí."),
    ("es", "Yo qué sé."),
    ("es", "Él hablaba."),
    ("es", "Yo sé hablar, pero ella no."),
    ("es", "Si vas a venir, avisa."),
    ("es", "Va a mar abierto."),
    ("es", "No es realmente malo."),
    ("es", "Entonces."),
    ("es", "Tengo que irme."),
    ("pt", "Eu mesmo vi."),
    ("pt", "Ele não é totalmente mau."),
    ("en", "That is who he is."),
]


def by_name(rules: tuple[Rule, ...], name: str) -> Rule:
    return next(rule for rule in rules if rule.name == name)


@pytest.mark.parametrize(("language", "name", "before", "after"), SHORT)
def test_shortening_rules(language: str, name: str, before: str, after: str) -> None:
    assert by_name(SHORTER[language], name).apply(before) == after
    assert (after, name) in {(way.text, way.rule) for way in shorter_paraphrases(before, language)}
    assert syllables(after, language) < syllables(before, language)


@pytest.mark.parametrize(("language", "name", "before", "after"), LONG)
def test_lengthening_rules(language: str, name: str, before: str, after: str) -> None:
    assert by_name(LONGER[language], name).apply(before) == after
    assert (after, name) in {(way.text, way.rule) for way in longer_paraphrases(before, language)}


def test_every_rule_has_a_test() -> None:
    for rules, cases in ((SHORTER, SHORT), (LONGER, LONG)):
        assert {(lang, rule.name) for lang in rules for rule in rules[lang]} == {case[:2] for case in cases}


@pytest.mark.parametrize(("language", "text"), LEFT_ALONE)
def test_left_alone(language: str, text: str) -> None:
    ways = [way for way in shorter_paraphrases(text, language) if way.rule != "contract"]
    assert ways == []


def test_rules_add_up_from_mild_to_strong() -> None:
    text = "Bueno, yo creo que voy a decirte la verdad."
    ways = shorter_paraphrases(text, "es")
    lengths = [syllables(way.text, "es") for way in ways]
    assert lengths == sorted(lengths, reverse=True)
    assert ways[-1].text == "Creo que te diré la verdad."
    assert ways[-1].rule == "drop-pronoun+drop-opener+future"


@pytest.mark.parametrize(("language", "kept", "before", "after"), CASES)
def test_a_rule_that_loses_something_is_not_applied(
    monkeypatch: pytest.MonkeyPatch, language: str, kept: str, before: str, after: str
) -> None:
    monkeypatch.setitem(SHORTER, language, (Rule("lossy", ((re.compile(re.escape(before)), after),)),))
    shorter_here = syllables(after, language) < syllables(before, language)
    assert [way.text for way in shorter_paraphrases(before, language)] == [after] * (kept == "yes" and shorter_here)


def test_a_language_without_rules_has_none() -> None:
    assert shorter_paraphrases("Guten Tag", "de") == ()
    assert longer_paraphrases("Guten Tag", "de") == ()


VOCABULARY = """
    yo nosotros tú no nunca jamás ni nada nadie sin embargo, bueno, entonces, pues voy va van a hablar venir
    decirte
    quiero tengo hablarán estará María Pedro Madrid 47 1990 tres solamente actualmente realmente en
    el año televisión muchas gracias ¿qué es lo que ahora aunque . ? , si que y
    eu nós não nem ninguém sem bom, então, somente no de o é para casa você ele
    I do not never Anna can't will is you
"""
WORDS = st.sampled_from(VOCABULARY.split())


@given(st.lists(WORDS, min_size=1, max_size=14).map(" ".join), st.sampled_from(["es", "pt", "en"]))
def test_no_rule_loses_a_number_a_name_or_a_negation(text: str, language: str) -> None:
    negations = {"es": "no nunca jamás ni nada nadie", "pt": "não nem ninguém sem", "en": "not never n't"}[
        language
    ].split()

    def counted(text: str) -> dict[str, int]:
        words = text.lower().replace("can't", "can n't").replace("cannot", "can n't").replace("n't", " not").split()
        bare = [word.strip(".,?¿") for word in words]
        return {word: bare.count(word) for word in ["47", "1990", "tres", *negations]}

    for way in (*shorter_paraphrases(text, language), *longer_paraphrases(text, language)):
        assert way.text
        assert keeps_meaning(text, way.text, language)
        before, after = counted(text.replace("sin embargo", "")), counted(way.text.replace("sin embargo", ""))
        assert before == after, way
        for name in ("María", "Pedro", "Madrid", "Anna"):
            assert (name in text) == (name in way.text), way


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "es",
            {
                "ahí": 2,
                "poeta": 3,
                "ciudad": 2,
                "quiero": 2,
                "guitarra": 3,
                "hay": 1,
                "y": 1,
                "aéreo": 4,
                "María": 3,
            },
        ),
        (
            "pt",
            {
                "coração": 3,
                "mãe": 1,
                "dia": 2,
                "havia": 3,
                "muito": 2,
                "você": 2,
                "rua": 2,
                "não": 1,
                "que": 1,
            },
        ),
        (
            "en",
            {
                "table": 2,
                "walked": 1,
                "wanted": 2,
                "beautiful": 3,
                "make": 1,
                "time": 1,
                "going": 2,
                "idea": 3,
            },
        ),
        ("es", {"21": 3, "1.000": 1, "2,5": 5, "": 0, "...": 0}),
        ("en", {"1,000": 3, "don't": 1}),
    ],
)
def test_syllables(language: str, words: dict[str, int]) -> None:
    assert {word: syllables(word, language) for word in words} == words


@given(st.text(max_size=40), st.sampled_from(["es", "pt", "en", "fr", "xx"]))
def test_any_text_has_a_length(text: str, language: str) -> None:
    assert syllables(text, language) >= 0
    assert all(way.text != text for way in (*shorter_paraphrases(text, language), *longer_paraphrases(text, language)))
