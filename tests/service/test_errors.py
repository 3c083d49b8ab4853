"""Every error has the one shape and the right status."""

from __future__ import annotations

import html
import inspect
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from gis import errors
from gis.service.app import create_app
from gis.service.errors import STATUS_OF_FAMILY, status_of

if TYPE_CHECKING:
    from gis.workspace import Workspace

FAMILIES = [
    item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, errors.GisError)
]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_error_family_stands_in_the_table(family: type[errors.GisError]) -> None:
    assert family in {item for item, _ in STATUS_OF_FAMILY}


def test_a_family_is_not_hidden_by_a_wider_one_before_it() -> None:
    for index, (family, status) in enumerate(STATUS_OF_FAMILY):
        assert status_of(family("一", "one")) == status
        assert not any(issubclass(family, wider) for wider, _ in STATUS_OF_FAMILY[:index])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/maps/nowhere", 404),
        ("GET", "/maps/styles", 404),
        ("GET", "/static/nowhere.js", 404),
        ("DELETE", "/api/layers", 405),
        ("PUT", "/api/checks", 405),
        ("DELETE", "/api/checks", 405),
        ("TRACE", "/", 405),
    ],
)
def test_what_the_framework_refuses_has_the_same_shape(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "where", "hint"}


def test_a_range_beyond_a_file_has_the_same_shape(client: TestClient) -> None:
    answer = client.get("/static/vendor/leaflet/leaflet.js", headers={"range": "bytes=99999999-"})
    assert (answer.status_code, answer.json()["code"]) == (416, "http.range")
    assert answer.headers["content-range"].startswith("bytes */")


def test_an_unexpected_error_shows_no_trace(workspace: Workspace) -> None:
    app = create_app(workspace)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret detail")

    answer = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["code"] == "internal"


def test_health_names_what_failed(workspace: Workspace) -> None:
    path = workspace.settings.workspace / "layers" / "ecology" / "nature_reserves.geojson"
    path.write_bytes(path.read_bytes() + b" ")
    from gis.workspace import open_workspace

    reopened = open_workspace(workspace.settings.workspace)
    body = TestClient(create_app(reopened)).get("/healthz").json()
    assert body["status"] == "degraded"
    assert [item["layer"] for item in body["failed_layers"]] == ["nature_reserves"]


@pytest.mark.parametrize(
    "path", ["/checks/" + "0" * 64, "/checks/abc", "/maps/none", "/nowhere", "/checks?limit=0"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_person_with_a_browser_is_told_on_a_page(client: TestClient, path: str, language: str) -> None:
    sign = "&" if "?" in path else "?"
    accept = "text/html,application/xhtml+xml,*/*;q=0.8"
    answer = client.get(f"{path}{sign}lang={language}", headers={"accept": accept})
    told = client.get(path)
    assert answer.status_code == told.status_code
    assert answer.headers["content-type"].startswith("text/html")
    assert told.json()["message"][language] in html.unescape(answer.text)
    assert 'href="/checks?lang=' in answer.text
    assert "nonce-" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/api/checks/abc", "/api/layers/none", "/ogc/none", "/static/none"])
def test_a_program_is_told_in_json_whatever_it_accepts(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "message", "where", "hint"}


def test_an_attack_in_an_address_is_text_on_the_page_of_the_error(client: TestClient) -> None:
    page = client.get("/maps/<img src=x onerror=alert(1)>", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "<img" not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text
