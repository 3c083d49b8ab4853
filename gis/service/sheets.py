"""Map sheets over HTTP: which sheets cover a box, one sheet, the view of a map, the sheet of a check."""

from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from gis.errors import SheetError
from gis.service.answers import SheetFacts, Sheets, answers, problems
from gis.sheets.centred import render_centred, render_view
from gis.sheets.numbering import find_scale, parse_number
from gis.sheets.options import SheetOptions
from gis.sheets.selection import sheets_of_box
from gis.sheets.series import render_sheet
from gis.sheets.stored import read_check
from gis.sheets.subject import subject_of_check

if TYPE_CHECKING:
    from gis.service.state import ServiceState
    from gis.sheets.numbering import SheetFrame

PDF_DOC: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "PDF",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}
DRAWN_AT_ONCE = 2
"""Sheets drawn at the same time; more wait, so that maps and checks keep being answered."""

Box = Annotated[str, Query(description="西,南,东,北，度 / west,south,east,north, degrees")]
Profile = Annotated[
    Literal["public", "internal"],
    Query(description="public：不含敏感图层；internal：内部资料 / public leaves sensitive layers out"),
]
Theme = Annotated[str, Query(description="framework、hubs、control、check、corridors", max_length=60)]
Paper = Annotated[
    Literal["A0", "A1", "A2", "A3", "A4"] | None,
    Query(description="默认取能容纳的最小者 / by default the smallest that takes the frame"),
]
Scale = Annotated[int | None, Query(description="比例尺分母 / N of 1:N")]


def make_router(state: ServiceState) -> APIRouter:
    """Return the routes of sheets; a sheet is drawn when asked for, with today's date."""
    router = APIRouter(prefix="/api", tags=["sheets"])
    turns = threading.BoundedSemaphore(DRAWN_AT_ONCE)

    @router.get(
        "/sheets",
        summary="范围内的标准图幅 / the standard sheets of a box",
        responses=answers(Sheets, "图幅 / the sheets") | problems(422),
    )
    def list_sheets(
        bbox: Box, scale: Annotated[int, Query(description="N of 1:N")] = 50_000
    ) -> dict[str, Any]:
        """GB/T 13989-2012 中与范围相交的图幅 / those of GB/T 13989-2012 that share ground with it."""
        find_scale(scale)
        frames = sheets_of_box(read_box(bbox), scale)
        return {"scale": scale, "sheets": [describe(frame) for frame in frames]}

    add_framed_sheets(router, state, turns)
    add_standard_sheets(router, state, turns)
    return router


def add_framed_sheets(router: APIRouter, state: ServiceState, turns: threading.BoundedSemaphore) -> None:
    """Add the sheets whose frame is chosen: of a view, of a check."""

    @router.get(
        "/sheets/view.pdf",
        summary="打印当前视图 / print a view",
        response_class=Response,
        responses=PDF_DOC | problems(422),
    )
    def print_view(
        bbox: Box,
        scale: Scale = None,
        paper: Paper = None,
        theme: Theme = "framework",
        profile: Profile = "public",
    ) -> Response:
        """默认 A3 / on A3 unless a paper is named."""
        options = SheetOptions(on=today(), theme=theme, paper=paper, profile=profile)
        box = read_box(bbox)
        with turns:
            content = render_view(state.workspace, box, options=options, scale=scale)
        return answer_pdf(content, "view")

    @router.get(
        "/checks/{check_id}/sheet.pdf",
        summary="一次检查的图 / the sheet of a check",
        response_class=Response,
        responses=PDF_DOC | problems(404, 422, 503),
    )
    def print_check(
        check_id: str, scale: Scale = None, paper: Paper = None, profile: Profile = "public"
    ) -> Response:
        """用地、所涉管控区、重叠与结论 / sites, zones met, overlaps, findings."""
        check = read_check(state.records.read_body(check_id))
        options = SheetOptions(on=today(), theme="check", paper=paper, profile=profile)
        with turns:
            content = render_centred(state.workspace, subject_of_check(check), options=options, scale=scale)
        return answer_pdf(content, f"check-{check.check_id[:12]}")


def add_standard_sheets(router: APIRouter, state: ServiceState, turns: threading.BoundedSemaphore) -> None:
    """Add the sheets of the national series."""

    @router.get(
        "/sheets/{number}.pdf",
        summary="一幅标准图幅 / one sheet of the national series",
        response_class=Response,
        responses=PDF_DOC | problems(422),
    )
    def print_number(
        number: str, theme: Theme = "framework", paper: Paper = None, profile: Profile = "public"
    ) -> Response:
        """按图幅编号，如 H51E011001 / by its number, such as H51E011001."""
        frame = parse_number(number)
        options = SheetOptions(on=today(), theme=theme, paper=paper, profile=profile)
        with turns:
            content = render_sheet(state.workspace, frame.number, options=options)
        return answer_pdf(content, frame.number)

    @router.get(
        "/sheets/{number}",
        summary="图幅范围与邻幅 / the frame and the neighbours of a number",
        responses=answers(SheetFacts, "图幅 / the sheet") | problems(422),
    )
    def read_sheet(number: str) -> dict[str, Any]:
        """范围、中央经线、邻幅 / box, central meridian, neighbours."""
        return describe(parse_number(number))


def today() -> date:
    """Return the office's calendar day: the date printed on a sheet, read once at the edge."""
    return date.today()  # noqa: DTZ011


def describe(frame: SheetFrame) -> dict[str, Any]:
    """Return a frame with the link to its sheet."""
    return {**frame.as_dict(), "pdf": f"/api/sheets/{frame.number}.pdf"}


def answer_pdf(content: bytes, name: str) -> Response:
    """Return a PDF to be shown, or kept under a name."""
    headers = {"content-disposition": f'inline; filename="{name}.pdf"', "cache-control": "no-cache"}
    return Response(content, media_type="application/pdf", headers=headers)


def read_box(text: str) -> tuple[float, float, float, float]:
    """Return ``west,south,east,north`` in degrees.

    Raises
    ------
    SheetError
        If the text is not four numbers.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise SheetError(
            f"bbox 的值 {text[:80]!r} 不是 西,南,东,北 四个数",
            f"bbox = {text[:80]!r} is not four numbers, west,south,east,north",
            where="bbox",
            code="sheets.bbox",
        ) from error
    return west, south, east, north
