"""Prints what of the facts of a text its translation keeps, and what the checks cost and how often they are wrong.

    python bench/facts.py                 # all of it
    python bench/facts.py --lines         # every translation of the lists, to read
    python bench/facts.py --pairs 1000    # as many lines of tatoeba-dev, English to Spanish
    python bench/facts.py --only cost --pairs 200    # what checks, second questions and other lengths cost

Lists are those of the tests. BLEU is of three ways to translate the same lines: the engine's first answer, everything
but facts, and everything; warnings on what people translated are wrong by definition. Exit code 1 where a target is
missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize.data import Edits, Segment, Span, Transcript, Translation
from localize.engines import Translator
from localize.engines.bergamot import Bergamot
from localize.engines.marian_ct2 import MarianCT2
from localize.events import Event, Warned
from localize.isochrony.synthesize import COMFORTABLE
from localize.language import facts as facts_of_text
from localize.language.syllables import syllables
from localize.models import Models
from localize.runtime.store import Store
from localize.subtitles import profiles
from localize.subtitles.shorten import lengths_to_read
from localize.timedtext import formats
from localize.translation import entities, faults, persons, tenses
from localize.translation import translate as stage
from localize.translation.faults import find_faults
from localize.translation.glossary import Glossary

ROOT = Path(__file__).resolve().parents[1]
LISTS = ROOT / "tests" / "data" / "facts"
MT = ROOT.parent / "shared" / "mt"
PAIRS = "tatoeba-dev.en-es.jsonl"
LEAST_FALSE = 0.01
ROUND = 40
"""Lines that are timed in one way before the next way is."""


@dataclass
class Run:
    """What the stage needs of a run."""

    store: Store
    warned: list[Warned] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        """Keep warnings."""
        if isinstance(event, Warned):
            self.warned.append(event)


def translator(target: str, models: Models) -> Translator:
    """The engine that a user gets for a language."""
    return MarianCT2("dialogue-en-es", models) if target == "es" else Bergamot("bergamot-en-pt", models)


def translated(
    texts: Sequence[str], target: str, run: Run, engine: Translator
) -> tuple[list[str], dict[int, list[str]]]:
    """The best translation of each text, and what was warned about it."""
    spans = [Span(at * 4000, at * 4000 + 2000) for at in range(len(texts))]
    scene = Transcript("en", tuple(Segment(f"s{at:04}", s, "S1", t) for at, (s, t) in enumerate(zip(spans, texts))))
    run.warned.clear()
    found = translate_scene(scene, target, run, engine)
    said: dict[int, list[str]] = {}
    for event in run.warned:
        said.setdefault(int(event.message[1:5]), []).append(event.message.partition(": ")[2].partition(": check")[0])
    return [line.candidates[0].text for line in found.lines], said


def translate_scene(
    scene: Transcript, target: str, run: Run, engine: Translator, lengths: stage.LengthsWished = stage.both_lengths
) -> Translation:
    """The stage, without anything a user may give."""
    return stage.translate(run, scene, engine, to=target, edits=Edits(), glossary=Glossary(), lengths=lengths)  # type: ignore[arg-type]


def rows(name: str) -> list[tuple[str, str]]:
    """Text and what must be kept of it."""
    lines = (LISTS / name).read_text(encoding="utf-8").splitlines()[1:]
    return [(text.replace("\\n", "\n"), keep) for _, text, keep in (line.split("\t") for line in lines if line)]


def keeps(text: str, keep: str) -> bool:
    """Whether a translation holds every part between ";", in one of the ways between "|"."""
    text = text.replace("\u00a0", " ").replace("\u202f", " ").lower()
    return all(any(way.lower() in text for way in part.split("|")) for part in keep.split(";"))


def part_lists(run: Run, models: Models, *, show: bool) -> bool:
    """The lists with what must be kept."""
    good = True
    for name in ("given.tsv", "own.tsv"):
        for target in ("es", "pt"):
            wanted = rows(name)
            found, said = translated([text for text, _ in wanted], target, run, translator(target, models))
            bad = [at for at, (text, (_, keep)) in enumerate(zip(found, wanted)) if not keeps(text, keep)]
            state = "holds" if not bad else "SHORT"
            kept = f"{len(wanted) - len(bad)} of {len(wanted)} kept"
            print(f"{name:<12} en->{target}   {kept}, {len(said)} warned   {state}")
            for at in range(len(wanted)) if show else bad:
                print(f"    {wanted[at][0]!r} -> {found[at]!r}  {'; '.join(said.get(at, []))}")
            good = good and not bad
    return good


def part_everyday(run: Run, models: Models, *, show: bool) -> bool:
    """Everyday lines: there is no list of what is right, so they are printed to be read."""
    texts = [
        "\n".join(cue.plain)
        for name in ("everyday", "everyday2")
        for cue in formats.read(LISTS / f"{name}.en.srt").cues
    ]
    for target in ("es", "pt"):
        found, said = translated(texts, target, run, translator(target, models))
        print(f"everyday     en->{target}   {len(texts)} lines, {len(said)} warned")
        for at in range(len(texts)) if show else sorted(said):
            print(f"    {texts[at]!r} -> {found[at]!r}  {'; '.join(said.get(at, []))}")
    return True


_CHECKS = (
    (entities, "find_facts"),
    (entities, "find_faults"),
    (stage, "required_terms"),
    (stage, "LENGTHS"),
)


@contextmanager
def without(*checks: str) -> Iterator[None]:
    """Without facts, or without any check of a translation; nobody asks for other lengths then."""
    own = [(module, name, vars(module)[name]) for module, name in _CHECKS]
    vars(stage)["LENGTHS"] = ()
    if "facts" in checks:
        vars(entities)["find_facts"] = lambda *_args: ()
        vars(entities)["find_faults"] = lambda *_args: ()
    if "terms" in checks:
        vars(stage)["required_terms"] = lambda *_args: ()
    try:
        yield
    finally:
        for module, name, value in own:
            vars(module)[name] = value


def is_warned_about(text: str, own: str) -> bool:
    """Whether a person's translation would be warned about; names apart, for which people choose Spanish ones."""
    terms = entities.required_terms(text, entities.KnownNames(), (), "en", "es")
    return bool(find_faults(text, own, "en", "es")) or any(
        not term.within(own) for term in terms if term.kind != "name"
    )


def part_pairs(run: Run, models: Models, path: Path, count: int) -> bool:
    """BLEU with and without, and warnings, on lines that people translated."""
    if not path.is_file():
        print(f"pairs: {path} is absent")
        return True
    import sacrebleu

    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:count]]
    texts, answers = [pair["en"] for pair in pairs], [pair["es"] for pair in pairs]
    width = max(map(len, answers))
    references = [[own[at] if at < len(own) else own[0] for own in answers] for at in range(width)]
    engine = translator("es", models)
    ways = {"engine alone": ("facts", "terms"), "without facts": ("facts",), "with facts": ()}
    made: dict[str, list[str]] = {}
    for name, checks in ways.items():
        with without(*checks):
            made[name], said = translated(texts, "es", run, engine)
    full = made["with facts"]
    scores = {}
    for name, texts_of in made.items():
        scores[name] = sacrebleu.corpus_bleu(texts_of, references).score
        chrf = sacrebleu.corpus_chrf(texts_of, references).score
        print(f"tatoeba-dev  {name:<14} BLEU {scores[name]:.2f}  chrF {chrf:.2f}")
    false = sum(is_warned_about(text, own[0]) for text, own in zip(texts, answers))
    masked = [text for text in texts if entities.required_terms(text, entities.KnownNames(), (), "en", "es")]
    rate = false / len(texts)
    print(f"tatoeba-dev  {len(said)} of {len(texts)} lines warned; {len(masked)} hold a number, name or fact")
    print(f"tatoeba-dev  {false} human translations would be warned about ({rate:.2%}, at most {LEAST_FALSE:.0%})")
    for at in sorted(said):
        print(f"    {texts[at]!r} -> {full[at]!r}  {'; '.join(said[at])}")
    return scores["with facts"] >= scores["without facts"] and rate <= LEAST_FALSE


def forget_sentences() -> None:
    """What was found out of sentences for one way serves no other; patterns and word lists, kept for good, stay."""
    for module in (entities, faults, tenses, persons, facts_of_text):
        for function in vars(module).values():
            if hasattr(function, "cache_parameters") and function.cache_parameters()["maxsize"] is not None:
                function.cache_clear()


def part_cost(models: Models, path: Path, count: int) -> bool:
    """Processor seconds of decoding alone, with every check, and with the lengths that dub and subtitles wish."""
    if not path.is_file():
        print(f"cost: {path} is absent")
        return True
    texts = [json.loads(line)["en"] for line in path.read_text(encoding="utf-8").splitlines()[:count]]
    engine = translator("es", models)
    scene = spoken_scene(texts)
    wishes = wishes_of(scene)
    # What a process reads or compiles once, weights, word lists and patterns, is there before anything is timed.
    with tempfile.TemporaryDirectory() as folder:
        warm = spoken_scene([json.loads(line)["en"] for line in path.read_text(encoding="utf-8").splitlines()[-20:]])
        translate_scene(warm, "es", Run(Store(Path(folder))), engine, wishes_of(warm))
    ways: dict[str, tuple[tuple[str, ...], stage.LengthsWished]] = {
        "decoding alone": (("facts", "terms"), wishes),
        "with checks": (("lengths",), wishes),
        "with checks and wishes": ((), wishes),
    }
    took = dict.fromkeys(ways, 0.0)
    # Way by way for a few lines at a time, so that a busy machine slows all of them alike.
    for start in range(0, count, ROUND):
        part = Transcript("en", scene.segments[start : start + ROUND])
        for name, (checks, lengths) in ways.items():
            with tempfile.TemporaryDirectory() as folder, without(*checks) if checks else nullcontext():
                forget_sentences()
                began = time.process_time()
                translate_scene(part, "es", Run(Store(Path(folder))), engine, lengths)
                took[name] += time.process_time() - began
    for name, seconds in took.items():
        share = seconds / took["decoding alone"] - 1
        print(f"cost         {count} lines {name:<23} {seconds:5.1f} CPU s   {share:+.0%}")
    wished = sum(bool(wishes(s.id, line)) for s, line in zip(scene.segments, texts))
    print(f"cost         {wished} of {count} lines wish another length, if they stay as long as the English")
    return took["with checks and wishes"] <= 2 * took["decoding alone"]


def spoken_scene(texts: Sequence[str]) -> Transcript:
    """Texts one after the other, each for as long as it takes to say it in English, about 15 characters a second."""
    segments, at_ms = [], 0
    for number, text in enumerate(texts):
        until_ms = at_ms + max(700, len(text) * 1000 // 15)
        segments.append(Segment(f"s{number:04}", Span(at_ms, until_ms), "S1", text))
        at_ms = until_ms + 300
    return Transcript("en", tuple(segments))


def wishes_of(scene: Transcript) -> stage.LengthsWished:
    """What subtitles and a dub wish of a wording, for a voice of 6.5 syllables a second that uses no pause."""
    read = lengths_to_read(scene.segments, profiles.load_each(("netflix",), "es"))
    heard = {segment.id: segment.span.length_ms for segment in scene.segments}

    def wished(segment: str, text: str) -> frozenset[str]:
        rate = syllables(text, "es") / 6.5 * 1000 / heard[segment]
        spoken = ["short"] * (rate > COMFORTABLE[1]) + ["long"] * (rate < COMFORTABLE[0])
        return frozenset(spoken) | read(segment, text)

    return wished


def main() -> int:
    """All parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", action="store_true", help="print every translation")
    parser.add_argument("--pairs", type=int, default=1000, help="lines of tatoeba-dev; 0 for none")
    parser.add_argument("--only", choices=("lists", "everyday", "pairs", "cost"), help="one part")
    parser.add_argument("--mt", type=Path, default=MT, help=f"folder of {PAIRS}")
    parser.add_argument("--store", type=Path, help="keep the engines' answers there, for another run")
    chosen = parser.parse_args()
    models = Models()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Store(chosen.store or Path(folder)))
        good = []
        if chosen.only in (None, "lists"):
            good.append(part_lists(run, models, show=chosen.lines))
        if chosen.only in (None, "everyday"):
            good.append(part_everyday(run, models, show=chosen.lines))
        if chosen.only in (None, "pairs") and chosen.pairs:
            good.append(part_pairs(run, models, chosen.mt / PAIRS, chosen.pairs))
        if chosen.only in (None, "cost") and chosen.pairs:
            good.append(part_cost(models, chosen.mt / PAIRS, chosen.pairs))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
