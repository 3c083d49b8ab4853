"""Tables of a file → the features of a layer: placed, mended, their fields mapped, one frame for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis import crs
from gis.intake.mapping import as_text, choose_kinds, find_fields, make_ids
from gis.intake.mending import mend_table
from gis.intake.placing import choose_reading
from gis.intake.table import refuse
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from gis.intake.codes import CodeBook, LayerCode
    from gis.intake.mapping import Ask
    from gis.intake.options import IntakeOptions
    from gis.intake.table import SourceTable
    from gis.model import LayerEntry


@dataclass(frozen=True, slots=True)
class TablePart:
    """The features of one table: geometries, properties by name, ids as the file has them."""

    geometries: Any
    ids: list[str | None] | None
    columns: dict[str, list[Any]]
    rows_in: int


def read_part(
    table: SourceTable,
    entry: LayerEntry,
    options: IntakeOptions,
    book: CodeBook,
    ruled: set[str],
    notes: list[Text],
    ask: Ask | None,
) -> TablePart:
    """Return one table placed, mended and mapped; what the office should know goes into `notes`."""
    code = book.recognise(table)
    check_code(code, entry, options, table.file)
    how = choose_reading(table, crs=options.crs, datum=options.datum)
    label = how.reading.label
    mended = mend_table(table, how, entry.geometry_type)
    fields = find_fields(table, book.candidates(code), options.field_map, ask=ask)
    notes += describe_table(table, code, label, fields.sources)
    notes += [*table.notes, *how.notes, *mended.notes]
    rows = mended.rows.tolist()

    def column(name: str) -> list[Any] | None:
        source = fields.sources.get(name)
        return None if source is None else [table.columns[source][row] for row in rows]

    texts = {name: [as_text(value) for value in found] for name in ("id", "kind") if (found := column(name))}
    kinds = choose_kinds(
        texts.get("kind"), given=options.kind, code_kind=code.kind if code else None, ruled=ruled
    )
    count = len(rows)
    columns = {name: [table.columns[name][row] for row in rows] for name in fields.kept}
    columns |= {
        name: found for name in fields.sources if name != "id" and (found := column(name)) is not None
    }
    columns["kind"] = [kinds] * count if isinstance(kinds, str) else list(kinds)
    columns["accuracy_m"] = read_accuracies(column("accuracy_m"), count, options.accuracy_m)
    columns["method"] = [f"取自 {table.file}（{label}） / taken from {table.file} ({label})"] * count
    return TablePart(mended.geometries, texts.get("id"), columns, len(table.geometries))


def check_code(code: LayerCode | None, entry: LayerEntry, options: IntakeOptions, where: str) -> None:
    """Refuse a table whose code belongs to another layer, unless the office names the kind itself.

    Raises
    ------
    LayerError
        ``layers.wrong_layer``.
    """
    if code and code.layer_id and code.layer_id != entry.id and not options.kind:
        raise refuse(
            "layers.wrong_layer",
            f"文件是 {code.code}（{code.title_zh}），属于图层 {code.layer_id}，不是 {entry.id}",
            f"the file is {code.code}, which belongs to layer {code.layer_id}, not {entry.id}",
            where,
            f"改用 gis layers replace {code.layer_id} …；确需放入本图层时用 --kind 指明类别",
            f"use gis layers replace {code.layer_id} …; if it does belong here, name the kind with --kind",
        )


def describe_table(
    table: SourceTable, code: LayerCode | None, label: str, sources: Mapping[str, str]
) -> list[Text]:
    """Return how a table was read: code, system, encoding, fields."""
    known_zh = f"{code.code} {code.title_zh}，" if code else ""
    known_en = f"{code.code}, " if code else ""
    fields = ", ".join(f"{old} → {new}" for new, old in sources.items() if old != new) or "—"
    count, how = len(table.geometries), f"{label}, {table.encoding}"
    return [
        Text(
            f"{table.file}：{known_zh}{count} 个要素，{how}；字段 {fields}",
            f"{table.file}: {known_en}{count} features, {how}; fields {fields}",
        )
    ]


def read_accuracies(values: list[Any] | None, count: int, default_m: float) -> list[float]:
    """Return each feature's accuracy, metres: its own where it has a positive number, else the file's."""
    if values is None:
        return [default_m] * count
    return [
        float(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
        else default_m
        for value in values
    ]


def join_parts(
    parts: Sequence[TablePart], entry: LayerEntry, options: IntakeOptions
) -> tuple[gpd.GeoDataFrame, Text | None]:
    """Return the features of all tables as one frame sorted by id, and what is to be said of the ids."""
    import geopandas as gpd

    geometries = np.concatenate([part.geometries for part in parts])
    count = len(geometries)
    has_ids = all(part.ids is not None for part in parts)
    ids, note = make_ids(
        [value for part in parts for value in part.ids or []] if has_ids else None, count, entry.id
    )
    columns: dict[str, list[Any]] = {}
    for name in dict.fromkeys(name for part in parts for name in part.columns):
        columns[name] = [
            value for part in parts for value in part.columns.get(name, [None] * len(part.geometries))
        ]
    names = columns.get("name_zh", [None] * count)
    english = columns.get("name_en", [None] * count)
    columns |= {
        "id": ids,
        "name_zh": [as_text(name) or f"{entry.title.zh} {own}" for name, own in zip(names, ids, strict=True)],
        "name_en": [
            as_text(name) or f"{entry.title.en} {own}" for name, own in zip(english, ids, strict=True)
        ],
        "source": [options.source] * count,
        "confidence": ["sourced"] * count,
    }
    # columns of objects: pandas would turn whole numbers with gaps into decimals and None into NaN
    import pandas as pd

    table = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    frame = gpd.GeoDataFrame(table, geometry=geometries, crs=crs.GEOGRAPHIC)
    return frame.sort_values("id", kind="stable", ignore_index=True), note
