"""Zones × sites from file to file in bounded memory: every pair that meets or comes near.

The zones are cut once and kept by the hash of their file; the sites stream through in batches, each worked by
one thread from WKB to pairs without the GIL, and leave in the order they came.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from gis import crs
from gis.engine.cutting import CUT_ABOVE, PIECE_MAX
from gis.engine.doubt import repair_wkb, settle_pairs
from gis.engine.geoparquet import GeoFile, collect, open_geoparquet, wrap_numbers
from gis.engine.index import FORMAT, ZoneIndex, cut_shapes, index_pieces, load_index
from gis.engine.soundness import mend_shapes
from gis.engine.wkb import load_plane
from gis.errors import OutputError, SettingsError, SiteFormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from typing import TypeVar

    import pyarrow as pa
    from numpy.typing import NDArray

    from gis.engine.matching import Pairs
    from gis.engine.pieces import Pieces
    from gis.engine.shapes import Shapes

    Item = TypeVar("Item")
    Result = TypeVar("Result")


ZONE_ROWS, SITE_ROWS = (64, 4_096), (1_024, 32_768)
"""Least and most rows of a batch: small files keep both cores busy, large ones stay within bounded memory."""


@dataclass(frozen=True, slots=True)
class Screening:
    """What to screen and how.

    Parameters
    ----------
    zones, sites, out : Path
        GeoParquet in; Parquet out with ``site``, ``zone``, ``area_m2``, ``distance_m``.
    near_m : float
        Greatest distance of a pair, metres of the plane.
    zone_id, site_id : str
        Columns of the names.
    plane : str
        Coordinate system areas and distances are measured in.
    longest_deg : float or None
        Longest edge that moves to the plane undivided; None: vertices alone move.
    cache : Path or None
        Folder for cut zones.
    workers : int
        Threads.
    rows : int or None
        Sites of a batch; left out, some sixteen batches a file within bounds.
    """

    zones: Path
    sites: Path
    out: Path
    near_m: float
    zone_id: str = "zid"
    site_id: str = "sid"
    plane: str = crs.PLANE
    longest_deg: float | None = None
    cache: Path | None = None
    workers: int = 2
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done: counts, and seconds of each stage."""

    zones: int
    pieces: int
    sites: int
    pairs: int
    doubtful: int
    from_cache: bool
    zones_s: float
    sites_s: float


def map_ahead(
    pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Iterable[Item], ahead: int
) -> Iterator[Result]:
    """Yield ``function(item)`` in order with at most `ahead` items begun and not yet taken."""
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def rows_a_batch(total: int, bounds: tuple[int, int]) -> int:
    """Return rows of a batch so that there are some sixteen, within the bounds."""
    return max(bounds[0], min(bounds[1], -(-total // 16)))


def name_index(task: Screening, source: str) -> str:
    """Return the file name of the cut zones: it changes with the file's bytes and everything done to them."""
    with task.zones.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(repr((FORMAT, source, task.plane, task.longest_deg, CUT_ABOVE, PIECE_MAX)).encode())
    return f"{digest.hexdigest()}.npz"


def open_zones(task: Screening, file: GeoFile, pool: ThreadPoolExecutor) -> tuple[ZoneIndex, bool]:
    """Return the cut zones, and whether they were kept from before."""
    kept = task.cache / name_index(task, file.source) if task.cache else None
    index = load_index(kept) if kept else None
    if index is not None:
        return index, True
    rows = rows_a_batch(file.rows, ZONE_ROWS)

    def cut(item: tuple[int, pa.RecordBatch]) -> Pieces:
        number, batch = item
        column = collect(batch, file.geometry)
        return cut_shapes(load_sound(column, task, file.source), number * rows)

    index = index_pieces(map_ahead(pool, cut, enumerate(file.read_batches((), rows)), task.workers + 1))
    if kept:
        index.save(kept)
    return index, False


def screen(task: Screening, progress: Callable[[int, int], None] | None = None) -> Summary:
    """Write every pair of a site and a zone that meet or come near; return what was done.

    Parameters
    ----------
    task : Screening
    progress : callable, optional
        Called with sites done and sites in all.

    Raises
    ------
    SiteFormatError
        If a file is not GeoParquet with the columns named.
    SiteError
        If a geometry cannot be read.
    SettingsError
        If the distance is none.
    OutputError
        If the result cannot be written.
    """
    import pyarrow.parquet as pq

    began = perf_counter()
    refuse_distance(task.near_m)
    zone_file, site_file = open_geoparquet(task.zones), open_geoparquet(task.sites)
    schema = describe_pairs(task, zone_file, site_file)
    aside = task.out.with_name(f"{task.out.name}.part")
    with ThreadPoolExecutor(task.workers) as pool:
        index, from_cache = open_zones(task, zone_file, pool)
        names = zone_file.read_column(task.zone_id).combine_chunks()
        cut = perf_counter()

        def read_zones(rows: NDArray[np.int64]) -> NDArray[np.object_]:
            column = zone_file.read_column(zone_file.geometry).combine_chunks()
            return repair_rows(column, task, zone_file.source, rows)

        def match(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, Pairs]:
            column = collect(batch, site_file.geometry)
            pairs = index.match(load_sound(column, task, site_file.source), task.near_m)
            if pairs.doubt.any():
                pairs = settle_pairs(pairs, partial(repair_rows, column, task, site_file.source), read_zones)
            return name_pairs(pairs, batch.column(task.site_id), names), pairs

        done, count, doubtful = 0, 0, 0
        rows = task.rows or rows_a_batch(site_file.rows, SITE_ROWS)
        batches = site_file.read_batches((task.site_id,), rows)
        try:
            with pq.ParquetWriter(aside, schema) as writer:
                for table, pairs in map_ahead(pool, match, batches, task.workers + 1):
                    writer.write_batch(table)
                    count, doubtful = count + len(pairs.site), doubtful + int(np.count_nonzero(pairs.doubt))
                    done = min(done + rows, site_file.rows)
                    if progress:
                        progress(done, site_file.rows)
            aside.replace(task.out)
        except OSError as error:
            raise cannot_write(task.out, error) from error
        finally:
            with suppress(OSError):
                aside.unlink()
    return Summary(
        zone_file.rows,
        len(index.pieces.zone),
        site_file.rows,
        count,
        doubtful,
        from_cache,
        cut - began,
        perf_counter() - cut,
    )


def load_sound(column: pa.Array, task: Screening, source: str) -> Shapes:
    """Return a column of WKB in the plane of the task, invalid polygons repaired."""
    shapes = load_plane(column, source, task.plane, longest_deg=task.longest_deg)
    return mend_shapes(shapes, column, partial(repair_rows, column, task, source))


def refuse_distance(near_m: float) -> None:
    """Refuse what is no distance.

    Raises
    ------
    SettingsError
        If it is negative or not finite.
    """
    if not (np.isfinite(near_m) and near_m >= 0):
        raise SettingsError(
            f"距离应为不小于 0 的米数，而不是 {near_m}",
            f"a distance is a number of metres from 0, not {near_m}",
            where="--near",
        )


def cannot_write(path: Path, error: OSError) -> OutputError:
    """Return the error of a result that cannot be written."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutputError(
        f"无法写入 {path}：{reason}",
        f"{path} cannot be written: {reason}",
        where=str(path),
        hint_zh="请检查文件夹、权限与磁盘空间",
        hint_en="check the folder, the permissions and the disk",
        code="outputs.write",
    )


def repair_rows(
    column: pa.Array, task: Screening, source: str, rows: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Return the geometries of some rows, repaired, in the plane of the task."""
    import pyarrow as pa

    return repair_wkb(column.take(pa.array(rows)), source, task.plane, task.longest_deg)


def describe_pairs(task: Screening, zones: GeoFile, sites: GeoFile) -> pa.Schema:
    """Return the columns of the result.

    Raises
    ------
    SiteFormatError
        If a file lacks the column of the names.
    """
    import pyarrow as pa

    for file, name in ((zones, task.zone_id), (sites, task.site_id)):
        if name not in file.columns:
            raise SiteFormatError(
                f"{file.path.name} 没有 {name} 列",
                f"{file.path.name} has no column {name}",
                where=file.path.name,
                hint_zh=f"有的列：{'、'.join(file.columns) or '无'}",
                hint_en=f"columns there are: {', '.join(file.columns) or 'none'}",
            )
    names = [
        ("site", sites.read_schema().field(task.site_id)),
        ("zone", zones.read_schema().field(task.zone_id)),
    ]
    fields = [pa.field(name, field.type) for name, field in names]
    return pa.schema([*fields, pa.field("area_m2", pa.float64()), pa.field("distance_m", pa.float64())])


def name_pairs(pairs: Pairs, sites: pa.Array, zones: pa.Array) -> pa.RecordBatch:
    """Return pairs as Arrow columns with the names of site and zone."""
    import pyarrow as pa

    site, zone = sites.take(wrap_numbers(pairs.site)), zones.take(wrap_numbers(pairs.zone))
    columns = [site, zone, wrap_numbers(pairs.area_m2), wrap_numbers(pairs.distance_m)]
    return pa.record_batch(columns, names=["site", "zone", "area_m2", "distance_m"])
