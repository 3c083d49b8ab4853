"""The Python interface: what the command line and the service call as well."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from gis.model import CheckOptions, CheckResult
from gis.sites.read import SiteSource, read_sites, sites_from_frame
from gis.study import Workspace, check_sites, open_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd


def check(
    sites: gpd.GeoDataFrame | Path | str | Sequence[Path | str],
    *,
    workspace: Workspace | None = None,
    options: CheckOptions | None = None,
    on: date | None = None,
    site_accuracy_m: float = 1.0,
    near_m: float = 1000.0,
) -> CheckResult:
    """Check project sites against the layers and rules of a workspace.

    Parameters
    ----------
    sites : GeoDataFrame, path, or sequence of paths
        A table with a coordinate system, or files in any supported format.
    workspace : Workspace, optional
        As from :func:`gis.open_workspace`; opened with the defaults when left out.
    options : CheckOptions, optional
        Everything that can be chosen; wins over the three arguments below.
    on : date, optional
        The date the law is taken at; today when left out.
    site_accuracy_m, near_m : float
        Positional accuracy of the sites at 95 %, and how far near misses are listed, metres.

    Returns
    -------
    CheckResult
        The frozen result; ``gis.outputs.json.result_as_dict`` gives it as site-check/1.

    Raises
    ------
    SiteError, CrsError
        If the sites cannot be read or placed.
    """
    chosen = options or CheckOptions(
        on=on or date.today(),  # noqa: DTZ011 - the date of the law is the office's calendar day
        site_accuracy_m=site_accuracy_m,
        near_m=near_m,
    )
    opened = workspace or open_workspace()
    if isinstance(sites, (str, Path)):
        sites = [sites]
    if isinstance(sites, (list, tuple)):
        sources = [SiteSource(name=Path(path).name, content=Path(path).read_bytes()) for path in sites]
        site_set = read_sites(sources, crs=chosen.crs, datum=chosen.datum)
    else:
        site_set = sites_from_frame(sites)
    return check_sites(opened, site_set, chosen)
