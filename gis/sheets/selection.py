"""Which sheets a series takes: those that share ground with a named area, a place or a box."""

from __future__ import annotations

import re
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
    areas = {key.casefold(): table for key, table in workspace.catalogue.areas.items()}
    table = areas.get(name.strip().casefold())
    if table is not None and "adcodes" in table:
        found = [geometry for code in table["adcodes"] for geometry in _named(workspace, "id", code)]
        if found:
            return shapely.union_all(found)
    if table is not None and "bbox" in table:
        west, south, east, north = (float(value) for value in table["bbox"])
        return shapely.box(west, south, east, north)
    if table is not None and "polygon" in table:
        return shapely.Polygon(table["polygon"])
    found = named_ground(workspace, name)
    if found:
        return found[0]
    names = "、".join(workspace.catalogue.areas)
    raise NotFoundError(
        f"找不到区域或地名 {name!r}",
        f"there is no area or place {name!r}",
        where=name,
        hint_zh=f"可用目录中的区域（{names}）、市或区县名、居民地名、图上要素名，或改用 --bbox 西,南,东,北",
        hint_en=f"use an area of the catalogue ({names}), a city, district, place or feature, or --bbox",
        code="sheets.area",
    )


def named_ground(workspace: Workspace, name: str) -> list[BaseGeometry]:
    """Return what bears a name, the likeliest first: units and places, then features of public layers.

    The name is taken as it stands, then in any case without its English or Chinese generic word (``County``,
    ``县``).
    """
    plain = name.strip()
    bare = re.sub(r"\s+(county|district|city|prefecture)$", "", plain.casefold())
    exact = [("name_zh", plain), ("name_en", plain)]
    loose = [("name_en", bare), *(("name_zh", f"{plain}{generic}") for generic in "市区县")]
    for tries, context in ((exact, True), (exact, False), (loose, True)):
        for column, value in tries if bare else ():
            found = _named(workspace, column, value, context=context)
            if found:
                return found
    return []


def _named(workspace: Workspace, column: str, value: str, *, context: bool = True) -> list[BaseGeometry]:
    """Return the features of the context, or of other layers that are not sensitive, with a value.

    Surfaces come before lines and points; case does not count.
    """
    found: list[BaseGeometry] = []
    for layer in workspace.layers.values():
        if (layer.entry.theme == "context") is context and not layer.entry.sensitive:
            pairs = zip(layer.column(column), layer.geometries, strict=True)
            found += [shape for own, shape in pairs if shape is not None and is_name(own, value)]
    return sorted(found, key=lambda geometry: (-geometry.area, -geometry.length))


def is_name(own: object, value: str) -> bool:
    """Return whether a cell is a name, whatever its case."""
    return isinstance(own, str) and own.casefold() == value.casefold()
