"""Big layers over HTTP: ranges of bytes, tiles made while others are answered, features by place and name."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from gis.service.app import create_app
from gis.service.tiles import FAILED
from gis.webmap.tiles import ensure_tiles
from gis.webmap.zones import today

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from gis.workspace import Workspace

URL = "/tiles/nature_reserves.pmtiles"


@pytest.fixture(autouse=True)
def _all_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis.webmap.tiles.GEOJSON_BYTES", 10)


@pytest.fixture
def made(workspace: Workspace) -> bytes:
    """Make the tiles and return their bytes."""
    return ensure_tiles(workspace, "nature_reserves", today()).read_bytes()


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace), raise_server_exceptions=False) as started:
        yield started


def test_a_range_is_answered_with_its_bytes_uncompressed(client: TestClient, made: bytes) -> None:
    answer = client.get(URL, headers={"range": "bytes=0-126", "accept-encoding": "gzip"})
    assert answer.status_code == 206
    assert answer.content == made[:127]
    assert answer.content.startswith(b"PMTiles\x03")
    assert answer.headers["content-range"] == f"bytes 0-126/{len(made)}"
    assert "content-encoding" not in answer.headers
    assert client.get(URL, headers={"range": "bytes=-5"}).content == made[-5:]


def test_the_whole_file_and_its_head(client: TestClient, made: bytes) -> None:
    assert client.get(URL).content == made
    head = client.head(URL)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(made))
    assert head.headers["accept-ranges"] == "bytes"
    assert head.headers["content-type"] == "application/vnd.pmtiles"


def test_a_range_beyond_the_end_is_416(client: TestClient, made: bytes) -> None:
    answer = client.get(URL, headers={"range": f"bytes={len(made)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"].endswith(f"*/{len(made)}")
    assert answer.json()["code"] == "http.range"


def test_a_range_that_is_none_is_refused_in_the_one_shape(client: TestClient, made: bytes) -> None:
    assert made
    answer = client.get(URL, headers={"range": "bytes=5-2"})
    assert (answer.status_code, answer.json()["code"]) == (400, "http.bad_request")


def test_tags_for_caches_and_for_ranges_of_the_same_file(client: TestClient, made: bytes) -> None:
    tag = client.head(URL).headers["etag"]
    assert client.get(URL, headers={"if-none-match": tag}).status_code == 304
    same = client.get(URL, headers={"range": "bytes=0-9", "if-range": tag})
    other = client.get(URL, headers={"range": "bytes=0-9", "if-range": '"another"'})
    assert (same.status_code, same.content) == (206, made[:10])
    assert (other.status_code, other.content) == (200, made)
    key = tag.strip('"')
    assert "immutable" in client.head(f"{URL}?v={key}").headers["cache-control"]
    assert client.head(URL).headers["cache-control"] == "no-cache"


def test_missing_tiles_are_made_while_the_service_answers(client: TestClient) -> None:
    first = client.get(URL)
    assert first.status_code in {200, 503}
    if first.status_code == 503:
        assert first.json()["code"] == "tiles.preparing"
        assert 0 <= first.json()["progress"] < 1
        assert first.headers["retry-after"]
    assert client.get("/healthz").status_code == 200
    deadline = time.monotonic() + 60
    while client.get(URL).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert client.get(URL, headers={"range": "bytes=0-6"}).status_code == 206


def test_a_process_of_its_own_makes_the_tiles_of_all_big_layers(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gis.service.tiles import TileStore

    monkeypatch.undo()  # the process has the real limit: nothing here is big, so it makes none and ends
    monkeypatch.setenv("GIS_HOME", str(workspace.settings.home))
    store = TileStore(workspace, processes=1)
    store.warm()
    store._queue.shutdown(wait=True)
    assert not list((workspace.settings.cache / "tiles").glob("*.pmtiles"))
    store.stop()


def test_tiles_that_cannot_be_made_are_said_to_be(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("gis.service.tiles.ensure_tiles", fail)
    deadline = time.monotonic() + 30
    while (answer := client.get(URL)).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert answer.status_code == 500
    assert answer.json()["code"] == "tiles.failed"
    assert FAILED < 0


def test_small_and_unknown_layers_have_no_tiles(client: TestClient) -> None:
    assert client.get("/tiles/redline.pmtiles").json()["code"] == "tiles.small"
    assert client.get("/tiles/nothing.pmtiles").status_code == 404
    assert client.get("/tiles/zone-nothing.pmtiles").json()["code"] == "rules.unknown"
    assert client.get("/tiles/..%2f..%2fcatalogue.pmtiles").status_code == 404


def test_features_at_a_point_say_what_geojson_says(client: TestClient) -> None:
    whole = client.get("/api/layers/nature_reserves.geojson").json()["features"][0]
    west, south = whole["geometry"]["coordinates"][0][0]
    at = {"lon": west, "lat": south, "reach_m": 50, "layers": "nature_reserves,zone-no_building"}
    found = client.get("/api/features/at", params=at).json()["features"]
    assert [item["layer"] for item in found] == ["nature_reserves", "zone-no_building"]
    assert found[0]["properties"] == whole["properties"]
    assert found[0]["geometry"] == whole["geometry"]
    assert found[1]["properties"]["rule_id"] == "no_building"
    far = client.get("/api/features/at", params=at | {"lon": west + 1}).json()
    assert far["features"] == []


def test_features_are_found_by_name_in_all_layers_or_some(client: TestClient) -> None:
    found = client.get("/api/features/search", params={"q": "甲保护"}).json()["features"]
    assert [(item["layer"], item["id"], item["score"]) for item in found] == [("nature_reserves", "r1", 3)]
    assert (
        client.get("/api/features/search", params={"q": "甲", "layers": "redline"}).json()["features"] == []
    )
    assert client.get("/api/features/search", params={"q": ""}).status_code == 422
    assert client.get("/api/features/at", params={"lon": "nan", "lat": 0}).status_code == 422
    assert client.get("/api/features/at", params={"lon": 120, "lat": 30, "layers": "no"}).status_code == 404


@pytest.mark.usefixtures("made")
def test_the_map_draws_tiles_and_tells_what_is_there(
    browser: Browser, address: str, workspace: Workspace
) -> None:
    page = browser.new_page()
    problems: list[str] = []
    outside: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request", lambda request: None if request.url.startswith(address) else outside.append(request.url)
    )
    page.goto(f"{address}/maps/control?lang=zh")
    painted = """() => {
        const tiles = [...document.querySelectorAll('.leaflet-layer-zone-no_building-pane canvas')];
        const isPainted = (tile) => tile.width
            && tile.getContext('2d').getImageData(0, 0, tile.width, tile.height).data.some(Boolean);
        return tiles.some(isPainted);
    }"""
    page.wait_for_function(painted)
    west, south, east, north = workspace.layers["nature_reserves"].frame.total_bounds
    page.evaluate(f"map_control.setView([{(south + north) / 2}, {(west + east) / 2}], 12)")
    page.wait_for_function(painted)
    box = page.locator("#map_control").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#identify:not([hidden])")
    text = page.locator("#identify").inner_text()
    for wanted in ("规则no_building", "甲保护区", "1.5 km", "测试条例"):
        assert wanted in text
    page.fill("#search", "甲保护区")
    page.wait_for_selector("#search-hits [role=option]")
    assert "甲保护区" in page.locator("#search-hits").inner_text()
    assert (problems, outside) == ([], [])
    page.close()
