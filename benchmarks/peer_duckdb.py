"""The screen in DuckDB spatial on zones cut and moved before: python peer_duckdb.py CUT SITES NEAR_M OUT.

Runs in an environment of its own with ``duckdb==1.5.5`` and ``duckdb-extension-spatial==1.5.5``; needs no
network.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb

QUERY = """
COPY (
  SELECT s.sid AS site, z.zid AS "zone",
    sum(CASE WHEN s.kind = 'parcel' AND ST_Intersects(s.g, z.g)
      THEN ST_Area(ST_Intersection(s.g, z.g)) ELSE 0 END)
      AS area_m2,
    min(ST_Distance(s.g, z.g)) AS distance_m
  FROM s JOIN z ON ST_DWithin(s.g, z.g, {near_m}) GROUP BY ALL
) TO '{out}' (FORMAT parquet)
"""


def main(cut: str, sites: str, near_m: str, out: str) -> None:
    """Load both files, join by distance, sum the pieces of a zone."""
    package = find_spec("duckdb_extension_spatial")
    if package is None or package.origin is None:
        sys.exit("duckdb-extension-spatial is not installed")
    extension = next(Path(package.origin).parent.glob("extensions/*/spatial.duckdb_extension*"))
    db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    db.execute(f"LOAD '{extension}'")
    db.execute(f"CREATE TABLE z AS SELECT zid, geometry AS g FROM read_parquet('{cut}')")
    db.execute(
        "CREATE TABLE s AS SELECT sid, kind, "
        "ST_Transform(geometry, 'EPSG:4490', 'EPSG:4549', always_xy := true) AS g "
        f"FROM read_parquet('{sites}')"
    )
    db.execute(QUERY.format(near_m=float(near_m), out=out))


if __name__ == "__main__":
    main(*sys.argv[1:])
