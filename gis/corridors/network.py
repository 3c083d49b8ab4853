"""Patches and the links between them: what a network is made of, and what makes none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.errors import CorridorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_PATCHES = 20_000
MAX_LINKS = 15_000_000
"""More would not fit into memory beside their results (about 60 bytes a link)."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Patches and the links between them.

    Parameters
    ----------
    ids : tuple of str
        One a patch, no two alike.
    areas_m2 : float array, (patches,)
        What each patch has to offer: its area, or another attribute ≥ 0.
    starts, ends : int array, (links,)
        Positions of the patches a link joins; it leads both ways, and no two links join the same two.
    costs : float array, (links,)
        Length or cost of each link, ≥ 0, in the unit of the dispersal distance.
    """

    ids: tuple[str, ...]
    areas_m2: NDArray[np.float64]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    costs: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dispersal:
    """How far a species gets.

    Parameters
    ----------
    distance_m : float
        Distance, or cost, that is crossed with `probability`; > 0.
    probability : float
        Between 0 and 1; 0.5 makes `distance_m` the median.
    threshold_m : float, optional
        Longer links are none. IIC takes `distance_m` when it is left out, PC takes every link.
    """

    distance_m: float
    probability: float = 0.5
    threshold_m: float | None = None

    @property
    def alpha(self) -> float:
        """Decay of the probability e^(-αd) per metre: α = -ln p / d."""
        return -math.log(self.probability) / self.distance_m


def require_network(network: Network) -> None:
    """Refuse patches and links that make no network.

    Raises
    ------
    CorridorError
        If there is no patch, an id comes twice, there are too many, an area is negative or none is positive,
        a cost is negative or no number, a link joins a patch to itself, or two links join the same patches.
    """
    count, links = len(network.ids), len(network.costs)
    if count == 0:
        raise CorridorError("没有源斑块", "there is no patch", code="corridors.patches")
    if count > MAX_PATCHES or links > MAX_LINKS:
        raise CorridorError(
            f"网络太大：{count} 个斑块、{links} 条连接，上限 {MAX_PATCHES} 个与 {MAX_LINKS} 条",
            f"the network is too large: {count} patches, {links} links; "
            f"the limits are {MAX_PATCHES} and {MAX_LINKS}",
            hint_zh="请用 --threshold 去掉过长的连接，或合并小斑块",
            hint_en="drop long links with --threshold, or merge small patches",
            code="corridors.too_large",
        )
    if len(set(network.ids)) < count:
        twice = next(name for index, name in enumerate(network.ids) if name in network.ids[:index])
        raise CorridorError(
            f"斑块编号 {twice} 出现多次",
            f"the patch id {twice} comes more than once",
            where=twice,
            hint_zh="请用 --id-field 指定不重复的字段",
            hint_en="name a field without repeats with --id-field",
            code="corridors.ids",
        )
    _require_areas(network)
    _require_links(network)


def _require_areas(network: Network) -> None:
    """Refuse areas that are negative or no numbers, or all of them nothing."""
    wrong = np.flatnonzero(~(np.isfinite(network.areas_m2) & (network.areas_m2 >= 0)))
    if len(wrong):
        name, value = network.ids[wrong[0]], network.areas_m2[wrong[0]]
        raise CorridorError(
            f"斑块 {name} 的面积应为不小于 0 的数，不是 {value:g}",
            f"the area of patch {name} must be a number ≥ 0, not {value:g}",
            where=name,
            code="corridors.area",
        )
    if not network.areas_m2.any():
        raise CorridorError(
            "没有一个斑块有面积",
            "no patch has an area",
            hint_zh="点状源请用 --area-field 指定面积或属性字段",
            hint_en="for points name a field of areas or weights with --area-field",
            code="corridors.area",
        )


def _require_links(network: Network) -> None:
    """Refuse links without a usable cost, from a patch to itself, or twice the same."""
    wrong = np.flatnonzero(~(np.isfinite(network.costs) & (network.costs >= 0)))
    if len(wrong):
        raise _bad_link(network, int(wrong[0]), "成本应为不小于 0 的数", "the cost must be a number ≥ 0")
    same = np.flatnonzero(network.starts == network.ends)
    if len(same):
        raise _bad_link(network, int(same[0]), "两端是同一个斑块", "both ends are the same patch")
    low, high = np.minimum(network.starts, network.ends), np.maximum(network.starts, network.ends)
    pair = low.astype(np.int64) * len(network.ids) + high
    order = np.argsort(pair, kind="stable")
    repeats = order[1:][pair[order][1:] == pair[order][:-1]]
    if len(repeats):
        raise _bad_link(network, int(repeats.min()), "这条连接出现多次", "the link comes more than once")


def _bad_link(network: Network, index: int, zh: str, en: str) -> CorridorError:
    """Return the error for a link that cannot be used."""
    ends = network.ids[network.starts[index]], network.ids[network.ends[index]]
    cost = network.costs[index]
    return CorridorError(
        f"连接 {ends[0]}—{ends[1]}（成本 {cost:g}）不可用：{zh}",
        f"the link {ends[0]}-{ends[1]} (cost {cost:g}) cannot be used: {en}",
        where=f"{ends[0]}-{ends[1]}",
        code="corridors.link",
    )


def require_dispersal(dispersal: Dispersal) -> None:
    """Refuse a dispersal that makes no sense.

    Raises
    ------
    CorridorError
        Unless distance and threshold are positive and the probability lies between 0 and 1.
    """
    if not (math.isfinite(dispersal.distance_m) and dispersal.distance_m > 0):
        raise CorridorError(
            f"扩散距离应大于 0，不是 {dispersal.distance_m:g}",
            f"the dispersal distance must be larger than 0, not {dispersal.distance_m:g}",
            where="--distance",
            code="corridors.dispersal",
        )
    if not 0 < dispersal.probability < 1:
        raise CorridorError(
            f"扩散概率应在 0 与 1 之间（不含两端），不是 {dispersal.probability:g}",
            f"the probability must lie between 0 and 1, not {dispersal.probability:g}",
            where="--probability",
            hint_zh="扩散距离为中位数时写 0.5",
            hint_en="write 0.5 where the distance is the median",
            code="corridors.dispersal",
        )
    threshold = dispersal.threshold_m
    if threshold is not None and not (math.isfinite(threshold) and threshold > 0):
        raise CorridorError(
            f"阈值应大于 0，不是 {threshold:g}",
            f"the threshold must be larger than 0, not {threshold:g}",
            where="--threshold",
            code="corridors.dispersal",
        )


def require_landscape(network: Network, area_m2: float | None) -> None:
    """Refuse a landscape smaller than its patches.

    Raises
    ------
    CorridorError
        If the area is not positive, or below the sum of the patches' areas by more than rounding.
    """
    total = float(network.areas_m2.sum())
    if area_m2 is None or (math.isfinite(area_m2) and area_m2 > 0 and area_m2 >= total * (1 - 1e-6)):
        return
    raise CorridorError(
        f"景观面积 {area_m2:g} m² 小于斑块面积之和 {total:g} m²",
        f"the landscape area {area_m2:g} m² is less than the sum of the patches' areas, {total:g} m²",
        where="--landscape-area",
        hint_zh="请给出整个研究区的面积，平方米",
        hint_en="give the area of the whole study area in m²",
        code="corridors.landscape",
    )
