"""Single features by place and by name: what a map asks for of layers that it draws from tiles."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from gis.model import LayerStatus
from gis.service.answers import FeatureCollection, answers, problems
from gis.webmap.features import FeatureFinder, find_layer_features, find_zone_features
from gis.webmap.zones import PREFIX, today

if TYPE_CHECKING:
    from gis.service.state import ServiceState
    from gis.workspace import Workspace

MOST_FEATURES = 50
FEATURES_DOC = answers(FeatureCollection, "要素 / the features") | problems(404, 422)
MOST_REACH_M = 50_000.0

LayersQuery = Annotated[
    str,
    Query(
        max_length=4000,
        description="图层或 zone-规则 的编号，逗号分隔；空为全部图层 / ids; empty: all layers",
    ),
]


class FinderStore:
    """Keeps the index of each layer and zone that was asked about; safe for several threads."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._finders: dict[str, FeatureFinder] = {}

    def usable(self) -> list[str]:
        """Return the ids of all layers that have data."""
        return [
            layer.entry.id
            for layer in self._workspace.layers.values()
            if layer.status is LayerStatus.OK and layer.frame is not None and len(layer.frame)
        ]

    def find(self, finder_id: str) -> FeatureFinder | None:
        """Return the features of a layer or of a rule's zone today; None where the layer has no data.

        Raises
        ------
        NotFoundError
            If there is no such layer, or no such rule with a zone.
        """
        day = today()
        key = f"{finder_id} {day}"
        with self._lock:
            own = self._locks.setdefault(key, threading.Lock())
        with own:
            if key not in self._finders:
                if finder_id.startswith(PREFIX):
                    rule_id = finder_id.removeprefix(PREFIX)
                    self._finders[key] = find_zone_features(self._workspace, rule_id, day)
                else:
                    self._workspace.catalogue.entry(finder_id)
                    layer = self._workspace.layers[finder_id]
                    if layer.frame is None:
                        return None
                    self._finders[key] = find_layer_features(layer)
            return self._finders[key]


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes of features."""
    router = APIRouter(prefix="/api/features", tags=["catalogue"])

    def list_finders(layers: str) -> list[FeatureFinder]:
        """Return the finders of the layers asked for."""
        ids = dict.fromkeys(name for name in layers.split(",") if name) or state.finders.usable()
        return [finder for name in ids if (finder := state.finders.find(name)) is not None]

    @router.get("/at", summary="某点的要素 / the features at a point", responses=FEATURES_DOC)
    def read_at(
        lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
        lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
        reach_m: Annotated[float, Query(ge=0, le=MOST_REACH_M, allow_inf_nan=False)] = 0.0,
        layers: LayersQuery = "",
    ) -> dict[str, Any]:
        """CGCS2000 经纬度，至多 50 个 / at most 50."""
        found = [
            finder.feature(row)
            for finder in list_finders(layers)
            for row in finder.at(lon, lat, reach_m)[:MOST_FEATURES]
        ]
        return {"type": "FeatureCollection", "features": found[:MOST_FEATURES]}

    @router.get("/search", summary="按名称查找要素 / find features by their names", responses=FEATURES_DOC)
    def read_named(
        q: Annotated[str, Query(min_length=1, max_length=200)],
        limit: Annotated[int, Query(ge=1, le=MOST_FEATURES)] = 12,
        layers: LayersQuery = "",
    ) -> dict[str, Any]:
        """名称含所给文字者，最合适的在前 / whose name holds the text, the best first."""
        found = [
            (-score, len(finder.names[row][0]), order, row, finder)
            for order, finder in enumerate(list_finders(layers))
            for score, row in finder.named(q)
        ]
        best = sorted(found, key=lambda item: item[:4])[:limit]
        return {
            "type": "FeatureCollection",
            "features": [finder.feature(row) | {"score": -score} for score, _, _, row, finder in best],
        }

    return router
