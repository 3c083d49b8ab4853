"""A run answered: its two tables as Arrow bytes with what is counted of them, ready to be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.engine.wkb import read_wkb, view_binary
from gis.errors import SiteTooLargeError
from gis.model import Verdict
from gis.scale.batch import BatchTables
from gis.scale.columns import CHECKED, GEOMETRY, REJECTED

if TYPE_CHECKING:
    import pyarrow as pa

    from gis.scale.batch import BatchChecker
    from gis.scale.origin import Origin
    from gis.scale.runs import Run


TYPES = {
    1: "Point",
    2: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}
"""Names of types by the first byte of their number in little-endian WKB, as the tables hold it."""


@dataclass(frozen=True, slots=True)
class AnsweredRun:
    """What a run was answered.

    Parameters
    ----------
    findings, sites : bytes
        Arrow files, in the order of the input.
    counts : dict of str to int
        Features, findings, rejected ones, sites by verdict.
    geometry : dict of str to dict
        Bounds and types of the geometries of either table.
    labels : tuple of str
        Systems the coordinates were read in.
    """

    findings: bytes
    sites: bytes
    counts: dict[str, int]
    geometry: dict[str, dict[str, Any]]
    labels: tuple[str, ...]


def answer_run(checker: BatchChecker, run: Run, origin: Origin) -> AnsweredRun:
    """Check a run.

    Raises
    ------
    SiteError, CrsError
        If the run cannot be read or placed as a whole.
    """
    tables = check_run(checker, run, origin)
    return AnsweredRun(
        encode_table(tables.findings),
        encode_table(tables.sites),
        count_rows(tables.findings, tables.sites),
        {"findings": survey_shapes(tables.findings), "sites": survey_shapes(tables.sites)},
        tables.labels,
    )


def check_run(checker: BatchChecker, run: Run, origin: Origin) -> BatchTables:
    """Check the features of a run together, or in halves where their edges are too long for that.

    Raises
    ------
    SiteTooLargeError
        If those of a single one are.
    SiteError, CrsError
        If the run cannot be read or placed as a whole.
    """
    try:
        return checker.check(run, origin)
    except SiteTooLargeError:
        if run.rows.num_rows == 1:
            raise
    import pyarrow as pa

    halves = [check_run(checker, half, origin) for half in run.halve()]
    return BatchTables(
        pa.concat_tables([half.findings for half in halves]),
        pa.concat_tables([half.sites for half in halves]),
        tuple(dict.fromkeys(label for half in halves for label in half.labels)),
    )


def encode_table(table: pa.Table) -> bytes:
    """Return a table as an Arrow file, lightly packed."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table.combine_chunks())
    return bytes(sink.getvalue().to_pybytes())


def count_rows(findings: pa.Table, sites: pa.Table) -> dict[str, int]:
    """Return how many features, findings, rejected ones and sites of each verdict there are."""
    import pyarrow.compute as pc

    counts = {verdict.value: 0 for verdict in Verdict}
    for column in ("status", "verdict"):
        for pair in pc.value_counts(sites.column(column)).to_pylist():
            if pair["values"] is not None:
                counts[pair["values"]] = pair["counts"]
    empty = {REJECTED: 0, CHECKED: 0}
    return empty | counts | {"features": sites.num_rows, "findings": findings.num_rows}


def survey_shapes(table: pa.Table) -> dict[str, Any]:
    """Return the bounds and the types of the geometries of a table, which are plain WKB of little end."""
    column = table.column(GEOMETRY).drop_null().combine_chunks()
    data, offsets = view_binary(column)
    types = [TYPES[number] for number in np.unique(data[offsets[:-1] + 1]).tolist()]
    shapes = read_wkb(column)
    bounds = None
    if len(shapes.x):
        sides = (shapes.x.min(), shapes.y.min(), shapes.x.max(), shapes.y.max())
        bounds = [float(side) for side in sides]
    return {"bounds": bounds, "types": sorted(types)}
