"""A bulk check from file to file: streamed, in parts, on all cores or a cluster, resumed where it stopped."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis.errors import OutputError, SettingsError, SiteError
from gis.model import CheckOptions
from gis.scale.batch import BatchChecker
from gis.scale.parts import PartFolder
from gis.scale.sources import open_stream
from gis.scale.summary import BulkSummary, Tally, name_sites_file, summarise
from gis.scale.workers import count_cores, work_here, work_in_processes
from gis.study import library_versions
from gis.version import __version__
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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
        Told the features done, and all there are where the file says so; first 0, once the layers are open.

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
    tally = Tally()
    with ExitStack() as working:
        work = working.enter_context(start_work(opened, stream, chosen, workers=workers, dask=dask))
        with folder.open(resume=resume):
            if progress is not None:
                progress(0, stream.total)
            for _ in _answer_runs(folder, stream, work, tally):
                if progress is not None:
                    progress(tally.counts.get("features", 0), stream.total)
            if not tally.counts:
                raise _no_features(stream.path.name)
            folder.end()
            working.close()  # the workers go while the last rows are written
            folder.finish(target, name_sites_file(target))
    return summarise(target, tally)


def _no_features(where: str) -> SiteError:
    """Return the error for a file without features."""
    return SiteError(
        "文件里没有任何要素",
        "the file has no features",
        where=where,
        code="sites.no_features",
        hint_zh="请检查导出时是否选中了图层",
        hint_en="check that a layer was chosen when the file was exported",
    )


def refuse_options(target: Path, options: CheckOptions) -> None:
    """Refuse what a bulk check does not do.

    Raises
    ------
    SettingsError
        If the result would not be Parquet, or alternatives or disturbance are asked for.
    OutputError
        If it cannot lie where it is to.
    """
    if target.suffix.lower() not in {".parquet", ".geoparquet"}:
        raise SettingsError(
            f"--bulk 的结果应为 .parquet 文件，而不是 {target.name}",
            f"the result of --bulk is a .parquet file, not {target.name}",
            where="-o",
            hint_zh="例如 -o findings.parquet",
            hint_en="for example: -o findings.parquet",
        )
    for path in (target, name_sites_file(target)):
        if path.is_dir():
            raise OutputError(
                f"{path} 是文件夹，结果应为文件",
                f"{path} is a folder; the result is a file",
                where="-o",
                hint_zh="换一个文件名",
                hint_en="name another file",
                code="outputs.write",
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


def _answer_runs(folder: PartFolder, stream: SiteStream, work: Work, tally: Tally) -> Iterator[int]:
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
