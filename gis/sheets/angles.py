"""Degrees as people write them, read exactly."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

from gis.errors import SheetError

DMS = re.compile(
    """([0-9]{1,3})°(?:([0-5]?[0-9])[′'](?:([0-5]?[0-9](?:\\.[0-9]{1,20})?)(?:[″"]|′′|''))?)?[EN]?""",
    re.IGNORECASE,
)
"""Degrees, minutes and seconds east or north."""


def read_degrees(value: float | str | Decimal | Fraction, *, name: str = "coordinate") -> Fraction:
    """Return degrees as an exact fraction; a float counts as the decimal number it prints as.

    A text may be decimal, or degrees, minutes and seconds: ``120°09′00″``, ``120°9'0"E``; full-width too.

    Raises
    ------
    SheetError
        If `value` is not a finite number of degrees.
    """
    if isinstance(value, Fraction):
        return value
    text = unicodedata.normalize("NFKC", str(value).strip())
    if isinstance(value, float) and re.fullmatch(r"-?[0-9.]+e-[0-9]+", text):
        return Fraction(Decimal(text))
    if re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{0,40})?", text):
        return Fraction(text)
    parts = DMS.fullmatch(text)
    if parts is None:
        raise SheetError(
            f"{text!r} 不是度数",
            f"{text!r} is not a number of degrees",
            where=name,
            hint_zh="请写成 经度 纬度，例如 120.15 30.28 或 120°09′00″ 30°16′48″",
            hint_en="write longitude, then latitude, such as: 120.15 30.28, or 120°09′00″ 30°16′48″",
            code="sheets.point",
        )
    degrees, minutes, seconds = (Fraction(part or 0) for part in parts.groups())
    return degrees + minutes / 60 + seconds / 3600
