"""Numbers of a workbook as its cells show them, where they are dates or shares: a serial number of days, a fraction.

Source: ECMA-376 part 1, 18.8.30 (numFmt: the codes and the built-in numbers), 18.17.4 (dates: days since the end of
1899, where a day too many, 29 February 1900, counts; or since 1904).
"""

from __future__ import annotations

import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from .xml_reading import read_zip_records

Kind = Literal["", "date", "share"]
LARGEST_STYLES = 16_000_000
"""Bytes of the part that tells the formats."""
MOST_FORMATS = 65_000
"""Formats of cells in a workbook: the limit of the program itself is 65,490."""
_BUILT_IN: dict[int, Kind] = {9: "share", 10: "share", 14: "date", 15: "date", 16: "date", 17: "date", 22: "date"}
_LATEST = 2_958_465
"""The serial number of 31 December 9999."""
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


@dataclass(frozen=True, slots=True)
class NumberFormats:
    """How the cells of a workbook show numbers.

    Args:
        kinds: by the number of a cell's format.
        from_1904: days are counted from 1904.
    """

    kinds: tuple[Kind, ...] = ()
    from_1904: bool = False

    def shown(self, text: str, number: str) -> str:
        """A stored number as a person reads it: a date as YYYY-MM-DD, a share in per cent; any other as it is.

        Args:
            text: as it is stored.
            number: of the cell's format, as the cell says it.
        """
        kind = self.kinds[int(number)] if number.isdecimal() and int(number) < len(self.kinds) else ""
        with suppress(ValueError):
            value = float(text) if kind else 0.0
            if kind == "share":
                return f"{round(100 * value, 6):.10g}%"
            if kind == "date" and 1 <= value <= _LATEST:  # below it is a time of day
                return self._date(int(value)).isoformat()
        return text

    def _date(self, days: int) -> date:
        if self.from_1904:
            return date(1904, 1, 1) + timedelta(days)
        return date(1899, 12, 31) + timedelta(days - (days > 59))


def read_number_formats(file: zipfile.ZipFile) -> NumberFormats:
    """The formats of a workbook's cells; none where it has no styles.

    Raises:
        ValueError: the part that tells them cannot be read.
    """
    if "xl/styles.xml" not in file.namelist():
        return NumberFormats()
    own: dict[int, Kind] = {}
    kinds: list[Kind] = []
    for record in read_zip_records(file, "xl/styles.xml", ("numFmt", "cellXfs"), limit=LARGEST_STYLES):
        if record.tag == "numFmt":
            own[_number(record.attributes.get("numFmtId", ""))] = _kind(record.attributes.get("formatCode", ""))
            continue
        for cell in record.elements("xf"):
            number = _number(cell.attributes.get("numFmtId", ""))
            kinds.append(own.get(number, _BUILT_IN.get(number, "")))
            if len(kinds) > MOST_FORMATS:
                raise ValueError(f"it has more than {MOST_FORMATS} formats of cells")
    book = read_zip_records(file, "xl/workbook.xml", (), heads=("workbookPr",), limit=LARGEST_STYLES)
    from_1904 = any(record.attributes.get("date1904") in ("1", "true") for record in book)
    return NumberFormats(tuple(kinds), from_1904)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else -1


def _kind(code: str) -> Kind:
    """What a format's code shows: "0.0%" a share, "d mmm yyyy" a date; "h:mm:ss" is a time of day, which stays."""
    bare = _QUOTED.sub("", code.partition(";")[0]).casefold()
    if "%" in bare:
        return "share"
    return "date" if "y" in bare or ("d" in bare and "m" in bare) else ""
