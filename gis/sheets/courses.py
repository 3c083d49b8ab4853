"""The middle line of a long surface, along which its name is written: rivers and corridors drawn as areas."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.sheets.draw import line_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    Node = tuple[float, float]
    Graph = Mapping[Node, Mapping[Node, float]]

LONG_SHARE = 0.28
"""A surface is long when 4π times its area is less than this share of its outline squared (a circle: 1)."""

OUTLINE_POINTS = 260
"""The outline is taken with about so many points."""


def middle_line(polygon: shapely.Polygon) -> shapely.LineString | None:
    """Return the course of a long surface: the longest way along its skeleton; None where it is not long.

    The skeleton is made of the edges of the Voronoi diagram of points on the outline that lie inside.
    """
    outline = shapely.LineString(polygon.exterior)
    if outline.length <= 0 or 4 * math.pi * polygon.area / outline.length**2 > LONG_SHARE:
        return None
    width = 2 * polygon.area / outline.length
    plain = shapely.Polygon(shapely.simplify(outline, width / 12))
    step = max(outline.length / OUTLINE_POINTS, width / 3)
    points = shapely.MultiPoint(shapely.get_coordinates(shapely.segmentize(plain.exterior, step)))
    edges = np.array(line_parts(shapely.voronoi_polygons(points, only_edges=True)))
    shapely.prepare(plain)
    inside = edges[shapely.contains_properly(plain, edges)]
    graph = make_graph(inside.tolist())
    if not graph:
        return None
    start = farthest(graph, next(iter(graph)))[-1]
    way = farthest(graph, start)
    return shapely.simplify(shapely.LineString(way), width / 8) if len(way) > 2 else None


def make_graph(edges: list[shapely.LineString]) -> dict[Node, dict[Node, float]]:
    """Return a graph of straight edges: node → neighbour → length."""
    graph: dict[Node, dict[Node, float]] = defaultdict(dict)
    for edge in edges:
        coordinates = [(round(x, 6), round(y, 6)) for x, y in shapely.get_coordinates(edge).tolist()]
        for a, b in pairwise(coordinates):
            if a != b:
                graph[a][b] = graph[b][a] = math.dist(a, b)
    return dict(graph)


def farthest(graph: Graph, start: Node) -> list[Node]:
    """Return the way from a node to the one farthest from it along a skeleton, which is a tree."""
    lengths = {start: 0.0}
    came: dict[Node, Node] = {}
    waiting = [start]
    while waiting:
        node = waiting.pop()
        for other, length in graph[node].items():
            if other not in lengths:
                lengths[other], came[other] = lengths[node] + length, node
                waiting.append(other)
    end = max(lengths, key=lambda node: lengths[node])
    way = [end]
    while way[-1] in came:
        way.append(came[way[-1]])
    return way[::-1]
