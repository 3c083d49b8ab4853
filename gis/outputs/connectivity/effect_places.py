"""What projects change in pinch points and barriers, as tables, geometries and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.connectivity.places import gain_share
from gis.corridors.contours import draw_cells
from gis.model import Text
from gis.outputs.connectivity.facts import finite, text_as_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapely.geometry.base import BaseGeometry

    from gis.connectivity.places import BarrierEffect, PinchEffect, PlaceEffects
    from gis.corridors.grid import Grid
    from gis.corridors.ranking import Barrier

STATUS = {
    "unchanged": Text("不变", "unchanged"),
    "stronger": Text("增强", "stronger"),
    "weaker": Text("减弱", "weaker"),
    "moved": Text("移位", "moved"),
    "new": Text("新增", "new"),
    "gone": Text("消失", "gone"),
}
PINCH_COLUMNS = (
    ("title.zh", Text("连接", "link (zh)"), ""),
    ("title.en", Text("英文名", "link"), ""),
    ("status_text", Text("变化", "effect"), ""),
    ("strength_before_a", Text("最大电流 前（A）", "most current before, A"), "#,##0.0000"),
    ("strength_after_a", Text("最大电流 后（A）", "most current after, A"), "#,##0.0000"),
    ("strength_change", Text("强度变化", "change of strength"), "0.00 %"),
    ("cells_before", Text("像元 前", "cells before"), "#,##0"),
    ("cells_after", Text("像元 后", "cells after"), "#,##0"),
    ("cells_shared", Text("前后相同", "cells in both"), "#,##0"),
)
BARRIER_COLUMNS = (
    ("title.zh", Text("连接", "link (zh)"), ""),
    ("title.en", Text("英文名", "link"), ""),
    ("status_text", Text("变化", "effect"), ""),
    ("rank_before", Text("名次 前", "rank before"), "0"),
    ("rank_after", Text("名次 后", "rank after"), "0"),
    ("gain_before_share", Text("恢复后减少 前", "gain restored, before"), "0.00 %"),
    ("gain_after_share", Text("恢复后减少 后", "gain restored, after"), "0.00 %"),
)


def places_as_dict(places: PlaceEffects | None) -> dict[str, Any]:
    """Return pinch points and barriers before and after; nothing where they were not compared."""
    if places is None:
        return {}
    barriers = places.barriers
    return {
        "pinch_points": [pinch_as_dict(item) for item in places.pinch_points],
        "barriers": None if barriers is None else [barrier_as_dict(item) for item in barriers],
    }


def say_word(status: str) -> str:
    """Return a status in both languages."""
    return f"{STATUS[status].zh} {STATUS[status].en}"


def pinch_as_dict(pinch: PinchEffect) -> dict[str, Any]:
    """Return what becomes of one pinch point."""
    return {
        "id": pinch.link.id,
        "title": text_as_dict(pinch.link.title),
        "status": pinch.status,
        "status_text": say_word(pinch.status),
        "strength_before_a": pinch.before_a if pinch.cells_before.any() else None,
        "strength_after_a": pinch.after_a if pinch.cells_after.any() else None,
        "strength_change": finite(pinch.change),
        "cells_before": int(pinch.cells_before.sum()),
        "cells_after": int(pinch.cells_after.sum()),
        "cells_shared": int((pinch.cells_before & pinch.cells_after).sum()),
    }


def barrier_as_dict(barrier: BarrierEffect) -> dict[str, Any]:
    """Return what becomes of one barrier."""
    before, after = barrier.before, barrier.after
    return {
        "title": text_as_dict(barrier.title),
        "status": barrier.status,
        "status_text": say_word(barrier.status),
        "rank_before": None if before is None else before.rank,
        "rank_after": None if after is None else after.rank,
        "gain_before_share": None if before is None else gain_share(before),
        "gain_after_share": None if after is None else gain_share(after),
    }


def draw_places(cells: Grid, places: PlaceEffects) -> Iterator[tuple[BaseGeometry, dict[str, Any]]]:
    """Yield geometries (EPSG:4549) of pinch points and barriers before and after, with their figures."""
    for pinch in places.pinch_points:
        told = pinch_as_dict(pinch)
        for kind, mask in (("pinch_before", pinch.cells_before), ("pinch_after", pinch.cells_after)):
            if mask.any():
                yield draw_cells(cells, mask), {"kind": kind, **told}
    for barrier in places.barriers or ():
        told = barrier_as_dict(barrier)
        for kind, window in (("barrier_before", barrier.before), ("barrier_after", barrier.after)):
            if window is not None:
                yield draw_window(cells, window), {"kind": kind, **told}


def draw_window(cells: Grid, barrier: Barrier) -> BaseGeometry:
    """Return the round window of a barrier, EPSG:4549."""
    x, y = cells.centres(np.array([barrier.row]), np.array([barrier.column]))
    return shapely.Point(x[0], y[0]).buffer(barrier.radius_m, quad_segs=8)


def say_places(places: PlaceEffects) -> Sequence[str]:
    """Return what becomes of pinch points and barriers, a line each that changes."""
    lines = [say_counts(Text("夹点", "pinch points"), [item.status for item in places.pinch_points])]
    for pinch in places.pinch_points:
        if pinch.status != "unchanged":
            figures = f"{say_ampere(pinch.before_a)} → {say_ampere(pinch.after_a)}"
            change = finite(pinch.change)
            share = "" if change is None or pinch.status in {"new", "gone"} else f"（{change:+.1%}）"
            title = pinch.link.title
            lines.append(f"  {title.zh} / {title.en}：{say_word(pinch.status)}，{figures}{share}")
    if places.barriers is None:
        lines.append("障碍点未比较 / barriers were not compared")
        return lines
    lines.append(say_counts(Text("障碍点", "barriers"), [item.status for item in places.barriers]))
    for barrier in places.barriers:
        if barrier.status != "unchanged":
            gains = f"{say_gain(barrier.before)} → {say_gain(barrier.after)}"
            title = barrier.title
            word = say_word(barrier.status)
            lines.append(f"  {title.zh} / {title.en}：{word}，恢复可减阻力 / restored, cost falls by {gains}")
    return lines


def say_counts(name: Text, statuses: Sequence[str]) -> str:
    """Return how many there are of each status."""
    counts = [(status, statuses.count(status)) for status in STATUS if status in statuses]
    told = "，".join(f"{say_word(status)} {count}" for status, count in counts)
    return f"{name.zh} / {name.en}：{told or '无 none'}"


def say_ampere(current_a: float) -> str:
    """Return a current for a person; a dash for none."""
    return f"{current_a:.3f} A" if current_a > 0 else "—"


def say_gain(barrier: Barrier | None) -> str:
    """Return what restoring a barrier takes off its link; a dash for none."""
    return "—" if barrier is None else f"{gain_share(barrier):.1%}"
