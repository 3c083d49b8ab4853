"""The sites of a batch as columns; a site itself is made only where one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import shapely

from gis import crs
from gis.engine.ellipsoid import measure_shapes
from gis.engine.shapes import densify, join_shapes, take_shapes
from gis.engine.wkb import read_geometries, read_wkb
from gis.model import Note, Site
from gis.scale.measure import Sizes, measure_outlines
from gis.sites.repair import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from gis.engine.shapes import Shapes

    Notes = Mapping[int, tuple[tuple[Note, ...], tuple[Note, ...]]]
    """Repairs and warnings of the rows that have any."""

KIND_NAMES = np.array([KINDS[dimension] for dimension in range(3)], dtype=object)
DIMENSIONS = {name: dimension for dimension, name in KINDS.items()}
SILENT: tuple[tuple[Note, ...], tuple[Note, ...]] = ((), ())


@dataclass(frozen=True, slots=True)
class SiteRows(Sequence[Site]):
    """Sites in the order of their file.

    Parameters
    ----------
    file : str or None
    positions : array of int
        Where each is in the file.
    ids : list of str
    names : list of str or None
    dimension : array of int
        0 point, 1 line, 2 polygon.
    properties : callable
        Gives the attributes of a row.
    wkb : pyarrow.BinaryArray
        The geometries in EPSG:4490.
    planes : array of geometry
        In EPSG:4549.
    outlines : Shapes
        The same as flat arrays.
    sizes : Sizes
    notes : mapping
        Repairs and warnings of the rows that have any.
    """

    file: str | None
    positions: NDArray[np.int64]
    ids: list[str]
    names: list[str | None]
    dimension: NDArray[np.int8]
    properties: Callable[[int], Mapping[str, Any]]
    wkb: pa.Array
    planes: NDArray[np.object_]
    outlines: Shapes
    sizes: Sizes
    notes: Notes

    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, row: int) -> Site: ...
    @overload
    def __getitem__(self, row: slice) -> list[Site]: ...
    def __getitem__(self, row: int | slice) -> Site | list[Site]:
        """Return a site."""
        if isinstance(row, slice):
            return [self[k] for k in range(*row.indices(len(self)))]
        position = int(self.positions[row])
        repairs, warnings = self.notes.get(row % len(self), SILENT)
        return Site(
            site_id=self.ids[row],
            file=self.file,
            index=position,
            name=self.names[row],
            kind=KINDS[int(self.dimension[row])],
            properties=self.properties(row),
            geometry=shapely.from_wkb(self.wkb[row].as_py()),
            geometry_plane=self.planes[row],
            repairs=repairs,
            warnings=warnings,
        )

    @property
    def kinds(self) -> NDArray[np.object_]:
        """``point``, ``line`` or ``polygon`` of each row."""
        return np.asarray(KIND_NAMES[self.dimension], dtype=object)


def write_wkb(geometries: NDArray[np.object_]) -> pa.Array:
    """Return geometries as a column of WKB; null where one is missing."""
    import pyarrow as pa

    return pa.array(shapely.to_wkb(geometries, byte_order=1), pa.binary())


def tabulate_sites(sites: Sequence[Site], straight: NDArray[np.bool_] | None = None) -> SiteRows:
    """Return sites as columns.

    Parameters
    ----------
    straight : array of bool, optional
        Which of them have edges straight in degrees: they are measured there, as plain ones are, to the last
        digit; the others in the plane.
    """
    import pyarrow as pa

    if isinstance(sites, SiteRows):
        return sites
    lonlat, planes = (
        np.array([*shapes, None], dtype=object)[:-1]
        for shapes in ([site.geometry for site in sites], [site.geometry_plane for site in sites])
    )
    wkb, outlines = write_wkb(lonlat), read_geometries(planes)
    sizes = measure_outlines(outlines)
    if straight is not None and straight.any():
        rows = np.flatnonzero(straight)
        dense = densify(read_wkb(wkb.take(pa.array(rows))), crs.MAX_EDGE_DEG)
        for whole, some in zip(sizes, measure_shapes(dense), strict=True):
            whole[rows] = some
    return SiteRows(
        file=sites[0].file if sites else None,
        positions=np.array([site.index for site in sites], dtype=np.int64),
        ids=[site.site_id for site in sites],
        names=[site.name for site in sites],
        dimension=np.array([DIMENSIONS[site.kind] for site in sites], dtype=np.int8),
        properties=[site.properties for site in sites].__getitem__,
        wkb=wkb,
        planes=planes,
        outlines=outlines,
        sizes=sizes,
        notes={
            row: (site.repairs, site.warnings)
            for row, site in enumerate(sites)
            if site.repairs or site.warnings
        },
    )


def merge_rows(one: SiteRows, other: SiteRows) -> SiteRows:
    """Return the sites of both in the order of their file."""
    import pyarrow as pa

    if not len(one) or not len(other):
        return one if len(one) else other
    order = np.argsort(np.concatenate((one.positions, other.positions)), kind="stable")
    place = np.argsort(order)
    rows = order.tolist()

    def joined(first: list[Any], second: list[Any]) -> list[Any]:
        both = [*first, *second]
        return [both[row] for row in rows]

    def properties(row: int) -> Mapping[str, Any]:
        place = rows[row]
        return one.properties(place) if place < len(one) else other.properties(place - len(one))

    notes = {**one.notes, **{row + len(one): said for row, said in other.notes.items()}}
    return SiteRows(
        file=one.file,
        positions=np.concatenate((one.positions, other.positions))[order],
        ids=joined(one.ids, other.ids),
        names=joined(one.names, other.names),
        dimension=np.concatenate((one.dimension, other.dimension))[order],
        properties=properties,
        wkb=pa.concat_arrays([one.wkb, other.wkb]).take(pa.array(order)),
        planes=np.concatenate((one.planes, other.planes))[order],
        outlines=take_shapes(join_shapes([one.outlines, other.outlines]), order),
        sizes=Sizes(*(np.concatenate(pair)[order] for pair in zip(one.sizes, other.sizes, strict=True))),
        notes={int(place[row]): said for row, said in notes.items()},
    )
