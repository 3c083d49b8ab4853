"""The outlines of parts in pieces: every segment once, none too long, each piece with its part."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from gis.scale.grounds import PIECE_SEGMENTS, SHAPES_AT_ONCE, cut_outlines


def as_array(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array([*shapes, None], dtype=object)[:-1]


def test_pieces_of_all_kinds_carry_every_outline_and_its_part() -> None:
    ring = Point(0, 0).buffer(100.0, quad_segs=40)
    shapes = as_array(
        Polygon(ring.exterior, [Point(0, 0).buffer(9.0).exterior]),
        LineString([(0, 0), (1, 0), (1, 1)]),
        MultiPoint([(5, 5), (6, 6)]),
        MultiPolygon([box(0, 0, 1, 1), box(3, 3, 4, 4)]),
    )
    pieces, part = cut_outlines(shapes)
    assert part.tolist() == sorted(part.tolist())
    assert max(len(shapely.get_coordinates(piece)) for piece in pieces) <= PIECE_SEGMENTS + 1
    for number, outline in enumerate((shapes[0].boundary, shapes[1], shapes[2], shapes[3].boundary)):
        own = pieces[part == number]
        assert np.isclose(shapely.length(own).sum(), outline.length, rtol=1e-12)
        assert shapely.union_all(own).equals(outline)


def test_numbers_of_parts_go_on_past_those_cut_at_once() -> None:
    shapes = as_array(*(box(k, 0, k + 1, 1) for k in range(SHAPES_AT_ONCE + 3)))
    pieces, part = cut_outlines(shapes)
    assert part.tolist() == list(range(SHAPES_AT_ONCE + 3))
    assert shapely.bounds(pieces)[-1].tolist() == [SHAPES_AT_ONCE + 2, 0, SHAPES_AT_ONCE + 3, 1]


def test_no_parts_have_no_pieces() -> None:
    pieces, part = cut_outlines(as_array())
    assert len(pieces) == len(part) == 0
