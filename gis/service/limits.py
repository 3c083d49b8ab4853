"""What is refused before any route: foreign origins, large or slow bodies; and headers for all answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

from gis.service.errors import http_error_body

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BODY_TIMEOUT_S = 60.0
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


class BodyRefused(Exception):  # noqa: N818 - it carries a status, it is not an error of ours
    """A body that is not read to its end.

    Parameters
    ----------
    status : int
        408 or 413.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class HeadAnswers:
    """Answers HEAD as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as GET and drop what it sends as body."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                if message.get("more_body"):
                    return
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, send_head)


class SafeHeaders:
    """Puts the security headers on every answer that has none of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers when the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("cross-origin-opener-policy", "same-origin")
                headers.setdefault("content-security-policy", API_POLICY)
            await send(message)

        await self.app(scope, receive, send_safe)


class OriginGuard:
    """Refuses requests that change something when they come from another site.

    A browser sends ``Origin`` with every cross-site POST; a program sends none. Absent or our own: allowed;
    ``null`` or foreign: 403.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through or answer 403."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin is not None and not is_own_origin(origin, headers.get("host", "")):
                body = http_error_body(403, where=f"Origin: {origin[:200]}")
                await JSONResponse(body, status_code=403)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def is_own_origin(origin: str, host: str) -> bool:
    """Return whether an ``Origin`` names the host that was asked (scheme apart: a proxy may end TLS)."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and parts.netloc.lower() == host.lower()


class BodyLimit:
    """Refuses bodies that are too large (413) or come too slowly (408), declared or not.

    Parameters
    ----------
    max_bytes : int
        Largest body taken.
    timeout_s : float
        Longest time the whole body may take.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, timeout_s: float = BODY_TIMEOUT_S) -> None:
        self.app, self.max_bytes, self.timeout_s = app, max_bytes, timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes in; answer 413 or 408 instead of the route when it is too much."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdigit() and int(declared) > self.max_bytes:
            await self._refuse(413, scope, receive, send)
            return
        started = False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, self._counted(receive), send_noting)
        except BodyRefused as refused:
            if started:
                raise
            await self._refuse(refused.status, scope, receive, send)

    def _counted(self, receive: Receive) -> Receive:
        """Return `receive` with the limits on it."""
        taken = 0
        ended = False
        deadline = asyncio.get_running_loop().time() + self.timeout_s

        async def receive_counted() -> Message:
            nonlocal taken, ended
            if ended:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise BodyRefused(408) from None
            taken += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if taken > self.max_bytes:
                raise BodyRefused(413)
            return message

        return receive_counted

    async def _refuse(self, status: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer and ask for the connection to be closed: the rest of the body is not read."""
        hint = f"≤ {self.max_bytes} bytes" if status == 413 else f"≤ {self.timeout_s:g} s"
        body = http_error_body(status, where=scope["path"], hint=hint)
        await JSONResponse(body, status_code=status, headers={"connection": "close"})(scope, receive, send)
