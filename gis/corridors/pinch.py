"""Pinch points (夹点): where the land squeezes the current together.

The current of a cell is compared with what it would be on even land: the same sources on a grid where
everything passes with the same resistance. Their ratio is the normalised current of Landau et al. 2021,
*Omniscape.jl*, Journal of Open Source Software 6(57): 2829, there current over flow potential: above 1 the
land gathers current, below 1 it keeps it off. Near a source current is dense on any land; the ratio is not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from gis.corridors.current import measure_current
from gis.corridors.grid import ignore

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.corridors.current import CurrentStudy, Plan
    from gis.corridors.grid import Grid, Report


@dataclass(frozen=True, slots=True)
class PinchPlan:
    """What counts as a pinch point.

    Parameters
    ----------
    least_ratio : float
        Least normalised current.
    share : float
        Only cells of this share that carry the most current are looked at, 0-1.
    count : int
        How many are ranked at most.
    """

    least_ratio: float = 2.0
    share: float = 0.05
    count: int = 30


@dataclass(frozen=True, slots=True, eq=False)
class PinchPoint:
    """Cells that touch, all with a high normalised current.

    Parameters
    ----------
    rank : int
        1 for the highest normalised current.
    row, column : int
        The cell where it is highest.
    cells : int array, (cells, 2)
        Rows and columns.
    strength : float
        The highest normalised current.
    current_a : float
        Current there, sum of all pairs.
    largest_a : float
        The largest share of one pair's ampere there.
    pair : pair of int
        The pair that sends it.
    """

    rank: int
    row: int
    column: int
    cells: NDArray[np.intp]
    strength: float
    current_a: float
    largest_a: float
    pair: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class PinchStudy:
    """Normalised current of every cell, and the pinch points ranked.

    Parameters
    ----------
    normalised : Grid
        Current over that on even land; NaN where nothing passes.
    points : tuple of PinchPoint
    """

    normalised: Grid
    points: tuple[PinchPoint, ...]


def find_pinch_points(
    study: CurrentStudy,
    sources: Grid,
    *,
    plan: Plan,
    pinch: PinchPlan = PinchPlan(),
    report: Report = ignore,
) -> PinchStudy:
    """Return where the land squeezes the current of a study together.

    Parameters
    ----------
    study : CurrentStudy
        Measured with maps.
    sources : Grid
        The sources it was measured between; their own cells are no pinch points.
    plan : Plan
        How it was measured; even land is measured so too, between the same pairs.
    pinch : PinchPlan
    report : callable, optional
        Told the share that is done.

    Raises
    ------
    ValueError
        If the study has no maps.
    """
    if study.current_a is None or study.largest_a is None or study.largest_pair is None:
        raise ValueError("the study was made without maps")
    current, largest = study.current_a.values, study.largest_a.values
    even = measure_current(
        sources.with_values(np.ones(sources.shape)),
        sources,
        twins=study.twins,
        plan=replace(plan, pairs=frozenset(study.pairs), with_map=True),
        report=report,
    )
    base = np.ones(sources.shape) if even.current_a is None else even.current_a.values
    ratio = np.divide(current, base, out=np.full(sources.shape, np.nan), where=base > 0)
    inside = (current > 0) & ~(sources.values > 0)
    if not inside.any():
        return PinchStudy(sources.with_values(ratio), ())
    strong = inside & (ratio >= pinch.least_ratio)
    strong &= current >= np.quantile(current[inside], 1 - pinch.share)
    labels, count = ndimage.label(strong, structure=np.ones((3, 3)))
    tops = (
        ndimage.maximum_position(np.where(strong, ratio, 0.0), labels, range(1, count + 1)) if count else []
    )
    order = sorted(range(count), key=lambda index: (-ratio[tops[index]], index))[: pinch.count]
    boxes = ndimage.find_objects(labels)
    points = tuple(
        PinchPoint(
            rank=rank,
            row=int(tops[index][0]),
            column=int(tops[index][1]),
            cells=_cells_of(labels, index + 1, boxes[index]),
            strength=float(ratio[tops[index]]),
            current_a=float(current[tops[index]]),
            largest_a=float(largest[tops[index]]),
            pair=study.pairs[int(study.largest_pair[tops[index]])],
        )
        for rank, index in enumerate(order, start=1)
    )
    return PinchStudy(sources.with_values(ratio), points)


def _cells_of(labels: NDArray[np.int32], label: int, box: tuple[slice, slice]) -> NDArray[np.intp]:
    """Return rows and columns of a label's cells inside its box."""
    corner = np.array([side.start for side in box], dtype=np.intp)
    return np.asarray(np.argwhere(labels[box] == label) + corner, dtype=np.intp)
