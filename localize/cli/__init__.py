"""The command line: flags to a `Job`, events to a terminal, errors to one line and an exit code. No rules of its own.

Nothing heavy is imported before a command runs, so that help answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

import click

from ..errors import LocalizeError, unforeseen
from ..runtime.threads import leave
from .batching import batch
from .checks import doctor, lint, models, sync, verify
from .conversion import convert, export
from .dubbing import dub, explain, package, subs
from .edits import edits
from .keys import keys
from .pronouncing import pronounce
from .reviewing import review
from .root import cli
from .script import script
from .store import store
from .terminal import ErrorJson, FailureJson, print_json, printable
from .voices import voices

RESUMABLE = "interrupted: what is done is kept, the same command goes on from there"


class _Stopped(BaseException):
    """A termination signal as a `BaseException`, so that no handler of errors catches it."""


def _stop(number: int, _frame: object) -> NoReturn:
    raise _Stopped(number)


for _command in (
    dub, subs, lint, convert, export, batch, voices, keys, models, verify, sync, doctor, explain, package, pronounce,
    store, edits, review, script,
):  # fmt: skip
    cli.add_command(_command)


def main() -> NoReturn:
    """Run the command and exit: 0, or the code of the error's branch (DESIGN.md, section 8)."""
    _keep_stdin()
    arguments = sys.argv[1:]
    verbose = "-v" in arguments or "--verbose" in arguments
    if not verbose:
        _silence_libraries()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        code = cli.main(args=arguments, prog_name="localize", standalone_mode=False)
        leave(code if isinstance(code, int) else 0)
    except LocalizeError as error:
        printed = "result" in error.details  # one that falls short under --strict
        _fail(error.message, error.exit_code, verbose=verbose, kind="" if printed else type(error).__name__)
    except click.exceptions.Abort:  # what click makes of an interrupt that no signal brought
        _fail(RESUMABLE, 130, verbose=False, kind="Interrupted")
    except _Stopped as stopped:
        # 128 and the signal's number, as shells have it: 130 for Ctrl-C.
        code = 128 + int(stopped.args[0])
        _fail(RESUMABLE, code, verbose=False, kind="Interrupted")
    except click.exceptions.NoArgsIsHelpError as error:  # a group alone: its help is what was asked for
        click.echo(error.format_message())
        sys.exit(0)
    except click.ClickException as error:
        hint = f" (see '{error.ctx.command_path} --help')" if isinstance(error, click.UsageError) and error.ctx else ""
        _fail(f"{error.format_message()}{hint}", error.exit_code, verbose=False, kind="UsageError")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        found = unforeseen(error, "run with -v to see where, and report it")
        _fail(found.message, found.exit_code, verbose=verbose, kind=type(error).__name__)


def _keep_stdin() -> None:
    """Reserve stdin for prompts of the command: child processes get an empty one.

    A child that touches the terminal of a command in the background is stopped by it, and the command with it.
    """
    try:
        own = os.dup(0)  # closed in children (PEP 446)
    except OSError:  # there is no stdin
        return
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    encoding = getattr(sys.stdin, "encoding", None)
    sys.stdin = open(own, encoding=encoding, errors="replace")  # noqa: SIM115 - open as long as the command runs


def _fail(message: str, code: int, *, verbose: bool, kind: str) -> NoReturn:
    """End with one line on stderr, and under --json with one object on stdout.

    Args:
        message: for a person.
        code: to exit with.
        verbose: also the traceback.
        kind: of the error, for a program; "" where stdout has its object already.
    """
    if kind and "--json" in sys.argv[1:]:
        error: ErrorJson = {"kind": kind, "message": " ".join(message.split()), "exit_code": code}
        failure: FailureJson = {"schema": 1, "error": error}
        print_json(failure)
    if verbose:
        import traceback

        traceback.print_exc()
    click.echo(f"localize: {printable(' '.join(message.split()))}", err=True)
    leave(code)


def _silence_libraries() -> None:
    """Silence log messages, warnings and progress bars of libraries."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)
