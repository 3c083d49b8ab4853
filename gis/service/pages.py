"""The pages: start, maps, reference of the interface; each with its own nonce and policy."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gis.webmap.page import render_docs, render_map, render_problem, render_start

if TYPE_CHECKING:
    from gis.service.state import ServiceState


CHECK_MAP = "check"
"""The map on which results are shown."""


def make_nonce() -> str:
    """Return a fresh nonce."""
    return secrets.token_urlsafe(18)


def page_policy(nonce: str, *, images: str = "", inline_styles: bool = False) -> str:
    """Return the Content-Security-Policy of a page.

    Parameters
    ----------
    images : str
        Origins of tile services that are switched on, separated by spaces.
    inline_styles : bool
        For the reference page, whose library sets style attributes.
    """
    styles = "'self' 'unsafe-inline'" if inline_styles else f"'self' 'nonce-{nonce}'"
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'nonce-{nonce}' 'strict-dynamic'",
            f"style-src {styles}",
            f"img-src 'self' data: {images}".strip(),
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def answer_page(page: str, policy: str) -> HTMLResponse:
    """Return a page with its policy; never cached, because the nonce is for one answer."""
    return HTMLResponse(page, headers={"content-security-policy": policy, "cache-control": "no-store"})


def answer_problem(request: Request, problem: dict[str, Any], status: int) -> HTMLResponse:
    """Answer a person whose request cannot be met: what is wrong, and the ways on from there."""
    nonce = make_nonce()
    language = request.query_params.get("lang") or "zh"
    state: ServiceState = request.app.state.service
    page = render_problem(state.workspace, problem, status, nonce=nonce, language=language)
    answer = answer_page(page, page_policy(nonce))
    answer.status_code = status
    return answer


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def read_start(request: Request, lang: str | None = None) -> HTMLResponse:
        """Start page."""
        nonce = make_nonce()
        address = str(request.base_url).rstrip("/")
        page = render_start(state.workspace, nonce=nonce, language=lang or "zh", address=address)
        return answer_page(page, page_policy(nonce))

    @router.get("/maps/{map_id}")
    def read_map(map_id: str, lang: str | None = None) -> HTMLResponse:
        """One web map."""
        nonce = make_nonce()
        page = render_map(state.workspace, map_id, nonce=nonce, language=lang or "zh")
        return answer_page(page, page_policy(nonce, images=tile_origins(state)))

    @router.get("/checks/{check_id}")
    def read_result(check_id: str, lang: str | None = None) -> HTMLResponse:
        """Show a stored result on its map."""
        state.records.read_body(check_id)
        nonce = make_nonce()
        page = render_map(state.workspace, CHECK_MAP, nonce=nonce, language=lang or "zh", check_id=check_id)
        return answer_page(page, page_policy(nonce, images=tile_origins(state)))

    @router.get("/docs")
    def read_docs(lang: str | None = None) -> HTMLResponse:
        """Answer with the reference of the interface."""
        nonce = make_nonce()
        page = render_docs(state.workspace, nonce=nonce, language=lang or "zh")
        return answer_page(page, page_policy(nonce, inline_styles=True))

    return router


def tile_origins(state: ServiceState) -> str:
    """Return the origins of the tile services that are switched on, for the policy of the map pages."""
    from urllib.parse import urlsplit

    from gis.webmap.definitions import read_ground

    settings = state.workspace.settings
    ground = read_ground(settings.workspace / "maps" / "basemaps.toml", key=settings.tianditu_key)
    parts = [urlsplit(base.url) for base in ground.online]
    return " ".join(sorted({f"{part.scheme}://{part.netloc}" for part in parts}))
