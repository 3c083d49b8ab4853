"""One ``[[layer]]`` table of the catalogue as text: found, rewritten, put back; the rest stays as it is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADER = re.compile(r"^\[\[?\s*[A-Za-z_\"']", re.MULTILINE)
_LAYER = re.compile(r"^\[\[\s*layer\s*\]\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class EntryText:
    """Where a layer's table stands in the text of the catalogue: ``before + block + after``."""

    before: str
    block: str
    after: str

    @property
    def table(self) -> dict[str, Any]:
        """The fields of the table."""
        return dict(tomllib.loads(self.block)["layer"][0])

    def with_block(self, block: str) -> str:
        """Return the text of the catalogue with another block in this one's place."""
        return self.before + block + self.after


def find_entry(text: str, layer_id: str) -> EntryText:
    """Return the table of `layer_id` in the text of a catalogue: from its header to its last field.

    Raises
    ------
    CatalogueError
        If there is no such table, or it cannot be told where it ends.
    """
    headers = [match.start() for match in _HEADER.finditer(text)]
    for match in _LAYER.finditer(text):
        start = match.start()
        end = next((header for header in headers if header > start), len(text))
        block = _strip_trailing(text[start:end])
        try:
            table = tomllib.loads(block)["layer"][0]
        except tomllib.TOMLDecodeError:
            continue
        if table.get("id") == layer_id:
            return EntryText(text[:start], block, text[start + len(block) :])
    raise CatalogueError(
        f"目录中找不到图层 {layer_id} 的条目",
        f"the catalogue's table of layer {layer_id} cannot be found",
        where=f"catalogue.toml: {layer_id}",
    )


def _strip_trailing(block: str) -> str:
    """Return a block without the blank lines and comments after its last field: they belong to the next."""
    lines = block.splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "".join(lines)


def edit_block(block: str, fields: Mapping[str, Any]) -> str:
    """Return a layer's table with `fields` set, the rest of it kept; a field given as None is taken out."""
    import tomlkit

    document = tomlkit.parse(block)
    table = document["layer"][0]
    for name, value in fields.items():
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
    text = tomlkit.dumps(document).rstrip("\n")
    return text + ("\n" if block.endswith("\n") else "")


def check_rest_unchanged(before: str, after: str, layer_id: str) -> None:
    """Make sure that two texts of the catalogue differ in nothing but the table of `layer_id`.

    Raises
    ------
    CatalogueError
        If they do: nothing must be written then.
    """
    rests = []
    for text in (before, after):
        data = tomllib.loads(text)
        tables = [table for table in data.pop("layer", []) if table.get("id") != layer_id]
        rests.append((data, tables))
    if rests[0] != rests[1]:
        raise CatalogueError(
            f"改写图层 {layer_id} 的条目会影响目录的其他部分，未写入",
            f"rewriting the table of {layer_id} would change other parts of the catalogue; nothing written",
            where=f"catalogue.toml: {layer_id}",
        )
