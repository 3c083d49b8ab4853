"""One layer as vector tiles in one PMTiles file, written by GDAL zoom by zoom."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.webmap.data import COORDINATE_DIGITS
from gis.webmap.detail import FIRST_ZOOM, LAST_ZOOM, Level, make_levels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

TILE_LAYER = "features"
EXTENT, LAST_EXTENT = 4096, 16384
"""Units a tile is wide: at the last zoom half a metre each."""

BUFFER, SOFT_BUFFER = 80, 512
"""Units that a tile reaches over its edge; more where outlines have a soft edge of up to 60 pixels."""

SOFT_FROM_M = 100.0
OWN = ("id", "name_zh", "name_en", "feature_id")
"""Properties of a single feature, which merged parts do not have."""

NUMBERS = frozenset({"accuracy_m", "settled"})

NO_LIMIT = 2_000_000_000


@dataclass(frozen=True, slots=True)
class TileFeatures:
    """What the tiles of a layer show.

    Parameters
    ----------
    id : str
        Layer id, or ``zone-<rule id>``.
    geometries : array of shapely geometry
        EPSG:4490, degrees; any type.
    columns : mapping
        Name → values: ``id``, ``name_zh``, ``name_en``, ``kind``, ``accuracy_m``, and ``settled`` of zones.
    """

    id: str
    geometries: NDArray[np.object_]
    columns: Mapping[str, NDArray[np.object_]]


def write_tiles(features: TileFeatures, path: Path, *, progress: Callable[[float], None]) -> None:
    """Write a PMTiles file: aside first, so that an interrupted one leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = shapely.transform(features.geometries, lambda xy: xy.round(COORDINATE_DIGITS))
    soft = np.array([value is not None and value > SOFT_FROM_M for value in features.columns["accuracy_m"]])
    buffer = SOFT_BUFFER if soft.any() else BUFFER
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{features.id}-") as aside:
        folder = Path(aside)
        count = LAST_ZOOM - FIRST_ZOOM + 1
        written: list[Path] = []
        for number, level in enumerate(make_levels(rounded, group_rows(features))):
            written.append(write_level(features, level, folder, buffer=buffer))
            progress((number + 1) / (count + 1))
        pack_tiles(features, written, folder / "tiles.pmtiles")
        (folder / "tiles.pmtiles").replace(path)
    progress(1.0)


def group_rows(features: TileFeatures) -> NDArray[np.int_]:
    """Return a number for each feature: equal where they may be merged, being of one kind and certainty."""
    soft = [value is not None and value > SOFT_FROM_M for value in features.columns["accuracy_m"]]
    settled = features.columns.get("settled", np.ones(len(soft), dtype=object))
    keys = [f"{kind} {a} {b}" for kind, a, b in zip(features.columns["kind"], soft, settled, strict=True)]
    return np.asarray(np.unique(keys, return_inverse=True)[1])


def write_level(features: TileFeatures, level: Level, folder: Path, *, buffer: int) -> Path:
    """Write the tiles of one zoom as MBTiles and return the file."""
    import geopandas as gpd
    import pyogrio

    table: dict[str, Any] = {name: values[level.rows] for name, values in features.columns.items()}
    for name in OWN:
        if name in table:
            table[name][level.merged] = None
    for name in NUMBERS & table.keys():
        table[name] = np.array([np.nan if value is None else value for value in table[name]], dtype=float)
    for name, marked in (("merged", level.merged), ("inner", level.inner)):
        table[name] = np.where(marked, 1.0, np.nan)
    frame = gpd.GeoDataFrame(table, geometry=level.geometries, crs=crs.GEOJSON)
    path = folder / f"{level.zoom}.mbtiles"
    options = {
        "FORMAT": "MBTILES",
        "MINZOOM": level.zoom,
        "MAXZOOM": level.zoom,
        "EXTENT": LAST_EXTENT if level.zoom == LAST_ZOOM else EXTENT,
        "BUFFER": buffer * (LAST_EXTENT // EXTENT if level.zoom == LAST_ZOOM else 1),
        "MAX_SIZE": NO_LIMIT,
        "MAX_FEATURES": NO_LIMIT,
        "TEMPORARY_DB": str(folder / "temporary.db"),
    }
    pyogrio.write_dataframe(frame, path, driver="MVT", layer=TILE_LAYER, dataset_options=options)
    return path


def read_levels(written: list[Path]) -> Iterator[tuple[int, bytes]]:
    """Yield the tiles of MBTiles files by their PMTiles id, in rising order."""
    from pmtiles.tile import zxy_to_tileid

    for path in reversed(written):
        with contextlib.closing(sqlite3.connect(path)) as base:
            rows = base.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles").fetchall()
        tiles = [(zxy_to_tileid(z, x, 2**z - 1 - y), data) for z, x, y, data in rows]
        yield from sorted(tiles)


def pack_tiles(features: TileFeatures, written: list[Path], path: Path) -> None:
    """Put the tiles of all zooms into one PMTiles file.

    Parameters
    ----------
    written : list of Path
        MBTiles files of one zoom each, the finest first.
    """
    from pmtiles.tile import Compression, TileType
    from pmtiles.writer import Writer

    west, south, east, north = (float(value) for value in shapely.total_bounds(features.geometries))
    header: dict[str, Any] = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": round(west * 1e7),
        "min_lat_e7": round(south * 1e7),
        "max_lon_e7": round(east * 1e7),
        "max_lat_e7": round(north * 1e7),
        "center_zoom": FIRST_ZOOM,
        "center_lon_e7": round((west + east) / 2 * 1e7),
        "center_lat_e7": round((south + north) / 2 * 1e7),
    }
    fields = {name: "Number" if name in NUMBERS else "String" for name in features.columns}
    described = {"id": TILE_LAYER, "fields": fields, "minzoom": FIRST_ZOOM, "maxzoom": LAST_ZOOM}
    with path.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]
        for tile_id, data in read_levels(written):
            writer.write_tile(tile_id, data)
        writer.finalize(header, {"name": features.id, "format": "pbf", "vector_layers": [described]})
