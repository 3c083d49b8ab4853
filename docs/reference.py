"""Write the pages of layers and rules from the TOML, with pictures: ``.venv/bin/python docs/reference.py``.

``--check`` writes nothing and exits 1 when a page is not current.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from drawing import draw_layer, draw_theme

from gis.catalogue import THEMES
from gis.cli.rules import LEVELS, describe_recipe
from gis.model import LayerStatus
from gis.rules import effective_rule
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import Layer, Provision, Rule
    from gis.workspace import Workspace

DOCS = Path(__file__).resolve().parent
IMAGES = DOCS / "images" / "layers"
THEME_NAMES = {
    "ecology": "生态 Ecology",
    "water": "水系 Water",
    "transport": "交通 Transport",
    "logistics": "物流 Logistics",
    "energy": "能源 Energy",
    "industry": "产业 Industry",
    "services": "服务 Services",
    "environment": "环保设施 Environment",
    "context": "底图 Context",
}
PROVENANCE_NAMES = {
    "official": "正式 official",
    "surveyed": "实测 surveyed",
    "open": "开放数据 open",
    "digitised": "勾绘 digitised",
    "schematic": "示意 schematic",
    "derived": "推算 derived",
    "none": "无数据 none",
}
COLUMNS = (
    "图层 layer",
    "要素 rows",
    "性质 provenance",
    "精度 accuracy",
    "覆盖 coverage",
    "来源 source",
    "许可 licence",
)
NOTICE = "<!-- 由 docs/reference.py 生成，请勿手改 / made by docs/reference.py, do not edit by hand -->\n"


def write_cell(text: str) -> str:
    """Return text fit for a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ").replace(" / ", "<br>")


def describe_coverage(layer: Layer, workspace: Workspace) -> str:
    """Return in a few words where absence from a layer means "none here"."""
    value = layer.entry.coverage
    if value is None or value == "none":
        return "无 nowhere"
    if isinstance(value, str):
        area = workspace.catalogue.areas[value]
        return f"{area['title_zh']} {area['title_en']}"
    if isinstance(value, dict) and "features_m" in value:
        return f"要素周围 {value['features_m']:g} m round the features"
    if isinstance(value, list) and len(value) == 4 and not isinstance(value[0], list):
        west, south, east, north = value
        return f"{west:g}–{east:g}°E {south:g}–{north:g}°N"
    return "多边形 a polygon"


def has_picture(layer: Layer) -> bool:
    """Return whether a layer has anything to draw."""
    return layer.frame is not None and bool(layer.frame.geometry.notna().any())


def describe_layer(layer: Layer, workspace: Workspace) -> str:
    """Return one row of the table of layers with data."""
    entry = layer.entry
    picture = f"![](images/layers/{entry.id}.png)" if has_picture(layer) else "—"
    note = "" if entry.note is None else f"<br><sub>{entry.note.zh}<br>{entry.note.en}</sub>"
    flags = [
        word
        for word, is_set in (("必需 required", entry.required), ("敏感 sensitive", entry.sensitive))
        if is_set
    ]
    marks = f"<br><sub>{' · '.join(flags)}</sub>" if flags else ""
    cells = (
        picture,
        f"**{entry.title.zh}**<br>{entry.title.en}<br>`{entry.id}`{marks}{note}",
        f"{entry.rows}<br><sub>`{(entry.sha256 or '')[:12]}`</sub>",
        PROVENANCE_NAMES[entry.provenance],
        "—" if entry.accuracy_m is None else f"±{entry.accuracy_m:,.0f} m",
        describe_coverage(layer, workspace),
        f"{write_cell(entry.source)}<br><sub>{entry.data_date or ''}</sub>",
        entry.licence,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def describe_declared(layer: Layer) -> str:
    """Return one row of the table of layers without data."""
    entry = layer.entry
    required = "是 yes" if entry.required else "否 no"
    return (
        f"| **{entry.title.zh}** {entry.title.en} | `{entry.id}` | {required} | {write_cell(entry.source)} |"
    )


def render_layers(workspace: Workspace) -> str:
    """Return the page of layers."""
    layers = list(workspace.layers.values())
    filled = [layer for layer in layers if layer.entry.path]
    lines = [
        NOTICE,
        "# 图层 Layers",
        "",
        f"{len(layers)} 个图层，其中 {len(filled)} 个有数据；其余待各部门数据放入（`gis layers replace`）。",
        "精度为 95 % 位置误差；“覆盖”是“没有即无”的范围。",
        "",
        f"{len(layers)} layers, {len(filled)} of them with data; the rest wait for an office's data",
        "(`gis layers replace`). Accuracy is positional, at 95 %; coverage is where absence means “none”.",
        "",
    ]
    for theme in THEMES:
        own = [layer for layer in layers if layer.entry.theme == theme]
        if own:
            lines += render_theme(theme, own, workspace)
    return "\n".join(lines).rstrip("\n") + "\n"


def render_theme(theme: str, layers: Sequence[Layer], workspace: Workspace) -> list[str]:
    """Return the lines of one theme: overview, layers with data, layers without."""
    lines = [f"## {THEME_NAMES[theme]}", ""]
    filled = [layer for layer in layers if layer.entry.path]
    declared = [layer for layer in layers if not layer.entry.path]
    if any(has_picture(layer) for layer in filled):
        lines += [f"![{THEME_NAMES[theme]}](images/layers/theme_{theme}.png)", ""]
    if filled:
        lines += [
            f"| | {' | '.join(COLUMNS)} |",
            "|---|---|---|---|---|---|---|---|",
            *(describe_layer(layer, workspace) for layer in filled),
            "",
        ]
    if declared:
        lines += [
            "已声明、无数据 / declared, without data:",
            "",
            "| 图层 layer | id | 必需 required | 数据在何处 who holds it |",
            "|---|---|---|---|",
            *(describe_declared(layer) for layer in declared),
            "",
        ]
    return lines


def describe_provision(law: Provision) -> str:
    """Return an article with its version and the days it is in force."""
    days = f"{law.in_force_from or '…'} → {law.in_force_until or '…'}"
    seen = "" if law.verified else " **?**"
    return f"{law.instrument} {law.article}（{law.version}）{seen}<br><sub>{days}</sub>"


def describe_rule(rule: Rule, workspace: Workspace) -> str:
    """Return one row of the table of rules."""
    level = effective_rule(rule, workspace.rules.settings).level.value
    zh, en, _ = LEVELS[level]
    cells = (
        f"{zh}<br>{en}",
        f"**{rule.title.zh}**<br>{rule.title.en}<br>`{rule.id}`",
        describe_recipe(rule.recipe),
        f"{rule.requirement.zh}<br><sub>{rule.requirement.en}</sub>",
        "<br>".join(describe_provision(law) for law in rule.provisions),
        "是 yes" if rule.verified else "**未核实 no**",
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def render_rules(workspace: Workspace) -> str:
    """Return the page of rules, by layer in the order of the catalogue."""
    rules = workspace.rules.rules
    unverified = sum(not rule.verified for rule in rules)
    lines = [
        NOTICE,
        "# 管控规则 Control rules",
        "",
        f"{len(rules)} 条规则，{unverified} 条的条文未见原文（“未核实”，不会单独作出结论）。",
        "方括号中的距离由单位填写，填写前仅作提示。",
        "",
        f"{len(rules)} rules; the text of {unverified} was not seen (“no”: they never decide alone). A",
        "distance in brackets is filled in by the office; until then the rule is a notice.",
        "",
    ]
    order = {layer_id: number for number, layer_id in enumerate(workspace.layers)}
    ordered = sorted(rules, key=lambda rule: order[rule.layer_id])
    for layer_id, group in groupby(ordered, key=lambda rule: rule.layer_id):
        title = workspace.layers[layer_id].entry.title
        lines += [
            f"## {title.zh} {title.en}",
            "",
            f"`{layer_id}`" + ("" if workspace.layers[layer_id].entry.path else " · 无数据 no data"),
            "",
            "| 级别 level | 规则 rule | 管控区 zone | 要求 requirement | 依据 rests on | 已核实 verified |",
            "|---|---|---|---|---|---|",
            *(describe_rule(rule, workspace) for rule in group),
            "",
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


def render_pages(workspace: Workspace) -> dict[Path, str]:
    """Return the text of each page by its path."""
    return {DOCS / "layers.md": render_layers(workspace), DOCS / "rules.md": render_rules(workspace)}


def draw_pictures(workspace: Workspace) -> None:
    """Write a small picture of every layer with data and a larger one of every theme; remove old ones."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    drawn = set()
    for layer in workspace.layers.values():
        if has_picture(layer):
            drawn.add(draw_layer(workspace, layer, IMAGES / f"{layer.entry.id}.png"))
    for theme in THEMES:
        own = [one for one in workspace.layers.values() if one.entry.theme == theme and has_picture(one)]
        if own:
            drawn.add(draw_theme(workspace, own, THEME_NAMES[theme], IMAGES / f"theme_{theme}.png"))
    for path in set(IMAGES.glob("*.png")) - drawn:
        path.unlink()


def main() -> int:
    """Write the pages and pictures, or check the pages."""
    workspace = open_workspace(DOCS.parent)
    failed = [layer.entry.id for layer in workspace.layers.values() if layer.status is LayerStatus.FAILED]
    if failed:
        sys.stderr.write(f"图层损坏 / broken layers: {', '.join(failed)}\n")
        return 2
    pages = render_pages(workspace)
    if "--check" in sys.argv[1:]:
        old = [path for path, text in pages.items() if not path.is_file() or path.read_text("utf-8") != text]
        sys.stderr.writelines(f"不是最新 / not current: {path.name}\n" for path in old)
        return int(bool(old))
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    draw_pictures(workspace)
    return 0


if __name__ == "__main__":
    sys.exit(main())
