"""What projects change in a network, as JSON, XLSX, GeoJSON and words."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import shapely

from gis import crs
from gis.model import Text
from gis.outputs.connectivity.effect_places import (
    BARRIER_COLUMNS,
    PINCH_COLUMNS,
    draw_places,
    places_as_dict,
    say_places,
)
from gis.outputs.connectivity.facts import finite, list_provenance, text_as_dict
from gis.outputs.connectivity.tables import MOMENT, list_pairs, make_table
from gis.outputs.files import write_bytes, write_text
from gis.outputs.xlsx import render_tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from gis.connectivity.effect import EffectStudy, LinkEffect, NetworkEffect
    from gis.model import SiteSet
    from gis.outputs.table import Table

STATUS = {
    "unchanged": Text("不受影响", "unchanged"),
    "dearer": Text("阻力增加", "dearer"),
    "rerouted": Text("路径改道", "rerouted"),
    "lost": Text("连接中断", "lost"),
}
TOO_DEAR = "阻力过高，不再算作连接 too costly to count as a link"
"""Of a lost link that a way still joins."""

LINK_COLUMNS = (
    ("who", Text("用地", "site"), ""),
    ("title.zh", Text("连接", "link (zh)"), ""),
    ("title.en", Text("英文名", "link"), ""),
    ("status_text", Text("影响", "effect"), ""),
    ("cost_before", Text("阻力·km 前", "cost before"), "#,##0.00"),
    ("cost_after", Text("阻力·km 后", "cost after"), "#,##0.00"),
    ("cost_change", Text("阻力变化", "change of cost"), "0.00 %"),
    ("length_before_m", Text("路径长 前（m）", "length before, m"), "#,##0"),
    ("length_after_m", Text("路径长 后（m）", "length after, m"), "#,##0"),
    ("resistance_before_ohm", Text("有效电阻 前（Ω）", "resistance before, ohm"), "#,##0.0000"),
    ("resistance_after_ohm", Text("有效电阻 后（Ω）", "resistance after, ohm"), "#,##0.0000"),
    ("pinch_share", Text("占夹点", "share of the pinch point"), "0.00 %"),
)
NETWORK_COLUMNS = (
    ("who", Text("用地", "site"), ""),
    ("cells_changed", Text("受影响像元", "cells changed"), "#,##0"),
    ("source_loss_ha", Text("源地损失（公顷）", "area lost by sources, ha"), "#,##0.0000"),
    ("ec_before_ha", Text("等效连通面积 EC 前（公顷）", "EC before, ha"), "#,##0.00"),
    ("ec_after_ha", Text("EC 后（公顷）", "EC after, ha"), "#,##0.00"),
    ("ec_change", Text("EC 变化", "change of EC"), "0.00 %"),
    ("pc_change", Text("PC 变化", "change of PC"), "0.00 %"),
    ("ec_iic_before_ha", Text("等效连通面积 EC(IIC) 前（公顷）", "EC(IIC) before, ha"), "#,##0.00"),
    ("ec_iic_after_ha", Text("EC(IIC) 后（公顷）", "EC(IIC) after, ha"), "#,##0.00"),
    ("ec_iic_change", Text("EC(IIC) 变化", "change of EC(IIC)"), "0.00 %"),
    ("iic_change", Text("IIC 变化", "change of IIC"), "0.00 %"),
)


def effects_as_dict(found: EffectStudy, sites: SiteSet) -> dict[str, Any]:
    """Return the effects as one table: each site alone, all together, what was rejected, the provenance."""
    return {
        "schema": "corridor-effect/1",
        "site_resistance": found.site_resistance,
        "sites": [effect_as_dict(found, effect) for effect in found.each],
        "together": {**effect_as_dict(found, found.together), **places_as_dict(found.places)},
        "rejected": [
            {"file": item.file, "index": item.index, "code": item.code, "message": text_as_dict(item.message)}
            for item in sites.rejected
        ],
        "files": [{"name": file.name, "sha256": file.sha256} for file in sites.files],
        "provenance": list_provenance(found.before),
    }


def effect_as_dict(found: EffectStudy, effect: NetworkEffect) -> dict[str, Any]:
    """Return what some sites change."""
    before, iic = found.before.network.pc, found.before.network.iic
    return {
        "name": text_as_dict(effect.name),
        "indexes": list(effect.indexes),
        "changes": effect.changes,
        "cells_changed": effect.cells,
        "source_loss_ha": round(effect.source_loss_m2 / 1e4, 6),
        "ec_before_ha": before.equivalent_area_m2 / 1e4,
        "ec_after_ha": effect.ec_m2 / 1e4,
        "ec_change": effect.ec_m2 / before.equivalent_area_m2 - 1.0,
        "pc_change": effect.pc_num_m4 / before.numerator - 1.0,
        "iic_num_before_ha2": iic.numerator / 1e8,
        "iic_num_after_ha2": effect.iic_num_m4 / 1e8,
        "iic_change": effect.iic_num_m4 / iic.numerator - 1.0,
        "ec_iic_before_ha": iic.equivalent_area_m2 / 1e4,
        "ec_iic_after_ha": effect.ec_iic_m2 / 1e4,
        "ec_iic_change": effect.ec_iic_m2 / iic.equivalent_area_m2 - 1.0,
        "links": [link_as_dict(link) for link in effect.links],
    }


def say_status(link: LinkEffect) -> str:
    """Return what becomes of a link in a word."""
    if link.status == "lost" and math.isfinite(link.cost_km):
        return TOO_DEAR
    return f"{STATUS[link.status].zh} {STATUS[link.status].en}"


def link_as_dict(link: LinkEffect) -> dict[str, Any]:
    """Return what becomes of one link."""
    before = link.before
    return {
        "id": before.id,
        "title": text_as_dict(before.title),
        "status": link.status,
        "status_text": say_status(link),
        "sentence": text_as_dict(link.sentence),
        "cost_before": before.cost_km,
        "cost_after": finite(link.cost_km),
        "cost_change": finite(link.cost_change),
        "length_before_m": before.length_m,
        "length_after_m": finite(link.length_m),
        "resistance_before_ohm": finite(before.resistance_ohm),
        "resistance_after_ohm": finite(link.resistance_ohm),
        "resistance_change": finite(link.resistance_change),
        "pinch_share": link.pinch_share,
    }


def render_effects_json(found: EffectStudy, sites: SiteSet) -> str:
    """Return the effects as JSON."""
    return json.dumps(effects_as_dict(found, sites), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def render_effects_xlsx(found: EffectStudy, sites: SiteSet) -> bytes:
    """Return the effects as a workbook; the same bytes for the same effects."""
    facts = effects_as_dict(found, sites)
    groups = [*facts["sites"], facts["together"]]
    named = [{**group, "who": f"{group['name']['zh']} {group['name']['en']}".strip()} for group in groups]
    links = [{**link, "who": group["who"]} for group in named for link in group["links"]]
    tables = (
        make_table(Text("网络", "Network"), named, NETWORK_COLUMNS),
        make_table(Text("连接", "Links"), links, LINK_COLUMNS),
        *list_places(facts["together"]),
        list_pairs(Text("来源与参数", "Provenance"), facts["provenance"]),
    )
    title = "项目对廊道网络的影响 / Effect on the corridor network"
    return render_tables(tables, title=title, subject=found.before.study_id, created=MOMENT)


def list_places(facts: dict[str, Any]) -> list[Table]:
    """Return the sheets of pinch points and barriers, those that were looked for."""
    sheets = (
        (Text("夹点", "Pinch points"), "pinch_points", PINCH_COLUMNS),
        (Text("障碍点", "Barriers"), "barriers", BARRIER_COLUMNS),
    )
    return [
        make_table(title, facts[name], columns)
        for title, name, columns in sheets
        if facts.get(name) is not None
    ]


def render_effects_geojson(found: EffectStudy, sites: SiteSet) -> str:
    """Return sites, paths before and those all sites together move, pinch points and barriers; degrees."""
    rows = [
        make_row(site.geometry, {"kind": "project_site", "name": site.name, "index": site.index})
        for site in sites.sites
    ]
    for link in found.together.links:
        told = link_as_dict(link)
        rows.append(make_row(place(link.before.line), {"kind": "path_before", **told}))
        if link.status in {"dearer", "rerouted"} and link.line is not None:
            rows.append(make_row(place(link.line), {"kind": "path_after", **told}))
    if found.places is not None:
        drawn = draw_places(found.before.ground.cells, found.places)
        rows.extend(make_row(place(shape), told) for shape, told in drawn)
    collection = {
        "type": "FeatureCollection",
        "features": rows,
        "provenance": list_provenance(found.before),
    }
    return json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"


def place(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry of the working plane in degrees."""
    return crs.transform(geometry, crs.PLANE, crs.GEOGRAPHIC)


def make_row(geometry: BaseGeometry, properties: dict[str, Any]) -> dict[str, Any]:
    """Return one GeoJSON feature, six decimals."""
    rounded = shapely.transform(geometry, lambda xy: xy.round(6))
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(rounded))}


def write_effects(found: EffectStudy, sites: SiteSet, folder: Path) -> tuple[Path, ...]:
    """Write the effects into a folder; return the files."""
    return (
        write_text(folder / "effect.json", render_effects_json(found, sites)),
        write_bytes(folder / "effect.xlsx", render_effects_xlsx(found, sites)),
        write_text(folder / "effect.geojson", render_effects_geojson(found, sites)),
    )


def format_effects(found: EffectStudy) -> str:
    """Return the effects as lines for a person: what changes, link by link."""
    lines: list[str] = []
    for effect in (*found.each, found.together):
        lines.append(f"{effect.name.zh} {effect.name.en}".strip())
        lines.extend(f"  {line}" for line in say_effect(found, effect))
    if found.places is not None and found.together.changes:
        lines.extend(f"  {line}" for line in say_places(found.places))
    return "\n".join(lines)


def say_effect(found: EffectStudy, effect: NetworkEffect) -> Sequence[str]:
    """Return what some sites change, a line each thing."""
    if not effect.changes:
        return ["对廊道网络没有影响 / nothing changes in the network"]
    before = found.before.network.pc
    ec, pc = effect.ec_m2 / before.equivalent_area_m2, effect.pc_num_m4 / before.numerator
    areas = f"{before.equivalent_area_m2 / 1e4:,.0f} → {effect.ec_m2 / 1e4:,.0f} ha"
    iic = found.before.network.iic
    ec_iic, more = effect.ec_iic_m2 / iic.equivalent_area_m2, effect.iic_num_m4 / iic.numerator
    areas_iic = f"{iic.equivalent_area_m2 / 1e4:,.0f} → {effect.ec_iic_m2 / 1e4:,.0f} ha"
    lines = [
        f"等效连通面积 / equivalent area EC {areas}（{ec - 1.0:+.2%}）；PC {pc - 1.0:+.2%}",
        f"等效连通面积 / equivalent area EC(IIC) {areas_iic}（{ec_iic - 1.0:+.2%}）；IIC {more - 1.0:+.2%}",
    ]
    if effect.source_loss_m2 > 0:
        lines.append(f"源地损失 / sources lose {effect.source_loss_m2 / 1e4:,.2f} ha")
    for link in effect.links:
        if link.status != "unchanged":
            ohm = link.resistance_change
            extra = "" if not math.isfinite(ohm) else f"；有效电阻 / resistance {ohm:+.1%}"
            lines.append(f"{link.sentence.zh} / {link.sentence.en}{extra}")
    return lines
