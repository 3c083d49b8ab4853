"""Layers and rules: the catalogue as JSON, the features as GeoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Response

from gis.service.answers import FeatureCollection, LayerFacts, Layers, Rules, answers, problems
from gis.webmap.data import layer_as_dict, rule_as_dict

if TYPE_CHECKING:
    from gis.service.state import LayerFile, ServiceState

GEOJSON = "application/geo+json"
FEATURES_DOC = {
    **answers(FeatureCollection, "要素 / the features", content_type=GEOJSON),
    304: {"description": "未变 / not changed"},
    **problems(404, 422),
}


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes of layers and rules."""
    router = APIRouter(prefix="/api", tags=["catalogue"])

    @router.get(
        "/layers",
        summary="图层目录 / the catalogue of layers",
        responses=answers(Layers, "全部图层 / every layer"),
    )
    def list_layers() -> dict[str, Any]:
        """含已声明而无数据的图层：空白不等于没有 / with those that have no data: blank does not mean none."""
        return {"layers": [layer_as_dict(layer) for layer in state.workspace.layers.values()]}

    @router.get(
        "/layers/{layer_id}.geojson",
        summary="图层要素 / the features of a layer",
        response_class=Response,
        responses=FEATURES_DOC,
    )
    def read_features(
        layer_id: str,
        accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
        if_none_match: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Response:
        """CGCS2000 经纬度 / longitude and latitude."""
        return answer_file(state.file(layer_id), accept_encoding, if_none_match)

    @router.get(
        "/zones/{rule_id}.geojson",
        summary="一条规则的管控区 / the control zone of a rule",
        response_class=Response,
        responses=FEATURES_DOC,
    )
    def read_zone(
        rule_id: str,
        accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
        if_none_match: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> Response:
        """今天有效的规则，CGCS2000 经纬度 / of a rule in force today, longitude and latitude."""
        return answer_file(state.zone_file(rule_id), accept_encoding, if_none_match)

    @router.get(
        "/layers/{layer_id}",
        summary="一个图层 / one layer",
        responses=answers(LayerFacts, "图层 / the layer") | problems(404),
    )
    def read_layer(layer_id: str) -> dict[str, Any]:
        """来源、许可、精度、状态 / source, licence, accuracy, status."""
        return layer_as_dict(state.layer(layer_id))

    @router.get(
        "/rules",
        summary="管控规则 / the control rules",
        responses=answers(Rules, "全部规则 / every rule"),
    )
    def list_rules() -> dict[str, Any]:
        """级别、依据、管控区的做法 / level, articles, how the zone is made."""
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
