"""Big layers as vector tiles: one PMTiles file a layer, made once and kept by the hash of what it shows."""

from __future__ import annotations

import contextlib
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.errors import NotFoundError
from gis.model import LayerStatus
from gis.rules import effective_rules
from gis.webmap.data import COORDINATE_DIGITS, is_missing
from gis.webmap.detail import LAST_ZOOM
from gis.webmap.tileset import TILE_LAYER, TileFeatures, write_tiles
from gis.webmap.zones import PREFIX, ZoneExtent, find_zone, name_features, part_properties, zone_shapes
from gis.zones.recipes import QUAD_SEGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.model import Layer, Rule
    from gis.workspace import ControlZone, Workspace

GEOJSON_BYTES = 5_000_000
"""Layers whose GeoJSON is larger are drawn from tiles."""

VERSION = 2
"""Of the way tiles are made: a new one makes them again."""

CIRCLE_CORNERS = 4 * QUAD_SEGS + 1
"""Of the buffer of one corner."""

CORNER_BYTES, FEATURE_BYTES = 23, 240
"""Of a corner with six decimals and of a feature's properties in GeoJSON: for layers not written out yet."""


def geojson_bytes(layer: Layer, layers_dir: Path) -> int:
    """Return how large a layer is as GeoJSON: the size of its file, or an estimate where it has none."""
    own = file_bytes(layer, layers_dir)
    if own is not None or layer.frame is None:
        return own or 0
    return estimate_bytes(layer.frame.geometry.to_numpy())


def file_bytes(layer: Layer, layers_dir: Path) -> int | None:
    """Return the size of a layer's GeoJSON file; None where it has none of its own."""
    path = layer.entry.path or ""
    if path.endswith(".geojson") and ":" not in path:
        with contextlib.suppress(OSError):
            return (layers_dir / path).stat().st_size
    return None


def estimate_bytes(geometries: NDArray[np.object_]) -> int:
    """Return about how many bytes features are as GeoJSON."""
    corners = int(shapely.get_num_coordinates(geometries).sum())
    return corners * CORNER_BYTES + len(geometries) * FEATURE_BYTES


def is_big_layer(workspace: Workspace, layer: Layer) -> bool:
    """Return whether a layer is drawn from tiles."""
    layers_dir = workspace.settings.workspace / "layers"
    if (own := file_bytes(layer, layers_dir)) is not None and own <= GEOJSON_BYTES:
        return False  # told without opening it
    usable = layer.status is LayerStatus.OK and layer.frame is not None and len(layer.frame) > 0
    return usable and geojson_bytes(layer, layers_dir) > GEOJSON_BYTES


def is_big_zone(zone: ControlZone) -> bool:
    """Return whether a control zone is drawn from tiles."""
    parts = np.array([part.geometry for part in zone.parts], dtype=object)
    return estimate_bytes(parts) > GEOJSON_BYTES


def layer_key(layer: Layer) -> str:
    """Return a hash of what a layer's tiles are made of."""
    return _key(layer.entry.id, layer.sha256 or "", str(layer.entry.accuracy_m))


def zone_key(workspace: Workspace, rule: Rule) -> str:
    """Return a hash of what a zone's tiles are made of."""
    layer = workspace.layers[rule.layer_id]
    recipe = f"{rule.recipe.type} {sorted(rule.recipe.parameters.items())}"
    kinds = f"{rule.kinds} {rule.possible_kinds} {rule.level.value} {rule.title}"
    coverage = workspace.zones.coverage_sha256(layer) or ""
    return _key(rule.id, layer.sha256 or "", recipe, kinds, coverage, str(layer.entry.accuracy_m))


def _key(*parts: str) -> str:
    """Return a short hash of strings and of the way tiles are made."""
    return sha256("\n".join((str(VERSION), *parts)).encode()).hexdigest()[:16]


def tiles_path(workspace: Workspace, tiles_id: str, key: str) -> Path:
    """Return where the tiles of a layer or zone are kept."""
    return workspace.settings.cache / "tiles" / f"{tiles_id}-{key}.pmtiles"


def layer_tiles(workspace: Workspace, layer: Layer) -> dict[str, Any] | None:
    """Return for a page how a layer is drawn from tiles; None: from GeoJSON."""
    if not is_big_layer(workspace, layer):
        return None
    return _describe(workspace, layer.entry.id, layer_key(layer), None)


def zone_tiles(workspace: Workspace, rule: Rule) -> dict[str, Any] | None:
    """Return for a page how a zone is drawn from tiles; None: from GeoJSON.

    A zone that is its features themselves is drawn from the tiles of their layer, those of its kinds only.
    """
    if shares_tiles(workspace, rule):
        layer = workspace.layers[rule.layer_id]
        kinds = {"settled": list(rule.kinds), "possible": list(rule.possible_kinds)}
        return _describe(workspace, layer.entry.id, layer_key(layer), kinds)
    zone = workspace.zones.zone(rule)
    if zone is None or not is_big_zone(zone):
        return None
    return _describe(workspace, PREFIX + rule.id, zone_key(workspace, rule), None)


def big_zone_extent(workspace: Workspace, rule: Rule) -> ZoneExtent | None:
    """Return the extent of a zone that shares its layer's tiles, without making the zone; None: no part."""
    frame = zone_rows(workspace.layers[rule.layer_id], rule)
    if not len(frame):
        return None
    bounds = [round(float(value), COORDINATE_DIGITS) for value in frame.total_bounds]
    return ZoneExtent(tuple(frame.geom_type.str.removeprefix("Multi")), bounds)


def zone_rows(layer: Layer, rule: Rule) -> gpd.GeoDataFrame:
    """Return the located features of a layer that a rule applies to, for certain or possibly."""
    if layer.frame is None:
        raise ValueError(f"{layer.entry.id} has no data")
    frame = layer.frame
    chosen = frame["kind"].isin([*rule.kinds, *rule.possible_kinds]) & frame.geometry.notna()
    return frame[chosen & ~frame.geometry.is_empty]


def shares_tiles(workspace: Workspace, rule: Rule) -> bool:
    """Return whether a rule's zone is drawn from the tiles of its layer."""
    layer = workspace.layers.get(rule.layer_id)
    return rule.recipe.type == "inside" and layer is not None and is_big_layer(workspace, layer)


def _describe(
    workspace: Workspace, tiles_id: str, key: str, kinds: dict[str, list[str]] | None
) -> dict[str, Any]:
    """Return where tiles are, whether they are made, and what is drawn of them."""
    return {
        "url": f"/tiles/{tiles_id}.pmtiles?v={key}",
        "layer": TILE_LAYER,
        "last_zoom": LAST_ZOOM,
        "ready": tiles_path(workspace, tiles_id, key).is_file(),
        "kinds": kinds,
    }


def find_key(workspace: Workspace, tiles_id: str, on: date) -> str:
    """Return the key of a layer's or zone's tiles.

    Raises
    ------
    NotFoundError
        If there is no such layer or zone, or it is small enough to be sent as GeoJSON.
    """
    if tiles_id.startswith(PREFIX):
        rule, zone = find_zone(workspace, tiles_id.removeprefix(PREFIX), on)
        if is_big_zone(zone):
            return zone_key(workspace, rule)
    else:
        workspace.catalogue.entry(tiles_id)
        layer = workspace.layers[tiles_id]
        if is_big_layer(workspace, layer):
            return layer_key(layer)
    kind, name = (
        ("zones", tiles_id.removeprefix(PREFIX)) if tiles_id.startswith(PREFIX) else ("layers", tiles_id)
    )
    raise NotFoundError(
        f"{tiles_id} 不足 5 MB，或没有数据：没有瓦片",
        f"{tiles_id} is less than 5 MB or has no data: there are no tiles of it",
        where=tiles_id[:80],
        hint_zh=f"用 /api/{kind}/{name}.geojson",
        hint_en=f"ask /api/{kind}/{name}.geojson",
        code="tiles.small",
    )


def list_big(workspace: Workspace, on: date) -> tuple[str, ...]:
    """Return the ids of all layers, then of the zones in force on a day, that are drawn from tiles."""
    layers = [layer.entry.id for layer in workspace.layers.values() if is_big_layer(workspace, layer)]
    zones = [
        PREFIX + rule.id
        for rule in effective_rules(workspace.rules, on)
        if rule.layer_id in workspace.layers
        and not shares_tiles(workspace, rule)
        and may_grow_big(workspace.layers[rule.layer_id])
        and (zone := workspace.zones.zone(rule)) is not None
        and is_big_zone(zone)
    ]
    return (*layers, *zones)


def may_grow_big(layer: Layer) -> bool:
    """Return whether a zone of a layer can be big, before it is made: a corner grows to a circle."""
    if layer.frame is None:
        return False
    corners = int(shapely.get_num_coordinates(layer.frame.geometry.to_numpy()).sum())
    return corners * CIRCLE_CORNERS * CORNER_BYTES > GEOJSON_BYTES


def ensure_tiles(
    workspace: Workspace, tiles_id: str, on: date, *, progress: Callable[[float], None] | None = None
) -> Path:
    """Return the tiles of a layer or zone, made first where they are not there yet.

    Parameters
    ----------
    progress : callable, optional
        Called with the share that is done, 0–1.

    Raises
    ------
    NotFoundError
        As :func:`find_key`.
    """
    path = tiles_path(workspace, tiles_id, find_key(workspace, tiles_id, on))
    if path.is_file():
        return path
    if tiles_id.startswith(PREFIX):
        rule, zone = find_zone(workspace, tiles_id.removeprefix(PREFIX), on)
        features = zone_features(workspace, rule, zone)
    else:
        features = layer_features(workspace.layers[tiles_id])
    write_tiles(features, path, progress=progress or (lambda _: None))
    for old in path.parent.glob(f"{tiles_id}-{'?' * 16}.pmtiles"):
        if old != path:
            old.unlink(missing_ok=True)
    return path


def layer_features(layer: Layer) -> TileFeatures:
    """Return what the tiles of an opened layer show; a feature's own accuracy wins over the layer's."""
    if layer.frame is None:
        raise ValueError(f"{layer.entry.id} has no data")
    frame = layer.frame
    columns = {name: frame[name].to_numpy(object) for name in ("id", "name_zh", "name_en", "kind")}
    own = [None if is_missing(value) else value for value in frame["accuracy_m"]]
    accuracy = np.array([layer.entry.accuracy_m if value is None else value for value in own], dtype=object)
    return TileFeatures(layer.entry.id, frame.geometry.to_numpy(), columns | {"accuracy_m": accuracy})


def zone_features(workspace: Workspace, rule: Rule, zone: ControlZone) -> TileFeatures:
    """Return what the tiles of a control zone show."""
    names = name_features(workspace.layers[rule.layer_id])
    drawn = zone_shapes(rule, zone)
    tables = [part_properties(rule, part, names) for part, _ in drawn]
    columns = {
        name: np.array([table[name] for table in tables], dtype=object)
        for name in ("id", "name_zh", "name_en", "kind", "accuracy_m", "feature_id")
    }
    columns["settled"] = np.array([int(part.settled) for part, _ in drawn], dtype=object)
    lonlat = [crs.transform(shape, crs.PLANE, crs.GEOGRAPHIC) for _, shape in drawn]
    return TileFeatures(PREFIX + rule.id, np.array(lonlat, dtype=object), columns)
