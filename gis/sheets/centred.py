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
    job, area = _prepare(workspace, subject, options, scale)
    return write_all(folder, job.print_files(area, f"{subject.stem}-{area.scale}").files)


def render_centred(
    workspace: Workspace, subject: Subject, *, options: SheetOptions, scale: int | None = None
) -> bytes:
    """Return the sheet of :func:`print_centred` as the bytes of a PDF.

    Raises
    ------
    SheetError
        As :func:`print_centred`.
    """
    job, area = _prepare(workspace, subject, options, scale)
    return job.render(area)


def render_view(
    workspace: Workspace,
    bounds: tuple[float, float, float, float],
    *,
    options: SheetOptions,
    scale: int | None = None,
    subject: Subject | None = None,
) -> bytes:
    """Return one sheet that shows a box as the bytes of a PDF, on A3 unless the options name a paper.

    Parameters
    ----------
    bounds : tuple of float
        (west, south, east, north) degrees.
    scale : int, optional
        N of 1:N; by default the largest of the national series at which the box fits.
    subject : Subject, optional
        Project sites, a check or layers of a study drawn on it.

    Raises
    ------
    SheetError
        If the box is none, lies outside the zones of CGCS2000, or does not fit the sheet.
    """
    west, south, east, north = bounds
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise SheetError(
            "范围应为 西,南,东,北（度），且西小于东、南小于北",
            "the box should be west,south,east,north in degrees, west below east and south below north",
            where=f"bbox {bounds}",
            code="sheets.bbox",
        )
    check_scale(scale)
    job = Job(workspace, lie_down(options), subject)
    return job.render(area_for_bounds(bounds, scale, job, share=1.0))


def lie_down(options: SheetOptions) -> SheetOptions:
    """Return options that name a paper and how it lies: A3 landscape where they name none."""
    return replace(
        options,
        paper=options.paper or "A3",
        landscape=True if options.landscape is None else options.landscape,
    )


def _prepare(
    workspace: Workspace, subject: Subject, options: SheetOptions, scale: int | None
) -> tuple[Job, MapArea]:
    """Return the job and the frame of a sheet centred on its subject.

    Raises
    ------
    SheetError
        If there is no site, the scale is out of range, or the sites do not fit.
    """
    check_scale(scale)
    if not subject.geometries:
        raise SheetError(
            "没有可用的项目用地",
            "there is no usable project site",
            where="、".join(subject.files) or None,
            code="sheets.site",
        )
    job = Job(workspace, lie_down(options), subject)
    return job, area_for_bounds(bounds_of(subject.geometries), scale, job, share=ROOM_SHARE)


def check_scale(scale: int | None) -> None:
    """Refuse a scale that is out of range.

    Raises
    ------
    SheetError
        Unless it is 100 to 10 000 000, or left to be chosen.
    """
    if scale is not None and not MIN_SCALE <= scale <= MAX_SCALE:
        raise SheetError(
            f"比例尺分母 {scale} 不在 {MIN_SCALE}～{MAX_SCALE} 之间",
            f"the scale's denominator {scale} is not {MIN_SCALE} to {MAX_SCALE}",
            where=f"1:{scale}",
            code="sheets.scale",
        )


def area_for_bounds(
    bounds: tuple[float, float, float, float], scale: int | None, job: Job, *, share: float
) -> MapArea:
    """Return the largest frame of the paper centred on (west, south, east, north) degrees.

    Without a scale the largest is taken at which they fill no more than `share` of it.

    Raises
    ------
    SheetError
        If they do not fit.
    """
    options = job.options
    landscape = options.landscape is not False
    page = page_size(options.paper or "A3", landscape=landscape)
    rules = job.definition.paper
    type_size = rules.text_scale[options.paper or "A3"]
    size = rules.largest_frame_mm(page, landscape=landscape, text_scale=type_size)
    scales = (
        [scale]
        if scale is not None
        else sorted(one.denominator for one in SCALES if one.denominator >= LARGEST_CHOSEN)
    )
    for denominator in scales:
        area = area_of_bounds(bounds, denominator, size)
        if fits(area, bounds, share=share if scale is None else 1.0):
            return area
    raise SheetError(
        f"范围超出 1:{scales[-1]} 的 {options.paper} 图幅",
        f"the ground does not fit a 1:{scales[-1]} sheet on {options.paper}",
        where=f"1:{scales[-1]}",
        hint_zh="请选较小的比例尺（较大的分母）或较大的纸张",
        hint_en="choose a larger denominator or a larger paper",
        code="sheets.site",
    )


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
