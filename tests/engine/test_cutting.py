"""Pieces of a zone do not overlap, fill it, and know which rectangles lie inside."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.engine.cutting import cut_zones
from gis.engine.pieces import CAP, EDGE, MOVE, Pieces
from gis.engine.shapes import count_shapes, orient_rings
from gis.engine.wkb import read_geometries
from tests.engine.polygons import draw_set


def cut(zones: object, cut_above: int, most: int) -> Pieces:
    shapes = read_geometries(np.atleast_1d(np.asarray(zones, object)))
    orient_rings(shapes)
    return cut_zones(shapes, 0, count_shapes(shapes), cut_above, most)


def area_of(pieces: Pieces, piece: int) -> float:
    """Return the area of a piece: what lies under its westward less what lies under its eastward segments."""
    floor = max(pieces.floor[piece], pieces.box[piece, 1])
    span = slice(pieces.start[piece], pieces.start[piece + 1])
    x, y, step = pieces.x[span], pieces.y[span] - floor, pieces.step[span]
    under = (x[:-1] - x[1:]) * (y[:-1] + y[1:]) / 2
    return float(under[step[1:] != MOVE].sum())


@pytest.mark.parametrize("most", [6, 64, 128])
def test_areas_of_the_pieces_add_up_to_the_zone(most: int) -> None:
    zones = draw_set(5, 40)
    pieces = cut(zones, most, most)
    sums = np.zeros(len(zones))
    for piece, zone in enumerate(pieces.zone):
        sums[zone] += area_of(pieces, piece)
    np.testing.assert_allclose(sums, shapely.area(zones), rtol=1e-9)


def test_pieces_keep_within_the_limit_and_their_rectangle() -> None:
    pieces = cut(draw_set(6, 30), 64, 64)
    for piece, box in enumerate(pieces.box):
        span = slice(pieces.start[piece], pieces.start[piece + 1])
        assert np.count_nonzero(pieces.step[span] == EDGE) <= 64
        assert box[0] <= pieces.x[span].min()
        assert pieces.x[span].max() <= box[2]
        assert pieces.y[span].max() <= box[3]
        assert box[1] <= pieces.y[span].min()


def test_rectangles_of_one_zone_do_not_overlap() -> None:
    zone = draw_set(8, 1)
    pieces = cut(zone, 16, 16)
    boxes = shapely.box(*pieces.box.T)
    assert shapely.area(shapely.union_all(boxes)) == pytest.approx(shapely.area(boxes).sum(), rel=1e-9)
    full = boxes[pieces.full]
    assert len(full) > 0
    assert shapely.covers(zone[0].buffer(1e-6), full).all()


def test_the_outline_of_the_pieces_is_the_outline_of_the_zone() -> None:
    zone = draw_set(9, 1)[0]
    pieces = cut([zone], 16, 16)
    ends = np.flatnonzero(pieces.step == EDGE)
    length = np.hypot(pieces.x[ends] - pieces.x[ends - 1], pieces.y[ends] - pieces.y[ends - 1]).sum()
    assert length == pytest.approx(zone.length, rel=1e-9)
    middles = shapely.points(
        (pieces.x[ends] + pieces.x[ends - 1]) / 2, (pieces.y[ends] + pieces.y[ends - 1]) / 2
    )
    assert shapely.distance(zone.boundary, middles).max() < 1e-6


def test_a_small_zone_stays_whole() -> None:
    pieces = cut([shapely.box(0, 0, 10, 10)], 256, 64)
    assert pieces.zone.tolist() == [0]
    assert pieces.floor.tolist() == [-np.inf]
    assert not pieces.full.any()
    assert not (pieces.step == CAP).any()
