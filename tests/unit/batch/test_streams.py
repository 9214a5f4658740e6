"""Pieces of streams, and the folders that a dub leaves beside its files, are no films."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from localize.batches.planning import Title, plan_titles
from localize.errors import UsageError
from localize.job import Job
from localize.media import run_ffmpeg, url

HEAD = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n"


def laid(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def planned(folder: Path, **choice: object) -> list[Title]:
    return plan_titles(Job(folder, ("es",)), folder.parent / "out", recursive=True, **choice)  # type: ignore[arg-type]


def films(folder: Path, **choice: object) -> list[str]:
    return [title.job.input.relative_to(folder).as_posix() for title in planned(folder, **choice)]


@pytest.mark.parametrize(
    ("playlist", "lines", "names", "left"),
    [
        ("s/index.m3u8", ("#EXTINF:6,", "0.ts", "#EXTINF:6,", "1.ts"), ("s/0.ts", "s/1.ts"), ()),
        ("s.m3u8", ("#EXTINF:6,", "s/0.ts", "#EXTINF:6,", "s/1.ts"), ("s/0.ts", "s/1.ts"), ()),
        ("a/s.m3u8", ("#EXTINF:6,", "../b/0.ts", "#EXTINF:6,", "../b/1.ts"), ("b/0.ts", "b/1.ts"), ()),
        ("s/i.m3u8", ('#EXT-X-MAP:URI="init.mp4"', "#EXTINF:6,", "0.m4s"), ("s/init.mp4", "s/0.m4s"), ()),
        (
            "s/i.m3u8", ('#EXT-X-MAP:BYTERANGE="9@0",URI="init%201.mp4"', "#EXTINF:6,", "0.m4s"),
            ("s/init 1.mp4", "s/0.m4s"), (),
        ),
        ("s/I.M3U8", ("#EXTINF:6,", "0.ts\r", "#EXTINF:6,", "1.ts\r"), ("s/0.ts", "s/1.ts", "s/2.ts"), ("s/2.ts",)),
        # a stream in one file is a film
        ("s/i.m3u8", ("#EXTINF:6,", "#EXT-X-BYTERANGE:9@0", "f.ts", "#EXTINF:6,", "f.ts"), ("s/f.ts",), ("s/f.ts",)),
        ("s/i.m3u8", ('#EXT-X-MAP:URI="f.mp4",BYTERANGE="9@0"', "#EXTINF:6,", "f.mp4"), ("s/f.mp4",), ("s/f.mp4",)),
        ("s/i.m3u8", ("#EXTINF:6,", "https://cdn.example/0.ts", "#EXTINF:6,", "1.ts"), ("s/1.ts",), ("s/1.ts",)),
    ],
)  # fmt: skip
def test_pieces_that_a_playlist_names_are_no_films(
    tmp_path: Path, playlist: str, lines: Sequence[str], names: Sequence[str], left: Sequence[str]
) -> None:
    folder = laid(tmp_path / "in", "e01.mp4", *names, playlist)
    (folder / playlist).write_text(HEAD + "\n".join(lines) + "\n#EXT-X-ENDLIST\n")
    assert films(folder) == ["e01.mp4", *left]
    told = [line for line in planned(folder)[0].unused if "streams" in line]
    passed_over = [name for name in names if name not in left and not name.endswith(".m4s")]
    assert told == (
        [f"{len(passed_over)} files are pieces of streams, and no films, by {playlist}"] if passed_over else []
    )


def test_a_list_of_films_to_play_is_no_stream(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", "e01.mp4", "e02.mp4", "all.m3u8", "bin.m3u8")
    (folder / "all.m3u8").write_text("#EXTM3U\n#EXTINF:1320,One\ne01.mp4\n#EXTINF:1320,Two\ne02.mp4\n")
    (folder / "bin.m3u8").write_bytes(b"\xff\xfe#EXT-X-TARGETDURATION:6\ne01.mp4\ne02.mp4\n")
    assert films(folder) == ["e01.mp4", "e02.mp4"]


def test_a_folder_with_nothing_but_pieces_says_so(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", "0.ts", "1.ts", "i.m3u8")
    (folder / "i.m3u8").write_text(f"{HEAD}#EXTINF:6,\n0.ts\n#EXTINF:6,\n1.ts\n")
    with pytest.raises(
        UsageError, match=r"holds no media file .*2 files are pieces of streams, and no films, by i\.m3u8"
    ):
        planned(folder)
    assert films(laid(folder, "x/2.ts"), include="?.ts") == ["x/2.ts"]


@pytest.mark.costly
def test_what_ffmpeg_cuts_is_no_film(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", "e01.mp4")
    for kind in ("fmp4", "mpegts"):
        (folder / kind).mkdir()
        picture = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=3", "-c:v", "libx264"]
        stream = ["-g", "25", "-hls_time", "1", "-hls_segment_type", kind, "-hls_playlist_type", "vod"]
        run_ffmpeg([*picture, *stream, url(folder / kind / "index.m3u8")], "cut")
        assert len(list((folder / kind).iterdir())) > 2
    assert films(folder) == ["e01.mp4"]


def test_folders_that_a_dub_leaves_hold_no_films(tmp_path: Path) -> None:
    kept = ("hls/video/init.mp4", "player/video.mp4", "e01.es.clips/s0001.m4a", "e01.takes/ab.wav")
    beside = ("e01.es.x/f.mp4", "e02.takes/f.mp4", "season 2/hls/f.mp4", "extras/f.mp4")
    folder = laid(tmp_path / "in", "d/e01.master.json", *(f"d/{name}" for name in (*kept, *beside)))
    assert films(folder) == sorted(f"d/{name}" for name in beside)
    assert films(laid(tmp_path / "other", *kept)) == sorted(kept)  # nothing says that a dub left them


def test_each_folder_is_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = laid(tmp_path / "in", "e01.mp4", "e01.en.srt", "s2/e01.mp4", "s2/e01.es.srt", "empty/notes.txt")
    listed: list[Path] = []
    scandir = os.scandir

    def noted(path: os.PathLike[str]) -> object:
        listed.append(Path(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", noted)
    monkeypatch.setattr(os, "listdir", None)
    titles = planned(folder)
    assert [sorted(title.beside) for title in titles] == [["transcript"], ["translation"]]
    assert sorted(listed) == [folder, folder / "empty", folder / "s2"]


TEMPLATE = '<SegmentTemplate media="{0}" initialization="{1}" startNumber="1" duration="4"/>'
VIDEO = '<Representation id="v1" bandwidth="800000">{}</Representation>'
AUDIO = '<Representation id="a1" bandwidth="64000">{}</Representation>'
URLS = '<Initialization sourceURL="i.mp4"/><SegmentURL media="1.mp4"/><SegmentURL media="2.mp4"/>'


# The right values were written before the code was run: (manifest, what it says, files, those that are films).
@pytest.mark.parametrize(
    ("manifest", "inside", "names", "left"),
    [
        (
            "s/m.mpd",
            VIDEO.format(TEMPLATE.format("$RepresentationID$-$Number%05d$.mp4", "$RepresentationID$-init.mp4")),
            ("s/v1-init.mp4", "s/v1-00001.mp4", "s/v1-00002.mp4", "s/v2-00001.mp4"), ("s/v2-00001.mp4",),
        ),
        (
            "s/m.mpd", TEMPLATE.format("$RepresentationID$/$Time$.mp4", "$RepresentationID$/i.mp4") + VIDEO.format(""),
            ("s/v1/i.mp4", "s/v1/0.mp4", "s/v1/96000.mp4", "s/v1/more.mp4"), ("s/v1/more.mp4",),
        ),
        ("s/m.mpd", VIDEO.format(TEMPLATE.format("c$Number$.m4s", "i.mp4")), ("s/c1.m4s", "s/i.mp4"), ()),
        (
            "s/m.mpd", VIDEO.format(f"<SegmentList>{URLS}</SegmentList>"),
            ("s/i.mp4", "s/1.mp4", "s/2.mp4", "s/3.mp4"), ("s/3.mp4",),
        ),
        (
            "m.mpd",
            f"<BaseURL>d/</BaseURL>{VIDEO}{AUDIO}".format("<BaseURL>v.mp4</BaseURL>", "<BaseURL>a.mp4</BaseURL>"),
            ("d/v.mp4", "d/a.mp4", "d/b.mp4"), ("d/b.mp4",),
        ),
        ("s/m.mpd", VIDEO.format("<BaseURL>../f.mp4</BaseURL>"), ("f.mp4", "s/m.mpd"), ("f.mp4",)),
        ("s/m.mpd", VIDEO.format("<BaseURL>http://cdn.example/f.mp4</BaseURL>"), ("s/f.mp4",), ("s/f.mp4",)),
        ("s/m.mpd", "<Broken", ("s/f.mp4",), ("s/f.mp4",)),
    ],
)  # fmt: skip
def test_pieces_that_a_dash_manifest_names_are_no_films(
    tmp_path: Path, manifest: str, inside: str, names: Sequence[str], left: Sequence[str]
) -> None:
    folder = laid(tmp_path / "in", "e01.mp4", *names, manifest)
    body = f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet>{inside}</AdaptationSet></Period></MPD>'
    (folder / manifest).write_text(body)
    assert films(folder) == sorted(["e01.mp4", *left])
    told = " ".join(line for line in planned(folder)[0].unused if "streams" in line)
    count = sum(name.endswith(".mp4") for name in names) - len(left)
    assert bool(told) == bool(count)
    if count:
        assert f"{count} files are pieces of streams, and no films, by {manifest}" in told


def test_what_macos_notes_about_films_is_none(tmp_path: Path) -> None:
    folder = laid(tmp_path / "in", "e01.mp4", "._e01.mp4", "._e02.mov", "._e01.en.srt", ".DS_Store")
    assert films(folder) == ["e01.mp4"]
    (told,) = [line for line in planned(folder)[0].unused if "macOS" in line]
    assert told == "2 files are notes of macOS, and no films: ._e01.mp4, ._e02.mov"


def test_words_that_are_named_nearly_after_a_film_are_told(tmp_path: Path) -> None:
    names = ("e1_es.srt", "e1-en.srt", "e1 (English).vtt", "e1.en.srt", "e1 cut.en.srt", "e12.en.srt", "e1_es.txt.bak")
    folder = laid(tmp_path / "in", "e1.mp4", "e1 cut.mp4", "e12.mp4", *names)
    told = {title.name: title.unused for title in planned(folder)}
    assert sorted(line.partition(":")[0] for line in told["e1"] if "a dot" in line) == [
        "e1 (English).vtt", "e1-en.srt", "e1_es.srt",
    ]  # fmt: skip
    assert told["e1 cut"] == told["e12"] == ()
