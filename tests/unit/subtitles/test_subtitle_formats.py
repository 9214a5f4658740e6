"""Reading and writing: every format, every encoding, hostile files, and the same cues again after a round trip."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localize.data import Span
from localize.errors import MediaError, UsageError
from localize.timedtext import formats
from localize.timedtext.cues import TOP, Cue, Document, Mark
from localize.timedtext.scc import timecode

SHARED = Path(__file__).resolve().parents[4] / "shared" / "media" / "6_subtitles"
RATE = Fraction(24000, 1001)
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/media/6_subtitles")

# --- round trips

LETTERS = st.characters(
    codec="utf-8",
    exclude_categories=("Cc", "Cs", "Zl", "Zp"),
    exclude_characters="\u2060\ue000\ufeff\ufffe\uffff",
)
LINE = st.text(LETTERS, min_size=1, max_size=40).map(str.strip).filter(lambda line: bool(line) and "{\\" not in line)


@st.composite
def documents(draw: st.DrawFn, step: int = 1, line: st.SearchStrategy[str] = LINE) -> Document:
    cues = []
    at = 0
    for number in range(draw(st.integers(1, 6))):
        start = at + draw(st.integers(0, 500)) * step
        at = start + draw(st.integers(1, 900)) * step
        lines = tuple(draw(st.lists(line, min_size=1, max_size=3)))
        top = draw(st.booleans())
        cues.append(Cue(str(number + 1), Span(start, at), lines, settings=TOP if top else None))
    return Document(tuple(cues))


def facts(document: Document, *, squeeze: bool = False) -> list[object]:
    def shape(line: str) -> str:
        return " ".join(re.split(r"[ \t\r\n]+", line.strip(" \t\r\n"))) if squeeze else line

    return [
        (c.span, tuple(shape(line) for line in c.plain), c.settings is not None and c.settings.line == 0)
        for c in document.cues
    ]


def again(document: Document, fmt: str) -> Document:
    text, _ = formats.render(document, fmt, frame_rate=RATE)
    return formats.parse(text.encode(), f"x.{fmt}")


@pytest.mark.costly
@given(documents())
@settings(max_examples=25, deadline=None)
def test_srt_round_trip(document: Document) -> None:
    plain = Document(tuple(c for c in document.cues))
    assert facts(again(plain, "srt")) == facts(plain)


@given(documents())
@settings(max_examples=25, deadline=None)
def test_vtt_round_trip(document: Document) -> None:
    assert facts(again(document, "vtt")) == facts(document)


@given(documents())
@settings(max_examples=25, deadline=None)
def test_ttml_round_trip(document: Document) -> None:
    assert facts(again(document, "ttml"), squeeze=True) == facts(document, squeeze=True)


@given(documents(step=10))
@settings(max_examples=40, deadline=None)
def test_ass_round_trip(document: Document) -> None:
    assert facts(again(document, "ass"), squeeze=True) == facts(document, squeeze=True)


@given(
    documents(
        step=100,
        line=st.text("abcdefgh XYZ.,?!áéíóúñçàèâêîôûÁÉÓÚÜü¡¿«»ãõÃÕäöÄÖß", min_size=1, max_size=30)
        .map(str.strip)
        .filter(bool),
    )
)
@settings(max_examples=25, deadline=None)
def test_scc_keeps_every_letter_and_loses_no_cue(document: Document) -> None:
    back = again(document, "scc")
    assert [" ".join(" ".join(c.plain).split()) for c in back.cues] == [
        " ".join(" ".join(c.plain).split()) for c in document.cues
    ]


def test_markup_survives_between_formats() -> None:
    marks = (Mark(0, 0, 1, "italic"), Mark(0, 4, 5, "bold"))
    document = Document((Cue("1", Span(1000, 2000), ("a & b < c", "d {e}"), marks=marks),))
    for fmt in ("srt", "vtt", "ttml", "ass"):
        back = again(document, fmt).cues[0]
        assert back.plain == ("a & b < c", "d {e}"), fmt
        assert back.marks == marks, fmt


def test_voices_are_written_to_webvtt_and_said_to_be_lost_elsewhere() -> None:
    document = Document((Cue("", Span(0, 1000), ("Hola & adiós",), speaker="Ana <1>"),))
    back = again(document, "vtt").cues[0]
    assert back.speaker == "Ana <1>"
    assert back.plain == ("Hola & adiós",)
    assert "voice" in {r.code for r in formats.render(again(document, "vtt"), "srt", frame_rate=RATE)[1]}


def test_ttml_counts_frames_where_all_times_lie_on_them() -> None:
    on = Document((Cue("", Span(1001, 2002), ("x",)),), language="es")
    text, _ = formats.render(on, "ttml", frame_rate=RATE)
    assert 'begin="24f"' in text
    assert 'frameRateMultiplier="1000 1001"' in text
    assert 'xml:lang="es"' in text
    assert "imsc1.1/text" in text
    off, _ = formats.render(Document((Cue("", Span(1005, 2002), ("x",)),)), "ttml", frame_rate=RATE)
    assert 'begin="00:00:01.005"' in off


def test_line_21_is_late_rather_than_lost_and_parts_no_code() -> None:
    cues = tuple(Cue("", Span(n * 400, n * 400 + 350), ("¿" * 30 + "¡é", "♪ x ♪" * 6)) for n in range(1, 12))
    back = again(Document(cues), "scc")
    assert [c.plain for c in back.cues] == [c.plain for c in cues]


def test_drop_frame_numbers() -> None:
    assert timecode(1799, drop=True) == "00:00:59;29"
    assert timecode(1800, drop=True) == "00:01:00;02"
    assert timecode(17982, drop=True) == "00:10:00;00"
    assert timecode(107892, drop=True) == "01:00:00;00"
    assert timecode(1800, drop=False) == "00:01:00:00"


def test_a_script_line_21_lacks_is_refused() -> None:
    with pytest.raises(UsageError, match="script"):
        formats.render(Document((Cue("", Span(0, 1000), ("слева",)),)), "scc", frame_rate=RATE)


def test_unknown_format_names_those_written() -> None:
    with pytest.raises(UsageError, match="srt, vtt, ttml, ass, scc"):
        formats.render(Document(()), "doc", frame_rate=RATE)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    document = Document((Cue("", Span(0, 1000), ("ñ",)),))
    formats.write(document, tmp_path / "a.srt", "srt", frame_rate=RATE)
    assert (tmp_path / "a.srt").read_text(encoding="utf-8") == "1\n00:00:00,000 --> 00:00:01,000\nñ\n"
    with pytest.raises(UsageError):
        formats.write(document, tmp_path / "b.doc", "doc", frame_rate=RATE)
    assert [p.name for p in tmp_path.iterdir()] == ["a.srt"]


# --- SubRip as it comes


def srt(text: str) -> Document:
    return formats.parse(text.encode(), "x.srt")


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("00:00:01,500 --> 00:00:02,000", 1500, 2000),
        ("0:0:1,5 --> 0:0:2.25", 1500, 2250),
        ("00:01 --> 00:02", 1000, 2000),
        ("00:00:01.500->00:00:02.000", 1500, 2000),
        ("00:00:01,500 --> 00:00:02,000  X1:100 X2:200", 1500, 2000),
        ("-00:00:01,500 --> 00:00:02,000", 0, 2000),
        ("00:00:05,000 --> 00:00:02,000", 5000, 2000),
    ],
)
def test_srt_times(line: str, start: int, end: int) -> None:
    (cue,) = srt(f"1\n{line}\ntext\n").cues
    assert (cue.span, cue.text, cue.at_line) == (Span(start, end), "text", 2)


def test_srt_repairs_are_reported_with_their_lines() -> None:
    text = (
        "00:00:01,000 --> 00:00:02,000\none\n\nstill one\n\n7\n00:00:0x --> 00:00:04,000\nlost\n\n8\n"
        "00:00:09,000 --> 00:00:05,000\n42\n"
    )
    document = srt(text.replace("\n", "\r\n"))
    assert [(c.id, c.lines) for c in document.cues] == [("", ("one", "still one")), ("8", ("42",))]
    assert {(w.code, w.line) for w in document.warnings} == {
        ("index", 1),
        ("blank", 2),
        ("timing", 7),
        ("order", 11),
    }


def test_numbers_as_text_are_kept() -> None:
    assert [
        c.lines for c in srt("1\n00:00:01,000 --> 00:00:02,000\n1984\n\n2\n00:00:03,000 --> 00:00:04,000\nx\n2\n").cues
    ] == [("1984",), ("x", "2")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n¿Qué pasó, señor? Está allí, “¡sí!”\n\n" * 4
    document = formats.parse(text.encode(encoding), "x.srt")
    assert document.cues[0].text == "¿Qué pasó, señor? Está allí, “¡sí!”"
    assert bool(document.warnings) == (encoding == "cp1252")


def test_gb2312() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n今天我们去北京看朋友，然后一起吃饭。\n\n" * 6
    document = formats.parse(text.encode("gb2312"), "x.srt")
    assert document.cues[0].text == "今天我们去北京看朋友，然后一起吃饭。"
    assert document.warnings[0].code == "encoding"


# --- refusals

BOMB = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><tt xmlns="http://www.w3.org/ns/ttml"><body>&b;</body></tt>'


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "x.srt"),
        (b"   \n", "x.vtt"),
        (b"hello", "x.srt"),
        (b"hello", "x"),
        (b"\x00\x01\x02\xff" * 100, "x.srt"),
        (BOMB.encode(), "x.ttml"),
        (BOMB.encode("utf-16"), "x.ttml"),
        (b'<tt xmlns="http://www.w3.org/ns/ttml">' + b"<div>" * 100_000, "x.ttml"),
        (b"<tt><body>", "x.ttml"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><tt/></svg>', "x.xml"),
        (b"850STL25.01" + b" " * 1013, "x.stl"),
        (b"Scenarist_SCC V1.0\n\n", "x.scc"),
        (b"[Script Info]\n[Events]\nDialogue: nonsense", "x.ass"),
        (b"<SAMI><BODY></BODY></SAMI>", "x.smi"),
        (b"{1}{2}x", "x.sub"),
        (b"PK\x03\x04", "x.zip"),
        (b"x", "a\nb\x00.srt"),
    ],
)
def test_what_cannot_be_read_is_one_line(data: bytes, name: str) -> None:
    with pytest.raises(MediaError) as caught:
        formats.parse(data, name)
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 3


def test_folders_and_absent_files_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.srt", tmp_path / "a\0b.srt"):
        with pytest.raises(MediaError):
            formats.read(path)


@pytest.mark.costly
def test_hostile_lengths_take_linear_time() -> None:
    for text in ("<v " * 200_000, "<v" + " " * 400_000, "&" * 400_000, "<" * 400_000, "1:" * 200_000 + "-->"):
        body = text.replace("-->", "")
        document = formats.parse(f"WEBVTT\n\n00:00.000 --> 00:01.000\n{body}\n".encode(), "x.vtt")
        assert len(document.cues[0].plain) <= 1
        document = srt(f"1\n00:00:00,000 --> 00:00:01,000\n{text}\n" + "\n" * 100_000)
        formats.render(document, "srt", frame_rate=RATE)


# --- the files of the world


def _shown(document: Document) -> list[tuple[Span, str]]:
    """Times and words; marks of direction, which a writer adds for players, are no words."""
    return [(c.span, " ".join(re.sub("[\u202a-\u202e]", "", " ".join(c.plain)).split())) for c in document.cues]


@pytest.mark.costly
@needs_shared
def test_every_shared_file_is_read_or_refused_and_comes_back_the_same() -> None:
    read = 0
    refused: list[tuple[str, str]] = []
    for path in sorted(p for p in SHARED.rglob("*") if p.is_file()):
        try:
            document = formats.read(path)
        except MediaError as error:
            refused.append((path.name, error.message))
            continue
        read += 1
        for fmt in ("srt", "vtt", "ttml"):
            visible = (
                Document(tuple(c for c in document.cues if "".join(c.plain).strip())) if fmt == "ttml" else document
            )
            back = again(document, fmt)
            assert _shown(back) == _shown(visible), (path.name, fmt)
    assert all(name in message for name, message in refused)
    assert (read, len(refused)) == (39, 14)


@needs_shared
def test_shared_counts_are_those_of_the_files() -> None:
    for path in sorted(SHARED.rglob("*.vtt")):
        arrows = path.read_text(encoding="utf-8").count("-->")
        assert len(formats.read(path).cues) == arrows, path.name
