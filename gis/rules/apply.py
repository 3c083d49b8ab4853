"""Which rules apply on a day, and how: dates of the provisions and distances the office fills in.

A rule is in force on a day when at least one of its provisions is: it has begun (or its beginning is not
known) and has not ended (or has no known end); the first and the last day belong to the time in force. A rule
handed out for a day carries only the provisions in force on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gis.model import Level, Provision, Recipe, Rule, RuleSet, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

OPEN_DISTANCE = Text(
    "法律未规定具体距离：在 layers/rules.toml 的 [settings] 中填写后按缓冲区判定，填写前仅作提示。",
    "The law gives no distance: once filled in under [settings] of layers/rules.toml it becomes a buffer; "
    "until then this is a notice only.",
)


def provisions_in_force(rule: Rule, on: date) -> tuple[Provision, ...]:
    """Return the provisions of `rule` that are in force on the day `on`, first and last day included."""
    return tuple(
        provision
        for provision in rule.provisions
        if (provision.in_force_from is None or provision.in_force_from <= on)
        and (provision.in_force_until is None or on <= provision.in_force_until)
    )


def rules_in_force(rules: Iterable[Rule], on: date) -> tuple[Rule, ...]:
    """Return the rules in force on the day `on`, in order, each with the provisions then in force."""
    chosen = ((rule, provisions_in_force(rule, on)) for rule in rules)
    return tuple(replace(rule, provisions=provisions) for rule, provisions in chosen if provisions)


def rules_pending(rules: Iterable[Rule], on: date) -> tuple[Rule, ...]:
    """Return the rules not in force on the day `on` of which a provision begins later."""
    return tuple(
        rule
        for rule in rules
        if not provisions_in_force(rule, on)
        and any(p.in_force_from is not None and p.in_force_from > on for p in rule.provisions)
    )


def open_setting(rule: Rule) -> str | None:
    """Return the name of the setting that gives `rule` its distance; None where the law gives it."""
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
        The rule itself where the law gives the distance; the buffer of the value where the office has filled
        it in; otherwise a notice inside the feature, with a note that says what to fill in.
    """
    name = open_setting(rule)
    if name is None:
        return rule
    if name in settings:
        others = {key: value for key, value in rule.recipe.parameters.items() if key != "setting"}
        return replace(rule, recipe=Recipe(rule.recipe.type, {**others, "distance_m": settings[name]}))
    note = OPEN_DISTANCE
    if rule.note is not None:
        note = Text(rule.note.zh + OPEN_DISTANCE.zh, f"{rule.note.en} {OPEN_DISTANCE.en}")
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
        if not {*rule.kinds, *rule.possible_kinds}.intersection(kinds_by_layer.get(rule.layer_id, ()))
    )
