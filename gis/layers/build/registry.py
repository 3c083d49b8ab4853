"""Which layers are computed from installed data sets instead of read from ``layers/sources``.

A builder takes the workspace folder and returns the layer's features. A layer whose catalogue path starts
with ``cache:`` is written to the cache; any other to its place below ``layers/``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gis.layers.build.writer import Feature

Builder = Callable[[Path], Sequence[Feature]]

BUILDERS: Mapping[str, Builder] = {}
"""Builder by layer id."""
