"""The service: one process, every route and every limit of it, read from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.responses import JSONResponse

from gis.errors import StoreError
from gis.model import LayerStatus
from gis.service import catalogue, checks, features, jobs, pages, register, sheets, tiles
from gis.service.answers import DocumentedApp, Health, answers
from gis.service.errors import ErrorShape, add_handlers
from gis.service.limits import BodyLimit, HeadAnswers, OriginGuard, SafeHeaders
from gis.service.logs import AccessLog
from gis.service.ogc import routes as ogc
from gis.service.state import ServiceState
from gis.service.static import CachedFiles
from gis.version import __version__
from gis.webmap.assets import STATIC, STATIC_URL
from gis.webmap.data import text_as_dict

if TYPE_CHECKING:
    from fastapi import FastAPI

    from gis.workspace import Workspace

GZIP_FROM_BYTES = 1000
TAGS = (
    {"name": "checks", "description": "检查项目用地与登记簿 / checking sites, and the register"},
    {"name": "catalogue", "description": "图层、规则与管控区 / layers, rules and control zones"},
    {"name": "sheets", "description": "分幅图 / map sheets"},
    {"name": "service", "description": "服务本身 / the service itself"},
)


def create_app(workspace: Workspace, *, processes: int = 0) -> FastAPI:
    """Return the service over one opened workspace.

    Parameters
    ----------
    workspace : Workspace
        Layers, rules and styles; only read.
    processes : int
        Processes that check sites; 0: threads of this one. ``app.state.service.close()`` ends them.

    Notes
    -----
    A request passes, from the outside in: the log, security headers, HEAD, the origin check, the body
    limits, gzip, the shape of errors, then its route. Every error leaves in the shape of
    ``gis.service.errors``.
    """
    state = ServiceState(workspace, processes)
    app = DocumentedApp(
        title="hangzhou-gis",
        version=__version__,
        description="杭州生态框架与基础设施枢纽：图层、管控规则、项目用地检查 / "
        "Hangzhou's ecological framework and hubs: layers, control rules, site checks",
        docs_url=None,
        redoc_url=None,
        openapi_tags=[dict(tag) for tag in TAGS],
    )
    app.state.service = state

    app.include_router(pages.make_router(state))
    app.include_router(register.make_router(state))
    app.include_router(checks.make_router(state))
    app.include_router(jobs.make_router(state))
    app.include_router(catalogue.make_router(state))
    app.include_router(features.make_router(state))
    app.include_router(tiles.make_router(state))
    app.include_router(sheets.make_router(state))
    app.include_router(ogc.make_router(state))
    app.add_api_route(
        "/healthz",
        lambda: report_health(state),
        tags=["service"],
        summary="运行状况 / health",
        responses=answers(
            Health, "哪些图层不可用，能否留存记录 / which layers fail, whether records can be kept"
        ),
    )
    app.mount(STATIC_URL, CachedFiles(directory=STATIC), name="static")
    add_handlers(app)

    app.add_middleware(ErrorShape)
    app.add_middleware(tiles.PlainRanges, minimum_size=GZIP_FROM_BYTES)
    app.add_middleware(
        BodyLimit,
        max_bytes=workspace.settings.max_upload_bytes,
        timeout_s=workspace.settings.body_timeout_s,
    )
    app.add_middleware(OriginGuard)
    app.add_middleware(HeadAnswers)
    app.add_middleware(SafeHeaders)
    app.add_middleware(AccessLog)
    return app


def report_health(state: ServiceState) -> JSONResponse:
    """Return whether the service can answer, which layers cannot be used, and whether records can be kept."""
    workspace = state.workspace
    failed = [
        {"layer": layer.entry.id, "problem": text_as_dict(layer.problem)}
        for layer in workspace.layers.values()
        if layer.status is LayerStatus.FAILED
    ]
    records: dict[str, Any] = {"status": "ok"}
    try:
        state.records.probe()
    except StoreError as error:
        records = {"status": "failed", "problem": {"zh": error.zh, "en": error.en}}
    body: dict[str, Any] = {
        "status": "degraded" if failed or records["status"] != "ok" else "ok",
        "version": __version__,
        "layers": len(workspace.layers),
        "rules": len(workspace.rules.rules),
        "failed_layers": failed,
        "records": records,
    }
    return JSONResponse(body)
