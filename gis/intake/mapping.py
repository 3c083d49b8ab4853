"""Fields of a file → properties of a layer's features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.errors import LayerError, SettingsError
from gis.layers.build.writer import PROPERTY_ORDER
from gis.model import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gis.intake.table import SourceTable

    Ask = Callable[[str, Sequence[str]], str | None]

OWN_PROPERTIES = (*PROPERTY_ORDER, "ends", "required_width_m", "elevation_m", "reach", "downstream_id")
"""Properties a file may have under our own names: taken over as they are."""

MEASURES = frozenset(
    (
        "shape_length",
        "shape_leng",
        "shape_area",
        "objectid",
        "objectid_1",
        "fid",
        "ogc_fid",
        "shape",
        "geometry",
    )
)
"""Fields a GIS adds by itself: they say nothing of the feature."""


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Which field each property is read from; `kept` are the further fields, under their own names."""

    sources: Mapping[str, str]
    kept: tuple[str, ...]


def parse_map(items: Sequence[str]) -> dict[str, str]:
    """Return ``old=new`` options as field → property.

    Raises
    ------
    SettingsError
        If one is not of that form, or a property is given twice.
    """
    pairs: dict[str, str] = {}
    for item in items:
        old, sign, new = (part.strip() for part in item.partition("="))
        if not (old and sign and new):
            raise SettingsError(
                f"--map {item!r} 应写成 原字段=新属性",
                f"--map {item!r} must be written as old=new",
                where="--map",
                hint_zh="例如 --map HXMC=name_zh",
                hint_en="such as --map HXMC=name_zh",
            )
        if new in pairs.values():
            raise SettingsError(
                f"--map 两次给出属性 {new}", f"--map gives the property {new} twice", where="--map"
            )
        pairs[old] = new
    return pairs


def find_fields(
    table: SourceTable,
    candidates: Mapping[str, Sequence[str]],
    given: Mapping[str, str],
    *,
    ask: Ask | None = None,
) -> FieldMap:
    """Return which field of a table each property is read from.

    Parameters
    ----------
    candidates : mapping
        Property → fields it may be read from, best first; a field's case does not matter.
    given : mapping
        Field → property, as the office says; wins.
    ask : callable, optional
        Asks a person for the field of a property, from the fields there are; None to go without.

    Raises
    ------
    LayerError
        If a field of `given` is not in the table.
    """
    actual = {name.lower(): name for name in table.columns}
    for old in given:
        if old.lower() not in actual:
            raise LayerError(
                f"文件中没有字段 {old}；有：{'、'.join(table.columns)}",
                f"the file has no field {old}; there are: {', '.join(table.columns)}",
                where=f"{table.file}: --map",
                code="layers.field",
            )
    sources = {name: name for name in OWN_PROPERTIES if name in table.columns}
    for name, fields in candidates.items():
        filled = [actual[field.lower()] for field in fields if _has_values(table, actual.get(field.lower()))]
        if filled and name not in sources:
            sources[name] = filled[0]
    sources |= {new: actual[old.lower()] for old, new in given.items()}
    if "name_zh" not in sources and ask is not None and table.columns:
        chosen = ask("name_zh", list(table.columns))
        if chosen:
            sources["name_zh"] = chosen
    used = set(sources.values()) - {sources.get("id", ""), sources.get("name_zh", "")}
    kept = tuple(
        name
        for name in table.columns
        if name not in used and name.lower() not in MEASURES and name not in sources
    )
    return FieldMap(sources, kept)


def _has_values(table: SourceTable, field: str | None) -> bool:
    return field is not None and any(value not in (None, "") for value in table.columns[field])


def as_text(value: Any) -> str | None:
    """Return a value of a field as text: whole numbers without point, blanks as None."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def make_ids(values: Sequence[str | None] | None, count: int, layer_id: str) -> tuple[list[str], Text | None]:
    """Return an id for each of `count` features: the values when they are all there and unique, else numbers.

    Returns
    -------
    list of str, Text or None
        The ids, and why the values were not taken.
    """
    if values is not None:
        doubled = count - len(set(values))
        if not doubled and None not in values:
            return [value for value in values if value is not None], None
        problem = Text(
            f"标识字段有空值或 {doubled} 个重复值，改用顺序号",
            f"the id field has blanks or {doubled} repeated values; features are numbered instead",
        )
    else:
        problem = Text(
            "没有标识字段，要素按文件顺序编号", "there is no id field; features are numbered in file order"
        )
    width = len(str(count))
    return [f"{layer_id}_{number:0{width}d}" for number in range(1, count + 1)], problem


def choose_kinds(
    values: Sequence[str | None] | None, *, given: str | None, code_kind: str | None, ruled: Collection[str]
) -> tuple[str, ...] | str:
    """Return the kind of all features, or of each.

    Parameters
    ----------
    values : sequence, optional
        What the file's own field says.
    given, code_kind : str, optional
        What the office says, and what the code of the table stands for.
    ruled : collection of str
        Kinds the rules select in the layer.

    Raises
    ------
    LayerError
        If nothing tells the kind.
    """
    if given:
        return given
    if values is not None and None not in values:
        return tuple(value for value in values if value is not None)
    if code_kind:
        return code_kind
    if len(ruled) == 1:
        return next(iter(ruled))
    known = "、".join(sorted(ruled)) or "—"
    raise LayerError(
        f"不知道要素的类别 kind；本图层的规则认得：{known}",
        f"the kind of the features is not known; the rules of this layer know: {known}",
        code="layers.kind",
        hint_zh="用 --kind 类别，或 --map 字段=kind 指明",
        hint_en="say --kind KIND, or --map FIELD=kind",
    )


def check_kinds(kinds: Collection[str], known: Collection[str], *, has_rules: bool, layer_id: str) -> None:
    """Refuse kinds that no rule selects in a layer that has rules: such features would never be found.

    Raises
    ------
    LayerError
        Naming them and the kinds that are known.
    """
    unknown = sorted(set(kinds) - set(known))
    if has_rules and unknown:
        raise LayerError(
            f"规则不认得类别 {'、'.join(unknown)}，这些要素永远不会被查到；认得：{'、'.join(sorted(known))}",
            f"no rule knows the kind {', '.join(unknown)}: such features would never be found; "
            f"known: {', '.join(sorted(known))}",
            where=layer_id,
            code="layers.kind",
            hint_zh="用 --kind 指明其中之一",
            hint_en="say one of them with --kind",
        )
