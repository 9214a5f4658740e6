"""The error tree: codes, one line, and the same error in another process."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localize import errors
from localize.errors import LocalizeError

CODES = {
    "LocalizeError": 1,
    "UsageError": 2,
    "ReviewChanged": 2,
    "MediaError": 3,
    "FfmpegFailed": 5,
    "ConsentError": 4,
    "NoGrant": 4,
    "GrantRevoked": 4,
    "GrantExpired": 4,
    "OutOfScope": 4,
    "EngineError": 5,
    "EngineMissing": 5,
    "ModelMissing": 5,
    "EngineFailed": 5,
    "QualityError": 6,
    "StoreError": 7,
}


def tree(kind: type[LocalizeError]) -> Iterator[type[LocalizeError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


def test_every_branch_has_the_exit_code_of_the_design() -> None:
    found = {kind.__name__: kind.exit_code for kind in tree(LocalizeError) if kind.__module__ == errors.__name__}
    assert found == CODES


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_an_error_is_the_same_after_a_journey(name: str, again: object) -> None:
    kind = getattr(errors, name)
    error = kind("a film\nis missing", file="a\nb.mp4", segment="s0001", missing=["x"])
    back = again(error)  # type: ignore[operator]
    assert type(back) is kind
    assert back.args == error.args
    assert back.details == {"file": "a\nb.mp4", "segment": "s0001", "missing": ["x"]}
    assert back.message == error.message


def failing(name: str) -> None:
    raise getattr(errors, name)("it failed in a worker", worker=name)


@pytest.mark.costly
def test_errors_come_out_of_another_process() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for name in CODES:
            with pytest.raises(getattr(errors, name), match="it failed in a worker") as caught:
                pool.submit(failing, name).result()
            assert type(caught.value).__name__ == name
            assert caught.value.details == {"worker": name}


@pytest.mark.parametrize(
    "name",
    [
        "a\nb.mp4",
        "a\r\nb",
        "tab\there",
        "\x1b[31mred\x1b[0m",
        "right\u202eleft.mp4",
        "line\u2028end",
        "\udce9.mp4",
        "\x00",
    ],
)
def test_a_message_is_one_printable_line_whatever_the_file_is_called(name: str) -> None:
    message = LocalizeError(f"{name} cannot be read").message
    assert message.isprintable()
    assert len(message.splitlines()) == 1
    assert message.endswith(" cannot be read")


@given(st.text())
def test_every_message_is_printable_and_keeps_what_was(text: str) -> None:
    message = LocalizeError(text).message
    assert message.isprintable()
    if text.isprintable():
        assert message == text


def test_what_happened_stays_attached() -> None:
    def failing() -> None:
        try:
            raise OSError(2, "No such file")
        except OSError as cause:
            raise errors.MediaError("x does not exist") from cause

    with pytest.raises(errors.MediaError) as caught:
        failing()
    assert isinstance(caught.value.__cause__, OSError)
