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
from gis.connectivity.burning import burn_ground
from gis.connectivity.measures import dearest_cost, is_placed, number_sources
from gis.corridors.connectivity import measure_network
from gis.corridors.contours import draw_path
from gis.corridors.current import Plan, measure_current
from gis.corridors.linking import link_sources
from gis.corridors.network import Dispersal, Network
from gis.errors import CorridorError
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.connectivity.burning import BurntGround
    from gis.connectivity.ground import Ground
    from gis.connectivity.places import PlaceEffects
    from gis.connectivity.study import Link, Study, Tell
    from gis.corridors.connectivity import NetworkStudy
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
    iic_num_m4, ec_iic_m2 : float
        Numerator of IIC and its equivalent area after.
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
    iic_num_m4: float
    ec_iic_m2: float

    @property
    def changes(self) -> bool:
        """Whether anything changes at all."""
        return self.source_loss_m2 > 0 or any(link.status != "unchanged" for link in self.links)


@dataclass(frozen=True, slots=True, eq=False)
class EffectStudy:
    """A study, and what each site alone and all together change in it.

    Parameters
    ----------
    places : PlaceEffects or None
        What becomes of pinch points and barriers with all sites together; None where it was not asked for.
    """

    before: Study
    site_resistance: float | None
    each: tuple[NetworkEffect, ...]
    together: NetworkEffect
    places: PlaceEffects | None = None


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
    burnt = burn_ground(before, taken, site_resistance)
    ground = burnt.ground
    if not burnt.changes:
        links = tuple(keep_link(link) for link in before.links)
        return make_effect(name, indexes, burnt, links, before.network)
    linking = link_sources(
        ground.surface.resistance().values,
        [source.cells for source in ground.sources],
        neighbours=before.options.neighbours,
        average=before.options.average,
    )
    ohm = measure_ohm(before, ground)
    links = tuple(
        compare_link(
            before, link, ground, linking, float(ohm[link.route.first, link.route.second]), burnt.shares > 0
        )
        for link in before.links
    )
    return make_effect(name, indexes, burnt, links, measure_after(before, ground, links))


def make_effect(
    name: Text,
    indexes: tuple[int, ...],
    burnt: BurntGround,
    links: tuple[LinkEffect, ...],
    after: NetworkStudy,
) -> NetworkEffect:
    """Return the effect with the figures of the network after."""
    return NetworkEffect(
        name=name,
        indexes=indexes,
        cells=burnt.cells,
        source_loss_m2=burnt.source_loss_m2,
        links=links,
        pc_num_m4=after.pc.numerator,
        ec_m2=after.pc.equivalent_area_m2,
        iic_num_m4=after.iic.numerator,
        ec_iic_m2=after.iic.equivalent_area_m2,
    )


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


def measure_after(before: Study, ground: Ground, links: Sequence[LinkEffect]) -> NetworkStudy:
    """Return PC and IIC with the links as they are after."""
    study = before.ground.surface.table.study
    kept = [link for link in links if link.status != "lost"]
    network = Network(
        ids=tuple(source.id for source in ground.sources),
        areas_m2=np.array([source.area_m2 for source in ground.sources]),
        starts=np.array([link.before.route.first for link in kept], dtype=np.intp),
        ends=np.array([link.before.route.second for link in kept], dtype=np.intp),
        costs=np.array([link.cost_km * 1000.0 for link in kept], dtype=np.float64),
    )
    return measure_network(network, Dispersal(study.distance_km * 1000.0, study.probability))


def change_of(before: float, after: float) -> float:
    """Return the relative change from one figure to another; NaN where either is none, 0 from 0 to 0."""
    if before == after:
        return 0.0
    return (after - before) / before if before else math.inf
