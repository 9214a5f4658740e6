"""Cries, broken-off words, stutters, stars and abbreviations."""

from __future__ import annotations

import pytest

from localize.language.colloquial import (
    censor,
    is_emoji,
    leading_cry,
    native_words,
    stutter,
    translate_cry,
    uncensored,
    without_stutter,
    write_out_for_translation,
)


@pytest.mark.parametrize(
    ("text", "cry", "spanish", "portuguese"),
    [
        ("Ha ha, very funny.", "Ha ha, ", "Ja, ja, ", "Ha, ha, "),
        ("HAHA!", "HAHA!", "¡JAJA!", "HAHA!"),
        ("Hee hee.", "Hee hee.", "Ji, ji.", "Hi, hi."),
        ("Mm-hm.", "Mm-hm.", "Ajá.", "Aham."),
        ("Owww!", "Owww!", "¡Ay!", "Ai!"),
        ("Psst! Come here.", "Psst! ", "¡Pst! ", "Psiu! "),
        ("Brrrr, it's cold.", "Brrrr, ", "Brrr, ", "Brrr, "),
        ("La la la, all night long.", "La la la, ", "La la la, ", "La la la, "),
        ("Yeah, yeah, yeah!", "Yeah, yeah, yeah!", "¡Sí, sí, sí!", "Sim, sim, sim!"),
        ("Na na na na na.", "Na na na na na.", "Na na na na na.", "Na na na na na."),
        ("La la land is a film.", "", "", ""),
        ("I...", "I...", "Yo...", "Eu..."),
        ("But…", "But…", "Pero…", "Mas…"),
        ("Hat, coat and gloves.", "", "", ""),
        ("Um bongo drums.", "", "", ""),
        ("Shoes!", "", "", ""),
        ("He...llo.", "", "", ""),
    ],
)
def test_a_cry_is_taken_off_and_translated(text: str, cry: str, spanish: str, portuguese: str) -> None:
    assert leading_cry(text, "en") == cry
    if cry:
        assert (translate_cry(cry, "es"), translate_cry(cry, "pt")) == (spanish, portuguese)


def test_a_stutter_is_taken_off_and_put_back() -> None:
    assert without_stutter("W-what? N-no!") == ("What? No!", True)
    assert without_stutter("I saw a T-T-Tom.") == ("I saw a Tom.", False)
    assert without_stutter("An X-ray, a T-shirt.") == ("An X-ray, a T-shirt.", False)
    assert stutter("¿Qué?") == "¿Q-qué?"


def test_stars_hide_the_same_word_again() -> None:
    assert uncensored("You son of a b****!", "en") == ("You son of a bitch!", "b****")
    assert uncensored("What the f**k?", "en") == ("What the hell?", "f**k")
    assert uncensored("A 5* hotel, 2*3.", "en") == ("A 5* hotel, 2*3.", "")
    assert censor("Hijo de puta.", "es", "b****") == "Hijo de p***."
    assert censor("¡Mierda!", "es", "s**t") == "¡M****a!"


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("Take the No. 7 bus.", "Take the number 7 bus."),
        ("No. 7 people left.", "Number 7 people left."),
        ("No. I won't.", "No. I won't."),
        ("The U.S. Army and the U.K.", "The US Army and the UK."),
        ("It took approx. 5 min. by car.", "It took approximately 5 minutes by car."),
        ("Read vol. 3, pp. 20-25.", "Read volume 3, pages 20-25."),
        ("The 3rd floor.", "The third floor."),
        ("I'm 34 and happy.", "I'm 34 years old and happy."),
        ("My son is twelve.", "My son is twelve years old."),
        ("She turned forty last Friday.", "She turned forty years old last Friday."),
        ("I'm 10 minutes late.", "I'm 10 minutes late."),
        ("We're 12.", "We're 12."),
        ("She's one of us.", "She's one of us."),
        ("He lives at flat 3B.", "He lives at apartment 3B."),
        ("The flat 3% fee.", "The flat 3% fee."),
        ("Be here at 3 p.m. sharp.", "Be here at exactly 3 p.m."),
        ("They sold four score copies.", "They sold eighty copies."),
        ("The score of 3-1.", "The score of 3-1."),
        ("We're out of milk.", "We have no more milk."),
        ("We're out of town.", "We're out of town."),
        ("It's a two-hour drive.", "It's two hours by car."),
        ("Head west.", "Go west."),
        ("Heads north.", "Heads north."),
        ("It costs a buck fifty.", "It costs one dollar and fifty cents."),
        ("That's two bucks ten.", "That's two dollars and ten cents."),
        ("He owes me two grand.", "He owes me two thousand."),
        ("Three grand pianos.", "Three grand pianos."),
        ("The test came back negative.", "The test was negative."),
        ("He came back happy.", "He came back happy."),
        ("They are down by twelve at the half.", "They are losing by twelve at halftime."),
        ("Prices are down by twelve percent.", "Prices are down by twelve percent."),
        ("We were down 3-1 at halftime.", "We were losing 3-1 at halftime."),
        ("They're up 2-0.", "They're winning 2-0."),
        ("Sales are up 3% in May.", "Sales are up 3% in May."),
        ("We open at one and close at six.", "We open at one o'clock and close at six."),
        ("Look at one.", "Look at one."),
        ("He lives at one of them.", "He lives at one of them."),
        ("Update to Android 14.", "Install Android 14."),
        ("Update to follow.", "Update to follow."),
        ("Rename it to main.py.", "Change its name to main.py."),
        ("Reboot the server.", "Restart the server."),
        ("Her cell is 555-0177.", "Her cell phone is 555-0177."),
        ("Her cell is cold.", "Her cell is cold."),
        ("She threw up twice.", "She vomited twice."),
        ("He threw up his hands.", "He threw up his hands."),
        ("Forward this to claims@insure.example.", "Send this to claims@insure.example."),
        ("Forward to the sea.", "Forward to the sea."),
        ("DM @tony and say hi.", "Send a message to @tony and say hi."),
        ("Officer down!", "An officer is wounded!"),
        ("Run the plates.", "Check the license plate."),
        ("She leads two sets to one.", "She is winning two sets to one."),
        ("She leads two groups to Rome.", "She leads two groups to Rome."),
        ("It was three goals to nil at halftime.", "It was three goals to zero at halftime."),
        ("Turn off at Exit 9.", "Take Exit 9."),
        ("Turn off at midnight.", "Turn off at midnight."),
        ("Table 7 wants the check.", "Table 7 wants the bill."),
        ("He landed a left hook.", "He hit with a left hook."),
        ("He landed a plane.", "He landed a plane."),
        ("They drew nil-nil in the first leg.", "They had a 0-0 draw in the first match."),
        ("He drew one picture and broke a leg.", "He drew one picture and broke a leg."),
        ("It's fifteen-love.", "It's fifteen-zero."),
        ("He charged me 20 bucks.", "He made me pay 20 bucks."),
        ("They charged him with theft.", "They charged him with theft."),
        ("The bullet missed his lung by an inch.", "The bullet passed an inch from his lung."),
        ("I missed the train by a minute.", "I missed the train by a minute."),
        ("It's Friday the thirteenth.", "It's Friday the 13th."),
        ("On Monday the first train left.", "On Monday the first train left."),
        ("Nobody but you knows.", "Nobody except you knows."),
        ("Nobody came, but he did.", "Nobody came, but he did."),
        ("She holds the world record.", "She has the world record."),
        ("He missed it with four seconds left.", "He missed it with four seconds remaining."),
        ("Gas is up to $4 a gallon.", "Gasoline has gone up to $4 a gallon."),
        ("It's up to you.", "It's up to you."),
        ("Gas is dangerous.", "Gas is dangerous."),
        ("Preheat the oven.", "Heat the oven."),
        ("Add a quarter teaspoon of salt.", "Add a quarter of a teaspoon of salt."),
        ("May 3rd at noon, the 3rd of May.", "May 3rd at noon, the 3rd of May."),
    ],
)
def test_abbreviations_are_written_out(text: str, full: str) -> None:
    assert write_out_for_translation(text, "en") == full


def test_emoji() -> None:
    assert all(map(is_emoji, ("🎉", "🍀👍", "❤️", "👩‍👧", "🇪🇸", "1️⃣")))
    assert not any(map(is_emoji, ("♪", "#", "5", "a🎉", "©")))


@pytest.mark.parametrize(
    ("said", "text", "wanted"),
    [
        ("He is on board the ship.", "Él está a bordo del navío.", "Él está a bordo del barco."),
        ("The warship sank a ship.", "El navío hundió un barco.", "El navío hundió un barco."),
        ("A new range of brands.", "Una nueva gamma de marcas.", "Una nueva gama de marcas."),
        ("Gamma rays.", "Rayos gamma.", "Rayos gamma."),
        ("A 10-minute walk.", "Una caminada de 10 minutos.", "Una caminata de 10 minutos."),
        ("The glass broke.", "El vaso se quebró.", "El vaso se rompió."),
        ("The firm went broke.", "La empresa quebró.", "La empresa quebró."),
        ("Did you delete it?", "¿Lo apagaste?", "¿Lo borraste?"),
        ("He put out the fire and deleted it.", "Apagó el fuego.", "Apagó el fuego."),
        ("The van with plate KLR 458.", "La furgoneta con plato KLR 458.", "La furgoneta con matrícula KLR 458."),
        ("The bank broke its word.", "El banco quebró su palabra.", "El banco quebró su palabra."),
    ],
)
def test_words_of_the_neighbouring_language_are_exchanged_where_the_source_says_so(
    said: str, text: str, wanted: str
) -> None:
    assert native_words(text, said, "es") == wanted
    assert native_words(text, said, "pt") == text
