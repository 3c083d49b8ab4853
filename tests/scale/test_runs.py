"""Runs: cut in order whatever batches the rows came in, and the same after a journey."""

from __future__ import annotations

import pyarrow as pa
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.scale.origin import Origin
from gis.scale.runs import Run, cut_runs, narrow_rows

ORIGIN = Origin("s.parquet", "s", None)


def make_batches(sizes: list[int]) -> list[pa.RecordBatch]:
    """Return batches of points numbered through by their x."""
    starts = [sum(sizes[:k]) for k in range(len(sizes))]
    return [
        pa.record_batch(
            {
                "geometry": pa.array(
                    [shapely.to_wkb(shapely.Point(first + k, 0)) for k in range(size)], pa.binary()
                )
            }
        )
        for first, size in zip(starts, sizes, strict=True)
    ]


@given(sizes=st.lists(st.integers(0, 9), max_size=6), size=st.integers(1, 12))
def test_every_row_comes_once_in_its_place(sizes: list[int], size: int) -> None:
    runs = list(cut_runs(make_batches(sizes), size))
    total = sum(sizes)
    assert [run.first for run in runs] == list(range(0, total, size))
    assert [run.rows.num_rows for run in runs[:-1]] == [size] * (len(runs) - 1) if runs else not total
    features = [feature for run in runs for feature in run.pack().unpack().decode(ORIGIN)]
    assert [(feature.index, feature.geometry.x) for feature in features] == [(k, k) for k in range(total)]


def test_a_run_travels_without_the_rest_of_its_file() -> None:
    (batch,) = make_batches([5_000])
    first = next(cut_runs([batch], 10))
    assert len(first.pack().content) < 2_000


def test_views_as_polars_writes_them_are_made_plain() -> None:
    wkb = pa.array([shapely.to_wkb(shapely.Point(120, 30)), None], pa.binary_view())
    batch = pa.record_batch([wkb, pa.array(["甲", None], pa.string_view())], names=["geometry", "name"])
    rows = narrow_rows(batch, ["geometry", "name"])
    assert rows.schema.types == [pa.binary(), pa.string()]
    assert [feature.properties for feature in Run(0, rows).decode(ORIGIN)] == [{"name": "甲"}, {}]


def test_columns_are_told_apart_and_made_plain() -> None:
    names = pa.array(["甲", "乙", "甲"]).dictionary_encode()
    batch = pa.record_batch(
        [names, pa.array([b"", b"", b""]), pa.array([1, 2, 3])], names=["name", "g", "rest"]
    )
    rows = narrow_rows(batch, ["g", "name"])
    assert rows.schema.names == ["g", "name"]
    assert rows.column(1).to_pylist() == ["甲", "乙", "甲"]
    assert rows.schema.field("name").type == pa.string()
