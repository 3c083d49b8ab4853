"""The polynomials give what PROJ gives to a ten-thousandth of a millimetre."""

from __future__ import annotations

import numpy as np
import pytest

from gis import crs
from gis.engine.projection import TOLERANCE_M, fit_tiles, project

EQUAL_AREA = "+proj=cea +ellps=GRS80 +units=m"


@pytest.mark.parametrize("target", [crs.PLANE, "EPSG:4548", EQUAL_AREA])
@pytest.mark.parametrize("source", [crs.GEOGRAPHIC, crs.GEOJSON])
def test_tiles_agree_with_proj(source: str, target: str) -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(117, 124, 50_000), rng.uniform(27, 33, 50_000)
    x, y = crs.transformer(source, target).transform(lon, lat)
    assert fit_tiles(source, target) is not None
    project(lon, lat, source, target)
    assert max(np.abs(lon - x).max(), np.abs(lat - y).max()) < TOLERANCE_M


def test_edges_of_the_region_belong_to_it() -> None:
    lon, lat = np.array([117.0, 124.0, 120.25]), np.array([27.0, 33.0, 30.25])
    x, y = crs.transformer(crs.GEOGRAPHIC, crs.PLANE).transform(lon, lat)
    project(lon, lat, crs.GEOGRAPHIC, crs.PLANE)
    np.testing.assert_allclose((lon, lat), (x, y), rtol=0, atol=TOLERANCE_M)


def test_outside_the_region_proj_answers() -> None:
    lon, lat = np.array([116.0, 120.0]), np.array([40.0, 30.0])
    x, y = crs.transformer(crs.GEOGRAPHIC, crs.PLANE).transform(lon, lat)
    project(lon, lat, crs.GEOGRAPHIC, crs.PLANE)
    np.testing.assert_array_equal((lon, lat), (x, y))


def test_a_plane_is_not_fitted() -> None:
    x, y = np.array([40_500_000.0]), np.array([3_300_000.0])
    project(x, y, "EPSG:4528", crs.PLANE)
    assert (x.round(6).tolist(), y.tolist()) == ([500_000.0], [3_300_000.0])
