"""Airports: the choice in ``layers/sources/airports.toml``, placed by ``airportsdata`` → features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from gis.errors import LayerError
from gis.layers.build.inputs import lookup, read_parameters
from gis.layers.build.writer import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

WHERE = "airports.toml"
METRES_PER_FOOT = 0.3048


def read_records() -> Mapping[str, Mapping[str, Any]]:
    """Return the airports of the installed ``airportsdata`` by ICAO code.

    Raises
    ------
    LayerError
        If the package is not installed.
    """
    try:
        import airportsdata
    except ImportError as error:
        raise LayerError(
            "未安装机场数据包 airportsdata",
            "the airport package airportsdata is not installed",
            where="airportsdata",
            hint_zh="请运行 pip install airportsdata==20260905",
            hint_en="run: pip install airportsdata==20260905",
            code="layers.package",
        ) from error
    records: Mapping[str, Mapping[str, Any]] = airportsdata.load("ICAO")
    return records


def read_choice(workspace_dir: Path) -> Sequence[Mapping[str, Any]]:
    """Return the airports chosen, in the order of the source.

    Raises
    ------
    LayerError
        If the source cannot be read.
    """
    tables: Sequence[Mapping[str, Any]] = lookup(read_parameters(workspace_dir, "airports"), "airport", WHERE)
    return tables


def build_airports(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the airports as points, degrees; the id is the ICAO code.

    Raises
    ------
    LayerError
        If the source or the package cannot be read, or has no such airport.
    """
    parameters = read_parameters(workspace_dir, "airports")
    records = read_records()
    return tuple(draw_airport(table, records, parameters) for table in read_choice(workspace_dir))


def draw_airport(
    table: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]], parameters: Mapping[str, Any]
) -> Feature:
    """Return one airport as a point.

    Raises
    ------
    LayerError
        If the data set does not have it.
    """
    code = str(lookup(table, "icao", WHERE))
    record = records.get(code)
    if record is None:
        raise LayerError(
            f"airportsdata 中没有机场 {code}",
            f"airportsdata has no airport {code}",
            where=f"{WHERE}: {code}",
            code="layers.source",
        )
    runways = str(lookup(parameters, "runways_source", WHERE)) if table.get("runways") else ""
    elevation_ft = float(record["elevation"])
    properties = {
        "id": code,
        "name_zh": table["name_zh"],
        "name_en": table["name_en"],
        "kind": "airport",
        "status": "现状",
        "source": str(lookup(parameters, "source", WHERE)).format(icao=code) + runways,
        "method": lookup(parameters, "method", WHERE),
        "accuracy_m": float(lookup(parameters, "accuracy_m", WHERE)),
        "confidence": "sourced",
        "iata": record["iata"] or None,
        "runways": table.get("runways"),
        "elevation_m": round(elevation_ft * METRES_PER_FOOT, 1) if elevation_ft else None,
    }
    return Feature(properties=properties, geometry=shapely.Point(record["lon"], record["lat"]))
