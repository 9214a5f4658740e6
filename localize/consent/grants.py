"""Grants: the right to use a voice for what was requested, and `check`, the only function that issues one.

Over 400 lines: what a grant is, and every reason to refuse one, is read together.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Any, Literal, NoReturn
from weakref import WeakKeyDictionary

from ..data import NOT_CONTENT, Voice
from ..errors import ConsentError, GrantExpired, GrantRevoked, NoGrant, OutOfScope, UsageError
from ..language.tags import main_language
from ..runtime.records import to_json
from . import ledger
from .book import Book, read_book
from .home import Home
from .registry import Card, card, cards, read_voice_data, valid_id
from .terms import Terms, grant_files, ledger_entry, read_grant


@dataclass(frozen=True, slots=True)
class Request:
    """One requested use: a voice for a speaker of a title, in a language, for a purpose.

    Args:
        voice: the voice's id.
        speaker: "S1" …; the key of the answer.
        language: BCP 47 tag of what is to be spoken.
        title: of the film or series, as in the grant.
        purpose: what it is made for.
        cloning: whether the engine imitates a recording. A voice that is one is cloned however this is set.
        recorded: a recording of the line by the person is heard as it is. Nothing is imitated, so that cloning need not
            be allowed, and the voice's own data cannot be read.
    """

    voice: str
    speaker: str
    language: str
    title: str
    purpose: str = "dub"
    cloning: bool = False
    recorded: bool = False


_TOKEN = object()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Grant:
    """The right to use a voice for what was requested, made by `check` and by nothing else.

    It is of no use when copied, pickled, rebuilt or changed: `read` answers only for the very object that
    `check` made in this process, while it says what it said then, in the language that was requested, and until the
    voice is revoked or the terms end. In a step's key it counts as its voice.

    Args:
        voice: the voice.
        terms: under which it may be used.
        request: what it was granted for; `check` can be asked the same again.
        basis: what the consent rests on, for people: a licence, a spoken statement, or a paper nobody verified.

    Raises:
        NoGrant: made by anybody but `check`.
    """

    voice: Voice
    terms: Terms = field(metadata=NOT_CONTENT)
    request: Request = field(metadata=NOT_CONTENT)
    basis: str = field(metadata=NOT_CONTENT)
    _home: InitVar[Home | None] = None
    _token: InitVar[object] = None

    def __post_init__(self, _home: Home | None, _token: object) -> None:
        if _token is not _TOKEN or _home is None:
            raise NoGrant("a grant is made by consent.check only: ask it for one")
        _ISSUED[self] = _Issued(_home, _content(self))

    def __init_subclass__(cls) -> None:
        raise NoGrant("there is one kind of grant: ask consent.check for one")

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        raise NoGrant("a grant holds in the process that checked it: ask consent.check again where it is needed")

    @property
    def id(self) -> str:
        """Names the grant in timelines and in the ledger."""
        return self.terms.id

    @property
    def kind(self) -> Literal["licence", "person"]:
        """Whether a licence or a person allows it."""
        return self.terms.kind

    def prove(self, language: str = "") -> None:
        """Raise unless this grant was made by `check` in this process, is unchanged, and still holds.

        Whoever hands on a voice's sound without reading its data (from the store) calls `Grant.prove(grant)`.

        Args:
            language: that is to be spoken; "" where nothing is.

        Raises:
            NoGrant: it is anything else.
            GrantRevoked: the voice was revoked after `check`.
            GrantExpired: the terms ended after `check`.
            OutOfScope: another language than the one that was requested.
        """
        home = _issued(self).home
        when = revoked_on(self.voice, revocations(home))
        if when is not None:
            raise _revoked_error(self.voice.id, when)
        _require_not_ended(read_book(home), self.terms)
        _require_day(self.terms, datetime.now(UTC).date())
        # An engine speaks a language, or the region that was requested of it; never another region.
        if (
            language
            and language not in (main_language(self.request.language), self.request.language)
            and not (_covers_language(self.request.language, language))
        ):
            raise OutOfScope(
                f"the voice {self.voice.id} was granted for {self.request.language} here, not for {language}: "
                "ask consent.check for what is to be spoken"
            )

    def read(self, name: str, language: str = "") -> bytes:
        """The bytes of one of the voice's data files, hashed as they are read.

        Engines call it as `Grant.read(grant, name, language)`, so that no lookalike's `read` is asked. The first time
        for a person's voice is recorded in the ledger: nobody speaks as somebody else without a record.

        Raises:
            ConsentError: as `prove`; or the file was changed; or the grant is for recorded lines alone.
            StoreError: the ledger cannot be written.
        """
        Grant.prove(self, language)
        if self.request.recorded:
            raise OutOfScope(f"the voice {self.voice.id} was granted for lines that its person recorded, not to speak")
        data = read_voice_data(self.voice, name)
        issued = _issued(self)
        if self.kind == "person" and not issued.recorded:
            said = {"voice": self.voice.id, "grant": self.id, "language": language or self.request.language}
            ledger.append(issued.home, "read", **said, title=self.request.title, purpose=self.request.purpose)
            issued.recorded = True
        return data


@dataclass(slots=True)
class _Issued:
    """What `check` knows of a grant it made; `recorded` once the ledger says that its voice was read."""

    home: Home
    content: str
    recorded: bool = False


_ISSUED: WeakKeyDictionary[Grant, _Issued] = WeakKeyDictionary()


def _content(grant: Grant) -> str:
    return json.dumps(to_json(grant), sort_keys=True)


def _issued(grant: Grant) -> _Issued:
    try:
        issued = _ISSUED.get(grant)
    except TypeError:
        issued = None
    if issued is None or issued.content != _content(grant):
        raise NoGrant("this grant was not made by consent.check in this process: ask it for one")
    return issued


def check(home: Home, requests: Sequence[Request], *, today: date | None = None) -> dict[str, Grant]:
    """Decide on every request, record every answer in the ledger, then return the grants or raise.

    Args:
        home: whose voices, grants, revocations and ledger.
        requests: one for each speaker.
        today: a further day the grants must hold on. The real one counts too: this can only refuse more.

    Returns:
        The grant of each speaker.

    Raises:
        NoGrant: unknown voice, no grant for it, or a grant for other files than are there.
        GrantRevoked: it was taken back.
        GrantExpired: not yet or no longer.
        OutOfScope: another language, title, purpose, or no cloning.
        UsageError: two requests for one speaker.
        StoreError: the ledger cannot be written; then nothing is granted.
    """
    if len({r.speaker for r in requests}) != len(requests):
        raise UsageError("a speaker can have one voice: give each --voice SPEAKER=VOICE once")
    if not requests:
        return {}
    now = datetime.now(UTC).date()
    days = (now, today or now)
    revoked = revocations(home)
    answers = [_answer(home, request, days, revoked) for request in requests]
    ledger.append_all(home, [("check", _entry(r, a)) for r, a in zip(requests, answers)])
    granted: dict[str, Grant] = {}
    for request, answer in zip(requests, answers):
        if isinstance(answer, ConsentError):
            raise answer
        granted[request.speaker] = answer
    return granted


def confirm(home: Home, granted: Iterable[Grant]) -> None:
    """Ask again for what was granted, before anything that is made of it goes on: a voice may have been revoked since.

    Args:
        home: where it was granted.
        granted: grants that `check` made; one for each speaker counts.

    Raises:
        ConsentError: as `check`; nothing made with the voice may be delivered.
        StoreError: the ledger cannot be written.
    """
    check(home, list({grant.request: None for grant in granted}))


def _entry(request: Request, answer: Grant | ConsentError) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "voice": request.voice,
        "speaker": request.speaker,
        "language": request.language,
        "title": request.title,
        "purpose": request.purpose,
        "cloning": request.cloning,
        **({"recorded": True} if request.recorded else {}),
    }
    if isinstance(answer, ConsentError):
        return {**entry, "outcome": "refused", "error": type(answer).__name__, "reason": answer.message}
    return {**entry, "outcome": "granted", "grant": answer.id, "basis": answer.kind}


def _answer(home: Home, request: Request, days: Sequence[date], revoked: dict[str, str]) -> Grant | ConsentError:
    try:
        if valid_id(request.voice) and request.voice in revoked:
            raise _revoked_error(request.voice, revoked[request.voice])
        known = card(home, request.voice)
        for name, digest in known.voice.files:
            if digest in revoked:
                raise _revoked_error(request.voice, revoked[digest])
            read_voice_data(known.voice, name)
        for parent, _ in known.voice.parents:
            held = _answer(home, replace(request, voice=parent), days, revoked)
            if isinstance(held, ConsentError):
                raise type(held)(f"{request.voice} is a blend, and {held.message}", parent=parent)
        terms = _licence_terms(known) if known.licensed else _person_grant(home, known, request, days)
        _covers(terms, known, request, days)
        return Grant(known.voice, terms, request, _basis(known, terms), home, _TOKEN)
    except ConsentError as error:
        error.details.update(voice=request.voice, speaker=request.speaker)
        return error


def _basis(known: Card, terms: Terms) -> str:
    if known.licensed:
        return known.origin if known.voice.parents else f"licence {known.licence}"
    if known.verified:
        return "consent spoken by the person"
    return f"unverified, on paper evidence of SHA-256 {terms.evidence or known.evidence}"


def _revoked_error(voice_id: str, when: str) -> GrantRevoked:
    return GrantRevoked(f"the voice {voice_id} was revoked{when}: choose another with --voice (`localize voices list`)")


def revocations(home: Home, book: Book | None = None) -> dict[str, str]:
    """Every revoked voice's id and hashes of data, with " on <day>"; from the files and the ledger.

    The file of a revocation may have been deleted, the ledger cannot be without notice; so either is enough.

    Args:
        home: whose files are looked at.
        book: of its ledger, where it was read already.

    Raises:
        StoreError: the ledger is not in order.
    """
    found: dict[str, str] = {}
    if home.revocations.is_dir():
        found.update((path.name.split(".")[0], "") for path in home.revocations.iterdir())
    return found | (read_book(home) if book is None else book).revoked


def revoked_on(voice: Voice, revoked: Mapping[str, str]) -> str | None:
    """When a voice, one with the same data, or a parent was revoked, as `revocations` says it; None where none was."""
    names = (voice.id, *dict(voice.files).values(), *(parent for parent, _ in voice.parents))
    return next((revoked[name] for name in names if name in revoked), None)


def unrevoked(home: Home) -> tuple[Card, ...]:
    """The cards of all voices that nobody revoked, in the order of `cards`: neither by their name nor by their data,
    and none of their parents. A grant is still needed to use one.
    """
    revoked = revocations(home)
    return tuple(known for known in cards(home) if revoked_on(known.voice, revoked) is None)


def _licence_terms(known: Card) -> Terms:
    """What the licence of a stock voice allows, or those of a blend's parents."""
    return Terms(
        id=f"licence-{known.binding[:16]}",
        kind="licence",
        voice=known.voice.id,
        languages=known.voice.languages + known.also,
        titles=(),
        purposes=(),
        not_before="",
        not_after="",
        cloning=False,
        training=False,
        territory="",
        rate="",
        currency="",
        evidence="",
        reference_sha256=known.binding,
        issued="",
        issuer="",
    )


def _person_grant(home: Home, known: Card, request: Request, days: Sequence[date]) -> Terms:
    """The newest of the person's grants that covers the request, else the most specific refusal."""
    voice_id = known.voice.id
    if not (known.verified or known.evidence):
        raise NoGrant(f"the voice {voice_id} is unverified: enrol it with --statement or --evidence to show consent")
    refusals: list[ConsentError] = []
    covering: list[Terms] = []
    for name in grant_files(home, voice_id):
        try:
            terms = read_grant(home, name)
            _require_record(read_book(home), terms)
            if terms.reference_sha256 != known.binding:
                raise NoGrant(
                    f"the grant {terms.id} was given for other data than the voice {voice_id} has now: "
                    f"restore the voice or grant it anew with `localize voices grant {voice_id}`"
                )
            _covers(terms, known, request, days)
        except ConsentError as error:
            refusals.append(error)
        else:
            covering.append(terms)
    if covering:
        return max(covering, key=lambda terms: (terms.issued, terms.id))
    if not refusals:
        raise NoGrant(f"no grant for the voice {voice_id}: `localize voices grant {voice_id} --languages …`")
    # A grant that holds but does not reach says more than one that is void.
    raise min(refusals, key=lambda error: isinstance(error, NoGrant))


def _require_record(book: Book, terms: Terms) -> None:
    """A grant counts while its record stands in the ledger, word for word, and it was not taken back by itself."""
    record = book.grants.get(terms.id)
    said = json.loads(json.dumps(ledger_entry(terms)))
    if record is None or any(record.get(name) != value for name, value in said.items()):
        raise NoGrant(
            f"the grant {terms.id} of the voice {terms.voice} is not in the ledger of this home: it was made "
            "elsewhere, or the ledger was replaced; grant the voice anew, or import its pack"
        )
    _require_not_ended(book, terms)


def _require_not_ended(book: Book, terms: Terms) -> None:
    if terms.id in book.ended:
        raise GrantRevoked(
            f"the grant {terms.id} of the voice {terms.voice} was taken back{book.ended[terms.id]}: "
            "choose another voice"
        )


def _covers(terms: Terms, known: Card, request: Request, days: Sequence[date]) -> None:
    what = f"the grant {terms.id} of the voice {terms.voice}"
    if request.recorded and known.licensed:
        raise OutOfScope(
            f"{known.voice.id} is a stock voice, and nobody records its lines: enrol whose recording it is with "
            "`localize voices enroll`"
        )
    if not any(_covers_language(tag, request.language) for tag in terms.languages):
        raise OutOfScope(
            f"{what} is for {', '.join(terms.languages)}, not for {request.language}: choose another voice"
        )
    title = unicodedata.normalize("NFC", request.title)
    if terms.titles and not any(_covers_title(pattern, title) for pattern in terms.titles):
        raise OutOfScope(f"{what} is not for the title {title!r}: it is for {', '.join(terms.titles)}")
    if terms.purposes and request.purpose not in terms.purposes:
        raise OutOfScope(f"{what} is for {', '.join(terms.purposes)}, not for {request.purpose!r}")
    imitated = request.cloning or not (known.licensed or request.recorded)
    if imitated and not terms.cloning:
        raise OutOfScope(f"{what} does not allow cloning: choose a stock voice, `localize voices list` shows them")
    for day in days:
        _require_day(terms, day)


def _require_day(terms: Terms, day: date) -> None:
    what = f"the grant {terms.id} of the voice {terms.voice}"
    if terms.not_before and day < date.fromisoformat(terms.not_before):
        raise GrantExpired(f"{what} holds from {terms.not_before} only: choose another voice until then")
    if terms.not_after and day > date.fromisoformat(terms.not_after):
        raise GrantExpired(
            f"{what} ended on {terms.not_after}: grant it anew with `localize voices grant {terms.voice}`"
        )


def _covers_title(pattern: str, title: str) -> bool:
    """Whether a title is the one named, or has its form: `*` and `?` stand for any, a bracket for itself."""
    return title == pattern or fnmatchcase(title, pattern.replace("[", "[[]"))


def _covers_language(allowed: str, wanted: str) -> bool:
    """Whether a tag covers another: itself and what it begins ("es" covers "es-MX", never the other way)."""
    return f"{wanted.lower()}-".startswith(f"{allowed.lower()}-")
