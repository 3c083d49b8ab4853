"""One table of a result as GeoParquet, written part by part while the run goes on."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gis.scale.columns import GEOMETRY, describe_geometry

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    import pyarrow as pa

ROWS_A_GROUP = 65_536
"""Rows of a row group of the result, whatever the parts were."""

UNLIKE = frozenset({"site_index", "site_id", "name", GEOMETRY})
"""Columns that differ from row to row, as figures do: no dictionary of their values is tried."""


class ResultTable:
    """Writes one table of the parts to a file, in a thread of its own.

    Parameters
    ----------
    path : Path
        Of the file, put in place by the caller once it is whole.
    name : str
        Of the table in the parts.
    schema : pyarrow.Schema
    """

    def __init__(self, path: Path, name: str, schema: pa.Schema) -> None:
        self.path, self._name, self._schema = path, name, schema
        self._thread = ThreadPoolExecutor(1)
        self._steps: list[Future[None]] = []
        self._surveys: list[dict[str, Any]] = []
        self._waiting: list[pa.Table] = []
        self._writer: Any = None

    def add(self, part: Path, survey: dict[str, Any]) -> None:
        """Write the rows of a part after those of the ones before; returns at once.

        Parameters
        ----------
        survey : mapping
            Bounds and types of the geometries of the part.

        Raises
        ------
        OSError
            If an earlier part could not be written.
        """
        while self._steps and self._steps[0].done():
            self._steps.pop(0).result()
        self._surveys.append(survey)
        self._steps.append(self._thread.submit(self._append, part))

    def end(self) -> None:
        """Write what is left, and what the geometries are; returns at once."""
        self._steps.append(self._thread.submit(self._end))

    def finish(self) -> None:
        """Wait until the file is whole.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        for step in self._steps:
            step.result()
        self._steps.clear()

    def stop(self) -> None:
        """Leave off; a file that is not whole goes."""
        self._thread.shutdown(cancel_futures=True)
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()
            self.path.unlink(missing_ok=True)

    def _append(self, part: Path) -> None:
        """Take the rows of a part; write them once they fill a group.

        A group is written in one piece: where pages end would otherwise tell where the parts did.
        """
        import pyarrow as pa

        self._waiting.append(read_part(part, self._name))
        while sum(table.num_rows for table in self._waiting) >= ROWS_A_GROUP:
            whole = pa.concat_tables(self._waiting)
            self._open().write_table(whole.slice(0, ROWS_A_GROUP).combine_chunks(), ROWS_A_GROUP)
            self._waiting = [whole.slice(ROWS_A_GROUP)]

    def _end(self) -> None:
        """Write the last group and the metadata of GeoParquet."""
        import pyarrow as pa

        writer = self._open()
        rest = pa.concat_tables([self._schema.empty_table(), *self._waiting])
        if rest.num_rows:
            writer.write_table(rest.combine_chunks(), ROWS_A_GROUP)
        writer.add_key_value_metadata({"geo": join_surveys(self._surveys)})
        writer.close()
        self._writer = None

    def _open(self) -> Any:
        """Return the writer of the file.

        The Arrow schema is not stored beside that of Parquet, which says the same: readers would take its
        metadata, which is written before the bounds are known, for those of the file.
        """
        import pyarrow.parquet as pq
        from pyarrow.types import is_floating

        if self._writer is None:
            repeated = [f.name for f in self._schema if f.name not in UNLIKE and not is_floating(f.type)]
            self._writer = pq.ParquetWriter(
                self.path,
                self._schema,
                compression="zstd",
                version="2.6",
                use_dictionary=repeated,
                store_schema=False,
            )
        return self._writer


def read_note(part: Path) -> dict[str, Any]:
    """Return what is noted at the beginning of a part."""
    with part.open("rb") as file:
        note: dict[str, Any] = json.loads(file.readline())
    return note


def read_part(part: Path, name: str) -> pa.Table:
    """Return one of the tables of a part."""
    import pyarrow as pa

    with part.open("rb") as file:
        for other, size in json.loads(file.readline())["bytes"].items():
            if other == name:
                break
            file.seek(size, 1)
        content = file.read(size)
    return pa.ipc.open_file(content).read_all()


def join_surveys(surveys: list[dict[str, Any]]) -> bytes:
    """Return the ``geo`` metadata of a result from what its parts hold."""
    boxes = [about["bounds"] for about in surveys if about["bounds"] is not None]
    types = {kind for about in surveys for kind in about["types"]}
    if not boxes:
        return describe_geometry(None, sorted(types))
    west, south, east, north = zip(*boxes, strict=True)
    return describe_geometry((min(west), min(south), max(east), max(north)), sorted(types))
