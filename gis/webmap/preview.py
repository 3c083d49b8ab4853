"""A small picture of a map for the start page: an SVG of its layers, numbers and colours only."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import shapely
from markupsafe import Markup

from gis import crs
from gis.webmap.config import group_layers
from gis.webmap.detail import Pixel, explode, measure_px, merge_parts
from gis.webmap.tiles import is_big_layer, shares_tiles
from gis.webmap.zones import is_wide, list_zone_rules, today

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import Layer
    from gis.styles import Style
    from gis.webmap.definitions import Bounds, Ground, MapDefinition
    from gis.workspace import Workspace

WIDTH_PX, HEIGHT_PX = 640, 240
TOLERANCE_PX = 0.6
CELL_PX = 2.0
"""Of a big layer in a picture of this size."""

MOST_OTHERS = 500
"""Lines and points of a big layer that a picture of this size shows."""

LEFT_OUT = frozenset({"place", "boundary_county"})
"""Kinds too small for a picture of this size."""


def draw_preview(workspace: Workspace, definition: MapDefinition, ground: Ground) -> Markup:
    """Return the picture of a map as it opens: the layers that are on, in drawing order.

    Longitude and latitude are drawn as in a plate carrée true at the middle latitude of the view.
    """
    west, south, east, north = definition.view
    stretch = 1 / math.cos(math.radians((south + north) / 2))
    scale = min(WIDTH_PX / (east - west), HEIGHT_PX / ((north - south) * stretch))
    half_width, half_height = WIDTH_PX / scale / 2, HEIGHT_PX / (scale * stretch) / 2
    middle = ((west + east) / 2, (south + north) / 2)
    box = (
        middle[0] - half_width,
        middle[1] - half_height,
        middle[0] + half_width,
        middle[1] + half_height,
    )

    def place(lonlat: NDArray) -> NDArray:  # type: ignore[type-arg]
        return (lonlat - (box[0], box[3])) * (scale, -scale * stretch)

    shapes = sorted(find_shapes(workspace, definition, box), key=lambda item: item[0].order)
    drawn = "".join(draw_shape(style, shapely.transform(geometry, place)) for style, geometry in shapes)
    return Markup(  # noqa: S704 - numbers, and colours that gis.styles has checked
        f'<svg class="preview" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" aria-hidden="true" '
        f'preserveAspectRatio="xMidYMid slice"><rect width="{WIDTH_PX}" height="{HEIGHT_PX}" '
        f'fill="{ground.land}"/>{drawn}</svg>'
    )


def find_shapes(
    workspace: Workspace, definition: MapDefinition, box: Bounds
) -> Iterator[tuple[Style, BaseGeometry]]:
    """Yield the features that a map shows at first, cut to the box, each with its style."""
    taken = frozenset(layer_id for group in definition.groups for layer_id in group.layers)
    for group in definition.groups:
        if not group.shown:
            continue
        if group.zones:
            yield from find_zone_shapes(workspace, group.zones, box)
        for layer_id in group_layers(group, workspace.layers, taken):
            layer = workspace.layers[layer_id]
            if layer_id in group.hidden or layer.frame is None:
                continue
            if is_big_layer(workspace, layer):
                yield from find_big_shapes(workspace, layer, box)
                continue
            for kind, geometry in zip(layer.frame["kind"], layer.frame.geometry, strict=True):
                if kind in LEFT_OUT or geometry is None:
                    continue
                style = workspace.styles.find(kind, layer.entry.style)
                outline = style.fill or style.hatch or not geometry.geom_type.endswith("Polygon")
                cut = shapely.clip_by_rect(geometry if outline else geometry.boundary, *box)
                if not cut.is_empty:
                    yield style, cut


def find_zone_shapes(workspace: Workspace, level: str, box: Bounds) -> Iterator[tuple[Style, BaseGeometry]]:
    """Yield the control zones of a level, cut to the box, once where rules share a feature."""
    style = workspace.styles.find(f"zone_{level}", "")
    seen = set()
    for rule in list_zone_rules(workspace, level, today()):
        if is_wide(rule):
            continue
        if shares_tiles(workspace, rule):
            layer = workspace.layers[rule.layer_id]
            yield from ((style, shape) for shape in merge_kinds(BigKinds(layer, rule.kinds), box))
            continue
        zone = workspace.zones.zone(rule)
        for part in () if zone is None else zone.parts:
            key = (rule.layer_id, part.feature.feature_id, part.geometry.wkb)
            if key in seen or not part.settled or shapely.get_dimensions(part.geometry) < 2:
                continue
            seen.add(key)
            cut = shapely.clip_by_rect(crs.transform(part.geometry, crs.PLANE, crs.GEOGRAPHIC), *box)
            if not cut.is_empty:
                yield style, cut


@dataclass(frozen=True, slots=True)
class BigKinds:
    """Some kinds of a big layer; the same where the data are."""

    layer: Layer = field(compare=False, repr=False)
    kinds: tuple[str, ...]
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", f"{self.layer.entry.id} {self.layer.sha256}")


def find_big_shapes(workspace: Workspace, layer: Layer, box: Bounds) -> Iterator[tuple[Style, BaseGeometry]]:
    """Yield a big layer as what its features cover, pixel by pixel, each kind with its style."""
    if layer.frame is None:
        return
    for kind in layer.frame["kind"].dropna().unique():
        style = workspace.styles.find(kind, layer.entry.style)
        for shape in merge_kinds(BigKinds(layer, (str(kind),)), box):
            yield style, shape


@lru_cache(maxsize=32)
def merge_kinds(big: BigKinds, box: Bounds) -> tuple[BaseGeometry, ...]:
    """Return what the areas of some kinds cover in a box, to some pixels; others cut to it."""
    frame = big.layer.frame
    if frame is None:
        return ()
    parts, _ = explode(shapely.clip_by_rect(frame[frame["kind"].isin(big.kinds)].geometry.to_numpy(), *box))
    if not len(parts):
        return ()
    west, south, east, north = box
    pixel = Pixel(CELL_PX * (east - west) / WIDTH_PX, CELL_PX * (north - south) / HEIGHT_PX)
    areas = parts[shapely.get_dimensions(parts) == 2]
    others = parts[shapely.get_dimensions(parts) < 2][:MOST_OTHERS]
    return (*(merge_parts(areas, measure_px(areas, pixel), pixel) if len(areas) else ()), *others)


def draw_shape(style: Style, geometry: BaseGeometry) -> str:
    """Return one geometry, in pixels, as SVG."""
    colour = style.stroke or style.fill
    if geometry.geom_type.endswith("Point"):
        x, y = shapely.get_coordinates(geometry)[0]
        return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{style.fill or colour}" stroke="#ffffff"/>'
    path = "".join(draw_line(line) for line in lines_of(shapely.simplify(geometry, TOLERANCE_PX)))
    filled = geometry.geom_type.endswith("Polygon") and style.fill
    fill = f'fill="{style.fill}" fill-opacity="{max(style.fill_opacity, 0.5):g}"' if filled else 'fill="none"'
    opacity = "" if filled else ' stroke-opacity="0.5"'
    return f'<path d="{path}" {fill} stroke="{colour}" stroke-width="1"{opacity}/>'


def lines_of(geometry: BaseGeometry) -> Iterator[NDArray]:  # type: ignore[type-arg]
    """Yield the coordinates of every line and ring of a geometry."""
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            yield shapely.get_coordinates(part.exterior)
            for hole in part.interiors:
                yield shapely.get_coordinates(hole)
        elif part.geom_type == "LineString":
            yield shapely.get_coordinates(part)


def draw_line(points: NDArray) -> str:  # type: ignore[type-arg]
    """Return a line as SVG path data, to half a pixel's tenth."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
