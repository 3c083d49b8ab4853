"""Grids with larger cells: resistances averaged, numbers of sources kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.corridors.grid import Grid
from gis.errors import CorridorError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def choose_factor(grid: Grid, cell_m: float) -> int:
    """Return how many cells side by side make one of `cell_m` metres.

    Raises
    ------
    CorridorError
        If that is no whole number of at least one.
    """
    factor = cell_m / grid.cell_m
    if not (np.isfinite(factor) and round(factor) >= 1 and abs(factor - round(factor)) < 1e-6 * factor):
        raise CorridorError(
            f"--cell 应为像元边长 {grid.cell_m:g} 米的整数倍，不是 {cell_m:g}",
            f"--cell must be a whole multiple of the grid's {grid.cell_m:g} m, not {cell_m:g}",
            where="--cell",
            hint_zh=f"例如 --cell {2 * grid.cell_m:g}",
            hint_en=f"for example --cell {2 * grid.cell_m:g}",
            code="corridors.cell",
        )
    return round(factor)


def coarsen_resistance(grid: Grid, factor: int) -> Grid:
    """Return a grid of blocks of factor × factor cells: the mean of those with data.

    Blocks begin in the north-west; those at the south and east edges may hold fewer cells. A block without
    data in more than half of its cells has none.
    """
    blocks = _block(grid.values, factor, np.nan)
    known = ~np.isnan(blocks)
    count = known.sum(axis=(1, 3))
    total = np.where(known, blocks, 0.0).sum(axis=(1, 3))
    held = _block(np.ones(grid.shape), factor, 0.0).sum(axis=(1, 3))
    mean = np.divide(total, count, out=np.full(count.shape, np.nan), where=2 * count >= np.maximum(held, 1))
    return _place(grid, mean, factor)


def coarsen_numbers(grid: Grid, factor: int, *, name: str) -> Grid:
    """Return a grid of blocks: the number found in each.

    Raises
    ------
    CorridorError
        If two numbers larger than 0 fall into one block.
    """
    blocks = _block(np.where(grid.values > 0, grid.values, np.nan), factor, np.nan)
    high = np.where(np.isnan(blocks), -np.inf, blocks).max(axis=(1, 3))
    low = np.where(np.isnan(blocks), np.inf, blocks).min(axis=(1, 3))
    mixed = np.argwhere(np.isfinite(high) & (high != low))
    if len(mixed):
        row, column = mixed[0]
        raise CorridorError(
            f"{name} 中的 {low[row, column]:g} 与 {high[row, column]:g} 落入同一个大像元",
            f"{name}: {low[row, column]:g} and {high[row, column]:g} fall into one larger cell",
            where="--cell",
            hint_zh="请用较小的 --cell",
            hint_en="use a smaller --cell",
            code="corridors.cell",
        )
    return _place(grid, np.where(np.isfinite(high), high, np.nan), factor)


def _block(values: NDArray[np.float64], factor: int, fill: float) -> NDArray[np.float64]:
    """Return values as (rows of blocks, factor, columns of blocks, factor), filled up at the far edges."""
    rows, columns = values.shape
    padded = np.pad(values, ((0, -rows % factor), (0, -columns % factor)), constant_values=fill)
    return padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor)


def _place(grid: Grid, values: NDArray[np.float64], factor: int) -> Grid:
    """Return blocks as a grid with the same north-western corner."""
    cell = grid.cell * factor
    return Grid(values, grid.west, grid.north - values.shape[0] * cell, cell, grid.crs)
