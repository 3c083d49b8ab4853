"""Checks: a site file in, the site-check/1 object out."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from gis.errors import SettingsError, SiteError, SiteFormatError
from gis.model import CheckOptions
from gis.outputs.json import render_json
from gis.sites.read import SiteSource, read_sites
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.model import SiteSet
    from gis.service.state import ServiceState
    from gis.store.records import Kept

JSON = "application/json"
JSON_TYPES = frozenset({JSON, "application/geo+json"})
MULTIPART = "multipart/form-data"
BODY_NAME = "body.geojson"
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
        kept = await run_in_threadpool(run_check, state, sources, options, asked_by)
        headers = {"location": f"/api/checks/{kept.check_id}"}
        return Response(kept.body, status_code=201, media_type=JSON, headers=headers)

    @router.get("/{check_id}", response_class=Response)
    def read_check(check_id: str) -> Response:
        """一次检查的结果 / the result of a check."""
        return Response(state.records.read_body(check_id), media_type=JSON)

    return router


def run_check(
    state: ServiceState, sources: Sequence[SiteSource], options: CheckOptions, asked_by: str
) -> Kept:
    """Read the sites, check them, and keep the check; runs outside the event loop.

    What is returned is committed: nobody is told an answer that is not in the records.
    """
    sites = read_sources(sources, options)
    body = render_json(check_sites(state.workspace, sites, options))
    return state.records.keep(body, sources=sources, options=options, asked_by=asked_by)


def read_asker(request: Request, header: str) -> str:
    """Return who asks as the office's proxy says in its header; empty where no header is trusted."""
    value = request.headers.get(header, "") if header else ""
    try:
        return value.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return value.strip()


def read_sources(sources: Sequence[SiteSource], options: CheckOptions) -> SiteSet:
    """Return the sites of a request.

    Raises
    ------
    SiteError
        As from ``gis.sites``; a body that was declared as JSON and is none is broken, not of another type.
    """
    try:
        return read_sites(sources, crs=options.crs, datum=options.datum)
    except SiteFormatError as error:
        if sources[0].name != BODY_NAME:
            raise
        raise SiteError(
            error.zh,
            error.en,
            where=error.where,
            hint_zh=error.hint_zh,
            hint_en=error.hint_en,
            code=error.code,
        ) from error


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
