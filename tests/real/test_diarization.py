"""Real people are told apart; one person is one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from localize.data import Voices
from localize.media import ffmpeg

MEDIA = Path(__file__).parents[3] / "shared" / "media"
pytestmark = [pytest.mark.shared, pytest.mark.xdist_group("diarization")]
ALONE = (
    "1_english/jfk.flac",
    "1_english/ljspeech/LJ001-0003.wav",
    "1_english/librivox/sense_and_sensibility_01_austen_64kb-0870.wav",
    "1_english/sonnet/p001_sonnet1.mp3",
    "5_noise_multilang_odd/lang/leopard_test_es.wav",
)


@pytest.fixture
def heard(engine: Callable[[Any, str], Any], tmp_path: Path) -> Callable[..., Voices]:
    diarizer = engine("diarizer", "dvectors")

    def get(path: Path, speakers: int | None = None) -> Voices:
        import subprocess

        ears = tmp_path / "ears.wav"
        command = [ffmpeg(), "-v", "error", "-y", "-i", str(path), "-ac", "1", "-ar", "16000", str(ears)]
        subprocess.run(command, check=True)
        assert soundfile.info(ears).samplerate == 16_000
        found: Voices = diarizer.voices(ears, speakers)
        return found

    return get


def wrong(said: list[tuple[float, float, str]], voices: Voices) -> float:
    """Share of the speech of exactly one person that is missed or given to another, under the best pairing."""
    length = max(int(end * 100) for _, end, _ in said) + 1
    truth = np.zeros((len({w for *_, w in said}), length), bool)
    found = np.zeros((max(1, len({t.speaker for t in voices.turns})), length), bool)
    who, whom = sorted({w for *_, w in said}), sorted({t.speaker for t in voices.turns})
    for start, end, speaker in said:
        truth[who.index(speaker), int(start * 100) : int(end * 100)] = True
    for turn in voices.turns:
        found[whom.index(turn.speaker), turn.span.start_ms // 10 : turn.span.end_ms // 10] = True
    alone = truth.sum(axis=0) == 1
    best = max(
        sum((truth[a] & found[b] & alone).sum() for a, b in enumerate(order) if b < len(found))
        for order in itertools.permutations(range(max(len(truth), len(found))), len(truth))
    )
    return 1 - float(best) / float(alone.sum())


def rttm(name: str) -> list[tuple[float, float, str]]:
    rows = []
    for table in (MEDIA / "2_diarization" / "ami").glob("*.rttm"):
        rows += [row.split() for row in table.read_text(encoding="utf-8").splitlines()]
    return [(float(r[3]), float(r[3]) + float(r[4]), r[7]) for r in rows if r[1] == name]


@pytest.mark.parametrize(("name", "most"), [("dev00", 0.2), ("dev01", 0.2)])
def test_two_men_in_a_meeting_are_two(heard: Callable[..., Voices], name: str, most: float) -> None:
    voices = heard(MEDIA / "2_diarization" / "ami" / f"{name}.wav")
    assert len({t.speaker for t in voices.turns}) == 2
    assert wrong(rttm(name), voices) < most


def test_a_man_with_a_cold_is_told_from_himself(heard: Callable[..., Voices]) -> None:
    voices = heard(MEDIA / "2_diarization" / "michaelandsickmichael.wav")
    assert wrong([(1.06, 25.25, "well"), (26.72, 51.46, "ill")], voices) < 0.2


@pytest.mark.parametrize("name", ALONE)
def test_one_person_is_one(heard: Callable[..., Voices], name: str) -> None:
    assert len({t.speaker for t in heard(MEDIA / name).turns}) == 1


def test_a_number_that_is_told_is_kept(heard: Callable[..., Voices]) -> None:
    path = MEDIA / "2_diarization" / "ami" / "dev00.wav"
    for number in (1, 2, 3):
        assert len({t.speaker for t in heard(path, number).turns}) == number


def test_overlapped_speech_is_marked_where_two_speak(heard: Callable[..., Voices]) -> None:
    """trn08: four people who interrupt each other."""
    voices = heard(MEDIA / "2_diarization" / "ami" / "trn08.wav")
    said = rttm("trn08")
    marked = [ms for span in voices.overlaps for ms in range(span.start_ms, span.end_ms, 10)]
    rightly = [ms for ms in marked if sum(start * 1000 <= ms < end * 1000 for start, end, _ in said) > 1]
    assert len(marked) > 100
    assert len(rightly) > 0.8 * len(marked)


def test_silence_holds_nobody(heard: Callable[..., Voices]) -> None:
    for path in sorted((MEDIA / "5_noise_multilang_odd" / "silence").glob("*.wav")):
        assert heard(path) == Voices(())


CASES = Path(__file__).parents[3] / "shared" / "cases" / "media"


@pytest.mark.parametrize(("name", "people"), [("r2.flac", "mfmfmfmf"), ("phone.3gp", "mfm"), ("r4.flac", "mfm")])
def test_short_answers_and_telephones_keep_their_people(heard: Callable[..., Voices], name: str, people: str) -> None:
    """Questions and answers of half a second; the same two on 8 kHz; two that speak at once."""
    phone = [[1.0, 2.8, ""], [4.6, 5.85, ""], [7.2, 8.92, ""]]
    lines = (
        phone if name == "phone.3gp" else json.loads((CASES / name).with_suffix(".json").read_text(encoding="utf-8"))
    )
    said = [(start, end, who) for (start, end, _), who in zip(lines, people, strict=True)]
    voices = heard(CASES / name)
    assert len({t.speaker for t in voices.turns}) == 2
    assert wrong(said, voices) < 0.2
