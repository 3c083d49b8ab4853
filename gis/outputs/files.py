"""A result as files: written aside, then moved into place, so that nothing half-written is ever found."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import CheckResult
    from gis.workspace import Workspace

FILES = {
    "json": "result.json",
    "geojson": "result.geojson",
    "xlsx": "result.xlsx",
    "html": "report.html",
    "pdf": "report.pdf",
}
"""Format → name of its file."""

FORMATS = tuple(FILES)


def parse_formats(text: str | None) -> tuple[str, ...]:
    """Return the formats named in a comma-separated list, in the order of :data:`FORMATS`; all for None.

    Raises
    ------
    SettingsError
        If one is unknown, or none is named.
    """
    if text is None:
        return FORMATS
    named = [part.strip().lower() for part in text.replace("，", ",").split(",") if part.strip()]
    unknown = [name for name in named if name not in FILES]
    if unknown or not named:
        shown = "、".join(unknown) or "（空）"
        raise SettingsError(
            f"--format 的值 {shown} 不是输出格式",
            f"--format: {', '.join(unknown) or '(empty)'} is no output format",
            where="--format",
            hint_zh=f"可用：{','.join(FORMATS)}，以逗号分隔",
            hint_en=f"choose from {','.join(FORMATS)}, separated by commas",
        )
    return tuple(name for name in FORMATS if name in named)


def write_result(
    result: CheckResult, workspace: Workspace, folder: Path, formats: Sequence[str] = FORMATS
) -> tuple[Path, ...]:
    """Write a result into `folder`, made when missing, one file a format.

    Parameters
    ----------
    workspace : Workspace
        The zones, styles and layers the figures are drawn from.
    formats : sequence of str
        Of :data:`FORMATS`.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    return tuple(
        write_bytes(folder / FILES[name], render_format(result, workspace, name)) for name in formats
    )


def render_format(result: CheckResult, workspace: Workspace, name: str) -> bytes:
    """Return a result in one of :data:`FORMATS`; the same bytes for the same result."""
    if name == "json":
        from gis.outputs.json import render_json

        return encode(render_json(result))
    if name == "geojson":
        from gis.outputs.geojson import render_geojson

        return encode(render_geojson(result, workspace))
    if name == "xlsx":
        from gis.outputs.xlsx import render_xlsx

        return render_xlsx(result)
    if name == "html":
        from gis.outputs.html import render_html

        return encode(render_html(result, workspace))
    if name == "pdf":
        from gis.outputs.pdf import render_pdf

        return render_pdf(result, workspace)
    raise SettingsError(f"没有输出格式 {name}", f"there is no output format {name}", where=name)


def encode(text: str) -> bytes:
    """Return text as UTF-8; half a surrogate pair, which no file can hold, becomes its code."""
    return text.encode("utf-8", errors="backslashreplace")


def write_text(path: Path, text: str) -> Path:
    """Write a text file whole or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    return write_bytes(path, encode(text))


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(aside).chmod(0o644)
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
