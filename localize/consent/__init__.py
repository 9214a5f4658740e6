"""Consent: voices, grants, refusals, and the ledger of their use. `check` is the only way to a `Grant`.

No voice's data is reached but through a `Grant`, and only `check` makes one, on every run, whatever is in the
store. Every answer it gives, yes or no, is in the ledger before it is returned.
"""

from .blends import blend
from .enrolment import Enrolment, enroll
from .grant_store import end_grant, grant, grants, revoke
from .grants import Grant, Request, check, confirm, revocations, unrevoked
from .home import Home
from .packs import Imported, export_voice, import_voice
from .registry import Card, card, cards, stock_folder, voice, voices
from .revocation_list import TakenRevocations, export_revocations, import_revocations
from .spoken_consent import Challenge, challenge
from .terms import Terms
from .voice_usage import (
    Delivered,
    Made,
    Usage,
    clips_beside,
    find_delivered,
    impact,
    note_deliverable,
    note_reused,
    note_synthesis,
    table,
    totals,
    usage,
)

__all__ = [
    "Card",
    "Challenge",
    "Delivered",
    "Enrolment",
    "Grant",
    "Home",
    "Imported",
    "Made",
    "Request",
    "TakenRevocations",
    "Terms",
    "Usage",
    "blend",
    "card",
    "cards",
    "challenge",
    "check",
    "clips_beside",
    "confirm",
    "end_grant",
    "enroll",
    "export_revocations",
    "export_voice",
    "find_delivered",
    "grant",
    "grants",
    "impact",
    "import_revocations",
    "import_voice",
    "note_deliverable",
    "note_reused",
    "note_synthesis",
    "revocations",
    "revoke",
    "stock_folder",
    "table",
    "totals",
    "unrevoked",
    "usage",
    "voice",
    "voices",
]
