"""Checks: a site file in, the site-check/1 object out."""

from __future__ import annotations

import asyncio
import math
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from gis.errors import SettingsError, SiteError, SiteFormatError
from gis.model import CheckOptions
from gis.service.jobs import make_key
from gis.service.workers import BODY_NAME, Asked
from gis.sites.read import SiteSource
from gis.store.records import unknown_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.service.state import ServiceState
    from gis.store.records import Kept

JSON = "application/json"
JSON_TYPES = frozenset({JSON, "application/geo+json"})
MULTIPART = "multipart/form-data"
FACES = {
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
"""Faces of a result, ``/api/checks/{id}.<face>``, with their content types."""

FACES_DOC: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for kind in FACES.values()}}}
Face = Literal["geojson", "xlsx", "html", "pdf"]
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"
)
QUICK_S = 2.0
"""A check that takes longer becomes a job."""

QUICK_BYTES = 200_000
ID_SIGNS = 64
MAX_FILES = 100
MAX_FIELDS = 100
OPTION_NAMES = ("on", "datum", "crs", "site_accuracy", "near", "what_if", "name")
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"", "0", "false", "no", "off"})

_TEXT = {"schema": {"type": "string"}}
_PARAMETERS = [{"name": name, "in": "query", "required": False, **_TEXT} for name in OPTION_NAMES]
_REQUEST_BODY = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {
                "type": "object",
                "required": ["files"],
                "properties": {
                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    **{name: {"type": "string"} for name in OPTION_NAMES},
                },
            }
        },
        "application/geo+json": {"schema": {"type": "object"}},
        "application/json": {"schema": {"type": "object"}},
    },
}


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes of checks."""
    router = APIRouter(prefix="/api/checks", tags=["checks"])

    @router.post(
        "",
        status_code=201,
        response_class=Response,
        openapi_extra={"parameters": _PARAMETERS, "requestBody": _REQUEST_BODY},
    )
    async def post_check(request: Request) -> Response:
        """Check project sites / 检查项目用地.

        Multipart field `files` (repeatable), or a GeoJSON body.
        multipart 字段 `files`（可重复），或 GeoJSON 请求体。
        """
        sources, fields = await read_request(request)
        options = read_options(fields)
        asked_by = read_asker(request, state.workspace.settings.asker_header) or fields.get("name", "")
        asked = Asked(sources, options, key=make_key())
        job = state.jobs.start(run_check(state, asked, asked_by), asked.key)
        if not await state.jobs.is_done(job, wait_s=None if is_quick(asked) else QUICK_S):
            headers = {"location": f"/api/jobs/{job.key}"}
            return JSONResponse(state.jobs.describe(job), status_code=202, headers=headers)
        kept = state.jobs.take(job)
        headers = {"location": f"/api/checks/{kept.check_id}"}
        return Response(kept.body, status_code=201, media_type=JSON, headers=headers)

    @router.get("/{check_id}.{face}", response_class=Response, responses=FACES_DOC)
    async def read_face(check_id: str, face: Face) -> Response:
        """结果的其他形式：GeoJSON、XLSX、HTML、PDF / the result in another form."""
        record = await run_in_threadpool(state.records.read_record, whole_id(check_id))
        asked = Asked(record.sources, record.options)
        content = await asyncio.wrap_future(state.workers.render(asked, check_id, face))
        return answer_face(content, check_id, face)

    @router.get("/{check_id}", response_class=Response)
    def read_check(check_id: str) -> Response:
        """一次检查的结果 / the result of a check."""
        return Response(state.records.read_body(check_id), media_type=JSON)

    return router


async def run_check(state: ServiceState, asked: Asked, asked_by: str) -> Kept:
    """Check sites and keep the check.

    What is returned is committed: nobody is told an answer that is not in the records.
    """
    body = await asyncio.wrap_future(state.workers.check(asked))
    return await run_in_threadpool(
        state.records.keep, body, sources=asked.sources, options=asked.options, asked_by=asked_by
    )


def is_quick(asked: Asked) -> bool:
    """Return whether a check is so small that its result is waited for, however busy the service is."""
    return not asked.options.what_if and sum(len(source.content) for source in asked.sources) <= QUICK_BYTES


def whole_id(check_id: str) -> str:
    """Return the id of a check.

    Raises
    ------
    NotFoundError
        If it is not a whole one: a record's number or an id's beginning names no result here.
    """
    if len(check_id) != ID_SIGNS:
        raise unknown_check(check_id)
    return check_id


def answer_face(content: bytes, check_id: str, face: str) -> Response:
    """Answer with a face of a result: a page may style itself, and neither script nor ask anyone."""
    headers = {"content-disposition": f'inline; filename="check-{check_id[:12]}.{face}"'}
    if face == "html":
        headers["content-security-policy"] = REPORT_POLICY
    return Response(content, media_type=FACES[face], headers=headers)


def read_asker(request: Request, header: str) -> str:
    """Return who asks as the office's proxy says in its header; empty where no header is trusted."""
    value = request.headers.get(header, "") if header else ""
    try:
        return value.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return value.strip()


async def read_request(request: Request) -> tuple[tuple[SiteSource, ...], dict[str, str]]:
    """Return the files of a request and its option fields; a form field wins over a query field.

    Raises
    ------
    SiteFormatError
        If the content type is neither multipart nor GeoJSON.
    SiteError
        If there is no file.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    fields = {name: value for name, value in request.query_params.items() if name in OPTION_NAMES}
    if kind in JSON_TYPES:
        sources: tuple[SiteSource, ...] = (SiteSource(name=BODY_NAME, content=await request.body()),)
    elif kind == MULTIPART:
        async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS) as form:
            sources = await read_files(form)
            fields |= {
                name: value for name, value in form.items() if name in OPTION_NAMES and isinstance(value, str)
            }
    else:
        raise SiteFormatError(
            f"不支持的内容类型 {kind!r}",
            f"the content type {kind!r} is not supported",
            where="Content-Type",
            hint_zh="请用 multipart/form-data 的 files 字段，或 application/geo+json",
            hint_en="send multipart/form-data with the field files, or application/geo+json",
            code="http.content_type",
        )
    if not sources:
        raise SiteError(
            "请求中没有用地文件",
            "the request holds no site file",
            where="files",
            hint_zh="请把文件放在 multipart 字段 files 中",
            hint_en="put the file into the multipart field files",
            code="sites.no_file",
        )
    return sources, fields


async def read_files(form: FormData) -> tuple[SiteSource, ...]:
    """Return the uploaded files of the field ``files``, their names kept as text."""
    uploads = [item for item in form.getlist("files") if isinstance(item, UploadFile)]
    return tuple([SiteSource(name=item.filename or "upload", content=await item.read()) for item in uploads])


def read_options(fields: Mapping[str, str]) -> CheckOptions:
    """Return the options of a check from text fields; blank fields count as absent.

    Raises
    ------
    SettingsError
        If a value cannot be used.
    """
    return CheckOptions(
        on=read_date(fields.get("on", "")),
        site_accuracy_m=read_metres("site_accuracy", fields, default=1.0),
        near_m=read_metres("near", fields, default=1000.0),
        datum=fields.get("datum") or None,
        crs=fields.get("crs") or None,
        what_if=read_flag("what_if", fields),
    )


def read_date(text: str) -> date:
    """Return the date the law is taken at; today when the field is blank.

    Raises
    ------
    SettingsError
        If the text is no date.
    """
    if not text:
        return date.today()  # noqa: DTZ011 - the office's calendar day, read once at the edge
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise bad_option("on", text, "日期，如 2026-01-31", "a date such as 2026-01-31") from error


def read_metres(name: str, fields: Mapping[str, str], *, default: float) -> float:
    """Return a distance in metres, 0 or more.

    Raises
    ------
    SettingsError
        If the field is no such number.
    """
    text = fields.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise bad_option(name, text, "不小于 0 的米数", "metres, 0 or more")
    return value


def read_flag(name: str, fields: Mapping[str, str]) -> bool:
    """Return a yes or no.

    Raises
    ------
    SettingsError
        If the field is neither.
    """
    text = fields.get(name, "").lower()
    if text not in TRUE | FALSE:
        raise bad_option(name, text, "true 或 false", "true or false")
    return text in TRUE


def bad_option(name: str, text: str, zh: str, en: str) -> SettingsError:
    """Return the error for an option that cannot be used."""
    shown = text[:80]
    return SettingsError(
        f"选项 {name} 的值 {shown!r} 不可用，应为{zh}",
        f"{name} = {shown!r} cannot be used: {en} is expected",
        where=name,
    )
