"""The register of checks: as JSON for programs, as a page for people."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from gis.model import Verdict
from gis.service.answers import RegisterPage, answers, problems
from gis.service.errors import BadQueryError
from gis.service.pages import answer_page, make_nonce, page_policy
from gis.service.register_page import render_register
from gis.store.register import MAX_LIMIT, MAX_OFFSET, RegisterQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.service.state import ServiceState
    from gis.store.register import Register, RegisterItem

PAGE_ROWS = 25
NAMES = ("limit", "offset", "q", "verdict", "from", "to")

_SCHEMAS: Mapping[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 50},
    "offset": {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
    "q": {"type": "string"},
    "verdict": {"type": "string", "enum": [verdict.value for verdict in Verdict]},
    "from": {"type": "string", "format": "date"},
    "to": {"type": "string", "format": "date"},
}
_PARAMETERS = [
    {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in _SCHEMAS.items()
]


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes of the register."""
    router = APIRouter()

    @router.get(
        "/api/checks",
        tags=["checks"],
        summary="检查登记簿，新的在前 / the register of checks, the newest first",
        responses=answers(RegisterPage, "一页 / a page") | problems(400, 503),
        openapi_extra={"parameters": _PARAMETERS},
    )
    async def list_checks(request: Request) -> dict[str, Any]:
        """`q` 查委托人、文件名、地块名与编号开头；`from`、`to` 为北京时间的日期，含首尾。

        `q` searches who asked, file and site names, and the beginning of ids; `verdict` finds checks in which
        a site has it; `from` and `to` are days in China's time, both included.
        """  # noqa: D400
        query = read_query(request.query_params)
        register = await run_in_threadpool(state.records.read_register, query)
        return register_as_dict(register, query, request.query_params)

    @router.get("/checks", include_in_schema=False, response_class=HTMLResponse)
    async def read_page(request: Request) -> HTMLResponse:
        """Answer with the register as a page; a form sends empty fields, which count as absent."""
        given = {name: value for name, value in request.query_params.items() if value.strip()}
        query = read_query({"limit": str(PAGE_ROWS)} | given)
        register = await run_in_threadpool(state.records.read_register, query)
        nonce = make_nonce()
        language = request.query_params.get("lang") or "zh"
        page = render_register(state.workspace, register, query, nonce=nonce, language=language)
        return answer_page(page, page_policy(nonce))

    return router


def read_query(fields: Mapping[str, str]) -> RegisterQuery:
    """Return what the register is asked for.

    Raises
    ------
    BadQueryError
        If a field is nonsense.
    """
    first, last = read_day("from", fields), read_day("to", fields)
    if first and last and first > last:
        raise bad_query("from", str(first), "不晚于 to 的日期", "a day not after to")
    verdict = fields.get("verdict", "")
    if verdict and verdict not in set(Verdict):
        raise bad_query("verdict", verdict, "、".join(Verdict), ", ".join(Verdict))
    return RegisterQuery(
        limit=read_count("limit", fields, default=50, least=1, most=MAX_LIMIT),
        offset=read_count("offset", fields, default=0, least=0, most=MAX_OFFSET),
        words=fields.get("q", ""),
        verdict=Verdict(verdict) if verdict else None,
        first_day=first,
        last_day=last,
    )


def read_count(name: str, fields: Mapping[str, str], *, default: int, least: int, most: int) -> int:
    """Return a whole number within its bounds.

    Raises
    ------
    BadQueryError
        If the field is no such number.
    """
    text = fields.get(name, str(default))
    if text.isascii() and text.isdigit() and len(text) <= 12 and least <= int(text) <= most:
        return int(text)
    raise bad_query(name, text, f"{least} 至 {most} 的整数", f"a whole number from {least} to {most}")


def read_day(name: str, fields: Mapping[str, str]) -> date | None:
    """Return a day, or None where the field is absent.

    Raises
    ------
    BadQueryError
        If the field is no day.
    """
    text = fields.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise bad_query(name, text, "日期，如 2026-01-31", "a date such as 2026-01-31") from error


def bad_query(name: str, text: str, zh: str, en: str) -> BadQueryError:
    """Return the error for a field that is nonsense."""
    shown = text[:80]
    return BadQueryError(
        f"参数 {name} 的值 {shown!r} 不可用，应为{zh}",
        f"{name} = {shown!r} cannot be used: {en} is expected",
        where=name,
        code="http.query",
    )


def register_as_dict(register: Register, query: RegisterQuery, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of the register with the links to the pages beside it."""
    links: dict[str, str] = {}
    kept = {name: value for name, value in fields.items() if name in NAMES and name != "offset"}
    if query.offset + query.limit < register.total:
        links["next"] = "/api/checks?" + urlencode(kept | {"offset": query.offset + query.limit})
    if query.offset > 0:
        links["prev"] = "/api/checks?" + urlencode(kept | {"offset": max(0, query.offset - query.limit)})
    return {
        "items": [item_as_dict(item) for item in register.items],
        "total": register.total,
        "limit": query.limit,
        "offset": query.offset,
        "links": links,
    }


def item_as_dict(item: RegisterItem) -> dict[str, Any]:
    """Return one line of the register."""
    return {
        "id": item.check_id,
        "record": item.record_id,
        "created": item.asked_at.isoformat(timespec="seconds"),
        "name": item.asked_by,
        "files": [{"name": file.name, "sha256": file.sha256} for file in item.files],
        "sites": item.sites,
        "by_verdict": {verdict.value: count for verdict, count in item.by_verdict.items()},
        "links": {"self": f"/api/checks/{item.check_id}", "page": f"/checks/{item.check_id}"},
    }
