"""The ledger: nothing can be changed unseen."""

from __future__ import annotations

import hashlib
import json
import random
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localize.consent import Home, keyring, ledger
from localize.errors import StoreError
from tests.made_ledgers import fill


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


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


def test_a_head_of_the_same_length_is_written_over(home: Home, tmp_path: Path) -> None:
    fill(home, 4)
    inode = home.head.stat().st_ino
    fill(home, 1)
    assert home.head.stat().st_ino == inode
    kept = tmp_path / "kept.json"
    kept.hardlink_to(home.head)
    fill(home, 1)
    assert json.loads(kept.read_bytes())["count"] == 5
    assert ledger.verify(home.ledger, kept).ok
    home.head.rename(tmp_path / "moved.json")
    home.head.symlink_to(tmp_path / "moved.json")
    fill(home, 1)
    assert json.loads((tmp_path / "moved.json").read_bytes())["count"] == 6
    assert not home.head.is_symlink()
    assert ledger.verify(home.ledger) == ledger.Verdict(True, 7)
    fill(home, 100)
    assert ledger.verify(home.ledger) == ledger.Verdict(True, 107)
    assert len(home.head.read_bytes()) < 512


def test_a_ledger_shorter_than_its_head_is_refused_however_far_behind_the_head_is(home: Home) -> None:
    lines = fill(home, 3)
    behind = home.head.read_bytes()
    lines = fill(home, 3)
    for data in (behind, home.head.read_bytes()):
        home.head.write_bytes(data)
        count = json.loads(data)["count"]
        for kept in range(count):
            home.ledger.write_bytes(b"".join(lines[:kept]))
            assert not ledger.verify(home.ledger).ok
            with pytest.raises(StoreError, match="cut off or missing"):
                ledger.append(home, "check")


@pytest.mark.parametrize(
    ("how", "first_bad"),
    [("edited", 4), ("zeros", 4), ("gone", 4), ("swapped", 4), ("twice", 5), ("old one last", 6), ("forged", 4)],
)
def test_what_is_not_vouched_for_is_checked_before_anything_follows_it(home: Home, how: str, first_bad: int) -> None:
    """Records 3 to 5 are behind the head; the last line is right by itself in all cases but two."""
    fill(home, 2)
    behind = home.head.read_bytes()
    lines = fill(home, 3)
    if how == "edited":
        lines[3] = lines[3].replace(b"ef_dora", b"ef_sara")
    elif how == "zeros":
        lines[3] = bytes(len(lines[3]) - 1) + b"\n"
    elif how == "gone":
        del lines[3]
    elif how == "swapped":
        lines[2:4] = lines[3], lines[2]
        first_bad = 3
    elif how == "twice":
        lines.insert(3, lines[3])
    elif how == "old one last":
        lines.append(lines[1])
    else:
        record = {**json.loads(lines[3]), "spoken_ms": 999}
        record["hash"] = hashlib.sha256(
            keyring.canonical({name: value for name, value in record.items() if name != "hash"})
        ).hexdigest()
        lines[3] = keyring.canonical(record) + b"\n"
    found = b"".join(lines)
    home.ledger.write_bytes(found)
    home.head.write_bytes(behind)
    assert ledger.verify(home.ledger).first_bad == first_bad
    with pytest.raises(StoreError, match=f"record {first_bad} "):
        ledger.append(home, "check")
    assert home.ledger.read_bytes() == found
    assert home.head.read_bytes() == behind
    assert ledger.verify(home.ledger).first_bad == first_bad


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
