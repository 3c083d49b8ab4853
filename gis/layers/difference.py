"""What a new version of a layer changes: features added, lost, moved; area and extent before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Indices = NDArray[np.intp]

SAME_DEG = 1.5e-6
"""Vertices nearer than this are the same: one step of the six decimals of a layer file, with its rounding."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Difference:
    """One version of a layer against the one before it.

    Parameters
    ----------
    added, lost, moved, kept : int
        Features only in the new version, only in the old one, in both with another geometry, and unchanged.
        Features belong together by their id, else by a name that each version has once.
    area_before_ha, area_after_ha : float
        Sum over the features, on the ellipsoid.
    bounds_before, bounds_after : tuple or None
        (west, south, east, north), degrees; None where nothing has a geometry.
    farthest_move_m : float
        Greatest distance between the middles of a moved feature before and after.
    """

    rows_before: int
    rows_after: int
    added: int
    lost: int
    moved: int
    kept: int
    area_before_ha: float
    area_after_ha: float
    bounds_before: Bounds | None
    bounds_after: Bounds | None
    farthest_move_m: float


def compare_frames(before: gpd.GeoDataFrame | None, after: gpd.GeoDataFrame) -> Difference:
    """Return what `after` changes against `before`; both in degrees (EPSG:4490) with ``id`` and ``name_zh``.

    Parameters
    ----------
    before : GeoDataFrame or None
        None for a layer that had no data.
    """
    new = after.geometry.to_numpy()
    old = np.array([], dtype=object) if before is None else before.geometry.to_numpy()
    first, second = (np.array([], dtype=np.intp),) * 2 if before is None else match_features(before, after)
    moved = ~are_same(old[first], new[second])
    return Difference(
        rows_before=len(old),
        rows_after=len(new),
        added=len(new) - len(second),
        lost=len(old) - len(first),
        moved=int(moved.sum()),
        kept=int((~moved).sum()),
        area_before_ha=total_area_ha(old),
        area_after_ha=total_area_ha(new),
        bounds_before=find_bounds(old),
        bounds_after=find_bounds(new),
        farthest_move_m=farthest_m(old[first][moved], new[second][moved]),
    )


def match_features(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[Indices, Indices]:
    """Return the positions of features that belong together, in `before` and in `after`, pair by pair."""
    by_id = {feature_id: row for row, feature_id in enumerate(after["id"])}
    pairs = [(row, by_id[name]) for row, name in enumerate(before["id"]) if name in by_id]
    taken_old, taken_new = {old for old, _ in pairs}, {new for _, new in pairs}
    names_old, names_new = _unique_names(before, taken_old), _unique_names(after, taken_new)
    pairs += [(row, names_new[name]) for name, row in names_old.items() if name in names_new]
    table = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _unique_names(frame: gpd.GeoDataFrame, taken: set[int]) -> dict[str, int]:
    """Return the rows, not `taken`, by their name, where no other row has it."""
    names = frame["name_zh"]
    single = ~names.duplicated(keep=False) & names.notna()
    return {names.iloc[row]: row for row in np.flatnonzero(single.to_numpy()).tolist() if row not in taken}


def are_same(old: NDArray[np.object_], new: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return for each pair whether both geometries are the same, wherever their rings begin."""
    equal = np.asarray(
        shapely.equals_exact(shapely.normalize(old), shapely.normalize(new), SAME_DEG), dtype=bool
    )
    both_missing = np.asarray(shapely.is_missing(old) & shapely.is_missing(new), dtype=bool)
    same: NDArray[np.bool_] = equal | both_missing
    return same


def total_area_ha(geometries: NDArray[np.object_]) -> float:
    """Return the sum of the areas on the ellipsoid, hectares, of geometries in degrees."""
    return float(crs.areas_lonlat_m2(geometries).sum() / 1e4) if len(geometries) else 0.0


def find_bounds(geometries: NDArray[np.object_]) -> Bounds | None:
    """Return (west, south, east, north) of all geometries, None where there is none."""
    if not len(geometries):
        return None
    west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
    return None if np.isnan(west) else (west, south, east, north)


def farthest_m(old: NDArray[np.object_], new: NDArray[np.object_]) -> float:
    """Return the greatest geodesic distance, m, between the middles of paired geometries; 0 for none."""
    middles = [shapely.get_coordinates(shapely.centroid(side)) for side in (old, new)]
    if not len(middles[0]) or len(middles[0]) != len(middles[1]):
        return 0.0
    (lon_0, lat_0), (lon_1, lat_1) = (side.T for side in middles)
    return float(np.max(crs.geod().inv(lon_0, lat_0, lon_1, lat_1)[2]))
