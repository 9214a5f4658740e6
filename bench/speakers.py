"""How surely two recordings are told to be of one person: `python bench/speakers.py [--media FOLDER]`.

Voices of real people (LJ Speech, LibriVox, AMI, GRID … in `../shared/media`) and every stock voice speaking three
sentences in English and its own language. Each recording is cut into a reference of up to 20 s and statements of 6 s,
all pairs are compared as `voices enroll` compares them, and the false accepts and false rejects of each threshold are
printed; then how often one speaker is taken for two, and two for one.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from stock_voices import StockVoices

from localize.consent import card, voices
from localize.consent.enrolment import SAME_PERSON, count_speakers, embedding_similarity
from localize.signal.embeddings import EMBEDDING_HZ

Samples = NDArray[np.float32]
MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"
STATEMENT_S, REFERENCE_S = 6, 20
EACH = 23
SENTENCES = {
    "en": "My name is written on the door of the old station, and the train leaves at nine tomorrow. "
    "I agree that my voice is used for dubbing, and the words of today are winter, paper and island.",
    "es": "Mi nombre está escrito en la puerta de la vieja estación, y el tren sale mañana a las nueve. "
    "Estoy de acuerdo con que se use mi voz, y las palabras de hoy son invierno, papel e isla.",
    "fr": "Mon nom est écrit sur la porte de la vieille gare, et le train part demain matin à neuf heures. "
    "J'accepte que ma voix soit utilisée, et les mots du jour sont hiver, papier et île.",
    "it": "Il mio nome è scritto sulla porta della vecchia stazione, e il treno parte domani alle nove. "
    "Accetto che la mia voce sia usata, e le parole di oggi sono inverno, carta e isola.",
    "pt": "Meu nome está escrito na porta da velha estação, e o trem sai amanhã às nove da manhã. "
    "Concordo que minha voz seja usada, e as palavras de hoje são inverno, papel e ilha.",
}


def decoded(path: Path) -> Samples:
    """Any recording as 16 kHz mono."""
    import av

    parts = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=EMBEDDING_HZ)
        for frame in container.decode(audio=0):
            parts += [p.to_ndarray().reshape(-1) for p in resampler.resample(frame)]
    return np.concatenate(parts)


def recorded(media: Path) -> Iterator[tuple[str, str, Samples]]:
    """(speaker, recording, samples) of real people."""
    english = media / "1_english"
    yield "lj", "a", np.concatenate([decoded(p) for p in sorted((english / "ljspeech").glob("*.wav"))[:8]])
    yield "lj", "b", np.concatenate([decoded(p) for p in sorted((english / "ljspeech").glob("*.wav"))[8:]])
    yield "jfk", "a", decoded(english / "jfk.flac")
    yield "libri61", "a", decoded(english / "librispeech_61-70968-0000.flac")
    for n, path in enumerate(sorted((english / "librivox").glob("*.wav"))):
        yield "austen", str(n), decoded(path)
    sonnet = decoded(english / "sonnet" / "p001_sonnet1.mp3")
    yield "sonnet", "a", sonnet[: len(sonnet) // 2]
    yield "sonnet", "b", sonnet[len(sonnet) // 2 :]
    michael = decoded(media / "2_diarization" / "michaelandsickmichael.wav")
    yield "michael", "well", michael[EMBEDDING_HZ : 25 * EMBEDDING_HZ]
    yield "michael", "ill", michael[27 * EMBEDDING_HZ :]
    lang = media / "5_noise_multilang_odd" / "lang"
    for path in sorted(lang.glob("*")):
        yield path.stem, "a", decoded(path)
    yield from _meetings(media / "2_diarization" / "ami")


def _meetings(folder: Path) -> Iterator[tuple[str, str, Samples]]:
    """Each speaker of a meeting, where nobody else speaks."""
    for path in sorted(folder.glob("*.wav")):
        name = path.stem.replace("trnñ00_unicode_name", "trn00")
        sound = decoded(path)
        turns = []
        for table in folder.glob("*.rttm"):
            for line in table.read_text().splitlines():
                cells = line.split()
                if cells[1] == name:
                    turns.append((float(cells[3]), float(cells[3]) + float(cells[4]), cells[7]))
        for speaker in sorted({t[2] for t in turns}):
            mine = np.zeros(len(sound), bool)
            for begin, end, who in turns:
                if who == speaker:
                    mine[int(begin * EMBEDDING_HZ) : int(end * EMBEDDING_HZ)] = True
            for begin, end, who in turns:
                if who != speaker:
                    mine[int(begin * EMBEDDING_HZ) : int(end * EMBEDDING_HZ)] = False
            yield speaker, name, sound[mine]


def synthetic(folder: Path) -> Iterator[tuple[str, str, Samples]]:
    """Every stock voice, in English and in its own language; recordings are kept in the folder."""
    stock = StockVoices(folder)
    for voice in voices(stock.home):
        if voice.parents:
            continue  # a blend is no further person
        for language in (*voice.languages, *(t for t in card(stock.home, voice.id).also if t == "en")):
            said = stock.say(voice, SENTENCES[language], language)
            # em_alex and pm_alex are one voice under two names, as are the santas and doras.
            yield voice.id.partition("_")[2], f"{voice.id} {language}", decoded(said)


def pieces(sound: Samples, seconds: float) -> list[Samples]:
    """The sound in pieces of that length, what is left over dropped."""
    length = int(seconds * EMBEDDING_HZ)
    return [sound[at : at + length] for at in range(0, len(sound) - length + 1, length)]


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement against a reference: of one person or of two, of people or of stock voices, and their likeness."""

    one_person: bool
    origin: str
    likeness: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--keep", type=Path, help="folder for what the stock voices say, so that it is made once")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        stock = list(synthetic(folder))
        people = list(recorded(asked.media)) if asked.media.is_dir() else []
        pairs = [*scores(people, "people"), *scores(stock, "stock voices")]
        for origin in ("people", "stock voices"):
            report(origin, [pair for pair in pairs if pair.origin == origin])
        report("all", pairs)
        crowd(people + stock)


def scores(found: list[tuple[str, str, Samples]], origin: str) -> Iterator[Pair]:
    """Likeness of every statement to every reference that does not hold it."""
    for (who, take, reference), (speaker, other_take, recording) in itertools.product(found, found):
        if (who, take) == (speaker, other_take):
            half = len(reference) // 2
            kept, said = reference[:half], pieces(reference[half:], STATEMENT_S)
        else:
            kept, said = reference, pieces(recording, STATEMENT_S)
        if len(kept) < STATEMENT_S * EMBEDDING_HZ:
            continue
        for statement in said[:2]:
            score = embedding_similarity(kept[: REFERENCE_S * EMBEDDING_HZ], statement)
            yield Pair(who == speaker, origin, score)
            if (who == speaker) != (score >= SAME_PERSON):
                print(f"  wrong at {SAME_PERSON}: {who}/{take} and {speaker}/{other_take}: {score:.3f}")


def report(origin: str, pairs: list[Pair]) -> None:
    """Print the errors of every threshold, and where both are equal."""
    same = np.array([pair.likeness for pair in pairs if pair.one_person])
    other = np.array([pair.likeness for pair in pairs if not pair.one_person])
    if not (len(same) and len(other)):
        return
    print(
        f"\n{origin}: {len(same)} pairs of one person: {min(same):.3f} to {max(same):.3f}, median {np.median(same):.3f}"
    )
    print(f"{len(other)} pairs of two people: {min(other):.3f} to {max(other):.3f}, median {np.median(other):.3f}")
    print("threshold  false accepts  false rejects")
    for threshold in sorted({*np.round(np.arange(0.60, 0.90, 0.02), 2), SAME_PERSON}):
        accepts, rejects = np.mean(other >= threshold), np.mean(same < threshold)
        mark = "  <- used" if threshold == SAME_PERSON else ""
        print(f"{threshold:9.2f}  {100 * accepts:11.1f} %  {100 * rejects:11.1f} %{mark}")
    steps = np.arange(0.5, 1.0, 0.001)
    gaps = [abs(np.mean(other >= step) - np.mean(same < step)) for step in steps]
    equal = steps[int(np.argmin(gaps))]
    print(f"equal error {100 * np.mean(same < equal):.1f} % at {equal:.2f}")


def crowd(found: list[tuple[str, str, Samples]]) -> None:
    """One recording of one person, and two people joined, every `EACH`th pair: every pair would take half an hour."""
    alone = [(who, r) for who, _, r in found if len(r) >= STATEMENT_S * EMBEDDING_HZ]
    wrong = [who for who, r in alone if count_speakers(r[: REFERENCE_S * EMBEDDING_HZ]) != 1]
    print(f"one person taken for more: {len(wrong)} of {len(alone)} {wrong}")
    missed, tried = 0, 0
    for (one, a), (two, b) in itertools.islice(itertools.combinations(alone, 2), 0, None, EACH):
        if one != two:
            tried += 1
            missed += count_speakers(np.concatenate([a[: 10 * EMBEDDING_HZ], b[: 10 * EMBEDDING_HZ]])) == 1
    print(f"two people taken for one: {missed} of {tried}")


if __name__ == "__main__":
    main()
