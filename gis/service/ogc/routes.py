"""The routes of OGC API – Features under ``/ogc``: these and no other of pygeoapi's."""

from __future__ import annotations

import math
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from gis.model import Text
from gis.service.errors import BadQueryError, error_body
from gis.service.ogc.document import ITEM_PARAMETERS, make_document
from gis.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gis.service.ogc.api import Answer, CollectionStore
    from gis.service.state import ServiceState

GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
BASIC = frozenset({"f", "lang"})
MAX_OFFSET = 2**31 - 1
ERROR = Text("OGC 请求无法完成：{}", "the OGC request cannot be met: {}")


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes; pygeoapi is loaded and the collections are made when first asked for."""
    router = APIRouter(prefix="/ogc", include_in_schema=False)

    @cache
    def store() -> CollectionStore:
        from gis.service.ogc.api import CollectionStore

        return CollectionStore(state.workspace)

    add_descriptions(router, store)
    add_features(router, store)
    return router


def add_descriptions(router: APIRouter, store: Callable[[], CollectionStore]) -> None:
    """Add the routes that say what there is."""

    @router.get("")
    @router.get("/")
    def read_landing(request: Request) -> Response:
        """Landing page."""
        from gis.service.ogc.api import ask_landing

        check_parameters(request, BASIC)
        return answer_json(ask_landing(store().get(), request, base_url(request)))

    @router.get("/conformance")
    def read_conformance(request: Request) -> Response:
        """Conformance declaration."""
        from gis.service.ogc.api import ask_conformance

        check_parameters(request, BASIC)
        return answer_json(ask_conformance(store().get(), request, base_url(request)))

    @router.get("/openapi")
    def read_openapi(request: Request) -> Response:
        """OpenAPI document."""
        check_parameters(request, BASIC)
        document = make_document(base_url(request), store().get().tables, version=__version__)
        return JSONResponse(document, media_type=OPENAPI)


def add_features(router: APIRouter, store: Callable[[], CollectionStore]) -> None:
    """Add the routes of the collections and their features."""

    @router.get("/collections")
    def read_collections(request: Request) -> Response:
        """All collections."""
        from gis.service.ogc.api import ask_collections

        check_parameters(request, BASIC)
        return answer_json(ask_collections(store().get(), request, base_url(request)))

    @router.get("/collections/{collection_id}")
    def read_collection(request: Request, collection_id: str) -> Response:
        """One collection."""
        from gis.service.ogc.api import ask_collections

        check_parameters(request, BASIC)
        return answer_json(ask_collections(store().get(), request, base_url(request), collection_id))

    @router.get("/collections/{collection_id}/items")
    def read_items(request: Request, collection_id: str) -> Response:
        """Features of a collection."""
        from gis.service.ogc.api import ask_items

        made = store().get()
        table = made.tables.get(collection_id)
        check_parameters(request, ITEM_PARAMETERS.union(table.fields if table else ()))
        check_items(request)
        answer, text = ask_items(made, request, base_url(request), collection_id)
        if answer.status != 200:
            return answer_json(answer)
        return Response(text, media_type=GEOJSON, headers=answer.headers)

    @router.get("/collections/{collection_id}/items/{item_id:path}")
    def read_item(request: Request, collection_id: str, item_id: str) -> Response:
        """One feature."""
        from gis.service.ogc.api import ask_item

        check_parameters(request, BASIC | {"crs"})
        return answer_json(
            ask_item(store().get(), request, base_url(request), collection_id, item_id), media_type=GEOJSON
        )


def base_url(request: Request) -> str:
    """Return the address of the landing page as the client reached it."""
    return f"{str(request.base_url).rstrip('/')}/ogc"


def answer_json(answer: Answer, *, media_type: str = "application/json") -> Response:
    """Answer with what pygeoapi said; its errors in the one shape of the service."""
    if answer.status < 400:
        return JSONResponse(answer.table, media_type=media_type, headers=answer.headers)
    said = answer.table.get("description", "")
    code = f"ogc.{answer.table.get('code', 'error')}"
    body = error_body(code, Text(ERROR.zh.format(said), ERROR.en.format(said)))
    return JSONResponse(body, status_code=answer.status)


def check_parameters(request: Request, known: Collection[str]) -> None:
    """Refuse parameters nobody reads, and formats that are not there.

    Raises
    ------
    BadQueryError
        If there is one.
    """
    for name in request.query_params:
        if name not in known:
            raise refuse(name, "没有这个参数", "there is no such parameter")
    if request.query_params.get("f", "json") != "json":
        raise refuse("f", "只有 json 一种格式", "json is the only format")


def check_items(request: Request) -> None:
    """Refuse boxes, limits and offsets that are nonsense, before pygeoapi reads them.

    Raises
    ------
    BadQueryError
        If one is: a box must be finite, its west not east of its east, its south not north of its north.
    """
    fields = request.query_params
    for name, least in (("limit", 1), ("offset", 0)):
        text = fields.get(name)
        if text is None:
            continue
        if not (text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= MAX_OFFSET):
            raise refuse(name, f"应为不小于 {least} 的整数", f"must be a whole number, {least} or more")
    if "resulttype" in fields and fields["resulttype"] not in {"results", "hits"}:
        raise refuse("resulttype", "应为 results 或 hits", "must be results or hits")
    if "skipGeometry" in fields and fields["skipGeometry"] not in {"true", "false"}:
        raise refuse("skipGeometry", "应为 true 或 false", "must be true or false")
    if "datetime" in fields and not is_time(fields["datetime"]):
        raise refuse("datetime", "应为 RFC 3339 时间或时段", "must be an RFC 3339 time or interval")
    if "bbox" in fields and not is_box(fields["bbox"]):
        raise refuse(
            "bbox",
            "应为 西,南,东,北（度，有限数，西 ≤ 东，南 ≤ 北）",
            "must be west,south,east,north: finite degrees, west ≤ east, south ≤ north",
        )


def is_box(text: str) -> bool:
    """Return whether a text is a box: four or six finite numbers in order."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return False
    half = len(numbers) // 2
    if len(numbers) not in {4, 6} or not all(map(math.isfinite, numbers)):
        return False
    return all(low <= high for low, high in zip(numbers[:half], numbers[half:], strict=True))


def is_time(text: str) -> bool:
    """Return whether a text is an RFC 3339 date or time, or an interval of two with at most one end open."""
    ends = text.split("/")
    closed = [end for end in ends if len(ends) == 1 or end not in {"", ".."}]
    try:
        times = [datetime.fromisoformat(end).replace(tzinfo=None) for end in closed]
    except ValueError:
        return False
    return len(ends) <= 2 and bool(times) and times == sorted(times)


def refuse(name: str, zh: str, en: str) -> BadQueryError:
    """Return the error for a parameter."""
    shown = quote(name[:80], safe="-_")
    return BadQueryError(
        f"参数 {shown}：{zh}",
        f"parameter {shown}: {en}",
        where=shown,
        hint_zh="参数见 /ogc/openapi",
        hint_en="the parameters are in /ogc/openapi",
        code="ogc.parameter",
    )
