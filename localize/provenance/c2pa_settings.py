"""Settings of the C2PA library and the text of its errors, for signing and for reading."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""IPTC NewsCodes, Digital Source Type."""


def one_line(error: Exception) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split())[:300]


def context_trusting(root: str | None, pins: Sequence[str] = ()) -> Any:
    """Settings of the C2PA library: whom to trust, and never to reach for the network.

    Args:
        root: certificates (PEM) that vouch for signers; None or "" for none.
        pins: SHA-256 of signers' own certificates, in hex.
    """
    import c2pa

    settings: dict[str, Any] = {
        # Nothing is ever fetched: no manifest by its address, no certificate's state.
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
        # The library copies the file while it signs: beyond this size to the disk, not to memory.
        "core": {"backing_store_memory_threshold_in_mb": 32},
        "builder": {"thumbnail": {"enabled": False}},
    }
    if root or pins:
        anchor = {"trust_kind": "manifest", "trust_anchors": root or ""}
        if pins:
            anchor["allowed_list"] = "\n".join(base64.b64encode(bytes.fromhex(pin)).decode() for pin in pins)
        settings["trust"] = {"anchors": [anchor]}
    return c2pa.Context(settings=c2pa.Settings.from_dict(settings))
