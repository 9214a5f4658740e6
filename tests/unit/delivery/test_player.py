"""The folder with the player: what lies in it is what was delivered, and nothing of a stranger's text is code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import av
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from made_films import make_films

from localize import consent, package_player, provenance
from localize.consent import Home
from localize.errors import GrantRevoked

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028\\\"'"
LINES = ("Good evening to you.", HOSTILE, "Who is there?")
TRANSLATED = {"es": ("Buenas noches.", HOSTILE, "¿Quién anda ahí?"), "pt": ("Boa noite.", HOSTILE, "Quem está aí?")}

pytestmark = pytest.mark.slow


def film_facts(page: Path) -> dict[str, Any]:
    """What film.js gives the page: one call of JSON.parse with a text, and nothing else."""
    begins, script = '"use strict";\nwindow.localizeFilm = JSON.parse(', page.with_name("film.js").read_text("utf-8")
    assert script.startswith(begins)
    text, at = json.JSONDecoder().raw_decode(script, len(begins))
    assert script[at:] == ");\n"
    assert script.isascii()
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def packets(path: Path, kind: str, index: int = 0) -> list[tuple[float, bytes]]:
    """(time in seconds, bytes) of a stream's packets."""
    with av.open(str(path)) as container:
        stream = [s for s in container.streams if s.type == kind][index]
        return [(round(float(p.pts * p.time_base), 3), bytes(p)) for p in container.demux(stream) if p.pts is not None]


def test_picture_and_sounds_are_those_of_the_films(tmp_path: Path) -> None:
    out = make_films(tmp_path / "out", LINES, TRANSLATED, late_ms=(400, 120))
    made = package_player(out)
    folder = made.master.parent
    assert sorted(path.name for path in folder.iterdir()) == [
        "audio-es.m4a", "audio-original.m4a", "audio-pt.m4a", "film.js", "index.html", "picture.mp4", "player.css",
        "player.js", "provenance.json", "provenance.json.c2pa", "words.js",
    ]  # fmt: skip
    assert made.warnings == ()
    assert packets(folder / "picture.mp4", "video") == packets(out / "film.es.mp4", "video")
    for name, film, index in (("es", "es", 0), ("pt", "pt", 0), ("original", "es", 1)):
        assert packets(folder / f"audio-{name}.m4a", "audio") == packets(out / f"film.{film}.mp4", "audio", index)
    assert [(s.language, s.default) for s in made.audio] == [("es", True), ("pt", False), ("en", False)]
    with av.open(str(folder / "audio-pt.m4a")) as container:
        assert "synthesized voices" in container.metadata["comment"]


def test_every_style_is_there_and_hostile_texts_are_texts(tmp_path: Path) -> None:
    out = make_films(tmp_path / "out", LINES, TRANSLATED, name="a<b>&'film", forced=("s0003",))
    made = package_player(out)
    found = film_facts(made.master)
    assert found["title"] == "a<b>&'film"
    assert "<title>a&lt;b&gt;&amp;&#x27;film</title>" in made.master.read_text("utf-8")
    styles = {entry["language"]: entry["styles"] for entry in found["subtitles"]}
    assert set(styles) == {"es", "pt", "en"}
    assert {style: cues["profile"] for style, cues in styles["es"].items()} == {
        "usual": "netflix", "phone": "mobile", "easy": "easy", "sdh": "netflix-sdh", "forced": "forced",
    }  # fmt: skip
    assert [" ".join(lines) for _, _, lines in styles["es"]["forced"]["cues"]] == ["¿Quién anda ahí?"]
    assert any("música" in " ".join(lines) for _, _, lines in styles["es"]["sdh"]["cues"])
    assert "onerror=alert(1)" in json.dumps(styles["pt"]["usual"])
    assert found["disclosure"]["es"] == "Voces generadas con IA"


def test_it_is_listed_signed_and_in_the_ledger(tmp_path: Path) -> None:
    home = Home.open()
    folder = package_player(make_films(tmp_path / "out", LINES, TRANSLATED)).master.parent
    names = ("provenance.json", "index.html", "player.js", "picture.mp4", "audio-es.m4a")
    for checked in provenance.verify([folder / name for name in names], home):
        assert checked.ok, checked.checks
    assert {made.title for voice in ("ef_dora", "pm_alex") for made in consent.impact(home, voice)} == {"film"}
    (folder / "film.js").write_text("window.localizeFilm = {}")
    for checked in provenance.verify([folder / "film.js", folder / "provenance.json"], home):
        assert not checked.ok


def test_a_picture_no_browser_shows_is_encoded_anew_and_said(tmp_path: Path) -> None:
    made = package_player(make_films(tmp_path / "out", LINES, {"es": TRANSLATED["es"]}, codec="mpeg4"))
    assert [warning.code for warning in made.warnings] == ["picture_encoded"]
    with av.open(str(made.master.with_name("picture.mp4"))) as container:
        (stream,) = container.streams
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")


def test_a_revoked_voice_is_not_packaged(tmp_path: Path) -> None:
    out = make_films(tmp_path / "out", LINES, {"es": TRANSLATED["es"]})
    consent.revoke(Home.open(), "em_alex")
    with pytest.raises(GrantRevoked):
        package_player(out)
    assert not (out / "player").exists()
    assert not [path for path in out.iterdir() if path.name.startswith(".")]
