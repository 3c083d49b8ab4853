"""The OpenAPI document of the Features interface: whole in itself, so that no client looks outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_ITEMS = 10_000
DEFAULT_ITEMS = 100

_OK = {"description": "答复 / the answer", "content": {"application/json": {"schema": {"type": "object"}}}}
_FEATURES = {
    "description": "GeoJSON 要素 / features",
    "content": {"application/geo+json": {"schema": {"type": "object"}}},
}
_RESPONSES = {"200": _OK, "400": {"description": "参数无效 / a bad parameter"}}


def _parameter(name: str, schema: dict[str, Any], *, explode: bool | None = None) -> dict[str, Any]:
    """Return a query parameter."""
    table: dict[str, Any] = {"name": name, "in": "query", "required": False, "schema": schema}
    return table if explode is None else table | {"style": "form", "explode": explode}


_LANGUAGE = _parameter("lang", {"type": "string", "enum": ["zh", "en"], "default": "zh"})
_FORMAT = _parameter("f", {"type": "string", "enum": ["json"], "default": "json"})
_ITEMS = [
    _parameter(
        "bbox",
        {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        explode=False,
    ),
    _parameter("bbox-crs", {"type": "string", "format": "uri"}),
    _parameter("crs", {"type": "string", "format": "uri"}),
    _parameter("datetime", {"type": "string"}),
    _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_ITEMS, "default": DEFAULT_ITEMS}),
    _parameter("offset", {"type": "integer", "minimum": 0, "default": 0}),
    _parameter("resulttype", {"type": "string", "enum": ["results", "hits"], "default": "results"}),
    _parameter("properties", {"type": "array", "items": {"type": "string"}}, explode=False),
    _parameter("skipGeometry", {"type": "boolean", "default": False}),
    _FORMAT,
    _LANGUAGE,
]
ITEM_PARAMETERS = frozenset(parameter["name"] for parameter in _ITEMS)


def make_document(base_url: str, collection_ids: Iterable[str], *, version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.0 document.

    Parameters
    ----------
    base_url : str
        Address of the landing page.
    """
    simple = {
        "/": "getLandingPage",
        "/conformance": "getConformanceDeclaration",
        "/openapi": "getOpenapi",
        "/collections": "getCollections",
    }
    paths: dict[str, Any] = {path: _get(name) for path, name in simple.items()}
    for collection_id in collection_ids:
        path = f"/collections/{collection_id}"
        name = collection_id.replace("-", "_")
        item = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
        paths[path] = _get(f"describe_{name}")
        paths[f"{path}/items"] = _get(f"get_{name}", _ITEMS, _FEATURES)
        paths[f"{path}/items/{{featureId}}"] = _get(
            f"get_{name}_feature", [item, _FORMAT, _LANGUAGE], _FEATURES
        )
    return {
        "openapi": "3.0.2",
        "info": {"title": "hangzhou-gis OGC API – Features", "version": version},
        "servers": [{"url": base_url}],
        "paths": paths,
    }


def _get(
    name: str, parameters: list[dict[str, Any]] | None = None, answer: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a path that is only read."""
    return {
        "get": {
            "operationId": name,
            "tags": ["features"],
            "parameters": parameters or [_FORMAT, _LANGUAGE],
            "responses": _RESPONSES | {"200": answer or _OK},
        }
    }
