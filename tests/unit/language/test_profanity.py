"""Strong words said milder: agreement, exclamations, capitals, and what is no strong word."""

import pytest

from localize.language.profanity import has_list, soften

CASES = {
    ("es", "¡Mierda! Se me olvidó."): "¡Rayos! Se me olvidó.",
    ("es", "Este coche es una mierda."): "Este coche es una porquería.",
    ("es", "Vete a la mierda, hijo de puta."): "Vete al diablo, desgraciado.",
    ("es", "Apaga la puta radio y el puto móvil."): "Apaga la maldita radio y el maldito móvil.",
    ("es", "No me jodas. ¿Qué coño quieres?"): "No me fastidies. ¿Qué demonios quieres?",
    ("es", "¡JODER!"): "¡CARAMBA!",
    ("es", "La disputa de los diputados sobre el cabronazo."): "La disputa de los diputados sobre el cabronazo.",
    ("pt", "Porra, que merda!"): "Droga, que droga!",
    ("pt", "Puta que pariu, está frio pra caralho."): "Minha nossa, está frio pra caramba.",
    ("pt", "O cuidado do culpado."): "O cuidado do culpado.",
    ("en", "What the fuck is this bullshit?"): "What the heck is this nonsense?",
    ("en", "Shit! The fucking car."): "Shoot! The freaking car.",
    ("en", "Scunthorpe and the classic bass."): "Scunthorpe and the classic bass.",
    ("fr", "Putain ! C'est une voiture de merde."): "Mince ! C'est une voiture à la noix.",
    ("fr", "Je m'en fous, connasse."): "Je m'en fiche, crétine.",
    ("fr", "Le contexte du conte."): "Le contexte du conte.",
    ("it", "Che cazzo vuoi, stronzo?"): "Che cavolo vuoi, scemo?",
    ("it", "Lo stronzo, quello stronzo e il coglione."): "Lo scemo, quello scemo e il babbeo.",
    ("es", "No tengo ni una puta idea."): "No tengo ni una maldita idea.",
    ("es", "¿Dónde mierda está ese pinche de cocina?"): "¿Dónde demonios está ese pinche de cocina?",
    ("es", "Son unos gilipollas. ¡Qué mierda de día!"): "Son unos papanatas. ¡Qué porquería de día!",
    ("es", "La pinche puerta."): "La infame puerta.",
    ("es", "Vete a tomar por culo."): "Vete a freír espárragos.",
    ("it", "Va' a fanculo, e tu vai a fare in culo."): "Va' al diavolo, e tu vai al diavolo.",
    ("en", "You son-of-a-bitch."): "You scoundrel.",
    ("fr", "Putain de bordel de merde !"): "Mince alors !",
    ("pt", "Ela é uma babaca."): "Ela é uma idiota.",
    ("en", "Shut the fuck up, he is an asshole."): "Shut up, he is a jerk.",
    ("en", "'Bullshit,' he said."): "'Nonsense,' he said.",
    ("fr", "Je m’en fous, espèce d’enculé !"): "Je m’en fiche, espèce de crétin !",
    ("fr", "Ce con vend du chili con carne à la Comic Con."): "Ce crétin vend du chili con carne à la Comic Con.",
    ("fr", "Ils sont des fils de pute dans un cul de sac."): "Ils sont des fils de chien dans un cul de sac.",
    ("it", "Vaffanculo!"): "Va' al diavolo!",
    ("de", "Scheiße!"): "Scheiße!",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[1])
def test_strong_words(case: tuple[str, str]) -> None:
    language, text = case
    assert soften(text, language).text == CASES[case]


def test_a_strong_word_without_a_milder_one_is_named() -> None:
    found = soften("Era una zorra, joder.", "es")
    assert (found.text, found.changes, found.left) == ("Era una zorra, caramba.", (("joder", "caramba"),), ("zorra",))
    assert soften("No sabe un carajo.", "es").left == ("carajo",)
    assert soften("I want to fuck you.", "en").left == ("fuck",)
    assert soften("La Comic Con, pas de chili con carne.", "fr").left == ("Con",)
    assert has_list("it")
    assert not has_list("de")


@pytest.mark.parametrize("language", ["en", "es", "fr", "it", "pt"])
def test_what_is_said_instead_is_no_strong_word(language: str) -> None:
    from localize.language import profanity

    table = profanity._tables()[language]
    assert not [word for word in table["alone"] if not soften(f"a {word} b", language).changes
                and not soften(f"a {word} b", language).left]  # fmt: skip
    for kind in ("alone", "words"):
        for strong, mild in table[kind].items():
            again = soften(mild, language)
            assert (again.text, again.left) == (mild, ()), strong
