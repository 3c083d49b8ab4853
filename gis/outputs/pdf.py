"""A result as a PDF report: vector, A4, fonts embedded as subsets, searchable, the same bytes every time."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gis.outputs.content import compose_report

if TYPE_CHECKING:
    from gis.model import CheckResult
    from gis.outputs.report import Report
    from gis.workspace import Workspace

MARGIN_MM, TOP_MM, BOTTOM_MM = 18.0, 20.0, 18.0


def render_pdf(result: CheckResult, workspace: Workspace) -> bytes:
    """Return the report of a result as a PDF; the same bytes for the same result.

    Parameters
    ----------
    workspace : Workspace
        Where the zones, the layers under the figures and the name of the office come from.

    Raises
    ------
    OutputError
        If the font faces are missing.
    """
    return set_pdf(compose_report(result, workspace))


def set_pdf(report: Report) -> bytes:
    """Return a composed report as a PDF."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    from gis.outputs.blocks import WIDTH_MM
    from gis.outputs.pages import set_report
    from gis.outputs.setting import REGULAR, load_faces

    load_faces()
    stream = io.BytesIO()
    document = BaseDocTemplate(
        stream, pagesize=A4, invariant=1, initialFontName=REGULAR, title=report.title.zh, lang="zh-CN"
    )
    frame = Frame(
        MARGIN_MM * mm,
        BOTTOM_MM * mm,
        WIDTH_MM * mm,
        A4[1] - (TOP_MM + BOTTOM_MM) * mm,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    document.addPageTemplates(PageTemplate(id="page", frames=[frame]))
    document.build(set_report(report), canvasmaker=_make_canvas(report))
    return _finish(stream.getvalue(), report)


def _make_canvas(report: Report) -> Any:
    """Return the kind of canvas that writes the running header and "page n of m" once m is known."""
    from reportlab.pdfgen.canvas import Canvas

    class ReportCanvas(Canvas):  # type: ignore[misc]
        """A canvas that keeps its pages until their number is known."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the library's name
            """Keep the page."""
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            """Write the kept pages with their running lines."""
            for page in self._kept:
                self.__dict__.update(page)
                _draw_running(self, report, len(self._kept))
                super().showPage()
            super().save()

    return ReportCanvas


def _draw_running(canvas: Any, report: Report, pages: int) -> None:
    """Draw the running header and the page number."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm

    from gis.outputs.figure import GREY
    from gis.outputs.setting import REGULAR

    left, right, top = MARGIN_MM * mm, A4[0] - MARGIN_MM * mm, A4[1] - 12 * mm
    canvas.saveState()
    canvas.setFont(REGULAR, 7.2)
    canvas.setFillColor(HexColor(GREY))
    if canvas.getPageNumber() > 1:
        canvas.drawString(left, top, f"{report.title.zh}　{report.title.en}")
        canvas.drawRightString(right, top, f"检查号 {report.check_id[:16]}　法规日期 {report.on}")
        canvas.setStrokeColor(HexColor("#d5dade"))
        canvas.setLineWidth(0.5)
        canvas.line(left, top - 2 * mm, right, top - 2 * mm)
    canvas.drawString(left, 10 * mm, f"{report.office or 'hangzhou-gis'}　{report.created}")
    canvas.drawRightString(right, 10 * mm, f"第 {canvas.getPageNumber()} 页，共 {pages} 页")
    canvas.restoreState()


def _finish(content: bytes, report: Report) -> bytes:
    """Return the file with its metadata, compressed; the date is that of the result."""
    import pikepdf

    created = datetime.strptime(report.created, "%Y-%m-%d %H:%M UTC")  # noqa: DTZ007 - it says UTC
    stamp = created.strftime("%Y-%m-%dT%H:%M:00+00:00")
    title = f"{report.title.zh} {report.check_id[:12]}"
    with pikepdf.open(io.BytesIO(content)) as document:
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            meta["dc:title"] = title
            meta["dc:creator"] = [report.office or "hangzhou-gis"]
            meta["dc:identifier"] = report.check_id
            meta["pdf:Producer"] = "hangzhou-gis"
            meta["xmp:CreatorTool"] = "hangzhou-gis"
            meta["xmp:CreateDate"] = stamp
            meta["xmp:ModifyDate"] = stamp
        for key in list(document.docinfo.keys()):
            del document.docinfo[key]
        document.docinfo["/Title"] = pikepdf.String(title)
        document.docinfo["/Producer"] = pikepdf.String("hangzhou-gis")
        document.docinfo["/CreationDate"] = pikepdf.String(created.strftime("D:%Y%m%d%H%M00Z"))
        document.docinfo["/ModDate"] = pikepdf.String(created.strftime("D:%Y%m%d%H%M00Z"))
        document.Root.Lang = pikepdf.String("zh-CN")
        document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        document.Root.PageMode = pikepdf.Name.UseOutlines
        stream = io.BytesIO()
        document.save(
            stream,
            compress_streams=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
            fix_metadata_version=False,
        )
    return stream.getvalue()
