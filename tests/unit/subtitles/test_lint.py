"""Every measure finds what it is for and nothing else; what is mechanical is mended; the JSON is the contract's."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from localize.data import Span
from localize.errors import UsageError
from localize.subtitles import profiles
from localize.subtitles.score import TARGETS, fix, lint
from localize.timedtext import formats
from localize.timedtext.cues import Cue, Document
from localize.timedtext.hls import Rendition, write_hls
from localize.transcription.shots import detect_cuts

SHARED = Path(__file__).resolve().parents[4] / "shared" / "media"
RATE = Fraction(24)
NETFLIX = profiles.load("netflix", "es")


def cue(start: int, end: int, *lines: str) -> Cue:
    return Cue("", Span(start, end), lines, at_line=7)


def rules(*cues: Cue, **more: object) -> dict[str, float]:
    report = lint(Document(cues), NETFLIX, "es", RATE, **more)  # type: ignore[arg-type]
    return {f.rule: f.measured for f in report.findings}


GOOD = cue(1000, 3000, "Buenas noches, amigos.")


@pytest.mark.parametrize(
    ("bad", "rule", "measured"),
    [
        (cue(1000, 2000, "Buenas noches, amigos."), "cps", 22),
        (cue(1000, 7000, "Buenas noches, amigos míos, y hasta mañana."), "cpl", 43),
        (cue(1000, 3000, "a", "b", "c"), "lines", 3),
        (cue(1000, 1800, "Sí."), "duration", 800),
        (cue(1000, 8002, "Sí."), "duration", 7002),
        (cue(1000, 3000, "Ella vio la", "casa."), "break", 1),
        (cue(3000, 1000, "Sí."), "duration", -2000),
    ],
)
def test_one_broken_rule_is_found_with_its_line(bad: Cue, rule: str, measured: float) -> None:
    report = lint(Document((bad,)), NETFLIX, "es", RATE)
    found = [f for f in report.findings if f.rule == rule]
    assert [(f.cue, f.line, f.measured) for f in found] == [(1, 7, measured)]
    assert report.score["all_pass"] == 0
    assert not report.conforms


def test_a_good_file_conforms() -> None:
    report = lint(Document((GOOD, cue(3083, 5000, "Hasta mañana."))), NETFLIX, "es", RATE)
    assert report.findings == ()
    assert report.conforms
    assert {rule: report.score[rule] for rule in TARGETS} == {
        **dict.fromkeys(TARGETS, 100.0),
        "shot": None,
        "break": None,
        "sync": None,
    }
    assert lint(Document(()), NETFLIX, "es", RATE).conforms
    assert not lint(Document((), format="vtt"), NETFLIX, "es", RATE).conforms


@pytest.mark.parametrize(
    ("gap", "wrong"),
    [
        (83, False),
        (84, False),
        (82, True),
        (60, True),
        (42, True),
        (125, True),
        (458, True),
        (499, False),
        (500, False),
        (-100, True),
        (0, True),
    ],
)
def test_gaps_at_24(gap: int, wrong: bool) -> None:
    assert ("gap" in rules(GOOD, cue(3000 + gap, 6000, "Hasta mañana."))) is wrong


@pytest.mark.parametrize(("rate", "apart"), [(Fraction(24000, 1001), 12), (Fraction(25), 12), (Fraction(30), 15)])
def test_gaps_at_other_rates(rate: Fraction, apart: int) -> None:
    for frames, wrong in ((2, False), (3, True), (apart - 1, True), (apart, False)):
        start = 3000 + round(frames * 1000 / rate)
        report = lint(Document((GOOD, cue(start, start + 2000, "Hasta mañana."))), NETFLIX, "es", rate)
        assert bool(report.findings) is wrong, frames


def test_cuts() -> None:
    assert rules(cue(1000, 3000, "Sí."), shots=(1250,))["shot"] == -6
    assert "shot" not in rules(cue(1000, 3000, "Sí."), shots=(1000,))
    assert "shot" not in rules(cue(1000, 3000, "Sí."), shots=(1500,))
    assert rules(cue(1000, 3000, "Sí."), shots=(2900,))["shot"] == 2
    assert "shot" not in rules(cue(1000, 3000, "Sí."), shots=(3083,))
    assert "shot" not in rules(cue(1000, 3000, "Sí."), shots=(2500,))


def test_sync() -> None:
    speech = (Span(1000, 1800), Span(1850, 2600))
    assert "sync" not in rules(GOOD, speech=speech)
    assert rules(replace(GOOD, span=Span(1100, 3000)), speech=speech)["sync"] == 100
    assert rules(replace(GOOD, span=Span(880, 3000)), speech=speech)["sync"] == -120
    assert rules(replace(GOOD, span=Span(1000, 3300)), speech=speech)["sync"] == 700
    assert rules(replace(GOOD, span=Span(1000, 2400)), speech=speech)["sync"] == -200
    assert "sync" in rules(GOOD, speech=(Span(9000, 9500),))
    assert lint(Document((GOOD,)), NETFLIX, "es", RATE).score["sync"] is None


def test_integrity_counts_words_that_are_kept_in_order() -> None:
    def score(*words: str) -> float | None:
        return lint(Document((GOOD,)), NETFLIX, "es", RATE, reference=words).score["integrity"]

    assert score("Buenas", "noches,", "amigos.") == 100
    assert score("Buenas", "noches,", "queridos", "amigos.") == 75
    assert (score("amigos.", "Buenas", "noches,") or 0) < 100


def test_markup_and_entities_are_not_counted() -> None:
    report = lint(
        formats.parse(b"WEBVTT\n\n00:00.000 --> 00:01.000\n<v Someone with a name>a&amp;b</v>", "x.vtt"),
        NETFLIX,
        "es",
        RATE,
    )
    assert report.score["cps_p95"] == 3


def test_words_a_minute() -> None:
    profile = profiles.load("bbc", "en")
    report = lint(Document((cue(0, 1000, "I saw it go"),)), profile, "en", RATE)
    assert [(f.rule, f.measured, f.limit) for f in report.findings] == [("cps", 240, 180)]


def test_the_json_of_the_contract() -> None:
    document = formats.parse(b"WEBVTT\n\njunk\n\nid\n00:00.000 --> 00:00.500\nx\n", "x.vtt")
    data = json.loads(json.dumps(lint(document, NETFLIX, "es", RATE).to_json(document, "in/x.vtt")))
    assert {k: data[k] for k in ("schema", "input", "format", "profile")} == {
        "schema": 1,
        "input": "in/x.vtt",
        "format": "vtt",
        "profile": "netflix",
    }
    assert data["warnings"][0]["line"] == 3
    assert set(data["warnings"][0]) == {"code", "message", "line"}
    assert {k: data["findings"][0][k] for k in ("cue", "line", "rule", "measured", "limit")} == {
        "cue": 1,
        "line": 6,
        "rule": "duration",
        "measured": 500,
        "limit": 833.33,
    }
    assert (data["cues"][0]["id"], data["cues"][0]["end_ms"], data["cues"][0]["text"]) == ("id", 500, "x")
    plain = formats.parse(b"1\n00:00:00,000 --> 00:00:01,000\nTom & <i>Ana</i>\n", "x.srt")
    (row,) = lint(plain, NETFLIX, "es", RATE).to_json(plain, "x.srt")["cues"]
    assert row == {"id": "1", "start_ms": 0, "end_ms": 1000, "text": "Tom & <i>Ana</i>"}


def test_fix_mends_what_is_mechanical_and_changes_no_word() -> None:
    document = Document(
        (
            cue(5000, 7000, "Y entonces se fue."),
            cue(1000, 3100, "Esta es una línea demasiado larga para caber, así que hay que partirla en dos."),
            cue(3000, 4900, "Hasta mañana."),
            cue(7100, 7300, "Sí."),
        )
    )
    fixed, remarks = fix(document, NETFLIX, "es", RATE)
    score = lint(fixed, NETFLIX, "es", RATE).score
    assert score["gap"] == score["cpl"] == score["lines"] == score["duration"] == 100
    assert [" ".join(c.lines) for c in fixed.cues] == [" ".join(c.lines) for c in document.cues]
    assert {r.code for r in remarks} == {"lines", "timing"}
    again, _ = fix(fixed, NETFLIX, "es", RATE)
    assert again.cues == fixed.cues


# --- profiles


def test_limits_by_language() -> None:
    assert [profiles.load("netflix", lang).cps for lang in ("en", "es", "pt-BR", "ja", "xx")] == [
        20,
        17,
        17,
        4,
        17,
    ]
    assert profiles.load("netflix-kids", "en").cps == 17
    assert profiles.load("netflix", "ja").chars == 13
    assert profiles.load("netflix", "ja").length("灯台ab") == 3
    assert profiles.load("netflix", "en").length("灯台ab") == 6
    assert profiles.load("mobile", "es").chars == 32
    assert {"netflix", "netflix-kids", "netflix-sdh", "bbc", "mobile", "easy", "bilingual", "forced"} == set(
        profiles.names()
    )


def test_an_unknown_profile_names_the_known() -> None:
    with pytest.raises(UsageError, match=r"unknown profile 'x'; known are: netflix, "):
        profiles.load("x", "es")


def test_own_profiles(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text('[cinema]\nbase = "mobile"\nchars = 38\ncps_by = { es = 16 }\n')
    profile = profiles.load("cinema", "es", own)
    assert (profile.chars, profile.cps, profile.lines) == (38, 16, 2)
    for text, message in (
        ("[a]\ncolour = 1", "unknown key 'colour'"),
        ('[a]\nbase = "b"', "unknown profile 'b'"),
        ("[a]\nlines = 0", "lines = 0"),
        ("[a]\ncps = -1", "cps = -1"),
        ('[a]\nmax_duration = "x"', "x"),
        ("[a]\ndialogue = 1", "dialogue"),
        ("a = 1", "outside"),
        ("[a", "no profiles can be read"),
    ):
        own.write_text(text)
        with pytest.raises(UsageError, match=message):
            profiles.load("a", "es", own)
    with pytest.raises(UsageError, match="cannot be read"):
        profiles.load("a", "es", tmp_path / "none.toml")


# --- HLS and shots


def test_hls_segments_all_carry_the_map(tmp_path: Path) -> None:
    document = Document((cue(1000, 3000, "a & b"), cue(11_000, 13_500, "über die Grenze")), language="de")
    rendition = write_hls(document, tmp_path, name="Deutsch", duration_ms=26_000, segment_ms=6000)
    assert rendition == Rendition("de", "Deutsch", "subs-de/index.m3u8")
    playlist = (tmp_path / rendition.uri).read_text().splitlines()
    parts = [line for line in playlist if line.endswith(".vtt")]
    texts = [(tmp_path / "subs-de" / part).read_text() for part in parts]
    assert len(texts) == 5
    assert all(t.startswith("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n") for t in texts)
    assert [len(formats.parse(t.encode(), "s.vtt").cues) for t in texts] == [1, 1, 1, 0, 0]
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in playlist
    assert playlist[-1] == "#EXT-X-ENDLIST"
    assert sum(float(line[8:-1]) for line in playlist if line.startswith("#EXTINF:")) == 26


def test_hls_tags(tmp_path: Path) -> None:
    document = Document((cue(0, 3000, "x"),), language="es")
    forced = write_hls(document, tmp_path, name='Es "f"', duration_ms=1000, forced=True).tag()
    assert (
        'TYPE=SUBTITLES,GROUP-ID="subs",NAME="Es \'f\'",LANGUAGE="es",'
        'DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,URI="subs-es-forced/index.m3u8"' in forced
    )
    assert "describes-music-and-sound" in write_hls(document, tmp_path, name="x", duration_ms=1000, hearing=True).tag()
    follow = write_hls(document, tmp_path, name="y", duration_ms=9000, boundaries_ms=(0, 2500, 5000, 99_000), stem="y")
    assert (tmp_path / follow.uri).read_text().count("#EXTINF") == 3
    with pytest.raises(UsageError):
        write_hls(document, tmp_path, name="z", duration_ms=1000, segment_ms=0)


@pytest.mark.slow
@pytest.mark.skipif(
    not (SHARED / "4_video" / "sintel_trailer_480x204.mp4").is_file(), reason="needs ../shared/media/4_video"
)
def test_shots_of_a_trailer() -> None:
    pytest.importorskip("scenedetect")
    found = detect_cuts(SHARED / "4_video" / "sintel_trailer_480x204.mp4")
    assert len(found) > 10
    assert list(found) == sorted(found)


# --- against voices whose words nobody timed -------------------------------------------------------------------------

VOICES = (Span(1000, 3000), Span(3300, 5000), Span(8000, 9000))


@pytest.mark.parametrize(
    ("shown", "wrong"),
    [
        (((1000, 3000), (3292, 5000), (8000, 9000)), ""),
        (((1000, 2000), (2083, 3000), (3292, 5000), (8000, 9400)), ""),  # parted inside a phrase
        (((1000, 5400), (8042, 9400)), ""),  # two frames late, half a second longer
        (((1200, 5000), (8000, 9000)), "starts 200 ms after a voice is heard"),
        (((800, 5000), (8000, 9000)), "starts 200 ms before a voice is heard"),
        (((1000, 5000), (8000, 9700)), "stays 700 ms after the voice"),
        (((1000, 4700), (8000, 9000)), "goes 300 ms before the voice ends"),
        (((1000, 5000), (6000, 7000), (8000, 9000)), "no voice is heard while it is shown"),
    ],
)
def test_cues_are_in_step_with_voices_in_any_language(shown: tuple[tuple[int, int], ...], wrong: str) -> None:
    cues = tuple(cue(start, end, "Sí.") for start, end in shown)
    report = lint(Document(cues), NETFLIX, "es", RATE, heard=VOICES)
    assert [f.detail for f in report.findings if f.rule == "sync"] == ([wrong] if wrong else [])


def test_a_sound_in_brackets_is_nobodys_voice() -> None:
    cues = (cue(1000, 5000, "Sí."), cue(6000, 7500, "[música]"), cue(8000, 9000, "No."))
    assert lint(Document(cues), NETFLIX, "es", RATE, heard=VOICES).score["sync"] == 100


def test_a_cue_that_the_table_moves_to_a_cut_is_in_step() -> None:
    cues = (cue(1250, 3000, "Sí."),)
    assert lint(Document(cues), NETFLIX, "es", RATE, heard=VOICES[:1]).score["sync"] == 0
    assert lint(Document(cues), NETFLIX, "es", RATE, (1250,), heard=VOICES[:1]).score["sync"] == 100


def test_a_gap_that_must_close_at_a_cut_moves_the_start_to_it() -> None:
    """The cut lies 6 frames after one voice and 4 before the other: 2 before it, and on it, is all that is left."""
    cut, voices = 4000, (Span(1000, 3750), Span(4167, 6000))
    cues = (cue(1000, 3917, "Sí."), cue(4000, 6000, "No."))
    for more in ({"heard": voices}, {"speech": voices}):
        assert lint(Document(cues), NETFLIX, "es", RATE, (cut,), **more).findings == ()  # type: ignore[arg-type]
        assert lint(Document(cues), NETFLIX, "es", RATE, **more).score["sync"] == 50  # type: ignore[arg-type]
        alone = lint(Document(cues[1:]), NETFLIX, "es", RATE, (cut,), heard=voices[1:])
        assert alone.score["sync"] == 0, "with nothing before it nothing had to close"


# --- profiles of one's own -------------------------------------------------------------------------------------------


def test_a_file_of_one_profile_is_a_profile(tmp_path: Path) -> None:
    path = tmp_path / "cinema.toml"
    path.write_text('[cinema]\nbase = "netflix"\nchars = 38\ncps_by = { es = 16 }\nlinger = "1/4"\n')
    found = profiles.load(str(path), "es")
    assert (found.name, found.chars, found.cps, found.linger) == ("cinema", 38, 16, Fraction(1, 4))
    assert profiles.load(f"{path}#cinema", "es") == found
    with pytest.raises(UsageError, match="unknown profile 'other'"):
        profiles.load(f"{path}#other", "es")


@pytest.mark.parametrize(
    "text",
    [
        "", "chars = 3", "[a]\nchars = 0", "[a]\nchars = 1000000", "[a]\nlines = 99", "[a]\ncps = true",
        '[a]\nlinger = "1e9999999"', '[a]\nlinger = "-1"', '[a]\nmin_duration = "1/0"', "[a]\nchars_by = 3",
        "[a]\nchars_by = { es = 0 }", '[a]\nbase = "a"\n[b]', "[a]\nspeed = 3", "[a",
        "[a]\ncps = nan", "a = " + "[" * 5000,
    ],
)  # fmt: skip
def test_a_file_of_anything_else_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cinema.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        profiles.load(str(path), "es")
    assert "\n" not in caught.value.message
    with pytest.raises(UsageError):
        profiles.load(str(tmp_path / "absent.toml"), "es")
