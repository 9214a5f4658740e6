"""Detect the encoding of a subtitle file from its bytes, language and letters, and decode it.

Over 400 lines: one decision, whose steps are read together. Byte order marks and valid UTF-8 decide alone. What is left
is ranked by chardet (letter pairs of some fifty languages) over the whole file; the language in the file's name, the
letters that language is written with, and what no text holds (C1 controls, letters of two alphabets in a word, a
capital inside a word) correct the ranking. Two readings that remain near each other are a `MediaError` that names
them: text is never guessed.
"""

from __future__ import annotations

import codecs
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import PurePath

from ..errors import MediaError, UsageError
from .cues import Diagnostic
from .mojibake import repair_mojibake

SURE = 1.06
"""A reading is taken where its score is so many times that of the next one."""
SURE_OF_LANGUAGE = 1.005
"""The same for two readings in the language the file's name tells."""
WEAKEST = 0.005
"""Below this score a reading looks like no language at all."""
_OF_LANGUAGE = 4.0
"""The language of the name holds unless another language scores so many times as high."""
_MOST_NAMED = 4
_FEW = 2.0
_ENOUGH = 5
"""Lines with letters beyond ASCII, of which one may be damaged; a twentieth of more."""
_MOST_DAMAGES = 6
_LOOKED_AT = 1000
_RARE = frozenset({"cp437", "cp850", "cp860", "cp861", "cp863", "cp865", "mac_roman", "mac_iceland"})
_RARITY = 0.85
"""Of readings that are alike otherwise, Western code pages of DOS and of old Macs are the less likely ones today."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ESCAPED = ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_ext", "iso2022_kr", "hz")
QUALIFIERS = frozenset({"sdh", "cc", "forced", "default", "full", "subs", "sub"})
"""What a file's name may end with after its language."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file.

    Args:
        text: without byte order marks; line ends as in the file.
        encoding: the codec it was read with.
        language: main language subtag that took part in the choice, from the name; "" where there was none.
        repairs: what was replaced, taken out or had to be found out, with the line of the file (from 1).
        candidates: the codecs that were in question, the likeliest first; empty where nothing was.
    """

    text: str
    encoding: str
    language: str = ""
    repairs: tuple[Diagnostic, ...] = ()
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodePages:
    """How a language was written before Unicode: codecs, the likeliest first, and its letters beside a to z."""

    pages: tuple[str, ...]
    letters: re.Pattern[str]


def byte_order_mark(data: bytes) -> bytes:
    """The byte order mark a file starts with; none where it has none."""
    return next((mark for mark, _ in _MARKS if data.startswith(mark)), b"")


def decode(data: bytes, *, name: str = "", encoding: str | None = None) -> Decoded:
    """The text of a file's bytes.

    Args:
        data: the whole file.
        name: of the file; a language in it ("film.cs.srt") takes part, and messages start with it.
        encoding: a codec's name where somebody knows it; then nothing is found out.

    Raises:
        MediaError: no encoding can be told; the candidates are named.
        UsageError: nobody knows the encoding that was asked for.
    """
    language = language_in(name)
    known = _canonical_name(encoding) if encoding else ""
    for mark, codec in _MARKS:
        if data.startswith(mark):  # the file says it itself
            return _repair_text(data[len(mark) :], codec, language)
    if known:
        return _repair_text(data, known, language)
    if codec := _detect_utf16(data):
        return _repair_text(data, codec, language)
    if codec := _detect_escapes(data):
        return _repair_text(data, codec, language, (Diagnostic("encoding", f"not UTF-8: read as {codec}", 1),))
    if _is_utf8(data):
        return _repair_text(data, "utf-8", language)
    if codec := _read_declaration(data):
        return _repair_text(data, codec, language)
    return _legacy(data, name, language)


def language_in(name: str) -> str:
    """The main subtag of the language a file's name tells: "cs" of "film.cs.sdh.srt" or "film.Czech.srt", else ""."""
    parts = [part.lower() for part in re.split(r"[._ \[\]()]", PurePath(name.replace("\0", "")).stem) if part][1:]
    while parts and parts[-1] in QUALIFIERS:
        parts.pop()
    tag = parts[-1] if parts else ""
    main = re.split(r"[-_]", tag)[0]
    return next((found for found in (_names().get(tag), _names().get(main)) if found), "")


@cache
def code_pages() -> Mapping[str, CodePages]:
    """Code pages and letters by language."""
    return {
        language: CodePages(tuple(row["pages"]), re.compile(rf"[{row['letters']}]", re.IGNORECASE))
        for language, row in _table().items()
    }


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("codepages.toml").read_text(encoding="utf-8"))


@cache
def _names() -> dict[str, str]:
    return {name: language for language, row in _table().items() for name in (language, *row["names"])}


# --- what needs no guess ---------------------------------------------------------------------------------------------


def _canonical_name(encoding: str) -> str:
    try:
        info = codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise UsageError(
            f"unknown encoding {encoding!r}: give a name such as utf-8, cp1250, iso8859-2, koi8-r, shift_jis, big5"
        ) from error
    if not getattr(info, "_is_text_encoding", True):
        raise UsageError(f"{encoding!r} is no encoding of text")
    return info.name


def _repair_text(data: bytes, codec: str, language: str, remarks: tuple[Diagnostic, ...] = ()) -> Decoded:
    """The text with its damage replaced, marks inside taken out and double encoding undone, each with a remark."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        text = data.decode(codec, errors="replace")
        remarks = (*remarks, *_find_replaced(text, codec))
    if codec == "cp1258":  # it writes tones apart from their vowels
        text = unicodedata.normalize("NFC", text)
    text, marks = _without_marks(text)
    text, mended = repair_mojibake(text)
    return Decoded(text, codec, language, (*remarks, *marks, *mended))


def _find_replaced(text: str, codec: str) -> Iterable[Diagnostic]:
    for number, line in enumerate(_lines(text), 1):
        if count := line.count("\ufffd"):
            what = "a byte that is" if count == 1 else f"{count} bytes that are"
            yield Diagnostic("encoding", f"{what} no {codec} replaced by U+FFFD", number, loss=True)


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _without_marks(text: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """Files put together carry a byte order mark each. WebVTT says itself what a second one means."""
    if "\ufeff" not in text or text.lstrip("\ufeff").startswith("WEBVTT"):
        return text, ()
    found = (number for number, line in enumerate(_lines(text), 1) if "\ufeff" in line)
    message = "a byte order mark inside the text was taken out"
    return text.replace("\ufeff", ""), tuple(Diagnostic("encoding", message, number) for number in found)


def _detect_utf16(data: bytes) -> str:
    """UTF-16 whose times and line ends, which are ASCII, leave every other byte zero."""
    sample = data[:4096]
    if len(sample) < 8:
        return ""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    # A NUL is no letter of any other encoding; ASCII is at least the share of times and numbers.
    if odd > len(sample) * 0.08 and even <= odd // 50:
        return "utf-16-le"
    if even > len(sample) * 0.08 and odd <= even // 50:
        return "utf-16-be"
    return ""


def _detect_escapes(data: bytes) -> str:
    """7-bit codes that shift by escapes (ISO 2022, HZ)."""
    if not data.isascii() or not re.search(rb"\x1b[$(]|\x0e|~\{", data):
        return ""
    import chardet

    found = chardet.detect(data, max_bytes=len(data), compat_names=False)["encoding"] or ""
    return found if found in _ESCAPED and _strict(data, found) is not None else ""


_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def _is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8, some of them perhaps damaged: chance makes no run of valid sequences."""
    if _strict(data, "utf-8") is not None:
        return True
    rest = _MULTIBYTE.sub(b"", data)
    bad = sum(byte > 127 for byte in rest)
    return len(_MULTIBYTE.findall(data)) >= 2 * bad


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _read_declaration(data: bytes) -> str:
    """What an XML declaration says, where it is true; browsers read ISO-8859-1 as Windows-1252 (WHATWG Encoding)."""
    found = re.match(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']", data[:400])
    if found is None:
        return ""
    try:
        codec = _canonical_name(found.group(1).decode("ascii"))
    except UsageError:
        return ""
    codec = "cp1252" if codec in ("iso8859-1", "ascii") and _strict(data, "cp1252") is not None else codec
    return codec if codec != "utf-8" and _strict(data, codec) is not None else ""


# --- legacy code pages -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read the bytes, and the codecs that all read them so."""

    text: str
    codecs: tuple[str, ...]
    score: float
    language: str
    own: bool
    """whether the codecs are of the language in the file's name"""


def _legacy(data: bytes, name: str, language: str) -> Decoded:
    readings = _readings(data, language)
    named = tuple(reading.codecs[0] for reading in readings[:_MOST_NAMED])
    if not _is_decided(readings, language):
        raise MediaError(
            f"{name or 'the file'}: its encoding cannot be determined; "
            + (f"it may be {_list_names(named)}: " if named else "")
            + "say which with --encoding"
            + ("" if language else ", or name the file by its language (film.cs.srt)"),
            file=name,
            candidates=named,
        )
    found = _repair_text(data, named[0], language, (Diagnostic("encoding", f"not UTF-8: read as {named[0]}", 1),))
    return replace(found, candidates=named)


def _list_names(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _is_decided(readings: list[_Reading], language: str) -> bool:
    if not readings or readings[0].score < WEAKEST:
        return False
    if len(readings) == 1:
        return True
    first, second = readings[:2]
    evidence = sum(char > "\x7f" for char in first.text)
    # Two letters beyond ASCII prove little.
    need = (SURE_OF_LANGUAGE if language and first.own else SURE) + _FEW / max(1, evidence) ** 2
    return first.score >= need * second.score


def _readings(data: bytes, language: str) -> list[_Reading]:
    """Every way to read the bytes, the likeliest first."""
    lines = _dialogue(data)
    own = code_pages()[language].pages if language else ()
    trusted: dict[tuple[int, ...], dict[str, tuple[float, str]]] = {}
    groups: dict[str, _Reading] = {}
    for codec in dict.fromkeys((*own, *(page for row in code_pages().values() for page in row.pages))):
        damaged = _undecodable_lines(lines, codec)
        if damaged is None or (damaged not in trusted and len(trusted) >= _MOST_DAMAGES):
            continue
        whole = [line for at, line in enumerate(lines) if at not in damaged] if damaged else lines
        text = "\n".join(line.decode(codec) for line in _sample(whole))
        if damaged not in trusted:
            trusted[damaged] = _trust(whole)
        score, heard = trusted[damaged].get(_codec(codec), (0.0, ""))
        score *= _RARITY if codec in _RARE else 1.0
        alone = _Reading(text, (codec,), score, heard, codec in own)
        key = unicodedata.normalize("NFC", text).translate(_SAME)
        groups[key] = _together(groups[key], alone) if key in groups else alone
    scored = [_rank(reading, language) for reading in groups.values() if reading.score > 0]
    return sorted(scored, key=lambda reading: -reading.score)


def _trust(lines: list[bytes]) -> dict[str, tuple[float, str]]:
    """The confidence and the language chardet gives each codec, from all lines."""
    import chardet

    body = b"\n".join(lines)
    found = chardet.detect_all(body, ignore_threshold=True, max_bytes=len(body) + 1, compat_names=False)
    return {_codec(row["encoding"]): (float(row["confidence"]), row["language"] or "") for row in found}


def _undecodable_lines(lines: list[bytes], codec: str) -> tuple[int, ...] | None:
    """The lines that are no text in this codec; None where they are too many for damage."""
    if _plausible(b"\n".join(lines), codec):
        return ()
    odd = sum(not line.isascii() for line in lines)
    most = odd // 20 + (odd >= _ENOUGH)
    found = []
    for at, line in enumerate(lines):
        if not _plausible(line, codec):
            found.append(at)
            if len(found) > most:
                return None
    return tuple(found)


def _sample(lines: list[bytes]) -> list[bytes]:
    """Lines enough to look at letter by letter, from the whole file."""
    odd = [line for line in lines if not line.isascii()]
    return odd[:: max(1, len(odd) // _LOOKED_AT)]


# Romanian with a cedilla or a comma below: one letter in two code pages.
_SAME = str.maketrans("şţŞŢ", "șțȘȚ")


def _together(first: _Reading, same: _Reading) -> _Reading:
    """Codecs that read the bytes alike: the first gives the name, the best its score."""
    best = same if same.score > first.score else first
    return replace(first, codecs=(*first.codecs, *same.codecs), score=best.score, language=best.language)


@cache
def _codec(name: str | None) -> str:
    return codecs.lookup(name).name if name else ""


def _rank(reading: _Reading, language: str) -> _Reading:
    """The score corrected by the letters of the language and by what no text holds."""
    tongue = language if language and reading.own else reading.language
    letters = [char for char in reading.text if char > "\x7f" and char.isalpha()]
    score = reading.score * (_OF_LANGUAGE if language and reading.own else 1.0)
    if letters and tongue in code_pages():
        strange = sum(not code_pages()[tongue].letters.match(char) for char in letters) / len(letters)
        score *= max(0.02, 1 - 2.5 * strange)
    marks = sum(1 for char in reading.text if char > "\x7f")
    score *= max(0.02, 1 - 2.0 * _count_suspicious(reading.text) / max(1, marks))
    return replace(reading, score=score, language=tongue)


_TIMES = re.compile(rb"^[\s\d:;,.<>-]*$")


def _dialogue(data: bytes) -> list[bytes]:
    """The lines that are not numbers and times alone, without markup: statistics of letters are for words."""
    lines = (line for line in re.split(rb"[\r\n]+", data) if not _TIMES.match(line))
    return [re.sub(rb"</?[A-Za-z][^<>]{0,200}>|\{\\[^{}]{0,200}\}", b"", line) for line in lines]


def _plausible(data: bytes, codec: str) -> bool:
    """Whether the codec reads the bytes, and as no C1 controls, private or unassigned characters."""
    text = _strict(data, codec)
    return text is not None and not any(
        unicodedata.category(char) in ("Cc", "Co", "Cn") and char not in "\t\n\r\x00\x0b\x0c\x1a\x1b"
        for char in set(text)
    )


_LETTER = r"[^\W\d_]"
_ODD = (
    # A sign inside a word, an opening quote behind a letter.
    re.compile(rf"(?<={_LETTER})[^\w\s\u0300-\u036f\x00-\x7f’‑–—…·‧・、。，．：？！♪](?={_LETTER})"),
    re.compile(rf"(?<={_LETTER})[‘“„‚¡¿](?!\w)"),
    re.compile(r"[\u00a4\u00a6\u00ac\u00af\u00b6\u00b8\u02c6-\u02dd\u2021\u2200-\u22ff]"),
    # Letters of two alphabets in a word.
    re.compile(
        r"[A-Za-z\u00c0-\u024f][\u0370-\u1cff\u3040-\ud7a3]|[\u0370-\u03ff][\u0400-\u1cff]"
        r"|[\u0400-\u04ff][\u0530-\u1cff\u0370-\u03ff]|[\u0370-\u1cff][a-z\u00c0-\u024f]"
    ),
)
_BOXES = re.compile(r"[\u2500-\u259f]")
"""Drawn by DOS programs, never said; more telling than any letter."""


def _count_suspicious(text: str) -> int:
    """Places that look like a wrong guess: a sign or a capital inside a word, two alphabets in one, frames of boxes."""
    count = sum(len(pattern.findall(text)) for pattern in _ODD) + 10 * len(_BOXES.findall(text))
    for before, char in zip(text, text[1:]):
        if before.islower() and char.isupper() and (char > "\x7f" or before > "\x7f"):
            count += 1
    return count
