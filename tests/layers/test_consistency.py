"""The layers agree with each other: what lies in what, what keeps out of what."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from gis.crs import to_plane
from gis.layers.build.inputs import read_built
from gis.layers.build.sections import read_ground

ROOT = Path(__file__).resolve().parents[2]


def shapes(layer_id: str) -> dict[str, shapely.Geometry]:
    """Return the located features of a layer in the plane."""
    return {
        name: to_plane(feature.geometry)
        for name, feature in read_built(ROOT, layer_id).items()
        if feature.geometry is not None
    }


RIVER = shapely.union_all(list(shapes("river_water").values()))
LAKES = shapes("lakes")
CORRIDORS = shapes("ecological_corridors")
FRAMEWORK = {
    f"{layer_id}/{name}": shape
    for layer_id in ("nature_reserves", "forest_parks", "wetlands", "heritage")
    for name, shape in shapes(layer_id).items()
}


@pytest.mark.parametrize("name", sorted(FRAMEWORK))
def test_nothing_protected_on_land_lies_in_the_river(name: str) -> None:
    wet = shapely.area(shapely.intersection(FRAMEWORK[name], RIVER))
    assert wet < 0.01 * shapely.area(FRAMEWORK[name])


@pytest.mark.parametrize(
    ("name", "county"),
    [
        ("nature_reserves/tianmushan", "临安区"),
        ("nature_reserves/qingliangfeng", "临安区"),
        ("forest_parks/daqishan", "桐庐县"),
    ],
)
def test_a_reserve_or_park_stays_in_its_county(name: str, county: str) -> None:
    ground = read_ground("district")
    home = next(
        shape for unit, shape in zip(ground.units, ground.shapes, strict=True) if unit.name_zh == county
    )
    assert home.buffer(1.0).covers(FRAMEWORK[name])


def test_west_lake_lies_in_its_property_and_the_property_in_its_buffer() -> None:
    prop, ring = FRAMEWORK["heritage/west_lake_property"], FRAMEWORK["heritage/west_lake_buffer"]
    assert prop.contains(LAKES["west_lake"])
    assert shapely.union(prop, ring).buffer(1.0).covers(prop)
    assert shapely.intersection(prop.exterior, ring.buffer(1.0)).length > 0.99 * prop.exterior.length


def test_lakes_and_river_do_not_overlap() -> None:
    for name, lake in LAKES.items():
        assert shapely.area(shapely.intersection(lake, RIVER)) < 50_000, name


def test_places_lie_on_land() -> None:
    lake = LAKES["qiandao_lake"]
    sunk = [
        name
        for name, point in shapes("places").items()
        if shapely.contains(lake, point) and shapely.distance(point, lake.boundary) > 3000
    ]
    assert sunk == []


def test_every_source_of_the_framework_is_joined_to_the_network_of_corridors() -> None:
    joined = shapely.union_all([*CORRIDORS.values(), *FRAMEWORK.values()])
    network = max(shapely.get_parts(joined).tolist(), key=shapely.area)
    parts = {
        f"{name}[{index}]": part
        for name, shape in FRAMEWORK.items()
        for index, part in enumerate(shapely.get_parts(shape).tolist())
    }
    assert [name for name, part in parts.items() if not shapely.intersects(part, network)] == []


def test_the_airport_of_the_hub_is_not_drawn_twice() -> None:
    hub = shapes("transport_hubs")["hgh_arp"]
    assert min(shapely.distance(hub, airport) for airport in shapes("airports").values()) > 50_000
