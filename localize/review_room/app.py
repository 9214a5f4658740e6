"""The addresses of the review server, each behind `Guard`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib import resources
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ..errors import LocalizeError, ReviewChanged
from ..isochrony.recorded import LARGEST
from ..review.events import LONGEST_TERM, check_who
from ..runtime import reading
from ..runtime.version import __version__
from .compare import Pair, choice, excerpt
from .guard import Guard
from .room import Room
from .sound import PEAKS_PER_S, byte_range, read_file

LONGEST_BODY = 4_000_000
"""Bytes of a request."""
LONGEST_RANGE = 4 << 20
"""Bytes of a medium in one answer to a range."""
MOST_CHECKED = 30
"""Cues that are held against a profile in one request."""
MOST_EVENTS = 5_000
"""Decisions that one request may bring."""
BEAT_S = 15.0
"""After so long without a message one is sent that says nothing, so that a broken connection is noticed."""
KINDS = {"js": "text/javascript", "css": "text/css", "json": "application/json", "svg": "image/svg+xml"}
TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
}

Answer = Callable[[Request], Awaitable[Response]]


def review_app(room: Room, token: str, port: int) -> Guard:
    """The server of one review.

    Args:
        room: what it shows.
        token: that every request must have.
        port: that it listens on.
    """
    page = {entry.name: entry.read_bytes() for entry in (resources.files(__package__) / "page").iterdir()}
    handlers = Handlers(room, page, token)
    app = Starlette(
        routes=[
            Route("/", handlers.index),
            Route("/page/{name}", handlers.asset),
            Route("/api/state", handlers.state),
            Route("/api/peaks/{which}", handlers.peaks),
            Route("/api/changes", handlers.changes),
            Route("/api/events", handlers.decide, methods=["POST"]),
            Route("/api/takes", handlers.upload, methods=["POST"]),
            Route("/api/audition", handlers.audition, methods=["POST"]),
            Route("/api/warm", handlers.warm, methods=["POST"]),
            Route("/api/redo", handlers.redo, methods=["POST"]),
            Route("/api/subtitles", handlers.subtitles),
            Route("/api/cues/check", handlers.check_cues, methods=["POST"]),
            Route("/api/term/check", handlers.check_term, methods=["POST"]),
            Route("/api/variants", handlers.variants),
            Route("/api/compare", handlers.compare),
            Route("/api/compare", handlers.prefer, methods=["POST"]),
            Route("/media/compare.wav", handlers.compared_sound),
            Route("/media/audition.wav", handlers.auditioned_sound),
            Route("/media/sound.wav", handlers.sound),
            Route("/media/picture", handlers.picture),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=2000, compresslevel=3)],
        exception_handlers={LocalizeError: _refused, HTTPException: _not_there},
        lifespan=handlers.lifespan,
    )
    return Guard(app, token, port)


async def _refused(_request: Request, error: Exception) -> Response:
    """An error of the tree: one line for the page; 409 where somebody else was faster."""
    assert isinstance(error, LocalizeError)
    status = 409 if isinstance(error, ReviewChanged) else 422
    return JSONResponse({"error": {"kind": type(error).__name__, "message": error.message}}, status)


async def _not_there(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": {"kind": "UsageError", "message": error.detail}}, error.status_code)


class Handlers:
    """What answers each address; the slow parts run in threads."""

    def __init__(self, room: Room, page: Mapping[str, bytes], token: str) -> None:
        self._room = room
        self._page = page
        self._token = token

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Decode the source and draw its waveform while the page loads; end open streams at the end."""
        warming = asyncio.create_task(anyio.to_thread.run_sync(self._room.peaks, "source", self._room.dub.languages[0]))
        yield
        warming.cancel()

    async def index(self, _request: Request) -> Response:
        """The page itself; every address in it begins with the token."""
        text = self._page["index.html"].decode()
        return HTMLResponse(text.replace("{root}", f"/{self._token}").replace("{version}", __version__))

    async def asset(self, request: Request) -> Response:
        """A part of the page, by its name in the package."""
        name = request.path_params["name"]
        kind = KINDS.get(name.rpartition(".")[2])
        if name not in self._page or kind is None:
            raise HTTPException(404, "the page has no such part")
        return Response(self._page[name], media_type=kind)

    async def state(self, request: Request) -> Response:
        """Everything of one language."""
        return JSONResponse(await anyio.to_thread.run_sync(self._room.state, self._language(request)))

    async def peaks(self, request: Request) -> Response:
        """The waveform of the source or of the dub."""
        which = request.path_params["which"]
        if which not in ("source", "dub"):
            raise HTTPException(404, "there is no such sound")
        found = await anyio.to_thread.run_sync(self._room.peaks, which, self._language(request))
        return JSONResponse({"per_second": PEAKS_PER_S, "peaks": list(found)})

    async def decide(self, request: Request) -> Response:
        """Append decisions."""
        body = await _body(request)
        entries, version, who = body.get("events"), body.get("version"), body.get("who")
        if not isinstance(entries, list) or not 0 < len(entries) <= MOST_EVENTS:
            raise HTTPException(422, f"events is a list of 1 to {MOST_EVENTS} decisions")
        if not isinstance(version, int) or isinstance(version, bool) or not isinstance(who, str):
            raise HTTPException(422, "version is the number of decisions that were seen, who a name")
        language = self._language(request)
        wanted = body.get("redo", True) is True
        changed, redone = await anyio.to_thread.run_sync(partial(self._room.decide, entries, version, who, redo=wanted))
        decided = await anyio.to_thread.run_sync(self._room.decisions, language)
        figures = await anyio.to_thread.run_sync(self._room.figures, language)
        found = {"review": decided, "figures": figures, "changed": changed, "redo": redone}
        return JSONResponse({**found, "command": self._room.command()})

    async def upload(self, request: Request) -> Response:
        """Keep a recording of a line, a WAV."""
        data = await _bytes(request, LARGEST)
        return JSONResponse(await anyio.to_thread.run_sync(self._room.upload, data))

    async def audition(self, request: Request) -> Response:
        """Have a line spoken by three voices, one of which its speaker may get; answered when that is done."""
        body, language = await _body(request), self._language(request)
        line = body.get("line")
        if not isinstance(line, str):
            raise HTTPException(422, "line is an id")
        render = partial(self._room.offered.render, self._room.dub, language, line)
        return JSONResponse(await anyio.to_thread.run_sync(render))

    async def auditioned_sound(self, request: Request) -> Response:
        """The line in one of those voices."""
        asked = request.query_params
        offered = self._room.offered.sound
        path = await anyio.to_thread.run_sync(offered, asked.get("number", ""), asked.get("voice", ""))
        if path is None:
            raise HTTPException(404, "no such voice was offered")
        return _ranged(request, path.stat().st_size, partial(read_file, path), "audio/wav")

    async def warm(self, request: Request) -> Response:
        """Somebody begins to write: prepare to make the dub again; answered when that is done."""
        await _body(request)
        await anyio.to_thread.run_sync(self._room.warm)
        return JSONResponse({})

    async def redo(self, request: Request) -> Response:
        """Make the dub again with every decision so far."""
        await _body(request)
        started = await anyio.to_thread.run_sync(self._room.redo)
        return JSONResponse({"redo": started, "command": self._room.command()})

    async def subtitles(self, request: Request) -> Response:
        """The cues of one language by one profile."""
        name, tongue = request.query_params.get("profile", ""), self._tongue(request)
        return JSONResponse(await anyio.to_thread.run_sync(self._room.subtitles, tongue, name))

    async def check_cues(self, request: Request) -> Response:
        """Cues that somebody is writing, held against a profile."""
        body = await _body(request)
        cues, name = body.get("cues"), body.get("profile")
        if not isinstance(cues, list) or not 0 < len(cues) <= MOST_CHECKED or not isinstance(name, str):
            raise HTTPException(422, f"cues is a list of 1 to {MOST_CHECKED}, profile a name")
        found = await anyio.to_thread.run_sync(self._room.check_cues, cues, self._tongue(request), name)
        return JSONResponse({"cues": found})

    async def check_term(self, request: Request) -> Response:
        """Which lines say a term, and whether their translation follows it."""
        body = await _body(request)
        term, target = body.get("term"), body.get("text")
        for text in (term, target):
            if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TERM:
                raise HTTPException(422, f"term and text have 1 to {LONGEST_TERM} characters")
        check = partial(self._room.check_term, str(term).strip(), str(target).strip(), self._language(request))
        return JSONResponse({"lines": await anyio.to_thread.run_sync(check)})

    async def changes(self, request: Request) -> Response:
        """What happens, as server-sent events (HTML standard, section 9.2)."""
        return StreamingResponse(self._messages(request), media_type="text/event-stream")

    async def _messages(self, request: Request) -> AsyncIterator[str]:
        waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def hear(message: dict[str, Any]) -> None:
            loop.call_soon_threadsafe(waiting.put_nowait, message)

        end = self._room.listen(hear)
        try:
            yield "retry: 2000\n\n: open\n\n"
            while not await request.is_disconnected():
                try:
                    message = await asyncio.wait_for(waiting.get(), BEAT_S)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                yield f"data: {json.dumps(message, ensure_ascii=True)}\n\n"
        finally:
            end()

    async def sound(self, request: Request) -> Response:
        """Source, dub, bed and dialogue as eight channels; any range of it."""
        tracks = await anyio.to_thread.run_sync(self._room.tracks, self._language(request))
        return _ranged(request, tracks.size, tracks.read, "audio/wav")

    async def picture(self, request: Request) -> Response:
        """The film, for its picture."""
        path = await anyio.to_thread.run_sync(self._room.picture, self._language(request))
        if path is None:
            raise HTTPException(404, "this dub has no picture")
        kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
        return _ranged(request, path.stat().st_size, partial(read_file, path), kind)

    def _tongue(self, request: Request) -> str:
        """A language of subtitles: what is spoken in the film, or a target."""
        spoken = self._room.dub.master.sheet.transcript.language
        return spoken if request.query_params.get("language") == spoken else self._language(request)

    async def variants(self, _request: Request) -> Response:
        """The names of what can be compared."""
        return JSONResponse({"variants": await anyio.to_thread.run_sync(self._room.variants)})

    async def compare(self, request: Request) -> Response:
        """Two variants, line by line."""
        pair = await self._pair(request)
        return JSONResponse(await anyio.to_thread.run_sync(self._room.comparison, pair))

    async def prefer(self, request: Request) -> Response:
        """Append which of two is better in a line."""
        body = await _body(request)
        pair, version = await self._pair(request), body.get("version")
        if not isinstance(version, int) or isinstance(version, bool):
            raise HTTPException(422, "version is the number of decisions that were seen")
        decision = choice(pair, str(body.get("line")), str(body.get("side"))).json()
        entry = {name: value for name, value in decision.items() if name != "number"}
        await anyio.to_thread.run_sync(self._room.decide, [entry], version, pair.who)
        return JSONResponse(await anyio.to_thread.run_sync(self._room.comparison, pair))

    async def compared_sound(self, request: Request) -> Response:
        """What is heard of a line on one side of a comparison."""
        pair, asked = await self._pair(request), request.query_params
        sound = await anyio.to_thread.run_sync(excerpt, pair, asked.get("line", ""), asked.get("side", ""))
        return _ranged(request, len(sound), lambda start, end: iter((sound[start:end],)), "audio/wav")

    async def _pair(self, request: Request) -> Pair:
        """The two variants that a request names."""
        asked = request.query_params
        names, who = (asked.get("first", ""), asked.get("second", "")), check_who(asked.get("who", ""))
        ask = partial(self._room.pair, names, self._language(request), blind=asked.get("blind") == "yes", who=who)
        return await anyio.to_thread.run_sync(ask)

    def _language(self, request: Request) -> str:
        wanted = request.query_params.get("language") or self._room.dub.languages[0]
        if wanted not in self._room.dub.languages:
            raise HTTPException(
                404, f"there is no dub in that language: there are {', '.join(self._room.dub.languages)}"
            )
        return wanted


def _ranged(request: Request, size: int, read: Callable[[int, int], Iterator[bytes]], kind: str) -> Response:
    """Some bytes of a medium (RFC 9110, section 14).

    Of a long range only the beginning is sent, and the browser asks for the rest: one that stops reading would hold one
    of its six connections to a server, for every sound and picture.
    """
    asked = request.headers.get("range", "")
    found = byte_range(asked, size) if asked else (0, size)
    if found is None:
        return Response(status_code=416, headers={"content-range": f"bytes */{size}"})
    start, end = found
    end = min(end, start + LONGEST_RANGE) if asked else end
    headers = {"accept-ranges": "bytes", "content-length": str(end - start), "content-encoding": "identity"}
    if asked:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    body = read(start, end) if request.method == "GET" else iter(())
    return StreamingResponse(body, 206 if asked else 200, headers, kind)


async def _bytes(request: Request, most: int) -> bytes:
    """The body of a request."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > most:
            raise HTTPException(413, f"a request may have {most} bytes")
    return bytes(data)


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of a request."""
    data = await _bytes(request, LONGEST_BODY)
    try:
        found = reading.parse_json(data)
    except ValueError as error:
        raise HTTPException(422, f"the request is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise HTTPException(422, "the request is no JSON object")
    return found
