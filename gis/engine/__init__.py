"""Fast matching of many sites with many zones: the same pairs, areas and distances as GEOS, far sooner.

::

    from gis import crs
    from gis.engine.index import index_zones, load_index
    from gis.engine.shapes import orient_rings
    from gis.engine.wkb import load_plane, read_geometries

    zones = load_plane(column, crs.GEOGRAPHIC, crs.PLANE, longest_deg=crs.MAX_EDGE_DEG)  # pyarrow binary
    index = index_zones(zones, workers=2)         # cut and indexed; index.save(path), load_index(path)
    sites = load_plane(batch, crs.GEOGRAPHIC, crs.PLANE, longest_deg=crs.MAX_EDGE_DEG)
    pairs = index.match(sites, near_m=1000.0)     # arrays: site, zone, area_m2, distance_m, doubt

`shapes` flat arrays · `wkb` WKB in, densified, projected · `projection` PROJ as polynomials of tiles ·
`cutting` zones into pieces · `tree` packed R-tree · `area`, `distance`, `matching` the kernels · `index` cut
zones kept on disk and matched · `geoparquet`, `screening` from file to file in batches.

A `ZoneIndex` is immutable flat arrays, so threads may share one; `match` holds no GIL: hand each thread a
batch. `load_plane` takes any coordinate systems; geometries already in the plane come in by
``read_geometries(array of shapely)`` and ``orient_rings(shapes)``. Polygons must be valid; `doubt` is 1 where
an area shows that one was not. Areas and distances are those of the plane; `doubt` rows and anything a rule
turns on go to the exact path. Kernels compile once and are kept as machine code (:mod:`gis.kernels`);
they run without numba as long as they make no arrays themselves.
"""
