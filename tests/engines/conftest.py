"""What tests of engines share: a server of chat completions, and a model store of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_server import ChatServer, serving

from localize.engines import llm
from localize.models import Models


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serving() as made:
        yield made


@pytest.fixture
def own(tmp_path: Path) -> Models:
    """A model store with a home of this test's own."""
    return Models(home=tmp_path / "home")


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is asked again is asked at once."""
    monkeypatch.setattr(llm, "WAIT_S", 0.0)
    monkeypatch.setattr(llm, "LONGEST_WAIT_S", 0.0)
