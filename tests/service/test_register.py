"""The register over HTTP: every check is in it, searched, paged, and shown without running anything in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from gis import crs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fastapi.testclient import TestClient
    from shapely.geometry.base import BaseGeometry

    from gis.workspace import Workspace


@pytest.fixture
def post(client: TestClient, plane: Callable[[BaseGeometry], BaseGeometry]) -> Callable[..., Any]:
    """Return the function that posts a square of 100 m, `east_m` from the middle of the reserve."""

    def send(
        file: str, *, east_m: float = 0, name: str = "", site: str = "地块", **headers: bytes
    ) -> dict[str, Any]:
        square = shapely.box(east_m - 50, -50, east_m + 50, 50)
        geometry = crs.transform(plane(square), crs.PLANE, crs.GEOGRAPHIC)
        feature = {
            "type": "Feature",
            "properties": {"name": site},
            "geometry": json.loads(shapely.to_geojson(geometry)),
        }
        body = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode()
        answer = client.post(
            "/api/checks", files={"files": (file, body)}, data={"name": name}, headers=headers
        )
        assert answer.status_code == 201, answer.text
        return {"id": answer.json()["check_id"], "body": answer.content}

    return send


def test_every_asking_is_a_line_and_the_answer_of_an_equal_check_stays_the_same_bytes(
    client: TestClient, post: Callable[..., Any]
) -> None:
    first = post("a.geojson", name="张三")
    post("b.geojson", east_m=9000, name="李四")
    again = post("a.geojson", name="王五")
    assert again["body"] == first["body"]
    listed = client.get("/api/checks").json()
    assert listed["total"] == 3
    assert [item["name"] for item in listed["items"]] == ["王五", "李四", "张三"]
    assert listed["items"][0]["id"] == listed["items"][2]["id"] == first["id"]
    assert listed["items"][0]["files"][0]["name"] == "a.geojson"
    assert listed["items"][0]["by_verdict"]["prohibited"] == 1
    assert client.get(listed["items"][0]["links"]["self"]).content == first["body"]


def test_the_register_is_searched_by_words_verdict_and_day(
    client: TestClient, post: Callable[..., Any]
) -> None:
    post("北塘.geojson", name="张三")
    post("B_100%.geojson", east_m=9000, name="Li Si", site="城东新地")

    def found(**query: str) -> list[str]:
        return [item["name"] for item in client.get("/api/checks", params=query).json()["items"]]

    assert found(q="张三") == ["张三"]
    assert found(q="li b_100%") == ["Li Si"]
    assert found(q="%") == ["Li Si"], "a sign of the pattern language is only itself"
    assert found(q="城东") == ["Li Si"]
    assert found(q="nobody") == []
    assert found(verdict="prohibited") == ["张三"]
    assert found(**{"from": "2020-01-01", "to": "9999-12-31"}) == ["Li Si", "张三"]
    assert found(**{"from": "0001-01-01", "to": "2020-01-01"}) == []


def test_pages_of_the_register_follow_each_other(client: TestClient, post: Callable[..., Any]) -> None:
    for number in range(5):
        post(f"{number}.geojson", name=str(number))
    seen: list[str] = []
    address = "/api/checks?limit=2"
    while address:
        page = client.get(address).json()
        seen += [item["name"] for item in page["items"]]
        address = page["links"].get("next", "")
    assert seen == ["4", "3", "2", "1", "0"]
    assert client.get("/api/checks?limit=2&offset=4").json()["links"]["prev"].endswith("offset=2")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=1e9",
        "limit=99999999999999999999",
        "limit=",
        "limit=x",
        "offset=-1",
        "offset=nan",
        "verdict=good",
        "from=yesterday",
        "to=2026-02-30",
        "from=2026-02-02&to=2026-02-01",
    ],
)
def test_nonsense_is_refused_by_name(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/checks?{query}")
    assert answer.status_code == 400
    assert answer.json()["where"] == query.partition("=")[0]


def test_a_proxy_s_header_says_who_asked_only_where_it_is_trusted(
    client: TestClient, post: Callable[..., Any], workspace: Workspace
) -> None:
    post("a.geojson", name="自称", **{"x-user": "代理".encode()})
    object.__setattr__(workspace.settings, "asker_header", "X-User")
    post("b.geojson", name="自称", **{"x-user": "代理".encode()})
    names = [item["name"] for item in client.get("/api/checks").json()["items"]]
    assert names == ["代理", "自称"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_strangers_text_as_text(
    client: TestClient, post: Callable[..., Any], language: str
) -> None:
    attack = "<img src=x onerror=alert(1)>"
    post(f"{attack}.geojson", name=f"{attack}\"'`${{1}}")
    answer = client.get("/checks", params={"lang": language, "q": attack.partition(" ")[0], "verdict": ""})
    assert answer.status_code == 200
    assert "script-src 'nonce-" in answer.headers["content-security-policy"]
    assert "<img" not in answer.text
    assert answer.text.count("&lt;img src=x onerror=alert(1)&gt;") >= 2
    assert ("检查登记簿" if language == "zh" else "Register of checks") in answer.text


def test_the_page_keeps_the_search_in_its_links(client: TestClient, post: Callable[..., Any]) -> None:
    for number in range(3):
        post(f"{number}.geojson", name="张三")
    page = client.get("/checks", params={"q": "张三", "limit": "2", "from": "", "to": ""}).text
    assert "offset=2" in page
    assert "q=%E5%BC%A0%E4%B8%89" in page
    assert "/checks?lang=zh" in page
    assert client.get("/checks", params={"limit": "0"}).status_code == 400


def test_a_check_that_cannot_be_recorded_is_not_answered(
    client: TestClient, post: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "records.sqlite").write_text("this is no database" * 100)
    answer = client.post(
        "/api/checks",
        content=b'{"type":"Point","coordinates":[120.0,30.26]}',
        headers={"content-type": "application/geo+json"},
    )
    assert answer.status_code == 503
    assert answer.json()["code"] == "records"
    health = client.get("/healthz").json()
    assert (health["status"], health["records"]["status"]) == ("degraded", "failed")
    (tmp_path / "home" / "records.sqlite").unlink()
    assert client.get("/healthz").json()["records"]["status"] == "ok"
    post("a.geojson")
