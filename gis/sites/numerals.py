"""Numbers as surveyors write them: full-width digits, thousands separators, degrees-minutes-seconds."""

from __future__ import annotations

import math
import re
import unicodedata

_SIGNS = str.maketrans(
    {
        "″": '"',
        "”": '"',
        "“": '"',
        "〃": '"',
        "＂": '"',
        "′": "'",
        "’": "'",
        "‘": "'",
        "´": "'",
        "＇": "'",
        "`": "'",
        "º": "°",
        "˚": "°",
        "−": "-",
        "–": "-",
        "—": "-",
        "－": "-",
        "。": ".",
        "\u3000": " ",
        "\xa0": " ",
    }
)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_UNIT = re.compile(r"\s*(?:m|米|公尺)$", re.IGNORECASE)
_SIDE = r"(?:东经|北纬|西经|南纬|[NSEWnsew东西南北LB])"
_ANGLE = re.compile(
    rf"(?P<before>{_SIDE})?\s*(?P<sign>[+-]?)\s*(?P<d>\d{{1,3}}(?:\.\d+)?)\s*"
    rf"(?:(?P<mark>°|度|[dD:-]|\s)\s*"
    rf"(?:(?P<m>\d{{1,2}}(?:\.\d+)?)\s*(?:'(?!')|分|[m:-]|\s|(?=$))?\s*"
    rf"(?:(?P<s>\d{{1,2}}(?:\.\d+)?)\s*(?:\"|''|秒|s)?)?)?)?\s*(?P<after>{_SIDE})?"
)
_PACKED = re.compile(r"(\d{2,3})([0-5]\d)([0-5]\d(?:\.\d+)?)")
_MAX_LENGTH = 60


def tidy_text(text: str) -> str:
    """Return `text` in half-width characters with plain quotes and signs, blanks at the ends removed."""
    if text.isascii() and "`" not in text:
        return text.strip()
    return unicodedata.normalize("NFKC", text.translate(_SIGNS)).strip()


def parse_number(value: object) -> float | None:
    """Return a finite number written in plain digits, with or without a unit of metres; else None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value) if math.isfinite(value) else None
    text = str(value).strip()
    if text.isascii() and len(text) <= _MAX_LENGTH and _PLAIN.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else None
    text = _UNIT.sub("", tidy_text(text[:_MAX_LENGTH])).strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def parse_angle(value: object) -> float | None:
    """Return an angle in degrees: decimal, or degrees, minutes and seconds in any usual notation.

    ``120°09'12.34"``, ``120度9分12.34秒``, ``E120-09-12.34``, ``120:09:12.34``, ``120 9.2057``, ``120°``.
    None when it is no angle, or minutes or seconds reach 60.
    """
    number = parse_number(value)
    if number is not None or not isinstance(value, str):
        return number
    found = _ANGLE.fullmatch(tidy_text(value)[:_MAX_LENGTH])
    if found is None:
        return None
    degrees = float(found["d"])
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    whole = degrees.is_integer() and (found["s"] is None or minutes.is_integer())
    if minutes >= 60 or seconds >= 60 or (found["m"] is not None and not whole):
        return None
    side = (found["before"] or found["after"] or "").lower()
    negative = (found["sign"] == "-") != (side in {"s", "w", "西", "南", "西经", "南纬"})
    size = degrees + minutes / 60 + seconds / 3600
    return -size if negative else size


def parse_packed(number: float) -> float | None:
    """Return degrees of an angle packed as ``DDDMMSS.ss``; None when it cannot be one."""
    found = _PACKED.fullmatch(f"{number:.8f}".rstrip("0").rstrip("."))
    if found is None:
        return None
    degrees, minutes, seconds = (float(part) for part in found.groups())
    return degrees + minutes / 60 + seconds / 3600
