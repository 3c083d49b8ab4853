"""``maps/*.toml`` → :class:`MapDefinition` records: what each web map shows, and the look of the ground."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from gis.errors import CatalogueError, NotFoundError
from gis.model import Level, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Bounds = tuple[float, float, float, float]


SHIFTED_HOSTS = (
    "amap.com",
    "autonavi.com",
    "baidu.com",
    "bdimg.com",
    "gtimg.com",
    "map.qq.com",
    "google.cn",
    "gstatic.cn",
)
"""Tile services whose maps are in GCJ-02 or BD-09, about 500 m off: never under a site."""


@dataclass(frozen=True, slots=True)
class Group:
    """One theme in the layer tree.

    Parameters
    ----------
    layers : tuple of str
        Layer ids in the order of the tree; a layer the catalogue does not have is left out.
    hidden : tuple of str
        Those of them that are off at first.
    rest : bool
        Whether the other layers of the same theme follow, so that a new layer appears without an edit here.
    collapsed : bool
        Whether the group is closed at first.
    zones : str
        A level of control: the group also lists the control zone of every rule of it. Empty for none.
    shown : bool
        Whether its layers are on at first.
    """

    theme: str
    title: Text
    layers: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    rest: bool = False
    collapsed: bool = False
    zones: str = ""
    shown: bool = True


@dataclass(frozen=True, slots=True)
class MapDefinition:
    """One web map.

    Parameters
    ----------
    view : tuple of float
        (west, south, east, north) degrees shown first.
    order : int
        Place among the maps' tabs.
    check : bool
        Whether sites can be drawn and checked on it.
    notice : Text or None
        How sure what it shows is: said first in its legend.
    """

    id: str
    title: Text
    summary: Text
    view: Bounds
    order: int
    groups: tuple[Group, ...]
    check: bool = False
    notice: Text | None = None


@dataclass(frozen=True, slots=True)
class OnlineBase:
    """A tile service; asked only when someone switches it on in ``maps/basemaps.toml``."""

    id: str
    title: Text
    url: str
    attribution: str
    max_zoom: int


@dataclass(frozen=True, slots=True)
class Ground:
    """The look of the ground: ``maps/basemaps.toml``.

    Parameters
    ----------
    land : str
        Colour of the land, ``#rrggbb``.
    frame : tuple of float
        (west, south, east, north) degrees the map can be moved in.
    extent : tuple of float, optional
        (west, south, east, north) degrees the ground is drawn for; what lies outside is marked as unknown.
    place_zoom : tuple of float
        Zoom from which places of rank 1, 2, … are shown.
    min_zoom : mapping
        Kind → zoom from which a layer of that kind only is drawn.
    soft_edge_from_m : float
        Outlines less accurate than this get a soft edge.
    online : tuple of OnlineBase
        Tile services that are switched on.
    """

    land: str
    frame: Bounds
    extent: Bounds | None
    place_zoom: tuple[float, ...]
    min_zoom: Mapping[str, float]
    soft_edge_from_m: float
    online: tuple[OnlineBase, ...]


def read_maps(folder: Path) -> tuple[MapDefinition, ...]:
    """Read every map definition of a workspace's ``maps/`` folder, in the order of the tabs.

    Raises
    ------
    CatalogueError
        If a file is not TOML or lacks a field.
    """
    found = []
    for path in sorted(folder.glob("*.toml")):
        tables = _read_toml(path)
        if "map" in tables:
            found.append(_read_map(path, tables))
    return tuple(sorted(found, key=lambda item: (item.order, item.id)))


def find_map(maps: tuple[MapDefinition, ...], map_id: str) -> MapDefinition:
    """Return the map of that id.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    for definition in maps:
        if definition.id == map_id:
            return definition
    known = "、".join(item.id for item in maps)
    raise NotFoundError(
        f"没有地图 {map_id!r}",
        f"there is no map {map_id!r}",
        where=f"maps/{map_id}.toml",
        hint_zh=f"现有地图：{known}",
        hint_en=f"the maps are: {known}",
        code="maps.unknown",
    )


def read_ground(path: Path, *, key: str = "") -> Ground:
    """Read ``maps/basemaps.toml``.

    Parameters
    ----------
    key : str
        For the tile services that need one and name none.

    Raises
    ------
    CatalogueError
        If the file is not TOML or lacks a field.
    """
    tables = _read_toml(path)
    try:
        ground = tables["ground"]
        return Ground(
            land=str(ground["land"]),
            frame=_bounds(ground["frame"]),
            extent=_bounds(ground["extent"]) if "extent" in ground else None,
            place_zoom=tuple(float(zoom) for zoom in ground["place_zoom"]),
            min_zoom={kind: float(zoom) for kind, zoom in ground.get("min_zoom", {}).items()},
            soft_edge_from_m=float(ground["soft_edge_from_m"]),
            online=tuple(
                _read_online(item, key) for item in tables.get("online", []) if is_usable(item, key)
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(path, error) from error


def _read_toml(path: Path) -> Mapping[str, Any]:
    """Return the tables of a TOML file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(path, error) from error


def _read_map(path: Path, tables: Mapping[str, Any]) -> MapDefinition:
    """Return one file as a record."""
    try:
        head = tables["map"]
        return MapDefinition(
            id=path.stem,
            title=Text(head["title_zh"], head["title_en"]),
            summary=Text(head.get("summary_zh", ""), head.get("summary_en", "")),
            view=_bounds(head["view"]),
            order=int(head.get("order", 100)),
            groups=tuple(_read_group(group) for group in tables["group"]),
            check=bool(head.get("check", False)),
            notice=Text(head["notice_zh"], head["notice_en"]) if "notice_zh" in head else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _broken(path, error) from error


def _read_group(table: Mapping[str, Any]) -> Group:
    """Return one ``[[group]]`` as a record.

    Raises
    ------
    ValueError
        If ``zones`` is no level of control.
    """
    zones = table.get("zones", "")
    if zones and zones not in set(Level):
        raise ValueError(f"zones = {zones!r}: one of {', '.join(Level)} is expected")
    return Group(
        theme=table["theme"],
        title=Text(table["title_zh"], table["title_en"]),
        layers=tuple(table.get("layers", ())),
        hidden=tuple(table.get("hidden", ())),
        rest=bool(table.get("rest", False)),
        collapsed=bool(table.get("collapsed", False)),
        zones=zones,
        shown=bool(table.get("shown", True)),
    )


def is_usable(table: Mapping[str, Any], key: str) -> bool:
    """Return whether an ``[[online]]`` is switched on and has the key that its address needs."""
    return bool(table.get("enabled")) and ("{key}" not in table["url"] or bool(table.get("key") or key))


def _read_online(table: Mapping[str, Any], key: str) -> OnlineBase:
    """Return one ``[[online]]`` as a record.

    Raises
    ------
    ValueError
        If its tiles are shifted (GCJ-02, BD-09): sites would be judged against a map that lies 500 m off.
    """
    host = urlsplit(table["url"]).netloc.lower()
    if table.get("datum", "cgcs2000") != "cgcs2000" or any(host.endswith(name) for name in SHIFTED_HOSTS):
        raise ValueError(f"{table['id']}: GCJ-02 / BD-09")
    return OnlineBase(
        id=table["id"],
        title=Text(table["title_zh"], table["title_en"]),
        url=table["url"].replace("{key}", quote(table.get("key") or key, safe="")),
        attribution=table["attribution"],
        max_zoom=int(table["max_zoom"]),
    )


def _bounds(value: Any) -> Bounds:
    """Return (west, south, east, north).

    Raises
    ------
    ValueError
        If it is not four numbers in that order.
    """
    west, south, east, north = (float(number) for number in value)
    if not (west < east and south < north):
        raise ValueError(f"[west, south, east, north] expected, not {value}")
    return west, south, east, north


def _broken(path: Path, error: Exception) -> CatalogueError:
    """Return the error for a definition that cannot be read."""
    return CatalogueError(
        f"地图定义 {path.name} 无法读取：{error}",
        f"the map definition {path.name} cannot be read: {error}",
        where=f"maps/{path.name}",
        hint_zh="需要 [map] 的 title_zh、title_en、view 与至少一个 [[group]]",
        hint_en="[map] with title_zh, title_en and view, and at least one [[group]], is needed",
        code="maps.definition",
    )
