"""Delivered subtitles that a person corrected: which lines say something else, by whatever profile they were cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from localize.data import Candidate, Line, Segment, Span, SubtitleSource, TargetText, Transcript, Translation
from localize.subtitles.caption import target_words
from localize.subtitles.corrections import SubtitleCorrections, _rewrite, find_corrections
from localize.subtitles.cue_changes import Change
from localize.subtitles.relaid import find_marked
from localize.subtitles.render import render_source, render_target
from localize.timedtext.cues import Cue, Document, Mark
from localize.timedtext.formats import parse, to_bytes
from localize.transcription.master import Master

SAID = (
    ("s0001", 1000, 3000, "S1", "Where did you put the keys?", "¿Dónde pusiste las llaves?"),
    ("s0002", 3400, 6400, "S2", "I left them on the table, I am sure.", "Las dejé en la mesa, estoy seguro."),
    ("s0003", 9000, 11000, "S1", "They are not there now.", "Ahora no están ahí."),
    ("s0004", 11200, 12000, "S2", "No?", "¿No?"),
    ("s0005", 15000, 19000, "S1", "Somebody took them. Who?", "Alguien se las llevó. ¿Quién estuvo aquí?"),
)  # fmt: skip
TRANSCRIPT = Transcript("en", tuple(Segment(i, Span(a, b), who, text) for i, a, b, who, text, _ in SAID))
SHEET = SubtitleSource(TRANSCRIPT, 20_000, "25/1", names={"S1": "Ann"})
SPANISH = Translation("es", tuple(Line(i, (Candidate(text, 0.0),)) for i, *_, text in SAID))
MASTER = Master(SHEET, (TargetText(SPANISH, target_words(TRANSCRIPT, SPANISH), {i: 0 for i, *_ in SAID}),))
PROFILES = ("netflix", "netflix-kids", "netflix-sdh", "bbc", "mobile", "easy", "bilingual")


def delivered(profile: str, language: str = "es") -> Document:
    made = render_source(profile, SHEET) if language == "en" else render_target(profile, SHEET, MASTER.targets[0])
    return made.document


def found(
    document: Document, language: str = "es", profile: str = "netflix", **more: bool
) -> SubtitleCorrections | None:
    return find_corrections(document, MASTER, language, [profile], **more)


def written(document: Document, old: str, new: str) -> Document:
    """The file with words exchanged, as an editor's replace does."""
    cues = tuple(replace(cue, lines=tuple(line.replace(old, new) for line in cue.lines)) for cue in document.cues)
    assert cues != document.cues
    return replace(document, cues=cues)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("language", ["es", "en"])
def test_nothing_was_changed(profile: str, language: str) -> None:
    unchanged = found(delivered(profile, language), language)
    assert unchanged is not None
    assert (unchanged.texts, unchanged.emptied, unchanged.strange, unchanged.moved) == ({}, (), (), ())


@pytest.mark.costly
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("llaves", "tijeras", "s0001", "¿Dónde pusiste las tijeras?"),
        ("mesa", "mesa grande", "s0002", "Las dejé en la mesa grande, estoy seguro."),
        ("Ahora ", "", "s0003", "no están ahí."),
        ("¿No?", "¿Cómo que no?", "s0004", "¿Cómo que no?"),
        ("Quién", "Quiénes", "s0005", "Alguien se las llevó. ¿Quiénes estuvo aquí?"),
    ],
)
def test_a_word_belongs_to_the_line_of_those_it_replaces(
    profile: str, old: str, new: str, line: str, says: str
) -> None:
    made = found(written(delivered(profile), old, new))
    assert made is not None
    assert made.texts == {line: says}
    assert (made.strange, made.emptied) == ((), ())


@pytest.mark.parametrize(
    ("profile", "language", "old", "new"),
    [
        ("netflix-sdh", "en", "[Ann]", "[Anna]"),
        ("netflix-sdh", "en", "[speaker 2]", ""),
        ("bilingual", "es", "keys", "scissors"),
    ],
)
def test_a_label_or_another_language_is_never_said(profile: str, language: str, old: str, new: str) -> None:
    made = found(written(delivered(profile, language), old, new), language, profile)
    assert made is not None
    assert made.texts == {}
    assert made.strange


def test_a_word_beside_a_changed_label_is_corrected_and_the_label_named() -> None:
    made = found(written(delivered("netflix-sdh", "en"), "[Ann] Where", "[Anna] When"), "en", "netflix-sdh")
    assert made is not None
    assert made.texts == {"s0001": "When did you put the keys?"}
    assert made.strange == (1,)


FRENCH = Translation(
    "fr",
    tuple(
        Line(line[0], (Candidate(text, 0.0),))
        for line, text in zip(
            SAID, ["Où sont-elles\u202f?", "Sur la table : là !", "Plus là.", "Non ?", "On les a prises ! Qui ?"]
        )
    ),
)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("sont-elles ?", "sont-elles !", "s0001", "Où sont-elles !"),
        ("Non ?", "Non !", "s0004", "Non !"),
        ("Qui ?", "Qui donc ?", "s0005", "On les a prises ! Qui donc ?"),
    ],
)
def test_marks_that_stand_apart_are_corrected_too(old: str, new: str, line: str, says: str) -> None:
    target = TargetText(FRENCH, target_words(TRANSCRIPT, FRENCH), {i: 0 for i, *_ in SAID})
    document = render_target("netflix", SHEET, target).document
    made = find_corrections(written(document, old, new), replace(MASTER, targets=(target,)), "fr", ["netflix"])
    assert made is not None
    assert (made.texts, made.strange) == ({line: says}, ())


LAST = len(delivered("netflix").cues)


def merged(cues: Sequence[Cue]) -> list[Cue]:
    """The first two cues in one, as an editor joins them."""
    one, two, *rest = cues
    return [replace(one, span=Span(one.span.start_ms, two.span.end_ms), lines=(*one.lines, *two.lines)), *rest]


def late(cues: Sequence[Cue]) -> list[Cue]:
    """The last cue a second later."""
    return [*cues[:-1], replace(cues[-1], span=cues[-1].span.shifted(1000))]


def in_italics(cues: Sequence[Cue]) -> list[Cue]:
    return [replace(cues[0], marks=(Mark(0, 0, 3, "italic"),)), *cues[1:]]


def without_second(cues: Sequence[Cue]) -> list[Cue]:
    return [cue for cue in cues if "mesa" not in cue.text and "seguro" not in cue.text]


def with_stranger(cues: Sequence[Cue]) -> list[Cue]:
    return [*cues, Cue("", Span(19_300, 19_900), ("Fin.",))]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (merged, SubtitleCorrections(recut=(1,))),
        (late, SubtitleCorrections(moved=(LAST,))),
        (in_italics, SubtitleCorrections(marked=(1,))),
        (without_second, SubtitleCorrections(emptied=("s0002",))),
        (with_stranger, SubtitleCorrections(strange=(LAST + 1,))),
    ],
)
def test_what_is_no_correction_of_words_is_named(
    change: Callable[[Sequence[Cue]], list[Cue]], expected: SubtitleCorrections
) -> None:
    document = delivered("netflix")
    made = found(replace(document, cues=tuple(change(document.cues))))
    assert made == replace(expected, profile="netflix")


def at(number: int, change: Callable[[str], str]) -> Callable[[list[str]], list[str]]:
    """An editor that changes the text of one cue of a SubRip file, from 0."""

    def edit(blocks: list[str]) -> list[str]:
        head, text = _parted(blocks[number])
        return [*blocks[:number], f"{head}\n{change(text)}", *blocks[number + 1 :]]

    return edit


def _parted(block: str) -> tuple[str, str]:
    number, times, text = block.split("\n", 2)
    return f"{number}\n{times}", text


def joined(blocks: list[str]) -> list[str]:
    (one, first), (two, second) = _parted(blocks[-2]), _parted(blocks[-1])
    head = f"{one.partition(' --> ')[0]} --> {two.partition(' --> ')[2]}"
    return [*blocks[:-2], f"{head}\n{first}\n{second}"]


def parted(blocks: list[str]) -> list[str]:
    head, text = _parted(blocks[0])
    words = text.split()
    one = head[:-12] + "00:00:02,000"
    two = "1\n00:00:02,000" + head.partition("\n")[2][12:]
    return [f"{one}\n{words[0]}", f"{two}\n{' '.join(words[1:])}", *blocks[1:]]


def later(blocks: list[str]) -> list[str]:
    """The first cue, with a word corrected, ends a second later."""
    head, text = _parted(blocks[0])
    second = int(head[-6:-4])
    return [f"{head[:-6]}{second + 1:02}{head[-4:]}\n{text.replace('llaves', 'tijeras')}", *blocks[1:]]


ODD: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "joined": (joined, "recut"),
    "parted": (parted, "recut"),
    "line broken otherwise": (at(0, lambda text: "\n".join(text.replace("\n", " ").split(" ", 1))), "recut"),
    "a dash": (at(0, lambda text: f"- {text}"), "recut"),
    "music": (at(0, lambda text: f"♪ {text} ♪"), "recut"),
    "other times and words": (later, "moved"),
    "a colour": (at(0, lambda text: f'<font color="#ff8800">{text}</font>'), "marked"),
    "at the top": (at(0, lambda text: "{\\an8}" + text), "marked"),
    "who speaks": (at(0, lambda text: f"BEN: {text}"), "strange"),
    "a sound": (at(0, lambda text: f"(suspira) {text}"), "strange"),
    "without words": (at(-1, lambda _: "\u00a0"), ""),
    "added in silence": (lambda blocks: [*blocks, "99\n00:00:19,400 --> 00:00:19,900\nFin."], "strange"),
    "twice": (lambda blocks: [blocks[0], *blocks], "strange"),
    "in another order": (lambda blocks: blocks[::-1], ""),
}


@pytest.mark.costly
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("kind", ODD)
def test_nothing_that_an_editor_does_is_lost_without_a_word(profile: str, kind: str) -> None:
    shown = delivered(profile)
    sent, _ = to_bytes(shown, "srt", frame_rate=Fraction(25))
    edit, told = ODD[kind]
    text = "\n\n".join(edit(sent.decode("utf-8-sig").strip().split("\n\n"))) + "\n"
    made = found(parse(text.encode("utf-16"), "film.es.srt"), profile=profile)
    assert made is not None
    assert not told or getattr(made, told), made
    words = " ".join(made.texts.values())
    assert not {"BEN", "suspira", "Fin"} & set(words.replace(":", " ").replace("(", " ").replace(")", " ").split())
    if kind == "without words":
        assert made.emptied or made.texts or made.strange
    elif kind == "other times and words":
        assert made.texts == {"s0001": "¿Dónde pusiste las tijeras?"}
    else:
        assert made.texts == {}, "words are as they were"


def exchanged(one: int, two: int) -> Callable[[list[str]], list[str]]:
    """The texts of two cues in each other's place, from 0."""

    def edit(blocks: list[str]) -> list[str]:
        (head, text), (other, words) = _parted(blocks[one]), _parted(blocks[two])
        made = list(blocks)
        made[one], made[two] = f"{head}\n{words}", f"{other}\n{text}"
        return made

    return edit


def into(one: int, two: int, *, before: bool) -> Callable[[list[str]], list[str]]:
    """The text of a cue moved into another, before or behind what that says; the cue is gone."""

    def edit(blocks: list[str]) -> list[str]:
        (_, text), (other, words) = _parted(blocks[one]), _parted(blocks[two])
        made = list(blocks)
        made[two] = f"{other}\n{text}\n{words}" if before else f"{other}\n{words}\n{text}"
        del made[one]
        return made

    return edit


WHOLE = ("netflix", "netflix-kids", "netflix-sdh", "bbc", "mobile", "easy")
"""Profiles that show the first two lines of English in a cue each, and nothing below."""
FIRST, SECOND = SAID[0][4], SAID[1][4]
REORDERED: dict[str, tuple[Callable[[list[str]], list[str]], dict[str, str], tuple[str, ...]]] = {
    "exchanged": (exchanged(0, 1), {"s0001": SECOND, "s0002": FIRST}, ()),
    "exchanged with the last but one": (exchanged(1, 3), {"s0002": SAID[3][4], "s0004": SECOND}, ()),
    "second into the first, before": (into(1, 0, before=True), {"s0001": f"{SECOND} {FIRST}"}, ("s0002",)),
    "first into the second, behind": (into(0, 1, before=False), {"s0002": f"{SECOND} {FIRST}"}, ("s0001",)),
    "first into the third, before": (into(0, 2, before=True), {"s0003": f"{FIRST} {SAID[2][4]}"}, ("s0001",)),
    "first into the second, before": (into(0, 1, before=True), {}, ()),  # they are joined
}


@pytest.mark.costly
@pytest.mark.parametrize("profile", WHOLE)
@pytest.mark.parametrize("kind", REORDERED)
def test_a_text_belongs_to_the_place_to_which_it_was_moved(profile: str, kind: str) -> None:
    shown = delivered(profile, "en")
    sent, _ = to_bytes(shown, "srt", frame_rate=Fraction(25))
    edit, says, emptied = REORDERED[kind]
    text = "\n\n".join(edit(sent.decode("utf-8-sig").strip().split("\n\n"))) + "\n"
    made = found(parse(text.encode(), "film.en.srt"), "en", profile)
    assert made is not None
    assert (made.texts, made.emptied) == (says, emptied)
    assert not made.moved, "its text was taken, so no time is lost"
    labelled = profile == "netflix-sdh" and bool(says) and kind != "exchanged with the last but one"  # both are S2
    assert bool(made.strange) == labelled, "another label is told"
    assert made.texts or made.recut


@pytest.mark.parametrize("edit", [exchanged(0, 1), exchanged(0, -1), into(0, -1, before=True), into(1, 0, before=True)])
def test_words_of_the_language_below_are_never_said_in_the_one_above(
    edit: Callable[[list[str]], list[str]],
) -> None:
    shown = delivered("bilingual")
    sent, _ = to_bytes(shown, "srt", frame_rate=Fraction(25))
    text = "\n\n".join(edit(sent.decode("utf-8-sig").strip().split("\n\n"))) + "\n"
    made = found(parse(text.encode(), "film.es.srt"), profile="bilingual")
    assert made is not None
    assert made.texts == {}
    assert made.strange


def test_labels_that_were_taken_away_are_named() -> None:
    """The file is still cut by the profile that it was delivered in, not by another one without labels."""
    shown = delivered("netflix-sdh")
    cues = tuple(replace(c, lines=tuple(line.partition("] ")[2] or line for line in c.lines)) for c in shown.cues)
    made = found(replace(shown, cues=cues), profile="netflix-sdh")
    assert made is not None
    assert (made.profile, made.texts) == ("netflix-sdh", {})
    assert made.strange


@pytest.mark.parametrize("profile", PROFILES)
def test_spaces_that_nobody_sees_are_no_change(profile: str) -> None:
    shown = delivered(profile)
    cues = tuple(replace(c, lines=tuple(f" {x} ".replace(" ", " \u00a0") for x in c.lines)) for c in shown.cues)
    assert found(replace(shown, cues=cues), profile=profile) == SubtitleCorrections(profile=profile)


@pytest.mark.parametrize(
    ("shown", "change", "says"),
    [
        ("no está.", Change(1, 2, ("vino.",)), "Bueno, no vino."),  # "está." is said too
        ("no está.", Change(0, 1, ()), "Bueno, está."),
        ("no está.", Change(2, 2, ("Ya", "no.")), "Bueno, no está. Ya no."),
        ("Falta.", Change(0, 1, ("Sobra.",)), "Sobra."),  # it was written otherwise: what is shown now is said
    ],
)
def test_what_was_shown_shorter_is_corrected_where_it_is_said(shown: str, change: Change, says: str) -> None:
    assert _rewrite("Bueno, no está.", shown.split(), [change]) == says


@pytest.mark.parametrize(("form", "told"), [("srt", [1]), ("vtt", [1]), ("", [1]), ("sbv", [])])
def test_italics_that_were_taken_away_are_named_where_the_format_has_any(form: str, told: list[int]) -> None:
    as_sent = delivered("netflix")
    as_made = replace(as_sent, cues=tuple(in_italics(as_sent.cues)))
    assert list(find_marked(replace(as_sent, format=form), as_made)) == told
    assert list(find_marked(replace(as_made, format=form), as_made)) == []


def test_subtitles_of_the_same_film_by_somebody_else_are_given_ones() -> None:
    others = delivered("netflix")
    cues = tuple(replace(c, span=Span(c.span.start_ms - 300, c.span.end_ms + 450)) for c in others.cues)
    assert found(replace(others, cues=cues)) is None
    assert found(replace(others, cues=cues), own=True) is not None, "it lies where it was delivered"
    assert find_corrections(others, MASTER, "ja", ["netflix"]) is None
