"""English measurements in customary units said in metric ones, before a translator sees them.

Converted are lengths, heights, areas, weights, volumes, speeds and degrees Fahrenheit that are written with a number
and a unit, in figures or words, also as ranges, as feet and inches, and with a hyphen. A result is rounded as people
say it: the more, the rounder the number was ("60 mph" is "100 km/h", "62 mph" is "100 km/h", "62.3 mph" is "100.3").
Factors: NIST Special Publication 811 (2008), appendix B.

What may mean something else stays as it is, with a warning: pounds that may be money, degrees without a scale, fuel
use.
Left alone: titles and names ("8 Mile"), screens and wheels (sold in inches), sayings, sports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from ..data import Conversion, Edits, Transcript
from ..events import Run
from ..language.numbers import BELOW_TWENTY, TENS, number_words
from ..language.tags import main_language

_BELOW_TWENTY, _TENS, _WORDS = BELOW_TWENTY["en"], TENS["en"], number_words("en")
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_FRACTIONS = {"½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3)}

_FIGURE = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?:\d+ )?[13]/[24]|\d+(?:\.\d+)?[½¼¾⅓⅔]?|[½¼¾⅓⅔]"
_NUMBER_WORD = "|".join((*_WORDS, *_SCALES))
_SPELLED = rf"(?:a (?=hundred|thousand|million))?\b(?:{_NUMBER_WORD})(?:[ -](?:and )?(?:{_NUMBER_WORD}))*\b"
_SCALED = rf"(?:{_FIGURE})(?: (?:hundred|thousand|million)\b)?"
_AMOUNT = rf"(?:(?:{_SCALED}|(?i:{_SPELLED}))(?: and a half)?|\b[Hh]alf an?)"
_RANGE = r"(?: ?[-–] ?| to | or | and )"


@dataclass(frozen=True, slots=True)
class _Unit:
    """A customary unit.

    Args:
        pattern: the words and abbreviations for it.
        short: how its abbreviations begin; they are answered by an abbreviation.
        metric: (from how many of it on, factor, singular, plural, abbreviation), the largest first.
    """

    pattern: str
    short: str
    metric: tuple[tuple[int, Fraction, str, str, str], ...]


def _unit(pattern: str, short: str, factor: str, one: str, many: str, sign: str) -> _Unit:
    return _Unit(pattern, short, ((0, Fraction(factor), one, many, sign),))


_FEET = r"(?:feet|foot|ft\.?)"
_UNITS = (
    _unit(r"miles?[- ](?:an|per)[- ]hour|mph|MPH", "mph", "1.609344", "kilometer per hour", "kilometers per hour",
          "km/h"),
    _unit(r"square miles?|sq\.? mi\.?", r"sq\b", "2.589988110336", "square kilometer", "square kilometers", "km²"),
    _unit(rf"square {_FEET}|sq\.? ft\.?", r"sq\b", "0.09290304", "square meter", "square meters", "m²"),
    _unit(r"square yards?", "-", "0.83612736", "square meter", "square meters", "m²"),
    _unit(r"acres?", "-", "0.40468564224", "hectare", "hectares", "ha"),
    _unit(r"miles?", "-", "1.609344", "kilometer", "kilometers", "km"),
    _unit(r"yards?|yds?\.?", "yd", "0.9144", "meter", "meters", "m"),
    _Unit(_FEET, "ft", ((1, Fraction("0.3048"), "meter", "meters", "m"),
                        (0, Fraction("30.48"), "centimeter", "centimeters", "cm"))),
    _unit(r"inch(?:es)?", "-", "2.54", "centimeter", "centimeters", "cm"),
    _Unit(r"pounds?|lbs?\.?", "lb", ((1, Fraction("0.45359237"), "kilo", "kilos", "kg"),
                                     (0, Fraction("453.59237"), "gram", "grams", "g"))),
    _unit(r"fluid ounces?|fl\.? oz\.?", r"fl\b", "29.5735295625", "milliliter", "milliliters", "ml"),
    _unit(r"ounces?|oz\.?", "oz", "28.349523125", "gram", "grams", "g"),
    _unit(r"gallons?|gals?\.?", "gal(?!l)", "3.785411784", "liter", "liters", "l"),
)  # fmt: skip
_MEASURE = re.compile(
    rf"(?<![\w.,/$£€])(?:(?P<low>{_AMOUNT})(?P<joint> ?[-–] ?| to | or | and ))?(?P<high>{_AMOUNT})(?P<gap>[- ]?)"
    rf"(?:{'|'.join(f'(?P<u{number}>{unit.pattern})' for number, unit in enumerate(_UNITS))})(?!\w)"
)
_DEGREES = re.compile(
    rf"(?<![\w.,/])(?:(?P<low>[-−]?{_AMOUNT})(?P<joint> ?[-–] ?| to | or | and ))?(?P<high>[-−]?{_AMOUNT})"
    r"(?: ?°? ?F(?!\w)|(?P<word>[- ]degrees? [Ff]ahrenheit))"
)
_COUNT = rf"\d{{1,2}}|{'|'.join(_BELOW_TWENTY)}"
_HEIGHT = re.compile(
    rf"(?<![\w.,/])(?P<feet>{_COUNT})(?P<mark>['’′] ?|[ -]{_FEET},?[ -](?:and )?)(?P<inches>{_COUNT})"
    r"(?P<sign>[\"”″]|''|’’|[ -]?(?:inch(?:es)?|in\.))?(?!\w)"
)
_FUEL = re.compile(rf"(?:{_AMOUNT}) ?(?:mpg|miles (?:per|to the) gallon)\b")
_NO_SCALE = re.compile(
    rf"(?:{_AMOUNT}) degrees?\b(?! (?:[CcFf]|of\b|north|south|east|west|angle|to the))|\b\d+ ?°(?! ?[CF])"
)
_HEAVY = re.compile(
    r"\b(?:weigh\w*|heav\w+|lost|lose|losing|gain\w*|lift\w*|bench\w*|overweight|put on|soaking wet|pounds of)\b"
)
_LEFT = re.compile(
    r"\b(?:six feet under|whole nine yards|(?:ten|10)[- ]foot pole|country mile|"
    r"\d+[- ]yard (?:line|dash|run|pass|penalty|field goal)|\d+(?:\.\d+)?[- ]inch(?:es)? (?:tvs?|television|screen|"
    r"monitor|display|laptop|wheels?|rims?)|cubic (?:feet|foot|inch|inches|yards?))\b",
    re.IGNORECASE,
)
_TOLERANCES = (Fraction(4, 100), Fraction(2, 100), Fraction(1, 200))
"""How far a rounded value may be off, by the digits that the number given had before its zeros: one, two, more."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A text in metric units: what was changed, (before, after), and what may be a measurement and was left."""

    text: str
    changes: tuple[tuple[str, str], ...] = ()
    doubtful: tuple[str, ...] = ()


def to_metric(text: str) -> Metric:
    """An English text with its customary measurements in metric units."""
    work = _Work(text)
    made = _LEFT.sub(lambda match: work.hold(match[0]), text)
    made = _DEGREES.sub(work.degrees, made)
    made = _FUEL.sub(work.doubt, made)
    made = _NO_SCALE.sub(work.doubt, made)
    made = _HEIGHT.sub(work.height, made)
    made = _MEASURE.sub(work.measure, made)
    return Metric(work.released(made), tuple(work.changes), tuple(work.doubtful))


class _Work:
    """One text while it is converted; what is settled is held out of it, so that nothing is converted twice."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.held: list[str] = []
        self.changes: list[tuple[str, str]] = []
        self.doubtful: list[str] = []

    def hold(self, text: str) -> str:
        self.held.append(text)
        return f"\x00{len(self.held) - 1}\x00"

    def released(self, text: str) -> str:
        return re.sub("\x00(\\d+)\x00", lambda match: self.released(self.held[int(match[1])]), text)

    def doubt(self, match: re.Match[str]) -> str:
        self.doubtful.append(match[0])
        return self.hold(match[0])

    def changed(self, match: re.Match[str], after: str) -> str:
        self.changes.append((match[0], after))
        return self.hold(after)

    def degrees(self, match: re.Match[str]) -> str:
        low, high = match["low"], match["high"]
        said = _celsius(high) if low is None else f"{_celsius(low)}{match['joint']}{_celsius(high)}"
        return self.changed(match, f"{said}{' degrees Celsius' if match['word'] else ' °C'}")

    def height(self, match: re.Match[str]) -> str:
        sure = match["sign"] or "f" in match["mark"] or re.match(r"\W*(?:tall|high)\b", self.text[match.end() :])
        if not sure and int(_amount(match["inches"])) > 11:
            return match[0]
        meters = (_amount(match["feet"]) * 12 + _amount(match["inches"])) * Fraction("0.0254")
        sign = " m" if match["mark"].strip() in ("'", "’", "′") else " meters"
        adjective = match["mark"].startswith("-") and sign != " m"
        return self.changed(match, f"{float(meters):.2f}".rstrip("0").rstrip(".") + ("-meter" if adjective else sign))

    def measure(self, match: re.Match[str]) -> str:
        unit = next(unit for number, unit in enumerate(_UNITS) if match[f"u{number}"])
        name = next(match[f"u{number}"] for number in range(len(_UNITS)) if match[f"u{number}"])
        if match["high"].casefold() == "one" and name.endswith(("miles", "feet", "yards", "inches", "pounds")):
            return match[0]  # "that one miles away"
        if name.startswith("pound") and not (_HEAVY.search(self.text) or self.text[match.end() :].startswith(" of ")):
            return self.doubt(match)
        return self.changed(match, _measured(match, unit, name))


def _measured(match: re.Match[str], unit: _Unit, name: str) -> str:
    low_text, high_text = match["low"], match["high"]
    if low_text is not None and _one_number(low_text.casefold(), match["joint"], high_text.casefold()):
        low_text, high_text = None, f"{low_text} {high_text}"
    high = _amount(high_text)
    _, factor, one, many, sign = next(way for way in unit.metric if high >= way[0])
    value = round_as_said(high * factor, high)
    said = _written(value)
    if low_text is not None:
        low = _amount(low_text)
        said = f"{_written(round_as_said(low * factor, low))}{match['joint']}{said}"
    if re.match(unit.short, name, re.IGNORECASE):
        return f"{said} {sign}"
    if match["gap"] == "-":
        return f"{said}-{one}" if " " not in one else f"{said} {sign}"
    return f"{said} {one if value == 1 else many}"


def _one_number(low: str, joint: str, high: str) -> bool:
    """Whether what looks like a range is one number: "a hundred and twenty", "twenty-five"."""
    return (joint == " and " and low.endswith(tuple(_SCALES))) or (
        joint == "-" and low.endswith(tuple(_TENS)) and high in _BELOW_TWENTY[1:10]
    )


def _celsius(amount: str) -> str:
    minus = amount[0] in "-−"
    given = -_amount(amount[1:]) if minus else _amount(amount)
    value = (given - 32) * 5 / 9
    whole = round_as_said(value, given) if value >= 100 else Fraction(round(value))
    return _written(whole)


def round_as_said(value: Fraction, given: Fraction) -> Fraction:
    """A value as people say it: with as few digits as it can have and be off by no more than the number that it was
    computed from was round.

    Args:
        value: to be rounded, over 0.
        given: the number it comes from.
    """
    whole = given.denominator == 1
    digits = len(str(given.numerator).rstrip("0")) if whole else 2 if given.denominator in (2, 4) else 3
    tolerance = _TOLERANCES[min(digits, 3) - 1] if digits else _TOLERANCES[0]
    for power in range(9, -4, -1):
        for step in (Fraction(10) ** power, Fraction(10) ** power / 2):
            rounded = round(value / step) * step
            if rounded and abs(rounded - value) <= tolerance * value:
                return rounded
    return value


def _written(value: Fraction) -> str:
    if value >= 1_000_000 and (value / 100_000).denominator == 1:
        return f"{float(value / 1_000_000):g} million"
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.3f}".rstrip("0").rstrip(".")


def _amount(text: str) -> Fraction:
    """The value of a number in figures or words."""
    text = text.casefold().strip()
    if text.startswith("half"):
        return Fraction(1, 2)
    half = text.endswith(" and a half")
    text = text.removesuffix(" and a half")
    figures = re.match(rf"(?:{_FIGURE})", text)
    scale = next((value for name, value in _SCALES.items() if text.endswith(name)), 1)
    if figures is None:
        return _spelled(text) + (Fraction(1, 2) if half else 0)
    return (_figures(figures[0]) + (Fraction(1, 2) if half else 0)) * scale


def _figures(text: str) -> Fraction:
    whole, _, part = text.replace(",", "").rpartition(" ")
    if "/" in part:
        return Fraction(whole or 0) + Fraction(part)
    share = _FRACTIONS.get(part[-1], Fraction(0))
    digits = part[:-1] if share else part
    return (Fraction(digits) if digits else Fraction(0)) + share


def _spelled(text: str) -> Fraction:
    total = current = 0
    for word in re.findall(r"[a-z]+", text):
        if word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALES:
            total, current = total + (current or 1) * _SCALES[word], 0
        else:
            current += _WORDS.get(word, 0)
    return Fraction(total + current)


def in_metric_units(
    run: Run, transcript: Transcript, edits: Edits, to: str, sheet: str
) -> tuple[Transcript, Edits, tuple[Conversion, ...]]:
    """A transcript as a translator gets it, with metric measurements; warns of what may be one and was left.

    Args:
        run: warns of lines that a person should look at.
        transcript: as said.
        edits: lines that have their translation are left alone; a corrected source is converted too.
        to: the language translated into.
        sheet: name of the style sheet that asks for it.
    """
    if main_language(transcript.language) != "en" or main_language(to) == "en":
        run.warn("units", f"{sheet}: units are converted from English into other languages only; here they are kept")
        return transcript, edits, ()
    given = {edit.segment for edit in edits.edits if to in edit.translation}
    segments, changes, doubtful = [], [], []
    for segment in transcript.segments:
        skipped = segment.id in given or segment.language
        made = Metric(segment.text) if skipped else to_metric(segment.text)
        segments.append(replace(segment, text=made.text, words=()) if made.changes else segment)
        changes += [Conversion(segment.id, before, after) for before, after in made.changes]
        doubtful += [f"{segment.id} ({', '.join(made.doubtful)})"] if made.doubtful else []
    if doubtful:
        run.warn("units_doubtful", f"these may be measurements, and stay as they are: {'; '.join(doubtful)}")
    sources = tuple(edit if edit.source is None else replace(edit, source=to_metric(edit.source).text)
                    for edit in edits.edits)  # fmt: skip
    return replace(transcript, segments=tuple(segments)), Edits(sources), tuple(changes)
