"""What the sites take of the corridor network as computed, in words and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.model import Text
from gis.outputs.measures import M2_PER_HA
from gis.outputs.report import LinkRow
from gis.outputs.rule_content import say_name
from gis.outputs.table import Column, Row, Table, both, yes_no

if TYPE_CHECKING:
    from gis.model import CheckResult, LinkTouch

CHANGES = {
    "": Text("未计算，用 --network", "not computed: --network"),
    "unchanged": Text("不受影响", "unchanged"),
    "dearer": Text("阻力增加", "dearer"),
    "rerouted": Text("路径改道", "path moved"),
    "lost": Text("连接中断", "link lost"),
}
TOO_DEAR = Text("阻力过高，不再算作连接", "too costly to count as a link")
"""Of a lost link that a way still joins."""

CAUTION = Text(
    "廊道网络由推测的相对阻力算得，位置约 ±5 km，不影响结论；每行为单个用地各自的影响。",
    "The network is computed from guessed, relative resistances and good to about ±5 km; it decides no "
    "verdict. Each row is the effect of one site alone.",
)


def compose_links(result: CheckResult) -> tuple[LinkRow, ...]:
    """Return a row a site and link it meets."""
    return tuple(
        compose_link(Text(f"{number}　{say_name(site, number)}", ""), touch)
        for number, site in enumerate(result.sites, start=1)
        for touch in site.links
    )


def compose_link(who: Text, touch: LinkTouch) -> LinkRow:
    """Return the row of one link."""
    return LinkRow(
        who=who,
        link=touch.title,
        path=Text("压在路径上", "on the path") if touch.on_path else Text("不在路径上", "off the path"),
        band=show_ha(touch.band_m2),
        pinch=show_ha(touch.pinch_m2),
        sure=say_sure(touch),
        change=say_change(touch),
        lost=touch.status == "lost",
    )


def show_ha(area_m2: float) -> str:
    """Return an area to a tenth of a hectare: more would be false to outlines good to kilometres."""
    hectares = area_m2 / M2_PER_HA
    if hectares <= 0:
        return "—"
    return "< 0.1 ha" if hectares < 0.1 else f"{hectares:,.1f} ha"


def say_sure(touch: LinkTouch) -> Text:
    """Return how many runs use the land the site takes."""
    if touch.agreement_share is None:
        return Text("不足 25 % 的抽样", "fewer than 25 % of runs")
    share = f"{touch.agreement_share:.0%}"
    area = f"，{show_ha(touch.agreement_m2)}" if touch.agreement_m2 > 0 else ""
    return Text(f"{share} 以上的抽样{area}", f"{share} of runs or more")


def say_status(touch: LinkTouch) -> Text:
    """Return what becomes of the link in a word."""
    gone = touch.status != "lost" or touch.cost_after_km is None
    return CHANGES[touch.status] if gone else TOO_DEAR


def say_touch(touch: LinkTouch) -> Text:
    """Return what a site takes of one link, and what becomes of it, in one sentence."""
    zh = ["压在路径上" if touch.on_path else "不在路径上"]
    en = ["on the path" if touch.on_path else "off the path"]
    parts = (
        (touch.band_m2, Text("廊道带", "its corridor")),
        (touch.pinch_m2, Text("夹点", "its pinch point")),
    )
    for area_m2, what in parts:
        if area_m2 > 0:
            zh.append(f"占{what.zh} {show_ha(area_m2)}")
            en.append(f"{show_ha(area_m2)} of {what.en}")
    if touch.status:
        change = say_change(touch)
        zh.append(change.zh)
        before, after = touch.cost_before_km, touch.cost_after_km
        figures = "" if before is None or after is None else f", cost {before:.1f} → {after:.1f}"
        en.append(f"{change.en}{'' if touch.status == 'unchanged' else figures}")
    return Text(
        f"廊道连接（推算）{touch.title.zh}：{'，'.join(zh)}",
        f"corridor link (computed) {touch.title.en}: {', '.join(en)}",
    )


def say_change(touch: LinkTouch) -> Text:
    """Return what becomes of the link, with the cost before and after where it was computed."""
    word = say_status(touch)
    before, after = touch.cost_before_km, touch.cost_after_km
    if before is None or after is None or touch.status == "unchanged":
        return word
    figures = f"{before:.1f} → {after:.1f}（{after / before - 1.0:+.1%}）"
    return Text(f"{word.zh} {figures}", word.en)


def say_network(result: CheckResult) -> Text | None:
    """Return what all sites together change in the network; None where it was not computed."""
    change = result.network
    if change is None:
        return None
    before, after = (value / M2_PER_HA for value in (change.ec_before_m2, change.ec_after_m2))
    ratio = f"{after / before - 1.0:+.2%}"
    return Text(
        f"全部用地合计：等效连通面积 EC {before:,.0f} → {after:,.0f} 公顷（{ratio}），"
        f"PC {change.pc_change:+.2%}，失去连接 {change.links_lost} 条（研究编号 {change.study_id[:16]}）。",
        f"All sites together: equivalent area EC {before:,.0f} → {after:,.0f} ha ({ratio}), PC "
        f"{change.pc_change:+.2%}, links lost: {change.links_lost} (study {change.study_id[:16]}).",
    )


def tabulate_links(result: CheckResult) -> Table:
    """Return one row a site and link it meets."""
    columns = (
        Column(Text("用地", "Site"), widest=36),
        Column(Text("廊道连接（推算）", "Link (computed)"), widest=36),
        Column(Text("压在路径上", "On the path")),
        Column(Text("占廊道带（公顷）", "Of the corridor ha"), "#,##0.0000"),
        Column(Text("占夹点（公顷）", "Of the pinch point ha"), "#,##0.0000"),
        Column(Text("抽样一致率不低于", "Agreement at least"), "0.0 %"),
        Column(Text("其中面积（公顷）", "Area there ha"), "#,##0.0000"),
        Column(Text("影响", "Effect"), widest=30),
        Column(Text("阻力·km 前", "Cost before"), "#,##0.00"),
        Column(Text("阻力·km 后", "Cost after"), "#,##0.00"),
        Column(Text("连接编号", "Link id"), widest=40),
    )
    rows = tuple(
        Row(
            (
                f"{number} {site.site.name or ''}".strip(),
                both(touch.title),
                yes_no(touch.on_path),
                touch.band_m2 / M2_PER_HA,
                touch.pinch_m2 / M2_PER_HA,
                touch.agreement_share,
                touch.agreement_m2 / M2_PER_HA,
                both(say_status(touch)),
                touch.cost_before_km,
                touch.cost_after_km,
                touch.link_id,
            )
        )
        for number, site in enumerate(result.sites, start=1)
        for touch in site.links
    )
    return Table(Text("廊道网络", "Corridor network"), columns, rows, frozen=1)
