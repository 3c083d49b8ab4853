"""A batch of features → its findings and sites as Arrow tables: the same answers as one by one, sooner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis.findings import find, find_outside
from gis.model import Verdict
from gis.scale.columns import make_findings, make_sites
from gis.scale.cuts import keep_cuts
from gis.scale.finds import add_borders, add_quick
from gis.scale.gaps import GapFinder
from gis.scale.grounds import index_grounds, release_parts
from gis.scale.pairs import judge_group, list_doubtful, make_batch, match_parts
from gis.scale.rows import UNDECIDED, VERDICTS, BaseRows, spread_rows, tabulate_rules
from gis.scale.siterows import tabulate_sites
from gis.scale.sorting import sort_run
from gis.study import list_asked, list_coverages
from gis.verdict import NEEDS_CONFIRMATION
from gis.vicinity import Measured, read_height

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from gis.model import CheckOptions, Finding, Site
    from gis.scale.gaps import Gaps
    from gis.scale.grounds import GroundIndex, Group
    from gis.scale.origin import Origin
    from gis.scale.pairs import Batch, Pairs
    from gis.scale.rows import FoundRows, RuleTable
    from gis.scale.runs import Run
    from gis.scale.siterows import SiteRows
    from gis.workspace import Workspace

HELD_VERTICES = 2_000_000
"""Vertices of zones whose edge indexes (some 30 bytes a vertex) are kept from batch to batch."""


class BatchTables(NamedTuple):
    """The findings and the sites of a batch, and the systems its coordinates were read in."""

    findings: pa.Table
    sites: pa.Table
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a batch of sites was answered: a verdict a site, findings as arrays."""

    sites: SiteRows
    accuracy_m: float
    found: FoundRows
    base: BaseRows
    table: RuleTable
    gaps: Gaps
    verdict: NDArray[np.intp]
    reasons: list[list[str]]


class BatchChecker:
    """Checks batches of features against one workspace; made once a process.

    Parameters
    ----------
    workspace : Workspace
    options : CheckOptions
        ``what_if`` is not for batches.
    """

    def __init__(self, workspace: Workspace, options: CheckOptions) -> None:
        self._options = options
        asked = list_asked(workspace, options)
        self._index: GroundIndex = index_grounds(
            asked, site_accuracy_m=options.site_accuracy_m, kept=keep_cuts(workspace)
        )
        self._table = tabulate_rules(self._index.groups)
        self._vertices = np.asarray(shapely.get_num_coordinates(self._index.shapes))
        self._held = np.empty(0, dtype=np.intp)
        self._gaps = GapFinder(list_coverages(workspace))

    def check(self, run: Run, origin: Origin) -> BatchTables:
        """Return the findings and sites of a run of features.

        Raises
        ------
        CrsError
            If the coordinate system cannot be used at all.
        """
        batch = sort_run(run, origin, self._options)
        answers = self.answer(batch.sites)
        sites = make_sites(answers, batch.rejected, stem=origin.stem)
        return BatchTables(make_findings(answers), sites, batch.labels)

    def answer(self, sites: Sequence[Site]) -> Answers:
        """Return the answers for sites that have been read, in their order."""
        rows = tabulate_sites(sites)
        sizes = rows.sizes
        batch = make_batch(rows)
        known: dict[int, Measured] = {}

        def measured(row: int) -> Measured:
            if row not in known:
                site = rows[row]
                known[row] = Measured(
                    site=site,
                    area_m2=float(sizes.area_m2[row]) if site.kind == "polygon" else 0.0,
                    length_m=float(sizes.length_m[row]),
                    accuracy_m=self._options.site_accuracy_m,
                    height_m=read_height(site.properties.get("height_m")),
                )
            return known[row]

        base = BaseRows()
        pairs = match_parts(self._index, batch)
        asked: list[NDArray[np.intp]] = [pairs.part[list_doubtful(pairs.border_m)]]
        for number, group in enumerate(self._index.groups):
            judged = judge_group(self._index, group, batch, pairs)
            if group.zone.rule.recipe.type == "outside":
                for row in self._list_outside(group, batch, pairs):
                    finding = find_outside(measured(int(row)), group.zone, pending=False)
                    base.add_finding(int(row), number, finding)
                continue
            add_quick(base, self._index, number, judged, batch)
            add_borders(
                base,
                self._index,
                number,
                judged,
                batch,
                partial(self._find_one, group, measured, asked),
                site_accuracy_m=self._options.site_accuracy_m,
            )
        self._give_back(asked)
        found = spread_rows(base, self._table)
        gaps = self._gaps.assess(rows.planes, batch.boxes, measured)
        verdict, reasons = self._decide(rows, found, gaps)
        return Answers(
            rows,
            self._options.site_accuracy_m,
            found,
            base,
            self._table,
            gaps,
            verdict,
            reasons,
        )

    @staticmethod
    def _find_one(
        group: Group,
        measured: Callable[[int], Measured],
        asked: list[NDArray[np.intp]],
        site: int,
        parts: NDArray[np.intp],
    ) -> Finding | None:
        """Return the finding of one site of a batch, measured by itself."""
        asked.append(parts)
        near = [group.zone.parts[part - group.first_part] for part in parts]
        return find(measured(site), group.zone, near_m=group.near_m, pending=False, parts=near)

    def _give_back(self, asked: list[NDArray[np.intp]]) -> None:
        """Give back the edge indexes of the parts asked so far, once they are too many to keep."""
        self._held = np.unique(np.concatenate([self._held, *asked]))
        if int(self._vertices[self._held].sum()) > HELD_VERTICES:
            release_parts(self._index, self._held)
            self._held = np.empty(0, dtype=np.intp)

    def _list_outside(self, group: Group, batch: Batch, pairs: Pairs) -> NDArray[np.intp]:
        """Return the sites that may lie outside the features of a group: all but those well inside one."""
        if group.zone.coverage is None or not len(batch.planes):
            return np.empty(0, dtype=np.intp)
        last = group.first_part + len(group.zone.parts)
        rows = (pairs.part >= group.first_part) & (pairs.part < last)
        site, part = pairs.site[rows], pairs.part[rows]
        clear = pairs.border_m[rows] > self._index.epsilon_m[part] * batch.scale[site] * 1.02 + 10.0
        held = np.zeros(len(batch.planes), dtype=bool)
        held[site[pairs.inside[rows]]] = True
        held[site[~clear]] = False
        held &= shapely.get_num_geometries(batch.planes) == 1
        return np.flatnonzero(~held & shapely.intersects(group.zone.coverage, batch.planes))

    def _decide(
        self, sites: SiteRows, found: FoundRows, gaps: Gaps
    ) -> tuple[NDArray[np.intp], list[list[str]]]:
        """Return the verdict of each site and what decided it, as :func:`gis.verdict.decide` does."""
        verdict = np.full(len(sites), UNDECIDED, dtype=np.intp)
        np.minimum.at(verdict, found.site, found.deciding)
        decided = verdict != UNDECIDED
        required = [[layer for layer, is_required in pattern if is_required] for pattern in gaps.patterns]
        reasons = [[] if done else required[p] for done, p in zip(decided, gaps.pattern, strict=True)]
        deciding = (found.deciding == verdict[found.site]) & (found.deciding != UNDECIDED)
        for row in np.flatnonzero(deciding):
            site, rule = int(found.site[row]), self._table.rules[found.rule[row]][0]
            reasons[site].append(f"{sites.ids[site]}:{rule.id}")
        if not self._options.accept_repairs:
            for number, (repairs, _) in sites.notes.items():
                asked = [note.code for note in repairs if note.code == NEEDS_CONFIRMATION]
                if asked and not decided[number]:
                    reasons[number] = reasons[number] + asked
        missing = np.array([bool(reason) for reason in reasons], dtype=bool)
        verdict[~decided & missing] = VERDICTS.index(Verdict.UNDETERMINED)
        verdict[~decided & ~missing] = VERDICTS.index(Verdict.CLEAR)
        return verdict, reasons
