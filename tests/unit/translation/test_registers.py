"""Who speaks to whom, and the register that follows from it."""

from __future__ import annotations

import pytest

from localize.data import Segment, Span
from localize.translation.registers import addressees, genders_by_segment, registers_by_segment


def scene(*lines: tuple[str, float]) -> list[Segment]:
    """Lines of two seconds: who, and when in seconds."""
    return [
        Segment(f"s{at}", Span(int(start * 1000), int(start * 1000) + 2000), who, "You.")
        for at, (who, start) in enumerate(lines)
    ]


TALK = scene(("S1", 0), ("S2", 3), ("S2", 6), ("S1", 9), ("S3", 12), ("S1", 15), ("S2", 60))


def test_a_line_is_said_to_who_spoke_before_else_to_who_answers() -> None:
    assert addressees(TALK) == ("S2", "S1", "S1", "S2", "S1", "S3", "")


def test_the_closest_of_several_wishes_holds() -> None:
    wishes = {"*": "tu", "S1>S2": "usted", "S3>*": "ustedes", "*>S3": "vosotros"}
    assert registers_by_segment(TALK, wishes, {}) == (("usted", "tu", "tu", "usted", "ustedes", "vosotros", "tu"), ())


def test_people_are_known_by_name_and_by_id() -> None:
    names = {"S1": "Ana", "S2": "the judge"}
    found, strangers = registers_by_segment(TALK, {"ana > The Judge": "usted"}, names)
    assert found == ("usted", "", "", "usted", "", "", "")
    assert strangers == ()


@pytest.mark.parametrize("key", ["S9", "S1>S9", "S9 > S1"])
def test_who_is_not_there_is_told(key: str) -> None:
    assert registers_by_segment(TALK, {key: "usted"}, {}) == (("",) * len(TALK), ("S9",))


def test_where_nobody_wishes_nothing_is_wished() -> None:
    assert registers_by_segment(TALK, {}, {}) == (("",) * len(TALK), ())
    assert registers_by_segment([], {"*": "tu"}, {}) == ((), ())


def test_a_gender_that_a_person_gave_goes_before_the_voice() -> None:
    voices = {"s0": "male", "s1": "female", "s4": "robot"}
    found, strangers = genders_by_segment(TALK, {"ana": "female", "S9": "male"}, {"S1": "Ana"}, voices)
    assert found == ("female", "female", "", "female", "", "female", "")
    assert strangers == ("S9",)
    assert genders_by_segment(TALK[:1], {"S1": "unknown"}, {}, voices) == (("",), ())
