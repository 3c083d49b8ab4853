"""Findings of a batch as arrays: one base row a site and ground, spread over its rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.model import Certainty, Level, Relation, Verdict
from gis.verdict import DECIDING, MEETING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from gis.model import Finding, Rule
    from gis.scale.grounds import Group

LEVELS, RELATIONS, CERTAINTIES, VERDICTS = tuple(Level), tuple(Relation), tuple(Certainty), tuple(Verdict)
MEASURES = (
    "overlap_area_m2",
    "overlap_area_min_m2",
    "overlap_area_max_m2",
    "share_of_site",
    "share_min",
    "share_max",
    "overlap_length_m",
    "overlap_length_min_m",
    "overlap_length_max_m",
    "distance_m",
    "bearing_deg",
    "accuracy_m",
    "height_limit_m",
)
"""Figures of a finding in the order of the columns; NaN where there is none."""

MEETS = np.isin(np.arange(len(RELATIONS)), [RELATIONS.index(relation) for relation in MEETING])
CALLS = np.isin(
    np.arange(len(RELATIONS)), [RELATIONS.index(r) for r in (Relation.NEAR, Relation.TOUCH, Relation.SLIVER)]
)
UNDECIDED = len(VERDICTS)


WHOLE = "whole"
"""Stands for the geometry of a site in place of an overlap that is all of it."""


@dataclass(slots=True)
class BaseRows:
    """Base rows as they are found; `columns` hold arrays to be joined.

    Parameters
    ----------
    site, group, relation, certainty : list of array of int
        Row of the site in its batch, number of the group, code of the words.
    figures : list of array, shape (n, len(MEASURES))
    parts : list of tuple of str
        Ids of the features.
    geometry : list of geometry, WHOLE or None
        The overlap, longitude/latitude; :data:`WHOLE` where it is the site as it was read.
    """

    site: list[NDArray[np.intp]] = field(default_factory=list)
    group: list[NDArray[np.intp]] = field(default_factory=list)
    relation: list[NDArray[np.intp]] = field(default_factory=list)
    certainty: list[NDArray[np.intp]] = field(default_factory=list)
    figures: list[NDArray[np.float64]] = field(default_factory=list)
    parts: list[tuple[str, ...]] = field(default_factory=list)
    geometry: list[Any] = field(default_factory=list)

    def add(
        self,
        site: NDArray[np.intp],
        group: int,
        relation: NDArray[np.intp],
        certainty: NDArray[np.intp],
        figures: NDArray[np.float64],
        *,
        parts: Iterable[tuple[str, ...]],
        geometry: Iterable[Any],
    ) -> None:
        """Add rows of one group."""
        self.site.append(site)
        self.group.append(np.full(len(site), group, dtype=np.intp))
        self.relation.append(relation)
        self.certainty.append(certainty)
        self.figures.append(figures)
        self.parts += parts
        self.geometry += geometry

    def add_finding(self, site: int, group: int, finding: Finding | None) -> None:
        """Add the finding of a site measured by itself, where there is one."""
        if finding is None:
            return
        self.add(
            np.array([site], dtype=np.intp),
            group,
            np.array([RELATIONS.index(finding.relation)], dtype=np.intp),
            np.array([CERTAINTIES.index(finding.certainty)], dtype=np.intp),
            read_figures(finding),
            parts=[finding.feature_ids],
            geometry=[finding.geometry],
        )


def read_figures(finding: Finding) -> NDArray[np.float64]:
    """Return the figures of a finding as one row."""
    nan = float("nan")
    ranges = (finding.overlap_area_m2, finding.share_of_site, finding.overlap_length_m)
    values = [v for r in ranges for v in ((nan,) * 3 if r is None else (r.as_drawn, r.min, r.max))]
    rest = (finding.distance_m, finding.bearing_deg, finding.accuracy_m, finding.height_limit_m)
    return np.array([[*values, *(nan if value is None else value for value in rest)]])


@dataclass(frozen=True, slots=True)
class RuleTable:
    """The rules of a check as arrays, group by group.

    Parameters
    ----------
    rules : tuple of (Rule, bool)
        With whether each is pending.
    starts, counts : array
        Where each group's rules stand.
    rank : array
        Place of each rule's id in alphabetical order.
    level, attention_m, verified, pending : array
    """

    rules: tuple[tuple[Rule, bool], ...]
    starts: NDArray[np.intp]
    counts: NDArray[np.intp]
    rank: NDArray[np.intp]
    level: NDArray[np.intp]
    attention_m: NDArray[np.float64]
    verified: NDArray[np.bool_]
    pending: NDArray[np.bool_]


def tabulate_rules(groups: Sequence[Group]) -> RuleTable:
    """Return the rules of all groups as arrays."""
    rules = tuple(pair for group in groups for pair in group.rules)
    counts = np.array([len(group.rules) for group in groups], dtype=np.intp)
    ids = np.array([rule.id for rule, _ in rules], dtype=object)
    rank = np.empty(len(ids), dtype=np.intp)
    rank[np.argsort(ids, kind="stable")] = np.arange(len(ids))
    return RuleTable(
        rules=rules,
        starts=np.cumsum(counts) - counts,
        counts=counts,
        rank=rank,
        level=np.array([LEVELS.index(rule.level) for rule, _ in rules], dtype=np.intp),
        attention_m=np.array([rule.attention_m for rule, _ in rules], dtype=np.float64),
        verified=np.array([rule.verified for rule, _ in rules], dtype=bool),
        pending=np.array([pending for _, pending in rules], dtype=bool),
    )


@dataclass(frozen=True, slots=True)
class FoundRows:
    """All findings of a batch, in the order in which they are shown, site by site.

    Parameters
    ----------
    site, rule, base : array of int
        Row of the site, row of the rule table, row of the base rows.
    relation, certainty : array of int
    figures : array
    deciding : array of int
        Number of the verdict a finding alone would give; ``UNDECIDED`` where it gives none.
    """

    site: NDArray[np.intp]
    rule: NDArray[np.intp]
    base: NDArray[np.intp]
    relation: NDArray[np.intp]
    certainty: NDArray[np.intp]
    figures: NDArray[np.float64]
    deciding: NDArray[np.intp]


def spread_rows(base: BaseRows, table: RuleTable) -> FoundRows:
    """Return base rows spread over their rules and ranked as findings are."""
    site, group = _join(base.site), _join(base.group)
    counts = table.counts[group]
    row = np.repeat(np.arange(len(site)), counts)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    rule = table.starts[group[row]] + offset
    relation, certainty = _join(base.relation)[row], _join(base.certainty)[row]
    figures = np.concatenate([np.empty((0, len(MEASURES))), *base.figures])[row]
    distance = figures[:, MEASURES.index("distance_m")]
    order = np.lexsort(
        (
            table.rank[rule],
            distance,
            relation,
            certainty,
            table.level[rule],
            table.pending[rule],
            site[row],
        )
    )
    rule, relation, certainty, figures = rule[order], relation[order], certainty[order], figures[order]
    return FoundRows(
        site=site[row][order],
        rule=rule,
        base=row[order],
        relation=relation,
        certainty=certainty,
        figures=figures,
        deciding=weigh_findings(table, rule, relation, certainty, distance[order]),
    )


def weigh_findings(
    table: RuleTable,
    rule: NDArray[np.intp],
    relation: NDArray[np.intp],
    certainty: NDArray[np.intp],
    distance_m: NDArray[np.float64],
) -> NDArray[np.intp]:
    """Return the verdict each finding alone would give, as :func:`gis.verdict.decide` weighs them."""
    certain = (certainty == CERTAINTIES.index(Certainty.CERTAIN)) & MEETS[relation]
    possible = certainty == CERTAINTIES.index(Certainty.POSSIBLE)
    close = CALLS[relation] & (distance_m <= table.attention_m[rule])
    current = ~table.pending[rule]
    weight = np.where(possible | certain | close, VERDICTS.index(Verdict.ATTENTION), UNDECIDED)
    for level, verdict in DECIDING:
        decisive = certain & table.verified[rule] & (table.level[rule] == LEVELS.index(level))
        weight = np.where(decisive, VERDICTS.index(verdict), weight)
    return np.where(current, weight, UNDECIDED)


def _join(arrays: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return arrays of numbers as one; of none, an empty one."""
    return np.concatenate([np.empty(0, dtype=np.intp), *arrays])
