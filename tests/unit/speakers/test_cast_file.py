"""The people of a series are known again, and a cast file is believed no further than it can be checked."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize import consent
from localize.data import Media, Segment, Source, Span, Transcript
from localize.errors import UsageError
from localize.events import Run
from localize.speakers.cast_file import read_cast, write_cast
from localize.speakers.people import HeardVoice, People, Person, free_name, match_people, recognise_people
from localize.speakers.series import cast_people, join_people, people_of_film


def a_print(seed: int) -> tuple[float, ...]:
    values = np.random.default_rng(seed).normal(size=256)
    return tuple((values / np.linalg.norm(values)).tolist())


ANA, LUIS = Person("S1", "ana", a_print(1), {"es": "ef_dora"}, {"es": "licence-1"}), Person("S2", "S2", a_print(2))


def test_what_is_kept_is_read_again_and_written_alike(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cast.toml"
    write_cast(path, People((ANA, LUIS)), {"fr": {"S2": ("ff_siwis", "licence-2")}})
    ana, luis = read_cast(path)
    assert (ana.id, ana.name, ana.voices, ana.grants) == ("S1", "ana", {"es": "ef_dora"}, {"es": "licence-1"})
    assert (luis.voices, luis.grants) == ({"fr": "ff_siwis"}, {"fr": "licence-2"})
    assert ana.print == pytest.approx(ANA.print, abs=1e-3)
    before = path.read_bytes()
    write_cast(path, People(read_cast(path)), {"fr": {"S2": ("ff_siwis", "licence-2")}})
    assert path.read_bytes() == before


def test_a_gender_written_by_hand_holds_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "cast.toml"
    write_cast(path, People((ANA, LUIS)))
    path.write_text(path.read_text().replace('name = "ana"', 'name = "ana"\ngender = "female"'))
    known = read_cast(path)
    assert People(known, frozenset({"S1", "S2"})).genders() == {"S1": "female"}
    write_cast(path, People(known, frozenset({"S1"})), {"pt": {"S1": ("pf_dora", "")}})
    assert read_cast(path)[0].gender == "female"
    path.write_text(path.read_text().replace('"female"', '"robot"'))
    with pytest.raises(UsageError, match="female or male"):
        read_cast(path)


def person(number: int, *print_: float, name: str = "") -> Person:
    return Person(f"S{number}", name or f"S{number}", print_)


@pytest.mark.parametrize(
    ("prints", "names", "found"),
    [
        # The likest pair first: A is 0.96 like S1 and 0.8 like S2, B 1.0 like S1.
        ({"A": (0.96, 0.28), "B": (1.0, 0.0)}, {}, {"B": "S1"}),
        ({"A": (0.96, 0.28), "B": (0.0, 1.0)}, {}, {"A": "S1", "B": "S2"}),
        # 0.78 is one person, less is nobody.
        ({"A": (0.78, 0.0)}, {}, {"A": "S1"}),
        ({"A": (0.77, 0.0)}, {}, {}),
        # A name that a file gives counts before the voice, in any case, and for one speaker only.
        ({"A": (1.0, 0.0)}, {"A": "LUIS"}, {"A": "S2"}),
        ({"A": (1.0, 0.0), "B": (1.0, 0.0)}, {"A": "Luis", "B": "luis"}, {"A": "S2", "B": "S1"}),
        # Who was named takes no other's place, and too little speech has no print.
        ({"A": (0.0, 1.0), "B": ()}, {"A": "Ana"}, {"A": "S1"}),
        ({"A": ()}, {"A": "Nobody"}, {}),
    ],
)
def test_speakers_are_matched_by_name_then_by_likeness(
    prints: dict[str, tuple[float, ...]], names: dict[str, str], found: dict[str, str]
) -> None:
    known = (person(1, 1.0, 0.0, name="Ana"), person(2, 0.0, 1.0, name="Luis"))
    heard = [HeardVoice(who, names.get(who, ""), own, 3000) for who, own in prints.items()]
    assert match_people(known, heard) == found


@pytest.mark.parametrize(
    ("wished", "taken", "name"),
    [
        ("Ana", set(), "Ana"),
        ("Ana", {"ana"}, "S7"),
        ("Ana", {"ana", "s7"}, "S7-2"),
        ("Ana", {"ana", "s7", "s7-2"}, "S7-3"),
        (" A=n\na ", set(), "Ana"),
        ("", set(), "S7"),
        ("x" * 100, set(), "x" * 55),
    ],
)
def test_a_new_person_gets_a_name_that_is_free(wished: str, taken: set[str], name: str) -> None:
    assert free_name(wished, "S7", taken) == name


def test_a_grant_goes_with_its_voice(tmp_path: Path) -> None:
    path = tmp_path / "cast.toml"
    write_cast(path, People((ANA,)), {"es": {"S1": ("original", "")}})
    (ana,) = read_cast(path)
    assert (ana.voices, ana.grants) == ({"es": "original"}, {})


def test_no_file_is_nobody_and_nobody_makes_no_file(tmp_path: Path) -> None:
    assert read_cast(tmp_path / "cast.toml") == ()
    write_cast(tmp_path / "cast.toml", People())
    assert list(tmp_path.iterdir()) == []


def packed(seed: int) -> str:
    return base64.b64encode(np.asarray(a_print(seed), "<f2").tobytes()).decode()


BY_HAND = f"""# Season two, see the bible
schema = 1  # do not change

[[person]]  # the host
name = "ana"   # as in the credits
id = 'S1'
print = '{packed(1)}'
[person.voice]
es = "ef_dora"  # the client's choice

# Luis comes in film 3
[[person]]
id = "S2"
print = "{packed(2)}"
voice.es = "em_alex"

# cousin of Luis
[[person]]
print = "{packed(3)}"
id = "S3"
voice = {{ pt = "pm_santa", es = "em_alex" }} # both
grant = {{ es = "old" }}

# the end
"""


def test_what_a_person_wrote_stays_when_the_command_adds_people_and_voices(tmp_path: Path) -> None:
    path = tmp_path / "cast.toml"
    path.write_text(BY_HAND, encoding="utf-8")
    people = People((*read_cast(path), replace(LUIS, id="S4", name="tom", print=a_print(4))))
    spoken = {"es": {f"S{n}": (voice, grant) for n, voice, grant in
                     ((1, "ef_dora", "g1"), (2, "em_santa", "g2"), (3, "em_alex", ""), (4, "em_alex", "g4"))},
              "fr": {"S1": ("ff_siwis", "g5")}}  # fmt: skip
    write_cast(path, people, spoken)
    written = path.read_text(encoding="utf-8")
    here = [line for line in BY_HAND.splitlines() if line]
    gone = [line for line in here if line not in written.splitlines()]
    assert gone == ['voice.es = "em_alex"'], "only lines whose values changed are touched"
    for title, table in (("# Luis comes in film 3", "[[person]]"), ("# cousin of Luis", "[[person]]")):
        lines = written.splitlines()
        assert lines[lines.index(title) + 1] == table, "a comment stays above what it is about"
    ana, luis, cousin, tom = read_cast(path)
    assert (ana.voices, ana.grants) == ({"es": "ef_dora", "fr": "ff_siwis"}, {"es": "g1", "fr": "g5"})
    assert (luis.voices, luis.grants) == ({"es": "em_santa"}, {"es": "g2"})
    assert (cousin.voices, cousin.grants) == ({"pt": "pm_santa", "es": "em_alex"}, {"es": "old"}), (
        "who had no line keeps the grant"
    )
    assert (tom.name, tom.voices, tom.grants) == ("tom", {"es": "em_alex"}, {"es": "g4"})
    write_cast(path, People(read_cast(path)), spoken)
    assert path.read_text(encoding="utf-8") == written


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("schema = 1", id="nobody yet, no line end"),
        pytest.param("schema = 1\nperson = [] # nobody\n", id="an empty list"),
        pytest.param(f'person = [{{ id = "S1", print = "{packed(1)}" }}]\nschema = 1 # last\n', id="in one line"),
        pytest.param(f'schema = 1\r\n[[person]]\r\nid = "S1"\r\nprint = "{packed(1)}"\r\n', id="CRLF"),
    ],
)
def test_people_are_added_to_a_file_of_any_layout(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cast.toml"
    path.write_bytes(text.encode())
    before = read_cast(path)
    write_cast(
        path, People((*before, replace(LUIS, id="S9"))), {"es": {"S9": ("em_alex", "g"), "S1": ("ef_dora", "h")}}
    )
    *_, luis = after = read_cast(path)
    assert len(after) == len(before) + 1
    assert (luis.id, luis.voices, luis.grants) == ("S9", {"es": "em_alex"}, {"es": "g"})
    assert all(person.voices == {"es": "ef_dora"} for person in after[:-1])


def test_whoever_was_added_or_renamed_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "cast.toml"
    write_cast(path, People((ANA,)))
    known = read_cast(path)
    other = replace(LUIS, name="luis")
    write_cast(path, People((*known, other)))
    path.write_text(path.read_text(encoding="utf-8").replace('"ana"', '"maya"'), encoding="utf-8")
    write_cast(path, People(known), {"es": {"S1": ("ef_dora", "g")}})
    assert [p.name for p in read_cast(path)] == ["maya", "luis"]


def test_two_runs_that_add_somebody_at_once_lose_nobody(tmp_path: Path) -> None:
    path = tmp_path / "cast.toml"
    write_cast(path, People((ANA,)))
    known = read_cast(path)
    write_cast(path, People((*known, replace(LUIS, name="luis"))))
    write_cast(path, People((*known, Person("S2", "Luis", a_print(5)))), {"es": {"S2": ("em_alex", "g")}})
    *_, first, second = read_cast(path)
    assert (first.id, first.name, first.voices) == ("S2", "luis", {})
    assert (second.id, second.name, second.voices) == ("S3", "S3", {"es": "em_alex"})


GOOD = base64.b64encode(np.asarray(a_print(3), "<f2").tobytes()).decode()
NOT_A_NUMBER = base64.b64encode(np.full(256, np.nan, "<f2").tobytes()).decode()
PERSON = f'[[person]]\nid = "S1"\nprint = "{GOOD}"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "schema = 1"),
        ("schema = 2", "later localize"),
        ("schema = 1\nrun = 'rm'", "nothing else"),
        ("schema = 1\nperson = 7", "no list"),
        ("schema = 1\nperson = [7]", "a person has"),
        ("schema = 1\n[[person]]\nid = '../x'", "no id such as S1"),
        ("schema = 1\n[[person]]\nid = 'S1'\nname = 'a=b'", "without '='"),
        ('schema = 1\n[[person]]\nid = "S1"\nname = "a\\nb"', "no short text"),
        (f"schema = 1\n{PERSON}name = '{'x' * 61}'", "no short text"),
        ("schema = 1\n[[person]]\nid = 'S1'", "256 numbers"),
        ("schema = 1\n[[person]]\nid = 'S1'\nprint = '///'", "no base64"),
        (f"schema = 1\n[[person]]\nid = 'S1'\nprint = '{NOT_A_NUMBER}'", "length is not 1"),
        (f"schema = 1\n{PERSON}voice = {{ es = '../../etc' }}", "no voice's name"),
        (f"schema = 1\n{PERSON}voice = {{ '../x' = 'em_alex' }}", "no table of languages"),
        (f"schema = 1\n{PERSON}grant = {{ es = 7 }}", "no table of languages"),
        (f"schema = 1\n{PERSON}{PERSON}", "two people have the id 'S1'"),
        (f"schema = 1\n{PERSON}{PERSON.replace('S1', 'S2')}name = 's1'", "two people have the name 's1'"),
        ("schema = 1\nx = [" + "[" * 5000, "no cast file"),
        ("\ufeff\x00", "no cast file"),
    ],
)
def test_a_hostile_file_is_refused_with_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "cast.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"cast\.toml") as caught:
        read_cast(path)
    assert said in caught.value.message
    assert caught.value.message.isprintable()


def test_what_is_no_file_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_cast(tmp_path)
    path = tmp_path / "cast.toml"
    path.write_bytes(b"#" * 17_000_000)
    with pytest.raises(UsageError, match="too large"):
        read_cast(path)


# --- known again -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def voices(engine: Callable[[Any, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Any]:
    """Three seconds and more of a stock voice at 16 kHz, saying one of two things."""
    import soxr

    from localize.consent import Home, Request, check
    from localize.data import Phrase

    kokoro = engine("synthesizer", "kokoro")
    home = Home.open(tmp_path_factory.mktemp("home"))
    texts = (
        "The train leaves at nine tomorrow, and nobody will wait.",
        "There is bread on the table, and some cold water.",
    )

    def get(voice: str, which: int) -> Any:
        grant = check(home, [Request(voice, "S1", "en", "a test")])["S1"]
        (length,) = kokoro.pace([texts[which]], grant, "en")
        said = kokoro.speak([Phrase(texts[which], Span(0, length))], grant, "en")
        return soxr.resample(said.samples, said.rate, 16_000)

    return get


def film(run: Run, *lines: Any) -> tuple[Media, Transcript]:
    """One line after the other, each of a speaker of its own."""
    parts, segments, at = [], [], 0
    for n, samples in enumerate(lines, 1):
        length = len(samples) * 1000 // 16_000
        segments.append(Segment(f"s{n:04}", Span(at, at + length), f"S{n}", "text"))
        parts += [samples[: length * 16], np.zeros(8000, np.float32)]
        at += length + 500
    with run.store.writing(".wav") as draft:
        soundfile.write(draft.path, np.concatenate(parts), 16_000, "PCM_16")
    source = Source("0" * 64, 1, "film.wav")
    media = Media(source, "wav", (), 0, at, at * 48, 1, "mono", "24/1", original=draft.blob, speech=draft.blob)
    return media, Transcript("en", tuple(segments))


def test_people_are_known_again_in_the_next_film(run: Run, voices: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "cast.toml"
    first = film(run, voices("am_michael", 0), voices("af_heart", 0))
    transcript, _, people = recognise_people(run, *first, {}, read_cast(path))
    assert [s.speaker for s in transcript.segments] == ["S1", "S2"]
    write_cast(path, people, {"es": {"S1": ("em_santa", "licence-1"), "S2": ("ef_dora", "licence-2")}})
    path.write_text(path.read_text(encoding="utf-8").replace('name = "S2"', 'name = "maya"'), encoding="utf-8")

    second = film(run, voices("bm_george", 1), voices("af_heart", 1), voices("am_michael", 1))
    transcript, names, people = recognise_people(run, *second, {}, read_cast(path))
    assert [s.speaker for s in transcript.segments] == ["S3", "S2", "S1"]
    assert names == {"S2": "maya"}
    assert people.voices("es") == {"S1": "em_santa", "S2": "ef_dora"}
    write_cast(path, people)
    written = path.read_bytes()

    again, _, same = recognise_people(run, *second, {}, read_cast(path))
    assert again == transcript
    write_cast(path, same)
    assert path.read_bytes() == written


def test_real_voices_are_cast_the_same_in_every_order_of_their_films(run: Run, voices: Callable[..., Any]) -> None:
    """Three people, one line each in a film, cast as `localize batch` does it; `bench/casting.py` has more of them."""
    spoken = (("am_michael", "af_heart"), ("bm_george", "af_heart", "am_michael"), ("am_michael", "bm_george"))
    heard = []
    for n, actors in enumerate(spoken):
        media, transcript = film(run, *(voices(actor, n % 2) for actor in actors))
        transcript, _, people = recognise_people(run, media, transcript, {}, ())
        everybody = frozenset(people.here)
        heard.append(people_of_film(run.store, media.speech, transcript, people.heard, {}, {"es": everybody}))
    cards = [consent.card(run.home, voice.id) for voice in consent.voices(run.home)]
    found = []
    for order in permutations(range(3)):
        series, ids = join_people([heard[n] for n in order], ())
        renamed = [heard[n].renamed(own) for n, own in zip(order, ids)]
        given = cast_people(run.store, renamed, series, {}, cards, "es")
        actors_of = {(actor, given[own[f"S{k}"]]) for n, own in zip(order, ids) for k, actor in enumerate(spoken[n], 1)}
        found.append(actors_of)
    assert all(made == found[0] for made in found)
    assert len(found[0]) == len({voice for _, voice in found[0]}) == 3


def test_a_name_that_a_file_gives_counts_more_than_a_voice(
    run: Run, voices: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "cast.toml"
    write_cast(path, People((ANA, LUIS)))
    media, transcript = film(run, voices("am_michael", 0), voices("af_heart", 0))
    found, names, people = recognise_people(run, media, transcript, {"S2": "Ana", "S1": "Tom"}, read_cast(path))
    assert [s.speaker for s in found.segments] == ["S3", "S1"]
    assert names == {"S1": "ana", "S3": "Tom"}
    assert [p.name for p in people.known] == ["ana", "S2", "Tom"]


def test_too_little_speech_makes_nobody_of_the_series(run: Run, voices: Callable[..., Any], tmp_path: Path) -> None:
    media, transcript = film(run, voices("am_michael", 0))
    (line,) = transcript.segments
    short = replace(transcript, segments=(replace(line, span=Span(0, 900)),))
    found, _, people = recognise_people(run, media, short, {}, ())
    assert found.segments[0].speaker == "S1"
    assert people.known == ()


@pytest.mark.costly
def test_what_is_written_of_many_people_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "cast.toml"
    many = tuple(Person(f"S{n}", f"name {n}", ANA.print, {"es": "ef_dora"}) for n in range(1, 1_201))
    write_cast(path, People(many))
    assert [one.id for one in read_cast(path)] == [one.id for one in many]


def test_more_people_than_are_read_are_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localize.speakers.cast_file.MOST_PEOPLE", 2)
    path = tmp_path / "cast.toml"
    write_cast(path, People((ANA, LUIS)))
    before = path.read_bytes()
    with pytest.raises(UsageError, match="would hold 3 people"):
        write_cast(path, People((ANA, LUIS, Person("S3", "eva", a_print(3)))))
    assert path.read_bytes() == before
    assert len(read_cast(path)) == 2
