"""EBU STL made block by block (EBU Tech 3264): what each file means."""

from __future__ import annotations

from typing import Any

import pytest

from localize.timedtext import formats

FIRST = (bytes([10, 0, 1, 0]), bytes([10, 0, 2, 12]))
SECOND = (bytes([10, 0, 3, 0]), bytes([10, 0, 4, 12]))


def head(*, standard: bytes = b"0", page: bytes = b"00", start: bytes = b"10000000", blocks: int = 1) -> bytes:
    """The first 1024 bytes: 25 frames, 40 columns, 23 rows."""
    count = b"%05d" % blocks
    fields = {0: b"850", 3: b"STL25.01", 11: standard, 12: page, 14: b"09", 238: count, 243: count, 248: b"001",
              251: b"40", 253: b"23", 255: b"1", 256: start, 264: start}  # fmt: skip
    data = bytearray(b" " * 1024)
    for at, value in fields.items():
        data[at : at + len(value)] = value
    return bytes(data)


def block(text: bytes, *, number: int = 0, times: tuple[bytes, bytes] = FIRST, extension: int = 0xFF, row: int = 20,
          side: int = 2, comment: int = 0) -> bytes:  # fmt: skip
    """128 bytes of one subtitle."""
    serial = number.to_bytes(2, "little")
    return (
        b"\0" + serial + bytes([extension, 0]) + times[0] + times[1] + bytes([row, side, comment])
        + text.ljust(112, b"\x8f")
    )  # fmt: skip


CASES: dict[str, tuple[bytes, list[tuple[int, int, str]], list[list[str]]]] = {
    "colours of teletext stand before boxes": (
        head(standard=b"1")
        + block(b"\x0d\x03\x0b\x0bWho is it?\x0a\x0a\x8a\x8a\x0d\x06\x0b\x0bMe.\x0a\x0a"),
        [(1000, 2480, "Who is it?/Me.")],
        [["colour:#ffff00:Who is it?", "colour:#00ffff:Me."]],
    ),
    "an extension goes on where the block before it is not full": (
        head(blocks=3) + block(b"Part one ", extension=0) + block(b"part two.") + block(b"B", times=SECOND),
        [(1000, 2480, "Part one part two."), (3000, 4480, "B")],
        [[], []],
    ),
    "data of a user is no text": (
        head(blocks=2) + block(b"xx", extension=0xFE) + block(b"Talk", times=SECOND),
        [(3000, 4480, "Talk")],
        [[]],
    ),
    "a comment is no subtitle": (
        head(blocks=2) + block(b"Talk") + block(b"note", comment=1), [(1000, 2480, "Talk")], [[]],
    ),
    "accents stand before their letters": (
        head(blocks=2) + block(b"caf\xc2e \xc8u \xcfc \xfb") + block(b"\x80one\x81 \x82two\x83", times=SECOND),
        [(1000, 2480, "caf\u00e9 \u00fc \u010d \u00df"), (3000, 4480, "one two")],
        [[], ["italic::one", "underline::two"]],
    ),
    "Cyrillic": (
        head(page=b"01") + block("Привет".encode("iso8859-5")), [(1000, 2480, "Привет")], [[]],
    ),
    "a programme that starts at zero": (
        head(start=b"00000000") + block(b"Ten hours in"), [(36_001_000, 36_002_480, "Ten hours in")], [[]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_blocks_are_read_as_they_mean(case: str) -> None:
    data, wanted, marks = CASES[case]
    cues = formats.parse(data, "x.stl").cues
    assert [(cue.span.start_ms, cue.span.end_ms, "/".join(cue.lines)) for cue in cues] == wanted
    found: list[Any] = [[f"{m.kind}:{m.value}:{cue.lines[m.line][m.start : m.end]}" for m in cue.marks] for cue in cues]
    assert found == marks
