"""What a translation must hold: names as often as they were said, numbers in figures or words, terms whole."""

from __future__ import annotations

import pytest

from localize.data import Candidate
from localize.translation.entities import (
    GuardedSentence,
    KnownNames,
    Placeholders,
    RequiredTerm,
    find_names,
    required_terms,
)
from localize.translation.sentences import Sentence


@pytest.mark.parametrize(
    ("kept", "text", "held"),
    [
        # As often as it was said.
        (RequiredTerm("name", "Tom", "Tom"), "Tom se fue.", True),
        (RequiredTerm("name", "Tom", "Tom"), "Se fue.", False),
        (RequiredTerm("name", "Tom", "Tom", times=2), "Tom vio a Tom.", True),
        (RequiredTerm("name", "Tom", "Tom", times=2), "Tom lo vio.", False),
        (RequiredTerm("name", "Tom", "Tom", times=2), "Tom, Tom y Tom.", True),
        (RequiredTerm("name", "Tom", "Tom", times=3), "Tom vio a Tom.", False),
        # Every word of it, each as often.
        (RequiredTerm("name", "Anna Bell", "Anna Bell"), "Anna se fue.", False),
        (RequiredTerm("name", "Anna Bell", "Anna Bell", times=2), "Anna Bell y Anna Bell.", True),
        (RequiredTerm("name", "Anna Bell", "Anna Bell", times=2), "Anna Bell y Anna.", False),
        # Inside another word it is another word.
        (RequiredTerm("name", "Tom", "Tom"), "Tomás se fue.", False),
        # A place goes by either name, and both count.
        (RequiredTerm("name", "London", "Londres"), "Vive en Londres.", True),
        (RequiredTerm("name", "London", "Londres"), "Vive en London.", True),
        (RequiredTerm("name", "London", "Londres", times=2), "De Londres a London.", True),
        (RequiredTerm("name", "London", "Londres", times=2), "Vive en Londres.", False),
        # A number in words is not in a code.
        (RequiredTerm("number", "twenty", "20", ("veinte",)), "SAVE20 por ciento.", False),
        (RequiredTerm("number", "twenty", "20", ("veinte",)), "El 20 por ciento.", True),
        # Accents and capitals do not part names.
        (RequiredTerm("name", "Jose", "Jose"), "JOSÉ se fue.", True),
        # A term stands whole, in any case.
        (RequiredTerm("term", "ship", "nave"), "La Nave despega.", True),
        (RequiredTerm("term", "ship", "nave"), "Las naves despegan.", False),
        (RequiredTerm("term", "ship", "nave (espacial)"), "La nave (espacial) despega.", True),
        # A number in figures, however its digits are grouped, or in one of its words.
        (RequiredTerm("number", "1998", "1998"), "Nací en 1998.", True),
        (RequiredTerm("number", "1998", "1998"), "Nací en 1999.", False),
        (RequiredTerm("number", "1,500", "1.500"), "Son 1500 euros.", True),
        (RequiredTerm("number", "15", "15"), "Son 1,5 euros.", True),
        (RequiredTerm("number", "15", "15"), "Son 150 euros.", False),
        (RequiredTerm("number", "1990s", "1990"), "Los años 90.", True),
        (RequiredTerm("number", "1990", "1990"), "Los años 90.", False),
        (RequiredTerm("number", "2", "2", ("dos",)), "Tengo dos perros.", True),
        (RequiredTerm("number", "2", "2", ("dos",)), "Tengo doscientos perros.", False),
    ],
)
def test_whether_a_translation_holds_it(kept: RequiredTerm, text: str, held: bool) -> None:
    assert kept.within(text) is held


def test_what_is_said_twice_must_be_held_twice() -> None:
    known = KnownNames(frozenset({"Tom", "Mary"}))
    found = required_terms("Tom saw Mary, and Tom saw 12 stones and 12 trees.", known, (), "en", "es")
    assert {(k.kind, k.source, k.times) for k in found} == {
        ("name", "Tom", 2),
        ("name", "Mary", 1),
        ("number", "12", 2),
    }


@pytest.mark.parametrize(
    ("text", "terms", "kept"),
    [
        ("Twenty-one men.", (), [("number", "Twenty-one", "21")]),
        ("Ninety-three men.", (), [("number", "Ninety-three", "93")]),
        ("Twenty thousand men.", (), []),
        ("It costs 1,234.5 today.", (), [("number", "1,234.5", "1.234,5")]),
        ("The Tom Tower.", (("Tom Tower", "Torre Tom"),), [("term", "Tom Tower", "Torre Tom")]),
        ("A SHIP, a ship.", (("ship", "nave"),), [("term", "SHIP", "nave"), ("term", "ship", "nave")]),
        ("Pay the bill.", (("Bill", "Guille"),), []),
        ("Tom is in London.", (), [("name", "Tom", "Tom"), ("name", "London", "Londres")]),
        ("See you on Friday.", (), [("date", "Friday", "viernes")]),
        ("She left in May.", (), [("date", "May", "mayo")]),
        ("I left on 2 June.", (), [("date", "June", "junio"), ("number", "2", "2")]),
        ("It is on March 3rd.", (), [("date", "March", "marzo"), ("number", "3rd", "3")]),
        ("March on!", (), []),
        ("It may rain.", (), []),
        ("He is half Finnish.", (), [("people", "Finnish", "finlandés")]),
        ("The Swedes won.", (), [("people", "Swedes", "suecos")]),
        ("Polish the table.", (), []),
        ("Let's go Dutch.", (), []),
        ("It's all Greek to me.", (), []),
        (
            "Add one teaspoon of oil.",
            (),
            [("worded measure", "one teaspoon", "una cucharadita"), ("word", "oil", "aceite")],
        ),
        (
            "Add two tablespoons of oil.",
            (),
            [("worded measure", "two tablespoons", "dos cucharadas"), ("word", "oil", "aceite")],
        ),
        ("I work Mondays in July.", (), [("date", "Mondays", "lunes"), ("date", "July", "julio")]),
        ("He is Canadian, and she is Swiss.", (), [("people", "Canadian", "canadiense"), ("people", "Swiss", "suizo")]),
        ("He is Texan.", (), []),
    ],
)
def test_terms_come_before_the_names_and_numbers_inside_them(
    text: str, terms: tuple[tuple[str, str], ...], kept: list[tuple[str, str, str]]
) -> None:
    found = required_terms(text, KnownNames(frozenset({"Tom", "London"})), terms, "en", "es")
    assert [(k.kind, k.source, k.target) for k in found] == kept


def test_names_are_what_is_written_with_a_capital_inside_a_sentence() -> None:
    lines = ("I saw Tom there yesterday.", "The dog saw me.", "ALL OF US SAW ANNA.", "He met Mr. Bell on Monday.")
    found = find_names([Sentence(tuple((0, word) for word in line.split())) for line in lines], "en")
    assert found.inside == {"Tom", "Bell"}
    assert found.among(["Tom", "saw"], first=True) == [True, False]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("This is Detective Ramirez, LAPD.", {"Ramirez", "LAPD"}),
        ("The USS Liberty is gone.", {"USS", "Liberty"}),
        ("Silent Night Train", set()),
        ("Happy New Year 2025!", set()),
        ("I was at Gate B12.", {"B12"}),
        ("UNESCO gave us a grant.", {"UNESCO"}),
        ("NATO said no.", {"NATO"}),
        ("NOBODY said no.", set()),
        ("STOP it now.", set()),
        ("Rename it now.", set()),
        ("Gwyneth called me.", {"Gwyneth"}),
    ],
)
def test_a_line_of_names_is_no_title(line: str, names: set[str]) -> None:
    assert find_names([Sentence(tuple((0, word) for word in line.split()))], "en").inside == names


def test_an_acronym_may_go_by_that_of_the_other_language() -> None:
    (kept,) = required_terms("NATO said no.", KnownNames(frozenset({"NATO"})), (), "en", "es")
    assert [kept.within(text) for text in ("La OTAN dijo no.", "La NATO dijo no.", "La mujer dijo no.")] == [
        True,
        True,
        False,
    ]


def test_another_wording_keeps_the_links_and_the_mark_of_its_source() -> None:
    asked = GuardedSentence("Order number 7730 ships today.", (), "en", "es")
    wording = asked.again((Candidate("El pedido 7730 barcos hoy.", -0.1),))[0]
    assert wording.text == "Order number 7730 is shipping today."
    (found,) = wording.unmask((Candidate("El pedido 7730 sale hoy.", -0.1, links=((0, 1), (3, 3), (5, 4))),), "es")
    assert found.links == ((0, 1), (3, 3), (4, 4))
    loud = Placeholders("I paid!", (), "I paid.")
    assert loud.unmask((Candidate("¡Pagué!", -0.1),), "es")[0].text == "Pagué."


def test_a_word_takes_the_ending_and_the_capital_of_its_stand_in() -> None:
    (yawned,) = required_terms("He yawned.", KnownNames(), (), "en", "es")
    masked = Placeholders.over("He yawned.", (yawned,))
    assert masked.text == "He worked."
    assert [c.text for c in masked.unmask((Candidate("Trabajó.", -0.1), Candidate("Obró.", -0.2)), "es")] == [
        "Bostezó."
    ]
    (greedy,) = required_terms("Are they greedy?", KnownNames(), (), "en", "es")
    masked = Placeholders.over("Are they greedy?", (greedy,))
    assert masked.unmask((Candidate("¿Son altas?", -0.1),), "es")[0].text == "¿Son codiciosas?"


def test_an_article_goes_with_the_stand_in() -> None:
    (owl,) = required_terms("He saw an owl.", KnownNames(), (), "en", "es")
    assert Placeholders.over("He saw an owl.", (owl,)).text == "He saw a dog."


def test_a_name_that_is_a_word_is_a_name_after_a_title() -> None:
    kept = required_terms("Aunt May came in May.", KnownNames(), (), "en", "es")
    assert [(k.kind, k.source) for k in kept] == [("date", "May"), ("name", "May")]


@pytest.mark.parametrize(
    ("said", "language", "answer", "written"),
    [
        ("The deadline is Tuesday the 8th.", "es", "El plazo es el 8 de martes.", "El plazo es el martes 8."),
        ("The deadline is Tuesday the 8th.", "pt", "O prazo é terça-feira o 8o.", "O prazo é terça-feira, dia 8."),
        ("It is on March 3.", "es", "Es en marzo de 3.", "Es el 3 de marzo."),
        ("It was in March of 2019.", "es", "Fue en marzo de 2019.", "Fue en marzo de 2019."),
        ("It's 140 over 90.", "es", "Es de 140 más de 90.", "Es de 140 sobre 90."),
        ("It's 140 over 90.", "pt", "É de 140 mais de 90.", "É de 140 por 90."),
        ("I have five coins left.", "pt", "Tenho cinco moedas à esquerda.", "Tenho cinco moedas restantes."),
        ("Five doors left, then right.", "pt", "Cinco portas à esquerda.", "Cinco portas à esquerda."),
        ("Table 7 is waiting.", "pt", "A Tabela 7 espera.", "A Mesa 7 espera."),
        ("It is in Table 7.", "pt", "Está na Tabela 7.", "Está na Tabela 7."),
        ("By an inch.", "es", "Por una pulgadas.", "Por una pulgada."),
        ("We lost by twelve.", "es", "Perdimos a las doce.", "Perdimos por doce."),
        ("I get up by six.", "es", "Me levanto a las seis.", "Me levanto a las seis."),
        ("Be here at 8 sharp.", "pt", "Esteja aqui às 8 afiadas.", "Esteja aqui às 8 em ponto."),
        ("It's at one o'clock.", "es", "Es a una hora.", "Es a la una."),
        ("It's at one hour from here.", "es", "Está a una hora.", "Está a una hora."),
        ("It's at one o'clock.", "pt", "É às uma hora.", "É à uma hora."),
        ("It's on at nine.", "pt", "Está aos nove.", "Está às nove."),
        ("I was at nine houses.", "pt", "Estive em nove casas.", "Estive em nove casas."),
        ("Wait-- stop!", "es", "¡Espera- para!", "¡Espera-- para!"),
        ("I was going to-", "es", "Estaba yendo -", "Estaba yendo-"),
        ("She lives there.", "es", "Vive allí,.", "Vive allí."),
        ("He lives on the 14th floor.", "es", "Vive en el 14el piso.", "Vive en el 14.º piso."),
        ("The lease ends.", "es", "La arrendamiento termina.", "El arrendamiento termina."),
        ("The song ends.", "es", "Este canción termina.", "Esta canción termina."),
        ("The lorry ends.", "es", "Este camión termina.", "Este camión termina."),
        ("One on one.", "es", "Un mano a mano.", "Un mano a mano."),
        ("Chapter XII is long.", "es", "Capítulo doce es largo.", "Capítulo XII es largo."),
        ("Chapter XII is long.", "pt", "O capítulo doze é longo.", "O capítulo XII é longo."),
        ("Chapter XX has 22 pages.", "es", "Tiene 22 páginas.", "Tiene 22 páginas."),
        ("How much is 7 times 8?", "es", "¿Cuánto cuesta 7 veces 8?", "¿Cuánto es 7 por 8?"),
        ("Six times nine is 54.", "es", "Seis veces nueve es 54.", "Seis por nueve es 54."),
        ("I was there three times.", "es", "Estuve tres veces ahí.", "Estuve tres veces ahí."),
        ("I saw three times two birds.", "es", "Vi tres veces dos aves.", "Vi tres veces dos aves."),
    ],
)
def test_what_models_misspell_is_put_right(said: str, language: str, answer: str, written: str) -> None:
    asked = GuardedSentence(said, required_terms(said, KnownNames(), (), "en", language), "en", language)
    assert [c.text for c in asked.sound((Candidate(answer, -0.1),))] == [written]


@pytest.mark.parametrize(
    ("source", "language", "text", "held"),
    [
        ("Hay 21 hombres.", "en", "There are twenty-one men.", True),
        ("Hay 21 hombres.", "en", "There are twenty one men.", True),
        ("Hay 21 hombres.", "en", "There are twenty-two men.", False),
        ("Hay 1234 hombres.", "en", "There are one thousand, two hundred and thirty-four men.", True),
        ("Es el 21 de mayo.", "en", "It is the twenty-first of May.", True),
        ("There are 21 women.", "es", "Hay veintiuna mujeres.", True),
        ("There are 21 women.", "es", "Hay veintidós mujeres.", False),
        ("There are 2 women.", "pt", "Há duas mulheres.", True),
        ("There are 16 women.", "es", "Hay dieciséis mujeres.", True),
        ("There are 21000 of them.", "es", "Hay veintiún mil.", True),
        ("It is the 13th.", "es", "Es el decimotercero.", True),
        ("It is the 13th.", "es", "Es el décimo tercero.", True),
        ("It is the 18th.", "es", "Es la décimo octava.", True),
        ("There are 16 women.", "pt", "Há dezesseis mulheres.", True),
        ("There are 16 women.", "pt", "Há dezasseis mulheres.", True),
        ("There are 16 women.", "pt", "Há dezessete mulheres.", False),
        ("There are 22 men.", "fr", "Il y a vingt-deux hommes.", True),
        ("There are 21 men.", "it", "Ci sono ventun uomini.", True),
        ("There are 21 men.", "it", "Ci sono ventidue uomini.", False),
    ],
)
def test_a_number_may_be_said_in_words(source: str, language: str, text: str, held: bool) -> None:
    (number,) = required_terms(source, KnownNames(), (), "es" if language == "en" else "en", language)
    assert number.within(text) is held


@pytest.mark.parametrize(
    ("answer", "restored"),
    [
        ("Había 20 hombres.", "Había 7 hombres."),
        ("Había veinte hombres.", "Había 7 hombres."),
        ("Veinte hombres.", "7 hombres."),
        ("Había 20 hombres y 20 más.", None),  # said twice: nobody knows which one is meant
        ("Había hombres.", None),
    ],
)
def test_a_stand_in_is_replaced_in_figures_or_words(answer: str, restored: str | None) -> None:
    text = "There were 7 men."
    asked = GuardedSentence(text, required_terms(text, KnownNames(), (), "en", "es"))
    (way,) = asked.placeholders((Candidate("Había hombres.", -0.1),))
    assert way.text == "There were 20 men."
    assert [c.text for c in way.unmask((Candidate(answer, -0.1),), "es")] == ([restored] if restored else [])
