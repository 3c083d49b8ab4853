"""The parts of a run kept beside its result until it is whole, so that a stopped run goes on where it was."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gis.errors import OutputError
from gis.scale.columns import GEOMETRY, describe_geometry, findings_schema, sites_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from gis.scale.answered import AnsweredRun

ROWS_A_GROUP = 65_536
"""Rows of a row group of the result, whatever the parts were."""

FINDINGS, SITES = "findings", "sites"

ENDING = ".part"

UNLIKE = frozenset({"site_index", "site_id", "name", GEOMETRY})
"""Columns that differ from row to row, as figures do: no dictionary of their values is tried."""


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
            try:
                self._begin(resume=resume)
                yield
            finally:
                if self._folder.is_dir() and not any(self._folder.glob(f"*{ENDING}")):
                    shutil.rmtree(self._folder)  # nothing to go on with

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

    def _write(self, name: str, *content: bytes) -> None:
        """Write a file aside and put it in place whole.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        aside = self._folder / f"{name}.aside"
        try:
            with aside.open("wb") as file:
                for piece in content:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self._folder / name)
        except OSError as error:
            raise _cannot_write(self._folder, error) from error

    def _locate(self, number: int) -> Path:
        return self._folder / f"{number:08d}{ENDING}"

    def done(self, number: int) -> dict[str, Any] | None:
        """Return what is noted of a part that is whole; None where it is still to be done."""
        path = self._locate(number)
        return read_note(path) if path.is_file() else None

    def keep(self, number: int, answered: AnsweredRun) -> None:
        """Keep a part: one file with a line of notes, then its two tables as Arrow files."""
        note = {
            "counts": answered.counts,
            "labels": answered.labels,
            "geometry": answered.geometry,
            "bytes": {FINDINGS: len(answered.findings), SITES: len(answered.sites)},
        }
        line = json.dumps(note).encode() + b"\n"
        self._write(self._locate(number).name, line, answered.findings, answered.sites)

    def assemble(self, count: int, findings: Path, sites: Path) -> None:
        """Write the result from all parts, aside first; the parts go when both files are in place."""
        parts = [self._locate(number) for number in range(count)]
        surveys = [read_note(part)["geometry"] for part in parts]
        targets = {SITES: (sites, sites_schema()), FINDINGS: (findings, findings_schema())}
        asides = {name: self._folder / f"{name}.aside" for name in targets}
        with ThreadPoolExecutor(len(targets)) as threads:
            written = {}
            for name, (_, schema) in targets.items():
                whole = schema.with_metadata({b"geo": join_surveys([survey[name] for survey in surveys])})
                written[name] = threads.submit(write_table, asides[name], whole, parts, name)
        for name, (target, _) in targets.items():
            try:
                written[name].result()
            except OSError as error:
                raise _cannot_write(target, error) from error
        for name, (target, _) in targets.items():
            try:
                asides[name].replace(target)
            except OSError as error:
                raise _cannot_write(target, error) from error
        shutil.rmtree(self._folder)


def read_note(path: Path) -> dict[str, Any]:
    """Return what is noted at the beginning of a part."""
    with path.open("rb") as file:
        note: dict[str, Any] = json.loads(file.readline())
    return note


def read_part(path: Path, name: str) -> pa.Table:
    """Return one of the tables of a part."""
    import pyarrow as pa

    with path.open("rb") as file:
        sizes = json.loads(file.readline())["bytes"]
        file.seek(0 if name == FINDINGS else sizes[FINDINGS], os.SEEK_CUR)
        content = file.read(sizes[name])
    return pa.ipc.open_file(content).read_all()


def join_surveys(surveys: list[dict[str, Any]]) -> bytes:
    """Return the ``geo`` metadata of a result from what its parts hold."""
    boxes = [about["bounds"] for about in surveys if about["bounds"] is not None]
    types = {kind for about in surveys for kind in about["types"]}
    if not boxes:
        return describe_geometry(None, sorted(types))
    west, south, east, north = zip(*boxes, strict=True)
    return describe_geometry((min(west), min(south), max(east), max(north)), sorted(types))


def write_table(path: Path, schema: pa.Schema, parts: list[Path], name: str) -> None:
    """Write one of the tables of all parts as one Parquet file, in row groups of a fixed size.

    A group is written in one piece: where pages end would otherwise tell where the parts did.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow.types import is_floating

    repeated = [field.name for field in schema if field.name not in UNLIKE and not is_floating(field.type)]
    with pq.ParquetWriter(path, schema, compression="zstd", version="2.6", use_dictionary=repeated) as writer:
        waiting: list[pa.Table] = []
        rows = 0
        for part in parts:
            table = read_part(part, name)
            waiting.append(table.replace_schema_metadata(schema.metadata))
            rows += table.num_rows
            while rows >= ROWS_A_GROUP:
                whole = pa.concat_tables(waiting)
                writer.write_table(whole.slice(0, ROWS_A_GROUP).combine_chunks(), ROWS_A_GROUP)
                rest = whole.slice(ROWS_A_GROUP)
                waiting, rows = [rest], rest.num_rows
        if rows:
            writer.write_table(pa.concat_tables(waiting).combine_chunks(), ROWS_A_GROUP)


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"无法写入 {path}：{error.strerror or error}",
        f"{path} cannot be written: {error.strerror or error}",
        where=str(path),
        hint_zh="请检查文件夹、权限与磁盘空间；已完成的部分可用 --resume 续跑",
        hint_en="check the folder, the permissions and the disk; --resume goes on with what is done",
        code="outputs.write",
    )
