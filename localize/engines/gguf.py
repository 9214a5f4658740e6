"""A translator of the user's choice in this process: a GGUF file, run by llama-cpp-python."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import EngineFailed, ModelMissing, UsageError
from ..runtime.files import sha256_of
from . import package_versions
from .chat_translator import SEED, TEMPERATURE, ChatTranslator
from .scene_prompts import NoAnswer, Request

if TYPE_CHECKING:
    from ..models import Models

CONTEXT = 8192
"""Tokens of question and answer together: eight lines with their scene and three wordings take about 3000."""
MAGIC = b"GGUF"


class GGUF(ChatTranslator):
    """Translates scenes with a chat model in a GGUF file.

    Args:
        model: path of the file; it must hold a chat template.
        models: what to compute on; names the home, which may hold prompts.

    Raises:
        ModelMissing: no file is named.
        UsageError: the file is not there, or is no GGUF; a prompt in the home cannot be used.
    """

    name: ClassVar[str] = "gguf"
    requires: ClassVar[tuple[str, ...]] = ("llama_cpp",)
    extra: ClassVar[str] = "gguf"

    def __init__(self, model: str | None, models: Models) -> None:
        if model is None:
            raise ModelMissing("gguf needs a model's file: --engine translator=gguf:PATH")
        super().__init__(models)
        self._path, self._models = Path(model), models
        try:
            with self._path.open("rb") as file:
                begins = file.read(len(MAGIC))
        except OSError as error:
            raise UsageError(f"cannot read the model {model}: {error.strerror}", path=model) from error
        if begins != MAGIC:
            raise UsageError(f"{model} is no GGUF file", path=model)

    @cached_property
    def fingerprint(self) -> str:
        """Package, weights, prompts and options."""
        weights, package = sha256_of(self._path)[:16], package_versions("llama-cpp-python")
        return f"{self.name} weights@{weights}, {package}, context {CONTEXT}, {self._options}"

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        vars(self).pop("_model", None)

    def _complete(self, request: Request) -> str:
        """The model's answer to one request."""
        messages = [{"role": "system", "content": request.system}, {"role": "user", "content": request.user}]
        wanted: dict[str, Any] = {}
        if request.schema is not None:
            wanted["response_format"] = {"type": "json_object", "schema": request.schema}
        try:
            self._model.reset()  # the same question has the same answer, whatever was asked before
            made = self._model.create_chat_completion(
                messages=messages, temperature=TEMPERATURE, seed=SEED, max_tokens=request.most_tokens, **wanted
            )
            choice = made["choices"][0]
            text, reason = choice["message"]["content"], choice.get("finish_reason")
        except ValueError as error:  # more tokens than the context holds
            raise NoAnswer(f"it was asked for too much: {error}") from error
        except (RuntimeError, KeyError, IndexError, TypeError) as error:
            raise EngineFailed(f"{self.name} failed with {self._path.name}: {error}", engine=self.name) from error
        if reason == "length":
            raise NoAnswer("its answer was cut off: does it think aloud?")
        if not isinstance(text, str) or not text.strip():
            raise NoAnswer("its answer is empty")
        return text

    @cached_property
    def _model(self) -> Any:
        import llama_cpp

        device = self._models.device
        layers = -1 if device.gpu else 0
        try:
            return llama_cpp.Llama(
                model_path=str(self._path), n_ctx=CONTEXT, n_threads=device.threads, n_gpu_layers=layers, seed=SEED,
                verbose=False,
            )  # fmt: skip
        except (OSError, ValueError, RuntimeError) as error:
            raise EngineFailed(f"{self.name} cannot load {self._path.name}: {error}", engine=self.name) from error
