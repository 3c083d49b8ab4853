"""A run answered: counted and surveyed as geopandas would."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely

from gis.model import Verdict
from gis.scale.answered import count_rows, encode_table, survey_shapes
from gis.scale.columns import findings_schema, sites_schema

SHAPES = [
    shapely.Point(1, 2),
    None,
    shapely.LineString([(0, 0), (9, 1)]),
    shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, -4, 5, 6)]),
    shapely.GeometryCollection([shapely.Point(-7, 0), shapely.box(0, 0, 1, 1)]),
    shapely.MultiPoint([(0, 0), (1, 1)]),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]]),
]


def make_table(shapes: list[shapely.Geometry | None]) -> pa.Table:
    return pa.table({"geometry": pa.array(shapely.to_wkb(shapes, byte_order=1).tolist(), pa.binary())})


def test_bounds_and_types_are_those_of_the_geometries() -> None:
    there = [shape for shape in SHAPES if shape is not None]
    survey = survey_shapes(make_table(SHAPES))
    assert survey["bounds"] == shapely.total_bounds(there).tolist()
    assert survey["types"] == sorted(shape.geom_type for shape in there)
    rest = survey_shapes(make_table(SHAPES).slice(2))
    assert rest["bounds"] == shapely.total_bounds(SHAPES[2:]).tolist()


def test_no_geometry_has_no_bounds() -> None:
    assert survey_shapes(make_table([None])) == {"bounds": None, "types": []}
    assert survey_shapes(findings_schema().empty_table()) == {"bounds": None, "types": []}


def test_every_feature_is_counted_once() -> None:
    words = {"status": ["checked", "checked", "rejected"], "verdict": ["clear", "attention", None]}
    arrays = [pa.array(words.get(f.name, [None] * 3), f.type) for f in sites_schema()]
    counts = count_rows(findings_schema().empty_table(), pa.table(arrays, schema=sites_schema()))
    assert counts["features"] == counts["checked"] + counts["rejected"] == 3
    assert sum(counts[verdict.value] for verdict in Verdict) == 2
    assert counts["findings"] == 0


def test_an_encoded_table_is_the_table() -> None:
    table = pa.table({"a": np.arange(1000), "b": ["x"] * 1000})
    assert pa.ipc.open_file(encode_table(table)).read_all().equals(table)
