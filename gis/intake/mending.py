"""Invalid geometries of an official file mended, the wrong kind refused, all on the grid of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.crs import GEOGRAPHIC, PLANE, transformer
from gis.errors import LayerError
from gis.intake.placing import place_shapes
from gis.layers.render import round_geometries
from gis.model import Text
from gis.sites.place import to_lonlat
from gis.sites.repair import MAX_CROSSINGS, drop_nothing, estimate_crossings, hold_nothing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.intake.placing import TableReading
    from gis.intake.table import SourceTable
    from gis.sites.place import Reading

DIMENSIONS = {"Point": 0, "LineString": 1, "Polygon": 2}
SERIOUS_SHARE = 0.01
"""A repair that changes more than 1 % of a feature's area is named in the preview."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class MendedTable:
    """Geometries fit for a layer (degrees, six decimals), and the rows of the table they are from."""

    geometries: NDArray[np.object_]
    rows: NDArray[np.intp]
    notes: tuple[Text, ...]


def mend_table(table: SourceTable, how: TableReading, geometry_type: str) -> MendedTable:
    """Return the geometries of a table valid, of the layer's type, placed, on the grid of six decimals.

    Raises
    ------
    LayerError
        If one is of another type or cannot be repaired.
    """
    notes: list[Text] = []
    if len(how.rows) < len(table.geometries):
        notes.append(_describe_missing(sorted(set(range(len(table.geometries))) - set(how.rows.tolist()))))
    shapes = table.geometries[how.rows].copy()
    for row in np.flatnonzero(hold_nothing(shapes)):
        shapes[row] = drop_nothing(shapes[row])
    check_type(shapes, how.rows, geometry_type, table.file)
    invalid = np.flatnonzero(~shapely.is_valid(shapes))
    if len(invalid):
        repaired = repair_shapes(shapes[invalid], how.rows[invalid], table.file)
        notes.append(describe_repairs(shapes[invalid], repaired, how))
        shapes[invalid] = repaired
    rounded = round_geometries(place_shapes(shapes, how.reading))
    solid = np.flatnonzero(~shapely.is_empty(rounded))
    vanished = len(rounded) - len(solid)
    if vanished:
        notes.append(
            Text(
                f"{vanished} 个要素小于坐标的六位小数（0.1 m），已略去",
                f"{vanished} features are smaller than six decimals can say (0.1 m) and were left out",
            )
        )
    return MendedTable(rounded[solid], how.rows[solid], tuple(notes))


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


def repair_shapes(shapes: NDArray[np.object_], rows: NDArray[np.intp], where: str) -> NDArray[np.object_]:
    """Return invalid geometries made valid (``structure``).

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
    return np.asarray(repaired, dtype=object)


def describe_repairs(before: NDArray[np.object_], after: NDArray[np.object_], how: TableReading) -> Text:
    """Return what the repairs changed; areas in the working plane, good to 0.1 %."""
    old_m2, new_m2 = plane_areas(before, how.reading), plane_areas(after, how.reading)
    change_m2 = np.abs(new_m2 - old_m2)
    serious = int((change_m2 > SERIOUS_SHARE * np.maximum(old_m2, new_m2)).sum())
    reason, count, total = shapely.is_valid_reason(before[0]), len(before), float(change_m2.sum())
    return Text(
        f"{count} 个要素几何无效，已修复（首个：{reason}）；面积共变 {total:.1f} m²，{serious} 个超过 1 %",
        f"{count} invalid geometries repaired (first: {reason}); area changed by {total:.1f} m² in all, "
        f"{serious} by more than 1 %",
    )


def plane_areas(shapes: NDArray[np.object_], reading: Reading) -> NDArray[np.float64]:
    """Return areas, m², in the working plane, vertex by vertex: of an invalid ring what its turns enclose."""
    move = transformer(GEOGRAPHIC, PLANE)
    placed = shapely.transform(
        to_lonlat(shapes, reading), lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1]))
    )
    return np.asarray(shapely.area(placed), dtype=np.float64)
