"""The main stem of the Qiantang and the lakes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from gis.crs import GEOGRAPHIC, PLANE, area_lonlat_m2, transform
from gis.errors import LayerError
from gis.layers.build.coast import MOUTH_LINE, build_coast
from gis.layers.build.digitised import read_digitised
from gis.layers.build.shapes import ShapeContext
from gis.layers.build.water import (
    build_river_axis,
    build_river_water,
    cut_across,
    draw_stem,
    read_reaches,
    read_stations,
)
from gis.layers.build.writer import round_geometry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from gis.layers.build.writer import Feature

ORDER = ("xinanjiang", "fuchunjiang", "zhijiang", "qiantang_estuary")
REACH = """
[[reach]]
id = "{id}"
name_zh = "{id}"
name_en = "{id}"
downstream_id = "{down}"
[[reach.stretch]]
read_from = "a test"
stations = {stations}
"""


def plane(geometry: BaseGeometry) -> BaseGeometry:
    return transform(geometry, GEOGRAPHIC, PLANE)


def write_river(folder: Path, reaches: Sequence[tuple[str, str, list[list[float]]]]) -> Path:
    sources = folder / "layers" / "sources"
    sources.mkdir(parents=True)
    text = "".join(REACH.format(id=name, down=down, stations=stations) for name, down, stations in reaches)
    (sources / "river_axis.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def axis(workspace: Path) -> tuple[Feature, ...]:
    return build_river_axis(workspace)


@pytest.fixture(scope="module")
def water(workspace: Path) -> tuple[Feature, ...]:
    return build_river_water(workspace)


def test_a_straight_river_of_constant_width_has_the_area_of_a_rectangle(tmp_path: Path) -> None:
    folder = write_river(
        tmp_path,
        [
            ("a", "b", [[119.9, 30.0, 400], [119.95, 30.0, 400], [120.0, 30.0, 400]]),
            ("b", "", [[120.0, 30.0, 400], [120.05, 30.0, 400], [120.1, 30.0, 400]]),
        ],
    )
    reaches = read_reaches(folder)
    pieces = cut_across(draw_stem(reaches), reaches)
    lengths = [shapely.length(shapely.LineString(reach.rows[:, :2])) for reach in reaches]
    assert [piece.area for piece in pieces] == pytest.approx([length * 400 for length in lengths], rel=1e-3)
    assert shapely.intersection(*pieces).length == pytest.approx(400, rel=1e-2)


def test_a_reach_that_does_not_begin_where_the_upper_one_ends_is_refused(tmp_path: Path) -> None:
    upper = ("a", "b", [[119.9, 30.0, 400], [120.0, 30.0, 400]])
    with pytest.raises(LayerError, match="must begin at the last station of a"):
        read_reaches(write_river(tmp_path, [upper, ("b", "", [[120.001, 30.0, 400], [120.1, 30.0, 400]])]))


def test_a_stretch_must_say_what_it_was_read_from() -> None:
    stretch = {"stations": [[120.0, 30.0, 400], [120.1, 30.0, 400]]}
    with pytest.raises(LayerError, match="read_from"):
        read_stations({"id": "a", "stretch": [stretch]})


def test_reaches_meet_in_shared_nodes_and_flow_to_the_sea(axis: tuple[Feature, ...]) -> None:
    assert tuple(f.id for f in axis) == ORDER
    for upper, lower in pairwise(axis):
        assert upper.properties["downstream_id"] == lower.id
        assert round_geometry(upper.geometry).coords[-1] == round_geometry(lower.geometry).coords[0]
    assert axis[-1].properties["downstream_id"] is None
    assert axis[-1].geometry.coords[-1][0] > axis[0].geometry.coords[0][0] + 1.5


@pytest.mark.parametrize(("reach", "length_km"), [("xinanjiang", 33), ("fuchunjiang", 100)])
def test_reaches_have_their_published_lengths_to_five_percent(
    axis: tuple[Feature, ...], reach: str, length_km: float
) -> None:
    (feature,) = [f for f in axis if f.id == reach]
    assert feature.properties["length_km"] == pytest.approx(length_km, rel=0.05)


def test_water_surfaces_neither_overlap_nor_leave_gaps(water: tuple[Feature, ...]) -> None:
    surfaces = [plane(round_geometry(f.geometry)) for f in water]
    assert all(surface.is_valid for surface in surfaces)
    for upper, lower in pairwise(surfaces):
        assert shapely.intersection(upper, lower).area < 1.0
    assert len(shapely.get_parts(shapely.union_all(surfaces).buffer(0.1))) == 1


def test_the_centreline_lies_in_the_water_of_its_reach(
    axis: tuple[Feature, ...], water: tuple[Feature, ...]
) -> None:
    for line, surface in zip(axis, water, strict=True):
        assert line.id == surface.id
        outside = shapely.difference(plane(line.geometry), plane(surface.geometry).buffer(1.0))
        assert outside.length < 100.0


@pytest.mark.parametrize(
    ("lon", "lat", "least_m", "most_m"),
    [
        (119.262, 29.4705, 200, 300),
        (119.442, 29.5315, 300, 500),
        (119.634, 29.688, 350, 600),
        (119.971, 30.0465, 600, 900),
        (120.1205, 30.1755, 900, 1300),
        (120.150, 30.2005, 900, 1100),
        (120.564, 30.3906, 2300, 2900),
        (120.840, 30.267, 8_000, 15_000),
    ],
)
def test_the_river_widens_as_it_should(
    axis: tuple[Feature, ...],
    water: tuple[Feature, ...],
    lon: float,
    lat: float,
    least_m: float,
    most_m: float,
) -> None:
    spot = plane(shapely.Point(lon, lat))
    line = plane(min(axis, key=lambda f: plane(f.geometry).distance(spot)).geometry)
    surface = shapely.union_all([plane(f.geometry) for f in water])
    at = line.project(spot)
    back, ahead = (shapely.get_coordinates(line.interpolate(at + step))[0] for step in (-50, 50))
    along = (ahead - back) / np.hypot(*(ahead - back))
    normal = np.array([-along[1], along[0]]) * 12_000
    middle = (back + ahead) / 2
    cut = shapely.get_parts(surface.intersection(shapely.LineString([middle - normal, middle + normal])))
    width = max(part.length for part in cut if part.distance(shapely.Point(middle)) < 1.0)
    assert least_m <= width <= most_m


def test_estuary_and_sea_share_the_mouth_line_and_nothing_else(
    water: tuple[Feature, ...], workspace: Path
) -> None:
    sea = round_geometry(build_coast(workspace)[0].geometry)
    estuary = round_geometry(water[-1].geometry)
    assert shapely.intersection(estuary, sea).area == 0.0
    shared = shapely.intersection(estuary.boundary, sea.boundary)
    assert shared.length == pytest.approx(shapely.LineString(MOUTH_LINE).length, rel=1e-6)
    assert not any(shapely.intersects(round_geometry(f.geometry), sea) for f in water[:-1])


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (119.27148, 29.47478),
        (119.49907, 29.54289),
        (119.64579, 29.71268),
        (119.95194, 30.05333),
        (120.17051, 30.12735),
        (119.87742, 29.91306),
        (119.98478, 30.0783),
        (120.06633, 30.09254),
    ],
)
def test_riverside_towns_lie_on_the_bank_within_the_accuracy_stated(
    water: tuple[Feature, ...], lon: float, lat: float
) -> None:
    town = plane(shapely.Point(lon, lat))
    nearest = min(water, key=lambda f: plane(f.geometry).distance(town))
    assert plane(nearest.geometry).distance(town) < nearest.properties["accuracy_m"]


def test_lakes_have_their_published_areas_and_places(workspace: Path) -> None:
    def refuse(layer_id: str, feature_ids: Sequence[str]) -> tuple[BaseGeometry, ...]:
        raise AssertionError((layer_id, feature_ids))

    source = workspace / "layers" / "sources" / "lakes.toml"
    lakes = {f.id: f for f in read_digitised(source, ShapeContext(read_features=refuse))}
    areas_ha = {name: area_lonlat_m2(lake.geometry) / 1e4 for name, lake in lakes.items()}
    assert areas_ha["west_lake"] == pytest.approx(639, abs=1)
    assert areas_ha["qiandao_lake"] == pytest.approx(57_300, rel=0.04)
    west, south, east, north = plane(lakes["west_lake"].geometry).bounds
    assert (east - west, north - south) == pytest.approx((2_800, 3_200), rel=0.1)
    assert lakes["west_lake"].geometry.contains(shapely.Point(120.145, 30.245))


def test_lake_and_river_join_at_the_dam(water: tuple[Feature, ...], workspace: Path) -> None:
    source = workspace / "layers" / "sources" / "lakes.toml"
    lakes = {f.id: f for f in read_digitised(source, ShapeContext(read_features=lambda _, __: ()))}
    assert plane(lakes["qiandao_lake"].geometry).distance(plane(water[0].geometry)) < 200
