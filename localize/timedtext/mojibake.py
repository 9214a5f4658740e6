"""Repair double encoding (mojibake): UTF-8 that was read in a code page and saved as UTF-8 again."""

from __future__ import annotations

import re

from .cues import Diagnostic

_LOOKED_AT = 1000
"""Lines from the whole file that a code page is looked for on."""

_MISREAD = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "mac_roman", "cp437", "cp850")
# Letters and marks that dialogue is written with; not what chance makes of two letters (phonetic signs, Syriac …).
_USUAL = re.compile(
    r"[\u0009\u0020-\u007e\u00a0-\u017f\u0192\u0218-\u021b\u0386-\u03ce\u0401-\u045f\u0490\u0491\u05b0-\u05ea\u0600-\u06cc\u0e01-\u0e5b"
    r"\u1ea0-\u1ef9\u2010-\u203a\u20ac\u2122\u2190-\u2193\u2669-\u266f\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef\ufeff]*"
)


def repair_mojibake(text: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """Reverse one double encoding ("BegoÃ±a"); the repaired lines are named."""
    if text.isascii():
        return text, ()
    lines = re.split(r"(\r\n|\r|\n)", text)
    odd = [at for at in range(0, len(lines), 2) if not lines[at].isascii()]
    # Looked for on lines from the whole file; where no page fits those, none fits the file.
    some = odd[:: max(1, len(odd) // _LOOKED_AT)]
    page = next((p for p in _MISREAD if sum(bool(_once_less(lines[at], p)) for at in some) * 2 > len(some)), "")
    if not page:
        return text, ()
    mended = {at: found for at in odd if (found := _once_less(lines[at], page))}
    letters = sum(char > "\x7f" for line in mended.values() for char in line)
    # One letter may be chance, but hardly with the marks that UTF-8 of Western letters leaves.
    if letters < (2 if page == "cp1252" else 3) and not any("Ã" in lines[at] for at in mended):
        return text, ()
    message = f"UTF-8 that was read as {page} and saved again: read once more"
    remarks = tuple(Diagnostic("mojibake", message, at // 2 + 1) for at in mended)
    return "".join(mended.get(at, line) for at, line in enumerate(lines)), remarks


def _once_less(line: str, page: str) -> str:
    """The line before it was encoded twice, "" where it was not."""
    try:
        raw = b"".join(bytes((ord(char),)) if "\u0080" <= char <= "\u009f" else char.encode(page) for char in line)
        text = raw.decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return ""
    return text if _USUAL.fullmatch(text) else ""
