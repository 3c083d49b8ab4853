"""Checks over HTTP: what goes in, what comes out, what is refused."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import shapely

from gis import crs

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.testclient import TestClient
    from shapely.geometry.base import BaseGeometry


@pytest.fixture
def schema() -> Any:
    """Return the contract of a result."""
    return json.loads((files("gis") / "check-result.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def site(plane: Callable[[BaseGeometry], BaseGeometry]) -> bytes:
    """Return a GeoJSON file with a square of 100 m in the middle of the reserve."""
    geometry = crs.transform(plane(shapely.box(-50, -50, 50, 50)), crs.PLANE, crs.GEOGRAPHIC)
    feature = {
        "type": "Feature",
        "properties": {"name": "地块一"},
        "geometry": json.loads(shapely.to_geojson(geometry)),
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "kind", ["application/json", "application/geo+json", "application/geo+json; charset=utf-8"]
)
def test_a_geojson_body_is_checked(client: TestClient, site: bytes, schema: Any, kind: str) -> None:
    answer = client.post("/api/checks", content=site, headers={"content-type": kind})
    assert answer.status_code == 201, answer.text
    result = answer.json()
    jsonschema.validate(result, schema)
    assert result["sites"][0]["verdict"] == "prohibited"
    assert answer.headers["location"] == f"/api/checks/{result['check_id']}"


def test_the_stored_result_is_the_one_that_was_sent(client: TestClient, site: bytes) -> None:
    answer = client.post("/api/checks", files={"files": ("地块.geojson", site)})
    again = client.get(answer.headers["location"])
    assert (answer.status_code, again.status_code) == (201, 200)
    assert again.content == answer.content
    assert answer.json()["sites"][0]["file"] == "地块.geojson"


def test_several_files_are_one_check(client: TestClient, site: bytes) -> None:
    answer = client.post(
        "/api/checks", files=[("files", ("a.geojson", site)), ("files", ("b.geojson", site))]
    )
    assert [item["file"] for item in answer.json()["sites"]] == ["a.geojson", "b.geojson"]


def test_the_attacks_in_a_file_name_are_kept_as_text(client: TestClient, site: bytes) -> None:
    name = "../../<img src=x onerror=alert(1)>.geojson"
    answer = client.post("/api/checks", files={"files": (name, site)})
    assert answer.status_code == 201
    assert answer.json()["sites"][0]["file"].endswith("<img src=x onerror=alert(1)>.geojson")


@pytest.mark.parametrize("where", ["query", "form"])
def test_options_come_from_the_form_or_the_query(client: TestClient, site: bytes, where: str) -> None:
    options = {"on": "2021-05-01", "site_accuracy": "12.5", "near": "250"}
    answer = client.post(
        "/api/checks",
        files={"files": ("a.geojson", site)},
        params=options if where == "query" else None,
        data=options if where == "form" else None,
    )
    result = answer.json()
    assert result["on"] == "2021-05-01"
    assert (result["options"]["site_accuracy_m"], result["options"]["near_m"]) == (12.5, 250.0)


def test_the_law_of_the_day_is_taken(client: TestClient, site: bytes) -> None:
    answer = client.post(
        "/api/checks?on=2019-12-31", content=site, headers={"content-type": "application/geo+json"}
    )
    assert [finding["pending"] for finding in answer.json()["sites"][0]["findings"]] == [True]


@pytest.mark.parametrize(
    ("option", "value"),
    [("on", "yesterday"), ("site_accuracy", "-1"), ("near", "nan"), ("near", "1e999"), ("what_if", "maybe")],
)
def test_an_option_that_cannot_be_used_is_named(
    client: TestClient, site: bytes, option: str, value: str
) -> None:
    answer = client.post(f"/api/checks?{option}={value}", files={"files": ("a.geojson", site)})
    assert answer.status_code == 422
    assert answer.json()["where"] == option


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"[" * 200_000, "application/json", 422),
        (b"{}", "application/json", 422),
        (b"", "application/geo+json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b'{"type":"FeatureCollection","features":[]}', "application/geo+json", 422),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"text", "text/plain", 415),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
        (b"x", "multipart/form-data", 400),
    ],
)
def test_what_is_no_site_file_is_refused_with_the_one_shape(
    client: TestClient, content: bytes, kind: str, status: int
) -> None:
    answer = client.post("/api/checks", content=content, headers={"content-type": kind})
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"code", "message", "where", "hint"}
    assert set(answer.json()["message"]) == {"zh", "en"}


def test_a_form_without_files_is_told_the_field(client: TestClient) -> None:
    answer = client.post("/api/checks", files={"file": ("a.geojson", b"{}")})
    assert (answer.status_code, answer.json()["where"]) == (422, "files")


@pytest.mark.parametrize("check_id", ["0" * 64, "..%2F..%2Fetc", "<img>"])
def test_an_unknown_result_is_not_found(client: TestClient, check_id: str) -> None:
    answer = client.get(f"/api/checks/{check_id}")
    assert answer.status_code == 404
    assert answer.json()["code"] in {"checks.unknown", "not_found"}


def test_the_result_is_found_under_its_name_as_json_too(client: TestClient, site: bytes) -> None:
    answer = client.post("/api/checks", content=site, headers={"content-type": "application/json"})
    assert client.get(answer.headers["location"] + ".json").content == answer.content


def test_a_form_that_does_not_exist_is_not_found(client: TestClient, site: bytes) -> None:
    answer = client.post("/api/checks", content=site, headers={"content-type": "application/json"})
    missing = client.get(answer.headers["location"] + ".doc")
    assert (missing.status_code, missing.json()["code"]) == (404, "checks.form")


def test_repairs_are_accepted_and_corridors_disturbed_as_asked(client: TestClient, site: bytes) -> None:
    answer = client.post(
        "/api/checks", files={"files": ("a.geojson", site)}, data={"accept_repairs": "1", "disturbance": "50"}
    )
    options = answer.json()["options"]
    assert (options["accept_repairs"], options["disturbance_m"]) == (True, 50.0)


def test_a_name_longer_than_the_register_keeps_is_refused(client: TestClient, site: bytes) -> None:
    answer = client.post("/api/checks", files={"files": ("a.geojson", site)}, data={"name": "名" * 201})
    assert (answer.status_code, answer.json()["where"]) == (422, "name")
