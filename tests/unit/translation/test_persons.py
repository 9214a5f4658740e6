# ruff: noqa: E501 - a case is read on one line
"""Gender of persons that a sentence speaks of."""

import pytest

from localize.translation.persons import gender_of_person, with_genders


@pytest.mark.parametrize(
    ("said", "gender"),
    [
        ("The firefighter said her team saved 17 people.", "f"),
        ("The nurse lost his keys.", "m"),
        ("The lawyer, Ms. Ortega, will appeal.", "f"),
        ("Our dentist, Mr. Silva, is away.", "m"),
        ("She's our new doctor.", "f"),
        ("She used to be a nurse, but now she's a lawyer.", "f"),
        ("The new manager is Hungarian, and her name is Ilona.", "f"),
        ("The doctor told my mother she was ill.", ""),
        ("The doctor took her temperature.", ""),  # somebody else's
        ("My boss told her the truth.", ""),
        ("My teacher and her husband live here.", "f"),
        ("My teacher met a man and his wife.", ""),
        ("He is a teacher and she is a nurse.", ""),
        ("The mayor and her deputy resigned.", "f"),
        ("The doctor is here.", ""),
    ],
)
def test_english_shows_the_gender_of_a_person(said: str, gender: str) -> None:
    assert gender_of_person(said) == gender


@pytest.mark.parametrize(
    ("said", "language", "text", "wanted"),
    [
        ("The firefighter said her team left.", "es", "El bombero dijo que su equipo salió.", "La bombera dijo que su equipo salió."),
        ("The firefighter said her team left.", "pt", "O bombeiro disse que sua equipe saiu.", "A bombeira disse que sua equipe saiu."),
        ("The lawyer, Ms. Ortega, left.", "es", "El abogado, la señora Ortega, salió.", "La abogada, la señora Ortega, salió."),
        ("Our dentist, Mr. Silva, left.", "pt", "A nossa dentista, o Sr. Silva, saiu.", "O nosso dentista, o Sr. Silva, saiu."),
        ("She's our new doctor.", "es", "Es nuestro nuevo médico.", "Es nuestra nueva médica."),
        ("The journalist lost her book.", "es", "Vi al periodista que perdió su libro.", "Vi a la periodista que perdió su libro."),
        ("She was a nurse, and now she's a lawyer.", "es", "Era enfermera, y ahora es abogado.", "Era enfermera, y ahora es abogada."),
        ("My Turkish grandmother cooks.", "es", "Mi abuela turco cocina.", "Mi abuela turca cocina."),
        ("My Turkish grandfather cooks.", "es", "Mi abuelo turca cocina.", "Mi abuelo turco cocina."),
        ("Our nurse, Megan, is Irish.", "es", "Nuestra enfermera, Megan, es irlandés.", "Nuestra enfermera, Megan, es irlandesa."),
        ("My wife is Danish and hers is Swedish.", "pt", "Minha esposa é dinamarquês.", "Minha esposa é dinamarquesa."),
        ("My wife is here and my aunt is Swedish.", "es", "Mi esposa está aquí y mi tía es sueco.", "Mi esposa está aquí y mi tía es sueca."),
        ("My best friend, Paula, is a firefighter.", "pt", "Minha melhor amiga, Paula, é uma bombeiro.", "Minha melhor amiga, Paula, é uma bombeira."),
        ("She is German.", "pt", "Ela é alemão.", "Ela é alemã."),
        ("The mayor and her deputy left.", "es", "El alcalde y su diputado salieron.", "La alcaldesa y su diputado salieron."),
        ("The Dutch cyclist lost her bag.", "es", "El ciclista holandés perdió su bolsa.", "La ciclista holandesa perdió su bolsa."),
        ("Her cousin is a pilot and her aunt a judge.", "pt", "Seu primo é piloto e sua tia um juiz.", "Seu primo é piloto e sua tia uma juíza."),
        # What is right, or of somebody else, stays.
        ("The man's sister is tall.", "es", "El marido de mi hermana es alto.", "El marido de mi hermana es alto."),
        ("My mother has a Turkish book.", "es", "Mi madre tiene un libro turco.", "Mi madre tiene un libro turco."),
        ("My aunt is Belgian.", "es", "Mi tía es belga.", "Mi tía es belga."),
        ("The doctor is here.", "es", "El médico está aquí.", "El médico está aquí."),
        ("The firefighter said her team left.", "fr", "Le pompier est parti.", "Le pompier est parti."),
    ],
)  # fmt: skip
def test_persons_have_the_gender_that_english_shows(said: str, language: str, text: str, wanted: str) -> None:
    assert with_genders(text, said, language) == wanted
