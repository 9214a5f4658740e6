"""Labels that are no capitals: told from clauses by what a whole text shows, and by what people are called."""

from __future__ import annotations

import pytest

from localize.language.speaker_names import label_names, may_be_label, weigh_labels


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["Anna: Hi.\nBen: Hello."], ("Anna", "Ben")),
        (["Anna: Hi.", "Fine.", "- Anna: [sighs] Bye."], ("Anna",)),
        (["Dr. Hall: Yes.", ">> Dr. Hall: No."], ("Dr. Hall",)),
        (["Élodie: Oui.", "Élodie: Non."], ("Élodie",)),
        (["Old Ben: Hi.", "Old Ben: Bye."], ("Old Ben",)),
        (["Note: This.", "Note: That."], ()),
        (["ANNA: Hi.", "ANNA: Bye."], ()),
        (["Listen up: it is", "Listen up: it was"], ()),
        (["At 10:30: Go", "At 10:30: Go"], ()),
    ],
)
def test_names_before_colons_are_known_where_they_come_again(texts: list[str], names: tuple[str, ...]) -> None:
    assert label_names(texts) == names


NAMED: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "they come again": (["john: hello", "anna : how are you", "john: fine"], ("john", "anna")),
    "a given name, once": (["well", "john: hello", "yes"], ("john",)),
    "a given name with a capital, once": (["Anna: Hi.", "It rains."], ("Anna",)),
    "a given name and a surname": (["anna maria smith: hello"], ("anna maria smith",)),
    "a name of several words": (["ludwig van der berg: hello"], ("ludwig van der berg",)),
    "a title": (["dr. smith: hi", "mrs o'neil: yes", "señora lópez: no"], ("dr. smith", "mrs o'neil", "señora lópez")),
    "a rank before a name": (["captain kirkson: go", "king henry: stay"], ("captain kirkson", "king henry")),
    "a strange word that comes again": (["zorblax: hi", "yes", "zorblax: bye"], ("zorblax",)),
    "a strange word beside a name": (["- zorblax: hi\n- anna: hello"], ("zorblax", "anna")),
    "a name that is a word too, beside another": (["rose: hi", "jack: hello"], ("rose", "jack")),
    "two people with a slash": (["Anna/Ben: Go.", "john/anna: hi"], ("Anna/Ben", "john/anna")),
    "two people": (["john and anna: hello", "john & anna: bye"], ("john and anna", "john & anna")),
    "people by what they are": (["man: stop", "old woman: why"], ("man", "old woman")),
    "people who are counted": (["man 1: stop", "guard #2: why", "speaker b: oh"], ("man 1", "guard #2", "speaker b")),
    "whoever nobody talks to": (["narrator: long ago", "it was dark"], ("narrator",)),
    "letters": (["a: hello", "b: hi"], ("a", "b")),
    "how somebody is heard": (["yes", "john (whispering): hello", "man [on phone]: hi"], ("john", "man")),
    "after a sound": (["[sighs] john: hello", "<i>anna:</i> hi"], ("john", "anna")),
    "above its words": (["john:\nhello", "yes"], ("john",)),
    "right before its words": (["john:hello", "re:zero"], ("john",)),
    "known in capitals": (["ZORBLAX: Hi.", "zorblax: bye"], ("zorblax",)),
    "words, where nearly all lines have one": (["blue: go", "red: no", "blue: yes", "red: oh"], ("blue", "red")),
    "Spanish": (["juan: hola", "maría: hola", "nacho: ven", "nacho: vete"], ("juan", "maría", "nacho")),
    "people in Spanish": (["hombre: alto", "mujer: no", "ya"], ("hombre", "mujer")),
}


@pytest.mark.parametrize("case", NAMED)
def test_names_in_small_letters_are_told_by_evidence(case: str) -> None:
    texts, names = NAMED[case]
    assert label_names(texts, language="es" if "Spanish" in case else "en") == names


CLAUSES = (
    "listen: go", "the truth is: i lied", "remember: never", "my point is: go", "here's the thing: no",
    "one thing: stay", "see you at 10: ok", "10:30: we go", "it's 5: 30 now", "mix 2: 1 please", "the odds are 3: 1",
    "chapter 2: the end", "part two: hope", "general rule: never", "good news (for you): we won", "btw: i'm late",
    "ps: call me", "and john said: no", "i told john: no", "dear john: goodbye", "question: why", "so: what now",
    "la verdad es: mentí", "escucha: no", "mi plan: ninguno", "ojo: cuidado", "c'est simple: non", "es ist so: nein",
    "http://example.com", "re:zero", "score: 3 to 1", "first: we eat", "anna:",
)  # fmt: skip


@pytest.mark.parametrize("text", CLAUSES)
@pytest.mark.parametrize("times", [1, 3])
def test_clauses_clocks_and_ratios_are_no_names(text: str, times: int) -> None:
    others = ["well then", "john is here", "ANNA: Hi.", "yes", "it is late", "we should go", "no"]
    for language in ("en", "es", ""):
        assert label_names([*others, *[text] * times], language=language) == ()


def test_a_person_of_the_cast_is_known() -> None:
    texts = ["blue: go", "it rains", "hope: yes", "it pours", "well"]
    assert label_names(texts, ("Blue",), "en") == ("blue", "hope")
    assert label_names(texts, language="en") == ()


def test_what_a_list_decided_is_told_and_what_nothing_decided() -> None:
    found = weigh_labels(["Anna: Hi.", "Anna: Bye.", "john: hello", "blue: go", "so: what", "ok"], language="en")
    assert found.names == ("Anna", "john")
    assert found.judged == ("john",)
    assert found.doubtful == ("blue",)


@pytest.mark.parametrize(("text", "may"), [("anna", True), ("Old Ben", True), ("the truth is", False), ("ps", False)])
def test_what_can_be_a_label_of_a_script(text: str, *, may: bool) -> None:
    assert may_be_label(text) is may
