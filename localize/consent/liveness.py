"""Marks of a recording that nobody spoke into a microphone: hints for whoever decides, never a proof."""

from __future__ import annotations

from .recording import Recording

NO_ROOM_DB = 62.0
"""Pauses that lie further below the speech have no noise of a room or a microphone. `bench/liveness.py`: those of the
stock voices lie 72 to 83 dB below it, those of people 17 to 49 dB, but for one recording that was edited to silence."""


def liveness_hints(recording: Recording) -> tuple[str, ...]:
    """What speaks against a living speaker in a recording, a line each.

    A hint is not a proof: a noise gate makes such pauses too. No hint proves nothing: noise that was mixed in, or a
    loudspeaker in a room, hides them (`bench/liveness.py` counts it).
    """
    if recording.pauses_db < NO_ROOM_DB:
        return ()
    return (
        f"the pauses of the statement lie {recording.pauses_db:.0f} dB below the speech, without the noise of a room "
        "or a microphone: it may be synthetic, or went through a noise gate; hear the person yourself",
    )
