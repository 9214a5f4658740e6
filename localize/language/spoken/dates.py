"""Dates, times of day, durations, years, decades."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .numerals import cardinal, digits, ordinal, year
from .tables import Table, any_of

_LONGEST_MONTHS = 31
_NUMERIC = re.compile(r"(?<![\w./,-])(\d{1,2})[ºª°]?([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\w/-]|[.,]\d)")
_ISO = re.compile(r"(?<![\w/-])(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?![\w/-])")

_MONTHS = "I II III IV V VI VII VIII IX X XI XII".split()
_ROMAN_MONTH = re.compile(rf"(?<![\w./-])(\d{{1,2}})([-./])({any_of(_MONTHS)})\2(\d{{4}})(?![\w/-])")
"""Such as "12-X-1492" (Ortografía VIII 2.4)."""


def say_dates(text: str, table: Table) -> str:
    """Numeric and ISO dates, days before or after the name of a month."""
    text = _ISO.sub(lambda m: _date(int(m.group(4)), int(m.group(3)), m.group(1), table) or m.group(), text)
    text = _NUMERIC.sub(lambda m: _numeric(m, table), text)
    text = _ROMAN_MONTH.sub(lambda m: _date(int(m[1]), _MONTHS.index(m[3]) + 1, m[4], table) or m.group(), text)
    text = _day_and_month(text, table)
    text = re.sub(
        r"(?<![\w/.,-])(\d{1,2})[ºo°]/(\d{1,2})(?![\w/]|[.,]\d)",
        lambda m: day_and_month(int(m[1]), int(m[2]), table) or m.group(),
        text,
    )
    text = _short_months(_month_and_year(text, table), table)
    return _named(text, table)


def _numeric(match: re.Match[str], table: Table) -> str:
    first, second, written = int(match.group(1)), int(match.group(3)), match.group(4)
    day, month = (second, first) if table.raw["calendar"]["order"] == "mdy" else (first, second)
    if month > 12:
        day, month = month, day
    return _date(day, month, written, table) or match.group()


def _date(day: int, month: int, written: str, table: Table) -> str:
    """A date in words; "" where there is no such day."""
    if not (1 <= day <= _LONGEST_MONTHS and 1 <= month <= 12):
        return ""
    value = int(written) if len(written) == 4 else int(written) + (2000 if int(written) < 30 else 1900)
    form: str = table.raw["calendar"]["date"]
    return form.format(d=_day(day, table), m=table.months[month - 1], y=year(value, table))


def _day(day: int, table: Table) -> str:
    if table.language == "en":
        return ordinal(day, table)
    return str(table.raw["calendar"]["first"]) if day == 1 else cardinal(day, table)


def _month_and_year(text: str, table: Table) -> str:
    """Such as "ago/2023", "07/1994"."""
    if table.language not in ("es", "pt"):
        return text

    def say(match: re.Match[str]) -> str:
        return f"{table.months[table.month_numbers[match[1].casefold()] - 1]} de {year(int(match[2]), table)}"

    text = re.sub(
        r"(?<![\w/.,-])(0[1-9]|1[0-2])/((?:19|20)\d\d)(?![\w/]|[.,]\d)",
        lambda m: f"{table.months[int(m[1]) - 1]} de {year(int(m[2]), table)}",
        text,
    )
    return re.sub(rf"(?<![\w/])({any_of(table.month_numbers)})\.?/(\d{{4}})(?![\w/])", say, text, flags=re.IGNORECASE)


def _short_months(text: str, table: Table) -> str:
    """Such as "Jan. a mar. de 2020", "ene.-mar. 2023", "feb. de 2024": months in short that no day stands before."""
    if table.language not in ("es", "pt"):
        return text
    short, to = any_of(table.raw["calendar"]["short"].split()), table.word("to")

    def full(name: str) -> str:
        return table.months[table.month_numbers[name.casefold()] - 1]

    pair = rf"(?<![\w/])(?<!\d )(?<!\d de )({short})(?:\. ?(?:[-–—/]|{to}) ?|[-–—/])({short})\b\.?"
    text = re.sub(pair, lambda m: f"{full(m[1])} {to} {full(m[2])}", text, flags=re.IGNORECASE)
    alone = rf"(?<![\w/])(?<!\d )(?<!\d de )({short})\.(?= (?:de |del )?\d{{4}}\b)"
    return re.sub(alone, lambda m: full(m[1]), text, flags=re.IGNORECASE)


def _day_and_month(text: str, table: Table) -> str:
    """Such as "el 24/12": a day and month without a year, after a word that asks for a date."""
    cues = table.words_of("calendar.cues") | table.words_of("calendar.weekdays")
    pattern = rf"\b({any_of(cues)},?) (\d{{1,2}})/(\d{{1,2}})(?![\w/]|[.,]\d)"

    def say(match: re.Match[str]) -> str:
        date = day_and_month(int(match.group(2)), int(match.group(3)), table)
        return f"{match.group(1)} {date}" if date else match.group()

    text = re.sub(pattern, say, text, flags=re.IGNORECASE)
    hour = r"(\d ?h(?:[0-5]\d)? d[eo]l? )(\d{1,2})/(\d{1,2})(?![\w/]|[.,]\d)"  # "às 20h de 3/4"
    text = re.sub(hour, lambda m: m[1] + (day_and_month(int(m[2]), int(m[3]), table) or f"{m[2]}/{m[3]}"), text)
    # A zero before a digit: no fraction is written so.
    zeros = r"(?<![\w/.,-])(?=0\d|\d\d/0)(\d\d)/(\d\d)(?![\w/]|[.,]\d)"
    return re.sub(zeros, lambda m: day_and_month(int(m[1]), int(m[2]), table) or m.group(), text)


def day_and_month(first: int, second: int, table: Table) -> str:
    """A date of two numbers in the language's order; "" where there is no such day."""
    day, month = (second, first) if table.raw["calendar"]["order"] == "mdy" else (first, second)
    if not (1 <= day <= _LONGEST_MONTHS and 1 <= month <= 12):
        return ""
    form: str = table.raw["calendar"]["day"]
    return form.format(d=_day(day, table), m=table.months[month - 1])


def _named(text: str, table: Table) -> str:
    """A day beside a month's name, in full or short, and the year after it."""
    names = any_of(table.month_numbers)
    if table.language == "en":
        return _named_english(text, names, table)
    if table.language == "it":
        text = re.sub(rf"\b([Ll]|[Aa]l|[Dd]al|[Dd]el|[Nn]el)l?'1 (?=(?:{names})\b)", _before_first, text)
    link = "(?:de )?" if table.language in ("es", "pt") else ""
    pattern = rf"(?<![\w/.,-])(\d{{1,2}})(?:\.?[ºo°]|\.?er)? ({link})({names})\b\.?(?: (de |del )?(\d{{4}})\b)?"

    def say(match: re.Match[str]) -> str:
        day, month = int(match.group(1)), match.group(3)
        short = month.casefold() not in {name.casefold() for name in table.months}
        if not 1 <= day <= _LONGEST_MONTHS:
            return match.group()
        named = table.months[table.month_numbers[month.casefold()] - 1] if short else month
        between = " de " if table.language in ("es", "pt") else " "
        link = " de " if match.group(4) else " "
        tail = f"{link}{year(int(match.group(5)), table)}" if match.group(5) else ""
        stop = "." if match.group().endswith(".") and not re.match(r"\s*\w", match.string[match.end() :]) else ""
        return f"{_day(day, table)}{between}{named}{tail}{stop}"

    return re.sub(pattern, say, text, flags=re.IGNORECASE)


def _before_first(match: re.Match[str]) -> str:
    """The article before "primo", where "l'1 maggio" is written."""
    return "il 1 " if match.group(1) == "l" else "Il 1 " if match.group(1) == "L" else f"{match.group(1)} 1 "


def _named_english(text: str, names: str, table: Table) -> str:
    """Such as "May 4", "May 4th, 2024", "4 May 2024", "Dec. 24"."""
    month = rf"({names})\b(\.)?"

    def full(name: str) -> str:
        return table.months[table.month_numbers[name.casefold()] - 1].capitalize()

    def after(match: re.Match[str]) -> str:
        name, _, day, written = match.groups()
        if not 1 <= int(day) <= _LONGEST_MONTHS or not name[0].isupper():
            return match.group()
        tail = f", {year(int(written), table)}" if written else ""
        return f"{full(name)} {_day(int(day), table)}{tail}"

    def before(match: re.Match[str]) -> str:
        day, name, _, written = match.groups()
        if not 1 <= int(day) <= _LONGEST_MONTHS or not name[0].isupper():
            return match.group()
        article = "" if re.search(r"\bthe $", match.string[: match.start()], re.IGNORECASE) else "the "
        tail = f" {year(int(written), table)}" if written else ""
        return f"{article}{_day(int(day), table)} of {full(name)}{tail}"

    text = re.sub(
        rf"\b{month} (\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.,/%]\d|[-–]\d)(?:,? (\d{{4}})\b)?",
        after,
        text,
        flags=re.IGNORECASE,
    )
    return re.sub(
        rf"(?<![\w/.,$£€-])(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{month}(?:,? (\d{{4}})\b)?",
        before,
        text,
        flags=re.IGNORECASE,
    )


# --- times -----------------------------------------------------------------------------------------------------------

_CLOCK = re.compile(
    r"(?<![\w.,:/-])(\d{1,2})(:| ?[hH] ?(?=\d\d)|\.(?=\d\d ?(?:h|hs|hrs)\b))([0-5]\d)(?![\d:]|[.,]\d)"
    r"(?: ?(min)\b| ?(h|hs|hrs)\b\.?)?"
)
_SPAN = re.compile(
    r"(?<![\w.,:/-])(\d{1,2}) ?h ?([0-5]\d)(?: ?['’′](?!\w)|(?= d[eiou]s? (?:voo|viagem|vuelo|viaje|volo|viaggio|vol|"
    r"route|trajet|atraso|retraso|ritardo|retard|duraci|duraç|filme|película|film|espera|attesa|attente|trabajo|trabalho)))"
)
"""A length of time by its sign of minutes, or by what takes it: "1 h 30'", "2h30 de voo"."""
_LASTED = re.compile(
    r"(?<![\w.,:/-])(?:(\d{1,3}) ?[hH] ?([0-5]?\d) ?m(?:ins?)?(?: ?([0-5]?\d) ?(?:s|segs?|secs?))?"
    r"|(\d{1,3}) ?m(?:ins?)?\.? ?([0-5]?\d) ?(?:s|segs?|secs?))(?!\w)"
)
"""A length of time by the letters of two or three of its parts: "2h 15m", "2h15min30s", "3m20s"."""
_HALF_DAY = r"([aApP])[.]?\s?[mM]\b[.]?"


def say_times(text: str, table: Table) -> str:
    """Times of day on either clock, and durations with seconds."""
    text = re.sub(
        r"(?<![\w.,:/-])(\d{1,2}):([0-5]\d):([0-5]\d)(?![\w:]|[.,]\d)",
        lambda m: duration([*map(int, m.groups())], table),
        text,
    )
    # Opening hours, "8h-18h": what joins two times.
    text = re.sub(
        r"(?<![\w.,:/-])(\d{1,2}(?:h(?:[0-5]\d)?|:[0-5]\d)) ?[-–] ?(?=\d{1,2}(?:h|:[0-5]\d))",
        rf"\1 {table.word('to')} ",
        text,
    )
    text = re.sub(rf"(\d\s?{_HALF_DAY}) ?[-–] ?(?=\d)", lambda m: f"{m[1]} {table.word('to')} ", text)
    half = rf"(?<![\w.,:/-])(\d{{1,2}})(?:[:.h]([0-5]\d))?\s?{_HALF_DAY}"
    text = re.sub(half, lambda m: _half_day(m, table), text)
    if table.language == "pt":  # a dose, "de 8/8 h"
        text = re.sub(r"(?<![\w/])(?:(de) )?(\d{1,2})/\2 ?(?=h\b|horas)", _every, text)
    text = _LASTED.sub(
        lambda m: duration([int(m[1] or 0), int(m[2] or m[4]), int(m[3] or m[5] or 0)], table),
        text,
    )
    if lasts := table.raw["clock"].get("lasts"):  # "em 1h05"
        text = re.sub(
            rf"\b((?i:{lasts})) (\d{{1,2}}) ?h ?([0-5]\d)(?: ?m(?:in)?)?(?![\w:]|[.,]\d)",
            lambda m: f"{m[1]} {duration([int(m[2]), int(m[3]), 0], table)}",
            text,
        )
    text = _SPAN.sub(lambda m: duration([int(m[1]), int(m[2]), 0], table), text)
    text = re.sub(_CLOCK, lambda m: _clock(m, table), text)
    if spoken := table.raw["clock"].get("cues"):
        pattern = rf"\b({spoken}) (\d{{1,2}})[.](\d\d)\b(?![.,]?\d)"
        text = re.sub(
            pattern,
            lambda m: f"{m.group(1)} {_time(int(m.group(2)), int(m.group(3)), table) or m.group()}",
            text,
            flags=re.IGNORECASE,
        )
    return text


def _every(match: re.Match[str]) -> str:
    return f"de {match[2]} em {match[2]} "


def duration(values: Sequence[int], table: Table) -> str:
    """Hours, minutes and seconds with their names."""
    parts = []
    for value, symbol in zip(values, ("h", "min", "s")):
        unit = table.units[symbol]
        if value == 1 and table.language == "it" and symbol == "h":
            parts.append(f"un'{unit.one}")
        elif value:
            parts.append(f"{cardinal(value, table, unit.gender)} {unit.one if value == 1 else unit.many}")
    if not parts:
        return cardinal(0, table)
    if len(parts) < 2:
        return parts[0]
    return f"{', '.join(parts[:-1])} {table.raw['clock']['and_seconds']} {parts[-1]}"


def _clock(match: re.Match[str], table: Table) -> str:
    hours, minutes = int(match.group(1)), int(match.group(3))
    if match.group(4):  # "3:20 min", but "3h20min"
        return duration([0, hours, minutes] if match.group(2) == ":" else [hours, minutes, 0], table)
    marked = match.group(2).strip() in ("h", "H") or match.group(5)
    said = _time(hours, minutes, table)
    if not said or (hours > 24 and not marked):
        return match.group()
    if not minutes and 0 < hours <= 12 and not marked and _FROM.search(match.string[: match.start()]):
        said = str(table.raw["clock"]["oclock"]).format(h=_hour(hours, table), hours=_hours(hours, table))
    if marked and not minutes:
        unit = table.units["h"]
        said = f"{cardinal(hours, table, unit.gender)} {_hours(hours, table)}"
    dot = "." if match.group().endswith(".") and not re.match(r"\s*[\w]", match.string[match.end() :]) else ""
    return said + dot


_FROM = re.compile(r"\b(?:de|desde|das|dalle|from)(?: las?)? $", re.IGNORECASE)
"""Before the first of two times nobody says "sharp"."""


def _time(hours: int, minutes: int, table: Table) -> str:
    """A time of day; "" where there is no such time."""
    if hours > 24 or minutes > 59:
        return ""
    forms = table.raw["clock"]
    form: str = forms["minutes"] if minutes else forms["full" if 0 < hours <= 12 else "full24"]
    if minutes and not hours and table.language == "pt":
        form = "{h} {hours} e {m}"  # "zero hora e trinta"
    return form.format(h=_hour(hours, table), m=_minutes(minutes, table), hours=_hours(hours, table))


def _hour(hours: int, table: Table) -> str:
    unit = table.units["h"]
    return cardinal(hours, table, unit.gender)


def _hours(hours: int, table: Table) -> str:
    unit = table.units["h"]
    return unit.one if hours == 1 or (hours == 0 and table.language in ("pt", "fr")) else unit.many


def _minutes(minutes: int, table: Table) -> str:
    zero = table.word("minute_zero")
    said = cardinal(minutes, table)
    return f"{zero} {said}" if zero and minutes < 10 else said


def _half_day(match: re.Match[str], table: Table) -> str:
    hours, minutes, half = int(match.group(1)), int(match.group(2) or 0), match.group(3).casefold()
    if not 1 <= hours <= 12:
        return match.group()
    forms = table.raw["clock"]
    form: str = forms["minutes"] if minutes else forms["oclock"]
    part = (
        "midnight"
        if half == "a" and hours == 12
        else "am"
        if half == "a"
        else "noon"
        if hours == 12
        else "night"
        if hours > 7
        else "pm"
    )
    said = form.format(h=_hour(hours, table), m=_minutes(minutes, table), hours=_hours(hours, table))
    dot = "." if match.group().endswith(".") and re.match(r"\s*(?:$|\n|[\"”»])", match.string[match.end() :]) else ""
    return f"{said} {forms.get(part, forms['am'])}{dot}"


# --- years -----------------------------------------------------------------------------------------------------------


def say_decades(text: str, table: Table) -> str:
    """Such as "the 90s", "los 80s": tens of years, before "s" is taken for seconds."""
    cue = "" if table.language == "en" else r"(?<=[oañ]s )"
    if table.language in ("en", "es", "pt"):
        text = re.sub(rf"(?<![\w.,]){cue}['’‘]?(\d{{2}}|\d{{4}})['’]?s\b", lambda m: _decade(m, table), text)
    return text


def say_years(text: str, table: Table) -> str:
    """Short years, "'70"; in English years alone are read as years too."""
    text = re.sub(r"(?<![\w'’.,])['’‘](\d{2})(?![\d\w'’])", lambda m: _short_year(m.group(1), table), text)
    if table.language == "en":
        text = re.sub(r"(?<![\w.,:/$£€#+-])(1[1-9]\d\d|20\d\d)(?![\w%°]|[.,:/-]?\d)", lambda m: _alone(m, table), text)
        text = _MEDIEVAL.sub(lambda m: f"{m[1]}{year(int(m[2]), table)}", text)
    return text


_MEDIEVAL = re.compile(
    r"\b((?i:year|in|since|until|from) )(10[1-9]\d)"
    r"(?=[.,;:!?)]?(?:$|\n| (?:[A-Z]|(?:and|to|when|the|at|by|with|he|she|they|we|it|was|is)\b)))"
)
"""Years before 1100, which are read as years after a word for a date alone: "in 1066", but "1066 people"."""


def _decade(match: re.Match[str], table: Table) -> str:
    value = int(match.group(1))
    if value % 10 or (value < 20 and len(match.group(1)) == 2):
        return match.group() if table.language != "en" or value % 100 else f"{year(value, table)}s"
    if table.language != "en":
        return f"{cardinal(value, table)}s" if value < 100 else cardinal(value, table)
    said = year(value, table)
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _short_year(written: str, table: Table) -> str:
    if written.startswith("0"):
        return f"oh {cardinal(int(written), table)}" if table.language == "en" else digits(written, table)
    return cardinal(int(written), table)


def _alone(match: re.Match[str], table: Table) -> str:
    value = int(match.group(1))
    return year(value, table) if value % 1000 > 9 else match.group()
