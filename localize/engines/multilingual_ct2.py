"""Models of many languages run by CTranslate2: NLLB-200 by Meta, and MADLAD-400 by Google.

A model is a folder with CTranslate2's `model.bin`, `config.json` and shared vocabulary, and the SentencePiece model of
its makers, by whose name the kind is known: `sentencepiece.bpe.model` is NLLB's, `spiece.model` MADLAD's.

NLLB is told both languages by codes of FLORES-200: the source's stands before the sentence, the answer is made to begin
with the target's (Costa-jussà et al. 2022, "No Language Left Behind", section 8). MADLAD is told the target alone, by a
token before the sentence (Kudugunta et al. 2023, "MADLAD-400", section 4).
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

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

DEFAULT = "nllb-200-distilled-600m-int8"
BEAM = 4
END = "</s>"
POSITIONS = 400
"""Pieces of the longest answer; NLLB was trained on 512 positions."""
VOCABULARY_LIMIT = 32 << 20
_NLLB = dict(
    pair.split(":")
    for pair in (
        "ar:arb_Arab bg:bul_Cyrl bn:ben_Beng ca:cat_Latn cs:ces_Latn da:dan_Latn de:deu_Latn el:ell_Grek en:eng_Latn "
        "es:spa_Latn et:est_Latn eu:eus_Latn fa:pes_Arab fi:fin_Latn fil:tgl_Latn fr:fra_Latn gl:glg_Latn he:heb_Hebr "
        "hi:hin_Deva hr:hrv_Latn hu:hun_Latn id:ind_Latn is:isl_Latn it:ita_Latn ja:jpn_Jpan ko:kor_Hang lt:lit_Latn "
        "lv:lvs_Latn mk:mkd_Cyrl ms:zsm_Latn nb:nob_Latn nl:nld_Latn nn:nno_Latn no:nob_Latn pl:pol_Latn pt:por_Latn "
        "ro:ron_Latn ru:rus_Cyrl sk:slk_Latn sl:slv_Latn sq:als_Latn sr:srp_Cyrl sv:swe_Latn sw:swh_Latn ta:tam_Taml "
        "te:tel_Telu th:tha_Thai tr:tur_Latn uk:ukr_Cyrl ur:urd_Arab vi:vie_Latn zh:zho_Hans"
    ).split()
)
_MADLAD = {language: f"<2{language}>" for language in _NLLB if language not in ("he", "nn")} | {"nb": "<2no>"}
"""Hebrew is left out, since which of its two codes the model knows could not be read, and Nynorsk, which it lacks."""


class _Asked(NamedTuple):
    """How a sentence is put to a model: what stands before it, and what its answer is made to begin with."""

    before: str
    begin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """NLLB or MADLAD.

    Args:
        pieces: file name of the SentencePiece model.
        codes: language -> token.
        names_both: whether the source is named before the sentence and the target begins the answer; else the target
            is named before the sentence.
    """

    pieces: str
    codes: dict[str, str]
    names_both: bool

    def asked(self, source: str, target: str) -> _Asked:
        """How a sentence of one language is asked for in another."""
        if self.names_both:
            return _Asked(self.codes[source], (self.codes[target],))
        return _Asked(self.codes[target], ())


KINDS = (_Kind("sentencepiece.bpe.model", _NLLB, names_both=True), _Kind("spiece.model", _MADLAD, names_both=False))


class MultilingualCT2:
    """Translates between many languages with one CTranslate2 folder.

    Args:
        model: a catalogue id, or the path of a folder; None takes the best that is installed.
        models: where the weights lie, and what to compute on.

    Raises:
        UsageError: no such model, or the folder is neither of NLLB nor of MADLAD.
        ModelMissing: the weights are not there.
    """

    name: ClassVar[str] = "multilingual_ct2"
    requires: ClassVar[tuple[str, ...]] = ("ctranslate2", "sentencepiece")
    extra: ClassVar[str] = "ctranslate2"

    def __init__(self, model: str | None, models: Models) -> None:
        if model is None:
            best = models.ranked("translator", self.name)
            model = best[0].id if best else DEFAULT
        self._model, self._models = model, models
        self._given = Path(model) if (Path(model) / "model.bin").is_file() else None
        if self._given is not None:
            kind = next((kind for kind in KINDS if (Path(model) / kind.pieces).is_file()), None)
            if kind is None:
                names = " nor ".join(kind.pieces for kind in KINDS)
                raise UsageError(f"{model} has neither {names}: {self.name} runs NLLB and MADLAD", model=model)
        else:
            entry = catalogue().get(model)
            if entry is None or entry.engine != self.name:
                raise UsageError(f"{self.name} has no model {model!r}: see localize models list", model=model)
            models.require(entry)
            kind = next(kind for kind in KINDS if any(file.name == kind.pieces for file in entry.files))
        self._kind = kind
        self.pairs = frozenset((a, b) for a in kind.codes for b in kind.codes if a != b)

    @cached_property
    def fingerprint(self) -> str:
        """Packages, weights and search options."""
        packages = package_versions("ctranslate2", "sentencepiece")
        return f"{self.name} {self._weights}, {packages}, int8, beam {BEAM}+, revision 1"

    @property
    def _weights(self) -> str:
        if self._given is None:
            return self._models.fingerprint(self._model)
        files = sorted(p for p in self._given.iterdir() if p.suffix in (".bin", ".json", ".txt", ".model"))
        return f"folder@{','.join(sha256_of(path)[:16] for path in files)}"

    def translate(
        self, sentences: Sequence[str], source: str, target: str, *, n_best: int = 4
    ) -> tuple[tuple[Candidate, ...], ...]:
        """The best hypotheses of each sentence, decoded alone, with their log-probability a token.

        Raises:
            UsageError: the pair is not offered.
            EngineFailed: CTranslate2 failed, or the weights know a language's token not.
        """
        if (source, target) not in self.pairs:
            raise UsageError(f"{self._name} does not translate {source}->{target}", model=self._name)
        asked, beam = self._kind.asked(source, target), max(BEAM, n_best)
        if unknown := {asked.before, *asked.begin} - self._vocabulary:
            raise EngineFailed(f"the weights of {self._name} have no {min(unknown)}", engine=self.name)
        return guarded_translate(sentences, n_best, lambda lines: self._decoded(lines, asked, beam))

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        for name in ("_runner", "_pieces"):
            vars(self).pop(name, None)

    @property
    def _name(self) -> str:
        return self._given.name if self._given else self._model

    @cached_property
    def _folder(self) -> Path:
        return self._given or self._models.path(self._model)

    def _decoded(self, lines: list[str], asked: _Asked, beam: int) -> list[tuple[Candidate, ...]]:
        """Answers in the order of the lines; the longest are begun first, so that no core waits for one at the end."""
        before = [asked.before] if self._kind.names_both else self._pieces.encode_as_pieces(asked.before)
        rows = [[*before, *self._words(line), END] for line in lines]
        try:
            pending = {
                at: self._runner.translate_batch(
                    [rows[at]],
                    target_prefix=[list(asked.begin)] if asked.begin else None,
                    beam_size=beam,
                    num_hypotheses=beam,
                    disable_unk=True,
                    return_scores=True,
                    max_decoding_length=min(POSITIONS, 3 * len(rows[at]) + 12),
                    asynchronous=True,
                )[0]
                for at in sorted(range(len(rows)), key=lambda at: -len(rows[at]))
            }
            results = [pending[at].result() for at in range(len(rows))]
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(f"{self.name} failed with {self._name}: {error}", engine=self.name) from error
        return [self._candidates(result, len(asked.begin)) for result in results]

    def _words(self, line: str) -> list[str]:
        """The pieces of a line; a language's token in it ("<2fr>") is no word of it."""
        return [piece for piece in self._pieces.encode_as_pieces(line) if piece not in self._tokens]

    @cached_property
    def _tokens(self) -> frozenset[str]:
        return frozenset(self._kind.codes.values())

    def _candidates(self, result: Any, begun: int) -> tuple[Candidate, ...]:
        """Hypotheses without what they were made to begin with, each text once."""
        found: dict[str, Candidate] = {}
        for pieces, score in zip(result.hypotheses, result.scores):
            words = [piece for piece in pieces[begun:] if piece not in self._tokens]
            text = " ".join(self._pieces.decode_pieces(words).split())
            if text:
                found.setdefault(text, Candidate(text, round(min(0.0, score), 4)))
        return tuple(found.values())

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        folder = self._folder
        try:
            if (folder / "shared_vocabulary.json").is_file():
                return frozenset(reading.read_json(folder / "shared_vocabulary.json", VOCABULARY_LIMIT))
            return frozenset(reading.read_text(folder / "shared_vocabulary.txt", VOCABULARY_LIMIT).splitlines())
        except (OSError, ValueError, TypeError) as error:
            raise EngineFailed(f"{self.name} cannot read the vocabulary of {self._name}: {error}") from error

    @cached_property
    def _pieces(self) -> Any:
        import sentencepiece

        try:
            return sentencepiece.SentencePieceProcessor(str(self._folder / self._kind.pieces))
        except (OSError, RuntimeError) as error:
            raise EngineFailed(f"{self.name} cannot load {self._name}: {error}", engine=self.name) from error

    @cached_property
    def _runner(self) -> Any:
        import ctranslate2

        folder, device = str(self._folder), self._models.device
        try:
            if device.gpu and ctranslate2.get_cuda_device_count() > 0:
                return ctranslate2.Translator(folder, device="cuda", compute_type="int8_float16")
            # One thread a sentence: the sums inside a sentence are then the same on any number of cores.
            return ctranslate2.Translator(folder, compute_type="int8", inter_threads=device.threads, intra_threads=1)
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(f"{self.name} cannot load {self._name}: {error}", engine=self.name) from error


def convert(folder: Path) -> tuple[Path, ...]:
    """Turn a pulled transformers folder into an int8 one, in its place; gives what it consists of then.

    Raises:
        ImportError: transformers or torch is not installed.
        EngineFailed: the folder is neither of NLLB nor of MADLAD, or cannot be converted.
    """
    import torch  # noqa: F401 - the converter below needs it, and says so less clearly

    load_torchaudio()
    from ctranslate2.converters import TransformersConverter

    made = folder / ".int8"
    shutil.rmtree(made, ignore_errors=True)
    own = [kind.pieces for kind in KINDS if (folder / kind.pieces).is_file()]
    try:
        if not own:
            raise ValueError("it has no SentencePiece model of NLLB or MADLAD")
        TransformersConverter(str(folder), copy_files=own).convert(str(made), quantization="int8")
        return tuple(path.replace(folder / path.name) for path in sorted(made.iterdir()))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise EngineFailed(f"{folder.name} cannot be made int8: {error}", engine="multilingual_ct2") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
