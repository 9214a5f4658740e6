"""The scene that `bench/timing.py` dubs: 24 lines of a dialogue, written for it.

"|" marks where the source pauses. The Spanish is a person's, and longer than the English here and there, as Spanish is.
"""

from __future__ import annotations

GAPS_MS = (320, 220, 640, 250, 410, 200, 900, 280, 230, 1300, 350, 500)
"""Silence after each line, over and over."""
PAUSES_MS = (340, 520, 280, 430)
"""Silence at each "|", over and over."""

LINES = (
    ("Ana", "So you kept the old house, then.", "Así que te quedaste con la casa vieja."),
    ("Ben", "Someone had to. | My sister wanted to sell it.", "Alguien tenía que hacerlo. Mi hermana quería venderla."),
    ("Ana", "And you said no?", "¿Y tú le dijiste que no?"),
    ("Ben", "I said we should wait until spring.", "Le dije que era mejor esperar hasta la primavera."),
    ("Ana", "It is cold in here. | Is the heating broken?", "Hace frío aquí dentro. ¿Está rota la calefacción?"),
    ("Ben", "It works, | but only when nobody needs it.", "Funciona, pero solamente cuando nadie la necesita."),
    ("Ana", "I brought you the letters.", "Te he traído las cartas."),
    (
        "Ben",
        "All of them? | I thought she had burned them years ago.",
        "¿Todas? Yo creía que las había quemado hace años.",
    ),
    ("Ana", "She told everybody that she did.", "Eso es lo que le contó a todo el mundo."),
    ("Ben", "Where were they?", "¿Y dónde estaban?"),
    (
        "Ana",
        "In the piano, | behind the lower panel, | wrapped in a newspaper.",
        "En el piano, detrás del panel de abajo, envueltas en un periódico.",
    ),
    ("Ben", "Nobody has played it since she left.", "Nadie lo ha vuelto a tocar desde que ella se fue."),
    ("Ana", "That is why they were safe.", "Por eso mismo estaban a salvo."),
    ("Ben", "Read me the first one, please.", "Léeme la primera, por favor."),
    ("Ana", "Are you sure? | It is not a happy letter.", "¿Estás seguro? No es una carta alegre."),
    ("Ben", "Nothing in this house ever was.", "En esta casa nunca hubo nada alegre."),
    (
        "Ana",
        "She writes about the summer at the lake, | and about a boat.",
        "Escribe sobre el verano en el lago, y sobre una barca.",
    ),
    ("Ben", "The green one. | We sank it.", "La verde. La hundimos nosotros."),
    ("Ana", "You never told me that story.", "Nunca me habías contado esa historia."),
    (
        "Ben",
        "There was a storm, | and we were too proud to turn back.",
        "Hubo una tormenta, y éramos demasiado orgullosos para dar la vuelta.",
    ),
    ("Ana", "How old were you?", "¿Cuántos años teníais?"),
    ("Ben", "We were old enough to know better than that.", "Los suficientes para saber lo que hacíamos."),
    ("Ana", "Give me your coat. | We are going for a walk.", "Dame tu abrigo. Nos vamos a dar un paseo."),
    ("Ben", "Now? | It is almost midnight.", "¿Ahora? Si es casi medianoche."),
)
