"""How far a dub sounds as the actors do: `python bench/expression.py [FILM…] [--to es] [--strength 0 0.5 1]`.

Over 400 lines: what is measured of a dub is measured of single lines by the same functions.

Dubs each film at every strength and measures its dialogue stem as the source is measured (`transcription/prosody.py`):

pitch, level   correlation of the phrases' z-scores, source against dub, over all speakers
endings        questions of the dub that end as their language's rule has it, and rises of the actor that are rises
similarity     d-vector cosine of each line of 1.5 s or more to the same line at strength 0 (of shorter ones a print
               says too little): the median, and the 5th percentile
DNSMOS         mean of the lines, how many are below 2.5 that were not at strength 0
heard          words misheard when the stem is read back, and sounds: of what is read back and what was to be said, both
               as espeak-ng pronounces them, so that a word that is only spelled otherwise counts for nothing
on time        overlap with the source, and how far phrases lie from where they are at strength 0

With `--emphasis` it speaks hand-marked lines instead, in English with the marked word stressed, and prints how often
that word is found, and how often its translation stands out when it is asked for. With `--questions` it speaks
questions of every kind at every strength, as a dub has them end whose actors end so, and prints how many end as their
language has it. With `--manners` it speaks the Spanish of the marked lines high, low and with their word stressed, at
every strength above 0, and reads them back.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import soundfile
import soxr

from localize import consent
from localize.data import Manner, Phrase, PhraseProsody, Span, Word
from localize.delivery.quality_control import comparable_words
from localize.engines import load
from localize.engines.phonemes import phonemize
from localize.isochrony.expression import RISE_ST, asked_end
from localize.job import Job
from localize.language.questions import plain_end, question_kind
from localize.models import Models
from localize.pipeline import dub, open_run
from localize.signal.embeddings import speaker_embedding
from localize.signal.pitch import PITCH_HZ
from localize.signal.speech_quality import speech_quality
from localize.speakers.prints import ENOUGH_MS
from localize.transcription.prosody import measure_phrase, relate_to_speakers

SAMPLE = Path(__file__).parents[1] / "samples" / "episode.mp4"
TURNS_ST = 1.0
"""A heard ending that moves less neither rises nor falls."""


def main() -> None:
    """Dub, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="*", type=Path, default=[SAMPLE])
    parser.add_argument("--to", default="es")
    parser.add_argument("--strength", nargs="+", type=float, default=[0.0, 0.5, 1.0])
    parser.add_argument("--emphasis", action="store_true")
    parser.add_argument("--questions", action="store_true")
    parser.add_argument("--manners", action="store_true")
    parser.add_argument("--lines", type=int, default=len(EMPHASIS), help="how many marked lines are spoken")
    asked = parser.parse_args()
    if asked.emphasis:
        return emphasis(EMPHASIS[: asked.lines])
    if asked.questions:
        return questions(asked.strength)
    if asked.manners:
        return manners(EMPHASIS[: asked.lines], [strength for strength in asked.strength if strength])
    for film in asked.films:
        print(f"{film.name} to {asked.to}")
        with tempfile.TemporaryDirectory() as folder:
            plain: list[dict[str, Any]] = []
            for strength in asked.strength:
                job = Job(film, to=(asked.to,), output=Path(folder), expression=strength, deliver=("stems",))
                dub(job, open_run())
                lines = measure_lines(Path(folder), film.stem, asked.to)
                plain = plain or lines
                report = json.loads((Path(folder) / f"{film.stem}.{asked.to}.report.json").read_text())
                print(f"  strength {strength:g}: {describe(lines, plain, report, asked.to)}")
    return None


def measure_lines(folder: Path, name: str, language: str) -> list[dict[str, Any]]:
    """Each line of a dub: its source's prosody, its own, and what its sound is like."""
    master = json.loads((folder / f"{name}.master.json").read_text())
    timeline = json.loads((folder / f"{name}.{language}.timeline.json").read_text())
    samples, rate = soundfile.read(folder / f"{name}.{language}.dialogue.wav", dtype="float32", always_2d=True)
    stem = soxr.resample(samples.sum(axis=1), rate, PITCH_HZ)
    said = {s["id"]: s for s in master["segments"]}
    own: list[tuple[str, PhraseProsody]] = []
    lines = []
    for clip in timeline["clips"]:
        phrases = [Span(*p) for p in clip["dub"]["phrases"]]
        own += [(clip["speaker"], measure_phrase(cut(stem, p), p)) for p in phrases]
        sound = cut(stem, Span(phrases[0].start_ms, phrases[-1].end_ms))
        lines.append(
            {
                "id": clip["segment"], "speaker": clip["speaker"], "text": clip["text"], "spans": phrases,
                "source": [Span(*p) for p in clip["source"]["phrases"]], "prosody": said[clip["segment"]]["prosody"],
                "voice": speaker_embedding(sound), "quality": speech_quality(sound),
            }
        )  # fmt: skip
    measured = iter(relate_to_speakers(own))
    for line in lines:
        line["dub"] = [next(measured) for _ in line["spans"]]
    return lines


def cut(samples: Any, span: Span) -> Any:
    """The samples of a span."""
    return samples[span.start_ms * PITCH_HZ // 1000 : span.end_ms * PITCH_HZ // 1000]


def pairs(lines: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], PhraseProsody, str]]:
    """(source phrase, dub phrase, text if the phrase ends the line) that lie over each other."""
    found = []
    for line in lines:
        for n, (span, own) in enumerate(zip(line["spans"], line["dub"])):
            at = max(range(len(line["source"])), key=lambda i: line["source"][i].overlap_ms(span))
            found.append((line["prosody"][at], own, line["text"] if n + 1 == len(line["spans"]) else ""))
    return found


def describe(
    lines: Sequence[Mapping[str, Any]], plain: Sequence[Mapping[str, Any]], report: Mapping[str, Any], language: str
) -> str:
    """All figures of one strength in a line."""
    found = pairs(lines)
    voiced = [(s, d) for s, d, _ in found if s["pitch_hz"] and d.pitch_hz]
    pitch = correlation([s["pitch_z"] for s, _ in voiced], [d.pitch_z for _, d in voiced])
    level = correlation([s["level_z"] for s, _, _ in found], [d.level_z for _, d, _ in found])
    long = [line["spans"][-1].end_ms - line["spans"][0].start_ms >= ENOUGH_MS for line in lines]
    alike = sorted(float(a["voice"] @ b["voice"]) for a, b, enough in zip(lines, plain, long) if enough)
    worse = sum(a["quality"] < 2.5 <= b["quality"] for a, b in zip(lines, plain))
    moved = [
        max(abs(p.start_ms - q.start_ms), abs(p.end_ms - q.end_ms))
        for a, b in zip(lines, plain)
        for p, q in zip(a["spans"], b["spans"])
    ]
    right, questions = endings(found, language)
    kept, rises = carried(found)
    summary = report["summary"]
    return (
        f"pitch {pitch:+.2f}, level {level:+.2f} of {len(found)} phrases; questions {right} of {questions}, rises "
        f"{kept} of {rises}; similarity {statistics.median(alike):.3f} / {alike[int(0.05 * len(alike))]:.3f}; DNSMOS "
        f"{statistics.mean(line['quality'] for line in lines):.2f}, {worse} fell below 2.5; misheard "
        f"{summary['wer']:.1%} of the words, {misheard_sounds(report['lines'], language):.2%} of the sounds; "
        f"overlap {summary['overlap']:.3f}, moved {max(moved)} ms at most"
    )


def misheard_sounds(lines: Sequence[Mapping[str, Any]], language: str) -> float:
    """Sounds that are read back otherwise, as a part of all, stress and length left out."""
    said, heard = ([sounds_of(line[key] or "", language) for line in lines] for key in ("text", "read_back"))
    return float(jiwer.cer(said, heard))


def sounds_of(text: str, language: str) -> str:
    """The sounds of a text in one word: "auto sucio" and "autosucio" are the same."""
    return re.sub(r"\W|[ˈˌː]", "", phonemize(comparable_words(text, language), language))


def correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson's r; nan without any variation."""
    return float(np.corrcoef(a, b)[0, 1]) if len(a) > 2 and np.std(a) and np.std(b) else float("nan")


def endings(found: Sequence[tuple[Mapping[str, Any], PhraseProsody, str]], language: str) -> tuple[int, int]:
    """How many questions end as their language has it, and how many there are with a voiced end.

    What falls in the language rises where the actor's rises, but yes-no questions whose end is left to the voice.
    """
    right = total = 0
    for source, own, text in found:
        kind = question_kind(text, language)
        if kind and own.pitch_hz and own.final_st:
            plain = plain_end(kind, language)
            rises = (plain or 0) > 0 or (kind != "yes-no" and (source["final_st"] or 0) >= RISE_ST)
            right += (own.final_st > TURNS_ST) is rises
            total += 1
    return right, total


def carried(found: Sequence[tuple[Mapping[str, Any], PhraseProsody, str]]) -> tuple[int, int]:
    """Of the phrases that the actor ends higher, how many rise in the dub."""
    rising = [own for source, own, _ in found if (source["final_st"] or 0) >= RISE_ST and own.pitch_hz and own.final_st]
    return sum(own.final_st > TURNS_ST for own in rising), len(rising)


# --- emphasis --------------------------------------------------------------------------------------------------------

EMPHASIS = [
    ("I never said that you stole it.", 5, "Nunca dije que tú la robaste.", 5),
    ("She wants the red coat in the window.", 3, "Ella quiere el abrigo rojo de la tienda.", 4),
    ("We are leaving for Madrid tomorrow morning.", 4, "Salimos para Madrid mañana por la mañana.", 2),
    ("My brother paid for the dinner.", 1, "Mi hermano pagó la cena.", 1),
    ("They found the money under the bed.", 3, "Encontraron el dinero debajo de la cama.", 2),
    ("You always forget the keys at home.", 1, "Tú siempre olvidas las llaves en casa.", 1),
    ("He painted the whole house alone.", 3, "Pintó toda la casa él solo.", 1),
    ("Nobody believes the old man anymore.", 0, "Nadie cree ya al pobre viejo.", 0),
    ("The doctor told me to wait here.", 1, "El doctor me dijo que esperara aquí.", 1),
    ("I want two tickets for the late show.", 2, "Quiero dos entradas para la última función.", 1),
    ("This train never stops in our town.", 2, "Este tren nunca para en nuestro pueblo.", 2),
    ("She danced with Peter all night long.", 3, "Ella bailó con Pedro toda la noche.", 3),
    ("I told him to call the police.", 1, "Le dije que llamara a la policía.", 1),
    ("We need more light in this room.", 2, "Necesitamos más luz en este cuarto.", 1),
    ("The children slept in the small tent.", 5, "Los niños durmieron en la tienda pequeña.", 6),
    ("Her father built this house himself.", 1, "Su padre construyó esta casa solo.", 1),
    ("It happened before the war, not after it.", 2, "Pasó antes de la guerra, no después.", 1),
    ("I asked for tea, and you brought coffee.", 3, "Pedí té, y tú trajiste café.", 1),
    ("They live on the third floor now.", 4, "Ahora viven en el tercer piso.", 4),
    ("You can take the blue car tonight.", 4, "Puedes llevarte el coche azul esta noche.", 4),
    ("Only the teacher knew the answer.", 2, "Solo la maestra sabía la respuesta.", 2),
    ("He works every Sunday at the market.", 3, "Trabaja todos los domingos en el mercado.", 3),
    ("The bridge was closed for seven weeks.", 5, "El puente estuvo cerrado siete semanas.", 4),
    ("I would rather walk than take a taxi.", 3, "Prefiero caminar que tomar un taxi.", 1),
    ("Someone left a letter for you.", 3, "Alguien dejó una carta para ti.", 3),
    ("My sister hates loud music.", 2, "Mi hermana odia la música fuerte.", 2),
    ("We met them twice last summer.", 3, "Los vimos dos veces el verano pasado.", 2),
    ("The captain ordered everybody to leave.", 3, "El capitán ordenó a todos que salieran.", 4),
    ("Your answer surprised the whole class.", 2, "Tu respuesta sorprendió a toda la clase.", 2),
    ("I paid half of the rent.", 2, "Pagué la mitad del alquiler.", 2),
    ("The baby finally stopped crying.", 2, "El bebé por fin dejó de llorar.", 3),
    ("He hid the map inside the clock.", 6, "Escondió el mapa dentro del reloj.", 5),
    ("There is a huge dog in the garden.", 3, "Hay un perro enorme en el jardín.", 3),
    ("She never opens the door at night.", 1, "Ella nunca abre la puerta de noche.", 1),
    ("This key belongs to the kitchen.", 1, "Esta llave es de la cocina.", 1),
    ("I heard a strange noise upstairs.", 3, "Oí un ruido extraño arriba.", 3),
    ("The mayor promised a new school.", 2, "El alcalde prometió una escuela nueva.", 2),
    ("We have waited for two hours.", 4, "Hemos esperado dos horas.", 2),
    ("You said the meeting was on Monday.", 6, "Dijiste que la reunión era el lunes.", 6),
    ("My uncle sold his boat in spring.", 4, "Mi tío vendió su barco en primavera.", 4),
    ("Those shoes are too expensive for me.", 3, "Esos zapatos son demasiado caros para mí.", 3),
    ("The guard saw a woman at the gate.", 4, "El guardia vio a una mujer en la puerta.", 5),
    ("I will finish the report today.", 5, "Terminaré el informe hoy.", 3),
    ("His first film made him famous.", 1, "Su primera película lo hizo famoso.", 1),
    ("She left without her umbrella.", 2, "Se fue sin su paraguas.", 2),
    ("Nothing grows on this side of the hill.", 0, "Nada crece en este lado del cerro.", 0),
    ("The whole village came to the wedding.", 2, "Todo el pueblo vino a la boda.", 2),
    ("I trust your brother more than anyone.", 3, "Confío en tu hermano más que en nadie.", 3),
    ("They repaired the roof in the rain.", 1, "Repararon el techo bajo la lluvia.", 0),
    ("Please close both windows before you go.", 2, "Por favor, cierra ambas ventanas antes de irte.", 3),
    ("The soup needs salt and a little lemon.", 3, "A la sopa le falta sal y un poco de limón.", 5),
    ("My grandmother still drives to work.", 2, "Mi abuela todavía conduce al trabajo.", 2),
    ("He speaks seven languages without an accent.", 2, "Habla siete idiomas sin acento.", 1),
    ("We found your wallet in the taxi.", 3, "Encontramos tu cartera en el taxi.", 2),
    ("The judge believed the other witness.", 4, "El juez le creyó al otro testigo.", 5),
    ("I saw the accident from my balcony.", 6, "Vi el accidente desde mi balcón.", 5),
    ("The last train leaves at midnight.", 1, "El último tren sale a medianoche.", 1),
    ("She wrote every song on the album.", 2, "Ella escribió todas las canciones del disco.", 2),
    ("That story is completely true.", 3, "Esa historia es completamente cierta.", 3),
    ("We buried the box behind the church.", 1, "Enterramos la caja detrás de la iglesia.", 0),
]
"""(English, its stressed word, Spanish, its stressed word), words counted from 0."""
VOICES = {"en": ("af_heart", "am_michael"), "es": ("ef_dora", "em_alex"), "pt": ("pf_dora", "pm_alex")}


@cache
def stock_engine() -> Any:
    """The synthesizer, its weights read once."""
    return load("synthesizer", "kokoro", Models())


def say(
    text: str, number: int, language: str, manner: Manner | None, home: consent.Home
) -> tuple[Any, list[tuple[int, Word]]]:
    """A text spoken alone, by the two voices of its language in turn: samples of 16 kHz, and its words in them."""
    engine = stock_engine()
    voice = VOICES[language][number % 2]
    grant = consent.check(home, [consent.Request(voice, "S1", language, "bench")])["S1"]
    (length,) = engine.pace([text], grant, language)
    spoken = engine.speak([Phrase(text, Span(0, length))], grant, language, [manner] if manner else [])
    samples = soxr.resample(spoken.samples, spoken.rate, PITCH_HZ)
    return samples, [(i, Word(w.text, w.span.shifted(spoken.lead_ms))) for i, w in enumerate(spoken.words)]


def speak(text: str, number: int, language: str, manner: Manner, home: consent.Home) -> PhraseProsody:
    """What is heard of a text spoken alone."""
    samples, words = say(text, number, language, manner, home)
    return measure_phrase(samples, Span(0, len(samples) * 1000 // PITCH_HZ), words)


def emphasis(lines: Sequence[tuple[str, int, str, int]]) -> None:
    """Speak the marked lines at known settings and see which word is found."""
    hits = {"en": 0, "es": 0}
    others = {"en": 0, "es": 0}
    with tempfile.TemporaryDirectory() as folder:
        home = consent.Home.open(Path(folder))
        for n, (english, stressed, spanish, wanted) in enumerate(lines):
            for language, text, word in (("en", english, stressed), ("es", spanish, wanted)):
                heard = speak(text, n, language, Manner(1.0, emphasis=word), home)
                hits[language] += heard.emphasis == word
                others[language] += heard.emphasis not in (word, -1)
    for language, found in hits.items():
        print(
            f"{language}: the stressed word is found in {found} of {len(lines)} lines, another in {others[language]}, "
            f"none in {len(lines) - found - others[language]}"
        )


# --- manners ---------------------------------------------------------------------------------------------------------

MANNERS = {
    "high and loud": Manner(1.0, height_st=3.0, range=1.3, effort=1.5),
    "low and soft": Manner(1.0, height_st=-3.0, range=0.8, effort=-1.5),
    "a word stressed": Manner(1.0, emphasis=0),
}
"""As far from the voice's own manner as one phrase in ten of a reader is, or further."""
TOGETHER, PAUSE_MS = 8, 600
"""So many lines are read back in one go, with such pauses between them."""


def manners(lines: Sequence[tuple[str, int, str, int]], strengths: Sequence[float]) -> None:
    """Speak the Spanish lines in every manner and read them back."""
    with tempfile.TemporaryDirectory() as folder:
        home = consent.Home.open(Path(folder))
        ears = load("recogniser", "faster_whisper", Models())
        asked = {f"strength {s:g}, {name}": replace(m, strength=s) for s in strengths for name, m in MANNERS.items()}
        plain: list[Any] = []
        for name, manner in {"the voice's own": None, **asked}.items():
            said = []
            for n, (_, _, text, word) in enumerate(lines):
                wished = replace(manner, emphasis=word) if manner and manner.emphasis >= 0 else manner
                said.append(say(text, n, "es", wished, home)[0])
            texts = [text for _, _, text, _ in lines]
            report = read_together(said, texts, ears, Path(folder) / "lines.wav")
            voices = [speaker_embedding(sound) for sound in said]
            plain = plain or voices
            alike = sorted(float(a @ b) for a, b in zip(voices, plain))
            words = jiwer.wer(
                *([comparable_words(line[key], "es") for line in report] for key in ("text", "read_back"))
            )
            print(
                f"{name}: misheard {words:.1%} of the words, {misheard_sounds(report, 'es'):.2%} of the sounds; "
                f"similarity {statistics.median(alike):.3f} / {alike[int(0.05 * len(alike))]:.3f}",
                flush=True,
            )


def read_together(said: Sequence[Any], texts: Sequence[str], ears: Any, path: Path) -> list[dict[str, str]]:
    """What a recogniser writes down of lines, several at a time."""
    report = []
    for first in range(0, len(said), TOGETHER):
        pause = np.zeros(PAUSE_MS * PITCH_HZ // 1000, np.float32)
        samples = np.concatenate([part for sound in said[first : first + TOGETHER] for part in (pause, sound)])
        soundfile.write(path, samples, PITCH_HZ, "PCM_16")
        heard = ears.recognise(path, Span(0, len(samples) * 1000 // PITCH_HZ), "es")
        written = " ".join(word.text for utterance in heard for word in utterance.words)
        report.append({"text": " ".join(texts[first : first + TOGETHER]), "read_back": written})
    return report


# --- questions -------------------------------------------------------------------------------------------------------

RISES, FALLS, ASKED_BACK = "rises", "falls", 4.0
ASKED: Mapping[str, Sequence[tuple[str, float, str]]] = {
    "en": (
        ("Are you coming with us?", 0.0, RISES),
        ("Do you know where he lives?", 0.0, RISES),
        ("Is it late, Ana?", 0.0, RISES),
        ("You did what?", ASKED_BACK, RISES),
        ("Where is he going?", ASKED_BACK, RISES),
        ("Where do you live?", 0.0, FALLS),
        ("In which window?", 0.0, FALLS),
        ("Since when do you know?", 0.0, FALLS),
        ("What do you mean, Ana?", 0.0, FALLS),
        ("Do you want a melon or a lemon?", 0.0, FALLS),
        ("Are you coming or going?", 0.0, FALLS),
        ("And then what did you do?", 0.0, FALLS),
    ),
    "es": (
        ("¿Vienes con nosotros?", 0.0, RISES),
        ("¿Sabes dónde vive?", 0.0, RISES),
        ("¿Es tarde, Ana?", 0.0, RISES),
        ("Te llamas Ana, ¿no?", 0.0, RISES),
        ("¿Adónde va ahora?", ASKED_BACK, RISES),
        ("¿Dónde vives ahora?", 0.0, FALLS),
        ("¿En qué ventana?", 0.0, FALLS),
        ("¿Y tú de dónde vienes?", 0.0, FALLS),
        ("¿Qué quieres, Ana?", 0.0, FALLS),
        ("¿Quieres vino o limonada?", 0.0, FALLS),
        ("¿Y ahora qué hago?", 0.0, FALLS),
        ("¿Desde cuándo lo sabe?", 0.0, FALLS),
    ),
    "pt": (
        ("Você é a Ana, né?", 0.0, RISES),
        ("Ele vem amanhã, não é?", 0.0, RISES),
        ("Aonde você vai agora?", ASKED_BACK, RISES),
        ("Onde você mora?", 0.0, FALLS),
        ("Desde quando você sabe?", 0.0, FALLS),
        ("Em que janela?", 0.0, FALLS),
        ("O que você quer, Ana?", 0.0, FALLS),
        ("Você mora onde?", 0.0, FALLS),
        ("Você quer vinho ou limonada?", 0.0, FALLS),
        ("E agora o que eu faço?", 0.0, FALLS),
    ),
}
"""(question, how far the actor's end rises in semitones, how it ends in the language). The yes-no questions of
Portuguese are left to the voice."""


def questions(strengths: Sequence[float]) -> None:
    """Speak questions as a dub does that hears their actors end so, and see how they end."""
    with tempfile.TemporaryDirectory() as folder:
        home = consent.Home.open(Path(folder))
        for language, lines in ASKED.items():
            for strength in strengths:
                voiced = []
                for n, (text, actor, wanted) in enumerate(lines):
                    final = asked_end(text, PhraseProsody("", Span(0, 1000), 120.0, 4.0, -20.0, actor), language)
                    own = speak(text, n, language, Manner(strength, final_st=final), home)
                    if own.pitch_hz and own.final_st is not None:
                        voiced.append((own.final_st, wanted, text))
                wrong = [(text, end) for end, wanted, text in voiced if (end > TURNS_ST) is not (wanted == RISES)]
                told = "; ".join(f"{text} {end:+.1f}" for text, end in wrong)
                print(
                    f"{language}, strength {strength:g}: {len(voiced) - len(wrong)} of {len(voiced)} with a voiced end,"
                    f" of {len(lines)}{'; not: ' if told else ''}{told}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
