"""Layer codes of the national planning databases: which layer a file is for and what its fields mean."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gis.intake.table import SourceTable

CODES_FILE = "database_codes.toml"


@dataclass(frozen=True, slots=True)
class LayerCode:
    """One code.

    Parameters
    ----------
    layer_id : str or None
        Layer of the catalogue it belongs to.
    kind : str or None
        Kind of its features, as the rules name it.
    fields : mapping
        Our property → the fields it may be read from, best first.
    """

    code: str
    title_zh: str
    layer_id: str | None
    kind: str | None
    fields: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CodeBook:
    """All codes, and the fields that mean the same in any file."""

    codes: tuple[LayerCode, ...]
    common: Mapping[str, tuple[str, ...]]

    def recognise(self, table: SourceTable) -> LayerCode | None:
        """Return the code in the name of a table, else in that of its file; the longest one that fits."""
        for name in (table.name, table.file):
            for code in sorted(self.codes, key=lambda one: -len(one.code)):
                if re.search(rf"(?<![A-Z]){re.escape(code.code)}(?![A-Z])", name.upper()):
                    return code
        return None

    def candidates(self, code: LayerCode | None) -> Mapping[str, tuple[str, ...]]:
        """Return the fields each property may be read from: those of the code, then the common ones."""
        own = code.fields if code else {}
        return {name: (*own.get(name, ()), *self.common.get(name, ())) for name in {**own, **self.common}}


def read_codes(layers_dir: Path) -> CodeBook:
    """Read ``layers/database_codes.toml``; none where the workspace has no such file.

    Raises
    ------
    CatalogueError
        If the file is broken or a code lacks its name.
    """
    path = layers_dir / CODES_FILE
    if not path.is_file():
        return CodeBook((), {"id": ("BSM",), "name_zh": ("MC",)})
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        codes = tuple(
            LayerCode(
                code=table["code"].upper(),
                title_zh=table["title_zh"],
                layer_id=table.get("layer"),
                kind=table.get("kind"),
                fields=_read_fields(table),
            )
            for table in data.get("code", [])
        )
        return CodeBook(codes, _read_fields(data.get("common", {})))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CatalogueError(
            f"{CODES_FILE} 无法读取：{error}", f"{CODES_FILE} cannot be read: {error}", where=str(path)
        ) from error


def _read_fields(table: Mapping[str, Mapping[str, list[str]]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(fields) for name, fields in table.get("fields", {}).items()}
