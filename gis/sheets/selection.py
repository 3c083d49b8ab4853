"""Which sheets a series takes: those that share ground with a named area, a place or a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from gis.errors import NotFoundError, SheetError
from gis.sheets.numbering import SheetFrame, frame_at, frames_over

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gis.workspace import Workspace

MAX_SERIES = 400
"""More sheets than this are refused: a slip of the scale rather than a wish."""


def sheets_of_area(workspace: Workspace, name: str, scale: int) -> tuple[SheetFrame, ...]:
    """Return the sheets of a named area, an administrative unit or a place, north to south, west to east.

    Parameters
    ----------
    name : str
        An area of the catalogue (``hangzhou``), a district or city (``临安区``), or a place.

    Raises
    ------
    NotFoundError
        If nothing has that name.
    SheetError
        If the scale is not of the series, or there would be more than 400 sheets.
    """
    ground = find_area(workspace, name)
    if isinstance(ground, shapely.Point):
        return (frame_at(ground.x, ground.y, scale),)
    shapely.prepare(ground)
    frames = [
        frame for frame in frames_over(ground.bounds, scale) if shapely.intersects(ground, frame_box(frame))
    ]
    return limit_series(frames)


def frame_box(frame: SheetFrame) -> shapely.Polygon:
    """Return a sheet's frame as a polygon in degrees, a millimetre smaller: touching is not sharing."""
    return shapely.buffer(shapely.box(*frame.bbox), -1e-8, join_style="mitre")


def sheets_of_box(bbox: tuple[float, float, float, float], scale: int) -> tuple[SheetFrame, ...]:
    """Return the sheets that share ground with (west, south, east, north) degrees."""
    return limit_series(list(frames_over(bbox, scale)))


def limit_series(frames: list[SheetFrame]) -> tuple[SheetFrame, ...]:
    """Return the frames, unless they are too many for one series.

    Raises
    ------
    SheetError
        If there are more than 400.
    """
    if len(frames) > MAX_SERIES:
        raise SheetError(
            f"该范围有 {len(frames)} 幅，一次最多 {MAX_SERIES} 幅",
            f"the area takes {len(frames)} sheets; at most {MAX_SERIES} are printed at once",
            where=f"1:{frames[0].scale}",
            hint_zh="请选较小的比例尺（较大的分母）或较小的范围",
            hint_en="choose a larger denominator or a smaller area",
            code="sheets.area",
        )
    return tuple(frames)


def find_area(workspace: Workspace, name: str) -> BaseGeometry:
    """Return the ground of a named area: polygon, or the point of a place, degrees.

    Raises
    ------
    NotFoundError
        If nothing has that name.
    """
    table = workspace.catalogue.areas.get(name)
    if table is not None and "adcodes" in table:
        found = [geometry for code in table["adcodes"] for geometry in _named(workspace, "id", code)]
        if found:
            return shapely.union_all(found)
    if table is not None and "bbox" in table:
        west, south, east, north = (float(value) for value in table["bbox"])
        return shapely.box(west, south, east, north)
    if table is not None and "polygon" in table:
        return shapely.Polygon(table["polygon"])
    for geometry in (*_named(workspace, "name_zh", name), *_named(workspace, "name_en", name)):
        return geometry
    names = "、".join(workspace.catalogue.areas)
    raise NotFoundError(
        f"找不到区域或地名 {name!r}",
        f"there is no area or place {name!r}",
        where=name,
        hint_zh=f"可用目录中的区域（{names}）、市或区县名、居民地名，或改用 --bbox 西,南,东,北",
        hint_en=f"use an area of the catalogue ({names}), a city, district or place, or --bbox W,S,E,N",
        code="sheets.area",
    )


def _named(workspace: Workspace, column: str, value: str) -> list[BaseGeometry]:
    """Return the context features with a value, surfaces before points."""
    found: list[BaseGeometry] = []
    for layer in workspace.layers.values():
        if layer.entry.theme == "context":
            pairs = zip(layer.column(column), layer.geometries, strict=True)
            found += [shape for own, shape in pairs if own == value and shape is not None]
    return sorted(found, key=lambda geometry: -geometry.area)
