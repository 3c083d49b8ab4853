"""Runs of encoded features in the order of their file: cheap to cut and send, decoded where checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gis.scale.features import FeatureMaker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from gis.scale.origin import Origin
    from gis.sites.raw import RawFeature


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring rows of a file, checked together.

    Parameters
    ----------
    first : int
        Position in the file of the first of them, from 0.
    rows : pyarrow.RecordBatch
        Geometries as the file has them, and the attributes a check reads.
    """

    first: int
    rows: pa.RecordBatch

    def pack(self) -> PackedRun:
        """Return the run as bytes."""
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.rows.schema) as writer:
            writer.write_batch(self.rows)
        return PackedRun(self.first, sink.getvalue().to_pybytes())

    def halve(self) -> tuple[Run, Run]:
        """Return the first and the second half of the run."""
        middle = self.rows.num_rows // 2
        return Run(self.first, self.rows.slice(0, middle)), Run(self.first + middle, self.rows.slice(middle))

    def decode(self, origin: Origin) -> list[RawFeature]:
        """Return the features; one that cannot be read keeps its place with a problem.

        Raises
        ------
        SiteError
            If the text of a feature is not JSON.
        """
        return FeatureMaker(origin.name, first=self.first).read(self.rows, origin.encoding)

    def decode_some(self, origin: Origin, places: NDArray[np.intp]) -> list[RawFeature]:
        """Return the features at some places of the run, as :meth:`decode` does."""
        import pyarrow as pa

        some = Run(0, self.rows.take(pa.array(places))).decode(origin)
        return [replace(feature, index=self.first + int(places[feature.index])) for feature in some]


@dataclass(frozen=True, slots=True)
class PackedRun:
    """A run on its way: its rows as an Arrow stream."""

    first: int
    content: bytes

    def unpack(self) -> Run:
        """Return the run."""
        import pyarrow as pa

        with pa.ipc.open_stream(self.content) as reader:
            return Run(self.first, reader.read_next_batch())


def narrow_rows(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    """Return some columns of a batch as plain arrays, without the metadata of the file."""
    import pyarrow as pa

    arrays = []
    for name in columns:
        array = batch.column(batch.schema.names.index(name))
        array = getattr(array, "storage", array)
        array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        plain = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}.get(array.type)
        arrays.append(array if plain is None else array.cast(plain))
    return pa.record_batch(arrays, names=list(columns))


def cut_runs(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[Run]:
    """Yield the rows of a file in its order, exactly `size` at a time, the last ones fewer."""
    first, rows = 0, 0
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        start = 0
        while start < batch.num_rows:
            piece = batch.slice(start, size - rows)
            waiting.append(piece)
            start, rows = start + piece.num_rows, rows + piece.num_rows
            if rows == size:
                yield Run(first, _join(waiting))
                first, rows, waiting = first + size, 0, []
    if waiting:
        yield Run(first, _join(waiting))


def _join(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Return batches of one file as one."""
    import pyarrow as pa

    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)
