"""GeoParquet in and Parquet out, a batch at a time, without a Python object a row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis import crs
from gis.errors import SiteError, SiteFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class GeoFile:
    """A GeoParquet file opened: where its geometry is and in which system.

    Parameters
    ----------
    path : Path
    geometry : str
        Name of the primary geometry column, WKB.
    source : str
        Coordinate system as PROJ reads it.
    rows : int
    columns : tuple of str
        All other columns.
    """

    path: Path
    geometry: str
    source: str
    rows: int
    columns: tuple[str, ...]

    def read_batches(self, columns: tuple[str, ...], rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the geometry and `columns`, `rows` at a time, in the order of the file."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path, pre_buffer=False) as file:
            yield from file.iter_batches(
                batch_size=rows, columns=[self.geometry, *columns], use_threads=False
            )

    def read_schema(self) -> pa.Schema:
        """Return the names and types of the columns."""
        import pyarrow.parquet as pq

        return pq.read_schema(self.path)

    def read_column(self, name: str) -> pa.ChunkedArray:
        """Return one column whole."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            return file.read(columns=[name], use_threads=False).column(name)


def open_geoparquet(path: Path) -> GeoFile:
    """Return what a GeoParquet file says of itself.

    Raises
    ------
    SiteError
        If there is no such file.
    SiteFormatError
        If it is not Parquet, or has no WKB geometry column described by GeoParquet metadata.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return describe(path, file)
    except FileNotFoundError as error:
        raise SiteError(
            f"没有文件 {path}", f"there is no file {path}", where=str(path), code="sites.file"
        ) from error
    except (pa.ArrowInvalid, OSError) as error:
        raise SiteFormatError(
            f"无法读取 {path.name}：应为 GeoParquet 文件",
            f"{path.name} cannot be read: a GeoParquet file is expected",
            where=path.name,
        ) from error


def describe(path: Path, file: pq.ParquetFile) -> GeoFile:
    """Return the description of an open file, from its ``geo`` metadata (GeoParquet 1.1)."""
    schema = file.schema_arrow
    said = (schema.metadata or {}).get(b"geo")
    entry: dict[str, Any] = json.loads(said) if said else {}
    name = entry.get("primary_column", "geometry")
    column = entry.get("columns", {}).get(name, {})
    if not said or name not in schema.names or column.get("encoding") != "WKB":
        raise SiteFormatError(
            f"{path.name} 没有 GeoParquet 的 WKB 几何列",
            f"{path.name} has no WKB geometry column described by GeoParquet metadata",
            where=path.name,
            hint_zh="请用 geopandas 的 to_parquet 写出",
            hint_en="write it with to_parquet of geopandas",
        )
    others = tuple(other for other in schema.names if other != name)
    return GeoFile(path, name, name_system(column, path), file.metadata.num_rows, others)


def name_system(column: dict[str, Any], path: Path) -> str:
    """Return the coordinate system of a GeoParquet column: an authority's number, else its JSON.

    Raises
    ------
    SiteFormatError
        If the file says that it is unknown.
    """
    from pyproj import CRS

    if "crs" not in column:
        return crs.GEOJSON
    if column["crs"] is None:
        raise SiteFormatError(
            f"{path.name} 未说明坐标系", f"{path.name} does not say its coordinate system", where=path.name
        )
    system = CRS.from_json_dict(column["crs"])
    authority = system.to_authority(min_confidence=100)
    return ":".join(authority) if authority else system.to_json()


def wrap_numbers(values: NDArray[Any]) -> pa.Array:
    """Return numbers as Arrow without a copy; ``pyarrow.array`` would import pandas to ask what they are."""
    import pyarrow as pa

    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def collect(batch: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column of a batch as plain storage: dictionary and extension types undone."""
    import pyarrow as pa

    column = batch.column(name)
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    return column
