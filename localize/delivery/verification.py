"""Whether deliverables are still what was delivered: the public form of `localize verify`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..consent import Home
from ..provenance import checks
from ..sound.watermark import watermark_detector

AnyPath = str | os.PathLike[str]


def verify(
    paths: AnyPath | Iterable[AnyPath],
    *,
    home: Home | None = None,
    source: AnyPath | None = None,
    trust: AnyPath | Iterable[AnyPath] = (),
    trust_time: AnyPath | None = None,
    watermark: bool = False,
) -> tuple[checks.Checked, ...]:
    """Check where files come from: manifest, trust, tampering, ledger.

    Args:
        paths: one file or several, also of other tools; what they lack is said.
        home: whose roots are trusted and whose ledger is asked; None for the user's own.
        source: the film they should have been made from.
        trust: whom to trust instead of this home, one or several: files of certificates, SHA-256 of a signer's
            certificate, or "CN=NAME" beside one of them. No ledger is asked.
        trust_time: certificates of timestamp authorities that are trusted.
        watermark: ask every file for a watermark, also one that claims none.

    Raises:
        MediaError: a file cannot be read at all.
        UsageError: `trust` names nobody.
    """
    film, clock = (None if path is None else Path(path) for path in (source, trust_time))
    return checks.verify(
        [Path(path) for path in _listed(paths)], home or Home.open(), film, trust=[str(one) for one in _listed(trust)],
        trust_time=clock,
        watermark=watermark_detector(required=watermark), marked=watermark,
    )  # fmt: skip


def _listed(given: AnyPath | Iterable[AnyPath]) -> list[AnyPath]:
    return [given] if isinstance(given, (str, os.PathLike)) else list(given)
