"""What is called sound is valid; what is not is repaired and measured as GEOS measures it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import crs
from gis.engine.screening import Screening, screen
from gis.engine.shapes import count_shapes, join_shapes, replace_shapes, slice_shapes
from gis.engine.soundness import find_suspects
from gis.engine.wkb import read_geometries
from gis.errors import GisError, OutputError, SettingsError, SiteError, SiteFormatError
from tests.engine.polygons import draw_set

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = shapely.box(0, 0, 10, 10)
BROKEN = {
    "bow-tie": shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]),
    "bow-tie with its knot drawn": shapely.Polygon([(0, 0), (5, 5), (10, 10), (10, 0), (5, 5), (0, 10)]),
    "twice round": shapely.Polygon([(0, 0), (9, 0), (9, 9), (1, 9), (1, 1), (8, 1), (8, 8), (0, 8)]),
    "hole outside": shapely.Polygon(SQUARE.exterior, [shapely.box(20, 0, 21, 1).exterior]),
    "hole across": shapely.Polygon(SQUARE.exterior, [shapely.box(8, 2, 12, 4).exterior]),
    "hole in hole": shapely.Polygon(
        SQUARE.exterior, [shapely.box(1, 1, 9, 9).exterior, shapely.box(2, 2, 3, 3).exterior]
    ),
    "parts that overlap": shapely.MultiPolygon([SQUARE, shapely.box(5, 5, 15, 15)]),
    "part in part": shapely.MultiPolygon([SQUARE, shapely.box(2, 2, 3, 3)]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_polygon_is_a_suspect(name: str) -> None:
    assert not BROKEN[name].is_valid
    assert find_suspects(read_geometries(np.array([SQUARE, BROKEN[name]]))).tolist() == [False, True]


def test_rough_valid_polygons_points_and_lines_are_no_suspects() -> None:
    others = [shapely.Point(0, 0), shapely.LineString([(0, 0), (9, 9), (9, 0), (0, 9)]), None]
    zones = np.array([*draw_set(3, 80), *others], object)
    assert not find_suspects(read_geometries(zones)).any()


CORNERS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=30)
PLACES = st.sampled_from([(1.0, 0.0, 0.0), (1e-9, 120.1, 30.2), (0.1, 5e5, 3.35e6), (1e-5, 120.0, 30.0)])


@given(CORNERS, st.lists(CORNERS, max_size=2), PLACES)
def test_what_is_no_suspect_is_valid(
    shell: list[tuple[int, int]], holes: list[list[tuple[int, int]]], place: tuple[float, float, float]
) -> None:
    scale, x, y = place
    drawn = shapely.transform(shapely.Polygon(shell, holes), lambda xy: xy * scale + (x, y))
    parts = shapely.MultiPolygon([shapely.Polygon(shell), *(shapely.Polygon(hole) for hole in holes)])
    zones = np.array([drawn, parts], object)
    suspects = find_suspects(read_geometries(zones))
    assert (suspects | shapely.is_valid(zones)).all()


@pytest.mark.parametrize("ring", ["0 0, 9 0, 9 9, 5 9, 5 12, 5 9, 0 9, 0 0", "0 0, 9 0, 5 0, 0 0"])
def test_a_spike_is_a_suspect(ring: str) -> None:
    assert find_suspects(read_geometries(np.array([shapely.from_wkt(f"POLYGON (({ring}))")], object)))[0]


def test_a_hole_in_the_shell_of_another_part_is_a_suspect() -> None:
    hole = shapely.box(21, 1, 22, 2).exterior
    wrong = shapely.MultiPolygon([shapely.Polygon(SQUARE.exterior, [hole]), shapely.box(20, 0, 30, 10)])
    assert find_suspects(read_geometries(np.array([wrong], object)))[0]


def test_rings_may_turn_either_way() -> None:
    turned = np.array([shapely.reverse(zone) for zone in draw_set(5, 40)], object)
    assert not find_suspects(read_geometries(turned)).any()


def test_replaced_shapes_stand_where_the_others_stood() -> None:
    drawn = np.array([SQUARE, None, BROKEN["bow-tie"], shapely.Point(1, 2)], object)
    others = np.array([shapely.box(3, 3, 4, 4), shapely.MultiPoint([(1, 1), (2, 2)])], object)
    shapes = replace_shapes(read_geometries(drawn), np.array([0, 2]), read_geometries(others))
    expected = read_geometries(np.array([others[0], None, others[1], drawn[3]], object))
    for ours, theirs in zip(shapes, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    halves = [slice_shapes(expected, 0, 2), slice_shapes(expected, 2, count_shapes(expected))]
    for ours, theirs in zip(join_shapes(halves), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def write(
    folder: Path, zones: list[shapely.Geometry | None], sites: list[shapely.Geometry | None]
) -> Screening:
    """Write shapes given in metres about a place as files in degrees."""

    def place(shapes: list[shapely.Geometry | None]) -> gpd.GeoSeries:
        moved = [
            None if shape is None else shapely.transform(shape, lambda xy: xy * 10 + (500_000, 3_350_000))
            for shape in shapes
        ]
        return gpd.GeoSeries(moved, crs=crs.PLANE).to_crs(crs.GEOGRAPHIC)

    gpd.GeoDataFrame({"zid": range(len(zones))}, geometry=place(zones)).to_parquet(folder / "z.parquet")
    names = {"sid": range(len(sites)), "kind": "parcel"}
    gpd.GeoDataFrame(names, geometry=place(sites)).to_parquet(folder / "s.parquet")
    return Screening(folder / "z.parquet", folder / "s.parquet", folder / "p.parquet", near_m=200.0)


def test_broken_zones_and_sites_are_measured_as_repaired(tmp_path: Path) -> None:
    shapes = [*BROKEN.values(), None, shapely.Polygon(), SQUARE]
    task = write(tmp_path, shapes, shapes)
    screen(task)
    table = pq.read_table(task.out).to_pydict()
    areas = dict(zip(zip(table["site"], table["zone"], strict=True), table["area_m2"], strict=True))
    valid = [
        None if shape is None else shapely.make_valid(shape, method="structure", keep_collapsed=False)
        for shape in shapes
    ]
    for site, ours in enumerate(valid):
        for zone, theirs in enumerate(valid):
            if ours is None or theirs is None or ours.is_empty or theirs.is_empty:
                assert (site, zone) not in areas
                continue
            expected = ours.intersection(theirs).area * 100
            assert areas[site, zone] == pytest.approx(expected, rel=1e-6, abs=1e-4), (site, zone)


def test_a_polygon_without_area_is_not_lost(tmp_path: Path) -> None:
    flat = shapely.Polygon([(0, 0), (5, 0), (10, 0), (3, 0)])
    task = write(tmp_path, [SQUARE], [flat])
    screen(task)
    assert pq.read_table(task.out).to_pydict() == {
        "site": [0],
        "zone": [0],
        "area_m2": [pytest.approx(0, abs=1e-4)],
        "distance_m": [0.0],
    }


def test_no_zone_at_all_gives_no_pair(tmp_path: Path) -> None:
    assert screen(write(tmp_path, [], [SQUARE])).pairs == 0


@pytest.mark.parametrize("near_m", [-1.0, float("nan"), float("inf")])
def test_what_is_no_distance_is_refused(tmp_path: Path, near_m: float) -> None:
    task = write(tmp_path, [SQUARE], [SQUARE])
    with pytest.raises(SettingsError, match="距离"):
        screen(Screening(task.zones, task.sites, task.out, near_m=near_m))


def test_missing_files_columns_and_folders_are_named(tmp_path: Path) -> None:
    task = write(tmp_path, [SQUARE], [SQUARE])
    cases: list[tuple[Screening, type[GisError], str]] = [
        (Screening(tmp_path / "no.parquet", task.sites, task.out, 1.0), SiteError, "没有文件"),
        (Screening(task.sites, task.zones, task.out, 1.0), SiteFormatError, "没有 zid 列"),
        (Screening(task.zones, task.zones, task.out, 1.0), SiteFormatError, "没有 sid 列"),
        (Screening(task.zones, task.sites, tmp_path / "no" / "p.parquet", 1.0), OutputError, "无法写入"),
    ]
    for wrong, family, words in cases:
        with pytest.raises(family, match=words):
            screen(wrong)
    assert not task.out.exists()
