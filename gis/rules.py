"""``layers/rules.toml`` → :class:`Rule` records: what the law asks for, where, and on which day; no geometry.

A rule is in force on a day when at least one of its provisions is: it has begun (or its beginning is not known)
and has not ended (or has no known end); both days belong to the time in force. A rule handed out for a day
carries only the provisions that are in force on it.
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from gis.errors import RuleError
from gis.model import Level, Provision, Recipe, Rule, RuleSet, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

RECIPE_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "inside": (),
    "outside": (),
    "buffer": ("distance_m",),
    "ring": ("inner_m", "outer_m"),
    "along_river": ("up_m", "down_m", "lateral_m"),
    "airport_rectangle": ("side_m", "end_m"),
    "obstacle_surface": ("inner_horizontal", "conical"),
}
"""What each recipe type must be given; lengths in metres (names end in ``_m``), surfaces as tables."""

OPTIONAL_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "buffer": ("from",),
    "obstacle_surface": ("approach", "take_off_climb", "transitional"),
}
"""What a recipe may be given besides. A ``lateral_m`` of 0 means the water of the river itself."""

MEASURED_FROM = ("edge", "centreline", "shore")
RULE_FIELDS = frozenset(
    "id title_zh title_en level applies_to recipe requirement_zh requirement_en verified note_zh note_en"
    " attention_m near_m provisions".split()
)
PROVISION_FIELDS = frozenset(
    "instrument instrument_en article version in_force_from in_force_until source verified".split()
)
SETTING_FIELDS = frozenset(("title_zh", "title_en", "unit", "value"))
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
OPEN_DISTANCE = Text(
    "法律未规定具体距离；在 layers/rules.toml 的 [settings] 中填写后按缓冲区判定，填写前仅作提示。",
    "The law gives no distance: fill it in under [settings] in layers/rules.toml and it becomes a buffer; "
    "until then this is a notice only.",
)


@dataclass(frozen=True, slots=True)
class OfficeSetting:
    """A distance that the law leaves open and the office fills in.

    Parameters
    ----------
    unit : str
        Unit of the value, ``m``.
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
        If the file is missing, is not TOML, or a rule lacks a field, has one too many or an impossible value.
    """
    content = read_content(path)
    data = parse_content(content, path)
    settings = parse_settings(data, path.name)
    rules = tuple(parse_rule(table, path.name, {s.id for s in settings}) for table in data.get("rule", []))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            fail(path.name, rule.id, "id", "编号出现两次", "the id is used twice")
        seen.add(rule.id)
    return RuleSet(
        rules=rules,
        sha256=hashlib.sha256(content).hexdigest(),
        settings={s.id: s.value for s in settings if s.value is not None},
    )


def read_office_settings(path: Path) -> tuple[OfficeSetting, ...]:
    """Read what the office can fill in, with or without a value.

    Raises
    ------
    RuleError
        If the file is missing, is not TOML, or a setting is broken.
    """
    return parse_settings(parse_content(read_content(path), path), path.name)


def provisions_in_force(rule: Rule, on: date) -> tuple[Provision, ...]:
    """Return the provisions of `rule` that are in force on the day `on`, first and last day included."""
    return tuple(
        p
        for p in rule.provisions
        if (p.in_force_from is None or p.in_force_from <= on)
        and (p.in_force_until is None or on <= p.in_force_until)
    )


def rules_in_force(rules: Iterable[Rule], on: date) -> tuple[Rule, ...]:
    """Return the rules in force on the day `on`, in their order, each with only the provisions then in force."""
    with_provisions = ((rule, provisions_in_force(rule, on)) for rule in rules)
    return tuple(replace(rule, provisions=provisions) for rule, provisions in with_provisions if provisions)


def rules_pending(rules: Iterable[Rule], on: date) -> tuple[Rule, ...]:
    """Return the rules not in force on the day `on` of which a provision begins later."""
    return tuple(
        rule
        for rule in rules
        if not provisions_in_force(rule, on)
        and any(p.in_force_from is not None and p.in_force_from > on for p in rule.provisions)
    )


def open_setting(rule: Rule) -> str | None:
    """Return the name of the setting that gives the rule its distance; None where the law gives it."""
    name = rule.recipe.parameters.get("setting")
    return None if name is None else str(name)


def effective_rule(rule: Rule, settings: Mapping[str, float]) -> Rule:
    """Return `rule` as it applies with the office's settings.

    Parameters
    ----------
    settings : mapping of str to float
        Values in metres by the name of the setting.

    Returns
    -------
    Rule
        The rule itself where the law gives the distance; the buffer of the value where the office has filled it
        in; otherwise a notice inside the feature, with a note that says what to fill in.
    """
    name = open_setting(rule)
    if name is None:
        return rule
    others = {key: value for key, value in rule.recipe.parameters.items() if key != "setting"}
    if name in settings:
        return replace(rule, recipe=Recipe(rule.recipe.type, {**others, "distance_m": settings[name]}))
    note = OPEN_DISTANCE
    if rule.note is not None:
        note = Text(rule.note.zh + OPEN_DISTANCE.zh, f"{rule.note.en} {OPEN_DISTANCE.en}".strip())
    return replace(rule, level=Level.NOTICE, recipe=Recipe("inside"), note=note)


def effective_rules(rules: RuleSet, on: date) -> tuple[Rule, ...]:
    """Return the rules in force on the day `on`, each as it applies with the settings of the rule set."""
    return tuple(effective_rule(rule, rules.settings) for rule in rules_in_force(rules.rules, on))


def unused_rules(rules: Iterable[Rule], kinds_by_layer: Mapping[str, Collection[str]]) -> tuple[Rule, ...]:
    """Return the rules that no feature feeds.

    Parameters
    ----------
    kinds_by_layer : mapping of str to collection of str
        Kinds of the features at hand, by layer id; a layer without data is left out or empty.
    """
    return tuple(
        rule
        for rule in rules
        if not set(kinds_by_layer.get(rule.layer_id, ())) & {*rule.kinds, *rule.possible_kinds}
    )


def fail(file: str, owner: str, field: str, zh: str, en: str) -> NoReturn:
    """Raise the :class:`RuleError` that names file, rule and field."""
    raise RuleError(
        f"规则 {owner} 的字段 {field}：{zh}",
        f"rule {owner}, field {field}: {en}",
        where=f"{file}: {owner}.{field}",
        hint_zh="请改正 layers/rules.toml 中的这一条，再用 gis rules 检查",
        hint_en="correct this entry of layers/rules.toml and look at it with: gis rules",
        code="rules.field",
    )


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
            f"找不到规则文件 {path.name}",
            f"there is no rule file {path.name}",
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
        If the content is not UTF-8 TOML or has tables a rule file does not know.
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
    for name in data:
        if name not in {"rule", "settings"}:
            fail(path.name, "-", name, "规则文件只含 rule 与 settings", "a rule file holds rule and settings only")
    tables = data.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        fail(path.name, "-", "rule", "应为 [[rule]] 表的数组", "must be an array of [[rule]] tables")
    return data
