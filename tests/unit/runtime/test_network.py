"""Hosts that a run may talk to: this machine, and what the user's own home names; never what others could write."""

from __future__ import annotations

from pathlib import Path

import pytest

from localize.errors import UsageError
from localize.runtime.network import allowed_hosts, is_loopback


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost", True), ("LOCALHOST", True), ("127.0.0.1", True), ("127.8.9.1", True), ("::1", True),
        ("10.0.0.1", False), ("::2", False), ("localhost.example.org", False), ("127.0.0.1.example.org", False),
        ("", False),
    ],
)  # fmt: skip
def test_this_machine_is_known_by_its_own_writing(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def written(home: Path, text: str) -> Path:
    path = home / "localize.toml"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    return path


def test_without_a_file_no_host_is_allowed_and_with_one_those_it_names(tmp_path: Path) -> None:
    assert allowed_hosts(tmp_path) == frozenset()
    written(tmp_path, "")
    assert allowed_hosts(tmp_path) == frozenset()
    written(tmp_path, '[network]\nallow = ["LLM.example.org", "fd00::7"]')
    assert allowed_hosts(tmp_path) == {"llm.example.org", "fd00::7"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[network", "is not valid TOML"),
        ('output = "here"', "may hold .network. with allow, and nothing else"),
        ("network = 3", "may hold .network. with allow, and nothing else"),
        ('[network]\nallow = ["a.org"]\nrefuse = ["b.org"]', "may hold .network. with allow, and nothing else"),
        ('[network]\nallow = "a.org"', "network.allow is a list of host names"),
        ("[network]\nallow = [3]", "network.allow is a list of host names"),
        ('[network]\nallow = ["https://a.org/"]', "network.allow is a list of host names"),
        ('[network]\nallow = ["-a.org"]', "network.allow is a list of host names"),
    ],
)
def test_a_file_that_says_anything_else_is_refused(tmp_path: Path, text: str, why: str) -> None:
    written(tmp_path, text)
    with pytest.raises(UsageError, match=why):
        allowed_hosts(tmp_path)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_allows_nothing(tmp_path: Path, mode: int) -> None:
    written(tmp_path, '[network]\nallow = ["a.org"]').chmod(mode)
    with pytest.raises(UsageError, match="may be written by others"):
        allowed_hosts(tmp_path)
