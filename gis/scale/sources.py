"""Files of millions of sites, cut into runs as they are read: GeoParquet, Arrow, GeoPackage, GeoJSON, CSV."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from gis.errors import SiteError, SiteFormatError
from gis.scale.features import WANTED
from gis.scale.origin import Encoding, Origin
from gis.scale.runs import cut_runs, narrow_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from gis.scale.runs import Run

    Read = Callable[[int], Iterator[pa.RecordBatch]]
    """Reads the rows of a file, about so many at a time: a column of geometry and what a check reads."""

    Opened = tuple[Origin, int | None, Read]
    """What is common to the features, how many there are where that is known, and how to read them."""

HASHED_BYTES = 1 << 22

TEXTS = Encoding("geojson", ("feature",))

LON_NAMES = ("lon", "lng", "longitude", "经度", "x", "东坐标")
LAT_NAMES = ("lat", "latitude", "纬度", "y", "北坐标")
WKT_NAMES = ("wkt", "geometry", "geom", "几何")


@dataclass(frozen=True, slots=True)
class SiteStream:
    """A file of sites opened for one pass.

    Parameters
    ----------
    path : Path
    sha256 : str
        Of the file's bytes.
    origin : Origin
    total : int or None
        Features in the file; None where that is known at its end only.
    """

    path: Path
    sha256: str
    origin: Origin
    total: int | None
    _read: Read = field(repr=False)

    def runs(self, size: int) -> Iterator[Run]:
        """Yield the features of the file in its order, exactly `size` at a time, the last ones fewer.

        Raises
        ------
        SiteFormatError
            If the file turns out to be damaged.
        """
        from pyarrow import ArrowException

        try:
            yield from cut_runs(self._read(size), size)
        except (ArrowException, OSError) as error:
            raise _broken(self.path, error) from error


def open_stream(path: Path) -> SiteStream:
    """Open a file of sites by its ending.

    Parameters
    ----------
    path : Path
        ``.parquet`` (GeoParquet), ``.arrow .feather`` (Arrow IPC, WKB), ``.gpkg .fgb .shp`` (their first
        layer), ``.geojson .json`` (a FeatureCollection), ``.geojsonl .geojsons .ndjson .jsonl`` (a feature a
        line), ``.csv`` (WKT, or a point a row).

    Raises
    ------
    SiteFormatError
        If the ending is none of these or the content is not what it says.
    SiteError
        If the file cannot be read.
    """
    openers: dict[str, Callable[[Path], Opened]]
    openers = {
        ".parquet": _open_parquet,
        ".geoparquet": _open_parquet,
        ".arrow": _open_arrow,
        ".feather": _open_arrow,
        ".gpkg": _open_ogr,
        ".fgb": _open_ogr,
        ".shp": _open_ogr,
        ".geojson": _open_collection,
        ".json": _open_collection,
        ".geojsonl": _open_lines,
        ".geojsons": _open_lines,
        ".ndjson": _open_lines,
        ".jsonl": _open_lines,
        ".csv": _open_csv,
    }
    opener = openers.get(path.suffix.lower())
    if opener is None:
        raise SiteFormatError(
            f"--bulk 不能读取 {path.suffix or path.name}",
            f"--bulk cannot read {path.suffix or path.name}",
            where=path.name,
            hint_zh=f"可用：{' '.join(openers)}；其他格式先用 gis sites convert 转换",
            hint_en=f"use one of {' '.join(openers)}; convert others with gis sites convert",
        )
    try:
        digest = _digest(path)
        origin, total, read = opener(path)
    except OSError as error:
        raise SiteError(
            f"无法读取文件 {path}：{error.strerror or error}",
            f"the file {path} cannot be read: {error.strerror or error}",
            where=str(path),
            hint_zh="请检查路径与权限",
            hint_en="check the path and the permissions",
            code="sites.file",
        ) from error
    return SiteStream(path, digest, origin, total, read)


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASHED_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _broken(path: Path, error: object) -> SiteFormatError:
    return SiteFormatError(
        f"{path.name} 不是有效的文件：{error}",
        f"{path.name} is not a sound file: {error}",
        where=path.name,
        hint_zh="请重新导出或重新复制文件",
        hint_en="export or copy the file again",
    )


def _name_system(value: Any, path: Path) -> str | None:
    """Return a PROJJSON or other description of a system as WKT, or its EPSG code."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if value is None:
        return None
    try:
        system = CRS.from_json_dict(value) if isinstance(value, dict) else CRS.from_user_input(value)
    except CRSError as error:
        raise _broken(path, error) from error
    code = system.to_epsg()
    return f"EPSG:{code}" if code else system.to_wkt()


def _describe_geo(schema: pa.Schema, path: Path) -> tuple[str, str | None]:
    """Return the geometry column of an Arrow schema and its system; GeoParquet without one means WGS 84.

    Raises
    ------
    SiteFormatError
        If there is no geometry column of WKB.
    """
    said = (schema.metadata or {}).get(b"geo")
    geo = json.loads(said) if said else {}
    name = geo.get("primary_column", "geometry")
    column = geo.get("columns", {}).get(name, {})
    if name not in schema.names or column.get("encoding", "WKB") != "WKB":
        raise SiteFormatError(
            f"{path.name} 没有 WKB 几何列",
            f"{path.name} has no geometry column of WKB",
            where=path.name,
            hint_zh="应为 GeoParquet（几何列编码 WKB），例如 geopandas 的 to_parquet 所写",
            hint_en="expected GeoParquet with WKB geometry, such as to_parquet of geopandas writes",
        )
    if not said:
        return name, None
    return name, _name_system(column.get("crs", "OGC:CRS84"), path)


def list_wanted(names: Sequence[str], *geometry: str) -> list[str]:
    """Return the columns that are read: those of the geometry, and the attributes a check reads."""
    return list(dict.fromkeys((*geometry, *(name for name in names if name in WANTED))))


def _open_parquet(path: Path) -> Opened:
    """Open GeoParquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except pa.ArrowInvalid as error:
        raise _broken(path, error) from error
    geometry, system = _describe_geo(schema, path)
    columns = list_wanted(schema.names, geometry)

    def read(size: int) -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            for batch in file.iter_batches(batch_size=size, columns=columns, use_threads=False):
                yield narrow_rows(batch, columns)

    return Origin(path.name, path.stem, system, encoding=Encoding("wkb", (geometry,))), rows, read


def _open_arrow(path: Path) -> Opened:
    """Open an Arrow IPC file (Feather 2) with the same metadata as GeoParquet."""
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as file:
            schema = file.schema
    except pa.ArrowInvalid as error:
        raise _broken(path, error) from error
    geometry, system = _describe_geo(schema, path)

    columns = list_wanted(schema.names, geometry)

    def read(size: int) -> Iterator[pa.RecordBatch]:
        del size
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as file:
            for number in range(file.num_record_batches):
                yield narrow_rows(file.get_batch(number), columns)

    return Origin(path.name, path.stem, system, encoding=Encoding("wkb", (geometry,))), None, read


def _open_ogr(path: Path) -> Opened:
    """Open the first layer of a GeoPackage, FlatGeobuf or shapefile."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        about = pyogrio.read_info(path, force_feature_count=True)
    except (DataSourceError, DataLayerError) as error:
        if not path.exists():
            raise FileNotFoundError(2, "No such file", str(path)) from error
        raise _broken(path, error) from error
    fields = list_wanted(about["fields"])

    def read(size: int) -> Iterator[pa.RecordBatch]:
        with pyogrio.raw.open_arrow(path, columns=fields, batch_size=size, use_pyarrow=True) as opened:
            meta, reader = opened
            geometry = meta["geometry_name"] or "wkb_geometry"
            for batch in reader:
                rows = narrow_rows(batch, [geometry, *fields])
                yield rows.rename_columns(["geometry", *fields])

    system = _name_system(about["crs"], path)
    return Origin(path.name, path.stem, system), int(about["features"]), read


def _open_lines(path: Path) -> Opened:
    """Open GeoJSON text sequences: a feature a line, with or without record separators."""

    def lines() -> Iterator[bytes]:
        with path.open("rb") as file:
            for line in file:
                text = line.strip(b" \t\r\n\x1e")
                if text:
                    yield text

    origin = Origin(path.name, path.stem, None, wgs84_by_rule=True, encoding=TEXTS)
    return origin, sum(1 for _ in lines()), lambda size: tabulate_texts(lines(), size)


def _open_collection(path: Path) -> Opened:
    """Open a GeoJSON FeatureCollection, which is split into features as it is read."""
    from gis.scale.splitting import read_head, split_features

    origin = Origin(path.name, path.stem, read_head(path), wgs84_by_rule=True, encoding=TEXTS)
    return origin, None, lambda size: tabulate_texts(split_features(path), size)


def tabulate_texts(texts: Iterable[bytes], size: int) -> Iterator[pa.RecordBatch]:
    """Yield the texts of features as rows, `size` at a time."""
    import pyarrow as pa

    flow = iter(texts)
    while some := list(islice(flow, size)):
        yield pa.record_batch([pa.array(some, pa.binary())], names=list(TEXTS.columns))


def _open_csv(path: Path) -> Opened:
    """Open a table with a column of WKT, or of longitudes and latitudes (a point a row)."""
    import pyarrow as pa
    from pyarrow import csv

    def open_table() -> csv.CSVStreamingReader:
        text = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        return csv.open_csv(path, convert_options=text, read_options=csv.ReadOptions(use_threads=False))

    try:
        names = csv.open_csv(path).schema.names
    except pa.ArrowInvalid as error:
        raise _broken(path, error) from error
    lowered = {name.strip().lstrip("\ufeff").lower(): name for name in names}
    wkt, lon, lat = (
        next((lowered[word] for word in words if word in lowered), None)
        for words in (WKT_NAMES, LON_NAMES, LAT_NAMES)
    )
    if wkt is None and (lon is None or lat is None):
        raise SiteFormatError(
            f"{path.name} 没有 WKT 列，也没有经度、纬度列",
            f"{path.name} has neither a column of WKT nor columns of longitude and latitude",
            where=path.name,
            hint_zh=f"列名应为 {'、'.join(WKT_NAMES)} 或 {'、'.join((*LON_NAMES, *LAT_NAMES))}",
            hint_en="界址点 tables of parcels are read without --bulk",
        )

    encoding = Encoding("wkt", (wkt,)) if wkt else Encoding("points", (str(lon), str(lat)))
    columns = list_wanted(names, *encoding.columns)

    def read(size: int) -> Iterator[pa.RecordBatch]:
        del size
        for batch in open_table():
            yield narrow_rows(batch, columns)

    return Origin(path.name, path.stem, None, encoding=encoding), None, read
