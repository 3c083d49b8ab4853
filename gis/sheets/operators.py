"""The operators of a PDF page as text: numbers, colours, paths, outlines of glyphs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.sheets.typeface import Contour


def number(value: float, digits: int = 3) -> str:
    """Return a number as PDF writes it: fixed point, no trailing zeros."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def colour_ops(colour: str, operator: str) -> str:
    """Return ``r g b rg`` for ``#rrggbb``."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return " ".join(number(part) for part in parts) + f" {operator}"


WHOLE = re.compile(r"\.0(?= )")
"""The tail of a whole number as Python writes it."""


def path_ops(rings: Sequence[NDArray[np.float64]], *, close: bool, digits: int = 2) -> str:
    """Return the construction of a path from arrays of points, millimetres.

    Coordinates are rounded to `digits`, at most four: fixed point all the same.
    """
    parts: list[str] = []
    for ring in rings:
        points = np.round(np.asarray(ring, dtype=float)[:, :2], digits)
        if close and len(points) > 1 and (points[0] == points[-1]).all():
            points = points[:-1]
        keep = np.ones(len(points), dtype=bool)
        keep[1:] = (points[1:] != points[:-1]).any(axis=1)
        rows = points[keep].tolist()
        if len(rows) < 2:
            continue
        (x, y), *others = rows
        parts.append(f"{x!r} {y!r} m")
        parts += [f"{x!r} {y!r} l" for x, y in others]
        if close:
            parts.append("h")
    return WHOLE.sub("", "\n".join(parts))


def outline_ops(contours: list[Contour], paint: str) -> bytes:
    """Return the content of a form that fills (``f``) or strokes (``S``) a glyph, font units.

    Quadratic curves become cubic ones: control points two thirds of the way (exact). A stroke is a halo, far
    wider than the curves deviate from their chords, so it follows the chords.
    """
    parts: list[str] = []
    for contour in contours:
        parts += _contour_ops(contour) if paint == "f" else _chord_ops(contour)
    return (" ".join(parts) + f" {paint}").encode("latin-1")


def _chord_ops(contour: Contour) -> list[str]:
    """Return the operators of a contour's points on the curve, joined straight, to 5 font units."""
    points = [(5 * round(x / 5), 5 * round(y / 5)) for x, y, on in contour if on]
    if len(points) < 2:
        return []
    return [f"{points[0][0]} {points[0][1]} m", *(f"{x} {y} l" for x, y in points[1:]), "h"]


def _contour_ops(contour: Contour) -> list[str]:
    """Return the operators of one closed contour."""
    points = []
    for index, (x, y, on) in enumerate(contour):
        px, py, p_on = contour[index - 1]
        if not on and not p_on:
            points.append(((px + x) / 2, (py + y) / 2, True))
        points.append((x, y, on))
    first = next((index for index, point in enumerate(points) if point[2]), None)
    if first is None:
        return []
    points = points[first:] + points[: first + 1]
    n = number
    at = points[0]
    ops = [f"{n(at[0], 0)} {n(at[1], 0)} m"]
    control: tuple[float, float] | None = None
    for x, y, on in points[1:]:
        if not on:
            control = (x, y)
            continue
        if control is None:
            ops.append(f"{n(x, 0)} {n(y, 0)} l")
        else:
            cx, cy = control
            c1 = (at[0] + 2 * (cx - at[0]) / 3, at[1] + 2 * (cy - at[1]) / 3)
            c2 = (x + 2 * (cx - x) / 3, y + 2 * (cy - y) / 3)
            ops.append(" ".join(n(value, 0) for value in (*c1, *c2, x, y)) + " c")
        at, control = (x, y, True), None
    return [*ops, "h"]
