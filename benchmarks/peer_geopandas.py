"""The screen as it is usually written with geopandas: python peer_geopandas.py ZONES SITES NEAR_M OUT."""

from __future__ import annotations

import sys

import geopandas as gpd


def main(zones_path: str, sites_path: str, near_m: str, out: str) -> None:
    """Join by distance, then measure overlap and distance pair by pair."""
    zones = gpd.read_parquet(zones_path).to_crs("EPSG:4549")
    sites = gpd.read_parquet(sites_path).to_crs("EPSG:4549")
    pairs = gpd.sjoin(sites, zones, predicate="dwithin", distance=float(near_m))
    matched = zones.geometry.loc[pairs["index_right"]].set_axis(pairs.index)
    pairs["area_m2"] = pairs.geometry.intersection(matched, align=False).area
    pairs["distance_m"] = pairs.geometry.distance(matched, align=False)
    renamed = pairs.rename(columns={"sid": "site", "zid": "zone"})
    renamed[["site", "zone", "area_m2", "distance_m"]].to_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
