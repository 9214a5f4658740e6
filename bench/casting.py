"""Six characters in one scene, six voices: `python bench/casting.py [--dub] [--episodes N]`.

The characters are stock voices that speak English, two lines each in every episode, drawn from four of their own.
Printed:

cast           each episode heard alone, without a cast file: how many characters have one voice in all of them
series         the episodes with one cast file, one dubbed after the other, in name order and in three shuffled orders:
               how many characters have one voice in all episodes of an order, and in all orders
season         the same, all episodes heard before anybody is cast, as `localize batch` does it; then how many have the
               same voice when the episodes are other ones: those of even and of odd numbers
apart          the most alike pair of voices, by their prints
stem           with `--dub`: the first episode is dubbed into Spanish with the cast of all episodes, and the lines of
               each character are compared on the dialogue stem: cosine of mean d-vectors, every pair

`python bench/casting.py --voices` prints `localize/speakers/stock_voices.toml`: pitch, range and print of every stock
voice, of two Spanish sentences each. `--blends` measures shifts and blends that are no stock voices: cosine to the
parents, and DNSMOS. `--films N` casts N made-up films with ten speakers each, eight of them of a main cast of twelve,
and prints what that takes the processor.
"""

from __future__ import annotations

import argparse
import itertools
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from stock_voices import StockVoices

from localize import consent
from localize.consent.registry import card
from localize.data import Blob, Segment, Span, Transcript
from localize.delivery.report import read_report
from localize.events import Run
from localize.job import Job
from localize.models import Models
from localize.pipeline import dub, open_run
from localize.runtime.files import read_json
from localize.runtime.store import Store
from localize.signal.embeddings import EMBEDDING_HZ, mean_embedding
from localize.signal.speech_quality import speech_quality
from localize.speakers.apart import APART
from localize.speakers.cast_file import read_cast, write_cast
from localize.speakers.casting import cast_voices, measure_pitch
from localize.speakers.people import HeardVoice, People, recognise_people
from localize.speakers.prints import likeness, pack_print
from localize.speakers.series import FilmPeople, Measured, cast_people, join_people, people_of_film
from localize.speakers.stock_sound import Sound, stock_likeness

Samples = NDArray[np.float32]
SENTENCES = (
    "No sabía que la casa vieja estaba tan lejos del pueblo.",
    "Mañana por la mañana tenemos que hablar con tu hermana.",
)
CHARACTERS = {
    "Ada": ("af_heart", "The doors were open when I came home.", "Nobody told me about the second letter.",
            "We should wait until the rain is over.", "I have never trusted that man."),
    "Bea": ("bf_emma", "Your brother called twice this morning.", "The train leaves in less than an hour.",
            "I would rather walk than ask him again.", "There is coffee on the table."),
    "Carl": ("am_michael", "The car is still behind the station.", "I counted the money three times.",
             "Somebody has changed the locks.", "We need a better plan than this one."),
    "Dan": ("am_fenrir", "I heard a voice on the stairs.", "The lights went out at ten past nine.",
            "You can sleep in the room upstairs.", "He said the bridge was closed."),
    "Ed": ("bm_george", "The old lady next door saw everything.", "I left the keys with the neighbours.",
           "It was colder than I remembered.", "They are looking for a blue coat."),
    "Flo": ("if_sara", "My sister never wanted the house.", "I can hear the sea from my window.",
            "Please give me the map and the lamp.", "We will be there before the others."),
}  # fmt: skip
GAP_MS = 500
Film = tuple[Blob, list[tuple[str, Span, str]]]
"""The sound of an episode, and who says what when."""


def main() -> None:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", action="store_true")
    parser.add_argument("--blends", action="store_true")
    parser.add_argument("--dub", action="store_true")
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--films", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder in which recordings are kept for the next time")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        stock = StockVoices(folder)
        if asked.voices:
            print_voices(stock, folder)
        elif asked.blends:
            print_blends(stock)
        elif asked.films:
            print_cost(stock, Store(Path(temporary) / "store"), asked.films)
        else:
            series(stock, Path(temporary), asked.episodes)
            if asked.dub:
                dub_scene(stock, Path(temporary), Path(temporary) / "season.toml")


# --- how stock voices sound


def print_voices(stock: StockVoices, folder: Path) -> None:
    """The table of stock voices."""
    print(
        "# How the stock voices sound, as `python bench/casting.py --voices` measures it in Spanish: median pitch, its"
    )
    print("# range from the 10th to the 90th percentile, and the mean d-vector (256 numbers of 16 bits, base64).")
    store = Store(folder / "store")
    for voice in consent.voices(stock.home):
        samples = np.concatenate([_heard(stock.sentence(voice, text, "es")) for text in SENTENCES])
        hertz, range_st = measure_pitch(store, _kept(store, samples), (Span(0, len(samples) * 1000 // EMBEDDING_HZ),))
        print(
            f'\n[{voice.id}]\npitch_hz = {hertz:.0f}\nrange_st = {range_st}\nprint = "{pack_print(_print(samples))}"',
            flush=True,
        )


def print_blends(stock: StockVoices) -> None:
    """How far from their parents voices are that are moved in pitch, in formants, or mixed."""
    native = ("ef_dora", "em_alex", "em_santa")
    asked: list[tuple[Mapping[str, float], float, float]] = []
    for name in native:
        asked += [({name: 1.0}, pitch, 1.0) for pitch in (-4.0, 4.0)]
        asked += [({name: 1.0}, 0.0, formants) for formants in (0.84, 0.9, 1.1, 1.16)]
    asked += [({one: 0.5, other: 0.5}, 0.0, 1.0) for one, other in itertools.combinations((*native, "bf_emma"), 2)]
    print(f"{'blend':<44} cosine to each parent   DNSMOS")
    for number, (weights, pitch, formants) in enumerate(asked):
        made = consent.blend(stock.home, f"blend_{number}", weights, pitch_st=pitch, formants=formants)
        samples = np.concatenate([_heard(stock.sentence(made, text, "es")) for text in SENTENCES])
        near = [f"{name} {_cosine(samples, stock, name):.2f}" for name in weights]
        what = f"{'+'.join(weights)} pitch {pitch:+g} st formants x{formants:g}"
        print(f"{what:<44} {', '.join(near):<23} {speech_quality(samples):.2f}", flush=True)


def _cosine(samples: Samples, stock: StockVoices, name: str) -> float:
    voice = consent.voice(stock.home, name)
    parent = np.concatenate([_heard(stock.sentence(voice, text, "es")) for text in SENTENCES])
    return likeness(_print(samples), _print(parent))


def _heard(path: Path) -> Samples:
    samples, rate = soundfile.read(path, dtype="float32")
    made: Samples = soxr.resample(samples, rate, EMBEDDING_HZ)
    return made


def _print(samples: Samples) -> tuple[float, ...]:
    found = mean_embedding(samples)
    return () if found is None else tuple(float(value) for value in found)


def _kept(store: Store, samples: Samples) -> Blob:
    with store.writing(".wav") as draft:
        soundfile.write(draft.path, samples, EMBEDDING_HZ, "PCM_16")
    return draft.blob


# --- a series


def episode(stock: StockVoices, number: int) -> tuple[Samples, list[tuple[str, Span, str]]]:
    """One scene: the sound, and who says what when. Each episode has other lines, another order, and another level."""
    chance = random.Random(number)
    lines = [(name, text) for name, (_, *texts) in CHARACTERS.items() for text in chance.sample(texts, 2)]
    chance.shuffle(lines)
    parts: list[Samples] = []
    said: list[tuple[str, Span, str]] = []
    at_ms = 0
    for name, text in lines:
        sound = _heard(stock.sentence(consent.voice(stock.home, CHARACTERS[name][0]), text, "en"))
        length_ms = len(sound) * 1000 // EMBEDDING_HZ
        said.append((name, Span(at_ms, at_ms + length_ms), text))
        parts += [sound, np.zeros(GAP_MS * EMBEDDING_HZ // 1000, np.float32)]
        at_ms = sum(map(len, parts)) * 1000 // EMBEDDING_HZ
    quiet = np.random.default_rng(number).normal(0, 10 ** (-60 / 20), sum(map(len, parts)))
    return (np.concatenate(parts) * chance.uniform(0.5, 1.0) + quiet).astype(np.float32), said


def _transcript(said: Sequence[tuple[str, Span, str]]) -> tuple[Transcript, dict[str, str]]:
    """The lines with speakers S1, S2 … in order of appearance, and what they are called."""
    ids = {name: f"S{n}" for n, name in enumerate(dict.fromkeys(name for name, _, _ in said), start=1)}
    segments = (Segment(f"s{n:04}", span, ids[name], text) for n, (name, span, text) in enumerate(said, start=1))
    return Transcript("en", tuple(segments)), {own: name for name, own in ids.items()}


def series(stock: StockVoices, folder: Path, count: int) -> None:
    """Cast the episodes alone and with a cast file, in several orders."""
    run = Run(Store(folder / "store"), stock.home, Models())
    films = []
    for number in range(count):
        samples, said = episode(stock, number)
        films.append((_kept(run.store, samples), said))
    cards = [card(stock.home, voice.id) for voice in consent.voices(stock.home)]
    alone = [_cast(run, film, cards, {}) for film in films]
    steady, everybody = _steady(alone), len(CHARACTERS)
    print(f"cast     {steady} of {everybody} characters have one voice in all of {count} episodes, each alone")
    pairs = [pair for made in alone for pair in itertools.combinations(made.values(), 2)]
    worst, one, other = max((stock_likeness(*pair) or 0.0, *pair) for pair in pairs)
    voices = "/".join(sorted({str(len(set(made.values()))) for made in alone}))
    print(f"apart    {voices} voices in each; most alike {one} and {other}: {worst:.2f} (limit {APART:.2f})")
    orders = [list(range(count)), *(random.Random(seed).sample(range(count), count) for seed in range(3))]
    found = [list(_in_order(run, folder / f"cast{n}.toml", films, order, cards)) for n, order in enumerate(orders)]
    for order, made in zip(orders, found):
        print(f"series   {_steady(made)} of {everybody} keep their voice in the order {' '.join(map(str, order))}")
    print(f"series   {_steady([m for made in found for m in made])} of {everybody} have one voice in all orders")
    season(run, folder / "season.toml", films, orders, cards)


def season(
    run: Run, path: Path, films: Sequence[Film], orders: Sequence[Sequence[int]], cards: Sequence[consent.Card]
) -> None:
    """Cast the episodes together, and write their cast file."""
    heard = [_heard_people(run, film) for film in films]
    everybody, found = len(CHARACTERS), [_together(run, [heard[n] for n in order], cards) for order in orders]
    same = sum(made == found[0] for made in found)
    print(f"season   {same} of {len(orders)} orders give the same cast; {_steady(found)} of {everybody} have one voice")
    worst, one, other = max((stock_likeness(*p) or 0.0, *p) for p in itertools.combinations(found[0].values(), 2))
    print(
        f"season   {len(set(found[0].values()))} voices; most alike {one} and {other}: {worst:.2f} (limit {APART:.2f})"
    )
    _together(run, heard, cards, path)
    for name, voice in sorted(found[0].items()):
        print(f"         {name:<5} {CHARACTERS[name][0]:<11} {voice}")
    halves = [_together(run, heard[half::2], cards) for half in (0, 1) if heard[half::2]]
    print(f"season   {_steady([found[0], *halves])} of {everybody} have it from the even and the odd episodes, too")


def _heard_people(run: Run, film: Film) -> tuple[FilmPeople, dict[str, str]]:
    """What one film says of its people, and who they are."""
    transcript, names = _transcript(film[1])
    media: Any = SimpleNamespace(speech=film[0])
    heard, _, people = recognise_people(run, media, transcript, {}, ())
    dubbed = {"es": frozenset(names)}
    return people_of_film(run.store, film[0], heard, people.heard, {}, dubbed), names


def _together(
    run: Run,
    films: Sequence[tuple[FilmPeople, dict[str, str]]],
    cards: Sequence[consent.Card],
    path: Path | None = None,
) -> dict[str, str]:
    """Character -> voice, of films cast together; a character who is taken for two people has two voices. `path` is for
    the cast file.
    """
    people, ids = join_people([film for film, _ in films], ())
    renamed = [film.renamed(own) for (film, _), own in zip(films, ids)]
    voices = cast_people(run.store, renamed, people, {}, cards, "es")
    if path is not None:
        write_cast(path, People(people), {"es": {who: (voice, "") for who, voice in voices.items()}})
    found: dict[str, set[str]] = {}
    for (_, names), own in zip(films, ids):
        for speaker, name in names.items():
            found.setdefault(name, set()).add(voices[own[speaker]])
    return {name: "+".join(sorted(of)) for name, of in sorted(found.items())}


def _steady(made: Sequence[Mapping[str, str]]) -> int:
    """Characters who have one voice wherever they appear."""
    return sum(len({cast[name] for cast in made if name in cast}) == 1 for name in CHARACTERS)


def _cast(run: Run, film: Film, cards: Sequence[consent.Card], kept: Mapping[str, str]) -> dict[str, str]:
    """Character -> voice, of one film without a cast file."""
    transcript, names = _transcript(film[1])
    roles = cast_voices(run.store, film[0], transcript, kept, cards, "es")
    return {names[role.speaker]: role.voice for role in roles}


def _in_order(
    run: Run, path: Path, films: Sequence[Film], order: Sequence[int], cards: Sequence[consent.Card]
) -> Iterator[dict[str, str]]:
    """Character -> voice, of each film in turn; people are known again by their voices alone, from the cast file."""
    for number in order:
        speech, said = films[number]
        transcript, names = _transcript(said)
        media: Any = SimpleNamespace(speech=speech)
        heard, _, people = recognise_people(run, media, transcript, {}, read_cast(path))
        kept = people.voices("es")
        roles = cast_voices(run.store, speech, heard, kept, cards, "es")
        write_cast(path, People(people.known, people.here), {"es": {r.speaker: (r.voice, "") for r in roles}})
        ids = {new.speaker: names[old.speaker] for new, old in zip(heard.segments, transcript.segments)}
        yield {ids[role.speaker]: role.voice for role in roles}


def print_cost(stock: StockVoices, store: Store, count: int) -> None:
    """What it takes to join and to cast the people of many films."""
    chance, guests = np.random.default_rng(1), 9 * count // 10 + 2
    films = [
        _made_up([*chance.choice(12, 8, replace=False), *(12 + chance.choice(guests, 2, replace=False))], chance)
        for _ in range(count)
    ]
    cards = [card(stock.home, voice.id) for voice in consent.voices(stock.home)]
    began = time.process_time()
    people, ids = join_people(films, ())
    joined = time.process_time()
    voices = cast_people(store, [film.renamed(own) for film, own in zip(films, ids)], people, {}, cards, "es")
    cast_s, used = time.process_time() - joined, len(set(voices.values()))
    print(f"{count} films, {len(people)} people, {used} voices")
    print(f"joined in {joined - began:.1f} CPU s, cast in {cast_s:.1f} CPU s")


def _made_up(who: Sequence[int], chance: np.random.Generator) -> FilmPeople:
    """A film of one scene, of people by their numbers."""
    heard, measured = [], {}
    for k, number in enumerate(who, start=1):
        own = np.random.default_rng(10_000 + int(number))
        sex, voice, noise = own.random(), own.normal(size=256), chance.normal(size=256)
        values = voice / np.linalg.norm(voice) + 0.4 * noise / np.linalg.norm(noise)
        print_ = tuple((values / np.linalg.norm(values)).round(4).tolist())
        hertz = round(float(own.normal(120, 15) if sex < 0.5 else own.normal(205, 25)), 1)
        heard.append(HeardVoice(f"S{k}", "", print_, 8000))
        measured[f"S{k}"] = Measured(Sound(hertz, 4.0, print_), 8000, 8000)
    partners = {speaker: frozenset(measured) - {speaker} for speaker in measured}
    return FilmPeople(tuple(heard), measured, partners, {"es": frozenset(measured)}, {})


# --- a dub


def dub_scene(stock: StockVoices, folder: Path, cast: Path) -> None:
    """Dub the first episode with the cast of the season and compare its characters on the dialogue stem."""
    samples, said = episode(stock, 0)
    film = folder / "scene.wav"
    soundfile.write(film, soxr.resample(samples, EMBEDDING_HZ, 48_000), 48_000, "PCM_16")
    words = folder / "scene.vtt"
    cues = [f"{_stamp(span.start_ms)} --> {_stamp(span.end_ms)}\n<v {name}>{text}</v>\n" for name, span, text in said]
    words.write_text("\n".join(["WEBVTT\n", *cues]), encoding="utf-8")
    job = Job(film, to=("es",), output=folder / "out", transcript=words, source_language="en", cast=cast)
    result = dub(job, open_run())
    (target,) = result.targets
    assert target.dialogue is not None
    stem, report = _heard(target.dialogue), read_report(read_json(target.report, 10_000_000), "report")
    spoken: dict[str, list[Samples]] = {}
    for clip in read_json(target.timeline, 10_000_000)["clips"]:
        spoken.setdefault(clip["speaker"], []).append(stem[_at(clip["dub"]["start_ms"]) : _at(clip["dub"]["end_ms"])])
    prints = {who: _print(np.concatenate(parts)) for who, parts in spoken.items()}
    named = {role.speaker: f"{role.name or role.speaker} ({role.voice})" for role in report.cast}
    pairs = [(likeness(prints[a], prints[b]), a, b) for a, b in itertools.combinations(prints, 2)]
    for found, one, other in sorted(pairs, reverse=True):
        print(f"stem     {found:5.2f}  {named[one]}  {named[other]}")
    above, voices = sum(found > APART for found, _, _ in pairs), {role.voice for role in report.cast}
    print(
        f"stem     {len(voices)} voices; {above} of {len(pairs)} pairs above {APART:.2f}, highest {max(pairs)[0]:.2f}"
    )
    alike = [role.speaker for role in report.cast if role.alike]
    print(f"         misheard {report.summary.wer:.1%}, DNSMOS {report.summary.dnsmos:.2f}, reported as alike: {alike}")


def _at(ms: int) -> int:
    return ms * EMBEDDING_HZ // 1000


def _stamp(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


if __name__ == "__main__":
    main()
