"""Links between patches from a file: a table or GeoJSON lines with ``from``, ``to`` and ``cost``."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.corridors.network import Network
from gis.corridors.patches import find_columns, read_table
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.corridors.patches import Patches

FROM = ("from", "start", "node1", "源", "起点")
TO = ("to", "end", "node2", "目标", "终点")
COST = ("cost", "cost_resistance_m", "distance", "distance_m", "length_m", "成本", "距离")
"""Headings the three columns may have, in any case."""


@dataclass(frozen=True, slots=True)
class FileLink:
    """One link of a file.

    Parameters
    ----------
    where : str
        File and line or feature.
    start, end : str
        Ids of the patches.
    cost : float
    line : tuple of (float, float), or None
        Its vertices in degrees, where the file has any.
    """

    where: str
    start: str
    end: str
    cost: float
    line: tuple[tuple[float, float], ...] | None = None


def parse_links(content: bytes, *, name: str) -> tuple[FileLink, ...]:
    """Return the links of a file.

    Parameters
    ----------
    content : bytes
        CSV (comma, semicolon or tab) with a header, or a GeoJSON FeatureCollection, UTF-8.
    name : str
        What errors call it.

    Raises
    ------
    CorridorError
        If it cannot be read, a column is missing, or a cost is no number.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _damaged(name, "not UTF-8") from error
    if text.lstrip().startswith("{"):
        return _parse_geojson(text, name)
    header, rows = read_table(text)
    place = find_columns(header, {"from": FROM, "to": TO, "cost": COST}, name=name)
    return tuple(
        FileLink(
            f"{name}:{line}",
            row[place["from"]],
            row[place["to"]],
            _read_cost(row[place["cost"]], f"{name}:{line}"),
        )
        for line, row in rows
    )


def join_links(patches: Patches, links: Sequence[FileLink]) -> Network:
    """Return the network of patches and the links of a file.

    Raises
    ------
    CorridorError
        If a link names an unknown patch.
    """
    place = {name: index for index, name in enumerate(patches.ids)}
    for link in links:
        for end in (link.start, link.end):
            if end not in place:
                raise CorridorError(
                    f"{link.where} 的斑块 {end} 不在斑块文件里",
                    f"the patch {end} of {link.where} is not among the patches",
                    where=link.where,
                    hint_zh=f"斑块编号如：{'、'.join(patches.ids[:10])}；可用 --id-field 指定编号字段",
                    hint_en=f"ids are such as {', '.join(patches.ids[:10])}; --id-field names their field",
                    code="corridors.link",
                )
    return Network(
        ids=patches.ids,
        areas_m2=patches.areas_m2,
        starts=np.array([place[link.start] for link in links], dtype=np.intp),
        ends=np.array([place[link.end] for link in links], dtype=np.intp),
        costs=np.array([link.cost for link in links], dtype=np.float64),
    )


def _parse_geojson(text: str, name: str) -> tuple[FileLink, ...]:
    """Return the links of GeoJSON features that have the three properties; others are no links."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(name, "no GeoJSON FeatureCollection") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise _damaged(name, "no GeoJSON FeatureCollection")
    links = []
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            continue
        lower = {str(key).lower(): value for key, value in properties.items()}
        start, end, cost = (_first_of(lower, names) for names in (FROM, TO, COST))
        if start is None or end is None:
            continue
        where = f"{name}:{number}"
        links.append(
            FileLink(where, _as_id(start), _as_id(end), _read_cost(cost, where), _read_line(feature))
        )
    if features and not links:
        raise _damaged(name, "no feature with from and to")
    return tuple(links)


def _first_of(properties: dict[str, Any], names: tuple[str, ...]) -> Any:
    """Return the first property of some names that has a value."""
    return next((properties[name] for name in names if properties.get(name) is not None), None)


def _as_id(value: Any) -> str:
    """Return an id as text, whole numbers without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _read_line(feature: dict[str, Any]) -> tuple[tuple[float, float], ...] | None:
    """Return the vertices of a feature's line; None for anything else."""
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != "LineString":
        return None
    try:
        return tuple((float(x), float(y)) for x, y, *_ in geometry["coordinates"])
    except (KeyError, TypeError, ValueError):
        return None


def _read_cost(value: Any, where: str) -> float:
    """Return the cost of a link as a number."""
    try:
        cost = float(value)
    except (TypeError, ValueError):
        cost = math.nan
    if math.isfinite(cost):
        return cost
    raise CorridorError(
        f"{where} 的成本应为数，不是 {value!r}",
        f"the cost of {where} must be a number, not {value!r}",
        where=where,
        code="corridors.link",
    )


def _damaged(name: str, why: str) -> CorridorError:
    """Return the error for a file that holds no links."""
    return CorridorError(
        f"{name} 不是可用的连接文件：{why}",
        f"{name} is no usable file of links: {why}",
        where=name,
        hint_zh="需要带表头 from,to,cost 的 CSV（UTF-8），或有这三个属性的 GeoJSON",
        hint_en="a CSV (UTF-8) with the header from,to,cost, or GeoJSON with these three properties",
        code="corridors.links_file",
    )
