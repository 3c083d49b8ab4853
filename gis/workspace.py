"""A workspace opened: its catalogue, rules, styles and layers, and the control zones made from them."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.catalogue import Catalogue, read_catalogue
from gis.corridors.effect import Corridor, place_corridor
from gis.errors import LayerError
from gis.layers.deferred import DeferredLayer
from gis.layers.load import CACHE_PREFIX
from gis.model import Layer, LayerStatus, Rule, RuleSet, Text
from gis.rules import effective_rule, read_rules, rules_in_force, rules_pending
from gis.settings import Settings, read_settings
from gis.styles import Styles, read_styles
from gis.zones import RiverNetwork, ZoneFeature, ZonePart, link_rivers, make_part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry

RIVER_AXIS, RIVER_WATER = "river_axis", "river_water"
"""Layers that distances along a river are taken in."""

MAX_DAYS = 64
"""Days whose rules are kept at once."""

CONTEXT = "context"
"""Theme of layers that are drawn and cover, but take no part in findings."""


@dataclass(frozen=True, slots=True)
class ControlZone:
    """The control zone of one rule: its parts and an index over them.

    Parameters
    ----------
    rule : Rule
    parts : tuple of ZonePart
        In the order of the layer's features.
    tree : STRtree
        Over the parts' geometries (EPSG:4549).
    coverage : shapely geometry or None
        Where the layer can say "nothing here" (EPSG:4549): a rule about what lies *outside* its features
        says nothing beyond it.
    ground : str
        The same for the zones of two rules that share their parts: same layer, kinds and recipe.
    lock : Lock
        Held while a prepared part is asked: two threads that build one's index at once crash GEOS.
    """

    rule: Rule
    parts: tuple[ZonePart, ...]
    tree: shapely.STRtree
    coverage: BaseGeometry | None
    ground: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def near(self, site_plane: BaseGeometry, distance_m: float) -> tuple[ZonePart, ...]:
        """Return the parts within `distance_m` (plane) of a site, in the order of the layer."""
        hits = self.tree.query(site_plane, predicate="dwithin", distance=distance_m)
        return tuple(self.parts[index] for index in np.sort(hits))

    def meet(self, site_plane: BaseGeometry, parts: Sequence[ZonePart]) -> tuple[ZonePart, ...]:
        """Return those of the parts that a site touches or overlaps."""
        with self.lock:
            met = shapely.intersects([part.geometry for part in parts], site_plane)
        return tuple(part for part, meets in zip(parts, met, strict=True) if meets)

    def hold(self, window: BaseGeometry, parts: Sequence[ZonePart]) -> bool:
        """Return whether one of the parts that are areas with known limits holds a whole window."""
        with self.lock:
            return any(
                part.settled
                and shapely.get_dimensions(part.geometry) == 2
                and shapely.covers(part.geometry, window)
                for part in parts
            )

    def nearest(self, site_plane: BaseGeometry) -> ZonePart:
        """Return the part nearest to a site; of equally near ones the first of the layer."""
        hits = self.tree.query_nearest(site_plane, all_matches=True)
        return self.parts[int(np.min(hits))]


class ZoneStore:
    """Makes each rule's control zone once and keeps it; safe for several threads."""

    def __init__(self, layers: Mapping[str, Layer], rules: RuleSet) -> None:
        self._layers = layers
        self._rules = rules
        self._rules_on: dict[date, tuple[tuple[Rule, bool], ...]] = {}
        self._lock = threading.RLock()
        self._features: dict[str, tuple[ZoneFeature, ...]] = {}
        self._zones: dict[str, ControlZone | None] = {}
        self._grounds: dict[str, ControlZone | None] = {}
        self._coverages: dict[str, BaseGeometry | None] = {}
        self._placed: dict[str | None, BaseGeometry | None] = {}
        self._coverage_hashes: dict[str, str | None] = {}
        self._corridor_index: tuple[list[tuple[Layer, int]], shapely.STRtree] | None = None
        self._corridors: dict[tuple[str, str], Corridor] = {}

    def zone(self, rule: Rule) -> ControlZone | None:
        """Return the control zone of a rule; None where its layer has no data or feeds it nothing."""
        key = f"{rule.id} {rule.recipe.type} {sorted(rule.recipe.parameters.items())}"
        with self._lock:
            if key not in self._zones:
                self._zones[key] = self._make(rule)
            return self._zones[key]

    def rules_on(self, on: date) -> tuple[tuple[Rule, bool], ...]:
        """Return the rules of a day as (rule, whether it is pending), the office's distances filled in."""
        with self._lock:
            if on not in self._rules_on:
                if len(self._rules_on) >= MAX_DAYS:
                    self._rules_on.clear()
                self._rules_on[on] = tuple(
                    (effective_rule(rule, self._rules.settings), pending)
                    for chosen, pending in (
                        (rules_in_force(self._rules.rules, on), False),
                        (rules_pending(self._rules.rules, on), True),
                    )
                    for rule in chosen
                )
            return self._rules_on[on]

    def features(self, layer_id: str) -> tuple[ZoneFeature, ...]:
        """Return a layer's located features in the working plane."""
        with self._lock:
            if layer_id not in self._features:
                self._features[layer_id] = place_features(self._layers[layer_id])
            return self._features[layer_id]

    def coverage_sha256(self, layer: Layer) -> str | None:
        """Return the SHA-256 of a layer's coverage as WKB in degrees; None: nowhere."""
        key = layer.entry.id
        with self._lock:
            if key not in self._coverage_hashes:
                self._coverage_hashes[key] = (
                    None
                    if layer.coverage is None
                    else hashlib.sha256(shapely.to_wkb(layer.coverage, byte_order=1)).hexdigest()
                )
            return self._coverage_hashes[key]

    def coverage(self, layer: Layer) -> BaseGeometry | None:
        """Return where a layer can say "nothing here", in the working plane, prepared; None: nowhere.

        Layers of one coverage are given the same object.
        """
        key = layer.entry.id
        with self._lock:
            if key not in self._coverages:
                digest = self.coverage_sha256(layer)
                if digest not in self._placed:
                    plane = None if layer.coverage is None else crs.to_plane(layer.coverage)
                    shapely.prepare(plane)
                    shapely.covers(plane, None if plane is None else shapely.envelope(plane))
                    self._placed[digest] = plane
                self._coverages[key] = self._placed[digest]
            return self._coverages[key]

    def corridors_met(self, taken: BaseGeometry) -> tuple[Corridor, ...]:
        """Return the ecological corridors, features with ``ends``, that a geometry (EPSG:4549) meets."""
        with self._lock:
            places, tree = self._corridor_places()
            met = np.sort(tree.query(taken, predicate="intersects"))
            return tuple(self._corridor(*places[number]) for number in met)

    def _corridor_places(self) -> tuple[list[tuple[Layer, int]], shapely.STRtree]:
        """Return where the corridors stand, (layer, feature), and an index over them; found once."""
        if self._corridor_index is None:
            found = [
                (layer, index, feature.geometry)
                for layer in self._layers.values()
                if has_corridors(layer)
                for index, feature in enumerate(self.features(layer.entry.id))
                if shapely.get_dimensions(feature.geometry) == 2
            ]
            tree = shapely.STRtree([geometry for _, _, geometry in found])
            self._corridor_index = ([(layer, index) for layer, index, _ in found], tree)
        return self._corridor_index

    def _corridor(self, layer: Layer, index: int) -> Corridor:
        """Return one corridor with its width, measured once."""
        feature = self.features(layer.entry.id)[index]
        key = (layer.entry.id, feature.feature_id)
        if key not in self._corridors:
            names = ("id", "name_zh", "name_en", "ends", "required_width_m")
            found = zip(*(layer.column(name) for name in names), strict=True)
            row = next(
                (dict(zip(names, one, strict=True)) for one in found if one[0] == feature.feature_id), None
            )
            if row is None:
                raise _no_ends(layer.entry.id, feature.feature_id)
            width = row["required_width_m"]
            self._corridors[key] = place_corridor(
                corridor_id=feature.feature_id,
                title=Text(
                    str(row["name_zh"] or feature.feature_id), str(row["name_en"] or feature.feature_id)
                ),
                area=feature.geometry,
                ends=read_ends(row["ends"], layer.entry.id, feature.feature_id),
                required_width_m=None if width is None or np.isnan(width) else float(width),
                accuracy_m=feature.accuracy_m,
            )
        return self._corridors[key]

    def _link_rivers(self) -> RiverNetwork:
        """Return the network of the workspace's river layers; empty where they have no data."""
        axes, water = (
            [feature.geometry for feature in self.features(layer_id)] if layer_id in self._layers else []
            for layer_id in (RIVER_AXIS, RIVER_WATER)
        )
        return link_rivers(axes, water)

    def _make(self, rule: Rule) -> ControlZone | None:
        """Make the zone of one rule; rules that ask for the same ground share its parts."""
        ground = " ".join(
            (
                rule.layer_id,
                rule.recipe.type,
                *(str(item) for item in sorted(rule.recipe.parameters.items())),
                f"kinds {sorted(rule.kinds)} possible {sorted(rule.possible_kinds)}",
            )
        )
        if ground not in self._grounds:
            self._grounds[ground] = self._make_ground(rule, ground)
        made = self._grounds[ground]
        return None if made is None else replace(made, rule=rule)

    def _make_ground(self, rule: Rule, ground: str) -> ControlZone | None:
        """Make the parts of a zone and the index over them."""
        layer = self._layers.get(rule.layer_id)
        if layer is None or layer.status is not LayerStatus.OK:
            return None
        rivers = self._link_rivers() if rule.recipe.type == "along_river" else None
        made = (make_part(rule, feature, rivers) for feature in self.features(rule.layer_id))
        parts = tuple(part for part in made if part is not None)
        if not parts:
            return None
        geometries = [part.geometry for part in parts]
        shapely.prepare(geometries)
        return ControlZone(
            rule=rule,
            parts=parts,
            tree=shapely.STRtree(geometries),
            coverage=self.coverage(layer),
            ground=ground,
        )


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything a check, a map or a sheet is made from; opened once, then only read.

    Parameters
    ----------
    layers : mapping
        Layer id → layer, context and declared layers included; each is opened when its data are first asked
        for, its ``entry`` is known without.
    zones : ZoneStore
        Control zones, made when first asked for.
    """

    settings: Settings
    catalogue: Catalogue
    rules: RuleSet
    styles: Styles
    layers: Mapping[str, Layer]
    zones: ZoneStore = field(repr=False)

    @property
    def assessed_layers(self) -> tuple[Layer, ...]:
        """Layers that take part in checks: all but the context and the outcomes of studies."""
        every = self.layers.values()
        return tuple(one for one in every if one.entry.theme != CONTEXT and one.entry.assessed)

    @property
    def failed_layers(self) -> tuple[Layer, ...]:
        """Layers that cannot be used; one that nobody has asked for yet is judged by its file's hash."""
        return tuple(
            layer
            for layer in self.layers.values()
            if not (layer.is_sound() if isinstance(layer, DeferredLayer) else layer.problem is None)
        )


def open_workspace(folder: Path | str | None = None, *, settings: Settings | None = None) -> Workspace:
    """Open a folder with ``layers/`` and ``maps/``.

    Parameters
    ----------
    folder : path, optional
        The workspace; by default ``GIS_WORKSPACE``, the current folder if it is one, else the bundled one.
    settings : Settings, optional
        Settings read already; `folder` is then ignored.

    Raises
    ------
    SettingsError
        If the folder is not a workspace.
    CatalogueError, RuleError
        If the catalogue, the styles or the rules are broken. A broken layer is not an error here: it comes
        back as ``failed`` and every check says so.
    """
    chosen = settings or read_settings(workspace=None if folder is None else Path(folder))
    layers_dir = chosen.workspace / "layers"
    catalogue = read_catalogue(layers_dir / "catalogue.toml")
    rules = read_rules(layers_dir / "rules.toml")
    styles = read_styles(chosen.workspace / "maps" / "styles.toml")
    if any(entry.path and entry.path.startswith(CACHE_PREFIX) for entry in catalogue.entries):
        _ensure_cache(chosen)
    layers = {
        entry.id: DeferredLayer(entry, layers_dir=layers_dir, cache_dir=chosen.cache, catalogue=catalogue)
        for entry in catalogue.entries
    }
    return Workspace(
        settings=chosen,
        catalogue=catalogue,
        rules=rules,
        styles=styles,
        layers=layers,
        zones=ZoneStore(layers, rules),
    )


def _ensure_cache(settings: Settings) -> None:
    """Build the cached layers that are missing; one that cannot be then opens as failed and says why."""
    from gis.layers.build.build import ensure_cache

    with contextlib.suppress(LayerError, OSError):
        ensure_cache(settings.workspace, settings.cache)


def has_corridors(layer: Layer) -> bool:
    """Return whether a layer's features are ecological corridors: areas with ``ends`` to be joined."""
    return layer.entry.theme != CONTEXT and layer.has_column("ends")


def place_features(layer: Layer) -> tuple[ZoneFeature, ...]:
    """Return the located features of an opened layer in the working plane, in the order of the file."""
    default = layer.entry.accuracy_m or 0.0
    columns = [layer.column(name) for name in ("id", "kind", "accuracy_m", "elevation_m")]
    planes = layer.to_planes() if isinstance(layer, DeferredLayer) else crs.to_planes(layer.geometries)
    return tuple(
        ZoneFeature(
            feature_id=feature_id,
            kind=kind or "",
            accuracy_m=number_or(accuracy, default),
            geometry=plane,
            elevation_m=number_or(elevation, 0.0),
        )
        for feature_id, kind, accuracy, elevation, plane in zip(*columns, planes, strict=True)
        if plane is not None and not plane.is_empty
    )


def number_or(value: float | None, default: float) -> float:
    """Return `value` as a float, or `default` where a table has none (None or NaN)."""
    if value is None or np.isnan(float(value)):
        return default
    return float(value)


def read_ends(value: Any, layer_id: str, feature_id: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the two ends of a corridor as (lon, lat) pairs.

    Raises
    ------
    LayerError
        If the feature's ``ends`` is not ``[[lon, lat], [lon, lat]]``.
    """
    try:
        (lon_0, lat_0), (lon_1, lat_1) = ((float(lon), float(lat)) for lon, lat in value)
    except (TypeError, ValueError) as error:
        raise _no_ends(layer_id, feature_id) from error
    return (lon_0, lat_0), (lon_1, lat_1)


def _no_ends(layer_id: str, feature_id: str) -> LayerError:
    """Return the error for a corridor without two ends."""
    return LayerError(
        f"走廊 {feature_id} 的 ends 应为 [[经, 纬], [经, 纬]]",
        f"the ends of corridor {feature_id} must be [[lon, lat], [lon, lat]]",
        where=f"{layer_id}/{feature_id}",
        code="layers.ends",
    )
