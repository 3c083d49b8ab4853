"""A batch of features → its findings and sites as Arrow tables: the same answers as one by one, sooner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis import crs
from gis.errors import CrsError
from gis.findings import find, find_outside
from gis.model import Certainty, Rejected, Relation, Site, Verdict
from gis.scale.columns import make_findings, make_sites
from gis.scale.grounds import index_grounds, release_parts
from gis.scale.measure import assess_gaps, measure_sizes
from gis.scale.pairs import MAYBE, MEETING, Batch, judge_group, make_batch, match_parts, measure_gaps
from gis.scale.rows import (
    CERTAINTIES,
    MEASURES,
    RELATIONS,
    UNDECIDED,
    VERDICTS,
    BaseRows,
    spread_rows,
    tabulate_rules,
)
from gis.sites.raw import RawTable
from gis.sites.sort import sort_features
from gis.sites.system import identify_system, parse_code
from gis.study import list_asked, list_coverages
from gis.verdict import NEEDS_CONFIRMATION
from gis.vicinity import Measured, read_height

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.model import CheckOptions, Layer
    from gis.scale.grounds import GroundIndex, Group
    from gis.scale.measure import Gaps, Sizes
    from gis.scale.origin import Origin
    from gis.scale.pairs import Pairs, Verdicts
    from gis.scale.rows import FoundRows, RuleTable
    from gis.sites.raw import RawFeature
    from gis.workspace import Workspace

HELD_VERTICES = 2_000_000
"""Vertices of zones whose edge indexes (some 30 bytes a vertex) are kept from batch to batch."""

WHOLE_FILE = frozenset({"crs.zone_missing", "crs.contradiction"})
"""Errors that a batch of nothing but zoneless metres raises."""


class BatchTables(NamedTuple):
    """The findings and the sites of a batch, and the systems its coordinates were read in."""

    findings: pa.Table
    sites: pa.Table
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a batch of sites was answered: a verdict a site, findings as arrays."""

    sites: tuple[Site, ...]
    sizes: Sizes
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
        self._index: GroundIndex = index_grounds(asked, site_accuracy_m=options.site_accuracy_m)
        self._table = tabulate_rules(self._index.groups)
        self._vertices = np.asarray(shapely.get_num_coordinates(self._index.shapes))
        self._held = np.empty(0, dtype=np.intp)
        self._coverages: tuple[tuple[Layer, BaseGeometry | None], ...] = list_coverages(workspace)

    def check(self, features: Sequence[RawFeature], origin: Origin) -> BatchTables:
        """Return the findings and sites of a batch of features.

        Raises
        ------
        CrsError
            If the coordinate system cannot be used at all.
        """
        outcomes, labels = self._sort(features, origin)
        sites = tuple(outcome for outcome in outcomes if isinstance(outcome, Site))
        answers = self.answer(sites)
        rejected = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        return BatchTables(make_findings(answers), make_sites(answers, rejected, stem=origin.stem), labels)

    def _sort(
        self, features: Sequence[RawFeature], origin: Origin
    ) -> tuple[list[Site | Rejected], tuple[str, ...]]:
        """Return each feature as a site or as rejected; zoneless metres among others are rejected singly."""
        code = self._options.crs or origin.crs
        system = None if code is None else identify_system(parse_code(code) or code, where=origin.name)

        def sort(part: Sequence[RawFeature]) -> tuple[list[Site | Rejected], tuple[str, ...]]:
            table = RawTable(origin.crs, tuple(part), origin.wgs84_by_rule)
            done = sort_features(
                table, system, self._options.datum, stem=origin.stem, file=origin.name, where=origin.name
            )
            return done.outcomes, done.labels

        try:
            return sort(features)
        except CrsError as error:
            if error.code not in WHOLE_FILE or not features or features[0].index == 0:
                raise
            return [_reject(feature, error, origin) for feature in features], ()

    def answer(self, sites: Sequence[Site]) -> Answers:
        """Return the answers for sites that have been read, in their order."""
        planes = np.array([*(site.geometry_plane for site in sites), None], dtype=object)[:-1]
        sizes = measure_sizes(planes)
        batch = make_batch(planes)
        known: dict[int, Measured] = {}

        def measured(row: int) -> Measured:
            if row not in known:
                known[row] = Measured(
                    site=sites[row],
                    area_m2=float(sizes.area_m2[row]) if sites[row].kind == "polygon" else 0.0,
                    length_m=float(sizes.length_m[row]),
                    accuracy_m=self._options.site_accuracy_m,
                    height_m=read_height(sites[row].properties.get("height_m")),
                )
            return known[row]

        base = BaseRows()
        kinds = np.array([site.kind for site in sites], dtype=object)
        pairs = match_parts(self._index, batch)
        for number, group in enumerate(self._index.groups):
            judged = judge_group(self._index, group, batch, pairs, is_point=kinds == "point")
            if group.zone.rule.recipe.type == "outside":
                for row in self._list_outside(group, batch, pairs):
                    finding = find_outside(measured(int(row)), group.zone, pending=False)
                    base.add_finding(int(row), number, finding)
                continue
            self._add_quick(base, number, judged, batch, kinds, sizes)
            for row, parts in zip(judged.exact, judged.exact_parts, strict=True):
                near = [group.zone.parts[part - group.first_part] for part in parts]
                finding = find(measured(int(row)), group.zone, near_m=group.near_m, pending=False, parts=near)
                base.add_finding(int(row), number, finding)
        self._give_back(pairs)
        found = spread_rows(base, self._table)
        gaps = assess_gaps(planes, self._coverages, measured)
        verdict, reasons = self._decide(sites, found, gaps)
        return Answers(
            tuple(sites),
            sizes,
            self._options.site_accuracy_m,
            found,
            base,
            self._table,
            gaps,
            verdict,
            reasons,
        )

    def _give_back(self, pairs: Pairs) -> None:
        """Give back the edge indexes of the parts asked so far, once they are too many to keep."""
        self._held = np.union1d(self._held, pairs.part)
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

    def _add_quick(
        self,
        base: BaseRows,
        number: int,
        judged: Verdicts,
        batch: Batch,
        kinds: NDArray[np.object_],
        sizes: Sizes,
    ) -> None:
        """Add the findings of sites that no overlay was needed for."""
        apart = judged.case != MEETING
        distance, bearing = np.zeros(len(apart)), np.full(len(apart), np.nan)
        distance[apart], bearing[apart] = measure_gaps(
            batch.planes[judged.site[apart]], self._index.pieces[judged.piece[apart]]
        )
        kept = np.flatnonzero(
            (judged.case == MEETING)
            | (judged.case == MAYBE)
            | (distance <= self._index.groups[number].near_m)
        )
        site, case = judged.site[kept], judged.case[kept]
        meeting = case == MEETING
        certain = meeting & judged.settled[kept]
        possible = (case == MAYBE) | (meeting & ~certain)
        figures = fill_figures(site, meeting, certain, possible, kinds, sizes)
        figures[:, MEASURES.index("distance_m")] = distance[kept]
        figures[:, MEASURES.index("bearing_deg")] = bearing[kept]
        figures[:, MEASURES.index("accuracy_m")] = judged.epsilon_m[kept]
        ids = self._index.feature_ids
        base.add(
            site,
            number,
            np.where(meeting, RELATIONS.index(Relation.INSIDE), RELATIONS.index(Relation.NEAR)),
            np.select(
                [certain, possible],
                [CERTAINTIES.index(Certainty.CERTAIN), CERTAINTIES.index(Certainty.POSSIBLE)],
                CERTAINTIES.index(Certainty.NONE),
            ),
            figures,
            parts=(tuple(ids[part] for part in judged.parts[row]) for row in kept),
            geometry=place_overlaps(batch.planes[site], meeting),
        )

    def _decide(
        self, sites: Sequence[Site], found: FoundRows, gaps: Gaps
    ) -> tuple[NDArray[np.intp], list[list[str]]]:
        """Return the verdict of each site and what decided it, as :func:`gis.verdict.decide` does."""
        verdict = np.full(len(sites), UNDECIDED, dtype=np.intp)
        np.minimum.at(verdict, found.site, found.deciding)
        reasons: list[list[str]] = [[] for _ in sites]
        deciding = (found.deciding == verdict[found.site]) & (found.deciding != UNDECIDED)
        for row in np.flatnonzero(deciding):
            site, rule = int(found.site[row]), self._table.rules[found.rule[row]][0]
            reasons[site].append(f"{sites[site].site_id}:{rule.id}")
        required = [[layer for layer, is_required in pattern if is_required] for pattern in gaps.patterns]
        for row in np.flatnonzero(verdict == UNDECIDED):
            missing = list(required[gaps.pattern[row]])
            if not self._options.accept_repairs:
                missing += [note.code for note in sites[int(row)].repairs if note.code == NEEDS_CONFIRMATION]
            verdict[row] = VERDICTS.index(Verdict.UNDETERMINED if missing else Verdict.CLEAR)
            reasons[row] = missing
        return verdict, reasons


def _reject(feature: RawFeature, error: CrsError, origin: Origin) -> Rejected:
    """Return a feature of a batch that has no place as rejected."""
    from gis.model import Text
    from gis.sites.attributes import find_name

    return Rejected(
        origin.name, feature.index, find_name(feature.properties), error.code, Text(error.zh, error.en)
    )


def fill_figures(
    site: NDArray[np.intp],
    meeting: NDArray[np.bool_],
    certain: NDArray[np.bool_],
    possible: NDArray[np.bool_],
    kinds: NDArray[np.object_],
    sizes: Sizes,
) -> NDArray[np.float64]:
    """Return the figures of findings told without an overlay: all of a site or none of it, three times."""
    figures = np.full((len(site), len(MEASURES)), np.nan)
    parts = np.column_stack((meeting, certain, meeting | possible)).astype(np.float64)
    for kind, column, whole in (
        ("polygon", "overlap_area_m2", sizes.area_m2),
        ("line", "overlap_length_m", sizes.length_m),
    ):
        rows = kinds[site] == kind
        start = MEASURES.index(column)
        figures[rows, start : start + 3] = parts[rows] * whole[site[rows], None]
        share = MEASURES.index("share_of_site")
        shared = rows & (whole[site] > 0)
        figures[shared, share : share + 3] = parts[shared]
    return figures


def place_overlaps(planes: NDArray[np.object_], meeting: NDArray[np.bool_]) -> list[BaseGeometry | None]:
    """Return the sites that lie wholly in a zone in degrees; None for the others."""
    placed = np.full(len(planes), None, dtype=object)
    dense = shapely.segmentize(planes[meeting], crs.MAX_EDGE_M)
    back = crs.transformer(crs.PLANE, crs.GEOGRAPHIC)
    placed[meeting] = shapely.transform(dense, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))
    return list(placed)
