"""The parts of a run kept beside its result until it is whole, so that a stopped run goes on where it was."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.errors import OutputError
from gis.scale.columns import describe_geometry, findings_schema, sites_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

ROWS_A_GROUP = 65_536
"""Rows of a row group of the result, whatever the parts were."""

FINDINGS, SITES = "findings", "sites"


@dataclass(frozen=True, slots=True)
class PartTables:
    """The findings and sites of one part, and what is counted of them."""

    findings: pa.Table
    sites: pa.Table
    counts: dict[str, int]


class PartFolder:
    """The folder of the parts of one run.

    Parameters
    ----------
    folder : Path
        ``RESULT.parts`` beside the result.
    manifest : mapping
        Everything the result depends on: a run goes on only where it is the same.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self._folder = folder
        self._manifest = manifest

    @contextmanager
    def open(self, *, resume: bool) -> Iterator[None]:
        """Hold the folder for this run alone; start anew unless the run is to be resumed.

        Raises
        ------
        OutputError
            If another run works there, or the parts are of another input, other options, rules or layers.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = (self._folder / "lock").open("w")
        except OSError as error:
            raise _cannot_write(self._folder, error) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise OutputError(
                    f"另一个运行正在写 {self._folder}",
                    f"another run is writing {self._folder}",
                    where=str(self._folder),
                    hint_zh="等它结束，或换一个 -o",
                    hint_en="wait for it, or choose another -o",
                    code="outputs.busy",
                ) from error
            self._begin(resume=resume)
            yield

    def _begin(self, *, resume: bool) -> None:
        """Clear what is not to be resumed and write the manifest."""
        path = self._folder / "manifest.json"
        if resume and path.is_file():
            self._compare(json.loads(path.read_text(encoding="utf-8")))
            return
        for part in self._folder.iterdir():
            if part.name != "lock":
                part.unlink()
        self._write("manifest.json", json.dumps(self._manifest, ensure_ascii=False, indent=1).encode())

    def _compare(self, found: dict[str, Any]) -> None:
        """Refuse to go on with the parts of another run.

        Raises
        ------
        OutputError
            Naming what differs.
        """
        ours = json.loads(json.dumps(self._manifest))
        changed = sorted(key for key in ours.keys() | found.keys() if ours.get(key) != found.get(key))
        if changed:
            raise OutputError(
                f"不能续跑：与中断的运行相比已改变：{'、'.join(changed)}",
                f"cannot resume: these differ from the run that was stopped: {', '.join(changed)}",
                where=str(self._folder),
                hint_zh="恢复原来的输入、选项与图层，或去掉 --resume 从头开始",
                hint_en="restore the input, options and layers, or leave --resume out to start anew",
                code="outputs.resume",
            )

    def _write(self, name: str, content: bytes) -> None:
        """Write a file aside and put it in place whole.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        aside = self._folder / f"{name}.aside"
        try:
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self._folder / name)
        except OSError as error:
            raise _cannot_write(self._folder, error) from error

    def done(self, number: int) -> dict[str, int] | None:
        """Return the counts of a part that is whole; None where it is still to be done."""
        path = self._folder / f"{number:08d}.json"
        if not path.is_file():
            return None
        counts: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["counts"]
        return counts

    def keep(self, number: int, tables: PartTables) -> None:
        """Keep a part: its tables first, then the note that makes it whole."""
        for name, table in ((FINDINGS, tables.findings), (SITES, tables.sites)):
            self._write(f"{number:08d}.{name}.arrow", encode(table))
        about = {
            "counts": tables.counts,
            "geometry": {FINDINGS: survey(tables.findings), SITES: survey(tables.sites)},
        }
        self._write(f"{number:08d}.json", json.dumps(about).encode())

    def assemble(self, count: int, findings: Path, sites: Path) -> None:
        """Write the result from all parts, aside first; the parts go when both files are in place."""
        abouts = [
            json.loads((self._folder / f"{number:08d}.json").read_text(encoding="utf-8"))["geometry"]
            for number in range(count)
        ]
        for name, target, schema in (
            (SITES, sites, sites_schema()),
            (FINDINGS, findings, findings_schema()),
        ):
            parts = [self._folder / f"{number:08d}.{name}.arrow" for number in range(count)]
            metadata = {b"geo": join_surveys([about[name] for about in abouts])}
            aside = self._folder / f"{name}.aside"
            try:
                write_table(aside, schema.with_metadata(metadata), parts)
                aside.replace(target)
            except OSError as error:
                raise _cannot_write(target, error) from error
        shutil.rmtree(self._folder)


def encode(table: pa.Table) -> bytes:
    """Return a table as an Arrow file, packed."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def survey(table: pa.Table) -> dict[str, Any]:
    """Return the bounds and the types of the geometries of a table."""
    import numpy as np
    import shapely

    shapes = shapely.from_wkb(np.array([*table.column("geometry").to_pylist(), None], dtype=object)[:-1])
    shapes = shapes[~shapely.is_missing(shapes)]
    types = sorted({shape.geom_type for shape in shapes})
    bounds = [float(value) for value in shapely.total_bounds(shapes)] if len(shapes) else None
    return {"bounds": bounds, "types": types}


def join_surveys(surveys: list[dict[str, Any]]) -> bytes:
    """Return the ``geo`` metadata of a result from what its parts hold."""
    boxes = [about["bounds"] for about in surveys if about["bounds"] is not None]
    types = {kind for about in surveys for kind in about["types"]}
    if not boxes:
        return describe_geometry(None, sorted(types))
    west, south, east, north = zip(*boxes, strict=True)
    return describe_geometry((min(west), min(south), max(east), max(north)), sorted(types))


def write_table(path: Path, schema: pa.Schema, parts: list[Path]) -> None:
    """Write the rows of Arrow files as one Parquet file, in row groups of a fixed size."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema, compression="zstd", version="2.6") as writer:
        waiting: list[pa.Table] = []
        rows = 0
        for part in parts:
            with pa.memory_map(str(part)) as source:
                table = pa.ipc.open_file(source).read_all()
            waiting.append(table.replace_schema_metadata(schema.metadata))
            rows += table.num_rows
            while rows >= ROWS_A_GROUP:
                whole = pa.concat_tables(waiting)
                writer.write_table(whole.slice(0, ROWS_A_GROUP), row_group_size=ROWS_A_GROUP)
                rest = whole.slice(ROWS_A_GROUP)
                waiting, rows = [rest], rest.num_rows
        if rows:
            writer.write_table(pa.concat_tables(waiting), row_group_size=ROWS_A_GROUP)


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"无法写入 {path}：{error.strerror or error}",
        f"{path} cannot be written: {error.strerror or error}",
        where=str(path),
        hint_zh="请检查文件夹、权限与磁盘空间；已完成的部分可用 --resume 续跑",
        hint_en="check the folder, the permissions and the disk; --resume goes on with what is done",
        code="outputs.write",
    )
