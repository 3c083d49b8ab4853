"""Checks: a site file in, the site-check/1 object out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from gis.errors import NotFoundError, SiteError, SiteFormatError
from gis.service.answers import RESULT_CONTENT, JobFacts, problems
from gis.service.jobs import make_key
from gis.service.options import OPTION_PARAMETERS, OPTION_SCHEMAS, read_name, read_options
from gis.service.workers import BODY_NAME, Asked
from gis.sites.read import SiteSource
from gis.store.records import unknown_check

if TYPE_CHECKING:
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

_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "结果或任务 / the result or the job"}}
POST_DOC: dict[int | str, dict[str, Any]] = {
    201: {"description": "结果 / the result", "content": RESULT_CONTENT, "headers": _LOCATION},
    202: {"description": "尚在进行 / still under way", "model": JobFacts, "headers": _LOCATION},
    **problems(400, 403, 408, 413, 415, 422, 503),
}
READ_DOC: dict[int | str, dict[str, Any]] = {
    200: {"description": "结果 / the result", "content": RESULT_CONTENT},
    **problems(404, 503),
}
FACES_DOC: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "文件 / the file",
        "content": {kind.partition(";")[0]: {} for kind in FACES.values()},
    },
    **problems(404, 422, 503),
}
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"
)
QUICK_S = 2.0
"""A check that takes longer becomes a job."""

QUICK_BYTES = 200_000
ID_SIGNS = 64
MAX_FILES = 100
MAX_FIELDS = 100
_GEOJSON = {
    "type": "object",
    "required": ["type"],
    "description": "FeatureCollection, Feature or geometry; CGCS2000/WGS 84 degrees unless `crs` says",
    "properties": {"type": {"type": "string"}},
}
_REQUEST_BODY = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {
                "type": "object",
                "required": ["files"],
                "properties": {
                    "files": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "format": "binary"},
                        "description": "一个或多个用地文件，字段可重复 / one or more site files, repeatable",
                    },
                    **OPTION_SCHEMAS,
                },
            }
        },
        "application/geo+json": {"schema": _GEOJSON},
        "application/json": {"schema": _GEOJSON},
    },
}


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes of checks."""
    router = APIRouter(prefix="/api/checks", tags=["checks"])

    @router.post(
        "",
        status_code=201,
        summary="检查项目用地 / check project sites",
        response_class=Response,
        responses=POST_DOC,
        openapi_extra={"parameters": OPTION_PARAMETERS, "requestBody": _REQUEST_BODY},
    )
    async def post_check(request: Request) -> Response:
        """表单字段 `files`（可重复），或 GeoJSON 请求体；选项可为表单字段或查询参数。

        2 秒内完成则答 201 与结果，否则答 202 与任务，进度见 `/api/jobs/{job_id}`。
        检查在记录写入之后才答复。

        Multipart field `files` (repeatable), or a GeoJSON body; options as form or query fields.
        Done within 2 s: 201 with the result; else 202 with a job, its progress at `/api/jobs/{job_id}`.
        A check is answered after its record is committed.
        """  # noqa: D400
        sources, fields = await read_request(request)
        options = read_options(fields)
        named = read_name(fields)
        asked_by = read_asker(request, state.workspace.settings.asker_header) or named
        asked = Asked(sources, options, key=make_key())
        job = state.jobs.start(run_check(state, asked, asked_by), asked.key)
        if not await state.jobs.is_done(job, wait_s=None if is_quick(asked) else QUICK_S):
            headers = {"location": f"/api/jobs/{job.key}"}
            return JSONResponse(state.jobs.describe(job), status_code=202, headers=headers)
        kept = state.jobs.take(job)
        headers = {"location": f"/api/checks/{kept.check_id}"}
        return Response(kept.body, status_code=201, media_type=JSON, headers=headers)

    add_results(router, state)
    return router


def add_results(router: APIRouter, state: ServiceState) -> None:
    """Add the routes of stored results."""

    @router.get("/{check_id}.json", response_class=Response, include_in_schema=False)
    def read_json(check_id: str) -> Response:
        """Answer with the result itself."""
        return Response(state.records.read_body(check_id), media_type=JSON)

    @router.get(
        "/{check_id}.{face}",
        summary="结果的其他形式 / the result in another form",
        response_class=Response,
        responses=FACES_DOC,
    )
    async def read_face(
        check_id: str, face: Annotated[str, Path(json_schema_extra={"enum": list(FACES)})]
    ) -> Response:
        """GeoJSON（用地、重叠、管控区）、XLSX、HTML 与 PDF 报告 / sites and zones; tables; reports."""
        if face not in FACES:
            raise NotFoundError(
                f"结果没有 {face!r} 这种形式",
                f"a result has no form {face!r}",
                where=face[:80],
                hint_zh="有：json、" + "、".join(FACES),
                hint_en="there are: json, " + ", ".join(FACES),
                code="checks.form",
            )
        record = await run_in_threadpool(state.records.read_record, whole_id(check_id))
        asked = Asked(record.sources, record.options)
        content = await asyncio.wrap_future(state.workers.render(asked, check_id, face))
        return answer_face(content, check_id, face)

    @router.get(
        "/{check_id}",
        summary="一次检查的结果 / the result of a check",
        response_class=Response,
        responses=READ_DOC,
    )
    def read_check(check_id: str) -> Response:
        """与检查时所答的完全相同 / the same bytes that answered the check."""
        return Response(state.records.read_body(check_id), media_type=JSON)


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
    fields = {name: value for name, value in request.query_params.items() if name in OPTION_SCHEMAS}
    if kind in JSON_TYPES:
        sources: tuple[SiteSource, ...] = (SiteSource(name=BODY_NAME, content=await request.body()),)
    elif kind == MULTIPART:
        async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS) as form:
            sources = await read_files(form)
            fields |= {
                name: value
                for name, value in form.items()
                if name in OPTION_SCHEMAS and isinstance(value, str)
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
