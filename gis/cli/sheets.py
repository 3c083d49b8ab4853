"""``gis sheets``: numbers, frames and printed sheets of GB/T 13989."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.options import JsonOption, WorkspaceOption, load_workspace, parse_date, read_file
from gis.cli.sheets_lookup import describe_frame, find_frames, find_numbers, print_lines
from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gis.model import SiteSet
    from gis.sheets.extras import ExtraLayer
    from gis.sheets.numbering import SheetFrame
    from gis.sheets.options import SheetOptions
    from gis.sheets.series import SheetReport
    from gis.sheets.stored import StoredCheck
    from gis.sheets.subject import Subject
    from gis.workspace import Workspace


DEFAULT_SCALE = 50_000
"""N of 1:N where none is named."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which sheets were asked for: by number, area or box with a scale, or round sites or a stored check."""

    numbers: tuple[str, ...]
    area: str | None
    bbox: str | None
    scale: int | None
    site: Path | None
    check: Path | None
    extras: tuple[Path, ...] = ()

    @property
    def is_series(self) -> bool:
        """Whether sheets of the national series were asked for, rather than one centred on sites."""
        return bool(self.numbers) or self.area is not None or self.bbox is not None


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files go, and how the sheets are spread over them."""

    folder: Path
    single_pdf: bool
    index: bool | None


def sheets(
    items: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NUMBER...]",
            help="图幅编号，如 H51E011001；用 --number 时为 经度 纬度；- 表示标准输入 / "
            "sheet numbers; LON LAT with --number; - for stdin",
            show_default=False,
        ),
    ] = None,
    *,
    number: Annotated[
        bool, typer.Option("--number", help="求点所在图幅编号 / print the number of the sheet at LON LAT")
    ] = False,
    frame: Annotated[
        bool, typer.Option("--frame", help="求图幅范围与邻幅 / print a sheet's frame and neighbours")
    ] = False,
    as_json: JsonOption = False,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="PDF 写入此文件夹 / folder for the PDF files"),
    ] = Path("out"),
    scale: Annotated[
        int | None, typer.Option("--scale", metavar="N", help="比例尺分母 / N of 1:N", show_default="50000")
    ] = None,
    area: Annotated[
        str | None,
        typer.Option(
            "--area", metavar="NAME", help="区域、区县或地名的全部图幅 / all sheets of an area or place"
        ),
    ] = None,
    bbox: Annotated[
        str | None, typer.Option("--bbox", metavar="W,S,E,N", help="范围内的全部图幅 / all sheets of a box")
    ] = None,
    site: Annotated[
        Path | None,
        typer.Option("--site", metavar="FILE", help="以项目用地为中心 / centred on a site file"),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            "--check",
            metavar="RESULT.json",
            help="检查结果（gis check --json），以其用地为中心 / a stored check, centred on its sites",
        ),
    ] = None,
    extras: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            metavar="FILE",
            help="另加图层（GeoJSON，kind 定样式），可多次 / a further layer, styled by kind",
            show_default=False,
        ),
    ] = None,
    single_pdf: Annotated[
        bool, typer.Option("--single-pdf", help="合为一个多页 PDF / one PDF with a page a sheet")
    ] = False,
    paper: Annotated[
        str | None, typer.Option("--paper", metavar="A0…A4", help="纸张，默认取能容纳的最小者 / paper")
    ] = None,
    landscape: Annotated[
        bool | None, typer.Option("--landscape/--portrait", help="横幅或竖幅 / how the paper lies")
    ] = None,
    profile: Annotated[
        str, typer.Option("--profile", metavar="internal|public", help="内部版或公开版 / profile")
    ] = "internal",
    theme: Annotated[
        str | None,
        typer.Option(
            "--theme",
            metavar="NAME",
            help="专题：framework、hubs、control、check、corridors / theme of the sheet",
            show_default="framework",
        ),
    ] = None,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="图名标题 / title of the sheet")] = "",
    drafter: Annotated[str, typer.Option("--drafter", metavar="NAME", help="制图人 / who drew it")] = "",
    reviewer: Annotated[
        str, typer.Option("--reviewer", metavar="NAME", help="审核人 / who reviewed it")
    ] = "",
    review_number: Annotated[
        str,
        typer.Option(
            "--review-number", metavar="NO", help="审图号，未给则印“待审” / approval number, else 待审"
        ),
    ] = "",
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="pdf、png 或 pdf,png / which files")
    ] = "pdf",
    png: Annotated[bool, typer.Option("--png", help="等于 --format png / the same as --format png")] = False,
    dpi: Annotated[int, typer.Option("--dpi", metavar="N", help="PNG 分辨率 / resolution of PNG")] = 200,
    index: Annotated[
        bool | None,
        typer.Option(
            "--index/--no-index",
            help="另写索引图，区域成套时默认写 / an index sheet beside the files; default for an area or box",
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="图上日期与法规日期，默认今天 / date of sheet and law"),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """按 GB/T 13989-2012 求图幅编号、范围，打印分幅图 / sheet numbers, frames and printed map sheets.

    例 / examples: gis sheets H51E011001 -o out · gis sheets --number 120.15 30.28 --scale 10000 ·
    gis sheets --frame H51E011001 --json · gis sheets --area hangzhou --scale 50000 --single-pdf
    """
    given = items or []
    if number and frame:
        raise SettingsError("--number 与 --frame 只能用一个", "give --number or --frame, not both")
    if number:
        print_lines(find_numbers(given, DEFAULT_SCALE if scale is None else scale))
        return
    if frame:
        print_lines(describe_frame(found, as_json=as_json) for found in find_frames(given))
        return
    from gis.sheets.options import SheetOptions

    options = SheetOptions(
        on=parse_date(on),
        theme=theme or ("framework" if check is None else "check"),
        paper=paper.upper() if paper else None,
        landscape=landscape,
        profile=profile,
        title=title,
        author=drafter,
        reviewer=reviewer,
        review_number=review_number,
        formats=("png",) if png else tuple(part.strip() for part in formats.lower().split(",")),
        dpi=dpi,
    )
    wanted = Selection(tuple(given), area, bbox, scale, site, check, tuple(extras or ()))
    check_selection(wanted, options)
    files = Files(output, single_pdf, index)
    print_lines(str(path) for path in print_selection(wanted, options, files, workspace))


def print_selection(
    wanted: Selection, options: SheetOptions, files: Files, folder: Path | None
) -> Sequence[Path]:
    """Print what was asked for; return the files written."""
    from gis.sheets.centred import print_centred
    from gis.sheets.series import print_series
    from gis.sheets.subject import Subject

    layers = open_extras(wanted)
    opened, subject = open_subject(wanted, options, folder)
    if layers:
        subject = replace(subject or Subject(), layers=layers)
    if not wanted.is_series and subject is not None:
        return print_centred(opened, subject, files.folder, scale=wanted.scale, options=options)
    numbers = [found.number for found in select_frames(opened, wanted)]
    name = f"{wanted.area or 'series'}-{DEFAULT_SCALE if wanted.scale is None else wanted.scale}"
    indexed = files.index if files.index is not None else not wanted.numbers
    with show_progress(len(numbers)) as report:
        return print_series(
            opened,
            numbers,
            files.folder,
            options=options,
            single_pdf=f"sheets-{name}" if files.single_pdf else "",
            index=f"index-{name}" if indexed else "",
            subject=subject,
            report=report,
        )


def open_subject(
    wanted: Selection, options: SheetOptions, folder: Path | None
) -> tuple[Workspace, Subject | None]:
    """Return the opened workspace, and the sites or the check that the sheet is about.

    A site file on a sheet of the theme ``check`` is checked on the spot. Files are read before the workspace.
    """
    from gis.sheets.subject import subject_of_check, subject_of_sites

    if wanted.check is not None:
        from gis.sheets.stored import read_check

        check = read_check(read_file(wanted.check), where=wanted.check.name)
        return load_workspace(folder), subject_of_check(check)
    if wanted.site is None:
        return load_workspace(folder), None
    from gis.sites.read import SiteSource, read_sites

    sites = read_sites([SiteSource(name=wanted.site.name, content=read_file(wanted.site))])
    opened = load_workspace(folder)
    if options.theme != "check":
        return opened, subject_of_sites(sites)
    return opened, subject_of_check(check_now(opened, sites, options))


def open_extras(wanted: Selection) -> tuple[ExtraLayer, ...]:
    """Return the further layers asked for, read before the workspace is opened."""
    if not wanted.extras:
        return ()
    from gis.sheets.extras import read_extra

    return tuple(read_extra(read_file(path), name=path.name) for path in wanted.extras)


def check_now(workspace: Workspace, sites: SiteSet, options: SheetOptions) -> StoredCheck:
    """Check sites by the law of the sheet's date."""
    from gis.model import CheckOptions
    from gis.outputs.json import render_json
    from gis.sheets.stored import read_check
    from gis.study import check_sites

    return read_check(render_json(check_sites(workspace, sites, CheckOptions(on=options.on))))


@contextmanager
def show_progress(count: int) -> Iterator[Callable[[SheetReport], None]]:
    """Yield what tells on stderr of each sheet as it is done, above a bar where stderr is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    columns = (TextColumn("图幅 / sheets"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = count < 2 or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden, auto_refresh=False) as progress:
        task = progress.add_task("", total=count)

        def report(sheet: SheetReport) -> None:
            console.print(describe_sheet(sheet), markup=False)
            progress.update(task, advance=1, refresh=True)

        yield report


def describe_sheet(sheet: SheetReport) -> str:
    """Return a sheet in one line, with the names that found no room."""
    names = f"（{'、'.join(sheet.unplaced)}）" if sheet.unplaced else ""
    left_out = f"  未注记名称 / names left out: {len(sheet.unplaced)}{names}"
    return f"{sheet.label} {sheet.name}  {sheet.paper.paper}{left_out}"


def check_selection(wanted: Selection, options: SheetOptions) -> None:
    """Refuse what cannot be printed before anything is opened.

    Raises
    ------
    SettingsError
        Unless sheets are chosen in one way.
    SheetError
        If a number or the scale is impossible.
    """
    from gis.sheets.numbering import find_scale, parse_number
    from gis.sheets.options import check_options

    check_options(options)
    series = [bool(wanted.numbers), wanted.area is not None, wanted.bbox is not None]
    about = [wanted.site is not None, wanted.check is not None]
    if sum(series) > 1 or sum(about) > 1 or not (any(series + about) or wanted.extras):
        raise SettingsError(
            "请用图幅编号、--area、--bbox、--site 或 --check 指定要打印的图幅",
            "say which sheets to print: numbers, --area, --bbox, --site or --check",
            hint_zh="例如 gis sheets H51E011001 -o out",
            hint_en="for example: gis sheets H51E011001 -o out",
        )
    for number in wanted.numbers:
        parse_number(number)
    if wanted.scale is not None and wanted.is_series:
        find_scale(wanted.scale)
    if wanted.bbox is not None:
        read_box(wanted.bbox)


def select_frames(workspace: Workspace, wanted: Selection) -> Sequence[SheetFrame]:
    """Return the frames asked for; a number given twice once."""
    from gis.sheets.numbering import parse_number
    from gis.sheets.selection import sheets_of_area, sheets_of_box

    scale = DEFAULT_SCALE if wanted.scale is None else wanted.scale
    if wanted.area is not None:
        return sheets_of_area(workspace, wanted.area, scale)
    if wanted.bbox is not None:
        return sheets_of_box(read_box(wanted.bbox), scale)
    return [parse_number(number) for number in dict.fromkeys(n.strip().upper() for n in wanted.numbers)]


def read_box(text: str) -> tuple[float, float, float, float]:
    """Return ``W,S,E,N`` as degrees.

    Raises
    ------
    SettingsError
        If the text is not four numbers.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise SettingsError(
            f"--bbox 的值 {text!r} 不是四个数",
            f"--bbox {text!r} is not four numbers",
            where="--bbox",
            hint_zh="请写成 西,南,东,北，例如 119.5,30,120.5,30.5",
            hint_en="write west,south,east,north, such as 119.5,30,120.5,30.5",
        ) from error
    return west, south, east, north
