"""The screen in PostGIS on subdivided zones: python peer_postgis.py DSN ZONES SITES NEAR_M OUT.

Both files go in by COPY, are moved to the plane by the database, zones by ``ST_Subdivide`` to 128 vertices,
indexed, joined; the pairs come out as Parquet. Tables ``peer_z`` and ``peer_s`` are made anew and dropped at
the end.
"""

from __future__ import annotations

import sys

import pandas as pd
import psycopg
import pyarrow.parquet as pq

QUERY = """
SELECT s.sid, z.zid,
  sum(CASE WHEN s.kind = 'parcel' AND ST_Intersects(s.g, z.g)
    THEN ST_Area(ST_Intersection(s.g, z.g)) ELSE 0 END),
  min(ST_Distance(s.g, z.g))
FROM peer_s s JOIN peer_z z ON ST_DWithin(s.g, z.g, %s) GROUP BY 1, 2
"""


def load(cursor: psycopg.Cursor, path: str, table: str, columns: list[str]) -> None:
    """Copy a GeoParquet file into a table of text columns and a geometry in degrees."""
    names = ", ".join(columns)
    cursor.execute(f"DROP TABLE IF EXISTS {table}_raw")
    cursor.execute(
        f"CREATE UNLOGGED TABLE {table}_raw ({', '.join(f'{name} text' for name in columns)}, g geometry)"
    )
    with cursor.copy(f"COPY {table}_raw ({names}, g) FROM STDIN") as copy:
        for batch in pq.ParquetFile(path).iter_batches(20_000, columns=[*columns, "geometry"]):
            for row in zip(*(batch.column(name).to_pylist() for name in [*columns, "geometry"]), strict=True):
                copy.write_row((*row[:-1], row[-1].hex()))


def main(dsn: str, zones: str, sites: str, near_m: str, out: str) -> None:
    """Load, subdivide, index, join."""
    move = "ST_Transform(ST_SetSRID(g, 4490), 4549)"
    with psycopg.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SET client_connection_check_interval = 1000")  # ends with us, when we are given up
        cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        load(cursor, zones, "peer_z", ["zid"])
        load(cursor, sites, "peer_s", ["sid", "kind"])
        cursor.execute("DROP TABLE IF EXISTS peer_z, peer_s")
        cursor.execute(
            f"CREATE UNLOGGED TABLE peer_z AS SELECT zid, ST_Subdivide({move}, 128) AS g FROM peer_z_raw"
        )
        cursor.execute(f"CREATE UNLOGGED TABLE peer_s AS SELECT sid, kind, {move} AS g FROM peer_s_raw")
        cursor.execute("CREATE INDEX ON peer_z USING gist (g)")
        cursor.execute("ANALYZE peer_z, peer_s")
        rows = cursor.execute(QUERY, (float(near_m),)).fetchall()
        cursor.execute("DROP TABLE peer_z, peer_s, peer_z_raw, peer_s_raw")
    pd.DataFrame(rows, columns=["site", "zone", "area_m2", "distance_m"]).to_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
