"""Write a finished file: whole or not at all, whatever interrupts."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from gis.errors import OutputError


def write_file(path: Path, content: bytes) -> Path:
    """Write `content` beside its place and move it there in one step; make the folder when missing.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
        aside = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            aside.chmod(0o644)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"无法写入 {path}：{error.strerror or error}",
            f"cannot write {path}: {error.strerror or error}",
            where=str(path),
            hint_zh="请检查输出文件夹是否存在、可写、有空间",
            hint_en="check that the folder exists, can be written to and has room",
        ) from error
    return path
