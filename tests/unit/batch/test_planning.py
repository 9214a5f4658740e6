"""What a batch is made of: which films, with which files beside them, from a folder or from a list. Tests are data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localize.batches import batch
from localize.batches.planning import Title, plan_titles, title_called, title_words
from localize.errors import UsageError
from localize.events import Run
from localize.job import Job


def season(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def planned(folder: Path, **asked: object) -> list[Title]:
    choice = {k: asked.pop(k) for k in ("include", "exclude", "recursive") if k in asked}
    job = Job(folder, **{"to": ("es",), **asked})  # type: ignore[arg-type]
    return plan_titles(job, folder.parent / "out", **choice)  # type: ignore[arg-type]


BESIDE = [
    # files beside e01.mp4, what was asked for, what is taken for it, words of what is said of the rest
    (("e01.en.srt",), {}, {"transcript": "e01.en.srt"}, ()),
    (("e01.en.sdh.srt",), {}, {"transcript": "e01.en.sdh.srt"}, ()),
    (("e01.English.vtt",), {}, {"transcript": "e01.English.vtt"}, ()),
    (("e01.es.srt",), {}, {"translation": "e01.es.srt"}, ()),
    (("e01.en.srt", "e01.es.srt"), {}, {"transcript": "e01.en.srt", "translation": "e01.es.srt"}, ()),
    (("e01.es.srt",), {"to": ("es", "pt")}, {}, ("e01.es.srt: a translation is taken where there is one target",)),
    (("e01.en.srt", "e01.fr.srt"), {}, {}, ("e01.en.srt, e01.fr.srt could each be its --transcript",)),
    (("e01.en.srt", "e01.fr.srt"), {"source_language": "fr"}, {"transcript": "e01.fr.srt"}, ("is in en, the film in",)),
    (("e01.en.srt", "e01.en.vtt"), {}, {}, ("could each be its --transcript",)),
    (("e01.en.srt", "e01.en.vtt"), {"exclude": ("*.vtt",)}, {"transcript": "e01.en.srt"}, ()),
    (("e01.srt",), {}, {}, ("e01.srt says no language in its name, as e01.en.srt would",)),
    (("e01.hi.forced.srt",), {}, {}, ("forced subtitles hold a few of the words",)),
    (("e01.en.docx",), {}, {"transcript": "e01.en.docx"}, ()),
    (("e01.me.wav",), {}, {"me": "e01.me.wav"}, ()),
    (("E01.ME.WAV",), {}, {"me": "E01.ME.WAV"}, ()),
    (("e01.me.wav", "e01.me.flac"), {}, {}, ("could each be its --me",)),
    (("e010.en.srt", "e01.master.json", "e01.jpg", "e01.nfo"), {}, {}, ()),
    (("cast.toml", "glossary.xlsx"), {}, {"cast": "cast.toml", "glossary": "glossary.xlsx"}, ()),
    # what is named after a film with a longer name is that one's
    (("e01.b.mp4", "e01.b.en.srt", "e01.b.me.wav"), {}, {}, ()),
    (("e01.b.mp4", "e01.b.en.srt", "e01.en.srt"), {}, {"transcript": "e01.en.srt"}, ()),
    (("e01b.mp4", "e01b.en.srt", "e01 b.mp4", "e01 b.en.srt"), {}, {}, ()),
    (("e01.es.mp4", "e01.es.srt"), {}, {"translation": "e01.es.srt"}, ()),
    # what a dub into the film's own folder left is nothing that a person gave
    (
        ("e01.master.json", "e01.es.timeline.json", "e01.es.srt", "e01.en.vtt"),
        {},
        {"transcript": "e01.en.vtt"},
        ("e01.es.srt: of an earlier dub",),
    ),
    (
        ("e01.master.json", "e01.es.report.json", "e01.es.netflix.srt", "e01.en.srt", "e01.en.srt.c2pa"),
        {},
        {},
        ("e01.en.srt, e01.es.netflix.srt: of an earlier dub",),
    ),
    (("e01.es.srt", "e01.es.srt.c2pa", "e01.report.json"), {}, {"translation": "e01.es.srt"}, ()),
]


@pytest.mark.parametrize(("names", "asked", "taken", "said"), BESIDE, ids=lambda v: " ".join(v) if v else None)
def test_what_lies_beside_a_film_is_taken_by_its_name(
    tmp_path: Path, names: tuple[str, ...], asked: dict[str, object], taken: dict[str, str], said: tuple[str, ...]
) -> None:
    folder = season(tmp_path / "in", "e01.mp4", *names)
    (title,) = (t for t in planned(folder, **asked) if t.job.input.name == "e01.mp4")
    assert {option: path.name for option, path in title.beside.items()} == taken
    assert {option: getattr(title.job, option).name for option in taken} == taken
    assert len(title.unused) == len(said)
    for text in said:
        assert any(text in line for line in title.unused), title.unused


def test_what_a_person_gives_wins(tmp_path: Path) -> None:
    folder = season(tmp_path / "in", "e01.mp4", "e01.en.srt", "glossary.tsv")
    title = planned(folder, transcript=Path("own.srt"), glossary=Path("own.tsv"))[0]
    assert (title.job.transcript, title.job.glossary) == (Path("own.srt"), Path("own.tsv"))
    assert title.unused == ("e01.en.srt: --transcript is given",)


def test_music_and_effects_of_a_film_are_no_film(tmp_path: Path) -> None:
    folder = season(tmp_path / "in", "a.mkv", "a.me.wav", "b.me.wav")
    assert [t.job.input.name for t in planned(folder)] == ["a.mkv", "b.me.wav"]
    assert [t.job.input.name for t in planned(folder, exclude=("a.mkv",))] == ["b.me.wav"]
    with pytest.raises(UsageError, match="holds no media file"):
        planned(folder, include="a.*.wav")


def test_what_a_disk_of_another_system_names_differently_is_found(tmp_path: Path) -> None:
    """A Mac takes letters and their accents apart."""
    folder = season(tmp_path / "in", "caf\u00e9.mp4", "cafe\u0301.en.srt", "Cafe\u0301.ME.wav")
    (title,) = planned(folder)
    assert {option: path.name for option, path in title.beside.items()} == {
        "transcript": "cafe\u0301.en.srt",
        "me": "Cafe\u0301.ME.wav",
    }


def test_results_of_dubs_are_no_films(tmp_path: Path) -> None:
    """Wherever they were delivered: beside the film, below it, by a batch into its own folder."""
    results = (
        "master.json",
        "es.timeline.json",
        "es.mp4",
        "es.wav",
        "es.dialogue.wav",
        "es.dialogue.S1.wav",
        "bed.wav",
    )
    beside = [f"e01.{end}" for end in results]
    below = [f"old/e02/e02.{end}" for end in results]
    folder = season(
        tmp_path / "in", "e01.mp4", "e02.mp4", "e01.pt.mp4", "bed.wav", "old/e02/e03.bed.wav", *beside, *below
    )
    films = ["bed.wav", "e01.mp4", "e01.pt.mp4", "e02.mp4"]
    assert [t.job.input.name for t in planned(folder)] == films
    assert [t.job.input.name for t in planned(folder, recursive=True)] == [*films, "e03.bed.wav"]
    inside = plan_titles(Job(folder, to=("es",)), folder, recursive=True)
    assert [t.job.input.name for t in inside] == [*films, "e03.bed.wav"]
    (said,) = planned(folder)[1].unused
    assert said.startswith("e01.bed.wav, e01.es.dialogue.S1.wav, e01.es.dialogue.wav, ")
    assert said.endswith(": of an earlier dub, and neither a film nor given for this one")


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (("a.mp4", "a.mkv"), ["a.mkv", "a.mp4"]),
        (("A.mp4", "a.mkv"), ["A.mp4", "a.mkv"]),
        (("A.mp4", "a.mp4"), ["A.mp4", "a.mp4-2"]),
        (("caf\u00e9.mp4", "cafe\u0301.mkv"), ["cafe\u0301.mkv", "caf\u00e9.mp4"]),
        (("a.mp4", "a.mp4.wav", "a.mov"), ["a.mov", "a.mp4", "a.mp4-2"]),
    ],
)
def test_films_whose_names_one_disk_may_not_tell_apart_never_share_a_folder(
    tmp_path: Path, names: tuple[str, ...], called: list[str]
) -> None:
    assert [t.name for t in planned(season(tmp_path / "in", *names))] == called


def test_links_to_films_elsewhere_are_called_as_they_are_named_in_the_folder(tmp_path: Path) -> None:
    """As a season is put together of what lies on several disks: another film more must not rename the others."""
    season(tmp_path / "disk", "x/e01.mp4", "y/e01.mp4")
    for place, of in (("s1", "x"), ("s2", "y")):
        (tmp_path / "in" / place).mkdir(parents=True)
        (tmp_path / "in" / place / "e01.mp4").symlink_to(tmp_path / "disk" / of / "e01.mp4")
    assert [t.name for t in planned(tmp_path / "in", recursive=True)] == ["s1/e01", "s2/e01"]
    (tmp_path / "in" / "list.csv").write_text("file\ns1/e01.mp4\ns2/e01.mp4\n../disk/x/e01.mp4\n")
    titles = plan_titles(Job(tmp_path / "in" / "list.csv", to=("es",)), tmp_path / "o")
    assert [t.name for t in titles] == ["s1/e01", "s2/e01", "e01"]


def test_folders_in_folders(tmp_path: Path) -> None:
    """Each film's results lie as the film does; results of an earlier run, hidden folders and links are not entered."""
    folder = season(tmp_path / "in", "s1/e1.mp4", "s2/e1.mp4", "e1.mp4", ".old/e9.mp4", "results/e1/e1.es.mp4")
    (folder / "round").symlink_to(folder)
    assert [t.name for t in planned(folder)] == ["e1"]
    titles = plan_titles(Job(folder, to=("es",)), folder / "results", recursive=True)
    assert [t.name for t in titles] == ["e1", "s1/e1", "s2/e1"]
    assert titles[1].job.folder == folder / "results" / "s1" / "e1"
    chosen = plan_titles(Job(folder, to=("es",)), tmp_path / "o", include="s?/*", exclude=("s2/*",), recursive=True)
    assert [t.name for t in chosen] == ["s1/e1"]


def test_two_glossaries_for_all_are_refused(tmp_path: Path) -> None:
    folder = season(tmp_path / "in", "e.mp4", "glossary.tsv", "glossary.tbx")
    with pytest.raises(UsageError, match="could each be the --glossary"):
        planned(folder)
    assert planned(folder, exclude=("*.tbx",))[0].job.glossary == folder / "glossary.tsv"


def test_a_link_out_of_the_folder_is_not_taken(tmp_path: Path) -> None:
    """A folder may be a stranger's: it does not choose which other file is read."""
    folder = season(tmp_path / "in", "e.mp4", "words.srt")
    (tmp_path / "secret").write_text("mine")
    (folder / "e.en.srt").symlink_to(tmp_path / "secret")
    (folder / "e.es.srt").symlink_to("words.srt")
    (title,) = planned(folder)
    assert title.beside == {"translation": folder / "e.es.srt"}
    assert title.unused == ("e.en.srt is a link out of its folder: name it in a list of films",)
    (folder / "style.toml").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="is a link out of its folder"):
        planned(folder)


# --- lists -----------------------------------------------------------------------------------------------------------


def test_a_list_gives_each_film_settings_of_its_own(tmp_path: Path) -> None:
    season(tmp_path, "films/a.mp4", "films/b.mp4", "b words.srt")
    (tmp_path / "season.csv").write_text(
        "\ufefffile,to,from,voice,transcript,speakers,stream\n"
        "films/a.mp4,es;pt,en,S1=em_alex;S2=original,,2,a:1\n"
        "\nfilms/b.mp4,,,,b words.srt,,\n",
        "utf-8",
    )
    one, two = plan_titles(Job(tmp_path / "season.csv", to=("fr",)), tmp_path / "o")
    assert (one.name, two.name) == ("films/a", "films/b")
    assert (one.job.to, one.job.source_language, one.job.speakers, one.job.stream) == (("es", "pt"), "en", 2, "a:1")
    assert dict(one.job.voices) == {"S1": "em_alex", "S2": "original"}
    assert (two.job.to, two.job.transcript) == (("fr",), tmp_path / "b words.srt")


def test_a_list_may_be_json(tmp_path: Path) -> None:
    season(tmp_path, "a.mp4")
    (tmp_path / "season.json").write_text(
        json.dumps([{"file": "a.mp4", "to": ["es"], "voice": {"S1": "em_alex"}, "loudness": -23}])
    )
    (title,) = plan_titles(Job(tmp_path / "season.json"), tmp_path / "o")
    assert (title.job.to, title.job.loudness, dict(title.job.voices)) == (("es",), "-23", {"S1": "em_alex"})


WRONG = [
    ("file,to\nb.mp4,es\n", "line 2: there is no file"),
    ("file,too\na.mp4,es\n", "unknown column 'too'; known are file, to"),
    ("to\nes\n", "line 2: it names no file"),
    ("file,to,file\na.mp4,es,b.mp4\n", "the first line names 'file' twice"),
    ("file,to\na.mp4,es\na.mp4,pt\na.mp4,es\n", "line 4: it asks for the same as line 2"),
    ("file\na.mp4\n", "name the languages to dub into"),
    ("file,to\na.mp4,xx-bogus-language\n", "line 2"),
    ("file,to,speakers\na.mp4,es,many\n", "speakers has a value of the wrong kind: 'many'"),
    ("file,to,voice\na.mp4,es,em_alex\n", "voice has a value of the wrong kind"),
    ("file,to\na.mp4,es,more\n", "more cells than the first line has names"),
    ("file,to,timing\na.mp4,es,loose\n", "line 2: --timing"),
    ('file,to\n"a.mp4,es\n', "line"),
    ("", "lists no film"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_wrong_list_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    season(tmp_path, "a.mp4")
    (tmp_path / "season.csv").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=said.replace(".", r"\.")):
        plan_titles(Job(tmp_path / "season.csv"), tmp_path / "o")


@pytest.mark.parametrize("text", ["{}", "[1]", "nope", '[{"file": 3}]', "[" * 500 + "]" * 500])
def test_a_wrong_json_list_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "season.json").write_text(text)
    with pytest.raises(UsageError, match=r"season\.json"):
        plan_titles(Job(tmp_path / "season.json", to=("es",)), tmp_path / "o")


def test_one_film_may_be_listed_twice_with_other_settings(tmp_path: Path) -> None:
    season(tmp_path, "a.mp4")
    (tmp_path / "season.csv").write_text("file,to\na.mp4,es\na.mp4,pt\n")
    titles = plan_titles(Job(tmp_path / "season.csv"), tmp_path / "o")
    assert [(t.name, t.job.to) for t in titles] == [("a.mp4", ("es",)), ("a.mp4-2", ("pt",))]


def test_a_film_of_any_container_is_found(tmp_path: Path) -> None:
    """None is passed over silently as no film."""
    names = "a.vob b.MKA c.w64 d.divx e.rmvb f.m2t g.ac3 h.asf i.3g2 j.m4b".split()
    assert [t.job.input.name for t in planned(season(tmp_path / "in", *names, "k.txt", "l.jpg"))] == names


@pytest.mark.parametrize(
    ("films", "words", "meant"),
    [
        ("a b", "a b", {"1": "a", "2": "b", "#2": "b", "b": "b"}),
        ("1 10 2", "1 10 #3", {"1": "1", "#2": "10", "10": "10", "#3": "2", "2": "", "3": "2"}),
        ("2 3 4", "#1 #2 4", {"#1": "2", "#2": "3", "1": "2", "2": "", "3": "", "4": "4", "5": "", "#4": ""}),
        ("01 02", "01 02", {"01": "01", "1": "01", "02": "02", "2": "02", "002": ""}),
    ],
)
def test_a_title_is_found_by_what_the_list_calls_it_and_never_another(
    tmp_path: Path, films: str, words: str, meant: dict[str, str]
) -> None:
    """Films called 2, 3 and 4 are numbers 1, 2 and 3 of an array."""
    titles = planned(season(tmp_path / "in", *(f"{name}.mp4" for name in films.split())))
    assert title_words(titles) == words.split()
    assert [title_called(titles, word).name for word in title_words(titles)] == films.split()
    for word, name in meant.items():
        if name:
            assert title_called(titles, word).name == name
        else:
            with pytest.raises(UsageError, match="batch --list"):
                title_called(titles, word)


def test_a_link_to_a_film_that_is_away_is_a_film_that_fails(run: Run, tmp_path: Path) -> None:
    """It is not passed over as if nobody had asked for it."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "away.mp4").symlink_to(tmp_path / "disk" / "away.mp4")
    (folder / "notes.txt").symlink_to(tmp_path / "nowhere.txt")
    report = batch(Job(folder, to=("es",), output=tmp_path / "out"), run)
    (only,) = report.files
    assert (only.state, only.exit_code) == ("failed", 3)
    assert "is a link to" in (only.error or "")
    assert "mount its disk" in (only.error or "")
