"""``layers/rules.toml`` → :class:`gis.model.Rule` records: what the law asks for, where and on which day."""

from gis.rules.apply import (
    effective_rule,
    effective_rules,
    open_setting,
    provisions_in_force,
    rules_in_force,
    rules_pending,
    unused_rules,
)
from gis.rules.read import OfficeSetting, read_office_settings, read_rules

__all__ = [
    "OfficeSetting",
    "effective_rule",
    "effective_rules",
    "open_setting",
    "provisions_in_force",
    "read_office_settings",
    "read_rules",
    "rules_in_force",
    "rules_pending",
    "unused_rules",
]
