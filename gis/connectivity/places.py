"""What sites change in pinch points (夹点) and barriers (障碍点), the study run again with them in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gis.connectivity.burning import burn_ground
from gis.connectivity.effect import change_of
from gis.connectivity.measures import look_for_barriers
from gis.connectivity.study import STAGES, run_study
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.connectivity.ground import Ground
    from gis.connectivity.study import Link, Study, Tell
    from gis.corridors.ranking import Barrier, BarrierStudy

SAME = 1e-6
"""Relative changes of currents and costs smaller than this are noise of the solver."""


@dataclass(frozen=True, slots=True, eq=False)
class PinchEffect:
    """What becomes of the pinch point of a link.

    Parameters
    ----------
    status : str
        ``unchanged``; ``stronger`` or ``weaker``, by its most current; ``moved``: no cell is the same any
        more, or the cells differ and the current does not; ``new``; ``gone``.
    cells_before, cells_after : bool array, (rows, columns)
    before_a, after_a : float
        Most current in it, ampere, all pairs summed; 0 where there is none.
    """

    link: Link
    status: str
    cells_before: NDArray[np.bool_]
    cells_after: NDArray[np.bool_]
    before_a: float
    after_a: float

    @property
    def change(self) -> float:
        """Relative change of the most current; infinite for a new one."""
        return change_of(self.before_a, self.after_a)


@dataclass(frozen=True, slots=True, eq=False)
class BarrierEffect:
    """What becomes of a barrier.

    Parameters
    ----------
    title : Text
        Of the pair of sources.
    status : str
        ``unchanged``; ``stronger`` or ``weaker``, by what restoring it takes off the link; ``new``; ``gone``.
    before, after : Barrier or None
    """

    title: Text
    status: str
    before: Barrier | None
    after: Barrier | None


@dataclass(frozen=True, slots=True, eq=False)
class PlaceEffects:
    """What becomes of pinch points and barriers.

    Parameters
    ----------
    barriers : tuple of BarrierEffect or None
        None where the study looked for none.
    """

    pinch_points: tuple[PinchEffect, ...]
    barriers: tuple[BarrierEffect, ...] | None


def measure_places(
    before: Study,
    taken: Sequence[BaseGeometry],
    *,
    site_resistance: float | None,
    tell: Tell,
) -> PlaceEffects:
    """Return what geometries, taken together, change in the pinch points and barriers of a study.

    Parameters
    ----------
    before : Study
        With barriers, where they are to be compared.
    taken : sequence of geometries
        Of any dimension in EPSG:4549.
    site_resistance : float or None
        Resistance of the land a site takes; None makes it impassable.
    tell : callable
        Told what is being done, and the share of it that is done.
    """
    burnt = burn_ground(before, taken, site_resistance)
    after = before
    if burnt.changes:
        options = replace(before.options, runs=0)
        after = run_study(
            burnt.ground,
            options,
            tell=tell,
            spread_out=lambda items, work: map(work, items),
            with_barriers=False,
        )
    barriers = None
    if before.barriers is not None:
        found = before.barriers
        again = look_again(before, after, tell) if burnt.changes else found
        barriers = compare_barriers(before.ground, found, again)
    return PlaceEffects(compare_pinch_points(before, after), barriers)


def look_again(before: Study, after: Study, tell: Tell) -> BarrierStudy | None:
    """Return the barriers of the study after; restored land costs what it does before."""
    return look_for_barriers(
        replace(before.ground, sources=after.ground.sources),
        tuple(link.route for link in after.links),
        neighbours=after.options.neighbours,
        average=after.options.average,
        report=lambda share: tell(STAGES["barriers"], share),
        resistance=after.resistance,
    )


def compare_pinch_points(before: Study, after: Study) -> tuple[PinchEffect, ...]:
    """Return the pinch points of all links before or after; links in the order of before, then new ones."""
    old = {link.id: link for link in before.links}
    new = {link.id: link for link in after.links}
    nothing = np.zeros(before.ground.cells.shape, dtype=bool)
    effects = []
    for link_id, link in (old | new).items():
        ahead = before.pinch_points(old[link_id]) if link_id in old else nothing
        behind = after.pinch_points(new[link_id]) if link_id in new else nothing
        if not (ahead.any() or behind.any()):
            continue
        strengths = (
            float(before.current_a.values[ahead].max(initial=0.0)),
            float(after.current_a.values[behind].max(initial=0.0)),
        )
        status = judge_cells(ahead, behind, change_of(*strengths))
        effects.append(PinchEffect(link, status, ahead, behind, *strengths))
    return tuple(effects)


def judge_cells(ahead: NDArray[np.bool_], behind: NDArray[np.bool_], change: float) -> str:
    """Return what becomes of a pinch point in a word."""
    if not ahead.any():
        return "new"
    if not behind.any():
        return "gone"
    if not (ahead & behind).any():
        return "moved"
    if abs(change) > SAME:
        return "stronger" if change > 0 else "weaker"
    return "unchanged" if np.array_equal(ahead, behind) else "moved"


def compare_barriers(
    ground: Ground, before: BarrierStudy, after: BarrierStudy | None
) -> tuple[BarrierEffect, ...]:
    """Return the barriers before or after, by rank; the same where the pair is and the windows overlap."""
    left = [] if after is None else list(after.barriers)
    effects = []
    for old in before.barriers:
        near = [item for item in left if item.pair == old.pair and lie_together(ground, old, item)]
        match = min(near, key=lambda item: distance_cells(old, item), default=None)
        if match is not None:
            left.remove(match)
        effects.append(make_barrier(ground, old, match))
    effects.extend(make_barrier(ground, None, item) for item in left)
    return tuple(effects)


def distance_cells(one: Barrier, other: Barrier) -> float:
    """Return the distance between the middles of two windows in cells."""
    return math.hypot(one.row - other.row, one.column - other.column)


def lie_together(ground: Ground, one: Barrier, other: Barrier) -> bool:
    """Return whether two windows overlap."""
    return distance_cells(one, other) * ground.cells.cell < one.radius_m + other.radius_m


def gain_share(barrier: Barrier) -> float:
    """Return the share (0-1) of the link's cost that restoring a barrier takes off."""
    return 1.0 - barrier.recomputed_distance / barrier.distance


def make_barrier(ground: Ground, before: Barrier | None, after: Barrier | None) -> BarrierEffect:
    """Return what becomes of a barrier; one of the two is given at least."""
    known = before or after
    names = {source.number: source.title for source in ground.sources}
    first, second = (names[number] for number in known.pair) if known else (Text("", ""), Text("", ""))
    title = Text(f"{first.zh}—{second.zh}", f"{first.en} – {second.en}")
    if before is None or after is None:
        return BarrierEffect(title, "new" if before is None else "gone", before, after)
    gain = gain_share(after) - gain_share(before)
    status = "unchanged" if abs(gain) <= SAME else "stronger" if gain > 0 else "weaker"
    return BarrierEffect(title, status, before, after)
