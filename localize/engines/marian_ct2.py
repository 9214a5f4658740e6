"""MarianMT models run by CTranslate2: int8 on the CPU, n-best with scores.

Over 400 lines: wishes, forbidden pieces and word links all read the pieces of one search.

A model is a folder with `model.bin`, `config.json`, the two vocabularies and the two SentencePiece models
`source.spm` and `target.spm`; a `phrases.txt` beside them holds lines the model is known to get wrong, a `words.z` the
words it may say. It is one of the catalogue's, or any folder that `tools/mt` made: its `config.json` names the pair and
the wishes it takes ("length:short"). A wish is a token of the target vocabulary ("<length:short>") that the decoder is
made to begin with; of what it then finds, a wished length takes what is shorter or longer when spoken.

Over 400 lines: a folder, what is asked of its model and how its answers are chosen are read together.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import repeat
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar

from ..data import Candidate
from ..errors import EngineFailed, UsageError
from ..language.formality import to_formal
from ..language.lexicon import Lexicon, is_spelled
from ..language.syllables import syllables
from ..models import catalogue
from ..runtime import reading
from ..runtime.files import sha256_of
from . import package_versions
from .output_guards import guarded_translate
from .phrasebook import Phrasebook
from .torch_sound import load_torchaudio
from .word_alignment import align_words, words_of_pieces

if TYPE_CHECKING:
    from ..models import Models


EMBEDDED = "dialogue-en-es"
BEAM = 4
WIDE = 6
"""Hypotheses among which a wished length is looked for, at least: twice as many cost more than a first answer does
(`python bench/facts.py --only cost`)."""
PULL = {"short": -0.5, "normal": 0.0, "long": 0.7}
"""What a spoken length e times another is worth in log-probability a token, where it is wished."""
TOGETHER = 32
"""Sentences searched together, at most."""
TRIES = 3
"""How often words that do not exist are forbidden and the sentence decoded again."""
FAR = 0.7
"""In log-probability a token: a worse hypothesis is not taken only because its words exist."""
END = "</s>"
POSITIONS = 500
"""Pieces of the longest answer; a Marian model has 512 positions."""


class MarianCT2:
    """Translates with one CTranslate2 Marian folder.

    Args:
        model: a catalogue id, or the path of a folder; None takes the embedded model.
        models: where the weights lie.

    Raises:
        UsageError: the catalogue has no such model for this engine, or the folder does not say what it translates.
        ModelMissing: the weights are not there.
    """

    name: ClassVar[str] = "marian_ct2"
    requires: ClassVar[tuple[str, ...]] = ("ctranslate2", "sentencepiece")
    extra: ClassVar[str] = "ctranslate2"

    def __init__(self, model: str | None, models: Models) -> None:
        self._model = model or EMBEDDED
        self._models = models
        self._loading = Lock()
        self._given = Path(self._model) if (Path(self._model) / "model.bin").is_file() else None
        if self._given is not None:
            source, self._target = _pair_of(self._given)
        else:
            entry = catalogue().get(self._model)
            if entry is None or entry.engine != self.name:
                raise UsageError(f"marian_ct2 has no model {self._model!r}: see localize models list")
            models.require(entry)
            source, _, self._target = entry.languages[0].partition(">")
        self.pairs = frozenset({(source, self._target)})

    @property
    def calls_at_once(self) -> int:
        """Two, so that every thread has work: what one call found is read while the other is searched."""
        return 1 if self._models.device.gpu else 2

    @property
    def fingerprint(self) -> str:
        """Packages, weights and search options."""
        packages = package_versions("ctranslate2", "sentencepiece")
        return f"{self.name} {self._weights}, {packages}, int8, beam {BEAM}+, choice 2, revision 6"

    @cached_property
    def _weights(self) -> str:
        if self._given is None:
            return self._models.fingerprint(self._model)
        files = sorted(path for path in self._given.iterdir() if path.suffix in (".bin", ".json", ".spm", ".txt", ".z"))
        return f"folder@{','.join(sha256_of(path)[:16] for path in files)}"

    @cached_property
    def wishes(self) -> frozenset[str]:
        """Lengths, registers and regions it was taught and found to obey; none for a model trained without."""
        return frozenset(self._facts.get("wishes", ()))

    @cached_property
    def _has_alignment(self) -> bool:
        """Whether what it looks at says which word comes from which: true of models taught to, by chance of others."""
        return bool(self._facts.get("aligned"))

    @cached_property
    def _facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = reading.read_json(self._folder / "config.json")
        return facts

    def translate(
        self,
        sentences: Sequence[str],
        source: str,
        target: str,
        *,
        n_best: int = 4,
        length: str = "",
        register: str = "",
        region: str = "",
    ) -> tuple[tuple[Candidate, ...], ...]:
        """The best hypotheses of each sentence with their log-probability a token.

        Those with words that do not exist are left out where there are others nearly as good, after up to three tries
        that forbid such words. With a wished length the order is by score and length; scores stay what they are.

        The words and scores of a sentence never depend on its neighbours, nor on the number of cores.

        Args:
            sentences: one sentence each.
            source: language of the sentences.
            target: language wanted.
            n_best: at most so many hypotheses; above 4 the beam is as wide.
            length: "short", "normal" or "long" when spoken; "" leaves it to the model.
            register: how people are addressed, "tu" or "usted" say; "" leaves it to the model. In Spanish, what says tú
                where "usted" is wished is rewritten by rules.
            region: where the answer is at home, "ES" or "419" say; "" leaves it to the model.

        Raises:
            UsageError: the model does not translate that pair, or does not know a wish.
            EngineFailed: CTranslate2 failed on them.
        """
        if (source, target) not in self.pairs:
            raise UsageError(f"{self._model} does not translate {source}->{target}", model=self._model)
        wanted = [
            f"{kind}:{value}"
            for kind, value in (("length", length), ("register", register), ("region", region))
            if value
        ]
        if unknown := set(wanted) - self.wishes if wanted else set():
            raise UsageError(f"{self._model} does not offer {min(unknown)}", model=self._model)
        beam = max(BEAM, n_best, WIDE if length else 0)
        known = [() if wanted else self._phrases.answer(sentence) for sentence in sentences]
        asked = [sentence for sentence, answers in zip(sentences, known) if not answers]
        # What is said to a friend and rewritten reads better than what the model says when told to be polite.
        words = self._lexicon if register == "usted" and self._target == "es" else None
        prefix = tuple(f"<{wish}>" for wish in wanted if not (words and wish == "register:usted"))
        pull = PULL.get(length, 0.0)

        def answer(lines: list[str]) -> list[tuple[Candidate, ...]]:
            found = self._answers([_DecodingRequest(line, prefix) for line in lines], beam, pull)
            return [_formal_variants(line, own, words) for line, own in zip(lines, found)] if words else found

        found = iter(guarded_translate(asked, n_best, answer, source))
        return tuple(
            self._linked(sentence, answers[:n_best]) if answers else next(found)
            for sentence, answers in zip(sentences, known)
        )

    def _answers(self, asks: list[_DecodingRequest], beam: int, pull: float) -> list[tuple[Candidate, ...]]:
        """The model's own answers, decoded again while words that do not exist are in all of them."""
        self._decode(asks, beam)
        for _ in range(TRIES):
            odd = [ask for ask in asks if self._forbids(ask)]
            self._decode(odd, beam)
        return [self._chosen(ask, pull) for ask in asks]

    def _decode(self, asks: Sequence[_DecodingRequest], beam: int) -> None:
        """Add to each ask what a beam finds for it."""
        reader, writer = self._pieces
        rows = [[*reader.encode_as_pieces(ask.sentence), END] for ask in asks]
        try:
            for ask, (result, first) in zip(asks, self._search(rows, asks, beam)):
                self._keep(ask, result, first, writer)
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(f"{self.name} failed with {self._model}: {error}", engine=self.name) from error

    def _keep(self, ask: _DecodingRequest, result: Any, first: list[list[float]], writer: Any) -> None:
        """Add what was found for an ask, each text once."""
        attentions = result.attention if self._has_alignment else repeat(())
        for hypothesis, score, attention in zip(result.hypotheses, result.scores, attentions):
            pieces = tuple(hypothesis[len(ask.prefix) :])
            # Bytes, a last resort, can spell a line break. Two ways to cut the same words are one candidate.
            text = " ".join(writer.decode_pieces(list(pieces)).split())
            if text in ask.found:
                continue
            odd = self._lexicon.strange(text, ask.sentence) if self._lexicon else ()
            looked = [*first, *attention[len(first) :]][len(ask.prefix) :]
            ask.found[text] = _Hypothesis(text, round(score, 4), pieces, odd, looked)

    def _search(
        self, rows: Sequence[list[str]], asks: Sequence[_DecodingRequest], beam: int
    ) -> Iterator[tuple[Any, list[list[float]]]]:
        """What CTranslate2 finds for each ask, and where it looked for the first piece, asked for again; each as soon
        as it is found, while the rest is searched.

        Sentences of the same number of pieces are searched together, so that none is padded: words and scores are then
        those of each alone, to the last bit (`tests/engines/test_marian_ct2.py`), and cost two thirds; on a GPU, which
        rounds by the size of a batch, each is alone. The longest are begun first, so that no core waits for one at the
        end. CTranslate2 4.8 mixes up the attention of a beam's first step between the sentences of a batch: it comes
        from a greedy step, where no wish is the first.
        """
        options: dict[str, Any] = {"disable_unk": True, "return_attention": self._has_alignment, "asynchronous": True}
        pending: dict[int, tuple[Any, Any]] = {}
        with self._loading:  # two calls at once read the weights once
            runner = self._runner
        for together in _alike(rows, asks, 1 if self._models.device.gpu else TOGETHER):
            batch, ask = [rows[at] for at in together], asks[together[0]]
            forced = {
                **options,
                "target_prefix": [list(ask.prefix)] * len(batch) if ask.prefix else None,
                "suppress_sequences": [list(pieces) for pieces in ask.forbidden] or None,
            }
            longest = min(POSITIONS, 3 * len(batch[0]) + 12)
            found = runner.translate_batch(
                batch, beam_size=beam, num_hypotheses=beam, return_scores=True, max_decoding_length=longest, **forced
            )
            again: Any = repeat(None)
            if self._has_alignment and not ask.prefix and len(batch) > 1:
                again = runner.translate_batch(batch, beam_size=1, max_decoding_length=1, **forced)
            pending |= dict(zip(together, zip(found, again)))
        for at in range(len(rows)):
            found, first = pending.pop(at)
            yield found.result(), list(first.result().attention[0][:1]) if first else []

    def _linked(self, sentence: str, answers: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Known answers with the words they say: where the model looks while it is made to write them."""
        if not self._has_alignment or len(sentence.split()) < 2:
            return answers
        reader, writer = self._pieces
        row = reader.encode_as_pieces(sentence)
        written = [writer.encode_as_pieces(answer.text) for answer in answers]
        try:
            results = self._runner.translate_batch(
                [[*row, END]] * len(written),
                target_prefix=written,
                beam_size=1,
                return_attention=True,
                max_decoding_length=max(map(len, written)) + 1,
            )
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(f"{self.name} failed with {self._model}: {error}", engine=self.name) from error
        theirs = words_of_pieces(row, sentence)
        return tuple(
            replace(a, links=align_words(theirs, words_of_pieces(pieces, a.text), result.attention[0][: len(pieces)]))
            for a, pieces, result in zip(answers, written, results)
        )

    def _forbids(self, ask: _DecodingRequest) -> bool:
        """Whether words that do not exist are in all that was found for an ask, and can be forbidden from now on."""
        if any(not found.odd for found in ask.near()):
            return False
        before = len(ask.forbidden)
        for found in ask.near():
            ask.forbidden |= {run for word in found.odd for run in is_spelled(word, found.pieces)}
        return len(ask.forbidden) > before

    def _chosen(self, ask: _DecodingRequest, pull: float) -> tuple[Candidate, ...]:
        """The hypotheses with the fewest words that do not exist, the best first; where a length is wished, the best
        for their length.
        """
        near = ask.near()
        fewest = min(len(found.odd) for found in near)
        kept = [found for found in near if len(found.odd) == fewest]
        if not fewest:
            kept += [found for found in ask.ranking()[len(near) :] if not found.odd]
        if pull:
            kept.sort(key=lambda found: -found.score - pull * math.log(max(1, syllables(found.text, self._target))))
        reader, _ = self._pieces
        theirs = words_of_pieces(reader.encode_as_pieces(ask.sentence), ask.sentence)
        return tuple(
            Candidate(f.text, f.score, links=align_words(theirs, words_of_pieces(f.pieces, f.text), f.looked))
            for f in kept
        )

    @property
    def _folder(self) -> Path:
        return self._given or self._models.path(self._model)

    @cached_property
    def _phrases(self) -> Phrasebook:
        file = self._folder / "phrases.txt"
        table = file.read_text(encoding="utf-8") if file.is_file() else ""
        return Phrasebook(table, self._target)

    @cached_property
    def _lexicon(self) -> Lexicon | None:
        file = self._folder / "words.z"
        return Lexicon.read(file) if file.is_file() else None

    @cached_property
    def _pieces(self) -> tuple[Any, Any]:
        import sentencepiece

        folder = self._folder
        try:
            reader = sentencepiece.SentencePieceProcessor(str(folder / "source.spm"))
            return reader, sentencepiece.SentencePieceProcessor(str(folder / "target.spm"))
        except (OSError, RuntimeError) as error:
            raise EngineFailed(f"{self.name} cannot load {folder}: {error}", engine=self.name) from error

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        for name in ("_runner", "_pieces"):
            vars(self).pop(name, None)

    @cached_property
    def _runner(self) -> Any:
        import ctranslate2

        # One thread a sentence: the sums inside a sentence are then the same on any number of cores.
        folder = str(self._folder)
        try:
            if self._models.device.gpu and ctranslate2.get_cuda_device_count() > 0:
                return ctranslate2.Translator(folder, device="cuda", compute_type="int8_float16")
            threads = self._models.device.threads
            return ctranslate2.Translator(folder, compute_type="int8", inter_threads=threads, intra_threads=1)
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(f"{self.name} cannot load {folder}: {error}", engine=self.name) from error


def convert(folder: Path) -> tuple[Path, ...]:
    """Turn a pulled transformers folder into an int8 one, in its place; gives what it consists of then.

    Raises:
        ImportError: transformers or torch is not installed.
        EngineFailed: the folder is no Marian model.
    """
    import torch  # noqa: F401 - the converter below needs it, and says so less clearly

    load_torchaudio()
    from ctranslate2.converters import TransformersConverter

    names = reading.read_json(folder / "tokenizer_config.json")
    made = folder / ".int8"
    shutil.rmtree(made, ignore_errors=True)
    try:
        TransformersConverter(str(folder), copy_files=["source.spm", "target.spm"]).convert(
            str(made), quantization="int8"
        )
        facts = reading.read_json(made / "config.json")
        facts |= {"source_language": names["source_lang"], "target_language": names["target_lang"]}
        (made / "config.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        return tuple(path.replace(folder / path.name) for path in sorted(made.iterdir()))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise EngineFailed(f"{folder.name} cannot be made int8: {error}", engine="marian_ct2") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _pair_of(folder: Path) -> tuple[str, str]:
    try:
        facts = reading.read_json(folder / "config.json")
        return facts["source_language"], facts["target_language"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder} does not say which languages it translates: tools/mt writes that") from error


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """A hypothesis, its pieces, its words that do not exist, and how much each piece looked at each of the source's, if
    that is known.
    """

    text: str
    score: float
    pieces: tuple[str, ...]
    odd: tuple[str, ...]
    looked: Sequence[Sequence[float]]


def _formal_variants(sentence: str, candidates: Sequence[Candidate], words: Lexicon) -> tuple[Candidate, ...]:
    """Spanish candidates that say usted where they said tú, each once."""
    said: dict[str, Candidate] = {}
    for candidate in candidates:
        rewritten = candidate.reworded(to_formal(candidate.text, sentence, words.knows))
        said.setdefault(rewritten.text, rewritten)
    return tuple(said.values())


@dataclass(slots=True)
class _DecodingRequest:
    """A sentence to be decoded, what its answer begins with, pieces it must not have, and what was found, by text."""

    sentence: str
    prefix: tuple[str, ...]
    forbidden: set[tuple[str, ...]] = field(default_factory=set)
    found: dict[str, _Hypothesis] = field(default_factory=dict)

    def ranking(self) -> list[_Hypothesis]:
        """All that was found, the best first."""
        return sorted(self.found.values(), key=lambda found: -found.score)

    def near(self) -> list[_Hypothesis]:
        """What is not far worse than the best."""
        ranking = self.ranking()
        return [found for found in ranking if found.score >= ranking[0].score - FAR]


def _alike(rows: Sequence[Sequence[str]], asks: Sequence[_DecodingRequest], most: int) -> Iterator[list[int]]:
    """Which asks are searched together, at most so many: of as many pieces and the same demands, the longest first."""
    groups: dict[Any, list[int]] = {}
    for at in sorted(range(len(rows)), key=lambda at: -len(rows[at])):
        ask = asks[at]
        groups.setdefault((len(rows[at]), ask.prefix, frozenset(ask.forbidden)), []).append(at)
    for group in groups.values():
        yield from (group[start : start + most] for start in range(0, len(group), most))
