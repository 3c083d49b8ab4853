"""The parts of a run kept beside its result until it is whole, so that a stopped run goes on where it was."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gis.errors import OutputError
from gis.scale.columns import findings_schema, sites_schema
from gis.scale.result import ResultTable, read_note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gis.scale.answered import AnsweredRun

FINDINGS, SITES = "findings", "sites"

ENDING = ".part"


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
        self._tables = {
            FINDINGS: ResultTable(folder / "findings.aside", FINDINGS, findings_schema()),
            SITES: ResultTable(folder / "sites.aside", SITES, sites_schema()),
        }

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
                for table in self._tables.values():
                    table.stop()
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
        """Keep the next part of the result: one file with a line of notes, then its two tables.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        note = {
            "counts": answered.counts,
            "labels": answered.labels,
            "geometry": answered.geometry,
            "bytes": {FINDINGS: len(answered.findings), SITES: len(answered.sites)},
        }
        line = json.dumps(note).encode() + b"\n"
        self._write(self._locate(number).name, line, answered.findings, answered.sites)
        self.add(number, answered.geometry)

    def add(self, number: int, geometry: dict[str, Any]) -> None:
        """Add the next part, which is kept already, to the result.

        Raises
        ------
        OutputError
            If what came before it cannot be written.
        """
        try:
            for name, table in self._tables.items():
                table.add(self._locate(number), geometry[name])
        except OSError as error:
            raise _cannot_write(self._folder, error) from error

    def end(self) -> None:
        """Say that the last part was added: its rows are written meanwhile."""
        for table in self._tables.values():
            table.end()

    def finish(self, findings: Path, sites: Path) -> None:
        """Put the result in place once both of its files are whole; the parts go.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        try:
            for table in self._tables.values():
                table.finish()
            for name, target in ((SITES, sites), (FINDINGS, findings)):
                self._tables[name].path.replace(target)
        except OSError as error:
            raise _cannot_write(findings, error) from error
        shutil.rmtree(self._folder)


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"无法写入 {path}：{error.strerror or error}",
        f"{path} cannot be written: {error.strerror or error}",
        where=str(path),
        hint_zh="请检查文件夹、权限与磁盘空间；已完成的部分可用 --resume 续跑",
        hint_en="check the folder, the permissions and the disk; --resume goes on with what is done",
        code="outputs.write",
    )
