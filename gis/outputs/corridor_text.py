"""Corridor studies on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.outputs.corridor_network import list_links, list_patches, order_links
from gis.outputs.corridor_paths import paths_as_dict
from gis.outputs.plaintext import NAME_LENGTH, show_text, text_columns

if TYPE_CHECKING:
    from gis.outputs.corridor_barriers import BarrierReport
    from gis.outputs.corridor_current import CurrentReport
    from gis.outputs.corridor_network import NetworkReport
    from gis.outputs.corridor_paths import PathReport

SHOWN = 15
"""Patches and links printed."""


def format_report(report: NetworkReport) -> str:
    """Return the indices and the first patches and links by rank, for a person."""
    study = report.study
    unit = {"m2": "m²", "area": ""}.get(report.unit, report.unit)
    counts = (
        f"斑块 patches {len(study.network.ids)}    连接 links {len(study.network.costs)}    "
        f"连通片 components {int(study.components.max())}"
    )
    dispersal = (
        f"扩散 dispersal p = {study.dispersal.probability:g} @ {study.dispersal.distance_m:,.10g} m    "
        f"连接成本 link costs: {report.costs}"
    )
    lines = [counts, dispersal]
    for name, index in (("PC", study.pc), ("IIC", study.iic)):
        value = "—" if index.index is None else f"{index.index:.6g}"
        lines.append(
            f"{name} {value}    {name}num {index.numerator:.7g}    "
            f"EC({name}) {index.equivalent_area_m2:,.10g} {unit}".rstrip()
        )
    if study.pc.index is None:
        lines.append("给出 --landscape-area 才有 PC、IIC / PC and IIC need --landscape-area")
    patches = sorted(list_patches(report), key=lambda row: row["rank_dPC"])
    lines += ["", *_format_rows("斑块 patch", patches, PATCH_SHOWN)]
    links = list(list_links(report, order_links(study)[:SHOWN]))
    if links:
        lines += ["", *_format_rows("连接 link", links, LINK_SHOWN)]
    return "\n".join(lines)


PATCH_SHOWN = ("dPC", "dPCintra", "dPCflux", "dPCconnector", "dIIC")
LINK_SHOWN = ("cost", "probability", "dPC", "dIIC")


def _format_rows(title: str, rows: list[dict[str, Any]], keys: tuple[str, ...]) -> list[str]:
    """Return the first rows as aligned lines: rank, name, figures."""
    names = [_label(row) for row in rows[:SHOWN]]
    width = max(text_columns(text) for text in (title, *names))
    head = "    " + title + " " * (width - text_columns(title)) + "".join(f"{key:>14}" for key in keys)
    lines = [head]
    for row, name in zip(rows, names, strict=False):
        figures = "".join(f"{row[key]:>14.7g}" for key in keys)
        lines.append(f"{row['rank_dPC']:>3} {name}{' ' * (width - text_columns(name))}{figures}")
    if len(rows) > SHOWN:
        lines.append(f"    … 共 {len(rows)} / {len(rows)} in all")
    return lines


def _label(row: dict[str, Any]) -> str:
    """Return what a row is called on a terminal."""
    if "from" in row:
        return show_text(f"{row['from']} – {row['to']}", NAME_LENGTH)
    name = row["name"]
    return show_text(row["id"] if name in {None, row["id"]} else f"{row['id']} {name}", NAME_LENGTH)


def format_paths(report: PathReport) -> str:
    """Return the links for a person: cost, length, mean resistance, what they lead through."""
    table = paths_as_dict(report)
    parameters, links = table["parameters"], table["links"]
    apart = len(table["apart"])
    counts = f"源 sources {len(table['sources'])}    路径 paths {len(links)}    不连通 not joined {apart}"
    system = parameters["crs"] or f"{parameters['crs_assumed']}（假定 assumed）"
    cells = (
        f"栅格 grid {parameters['rows']} × {parameters['columns']}, {parameters['cell_m']:g} m, {system}    "
        f"{parameters['pairs']}, {parameters['neighbours']} 邻域 neighbours"
    )
    lines = [counts, cells, ""]
    names = [show_text(f"{link['from']} – {link['to']}", NAME_LENGTH) for link in links]
    width = max(map(text_columns, ["路径 path", *names]))
    heads = ("成本 cost", "路径长 m", "直线 m", "平均阻力", "成本/直线")
    lines.append(
        "路径 path" + " " * (width - 9) + "".join(" " * (14 - text_columns(head)) + head for head in heads)
    )
    for name, link in zip(names, links, strict=True):
        figures = "".join(f"{link[key]:>14,.1f}" for key in ("cost", "length_m", "straight_m"))
        ratios = "".join(f"{link[key]:>14.4f}" for key in ("mean_resistance", "cost_per_straight_m"))
        through = f"    经 through {'、'.join(link['through'])}" if link["through"] else ""
        lines.append(f"{name}{' ' * (width - text_columns(name))}{figures}{ratios}{show_text(through)}")
    lines += [show_text(f"{first} – {second}    不连通 not joined") for first, second in table["apart"]]
    if table["isolated"]:
        lines.append(show_text(f"没有路径的源 sources without a path: {'、'.join(table['isolated'])}"))
    return "\n".join(lines)


def format_current(report: CurrentReport) -> str:
    """Return the resistances, one a pair, and the first pinch points, for a person."""
    study = report.study
    lines = ["源 / sources    有效电阻 / effective resistance (Ω)"]
    for i, first in enumerate(study.points):
        for j, second in enumerate(study.points[i + 1 :], start=i + 1):
            if not report.plan.wants(first, second):
                continue
            ohm = float(study.resistance_ohm[i, j])
            shown = "不连通 / not connected" if ohm != ohm else f"{ohm:.6g}"  # noqa: PLR0124 - NaN
            lines.append(f"{report.label(first)} – {report.label(second)}    {shown}")
    points = report.pinch.points if report.pinch else ()
    if points:
        lines += ["", "夹点 / pinch points    电流为均质地面的倍数 / times the current of even land"]
    for point in points[:SHOWN]:
        ends = f"{report.label(point.pair[0])} – {report.label(point.pair[1])}"
        lines.append(
            f"{point.rank:>3}    {point.strength:.3g} ×    {ends}：{100 * point.largest_a:.3g} % 经一个像元 "
            f"/ through one cell    {len(point.cells)} 格 cells"
        )
    return "\n".join(lines)


def format_barriers(report: BarrierReport) -> str:
    """Return the first barriers by rank, and the pairs no way leads between, for a person."""
    study = report.study
    lines = [f"修复后的阻力 / resistance of restored land: {study.restored:g}"]
    if not study.barriers:
        lines.append("没有值得修复的障碍 / no barrier worth restoring")
    else:
        lines.append(
            "障碍点 / barriers    缩短 / shortened by    每米改善 / a metre restored    "
            "半径 / radius    源 / sources"
        )
    for barrier in study.barriers[:SHOWN]:
        ends = f"{report.label(barrier.pair[0])} – {report.label(barrier.pair[1])}"
        lines.append(
            f"{barrier.rank:>3}    {barrier.improvement_percent:.4g} %（逐格重算 recomputed "
            f"{barrier.recomputed_percent:.4g} %）    {barrier.improvement_per_m:.4g}    "
            f"{barrier.radius_m:g} m    {ends}"
        )
    lines += [
        f"{report.label(first)} – {report.label(second)}    不连通，无从评价 / no way leads, not judged"
        for first, second in study.unconnected
    ]
    return "\n".join(lines)
