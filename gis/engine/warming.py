"""Compile every kernel once, so that the first real run does not wait: ``gis warm``."""

from __future__ import annotations


def warm_kernels() -> int:
    """Screen one square against itself, from WKB to pairs, and measure it; return the pairs."""
    import numpy as np
    import pyarrow as pa
    import shapely

    from gis import crs
    from gis.engine.ellipsoid import measure_shapes
    from gis.engine.index import index_zones
    from gis.engine.nearness import measure_nearness
    from gis.engine.sifting import move_wkb, sift_wkb
    from gis.engine.soundness import find_repeats, find_suspects
    from gis.engine.wkb import load_plane, view_binary

    square = pa.array([shapely.to_wkb(shapely.box(120.0, 30.0, 120.01, 30.01))], pa.binary())
    shapes = load_plane(square, crs.GEOGRAPHIC, crs.PLANE, longest_deg=crs.MAX_EDGE_DEG)
    find_suspects(shapes)
    data, offsets = view_binary(square)
    sift_wkb(data, offsets, np.inf)
    move_wkb(data.copy(), offsets, shapes.x, shapes.y)
    find_repeats(shapes)
    measure_shapes(shapes)
    index = index_zones(shapes, workers=1)
    measure_nearness(index, shapes, np.full(1, 200.0), np.ones(1))
    return len(index.match(shapes, 200.0).site)
