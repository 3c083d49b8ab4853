"""Sea, coastline and settlements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import shapely

from gis.errors import LayerError
from gis.layers.build.coast import (
    CROP_BOX,
    MOUTH_LINE,
    build_coast,
    crop_seas,
    read_seas,
    split_seas,
    trace_coastline,
)
from gis.layers.build.places import build_places, name_confirmed, place_feature
from gis.layers.build.tables import read_tables

if TYPE_CHECKING:
    from pathlib import Path

    from gis.layers.build.writer import Feature

DINGHAI = shapely.Point(122.10, 30.03)
QUSHAN = shapely.Point(122.31, 30.45)
BAY = shapely.Point(121.5, 30.5)


@pytest.fixture(scope="module")
def sea(workspace: Path) -> shapely.Geometry:
    return build_coast(workspace)[0].geometry


@pytest.fixture(scope="module")
def places(workspace: Path) -> tuple[Feature, ...]:
    return build_places(workspace)


def test_a_crop_keeps_every_vertex_inside_the_box_and_the_islands_as_holes(tmp_path: Path) -> None:
    outer = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
    island = [[2, 2], [2, 3], [3, 3], [3, 2], [2, 2]]
    far = [[8, 8], [8, 9], [9, 9], [9, 8], [8, 8]]
    source, target = tmp_path / "map.geo.json", tmp_path / "crop.json"
    world = {"type": "MultiPolygon", "coordinates": [[outer, island, far]]}
    source.write_text(json.dumps({"type": "GeometryCollection", "geometries": [world]}))
    crop_seas(source, target, box=(1, 1, 4, 4))
    crop = shapely.from_geojson(target.read_text(encoding="utf-8"))
    assert crop.area == pytest.approx(9 - 1)
    assert crop.equals(shapely.Polygon([(1, 1), (4, 1), (4, 4), (1, 4)], [island]))


def test_the_islands_of_zhoushan_are_land_and_the_bay_is_sea(sea: shapely.Geometry) -> None:
    assert not sea.intersects(DINGHAI)
    assert not sea.intersects(QUSHAN)
    assert sea.contains(BAY)


def test_estuary_and_open_sea_make_up_the_sea_and_meet_on_the_mouth_line(workspace: Path) -> None:
    seas = read_seas(workspace)
    estuary, open_sea = split_seas(seas)
    assert estuary.area + open_sea.area == pytest.approx(seas.area)
    assert shapely.intersection(estuary, open_sea).equals(shapely.LineString(MOUTH_LINE))


def test_the_coastline_leaves_out_the_frame_and_the_mouth() -> None:
    west, south, east, _ = CROP_BOX
    shore = trace_coastline(
        shapely.Polygon([(west, south), (east, south), (east, south + 1), (west, south + 1)])
    )
    assert shapely.length(shore) == pytest.approx(east - west, abs=1e-4)


def test_a_missing_crop_is_named(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as error:
        read_seas(tmp_path)
    assert error.value.where is not None
    assert "crop" in error.value.where


def test_a_name_is_confirmed_with_or_without_its_generic_word() -> None:
    assert name_confirmed("梅城", {"alternatenames": ["梅城镇"]})
    assert not name_confirmed("梅城", {"alternatenames": ["乾潭镇", "Meicheng"]})


def test_a_place_whose_chinese_name_the_source_does_not_have_is_refused() -> None:
    cities = {"1": {"alternatenames": ["乾潭"], "longitude": 119.5, "latitude": 29.6}}
    row = {"geonameid": 1, "name_zh": "梅城", "name_en": "Meicheng", "rank": 4}
    with pytest.raises(LayerError, match="lacks the Chinese name 梅城"):
        place_feature(row, cities)
    assert place_feature({**row, "name_zh": "乾潭"}, cities).geometry.equals(shapely.Point(119.5, 29.6))


def test_places_have_names_in_both_languages_ranks_and_honest_accuracy(places: tuple[Feature, ...]) -> None:
    assert {f.properties["rank"] for f in places} == {1, 2, 3, 4}
    for feature in places:
        name = feature.properties["name_zh"]
        assert 2 <= len(name) <= 4
        assert all("\u4e00" <= letter <= "\u9fff" for letter in name)
        assert feature.properties["accuracy_m"] >= 2000
        assert feature.properties["confidence"] == (
            "sourced" if feature.id.startswith("geonames") else "known"
        )


def test_places_stand_in_the_county_of_their_name(places: tuple[Feature, ...], workspace: Path) -> None:
    from gis.layers.build.boundaries import build_boundaries_county

    counties = {f.properties["name_zh"][:-1]: f.geometry for f in build_boundaries_county(workspace)}
    seats = [f for f in places if f.properties["rank"] == 3 and f.properties["name_zh"] in counties]
    assert len(seats) > 50
    for seat in seats:
        assert counties[seat.properties["name_zh"]].distance(seat.geometry) < 0.02, seat.properties["name_zh"]


def test_a_source_without_its_tables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.toml"
    path.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(LayerError, match=r"has no \[\[place\]\]"):
        read_tables(path, "place")
    with pytest.raises(LayerError, match="cannot be read"):
        read_tables(tmp_path / "none.toml", "place")
