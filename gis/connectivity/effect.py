"""What projects change in a network: the study before and after, each site alone and all together.

A site makes the land it takes as hard to cross as built-up land, or impassable: a cell it covers by a share f
gets r + f·(R - r), never less than it had; sources lose the area taken from them. The links compared are
those of the study before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.connectivity.measures import dearest_cost, is_placed, number_sources
from gis.corridors.connectivity import measure_network
from gis.corridors.contours import draw_path
from gis.corridors.current import Plan, measure_current
from gis.corridors.linking import link_sources
from gis.corridors.network import Dispersal, Network
from gis.corridors.surface import cover_cells, group_own
from gis.errors import CorridorError
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.connectivity.ground import Ground, Source
    from gis.connectivity.study import Link, Study, Tell
    from gis.corridors.linking import Linking

NOTHING = 1e-9
"""Relative changes smaller than this are noise of the arithmetic."""

MOVED_CELLS = 2.0
"""A path has been moved where it lies further than this many cells from where it lay."""

STAGE = Text("项目影响", "effect of the sites")
TOGETHER = Text("全部用地合计", "all sites together")


@dataclass(frozen=True, slots=True, eq=False)
class LinkEffect:
    """What becomes of one link.

    Parameters
    ----------
    status : str
        ``unchanged``; ``dearer``, on the same way; ``rerouted``; ``lost``: nothing joins the two any more, or
        fewer would cross than the table calls a link.
    cost_km : float
        Resistance × kilometres after; infinite where nothing joins them.
    resistance_ohm : float
        Effective resistance after; NaN where not connected.
    pinch_share : float
        Share (0-1) of the link's pinch point that the sites take, by cells touched.
    line : shapely geometry or None
        The path after, EPSG:4549; None where there is none.
    """

    before: Link
    status: str
    cost_km: float
    length_m: float
    resistance_ohm: float
    pinch_share: float
    line: BaseGeometry | None

    @property
    def cost_change(self) -> float:
        """Relative change of the cost; infinite where nothing joins the two any more."""
        return change_of(self.before.cost_km, self.cost_km)

    @property
    def resistance_change(self) -> float:
        """Relative change of the effective resistance."""
        return change_of(self.before.resistance_ohm, self.resistance_ohm)

    @property
    def sentence(self) -> Text:
        """The effect in one sentence."""
        title = self.before.title
        if self.status == "unchanged":
            return Text(f"{title.zh}：不受影响", f"{title.en}: unchanged")
        if self.status == "lost" and not math.isfinite(self.cost_km):
            return Text(f"{title.zh}：连接中断", f"{title.en}: the link is lost")
        figures = f"{self.before.cost_km:.1f} → {self.cost_km:.1f}"
        change = f"{self.cost_change:+.1%}"
        if self.status == "lost":
            return Text(
                f"{title.zh}：累积阻力 {figures}（{change}），过高，不再算作连接",
                f"{title.en}: cost {figures} ({change}), too costly to count as a link",
            )
        moved = self.status == "rerouted"
        return Text(
            f"{title.zh}：累积阻力 {figures}（{change}）{'，路径改道' if moved else ''}",
            f"{title.en}: cost {figures} ({change}){', the path is moved' if moved else ''}",
        )


@dataclass(frozen=True, slots=True, eq=False)
class NetworkEffect:
    """What some sites change.

    Parameters
    ----------
    name : Text
        Of the site, or that all are meant.
    indexes : tuple of int
        Positions of the sites meant.
    cells : int
        Cells whose resistance changes.
    pc_num_m4, ec_m2 : float
        Numerator of PC and equivalent area after.
    source_loss_m2 : float
        Area the sources lose, on the ellipsoid.
    """

    name: Text
    indexes: tuple[int, ...]
    cells: int
    source_loss_m2: float
    links: tuple[LinkEffect, ...]
    pc_num_m4: float
    ec_m2: float

    @property
    def changes(self) -> bool:
        """Whether anything changes at all."""
        return self.source_loss_m2 > 0 or any(link.status != "unchanged" for link in self.links)


@dataclass(frozen=True, slots=True, eq=False)
class EffectStudy:
    """A study, and what each site alone and all together change in it."""

    before: Study
    site_resistance: float | None
    each: tuple[NetworkEffect, ...]
    together: NetworkEffect


def measure_effects(
    before: Study,
    sites: Sequence[tuple[Text, BaseGeometry]],
    *,
    site_resistance: float | None,
    tell: Tell,
) -> EffectStudy:
    """Return what sites change, each alone and all together.

    Parameters
    ----------
    sites : sequence of (name, geometry)
        Geometries of any dimension in EPSG:4549.
    site_resistance : float or None
        Resistance of the land a site takes; None makes it impassable.

    Raises
    ------
    CorridorError
        If the resistance is not positive, or the study does not lie in the working plane.
    """
    if not is_placed(before.ground):
        raise CorridorError(
            "阻力栅格不在 EPSG:4549，无法放置用地",
            "the resistances are not in EPSG:4549: sites cannot be placed on them",
            where="--resistance",
            hint_zh="请投影到 EPSG:4549 并存为带坐标系的 GeoTIFF",
            hint_en="project them to EPSG:4549 and keep them as a GeoTIFF that says so",
            code="corridors.system",
        )
    if site_resistance is not None and not (site_resistance > 0 and math.isfinite(site_resistance)):
        raise CorridorError(
            f"用地阻力应大于 0，不是 {site_resistance:g}",
            f"the resistance of a site must be larger than 0, not {site_resistance:g}",
            where="--site-resistance",
            code="corridors.resistance",
        )
    everything = tuple(range(len(sites)))
    groups: list[tuple[Text, tuple[int, ...]]] = [(name, (index,)) for index, (name, _) in enumerate(sites)]
    if len(sites) != 1:
        groups.append((TOGETHER, everything))
    effects = []
    for done, (name, indexes) in enumerate(groups, start=1):
        taken = [sites[index][1] for index in indexes]
        effects.append(measure_effect(before, name, indexes, taken, site_resistance))
        tell(STAGE, done / len(groups))
    if len(sites) == 1:  # each alone is all together
        effects.append(replace(effects[0], name=TOGETHER))
    return EffectStudy(before, site_resistance, tuple(effects[:-1]), effects[-1])


def measure_effect(
    before: Study,
    name: Text,
    indexes: tuple[int, ...],
    taken: Sequence[BaseGeometry],
    site_resistance: float | None,
) -> NetworkEffect:
    """Return what geometries (EPSG:4549), taken together, change in a study."""
    old = before.resistance.values
    shares = share_cells(before.ground, taken)
    new = burn_sites(old, shares, site_resistance)
    changed = ~((old == new) | (np.isnan(old) & np.isnan(new)))
    sources, loss_m2 = take_from_sources(before.ground.sources, shares, taken)
    if not changed.any() and loss_m2 == 0.0:
        links = tuple(keep_link(link) for link in before.links)
        network = before.network.pc
        return NetworkEffect(name, indexes, 0, 0.0, links, network.numerator, network.equivalent_area_m2)
    surface = group_own(before.resistance.with_values(new), before.ground.surface.table, spread=1.0)
    ground = replace(before.ground, surface=surface, sources=sources)
    linking = link_sources(
        new,
        [source.cells for source in sources],
        neighbours=before.options.neighbours,
        average=before.options.average,
    )
    ohm = measure_ohm(before, ground)
    links = tuple(
        compare_link(
            before, link, ground, linking, float(ohm[link.route.first, link.route.second]), shares > 0
        )
        for link in before.links
    )
    pc_num, ec = measure_after(before, ground, links)
    return NetworkEffect(name, indexes, int(changed.sum()), loss_m2, links, pc_num, ec)


def share_cells(ground: Ground, taken: Sequence[BaseGeometry]) -> NDArray[np.float64]:
    """Return the share (0-1) of each cell that geometries cover; a line or point takes all it touches."""
    shares = np.zeros(ground.cells.shape)
    touched = cover_cells(ground.cells, list(taken), touched=True)
    rows, columns = np.nonzero(touched)
    if not len(rows):
        return shares
    x, y = ground.cells.centres(rows, columns)
    half = ground.cells.cell / 2
    boxes = shapely.box(x - half, y - half, x + half, y + half)
    areas = [shape for shape in taken if shapely.get_dimensions(shape) == 2]
    whole = shapely.union_all(areas)
    shares[rows, columns] = shapely.area(shapely.intersection(boxes, whole)) / ground.cells.cell**2
    thin = [shape for shape in taken if shapely.get_dimensions(shape) < 2]
    if thin:
        shares[cover_cells(ground.cells, thin, touched=True)] = 1.0
    return np.clip(shares, 0.0, 1.0)


def burn_sites(
    old: NDArray[np.float64], shares: NDArray[np.float64], site_resistance: float | None
) -> NDArray[np.float64]:
    """Return resistances with sites in them; impassable sites take the cells they cover by half or more."""
    if site_resistance is None:
        return np.where(shares >= 0.5, np.nan, old)
    return np.fmax(old, old + shares * (site_resistance - old))


def take_from_sources(
    sources: Sequence[Source], shares: NDArray[np.float64], taken: Sequence[BaseGeometry]
) -> tuple[tuple[Source, ...], float]:
    """Return the sources without the land taken from them, and the area they lose in all (m²)."""
    whole = shapely.union_all([shape for shape in taken if shapely.get_dimensions(shape) == 2])
    left: list[Source] = []
    lost_m2 = 0.0
    for source in sources:
        common = shapely.intersection(source.geometry, whole)
        loss = 0.0 if common.is_empty else min(crs.area_m2(common), source.area_m2)
        cells = source.cells & (shares < 0.5)
        kept = cells if cells.any() else source.cells
        left.append(replace(source, area_m2=source.area_m2 - loss, cells=kept))
        lost_m2 += loss
    return tuple(left), lost_m2


def measure_ohm(before: Study, ground: Ground) -> NDArray[np.float64]:
    """Return the effective resistances between the linked sources; NaN for other pairs."""
    points = number_sources(ground)
    pairs = frozenset(
        (ground.sources[link.route.first].number, ground.sources[link.route.second].number)
        for link in before.links
    )
    plan = Plan(
        neighbours=before.options.neighbours,
        average=before.options.average,
        pairs=pairs,
        with_map=False,
    )
    flow = measure_current(ground.surface.resistance(), points, short_circuit=points, plan=plan)
    return flow.resistance_ohm


def keep_link(link: Link) -> LinkEffect:
    """Return a link that nothing happens to."""
    return LinkEffect(link, "unchanged", link.cost_km, link.length_m, link.resistance_ohm, 0.0, link.line)


def compare_link(
    before: Study, link: Link, ground: Ground, linking: Linking, ohm: float, touched: NDArray[np.bool_]
) -> LinkEffect:
    """Return what becomes of a link on another surface."""
    first, second = link.route.first, link.route.second
    cost = float(linking.costs[first, second])
    cost_km = cost * ground.cells.cell / 1000.0
    pinch = before.pinch_points(link)
    pinch_share = float((pinch & touched).sum() / pinch.sum()) if pinch.any() else 0.0
    if not math.isfinite(cost):
        return LinkEffect(link, "lost", math.inf, math.nan, ohm, pinch_share, None)
    way = linking.trace(first, ground.sources[second].cells)
    line = draw_path(ground.cells, way)
    same = abs(change_of(link.cost_km, cost_km)) <= NOTHING
    apart = shapely.hausdorff_distance(link.line, line) > MOVED_CELLS * ground.cells.cell
    status = "unchanged" if same else "rerouted" if apart else "dearer"
    if cost > dearest_cost(before.ground):
        status = "lost"
    return LinkEffect(
        link, status, cost_km, crs.length_m(line), ohm, pinch_share, link.line if same else line
    )


def measure_after(before: Study, ground: Ground, links: Sequence[LinkEffect]) -> tuple[float, float]:
    """Return the numerator of PC and the equivalent area (m²) with the links as they are after."""
    study = before.ground.surface.table.study
    kept = [link for link in links if link.status != "lost"]
    network = Network(
        ids=tuple(source.id for source in ground.sources),
        areas_m2=np.array([source.area_m2 for source in ground.sources]),
        starts=np.array([link.before.route.first for link in kept], dtype=np.intp),
        ends=np.array([link.before.route.second for link in kept], dtype=np.intp),
        costs=np.array([link.cost_km * 1000.0 for link in kept], dtype=np.float64),
    )
    after = measure_network(network, Dispersal(study.distance_km * 1000.0, study.probability))
    return after.pc.numerator, after.pc.equivalent_area_m2


def change_of(before: float, after: float) -> float:
    """Return the relative change from one figure to another; NaN where either is none, 0 from 0 to 0."""
    if before == after:
        return 0.0
    return (after - before) / before if before else math.inf
