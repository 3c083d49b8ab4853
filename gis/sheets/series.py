"""Print sheets: one number or a whole series, from an opened workspace to files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.sheets.backdrop import make_backdrop
from gis.sheets.canvas import Resources
from gis.sheets.content import shown_layers
from gis.sheets.files import write_file
from gis.sheets.frame import area_of_sheet, lay_frame
from gis.sheets.geopdf import Page, render_pdf
from gis.sheets.index import IndexCell, draw_index
from gis.sheets.numbering import parse_number
from gis.sheets.options import SheetOptions, check_options
from gis.sheets.raster import check_dpi, make_world_file, render_png
from gis.sheets.sheet import document_info, draw_sheet, sheet_definition
from gis.sheets.workers import work_through

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gis.sheets.backdrop import Backdrop
    from gis.sheets.definition import SheetDefinition
    from gis.sheets.frame import MapArea, PaperFrame
    from gis.sheets.geopdf import DocumentInfo
    from gis.sheets.sheet import PrintedSheet
    from gis.sheets.subject import Subject
    from gis.workspace import Workspace

__all__ = ["SheetOptions", "SheetReport", "print_series", "print_sheet", "render_sheet"]


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What is worth telling of a sheet that was drawn."""

    label: str
    name: str
    paper: PaperFrame
    unplaced: tuple[str, ...]


def ignore(sheet: SheetReport) -> None:
    """Do nothing with a sheet that was drawn."""
    del sheet


def print_sheet(workspace: Workspace, number: str, folder: Path, *, options: SheetOptions) -> Path:
    """Print one numbered sheet as ``<number>.pdf``.

    Parameters
    ----------
    workspace : Workspace
    number : str
        Sheet number of GB/T 13989-2012.
    folder : Path
        Where the file goes; made when missing.
    options : SheetOptions

    Returns
    -------
    Path
        The file; the first of them when the options ask for several formats.

    Raises
    ------
    SheetError
        If the number is impossible, or the frame does not fit the paper.
    NotFoundError
        If there is no such theme.
    OutputError
        If the file cannot be written.
    """
    return print_series(workspace, [number], folder, options=options)[0]


def render_sheet(
    workspace: Workspace, number: str, *, options: SheetOptions, subject: Subject | None = None
) -> bytes:
    """Return one numbered sheet as the bytes of a PDF.

    Parameters
    ----------
    subject : Subject, optional
        Project sites, a check or layers of a study drawn on it.

    Raises
    ------
    SheetError, NotFoundError
        As :func:`print_sheet`.
    """
    return Job(workspace, options, subject).render(area_of_sheet(parse_number(number)))


def print_series(  # noqa: PLR0913 - what a series can be asked for
    workspace: Workspace,
    numbers: Sequence[str],
    folder: Path,
    *,
    options: SheetOptions,
    single_pdf: str = "",
    index: str = "",
    subject: Subject | None = None,
    workers: int | None = None,
    report: Callable[[SheetReport], None] = ignore,
) -> tuple[Path, ...]:
    """Print several numbered sheets: a file each, or one file with a page each behind an index page.

    Every number and the paper are checked before the first page is drawn. Sheets are drawn on all cores; the
    files are the same however many there are.

    Parameters
    ----------
    single_pdf : str
        Name of the one file, without ``.pdf``; empty for a file a sheet.
    index : str
        Name of an index sheet beside a file a sheet, without ``.pdf``; empty for none.
    subject : Subject, optional
        Project sites or a check drawn on every sheet.
    workers : int, optional
        Processes; by default one a core.
    report : callable
        Called with each sheet as it is done, in order.

    Raises
    ------
    SheetError, NotFoundError, OutputError
        As :func:`print_sheet`.
    """
    areas = [area_of_sheet(parse_number(number)) for number in numbers]
    job = Job(workspace, options, subject)
    for area in areas:
        paper = lay_frame(area, job.definition.paper, paper=options.paper, landscape=options.landscape)
        if "png" in options.formats:
            check_dpi(options.dpi, paper.width_mm, paper.height_mm)
    if single_pdf:
        return _print_together(job, areas, folder, single_pdf, workers=workers, report=report)
    written: list[Path] = []
    cells: list[IndexCell] = []
    for done in work_through(areas, job.print_files, workers=workers):
        report(done.report)
        cells.append(IndexCell(done.report.paper.area, done.report.name))
        written += write_all(folder, done.files)
    if index and len(cells) > 1:
        files = job.print_index(cells, index)
        written += write_all(folder, files)
    return tuple(written)


@dataclass(frozen=True, slots=True)
class Printed:
    """One sheet as the files it makes: name → content."""

    report: SheetReport
    files: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One sheet as a page, what it uses, and the metadata of a file that begins with it."""

    report: SheetReport
    page: Page
    resources: Resources
    info: DocumentInfo


class Job:
    """What the sheets of a series share: workspace, options, definition, the map behind the overview.

    Raises
    ------
    SheetError, NotFoundError
        If the options or the theme are impossible.
    """

    def __init__(self, workspace: Workspace, options: SheetOptions, subject: Subject | None = None) -> None:
        check_options(options)
        if "png" in options.formats:
            check_dpi(options.dpi)
        self.workspace, self.options, self.subject = workspace, options, subject
        self.definition: SheetDefinition = sheet_definition(workspace, options)
        self.backdrop: Backdrop = make_backdrop(workspace.layers, self.definition.overview_bbox)
        self.open_layers()

    def open_layers(self) -> None:
        """Open the layers the sheets show, with their indexes: workers are forked with what is open."""
        for layer in shown_layers(
            self.workspace.layers, self.definition, public=self.options.profile == "public"
        ):
            if layer.has_features:
                layer.tree  # noqa: B018 - made when first asked for

    def draw(self, area: MapArea) -> tuple[PrintedSheet, Resources]:
        """Draw one sheet."""
        resources = Resources()
        sheet = draw_sheet(
            self.workspace,
            area,
            resources,
            options=self.options,
            backdrop=self.backdrop,
            subject=self.subject,
        )
        return sheet, resources

    def render(self, area: MapArea) -> bytes:
        """Return one sheet as the bytes of a PDF."""
        sheet, resources = self.draw(area)
        return render_pdf([sheet.page], resources, document_info(self.workspace, sheet, self.options))

    def draw_page(self, area: MapArea) -> Drawn:
        """Draw one sheet as a page of a longer file."""
        sheet, resources = self.draw(area)
        info = document_info(self.workspace, sheet, self.options)
        return Drawn(report_of(sheet), sheet.page, resources, info)

    def print_files(self, area: MapArea, name: str = "") -> Printed:
        """Draw one sheet and return its files."""
        sheet, resources = self.draw(area)
        info = document_info(self.workspace, sheet, self.options)
        pdf = render_pdf([sheet.page], resources, info)
        report = report_of(sheet)
        return Printed(report, self.make_files(name or area.number, pdf, [report.paper]))

    def print_index(self, cells: Sequence[IndexCell], name: str) -> dict[str, bytes]:
        """Return the files of an index sheet."""
        resources = Resources()
        page = draw_index(self.workspace, cells, resources, self.definition, self.options)
        info = index_info(self.workspace, self.definition, self.options)
        return self.make_files(name, render_pdf([page], resources, info), [None])

    def make_files(self, name: str, pdf: bytes, papers: Sequence[PaperFrame | None]) -> dict[str, bytes]:
        """Return a file by name in each format; pictures one a page, with a world file where it is a map."""
        files = {f"{name}.pdf": pdf} if "pdf" in self.options.formats else {}
        if "png" in self.options.formats:
            for page, paper in enumerate(papers):
                stem = name if len(papers) == 1 else f"{name}-{page + 1:03d}"
                picture = render_png(pdf, dpi=self.options.dpi, page=page)
                files[f"{stem}.png"] = picture
                if paper is not None:
                    files[f"{stem}.pgw"] = make_world_file(paper, picture)
        return files


def report_of(sheet: PrintedSheet) -> SheetReport:
    """Return what is worth telling of a sheet."""
    return SheetReport(sheet.page.label, sheet.name, sheet.paper, sheet.unplaced)


def index_info(workspace: Workspace, definition: SheetDefinition, options: SheetOptions) -> DocumentInfo:
    """Return the metadata of an index sheet."""
    from gis.sheets.geopdf import DocumentInfo

    return DocumentInfo(
        title=f"{options.title or definition.title.zh} 图幅索引",
        subject="GB/T 13989-2012 图幅索引",
        author=workspace.settings.office,
        on=options.on,
        keywords="内部资料" if options.profile == "internal" else "",
    )


def _print_together(
    job: Job,
    areas: Sequence[MapArea],
    folder: Path,
    name: str,
    *,
    workers: int | None,
    report: Callable[[SheetReport], None],
) -> tuple[Path, ...]:
    """Print all sheets into one file, an index page first when there are several."""
    resources = Resources()
    pages: list[Page] = []
    cells: list[IndexCell] = []
    infos: list[DocumentInfo] = []
    papers: list[PaperFrame | None] = []
    for done in work_through(areas, job.draw_page, workers=workers):
        report(done.report)
        resources.merge(done.resources)
        pages.append(done.page)
        cells.append(IndexCell(done.report.paper.area, done.report.name))
        infos.append(done.info)
        papers.append(done.report.paper)
    if len(pages) > 1:
        pages.insert(0, draw_index(job.workspace, cells, resources, job.definition, job.options))
        papers.insert(0, None)
        infos.insert(0, index_info(job.workspace, job.definition, job.options))
    pdf = render_pdf(pages, resources, infos[0])
    return write_all(folder, job.make_files(name, pdf, papers))


def write_all(folder: Path, files: dict[str, bytes]) -> tuple[Path, ...]:
    """Write files; return those a person opens, without world files."""
    written = [write_file(folder / name, content) for name, content in files.items()]
    return tuple(path for path in written if path.suffix != ".pgw")
