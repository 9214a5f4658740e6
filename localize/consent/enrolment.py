"""Enrolling a person's voice: the recording is normalised, measured, hashed; the statement is heard."""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import shutil
import unicodedata
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .. import ledger
from ..data import Span, Voice
from ..errors import MediaError, NoGrant, UsageError
from ..store import disk_errors, sha256_of
from .deeds import hash_of
from .grants import revocations
from .home import Home
from .registry import card, stock_folder, valid_id, valid_language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..engines import Recogniser

REFERENCE_HZ = 24_000
STATEMENT_HZ = 16_000
_SHORTEST_S, _GOOD_S, _LONGEST_S = 1, 6, 20 * 60
_WORD_LIST = """
apple river window garden seven yellow mountain paper silver table orange winter bottle market summer
bridge letter island purple kitchen doctor forest morning hammer circle ticket castle engine button
pocket planet camera dragon basket candle family pepper rocket school station teacher thunder village
weather hundred butter number travel system animal member season flower finger corner farmer dinner
coffee picture library holiday machine company engineer
"""
_WORDS = tuple(_WORD_LIST.split())


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A voice as it was enrolled.

    Args:
        voice: the voice; it still needs a grant.
        verified: the person was heard to say the statement.
        usable: it can be granted: verified, or with evidence.
        duration_ms: length of the reference.
        warnings: what is wrong with the recording, a line each.
    """

    voice: Voice
    verified: bool
    usable: bool
    duration_ms: int
    warnings: tuple[str, ...]


def challenge(home: Home, name: str, today: date | None = None) -> str:
    """What the person is to say in the statement today: consent, name, and four words nobody could foresee.

    Args:
        home: its own secret makes the words.
        name: as the person is called.
        today: the day, UTC.
    """
    words = _words_of(home, today or datetime.now(UTC).date())
    return (
        f"My name is {name}. I agree that my voice is cloned and used for dubbing. "
        f"Today's words are {', '.join(words)}."
    )


def enroll(
    home: Home,
    voice_id: str,
    *,
    reference: Path,
    name: str = "",
    statement: Path | None = None,
    evidence: Path | None = None,
    recogniser: Recogniser | None = None,
    languages: Sequence[str] = (),
    gender: str = "",
    engine: str = "coqui",
) -> Enrolment:
    """Take a person's voice into the home. It may be used when it is granted as well.

    Args:
        home: where it is kept.
        voice_id: a new id.
        reference: a recording of the person alone, in any format; 6 s or more is good.
        name: how the voice is shown; the id when empty.
        statement: a recording of the person saying what `challenge` gave today or yesterday.
        evidence: the paper in which the person consents; its hash is kept, not the paper.
        recogniser: hears the statement. Without one it is kept but counts for nothing.
        languages: that casting may offer the voice for by itself; none by default.
        gender: "female", "male" or whatever else helps to choose it.
        engine: name of the synthesizer that speaks with it.

    Raises:
        UsageError: the id is taken or is no id.
        MediaError: a recording cannot be read, is too short, too long or silent.
        NoGrant: the statement does not say what it must, or the same recording was revoked.
        StoreError: it cannot be written.
    """
    _free(home, voice_id)
    name = name or voice_id
    if not (name.isprintable() and len(name) <= 200 and gender.isprintable() and len(gender) <= 40):
        raise UsageError("--name must be one line of at most 200 characters")
    if not all(valid_language(tag) for tag in languages) or not valid_id(engine):
        raise UsageError("languages are tags such as es,fr, and an engine has a plain name")
    home.prepare()
    draft = home.voices / f".{voice_id}-{secrets.token_hex(8)}"
    with disk_errors(f"the voice {voice_id} in {home.folder}"):
        draft.mkdir(mode=0o700)
        try:
            length, warnings = _normalise(reference, draft / "reference.wav", REFERENCE_HZ)
            digest = sha256_of(draft / "reference.wav")
            if digest in revocations(home):
                raise NoGrant(f"the recording {reference} belongs to a revoked voice: record a new one", voice=voice_id)
            heard = statement is not None and _hear(home, name, statement, recogniser, draft / "statement.wav")
            said = {
                "schema": 1,
                "id": voice_id,
                "name": name,
                "engine": engine,
                "languages": list(languages),
                "also": [],
                "gender": gender,
                "original_sha256": hash_of(reference),
                "statement_sha256": sha256_of(draft / "statement.wav") if statement else "",
                "statement_check": "words" if heard else "",
                "evidence_sha256": hash_of(evidence) if evidence else "",
                "enrolled": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
                "files": {"reference.wav": digest},
            }
            ledger.write_private(draft / "voice.toml", _toml(said).encode())
            kept = {k: said[k] for k in ("original_sha256", "statement_sha256", "statement_check", "evidence_sha256")}
            ledger.append(home, "enrolment", voice=voice_id, **kept, reference_sha256=digest)
            draft.rename(home.voices / voice_id)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    made = card(home, voice_id)
    if statement and not heard:
        warnings += ("the statement was kept but nobody heard it: without a recogniser it proves nothing",)
    return Enrolment(made.voice, made.verified, made.verified or bool(made.evidence), length, warnings)


def _free(home: Home, voice_id: str) -> None:
    if not valid_id(voice_id):
        raise UsageError(f"{voice_id!r} is no id for a voice: use one to 64 of a-z, 0-9, - and _", voice=voice_id)
    if (stock_folder() / voice_id).exists():
        raise UsageError(f"{voice_id} is a stock voice: choose another id", voice=voice_id)
    if os.path.lexists(home.voices / voice_id):
        raise UsageError(f"the voice {voice_id} is enrolled already: choose another id", voice=voice_id)
    if voice_id in revocations(home):
        raise UsageError(f"a voice called {voice_id} was revoked: choose another id", voice=voice_id)


def _toml(said: dict[str, object]) -> str:
    """A flat table and `files` as TOML; the texts are printable, so that JSON's quoting is TOML's."""
    lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in said.items() if k != "files"]
    files = said["files"]
    assert isinstance(files, dict)
    return "\n".join([*lines, "", "[files]", *(f'"{k}" = "{v}"' for k, v in files.items()), ""])


# --- the statement ------------------------------------------------------------------------------------------


def _words_of(home: Home, day: date) -> tuple[str, ...]:
    with ledger.locked(home):
        path = home.keys / "challenge.key"
        if not path.exists():
            ledger.write_private(path, secrets.token_hex(32).encode() + b"\n")
        secret = path.read_bytes()
    digest = hmac.digest(secret, day.isoformat().encode(), "sha256")
    return tuple(_WORDS[byte % len(_WORDS)] for byte in digest[:4])


def _hear(home: Home, name: str, statement: Path, recogniser: Recogniser | None, kept: Path) -> bool:
    """Whether the statement was heard at all; raises when it was and says something else."""
    length, _ = _normalise(statement, kept, STATEMENT_HZ)
    if recogniser is None:
        return False
    text = " ".join(part.text for part in recogniser.recognise(kept, Span(0, length), "en"))
    today = datetime.now(UTC).date()
    if not any(_says(text, name, _words_of(home, day)) for day in (today, today - timedelta(days=1))):
        raise NoGrant(f"the statement {statement} does not say today's words: it must say: {challenge(home, name)}")
    return True


def _says(text: str, name: str, words: Sequence[str]) -> bool:
    """Three of the four words, consent to dubbing, and half of the name (recognisers misspell names)."""
    heard = set(_plain(text))
    named = _plain(name)
    return (
        sum(word in heard for word in words) >= 3
        and {"voice", "agree"} <= heard
        and bool(heard & {"dubbing", "dub", "dubbed"})
        and sum(part in heard for part in named) * 2 >= len(named)
    )


def _plain(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())


# --- the recording ------------------------------------------------------------------------------------------


def _normalise(source: Path, target: Path, rate: int) -> tuple[int, tuple[str, ...]]:
    """Decode any format to a mono 16-bit WAV, block by block; gives its length in ms and its flaws."""
    import numpy as np

    samples = clipped = 0
    levels: list[NDArray[np.float64]] = []
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for block in _decoded(source, rate):
            samples += len(block)
            if samples > _LONGEST_S * rate:
                raise MediaError(f"{source} is longer than {_LONGEST_S // 60} minutes: cut out the best minute")
            file.writeframes(block.tobytes())
            clipped += int(np.count_nonzero(np.abs(block.astype(np.int32)) >= 32_700))
            levels.append(_levels(block, rate // 50))
    target.chmod(0o600)
    if samples < _SHORTEST_S * rate:
        raise MediaError(f"{source} holds {samples / rate:.1f} s of sound: record at least {_GOOD_S} s")
    level = np.concatenate(levels)
    if not level.size or np.percentile(level, 95) < -50:
        raise MediaError(f"{source} is silent: record the person speaking")
    found = []
    if samples < _GOOD_S * rate:
        found.append(f"the recording lasts {samples / rate:.1f} s: {_GOOD_S} s or more sound better")
    if clipped > samples / 1000:
        found.append(f"{100 * clipped / samples:.1f} % of the recording is clipped: record it less loud")
    if np.percentile(level, 95) - np.percentile(level, 10) < 15:
        found.append("speech stands out less than 15 dB from what is around it: record it where it is quiet")
    return round(1000 * samples / rate), tuple(found)


def _levels(block: NDArray[np.int16], frame: int) -> NDArray[np.float64]:
    """Level of each whole frame, dBFS."""
    import numpy as np

    whole = block[: len(block) // frame * frame].astype(np.float64).reshape(-1, frame) / 32_768
    levels: NDArray[np.float64] = 10 * np.log10(np.mean(whole**2, axis=1) + 1e-10)
    return levels


def _decoded(path: Path, rate: int) -> Iterator[NDArray[np.int16]]:
    import av

    try:
        # "file:" and the whitelist: neither a name nor a playlist may reach for anything but files.
        with av.open(f"file:{path}", metadata_errors="replace", options={"protocol_whitelist": "file"}) as container:
            if not container.streams.audio:
                raise MediaError(f"{path} has no sound: give a recording of the person speaking")
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    yield part.to_ndarray().reshape(-1)
            for part in resampler.resample(None):
                yield part.to_ndarray().reshape(-1)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path} cannot be read as sound: {error.strerror or error}") from error
