"""Layers and rules: the catalogue as JSON, the features as GeoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Response

from gis.webmap.data import layer_as_dict, rule_as_dict

if TYPE_CHECKING:
    from gis.service.state import LayerFile, ServiceState

GEOJSON = "application/geo+json"


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes of layers and rules."""
    router = APIRouter(prefix="/api", tags=["catalogue"])

    @router.get("/layers")
    def list_layers() -> dict[str, Any]:
        """图层目录，含已声明而无数据的图层 / the catalogue, with the layers that have no data."""
        return {"layers": [layer_as_dict(layer) for layer in state.workspace.layers.values()]}

    @router.get("/layers/{layer_id}.geojson", response_class=Response)
    def read_features(
        layer_id: str,
        accept_encoding: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """图层要素，CGCS2000 经纬度 / the features of a layer, longitude and latitude."""
        return answer_file(state.file(layer_id), accept_encoding, if_none_match)

    @router.get("/zones/{rule_id}.geojson", response_class=Response)
    def read_zone(
        rule_id: str,
        accept_encoding: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """一条规则的管控区，CGCS2000 经纬度 / the control zone of a rule, longitude and latitude."""
        return answer_file(state.zone_file(rule_id), accept_encoding, if_none_match)

    @router.get("/layers/{layer_id}")
    def read_layer(layer_id: str) -> dict[str, Any]:
        """一个图层 / one layer."""
        return layer_as_dict(state.layer(layer_id))

    @router.get("/rules")
    def list_rules() -> dict[str, Any]:
        """管控规则及其条文 / the control rules with their articles."""
        rules = state.workspace.rules
        return {"sha256": rules.sha256, "rules": [rule_as_dict(rule) for rule in rules.rules]}

    return router


def answer_file(file: LayerFile, accept_encoding: str, if_none_match: str) -> Response:
    """Answer with a GeoJSON file, gzipped where the client takes that; 304 where it has it already."""
    headers = {"etag": file.etag, "vary": "Accept-Encoding", "cache-control": "no-cache"}
    if file.etag in if_none_match:
        return Response(status_code=304, headers=headers)
    if "gzip" in accept_encoding:
        return Response(file.gzipped, media_type=GEOJSON, headers={**headers, "content-encoding": "gzip"})
    return Response(file.plain, media_type=GEOJSON, headers=headers)
