"""A bulk check from file to file: streamed, in parts, on all cores or a cluster, resumed where it stopped."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis.errors import OutputError, SettingsError, SiteError
from gis.model import CheckOptions, Verdict
from gis.scale.batch import BatchChecker
from gis.scale.columns import REJECTED
from gis.scale.parts import PartFolder
from gis.scale.sources import open_stream
from gis.scale.workers import count_cores, work_here, work_in_processes
from gis.study import library_versions
from gis.version import __version__
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from gis.scale.runs import Run
    from gis.scale.sources import SiteStream
    from gis.scale.workers import Work
    from gis.workspace import Workspace

FORMAT = 2
"""Part of every manifest: raised when the tables or the parts change their meaning."""

FEWEST, MOST = 1_024, 4_096
"""Sites of a run, the unit that a worker takes and that is kept and resumed."""

SHARES = 32
"""Runs a file is cut into where that keeps them between the fewest and the most."""


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

    def add(self, counts: dict[str, int], labels: Iterable[str]) -> None:
        """Add what is known of a part."""
        for name, value in counts.items():
            self.counts[name] = self.counts.get(name, 0) + value
        self.labels |= dict.fromkeys(labels)


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
    with start_work(opened, stream, chosen, workers=workers, dask=dask) as work, folder.open(resume=resume):
        for _ in _answer_runs(folder, stream, work, tally):
            if progress is not None:
                progress(tally.counts.get("features", 0), stream.total)
        if not tally.counts:
            raise SiteError(
                "文件里没有任何要素",
                "the file has no features",
                where=stream.path.name,
                code="sites.no_features",
                hint_zh="请检查导出时是否选中了图层",
                hint_en="check that a layer was chosen when the file was exported",
            )
        folder.finish(target, name_sites_file(target))
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
        count = min(count, -(-stream.total // size_runs(stream.total)))
    checker = BatchChecker(workspace, options)
    if count <= 1:
        return work_here(checker, stream.origin)
    return work_in_processes(checker, stream.origin, workspace.settings, options, workers=count)


def size_runs(total: int | None) -> int:
    """Return how many sites of a file are checked together: few of few, so that all workers end together.

    It depends on the input alone: a stopped run goes on with other workers.
    """
    return MOST if total is None else min(max(total // SHARES, FEWEST), MOST)


def _answer_runs(folder: PartFolder, stream: SiteStream, work: Work, tally: _Tally) -> Iterator[int]:
    """Answer and keep the runs of a file in order, but for those that were answered before; yield numbers."""
    known: deque[dict[str, Any] | None] = deque()

    def list_open() -> Iterator[Run]:
        for number, run in enumerate(stream.runs(size_runs(stream.total))):
            known.append(folder.done(number))
            if known[-1] is None:
                yield run

    answers, number = work(list_open()), 0
    while True:
        answer = next(answers, None)
        while known and (note := known.popleft()) is not None:
            folder.add(number, note["geometry"])
            tally.add(note["counts"], note["labels"])
            tally.resumed += note["counts"].get("features", 0)
            yield number
            number += 1
        if answer is None:
            return
        folder.keep(number, answer)
        tally.add(answer.counts, answer.labels)
        yield number
        number += 1


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
