"""Structured logs on standard error: one JSON object a line, without query strings or bodies."""

from __future__ import annotations

import json
import logging
import time
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIELDS = ("method", "path", "status", "duration_ms", "client")
log = logging.getLogger("gis.access")


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON: time, level, logger, message, and the fields of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        table: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        table |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            table["trace"] = "".join(traceback.format_exception(record.exc_info[1]))
        return json.dumps(table, ensure_ascii=False, default=str)


def log_settings() -> dict[str, Any]:
    """Return the configuration of the logs for ``logging.config.dictConfig``."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stderr",
            }
        },
        "loggers": {
            "gis": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


class AccessLog:
    """Logs every request with its status and how long it took; static files are left out."""

    def __init__(self, app: ASGIApp, *, silent: str = "/static/") -> None:
        self.app, self.silent = app, silent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Time the request."""
        if scope["type"] != "http" or scope["path"].startswith(self.silent):
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 500

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        finally:
            client = scope.get("client")
            fields = {
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "duration_ms": round((time.perf_counter() - start) * 1000, 1),
                "client": client[0] if client else None,
            }
            log.log(logging.WARNING if status >= 500 else logging.INFO, "request", extra=fields)
