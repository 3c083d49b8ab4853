"""``gis rules``: the control rules, what feeds them and which are in force."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gis.cli.options import JsonOption, WorkspaceOption, parse_date
from gis.errors import LayerError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from gis.catalogue import Catalogue
    from gis.model import Recipe, Rule
    from gis.settings import Settings

LEVELS = {
    "prohibited": ("禁止", "prohibited", "red"),
    "restricted": ("限制", "restricted", "dark_orange"),
    "approval_needed": ("须批准", "approval needed", "yellow"),
    "notice": ("提示", "notice", "blue"),
}
STATES = {"in_force": "现行 in force", "pending": "待施行 pending", "ended": "已失效 ended"}
WIDTH = 150
"""Columns of the table where the terminal does not say."""


def rules(
    *,
    layer: Annotated[
        str | None,
        typer.Option("--layer", metavar="LAYER", help="只列此图层的规则 / only the rules of this layer"),
    ] = None,
    unused: Annotated[
        bool, typer.Option("--unused", help="只列没有要素可用的规则 / only rules that no feature feeds")
    ] = False,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="只列此日有效的规则 / only rules in force on this day"),
    ] = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """列出管控规则：级别、管控区、依据与核实情况 / list the control rules and what they rest on."""
    from gis.catalogue import read_catalogue
    from gis.rules import effective_rule, read_office_settings, read_rules, unused_rules
    from gis.settings import read_settings

    settings = read_settings(workspace=workspace)
    layers_dir = settings.workspace / "layers"
    catalogue = read_catalogue(layers_dir / "catalogue.toml")
    rule_set = read_rules(layers_dir / "rules.toml")
    idle = {rule.id for rule in unused_rules(rule_set.rules, collect_kinds(catalogue, settings))}
    day = parse_date(on)
    chosen = [rule for rule in rule_set.rules if not unused or rule.id in idle]
    chosen = choose_layer(chosen, layer, catalogue) if layer else chosen
    states = {rule.id: state_of(rule, day) for rule in chosen}
    chosen = [rule for rule in chosen if on is None or states[rule.id] == "in_force"]
    if as_json:
        report = {
            "sha256": rule_set.sha256,
            "on": day.isoformat(),
            "settings": [asdict(setting) for setting in read_office_settings(layers_dir / "rules.toml")],
            "rules": [
                {
                    **rule_as_dict(rule),
                    "effective_level": effective_rule(rule, rule_set.settings).level.value,
                    "state": states[rule.id],
                    "used": rule.id not in idle,
                }
                for rule in chosen
            ],
        }
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1, default=str))
        return
    levels = {rule.id: effective_rule(rule, rule_set.settings).level.value for rule in chosen}
    print_table(chosen, levels, states, idle)
    unverified = sum(not rule.verified for rule in chosen)
    unfed = sum(rule.id in idle for rule in chosen)
    typer.echo(
        f"{len(chosen)} 条规则；{unverified} 条未核实（?）；{unfed} 条暂无要素可用（○）；状态按 {day} / "
        f"{len(chosen)} rules; {unverified} not verified (?); {unfed} without features (○); as of {day}",
        err=True,
    )


def choose_layer(candidates: Sequence[Rule], layer: str, catalogue: Catalogue) -> list[Rule]:
    """Return the rules of one layer.

    Raises
    ------
    NotFoundError
        If neither a rule nor the catalogue knows the layer.
    """
    chosen = [rule for rule in candidates if rule.layer_id == layer]
    if not chosen and layer not in {entry.id for entry in catalogue.entries}:
        raise NotFoundError(
            f"没有图层 {layer!r}",
            f"there is no layer {layer!r}",
            where="--layer",
            hint_zh="用 gis layers 查看全部图层",
            hint_en="list the layers with: gis layers",
            code="layers.unknown",
        )
    return chosen


def collect_kinds(catalogue: Catalogue, settings: Settings) -> Mapping[str, frozenset[str]]:
    """Return the kinds of the features at hand, by layer id; a layer without a readable file has none."""
    from gis.layers.load import locate_layer
    from gis.layers.postgis import is_database, read_table

    kinds: dict[str, frozenset[str]] = {}
    for entry in catalogue.entries:
        path = locate_layer(entry, layers_dir=settings.workspace / "layers", cache_dir=settings.cache)
        if is_database(entry.path):
            with contextlib.suppress(LayerError):
                kinds[entry.id] = frozenset(str(kind) for kind in read_table(entry)[0]["kind"])
        if path is None or not path.is_file():
            continue
        try:
            data = json.loads(path.read_bytes())
        except ValueError:
            continue
        features = data.get("features", []) if isinstance(data, dict) else []
        kinds[entry.id] = frozenset((feature.get("properties") or {}).get("kind", "") for feature in features)
    return kinds


def state_of(rule: Rule, day: date) -> str:
    """Return ``in_force``, ``pending`` or ``ended``: how `rule` stands on a day."""
    from gis.rules import rules_in_force, rules_pending

    if rules_in_force([rule], day):
        return "in_force"
    return "pending" if rules_pending([rule], day) else "ended"


def rule_as_dict(rule: Rule) -> dict[str, Any]:
    """Return every field of a rule as the file has it."""
    table = asdict(rule)
    return {
        **table,
        "level": rule.level.value,
        "recipe": {"type": rule.recipe.type, **rule.recipe.parameters},
    }


def describe_recipe(recipe: Recipe) -> str:
    """Return in a few words how a rule makes its zone."""
    values = recipe.parameters
    if recipe.type == "buffer" and "setting" in values:
        return f"缓冲 buffer [{values['setting']}]"
    patterns = {
        "inside": "范围内 inside",
        "outside": "范围外 outside",
        "buffer": "缓冲 buffer {distance_m:g} m",
        "ring": "环带 ring {inner_m:g}–{outer_m:g} m",
        "along_river": "沿河 along river ↑{up_m:g} ↓{down_m:g} ↔{lateral_m:g} m",
        "airport_rectangle": "跑道矩形 runway ±{side_m:g}, +{end_m:g} m",
        "obstacle_surface": "限制面 surface {height_m:g} m → {outer_m:g} m",
    }
    return patterns[recipe.type].format(**values)


def print_table(
    chosen: Sequence[Rule], levels: Mapping[str, str], states: Mapping[str, str], idle: set[str]
) -> None:
    """Print the rules as a table; `levels` and `states` are by rule id, `idle` the ids without features."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, leading=1)
    for heading in (
        "级别\nlevel",
        "规则\nrule",
        "图层\nlayer",
        "管控区\nzone",
        "依据\nrests on",
        "状态\nstate",
    ):
        table.add_column(heading, overflow="fold")
    for rule in chosen:
        zh, en, colour = LEVELS[levels[rule.id]]
        feed = " ○" if rule.id in idle else ""
        basis = "\n".join(f"{p.instrument} {p.article}" for p in rule.provisions)
        table.add_row(
            f"[{colour}]{zh}\n{en}[/]",
            f"[bold]{escape(rule.title.zh)}[/]{'' if rule.verified else ' [red]?[/]'}\n"
            f"{escape(rule.title.en)}\n[dim]{rule.id}[/]",
            f"{rule.layer_id}{feed}",
            escape(describe_recipe(rule.recipe)),
            escape(basis),
            STATES[states[rule.id]].replace(" ", "\n", 1),
        )
    console.print(table)
