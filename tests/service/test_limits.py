"""What is refused before any route sees it, and what every answer carries."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from gis.service.limits import BodyLimit, is_own_origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from fastapi.testclient import TestClient
    from starlette.types import Message, Receive, Scope, Send

OWN = "http://testserver"


@pytest.mark.parametrize(
    "origin",
    ["null", "http://evil.example", "http://testserver.evil.example", "https://testserver:8443", "x"],
)
def test_a_post_from_another_site_is_refused(client: TestClient, origin: str) -> None:
    answer = client.post("/api/checks", content=b"{}", headers={"origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "http.origin")


@pytest.mark.parametrize("headers", [{}, {"origin": OWN}])
def test_a_post_from_here_or_from_a_program_reaches_its_route(
    client: TestClient, headers: dict[str, str]
) -> None:
    answer = client.post("/api/checks", content=b"{}", headers={"content-type": "text/plain", **headers})
    assert answer.status_code == 415


def test_reading_is_open_to_every_origin(client: TestClient) -> None:
    assert client.get("/healthz", headers={"origin": "null"}).status_code == 200


def test_an_origin_is_compared_whole() -> None:
    assert is_own_origin("https://GIS.office.example", "gis.office.example")
    assert not is_own_origin("http://gis.office.example:81", "gis.office.example")
    assert not is_own_origin("file://", "")
    assert not is_own_origin("http://[bad", "bad")


def test_a_declared_body_that_is_too_large_is_not_read(client: TestClient) -> None:
    headers = {"content-length": "600000000", "content-type": "application/json"}
    answer = client.post("/api/checks", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "sites.too_large")


def test_an_undeclared_body_that_is_too_large_is_cut_off(client: TestClient) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(60):
            sent += 1
            yield b" " * 1_000_000

    answer = client.post("/api/checks", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


async def read_all(scope: Scope, receive: Receive, send: Send) -> None:
    """Read a whole body and answer 200."""
    del scope
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(limit: BodyLimit, parts: list[tuple[float, bytes]]) -> tuple[int, Any]:
    """Send parts of a body, each after a pause in seconds; return status and JSON of the answer."""
    sent: list[Message] = []

    async def coming() -> AsyncIterator[Message]:
        for index, (pause, body) in enumerate(parts):
            await asyncio.sleep(pause)
            yield {"type": "http.request", "body": body, "more_body": index + 1 < len(parts)}

    async def run() -> None:
        stream = coming()

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/x", "headers": []}
        await limit(scope, stream.__anext__, send)
        await stream.aclose()

    asyncio.run(run())
    body = sent[1]["body"]
    return sent[0]["status"], json.loads(body) if body else None


def test_a_body_that_comes_too_slowly_is_answered_with_408() -> None:
    status, body = ask(BodyLimit(read_all, max_bytes=10, timeout_s=0.05), [(0, b"a"), (5, b"b")])
    assert (status, body["code"]) == (408, "http.timeout")


def test_a_body_within_the_limits_passes() -> None:
    assert ask(BodyLimit(read_all, max_bytes=10, timeout_s=5), [(0, b"a" * 5), (0, b"b" * 5)])[0] == 200


def test_a_body_one_byte_over_is_answered_with_413() -> None:
    assert ask(BodyLimit(read_all, max_bytes=10, timeout_s=5), [(0, b"a" * 5), (0, b"b" * 6)])[0] == 413


@pytest.mark.parametrize(
    "path", ["/", "/maps/framework", "/healthz", "/api/layers", "/static/app/main.js", "/docs"]
)
def test_head_answers_as_get_without_a_body(client: TestClient, path: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == client.get(path).headers["content-type"]


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/static/app/main.js"])
def test_every_answer_has_safe_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_files_are_kept_for_good_where_their_address_holds_their_hash(client: TestClient) -> None:
    path = "/static/app/main.js"
    assert client.get(path).headers["cache-control"] == "public, max-age=86400"
    assert "immutable" in client.get(f"{path}?v=0123").headers["cache-control"]
    assert "cache-control" not in client.get("/static/none.js?v=1").headers
