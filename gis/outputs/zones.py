"""The control zones a result's findings speak of, as the check made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.rules import effective_rule

if TYPE_CHECKING:
    from gis.model import CheckResult, Finding, Rule
    from gis.workspace import Workspace
    from gis.zones import ZonePart


def find_rule(finding: Finding, workspace: Workspace) -> Rule | None:
    """Return the rule of a finding as it applied, the office's settings filled in; None if it is gone."""
    for rule in workspace.rules.rules:
        if rule.id == finding.rule_id:
            return effective_rule(rule, workspace.rules.settings)
    return None


def find_parts(finding: Finding, workspace: Workspace) -> tuple[ZonePart, ...]:
    """Return the parts of the control zone that the features of a finding make (EPSG:4549)."""
    rule = find_rule(finding, workspace)
    zone = None if rule is None else workspace.zones.zone(rule)
    if zone is None:
        return ()
    wanted = set(finding.feature_ids)
    return tuple(part for part in zone.parts if part.feature.feature_id in wanted)


def list_zones(result: CheckResult, workspace: Workspace) -> tuple[tuple[Finding, ZonePart], ...]:
    """Return every zone part met or near, once a rule and feature, in the order of the findings."""
    found: dict[tuple[str, str], tuple[Finding, ZonePart]] = {}
    for site in result.sites:
        for finding in site.findings:
            wanted = [(finding.rule_id, feature_id) for feature_id in finding.feature_ids]
            if all(key in found for key in wanted):
                continue
            for part in find_parts(finding, workspace):
                found.setdefault((finding.rule_id, part.feature.feature_id), (finding, part))
    return tuple(found.values())
