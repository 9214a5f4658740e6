"""Encodings: whatever a file was written in is read right, or refused with the candidates named."""

from __future__ import annotations

import random
import tomllib
import unicodedata
from pathlib import Path

import pytest

from localize.errors import MediaError, UsageError
from localize.timedtext import formats
from localize.timedtext.encoding import Decoded, decode, language_in

TEXTS = tomllib.loads(Path(__file__).with_name("codepages.toml").read_text(encoding="utf-8"))
EACH = [(language, page) for language, row in TEXTS.items() for page in row["pages"]]
SHARED = Path(__file__).parents[4] / "shared" / "cases" / "subtitles"

_OLD = {"ș": "ş", "ț": "ţ", "Ș": "Ş", "Ț": "Ţ", "œ": "oe", "ё": "е", "؟": "?", "،": ","}
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def encoded(text: str, page: str) -> bytes:
    """A line as its users wrote it: letters the page lacks by their older spelling, Vietnamese tones apart."""
    return b"".join(_letter(char, page) for char in text) if "2022" not in page and page != "hz" else text.encode(page)


def _letter(char: str, page: str) -> bytes:
    parts = unicodedata.normalize("NFD", char)
    tone = next((mark for mark in _TONES if mark in parts[1:]), "")
    for way in (
        char,
        _OLD.get(char, char),
        unicodedata.normalize("NFC", parts.replace(tone, "")) + tone if tone else char,
        parts[:1],
    ):
        try:
            return way.encode(page)
        except UnicodeEncodeError:
            continue
    raise AssertionError(f"{page} has no {char!r}")


def subrip(lines: list[str], page: str) -> bytes:
    times = "{}\r\n00:00:{:02},000 --> 00:00:{:02},500\r\n"
    return b"".join(
        times.format(n, n * 3, n * 3 + 2).encode() + encoded(line, page) + b"\r\n\r\n"
        for n, line in enumerate(lines, 1)
    )


def same(text: str, other: str) -> bool:
    """Whether two texts have the same letters; Romanian ones with a cedilla or a comma are one."""
    return _plain(text) == _plain(other)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(str.maketrans("şţŞŢ", "șțȘȚ"))


@pytest.mark.costly
@pytest.mark.parametrize(("language", "page"), EACH)
def test_ten_cues_with_a_language_in_the_name_are_right(language: str, page: str) -> None:
    data = subrip(TEXTS[language]["lines"], page)
    assert same(decode(data, name=f"film.{language}.srt").text, data.decode(page))


@pytest.mark.costly
@pytest.mark.parametrize(("language", "page"), EACH)
def test_ten_cues_without_a_language_are_right_or_refused(language: str, page: str) -> None:
    data = subrip(TEXTS[language]["lines"], page)
    try:
        found = decode(data, name="film.srt")
    except MediaError as error:
        assert error.details["candidates"]  # noqa: PT017 - either is right
        assert "--encoding" in str(error)  # noqa: PT017
    else:
        assert same(found.text, data.decode(page))
        assert not data.isascii() or page in ("hz", "iso2022_jp", "iso2022_kr")


@pytest.mark.costly
@pytest.mark.parametrize(("language", "page"), EACH)
def test_three_cues_are_right_or_refused(language: str, page: str) -> None:
    chance = random.Random(language + page)
    data = subrip(chance.sample(TEXTS[language]["lines"], 3), page)
    for name in (f"film.{language}.srt", "film.srt"):
        try:
            assert same(decode(data, name=name).text, data.decode(page))
        except MediaError as error:
            assert error.details["candidates"]  # noqa: PT017


@pytest.mark.costly
@pytest.mark.parametrize(("language", "page"), [(a, b) for a, b in EACH if b not in ("hz", "iso2022_jp", "iso2022_kr")])
def test_a_damaged_byte_costs_its_line_alone(language: str, page: str) -> None:
    whole = subrip(TEXTS[language]["lines"], page)
    at = [place for place, byte in enumerate(whole) if byte > 127][len(whole) % 7]
    try:
        found = decode(whole[:at] + b"\x81" + whole[at + 1 :], name=f"film.{language}.srt")
    except MediaError as error:
        assert error.details["candidates"]  # noqa: PT017
    else:
        differ = [a != b for a, b in zip(_plain(found.text).split("\n"), _plain(whole.decode(page)).split("\n"))]
        assert sum(differ) <= 1


NAMES = [
    ("film.cs.srt", "cs"),
    ("film.cs.sdh.srt", "cs"),
    ("Film.Czech.srt", "cs"),
    ("film.pt-BR.srt", "pt"),
    ("film.zhtw.big5.zh.srt", "zh"),
    ("film.zh-Hant.srt", "zh"),
    ("film.GER.forced.srt", "de"),
    ("film.cp1256.srt", ""),
    ("cs.srt", ""),
    ("film", ""),
    ("", ""),
]


@pytest.mark.parametrize(("name", "language"), NAMES)
def test_the_language_in_a_name(name: str, language: str) -> None:
    assert language_in(name) == language


CUE = "1\n00:00:01,000 --> 00:00:02,000\n"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-8"])
def test_unicode_needs_no_guess(codec: str) -> None:
    text = CUE + "Příliš žluťoučký kůň\n\n2\n00:00:03,000 --> 00:00:04,000\nПривет, Маша!\n"
    found = decode(text.encode(codec))
    assert found.text == text
    assert found.repairs == found.candidates == ()


def remarked(found: Decoded) -> list[tuple[str, int]]:
    return [(repair.code, repair.line) for repair in found.repairs]


def test_a_bad_byte_leaves_utf8_what_it_is() -> None:
    found = decode((CUE + "Café is open – come in, naïve.\n").encode().replace(b"\xc3\xa9", b"\xe9"))
    assert found.text == CUE + "Caf\ufffd is open – come in, naïve.\n"
    assert (found.encoding, remarked(found)) == ("utf-8", [("encoding", 3)])


def test_a_mark_inside_is_nothing() -> None:
    found = decode(("\ufeff" + CUE + "One\n\n\ufeff" + CUE + "T\ufeffwo\n").encode())
    assert "\ufeff" not in found.text
    assert remarked(found) == [("encoding", 5), ("encoding", 7)]


@pytest.mark.parametrize("page", ["cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "cp437"])
@pytest.mark.parametrize("line", ["¿Dónde estabas, Begoña?", "Příliš žluťoučký kůň", "Πού ήσουν όλη τη μέρα;"])
def test_what_was_encoded_twice_is_read_once_more_and_said(line: str, page: str) -> None:
    twice = "".join(_misread(byte, page) for byte in line.encode())
    found = decode((CUE + twice + "\n").encode(), name="film.srt")
    assert found.text == CUE + line + "\n"
    assert remarked(found) == [("mojibake", 3)]


def _misread(byte: int, page: str) -> str:
    try:
        return bytes([byte]).decode(page)
    except UnicodeDecodeError:  # as browsers do with what a code page leaves open
        return chr(byte)


@pytest.mark.parametrize(
    "line",
    [
        "CAFÉ–Bar",
        "Ärger … “Ü”",
        "l’été à l’école",
        "À bientôt !",
        "Ä“ und Ö”",
        "Ça va ?",
        "naïve Â© 2020",
        "Õº",
        "É–Õº",
    ],
)
def test_right_text_is_not_mended(line: str) -> None:
    found = decode((CUE + line + "\n").encode())
    assert (found.text, found.repairs) == (CUE + line + "\n", ())


def test_who_knows_the_encoding_is_believed() -> None:
    data = (CUE + "жук\n").encode("koi8-r")
    assert decode(data, encoding="koi8-r").text == CUE + "жук\n"
    with pytest.raises(UsageError, match="klingon"):
        decode(data, encoding="klingon")
    with pytest.raises(UsageError, match="no encoding of text"):
        decode(data, encoding="base64")


def test_what_cannot_be_told_is_refused_by_name() -> None:
    with pytest.raises(MediaError, match=r"x\.srt: its encoding cannot be determined; it may be .* or .*--encoding"):
        decode(b"1\n00:00:01,000 --> 00:00:02,000\nIt costs \x805 a \xa5 day.\n", name="x.srt")


def test_a_declaration_is_believed_where_it_is_true() -> None:
    xml = '<?xml version="1.0" encoding="{}"?><tt xmlns="http://www.w3.org/ns/ttml"/><!-- “é” -->'
    assert decode(xml.format("ISO-8859-1").encode("cp1252")).text == xml.format("ISO-8859-1")
    assert decode(xml.format("windows-1252").encode("utf-8")).text == xml.format("windows-1252")


def test_the_reader_passes_name_and_encoding_on() -> None:
    data = subrip(TEXTS["cs"]["lines"], "iso8859_2")
    assert formats.parse(data, "film.cs.srt").cues[8].text == TEXTS["cs"]["lines"][8]
    assert formats.parse(data, "film.srt", encoding="latin2").cues[8].text == TEXTS["cs"]["lines"][8]


# What the files of the case list hold, by the codec they were written in.
CODECS = {"eucjp": "euc_jp", "sjis": "cp932", "koi8": "koi8_r", "tis620": "tis_620", "iso2022_jp": "iso2022_jp_2"}


@pytest.mark.shared
@pytest.mark.parametrize(
    "path", sorted([*SHARED.glob("enc10/*"), *SHARED.glob("enc/*.*.srt")]), ids=lambda path: path.name
)
def test_cases(path: Path) -> None:
    data = path.read_bytes()
    page = path.name.split(".")[1]
    if page in ("en", "bommid", "onebad", "mixed", "mojibake") or "utf" in page:
        assert not set(decode(data, name=path.name).text) & set("ÃÂ")
        return
    page = CODECS.get(page, page)
    assert same(decode(data, name=path.name).text, data.decode(page))
