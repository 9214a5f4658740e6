"""What lies in an output folder and was not delivered is never replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import localize
from localize.events import Warned
from localize.job import Job

pytestmark = pytest.mark.costly
GIVEN = "1\n00:00:01,000 --> 00:00:03,000\nHello there, my dear friend.\n"
OTHER = "1\n00:00:01,000 --> 00:00:03,000\nWords of somebody else.\n"
Make = Callable[..., list[str]]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Subtitle `talk.srt` into the folder `out`; what was said of renamed files."""
    monkeypatch.setenv("LOCALIZE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("LOCALIZE_HOME", str(tmp_path / "home"))
    given, out = tmp_path / "talk.srt", tmp_path / "out"
    given.write_text(GIVEN)
    out.mkdir()

    def made(**changed: object) -> list[str]:
        heard: list[str] = []

        def hear(event: object) -> None:
            if isinstance(event, Warned) and event.code == "files_kept":
                heard.append(event.message)

        job = Job(given, ("es",), output=out, source_language="en")
        localize.subtitle(replace(job, **changed), localize.open_run(hear))  # type: ignore[arg-type]
        return heard

    return made


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {
        "talk.master.json",
        "talk.subtitles.json",
        "talk.es.srt",
        "talk.es.vtt",
    }


def test_a_file_that_no_run_delivered_is_renamed_and_told(make: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "talk.en.srt").write_text(OTHER)
    (told,) = make()
    assert "talk.en.srt to talk.en.srt.bak" in told
    assert (out / "talk.en.srt.bak").read_text() == OTHER
    assert "Hello there" in (out / "talk.en.srt").read_text()
    assert make(formats=("srt", "vtt")) == []
    assert names(out) == {"talk.en.srt", "talk.en.vtt", "talk.en.srt.bak"}


def test_so_is_a_film_or_a_format_that_comes_later(make: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make()
    (out / "talk.en.vtt").write_text(OTHER)
    (told,) = make(formats=("srt", "vtt"))
    assert "talk.en.vtt to talk.en.vtt.bak" in told
    assert (out / "talk.en.vtt.bak").read_text() == OTHER


def test_a_delivered_file_that_somebody_changed_is_renamed_each_time(make: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make()
    for number, ending in enumerate(("bak", "bak2")):
        changed = f"{OTHER}\n{number}"
        (out / "talk.en.srt").write_text(changed)
        assert len(make()) == 1
        assert (out / f"talk.en.srt.{ending}").read_text() == changed


def test_a_given_file_of_another_text_is_kept_and_one_of_the_same_needs_no_other_name(
    make: Make, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    latin = "1\r\n00:00:01,000 --> 00:00:03,000\r\nCafé, my dear friend.\r\n".encode("latin-1")
    (out / "talk.en.srt").write_bytes(latin)
    assert len(make(input=out / "talk.en.srt")) == 1
    assert (out / "talk.en.srt.bak").read_bytes() == latin
    delivered = (out / "talk.en.srt").read_text()
    assert "Café" in delivered
    assert make(input=out / "talk.en.srt") == []
    assert (out / "talk.en.srt").read_text() == delivered


def test_a_delivered_file_that_is_corrected_and_given_is_replaced(make: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make()
    (out / "talk.en.srt").write_text(OTHER)
    assert make(input=out / "talk.en.srt") == []
    assert names(out) == {"talk.en.srt"}
    assert "somebody else" in (out / "talk.en.srt").read_text()


def test_results_of_a_run_that_the_store_does_not_know_are_replaced(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    monkeypatch.setenv("LOCALIZE_STORE", str(tmp_path / "other"))
    assert make(input=tmp_path / "talk.srt", recut=True) == []
    assert names(tmp_path / "out") == {"talk.en.srt"}


def test_what_a_killed_run_delivered_is_of_a_run(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    make()
    (tmp_path / "talk.srt").write_text(OTHER)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("localize.subtitling.as_delivered", killed)
        with pytest.raises(KeyboardInterrupt):
            make()
    assert "somebody else" in (out / "talk.en.srt").read_text()
    (tmp_path / "talk.srt").write_text(GIVEN)
    assert make() == []
    assert names(out) == {"talk.en.srt"}


def test_a_run_that_cuts_cues_leaves_no_store(make: Make, tmp_path: Path) -> None:
    (tmp_path / "out" / "talk.en.srt").write_text(OTHER)
    assert len(make(to=())) == 1
    assert (tmp_path / "out" / "talk.en.srt.bak").read_text() == OTHER
    assert not (tmp_path / "store").exists()
