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


def context_trusting(root: str = "", pins: Sequence[str] = (), time_roots: str = "") -> Any:
    """Settings of the C2PA library: whom to trust, and never to reach for the network.

    Args:
        root: certificates (PEM) that vouch for signers; "" for none.
        pins: SHA-256 of signers' own certificates, in hex.
        time_roots: certificates (PEM) that vouch for timestamp authorities (RFC 3161).
    """
    import c2pa

    anchors = []
    if root or pins:
        allowed = "\n".join(base64.b64encode(bytes.fromhex(pin)).decode() for pin in pins)
        anchors.append({"trust_kind": "manifest", "trust_anchors": root} | ({"allowed_list": allowed} if pins else {}))
    if time_roots:
        anchors.append({"trust_kind": "tsa", "trust_anchors": time_roots})
    settings: dict[str, Any] = {
        # Nothing is ever fetched: no manifest by its address, no certificate's state. The time of an authority that
        # nobody trusts would let an expired certificate sign.
        "verify": {
            "verify_trust": True,
            "verify_timestamp_trust": True,
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
        },
        # The library copies the file while it signs: beyond this size to the disk, not to memory.
        "core": {"backing_store_memory_threshold_in_mb": 32, "allow_redirects": False},
        "builder": {"thumbnail": {"enabled": False}},
    }
    if anchors:
        settings["trust"] = {"anchors": anchors}
    return c2pa.Context(settings=c2pa.Settings.from_dict(settings))
