"""What the service works on: the workspace, the layers as bytes, the records of checks."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from gis.errors import NotFoundError
from gis.model import Text
from gis.service.features import FinderStore
from gis.service.jobs import Jobs
from gis.service.tiles import TileStore
from gis.service.workers import CheckWorkers
from gis.store.records import RecordStore
from gis.webmap.data import layer_geojson
from gis.webmap.zones import find_zone, today, zone_geojson

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.model import Layer
    from gis.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A layer as it is sent: plain and gzipped, with its tag for caches."""

    plain: bytes
    gzipped: bytes
    etag: str


class FileCache:
    """Keeps files that are made once, when they are first asked for; safe for several threads."""

    def __init__(self) -> None:
        self._files: dict[str, LayerFile] = {}
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], str]) -> LayerFile:
        """Return the file kept under a key, made by `make` the first time."""
        with self._lock:
            if key not in self._files:
                plain = make().encode()
                gzipped = gzip.compress(plain, compresslevel=6, mtime=0)
                etag = f'"{sha256(plain).hexdigest()[:32]}"'
                self._files[key] = LayerFile(plain=plain, gzipped=gzipped, etag=etag)
            return self._files[key]


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What every route works on.

    Parameters
    ----------
    processes : int
        Processes that check sites; 0: threads of this one.
    """

    workspace: Workspace
    processes: int = 0
    records: RecordStore = field(init=False)
    workers: CheckWorkers = field(init=False)
    jobs: Jobs = field(init=False)
    tiles: TileStore = field(init=False)
    finders: FinderStore = field(init=False)
    files: FileCache = field(default_factory=FileCache)

    def __post_init__(self) -> None:
        settings = self.workspace.settings
        object.__setattr__(self, "records", RecordStore(settings.home, settings.database_url))
        object.__setattr__(self, "workers", CheckWorkers(self.workspace, processes=self.processes))
        object.__setattr__(self, "jobs", Jobs(self.workers))
        object.__setattr__(self, "tiles", TileStore(self.workspace, processes=self.processes))
        object.__setattr__(self, "finders", FinderStore(self.workspace))

    def close(self) -> None:
        """End the processes and close the records."""
        self.tiles.stop()
        self.workers.stop()
        self.records.close()

    def layer(self, layer_id: str) -> Layer:
        """Return a layer of the workspace.

        Raises
        ------
        NotFoundError
            If the catalogue has no such layer.
        """
        self.workspace.catalogue.entry(layer_id)
        return self.workspace.layers[layer_id]

    def file(self, layer_id: str) -> LayerFile:
        """Return a layer's features as they are sent.

        Raises
        ------
        NotFoundError
            If the catalogue has no such layer, or it has no data: an empty answer would
            look like "none here".
        """
        layer = self.layer(layer_id)
        if layer.frame is None:
            problem = layer.problem or Text("尚无数据", "it has no data yet")
            raise NotFoundError(
                f"图层 {layer_id} 没有可用的要素：{problem.zh}",
                f"layer {layer_id} has no features to send: {problem.en}",
                where=layer_id,
                hint_zh="用 gis layers replace 导入正式数据",
                hint_en="take official data in with gis layers replace",
                code=f"layers.{layer.status.value}",
            )
        return self.files.get(f"layer {layer_id}", lambda: layer_geojson(layer))

    def zone_file(self, rule_id: str) -> LayerFile:
        """Return the control zone of a rule in force today as it is sent.

        Raises
        ------
        NotFoundError
            If there is no such rule, or no feature feeds it.
        """
        day = today()
        find_zone(self.workspace, rule_id, day)
        return self.files.get(f"zone {rule_id} {day}", lambda: zone_geojson(self.workspace, rule_id, day))
