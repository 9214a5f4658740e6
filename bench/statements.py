"""How surely a consent statement is told from anything else: `python bench/statements.py [--keep FILE]`.

Every stock voice speaks in its own language: the statement as asked, refusals, denials, its parts and words in another
order, and without words of the day; right statements are also tried under another name, after their days, and against
another voice's reference. Each is enrolled as `localize voices enroll` does it: recogniser, words, likeness of voices.
Prints false accepts and false rejects by kind: 300 trials. With --keep a run that was stopped goes on where it was, and
several processes share the work: `--keep FILE --part 0/2` and `--keep FILE --part 1/2`.

A voice speaks each sentence once, and each recording is recognised and measured once: some 5 s of processor time a
trial, most of it synthesis.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stock_voices import StockVoices

from localize.consent import Home, challenge, enroll, voices
from localize.data import Voice
from localize.errors import NoGrant

NAMES = {
    "en": ("Anna Price", "Thomas Baker"),
    "es": ("Lucía Romero", "Pablo Ortega"),
    "pt": ("Beatriz Campos", "Rafael Moreira"),
    "fr": ("Claire Fontaine", "Hugo Lambert"),
    "it": ("Giulia Ferrari", "Marco Lombardi"),
}
CONSENT = {
    "en": "I agree that my voice is cloned",
    "es": "Acepto que mi voz sea clonada",
    "pt": "Concordo que a minha voz seja clonada",
    "fr": "J'accepte que ma voix soit clonée",
    "it": "Accetto che la mia voce sia clonata",
}
REFUSED = {
    "en": ("I refuse that my voice is cloned", "I disagree that my voice is cloned"),
    "es": ("Rechazo que mi voz sea clonada", "Prohíbo que mi voz sea clonada"),
    "pt": ("Recuso que a minha voz seja clonada", "Discordo que a minha voz seja clonada"),
    "fr": ("Je refuse que ma voix soit clonée", "J'interdis que ma voix soit clonée"),
    "it": ("Rifiuto che la mia voce sia clonata", "Vieto che la mia voce sia clonata"),
}
DENIED = {
    "en": (
        "I do not agree that my voice is cloned",
        "I agree that my voice is not cloned",
        "I never agreed that my voice is cloned",
    ),
    "es": (
        "No acepto que mi voz sea clonada",
        "Acepto que mi voz no sea clonada",
        "Nunca acepté que mi voz sea clonada",
    ),
    "pt": (
        "Não concordo que a minha voz seja clonada",
        "Concordo que a minha voz não seja clonada",
        "Nunca concordei que a minha voz seja clonada",
    ),
    "fr": (
        "Je n'accepte pas que ma voix soit clonée",
        "J'accepte que ma voix ne soit pas clonée",
        "Je n'ai jamais accepté que ma voix soit clonée",
    ),
    "it": (
        "Non accetto che la mia voce sia clonata",
        "Accetto che la mia voce non sia clonata",
        "Non ho mai accettato che la mia voce sia clonata",
    ),
}
REFERENCE = {
    "en": "The old keeper climbs the stairs every evening. He looks at the sea until the last ship is home. "
    "Then he writes the weather in his book and goes to sleep.",
    "es": "El viejo farero sube la escalera cada tarde. Mira el mar hasta que llega el último barco. "
    "Luego escribe el tiempo en su libro y se va a dormir.",
    "pt": "O velho faroleiro sobe a escada toda tarde. Ele olha o mar até chegar o último barco. "
    "Depois escreve o tempo no seu livro e vai dormir.",
    "fr": "Le vieux gardien monte l'escalier chaque soir. Il regarde la mer jusqu'au dernier bateau. "
    "Puis il écrit le temps dans son livre et va dormir.",
    "it": "Il vecchio guardiano sale le scale ogni sera. Guarda il mare finché torna l'ultima nave. "
    "Poi scrive il tempo nel suo libro e va a dormire.",
}
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Trial:
    """One enrolment: what is said by whom, under which name it is enrolled, and against whose reference."""

    kind: str
    voice: str
    text: str
    name: str
    reference: str
    home: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why an enrolment was refused, "" where the voice counts as verified; and the likeness, where it was measured."""

    refused: str
    likeness: float | None


def trials(homes: Sequence[Home], cast: Sequence[Voice], everybody: Sequence[Voice]) -> Iterator[Trial]:
    """Twenty trials of each voice of the cast; the other voice of a trial is any of the language, else any."""
    for n, voice in enumerate(cast):
        language = voice.languages[0]
        name, stranger = NAMES[language]
        others = [v for v in everybody if not _one(v, voice)]
        other = next((v for v in others if v.languages == voice.languages), others[n % len(others)]).id
        asked = [challenge(home, name, language=language) for home in homes]
        consent = CONSENT[language]

        def trial(kind: str, at: int, text: str, name: str = name, reference: str = "", voice: str = voice.id) -> Trial:
            return Trial(kind, voice, text, name, reference or voice, at)

        for at, right in enumerate(asked):
            yield trial("right", at, right.text)
        for at, text in enumerate(REFUSED[language]):
            yield trial("refused", at, asked[at].text.replace(consent, text))
        for at, text in enumerate(DENIED[language]):
            yield trial("denied", at, asked[at].text.replace(consent, text))
        me, agree, words = (part.strip() + "." for part in asked[0].text.split(".") if part.strip())
        yield trial("shuffled", 0, f"{words} {me} {agree}")
        bag = asked[1].text.replace(".", "").replace(",", "").split()
        random.Random(n).shuffle(bag)
        yield trial("shuffled", 1, " ".join(bag) + ".")
        backwards = ", ".join(asked[2].words[::-1])
        yield trial("shuffled", 2, asked[2].text.replace(", ".join(asked[2].words), backwards))
        yield trial("words missing", 0, f"{me} {agree}")
        yield trial("words missing", 1, asked[1].text.replace(", ".join(asked[1].words), ", ".join(asked[1].words[:2])))
        for at in (0, 1):
            yield trial("other name", at, asked[at].text, name=stranger)
            old = challenge(homes[at], name, today=TODAY - timedelta(days=9), language=language)
            yield trial("old challenge", at, old.text)
            yield trial("other voice", at, asked[at].text, reference=other)


def by_turns(cast: Sequence[Voice]) -> list[Voice]:
    """The voices, one of each language after the other."""
    seen = Counter[str]()
    turns = []
    for voice in cast:
        turns.append((seen[voice.languages[0]], voice))
        seen[voice.languages[0]] += 1
    return [voice for _, voice in sorted(turns, key=lambda turn: turn[0])]


def _one(one: Voice, other: Voice) -> bool:
    """em_alex and pm_alex are one voice under two names, as are the santas and doras."""
    return one.id.partition("_")[2] == other.id.partition("_")[2]


def run(trial: Trial, studio: StockVoices, homes: Sequence[Home], cast: dict[str, Voice], number: int) -> Outcome:
    """Enrol a voice as the trial has it."""
    voice = cast[trial.voice]
    language = voice.languages[0]
    try:
        made = enroll(
            homes[trial.home],
            f"t{number}-{os.getpid()}",
            reference=studio.say(cast[trial.reference], REFERENCE[language]),
            name=trial.name,
            statement=studio.say(voice, trial.text),
            statement_language=language,
            recognise=studio.recognise,
        )
    except NoGrant as refused:
        found = re.search(r"likeness (\d\.\d+)", refused.message)
        return Outcome(refused.message, float(found[1]) if found else None)
    return Outcome("" if made.verified else "not verified", made.likeness)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="outcomes of a run that may be stopped, a line each")
    parser.add_argument("--voices", type=int, help="how many of the stock voices, the languages by turns [all]")
    parser.add_argument(
        "--part", default="0/1", help="K/M: every M-th voice from the K-th, beside others with one --keep"
    )
    asked = parser.parse_args()
    part, parts = map(int, asked.part.split("/"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(str(asked.keep) + ".homes") if asked.keep else Path(temporary)
        folder.mkdir(exist_ok=True)
        homes = [Home(folder / f"home{n}") for n in range(4)]
        studio = StockVoices(folder)
        everybody = voices(studio.home)
        cast = by_turns(everybody)[: asked.voices]
        planned = list(trials(homes, cast, everybody))
        mine = {voice.id for voice in cast[part::parts]}
        done = _kept(asked.keep)
        for number, (key, trial) in enumerate(keyed(planned)):
            if key not in done and trial.voice not in mine:
                continue
            if key not in done:
                done[key] = run(trial, studio, homes, {v.id: v for v in everybody}, number)
                if asked.keep:
                    with asked.keep.open("a") as file:
                        file.write(json.dumps([key, *astuple(done[key])]) + "\n")
            told = done[key].refused
            if bool(told) == (trial.kind == "right"):
                print(f"wrong: {trial.kind}, {trial.voice}: {told or f'accepted, {done[key].likeness}'}", flush=True)
        done |= _kept(asked.keep)
        report([(trial, done[key]) for key, trial in keyed(planned) if key in done], len(planned))


def keyed(planned: Sequence[Trial]) -> list[tuple[str, Trial]]:
    """Each trial with its name in the file that keeps outcomes: the words are of a day, and so is the outcome."""
    return [(f"{number} {trial.kind} {trial.voice} {TODAY}", trial) for number, trial in enumerate(planned)]


def _kept(path: Path | None) -> dict[str, Outcome]:
    if path is None or not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {key: Outcome(*rest) for key, *rest in lines if key.endswith(str(TODAY))}


def report(found: Sequence[tuple[Trial, Outcome]], planned: int) -> None:
    tried, accepted = Counter[str](), Counter[str]()
    for trial, outcome in found:
        tried[trial.kind] += 1
        accepted[trial.kind] += not outcome.refused
    print(f"\n{len(found)} of {planned} trials")
    print(f"{'kind':<16}{'trials':>8}{'accepted':>10}")
    for kind, number in tried.items():
        print(f"{kind:<16}{number:>8}{accepted[kind]:>10}")
    wrong = sum(accepted.values()) - accepted["right"]
    others = sum(tried.values()) - tried["right"]
    print(f"false accepts {wrong} of {others}, of those in another voice {accepted['other voice']}")
    print(f"false rejects {tried['right'] - accepted['right']} of {tried['right']}")


if __name__ == "__main__":
    main()
