"""The sites of a batch as columns; a site itself is made only where one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import shapely

from gis.model import Note, Site
from gis.scale.measure import Sizes, measure_sizes
from gis.sites.repair import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Notes = Mapping[int, tuple[tuple[Note, ...], tuple[Note, ...]]]

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
    properties : list of mapping
    lonlat, planes : array of geometry
        EPSG:4490 and EPSG:4549.
    wkb : array of bytes
        `lonlat` as WKB.
    sizes : Sizes
    notes : mapping
        Repairs and warnings of the rows that have any.
    """

    file: str | None
    positions: NDArray[np.int64]
    ids: list[str]
    names: list[str | None]
    dimension: NDArray[np.int8]
    properties: list[Mapping[str, object]]
    lonlat: NDArray[np.object_]
    planes: NDArray[np.object_]
    wkb: NDArray[np.object_]
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
            properties=self.properties[row],
            geometry=self.lonlat[row],
            geometry_plane=self.planes[row],
            repairs=repairs,
            warnings=warnings,
        )

    @property
    def kinds(self) -> NDArray[np.object_]:
        """``point``, ``line`` or ``polygon`` of each row."""
        return np.asarray(KIND_NAMES[self.dimension], dtype=object)


def tabulate_sites(sites: Sequence[Site]) -> SiteRows:
    """Return sites as columns."""
    if isinstance(sites, SiteRows):
        return sites
    lonlat, planes = (
        np.array([*shapes, None], dtype=object)[:-1]
        for shapes in ([site.geometry for site in sites], [site.geometry_plane for site in sites])
    )
    return SiteRows(
        file=sites[0].file if sites else None,
        positions=np.array([site.index for site in sites], dtype=np.int64),
        ids=[site.site_id for site in sites],
        names=[site.name for site in sites],
        dimension=np.array([DIMENSIONS[site.kind] for site in sites], dtype=np.int8),
        properties=[site.properties for site in sites],
        lonlat=lonlat,
        planes=planes,
        wkb=np.asarray(shapely.to_wkb(lonlat, byte_order=1), dtype=object),
        sizes=measure_sizes(planes),
        notes={
            row: (site.repairs, site.warnings)
            for row, site in enumerate(sites)
            if site.repairs or site.warnings
        },
    )


def merge_rows(one: SiteRows, other: SiteRows) -> SiteRows:
    """Return the sites of both in the order of their file."""
    if not len(one) or not len(other):
        return one if len(one) else other
    order = np.argsort(np.concatenate((one.positions, other.positions)), kind="stable")
    place = np.argsort(order)
    rows = order.tolist()

    def joined(first: list[Any], second: list[Any]) -> list[Any]:
        both = [*first, *second]
        return [both[row] for row in rows]

    notes = {**one.notes, **{row + len(one): said for row, said in other.notes.items()}}
    return SiteRows(
        file=one.file,
        positions=np.concatenate((one.positions, other.positions))[order],
        ids=joined(one.ids, other.ids),
        names=joined(one.names, other.names),
        dimension=np.concatenate((one.dimension, other.dimension))[order],
        properties=joined(one.properties, other.properties),
        lonlat=np.concatenate((one.lonlat, other.lonlat))[order],
        planes=np.concatenate((one.planes, other.planes))[order],
        wkb=np.concatenate((one.wkb, other.wkb))[order],
        sizes=Sizes(*(np.concatenate(pair)[order] for pair in zip(one.sizes, other.sizes, strict=True))),
        notes={int(place[row]): said for row, said in notes.items()},
    )
