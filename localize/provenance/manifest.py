"""Write and sign C2PA manifests."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..consent import Grant
from ..errors import MediaError, StoreError
from ..runtime.files import atomic_write
from . import data_hash
from .c2pa_settings import DIGITAL_SOURCE_TYPE, context_trusting, one_line
from .keys import Signer

OURS = "org.localize.dub"
EMBEDS = frozenset({"video/mp4", "audio/wav", "audio/mpeg", "audio/flac"})
"""Kinds of file that carry their manifest."""
PLAIN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class EngineFact:
    """An engine in a manifest: its role, its name, and the fingerprint of its weights and options."""

    role: str
    name: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class VoiceFact:
    """A voice in a manifest, with the id of its grant and what the consent rests on.

    Args:
        parents: the voices a blend is made of.
        recorded: it is heard in recordings of its person alone, and nothing of it is synthesized.
    """

    voice: str
    grant: str
    basis: str
    parents: tuple[str, ...] = ()
    recorded: bool = False

    @classmethod
    def of(cls, grant: Grant, recorded: bool = False) -> VoiceFact:
        """What a grant says of its voice."""
        return cls(grant.voice.id, grant.id, grant.basis, tuple(name for name, _ in grant.voice.parents), recorded)


@dataclass(frozen=True, slots=True)
class Facts:
    """The content of a deliverable's manifest.

    Args:
        title: name of the file.
        language: BCP 47 tag of the dub.
        source_language: of the source.
        source_name: the source's file name, without folders.
        source_sha256: of the source's bytes.
        engines: what took part.
        voices: what is heard.
        version: of this software.
        translated: whether a machine translated the words.
        synthetic: nothing of the source is heard in it (a dialogue stem).
        text: it is subtitles: nobody is heard in it.
        watermark: name of the audio watermark it carries, or "none".
        variant: name of the dub beside the main one; "" for that one.
        ledger: key, count and hash of the ledger when it was delivered, as `consent.ledger.anchor` gives it.
    """

    title: str
    language: str
    source_language: str
    source_name: str
    source_sha256: str
    engines: tuple[EngineFact, ...]
    voices: tuple[VoiceFact, ...]
    version: str
    translated: bool = True
    synthetic: bool = False
    text: bool = False
    watermark: str = "none"
    variant: str = ""
    ledger: Mapping[str, Any] = field(default_factory=dict)


def sign(
    path: Path, facts: Facts, signer: Signer, *, into: Path, source: Path | None = None, beside: bool = False
) -> Path | None:
    """Write `path` to `into` with a signed manifest, whole or not at all. Nothing may change it after.

    Args:
        path: the finished file; its sound and picture are not touched.
        facts: what the manifest says.
        signer: who says it.
        into: where it goes; may be `path` itself.
        source: the file that was dubbed: it becomes the manifest's parent; the manifest it may carry is kept.
        beside: leave the file's bytes as they are, whatever it could carry: signatures differ from run to run.

    Returns:
        `<into>.c2pa` when the container cannot hold the manifest and it lies there, else None.

    Raises:
        MediaError: the file cannot be read.
        StoreError: the disk is full, or the manifest cannot be made.
    """
    import c2pa

    kind = manifest_format(path)
    sidecar = into.with_name(into.name + ".c2pa")
    if kind in EMBEDS and not beside:
        try:
            with atomic_write(into) as draft:
                _sign_into(facts, signer, path, draft, source=source, kind=kind)
        except c2pa.C2paError as error:
            # A container the library cannot parse (a film of an old kind) is signed beside itself.
            _disk_full_errors(into, path, error)
        else:
            sidecar.unlink(missing_ok=True)
            return None
    try:
        with ExitStack() as files:
            copy = None if path == into else files.enter_context(atomic_write(into))
            side = files.enter_context(atomic_write(sidecar))
            side.write_bytes(_sign_into(facts, signer, path, copy, source=source, kind=None))
    except c2pa.C2paError as error:
        _disk_full_errors(into, path, error)
        raise StoreError(f"{into} could not be signed: {one_line(error)}; the file was not written") from error
    return sidecar


def _sign_into(
    facts: Facts, signer: Signer, path: Path, target: Path | None, *, source: Path | None, kind: str | None
) -> bytes:
    """Sign into `target`; without a `kind` the manifest is only returned and `target` is a plain copy, or None."""
    import c2pa

    context = context_trusting(signer.root)
    with signer.opened() as key, c2pa.Builder(_manifest(facts), context=context) as builder:
        if facts.source_sha256:
            _add_source(builder, facts, source)
        if kind is None or target is None:
            builder.set_no_embed()
            if target is not None:
                shutil.copyfile(path, target)
            return data_hash.sign_beside(builder, key, path)
        if data_hash.takes_chunk(path):
            return data_hash.sign_wav(builder, key, path, target)
        with path.open("rb") as plain, target.open("w+b") as made:
            return bytes(builder.sign(key, kind, plain, made))


def _add_source(builder: Any, facts: Facts, source: Path | None) -> None:
    """Link the source, with the manifest it carries; one that cannot be parsed is named all the same."""
    import c2pa

    said = json.dumps(
        {
            "title": printable(facts.source_name),
            "relationship": "inputTo" if facts.synthetic or facts.text else "parentOf",
            "label": "source",
        }
    )
    if source is not None:
        kind = manifest_format(source)
        with suppress(c2pa.C2paError), source.open("rb") as file:
            builder.add_ingredient(said, kind if kind in EMBEDS else PLAIN, file)
            return
    builder.add_ingredient(said, PLAIN, io.BytesIO(facts.source_sha256.encode()))


def _manifest(facts: Facts) -> dict[str, Any]:
    made = "trainedAlgorithmicMedia" if facts.synthetic or facts.text else "compositeWithTrainedAlgorithmicMedia"
    linked = {"parameters": {"ingredientIds": ["source"]}} if facts.source_sha256 else {}
    spoken = {
        "digitalSourceType": DIGITAL_SOURCE_TYPE + made,
        "description": "subtitles" if facts.text else "the dialogue is spoken by synthesized voices",
    }
    actions: list[dict[str, Any]]
    if facts.synthetic or facts.text or not facts.source_sha256:
        actions = [{"action": "c2pa.created", **spoken, **linked}]
    else:
        actions = [{"action": "c2pa.opened", **linked}, {"action": "c2pa.edited", **spoken}]
    if facts.translated:
        actions.append(
            {
                "action": "c2pa.translated",
                "digitalSourceType": DIGITAL_SOURCE_TYPE + "trainedAlgorithmicMedia",
                "parameters": {"sourceLanguage": facts.source_language, "targetLanguage": facts.language},
            }
        )
    agent = {"name": "localize", "version": facts.version}
    for action in actions:
        action["softwareAgent"] = agent
    barred = ("c2pa.ai_training", "c2pa.ai_generative_training", "c2pa.ai_inference", "c2pa.data_mining")
    return {
        "claim_generator_info": [agent],
        "title": printable(facts.title),
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {
                "label": "c2pa.training-mining",
                "data": {"entries": {name: {"use": "notAllowed"} for name in barred}},
            },
            {"label": OURS, "data": _our_facts(facts)},
        ],
    }


def _our_facts(facts: Facts) -> dict[str, Any]:
    return {
        "schema": 1,
        "language": facts.language,
        "source_language": facts.source_language,
        "source": {"name": printable(facts.source_name), "sha256": facts.source_sha256},
        "engines": [
            {"role": e.role, "name": e.name, "fingerprint": _without_paths(e.fingerprint)} for e in facts.engines
        ],
        "voices": [_voice(v) for v in facts.voices],
        "machine_translation": facts.translated,
        "watermark": facts.watermark,
        **({"variant": facts.variant} if facts.variant else {}),
        "ledger": dict(facts.ledger),
        "version": facts.version,
    }


def _voice(fact: VoiceFact) -> dict[str, Any]:
    hashed = hashlib.sha256(fact.grant.encode()).hexdigest()
    # A stock voice's name is public; an enrolled one may be a person's.
    named = {"id": fact.voice} if fact.grant.startswith("licence-") else {}
    parents = {"parents": list(fact.parents)} if fact.parents else {}
    recorded = {"recorded": True} if fact.recorded else {}
    return {**named, "grant_sha256": hashed, "consent": fact.basis, **parents, **recorded}


def printable(text: str) -> str:
    """The last part of a path or a name, in characters any reader can show."""
    return visible(Path(text).name)


def visible(text: str) -> str:
    """A text in characters any reader can show, on one line."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _without_paths(text: str) -> str:
    """The text with every absolute path cut down to its last part."""
    return re.sub(r"(?<![\w.])/(?:[^\s,;:/]+/)+", "", text)


def _disk_full_errors(into: Path, path: Path, error: Exception) -> None:
    """Say "disk full" where that is why signing failed; the library only says that it could not write."""
    if shutil.disk_usage(into.parent).free < path.stat().st_size:
        raise StoreError(
            f"the disk is full while writing {into}: free some space and run the same command again"
        ) from error


def manifest_format(path: Path) -> str:
    """The kind of a file, by its first bytes: a name may lie. "" for any that cannot carry a manifest."""
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror}", path=str(path)) from error
    if start[4:8] == b"ftyp":
        return "video/mp4"
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return "audio/wav"
    if start[:3] == b"ID3" or (len(start) > 1 and start[0] == 0xFF and start[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    return "audio/flac" if start[:4] == b"fLaC" else ""
