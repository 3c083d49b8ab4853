"""Sheet numbers of GB/T 13989-2012, in exact arithmetic: number ↔ frame, neighbours, the sheets of an area.

Every sheet line of every scale falls on a whole eighth of an arc-second (the 1:500 sheet is 6.25″ × 9.375″),
so frames are integers of that unit and no float ever decides on which side of a sheet line a point lies.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from gis.crs import zone_of
from gis.errors import SheetError
from gis.sheets.angles import read_degrees

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

EIGHTHS = 3600 * 8
"""Eighths of an arc-second in one degree."""

MILLION_LAT, MILLION_LON = 4 * EIGHTHS, 6 * EIGHTHS
"""The 1:1 000 000 sheet: 4° of latitude by 6° of longitude."""

ROWS = "ABCDEFGHIJKLMNO"
"""Latitude bands of 4° from the equator to 60°N; farther north sheets are joined in twos and fours."""

COLUMNS = 60
"""Longitude zones of 6° counted eastward from 180°."""

MAX_SHEETS = 20_000
"""More sheets than this are not one series."""

NEIGHBOURS = {
    "north": (1, 0),
    "northeast": (1, 1),
    "east": (0, 1),
    "southeast": (-1, 1),
    "south": (-1, 0),
    "southwest": (-1, -1),
    "west": (0, -1),
    "northwest": (1, -1),
}
"""Direction → steps (northward, eastward) of one sheet."""


@dataclass(frozen=True, slots=True)
class SheetScale:
    """One scale of the national series.

    Parameters
    ----------
    denominator : int
        N of 1:N.
    code : str
        Letter in the number; empty for 1:1 000 000.
    parts : int
        Rows and columns into which the 1:1 000 000 sheet is cut.
    digits : int
        Digits of row and of column in the number.
    """

    denominator: int
    code: str
    parts: int
    digits: int

    @property
    def height(self) -> int:
        """Latitude span, eighths of an arc-second."""
        return MILLION_LAT // self.parts

    @property
    def width(self) -> int:
        """Longitude span, eighths of an arc-second."""
        return MILLION_LON // self.parts


SCALES = (
    SheetScale(1_000_000, "", 1, 0),
    SheetScale(500_000, "B", 2, 3),
    SheetScale(250_000, "C", 4, 3),
    SheetScale(100_000, "D", 12, 3),
    SheetScale(50_000, "E", 24, 3),
    SheetScale(25_000, "F", 48, 3),
    SheetScale(10_000, "G", 96, 3),
    SheetScale(5_000, "H", 192, 3),
    SheetScale(2_000, "I", 576, 3),
    SheetScale(1_000, "J", 1152, 4),
    SheetScale(500, "K", 2304, 4),
)
"""GB/T 13989-2012: the scales, their letters and how they cut the 1:1 000 000 sheet."""

BY_DENOMINATOR = {scale.denominator: scale for scale in SCALES}
BY_CODE = {scale.code: scale for scale in SCALES}


@dataclass(frozen=True)
class SheetFrame:
    """One sheet and its frame.

    Parameters
    ----------
    number : str
        Number of GB/T 13989-2012, such as ``H51E011001``.
    scale : int
        N of 1:N.
    west_e8, south_e8, east_e8, north_e8 : int
        The limits in eighths of an arc-second, east and north positive.
    """

    number: str
    scale: int
    west_e8: int
    south_e8: int
    east_e8: int
    north_e8: int

    @property
    def west(self) -> Fraction:
        """Western limit, degrees, exact."""
        return Fraction(self.west_e8, EIGHTHS)

    @property
    def south(self) -> Fraction:
        """Southern limit, degrees, exact."""
        return Fraction(self.south_e8, EIGHTHS)

    @property
    def east(self) -> Fraction:
        """Eastern limit, degrees, exact."""
        return Fraction(self.east_e8, EIGHTHS)

    @property
    def north(self) -> Fraction:
        """Northern limit, degrees, exact."""
        return Fraction(self.north_e8, EIGHTHS)

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) in degrees, each the nearest float."""
        return float(self.west), float(self.south), float(self.east), float(self.north)

    @property
    def centre(self) -> tuple[Fraction, Fraction]:
        """(longitude, latitude) of the middle, degrees, exact."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    @cached_property
    def zone(self) -> int:
        """Number of the 3-degree Gauss-Krüger zone of the centre."""
        return zone_of(self.centre[0])

    @property
    def central_meridian(self) -> int:
        """Central meridian of that zone, degrees east."""
        return 3 * self.zone

    @property
    def epsg(self) -> int | None:
        """EPSG number of CGCS2000 in that zone without prefix; None outside 75°E–135°E."""
        from gis.crs import zone_epsg

        return zone_epsg(self.zone)

    @cached_property
    def neighbours(self) -> dict[str, str | None]:
        """Numbers of the eight adjoining sheets by direction; None past the equator and 60°N."""
        return {name: step_number(self, north, east) for name, (north, east) in NEIGHBOURS.items()}

    def as_dict(self) -> dict[str, object]:
        """Return the frame as a JSON object: number, scale, bbox, zone_cm, epsg, neighbours."""
        return {
            "number": self.number,
            "scale": self.scale,
            "bbox": list(self.bbox),
            "zone_cm": self.central_meridian,
            "epsg": self.epsg,
            "neighbours": dict(self.neighbours),
        }


def find_scale(denominator: int) -> SheetScale:
    """Return the series scale of 1:`denominator`.

    Raises
    ------
    SheetError
        If the national series has no such scale.
    """
    if denominator not in BY_DENOMINATOR:
        allowed = "、".join(str(scale.denominator) for scale in SCALES)
        raise SheetError(
            f"国家基本比例尺中没有 1:{denominator}",
            f"1:{denominator} is not a scale of the national series",
            where=f"scale {denominator}",
            hint_zh=f"可用的比例尺分母：{allowed}",
            hint_en=f"denominators to choose from: {allowed.replace('、', ', ')}",
            code="sheets.scale",
        )
    return BY_DENOMINATOR[denominator]


def number_at(
    lon: float | str | Decimal | Fraction, lat: float | str | Decimal | Fraction, scale: int
) -> str:
    """Return the number of the 1:`scale` sheet that holds a point.

    A point on a sheet line belongs to the sheet to its north and east (the standard's own formulas).

    Parameters
    ----------
    lon, lat : float, str, Decimal or Fraction
        CGCS2000 decimal degrees, east and north positive; -180 ≤ lon ≤ 180, 0 ≤ lat < 60.
    scale : int
        N of 1:N, one of the eleven scales.

    Raises
    ------
    SheetError
        If the scale is not of the series, or the point is not in the part of the world it numbers.
    """
    return frame_at(lon, lat, scale).number


def frame_at(
    lon: float | str | Decimal | Fraction, lat: float | str | Decimal | Fraction, scale: int
) -> SheetFrame:
    """Return the frame of the 1:`scale` sheet that holds a point (see :func:`number_at`)."""
    spec = find_scale(scale)
    x, y = read_degrees(lon, name="longitude"), read_degrees(lat, name="latitude")
    if not (-180 <= x <= 180 and 0 <= y < 60):
        raise SheetError(
            f"点 ({lon}, {lat}) 不在分幅范围内：经度 -180～180，北纬 0～60（以北为合幅，不编号）",
            f"the point ({lon}, {lat}) is not in what is numbered: longitude -180 to 180, latitude 0 to 60 "
            "(farther north sheets are joined and not numbered here)",
            where=f"{lon} {lat}",
            hint_zh="请先写经度，后写纬度，例如 120.15 30.28",
            hint_en="longitude comes first, then latitude, such as: 120.15 30.28",
            code="sheets.point",
        )
    row = (y * EIGHTHS) // spec.height
    column = ((x + 180) % 360 * EIGHTHS) // spec.width
    return make_frame(spec, int(row), int(column))


def make_frame(scale: SheetScale, row: int, column: int) -> SheetFrame:
    """Return the frame in `row` (northward from the equator) and `column` (eastward from 180°), from 0."""
    band, row_in = divmod(row, scale.parts)
    zone, column_in = divmod(column, scale.parts)
    number = f"{ROWS[band]}{zone + 1:02d}"
    if scale.code:
        digits = scale.digits
        number += f"{scale.code}{scale.parts - row_in:0{digits}d}{column_in + 1:0{digits}d}"
    west = column * scale.width - 180 * EIGHTHS
    south = row * scale.height
    return SheetFrame(number, scale.denominator, west, south, west + scale.width, south + scale.height)


def parse_number(number: str) -> SheetFrame:
    """Return the frame of a sheet number.

    Parameters
    ----------
    number : str
        ``H51``, ``H51E011001``, ``H51K09910058``; small letters are taken as capitals, and a number typed
        full-width throughout as what it shows.

    Raises
    ------
    SheetError
        If the number is not well formed, or names a row or column that does not exist.
    """
    text = number.strip().upper()
    if re.fullmatch("[！-～]+", text):
        text = unicodedata.normalize("NFKC", text)
    match = re.fullmatch(r"([A-V])([0-9]{2})(?:([B-K])([0-9]+))?", text)
    if match is None:
        raise _impossible(number, "格式不对", "it is not well formed")
    letter, zone_text, code, tail = match.groups()
    if letter not in ROWS:
        raise _impossible(
            number,
            "行号止于 O（北纬 60°）；以北按经差 12°、24° 合幅，标准未给出合幅编号，我国也没有这些图幅",
            "rows end at O (60°N); farther north sheets are joined to 12° and 24° of longitude, for which "
            "the standard gives no numbers and China has no sheets",
        )
    scale = BY_CODE[code or ""]
    if len(tail or "") != 2 * scale.digits:
        raise _impossible(
            number,
            f"1:{scale.denominator} 的行号和列号各为 {scale.digits} 位数字",
            f"at 1:{scale.denominator} row and column have {scale.digits} digits each",
        )
    row, column = (int(tail[: scale.digits]), int(tail[scale.digits :])) if tail else (1, 1)
    if not 1 <= int(zone_text) <= COLUMNS:
        raise _impossible(number, "百万图幅列号应为 01～60", "the zone must be 01 to 60")
    if not (1 <= row <= scale.parts and 1 <= column <= scale.parts):
        last = f"{scale.parts:0{scale.digits}d}"
        first = f"{1:0{scale.digits}d}"
        raise _impossible(
            number,
            f"1:{scale.denominator} 的行号、列号应为 {first}～{last}",
            f"at 1:{scale.denominator} row and column are {first} to {last}",
        )
    return make_frame(
        scale,
        (ROWS.index(letter) + 1) * scale.parts - row,
        (int(zone_text) - 1) * scale.parts + column - 1,
    )


def _impossible(number: str, zh: str, en: str) -> SheetError:
    """Return the error that refuses `number`."""
    return SheetError(
        f"图幅编号 {number!r} 不成立：{zh}",
        f"there is no sheet {number!r}: {en}",
        where=number,
        hint_zh="按 GB/T 13989-2012，例如 H51、H51E011001（1:50 000）、H51K09910058（1:500）",
        hint_en="by GB/T 13989-2012, such as H51, H51E011001 (1:50 000), H51K09910058 (1:500)",
        code="sheets.number",
    )


def step_number(frame: SheetFrame, north: int, east: int) -> str | None:
    """Return the number of the sheet `north` and `east` steps away; None past the equator or 60°N."""
    scale = BY_DENOMINATOR[frame.scale]
    row = frame.south_e8 // scale.height + north
    column = (frame.west_e8 + 180 * EIGHTHS) // scale.width + east
    if not 0 <= row < len(ROWS) * scale.parts:
        return None
    return make_frame(scale, row, column % (COLUMNS * scale.parts)).number


def frames_over(bbox: tuple[float, float, float, float], scale: int) -> Iterator[SheetFrame]:
    """Yield the frames that share ground with a box, from north to south and west to east.

    Parameters
    ----------
    bbox : tuple of float
        (west, south, east, north), degrees.

    Raises
    ------
    SheetError
        If the box is empty, outside what is numbered, or takes more than 20 000 sheets.
    """
    spec = find_scale(scale)
    west, south, east, north = (read_degrees(value, name="bbox") for value in bbox)
    if west >= east or south >= north:
        raise _bad_area(f"范围 {bbox} 无效：西应小于东，南应小于北", f"the box {bbox} is empty", bbox)
    if not (west >= -180 and east <= 180 and south >= 0 and north <= 60):
        raise _bad_area(
            f"范围 {bbox} 超出分幅范围：经度 -180～180，北纬 0～60",
            f"the box {bbox} is not in what is numbered: longitude -180 to 180, latitude 0 to 60",
            bbox,
        )
    rows = range(int(south * EIGHTHS // spec.height), int(-(-north * EIGHTHS // spec.height)))
    columns = range(int((west + 180) * EIGHTHS // spec.width), int(-(-(east + 180) * EIGHTHS // spec.width)))
    if len(rows) * len(columns) > MAX_SHEETS:
        count = len(rows) * len(columns)
        raise _bad_area(
            f"该范围有 1:{scale} 图幅 {count} 幅，超过 {MAX_SHEETS} 幅",
            f"the area takes {count} sheets at 1:{scale}, more than {MAX_SHEETS}",
            bbox,
        )
    for row in reversed(rows):
        for column in columns:
            yield make_frame(spec, row, column)


def _bad_area(zh: str, en: str, bbox: tuple[float, float, float, float]) -> SheetError:
    """Return the error that refuses a box."""
    return SheetError(
        zh,
        en,
        where=",".join(f"{value:g}" for value in bbox),
        hint_zh="范围写作 西,南,东,北（度）；图幅过多时请选较小的比例尺（较大的分母）",
        hint_en="write west,south,east,north in degrees; for fewer sheets choose a larger denominator",
        code="sheets.area",
    )
