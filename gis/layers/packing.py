"""Features as bytes and back, to the last bit: properties as JSON, geometries as WKB."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

AT_ONCE = 1000
"""Geometries packed at once, which bounds the memory."""

_SIZE = np.dtype("<i8")


def pack_properties(properties: Sequence[dict[str, Any]]) -> bytes | None:
    """Return properties as bytes; None where they hold what no JSON text in UTF-8 can say."""
    try:
        return json.dumps(properties, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError):
        return None


def unpack_properties(content: bytes) -> list[dict[str, Any]]:
    """Return properties from bytes; raises ValueError."""
    from pydantic_core import from_json

    found: list[dict[str, Any]] = from_json(content)
    return found


def pack_shapes(shapes: NDArray[np.object_]) -> bytes:
    """Return geometries, None among them, as bytes: how many, the size of each, each as WKB."""
    texts = shapely.to_wkb(shapes, byte_order=1).tolist()
    sizes = [len(texts), *(-1 if text is None else len(text) for text in texts)]
    return np.array(sizes, dtype=_SIZE).tobytes() + b"".join(text for text in texts if text is not None)


def unpack_shapes(content: bytes) -> NDArray[np.object_]:
    """Return geometries from bytes.

    Raises
    ------
    ValueError, ShapelyError
        If they are not what :func:`pack_shapes` gives.
    """
    (count,) = np.frombuffer(content, dtype=_SIZE, count=1).tolist()
    sizes = np.frombuffer(content, dtype=_SIZE, count=count, offset=_SIZE.itemsize)
    ends = (1 + count) * _SIZE.itemsize + np.cumsum(np.maximum(sizes, 0))
    texts = np.empty(count, dtype=object)
    texts[:] = [
        None if size < 0 else content[end - size : end]
        for size, end in zip(sizes.tolist(), ends.tolist(), strict=True)
    ]
    return np.asarray(shapely.from_wkb(texts), dtype=object)


def split_shapes(shapes: NDArray[np.object_]) -> Iterator[NDArray[np.object_]]:
    """Yield geometries a thousand at a time."""
    for start in range(0, len(shapes), AT_ONCE):
        yield shapes[start : start + AT_ONCE]


def join_shapes(runs: Iterable[NDArray[np.object_]]) -> NDArray[np.object_]:
    """Return the geometries of all runs together."""
    return np.concatenate([np.empty(0, dtype=object), *runs])
