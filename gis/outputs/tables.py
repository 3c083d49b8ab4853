"""A result as plain tables, for the workbook: sites and findings; what surrounds them is in ``listings``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.model import Text
from gis.outputs.link_content import tabulate_links
from gis.outputs.listings import (
    tabulate_corridors,
    tabulate_facts,
    tabulate_gaps,
    tabulate_rejected,
    tabulate_sources,
)
from gis.outputs.table import Column, Row, Table, Value, both, cite, list_areas, list_bounds, yes_no
from gis.outputs.wording import (
    CERTAINTIES,
    KINDS,
    LEVEL_COLOURS,
    LEVELS,
    RELATIONS,
    VERDICT_COLOURS,
    VERDICTS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.model import CheckResult, Finding, SiteResult

MAX_ATTRIBUTES = 40
"""Columns given to the sites' own attributes; all of them are in the JSON."""


def tabulate(result: CheckResult) -> tuple[Table, ...]:
    """Return the tables of a result in the order of the report; one without rows is left out, save three."""
    tables = (
        tabulate_sites(result),
        tabulate_findings(result),
        tabulate_gaps(result),
        tabulate_corridors(result),
        tabulate_links(result),
        tabulate_rejected(result),
        tabulate_sources(result),
        tabulate_facts(result),
    )
    return tuple(table for index, table in enumerate(tables) if index < 3 or table.rows)


def tabulate_sites(result: CheckResult) -> Table:
    """Return one row a site: what it is, the verdict, its size, its own attributes."""
    names: dict[str, None] = {}
    for site in result.sites:
        names |= dict.fromkeys(map(str, site.site.properties))
    kept = list(names)[:MAX_ATTRIBUTES]
    titles = {f.finding_id: f.title for site in result.sites for f in site.findings}
    layers = {used.entry.id: used.entry.title for used in result.layers}
    columns = (
        Column(Text("序号", "No."), "0"),
        Column(Text("名称", "Name"), widest=36),
        Column(Text("结论", "Verdict"), widest=22),
        Column(Text("决定因素", "Decided by"), widest=56),
        Column(Text("类型", "Kind")),
        Column(Text("面积（平方米）", "Area m²"), "#,##0.0"),
        Column(Text("面积（公顷）", "Area ha"), "#,##0.0000"),
        Column(Text("面积（亩）", "Area mu"), "#,##0.00"),
        Column(Text("周长或长度（米）", "Perimeter or length m"), "#,##0.0"),
        Column(Text("位置精度（米）", "Accuracy m"), "0.0"),
        Column(Text("图层覆盖", "Covered"), "0.0 %"),
        Column(Text("发现（条）", "Findings"), "0"),
        Column(Text("修复与提示", "Repairs and warnings"), widest=48),
        Column(Text("文件", "File"), widest=36),
        Column(Text("要素号", "Feature"), "0"),
        Column(Text("用地标识", "Site id"), widest=40),
        *(Column(Text(f"属性：{name[:60]}", "attribute"), widest=30) for name in kept),
    )
    rows = tuple(
        Row(
            values=(
                number,
                site.site.name,
                both(VERDICTS[site.verdict]),
                "\n".join(dict.fromkeys(describe_reason(r, titles, layers) for r in site.reasons)),
                both(KINDS[site.site.kind]),
                *list_areas(site.area_m2 if site.site.kind == "polygon" else None),
                None if site.site.kind == "point" else site.length_m,
                site.accuracy_m,
                site.coverage,
                len(site.findings),
                "\n".join(both(note.message) for note in (*site.site.repairs, *site.site.warnings)),
                site.site.file,
                site.site.index,
                site.site.site_id,
                *(_attribute(site.site.properties.get(name)) for name in kept),
            ),
            colours={2: VERDICT_COLOURS[site.verdict]},
        )
        for number, site in enumerate(result.sites, start=1)
    )
    return Table(Text("项目用地", "Sites"), columns, rows, frozen=3)


def describe_reason(reason: str, titles: Mapping[str, Text], layers: Mapping[str, Text]) -> str:
    """Return what decided a verdict: a rule's title, a layer's name, or a repair."""
    if reason in titles:
        return titles[reason].zh
    if reason in layers:
        return f"未评估：{layers[reason].zh}"
    return "几何修复待确认" if reason.startswith("repaired") else reason


def _attribute(value: object) -> Value:
    """Return an attribute as a number or as text."""
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15:
        return value
    return str(value)


def tabulate_findings(result: CheckResult) -> Table:
    """Return one row a finding: what, how surely, how much, by which article."""
    columns = (
        Column(Text("用地序号", "Site no."), "0"),
        Column(Text("用地名称", "Site"), widest=30),
        Column(Text("级别", "Level"), widest=24),
        Column(Text("确定性", "Certainty"), widest=18),
        Column(Text("决定结论", "Decides")),
        Column(Text("关系", "Relation"), widest=20),
        Column(Text("规则", "Rule"), widest=36),
        Column(Text("规则（英）", "Rule (English)"), widest=36),
        Column(Text("要求", "Requirement"), widest=56),
        Column(Text("条文", "Articles"), widest=48),
        Column(Text("条文已核", "Text seen")),
        Column(Text("尚未施行", "Pending")),
        Column(Text("重叠面积 最小（平方米）", "Overlap, least m²"), "#,##0.0"),
        Column(Text("重叠面积 按图（平方米）", "Overlap, as drawn m²"), "#,##0.0"),
        Column(Text("重叠面积 最大（平方米）", "Overlap, greatest m²"), "#,##0.0"),
        Column(Text("按图（公顷）", "As drawn ha"), "#,##0.0000"),
        Column(Text("按图（亩）", "As drawn mu"), "#,##0.00"),
        Column(Text("占用地比例", "Share of site"), "0.0 %"),
        Column(Text("重叠长度 最小（米）", "Length, least m"), "#,##0"),
        Column(Text("重叠长度 按图（米）", "Length, as drawn m"), "#,##0"),
        Column(Text("重叠长度 最大（米）", "Length, greatest m"), "#,##0"),
        Column(Text("距离（米）", "Distance m"), "#,##0"),
        Column(Text("方位（度）", "Bearing °"), "0"),
        Column(Text("合成精度 95 %（米）", "Combined accuracy m"), "#,##0"),
        Column(Text("限高（米）", "Height limit m"), "0.0"),
        Column(Text("图层", "Layer"), widest=30),
        Column(Text("要素", "Features"), widest=30),
        Column(Text("规则编号", "Rule id"), widest=30),
        Column(Text("发现编号", "Finding id"), widest=44),
    )
    layers = {used.entry.id: used.entry.title.zh for used in result.layers}
    rows = tuple(
        _finding_row(number, site, finding, layers)
        for number, site in enumerate(result.sites, start=1)
        for finding in site.findings
    )
    return Table(Text("检查结果", "Findings"), columns, rows, frozen=3)


def _finding_row(number: int, site: SiteResult, finding: Finding, layers: Mapping[str, str]) -> Row:
    """Return the row of one finding."""
    area, length = finding.overlap_area_m2, finding.overlap_length_m
    drawn = None if area is None else area.as_drawn
    return Row(
        values=(
            number,
            site.site.name,
            both(LEVELS[finding.level]),
            both(CERTAINTIES[finding.certainty]),
            yes_no(finding.finding_id in site.reasons),
            both(RELATIONS[finding.relation]),
            finding.title.zh,
            finding.title.en,
            f"{finding.requirement.zh}\n{finding.requirement.en}",
            "\n".join(cite(provision) for provision in finding.provisions),
            yes_no(finding.verified),
            yes_no(finding.pending),
            *list_bounds(area),
            *list_areas(drawn)[1:],
            None if finding.share_of_site is None else finding.share_of_site.as_drawn,
            *list_bounds(length),
            finding.distance_m,
            finding.bearing_deg,
            finding.accuracy_m,
            finding.height_limit_m,
            layers.get(finding.layer_id, finding.layer_id),
            "、".join(finding.feature_ids),
            finding.rule_id,
            finding.finding_id,
        ),
        colours={2: LEVEL_COLOURS[finding.level]},
    )
