"""The one door for strangers' files: bytes in, sites and rejected features out, nothing lost between."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gis.errors import CrsError, SiteError, SiteTooLargeError
from gis.model import InputFile, Rejected, Site, SiteSet, Text
from gis.sites.formats import find_format
from gis.sites.raw import LIMITS, RawFile, SiteSource
from gis.sites.sort import sort_features
from gis.sites.system import identify_system, parse_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geopandas import GeoDataFrame

    from gis.sites.system import System

__all__ = ["SiteSource", "read_sites", "sites_from_frame"]

_REASONS_SHOWN = 10


def read_sites(sources: Sequence[SiteSource], *, crs: str | None = None, datum: str | None = None) -> SiteSet:
    """Read project sites from files.

    Parameters
    ----------
    sources : sequence of SiteSource
        Names and contents. Only the base name is kept, as text; the content decides the format.
    crs : str, optional
        ``EPSG:n`` the coordinates are in; wins over what the files say.
    datum : str, optional
        ``gcj02`` or ``bd09`` when longitude/latitude are known to be shifted.

    Returns
    -------
    SiteSet
        Every feature of every file, as a site or as rejected: ``features_in == len(sites) + len(rejected)``.

    Raises
    ------
    SiteFormatError
        If a file is of no supported format, or its ending contradicts its content.
    SiteTooLargeError
        If a file is past a limit of :class:`gis.sites.raw.Limits`.
    SiteError
        If a file is broken (``sites.*``), has no features (``sites.no_features``), or no feature of the
        run could become a site (``sites.all_rejected``).
    CrsError
        If coordinates cannot be placed: ``crs.zone_missing``, ``crs.old_datum``, ``crs.unknown``,
        ``crs.contradiction``, ``crs.datum_needs_degrees``.
    """
    if not sources:
        raise SiteError(
            "没有给出文件", "no file was given", code="sites.no_features", hint_zh="请给出一个或多个文件"
        )
    kept = [replace(source, name=_base_name(source.name)) for source in sources]
    stems = _unique_stems([source.name for source in kept])
    results = [_read_source(source, stem, crs, datum) for source, stem in zip(kept, stems, strict=True)]
    return _gather(results)


def sites_from_frame(frame: GeoDataFrame) -> SiteSet:
    """Return the rows of a GeoDataFrame as sites, numbered by position, through the same checks as files.

    Raises
    ------
    CrsError
        If the frame has no coordinate system, or one that is refused.
    SiteError, SiteTooLargeError
        As for :func:`read_sites`.
    """
    from gis.sites.frame import read_frame

    raw, sha256 = read_frame(frame, LIMITS)
    return _gather(
        [_sort_file(raw, InputFile("GeoDataFrame", sha256, raw.format, ""), "sites", None, None, None)]
    )


def _base_name(name: str) -> str:
    """Return the last part of a path, either slash; ``/vsi…`` names stay whole, to be refused."""
    if name.lower().startswith("/vsi"):
        return name
    return PurePosixPath(name.replace("\\", "/")).name or "sites"


def _unique_stems(names: list[str]) -> list[str]:
    """Return the stem of each file for site ids; repeats get ``~2``, ``~3`` …."""
    stems: list[str] = []
    for name in names:
        stem = first = PurePosixPath(name).stem or "sites"
        count = 1
        while stem in stems:
            count += 1
            stem = f"{first}~{count}"
        stems.append(stem)
    return stems


_Result = tuple[InputFile, list[Site | Rejected], int]


def _read_source(source: SiteSource, stem: str, crs: str | None, datum: str | None) -> _Result:
    if len(source.content) > LIMITS.file_bytes:
        raise SiteTooLargeError(
            f"文件有 {len(source.content)} 字节，多于上限 {LIMITS.file_bytes}",
            f"the file has {len(source.content)} bytes, more than the limit of {LIMITS.file_bytes}",
            where=source.name,
            hint_zh="请分成几个文件提交",
            hint_en="split the file",
        )
    raw = find_format(source).read(source, LIMITS)
    if not any(table.features for table in raw.tables):
        raise SiteError(
            "文件里没有任何要素",
            "the file has no features",
            where=source.name,
            code="sites.no_features",
            hint_zh="请检查导出时是否选中了图层",
            hint_en="check that a layer was chosen when the file was exported",
        )
    about = InputFile(
        source.name, hashlib.sha256(source.content).hexdigest(), raw.format, "", raw.encoding, raw.notes
    )
    return _sort_file(raw, about, stem, source.name, crs, datum)


def _sort_file(
    raw: RawFile, about: InputFile, stem: str, file: str | None, crs: str | None, datum: str | None
) -> _Result:
    given = identify_system(parse_code(crs) or crs, where="--crs") if crs else None
    outcomes: list[Site | Rejected] = []
    labels: dict[str, None] = {}
    notes: dict[Text, None] = dict.fromkeys(about.notes)
    for table in raw.tables:
        stated = identify_system(table.crs, where=about.name) if table.crs and given is None else None
        if given is not None and table.crs and _states_other(table.crs, given):
            notes[
                Text(
                    f"按 --crs 取 {given.label}，未用文件所写的坐标系",
                    f"{given.label} taken from --crs over the file's own system",
                )
            ] = None
        done = sort_features(table, given or stated, datum, stem=stem, file=file, where=about.name)
        outcomes += done.outcomes
        labels |= dict.fromkeys(done.labels)
        notes |= dict.fromkeys(done.notes)
    outcomes.sort(key=lambda outcome: outcome.index)
    features_in = sum(len(table.features) for table in raw.tables)
    return replace(about, crs_read=", ".join(labels) or "-", notes=tuple(notes)), outcomes, features_in


def _states_other(crs: str, given: System) -> bool:
    """Return whether a file states another system than the planner gave."""
    try:
        return identify_system(crs).label != given.label
    except CrsError:
        return True


def _gather(results: Iterable[_Result]) -> SiteSet:
    """Return one SiteSet of all files.

    Raises
    ------
    SiteError
        If nothing could become a site, or a feature was lost (``sites.miscount``, a defect of a reader).
    """
    files, sites, rejected, features_in = [], [], [], 0
    for about, outcomes, count in results:
        files.append(about)
        features_in += count
        sites += [outcome for outcome in outcomes if isinstance(outcome, Site)]
        rejected += [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
    if features_in != len(sites) + len(rejected):
        raise SiteError(
            f"读入 {features_in} 个要素，只交代了 {len(sites) + len(rejected)} 个",
            f"{features_in} features were read but {len(sites) + len(rejected)} accounted for",
            code="sites.miscount",
        )
    if not sites:
        raise _all_rejected(rejected)
    return SiteSet(tuple(sites), tuple(rejected), tuple(files), features_in)


def _all_rejected(rejected: list[Rejected]) -> SiteError:
    shown = rejected[:_REASONS_SHOWN]
    more = len(rejected) - len(shown)
    zh = "；".join(f"要素 {entry.index}：{entry.message.zh}" for entry in shown) + (
        f"；另有 {more} 个" if more else ""
    )
    en = "; ".join(f"feature {entry.index}: {entry.message.en}" for entry in shown) + (
        f"; {more} more" if more else ""
    )
    return SiteError(
        f"没有一个要素可以检查：{zh}",
        f"no feature can be checked: {en}",
        where=", ".join(dict.fromkeys(entry.file or "GeoDataFrame" for entry in rejected)),
        code="sites.all_rejected",
        hint_zh="请按所列原因改正后重新提交",
        hint_en="correct what is listed and submit again",
    )
