"""A study as an XLSX workbook: network, sources, links, classes, provenance."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gis.model import Text
from gis.outputs.connectivity.facts import (
    list_barriers,
    list_classes,
    list_links,
    list_network,
    list_patches,
    list_provenance,
)
from gis.outputs.table import Column, Row, Table
from gis.outputs.xlsx import render_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.connectivity.study import Study

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
"""Written as the moment of every workbook: the same study gives the same bytes."""

PATCH_COLUMNS = (
    ("title.zh", Text("源地", "source (zh)"), ""),
    ("title.en", Text("英文名", "source"), ""),
    ("area_ha", Text("面积（公顷）", "area, ha"), "#,##0.00"),
    ("dpc", Text("dPC 占比", "dPC, share"), "0.00 %"),
    ("dpc_intra", Text("其中斑块内 intra", "intra"), "0.00 %"),
    ("dpc_flux", Text("其中流量 flux", "flux"), "0.00 %"),
    ("dpc_connector", Text("其中连接 connector", "connector"), "0.00 %"),
    ("diic", Text("dIIC 占比", "dIIC, share"), "0.00 %"),
)
LINK_COLUMNS = (
    ("title.zh", Text("连接", "link (zh)"), ""),
    ("title.en", Text("英文名", "link"), ""),
    ("cost_resistance_km", Text("累积阻力（阻力·km）", "cost, resistance·km"), "#,##0.00"),
    ("length_m", Text("路径长（m）", "length of the path, m"), "#,##0"),
    ("resistance_ohm", Text("有效电阻（Ω）", "effective resistance, ohm"), "#,##0.0000"),
    ("dpc_share", Text("去除后 PC 损失", "PC lost without it, share"), "0.00 %"),
    ("agreement_share", Text("抽样一致率", "agreement of the runs"), "0.00 %"),
)
BARRIER_COLUMNS = (
    ("rank", Text("名次", "rank"), "0"),
    ("first", Text("源地", "source"), ""),
    ("second", Text("源地（另一端）", "other source"), ""),
    ("radius_m", Text("半径（m）", "radius, m"), "#,##0"),
    ("cost_resistance_km", Text("阻力·km 现状", "cost as it is"), "#,##0.00"),
    ("restored_resistance_km", Text("阻力·km 恢复后", "cost restored"), "#,##0.00"),
    ("gain_share", Text("减少", "gain"), "0.00 %"),
)
CLASS_COLUMNS = (
    ("title.zh", Text("类别", "class (zh)"), ""),
    ("title.en", Text("英文名", "class"), ""),
    ("share", Text("占研究区", "share of the study area"), "0.00 %"),
    ("resistance", Text("阻力", "resistance"), "#,##0.0"),
    ("low", Text("下限", "low"), "#,##0.0"),
    ("high", Text("上限", "high"), "#,##0.0"),
    ("confidence", Text("依据", "confidence"), ""),
    ("status", Text("状态", "status"), ""),
    ("source", Text("说明", "source"), ""),
)
PATTERNS = {"0.00 %": "0.0 %"}


def pick(table: Mapping[str, Any], path: str) -> Any:
    """Return the value a dotted name leads to."""
    value: Any = table
    for name in path.split("."):
        value = value[name]
    return value


def make_table(
    title: Text, rows: Sequence[Mapping[str, Any]], columns: Sequence[tuple[str, Text, str]]
) -> Table:
    """Return a sheet of rows by their dotted names."""
    return Table(
        title=title,
        columns=tuple(Column(label, PATTERNS.get(pattern, pattern)) for _, label, pattern in columns),
        rows=tuple(Row(tuple(pick(row, path) for path, _, _ in columns)) for row in rows),
        frozen=1,
    )


def list_pairs(title: Text, table: Mapping[str, Any]) -> Table:
    """Return a sheet of names and values."""
    return Table(
        title=title,
        columns=(Column(Text("项目", "item")), Column(Text("内容", "value"), widest=90.0)),
        rows=tuple(
            Row((name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))
            for name, value in table.items()
        ),
    )


def render_study_xlsx(study: Study) -> bytes:
    """Return a study as a workbook; the same bytes for the same study."""
    tables = (
        make_table(Text("连接", "Links"), list_links(study), LINK_COLUMNS),
        make_table(Text("源地", "Sources"), list_patches(study), PATCH_COLUMNS),
        make_table(Text("障碍点", "Barriers"), list_barriers(study), BARRIER_COLUMNS),
        list_pairs(Text("网络指标", "Network"), list_network(study)),
        make_table(Text("阻力类别", "Classes"), list_classes(study.ground), CLASS_COLUMNS),
        list_pairs(Text("来源与参数", "Provenance"), list_provenance(study)),
    )
    return render_tables(
        tables, title="生态廊道分析 / Corridor study", subject=study.study_id, created=MOMENT
    )
