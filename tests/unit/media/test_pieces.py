"""Long sounds in pieces: what is made and measured piece by piece is what is made and measured as a whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from scipy import signal

from localize import media
from localize.data import Blob, Span
from localize.media import encoded, meter, run_ffmpeg, url
from localize.media.pieces import Place, block_keys, pieces_of, second_digests, write_blocks
from localize.runtime.store import Store

RATE = media.RATE
SAMPLE = Path(__file__).parents[3] / "samples" / "episode.mp4"


def wav(store: Store, samples: Any) -> Blob:
    with store.writing(".wav") as draft, media.write_wav(draft.path, samples.shape[1], len(samples)) as out:
        out.write(samples)
    return draft.blob


def noise(seconds: float, channels: int = 2, seed: int = 0) -> Any:
    found = np.random.default_rng(seed).normal(0, 0.04, (round(seconds * RATE), channels))
    found = signal.sosfilt(signal.butter(4, 8000, fs=RATE, output="sos"), found, axis=0)
    return found * np.repeat([1.0, 0.001, 4.0], -(-len(found) // 3))[: len(found), None]  # loud, near silence, louder


def samples(store: Store, blob: Blob) -> Any:
    return soundfile.read(store.path(blob), dtype="int32", always_2d=True)[0]


def copy_of(store: Store, source: Blob, place: str, made: list[int]) -> Blob:
    heard = samples(store, source)

    def block(number: int) -> Any:
        made.append(number)
        return heard[number * media.BLOCK : (number + 1) * media.BLOCK]

    keys = block_keys(store, (source,), 100)
    return write_blocks(store, Place(place), keys, (len(heard), heard.shape[1], RATE), block)


def test_only_blocks_that_changed_are_made_and_the_sound_is_that_of_a_whole_run(store: Store) -> None:
    sound = noise(35.5)
    made: list[int] = []
    copy_of(store, wav(store, sound), "film es", made)
    sound[21 * RATE : 22 * RATE] *= 0.5
    changed = wav(store, sound)
    again: list[int] = []
    assert copy_of(store, changed, "film es", again) == copy_of(store, changed, "elsewhere", made) == changed
    assert (made, again) == ([0, 1, 2, 3] * 2, [2])


def test_a_block_is_made_again_where_a_sample_near_it_changed(store: Store) -> None:
    sound = noise(30)
    made: list[int] = []
    copy_of(store, wav(store, sound), "film", made)
    sound[20 * RATE - 50] = 0.3
    made.clear()
    copy_of(store, wav(store, sound), "film", made)
    assert made == [1, 2]


def test_a_sound_of_another_length_is_made_whole(store: Store) -> None:
    made: list[int] = []
    copy_of(store, wav(store, noise(25)), "film", made)
    copy_of(store, wav(store, noise(15)), "film", made)
    assert made == [0, 1, 2, 0, 1]


def test_a_sound_that_is_gone_or_damaged_is_made_whole(store: Store) -> None:
    made: list[int] = []

    def silence(number: int) -> Any:
        made.append(number)
        return np.zeros((RATE, 1), np.int32)

    first = write_blocks(store, Place("film"), ["one"], (RATE, 1, RATE), silence)
    store.path(first).write_bytes(b"damaged")
    assert write_blocks(store, Place("film"), ["one"], (RATE, 1, RATE), silence) == first
    assert made == [0, 0]


# --- loudness --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channels", "layout"), [(1, ""), (2, ""), (6, "5.1"), (3, "2.1"), (5, "5.0(side)")])
def test_loudness_and_peak_are_those_of_ffmpeg(store: Store, channels: int, layout: str) -> None:
    sound = wav(store, noise(9, channels))
    ours, theirs = media.loudness(store, sound, layout), media.loudness_by_ffmpeg(store, sound, layout)
    assert ours.integrated_lufs == pytest.approx(theirs.integrated_lufs, abs=0.11)
    assert ours.true_peak_dbtp == pytest.approx(theirs.true_peak_dbtp, abs=0.2)


@pytest.mark.slow
def test_loudness_of_a_film_is_that_of_ffmpeg(store: Store, tmp_path: Path) -> None:
    """Speech, music and pauses, as decoded and as encoded again."""
    plain = tmp_path / "sound.wav"
    run_ffmpeg(["-v", "error", "-i", url(SAMPLE), "-map", "0:a:0", "-c:a", "pcm_s24le", url(plain)], "the sample")
    sound = wav(store, soundfile.read(plain)[0])
    for heard in (sound, media.encode(store, sound, "mp4", 2)):
        ours, theirs = media.loudness(store, heard), media.loudness_by_ffmpeg(store, heard)
        assert ours.integrated_lufs == pytest.approx(theirs.integrated_lufs, abs=0.11)
        assert ours.true_peak_dbtp == pytest.approx(theirs.true_peak_dbtp, abs=0.2)


def test_loudness_in_pieces_is_that_of_the_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = wav(store, noise(11))
    whole = meter._measure(store, sound, "")
    monkeypatch.setattr(meter, "PIECE", 2 * RATE)
    parts = meter._measure(store, sound, "")
    assert whole is not None
    assert parts is not None
    np.testing.assert_allclose(parts[0], whole[0], rtol=1e-9, atol=1e-18)
    assert parts[1] == pytest.approx(whole[1], rel=1e-3)


def test_only_the_piece_that_sounds_otherwise_is_measured_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "PIECE", 2 * RATE)
    sound = noise(11)
    media.loudness(store, wav(store, sound))
    sound[RATE * 7 // 2] = 0.9
    made = store.made
    assert media.loudness(store, wav(store, sound)).true_peak_dbtp == pytest.approx(-0.9, abs=0.2)
    assert store.made - made == 4, "the seconds, the piece, the next, whose filter heard it, and the whole"


def test_what_is_spoken_is_measured_alone(store: Store) -> None:
    sound = noise(9)
    found = media.spoken_loudness(store, wav(store, sound), [Span(0, 1500), Span(6500, 8000)])
    alone = wav(store, np.concatenate([sound[: RATE * 3 // 2], sound[RATE * 13 // 2 : 8 * RATE]]))
    assert found == pytest.approx(media.loudness_by_ffmpeg(store, alone).integrated_lufs, abs=0.15)


def test_channels_that_nobody_can_name_are_left_to_ffmpeg(store: Store) -> None:
    sound = wav(store, noise(3, 5))
    assert media.loudness(store, sound, "5 channels") == media.loudness_by_ffmpeg(store, sound, "5 channels")


# --- encoding --------------------------------------------------------------------------------------------------------


def decoded(path: Path) -> Any:
    with media.reading(path, rate=RATE, channels=2) as pipe:
        return np.frombuffer(pipe.read(), "<f4").reshape(-1, 2)


def fidelity_db(found: Any, sound: Any) -> Any:
    """Signal over error of each frame."""
    count = min(len(found), len(sound)) // encoded.FRAME * encoded.FRAME
    frames = (-1, encoded.FRAME * 2)
    power = [(x**2).reshape(frames).sum(axis=1) for x in (sound[:count], found[:count] - sound[:count])]
    return 10 * np.log10((power[0] + 1e-12) / (power[1] + 1e-12))


@pytest.fixture
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded, "PIECE", 120 * encoded.FRAME)


@pytest.mark.usefixtures("short_pieces")
def test_what_is_encoded_in_pieces_is_in_step_and_as_good_as_in_one(
    store: Store, tmp_path: Path, tone: Callable[..., Any]
) -> None:
    sound = np.stack([tone(9.3), 0.5 * tone(9.3)], axis=1) + noise(9.3) * 0.1
    mix, whole = wav(store, sound), tmp_path / "whole.m4a"
    made = media.encode(store, mix, "mp4", 2)
    run_ffmpeg(["-v", "error", "-i", url(store.path(mix)), "-c:a", "aac", "-b:a", "256k", url(whole)], "the mix")
    ours, theirs = decoded(store.path(made)), decoded(whole)
    assert len(ours) == len(theirs) == len(sound)
    ours, theirs = fidelity_db(ours, sound), fidelity_db(theirs, sound)
    assert np.median(ours) == pytest.approx(np.median(theirs), abs=0.5)
    seams = [n for at in range(120, len(ours), 120) for n in (at - 1, at, at + 1)]
    assert len(seams) >= 9
    assert min(ours[seams]) > min(theirs) - 1, "where two pieces meet nothing is worse than elsewhere"


@pytest.mark.usefixtures("short_pieces")
def test_only_the_piece_that_changed_is_encoded_again_and_alike(store: Store, tmp_path: Path) -> None:
    sound = noise(9)
    media.encode(store, wav(store, sound), "mp4", 2)
    sound[4 * RATE : 4 * RATE + 500] *= 0.5
    changed = wav(store, sound)
    made = store.made
    again = media.encode(store, changed, "mp4", 2)
    assert store.made - made == 4, "the seconds, the piece, the one before, whose last second it is, and the join"
    assert media.encode(Store(tmp_path / "empty"), wav(Store(tmp_path / "empty"), sound), "mp4", 2) == again


@pytest.mark.usefixtures("short_pieces")
def test_a_stream_decoded_in_pieces_is_the_stream(store: Store) -> None:
    made = store.path(media.encode(store, wav(store, noise(9)), "mp4", 2))
    pieces = media.packets_of(made, 0)
    assert pieces is not None
    assert len(pieces) > 2
    parts = [p.decode()[p.lead : p.lead + p.end - p.start] for p in pieces]
    whole = decoded(made)
    assert sum(map(len, parts)) == len(whole)
    assert np.median(fidelity_db(np.concatenate(parts), whole)) > 25  # noise that AAC only describes is drawn anew


def test_a_stream_that_was_copied_to_another_file_is_the_same(store: Store, tmp_path: Path) -> None:
    made = store.path(media.encode(store, wav(store, noise(2)), "mp4", 2))
    copies = [tmp_path / "a.mp4", tmp_path / "late.mp4"]
    for copy, late in zip(copies, ("0", "0.25")):
        run_ffmpeg(["-v", "error", "-itsoffset", late, "-i", url(made), "-c", "copy", url(copy)], "the copy")
    again = tmp_path / "b.mp4"
    again.write_bytes(copies[0].read_bytes() + b"\0\0\0\x08free")
    first, late, same = (media.track_of(path, 0).sha256 for path in (*copies, again))
    assert first == same != late


def test_pieces_know_what_lies_around_them(store: Store) -> None:
    sound = wav(store, noise(5))
    pieces = pieces_of(store, sound, 2 * RATE, 100, 50)
    assert [(p.start, p.end, p.lead, p.tail) for p in pieces] == [
        (0, 2 * RATE, 0, 50), (2 * RATE, 4 * RATE, 100, 50), (4 * RATE, 5 * RATE, 100, 0),
    ]  # fmt: skip
    heard = samples(store, sound)
    np.testing.assert_array_equal(np.rint(pieces[1].read() * 2**31), heard[2 * RATE - 100 : 4 * RATE + 50])


def test_the_digests_of_a_patched_sound_are_those_of_its_samples(store: Store) -> None:
    sound = noise(35.5)
    copy_of(store, wav(store, sound), "film", [])
    sound[21 * RATE : 22 * RATE] *= 0.5
    patched = copy_of(store, wav(store, sound), "film", [])
    whole = Store(store.folder.parent / "another")
    with whole.writing(".wav") as draft:
        shutil.copyfile(store.path(patched), draft.path)
    assert draft.blob == patched
    assert second_digests(store, patched) == second_digests(whole, patched)
    assert len(second_digests(whole, patched)) == 36


def test_silence_is_one_piece_wherever_it_lies_and_a_repeated_second_is_not(store: Store) -> None:
    second = noise(1)
    silent = {piece.sha256 for piece in pieces_of(store, wav(store, np.zeros((6 * RATE, 2))), 100_000, 0, 0)[:-1]}
    repeated = {piece.sha256 for piece in pieces_of(store, wav(store, np.tile(second, (6, 1))), 100_000, 0, 0)[:-1]}
    assert (len(silent), len(repeated)) == (1, 2)


@pytest.mark.parametrize("channels", [1, 2])
def test_silence_of_another_width_is_another_piece(store: Store, channels: int) -> None:
    (one,) = pieces_of(store, wav(store, np.zeros((RATE, channels))), RATE, 0, 0)
    (other,) = pieces_of(store, wav(store, np.zeros((RATE, 3))), RATE, 0, 0)
    assert one.sha256 != other.sha256
