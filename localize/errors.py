"""The error tree: every exception raised on purpose, one exit code a branch, one line for the user.

A message says what happened, to which file or line, and what to do next. Details travel as keywords, so that a
program can read what a message says, and every error survives pickling (worker processes, Ray).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class LocalizeError(Exception):
    """Base of the tree; `exit_code` is what the command ends with.

    Args:
        message: one sentence or two, no line break, naming the file or line and the next thing to do.
        details: whatever a program would want to know, by name.
    """

    exit_code = 1

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details

    def __reduce__(self) -> tuple[Callable[..., LocalizeError], tuple[Any, ...]]:
        return _rebuild, (type(self), self.args[0], self.details)

    @property
    def message(self) -> str:
        """The message as one printable line, whatever a file's name put into it."""
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(self.args[0]))


_NO_MEMORY = ("bad_alloc", "mkl_malloc", "failed to allocate memory", "cannot allocate memory", "out of memory")
"""What libraries say in errors of their own when memory runs out."""


def unforeseen(error: Exception, advice: str) -> LocalizeError:
    """An error of no branch of the tree, in one line; memory that ran out is named.

    Args:
        error: as it was raised, by our code or a library's.
        advice: what to do next where it is not memory.
    """
    said = " ".join(f"unexpected {type(error).__name__}: {error}".split())
    if isinstance(error, MemoryError) or any(words in said.lower() for words in _NO_MEMORY):
        return EngineFailed(
            f"memory ran out ({said}): a dub takes up to 2 GB, each of --jobs as much; close other programs, or give "
            "fewer --jobs, and run the same command again"
        )
    return LocalizeError(f"{said} ({advice})")


def _rebuild(kind: type[LocalizeError], message: str, details: dict[str, Any]) -> LocalizeError:
    return kind(message, **details)


class UsageError(LocalizeError):
    """A flag, a configuration key or a language pair that cannot be served; nothing was done."""

    exit_code = 2


class ReviewChanged(UsageError):  # noqa: N818 - what happened, not a fault
    """Somebody else added decisions to a review meanwhile; nothing was written."""


class MediaError(LocalizeError):
    """A file that cannot be read, holds no audio or no speech, or is of no supported kind."""

    exit_code = 3


class FfmpegFailed(MediaError):  # noqa: N818 - the field says "ffmpeg failed"
    """The program ffmpeg died, hung or could not stop talking: its fault or the machine's, not surely the film's."""

    exit_code = 5


class ConsentError(LocalizeError):
    """A voice may not be used here. Written to the ledger; never retried."""

    exit_code = 4


class NoGrant(ConsentError):  # noqa: N818 - the field says "no grant", not "no grant error"
    """No grant covers this use, or the voice is unknown."""


class GrantRevoked(ConsentError):  # noqa: N818
    """The grant was revoked."""


class GrantExpired(ConsentError):  # noqa: N818
    """The grant is not valid today."""


class OutOfScope(ConsentError):  # noqa: N818
    """The grant does not cover this language, title or purpose."""


class EngineError(LocalizeError):
    """An engine is missing, lacks its model, or failed."""

    exit_code = 5


class EngineMissing(EngineError):  # noqa: N818
    """A package is not installed; the message names the command that installs it."""


class ModelMissing(EngineError):  # noqa: N818
    """A model is not in the model store; the message names the command that gets it."""


class EngineFailed(EngineError):  # noqa: N818
    """An engine raised on one segment; the details name both."""


class QualityError(LocalizeError):
    """Raised only under --strict, after the outputs are written."""

    exit_code = 6


class StoreError(LocalizeError):
    """The store, the ledger or the disk cannot be trusted or is full."""

    exit_code = 7
