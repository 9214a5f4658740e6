"""The ledger: nothing can be changed unseen, nothing is lost, whoever writes and whenever they are killed."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import signal
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localize.consent import Home, keyring, ledger
from localize.errors import StoreError

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


def fill(home: Home, count: int) -> list[bytes]:
    for number in range(count):
        ledger.append(home, "synthesis", voice="ef_dora", title=f"épisode {number}", spoken_ms=number)
    return home.ledger.read_bytes().splitlines(keepends=True)


def test_a_line_is_what_the_documentation_says(home: Home) -> None:
    lines = fill(home, 3)
    prev = "0" * 64
    for number, line in enumerate(lines, 1):
        record = json.loads(line)
        said = record.pop("hash")
        body = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
        assert hashlib.sha256(body).hexdigest() == said
        assert (record["seq"], record["prev"]) == (number, prev)
        assert record["at"].endswith("Z")
        prev = said
    head = json.loads(home.head.read_bytes())
    assert (head["count"], head["hash"], head["size"]) == (3, prev, home.ledger.stat().st_size)
    assert ledger.verify(home.ledger) == ledger.Verdict(True, 3)


def test_a_home_without_a_ledger_is_in_order(home: Home) -> None:
    assert ledger.verify(home.ledger).ok
    assert ledger.read(home) == ()
    assert not home.folder.exists()


def test_everything_is_private(home: Home) -> None:
    fill(home, 1)
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700
    for path in (home.ledger, home.head, home.keys / "ledger.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_names_from_a_strange_file_system_are_kept(home: Home) -> None:
    ledger.append(home, "check", title="bad\udcffname", other="\u2028\0")
    assert ledger.verify(home.ledger).ok
    assert ledger.read(home)[0]["title"] == "bad\udcffname"


def damaged(data: bytes, how: str, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    if how == "flip":
        at = chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    if how == "delete":
        return b"".join(lines[:place] + lines[place + 1 :])
    if how == "swap":
        other = chance.choice([n for n in range(len(lines)) if n != place])
        lines[place], lines[other] = lines[other], lines[place]
        return b"".join(lines)
    if how == "repeat":
        return b"".join(lines[: place + 1] + lines[place:])
    if how == "drop byte":
        at = chance.randrange(len(data))
        return data[:at] + data[at + 1 :]
    return data[: chance.randrange(len(data))]


@pytest.mark.costly
@pytest.mark.parametrize("how", ["flip", "delete", "swap", "truncate", "repeat", "drop byte"])
def test_every_damage_is_found(home: Home, how: str) -> None:
    sound = b"".join(fill(home, 12))
    chance = random.Random(how)
    for _ in range(300):
        home.ledger.write_bytes(damaged(sound, how, chance))
        verdict = ledger.verify(home.ledger)
        assert not verdict.ok
        assert verdict.first_bad is not None
        assert 1 <= verdict.first_bad <= 13
        assert verdict.reason
    home.ledger.write_bytes(sound)
    assert ledger.verify(home.ledger).ok


def test_the_first_bad_record_is_named(home: Home) -> None:
    lines = fill(home, 9)
    home.ledger.write_bytes(b"".join(lines[:4]) + lines[4].replace(b"ef_dora", b"ef_sara") + b"".join(lines[5:]))
    verdict = ledger.verify(home.ledger)
    assert (verdict.ok, verdict.records, verdict.first_bad) == (False, 4, 5)
    with pytest.raises(StoreError, match="record 5") as raised:
        ledger.read(home)
    assert raised.value.exit_code == 7


@pytest.mark.parametrize(
    ("said", "otherwise"),
    [
        (b'{"at":', b'{"hash":%s,"at":'),  # stands elsewhere
        (b'"kind":', b'"hash":%s,"kind":'),  # stands twice
        (b'"hash":%s', b'"hash": %s'),
        (b'"hash":', b'"h\\u0061sh":'),
        (b"}\n", b"} \n"),
        (b"}\n", b"}\r"),
    ],
)
def test_the_same_record_written_otherwise_is_found(home: Home, said: bytes, otherwise: bytes) -> None:
    lines = fill(home, 3)
    own = b'"%s"' % json.loads(lines[1])["hash"].encode()
    said, otherwise = said.replace(b"%s", own), otherwise.replace(b"%s", own)
    line = lines[1].replace(b'"hash":' + own + b",", b"", 1) if b"hash" in otherwise and b"at" in said else lines[1]
    assert said in line
    home.ledger.write_bytes(lines[0] + line.replace(said, otherwise, 1) + lines[2])
    verdict = ledger.verify(home.ledger)
    assert (verdict.ok, verdict.first_bad) == (False, 2)


def test_every_flip_in_the_head_is_found(home: Home) -> None:
    fill(home, 2)
    sound = home.head.read_bytes()
    for at in range(len(sound)):
        home.head.write_bytes(sound[:at] + bytes([sound[at] ^ 1 << at % 8]) + sound[at + 1 :])
        assert not ledger.verify(home.ledger).ok


def test_taking_away_whole_files_is_found(home: Home, tmp_path: Path) -> None:
    fill(home, 3)
    for path in (home.ledger, home.head):
        away = tmp_path / "away"
        path.rename(away)
        assert not ledger.verify(home.ledger).ok
        with pytest.raises(StoreError):
            ledger.append(home, "check")
        away.replace(path)
    (home.keys / "ledger.key").unlink()
    with pytest.raises(StoreError, match="lost its key"):
        ledger.append(home, "check")


def test_a_ledger_rewritten_with_another_key_is_found(home: Home, tmp_path: Path) -> None:
    fill(home, 3)
    other = Home.open(tmp_path / "other")
    fill(other, 3)
    home.ledger.write_bytes(other.ledger.read_bytes())
    assert not ledger.verify(home.ledger).ok
    home.head.write_bytes(other.head.read_bytes())
    assert not ledger.verify(home.ledger).ok


def test_an_older_head_is_an_anchor(home: Home, tmp_path: Path) -> None:
    fill(home, 3)
    anchor = tmp_path / "anchor.json"
    anchor.write_bytes(home.head.read_bytes())
    fill(home, 2)
    assert ledger.verify(home.ledger, anchor).ok
    assert ledger.inspect(home, home.ledger).records == 5


def test_a_copy_is_checked_against_the_homes_head(home: Home, tmp_path: Path) -> None:
    lines = fill(home, 4)
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(b"".join(lines))
    assert ledger.inspect(home, copy).ok
    copy.write_bytes(b"".join(lines[:-1]))
    assert ledger.inspect(home, copy).first_bad == 4


# -- crashes


def test_a_crash_between_record_and_head_loses_nothing(home: Home) -> None:
    fill(home, 2)
    behind = home.head.read_bytes()
    fill(home, 2)
    home.head.write_bytes(behind)
    assert ledger.verify(home.ledger).records == 4
    ledger.append(home, "check")
    assert ledger.verify(home.ledger) == ledger.Verdict(True, 5)


def test_a_record_forged_after_the_head_is_found(home: Home) -> None:
    lines = fill(home, 2)
    record = json.loads(lines[-1])
    forged = {**record, "seq": 3, "prev": record["hash"], "spoken_ms": 999}
    del forged["hash"]
    forged["hash"] = hashlib.sha256(keyring.canonical(forged)).hexdigest()
    with home.ledger.open("ab") as file:
        file.write(keyring.canonical(forged) + b"\n")
    assert ledger.verify(home.ledger).first_bad == 3
    with pytest.raises(StoreError, match="record 3"):
        ledger.append(home, "check")


@pytest.mark.costly
def test_a_torn_line_is_moved_aside_wherever_it_was_torn(home: Home) -> None:
    fill(home, 2)
    sound, behind = home.ledger.read_bytes(), home.head.read_bytes()
    whole = fill(home, 1)[-1]
    for length in range(1, len(whole)):
        home.ledger.write_bytes(sound + whole[:length])
        home.head.write_bytes(behind)
        verdict = ledger.verify(home.ledger)
        assert verdict.ok, length
        assert "unfinished" in verdict.reason
    record = ledger.append(home, "check")
    assert record["recovered"] == {"bytes": len(whole) - 1, "sha256": hashlib.sha256(whole[:-1]).hexdigest()}
    (aside,) = home.folder.glob("ledger.torn-*")
    assert aside.read_bytes() == whole[:-1]
    assert ledger.verify(home.ledger) == ledger.Verdict(True, 3)


def test_a_full_disk_leaves_the_ledger_as_it_was(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(home, 2)
    sound = home.ledger.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="disk is full"):
            ledger.append(home, "check")
    assert home.ledger.read_bytes() == sound
    assert ledger.append(home, "check")["seq"] == 3


class SlowDisk:
    """In the place of `os.fsync`: the first call waits until the ledger has so many records, then fails if asked to."""

    def __init__(self, home: Home, records: int, error: OSError | None = None) -> None:
        self.home, self.records, self.error, self.calls = home, records, error, 0

    def __call__(self, _descriptor: int) -> None:
        self.calls += 1
        if self.calls == 1:
            while self.home.ledger.read_bytes().count(b"\n") < self.records:
                os.sched_yield()
            if self.error is not None:
                raise self.error


def test_records_written_while_one_waits_for_the_disk_go_to_it_together(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home, 1)
    disk = SlowDisk(home, 5)
    monkeypatch.setattr(os, "fsync", disk)
    with ThreadPoolExecutor(4) as pool:
        made = [work.result()["seq"] for work in [pool.submit(ledger.append, home, "check") for _ in range(4)]]
    assert sorted(made) == [2, 3, 4, 5]
    # Record and head of the first, then records and head of the other three.
    assert disk.calls == 4
    assert json.loads(ledger.read_head(home))["count"] == 5
    assert ledger.verify(home.ledger) == ledger.Verdict(True, 5)


def test_a_record_that_another_follows_stays_where_the_disk_failed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(home, 1)
    monkeypatch.setattr(os, "fsync", SlowDisk(home, 3, OSError(5, "Input/output error")))
    with ThreadPoolExecutor(2) as pool:
        works = [pool.submit(ledger.append, home, "check") for _ in range(2)]
    (failed,) = [error for work in works if (error := work.exception())]
    assert isinstance(failed, StoreError)
    # Who was told of the error did nothing with it; the record of the other would follow nothing without it. Where the
    # last writer was told, nobody followed, and its record is taken back.
    (made,) = [work.result()["seq"] for work in works if work.exception() is None]
    assert made in (2, 3)
    assert ledger.verify(home.ledger) == ledger.Verdict(True, made)
    assert ledger.append(home, "check")["seq"] == made + 1


def test_a_record_whose_writer_died_before_the_disk_is_vouched_for_by_the_next(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home, 1)
    with monkeypatch.context() as patched:
        patched.setattr(ledger, "_commit", lambda *_: os._exit(9))
        if not (child := os.fork()):
            ledger.append(home, "check", told="never")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    (home.folder / f".localize-{child}-ledger.head.json").write_bytes(b"half")
    assert json.loads(ledger.read_head(home))["count"] == 1
    assert ledger.append(home, "check")["seq"] == 3
    assert json.loads(ledger.read_head(home))["count"] == 3
    assert not list(home.folder.glob(".localize-*"))


def write_many(folder: Path, writer: int, count: int) -> None:
    home = Home.open(folder)
    for number in range(count):
        ledger.append(home, "check", writer=writer, number=number)


@pytest.mark.slow
def test_eight_processes_lose_nothing(home: Home) -> None:
    writers = [FORK.Process(target=write_many, args=(home.folder, n, 500)) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    records = ledger.read(home)
    assert len(records) == 4000
    for n in range(8):
        assert [r["number"] for r in records if r["writer"] == n] == list(range(500))


@pytest.mark.slow
def test_killed_at_fifty_moments_it_is_still_in_order(home: Home) -> None:
    chance = random.Random(9)
    seen = 0
    for _ in range(50):
        writer = FORK.Process(target=write_many, args=(home.folder, 0, 10_000))
        before = home.ledger.stat().st_size if home.ledger.exists() else 0
        writer.start()
        goal = before + chance.randrange(1, 8000)
        while not home.ledger.exists() or home.ledger.stat().st_size < goal:
            os.sched_yield()
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        verdict = ledger.verify(home.ledger)
        assert verdict.ok, verdict
        assert verdict.records >= seen
        seen = verdict.records
    assert ledger.append(home, "check")["seq"] >= seen
    assert len(list(home.folder.glob(".localize-*"))) <= 1


# -- input from outside


@pytest.mark.costly
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=300))
def test_junk_is_never_a_ledger(home: Home, junk: bytes) -> None:
    home.prepare()
    if not home.head.exists():
        fill(home, 1)
    home.ledger.write_bytes(junk)
    assert not ledger.verify(home.ledger).ok


@pytest.mark.parametrize("text", [b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 100_000, b'{"a":Infinity}', b"\xff"])
def test_strict_json_refuses(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        keyring.strict_line(text)
    with pytest.raises(ValueError, match=r".+"):
        keyring.strict_json(text)


def test_a_linked_ledger_is_not_followed(home: Home, tmp_path: Path) -> None:
    home.prepare()
    home.ledger.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError):
        ledger.append(home, "check")
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_is_never_shown(home: Home) -> None:
    fill(home, 1)
    secret = (home.keys / "ledger.key").read_text().strip()
    (home.keys / "ledger.key").write_text(secret[:-2] + "zz")
    with pytest.raises(StoreError) as raised:
        ledger.append(home, "check")
    assert secret[:16] not in str(raised.value)
