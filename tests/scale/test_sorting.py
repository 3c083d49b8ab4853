"""Features of a batch become the same sites as one by one, to the last digit, plain or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import crs
from gis.errors import CrsError
from gis.model import CheckOptions, Note, Rejected, Site, Text
from gis.scale import sorting
from gis.scale.measure import measure_sizes
from gis.scale.origin import Origin
from gis.scale.runs import Run
from gis.scale.siterows import merge_rows, tabulate_sites
from gis.scale.sorting import SortedBatch, sort_batch, sort_run
from gis.sites.raw import RawFeature, RawTable
from gis.sites.sort import Sorted, sort_features
from gis.sites.system import identify_system

if TYPE_CHECKING:
    from collections.abc import Sequence

OPTIONS = CheckOptions(on=date(2026, 6, 1))
SQUARE, HOLE = shapely.box(0, 0, 9, 9), shapely.box(2, 2, 4, 4)
SHAPES: dict[str, shapely.Geometry | None] = {
    "square": SQUARE,
    "clockwise": shapely.reverse(SQUARE),
    "triangle": shapely.from_wkt("POLYGON ((0 0, 9 1, 3 7, 0 0))"),
    "rough": shapely.from_wkt("POLYGON ((0 0, 9 0, 9 9, 5 2, 4 8, 3 1, 1 9, 0 0))"),
    "holed": SQUARE.difference(HOLE),
    "hole touching": shapely.from_wkt("POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (0 4, 4 3, 4 6, 0 4))"),
    "hole folded": shapely.from_wkt("POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (2 2, 4 4, 2 2, 2 2))"),
    "all one place": shapely.from_wkt("POLYGON ((1 1, 1 1, 1 1, 1 1))"),
    "hole across": shapely.Polygon(SQUARE.exterior, [shapely.box(7, 7, 12, 12).exterior]),
    "repeated": shapely.from_wkt("POLYGON ((0 0, 0 0, 9 0, 9 9, 9 9, 0 9, 0 0, 0 0))"),
    "straight": shapely.from_wkt("POLYGON ((0 0, 3 0, 6 0, 9 0, 9 9, 0 0))"),
    "bow-tie": shapely.from_wkt("POLYGON ((0 0, 9 9, 9 0, 0 9, 0 0))"),
    "spike": shapely.from_wkt("POLYGON ((0 0, 9 0, 9 9, 5 9, 5 14, 5 9, 0 9, 0 0))"),
    "flat": shapely.from_wkt("POLYGON ((0 0, 9 0, 4 0, 0 0))"),
    "one part": shapely.MultiPolygon([SQUARE]),
    "one part, holed": shapely.MultiPolygon([SQUARE.difference(HOLE)]),
    "two parts": shapely.MultiPolygon([SQUARE, shapely.box(20, 0, 25, 5)]),
    "parts that touch": shapely.MultiPolygon([SQUARE, shapely.box(9, 9, 12, 12)]),
    "part in a hole": shapely.MultiPolygon([SQUARE.difference(HOLE), shapely.box(2.5, 2.5, 3, 3)]),
    "repeated in parts": shapely.from_wkt(
        "MULTIPOLYGON (((0 0, 9 0, 9 0, 9 9, 0 0)), ((20 0, 25 0, 25 5, 20 0)))"
    ),
    "parts that overlap": shapely.MultiPolygon([SQUARE, shapely.box(5, 5, 15, 15)]),
    "point": shapely.Point(3, 4),
    "one point": shapely.MultiPoint([(3, 4)]),
    "points": shapely.MultiPoint([(3, 4), (3, 4), (5, 6)]),
    "line": shapely.LineString([(0, 0), (9, 9), (0, 9), (9, 0)]),
    "one line": shapely.MultiLineString([[(0, 0), (9, 9)]]),
    "line repeated": shapely.LineString([(0, 0), (0, 0), (9, 9)]),
    "line of a point": shapely.LineString([(1, 1), (1, 1)]),
    "line of a point among lines": shapely.from_wkt("MULTILINESTRING ((0 0, 9 9), (1 1, 1 1))"),
    "lines repeated": shapely.from_wkt("MULTILINESTRING ((0 0, 9 9, 9 9), (1 1, 1 1, 5 2))"),
    "lines": shapely.MultiLineString([[(0, 0), (9, 9)], [(1, 0), (9, 8)]]),
    "collection": shapely.GeometryCollection([SQUARE]),
    "mixed": shapely.GeometryCollection([SQUARE, shapely.Point(30, 30)]),
    "nothing": shapely.Polygon(),
    "a part of nothing": shapely.from_wkt("MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)), EMPTY)"),
    "a hole of nothing": shapely.from_wkt("POLYGON ((0 0, 9 0, 9 9, 0 0), EMPTY)"),
    "none": None,
}
SYSTEMS = {
    "degrees": (crs.GEOGRAPHIC, (1.1e-5, 0.9e-5)),
    "WGS 84": (crs.GEOJSON, (1.1e-5, 0.9e-5)),
    "swapped degrees": (crs.GEOGRAPHIC, (1.1e-5, 0.9e-5)),
    "unsaid degrees": (None, (1.1e-5, 0.9e-5)),
    "the plane": (crs.PLANE, (1.0, 1.0)),
    "prefixed": ("EPSG:4528", (1.0, 1.0)),
    "prefix left out": ("EPSG:4528", (1.0, 1.0)),
    "another zone": ("EPSG:4548", (1.0, 1.0)),
    "unsaid, prefixed": (None, (1.0, 1.0)),
    "Mercator": ("EPSG:3857", (1.0, 1.0)),
}
BASES = {
    "the plane": (500_000.0, 3_350_000.0),
    "prefixed": (40_510_000.0, 3_350_000.0),
    "prefix left out": (510_000.0, 3_350_000.0),
    "another zone": (600_000.0, 3_350_000.0),
    "unsaid, prefixed": (40_510_000.0, 3_350_000.0),
    "Mercator": (13_360_000.0, 3_540_000.0),
}


def draw(name: str, system: str, *, x: int, y: int, scale: float) -> shapely.Geometry | None:
    """Return a shape as a file in a system has it; `x`, `y` in hundreds of metres."""
    shape = SHAPES[name]
    step = np.array(SYSTEMS[system][1])
    base = np.array(BASES.get(system, (120.0, 30.0))) + step * (100 * x, 100 * y)
    if shape is None:
        return None
    moved = shapely.transform(shape, lambda xy: base + xy * scale * step)
    return shapely.transform(moved, lambda xy: xy[:, ::-1]) if system == "swapped degrees" else moved


def number(shapes: Sequence[shapely.Geometry | None], first: int = 0) -> list[RawFeature]:
    return [RawFeature(first + k, shape, {"name": f"地块{k}"}) for k, shape in enumerate(shapes)]


def assert_same_sites(
    features: Sequence[RawFeature], origin: Origin, options: CheckOptions = OPTIONS
) -> None:
    """Compare a batch with its features sorted one by one."""
    system = None if origin.crs is None else identify_system(origin.crs)
    table = RawTable(origin.crs, tuple(features), origin.wgs84_by_rule)
    expected = sort_features(table, system, options.datum, stem="s", file="s.parquet", where="s.parquet")
    assert_same_batch(sort_batch(features, origin, options), expected)
    if any(feature.problem or feature.repairs or feature.warnings for feature in features):
        return
    names = [feature.properties.get("name") for feature in features]
    shapes = np.array([*(feature.geometry for feature in features), None], object)[:-1]
    rows = pa.record_batch({"geometry": pa.array(shapely.to_wkb(shapes)), "name": names})
    assert_same_batch(sort_run(Run(features[0].index, rows), origin, options), expected)


def assert_same_batch(batch: SortedBatch, expected: Sorted) -> None:
    """Compare a batch with its features sorted one by one."""
    sites = [outcome for outcome in expected.outcomes if isinstance(outcome, Site)]
    assert batch.rejected == [outcome for outcome in expected.outcomes if isinstance(outcome, Rejected)]
    assert batch.labels == expected.labels
    assert len(batch.sites) == len(sites)
    for ours, theirs, wkb in zip(batch.sites, sites, batch.sites.wkb.to_pylist(), strict=True):
        for name in ("geometry", "geometry_plane"):
            assert shapely.to_wkb(getattr(ours, name)) == shapely.to_wkb(getattr(theirs, name)), theirs
        same = {"geometry": theirs.geometry, "geometry_plane": theirs.geometry_plane}
        assert replace(ours, **same) == theirs
        assert wkb == shapely.to_wkb(theirs.geometry, byte_order=1)
    if sites:
        sizes = measure_sizes(np.array([*(site.geometry_plane for site in sites), None], object)[:-1])
        for mine, other in zip(batch.sites.sizes, sizes, strict=True):
            np.testing.assert_allclose(mine, other, rtol=1e-8, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(SYSTEMS)),
    st.lists(
        st.tuples(
            st.sampled_from(list(SHAPES)),
            st.integers(-50, 50),
            st.integers(-50, 50),
            st.sampled_from([1e-8, 1e-5, 1.0, 30.0, 700.0]),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_a_batch_becomes_the_sites_its_features_become(
    system: str, drawn: list[tuple[str, int, int, float]]
) -> None:
    shapes = [draw(name, system, x=x, y=y, scale=scale) for name, x, y, scale in drawn]
    assert_same_sites(number(shapes), Origin("s.parquet", "s", SYSTEMS[system][0]))


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_shape_in_every_system_becomes_the_same_site(system: str) -> None:
    shapes = [draw(name, system, x=k, y=0, scale=20.0) for k, name in enumerate(SHAPES)]
    assert_same_sites(number(shapes, first=100), Origin("s.parquet", "s", SYSTEMS[system][0]))


def test_plain_shapes_go_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "sort_features", None)
    single = ("square", "clockwise", "rough", "holed", "straight", "point", "line")
    others = ("one part", "one line", "two parts", "lines", "points", "repeated", "line repeated")
    for system, (code, _) in SYSTEMS.items():
        drawn_in_plane = system in {"the plane", "prefix left out"}
        names = single if drawn_in_plane else (*single, *others)
        shapes = [draw(name, system, x=0, y=k, scale=40.0) for k, name in enumerate(names)]
        batch = sort_batch(number(shapes), Origin("s.parquet", "s", code), OPTIONS)
        assert len(batch.sites) == len(names)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("datum", [None, "gcj02"])
def test_the_figures_of_a_site_hang_on_no_way_it_went(
    system: str, datum: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if datum is not None and SYSTEMS[system][0] not in {None, crs.GEOGRAPHIC, crs.GEOJSON}:
        return
    names = ("square", "clockwise", "holed", "point", "line", "repeated", "two parts", "lines", "bow-tie")
    shapes = [draw(name, system, x=3, y=k, scale=50.0) for k, name in enumerate(names)]
    origin, options = Origin("s.parquet", "s", SYSTEMS[system][0]), replace(OPTIONS, datum=datum)
    quick = sort_batch(number(shapes), origin, options).sites
    monkeypatch.setattr("gis.scale.plain.MOST_VERTICES", 0)
    slow = sort_batch(number(shapes), origin, options).sites
    for one, other in zip((*quick.sizes, *quick.outlines), (*slow.sizes, *slow.outlines), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_shifted_datum_is_taken_back_for_a_batch() -> None:
    shapes = [draw(name, "degrees", x=k, y=0, scale=20.0) for k, name in enumerate(SHAPES)]
    assert_same_sites(number(shapes), Origin("s.parquet", "s", None), replace(OPTIONS, datum="gcj02"))


def test_systems_of_one_batch_are_told_apart() -> None:
    shapes = [draw("square", name, x=0, y=0, scale=9.0) for name in ("unsaid degrees", "unsaid, prefixed")]
    assert_same_sites(number([*shapes, *shapes, shapes[0]]), Origin("s.parquet", "s", None))


def test_the_border_of_the_region_divides_a_batch_alike() -> None:
    west, south, east, north = crs.REGION
    boxes = [
        shapely.box(west, south, west + 0.01, south + 0.01),
        shapely.box(west - 1e-9, south, west + 0.01, south + 0.01),
        shapely.box(east - 0.01, north - 0.01, east, north),
        shapely.box(east - 0.01, north - 0.01, east, np.nextafter(north, 40)),
        shapely.Point(0, 0),
        shapely.Point(500_000, 3_350_000),
    ]
    assert_same_sites(number(boxes), Origin("s.parquet", "s", crs.GEOGRAPHIC))


def test_what_a_reader_mended_or_doubted_stays_said() -> None:
    note = Note("ring_closed", Text("环未闭合", "ring not closed"))
    shape = draw("square", "degrees", x=0, y=0, scale=1.0)
    features = [
        RawFeature(0, shape, {}, repairs=(note,)),
        RawFeature(1, shape, {}, warnings=(note,)),
        RawFeature(2, None, {"NAME": "x"}, problem=note),
    ]
    assert_same_sites(features, Origin("s.parquet", "s", crs.GEOGRAPHIC))


def test_metres_without_a_zone_stop_a_file_and_are_rejected_within_one() -> None:
    metres = [shapely.Point(510_000, 3_350_000), shapely.Point(511_000, 3_350_000)]
    origin = Origin("s.parquet", "s", None)
    with pytest.raises(CrsError, match="带号"):
        sort_batch(number(metres), origin, OPTIONS)
    assert len(sort_batch(number(metres, first=2048), origin, OPTIONS).rejected) == 2
    batch = sort_batch(number([*metres, shapely.Point(120, 30)]), origin, OPTIONS)
    assert (len(batch.rejected), len(batch.sites)) == (2, 1)


def test_a_site_of_long_edges_leaves_the_others_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis.scale.plain.MOST_DENSE", 50)
    shapes = [draw("square", "degrees", x=0, y=0, scale=scale) for scale in (1.0, 90.0)]
    assert_same_sites(number(shapes), Origin("s.parquet", "s", crs.GEOGRAPHIC))


def test_rows_of_two_kinds_are_merged_in_the_order_of_the_file() -> None:
    names = ("square", "point", "line", "holed")
    features = number([draw(name, "degrees", x=k, y=0, scale=1.0) for k, name in enumerate(names)])
    origin = Origin("s.parquet", "s", crs.GEOGRAPHIC)
    whole = sort_batch(features, origin, OPTIONS).sites
    merged = merge_rows(tabulate_sites(whole[1::2]), tabulate_sites(whole[::2]))
    assert [site.site_id for site in merged] == ["s-0", "s-1", "s-2", "s-3"]
    assert list(merged) == list(whole)
    assert merged.kinds.tolist() == ["polygon", "point", "line", "polygon"]


def test_what_is_no_geometry_keeps_its_place_in_a_run() -> None:
    wkb = shapely.to_wkb(shapely.box(120, 30, 120.001, 30.001))
    origin = Origin("s.parquet", "s", crs.GEOGRAPHIC)
    column = pa.array([wkb, None, b"", b"xx", wkb], pa.large_binary())
    rows = pa.record_batch({"geometry": column, "name": pa.array([1.5, None, None, None, float("nan")])})
    batch = sort_run(Run(7, rows), origin, OPTIONS)
    assert [(site.index, site.name, site.properties) for site in batch.sites] == [
        (7, "1.5", {"name": 1.5}),
        (11, None, {}),
    ]
    codes = ["geometry_null", "geometry_unreadable", "geometry_unreadable"]
    assert [(item.index, item.code) for item in batch.rejected] == list(zip((8, 9, 10), codes, strict=True))
    nothing = sort_run(Run(0, pa.record_batch({"geometry": pa.nulls(2)})), origin, OPTIONS)
    assert len(nothing.rejected) == 2
