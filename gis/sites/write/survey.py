"""Sites as 勘测定界 TXT: X northing, Y easting, rings closed, hectares on the ellipsoid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gis.crs import ZONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.sites.system import System
    from gis.sites.write.outline import Outline

_KINDS = {"polygon": "面", "line": "线", "point": "点"}
_SEPARATORS = re.compile(r"[,，@＠;；、=\r\n]+")


def write_survey(outlines: Sequence[Outline], system: System) -> bytes:
    """Return the text in GB18030, which the programs of this format read; coordinates to 0.1 mm."""
    zone = next(39 + place for place, (meridian, _, _) in enumerate(ZONES) if meridian == system.meridian_deg)
    lines = [
        "[属性描述]",
        "格式版本号=1.01版本",
        "数据产生单位=",
        "数据产生日期=",
        "坐标系=2000国家大地坐标系",
        "几度分带=3",
        "投影类型=高斯克吕格",
        "计量单位=米",
        f"带号={zone}",
        "精度=0.0001",
        "转换参数=,,,,,,",
        "[地块坐标]",
    ]
    for number, outline in enumerate(outlines, start=1):
        lines += _write_parcel(number, outline)
    return ("\r\n".join(lines) + "\r\n").encode("gb18030", errors="replace")


def _write_parcel(number: int, outline: Outline) -> list[str]:
    rings = [ring for part in outline.list_parts() for ring in part]
    count = sum(len(ring) for ring in rings)
    properties = outline.properties
    fields = (
        str(count),
        f"{outline.area_m2 / 10_000:.4f}" if outline.kind == "polygon" else "",
        _clean(properties.get("地块编号") or number),
        _clean(outline.label),
        _KINDS[outline.kind],
        _clean(properties.get("图幅号")),
        _clean(properties.get("地块用途")),
        _clean(properties.get("地类编码")),
    )
    lines = [",".join(fields) + ",@"]
    place = 0
    for ring_number, ring in enumerate(rings, start=1):
        first = place + 1
        for position, (east, north) in enumerate(ring.tolist()):
            closing = outline.kind == "polygon" and position == len(ring) - 1
            place += not closing
            lines.append(f"J{first if closing else place},{ring_number},{north:.4f},{east:.4f}")
    return lines


def _clean(value: Any) -> str:
    """Return a value as text without the characters that separate fields."""
    return "" if value is None else _SEPARATORS.sub(" ", str(value)).strip()
