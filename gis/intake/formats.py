"""Files an office hands over, read in bulk: geometries, columns, coordinate system, encoding.

These are files the office trusts, on its own machine: there is no limit on features, but a file is opened
only with the driver its name promises.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.errors import LayerError, SiteError
from gis.sites.archive import unpack_shapefiles
from gis.sites.dbf import LATIN_1, decode_value, find_encoding
from gis.sites.raw import Limits, SiteSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gis.model import Text

DRIVERS = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gpkg": "GPKG",
    ".shp": "ESRI Shapefile",
    ".fgb": "FlatGeobuf",
    ".gdb": "OpenFileGDB",
}
"""Driver by the ending of the name; ``.zip`` and ``.parquet`` are read in their own way."""

KNOWN_ENDINGS = (*DRIVERS, ".zip", ".parquet")
BULK_LIMITS = Limits(unpacked_bytes=50_000_000_000, unpack_ratio=1000, archive_entries=1000)
_SYSTEM_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table of one file.

    Parameters
    ----------
    file, name : str
        Name of the file, and of the table or shapefile in it: the layer code of the database, often.
    geometries : array of shapely geometries
        Two-dimensional, coordinates of the file; None where a row has none.
    columns : mapping
        Values by field, one a row, as JSON values.
    crs : str or None
        EPSG code or WKT; None where the file says nothing.
    wgs84_by_rule : bool
        The format itself says WGS 84 (RFC 7946).
    """

    file: str
    name: str
    geometries: NDArray[np.object_]
    columns: Mapping[str, Sequence[Any]]
    crs: str | None
    wgs84_by_rule: bool = False
    encoding: str = "UTF-8"
    notes: tuple[Text, ...] = field(default=())


def read_tables(path: Path, *, table: str | None = None) -> tuple[SourceTable, ...]:
    """Return the tables with geometry of a file.

    Parameters
    ----------
    path : Path
        GeoJSON, GeoPackage, shapefile (plain or zipped), GeoParquet, FlatGeobuf or file geodatabase.
    table : str, optional
        Only the table of this name.

    Raises
    ------
    LayerError
        If the file is missing, empty, broken, of another format, or has no table of that name.
    """
    ending = path.suffix.lower()
    if not path.exists():
        raise refuse("layers.file", f"找不到文件 {path}", f"there is no file {path}", str(path))
    if ending not in KNOWN_ENDINGS:
        raise refuse(
            "layers.format",
            f"不支持的格式 {ending or path.name}；可用：{'、'.join(KNOWN_ENDINGS)}",
            f"unsupported format {ending or path.name}; there are: {', '.join(KNOWN_ENDINGS)}",
            path.name,
        )
    if path.is_file() and not path.stat().st_size:
        raise refuse("layers.empty", "文件是空的", "the file is empty", path.name)
    if ending == ".zip":
        found = read_zip(path)
    elif ending == ".parquet":
        found = (read_parquet(path),)
    elif ending == ".shp":
        found = (read_shapefile(path, path.name, path.stem),)
    else:
        found = read_with_gdal(path, DRIVERS[ending])
    chosen = tuple(one for one in found if table is None or one.name.lower() == table.lower())
    if not chosen:
        names = "、".join(one.name for one in found)
        raise refuse(
            "layers.table",
            f"文件中没有表 {table}；有：{names}",
            f"no table {table}; there are: {names}",
            path.name,
        )
    return chosen


def refuse(code: str, zh: str, en: str, where: str, hint_zh: str = "", hint_en: str = "") -> LayerError:
    """Return the error for a file that is not taken in; nothing was changed."""
    return LayerError(zh, en, where=where, code=code, hint_zh=hint_zh, hint_en=hint_en)


def read_with_gdal(path: Path, driver: str) -> tuple[SourceTable, ...]:
    """Return the tables of a file that GDAL reads with one driver.

    Raises
    ------
    LayerError
        If GDAL cannot read it.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        layers = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
        tables = []
        for name, kind in layers:
            if kind is None:
                continue
            meta, _, shapes, values = pyogrio.raw.read(path, layer=name)
            tables.append(
                SourceTable(
                    file=path.name,
                    name=path.stem if driver == "GeoJSON" else name,
                    geometries=to_shapes(shapes, path.name),
                    columns=to_columns(meta["fields"], values, nested=driver == "GeoJSON"),
                    crs=None if driver == "GeoJSON" and meta["crs"] in {None, "EPSG:4326"} else meta["crs"],
                    wgs84_by_rule=driver == "GeoJSON",
                )
            )
    except (DataSourceError, DataLayerError, ValueError, RuntimeError) as error:
        raise broken(path.name, error) from error
    if not tables:
        raise refuse("layers.empty", "文件中没有带几何的表", "the file has no table with geometry", path.name)
    return tuple(tables)


def broken(where: str, error: Exception) -> LayerError:
    """Return the error for a file that cannot be read."""
    return refuse(
        "layers.broken_file",
        f"文件无法读取：{error}",
        f"the file cannot be read: {error}",
        where,
        "文件可能不完整，请重新导出",
        "the file may be incomplete; export it again",
    )


def read_zip(path: Path) -> tuple[SourceTable, ...]:
    """Return the shapefiles of a zip, looked through like a stranger's.

    Raises
    ------
    LayerError
        If it is broken or holds no shapefile.
    """
    with tempfile.TemporaryDirectory(prefix="gis-intake-") as folder:
        try:
            parts = unpack_shapefiles(SiteSource(path.name, path.read_bytes()), Path(folder), BULK_LIMITS)
        except SiteError as error:
            raise LayerError(
                error.zh,
                error.en,
                where=error.where,
                hint_zh=error.hint_zh,
                hint_en=error.hint_en,
                code="layers.broken_file",
            ) from error
        return tuple(
            read_shapefile(part.path, f"{path.name}: {part.name}", Path(part.name).stem) for part in parts
        )


def read_shapefile(path: Path, where: str, name: str) -> SourceTable:
    """Return a shapefile, its text decoded by evidence: ``.cpg``, language byte, UTF-8, GB18030.

    Raises
    ------
    LayerError
        If it cannot be read, or its encoding cannot be told.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        with _restored_index():
            meta, _, shapes, values = pyogrio.raw.read(path, encoding=LATIN_1)
    except (DataSourceError, DataLayerError, ValueError, RuntimeError) as error:
        raise broken(where, error) from error
    texts = [
        np.unique(column[[isinstance(value, str) for value in column]])
        for column in values
        if column.dtype == object
    ]
    samples = {str(text) for column in [meta["fields"], *texts] for text in column if not str(text).isascii()}
    try:
        encoding = find_encoding(
            _part(path, ".cpg"), _part(path, ".dbf"), sorted(text.encode(LATIN_1) for text in samples), where
        )
    except SiteError as error:
        raise LayerError(error.zh, error.en, where=where, code="layers.encoding") from error
    decoded = {text: decode_value(text.encode(LATIN_1), encoding) for text in samples}
    columns = to_columns([decoded.get(name, name) for name in meta["fields"]], values)
    crs = _read_prj(_part(path, ".prj"))
    return SourceTable(
        file=where,
        name=name,
        geometries=to_shapes(shapes, where),
        columns={
            field_: [decoded.get(value, value) if isinstance(value, str) else value for value in column]
            for field_, column in columns.items()
        },
        crs=crs,
        encoding=encoding.upper(),
    )


class _restored_index:  # noqa: N801 - used as a with statement only
    """Let GDAL rebuild a missing ``.shx`` while the block runs."""

    def __enter__(self) -> None:
        import pyogrio

        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})

    def __exit__(self, *_: object) -> None:
        import pyogrio

        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _part(path: Path, ending: str) -> Path | None:
    """Return the part of a shapefile with that ending, in lower or upper case."""
    return next(
        (part for part in (path.with_suffix(ending), path.with_suffix(ending.upper())) if part.is_file()),
        None,
    )


def _read_prj(path: Path | None) -> str | None:
    if path is None:
        return None
    with path.open("rb") as file:
        text = file.read(_SYSTEM_BYTES).decode("utf-8-sig", errors="replace").strip()
    return text or None


def read_parquet(path: Path) -> SourceTable:
    """Return a GeoParquet file.

    Raises
    ------
    LayerError
        If it is no GeoParquet, or the reader for it is not installed.
    """
    import geopandas as gpd

    try:
        frame = gpd.read_parquet(path)
    except ImportError as error:
        raise refuse(
            "layers.format",
            "读取 GeoParquet 需要 pyarrow",
            "reading GeoParquet needs pyarrow",
            path.name,
            "安装 pyarrow，或另存为 GeoPackage",
            "install pyarrow, or save the file as GeoPackage",
        ) from error
    except (ValueError, OSError, KeyError) as error:
        raise broken(path.name, error) from error
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    return SourceTable(
        file=path.name,
        name=path.stem,
        geometries=flatten(frame.geometry.to_numpy(), path.name),
        columns=to_columns(names, [frame[name].to_numpy() for name in names]),
        crs=None if frame.crs is None else frame.crs.to_wkt(),
    )


def to_shapes(shapes: NDArray[np.object_], where: str) -> NDArray[np.object_]:
    """Return WKB as shapely geometries without heights; None stays None.

    Raises
    ------
    LayerError
        If a geometry cannot be read or a coordinate is not a number.
    """
    try:
        return flatten(np.asarray(shapely.from_wkb(shapes), dtype=object), where)
    except shapely.errors.ShapelyError as error:
        raise broken(where, error) from error


def flatten(geometries: NDArray[np.object_], where: str) -> NDArray[np.object_]:
    """Return geometries without heights and measures, once every coordinate is known to be a number.

    Raises
    ------
    LayerError
        If one is not: GEOS calls such a geometry valid, and it meets nothing.
    """
    flat = np.asarray(shapely.force_2d(geometries), dtype=object)
    xy, owner = shapely.get_coordinates(flat, return_index=True)
    bad = ~(np.abs(xy) <= BULK_LIMITS.coordinate).all(axis=1)
    if bad.any():
        index, value = int(owner[bad][0]), tuple(xy[bad][0].tolist())
        raise refuse(
            "layers.coordinates",
            f"第 {index} 个要素的坐标 {value} 不是有限的数",
            f"feature {index} has the coordinate {value}, which is no finite number",
            where,
        )
    return flat


def to_columns(names: Sequence[str], values: Sequence[Any], *, nested: bool = False) -> dict[str, list[Any]]:
    """Return columns as lists of JSON values; texts that hold a JSON list are read where `nested`."""
    return {
        str(name): [_to_value(value, nested=nested) for value in _to_list(column)]
        for name, column in zip(names, values, strict=True)
    }


def _to_list(column: Any) -> list[Any]:
    array = np.asarray(column)
    if array.dtype.kind == "M":
        return [None if text == "NaT" else text for text in np.datetime_as_string(array).tolist()]
    return list(array.tolist())


def _to_value(value: Any, *, nested: bool) -> Any:
    """Return a value as JSON can say it; numbers that are none as None."""
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _read_nested(value) if nested and value[:1] == "[" else value
    return str(value)


def _read_nested(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text
