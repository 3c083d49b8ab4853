"""Corridor studies as workbook sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.model import Text
from gis.outputs.corridor_network import (
    LINK_KEYS,
    MOST_LISTED,
    PATCH_KEYS,
    list_links,
    list_patches,
    order_links,
    report_as_dict,
)
from gis.outputs.corridor_paths import paths_as_dict
from gis.outputs.table import Column, Row, Table, both

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.outputs.corridor_network import NetworkReport
    from gis.outputs.corridor_paths import PathReport


def tabulate_report(report: NetworkReport) -> tuple[Table, Table, Table]:
    """Return the sheets of the workbook: indices, patches, links; patches and links by rank of dPC."""
    study = report.study
    patches = sorted(list_patches(report), key=lambda row: row["rank_dPC"])
    links = list(list_links(report, order_links(study)[:MOST_LISTED]))
    return (
        _tabulate_indices(report),
        Table(
            Text("斑块", "patches"),
            PATCH_COLUMNS,
            tuple(Row((row["id"], row["name"], *_pick(row, PATCH_KEYS))) for row in patches),
            frozen=2,
        ),
        Table(
            Text("连接", "links"),
            LINK_COLUMNS,
            tuple(Row((row["from"], row["to"], *_pick(row, LINK_KEYS))) for row in links),
            frozen=2,
        ),
    )


_SHARE = "0.0000000"
FILE = Text("输入文件的 SHA-256", "SHA-256 of an input")
ITEMS = {
    "version": Text("程序版本", "version of the program"),
    "distance_m": Text("扩散距离（或成本）", "dispersal distance or cost"),
    "probability": Text("该距离上的概率", "probability there"),
    "alpha_per_m": Text("衰减系数 α", "decay α"),
    "threshold_m": Text("连接长度上限", "longest link"),
    "landscape_area": Text("研究区面积", "area of the landscape"),
    "unit": Text("面积单位或属性", "unit of areas, or attribute"),
    "costs": Text("连接成本", "costs of links"),
    "patches_total": Text("斑块数", "patches"),
    "links_total": Text("连接数", "links"),
    "links_listed": Text("所列连接数（其余见 links.csv）", "links listed (all in links.csv)"),
    "components": Text("连通片数", "components"),
    "overlaps": Text("重叠的斑块（面积算了两次）", "patches that overlap (counted twice)"),
    "PC": Text("概率连通性指数", "probability of connectivity"),
    "PCnum": Text("PC 分子", "numerator of PC"),
    "EC(PC)": Text("等效连通面积（PC）", "equivalent connected area"),
    "IIC": Text("整体连通性指数", "integral index of connectivity"),
    "IICnum": Text("IIC 分子", "numerator of IIC"),
    "EC(IIC)": Text("等效连通面积（IIC）", "equivalent connected area"),
    "isolated": Text("没有路径的源", "sources without a path"),
    "pairs": Text("所连的对", "pairs linked"),
    "neighbours": Text("相邻像元数", "neighbours of a cell"),
    "average": Text("取平均的量", "what two cells average"),
    "slack_shares": Text("走廊带的成本余量", "slacks of bands"),
    "cell_m": Text("像元边长 m", "side of a cell"),
    "rows": Text("行数", "rows"),
    "columns": Text("列数", "columns"),
    "crs": Text("栅格坐标系", "system of the grid"),
    "crs_assumed": Text("假定的坐标系", "system assumed"),
}
"""What fields are called in the sheet of parameters."""

PATCH_COLUMNS = (
    Column(Text("编号", "id")),
    Column(Text("名称", "name")),
    Column(Text("dPC 名次", "rank dPC"), "0"),
    Column(Text("dPC %", "loss without it"), _SHARE),
    Column(Text("内部 dPCintra %", "intra"), _SHARE),
    Column(Text("通量 dPCflux %", "flux"), _SHARE),
    Column(Text("中介 dPCconnector %", "connector"), _SHARE),
    Column(Text("dIIC 名次", "rank dIIC"), "0"),
    Column(Text("dIIC %", "dIIC %"), _SHARE),
    Column(Text("内部 dIICintra %", "intra"), _SHARE),
    Column(Text("通量 dIICflux %", "flux"), _SHARE),
    Column(Text("中介 dIICconnector %", "connector"), _SHARE),
    Column(Text("面积或属性", "area or attribute"), "#,##0.0"),
    Column(Text("连通片", "component"), "0"),
)
LINK_COLUMNS = (
    Column(Text("起点", "from")),
    Column(Text("终点", "to")),
    Column(Text("dPC 名次", "rank dPC"), "0"),
    Column(Text("dPC %", "dPC %"), _SHARE),
    Column(Text("dIIC 名次", "rank dIIC"), "0"),
    Column(Text("dIIC %", "dIIC %"), _SHARE),
    Column(Text("成本或距离", "cost or distance"), "#,##0.0"),
    Column(Text("概率", "probability"), _SHARE),
)


def _pick(row: dict[str, Any], keys: tuple[str, ...]) -> tuple[Any, ...]:
    """Return some values of a row."""
    return tuple(row[key] for key in keys)


def _tabulate_indices(report: NetworkReport) -> Table:
    """Return the indices and the parameters they rest on."""
    table = report_as_dict(report)
    items = {key: value for key, value in table.items() if key not in {"patches", "links"}}
    items["overlaps"] = "；".join(
        f"{'–'.join(overlap['patches'])} {overlap['area_m2']:,.0f} m²" for overlap in table["overlaps"]
    )
    return _tabulate_items(Text("指数与参数", "indices"), items)


def _tabulate_items(title: Text, items: Mapping[str, Any]) -> Table:
    """Return figures and parameters as rows of name and value."""
    rows: list[Row] = []
    for key, value in items.items():
        if isinstance(value, dict):
            rows += [
                Row(
                    (
                        both(ITEMS.get(inner, FILE if key == "inputs" else Text(inner, ""))),
                        name_item(key, inner),
                        _as_text(content),
                    )
                )
                for inner, content in value.items()
            ]
        else:
            rows.append(Row((both(ITEMS.get(key, Text(key, ""))), key, _as_text(value))))
    return Table(
        title,
        (Column(Text("项目", "item")), Column(Text("字段", "field")), Column(Text("值", "value"))),
        tuple(rows),
    )


def name_item(key: str, inner: str) -> str:
    """Return the field of a parameter, or the name of an input."""
    return inner if key == "inputs" else f"{key}.{inner}"


def _as_text(value: Any) -> str:
    """Return a figure as text with all its digits; nothing as a dash."""
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, list):
        return "、".join(f"{item:g}" for item in value)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


PATH_COLUMNS = (
    Column(Text("起点", "from")),
    Column(Text("终点", "to")),
    Column(Text("最小成本", "cost, resistance × m"), "#,##0.0"),
    Column(Text("路径长 m", "length m"), "#,##0.0"),
    Column(Text("直线距离 m", "straight m"), "#,##0.0"),
    Column(Text("平均阻力", "cost / length"), "0.0000"),
    Column(Text("成本/直线距离", "cost / straight"), "0.0000"),
    Column(Text("经过的源", "through")),
)
BAND_COLUMNS = (
    Column(Text("起点", "from")),
    Column(Text("终点", "to")),
    Column(Text("成本余量", "slack"), "0.0 %"),
    Column(Text("面积 m²", "area m²"), "#,##0"),
    Column(Text("平均宽度 m", "mean width m"), "#,##0.0"),
    Column(Text("最窄宽度 m", "narrowest m"), "#,##0.0"),
)


def tabulate_paths(report: PathReport) -> tuple[Table, ...]:
    """Return the sheets of the workbook: links, bands, parameters."""
    table = paths_as_dict(report)
    links = table["links"]
    keys = ("from", "to", "cost", "length_m", "straight_m", "mean_resistance", "cost_per_straight_m")
    apart = [Row((first, second, *[None] * 5, "不连通 / not joined")) for first, second in table["apart"]]
    return (
        Table(
            Text("路径", "paths"),
            PATH_COLUMNS,
            (*[Row((*_pick(link, keys), "、".join(link["through"]))) for link in links], *apart),
            frozen=2,
        ),
        Table(
            Text("走廊带", "bands"),
            BAND_COLUMNS,
            tuple(
                Row(
                    (
                        link["from"],
                        link["to"],
                        *_pick(band, ("slack_share", "area_m2", "mean_width_m", "narrowest_m")),
                    )
                )
                for link in links
                for band in link["bands"]
            ),
            frozen=2,
        ),
        _tabulate_items(
            Text("参数", "parameters"),
            {key: table[key] for key in ("version", "inputs", "parameters")}
            | {"isolated": "、".join(table["isolated"])},
        ),
    )
