"""Who may ask the review server: whoever has its token, from a page of its own, under its own address.

The token stands in every address (`/?token=…`, then `/TOKEN/…`) and not in a cookie: browsers send the cookies of
127.0.0.1 to every port, so to servers of other people too.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "media-src 'self'",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
"""Content Security Policy (W3C CSP3): nothing from elsewhere, no script or style inside the page."""
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    "cache-control": "no-store",
}
SAFE_METHODS = frozenset({"GET", "HEAD"})
SENT = frozenset({"application/json", "audio/wav"})
"""Kinds of content that a form of another page cannot send (Fetch standard, CORS-safelisted request headers)."""
_IN_PATH = re.compile(r"/([A-Za-z0-9_-]{16,})(/.*)", re.S)


class Guard:
    """Let a request through only with the token, with this server's own Host and Origin, and give every answer the
    headers that keep a browser from taking anything from elsewhere.

    Args:
        app: asked when a request may pass, without the token in its path.
        token: of the address.
        port: that the server listens on.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self.app = app
        self._token = token.encode()
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        status, refusal, path = self._judge(scope)
        if refusal:
            await PlainTextResponse(refusal, status)(scope, receive, send_guarded)
        else:
            await self.app({**scope, "path": path, "raw_path": path.encode()}, receive, send_guarded)

    def _judge(self, scope: Scope) -> tuple[int, str, str]:
        """Status and reason of a refusal ("" for none), and the path without the token."""
        headers, path = Headers(scope=scope), str(scope["path"])
        if headers.get("host", "").lower() not in self._hosts:
            return 421, "This server answers to its own address on 127.0.0.1 alone.", path
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins:
            return 403, "Another page may not ask this server.", path
        if headers.get("sec-fetch-site", "none") == "cross-site":
            return 403, "Another page may not ask this server.", path
        if scope["method"] not in SAFE_METHODS and headers.get("content-type", "").split(";")[0] not in SENT:
            return 415, "Send JSON, or a recording as audio/wav.", path
        given, path = self._given(scope, headers, path)
        if not hmac.compare_digest(given, self._token):
            return 403, "The token is missing or wrong: use the address that 'localize review' printed.", path
        return 200, "", path

    def _given(self, scope: Scope, headers: Headers, path: str) -> tuple[bytes, str]:
        """The token of a request, from its path, its query or its headers, and the path without it."""
        if found := _IN_PATH.fullmatch(path):
            return found[1].encode(), found[2]
        if bearer := re.fullmatch(r"Bearer (\S+)", headers.get("authorization", "")):
            return bearer[1].encode(), path
        query = parse_qs(scope["query_string"].decode("latin-1"))
        return query.get("token", [""])[0].encode("utf-8", "replace"), path
