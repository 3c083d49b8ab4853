"""Files an office hands over, read in bulk: geometries, columns, coordinate system, encoding.

These are files the office trusts, on its own machine: there is no limit on features, but a file is opened
only with the driver its name promises.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from gis.errors import LayerError, SiteError
from gis.intake.table import SourceTable, broken, flatten, refuse, to_columns, to_shapes
from gis.sites.archive import unpack_shapefiles
from gis.sites.dbf import LATIN_1, decode_value, find_encoding
from gis.sites.raw import Limits, SiteSource

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
