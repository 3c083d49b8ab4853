"""Raw features of a batch sorted into sites and rejected ones: plain ones in arrays, the rest one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from gis.errors import CrsError
from gis.model import Rejected, Site, Text
from gis.scale.features import WANTED, keep_wanted
from gis.scale.plain import place_plain
from gis.scale.siterows import SiteRows, merge_rows, tabulate_sites, write_wkb
from gis.sites.attributes import find_name, find_names
from gis.sites.place import choose_readings, list_readings
from gis.sites.raw import RawTable
from gis.sites.sort import find_problem, sort_features, warn_of_reading
from gis.sites.system import identify_system, parse_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from gis.model import CheckOptions
    from gis.scale.origin import Origin
    from gis.scale.plain import Plain
    from gis.scale.runs import Run
    from gis.scale.siterows import Notes
    from gis.sites.place import Reading
    from gis.sites.raw import RawFeature
    from gis.sites.system import System

WHOLE_FILE = frozenset({"crs.zone_missing", "crs.contradiction"})
"""Errors that a batch of nothing but zoneless metres raises."""


class SortedBatch(NamedTuple):
    """The sites of a batch, the features that could not become one, and the systems that were read."""

    sites: SiteRows
    rejected: list[Rejected]
    labels: tuple[str, ...]


def sort_run(run: Run, origin: Origin, options: CheckOptions) -> SortedBatch:
    """Return each feature of a run as a site or as rejected; plain WKB is never decoded one by one.

    Raises
    ------
    SiteError, CrsError
        If the run cannot be read or placed as a whole.
    """
    if origin.encoding.kind != "wkb":
        return sort_batch(run.decode(origin), origin, options)
    import pyarrow as pa

    _, readings = _list_readings(origin, options)
    column = run.rows.column(run.rows.schema.names.index(origin.encoding.columns[0]))
    plain = place_plain(column, readings)
    if plain is None:
        return sort_batch(run.decode(origin), origin, options)
    columns = {name: run.rows.column(name) for name in run.rows.schema.names if name in WANTED}
    filled = {name: column.take(pa.array(plain.rows)).to_pylist() for name, column in columns.items()}
    warnings = warn_of_reading(plain.reading)
    sites = _tabulate(
        plain,
        origin,
        run.first + plain.rows,
        names=find_names(filled, len(plain.rows)),
        properties=lambda row: keep_wanted({name: values[row] for name, values in filled.items()}),
        notes=dict.fromkeys(range(len(plain.rows)), ((), warnings)) if warnings else {},
    )
    rest = np.setdiff1d(np.arange(run.rows.num_rows), plain.rows, assume_unique=True)
    done = SortedBatch(sites, [], (plain.reading.label,))
    if not len(rest):
        return done
    return _join(done, sort_batch(run.decode_some(origin, rest), origin, options, alone=False), readings)


def sort_batch(
    features: Sequence[RawFeature], origin: Origin, options: CheckOptions, *, alone: bool = True
) -> SortedBatch:
    """Return each feature as a site or as rejected; zoneless metres among others are rejected singly.

    Parameters
    ----------
    alone : bool
        Whether these are all features of the batch.

    Raises
    ------
    CrsError
        If the coordinate system cannot be used at all.
    """
    system, readings = _list_readings(origin, options)
    usable = [feature.geometry if find_problem(feature) is None else None for feature in features]
    plain = place_plain(write_wkb(np.array([*usable, None], dtype=object)[:-1]), readings)
    rest, done = features, None
    if plain is not None:
        done = SortedBatch(_tabulate_features(features, plain, origin), [], (plain.reading.label,))
        own = set(plain.rows.tolist())
        rest = [feature for row, feature in enumerate(features) if row not in own]
        if not rest:
            return done
    table = RawTable(origin.crs, tuple(rest), origin.wgs84_by_rule)
    where = {"stem": origin.stem, "file": origin.name, "where": origin.name}
    try:
        others = sort_features(table, system, options.datum, **where, alone=alone and done is None)
    except CrsError as error:
        if error.code not in WHOLE_FILE or not features or features[0].index == 0:
            raise
        return SortedBatch(tabulate_sites(()), [_reject(feature, error, origin) for feature in features], ())
    sites = [outcome for outcome in others.outcomes if isinstance(outcome, Site)]
    drawn = [f for f, outcome in zip(rest, others.outcomes, strict=True) if isinstance(outcome, Site)]
    sorted_ = SortedBatch(
        tabulate_sites(sites, find_straight(drawn, readings)),
        [item for item in others.outcomes if isinstance(item, Rejected)],
        others.labels,
    )
    return sorted_ if done is None else _join(done, sorted_, readings)


def find_straight(features: Sequence[RawFeature], readings: tuple[Reading, ...]) -> NDArray[np.bool_]:
    """Return which features are read in a way that keeps edges straight in degrees."""
    drawn = np.array([*(feature.geometry for feature in features), None], dtype=object)[:-1]
    chosen = choose_readings(shapely.bounds(drawn).reshape(-1, 4), readings)
    return np.array([reading.keeps_degrees for reading in readings], dtype=bool)[chosen]


def _list_readings(origin: Origin, options: CheckOptions) -> tuple[System | None, tuple[Reading, ...]]:
    """Return the system that is stated, and the ways to read coordinates."""
    code = options.crs or origin.crs
    system = None if code is None else identify_system(parse_code(code) or code, where=origin.name)
    return system, list_readings(system, options.datum, wgs84_by_rule=origin.wgs84_by_rule)


def _join(one: SortedBatch, other: SortedBatch, readings: tuple[Reading, ...]) -> SortedBatch:
    """Return both parts of a batch in the order of the file, their systems in the order they are tried."""
    used = {*one.labels, *other.labels}
    return SortedBatch(
        merge_rows(one.sites, other.sites),
        [*one.rejected, *other.rejected],
        tuple(dict.fromkeys(reading.label for reading in readings if reading.label in used)),
    )


def _tabulate_features(features: Sequence[RawFeature], plain: Plain, origin: Origin) -> SiteRows:
    """Return the plain ones among features as sites."""
    own = [features[row] for row in plain.rows]
    warnings = warn_of_reading(plain.reading)
    return _tabulate(
        plain,
        origin,
        np.array([feature.index for feature in own], dtype=np.int64),
        names=[find_name(feature.properties) for feature in own],
        properties=lambda row: own[row].properties,
        notes={
            row: (feature.repairs, feature.warnings + warnings)
            for row, feature in enumerate(own)
            if warnings or feature.repairs or feature.warnings
        },
    )


def _tabulate(
    plain: Plain,
    origin: Origin,
    positions: NDArray[np.int64],
    *,
    names: list[str | None],
    properties: Callable[[int], Mapping[str, Any]],
    notes: Notes,
) -> SiteRows:
    """Return plain features as sites."""
    return SiteRows(
        file=origin.name,
        positions=positions,
        ids=[f"{origin.stem}-{position}" for position in positions.tolist()],
        names=names,
        dimension=plain.dimension,
        properties=properties,
        wkb=plain.wkb,
        planes=plain.planes,
        outlines=plain.outlines,
        sizes=plain.sizes,
        notes=notes,
    )


def _reject(feature: RawFeature, error: CrsError, origin: Origin) -> Rejected:
    """Return a feature of a batch that has no place as rejected."""
    return Rejected(
        origin.name, feature.index, find_name(feature.properties), error.code, Text(error.zh, error.en)
    )
