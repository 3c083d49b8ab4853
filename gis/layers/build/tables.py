"""Source files that are plain lists of tables: TOML → tables, with one error for all of them."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from gis.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def read_tables(path: Path, name: str) -> Sequence[Mapping[str, Any]]:
    """Return the tables ``[[name]]`` of a source file, in its order.

    Raises
    ------
    LayerError
        If the file is missing, is not UTF-8 TOML, or has no such table.
    """
    try:
        tables: Sequence[Mapping[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get(name, [])
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayerError(
            f"无法读取源文件 {path.name}：{error}",
            f"the source file {path.name} cannot be read: {error}",
            where=path.name,
            code="layers.source",
        ) from error
    if not tables:
        raise LayerError(
            f"源文件 {path.name} 中没有 [[{name}]]",
            f"the source file {path.name} has no [[{name}]]",
            where=path.name,
            code="layers.source",
        )
    return tables
