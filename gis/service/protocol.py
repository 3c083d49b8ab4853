"""HTTP/1.1 with patience for a while only: a request head that comes too slowly is answered with 408."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from gis.service.errors import SLOW_HEAD, error_body, http_error_body

if TYPE_CHECKING:
    import asyncio


class PatientProtocol(H11Protocol):
    """uvicorn's protocol, which closes connections that do not finish a request's head in time."""

    header_timeout_s = 15.0
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock."""
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        """Stop the clock when the head is whole; start it when a further one begins."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._start()
        else:
            self._stop()

    def on_response_complete(self) -> None:
        """Start the clock where the beginning of a further head came while the answer was being made."""
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._start()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP request in the one shape of errors."""
        self.transport.write(make_answer(400, http_error_body(400, where="HTTP", hint=msg)))
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(self.header_timeout_s, self._refuse)

    def _stop(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse(self) -> None:
        """Answer 408 and close."""
        if not self.transport.is_closing() and self.conn.their_state is h11.IDLE:
            self.transport.write(timeout_answer(self.header_timeout_s))
            self.transport.close()


def patient_protocol(header_timeout_s: float) -> type[PatientProtocol]:
    """Return the protocol with a limit on the time a request's head may take.

    Parameters
    ----------
    header_timeout_s : float
        Seconds from the connection, or from the first byte of a further request, to the head's end.
    """
    return type("PatientProtocol", (PatientProtocol,), {"header_timeout_s": header_timeout_s})


def timeout_answer(header_timeout_s: float) -> bytes:
    """Return the bytes of the answer 408."""
    body = error_body("http.timeout", SLOW_HEAD, where="headers", hint=f"≤ {header_timeout_s:g} s")
    return make_answer(408, body)


def make_answer(status: int, table: dict[str, Any]) -> bytes:
    """Return the bytes of an answer that is given below the routes and closes the connection."""
    body = json.dumps(table, ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
        f"x-content-type-options: nosniff\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body
