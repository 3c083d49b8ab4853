"""pygeoapi over the tables: its rules of paging, boxes, languages and links, without its pages or plugins."""

from __future__ import annotations

import json
import logging
import threading
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pygeoapi import l10n
from pygeoapi.api import API, APIRequest, conformance, describe_collections, landing_page
from pygeoapi.api.itemtypes import get_collection_item, get_collection_items
from pygeoapi.util import get_api_rules

from gis.service.ogc.document import DEFAULT_ITEMS, MAX_ITEMS
from gis.service.ogc.features import make_tables
from gis.service.ogc.provider import ROWS, MemoryProvider
from gis.webmap.zones import today

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from starlette.requests import Request

    from gis.service.ogc.features import FeatureTable
    from gis.workspace import Workspace

LANGUAGES = ("zh-CN", "en-US")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
PROVIDER = f"{MemoryProvider.__module__}.{MemoryProvider.__name__}"
RELATIONS = frozenset({"about", "collection", "conformance", "data", "items", "next", "prev", "root", "self"})
"""Links that lead to something this service has; pygeoapi also writes those to what it has not."""
CLASSES = (
    "ogcapi-common-1/1.0/conf/core",
    "ogcapi-common-1/1.0/conf/json",
    "ogcapi-common-1/1.0/conf/landing-page",
    "ogcapi-common-1/1.0/conf/oas30",
    "ogcapi-common-2/1.0/conf/collections",
    "ogcapi-features-1/1.0/conf/core",
    "ogcapi-features-1/1.0/conf/geojson",
    "ogcapi-features-1/1.0/conf/oas30",
    "ogcapi-features-2/1.0/conf/crs",
)
JSON = "application/json"

logging.getLogger("pygeoapi").setLevel(logging.CRITICAL)  # a stranger's bad parameter is no error of ours


class Answer(NamedTuple):
    """What pygeoapi answered: the JSON object, and headers worth keeping."""

    status: int
    table: dict[str, Any]
    headers: dict[str, str]


class FeaturesAPI(API):  # type: ignore[misc]
    """pygeoapi's core with what the Features functions use: no logging set-up, no processes, no templates."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config
        self.openapi: dict[str, Any] = {}
        self.api_headers = get_api_rules(config).response_headers
        self.base_url = ""
        self.locales = l10n.get_locales(config)
        self.default_locale = self.locales[0]
        self.pretty_print = False


class FeaturesRequest(APIRequest):  # type: ignore[misc]
    """A request as pygeoapi reads it: always for JSON, in Chinese unless English is asked for."""

    def _get_format(self, headers: object) -> str:
        """Return JSON: what a browser accepts must not choose a page that is not there."""
        del headers
        return "json"

    def _get_locale(self, headers: Mapping[str, str], supported: Sequence[Any]) -> tuple[str, Any]:
        """Return the language asked for, by parameter before header; strangers' codes count as Chinese."""
        wanted = self._args.get("lang") or headers.get("accept-language") or ""
        english = wanted.strip().lower().startswith("en")
        return LANGUAGES[english], supported[english]


@dataclass(frozen=True, slots=True)
class Collections:
    """The collections of one day with the interface over them."""

    day: date
    tables: Mapping[str, FeatureTable]
    api: FeaturesAPI


class CollectionStore:
    """Makes the collections when they are first asked for, and anew when the day's law may be another."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._made: Collections | None = None

    def get(self) -> Collections:
        """Return the collections of today."""
        day = today()
        with self._lock:
            if self._made is None or self._made.day != day:
                tables = make_tables(self._workspace, day)
                self._made = Collections(day, tables, FeaturesAPI(make_config(tables)))
            return self._made


def make_config(tables: Mapping[str, FeatureTable]) -> dict[str, Any]:
    """Return pygeoapi's configuration of the collections."""
    title = {"zh-CN": "杭州生态框架与基础设施枢纽", "en-US": "Hangzhou framework and infrastructure hubs"}
    about = {
        "zh-CN": "图层与管控区；每个要素注明来源与精度，轮廓不是法定界线",
        "en-US": "Layers and control zones; each feature states its source and accuracy; no outline is legal",
    }
    return {
        "server": {
            "url": "",
            "languages": list(LANGUAGES),
            "limits": {"default_items": DEFAULT_ITEMS, "max_items": MAX_ITEMS, "on_exceed": "throttle"},
        },
        "metadata": {"identification": {"title": title, "description": about, "url": "/"}},
        "resources": {table.id: _resource(table) for table in tables.values()},
    }


def _resource(table: FeatureTable) -> dict[str, Any]:
    """Return one collection of the configuration."""
    return {
        "type": "collection",
        "title": {"zh-CN": table.title.zh, "en-US": table.title.en},
        "description": {"zh-CN": table.description.zh, "en-US": table.description.en},
        "keywords": [],
        "links": [],
        "extents": {"spatial": {"bbox": list(table.bounds), "crs": CRS84}},
        "providers": [{"type": "feature", "name": PROVIDER, "data": table, "id_field": "id"}],
    }


def ask(
    collections: Collections, request: Request, base_url: str, function: Callable[..., Any], *names: str
) -> Answer:
    """Ask one of pygeoapi's functions, always for JSON, with links that start at `base_url`."""
    api = copy(collections.api)
    api.base_url = base_url
    asked = FeaturesRequest(request, api.locales)
    headers, status, content = function(api, asked, *names)
    table = json.loads(content)
    if "links" in table:
        table["links"] = keep_links(table["links"])
    return Answer(int(status), table, {name: headers[name] for name in KEPT_HEADERS if name in headers})


KEPT_HEADERS = ("Content-Language", "Content-Crs")


def keep_links(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the links that lead to JSON of this service."""
    return [
        link
        for link in links
        if link["rel"] in RELATIONS and ("json" in link["type"] and "ld+json" not in link["type"])
    ]


def ask_landing(collections: Collections, request: Request, base_url: str) -> Answer:
    """Return the landing page."""
    answer = ask(collections, request, base_url, landing_page)
    description = {
        "rel": "service-desc",
        "type": "application/vnd.oai.openapi+json;version=3.0",
        "title": "OpenAPI",
        "href": f"{base_url}/openapi",
    }
    answer.table["links"].append(description)
    return answer


def ask_conformance(collections: Collections, request: Request, base_url: str) -> Answer:
    """Return what is conformed to: of pygeoapi's classes those whose routes are here."""
    api = copy(collections.api)
    api.config = dict(api.config) | {"resources": {}}
    headers_of = ask(Collections(collections.day, {}, api), request, base_url, conformance)
    claimed = [f"http://www.opengis.net/spec/{name}" for name in CLASSES]
    return headers_of._replace(table={"conformsTo": claimed})


def ask_collections(
    collections: Collections, request: Request, base_url: str, collection_id: str | None = None
) -> Answer:
    """Return the description of all collections, or of one."""
    answer = ask(collections, request, base_url, describe_collections, *filter(None, [collection_id]))
    for table in answer.table.get("collections", []):
        table["links"] = keep_links(table["links"])
    return answer


def ask_items(
    collections: Collections, request: Request, base_url: str, collection_id: str
) -> tuple[Answer, str]:
    """Return a page of features as GeoJSON text, the whole features as they were written once."""
    answer = ask(collections, request, base_url, get_collection_items, collection_id)
    table = answer.table
    if answer.status != 200:
        return answer, ""
    rows = table.pop(ROWS, None)
    offset = int(request.query_params.get("offset") or 0)
    if request.query_params.get("resulttype") == "hits":
        table["links"] = [link for link in table["links"] if link["rel"] not in {"next", "prev"}]
    elif offset + table["numberReturned"] >= table["numberMatched"]:
        table["links"] = [link for link in table["links"] if link["rel"] != "next"]
    if rows is None:
        return answer, json.dumps(table, ensure_ascii=False)
    texts = collections.tables[collection_id].texts
    head = {name: value for name, value in table.items() if name != "features"}
    features = ",\n".join(texts[row] for row in rows)
    return answer, f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [\n{features}\n]}}\n'


def ask_item(
    collections: Collections, request: Request, base_url: str, collection_id: str, item_id: str
) -> Answer:
    """Return one feature."""
    return ask(collections, request, base_url, get_collection_item, collection_id, item_id)
