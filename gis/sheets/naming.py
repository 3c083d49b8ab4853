"""The name of a sheet: what a reader looks for on it, and no name twice among the sheets of one scale.

A sheet of the national series is called after its most important place. One without a place takes the name
of a large surface whose middle it holds, else that of a place on an adjoining sheet with the direction
(``威坪西`` lies west of the sheet 威坪), else that of the unit it lies in with its part of the unit. Each
of these belongs to one sheet only, so a sheet printed alone and in a series has the same name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from gis.sheets.content import MapFeature, weight_of
from gis.sheets.numbering import BY_DENOMINATOR, frame_at, parse_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.model import Layer
    from gis.sheets.frame import PaperFrame
    from gis.sheets.numbering import SheetFrame

PLACE = "place"
NAME_SHARE, NAME_LENGTH = 0.02, 14
"""A surface gives a sheet its name when it takes this share of it and its name is no longer than this."""

SEEN_FROM = {
    "north": "南",
    "east": "西",
    "south": "北",
    "west": "东",
    "northeast": "西南",
    "southeast": "西北",
    "southwest": "东北",
    "northwest": "东南",
}
"""Where the adjoining sheet lies → on which side of it this one lies."""

PARTS = {1: ("",), 2: ("西", "东"), 3: ("西", "", "东")}
ROWS_OF = {1: ("",), 2: ("北", "南"), 3: ("北", "", "南")}
"""How many sheets a unit takes, across and down → what its columns and rows are called."""


def choose_name(features: Sequence[MapFeature], paper: PaperFrame, layers: Sequence[Layer] = ()) -> str:
    """Return the sheet's name.

    Parameters
    ----------
    features : sequence of MapFeature
        What stands on the sheet, administrative units too.
    paper : PaperFrame
        A sheet of the series, or one with a frame of its own: that takes its largest place, surface or unit.
    layers : sequence of Layer
        The layers the sheet shows, EPSG:4490: where the whole of a feature is found.

    Returns
    -------
    str
        Empty where nothing has a name.
    """
    inside = [feature for feature in features if feature.inside and feature.name]
    if not paper.area.number:
        return choose_largest(inside, paper)
    frame = parse_number(paper.area.number)
    place = find_place(layers, frame)
    if place:
        return place[1]
    surface = next((f.name for f in large_surfaces(inside, paper) if holds_middle(frame, f, layers)), "")
    return surface or name_by_neighbour(layers, frame) or name_by_unit(inside, paper, frame, layers)


def choose_largest(inside: Sequence[MapFeature], paper: PaperFrame) -> str:
    """Return the largest place, else the largest named surface, else the unit that takes most."""
    places = [feature for feature in inside if feature.kind == PLACE]
    if places:
        return max(places, key=lambda feature: (feature.rank, -distance_to_centre(feature, paper))).name
    large = large_surfaces(inside, paper)
    unit = largest_unit(inside, paper)
    if large or unit:
        return (large[0] if large else unit).name  # type: ignore[union-attr] # one of them is there
    return inside[-1].name if inside else ""


def find_place(layers: Iterable[Layer], frame: SheetFrame) -> tuple[float, str] | None:
    """Return a sheet's most important place as (weight, name), the nearest to the middle among equals."""
    west, south, east, north = frame.bbox
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    found: list[tuple[float, float, str]] = []
    for layer in layers:
        if layer.entry.theme != "context" or not layer.rows:
            continue
        kinds, names, ranks = (layer.column(name) for name in ("kind", "name_zh", "rank"))
        for hit in layer.tree.query(shapely.box(*frame.bbox)).tolist():
            if kinds[hit] != PLACE or not isinstance(names[hit], str):
                continue
            point = layer.geometries[hit].centroid
            if west <= point.x < east and south <= point.y < north:
                found.append((weight_of(ranks[hit]), -float(point.distance(middle)), names[hit]))
    if not found:
        return None
    weight, _, name = max(found)
    return weight, name


def name_by_neighbour(layers: Sequence[Layer], frame: SheetFrame) -> str:
    """Return the name of an adjoining sheet's place with the side of it this sheet lies on, or nothing."""
    found = []
    for order, (direction, side) in enumerate(SEEN_FROM.items()):
        number = frame.neighbours[direction]
        place = find_place(layers, parse_number(number)) if number else None
        if place:
            found.append((order < 4, place[0], -order, f"{place[1]}{side}"))
    return max(found)[-1] if found else ""


def name_by_unit(
    inside: Sequence[MapFeature], paper: PaperFrame, frame: SheetFrame, layers: Sequence[Layer]
) -> str:
    """Return the unit a sheet lies in with its part: ``桐庐县东部``, of a large one ``淳安县（3-2）``."""
    unit = largest_unit(inside, paper)
    whole = find_whole(unit, layers) if unit else None
    if unit is None or whole is None:
        return unit.name if unit else ""
    spec = BY_DENOMINATOR[frame.scale]
    west, south, east, north = whole.bounds
    first, last = frame_at(west, north, frame.scale), frame_at(east, south, frame.scale)
    rows = (first.south_e8 - last.south_e8) // spec.height + 1
    columns = (last.west_e8 - first.west_e8) // spec.width + 1
    row = (first.south_e8 - frame.south_e8) // spec.height
    column = (frame.west_e8 - first.west_e8) // spec.width
    if rows * columns == 1:
        return unit.name
    if rows > 3 or columns > 3:
        return f"{unit.name}（{row + 1}-{column + 1}）"
    return f"{unit.name}{(PARTS[columns][column] + ROWS_OF[rows][row]) or '中'}部"


def large_surfaces(inside: Sequence[MapFeature], paper: PaperFrame) -> list[MapFeature]:
    """Return the thematic surfaces that may name a sheet, the largest first."""
    thematic = [
        (share_of_sheet(feature, paper), feature)
        for feature in inside
        if feature.entry.theme != "context" and len(feature.name) <= NAME_LENGTH
    ]
    large = [(share, feature) for share, feature in thematic if share >= NAME_SHARE]
    return [feature for _, feature in sorted(large, key=lambda pair: -pair[0])]


def largest_unit(inside: Sequence[MapFeature], paper: PaperFrame) -> MapFeature | None:
    """Return the smallest kind of unit's member that takes most of the sheet."""
    return max(
        (feature for feature in inside if feature.entry.theme == "context"),
        key=lambda unit: (-unit.style.order, share_of_sheet(unit, paper), unit.feature_id),
        default=None,
    )


def holds_middle(frame: SheetFrame, feature: MapFeature, layers: Sequence[Layer]) -> bool:
    """Return whether the middle of the whole of a feature lies on a sheet: true of one sheet only."""
    whole = find_whole(feature, layers)
    if whole is None:
        return False
    west, south, east, north = frame.bbox
    middle = whole.centroid
    return bool(west <= middle.x < east and south <= middle.y < north)


def find_whole(feature: MapFeature, layers: Iterable[Layer]) -> BaseGeometry | None:
    """Return a feature as its layer has it, degrees; None if no layer has."""
    for layer in layers:
        if layer.entry.id == feature.entry.id and layer.rows:
            ids = [str(one) for one in layer.column("id")]
            found: list[BaseGeometry] = [
                shape for one, shape in zip(ids, layer.geometries, strict=True) if one == feature.feature_id
            ]
            if found:
                return found[0]
    return None


def share_of_sheet(feature: MapFeature, paper: PaperFrame) -> float:
    """Return the share of a sheet a surface takes (0-1)."""
    cut = shapely.intersection(shapely.make_valid(feature.geometry), paper.polygon)
    return float(cut.area / paper.polygon.area)


def distance_to_centre(feature: MapFeature, paper: PaperFrame) -> float:
    """Return how far a feature lies from the middle of the sheet, millimetres."""
    return float(shapely.distance(feature.geometry, paper.polygon.centroid))
