"""Broken subtitle files, made of files in order; for tests and `bench/given.py`."""

# ruff: noqa: E501 - bytes as they are

from __future__ import annotations

import random

TOKENS = (
    b"\0", b"-->", b"\r", b"\n\n", b"9" * 30, b"<", b"&amp;", b"{\\", b"<!ENTITY a 'b'>", b"%", b"-1", b"\xc3\xa4", b"WEBVTT",
    b"STYLE\n", b"]]>", b"1e999", b"begin='9999999999999h'", b"\\p1", b"{\\an9}", b"<ruby>", b"<rt>", b"region:", b"\xff",
    b"timeContainer='seq'", b"dur='0s'", b"frameRate='0'", b"99999", b"</i>", b"{\\fad(", b"\xef\xbb\xbf", b"<v ", b"\xed\xa0\x80",
)  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A file changed in one to six places: bytes replaced, removed, repeated, put in, or the rest cut off.

    Args:
        data: of a file in order.
        chance: says where and how.
    """
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(out) + 1)
        end = min(len(out), at + chance.randrange(1, 30))
        kind = chance.randrange(5)
        if kind == 0:
            out[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del out[at:end]
        elif kind == 2:
            out[at:at] = chance.choice(TOKENS)
        elif kind == 3:
            out[at:at] = out[at:end] * 3
        elif chance.random() < 0.2:
            del out[at:]
    return bytes(out)
