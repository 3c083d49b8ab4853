"""Cut zones with their tree: made on all cores, kept on disk, asked by any number of threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from gis.engine.cutting import CUT_ABOVE, PIECE_MAX, cut_zones
from gis.engine.matching import Pairs, match_sites
from gis.engine.pieces import Pieces, join_pieces
from gis.engine.shapes import Shapes, count_shapes, empty_shapes
from gis.engine.tree import Tree, build_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT = 2
"""Part of every cache key: raised when the arrays of a kept index change their meaning."""


@dataclass(frozen=True, slots=True)
class ZoneIndex:
    """Zones ready to be matched. Immutable flat arrays: threads may share it.

    Parameters
    ----------
    pieces : Pieces
        The zones, cut, in the plane.
    tree : Tree
        Over the boxes of the pieces.
    """

    pieces: Pieces
    tree: Tree

    def match(self, sites: Shapes, near_m: float) -> Pairs:
        """Return all pairs of a site and a zone that meet or lie at most `near_m` metres apart, in order.

        `sites` in the plane of the zones, rings oriented (:func:`gis.engine.shapes.load_plane`).
        """
        return match_sites(sites, self.pieces, self.tree, float(near_m))

    def save(self, path: Path) -> None:
        """Write the index to `path` (NPZ), aside first."""
        fields = {f"piece_{name}": value for name, value in self.pieces._asdict().items()}
        save_arrays(path, fields | {f"tree_{name}": value for name, value in self.tree._asdict().items()})


def save_arrays(path: Path, fields: dict[str, NDArray[Any]]) -> None:
    """Write arrays to `path` (NPZ), aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            np.savez(file, allow_pickle=False, **fields)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def load_arrays(path: Path, names: Sequence[str]) -> list[NDArray[Any]] | None:
    """Return arrays kept at `path`, their checksums proven; None when they are not there whole."""
    try:
        with np.load(path, allow_pickle=False) as fields:
            return [fields[name] for name in names]
    except (OSError, KeyError, ValueError, EOFError, BadZipFile):
        return None


def load_index(path: Path) -> ZoneIndex | None:
    """Return the index kept at `path`; None when there is none or it cannot be read."""
    pieces = [f"piece_{name}" for name in Pieces._fields]
    arrays = load_arrays(path, [*pieces, *(f"tree_{name}" for name in Tree._fields)])
    if arrays is None:
        return None
    return ZoneIndex(Pieces(*arrays[: len(pieces)]), Tree(*arrays[len(pieces) :]))


def save_pieces(path: Path, pieces: Pieces) -> None:
    """Write pieces to `path` (NPZ), aside first."""
    save_arrays(path, {f"piece_{name}": value for name, value in pieces._asdict().items()})


def load_pieces(path: Path) -> Pieces | None:
    """Return the pieces kept at `path`; None when there are none or they cannot be read."""
    arrays = load_arrays(path, [f"piece_{name}" for name in Pieces._fields])
    return None if arrays is None else Pieces(*arrays)


def cut_shapes(
    zones: Shapes, offset: int = 0, *, cut_above: int = CUT_ABOVE, most: int = PIECE_MAX
) -> Pieces:
    """Return the pieces of all `zones`, numbered from `offset`; rings must be oriented."""
    pieces = cut_zones(zones, 0, count_shapes(zones), cut_above, most)
    return pieces if offset == 0 else pieces._replace(zone=pieces.zone + np.int32(offset))


def index_pieces(parts: Iterable[Pieces]) -> ZoneIndex:
    """Return the index of pieces made in several runs, in the order of their zones."""
    pieces = join_pieces([*parts] or [cut_shapes(empty_shapes())])
    return ZoneIndex(pieces, build_tree(pieces.box))


def index_zones(zones: Shapes, workers: int = 2) -> ZoneIndex:
    """Return the index of `zones` (plane, rings oriented), cut by `workers` threads."""
    total = count_shapes(zones)
    edges = np.linspace(0, total, min(8 * workers, total) + 1).astype(int).tolist() if total else [0, 0]
    with ThreadPoolExecutor(workers) as pool:
        parts = pool.map(
            lambda k: cut_zones(zones, edges[k], edges[k + 1], CUT_ABOVE, PIECE_MAX), range(len(edges) - 1)
        )
        return index_pieces(parts)
