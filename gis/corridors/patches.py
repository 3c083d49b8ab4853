"""The patches of a network: polygons with their areas on the ellipsoid, or rows of a table."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.crs import areas_lonlat_m2
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from gis.model import Site

ID_FIELDS = ("id", "patch_id", "node", "code", "编号", "斑块编号")
AREA_FIELDS = ("area_m2", "area", "attribute", "weight", "面积", "属性")
NAME_FIELDS = ("name", "名称")
"""Headings a table of patches may have, in any case."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Patches before they are linked.

    Parameters
    ----------
    ids : tuple of str
    names : tuple of (str or None)
    areas_m2 : float array, (patches,)
        Areas on the ellipsoid, or another attribute.
    shapes, planes : object array, (patches,), or None
        Their outlines in EPSG:4490 and in EPSG:4549; None for a table without geometry.
    """

    ids: tuple[str, ...]
    names: tuple[str | None, ...]
    areas_m2: NDArray[np.float64]
    shapes: NDArray[np.object_] | None = None
    planes: NDArray[np.object_] | None = None


def make_patches(
    sites: Sequence[Site], *, id_field: str | None = None, area_field: str | None = None
) -> Patches:
    """Return the patches of polygons that were read.

    Parameters
    ----------
    sites : sequence of Site
        Polygons; also points and lines where `area_field` says what they are worth.
    id_field : str, optional
        Field of the ids. By default a field ``id`` (or alike) where every feature has its own, else numbers
        from 1.
    area_field : str, optional
        Field of the areas or of another attribute ≥ 0; by default the area on the ellipsoid.

    Raises
    ------
    CorridorError
        If a field is missing, an attribute is no number, or a point has no area to go by.
    """
    shapes = np.array([site.geometry for site in sites], dtype=object)
    if area_field is None:
        areas = areas_lonlat_m2(shapes) if len(shapes) else np.zeros(0)
        flat = np.flatnonzero(areas <= 0)
        if len(flat):
            raise CorridorError(
                f"要素 {sites[flat[0]].site_id} 没有面积",
                f"the feature {sites[flat[0]].site_id} has no area",
                where=sites[flat[0]].site_id,
                hint_zh="源应为面；点、线请用 --area-field 指定面积或属性字段",
                hint_en="sources are polygons; for points and lines name a field with --area-field",
                code="corridors.area",
            )
    else:
        areas = np.array([_read_number(_field(site, area_field), site.site_id, area_field) for site in sites])
    return Patches(
        ids=choose_ids(sites, id_field),
        names=tuple(site.name for site in sites),
        areas_m2=areas,
        shapes=shapes,
        planes=np.array([site.geometry_plane for site in sites], dtype=object),
    )


def is_patch_table(text: str) -> bool:
    """Return whether a table's header names an id and an area; others may be tables of coordinates."""
    header, _ = read_table(text)
    return bool(set(header) & set(ID_FIELDS)) and bool(set(header) & set(AREA_FIELDS))


def parse_patch_table(text: str, *, name: str) -> Patches:
    """Return patches without geometry from a table with a header: an id and an area or attribute a row.

    Parameters
    ----------
    text : str
        Comma, semicolon or tab between the cells.
    name : str
        What errors call it.

    Raises
    ------
    CorridorError
        If a column is missing, or an area is no number.
    """
    header, rows = read_table(text)
    columns = find_columns(header, {"id": ID_FIELDS, "area": AREA_FIELDS}, name=name)
    named = next((index for index, cell in enumerate(header) if cell in NAME_FIELDS), None)
    ids = tuple(row[columns["id"]] for _, row in rows)
    areas = [_read_number(row[columns["area"]], f"{name}:{line}", "area") for line, row in rows]
    names = tuple(None if named is None else row[named] or None for _, row in rows)
    return Patches(ids=ids, names=names, areas_m2=np.array(areas, dtype=np.float64))


def read_table(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header of a table in lower case, and its rows with their line numbers, cells stripped."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    if not lines:
        return [], []
    header = [cell.lower() for cell in lines[0][1]]
    return header, [(line, row + [""] * (len(header) - len(row))) for line, row in lines[1:]]


def find_columns(header: Sequence[str], wanted: dict[str, tuple[str, ...]], *, name: str) -> dict[str, int]:
    """Return where the wanted columns stand in a header.

    Raises
    ------
    CorridorError
        If one is missing.
    """
    found: dict[str, int] = {}
    for key, headings in wanted.items():
        places = [header.index(heading) for heading in headings if heading in header]
        if not places:
            raise CorridorError(
                f"{name} 没有 {key} 列，现有列：{'、'.join(header) or '（空）'}",
                f"{name} has no column {key}; it has: {', '.join(header) or '(nothing)'}",
                where=name,
                hint_zh=f"请把该列的表头写成其中之一：{'、'.join(headings)}",
                hint_en=f"call the column one of: {', '.join(headings)}",
                code="corridors.table",
            )
        found[key] = places[0]
    return found


def _read_number(value: Any, where: str, field: str) -> float:
    """Return an area or attribute as a number."""
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return number
    raise CorridorError(
        f"{where} 的 {field} 应为数，不是 {value!r}",
        f"{field} of {where} must be a number, not {value!r}",
        where=where,
        code="corridors.area",
    )


def _field(site: Site, field: str) -> Any:
    """Return the value of a field, whatever its case.

    Raises
    ------
    CorridorError
        If the feature does not have it.
    """
    for key, value in site.properties.items():
        if key.lower() == field.lower():
            return value
    known = "、".join(site.properties) or "（无）"
    raise CorridorError(
        f"要素 {site.site_id} 没有字段 {field}，现有字段：{known}",
        f"the feature {site.site_id} has no field {field}; it has: {', '.join(site.properties) or '(none)'}",
        where=site.site_id,
        code="corridors.field",
    )


def choose_ids(sites: Sequence[Site], field: str | None) -> tuple[str, ...]:
    """Return the ids of features: of the field named, of one called id, or numbers from 1.

    Raises
    ------
    CorridorError
        If a feature lacks the field named.
    """
    if field is not None:
        return tuple(_text(_field(site, field)) for site in sites)
    for heading in ID_FIELDS:
        ids = [_own_field(site.properties.items(), heading) for site in sites]
        if all(ids) and len(set(ids)) == len(ids):
            return tuple(ids)
    return tuple(str(number) for number in range(1, len(sites) + 1))


def _own_field(items: Iterable[tuple[str, Any]], heading: str) -> str:
    """Return the value under a heading in any case as text, empty where there is none."""
    return next((_text(value) for key, value in items if key.lower() == heading and value is not None), "")


def _text(value: Any) -> str:
    """Return a value as an id: whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
