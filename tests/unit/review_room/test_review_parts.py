"""Parts of the review room that need no server: predictions, differences, the page's own files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

from localize.events import Patch
from localize.job import Job, request_json
from localize.media import run_ffmpeg, url
from localize.review_room.command import dub_command
from localize.review_room.dub_folder import heard_differences, predicted_ms
from localize.review_room.film import delivered_original, dubbed_audio, recorded_job
from localize.review_room.sound import Tracks, patched_peaks

PAGE = Path(__file__).resolve().parents[3] / "localize" / "review_room" / "page"


def test_a_sound_of_more_than_four_gibibytes_says_its_length() -> None:
    header = Tracks(None, None, None, None, 48_000 * 3600 * 3).header()
    assert header[:4] == b"RF64"
    at = header.index(b"ds64") + 16
    assert int.from_bytes(header[at : at + 8], "little") == 48_000 * 3600 * 3 * 16


def test_a_new_take_is_in_the_waveform_before_the_mix_is(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "take.wav", np.full((960, 2), 0.5), 48_000)
    patch = Patch(5 * 480 + 240, tmp_path / "full.wav", tmp_path / "take.wav")
    assert patched_peaks([9] * 7, [patch]) == [9] * 5 + [128] * 3


def test_a_wording_is_judged_by_the_pace_of_the_take() -> None:
    assert predicted_ms("casa casa", "casa", 500, "es") == 1000


def test_a_word_heard_without_its_accent_is_the_word() -> None:
    assert heard_differences("¿Cuándo llega Roberto?", "cuando llega Norberto", "es") == [["roberto", "norberto"]]
    assert heard_differences("Ya", None, "es") == []


def test_the_original_is_the_sound_that_was_dubbed(tmp_path: Path) -> None:
    path = tmp_path / "film.mka"
    tone = ("-f", "lavfi", "-i", "sine=duration=0.1")
    tags = ("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=eng", "-metadata:s:a:1", "title=Commentary")
    run_ffmpeg(["-v", "error", *tone, "-map", "0", "-map", "0", *tags, url(path)], str(path))
    assert dubbed_audio(path, None, "en") == 0
    assert dubbed_audio(path, Job(path, to=("es",), stream=1), "en") == 1
    assert delivered_original(path) == 1
    alone = tmp_path / "alone.mka"
    run_ffmpeg(["-v", "error", *tone, url(alone)], str(alone))
    assert delivered_original(alone) is None


def test_a_recorded_request_is_read_back_whole(tmp_path: Path) -> None:
    asked_for = Job(
        tmp_path / "film.wav", to=("es-MX",), source_language="en", stream=0, voices={"S1": "ef_dora"}, speakers=2,
        notice=("screen",), genders={"S1": "female"}, registers={"*": "usted"}, profile="bbc", recut=True,
        renderings=("netflix",), formats=("vtt",), timing="natural", relaxed=("S2",), expression=0.5,
        draft=True, bed="duck", dry=True, loudness="ebu", stems=("speakers",), deliver=("mix", "stems", "srt"),
    )  # fmt: skip
    request = json.loads(json.dumps(request_json(asked_for, "0" * 64)))
    again = recorded_job(request, asked_for.input, tmp_path, [tmp_path])
    assert json.loads(json.dumps(request_json(again, "0" * 64))) == request
    words = " ".join(dub_command(again, tmp_path / "review.json"))
    assert "--draft" in words
    assert "--deliver mix --deliver stems" in words


def test_the_command_of_a_toast_says_the_whole_request(tmp_path: Path) -> None:
    asked_for = Job(
        tmp_path / "film.wav", to=("es",), source_language="en", voices={"S1": "ef_dora"}, bed="duck",
        stems=("speakers",), formats=("srt", "vtt"), dry=True,
    )  # fmt: skip
    words = " ".join(dub_command(asked_for, tmp_path / "review.json"))
    for part in (
        "--to es",
        "--from en",
        "--voice S1=ef_dora",
        "--bed duck",
        "--no-room",
        "--stems speakers",
        "--format vtt",
    ):
        assert part in words


def test_no_part_of_the_page_names_another_machine_or_makes_markup_of_texts() -> None:
    for path in PAGE.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        for forbidden in (
            "http://",
            "https://",
            "//cdn",
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "Function(",
        ):
            assert forbidden not in text, (path.name, forbidden)


def test_both_languages_of_the_page_have_the_same_words() -> None:
    en, es = (json.loads((PAGE / f"words.{tag}.json").read_text("utf-8")) for tag in ("en", "es"))
    assert list(en) == list(es)
    holes = [key for key in en if sorted(_holes(en[key])) != sorted(_holes(es[key]))]
    assert not holes


def _holes(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]
