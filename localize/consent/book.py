"""What a home's ledger says, checked from its first record: who was enrolled and granted, what was taken back.

A grant counts only while its record stands here and no revocation does; so deleting the ledger, or a record in it,
takes rights away and never gives any. Of a ledger that grew since the last look only what was added is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import ledger
from .home import Home


@dataclass(slots=True)
class Book:
    """The records of a ledger that decide on a voice.

    Args:
        grants: id -> the record of the grant.
        enrolments: voice -> the record of its latest enrolment or import.
        origins: hash of data that came in a pack -> its issuer's key, the first that brought it; "" in homes of 0.1.
        revoked: voice ids and hashes of their data -> " on <day>".
        ended: ids of grants taken back one by one -> " on <day>".
        lists: issuer's key -> number of the latest revocation list taken from them.
        latest: UTC time of the latest record; "" for none.
    """

    grants: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    enrolments: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    revoked: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    latest: str = ""

    def add(self, record: Mapping[str, Any]) -> None:
        """Take in the next record of the ledger."""
        kind, at = record["kind"], str(record["at"])
        self.latest = at if kind == "clock" else max(self.latest, at)
        if kind == "grant":
            self.grants[str(record.get("grant"))] = record
        elif kind == "enrolment":
            self.enrolments[str(record.get("voice"))] = record
            if "pack_sha256" in record:
                for name in _texts(record.get("files")):
                    self.origins.setdefault(name, str(record.get("issuer", "")))
        elif kind == "revocation":
            for name in _texts([record.get("voice"), *_texts(record.get("files"))]):
                self.revoked[name] = f" on {at[:10]}"
        elif kind == "grant_revocation":
            self.ended[str(record.get("grant"))] = f" on {at[:10]}"
        elif kind == "revocation_list":
            issuer = str(record.get("issuer"))
            self.lists[issuer] = max(self.lists.get(issuer, 0), int(record.get("number", 0)))


def _texts(values: Any) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def book_of(records: Iterable[Mapping[str, Any]]) -> Book:
    """The book of a ledger's records, all of them, which were checked when they were read."""
    book = Book()
    for record in records:
        book.add(record)
    return book


_READ: dict[Path, tuple[ledger.Place, Book]] = {}


def read_book(home: Home) -> Book:
    """The book of a home.

    Raises:
        StoreError: the ledger is not in order: nothing it says can be believed.
    """
    place, book = _READ.get(home.folder, (ledger.START_PLACE, Book()))
    records, now = ledger.follow(home, place)
    if now.whole:
        book = Book()
    for record in records:
        book.add(record)
    _READ[home.folder] = (now, book)
    return book
