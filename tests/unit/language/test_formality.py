"""Spanish that says usted: forms, objects, commands, and what is left alone."""

from __future__ import annotations

import pytest

from localize.language.formality import to_formal

KNOWN = frozenset(
    "vivir vive querer quiere sentar decir ayudar mover buscar pagar hablar hablo cerrar tener saber dejar ir comprar "
    "compra gustar llamar esperar dar ver estar ser hacer probar beber trabajar cuidar poner triste existir volver "
    "contar marcar olvidar comer dormir".split()
)


@pytest.mark.parametrize(
    ("source", "friend", "courtesy"),
    [
        ("Where do you live?", "¿Dónde vives?", "¿Dónde vive?"),
        ("You did it.", "Lo hiciste tú.", "Lo hizo usted."),
        ("You spoke.", "Hablaste mucho.", "Habló mucho."),
        ("You would know.", "Lo sabrías.", "Lo sabría."),
        ("Is your father at home?", "¿Está tu padre en casa?", "¿Está su padre en casa?"),
        ("I'll go with you.", "Iré contigo.", "Iré con usted."),
        ("I love you.", "Te quiero.", "Le quiero."),
        ("I gave it to you.", "Te lo di.", "Se lo di."),
        ("You forgot it.", "Se te olvidó.", "Se le olvidó."),
        ("Don't move!", "¡No te muevas!", "¡No se mueva!"),
        ("I want to tell you something.", "Quiero decirte algo.", "Quiero decirle algo."),
        ("You have to sit down.", "Tienes que sentarte.", "Tiene que sentarse."),
        ("Sit down.", "Siéntate.", "Siéntese."),
        ("Give it to me.", "Dámelo.", "Démelo."),
        ("Look for it.", "Búscalo.", "Búsquelo."),
        ("Pay me.", "Págame.", "Págueme."),
        ("Tell me the truth.", "Dime la verdad.", "Dígame la verdad."),
        ("Talk louder, please.", "Habla más alto, por favor.", "Hable más alto, por favor."),
        ("GO AWAY!", "¡VETE!", "¡VÁYASE!"),
        ("You have a car.", "Tenés un coche.", "Tiene un coche."),
        ("Are you there?", "¿Estáis allí?", "¿Está allí?"),
        ("You will buy it.", "Lo compraréis.", "Lo comprará."),
        ("I'll help you.", "Os ayudaré.", "Le ayudaré."),
        ("Are there sixteen of you?", "¿Sois dieciséis?", "¿Es dieciséis?"),
    ],
)
def test_tu_becomes_usted(source: str, friend: str, courtesy: str) -> None:
    assert to_formal(friend, source, KNOWN.__contains__) == courtesy
    assert to_formal(courtesy, source, KNOWN.__contains__) == courtesy


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("He is sad.", "Está triste."),
        ("She talks a lot.", "Habla mucho."),
        ("The shopping is on the table.", "Las compras están en la mesa."),
        ("That's part of it, you see?", "Es parte de ello."),
        ("They live far away.", "Viven lejos."),
        ("Stop it, he is being silly.", "Basta, que está tonto."),
        ("", ""),
    ],
)
def test_what_is_said_of_others_stays(source: str, text: str) -> None:
    assert to_formal(text, source, KNOWN.__contains__) == text


def test_a_thing_behind_its_article_is_no_verb() -> None:
    text = to_formal("¿Has hecho las compras?", "Have you done the shopping?", KNOWN.__contains__)
    assert text == "¿Ha hecho las compras?"
