"""The sample of a file by which formats detect it: the beginning of its text or bytes, and its suffix."""

from __future__ import annotations

from dataclasses import dataclass, field

_EXAMPLE = 1 << 16


@dataclass(slots=True)
class Sample:
    """The beginning of a file.

    Args:
        data: the first bytes.
        text: the whole text; "" for bytes that are no text.
        suffix: of the name, lower case, with its dot.
    """

    data: bytes
    text: str
    suffix: str
    _lines: list[str] = field(default_factory=list)

    @property
    def head(self) -> str:
        """The first 65,536 characters, without space before them."""
        return self.text[:_EXAMPLE].lstrip()

    @property
    def lines(self) -> list[str]:
        """The first lines of sane length."""
        if not self._lines:
            found = self.text[:_EXAMPLE].replace("\r\n", "\n").replace("\r", "\n").split("\n", 4000)[:4000]
            self._lines = [line for line in found if len(line) < 400]
        return self._lines
