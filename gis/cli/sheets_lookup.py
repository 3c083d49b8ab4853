"""``gis sheets --number`` and ``--frame``: numbers at points, frames of numbers."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import typer

from gis.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gis.sheets.numbering import SheetFrame


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

    lines = read_lines() if list(given) == ["-"] else [" ".join(given)]
    rows = [re.split(r"[\s,，]+", line.strip(" ,，")) for line in lines]
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
    """Return the lines of stdin that are not blank, without the mark some editors begin a file with."""
    lines = (line.removeprefix("\ufeff").strip() for line in sys.stdin)
    return [line for line in lines if line]


def print_lines(lines: Iterable[str]) -> None:
    """Print all lines on stdout, once every one of them is known."""
    text = "\n".join(lines)
    if text:
        typer.echo(text)
