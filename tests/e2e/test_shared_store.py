"""Dubs of several machines on one bucket of a real S3 server: processes, homes and folders of their own."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fault_stand import SAME, SIGNED, command, environment, make_film, make_site

pytest.importorskip("s3fs")
moto = pytest.importorskip("moto.server")
boto3 = pytest.importorskip("boto3")
pytestmark = pytest.mark.slow


class Machines:
    """Machines that share a bucket and the seal of the first one's home."""

    def __init__(self, base: Path) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.base, self.site, self.film = base, make_site(base / "site"), make_film(base / "films")
        self.serve()
        boto3.client("s3", endpoint_url=self.server, region_name="us-east-1", **KEYS).create_bucket(Bucket="season")

    def serve(self) -> None:
        """Begin to serve; what is stored outlasts a server that stops."""
        self.moto = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.moto.start()
        self.server = f"http://127.0.0.1:{self.moto.get_host_and_port()[1]}"

    def begin(self, name: str, *words: str) -> subprocess.Popen[str]:
        place = self.base / name
        (place / "tmp").mkdir(parents=True, exist_ok=True)
        key = self.base / "a" / "home" / "keys" / "store.key"
        if key.is_file() and not (place / "home").exists():
            (place / "home" / "keys").mkdir(mode=0o700, parents=True)
            shutil.copy(key, place / "home" / "keys")
        own = {
            "LOCALIZE_STORE": "s3://season/show one",
            "LOCALIZE_STORE_CACHE": str(place / "cache"),
            "AWS_ENDPOINT_URL": self.server,
            "AWS_DEFAULT_REGION": "us-east-1",
            **{name.upper(): value for name, value in KEYS.items()},
        }
        found = environment(place, self.site) | own
        found["PYTHONPATH"] = os.pathsep.join((found["PYTHONPATH"], *sys.path))
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            env=found,
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def dub(self, name: str) -> tuple[int, dict[str, Any]]:
        """A whole dub: how many steps it made, and what it says of itself."""
        return self.end(self.begin(name, *command(self.film, self.base / name / "out"), "--json"))

    def end(self, process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
        out, errors = process.communicate()
        assert process.returncode == 0, errors
        assert not any(secret in out + errors for secret in KEYS.values())
        said = json.loads(out)
        return sum(stage["made"] for stage in said["stages"]), said

    def sounds_the_same(self, one: str, other: str) -> bool:
        import soundfile

        places = [self.base / name / "out" for name in (one, other)]
        for name in SAME:
            files = [place / name for place in places]
            if Path(name).suffix in SIGNED:
                first, second = (soundfile.read(file)[0] for file in files)
                if first.tobytes() != second.tobytes():
                    return False
            elif files[0].read_bytes() != files[1].read_bytes():
                return False
        return True


KEYS = {
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


def codes(said: dict[str, Any]) -> set[str]:
    return {warning["code"] for warning in said["warnings"]}


def test_machines_make_nothing_twice_and_survive_the_loss_of_the_bucket(tmp_path: Path) -> None:
    machines = Machines(tmp_path)
    made, first = machines.dub("a")
    assert made > 40
    made, second = machines.dub("b")
    assert made == 0
    assert machines.sounds_the_same("a", "b")
    assert "store_unreachable" not in codes(first) | codes(second)

    third = machines.begin("c", *command(machines.film, tmp_path / "c" / "out"), "--json")
    assert third.stderr is not None
    for line in third.stderr:
        if line.startswith("translate"):
            break
    machines.moto.stop()
    made, said = machines.end(third)
    assert 0 < made < 40, "what came before the bucket was lost is not made again"
    assert "store_unreachable" in codes(said)
    assert machines.sounds_the_same("a", "c")
    assert list((tmp_path / "c" / "cache").glob("*/unsent/*"))

    machines.serve()
    made, said = machines.dub("c")
    assert (made, "store_unreachable" in codes(said)) == (0, False)
    assert list((tmp_path / "c" / "cache").glob("*/unsent/*")) == []
    given = command(machines.film, tmp_path)
    of_the_dub = [*given[given.index("--to") : given.index("-o")], *given[given.index("--voice") :]]
    batch = machines.begin(
        "d", "localize", "batch", str(machines.film.parent), "-o", "out", "--jobs", "2", "--json", *of_the_dub
    )
    out, errors = batch.communicate()
    assert batch.returncode == 0, errors
    (title,) = json.loads(out)["files"]
    assert (title["made"], title["hits"] > 40) == (0, True), "workers have the bucket, too"
    machines.moto.stop()
