"""Customary units said in metric ones: every unit, as people round, and what is no measurement left alone."""

from __future__ import annotations

import pytest

from localize.data import Conversion, Edit, Edits, Segment, Span, Transcript
from localize.events import Run
from localize.translation.measurements import in_metric_units, to_metric

CONVERTED = """
He was doing 60 mph. -> He was doing 100 km/h.
Winds of 50 to 60 miles an hour. -> Winds of 80 to 100 kilometers per hour.
60-mile-an-hour winds -> 100 km/h winds
62 mph -> 100 km/h
It's thirty miles from here. -> It's 50 kilometers from here.
Thirty feet. -> 9 meters.
a hundred and twenty miles -> 190 kilometers
one hundred twenty-five pounds of flour -> 56.5 kilos of flour
half a mile away -> 0.8 kilometers away
two and a half miles -> 4 kilometers
2 1/2 miles -> 4 kilometers
3/4 mile -> 1.2 kilometers
12.5 miles -> 20 kilometers
between 5 and 10 miles -> between 8 and 16 kilometers
two or three miles -> 3.2 or 5 kilometers
a million miles -> 1.6 million kilometers
3,000 feet -> 900 meters
six inches -> 15 centimeters
100 yards -> 90 meters
a 20-foot wall -> a 6-meter wall
He's 5'10" and weighs 180 pounds. -> He's 1.78 m and weighs 82 kilos.
She is six feet two inches tall. -> She is 1.88 meters tall.
a five-foot-ten man -> a 1.78-meter man
I lost 20 pounds. -> I lost 9 kilos.
3 lbs of beef -> 1.4 kg of beef
8 oz. of butter -> 230 g of butter
5 gallons of water -> 19 liters of water
1,500 sq ft -> 140 m²
1,000 square feet -> 90 square meters
500 acres -> 200 hectares
It's 100 °F outside. -> It's 38 °C outside.
It's 98.6 degrees Fahrenheit. -> It's 37 degrees Celsius.
It's -10 °F. -> It's -23 °C.
50 to 60 °F -> 10 to 16 °C
350 °F -> 180 °C
"""
KEPT = """
I saw 8 Mile yesterday.
He's six feet under.
I wouldn't touch it with a ten-foot pole.
the whole nine yards
The 50-yard line.
a 40-inch TV
Route 66
She won by miles.
That one miles away.
Give me $20.
3 cubic feet
It is 20 °C.
Chapter 5: feet
5 kilos, 3 meters
"""
DOUBTFUL = """
It costs 20 pounds. | 20 pounds
It's 90 degrees out there. | 90 degrees
My car gets 30 miles per gallon. | 30 miles per gallon
"""


@pytest.mark.parametrize("row", CONVERTED.strip().splitlines())
def test_measurements_are_converted_and_rounded_as_people_say_them(row: str) -> None:
    before, after = row.split(" -> ")
    made = to_metric(before)
    assert made.text == after
    assert made.changes


@pytest.mark.parametrize("text", KEPT.strip().splitlines())
def test_what_is_no_measurement_stays(text: str) -> None:
    assert to_metric(text).text == text
    assert not to_metric(text).doubtful


@pytest.mark.parametrize("row", DOUBTFUL.strip().splitlines())
def test_what_may_be_one_stays_and_is_told(row: str) -> None:
    text, told = row.split(" | ")
    assert to_metric(text).text == text
    assert to_metric(text).doubtful == (told,)


def film(*texts: str) -> Transcript:
    return Transcript("en", tuple(Segment(f"s{n:04}", Span(n, n + 1), "S1", t) for n, t in enumerate(texts, 1)))


def test_lines_of_a_film_are_converted_but_for_those_that_are_given(run: Run) -> None:
    edits = Edits((Edit("s0002", translation={"es": "A 60 millas."}), Edit("s0003", source="10 miles.")))
    made, changed, found = in_metric_units(
        run, film("60 mph.", "60 miles.", "5 miles.", "20 pounds."), edits, "es", "s.toml"
    )
    assert [s.text for s in made.segments] == ["100 km/h.", "60 miles.", "8 kilometers.", "20 pounds."]
    assert changed.edits[1].source == "16 kilometers."
    assert found == (Conversion("s0001", "60 mph", "100 km/h"), Conversion("s0003", "5 miles", "8 kilometers"))
    assert ["s0004 (20 pounds)" in warning.message for warning in run.warnings] == [True]


def test_only_english_is_converted_and_that_is_told(run: Run) -> None:
    spanish = Transcript("es", film("10 miles").segments)
    assert in_metric_units(run, spanish, Edits(), "pt", "s.toml") == (spanish, Edits(), ())
    assert [warning.code for warning in run.warnings] == ["units"]
