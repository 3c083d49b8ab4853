"""Sheets centred on project sites, at any scale or at the largest at which the sites fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gis.errors import SheetError
from gis.sheets.frame import area_around, page_size
from gis.sheets.numbering import SCALES
from gis.sheets.series import Job, write_all
from gis.sheets.subject import bounds_of

if TYPE_CHECKING:
    from pathlib import Path

    from gis.sheets.definition import SheetDefinition
    from gis.sheets.frame import MapArea
    from gis.sheets.options import SheetOptions
    from gis.sheets.subject import Subject
    from gis.workspace import Workspace

MIN_SCALE, MAX_SCALE = 100, 10_000_000
ROOM_SHARE = 0.75
"""Where the scale is chosen for the sites, they take at most this share of the map's width and height."""

LARGEST_CHOSEN = 2000
"""No larger scale is chosen unasked: a parcel needs its surroundings."""


def print_centred(
    workspace: Workspace,
    subject: Subject,
    folder: Path,
    *,
    options: SheetOptions,
    scale: int | None = None,
) -> tuple[Path, ...]:
    """Print one sheet centred on project sites, on A3 unless the options name a paper.

    Parameters
    ----------
    subject : Subject
        Sites as read, or a stored check; the sheet's file is named after the first file.
    scale : int, optional
        N of 1:N, any from 100 to 10 000 000; by default the largest of the national series at which the
        sites take no more than three quarters of the map.

    Raises
    ------
    SheetError
        If there is no site, the scale is out of range, or the sites do not fit the sheet.
    """
    chosen = replace(
        options,
        paper=options.paper or "A3",
        landscape=True if options.landscape is None else options.landscape,
    )
    job = Job(workspace, chosen, subject)
    area = area_of_subject(subject, scale, chosen, job.definition)
    return write_all(folder, job.print_files(area, f"{subject.stem}-{area.scale}").files)


def area_of_subject(
    subject: Subject, scale: int | None, options: SheetOptions, definition: SheetDefinition
) -> MapArea:
    """Return the largest frame of the paper, centred on the sites.

    Raises
    ------
    SheetError
        If there is no site, the scale is out of range, or the sites do not fit.
    """
    if not subject.sites or (scale is not None and not MIN_SCALE <= scale <= MAX_SCALE):
        raise SheetError(
            f"没有可用的项目用地，或比例尺分母 {scale} 不在 {MIN_SCALE}～{MAX_SCALE} 之间",
            f"there is no usable site, or the scale's denominator {scale} is not {MIN_SCALE} to {MAX_SCALE}",
            where=f"1:{scale}",
            code="sheets.site",
        )
    landscape = options.landscape is not False
    page = page_size(options.paper or "A3", landscape=landscape)
    size = definition.paper.largest_frame_mm(page, landscape=landscape)
    bounds = bounds_of(subject.geometries)
    if scale is None:
        candidates = sorted(one.denominator for one in SCALES if one.denominator >= LARGEST_CHOSEN)
        for denominator in candidates:
            area = area_of_bounds(bounds, denominator, size)
            if fits(area, bounds, share=ROOM_SHARE):
                return area
        scale = candidates[-1]
    area = area_of_bounds(bounds, scale, size)
    if not fits(area, bounds, share=1.0):
        raise SheetError(
            f"项目用地超出 1:{scale} 的 {options.paper} 图幅",
            f"the sites do not fit a 1:{scale} sheet on {options.paper}",
            where=f"1:{scale}",
            hint_zh="请选较小的比例尺（较大的分母）或较大的纸张",
            hint_en="choose a larger denominator or a larger paper",
            code="sheets.site",
        )
    return area


def area_of_bounds(
    bounds: tuple[float, float, float, float], scale: int, size_mm: tuple[float, float]
) -> MapArea:
    """Return a frame of a size centred on (west, south, east, north) degrees."""
    west, south, east, north = bounds
    return area_around((west + east) / 2, (south + north) / 2, scale, size_mm)


def fits(area: MapArea, bounds: tuple[float, float, float, float], *, share: float) -> bool:
    """Return whether bounds take no more than a share of a frame's width and height."""
    west, south, east, north = bounds
    inner = area.bounds_lonlat
    return east - west < share * (inner[2] - inner[0]) and north - south < share * (inner[3] - inner[1])
