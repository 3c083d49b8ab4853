"""The options of a check as text fields of a form or an address."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

from gis.errors import SettingsError
from gis.model import CheckOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"", "0", "false", "no", "off"})
MAX_NAME = 200

_METRES = {"type": "number", "minimum": 0}
_FLAG = {"type": "boolean", "default": False}
OPTION_SCHEMAS: Mapping[str, dict[str, Any]] = {
    "on": {"type": "string", "format": "date", "description": "法规日期，默认今天 / law as of; today"},
    "datum": {
        "type": "string",
        "enum": ["gcj02", "bd09"],
        "description": "文件坐标为 GCJ-02 或 BD-09 时注明 / say so where the file is in GCJ-02 or BD-09",
    },
    "crs": {"type": "string", "description": "文件的坐标系，如 EPSG:4549 / CRS of the files"},
    "site_accuracy": _METRES | {"default": 1, "description": "用地精度，米，95 % / of the site, metres"},
    "near": _METRES | {"default": 1000, "description": "多远算邻近，米 / near means within, metres"},
    "what_if": _FLAG | {"description": "寻找可行的位置 / look for a place that would do"},
    "name": {"type": "string", "maxLength": MAX_NAME, "description": "经办人 / who asks"},
    "disturbance": _METRES | {"default": 0, "description": "对廊道的扰动距离，米 / for corridors, metres"},
    "accept_repairs": _FLAG | {"description": "接受对图形的修复 / take repaired geometry as given"},
}
"""Every option with its schema."""

OPTION_PARAMETERS = [
    {
        "name": name,
        "in": "query",
        "required": False,
        "description": schema["description"],
        "schema": {key: value for key, value in schema.items() if key != "description"},
    }
    for name, schema in OPTION_SCHEMAS.items()
]


def read_options(fields: Mapping[str, str]) -> CheckOptions:
    """Return the options of a check from text fields; blank fields count as absent.

    Raises
    ------
    SettingsError
        If a value cannot be used.
    """
    return CheckOptions(
        on=read_date(fields.get("on", "")),
        site_accuracy_m=read_metres("site_accuracy", fields, default=1.0),
        near_m=read_metres("near", fields, default=1000.0),
        disturbance_m=read_metres("disturbance", fields, default=0.0),
        datum=fields.get("datum") or None,
        crs=fields.get("crs") or None,
        accept_repairs=read_flag("accept_repairs", fields),
        what_if=read_flag("what_if", fields),
    )


def read_name(fields: Mapping[str, str]) -> str:
    """Return who asks; empty where nobody says.

    Raises
    ------
    SettingsError
        If the name is longer than the register keeps.
    """
    name = fields.get("name", "")
    if len(name) > MAX_NAME:
        raise bad_option("name", name, f"不超过 {MAX_NAME} 字", f"at most {MAX_NAME} characters")
    return name


def read_date(text: str) -> date:
    """Return the date the law is taken at; today when the field is blank.

    Raises
    ------
    SettingsError
        If the text is no date.
    """
    if not text:
        return date.today()  # noqa: DTZ011 - the office's calendar day, read once at the edge
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise bad_option("on", text, "日期，如 2026-01-31", "a date such as 2026-01-31") from error


def read_metres(name: str, fields: Mapping[str, str], *, default: float) -> float:
    """Return a distance in metres, 0 or more.

    Raises
    ------
    SettingsError
        If the field is no such number.
    """
    text = fields.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise bad_option(name, text, "不小于 0 的米数", "metres, 0 or more")
    return value


def read_flag(name: str, fields: Mapping[str, str]) -> bool:
    """Return a yes or no.

    Raises
    ------
    SettingsError
        If the field is neither.
    """
    text = fields.get(name, "").lower()
    if text not in TRUE | FALSE:
        raise bad_option(name, text, "true 或 false", "true or false")
    return text in TRUE


def bad_option(name: str, text: str, zh: str, en: str) -> SettingsError:
    """Return the error for an option that cannot be used."""
    shown = text[:80]
    return SettingsError(
        f"选项 {name} 的值 {shown!r} 不可用，应为{zh}",
        f"{name} = {shown!r} cannot be used: {en} is expected",
        where=name,
    )
