"""Sites as DXF: closed polylines; areas with holes or several parts as hatches; a layer for each site."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.sites.system import System
    from gis.sites.write.outline import Outline

_FORBIDDEN = re.compile(r"[<>/\\\":;?*|=`,\x00-\x1f]")
_EXTERNAL, _OUTERMOST = 1, 16


def write_dxf(outlines: Sequence[Outline], _: System) -> bytes:
    """Return an R2010 drawing in metres or degrees of the system asked for; the layer is the site's name."""
    from ezdxf import units
    from ezdxf.filemanagement import new

    drawing = new("R2010")
    drawing.header["$INSUNITS"] = units.M
    model = drawing.modelspace()
    for outline in outlines:
        layer = _FORBIDDEN.sub("_", outline.label).strip()[:200] or "site"
        _draw(model, outline, {"layer": layer})
    stream = io.StringIO()
    drawing.write(stream)
    return stream.getvalue().encode("utf-8")


def _draw(model: Any, outline: Outline, attributes: dict[str, str]) -> None:
    parts = outline.list_parts()
    if outline.kind == "point":
        for (points,) in parts:
            model.add_point(tuple(points[0].tolist()), dxfattribs=attributes)
    elif outline.kind == "line":
        for (points,) in parts:
            model.add_lwpolyline(points.tolist(), dxfattribs=attributes)
    elif len(parts) == 1 and len(parts[0]) == 1:
        model.add_lwpolyline(parts[0][0][:-1].tolist(), close=True, dxfattribs=attributes)
    else:
        hatch = model.add_hatch(dxfattribs=attributes)
        for rings in parts:
            for place, ring in enumerate(rings):
                flags = _EXTERNAL if place == 0 else _OUTERMOST
                hatch.paths.add_polyline_path(ring[:-1].tolist(), is_closed=True, flags=flags)
