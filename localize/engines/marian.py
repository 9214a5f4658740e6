"""MarianMT by transformers: the OPUS-MT models of the University of Helsinki, on a CPU or a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..data import Candidate
from ..errors import EngineFailed, UsageError
from ..models import catalogue
from ..runtime import reading
from ..runtime.files import sha256_of
from . import package_versions
from .output_guards import guarded_translate
from .torch_sound import load_torchaudio

if TYPE_CHECKING:
    from ..models import Models


DEFAULT = "opus-mt-en-es"
BEAM = 4
BATCH = 32
"""Sentences decoded together, those of like length."""
LONGEST = 512
"""Tokens: what the positions of a Marian model reach to."""


class Marian:
    """Translates with one MarianMT folder.

    Args:
        model: a catalogue id, or the path of a transformers folder; None takes the best that is installed.
        models: where the weights lie, and what to compute on.

    Raises:
        UsageError: no such model, or the folder does not say what it translates.
        ModelMissing: the weights are not there.
    """

    name: ClassVar[str] = "marian"
    requires: ClassVar[tuple[str, ...]] = ("transformers", "sentencepiece", "torch")
    extra: ClassVar[str] = "marian"

    def __init__(self, model: str | None, models: Models) -> None:
        if model is None:
            best = models.ranked("translator", self.name)
            model = best[0].id if best else DEFAULT
        self._model, self._models = model, models
        self._given = Path(model) if (Path(model) / "source.spm").is_file() else None
        if self._given is not None:
            self.pairs = frozenset({_pair_of(self._given)})
            return
        entry = catalogue().get(model)
        if entry is None or entry.engine != self.name:
            raise UsageError(f"marian has no model {model!r}: see localize models list, or give a folder", model=model)
        models.require(entry)
        source, _, target = entry.languages[0].partition(">")
        self.pairs = frozenset({(source, target)})

    @cached_property
    def fingerprint(self) -> str:
        """Packages, weights and search options."""
        packages = package_versions("transformers", "sentencepiece", "torch")
        return f"{self.name} {self._weights}, {packages}, beam {BEAM}+, revision 1"

    @property
    def _weights(self) -> str:
        if self._given is None:
            return self._models.fingerprint(self._model)
        files = sorted(p for p in self._given.iterdir() if p.suffix in (".bin", ".safetensors", ".spm", ".json"))
        return f"folder@{','.join(sha256_of(path)[:16] for path in files)}"

    def translate(
        self, sentences: Sequence[str], source: str, target: str, *, n_best: int = 4
    ) -> tuple[tuple[Candidate, ...], ...]:
        """The best hypotheses of each sentence with their log-probability a token.

        Raises:
            UsageError: the model does not translate that pair.
            EngineFailed: transformers failed on them.
        """
        if (source, target) not in self.pairs:
            raise UsageError(f"{self._name} does not translate {source}->{target}", model=self._name)
        return guarded_translate(sentences, n_best, lambda asked: self._decode(asked, max(BEAM, n_best)))

    @property
    def _name(self) -> str:
        return self._given.name if self._given else self._model

    def _decode(self, sentences: list[str], beam: int) -> list[tuple[Candidate, ...]]:
        """Answers in the order of the questions; decoded in batches of like length, the longest first."""
        tokenizer, model = self._network
        import torch

        rows = [tokenizer(s, truncation=True, max_length=LONGEST)["input_ids"] for s in sentences]
        order = sorted(range(len(rows)), key=lambda at: -len(rows[at]))
        found: dict[int, tuple[Candidate, ...]] = {}
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            padded = tokenizer.pad({"input_ids": [rows[at] for at in batch]}, return_tensors="pt").to(model.device)
            try:
                with torch.inference_mode():
                    made = model.generate(
                        **padded,
                        num_beams=beam,
                        num_return_sequences=beam,
                        do_sample=False,
                        max_length=min(LONGEST, 3 * len(rows[batch[0]]) + 12),
                        return_dict_in_generate=True,
                        output_scores=True,
                    )
            except (RuntimeError, ValueError, IndexError) as error:
                raise EngineFailed(f"{self.name} failed with {self._name}: {error}", engine=self.name) from error
            texts = tokenizer.batch_decode(made.sequences, skip_special_tokens=True)
            scores = made.sequences_scores.tolist()
            for n, at in enumerate(batch):
                found[at] = _distinct(texts[n * beam : (n + 1) * beam], scores[n * beam : (n + 1) * beam])
        return [found[at] for at in range(len(rows))]

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        vars(self).pop("_network", None)

    @cached_property
    def _network(self) -> tuple[Any, Any]:
        """Tokenizer and network; safetensors or weights alone: no code in a file is ever run."""
        load_torchaudio()
        from transformers import MarianMTModel, MarianTokenizer
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        folder = str(self._given or self._models.path(self._model))
        device = self._models.device.torch()
        try:
            tokenizer = MarianTokenizer.from_pretrained(folder, local_files_only=True)
            model = MarianMTModel.from_pretrained(folder, local_files_only=True, weights_only=True)
        except Exception as error:  # whatever is wrong with files from outside
            cause = str(error).split("\n", maxsplit=1)[0]
            raise EngineFailed(f"{self.name} cannot load {self._name}: {cause}", engine=self.name) from error
        model = model.half() if device == "cuda" else model.float()
        return tokenizer, model.to(device).eval()


def _distinct(texts: Sequence[str], scores: Sequence[float]) -> tuple[Candidate, ...]:
    # Rounded to what the sums keep in any company: a batch's padding moves the last digits.
    best: dict[str, float] = {}
    for text, score in zip(texts, scores):
        best.setdefault(" ".join(text.split()), round(min(0.0, score), 3))
    return tuple(Candidate(text, score) for text, score in best.items() if text)


def _pair_of(folder: Path) -> tuple[str, str]:
    from ..language.tags import canonical_language, main_language

    try:
        facts = reading.read_json(folder / "tokenizer_config.json")
        source, target = (canonical_language(main_language(facts[side])) for side in ("source_lang", "target_lang"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{folder}: tokenizer_config.json does not say which languages it translates") from error
    return main_language(source), main_language(target)
