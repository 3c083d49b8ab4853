"""Attributes of strangers' features as JSON-safe values, and the name among them."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from gis.errors import SiteTooLargeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.sites.raw import Limits

NAME_FIELDS = ("name", "NAME", "名称", "地块名称", "项目名称", "XMMC")
"""Attributes that hold a site's name, first filled one wins."""

NAME_FIELDS_CUT = ("地块名", "项目名")
"""The same as a UTF-8 shapefile keeps them: its field names end at ten bytes."""

_EXACT_INTEGER = 2**63


def as_properties(properties: Mapping[Any, Any], limits: Limits, where: str) -> dict[str, Any]:
    """Return `properties` with text keys and JSON-safe values: dates as ISO text, non-finite numbers as text.

    Raises
    ------
    SiteTooLargeError
        If there are more attributes, or values nested deeper, than the limits allow.
    """
    if len(properties) > limits.fields:
        raise SiteTooLargeError(
            f"{len(properties)} 个属性，多于上限 {limits.fields}",
            f"{len(properties)} attributes, more than the limit of {limits.fields}",
            where=where,
        )
    return {str(name): as_json_value(value, limits.depth, where) for name, value in properties.items()}


def as_json_value(value: Any, depth: int, where: str) -> Any:
    """Return `value` as what JSON can hold; `depth` levels of lists and objects are allowed.

    Raises
    ------
    SiteTooLargeError
        If it is nested deeper.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (list, tuple, dict)):
        return _as_container(value, depth, where)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return as_json_value(value.item(), depth, where)
    if isinstance(value, (int, float)):
        return _as_number(value)
    if isinstance(value, (dt.date, dt.time, dt.datetime)):
        return None if str(value) == "NaT" else value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def _as_container(value: Any, depth: int, where: str) -> Any:
    if depth <= 0:
        raise SiteTooLargeError(
            "属性值嵌套过深", "an attribute value is nested too deeply", where=where, code="sites.too_large"
        )
    if isinstance(value, dict):
        return {str(name): as_json_value(item, depth - 1, where) for name, item in value.items()}
    return [as_json_value(item, depth - 1, where) for item in value]


def _as_number(value: float) -> float | str | None:
    """Return a number JSON can hold; NaN as null, infinities and integers beyond 64 bits as text."""
    if isinstance(value, int):
        return value if abs(value) < _EXACT_INTEGER else str(value)
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def find_name(properties: Mapping[str, Any]) -> str | None:
    """Return the site's name from the first filled attribute of :data:`NAME_FIELDS`, or None."""
    for field in (*NAME_FIELDS, *NAME_FIELDS_CUT):
        name = _as_name(properties.get(field))
        if name is not None:
            return name
    return None


def find_names(columns: Mapping[str, Sequence[Any]], count: int) -> list[str | None]:
    """Return :func:`find_name` of each of `count` rows whose attributes come as columns."""
    names: list[str | None] = [None] * count
    for field in (*NAME_FIELDS, *NAME_FIELDS_CUT):
        if field in columns:
            pairs = zip(names, columns[field], strict=True)
            names = [_as_name(value) if name is None else name for name, value in pairs]
    return names


def _as_name(value: Any) -> str | None:
    """Return a filled text or a number as a name."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    return str(value).strip() or None
