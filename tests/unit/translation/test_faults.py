"""Faults that no list of terms shows."""

from __future__ import annotations

import pytest

from localize.translation.faults import find_faults


@pytest.mark.parametrize(
    ("said", "text", "target", "kinds"),
    [
        ("It took two hours.", "Tardó 2 horas.", "es", []),
        ("It took two hours.", "Tardó tres horas.", "es", ["number_added"]),
        ("Come at 5 p.m.", "Venha às 17:00.", "pt", []),
        ("Call me at noon.", "Llámame a las 12.", "es", []),
        ("He was there.", "Estuvo allí 20 veces.", "es", ["number_added"]),
        ("He came back.", "Nunca volvió.", "es", ["negation_added"]),
        ("He never came back.", "Volvió.", "es", ["negation_lost"]),
        ("He never came back.", "Nunca volvió.", "es", []),
        ("You know him, don't you?", "Lo conoces, ¿verdad?", "es", []),
        ("I can't wait to go.", "Estou ansioso para ir.", "pt", []),
        ("It is unlikely.", "No es probable.", "es", []),
        ("Nobody's happy.", "Nadie es feliz.", "es", []),
        ("The router is broken.", "El router is broken.", "es", ["untranslated"]),
        ("The kitchen is small.", "A kitchen é pequena.", "pt", ["untranslated"]),
        ("The hotel is normal.", "O hotel é normal.", "pt", []),
        ("Gate B12 is closed.", "Gate B12 está cerrada.", "es", ["untranslated"]),
        ("Route 66 is long.", "La Route 66 es larga.", "es", []),
        ("Mr. Baker called.", "El Sr. Baker llamó.", "es", []),
        ("It ended after two hours.", "Terminó 2 euros después.", "es", ["unit_added"]),
        ("It's four pounds fifty.", "Son cuatro libras cincuenta libras.", "es", ["unit_added"]),
        ("It's four pounds fifty.", "Son cuatro libras cincuenta.", "es", []),
        ("It's ten dollars and twenty euros.", "Son diez dólares y veinte euros.", "es", []),
        ("She is 31.", "Tiene 31 años.", "es", []),
        ("It was years ago.", "Fue en Buenos hace años.", "es", ["name_added"]),
        ("It was years ago.", "Fue hace años.", "es", []),
        ("The earth is round.", "Yo creo que la Tierra es redonda.", "es", []),
        ("Anna was here.", "Aquí estuvo Mary.", "es", []),  # a name lost, which the terms tell
        ("Kids aged 8-12 get in.", "Crianças de 8-12 anos entram.", "pt", []),
        ("We moved here in 2016.", "Mudou-se para cá em 2016.", "pt", ["person_changed"]),
        ("We moved here in 2016.", "Nos mudamos aquí en 2016.", "es", []),
        ("We moved and she stayed.", "Nos mudamos y ella se quedó.", "es", []),
        ("I paid 3000 yen.", "Pagaré 3000 yenes.", "es", ["tense_changed"]),
        ("I paid 3000 yen.", "Pagué 3000 yenes.", "es", []),
        ("I waited.", "Esperé.", "es", []),
        ("I counted 14 men.", "Cuento 14 hombres.", "es", ["tense_changed"]),
        ("I'll call you.", "Te llamé.", "es", ["tense_changed"]),
        ("I'll call you.", "Te llamo.", "es", []),
        ("He said he paid.", "Dice que paga.", "es", []),  # what was said may be told otherwise
        ("They left for Zagreb.", "Partir para Zagreb.", "pt", ["tense_changed"]),
        ("They left for Zagreb.", "Partiram para Zagreb.", "pt", []),
        ("Tom won.", "O Tom ganhará.", "pt", ["tense_changed"]),
        ("Turn left here.", "Vire à esquerda aqui.", "pt", []),
        ("I'll pay you.", "Te pagará.", "es", ["person_changed"]),
        ("I'll pay you.", "Te pagaré.", "es", []),
        ("I paid him.", "Ele pagou.", "pt", ["person_changed"]),
        ("They won 5-4.", "Ganó 5-4.", "es", ["person_changed"]),
        ("They won 5-4.", "Ganaron 5-4.", "es", []),
        ("They won 5-4.", "Ganhou por 5-4.", "pt", ["person_changed"]),
        ("They won 5-4.", "Eles ganharam por 5-4.", "pt", []),
        ("We'll be back soon.", "Volveré pronto.", "es", ["person_changed"]),
        ("We'll be back soon.", "Volveremos pronto.", "es", []),
        ("We need a car.", "Precisa de um carro.", "pt", ["person_changed"]),
        ("We have no school tomorrow.", "Mañana no hay clases.", "es", []),
        ("They say love is blind.", "Se dice que el amor es ciego.", "es", []),
        ("If someone calls, they can wait.", "Si alguien llama, puede esperar.", "es", []),
        ("I was told.", "Me dijeron.", "es", []),
        ("I paid and he left.", "Pagó y se fue.", "es", []),  # nothing certain
        ("NASA sent it back.", "A la NASA la envió de vuelta.", "es", ["subject_changed"]),
        ("NASA sent it back.", "La NASA lo envió de vuelta.", "es", []),
        ("Tom was killed.", "A Tom lo mataron.", "es", []),
        ("Order number 7730 ships today.", "El pedido 7730 barcos hoy.", "es", ["verb_lost"]),
        ("Order number 7730 ships today.", "Hoy, el número de pedido 7730.", "es", ["verb_lost"]),
        ("Order number 7730 ships today.", "O pedido 7730 é enviado hoje.", "pt", []),
        ("Take the number 22 bus to St. James.", "Tome el número 22 a St. James.", "es", []),
        ("We counted 12 ships today.", "Contamos 12 barcos hoy.", "es", []),
        ("It begins in Act II.", "Comienza en Act II.", "es", ["untranslated"]),
        ("Part III begins.", "La parte 3 comienza.", "es", []),
        ("Pope Francis spoke.", "O Pope Francis falou.", "pt", ["untranslated"]),
        ("Sure.", "Que bom que gostou da nossa casa.", "pt", ["invented"]),
        ("It's 30 minutes on foot.", "A propriedade fica a 30 minutos a pé.", "pt", ["invented"]),
        ("The estate is far.", "A propriedade fica longe.", "pt", []),
        ("She was a star in the nineties.", "Era uma estrela nos anos noventa.", "pt", []),
    ],
)
def test_faults(said: str, text: str, target: str, kinds: list[str]) -> None:
    assert list(dict.fromkeys(fault.kind for fault in find_faults(said, text, "en", target))) == kinds
