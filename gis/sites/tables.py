"""A grid of cells to parcels: 界址点坐标表 in CSV, TSV or a worksheet.

A heading row is looked for; rows below it are points. Parcels are told by their column, or by rings that lie
apart; rings by their column, by coming back to the first point, or by a blank row. Which of two metre columns
is north is decided by magnitude later, never by the heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.errors import SiteError, SiteTooLargeError
from gis.sites.headers import map_columns
from gis.sites.numerals import parse_angle, parse_number, parse_packed, tidy_text
from gis.sites.parcels import Parcel, Vertex, make_feature
from gis.sites.raw import RawTable
from gis.sites.rings import group_rings
from gis.sites.survey import fits_an_order
from gis.sites.wording import Wording, describe_contradiction, list_systems, read_wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gis.sites.raw import Limits, RawFeature
    from gis.sites.shapes import ShapeBuilder

    Row = tuple[int, Sequence[object]]

HEAD_ROWS = 30
"""The heading is looked for in so many rows."""

_KINDS = {
    "点": "point",
    "point": "point",
    "线": "line",
    "line": "line",
    "linestring": "line",
    "polyline": "line",
}
_POINT_ROLES = frozenset(("north", "east", "lon", "lat", "point", "ring", "kind", "system"))
_NAME = "地块名称"
_POINT_NAME = re.compile(r"[A-Za-z界址点]{0,4}-?\d{1,6}")


@dataclass(slots=True)
class _Draft:
    """A parcel being read, with the words of its system column and the state of its rings."""

    parcel: Parcel
    system: str
    ring: int = 0
    last_ring: str = ""


@dataclass(slots=True)
class _Grid:
    """The part of a table that is the same for all its rows."""

    columns: dict[str, int]
    headings: tuple[str, ...]
    preamble: Wording
    where: str
    limits: Limits
    drafts: list[_Draft] = field(default_factory=list)
    seen: dict[str, _Draft] = field(default_factory=dict)
    points: int = 0


def read_grid(
    rows: Iterable[Row], builder: ShapeBuilder, where: str, *, first_index: int = 0
) -> tuple[RawTable, ...] | None:
    """Return the parcels of a table, one raw table for each coordinate system; None without a heading row.

    Parameters
    ----------
    rows : iterable of (row number, cells)
        Numbered from 1 as in the file.

    Raises
    ------
    SiteError
        Naming the row, if a coordinate is no usable number.
    SiteTooLargeError
        If it is past a limit.
    """
    walk = iter(rows)
    found = _find_heading(walk, where, builder.limits)
    if found is None:
        return None
    grid, first = found
    blank = True
    for number, cells in chain(first, walk):
        blank = _read_row(grid, number, cells, after_blank=blank)
    drafts = grid.drafts if "parcel" in grid.columns else _split_apart(grid.drafts)
    _settle_kinds(drafts, grid.columns)
    tables: dict[str | None, list[RawFeature]] = {}
    if not drafts:
        return None
    for index, draft in enumerate(drafts, start=first_index):
        wording = read_wording(draft.system) if draft.system else grid.preamble
        points = draft.parcel.coordinates()
        code, contradicts = list_systems(points, wording) if len(points) else (None, False)
        warnings = (describe_contradiction(wording),) if contradicts else ()
        tables.setdefault(code, []).append(make_feature(index, draft.parcel, builder, warnings=warnings))
    return tuple(RawTable(code, tuple(features)) for code, features in tables.items())


def _find_heading(rows: Iterator[Row], where: str, limits: Limits) -> tuple[_Grid, tuple[Row, ...]] | None:
    """Return the columns, from a row that heads a coordinate table or is one itself, and that first row."""
    words: list[str] = []
    for number, cells in rows:
        columns = map_columns(cells)
        if columns is not None:
            headings = tuple(str(cell).strip() if cell is not None else "" for cell in cells)
            return _Grid(columns, headings, read_wording(" ".join(words)[:2000]), where, limits), ()
        columns = guess_columns(cells)
        if columns is not None:
            grid = _Grid(columns, (), read_wording(" ".join(words)[:2000]), where, limits)
            return grid, ((number, cells),)
        words += [str(cell) for cell in cells if isinstance(cell, str)]
        if number >= HEAD_ROWS:
            return None
    return None


def guess_columns(cells: Sequence[object]) -> dict[str, int] | None:
    """Return the columns of a table without headings: two neighbours that can be a pair of coordinates."""
    values = [parse_angle(cell) for cell in cells[:20]]
    for column, (one, other) in enumerate(pairwise(values)):
        if one is not None and other is not None and fits_an_order(one, other):
            columns = {"north": column, "east": column + 1}
            return columns if column == 0 else {"point": 0, **columns}
    return None


def _read_row(grid: _Grid, number: int, cells: Sequence[object], *, after_blank: bool) -> bool:
    """Add one row; return whether it is blank."""
    if not any(cells) or not any(str(cell).strip() for cell in cells if cell is not None):
        return True
    values = {role: cells[column] if column < len(cells) else None for role, column in grid.columns.items()}
    pair = [values[role] for role in ("lon", "lat", "east", "north") if role in values]
    if all(value is None or not str(value).strip() for value in pair):
        _read_wordy_row(grid, number, values, cells)
        return True
    if isinstance(pair[0], str) and parse_angle(pair[0]) is None and map_columns(cells) is not None:
        return True  # the heading again, over the next parcel
    east, north = (_read_coordinate(value, grid, number, degrees="lon" in values) for value in pair)
    if not fits_an_order(east, north):
        raise _bad_row(grid, number, f"{pair[0]}, {pair[1]}")
    grid.points += 1
    if grid.points > grid.limits.vertices:
        raise SiteTooLargeError(
            f"点多于上限 {grid.limits.vertices}", f"more than {grid.limits.vertices} points", where=grid.where
        )
    draft = _find_draft(grid, values, cells)
    ring = _text(values.get("ring"))
    if (ring and ring != draft.last_ring) or (after_blank and not ring):
        draft.ring += 1
    draft.last_ring = ring or draft.last_ring
    draft.parcel.vertices.append(Vertex(east, north, str(draft.ring), _text(values.get("point"))))
    return False


def _read_wordy_row(grid: _Grid, number: int, values: dict[str, object], cells: Sequence[object]) -> None:
    """Look at a row without coordinates: a point's must have some, a parcel's own makes an empty parcel."""
    if _POINT_NAME.fullmatch(_text(values.get("point"))):
        raise _bad_row(grid, number, "")
    if _text(values.get("parcel")) and not _text(values.get("point")):
        _find_draft(grid, values, cells)


def _find_draft(grid: _Grid, values: dict[str, object], cells: Sequence[object]) -> _Draft:
    """Return the parcel a row belongs to; a blank cell belongs to the parcel above, as merged cells do."""
    name = _text(values.get("parcel"))
    system = _text(values.get("system"))
    if grid.drafts and (not name or "parcel" not in grid.columns):
        return grid.drafts[-1]
    if name in grid.seen:
        return grid.seen[name]
    if len(grid.drafts) >= grid.limits.features:
        raise SiteTooLargeError(
            f"地块多于上限 {grid.limits.features}",
            f"more than {grid.limits.features} parcels",
            where=grid.where,
        )
    kind = _KINDS.get(_text(values.get("kind")).lower(), "polygon")
    draft = _Draft(Parcel(_read_properties(grid, cells, name), kind=kind), system)
    grid.drafts.append(draft)
    grid.seen[name] = draft
    return draft


def _read_properties(grid: _Grid, cells: Sequence[object], name: str) -> dict[str, Any]:
    """Return the cells of a parcel's first row without coordinates, its name under a fixed heading."""
    used = {column for role, column in grid.columns.items() if role in _POINT_ROLES}
    properties = {
        heading: cell
        for column, (heading, cell) in enumerate(zip(grid.headings, cells, strict=False))
        if heading and column not in used and cell is not None and str(cell).strip()
    }
    return {_NAME: name, **properties} if name else properties


def _read_coordinate(value: object, grid: _Grid, number: int, *, degrees: bool) -> float:
    read = parse_angle(value)
    if read is not None and degrees and abs(read) >= 10_000:
        packed = parse_packed(read)
        # 335°10′00″ is no longitude of anyone's: the northing 3 351 000 under a wrong heading
        read = packed if packed is not None and packed < 140 else read
    if read is None:
        raise _bad_row(grid, number, "" if value is None else str(value))
    return read


def _bad_row(grid: _Grid, number: int, shown: str) -> SiteError:
    return SiteError(
        f"第 {number} 行的坐标不可用：{shown[:60] or '（空）'}",
        f"row {number}: the coordinates are not usable: {shown[:60] or '(empty)'}",
        where=f"{grid.where}, row {number}",
        code="sites.coordinates",
        hint_zh="应为平面坐标（X 7 位，Y 6 位或带号加 6 位）、十进制度或度分秒；公式须有已保存的值",
        hint_en="expected plane coordinates, decimal degrees or d-m-s; formulas need a stored value",
    )


def _split_apart(drafts: list[_Draft]) -> list[_Draft]:
    """Return the rings of a table without a column of parcels: those that lie apart are parcels."""
    split: list[_Draft] = []
    for draft in drafts:
        rings = draft.parcel.split_rings()
        if (
            draft.parcel.kind != "polygon"
            or len(rings) < 2
            or any(len(np.unique(r, axis=0)) < 3 for r in rings)
        ):
            split.append(draft)
            continue
        for members in group_rings(rings):
            parcel = Parcel(draft.parcel.properties)
            parcel.vertices += [
                Vertex(float(x), float(y), str(number)) for number in members for x, y in rings[number]
            ]
            split.append(_Draft(parcel, draft.system))
    return split


def _settle_kinds(drafts: list[_Draft], columns: dict[str, int]) -> None:
    """Take a table with one row a parcel, and no word on its kind, as a list of points."""
    if "kind" not in columns and all(len(draft.parcel.vertices) == 1 for draft in drafts):
        for draft in drafts:
            draft.parcel.kind = "point"


def _text(value: object) -> str:
    if value is None:
        return ""
    number = parse_number(value) if isinstance(value, float) else None
    return str(int(number)) if number is not None and number.is_integer() else tidy_text(str(value))
