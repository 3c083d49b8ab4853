"""Text files Circuitscape users have: lists of sources, and lists of the pairs to measure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.grid import require_inside
from gis.errors import CorridorError

if TYPE_CHECKING:
    from gis.corridors.grid import Grid


@dataclass(frozen=True, slots=True, eq=False)
class PlacedList:
    """Sources of a list on the cells of a grid.

    Parameters
    ----------
    grid : Grid
        Number of the source in its cells, NaN elsewhere.
    twins : tuple of pair of int
        A number left out of the grid, and the number in it that has just the same cells.
    """

    grid: Grid
    twins: tuple[tuple[int, int], ...] = ()


def is_point_list(text: str) -> bool:
    """Return whether every line of a text is a whole number and two numbers, apart by blanks or a comma."""
    lines = [_split(line) for line in text.splitlines() if line.strip()]
    return bool(lines) and all(len(words) == 3 and _number(words) is not None for words in lines)


def place_point_list(text: str, grid: Grid, *, name: str) -> PlacedList:
    """Return the sources of a list on the cells of a grid; one with the same cells as another is its twin.

    Parameters
    ----------
    text : str
        A line a place: number of the source, x, y in the grid's system. Several places of one number are one
        source.
    grid : Grid
        The resistances.
    name : str
        What errors call the list.

    Raises
    ------
    CorridorError
        If a line is no place, a place lies outside the grid or on no data, or two sources share some of their
        cells.
    """
    rows = []
    for line, words in enumerate(map(_split, text.splitlines()), start=1):
        if not words:
            continue
        found = _number(words) if len(words) == 3 else None
        if found is None or found[0] < 1:
            raise CorridorError(
                f"{name} 第 {line} 行应为“编号 x y”，编号为正整数",
                f"{name}, line {line}: a positive whole number, x and y are expected",
                where=f"{name}:{line}",
                hint_zh="每行一个点，例如 1 521300 3348200",
                hint_en="write a place a line, for example 1 521300 3348200",
                code="corridors.list",
            )
        rows.append(found)
    numbers = np.array([row[0] for row in rows], dtype=np.float64)
    x, y = (np.array([row[index] for row in rows]) for index in (1, 2))
    row, column = require_inside(grid, x, y, labels=[f"{number:g}" for number in numbers], name=name)
    cells: dict[int, set[tuple[int, int]]] = {}
    for number, *place in zip(numbers.astype(np.int64).tolist(), row.tolist(), column.tolist(), strict=True):
        cells.setdefault(number, set()).add((place[0], place[1]))
    return _paint_cells(cells, grid, name=name)


def _paint_cells(cells: dict[int, set[tuple[int, int]]], grid: Grid, *, name: str) -> PlacedList:
    """Return numbers in their cells; the first of several with the same cells has them."""
    values = np.full(grid.shape, np.nan)
    twins = []
    for number, places in cells.items():
        held = {values[place] for place in places if not np.isnan(values[place])}
        if not held:
            values[tuple(np.array(sorted(places)).T)] = number
            continue
        other = int(min(held))
        if cells[other] != places:
            raise refuse_overlap(str(other), str(number), where=name)
        twins.append((number, other))
    return PlacedList(grid.with_values(values), tuple(twins))


def parse_pair_list(text: str, *, name: str) -> tuple[str, frozenset[tuple[int, int]]]:
    """Return the mode of a list of pairs, and the pairs, the smaller number first.

    Parameters
    ----------
    text : str
        ``mode include`` or ``mode exclude`` in the first line (include when left out), then two
        numbers a line; or Circuitscape's matrix: ``min`` and ``max`` with a number each, then a row with the
        sources' numbers and a row a source, whose pairs from the least to the most value are included.

    Raises
    ------
    CorridorError
        If a line is no pair.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if [words[0].lower() for words in lines[:2]] == ["min", "max"]:
        return "include", _read_matrix(lines, name=name)
    mode = "include"
    if lines and lines[0][0].lower() == "mode" and len(lines[0]) == 2:
        mode = lines.pop(0)[1].lower()
    pairs = {
        (min(ends), max(ends))
        for words in lines
        if len(words) == 2 and all(word.isascii() and word.isdigit() for word in words)
        for ends in [[int(word) for word in words]]
    }
    if mode not in {"include", "exclude"} or not pairs or any(len(words) != 2 for words in lines):
        raise _refuse_pairs(name)
    return mode, frozenset(pairs)


def _read_matrix(lines: list[list[str]], *, name: str) -> frozenset[tuple[int, int]]:
    """Return the pairs whose value in a matrix lies between its bounds."""
    try:
        least, most = (float(value) for _, value in lines[:2])
        head, *rows = [[float(word) for word in words] for words in lines[2:]]
    except ValueError as error:
        raise _refuse_pairs(name) from error
    numbers = head[1:]
    whole = all(number > 0 and number == math.floor(number) for number in numbers)
    if not whole or [row[0] for row in rows] != numbers or any(len(row) != len(head) for row in rows):
        raise _refuse_pairs(name)
    return frozenset(
        (min(ends), max(ends))
        for row in rows
        for number, value in zip(numbers, row[1:], strict=True)
        for ends in [(int(row[0]), int(number))]
        if least <= value <= most and row[0] != number
    )


def _refuse_pairs(name: str) -> CorridorError:
    """Return the error for what is no list of pairs."""
    return CorridorError(
        f"{name} 不是配对表",
        f"{name} is no list of pairs",
        where=name,
        hint_zh="首行 mode include 或 mode exclude，其后每行两个源编号；或 min、max 两行加矩阵",
        hint_en="first line mode include or mode exclude, then two numbers of sources a line; "
        "or lines min and max, then a matrix",
        code="corridors.pairs",
    )


def list_pairs(placed: PlacedList) -> frozenset[tuple[int, int]]:
    """Return all pairs of the numbers larger than 0, the smaller first."""
    values = placed.grid.values
    numbers = np.unique(values[values > 0]).astype(np.int64).tolist()
    return frozenset(combinations(sorted([*numbers, *(number for number, _ in placed.twins)]), 2))


def refuse_overlap(first: str, second: str, *, where: str) -> CorridorError:
    """Return the error for two sources or regions that share a cell."""
    return CorridorError(
        f"{first} 与 {second} 占用同一像元",
        f"{first} and {second} share a cell",
        where=where,
        hint_zh="请合并重叠者，或用更小的像元",
        hint_en="merge those that overlap, or use smaller cells",
        code="corridors.overlap",
    )


def _split(line: str) -> list[str]:
    """Return the words of a line, apart by blanks or commas."""
    return line.replace(",", " ").split()


def _number(words: list[str]) -> tuple[int, float, float] | None:
    """Return a whole number, x and y; None for anything else."""
    try:
        number, x, y = (float(word) for word in words)
    except ValueError:
        return None
    if number != math.floor(number) or not (math.isfinite(x) and math.isfinite(y)):
        return None
    return int(number), x, y
