"""The provider pygeoapi asks: a table of features in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pygeoapi.provider.base import BaseProvider, ProviderItemNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.service.ogc.features import FeatureTable

ROWS = "gis:rows"
"""Member of an answer that names rows of the table, to be put in as they are written already."""


class MemoryProvider(BaseProvider):  # type: ignore[misc]
    """Answers pygeoapi's questions from a :class:`FeatureTable`, given as ``data`` of the definition."""

    def __init__(self, provider_def: Mapping[str, Any]) -> None:
        super().__init__(provider_def)
        self.table: FeatureTable = self.data
        self._fields = self.table.fields

    def get_fields(self) -> Mapping[str, Mapping[str, str]]:
        """Return the property names with their types."""
        return self.table.fields

    def query(
        self,
        *,
        offset: int = 0,
        limit: int = 10,
        resulttype: str = "results",
        bbox: Sequence[float] = (),
        properties: Sequence[tuple[str, str]] = (),
        skip_geometry: bool = False,
        select_properties: Sequence[str] = (),
        **unused: object,
    ) -> dict[str, Any]:
        """Return a page of features: whole ones by their rows, cut ones as objects."""
        del unused
        rows = self.table.find(bbox, properties)
        page = [] if resulttype == "hits" else [int(row) for row in rows[offset : offset + limit]]
        answer: dict[str, Any] = {
            "type": "FeatureCollection",
            "features": [],
            "numberMatched": len(rows),
            "numberReturned": len(page),
        }
        if skip_geometry or select_properties:
            answer["features"] = [self._cut(row, select_properties, bare=skip_geometry) for row in page]
        else:
            answer[ROWS] = page
        return answer

    def get(self, identifier: str, **unused: object) -> dict[str, Any]:
        """Return one feature.

        Raises
        ------
        ProviderItemNotFoundError
            If there is none of that id.
        """
        del unused
        row = self.table.rows_by_id.get(identifier)
        if row is None:
            raise ProviderItemNotFoundError(f"no item {identifier}")
        feature: dict[str, Any] = json.loads(self.table.texts[row])
        return feature

    def _cut(self, row: int, names: Sequence[str], *, bare: bool) -> dict[str, Any]:
        """Return a feature with some of its properties, or without its geometry."""
        feature: dict[str, Any] = json.loads(self.table.texts[row])
        if names:
            kept = feature["properties"]
            feature["properties"] = {name: kept[name] for name in names if name in kept}
        if bare:
            feature["geometry"] = None
        return feature
