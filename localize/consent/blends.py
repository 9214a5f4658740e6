"""Blend stock voices: a card with shares and no data, under the licences of all parents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ..data import Voice
from ..errors import GrantRevoked, UsageError
from . import keyring, ledger
from .enrolment import check_id_is_free, staged_voice
from .grants import revocations, revoked_on
from .home import Home
from .registry import (
    LEAST_FORMANTS,
    MOST_FORMANTS,
    MOST_PARENTS,
    MOST_PITCH_ST,
    STYLE,
    blended,
    card,
    stock_parent,
    valid_language,
)


def blend(
    home: Home,
    voice_id: str,
    weights: Mapping[str, float],
    *,
    languages: Sequence[str] = (),
    gender: str = "",
    pitch_st: float = 0.0,
    formants: float = 1.0,
) -> Voice:
    """Make a voice of stock voices: the weighted mean of their styles, moved in pitch and formants.

    Nothing but the card is written. Whoever uses the blend needs the grant of every parent then, and it ends with the
    first parent that is revoked. The same weights give the same voice on every machine.

    Args:
        home: where its card is kept, and the ledger that notes it.
        voice_id: a new id.
        weights: parent -> weight above 0; they are divided by their sum.
        languages: native ones; where none are given, those of every parent, else those of the heaviest.
        gender: where it is empty, that of the heaviest parent.
        pitch_st: semitones up or down, 4 at most.
        formants: factor by which the formants rise, 0.84 to 1.2.

    Raises:
        UsageError: the id is taken, or weights, pitch or formants are none that a blend can have.
        NoGrant: a parent is no stock voice.
        GrantRevoked: a parent was revoked.
        StoreError: it cannot be written.
    """
    check_id_is_free(home, voice_id)
    shares = _shares(weights)
    _require_bounds(pitch_st, formants)
    parents = [stock_parent(name) for name in shares]
    revoked = revocations(home)
    for known in parents:
        if (when := revoked_on(known.voice, revoked)) is not None:
            raise GrantRevoked(f"the voice {known.voice.id} was revoked{when}: blend others", voice=known.voice.id)
    heaviest = max(parents, key=lambda known: shares[known.voice.id])
    own = languages or _common([known.voice.languages for known in parents]) or heaviest.voice.languages
    speaks = _common([known.voice.languages + known.also for known in parents])
    if beyond := [tag for tag in own if not valid_language(tag) or tag not in speaks]:
        raise UsageError(f"--languages: the parents are licensed for {', '.join(speaks)}, not for {beyond[0]}")
    said = {
        "schema": 1, "id": voice_id, "name": voice_id, "engine": heaviest.voice.engine, "languages": list(own),
        "also": [tag for tag in speaks if tag not in own], "gender": gender or heaviest.voice.gender,
        "pitch_st": float(pitch_st), "formants": float(formants),
        "made": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }  # fmt: skip
    digest = hashlib.sha256(blended(tuple(shares.items()))).hexdigest()
    with staged_voice(home, voice_id) as draft:
        keyring.write_private(draft / "voice.toml", blend_card(said, shares, digest).encode())
        ledger.append(
            home, "blend", voice=voice_id, parents=shares, pitch_st=float(pitch_st), formants=float(formants),
            licences={known.voice.id: known.licence for known in parents}, files=[digest],
        )  # fmt: skip
    return card(home, voice_id).voice


def blend_card(said: Mapping[str, object], shares: Mapping[str, float], style_sha256: str) -> str:
    """The text of a blend's `voice.toml`; the texts are printable, so that JSON's quoting is TOML's."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in said.items()]
    lines += ["", "[parents]", *(f"{name} = {share!r}" for name, share in shares.items())]
    return "\n".join([*lines, "", "[files]", f'"{STYLE}" = "{style_sha256}"', ""])


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Shares by id that add up to 1, to six decimals."""
    if not 0 < len(weights) <= MOST_PARENTS or not all(0 < weight < 1e6 for weight in weights.values()):
        raise UsageError(f"--of takes one to {MOST_PARENTS} voices, each with a weight above 0: --of ef_dora=0.6")
    total = sum(weights.values())
    shares = {name: round(weights[name] / total, 6) for name in sorted(weights)}
    if min(shares.values()) < 0.01:
        raise UsageError("a voice with less than a hundredth of a blend is not heard in it: leave it out")
    last = max(shares)
    shares[last] = round(1.0 - sum(share for name, share in shares.items() if name != last), 6)
    return shares


def _require_bounds(pitch_st: float, formants: float) -> None:
    if not abs(pitch_st) <= MOST_PITCH_ST or round(pitch_st, 2) != pitch_st:
        raise UsageError(f"--pitch takes up to {MOST_PITCH_ST:g} semitones up or down, with two decimals at most")
    if not LEAST_FORMANTS <= formants <= MOST_FORMANTS or round(formants, 2) != formants:
        raise UsageError(f"--formants takes a factor from {LEAST_FORMANTS:g} to {MOST_FORMANTS:g}, with two decimals")


def _common(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """What every list has, in the order of the first."""
    return tuple(one for one in lists[0] if all(one in other for other in lists))
