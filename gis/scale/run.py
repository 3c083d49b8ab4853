"""A bulk check from file to file: streamed, in parts, on all cores or a cluster, resumed where it stopped."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.errors import OutputError, SettingsError, SiteError
from gis.model import CheckOptions, Verdict
from gis.scale.batch import BatchChecker
from gis.scale.columns import CHECKED, REJECTED
from gis.scale.parts import PartFolder, PartTables
from gis.scale.sources import open_stream
from gis.scale.workers import count_cores, work_here, work_in_processes
from gis.study import library_versions
from gis.version import __version__
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from gis.scale.batch import BatchTables
    from gis.scale.sources import SiteStream
    from gis.scale.workers import Work
    from gis.sites.raw import RawFeature
    from gis.workspace import Workspace

FORMAT = 1
"""Part of every manifest: raised when the tables change their meaning."""

CHUNK, BATCH = 16_384, 2_048
"""Sites of a part, the unit that is kept and resumed, and of a batch, the unit a worker takes."""


@dataclass(frozen=True, slots=True)
class BulkSummary:
    """What a bulk check did.

    Parameters
    ----------
    findings_path, sites_path : Path
        The two files written.
    features_in, rejected, findings : int
        Features read, those that could not become sites, and findings: ``features_in`` is the sum of
        `by_verdict` and `rejected`.
    by_verdict : mapping of str to int
    resumed : int
        Features whose answers were there from a run that had been stopped.
    crs_read : tuple of str
        Coordinate systems the sites were read in.
    """

    findings_path: Path
    sites_path: Path
    features_in: int
    rejected: int
    findings: int
    by_verdict: dict[str, int]
    resumed: int = 0
    crs_read: tuple[str, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Whether every feature is a site and every site is clear."""
        return self.features_in == self.by_verdict.get(Verdict.CLEAR.value, 0)


@dataclass(slots=True)
class _Tally:
    """Counts as parts are done."""

    counts: dict[str, int] = field(default_factory=dict)
    labels: dict[str, None] = field(default_factory=dict)
    resumed: int = 0

    def add(self, counts: dict[str, int]) -> None:
        """Add the counts of a part."""
        for name, value in counts.items():
            self.counts[name] = self.counts.get(name, 0) + value


def name_sites_file(findings: Path) -> Path:
    """Return where the table of the sites goes: beside the findings, ``x.parquet`` → ``x.sites.parquet``."""
    return findings.with_name(f"{findings.stem}.sites.parquet")


def check_bulk(
    source: Path | str,
    out: Path | str,
    *,
    workspace: Workspace | None = None,
    options: CheckOptions | None = None,
    workers: int | None = None,
    resume: bool = False,
    dask: str | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> BulkSummary:
    """Check a file of any number of sites into two GeoParquet files, in bounded memory.

    Parameters
    ----------
    source : path
        Of a format of :func:`gis.scale.sources.open_stream`; never read whole.
    out : path
        ``….parquet``: one row a finding. Beside it ``….sites.parquet``: one row a feature of the input,
        rejected ones too. Both in CGCS2000 degrees (EPSG:4490).
    workspace : Workspace, optional
        As from :func:`gis.open_workspace`; opened with the defaults when left out.
    options : CheckOptions, optional
        Today's law and the defaults when left out. ``what_if`` and ``disturbance_m`` are not for bulk.
    workers : int, optional
        Processes; one a core when left out.
    resume : bool
        Go on where a run that was stopped left off.
    dask : str, optional
        Address of a Dask scheduler, or ``local:N`` for N workers started here; needs the extra ``scale``.
    progress : callable, optional
        Told the features done, and all there are where the file says so.

    Returns
    -------
    BulkSummary

    Raises
    ------
    SiteError, SiteFormatError, CrsError
        If the input cannot be read or placed as a whole. A single feature that cannot is a row with the
        status ``rejected``.
    OutputError
        If the result cannot be written, or the run to resume was another one.
    SettingsError
        If the options are not for bulk, or Dask is not installed.

    Notes
    -----
    The findings are those of :func:`gis.check`, site by site. The bytes of the result depend on input,
    options, rules, layers and program alone: not on workers, cluster or interruptions.
    """
    target = Path(out)
    chosen = options or CheckOptions(on=date.today())  # noqa: DTZ011 - the office's calendar day
    refuse_options(target, chosen)
    stream = open_stream(Path(source))
    opened = workspace or open_workspace()
    folder = PartFolder(target.with_name(f"{target.name}.parts"), describe_run(stream, opened, chosen))
    tally = _Tally()
    with folder.open(resume=resume), start_work(opened, stream, chosen, workers=workers, dask=dask) as work:
        number = -1
        for number, part in enumerate(_run_parts(folder, stream, work, tally)):
            if part is not None:
                folder.keep(number, part)
                tally.add(part.counts)
            if progress is not None:
                progress(tally.counts.get("features", 0), stream.total)
        if number < 0:
            raise SiteError(
                "文件里没有任何要素",
                "the file has no features",
                where=stream.path.name,
                code="sites.no_features",
                hint_zh="请检查导出时是否选中了图层",
                hint_en="check that a layer was chosen when the file was exported",
            )
        folder.assemble(number + 1, target, name_sites_file(target))
    return summarise(target, tally)


def refuse_options(target: Path, options: CheckOptions) -> None:
    """Refuse what a bulk check does not do.

    Raises
    ------
    SettingsError
        If the result would not be Parquet, or alternatives or disturbance are asked for.
    """
    if target.suffix.lower() not in {".parquet", ".geoparquet"}:
        raise SettingsError(
            f"--bulk 的结果应为 .parquet 文件，而不是 {target.name}",
            f"the result of --bulk is a .parquet file, not {target.name}",
            where="-o",
            hint_zh="例如 -o findings.parquet",
            hint_en="for example: -o findings.parquet",
        )
    if options.what_if or options.disturbance_m:
        raise SettingsError(
            "--bulk 不能与 --what-if 或 --disturbance 一起使用",
            "--bulk takes neither --what-if nor --disturbance",
            where="--bulk",
            hint_zh="对少数地块另行检查",
            hint_en="check the few sites that matter by themselves",
        )
    if target.parent != Path() and not target.parent.is_dir():
        raise OutputError(
            f"文件夹 {target.parent} 不存在",
            f"there is no folder {target.parent}",
            where="-o",
            hint_zh="先建立文件夹",
            hint_en="make it first",
            code="outputs.write",
        )


def describe_run(stream: SiteStream, workspace: Workspace, options: CheckOptions) -> dict[str, Any]:
    """Return everything the result of a run depends on."""
    layers = workspace.assessed_layers
    return {
        "format": FORMAT,
        "program": __version__,
        "libraries": library_versions(),
        "input": {"name": stream.path.name, "sha256": stream.sha256, "crs": stream.origin.crs},
        "options": {name: str(value) for name, value in asdict(options).items()},
        "rules": workspace.rules.sha256,
        "settings": dict(sorted(workspace.rules.settings.items())),
        "layers": [[layer.entry.id, layer.status.value, layer.sha256] for layer in layers],
        "coverages": [workspace.zones.coverage_sha256(layer) for layer in layers],
    }


def start_work(
    workspace: Workspace,
    stream: SiteStream,
    options: CheckOptions,
    *,
    workers: int | None,
    dask: str | None,
) -> AbstractContextManager[Work]:
    """Return what works through batches: this process, processes of this machine, or a cluster."""
    if dask is not None:
        from gis.scale.cluster import work_on_cluster

        return work_on_cluster(workspace, stream.origin, options, address=dask)
    count = count_cores() if workers is None else workers
    if stream.total is not None:
        count = min(count, -(-stream.total // BATCH))
    checker = BatchChecker(workspace, options)
    if count <= 1:
        return work_here(checker, stream.origin)
    return work_in_processes(checker, stream.origin, workspace.settings, options, workers=count)


def _run_parts(
    folder: PartFolder, stream: SiteStream, work: Work, tally: _Tally
) -> Iterator[PartTables | None]:
    """Yield the parts of a run in order; None for those that were there already."""
    sizes: list[int | None] = []

    def list_batches() -> Iterator[list[RawFeature]]:
        for number, chunk in enumerate(stream.chunks(CHUNK)):
            if folder.done(number) is not None:
                sizes.append(None)
                continue
            batches = split_by_place(chunk)
            sizes.append(len(batches))
            yield from batches

    results = work(list_batches())
    gathered: list[BatchTables] = []
    number = 0
    for tables in results:
        while sizes[number] is None:
            _take_kept(folder, number, tally)
            yield None
            number += 1
        gathered.append(tables)
        if len(gathered) == sizes[number]:
            tally.labels |= dict.fromkeys(label for one in gathered for label in one.labels)
            yield join_batches(gathered)
            gathered, number = [], number + 1
    for rest in range(number, len(sizes)):
        _take_kept(folder, rest, tally)
        yield None


def _take_kept(folder: PartFolder, number: int, tally: _Tally) -> None:
    """Count a part that was there already."""
    counts = folder.done(number) or {}
    tally.add(counts)
    tally.resumed += counts.get("features", 0)


def split_by_place(chunk: list[RawFeature]) -> list[list[RawFeature]]:
    """Return the features of a part as batches of neighbours: a worker then meets few of the zones.

    Neighbours are told by the order of a Z-curve over the box of the part.
    """
    if len(chunk) <= BATCH:
        return [chunk]
    shapes = np.array([*(feature.geometry for feature in chunk), None], dtype=object)[:-1]
    boxes = shapely.bounds(shapes)
    middle = np.nan_to_num((boxes[:, :2] + boxes[:, 2:]) / 2)
    low, high = middle.min(axis=0), middle.max(axis=0)
    cells = ((middle - low) / np.maximum(high - low, 1e-12) * 1023).astype(np.int64)
    curve = np.zeros(len(chunk), dtype=np.int64)
    for bit in range(10):
        curve |= ((cells[:, 0] >> bit & 1) << 2 * bit) | ((cells[:, 1] >> bit & 1) << 2 * bit + 1)
    order = np.argsort(curve, kind="stable")
    return [
        [chunk[place] for place in sorted(order[start : start + BATCH].tolist())]
        for start in range(0, len(chunk), BATCH)
    ]


def join_batches(batches: list[BatchTables]) -> PartTables:
    """Return the batches of a part as its two tables, in the order of the input."""
    import pyarrow as pa

    findings = _order_rows(pa.concat_tables([batch.findings for batch in batches]))
    sites = _order_rows(pa.concat_tables([batch.sites for batch in batches]))
    status, verdict = sites.column("status").to_pylist(), sites.column("verdict").to_pylist()
    counts = {verdict.value: 0 for verdict in Verdict}
    for word in verdict:
        if word is not None:
            counts[word] += 1
    counts |= {
        "features": sites.num_rows,
        "findings": findings.num_rows,
        REJECTED: status.count(REJECTED),
        CHECKED: status.count(CHECKED),
    }
    return PartTables(findings, sites, counts)


def _order_rows(table: pa.Table) -> pa.Table:
    """Return a table in the order of the input; rows of one site stay in their order."""
    import pyarrow as pa

    order = np.argsort(table.column("site_index").to_numpy(), kind="stable")
    return table.take(pa.array(order)).combine_chunks()


def summarise(target: Path, tally: _Tally) -> BulkSummary:
    """Return what was done; a feature read is a site or rejected.

    Raises
    ------
    OutputError
        If one were neither.
    """
    counts = tally.counts
    features, rejected = counts.get("features", 0), counts.get(REJECTED, 0)
    by_verdict = {verdict.value: counts.get(verdict.value, 0) for verdict in Verdict}
    if features != sum(by_verdict.values()) + rejected:
        raise OutputError(
            f"读入 {features} 个要素，只交代了 {sum(by_verdict.values()) + rejected} 个",
            f"{features} features were read but {sum(by_verdict.values()) + rejected} accounted for",
            code="outputs.miscount",
        )
    return BulkSummary(
        findings_path=target,
        sites_path=name_sites_file(target),
        features_in=features,
        rejected=rejected,
        findings=counts.get("findings", 0),
        by_verdict=by_verdict,
        resumed=tally.resumed,
        crs_read=tuple(tally.labels),
    )
