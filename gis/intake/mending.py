"""Invalid geometries of an official file mended, the wrong kind refused, all on the grid of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.crs import areas_lonlat_m2
from gis.errors import LayerError
from gis.layers.render import round_geometries
from gis.model import Text
from gis.sites.repair import MAX_CROSSINGS, estimate_crossings

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMENSIONS = {"Point": 0, "LineString": 1, "Polygon": 2}
SERIOUS_SHARE = 0.01
"""A repair that changes more than 1 % of a feature's area is named in the preview."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class MendedTable:
    """Geometries fit for a layer; `kept` are the rows that have one."""

    geometries: NDArray[np.object_]
    kept: NDArray[np.intp]
    notes: tuple[Text, ...]


def mend_table(geometries: NDArray[np.object_], geometry_type: str, where: str) -> MendedTable:
    """Return the geometries (degrees) valid, of the layer's type, on the grid of six decimals.

    Raises
    ------
    LayerError
        If one is of another type, cannot be repaired, or none has a geometry.
    """
    present = np.flatnonzero(~shapely.is_missing(geometries) & ~shapely.is_empty(geometries))
    notes: list[Text] = []
    if not len(present):
        raise LayerError(
            "文件里没有任何带几何的要素",
            "the file has no feature with a geometry",
            where=where,
            code="layers.empty",
            hint_zh="请检查导出时是否选中了图层",
            hint_en="check that a layer was chosen when the file was exported",
        )
    if len(present) < len(geometries):
        missing = sorted(set(range(len(geometries))) - set(present.tolist()))
        notes.append(_describe_missing(missing))
    shapes = geometries[present].copy()
    check_type(shapes, present, geometry_type, where)
    invalid = np.flatnonzero(~shapely.is_valid(shapes))
    if len(invalid):
        repaired, note = repair_shapes(shapes[invalid], present[invalid], where)
        shapes[invalid] = repaired
        notes.append(note)
    rounded = round_geometries(shapes)
    vanished = np.flatnonzero(shapely.is_empty(rounded))
    if len(vanished):
        notes.append(
            Text(
                f"{len(vanished)} 个要素小于坐标的六位小数（0.1 m），已略去",
                f"{len(vanished)} features are smaller than six decimals can say (0.1 m) and were left out",
            )
        )
    solid = np.flatnonzero(~shapely.is_empty(rounded))
    return MendedTable(rounded[solid], present[solid], tuple(notes))


def _describe_missing(missing: list[int]) -> Text:
    shown = ", ".join(str(row) for row in missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
    return Text(
        f"{len(missing)} 个要素没有几何，已略去（第 {shown} 个）",
        f"{len(missing)} features have no geometry and were left out (number {shown})",
    )


def check_type(shapes: NDArray[np.object_], rows: NDArray[np.intp], geometry_type: str, where: str) -> None:
    """Refuse features of another type than the layer's.

    Raises
    ------
    LayerError
        Naming the first one.
    """
    if geometry_type not in DIMENSIONS:
        return
    wrong = np.flatnonzero(
        (shapely.get_dimensions(shapes) != DIMENSIONS[geometry_type])
        | (shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    )
    if len(wrong):
        found = shapes[wrong[0]].geom_type
        raise LayerError(
            f"图层应为 {geometry_type}，而 {len(wrong)} 个要素不是（第 {rows[wrong[0]]} 个是 {found}）",
            f"the layer holds {geometry_type}, but {len(wrong)} features are not "
            f"(number {rows[wrong[0]]} is {found})",
            where=where,
            code="layers.geometry_type",
            hint_zh="请检查是否选错了文件或图层",
            hint_en="check that it is the right file and layer",
        )


def repair_shapes(
    shapes: NDArray[np.object_], rows: NDArray[np.intp], where: str
) -> tuple[NDArray[np.object_], Text]:
    """Return invalid geometries made valid (``structure``), and what that changed.

    Raises
    ------
    LayerError
        If one crosses itself too often, or nothing of its kind is left.
    """
    tangled = [
        int(row) for shape, row in zip(shapes, rows, strict=True) if estimate_crossings(shape) > MAX_CROSSINGS
    ]
    repaired = shapes if tangled else shapely.make_valid(shapes, method="structure")
    lost = shapely.is_empty(repaired) | (shapely.get_dimensions(repaired) != shapely.get_dimensions(shapes))
    hopeless = tangled or rows[np.flatnonzero(lost)].tolist()
    if hopeless:
        raise LayerError(
            f"{len(hopeless)} 个要素的几何无法修复（第 {hopeless[0]} 个）",
            f"{len(hopeless)} geometries cannot be repaired (number {hopeless[0]})",
            where=where,
            code="layers.geometry_invalid",
            hint_zh="请在 GIS 软件中修正后重新导出",
            hint_en="correct them in a GIS and export again",
        )
    before, after = areas_lonlat_m2(shapes), areas_lonlat_m2(repaired)
    change = np.abs(after - before)
    serious = int((change > SERIOUS_SHARE * np.maximum(before, after)).sum())
    reason = shapely.is_valid_reason(shapes[0])
    return repaired, Text(
        f"{len(shapes)} 个要素几何无效，已修复（第一个：第 {rows[0]} 个，{reason}）；"
        f"面积共变化 {change.sum():.1f} m²，其中 {serious} 个超过 1 %",
        f"{len(shapes)} invalid geometries repaired (first: number {rows[0]}, "
        f"{reason}); area changed by {change.sum():.1f} m² in all, "
        f"{serious} by more than 1 %",
    )
