"""GeoPackage and zipped shapefile through fiona: one allowed driver, a private folder, real tables."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis.errors import SiteError, SiteTooLargeError
from gis.model import Note, Text
from gis.sites.archive import unpack_shapefiles
from gis.sites.attributes import as_properties
from gis.sites.dbf import LATIN_1, decode_value, find_encoding
from gis.sites.geopackage import list_tables
from gis.sites.raw import RawFeature, RawFile, RawTable
from gis.sites.shapes import ShapeBuilder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.sites.archive import UnpackedShapefile
    from gis.sites.raw import Limits, SiteSource

_NULL = Note("geometry_null", Text("没有几何（null）", "no geometry (null)"))
_SYSTEM_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class _Record:
    """A feature as fiona hands it over."""

    geometry: Any
    properties: Mapping[str, Any]


def read_geopackage(source: SiteSource, limits: Limits) -> RawFile:
    """Read all feature tables of a GeoPackage, in the order of their names.

    Raises
    ------
    SiteError
        If it is broken, or a feature table is a view, virtual table, or has computed columns.
    SiteTooLargeError
        If it is past a limit.
    """
    builder = ShapeBuilder(source.name, limits)
    with tempfile.TemporaryDirectory(prefix="gis-site-") as folder:
        path = Path(folder) / "site.gpkg"
        path.write_bytes(source.content)
        tables: list[RawTable] = []
        index = 0
        for table in list_tables(path, source.name):
            records = _read_records(path, "GPKG", source.name, limits, layer=table.name)
            tables.append(RawTable(table.crs, _make_features(records, index, builder, source.name)))
            index += len(records)
    return RawFile("GeoPackage", tuple(tables), encoding="UTF-8")


def read_shapefiles(source: SiteSource, limits: Limits) -> RawFile:
    """Read all shapefiles of a zip, in the order of their names.

    Raises
    ------
    SiteFormatError
        If the zip holds no shapefile, another archive, or a virtual data set.
    SiteTooLargeError
        If it is past a limit.
    SiteError
        If the zip or a shapefile is broken, or its attributes are in no encoding that can be told.
    """
    builder = ShapeBuilder(source.name, limits)
    tables: list[RawTable] = []
    encodings: dict[str, None] = {}
    notes: list[Text] = []
    index = 0
    with tempfile.TemporaryDirectory(prefix="gis-site-") as folder:
        for shapefile in unpack_shapefiles(source, Path(folder), limits):
            notes += _note_missing(shapefile)  # before GDAL rebuilds an index
            records, encoding = _read_shapefile(shapefile, source.name, limits)
            encodings[encoding.upper()] = None
            tables.append(
                RawTable(_read_prj(shapefile), _make_features(records, index, builder, source.name))
            )
            index += len(records)
    return RawFile("Shapefile", tuple(tables), encoding=", ".join(encodings), notes=tuple(notes))


def _read_shapefile(shapefile: UnpackedShapefile, where: str, limits: Limits) -> tuple[list[_Record], str]:
    """Return the records with their text decoded, and in which encoding it was."""
    spot = f"{where}: {shapefile.name}"
    raw = _read_records(shapefile.path, "ESRI Shapefile", spot, limits, encoding=LATIN_1)
    texts = {text for record in raw for text in _list_texts(record.properties) if not text.isascii()}
    samples = sorted(text.encode(LATIN_1) for text in texts)
    encoding = find_encoding(shapefile.part(".cpg"), shapefile.part(".dbf"), samples, spot)

    def decode(value: Any) -> Any:
        return decode_value(value.encode(LATIN_1), encoding) if isinstance(value, str) else value

    records = [
        _Record(record.geometry, {decode(name): decode(value) for name, value in record.properties.items()})
        for record in raw
    ]
    return records, encoding


def _list_texts(properties: Mapping[str, Any]) -> list[str]:
    return [*properties, *(value for value in properties.values() if isinstance(value, str))]


def _read_prj(shapefile: UnpackedShapefile) -> str | None:
    path = shapefile.part(".prj")
    if path is None:
        return None
    with path.open("rb") as file:
        text = file.read(_SYSTEM_BYTES + 1).decode("utf-8-sig", errors="replace").strip()
    return text or None


def _note_missing(shapefile: UnpackedShapefile) -> list[Text]:
    return [
        Text(f"{shapefile.name} 缺少 {ending}，{zh}", f"{shapefile.name} has no {ending}: {en}")
        for ending, zh, en in (
            (".shx", "索引已重建", "the index was rebuilt"),
            (".dbf", "没有属性", "there are no attributes"),
        )
        if shapefile.part(ending) is None
    ]


def _read_records(
    path: Path,
    driver: str,
    where: str,
    limits: Limits,
    *,
    layer: str | None = None,
    encoding: str | None = None,
) -> list[_Record]:
    """Return all records of one layer; only `driver` may open the file."""
    import fiona
    from fiona.errors import FionaError

    try:
        with (
            warnings.catch_warnings(action="ignore"),  # an odd field name is the stranger's, not ours
            fiona.Env(
                SHAPE_RESTORE_SHX="YES",
                OGR_SQLITE_LOAD_EXTENSIONS="NONE",
                OGR_ARC_STEPSIZE="0.1",
                CPL_DEBUG="OFF",
            ),
            fiona.open(path, enabled_drivers=[driver], layer=layer, encoding=encoding) as collection,
        ):
            if len(collection) > limits.features or len(collection.schema["properties"]) > limits.fields:
                raise SiteTooLargeError(
                    f"多于 {limits.features} 个要素或 {limits.fields} 个字段",
                    f"more than {limits.features} features or {limits.fields} fields",
                    where=where,
                    hint_zh="请分成几个文件提交",
                    hint_en="split the file",
                )
            return [_Record(feature.geometry, dict(feature.properties)) for feature in collection]
    except (
        FionaError,
        UnicodeDecodeError,
        OSError,
        RuntimeError,
        SystemError,
        TypeError,
    ) as error:  # fiona's C part too, and a layer that cannot be counted
        raise SiteError(
            f"文件无法读取：{error}",
            f"the file cannot be read: {error}",
            where=where,
            code="sites.broken",
            hint_zh="文件可能不完整，请重新导出",
            hint_en="the file may be incomplete; export it again",
        ) from error


def _make_features(
    records: list[_Record], first: int, builder: ShapeBuilder, where: str
) -> tuple[RawFeature, ...]:
    features = []
    for index, record in enumerate(records, start=first):
        properties = as_properties(record.properties, builder.limits, f"{where}, feature {index}")
        if record.geometry is None:
            features.append(RawFeature(index, None, properties, problem=_NULL))
            continue
        shape, problem, repairs = builder.build(record.geometry.__geo_interface__, index)
        features.append(RawFeature(index, shape, properties, problem=problem, repairs=repairs))
    return tuple(features)
