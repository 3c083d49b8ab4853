"""The control zones themselves as a table of features, and as GeoJSON or GeoPackage for a GIS."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.errors import GeometryError, OutputError
from gis.layers.render import round_geometries
from gis.model import LayerStatus, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gis.model import Rule
    from gis.workspace import ControlZone, Workspace

FORMATS = {".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG"}
TABLE = "control_zones"


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """One piece of a control zone: what one feature makes by one rule.

    Parameters
    ----------
    geometry : shapely geometry
        Degrees (EPSG:4490), edges densified to 100 m, six decimals; a line or point where the rule applies to
        one itself.
    feature_id : str or None
        None for a rule about what lies outside: its zone is the layer's coverage without its features.
    settled : bool
        False where the regulated zone lies inside with limits that are not public.
    """

    rule: Rule
    feature_id: str | None
    accuracy_m: float | None
    settled: bool
    geometry: Any


@dataclass(frozen=True, slots=True)
class ZoneTable:
    """All pieces asked for, and why rules have none."""

    records: tuple[ZoneRecord, ...]
    missing: tuple[tuple[Rule, Text], ...]


def collect_zones(workspace: Workspace, rules: Iterable[Rule]) -> ZoneTable:
    """Return the control zones of rules, in their order.

    Parameters
    ----------
    rules : iterable of Rule
        As they apply on a day (:func:`gis.rules.effective_rules`).
    """
    records: list[ZoneRecord] = []
    missing: list[tuple[Rule, Text]] = []
    for rule in rules:
        try:
            zone = workspace.zones.zone(rule)
        except GeometryError as error:
            missing.append((rule, Text(error.zh, error.en)))
            continue
        made = [] if zone is None else list_records(workspace, zone)
        records += made
        if not made:
            missing.append((rule, explain_missing(workspace, rule)))
    shapes = np.array([*(record.geometry for record in records), None], dtype=object)[:-1]
    rounded = round_geometries(shapes)
    return ZoneTable(
        records=tuple(
            replace(record, geometry=shape) for record, shape in zip(records, rounded, strict=True)
        ),
        missing=tuple(missing),
    )


def explain_missing(workspace: Workspace, rule: Rule) -> Text:
    """Return why a rule has no zone."""
    layer = workspace.layers.get(rule.layer_id)
    if layer is None or layer.status is LayerStatus.NO_DATA:
        return Text(f"图层 {rule.layer_id} 没有数据", f"layer {rule.layer_id} has no data")
    if layer.problem is not None:
        return layer.problem
    if rule.recipe.type == "outside" and layer.coverage is None:
        return Text("图层没有覆盖范围，之外无从确定", "the layer covers no area to be outside in")
    kinds = ", ".join((*rule.kinds, *rule.possible_kinds))
    return Text(
        f"图层 {rule.layer_id} 中没有类别 {kinds} 的要素",
        f"layer {rule.layer_id} has no feature of kind {kinds}",
    )


def list_records(workspace: Workspace, zone: ControlZone) -> list[ZoneRecord]:
    """Return one record a feature; for what lies outside of features one for the rest of the coverage."""
    if zone.rule.recipe.type == "outside":
        return list_outside(workspace, zone)
    return [
        ZoneRecord(
            rule=zone.rule,
            feature_id=part.feature.feature_id,
            accuracy_m=part.feature.accuracy_m,
            settled=part.settled,
            geometry=crs.to_lonlat(part.geometry),
        )
        for part in zone.parts
    ]


def list_outside(workspace: Workspace, zone: ControlZone) -> list[ZoneRecord]:
    """Return the one record of a rule about what lies outside its features, within the layer's coverage."""
    if zone.coverage is None:
        return []
    inside = shapely.union_all([part.geometry for part in zone.parts])
    return [
        ZoneRecord(
            rule=zone.rule,
            feature_id=None,
            accuracy_m=workspace.layers[zone.rule.layer_id].entry.accuracy_m,
            settled=all(part.settled for part in zone.parts),
            geometry=crs.to_lonlat(shapely.difference(zone.coverage, inside)),
        )
    ]


def describe_zone(record: ZoneRecord) -> dict[str, Any]:
    """Return the properties of a zone feature."""
    rule = record.rule
    return {
        "rule_id": rule.id,
        "title_zh": rule.title.zh,
        "title_en": rule.title.en,
        "level": rule.level.value,
        "layer_id": rule.layer_id,
        "feature_id": record.feature_id,
        "recipe": rule.recipe.type,
        "requirement_zh": rule.requirement.zh,
        "requirement_en": rule.requirement.en,
        "provisions": "；".join(
            f"{law.instrument} {law.article}（{law.version}）" for law in rule.provisions
        ),
        "verified": rule.verified,
        "accuracy_m": record.accuracy_m,
        "settled": record.settled,
    }


def render_zones(records: Sequence[ZoneRecord]) -> str:
    """Return zones as an RFC 7946 FeatureCollection, one feature a line."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": describe_zone(record),
                "geometry": json.loads(shapely.to_geojson(record.geometry)),
            },
            ensure_ascii=False,
        )
        for record in records
    ]
    head = f'{{"type":"FeatureCollection","name":"{TABLE}","features":[\n'
    return head + ",\n".join(lines) + "\n]}\n"


def write_zones(records: Sequence[ZoneRecord], path: Path) -> Path:
    """Write zones to a GeoJSON or GeoPackage file, told by its ending; whole or not at all.

    Raises
    ------
    OutputError
        If the ending is neither, or the file cannot be written.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise OutputError(
            f"不支持的输出格式 {path.suffix or path.name}；可用：.geojson、.gpkg",
            f"unsupported output format {path.suffix or path.name}; there are .geojson and .gpkg",
            where=str(path),
            code="outputs.format",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            aside = Path(folder) / path.name
            if kind == "GeoJSON":
                aside.write_text(render_zones(records), encoding="utf-8", newline="\n")
            else:
                write_geopackage(records, aside)
            with aside.open("rb+") as stream:
                os.fsync(stream.fileno())
            aside.replace(path)
    except OSError as error:
        raise OutputError(
            f"无法写入 {path}：{error.strerror or error}",
            f"{path} cannot be written: {error.strerror or error}",
            where=str(path),
            hint_zh="请检查文件夹权限与磁盘空间",
            hint_en="check the folder's permissions and the disk space",
        ) from error
    return path


def write_geopackage(records: Sequence[ZoneRecord], path: Path) -> None:
    """Write zones as the table ``control_zones`` of a GeoPackage in EPSG:4490."""
    import geopandas as gpd

    geometries = [record.geometry for record in records]
    frame = gpd.GeoDataFrame(
        [describe_zone(record) for record in records], geometry=geometries, crs=crs.GEOGRAPHIC
    )
    frame.to_file(path, driver="GPKG", layer=TABLE, engine="pyogrio")
