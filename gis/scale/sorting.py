"""Raw features of a batch sorted into sites and rejected ones: plain ones in arrays, the rest one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis.errors import CrsError
from gis.model import Rejected, Site, Text
from gis.scale.plain import place_plain
from gis.scale.siterows import SiteRows, merge_rows, tabulate_sites
from gis.sites.attributes import find_name
from gis.sites.place import choose_readings, list_readings
from gis.sites.raw import RawTable
from gis.sites.sort import find_problem, sort_features, warn_of_reading
from gis.sites.system import identify_system, parse_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import CheckOptions
    from gis.scale.origin import Origin
    from gis.sites.place import Reading
    from gis.sites.raw import RawFeature

WHOLE_FILE = frozenset({"crs.zone_missing", "crs.contradiction"})
"""Errors that a batch of nothing but zoneless metres raises."""


class SortedBatch(NamedTuple):
    """The sites of a batch, the features that could not become one, and the systems that were read."""

    sites: SiteRows
    rejected: list[Rejected]
    labels: tuple[str, ...]


def sort_batch(features: Sequence[RawFeature], origin: Origin, options: CheckOptions) -> SortedBatch:
    """Return each feature as a site or as rejected; zoneless metres among others are rejected singly.

    Raises
    ------
    CrsError
        If the coordinate system cannot be used at all.
    """
    code = options.crs or origin.crs
    system = None if code is None else identify_system(parse_code(code) or code, where=origin.name)
    readings = list_readings(system, options.datum, wgs84_by_rule=origin.wgs84_by_rule)
    plain, reading = _sort_plain(features, readings, origin)
    done = set(plain.positions.tolist())
    rest = [feature for feature in features if feature.index not in done] if done else features
    labels = [reading.label] if reading is not None else []
    if not rest:
        return SortedBatch(plain, [], tuple(labels))
    table = RawTable(origin.crs, tuple(rest), origin.wgs84_by_rule)
    where = {"stem": origin.stem, "file": origin.name, "where": origin.name}
    try:
        others = sort_features(table, system, options.datum, **where, alone=not done)
    except CrsError as error:
        if error.code not in WHOLE_FILE or features[0].index == 0:
            raise
        return SortedBatch(tabulate_sites(()), [_reject(feature, error, origin) for feature in features], ())
    used = {*labels, *others.labels}
    return SortedBatch(
        merge_rows(plain, tabulate_sites([site for site in others.outcomes if isinstance(site, Site)])),
        [item for item in others.outcomes if isinstance(item, Rejected)],
        tuple(dict.fromkeys(reading.label for reading in readings if reading.label in used)),
    )


def _sort_plain(
    features: Sequence[RawFeature], readings: tuple[Reading, ...], origin: Origin
) -> tuple[SiteRows, Reading | None]:
    """Return the sites of the plain features of the reading most features have, and that reading."""
    drawn = np.array([*(_usable(feature) for feature in features), None], dtype=object)[:-1]
    chosen = choose_readings(shapely.bounds(drawn).reshape(-1, 4), readings)
    counts = np.bincount(chosen[chosen >= 0], minlength=len(readings))
    reading = readings[int(np.argmax(counts))]
    drawn[chosen != readings.index(reading)] = None
    placed = place_plain(drawn, reading) if counts.any() else None
    if placed is None:
        return tabulate_sites(()), None
    own = [features[row] for row in placed.rows]
    warnings = warn_of_reading(reading)
    return SiteRows(
        file=origin.name,
        positions=np.array([feature.index for feature in own], dtype=np.int64),
        ids=[f"{origin.stem}-{feature.index}" for feature in own],
        names=[find_name(feature.properties) for feature in own],
        dimension=placed.dimension,
        properties=[feature.properties for feature in own],
        lonlat=placed.lonlat,
        planes=placed.planes,
        wkb=placed.wkb,
        sizes=placed.sizes,
        notes={
            row: (feature.repairs, feature.warnings + warnings)
            for row, feature in enumerate(own)
            if warnings or feature.repairs or feature.warnings
        },
    ), reading


def _usable(feature: RawFeature) -> object:
    return feature.geometry if find_problem(feature) is None else None


def _reject(feature: RawFeature, error: CrsError, origin: Origin) -> Rejected:
    """Return a feature of a batch that has no place as rejected."""
    return Rejected(
        origin.name, feature.index, find_name(feature.properties), error.code, Text(error.zh, error.en)
    )
