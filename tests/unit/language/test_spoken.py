"""Written words to spoken ones: what each language's readers would say.

The cases are lists in `spoken/`: `speech.tsv` was given to the project, `own.tsv` was written from grammars and style
books, each group with its source. They are compared as sounds.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize.errors import UsageError
from localize.language import spoken
from localize.language.spoken import Pronunciations, normalize_text, read_pronunciations, without_phonemes
from localize.language.syllables import syllables

pytest.importorskip("phonemizer")
pytest.importorskip("espeakng_loader")
REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY))
from bench.spoken import LISTS, Row, is_said_right, read_rows  # noqa: E402

LANGUAGES = ("en", "es", "fr", "it", "pt")
DATA = {
    language: tomllib.loads(Path(spoken.__file__).with_name(f"{language}.toml").read_text(encoding="utf-8"))
    for language in LANGUAGES
}
ROWS = [(path.stem, row) for path in LISTS for row in read_rows(path)]


@pytest.mark.costly
@pytest.mark.parametrize(("source", "row"), ROWS, ids=lambda part: part if isinstance(part, str) else part.written)
def test_it_is_said_as_it_is_read(source: str, row: Row) -> None:
    assert is_said_right(row), f"{source}: {normalize_text(row.written, row.language)!r}"


def test_the_lists_are_as_long_as_they_are_said_to_be() -> None:
    own = [row for source, row in ROWS if source == "own"]
    assert len(own) >= 300
    for language in LANGUAGES:
        assert sum(row.language == language for row in own) >= 60


def test_a_wrong_reading_is_found() -> None:
    assert not is_said_right(Row("es", "21 libros", ("veintiuno libros",)))


NOISES = (
    "Hmph Hmf Hmpf Hmm Mmm Mmmh Mm-hm Shh Ssh Sss Psst Psh Pfff Pfft Tsk Brrr Grrr Rrr Vrrr Prrr Trrr Zzz Bzz Bzzzz "
    "Kssh Fff Nnn"
).split()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("noise", NOISES)
def test_a_noise_written_without_vowels_is_never_spelled(noise: str, language: str) -> None:
    said = normalize_text(f"{noise}.", language).removesuffix(".")
    assert "](/" in said or all(re.search("[aeiouáéíóúãõ]", word) for word in said.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_words_stay_as_they_are(language: str) -> None:
    text = "Ñandú, ¿qué? «L'été» — perché no… così; João!"
    assert normalize_text(text, language) == text


@pytest.mark.parametrize(
    "text",
    [
        "I think so.", "May I come in?", "May they rest.", "It may be a trap.", "No. I won't.", "A cat sat.",
        "I'm in.", "She's an A student?", "Will Mark march in March?", "Then Henry I saw him.", "The war I fought.",
        "Part I liked best.", "He is the one.", "Don't you dare, you son of a gun!", "Oh, no… Wait, what?",
        "John V. Smith called.", "Is it so bad?", "We were in the mix.", "Mum's the word.", "Did you? I did.",
        "Everything is all right, Dad.", "Mid-life crisis", "rock 'n' roll", "'Twas nothing.", "Liv, Di and Mimi",
    ],
)  # fmt: skip
def test_ordinary_english_dialogue_is_left_alone(text: str) -> None:
    assert normalize_text(text, "en") == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Mi madre, ¿sí? Di la verdad."), ("es", "No. No quiero."), ("es", "¡Vi a Lidia!"),
        ("es", "Le dije (en voz baja, sin música) que no."), ("pt", "Dividi o mix, sim."), ("pt", "Eu vi. Ela também."),
        ("fr", "Dix fois six, mille mercis."), ("it", "Di mille libri, mi dici?"),
    ],
)  # fmt: skip
def test_words_that_look_like_numerals_are_words(language: str, text: str) -> None:
    assert normalize_text(text, language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "NO way, not today."),
        ("en", "STOP it, HELP me."),
        ("es", "NO lo hagas, por favor."),
        ("pt", "NO máximo, três."),
        ("it", "NO grazie, davvero."),
    ],
)
def test_a_stressed_word_is_not_spelled(language: str, text: str) -> None:
    """Subtitles stress with capitals; in lower case espeak-ng does not spell them either."""
    assert normalize_text(text, language).lower() == text.lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shouted_line_is_not_spelled(language: str) -> None:
    assert normalize_text("QUE ME DES ESO YA", language).lower() == "que me des eso ya"


def test_markup_and_notes_are_not_spoken() -> None:
    assert normalize_text("<i>Hola</i> {\\an8}♪ mundo ♪", "es") == "Hola mundo"


def test_a_language_without_tables_is_left_alone() -> None:
    assert normalize_text("Ich habe 5 €.", "de") == "Ich habe 5 €."


def test_tables_serve_every_language() -> None:
    for language, table in DATA.items():
        assert {"words", "symbols", "net", "letters", "acronyms", "calendar", "clock", "money"} <= set(table)
        assert set(table["symbols"]) == set(DATA["en"]["symbols"]), language
        assert set(table["words"]) == set(DATA["en"]["words"]), language
        assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") <= set(table["letters"])
        assert {"$", "€", "£", "¥", "R$"} <= set(table["money"]["currencies"])
        assert len(table["calendar"]["months"].split()) == len(table["calendar"]["short"].split()) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_list_contradicts_another(language: str) -> None:
    acronyms, gender = DATA[language]["acronyms"], DATA[language]["gender"]
    assert not set(acronyms["spelled"].split()) & set(acronyms["said"].split())
    lists = [set(gender.get(key, "").split()) for key in ("feminine", "masculine", "not_nouns")]
    assert sum(map(len, lists)) == len(set.union(*lists))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_abbreviation_is_spoken_in_full(language: str) -> None:
    for short, full in DATA[language]["abbreviations"].items():
        assert full.lower() in normalize_text(f"x {short} x", language).lower(), short


@given(st.sampled_from(LANGUAGES), st.text("0123456789.,:;h$€£¥R%ºª°-+ &@#aeMIVX/|\u00a0\u202f²½", max_size=16))
def test_no_digit_and_no_sign_is_left_to_be_misread(language: str, text: str) -> None:
    said = without_phonemes(normalize_text(text, language))
    assert not re.search(r"[0-9]", said)
    assert not set(said) & set("%&@#$€£¥²½")
    assert said == " ".join(said.split())


@given(st.sampled_from(LANGUAGES), st.text(max_size=60))
def test_any_text_can_be_spoken(language: str, text: str) -> None:
    assert isinstance(normalize_text(text, language), str)


@given(st.sampled_from(LANGUAGES), st.integers(0, 10**12))
def test_a_whole_number_is_said_the_same_with_and_without_its_thousands_marks(language: str, number: int) -> None:
    mark = "," if language == "en" else "."
    plain, grouped = str(number), f"{number:,}".replace(",", mark)
    if plain != grouped and not (language == "en" and number <= 2099):  # English reads such numbers as years
        assert normalize_text(f"{grouped} x", language) == normalize_text(f"{plain} x", language)


def test_syllables_are_those_of_what_is_said() -> None:
    assert syllables("21 km/h", "es") == syllables("veintiún kilómetros por hora", "es")
    assert syllables("R$ 2 bi", "pt") == syllables("dois bilhões de reais", "pt")


# --- pronunciations of a user ----------------------------------------------------------------------------------------


def lexicon(tmp_path: Path, text: str) -> Pronunciations:
    path = tmp_path / "pronunciation.tsv"
    path.write_text(text, encoding="utf-8")
    return read_pronunciations(path)


def test_a_lexicon_goes_before_every_rule(tmp_path: Path) -> None:
    given_ = lexicon(tmp_path, "# names\nSiobhan\t/ʃɪvˈɔːn/\nOTAN\to te a ene\tes\niPhone\taifon\n")
    assert normalize_text("Siobhan y la OTAN, 2 iPhone.", "es", given_) == (
        "[Siobhan](/ʃɪvˈɔːn/) y la o te a ene, dos aifon."
    )
    assert normalize_text("a OTAN", "pt", given_) == "a otan"


def test_a_word_in_lower_case_stands_for_any_case_and_never_for_a_part(tmp_path: Path) -> None:
    given_ = lexicon(tmp_path, "chip\tchip de oro\nNATO\tnaito\n")
    assert normalize_text("Chip, chips, nato, CHIP", "es", given_) == "chip de oro, chips, nato, chip de oro"


def test_phonemes_give_way_to_the_word_where_none_are_taken() -> None:
    assert without_phonemes("[Siobhan](/ʃɪvˈɔːn/) ríe") == "Siobhan ríe"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("word\n", "a tab"),
        ("a\tb\tes\tc\n", "a tab"),
        ("a\t/ab\n", "neither a spelling nor phonemes"),
        ("a\tb\n\na\tc\n", "3: 'a' is said otherwise above"),
        ("a\tb\tno language\n", "language"),
        ("a\t[b](c)\n", "neither"),
        ("--\tb\n", "is no word"),
    ],
)
def test_a_broken_lexicon_is_refused_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)):
        lexicon(tmp_path, text)


def test_a_lexicon_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.tsv"
    path.write_bytes(b"a\t\xff\n")
    with pytest.raises(UsageError, match=r"p\.tsv:1: not UTF-8"):
        read_pronunciations(path)
    with pytest.raises(UsageError, match="cannot read the pronunciations"):
        read_pronunciations(tmp_path / "none.tsv")


@pytest.mark.costly
@pytest.mark.parametrize(
    "unit", ["1", "1-", "1.", "1 ", "a", "A", "I ", "@", "a.", "(", "JUAN ", "http://", "\u00a0", "'1", "+1 "]
)
def test_a_hostile_line_ends(unit: str) -> None:
    """Rules that look back over what they passed would take minutes here; as they are, it is a blink."""
    assert isinstance(normalize_text(unit * (20_000 // len(unit)), "es"), str)
