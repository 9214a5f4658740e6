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
    trust: AnyPath | None = None,
    watermark: bool = False,
) -> tuple[checks.Checked, ...]:
    """Check where files come from: manifest, trust, tampering, ledger.

    Args:
        paths: one file or several, also of other tools; what they lack is said.
        home: whose roots are trusted and whose ledger is asked; None for the user's own.
        source: the film they should have been made from.
        trust: certificate of another home: it is trusted instead, and no ledger is asked.
        watermark: ask every file for a watermark, also one that claims none.

    Raises:
        MediaError: a file cannot be read at all.
        UsageError: `trust` holds no certificates.
    """
    listed = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    film, root = (None if path is None else Path(path) for path in (source, trust))
    return checks.verify(
        [Path(path) for path in listed], home or Home.open(), film,
        trust=root, watermark=watermark_detector(required=watermark), marked=watermark,
    )  # fmt: skip
