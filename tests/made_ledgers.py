"""Ledgers with records in them."""

from __future__ import annotations

from localize.consent import Home, ledger


def fill(home: Home, count: int) -> list[bytes]:
    for number in range(count):
        ledger.append(home, "synthesis", voice="ef_dora", title=f"épisode {number}", spoken_ms=number)
    return home.ledger.read_bytes().splitlines(keepends=True)
