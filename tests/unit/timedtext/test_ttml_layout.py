"""TTML's regions, decorations and intervals, worked out by hand from TTML2."""

from __future__ import annotations

from fractions import Fraction

import pytest

from localize.timedtext.ttml_styles import Box, Styles, _add_decorations
from localize.timedtext.ttml_times import Clock, Interval, extent, interval
from localize.timedtext.ttml_tree import Node


def node(tag: str, *children: Node | str, **attributes: str) -> Node:
    return Node(tag, attributes, 1, 0, children=list(children))


@pytest.mark.parametrize(
    ("look", "box"),
    [
        ({}, (0.0, 0.0, 100.0, 100.0)),
        ({"origin": "10% 80%", "extent": "80% 15%"}, (10.0, 80.0, 80.0, 15.0)),
        ({"origin": "10rw 80rh", "extent": "80rw 15rh"}, (10.0, 80.0, 80.0, 15.0)),
        # Of 40 cells in 20 rows.
        ({"origin": "4c 16c", "extent": "32c 3c"}, (10.0, 80.0, 80.0, 15.0)),
        # Of 640 by 360 pixels.
        ({"origin": "64px 288px", "extent": "512px 54px"}, (10.0, 80.0, 80.0, 15.0)),
        # A length in a unit nobody knows, or one alone, is none.
        ({"origin": "4em 3em", "extent": "auto"}, (0.0, 0.0, 100.0, 100.0)),
        ({"origin": "10%", "extent": "80% 15%"}, (0.0, 0.0, 80.0, 15.0)),
        # A position is a share of the room that the region leaves: of 20 % across and 80 % down.
        ({"position": "50% 25%", "extent": "80% 20%"}, (10.0, 20.0, 80.0, 20.0)),
        ({"position": "right bottom", "extent": "80% 20%"}, (20.0, 80.0, 80.0, 20.0)),
        ({"position": "left", "extent": "80% 20%"}, (0.0, 40.0, 80.0, 20.0)),
        ({"position": "center top", "origin": "5% 5%", "extent": "80% 20%"}, (5.0, 5.0, 80.0, 20.0)),
    ],
)
def test_a_region_lies_where_its_lengths_say(look: dict[str, str], box: tuple[float, ...]) -> None:
    root = node("tt", cellResolution="40 20", extent="640px 360px")
    assert Styles(root).box(node("region", **look), "start") == Box(*box)


def test_cells_and_pixels_that_the_file_does_not_count_are_those_of_the_standard() -> None:
    """32 by 15 cells; where no size is written, or a senseless one, 1920 by 1080 pixels."""
    for root in (node("tt"), node("tt", cellResolution="0 -1", extent="wide high")):
        styles = Styles(root)
        assert styles.box(node("region", origin="16c 3c"), "start") == Box(50.0, 20.0)
        assert styles.box(node("region", origin="960px 270px"), "end") == Box(50.0, 25.0, text_align="end")


def test_styles_are_taken_by_reference_from_children_and_in_line_the_last_winning() -> None:
    base = node("style", id="base", color="red", fontStyle="italic", textAlign="left")
    named = node("style", id="loud", style="base", color="yellow")
    circle = node("style", id="circle", style="circle", color="lime")
    styles = Styles(node("tt", node("head", node("styling", base, named, circle))))
    inside = node("p", node("style", textAlign="right"), "Hello.", style="loud circle nobody", fontStyle="normal")
    assert styles.specified_look(inside) == {"color": "lime", "fontStyle": "normal", "textAlign": "right"}
    assert styles.computed_look(node("span"), {"color": "red", "origin": "0% 0%"}) == {"color": "red"}


@pytest.mark.parametrize(
    ("inherited", "specified", "found"),
    [
        ("", "underline", "underline"),
        ("underline", "lineThrough", "underline lineThrough"),
        ("underline", "noUnderline", "none"),
        ("underline lineThrough", "noLineThrough overline", "underline overline"),
        ("underline", "none", "none"),
        ("underline", "none overline", "overline"),
    ],
)
def test_decorations_add_up(inherited: str, specified: str, found: str) -> None:
    assert _add_decorations(inherited, specified) == found


@pytest.mark.parametrize(
    ("times", "begin", "end"),
    [
        ({}, 10, None),
        ({"begin": "2s"}, 12, None),
        ({"begin": "2s", "end": "5s"}, 12, 15),
        ({"begin": "2s", "dur": "5s"}, 12, 17),
        ({"begin": "2s", "dur": "5s", "end": "4s"}, 12, 14),
        ({"begin": "2s", "dur": "1s", "end": "4s"}, 12, 13),
        ({"end": "4s"}, 10, 14),
    ],
)
def test_an_element_is_shown_from_its_containers_begin(times: dict[str, str], begin: int, end: int | None) -> None:
    found = interval(node("p", **times), Clock(), Fraction(10))
    assert found == Interval(Fraction(begin), None if end is None else Fraction(end))


def test_a_time_that_cannot_be_read_shows_nothing() -> None:
    assert interval(node("p", begin="soon"), Clock(), Fraction(0)) is None


@pytest.mark.parametrize(
    ("inner", "outer", "found"),
    [
        ((2, 5), (0, 10), (2, 5)),
        ((2, None), (3, 10), (3, 10)),
        ((2, 12), (0, None), (2, 12)),
        ((2, 12), (3, 10), (3, 10)),
        ((0, None), (0, None), (0, None)),
    ],
)
def test_nothing_is_shown_longer_than_its_container(
    inner: tuple[int, int | None], outer: tuple[int, int | None], found: tuple[int, int | None]
) -> None:
    one, other, both = (Interval(Fraction(a), None if b is None else Fraction(b)) for a, b in (inner, outer, found))
    assert one.within(other) == both


def test_an_element_ends_when_the_last_of_its_content_does_and_a_sequence_one_after_the_other() -> None:
    rows = (node("p", dur="2s"), node("p", begin="1s", dur="3s"))
    at = Fraction(10)
    assert extent(node("div", *rows), Clock(), at) == 14  # 10 + 1 + 3
    assert extent(node("div", *rows, timeContainer="seq"), Clock(), at) == 16  # 10 + 2, then 1 + 3
    assert extent(node("div", *rows, end="1s"), Clock(), at) == 11
    assert extent(node("p", "Hello."), Clock(), at) is None, "text that nothing ends lasts as long as its container"
    assert extent(node("div", node("p", "Hello."), rows[0]), Clock(), at) is None


def test_an_interval_holds_its_begin_and_not_its_end() -> None:
    found = Interval(Fraction(1), Fraction(2))
    assert [found.covers(Fraction(at, 2)) for at in range(1, 5)] == [False, True, True, False]
    assert Interval(Fraction(1), None).covers(Fraction(10**9))
