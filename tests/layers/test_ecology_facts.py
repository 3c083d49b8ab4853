"""The digitised outlines hold to what is published of the places: boxes, peaks, sites, neighbours, ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from gis.catalogue import read_catalogue
from gis.crs import area_lonlat_m2, geod, to_plane

LAYERS = Path(__file__).resolve().parents[2] / "layers"


def read_layer(layer_id: str) -> dict[str, tuple[shapely.Geometry, dict[str, Any]]]:
    entry = read_catalogue(LAYERS / "catalogue.toml").entry(layer_id)
    assert entry.path is not None
    features = json.loads((LAYERS / entry.path).read_text(encoding="utf-8"))["features"]
    return {
        item["properties"]["id"]: (shapely.from_geojson(json.dumps(item["geometry"])), item["properties"])
        for item in features
        if item["geometry"] is not None
    }


RESERVES = read_layer("nature_reserves")
WETLANDS = read_layer("wetlands")
HERITAGE = read_layer("heritage")
CORRIDORS = read_layer("ecological_corridors")
HUBS = read_layer("transport_hubs")


def dms(degrees: int, minutes: int, seconds: int) -> float:
    return degrees + minutes / 60 + seconds / 3600


def test_tianmushan_fills_its_finer_official_box_and_holds_its_peak() -> None:
    reserve, _ = RESERVES["tianmushan"]
    box = shapely.box(dms(119, 24, 11), dms(30, 18, 30), dms(119, 28, 21), dms(30, 24, 55))
    assert box.buffer(1e-9).covers(reserve)
    assert reserve.contains(shapely.Point(119.427, 30.349))
    width, height = (
        reserve.bounds[2] - reserve.bounds[0], reserve.bounds[3] - reserve.bounds[1],
    )  # fmt: skip
    assert width > 0.95 * (dms(119, 28, 21) - dms(119, 24, 11))
    assert height > 0.95 * (dms(30, 24, 55) - dms(30, 18, 30))
    assert not reserve.contains(shapely.Point(119.47223, 30.26577)), "the town of Xitianmu lies outside"


def test_qingliangfeng_has_three_parts_of_the_published_areas_inside_its_box() -> None:
    reserve, _ = RESERVES["qingliangfeng"]
    parts = sorted(shapely.get_parts(reserve).tolist(), key=area_lonlat_m2)
    assert [round(area_lonlat_m2(part) / 1e4) for part in parts] == [1080, 4482, 5690]
    box = shapely.box(dms(118, 50, 57), dms(30, 0, 42), dms(119, 13, 23), dms(30, 19, 33))
    assert box.covers(reserve)
    shunxiwu, longtangshan, qianqingtang = (part.centroid for part in parts)
    assert longtangshan.x < qianqingtang.x
    assert shunxiwu.y < longtangshan.y < qianqingtang.y
    for town in ((119.02831, 30.13933), (118.9634, 30.1487), (119.1232, 30.1625)):
        assert not reserve.contains(shapely.Point(town))


@pytest.mark.parametrize("name", ["tianmushan", "qingliangfeng"])
def test_a_reserve_is_an_outline_with_natural_detail_not_a_box(name: str) -> None:
    for part in shapely.get_parts(RESERVES[name][0]):
        assert 30 <= len(part.exterior.coords) <= 130
        assert part.area / shapely.minimum_rotated_rectangle(part).area < 0.85


def test_the_forest_park_lies_south_east_of_tonglu_and_says_what_it_is_in_law() -> None:
    park, properties = read_layer("forest_parks")["daqishan"]
    assert park.centroid.x > 119.68
    assert park.centroid.y < 29.80
    assert park.contains(shapely.Point(119.71, 29.77))
    assert properties["kind"] == "national_forest_park"
    assert "不适用自然保护区条例" in properties["note_zh"]


def test_the_ramsar_site_lies_in_the_wetland_park_round_its_published_centre() -> None:
    park, core = WETLANDS["xixi"][0], WETLANDS["xixi_ramsar"][0]
    assert park.contains(core)
    assert core.contains(shapely.Point(120.05, 30 + 16 / 60))
    assert park.contains(shapely.Point(120.0625, 30.27056))


def test_the_buffer_is_the_ring_round_the_property() -> None:
    core, ring = HERITAGE["west_lake_property"][0], HERITAGE["west_lake_buffer"][0]
    assert shapely.area(shapely.intersection(core, ring)) < 1e-9
    whole = shapely.union(core, ring)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors


@pytest.mark.parametrize(
    ("site", "lon", "lat"),
    [
        ("lake centre", 120.145, 30.245),
        ("保俶塔", 120.1445, 30.2645),
        ("雷峰塔", 120.1445, 30.2335),
        ("灵隐寺", 120.0967, 30.2427),
        ("龙井", 120.108, 30.221),
        ("六和塔", 120.1283, 30.1996),
        ("岳王庙", 120.1335, 30.2555),
    ],
)
def test_the_property_holds_the_sites_of_the_inscription(site: str, lon: float, lat: float) -> None:
    assert HERITAGE["west_lake_property"][0].contains(shapely.Point(lon, lat)), site


def test_the_wetland_park_and_the_heritage_property_do_not_overlap() -> None:
    assert not WETLANDS["xixi"][0].intersects(HERITAGE["west_lake_property"][0])


@pytest.mark.parametrize("name", sorted(CORRIDORS))
def test_a_corridor_is_one_piece_that_holds_its_two_ends(name: str) -> None:
    corridor, properties = CORRIDORS[name]
    assert corridor.geom_type == "Polygon"
    assert len(properties["ends"]) == 2
    assert corridor.contains(shapely.MultiPoint(properties["ends"]))
    assert properties["required_width_m"] > 0
    assert properties["required_width_source"]


@pytest.mark.parametrize("name", sorted(CORRIDORS))
def test_a_corridor_joins_what_it_says_it_joins(name: str) -> None:
    corridor, properties = CORRIDORS[name]
    for joined in properties["joins"]:
        layer_id, feature_id = joined.split("/")
        assert corridor.intersects(read_layer(layer_id)[feature_id][0]), joined


@pytest.mark.parametrize(
    ("name", "length_m", "width_m"), [("hgh_runway_06_24", 3400, 60), ("hgh_runway_07_25", 3600, 45)]
)
def test_a_runway_has_its_published_length_and_lies_on_the_airport(
    name: str, length_m: float, width_m: float
) -> None:
    runway, properties = HUBS[name]
    assert geod().geometry_length(runway) == pytest.approx(length_m, abs=1.0)
    assert (properties["length_m"], properties["width_m"]) == (length_m, width_m)
    strip = to_plane(runway).buffer(140.0, cap_style="square")
    assert to_plane(HUBS["hgh_area"][0]).contains(strip)
    assert HUBS["hgh_area"][0].contains(HUBS["hgh_arp"][0])


def test_the_river_corridor_holds_the_water_and_its_axis_down_to_yanguan() -> None:
    corridor, _ = CORRIDORS["qiantang"]
    above = shapely.box(119.0, 29.0, 120.64, 31.0)
    for layer_id in ("river_water", "river_axis"):
        for shape, properties in read_layer(layer_id).values():
            assert corridor.covers(shapely.intersection(shape, above)), properties["id"]


def test_the_lake_lies_in_the_heritage_property() -> None:
    assert HERITAGE["west_lake_property"][0].contains(read_layer("lakes")["west_lake"][0])


def test_the_forest_park_keeps_clear_of_the_river() -> None:
    (park, _) = read_layer("forest_parks")["daqishan"]
    for water, _ in read_layer("river_water").values():
        assert shapely.distance(to_plane(park), to_plane(water)) > 1000


@pytest.mark.parametrize("name", ["tianmushan", "qingliangfeng"])
def test_a_reserve_follows_the_boundary_and_stays_in_its_county(name: str, cache_dir: Path) -> None:
    text = (cache_dir / "context" / "boundaries_county.geojson").read_text(encoding="utf-8")
    counties = {
        item["properties"]["id"]: shapely.from_geojson(json.dumps(item["geometry"]))
        for item in json.loads(text)["features"]
    }
    county = to_plane(next(shape for key, shape in counties.items() if "330112" in key))
    for part in shapely.get_parts(RESERVES[name][0]):
        reserve = to_plane(part)
        assert county.covers(reserve)
        along = shapely.intersection(reserve.exterior, county.boundary.buffer(400.0))
        assert along.length > 0.15 * reserve.exterior.length


def test_the_green_link_to_shanghai_has_a_name_and_no_place() -> None:
    path = LAYERS / str(read_catalogue(LAYERS / "catalogue.toml").entry("ecological_corridors").path)
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    (link,) = [item for item in features if item["properties"]["text_order"] == 26]
    assert link["geometry"] is None
    assert link["properties"]["status"].startswith("未定位")
    assert "ends" not in link["properties"]
