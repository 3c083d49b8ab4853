"""Which cells are sources, and which pairs of sources are to be linked."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from gis.corridors.allocation import find_neighbours
from gis.errors import CorridorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.corridors.circuit import Neighbours
    from gis.corridors.grid import Grid
    from gis.corridors.links import CostLink

Pairs = Literal["neighbours", "planar", "all"] | tuple[tuple[int, int], ...]
"""Sources whose zones touch; those of them no two other links join cheaper; all pairs; or those listed."""


def read_sources(points: Grid, resistance: Grid) -> NDArray[np.int32]:
    """Return the number of the source in its passable cells, 0 elsewhere.

    Raises
    ------
    CorridorError
        If a number is not whole or too large, or fewer than two sources have a passable cell.
    """
    values = np.where(np.isnan(points.values) | (points.values < 0), 0.0, points.values)
    wrong = values[(values != np.round(values)) | (values > np.iinfo(np.int32).max)]
    if len(wrong):
        raise CorridorError(
            f"源的编号必须是整数，不是 {wrong[0]:g}",
            f"the numbers of sources must be whole, not {wrong[0]:g}",
            where="points",
            code="corridors.sources",
        )
    numbers = values.astype(np.int32)
    passable = np.where(np.isnan(resistance.values), 0, numbers)
    lost = sorted(set(np.unique(numbers).tolist()) - set(np.unique(passable).tolist()))
    if lost:
        raise CorridorError(
            f"源 {lost[0]} 全部落在没有阻力值的像元上",
            f"source {lost[0]} lies wholly on cells without resistance",
            where=f"{lost[0]}",
            hint_zh="请移动该源，或给这些像元阻力值",
            hint_en="move the source, or give its cells a resistance",
            code="corridors.outside",
        )
    count = len(np.unique(passable[passable > 0]))
    if count < 2:
        raise CorridorError(
            f"至少需要两个源，只有 {count} 个",
            f"at least two sources are needed, there are {count}",
            where="points",
            hint_zh="源在栅格外或像元值不大于 0？",
            hint_en="do the sources lie outside the grid, or are their cells not larger than 0?",
            code="corridors.sources",
        )
    return np.asarray(passable, dtype=np.int32)


def choose_pairs(
    pairs: Pairs, numbers: tuple[int, ...], zones: NDArray[np.int32], neighbours: Neighbours
) -> tuple[tuple[int, int], ...]:
    """Return the pairs of sources to link, smaller number first, ascending.

    Raises
    ------
    CorridorError
        If a pair names an unknown source, or one source twice.
    """
    if pairs == "all":
        return tuple(combinations(numbers, 2))
    if pairs in {"neighbours", "planar"}:
        return find_neighbours(zones, neighbours=neighbours)
    listed = [pair for pair in pairs if not isinstance(pair, str)]
    known = set(numbers)
    for first, second in listed:
        if first == second or not {first, second} <= known:
            raise CorridorError(
                f"没有可连的一对源 {first}-{second}",
                f"there is no pair of sources {first}-{second} to link",
                where=f"{first}-{second}",
                hint_zh=f"已有的源：{'、'.join(map(str, numbers[:20]))}",
                hint_en=f"sources: {', '.join(map(str, numbers[:20]))}",
                code="corridors.pairs",
            )
    return tuple(sorted({(min(pair), max(pair)) for pair in listed}))


def drop_detours(links: Sequence[CostLink]) -> tuple[CostLink, ...]:
    """Return the links of the minimum planar graph: none through a third source or dearer than two others.

    Notes
    -----
    Fall et al. 2007 keep a link between neighbours where no way over another patch is cheaper; that two links
    in a row cost less is how grainscape tells.
    """
    joined: dict[int, dict[int, float]] = {}
    for link in links:
        joined.setdefault(link.first, {})[link.second] = link.cost
        joined.setdefault(link.second, {})[link.first] = link.cost
    return tuple(
        link
        for link in links
        if not link.through
        and not any(
            cost + joined[link.second][other] < link.cost
            for other, cost in joined[link.first].items()
            if other in joined[link.second]
        )
    )


def require_slack(shares: Sequence[float]) -> tuple[float, ...]:
    """Return the slacks, ascending, each once.

    Raises
    ------
    CorridorError
        If one is not a positive number.
    """
    for share in shares:
        if not (np.isfinite(share) and share > 0):
            raise CorridorError(
                f"成本余量应大于 0，不是 {share:g}",
                f"a slack must be larger than 0, not {share:g}",
                where="--slack",
                hint_zh="0.05 表示比最小成本多 5 %",
                hint_en="0.05 means 5 % more than the least cost",
                code="corridors.slack",
            )
    return tuple(sorted(set(shares)))
