"""What the service holds while it runs: the workspace, the layers as bytes, the results of checks."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from gis.errors import NotFoundError
from gis.model import Text
from gis.webmap.data import layer_geojson
from gis.webmap.zones import find_zone, today, zone_geojson

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.model import Layer
    from gis.workspace import Workspace

MAX_RESULTS = 500
MAX_RESULT_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class StoredResult:
    """The answer to one check.

    Parameters
    ----------
    body : str
        The site-check/1 object as it was sent.
    asked_by : str
        Name given with the request; empty when none was.
    """

    check_id: str
    body: str
    asked_by: str


class ResultStore:
    """The latest results in memory, bounded in number and in bytes; the oldest go first.

    Safe for several threads. It does not outlive the process: durable records are another store with the
    same two methods.
    """

    def __init__(self, *, max_results: int = MAX_RESULTS, max_bytes: int = MAX_RESULT_BYTES) -> None:
        self._results: OrderedDict[str, StoredResult] = OrderedDict()
        self._max_results, self._max_bytes, self._bytes = max_results, max_bytes, 0
        self._lock = threading.Lock()

    def put(self, result: StoredResult) -> None:
        """Keep a result; the same check asked again replaces the former answer."""
        with self._lock:
            former = self._results.pop(result.check_id, None)
            self._bytes -= 0 if former is None else len(former.body)
            self._results[result.check_id] = result
            self._bytes += len(result.body)
            while len(self._results) > self._max_results or (
                self._bytes > self._max_bytes and len(self._results) > 1
            ):
                _, oldest = self._results.popitem(last=False)
                self._bytes -= len(oldest.body)

    def get(self, check_id: str) -> StoredResult:
        """Return a kept result.

        Raises
        ------
        NotFoundError
            If it was never made, or has been dropped since.
        """
        with self._lock:
            result = self._results.get(check_id)
        if result is None:
            raise NotFoundError(
                "没有这个检查结果",
                "there is no such check result",
                where=check_id[:80],
                hint_zh="结果只在服务运行期间保留，请重新提交用地文件",
                hint_en="results are kept while the service runs; post the site file again",
                code="checks.unknown",
            )
        return result


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
    """What every route works on."""

    workspace: Workspace
    results: ResultStore = field(default_factory=ResultStore)
    files: FileCache = field(default_factory=FileCache)

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
