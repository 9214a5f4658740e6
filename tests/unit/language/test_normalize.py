"""Written words to spoken ones: what each language's readers would say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.language import normalize
from localize.language.normalize import normalize_text

TABLES = {
    "en": {
        "I have 21 cats.": "I have twenty-one cats.",
        "It was 1998.": "It was nineteen ninety-eight.",
        "1,250 people": "one thousand, two hundred and fifty people",
        "It weighs 3.5 kilos.": "It weighs three point five kilos.",
        "Pi is 3.142.": "Pi is three point one four two.",
        "-5 outside": "minus five outside",
        "the 1st and the 22nd": "the first and the twenty-second",
        "50% off": "fifty percent off",
        "$5 or €20": "five dollars or twenty euros",
        "$1": "one dollar",
        "$2.50": "two dollars and fifty",
        "$3 million": "three million dollars",
        "at 7:30": "at seven thirty",
        "at 9:00": "at nine o'clock",
        "Mr. Smith and Dr. Jones": "mister Smith and doctor Jones",
        "the FBI": "the eff bee eye",
        "NASA flew": "NASA flew",
        "Call 0800 now": "Call zero eight zero zero now",
        "Tom & Jerry": "Tom and Jerry",
    },
    "es": {
        "Tengo 22 gatos.": "Tengo veintidós gatos.",
        "Era 1998.": "Era mil novecientos noventa y ocho.",
        "Pesa 3,5 kilos.": "Pesa tres punto cinco kilos.",
        "1.250 personas": "mil doscientos cincuenta personas",
        "Pesa 0,125 gramos.": "Pesa cero punto uno dos cinco gramos.",
        "el 1.º y la 2.ª": "el primero y la segunda",
        "50 %": "cincuenta por ciento",
        "5 € o $20": "cinco euros o veinte dólares",
        "1 €": "un euro",
        "3 millones": "tres millones",
        "$3 millones": "tres millones de dólares",
        "a las 7:30": "a las siete y treinta",
        "a la 1:00": "a la una en punto",
        "el Sr. López y la Dra. Ruiz": "el señor López y la doctora Ruiz",
        "EE. UU.": "Estados Unidos",
        "el ADN": "el a de ene",
        "la ONU": "la ONU",
    },
    "pt": {
        "Tenho 22 gatos.": "Tenho vinte e dois gatos.",
        "R$ 5": "cinco reais",
        "R$ 1": "um real",
        "R$ 3 milhões": "três milhões de reais",
        "50%": "cinquenta por cento",
        "às 2:15": "às duas e quinze",
        "o Sr. Silva": "o senhor Silva",
        "os EUA": "os Estados Unidos",
        "1.250 pessoas": "mil duzentos e cinquenta pessoas",
    },
    "fr": {
        "J'ai 71 ans.": "J'ai soixante et onze ans.",
        "50 %": "cinquante pour cent",
        "5 €": "cinq euros",
        "à 8h30": "à huit heures trente",
        "M. Dupont": "monsieur Dupont",
        "la 2e fois": "la deuxième fois",
    },
    "it": {
        "Ho 21 gatti.": "Ho ventuno gatti.",
        "50%": "cinquanta per cento",
        "5 €": "cinque euro",
        "Sig. Rossi": "signor Rossi",
    },
}


@pytest.mark.parametrize(("language", "written", "said"), [(k, w, s) for k, t in TABLES.items() for w, s in t.items()])
def test_it_is_said_as_it_is_read(language: str, written: str, said: str) -> None:
    def plain(text: str) -> str:
        return re.sub(r"[\s,]+", " ", text.lower()).replace(" coma ", " punto ").strip()  # both are said in Spanish

    assert plain(normalize_text(written, language)) == plain(said)


@pytest.mark.parametrize("language", TABLES)
def test_plain_words_stay_as_they_are(language: str) -> None:
    text = "Ñandú, ¿qué? «L'été» — perché no… così; João!"
    assert normalize_text(text, language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "NO way, not today."),
        ("es", "NO lo hagas, por favor."),
        ("pt", "NO máximo, três."),
        ("it", "NO grazie, davvero."),
    ],
)
def test_a_stressed_word_is_not_spelled(language: str, text: str) -> None:
    """Subtitles stress with capitals. "NO" is no acronym in any of these languages."""
    assert normalize_text(text, language).lower().startswith("no ")


@pytest.mark.parametrize("language", TABLES)
def test_a_shouted_line_is_not_spelled(language: str) -> None:
    assert normalize_text("QUE ME DES ESO YA", language) == "QUE ME DES ESO YA"


def test_markup_and_notes_are_not_spoken() -> None:
    assert normalize_text("<i>Hola</i> {\\an8}♪ mundo ♪", "es") == "Hola mundo"


def test_a_language_without_tables_is_left_alone() -> None:
    assert normalize_text("Ich habe 5 €.", "de") == "Ich habe 5 €."


DATA = tomllib.loads(Path(normalize.__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def test_every_table_serves_every_language() -> None:
    assert set(DATA) == set(TABLES)
    for language, table in DATA.items():
        assert set(table) == set(DATA["en"]), language
        for part in ("symbols", "money"):
            assert set(table[part]) == set(DATA["en"][part]), language
        assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") <= set(table["alphabet"])
        assert len(table["letters"].split()) == len(table["alphabet"])


@pytest.mark.parametrize("language", TABLES)
def test_every_abbreviation_is_spoken_in_full(language: str) -> None:
    for short, full in DATA[language]["abbreviations"].items():
        assert full in normalize_text(f"x {short} x", language), short


@pytest.mark.parametrize("language", TABLES)
def test_every_letter_of_an_acronym_is_named(language: str) -> None:
    names = dict(zip(DATA[language]["alphabet"], DATA[language]["letters"].split()))
    for letter, name in names.items():
        if letter in "AEIOUY":
            continue  # between consonants it makes a word
        assert normalize_text(f"the x{letter.lower()}x B{letter}B", language).split()[-2] == name


@given(st.sampled_from(sorted(TABLES)), st.text("0123456789.,:;h$€£¥R%ºª°-+ &@#aeMI\u00a0\u202f²½", max_size=14))
def test_no_digit_and_no_sign_is_left_to_be_misread(language: str, text: str) -> None:
    said = normalize_text(text, language)
    assert not re.search(r"[0-9]", said)
    assert not set(said) & set("%&@#")
    assert said == " ".join(said.split())


@given(st.sampled_from(sorted(TABLES)), st.text(max_size=40))
def test_any_text_can_be_spoken(language: str, text: str) -> None:
    assert isinstance(normalize_text(text, language), str)


@given(st.sampled_from(sorted(TABLES)), st.integers(0, 10**12))
def test_a_whole_number_is_said_the_same_with_and_without_its_thousands_marks(language: str, number: int) -> None:
    mark = "," if language == "en" else "."
    plain, grouped = str(number), f"{number:,}".replace(",", mark)
    if plain != grouped and not (language == "en" and number <= 2099):  # English reads such numbers as years
        assert normalize_text(f"{grouped} x", language) == normalize_text(f"{plain} x", language)
