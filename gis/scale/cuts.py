"""Cut areas of large layers, kept from run to run by the hashes of layer and rule."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from gis.engine.index import FORMAT, load_pieces, save_pieces
from gis.scale.grounds import cut_areas
from gis.study import library_versions
from gis.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from gis.engine.pieces import Pieces
    from gis.scale.grounds import Shapes
    from gis.workspace import ControlZone, Workspace

KEPT_VERTICES = 1_000_000
"""Areas with fewer vertices are cut anew: some tenths of a second."""

MOST_FILES = 8
"""Kept cuts; the oldest go first."""


@dataclass(frozen=True, slots=True)
class KeptCuts:
    """The kept cuts of a workspace.

    Parameters
    ----------
    folder : Path
        ``$GIS_HOME/cache/cut``.
    layers : mapping of str to str or None
        Layer id → SHA-256 of its file or rows.
    """

    folder: Path
    layers: dict[str, str | None]

    def cut(self, zone: ControlZone, areas: Shapes) -> Pieces:
        """Return the pieces of the areas of a zone, from the disk where they are kept."""
        digest = self.layers.get(zone.rule.layer_id)
        if digest is None or int(shapely.get_num_coordinates(areas).sum()) < KEPT_VERTICES:
            return cut_areas(areas)
        path = self.folder / f"{self._name(zone, digest, len(areas))}.npz"
        pieces = load_pieces(path)
        if pieces is None:
            pieces = cut_areas(areas)
            with contextlib.suppress(OSError):  # a disk that is full or read-only costs only time
                save_pieces(path, pieces)
                drop_oldest(self.folder)
        return pieces

    @staticmethod
    def _name(zone: ControlZone, digest: str, count: int) -> str:
        """Return a name that changes with everything the pieces are made from."""
        made_from = (FORMAT, __version__, *sorted(library_versions().items()), digest, zone.ground, count)
        return hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]


def keep_cuts(workspace: Workspace) -> KeptCuts:
    """Return where the cuts of a workspace are kept."""
    layers = {layer.entry.id: layer.sha256 for layer in workspace.assessed_layers}
    return KeptCuts(workspace.settings.cache / "cut", layers)


def drop_oldest(folder: Path) -> None:
    """Delete the oldest kept cuts beyond `MOST_FILES`."""
    files = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[MOST_FILES:]:
        path.unlink(missing_ok=True)
