"""OGC API – Features: what a GIS finds at ``/ogc``, and what it does not."""

from __future__ import annotations

import json
import subprocess
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

ITEMS = "/ogc/collections/nature_reserves/items"
TRIANGLE = shapely.Polygon([(0, 0), (1000, 0), (0, 1000)])
"""Half of its envelope: a box in the empty corner meets the envelope only."""


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]) -> Workspace:
    """Return a workspace with a triangle and a square, a secret layer and one without data."""
    reserves = [
        {"id": "square", "kind": "reserve", "name_zh": "方区", "geometry": shapely.box(5000, 0, 6000, 1000)},
        {
            "id": "triangle",
            "kind": "reserve",
            "name_zh": "三角保护区",
            "name_en": "Triangle",
            "geometry": TRIANGLE,
        },
    ]
    secret = [{"id": "s", "kind": "depot", "geometry": shapely.box(0, 0, 10, 10)}]
    return make_workspace(
        {
            "nature_reserves": (reserves, {"title_zh": "自然保护区", "title_en": "Reserves"}),
            "energy_sites": (secret, {"sensitive": True}),
            "redline": ([], {}),
        },
        rule_text("no_building", layer="nature_reserves")
        + rule_text("near_depot", layer="energy_sites", kind="depot")
        + rule_text("no_data", layer="redline"),
    )


def degrees(geometry: BaseGeometry, plane: Callable[[BaseGeometry], BaseGeometry]) -> str:
    """Return the bbox parameter of a geometry given in metres about the origin."""
    lonlat = crs.transform(plane(geometry), crs.PLANE, crs.GEOGRAPHIC)
    return ",".join(f"{value:.7f}" for value in lonlat.bounds)


def ids(answer: Any) -> list[str]:
    """Return the ids of the features of an answer."""
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_published_layers_and_their_zones_are_the_collections(client: TestClient) -> None:
    table = client.get("/ogc/collections").json()
    assert [item["id"] for item in table["collections"]] == ["nature_reserves", "zone-no_building"]
    assert table["collections"][0]["title"] == "自然保护区"
    english = client.get("/ogc/collections/nature_reserves?lang=en")
    assert english.json()["title"] == "Reserves"
    assert english.headers["content-language"].startswith("en")


def test_features_keep_their_chinese_names_and_their_ids(client: TestClient) -> None:
    answer = client.get(ITEMS)
    assert answer.headers["content-type"] == "application/geo+json"
    assert [feature["properties"]["name_zh"] for feature in answer.json()["features"]] == [
        "方区",
        "三角保护区",
    ]
    one = client.get(f"{ITEMS}/triangle").json()
    assert one["properties"]["name_zh"] == "三角保护区"
    zone = client.get("/ogc/collections/zone-no_building/items").json()["features"][1]
    assert zone["properties"]["feature_id"] == "triangle"
    again = client.get(f"/ogc/collections/zone-no_building/items/{zone['id'].replace('/', '%2F')}").json()
    assert again["geometry"] == zone["geometry"]


def test_a_box_selects_by_the_geometry_not_by_its_envelope(
    client: TestClient, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    def found(box: BaseGeometry) -> list[str]:
        return ids(client.get(ITEMS, params={"bbox": degrees(box, plane)}))

    assert found(shapely.box(800, 800, 900, 900)) == []
    assert found(shapely.box(100, 100, 200, 200)) == ["triangle"]
    assert found(shapely.box(100, 100, 5100, 200)) == ["square", "triangle"]
    south, north = degrees(shapely.box(100, 100, 200, 200), plane).split(",")[:2], "0,121,31,9000"
    assert ids(client.get(ITEMS, params={"bbox": f"{','.join(south)},{north}"})) == ["square", "triangle"]


@pytest.mark.parametrize(
    "query",
    [
        "bbox=119,31,121,29",
        "bbox=121,29,119,31",
        "bbox=119,nan,121,31",
        "bbox=119,29,inf,31",
        "bbox=119,29,1e999,31",
        "bbox=119,29,121",
        "bbox=a,b,c,d",
        "bbox=",
        "limit=0",
        "limit=-5",
        "limit=ten",
        "offset=-1",
        "offset=1e3",
        "resulttype=some",
        "skipGeometry=1",
        "properties=nothing",
        "crs=EPSG:1",
        "bbox-crs=x&bbox=1,1,2,2",
        "f=html",
        "sortby=",
        "filter=a",
        "datetime=soon",
        "datetime=2026-02-01/2026-01-01",
        "datetime=../..",
        "unknown=1",
    ],
)
def test_nonsense_is_400_in_the_shape_of_all_errors(client: TestClient, query: str) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"code", "message", "where", "hint"}


@pytest.mark.parametrize(
    "path",
    ["/ogc/collections/energy_sites", "/ogc/collections/redline/items", "/ogc/collections/zone-near_depot",
     "/ogc/collections/zone-no_data", f"{ITEMS}/nobody", "/ogc/collections/styles/items"],
)  # fmt: skip
def test_what_is_secret_or_absent_is_404(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["processes", "jobs", "stac", "TileMatrixSets", "admin/config", "static/css/default.css",
     "collections/nature_reserves/queryables", "collections/nature_reserves/schema",
     "collections/nature_reserves/tiles", "collections/nature_reserves/map"],
)  # fmt: skip
def test_no_other_route_of_the_server_is_reachable(client: TestClient, path: str) -> None:
    assert client.get(f"/ogc/{path}").status_code == 404


def test_every_link_leads_somewhere_on_this_service(client: TestClient) -> None:
    waiting, seen = ["http://testserver/ogc"], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        assert address.startswith("http://testserver/ogc")
        answer = client.get(address, headers={"accept": "text/html,*/*"})
        assert answer.status_code == 200, address
        assert "json" in answer.headers["content-type"]
        table = answer.json()
        waiting += [link["href"] for link in table.get("links", [])]
        waiting += [link["href"] for item in table.get("collections", []) for link in item["links"]]
    assert any("items" in address for address in seen)


def test_pages_follow_each_other_and_end(client: TestClient) -> None:
    first = client.get(ITEMS, params={"limit": 1}).json()
    assert (first["numberMatched"], first["numberReturned"]) == (2, 1)
    after = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = client.get(after).json()
    assert [feature["id"] for feature in second["features"]] == ["triangle"]
    assert {link["rel"] for link in second["links"]} >= {"prev"}
    assert "next" not in {link["rel"] for link in second["links"]}
    hits = client.get(ITEMS, params={"resulttype": "hits"}).json()
    assert (hits["numberMatched"], hits["features"]) == (2, [])
    assert client.get(ITEMS, params={"offset": 50}).json()["features"] == []


def test_properties_narrow_and_cut(client: TestClient) -> None:
    assert ids(client.get(ITEMS, params={"name_zh": "方区"})) == ["square"]
    assert ids(client.get(ITEMS, params={"name_zh": "无"})) == []
    cut = client.get(ITEMS, params={"properties": "name_zh", "skipGeometry": "true"}).json()["features"][1]
    assert (cut["properties"], cut["geometry"]) == ({"name_zh": "三角保护区"}, None)


@pytest.mark.parametrize("language", ["xx", "*", "en;q=abc", "zh_CN", "", "\ud800"])
def test_strange_languages_are_answered_in_chinese_or_english(client: TestClient, language: str) -> None:
    answer = client.get("/ogc/collections", params={"lang": language.encode("utf-8", "replace").decode()})
    assert answer.status_code == 200


def test_the_document_describes_what_is_there_and_refers_to_nothing_outside(client: TestClient) -> None:
    text = client.get("/ogc/openapi").text
    assert "$ref" not in text
    paths = json.loads(text)["paths"]
    assert "/collections/nature_reserves/items" in paths
    claimed = client.get("/ogc/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in claimed
    assert not [name for name in claimed if "html" in name or "queryables" in name]


@pytest.mark.gdal
def test_gdal_opens_it_with_names_and_counts_intact(
    address: str, tmp_path: Path, plane: Callable[[BaseGeometry], BaseGeometry]
) -> None:
    def run(*command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    listed = run("ogrinfo", "-ro", "-q", f"OAPIF:{address}/ogc")
    assert "nature_reserves" in listed
    assert "zone-no_building" in listed
    assert "energy_sites" not in listed
    told = run("ogrinfo", "-ro", "-al", f"OAPIF:{address}/ogc", "nature_reserves")
    assert "Feature Count: 2" in told
    assert "name_zh (String) = 三角保护区" in told
    target = tmp_path / "zones.gpkg"
    box = degrees(shapely.box(100, 100, 200, 200), plane).split(",")
    run("ogr2ogr", "-spat", *box, str(target), f"OAPIF:{address}/ogc", "zone-no_building")
    kept = run("ogrinfo", "-ro", "-al", str(target))
    assert "Feature Count: 1" in kept
    assert "（三角保护区）" in kept
