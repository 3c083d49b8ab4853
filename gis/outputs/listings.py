"""What surrounds the findings, as plain tables: gaps, corridors, rejected features, sources, reproduction."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gis.model import Level, Text
from gis.outputs.measures import M2_PER_HA
from gis.outputs.table import Column, Row, Table, both, format_numbers, yes_no
from gis.outputs.wording import GAPS, LEVEL_COLOURS, PROVENANCES, STATUSES

if TYPE_CHECKING:
    from gis.model import CheckResult, CorridorEffect, Unassessed


def tabulate_gaps(result: CheckResult) -> Table:
    """Return one row a layer and reason: what could not be assessed, and for which sites."""
    columns = (
        Column(Text("图层", "Layer"), widest=44),
        Column(Text("图层（英）", "Layer (English)"), widest=44),
        Column(Text("原因", "Reason"), widest=40),
        Column(Text("必需", "Required")),
        Column(Text("涉及用地（处）", "Sites"), "0"),
        Column(Text("用地序号", "Site nos."), widest=44),
        Column(Text("最大未评估比例", "Greatest share"), "0.0 %"),
        Column(Text("图层编号", "Layer id"), widest=30),
    )
    rows = tuple(
        Row(
            (
                gap.title.zh,
                gap.title.en,
                both(GAPS[gap.reason]),
                yes_no(gap.required),
                len(numbers),
                format_numbers(numbers),
                share,
                gap.layer_id,
            )
        )
        for gap, numbers, share in group_gaps(result)
    )
    return Table(Text("未评估图层", "Layers not assessed"), columns, rows, frozen=1)


def group_gaps(result: CheckResult) -> tuple[tuple[Unassessed, tuple[int, ...], float], ...]:
    """Return each layer and reason once, required first: the gap, its site numbers, its greatest share."""
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    shares: dict[tuple[str, str], float] = defaultdict(float)
    first: dict[tuple[str, str], Unassessed] = {}
    for number, site in enumerate(result.sites, start=1):
        for gap in site.unassessed:
            key = gap.layer_id, gap.reason
            first.setdefault(key, gap)
            numbers[key].append(number)
            shares[key] = max(shares[key], gap.share_of_site)
    order = {used.entry.id: index for index, used in enumerate(result.layers)}
    keys = sorted(first, key=lambda key: (not first[key].required, key[1], order.get(key[0], len(order))))
    return tuple((first[key], tuple(numbers[key]), shares[key]) for key in keys)


def tabulate_corridors(result: CheckResult) -> Table:
    """Return one row a site and corridor, then all sites together."""
    columns = (
        Column(Text("用地", "Site"), widest=36),
        Column(Text("走廊", "Corridor"), widest=36),
        Column(Text("被切断", "Severed")),
        Column(Text("占用面积（公顷）", "Area lost ha"), "#,##0.0000"),
        Column(Text("最窄宽度 前（米）", "Width before m"), "#,##0"),
        Column(Text("最窄宽度 后（米）", "Width after m"), "#,##0"),
        Column(Text("要求宽度（米）", "Required m"), "#,##0"),
        Column(Text("位置精度（米）", "Accuracy m"), "#,##0"),
        Column(Text("走廊编号", "Corridor id"), widest=30),
    )
    rows = [
        _corridor_row(f"{number} {site.site.name or ''}".strip(), effect)
        for number, site in enumerate(result.sites, start=1)
        for effect in site.corridor_effects
    ]
    rows += [_corridor_row("全部用地合计 All together", effect) for effect in result.corridors_together]
    return Table(Text("走廊影响", "Corridors"), columns, tuple(rows), frozen=1)


def _corridor_row(label: str, effect: CorridorEffect) -> Row:
    """Return the row of one effect."""
    return Row(
        (
            label,
            both(effect.title),
            yes_no(effect.severed),
            effect.area_lost_m2 / M2_PER_HA,
            effect.width_before_m,
            effect.width_after_m,
            effect.required_width_m,
            effect.accuracy_m,
            effect.corridor_id,
        ),
        colours={2: LEVEL_COLOURS[Level.PROHIBITED]} if effect.severed else {},
    )


def tabulate_rejected(result: CheckResult) -> Table:
    """Return one row a feature that could not be checked."""
    columns = (
        Column(Text("文件", "File"), widest=40),
        Column(Text("要素号", "Feature"), "0"),
        Column(Text("名称", "Name"), widest=36),
        Column(Text("原因", "Reason"), widest=56),
        Column(Text("代码", "Code"), widest=24),
    )
    rows = tuple(
        Row((item.file, item.index, item.name, both(item.message), item.code))
        for item in result.input.rejected
    )
    return Table(Text("未检查要素", "Rejected"), columns, rows)


def tabulate_sources(result: CheckResult) -> Table:
    """Return one row a layer: status, date, accuracy, source, licence, hash."""
    columns = (
        Column(Text("图层", "Layer"), widest=44),
        Column(Text("状态", "Status"), widest=20),
        Column(Text("必需", "Required")),
        Column(Text("要素（个）", "Features"), "0"),
        Column(Text("来源类别", "Provenance"), widest=20),
        Column(Text("数据日期", "Data date")),
        Column(Text("精度 95 %（米）", "Accuracy m"), "#,##0"),
        Column(Text("来源", "Source"), widest=56),
        Column(Text("许可", "Licence"), widest=36),
        Column(Text("SHA-256", "of the file"), widest=68),
        Column(Text("图层编号", "Layer id"), widest=30),
    )
    rows = tuple(
        Row(
            (
                both(used.entry.title),
                both(STATUSES[used.status]),
                yes_no(used.entry.required),
                used.feature_count,
                both(PROVENANCES[used.entry.provenance]),
                used.entry.data_date,
                used.entry.accuracy_m,
                used.entry.source,
                used.entry.licence,
                used.sha256,
                used.entry.id,
            )
        )
        for used in result.layers
    )
    return Table(Text("数据来源", "Sources"), columns, rows, frozen=1)


def tabulate_facts(result: CheckResult) -> Table:
    """Return what is needed to do the check again."""
    columns = (Column(Text("项目", "Item"), widest=40), Column(Text("内容", "Value"), widest=90))
    rows = tuple(Row((both(label), value)) for label, value in list_facts(result))
    return Table(Text("复现信息", "Reproduction"), columns, rows)


def list_facts(result: CheckResult) -> tuple[tuple[Text, str], ...]:
    """Return what is needed to do the check again: ids, hashes, options, programs and input files."""
    options = result.options
    facts = [
        (Text("检查号", "Check id"), result.check_id),
        (Text("生成时间", "Created"), result.created),
        (Text("法规日期", "Law as of"), result.on.isoformat()),
        (Text("规则集 SHA-256", "Rules SHA-256"), result.rules_sha256),
        (Text("规则数", "Rules"), str(result.rules_count)),
        (Text("用地位置精度", "Site accuracy"), f"{options.site_accuracy_m:g} m（95 %）"),
        (Text("邻近距离", "Near misses"), f"{options.near_m:g} m"),
        (Text("走廊扰动距离", "Disturbance"), f"{options.disturbance_m:g} m"),
        (Text("指定坐标系", "CRS given"), options.crs or "—"),
        (Text("指定基准", "Datum given"), options.datum or "—"),
        (Text("已确认几何修复", "Repairs accepted"), yes_no(options.accept_repairs)),
        (Text("程序", "Program"), f"hangzhou-gis {result.program_version}"),
        (Text("程序库", "Libraries"), "，".join(f"{k} {v}" for k, v in sorted(result.libraries.items()))),
        (
            Text("要素数", "Features"),
            f"{result.input.features_in} = {len(result.sites)} + {len(result.input.rejected)}",
        ),
    ]
    for file in result.input.files:
        encoding = f"，{file.encoding}" if file.encoding else ""
        facts.append((Text(f"文件 {file.name}", "Input file"), f"{file.format}，{file.crs_read}{encoding}"))
        facts.append((Text("　SHA-256", ""), file.sha256))
    return tuple(facts)
