"""From file to file: names kept, order kept, the same whatever the batches, the workers and the cache."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from gis import crs
from gis.engine.screening import Screening, screen
from gis.errors import SiteFormatError
from tests.engine.polygons import draw_set, draw_sites

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, zones: np.ndarray, sites: np.ndarray) -> Screening:
    """Write zones and sites (metres of the plane) as GeoParquet in degrees."""
    names = {"zid": [f"Z{k}" for k in range(len(zones))]}
    gpd.GeoDataFrame(names, geometry=zones, crs=crs.PLANE).to_crs(crs.GEOGRAPHIC).to_parquet(
        folder / "z.parquet"
    )
    names = {"sid": [f"S{k}" for k in range(len(sites))], "kind": ["parcel"] * len(sites)}
    gpd.GeoDataFrame(names, geometry=sites, crs=crs.PLANE).to_crs(crs.GEOGRAPHIC).to_parquet(
        folder / "s.parquet"
    )
    return Screening(folder / "z.parquet", folder / "s.parquet", folder / "pairs.parquet", near_m=200.0)


def test_pairs_of_files_are_those_of_geopandas(tmp_path: Path) -> None:
    task = replace(write(tmp_path, draw_set(11, 60), draw_sites(12, 1500)), rows=100)
    calls: list[tuple[int, int]] = []
    summary = screen(task, lambda done, total: calls.append((done, total)))
    zones = gpd.read_parquet(task.zones).to_crs(crs.PLANE)
    sites = gpd.read_parquet(task.sites).to_crs(crs.PLANE)
    site, zone = zones.sindex.query(sites.geometry, "dwithin", distance=200.0, sort=True)
    order = np.lexsort((zone, site))
    site, zone = site[order], zone[order]
    table = pq.read_table(task.out).to_pandas()
    assert table.columns.tolist() == ["site", "zone", "area_m2", "distance_m"]
    assert table["site"].tolist() == sites["sid"].to_numpy()[site].tolist()
    assert table["zone"].tolist() == zones["zid"].to_numpy()[zone].tolist()
    ours, theirs = sites.geometry.to_numpy()[site], zones.geometry.to_numpy()[zone]
    area = shapely.area(shapely.intersection(ours, theirs))
    np.testing.assert_allclose(table["area_m2"], area, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(table["distance_m"], shapely.distance(ours, theirs), rtol=0, atol=1e-6)
    assert (summary.sites, summary.zones, summary.pairs) == (1500, 60, len(site))
    assert calls[-1] == (1500, 1500)
    assert len(calls) == 15


def test_workers_and_cache_change_no_byte(tmp_path: Path) -> None:
    task = write(tmp_path, draw_set(13, 40), draw_sites(14, 800))
    screen(task)
    first = task.out.read_bytes()
    kept = replace(task, workers=1, cache=tmp_path / "cache")
    assert not screen(kept).from_cache
    assert task.out.read_bytes() == first
    assert screen(kept).from_cache
    assert task.out.read_bytes() == first


def test_no_site_at_all_leaves_an_empty_table(tmp_path: Path) -> None:
    task = write(tmp_path, draw_set(15, 2), np.array([], object))
    assert screen(task).pairs == 0
    assert pq.read_table(task.out).column_names == ["site", "zone", "area_m2", "distance_m"]


def test_a_file_that_is_no_geoparquet_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    task = write(tmp_path, draw_set(15, 2), draw_sites(16, 10))
    task.sites.write_text("not a table")
    with pytest.raises(SiteFormatError, match="GeoParquet"):
        screen(task)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["s.parquet", "z.parquet"]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    task = replace(write(tmp_path, draw_set(15, 2), draw_sites(16, 10)), site_id="DKBM")
    with pytest.raises(SiteFormatError, match="DKBM"):
        screen(task)


def test_a_twisted_zone_is_repaired_and_measured_by_geos(tmp_path: Path) -> None:
    bow = shapely.Polygon([(4e5, 3.3e6), (4.01e5, 3.301e6), (4.01e5, 3.3e6), (4e5, 3.301e6)])
    site = shapely.box(400_050, 3_300_300, 400_100, 3_300_600)
    task = write(tmp_path, np.array([bow], object), np.array([site, site.centroid], object))
    summary = screen(task)
    table = pq.read_table(task.out).to_pydict()
    assert summary.doubtful == 1
    assert table["distance_m"] == [0.0, 0.0]
    assert table["area_m2"][0] == pytest.approx(
        bow.buffer(0).union(shapely.make_valid(bow)).intersection(site).area
    )
