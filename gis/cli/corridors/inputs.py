"""What a corridor command computes on: files handed in, or surface and sources of the default study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.cli.corridors.sources import hash_files, open_placed
from gis.cli.options import load_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gis.connectivity.ground import Ground
    from gis.corridors.grid import Grid
    from gis.corridors.pointlist import PlacedList


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Resistances and sources of a command.

    Parameters
    ----------
    grid : Grid
        Resistances.
    placed : PlacedList
        Sources on the same cells.
    labels : mapping
        Number of a source → what it is called; numbers stand for themselves where there is none.
    hashes : mapping
        Name of each file or layer → its SHA-256.
    fine : Grid
        Resistances before cells were joined.
    ground : Ground or None
        Of the default study, where surface or sources are its.
    """

    grid: Grid
    placed: PlacedList
    labels: Mapping[int, str]
    hashes: Mapping[str, str]
    fine: Grid
    ground: Ground | None = None

    @property
    def points(self) -> Grid:
        """The sources as a grid.

        Raises
        ------
        CorridorError
            If two have the same cells.
        """
        if self.placed.twins:
            from gis.corridors.pointlist import refuse_overlap

            number, other = self.placed.twins[0]
            raise refuse_overlap(str(other), str(number), where="--sources")
        return self.placed.grid


def open_inputs(
    grid: Grid | None,
    sources: Path | None,
    *,
    files: tuple[Path | None, ...] = (),
    cell: float | None = None,
    id_field: str | None = None,
    crs: str | None = None,
    workspace: Path | None = None,
) -> Inputs:
    """Return resistances and sources; what is None comes from the layers and the table of the workspace.

    Parameters
    ----------
    grid : Grid or None
        Resistances handed in.
    sources : Path or None
        Sources handed in, as :func:`gis.cli.corridors.sources.open_sources` takes them.
    files : tuple of Path or None
        Further files to name with their hashes.
    cell : float or None
        Side of a cell, metres: larger cells of whole ones handed in, or those the default surface is made of.
    workspace : Path or None
        Of the layers.

    Raises
    ------
    CorridorError
        If a file cannot be read, grids do not lie on the same cells, or there are not two sources.
    """
    from gis.corridors.pointlist import PlacedList

    ground = None
    if sources is None:
        ground = open_ground(grid, cell, workspace)
        fine = ground.surface.resistance() if grid is None else grid
        placed, labels = place_default(ground)
    else:
        if grid is None:
            ground = open_ground(None, cell, workspace)
            fine = ground.surface.resistance()
        else:
            fine = grid
        placed, labels = open_placed(sources, fine, id_field=id_field, crs=crs)
    hashes = {} if ground is None else hash_ground(ground)
    hashes |= hash_files([*files, sources])
    if cell is None or grid is None:
        return Inputs(fine, placed, labels, hashes, fine, ground)
    surface, points = coarsen_inputs(
        fine, placed.grid, cell, name="sources" if sources is None else sources.name
    )
    return Inputs(surface, PlacedList(points, placed.twins), labels, hashes, fine, ground)


def hash_ground(ground: Ground) -> dict[str, str]:
    """Return the SHA-256 of the table and the layers a ground was made of."""
    layers = {f"layers/{name}": digest for name, digest in ground.layer_hashes if not name.startswith("--")}
    return {"resistance.toml": ground.surface.table.sha256, **layers}


def coarsen_inputs(grid: Grid, numbers: Grid, cell_m: float, *, name: str) -> tuple[Grid, Grid]:
    """Return resistances and numbers on larger cells."""
    from gis.corridors.coarse import choose_factor, coarsen_numbers, coarsen_resistance
    from gis.corridors.grid import require_same_cells

    require_same_cells(grid, numbers, name="resistance", other_name=name)
    factor = choose_factor(grid, cell_m)
    return coarsen_resistance(grid, factor), coarsen_numbers(numbers, factor, name=name)


def open_ground(grid: Grid | None, cell: float | None, workspace: Path | None) -> Ground:
    """Return the ground of the default study, on the cells of a grid where one is handed in.

    Raises
    ------
    CorridorError
        If fewer than two of its sources lie there.
    """
    from gis.cli.corridors.study_options import open_table
    from gis.connectivity.ground import make_ground, make_own_ground

    opened = load_workspace(workspace)
    table = open_table(opened, None)
    if grid is not None:
        return make_own_ground(opened, table, grid, None)
    return make_ground(opened, table, cell_m=table.study.cell_m if cell is None else cell, dem=None)


def place_default(ground: Ground) -> tuple[PlacedList, dict[int, str]]:
    """Return the sources of the default study on its cells, and their ids."""
    from gis.connectivity.measures import number_sources
    from gis.corridors.pointlist import PlacedList

    return PlacedList(number_sources(ground)), {source.number: source.id for source in ground.sources}
