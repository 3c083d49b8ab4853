"""A result as files: written aside, then moved into place, so that nothing half-written is ever found."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import OutputError
from gis.outputs.geojson import render_geojson
from gis.outputs.json import render_json

if TYPE_CHECKING:
    from gis.model import CheckResult


def write_result(result: CheckResult, folder: Path) -> tuple[Path, ...]:
    """Write ``result.json`` and ``result.geojson`` into `folder`, made when missing.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    contents = {"result.json": render_json(result), "result.geojson": render_geojson(result)}
    return tuple(write_text(folder / name, text) for name, text in contents.items())


def write_text(path: Path, text: str) -> Path:
    """Write a text file whole or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            Path(aside).replace(path)
        finally:
            Path(aside).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"无法写入 {path}：{error.strerror}",
            f"{path} cannot be written: {error.strerror}",
            where=str(path),
            hint_zh="请检查文件夹权限与磁盘空间",
            hint_en="check the folder's permissions and the disk space",
        ) from error
    return path
