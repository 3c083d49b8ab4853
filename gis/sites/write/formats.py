"""The formats sites are written in, by the ending of the file's name. A format is one entry here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from gis.crs import GEOGRAPHIC
from gis.errors import OutputError, SettingsError
from gis.sites.system import identify_system
from gis.sites.write.drawing import write_dxf
from gis.sites.write.geojson import write_geojson
from gis.sites.write.kml import write_kml, write_kmz
from gis.sites.write.outline import find_zone_code, make_outlines
from gis.sites.write.survey import write_survey
from gis.sites.write.tables import write_csv, write_xlsx
from gis.sites.write.vector import write_geopackage, write_shapefiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gis.model import Site
    from gis.sites.system import System
    from gis.sites.write.outline import Outline


@dataclass(frozen=True, slots=True)
class Writer:
    """One format.

    Parameters
    ----------
    ending : str
        Of the file's name, lower case, with its dot.
    accepts : callable
        Whether the format can hold coordinates of a system.
    by_zone : bool
        Without a system named: the prefixed 3-degree zone of the sites, else degrees of CGCS2000.
    """

    ending: str
    write: Callable[[Sequence[Outline], System], bytes]
    accepts: Callable[[System], bool]
    by_zone: bool = False


def _any(_: System) -> bool:
    return True


def _degrees(system: System) -> bool:
    return system.geographic


def _zones(system: System) -> bool:
    return system.meridian_deg is not None


WRITERS = (
    Writer(".geojson", write_geojson, _any),
    Writer(".gpkg", write_geopackage, _any),
    Writer(".zip", write_shapefiles, _any),
    Writer(".kml", write_kml, _degrees),
    Writer(".kmz", write_kmz, _degrees),
    Writer(".csv", write_csv, _any),
    Writer(".xlsx", write_xlsx, _any),
    Writer(".txt", write_survey, _zones, by_zone=True),
    Writer(".dxf", write_dxf, _any, by_zone=True),
)
"""GeoJSON, GeoPackage, zipped shapefile, KML, KMZ, CSV, XLSX, 勘测定界 TXT, DXF."""


def write_sites(sites: Sequence[Site], name: str, *, to_crs: str | None = None) -> bytes:
    """Return sites as the bytes of a file.

    Parameters
    ----------
    sites : sequence of Site
        At least one.
    name : str
        File name; its ending decides the format.
    to_crs : str, optional
        ``EPSG:n`` to write in. Without it: CGCS2000 degrees; in TXT and DXF the prefixed 3-degree zone in
        which the sites lie.

    Raises
    ------
    OutputError
        If the ending is of no format.
    SettingsError
        If the format cannot hold coordinates of that system.
    CrsError
        If the system is unknown or refused.
    """
    ending = PurePath(name).suffix.lower().replace(".json", ".geojson")
    writer = next((entry for entry in WRITERS if entry.ending == ending), None)
    if writer is None:
        known = ", ".join(entry.ending for entry in WRITERS)
        raise OutputError(
            f"不认识的后缀 {ending or '（无）'}；可写：{known}",
            f"unknown ending {ending or '(none)'}; can write {known}",
            where=name,
            hint_zh="请改输出文件的后缀",
            hint_en="change the ending of the output file",
            code="outputs.format",
        )
    code = to_crs or (find_zone_code(sites) if writer.by_zone else GEOGRAPHIC)
    system = identify_system(code, where="--to-crs")
    if not writer.accepts(system):
        raise SettingsError(
            f"{ending} 不能写 {system.label} 坐标",
            f"{ending} cannot hold coordinates of {system.label}",
            where="--to-crs",
            hint_zh="KML 只用经纬度；勘测定界 TXT 只用 EPSG:4527–4529、4548–4550",
            hint_en="KML takes degrees; 勘测定界 TXT takes EPSG:4527-4529 and 4548-4550",
        )
    return writer.write(make_outlines(sites, system), system)
