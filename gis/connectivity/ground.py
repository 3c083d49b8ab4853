"""What a study stands on: the resistance surface and the sources, painted from the layers of a workspace."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.corridors.contours import draw_cells
from gis.corridors.current import read_regions
from gis.corridors.grid import require_resistance, require_same_cells
from gis.corridors.surface import (
    PaintedClass,
    Surface,
    cover_cells,
    grade_slope,
    group_own,
    lay_cells,
    paint_classes,
)
from gis.errors import CorridorError
from gis.model import LayerStatus, Text
from gis.settings import bundled_workspace
from gis.workspace import number_or

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.corridors.grid import Grid
    from gis.corridors.resistance import ResistanceClass, ResistanceTable, Selection, SourceRule
    from gis.workspace import Workspace

POINT_SEGS = 32

OWN_SPREAD = 2.0
"""Resistances somebody handed in are taken to be good to a factor of this, up and down."""


@dataclass(frozen=True, slots=True)
class ChosenFeature:
    """A feature that a table selects, EPSG:4549, with its accuracy and the radius its rank gives it."""

    feature_id: str
    geometry: BaseGeometry
    accuracy_m: float
    radius_m: float = 0.0


@dataclass(frozen=True, slots=True)
class PaintedLayer:
    """What became of a class: how many of its features were painted, how many left out, and why.

    Parameters
    ----------
    status : str
        ``painted``, ``base``, ``no_data`` (the layer has none) or ``inaccurate`` (every feature left out).
    accuracy_m : float or None
        Of its least accurate painted feature.
    """

    class_id: str
    status: str
    painted: int
    left_out: int
    accuracy_m: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A place that corridors join.

    Parameters
    ----------
    number : int
        From 1, in the order of the table: its value in grids.
    area_m2 : float
        On the ellipsoid.
    geometry : shapely geometry
        EPSG:4549.
    cells : bool array, (rows, columns)
    """

    number: int
    id: str
    title: Text
    area_m2: float
    accuracy_m: float
    geometry: BaseGeometry
    cells: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Surface and sources of a study, and what of the layers went into them.

    Parameters
    ----------
    layer_hashes : tuple of (layer id, SHA-256)
        Every layer that was read.
    """

    surface: Surface
    sources: tuple[Source, ...]
    painted: tuple[PaintedLayer, ...]
    layer_hashes: tuple[tuple[str, str], ...]

    @property
    def cells(self) -> Grid:
        """The cells of the study."""
        return self.surface.cells


def choose_features(workspace: Workspace, selection: Selection) -> tuple[ChosenFeature, ...]:
    """Return the located features a selection takes, in the order of the layer; none where it has no data."""
    layer = workspace.layers.get(selection.layer_id)
    if layer is None or layer.status is not LayerStatus.OK or layer.frame is None:
        return ()
    default = layer.entry.accuracy_m or 0.0
    frame = layer.frame
    ranks = frame["rank"] if selection.ranks is not None and "rank" in frame.columns else [None] * len(frame)
    found = []
    for feature_id, kind, accuracy, rank, geometry in zip(
        frame["id"], frame["kind"], frame["accuracy_m"], ranks, frame.geometry, strict=True
    ):
        radius = 0.0 if selection.ranks is None else selection.ranks.get(int(number_or(rank, 0)), 0.0)
        if (
            geometry is None
            or geometry.is_empty
            or (selection.ids and str(feature_id) not in selection.ids)
            or (selection.kinds and kind not in selection.kinds)
            or (selection.ranks is not None and radius == 0.0)
        ):
            continue
        found.append(
            ChosenFeature(str(feature_id), crs.to_plane(geometry), number_or(accuracy, default), radius)
        )
    return tuple(found)


def make_ground(workspace: Workspace, table: ResistanceTable, *, cell_m: float, dem: Grid | None) -> Ground:
    """Return the surface and the sources of a study.

    Parameters
    ----------
    cell_m : float
        Side of a cell in EPSG:4549.
    dem : Grid or None
        Elevations; without them slope is not taken into account.

    Raises
    ------
    CorridorError
        If fewer than two sources lie in the study area, or the cell is not usable.
    """
    cells = lay_cells(table.study.bbox, cell_m)
    painted, told = zip(
        *(
            _paint(workspace, cells, number, item)
            for number, item in enumerate(table.classes)
            if item.selection is not None
        ),
        strict=True,
    )
    base = PaintedLayer(table.classes[0].id, "base", 0, 0, None)
    surface = Surface(
        cells=cells,
        table=table,
        class_of=paint_classes(cells, painted),
        slope_of=None if dem is None else grade_slope(dem, cells, table),
    )
    return Ground(
        surface, make_sources(workspace, table, cells), (base, *told), _hash_layers(workspace, table)
    )


def table_path(workspace: Workspace) -> Path:
    """Return where a workspace keeps its table of resistances; one without has the bundled one."""
    own = workspace.settings.workspace / "layers" / "resistance.toml"
    return own if own.is_file() else bundled_workspace() / "layers" / "resistance.toml"


def make_own_ground(
    workspace: Workspace, table: ResistanceTable, resistance: Grid, points: Grid | None
) -> Ground:
    """Return a ground of resistances, and sources, somebody handed in.

    Parameters
    ----------
    resistance : Grid
        Positive, NaN where nothing passes; in EPSG:4549 where the sources are to come from the layers.
    points : Grid or None
        Number of the source in its cells; None to take the table's sources from the layers.

    Raises
    ------
    CorridorError
        If a resistance is not positive, the grids do not lie on the same cells, or there are not two sources.
    """
    require_resistance(resistance, name="resistance")
    if points is None:
        sources = make_sources(workspace, table, resistance)
    else:
        require_same_cells(resistance, points, name="resistance", other_name="sources")
        sources = tuple(
            Source(
                number=number,
                id=f"source_{number}",
                title=Text(f"源 {number}", f"Source {number}"),
                area_m2=float(cells.sum()) * resistance.cell_m**2,
                accuracy_m=resistance.cell_m,
                geometry=draw_cells(resistance, cells),
                cells=cells,
            )
            for number, cells in read_regions(points).items()
        )
    digest = hashlib.sha256(np.ascontiguousarray(resistance.values).tobytes()).hexdigest()
    surface = group_own(resistance, table, spread=OWN_SPREAD)
    return Ground(surface, require_two(sources), (), (("--resistance", digest),))


def make_sources(workspace: Workspace, table: ResistanceTable, cells: Grid) -> tuple[Source, ...]:
    """Return the sources of a table that lie in the study area; a cell belongs to the first that covers it.

    Raises
    ------
    CorridorError
        If there are fewer than two.
    """
    taken = np.zeros(cells.shape, dtype=bool)
    found: list[Source] = []
    for rule in table.sources:
        features = choose_features(workspace, rule.selection)
        for source_id, title, geometry in name_parts(rule, features):
            own = cover_cells(cells, [geometry], touched=False) & ~taken
            if own.any():
                taken |= own
                accuracy_m = max(feature.accuracy_m for feature in features)
                found.append(
                    Source(len(found) + 1, source_id, title, crs.area_m2(geometry), accuracy_m, geometry, own)
                )
    return require_two(tuple(found))


def require_two(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Return the sources; refuse fewer than two.

    Raises
    ------
    CorridorError
        If there are fewer than two.
    """
    if len(sources) < 2:
        raise CorridorError(
            f"至少需要两个源，研究区内只有 {len(sources)} 个",
            f"at least two sources are needed, {len(sources)} lie in the study area",
            where="[[source]]",
            hint_zh="请检查阻力表的 [[source]] 与 [study] bbox，以及相应图层是否有数据",
            hint_en="look at [[source]] and bbox in the resistance table, and whether the layers have data",
            code="corridors.sources",
        )
    return sources


def name_parts(rule: SourceRule, features: Sequence[ChosenFeature]) -> list[tuple[str, Text, BaseGeometry]]:
    """Return what a rule makes sources of: its features together, or their parts from north to south."""
    if not features:
        return []
    whole = shapely.union_all([feature.geometry for feature in features])
    parts = sorted(shapely.get_parts(whole).tolist(), key=lambda part: -float(part.centroid.y))
    if len(rule.parts) != len(parts):
        return [(rule.id, rule.title, whole)]
    return [
        (f"{rule.id}_{number}", name, part)
        for number, (name, part) in enumerate(zip(rule.parts, parts, strict=True), start=1)
    ]


def _paint(
    workspace: Workspace, cells: Grid, number: int, item: ResistanceClass
) -> tuple[PaintedClass, PaintedLayer]:
    """Return the shapes of a class, and what became of its features."""
    features = () if item.selection is None else choose_features(workspace, item.selection)
    limit = item.max_accuracy_m
    kept = [one for one in features if limit is None or one.accuracy_m <= limit]
    frame = shapely.box(*cells.bounds)
    shapes = [widen(one, item.buffer_m) for one in kept]
    inside = [shape for shape in shapes if shapely.intersects(shape, frame)]
    status = "painted" if inside else "inaccurate" if features and not kept else "no_data"
    told = PaintedLayer(
        class_id=item.id,
        status=status,
        painted=len(inside),
        left_out=len(features) - len(kept),
        accuracy_m=max((one.accuracy_m for one in kept), default=None),
    )
    return PaintedClass(number, inside, item.linear), told


def widen(feature: ChosenFeature, buffer_m: float) -> BaseGeometry:
    """Return a feature grown by metres on the ground: by the radius of its rank, else its class's buffer."""
    distance = feature.radius_m or buffer_m
    if distance == 0.0:
        return feature.geometry
    x = float(shapely.centroid(feature.geometry).x)
    return shapely.buffer(feature.geometry, distance * crs.scale_factor(x), quad_segs=POINT_SEGS)


def _hash_layers(workspace: Workspace, table: ResistanceTable) -> tuple[tuple[str, str], ...]:
    """Return the hashes of all layers that a table names and the workspace has data of."""
    chosen = [item.selection.layer_id for item in table.classes if item.selection is not None]
    names = sorted({*chosen, *(rule.selection.layer_id for rule in table.sources)})
    layers = [(name, workspace.layers.get(name)) for name in names]
    return tuple((name, layer.sha256) for name, layer in layers if layer is not None and layer.sha256)
