"""Addresses of the network: URLs, e-mail, @names, #hashtags, file names."""

from __future__ import annotations

import re

from .numerals import cardinal, digits
from .tables import Table

_TLD = (
    "com|org|net|edu|gov|gob|info|biz|app|dev|tech|online|shop|blog|int|mil|"
    "es|br|pt|mx|ar|cl|co|pe|uk|us|fr|it|de|eu|io|tv|me|ai|ca|ch|be|ly|gl"
)
_WORDS = frozenset("com org net edu gov gob info biz app dev tech online shop blog".split())
_DOMAIN = rf"(?:(?:[\w-]{{2,}}\.)+(?:{_TLD})|\w\.com)\b"
_URL = re.compile(
    rf"(?<![\w@.-])(?:(?:https?|ftp)://(?=[\w])[^\s<>\"'»”)]+|www\.[^\s<>\"'»”)]+|{_DOMAIN}(?:/[^\s<>\"'»”),]*)?)(?![\w@])",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@(?:[\w-]+\.)+[a-zA-Z]{2,}\b")
_HANDLE = re.compile(r"(?<![\w.])@([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)")
_HASHTAG = re.compile(r"(?<![\w&])#([^\W\d]\w*|\d+[A-Z]\w*)")
_FILE = re.compile(
    r"(?<![\w-])([\w-]++)\.(pdf|docx?|xlsx?|pptx?|txt|jpe?g|png|gif|mp3|mp4|avi|mov|zip|exe|html?|csv|py|js|srt)\b"
)


def say_network(text: str, table: Table) -> str:
    """Addresses as they are dictated."""
    text = _MAIL.sub(lambda m: f" {_address(m.group(), table)} ", text)
    text = _URL.sub(lambda m: _say_url(m.group(), table), text)
    text = _HANDLE.sub(lambda m: f" {table.part('net')['@']} {_address(m.group(1), table)} ", text)
    text = _HASHTAG.sub(lambda m: f" {table.word('hashtag')} {_parts(m.group(1), table)} ", text)
    return _FILE.sub(lambda m: f" {_address(m.group(), table)} ", text)


def _say_url(url: str, table: Table) -> str:
    ends = re.search(r"[.,;:!?…]+$", url)
    marks = ends.group() if ends else ""
    bare = re.sub(r"^(?:https?|ftp)://", "", url.removesuffix(marks), flags=re.IGNORECASE).rstrip("/")
    return f" {_address(bare, table)}{marks} "


def _address(address: str, table: Table) -> str:
    """Words and signs of an address; of its ends, "com" is a word and "br" is spelled."""
    signs = table.part("net")
    pieces = [piece for piece in re.split(r"([^\w]|_)", address) if piece]
    host = re.split(r"[/?#]", address.rpartition("@")[2])[0] if "." in address else ""
    ends = host.split(".")[1:]
    said = []
    for i, piece in enumerate(pieces):
        if piece in signs:
            said.append(signs[piece])
        elif piece.casefold() == "www" and i in (0, 2):
            said.append(table.word("www"))
        elif piece == table.language == "es" and ends and piece == ends[-1]:
            said.append(piece)  # a word of the language: "punto es"
        elif ends and piece in ends and (len(piece) == 2 or _unspeakable(piece)) and piece not in _WORDS:
            said.append(spell(piece, table))
        else:
            said.append(_parts(piece, table))
    return " ".join(filter(None, said))


def _parts(word: str, table: Table) -> str:
    """The words of "MeToo", "juan23": parted at capitals and digits."""
    pieces = re.findall(r"[A-ZÀ-Þ]+(?![a-zß-ÿ])|[A-ZÀ-Þ]?[a-zß-ÿ]+|\d+|[^\W\d_]+", word)
    return " ".join(_piece(piece, table) for piece in pieces)


def _piece(piece: str, table: Table) -> str:
    if piece.isdecimal():
        return digits(piece, table) if len(piece) > 4 or piece.startswith("0") else cardinal(int(piece), table)
    if (len(piece) == 1 and piece.isascii()) or _unspeakable(piece):
        return spell(piece, table)
    return piece.casefold() if piece.istitle() else piece


def _unspeakable(word: str) -> bool:
    return not re.search(r"[aeiouyáéíóúàèìòùâêôãõäëïöü]", word.casefold())


def spell(word: str, table: Table) -> str:
    """A word letter by letter, digits by their names."""
    letters = table.part("letters")
    return " ".join(
        cardinal(int(c), table) if c.isdecimal() and c.isascii() else letters.get(c.upper(), c)
        for c in word
        if c.isalnum()
    )
