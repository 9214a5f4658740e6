"""A translator of the user's choice in this process: a GGUF file, run by llama.cpp.

llama.cpp comes with one of two packages: llama-cpp-python where it is installed (it may have been compiled for a
machine's own accelerator), else xllamacpp, of which there are wheels.
"""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

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
PACKAGE = "llama_cpp" if find_spec("llama_cpp") else "xllamacpp"


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
    requires: ClassVar[tuple[str, ...]] = (PACKAGE,)
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
        weights, package = (
            sha256_of(self._path)[:16],
            package_versions({"llama_cpp": "llama-cpp-python"}.get(PACKAGE, PACKAGE)),
        )
        return f"{self.name} weights@{weights}, {package}, context {CONTEXT}, {self._options}"

    def release(self) -> None:
        """Forget the weights; they are read again at the next call."""
        vars(self).pop("_model", None)

    def _complete(self, request: Request) -> str:
        """The model's answer to one request."""
        messages = [{"role": "system", "content": request.system}, {"role": "user", "content": request.user}]
        asked: dict[str, Any] = {
            "messages": messages, "temperature": TEMPERATURE, "seed": SEED, "max_tokens": request.most_tokens
        }  # fmt: skip
        if request.schema is not None:
            asked["response_format"] = {"type": "json_object", "schema": request.schema}
        try:
            choice = self._model.complete(asked)["choices"][0]
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
    def _model(self) -> _Model:
        device = self._models.device
        kind = _LlamaCppPython if PACKAGE == "llama_cpp" else _Xllamacpp
        try:
            return kind(self._path, device.threads, gpu=device.gpu)
        except (OSError, ValueError, RuntimeError) as error:
            raise EngineFailed(f"{self.name} cannot load {self._path.name}: {error}", engine=self.name) from error


class _Model(Protocol):
    """A loaded model."""

    def complete(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to a chat request, both as the chat API of OpenAI has them; the same one has the same answer.

        Raises:
            ValueError: it is more than the context holds.
            RuntimeError: it failed.
        """


class _LlamaCppPython:
    def __init__(self, path: Path, threads: int, *, gpu: bool) -> None:
        import llama_cpp

        self._llama = llama_cpp.Llama(
            model_path=str(path), n_ctx=CONTEXT, n_threads=threads, n_gpu_layers=-1 if gpu else 0, seed=SEED,
            verbose=False,
        )  # fmt: skip

    def complete(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._llama.reset()  # the same question has the same answer, whatever was asked before
        made: dict[str, Any] = self._llama.create_chat_completion(**asked)
        return made


class _Xllamacpp:
    """The package answers on loopback as well, at a free port: a key that nobody knows keeps others out."""

    def __init__(self, path: Path, threads: int, *, gpu: bool) -> None:
        import xllamacpp

        wanted = xllamacpp.CommonParams()
        wanted.model.path, wanted.n_ctx, wanted.n_parallel, wanted.warmup = str(path), CONTEXT, 1, False
        wanted.cpuparams.n_threads, wanted.n_gpu_layers, wanted.verbosity = threads, 999 if gpu else 0, -1
        wanted.api_keys = [token_hex(16)]
        self._server = xllamacpp.Server(wanted)

    def complete(self, asked: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = self._server.handle_chat_completions({**asked, "cache_prompt": False})
        if error := made.get("error"):
            kind = ValueError if error.get("type") == "exceed_context_size_error" else RuntimeError
            raise kind(str(error.get("message", error)))
        return made
