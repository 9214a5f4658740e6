"""Registry of voices and their cards (`voice.toml`): stock voices of the package, enrolled voices of the home, blends.

A blend has no data of its own. Its card names stock voices and their shares, and what an engine reads is computed of
their data each time: nothing can be put into a blend that no licence covers.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..data import Voice
from ..errors import NoGrant
from ..runtime import reading
from .home import Home, read_regular_file
from .keyring import canonical

LARGEST = 64 << 20
"""Most bytes one data file of a voice may have: 23 minutes of reference."""
CARD_LIMIT = 64 << 10
_ID = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TEXTS = ("name", "engine", "gender")
_STOCK_TEXTS = ("licence", "source", "basis")
_ENROLLED_TEXTS = (
    "original_sha256", "statement_sha256", "statement_check", "statement_scope", "evidence_sha256", "enrolled",
)  # fmt: skip
_BLEND_TEXTS = ("made",)
STYLE = "style.bin"
"""The data file of a stock voice that can be blended: 32-bit numbers."""
MOST_PARENTS = 4
MOST_PITCH_ST = 4.0
LEAST_FORMANTS, MOST_FORMANTS = 0.84, 1.2
"""Furthest that a blend is moved in pitch and in its formants: what was measured (docs/voices.md)."""
_HINTS = "statement_hints"
"""Of an enrolled voice, where there are any: what a card lacks must not change its binding."""
VERIFIED = "words and voice"


@dataclass(frozen=True, slots=True)
class Card:
    """What a voice's `voice.toml` says.

    Args:
        voice: the voice; its `languages` are its native ones.
        also: further languages it can be asked to speak.
        stock: whether it came with the package.
        basis: why a stock voice may be used.
        licence: of a stock voice, as an SPDX name.
        evidence: SHA-256 of the paper that proves an enrolled person's consent, or "".
        statement: what was shown by the recorded statement: "words and voice", "words", or "" for nothing.
        binding: SHA-256 over everything the card says; a grant names it, so no word of the card can change.
        scope: what the statement names: "dub", "trailer", "ad".
        hints: what spoke against a living speaker in the statement; "" for nothing.
        licences: of a blend, each parent's, in the order of `voice.parents`.
    """

    voice: Voice
    also: tuple[str, ...]
    stock: bool
    basis: str
    licence: str
    evidence: str
    statement: str
    binding: str
    scope: tuple[str, ...] = ()
    hints: str = ""
    licences: tuple[str, ...] = ()

    @property
    def licensed(self) -> bool:
        """Whether a licence allows its use: of a stock voice, or of every parent of a blend."""
        return self.stock or bool(self.voice.parents)

    @property
    def origin(self) -> str:
        """What its use rests on, with every parent of a blend; "" for a person's voice."""
        if not self.voice.parents:
            return self.licence
        shares = zip(self.voice.parents, self.licences)
        return "blend of " + ", ".join(f"{share:.0%} {name} ({licence})" for (name, share), licence in shares)

    @property
    def verified(self) -> bool:
        """Whether the person was heard to consent, in the voice that was enrolled."""
        return self.statement == VERIFIED


def stock_folder() -> Path:
    """Where the stock voices lie: inside an installed package, else beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_voices"
    return inside if inside.is_dir() else package.parent / "voices"


def valid_id(voice_id: str) -> bool:
    """Whether a text is a valid voice id: 1 to 64 of a-z, 0-9, "_" and "-"."""
    return _ID.fullmatch(voice_id) is not None


def valid_language(tag: str) -> bool:
    """Whether a text has the form of a BCP 47 tag."""
    return _LANGUAGE.fullmatch(tag) is not None


def voices(home: Home) -> tuple[Voice, ...]:
    """All voices that can be read, stock ones first, each group by id. A grant is still needed to use one.

    Args:
        home: whose enrolled voices. One named like a stock voice is never listed.
    """
    return tuple(found.voice for found in cards(home))


def cards(home: Home) -> tuple[Card, ...]:
    """The cards of `voices`."""
    found: dict[str, Card] = {}
    for folder, stock in ((stock_folder(), True), (home.voices, False)):
        for voice_id in sorted(p.name for p in folder.iterdir() if valid_id(p.name)) if folder.is_dir() else ():
            if voice_id in found or not (folder / voice_id).is_dir():
                continue
            try:
                found[voice_id] = _read_card(folder, voice_id, stock=stock)
            except NoGrant:
                continue
    return tuple(found.values())


def voice(home: Home, voice_id: str) -> Voice:
    """The voice called `voice_id`.

    Raises:
        NoGrant: there is no such voice, or its folder is not as it was enrolled.
    """
    return card(home, voice_id).voice


def card(home: Home, voice_id: str) -> Card:
    """The card of the voice called `voice_id`; a stock voice is found first. Raises as `voice` does."""
    if valid_id(voice_id):
        for folder, stock in ((stock_folder(), True), (home.voices, False)):
            if (folder / voice_id).is_symlink() or (folder / voice_id).exists():
                return _read_card(folder, voice_id, stock=stock)
    raise NoGrant(f"no voice is called {voice_id!r}: `localize voices list` shows those there are", voice=voice_id)


def read_voice_data(found: Voice, name: str) -> bytes:
    """One data file of a voice, checked against the card. Only `Grant.read` hands this on.

    Raises:
        NoGrant: the voice has no such file, or its bytes are others.
    """
    wanted = dict(found.files).get(name)
    if wanted is None:
        raise NoGrant(f"the voice {found.id} has no file {name!r}", voice=found.id)
    if found.parents:
        data = blended(found.parents)
        if hashlib.sha256(data).hexdigest() != wanted:
            raise NoGrant(
                f"the parents of the voice {found.id} are not those it was blended of: blend it anew", voice=found.id
            )
        return data
    try:
        data = read_regular_file(Path(found.folder), name, LARGEST)
    except (OSError, ValueError) as error:
        raise NoGrant(
            f"{name} of the voice {found.id} cannot be read as it was enrolled: {_why(error)}", voice=found.id
        ) from error
    if hashlib.sha256(data).hexdigest() != wanted:
        raise NoGrant(
            f"{name} of the voice {found.id} is not the file that was granted (other SHA-256): restore it",
            voice=found.id,
        )
    return data


def blended(parents: tuple[tuple[str, float], ...]) -> bytes:
    """The style of a blend: the weighted mean of its parents' styles, the same bits on every machine.

    Args:
        parents: id and share of each, which are stock voices.

    Raises:
        NoGrant: a parent is no stock voice with a style, or its data are not those its card names.
    """
    import numpy as np

    total = None
    for name, share in parents:
        data = np.frombuffer(read_voice_data(stock_parent(name).voice, STYLE), "<f4").astype(np.float64)
        if total is not None and len(total) != len(data):
            raise NoGrant(f"the styles of {parents[0][0]} and {name} are of two models: they cannot be blended")
        total = data * share if total is None else total + data * share
    return b"" if total is None else total.astype("<f4").tobytes()


def stock_parent(name: str) -> Card:
    """The card of a stock voice that can be blended.

    Raises:
        NoGrant: it is none.
    """
    if not valid_id(name) or not (stock_folder() / name).is_dir():
        raise NoGrant(f"{name!r} is no stock voice, and only those can be blended: see `localize voices list`")
    known = _read_card(stock_folder(), name, stock=True)
    if known.voice.parents or STYLE not in dict(known.voice.files):
        raise NoGrant(f"the voice {name} is a blend itself, or has no style: name the voices it is made of", voice=name)
    return known


def _read_card(parent: Path, voice_id: str, *, stock: bool) -> Card:
    folder = parent / voice_id
    try:
        return card_in(read_regular_file(folder, "voice.toml", CARD_LIMIT), folder, stock=stock)
    except (OSError, ValueError) as error:
        raise NoGrant(
            f"the voice {voice_id} cannot be used: {_why(error)} ({folder}); see `localize voices list`",
            voice=voice_id,
        ) from error


def card_in(data: bytes, folder: Path, *, stock: bool) -> Card:
    """The card in the bytes of a `voice.toml`; ValueError where it is none for a voice called as the folder is."""
    return _card(dict(_parsed(data)), folder, stock=stock)


@lru_cache(maxsize=256)
def _parsed(data: bytes) -> dict[str, Any]:
    """What the bytes of a card say, not to be changed: a season reads the same stock voices for every film."""
    return reading.parse_toml(data.decode("utf-8"))


def _why(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror or 'it cannot be read'} (links are never followed)"
    return " ".join(str(error).split())


def _card(said: dict[str, Any], folder: Path, *, stock: bool) -> Card:
    blend = "parents" in said
    own = _ENROLLED_TEXTS + (_HINTS,) * (_HINTS in said)
    texts = _TEXTS + (_STOCK_TEXTS if stock else _BLEND_TEXTS if blend else own)
    known = {
        "schema",
        "id",
        "languages",
        "also",
        "files",
        *texts,
        *(("parents", "pitch_st", "formants") if blend else ()),
    }
    if unknown := sorted(set(said) - known):
        raise ValueError(f"voice.toml has an unknown key {unknown[0]!r}")
    if said.get("schema") != 1:
        raise ValueError("voice.toml has another schema than 1")
    if said.get("id") != folder.name:
        raise ValueError("voice.toml names another voice than its folder")
    for name in texts:
        text = said.setdefault(name, "")
        if not isinstance(text, str) or len(text) > 1000 or not text.isprintable():
            raise ValueError(f"{name} in voice.toml is no short text")
    for name in ("languages", "also"):
        tags = said.setdefault(name, [])
        if not isinstance(tags, list) or not all(isinstance(t, str) and valid_language(t) for t in tags):
            raise ValueError(f"{name} in voice.toml is no list of language tags")
    files = said.get("files")
    if not isinstance(files, dict) or not files or len(files) > 64:
        raise ValueError("voice.toml names no files")
    for name, digest in files.items():
        if not _FILE.fullmatch(name) or not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise ValueError(f"voice.toml has no SHA-256 for {name!r}")
    parents = _parents(said) if blend else ()
    return Card(
        voice=Voice(
            id=said["id"],
            name=said["name"],
            languages=tuple(said["languages"]),
            gender=said["gender"],
            engine=said["engine"],
            files=tuple(sorted(files.items())),
            folder=str(folder),
            parents=parents,
            pitch_st=_number(said, "pitch_st", 0.0, -MOST_PITCH_ST, MOST_PITCH_ST),
            formants=_number(said, "formants", 1.0, LEAST_FORMANTS, MOST_FORMANTS),
        ),
        also=tuple(said["also"]),
        stock=stock,
        basis=said.get("basis", ""),
        licence=said.get("licence", ""),
        evidence=said.get("evidence_sha256", ""),
        statement=said.get("statement_check", ""),
        scope=tuple(name for name in said.get("statement_scope", "").split(",") if name),
        hints=said.get(_HINTS, ""),
        licences=tuple(stock_parent(name).licence for name, _ in parents),
        binding=hashlib.sha256(canonical(said)).hexdigest(),
    )


def _parents(said: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    """The parents on a card, by id; ValueError where they are no shares of stock voices."""
    shares = said["parents"]
    if not isinstance(shares, dict) or not 0 < len(shares) <= MOST_PARENTS:
        raise ValueError(f"parents in voice.toml are not one to {MOST_PARENTS} voices with their shares")
    if not all(valid_id(name) and isinstance(share, float) and 0 < share <= 1 for name, share in shares.items()):
        raise ValueError("parents in voice.toml have shares from 0 to 1")
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise ValueError("the shares of parents in voice.toml do not add up to 1")
    if set(said["files"]) != {STYLE} or (said.get("engine") != stock_parent(next(iter(shares))).voice.engine):
        raise ValueError(f"a blend has {STYLE} alone, and its parents' engine")
    return tuple(sorted(shares.items()))


def _number(said: dict[str, Any], name: str, usual: float, least: float, most: float) -> float:
    """A number on a card, to two decimals; ValueError where it is none within its bounds."""
    number = said.get(name, usual)
    if not isinstance(number, float) or not least <= number <= most or round(number, 2) != number:
        raise ValueError(f"{name} in voice.toml is no number from {least:g} to {most:g} with two decimals at most")
    return number
