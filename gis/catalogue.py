"""``layers/catalogue.toml`` → :class:`LayerEntry` records and named areas; no geometry is opened here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.errors import CatalogueError, NotFoundError
from gis.model import LayerEntry, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

THEMES = (
    "ecology",
    "water",
    "transport",
    "logistics",
    "energy",
    "industry",
    "services",
    "environment",
    "context",
)
PROVENANCES = ("official", "surveyed", "open", "digitised", "schematic", "derived", "none")
GEOMETRY_TYPES = ("Point", "LineString", "Polygon", "Mixed")
REQUIRED_FIELDS = ("id", "title_zh", "title_en", "theme", "geometry_type", "provenance", "source", "licence")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All layers of a workspace, in the order of the file.

    Parameters
    ----------
    areas : mapping
        Named areas for ``coverage``: name → table with ``title_zh``, ``title_en`` and one of ``bbox``
        [west, south, east, north], ``polygon`` (list of [lon, lat]) or ``adcodes`` (boundary codes).
    """

    entries: tuple[LayerEntry, ...]
    areas: Mapping[str, Mapping[str, Any]]
    path: Path

    def entry(self, layer_id: str) -> LayerEntry:
        """Return the entry of `layer_id`.

        Raises
        ------
        NotFoundError
            If the catalogue has no such layer.
        """
        for entry in self.entries:
            if entry.id == layer_id:
                return entry
        raise NotFoundError(
            f"目录中没有图层 {layer_id!r}",
            f"the catalogue has no layer {layer_id!r}",
            where=str(self.path.name),
            hint_zh="用 gis layers 查看全部图层",
            hint_en="list the layers with: gis layers",
            code="layers.unknown",
        )


def read_catalogue(path: Path) -> Catalogue:
    """Read a catalogue file.

    Parameters
    ----------
    path : Path
        ``layers/catalogue.toml``: an array of tables ``layer`` and tables ``area.<name>``.

    Raises
    ------
    CatalogueError
        If the file is missing, is not TOML, lacks a field, or names something twice.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CatalogueError(
            f"找不到图层目录 {path}",
            f"there is no layer catalogue {path}",
            where=str(path),
            hint_zh="请用 --workspace 指向含有 layers/ 的文件夹",
            hint_en="point --workspace at a folder that holds layers/",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(
            f"图层目录不是有效的 UTF-8 TOML：{error}",
            f"the layer catalogue is not valid UTF-8 TOML: {error}",
            where=str(path),
        ) from error
    entries = tuple(read_entry(table, path) for table in data.get("layer", []))
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise CatalogueError(
                f"图层 {entry.id} 在目录中出现两次",
                f"the catalogue names layer {entry.id} twice",
                where=f"{path.name}: {entry.id}",
            )
        seen.add(entry.id)
    return Catalogue(entries=entries, areas=data.get("area", {}), path=path)


def read_entry(table: Mapping[str, Any], path: Path) -> LayerEntry:
    """Return one catalogue table as a record.

    Raises
    ------
    CatalogueError
        If a field is missing or has a value the catalogue does not allow.
    """
    where = f"{path.name}: {table.get('id', '?')}"
    for name in REQUIRED_FIELDS:
        if not table.get(name):
            raise CatalogueError(
                f"图层缺少字段 {name}",
                f"the layer lacks the field {name}",
                where=where,
                code="catalogue.field",
            )
    for name, allowed in (("theme", THEMES), ("provenance", PROVENANCES), ("geometry_type", GEOMETRY_TYPES)):
        if table[name] not in allowed:
            raise CatalogueError(
                f"字段 {name} 的值 {table[name]!r} 不在允许范围内：{'、'.join(allowed)}",
                f"field {name} is {table[name]!r}; allowed: {', '.join(allowed)}",
                where=where,
                code="catalogue.value",
            )
    accuracy = table.get("accuracy_m")
    note = Text(table["note_zh"], table.get("note_en", "")) if table.get("note_zh") else None
    return LayerEntry(
        id=table["id"],
        title=Text(table["title_zh"], table["title_en"]),
        theme=table["theme"],
        path=table.get("path"),
        geometry_type=table["geometry_type"],
        rows=int(table.get("rows", 0)),
        sha256=table.get("sha256"),
        provenance=table["provenance"],
        accuracy_m=None if accuracy is None else float(accuracy),
        coverage=table.get("coverage"),
        data_date=str(table["data_date"]) if table.get("data_date") else None,
        source=table["source"],
        licence=table["licence"],
        attribution=table.get("attribution", ""),
        required=bool(table.get("required", False)),
        sensitive=bool(table.get("sensitive", False)),
        style=table.get("style", table["theme"]),
        note=note,
        assessed=bool(table.get("assessed", True)),
    )
