"""English words with one counterpart."""

import re
import tomllib
from pathlib import Path

import pytest

from localize.language import counterparts
from localize.language.counterparts import find_counterparts
from localize.language.inflection import without_accents


@pytest.mark.parametrize(
    ("text", "target", "found"),
    [
        ("Then east on Route 66.", "es", [("east", "este")]),
        ("Mr. van der Berg and Vincent van Gogh are in the lobby.", "es", []),
        ("The van is here.", "es", [("van", "furgoneta")]),
        ("Turn left at the second light.", "pt", [("left", "esquerda")]),
        ("My great-grandfather left early.", "es", [("great-grandfather", "bisabuelo")]),
        ("Turn right at the roundabout.", "es", [("right", "derecha"), ("roundabout", "rotonda")]),
        ("You are right, and I left.", "es", []),
        ("Turn right now.", "es", []),
        ("Barely a third voted.", "es", [("Barely", "apenas"), ("third", "tercero")]),
        ("Fewer than one in ten.", "pt", [("Fewer than", "menos de")]),
        ("I told her more than you.", "es", []),
        ("West went on.", "es", []),  # a person
        ("He met Van Buren on North Street.", "es", []),
        ("Take one tablet every day.", "es", [("tablet", "pastilla")]),
        ("She bought a tablet.", "es", [("tablet", "tableta")]),
        ("Simmer it and don't stir.", "es", [("Simmer", "cocine a fuego lento"), ("stir", "remueva")]),
        ("He made quite a stir.", "es", []),
        ("Peel and chop the apple.", "pt", [("Peel", "descasque"), ("chop", "pique"), ("apple", "maçã")]),
        ("Three egg yolks.", "es", [("egg yolks", "yemas")]),
        ("The suspect fled.", "pt", [("suspect", "suspeito")]),
        ("I suspect him.", "es", []),
        ("A lucky draw.", "es", []),
        ("They're tied at 3.", "es", [("tied", "empatados")]),
        ("They tied him up.", "es", []),
        ("Heat 250 of it.", "pt", [("Heat", "aqueça")]),
        ("The tip is fifteen percent.", "pt", [("tip", "gorjeta")]),
        ("The tip is sharp.", "pt", []),
        ("The sixth of them.", "es", [("sixth", "sexto")]),
        ("It costs between 15 and 20.", "es", [("between", "entre")]),
        ("Between you and me.", "es", []),
        ("It needs Windows 10 or later.", "es", [("later", "posterior")]),
        ("See you later.", "es", []),
        ("Ages 12 or under.", "pt", [("under", "menos")]),
        ("It was 84, plus a 15% tip.", "pt", [("tip", "gorjeta")]),
        ("I get up at six.", "pt", [("get up", "levantar-se")]),
        ("Get up!", "pt", []),
        ("We left on Saturday.", "pt", [("left", "saiu")]),
        ("We left on her account.", "pt", []),
        ("It is 5 a.m. local time.", "es", [("local time", "hora local")]),
        ("Five pence.", "es", [("pence", "peniques")]),
        ("He lost two sets to Nadal, two sets of keys to me.", "es", [("sets", "sets")]),
        ("Wait until noon.", "es", [("until", "hasta")]),
        ("Wait until she calls.", "es", []),
        ("Then east.", "fr", []),
        ("Two cabbages and a kettle.", "es", [("cabbages", "repollos"), ("kettle", "tetera")]),
        ("The fishermen saw three geese.", "es", [("fishermen", "pescadores"), ("geese", "gansos")]),
        ("Where is the gas station?", "pt", [("gas station", "posto de gasolina")]),
        ("Duck! He ducked.", "es", []),
        ("He shot a duck.", "es", [("duck", "pato")]),
        ("Bush went on a wild goose chase.", "es", []),
        ("Dragons are real.", "es", [("Dragons", "dragones")]),
        ("She unplugged it and yawns.", "es", [("unplugged", "desenchufar"), ("yawns", "bostezar")]),
        ("It was a yawn.", "es", []),
        ("He sewed it.", "pt", [("sewed", "costurar")]),
        ("The greedy boy is dizzy.", "pt", [("greedy", "ganancioso"), ("dizzy", "tonto")]),
        ("It was a fairy tale.", "es", []),
    ],
)
def test_words_that_a_translation_must_say(text: str, target: str, found: list[tuple[str, str]]) -> None:
    assert [(word.source, word.target) for word in find_counterparts(text, target)] == found


def test_every_rare_word_knows_itself_and_its_stand_ins() -> None:
    known = counterparts._table()["stand_ins"]
    for english, (word, form) in counterparts._rare_words().items():
        verb, many = word.kind in ("act", "act_on", "verb"), form == "s"
        line = f"We {english}." if verb else f"He saw the {english}."
        for target, column in (("es", 0), ("pt", 1)):
            found = [w for w in find_counterparts(line, target) if w.source == english][-1]
            assert re.search(rf"\b{word.forms[column]}\b", without_accents(word.words[column])), english
            assert re.search(rf"\b{found.forms}\b", without_accents(found.target)), english
            assert word.kind in ("word", "verb") or counterparts._stands_for(word, many, column) in known, english
            assert word.kind not in ("act", "act_on") or word.words[column][-2:] in ("ar", "er", "ir"), english


@pytest.mark.parametrize(
    ("word", "ending", "target", "written"),
    [
        ("bostezar", "ó", "es", "bostezó"),
        ("bostezar", "é", "es", "bostecé"),
        ("masticar", "en", "es", "mastiquen"),
        ("alardear", "ando", "es", "alardeando"),
        ("bocejar", "ei", "pt", "bocejei"),
        ("mastigar", "ei", "pt", "mastiguei"),
        ("soluçar", "em", "pt", "solucem"),
        ("enxaguar", "ou", "pt", "enxaguou"),
        ("lamer", "ió", "es", "lamió"),
        ("abrir", "er", "es", "abrir"),
        ("abrir", "emos", "es", "abrimos"),
        ("abrir", "iendo", "es", "abriendo"),
        ("codicioso", "as", "es", "codiciosas"),
        ("torpe", "os", "es", "torpes"),
        ("mandón", "os", "es", "mandones"),
        ("torpe", "a", "es", "torpe"),
    ],
)
def test_a_word_takes_the_ending_of_what_stood_for_it(word: str, ending: str, target: str, written: str) -> None:
    assert counterparts.with_ending(word, ending, target) == written


def test_every_row_knows_its_own_words_and_stand_ins() -> None:
    table = tomllib.loads(Path(counterparts.__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    for english, (spanish, es_forms, portuguese, pt_forms, stand_in) in table["words"].items():
        for word, forms in ((spanish, es_forms), (portuguese, pt_forms)):
            assert re.search(rf"\b(?:{forms})\b", without_accents(word.casefold())), english
        assert not stand_in or set(stand_in.split("/")) <= set(table["stand_ins"]), english


@pytest.mark.parametrize(
    ("text", "target", "asked"),
    [
        ("The knife is old.", "es", {"book", "garden"}),  # el cuchillo
        ("The knife is old.", "pt", {"house", "table"}),  # a faca
        ("The pillows are wet.", "es", set()),  # one thing does not stand for several
    ],
)
def test_what_stands_for_a_word_has_its_gender_and_number(text: str, target: str, asked: set[str]) -> None:
    (found,) = counterparts.find_counterparts(text, target)
    assert {word for word, _ in found.stand_ins} == asked
