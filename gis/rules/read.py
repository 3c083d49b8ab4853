"""The rule file read strictly: every field is known, present and possible, or the file is refused."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.errors import RuleError
from gis.model import Level, Provision, Recipe, Rule, RuleSet, Text
from gis.rules.entry import IDENTIFIER, Entry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

RECIPE_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "inside": (),
    "outside": (),
    "buffer": ("distance_m",),
    "ring": ("inner_m", "outer_m"),
    "along_river": ("up_m", "down_m", "lateral_m"),
    "airport_rectangle": ("side_m", "end_m"),
    "obstacle_surface": ("radius_m", "height_m", "slope", "outer_m"),
}
"""Numbers a recipe of each type must have: metres where the name ends in ``_m``, else ratios.

A ``lateral_m`` of 0 means the water of the river itself. ``radius_m`` and ``height_m`` are of the inner
horizontal surface, ``slope`` and ``outer_m`` (from the runway) of the conical surface.
"""

SURFACE_TABLES = ("approach", "take_off_climb", "transitional")
"""Tables of numbers an ``obstacle_surface`` may have besides."""

MEASURED_FROM = ("edge", "centreline", "shore")
"""What a ``buffer`` may be measured from (``from``)."""

RULE_FIELDS = (
    *("id", "title_zh", "title_en", "level", "applies_to", "recipe", "requirement_zh", "requirement_en"),
    *("verified", "note_zh", "note_en", "attention_m", "near_m", "provisions"),
)
PROVISION_FIELDS = (
    *("instrument", "instrument_en", "article", "version", "in_force_from", "in_force_until"),
    *("source", "verified"),
)


@dataclass(frozen=True, slots=True)
class OfficeSetting:
    """A distance that the law leaves open and the office fills in.

    Parameters
    ----------
    unit : str
        Unit of the value: ``m``.
    value : float or None
        None until the office has filled it in.
    """

    id: str
    title: Text
    unit: str
    value: float | None


def read_rules(path: Path) -> RuleSet:
    """Read a rule file.

    Parameters
    ----------
    path : Path
        ``layers/rules.toml``: an array of tables ``rule`` and tables ``settings.<name>``.

    Returns
    -------
    RuleSet
        Rules in the order of the file, SHA-256 of the file's bytes, and the settings that have a value.

    Raises
    ------
    RuleError
        If the file is missing or is not TOML, or a rule lacks a field, has one that is not known, or one with
        an impossible value.
    """
    content = read_content(path)
    data = parse_content(content, path)
    settings = parse_settings(data, path.name)
    names = {setting.id for setting in settings}
    seen: set[str] = set()
    rules: list[Rule] = []
    for position, table in enumerate(data.get("rule", []), start=1):
        entry = Entry(path.name, str(table.get("id", f"#{position}")), table)
        rule = parse_rule(entry, names)
        if rule.id in seen:
            entry.refuse("id", "编号出现两次", "the id is used twice")
        seen.add(rule.id)
        rules.append(rule)
    return RuleSet(
        rules=tuple(rules),
        sha256=hashlib.sha256(content).hexdigest(),
        settings={setting.id: setting.value for setting in settings if setting.value is not None},
    )


def read_office_settings(path: Path) -> tuple[OfficeSetting, ...]:
    """Read what the office can fill in, with or without a value.

    Raises
    ------
    RuleError
        If the file is missing, is not TOML, or a setting is broken.
    """
    return parse_settings(parse_content(read_content(path), path), path.name)


def read_content(path: Path) -> bytes:
    """Return the bytes of the rule file.

    Raises
    ------
    RuleError
        If there is no such file.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise RuleError(
            f"找不到规则文件 {path}",
            f"there is no rule file {path}",
            where=str(path),
            hint_zh="请用 --workspace 指向含有 layers/rules.toml 的文件夹",
            hint_en="point --workspace at a folder that holds layers/rules.toml",
            code="rules.missing",
        ) from error


def parse_content(content: bytes, path: Path) -> Mapping[str, Any]:
    """Return the tables of the rule file.

    Raises
    ------
    RuleError
        If the content is not UTF-8 TOML, or holds something else than rules and settings.
    """
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(
            f"规则文件不是有效的 UTF-8 TOML：{error}",
            f"the rule file is not valid UTF-8 TOML: {error}",
            where=str(path),
            code="rules.toml",
        ) from error
    entry = Entry(path.name, "-", data)
    entry.refuse_unknown(("rule", "settings"))
    tables = data.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        entry.refuse("rule", "应为 [[rule]] 表", "must be [[rule]] tables")
    return data


def parse_settings(data: Mapping[str, Any], file: str) -> tuple[OfficeSetting, ...]:
    """Return the settings of the rule file in its order; raises :class:`RuleError`."""
    if "settings" not in data:
        return ()
    group = Entry(file, "-", data).inner("settings")
    settings: list[OfficeSetting] = []
    for name in group.table:
        entry = Entry(file, f"settings.{name}", group.inner(name).table)
        entry.refuse_unknown(("title_zh", "title_en", "unit", "value"))
        if entry.text("unit") != "m":
            entry.refuse("unit", "单位应为 m", "the unit must be m")
        value = entry.number("value") if "value" in entry.table else None
        settings.append(OfficeSetting(name, entry.bilingual("title"), "m", value))
    return tuple(settings)


def parse_rule(entry: Entry, settings: Collection[str]) -> Rule:
    """Return one rule, titled by its requirement when it has no title; raises :class:`RuleError`.

    `settings` are the names a recipe may refer to.
    """
    entry.refuse_unknown(RULE_FIELDS)
    if not IDENTIFIER.fullmatch(entry.text("id")):
        entry.refuse("id", "应为小写英文标识", "must be letters, digits and _ in lower case")
    levels = [level.value for level in Level]
    if entry.text("level") not in levels:
        entry.refuse("level", f"应为 {'、'.join(levels)} 之一", f"must be one of {', '.join(levels)}")
    target = entry.inner("applies_to")
    target.refuse_unknown(("layer", "kinds", "possible_kinds"))
    kinds, possible_kinds = target.kinds("kinds"), target.kinds("possible_kinds")
    if not kinds and not possible_kinds:
        target.refuse("kinds", "至少要有一个要素类别", "must name at least one kind")
    if set(kinds) & set(possible_kinds):
        target.refuse("possible_kinds", "与 kinds 重复", "names a kind that kinds names too")
    rule = Rule(
        id=entry.text("id"),
        title=entry.bilingual("title" if {"title_zh", "title_en"} & set(entry.table) else "requirement"),
        level=Level(entry.text("level")),
        layer_id=target.text("layer"),
        kinds=kinds,
        possible_kinds=possible_kinds,
        recipe=parse_recipe(entry.inner("recipe"), settings),
        requirement=entry.bilingual("requirement"),
        provisions=parse_provisions(entry),
        verified=entry.truth("verified"),
        attention_m=entry.number("attention_m") if "attention_m" in entry.table else 0.0,
        near_m=entry.number("near_m") if "near_m" in entry.table else None,
        note=entry.bilingual("note") if {"note_zh", "note_en"} & set(entry.table) else None,
    )
    if rule.verified and not all(provision.verified for provision in rule.provisions):
        entry.refuse("verified", "依据中有未核实的条文", "rests on a provision that is not verified")
    return rule


def parse_recipe(entry: Entry, settings: Collection[str]) -> Recipe:
    """Return a recipe with numbers as floats; raises :class:`RuleError`."""
    kind = entry.text("type")
    if kind not in RECIPE_PARAMETERS:
        names = list(RECIPE_PARAMETERS)
        entry.refuse("recipe.type", f"应为 {'、'.join(names)} 之一", f"must be one of {', '.join(names)}")
    required = RECIPE_PARAMETERS[kind]
    if kind == "buffer":
        return parse_buffer(entry, settings)
    tables = SURFACE_TABLES if kind == "obstacle_surface" else ()
    entry.refuse_unknown(("type", *required, *tables))
    parameters: dict[str, Any] = {name: entry.number(name) for name in required}
    for name in tables:
        if name in entry.table:
            inner = entry.inner(name)
            parameters[name] = {key: inner.number(key) for key in inner.table}
    if kind == "ring" and parameters["inner_m"] >= parameters["outer_m"]:
        entry.refuse("outer_m", "应大于 inner_m", "must be greater than inner_m")
    if kind == "obstacle_surface" and parameters["radius_m"] >= parameters["outer_m"]:
        entry.refuse("outer_m", "应大于 radius_m", "must be greater than radius_m")
    return Recipe(kind, parameters)


def parse_buffer(entry: Entry, settings: Collection[str]) -> Recipe:
    """Return a buffer of a distance, or of a setting that gives it; raises :class:`RuleError`."""
    entry.refuse_unknown(("type", "distance_m", "setting", "from"))
    parameters: dict[str, Any] = {}
    if "setting" in entry.table and "distance_m" in entry.table:
        entry.refuse("setting", "不能与 distance_m 并存", "cannot stand beside distance_m")
    if "setting" in entry.table:
        parameters["setting"] = entry.text("setting")
        if parameters["setting"] not in settings:
            entry.refuse("setting", "[settings] 中没有此项", "is not among the [settings]")
    else:
        parameters["distance_m"] = entry.number("distance_m")
        if parameters["distance_m"] == 0:
            entry.refuse("distance_m", "应大于 0；范围内请用 inside", "must be above 0 (else: inside)")
    if "from" in entry.table:
        parameters["from"] = entry.text("from")
        if parameters["from"] not in MEASURED_FROM:
            entry.refuse(
                "from", f"应为 {'、'.join(MEASURED_FROM)} 之一", f"must be one of {', '.join(MEASURED_FROM)}"
            )
    return Recipe("buffer", parameters)


def parse_provisions(entry: Entry) -> tuple[Provision, ...]:
    """Return the provisions of a rule, at least one; raises :class:`RuleError`."""
    tables = entry.table.get("provisions")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        entry.refuse(
            "provisions", "至少要有一条 [[rule.provisions]]", "needs at least one [[rule.provisions]]"
        )
    verified = entry.truth("verified")
    return tuple(
        parse_provision(Entry(entry.file, entry.owner, table), verified=verified) for table in tables
    )


def parse_provision(entry: Entry, *, verified: bool) -> Provision:
    """Return an article of law, verified like its rule unless it says so; raises :class:`RuleError`."""
    entry.refuse_unknown(PROVISION_FIELDS)
    start, end = entry.day("in_force_from"), entry.day("in_force_until")
    if start is not None and end is not None and end < start:
        entry.refuse("in_force_until", "早于 in_force_from", "is before in_force_from")
    return Provision(
        instrument=entry.text("instrument"),
        instrument_en=entry.text_or_empty("instrument_en"),
        article=entry.text("article"),
        version=entry.text_or_empty("version"),
        in_force_from=start,
        in_force_until=end,
        source=entry.text_or_empty("source"),
        verified=entry.truth("verified") if "verified" in entry.table else verified,
    )
