"""A translator of the user's choice: any server with the interface of OpenAI's chat completions.

llama.cpp, Ollama, vLLM and LM Studio have it. The server is on this machine, or on a host that the user's own
`localize.toml` allows (`runtime/network.py`); to another machine goes only TLS. A key comes from LOCALIZE_LLM_KEY and
is written nowhere.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import ssl
import time
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import EngineFailed, ModelMissing, UsageError
from ..runtime import reading
from ..runtime.network import FILE, allowed_hosts
from .chat_translator import SEED, TEMPERATURE, ChatTranslator
from .llm_http import EXAMPLE, MOST_BYTES, Answer, Endpoint, post, server_message
from .scene_prompts import NoAnswer, Request

if TYPE_CHECKING:
    from ..models import Models

KEY = "LOCALIZE_LLM_KEY"
"""The environment variable that holds the server's key."""
LIMIT_S = 300.0
"""For one request. A model on a CPU writes some five tokens a second."""
MOST_LATE = 4
"""Requests in a row that take longer, each for fewer lines, before a server is given up."""
TRIES = 6
"""Of a request to a server that is busy or still loads its model: a minute in all."""
WAIT_S = 2.0
"""Before the second try; twice that before each further one, at most what the server asks for."""
LONGEST_WAIT_S = 30.0
FORMATS = ("json_schema", "json_object", "text")
"""How JSON is asked for; a server that does not know one is asked by the next."""
REJECTED = (400, 413, 415, 422, 501)
"""Answers of servers that do not know a way to ask, and of those whose context is too short for the question."""


class LLM(ChatTranslator):
    """Translates scenes with a chat model behind HTTP.

    Args:
        model: "http://HOST:PORT/v1#MODEL".
        models: names the home, which says what other hosts are allowed and may hold prompts.

    Raises:
        ModelMissing: no server and model are named.
        UsageError: the address is none, its host is not allowed, or the key has characters that none has.
    """

    name: ClassVar[str] = "llm"
    requires: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "llm"

    def __init__(self, model: str | None, models: Models) -> None:
        if model is None:
            raise ModelMissing(f"llm needs a server and a model: --engine translator={EXAMPLE}")
        super().__init__(models)
        self._endpoint = Endpoint.parse(model)
        if not self._endpoint.is_here and self._endpoint.host not in allowed_hosts(models.home):
            host, own = self._endpoint.host, models.home / FILE
            how = f'write [network] allow = ["{host}"] into {own}'
            raise UsageError(f"{host} is not this machine: to send it what a film says, {how}", host=host)
        self._key = os.environ.get(KEY, "")
        if not re.fullmatch(r"[!-~]*", self._key):  # an error of the HTTP client would show it
            raise UsageError(f"{KEY} has characters that no key has: set it again")
        self._ways: tuple[str, ...] = FORMATS
        self._late = 0

    @property
    def sends_to(self) -> str:
        """The other machine that reads the lines; "" for none."""
        return "" if self._endpoint.is_here else self._endpoint.host

    @property
    def fingerprint(self) -> str:
        """The model's name, prompts and options, and a hash of where it answers.

        A name says little: a server may call any weights "default", so two servers share no answers. Only a hash, since
        this is delivered with the film, and the names of a network are nobody's business.
        """
        server = hashlib.sha256(self._endpoint.origin.encode()).hexdigest()[:8]
        model = re.sub(r"[^\w.:@+-]+", "_", self._endpoint.model)
        return f"{self.name} {model}, server {server}, {self._options}"

    def _complete(self, request: Request) -> str:
        """The model's answer to one request, put in the first way to ask for JSON that its server takes."""
        for way in self._ways if request.schema is not None else FORMATS[-1:]:
            answer = self._sent(self._body(request, way))
            if answer.status not in REJECTED:
                break
        if answer.status in REJECTED and request.schema is not None:  # its context may hold a smaller one
            raise NoAnswer(f"the server answered {answer.status}: {server_message(answer.body, self._key)}")
        if answer.status != 200:
            raise self._refused(answer)
        if request.schema is not None:
            self._ways = (way,)
        return _content(answer)

    def _sent(self, body: dict[str, Any]) -> Answer:
        """The server's answer, asked again where it is busy."""
        wait = WAIT_S
        for tried in range(1, TRIES + 1):
            answer = self._posted(body)
            if answer.status not in (429, 502, 503, 504) or tried == TRIES:
                break
            asked = float(answer.retry_after) if re.fullmatch(r"\d{1,4}", answer.retry_after) else 0.0
            time.sleep(min(LONGEST_WAIT_S, max(wait, asked)))
            wait *= 2
        return answer

    def _posted(self, body: dict[str, Any]) -> Answer:
        place = self._endpoint.origin
        try:
            answer = post(self._endpoint, body, self._key, LIMIT_S)
        except TimeoutError as error:
            self._late += 1
            if self._late >= MOST_LATE:
                why = f"gave no whole answer within {LIMIT_S:g} s, {MOST_LATE} times in a row"
                raise EngineFailed(
                    f"{place} {why}: it is stuck, or its model is too large for its machine", engine=self.name
                ) from error
            raise NoAnswer(f"no whole answer came within {LIMIT_S:g} s") from error
        except ssl.SSLError as error:
            raise EngineFailed(f"{place} has no certificate that holds: {error.reason}", engine=self.name) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise EngineFailed(f"no answer from {place} ({why}): does the server run?", engine=self.name) from error
        except http.client.HTTPException as error:
            raise EngineFailed(f"{place} does not speak HTTP: {type(error).__name__}", engine=self.name) from error
        self._late = 0
        return answer

    def _body(self, request: Request, way: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": [{"role": "system", "content": request.system}, {"role": "user", "content": request.user}],
            "temperature": TEMPERATURE,
            "seed": SEED,
            "max_tokens": request.most_tokens,
            "stream": False,
        }
        if request.schema is not None and way == "json_schema":
            named = {"name": "lines", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        elif request.schema is not None and way == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    def _refused(self, answer: Answer) -> EngineFailed:
        place, status = self._endpoint.origin, answer.status
        if 300 <= status < 400:
            why = "it sends us on to another address, which is not followed: name that one, if it is the right one"
        elif status in (401, 403):
            why = f"it answered {status}: is the key in {KEY} right?"
        else:
            why = f"it answered {status}: {server_message(answer.body, self._key) or 'nothing more'}"
        return EngineFailed(f"{place} does not translate: {why}", engine=self.name, status=status)


def _content(answer: Answer) -> str:
    """The text of a chat completion."""
    if len(answer.body) > MOST_BYTES:
        raise NoAnswer(f"its answer has more than {MOST_BYTES >> 20} MB")
    try:
        choice = reading.parse_json(answer.body.decode())["choices"][0]
        message, reason = choice["message"], choice.get("finish_reason")
        text, refused = message.get("content"), message.get("refusal")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise NoAnswer("what it sent is no chat completion") from error
    if refused or reason == "content_filter":
        raise NoAnswer("it refused")
    if reason == "length":
        raise NoAnswer("its answer was cut off: does it think aloud, or is its context short?")
    if not isinstance(text, str) or not text.strip():
        raise NoAnswer("its answer is empty")
    return text
