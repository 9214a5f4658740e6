"""Facts: found where they stand, nowhere else, and written as another language writes them."""

from __future__ import annotations

import re
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from localize.language import facts
from localize.language.facts import accepted_forms, find_facts, misspelled_forms, stand_ins, write_fact

FOUND = (
    ("See https://a.example/b?c=1&d=2, please.", "url", "https://a.example/b?c=1&d=2", None, None),
    ("It is on city-council.example/forms.", "url", "city-council.example/forms", None, None),
    ("Write to jo.s@mail.example.", "e-mail", "jo.s@mail.example", None, None),
    ("Ask @dj_99 about it.", "handle", "@dj_99", None, None),
    ("They wrote #NoMore2024 there.", "hashtag", "#NoMore2024", None, None),
    ("The code is #A7-X9-22.", "code", "#A7-X9-22", None, None),
    ("Ticket #4471-B, please.", "code", "#4471-B", None, None),
    ("Open report_v2.pdf now.", "file", "report_v2.pdf", None, None),
    ("It is in /var/log on the server.", "path", "/var/log", None, None),
    ("Look in C:\\Users\\Ana for it.", "path", "C:\\Users\\Ana", None, None),
    ("Type ls -la and press Enter.", "code", "ls -la", None, None),
    ("Run git status first.", "code", "git status", None, None),
    ("Press Ctrl+C now.", "code", "Ctrl+C", None, None),
    ("We use Python 3.11 here.", "version", "3.11", None, None),
    ("Version 2.10.3 is out.", "version", "2.10.3", None, None),
    ("Ping 192.0.2.17 first.", "address", "192.0.2.17", None, None),
    ("Go to 41.40338, 2.17403.", "coordinates", "41.40338, 2.17403", None, None),
    ("It is ISBN 0-306-40615-2.", "isbn", "ISBN 0-306-40615-2", None, None),
    ("The plate was 4821 KLM.", "plate", "4821 KLM", None, None),
    ("Flight BA 2490 is late.", "flight", "BA 2490", None, None),
    ("Call 555-0142 now.", "phone", "555-0142", None, None),
    ("Born on 07/04/1998.", "date", "07/04/1998", None, None),
    ("The rent is $1,250.75 a month.", "price", "$1,250.75", "1.250,75 dólares", "1.250,75 dólares"),
    ("It made $3.2 million.", "price", "$3.2 million", "3,2 millones de dólares", "3,2 milhões de dólares"),
    ("It costs £1.", "price", "£1", "1 libra", "1 libra"),
    ("That is ¥3000.", "price", "¥3000", "3000 yenes", "3000 ienes"),
    ("He owes me 20 bucks.", "price", "20 bucks", "20 dólares", "20 dólares"),
    ("It did 60 mph.", "measure", "60 mph", "60 mph", "60 mph"),
    ("It was -12°C.", "measure", "-12°C", "-12 °C", "-12 °C"),
    ("It weighs 3.5 lb.", "measure", "3.5 lb", "3,5 libras", "3,5 libras"),
    ("He ran 26.2 miles.", "measure", "26.2 miles", "26,2 millas", "26,2 milhas"),
    ("It grew by 3.5%.", "measure", "3.5%", "3,5 %", "3,5%"),
    ("It has 80 m2.", "measure", "80 m2", "80 m²", "80 m²"),
    ("Call before 5:45 p.m.", "time", "5:45 p.m.", "5:45 p. m.", "17:45"),
    ("Come at 7 AM.", "time", "7 AM", "7 a. m.", "7:00"),
    ("The train leaves at 14:05.", "time", "14:05", "14:05", "14:05"),
    ("He left on 12/25/2019.", "date", "12/25/2019", "25/12/2019", "25/12/2019"),
    ("It ends on 25/12/2019.", "date", "25/12/2019", "25/12/2019", "25/12/2019"),
    ("It closes at half past nine.", "clock", "half past nine", "nueve y media", "nove e meia"),
    ("It is a quarter past one.", "clock", "a quarter past one", "una y cuarto", "uma e quinze"),
    ("Come at a quarter to six.", "clock", "a quarter to six", "seis menos cuarto", "cinco e quarenta e cinco"),
    ("Come at quarter to one.", "clock", "quarter to one", "una menos cuarto", "doze e quarenta e cinco"),
    ("It is twenty past four.", "clock", "twenty past four", "cuatro y veinte", "quatro e vinte"),
    ("It is 1h 45m long.", "duration", "1h 45m", "1 h 45 min", "1 h 45 min"),
    ("He is 6'1\" tall.", "height", "6'1\" tall", "6 pies y 1 pulgada", "6 pés e 1 polegada"),
    ("We won 3–2.", "score", "3–2", "3–2", "3–2"),
    ("Add 1/2 cup.", "fraction", "1/2", "1/2", "1/2"),
    ("Get off at 5th Avenue.", "street", "5th Avenue", "la 5.ª Avenida", "5ª Avenida"),
    ("It's on 42nd Street.", "street", "42nd Street", "la calle 42", "Rua 42"),
    ("He lives at 350 Fifth Avenue.", "street address", "350 Fifth Avenue", None, None),
    ("Gate B14 closes now.", "label", "Gate B14", "puerta B14", "portão B14"),
    ("Go to pier 39.", "label", "pier 39", "muelle 39", "píer 39"),
    ("He drank three pints.", "worded measure", "three pints", "tres pintas", "três pintas"),
    ("He's 5 foot 9 and thin.", "height", "5 foot 9", "5 pies y 9 pulgadas", "5 pés e 9 polegadas"),
    ("Meet me at ten to six.", "clock", "ten to six", "seis menos diez", "5:50"),
    ("Scroll to section 4.2 first.", "version", "4.2", "4.2", "4.2"),
    ("It weighs half a ton.", "worded measure", "half a ton", "media tonelada", "meia tonelada"),
    ("He's six foot three.", "height", "six foot three", "6 pies y 3 pulgadas", "6 pés e 3 polegadas"),
    ("He walked ten miles.", "worded measure", "ten miles", "diez millas", "dez milhas"),
    ("The offer ends 12/31.", "date", "12/31", "31/12", "31/12"),
    ("Chapter IV begins.", "numeral", "IV", "IV", "IV"),
    ("They live at 221B.", "code", "221B", "221B", "221B"),
)


@pytest.mark.parametrize(("line", "kind", "text", "spanish", "portuguese"), FOUND, ids=[row[2] for row in FOUND])
def test_a_fact_is_found_and_written(
    line: str, kind: str, text: str, spanish: str | None, portuguese: str | None
) -> None:
    (fact,) = find_facts(line, "en")
    assert (fact.kind, fact.text, line[fact.start :].startswith(text)) == (kind, text, True)
    assert write_fact(fact, "en", "es") == (spanish or text)
    assert write_fact(fact, "en", "pt") == (portuguese or text)


@pytest.mark.parametrize("row", FOUND, ids=[row[2] for row in FOUND])
@pytest.mark.parametrize("language", ["es", "pt"])
def test_what_is_written_is_accepted_again_and_never_rewritten_into_something_else(
    row: tuple[str, str, str, str, str], language: str
) -> None:
    (fact,) = find_facts(row[0], "en")
    written = write_fact(fact, "en", language)
    line = f"Es {written}, sí."
    assert any(re.search(pattern, line) for pattern in accepted_forms(fact, "en", language))
    for pattern in misspelled_forms(fact, "en", language):
        assert re.sub(pattern, lambda _: written, line) == line
    assert all(
        re.search(answer, asked) or asked[0].isdigit() or fact.kind == "label"
        for asked, answer in stand_ins(fact, "en", language)
    )


@pytest.mark.parametrize(
    "line",
    [
        "I know.It was late, and/or early.",
        "He said so. Me too!",
        "Is it o.k. at home? No way...",
        "We met in the 1990s, on the 21st of June.",
        "The well-known X-ray of a mid-1990s T-shirt.",
        "I have 3 sisters and 21 books.",
        "It is open from ten to six.",
        "When Part I think of it, I smile.",
        "Mr. Smith and Dr. Jones, Ph.D., are in.",
        "It is five to ten; she is thirty.",
        "No. I am fine - thank you.",
    ],
)
def test_plain_words_are_no_facts(line: str) -> None:
    assert find_facts(line, "en") == ()


@pytest.mark.parametrize(
    ("line", "told", "right", "wrong"),
    [
        ("The car did 60 mph.", "es", "Iba a 60 millas por hora.", "Iba a 60 horas."),
        ("It was 25°C.", "es", "Hacía 25 °C.", "Hacía 25 librasC."),
        ("That's £20.", "pt", "São 20 libras.", "São 20 euros."),
        ("It is 5 pounds.", "pt", "São 5 libras.", "São 5 quilos."),
        ("Come at 4:30 p.m.", "pt", "Venha às 16:30.", "Venha às 4:30."),
        ("Come at 4:30 p.m.", "es", "Ven a las 4:30 de la tarde.", "Ven a las 4:30."),
        ("It costs $2,500.", "es", "Cuesta 2500 dólares.", "Cuesta 25000 dólares."),
    ],
)
def test_a_value_goes_with_its_unit(line: str, told: str, right: str, wrong: str) -> None:
    (fact,) = find_facts(line, "en")
    forms = accepted_forms(fact, "en", told)
    assert any(re.search(form, right) for form in forms)
    assert not any(re.search(form, wrong) for form in forms)


SAID_BY_SIGN = {
    "X": "[IVXLC]{2}",
    "I": " [IVX]",
    "p": "(?i: (?:past|after|to) )",
    "f": "(?i: (?:foot|feet) )",
    "c": "sudo|[tT]ype |[rR]un |[eE]nter |[eE]xecute ",
    ".": r"\.(?=[\s\S])",
    "0": r"\d",
}
"""What a text holds that has a sign; any other sign is a character."""


def is_sign(code: int, signs: str) -> bool:
    return chr(code) in signs or ("0" in signs and chr(code).isdecimal())


def is_always_sign(member: tuple[Any, Any], signs: str) -> bool:
    kind, value = member
    if kind is ops.RANGE:
        return all(is_sign(code, signs) for code in range(value[0], value[1] + 1))
    if kind is ops.CATEGORY:
        return value is ops.CATEGORY_DIGIT and "0" in signs
    return kind is ops.LITERAL and is_sign(value, signs)


def may_do_without(pattern: Any, signs: str) -> bool:
    """Whether something that a parsed pattern matches may have none of these characters ("0" is any digit)."""

    def free(kind: Any, value: Any) -> bool:
        if kind is ops.IN:
            return not all(is_always_sign(member, signs) for member in value)
        if kind is ops.BRANCH:
            return any(may_do_without(way, signs) for way in value[1])
        if kind is ops.SUBPATTERN:
            return may_do_without(value[3], signs)
        if kind in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            return value[0] == 0 or may_do_without(value[2], signs)
        if kind is ops.ASSERT:
            return may_do_without(value[1], signs)
        return not is_always_sign((kind, value), signs)

    return all(free(kind, value) for kind, value in pattern)


@pytest.mark.parametrize("language", ["en", "es", "pt", "fr"])
def test_a_pattern_that_is_passed_over_could_not_have_matched(language: str) -> None:
    by_character = [row for row in facts._patterns(language) if row[2] and not set(row[2]) & set("XIpfc")]
    assert len(by_character) > 25
    assert not [row for row in by_character if may_do_without(parser.parse(row[1]), row[2])]


@pytest.mark.parametrize("told", [row[0] for row in FOUND])
def test_every_pattern_that_finds_something_is_among_those_that_are_tried(told: str) -> None:
    for text in (told, told.upper(), told.replace(" ", "  "), f"{told[:-1]}", f"- {told} II, X."):
        for language in ("en", "es", "pt"):
            signs = facts._signs_of(text)
            assert signs == {
                sign
                for sign in {s for _, _, needs in facts._patterns(language) for s in needs}
                if re.search(SAID_BY_SIGN.get(sign) or re.escape(sign), text)
            }
            tried = facts._patterns_for(language, signs)
            found = {(kind, p) for kind, p, _ in facts._patterns(language) if re.search(p, text)}
            assert found <= {(kind, pattern.pattern) for kind, pattern in tried}
