"""Layers and rules over HTTP."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def test_the_catalogue_lists_layers_with_and_without_data(client: TestClient) -> None:
    layers = {layer["id"]: layer for layer in client.get("/api/layers").json()["layers"]}
    assert {name: layer["rows"] for name, layer in layers.items()} == {
        "nature_reserves": 1,
        "attacks": 6,
        "redline": 0,
    }
    assert layers["redline"]["status"] == "no_data"
    assert all(layer["sensitive"] is False for layer in layers.values())


def test_one_layer_is_the_entry_of_the_list(client: TestClient) -> None:
    listed = client.get("/api/layers").json()["layers"][0]
    assert client.get(f"/api/layers/{listed['id']}").json() == listed


def test_features_are_geojson_and_compressed_for_those_who_take_it(client: TestClient) -> None:
    plain = client.get("/api/layers/attacks.geojson", headers={"accept-encoding": "identity"})
    packed = client.get("/api/layers/attacks.geojson", headers={"accept-encoding": "gzip"})
    assert plain.headers["content-type"].startswith("application/geo+json")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, 6, mtime=0))
    assert len(plain.json()["features"]) == 6


def test_features_that_the_browser_has_are_not_sent_again(client: TestClient) -> None:
    tag = client.get("/api/layers/nature_reserves.geojson").headers["etag"]
    again = client.get("/api/layers/nature_reserves.geojson", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["nowhere", "nowhere.geojson", "..%2F..%2Fcatalogue.toml", "%00"])
def test_an_unknown_layer_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/layers/{path}")
    assert answer.status_code == 404
    assert answer.json()["message"]["zh"]


def test_a_layer_without_data_is_not_an_empty_one(client: TestClient) -> None:
    answer = client.get("/api/layers/redline.geojson")
    assert (answer.status_code, answer.json()["code"]) == (404, "layers.no_data")


def test_rules_come_with_their_hash(client: TestClient) -> None:
    body = client.get("/api/rules").json()
    assert len(body["sha256"]) == 64
    assert [rule["id"] for rule in body["rules"]] == ["no_building"]
