"""``gis sheets``: numbers, frames and printed sheets of GB/T 13989."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.options import JsonOption, WorkspaceOption, load_workspace, parse_date, read_file
from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gis.sheets.numbering import SheetFrame
    from gis.sheets.options import SheetOptions
    from gis.sheets.series import PrintedSheet
    from gis.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Selection:
    """Which sheets were asked for: by number, by area, or by box with a scale."""

    numbers: tuple[str, ...]
    area: str | None
    bbox: str | None
    scale: int | None
    site: Path | None


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
        typer.Option("--site", metavar="FILE", help="以项目用地为中心 / one sheet centred on a site file"),
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
        str, typer.Option("--theme", metavar="NAME", help="专题：framework、hubs / theme of the sheet")
    ] = "framework",
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="图名标题 / title of the sheet")] = "",
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="图上日期，默认今天 / date on the sheet")
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
        print_lines(find_numbers(given, scale or 50_000))
        return
    if frame:
        print_lines(describe_frame(found, as_json=as_json) for found in find_frames(given))
        return
    from gis.sheets.options import SheetOptions
    from gis.sheets.series import print_series

    options = SheetOptions(
        on=parse_date(on),
        theme=theme,
        paper=paper.upper() if paper else None,
        landscape=landscape,
        profile=profile,
        title=title,
    )
    wanted = Selection(tuple(given), area, bbox, scale, site)
    check_selection(wanted)
    if site is not None:
        print_lines([str(print_site(site, scale or 10_000, output, options, workspace))])
        return
    opened = load_workspace(workspace)
    numbers = [found.number for found in select_frames(opened, wanted)]
    name = f"sheets-{area or 'series'}-{scale or 50_000}" if single_pdf else ""
    written = print_series(opened, numbers, output, options=options, single_pdf=name, report=report_sheet)
    print_lines(str(path) for path in written)


def check_selection(wanted: Selection) -> None:
    """Refuse what cannot be printed before anything is opened.

    Raises
    ------
    SettingsError
        Unless sheets are chosen in exactly one way.
    SheetError
        If a number or the scale is impossible.
    """
    from gis.sheets.numbering import find_scale, parse_number

    ways = [bool(wanted.numbers), wanted.area is not None, wanted.bbox is not None, wanted.site is not None]
    if sum(ways) != 1:
        raise SettingsError(
            "请用图幅编号、--area、--bbox 或 --site 之一指定要打印的图幅",
            "say which sheets to print: numbers, --area, --bbox or --site, one of them",
            hint_zh="例如 gis sheets H51E011001 -o out",
            hint_en="for example: gis sheets H51E011001 -o out",
        )
    for number in wanted.numbers:
        parse_number(number)
    if wanted.scale is not None and wanted.site is None:
        find_scale(wanted.scale)
    if wanted.bbox is not None:
        read_box(wanted.bbox)


def print_site(file: Path, scale: int, output: Path, options: SheetOptions, folder: Path | None) -> Path:
    """Print the sheet centred on the sites of a file."""
    from gis.sheets.series import print_centred
    from gis.sites.read import SiteSource, read_sites

    sites = read_sites([SiteSource(name=file.name, content=read_file(file))])
    return print_centred(load_workspace(folder), sites, output, scale=scale, options=options)


def select_frames(workspace: Workspace, wanted: Selection) -> Sequence[SheetFrame]:
    """Return the frames asked for; a number given twice once."""
    from gis.sheets.numbering import parse_number
    from gis.sheets.selection import sheets_of_area, sheets_of_box

    scale = wanted.scale or 50_000
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


def find_numbers(given: Sequence[str], scale: int) -> list[str]:
    """Return the sheet numbers at points: ``LON LAT``, or lines of that on stdin for ``-``.

    Raises
    ------
    SettingsError
        If there are not two coordinates.
    SheetError
        If a point or the scale is impossible.
    """
    from gis.sheets.numbering import number_at

    rows = (
        [line.replace(",", " ").split() for line in read_lines()] if list(given) == ["-"] else [list(given)]
    )
    for index, row in enumerate(rows, start=1):
        if len(row) != 2:
            raise SettingsError(
                f"第 {index} 行应为 经度 纬度 两个数，实际为 {' '.join(row)!r}",
                f"line {index} should be two numbers, LON LAT, not {' '.join(row)!r}",
                where=f"--number, line {index}",
                hint_zh="例如 gis sheets --number 120.15 30.28 --scale 50000",
                hint_en="for example: gis sheets --number 120.15 30.28 --scale 50000",
            )
    return [number_at(lon, lat, scale) for lon, lat in rows]


def find_frames(given: Sequence[str]) -> list[SheetFrame]:
    """Return the frames of numbers given, or read from stdin for ``-``.

    Raises
    ------
    SettingsError
        If no number was given.
    SheetError
        If a number is impossible.
    """
    from gis.sheets.numbering import parse_number

    numbers = read_lines() if list(given) == ["-"] else list(given)
    if not numbers and list(given) != ["-"]:
        raise SettingsError(
            "--frame 需要图幅编号",
            "--frame needs a sheet number",
            where="--frame",
            hint_zh="例如 gis sheets --frame H51E011001 --json",
            hint_en="for example: gis sheets --frame H51E011001 --json",
        )
    return [parse_number(number) for number in numbers]


def describe_frame(frame: SheetFrame, *, as_json: bool) -> str:
    """Return a frame as one JSON object a line, or in words."""
    if as_json:
        return json.dumps(frame.as_dict(), ensure_ascii=False)
    from gis.sheets.grid import format_dms, second_digits

    limits = (frame.west, frame.south, frame.east, frame.north)
    digits = second_digits([float(limit) for limit in limits])
    west, south, east, north = (format_dms(limit, digits=digits) for limit in limits)
    around = "  ".join(f"{name} {number or '-'}" for name, number in frame.neighbours.items())
    return (
        f"{frame.number}  1:{frame.scale}  {west} - {east} E  {south} - {north} N  "
        f"CM {frame.central_meridian}  EPSG:{frame.epsg or '-'}\n  {around}"
    )


def read_lines() -> list[str]:
    """Return the lines of stdin that are not blank."""
    return [line.strip() for line in sys.stdin if line.strip()]


def print_lines(lines: Iterable[str]) -> None:
    """Print all lines on stdout, once every one of them is known."""
    text = "\n".join(lines)
    if text:
        typer.echo(text)


def report_sheet(sheet: PrintedSheet) -> None:
    """Tell on stderr of a sheet drawn and of the names that found no room."""
    paper = sheet.paper
    typer.echo(
        f"{sheet.page.label} {sheet.name}  {paper.paper}  未注记名称 / names left out: {len(sheet.unplaced)}"
        + (f" ({'、'.join(sheet.unplaced)})" if sheet.unplaced else ""),
        err=True,
    )
