"""Slow heads of requests, and the logs."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
import uvicorn

from gis.cli.serve import open_listener
from gis.errors import SettingsError
from gis.service.app import create_app
from gis.service.logs import JsonFormatter
from gis.service.protocol import patient_protocol
from gis.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from gis.workspace import Workspace


@pytest.fixture
def port(workspace: Workspace) -> Iterator[int]:
    """Run the service with a patience of 0.4 s for heads."""
    listener = open_listener("127.0.0.1", 0)
    config = uvicorn.Config(
        create_app(workspace), http=patient_protocol(0.4), log_level="warning", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


def talk(port: int, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """Send parts with pauses and return all that comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        for part in parts:
            client.sendall(part)
            time.sleep(pause_s)
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
        return answer


@pytest.mark.parametrize("head", [b"", b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_head_that_does_not_end_is_answered_with_408_and_closed(port: int, head: bytes) -> None:
    began = time.monotonic()
    answer = talk(port, head) if head else talk(port)
    assert answer.startswith(b"HTTP/1.1 408 ")
    told = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (told["code"], told["message"]["zh"]) == ("http.timeout", "请求头接收超时")
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("junk", [b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"NONSENSE\r\n\r\n"])
def test_what_is_no_request_is_refused_in_the_one_shape(port: int, junk: bytes) -> None:
    answer = talk(port, junk)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "http.bad_request"


def test_the_second_request_of_a_connection_has_the_same_patience(port: int) -> None:
    first = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = talk(port, first, b"GET /slow", pause_s=0.2)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


def test_a_head_begun_while_an_answer_is_being_made_has_no_more_patience(port: int) -> None:
    first = b"GET /maps/framework HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = talk(port, first + b"GET /slow")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


def test_a_head_in_pieces_that_ends_in_time_is_answered(port: int) -> None:
    answer = talk(port, b"GET /healthz HTTP/1.1\r\n", b"Host: x\r\nConnection: close\r\n\r\n", pause_s=0.1)
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan", "inf"])
def test_a_timeout_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="GIS_HEADER_TIMEOUT_S"):
        read_settings({"GIS_HEADER_TIMEOUT_S": text})


def test_a_request_is_logged_without_its_query(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="gis.access"):
        client.get("/healthz?secret=1")
        client.get("/static/app/main.js")
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    asked = [line for line in lines if line["logger"] == "gis.access"]
    assert [(line["method"], line["path"], line["status"]) for line in asked] == [("GET", "/healthz", 200)]
    assert "secret" not in json.dumps(asked)


def test_an_error_is_logged_with_its_trace_on_one_line() -> None:
    try:
        raise ValueError("x\ny")  # noqa: TRY301
    except ValueError as error:
        record = logging.LogRecord("gis", logging.ERROR, "", 0, "a", None, (type(error), error, None))
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert "ValueError" in json.loads(line)["trace"]
