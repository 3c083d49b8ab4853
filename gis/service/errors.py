"""Every error of the service in one JSON shape, and the one table from error family to HTTP status."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from gis.errors import (
    CatalogueError,
    CorridorError,
    CrsError,
    GeometryError,
    GisError,
    LayerError,
    MapError,
    NotFoundError,
    OutputError,
    RuleError,
    SettingsError,
    SheetError,
    SiteArchiveError,
    SiteError,
    SiteFormatError,
    SiteTooLargeError,
    StoreError,
)
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("gis.service")


class BadQueryError(SettingsError):
    """A field of a query is nonsense: nothing can be looked up with it."""


STATUS_OF_FAMILY: tuple[tuple[type[GisError], int], ...] = (
    (NotFoundError, 404),
    (SiteTooLargeError, 413),
    (SiteFormatError, 415),
    (SiteArchiveError, 400),
    (BadQueryError, 400),
    (SiteError, 422),
    (CrsError, 422),
    (GeometryError, 422),
    (SettingsError, 422),
    (SheetError, 422),
    (CorridorError, 422),
    (CatalogueError, 500),
    (RuleError, 500),
    (LayerError, 500),
    (MapError, 500),
    (OutputError, 500),
    (StoreError, 503),
    (GisError, 500),
)
"""The first family an error belongs to decides."""

HTTP_WORDS: Mapping[int, tuple[str, Text]] = {
    400: ("http.bad_request", Text("请求格式不正确", "the request is malformed")),
    403: ("http.origin", Text("不接受来自其他网站的请求", "requests from another site are not accepted")),
    404: ("not_found", Text("没有这个地址", "there is nothing at this address")),
    405: ("http.method", Text("此地址不支持这种请求方法", "this address does not take that method")),
    408: ("http.timeout", Text("请求体接收超时", "the body of the request came too slowly")),
    413: ("sites.too_large", Text("请求体超过大小上限", "the body of the request is larger than allowed")),
    415: ("http.content_type", Text("不支持的内容类型", "this content type is not supported")),
    416: ("http.range", Text("没有所求的字节区间", "the file does not hold the bytes asked for")),
}
SLOW_HEAD = Text("请求头接收超时", "the head of the request came too slowly")
KEPT_HEADERS = ("content-range", "accept-ranges", "allow", "retry-after")
UNEXPECTED = Text("服务器内部错误，已记入日志", "internal error; it was written to the log")


def status_of(error: GisError) -> int:
    """Return the HTTP status of an error by its family."""
    return next(status for family, status in STATUS_OF_FAMILY if isinstance(error, family))


def error_body(
    code: str, message: Text, *, where: str | None = None, hint: str | None = None
) -> dict[str, Any]:
    """Return the one JSON error shape."""
    return {"code": code, "message": {"zh": message.zh, "en": message.en}, "where": where, "hint": hint}


def http_error_body(status: int, *, where: str | None = None, hint: str | None = None) -> dict[str, Any]:
    """Return the error shape for a bare HTTP status."""
    phrase = HTTPStatus(status).phrase
    code, message = HTTP_WORDS.get(status, (f"http.{status}", Text(phrase, phrase)))
    return error_body(code, message, where=where, hint=hint)


class ErrorShape:
    """Gives the errors that the framework answers with plain text the one shape.

    Such are a range of bytes beyond the end of a file (416) and one that is none (400).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; put the one shape in the place of a text that tells an error."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        replaced = False

        async def send_shaped(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] >= 400:
                headers = Headers(raw=message["headers"])
                replaced = headers.get("content-type", "text/plain").startswith("text/plain")
                if replaced:
                    kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
                    body = http_error_body(message["status"], where=scope["path"])
                    await JSONResponse(body, message["status"], kept)(scope, receive, send)
            if not replaced:
                await send(message)

        await self.app(scope, receive, send_shaped)


PROGRAM_PATHS = ("/api/", "/ogc", "/tiles/", "/static/", "/openapi.json", "/healthz")


def answer_error(
    request: Request, body: dict[str, Any], status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with an error: a page for a person with a browser, the one JSON shape for a program."""
    accepts = request.headers.get("accept", "")
    if "text/html" not in accepts or request.url.path.startswith(PROGRAM_PATHS):
        return JSONResponse(body, status_code=status, headers=dict(headers or {}))
    from gis.service.pages import answer_problem

    return answer_problem(request, body, status)


def answer_gis_error(request: Request, error: Exception) -> Response:
    """Answer an error of ours."""
    if not isinstance(error, GisError):
        raise error
    status = status_of(error)
    if status >= 500:
        log.error("%s", error)
    return answer_error(request, error.as_dict(), status)


def answer_http_error(request: Request, error: Exception) -> Response:
    """Answer an HTTP error of the framework: unknown address, wrong method, broken multipart body."""
    if not isinstance(error, HTTPException):
        raise error
    hint = f"allowed: {error.headers['Allow']}" if error.headers and "Allow" in error.headers else None
    body = http_error_body(error.status_code, where=request.url.path, hint=hint)
    return answer_error(request, body, error.status_code, error.headers)


def answer_validation_error(request: Request, error: Exception) -> Response:
    """Answer a parameter that is not what the interface says."""
    if not isinstance(error, RequestValidationError):
        raise error
    problems = [(".".join(str(part) for part in item["loc"][1:]), item["msg"]) for item in error.errors()]
    where = ", ".join(name for name, _ in problems)
    text = "; ".join(f"{name}: {message}" for name, message in problems)
    message = Text(f"参数无效：{text}", f"invalid parameter: {text}")
    return answer_error(request, error_body("settings", message, where=where or None), 422)


def answer_unexpected(request: Request, error: Exception) -> Response:
    """Answer anything else: said plainly, without the trace, which goes to the log."""
    del error
    return answer_error(request, error_body("internal", UNEXPECTED), 500)


def add_handlers(app: FastAPI) -> None:
    """Register the answers to every kind of error."""
    app.add_exception_handler(GisError, answer_gis_error)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(RequestValidationError, answer_validation_error)
    app.add_exception_handler(Exception, answer_unexpected)
