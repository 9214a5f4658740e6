"""Coqui's networks, loaded from a folder without running anything that is in it."""

from __future__ import annotations

import contextlib
import io
import pickle
import zipfile
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EngineFailed, UsageError
from ..language.tags import main_language
from ..runtime import reading
from .torch_sound import load_librosa, load_torchaudio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..runtime.device import Device

    Samples = NDArray[np.float32]


FILES = ("config.json", "model.pth", "vocab.json")
CONFIG_LIMIT = 4 << 20
MOST_ENTRIES = 50_000
"""Of an archive; a checkpoint stored in it is a zip file as well, whose entries are counted with them."""
SEED = 20231106
"""The same text in the same voice is the same sound."""
LETTER_TOKENS = 2.5
"""XTTS speaks 21.5 sounds a second (1024 samples at 22.05 kHz); nobody takes more than 0.12 s a letter."""
SPARE_TOKENS = 24
SPELLING = {"zh": "pypinyin", "ja": "cutlet", "ko": "hangul_romanize"}
"""Packages without which coqui-tts cannot read a language."""
LANGUAGES = frozenset("ar cs de en es fr hi hu it ja ko nl pl pt ru tr zh".split())
"""Of XTTS; what a single-voice model whose config names no language may be asked for."""


def model_type(folder: Path) -> tuple[str, frozenset[str]]:
    """The kind of a folder's model, "xtts" or "vits", and the languages its config.json names.

    Raises:
        UsageError: it is neither, or has several voices of its own.
    """
    try:
        path = folder / "config.json"
        said = reading.read_json(path, CONFIG_LIMIT)
        kind = said["model"]
        if kind == "xtts":
            named = {main_language(str(tag)) for tag in said["languages"]}
            known = {tag for tag in named & LANGUAGES if tag not in SPELLING or find_spec(SPELLING[tag])}
            return kind, frozenset(known)
        if kind == "vits":
            inside = said.get("model_args") or {}
            if any(
                int(place.get("num_speakers") or 0) > 1 or place.get("use_d_vector_file") for place in (said, inside)
            ):
                raise ValueError("it has several voices, and a grant is for one")
            tongue = main_language(str(said.get("phoneme_language") or ""))
            return kind, frozenset({tongue}) if tongue in LANGUAGES and said.get("use_phonemes") else LANGUAGES
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{folder}: coqui cannot use its config.json: {error}") from error
    raise UsageError(f"{folder} holds a {kind!r} model: coqui speaks with xtts and vits")


class Network:
    """One Coqui model, loaded at the first call.

    Args:
        kind: "xtts" or "vits".
        folder: with `FILES`.
        device: what to compute on.
    """

    def __init__(self, kind: str, folder: Path, device: Device) -> None:
        self._kind, self._folder, self._device = kind, folder, device
        self._latents: dict[bytes, Any] = {}

    @property
    def rate(self) -> int:
        """Samples a second."""
        if self._kind == "xtts":
            return int(self._model.args.output_sample_rate)
        return int(self._model.config.audio.sample_rate)

    def limit(self, language: str) -> int:
        """Letters it can be given at once."""
        if self._kind == "vits":
            return 250
        limits: dict[str, int] = self._model.tokenizer.char_limits
        return limits.get(language, min(limits.values()))

    def say(self, text: str, language: str, reference: bytes) -> Samples:
        """One part of a phrase, as the model says it.

        Args:
            text: no longer than `limit`.
            language: its code.
            reference: a WAV of the voice to clone; not looked at by a single-voice model.

        Raises:
            EngineFailed: the network failed.
        """
        import numpy as np
        import torch

        try:
            with torch.inference_mode(), _quiet():
                torch.manual_seed(SEED)
                made = self._clone(text, language, reference) if self._kind == "xtts" else self._plain(text)
        except Exception as error:
            cause = str(error).strip().split("\n", maxsplit=1)[0]
            raise EngineFailed(f"coqui failed on {text[:60]!r}: {cause}", engine="coqui") from error
        samples: Samples = np.nan_to_num(np.asarray(made, np.float32).reshape(-1))
        return samples

    def _plain(self, text: str) -> Any:
        return self._model.synthesize(text)["wav"]

    def _clone(self, text: str, language: str, reference: bytes) -> Any:
        model, settings = self._model, self._model.config
        if reference not in self._latents:
            self._latents[reference] = self._latents_of(reference)
        cond, speaker = self._latents[reference]
        most = min(int(LETTER_TOKENS * len(text)) + SPARE_TOKENS, int(model.args.gpt_max_audio_tokens) - 5)
        return model.inference(
            text,
            "zh-cn" if language == "zh" else language,
            cond,
            speaker,
            temperature=settings.temperature,
            length_penalty=settings.length_penalty,
            repetition_penalty=settings.repetition_penalty,
            top_k=settings.top_k,
            top_p=settings.top_p,
            max_new_tokens=most,
        )["wav"]

    def _latents_of(self, reference: bytes) -> Any:
        """Conditioning latents of a voice for XTTS; kept in memory only, since they are biometric data."""
        import numpy as np
        import soundfile
        import torch

        model, settings = self._model, self._model.config
        samples, rate = soundfile.read(io.BytesIO(reference), dtype="float32", always_2d=True)
        sound = torch.from_numpy(np.ascontiguousarray(samples.mean(axis=1))[None, : rate * int(settings.max_ref_len)])
        speaker = model.get_speaker_embedding(sound, rate)
        cond = model.get_gpt_cond_latents(
            sound, rate, length=int(settings.gpt_cond_len), chunk_length=int(settings.gpt_cond_chunk_len)
        )
        return cond, speaker

    @cached_property
    def _model(self) -> Any:
        device = self._device.torch()
        load_torchaudio()
        load_librosa()
        try:
            with _quiet():
                model = self._xtts() if self._kind == "xtts" else self._vits()
        except Exception as error:  # whatever is wrong with files from outside
            cause = str(error).strip().split("\n", maxsplit=1)[0]
            raise EngineFailed(f"coqui cannot load {self._folder.name}: {cause}", engine="coqui") from error
        return model.to(device).eval() if self._kind == "vits" else model.to(device)

    def _xtts(self) -> Any:
        from TTS.tts.configs.xtts_config import XttsConfig
        from TTS.tts.models.xtts import Xtts

        config = XttsConfig()
        config.load_json(str(self._folder / "config.json"))
        model = Xtts(config)
        # Its own loader would write an old checkpoint anew, in place, and then it is not the one that is pinned.
        model._load_checkpoint = lambda path: _weights(Path(path))["model"]
        model.load_checkpoint(
            config,
            checkpoint_path=str(self._folder / "model.pth"),
            vocab_path=str(self._folder / "vocab.json"),
            speaker_file_path=str(self._folder / "nobody"),
            eval=True,
        )
        return model

    def _vits(self) -> Any:
        from TTS.tts.configs.vits_config import VitsConfig
        from TTS.tts.models.vits import Vits

        config = VitsConfig()
        config.load_json(str(self._folder / "config.json"))
        arguments = config.model_args
        for name in ("speakers_file", "d_vector_file", "language_ids_file"):  # files it could point to
            setattr(arguments, name, None)
        arguments.speaker_encoder_config_path = arguments.speaker_encoder_model_path = ""
        arguments.use_speaker_encoder_as_loss = arguments.init_discriminator = False
        model = Vits(config)
        found = _weights(self._folder / "model.pth")["model"]
        wanted = set(model.state_dict())
        model.load_state_dict({name: array for name, array in found.items() if name in wanted})
        return model


def _weights(path: Path) -> Any:
    """A checkpoint's arrays: nothing in it is run. Old ones name a few classes of coqui-tts, which are let in."""
    import torch
    from TTS.tts.models.xtts import _legacy_safe_globals

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        with _legacy_safe_globals():
            return torch.load(path, map_location="cpu", weights_only=True)


def unpack(folder: Path) -> tuple[Path, ...]:
    """The checkpoint and configuration out of a pulled archive, by their kind; no name in it decides where they go.

    Raises:
        EngineFailed: it holds no such two files.
    """
    try:
        with reading.open_zip(folder / "model.zip", MOST_ENTRIES) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            found = {
                "config.json": [m for m in members if Path(m.filename).name == "config.json"],
                "model.pth": [m for m in members if m.filename.endswith((".pth", ".pth.tar"))],
            }
            for name, matching in found.items():
                (member,) = sorted(matching, key=lambda m: -m.file_size)[:1]
                with archive.open(member) as source, (folder / name).open("wb") as target:
                    while block := source.read(1 << 20):
                        target.write(block)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise EngineFailed(f"{folder.name}: the archive holds no Coqui model: {error}", engine="coqui") from error
    return tuple(folder / name for name in found)


@contextlib.contextmanager
def _quiet() -> Any:
    """Coqui talks on stdout and in warnings: both are for others."""
    import logging
    import warnings

    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = logging.root.manager.disable
        logging.disable(logging.ERROR)
        try:
            yield
        finally:
            logging.disable(before)
