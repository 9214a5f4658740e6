"""The table: how good converted models are, side by side, with and without the checks that run on every dub.

Every figure is made here and now on the folders given; what was measured elsewhere stands in the recipe with where.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from localize.consent import Home
from localize.data import Edits, Segment, Span, Transcript
from localize.engines.marian_ct2 import MarianCT2
from localize.events import Run
from localize.language.numbers import localize_numbers
from localize.language.syllables import syllables
from localize.models import Models
from localize.runtime.store import Store
from localize.translation.entities import RequiredTerm, number_patterns
from localize.translation.glossary import Glossary
from localize.translation.translate import translate

from . import control, convert, corpus
from .decode import Plain, columns
from .made import Filled, Maker
from .recipe import LENGTHS, Held, Recipe

MADE = 500
ADDRESSED = 300
LENGTHENED = 500
SPEED = 2000
CHECKED = 2000
"""Sentences of each set that are measured through the translate stage too."""
KEPT = (1.0, 0.0, 0.3, 0.15, 0.5)
"""Shares of the seed's weights that `mixes` tries."""


@dataclass
class Column:
    """One model's figures, as printed, by row."""

    name: str
    cells: dict[str, str] = field(default_factory=dict)


def table(recipe: Recipe, work: Path, models: Sequence[tuple[str, str]], *folders: Path, checks: bool = True) -> str:
    """Measure every model and lay the figures out, a column each.

    Args:
        recipe: the language pair.
        work: where `control.json` is, and outputs are written.
        models: (name, catalogue id or converted folder).
        folders: where held-out data is.
        checks: measure through the translate stage as well (slow on large sets).
    """
    learned = corpus.read_control(recipe, work)
    shown = []
    for name, model in models:
        column, folder = Column(name), _folder(model)
        _quality(column, recipe, model, work, checks, *folders)
        _copying(column, recipe, model, work)
        _linked(column, recipe, model)
        _wishes(column, recipe, learned, model, *folders)
        _cost(column, recipe, folder, *folders)
        shown.append(column)
        print(f"{name}: measured", file=sys.stderr, flush=True)
    shown += [Column(other.name, dict(other.figures)) for other in recipe.published]
    return laid_out(shown)


def laid_out(shown: Sequence[Column]) -> str:
    """Columns as a Markdown table."""
    rows = list(dict.fromkeys(row for column in shown for row in column.cells))
    lines = ["| | " + " | ".join(column.name for column in shown) + " |", "|---" * (len(shown) + 1) + "|"]
    lines += [f"| {row} | " + " | ".join(column.cells.get(row, "–") for column in shown) + " |" for row in rows]
    return "\n".join(lines)


def mixes(recipe: Recipe, work: Path, *folders: Path, sentences: int = 300) -> str:
    """What a share of the seed's weights does to a training's: the choice of `kept`, as a Markdown table.

    Args:
        recipe: the language pair.
        work: where training left its checkpoint.
        folders: where held-out data is.
        sentences: the first of every held-out set that are measured, BLEU / chrF of the bare int8 model, beam 4.
    """
    import sacrebleu

    shown = []
    for kept in KEPT:
        convert.to_ctranslate2(recipe, work, work / "measured", convert.averaged(work, kept))
        plain, column = Plain(work / "measured"), Column(f"{kept:g} kept" if kept < 1 else "the seed")
        for entry in recipe.held:
            rows = corpus.held(entry, recipe, work, *folders)[:sentences]
            texts, references = plain.translate([source for source, _ in rows]), columns([r for _, r in rows])
            bleu, chrf = sacrebleu.corpus_bleu(texts, references), sacrebleu.corpus_chrf(texts, references)
            column.cells[f"{entry.name}, first {len(rows)}"] = f"{bleu.score:.2f} / {chrf.score:.2f}"
        shown.append(column)
        print(json.dumps({column.name: column.cells}), file=sys.stderr, flush=True)
    return laid_out(shown)


def _folder(model: str) -> Path:
    return Path(model) if (Path(model) / "model.bin").is_file() else Models().path(model)


def checked(recipe: Recipe, model: str, sentences: Sequence[str], work: Path) -> list[str]:
    """The sentences through the translate stage: checks, next hypotheses, masked second tries.

    Each is a segment of its own, far from the next; a fresh store, so that nothing old answers.
    """
    engine = MarianCT2(model, Models())
    segments = tuple(
        Segment(f"s{at:05}", Span(at * 60_000, at * 60_000 + 5_000), "S1", text) for at, text in enumerate(sentences)
    )
    store = work / "store"
    shutil.rmtree(store, ignore_errors=True)
    try:
        translation = translate(
            Run(Store(store), Home.open(work / "home"), Models()),
            Transcript(recipe.source, segments),
            engine,
            to=recipe.target,
            edits=Edits(),
            glossary=Glossary(),
        )
    finally:
        shutil.rmtree(store, ignore_errors=True)
    return [line.candidates[0].text for line in translation.lines]


def _quality(column: Column, recipe: Recipe, model: str, work: Path, checks: bool, *folders: Path) -> None:
    import sacrebleu

    plain = Plain(_folder(model))
    strange, bare, mended = [0, 0], [0, 0], [0, 0]
    for entry in recipe.held:
        rows = corpus.held(entry, recipe, *folders)
        sources, references = [source for source, _ in rows], columns([r for _, r in rows])
        texts = plain.translate(sources)
        bleu, chrf = sacrebleu.corpus_bleu(texts, references), sacrebleu.corpus_chrf(texts, references)
        column.cells[f"{entry.name}: BLEU / chrF"] = f"{bleu.score:.1f} / {chrf.score:.1f}"
        _keep(work, f"{column.name}.{entry.name}", sources, texts)
        found = _strange(sources, texts, recipe.target)
        strange = [strange[0] + found[0], strange[1] + found[1]]
        if checks:
            few = columns([r for _, r in rows[:CHECKED]])
            after = checked(recipe, model, sources[:CHECKED], work)
            figures = [sacrebleu.corpus_bleu(some, few).score for some in (texts[:CHECKED], after)]
            label = f"{entry.name}, first {len(after)}: BLEU without and with checks"
            column.cells[label] = f"{figures[0]:.1f}, {figures[1]:.1f}"
            _keep(work, f"{column.name}.{entry.name}.checked", sources, after)
            for count, some in ((bare, texts[:CHECKED]), (mended, after)):
                odd, words = _strange(sources[:CHECKED], some, recipe.target)
                count[0], count[1] = count[0] + odd, count[1] + words
    label = "words that do not exist (hunspell; lower case, not in the source)"
    column.cells[label] = _share(strange) or "hunspell is not installed"
    if mended[1]:
        column.cells[f"{label}, first {CHECKED} of each set, without and with checks"] = (
            f"{_share(bare)}, {_share(mended)}"
        )


def _share(count: Sequence[int]) -> str:
    return f"{100 * count[0] / count[1]:.2f} %" if count[1] else ""


def _keep(work: Path, name: str, sources: Sequence[str], texts: Sequence[str]) -> None:
    out = work / "outputs" / f"{name}.tsv".replace(" ", "_")
    out.parent.mkdir(exist_ok=True)
    out.write_text("".join(f"{source}\t{text}\n" for source, text in zip(sources, texts)), encoding="utf-8")


def _strange(sources: Sequence[str], texts: Sequence[str], language: str) -> tuple[int, int]:
    """Words hunspell does not know, and all words; names and what the source says too are passed over."""
    if shutil.which("hunspell") is None:
        return 0, 0
    said = {word for source in sources for word in control.WORD.findall(source.lower())}
    words = [word for text in texts for word in control.WORD.findall(text)]
    asked = "\n".join(sorted({word for word in words if word.islower() and word not in said}))
    dictionary = {"es": "es_ES", "pt": "pt_BR", "fr": "fr_FR", "it": "it_IT", "de": "de_DE"}[language]
    done = subprocess.run(["hunspell", "-d", dictionary, "-l"], input=asked, capture_output=True, text=True, check=True)
    unknown = set(done.stdout.split())
    return sum(word in unknown for word in words), len(words)


def _copying(column: Column, recipe: Recipe, model: str, work: Path) -> None:
    draw = random.Random(500)
    maker = Maker(recipe.source, recipe.target, test=True)
    made = [maker.make(draw) for _ in range(MADE)]
    sources = [filled.source for filled in made]
    for label, texts in (
        ("", Plain(_folder(model)).translate(sources)),
        (", with checks", checked(recipe, model, sources, work)),
    ):
        numbers, names = _copied(made, texts, recipe.target)
        column.cells[f"numbers right in {MADE} made sentences{label}"] = numbers
        column.cells[f"names right{label}"] = names
        _keep(work, f"{column.name}.made{label}", sources, texts)


def _linked(column: Column, recipe: Recipe, model: str) -> None:
    """Of the words that an answer copies (names, numbers), how many say that they come from the word they copy."""
    draw = random.Random(501)
    sources = [Maker(recipe.source, recipe.target, test=True).make(draw).source for _ in range(MADE)]
    right: list[bool] = []
    for source, (found, *_) in zip(
        sources, MarianCT2(model, Models()).translate(sources, recipe.source, recipe.target)
    ):
        said, own = ([word.strip(".,;:!?¡¿'\"") for word in text.split()] for text in (source, found.text))
        right += [said[a] == own[b] for a, b in found.links if said.count(own[b]) == 1 and not own[b].islower()]
    column.cells["copied words linked to what they copy"] = (
        f"{100 * sum(right) / len(right):.1f} % of {len(right)}" if right else "no links"
    )


def _copied(made: Sequence[Filled], texts: Sequence[str], language: str) -> tuple[str, str]:
    numbers = [_number_in(number, text, language) for filled, text in zip(made, texts) for number in filled.numbers]
    names = [
        re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
        for filled, text in zip(made, texts)
        for name in filled.names
    ]
    return (
        f"{100 * sum(numbers) / len(numbers):.1f} % of {len(numbers)}",
        f"{100 * sum(names) / len(names):.1f} % of {len(names)}",
    )


def _number_in(number: str, text: str, language: str) -> bool:
    # "$1,234.50": the figure as the language writes it, or its words.
    bare = re.sub(r"[^\d.,:]", "", number)
    written = localize_numbers(bare, language)
    if re.search(rf"(?<![\d.,:]){re.escape(written)}(?![.,:]?\d)", text):
        return True
    digits = re.sub(r"\D", "", bare)
    if any(re.sub(r"\D", "", found) == digits for found in re.findall(r"\d[\d.,:\s]*", text)) and "." not in bare:
        return True
    return bare.isdecimal() and RequiredTerm("number", bare, written, number_patterns(bare, language)).within(text)


def _wishes(column: Column, recipe: Recipe, learned: control.Control, model: str, *folders: Path) -> None:
    """What is offered, as the engine does it; tokens that are withheld, as the model obeys them."""
    plain, engine = Plain(_folder(model)), MarianCT2(model, Models())
    known = set(plain.tags)
    for entry in recipe.held[::2]:
        _lengths(column, recipe, entry, engine, *folders)
    addressed = _addressed(recipe, *folders)
    free = plain.translate(addressed) if known else []
    for wish in sorted(known - set(LENGTHS)):
        kind, _, value = wish.partition(":")
        if wish in engine.wishes:
            texts = _first(engine, recipe, addressed, **{kind: value})
        else:
            texts = plain.translate(addressed, [wish])
        shares = []
        for some in (texts, free):
            shown = [learned.shown(text, source) for source, text in zip(addressed, some)]
            forms = [tags for tags in shown if any(tag.startswith(kind) for tag in tags)]
            obeyed = sum(wish in tags for tags in forms)
            shares.append(f"{100 * obeyed / len(forms):.1f} % of {len(forms)}" if forms else "never shown")
        offered = "" if wish in engine.wishes else ", withheld"
        column.cells[f"{wish}{offered}: obeyed where it shows; so without the wish"] = "; ".join(shares)


def _lengths(column: Column, recipe: Recipe, entry: Held, engine: MarianCT2, *folders: Path) -> None:
    import sacrebleu

    rows = corpus.held(entry, recipe, *folders)[:LENGTHENED]
    sources, references = [source for source, _ in rows], columns([r for _, r in rows])
    free = _first(engine, recipe, sources)
    before = sum(syllables(text, recipe.target) for text in free)
    base = sacrebleu.corpus_bleu(free, references)
    for wish in ("short", "long"):
        if f"length:{wish}" in engine.wishes:
            texts = _first(engine, recipe, sources, length=wish)
            change = 100 * (sum(syllables(text, recipe.target) for text in texts) / before - 1)
            found = sacrebleu.corpus_bleu(texts, references)
            label = f"length:{wish}: syllables, BLEU lost, of that by brevity, on {entry.name}, first {len(rows)}"
            brief = base.score * (1 - found.bp / base.bp)
            column.cells[label] = f"{change:+.1f} %, {base.score - found.score:.1f}, {max(0.0, brief):.1f}"


def _first(engine: MarianCT2, recipe: Recipe, sentences: Sequence[str], **wish: str) -> list[str]:
    found = engine.translate(sentences, recipe.source, recipe.target, **wish)  # type: ignore[arg-type]
    return [candidates[0].text for candidates in found]


def _addressed(recipe: Recipe, *folders: Path) -> list[str]:
    """Held-out sentences that address somebody."""
    cue = re.compile(next((c.cue for c in recipe.classes if c.cue), "(?!)"), re.IGNORECASE)
    found = [
        source for entry in recipe.held for source, _ in corpus.held(entry, recipe, *folders) if cue.search(source)
    ]
    return found[:ADDRESSED]


def _cost(column: Column, recipe: Recipe, folder: Path, *folders: Path) -> None:
    entry: Held = recipe.held[0]
    sources = [source for source, _ in corpus.held(entry, recipe, *folders)]
    sources = (sources * (SPEED // max(1, len(sources)) + 1))[:SPEED]
    facts = json.loads(
        subprocess.run(
            [sys.executable, "-c", _COSTS, str(folder), str(Path(__file__).resolve().parents[2])],
            input=json.dumps(sources),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    column.cells["sentences a second (beam 4, batches of 32, 2 threads)"] = f"{facts['speed']:.0f}"
    column.cells["load, s"] = f"{facts['load']:.2f}"
    column.cells["memory added, MB"] = f"{facts['memory']:.0f}"
    column.cells["folder, MB"] = f"{sum(f.stat().st_size for f in folder.iterdir()) / 1e6:.1f}"


_COSTS = """
import json, sys, time
from pathlib import Path
import ctranslate2, sentencepiece
sys.path.insert(0, sys.argv[2])
from localize.language.lexicon import Lexicon
from tools.mt.decode import Plain
sources = json.load(sys.stdin)
def resident():
    lines = Path("/proc/self/status").read_text().splitlines() if Path("/proc/self/status").exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
before, start = resident(), time.perf_counter()
model = Plain(Path(sys.argv[1]), threads=2)
words = Path(sys.argv[1], "words.z")
lexicon = Lexicon.read(words) if words.is_file() else None
load = time.perf_counter() - start
model.translate(sources[:64])
start = time.perf_counter()
model.translate(sources)
print(json.dumps({"speed": len(sources) / (time.perf_counter() - start), "load": load, "memory": resident() - before}))
"""


def now() -> str:
    """The day, for cards."""
    return time.strftime("%Y-%m-%d")
