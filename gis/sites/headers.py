"""Which column of a coordinate table is which, by its heading, Chinese or English, in usual variants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gis.sites.numerals import tidy_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS = re.compile(
    r"[(\[{【〔]?\s*(?:单位\s*[::]?\s*)?(?:m|米|公尺|度|度分秒|°|deg|degrees?|dms)\s*[)\]}】〕]|/(?:m|米|度)$"
)
_MARKS = re.compile(r"[\s_\-*:.]+")
_AXIS_IN_BRACKETS = re.compile(r"[(\[]([xynebl])[)\]]")

_NAMES = {
    "north": "x x坐标 坐标x x值 纵坐标 纵坐标x x纵坐标 纵坐标值"
    " 北坐标 北向坐标 北坐标x x北坐标 北向 n northing north",
    "east": "y y坐标 坐标y y值 横坐标 横坐标y y横坐标 横坐标值"
    " 东坐标 东向坐标 东坐标y y东坐标 东向 e easting east",
    "lon": "经度 东经 大地经度 地理经度 经度e 经度l l lon lng long longitude 经度坐标 lond",
    "lat": "纬度 北纬 大地纬度 地理纬度 纬度n 纬度b b lat latitude 纬度坐标 latd",
    "parcel": "地块名称 地块 地块号 地块编号 宗地 宗地名称 宗地号 宗地编号"
    " 项目名称 名称 地块id 图斑 图斑号 图斑编号"
    " 用地名称 parcel parcelid parcelname plot site sitename name 面名称",
    "ring": "地块圈号 圈号 环号 圈 环 ring ringno ringnumber ringid",
    "point": "界址点号 界址点 点号 点名 拐点 拐点号 拐点编号"
    " 界址点编号 界址点名 点编号 桩号 序号 编号 顺序号 顶点 顶点号"
    " point pointno pointid pointname vertex id no fid",
    "kind": "类型 几何类型 图形类型 图形属性 geometry geometrytype type shape",
    "system": "坐标系 坐标系统 大地坐标系 crs srs epsg coordinatesystem",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
_AXIS_AT_END = re.compile(r"(?<=[\u4e00-\u9fff])[xynebl]$")
_PAIRS = (("east", "north"), ("lon", "lat"))


def find_role(heading: object) -> str | None:
    """Return what a column with this heading holds: ``north east lon lat parcel ring point kind system``."""
    if not isinstance(heading, str) or len(heading) > 60:
        return None
    plain = _MARKS.sub("", _UNITS.sub("", tidy_text(heading).lower()))
    plain = _AXIS_IN_BRACKETS.sub(r"\1", plain)
    bare = re.sub(r"[(\[].*?[)\]]", "", plain)
    return _ROLES.get(plain) or _ROLES.get(bare) or _ROLES.get(_AXIS_AT_END.sub("", bare))


def map_columns(row: Sequence[object]) -> dict[str, int] | None:
    """Return the column of each role in a row of headings; None when it does not head a coordinate table.

    A pair of metres wins over a pair of degrees beside it: it is what was surveyed.
    """
    found: dict[str, int] = {}
    for column, heading in enumerate(row):
        role = find_role(heading)
        if role == "parcel" and role in found and "名" in str(heading) and "名" not in str(row[found[role]]):
            found[role] = column
        elif role is not None:
            found.setdefault(role, column)
    for first, second in _PAIRS:
        if first in found and second in found:
            others = {name for pair in _PAIRS for name in pair} - {first, second}
            return {role: column for role, column in found.items() if role not in others}
    return None
